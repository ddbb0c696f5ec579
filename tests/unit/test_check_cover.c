/* Polygons laid over each other, against GEOS on small random polygons: whatever is not
 * valid is suspected, overlaps have GEOS's area, gaps are the holes of its union. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "check_cover.h"
#include "random.h"
#include "wangge/shape.h"

/* A ring of n corners on a small raster: it often crosses and touches itself. */
struct ring {
    uint32_t part[2], at[2];
    double x[16], y[16];
    struct wg_multipolygon mp;
};

static void random_ring(struct ring *r, struct random *seed, int size)
{
    uint32_t n = 3 + (uint32_t)(random_next(seed) % 6);
    for (uint32_t i = 0; i < n; i++) {
        r->x[i] = (double)(random_next(seed) % (uint64_t)size);
        r->y[i] = (double)(random_next(seed) % (uint64_t)size);
    }
    r->x[n] = r->x[0];
    r->y[n] = r->y[0];
    r->part[0] = r->at[0] = 0;
    r->part[1] = 1;
    r->at[1] = n + 1;
    r->mp = (struct wg_multipolygon){1, 1, n + 1, r->part, r->at, r->x, r->y};
}

static void lay(size_t n, const struct wg_multipolygon *const *mp, unsigned finer,
                struct wg_cover *out)
{
    struct wg_lattice lattice;
    struct wg_cover_options options = {.finer = finer};
    struct wg_error err = {0};
    assert_int_equal(
        wg_cover_lattice((struct wg_box){-1, -1, 20, 20}, finer, &lattice, &err), WG_OK);
    if (wg_cover_make_with(n, mp, &options, &lattice, out, &err))
        fail_msg("%s", err.text);
}

static void what_is_invalid_is_suspected(void **state)
{
    (void)state;
    struct random seed = {4};
    int invalid = 0, cleared = 0;
    struct wg_shape *shape = NULL;
    assert_int_equal(wg_shape_create(&shape, NULL), WG_OK);
    for (int i = 0; i < 20000; i++) {
        struct ring r;
        struct wg_cover cover;
        random_ring(&r, &seed, 3 + i % 6);
        const struct wg_multipolygon *mp = &r.mp;
        bool valid = wg_shape_check(shape, mp, NULL) == WG_OK;
        lay(1, &mp, i % 2 ? 5 : 0, &cover);
        if (!valid && !cover.suspect[0]) {
            char *wkt = NULL;
            wg_shape_to_wkt(mp, &wkt, NULL);
            fail_msg("%s is not suspected", wkt);
        }
        invalid += !valid;
        cleared += valid && !cover.suspect[0];
        wg_cover_finish(&cover);
    }
    print_message("# %d invalid, %d valid without asking GEOS\n", invalid, cleared);
    assert_true(invalid > 1000 && cleared > 1000);
    wg_shape_destroy(shape);
}

/* Holes of a union. */
static double holes(const struct wg_multipolygon *mp, int *n)
{
    double area = 0;
    *n = 0;
    for (uint32_t p = 0; p < mp->n_part; p++)
        for (uint32_t r = mp->part[p] + 1; r < mp->part[p + 1]; r++) {
            uint32_t part[2] = {0, 1}, ring[2] = {0, mp->ring[r + 1] - mp->ring[r]};
            struct wg_multipolygon hole = {
                1, 1, ring[1], part, ring, mp->x + mp->ring[r], mp->y + mp->ring[r]};
            area += wg_multipolygon_area(&hole);
            ++*n;
        }
    return area;
}

