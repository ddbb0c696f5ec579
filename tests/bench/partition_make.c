/* Generates partitions; see partition_make.h. */
#include "partition_make.h"

#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/random.h"

#define ORIGIN_E 300000.0
#define ORIGIN_N 3780000.0
#define GUARD 3      /* rows of seeds about the partition whose cells are dropped */
#define JITTER 0.25  /* of an edge's length: tangent of the angle it may leave by */
#define ROUNDS 8     /* of straightening what came out invalid */
#define CODE_SIZE 16 /* 15 digits */

static const struct partition_kind kinds[] = {
    {"district", 18, 17, 1900.0 / 17.5, 12.0},
    {"city", 100, 100, 286.0, 20.3},
    {"province", 448, 447, 380000.0 / 447.5, 133.0},
};

const struct partition_kind *partition_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

static void *need(void *block)
{
    if (!block) {
        fprintf(stderr, "out of memory\n");
        abort();
    }
    return block;
}

static void *room(size_t n, size_t size)
{
    return need(calloc(n ? n : 1, size));
}

static void say_geos(const char *text, void *user)
{
    (void)user;
    fprintf(stderr, "GEOS: %s\n", text);
}

/* ---- corners: the Voronoi diagram, warped and on the lattice -------------------- */

struct corners {
    size_t n;            /* cells in order of row and column */
    uint32_t *start;     /* n + 1 */
    struct wg_point *at; /* open rings, counter-clockwise */
};

static struct wg_point seed_of(int64_t col, int64_t row)
{
    struct random r = {(uint64_t)(col + 1000) * 1000003 + (uint64_t)(row + 1000)};
    double x = random_real(&r, 0.12, 0.88), y = random_real(&r, 0.12, 0.88);
    return (struct wg_point){(double)col + x, (double)row + y};
}

/* The number of the cell whose seed is nearest to a point inside it; n: a guard. */
static size_t cell_of(const struct partition_kind *kind, struct wg_point p)
{
    int64_t col = 0, row = 0, c0 = (int64_t)floor(p.x), r0 = (int64_t)floor(p.y);
    double best = INFINITY;
    for (int64_t c = c0 - 2; c <= c0 + 2; c++)
        for (int64_t r = r0 - 2; r <= r0 + 2; r++) {
            struct wg_point s = seed_of(c, r);
            double d = (s.x - p.x) * (s.x - p.x) + (s.y - p.y) * (s.y - p.y);
            if (d < best) {
                best = d;
                col = c;
                row = r;
            }
        }
    if (col < 0 || row < 0 || col >= kind->cols || row >= kind->rows)
        return (size_t)kind->cols * kind->rows;
    return (size_t)row * kind->cols + (size_t)col;
}

/* From seeds' space to metres: denser here and there, lines bent. */
static struct wg_point warp(const struct partition_kind *kind, struct wg_point p)
{
    double u = p.x / kind->cols, v = p.y / kind->rows, tau = 6.283185307179586;
    double x = u + 0.05 * sin(tau * u) + 0.02 * sin(tau * (2 * v + 0.3));
    double y = v + 0.05 * sin(tau * v + 1) + 0.02 * sin(tau * (2 * u + 0.7));
    struct wg_point at = {ORIGIN_E + x * kind->cols * kind->side_m,
                          ORIGIN_N + y * kind->rows * kind->side_m};
    at.x = wg_lattice_snap(at.x);
    at.y = wg_lattice_snap(at.y);
    return at;
}

static GEOSGeometry *diagram(GEOSContextHandle_t geos, const struct partition_kind *kind)
{
    size_t cols = kind->cols + 2 * GUARD, rows = kind->rows + 2 * GUARD;
    GEOSCoordSequence *seq = GEOSCoordSeq_create_r(geos, (unsigned)(cols * rows), 2);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++) {
            struct wg_point s = seed_of((int64_t)c - GUARD, (int64_t)r - GUARD);
            GEOSCoordSeq_setXY_r(geos, seq, (unsigned)(r * cols + c), s.x, s.y);
        }
    GEOSGeometry *sites = GEOSGeom_createLineString_r(geos, seq);
    GEOSGeometry *cells = GEOSVoronoiDiagram_r(geos, sites, NULL, 0, 0);
    GEOSGeom_destroy_r(geos, sites);
    return need(cells);
}

