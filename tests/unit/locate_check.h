/* Points that are hard for an index, and the plain answer to hold it against: every
 * polygon in order of code, asked by wg_multipolygon_side. */
#ifndef LOCATE_CHECK_H
#define LOCATE_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "wangge/locate.h"

struct probes {
    size_t n, cap;
    double *x, *y;
};

static inline void probes_finish(struct probes *p)
{
    free(p->x);
    free(p->y);
    *p = (struct probes){0, 0, NULL, NULL};
}

static inline void probe(struct probes *p, double x, double y)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 1024;
        p->x = realloc(p->x, p->cap * sizeof *p->x);
        p->y = realloc(p->y, p->cap * sizeof *p->y);
        if (!p->x || !p->y)
            abort();
    }
    p->x[p->n] = x;
    p->y[p->n++] = y;
}

/* A place and the doubles next to it. */
static inline void probe_about(struct probes *p, double x, double y)
{
    double west = nextafter(x, -INFINITY), east = nextafter(x, INFINITY);
    double south = nextafter(y, -INFINITY), north = nextafter(y, INFINITY);
    probe(p, x, y);
    probe(p, west, y);
    probe(p, east, y);
    probe(p, x, south);
    probe(p, x, north);
    probe(p, west, south);
    probe(p, east, north);
}

/* Every vertex and edge midpoint with its neighbours; on each edge a random place, as
 * near as doubles come, and one a little off. */
static inline void probe_polygon(struct probes *p, struct random *r,
                                 const struct wg_multipolygon *mp)
{
    for (uint32_t k = 0; k < mp->n_ring; k++)
        for (uint32_t i = mp->ring[k]; i + 1 < mp->ring[k + 1]; i++) {
            double ax = mp->x[i], ay = mp->y[i], bx = mp->x[i + 1], by = mp->y[i + 1];
            double t = random_real(r, 0, 1), off = random_real(r, -1e-6, 1e-6);
            double dx = bx - ax, dy = by - ay;
            probe_about(p, ax, ay);
            probe_about(p, ax / 2 + bx / 2, ay / 2 + by / 2);
            probe(p, ax + t * dx, ay + t * dy);
            probe(p, ax + t * dx - off * dy, ay + t * dy + off * dx);
        }
}

static inline void probe_random(struct probes *p, struct random *r, struct wg_box b,
                                size_t n)
{
    double w = b.max_x / 2 - b.min_x / 2, h = b.max_y / 2 - b.min_y / 2;
    for (size_t i = 0; i < n; i++)
        probe(p, b.min_x / 2 + b.max_x / 2 + random_real(r, -1.1, 1.1) * w,
              b.min_y / 2 + b.max_y / 2 + random_real(r, -1.1, 1.1) * h);
}

/* What no polygon holds, and what has harmed others. */
static inline void probe_odd(struct probes *p, struct wg_box b)
{
    const double odd[] = {NAN,       INFINITY,
                          -INFINITY, -0.0,
                          1e308,     -5e-324,
                          1e-300,    0x1p32,
                          -0x1p63,   b.min_x,
                          b.max_x,   b.min_y,
                          b.max_y,   b.min_x / 2 + b.max_x / 2};
    const size_t n = sizeof odd / sizeof *odd;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            probe(p, odd[i], odd[k]);
    probe_about(p, b.min_x, b.min_y);
    probe_about(p, b.max_x, b.max_y);
    probe_about(p, b.min_x, b.max_y);
    probe_about(p, b.max_x, b.min_y);
}

/* Grids in order of code, with their boxes. */
struct plain {
    size_t n;
    const struct wg_locator_grid **grid;
    struct wg_box *box;
};

static inline int plain_by_code(const void *a, const void *b)
{
    const struct wg_locator_grid *const *p = a, *const *q = b;
    return strcmp((*p)->code, (*q)->code);
}

static inline struct plain plain_make(size_t n, const struct wg_locator_grid *grids)
{
    struct plain plain = {n, calloc(n + 1, sizeof(void *)), NULL};
    plain.box = calloc(n + 1, sizeof *plain.box);
    if (!plain.grid || !plain.box)
        abort();
    for (size_t i = 0; i < n; i++)
        plain.grid[i] = &grids[i];
    if (n)
        qsort(plain.grid, n, sizeof *plain.grid, plain_by_code);
    for (size_t i = 0; i < n; i++)
        plain.box[i] = wg_multipolygon_box(plain.grid[i]->geometry);
    return plain;
}

static inline void plain_finish(struct plain *plain)
{
    free(plain->grid);
    free(plain->box);
}

static inline enum wg_side plain_side(const struct plain *plain, uint32_t slot, double x,
                                      double y)
{
    if (!wg_box_contains(plain->box[slot - 1], x, y))
        return WG_OUTSIDE;
    return wg_multipolygon_side(plain->grid[slot - 1]->geometry, x, y);
}

static inline uint32_t plain_slot(const struct plain *plain, double x, double y)
{
    for (uint32_t slot = 1; slot <= plain->n; slot++)
        if (plain_side(plain, slot, x, y) != WG_OUTSIDE)
            return slot;
    return 0;
}

#endif
