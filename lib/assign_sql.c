/* Owns the finding of owners by SpatiaLite: one SQL pass a scheme, grid by grid. */
#include "assign_job.h"

#include "internal.h"
#include "statement.h"

/*
 * The rule stands in schema/020-owner.sql, which asks one object; here the outer loop
 * goes over the grids, so that SpatiaLite's prepared geometry serves all objects in a
 * grid's box.  Grids are taken in order of code: the first that covers a point owns it.
 *
 * wg_piece holds what each grid has of a building (weight 2: the whole), wg_best the
 * owner of each object that has one, wg_cut the shares of cut buildings.
 */
static const char scratch_sql[] =
    "CREATE TEMP TABLE IF NOT EXISTS wg_piece (object_id INTEGER NOT NULL, rank INTEGER "
    "NOT NULL, grid_id INTEGER NOT NULL, weight REAL NOT NULL, PRIMARY KEY (object_id, "
    "rank)) WITHOUT ROWID;"
    "CREATE TEMP TABLE IF NOT EXISTS wg_best (object_id INTEGER PRIMARY KEY, grid_id "
    "INTEGER NOT NULL, weight REAL NOT NULL);"
    "CREATE TEMP TABLE IF NOT EXISTS wg_cut (building_id INTEGER NOT NULL, grid_id "
    "INTEGER "
    "NOT NULL, share REAL NOT NULL, PRIMARY KEY (building_id, grid_id)) WITHOUT ROWID;";

#define NOW "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
#define IN_FORCE(row, at)                                                                \
    "(" row ".valid_from IS NULL OR " row ".valid_from <= " at ") AND (" row             \
    ".valid_to IS NULL OR " row ".valid_to > " at ")"
#define MEETS_BOX                                                                        \
    "r.xmax >= MbrMinX(?1) AND r.xmin <= MbrMaxX(?1) AND r.ymax >= MbrMinY(?1) AND "     \
    "r.ymin <= MbrMaxY(?1) AND r.pkid BETWEEN ?4 AND ?5"

#define NOT_ALWAYS_PARENT                                                                \
    "NOT EXISTS (SELECT 1 FROM grid c WHERE c.parent_id = g.id AND c.valid_from IS "     \
    "NULL "                                                                              \
    "AND c.valid_to IS NULL)"

/* Every polygon of a scheme that owns now (3) or ever can (4); 5: at all times; 6: the
 * row of grid_past, of one that held before. */
static const char grids_sql[] = "SELECT g.id, g.geom, " IN_FORCE(
    "g", NOW) " AND NOT EXISTS (SELECT 1 FROM grid c "
              "WHERE c.parent_id = g.id AND " IN_FORCE(
                  "c", NOW) "), " NOT_ALWAYS_PARENT
                            ", g.geom_from IS NULL AND g.valid_from IS NULL AND "
                            "g.valid_to IS NULL AND NOT EXISTS (SELECT 1 FROM grid c "
                            "WHERE c.parent_id = g.id), 0, g.code AS code FROM grid g "
                            "WHERE g.scheme_id = ?1 AND g.geom IS NOT NULL UNION ALL "
                            "SELECT g.id, p.geom, 0, " NOT_ALWAYS_PARENT
                            ", 0, p.id, g.code FROM grid_past p CROSS JOIN grid g WHERE "
                            "p.scheme_id = ?1 AND g.id = p.grid_id AND g.scheme_id = ?1 "
                            "AND p.geom IS NOT NULL ORDER BY code";

/* ?1 the grid's geometry, ?2 its rank, ?3 its id, ?4 … ?5 the objects asked */
static const char building_sql[] =
    "INSERT INTO temp.wg_piece (object_id, rank, grid_id, weight) "
    "SELECT b.id, ?2, ?3, CASE WHEN ST_Covers(?1, b.geom) = 1 THEN 2.0 "
    "WHEN ST_Intersects(?1, b.geom) = 1 THEN min(1.0, coalesce("
    "coalesce(ST_Area(ST_Intersection(b.geom, ?1)), "
    "ST_Area(ST_Intersection(ST_Buffer(b.geom, 0), ST_Buffer(?1, 0)))) "
    "/ ST_Area(b.geom), 0.0)) ELSE 0.0 END "
    "FROM idx_building_geom r CROSS JOIN building b WHERE b.id = r.pkid AND " MEETS_BOX;

