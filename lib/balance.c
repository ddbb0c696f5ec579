/* Owns the balance of a pending edit: what each grid touched had and will have. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "coverage_job.h"
#include "internal.h"
#include "survey_job.h"
#include "wangge/assign.h"
#include "wangge/locate.h"
#include "wangge/scheme.h"

/*
 * What changed hands lies inside the box around the segments that are not in both
 * coverages.  Before: counted once for each grid that is touched.  After: before, less
 * what the buildings and events meeting that box gave, plus what they give now.  Sides
 * are known by number of face, which a copy of a coverage shares.
 */

#define SHARES_MAX 64

struct part { /* what a building or an event gives to a face */
    uint32_t face;
    bool owner, cut;
};

struct asked {
    uint32_t first, n; /* of the pool; first WG_NONE: not asked yet */
};

struct counts {
    int64_t buildings, households, n_households, population, n_population, events, cut;
};

struct side { /* a coverage and its index */
    const struct wg_coverage *c;
    struct wg_locator *loc;
};

struct wg_balancer {
    struct wg_coverage *base;
    const struct wg_survey *survey;
    struct wg_norms norms;
    struct side before;
    struct asked *asked; /* of each building, before */
    struct part *pool;
    size_t n_pool, cap_pool;
    bool *counted; /* by face, of the base */
    struct counts *count;
    uint32_t n_face;
};

static bool is_alive(const struct wg_coverage *c, uint32_t face)
{
    if (face >= wg_coverage_n_face(c))
        return false;
    const struct wg_face *f = wg_coverage_get_face(c, face);
    return f->kind == WG_FACE_GRID && !f->ended && f->n_segment > 0;
}

/* ---- an index of some faces ---- */

static enum wg_status build_index(const struct wg_coverage *c, const bool *wanted,
                                  struct wg_locator **out, struct wg_error *err)
{
    uint32_t n_face = wg_coverage_n_face(c), n = 0;
    struct wg_locator_grid *grid = malloc(((size_t)n_face + 1) * sizeof *grid);
    struct wg_multipolygon *mp = calloc((size_t)n_face + 1, sizeof *mp);
    char(*code)[24] = malloc(((size_t)n_face + 1) * sizeof *code);
    struct wg_locator_options options = {.cells = wanted ? 1024 : 0};
    enum wg_status st = grid && mp && code ? WG_OK : wg_fail_memory(err);
    for (uint32_t f = 1; f < n_face && !st; f++) {
        const struct wg_face *face = wg_coverage_get_face(c, f);
        if (!is_alive(c, f) || (wanted && !wanted[f]))
            continue;
        st = wg_coverage_polygon(c, face->id, &mp[n], err);
        if (st)
            break;
        /* grids without a code come last, in the order they were made */
        snprintf(code[n], sizeof code[n], "\xff%020lld", -(long long)face->id);
        grid[n] = (struct wg_locator_grid){f, face->code ? face->code : code[n], &mp[n]};
        n++;
    }
    if (!st)
        st = wg_locator_build(n, grid, &options, out, err);
    for (uint32_t i = 0; mp && i < n; i++)
        wg_multipolygon_finish(&mp[i]);
    free(grid);
    free(mp);
    free(code);
    return st;
}

/* ---- asking one building ---- */

/* What it gives, into `part`; *n is how many, at most SHARES_MAX. */
static enum wg_status ask(const struct side *side, const struct wg_survey_building *b,
                          struct part *part, uint32_t *n, struct wg_error *err)
{
    struct wg_locator_share share[SHARES_MAX];
    size_t found = 0, best = SIZE_MAX, large = 0;
    *n = 0;
    enum wg_status st =
        wg_locator_shares(side->loc, NULL, b->footprint, SHARES_MAX, share, &found, err);
    if (st)
        return st;
    found = found > SHARES_MAX ? SHARES_MAX : found;
    for (size_t i = 0; i < found; i++) {
        double weight = share[i].covers ? 2 : share[i].share;
        large += share[i].share > WG_CUT_SHARE;
        if (share[i].slot &&
            (best == SIZE_MAX || weight > (share[best].covers ? 2 : share[best].share)))
            best = i;
    }
    for (size_t i = 0; i < found; i++) {
        bool cut = large > 1 && share[i].share > WG_CUT_SHARE;
        if (share[i].slot && (i == best || cut))
            part[(*n)++] = (struct part){
                (uint32_t)wg_locator_id(side->loc, share[i].slot), i == best, cut};
    }
    return WG_OK;
}

