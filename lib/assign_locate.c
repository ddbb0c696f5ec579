/* Owns the answering of loose points: which grid is here, asked of the index or of
 * SpatiaLite. */
#include <math.h>
#include <string.h>

#include "assign_job.h"
#include "internal.h"
#include "row.h"
#include "statement.h"
#include "wangge/assign.h"
#include "wangge/locate.h"
#include "wangge/shape.h"

/* Fewer points are asked one by one; more are laid into a table and asked grid by
 * grid, where SpatiaLite's prepared geometry pays. */
#define FEW_POINTS 24
#define CHUNK_POINTS 65536
/* From so many points on an index pays, though it may have to be built. */
#define INDEX_POINTS 2000

#define NOW "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
#define AT "coalesce(?2, " NOW ")"
#define OWNS_AT                                                                          \
    "g.scheme_id = ?1 AND (g.valid_from IS NULL OR g.valid_from <= " AT                  \
    ") AND (g.valid_to IS NULL OR g.valid_to > " AT ")"
#define NO_CHILD_AT                                                                      \
    "NOT EXISTS (SELECT 1 FROM grid c WHERE c.parent_id = g.id AND (c.valid_from IS "    \
    "NULL "                                                                              \
    "OR c.valid_from <= " AT ") AND (c.valid_to IS NULL OR c.valid_to > " AT "))"

#define PRESENT_AT "(g.geom_from IS NULL OR g.geom_from <= " AT ")"
#define PAST_AT                                                                          \
    OWNS_AT " AND p.scheme_id = ?1 AND g.id = p.grid_id AND (p.valid_from IS NULL OR "   \
            "p.valid_from <= " AT ") AND p.valid_to > " AT

static const char one_sql[] =
    "SELECT id, min(code) FROM (SELECT g.id AS id, g.code AS code FROM idx_grid_geom r "
    "CROSS JOIN grid g WHERE g.id = r.pkid AND r.xmax >= ?3 AND r.xmin <= ?3 AND r.ymax "
    ">= ?4 AND r.ymin <= ?4 AND " OWNS_AT " AND " PRESENT_AT " AND CASE WHEN " NO_CHILD_AT
    " THEN ST_Covers(g.geom, ?5) = 1 END UNION ALL SELECT g.id, g.code FROM "
    "idx_grid_past_geom r CROSS JOIN grid_past p CROSS JOIN grid g WHERE p.id = r.pkid "
    "AND r.xmax >= ?3 AND r.xmin <= ?3 AND r.ymax >= ?4 AND r.ymin <= ?4 AND " PAST_AT
    " AND CASE WHEN " NO_CHILD_AT " THEN ST_Covers(p.geom, ?5) = 1 END)";

static const char spot_sql[] =
    "CREATE TEMP TABLE IF NOT EXISTS wg_spot (x REAL NOT NULL, y REAL NOT NULL, id "
    "INTEGER "
    "NOT NULL, geom BLOB NOT NULL, PRIMARY KEY (x, y, id)) WITHOUT ROWID;"
    "DELETE FROM temp.wg_spot;";

/* Before version 4 a grid had one polygon for all times. */
static const char one_old_sql[] =
    "SELECT g.id, min(g.code) FROM idx_grid_geom r CROSS JOIN grid g WHERE g.id = r.pkid "
    "AND r.xmax >= ?3 AND r.xmin <= ?3 AND r.ymax >= ?4 AND r.ymin <= ?4 AND " OWNS_AT
    " AND CASE WHEN " NO_CHILD_AT " THEN ST_Covers(g.geom, ?5) = 1 END";

/* Grids first: all points of one grid's box come together. */
#define MANY_SQL(holds, past)                                                            \
    "SELECT spot, id, min(code) FROM (SELECT s.id AS spot, g.id AS id, g.code AS code "  \
    "FROM grid g CROSS JOIN idx_grid_geom r CROSS JOIN temp.wg_spot s WHERE r.pkid = "   \
    "g.id AND s.x BETWEEN r.xmin AND r.xmax AND s.y BETWEEN r.ymin AND r.ymax "          \
    "AND " OWNS_AT " AND " holds " AND CASE WHEN " NO_CHILD_AT                           \
    " THEN ST_Covers(g.geom, s.geom) = 1 END" past ") GROUP BY spot"
static const char many_sql[] = MANY_SQL(
    PRESENT_AT,
    " UNION ALL SELECT s.id, g.id, g.code FROM grid_past p CROSS JOIN grid g CROSS JOIN "
    "idx_grid_past_geom r CROSS JOIN temp.wg_spot s WHERE r.pkid = p.id AND s.x BETWEEN "
    "r.xmin AND r.xmax AND s.y BETWEEN r.ymin AND r.ymax AND " PAST_AT
    " AND CASE WHEN " NO_CHILD_AT " THEN ST_Covers(p.geom, s.geom) = 1 END");
static const char many_old_sql[] = MANY_SQL("1", "");

struct locating {
    struct wg_store *store;
    int64_t scheme;
    const char *at;
    struct wg_error *err;
};

