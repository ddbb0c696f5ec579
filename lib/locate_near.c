/* Owns what lies about a place: grids in a box, the nearest grid, how near a boundary. */
#include <math.h>

#include "internal.h"
#include "locate_boxes.h"
#include "locate_record.h"

/* ---- one grid ---- */

/* Do edge and closed box have a point in common?  Exact. */
static bool edge_meets(const struct wg_edge *e, struct wg_box box)
{
    if (fmax(e->a.x, e->b.x) < box.min_x || fmin(e->a.x, e->b.x) > box.max_x ||
        e->b.y < box.min_y || e->a.y > box.max_y)
        return false;
    if (wg_box_contains(box, e->a.x, e->a.y) || wg_box_contains(box, e->b.x, e->b.y))
        return true;
    int sw = wg_orient(e->a, e->b, (struct wg_point){box.min_x, box.min_y});
    int se = wg_orient(e->a, e->b, (struct wg_point){box.max_x, box.min_y});
    int ne = wg_orient(e->a, e->b, (struct wg_point){box.max_x, box.max_y});
    int nw = wg_orient(e->a, e->b, (struct wg_point){box.min_x, box.max_y});
    return sw != se || se != ne || ne != nw || sw == 0;
}

static bool grid_meets(const struct wg_locator *loc, uint32_t slot, struct wg_box box)
{
    for (uint32_t r = loc->part[loc->grid[slot]]; r < loc->part[loc->grid[slot + 1]];
         r++) {
        for (uint32_t i = loc->ring[r]; i + 1 < loc->ring[r + 1]; i++) {
            struct wg_edge e = wg_edge_of(loc, i);

            if (edge_meets(&e, box))
                return true;
        }
    }
    return wg_slot_covers(loc, slot, box.min_x, box.min_y);
}

static struct wg_point nearest_on(const struct wg_edge *e, double x, double y)
{
    double ux = e->b.x - e->a.x, uy = e->b.y - e->a.y;
    double length = ux * ux + uy * uy;
    double t = length > 0 ? ((x - e->a.x) * ux + (y - e->a.y) * uy) / length : 0;

    if (!(t > 0))
        return e->a;
    if (t >= 1)
        return e->b;
    return (struct wg_point){e->a.x + t * ux, e->a.y + t * uy};
}

/* From a point that the grid does not cover. */
static double grid_distance(const struct wg_locator *loc, uint32_t slot, double x,
                            double y)
{
    double best = INFINITY;

    for (uint32_t r = loc->part[loc->grid[slot]]; r < loc->part[loc->grid[slot + 1]];
         r++) {
        for (uint32_t i = loc->ring[r]; i + 1 < loc->ring[r + 1]; i++) {
            struct wg_edge e = wg_edge_of(loc, i);
            struct wg_point q = nearest_on(&e, x, y);

            best = fmin(best, hypot(q.x - x, q.y - y));
        }
    }
    return best;
}

/* ---- grids in a box ---- */

struct meeting {
    const struct wg_locator *loc;
    struct wg_box box;
    uint32_t *slot;
    size_t n, cap;
    bool out_of_memory;
};

static bool note_meeting(uint32_t slot, void *user)
{
    struct meeting *m = user;

    if (!grid_meets(m->loc, slot, m->box))
        return true;
    if (!wg_grow((void **)&m->slot, &m->cap, m->n + 1, sizeof *m->slot)) {
        m->out_of_memory = true;
        return false;
    }
    m->slot[m->n++] = slot;
    return true;
}

static int compare_slot(const void *a, const void *b)
{
    uint32_t l = *(const uint32_t *)a, r = *(const uint32_t *)b;

    return (l > r) - (l < r);
}

enum wg_status wg_locator_meet(const struct wg_locator *loc, struct wg_box box,
                               size_t cap, uint32_t *slot, size_t *n,
                               struct wg_error *err)
{
    struct meeting m = {.loc = loc, .box = box};
    const double reach = 0;

    wg_boxes_each(loc, box, &reach, note_meeting, &m);
    if (m.out_of_memory) {
        free(m.slot);
        return wg_fail_memory(err);
    }
    if (m.n)
        qsort(m.slot, m.n, sizeof *m.slot, compare_slot);
    for (size_t i = 0; i < m.n && i < cap; i++)
        slot[i] = m.slot[i];
    *n = m.n;
    free(m.slot);
    return WG_OK;
}

/* ---- the nearest ---- */

struct nearest {
    const struct wg_locator *loc;
    double x, y, reach;
    uint32_t slot;
};

