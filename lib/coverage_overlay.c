/* Owns the small arrangement of what is drawn and the boundaries near it. */
#include "coverage_overlay.h"

#include <string.h>

#include "internal.h"
#include "wangge/shape.h"

#define NEAR 1.5 /* steps: what is drawn this near to a vertex goes through it */
#define MARGIN 4 /* steps about the drawn, within which boundaries are looked at */
#define ROUNDS 4 /* of looking further, where an old segment bends */
#define DRAWN 1u /* source */

void wg_overlay_begin(struct wg_overlay_job *o, struct wg_coverage *c)
{
    memset(o, 0, sizeof *o);
    o->c = c;
    o->face = WG_NONE;
}

static void drop_plane(struct wg_overlay_job *o)
{
    wg_arrangement_finish(&o->plane);
    memset(&o->plane, 0, sizeof o->plane);
    free(o->left);
    free(o->right);
    free(o->n_on);
    free(o->first_way);
    free(o->slot);
    o->left = o->right = o->n_on = o->slot = NULL;
    o->first_way = NULL;
    o->n_way = o->n_cut = o->n_input = 0;
}

void wg_overlay_finish(struct wg_overlay_job *o)
{
    drop_plane(o);
    free(o->drawn);
    free(o->old);
    free(o->seen);
    free(o->input);
    free(o->origin);
    free(o->cut);
    free(o->way);
    free(o->take);
    free(o->put);
    free(o->area);
    memset(o, 0, sizeof *o);
}

/* ---- what is drawn ----------------------------------------------------------------- */

static int32_t clamp(int64_t v)
{
    return (int32_t)(v < -WG_LATTICE_REACH  ? -WG_LATTICE_REACH
                     : v > WG_LATTICE_REACH ? WG_LATTICE_REACH
                                            : v);
}

static void widen(struct wg_overlay_job *o, struct wg_spot s, int margin)
{
    struct wg_spot low = {clamp((int64_t)s.x - margin), clamp((int64_t)s.y - margin)};
    struct wg_spot high = {clamp((int64_t)s.x + margin), clamp((int64_t)s.y + margin)};

    if (!o->any) {
        o->min = low;
        o->max = high;
        o->any = true;
        return;
    }
    o->min.x = low.x < o->min.x ? low.x : o->min.x;
    o->min.y = low.y < o->min.y ? low.y : o->min.y;
    o->max.x = high.x > o->max.x ? high.x : o->max.x;
    o->max.y = high.y > o->max.y ? high.y : o->max.y;
}

enum wg_status wg_overlay_add_line(struct wg_overlay_job *o, size_t n,
                                   const struct wg_spot *line, struct wg_error *err)
{
    if (n < 2)
        return wg_fail(err, WG_INVALID, _("A line needs two points or more."));
    if (!wg_grow((void **)&o->drawn, &o->cap_drawn, o->n_drawn + n, sizeof *o->drawn))
        return wg_fail_memory(err);
    for (size_t i = 0; i + 1 < n; i++)
        o->drawn[o->n_drawn++] = (struct wg_arrange_segment){
            line[i], line[i + 1], WG_NO_LABEL, WG_NO_LABEL, DRAWN};
    for (size_t i = 0; i < n; i++)
        widen(o, line[i], MARGIN);
    return WG_OK;
}

/* The ring of most vertices of a repaired outline, as a proposal. */
static void propose_repaired(struct wg_overlay_job *o, const struct wg_multipolygon *mp)
{
    struct wg_lattice lattice = wg_coverage_lattice(o->c);
    struct wg_multipolygon fixed = {0};
    struct wg_spot *line = NULL;
    uint32_t best = 0, n = 0;

    if (wg_shape_repair(NULL, mp, &fixed, NULL) != WG_OK)
        return;
    for (uint32_t p = 0; p < fixed.n_part; p++) {
        uint32_t r = fixed.part[p], size = fixed.ring[r + 1] - fixed.ring[r];
        if (size > n) {
            best = r;
            n = size;
        }
    }
    line = n ? malloc(n * sizeof *line) : NULL;
    if (line) {
        uint32_t at = fixed.ring[best], k = 0;
        for (uint32_t i = 0; i < n; i++)
            k += wg_lattice_spot(&lattice, fixed.x[at + i], fixed.y[at + i], &line[k]);
        wg_refuse_propose(o->c, k, line);
    }
    free(line);
    wg_multipolygon_finish(&fixed);
}