static const char part_sql[] =
    "INSERT OR IGNORE INTO temp.wg_best (object_id, grid_id, weight) "
    "SELECT p.id, ?3, 2.0 FROM idx_part_geom r CROSS JOIN part p WHERE p.id = r.pkid "
    "AND " MEETS_BOX " AND CASE WHEN EXISTS (SELECT 1 FROM temp.wg_best w WHERE "
    "w.object_id = r.pkid) THEN 0 ELSE ST_Covers(?1, p.geom) END = 1";

static const char event_sql[] =
    "INSERT OR IGNORE INTO temp.wg_best (object_id, grid_id, weight) "
    "SELECT e.id, ?3, 2.0 FROM idx_event_geom r CROSS JOIN event e WHERE e.id = r.pkid "
    "AND " MEETS_BOX " AND CASE WHEN EXISTS (SELECT 1 FROM temp.wg_best w WHERE "
    "w.object_id = r.pkid) THEN 0 ELSE ST_Covers(?1, e.geom) END = 1";

/* The same for a grid that was not always in force, or not always without children. */
#define EVENT_TIME                                                                       \
    "coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(e.occurred_at, "                   \
    "e.reported_at)), " NOW ")"
static const char dated_event_sql[] =
    "INSERT OR IGNORE INTO temp.wg_best (object_id, grid_id, weight) "
    "SELECT e.id, ?3, 2.0 FROM grid g CROSS JOIN idx_event_geom r CROSS JOIN event e "
    "WHERE g.id = ?3 AND e.id = r.pkid AND " MEETS_BOX " AND (g.geom_from IS NULL OR "
    "g.geom_from <= " EVENT_TIME ") AND " IN_FORCE(
        "g", EVENT_TIME) " AND CASE "
                         "WHEN EXISTS (SELECT 1 FROM temp.wg_best w WHERE w.object_id = "
                         "r.pkid) THEN 0 "
                         "WHEN EXISTS (SELECT 1 FROM grid c WHERE c.parent_id = ?3 "
                         "AND " IN_FORCE(
                             "c",
                             EVENT_TIME) ") THEN 0 ELSE ST_Covers(?1, e.geom) END = 1";

/* ?6: one that held before. */
static const char past_event_sql[] =
    "INSERT OR IGNORE INTO temp.wg_best (object_id, grid_id, weight) "
    "SELECT e.id, ?3, 2.0 FROM grid_past p CROSS JOIN grid g CROSS JOIN idx_event_geom r "
    "CROSS JOIN event e WHERE p.id = ?6 AND g.id = p.grid_id AND e.id = r.pkid "
    "AND " MEETS_BOX " AND (p.valid_from IS NULL OR p.valid_from <= " EVENT_TIME
    ") AND p.valid_to > " EVENT_TIME " AND " IN_FORCE(
        "g", EVENT_TIME) " AND CASE WHEN EXISTS (SELECT 1 FROM temp.wg_best w WHERE "
                         "w.object_id = r.pkid) "
                         "THEN 0 WHEN EXISTS (SELECT 1 FROM grid c WHERE c.parent_id = "
                         "?3 AND " IN_FORCE(
                             "c",
                             EVENT_TIME) ") THEN 0 ELSE ST_Covers(?1, e.geom) END = 1";

static const char best_sql[] =
    "INSERT INTO temp.wg_best (object_id, grid_id, weight) "
    "SELECT object_id, grid_id, weight FROM (SELECT object_id, grid_id, weight, "
    "row_number() OVER (PARTITION BY object_id ORDER BY round(weight, 9) DESC, rank) AS "
    "place FROM temp.wg_piece) WHERE place = 1 AND round(weight, 9) > 0";

/* Pieces of any size that own, others above WG_CUT_SHARE; two make a cut. */
static const char cut_sql[] =
    "INSERT INTO temp.wg_cut (building_id, grid_id, share) "
    "SELECT object_id, grid_id, share FROM (SELECT object_id, grid_id, share, "
    "count(*) OVER (PARTITION BY object_id) AS n FROM (SELECT w.object_id, "
    "iif(o.outside, "
    "0, w.grid_id) AS grid_id, iif(o.outside, round(1.0 - w.total, 12), w.share) AS "
    "share "
    "FROM (SELECT object_id, grid_id, min(weight, 1.0) AS share, row_number() OVER "
    "(PARTITION BY object_id ORDER BY grid_id) AS place, sum(min(weight, 1.0)) OVER "
    "(PARTITION BY object_id) AS total FROM temp.wg_piece WHERE object_id IN (SELECT "
    "object_id FROM temp.wg_piece WHERE weight > 0 GROUP BY object_id HAVING count(*) > "
    "1 "
    "OR max(weight) < 1.0)) w JOIN (SELECT 0 AS outside UNION ALL SELECT 1) o ON "
    "o.outside = 0 OR w.place = 1) p WHERE share > 1e-4 OR grid_id = (SELECT b.grid_id "
    "FROM "
    "temp.wg_best b WHERE b.object_id = p.object_id)) WHERE n > 1";

