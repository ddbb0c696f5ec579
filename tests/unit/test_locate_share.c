/* Shares of a polygon: the table says which grids cover it and how much the others hold;
 * random shapes are compared with the overlays of the geometry wrapper. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "wangge/locate.h"

#define GRIDS_MAX 64

struct grids {
    size_t n;
    struct wg_multipolygon mp[GRIDS_MAX];
    char code[GRIDS_MAX][8];
    struct wg_locator *loc;
};

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static void read_wkt(const char *wkt, struct wg_multipolygon *mp)
{
    struct wg_error err = {0};
    *mp = (struct wg_multipolygon){0};
    must(wg_shape_from_wkt(NULL, wkt, mp, &err), &err);
}

static void build(struct grids *g)
{
    struct wg_locator_grid grid[GRIDS_MAX];
    struct wg_error err = {0};
    for (size_t i = 0; i < g->n; i++) {
        snprintf(g->code[i], sizeof g->code[i], "%02d", (int)i);
        grid[i] = (struct wg_locator_grid){(int64_t)i + 1, g->code[i], &g->mp[i]};
    }
    must(wg_locator_build(g->n, grid, NULL, &g->loc, &err), &err);
}

static void finish(struct grids *g)
{
    for (size_t i = 0; i < g->n; i++)
        wg_multipolygon_finish(&g->mp[i]);
    wg_locator_destroy(g->loc);
}

/* ---- a table ---- */

struct row {
    const char *grid[4]; /* from slot 1 */
    const char *shape;
    const char *want; /* "slot share", a ! behind the slot that covers all of it */
};

#define WEST "POLYGON((0 0,10 0,10 10,0 10,0 0))"
#define EAST "POLYGON((10 0,20 0,20 10,10 10,10 0))"
#define RING "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,6 4,6 6,4 6,4 4))"
#define ISLE "POLYGON((4 4,6 4,6 6,4 6,4 4))"

