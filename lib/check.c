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
};

const char *wg_rule_name(enum wg_rule rule)
{
    return rule >= WG_RULE_GAP && rule <= WG_RULE_NO_OFFICER ? rule_names[rule] : NULL;
}

/* ---- findings ---- */

bool wg_check_tell(struct wg_check_job *job, struct wg_finding *f, const char *format, ...)
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
    struct wg_finding f = {.rule = rule, .x = NAN, .y = NAN, .size = size, .cure = cure};
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
    g->row.code = wg_strdup(row->code);
    g->row.geometry = (struct wg_multipolygon){.n_part = 0};
    job->n_grid++; /* so that what is held is freed */
    if (!g->row.code ||
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
            job->grid[lo].has_children = true;
        }
    }
}

/* ---- rules about one grid ---- */

static bool check_ring(struct wg_check_job *job, struct wg_check_grid *g)
{
    struct wg_error why = {0};
    g->valid = wg_shape_check(job->shape, &g->row.geometry, &why) == WG_OK;
    if (g->valid)
        return true;
    struct wg_finding f = wg_check_finding(WG_RULE_INVALID_RING, g, NAN,
                                           _("Import it again with --invalid repair."));
    f.x = why.x;
    f.y = why.y;
    return wg_check_tell(job, &f, _("Grid %s: %s"), g->row.code, why.text);
}

static bool check_code(struct wg_check_job *job, struct wg_check_grid *g)
{
    struct wg_code_form at = wg_code_form_at(&job->form, g->row.level);
    struct wg_error why;
    if (wg_code_check(&at, g->row.code, NULL, &why) != WG_OK) {
        struct wg_finding f = wg_check_finding(
            WG_RULE_CODE_FORM, g, NAN,
            _("Give it a code of the scheme's form, or change the form."));
        return wg_check_tell(job, &f, "%s", why.text);
    }
    const char *up = g->parent >= 0 ? job->grid[g->parent].row.code : NULL;
    if (!up || job->form.n_segment == 0 || strncmp(g->row.code, up, strlen(up)) == 0)
        return true;
    struct wg_finding f = wg_check_finding(
        WG_RULE_CODE_PREFIX, g, NAN, _("Correct the code, or give it another parent."));
    f.other = g->row.parent;
    f.other_code = up;
    return wg_check_tell(job, &f, _("Code %s does not begin with that of its parent, %s."),
                         g->row.code, up);
}

static bool check_parent(struct wg_check_job *job, struct wg_check_grid *g)
{
    if (g->parent >= 0 || g->row.level <= job->highest)
        return true;
    struct wg_finding f =
        wg_check_finding(WG_RULE_NO_PARENT, g, NAN, _("Name its parent when importing it."));
    return wg_check_tell(job, &f,
                         _("Grid %s has no parent, though the scheme has higher levels."),
                         g->row.code);
}

static bool check_area(struct wg_check_job *job, struct wg_check_grid *g)
{
    double area = wg_multipolygon_area(&g->row.geometry);
    const struct wg_scheme *s = &job->scheme;
    bool small = area < s->area_min_m2, big = area > s->area_max_m2; /* NaN: neither */
    if (g->has_children || (!small && !big))
        return true;
    struct wg_finding f =
        wg_check_finding(WG_RULE_AREA, g, area,
                         small ? _("Merge it with a neighbour.") : _("Split it."));
    return wg_check_tell(job, &f, _("Grid %s has %.0f m², %s than the norm of %.0f m²."),
                         g->row.code, area, small ? _("less") : _("more"),
                         small ? s->area_min_m2 : s->area_max_m2);
}

/* ---- the whole ---- */

typedef bool grid_rule(struct wg_check_job *job, struct wg_check_grid *g);

static enum wg_status each_grid(struct wg_check_job *job, grid_rule *rule)
{
    for (size_t i = 0; i < job->n_grid && !job->stopped; i++)
        rule(job, &job->grid[i]);
    return job->status;
}

static enum wg_status check_scheme(struct wg_check_job *job)
{
    struct wg_filter filter = {.scheme = job->scheme.id};
    enum wg_status st = wg_grid_each(job->store, &filter, add_grid, job, job->err);
    if (!st)
        st = job->status;
    if (!st)
        st = wg_code_form_parse(job->scheme.code_form, &job->form, job->err);
    if (st)
        return st;
    link_grids(job);
    each_grid(job, check_ring);
    each_grid(job, check_code);
    each_grid(job, check_parent);
    if (!job->stopped)
        st = wg_check_overlaps(job);
    if (!st && !job->stopped)
        st = wg_check_gaps(job);
    if (!st && !job->stopped)
        st = wg_check_cut_buildings(job);
    if (!st && !job->stopped && !job->no_norms) {
        each_grid(job, check_area);
        st = wg_check_people(job);
    }
    return st ? st : job->status;
}

static void clear_grids(struct wg_check_job *job)
{
    for (size_t i = 0; i < job->n_grid; i++) {
        free((char *)job->grid[i].row.code);
        wg_multipolygon_finish(&job->grid[i].row.geometry);
    }
    job->n_grid = 0;
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
                               .sliver_m2 = options->sliver_m2 > 0 ? options->sliver_m2 : 0.01,
                               .no_norms = options->no_norms};
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
    free(all.id);
    return st;
}