/* The open ring of one cell of the diagram; returns its number of corners. */
static uint32_t read_cell(GEOSContextHandle_t geos, const GEOSGeometry *cell,
                          struct wg_point *at, size_t cap)
{
    const GEOSGeometry *shell = GEOSGetExteriorRing_r(geos, cell);
    const GEOSCoordSequence *seq = GEOSGeom_getCoordSeq_r(geos, shell);
    unsigned n = 0;
    int ccw = 1;
    GEOSCoordSeq_getSize_r(geos, seq, &n);
    GEOSCoordSeq_isCCW_r(geos, seq, (char *)&ccw);
    if (n - 1 > cap)
        return 0;
    for (unsigned i = 0; i + 1 < n; i++) {
        unsigned from = ccw & 1 ? i : n - 1 - i;
        GEOSCoordSeq_getXY_r(geos, seq, from, &at[i].x, &at[i].y);
    }
    return n - 1;
}

#define CORNER_MAX 64

static struct corners make_corners(const struct partition_kind *kind)
{
    GEOSContextHandle_t geos = need(GEOS_init_r());
    GEOSContext_setErrorMessageHandler_r(geos, say_geos, NULL);
    GEOSGeometry *cells = diagram(geos, kind);
    struct corners out = {.n = (size_t)kind->cols * kind->rows};
    struct wg_point *all = room(out.n * CORNER_MAX, sizeof *all);
    uint32_t *count = room(out.n, sizeof *count);
    int n_cell = GEOSGetNumGeometries_r(geos, cells);

    for (int i = 0; i < n_cell; i++) {
        struct wg_point at[CORNER_MAX], mean = {0, 0};
        uint32_t n = read_cell(geos, GEOSGetGeometryN_r(geos, cells, i), at, CORNER_MAX);
        for (uint32_t k = 0; k < n; k++) {
            mean.x += at[k].x / n;
            mean.y += at[k].y / n;
        }
        size_t to = cell_of(kind, mean);
        if (to == out.n)
            continue;
        uint32_t kept = 0;
        struct wg_point *corner = all + to * CORNER_MAX;
        for (uint32_t k = 0; k < n; k++) {
            struct wg_point p = warp(kind, at[k]);
            if (kept == 0 || p.x != corner[kept - 1].x || p.y != corner[kept - 1].y)
                corner[kept++] = p;
        }
        while (kept > 1 && corner[kept - 1].x == corner[0].x &&
               corner[kept - 1].y == corner[0].y)
            kept--;
        count[to] = kept;
    }
    out.start = room(out.n + 1, sizeof *out.start);
    for (size_t i = 0; i < out.n; i++)
        out.start[i + 1] = out.start[i] + count[i];
    out.at = room(out.start[out.n], sizeof *out.at);
    for (size_t i = 0; i < out.n; i++)
        memcpy(out.at + out.start[i], all + i * CORNER_MAX, count[i] * sizeof *all);
    free(count);
    free(all);
    GEOSGeom_destroy_r(geos, cells);
    GEOS_finish_r(geos);
    return out;
}

/* ---- edges: densified and jittered alike from both sides ------------------------ */

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The same for both directions. */
static uint64_t edge_key(struct wg_point a, struct wg_point b)
{
    if (b.x < a.x || (b.x == a.x && b.y < a.y)) {
        struct wg_point t = a;
        a = b;
        b = t;
    }
    struct random r = {bits_of(a.x)};
    r.state = random_next(&r) ^ bits_of(a.y);
    r.state = random_next(&r) ^ bits_of(b.x);
    r.state = random_next(&r) ^ bits_of(b.y);
    return random_next(&r);
}

struct keys {
    uint64_t *key; /* sorted */
    size_t n;
};

