/* Measures the coverage: the full check of a partition against GEOS asked pair by pair,
 * and the making and editing of a large coverage. */
#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../unit/random.h"
#include "arrange.h"
#include "check_cover.h"
#include "partition_make.h"
#include "wangge/check.h"
#include "wangge/coverage.h"
#include "wangge/grid.h"
#include "wangge/scheme.h"
#include "wangge/store.h"

enum { ROUNDS_MAX = 50 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *need(void *block)
{
    if (!block) {
        fprintf(stderr, "out of memory\n");
        abort();
    }
    return block;
}

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *s, int n)
{
    qsort(s, (size_t)n, sizeof *s, by_value);
    return n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
}

/* One road to an answer, its times, and what it found. */
struct road {
    const char *name;
    size_t (*run)(const struct partition *p);
    size_t found;
    double s[ROUNDS_MAX];
};

/* ---- the check --------------------------------------------------------------------- */

/* Shared edges matched, gaps and overlaps: by faces without a grid and with several. */
static size_t check_arrangement(const struct partition *p)
{
    struct wg_error err = {0};
    struct wg_lattice lattice;
    struct wg_arrange_segment *segment = NULL;
    struct wg_arrangement g = {0};
    size_t n = 0, cap = 0, found = 0;

    must(wg_lattice_around(p->box, &lattice, &err), &err);
    for (size_t i = 0; i < p->n; i++)
        must(wg_arrange_add_polygon(&p->mp[i], &lattice, (uint32_t)i, &segment, &n, &cap,
                                    &err),
             &err);
    must(wg_arrange(n, segment, NULL, &g, &err), &err);
    for (uint32_t f = 1; f < g.n_face; f++)
        found += g.cover_first[f + 1] - g.cover_first[f] != 1;
    wg_arrangement_finish(&g);
    free(segment);
    return found;
}

/* The same with everything that `wangge check` asks of the geometry of one level:
 * unmatched vertices and rings that are not valid, too. */
static size_t check_cover(const struct partition *p)
{
    struct wg_error err = {0};
    struct wg_lattice lattice;
    struct wg_cover cover = {0};
    const struct wg_multipolygon **mp = need(malloc(p->n * sizeof *mp));
    for (size_t i = 0; i < p->n; i++)
        mp[i] = &p->mp[i];
    must(wg_lattice_around(p->box, &lattice, &err), &err);
    must(wg_cover_make(p->n, mp, &lattice, &cover, &err), &err);
    size_t found = cover.n_gap + cover.n_overlap + cover.n_unmatched;
    wg_cover_finish(&cover);
    free(mp);
    return found;
}

/* ---- GEOS, pair by pair ---------------------------------------------------------- */

struct pairs {
    GEOSContextHandle_t geos;
    GEOSGeometry **shape;
    const GEOSPreparedGeometry **prepared;
    uint32_t *number; /* what the tree holds: pointers to these */
    uint32_t from;    /* the one in hand */
    bool by_relate;
    size_t n_pair, n_found;
};

static GEOSGeometry *shape_of(GEOSContextHandle_t geos, const struct wg_multipolygon *mp)
{
    GEOSCoordSequence *seq =
        GEOSCoordSeq_copyFromArrays_r(geos, mp->x, mp->y, NULL, NULL, mp->n_vertex);
    return need(
        GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, seq), NULL, 0));
}

/* Two whose boxes meet: do their insides? */
static void ask_pair(void *item, void *user)
{
    struct pairs *q = user;
    uint32_t other = *(uint32_t *)item;
    if (other <= q->from)
        return;
    q->n_pair++;
    if (!q->by_relate) {
        q->n_found +=
            GEOSPreparedIntersects_r(q->geos, q->prepared[q->from], q->shape[other]) == 1;
        return;
    }
    char *matrix = need(GEOSRelate_r(q->geos, q->shape[q->from], q->shape[other]));
    q->n_found += matrix[0] != 'F';
    GEOSFree_r(q->geos, matrix);
}