/* ?1 scheme, ?2 … ?3 the objects asked; %1$s the table, %2$d the kind */
#define SETTLE_SQL(table, kind)                                                          \
    "INSERT INTO owner (kind, object_id, scheme_id, grid_id, share, how) SELECT " kind   \
    ", o.id, ?1, w.grid_id, coalesce(min(w.weight, 1.0), 0.0), CASE WHEN o.geom IS "     \
    "NULL "                                                                              \
    "THEN 'no place' WHEN w.grid_id IS NULL THEN 'outside' WHEN w.weight = 2.0 THEN "    \
    "'cover' ELSE 'share' END FROM " table                                               \
    " o LEFT JOIN temp.wg_best w ON w.object_id = "                                      \
    "o.id WHERE o.id BETWEEN ?2 AND ?3 ON CONFLICT (scheme_id, kind, object_id) DO "     \
    "UPDATE SET grid_id = excluded.grid_id, share = excluded.share, how = excluded.how " \
    "WHERE grid_id IS NOT excluded.grid_id OR share IS NOT excluded.share OR how IS "    \
    "NOT "                                                                               \
    "excluded.how"
#define STALE_SQL(table, kind)                                                           \
    "DELETE FROM owner WHERE scheme_id = ?1 AND kind = " kind                            \
    " AND object_id BETWEEN ?2 AND ?3 AND NOT EXISTS (SELECT 1 FROM " table              \
    " o WHERE o.id = owner.object_id)"

static const struct {
    const char *ask, *settle, *stale;
} kinds[WG_KIND_COUNT] = {
    [WG_KIND_BUILDING] = {building_sql, SETTLE_SQL("building", "1"),
                          STALE_SQL("building", "1")},
    [WG_KIND_PART] = {part_sql, SETTLE_SQL("part", "2"), STALE_SQL("part", "2")},
    [WG_KIND_EVENT] = {event_sql, SETTLE_SQL("event", "3"), STALE_SQL("event", "3")},
};

static const char share_sql[] =
    "INSERT INTO owner_share (scheme_id, building_id, grid_id, share) "
    "SELECT ?1, building_id, grid_id, share FROM temp.wg_cut WHERE building_id BETWEEN "
    "?2 "
    "AND ?3 ON CONFLICT (scheme_id, building_id, grid_id) DO UPDATE SET share = "
    "excluded.share WHERE share IS NOT excluded.share";
static const char stale_share_sql[] =
    "DELETE FROM owner_share WHERE scheme_id = ?1 AND building_id BETWEEN ?2 AND ?3 AND "
    "NOT EXISTS (SELECT 1 FROM temp.wg_cut c WHERE c.building_id = "
    "owner_share.building_id "
    "AND c.grid_id = owner_share.grid_id)";

/* The whole building of lowest id whose footprint covers an event that names none. */
#define LINK_SQL(join, range)                                                            \
    "UPDATE event SET building_id = f.building FROM (SELECT e.id AS event, min(b.id) "   \
    "AS "                                                                                \
    "building FROM " join " WHERE e.building_id IS NULL AND " range                      \
    " AND b.part_of IS NULL AND (b.valid_to IS NULL OR b.valid_to > " NOW                \
    ") AND ST_Covers(b.geom, e.geom) = 1 GROUP BY e.id) AS f WHERE event.id = f.event"
static const char link_events_sql[] = LINK_SQL(
    "event e CROSS JOIN idx_building_geom r CROSS JOIN building b",
    "e.id BETWEEN ?1 AND ?2 AND b.id = r.pkid AND r.xmax >= ST_X(e.geom) AND "
    "r.xmin <= ST_X(e.geom) AND r.ymax >= ST_Y(e.geom) AND r.ymin <= ST_Y(e.geom)");
