/*
 * Divisions are strict partitions that cut nothing, whatever the district: random ones,
 * and the demo's community.  Proved by building a coverage of each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "random.h"
#include "survey_job.h"
#include "wangge/code.h"
#include "wangge/divide.h"
#include "wangge/shape.h"

#define X0 500000.0
#define Y0 3050000.0

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static struct wg_multipolygon from_wkt(const char *wkt)
{
    struct wg_error err = {0};
    struct wg_multipolygon mp = {0};
    must(wg_shape_from_wkt(NULL, wkt, &mp, &err), &err);
    return mp;
}

/* Moved to the district's place, turned by an angle about it. */
static struct wg_multipolygon placed(const char *wkt, double angle)
{
    struct wg_multipolygon mp = from_wkt(wkt);
    for (uint32_t i = 0; i < mp.n_vertex; i++) {
        double x = mp.x[i], y = mp.y[i];
        mp.x[i] = X0 + x * cos(angle) - y * sin(angle);
        mp.y[i] = Y0 + x * sin(angle) + y * cos(angle);
    }
    return mp;
}

static struct wg_multipolygon box_at(double x, double y, double w, double h, double angle)
{
    char wkt[400];
    snprintf(wkt, sizeof wkt,
             "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", x, y, x + w,
             y, x + w, y + h, x, y + h, x, y);
    return placed(wkt, angle);
}

static void add_box(struct wg_survey *s, double x, double y, double w, double h,
                    int64_t households, double angle)
{
    struct wg_error err = {0};
    struct wg_multipolygon mp = box_at(x, y, w, h, angle);
    must(wg_survey_add_building(s, (int64_t)s->n + 1, &mp, households, 3 * households,
                                &err),
         &err);
    wg_multipolygon_finish(&mp);
}

static void add_street(struct wg_survey *s, double ax, double ay, double bx, double by,
                       double angle)
{
    struct wg_error err = {0};
    double x[2] = {X0 + ax * cos(angle) - ay * sin(angle),
                   X0 + bx * cos(angle) - by * sin(angle)};
    double y[2] = {Y0 + ax * sin(angle) + ay * cos(angle),
                   Y0 + bx * sin(angle) + by * cos(angle)};
    must(wg_survey_add_street(s, 2, x, y, "street", &err), &err);
}

static struct wg_survey *new_survey(void)
{
    struct wg_survey *s = calloc(1, sizeof *s);
    assert_non_null(s);
    return s;
}

/* Blocks of 100 m with buildings in them; some across streets, some touching. */
static struct wg_survey *random_district(struct random *r, int cols, int rows,
                                         bool streets, double angle)
{
    struct wg_survey *s = new_survey();
    struct wg_error err = {0};
    for (int row = 0; row < rows; row++) {
        for (int col = 0; col < cols; col++) {
            int n = (int)random_between(r, 0, 9);
            for (int i = 0; i < n; i++) {
                double x = col * 100 + 6 + i % 3 * 31, y = row * 100 + 6 + i / 3 * 31;
                double w = random_real(r, 8, random_between(r, 0, 5) ? 27 : 31);
                double h = random_real(r, 8, 26);
                if (random_between(r, 0, 40) == 0)
                    x += 14, w = 24; /* may reach over the street */
                add_box(s, x, y, w, h, random_between(r, 0, 30), angle);
            }
        }
    }
    for (int i = 0; streets && i <= cols; i++)
        add_street(s, i * 100, -20, i * 100 + random_real(r, -3, 3), rows * 100 + 20,
                   angle);
    for (int i = 0; streets && i <= rows; i++)
        add_street(s, -20, i * 100, cols * 100 + 20, i * 100 + random_real(r, -3, 3),
                   angle);
    if (streets)
        add_street(s, 50, 50, 50, 99, angle); /* leads nowhere */
    must(wg_survey_seal(s, &err), &err);
    return s;
}

static void finish_all(struct wg_survey *s, struct wg_multipolygon *area,
                       struct wg_division *d)
{
    wg_division_finish(d);
    wg_multipolygon_finish(area);
    wg_survey_destroy(s);
}