static struct pairs ask_pairs(const struct partition *p, bool by_relate)
{
    struct pairs q = {.geos = need(GEOS_init_r()), .by_relate = by_relate};
    GEOSSTRtree *tree = need(GEOSSTRtree_create_r(q.geos, 10));
    q.shape = need(calloc(p->n, sizeof *q.shape));
    q.prepared = need(calloc(p->n, sizeof(GEOSPreparedGeometry *)));
    q.number = need(calloc(p->n, sizeof *q.number));
    for (size_t i = 0; i < p->n; i++) {
        q.number[i] = (uint32_t)i;
        q.shape[i] = shape_of(q.geos, &p->mp[i]);
        if (!by_relate)
            q.prepared[i] = GEOSPrepare_r(q.geos, q.shape[i]);
        GEOSSTRtree_insert_r(q.geos, tree, q.shape[i], &q.number[i]);
    }
    for (size_t i = 0; i < p->n; i++) {
        q.from = (uint32_t)i;
        GEOSSTRtree_query_r(q.geos, tree, q.shape[i], ask_pair, &q);
    }
    GEOSSTRtree_destroy_r(q.geos, tree);
    for (size_t i = 0; i < p->n; i++) {
        if (q.prepared[i])
            GEOSPreparedGeom_destroy_r(q.geos, q.prepared[i]);
        GEOSGeom_destroy_r(q.geos, q.shape[i]);
    }
    free(q.shape);
    free(q.prepared);
    free(q.number);
    GEOS_finish_r(q.geos);
    return q;
}

static size_t relate_pairs(const struct partition *p)
{
    return ask_pairs(p, true).n_found;
}

/* Only which neighbours touch or overlap, not which of the two: less than was asked. */
static size_t intersect_pairs(const struct partition *p)
{
    return ask_pairs(p, false).n_found;
}

static size_t geos_coverage(const struct partition *p)
{
#if GEOS_VERSION_MAJOR > 3 || GEOS_VERSION_MINOR >= 12
    GEOSContextHandle_t geos = need(GEOS_init_r());
    GEOSGeometry **shape = need(calloc(p->n, sizeof *shape)), *bad = NULL;
    for (size_t i = 0; i < p->n; i++)
        shape[i] = shape_of(geos, &p->mp[i]);
    GEOSGeometry *all =
        GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, shape, (unsigned)p->n);
    size_t found = GEOSCoverageIsValid_r(geos, all, 0, &bad) != 1;
    GEOSGeom_destroy_r(geos, bad);
    GEOSGeom_destroy_r(geos, all);
    free(shape);
    GEOS_finish_r(geos);
    return found;
#else
    (void)p;
    return SIZE_MAX; /* since GEOS 3.12 */
#endif
}

static size_t count_segments(const struct partition *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->mp[i].n_vertex - p->mp[i].n_ring;
    return n;
}

/* ---- the check of a database ----------------------------------------------------- */

static void add_grids(struct wg_store *store, const struct partition *p)
{
    struct wg_error err = {0};
    struct wg_scheme scheme;
    int64_t id;

    must(wg_store_begin(store, &err), &err);
    wg_scheme_init(&scheme);
    scheme.name = "basic";
    must(wg_scheme_create(store, &scheme, &id, &err), &err);
    for (size_t i = 0; i < p->n; i++) {
        struct wg_grid grid;
        wg_grid_init(&grid);
        grid.scheme = id;
        grid.code = p->grid[i].code;
        grid.geometry = p->mp[i];
        must(wg_grid_create(store, &grid, NULL, &err), &err);
    }
    must(wg_store_commit(store, &err), &err);
}

/* wg_check from a file: polygons read, codes checked, the geometry; no people. */
static double check_store(const struct partition *p, int rounds)
{
    struct wg_create_options create = {.crs = "EPSG:4545"};
    struct wg_check_options options = {.no_norms = true};
    struct wg_progress silent = {NULL, NULL};
    struct wg_store *store = NULL;
    struct wg_error err = {0};
    char folder[] = "/tmp/bench-coverage-XXXXXX", path[64];
    double s[ROUNDS_MAX];

    if (!mkdtemp(folder))
        exit(1);
    snprintf(path, sizeof path, "%s/check.wangge", folder);
    must(wg_store_create(path, &create, &err), &err);
    must(wg_store_open(path, NULL, &store, &err), &err);
    add_grids(store, p);
    for (int i = 0; i < rounds; i++) {
        int64_t n = 0;
        double from = now_s();
        must(wg_check(store, &options, silent, NULL, NULL, &n, &err), &err);
        s[i] = now_s() - from;
        if (n != 0)
            fprintf(stderr, "%lld findings\n", (long long)n);
    }
    wg_store_close(store);
    unlink(path);
    rmdir(folder);
    return median(s, rounds);
}