static void give(struct counts *c, const struct part *part,
                 const struct wg_survey_building *b, int64_t sign)
{
    c->cut += part->cut ? sign : 0;
    if (!part->owner)
        return;
    c->buildings += sign;
    if (b->households != WG_UNKNOWN) {
        c->households += sign * b->households;
        c->n_households += sign;
    }
    if (b->population != WG_UNKNOWN) {
        c->population += sign * b->population;
        c->n_population += sign;
    }
}

/* What a building gave before: asked once. */
static enum wg_status ask_before(struct wg_balancer *b, size_t i, const struct part **out,
                                 uint32_t *n, struct wg_error *err)
{
    if (b->asked[i].first == WG_NONE) {
        struct part part[SHARES_MAX];
        void *array = b->pool;
        uint32_t found = 0;
        enum wg_status st = ask(&b->before, &b->survey->building[i], part, &found, err);
        if (st)
            return st;
        if (!wg_grow(&array, &b->cap_pool, b->n_pool + found + 1, sizeof *b->pool))
            return wg_fail_memory(err);
        b->pool = array;
        memcpy(b->pool + b->n_pool, part, found * sizeof *part);
        b->asked[i] = (struct asked){(uint32_t)b->n_pool, found};
        b->n_pool += found;
    }
    *out = b->pool + b->asked[i].first;
    *n = b->asked[i].n;
    return WG_OK;
}

/* ---- before ---- */

static struct wg_box box_of(const struct wg_coverage *c, uint32_t face)
{
    struct wg_lattice lattice = wg_coverage_lattice(c);
    struct wg_box box = wg_box_empty();
    for (uint32_t s = wg_coverage_next_of_face(c, face, WG_NONE); s != WG_NONE;
         s = wg_coverage_next_of_face(c, face, s)) {
        const struct wg_segment *g = wg_coverage_segment(c, s);
        struct wg_point p = wg_lattice_point(&lattice, wg_coverage_spot(c, g->a));
        struct wg_point q = wg_lattice_point(&lattice, wg_coverage_spot(c, g->b));
        box = wg_box_grow(wg_box_grow(box, p.x, p.y), q.x, q.y);
    }
    return box;
}

struct counting {
    struct wg_balancer *b;
    uint32_t face;
    struct counts *count;
    enum wg_status status;
    struct wg_error *err;
};

static bool count_building(size_t i, void *user)
{
    struct counting *k = user;
    const struct part *part = NULL;
    uint32_t n = 0;
    k->status = ask_before(k->b, i, &part, &n, k->err);
    for (uint32_t p = 0; p < n && !k->status; p++) {
        if (part[p].face == k->face)
            give(k->count, &part[p], &k->b->survey->building[i], 1);
    }
    return !k->status;
}

static uint32_t face_of_event(const struct side *side, const struct wg_survey *survey,
                              size_t i)
{
    struct wg_point p = survey->event[i];
    return (uint32_t)wg_locator_id(side->loc, wg_locator_slot(side->loc, p.x, p.y));
}

static bool count_event(size_t i, void *user)
{
    struct counting *k = user;
    k->count->events += face_of_event(&k->b->before, k->b->survey, i) == k->face;
    return true;
}

static enum wg_status count_before(struct wg_balancer *b, uint32_t face,
                                   struct wg_error *err)
{
    if (!is_alive(b->base, face) || b->counted[face])
        return WG_OK;
    struct counting k = {b, face, &b->count[face], WG_OK, err};
    struct wg_box box = box_of(b->base, face);
    b->count[face] = (struct counts){0};
    wg_survey_near(b->survey, box, count_building, &k);
    wg_survey_events_near(b->survey, box, count_event, &k);
    b->counted[face] = !k.status;
    return k.status;
}

/* ---- what changed hands ---- */

