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

/* ---- size norms and officers, of the grids that own ---- */

static const char *const people_of_grid =
    "SELECT sum(b.households), sum(b.population) FROM owner o "
    "JOIN building b ON b.id = o.object_id "
    "WHERE o.grid_id = ?1 AND o.kind = 1 AND b.part_of IS NULL";

static const char *const officers_of_grid =
    "SELECT count(*), 0 FROM duty d JOIN officer f ON f.id = d.officer_id "
    "WHERE d.grid_id = ?1 "
    "AND (d.valid_from IS NULL OR d.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (d.valid_to IS NULL OR d.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (f.valid_to IS NULL OR f.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";

static enum wg_status ask(struct wg_check_job *job, const char *sql, int64_t grid,
                          int64_t *first, int64_t *second)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(job->store, sql, &q, job->err);
    if (st)
        return st;
    wg_bind_int(q, 1, grid);
    st = wg_step(q, &row, job->err);
    if (!st) {
        *first = wg_column_count(q, 0);
        *second = wg_column_count(q, 1);
    }
    wg_done(q);
    return st;
}

void wg_size_norm_init(struct wg_size_norm *norm)
{
    *norm = (struct wg_size_norm){NULL,       WG_UNKNOWN, WG_UNKNOWN, WG_UNKNOWN,
                                  WG_UNKNOWN, NAN,        NAN};
}

/* The usual size of a grid of households. */
enum { USUAL_LEAST = 300, USUAL_MOST = 500 };

/* The caller's norm for its kind, or for all; what it leaves open is the scheme's; and
 * what that leaves open is usual. */
static struct wg_size_norm norm_of(const struct wg_check_job *job,
                                   const struct wg_check_grid *g)
{
    const struct wg_check_options *opt = job->opt;
    const struct wg_scheme *s = &job->scheme;
    const struct wg_size_norm *own = NULL;
    struct wg_size_norm norm;
    wg_size_norm_init(&norm);
    for (size_t i = 0; i < opt->n_norm; i++)
        if (wg_text_equal(opt->norm[i].kind, g->row.kind) || (!own && !opt->norm[i].kind))
            own = &opt->norm[i];
    if (own)
        norm = *own;
    if (norm.households_min < 0 && norm.households_max < 0) {
        norm.households_min = s->households_min;
        norm.households_max = s->households_max;
    }
    if (isnan(norm.area_min_m2) && isnan(norm.area_max_m2)) {
        norm.area_min_m2 = s->area_min_m2;
        norm.area_max_m2 = s->area_max_m2;
    }
    if (norm.households_min < 0 && norm.households_max < 0 && !opt->no_default_norms &&
        job->form.n_segment && g->row.level == WG_LEVEL_GRID &&
        wg_text_equal(g->row.kind, "basic")) {
        norm.households_min = USUAL_LEAST;
        norm.households_max = USUAL_MOST;
    }
    return norm;
}

static void check_area(struct wg_check_job *job, struct wg_check_grid *g,
                       const struct wg_size_norm *norm)
{
    double area = wg_multipolygon_area(&g->row.geometry);
    bool small = area<norm->area_min_m2, big = area> norm->area_max_m2; /* NaN: no */
    if (!small && !big)
        return;
    struct wg_finding f = wg_check_finding(
        WG_RULE_AREA, g, area, small ? _("Merge it with a neighbour.") : _("Split it."));
    wg_check_tell(job, &f, _("Grid %s has %.0f m², %s than the norm of %.0f m²."),
                  g->row.code, area, small ? _("less") : _("more"),
                  small ? norm->area_min_m2 : norm->area_max_m2);
}

static void check_count(struct wg_check_job *job, struct wg_check_grid *g,
                        enum wg_rule rule, int64_t count, int64_t least, int64_t most)
{
    bool few = least >= 0 && count < least, many = most >= 0 && count > most;
    if (count == WG_UNKNOWN || (!few && !many))
        return;
    struct wg_finding f = wg_check_finding(
        rule, g, (double)count, few ? _("Merge it with a neighbour.") : _("Split it."));
    const char *word = few ? _("fewer") : _("more");
    long long bound = few ? least : most;
    if (rule == WG_RULE_HOUSEHOLDS)
        wg_check_tell(job, &f,
                      _("Grid %s has %lld households, %s than the norm of %lld."),
                      g->row.code, (long long)count, word, bound);
    else
        wg_check_tell(job, &f, _("Grid %s has %lld people, %s than the norm of %lld."),
                      g->row.code, (long long)count, word, bound);
}

static enum wg_status check_grid(struct wg_check_job *job, struct wg_check_grid *g)
{
    int64_t households = WG_UNKNOWN, people = WG_UNKNOWN, officers = 0, none;
    struct wg_size_norm norm = norm_of(job, g);
    enum wg_status st = ask(job, people_of_grid, g->row.id, &households, &people);
    if (st)
        return st;
    check_count(job, g, WG_RULE_HOUSEHOLDS, households, norm.households_min,
                norm.households_max);
    if (!job->stopped)
        check_count(job, g, WG_RULE_POPULATION, people, norm.population_min,
                    norm.population_max);
    st = ask(job, officers_of_grid, g->row.id, &officers, &none);
    if (!st && officers == 0 && !job->stopped) {
        struct wg_finding f = wg_check_finding(WG_RULE_NO_OFFICER, g, NAN,
                                               _("Put an officer on duty there."));
        wg_check_tell(job, &f, _("Nobody is on duty in grid %s."), g->row.code);
    }
    return st;
}

enum wg_status wg_check_people(struct wg_check_job *job)
{
    enum wg_status st = WG_OK;
    if (job->opt->no_norms)
        return WG_OK;
    for (size_t i = 0; i < job->n_grid && !job->stopped; i++) {
        struct wg_size_norm norm = norm_of(job, &job->grid[i]);
        if (job->grid[i].n_children == 0)
            check_area(job, &job->grid[i], &norm);
    }
    for (size_t i = 0; i < job->n_grid && !st && !job->stopped; i++)
        if (job->grid[i].n_children == 0)
            st = check_grid(job, &job->grid[i]);
    return st;
}
