/* Owns the list of segments an edit takes and puts, joined where they fall together. */
#include "coverage_puts.h"

#include <math.h>
#include <stdio.h>

#include "internal.h"

void wg_puts_finish(struct wg_puts *puts)
{
    free(puts->put);
    free(puts->taken);
    *puts = (struct wg_puts){0};
}

void wg_puts_clear(struct wg_puts *puts)
{
    puts->n = puts->n_taken = 0;
    puts->failed = false;
}

void wg_puts_take(struct wg_puts *puts, uint32_t segment)
{
    void *array = puts->taken;

    if (!wg_grow(&array, &puts->cap_taken, puts->n_taken + 1, sizeof *puts->taken)) {
        puts->failed = true;
        return;
    }
    puts->taken = array;
    puts->taken[puts->n_taken++] = segment;
}

static bool is_before(struct wg_spot a, struct wg_spot b)
{
    return a.y != b.y ? a.y < b.y : a.x < b.x;
}

void wg_puts_add(struct wg_puts *puts, struct wg_spot a, struct wg_spot b, uint32_t left,
                 uint32_t right)
{
    void *array = puts->put;

    if (wg_spot_equal(a, b) || left == right)
        return;
    if (!wg_grow(&array, &puts->cap, puts->n + 1, sizeof *puts->put)) {
        puts->failed = true;
        return;
    }
    puts->put = array;
    puts->put[puts->n++] = is_before(a, b) ? (struct wg_put){a, b, left, right}
                                           : (struct wg_put){b, a, right, left};
}

void wg_puts_bend(struct wg_puts *puts, const struct wg_coverage *c, uint32_t segment,
                  struct wg_spot a, struct wg_spot b)
{
    const struct wg_segment *s = wg_coverage_segment(c, segment);

    wg_puts_take(puts, segment);
    wg_puts_add(puts, a, b, s->left, s->right);
}

static int order_of_spot(struct wg_spot a, struct wg_spot b)
{
    return wg_spot_equal(a, b) ? 0 : is_before(a, b) ? -1 : 1;
}

static int order_of_put(const void *x, const void *y)
{
    const struct wg_put *a = x, *b = y;
    int order = order_of_spot(a->a, b->a);
    return order ? order : order_of_spot(a->b, b->b);
}

static int order_of_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

/* What is there already where something is to be put is taken, and put along with it. */
static void take_same(struct wg_puts *puts, const struct wg_coverage *c)
{
    size_t n = puts->n, n_taken = puts->n_taken;

    for (size_t i = 0; i < n && !puts->failed; i++) {
        uint32_t a = wg_coverage_vertex_at(c, puts->put[i].a);
        uint32_t b = a == WG_NONE ? WG_NONE : wg_coverage_vertex_at(c, puts->put[i].b);
        uint32_t s = b == WG_NONE ? WG_NONE : wg_coverage_segment_between(c, a, b);
        if (s == WG_NONE || bsearch(&s, puts->taken, n_taken, sizeof s, order_of_number))
            continue;
        const struct wg_segment *segment = wg_coverage_segment(c, s);
        wg_puts_bend(puts, c, s, wg_coverage_spot(c, segment->a),
                     wg_coverage_spot(c, segment->b));
    }
}

static void sort_taken(struct wg_puts *puts)
{
    size_t kept = 0;

    if (puts->n_taken > 1)
        qsort(puts->taken, puts->n_taken, sizeof *puts->taken, order_of_number);
    for (size_t i = 0; i < puts->n_taken; i++)
        if (kept == 0 || puts->taken[kept - 1] != puts->taken[i])
            puts->taken[kept++] = puts->taken[i];
    puts->n_taken = kept;
}

/* Twice the same number cannot be joined twice: segments that are there are put once. */
static bool join_two(struct wg_put *into, const struct wg_put *from)
{
    if (into->right == from->left)
        into->right = from->right;
    else if (into->left == from->right)
        into->left = from->left;
    else
        return false;
    return true;
}

bool wg_puts_join(struct wg_puts *puts, const struct wg_coverage *c, struct wg_spot *at)
{
    size_t kept = 0;

    sort_taken(puts);
    take_same(puts, c);
    sort_taken(puts);
    if (puts->failed || puts->n == 0)
        return !puts->failed;
    qsort(puts->put, puts->n, sizeof *puts->put, order_of_put);
    for (size_t i = 0; i < puts->n; i++) {
        if (kept > 0 && order_of_put(&puts->put[kept - 1], &puts->put[i]) == 0) {
            if (!join_two(&puts->put[kept - 1], &puts->put[i])) {
                *at = puts->put[i].a;
                return false;
            }
        } else {
            puts->put[kept++] = puts->put[i];
        }
    }
    puts->n = kept;
    return true;
}

void wg_puts_edit(const struct wg_puts *puts, struct wg_coverage *c)
{
    for (size_t i = 0; i < puts->n_taken; i++)
        wg_edit_take(c, puts->taken[i]);
    for (size_t i = 0; i < puts->n; i++)
        wg_edit_put(c, puts->put[i].a, puts->put[i].b, puts->put[i].left,
                    puts->put[i].right);
}

enum wg_status wg_star(const struct wg_coverage *c, uint32_t vertex, uint32_t **segment,
                       size_t *cap, uint32_t *n, struct wg_error *err)
{
    size_t need = 16;

    for (;;) {
        void *array = *segment;
        if (!wg_grow(&array, cap, need, sizeof **segment))
            return wg_fail_memory(err);
        *segment = array;
        uint32_t room = *cap > UINT32_MAX ? UINT32_MAX : (uint32_t)*cap;
        *n = wg_coverage_around(c, vertex, room, *segment);
        if (*n <= room)
            return WG_OK;
        need = *n;
    }
}

