/* Owns simplifying shared arcs: fewer vertices, the same neighbours. */
#include <math.h>
#include <string.h>

#include "coverage_chain.h"
#include "coverage_puts.h"
#include "internal.h"

/* Visvalingam and Whyatt 1993, "Line generalisation by repeated elimination of points":
 * the vertex that makes the smallest triangle with the two beside it goes first.  A
 * vertex stays while another lies in its triangle, corners apart: as no boundary ends
 * without a vertex, none can then be crossed, touched or jumped over. */
struct job {
    struct wg_coverage *c;
    struct wg_chains chains;
    double tolerance;              /* steps */
    bool *gone;                    /* by vertex */
    uint32_t *before, *after, *of; /* by place: places that are left beside it; chain */
    uint32_t *left;                /* by chain: places */
    int64_t *area;                 /* by place: twice the effective area */
    uint32_t *heap, *at;
    uint32_t n_heap;
    uint64_t *pair; /* ends of arcs that became one segment: a set */
    size_t n_pair, n_slot;
    uint64_t n_gone;
};

static void finish_job(struct job *job)
{
    wg_chains_finish(&job->chains);
    free(job->gone);
    free(job->before);
    free(job->after);
    free(job->of);
    free(job->left);
    free(job->area);
    free(job->heap);
    free(job->at);
    free(job->pair);
}

/* ---- the heap of places, smallest triangle on top ---- */

static bool goes_first(const struct job *job, uint32_t a, uint32_t b)
{
    return job->area[a] != job->area[b] ? job->area[a] < job->area[b] : a < b;
}

static void set_heap(struct job *job, uint32_t slot, uint32_t place)
{
    job->heap[slot] = place;
    job->at[place] = slot;
}

