/* Footprints into walls, roofs and edges, chunk by chunk. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "mesh.h"
#include "tess.h"

/* A corner flatter than this (cosine of the turn) gets no line: round walls. */
#define SMOOTH_COS 0.94

struct build {
    struct mesh_chunk *chunk;
    size_t cap_vertex, cap_index, cap_line;
    uint32_t *line;
    struct tess *tess;
    bool failed;
    /* the building at hand */
    uint32_t building;
    double foot, top, zero;
};

/* ---- which building goes where ---- */

struct place {
    int32_t col, row;
    uint32_t building;
};

static int by_place(const void *va, const void *vb)
{
    const struct place *a = va, *b = vb;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->col != b->col)
        return a->col < b->col ? -1 : 1;
    return a->building < b->building ? -1 : 1;
}

bool mesh_plan_init(struct mesh_plan *plan, const struct model_city *city)
{
    *plan = (struct mesh_plan){0};
    struct place *place = malloc((city->n + 1) * sizeof *place);
    plan->first = malloc((city->n + 2) * sizeof *plan->first);
    plan->building = malloc((city->n + 1) * sizeof *plan->building);
    if (!place || !plan->first || !plan->building) {
        free(place);
        mesh_plan_finish(plan);
        return false;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < city->n; i++) {
        if (city->hidden[i] || !isfinite(city->cx[i]) || !isfinite(city->cy[i]))
            continue;
        place[n++] = (struct place){(int32_t)floor(city->cx[i] / MESH_CHUNK_M),
                                    (int32_t)floor(city->cy[i] / MESH_CHUNK_M), i};
    }
    qsort(place, n, sizeof *place, by_place);
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || place[i].col != place[i - 1].col || place[i].row != place[i - 1].row)
            plan->first[plan->n++] = i;
        plan->building[i] = place[i].building;
    }
    plan->first[plan->n] = n;
    free(place);
    return true;
}

void mesh_plan_finish(struct mesh_plan *plan)
{
    free(plan->first);
    free(plan->building);
    *plan = (struct mesh_plan){0};
}

/* ---- the chunk's box and step ---- */

static double foot_of(const struct model_city *city, uint32_t i)
{
    return city->base_m[i] > 0 ? city->zero_z[i] + city->base_m[i] : city->foot_z[i];
}

static void bound(struct mesh_chunk *chunk, const struct model_city *city,
                  const uint32_t *building, uint32_t n)
{
    for (int k = 0; k < 3; k++) {
        chunk->low[k] = INFINITY;
        chunk->high[k] = -INFINITY;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct wg_multipolygon mp = model_shape(&city->shape, building[i]);
        for (uint32_t v = 0; v < mp.n_vertex; v++) {
            chunk->low[0] = fmin(chunk->low[0], mp.x[v]);
            chunk->low[1] = fmin(chunk->low[1], mp.y[v]);
            chunk->high[0] = fmax(chunk->high[0], mp.x[v]);
            chunk->high[1] = fmax(chunk->high[1], mp.y[v]);
        }
        chunk->low[2] = fmin(chunk->low[2], foot_of(city, building[i]));
        chunk->high[2] = fmax(chunk->high[2], model_top(city, building[i]));
    }
    double most = 0;
    for (int k = 0; k < 3; k++)
        most = fmax(most, chunk->high[k] - chunk->low[k]);
    double step = MESH_STEP_M;
    while (most / step > 65000)
        step *= 2;
    chunk->step_m = (float)step;
    for (int k = 0; k < 3; k++) /* on the lattice all chunks of this step share */
        chunk->origin[k] = floor(chunk->low[k] / step) * step;
}

/* ---- vertices ---- */

static uint16_t quantise(double v, double origin, double step)
{
    double q = round((v - origin) / step);
    return q < 0 ? 0 : q > 65535 ? 65535 : (uint16_t)q;
}

static uint32_t add_vertex(struct build *b, double x, double y, double z,
                           const double normal[3], uint8_t flag)
{
    struct mesh_chunk *c = b->chunk;
    struct mesh_vertex *moved =
        grow(c->vertex, c->n_vertex, &b->cap_vertex, sizeof *c->vertex);
    if (!moved) {
        b->failed = true;
        return 0;
    }
    c->vertex = moved;
    double up = fmax(0, (z - b->zero) * 10);
    c->vertex[c->n_vertex] = (struct mesh_vertex){
        .x = quantise(x, c->origin[0], c->step_m),
        .y = quantise(y, c->origin[1], c->step_m),
        .z = quantise(z, c->origin[2], c->step_m),
        .up_dm = up > 65535 ? 65535 : (uint16_t)up,
        .normal = {(int8_t)lround(normal[0] * 127), (int8_t)lround(normal[1] * 127),
                   (int8_t)lround(normal[2] * 127)},
        .flag = flag,
        .building = b->building,
    };
    return c->n_vertex++;
}

static void add_triangle(struct build *b, uint32_t i, uint32_t j, uint32_t k)
{
    struct mesh_chunk *c = b->chunk;
    for (int n = 0; n < 3; n++) {
        uint32_t *moved = grow(c->index, c->n_index, &b->cap_index, sizeof *c->index);
        if (!moved) {
            b->failed = true;
            return;
        }
        c->index = moved;
        c->index[c->n_index++] = n == 0 ? i : n == 1 ? j : k;
    }
}

static void add_line(struct build *b, uint32_t i, uint32_t j)
{
    for (int n = 0; n < 2; n++) {
        uint32_t *moved = grow(b->line, b->chunk->n_line, &b->cap_line, sizeof *b->line);
        if (!moved) {
            b->failed = true;
            return;
        }
        b->line = moved;
        b->line[b->chunk->n_line++] = n ? j : i;
    }
}

