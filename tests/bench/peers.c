/* GEOS, SpatiaLite and the plain loop; see peers.h. */
#include "peers.h"

#include <geos_c.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spatialite.h> /* after sqlite3.h */

#include "wangge/crs.h" /* wg_free */
#include "wangge/shape.h"

static void *need(void *block)
{
    if (!block) {
        fprintf(stderr, "a peer has no memory\n");
        abort();
    }
    return block;
}

/* ---- GEOS ------------------------------------------------------------------------ */

struct geos {
    GEOSContextHandle_t handle;
    GEOSSTRtree *tree;
    size_t n;
    GEOSGeometry **shape;
    const GEOSPreparedGeometry **prepared;
    uint32_t *slot; /* what the tree holds: pointers to these */
    /* of the question in hand */
    GEOSGeometry *point;
    uint32_t found;
};

static GEOSGeometry *geos_ring(GEOSContextHandle_t h, const struct wg_multipolygon *mp,
                               uint32_t r)
{
    uint32_t first = mp->ring[r], n = mp->ring[r + 1] - first;
    return GEOSGeom_createLinearRing_r(
        h, GEOSCoordSeq_copyFromArrays_r(h, mp->x + first, mp->y + first, NULL, NULL, n));
}

static GEOSGeometry *geos_shape(GEOSContextHandle_t h, const struct wg_multipolygon *mp)
{
    GEOSGeometry **part = need(calloc(mp->n_part, sizeof(GEOSGeometry *)));
    GEOSGeometry *whole;
    for (uint32_t p = 0; p < mp->n_part; p++) {
        uint32_t first = mp->part[p], n_hole = mp->part[p + 1] - first - 1;
        GEOSGeometry **hole = need(calloc(n_hole + 1, sizeof(GEOSGeometry *)));
        for (uint32_t k = 0; k < n_hole; k++)
            hole[k] = geos_ring(h, mp, first + 1 + k);
        part[p] = GEOSGeom_createPolygon_r(h, geos_ring(h, mp, first), hole, n_hole);
        free(hole);
    }
    whole = mp->n_part == 1
                ? part[0]
                : GEOSGeom_createCollection_r(h, GEOS_MULTIPOLYGON, part, mp->n_part);
    free(part);
    return need(whole);
}

static void geos_candidate(void *item, void *user)
{
    struct geos *g = user;
    uint32_t slot = *(uint32_t *)item;
    if ((g->found == 0 || slot < g->found) &&
        GEOSPreparedIntersects_r(g->handle, g->prepared[slot - 1], g->point) == 1)
        g->found = slot;
}

/* For a point, "intersects" is "covers", and GEOS's quicker road to it. */
static void geos_ask(void *self, size_t n, const double *x, const double *y,
                     uint32_t *slot)
{
    struct geos *g = self;
    for (size_t i = 0; i < n; i++) {
        g->found = 0;
        g->point = GEOSGeom_createPointFromXY_r(g->handle, x[i], y[i]);
        GEOSSTRtree_query_r(g->handle, g->tree, g->point, geos_candidate, g);
        GEOSGeom_destroy_r(g->handle, g->point);
        slot[i] = g->found;
    }
}

static void *geos_make(const struct partition *p)
{
    struct geos *g = need(calloc(1, sizeof *g));
    uint32_t unused;
    g->handle = need(GEOS_init_r());
    g->n = p->n;
    g->tree = need(GEOSSTRtree_create_r(g->handle, 10));
    g->shape = need(calloc(p->n, sizeof *g->shape));
    g->prepared = need(calloc(p->n, sizeof(GEOSPreparedGeometry *)));
    g->slot = need(calloc(p->n, sizeof *g->slot));
    for (size_t i = 0; i < p->n; i++) {
        g->slot[i] = (uint32_t)i + 1;
        g->shape[i] = geos_shape(g->handle, &p->mp[i]);
        g->prepared[i] = need((void *)(uintptr_t)GEOSPrepare_r(g->handle, g->shape[i]));
        GEOSSTRtree_insert_r(g->handle, g->tree, g->shape[i], &g->slot[i]);
    }
    /* Both are built at the first question. */
    for (size_t i = 0; i < p->n; i++)
        geos_ask(g, 1, p->mp[i].x, p->mp[i].y, &unused);
    return g;
}

static void geos_drop(void *self)
{
    struct geos *g = self;
    GEOSSTRtree_destroy_r(g->handle, g->tree);
    for (size_t i = 0; i < g->n; i++) {
        GEOSPreparedGeom_destroy_r(g->handle, g->prepared[i]);
        GEOSGeom_destroy_r(g->handle, g->shape[i]);
    }
    GEOS_finish_r(g->handle);
    free(g->shape);
    free(g->prepared);
    free(g->slot);
    free(g);
}

const struct peer peer_geos = {"GEOS prepared + STRtree", true, geos_make, geos_ask,
                               geos_drop};

/* ---- SpatiaLite ------------------------------------------------------------------ */

#define SRID 4545

struct lite {
    sqlite3 *db;
    void *cache;
    sqlite3_stmt *query;
};

static void lite_must(struct lite *l, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        fprintf(stderr, "SpatiaLite: %s\n", sqlite3_errmsg(l->db));
        abort();
    }
}

/* The columns and the index that SpatiaLite itself makes for a layer; the R-tree is
 * joined directly, which is the quickest way that SQL knows. */