/* A strict partition of the area, whose parts hang together. */
static void prove(const struct wg_multipolygon *area, const struct wg_division *d,
                  uint32_t parts)
{
    struct wg_error err = {0};
    struct wg_coverage_grid *grid = calloc(d->n, sizeof *grid);
    char(*code)[24] = calloc(d->n, sizeof *code);
    struct wg_coverage_options options = {.limit = area};
    struct wg_coverage *c = NULL;
    double sum = 0;
    uint32_t pieces = 0;
    assert_non_null(grid);
    assert_non_null(code);
    for (size_t i = 0; i < d->n; i++) {
        snprintf(code[i], sizeof code[i], "g%05zu", i);
        grid[i] = (struct wg_coverage_grid){
            .id = (int64_t)i + 1, .code = code[i], .level = 5, .geometry = d->grid[i]};
        must(wg_shape_check(NULL, &d->grid[i], &err), &err);
        sum += wg_multipolygon_area(&d->grid[i]);
        pieces += d->grid[i].n_part;
    }
    must(wg_coverage_build(d->n, grid, &options, &c, &err), &err);
    must(wg_coverage_prove(c, &err), &err);
    double free_area = 0, border = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct wg_coverage_face face;
        must(wg_coverage_face(c, (int64_t)i + 1, &face, &err), &err);
        free_area += wg_multipolygon_area(&d->grid[i]) - face.area_m2;
    }
    for (uint32_t i = 0; i < area->n_vertex; i++)
        border += i ? hypot(area->x[i] - area->x[i - 1], area->y[i] - area->y[i - 1]) : 0;
    assert_true(fabs(free_area) < border * 0.004);
    assert_true(fabs(sum - wg_multipolygon_area(area)) < border * 0.002 + 0.01);
    if (parts)
        assert_int_equal(pieces, parts);
    wg_coverage_close(c);
    free(grid);
    free(code);
}

static int64_t sum_of(const int64_t *n, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += n[i];
    return sum;
}

static int64_t all_households(const struct wg_survey *s)
{
    int64_t sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += s->building[i].households;
    return sum;
}

static void test_random(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct random r = {seed};
        struct wg_error err = {0};
        int cols = (int)random_between(&r, 1, 6), rows = (int)random_between(&r, 1, 6);
        double angle = seed % 2 ? random_real(&r, 0, 6) : 0;
        struct wg_survey *s = random_district(&r, cols, rows, seed % 3 != 0, angle);
        struct wg_multipolygon area =
            box_at(-20, -20, cols * 100 + 40, rows * 100 + 40, angle);
        struct wg_division d = {0};
        struct wg_divide_options options = {
            .target = (uint32_t)random_between(&r, 0, cols), .random = seed};
        if (s->n < options.target)
            options.target = 1;
        enum wg_status st = wg_divide(&area, s, &options, &d, &err);
        if (st == WG_INVALID && strstr(err.text, "pieces")) {
            finish_all(s, &area, &d);
            continue;
        }
        must(st, &err);
        if (options.target)
            assert_int_equal(d.n, options.target);
        if (d.cut)
            fail_msg("seed %d: %d buildings cut", (int)seed, (int)d.cut);
        assert_int_equal(sum_of(d.buildings, d.n), s->n);
        assert_int_equal(sum_of(d.households, d.n), all_households(s));
        assert_int_equal(sum_of(d.population, d.n), 3 * all_households(s));
        prove(&area, &d, (uint32_t)d.n);
        finish_all(s, &area, &d);
    }
}