static void overlaps_and_gaps_are_those_of_geos(void **state)
{
    (void)state;
    enum { N = 5 };
    struct random seed = {17};
    struct wg_shape *shape = NULL;
    struct wg_error err = {0};
    int overlaps = 0, gaps = 0, other = 0;
    assert_int_equal(wg_shape_create(&shape, NULL), WG_OK);
    for (int i = 0; i < 2000; i++) {
        struct ring r[N];
        const struct wg_multipolygon *mp[N];
        struct wg_multipolygon whole;
        struct wg_cover cover;
        double expected = 0, found = 0, enclosed = 0;
        int n_hole;
        for (int k = 0; k < N; k++) {
            do
                random_ring(&r[k], &seed, 12);
            while (wg_shape_check(shape, &r[k].mp, NULL));
            mp[k] = &r[k].mp;
        }
        for (int k = 0; k < N; k++)
            for (int j = 0; j < k; j++) {
                double common = 0;
                assert_int_equal(wg_shape_common_area(shape, mp[j], mp[k], &common, &err),
                                 WG_OK);
                expected += common;
            }
        lay(N, mp, 5, &cover);
        for (size_t k = 0; k < cover.n_overlap; k++)
            found += cover.overlap[k].area * cover.step * cover.step;
        for (size_t k = 0; k < cover.n_gap; k++)
            enclosed += cover.map.area[cover.gap[k]] * cover.step * cover.step;
        assert_true(fabs(found - expected) < 0.01);
        assert_int_equal(wg_shape_union_all(shape, N, mp, &whole, &err), WG_OK);
        /* three edges through one point, which no double holds: either may be right */
        if (whole.n_part == 1 && fabs(holes(&whole, &n_hole) - enclosed) > 0.01)
            other++;
        overlaps += (int)cover.n_overlap;
        gaps += (int)cover.n_gap;
        wg_multipolygon_finish(&whole);
        wg_cover_finish(&cover);
    }
    print_message("# %d overlaps, %d gaps, %d times other gaps\n", overlaps, gaps, other);
    assert_true(other < 20);
    assert_true(overlaps > 5000 && gaps > 1000);
    wg_shape_destroy(shape);
}

/* The largest circle: of shapes of which it is known. */
static void circles_are_the_largest(void **state)
{
    (void)state;
    static const struct {
        const char *wkt;
        double radius;
    } table[] = {
        {"POLYGON((0 0,10 0,10 10,0 10,0 0))", 5},
        {"POLYGON((0 0,20 0,20 1,0 1,0 0))", 0.5},
        {"POLYGON((0 0,16 0,16 0.01,0 0.01,0 0))", 0.005},
        {"POLYGON((0 0,12 0,0 5,0 0))", 2},
        {"POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", 2.343146},
        {"POLYGON((0 0,10 0,10 4,18 4,18 4.2,10 4.2,10 10,0 10,0 0))", 5},
        {"POLYGON((0 0,15 15,15 15.2,0 0.2,0 0))", 0.0707107},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_multipolygon shape = {0};
        const struct wg_multipolygon *mp = &shape;
        struct wg_cover cover;
        struct wg_ring_segment *segment = NULL;
        struct wg_widest w;
        size_t n = 0;
        uint32_t face = 0;
        assert_int_equal(wg_shape_from_wkt(NULL, table[i].wkt, &shape, NULL), WG_OK);
        lay(1, &mp, 0, &cover);
        for (uint32_t f = 1; f < cover.map.n_face; f++)
            if (cover.map.cover_first[f + 1] > cover.map.cover_first[f])
                face = f;
        assert_int_equal(wg_cover_boundary(&cover, 1, &face, &segment, &n, NULL), WG_OK);
        assert_int_equal(wg_widest_circle(n, segment, 0.5, &w, NULL), WG_OK);
        double radius = w.radius * cover.step;
        if (fabs(radius - table[i].radius) > 2 * cover.step)
            fail_msg("%s: radius %.6f, not %.6f", table[i].wkt, radius, table[i].radius);
        struct wg_point p = wg_cover_point(&cover, w.x, w.y);
        assert_int_equal(wg_multipolygon_side(&shape, p.x, p.y), WG_INSIDE);
        free(segment);
        wg_cover_finish(&cover);
        wg_multipolygon_finish(&shape);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_invalid_is_suspected),
        cmocka_unit_test(overlaps_and_gaps_are_those_of_geos),
        cmocka_unit_test(circles_are_the_largest),
    };
    return cmocka_run_group_tests_name("check_cover", tests, NULL, NULL);
}
