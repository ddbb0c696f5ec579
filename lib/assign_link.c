/* Owns the naming of the building an event is in, for many events: boxes of buildings in
 * memory find the few pairs that are worth a look. */
#include "assign_job.h"

#include <math.h>
#include <string.h>

#include "internal.h"
#include "statement.h"
#include "wangge/shape.h"

#define CHUNK 65536
/* Fewer events are looked up in the R-tree one by one. */
#define FEW_EVENTS 500
#define SIDE_MAX 4096 /* cells along a side */

/* ---- the boxes, in cells ---- */

struct crate { /* the box of a building, as coarse as in the R-tree */
    int64_t building;
    float min_x, min_y, max_x, max_y;
};

struct crates {
    struct crate *crate;
    size_t n, cap;
    struct wg_box box;
    int side; /* cells along each side */
    double per_x, per_y;
    uint32_t *start;  /* side * side + 1 */
    uint32_t *member; /* crates, by cell */
    uint32_t *wide;   /* crates of too many cells */
    size_t n_wide;
};

static void crates_finish(struct crates *c)
{
    free(c->crate);
    free(c->start);
    free(c->member);
    free(c->wide);
}

static enum wg_status read_crates(struct wg_asking *a, struct crates *c)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(a->store, "SELECT pkid, xmin, ymin, xmax, ymax FROM idx_building_geom",
                 &q, a->err);

    if (s != WG_OK)
        return s;
    c->box = wg_box_empty();
    while ((s = wg_step(q, &row, a->err)) == WG_OK && row) {
        void *array = c->crate;

        if (c->n == UINT32_MAX || !wg_grow(&array, &c->cap, c->n + 1, sizeof *c->crate)) {
            s = wg_fail_memory(a->err);
            break;
        }
        c->crate = array;
        struct crate *one = &c->crate[c->n++];
        *one = (struct crate){wg_column_int(q, 0), (float)wg_column_real(q, 1),
                              (float)wg_column_real(q, 2), (float)wg_column_real(q, 3),
                              (float)wg_column_real(q, 4)};
        c->box = wg_box_grow(c->box, (double)one->min_x, (double)one->min_y);
        c->box = wg_box_grow(c->box, (double)one->max_x, (double)one->max_y);
    }
    wg_done(q);
    return s;
}

static int cell_along(double value, double low, double per, int side)
{
    double cell = floor((value - low) * per);

    return cell <= 0 ? 0 : cell >= side - 1 ? side - 1 : (int)cell;
}

struct cells {
    int x0, y0, x1, y1;
};

static struct cells cells_of(const struct crates *c, const struct crate *one)
{
    return (struct cells){
        cell_along((double)one->min_x, c->box.min_x, c->per_x, c->side),
        cell_along((double)one->min_y, c->box.min_y, c->per_y, c->side),
        cell_along((double)one->max_x, c->box.min_x, c->per_x, c->side),
        cell_along((double)one->max_y, c->box.min_y, c->per_y, c->side)};
}

static bool is_wide(struct cells s)
{
    return (int64_t)(s.x1 - s.x0 + 1) * (s.y1 - s.y0 + 1) > 64;
}

/* Count the members of each cell, or (fill) put them there. */
static void deal(struct crates *c, bool fill)
{
    c->n_wide = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct cells s = cells_of(c, &c->crate[i]);

        if (is_wide(s)) {
            c->wide[c->n_wide++] = (uint32_t)i;
            continue;
        }
        for (int y = s.y0; y <= s.y1; y++) {
            for (int x = s.x0; x <= s.x1; x++) {
                uint32_t *start = &c->start[(size_t)y * (size_t)c->side + (size_t)x];

                if (fill)
                    c->member[--*start] = (uint32_t)i;
                else
                    ++*start;
            }
        }
    }
}

static enum wg_status sort_crates(struct crates *c, struct wg_error *err)
{
    double width = c->box.max_x - c->box.min_x, height = c->box.max_y - c->box.min_y;
    size_t cells, total = 0;

