/* A sheet to edit: a coverage of cols × rows grids with bent boundaries, shared bit for
 * bit, some of them with an island of another grid.  The same seed gives the same sheet.
 */
#ifndef TEST_COVERAGE_SHEET_H
#define TEST_COVERAGE_SHEET_H

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "wangge/coverage.h"

struct sheet {
    int cols, rows;
    double x, y, side; /* lower left corner, side of a grid */
    int bends;         /* vertices inside each side */
    uint64_t seed;
    bool flat;       /* no bends out of line, no jitter: a chessboard */
    bool limit;      /* the outer boundary is one, and holds; of a flat sheet */
    bool islands;    /* in every third grid */
    int64_t without; /* this grid: a gap, or free area within the limit */
    bool parents;    /* 1000001 in the west, 1000002 in the east; else 0 */
};

static inline struct wg_point sheet_node(const struct sheet *s, int i, int j)
{
    struct random r = {s->seed + (uint64_t)i * 7919 + (uint64_t)j * 104729};
    double jitter = s->flat ? 0 : 0.15 * s->side;
    double dx = random_real(&r, -jitter, jitter), dy = random_real(&r, -jitter, jitter);
    return (struct wg_point){wg_lattice_snap(s->x + i * s->side + dx),
                             wg_lattice_snap(s->y + j * s->side + dy)};
}

/* Vertex t of 1 … bends between the node (i, j) and the next to the east or north. */
static inline struct wg_point sheet_bend(const struct sheet *s, int i, int j, bool north,
                                         int t)
{
    struct wg_point a = sheet_node(s, i, j);
    struct wg_point b = north ? sheet_node(s, i, j + 1) : sheet_node(s, i + 1, j);
    struct random r = {s->seed * 31 + (uint64_t)i * 15485863 + (uint64_t)j * 32452843 +
                       (uint64_t)t * 49979687 + north};
    double f = (double)t / (s->bends + 1);
    double out = s->flat ? 0 : random_real(&r, -0.06, 0.06);
    return (struct wg_point){wg_lattice_snap(a.x + f * (b.x - a.x) - out * (b.y - a.y)),
                             wg_lattice_snap(a.y + f * (b.y - a.y) + out * (b.x - a.x))};
}

struct sheet_ring {
    double x[512], y[512];
    uint32_t n;
};

static inline void sheet_add(struct sheet_ring *ring, struct wg_point p)
{
    ring->x[ring->n] = p.x;
    ring->y[ring->n++] = p.y;
}

static inline struct sheet_ring sheet_shell(const struct sheet *s, int i, int j)
{
    struct sheet_ring ring = {.n = 0};
    sheet_add(&ring, sheet_node(s, i, j));
    for (int t = 1; t <= s->bends; t++)
        sheet_add(&ring, sheet_bend(s, i, j, false, t));
    sheet_add(&ring, sheet_node(s, i + 1, j));
    for (int t = 1; t <= s->bends; t++)
        sheet_add(&ring, sheet_bend(s, i + 1, j, true, t));
    sheet_add(&ring, sheet_node(s, i + 1, j + 1));
    for (int t = s->bends; t >= 1; t--)
        sheet_add(&ring, sheet_bend(s, i, j + 1, false, t));
    sheet_add(&ring, sheet_node(s, i, j + 1));
    for (int t = s->bends; t >= 1; t--)
        sheet_add(&ring, sheet_bend(s, i, j, true, t));
    sheet_add(&ring, sheet_node(s, i, j));
    return ring;
}

/* An octagon in the middle of a grid. */
static inline struct sheet_ring sheet_island(const struct sheet *s, int i, int j)
{
    struct sheet_ring ring = {.n = 0};
    for (int t = 0; t <= 8; t++) {
        double angle = 0.7853981633974483 * (t % 8) + 0.3;
        double x = s->x + (i + 0.5) * s->side + 0.12 * s->side * cos(angle);
        double y = s->y + (j + 0.5) * s->side + 0.12 * s->side * sin(angle);
        sheet_add(&ring, (struct wg_point){wg_lattice_snap(x), wg_lattice_snap(y)});
    }
    return ring;
}

static inline bool sheet_has_island(const struct sheet *s, int i, int j)
{
    return s->islands && (i * 5 + j) % 3 == 0;
}

/* Grid (i, j) has the id 1 + j · cols + i and the code "Gid"; its island 100000 more. */
static inline int64_t sheet_id(const struct sheet *s, int i, int j)
{
    return 1 + (int64_t)j * s->cols + i;
}

struct sheet_polygon {
    uint32_t part[2], ring[3];
    double x[1024], y[1024];
    char code[24];
};

