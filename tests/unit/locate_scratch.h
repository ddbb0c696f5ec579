/* A partition of quadrangles with crooked sides, for tests of locators. */
#ifndef LOCATE_SCRATCH_H
#define LOCATE_SCRATCH_H

#include "random.h"
#include "wangge/locate.h"

#define BENDS 6 /* vertices on a side of a quadrangle */

struct quads {
    uint32_t cols, rows;
    struct wg_locator_grid *grid;
    struct wg_multipolygon *mp;
    char (*code)[16];
};

/* The same for both neighbours: decided by the place on the lattice alone. */
static inline double quads_jitter(uint64_t place, double most)
{
    struct random r = {place * UINT64_C(0x9E3779B97F4A7C15)};
    return random_real(&r, -most, most);
}

static inline struct wg_point quads_point(int64_t i, int64_t j)
{
    uint64_t place = (uint64_t)i << 32 | (uint64_t)j;
    return (struct wg_point){3e5 + (double)i * 10 + quads_jitter(2 * place, 4),
                             3.78e6 + (double)j * 10 + quads_jitter(2 * place + 1, 4)};
}

static inline void quads_side(struct wg_multipolygon *mp, int64_t i, int64_t j, int di,
                              int dj)
{
    for (int k = 0; k < BENDS; k++) {
        struct wg_point p = quads_point(i + k * di, j + k * dj);
        mp->x[mp->n_vertex] = p.x;
        mp->y[mp->n_vertex++] = p.y;
    }
}

static inline void quads_make(struct quads *q, uint32_t cols, uint32_t rows)
{
    size_t n = (size_t)cols * rows;
    *q = (struct quads){cols, rows, calloc(n, sizeof *q->grid), calloc(n, sizeof *q->mp),
                        calloc(n, sizeof *q->code)};
    for (uint32_t k = 0; k < n; k++) {
        int64_t i = (int64_t)(k % cols) * BENDS, j = (int64_t)(k / cols) * BENDS;
        struct wg_multipolygon *mp = &q->mp[k];
        mp->part = calloc(2, sizeof *mp->part);
        mp->ring = calloc(2, sizeof *mp->ring);
        mp->x = calloc(4 * BENDS + 1, sizeof *mp->x);
        mp->y = calloc(4 * BENDS + 1, sizeof *mp->y);
        quads_side(mp, i, j, 1, 0);
        quads_side(mp, i + BENDS, j, 0, 1);
        quads_side(mp, i + BENDS, j + BENDS, -1, 0);
        quads_side(mp, i, j + BENDS, 0, -1);
        mp->x[mp->n_vertex] = mp->x[0];
        mp->y[mp->n_vertex++] = mp->y[0];
        mp->n_part = mp->n_ring = mp->part[1] = 1;
        mp->ring[1] = mp->n_vertex;
        snprintf(q->code[k], sizeof q->code[k], "G%06u", (unsigned)(k * 7919 % n));
        q->grid[k] = (struct wg_locator_grid){1000 + (int64_t)k, q->code[k], mp};
    }
}

static inline void quads_drop(struct quads *q)
{
    for (size_t k = 0; k < (size_t)q->cols * q->rows; k++)
        wg_multipolygon_finish(&q->mp[k]);
    free(q->grid);
    free(q->mp);
    free(q->code);
}

static inline void quads_points(const struct quads *q, size_t n, double *x, double *y)
{
    struct random r = {7};
    for (size_t i = 0; i < n; i++) {
        x[i] = 3e5 + random_real(&r, -20, 10.0 * BENDS * q->cols + 20);
        y[i] = 3.78e6 + random_real(&r, -20, 10.0 * BENDS * q->rows + 20);
    }
}

#endif
