/* Grids from a file: the scheme, one row, the parents when all rows are in. */
#include <stdio.h>
#include <string.h>

#include "import_job.h"
#include "internal.h"
#include "statement.h"

enum wg_status wg_start_scheme(struct wg_job *job, struct wg_error *err)
{
    const char *name = job->opt->scheme;
    struct wg_scheme scheme;
    enum wg_status st = wg_scheme_find(job->store, name, &job->scheme, err);
    if (st != WG_NOT_FOUND || !name || job->noun != WG_NOUN_GRIDS)
        return st;
    wg_scheme_init(&scheme);
    scheme.name = name;
    scheme.code_form = job->opt->code_form;
    return wg_scheme_create(job->store, &scheme, &job->scheme, err);
}

/* What waits until all rows are in: kept by SQLite, so that memory does not grow. */
enum wg_status wg_start_links(struct wg_job *job, struct wg_error *err)
{
    return wg_exec(job->store,
                   "CREATE TEMP TABLE IF NOT EXISTS import_link"
                   " (child INTEGER PRIMARY KEY, fid INTEGER NOT NULL, key TEXT);"
                   "DELETE FROM temp.import_link",
                   err);
}

static enum wg_status remember(struct wg_job *job, int64_t child, const char *key,
                               struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status st = wg_query(
        job->store, "INSERT OR REPLACE INTO temp.import_link VALUES (?, ?, ?)", &q, err);
    if (st)
        return st;
    wg_bind_int(q, 1, child);
    wg_bind_int(q, 2, job->fid);
    wg_bind_text(q, 3, key);
    return wg_run(q, err);
}

/* The feature that made this grid in this import; *fid stays where there is none. */
static enum wg_status maker_of(struct wg_job *job, int64_t grid, int64_t *fid,
                               bool *found, struct wg_error *err)
{
    struct wg_query *q = NULL;
    *found = false;
    enum wg_status st =
        wg_query(job->store, "SELECT fid FROM temp.import_link WHERE child = ?", &q, err);
    if (!st) {
        wg_bind_int(q, 1, grid);
        st = wg_step(q, found, err);
    }
    if (!st && *found)
        *fid = wg_column_int(q, 0);
    wg_done(q);
    return st;
}

static enum wg_status read_texts(struct wg_job *job, struct wg_grid *grid,
                                 struct wg_error *err)
{
    const char *level = NULL;
    enum wg_status st = wg_field_text(job, WG_F_CODE, &grid->code, err);
    if (!st)
        st = wg_field_text(job, WG_F_NAME, &grid->name, err);
    if (!st)
        st = wg_field_text(job, WG_F_NOTE, &grid->note, err);
    if (!st)
        st = wg_field_text(job, WG_F_KIND, &grid->kind, err);
    if (!st)
        st = wg_field_text(job, WG_F_LEVEL, &level, err);
    if (st)
        return st;
    grid->valid_from = wg_field_time(job, WG_F_VALID_FROM);
    grid->valid_to = wg_field_time(job, WG_F_VALID_TO);
    if (job->opt->kind)
        grid->kind = job->opt->kind;
    /* a word only: a bare number may be anybody's level */
    grid->level = job->opt->level;
    if (!grid->level && level && (*level < '0' || *level > '9'))
        grid->level = wg_level_parse(level);
    return WG_OK;
}

static enum wg_status update_grid(struct wg_job *job, int64_t id,
                                  const struct wg_grid *from, struct wg_error *err)
{
    struct wg_grid grid;
    wg_grid_init(&grid);
    enum wg_status st = wg_grid_read(job->store, id, &grid, err);
    if (st)
        return st;
    struct wg_grid next = grid; /* its strings stay with `grid` */
    if (job->field[WG_F_NAME] >= 0)
        next.name = from->name;
    if (job->field[WG_F_NOTE] >= 0)
        next.note = from->note;
    if (from->kind)
        next.kind = from->kind;
    if (from->level)
        next.level = from->level;
    if (from->parent)
        next.parent = from->parent;
    if (job->field[WG_F_VALID_FROM] >= 0)
        next.valid_from = from->valid_from;
    if (job->field[WG_F_VALID_TO] >= 0)
        next.valid_to = from->valid_to;
    next.geometry = from->geometry;
    st = wg_grid_update(job->store, &next, err);
    wg_grid_finish(&grid);
    return st;
}

/* There is a grid of this code: of this file, or from before. */
static enum wg_status meet_grid(struct wg_job *job, int64_t id,
                                const struct wg_grid *grid, struct wg_error *err)
{
    int64_t fid = 0;
    bool here;
    enum wg_status st = maker_of(job, id, &fid, &here, err);
    if (st)
        return st;
    if (here)
        return wg_fail_row(
            err, WG_EXISTS, job->fid,
            _("its code %s is also that of feature %lld: join the two into "
              "one multipolygon or give each its own"),
            grid->code, (long long)fid);
    if (!job->opt->update)
        return wg_fail_row(err, WG_EXISTS, job->fid,
                           _("grid %s is already there: say update to replace it"),
                           grid->code);
    return update_grid(job, id, grid, err);
}

