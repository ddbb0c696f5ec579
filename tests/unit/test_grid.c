/* The district, schemes and grids: rules of codes, levels, parents and boundaries. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/district.h"

/* ---- district ---- */

static void test_district(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_district d, again;
    must(wg_district_read(store, &d, &err), &err);
    assert_string_equal(d.name, "d");
    assert_string_equal(d.crs, "EPSG:4545");
    assert_int_equal(d.srid, 4545);
    assert_non_null(strstr(d.crs_name, "CGCS2000"));
    assert_int_equal(strlen(d.created_at), 24);
    const char *old_name = d.name;
    d.name = "云溪区 “α” 'x'";
    d.lang = "zh";
    d.floor_height_m = 2.8;
    must(wg_district_update(store, &d, &err), &err);
    must(wg_district_read(store, &again, &err), &err);
    assert_string_equal(again.name, d.name);
    assert_string_equal(again.lang, "zh");
    assert_true(again.floor_height_m == 2.8 && again.default_height_m == 6);
    wg_district_finish(&again);

    d.lang = "fr";
    refused(wg_district_update(store, &d, &err), &err, WG_INVALID, "one of en, zh");
    d.lang = "en";
    d.default_height_m = 0;
    refused(wg_district_update(store, &d, &err), &err, WG_INVALID, "above 0");
    d.default_height_m = INFINITY;
    refused(wg_district_update(store, &d, &err), &err, WG_INVALID, "finite");
    d.default_height_m = 6;
    d.name = "";
    refused(wg_district_update(store, &d, &err), &err, WG_INVALID, "name must be given");
    d.name = old_name;
    wg_district_finish(&d);
    wg_district_finish(&d);
}

static void test_extent(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_box box;
    must(wg_district_extent(store, &box, &err), &err);
    assert_true(wg_box_is_empty(box));
    int64_t scheme = new_scheme(store, "basic", NULL);
    new_grid(store, scheme, "1", 5, 0, (struct wg_box){0.125, 1, 100.5, 7});
    new_grid(store, scheme, "2", 5, 0, (struct wg_box){0.25, 0.5, 90, 9});
    must(wg_district_extent(store, &box, &err), &err);
    /* exact, although the index holds floats of 0.25 m at this northing */
    assert_true(box.min_x == X0 + 0.125 && box.max_x == X0 + 100.5);
    assert_true(box.min_y == Y0 + 0.5 && box.max_y == Y0 + 9);
}

/* ---- schemes ---- */

static bool count_scheme(const struct wg_scheme *s, void *user)
{
    assert_non_null(s->name);
    ++*(int *)user;
    return true;
}

static void test_scheme(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_scheme s, got;
    int64_t id = 0, found = 0;
    refused(wg_scheme_find(store, NULL, &found, &err), &err, WG_NOT_FOUND, "no scheme");
    wg_scheme_init(&s);
    s.name = "basic";
    s.title = "基础网格 😀 \"'";
    s.code_form = "6+3+3+3";
    s.households_min = 300;
    s.households_max = 500;
    s.area_max_m2 = 1e6;
    s.valid_from = "2026-01-01 08:00+08:00";
    must(wg_scheme_create(store, &s, &id, &err), &err);
    must(wg_scheme_read(store, id, &got, &err), &err);
    assert_int_equal(got.id, id);
    assert_string_equal(got.title, s.title);
    assert_string_equal(got.code_form, "6+3+3+3");
    assert_string_equal(got.valid_from, "2026-01-01T00:00:00.000Z");
    assert_null(got.valid_to);
    assert_null(got.purpose);
    assert_int_equal(got.households_min, 300);
    assert_true(isnan(got.area_min_m2) && got.area_max_m2 == 1e6);
    wg_scheme_finish(&got);
    must(wg_scheme_find(store, NULL, &found, &err), &err);
    assert_int_equal(found, id);
    int64_t second = new_scheme(store, "党建", NULL);
    must(wg_scheme_find(store, "党建", &found, &err), &err);
    assert_int_equal(found, second);
    refused(wg_scheme_find(store, NULL, &found, &err), &err, WG_NOT_FOUND, "basic, 党建");
    refused(wg_scheme_find(store, "x", &found, &err), &err, WG_NOT_FOUND, "basic, 党建");

    int n = 0;
    must(wg_scheme_end(store, second, NULL, &err), &err);
    must(wg_scheme_each(store, NULL, count_scheme, &n, &err), &err);
    assert_int_equal(n, 1);
    struct wg_filter all = {.ended = true};
    must(wg_scheme_each(store, &all, count_scheme, &n, &err), &err);
    assert_int_equal(n, 3);
    must(wg_scheme_find(store, NULL, &found, &err), &err); /* the only one in force */
    assert_int_equal(found, id);
}