    c->side = (int)fmin(fmax(sqrt(2 * (double)c->n), 1), SIDE_MAX);
    cells = (size_t)c->side * (size_t)c->side;
    c->per_x = width > 0 ? c->side / width : 0;
    c->per_y = height > 0 ? c->side / height : 0;
    c->start = calloc(cells + 1, sizeof *c->start);
    c->wide = malloc((c->n + 1) * sizeof *c->wide);
    if (!c->start || !c->wide)
        return wg_fail_memory(err);
    deal(c, false);
    for (size_t i = 0; i <= cells; i++) {
        total += c->start[i];
        c->start[i] = (uint32_t)total;
    }
    c->member = malloc((total + 1) * sizeof *c->member);
    if (!c->member || total > UINT32_MAX)
        return wg_fail_memory(err);
    deal(c, true);
    return WG_OK;
}

/* ---- events, a chunk at a time ---- */

struct pair {
    int64_t building;
    uint32_t event; /* in the chunk */
};

struct chunk {
    size_t n;
    int64_t id[CHUNK], building[CHUNK];
    double x[CHUNK], y[CHUNK];
    struct pair *pair;
    size_t n_pair, cap_pair;
};

static enum wg_status add_pair(struct chunk *k, int64_t building, size_t event,
                               struct wg_error *err)
{
    void *array = k->pair;

    if (!wg_grow(&array, &k->cap_pair, k->n_pair + 1, sizeof *k->pair))
        return wg_fail_memory(err);
    k->pair = array;
    k->pair[k->n_pair++] = (struct pair){building, (uint32_t)event};
    return WG_OK;
}

static enum wg_status look_at(const struct crates *c, uint32_t i, struct chunk *k,
                              size_t event, struct wg_error *err)
{
    const struct crate *one = &c->crate[i];
    double x = k->x[event], y = k->y[event];

    if (!(x >= (double)one->min_x && x <= (double)one->max_x && y >= (double)one->min_y &&
          y <= (double)one->max_y))
        return WG_OK;
    return add_pair(k, one->building, event, err);
}

static enum wg_status find_pairs(const struct crates *c, struct chunk *k,
                                 struct wg_error *err)
{
    enum wg_status s = WG_OK;

    k->n_pair = 0;
    for (size_t e = 0; s == WG_OK && e < k->n; e++) {
        double x = k->x[e], y = k->y[e];

        if (!wg_box_contains(c->box, x, y)) /* NaN too */
            continue;
        size_t cell =
            (size_t)cell_along(y, c->box.min_y, c->per_y, c->side) * (size_t)c->side +
            (size_t)cell_along(x, c->box.min_x, c->per_x, c->side);
        for (uint32_t i = c->start[cell]; s == WG_OK && i < c->start[cell + 1]; i++)
            s = look_at(c, c->member[i], k, e, err);
        for (size_t i = 0; s == WG_OK && i < c->n_wide; i++)
            s = look_at(c, c->wide[i], k, e, err);
    }
    return s;
}

static int by_building(const void *a, const void *b)
{
    const struct pair *l = a, *r = b;

    if (l->building != r->building)
        return l->building < r->building ? -1 : 1;
    return (l->event > r->event) - (l->event < r->event);
}

/* The building's polygon; nothing where it is a part of another, or has ended. */
static enum wg_status read_building(struct wg_asking *a, struct wg_query *q, int64_t id,
                                    struct wg_multipolygon *mp)
{
    bool row;
    enum wg_status s;

    wg_multipolygon_finish(mp);
    wg_bind_int(q, 1, id);
    s = wg_step(q, &row, a->err);
    if (s == WG_OK && row) {
        size_t size;
        const void *blob = wg_column_blob(q, 0, &size);

        s = wg_shape_from_blob(blob, size, mp, a->err);
        if (s == WG_FORMAT || s == WG_GEOMETRY)
            s = WG_OK;
    }
    wg_again(q);
    return s;
}

/* Buildings in order of id: the first that covers an event is its building. */
static enum wg_status judge_pairs(struct wg_asking *a, struct chunk *k)
{
    struct wg_multipolygon mp = {0};
    struct wg_query *q;
    enum wg_status s =
        wg_query(a->store,
                 "SELECT geom FROM building WHERE id = ?1 AND part_of IS NULL AND "
                 "(valid_to IS NULL OR valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
                 &q, a->err);