static void sift_up(struct job *job, uint32_t slot, uint32_t place)
{
    while (slot > 0 && goes_first(job, place, job->heap[(slot - 1) / 2])) {
        set_heap(job, slot, job->heap[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    set_heap(job, slot, place);
}

static void sift_down(struct job *job, uint32_t slot, uint32_t place)
{
    for (;;) {
        uint32_t child = 2 * slot + 1;
        if (child >= job->n_heap)
            break;
        if (child + 1 < job->n_heap &&
            goes_first(job, job->heap[child + 1], job->heap[child]))
            child++;
        if (!goes_first(job, job->heap[child], place))
            break;
        set_heap(job, slot, job->heap[child]);
        slot = child;
    }
    set_heap(job, slot, place);
}

static void put_in_heap(struct job *job, uint32_t place)
{
    if (job->at[place] == WG_NONE) {
        sift_up(job, job->n_heap++, place);
        return;
    }
    uint32_t slot = job->at[place];
    sift_up(job, slot, place);
    sift_down(job, job->at[place], place);
}

static uint32_t take_from_heap(struct job *job)
{
    uint32_t top = job->heap[0];
    uint32_t last = job->heap[--job->n_heap];

    if (job->n_heap > 0)
        sift_down(job, 0, last);
    job->at[top] = WG_NONE;
    return top;
}

/* ---- the set of pairs of nodes that a single segment joins ---- */

static uint64_t pair_of(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

static uint64_t *find_pair(const struct job *job, uint64_t pair)
{
    size_t slot = (size_t)((pair * UINT64_C(0x9E3779B97F4A7C15)) >> 20) % job->n_slot;

    while (job->pair[slot] != 0 && job->pair[slot] != pair)
        slot = (slot + 1) % job->n_slot;
    return &job->pair[slot];
}

/* ---- may a vertex go? ---- */

static bool is_inner(const struct job *job, uint32_t place)
{
    return job->before[place] != WG_NONE && job->after[place] != WG_NONE;
}

static bool is_near_enough(const struct job *job, uint32_t place)
{
    const struct wg_chain *chain = &job->chains.chain[job->of[place]];
    uint32_t before = job->before[place], after = job->after[place];
    struct wg_spot a = job->chains.spot[before], b = job->chains.spot[after];
    bool holds = chain->fixed && !wg_coverage_follows(job->c);
    double within = holds ? fmin(job->tolerance, 1.0) : job->tolerance;
    uint32_t p = before;

    for (;;) {
        p++;
        if (p == chain->first + chain->n)
            p = (uint32_t)chain->first;
        if (p == after)
            return true;
        if (wg_spot_distance(a, b, job->chains.spot[p]) > within)
            return false;
    }
}

struct triangle {
    const struct job *job;
    struct wg_spot a, b, c; /* counter-clockwise, or flat */
    struct wg_spot min, max;
    uint32_t corner[3];
    bool empty;
};

static bool see_vertex(struct triangle *t, uint32_t vertex)
{
    if (vertex == t->corner[0] || vertex == t->corner[1] || vertex == t->corner[2] ||
        (vertex <= t->job->chains.max_vertex && t->job->gone[vertex]))
        return true;
    struct wg_spot p = wg_coverage_spot(t->job->c, vertex);
    if (p.x < t->min.x || p.x > t->max.x || p.y < t->min.y || p.y > t->max.y)
        return true; /* of a flat one, beyond its ends */
    if (wg_spot_cross(t->a, t->b, p) >= 0 && wg_spot_cross(t->b, t->c, p) >= 0 &&
        wg_spot_cross(t->c, t->a, p) >= 0)
        t->empty = false;
    return t->empty;
}

static bool see_segment(uint32_t segment, void *user)
{
    struct triangle *t = user;
    const struct wg_segment *s = wg_coverage_segment(t->job->c, segment);
    return see_vertex(t, s->a) && see_vertex(t, s->b);
}

static int32_t least3(int32_t a, int32_t b, int32_t c)
{
    int32_t d = a < b ? a : b;
    return d < c ? d : c;
}

static bool is_free(const struct job *job, uint32_t place)
{
    uint32_t before = job->before[place], after = job->after[place];
    const struct wg_chains *chains = &job->chains;
    struct wg_spot a = chains->spot[before], b = chains->spot[place];
    struct wg_spot c = chains->spot[after];
    bool turns_left = wg_spot_cross(a, b, c) >= 0;
    struct triangle t = {
        .job = job,
        .a = a,
        .b = turns_left ? b : c,
        .c = turns_left ? c : b,
        .min = {least3(a.x, b.x, c.x), least3(a.y, b.y, c.y)},
        .max = {-least3(-a.x, -b.x, -c.x), -least3(-a.y, -b.y, -c.y)},
        .corner = {chains->vertex[before], chains->vertex[place], chains->vertex[after]},
        .empty = true};

    wg_coverage_near(job->c, t.min, t.max, see_segment, &t);
    return t.empty;
}

/* A ring keeps three vertices, one at a node too, and two arcs between the same nodes
 * must not both become a segment. */
static bool keeps_shape(const struct job *job, uint32_t place)
{
    const struct wg_chain *chain = &job->chains.chain[job->of[place]];
    uint32_t left = job->left[job->of[place]];
    const uint32_t *vertex = job->chains.vertex;
    uint32_t a = vertex[chain->first], b = vertex[chain->first + chain->n - 1];

    if (chain->is_ring)
        return left > 3;
    if (a == b)
        return left > 4;
    return left > 3 || (wg_coverage_segment_between(job->c, a, b) == WG_NONE &&
                        *find_pair(job, pair_of(a, b)) == 0);
}

/* ---- dropping ---- */

static void measure(struct job *job, uint32_t place, int64_t least)
{
    const struct wg_spot *spot = job->chains.spot;

    if (!is_inner(job, place))
        return;
    int64_t area =
        wg_spot_cross(spot[job->before[place]], spot[place], spot[job->after[place]]);
    area = area < 0 ? -area : area;
    job->area[place] = area > least ? area : least;
    put_in_heap(job, place);
}

static void drop(struct job *job, uint32_t place)
{
    const struct wg_chain *chain = &job->chains.chain[job->of[place]];
    uint32_t before = job->before[place], after = job->after[place];

    job->gone[job->chains.vertex[place]] = true;
    job->after[before] = after;
    job->before[after] = before;
    job->n_gone++;
    if (--job->left[job->of[place]] == 2 && !chain->is_ring) {
        const uint32_t *vertex = job->chains.vertex;
        uint64_t pair =
            pair_of(vertex[chain->first], vertex[chain->first + chain->n - 1]);
        *find_pair(job, pair) = pair;
    }
    measure(job, before, job->area[place]);
    measure(job, after, job->area[place]);
}

/* Over all that may go; true when any went. */
static bool drop_all(struct job *job)
{
    uint64_t before = job->n_gone;

    for (uint32_t p = 0; p < job->chains.n_place; p++)
        if (!job->gone[job->chains.vertex[p]])
            measure(job, p, 0);
    while (job->n_heap > 0) {
        uint32_t place = take_from_heap(job);
        if (keeps_shape(job, place) && is_near_enough(job, place) && is_free(job, place))
            drop(job, place);
    }
    return job->n_gone > before;
}

static enum wg_status set_up(struct job *job, struct wg_error *err)
{
    const struct wg_chains *chains = &job->chains;
    size_t n = chains->n_place + 1;

    job->gone = calloc(chains->max_vertex + (size_t)1, sizeof *job->gone);
    job->before = malloc(n * sizeof *job->before);
    job->after = malloc(n * sizeof *job->after);
    job->of = malloc(n * sizeof *job->of);
    job->left = malloc((chains->n + 1) * sizeof *job->left);
    job->area = malloc(n * sizeof *job->area);
    job->heap = malloc(n * sizeof *job->heap);
    job->at = malloc(n * sizeof *job->at);
    job->n_slot = 2 * chains->n + 8;
    job->pair = calloc(job->n_slot, sizeof *job->pair);
    if (n > WG_NONE || !job->gone || !job->before || !job->after || !job->of ||
        !job->left || !job->area || !job->heap || !job->at || !job->pair)
        return wg_fail_memory(err);
    for (size_t i = 0; i < chains->n; i++) {
        const struct wg_chain *chain = &chains->chain[i];
        uint32_t first = (uint32_t)chain->first;
        uint32_t last = first + (uint32_t)chain->n - 1;
        job->left[i] = (uint32_t)chain->n;
        for (uint32_t p = first; p <= last; p++) {
            job->of[p] = (uint32_t)i;
            job->before[p] = p > first ? p - 1 : chain->is_ring ? last : WG_NONE;
            job->after[p] = p < last ? p + 1 : chain->is_ring ? first : WG_NONE;
            job->at[p] = WG_NONE;
        }
    }
    return WG_OK;
}

/* ---- the edit ---- */

static uint32_t next_place(const struct wg_chain *chain, uint32_t place)
{
    return place + 1 == chain->first + chain->n ? (uint32_t)chain->first : place + 1;
}

/* What stands for the chain between two places that are left beside each other. */
static void replace(struct job *job, const struct wg_chain *chain, uint32_t from,
                    uint32_t to)
{
    const struct wg_chains *chains = &job->chains;

    /* by spot: an edit that was tried may leave other numbers */
    for (uint32_t p = from; p != to; p = next_place(chain, p))
        wg_edit_take(job->c, wg_segment_at(job->c, chains->spot[p],
                                           chains->spot[next_place(chain, p)]));
    wg_edit_put(job->c, chains->spot[from], chains->spot[to], chain->left, chain->right);
}

typedef void stretch_fn(struct job *job, const struct wg_chain *chain, uint32_t from,
                        uint32_t to, void *user);

/* Every stretch of a chain from which vertices went. */
static void each_stretch(struct job *job, stretch_fn *fn, void *user)
{
    const struct wg_chains *chains = &job->chains;

    for (size_t i = 0; i < chains->n; i++) {
        const struct wg_chain *chain = &chains->chain[i];
        uint32_t end = (uint32_t)(chain->first + chain->n);
        for (uint32_t p = (uint32_t)chain->first; p < end; p++) {
            uint32_t to = job->after[p];
            if (job->gone[chains->vertex[p]] || to == WG_NONE ||
                to == next_place(chain, p))
                continue;
            fn(job, chain, p, to, user);
        }
    }
}

static void edit_stretch(struct job *job, const struct wg_chain *chain, uint32_t from,
                         uint32_t to, void *user)
{
    (void)user;
    replace(job, chain, from, to);
}

struct culprit {
    struct wg_spot at;
    double best;
    const struct wg_chain *chain;
    uint32_t from, to;
};

static void compare_stretch(struct job *job, const struct wg_chain *chain, uint32_t from,
                            uint32_t to, void *user)
{
    struct culprit *culprit = user;
    double d =
        wg_spot_distance(job->chains.spot[from], job->chains.spot[to], culprit->at);
    if (culprit->chain && d >= culprit->best)
        return;
    culprit->best = d;
    culprit->chain = chain;
    culprit->from = from;
    culprit->to = to;
}

/* Where the edit was refused, the vertices stay; false when none had gone. */
static bool give_back(struct job *job)
{
    const struct wg_refusal *refusal = wg_coverage_refusal(job->c);
    struct wg_lattice lattice = wg_coverage_lattice(job->c);
    struct culprit culprit = {0};

    if (!wg_lattice_spot(&lattice, refusal->x, refusal->y, &culprit.at))
        return false;
    each_stretch(job, compare_stretch, &culprit);
    if (!culprit.chain)
        return false;
    for (uint32_t p = culprit.from; p != culprit.to;) {
        uint32_t next = next_place(culprit.chain, p);
        job->after[p] = next;
        job->before[next] = p;
        if (next != culprit.to) {
            job->gone[job->chains.vertex[next]] = false;
            job->n_gone--;
        }
        p = next;
    }
    return true;
}

static enum wg_status edit(struct job *job, size_t n, struct wg_error *err)
{
    char tolerance[WG_NUMBER_SIZE];
    enum wg_status status = WG_OK;

    wg_number_write(job->tolerance * WG_LATTICE_STEP, tolerance);
    for (int tries = 0; tries < 200 && job->n_gone > 0; tries++) {
        wg_edit_begin(job->c, "simplify", "%s %zu", tolerance, n);
        each_stretch(job, edit_stretch, NULL);
        status = wg_edit_end(job->c, err);
        if (status != WG_CONSTRAINT || !give_back(job))
            return status;
    }
    return job->n_gone > 0 ? status : WG_OK;
}

enum wg_status wg_coverage_simplify(struct wg_coverage *coverage, double tolerance_m,
                                    size_t n, const int64_t *grid, uint64_t *changed,
                                    struct wg_error *err)
{
    struct job job = {.c = coverage, .tolerance = tolerance_m / WG_LATTICE_STEP};
    enum wg_status status;

    if (!(tolerance_m >= 0) || !isfinite(tolerance_m))
        return wg_fail(err, WG_INVALID,
                       _("A tolerance is 0 or more metres, and finite."));
    status = wg_chains_read(coverage, n, grid, &job.chains, err);
    if (!status)
        status = set_up(&job, err);
    if (!status) {
        for (int pass = 0; pass < 4 && drop_all(&job); pass++)
            ;
        status = edit(&job, n, err);
    }
    if (!status && changed)
        *changed = job.n_gone;
    finish_job(&job);
    return status;
}
