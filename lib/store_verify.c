/* Integrity on demand: SQLite's own check, references, spatial indexes, metadata. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store_db.h"

struct verify {
    struct wg_store *store;
    wg_report_fn *report;
    void *user;
    int64_t n; /* problems so far */
};

static void problem(struct verify *v, const char *format, ...) WG_PRINTF(2, 3);

static void problem(struct verify *v, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    v->n++;
    if (v->report)
        v->report(text, v->user);
}

/* Damage that stops one check is itself a finding; the next check still runs. */
static enum wg_status digest(struct verify *v, enum wg_status status,
                             const struct wg_error *inner, struct wg_error *err)
{
    if (!status)
        return WG_OK;
    if (status == WG_CORRUPT || status == WG_INVALID || status == WG_FORMAT) {
        problem(v, "%s", inner->text);
        return WG_OK;
    }
    if (err)
        *err = *inner;
    return status;
}

/* Visit the rows of a statement. */
typedef void row_fn(struct verify *v, struct wg_query *q);

static enum wg_status each_row(struct verify *v, const char *sql, row_fn *fn,
                               struct wg_error *err)
{
    struct wg_error inner = {0};
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(v->store, sql, &q, &inner);
    while (!status && !(status = wg_step(q, &row, &inner)) && row)
        fn(v, q);
    wg_done(q);
    return digest(v, status, &inner, err);
}

static void on_integrity(struct verify *v, struct wg_query *q)
{
    const char *text = wg_column_text(q, 0);
    if (text && strcmp(text, "ok") != 0)
        problem(v, _("The file is damaged: %s."), text);
}

static void on_foreign_key(struct verify *v, struct wg_query *q)
{
    problem(v, _("%s, row %lld, refers to a row of %s that is not there."),
            wg_column_text(q, 0), (long long)wg_column_int(q, 1), wg_column_text(q, 2));
}

static void on_geometry_column(struct verify *v, struct wg_query *q)
{
    const char *table = wg_column_text(q, 0);
    if (wg_column_int(q, 1) != v->store->srid)
        problem(v,
                _("The geometry of %s is registered with SRID %d, the district has %d."),
                table, (int)wg_column_int(q, 1), v->store->srid);
    if (wg_column_int(q, 2) != 1)
        problem(v, _("%s has no spatial index."), table);
    if (!wg_column_int(q, 3))
        problem(v, _("SRID %d of %s is not in spatial_ref_sys."),
                (int)wg_column_int(q, 1), table);
}

/* Damage that stops the check of an index is told of that index. */
static enum wg_status digest_index(struct verify *v, const char *table,
                                   enum wg_status status, const struct wg_error *inner,
                                   struct wg_error *err)
{
    if (status == WG_CORRUPT || status == WG_INVALID) {
        problem(v, _("The spatial index of %s is damaged: %s."), table, inner->text);
        return WG_OK;
    }
    return digest(v, status, inner, err);
}

/* The tree in itself. */
static enum wg_status check_tree(struct verify *v, const char *table,
                                 struct wg_error *err)
{
    char sql[96];
    struct wg_query *q = NULL;
    struct wg_error inner = {0};
    bool row = false;
    snprintf(sql, sizeof sql, "SELECT rtreecheck('idx_%s_geom')", table);
    enum wg_status status = wg_query(v->store, sql, &q, &inner);
    if (!status)
        status = wg_step(q, &row, &inner);
    if (!status && row) {
        const char *text = wg_column_text(q, 0);
        if (text && strcmp(text, "ok") != 0)
            problem(v, _("The spatial index of %s is damaged: %s."), table, text);
    }
    wg_done(q);
    return digest_index(v, table, status, &inner, err);
}

/* The tree against the rows; SpatiaLite's own CheckSpatialIndex would print to stderr. */
static enum wg_status check_index(struct verify *v, const char *table,
                                  struct wg_error *err)
{
    char sql[640];
    int64_t n = 0;
    struct wg_error inner = {0};
    snprintf(
        sql, sizeof sql,
        "SELECT (SELECT count(*) FROM %s t LEFT JOIN idx_%s_geom i ON i.pkid = t.id "
        "WHERE t.geom IS NOT NULL AND (i.pkid IS NULL OR MbrMinX(t.geom) < i.xmin OR "
        "MbrMaxX(t.geom) > i.xmax OR MbrMinY(t.geom) < i.ymin OR "
        "MbrMaxY(t.geom) > i.ymax)) + "
        "(SELECT count(*) FROM idx_%s_geom i LEFT JOIN %s t ON t.id = i.pkid "
        "WHERE t.geom IS NULL)",
        table, table, table, table);
    enum wg_status status = wg_store_number(v->store, sql, &n, &inner);
    if (!status && n > 0)
        problem(v,
                _("The spatial index of %s does not agree with %lld of its rows.  Run "
                  "SELECT RecoverSpatialIndex('%s', 'geom')."),
                table, (long long)n, table);
    return digest_index(v, table, status, &inner, err);
}

