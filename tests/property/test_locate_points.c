/*
 * Owners of very many points, on the partition that is named on the command line:
 * district, city, province (generated; see tests/bench/partition_make.h) or real (layers
 * of the shared data, in degrees as they are published).
 *
 * What is compared with what:
 *  - every random point (10 million; on real layers 500,000 each), every vertex, edge
 *    midpoint and near-edge point: the batch, the single call, the plain C path, a
 *    coarser index and the index mapped from a file, with the exact oracle of
 *    locate_oracle.h; no point is inside two grids of what claims to be a partition, and
 *    on generated partitions a point has an owner exactly when the outline covers it;
 *  - up to 1 million of these: with GEOS's covering grids (for a point "intersects" is
 *    "covers"); up to 40,000 with SpatiaLite's ST_Covers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "../bench/peers.h"
#include "../unit/locate_check.h"
#include "locate_oracle.h"
#include "wangge/shape.h"

#define CHUNK ((size_t)1 << 20)

static const char *workload;
static const char *cache = ".";

/* ---- all the roads to an answer --------------------------------------------------- */

enum { BEST, PLAIN, COARSE, FINE, MAPPED, ROADS };
static const char *const road_names[ROADS] = {"best", "plain C", "coarse", "fine",
                                              "mapped"};

struct trial {
    const struct partition *p;
    struct oracle oracle;
    struct wg_locator *road[ROADS];
    void *geos, *lite;
    size_t geos_left, lite_left; /* points still to be asked of them */
    uint64_t asked, geos_asked, lite_asked;
    uint32_t *want, *slot;
    uint8_t *inside;
};

static struct wg_locator *build(const struct partition *p,
                                struct wg_locator_options options)
{
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    if (wg_locator_build(p->n, p->grid, &options, &loc, &err))
        fail_msg("%s: %s", p->name, err.text);
    return loc;
}

static struct wg_locator *map(const struct wg_locator *loc)
{
    char path[] = "/tmp/wangge-locate-XXXXXX";
    struct wg_locator *mapped = NULL;
    struct wg_error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    if (wg_locator_save(loc, path, &err) || wg_locator_map(path, NULL, &mapped, &err))
        fail_msg("%s", err.text);
    remove(path);
    assert_true(wg_locator_info(mapped).mapped);
    return mapped;
}

static struct trial trial_make(const struct partition *p, size_t geos, size_t lite)
{
    struct trial t = {.p = p, .oracle = oracle_make(p)};
    t.road[BEST] = build(p, (struct wg_locator_options){0});
    uint64_t cells = wg_locator_info(t.road[BEST]).cells;
    t.road[PLAIN] = build(p, (struct wg_locator_options){.vector = WG_VECTOR_PLAIN});
    t.road[COARSE] =
        build(p, (struct wg_locator_options){.cells = (uint32_t)(cells / 32 + 1)});
    if (p->n_vertex < 1000000)
        t.road[FINE] =
            build(p, (struct wg_locator_options){.cells = (uint32_t)(cells * 4)});
    t.road[MAPPED] = map(t.road[BEST]);
    t.geos = peer_geos.make(p);
    t.lite = peer_spatialite.make(p);
    t.geos_left = geos;
    t.lite_left = lite;
    t.want = oracle_room(CHUNK, sizeof *t.want);
    t.slot = oracle_room(CHUNK, sizeof *t.slot);
    t.inside = oracle_room(CHUNK, sizeof *t.inside);
    return t;
}

static void trial_finish(struct trial *t)
{
    print_message("# %s: %llu points; GEOS asked %llu, SpatiaLite %llu: 0 differ\n",
                  t->p->name, (unsigned long long)t->asked,
                  (unsigned long long)t->geos_asked, (unsigned long long)t->lite_asked);
    for (int i = 0; i < ROADS; i++)
        wg_locator_destroy(t->road[i]);
    peer_geos.drop(t->geos);
    peer_spatialite.drop(t->lite);
    oracle_finish(&t->oracle);
    free(t->want);
    free(t->slot);
    free(t->inside);
}

static void same(const struct trial *t, const char *road, size_t n, const double *x,
                 const double *y, const uint32_t *got)
{
    size_t wrong = 0, first = 0;
    for (size_t i = 0; i < n; i++)
        if (got[i] != t->want[i] && wrong++ == 0)
            first = i;
    if (wrong)
        fail_msg("%s, %s: %zu of %zu differ; (%.17g, %.17g) is of %u, not %u", t->p->name,
                 road, wrong, n, x[first], y[first], t->want[first], got[first]);
}

