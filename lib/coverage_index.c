/* Owns the cells that find vertices and segments by place. */
#include <math.h>
#include <string.h>

#include "coverage_inside.h"
#include "predicate.h"

bool wg_places_begin(struct wg_coverage *c, struct wg_spot min, struct wg_spot max,
                     size_t n)
{
    struct wg_places *k = &c->cells;
    double width = (double)max.x - min.x + 1, height = (double)max.y - min.y + 1;
    k->shift = 6;
    while (k->shift < 30 && ceil(width / (double)((int64_t)1 << k->shift)) *
                                    ceil(height / (double)((int64_t)1 << k->shift)) >
                                (double)(n + 16))
        k->shift++;
    k->x = min.x >> k->shift;
    k->y = min.y >> k->shift;
    k->cols = (uint32_t)((max.x >> k->shift) - k->x + 1);
    k->rows = (uint32_t)((max.y >> k->shift) - k->y + 1);
    k->free_entry = WG_NONE;
    size_t cells = (size_t)k->cols * k->rows;
    k->head = malloc(cells * sizeof *k->head);
    if (!k->head)
        return false;
    memset(k->head, 0xff, cells * sizeof *k->head);
    return true;
}

void wg_places_finish(struct wg_places *k)
{
    free(k->head);
    free(k->entry);
}

/* What lies outside of the cells is kept in the nearest of the rim. */
static uint32_t clamp(int64_t at, uint32_t n)
{
    return at < 0 ? 0 : at >= n ? n - 1 : (uint32_t)at;
}

static uint32_t column_of(const struct wg_places *k, int64_t x)
{
    return clamp((x >> k->shift) - k->x, k->cols);
}

static uint32_t row_of(const struct wg_places *k, int64_t y)
{
    return clamp((y >> k->shift) - k->y, k->rows);
}

/* The columns that a segment (a below b) passes in a row, with a step to spare. */
static void columns_in(const struct wg_places *k, struct wg_spot a, struct wg_spot b,
                       uint32_t row, uint32_t *from, uint32_t *to)
{
    int64_t low = ((int64_t)k->y + row) * ((int64_t)1 << k->shift);
    int64_t high = low + ((int64_t)1 << k->shift);
    double x0 = a.x, x1 = b.x, dy = (double)b.y - a.y;
    if (row > 0 && low > a.y && dy > 0)
        x0 = a.x + ((double)b.x - a.x) * ((double)(low - a.y) / dy);
    if (row + 1 < k->rows && high < b.y && dy > 0)
        x1 = a.x + ((double)b.x - a.x) * ((double)(high - a.y) / dy);
    *from = column_of(k, (int64_t)floor(fmin(x0, x1)) - 1);
    *to = column_of(k, (int64_t)ceil(fmax(x0, x1)) + 1);
}

static bool enter(struct wg_places *k, size_t cell, uint32_t segment)
{
    uint32_t e = k->free_entry;
    if (e != WG_NONE) {
        k->free_entry = k->entry[e].next;
    } else {
        void *array = k->entry;
        if (!wg_grow(&array, &k->cap_entry, k->n_entry + 1, sizeof *k->entry))
            return false;
        k->entry = array;
        e = (uint32_t)k->n_entry++;
    }
    k->entry[e] = (struct wg_cell_entry){segment, k->head[cell]};
    k->head[cell] = e;
    return true;
}

static void leave(struct wg_places *k, size_t cell, uint32_t segment)
{
    for (uint32_t *at = &k->head[cell]; *at != WG_NONE; at = &k->entry[*at].next) {
        uint32_t e = *at;
        if (k->entry[e].segment != segment)
            continue;
        *at = k->entry[e].next;
        k->entry[e].next = k->free_entry;
        k->free_entry = e;
        return;
    }
}

