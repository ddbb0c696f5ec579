/* Rules about parents: chains, and management grids made of unit grids. */
#include <math.h>
#include <string.h>

#include "check_job.h"
#include "internal.h"
#include "statement.h"

/* ---- chains ---- */

static const char *const parents_of =
    "SELECT g.id, p.id, p.code, p.level, p.scheme_id, 0, "
    "p.valid_to IS NOT NULL AND p.valid_to <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
    "FROM grid g LEFT JOIN grid p ON p.id = g.parent_id "
    "WHERE g.scheme_id = ?1 AND g.parent_id IS NOT NULL ORDER BY g.id";

static void check_chain(struct wg_check_job *job, const struct wg_check_grid *g,
                        struct wg_query *q)
{
    struct wg_finding f = wg_check_finding(WG_RULE_PARENT_CHAIN, g, NAN, NULL);
    const char *up = wg_column_text(q, 2);
    f.other = g->row.parent;
    f.other_code = up;
    if (wg_column_is_null(q, 1)) {
        f.cure = _("Give it another parent.");
        wg_check_tell(job, &f, _("The parent of grid %s is not there."), g->row.code);
    } else if (wg_column_int(q, 4) != job->scheme.id) {
        f.cure = _("Give it a parent of its own scheme.");
        wg_check_tell(job, &f, _("The parent of grid %s, %s, belongs to another scheme."),
                      g->row.code, up);
    } else if (wg_column_int(q, 6)) {
        f.cure = _("Give it the grid that came after it as its parent.");
        wg_check_tell(job, &f, _("The parent of grid %s, %s, has ended."), g->row.code,
                      up);
    } else if (wg_column_int(q, 3) >= g->row.level) {
        f.cure = _("Correct the level of the one or the other, or its parent.");
        wg_check_tell(job, &f, _("The parent of grid %s, %s, is not of a higher level."),
                      g->row.code, up);
    }
}

/* Above a grid of a circle one comes back to it; each circle is told once, at its grid
 * of lowest id. */
static void check_circle(struct wg_check_job *job, size_t at)
{
    int64_t up = job->grid[at].parent;
    size_t lowest = at;
    for (size_t step = 0; up >= 0 && (size_t)up != at; step++) {
        if (step > job->n_grid)
            return; /* into a circle further up */
        lowest = (size_t)up < lowest ? (size_t)up : lowest;
        up = job->grid[up].parent;
    }
    if (up < 0 || lowest != at)
        return;
    struct wg_finding f =
        wg_check_finding(WG_RULE_PARENT_CHAIN, &job->grid[at], NAN,
                         _("Give one of them a parent outside the circle."));
    const struct wg_check_grid *p = &job->grid[job->grid[at].parent];
    f.other = p->row.id;
    f.other_code = p->row.code;
    wg_check_tell(job, &f, _("The parents of grid %s, from %s on, lead back to itself."),
                  job->grid[at].row.code, p->row.code);
}

static enum wg_status check_chains(struct wg_check_job *job)
{
    struct wg_query *q = NULL;
    bool row = false;
    size_t i = 0;
    enum wg_status st = wg_query(job->store, parents_of, &q, job->err);
    if (st)
        return st;
    wg_bind_int(q, 1, job->scheme.id);
    while (!job->stopped && !(st = wg_step(q, &row, job->err)) && row) {
        while (i < job->n_grid && job->grid[i].row.id < wg_column_int(q, 0))
            i++;
        if (i < job->n_grid && job->grid[i].row.id == wg_column_int(q, 0))
            check_chain(job, &job->grid[i], q);
    }
    wg_done(q);
    for (i = 0; i < job->n_grid && !st && !job->stopped; i++)
        if (job->grid[i].parent >= 0)
            check_circle(job, i);
    return st;
}

static void check_missing(struct wg_check_job *job, const struct wg_check_grid *g)
{
    if (g->row.parent || g->row.level <= job->highest)
        return;
    struct wg_finding f = wg_check_finding(WG_RULE_NO_PARENT, g, NAN,
                                           _("Name its parent when importing it."));
    wg_check_tell(job, &f,
                  _("Grid %s has no parent, though the scheme has higher levels."),
                  g->row.code);
}

enum wg_status wg_check_parents(struct wg_check_job *job)
{
    for (size_t i = 0; i < job->n_grid && !job->stopped; i++)
        check_missing(job, &job->grid[i]);
    return job->stopped ? WG_OK : check_chains(job);
}
