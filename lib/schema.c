/* The content of a new database: CRS rows, tables, geometry columns, triggers, views,
 * styles.  The SQL lies in lib/schema/ and is embedded by the build. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store_db.h"
#include "wangge/crs.h"

extern const char wg_sql_001_tables_sql[];
extern const char wg_sql_010_housekeeping_sql[];
extern const char wg_sql_011_owner_changes_sql[];
extern const char wg_sql_012_grid_stamp_sql[];
extern const char wg_sql_013_event_writes_sql[];
extern const char wg_sql_014_revisions_sql[];
extern const char wg_sql_020_owner_sql[];
extern const char wg_sql_021_owner_triggers_sql[];
extern const char wg_sql_030_views_sql[];
extern const char wg_sql_040_styles_sql[];
extern const char wg_sql_style_grid_qml[];
extern const char wg_sql_style_building_qml[];
extern const char wg_sql_style_building_alert_qml[];
extern const char wg_sql_style_event_qml[];
extern const char wg_sql_style_event_level_qml[];
extern const char wg_sql_style_part_qml[];
extern const char wg_sql_style_road_qml[];
extern const char wg_sql_style_surface_qml[];

/* A CRS without an EPSG code gets this row number, far from any authority's. */
#define OWN_SRID 990001

/* ---- the district's CRS ---- */

struct crs_row {
    int srid;
    char auth[16];
    int code;
    char name[128];
    char text[32]; /* "EPSG:4545"; empty where it has no code */
};

static enum wg_status insert_crs_row(struct wg_store *store, const char *crs,
                                     const struct crs_row *row, struct wg_error *err)
{
    char *wkt = NULL, *proj4 = NULL;
    struct wg_query *q = NULL;
    enum wg_status status = wg_crs_wkt(crs, &wkt, err);
    if (!status && wg_crs_proj4(crs, &proj4, NULL))
        proj4 = NULL; /* not every CRS has one; QGIS and GDAL then use the WKT */
    if (!status)
        status = wg_query(store,
                          "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, "
                          "ref_sys_name, proj4text, srtext) VALUES (?1, ?2, ?3, ?4, ?5, "
                          "?6)",
                          &q, err);
    if (!status) {
        wg_bind_int(q, 1, row->srid);
        wg_bind_text(q, 2, row->auth);
        wg_bind_int(q, 3, row->code);
        wg_bind_text(q, 4, row->name);
        wg_bind_text(q, 5, proj4 ? proj4 : "");
        wg_bind_text(q, 6, wkt);
        status = wg_run(q, err);
    }
    wg_free(wkt);
    wg_free(proj4);
    return status;
}

/* Put an EPSG code into spatial_ref_sys: from SpatiaLite's own list, else from PROJ. */
static enum wg_status insert_epsg(struct wg_store *store, int code, struct wg_error *err)
{
    char sql[96];
    int64_t there = 0;
    snprintf(sql, sizeof sql, "SELECT InsertEpsgSrid(%d)", code);
    enum wg_status status = wg_store_number(store, sql, &there, err);
    if (status || there == 1)
        return status;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM spatial_ref_sys WHERE srid = %d",
             code);
    status = wg_store_number(store, sql, &there, err);
    if (status || there == 1)
        return status;
    struct crs_row row = {.srid = code, .auth = "epsg", .code = code};
    struct wg_crs_info info;
    char name[32];
    snprintf(name, sizeof name, "EPSG:%d", code);
    status = wg_crs_describe(name, &info, err);
    if (status)
        return status;
    snprintf(row.name, sizeof row.name, "%s", info.name);
    return insert_crs_row(store, name, &row, err);
}

static enum wg_status insert_district_crs(struct wg_store *store, const char *crs,
                                          struct crs_row *row, struct wg_error *err)
{
    struct wg_crs_info info;
    enum wg_status status = wg_crs_describe(crs, &info, err);
    if (status)
        return status;
    *row = (struct crs_row){.srid = OWN_SRID, .code = info.code};
    snprintf(row->name, sizeof row->name, "%s", info.name);
    if (wg_text_equal_fold(info.auth, "EPSG") && info.code > 0) {
        row->srid = info.code;
        snprintf(row->text, sizeof row->text, "EPSG:%d", info.code);
        return insert_epsg(store, info.code, err);
    }
    if (info.auth[0] && info.code > 0) {
        snprintf(row->auth, sizeof row->auth, "%s", info.auth);
        snprintf(row->text, sizeof row->text, "%s:%d", info.auth, info.code);
    } else {
        snprintf(row->auth, sizeof row->auth, "NONE");
        row->code = OWN_SRID;
    }
    return insert_crs_row(store, crs, row, err);
}

/* ---- tables ---- */