static enum wg_status refuse_outline(struct wg_overlay_job *o,
                                     const struct wg_multipolygon *mp,
                                     const struct wg_error *why, struct wg_error *err)
{
    struct wg_lattice lattice = wg_coverage_lattice(o->c);
    struct wg_spot at = {0, 0};
    enum wg_status s;

    if (!wg_lattice_spot(&lattice, why->x, why->y, &at) && mp->n_vertex > 0)
        (void)!wg_lattice_spot(&lattice, mp->x[0], mp->y[0], &at);
    s = wg_refuse(o->c, WG_REFUSED_CROSSING, at, WG_NONE, WG_NONE,
                  _("Draw it so that it nowhere meets itself, or take the outline "
                    "proposed."),
                  err, _("The outline is no proper area. %s"), why->text);
    if (s == WG_CONSTRAINT)
        propose_repaired(o, mp);
    return s;
}

enum wg_status wg_overlay_add_area(struct wg_overlay_job *o,
                                   const struct wg_multipolygon *mp, struct wg_error *err)
{
    struct wg_lattice lattice = wg_coverage_lattice(o->c);
    struct wg_error why = {0};
    size_t at = o->n_drawn;
    enum wg_status s;

    if (!mp || mp->n_part == 0)
        return wg_fail(err, WG_INVALID, _("The area given is empty."));
    s = wg_shape_check(NULL, mp, &why);
    if (s == WG_GEOMETRY)
        return refuse_outline(o, mp, &why, err);
    if (s == WG_OK)
        s = wg_arrange_add_polygon(mp, &lattice, 0, &o->drawn, &o->n_drawn, &o->cap_drawn,
                                   err);
    else if (err)
        *err = why;
    if (s != WG_OK)
        return s;
    for (; at < o->n_drawn; at++) {
        o->drawn[at].source = DRAWN;
        widen(o, o->drawn[at].a, MARGIN);
        widen(o, o->drawn[at].b, MARGIN);
    }
    return WG_OK;
}

/* ---- what is near ------------------------------------------------------------------ */

static bool add_old(uint32_t segment, void *user)
{
    struct wg_overlay_job *o = user;
    size_t word = segment / 64;

    if (word >= o->seen_words) {
        size_t words = word + word / 2 + 64;
        uint64_t *more = realloc(o->seen, words * sizeof *more);
        if (!more) {
            o->no_memory = true;
            return false;
        }
        memset(more + o->seen_words, 0, (words - o->seen_words) * sizeof *more);
        o->seen = more;
        o->seen_words = words;
    }
    if (o->seen[word] >> segment % 64 & 1)
        return true;
    o->seen[word] |= UINT64_C(1) << segment % 64;
    if (!wg_grow((void **)&o->old, &o->cap_old, o->n_old + 1, sizeof *o->old)) {
        o->no_memory = true;
        return false;
    }
    o->old[o->n_old++] = segment;
    return true;
}

static bool collect(struct wg_overlay_job *o)
{
    if (o->any)
        wg_coverage_near(o->c, o->min, o->max, add_old, o);
    if (o->face != WG_NONE)
        for (uint32_t s = wg_coverage_next_of_face(o->c, o->face, WG_NONE); s != WG_NONE;
             s = wg_coverage_next_of_face(o->c, o->face, s))
            if (!add_old(s, o))
                break;
    return !o->no_memory;
}

static void ends_of(const struct wg_overlay_job *o, uint32_t segment, struct wg_spot *a,
                    struct wg_spot *b)
{
    const struct wg_segment *s = wg_coverage_segment(o->c, segment);