static void test_scheme_refusals(void **state)
{
    static const struct {
        const char *name, *form, *from, *to;
        int64_t least, most;
        double area_least, area_most;
        enum wg_status status;
        const char *words;
    } cases[] = {
        {NULL, NULL, NULL, NULL, -1, -1, NAN, NAN, WG_INVALID, "name must be given"},
        {"", NULL, NULL, NULL, -1, -1, NAN, NAN, WG_INVALID, "name must be given"},
        {"a\xff", NULL, NULL, NULL, -1, -1, NAN, NAN, WG_FORMAT, "UTF-8"},
        {"basic", NULL, NULL, NULL, -1, -1, NAN, NAN, WG_EXISTS, "scheme basic"},
        {"n", "6+x", NULL, NULL, -1, -1, NAN, NAN, WG_FORMAT, "6+x"},
        {"n", NULL, "yesterday", NULL, -1, -1, NAN, NAN, WG_FORMAT, "yesterday"},
        {"n", NULL, "2026-02-31", NULL, -1, -1, NAN, NAN, WG_FORMAT, "2026-02-31"},
        {"n", NULL, "2026-02-02", "2026-02-01", -1, -1, NAN, NAN, WG_INVALID, "before"},
        {"n", NULL, NULL, NULL, -2, -1, NAN, NAN, WG_INVALID, "negative"},
        {"n", NULL, NULL, NULL, 9, 8, NAN, NAN, WG_INVALID, "above its greatest"},
        {"n", NULL, NULL, NULL, -1, -1, -1, NAN, WG_INVALID, "negative"},
        {"n", NULL, NULL, NULL, -1, -1, 3, 2, WG_INVALID, "above its greatest"},
        {"n", NULL, NULL, NULL, -1, -1, NAN, INFINITY, WG_INVALID, "finite"},
    };
    struct wg_store *store = noun_store(state);
    new_scheme(store, "basic", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_error err = {0};
        struct wg_scheme s;
        int64_t id = 77;
        wg_scheme_init(&s);
        s.name = cases[i].name;
        s.code_form = cases[i].form;
        s.valid_from = cases[i].from;
        s.valid_to = cases[i].to;
        s.households_min = cases[i].least;
        s.households_max = cases[i].most;
        s.area_min_m2 = cases[i].area_least;
        s.area_max_m2 = cases[i].area_most;
        refused(wg_scheme_create(store, &s, &id, &err), &err, cases[i].status,
                cases[i].words);
        assert_int_equal(id, 77);
    }
    assert_int_equal(ask(store, "SELECT count(*) FROM scheme"), 1);
}

static void test_scheme_update(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t id = new_scheme(store, "basic", "free");
    new_grid(store, id, "A-1", 5, 0, (struct wg_box){0, 0, 9, 9});
    struct wg_scheme s;
    must(wg_scheme_read(store, id, &s, &err), &err);
    s.code_form = "3";
    refused(wg_scheme_update(store, &s, &err), &err, WG_CONSTRAINT, "A-1");
    /* a level's codes are judged by the form of that level */
    new_grid(store, id, "A", WG_LEVEL_COMMUNITY, 0, (struct wg_box){0, 0, 9, 9});
    s.code_form = NULL;
    s.purpose = "服务";
    must(wg_scheme_update(store, &s, &err), &err);
    wg_scheme_finish(&s);
    must(wg_scheme_read(store, id, &s, &err), &err);
    assert_string_equal(s.code_form, "free");
    assert_string_equal(s.purpose, "服务");
    new_scheme(store, "second", NULL);
    s.name = "second";
    refused(wg_scheme_update(store, &s, &err), &err, WG_EXISTS, "second");
    s.id = 99;
    refused(wg_scheme_update(store, &s, &err), &err, WG_NOT_FOUND, "99");
    wg_scheme_finish(&s);
    refused(wg_scheme_end(store, 99, NULL, &err), &err, WG_NOT_FOUND, "99");
    refused(wg_scheme_read(store, 99, &s, &err), &err, WG_NOT_FOUND, "99");
}