static bool note_nearest(uint32_t slot, void *user)
{
    struct nearest *s = user;
    double d = grid_distance(s->loc, slot, s->x, s->y);

    if (d < s->reach || (d == s->reach && (s->slot == 0 || slot < s->slot))) {
        s->slot = slot;
        s->reach = d;
    }
    return true;
}

uint32_t wg_locator_nearest(const struct wg_locator *loc, double x, double y,
                            double max_distance, double *distance)
{
    struct nearest s = {loc, x, y, max_distance, wg_locator_slot(loc, x, y)};
    struct wg_box here = {x, y, x, y};

    if (s.slot) {
        s.reach = 0;
    } else if (isfinite(x) && isfinite(y) && max_distance >= 0) {
        wg_boxes_each(loc, here, &s.reach, note_nearest, &s);
    }
    if (distance)
        *distance = s.slot ? s.reach : NAN;
    return s.slot;
}

/* ---- how near a boundary is ---- */

struct about {
    const struct wg_locator *loc;
    double x, y, accuracy;
    struct wg_locator_place *out;
    double distance[WG_LOCATOR_NEAR_MAX];
};

static void note_near(struct about *a, uint32_t slot, double d)
{
    struct wg_locator_place *out = a->out;
    uint32_t i = 0, last;

    while (i < out->n_near && out->near[i] != slot)
        i++;
    if (i < out->n_near && a->distance[i] <= d)
        return;
    last = i < out->n_near ? i : out->n_near; /* the place that becomes free */
    if (last == WG_LOCATOR_NEAR_MAX) {
        if (d >= a->distance[last - 1])
            return;
        last--;
    } else if (last == out->n_near) {
        out->n_near++;
    }
    for (; last > 0 && (a->distance[last - 1] > d ||
                        (a->distance[last - 1] == d && out->near[last - 1] > slot));
         last--) {
        out->near[last] = out->near[last - 1];
        a->distance[last] = a->distance[last - 1];
    }
    out->near[last] = slot;
    a->distance[last] = d;
}

/* Is there no grid just beyond the edge, seen from its grid, which lies to the left?
 * Asked a little towards the edge's middle: at its end the outside may be a wedge. */
static bool outside_beyond(const struct about *a, uint32_t ref, struct wg_point q)
{
    double px = a->loc->x[ref], py = a->loc->y[ref];
    double ux = a->loc->x[ref + 1] - px, uy = a->loc->y[ref + 1] - py;
    struct wg_box all = a->loc->head.box; /* an accuracy may be far beyond it */
    double size = fmax(all.max_x - all.min_x, all.max_y - all.min_y);
    double length = hypot(ux, uy), step = 1e-6 * fmin(a->accuracy, size);
    double to_x = px + ux / 2 - q.x, to_y = py + uy / 2 - q.y, far = hypot(to_x, to_y);
    double along = far > 100 * step ? 100 * step / far : 1;

    return length > 0 && wg_locator_slot(a->loc, q.x + to_x * along + uy / length * step,
                                         q.y + to_y * along - ux / length * step) == 0;
}

static bool note_about(uint32_t slot, void *user)
{
    struct about *a = user;
    const struct wg_locator *loc = a->loc;
    double best = INFINITY, outside = INFINITY;

    for (uint32_t r = loc->part[loc->grid[slot]]; r < loc->part[loc->grid[slot + 1]];
         r++) {
        for (uint32_t i = loc->ring[r]; i + 1 < loc->ring[r + 1]; i++) {
            struct wg_edge e = wg_edge_of(loc, i);
            struct wg_point q = nearest_on(&e, a->x, a->y);
            double d = hypot(q.x - a->x, q.y - a->y);

            best = fmin(best, d);
            if (d <= a->accuracy && d < outside && outside_beyond(a, i, q))
                outside = d;
        }
    }
    if (slot != a->out->slot && wg_slot_covers(loc, slot, a->x, a->y))
        best = 0;
    if (slot != a->out->slot && best <= a->accuracy)
        note_near(a, slot, best);
    if (a->out->slot && outside <= a->accuracy)
        note_near(a, 0, outside);
    return true;
}

void wg_locator_place(const struct wg_locator *loc, double x, double y, double accuracy,
                      struct wg_locator_place *out)
{
    struct about a = {loc, x, y, accuracy, out, {0}};
    struct wg_box here = {x, y, x, y};

    *out = (struct wg_locator_place){wg_locator_slot(loc, x, y), false, NAN, 0, {0}};
    if (isfinite(x) && isfinite(y) && accuracy >= 0)
        wg_boxes_each(loc, here, &a.accuracy, note_about, &a);
    out->ambiguous = out->n_near > 0;
    if (out->ambiguous)
        out->boundary = a.distance[0];
}
