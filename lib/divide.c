/* Owns the proposal of a division: its steps, its counts and its quality. */
#include "wangge/divide.h"

#include <math.h>
#include <string.h>

#include "divide_job.h"
#include "internal.h"
#include "survey_job.h"
#include "wangge/assign.h"
#include "wangge/code.h"
#include "wangge/locate.h"

#define STEPS 1000
#define SHARES_MAX 32

bool wg_divide_tell(struct wg_divide_job *job, uint64_t done)
{
    const struct wg_progress *p = &job->options.progress;
    return !p->call || p->call(done, STEPS, p->user);
}

void wg_division_finish(struct wg_division *division)
{
    if (!division)
        return;
    for (size_t i = 0; i < division->n; i++)
        wg_multipolygon_finish(&division->grid[i]);
    free(division->grid);
    free(division->households);
    free(division->population);
    free(division->buildings);
    memset(division, 0, sizeof *division);
}

/* Put the polygons in reading order. */
static enum wg_status put_in_order(struct wg_divide_job *job, struct wg_multipolygon *mp)
{
    size_t n = job->n_group;
    struct wg_point *middle = malloc((n + 1) * sizeof *middle);
    struct wg_box *box = malloc((n + 1) * sizeof *box);
    uint32_t *order = malloc((n + 1) * sizeof *order);
    struct wg_multipolygon *copy = malloc((n + 1) * sizeof *copy);
    enum wg_status st = middle && box && order && copy ? WG_OK : wg_fail_memory(job->err);
    for (size_t i = 0; i < n && !st; i++) {
        middle[i] = wg_multipolygon_centroid(&mp[i]);
        box[i] = wg_multipolygon_box(&mp[i]);
        copy[i] = mp[i];
    }
    if (!st)
        st = wg_code_order(n, middle, box, 0, order, job->err);
    for (size_t i = 0; i < n && !st; i++)
        mp[i] = copy[order[i]];
    free(middle);
    free(box);
    free(order);
    free(copy);
    return st;
}

/* ---- counts ---- */

static enum wg_status build_locator(struct wg_divide_job *job,
                                    const struct wg_division *d, struct wg_locator **out)
{
    struct wg_locator_grid *grid = malloc((d->n + 1) * sizeof *grid);
    char(*code)[16] = malloc((d->n + 1) * sizeof *code);
    enum wg_status st = grid && code ? WG_OK : wg_fail_memory(job->err);
    for (size_t i = 0; i < d->n && !st; i++) {
        uint32_t number = (uint32_t)i + 1;
        for (int k = 9; k >= 0; k--, number /= 10) /* codes in the order of numbers */
            code[i][k] = (char)('0' + number % 10);
        code[i][10] = '\0';
        grid[i] = (struct wg_locator_grid){(int64_t)i + 1, code[i], &d->grid[i]};
    }
    if (!st)
        st = wg_locator_build(d->n, grid, NULL, out, job->err);
    free(grid);
    free(code);
    return st;
}

static enum wg_status count_building(struct wg_divide_job *job,
                                     const struct wg_locator *loc, size_t building,
                                     struct wg_division *d)
{
    const struct wg_survey_building *w = &job->survey->building[building];
    struct wg_locator_share share[SHARES_MAX];
    size_t n = 0, best = SIZE_MAX;
    bool cut = false;
    enum wg_status st =
        wg_locator_shares(loc, NULL, w->footprint, SHARES_MAX, share, &n, job->err);
    if (st)
        return st;
    n = n > SHARES_MAX ? SHARES_MAX : n;
    for (size_t i = 0; i < n; i++) {
        if (share[i].slot && (best == SIZE_MAX || share[i].share > share[best].share))
            best = i;
    }
    if (best == SIZE_MAX)
        return WG_OK;
    for (size_t i = 0; i < n; i++)
        cut = cut || (i != best && share[i].share > WG_CUT_SHARE);
    d->cut += cut;
    size_t grid = share[best].slot - 1;
    d->buildings[grid]++;
    d->households[grid] += w->households > 0 ? w->households : 0;
    d->population[grid] += w->population > 0 ? w->population : 0;
    return WG_OK;
}