static const char link_buildings_sql[] =
    LINK_SQL("building b CROSS JOIN idx_event_geom r CROSS JOIN event e",
             "b.id BETWEEN ?1 AND ?2 AND e.id = r.pkid AND r.xmax >= MbrMinX(b.geom) AND "
             "r.xmin <= MbrMaxX(b.geom) AND r.ymax >= MbrMinY(b.geom) AND r.ymin <= "
             "MbrMaxY(b.geom)");

static enum wg_status clear_scratch(struct wg_asking *a)
{
    return wg_exec(a->store,
                   "DELETE FROM temp.wg_piece; DELETE FROM temp.wg_best; "
                   "DELETE FROM temp.wg_cut",
                   a->err);
}

/* One grid (a row of grids_sql) and all objects in its box. */
static enum wg_status ask_grid(struct wg_asking *a, enum wg_kind kind,
                               struct wg_query *grid, int64_t rank)
{
    bool owns = wg_column_int(grid, kind == WG_KIND_EVENT ? 3 : 2);
    const char *sql = kinds[kind].ask;
    struct wg_query *q;
    const void *blob;
    size_t size;
    enum wg_status s;

    if (!owns)
        return WG_OK;
    int64_t past = wg_column_int(grid, 5);
    if (kind == WG_KIND_EVENT && !wg_column_int(grid, 4))
        sql = past ? past_event_sql : dated_event_sql;
    s = wg_query(a->store, sql, &q, a->err);
    if (s != WG_OK)
        return s;
    blob = wg_column_blob(grid, 1, &size);
    wg_bind_blob(q, 1, blob, size);
    if (kind == WG_KIND_BUILDING)
        wg_bind_int(q, 2, rank);
    wg_bind_int(q, 3, wg_column_int(grid, 0));
    wg_bind_int(q, 4, a->first);
    wg_bind_int(q, 5, a->last);
    if (sql == past_event_sql)
        wg_bind_int(q, 6, past);
    return wg_run(q, a->err);
}

static enum wg_status ask_grids(struct wg_asking *a, int64_t scheme, enum wg_kind kind)
{
    struct wg_query *grid;
    bool row;
    int64_t rank = 0;
    enum wg_status s = wg_query(a->store, grids_sql, &grid, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(grid, 1, scheme);
    while ((s = wg_step(grid, &row, a->err)) == WG_OK && row) {
        s = ask_grid(a, kind, grid, rank++);
        if (s == WG_OK)
            s = wg_asking_step(a, 1);
        if (s != WG_OK)
            break;
    }
    wg_done(grid);
    return s;
}

/* Run one of the statements with ?1 scheme, ?2 … ?3 objects. */
static enum wg_status settle(struct wg_asking *a, const char *sql, int64_t scheme)
{
    struct wg_query *q;
    enum wg_status s = wg_query(a->store, sql, &q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, a->first);
    wg_bind_int(q, 3, a->last);
    return wg_run(q, a->err);
}

static enum wg_status settle_shares(struct wg_asking *a, int64_t scheme)
{
    enum wg_status s = wg_exec(a->store, cut_sql, a->err);

    if (s == WG_OK)
        s = settle(a, stale_share_sql, scheme);
    if (s == WG_OK)
        s = settle(a, share_sql, scheme);
    return s;
}

/* The scratch tables are left empty: they hold no pages while they wait. */
enum wg_status wg_assign_kind_sql(struct wg_asking *a, int64_t scheme, enum wg_kind kind)
{
    enum wg_status s = wg_exec(a->store, scratch_sql, a->err);

    if (s == WG_OK)
        s = clear_scratch(a);
    if (s == WG_OK)
        s = ask_grids(a, scheme, kind);
    if (s == WG_OK && kind == WG_KIND_BUILDING)
        s = wg_exec(a->store, best_sql, a->err);
    if (s == WG_OK)
        s = settle(a, kinds[kind].stale, scheme);
    if (s == WG_OK)
        s = settle(a, kinds[kind].settle, scheme);
    if (s == WG_OK && kind == WG_KIND_BUILDING)
        s = settle_shares(a, scheme);
    if (s == WG_OK)
        s = clear_scratch(a);
    return s == WG_OK ? wg_asking_step(a, 1) : s;
}

enum wg_status wg_assign_link_sql(struct wg_asking *a, enum wg_kind kind)
{
    const char *sql = kind == WG_KIND_BUILDING ? link_buildings_sql : link_events_sql;
    struct wg_query *q;
    enum wg_status s = wg_query(a->store, sql, &q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, a->first);
    wg_bind_int(q, 2, a->last);
    return wg_run(q, a->err);
}