enum wg_status wg_row_grid(struct wg_job *job, struct wg_error *err)
{
    struct wg_grid grid;
    const struct wg_multipolygon *mp;
    const char *parent;
    int64_t id = 0;
    wg_grid_init(&grid);
    enum wg_status st = read_texts(job, &grid, err);
    if (!st)
        st = wg_field_text(job, WG_F_PARENT, &parent, err);
    if (st)
        return st;
    if (!grid.code)
        return wg_fail_row(err, WG_CONSTRAINT, job->fid,
                           job->field[WG_F_CODE] < 0
                               ? _("no field of codes is known: state it with code")
                               : _("it has no code"));
    st = wg_job_polygon(job, true, &mp, err);
    if (st)
        return st;
    grid.scheme = job->scheme;
    grid.geometry = *mp;
    if (parent) {
        st = wg_grid_find(job->store, job->scheme, parent, &grid.parent, NULL);
        if (st && st != WG_NOT_FOUND)
            return wg_fail_row(err, st, job->fid, _("its parent cannot be looked up"));
    }
    st = wg_grid_find(job->store, job->scheme, grid.code, &id, NULL);
    bool is_new = st == WG_NOT_FOUND;
    if (is_new)
        st = wg_grid_create(job->store, &grid, &id, err);
    else if (!st)
        st = meet_grid(job, id, &grid, err);
    if (!st)
        st = remember(job, id, grid.parent ? NULL : parent, err);
    if (st)
        return st;
    job->deferred += parent && !grid.parent;
    wg_job_made(job, id, is_new);
    return WG_OK;
}

static enum wg_status link_named(struct wg_job *job, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_exec(
        job->store,
        "UPDATE grid SET parent_id = (SELECT p.id FROM temp.import_link l JOIN grid p"
        " ON p.scheme_id = grid.scheme_id AND p.code = l.key AND p.level < grid.level"
        " WHERE l.child = grid.id)"
        " WHERE id IN (SELECT child FROM temp.import_link WHERE key IS NOT NULL)",
        err);
    if (!st)
        st = wg_query(job->store,
                      "SELECT count(*), min(l.key) FROM temp.import_link l"
                      " JOIN grid g ON g.id = l.child"
                      " WHERE l.key IS NOT NULL AND g.parent_id IS NULL",
                      &q, err);
    if (!st)
        st = wg_step(q, &row, err);
    if (!st && row && wg_column_int(q, 0))
        wg_job_warn(
            job,
            _("%lld grids name a parent that scheme has not at a higher level, for "
              "instance “%s”; import the higher level to have them linked."),
            (long long)wg_column_int(q, 0), wg_column_text(q, 1));
    wg_done(q);
    return st;
}

/* A level that comes in between takes over the children of those above it that lie in
 * it; a child that lies in none of it keeps the parent it has. */
static enum wg_status let_go(struct wg_job *job, struct wg_error *err)
{
    char sql[1200];
    const struct wg_import_report *r = job->report;
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE IF NOT EXISTS import_parent"
             " (child INTEGER PRIMARY KEY, parent INTEGER NOT NULL);"
             "DELETE FROM temp.import_parent;"
             "INSERT INTO temp.import_parent SELECT c.id, c.parent_id FROM grid c"
             " JOIN grid p ON p.id = c.parent_id WHERE c.scheme_id = %lld AND EXISTS"
             " (SELECT 1 FROM (SELECT DISTINCT level FROM grid WHERE scheme_id = %lld"
             " AND id BETWEEN %lld AND %lld) n WHERE n.level > p.level"
             " AND n.level < c.level);"
             "UPDATE grid SET parent_id = NULL"
             " WHERE id IN (SELECT child FROM temp.import_parent)",
             (long long)job->scheme, (long long)job->scheme, (long long)r->first_id,
             (long long)r->last_id);
    return wg_exec(job->store, sql, err);
}

static enum wg_status take_back(struct wg_job *job, struct wg_error *err)
{
    return wg_exec(job->store,
                   "UPDATE grid SET parent_id = (SELECT parent FROM temp.import_parent"
                   " WHERE child = grid.id) WHERE parent_id IS NULL"
                   " AND id IN (SELECT child FROM temp.import_parent)",
                   err);
}

enum wg_status wg_end_grids(struct wg_job *job, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = job->deferred ? link_named(job, err) : WG_OK;
    if (!st)
        st = wg_query(job->store,
                      "SELECT count(DISTINCT level) FROM grid WHERE scheme_id = ?", &q,
                      err);
    if (st)
        return st;
    wg_bind_int(q, 1, job->scheme);
    st = wg_step(q, &row, err);
    bool levels = !st && row && wg_column_int(q, 0) > 1;
    wg_done(q);
    if (st || !levels)
        return st;
    st = let_go(job, err);
    if (!st)
        st = wg_grid_link_parents(job->store, job->scheme, NULL, err);
    return st ? st : take_back(job, err);
}