/* Is a segment of one coverage in the other, with the same faces? */
static bool is_in_both(const struct wg_coverage *c, uint32_t segment,
                       const struct wg_coverage *other)
{
    const struct wg_segment *s = wg_coverage_segment(c, segment);
    uint32_t a = wg_coverage_vertex_at(other, wg_coverage_spot(c, s->a));
    uint32_t b = wg_coverage_vertex_at(other, wg_coverage_spot(c, s->b));
    if (a == WG_NONE || b == WG_NONE)
        return false;
    uint32_t there = wg_coverage_segment_between(other, a, b);
    if (there == WG_NONE)
        return false;
    const struct wg_segment *t = wg_coverage_segment(other, there);
    return wg_spot_equal(wg_coverage_spot(other, t->a), wg_coverage_spot(c, s->a))
               ? t->left == s->left && t->right == s->right
               : t->left == s->right && t->right == s->left;
}

static void grow_by_face(const struct wg_coverage *c, uint32_t face,
                         const struct wg_coverage *other, struct wg_box *box)
{
    struct wg_lattice lattice = wg_coverage_lattice(c);
    for (uint32_t s = wg_coverage_next_of_face(c, face, WG_NONE); s != WG_NONE;
         s = wg_coverage_next_of_face(c, face, s)) {
        if (is_in_both(c, s, other))
            continue;
        const struct wg_segment *g = wg_coverage_segment(c, s);
        struct wg_point p = wg_lattice_point(&lattice, wg_coverage_spot(c, g->a));
        struct wg_point q = wg_lattice_point(&lattice, wg_coverage_spot(c, g->b));
        *box = wg_box_grow(wg_box_grow(*box, p.x, p.y), q.x, q.y);
    }
}

static bool is_touched(const struct wg_balancer *b, const struct wg_coverage *c,
                       uint32_t face)
{
    bool was = is_alive(b->base, face), is = is_alive(c, face);
    if (!was && !is)
        return false;
    return was != is || wg_coverage_get_face(c, face)->version !=
                            wg_coverage_get_face(b->base, face)->version;
}

/* ---- after ---- */

struct after {
    struct wg_balancer *b;
    struct side now;
    bool *touched, *wanted; /* by face of the coverage as it is */
    struct counts *count;
    size_t *building, *event;
    size_t n_building, cap_building, n_event, cap_event;
    struct wg_box box, wide; /* what changed; with all of the buildings that meet it */
    enum wg_status status;
    struct wg_error *err;
};

static bool keep_number(size_t **list, size_t *n, size_t *cap, size_t i)
{
    void *array = *list;
    if (!wg_grow(&array, cap, *n + 1, sizeof **list))
        return false;
    *list = array;
    (*list)[(*n)++] = i;
    return true;
}

static bool keep_building(size_t i, void *user)
{
    struct after *a = user;
    a->wide = wg_box_union(a->wide, a->b->survey->building[i].box);
    if (!keep_number(&a->building, &a->n_building, &a->cap_building, i))
        a->status = wg_fail_memory(a->err);
    return !a->status;
}

static bool keep_event(size_t i, void *user)
{
    struct after *a = user;
    if (!keep_number(&a->event, &a->n_event, &a->cap_event, i))
        a->status = wg_fail_memory(a->err);
    return !a->status;
}

static bool want_sides(uint32_t segment, void *user)
{
    struct after *a = user;
    const struct wg_segment *s = wg_coverage_segment(a->now.c, segment);
    a->wanted[s->left] = a->wanted[s->right] = true;
    return true;
}

/* Every face with ground in the wide box has a boundary there, or all of it. */
static void want_near(struct after *a)
{
    struct wg_lattice lattice = wg_coverage_lattice(a->now.c);
    struct wg_spot min, max;
    double by = WG_LATTICE_STEP;
    if (!wg_lattice_spot(&lattice, a->wide.min_x - by, a->wide.min_y - by, &min) ||
        !wg_lattice_spot(&lattice, a->wide.max_x + by, a->wide.max_y + by, &max)) {
        min = (struct wg_spot){-WG_LATTICE_REACH, -WG_LATTICE_REACH};
        max = (struct wg_spot){WG_LATTICE_REACH, WG_LATTICE_REACH};
    }
    wg_coverage_near(a->now.c, min, max, want_sides, a);
    a->wanted[wg_coverage_face_at_spot(a->now.c, min)] = true;
}

