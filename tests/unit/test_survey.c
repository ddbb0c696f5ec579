/* What a survey reads, against SQL; its index of boxes, against looking at all. */
#include "noun_scratch.h"

#include <math.h>

#include "random.h"
#include "survey_job.h"
#include "wangge/building.h"
#include "wangge/ground.h"

static int64_t new_building(struct wg_store *store, double x, double y,
                            int64_t households, int64_t part_of)
{
    struct wg_error err = {0};
    struct wg_building b;
    int64_t id = 0;
    wg_building_init(&b);
    b.households = households;
    b.part_of = part_of;
    b.geometry = rectangle(X0 + x, Y0 + y, 10, 8);
    must(wg_building_create(store, &b, &id, &err), &err);
    wg_building_finish(&b);
    return id;
}

static void test_read(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_survey *survey = NULL;
    int64_t scheme = new_scheme(store, "s", "free");
    int64_t grid = new_grid(store, scheme, "a", 5, 0, (struct wg_box){0, 0, 500, 500});
    int64_t own = new_building(store, 0, 0, 7, 0);
    int64_t counted = new_building(store, 20, 0, WG_UNKNOWN, 0);
    int64_t unknown = new_building(store, 40, 0, WG_UNKNOWN, 0);
    int64_t ended = new_building(store, 60, 0, 3, 0);
    int64_t far = new_building(store, 4000, 0, 3, 0);
    new_building(store, 0, 0, 5, own);
    must(wg_building_end(store, ended, "2001-01-01T00:00:00Z", &err), &err);
    runf(store,
         "INSERT INTO dwelling (building_id, households, population, valid_to) VALUES "
         "(%lld, 2, 5, NULL), (%lld, 1, 2, NULL), (%lld, 9, 9, '2001-01-01T00:00:00Z'), "
         "(%lld, 4, 4, NULL)",
         (long long)counted, (long long)counted, (long long)counted, (long long)own);
    runf(store,
         "INSERT INTO event (id, geom) VALUES (1, MakePoint(500010, 3050010, 4545)), (2, "
         "NULL), (3, MakePoint(500020, 3050020, 4545)), (4, MakePoint(504000, 3050020, "
         "4545))");
    runf(store, "UPDATE event_status SET stage = 7 WHERE event_id = 3");
    runf(store, "INSERT INTO officer (id, name, valid_to) VALUES (1, 'a', NULL), (2, "
                "'b', NULL), (3, 'c', '2001-01-01T00:00:00Z')");
    runf(store,
         "INSERT INTO duty (officer_id, grid_id, role) VALUES (1, %lld, 'x'), (1, %lld, "
         "'y'), (2, %lld, 'x'), (3, %lld, 'x')",
         (long long)grid, (long long)grid, (long long)grid, (long long)grid);
    double x[] = {X0, X0 + 100, X0 + 200}, y[] = {Y0, Y0, Y0 + 10};
    struct wg_road road;
    wg_road_init(&road);
    road.class_code = "lane";
    road.n = 3;
    road.x = x;
    road.y = y;
    must(wg_road_create(store, &road, NULL, &err), &err);

    struct wg_box box = {X0 - 10, Y0 - 10, X0 + 1000, Y0 + 1000};
    struct wg_survey_options options = {.box = &box, .scheme = scheme};
    must(wg_survey_read(store, &options, &survey, &err), &err);
    struct wg_survey_building b;
    assert_int_equal(wg_survey_count(survey), 3);
    wg_survey_at(survey, 0, &b);
    assert_int_equal(b.id, own);
    assert_int_equal(b.households, 7);
    assert_int_equal(b.population, 4); /* it has no count of its own */
    assert_true(b.area_m2 == 80);
    assert_true(b.middle.x == X0 + 5 && b.middle.y == Y0 + 4);
    wg_survey_at(survey, 1, &b);
    assert_int_equal(b.id, counted);
    assert_int_equal(b.households, 3);
    assert_int_equal(b.population, 7);
    assert_int_equal(b.footprint->n_vertex, 5);
    wg_survey_at(survey, 2, &b);
    assert_int_equal(b.id, unknown);
    assert_int_equal(b.households, WG_UNKNOWN);
    assert_int_equal(wg_survey_event_count(survey), 1);
    assert_true(wg_survey_event(survey, 0).x == X0 + 10);
    assert_int_equal(wg_survey_officers(survey, grid), 2);
    assert_int_equal(wg_survey_officers(survey, grid + 1), 0);
    struct wg_line line;
    const char *class_code;
    assert_int_equal(wg_survey_street_count(survey), 1);
    wg_survey_street(survey, 0, &line, &class_code);
    assert_int_equal(line.n, 3);
    assert_string_equal(class_code, "lane");
    assert_true(line.x[1] == X0 + 100 && line.y[2] == Y0 + 10);
    wg_survey_destroy(survey);

    must(wg_survey_read(store, NULL, &survey, &err), &err);
    assert_int_equal(wg_survey_count(survey), 4);
    wg_survey_at(survey, 3, &b);
    assert_int_equal(b.id, far);
    assert_int_equal(wg_survey_event_count(survey), 2);
    wg_survey_destroy(survey);
    wg_survey_destroy(NULL);
}

