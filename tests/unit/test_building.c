/* Buildings and dwellings: heights, parts, refusals, filters by owner, alert levels. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/building.h"
#include "wangge/dwelling.h"
#include "wangge/event.h"

/* A building of 10 × 10 m east of X0 by x metres; the caller finishes it. */
static void fill(struct wg_building *b, const char *code, double x)
{
    wg_building_init(b);
    b->code = code;
    b->geometry = rectangle(X0 + x, Y0, 10, 10);
}

static int64_t new_building(struct wg_store *store, const char *code, double x)
{
    struct wg_error err = {0};
    struct wg_building b;
    int64_t id = 0;
    fill(&b, code, x);
    must(wg_building_create(store, &b, &id, &err), &err);
    wg_building_finish(&b);
    return id;
}

/* ---- height ---- */

static void test_height(void **state)
{
    static const struct {
        double base, height;
        int64_t floors;
        double expected;
        const char *from;
    } cases[] = {
        {0, 12.5, 4, 12.5, "measured"},
        {0, NAN, 4, 12, "floors"},
        {0, NAN, 0, 6, "default"},
        {0, NAN, WG_UNKNOWN, 6, "default"},
        {3, NAN, WG_UNKNOWN, 6, "default"},
        {NAN, NAN, 2, 6, "floors"},
        {30, NAN, WG_UNKNOWN, 36, "default"}, /* hovers: counted from its underside */
        {30, NAN, 2, 36, "floors"},
        {-4, 0, WG_UNKNOWN, 0, "measured"},
    };
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_error err = {0};
        struct wg_building b, got;
        int64_t id = 0;
        fill(&b, NULL, 0);
        b.base_m = cases[i].base;
        b.height_m = cases[i].height;
        b.floors = cases[i].floors;
        must(wg_building_create(store, &b, &id, &err), &err);
        must(wg_building_read(store, id, &got, &err), &err);
        assert_true(got.height_m == cases[i].expected);
        assert_string_equal(got.height_from, cases[i].from);
        assert_int_equal(got.floors, cases[i].floors);
        assert_true(same_polygon(&b.geometry, &got.geometry));
        wg_building_finish(&b);
        wg_building_finish(&got);
    }
}

/* A height nobody measured, handed back as it was read, stays made up. */
static void test_height_update(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_building b;
    int64_t id = new_building(store, "B", 0);
    must(wg_building_read(store, id, &b, &err), &err);
    b.floors = 5;
    must(wg_building_update(store, &b, &err), &err);
    wg_building_finish(&b);
    must(wg_building_read(store, id, &b, &err), &err);
    assert_true(b.height_m == 15);
    assert_string_equal(b.height_from, "floors");
    b.height_m = 17;
    must(wg_building_update(store, &b, &err), &err);
    wg_building_finish(&b);
    must(wg_building_read(store, id, &b, &err), &err);
    assert_true(b.height_m == 17);
    assert_string_equal(b.height_from, "measured");
    b.height_m = NAN;
    b.floors = WG_UNKNOWN;
    must(wg_building_update(store, &b, &err), &err);
    wg_building_finish(&b);
    must(wg_building_read(store, id, &b, &err), &err);
    assert_true(b.height_m == 6);
    assert_string_equal(b.height_from, "default");
    wg_building_finish(&b);
}

/* ---- parts ---- */

