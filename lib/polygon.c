/* Owns the growing of a multipolygon ring by ring. */
#include "polygon.h"

#include <math.h>
#include <string.h>

#include "internal.h"
#include "wangge/coverage.h"

static enum wg_status too_big(struct wg_error *err)
{
    return wg_fail(
        err, WG_GEOMETRY,
        _("The geometry has more than 4 thousand million vertices; split it."));
}

/* Append one index to a start array, which always holds one more than its count. */
static enum wg_status push_start(uint32_t **start, size_t *cap, uint32_t count,
                                 uint32_t value, struct wg_error *err)
{
    void *array = *start;

    if (count >= UINT32_MAX - 1)
        return too_big(err);
    if (!wg_grow(&array, cap, (size_t)count + 2, sizeof **start))
        return wg_fail_memory(err);
    *start = array;
    if (count == 0)
        (*start)[0] = 0;
    (*start)[count + 1] = value;
    return WG_OK;
}

enum wg_status wg_polygon_part_begin(struct wg_polygon *p, struct wg_error *err)
{
    enum wg_status s =
        push_start(&p->mp.part, &p->cap_part, p->mp.n_part, p->mp.n_ring, err);

    if (s == WG_OK)
        p->mp.n_part++;
    return s;
}

enum wg_status wg_polygon_ring_begin(struct wg_polygon *p, struct wg_error *err)
{
    enum wg_status s =
        push_start(&p->mp.ring, &p->cap_ring, p->mp.n_ring, p->mp.n_vertex, err);

    if (s == WG_OK) {
        p->mp.n_ring++;
        p->mp.part[p->mp.n_part] = p->mp.n_ring;
    }
    return s;
}

enum wg_status wg_polygon_reserve(struct wg_polygon *p, size_t n, double **x, double **y,
                                  struct wg_error *err)
{
    void *ax = p->mp.x, *ay = p->mp.y;
    size_t need;

    if (n >= UINT32_MAX - (size_t)p->mp.n_vertex)
        return too_big(err);
    need = p->mp.n_vertex + n;
    if (need == 0)
        need = 1;
    bool ok = wg_grow(&ax, &p->cap_x, need, sizeof *p->mp.x);
    p->mp.x = ax;
    if (!ok)
        return wg_fail_memory(err);
    ok = wg_grow(&ay, &p->cap_y, need, sizeof *p->mp.y);
    p->mp.y = ay;
    if (!ok)
        return wg_fail_memory(err);
    *x = p->mp.x + p->mp.n_vertex;
    *y = p->mp.y + p->mp.n_vertex;
    p->mp.n_vertex += (uint32_t)n;
    p->mp.ring[p->mp.n_ring] = p->mp.n_vertex;
    return WG_OK;
}

enum wg_status wg_polygon_vertex(struct wg_polygon *p, double x, double y,
                                 struct wg_error *err)
{
    double *px = NULL, *py = NULL;
    enum wg_status s = wg_polygon_reserve(p, 1, &px, &py, err);

    if (s != WG_OK)
        return s;
    *px = x;
    *py = y;
    return WG_OK;
}

enum wg_status wg_polygon_ring_end(struct wg_polygon *p, struct wg_error *err)
{
    const struct wg_multipolygon *mp = &p->mp;
    uint32_t first = mp->ring[mp->n_ring - 1], end = mp->n_vertex;

    if (first == end) {
        p->mp.n_ring--;
        p->mp.part[p->mp.n_part] = p->mp.n_ring;
        return WG_OK;
    }
    for (uint32_t i = first; i < end; i++)
        if (!isfinite(mp->x[i]) || !isfinite(mp->y[i]))
            return wg_fail(err, WG_GEOMETRY,
                           _("Vertex %u of ring %u is not a finite number; correct the "
                             "coordinate in the source."),
                           i - first + 1, mp->n_ring);
    if (mp->x[first] != mp->x[end - 1] || mp->y[first] != mp->y[end - 1])
        return wg_fail_at(err, WG_GEOMETRY, mp->x[first], mp->y[first],
                          _("Ring %u is not closed: its last vertex must repeat its "
                            "first."),
                          mp->n_ring);
    return WG_OK;
}

