/* Boxes, multipolygons in flat arrays, area, sides of rings, the lattice. */
#include "wangge/geom.h"

#include <math.h>
#include <string.h>

#include "internal.h"

void wg_multipolygon_finish(struct wg_multipolygon *mp)
{
    if (!mp)
        return;
    free(mp->part);
    free(mp->ring);
    free(mp->x);
    free(mp->y);
    *mp = (struct wg_multipolygon){0};
}

static bool copy_array(void *to, const void *from, size_t n, size_t size)
{
    void *copy = malloc(n ? n * size : 1);
    if (!copy)
        return false;
    if (n)
        memcpy(copy, from, n * size);
    memcpy(to, &copy, sizeof copy);
    return true;
}

enum wg_status wg_multipolygon_copy(const struct wg_multipolygon *from,
                                    struct wg_multipolygon *to, struct wg_error *err)
{
    struct wg_multipolygon copy = {
        .n_part = from->n_part, .n_ring = from->n_ring, .n_vertex = from->n_vertex};
    if (from->n_part > 0 &&
        (!copy_array(&copy.part, from->part, (size_t)from->n_part + 1, 4) ||
         !copy_array(&copy.ring, from->ring, (size_t)from->n_ring + 1, 4) ||
         !copy_array(&copy.x, from->x, from->n_vertex, sizeof *copy.x) ||
         !copy_array(&copy.y, from->y, from->n_vertex, sizeof *copy.y))) {
        wg_multipolygon_finish(&copy);
        return wg_fail_memory(err);
    }
    if (from->n_part == 0)
        copy = (struct wg_multipolygon){0};
    *to = copy;
    return WG_OK;
}

struct wg_box wg_box_empty(void)
{
    return (struct wg_box){INFINITY, INFINITY, -INFINITY, -INFINITY};
}

bool wg_box_is_empty(struct wg_box box)
{
    return !(box.min_x <= box.max_x && box.min_y <= box.max_y);
}

struct wg_box wg_box_grow(struct wg_box box, double x, double y)
{
    if (isnan(x) || isnan(y))
        return box;
    return wg_box_union(box, (struct wg_box){x, y, x, y});
}

struct wg_box wg_box_union(struct wg_box a, struct wg_box b)
{
    if (wg_box_is_empty(a))
        return b;
    if (wg_box_is_empty(b))
        return a;
    return (struct wg_box){fmin(a.min_x, b.min_x), fmin(a.min_y, b.min_y),
                           fmax(a.max_x, b.max_x), fmax(a.max_y, b.max_y)};
}

bool wg_box_overlaps(struct wg_box a, struct wg_box b)
{
    return !wg_box_is_empty(a) && !wg_box_is_empty(b) && a.min_x <= b.max_x &&
           b.min_x <= a.max_x && a.min_y <= b.max_y && b.min_y <= a.max_y;
}

bool wg_box_contains(struct wg_box box, double x, double y)
{
    return box.min_x <= x && x <= box.max_x && box.min_y <= y && y <= box.max_y;
}

struct wg_box wg_multipolygon_box(const struct wg_multipolygon *mp)
{
    struct wg_box box = wg_box_empty();
    for (uint32_t i = 0; i < mp->n_vertex; i++)
        box = wg_box_grow(box, mp->x[i], mp->y[i]);
    return box;
}

/* Twice the signed area of a ring, and its first moments times six, all about its
 * first vertex: near the ring the products lose nothing to a far origin. */
struct moments {
    double twice_area, x, y;
};

static struct moments ring_moments(size_t n, const double *x, const double *y)
{
    struct moments sum = {0, 0, 0};
    for (size_t i = 1; i + 1 < n; i++) {
        double ax = x[i] - x[0], ay = y[i] - y[0];
        double bx = x[i + 1] - x[0], by = y[i + 1] - y[0];
        double cross = ax * by - bx * ay;
        sum.twice_area += cross;
        sum.x += (ax + bx) * cross;
        sum.y += (ay + by) * cross;
    }
    return sum;
}

static struct moments moments_of(const struct wg_multipolygon *mp, uint32_t ring)
{
    uint32_t first = mp->ring[ring];
    return ring_moments(mp->ring[ring + 1] - first, mp->x + first, mp->y + first);
}

double wg_multipolygon_area(const struct wg_multipolygon *mp)
{
    double twice = 0;
    for (uint32_t p = 0; p < mp->n_part; p++)
        for (uint32_t r = mp->part[p]; r < mp->part[p + 1]; r++) {
            double ring = fabs(moments_of(mp, r).twice_area);
            twice += r == mp->part[p] ? ring : -ring;
        }
    return twice / 2;
}

static struct wg_point vertex_mean(const struct wg_multipolygon *mp)
{
    struct wg_point sum = {0, 0};
    uint32_t n = 0;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++, n++) {
            sum.x += mp->x[i] - mp->x[0];
            sum.y += mp->y[i] - mp->y[0];
        }
    if (n == 0)
        return (struct wg_point){mp->n_vertex ? mp->x[0] : NAN,
                                 mp->n_vertex ? mp->y[0] : NAN};
    return (struct wg_point){mp->x[0] + sum.x / n, mp->y[0] + sum.y / n};
}