static enum wg_status locate_one(const struct locating *l, double x, double y,
                                 int64_t *grid)
{
    unsigned char blob[WG_POINT_BLOB_SIZE];
    struct wg_query *q;
    bool row;
    enum wg_status s = wg_query(
        l->store, wg_store_version(l->store) >= 4 ? one_sql : one_old_sql, &q, l->err);

    if (s != WG_OK)
        return s;
    wg_shape_point_blob(x, y, wg_store_srid(l->store), blob);
    wg_bind_int(q, 1, l->scheme);
    wg_bind_text(q, 2, l->at);
    wg_bind_real(q, 3, x);
    wg_bind_real(q, 4, y);
    wg_bind_blob(q, 5, blob, sizeof blob);
    s = wg_step(q, &row, l->err);
    if (s == WG_OK)
        *grid = row ? wg_column_int(q, 0) : 0;
    wg_done(q);
    return s;
}

static enum wg_status lay_points(const struct locating *l, size_t n, const double *x,
                                 const double *y)
{
    enum wg_status s = WG_OK;

    for (size_t i = 0; s == WG_OK && i < n; i++) {
        unsigned char blob[WG_POINT_BLOB_SIZE];
        struct wg_query *q;

        if (!isfinite(x[i]) || !isfinite(y[i]))
            continue;
        s = wg_query(l->store,
                     "INSERT INTO temp.wg_spot (x, y, id, geom) VALUES (?1, ?2, ?3, ?4)",
                     &q, l->err);
        if (s != WG_OK)
            break;
        wg_shape_point_blob(x[i], y[i], wg_store_srid(l->store), blob);
        wg_bind_real(q, 1, x[i]);
        wg_bind_real(q, 2, y[i]);
        wg_bind_int(q, 3, (int64_t)i);
        wg_bind_blob(q, 4, blob, sizeof blob);
        s = wg_run(q, l->err);
    }
    return s;
}

static enum wg_status locate_chunk(const struct locating *l, size_t n, const double *x,
                                   const double *y, int64_t *grid)
{
    struct wg_query *q;
    bool row;
    enum wg_status s = wg_exec(l->store, spot_sql, l->err);

    if (s == WG_OK)
        s = lay_points(l, n, x, y);
    if (s == WG_OK)
        s = wg_query(l->store, wg_store_version(l->store) >= 4 ? many_sql : many_old_sql,
                     &q, l->err);
    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, l->scheme);
    wg_bind_text(q, 2, l->at);
    memset(grid, 0, n * sizeof *grid);
    while ((s = wg_step(q, &row, l->err)) == WG_OK && row)
        grid[wg_column_int(q, 0)] = wg_column_int(q, 1);
    wg_done(q);
    return s == WG_OK ? wg_exec(l->store, "DELETE FROM temp.wg_spot", l->err) : s;
}

/* All in one read transaction, so that every point sees the same grids and laying the
 * points does not cost a commit each. */
static enum wg_status locate_many(const struct locating *l, size_t n, const double *x,
                                  const double *y, int64_t *grid)
{
    enum wg_status s = WG_OK;

    if (n <= FEW_POINTS) {
        for (size_t i = 0; s == WG_OK && i < n; i++) {
            grid[i] = 0;
            if (isfinite(x[i]) && isfinite(y[i]))
                s = locate_one(l, x[i], y[i], &grid[i]);
        }
        return s;
    }
    for (size_t i = 0; s == WG_OK && i < n; i += CHUNK_POINTS) {
        size_t m = n - i < CHUNK_POINTS ? n - i : CHUNK_POINTS;

        s = locate_chunk(l, m, x + i, y + i, grid + i);
    }
    return s;
}

static enum wg_status locate_by_index(struct wg_store *store, int64_t scheme,
                                      const char *at, size_t n, const double *x,
                                      const double *y, int64_t *grid,
                                      struct wg_error *err)
{
    struct wg_locator *loc = NULL;
    enum wg_status s = wg_locator_open(store, scheme, at, NULL, &loc, err);

    if (s != WG_OK)
        return s;
    wg_locator_find(loc, n, x, y, grid);
    wg_locator_destroy(loc);
    return WG_OK;
}

enum wg_status wg_assign_locate(struct wg_store *store, int64_t scheme, const char *at,
                                size_t n, const double *x, const double *y, int64_t *grid,
                                struct wg_error *err)
{
    return wg_assign_locate_with(store, scheme, at, WG_ENGINE_INDEX, n, x, y, grid, err);
}

enum wg_status wg_assign_locate_with(struct wg_store *store, int64_t scheme,
                                     const char *at, enum wg_engine engine, size_t n,
                                     const double *x, const double *y, int64_t *grid,
                                     struct wg_error *err)
{
    enum wg_status checked = wg_assign_check_engine(engine, err);

    if (checked != WG_OK)
        return checked;
    if (engine == WG_ENGINE_INDEX && n >= INDEX_POINTS)
        return locate_by_index(store, scheme, at, n, x, y, grid, err);
    char moment[WG_INSTANT_SIZE];
    struct locating l = {
        .store = store, .scheme = scheme, .at = at ? moment : NULL, .err = err};
    int64_t *found;
    enum wg_status s = at ? wg_row_time(at, "at", moment, err) : WG_OK;

    if (s != WG_OK || n == 0)
        return s;
    found = calloc(n, sizeof *found);
    if (!found)
        return wg_fail_memory(err);
    s = wg_store_begin_read(store, err);
    if (s == WG_OK) {
        enum wg_status ended;

        s = locate_many(&l, n, x, y, found);
        ended = wg_store_commit(store, s == WG_OK ? err : NULL); /* nothing written */
        if (s == WG_OK)
            s = ended;
    }
    if (s == WG_OK)
        memcpy(grid, found, n * sizeof *grid);
    free(found);
    return s;
}