static void count_changes(struct after *a)
{
    struct wg_balancer *b = a->b;
    for (size_t i = 0; i < a->n_building && !a->status; i++) {
        const struct wg_survey_building *w = &b->survey->building[a->building[i]];
        const struct part *was = NULL;
        struct part is[SHARES_MAX];
        uint32_t n_was = 0, n_is = 0;
        a->status = ask_before(b, a->building[i], &was, &n_was, a->err);
        if (!a->status)
            a->status = ask(&a->now, w, is, &n_is, a->err);
        for (uint32_t p = 0; p < n_was && !a->status; p++)
            give(&a->count[was[p].face], &was[p], w, -1);
        for (uint32_t p = 0; p < n_is && !a->status; p++)
            give(&a->count[is[p].face], &is[p], w, 1);
    }
    for (size_t i = 0; i < a->n_event && !a->status; i++) {
        a->count[face_of_event(&b->before, b->survey, a->event[i])].events--;
        a->count[face_of_event(&a->now, b->survey, a->event[i])].events++;
    }
}

/* A grid that kept its boundary can still win or lose a building that it shares with
 * others. */
static enum wg_status touch_by_counts(struct after *a, uint32_t face)
{
    static const struct counts none;
    struct counts *k = &a->count[face];
    if (a->touched[face] || !is_alive(a->now.c, face) ||
        memcmp(k, &none, sizeof none) == 0)
        return WG_OK;
    enum wg_status st = count_before(a->b, face, a->err);
    const struct counts *was = &a->b->count[face];
    k->buildings += was->buildings;
    k->households += was->households;
    k->n_households += was->n_households;
    k->population += was->population;
    k->n_population += was->n_population;
    k->events += was->events;
    k->cut += was->cut;
    a->touched[face] = true;
    return st;
}

static enum wg_status count_after(struct after *a)
{
    uint32_t n = wg_coverage_n_face(a->now.c);
    enum wg_status st = WG_OK;
    a->box = wg_box_empty();
    for (uint32_t f = 1; f < n && !st; f++) {
        if (!a->touched[f])
            continue;
        if (is_alive(a->b->base, f)) {
            st = count_before(a->b, f, a->err);
            a->count[f] = a->b->count[f];
            grow_by_face(a->b->base, f, a->now.c, &a->box);
        }
        if (is_alive(a->now.c, f))
            grow_by_face(a->now.c, f, a->b->base, &a->box);
    }
    if (st || wg_box_is_empty(a->box))
        return st;
    a->wide = a->box;
    wg_survey_near(a->b->survey, a->box, keep_building, a);
    wg_survey_events_near(a->b->survey, a->box, keep_event, a);
    if (a->status)
        return a->status;
    want_near(a);
    st = build_index(a->now.c, a->wanted, &a->now.loc, a->err);
    if (!st)
        count_changes(a);
    if (!st)
        st = a->status;
    for (uint32_t f = 1; f < n && !st; f++)
        st = touch_by_counts(a, f);
    return st;
}

/* ---- telling ---- */

static bool in_norm(double value, double least, double most)
{
    return !(value < least) && !(value > most);
}

static double or_nan(int64_t norm)
{
    return norm == WG_UNKNOWN ? NAN : (double)norm;
}

static struct wg_balance_side describe(const struct wg_balancer *b,
                                       const struct wg_coverage *c, uint32_t face,
                                       const struct counts *k)
{
    struct wg_balance_side s = {.exists = is_alive(c, face)};
    const struct wg_norms *norm = &b->norms;
    s.households_ok = s.population_ok = s.area_ok = true;
    if (!s.exists)
        return s;
    const struct wg_face *f = wg_coverage_get_face(c, face);
    s.area_m2 = (double)f->area2 / 2 * WG_LATTICE_STEP * WG_LATTICE_STEP;
    s.buildings = k->buildings;
    s.cut = k->cut;
    s.events = k->events;
    s.households = k->buildings && !k->n_households ? WG_UNKNOWN : k->households;
    s.population = k->buildings && !k->n_population ? WG_UNKNOWN : k->population;
    s.officers = f->id > 0 ? wg_survey_officers(b->survey, f->id) : 0;
    if (s.households != WG_UNKNOWN)
        s.households_ok = in_norm((double)s.households, or_nan(norm->households_min),
                                  or_nan(norm->households_max));
    if (s.population != WG_UNKNOWN)
        s.population_ok = in_norm((double)s.population, or_nan(norm->population_min),
                                  or_nan(norm->population_max));
    s.area_ok = in_norm(s.area_m2, norm->area_min_m2, norm->area_max_m2);
    return s;
}

