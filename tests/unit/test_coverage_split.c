/* Splitting a grid by lines and by areas. */
#include "area_scratch.h"

static const struct area_given board[] = {
    {"01", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", 0},
    {"02", "POLYGON((10 0,20 0,20 10,10 10,10 0))", 0},
    {"03", "POLYGON((0 10,10 10,20 10,20 20,0 20,0 10))", 0},
    {"04", "POLYGON((4 4,6 4,6 6,4 6,4 4))", 0},
    /* a grid of two pieces */
    {"05", "MULTIPOLYGON(((0 30,10 30,10 40,0 40,0 30)),((0 50,10 50,10 56,0 56,0 50)))",
     0},
    {"06", "POLYGON((0 40,10 40,10 50,0 50,0 40))", 0},
    /* a U */
    {"07", "POLYGON((30 0,40 0,40 30,50 30,50 0,60 0,60 40,30 40,30 0))", 0},
};
enum { N_BOARD = sizeof board / sizeof *board };

struct by_line {
    const char *what;
    int64_t grid;
    int n;
    double xy[16];
    double within;
    enum wg_refusal_reason reason; /* 0: done */
    size_t n_made;
    double kept, made[3];
};

static const struct by_line lines[] = {
    {"from side to side", 2, 2, {10, 4, 20, 4}, 0, 0, 1, 60, {40}},
    {"beyond both sides", 2, 2, {5, 4, 25, 4}, 0, 0, 1, 60, {40}},
    {"short by a little at both ends", 2, 2, {11, 4, 19, 4}, 1.5, 0, 1, 60, {40}},
    {"short by more than is allowed",
     2,
     2,
     {11, 4, 19, 4},
     0.5,
     WG_REFUSED_NO_EFFECT,
     0,
     0,
     {0}},
    {"one end inside", 2, 2, {5, 4, 15, 4}, 1, WG_REFUSED_NO_EFFECT, 0, 0, {0}},
    {"outside", 2, 2, {40, 50, 50, 50}, 1, WG_REFUSED_NO_EFFECT, 0, 0, {0}},
    {"along the boundary", 2, 2, {10, 0, 20, 0}, 0, WG_REFUSED_NO_EFFECT, 0, 0, {0}},
    {"a corner off", 2, 2, {12, -2, 22, 8}, 0, 0, 1, 82, {18}},
    {"a touch at one corner only",
     2,
     2,
     {19, 11, 21, 9},
     0,
     WG_REFUSED_NO_EFFECT,
     0,
     0,
     {0}},
    {"corner to corner", 2, 2, {10, 0, 20, 10}, 0, 0, 1, 50, {50}},
    {"meets itself",
     2,
     4,
     {9, 2, 21, 2, 21, 6, 15, 1},
     0,
     WG_REFUSED_CROSSING,
     0,
     0,
     {0}},
    {"in and out, twice", 2, 3, {9, 8, 21, 5, 9, 2}, 0, 0, 2, -1, {0}},
    {"over the arms of a U", 7, 2, {25, 10, 65, 10}, 0, 0, 2, 700, {100, 100}},
    {"over one arm", 7, 2, {25, 10, 45, 10}, 0, 0, 1, 800, {100}},
    {"over one piece of two", 5, 2, {-1, 32, 11, 32}, 0, 0, 1, 140, {20}},
    {"over both pieces", 5, 2, {4, 29, 4, 60}, 0, 0, 2, 96, {40, 24}},
    {"from an island to the side",
     1,
     2,
     {6, 5, 10, 5},
     0,
     WG_REFUSED_NO_EFFECT,
     0,
     0,
     {0}},
    {"through an island", 1, 2, {0, 5, 10, 5}, 0, 0, 1, 48, {48}},
    {"a closed line", 2, 5, {12, 2, 18, 2, 18, 8, 12, 8, 12, 2}, 0, 0, 1, 64, {36}},
    {"no step wide", 2, 2, {10.0004, 0, 10.0004, 10}, 0, WG_REFUSED_NO_EFFECT, 0, 0, {0}},
};

static void a_table_of_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct by_line *t = &lines[i];
        struct wg_coverage *c = area_build(N_BOARD, board, NULL);
        struct area_bytes before = area_bytes(c);
        double x[8], y[8], was = area_of(c, t->grid), sum;
        int64_t made[4] = {0}, sum2 = area_sum2(c);
        size_t n_made = 0;
        struct wg_error err = {0};
        for (int k = 0; k < t->n; k++) {
            x[k] = t->xy[2 * k];
            y[k] = t->xy[2 * k + 1];
        }
        struct wg_line line = {(uint32_t)t->n, x, y};
        enum wg_status s =
            wg_coverage_split(c, t->grid, &line, t->within, NULL, 4, made, &n_made, &err);
        if ((s == WG_OK) != (t->reason == 0))
            fail_msg("%s: %s", t->what, err.text);
        if (t->reason && wg_coverage_refusal(c)->reason != t->reason)
            fail_msg("%s: %s", t->what, err.text);
        area_settled(c, before, s, &err);
        if (s == WG_OK) {
            if (n_made != t->n_made)
                fail_msg("%s: %zu pieces", t->what, n_made);
            sum = area_of(c, t->grid);
            if (t->kept >= 0 && sum != t->kept)
                fail_msg("%s: %g m² are kept", t->what, sum);
            for (size_t k = 0; k < n_made; k++) {
                double area = area_of(c, made[k]);
                assert_true(made[k] < 0);
                if (t->kept >= 0 && area != t->made[k])
                    fail_msg("%s: piece %zu has %g m²", t->what, k, area);
                sum += area;
            }
            assert_true(fabs(sum - was) < 1e-9);
            assert_int_equal(area_sum2(c), sum2);
        }
        wg_coverage_close(c);
    }
}