static void measure_check(int rounds)
{
    static const struct partition_kind kind = {"check", 60, 60, 286.0, 7.13};
    static struct road road[] = {
        {.name = "arrangement: gaps and overlaps", .run = check_arrangement},
        {.name = "the check: all of the geometry", .run = check_cover},
        {.name = "GEOSRelate, pairs of an STRtree", .run = relate_pairs},
        {.name = "GEOSPreparedIntersects (less)", .run = intersect_pairs},
        {.name = "GEOSCoverageIsValid (3.12)", .run = geos_coverage},
    };
    enum { N = sizeof road / sizeof *road };
    struct partition p;
    if (!partition_make(&kind, &p))
        exit(1);
    for (int i = 0; i < rounds; i++)
        for (int k = 0; k < N; k++) {
            double from = now_s();
            road[k].found = road[k].run(&p);
            road[k].s[i] = now_s() - from;
        }
    printf("check: %zu grids, %zu segments, %zu pairs of boxes; median of %d rounds\n\n",
           p.n, count_segments(&p), ask_pairs(&p, false).n_pair, rounds);
    printf("| %-32s | %8s | %8s | %8s |\n", "road", "seconds", "found", "ratio");
    printf("|----------------------------------|----------|----------|----------|\n");
    double own = median(road[1].s, rounds);
    for (int k = 0; k < N; k++)
        if (road[k].found != SIZE_MAX)
            printf("| %-32s | %8.3f | %8zu | %7.1fx |\n", road[k].name,
                   median(road[k].s, rounds), road[k].found,
                   median(road[k].s, rounds) / own);
    double whole = check_store(&p, rounds);
    printf("| %-32s | %8.3f | %8d | %7.1fx |\n", "wg_check of a database with them",
           whole, 0, whole / own);
    partition_finish(&p);
}

/* ---- the kernel ------------------------------------------------------------------ */

static struct wg_coverage *build(const struct partition *p)
{
    struct wg_coverage_grid *grid = need(calloc(p->n, sizeof *grid));
    struct wg_coverage *coverage = NULL;
    struct wg_error err = {0};
    for (size_t i = 0; i < p->n; i++)
        grid[i] = (struct wg_coverage_grid){
            .id = (int64_t)i + 1, .code = p->grid[i].code, .geometry = p->mp[i]};
    must(wg_coverage_build(p->n, grid, NULL, &coverage, &err), &err);
    free(grid);
    return coverage;
}

static size_t build_kernel(const struct partition *p)
{
    struct wg_coverage *coverage = build(p);
    size_t n = wg_coverage_count(coverage);
    wg_coverage_close(coverage);
    return n;
}

/* ---- operations ------------------------------------------------------------------ */

enum { TRIES = 200 };

struct scene {
    const struct partition *p;
    struct wg_coverage *coverage;
    struct random random;
};

/* A vertex of a random grid; k steps on along its ring. */
static struct wg_point vertex(const struct wg_multipolygon *mp, uint32_t k)
{
    k %= mp->n_vertex - 1;
    return (struct wg_point){mp->x[k], mp->y[k]};
}

static int64_t draw_grid(struct scene *s)
{
    return random_between(&s->random, 1, (int64_t)s->p->n);
}

static const struct wg_multipolygon *polygon(const struct scene *s, int64_t grid)
{
    return &s->p->mp[grid - 1];
}

struct square {
    struct wg_multipolygon mp;
    uint32_t part[2], ring[2];
    double x[5], y[5];
};