uint32_t wg_segment_at(const struct wg_coverage *c, struct wg_spot a, struct wg_spot b)
{
    return wg_coverage_segment_between(c, wg_coverage_vertex_at(c, a),
                                       wg_coverage_vertex_at(c, b));
}

double wg_within_steps(double within_m)
{
    return within_m > 0 ? fmax(within_m / WG_LATTICE_STEP, 1.5) : 1.5;
}

struct wg_spot wg_spot_foot(struct wg_spot a, struct wg_spot b, struct wg_spot p)
{
    double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    double length2 = dx * dx + dy * dy;
    double t =
        length2 > 0 ? (((double)p.x - a.x) * dx + ((double)p.y - a.y) * dy) / length2 : 0;

    if (!(t > 0))
        return a;
    if (t >= 1)
        return b;
    return (struct wg_spot){(int32_t)lround(a.x + t * dx), (int32_t)lround(a.y + t * dy)};
}

/* Cosine of the angle at v between the ways to p and to q; 0 where there is none. */
static double towards(struct wg_spot v, struct wg_spot p, struct wg_spot q)
{
    double px = (double)p.x - v.x, py = (double)p.y - v.y;
    double qx = (double)q.x - v.x, qy = (double)q.y - v.y;
    double lengths = hypot(px, py) * hypot(qx, qy);

    return lengths > 0 ? (px * qx + py * qy) / lengths : 0;
}

uint32_t wg_pick_segment(const struct wg_coverage *c, struct wg_spot spot, double within)
{
    uint32_t best = wg_coverage_nearest_segment(c, spot, within), *star = NULL, n = 0;
    size_t cap = 0;

    if (best == WG_NONE)
        return best;
    const struct wg_segment *s = wg_coverage_segment(c, best);
    struct wg_spot a = wg_coverage_spot(c, s->a), b = wg_coverage_spot(c, s->b);
    double distance = wg_spot_distance(a, b, spot);
    bool at_a = hypot((double)a.x - spot.x, (double)a.y - spot.y) <= distance;
    bool at_b = hypot((double)b.x - spot.x, (double)b.y - spot.y) <= distance;
    uint32_t vertex = at_a ? s->a : s->b;

    if ((!at_a && !at_b) || wg_star(c, vertex, &star, &cap, &n, NULL) != WG_OK)
        return best;
    struct wg_spot v = wg_coverage_spot(c, vertex);
    double most = -2;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t other = wg_segment_other(wg_coverage_segment(c, star[i]), vertex);
        double is = towards(v, wg_coverage_spot(c, other), spot);
        if (is > most) {
            most = is;
            best = star[i];
        }
    }
    free(star);
    return best;
}

static double furthest_within(void)
{
    return 4.0 * WG_LATTICE_REACH;
}

uint32_t wg_nearest_vertex(const struct wg_coverage *c, struct wg_spot spot)
{
    uint32_t found = WG_NONE;
    for (double r = 4096; found == WG_NONE && r < furthest_within(); r *= 8)
        found = wg_coverage_nearest_vertex(c, spot, r);
    return found;
}

uint32_t wg_nearest_segment(const struct wg_coverage *c, struct wg_spot spot)
{
    uint32_t found = WG_NONE;
    for (double r = 4096; found == WG_NONE && r < furthest_within(); r *= 8)
        found = wg_coverage_nearest_segment(c, spot, r);
    return found;
}

const char *wg_place_text(const struct wg_coverage *c, struct wg_spot spot,
                          char out[WG_PLACE_SIZE])
{
    struct wg_lattice lattice = wg_coverage_lattice(c);
    struct wg_point p = wg_lattice_point(&lattice, spot);
    int n = wg_number_write(p.x, out);

    out[n++] = ',';
    wg_number_write(p.y, out + n);
    return out;
}

const char *wg_face_text(const struct wg_coverage *c, uint32_t face)
{
    if (face == WG_NONE || face == 0)
        return _("the outside");
    const struct wg_face *f = wg_coverage_get_face(c, face);
    if (f->kind == WG_FACE_FREE)
        return _("the free area");
    return f->code ? f->code : _("a new grid");
}

static struct wg_spot on_the_way(struct wg_spot from, struct wg_spot to, double t)
{
    return (struct wg_spot){(int32_t)lround(from.x + t * ((double)to.x - from.x)),
                            (int32_t)lround(from.y + t * ((double)to.y - from.y))};
}

bool wg_furthest(struct wg_spot from, struct wg_spot to, wg_try_fn *try, void *user,
                 struct wg_spot *out)
{
    double good = 0, bad = 1;
    struct wg_spot best = from;

    for (int i = 0; i < 40; i++) {
        double middle = (good + bad) / 2;
        struct wg_spot spot = on_the_way(from, to, middle);
        if (wg_spot_equal(spot, best)) { /* rounds to what is known to pass */
            good = middle;
            if (wg_spot_equal(on_the_way(from, to, bad), best))
                break;
            if (bad - good < 1e-12)
                break;
            continue;
        }
        if (try(spot, user)) {
            good = middle;
            best = spot;
        } else {
            bad = middle;
        }
        double dx = (double)to.x - from.x, dy = (double)to.y - from.y;
        if ((bad - good) * fmax(fabs(dx), fabs(dy)) < 0.5)
            break;
    }
    *out = best;
    return hypot((double)best.x - from.x, (double)best.y - from.y) > 8;
}
