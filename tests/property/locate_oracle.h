/* An owner found without any index of ours: rays cast exactly against the edges of each
 * grid's own horizontal slabs, grid by grid in order of code, points sorted into bins.
 * It shares wg_orient with the index (which test_geom holds against whole numbers) and
 * nothing else. */
#ifndef LOCATE_ORACLE_H
#define LOCATE_ORACLE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/partition_make.h"

struct edges { /* of one grid, or of an outline */
    struct wg_box box;
    uint32_t n_slab;
    double per_y;    /* slabs a unit of y */
    uint32_t *start; /* n_slab + 1, into `at` */
    uint32_t *at;
    const struct wg_point *a, *b; /* all edges */
};

struct oracle {
    size_t n;
    struct edges *grid;
    struct edges outline; /* the edges without a twin, of the union of all grids */
    struct wg_point *a, *b, *outline_a, *outline_b;
    uint32_t *at;
    struct wg_box box;
};

static inline void *oracle_room(size_t n, size_t size)
{
    void *block = calloc(n + 1, size);
    if (!block)
        abort();
    return block;
}

static inline uint32_t edges_slab(const struct edges *e, double y)
{
    double k = floor((y - e->box.min_y) * e->per_y);
    return k < 0 ? 0 : k >= e->n_slab ? e->n_slab - 1 : (uint32_t)k;
}

static inline void edges_make(struct edges *e, size_t n, const struct wg_point *a,
                              const struct wg_point *b)
{
    e->box = wg_box_empty();
    e->a = a;
    e->b = b;
    for (size_t i = 0; i < n; i++) {
        e->box = wg_box_grow(e->box, a[i].x, a[i].y);
        e->box = wg_box_grow(e->box, b[i].x, b[i].y);
    }
    e->n_slab = n < 4 ? 1 : (uint32_t)(n / 2);
    double height = e->box.max_y - e->box.min_y;
    e->per_y = height > 0 ? e->n_slab / height : 0;
    e->start = oracle_room(e->n_slab + 1, sizeof *e->start);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            uint32_t k = edges_slab(e, fmin(a[i].y, b[i].y));
            uint32_t end = edges_slab(e, fmax(a[i].y, b[i].y));
            for (; k <= end; k++) {
                if (pass)
                    e->at[--e->start[k]] = (uint32_t)i;
                else
                    e->start[k]++;
            }
        }
        if (pass)
            break;
        for (uint32_t k = 1; k <= e->n_slab; k++)
            e->start[k] += e->start[k - 1];
        e->at = oracle_room(e->start[e->n_slab], sizeof *e->at);
    }
}

static inline enum wg_side edges_side(const struct edges *e, double x, double y)
{
    bool inside = false;
    if (!wg_box_contains(e->box, x, y))
        return WG_OUTSIDE;
    uint32_t slab = edges_slab(e, y);
    for (uint32_t k = e->start[slab]; k < e->start[slab + 1]; k++) {
        struct wg_point a = e->a[e->at[k]], b = e->b[e->at[k]];
        double low = a.y < b.y ? a.y : b.y, high = a.y < b.y ? b.y : a.y;
        if (y < low || y > high || (x > a.x && x > b.x))
            continue;
        if (x < a.x && x < b.x) {
            inside ^= low <= y && y < high;
            continue;
        }
        int turn = wg_orient(a, b, (struct wg_point){x, y});
        if (turn == 0)
            return WG_BOUNDARY; /* within the edge's box and in line with it */
        if (low <= y && y < high)
            inside ^= (turn > 0) == (a.y < b.y); /* left of the upward edge */
    }
    return inside ? WG_INSIDE : WG_OUTSIDE;
}

struct oracle_half {
    struct wg_point a, b; /* in order */
};

static inline int oracle_by_ends(const void *p, const void *q)
{
    const struct oracle_half *e = p, *f = q;
    const double s[] = {e->a.x, e->a.y, e->b.x, e->b.y};
    const double t[] = {f->a.x, f->a.y, f->b.x, f->b.y};
    for (int i = 0; i < 4; i++)
        if (s[i] != t[i])
            return s[i] < t[i] ? -1 : 1;
    return 0;
}

