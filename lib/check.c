/* Is a scheme what it should be?  One pass over a scheme's grids in force. */
#include "wangge/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check_job.h"
#include "internal.h"
#include "wangge/code.h"
#include "wangge/district.h"

static const char *const rule_names[] = {
    [WG_RULE_GAP] = "gap",
    [WG_RULE_OVERLAP] = "overlap",
    [WG_RULE_INVALID_RING] = "invalid-ring",
    [WG_RULE_OUTSIDE_PARENT] = "outside-parent",
    [WG_RULE_NO_PARENT] = "no-parent",
    [WG_RULE_CODE_FORM] = "code-form",
    [WG_RULE_CODE_PREFIX] = "code-prefix",
    [WG_RULE_CUT_BUILDING] = "cut-building",
    [WG_RULE_HOUSEHOLDS] = "households",
    [WG_RULE_AREA] = "area",
    [WG_RULE_NO_OFFICER] = "no-officer",
    [WG_RULE_SLIVER] = "sliver",
    [WG_RULE_UNMATCHED] = "unmatched",
    [WG_RULE_UNFILLED] = "unfilled",
    [WG_RULE_PARENT_CHAIN] = "parent-chain",
    [WG_RULE_CODE_TWICE] = "code-twice",
    [WG_RULE_CODE_ORDER] = "code-order",
    [WG_RULE_CODE_WITHDRAWN] = "code-withdrawn",
    [WG_RULE_POPULATION] = "population",
    [WG_RULE_MANAGEMENT] = "management",
};

const char *wg_rule_name(enum wg_rule rule)
{
    return rule >= WG_RULE_GAP && rule <= WG_RULE_MANAGEMENT ? rule_names[rule] : NULL;
}

/* ---- findings ---- */

bool wg_check_tell(struct wg_check_job *job, struct wg_finding *f, const char *format,
                   ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    f->scheme = job->scheme.id;
    f->text = text;
    job->n++;
    if (job->fn && !job->fn(f, job->user))
        job->stopped = true;
    return !job->stopped;
}

struct wg_finding wg_check_finding(enum wg_rule rule, const struct wg_check_grid *g,
                                   double size, const char *cure)
{
    struct wg_finding f = {
        .rule = rule, .x = NAN, .y = NAN, .size = size, .width = NAN, .cure = cure};
    if (g) {
        f.grid = g->row.id;
        f.grid_code = g->row.code;
        f.x = g->middle.x;
        f.y = g->middle.y;
    }
    return f;
}

/* ---- reading ---- */

static bool add_grid(const struct wg_grid *row, void *user)
{
    struct wg_check_job *job = user;
    if (!wg_grow((void **)&job->grid, &job->cap, job->n_grid + 1, sizeof *job->grid)) {
        job->status = wg_fail_memory(job->err);
        return false;
    }
    struct wg_check_grid *g = &job->grid[job->n_grid];
    memset(g, 0, sizeof *g);
    g->row = *row;
    g->row.held = NULL;
    g->row.name = NULL;
    g->row.note = NULL;
    g->row.valid_from = g->row.valid_to = NULL;
    g->row.code = wg_strdup(row->code);
    g->row.kind = wg_strdup(row->kind);
    g->row.geometry = (struct wg_multipolygon){.n_part = 0};
    job->n_grid++; /* so that what is held is freed */
    if (!g->row.code || !g->row.kind ||
        wg_multipolygon_copy(&row->geometry, &g->row.geometry, job->err) != WG_OK) {
        job->status = wg_fail_memory(job->err);
        return false;
    }
    g->box = wg_multipolygon_box(&g->row.geometry);
    g->middle = wg_multipolygon_centroid(&g->row.geometry);
    g->parent = -1;
    return true;
}

/* Parents by index; which grids have children. */
static void link_grids(struct wg_check_job *job)
{
    job->highest = WG_LEVEL_MICRO_GRID;
    for (size_t i = 0; i < job->n_grid; i++)
        if (job->grid[i].row.level < job->highest)
            job->highest = job->grid[i].row.level;
    for (size_t i = 0; i < job->n_grid; i++) {
        int64_t id = job->grid[i].row.parent;
        size_t lo = 0, hi = job->n_grid; /* rows come in order of id */
        while (id && lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (job->grid[mid].row.id < id)
                lo = mid + 1;
            else
                hi = mid;
        }
        if (id && lo < job->n_grid && job->grid[lo].row.id == id) {
            job->grid[i].parent = (int64_t)lo;
            job->grid[lo].n_children++;
        }
    }
}

/* ---- the lattice ---- */