static void set_square(struct square *q, struct wg_point at, double side)
{
    static const double corner[5][2] = {
        {-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}, {-0.5, -0.5}};
    *q = (struct square){.part = {0, 1}, .ring = {0, 5}};
    for (int i = 0; i < 5; i++) {
        q->x[i] = at.x + side * corner[i][0];
        q->y[i] = at.y + side * corner[i][1];
    }
    q->mp = (struct wg_multipolygon){1, 1, 5, q->part, q->ring, q->x, q->y};
}

static bool keep_neighbour(int64_t id, double border_m, void *user)
{
    (void)border_m;
    if (id > 0)
        *(int64_t *)user = id;
    return true;
}

static int64_t neighbour(struct scene *s, int64_t grid)
{
    int64_t id = 0;
    struct wg_error err = {0};
    must(wg_coverage_neighbours(s->coverage, grid, keep_neighbour, &id, &err), &err);
    return id;
}

/* A vertex that two grids have in common. */
static struct wg_point common_vertex(const struct wg_multipolygon *a,
                                     const struct wg_multipolygon *b)
{
    for (uint32_t i = 0; i < a->n_vertex; i++)
        for (uint32_t k = 0; k < b->n_vertex; k++)
            if (a->x[i] == b->x[k] && a->y[i] == b->y[k])
                return (struct wg_point){a->x[i], a->y[i]};
    return (struct wg_point){a->x[0], a->y[0]};
}

static enum wg_status move_vertex(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    struct wg_point at =
        vertex(polygon(s, draw_grid(s)), (uint32_t)random_between(&s->random, 0, 1000));
    struct wg_point to = {at.x + random_real(&s->random, -6, 6),
                          at.y + random_real(&s->random, -6, 6)};
    *spent = now_s();
    enum wg_status status = wg_coverage_move(s->coverage, at, 0, to, &err);
    *spent = now_s() - *spent;
    return status;
}

static enum wg_status move_arc(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    struct wg_point at =
        vertex(polygon(s, draw_grid(s)), (uint32_t)random_between(&s->random, 0, 1000));
    double dx = random_real(&s->random, -2, 2), dy = random_real(&s->random, -2, 2);
    *spent = now_s();
    enum wg_status status = wg_coverage_move_arc(s->coverage, at, 1, dx, dy, false, &err);
    *spent = now_s() - *spent;
    return status;
}

static enum wg_status reshape(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    const struct wg_multipolygon *mp = polygon(s, draw_grid(s));
    struct wg_point middle = wg_multipolygon_centroid(mp);
    uint32_t k = (uint32_t)random_between(&s->random, 0, 1000);
    struct wg_point a = vertex(mp, k), b = vertex(mp, k + 4), c = vertex(mp, k + 2);
    double x[] = {a.x, c.x + 0.2 * (middle.x - c.x), b.x};
    double y[] = {a.y, c.y + 0.2 * (middle.y - c.y), b.y};
    struct wg_line sketch = {3, x, y};
    struct wg_reshape_options options = {.within_m = 1};
    *spent = now_s();
    enum wg_status status = wg_coverage_reshape(s->coverage, &sketch, &options, &err);
    *spent = now_s() - *spent;
    return status;
}

static enum wg_status split(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    int64_t grid = draw_grid(s), made[8];
    size_t n_made;
    struct wg_point at = wg_multipolygon_centroid(polygon(s, grid));
    double angle = random_real(&s->random, 0, 6.28);
    double x[] = {at.x - 50 * cos(angle), at.x + 50 * cos(angle)};
    double y[] = {at.y - 50 * sin(angle), at.y + 50 * sin(angle)};
    struct wg_line line = {2, x, y};
    *spent = now_s();
    enum wg_status status =
        wg_coverage_split(s->coverage, grid, &line, 500, NULL, 8, made, &n_made, &err);
    *spent = now_s() - *spent;
    return status;
}

static enum wg_status merge(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    int64_t both[2] = {draw_grid(s), 0};
    both[1] = neighbour(s, both[0]);
    *spent = now_s();
    enum wg_status status = wg_coverage_merge(s->coverage, 2, both, 0, NULL, &err);
    *spent = now_s() - *spent;
    return status;
}