static void test_same_number_same_division(void **state)
{
    (void)state;
    struct random r = {5};
    struct wg_error err = {0};
    struct wg_survey *s = random_district(&r, 5, 4, true, 0.3);
    struct wg_multipolygon area = box_at(0, 0, 500, 400, 0.3);
    struct wg_division a = {0}, b = {0};
    struct wg_divide_options options = {.target = 5, .random = 9};
    must(wg_divide(&area, s, &options, &a, &err), &err);
    must(wg_divide(&area, s, &options, &b, &err), &err);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.grid[i].n_vertex, b.grid[i].n_vertex);
        assert_memory_equal(a.grid[i].x, b.grid[i].x,
                            a.grid[i].n_vertex * sizeof(double));
    }
    /* numbered from the north-west */
    struct wg_point middle[5];
    struct wg_box box[5];
    uint32_t order[5];
    for (size_t i = 0; i < 5; i++) {
        middle[i] = wg_multipolygon_centroid(&a.grid[i]);
        box[i] = wg_multipolygon_box(&a.grid[i]);
    }
    must(wg_code_order(5, middle, box, 0, order, &err), &err);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(order[i], i);
    wg_division_finish(&b);
    finish_all(s, &area, &a);
}

/* A plain chessboard: the answer is known. */
static void test_chessboard(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_survey *s = new_survey();
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 4; k++)
            add_box(s, i * 100 + 30, k * 100 + 30, 40, 40, 100, 0);
        add_street(s, i * 100, 0, i * 100, 400, 0);
        add_street(s, 0, i * 100, 400, i * 100, 0);
    }
    must(wg_survey_seal(s, &err), &err);
    struct wg_multipolygon area = box_at(0, 0, 400, 400, 0);
    struct wg_division d = {0};
    must(wg_divide(&area, s, NULL, &d, &err), &err);
    assert_int_equal(d.n, 4);
    assert_int_equal(d.in_norm, 4);
    assert_int_equal(d.cut, 0);
    assert_true(d.balance == 0 && d.on_street == 1);
    assert_true(d.compactness > 0.78); /* squares: π/4 */
    prove(&area, &d, 4);
    finish_all(s, &area, &d);
}

/* A street through a building is led around it. */
static void test_street_through_building(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_survey *s = new_survey();
    add_box(s, 10, 10, 30, 30, 50, 0);
    add_box(s, 10, 60, 30, 30, 50, 0);
    add_box(s, 70, 10, 20, 30, 50, 0);
    add_box(s, 40, 60, 50, 30, 50, 0);
    add_street(s, 50, 0, 50, 100, 0);
    must(wg_survey_seal(s, &err), &err);
    struct wg_multipolygon area = box_at(0, 0, 100, 100, 0);
    struct wg_divide_options options = {.target = 2};
    struct wg_division d = {0};
    must(wg_divide(&area, s, &options, &d, &err), &err);
    assert_int_equal(d.cut, 0);
    assert_int_equal(d.n, 2);
    prove(&area, &d, 0);
    finish_all(s, &area, &d);
}

