/* The largest circle inside a region: how wide it is, and a place well inside. */
#include <math.h>
#include <string.h>

#include "check_cover.h"
#include "internal.h"

/* Squares that may hold the middle of the circle are halved, the most promising first:
 * a square whose middle is d from the boundary has no point further than d + half its
 * diagonal from it.  A square knows the segments that are nearest to some point of it. */
struct square {
    double x, y, half, best;
    size_t first, n; /* among `near`: those of the square it is a quarter of */
};

struct search {
    size_t n;
    const struct wg_ring_segment *segment;
    uint32_t *near;
    size_t n_near, cap_near;
    struct square *heap;
    size_t n_heap, cap;
    size_t budget; /* distances still to be measured */
    struct wg_widest found;
};

/* Squared distance of a point from a segment; *sine tells how squarely it is seen, with
 * the sign of the side: positive on the left. */
static double square_to(const struct wg_ring_segment *s, double x, double y, double *sine)
{
    double ax = s->from.x, ay = s->from.y;
    double dx = s->to.x - ax, dy = s->to.y - ay, length = dx * dx + dy * dy;
    double t = ((x - ax) * dx + (y - ay) * dy) / length;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double ex = x - (ax + t * dx), ey = y - (ay + t * dy), square = ex * ex + ey * ey;
    *sine = (dx * ey - dy * ex) / sqrt(length * (square > 0 ? square : 1));
    return square;
}

/* Distance of a point from the boundary, negative outside.  Where two segments meet in
 * the nearest point, the one seen more squarely knows the side. */
static double depth(struct search *s, double x, double y, size_t first, size_t n)
{
    double least = INFINITY, side = 0;
    for (size_t i = 0; i < n; i++) {
        double sine;
        double square = square_to(&s->segment[s->near[first + i]], x, y, &sine);
        if (square < least * (1 - 1e-12) ||
            (square <= least * (1 + 1e-12) && fabs(sine) > fabs(side))) {
            least = square;
            side = sine;
        }
    }
    s->budget = s->budget > n ? s->budget - n : 0;
    return side > 0 ? sqrt(least) : -sqrt(least);
}

static bool push(struct search *s, double x, double y, double half, size_t first,
                 size_t n)
{
    double d = depth(s, x, y, first, n);
    if (d > s->found.radius)
        s->found = (struct wg_widest){x, y, d};
    if (!wg_grow((void **)&s->heap, &s->cap, s->n_heap + 1, sizeof *s->heap))
        return false;
    size_t at = s->n_heap++;
    struct square q = {x, y, half, d + half * M_SQRT2, first, n};
    for (; at > 0 && s->heap[(at - 1) / 2].best < q.best; at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = q;
    return true;
}

static struct square pop(struct search *s)
{
    struct square top = s->heap[0], q = s->heap[--s->n_heap];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < s->n_heap; at = child) {
        if (child + 1 < s->n_heap && s->heap[child + 1].best > s->heap[child].best)
            child++;
        if (s->heap[child].best <= q.best)
            break;
        s->heap[at] = s->heap[child];
    }
    if (s->n_heap)
        s->heap[at] = q;
    return top;
}

/* The segments that may be nearest to a point of the square. */
static bool narrow(struct search *s, const struct square *q, size_t *first, size_t *n)
{
    double sine, reach = fabs(q->best - q->half * M_SQRT2) + 2 * q->half * M_SQRT2;
    double square = reach * reach * (1 + 1e-9);
    if (!wg_grow((void **)&s->near, &s->cap_near, s->n_near + q->n, sizeof *s->near))
        return false;
    *first = s->n_near;
    for (size_t i = 0; i < q->n; i++) {
        uint32_t k = s->near[q->first + i];
        if (square_to(&s->segment[k], q->x, q->y, &sine) <= square)
            s->near[s->n_near++] = k;
    }
    *n = s->n_near - *first;
    if (*n == q->n) { /* no need of a second list */
        s->n_near = *first;
        *first = q->first;
    }
    return true;
}

/* A place inside a region too thin for the search: beside the middle of its longest
 * segment, half way to what lies opposite. */
static void beside_longest(struct search *s)
{
    double longest = 0;
    size_t at = 0;
    for (size_t i = 0; i < s->n; i++) {
        double dx = s->segment[i].to.x - s->segment[i].from.x;
        double dy = s->segment[i].to.y - s->segment[i].from.y;
        if (dx * dx + dy * dy > longest) {
            longest = dx * dx + dy * dy;
            at = i;
        }
    }
    double dx = s->segment[at].to.x - s->segment[at].from.x;
    double dy = s->segment[at].to.y - s->segment[at].from.y, length = sqrt(longest);
    for (double t = 0.5; t > 0.01; t *= 0.6)
        for (double off = 64; off > 0.02; off /= 2) {
            double x = s->segment[at].from.x + t * dx - dy / length * off;
            double y = s->segment[at].from.y + t * dy + dx / length * off;
            double d = depth(s, x, y, 0, s->n);
            if (d > s->found.radius)
                s->found = (struct wg_widest){x, y, d};
        }
}

enum wg_status wg_widest_circle(size_t n, const struct wg_ring_segment *segment,
                                double precision, struct wg_widest *out,
                                struct wg_error *err)
{
    struct search s = {.n = n, .segment = segment, .budget = 10000000 + 100 * n};
    struct wg_box box = wg_box_empty();
    for (size_t i = 0; i < n; i++)
        box = wg_box_grow(box, segment[i].from.x, segment[i].from.y);
    *out = (struct wg_widest){0};
    if (n < 3)
        return WG_OK;
    bool good = wg_grow((void **)&s.near, &s.cap_near, n, sizeof *s.near);
    for (size_t i = 0; good && i < n; i++)
        s.near[s.n_near++] = (uint32_t)i;
    if (good)
        beside_longest(&s);
    double half = fmax(box.max_x - box.min_x, box.max_y - box.min_y) / 2;
    good = good &&
           push(&s, (box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2, half, 0, n);
    while (good && s.n_heap && s.budget) {
        struct square q = pop(&s);
        double h = q.half / 2;
        size_t first, m;
        if (q.best <= s.found.radius + precision)
            break;
        good = narrow(&s, &q, &first, &m) && push(&s, q.x - h, q.y - h, h, first, m) &&
               push(&s, q.x + h, q.y - h, h, first, m) &&
               push(&s, q.x - h, q.y + h, h, first, m) &&
               push(&s, q.x + h, q.y + h, h, first, m);
    }
    free(s.heap);
    free(s.near);
    *out = s.found;
    return good ? WG_OK : wg_fail_memory(err);
}