static void a_short_line_is_proposed_longer(void **state)
{
    (void)state;
    struct wg_coverage *c = area_build(N_BOARD, board, NULL);
    double x[] = {12, 19}, y[] = {4, 4};
    struct wg_line line = {2, x, y}, proposal;
    const struct wg_refusal *why = wg_coverage_refusal(c);
    size_t n = 0;
    assert_int_equal(wg_coverage_split(c, 2, &line, 0.5, NULL, 0, NULL, &n, NULL),
                     WG_CONSTRAINT);
    assert_true(why->x == 12 && why->y == 4);
    assert_int_equal(why->grid, 2);
    assert_int_equal(why->proposal.n, 4);
    assert_true(why->proposal.x[0] == 10 && why->proposal.x[3] == 20);
    proposal.n = 4;
    double px[4], py[4];
    memcpy(px, why->proposal.x, sizeof px);
    memcpy(py, why->proposal.y, sizeof py);
    proposal.x = px;
    proposal.y = py;
    assert_int_equal(wg_coverage_split(c, 2, &proposal, 0, NULL, 0, NULL, &n, NULL),
                     WG_OK);
    assert_int_equal(n, 1);
    wg_coverage_close(c);
}

static void new_ones_are_as_given(void **state)
{
    (void)state;
    struct wg_coverage *c = area_build(N_BOARD, board, NULL);
    double x[] = {10, 20}, y[] = {4, 4};
    struct wg_line line = {2, x, y};
    struct wg_new_grid as = {.code = "99", .name = "new", .kind = "dedicated"};
    struct wg_coverage_face face;
    int64_t made = 0;
    size_t n = 0;
    assert_int_equal(wg_coverage_split(c, 2, &line, 0, &as, 1, &made, &n, NULL), WG_OK);
    assert_int_equal(wg_coverage_face(c, made, &face, NULL), WG_OK);
    assert_string_equal(face.code, "99");
    assert_string_equal(face.name, "new");
    assert_string_equal(face.kind, "dedicated");
    assert_int_equal(face.level, 5);
    assert_int_equal(wg_coverage_split(c, 3, &line, 0, &as, 1, &made, &n, NULL),
                     WG_EXISTS);
    assert_int_equal(wg_coverage_split(c, 77, &line, 0, NULL, 1, &made, &n, NULL),
                     WG_NOT_FOUND);
    line.n = 1;
    assert_int_equal(wg_coverage_split(c, 3, &line, 0, NULL, 1, &made, &n, NULL),
                     WG_INVALID);
    assert_int_equal(wg_coverage_undo_count(c), 1);
    wg_coverage_close(c);
}

struct by_area {
    const char *what, *wkt;
    int64_t grid;
    enum wg_refusal_reason reason;
    double kept, made;
};

static const struct by_area areas[] = {
    {"a corner", "POLYGON((8 -5,15 -5,15 5,8 5,8 -5))", 2, 0, 75, 25},
    {"more than half", "POLYGON((8 -5,18 -5,18 15,8 15,8 -5))", 2, 0, 80, 20},
    {"a hole", "POLYGON((12 2,14 2,14 4,12 4,12 2))", 2, 0, 96, 4},
    {"a frame", "POLYGON((11 1,19 1,19 9,11 9,11 1),(12 2,12 8,18 8,18 2,12 2))", 2, 0,
     72, 28},
    {"around an island", "POLYGON((3 3,7 3,7 7,3 7,3 3))", 1, 0, 84, 12},
    {"all of it", "POLYGON((8 -5,25 -5,25 15,8 15,8 -5))", 2, WG_REFUSED_NO_EFFECT, 0, 0},
    {"nothing of it", "POLYGON((0 0,1 0,1 1,0 0))", 2, WG_REFUSED_NO_EFFECT, 0, 0},
    {"a bow", "POLYGON((12 2,14 4,14 2,12 4,12 2))", 2, WG_REFUSED_CROSSING, 0, 0},
};