void wg_polygon_part_end(struct wg_polygon *p)
{
    if (p->mp.n_part > 0 && p->mp.part[p->mp.n_part - 1] == p->mp.n_ring)
        p->mp.n_part--;
}

void wg_polygon_take(struct wg_polygon *p, struct wg_multipolygon *out)
{
    if (p->mp.n_part == 0)
        wg_polygon_drop(p);
    *out = p->mp;
    memset(p, 0, sizeof *p);
}

enum wg_status wg_polygon_take_line(struct wg_polygon *p, struct wg_line *out,
                                    struct wg_error *err)
{
    struct wg_multipolygon *mp = &p->mp;

    for (uint32_t i = 0; i < mp->n_vertex; i++)
        if (!isfinite(mp->x[i]) || !isfinite(mp->y[i]))
            return wg_fail(err, WG_GEOMETRY,
                           _("Point %u of the line is not a finite number; correct the "
                             "coordinate in the source."),
                           i + 1);
    if (mp->n_vertex < 2)
        return wg_fail(err, WG_GEOMETRY,
                       _("A line needs two points or more, but this has %u."),
                       mp->n_vertex);
    *out = (struct wg_line){.n = mp->n_vertex, .x = mp->x, .y = mp->y};
    mp->x = mp->y = NULL;
    wg_polygon_drop(p);
    return WG_OK;
}

void wg_polygon_drop(struct wg_polygon *p)
{
    wg_multipolygon_finish(&p->mp);
    memset(p, 0, sizeof *p);
}

/* Twice the signed area by a scale that keeps products from over- and underflowing, and
 * from the ring's first vertex so that large coordinates do not cancel. */
static double scaled_turn(const struct wg_multipolygon *mp, uint32_t first, uint32_t end)
{
    double most = 0, sum = 0, x0 = mp->x[first] / 2, y0 = mp->y[first] / 2;
    int exponent;

    for (uint32_t i = first; i < end; i++)
        most = fmax(most, fmax(fabs(mp->x[i] / 2 - x0), fabs(mp->y[i] / 2 - y0)));
    frexp(most, &exponent);
    for (uint32_t i = first; i + 1 < end; i++) {
        double ax = ldexp(mp->x[i] / 2 - x0, -exponent);
        double ay = ldexp(mp->y[i] / 2 - y0, -exponent);
        double bx = ldexp(mp->x[i + 1] / 2 - x0, -exponent);
        double by = ldexp(mp->y[i + 1] / 2 - y0, -exponent);
        sum += ax * by - bx * ay;
    }
    return sum;
}

static double ring_turn(const struct wg_multipolygon *mp, uint32_t first, uint32_t end)
{
    double sum = 0, x0 = mp->x[first], y0 = mp->y[first];

    for (uint32_t i = first; i + 1 < end; i++)
        sum +=
            (mp->x[i] - x0) * (mp->y[i + 1] - y0) - (mp->x[i + 1] - x0) * (mp->y[i] - y0);
    if (fabs(sum) > 1e-280 && isfinite(sum))
        return sum;
    return scaled_turn(mp, first, end);
}

static void swap(double *a, double *b)
{
    double t = *a;

    *a = *b;
    *b = t;
}

void wg_polygon_orient(struct wg_multipolygon *mp)
{
    for (uint32_t p = 0; p < mp->n_part; p++)
        for (uint32_t r = mp->part[p]; r < mp->part[p + 1]; r++) {
            uint32_t i = mp->ring[r], j = mp->ring[r + 1];
            double turn = ring_turn(mp, i, j);

            if (r == mp->part[p] ? turn >= 0 : turn <= 0)
                continue;
            for (j--; i < j; i++, j--) {
                swap(&mp->x[i], &mp->x[j]);
                swap(&mp->y[i], &mp->y[j]);
            }
        }
}