/* ---- walls ---- */

static double ring_area2(const double *x, const double *y, uint32_t n)
{
    double area = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = i + 1 < n ? i + 1 : 0;
        area += (x[i] - x[0]) * (y[j] - y[0]) - (x[j] - x[0]) * (y[i] - y[0]);
    }
    return area;
}

/* One wall a→b, the solid to its left.  Returns its first vertex: foot a, foot b,
 * top b, top a. */
static uint32_t add_wall(struct build *b, const double from[2], const double to[2],
                         const double dir[2])
{
    double normal[3] = {dir[1], -dir[0], 0};
    uint32_t v = add_vertex(b, from[0], from[1], b->foot, normal, 0);
    add_vertex(b, to[0], to[1], b->foot, normal, 0);
    add_vertex(b, to[0], to[1], b->top, normal, 0);
    add_vertex(b, from[0], from[1], b->top, normal, 0);
    add_triangle(b, v, v + 1, v + 2);
    add_triangle(b, v, v + 2, v + 3);
    add_line(b, v + 3, v + 2);
    return v;
}

static void add_ring(struct build *b, const double *x, const double *y, uint32_t n,
                     bool shell)
{
    if (n > 1 && x[0] == x[n - 1] && y[0] == y[n - 1])
        n--;
    if (n < 3)
        return;
    bool forward = (ring_area2(x, y, n) > 0) == shell;
    double before[2] = {0, 0}, first[2] = {0, 0};
    uint32_t first_wall = UINT32_MAX;
    for (uint32_t k = 0; k < n && !b->failed; k++) {
        uint32_t i = forward ? k : n - 1 - k;
        uint32_t j = forward ? (k + 1) % n : (2 * n - 2 - k) % n;
        double from[2] = {x[i], y[i]}, to[2] = {x[j], y[j]};
        double length = hypot(to[0] - from[0], to[1] - from[1]);
        if (!(length > 1e-3))
            continue;
        double dir[2] = {(to[0] - from[0]) / length, (to[1] - from[1]) / length};
        uint32_t v = add_wall(b, from, to, dir);
        if (first_wall == UINT32_MAX) {
            first_wall = v;
            memcpy(first, dir, sizeof dir);
        } else if (dir[0] * before[0] + dir[1] * before[1] < SMOOTH_COS) {
            add_line(b, v, v + 3);
        }
        memcpy(before, dir, sizeof dir);
    }
    if (first_wall != UINT32_MAX &&
        first[0] * before[0] + first[1] * before[1] < SMOOTH_COS)
        add_line(b, first_wall, first_wall + 3);
}

/* ---- roof and underside ---- */

static void add_cap(struct build *b, double z, bool up, double ox, double oy)
{
    const double *xy;
    const uint32_t *index;
    uint32_t n = tess_vertices(b->tess, &xy), m = tess_indices(b->tess, &index);
    uint32_t first = b->chunk->n_vertex;
    double normal[3] = {0, 0, up ? 1 : -1};
    for (uint32_t i = 0; i < n && !b->failed; i++)
        add_vertex(b, xy[2 * i] + ox, xy[2 * i + 1] + oy, z, normal,
                   up ? MESH_ROOF : MESH_UNDERSIDE);
    for (uint32_t i = 0; i + 2 < m && !b->failed; i += 3)
        add_triangle(b, first + index[i], first + index[i + (up ? 1 : 2)],
                     first + index[i + (up ? 2 : 1)]);
}

static void add_building(struct build *b, const struct model_city *city, uint32_t i)
{
    struct wg_multipolygon mp = model_shape(&city->shape, i);
    b->building = i;
    b->zero = city->zero_z[i];
    b->foot = foot_of(city, i);
    b->top = model_top(city, i);
    if (!(b->top > b->foot))
        return;
    for (uint32_t p = 0; p < mp.n_part; p++)
        for (uint32_t r = mp.part[p]; r < mp.part[p + 1]; r++)
            add_ring(b, mp.x + mp.ring[r], mp.y + mp.ring[r], mp.ring[r + 1] - mp.ring[r],
                     r == mp.part[p]);
    double ox = city->cx[i], oy = city->cy[i];
    if (!tess_run(b->tess, &mp, ox, oy))
        return;
    add_cap(b, b->top, true, ox, oy);
    if (city->base_m[i] > 0)
        add_cap(b, b->foot, false, ox, oy);
}

static bool append_lines(struct build *b)
{
    struct mesh_chunk *c = b->chunk;
    size_t n = (size_t)c->n_index + c->n_line;
    uint32_t *moved = realloc(c->index, (n ? n : 1) * sizeof *moved);
    if (!moved)
        return false;
    c->index = moved;
    if (c->n_line)
        memcpy(c->index + c->n_index, b->line, c->n_line * sizeof *b->line);
    return true;
}

struct mesh_chunk *mesh_chunk_create(const struct model_city *city,
                                     const uint32_t *building, uint32_t n,
                                     struct tess *tess)
{
    struct build b = {.tess = tess};
    b.chunk = calloc(1, sizeof *b.chunk);
    if (!b.chunk)
        return NULL;
    bound(b.chunk, city, building, n);
    for (uint32_t i = 0; i < n && !b.failed; i++)
        add_building(&b, city, building[i]);
    if (b.failed || !append_lines(&b)) {
        mesh_chunk_destroy(b.chunk);
        b.chunk = NULL;
    }
    free(b.line);
    return b.chunk;
}

void mesh_chunk_destroy(struct mesh_chunk *chunk)
{
    if (!chunk)
        return;
    free(chunk->vertex);
    free(chunk->index);
    free(chunk);
}