static inline void oracle_outline(struct oracle *o, size_t n)
{
    struct oracle_half *half = oracle_room(n, sizeof *half);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        bool turned =
            o->b[i].x < o->a[i].x || (o->b[i].x == o->a[i].x && o->b[i].y < o->a[i].y);
        half[i] = turned ? (struct oracle_half){o->b[i], o->a[i]}
                         : (struct oracle_half){o->a[i], o->b[i]};
    }
    qsort(half, n, sizeof *half, oracle_by_ends);
    o->outline_a = oracle_room(n, sizeof *o->outline_a);
    o->outline_b = oracle_room(n, sizeof *o->outline_b);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && !oracle_by_ends(&half[i], &half[j]); j++)
            ;
        if ((j - i) % 2) {
            o->outline_a[m] = half[i].a;
            o->outline_b[m++] = half[i].b;
        }
    }
    free(half);
    edges_make(&o->outline, m, o->outline_a, o->outline_b);
}

static inline struct oracle oracle_make(const struct partition *p)
{
    struct oracle o = {.n = p->n, .box = p->box};
    size_t used = 0;
    o.grid = oracle_room(p->n, sizeof *o.grid);
    o.a = oracle_room(p->n_vertex, sizeof *o.a);
    o.b = oracle_room(p->n_vertex, sizeof *o.b);
    for (size_t g = 0; g < p->n; g++) {
        const struct wg_multipolygon *mp = &p->mp[g];
        size_t first = used;
        for (uint32_t r = 0; r < mp->n_ring; r++)
            for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++, used++) {
                o.a[used] = (struct wg_point){mp->x[i], mp->y[i]};
                o.b[used] = (struct wg_point){mp->x[i + 1], mp->y[i + 1]};
            }
        edges_make(&o.grid[g], used - first, o.a + first, o.b + first);
    }
    oracle_outline(&o, used);
    return o;
}

static inline void oracle_finish(struct oracle *o)
{
    for (size_t g = 0; g < o->n; g++) {
        free(o->grid[g].start);
        free(o->grid[g].at);
    }
    free(o->outline.start);
    free(o->outline.at);
    free(o->grid);
    free(o->a);
    free(o->b);
    free(o->outline_a);
    free(o->outline_b);
}

#define ORACLE_SIDE 1024 /* bins along each axis */

static inline uint32_t oracle_bin(double at, double low, double high)
{
    double k = high > low ? floor((at - low) / (high - low) * ORACLE_SIDE) : 0;
    return k < 0 ? 0 : k >= ORACLE_SIDE ? ORACLE_SIDE - 1 : (uint32_t)k;
}

/* slot: the lowest that covers; inside: how many have the point in their interior. */
static inline void oracle_ask(const struct oracle *o, size_t n, const double *x,
                              const double *y, uint32_t *slot, uint8_t *inside)
{
    const size_t bins = (size_t)ORACLE_SIDE * ORACLE_SIDE;
    uint32_t *start = oracle_room(bins + 1, sizeof *start);
    uint32_t *bin = oracle_room(n, sizeof *bin), *order = oracle_room(n, sizeof *order);
    struct wg_box box = o->box;
    memset(slot, 0, n * sizeof *slot);
    memset(inside, 0, n);
    for (size_t i = 0; i < n; i++) {
        bin[i] = oracle_bin(y[i], box.min_y, box.max_y) * ORACLE_SIDE +
                 oracle_bin(x[i], box.min_x, box.max_x);
        start[bin[i]]++;
    }
    for (size_t k = 1; k <= bins; k++)
        start[k] += start[k - 1];
    for (size_t i = 0; i < n; i++)
        order[--start[bin[i]]] = (uint32_t)i;
    for (size_t g = 0; g < o->n; g++) {
        const struct edges *e = &o->grid[g];
        if (wg_box_is_empty(e->box))
            continue;
        uint32_t west = oracle_bin(e->box.min_x, box.min_x, box.max_x);
        uint32_t east = oracle_bin(e->box.max_x, box.min_x, box.max_x);
        uint32_t north = oracle_bin(e->box.max_y, box.min_y, box.max_y);
        for (uint32_t r = oracle_bin(e->box.min_y, box.min_y, box.max_y); r <= north; r++)
            for (uint32_t k = start[r * ORACLE_SIDE + west];
                 k < start[r * ORACLE_SIDE + east + 1]; k++) {
                uint32_t i = order[k];
                enum wg_side side = edges_side(e, x[i], y[i]);
                if (side != WG_OUTSIDE && !slot[i])
                    slot[i] = (uint32_t)g + 1;
                inside[i] = (uint8_t)(inside[i] + (side == WG_INSIDE));
            }
    }
    free(start);
    free(bin);
    free(order);
}

#endif