static inline struct wg_multipolygon sheet_polygon(struct sheet_polygon *p,
                                                   const struct sheet_ring *shell,
                                                   const struct sheet_ring *hole)
{
    memcpy(p->x, shell->x, shell->n * sizeof *p->x);
    memcpy(p->y, shell->y, shell->n * sizeof *p->y);
    uint32_t n = shell->n;
    p->ring[0] = 0;
    p->ring[1] = n;
    for (uint32_t k = hole ? hole->n : 0; k > 0; k--) {
        p->x[n] = hole->x[k - 1];
        p->y[n++] = hole->y[k - 1];
    }
    p->ring[2] = n;
    p->part[0] = 0;
    p->part[1] = hole ? 2 : 1;
    return (struct wg_multipolygon){1, p->part[1], n, p->part, p->ring, p->x, p->y};
}

/* Aborts with words when it cannot be built. */
static inline struct wg_coverage *sheet_make(const struct sheet *s)
{
    size_t most = 2 * (size_t)s->cols * (size_t)s->rows, n = 0;
    struct wg_coverage_grid *grid = calloc(most, sizeof *grid);
    struct sheet_polygon *polygon = calloc(most, sizeof *polygon);
    struct wg_coverage *coverage = NULL;
    struct wg_error err = {0};

    for (int j = 0; j < s->rows; j++)
        for (int i = 0; i < s->cols; i++)
            for (int island = 0; island <= sheet_has_island(s, i, j); island++) {
                struct sheet_ring shell = sheet_shell(s, i, j);
                struct sheet_ring inner = sheet_island(s, i, j);
                struct sheet_polygon *p = &polygon[n];
                int64_t id = sheet_id(s, i, j) + (island ? 100000 : 0);
                if (id == s->without)
                    continue;
                snprintf(p->code, sizeof p->code, "G%06d", (int)id);
                grid[n++] = (struct wg_coverage_grid){
                    .id = id,
                    .code = p->code,
                    .level = 5,
                    .parent = !s->parents       ? 0
                              : i < s->cols / 2 ? 1000001
                                                : 1000002,
                    .geometry = island ? sheet_polygon(p, &inner, NULL)
                                       : sheet_polygon(p, &shell,
                                                       sheet_has_island(s, i, j) ? &inner
                                                                                 : NULL)};
            }
    double w = s->x, e = w + s->cols * s->side, b = s->y, t = b + s->rows * s->side;
    double outer_x[] = {w, e, e, w, w}, outer_y[] = {b, b, t, t, b};
    uint32_t part[] = {0, 1}, ring[] = {0, 5};
    struct wg_multipolygon limit = {1, 1, 5, part, ring, outer_x, outer_y};
    struct wg_coverage_options options = {.limit = s->limit ? &limit : NULL};
    if (wg_coverage_build(n, grid, &options, &coverage, &err) != WG_OK) {
        fprintf(stderr, "sheet: %s\n", err.text);
        abort();
    }
    free(grid);
    free(polygon);
    return coverage;
}

static inline double sheet_area(const struct wg_coverage *c)
{
    double sum = 0;
    for (uint32_t i = 0; i < wg_coverage_count(c); i++) {
        struct wg_coverage_face face;
        wg_coverage_face_at(c, i, &face);
        sum += face.ended ? 0 : face.area_m2;
    }
    return sum;
}

static inline double sheet_area_of(const struct wg_coverage *c, int64_t id)
{
    struct wg_coverage_face face;
    return wg_coverage_face(c, id, &face, NULL) == WG_OK ? face.area_m2 : NAN;
}

struct sheet_bytes {
    void *bytes;
    size_t n;
};

void wg_free(void *memory);

static inline struct sheet_bytes sheet_bytes(const struct wg_coverage *c)
{
    struct sheet_bytes b = {0};
    struct wg_error err = {0};
    if (wg_coverage_bytes(c, &b.bytes, &b.n, &err) != WG_OK) {
        fprintf(stderr, "bytes: %s\n", err.text);
        abort();
    }
    return b;
}

/* Are the bytes of the coverage still these?  Frees them. */
static inline bool sheet_same(const struct wg_coverage *c, struct sheet_bytes before)
{
    struct sheet_bytes now = sheet_bytes(c);
    bool same = now.n == before.n && memcmp(now.bytes, before.bytes, now.n) == 0;
    wg_free(now.bytes);
    wg_free(before.bytes);
    return same;
}

/* Proven from the ground up; false with words to stderr. */
static inline bool sheet_proven(const struct wg_coverage *c)
{
    struct wg_error err = {0};
    if (wg_coverage_prove(c, &err) == WG_OK)
        return true;
    fprintf(stderr, "# not proven: %s\n", err.text);
    return false;
}

#endif
