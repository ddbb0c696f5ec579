/* Is the stated frame plausible?  A sample of the places read is tried in the frames of
 * Chinese web maps; nothing is ever changed by it. */
#include <math.h>
#include <string.h>

#include "import_job.h"
#include "internal.h"
#include "statement.h"

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Reservoir sampling: each place of the file has the same chance. */
void wg_sample_add(struct wg_sample *sample, double x, double y)
{
    uint64_t seen = sample->seen++;
    uint64_t at = seen < WG_SAMPLES ? seen : next_random(&sample->state) % (seen + 1);
    if (at >= WG_SAMPLES)
        return;
    sample->x[at] = x;
    sample->y[at] = y;
    if (sample->n < WG_SAMPLES)
        sample->n++;
}

struct trial {
    struct wg_job *job;
    int64_t scheme[32];
    int n_scheme; /* 0: the extent stands in for the grids */
    double x[WG_SAMPLES], y[WG_SAMPLES];
    bool inside[WG_SAMPLES], stated_inside[WG_SAMPLES];
    double stated_x[WG_SAMPLES], stated_y[WG_SAMPLES];
    bool ok[WG_SAMPLES];
    int64_t grid[WG_SAMPLES];
};

/* From the sample's frame to lon/lat, taken to be `as`, to the district. */
static enum wg_status place_as(struct trial *t, const char *as, struct wg_error *err)
{
    struct wg_transform *first = NULL, *second = NULL;
    struct wg_district district = {0};
    const struct wg_sample *s = &t->job->sample;
    const char *stated = t->job->crs;
    memcpy(t->x, s->x, s->n * sizeof *t->x);
    memcpy(t->y, s->y, s->n * sizeof *t->y);
    enum wg_status st = wg_district_read(t->job->store, &district, err);
    /* a frame's numbers are read as they stand; a CRS's first become degrees */
    if (!st && as && !wg_io_is_frame(stated))
        st = wg_transform_create(stated, "EPSG:4326", &first, err);
    if (!st)
        st = wg_transform_create(as ? as : stated, district.crs, &second, err);
    if (!st && first)
        wg_transform_each(first, s->n, t->x, t->y, t->ok);
    if (!st)
        wg_transform_each(second, s->n, t->x, t->y, t->ok);
    wg_transform_destroy(first);
    wg_transform_destroy(second);
    wg_district_finish(&district);
    return st;
}

static enum wg_status count_outside(struct trial *t, uint32_t *outside,
                                    struct wg_error *err)
{
    uint32_t n = t->job->sample.n;
    for (uint32_t i = 0; i < n; i++)
        t->inside[i] = !t->n_scheme && wg_box_contains(t->job->extent, t->x[i], t->y[i]);
    for (int k = 0; k < t->n_scheme; k++) {
        enum wg_status st = wg_assign_locate(t->job->store, t->scheme[k], NULL, n, t->x,
                                             t->y, t->grid, err);
        if (st)
            return st;
        for (uint32_t i = 0; i < n; i++)
            t->inside[i] = t->inside[i] || t->grid[i];
    }
    *outside = 0;
    for (uint32_t i = 0; i < n; i++)
        *outside += !t->inside[i];
    return WG_OK;
}

static enum wg_status find_schemes(struct trial *t, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    if (t->job->noun == WG_NOUN_GRIDS)
        return WG_OK; /* they would lie in themselves */
    enum wg_status st = wg_query(t->job->store,
                                 "SELECT DISTINCT scheme_id FROM grid"
                                 " WHERE valid_to IS NULL",
                                 &q, err);
    while (!st && !(st = wg_step(q, &row, err)) && row)
        if (t->n_scheme < 32)
            t->scheme[t->n_scheme++] = wg_column_int(q, 0);
    wg_done(q);
    return st;
}

static double mean_shift(const struct trial *t)
{
    double sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->job->sample.n; i++) {
        double d = hypot(t->x[i] - t->stated_x[i], t->y[i] - t->stated_y[i]);
        if (!isfinite(d))
            continue;
        sum += d;
        n++;
    }
    return n ? sum / n : 0;
}

static const char *best_frame(struct trial *t, uint32_t outside, uint32_t *best_outside,
                              double *shift, enum wg_status *st, struct wg_error *err)
{
    static const char *const frames[] = {"gcj02", "bd09", "EPSG:4326"};
    const char *best = NULL;
    *best_outside = outside / 2; /* most of those outside must come inside */
    for (size_t i = 0; i < 3 && !*st; i++) {
        uint32_t n = 0;
        if (wg_text_equal_fold(t->job->crs, frames[i]) ||
            (i == 2 && !wg_io_is_frame(t->job->crs)))
            continue;
        *st = place_as(t, frames[i], err);
        if (!*st)
            *st = count_outside(t, &n, err);
        if (*st || n >= *best_outside + (best ? 0 : outside % 2) || n == outside)
            continue;
        *best_outside = n;
        best = frames[i];
        *shift = mean_shift(t);
    }
    return best;
}

enum wg_status wg_frame_check(struct wg_job *job, struct wg_error *err)
{
    uint32_t n = job->sample.n, outside = 0, still = 0;
    double shift = 0;
    if (!n || !job->crs)
        return WG_OK;
    struct trial *t = calloc(1, sizeof *t);
    if (!t)
        return wg_fail_memory(err);
    t->job = job;
    enum wg_status st = find_schemes(t, err);
    if (st || (!t->n_scheme && wg_box_is_empty(job->extent)))
        goto out;
    st = place_as(t, NULL, err);
    if (!st)
        st = count_outside(t, &outside, err);
    memcpy(t->stated_x, t->x, sizeof t->x);
    memcpy(t->stated_y, t->y, sizeof t->y);
    if (st || outside * 20 < n || !outside)
        goto out;
    const char *frame = best_frame(t, outside, &still, &shift, &st, err);
    if (!st && frame)
        wg_job_warn(
            job,
            _("%u of %u places looked at lie outside the district's grids; read as "
              "%s, %.0f m away, only %u would.  If the file is in that frame, "
              "import it again and say so."),
            outside, n, wg_io_is_frame(frame) ? frame : "WGS 84", shift, still);
out:
    free(t);
    return st;
}