struct wg_point wg_multipolygon_centroid(const struct wg_multipolygon *mp)
{
    double twice = 0, mx = 0, my = 0;
    for (uint32_t p = 0; p < mp->n_part; p++)
        for (uint32_t r = mp->part[p]; r < mp->part[p + 1]; r++) {
            struct moments m = moments_of(mp, r);
            uint32_t first = mp->ring[r];
            if (m.twice_area == 0)
                continue;
            double weight = fabs(m.twice_area) * (r == mp->part[p] ? 1 : -1);
            double cx = mp->x[first] - mp->x[0] + m.x / (3 * m.twice_area);
            double cy = mp->y[first] - mp->y[0] + m.y / (3 * m.twice_area);
            twice += weight;
            mx += weight * cx;
            my += weight * cy;
        }
    if (!(twice > 0))
        return vertex_mean(mp);
    return (struct wg_point){mp->x[0] + mx / twice, mp->y[0] + my / twice};
}

/* Does the closed edge a–b, both ends on the same side of the ray's line, hold p? */
static bool touches(struct wg_point a, struct wg_point b, struct wg_point p)
{
    if ((a.x == p.x && a.y == p.y) || (b.x == p.x && b.y == p.y))
        return true;
    return a.y == p.y && b.y == p.y && (a.x < p.x) != (b.x < p.x);
}

enum wg_side wg_ring_side(size_t n, const double *ring_x, const double *ring_y, double x,
                          double y)
{
    struct wg_point p = {x, y};
    bool inside = false, boundary = false;
    if (n == 0 || !isfinite(x) || !isfinite(y))
        return WG_OUTSIDE;
    /* Starting at the last vertex closes a ring that is not closed. */
    struct wg_point a = {ring_x[n - 1], ring_y[n - 1]};
    for (size_t i = 0; i < n; i++) {
        struct wg_point b = {ring_x[i], ring_y[i]};
        if (!isfinite(b.x) || !isfinite(b.y))
            return WG_OUTSIDE;
        if (boundary) {
            continue; /* only looking for a vertex that is no number */
        } else if ((a.y > y) != (b.y > y)) {
            int turn = wg_orient(a, b, p);
            boundary = turn == 0 && isfinite(a.x) && isfinite(a.y);
            inside ^= (turn > 0) == (b.y > a.y);
        } else {
            boundary = touches(a, b, p);
        }
        a = b;
    }
    if (boundary)
        return WG_BOUNDARY;
    return inside ? WG_INSIDE : WG_OUTSIDE;
}

enum wg_side wg_multipolygon_side(const struct wg_multipolygon *mp, double x, double y)
{
    bool inside = false;
    for (uint32_t r = 0; r < mp->n_ring; r++) {
        uint32_t first = mp->ring[r];
        enum wg_side side =
            wg_ring_side(mp->ring[r + 1] - first, mp->x + first, mp->y + first, x, y);
        if (side == WG_BOUNDARY)
            return WG_BOUNDARY;
        inside ^= side == WG_INSIDE;
    }
    return inside ? WG_INSIDE : WG_OUTSIDE;
}

double wg_lattice_snap(double metres)
{
    if (!(fabs(metres) < 4503599627370496.0 * WG_LATTICE_STEP))
        return metres; /* on the lattice already, or not finite */
    return round(metres / WG_LATTICE_STEP) * WG_LATTICE_STEP + 0.0; /* no -0 */
}

/* Snap n vertices to `at` … in the same arrays, without repetitions.  Returns how many
 * remain, 0 when the ring collapses. */
static uint32_t snap_ring(struct wg_multipolygon *mp, uint32_t first, uint32_t n,
                          uint32_t at)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        double x = wg_lattice_snap(mp->x[first + i]);
        double y = wg_lattice_snap(mp->y[first + i]);
        if (kept > 0 && mp->x[at + kept - 1] == x && mp->y[at + kept - 1] == y)
            continue;
        mp->x[at + kept] = x;
        mp->y[at + kept] = y;
        kept++;
    }
    if (kept < 4 || ring_moments(kept, mp->x + at, mp->y + at).twice_area == 0)
        return 0;
    return kept;
}

void wg_multipolygon_snap(struct wg_multipolygon *mp)
{
    uint32_t n_part = 0, n_ring = 0, n_vertex = 0;
    for (uint32_t p = 0; p < mp->n_part; p++) {
        uint32_t first_ring = mp->part[p], end_ring = mp->part[p + 1];
        uint32_t part_start = n_ring;
        for (uint32_t r = first_ring; r < end_ring; r++) {
            uint32_t first = mp->ring[r], n = mp->ring[r + 1] - first;
            uint32_t kept = snap_ring(mp, first, n, n_vertex);
            if (kept == 0 && r == first_ring)
                break;
            if (kept == 0)
                continue;
            mp->ring[n_ring++] = n_vertex;
            n_vertex += kept;
        }
        if (n_ring > part_start)
            mp->part[n_part++] = part_start;
    }
    mp->n_part = n_part;
    mp->n_ring = n_ring;
    mp->n_vertex = n_vertex;
    if (mp->part)
        mp->part[n_part] = n_ring;
    if (mp->ring)
        mp->ring[n_ring] = n_vertex;
}