    if (s != WG_OK)
        return s;
    if (k->n_pair)
        qsort(k->pair, k->n_pair, sizeof *k->pair, by_building);
    for (size_t i = 0; s == WG_OK && i < k->n_pair; i++) {
        uint32_t e = k->pair[i].event;

        if (i == 0 || k->pair[i].building != k->pair[i - 1].building)
            s = read_building(a, q, k->pair[i].building, &mp);
        if (s == WG_OK && !k->building[e] &&
            wg_multipolygon_side(&mp, k->x[e], k->y[e]) != WG_OUTSIDE)
            k->building[e] = k->pair[i].building;
    }
    wg_done(q);
    wg_multipolygon_finish(&mp);
    return s;
}

static enum wg_status write_links(struct wg_asking *a, const struct chunk *k)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(a->store, "UPDATE event SET building_id = ?2 WHERE id = ?1", &q, a->err);

    if (s != WG_OK)
        return s;
    for (size_t e = 0; s == WG_OK && e < k->n; e++) {
        if (!k->building[e])
            continue;
        wg_bind_int(q, 1, k->id[e]);
        wg_bind_int(q, 2, k->building[e]);
        s = wg_step(q, &row, a->err);
        wg_again(q);
    }
    wg_done(q);
    return s;
}

/* The next events from `first` that name no building. */
static enum wg_status read_chunk(struct wg_asking *a, int64_t first, struct chunk *k)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(a->store,
                 "SELECT id, geom FROM event WHERE id BETWEEN ?1 AND ?2 "
                 "AND building_id IS NULL AND geom IS NOT NULL ORDER BY id "
                 "LIMIT ?3",
                 &q, a->err);

    k->n = 0;
    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, first);
    wg_bind_int(q, 2, a->last);
    wg_bind_int(q, 3, CHUNK);
    while ((s = wg_step(q, &row, a->err)) == WG_OK && row) {
        size_t size;
        const void *blob = wg_column_blob(q, 1, &size);
        struct wg_point p = {NAN, NAN};

        if (wg_shape_point_from_blob(blob, size, &p, NULL) != WG_OK)
            p = (struct wg_point){NAN, NAN};
        k->id[k->n] = wg_column_int(q, 0);
        k->x[k->n] = p.x;
        k->y[k->n] = p.y;
        k->building[k->n++] = 0;
    }
    wg_done(q);
    return s;
}

static enum wg_status link_chunks(struct wg_asking *a, struct crates *c, struct chunk *k)
{
    int64_t first = a->first;
    enum wg_status s = WG_OK;

    do {
        s = read_chunk(a, first, k);
        if (s == WG_OK && k->n && !c->start) {
            s = read_crates(a, c);
            if (s == WG_OK)
                s = sort_crates(c, a->err);
        }
        if (s == WG_OK)
            s = find_pairs(c, k, a->err);
        if (s == WG_OK)
            s = judge_pairs(a, k);
        if (s == WG_OK)
            s = write_links(a, k);
        if (s == WG_OK)
            s = wg_asking_step(a, k->n);
        if (k->n)
            first = k->id[k->n - 1] < INT64_MAX ? k->id[k->n - 1] + 1 : INT64_MAX;
    } while (s == WG_OK && k->n == CHUNK);
    return s;
}

static enum wg_status count_events(struct wg_asking *a, int64_t *n)
{
    struct wg_query *q;
    bool row;
    enum wg_status s = wg_query(a->store,
                                "SELECT count(*) FROM (SELECT 1 FROM event WHERE id "
                                "BETWEEN ?1 AND ?2 AND building_id IS NULL LIMIT ?3)",
                                &q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, a->first);
    wg_bind_int(q, 2, a->last);
    wg_bind_int(q, 3, FEW_EVENTS);
    s = wg_step(q, &row, a->err);
    *n = s == WG_OK && row ? wg_column_int(q, 0) : 0;
    wg_done(q);
    return s;
}

enum wg_status wg_assign_link_index(struct wg_asking *a, enum wg_kind kind)
{
    struct crates crates = {0};
    struct chunk *k = NULL;
    int64_t n = 0;
    enum wg_status s;

    if (kind == WG_KIND_BUILDING)
        return wg_assign_link_sql(a, kind);
    s = count_events(a, &n);
    if (s != WG_OK || n < FEW_EVENTS)
        return s == WG_OK ? wg_assign_link_sql(a, kind) : s;
    k = calloc(1, sizeof *k);
    s = k ? link_chunks(a, &crates, k) : wg_fail_memory(a->err);
    if (k)
        free(k->pair);
    free(k);
    crates_finish(&crates);
    return s;
}