    *a = wg_coverage_spot(o->c, s->a);
    *b = wg_coverage_spot(o->c, s->b);
}

/* ---- drawn through old vertices, old through drawn ones ------------------------------
 */

/* Points that go into segments before they are arranged; `cut` holds them meanwhile. */
static bool add_cut(struct wg_overlay_job *o, uint32_t input, struct wg_spot spot,
                    struct wg_spot a, struct wg_spot b)
{
    if (!wg_grow((void **)&o->cut, &o->cap_cut, o->n_cut + 1, sizeof *o->cut))
        return false;
    int64_t along = ((int64_t)b.x - a.x) * ((int64_t)spot.x - a.x) +
                    ((int64_t)b.y - a.y) * ((int64_t)spot.y - a.y);
    o->cut[o->n_cut++] = (struct wg_overlay_cut){input, spot, along};
    return true;
}

static int by_input(const void *p, const void *q)
{
    const struct wg_overlay_cut *a = p, *b = q;

    if (a->input != b->input)
        return a->input < b->input ? -1 : 1;
    return (a->along > b->along) - (a->along < b->along);
}

static void sort_cuts(struct wg_overlay_job *o)
{
    if (o->n_cut > 1)
        qsort(o->cut, o->n_cut, sizeof *o->cut, by_input);
}

/* Drawn vertices next to an old vertex are that. */
static void pull_vertices(struct wg_overlay_job *o)
{
    for (size_t i = 0; i < o->n_drawn; i++) {
        struct wg_spot *end[2] = {&o->drawn[i].a, &o->drawn[i].b};
        for (int k = 0; k < 2; k++) {
            uint32_t v = wg_coverage_nearest_vertex(o->c, *end[k], NEAR);
            if (v != WG_NONE)
                *end[k] = wg_coverage_spot(o->c, v);
        }
    }
}

static bool boxes_near(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                       struct wg_spot d)
{
    const int64_t m = 2;
    int64_t w0 = a.x < b.x ? a.x : b.x, e0 = a.x < b.x ? b.x : a.x;
    int64_t w1 = c.x < d.x ? c.x : d.x, e1 = c.x < d.x ? d.x : c.x;
    int64_t s0 = a.y < b.y ? a.y : b.y, n0 = a.y < b.y ? b.y : a.y;
    int64_t s1 = c.y < d.y ? c.y : d.y, n1 = c.y < d.y ? d.y : c.y;

    return w0 - m <= e1 && w1 - m <= e0 && s0 - m <= n1 && s1 - m <= n0;
}

/* Is c beside the inside of a–b, and not one of its ends? */
static bool beside(struct wg_spot a, struct wg_spot b, struct wg_spot c)
{
    return !wg_spot_equal(a, c) && !wg_spot_equal(b, c) &&
           wg_spot_distance(a, b, c) <= NEAR;
}

/* Old ones are the inputs 0 …, drawn ones come after them. */
static bool find_close(struct wg_overlay_job *o)
{
    size_t n = o->n_old;

    for (size_t i = 0; i < n; i++) {
        struct wg_spot a, b;
        ends_of(o, o->old[i], &a, &b);
        for (size_t k = 0; k < o->n_drawn; k++) {
            struct wg_spot p = o->drawn[k].a, q = o->drawn[k].b;
            if (!boxes_near(a, b, p, q))
                continue;
            if ((beside(p, q, a) && !add_cut(o, (uint32_t)(n + k), a, p, q)) ||
                (beside(p, q, b) && !add_cut(o, (uint32_t)(n + k), b, p, q)) ||
                (beside(a, b, p) && !add_cut(o, (uint32_t)i, p, a, b)) ||
                (beside(a, b, q) && !add_cut(o, (uint32_t)i, q, a, b)))
                return false;
        }
    }
    sort_cuts(o);
    return true;
}