static enum wg_status create_metadata(struct wg_store *store, struct wg_error *err)
{
    static const int codes[] = {4326, 4490, 3857};
    int64_t done = 0;
    enum wg_status status =
        wg_store_number(store, "SELECT InitSpatialMetadata(0, 'NONE')", &done, err);
    if (!status && done != 1)
        status = wg_fail(err, WG_INTERNAL,
                         _("SpatiaLite could not make its tables in %s."), store->path);
    for (size_t i = 0; !status && i < sizeof codes / sizeof codes[0]; i++)
        status = insert_epsg(store, codes[i], err);
    /* SpatiaLite's names for "no CRS"; GDAL looks for them. */
    if (!status)
        status = wg_exec(store,
                         "INSERT OR IGNORE INTO spatial_ref_sys (srid, auth_name, "
                         "auth_srid, ref_sys_name, proj4text, srtext) VALUES "
                         "(-1, 'NONE', -1, 'Undefined - Cartesian', '', 'Undefined'),"
                         "(0, 'NONE', 0, 'Undefined - Geographic Long/Lat', '', "
                         "'Undefined')",
                         err);
    return status;
}

static const struct {
    const char *table, *type;
} spatial[] = {
    {"grid", "MULTIPOLYGON"}, {"building", "MULTIPOLYGON"}, {"part", "POINT"},
    {"event", "POINT"},       {"road", "LINESTRING"},       {"surface", "MULTIPOLYGON"},
};
#define N_SPATIAL (sizeof spatial / sizeof spatial[0])

static enum wg_status create_geometry(struct wg_store *store, int srid,
                                      struct wg_error *err)
{
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < N_SPATIAL; i++) {
        char sql[200];
        int64_t done = 0;
        snprintf(sql, sizeof sql,
                 "SELECT AddGeometryColumn('%s', 'geom', %d, '%s', 'XY') + "
                 "CreateSpatialIndex('%s', 'geom')",
                 spatial[i].table, srid, spatial[i].type, spatial[i].table);
        status = wg_store_number(store, sql, &done, err);
        if (!status && done != 2)
            status = wg_fail(err, WG_INTERNAL,
                             _("SpatiaLite could not make the geometry of %s in %s."),
                             spatial[i].table, store->path);
    }
    return status;
}

/* Make SpatiaLite's triggers again, as the newest: SQLite runs the triggers of one
 * moment from the newest to the oldest, and ours must find the row in the spatial index.
 * Also, a geometry of the wrong kind shall fail its statement (ABORT), not throw away
 * the whole transaction around it (ROLLBACK). */
static enum wg_status renew_geometry_triggers(struct wg_store *store,
                                              struct wg_error *err)
{
    struct wg_query *q = NULL;
    char *script = NULL;
    bool row = false;
    enum wg_status status = wg_query(
        store,
        "SELECT group_concat('DROP TRIGGER \"' || name || '\";' || replace(sql, "
        "'RAISE(ROLLBACK', 'RAISE(ABORT') || ';', ' ') FROM (SELECT name, sql "
        "FROM sqlite_master JOIN geometry_columns ON f_table_name = tbl_name "
        "WHERE type = 'trigger' AND name LIKE '___!_' || tbl_name || '!_geom' ESCAPE '!' "
        "ORDER BY sqlite_master.rowid)",
        &q, err);
    if (!status)
        status = wg_step(q, &row, err);
    if (!status && row && wg_column_text(q, 0)) {
        script = wg_strdup(wg_column_text(q, 0));
        if (!script)
            status = wg_fail_memory(err);
    }
    wg_done(q);
    if (!status && script)
        status = wg_exec(store, script, err);
    free(script);
    return status;
}

/* Each live table tells the change log of every row that comes, changes or goes.
 * Plain SQL: it must work for a client without SpatiaLite. */
static enum wg_status renew_change_triggers(struct wg_store *store, struct wg_error *err)
{
    static const struct {
        const char *table, *key;
    } live[] = {
        {"district", "id"}, {"scheme", "id"},
        {"grid", "id"},     {"building", "id"},
        {"dwelling", "id"}, {"part", "id"},
        {"officer", "id"},  {"duty", "id"},
        {"event", "id"},    {"event_status", "event_id"},
        {"alert", "id"},    {"road", "id"},
        {"surface", "id"},  {"terrain", "id"},
        {"revision", "id"}, {"draft", "id"},
    };
    static const struct {
        const char *verb, *row;
    } ops[] = {{"INSERT", "new"}, {"UPDATE", "new"}, {"DELETE", "old"}};
    enum wg_status status = WG_OK;
    for (size_t i = 0; i < sizeof live / sizeof live[0]; i++) {
        for (size_t k = 0; !status && k < sizeof ops / sizeof ops[0]; k++) {
            char sql[400];
            snprintf(sql, sizeof sql,
                     "DROP TRIGGER IF EXISTS change_%s_%c;\n"
                     "CREATE TRIGGER change_%s_%c AFTER %s ON %s BEGIN\n"
                     "    INSERT INTO change (tbl, rid, op) VALUES ('%s', %s.%s, '%c');\n"
                     "END",
                     live[i].table, ops[k].verb[0], live[i].table, ops[k].verb[0],
                     ops[k].verb, live[i].table, live[i].table, ops[k].row, live[i].key,
                     ops[k].verb[0]);
            status = wg_exec(store, sql, err);
        }
    }
    return status;
}

