/* Owns adding vertices, so that no segment is longer than asked. */
#include <math.h>

#include "coverage_chain.h"
#include "coverage_puts.h"
#include "internal.h"

struct job {
    struct wg_coverage *c;
    struct wg_chains chains;
    double longest; /* steps */
    bool *left;     /* by place: the segment from it stays as it is */
    uint64_t n_added;
};

/* A place between two, t of n parts along. */
static struct wg_spot between(struct wg_spot a, struct wg_spot b, uint32_t t, uint32_t n)
{
    double f = (double)t / n;
    return (struct wg_spot){(int32_t)lround(a.x + f * ((double)b.x - a.x)),
                            (int32_t)lround(a.y + f * ((double)b.y - a.y))};
}

static uint32_t parts_of(const struct job *job, struct wg_spot a, struct wg_spot b)
{
    double length = hypot((double)b.x - a.x, (double)b.y - a.y);
    double parts = ceil(length / job->longest);

    /* Places are rounded, by up to 0.71 steps at both ends. */
    if (parts > 1 && length / parts + 1.5 > job->longest)
        parts = ceil(length / fmax(job->longest - 1.5, job->longest / 2));
    return (uint32_t)fmax(fmin(parts, length / 2), 1);
}

struct strip {
    const struct wg_coverage *c;
    struct wg_spot a, b;
    bool clear;
};

static bool is_beside(const struct strip *strip, uint32_t vertex)
{
    struct wg_spot p = wg_coverage_spot(strip->c, vertex);
    return !wg_spot_equal(p, strip->a) && !wg_spot_equal(p, strip->b) &&
           wg_spot_distance(strip->a, strip->b, p) <= 2;
}

static bool see_segment(uint32_t segment, void *user)
{
    struct strip *strip = user;
    const struct wg_segment *s = wg_coverage_segment(strip->c, segment);

    if (is_beside(strip, s->a) || is_beside(strip, s->b))
        strip->clear = false;
    return strip->clear;
}

/* No vertex so near that a segment bent by rounding could touch it. */
static bool is_clear(const struct job *job, struct wg_spot a, struct wg_spot b)
{
    struct strip strip = {job->c, a, b, true};
    struct wg_spot min = {(a.x < b.x ? a.x : b.x) - 2, (a.y < b.y ? a.y : b.y) - 2};
    struct wg_spot max = {(a.x > b.x ? a.x : b.x) + 2, (a.y > b.y ? a.y : b.y) + 2};

    wg_coverage_near(job->c, min, max, see_segment, &strip);
    return strip.clear;
}

typedef void long_fn(struct job *job, const struct wg_chain *chain, size_t from,
                     size_t to, uint32_t parts, void *user);

static void each_long(struct job *job, long_fn *fn, void *user)
{
    const struct wg_chains *chains = &job->chains;

    for (size_t i = 0; i < chains->n; i++) {
        const struct wg_chain *chain = &chains->chain[i];
        size_t end = chain->first + chain->n;
        for (size_t p = chain->first; p < end; p++) {
            size_t to = p + 1 < end ? p + 1 : chain->first;
            if ((p + 1 == end && !chain->is_ring) || job->left[p])
                continue;
            uint32_t parts = parts_of(job, chains->spot[p], chains->spot[to]);
            if (parts > 1)
                fn(job, chain, p, to, parts, user);
        }
    }
}

static void leave_crowded(struct job *job, const struct wg_chain *chain, size_t from,
                          size_t to, uint32_t parts, void *user)
{
    (void)chain;
    (void)parts;
    (void)user;
    job->left[from] = !is_clear(job, job->chains.spot[from], job->chains.spot[to]);
}

static void edit_long(struct job *job, const struct wg_chain *chain, size_t from,
                      size_t to, uint32_t parts, void *user)
{
    const struct wg_chains *chains = &job->chains;
    struct wg_spot a = chains->spot[from], b = chains->spot[to], last = a;

    (void)user;
    wg_edit_take(job->c, wg_segment_at(job->c, a, b));
    for (uint32_t t = 1; t <= parts; t++) {
        struct wg_spot next = t < parts ? between(a, b, t, parts) : b;
        wg_edit_put(job->c, last, next, chain->left, chain->right);
        last = next;
    }
    job->n_added += parts - 1;
}

struct culprit {
    struct wg_spot at;
    double best;
    size_t place;
    bool found;
};

static void compare_long(struct job *job, const struct wg_chain *chain, size_t from,
                         size_t to, uint32_t parts, void *user)
{
    struct culprit *culprit = user;
    double d =
        wg_spot_distance(job->chains.spot[from], job->chains.spot[to], culprit->at);

    (void)chain;
    (void)parts;
    if (culprit->found && d >= culprit->best)
        return;
    culprit->found = true;
    culprit->best = d;
    culprit->place = from;
}

/* Where the edit was refused, the segment stays as it is. */
static bool leave_refused(struct job *job)
{
    const struct wg_refusal *refusal = wg_coverage_refusal(job->c);
    struct wg_lattice lattice = wg_coverage_lattice(job->c);
    struct culprit culprit = {0};

    if (!wg_lattice_spot(&lattice, refusal->x, refusal->y, &culprit.at))
        return false;
    each_long(job, compare_long, &culprit);
    if (culprit.found)
        job->left[culprit.place] = true;
    return culprit.found;
}

static void count_long(struct job *job, const struct wg_chain *chain, size_t from,
                       size_t to, uint32_t parts, void *user)
{
    (void)job;
    (void)chain;
    (void)from;
    (void)to;
    *(uint64_t *)user += parts - 1;
}

static enum wg_status edit(struct job *job, size_t n, struct wg_error *err)
{
    char longest[WG_NUMBER_SIZE];
    enum wg_status status = WG_OK;

    wg_number_write(job->longest * WG_LATTICE_STEP, longest);
    for (int tries = 0; tries < 200; tries++) {
        uint64_t count = 0;
        each_long(job, count_long, &count);
        job->n_added = 0;
        if (count == 0)
            return WG_OK;
        wg_edit_begin(job->c, "densify", "%s %zu", longest, n);
        each_long(job, edit_long, NULL);
        status = wg_edit_end(job->c, err);
        if (status != WG_CONSTRAINT || !leave_refused(job))
            return status;
    }
    return status;
}

enum wg_status wg_coverage_densify(struct wg_coverage *coverage, double max_m, size_t n,
                                   const int64_t *grid, uint64_t *changed,
                                   struct wg_error *err)
{
    struct job job = {.c = coverage, .longest = max_m / WG_LATTICE_STEP};
    enum wg_status status;

    if (!(max_m >= 0.01) || !isfinite(max_m))
        return wg_fail(err, WG_INVALID,
                       _("A greatest length is at least 0.01 m, and finite."));
    status = wg_chains_read(coverage, n, grid, &job.chains, err);
    if (!status) {
        job.left = calloc(job.chains.n_place + 1, sizeof *job.left);
        if (job.left) {
            each_long(&job, leave_crowded, NULL);
            status = edit(&job, n, err);
        } else {
            status = wg_fail_memory(err);
        }
    }
    if (!status && changed)
        *changed = job.n_added;
    wg_chains_finish(&job.chains);
    free(job.left);
    return status;
}