/* A segment as pieces through its cuts. */
static bool add_input(struct wg_overlay_job *o, struct wg_arrange_segment segment,
                      uint32_t origin, const struct wg_overlay_cut *cut, size_t n)
{
    struct wg_spot end = segment.b;

    if (!wg_grow((void **)&o->input, &o->cap_input, o->n_input + n + 1,
                 sizeof *o->input) ||
        !wg_grow((void **)&o->origin, &o->cap_origin, o->n_input + n + 1,
                 sizeof *o->origin))
        return false;
    for (size_t i = 0; i <= n; i++) {
        segment.b = i < n ? cut[i].spot : end;
        if (wg_spot_equal(segment.a, segment.b))
            continue;
        o->input[o->n_input] = segment;
        o->origin[o->n_input++] = origin;
        segment.a = segment.b;
    }
    return true;
}

static bool make_input(struct wg_overlay_job *o)
{
    size_t at = 0;

    o->n_input = o->n_cut = 0;
    if (!find_close(o))
        return false;
    for (size_t i = 0; i < o->n_old + o->n_drawn; i++) {
        size_t first = at;
        bool old = i < o->n_old;
        struct wg_arrange_segment s = {.left = WG_NO_LABEL, .right = WG_NO_LABEL};
        if (old)
            ends_of(o, o->old[i], &s.a, &s.b);
        else
            s = o->drawn[i - o->n_old];
        while (at < o->n_cut && o->cut[at].input == i)
            at++;
        if (!add_input(o, s, old ? (uint32_t)i : WG_NONE, o->cut + first, at - first))
            return false;
    }
    o->n_cut = 0;
    return true;
}

/* ---- from old segments to those of the plane ----------------------------------------
 */

static void keep_cut(void *user, uint32_t input, struct wg_spot spot)
{
    struct wg_overlay_job *o = user;

    if (o->origin[input] == WG_NONE)
        return; /* of what was drawn nothing need be known */
    if (!add_cut(o, input, spot, o->input[input].a, o->input[input].b))
        o->no_memory = true;
}

static uint32_t hash_spot(struct wg_spot s)
{
    uint64_t z =
        ((uint64_t)(uint32_t)s.x << 32 | (uint32_t)s.y) * UINT64_C(0x9E3779B97F4A7C15);

    return (uint32_t)(z >> 32);
}

static bool hash_spots(struct wg_overlay_job *o)
{
    uint32_t n = 16;

    while (n < 2 * o->plane.n_spot)
        n *= 2;
    o->slot = malloc(n * sizeof *o->slot);
    o->n_slot = n;
    if (!o->slot)
        return false;
    memset(o->slot, 0xFF, n * sizeof *o->slot);
    for (uint32_t i = 0; i < o->plane.n_spot; i++) {
        uint32_t at = hash_spot(o->plane.spot[i]) & (n - 1);
        while (o->slot[at] != WG_NONE)
            at = (at + 1) & (n - 1);
        o->slot[at] = i;
    }
    return true;
}

static uint32_t find_spot(const struct wg_overlay_job *o, struct wg_spot s)
{
    uint32_t at = hash_spot(s) & (o->n_slot - 1);

    while (o->slot[at] != WG_NONE && !wg_spot_equal(o->plane.spot[o->slot[at]], s))
        at = (at + 1) & (o->n_slot - 1);
    return o->slot[at];
}

/* The half of the plane's segment from one spot to another. */
static uint32_t find_half(const struct wg_overlay_job *o, struct wg_spot from,
                          struct wg_spot to)
{
    uint32_t f = find_spot(o, from), t = find_spot(o, to);

    if (f == WG_NONE || t == WG_NONE)
        return WG_NONE;
    for (uint32_t i = o->plane.first[f]; i < o->plane.first[f + 1]; i++) {
        uint32_t s = o->plane.around[i];
        if (o->plane.a[s] == f && o->plane.b[s] == t)
            return 2 * s;
        if (o->plane.b[s] == f && o->plane.a[s] == t)
            return 2 * s + 1;
    }
    return WG_NONE;
}