enum wg_status wg_schema_renew_triggers(struct wg_store *store, struct wg_error *err)
{
    enum wg_status status = renew_change_triggers(store, err);
    return status ? status : renew_geometry_triggers(store, err);
}

/* ---- styles ---- */

/* QGIS finds a style only where catalogue and schema are NULL. */
static enum wg_status insert_styles(struct wg_store *store, struct wg_error *err)
{
    static const struct {
        const char *table, *name, *qml, *text;
    } styles[] = {
        {"grid", "grids", wg_sql_style_grid_qml, "Grids: outline, tint and code"},
        {"v_grid_status", "grids", wg_sql_style_grid_qml,
         "Grids: outline, tint and code"},
        {"building", "height source", wg_sql_style_building_qml,
         "Buildings by where their height is from"},
        {"v_building", "alert level", wg_sql_style_building_alert_qml,
         "Buildings by alert level"},
        {"v_building_cut", "height source", wg_sql_style_building_qml,
         "Buildings by where their height is from"},
        {"event", "events", wg_sql_style_event_qml, "Events"},
        {"v_event", "alert level", wg_sql_style_event_level_qml, "Events by alert level"},
        {"v_event_open", "alert level", wg_sql_style_event_level_qml,
         "Events by alert level"},
        {"part", "parts", wg_sql_style_part_qml, "Parts"},
        {"v_part", "parts", wg_sql_style_part_qml, "Parts"},
        {"road", "roads", wg_sql_style_road_qml, "Roads by width"},
        {"surface", "surfaces", wg_sql_style_surface_qml, "Surfaces by kind"},
    };
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < sizeof styles / sizeof styles[0]; i++) {
        struct wg_query *q = NULL;
        status = wg_query(store,
                          "INSERT INTO layer_styles (f_table_name, f_geometry_column, "
                          "styleName, styleQML, styleSLD, useAsDefault, description) "
                          "VALUES (?1, 'geom', ?2, ?3, '', 1, ?4)",
                          &q, err);
        if (status)
            break;
        wg_bind_text(q, 1, styles[i].table);
        wg_bind_text(q, 2, styles[i].name);
        wg_bind_text(q, 3, styles[i].qml);
        wg_bind_text(q, 4, styles[i].text);
        status = wg_run(q, err);
    }
    return status;
}

/* ---- the whole ---- */

static enum wg_status insert_district(struct wg_store *store,
                                      const struct wg_create_options *options,
                                      const struct crs_row *crs, struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(store,
                                     "INSERT INTO district (id, name, lang, crs, srid, "
                                     "default_height_m, floor_height_m) "
                                     "VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
                                     &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, options->name);
    wg_bind_text(q, 2, options->lang);
    wg_bind_text(q, 3, crs->text[0] ? crs->text : options->crs);
    wg_bind_int(q, 4, crs->srid);
    wg_bind_real(q, 5, options->default_height_m);
    wg_bind_real(q, 6, options->floor_height_m);
    return wg_run(q, err);
}

enum wg_status wg_schema_create(struct wg_store *store,
                                const struct wg_create_options *options,
                                struct wg_error *err)
{
    /* In the order of the triggers, the last to run first: an object's row in the change
     * log stands before what follows from it. */
    static const char *const files[] = {
        wg_sql_020_owner_sql,        wg_sql_021_owner_triggers_sql,
        wg_sql_010_housekeeping_sql, wg_sql_011_owner_changes_sql,
        wg_sql_012_grid_stamp_sql,   wg_sql_013_event_writes_sql,
        wg_sql_014_revisions_sql,    wg_sql_030_views_sql,
        wg_sql_040_styles_sql,
    };
    struct crs_row crs;
    enum wg_status status = wg_store_begin(store, err);
    if (status)
        return status;
    status = create_metadata(store, err);
    if (!status)
        status = insert_district_crs(store, options->crs, &crs, err);
    if (!status)
        status = wg_exec(store, wg_sql_001_tables_sql, err);
    if (!status)
        status = create_geometry(store, crs.srid, err);
    for (size_t i = 0; !status && i < sizeof files / sizeof files[0]; i++)
        status = wg_exec(store, files[i], err);
    if (!status)
        status = wg_schema_renew_triggers(store, err);
    if (!status)
        status = insert_styles(store, err);
    if (!status)
        status = insert_district(store, options, &crs, err);
    if (!status) {
        char sql[96];
        snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                 WG_APPLICATION_ID, WG_SCHEMA_VERSION);
        status = wg_exec(store, sql, err);
    }
    if (!status)
        status = wg_store_commit(store, err);
    if (status)
        wg_store_rollback(store);
    return status;
}