static int by_key(const void *a, const void *b)
{
    const uint64_t *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

static bool has_key(const struct keys *keys, uint64_t key)
{
    return keys->n && bsearch(&key, keys->key, keys->n, sizeof key, by_key);
}

#define PIECE_MAX 512

/* The points from a to before b. */
static uint32_t densify(const struct partition_kind *kind, const struct keys *straight,
                        struct wg_point a, struct wg_point b, struct wg_point *out)
{
    uint64_t key = edge_key(a, b);
    bool turned = b.x < a.x || (b.x == a.x && b.y < a.y);
    struct wg_point from = turned ? b : a, to = turned ? a : b;
    double dx = to.x - from.x, dy = to.y - from.y, length = hypot(dx, dy);
    double amount = has_key(straight, key) ? 0 : JITTER;
    int n = (int)(length / kind->step_m + 0.5);
    struct random r = {key};

    n = n < 1 ? 1 : n > PIECE_MAX ? PIECE_MAX : n;
    if (length < 0.1 * kind->step_m || amount == 0)
        n = 1;
    out[0] = a;
    for (int i = 1; i < n; i++) {
        double t = (i + random_real(&r, -0.3, 0.3)) / n;
        double off = amount * (t < 0.5 ? t : 1 - t) * random_real(&r, -1, 1);
        struct wg_point p = {wg_lattice_snap(from.x + t * dx - off * dy),
                             wg_lattice_snap(from.y + t * dy + off * dx)};
        out[turned ? n - i : i] = p;
    }
    return (uint32_t)n;
}

static void fill_rings(const struct partition_kind *kind, const struct corners *c,
                       const struct keys *straight, struct partition *out)
{
    struct wg_point piece[PIECE_MAX];
    size_t cap = 0, used = 0;

    free(out->x);
    free(out->y);
    out->x = out->y = NULL;
    for (size_t i = 0; i < c->n; i++) {
        size_t first = used;
        const struct wg_point *at = c->at + c->start[i];
        uint32_t n = c->start[i + 1] - c->start[i];
        for (uint32_t k = 0; k < n; k++) {
            uint32_t m = densify(kind, straight, at[k], at[(k + 1) % n], piece);
            if (used + m + 1 > cap) {
                cap = cap ? cap * 2 : 4096;
                out->x = need(realloc(out->x, cap * sizeof *out->x));
                out->y = need(realloc(out->y, cap * sizeof *out->y));
            }
            for (uint32_t j = 0; j < m; j++, used++) {
                out->x[used] = piece[j].x;
                out->y[used] = piece[j].y;
            }
        }
        out->x[used] = out->x[first];
        out->y[used] = out->y[first];
        used++;
        out->ring[i + 1] = (uint32_t)used;
    }
    out->n_vertex = used;
}

/* ---- the proof ------------------------------------------------------------------ */

static bool valid_ring(GEOSContextHandle_t geos, const double *x, const double *y,
                       uint32_t n)
{
    GEOSCoordSequence *seq = GEOSCoordSeq_copyFromArrays_r(geos, x, y, NULL, NULL, n);
    GEOSGeometry *shell = GEOSGeom_createLinearRing_r(geos, seq);
    GEOSGeometry *polygon = shell ? GEOSGeom_createPolygon_r(geos, shell, NULL, 0) : NULL;
    bool valid = polygon && GEOSisValid_r(geos, polygon) == 1;
    double area = 0;
    for (uint32_t i = 0; i + 1 < n; i++)
        area += (x[i] - x[0]) * (y[i + 1] - y[0]) - (x[i + 1] - x[0]) * (y[i] - y[0]);
    if (polygon)
        GEOSGeom_destroy_r(geos, polygon);
    return valid && area > 0;
}

/* The number of invalid cells, whose edges join those to be left straight. */
static size_t find_invalid(GEOSContextHandle_t geos, const struct corners *c,
                           const struct partition *p, struct keys *straight)
{
    size_t n_bad = 0;
    for (size_t i = 0; i < p->n; i++) {
        uint32_t first = p->ring[i], n = p->ring[i + 1] - first;
        if (valid_ring(geos, p->x + first, p->y + first, n))
            continue;
        n_bad++;
        uint32_t m = c->start[i + 1] - c->start[i];
        const struct wg_point *at = c->at + c->start[i];
        straight->key =
            need(realloc(straight->key, (straight->n + m) * sizeof *straight->key));
        for (uint32_t k = 0; k < m; k++)
            straight->key[straight->n++] = edge_key(at[k], at[(k + 1) % m]);
    }
    if (straight->n)
        qsort(straight->key, straight->n, sizeof *straight->key, by_key);
    return n_bad;
}

struct half {
    uint64_t key;
    uint32_t at; /* its first vertex */
};

static int by_half(const void *a, const void *b)
{
    const struct half *p = a, *q = b;
    return (p->key > q->key) - (p->key < q->key);
}

static int by_start(const void *a, const void *b, void *user)
{
    const struct partition *p = user;
    uint32_t i = ((const struct half *)a)->at, j = ((const struct half *)b)->at;
    if (p->x[i] != p->x[j])
        return p->x[i] < p->x[j] ? -1 : 1;
    return (p->y[i] > p->y[j]) - (p->y[i] < p->y[j]);
}

/* Move on to the edge that begins where `half`'s vertex lies. */
static bool find_start(struct partition *p, const struct half *edges, size_t n,
                       struct half *half)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (by_start(&edges[mid], half, p) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == n || by_start(&edges[low], half, p) != 0)
        return false;
    *half = edges[low];
    return true;
}