static const struct row rows[] = {
    /* inside, alike, at the rim */
    {{WEST, EAST}, "POLYGON((1 1,2 1,2 2,1 2,1 1))", "1! 1"},
    {{WEST, EAST}, WEST, "1! 1"},
    {{WEST, EAST}, "POLYGON((8 0,10 0,10 10,8 0))", "1! 1"},
    {{WEST, EAST}, "POLYGON((12 0,10 10,10 0,12 0))", "2! 1"},
    {{WEST, EAST}, "POLYGON((0 0,10 10,0 10,0 0))", "1! 1"},
    /* cut, outside, half outside, turned the other way round */
    {{WEST, EAST}, "POLYGON((5 1,15 1,15 2,5 2,5 1))", "1 0.5, 2 0.5"},
    {{WEST, EAST}, "POLYGON((5 1,5 2,15 2,15 1,5 1))", "1 0.5, 2 0.5"},
    {{WEST, EAST}, "POLYGON((0 20,1 20,1 21,0 20))", "0 1"},
    {{WEST, EAST}, "POLYGON((0 10,1 10,1 11,0 11,0 10))", "0 1"},
    {{WEST, EAST}, "POLYGON((5 9,15 9,15 13,5 13,5 9))", "1 0.125, 2 0.125, 0 0.75"},
    {{WEST, EAST},
     "POLYGON((9 -2,11 -2,11 12,9 12,9 -2))",
     "1 0.357142857143, 2 0.357142857143, 0 0.285714285714"},
    /* the whole of both, and around them */
    {{WEST, EAST}, "POLYGON((0 0,20 0,20 10,0 10,0 0))", "1 0.5, 2 0.5"},
    {{WEST}, "POLYGON((-10 -10,10 -10,10 10,-10 10,-10 -10))", "1 0.25, 0 0.75"},
    {{ISLE}, WEST, "1 0.04, 0 0.96"},
    /* holes: across one, filling one, with the same one, on its rim */
    {{RING}, "POLYGON((3 3,7 3,7 7,3 7,3 3))", "1 0.75, 0 0.25"},
    {{RING, ISLE}, "POLYGON((3 3,7 3,7 7,3 7,3 3))", "1 0.75, 2 0.25"},
    {{RING, ISLE}, ISLE, "2! 1"},
    {{RING}, ISLE, "0 1"},
    {{RING}, RING, "1! 1"},
    {{RING}, "POLYGON((3 3,7 3,7 7,3 7,3 3),(4 4,6 4,6 6,4 6,4 4))", "1! 1"},
    {{WEST}, RING, "1! 1"},
    {{RING}, "POLYGON((2 4,4 4,4 6,2 6,2 4))", "1! 1"},
    {{RING}, "POLYGON((4 2,6 4,6 8,8 8,8 1,4 1,4 2))", "1! 1"},
    /* several parts, here and there */
    {{"MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((2 0,3 0,3 1,2 1,2 0)))"},
     "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((2 0,3 0,3 1,2 0)))",
     "1! 1"},
    {{"MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((2 0,3 0,3 1,2 1,2 0)))"},
     "POLYGON((0 0,3 0,3 1,0 1,0 0))",
     "1 0.666666666667, 0 0.333333333333"},
    {{WEST},
     "MULTIPOLYGON(((1 1,2 1,2 2,1 2,1 1)),((11 1,12 1,12 2,11 2,11 1)))",
     "1 0.5, 0 0.5"},
    {{WEST, EAST},
     "MULTIPOLYGON(((1 1,2 1,2 2,1 2,1 1)),((8 1,10 1,10 2,8 2,8 1)))",
     "1! 1"},
    /* parts that touch at a corner; a boundary that goes through it */
    {{"POLYGON((0 0,2 0,0 2,0 0))"},
     "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((1 1,2 1,2 2,1 2,1 1)))",
     "1 0.5, 0 0.5"},
    /* a yard that touches the wall; a boundary that touches it there from outside */
    {{"POLYGON((0 0,10 0,10 10,0 10,0 5,-5 8,-5 2,0 5,0 0))"},
     "POLYGON((0 0,10 0,10 10,0 10,0 0),(0 5,3 4,3 6,0 5))",
     "1! 1"},
    /* a boundary through a reflex corner, along a wall, along it and then away */
    {{"POLYGON((0 0,10 0,10 10,0 10,0 6,8 5,0 4,0 0))"},
     "POLYGON((5 0,10 0,10 10,5 10,5 6,8 5,5 4,5 0))",
     "1! 1"},
    {{"POLYGON((0 0,10 0,10 10,0 10,0 7,8 5,0 3,0 0))"},
     "POLYGON((5 0,10 0,10 10,5 10,5 5.5,8 5,5 4.5,5 0))",
     "1 0.984536082474, 0 0.015463917526"},
    {{"POLYGON((0 0,5 0,5 5,10 5,10 10,0 10,0 0))"},
     "POLYGON((0 0,5 0,5 5,10 5,10 10,0 10,0 0))",
     "1! 1"},
    {{"POLYGON((0 0,5 0,5 5,10 5,10 10,0 10,0 0))"},
     "POLYGON((0 0,5 0,5 5,10 5,10 0,12 0,12 10,0 10,0 0))",
     "1 0.789473684211, 0 0.210526315789"},
    /* grids that overlap: each holds its own */
    {{WEST, WEST}, "POLYGON((1 1,2 1,2 2,1 2,1 1))", "1! 1, 2! 1"},
    {{WEST, "POLYGON((5 0,15 0,15 10,5 10,5 0))"},
     "POLYGON((4 0,10 0,10 1,4 1,4 0))",
     "1! 1, 2 0.833333333333"},
    /* without area: covered or not */
    {{WEST}, "POLYGON((1 1,2 2,3 3,1 1))", "1! 1"},
    /* none at all */
    {{NULL}, WEST, "0 1"},
};

static void tell(const struct wg_locator_share *share, size_t n, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%u%s %.12g", i ? ", " : "",
                               share[i].slot, share[i].covers ? "!" : "", share[i].share);
}

static void shares_are_those_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct grids g = {0};
        struct wg_multipolygon shape;
        struct wg_locator_share share[8];
        struct wg_error err = {0};
        char got[400];
        size_t n;
        while (g.n < 4 && rows[i].grid[g.n]) {
            read_wkt(rows[i].grid[g.n], &g.mp[g.n]);
            g.n++;
        }
        build(&g);
        read_wkt(rows[i].shape, &shape);
        must(wg_locator_shares(g.loc, NULL, &shape, 8, share, &n, &err), &err);
        assert_true(n <= 8);
        tell(share, n, got, sizeof got);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %d, %s: %s, not %s", (int)i, rows[i].shape, got, rows[i].want);
        wg_multipolygon_finish(&shape);
        finish(&g);
    }
}

