/* One database for a test file; each test works in a transaction that is undone. */
#ifndef NOUN_SCRATCH_H
#define NOUN_SCRATCH_H

#include "store_scratch.h"

#include "statement.h"
#include "wangge/grid.h"
#include "wangge/scheme.h"
#include "wangge/shape.h"

/* A place in the district's CRS, about where the project's example lies. */
#define X0 500000.0
#define Y0 3050000.0

struct noun_scratch {
    struct scratch *scratch;
    struct wg_store *store;
};

static inline int noun_group_setup(void **state)
{
    struct noun_scratch *s = calloc(1, sizeof *s);
    void *scratch = NULL;
    if (scratch_setup(&scratch))
        return -1;
    s->scratch = scratch;
    scratch_create(s->scratch);
    *state = s;
    return 0;
}

static inline int noun_group_teardown(void **state)
{
    struct noun_scratch *s = *state;
    void *scratch = s->scratch;
    scratch_teardown(&scratch);
    free(s);
    return 0;
}

static inline int noun_setup(void **state)
{
    struct noun_scratch *s = *state;
    s->store = scratch_open(s->scratch);
    return wg_store_begin(s->store, NULL);
}

static inline int noun_teardown(void **state)
{
    struct noun_scratch *s = *state;
    wg_store_close(s->store);
    return 0;
}

#define NOUN_TEST(test) cmocka_unit_test_setup_teardown(test, noun_setup, noun_teardown)

static inline struct wg_store *noun_store(void **state)
{
    return ((struct noun_scratch *)*state)->store;
}

static inline void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

/* A refusal with this status, whose words hold `words`. */
static inline void refused(enum wg_status status, const struct wg_error *err,
                           enum wg_status expected, const char *words)
{
    if (status != expected)
        fail_msg("%s, not %s: %s", wg_status_name(status), wg_status_name(expected),
                 status ? err->text : "");
    if (!strstr(err->text, words))
        fail_msg("\"%s\" does not say \"%s\"", err->text, words);
}

static inline void runf(struct wg_store *store, const char *format, ...) WG_PRINTF(2, 3);

/* Statements written as by printf. */
static inline void runf(struct wg_store *store, const char *format, ...)
{
    static char sql[65536];
    struct wg_error err = {0};
    va_list args;
    va_start(args, format);
    int n = vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    assert_true(n > 0 && (size_t)n < sizeof sql);
    if (wg_exec(store, sql, &err))
        fail_msg("%.300s: %s", sql, err.text);
}

static inline int64_t ask(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row = false;
    must(wg_query(store, sql, &q, &err), &err);
    must(wg_step(q, &row, &err), &err);
    int64_t n = row ? wg_column_int(q, 0) : -99;
    wg_done(q);
    return n;
}

static inline void from_wkt(const char *wkt, struct wg_multipolygon *out)
{
    struct wg_error err = {0};
    *out = (struct wg_multipolygon){.n_part = 0};
    must(wg_shape_from_wkt(NULL, wkt, out, &err), &err);
}

/* A rectangle; free it. */
static inline struct wg_multipolygon rectangle(double x, double y, double w, double h)
{
    char wkt[400];
    struct wg_multipolygon mp;
    snprintf(wkt, sizeof wkt,
             "POLYGON((%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g,"
             "%.17g %.17g))",
             x, y, x + w, y, x + w, y + h, x, y + h, x, y);
    from_wkt(wkt, &mp);
    return mp;
}

static inline bool same_polygon(const struct wg_multipolygon *a,
                                const struct wg_multipolygon *b)
{
    return a->n_part == b->n_part && a->n_ring == b->n_ring &&
           a->n_vertex == b->n_vertex &&
           (a->n_part == 0 ||
            (memcmp(a->part, b->part, (a->n_part + 1) * sizeof *a->part) == 0 &&
             memcmp(a->ring, b->ring, (a->n_ring + 1) * sizeof *a->ring) == 0 &&
             memcmp(a->x, b->x, a->n_vertex * sizeof *a->x) == 0 &&
             memcmp(a->y, b->y, a->n_vertex * sizeof *a->y) == 0));
}

static inline void assert_text(const char *a, const char *b)
{
    if (a && b)
        assert_string_equal(a, b);
    else
        assert_true(!a && !b);
}

static inline int64_t new_scheme(struct wg_store *store, const char *name,
                                 const char *form)
{
    struct wg_error err = {0};
    struct wg_scheme s;
    int64_t id = 0;
    wg_scheme_init(&s);
    s.name = name;
    s.code_form = form;
    must(wg_scheme_create(store, &s, &id, &err), &err);
    return id;
}

static inline int64_t new_grid(struct wg_store *store, int64_t scheme, const char *code,
                               int level, int64_t parent, struct wg_box box)
{
    struct wg_error err = {0};
    struct wg_grid g;
    int64_t id = 0;
    wg_grid_init(&g);
    g.scheme = scheme;
    g.code = code;
    g.level = level;
    g.parent = parent;
    g.geometry = rectangle(X0 + box.min_x, Y0 + box.min_y, box.max_x - box.min_x,
                           box.max_y - box.min_y);
    must(wg_grid_create(store, &g, &id, &err), &err);
    wg_grid_finish(&g);
    return id;
}

#endif