static void test_scheme_of_levels(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t id = new_scheme(store, "basic", "3+3");
    struct wg_box box = {0, 0, 9, 9};
    int64_t above = new_grid(store, id, "001", WG_LEVEL_COMMUNITY, 0, box);
    new_grid(store, id, "001002", WG_LEVEL_GRID, above, box);
    struct wg_scheme s;
    must(wg_scheme_read(store, id, &s, &err), &err);
    s.title = "t";
    must(wg_scheme_update(store, &s, &err), &err);
    s.code_form = "3+4";
    refused(wg_scheme_update(store, &s, &err), &err, WG_CONSTRAINT, "001002");
    wg_scheme_finish(&s);
}

/* ---- grids ---- */

static void test_grid(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = new_scheme(store, "basic", "3+3"), id = 0, found = 0;
    struct wg_grid g, got;
    wg_grid_init(&g);
    g.scheme = scheme;
    g.code = "001002";
    g.name = "第二网格 😀";
    g.note = "a 'note' with \"quotes\"";
    g.valid_from = "2026-01-01";
    g.geometry = rectangle(X0 + 1e-4, Y0, 100, 50);
    must(wg_grid_create(store, &g, &id, &err), &err);
    must(wg_grid_read(store, id, &got, &err), &err);
    assert_string_equal(got.code, g.code);
    assert_string_equal(got.name, g.name);
    assert_string_equal(got.note, g.note);
    assert_string_equal(got.kind, "basic");
    assert_string_equal(got.valid_from, "2026-01-01T00:00:00.000Z");
    assert_int_equal(got.level, WG_LEVEL_GRID);
    assert_int_equal(got.scheme, scheme);
    assert_int_equal(got.parent, 0);
    assert_true(fabs(got.area_m2 - 5000) < 1e-6);
    assert_int_equal(got.geometry.n_vertex, g.geometry.n_vertex); /* to the last bit */
    for (uint32_t i = 0; i < got.geometry.n_vertex; i++)
        assert_true(got.geometry.x[i] == g.geometry.x[i] &&
                    got.geometry.y[i] == g.geometry.y[i]);
    assert_int_equal(ask(store, "SELECT ST_IsValid(geom) AND ST_SRID(geom) = 4545 AND "
                                "GeometryType(geom) = 'MULTIPOLYGON' FROM grid"),
                     1);
    must(wg_grid_find(store, scheme, "001002", &found, &err), &err);
    assert_int_equal(found, id);
    refused(wg_grid_find(store, scheme + 1, "001002", &found, &err), &err, WG_NOT_FOUND,
            "001002");
    refused(wg_grid_find(store, scheme, NULL, &found, &err), &err, WG_INVALID, "code");

    /* an update without geometry leaves the boundary */
    struct wg_grid without = got;
    without.geometry = (struct wg_multipolygon){.n_part = 0};
    without.kind = "dedicated";
    without.name = NULL;
    must(wg_grid_update(store, &without, &err), &err);
    wg_grid_finish(&g);
    must(wg_grid_read(store, id, &g, &err), &err);
    assert_string_equal(g.kind, "dedicated");
    assert_null(g.name);
    assert_true(same_polygon(&g.geometry, &got.geometry));
    wg_grid_finish(&got);
    wg_grid_finish(&g);
}

/* A code is used once in a scheme, also after its grid has ended. */
static void test_code_for_ever(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = new_scheme(store, "basic", NULL);
    int64_t other = new_scheme(store, "other", NULL), id = 0;
    struct wg_box box = {0, 0, 9, 9};
    int64_t first = new_grid(store, scheme, "G1", 5, 0, box);
    must(wg_grid_end(store, first, "2026-06-01", &err), &err);
    struct wg_grid g;
    wg_grid_init(&g);
    g.scheme = scheme;
    g.code = "G1";
    g.geometry = rectangle(X0, Y0, 5, 5);
    refused(wg_grid_create(store, &g, &id, &err), &err, WG_EXISTS, "grid G1");
    assert_int_equal(err.row, first);
    g.scheme = other;
    must(wg_grid_create(store, &g, &id, &err), &err);
    g.id = id;
    g.code = "G2";
    refused(wg_grid_create(store, &g, &id, &err), &err, WG_EXISTS, "id");
    wg_grid_finish(&g);
}