/* One bit further out is not covered any more, however little it is. */
static void the_least_bit_outside_is_seen(void **state)
{
    (void)state;
    struct grids g = {.n = 2};
    struct wg_multipolygon shape;
    struct wg_locator_share share[4];
    struct wg_error err = {0};
    size_t n;
    read_wkt(
        "POLYGON((500000 3050000,500010 3050000,500010 3050010,500000 3050010,500000 "
        "3050000))",
        &g.mp[0]);
    read_wkt(
        "POLYGON((500010 3050000,500020 3050000,500020 3050010,500010 3050010,500010 "
        "3050000))",
        &g.mp[1]);
    build(&g);
    read_wkt(
        "POLYGON((500002 3050002,500010 3050002,500010 3050008,500002 3050008,500002 "
        "3050002))",
        &shape);
    must(wg_locator_shares(g.loc, NULL, &shape, 4, share, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_true(share[0].slot == 1 && share[0].covers);
    shape.x[2] = nextafter(shape.x[2], 1e9);
    must(wg_locator_shares(g.loc, NULL, &shape, 1, share, &n, &err), &err);
    assert_int_equal(n, 2); /* more than there was room for */
    assert_true(share[0].slot == 1 && !share[0].covers && share[0].share > 1 - 1e-10);
    must(wg_locator_shares(g.loc, NULL, &shape, 4, share, &n, &err), &err);
    assert_true(share[1].slot == 2 && share[1].share > 0 && share[1].share < 1e-10);
    struct wg_multipolygon empty = {0};
    must(wg_locator_shares(g.loc, NULL, &empty, 4, share, &n, &err), &err);
    assert_int_equal(n, 0);
    wg_multipolygon_finish(&shape);
    finish(&g);
}

/* ---- at random ---- */

#define MESH 6
#define X0 500000.0
#define Y0 3050000.0

static void make_partition(struct random *r, struct grids *g)
{
    struct wg_point at[MESH + 1][MESH + 1];
    for (int i = 0; i <= MESH; i++)
        for (int j = 0; j <= MESH; j++)
            at[i][j] = (struct wg_point){X0 + i * 100 + random_real(r, -35, 35),
                                         Y0 + j * 100 + random_real(r, -35, 35)};
    for (int i = 0; i < MESH; i++)
        for (int j = 0; j < MESH; j++) {
            const struct wg_point *p[] = {&at[i][j], &at[i + 1][j], &at[i + 1][j + 1],
                                          &at[i][j + 1], &at[i][j]};
            char wkt[400];
            size_t n = (size_t)snprintf(wkt, sizeof wkt, "POLYGON((");
            for (int k = 0; k < 5; k++)
                n += (size_t)snprintf(wkt + n, sizeof wkt - n, "%s%.17g %.17g",
                                      k ? "," : "", p[k]->x, p[k]->y);
            snprintf(wkt + n, sizeof wkt - n, "))");
            read_wkt(wkt, &g->mp[g->n++]);
        }
    build(g);
}

static void make_star(struct random *r, struct wg_multipolygon *mp)
{
    static uint32_t part[] = {0, 1}, ring[] = {0, 0};
    static double x[32], y[32];
    uint32_t n = (uint32_t)random_between(r, 3, 30);
    double cx = X0 + random_real(r, -50, MESH * 100 + 50), size = random_real(r, 1, 150);
    double cy = Y0 + random_real(r, -50, MESH * 100 + 50);
    for (uint32_t k = 0; k < n; k++) {
        double a = 6.283185307179586 * k / n, d = random_real(r, size / 4, size);
        x[k] = cx + d * cos(a);
        y[k] = cy + d * sin(a);
    }
    x[n] = x[0];
    y[n] = y[0];
    ring[1] = n + 1;
    *mp = (struct wg_multipolygon){1, 1, n + 1, part, ring, x, y};
}

static void shares_are_those_of_overlays(void **state)
{
    struct random r = {4};
    struct grids g = {0};
    struct wg_error err = {0};
    struct wg_shape *shape = NULL;
    (void)state;
    make_partition(&r, &g);
    must(wg_shape_create(&shape, &err), &err);
    for (int k = 0; k < 400; k++) {
        struct wg_multipolygon star;
        struct wg_locator_share share[GRIDS_MAX];
        double of[GRIDS_MAX + 1] = {0}, sum = 0;
        size_t n;
        make_star(&r, &star);
        must(wg_locator_shares(g.loc, shape, &star, GRIDS_MAX, share, &n, &err), &err);
        for (size_t i = 0; i < n; i++) {
            assert_true(i == 0 || share[i].slot == 0 ||
                        share[i].slot > share[i - 1].slot);
            assert_true(share[i].share > 0 && share[i].share <= 1);
            of[share[i].slot] = share[i].share;
            sum += share[i].share;
        }
        assert_true(fabs(sum - 1) < 1e-11);
        for (size_t i = 0; i < g.n; i++) {
            double common = 0;
            must(wg_shape_common_area(shape, &star, &g.mp[i], &common, &err), &err);
            double want = common / wg_multipolygon_area(&star);
            if (fabs(want - of[i + 1]) > 1e-9)
                fail_msg("star %d, slot %d: %.17g, not %.17g", k, (int)i + 1, of[i + 1],
                         want);
        }
    }
    wg_shape_destroy(shape);
    finish(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_those_of_the_table),
        cmocka_unit_test(the_least_bit_outside_is_seen),
        cmocka_unit_test(shares_are_those_of_overlays),
    };
    return cmocka_run_group_tests_name("locate_share", tests, NULL, NULL);
}
