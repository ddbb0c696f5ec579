/* A division put into a coverage: one step, proved, undone to the same bytes. */
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
#include "wangge/crs.h"
#include "wangge/divide.h"
#include "wangge/shape.h"

#define X0 500000.0
#define Y0 3050000.0

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static struct wg_multipolygon box_at(double x, double y, double w, double h, double skew)
{
    char wkt[400];
    struct wg_error err = {0};
    struct wg_multipolygon mp = {0};
    snprintf(wkt, sizeof wkt,
             "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", X0 + x,
             Y0 + y, X0 + x + w, Y0 + y + skew, X0 + x + w, Y0 + y + h + skew, X0 + x,
             Y0 + y + h, X0 + x, Y0 + y);
    must(wg_shape_from_wkt(NULL, wkt, &mp, &err), &err);
    return mp;
}

static struct wg_survey *houses(struct random *r)
{
    struct wg_error err = {0};
    struct wg_survey *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int i = 0; i < 120; i++) {
        struct wg_multipolygon mp =
            box_at(i % 12 * 50 + 8, i / 12 * 40 + 6, random_real(r, 10, 36),
                   random_real(r, 8, 24), 0);
        must(wg_survey_add_building(s, i + 1, &mp, random_between(r, 2, 20), 9, &err),
             &err);
        wg_multipolygon_finish(&mp);
    }
    must(wg_survey_seal(s, &err), &err);
    return s;
}

/* Three grids beside each other inside a limit that leaves a free strip in the east. */
static struct wg_coverage *three(double skew)
{
    struct wg_error err = {0};
    struct wg_coverage *c = NULL;
    struct wg_coverage_grid grid[3];
    static const char *const code[3] = {"a", "b", "c"};
    struct wg_multipolygon limit = box_at(0, 0, 600, 400, 3 * skew);
    for (int i = 0; i < 3; i++)
        grid[i] =
            (struct wg_coverage_grid){.id = i + 1,
                                      .code = code[i],
                                      .level = 5,
                                      .geometry = box_at(0, i * 130, 450, 130, skew)};
    struct wg_coverage_options options = {.limit = skew == 0 ? &limit : NULL};
    must(wg_coverage_build(3, grid, &options, &c, &err), &err);
    for (int i = 0; i < 3; i++)
        wg_multipolygon_finish(&grid[i].geometry);
    wg_multipolygon_finish(&limit);
    return c;
}

static double area_of(const struct wg_coverage *c)
{
    double sum = 0;
    for (uint32_t i = 0; i < wg_coverage_count(c); i++) {
        struct wg_coverage_face f;
        wg_coverage_face_at(c, i, &f);
        sum += f.area_m2;
    }
    return sum;
}

static void test_grid(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct random r = {seed};
        struct wg_error err = {0};
        struct wg_survey *s = houses(&r);
        struct wg_coverage *c = three(seed % 2 ? 37.3 : 0);
        struct wg_multipolygon area = {0};
        struct wg_division d = {0};
        struct wg_coverage_face face;
        struct wg_divide_options options = {.target = 2 + (uint32_t)(seed % 4)};
        void *before = NULL, *after = NULL;
        size_t n_before = 0, n_after = 0;
        int64_t grid = (int64_t)(seed % 3) + 1;
        must(wg_coverage_polygon(c, grid, &area, &err), &err);
        must(wg_coverage_bytes(c, &before, &n_before, &err), &err);
        double sum = area_of(c);
        must(wg_divide(&area, s, &options, &d, &err), &err);
        must(wg_coverage_divide(c, grid, &d, NULL, &err), &err);
        must(wg_coverage_prove(c, &err), &err);
        assert_int_equal(wg_coverage_undo_count(c), 1);
        assert_string_equal(wg_coverage_step(c, 0, NULL), "divide");
        assert_true(fabs(area_of(c) - sum) < 1e-6 * sum);
        must(wg_coverage_face(c, grid, &face, &err), &err);
        assert_string_equal(face.code, seed % 3 == 0 ? "a" : seed % 3 == 1 ? "b" : "c");
        assert_true(fabs(face.area_m2 - wg_multipolygon_area(&d.grid[0])) < 0.5);
        for (uint32_t g = 0; g < d.n; g++) {
            struct wg_point p;
            must(wg_shape_label_point(NULL, &d.grid[g], &p, &err), &err);
            int64_t at = wg_coverage_at(c, p.x, p.y);
            assert_true(g == 0 ? at == grid : at < 0);
            must(wg_coverage_face(c, at, &face, &err), &err);
            assert_true(fabs(face.area_m2 - wg_multipolygon_area(&d.grid[g])) < 0.5);
        }
        assert_true(wg_coverage_undo(c));
        must(wg_coverage_bytes(c, &after, &n_after, &err), &err);
        assert_int_equal(n_before, n_after);
        assert_memory_equal(before, after, n_before);
        assert_true(wg_coverage_redo(c));
        must(wg_coverage_prove(c, &err), &err);
        wg_free(before);
        wg_free(after);
        wg_division_finish(&d);
        wg_multipolygon_finish(&area);
        wg_coverage_close(c);
        wg_survey_destroy(s);
    }
}

static void test_free_area(void **state)
{
    (void)state;
    struct random r = {3};
    struct wg_error err = {0};
    struct wg_survey *s = houses(&r);
    struct wg_coverage *c = three(0);
    struct wg_multipolygon area = box_at(450, 0, 150, 390, 0);
    struct wg_division d = {0};
    struct wg_divide_options options = {.target = 3};
    struct wg_new_grid as = {.name = "new", .level = 5};
    must(wg_divide(&area, s, &options, &d, &err), &err);
    must(wg_coverage_divide(c, 0, &d, &as, &err), &err);
    must(wg_coverage_prove(c, &err), &err);
    assert_int_equal(wg_coverage_count(c), 6);
    assert_true(fabs(area_of(c) - 600 * 390) < 0.01);
    assert_int_equal(wg_coverage_divide(c, 0, &d, &as, &err), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_NOT_FREE);
    assert_int_equal(wg_coverage_divide(c, 99, &d, NULL, &err), WG_NOT_FOUND);
    assert_int_equal(wg_coverage_divide(c, 1, &d, NULL, &err), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_undo_count(c), 1);
    wg_division_finish(&d);
    assert_int_equal(wg_coverage_divide(c, 1, &d, NULL, &err), WG_INVALID);
    wg_multipolygon_finish(&area);
    wg_coverage_close(c);
    wg_survey_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grid),
                                       cmocka_unit_test(test_free_area)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("coverage_divide", tests, NULL, NULL);
}
