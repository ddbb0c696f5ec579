/* Each rule of the check: a scheme with one fault gives that finding, at its place and
 * of its size, and a faultless one gives none. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/assign.h"
#include "wangge/check.h"

struct seen {
    int n, of[WG_RULE_MANAGEMENT + 1];
    struct wg_finding last[WG_RULE_MANAGEMENT + 1];
    char grid[WG_RULE_MANAGEMENT + 1][16], other[WG_RULE_MANAGEMENT + 1][16];
    int stop_after;
};

static bool see(const struct wg_finding *f, void *user)
{
    struct seen *s = user;
    s->n++;
    s->of[f->rule]++;
    s->last[f->rule] = *f;
    snprintf(s->grid[f->rule], 16, "%s", f->grid_code ? f->grid_code : "");
    snprintf(s->other[f->rule], 16, "%s", f->other_code ? f->other_code : "");
    assert_true(f->text && f->text[0]);
    assert_true(f->cure && f->cure[0]);
    assert_true(f->scheme > 0);
    return s->n != s->stop_after;
}

static struct seen check(struct wg_store *store, struct wg_check_options options)
{
    struct wg_error err = {0};
    struct seen s = {0};
    int64_t n = -1;
    must(wg_check(store, &options, (struct wg_progress){0}, see, &s, &n, &err), &err);
    assert_int_equal(n, s.n);
    return s;
}

static void sql(struct wg_store *store, const char *text)
{
    struct wg_error err = {0};
    must(wg_exec(store, text, &err), &err);
}

/* One finding of a rule and nothing else. */
static const struct wg_finding *only(const struct seen *s, enum wg_rule rule)
{
    if (s->n != 1 || s->of[rule] != 1) {
        for (int r = 1; r <= WG_RULE_MANAGEMENT; r++)
            if (s->of[r])
                print_message("# %d %s: %s\n", s->of[r], wg_rule_name((enum wg_rule)r),
                              s->last[r].text);
        fail_msg("not one finding of the rule %s alone", wg_rule_name(rule));
    }
    return &s->last[rule];
}

static const struct wg_check_options no_norms = {.no_norms = true};

/* Four squares of 100 m under one parent, coded by the form 6+3. */
static int64_t four(struct wg_store *store, int64_t *parent)
{
    int64_t scheme = new_scheme(store, "four", "6+3");
    *parent = new_grid(store, scheme, "520602", 4, 0, (struct wg_box){0, 0, 200, 200});
    new_grid(store, scheme, "520602001", 5, *parent, (struct wg_box){0, 100, 100, 200});
    new_grid(store, scheme, "520602002", 5, *parent, (struct wg_box){100, 100, 200, 200});
    new_grid(store, scheme, "520602003", 5, *parent, (struct wg_box){0, 0, 100, 100});
    new_grid(store, scheme, "520602004", 5, *parent, (struct wg_box){100, 0, 200, 100});
    return scheme;
}

static void rectangle_of(struct wg_store *store, const char *code, struct wg_box b)
{
    char text[400];
    snprintf(
        text, sizeof text,
        "UPDATE grid SET geom = ST_Multi(BuildMbr(%.17g, %.17g, %.17g, %.17g, 4545)) "
        "WHERE code = '%s'",
        X0 + b.min_x, Y0 + b.min_y, X0 + b.max_x, Y0 + b.max_y, code);
    sql(store, text);
}

static void a_sound_scheme_has_no_findings(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent;
    four(store, &parent);
    assert_int_equal(check(store, no_norms).n, 0);
}

static void overlaps_are_found_once_a_pair(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent;
    four(store, &parent);
    rectangle_of(store, "520602001", (struct wg_box){0, 100, 103, 200});
    struct seen s = check(store, no_norms);
    const struct wg_finding *f = only(&s, WG_RULE_OVERLAP);
    assert_true(fabs(f->size - 300) < 1e-6);
    assert_true(f->x > X0 + 100 && f->x < X0 + 103 && f->y > Y0 + 100 && f->y < Y0 + 200);
    /* passed over when told to */
    assert_int_equal(
        check(store, (struct wg_check_options){.sliver_m2 = 301, .no_norms = true}).n, 0);
}