/* An old segment with these faces lies on a segment of the plane.  Where a stretch of a
 * grid is squeezed to nothing several do: what lies between them is gone. */
static bool lay(struct wg_overlay_job *o, uint32_t half, uint32_t left, uint32_t right)
{
    uint32_t s = half / 2;

    if (half % 2) {
        uint32_t t = left;
        left = right;
        right = t;
    }
    if (o->n_on[s]++ == 0) {
        o->left[s] = left;
        o->right[s] = right;
    } else if (o->right[s] == left) {
        o->right[s] = right;
    } else if (o->left[s] == right) {
        o->left[s] = left;
    } else {
        return false;
    }
    return true;
}

static enum wg_status lay_step(struct wg_overlay_job *o, size_t i, struct wg_spot from,
                               struct wg_spot to, struct wg_error *err)
{
    const struct wg_segment *s = wg_coverage_segment(o->c, o->old[i]);
    uint32_t half = find_half(o, from, to);

    if (!wg_grow((void **)&o->way, &o->cap_way, o->n_way + 1, sizeof *o->way))
        return wg_fail_memory(err);
    if (half == WG_NONE)
        return wg_fail(err, WG_INTERNAL,
                       _("A boundary was lost among what was drawn; please report it."));
    o->way[o->n_way++] = half;
    if (!lay(o, half, s->left, s->right))
        return wg_refuse(o->c, WG_REFUSED_COLLAPSE, from, s->left, s->right,
                         _("Draw the line a little away from there."), err,
                         _("Here grids are thinner than the lattice, and what was drawn "
                           "would squeeze them to nothing."));
    return WG_OK;
}

/* The ways of all old ones. */
static enum wg_status lay_all(struct wg_overlay_job *o, struct wg_error *err)
{
    size_t input = 0, cut = 0;
    enum wg_status s = WG_OK;

    o->first_way = calloc(o->n_old + 1, sizeof *o->first_way);
    if (!o->first_way || o->no_memory || !hash_spots(o))
        return wg_fail_memory(err);
    sort_cuts(o);
    for (size_t i = 0; i < o->n_old; i++) {
        o->first_way[i] = o->n_way;
        for (; input < o->n_input && o->origin[input] == i; input++) {
            struct wg_spot at = o->input[input].a;
            for (; s == WG_OK && cut < o->n_cut && o->cut[cut].input == input; cut++) {
                if (wg_spot_equal(at, o->cut[cut].spot))
                    continue;
                s = lay_step(o, i, at, o->cut[cut].spot, err);
                at = o->cut[cut].spot;
            }
            if (s == WG_OK)
                s = lay_step(o, i, at, o->input[input].b, err);
            if (s != WG_OK)
                return s;
        }
    }
    o->first_way[o->n_old] = o->n_way;
    return WG_OK;
}

/* ---- in which face what was drawn lies -----------------------------------------------
 */

static bool is_old(const struct wg_overlay_job *o, uint32_t segment)
{
    return o->n_on[segment] > 0 && o->left[segment] != o->right[segment];
}

/* The face counter-clockwise of a segment, seen from one of its ends. */
static uint32_t after(const struct wg_overlay_job *o, uint32_t segment, uint32_t spot)
{
    return o->plane.a[segment] == spot ? o->left[segment] : o->right[segment];
}

/* The segment lies in a face; so do those that it leads to. */
static void flood(struct wg_overlay_job *o, uint32_t segment, uint32_t face,
                  uint32_t *stack)
{
    size_t n = 0;

    o->left[segment] = o->right[segment] = face;
    stack[n++] = segment;
    while (n > 0) {
        uint32_t s = stack[--n];
        uint32_t end[2] = {o->plane.a[s], o->plane.b[s]};
        for (int k = 0; k < 2; k++) {
            uint32_t first = o->plane.first[end[k]], last = o->plane.first[end[k] + 1];
            bool old = false;
            for (uint32_t i = first; i < last; i++)
                old = old || is_old(o, o->plane.around[i]);
            for (uint32_t i = first; i < last && !old; i++) {
                uint32_t t = o->plane.around[i];
                if (o->left[t] == WG_NONE) {
                    o->left[t] = o->right[t] = face;
                    stack[n++] = t;
                }
            }
        }
    }
}

