/* Merging grids and dissolving one. */
#include "area_scratch.h"

static const struct area_given board[] = {
    {"01", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", 7},
    {"02", "POLYGON((10 0,20 0,20 10,10 10,10 0))", 7},
    {"03", "POLYGON((0 10,10 10,20 10,20 20,0 20,0 10))", 8},
    {"04", "POLYGON((4 4,6 4,6 6,4 6,4 4))", 7},
    {"05", "POLYGON((20 10,30 10,30 20,20 20,20 10))",
     8},                                                /* a corner in common with 02 */
    {"06", "POLYGON((50 0,60 0,60 10,50 10,50 0))", 7}, /* alone */
};
enum { N_BOARD = sizeof board / sizeof *board };

struct merge {
    const char *what;
    size_t n;
    int64_t grid[4], into;
    bool follow;
    enum wg_status status;
    enum wg_refusal_reason reason;
    int64_t kept;
    double area;
};

static const struct merge merges[] = {
    {"two", 2, {2, 1}, 0, false, WG_OK, 0, 1, 196},
    {"two, into the second", 2, {1, 2}, 2, false, WG_OK, 0, 2, 196},
    {"an island", 2, {1, 4}, 0, false, WG_OK, 0, 1, 100},
    {"into the island", 2, {1, 4}, 4, false, WG_OK, 0, 4, 100},
    {"three in a chain", 3, {2, 4, 1}, 0, false, WG_OK, 0, 1, 200},
    {"one twice", 3, {1, 2, 1}, 0, false, WG_OK, 0, 1, 196},
    {"a corner only", 2, {2, 5}, 0, true, WG_CONSTRAINT, WG_REFUSED_NOT_BESIDE, 0, 0},
    {"far away", 3, {1, 2, 6}, 0, false, WG_CONSTRAINT, WG_REFUSED_NOT_BESIDE, 0, 0},
    {"of two parents", 2, {1, 3}, 0, false, WG_CONSTRAINT, WG_REFUSED_LIMIT, 0, 0},
    {"of two parents, who follow", 2, {1, 3}, 0, true, WG_OK, 0, 1, 296},
    {"one alone", 1, {1}, 0, false, WG_INVALID, 0, 0, 0},
    {"the same", 2, {1, 1}, 0, false, WG_INVALID, 0, 0, 0},
    {"into another", 2, {1, 2}, 3, false, WG_INVALID, 0, 0, 0},
    {"none such", 2, {1, 99}, 0, false, WG_NOT_FOUND, 0, 0, 0},
};

static void a_table_of_merges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof merges / sizeof *merges; i++) {
        const struct merge *t = &merges[i];
        struct wg_coverage *c = area_build(N_BOARD, board, NULL);
        struct area_bytes before = area_bytes(c), after;
        struct wg_error err = {0};
        int64_t kept = 0, sum2 = area_sum2(c);
        wg_coverage_parents_follow(c, t->follow);
        enum wg_status s = wg_coverage_merge(c, t->n, t->grid, t->into, &kept, &err);
        if (s != t->status ||
            (s == WG_CONSTRAINT && wg_coverage_refusal(c)->reason != t->reason))
            fail_msg("%s: %s", t->what, err.text);
        if (s == WG_OK || s == WG_CONSTRAINT) {
            area_settled(c, before, s, &err);
        } else {
            after = area_bytes(c);
            assert_true(area_same(before, after));
            wg_free(before.at);
            wg_free(after.at);
        }
        if (s == WG_OK) {
            assert_int_equal(kept, t->kept);
            if (area_of(c, kept) != t->area)
                fail_msg("%s: %g m²", t->what, area_of(c, kept));
            for (size_t k = 0; k < t->n; k++) {
                struct wg_coverage_face face;
                assert_int_equal(wg_coverage_face(c, t->grid[k], &face, NULL), WG_OK);
                assert_true(face.ended == (t->grid[k] != kept));
            }
        }
        assert_int_equal(area_sum2(c), sum2);
        wg_coverage_close(c);
    }
}

static void who_is_not_beside_is_named(void **state)
{
    (void)state;
    struct wg_coverage *c = area_build(N_BOARD, board, NULL);
    const int64_t grid[] = {1, 2, 6};
    struct wg_error err = {0};
    assert_int_equal(wg_coverage_merge(c, 3, grid, 0, NULL, &err), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->grid, 1);
    assert_int_equal(wg_coverage_refusal(c)->other, 6);
    assert_non_null(strstr(err.text, "06"));
    wg_coverage_close(c);
}