static void test_parts(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t whole = new_building(store, "W", 0), other = new_building(store, "O", 20);
    int64_t part = 0, id = 0;
    struct wg_building b, got;
    fill(&b, "P", 0);
    b.part_of = whole;
    must(wg_building_create(store, &b, &part, &err), &err);
    must(wg_building_read(store, whole, &got, &err), &err);
    assert_true(got.has_parts);
    wg_building_finish(&got);
    must(wg_building_read(store, part, &got, &err), &err);
    assert_false(got.has_parts);
    assert_int_equal(got.part_of, whole);
    wg_building_finish(&got);

    b.code = "Q";
    b.part_of = part;
    refused(wg_building_create(store, &b, &id, &err), &err, WG_INVALID, "no parts");
    b.part_of = 99;
    refused(wg_building_create(store, &b, &id, &err), &err, WG_NOT_FOUND, "99");
    b.id = whole;
    b.part_of = whole;
    refused(wg_building_update(store, &b, &err), &err, WG_INVALID, "part of itself");
    b.part_of = other;
    refused(wg_building_update(store, &b, &err), &err, WG_INVALID, "has parts");
    wg_building_finish(&b);

    must(wg_building_end(store, part, NULL, &err), &err);
    must(wg_building_read(store, whole, &got, &err), &err);
    assert_false(got.has_parts);
    wg_building_finish(&got);
}

/* ---- refusals ---- */

static void test_refusals(void **state)
{
    const struct wg_building ok = {
        .base_m = 0,
        .height_m = NAN,
        .roof_m = NAN,
        .floors = -1,
        .households = -1,
        .population = -1,
        .elderly_alone = -1,
    };
    struct wg_building c[16];
    for (size_t i = 0; i < 16; i++)
        c[i] = ok;
    c[0].code = "taken";
    c[1].height_m = -3;
    c[2].height_m = INFINITY;
    c[3].base_m = INFINITY;
    c[4].height_m = 4, c[4].base_m = 4;
    c[5].roof = "dome";
    c[6].floors = -2;
    c[7].households = -9;
    c[8].population = -2;
    c[9].elderly_alone = -2;
    c[10].valid_from = "later";
    c[11].valid_from = "2026-03-01", c[11].valid_to = "2026-02-28T23:59:59Z";
    c[12].roof_m = 7;
    c[13].name = "\xc3(";
    c[14].id = -4;
    c[15].id = 1;
    static const struct {
        enum wg_status status;
        const char *words;
    } expected[16] = {
        {WG_EXISTS, "building taken"},
        {WG_INVALID, "negative"},
        {WG_INVALID, "finite"},
        {WG_INVALID, "finite"},
        {WG_INVALID, "above its underside"},
        {WG_INVALID, "flat, gabled, hipped, pyramid, not \"dome\""},
        {WG_INVALID, "floors is -2"},
        {WG_INVALID, "households is -9"},
        {WG_INVALID, "population"},
        {WG_INVALID, "elderly_alone"},
        {WG_FORMAT, "later"},
        {WG_INVALID, "before it begins"},
        {WG_INVALID, "roof"},
        {WG_FORMAT, "UTF-8"},
        {WG_INVALID, "ids begin at 1"},
        {WG_EXISTS, "id 1"},
    };
    struct wg_store *store = noun_store(state);
    assert_int_equal(new_building(store, "taken", 0), 1);
    for (size_t i = 0; i < 16; i++) {
        struct wg_error err = {0};
        int64_t id = 77;
        refused(wg_building_create(store, &c[i], &id, &err), &err, expected[i].status,
                expected[i].words);
        assert_int_equal(id, 77);
    }
    struct wg_error err = {0};
    struct wg_building b = ok;
    int64_t id = 0;
    from_wkt("POLYGON((0 0,9 9,9 0,0 9,0 0))", &b.geometry);
    refused(wg_building_create(store, &b, &id, &err), &err, WG_GEOMETRY, "not valid");
    assert_true(err.x == 4.5 && err.y == 4.5);
    wg_multipolygon_finish(&b.geometry);
    b.id = 99;
    refused(wg_building_update(store, &b, &err), &err, WG_NOT_FOUND, "99");
    refused(wg_building_read(store, 99, &b, &err), &err, WG_NOT_FOUND, "99");
    refused(wg_building_find(store, "nowhere", &id, &err), &err, WG_NOT_FOUND, "nowhere");
    refused(wg_building_end(store, 99, NULL, &err), &err, WG_NOT_FOUND, "99");
    must(wg_building_end(store, 1, "2026-01-01", &err), &err);
    assert_int_equal(ask(store, "SELECT count(*) FROM building"), 1);
}