static void ask_peer(struct trial *t, const struct peer *peer, void *self, size_t *left,
                     size_t most, uint64_t *asked, size_t n, const double *x,
                     const double *y)
{
    size_t m = n < most ? n : most;
    m = m < *left ? m : *left;
    peer->ask(self, m, x, y, t->slot);
    same(t, peer->name, m, x, y, t->slot);
    *left -= m;
    *asked += m;
}

/* At most CHUNK points. */
static void ask(struct trial *t, size_t n, const double *x, const double *y)
{
    bool partition = wg_locator_info(t->road[BEST]).partition;
    oracle_ask(&t->oracle, n, x, y, t->want, t->inside);
    for (int i = 0; i < ROADS; i++) {
        if (!t->road[i])
            continue;
        wg_locator_slots(t->road[i], n, x, y, t->slot);
        same(t, road_names[i], n, x, y, t->slot);
    }
    for (size_t i = 0; i < n; i++)
        t->slot[i] = wg_locator_slot(t->road[BEST], x[i], y[i]);
    same(t, "single", n, x, y, t->slot);
    for (size_t i = 0; i < n; i++)
        if (partition && t->inside[i] > 1)
            fail_msg("%s: (%.17g, %.17g) is inside %d grids", t->p->name, x[i], y[i],
                     t->inside[i]);
    for (size_t i = 0; i < n && t->p->generated; i++)
        if ((edges_side(&t->oracle.outline, x[i], y[i]) != WG_OUTSIDE) !=
            (t->want[i] != 0))
            fail_msg("%s: (%.17g, %.17g) and its outline", t->p->name, x[i], y[i]);
    ask_peer(t, &peer_geos, t->geos, &t->geos_left, n, &t->geos_asked, n, x, y);
    ask_peer(t, &peer_spatialite, t->lite, &t->lite_left, 5000, &t->lite_asked, n, x, y);
    t->asked += n;
}

static void ask_random(struct trial *t, size_t n, uint64_t seed)
{
    struct random r = {seed};
    double *x = oracle_room(CHUNK, sizeof *x), *y = oracle_room(CHUNK, sizeof *y);
    struct wg_box b = t->p->box;
    while (n) {
        size_t m = n < CHUNK ? n : CHUNK;
        for (size_t i = 0; i < m; i++) {
            x[i] = random_real(&r, b.min_x, b.max_x);
            y[i] = random_real(&r, b.min_y, b.max_y);
        }
        ask(t, m, x, y);
        n -= m;
    }
    free(x);
    free(y);
}

/* Every vertex, midpoint and near-edge point; in large partitions the doubles next to
 * them are left out. */
static void ask_boundary(struct trial *t)
{
    struct random r = {77};
    struct probes p = {0};
    bool large = t->p->n_vertex > 1000000;
    for (size_t g = 0; g < t->p->n; g++) {
        const struct wg_multipolygon *mp = &t->p->mp[g];
        if (!large)
            probe_polygon(&p, &r, mp);
        for (uint32_t i = 0; large && i + 1 < mp->n_vertex; i++) {
            double ax = mp->x[i], ay = mp->y[i], bx = mp->x[i + 1], by = mp->y[i + 1];
            double s = random_real(&r, 0, 1);
            probe(&p, ax, ay);
            probe(&p, (ax + bx) / 2, (ay + by) / 2);
            probe(&p, ax + s * (bx - ax), ay + s * (by - ay));
        }
        if (p.n >= CHUNK / 2 || g + 1 == t->p->n) {
            for (size_t at = 0; at < p.n; at += CHUNK)
                ask(t, p.n - at < CHUNK ? p.n - at : CHUNK, p.x + at, p.y + at);
            p.n = 0;
        }
    }
    probes_finish(&p);
}

static void test_generated(void **state)
{
    struct partition p;
    assert_true(partition_cached(cache, workload, &p));
    struct trial t = trial_make(&p, 1000000, 40000);
    assert_true(wg_locator_info(t.road[BEST]).partition);
    ask_random(&t, 200000, 1); /* so that the peers see both kinds */
    size_t geos = t.geos_left, lite = t.lite_left;
    t.geos_left = geos / 2;
    t.lite_left = lite / 2;
    ask_boundary(&t);
    t.geos_left += geos / 2;
    t.lite_left += lite / 2;
    ask_random(&t, 9800000, 2);
    assert_int_equal(t.geos_asked, 1000000);
    trial_finish(&t);
    partition_finish(&p);
}