/* Every object that a new database has must be there.  The measure is a new one, made
 * in memory.  SpatiaLite's own differ between its versions and are left out. */
static enum wg_status check_objects(struct verify *v, struct wg_error *err)
{
    struct wg_store *model = NULL;
    struct wg_query *have = NULL, *want = NULL;
    struct wg_create_options options = {
        .name = "model", .lang = "en", .crs = "EPSG:4545"};
    options.default_height_m = 6;
    options.floor_height_m = 3;
    bool row = false, there = false;
    enum wg_status status = wg_store_connect(
        ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, 0, &model, err);
    if (!status)
        status = wg_store_equip(model, err);
    if (!status)
        status = wg_schema_create(model, &options, err);
    if (!status)
        status =
            wg_query(model,
                     "SELECT type, name FROM sqlite_master WHERE name NOT LIKE "
                     "'sqlite_%' AND (type IN ('table', 'view') OR tbl_name LIKE "
                     "'owner%' OR tbl_name IN "
                     "('district', 'scheme', 'grid', 'building', 'dwelling', 'part', "
                     "'officer', 'duty', 'event', 'event_status', 'event_log', "
                     "'alert', 'owner', 'owner_share', 'revision', 'road', 'surface', "
                     "'grid_past', 'draft', 'lineage', "
                     "'terrain', 'change')) AND name NOT LIKE 'tm__%' "
                     "AND name NOT IN ('KNN', 'KNN2', 'data_licenses', "
                     "'sql_statements_log') "
                     "AND (?1 >= 2 OR name NOT LIKE 'grid!_stamp%' ESCAPE '!') "
                     "AND (?1 >= 4 OR (name NOT LIKE '%grid!_past%' ESCAPE '!' AND "
                     "tbl_name NOT IN ('draft', 'lineage')))",
                     &want, err);
    if (!status)
        wg_bind_int(want, 1, v->store->version);
    while (!status && !(status = wg_step(want, &row, err)) && row) {
        status = wg_query(v->store,
                          "SELECT 1 FROM sqlite_master WHERE type = ?1 AND name = ?2",
                          &have, err);
        if (status)
            break;
        wg_bind_text(have, 1, wg_column_text(want, 0));
        wg_bind_text(have, 2, wg_column_text(want, 1));
        status = wg_step(have, &there, err);
        if (!status && !there)
            problem(v, _("“%s” (%s) is missing."), wg_column_text(want, 1),
                    wg_column_text(want, 0));
        wg_done(have);
    }
    wg_done(want);
    wg_store_close(model);
    return status;
}

/* The geometry columns by name: a damaged registry must not hide one. */
#define SPATIAL                                                                          \
    "(SELECT 'grid' AS t UNION ALL SELECT 'building' UNION ALL SELECT 'part' UNION ALL " \
    "SELECT 'event' UNION ALL SELECT 'road' UNION ALL SELECT 'surface' "                 \
    "UNION ALL SELECT 'grid_past' WHERE (SELECT user_version FROM pragma_user_version) " \
    ">= 4)"

enum wg_status wg_store_verify(struct wg_store *store, wg_report_fn *report, void *user,
                               struct wg_error *err)
{
    static const struct {
        const char *sql;
        row_fn *fn;
    } checks[] = {
        {"PRAGMA integrity_check(100)", on_integrity},
        {"SELECT \"table\", rowid, parent FROM pragma_foreign_key_check", on_foreign_key},
        {"SELECT t, coalesce(c.srid, -1), coalesce(c.spatial_index_enabled, 0), "
         "EXISTS (SELECT 1 FROM spatial_ref_sys WHERE srid = c.srid) "
         "FROM " SPATIAL " LEFT JOIN geometry_columns c "
         "ON c.f_table_name = t AND c.f_geometry_column = 'geom'",
         on_geometry_column},
    };
    struct verify v = {store, report, user, 0};
    enum wg_status status = wg_store_begin_read(store, err);
    if (status)
        return status;
    for (size_t i = 0; !status && i < sizeof checks / sizeof checks[0]; i++)
        status = each_row(&v, checks[i].sql, checks[i].fn, err);
    static const char *const spatial[] = {"grid", "building", "part",     "event",
                                          "road", "surface",  "grid_past"};
    size_t n = sizeof spatial / sizeof spatial[0] - (store->version < 4);
    for (size_t i = 0; !status && i < n; i++) {
        status = check_tree(&v, spatial[i], err);
        if (!status)
            status = check_index(&v, spatial[i], err);
    }
    if (!status) {
        struct wg_error inner = {0};
        status = digest(&v, check_objects(&v, &inner), &inner, err);
    }
    wg_store_commit(store, NULL);
    if (!status && v.n > 0)
        status = wg_fail(err, WG_CORRUPT,
                         _("%s failed %lld checks.  Restore it from a backup."),
                         store->path, (long long)v.n);
    return status;
}
