/*
 * Real cities divided: Manhattan, whose data has buildings but neither streets nor
 * households (heights stand in for them), and Washington.  Nothing is cut but what leaves
 * the area, by GEOS; the division is a strict partition, by the coverage's proof.
 */
#include <math.h>
#include <time.h>

#include "store_scratch.h"

#include "survey_job.h"
#include "wangge/assign.h"
#include "wangge/building.h"
#include "wangge/divide.h"
#include "wangge/grid.h"
#include "wangge/import.h"
#include "wangge/scheme.h"
#include "wangge/shape.h"

#define FLOOR_M 3.2
#define HOUSEHOLD_M2 250.0 /* of all floors: shops and offices counted in */

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool import_file(struct wg_store *store, enum wg_noun noun, const char *name,
                        const char *scheme)
{
    char path[1024];
    const char *folder = getenv("WG_TEST_SHARED");
    struct wg_error err = {0};
    struct wg_import_report report = {0};
    struct wg_import_options options = {.scheme = scheme, .parent = ""};
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", name);
    if (!folder || access(path, R_OK)) {
        fprintf(stderr, "# skipped: no %s in WG_TEST_SHARED\n", name);
        return false;
    }
    must(wg_import(store, noun, path, &options, &report, &err), &err);
    wg_import_report_finish(&report);
    return true;
}

struct heights {
    struct wg_survey *survey;
    size_t at;
};

/* Buildings come in order of id on both sides. */
static bool stand_in(const struct wg_building *b, void *user)
{
    struct heights *h = user;
    while (h->at < h->survey->n && h->survey->building[h->at].id < b->id)
        h->at++;
    if (h->at == h->survey->n || h->survey->building[h->at].id != b->id)
        return true;
    struct wg_survey_building *w = &h->survey->building[h->at];
    double height = b->height_m > 0 ? fmin(b->height_m, 120) : 9;
    w->households = (int64_t)(height / FLOOR_M * w->area_m2 / HOUSEHOLD_M2);
    w->population = 2 * w->households;
    return true;
}

struct areas {
    const struct wg_survey *survey;
    struct wg_multipolygon mp[3000];
    size_t n;
};

struct inside {
    const struct wg_survey *survey;
    const struct wg_multipolygon *mp;
    int n;
};

static bool count_inside(size_t i, void *user)
{
    struct inside *k = user;
    struct wg_point p = k->survey->building[i].middle;
    k->n += wg_multipolygon_side(k->mp, p.x, p.y) == WG_INSIDE;
    return k->n < 5;
}

/* Grids with five buildings or more. */
static bool keep_area(const struct wg_grid *g, void *user)
{
    struct areas *a = user;
    struct inside k = {a->survey, &g->geometry, 0};
    wg_survey_near(a->survey, wg_multipolygon_box(&g->geometry), count_inside, &k);
    if (k.n >= 5)
        must(wg_multipolygon_copy(&g->geometry, &a->mp[a->n++], NULL), NULL);
    return a->n < 3000;
}

static void prove(const struct wg_multipolygon *area, const struct wg_division *d)
{
    struct wg_error err = {0};
    struct wg_coverage_grid *grid = calloc(d->n, sizeof *grid);
    char(*code)[24] = calloc(d->n, sizeof *code);
    struct wg_coverage_options options = {.limit = area};
    struct wg_coverage *c = NULL;
    double sum = 0;
    assert_non_null(grid);
    assert_non_null(code);
    for (size_t i = 0; i < d->n; i++) {
        snprintf(code[i], sizeof code[i], "g%05zu", i);
        grid[i] = (struct wg_coverage_grid){
            .id = (int64_t)i + 1, .code = code[i], .level = 5, .geometry = d->grid[i]};
        sum += wg_multipolygon_area(&d->grid[i]);
        must(wg_shape_check(NULL, &d->grid[i], &err), &err);
    }
    must(wg_coverage_build(d->n, grid, &options, &c, &err), &err);
    must(wg_coverage_prove(c, &err), &err);
    double whole = wg_multipolygon_area(area);
    if (!(fabs(sum - whole) < 1e-5 * whole)) /* the lattice bends long edges */
        fail_msg("the areas sum to %.3f, not %.3f", sum, whole);
    wg_coverage_close(c);
    free(grid);
    free(code);
}

