/* Owns what is asked again after grids were edited: the objects where the old and the new
 * coverage differ. */
#include <math.h>
#include <string.h>

#include "assign_job.h"
#include "internal.h"
#include "statement.h"

/*
 * Where two polygons differ is the even-odd area of the edges that only one of them has,
 * exactly: the others cancel.  An object whose box does not meet it keeps its owner.  The
 * boxes are those of the R-trees, a little larger than the objects.
 */

#define EDGES_MAX 4000 /* with more, the box of the area alone decides */

struct edge { /* a before b, by x and then y */
    struct wg_point a, b;
};

struct area {
    struct edge *edge;
    size_t n, cap;
    struct wg_box box;
};

/* ---- the area that differs ---- */

static int by_point(struct wg_point a, struct wg_point b)
{
    if (a.x != b.x)
        return a.x < b.x ? -1 : 1;
    return (a.y > b.y) - (a.y < b.y);
}

static int by_ends(const void *a, const void *b)
{
    const struct edge *l = a, *r = b;
    int order = by_point(l->a, r->a);

    return order ? order : by_point(l->b, r->b);
}

static enum wg_status add_edges(struct area *area, const struct wg_multipolygon *mp,
                                struct wg_error *err)
{
    void *array = area->edge;

    if (!mp)
        return WG_OK;
    if (!wg_grow(&array, &area->cap, area->n + mp->n_vertex + 1, sizeof *area->edge))
        return wg_fail_memory(err);
    area->edge = array;
    for (uint32_t r = 0; r < mp->n_ring; r++) {
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++) {
            struct wg_point a = {mp->x[i], mp->y[i]}, b = {mp->x[i + 1], mp->y[i + 1]};
            int order = by_point(a, b);

            if (order)
                area->edge[area->n++] =
                    order < 0 ? (struct edge){a, b} : (struct edge){b, a};
        }
    }
    return WG_OK;
}

/* Only what is there an odd number of times. */
static void cancel_edges(struct area *area)
{
    size_t n = 0;

    if (area->n)
        qsort(area->edge, area->n, sizeof *area->edge, by_ends);
    for (size_t i = 0; i < area->n; i++) {
        if (n > 0 && by_ends(&area->edge[n - 1], &area->edge[i]) == 0)
            n--;
        else
            area->edge[n++] = area->edge[i];
    }
    area->n = n;
    area->box = wg_box_empty();
    for (size_t i = 0; i < n; i++) {
        area->box = wg_box_grow(area->box, area->edge[i].a.x, area->edge[i].a.y);
        area->box = wg_box_grow(area->box, area->edge[i].b.x, area->edge[i].b.y);
    }
}

static bool edge_meets(const struct edge *e, const struct wg_box *box)
{
    if (e->b.x < box->min_x || e->a.x > box->max_x || fmax(e->a.y, e->b.y) < box->min_y ||
        fmin(e->a.y, e->b.y) > box->max_y)
        return false;
    int sw = wg_orient(e->a, e->b, (struct wg_point){box->min_x, box->min_y});
    int se = wg_orient(e->a, e->b, (struct wg_point){box->max_x, box->min_y});
    int ne = wg_orient(e->a, e->b, (struct wg_point){box->max_x, box->max_y});
    int nw = wg_orient(e->a, e->b, (struct wg_point){box->min_x, box->max_y});
    return !(sw == se && se == ne && ne == nw && sw != 0);
}

/* Closed; errs to true. */
static bool area_meets(const struct area *area, const struct wg_box *box)
{
    struct wg_point p = {box->min_x, box->min_y};
    bool in = false;

    if (area->n > EDGES_MAX)
        return true;
    for (size_t i = 0; i < area->n; i++) {
        const struct edge *e = &area->edge[i];

        if (edge_meets(e, box))
            return true;
        if (e->a.x <= p.x && p.x < e->b.x) /* above or below: it does not meet the box */
            in ^= wg_orient(e->a, e->b, p) < 0;
    }
    return in;
}

/* ---- the objects ---- */