/* The edges without a twin, joined; true when they are one valid ring.  Every cell
 * being simple and turning left, and all other edges cancelling, each point inside the
 * outline is then inside exactly one cell, or on an edge. */
static bool outline_is_valid(GEOSContextHandle_t geos, struct partition *p)
{
    struct half *half = room(p->n_vertex, sizeof *half), *outer = half;
    size_t n = 0, m = 0;
    for (size_t i = 0; i < p->n; i++)
        for (uint32_t k = p->ring[i]; k + 1 < p->ring[i + 1]; k++) {
            struct wg_point a = {p->x[k], p->y[k]}, b = {p->x[k + 1], p->y[k + 1]};
            half[n++] = (struct half){edge_key(a, b), k};
        }
    qsort(half, n, sizeof *half, by_half);
    bool ok = true;
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && half[j].key == half[i].key; j++)
            ;
        if (j - i == 1)
            outer[m++] = half[i];
        ok = ok && j - i <= 2;
    }
    qsort_r(outer, m, sizeof *outer, by_start, p);
    double *x = room(m + 1, sizeof *x), *y = room(m + 1, sizeof *y);
    size_t used = 0;
    struct half next = m ? outer[0] : (struct half){0, 0};
    while (ok && m && used < m) {
        x[used] = p->x[next.at];
        y[used++] = p->y[next.at];
        next.at++; /* now its end, where the next begins */
        ok = find_start(p, outer, m, &next);
    }
    ok = ok && m > 2 && next.at == outer[0].at;
    x[used] = x[0];
    y[used] = y[0];
    ok = ok && valid_ring(geos, x, y, (uint32_t)used + 1);
    free(x);
    free(y);
    free(half);
    return ok;
}

/* ---- together ------------------------------------------------------------------- */

/* Codes, boxes and the views that wg_locator_build takes. */
static void dress(struct partition *p)
{
    static uint32_t one_part[2] = {0, 1};
    p->code = room(p->n, CODE_SIZE);
    p->grid = room(p->n, sizeof *p->grid);
    p->mp = room(p->n, sizeof *p->mp);
    p->part = room(2 * p->n, sizeof *p->part);
    p->box = wg_box_empty();
    for (size_t i = 0; i < p->n; i++) {
        uint32_t first = p->ring[i], n = p->ring[i + 1] - first;
        char *code = p->code + i * CODE_SIZE;
        snprintf(code, CODE_SIZE, "520602%09u", (unsigned)i);
        p->part[2 * i + 1] = n;
        p->mp[i] = (struct wg_multipolygon){.n_part = 1,
                                            .n_ring = 1,
                                            .n_vertex = n,
                                            .part = one_part,
                                            .ring = p->part + 2 * i,
                                            .x = p->x + first,
                                            .y = p->y + first};
        p->grid[i] = (struct wg_locator_grid){(int64_t)i + 1, code, &p->mp[i]};
        p->box = wg_box_union(p->box, wg_multipolygon_box(&p->mp[i]));
    }
}