/* ---- real layers ------------------------------------------------------------------ */

static const struct layer {
    const char *path, *code;
    int partition; /* 1: an exact coverage by its publisher; 0: overlaps are known */
} layers[] = {
    {"dc/ward.geojson", "code", 1},
    {"dc/anc.geojson", "code", 1},
    {"dc/smd.geojson", "code", 1},
    {"dc/psa.geojson", "code", 1},
    {"dc/police_district.geojson", "code", -1}, /* 4e-15 of overlap */
    {"dc/census_tract_2010.geojson", "code", 1},
    {"dc/block_group_2010.geojson", "code", 1},
    {"dc/block_group_2000.geojson", "code", -1},
    {"dc/cluster.geojson", "code", 0},
    {"dc/voting_precinct.geojson", "code", 0},
    {"bristol/oa.geojson", "code", -1},
    {"bristol/lsoa.geojson", "code", -1},
    {"bristol/msoa.geojson", "code", -1},
    {"nyc/census_tract_2010.geojson.gz", "code", -1},
    {"nyc/borough.geojson", "code", -1},
    {"nyc/council_district.geojson", "code", -1},
    {"nyc/modzcta_simplified.geojson", "code", -1},
    {"nyc/community_district_simplified.geojson", "code", -1},
    {"olinda/tracts.geojson", "CD_GEOCODI", -1},
    {"beijing_crs_pair/beijing_districts_wgs84.geojson", "code", -1},
};

/* Of what is said to be no partition, GEOS too finds two grids with a common area where
 * the index says. */
static void check_overlap(const struct partition *p, struct wg_point at)
{
    struct wg_error err = {0};
    double most = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = i + 1; k < p->n; k++) {
            double area = 0;
            if (!wg_box_contains(wg_multipolygon_box(&p->mp[i]), at.x, at.y) ||
                !wg_box_contains(wg_multipolygon_box(&p->mp[k]), at.x, at.y))
                continue;
            if (wg_shape_common_area(NULL, &p->mp[i], &p->mp[k], &area, &err))
                fail_msg("%s", err.text);
            most = fmax(most, area);
        }
    print_message("# %s: an overlap of %g at (%.9f, %.9f)\n", p->name, most, at.x, at.y);
    assert_true(most > 0);
}

static void try_layer(const struct layer *layer, const char *folder)
{
    char path[1200];
    size_t n_invalid = 0;
    struct partition p;
    snprintf(path, sizeof path, "%s/%s", folder, layer->path);
    if (access(path, R_OK)) {
        print_message("# skipped: no %s in WG_TEST_SHARED\n", layer->path);
        return;
    }
    if (strstr(layer->path, ".gz"))
        snprintf(path, sizeof path, "/vsigzip/%s/%s", folder, layer->path);
    assert_true(partition_read(path, layer->code, &p, &n_invalid));
    assert_true(p.n > 1);
    struct trial t = trial_make(&p, 100000, 4000);
    struct wg_locator_info info = wg_locator_info(t.road[BEST]);
    print_message("# %s: %zu grids, %zu invalid ones left out, %s\n", layer->path, p.n,
                  n_invalid, info.partition ? "a partition" : "not a partition");
    if (layer->partition >= 0)
        assert_int_equal(info.partition, layer->partition);
    if (!info.partition)
        check_overlap(&p, info.overlap);
    ask_random(&t, 50000, 1);
    ask_boundary(&t);
    ask_random(&t, 450000, 2);
    trial_finish(&t);
    partition_finish(&p);
}

static void test_real(void **state)
{
    const char *folder = getenv("WG_TEST_SHARED");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        try_layer(&layers[i], folder ? folder : "/nowhere");
}

int main(int argc, char **argv)
{
    workload = argc > 1 ? argv[1] : "district";
    cache = argc > 2 ? argv[2] : ".";
    const struct CMUnitTest generated[] = {cmocka_unit_test(test_generated)};
    const struct CMUnitTest real[] = {cmocka_unit_test(test_real)};
    if (!strcmp(workload, "real"))
        return cmocka_run_group_tests_name("real", real, NULL, NULL);
    return cmocka_run_group_tests_name(workload, generated, NULL, NULL);
}