bool wg_places_put(struct wg_coverage *c, uint32_t segment)
{
    struct wg_places *k = &c->cells;
    struct wg_spot a = c->spot[c->segment[segment].a], b = c->spot[c->segment[segment].b];
    for (uint32_t row = row_of(k, a.y), last = row_of(k, b.y); row <= last; row++) {
        uint32_t from, to;
        columns_in(k, a, b, row, &from, &to);
        for (uint32_t col = from; col <= to; col++)
            if (!enter(k, (size_t)row * k->cols + col, segment))
                return false;
    }
    return true;
}

void wg_places_take(struct wg_coverage *c, uint32_t segment)
{
    struct wg_places *k = &c->cells;
    struct wg_spot a = c->spot[c->segment[segment].a], b = c->spot[c->segment[segment].b];
    for (uint32_t row = row_of(k, a.y), last = row_of(k, b.y); row <= last; row++) {
        uint32_t from, to;
        columns_in(k, a, b, row, &from, &to);
        for (uint32_t col = from; col <= to; col++)
            leave(k, (size_t)row * k->cols + col, segment);
    }
}

static bool box_meets(const struct wg_coverage *c, uint32_t s, struct wg_spot min,
                      struct wg_spot max)
{
    struct wg_spot a = c->spot[c->segment[s].a], b = c->spot[c->segment[s].b];
    int32_t west = a.x < b.x ? a.x : b.x, east = a.x < b.x ? b.x : a.x;
    return west <= max.x && east >= min.x && a.y <= max.y && b.y >= min.y;
}

void wg_coverage_near(const struct wg_coverage *coverage, struct wg_spot min,
                      struct wg_spot max, wg_segment_fn *fn, void *user)
{
    /* The marks are the one thing that asking writes. */
    struct wg_coverage *c = (struct wg_coverage *)coverage;
    const struct wg_places *k = &c->cells;
    uint32_t from = column_of(k, min.x), to = column_of(k, max.x);
    uint32_t round = ++c->round;
    for (uint32_t row = row_of(k, min.y), last = row_of(k, max.y); row <= last; row++)
        for (uint32_t col = from; col <= to; col++)
            for (uint32_t e = k->head[(size_t)row * k->cols + col]; e != WG_NONE;
                 e = k->entry[e].next) {
                uint32_t s = k->entry[e].segment;
                if (c->mark[s] == round || !box_meets(c, s, min, max))
                    continue;
                c->mark[s] = round;
                if (!fn(s, user))
                    return;
            }
}

/* ---- the ray ---- */

/* Where a segment passes the height just above y: x = num / den, den > 0; then the slope.
 */
struct pass {
    wg_wide num;
    int64_t den, dx, dy;
};

static struct pass pass_of(struct wg_spot a, struct wg_spot b, int32_t y)
{
    int64_t dx = (int64_t)b.x - a.x, dy = (int64_t)b.y - a.y;
    return (struct pass){(wg_wide)a.x * dy + (wg_wide)(y - (int64_t)a.y) * dx, dy, dx,
                         dy};
}

/* Is p west of q just above the height? */
static bool is_west(const struct pass *p, const struct pass *q)
{
    wg_wide d = p->num * q->den - q->num * p->den;
    if (d != 0)
        return d < 0;
    return p->dx * q->dy < q->dx * p->dy;
}