/* ---- filters ---- */

static bool add_code(const struct wg_building *b, void *user)
{
    strcat(strcat(user, b->code), " ");
    return true;
}

static void test_filters(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = new_scheme(store, "s", NULL);
    int64_t above = new_grid(store, scheme, "C", 4, 0, (struct wg_box){0, 0, 100, 50});
    int64_t g1 = new_grid(store, scheme, "1", 5, above, (struct wg_box){0, 0, 50, 50});
    int64_t g2 = new_grid(store, scheme, "2", 5, above, (struct wg_box){50, 0, 100, 50});
    /* the file's triggers find the owners */
    new_building(store, "in1", 5);
    new_building(store, "cut", 46);
    new_building(store, "in2", 80);
    new_building(store, "out", 200);
    struct wg_box box = {X0 + 50, Y0 + 9.99, X0 + 90, Y0 + 20};
    const struct {
        struct wg_filter filter;
        const char *codes;
    } cases[] = {
        {{.grid = g1}, "in1 "},
        {{.grid = g2}, "cut in2 "},
        {{.grid = above}, "in1 cut in2 "},
        {{.grid = above, .scheme = scheme + 1}, ""},
        {{.outside = true, .scheme = scheme}, "out "},
        {{.cut = true, .scheme = scheme}, "cut "},
        {{.box = &box}, "cut in2 "},
        {{.where = "height_from = 'default' AND \"use\" IS NULL", .limit = 3},
         "in1 cut in2 "},
        {{.grid = above, .box = &box, .where = "code <> 'cut'"}, "in2 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char codes[100] = "";
        int64_t n = 0;
        must(wg_building_each(store, &cases[i].filter, add_code, codes, &err), &err);
        assert_string_equal(codes, cases[i].codes);
        must(wg_building_count(store, &cases[i].filter, &n, &err), &err);
        for (const char *at = codes; *at; at++)
            n -= *at == ' ';
        assert_int_equal(n, 0);
    }
    struct wg_filter no_scheme = {.outside = true};
    refused(wg_building_each(store, &no_scheme, add_code, NULL, &err), &err, WG_INVALID,
            "which scheme");
    struct wg_filter level = {.level = 5};
    refused(wg_building_each(store, &level, add_code, NULL, &err), &err, WG_INVALID,
            "level");
}

/* ---- alert levels ---- */

static bool add_level(int64_t id, int level, int64_t n_open, void *user)
{
    char *text = user;
    snprintf(text + strlen(text), 32, "%d:%d/%d ", (int)id, level, (int)n_open);
    return true;
}

static void report(struct wg_store *store, int64_t building, int level, int stage)
{
    struct wg_error err = {0};
    struct wg_event e;
    int64_t id = 0;
    wg_event_init(&e);
    e.building = building;
    e.level = level;
    e.stage = stage;
    must(wg_event_create(store, &e, &id, &err), &err);
}

static void test_levels(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    char text[200] = "";
    for (int i = 1; i <= 7; i++)
        assert_int_equal(new_building(store, NULL, 20 * i), i);
    report(store, 1, WG_ALERT_BLUE, 0);
    report(store, 1, WG_ALERT_ORANGE, WG_STAGE_HANDLING);
    report(store, 1, WG_ALERT_RED, WG_STAGE_CLOSED); /* over */
    report(store, 1, WG_ALERT_NONE, 0);
    report(store, 2, WG_ALERT_NONE, 0); /* no level: not visited */
    report(store, 3, WG_ALERT_YELLOW, WG_STAGE_SUSPENDED);
    report(store, 0, WG_ALERT_RED, 0);
    must(wg_exec(store,
                 "INSERT INTO alert (level, building_id) VALUES (1, 4), (4, 3), (0, 7);"
                 "INSERT INTO alert (level, building_id, cleared_at) VALUES (1, 5, 'x');"
                 "INSERT INTO alert (level, event_id) SELECT 2, id FROM event WHERE "
                 "building_id = 2",
                 &err),
         &err);
    must(wg_building_levels(store, add_level, text, &err), &err);
    assert_string_equal(text, "1:2/3 2:2/1 3:3/1 4:1/0 ");
}

/* ---- dwellings ---- */

static bool add_dwelling(const struct wg_dwelling *d, void *user)
{
    char *text = user;
    snprintf(text + strlen(text), 64, "%s%s ", d->unit ? d->unit : "-",
             d->room ? d->room : "-");
    return true;
}

static int64_t new_dwelling(struct wg_store *store, int64_t building, int64_t floor,
                            const char *unit, const char *room)
{
    struct wg_error err = {0};
    struct wg_dwelling d;
    int64_t id = 0;
    wg_dwelling_init(&d);
    d.building = building;
    d.floor = floor;
    d.unit = unit;
    d.room = room;
    must(wg_dwelling_create(store, &d, &id, &err), &err);
    return id;
}

static void test_dwellings(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_dwelling d, got;
    char text[100] = "";
    int64_t a = new_building(store, "A", 0), b = new_building(store, "B", 20), id = 0;
    new_dwelling(store, b, 1, "乙", "101");
    new_dwelling(store, a, 2, "甲", "201");
    new_dwelling(store, a, 1, "甲", "102");
    int64_t cellar = new_dwelling(store, a, -1, "甲", "001");
    new_dwelling(store, a, WG_DWELLING_NO_FLOOR, NULL, NULL);
    must(wg_dwelling_each(store, a, NULL, add_dwelling, text, &err), &err);
    assert_string_equal(text, "-- 甲001 甲102 甲201 ");
    *text = 0;
    must(wg_dwelling_each(store, 0, NULL, add_dwelling, text, &err), &err);
    assert_string_equal(text, "-- 甲001 甲102 甲201 乙101 ");

    must(wg_dwelling_read(store, cellar, &got, &err), &err);
    assert_int_equal(got.floor, -1);
    assert_int_equal(got.population, WG_UNKNOWN);
    got.state = "let";
    got.code = "D1";
    got.population = 3;
    must(wg_dwelling_update(store, &got, &err), &err);
    wg_dwelling_finish(&got);
    must(wg_dwelling_read(store, cellar, &got, &err), &err);
    assert_string_equal(got.state, "let");
    assert_int_equal(got.population, 3);
    wg_dwelling_finish(&got);

    wg_dwelling_init(&d);
    refused(wg_dwelling_create(store, &d, &id, &err), &err, WG_INVALID, "building_id");
    d.building = 99;
    refused(wg_dwelling_create(store, &d, &id, &err), &err, WG_NOT_FOUND, "99");
    d.building = a;
    d.state = "burnt";
    refused(wg_dwelling_create(store, &d, &id, &err), &err, WG_INVALID,
            "occupied, vacant");
    d.state = NULL;
    d.population = -5;
    refused(wg_dwelling_create(store, &d, &id, &err), &err, WG_INVALID, "population");
    d.population = 0;
    d.code = "D1";
    refused(wg_dwelling_create(store, &d, &id, &err), &err, WG_EXISTS, "dwelling D1");
    must(wg_dwelling_end(store, cellar, NULL, &err), &err);
    *text = 0;
    must(wg_dwelling_each(store, a, NULL, add_dwelling, text, &err), &err);
    assert_string_equal(text, "-- 甲102 甲201 ");
    struct wg_box box = {0, 0, 1, 1};
    struct wg_filter f = {.box = &box};
    refused(wg_dwelling_each(store, a, &f, add_dwelling, text, &err), &err, WG_INVALID,
            "box");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(test_height),    NOUN_TEST(test_height_update), NOUN_TEST(test_parts),
        NOUN_TEST(test_refusals),  NOUN_TEST(test_filters),       NOUN_TEST(test_levels),
        NOUN_TEST(test_dwellings),
    };
    return cmocka_run_group_tests(tests, noun_group_setup, noun_group_teardown);
}
