/* Random edits and commits of a scheme, and what must hold after them. */
#ifndef COMMIT_WORK_H
#define COMMIT_WORK_H

#include <math.h>
#include <time.h>

#include "coverage_job.h"
#include "random.h"
#include "revision_scratch.h"

struct editor {
    struct random r;
    struct wg_store *store;
    struct wg_coverage *c;
    int64_t scheme;
    const char *author;
    int conflicts, refused;
    int64_t last; /* the last revision it made */
};

static inline void make_scene(const char *path, int64_t *scheme)
{
    struct wg_error err = {0};
    struct wg_create_options options = {.crs = "EPSG:4545"};
    struct wg_store *store = NULL;
    struct random r = {7};
    must(wg_store_create(path, &options, &err), &err);
    must(wg_store_open(path, NULL, &store, &err), &err);
    must(wg_store_begin(store, &err), &err);
    *scheme = mesh_scheme(store, "m");
    for (int i = 0; i < 300; i++) {
        double x = X0 + random_real(&r, 0, 400), y = Y0 + random_real(&r, 0, 400);
        runf(
            store,
            "INSERT INTO event (occurred_at, geom) VALUES (%s, MakePoint(%f, %f, 4545)); "
            "INSERT INTO building (geom) VALUES (ST_Multi(BuildMbr(%f, %f, %f, %f, "
            "4545)))",
            i % 2 ? "'2020-01-01'" : "NULL", x, y, x, y, x + 5, y + 5);
    }
    struct wg_coverage *c = open_coverage(store, *scheme);
    move_corner(c, 2, 2, 3, 3);
    commit(c, store);
    wg_coverage_close(c);
    must(wg_store_commit(store, &err), &err);
    wg_store_close(store);
}

static inline int64_t any_grid(struct editor *e)
{
    struct wg_coverage_face f;
    for (int i = 0; i < 100; i++) {
        uint32_t n = wg_coverage_count(e->c);
        wg_coverage_face_at(e->c, (uint32_t)random_between(&e->r, 0, (int64_t)n - 1), &f);
        if (!f.ended && f.id)
            return f.id;
    }
    return 0;
}

static bool keep_neighbour(int64_t id, double border_m, void *user)
{
    int64_t *kept = user;
    if (id > 0 && border_m > 1)
        *kept = id;
    return true;
}

static inline struct wg_point random_vertex(struct editor *e)
{
    struct wg_multipolygon mp = {0};
    struct wg_point p = {X0, Y0};
    if (!wg_coverage_polygon(e->c, any_grid(e), &mp, NULL) && mp.n_vertex) {
        uint32_t i = (uint32_t)random_between(&e->r, 0, (int64_t)mp.n_vertex - 1);
        p = (struct wg_point){mp.x[i], mp.y[i]};
    }
    wg_multipolygon_finish(&mp);
    return p;
}

/* One edit; false when it was refused. */
static inline bool edit(struct editor *e)
{
    int64_t grid = any_grid(e), other = 0, made[8], kept;
    struct wg_coverage_face f;
    size_t n = 0;
    enum wg_status status = WG_INTERNAL;
    if (!grid || wg_coverage_face(e->c, grid, &f, NULL))
        return false;
    wg_coverage_neighbours(e->c, grid, keep_neighbour, &other, NULL);
    switch (random_between(&e->r, 0, 5)) {
    case 0: {
        double t = random_real(&e->r, 0.2, 0.8);
        bool up = random_between(&e->r, 0, 1);
        double x = f.box.min_x + t * (f.box.max_x - f.box.min_x);
        double y = f.box.min_y + t * (f.box.max_y - f.box.min_y);
        double xs[] = {up ? x : f.box.min_x - 1, up ? x : f.box.max_x + 1};
        double ys[] = {up ? f.box.min_y - 1 : y, up ? f.box.max_y + 1 : y};
        struct wg_line line = {2, xs, ys};
        if (f.area_m2 > 2000)
            status = wg_coverage_split(e->c, grid, &line, 2, NULL, 8, made, &n, NULL);
        break;
    }
    case 1: {
        int64_t two[] = {grid, other};
        if (other && f.area_m2 < 8000)
            status = wg_coverage_merge(e->c, 2, two, 0, &kept, NULL);
        break;
    }
    case 2: {
        struct wg_multipolygon area =
            rectangle(random_real(&e->r, f.box.min_x - 10, f.box.max_x),
                      random_real(&e->r, f.box.min_y - 10, f.box.max_y), 20, 15);
        if (other)
            status = wg_coverage_transfer(e->c, grid, other, &area, NULL);
        wg_multipolygon_finish(&area);
        break;
    }
    default: {
        struct wg_point at = random_vertex(e);
        struct wg_point to = {at.x + random_real(&e->r, -9, 9),
                              at.y + random_real(&e->r, -9, 9)};
        status = wg_coverage_move(e->c, at, 0.01, to, NULL);
    }
    }
    return status == WG_OK;
}

