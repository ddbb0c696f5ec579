/* The spatial index while many rows come in: filled at the end, in one statement. */
#include <stdio.h>

#include "import_job.h"
#include "internal.h"
#include "statement.h"

static const char *table_of(enum wg_noun noun)
{
    switch (noun) {
    case WG_NOUN_BUILDINGS:
        return "building";
    case WG_NOUN_PARTS:
        return "part";
    case WG_NOUN_EVENTS:
        return "event";
    default:
        return NULL; /* few rows, or rows that are looked up as they come */
    }
}

/* SpatiaLite's trigger prepares two statements for every row: half the time of a large
 * import.  It is taken away inside the transaction and put back before the commit. */
enum wg_status wg_index_rest(struct wg_job *job, struct wg_error *err)
{
    const char *table = table_of(job->noun);
    struct wg_query *q = NULL;
    char sql[96];
    bool row = false;
    if (!table)
        return WG_OK;
    snprintf(sql, sizeof sql, "gii_%s_geom", table);
    enum wg_status st = wg_query(
        job->store, "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?",
        &q, err);
    if (st)
        return st;
    wg_bind_text(q, 1, sql);
    st = wg_step(q, &row, err);
    if (!st && row && !(job->index_trigger = wg_strdup(wg_column_text(q, 0))))
        st = wg_fail_memory(err);
    wg_done(q);
    if (st || !row)
        return st;
    snprintf(sql, sizeof sql, "DROP TRIGGER gii_%s_geom", table);
    return wg_exec(job->store, sql, err);
}

enum wg_status wg_index_resume(struct wg_job *job, struct wg_error *err)
{
    const char *table = table_of(job->noun);
    const struct wg_import_report *r = job->report;
    char sql[400];
    if (!job->index_trigger)
        return WG_OK;
    snprintf(sql, sizeof sql,
             "INSERT INTO idx_%s_geom (pkid, xmin, xmax, ymin, ymax)"
             " SELECT id, MbrMinX(geom), MbrMaxX(geom), MbrMinY(geom), MbrMaxY(geom)"
             " FROM %s WHERE id BETWEEN %lld AND %lld AND geom IS NOT NULL",
             table, table, (long long)r->first_id, (long long)r->last_id);
    enum wg_status st = r->imported ? wg_exec(job->store, sql, err) : WG_OK;
    return st ? st : wg_exec(job->store, job->index_trigger, err);
}