static void a_table_of_areas(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        const struct by_area *t = &areas[i];
        struct wg_coverage *c = area_build(N_BOARD, board, NULL);
        struct area_bytes before = area_bytes(c);
        struct wg_multipolygon mp = area_mp(t->wkt);
        int64_t made = 0, sum2 = area_sum2(c);
        struct wg_error err = {0};
        enum wg_status s = wg_coverage_split_area(c, t->grid, &mp, NULL, &made, &err);
        if ((s == WG_OK) != (t->reason == 0) ||
            (t->reason && wg_coverage_refusal(c)->reason != t->reason))
            fail_msg("%s: %s", t->what, err.text);
        if (t->reason == WG_REFUSED_CROSSING)
            assert_true(wg_coverage_refusal(c)->proposal.n >= 4);
        area_settled(c, before, s, &err);
        if (s == WG_OK && (area_of(c, t->grid) != t->kept || area_of(c, made) != t->made))
            fail_msg("%s: %g and %g m²", t->what, area_of(c, t->grid), area_of(c, made));
        assert_int_equal(area_sum2(c), sum2);
        wg_multipolygon_finish(&mp);
        wg_coverage_close(c);
    }
}

/* Random lines over grids of a generated district: pieces add up, and those on either
 * side of a straight line are what GEOS makes of it. */
static void random_lines(void **state)
{
    (void)state;
    struct partition p;
    struct random r = {20261};
    assert_true(partition_make(partition_kind("district"), &p));
    struct wg_coverage *c = area_partition(&p);
    int64_t sum2 = area_sum2(c), first = sum2;
    int done = 0;
    for (int i = 0; i < 150; i++) {
        int64_t grid = area_any(c, &r), made[64];
        struct wg_box box = area_box(c, grid);
        struct wg_multipolygon was = area_polygon(c, grid);
        struct area_bytes before = area_bytes(c);
        struct wg_error err = {0};
        bool edge = area_is_outer(c, grid);
        double x[6], y[6], area = area_of(c, grid);
        size_t n_made = 0;
        struct wg_line line = {(uint32_t)random_between(&r, 2, 4), x, y};
        for (uint32_t k = 0; k < line.n; k++) {
            x[k] = random_real(&r, box.min_x - 20, box.max_x + 20);
            y[k] = random_real(&r, box.min_y - 20, box.max_y + 20);
        }
        enum wg_status s = wg_coverage_split(c, grid, &line, random_real(&r, 0, 30), NULL,
                                             64, made, &n_made, &err);
        area_settled(c, before, s, &err);
        sum2 = area_kept(c, sum2, edge);
        if (s == WG_OK) {
            double sum = area_of(c, grid);
            done++;
            for (size_t k = 0; k < n_made; k++) {
                struct wg_multipolygon piece = area_polygon(c, made[k]);
                double is = area_of(c, made[k]);
                assert_true(fabs(area_common(&piece, &was) - is) <
                            0.004 * area_length(&piece));
                sum += is;
                wg_multipolygon_finish(&piece);
            }
            assert_true(fabs(sum - area) < 0.004 * area_length(&was));
        }
        wg_multipolygon_finish(&was);
    }
    printf("# %d of 150 lines cut a grid\n", done);
    assert_true(done > 40);
    while (wg_coverage_undo(c))
        ;
    assert_int_equal(area_sum2(c), first);
    wg_coverage_close(c);
    partition_finish(&p);
}

static void random_areas(void **state)
{
    (void)state;
    struct partition p;
    struct random r = {20262};
    assert_true(partition_make(partition_kind("district"), &p));
    struct wg_coverage *c = area_partition(&p);
    int64_t sum2 = area_sum2(c);
    int done = 0;
    for (int i = 0; i < 150; i++) {
        int64_t grid = area_any(c, &r), made = 0;
        struct wg_box box = area_box(c, grid);
        struct wg_multipolygon was = area_polygon(c, grid);
        struct wg_multipolygon mp =
            area_star(&r, random_real(&r, box.min_x, box.max_x),
                      random_real(&r, box.min_y, box.max_y), random_real(&r, 5, 90),
                      (int)random_between(&r, 3, 40));
        struct area_bytes before = area_bytes(c);
        struct wg_error err = {0};
        bool edge = area_is_outer(c, grid);
        double common = area_common(&was, &mp), all = area_of(c, grid);
        enum wg_status s = wg_coverage_split_area(c, grid, &mp, NULL, &made, &err);
        area_settled(c, before, s, &err);
        sum2 = area_kept(c, sum2, edge);
        if (s == WG_OK) {
            double smaller = fmin(common, all - common);
            done++;
            assert_true(fabs(area_of(c, made) - smaller) <
                        0.004 * (area_length(&mp) + area_length(&was)));
        }
        wg_multipolygon_finish(&mp);
        wg_multipolygon_finish(&was);
    }
    printf("# %d of 150 areas split a grid\n", done);
    assert_true(done > 75);
    wg_coverage_close(c);
    partition_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_of_lines),
        cmocka_unit_test(a_short_line_is_proposed_longer),
        cmocka_unit_test(new_ones_are_as_given),
        cmocka_unit_test(a_table_of_areas),
        cmocka_unit_test(random_lines),
        cmocka_unit_test(random_areas),
    };
    return cmocka_run_group_tests_name("coverage_split", tests, NULL, NULL);
}