static void tell(const struct after *a, wg_balance_fn *fn, void *user)
{
    static const struct counts none;
    const struct wg_balancer *b = a->b;
    for (uint32_t f = 1; f < wg_coverage_n_face(a->now.c); f++) {
        if (!a->touched[f])
            continue;
        const struct wg_face *face = wg_coverage_get_face(a->now.c, f);
        bool was = is_alive(b->base, f);
        struct wg_balance balance = {
            .grid = face->id,
            .code = face->code,
            .before = describe(b, b->base, f, was ? &b->count[f] : &none),
            .after = describe(b, a->now.c, f, &a->count[f])};
        if (!fn(&balance, user))
            return;
    }
}

enum wg_status wg_balance_each(struct wg_balancer *balancer,
                               const struct wg_coverage *coverage, wg_balance_fn *fn,
                               void *user, struct wg_error *err)
{
    uint32_t n = wg_coverage_n_face(coverage);
    struct after a = {.b = balancer, .now = {.c = coverage}, .err = err};
    a.touched = calloc((size_t)n + 1, sizeof *a.touched);
    a.wanted = calloc((size_t)n + 1, sizeof *a.wanted);
    /* owners from before may have higher numbers than there are now */
    size_t most = n > balancer->n_face ? n : balancer->n_face;
    a.count = calloc(most + 1, sizeof *a.count);
    enum wg_status st = a.touched && a.wanted && a.count ? WG_OK : wg_fail_memory(err);
    for (uint32_t f = 1; f < n && !st; f++)
        a.touched[f] = is_touched(balancer, coverage, f);
    if (!st)
        st = count_after(&a);
    if (!st)
        tell(&a, fn, user);
    wg_locator_destroy(a.now.loc);
    free(a.touched);
    free(a.wanted);
    free(a.count);
    free(a.building);
    free(a.event);
    return st;
}

/* ---- making one ---- */

void wg_balancer_destroy(struct wg_balancer *balancer)
{
    if (!balancer)
        return;
    wg_coverage_close(balancer->base);
    wg_locator_destroy(balancer->before.loc);
    free(balancer->asked);
    free(balancer->pool);
    free(balancer->counted);
    free(balancer->count);
    free(balancer);
}

enum wg_status wg_balancer_create(const struct wg_coverage *coverage,
                                  const struct wg_survey *survey,
                                  const struct wg_norms *norms, struct wg_balancer **out,
                                  struct wg_error *err)
{
    static const struct wg_norms none = {WG_UNKNOWN, WG_UNKNOWN, WG_UNKNOWN,
                                         WG_UNKNOWN, NAN,        NAN};
    struct wg_balancer *b = calloc(1, sizeof *b);
    if (!b)
        return wg_fail_memory(err);
    b->survey = survey;
    b->norms = norms ? *norms : none;
    b->n_face = wg_coverage_n_face(coverage);
    b->asked = malloc((survey->n + 1) * sizeof *b->asked);
    b->counted = calloc((size_t)b->n_face + 1, sizeof *b->counted);
    b->count = calloc((size_t)b->n_face + 1, sizeof *b->count);
    enum wg_status st = b->asked && b->counted && b->count ? WG_OK : wg_fail_memory(err);
    for (size_t i = 0; i < survey->n && !st; i++)
        b->asked[i] = (struct asked){WG_NONE, 0};
    if (!st)
        st = wg_coverage_copy(coverage, &b->base, err);
    if (!st) {
        b->before.c = b->base;
        st = build_index(b->base, NULL, &b->before.loc, err);
    }
    if (st)
        wg_balancer_destroy(b);
    else
        *out = b;
    return st;
}

enum wg_status wg_norms_read(struct wg_store *store, int64_t scheme, struct wg_norms *out,
                             struct wg_error *err)
{
    struct wg_scheme s;
    wg_scheme_init(&s);
    enum wg_status st = wg_scheme_read(store, scheme, &s, err);
    if (st)
        return st;
    *out = (struct wg_norms){.households_min = s.households_min,
                             .households_max = s.households_max,
                             .population_min = WG_UNKNOWN,
                             .population_max = WG_UNKNOWN,
                             .area_min_m2 = s.area_min_m2,
                             .area_max_m2 = s.area_max_m2};
    wg_scheme_finish(&s);
    return WG_OK;
}