static void test_free_shape(void **state)
{
    (void)state;
    static const struct {
        const char *wkt;
        uint32_t target, parts;
    } cases[] = {
        {"POLYGON((0 0,600 0,600 600,0 600,0 0),(200 200,400 200,400 400,200 400,200 "
         "200))",
         5, 5},
        {"POLYGON((0 0,300 0,300 300,600 300,600 600,0 600,0 0))", 4, 4},
        {"MULTIPOLYGON(((0 0,250 0,250 500,0 500,0 0)),((300 0,600 0,600 500,300 500,300 "
         "0)))",
         2, 2},
        {"MULTIPOLYGON(((0 0,250 0,250 500,0 500,0 0)),((300 0,600 0,600 500,300 500,300 "
         "0)))",
         1, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct random r = {i};
        struct wg_error err = {0};
        struct wg_survey *s = random_district(&r, 6, 6, i % 2 == 0, 0);
        struct wg_multipolygon area = placed(cases[i].wkt, 0);
        struct wg_divide_options options = {.target = cases[i].target};
        struct wg_division d = {0};
        must(wg_divide(&area, s, &options, &d, &err), &err);
        assert_int_equal(d.n, cases[i].target);
        prove(&area, &d, cases[i].parts);
        finish_all(s, &area, &d);
    }
}

static void test_without(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_survey *s = new_survey();
    must(wg_survey_seal(s, &err), &err);
    struct wg_multipolygon area = box_at(0, 0, 300, 200, 0.2);
    struct wg_division d = {0};
    must(wg_divide(&area, s, NULL, &d, &err), &err); /* nothing at all: one grid */
    assert_int_equal(d.n, 1);
    prove(&area, &d, 1);
    wg_division_finish(&d);
    struct wg_divide_options options = {.target = 6};
    must(wg_divide(&area, s, &options, &d, &err), &err);
    assert_int_equal(d.n, 6);
    prove(&area, &d, 6);
    for (size_t i = 0; i < 6; i++) {
        double share = wg_multipolygon_area(&d.grid[i]) / 60000;
        assert_true(share > 0.08 && share < 0.3);
    }
    finish_all(s, &area, &d);
}

static void test_more_than_there_is_room_for(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_survey *s = new_survey();
    must(wg_survey_seal(s, &err), &err);
    struct wg_multipolygon area = box_at(0, 0, 300, 200, 0);
    struct wg_divide_options options = {.target = UINT32_MAX};
    struct wg_division d = {0};
    assert_int_equal(wg_divide(&area, s, &options, &d, &err), WG_INVALID);
    assert_non_null(strstr(err.text, "4294967295"));
    finish_all(s, &area, &d);
}

static void test_seeds(void **state)
{
    (void)state;
    struct random r = {77};
    struct wg_error err = {0};
    struct wg_survey *s = random_district(&r, 5, 5, true, 0);
    struct wg_multipolygon area = box_at(0, 0, 500, 500, 0);
    struct wg_point seed[4] = {{X0 + 30, Y0 + 30},
                               {X0 + 480, Y0 + 20},
                               {X0 + 240, Y0 + 260},
                               {X0 + 250, Y0 + 490}};
    struct wg_divide_options options = {.n_seed = 4, .seed = seed};
    struct wg_division d = {0};
    must(wg_divide(&area, s, &options, &d, &err), &err);
    assert_int_equal(d.n, 4);
    assert_int_equal(d.cut, 0);
    prove(&area, &d, 4);
    for (int i = 0; i < 4; i++) { /* each seed has a grid of its own */
        int in = -1;
        for (int g = 0; g < 4; g++) {
            if (wg_multipolygon_side(&d.grid[g], seed[i].x, seed[i].y) == WG_INSIDE)
                in = g;
        }
        assert_true(in >= 0);
        for (int k = 0; k < i; k++)
            assert_int_equal(wg_multipolygon_side(&d.grid[in], seed[k].x, seed[k].y),
                             WG_OUTSIDE);
    }
    finish_all(s, &area, &d);
}

static bool stop(uint64_t done, uint64_t total, void *user)
{
    (void)user;
    return done < total / 2;
}

static void test_refused(void **state)
{
    (void)state;
    struct random r = {1};
    struct wg_error err = {0};
    struct wg_survey *s = random_district(&r, 3, 3, true, 0);
    struct wg_multipolygon area = box_at(0, 0, 300, 300, 0), none = {0};
    struct wg_point far = {X0 + 900, Y0};
    struct wg_division d = {0};
    const struct {
        struct wg_divide_options options;
        const struct wg_multipolygon *area;
        enum wg_status status;
        const char *words;
    } cases[] = {
        {{.target = 5000}, &area, WG_INVALID, "5000 grids"},
        {{.n_seed = 1, .seed = &far}, &area, WG_INVALID, "outside the area"},
        {{.n_seed = 1, .seed = &far, .target = 2}, &area, WG_INVALID, "seeds"},
        {{.households_min = 10, .households_max = 5}, &area, WG_INVALID, "norm"},
        {{.margin_m = -1}, &area, WG_INVALID, "margin"},
        {{.target = 2}, &none, WG_INVALID, "no area"},
        {{.progress = {stop, NULL}}, &area, WG_CANCELLED, "stopped"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(wg_divide(cases[i].area, s, &cases[i].options, &d, &err),
                         cases[i].status);
        if (!strstr(err.text, cases[i].words))
            fail_msg("%s", err.text);
        assert_int_equal(d.n, 0);
    }
    finish_all(s, &area, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_same_number_same_division),
        cmocka_unit_test(test_chessboard),
        cmocka_unit_test(test_street_through_building),
        cmocka_unit_test(test_free_shape),
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_more_than_there_is_room_for),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("divide", tests, NULL, NULL);
}
