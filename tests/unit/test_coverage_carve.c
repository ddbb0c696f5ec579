/* New grids: drawn in the free area, carved out of others. */
#include "area_scratch.h"

static const struct area_given board[] = {
    {"01", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", 0},
    {"02", "POLYGON((10 0,20 0,20 10,10 10,10 0))", 0},
    {"03", "POLYGON((0 10,10 10,20 10,20 20,0 20,0 10))", 0},
    {"04", "POLYGON((4 4,6 4,6 6,4 6,4 4))", 0},
};
static const char limit[] = "POLYGON((0 0,40 0,40 20,0 20,0 0))";

struct drawing {
    const char *what, *wkt;
    bool carve, limited;
    size_t n;
    int64_t from[3];
    enum wg_refusal_reason reason;
    double made, area[5]; /* of the new one, and of grids 1 … 4 */
};

static const struct drawing drawings[] = {
    {"in the free area",
     "POLYGON((30 5,35 5,35 10,30 10,30 5))",
     false,
     true,
     0,
     {0},
     0,
     25,
     {0, 96, 100, 200, 4}},
    {"over others too",
     "POLYGON((15 5,35 5,35 15,15 15,15 5))",
     false,
     true,
     0,
     {0},
     0,
     150,
     {0, 96, 100, 200, 4}},
    {"without a limit",
     "POLYGON((15 5,35 5,35 15,15 15,15 5))",
     false,
     false,
     0,
     {0},
     0,
     150,
     {0, 96, 100, 200, 4}},
    {"beyond the limit too",
     "POLYGON((30 5,50 5,50 15,30 15,30 5))",
     false,
     true,
     0,
     {0},
     0,
     100,
     {0, 96, 100, 200, 4}},
    {"where nothing is free",
     "POLYGON((12 2,14 2,14 4,12 4,12 2))",
     false,
     true,
     0,
     {0},
     WG_REFUSED_NOT_FREE,
     0,
     {0}},
    {"beyond the limit",
     "POLYGON((50 5,60 5,60 15,50 15,50 5))",
     false,
     true,
     0,
     {0},
     WG_REFUSED_NOT_FREE,
     0,
     {0}},
    {"out of one",
     "POLYGON((12 2,14 2,14 4,12 4,12 2))",
     true,
     true,
     0,
     {0},
     0,
     4,
     {0, 96, 96, 200, 4}},
    {"out of three and the free area",
     "POLYGON((8 8,25 8,25 12,8 12,8 8))",
     true,
     true,
     0,
     {0},
     0,
     68,
     {0, 92, 80, 176, 4}},
    {"out of one of them",
     "POLYGON((8 8,25 8,25 12,8 12,8 8))",
     true,
     true,
     1,
     {3},
     0,
     24,
     {0, 96, 100, 176, 4}},
    {"cuts one in two",
     "POLYGON((14 -1,16 -1,16 9.5,14 9.5,14 -1))",
     true,
     false,
     1,
     {2},
     0,
     19,
     {0, 96, 81, 200, 4}},
    {"two pieces",
     "MULTIPOLYGON(((1 1,2 1,2 2,1 2,1 1)),((12 1,13 1,13 2,12 2,12 1)))",
     true,
     true,
     0,
     {0},
     0,
     2,
     {0, 95, 99, 200, 4}},
    {"with a hole",
     "POLYGON((11 1,19 1,19 9,11 9,11 1),(12 2,18 2,18 8,12 8,12 2))",
     true,
     true,
     0,
     {0},
     0,
     28,
     {0, 96, 72, 200, 4}},
    {"swallows one whole",
     "POLYGON((3 3,7 3,7 7,3 7,3 3))",
     true,
     true,
     0,
     {0},
     WG_REFUSED_COLLAPSE,
     0,
     {0}},
    {"around one, out of the other",
     "POLYGON((3 3,7 3,7 7,3 7,3 3))",
     true,
     true,
     1,
     {1},
     0,
     12,
     {0, 84, 100, 200, 4}},
    {"nothing of those named",
     "POLYGON((12 2,14 2,14 4,12 4,12 2))",
     true,
     true,
     1,
     {3},
     WG_REFUSED_NO_EFFECT,
     0,
     {0}},
    {"leaves the limit",
     "POLYGON((15 -5,25 -5,25 5,15 5,15 -5))",
     true,
     true,
     0,
     {0},
     WG_REFUSED_LIMIT,
     0,
     {0}},
    {"a bow",
     "POLYGON((12 2,14 4,14 2,12 4,12 2))",
     true,
     true,
     0,
     {0},
     WG_REFUSED_CROSSING,
     0,
     {0}},
    /* along a boundary, less than a step beside it */
    {"no sliver",
     "POLYGON((10.0006 0,15 0.0004,15 9.9996,9.9996 10.0004,10.0006 0))",
     true,
     true,
     0,
     {0},
     0,
     50,
     {0, 96, 50, 200, 4}},
};

static void a_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof drawings / sizeof *drawings; i++) {
        const struct drawing *t = &drawings[i];
        struct wg_coverage *c = area_build(4, board, t->limited ? limit : NULL);
        struct area_bytes before = area_bytes(c);
        struct wg_multipolygon mp = area_mp(t->wkt);
        struct wg_error err = {0};
        int64_t made = 0, sum2 = area_sum2(c);
        enum wg_status s =
            t->carve ? wg_coverage_carve(c, &mp, t->n, t->from, NULL, &made, &err)
                     : wg_coverage_draw(c, &mp, NULL, &made, &err);
        if ((s == WG_OK) != (t->reason == 0) ||
            (t->reason && wg_coverage_refusal(c)->reason != t->reason))
            fail_msg("%s: %s", t->what, err.text);
        area_settled(c, before, s, &err);
        if (s == WG_OK && fabs(area_of(c, made) - t->made) > 1e-9)
            fail_msg("%s: %g m²", t->what, area_of(c, made));
        for (int64_t g = 1; s == WG_OK && g <= 4; g++)
            if (fabs(area_of(c, g) - t->area[g]) > 1e-9)
                fail_msg("%s: %d has %g m²", t->what, (int)g, area_of(c, g));
        if (t->limited)
            assert_int_equal(area_sum2(c), sum2);
        if (t->reason == WG_REFUSED_LIMIT || t->reason == WG_REFUSED_CROSSING)
            assert_true(wg_coverage_refusal(c)->proposal.n >= 4);
        if (t->reason == WG_REFUSED_COLLAPSE)
            assert_int_equal(wg_coverage_refusal(c)->grid, 4);
        wg_multipolygon_finish(&mp);
        wg_coverage_close(c);
    }
}