static bool mark(size_t i, void *user)
{
    unsigned char *seen = user;
    seen[i]++;
    return true;
}

static void test_near(void **state)
{
    (void)state;
    struct wg_error err = {0};
    for (size_t n = 0; n < 400; n = n * 3 + 1) {
        struct wg_survey *survey = calloc(1, sizeof *survey);
        assert_non_null(survey);
        struct random r = {12 + n};
        for (size_t i = 0; i < n; i++) {
            struct wg_multipolygon mp = rectangle(
                X0 + random_real(&r, 0, 1) * 1000, Y0 + random_real(&r, 0, 1) * 1000,
                5 + random_real(&r, 0, 1) * 50, 5 + random_real(&r, 0, 1) * 50);
            must(wg_survey_add_building(survey, (int64_t)i + 1, &mp, 1, 1, &err), &err);
            wg_multipolygon_finish(&mp);
        }
        must(wg_survey_seal(survey, &err), &err);
        for (int round = 0; round < 200; round++) {
            double x = X0 + random_real(&r, 0, 1) * 1000,
                   y = Y0 + random_real(&r, 0, 1) * 1000;
            double size = random_real(&r, 0, 1) * (round % 3 ? 30 : 600);
            struct wg_box box = {x, y, x + size, y + size};
            unsigned char seen[512] = {0};
            wg_survey_near(survey, box, mark, seen);
            for (size_t i = 0; i < n; i++) {
                struct wg_survey_building b;
                wg_survey_at(survey, i, &b);
                assert_int_equal(seen[i], wg_box_overlaps(b.box, box));
            }
        }
        wg_survey_destroy(survey);
    }
}

static void test_norms(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_norms norms;
    int64_t scheme = new_scheme(store, "n", "free");
    must(wg_norms_read(store, scheme, &norms, &err), &err);
    assert_true(norms.households_min == WG_UNKNOWN && isnan(norms.area_max_m2));
    runf(store, "UPDATE scheme SET households_min = 300, households_max = 500, "
                "area_max_m2 = 11000 WHERE name = 'n'");
    must(wg_norms_read(store, scheme, &norms, &err), &err);
    assert_int_equal(norms.households_min, 300);
    assert_int_equal(norms.households_max, 500);
    assert_int_equal(norms.population_max, WG_UNKNOWN);
    assert_true(isnan(norms.area_min_m2) && norms.area_max_m2 == 11000);
    assert_int_equal(wg_norms_read(store, 999, &norms, &err), WG_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {NOUN_TEST(test_read), NOUN_TEST(test_near),
                                       NOUN_TEST(test_norms)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("survey", tests, noun_group_setup,
                                       noun_group_teardown);
}