/* From a spot that old boundaries pass, into the sectors between them. */
static void flood_around(struct wg_overlay_job *o, uint32_t spot, uint32_t *stack)
{
    uint32_t first = o->plane.first[spot], n = o->plane.first[spot + 1] - first;
    uint32_t start = 0, face = WG_NONE;

    while (start < n && !is_old(o, o->plane.around[first + start]))
        start++;
    if (start == n)
        return;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t s = o->plane.around[first + (start + i) % n];
        if (is_old(o, s))
            face = after(o, s, spot);
        else if (o->left[s] == WG_NONE)
            flood(o, s, face, stack);
    }
}

static bool flood_all(struct wg_overlay_job *o)
{
    uint32_t *stack = malloc(((size_t)o->plane.n_segment + 1) * sizeof *stack);

    if (!stack)
        return false;
    for (uint32_t s = 0; s < o->plane.n_segment; s++)
        if (!is_old(o, s))
            o->left[s] = o->right[s] = WG_NONE;
    for (uint32_t v = 0; v < o->plane.n_spot; v++)
        flood_around(o, v, stack);
    for (uint32_t s = 0; s < o->plane.n_segment; s++)
        if (o->left[s] == WG_NONE)
            flood(o, s, wg_coverage_face_at_spot(o->c, o->plane.spot[o->plane.a[s]]),
                  stack);
    free(stack);
    return true;
}

/* ---- all together -------------------------------------------------------------------
 */

/* Old segments that bend and reach further than what was looked at. */
static bool reaches_further(struct wg_overlay_job *o)
{
    bool further = false;

    for (size_t i = 0; i < o->n_old; i++) {
        struct wg_spot end[2];
        if (o->first_way[i + 1] - o->first_way[i] < 2)
            continue;
        ends_of(o, o->old[i], &end[0], &end[1]);
        for (int k = 0; k < 2; k++)
            if (end[k].x < o->min.x || end[k].x > o->max.x || end[k].y < o->min.y ||
                end[k].y > o->max.y) {
                widen(o, end[k], 2);
                further = true;
            }
    }
    return further;
}

static enum wg_status arrange(struct wg_overlay_job *o, struct wg_error *err)
{
    struct wg_arrange_options options = {.cut = keep_cut, .user = o};
    enum wg_status s;

    drop_plane(o);
    if (!collect(o) || !make_input(o))
        return wg_fail_memory(err);
    s = wg_arrange(o->n_input, o->input, &options, &o->plane, err);
    if (s != WG_OK)
        return s;
    o->left = malloc(((size_t)o->plane.n_segment + 1) * sizeof *o->left);
    o->right = malloc(((size_t)o->plane.n_segment + 1) * sizeof *o->right);
    o->n_on = calloc((size_t)o->plane.n_segment + 1, sizeof *o->n_on);
    if (!o->left || !o->right || !o->n_on)
        return wg_fail_memory(err);
    return lay_all(o, err);
}

enum wg_status wg_overlay_make(struct wg_overlay_job *o, uint32_t face,
                               struct wg_error *err)
{
    enum wg_status s;
    int round = 0;

    o->face = face;
    pull_vertices(o);
    do {
        s = arrange(o, err);
    } while (s == WG_OK && ++round < ROUNDS && reaches_further(o));
    if (s == WG_OK && !flood_all(o))
        s = wg_fail_memory(err);
    return s;
}

bool wg_overlay_inside(const struct wg_overlay_job *o, uint32_t plane_face)
{
    return o->plane.cover_first[plane_face] < o->plane.cover_first[plane_face + 1];
}