uint32_t wg_coverage_ray(const struct wg_coverage *c, struct wg_spot from, uint32_t *hit)
{
    const struct wg_places *k = &c->cells;
    uint32_t best = WG_NONE, row = row_of(k, from.y);
    struct pass nearest = {0};
    for (uint32_t col = column_of(k, from.x); col < k->cols; col++) {
        for (uint32_t e = k->head[(size_t)row * k->cols + col]; e != WG_NONE;
             e = k->entry[e].next) {
            uint32_t s = k->entry[e].segment;
            struct wg_spot a = c->spot[c->segment[s].a], b = c->spot[c->segment[s].b];
            if (s == best || a.y > from.y || b.y <= from.y)
                continue;
            struct pass p = pass_of(a, b, from.y);
            wg_wide past = p.num - (wg_wide)from.x * p.den;
            if (past < 0 || (past == 0 && (p.dx <= 0 || wg_spot_equal(a, from))))
                continue;
            if (best == WG_NONE || is_west(&p, &nearest)) {
                best = s;
                nearest = p;
            }
        }
        /* Nothing in further cells can be nearer than what lies in this one. */
        if (best != WG_NONE && col + 1 < k->cols) {
            int64_t edge = ((int64_t)k->x + col + 1) * ((int64_t)1 << k->shift);
            if (nearest.num < (wg_wide)(edge - 2) * nearest.den)
                break;
        }
    }
    if (hit)
        *hit = best;
    return best == WG_NONE ? 0 : c->segment[best].left;
}

/* ---- what is nearest ---- */

struct nearest {
    const struct wg_coverage *c;
    struct wg_spot spot;
    double within;
    bool vertices;
    uint32_t best;
};

/* Of two as near the lower one is taken: numbers change by undo, places do not. */
static bool comes_first(const struct nearest *n, uint32_t other)
{
    const struct wg_coverage *c = n->c;
    if (n->best == WG_NONE)
        return true;
    if (n->vertices)
        return wg_spot_before(c->spot[other], c->spot[n->best]);
    const struct wg_segment *g = &c->segment[other], *h = &c->segment[n->best];
    return g->a != h->a ? wg_spot_before(c->spot[g->a], c->spot[h->a])
                        : wg_spot_before(c->spot[g->b], c->spot[h->b]);
}

static bool look(uint32_t s, void *user)
{
    struct nearest *n = user;
    const struct wg_segment *g = &n->c->segment[s];
    struct wg_spot a = n->c->spot[g->a], b = n->c->spot[g->b];
    if (!n->vertices) {
        double d = wg_spot_distance(a, b, n->spot);
        if (d < n->within || (d == n->within && comes_first(n, s))) {
            n->within = d;
            n->best = s;
        }
        return true;
    }
    for (int i = 0; i < 2; i++) {
        struct wg_spot p = i ? b : a;
        double d = hypot((double)p.x - n->spot.x, (double)p.y - n->spot.y);
        if (d < n->within || (d == n->within && comes_first(n, i ? g->b : g->a))) {
            n->within = d;
            n->best = i ? g->b : g->a;
        }
    }
    return true;
}

static int32_t reach(double at)
{
    return at > WG_LATTICE_REACH    ? WG_LATTICE_REACH
           : at < -WG_LATTICE_REACH ? -WG_LATTICE_REACH
                                    : (int32_t)at;
}

static uint32_t find_nearest(const struct wg_coverage *c, struct wg_spot spot,
                             double within, bool vertices)
{
    struct nearest n = {c, spot, within, vertices, WG_NONE};
    /* Small circles first: most are asked near what they look for. */
    double cell = (double)((int64_t)1 << c->cells.shift);
    for (double r = fmin(within, cell);; r = fmin(within, 4 * r)) {
        struct wg_spot min = {reach(spot.x - r - 1), reach(spot.y - r - 1)};
        struct wg_spot max = {reach(spot.x + r + 1), reach(spot.y + r + 1)};
        n.within = r;
        n.best = WG_NONE;
        wg_coverage_near(c, min, max, look, &n);
        if (n.best != WG_NONE || !(r < within))
            return n.best;
    }
}

uint32_t wg_coverage_nearest_vertex(const struct wg_coverage *c, struct wg_spot spot,
                                    double within)
{
    uint32_t at = wg_coverage_vertex_at(c, spot);
    return at != WG_NONE ? at : find_nearest(c, spot, within, true);
}

uint32_t wg_coverage_nearest_segment(const struct wg_coverage *c, struct wg_spot spot,
                                     double within)
{
    return find_nearest(c, spot, within, false);
}

/* ---- the face at a spot ---- */