static enum wg_status count(struct wg_divide_job *job, struct wg_division *d)
{
    struct wg_locator *loc = NULL;
    const struct wg_divide_atoms *t = &job->atoms;
    enum wg_status st = build_locator(job, d, &loc);
    for (size_t i = 0; i < t->n_building && !st; i++)
        st = count_building(job, loc, t->building[i], d);
    wg_locator_destroy(loc);
    return st;
}

static double perimeter(const struct wg_multipolygon *mp)
{
    double sum = 0;
    for (uint32_t r = 0; r < mp->n_ring; r++) {
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++)
            sum += hypot(mp->x[i + 1] - mp->x[i], mp->y[i + 1] - mp->y[i]);
    }
    return sum;
}

static void judge(const struct wg_divide_job *job, struct wg_division *d)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++)
        sum += (double)d->households[i];
    double mean = sum / (double)d->n;
    for (size_t i = 0; i < d->n; i++) {
        double off = mean > 0 ? fabs((double)d->households[i] / mean - 1) : 0;
        double length = perimeter(&d->grid[i]);
        d->balance = fmax(d->balance, off);
        d->in_norm += d->households[i] >= job->options.households_min &&
                      d->households[i] <= job->options.households_max;
        d->compactness += 4 * M_PI * wg_multipolygon_area(&d->grid[i]) /
                          (length * length) / (double)d->n;
    }
}

/* ---- all of it ---- */

static enum wg_status make(struct wg_divide_job *job, struct wg_division *d)
{
    size_t n = job->n_group;
    enum wg_status st = WG_OK;
    d->grid = calloc(n + 1, sizeof *d->grid);
    d->households = calloc(n + 1, sizeof *d->households);
    d->population = calloc(n + 1, sizeof *d->population);
    d->buildings = calloc(n + 1, sizeof *d->buildings);
    if (!d->grid || !d->households || !d->population || !d->buildings)
        return wg_fail_memory(job->err);
    d->n = n;
    st = wg_divide_draw(job, d->grid, &d->on_street);
    if (!st)
        st = put_in_order(job, d->grid);
    if (!st && !wg_divide_tell(job, 950))
        st = WG_CANCELLED;
    if (!st)
        st = count(job, d);
    if (!st)
        judge(job, d);
    return st;
}

static enum wg_status check_options(const struct wg_divide_options *o,
                                    struct wg_error *err)
{
    if (o->households_min < 0 || o->households_max < o->households_min)
        return wg_fail(err, WG_INVALID,
                       _("A norm of %lld to %lld households is none; give the lower "
                         "number first."),
                       (long long)o->households_min, (long long)o->households_max);
    if (!(o->margin_m >= 0) || o->margin_m > 1000)
        return wg_fail(err, WG_INVALID,
                       _("A margin of %g m cannot be kept; give 0 to "
                         "1000."),
                       o->margin_m);
    return WG_OK;
}

enum wg_status wg_divide(const struct wg_multipolygon *area,
                         const struct wg_survey *survey,
                         const struct wg_divide_options *options, struct wg_division *out,
                         struct wg_error *err)
{
    struct wg_divide_job job = {.area = area, .survey = survey, .err = err};
    struct wg_division d = {0};
    if (options)
        job.options = *options;
    struct wg_divide_options *o = &job.options;
    if (!o->households_max)
        o->households_max = o->households_min > 500 ? o->households_min : 500;
    if (!o->households_min)
        o->households_min = o->households_max < 300 ? 0 : 300;
    if (o->margin_m == 0)
        o->margin_m = 0.5;
    enum wg_status st = check_options(o, err);
    if (!st && area->n_part == 0)
        st = wg_fail(err, WG_INVALID, _("There is no area to divide."));
    if (!st)
        st = wg_shape_check(NULL, area, err);
    if (!st)
        st = wg_divide_make_atoms(&job);
    if (!st && !wg_divide_tell(&job, 250))
        st = WG_CANCELLED;
    if (!st)
        st = wg_divide_make_groups(&job);
    if (!st && !wg_divide_tell(&job, 850))
        st = WG_CANCELLED;
    if (!st)
        st = make(&job, &d);
    if (st == WG_CANCELLED)
        wg_fail(err, st, _("The division was stopped."));
    if (st)
        wg_division_finish(&d);
    else
        *out = d;
    wg_divide_atoms_finish(&job.atoms);
    free(job.group);
    return st;
}