static enum wg_status transfer(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    int64_t from = draw_grid(s), to = neighbour(s, from);
    struct square area;
    set_square(&area, common_vertex(polygon(s, from), polygon(s, to)), 60);
    *spent = now_s();
    enum wg_status status = wg_coverage_transfer(s->coverage, from, to, &area.mp, &err);
    *spent = now_s() - *spent;
    return status;
}

static enum wg_status carve(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    int64_t made;
    struct square area;
    set_square(&area, vertex(polygon(s, draw_grid(s)), 0), 80);
    *spent = now_s();
    enum wg_status status =
        wg_coverage_carve(s->coverage, &area.mp, 0, NULL, NULL, &made, &err);
    *spent = now_s() - *spent;
    return status;
}

static enum wg_status simplify(struct scene *s, double *spent)
{
    struct wg_error err = {0};
    int64_t grid = draw_grid(s);
    uint64_t changed;
    *spent = now_s();
    enum wg_status status =
        wg_coverage_simplify(s->coverage, 2, 1, &grid, &changed, &err);
    *spent = now_s() - *spent;
    return status;
}

/* Each operation many times on random grids, taken back each time. */
static void measure_operations(const struct partition *p)
{
    static const struct {
        const char *name;
        enum wg_status (*run)(struct scene *s, double *spent);
    } op[] = {
        {"move a vertex", move_vertex}, {"move an arc", move_arc},
        {"reshape", reshape},           {"split by a line", split},
        {"merge two", merge},           {"transfer a strip", transfer},
        {"carve a new one", carve},     {"simplify a grid", simplify},
    };
    struct scene s = {p, build(p), {41}};
    printf("\noperations: each with its check, on %zu grids; %d tries a kind\n\n", p->n,
           TRIES);
    printf("| %-20s | %9s | %7s | %8s | %7s |\n", "operation", "median ms", "95 % ms",
           "undo ms", "refused");
    printf("|----------------------|-----------|---------|----------|---------|\n");
    for (size_t k = 0; k < sizeof op / sizeof *op; k++) {
        double spent[TRIES], back[TRIES];
        int n = 0, refused = 0;
        for (int i = 0; i < TRIES; i++) {
            double time;
            if (op[k].run(&s, &time)) {
                refused++;
                continue;
            }
            spent[n] = 1000 * time;
            double from = now_s();
            wg_coverage_undo(s.coverage);
            back[n++] = 1000 * (now_s() - from);
        }
        if (n == 0)
            continue;
        double half = median(spent, n), undo = median(back, n);
        printf("| %-20s | %9.3f | %7.3f | %8.3f | %7d |\n", op[k].name, half,
               spent[n * 95 / 100], undo, refused);
    }
    wg_coverage_close(s.coverage);
}

static void measure_kernel(int rounds, const char *cache)
{
    static struct road road[] = {
        {.name = "arrangement alone", .run = check_arrangement},
        {.name = "building the kernel", .run = build_kernel},
    };
    enum { N = sizeof road / sizeof *road };
    struct partition p;
    if (cache ? !partition_cached(cache, "city", &p)
              : !partition_make(partition_kind("city"), &p))
        exit(1);
    for (int i = 0; i < rounds; i++)
        for (int k = 0; k < N; k++) {
            double from = now_s();
            road[k].found = road[k].run(&p);
            road[k].s[i] = now_s() - from;
        }
    printf("\nkernel: %zu grids, %zu segments; median of %d rounds\n\n", p.n,
           count_segments(&p), rounds);
    printf("| %-32s | %8s |\n", "what", "seconds");
    printf("|----------------------------------|----------|\n");
    for (int k = 0; k < N; k++)
        printf("| %-32s | %8.3f |\n", road[k].name, median(road[k].s, rounds));
    measure_operations(&p);
    partition_finish(&p);
}

int main(int argc, char **argv)
{
    int rounds = 5;
    const char *cache = NULL;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--rounds") && i + 1 < argc)
            rounds = atoi(argv[++i]);
        else if (!strcmp(argv[i], "--cache") && i + 1 < argc)
            cache = argv[++i];
        else
            rounds = 0;
    }
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_coverage [--rounds 1…50] [--cache FOLDER]\n");
        return 2;
    }
    measure_check(rounds);
    measure_kernel(rounds, cache);
    return 0;
}
