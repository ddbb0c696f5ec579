/* Rules about what stands in the grids: cut buildings, size norms, officers. */
#include <math.h>

#include "check_job.h"
#include "internal.h"
#include "statement.h"
#include "wangge/building.h"

/* ---- buildings that a boundary cuts ---- */

static const char *const owner_of_building =
    "SELECT o.share, g.code, g.id FROM owner o LEFT JOIN grid g ON g.id = o.grid_id "
    "WHERE o.scheme_id = ?1 AND o.kind = 1 AND o.object_id = ?2";

struct cut {
    struct wg_check_job *job;
    enum wg_status status;
};

static bool tell_cut(const struct wg_building *b, void *user)
{
    struct cut *cut = user;
    struct wg_check_job *job = cut->job;
    struct wg_query *q = NULL;
    bool row = false;
    cut->status = wg_query(job->store, owner_of_building, &q, job->err);
    if (cut->status)
        return false;
    wg_bind_int(q, 1, job->scheme.id);
    wg_bind_int(q, 2, b->id);
    cut->status = wg_step(q, &row, job->err);
    if (!cut->status && row) {
        struct wg_point c = wg_multipolygon_centroid(&b->geometry);
        double outside = 1 - wg_column_real(q, 0);
        const char *code = wg_column_text(q, 1);
        struct wg_finding f = {
            .rule = WG_RULE_CUT_BUILDING,
            .building = b->id,
            .grid = wg_column_int(q, 2),
            .grid_code = code,
            .x = c.x,
            .y = c.y,
            .size = outside,
            .cure = _("Lead the boundary around the building, or say that it is two.")};
        wg_check_tell(job, &f,
                      _("A boundary cuts building %lld (%s): %.1f %% lie outside %s."),
                      (long long)b->id,
                      b->code        ? b->code
                      : b->source_id ? b->source_id
                      : b->name      ? b->name
                                     : "-",
                      100 * outside, code ? code : _("every grid"));
    }
    wg_done(q);
    return !cut->status && !job->stopped;
}

enum wg_status wg_check_cut_buildings(struct wg_check_job *job)
{
    struct cut cut = {job, WG_OK};
    struct wg_filter filter = {.scheme = job->scheme.id, .cut = true};
    enum wg_status st = wg_building_each(job->store, &filter, tell_cut, &cut, job->err);
    return st ? st : cut.status;
}

/* ---- households and officers, of the grids that own ---- */

static const char *const households_of_grid =
    "SELECT sum(b.households) FROM owner o JOIN building b ON b.id = o.object_id "
    "WHERE o.grid_id = ?1 AND o.kind = 1 AND b.part_of IS NULL";

static const char *const officers_of_grid =
    "SELECT count(*) FROM duty d JOIN officer f ON f.id = d.officer_id "
    "WHERE d.grid_id = ?1 "
    "AND (d.valid_from IS NULL OR d.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (d.valid_to IS NULL OR d.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (f.valid_to IS NULL OR f.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";

static enum wg_status ask(struct wg_check_job *job, const char *sql, int64_t grid,
                          int64_t *answer)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(job->store, sql, &q, job->err);
    if (st)
        return st;
    wg_bind_int(q, 1, grid);
    st = wg_step(q, &row, job->err);
    if (!st)
        *answer = wg_column_count(q, 0);
    wg_done(q);
    return st;
}

static void check_households(struct wg_check_job *job, struct wg_check_grid *g,
                             int64_t households)
{
    const struct wg_scheme *s = &job->scheme;
    bool few = s->households_min >= 0 && households < s->households_min;
    bool many = s->households_max >= 0 && households > s->households_max;
    if (!few && !many)
        return;
    struct wg_finding f =
        wg_check_finding(WG_RULE_HOUSEHOLDS, g, (double)households,
                         few ? _("Merge it with a neighbour.") : _("Split it."));
    wg_check_tell(job, &f, _("Grid %s has %lld households, %s than the norm of %lld."),
                  g->row.code, (long long)households, few ? _("fewer") : _("more"),
                  (long long)(few ? s->households_min : s->households_max));
}

enum wg_status wg_check_people(struct wg_check_job *job)
{
    enum wg_status st = WG_OK;
    for (size_t i = 0; i < job->n_grid && !st && !job->stopped; i++) {
        struct wg_check_grid *g = &job->grid[i];
        int64_t households = WG_UNKNOWN, officers = 0;
        if (g->has_children)
            continue;
        st = ask(job, households_of_grid, g->row.id, &households);
        if (!st && households != WG_UNKNOWN)
            check_households(job, g, households);
        if (!st)
            st = ask(job, officers_of_grid, g->row.id, &officers);
        if (!st && officers == 0) {
            struct wg_finding f = wg_check_finding(WG_RULE_NO_OFFICER, g, NAN,
                                                   _("Put an officer on duty there."));
            wg_check_tell(job, &f, _("Nobody is on duty in grid %s."), g->row.code);
        }
    }
    return st;
}
