/* Boundaries as straight pieces on the ground, each shared edge once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "mesh.h"

struct edge { /* a < b, so that both neighbours write the same */
    double ax, ay, bx, by;
    uint32_t rank;
};

struct edges {
    struct edge *edge;
    size_t n, cap;
};

static int by_edge(const void *va, const void *vb)
{
    const struct edge *a = va, *b = vb;
    const double pa[4] = {a->ax, a->ay, a->bx, a->by};
    const double pb[4] = {b->ax, b->ay, b->bx, b->by};
    for (int i = 0; i < 4; i++)
        if (pa[i] != pb[i])
            return pa[i] < pb[i] ? -1 : 1;
    return a->rank == b->rank ? 0 : a->rank > b->rank ? -1 : 1;
}

static bool add_edge(struct edges *e, double ax, double ay, double bx, double by,
                     uint32_t rank)
{
    if (ax == bx && ay == by)
        return true;
    struct edge *moved = grow(e->edge, e->n, &e->cap, sizeof *e->edge);
    if (!moved)
        return false;
    e->edge = moved;
    bool swap = ax > bx || (ax == bx && ay > by);
    e->edge[e->n++] = swap ? (struct edge){bx, by, ax, ay, rank}
                           : (struct edge){ax, ay, bx, by, rank};
    return true;
}

static bool add_grid(struct edges *e, const struct model_partition *partition, uint32_t i,
                     uint32_t rank)
{
    struct wg_multipolygon mp = model_shape(&partition->shape, i);
    bool ok = true;
    for (uint32_t r = 0; r < mp.n_ring; r++)
        for (uint32_t v = mp.ring[r]; v + 1 < mp.ring[r + 1] && ok; v++)
            ok = add_edge(e, mp.x[v], mp.y[v], mp.x[v + 1], mp.y[v + 1], rank);
    return ok;
}

static int leaf_level(const struct model_partition *partition)
{
    int level = 0;
    for (uint32_t i = 0; i < partition->n; i++)
        if (partition->grid[i].leaf && partition->grid[i].level > level)
            level = partition->grid[i].level;
    return level;
}

static struct mesh_lines *lines_create(const struct model_city *city)
{
    struct mesh_lines *l = calloc(1, sizeof *l);
    if (l && !wg_box_is_empty(city->extent)) {
        l->origin[0] = floor((city->extent.min_x + city->extent.max_x) / 2);
        l->origin[1] = floor((city->extent.min_y + city->extent.max_y) / 2);
        l->origin[2] = floor(city->field.min_z);
    }
    return l;
}

void mesh_lines_destroy(struct mesh_lines *l)
{
    if (!l)
        return;
    free(l->segment);
    free(l);
}

static bool add_piece(struct mesh_lines *l, const struct field *f, const double a[2],
                      const double b[2], uint32_t rank)
{
    struct mesh_segment *moved = grow(l->segment, l->n, &l->cap, sizeof *l->segment);
    if (!moved)
        return false;
    l->segment = moved;
    l->segment[l->n++] = (struct mesh_segment){
        .a = {(float)(a[0] - l->origin[0]), (float)(a[1] - l->origin[1]),
              (float)(field_height(f, a[0], a[1]) - l->origin[2])},
        .b = {(float)(b[0] - l->origin[0]), (float)(b[1] - l->origin[1]),
              (float)(field_height(f, b[0], b[1]) - l->origin[2])},
        .rank = rank,
    };
    return true;
}

static int by_value(const void *va, const void *vb)
{
    double a = *(const double *)va, b = *(const double *)vb;
    return a < b ? -1 : a > b;
}

static void crossings(double from, double to, double *t, size_t *n, size_t most)
{
    double least = ceil(fmin(from, to)), last = floor(fmax(from, to));
    for (double k = least; k <= last && *n < most; k++) {
        double at = (k - from) / (to - from);
        if (at > 1e-6 && at < 1 - 1e-6)
            t[(*n)++] = at;
    }
}

enum { MOST_PIECES = 4096 };

/* Cut an edge where the drawn ground bends, so that it lies on it all along. */
static bool drape(struct mesh_lines *l, const struct field *f, const struct edge *e,
                  double *t)
{
    size_t n = 0;
    if (f->cols) {
        double u0 = (e->ax - f->x0) / f->step_m, u1 = (e->bx - f->x0) / f->step_m;
        double v0 = (e->ay - f->y0) / f->step_m, v1 = (e->by - f->y0) / f->step_m;
        crossings(u0, u1, t, &n, MOST_PIECES);
        crossings(v0, v1, t, &n, MOST_PIECES);
        crossings(u0 - v0, u1 - v1, t, &n, MOST_PIECES);
        qsort(t, n, sizeof *t, by_value);
    }
    double a[2] = {e->ax, e->ay};
    for (size_t i = 0; i <= n; i++) {
        double at = i < n ? t[i] : 1;
        double b[2] = {e->ax + at * (e->bx - e->ax), e->ay + at * (e->by - e->ay)};
        if (!add_piece(l, f, a, b, e->rank))
            return false;
        memcpy(a, b, sizeof a);
    }
    return true;
}

static struct mesh_lines *drape_all(struct edges *e, const struct model_city *city)
{
    struct mesh_lines *l = lines_create(city);
    double *t = malloc(MOST_PIECES * sizeof *t);
    bool ok = l && t;
    if (e->n)
        qsort(e->edge, e->n, sizeof *e->edge, by_edge);
    for (size_t i = 0; i < e->n && ok; i++) {
        const struct edge *at = &e->edge[i], *before = i ? at - 1 : NULL;
        if (before && before->ax == at->ax && before->ay == at->ay &&
            before->bx == at->bx && before->by == at->by)
            continue; /* the heaviest comes first */
        ok = drape(l, &city->field, at, t);
    }
    free(t);
    if (!ok) {
        mesh_lines_destroy(l);
        l = NULL;
    }
    return l;
}

struct mesh_lines *mesh_boundaries_create(const struct model_partition *partition,
                                          const struct model_city *city)
{
    struct edges e = {0};
    bool ok = true;
    int leaf = leaf_level(partition);
    for (uint32_t i = 0; i < partition->n && ok; i++) {
        /* The levels above the leaves have the heavier lines. */
        int above = partition->grid[i].leaf ? 0 : leaf - partition->grid[i].level;
        ok = add_grid(&e, partition, i, above > 0 ? (uint32_t)above : 0);
    }
    struct mesh_lines *l = ok ? drape_all(&e, city) : NULL;
    free(e.edge);
    return l;
}

struct mesh_lines *mesh_outline_create(const struct model_partition *partition,
                                       const struct model_city *city, uint32_t grid)
{
    struct edges e = {0};
    struct mesh_lines *l = add_grid(&e, partition, grid, 0) ? drape_all(&e, city) : NULL;
    free(e.edge);
    return l;
}