static void gaps_are_found_with_and_without_parents(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent;
    four(store, &parent);
    rectangle_of(store, "520602001", (struct wg_box){0, 100, 98, 200});
    struct seen s = check(store, no_norms);
    const struct wg_finding *f = only(&s, WG_RULE_GAP);
    assert_int_equal(f->grid, parent);
    assert_true(fabs(f->size - 200) < 1e-6);
    assert_true(f->x > X0 + 98 && f->x < X0 + 100 && f->y > Y0 + 100);
    sql(store, "UPDATE grid SET valid_to = '2020-01-01'; "
               "UPDATE scheme SET valid_to = '2020-01-01'");

    /* eight squares around nothing; with a smaller one as an island in the middle */
    int64_t ring = new_scheme(store, "ring", NULL);
    char code[8];
    for (int k = 0; k < 9; k++) {
        snprintf(code, sizeof code, "R%d", k);
        double x = k % 3 * 100, y = k / 3 * 100;
        if (k != 4)
            new_grid(store, ring, code, 5, 0, (struct wg_box){x, y, x + 100, y + 100});
    }
    s = check(store, no_norms);
    f = only(&s, WG_RULE_GAP);
    assert_int_equal(f->grid, 0);
    assert_true(fabs(f->size - 10000) < 1e-6);
    assert_true(fabs(f->x - X0 - 150) < 5 && fabs(f->y - Y0 - 150) < 5);
    new_grid(store, ring, "I", 5, 0, (struct wg_box){120, 120, 180, 180});
    s = check(store, no_norms);
    f = only(&s, WG_RULE_GAP);
    assert_true(fabs(f->size - 6400) < 1e-6);
    assert_true(fabs(f->x - X0 - 150) > 29 || fabs(f->y - Y0 - 150) > 29);
    /* open to the outside: no gap */
    sql(store, "DELETE FROM grid WHERE code IN ('R1', 'I')");
    assert_int_equal(check(store, no_norms).n, 0);
}

static void rings_that_cross_are_found_with_their_place(void **state)
{
    struct wg_store *store = noun_store(state);
    char text[300];
    new_scheme(store, "s", NULL);
    snprintf(
        text, sizeof text,
        "INSERT INTO grid (scheme_id, code, geom) VALUES ((SELECT id FROM scheme), 'X', "
        "GeomFromText('MULTIPOLYGON(((%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f "
        "%.1f)))', 4545))",
        X0, Y0, X0 + 10, Y0 + 10, X0 + 10, Y0, X0, Y0 + 10, X0, Y0);
    sql(store, text);
    struct seen s = check(store, no_norms);
    const struct wg_finding *f = only(&s, WG_RULE_INVALID_RING);
    assert_true(f->x == X0 + 5 && f->y == Y0 + 5);
    assert_string_equal(s.grid[WG_RULE_INVALID_RING], "X");
}

static void a_grid_without_a_polygon_is_told(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent;
    four(store, &parent);
    sql(store, "UPDATE grid SET geom = NULL WHERE code = '520602004'");
    struct seen s = check(store, no_norms);
    assert_int_equal(s.of[WG_RULE_INVALID_RING], 1);
    assert_true(isnan(s.last[WG_RULE_INVALID_RING].x));
    assert_string_equal(s.grid[WG_RULE_INVALID_RING], "520602004");
    assert_int_equal(s.n, 2); /* and that the parent is not filled */
}

static void nesting_is_checked(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent, scheme = four(store, &parent);
    rectangle_of(store, "520602004", (struct wg_box){100, 0, 204, 100});
    struct seen s = check(store, no_norms);
    const struct wg_finding *f = only(&s, WG_RULE_OUTSIDE_PARENT);
    assert_true(fabs(f->size - 400) < 1e-6 && f->x > X0 + 200);
    assert_int_equal(f->other, parent);
    rectangle_of(store, "520602004", (struct wg_box){100, 0, 200, 100});
    new_grid(store, scheme, "520603001", 5, 0, (struct wg_box){500, 0, 600, 100});
    s = check(store, no_norms);
    only(&s, WG_RULE_NO_PARENT);
    assert_string_equal(s.grid[WG_RULE_NO_PARENT], "520603001");
}

static void codes_are_checked(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent;
    four(store, &parent);
    sql(store, "UPDATE grid SET code = '520603001' WHERE code = '520602001'");
    struct seen s = check(store, no_norms);
    only(&s, WG_RULE_CODE_PREFIX);
    assert_string_equal(s.grid[WG_RULE_CODE_PREFIX], "520603001");
    assert_string_equal(s.other[WG_RULE_CODE_PREFIX], "520602");
    sql(store, "UPDATE grid SET code = '5206020x1' WHERE code = '520603001'");
    s = check(store, no_norms);
    only(&s, WG_RULE_CODE_FORM);
    sql(store, "UPDATE scheme SET code_form = 'free'");
    assert_int_equal(check(store, no_norms).n, 0);
}