bool partition_make(const struct partition_kind *kind, struct partition *out)
{
    struct corners c = make_corners(kind);
    struct keys straight = {NULL, 0};
    GEOSContextHandle_t geos = need(GEOS_init_r());
    size_t n_bad = 1;
    bool ok;

    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", kind->name);
    out->generated = true;
    out->n = c.n;
    out->ring = room(c.n + 1, sizeof *out->ring);
    for (int round = 0; round < ROUNDS && n_bad; round++) {
        fill_rings(kind, &c, &straight, out);
        n_bad = find_invalid(geos, &c, out, &straight);
    }
    ok = n_bad == 0 && outline_is_valid(geos, out);
    if (ok)
        dress(out);
    else
        fprintf(stderr, "%s: %zu invalid cells, or no valid outline\n", kind->name,
                n_bad);
    free(straight.key);
    free(c.start);
    free(c.at);
    GEOS_finish_r(geos);
    if (!ok)
        partition_finish(out);
    return ok;
}

#define MAGIC "wgpart 1"

static bool read_cache(const char *path, struct partition *out)
{
    FILE *f = fopen(path, "rb");
    char magic[8];
    uint64_t size[2];
    bool ok = f && fread(magic, 1, 8, f) == 8 && !memcmp(magic, MAGIC, 8) &&
              fread(size, sizeof size, 1, f) == 1;
    if (ok) {
        out->generated = true;
        out->n = size[0];
        out->n_vertex = size[1];
        out->ring = room(out->n + 1, sizeof *out->ring);
        out->x = room(out->n_vertex, sizeof *out->x);
        out->y = room(out->n_vertex, sizeof *out->y);
        ok = fread(out->ring, sizeof *out->ring, out->n + 1, f) == out->n + 1 &&
             fread(out->x, sizeof *out->x, out->n_vertex, f) == out->n_vertex &&
             fread(out->y, sizeof *out->y, out->n_vertex, f) == out->n_vertex;
        if (ok)
            dress(out);
        else
            partition_finish(out);
    }
    if (f)
        fclose(f);
    return ok;
}

static void write_cache(const char *path, const struct partition *p)
{
    char scratch[1100];
    uint64_t size[2] = {p->n, p->n_vertex};
    snprintf(scratch, sizeof scratch, "%s.%ld", path, (long)getpid());
    FILE *f = fopen(scratch, "wb");
    bool ok = f && fwrite(MAGIC, 1, 8, f) == 8 && fwrite(size, sizeof size, 1, f) == 1 &&
              fwrite(p->ring, sizeof *p->ring, p->n + 1, f) == p->n + 1 &&
              fwrite(p->x, sizeof *p->x, p->n_vertex, f) == p->n_vertex &&
              fwrite(p->y, sizeof *p->y, p->n_vertex, f) == p->n_vertex;
    if (f && fclose(f) == 0 && ok)
        rename(scratch, path);
    else
        remove(scratch); /* then it is made anew next time */
}

bool partition_cached(const char *folder, const char *name, struct partition *out)
{
    char path[1024];
    const struct partition_kind *kind = partition_kind(name);

    memset(out, 0, sizeof *out);
    if (!kind) {
        fprintf(stderr, "no partition is named %s\n", name);
        return false;
    }
    snprintf(path, sizeof path, "%s/%s.partition", folder, name);
    if (!read_cache(path, out)) {
        fprintf(stderr, "making %s …\n", path);
        if (!partition_make(kind, out))
            return false;
        write_cache(path, out);
    }
    snprintf(out->name, sizeof out->name, "%s", name);
    return true;
}

void partition_finish(struct partition *p)
{
    if (!p->generated)
        for (size_t i = 0; i < p->n && p->mp; i++)
            wg_multipolygon_finish(&p->mp[i]);
    free(p->grid);
    free(p->mp);
    free(p->code);
    free(p->part);
    free(p->ring);
    free(p->x);
    free(p->y);
    memset(p, 0, sizeof *p);
}