static enum wg_status list_object(struct wg_asking *a, struct wg_query *put,
                                  enum wg_kind kind, int64_t id, struct wg_box box)
{
    bool row;
    enum wg_status s;

    wg_bind_int(put, 1, kind);
    wg_bind_int(put, 2, id);
    s = wg_step(put, &row, a->err);
    wg_again(put);
    a->box = wg_box_union(a->box, box);
    return s;
}

static enum wg_status list_kind(struct wg_asking *a, enum wg_kind kind,
                                const struct area *area, struct wg_query *put)
{
#define NEAR_BOX(kind)                                                                   \
    "SELECT pkid, xmin, ymin, xmax, ymax FROM idx_" kind "_geom WHERE xmax >= ?1 AND "   \
    "xmin <= ?2 AND ymax >= ?3 AND ymin <= ?4"
    static const char *const sql[] = {"", NEAR_BOX("building"), NEAR_BOX("part"),
                                      NEAR_BOX("event")};
    struct wg_query *q;
    bool row;
    enum wg_status s = wg_query(a->store, sql[kind], &q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_real(q, 1, area->box.min_x);
    wg_bind_real(q, 2, area->box.max_x);
    wg_bind_real(q, 3, area->box.min_y);
    wg_bind_real(q, 4, area->box.max_y);
    while (s == WG_OK && (s = wg_step(q, &row, a->err)) == WG_OK && row) {
        struct wg_box box = {wg_column_real(q, 1), wg_column_real(q, 2),
                             wg_column_real(q, 3), wg_column_real(q, 4)};

        if (area_meets(area, &box))
            s = list_object(a, put, kind, wg_column_int(q, 0), box);
    }
    wg_done(q);
    return s;
}

static enum wg_status list_objects(struct wg_asking *a, size_t n,
                                   const struct wg_assign_change *change)
{
    struct area area = {0};
    struct wg_query *put;
    enum wg_status s = wg_query(
        a->store, "INSERT OR IGNORE INTO temp.wg_near (kind, id) VALUES (?1, ?2)", &put,
        a->err);

    if (s != WG_OK)
        return s;
    a->box = wg_box_empty();
    for (size_t i = 0; s == WG_OK && i < n; i++) {
        area.n = 0;
        s = add_edges(&area, change[i].was, a->err);
        if (s == WG_OK)
            s = add_edges(&area, change[i].now, a->err);
        if (s != WG_OK)
            break;
        cancel_edges(&area);
        for (int k = WG_KIND_BUILDING; s == WG_OK && area.n && k <= WG_KIND_EVENT; k++)
            s = list_kind(a, (enum wg_kind)k, &area, put);
    }
    wg_done(put);
    free(area.edge);
    return s;
}

static enum wg_status count_listed(struct wg_asking *a)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(a->store, "SELECT count(*) FROM temp.wg_near", &q, a->err);

    if (s != WG_OK)
        return s;
    s = wg_step(q, &row, a->err);
    if (s == WG_OK && row)
        a->total = (uint64_t)wg_column_int(q, 0) + 1;
    wg_done(q);
    return s;
}

enum wg_status wg_asking_list(struct wg_asking *a, size_t n,
                              const struct wg_assign_change *change)
{
    enum wg_status s = wg_exec(a->store,
                               "CREATE TEMP TABLE IF NOT EXISTS wg_near (kind INTEGER "
                               "NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id)) "
                               "WITHOUT ROWID; DELETE FROM temp.wg_near",
                               a->err);

    a->listed = true;
    if (s == WG_OK)
        s = list_objects(a, n, change);
    return s == WG_OK ? count_listed(a) : s;
}

enum wg_status wg_assign_listed_sql(struct wg_asking *a, int64_t scheme)
{
    struct wg_query *q;
    enum wg_status s =
        wg_query(a->store,
                 "INSERT INTO owner_ask (kind, object_id, scheme_id) SELECT kind, id, ?1 "
                 "FROM temp.wg_near",
                 &q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    return wg_run(q, a->err);
}