static inline void reopen(struct editor *e)
{
    wg_coverage_close(e->c);
    e->c = open_coverage(e->store, e->scheme);
}

/* Is a revision one that this editor has just made?  A commit that leaves nothing to
 * write, since its edits cancel out or somebody has done the same, answers with the
 * present one. */
static inline bool is_made_by(const struct editor *e, int64_t number)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row = false;
    must(wg_query(e->store, "SELECT author FROM revision WHERE number = ?1", &q, &err),
         &err);
    wg_bind_int(q, 1, number);
    must(wg_step(q, &row, &err), &err);
    assert_true(row);
    bool mine = strcmp(wg_column_text(q, 0), e->author) == 0;
    wg_done(q);
    return mine && number > e->last;
}

/* One to three edits and a commit: the revision made, 0 for none. */
static inline int64_t work(struct editor *e)
{
    struct wg_error err = {0};
    struct wg_conflict conflict;
    int64_t number = 0, base = wg_coverage_revision(e->c);
    int want = (int)random_between(&e->r, 1, 3), done = 0;
    for (int i = 0; i < 40 && done < want; i++)
        done += edit(e);
    if (wg_coverage_undo_count(e->c) == 0)
        return 0;
    enum wg_status status =
        try_commit(e->c, e->store, e->author, NULL, &number, &conflict, &err);
    if (status == WG_CONFLICT) {
        e->conflicts++;
        if (conflict.revision <= base || !conflict.author)
            fail_msg("a conflict without a revision: %s", err.text);
        wg_conflict_finish(&conflict);
        reopen(e);
        return 0;
    }
    must(status, &err);
    if (!is_made_by(e, number))
        return 0;
    e->last = number;
    return number;
}

/* ---- afterwards ---- */

static inline struct wg_delta stored_delta(struct wg_store *store, int64_t number)
{
    struct wg_error err = {0};
    struct wg_delta d;
    struct wg_query *q = NULL;
    bool row = false;
    size_t size;
    must(wg_query(store, "SELECT delta FROM revision WHERE number = ?1", &q, &err), &err);
    wg_bind_int(q, 1, number);
    must(wg_step(q, &row, &err), &err);
    assert_true(row);
    const void *blob = wg_column_blob(q, 0, &size);
    must(wg_delta_read(blob, size, &d, &err), &err);
    wg_done(q);
    return d;
}

static inline void same_coverage(const struct wg_coverage *a, const struct wg_coverage *b)
{
    struct wg_error err = {0};
    void *bytes[2];
    size_t size[2];
    must(wg_coverage_bytes(a, &bytes[0], &size[0], &err), &err);
    must(wg_coverage_bytes(b, &bytes[1], &size[1], &err), &err);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static inline void fail_on(const char *text, void *user)
{
    fail_msg("%s", text);
}

/* The revisions from `base` on, made again one after the other, give what is stored: so
 * nothing of any is lost but what a later one changed.  *base is brought to the end. */
static inline void all_holds(const char *path, int64_t scheme, struct wg_coverage *base,
                             int64_t first, bool thorough)
{
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    must(wg_store_open(path, NULL, &store, &err), &err);
    int64_t last = ask(store, "SELECT revision FROM scheme");
    assert_int_equal(ask(store, "SELECT count(*) FROM revision"), last);
    assert_int_equal(ask(store, "SELECT max(number) FROM revision"), last);
    for (int64_t n = first; n <= last; n++) {
        struct wg_delta d = stored_delta(store, n);
        must(wg_coverage_apply(base, &d, "again", "", &err), &err);
        wg_delta_finish(&d);
    }
    struct wg_coverage *now = open_coverage(store, scheme);
    must(wg_coverage_prove(now, &err), &err);
    for (uint32_t f = 1; f < wg_coverage_n_face(now); f++)
        assert_false(wg_coverage_off_lattice(now, f));
    same_coverage(base, now);
    wg_coverage_close(now);
    assert_int_equal(ask(store, "SELECT count(*) FROM bulk"), 0);
    if (thorough) {
        scheme_is_whole(store, scheme);
        must(wg_store_verify(store, fail_on, NULL, &err), &err);
    }
    wg_store_close(store);
}

#endif
