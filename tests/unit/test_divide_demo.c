/* The demo's community divided, and the balance of its largest grid within a frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"
#include "wangge/coverage.h"
#include "wangge/divide.h"
#include "wangge/survey.h"

static char folder[] = "/tmp/wangge-divide-XXXXXX";

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static struct wg_store *make(const char *name, int64_t buildings)
{
    char path[256];
    struct wg_error err;
    struct wg_create_options create = {.crs = "EPSG:4545", .name = "demo"};
    struct wg_store *store = NULL;
    struct demo_options options = {.buildings = buildings, .seed = 1};
    struct demo_city city;
    snprintf(path, sizeof path, "%s/%s.wangge", folder, name);
    must(wg_store_create(path, &create, &err), &err);
    must(wg_store_open(path, NULL, &store, &err), &err);
    must(wg_instant_parse("2026-06-30T15:20:00Z", 0, &options.until_ms, &err), &err);
    assert_true(demo_make(&city, &options));
    must(demo_write(store, &city, (struct wg_progress){0}, &err), &err);
    demo_city_finish(&city);
    return store;
}

static bool take_area(const struct wg_grid *g, void *user)
{
    must(wg_multipolygon_copy(&g->geometry, user, NULL), NULL);
    return false;
}

static void test_division(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_store *store = make("community", 0);
    struct wg_survey *survey = NULL;
    struct wg_multipolygon area = {0};
    int64_t scheme = 0;
    must(wg_survey_read(store, NULL, &survey, &err), &err);
    must(wg_scheme_find(store, "basic", &scheme, &err), &err);
    struct wg_filter filter = {.scheme = scheme, .level = WG_LEVEL_COMMUNITY};
    must(wg_grid_each(store, &filter, take_area, &area, &err), &err);
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct wg_divide_options options = {.random = seed};
        struct wg_division d = {0};
        double began = now_ms();
        must(wg_divide(&area, survey, &options, &d, &err), &err);
        printf("# demo: %zu grids, %lld in the norm, balance %.3f, compactness %.3f, on "
               "streets %.3f, %.0f ms\n",
               d.n, (long long)d.in_norm, d.balance, d.compactness, d.on_street,
               now_ms() - began);
        assert_int_equal(d.cut, 0);
        assert_int_equal(d.n, 14);
        assert_int_equal(d.in_norm, 14);
        assert_true(d.balance < 0.15);
        assert_true(d.compactness > 0.5);
        assert_true(d.on_street > 0.9);
        int64_t households = 0;
        for (size_t i = 0; i < d.n; i++)
            households += d.households[i];
        assert_int_equal(households, 5504);
        wg_division_finish(&d);
    }
    wg_multipolygon_finish(&area);
    wg_survey_destroy(survey);
    wg_store_close(store);
}

struct largest {
    int64_t grid;
    double area;
};

static void find_largest(const struct wg_coverage *c, struct largest *out)
{
    for (uint32_t i = 0; i < wg_coverage_count(c); i++) {
        struct wg_coverage_face f;
        wg_coverage_face_at(c, i, &f);
        if (!f.ended && f.area_m2 > out->area)
            *out = (struct largest){f.id, f.area_m2};
    }
}

static bool count(const struct wg_balance *b, void *user)
{
    (void)b;
    ++*(int *)user;
    return true;
}

static int compare(const void *a, const void *b)
{
    const double *l = a, *r = b;
    return (*l > *r) - (*l < *r);
}

/* A corner of the largest grid dragged about. */
static void balance_of(struct wg_store *store, const char *name)
{
    struct wg_error err = {0};
    struct wg_survey *survey = NULL;
    struct wg_coverage *c = NULL;
    struct wg_balancer *b = NULL;
    struct wg_norms norms;
    struct wg_multipolygon mp = {0};
    struct largest largest = {0};
    int64_t scheme = 0;
    double ms[60], began;
    int n = 0;
    must(wg_scheme_find(store, "basic", &scheme, &err), &err);
    struct wg_survey_options options = {.scheme = scheme};
    must(wg_survey_read(store, &options, &survey, &err), &err);
    must(wg_norms_read(store, scheme, &norms, &err), &err);
    struct wg_coverage_options follow = {.limit = NULL};
    must(wg_coverage_open(store, scheme, &follow, &c, &err), &err);
    wg_coverage_parents_follow(c, true);
    find_largest(c, &largest);
    must(wg_coverage_polygon(c, largest.grid, &mp, &err), &err);
    must(wg_balancer_create(c, survey, &norms, &b, &err), &err);
    for (uint32_t i = 0; i < mp.n_vertex && n < 60; i++) {
        for (int k = 0; k < 4 && n < 60; k++) {
            int told = 0;
            struct wg_point at = {mp.x[i], mp.y[i]};
            struct wg_point to = {mp.x[i] + 3 - k * 2, mp.y[i] + k - 2};
            if (wg_coverage_move(c, at, 0, to, &err))
                continue;
            began = now_ms();
            must(wg_balance_each(b, c, count, &told, &err), &err);
            ms[n++] = now_ms() - began;
            assert_true(told > 0);
            assert_true(wg_coverage_undo(c));
        }
    }
    assert_true(n > 10);
    qsort(ms, (size_t)n, sizeof *ms, compare);
    printf("# %s, %zu buildings: balance of an edit of the largest grid: median %.2f ms, "
           "longest %.2f ms\n",
           name, wg_survey_count(survey), ms[n / 2], ms[n - 1]);
    assert_true(ms[n / 2] < 16);
    wg_multipolygon_finish(&mp);
    wg_balancer_destroy(b);
    wg_coverage_close(c);
    wg_survey_destroy(survey);
}

static void test_balance(void **state)
{
    (void)state;
    struct wg_store *store = make("balance", 0);
    balance_of(store, "community");
    wg_store_close(store);
}

/* Slow to make: only when asked for ("WG_TEST_CITY=100000"). */
static void test_balance_city(void **state)
{
    (void)state;
    const char *buildings = getenv("WG_TEST_CITY");
    if (!buildings) {
        printf("# skipped: no WG_TEST_CITY\n");
        return;
    }
    struct wg_store *store = make("city", atoll(buildings));
    balance_of(store, "city");
    wg_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_division),
                                       cmocka_unit_test(test_balance),
                                       cmocka_unit_test(test_balance_city)};
    assert_non_null(mkdtemp(folder));
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests_name("divide_demo", tests, NULL, NULL);
    char command[300];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) ? 1 : failed;
}
