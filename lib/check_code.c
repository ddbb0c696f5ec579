/* Rules about codes: form, prefix, order at first issue, withdrawn ones, twice. */
#include <math.h>
#include <string.h>

#include "check_job.h"
#include "internal.h"
#include "statement.h"

/* ---- one grid ---- */

static void check_form(struct wg_check_job *job, const struct wg_check_grid *g)
{
    struct wg_code_form at = wg_code_form_at(&job->form, g->row.level);
    struct wg_error why;
    if (wg_code_check(&at, g->row.code, NULL, &why) != WG_OK) {
        struct wg_finding f = wg_check_finding(
            WG_RULE_CODE_FORM, g, NAN,
            _("Give it a code of the scheme's form, or change the form."));
        wg_check_tell(job, &f, "%s", why.text);
        return;
    }
    const char *up = g->parent >= 0 ? job->grid[g->parent].row.code : NULL;
    if (!up || job->form.n_segment == 0 || strncmp(g->row.code, up, strlen(up)) == 0)
        return;
    struct wg_finding f = wg_check_finding(
        WG_RULE_CODE_PREFIX, g, NAN, _("Correct the code, or give it another parent."));
    f.other = g->row.parent;
    f.other_code = up;
    wg_check_tell(job, &f, _("Code %s does not begin with that of its parent, %s."),
                  g->row.code, up);
}

/* ---- what only the file can tell ---- */

/* The files of other programs may lack our constraints. */
static const char *const codes_twice =
    "SELECT first, first_code, id, code FROM (SELECT id, code, "
    "first_value(id) OVER same AS first, first_value(code) OVER same AS first_code "
    "FROM grid WHERE scheme_id = ?1 AND code IS NOT NULL AND (valid_to IS NULL OR "
    "valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "WINDOW same AS (PARTITION BY trim(code) ORDER BY id)) WHERE id <> first";

static const char *const codes_withdrawn =
    "SELECT g.id, g.code, w.grid_id, p.code FROM grid g JOIN withdrawn_code w "
    "ON w.scheme_id = g.scheme_id AND w.code = g.code AND w.grid_id <> g.id "
    "LEFT JOIN grid p ON p.id = w.grid_id "
    "WHERE g.scheme_id = ?1 "
    "AND (g.valid_to IS NULL OR g.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";

static const struct wg_check_grid *grid_of(const struct wg_check_job *job, int64_t id)
{
    for (size_t i = 0; i < job->n_grid; i++)
        if (job->grid[i].row.id == id)
            return &job->grid[i];
    return NULL;
}

/* Codes that another grid has, or had: rows of grid, …, the other grid and its code. */
static enum wg_status check_others(struct wg_check_job *job, const char *sql,
                                   enum wg_rule rule, const char *cure)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(job->store, sql, &q, job->err);
    if (st)
        return st;
    wg_bind_int(q, 1, job->scheme.id);
    while (!job->stopped && !(st = wg_step(q, &row, job->err)) && row) {
        const struct wg_check_grid *g = grid_of(job, wg_column_int(q, 0));
        if (!g)
            continue;
        struct wg_finding f = wg_check_finding(rule, g, NAN, cure);
        f.other = wg_column_int(q, 2);
        f.other_code = wg_column_text(q, 3);
        if (rule == WG_RULE_CODE_TWICE)
            wg_check_tell(job, &f, _("Two grids have the code %s."), g->row.code);
        else
            wg_check_tell(job, &f, _("Code %s was another grid's before."), g->row.code);
    }
    wg_done(q);
    return st;
}

/* ---- the order of first issue ---- */

struct issued {
    const struct wg_check_grid *grid;
    size_t prefix; /* bytes of the code before its sequence number */
};

static int by_level_and_code(const void *a, const void *b)
{
    const struct issued *p = a, *q = b;
    int level = p->grid->row.level - q->grid->row.level;
    return level ? level : strcmp(p->grid->row.code, q->grid->row.code);
}

/* Whatever the height of a row: who lies to the north and to the west comes first. */
static bool is_before(const struct wg_check_grid *a, const struct wg_check_grid *b)
{
    double near = 1e-3 * (a->box.max_y - a->box.min_y);
    double north = a->middle.y - b->middle.y, west = b->middle.x - a->middle.x;
    return north > -near && west > -near && (north > near || west > near);
}

/* One community's grids, in order of code: are they in reading order too? */
static void check_group(struct wg_check_job *job, size_t n, const struct issued *issued)
{
    size_t wrong = 0, first = 0, other = 0;
    for (size_t i = n; i-- > 0;)
        for (size_t k = i + 1; k < n; k++)
            if (is_before(issued[k].grid, issued[i].grid)) {
                wrong++;
                first = i;
                other = k;
                break;
            }
    if (!wrong)
        return;
    const struct wg_check_grid *g = issued[first].grid;
    struct wg_finding f = wg_check_finding(
        WG_RULE_CODE_ORDER, g, (double)wrong,
        _("Number them again before the codes are in use; later they stay."));
    f.other = issued[other].grid->row.id;
    f.other_code = issued[other].grid->row.code;
    wg_check_tell(job, &f,
                  _("The codes under %.*s do not run from the north-west: %s lies before "
                    "%s; %zu of %zu are out of order."),
                  (int)issued[first].prefix, g->row.code, f.other_code, g->row.code,
                  wrong, n);
}

/* Only while nothing was changed: later grids are numbered as they come. */
static enum wg_status check_order(struct wg_check_job *job)
{
    size_t n = 0;
    if (job->form.n_segment == 0 || job->scheme.revision > 0 || job->n_grid == 0)
        return WG_OK;
    struct issued *issued = malloc(job->n_grid * sizeof *issued);
    if (!issued)
        return wg_fail_memory(job->err);
    for (size_t i = 0; i < job->n_grid; i++) {
        const struct wg_check_grid *g = &job->grid[i];
        struct wg_code_form at = wg_code_form_at(&job->form, g->row.level);
        if (at.n_segment < 2 || g->far || wg_code_check(&at, g->row.code, NULL, NULL))
            continue;
        issued[n++] =
            (struct issued){g, wg_code_form_length(&at) - at.digits[at.n_segment - 1]};
    }
    qsort(issued, n, sizeof *issued, by_level_and_code);
    for (size_t i = 0, j; i < n && !job->stopped; i = j) {
        for (j = i + 1; j < n; j++)
            if (issued[j].grid->row.level != issued[i].grid->row.level ||
                strncmp(issued[j].grid->row.code, issued[i].grid->row.code,
                        issued[i].prefix) != 0)
                break;
        check_group(job, j - i, &issued[i]);
    }
    free(issued);
    return WG_OK;
}

enum wg_status wg_check_codes(struct wg_check_job *job)
{
    for (size_t i = 0; i < job->n_grid && !job->stopped; i++)
        check_form(job, &job->grid[i]);
    enum wg_status st = WG_OK;
    if (!job->stopped)
        st = check_others(job, codes_twice, WG_RULE_CODE_TWICE,
                          _("Give one of them the next code."));
    if (!st && !job->stopped)
        st = check_others(job, codes_withdrawn, WG_RULE_CODE_WITHDRAWN,
                          _("Give it the next code: codes that were withdrawn are not "
                            "used again."));
    if (!st && !job->stopped)
        st = check_order(job);
    return st;
}