struct covering {
    const struct wg_coverage *c;
    struct wg_point point; /* steps, on the lattice or off it */
    uint32_t face;
    bool on;
};

static bool is_lower(const struct wg_coverage *c, uint32_t a, uint32_t b)
{
    const struct wg_face *p = &c->face[a], *q = &c->face[b];
    if (p->kind != q->kind)
        return p->kind > q->kind; /* a grid before nobody's area */
    if (!p->code || !q->code)
        return p->code ? true : q->code ? false : a < b;
    return strcmp(p->code, q->code) < 0;
}

static struct wg_point to_point(struct wg_spot s)
{
    return (struct wg_point){s.x, s.y};
}

static bool cover(uint32_t s, void *user)
{
    struct covering *v = user;
    const struct wg_segment *g = &v->c->segment[s];
    struct wg_point a = to_point(v->c->spot[g->a]), b = to_point(v->c->spot[g->b]);
    struct wg_point p = v->point;
    if (p.y < a.y || p.y > b.y || p.x < fmin(a.x, b.x) || p.x > fmax(a.x, b.x) ||
        wg_orient(a, b, p) != 0)
        return true;
    for (int i = 0; i < 2; i++) {
        uint32_t face = i ? g->right : g->left;
        if (!v->on || is_lower(v->c, face, v->face))
            v->face = face;
        v->on = true;
    }
    return true;
}

/* Of two segments that pass a height and meet in an end at most: is (a, b) west of
 * (c, d) there? */
static bool lies_west(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                      struct wg_spot d)
{
    bool higher = a.y >= c.y;
    int64_t turn = higher ? wg_spot_cross(c, d, a) : -wg_spot_cross(a, b, c);
    if (turn == 0)
        turn = higher ? wg_spot_cross(c, d, b) : -wg_spot_cross(a, b, d);
    return turn > 0;
}

/* The same for a point off the lattice, on no boundary: what a ray to the east meets. */
static uint32_t ray_from_point(const struct wg_coverage *c, struct wg_point p)
{
    const struct wg_places *k = &c->cells;
    uint32_t best = WG_NONE, row = row_of(k, (int64_t)floor(p.y));
    for (uint32_t col = column_of(k, (int64_t)floor(p.x)); col < k->cols; col++) {
        for (uint32_t e = k->head[(size_t)row * k->cols + col]; e != WG_NONE;
             e = k->entry[e].next) {
            uint32_t s = k->entry[e].segment;
            struct wg_spot a = c->spot[c->segment[s].a], b = c->spot[c->segment[s].b];
            if (s == best || a.y > p.y || b.y <= p.y ||
                wg_turn(to_point(a), to_point(b), p) <= 0)
                continue;
            if (best == WG_NONE ||
                lies_west(a, b, c->spot[c->segment[best].a], c->spot[c->segment[best].b]))
                best = s;
        }
        if (best == WG_NONE)
            continue;
        struct wg_spot a = c->spot[c->segment[best].a], b = c->spot[c->segment[best].b];
        double at = a.x + ((double)b.x - a.x) * ((p.y - a.y) / ((double)b.y - a.y));
        if (at < (double)(((int64_t)k->x + col + 1) * ((int64_t)1 << k->shift)) - 2)
            break;
    }
    return best == WG_NONE ? 0 : c->segment[best].left;
}

uint32_t wg_coverage_face_at_point(const struct wg_coverage *c, struct wg_point p)
{
    struct covering v = {c, p, 0, false};
    struct wg_spot min = {(int32_t)floor(p.x), (int32_t)floor(p.y)};
    struct wg_spot max = {(int32_t)ceil(p.x), (int32_t)ceil(p.y)};
    wg_coverage_near(c, min, max, cover, &v);
    return v.on ? v.face : ray_from_point(c, p);
}

uint32_t wg_coverage_face_at_spot(const struct wg_coverage *c, struct wg_spot spot)
{
    return wg_coverage_face_at_point(c, to_point(spot));
}