struct dissolve {
    int64_t grid;
    enum wg_refusal_reason reason;
    int64_t heir;
    double area;
};
static const struct dissolve dissolves[] = {
    {4, 0, 1, 100}, /* an island goes to whom it lies in */
    {2, 0, 1, 196}, /* of one parent, though 03's border is as long */
    {5, 0, 3, 300},
    {6, WG_REFUSED_NOT_BESIDE, 0, 0},
};

static void a_table_of_dissolves(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dissolves / sizeof *dissolves; i++) {
        const struct dissolve *t = &dissolves[i];
        struct wg_coverage *c = area_build(N_BOARD, board, NULL);
        struct area_bytes before = area_bytes(c);
        struct wg_error err = {0};
        int64_t sum2 = area_sum2(c);
        enum wg_status s = wg_coverage_dissolve(c, t->grid, &err);
        if ((s == WG_OK) != (t->reason == 0) ||
            (t->reason && wg_coverage_refusal(c)->reason != t->reason))
            fail_msg("%d: %s", (int)t->grid, err.text);
        area_settled(c, before, s, &err);
        if (s == WG_OK)
            assert_true(area_of(c, t->heir) == t->area);
        assert_int_equal(area_sum2(c), sum2);
        wg_coverage_close(c);
    }
}

/* Each piece to the neighbour of its longest border. */
static void pieces_go_their_own_ways(void **state)
{
    (void)state;
    static const struct area_given pieces[] = {
        {"01", "POLYGON((0 0,10 0,10 10,0 10,0 0))", 0},
        {"02",
         "MULTIPOLYGON(((10 0,20 0,20 10,10 10,10 0)),((30 0,40 0,40 10,30 10,30 "
         "0)))",
         0},
        {"03", "POLYGON((20 0,30 0,30 12,20 12,20 0))", 0},
        {"04", "POLYGON((40 0,50 0,50 10,40 10,40 5,40 0))", 0},
        {"05", "POLYGON((10 10,20 10,20 12,10 12,10 10))", 0},
        {"06", "POLYGON((30 10,40 10,50 10,50 30,30 30,30 12,30 10))", 0},
    };
    struct wg_coverage *c = area_build(6, pieces, NULL);
    struct wg_error err = {0};
    assert_int_equal(wg_coverage_dissolve(c, 2, &err), WG_OK);
    assert_true(area_of(c, 1) == 200); /* all borders are 10 m: the lowest code */
    assert_true(area_of(c, 3) == 220);
    assert_int_equal(wg_coverage_prove(c, &err), WG_OK);
    wg_coverage_close(c);
}

static bool longest(int64_t id, double border_m, void *user)
{
    double *best = user;
    if (id != 0 && border_m > best[1]) {
        best[0] = (double)id;
        best[1] = border_m;
    }
    return true;
}

static void random_ones(void **state)
{
    (void)state;
    struct partition p;
    struct random r = {20263};
    assert_true(partition_make(partition_kind("district"), &p));
    struct wg_coverage *c = area_partition(&p);
    const int64_t sum2 = area_sum2(c);
    int done = 0, refused = 0;
    for (int i = 0; i < 120; i++) {
        int64_t grid[4] = {area_any(c, &r)};
        size_t n = 1;
        double best[2] = {0, 0};
        struct area_bytes before = area_bytes(c);
        struct wg_error err = {0};
        enum wg_status s;
        assert_int_equal(wg_coverage_neighbours(c, grid[0], longest, best, NULL), WG_OK);
        if (i % 3 == 0) {
            int64_t heir = (int64_t)best[0];
            double is = area_of(c, heir) + area_of(c, grid[0]);
            s = wg_coverage_dissolve(c, grid[0], &err);
            /* these grids are of one piece */
            assert_int_equal(s, WG_OK);
            assert_true(fabs(area_of(c, heir) - is) < 1e-6 * is);
        } else {
            if (i % 3 == 1)
                grid[n++] = (int64_t)best[0];
            grid[n++] = area_any(c, &r);
            s = wg_coverage_merge(c, n, grid, 0, NULL, &err);
        }
        if (s == WG_INVALID) { /* the same one twice */
            wg_free(before.at);
            continue;
        }
        area_settled(c, before, s, &err);
        assert_int_equal(area_sum2(c), sum2);
        done += s == WG_OK;
        refused += s != WG_OK;
        if (i % 40 == 39)
            while (wg_coverage_undo(c))
                ;
    }
    printf("# %d done, %d refused\n", done, refused);
    assert_true(done > 40 && refused > 20);
    wg_coverage_close(c);
    partition_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_of_merges),
        cmocka_unit_test(who_is_not_beside_is_named),
        cmocka_unit_test(a_table_of_dissolves),
        cmocka_unit_test(pieces_go_their_own_ways),
        cmocka_unit_test(random_ones),
    };
    return cmocka_run_group_tests_name("coverage_merge", tests, NULL, NULL);
}