static void test_grid_refusals(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t scheme = new_scheme(store, "basic", "3"),
            other = new_scheme(store, "o", NULL);
    struct wg_box box = {0, 0, 9, 9};
    int64_t street = new_grid(store, scheme, "001", WG_LEVEL_STREET, 0, box);
    int64_t foreign = new_grid(store, other, "001", WG_LEVEL_STREET, 0, box);
    static const char *const square = "POLYGON((0 0,9 0,9 9,0 9,0 0))";
    const struct {
        int64_t scheme, parent;
        const char *code, *kind;
        int level;
        const char *wkt;
        enum wg_status status;
        const char *words;
    } cases[] = {
        {0, 0, "002", NULL, 5, square, WG_INVALID, "scheme_id must be given"},
        {99, 0, "002", NULL, 5, square, WG_NOT_FOUND, "no scheme with the id 99"},
        {scheme, 0, NULL, NULL, 5, square, WG_INVALID, "code must be given"},
        {scheme, 0, "02", NULL, 5, square, WG_FORMAT, "02"},
        {scheme, 0, "0002", NULL, 5, square, WG_FORMAT, "0002"},
        {scheme, 0, "00x", NULL, 5, square, WG_FORMAT, "00x"},
        {scheme, 0, "001", NULL, 5, square, WG_EXISTS, "grid 001"},
        {scheme, 0, "002", "round", 5, square, WG_INVALID, "basic, dedicated"},
        {scheme, 0, "002", NULL, 7, square, WG_INVALID, "level 7"},
        {scheme, 0, "002", NULL, -1, square, WG_INVALID, "level -1"},
        {scheme, 98, "002", NULL, 5, square, WG_NOT_FOUND, "no grid with the id 98"},
        {scheme, foreign, "002", NULL, 5, square, WG_INVALID, "another scheme"},
        {scheme, street, "002", NULL, WG_LEVEL_STREET, square, WG_INVALID,
         "higher level"},
        {scheme, street, "002", NULL, WG_LEVEL_CITY, square, WG_INVALID, "higher level"},
        {scheme, 0, "002", NULL, 5, NULL, WG_GEOMETRY, "no polygon"},
        {scheme, 0, "002", NULL, 5, "POLYGON((0 0,9 9,9 0,0 9,0 0))", WG_GEOMETRY,
         "not valid"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_error err = {0};
        struct wg_grid g;
        int64_t id = 77;
        wg_grid_init(&g);
        g.scheme = cases[i].scheme;
        g.parent = cases[i].parent;
        g.code = cases[i].code;
        g.kind = cases[i].kind;
        g.level = cases[i].level;
        if (cases[i].wkt)
            from_wkt(cases[i].wkt, &g.geometry);
        refused(wg_grid_create(store, &g, &id, &err), &err, cases[i].status,
                cases[i].words);
        assert_int_equal(id, 77);
        if (strstr(cases[i].words, "not valid")) {
            assert_true(err.x == 4.5 && err.y == 4.5);
        }
        wg_grid_finish(&g);
    }
    assert_int_equal(ask(store, "SELECT count(*) FROM grid"), 2);
}

/* A code given up stays taken, whoever asks for it; its own grid may take it back. */
static void test_grid_withdrawn_code(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_box box = {0, 0, 9, 9};
    int64_t scheme = new_scheme(store, "a", NULL), id = 0;
    int64_t first = new_grid(store, scheme, "A", WG_LEVEL_GRID, 0, box);
    struct wg_grid g, other;
    must(wg_grid_read(store, first, &g, &err), &err);
    g.code = "B";
    must(wg_grid_update(store, &g, &err), &err);
    wg_grid_init(&other);
    other.scheme = scheme;
    other.code = "A";
    other.geometry = rectangle(20, 0, 9, 9);
    refused(wg_grid_create(store, &other, &id, &err), &err, WG_CONSTRAINT, "withdrawn");
    other.code = "C";
    must(wg_grid_create(store, &other, &id, &err), &err);
    g.code = "A";
    must(wg_grid_update(store, &g, &err), &err);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = 'B'"), 0);
    wg_grid_finish(&other);
    wg_grid_finish(&g);
}

static void test_grid_non_finite(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_grid g;
    int64_t id = 0;
    wg_grid_init(&g);
    g.scheme = new_scheme(store, "basic", NULL);
    g.code = "1";
    g.geometry = rectangle(0, 0, 9, 9);
    g.geometry.x[2] = NAN;
    refused(wg_grid_create(store, &g, &id, &err), &err, WG_GEOMETRY, "vertex 3");
    g.geometry.x[2] = INFINITY;
    refused(wg_grid_create(store, &g, &id, &err), &err, WG_GEOMETRY, "finite");
    wg_grid_finish(&g);
}

static void test_grid_update_rules(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = new_scheme(store, "a", NULL), other = new_scheme(store, "b", NULL);
    struct wg_box box = {0, 0, 9, 9};
    int64_t parent = new_grid(store, scheme, "P", WG_LEVEL_COMMUNITY, 0, box);
    new_grid(store, scheme, "C", WG_LEVEL_GRID, parent, box);
    struct wg_grid g;
    must(wg_grid_read(store, parent, &g, &err), &err);
    g.level = WG_LEVEL_GRID;
    refused(wg_grid_update(store, &g, &err), &err, WG_INVALID, "children");
    g.level = WG_LEVEL_STREET;
    g.parent = parent;
    refused(wg_grid_update(store, &g, &err), &err, WG_INVALID, "own parent");
    g.parent = 0;
    g.code = "C";
    refused(wg_grid_update(store, &g, &err), &err, WG_EXISTS, "grid C");
    g.code = "P";
    g.scheme = other;
    refused(wg_grid_update(store, &g, &err), &err, WG_INVALID, "change its scheme");
    g.scheme = scheme;
    must(wg_grid_update(store, &g, &err), &err);
    g.id = 99;
    refused(wg_grid_update(store, &g, &err), &err, WG_NOT_FOUND, "99");
    wg_grid_finish(&g);
    refused(wg_grid_end(store, 99, NULL, &err), &err, WG_NOT_FOUND, "99");
    refused(wg_grid_end(store, parent, "soon", &err), &err, WG_FORMAT, "soon");
}

/* ---- filters ---- */

struct codes {
    char text[200];
    int stop_after;
};

static bool add_code(const struct wg_grid *g, void *user)
{
    struct codes *c = user;
    strcat(strcat(c->text, g->code), " ");
    return --c->stop_after != 0;
}

static const char *codes_of(struct wg_store *store, const struct wg_filter *filter,
                            struct codes *c)
{
    struct wg_error err = {0};
    int64_t n = 0;
    *c = (struct codes){.stop_after = 0};
    must(wg_grid_each(store, filter, add_code, c, &err), &err);
    must(wg_grid_count(store, filter, &n, &err), &err);
    for (const char *at = c->text; *at; at++)
        n -= *at == ' ';
    assert_int_equal(n, 0); /* count and each agree */
    return c->text;
}

static void test_grid_filters(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t a = new_scheme(store, "a", NULL), b = new_scheme(store, "b", NULL);
    int64_t p =
        new_grid(store, a, "P", WG_LEVEL_COMMUNITY, 0, (struct wg_box){0, 0, 20, 10});
    new_grid(store, a, "C1", 5, p, (struct wg_box){0, 0, 10, 10});
    int64_t c2 = new_grid(store, a, "C2", 5, p, (struct wg_box){10, 0, 20, 10});
    new_grid(store, b, "B", 5, 0, (struct wg_box){0, 0, 20, 10});
    struct codes c;
    struct wg_box west = {X0 - 5, Y0, X0 + 9.99, Y0 + 1}, touch = {X0 - 5, Y0, X0, Y0};
    struct wg_box far_off = {X0 + 20.01, Y0, X0 + 30, Y0 + 1}, none = wg_box_empty();
    const struct {
        struct wg_filter filter;
        const char *codes;
    } cases[] = {
        {{.level = 0}, "P C1 C2 B "},
        {{.scheme = a}, "P C1 C2 "},
        {{.scheme = a, .level = 5}, "C1 C2 "},
        {{.grid = p}, "C1 C2 "},
        {{.limit = 2}, "P C1 "},
        {{.where = "code LIKE 'C%' OR code = 'B'"}, "C1 C2 B "},
        {{.where = "code = ')' OR code = 'C1'"}, "C1 "},
        {{.box = &west}, "P C1 B "},
        {{.box = &touch}, "P C1 B "},
        {{.box = &far_off}, ""}, /* although its float box overlaps */
        {{.box = &none}, ""},
        {{.box = &west, .scheme = a, .level = 5, .no_geometry = true}, "C1 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(codes_of(store, &cases[i].filter, &c), cases[i].codes);
    assert_string_equal(codes_of(store, NULL, &c), "P C1 C2 B ");

    must(wg_grid_end(store, c2, "2026-03-01T00:00:00Z", &err), &err);
    struct wg_filter f = {.scheme = a, .level = 5};
    assert_string_equal(codes_of(store, &f, &c), "C1 ");
    f.at = "2026-02-28T23:59:59.999Z";
    assert_string_equal(codes_of(store, &f, &c), "C1 C2 ");
    f.at = "2026-03-01T08:00:00+08:00"; /* the moment itself: ended */
    assert_string_equal(codes_of(store, &f, &c), "C1 ");
    f.ended = true;
    assert_string_equal(codes_of(store, &f, &c), "C1 C2 ");

    c = (struct codes){.stop_after = 2};
    must(wg_grid_each(store, NULL, add_code, &c, &err), &err);
    assert_string_equal(c.text, "P C1 ");
}

static void test_where_refusals(void **state)
{
    static const char *const wheres[] = {
        "1) OR (1",
        "1;",
        "1; DROP TABLE grid",
        "'open",
        "\"open",
        "1 -- x",
        "1 /* x */",
        "code = ?1",
        "code = :a",
        "((1)",
        "no_such_column = 1",
        "1 1",
        "",
        "1 ORDER BY code",
        "1 UNION SELECT 1",
        "a\xff",
    };
    struct wg_store *store = noun_store(state);
    struct codes c;
    for (size_t i = 0; i < sizeof wheres / sizeof *wheres; i++) {
        struct wg_error err = {0};
        struct wg_filter f = {.where = wheres[i]};
        int64_t n = 0;
        refused(wg_grid_each(store, &f, add_code, &c, &err), &err, WG_INVALID,
                i < 15 ? wheres[i] : "?");
        refused(wg_grid_count(store, &f, &n, &err), &err, WG_INVALID, "\"");
    }
    struct wg_box nan_box = {NAN, 0, 1, 1};
    const struct {
        struct wg_filter filter;
        enum wg_status status;
        const char *words;
    } cases[] = {
        {{.outside = true, .scheme = 1}, WG_INVALID, "outside"},
        {{.cut = true, .scheme = 1}, WG_INVALID, "cut"},
        {{.box = &nan_box}, WG_INVALID, "box"},
        {{.at = "noon"}, WG_FORMAT, "noon"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_error err = {0};
        refused(wg_grid_each(store, &cases[i].filter, add_code, &c, &err), &err,
                cases[i].status, cases[i].words);
    }
}

/* ---- parents ---- */

static int64_t parent_of(struct wg_store *store, int64_t id)
{
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT coalesce(parent_id, 0) FROM grid WHERE id = %d",
             (int)id);
    return ask(store, sql);
}

static void test_link_parents(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t a = new_scheme(store, "a", NULL), b = new_scheme(store, "b", NULL),
            linked = -1;
    int64_t street = new_grid(store, a, "S", 3, 0, (struct wg_box){0, 0, 100, 100});
    int64_t west = new_grid(store, a, "W", 4, 0, (struct wg_box){0, 0, 50, 100});
    int64_t east = new_grid(store, a, "E", 4, 0, (struct wg_box){50, 0, 90, 100});
    int64_t g1 = new_grid(store, a, "1", 5, 0, (struct wg_box){0, 0, 60, 10});
    int64_t g2 = new_grid(store, a, "2", 5, 0, (struct wg_box){60, 0, 90, 10});
    int64_t g3 = new_grid(store, a, "3", 5, 0, (struct wg_box){90, 0, 100, 10});
    int64_t g4 = new_grid(store, a, "4", 5, 0, (struct wg_box){95, 0, 200, 10});
    int64_t m = new_grid(store, a, "5", 6, 0, (struct wg_box){61, 1, 62, 2});
    int64_t half = new_grid(store, a, "6", 5, 0, (struct wg_box){40, 20, 60, 30});
    int64_t given = new_grid(store, a, "7", 5, east, (struct wg_box){0, 40, 10, 50});
    int64_t foreign = new_grid(store, b, "1", 5, 0, (struct wg_box){0, 0, 10, 10});
    must(wg_grid_link_parents(store, a, &linked, &err), &err);
    assert_int_equal(linked, 7);
    assert_int_equal(parent_of(store, street), 0);
    assert_int_equal(parent_of(store, west), street);
    assert_int_equal(parent_of(store, east), street);
    assert_int_equal(parent_of(store, g1), west); /* most of it */
    assert_int_equal(parent_of(store, g2), east);
    assert_int_equal(parent_of(store, g3),
                     street);                  /* no community there: the next level */
    assert_int_equal(parent_of(store, g4), 0); /* less than half lies in any */
    assert_int_equal(parent_of(store, m), g2);
    assert_int_equal(parent_of(store, half), east); /* as much in both: lowest code */
    assert_int_equal(parent_of(store, given), east);
    assert_int_equal(parent_of(store, foreign), 0);
    must(wg_grid_link_parents(store, a, &linked, &err), &err);
    assert_int_equal(linked, 0);
    refused(wg_grid_link_parents(store, 99, NULL, &err), &err, WG_NOT_FOUND, "99");
}

/* ---- handles ---- */

static void test_read_only(void **state)
{
    struct noun_scratch *s = *state;
    struct wg_open_options options = {.read_only = true};
    struct wg_error err = {0};
    struct wg_store *reader = NULL;
    struct wg_scheme scheme;
    int64_t id = 0;
    must(wg_store_open(s->scratch->db, &options, &reader, &err), &err);
    wg_scheme_init(&scheme);
    scheme.name = "x";
    refused(wg_scheme_create(reader, &scheme, &id, &err), &err, WG_READ_ONLY, "reading");
    refused(wg_scheme_end(reader, 1, NULL, &err), &err, WG_READ_ONLY, "reading");
    refused(wg_grid_link_parents(reader, 1, NULL, &err), &err, WG_READ_ONLY, "reading");
    assert_int_equal(ask(reader, "SELECT count(*) FROM scheme"), 0);
    wg_store_close(reader);
}

/* A refused row leaves an outer transaction as it was. */
static void test_nested(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = new_scheme(store, "a", NULL), id = 0;
    new_grid(store, scheme, "1", 5, 0, (struct wg_box){0, 0, 9, 9});
    struct wg_grid g;
    wg_grid_init(&g);
    g.scheme = scheme;
    g.code = "1";
    g.geometry = rectangle(X0, Y0, 5, 5);
    refused(wg_grid_create(store, &g, &id, &err), &err, WG_EXISTS, "grid 1");
    g.code = "2";
    must(wg_grid_create(store, &g, &id, &err), &err);
    wg_grid_finish(&g);
    must(wg_store_commit(store, &err), &err);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid"), 2);
    must(wg_exec(store, "DELETE FROM grid; DELETE FROM scheme", &err), &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(test_district),
        NOUN_TEST(test_extent),
        NOUN_TEST(test_scheme),
        NOUN_TEST(test_scheme_refusals),
        NOUN_TEST(test_scheme_update),
        NOUN_TEST(test_scheme_of_levels),
        NOUN_TEST(test_grid),
        NOUN_TEST(test_code_for_ever),
        NOUN_TEST(test_grid_refusals),
        NOUN_TEST(test_grid_withdrawn_code),
        NOUN_TEST(test_grid_non_finite),
        NOUN_TEST(test_grid_update_rules),
        NOUN_TEST(test_grid_filters),
        NOUN_TEST(test_where_refusals),
        NOUN_TEST(test_link_parents),
        NOUN_TEST(test_read_only),
        NOUN_TEST(test_nested),
    };
    return cmocka_run_group_tests(tests, noun_group_setup, noun_group_teardown);
}