static void a_new_outline_has_no_more_vertices_than_it_needs(void **state)
{
    (void)state;
    struct wg_coverage *c = area_build(4, board, NULL);
    struct wg_multipolygon mp = area_mp("POLYGON((2 2,12 2,12 8,2 8,2 2))"), is;
    int64_t made = 0;
    const int64_t from[] = {1, 2};
    assert_int_equal(wg_coverage_carve(c, &mp, 2, from, NULL, &made, NULL), WG_OK);
    is = area_polygon(c, made);
    /* the outline with the two places where 01 and 02 still meet, the hole of 04 */
    assert_int_equal(is.n_ring, 2);
    assert_int_equal(is.n_vertex, 12);
    wg_multipolygon_finish(&is);
    wg_multipolygon_finish(&mp);
    wg_coverage_close(c);
}

/* Stars over a generated district; areas as GEOS has them. */
static void random_ones(void **state)
{
    (void)state;
    struct partition p;
    struct random r = {20264};
    assert_true(partition_make(partition_kind("district"), &p));
    struct wg_coverage *c = area_partition(&p);
    int done = 0, refused = 0;
    for (int i = 0; i < 200; i++) {
        struct wg_multipolygon mp =
            area_star(&r, random_real(&r, p.box.min_x - 50, p.box.max_x + 50),
                      random_real(&r, p.box.min_y - 50, p.box.max_y + 50),
                      random_real(&r, 2, 120), (int)random_between(&r, 3, 40));
        struct wg_error err = {0};
        int64_t made = 0, from = area_any(c, &r);
        struct area_bytes before;
        enum wg_status s;
        double is = wg_multipolygon_area(&mp);
        int how = i % 4;
        if (how == 3) { /* near it, for once */
            struct wg_box box = area_box(c, from);
            wg_multipolygon_finish(&mp);
            mp = area_star(&r, (box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2,
                           random_real(&r, 2, 120), (int)random_between(&r, 3, 40));
            struct wg_multipolygon was = area_polygon(c, from);
            is = area_common(&was, &mp);
            wg_multipolygon_finish(&was);
        }
        before = area_bytes(c);
        if (how == 0)
            s = wg_coverage_draw(c, &mp, NULL, &made, &err);
        else
            s = wg_coverage_carve(c, &mp, how == 3, &from, NULL, &made, &err);
        area_settled(c, before, s, &err);
        if (s == WG_OK && how != 0 &&
            fabs(area_of(c, made) - is) > 0.004 * (area_length(&mp) + 2000))
            fail_msg("%d: %g m² of %g", i, area_of(c, made), is);
        done += s == WG_OK;
        refused += s != WG_OK;
        if (i % 50 == 49)
            while (wg_coverage_undo(c))
                ;
        wg_multipolygon_finish(&mp);
    }
    printf("# %d done, %d refused\n", done, refused);
    assert_true(done > 80 && refused > 20);
    wg_coverage_close(c);
    partition_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table),
        cmocka_unit_test(a_new_outline_has_no_more_vertices_than_it_needs),
        cmocka_unit_test(random_ones),
    };
    return cmocka_run_group_tests_name("coverage_carve", tests, NULL, NULL);
}