static int ascending(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

/* The middle value: a few wild coordinates do not move it. */
static double middle_of(struct wg_check_job *job, double *value, bool y)
{
    size_t n = 0;
    for (size_t i = 0; i < job->n_grid; i++) {
        struct wg_point p = job->grid[i].middle;
        if (isfinite(p.x) && isfinite(p.y))
            value[n++] = y ? p.y : p.x;
    }
    qsort(value, n, sizeof *value, ascending);
    return n ? value[n / 2] : 0;
}

/* Half the width of a square in which all are within the lattice's reach. */
#define REACH_M (0.999 * WG_LATTICE_REACH * WG_LATTICE_STEP)

static bool check_far(struct wg_check_job *job, struct wg_check_grid *g,
                      struct wg_point middle)
{
    struct wg_box b = g->box;
    if (g->row.geometry.n_vertex == 0 && !g->n_children) {
        struct wg_finding f = wg_check_finding(WG_RULE_INVALID_RING, g, NAN,
                                               _("Draw it, or end the grid."));
        f.x = f.y = NAN;
        wg_check_tell(job, &f, _("grid %s has no polygon; a grid needs one."),
                      g->row.code);
        return false;
    }
    g->far = !(b.min_x > middle.x - REACH_M && b.max_x < middle.x + REACH_M &&
               b.min_y > middle.y - REACH_M && b.max_y < middle.y + REACH_M);
    if (!g->far)
        return true;
    struct wg_finding f = wg_check_finding(
        WG_RULE_INVALID_RING, g, NAN,
        _("Import it again from a file whose coordinates and CRS are right."));
    return wg_check_tell(job, &f,
                         _("Grid %s has a vertex more than 500 km from the other grids."),
                         g->row.code);
}

/* Grids that were never edited are kept to the last bit, and bending them to the lattice
 * would make slivers: the finer the steps the thinner. */
enum { FINEST = 5 };

static enum wg_status place_lattice(struct wg_check_job *job)
{
    double *value = malloc((job->n_grid + 1) * sizeof *value);
    if (!value)
        return wg_fail_memory(job->err);
    struct wg_point m = {middle_of(job, value, false), middle_of(job, value, true)};
    struct wg_box box = {m.x - 1, m.y - 1, m.x + 1, m.y + 1};
    free(value);
    for (size_t i = 0; i < job->n_grid && !job->stopped; i++)
        if (check_far(job, &job->grid[i], m))
            box = wg_box_union(box, job->grid[i].box);
    double reach = fmax(fmax(box.max_x - m.x, m.x - box.min_x),
                        fmax(box.max_y - m.y, m.y - box.min_y));
    box = (struct wg_box){m.x - 1, m.y - 1, m.x + 1, m.y + 1};
    for (job->finer = FINEST; job->finer > 0; job->finer--)
        if (ldexp(reach + 1, (int)job->finer) < REACH_M)
            break;
    return wg_cover_lattice(box, job->finer, &job->lattice, job->err);
}

/* ---- the whole ---- */

static enum wg_status check_scheme(struct wg_check_job *job)
{
    static enum wg_status (*const rules[])(struct wg_check_job *) = {
        place_lattice,   wg_check_codes,         wg_check_parents, wg_check_nests,
        wg_check_levels, wg_check_cut_buildings, wg_check_people,
    };
    struct wg_filter filter = {.scheme = job->scheme.id};
    enum wg_status st = wg_grid_each(job->store, &filter, add_grid, job, job->err);
    if (!st)
        st = job->status;
    if (!st)
        st = wg_code_form_parse(job->scheme.code_form, &job->form, job->err);
    if (st)
        return st;
    link_grids(job);
    for (size_t i = 0; i < sizeof rules / sizeof *rules && !st && !job->stopped; i++)
        st = rules[i](job);
    return st ? st : job->status;
}

static void clear_grids(struct wg_check_job *job)
{
    for (size_t i = 0; i < job->n_grid; i++) {
        free((char *)job->grid[i].row.code);
        free((char *)job->grid[i].row.kind);
        wg_multipolygon_finish(&job->grid[i].row.geometry);
    }
    job->n_grid = job->n_told = 0;
}

struct schemes {
    int64_t *id;
    size_t n, cap;
};

static bool add_scheme(const struct wg_scheme *s, void *user)
{
    struct schemes *all = user;
    if (!wg_grow((void **)&all->id, &all->cap, all->n + 1, sizeof *all->id))
        return false;
    all->id[all->n++] = s->id;
    return true;
}

static enum wg_status check_all(struct wg_check_job *job, int64_t scheme,
                                struct schemes *all)
{
    struct wg_filter filter = {0};
    enum wg_status st = WG_OK;
    if (!scheme)
        st = wg_scheme_each(job->store, &filter, add_scheme, all, job->err);
    else if (!wg_grow((void **)&all->id, &all->cap, 1, sizeof *all->id))
        st = wg_fail_memory(job->err);
    else
        all->id[all->n++] = scheme;
    for (size_t i = 0; !st && i < all->n && !job->stopped; i++) {
        st = wg_scheme_read(job->store, all->id[i], &job->scheme, job->err);
        if (st)
            break;
        st = check_scheme(job);
        clear_grids(job);
        wg_scheme_finish(&job->scheme);
    }
    return st;
}

enum wg_status wg_check(struct wg_store *store, const struct wg_check_options *options,
                        struct wg_progress progress, wg_finding_fn *fn, void *user,
                        int64_t *n, struct wg_error *err)
{
    static const struct wg_check_options usual = {0};
    struct schemes all = {0};
    if (!options)
        options = &usual;
    struct wg_check_job job = {.store = store,
                               .fn = fn,
                               .user = user,
                               .progress = progress,
                               .err = err,
                               .sliver_m2 =
                                   options->sliver_m2 > 0 ? options->sliver_m2 : 0.01,
                               .opt = options};
    enum wg_status st = wg_store_begin_read(store, err);
    if (st)
        return st;
    st = wg_shape_create(&job.shape, err);
    if (!st)
        st = check_all(&job, options->scheme, &all);
    if (!st && n)
        *n = job.n;
    wg_store_commit(store, NULL); /* it only read; a caller's own work goes on */
    wg_shape_destroy(job.shape);
    free(job.grid);
    free(job.told);
    free(all.id);
    return st;
}