/* Buildings most of which lie in the area, and how many of them leave it. */
static int64_t leaving(const struct wg_survey *s, const struct wg_multipolygon *area,
                       int64_t *all)
{
    struct wg_error err = {0};
    struct wg_shape *shape = NULL;
    struct wg_box box = wg_multipolygon_box(area);
    int64_t n = 0;
    must(wg_shape_create(&shape, &err), &err);
    for (size_t i = 0; i < s->n; i++) {
        const struct wg_survey_building *b = &s->building[i];
        double common = b->area_m2;
        bool whole = wg_box_overlaps(b->box, box);
        if (!whole)
            continue;
        must(wg_shape_common_area(shape, area, b->footprint, &common, &err), &err);
        common /= b->area_m2;
        *all += common >= 0.5;
        n += common >= 0.5 && common < 1 - WG_CUT_SHARE;
    }
    wg_shape_destroy(shape);
    return n;
}

static void divide(const struct wg_survey *s, const struct wg_multipolygon *area,
                   const char *name, bool check_leaving)
{
    struct wg_error err = {0};
    struct wg_division d = {0};
    double began = now_s();
    int64_t all = 0, counted = 0;
    must(wg_divide(area, s, NULL, &d, &err), &err);
    printf("# %s: %zu grids, %lld in the norm, %lld cut, balance %.3f, compactness %.3f, "
           "%.2f s\n",
           name, d.n, (long long)d.in_norm, (long long)d.cut, d.balance, d.compactness,
           now_s() - began);
    prove(area, &d);
    for (size_t i = 0; i < d.n; i++)
        counted += d.buildings[i];
    if (check_leaving) {
        assert_int_equal(d.cut, leaving(s, area, &all));
        assert_int_equal(counted, all);
    }
    wg_division_finish(&d);
}

static void city(void **state, const char *crs, const char *buildings, const char *grids,
                 const char *name)
{
    struct scratch *scratch = *state;
    struct wg_error err = {0};
    struct wg_create_options create = {.crs = crs};
    struct wg_store *store = NULL;
    must(wg_store_create(scratch->db, &create, &err), &err);
    must(wg_store_open(scratch->db, NULL, &store, &err), &err);
    struct areas *a = calloc(1, sizeof *a);
    assert_non_null(a);
    if (import_file(store, WG_NOUN_BUILDINGS, buildings, NULL) &&
        import_file(store, WG_NOUN_GRIDS, grids, "areas")) {
        struct wg_survey *s = NULL;
        struct wg_filter whole = {.where = "building.part_of IS NULL",
                                  .no_geometry = true};
        must(wg_survey_read(store, NULL, &s, &err), &err);
        struct heights h = {s, 0};
        must(wg_building_each(store, &whole, stand_in, &h, &err), &err);
        a->survey = s;
        must(wg_grid_each(store, NULL, keep_area, a, &err), &err);
        assert_true(a->n > 3);
        for (size_t i = 0; i < a->n; i += a->n / 4)
            divide(s, &a->mp[i], name, true);
        const struct wg_multipolygon *list[3000];
        struct wg_multipolygon all = {0};
        for (size_t i = 0; i < a->n; i++)
            list[i] = &a->mp[i];
        must(wg_shape_union_all(NULL, a->n, list, &all, &err), &err);
        divide(s, &all, name, true);
        wg_multipolygon_finish(&all);
        wg_survey_destroy(s);
    }
    for (size_t i = 0; i < a->n; i++)
        wg_multipolygon_finish(&a->mp[i]);
    free(a);
    wg_store_close(store);
}

static void test_manhattan(void **state)
{
    city(state, "EPSG:32618", "nyc/manhattan_buildings.geojson.gz",
         "nyc/census_tract_2010.geojson.gz", "Manhattan");
}

static void test_washington(void **state)
{
    city(state, "EPSG:26985", "dc/dc_buildings.geojson", "dc/census_tract_2010.geojson",
         "Washington");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_washington, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_manhattan, scratch_setup, scratch_teardown)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("divide_cities", tests, NULL, NULL);
}