static const char lite_schema[] =
    "CREATE TABLE grid (id INTEGER PRIMARY KEY, geom BLOB NOT NULL);"
    "CREATE VIRTUAL TABLE idx_grid_geom USING rtree(pkid, xmin, xmax, ymin, ymax);"
    "BEGIN;";

static const char lite_sql[] =
    "SELECT min(g.id) FROM idx_grid_geom r CROSS JOIN grid g WHERE r.xmin <= ?1 AND "
    "r.xmax >= ?1 AND r.ymin <= ?2 AND r.ymax >= ?2 AND g.id = r.pkid AND "
    "ST_Covers(g.geom, MakePoint(?1, ?2, 4545)) = 1";

static void lite_insert(struct lite *l, const struct partition *p)
{
    sqlite3_stmt *grid, *box;
    lite_must(l, sqlite3_prepare_v2(l->db, "INSERT INTO grid VALUES (?1, ?2)", -1, &grid,
                                    NULL));
    lite_must(l, sqlite3_prepare_v2(
                     l->db, "INSERT INTO idx_grid_geom VALUES (?1, ?2, ?3, ?4, ?5)", -1,
                     &box, NULL));
    for (size_t i = 0; i < p->n; i++) {
        void *blob;
        size_t size;
        struct wg_box b = wg_multipolygon_box(&p->mp[i]);
        if (wg_shape_to_blob(&p->mp[i], SRID, &blob, &size, NULL) != WG_OK)
            abort();
        sqlite3_bind_int64(grid, 1, (int64_t)i + 1);
        sqlite3_bind_blob(grid, 2, blob, (int)size, wg_free);
        sqlite3_bind_int64(box, 1, (int64_t)i + 1);
        sqlite3_bind_double(box, 2, b.min_x);
        sqlite3_bind_double(box, 3, b.max_x);
        sqlite3_bind_double(box, 4, b.min_y);
        sqlite3_bind_double(box, 5, b.max_y);
        lite_must(l, sqlite3_step(grid));
        lite_must(l, sqlite3_step(box));
        sqlite3_reset(grid);
        sqlite3_reset(box);
    }
    sqlite3_finalize(grid);
    sqlite3_finalize(box);
    lite_must(l, sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL));
}

static void *lite_make(const struct partition *p)
{
    struct lite *l = need(calloc(1, sizeof *l));
    lite_must(l, sqlite3_open(":memory:", &l->db));
    l->cache = need(spatialite_alloc_connection());
    spatialite_init_ex(l->db, l->cache, 0);
    lite_must(l, sqlite3_exec(l->db, lite_schema, NULL, NULL, NULL));
    lite_insert(l, p);
    lite_must(l, sqlite3_prepare_v2(l->db, lite_sql, -1, &l->query, NULL));
    return l;
}

static void lite_ask(void *self, size_t n, const double *x, const double *y,
                     uint32_t *slot)
{
    struct lite *l = self;
    for (size_t i = 0; i < n; i++) {
        sqlite3_bind_double(l->query, 1, x[i]);
        sqlite3_bind_double(l->query, 2, y[i]);
        lite_must(l, sqlite3_step(l->query));
        slot[i] = (uint32_t)sqlite3_column_int64(l->query, 0);
        sqlite3_reset(l->query);
    }
}

static void lite_drop(void *self)
{
    struct lite *l = self;
    sqlite3_finalize(l->query);
    sqlite3_close(l->db);
    spatialite_cleanup_ex(l->cache);
    free(l);
}

const struct peer peer_spatialite = {"SpatiaLite R-tree + ST_Covers", true, lite_make,
                                     lite_ask, lite_drop};

/* ---- the plain loop -------------------------------------------------------------- */

struct ray {
    size_t n;
    struct wg_box *box;
    const struct wg_multipolygon *mp;
};

static void *ray_make(const struct partition *p)
{
    struct ray *r = need(calloc(1, sizeof *r));
    r->n = p->n;
    r->mp = p->mp;
    r->box = need(calloc(p->n, sizeof *r->box));
    for (size_t i = 0; i < p->n; i++)
        r->box[i] = wg_multipolygon_box(&p->mp[i]);
    return r;
}

static bool ray_inside(const struct wg_multipolygon *mp, double x, double y)
{
    bool inside = false;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r], j = i + 1; j < mp->ring[r + 1]; i = j++)
            if ((mp->y[i] > y) != (mp->y[j] > y) &&
                x < (mp->x[j] - mp->x[i]) * (y - mp->y[i]) / (mp->y[j] - mp->y[i]) +
                        mp->x[i])
                inside = !inside;
    return inside;
}

static void ray_ask(void *self, size_t n, const double *x, const double *y,
                    uint32_t *slot)
{
    const struct ray *r = self;
    for (size_t i = 0; i < n; i++) {
        slot[i] = 0;
        for (size_t g = 0; g < r->n && !slot[i]; g++)
            if (x[i] >= r->box[g].min_x && x[i] <= r->box[g].max_x &&
                y[i] >= r->box[g].min_y && y[i] <= r->box[g].max_y &&
                ray_inside(&r->mp[g], x[i], y[i]))
                slot[i] = (uint32_t)g + 1;
    }
}

static void ray_drop(void *self)
{
    struct ray *r = self;
    free(r->box);
    free(r);
}

const struct peer peer_ray = {"boxes in turn + plain ray", false, ray_make, ray_ask,
                              ray_drop};