static void cut_buildings_are_found_with_their_share(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent;
    char text[300];
    four(store, &parent);
    snprintf(
        text, sizeof text,
        "INSERT INTO building (id, geom) VALUES (7, ST_Multi(BuildMbr(%.1f, %.1f, %.1f, "
        "%.1f, 4545))), (8, ST_Multi(BuildMbr(%.1f, %.1f, %.1f, %.1f, 4545)))",
        X0 + 92, Y0 + 10, X0 + 102, Y0 + 20, X0 + 10, Y0 + 10, X0 + 20, Y0 + 20);
    sql(store, text);
    struct seen s = check(store, no_norms);
    const struct wg_finding *f = only(&s, WG_RULE_CUT_BUILDING);
    assert_int_equal(f->building, 7);
    assert_string_equal(s.grid[WG_RULE_CUT_BUILDING], "520602003");
    assert_true(fabs(f->size - 0.2) < 1e-9);
    assert_true(fabs(f->x - X0 - 97) < 1e-6 && fabs(f->y - Y0 - 15) < 1e-6);
}

static void norms_and_officers_are_checked(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t parent;
    char text[500];
    four(store, &parent);
    sql(store,
        "INSERT INTO officer (id, name) VALUES (1, 'A'), (2, 'B'); UPDATE officer SET "
        "valid_to = '2020-01-01' WHERE id = 2; INSERT INTO duty (officer_id, grid_id) "
        "SELECT 1, id FROM grid WHERE code <> '520602002'; INSERT INTO duty "
        "(officer_id, grid_id) SELECT 2, id FROM grid WHERE code = '520602002'");
    struct seen s = check(store, (struct wg_check_options){0});
    only(&s, WG_RULE_NO_OFFICER);
    assert_string_equal(s.grid[WG_RULE_NO_OFFICER], "520602002");
    sql(store, "UPDATE officer SET valid_to = NULL");
    assert_int_equal(check(store, (struct wg_check_options){0}).n, 0);

    sql(store,
        "UPDATE scheme SET area_min_m2 = 9000, area_max_m2 = 11000, households_min = "
        "10, households_max = 20");
    assert_int_equal(check(store, (struct wg_check_options){0}).n, 0);
    for (int i = 0; i < 4; i++) {
        static const int households[] = {10, 20, 21, 15};
        double x = X0 + 10 + i % 2 * 100, y = Y0 + 10 + i / 2 * 100;
        snprintf(
            text, sizeof text,
            "INSERT INTO building (geom, households) VALUES (ST_Multi(BuildMbr(%.1f, "
            "%.1f, %.1f, %.1f, 4545)), %d)",
            x, y, x + 10, y + 10, households[i]);
        sql(store, text);
    }
    s = check(store, (struct wg_check_options){0});
    const struct wg_finding *f = only(&s, WG_RULE_HOUSEHOLDS);
    assert_true(f->size == 21);
    assert_string_equal(s.grid[WG_RULE_HOUSEHOLDS], "520602001");
    sql(store, "UPDATE scheme SET area_min_m2 = 10001, households_max = 21");
    s = check(store, (struct wg_check_options){0});
    assert_int_equal(s.n, 4);
    assert_int_equal(s.of[WG_RULE_AREA], 4);
    assert_true(fabs(s.last[WG_RULE_AREA].size - 10000) < 1e-6);
}

static bool never(uint64_t done, uint64_t total, void *user)
{
    return false;
}

static void the_check_stops_and_leaves_the_callers_work(void **state)
{
    struct wg_store *store = noun_store(state); /* in a transaction of its own */
    struct wg_error err = {0};
    struct seen s = {.stop_after = 2};
    int64_t parent, n = -1;
    four(store, &parent);
    must(wg_check(store, NULL, (struct wg_progress){0}, see, &s, &n, &err), &err);
    assert_int_equal(s.n, 2);
    assert_int_equal(
        wg_check(store, NULL, (struct wg_progress){never, NULL}, see, &s, NULL, &err),
        WG_CANCELLED);
    assert_int_equal(wg_check(store, &(struct wg_check_options){.scheme = 99},
                              (struct wg_progress){0}, see, &s, NULL, &err),
                     WG_NOT_FOUND);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(a_sound_scheme_has_no_findings),
        NOUN_TEST(overlaps_are_found_once_a_pair),
        NOUN_TEST(gaps_are_found_with_and_without_parents),
        NOUN_TEST(rings_that_cross_are_found_with_their_place),
        NOUN_TEST(a_grid_without_a_polygon_is_told),
        NOUN_TEST(nesting_is_checked),
        NOUN_TEST(codes_are_checked),
        NOUN_TEST(cut_buildings_are_found_with_their_share),
        NOUN_TEST(norms_and_officers_are_checked),
        NOUN_TEST(the_check_stops_and_leaves_the_callers_work),
    };
    return cmocka_run_group_tests_name("check", tests, noun_group_setup,
                                       noun_group_teardown);
}
