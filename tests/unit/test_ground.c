/* Terrain, surfaces and roads. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/ground.h"

/* ---- terrain ---- */

static void test_terrain(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    float z[6] = {1, 2, NAN, -4.5f, 5, 6e30f};
    struct wg_terrain t = {3, 2, X0 - 0.25, Y0, 2.5, z}, got;
    refused(wg_terrain_read(store, &got, &err), &err, WG_NOT_FOUND, "no terrain");
    must(wg_terrain_write(store, &t, &err), &err);
    must(wg_terrain_read(store, &got, &err), &err);
    assert_int_equal(got.cols, 3);
    assert_int_equal(got.rows, 2);
    assert_true(got.x0 == t.x0 && got.y0 == Y0 && got.step_m == 2.5);
    assert_memory_equal(got.z, z, sizeof z);
    wg_terrain_finish(&got);
    wg_terrain_finish(&got);
    t.cols = 1;
    t.rows = 1;
    must(wg_terrain_write(store, &t, &err), &err); /* replaces */
    assert_int_equal(ask(store, "SELECT count(*) FROM terrain"), 1);
    must(wg_terrain_read(store, &got, &err), &err);
    assert_int_equal(got.cols * got.rows, 1);
    assert_true(wg_terrain_height(&got, 1e9, -1e9) == 1);
    wg_terrain_finish(&got);
    must(wg_exec(store, "UPDATE terrain SET cols = 9", &err), &err);
    refused(wg_terrain_read(store, &got, &err), &err, WG_CORRUPT, "9 × 1");
}

static void test_terrain_refusals(void **state)
{
    float z[4] = {1, 2, 3, INFINITY}, fine[4] = {1, 2, 3, 4};
    const struct {
        struct wg_terrain terrain;
        const char *words;
    } cases[] = {
        {{0, 2, 0, 0, 1, fine}, "no heights"},
        {{2, 2, 0, 0, 1, NULL}, "no heights"},
        {{2, 2, 0, 0, 0, fine}, "step"},
        {{2, 2, 0, 0, -1, fine}, "step"},
        {{2, 2, 0, 0, NAN, fine}, "step"},
        {{2, 2, NAN, 0, 1, fine}, "corner"},
        {{2, 2, 0, INFINITY, 1, fine}, "corner"},
        {{2, 2, 0, 0, 1, z}, "column 1, row 1"},
        {{UINT32_MAX, UINT32_MAX, 0, 0, 1, fine}, "wider step"},
    };
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_error err = {0};
        refused(wg_terrain_write(store, &cases[i].terrain, &err), &err, WG_INVALID,
                cases[i].words);
    }
}

static void test_height(void **state)
{
    float z[6] = {0, 10, 20, 100, 110, NAN}, none[1] = {NAN};
    const struct wg_terrain t = {3, 2, 1000, 2000, 4, z}, empty = {1, 1, 0, 0, 1, none};
    static const struct {
        double x, y, height;
    } cases[] = {
        {1000, 2000, 0},  {1004, 2000, 10}, {1002, 2000, 5},  {1000, 2002, 50},
        {1002, 2002, 55}, {990, 1990, 0},   {2000, 1990, 20}, {1000, 9999, 100},
        {1008, 2003, 20}, /* no data above: the posts that have some decide */
        {1008, 2004, 0},  /* none at all */
        {NAN, 2000, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(wg_terrain_height(&t, cases[i].x, cases[i].y) == cases[i].height);
    assert_true(wg_terrain_height(&empty, 0, 0) == 0);
    assert_true(wg_terrain_height(NULL, 0, 0) == 0);
}

/* ---- surfaces ---- */

struct seen {
    int n;
    size_t vertices;
    char names[100];
};

static bool see_surface(const struct wg_surface *s, void *user)
{
    struct seen *seen = user;
    seen->n++;
    seen->vertices += s->geometry.n_vertex;
    strcat(seen->names, s->name ? s->name : "-");
    return true;
}

static void test_surface(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_surface s;
    int64_t id = 0;
    wg_surface_init(&s);
    refused(wg_surface_create(store, &s, &id, &err), &err, WG_GEOMETRY, "no polygon");
    from_wkt("MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1)),"
             "((20 0,30 0,30 9,20 0)))",
             &s.geometry);
    refused(wg_surface_create(store, &s, &id, &err), &err, WG_INVALID,
            "kind must be given");
    s.kind = "water";
    s.name = "锦江";
    must(wg_surface_create(store, &s, &id, &err), &err);
    wg_surface_finish(&s);
    s.kind = "green";
    from_wkt("POLYGON((0 0,9 9,9 0,0 9,0 0))", &s.geometry);
    refused(wg_surface_create(store, &s, &id, &err), &err, WG_GEOMETRY, "not valid");
    wg_surface_finish(&s);
    struct seen seen = {.n = 0};
    must(wg_surface_each(store, NULL, see_surface, &seen, &err), &err);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.vertices, 14);
    assert_string_equal(seen.names, "锦江");
    struct wg_box hole = {31, 0, 40, 1};
    struct wg_filter f = {.box = &hole};
    must(wg_surface_each(store, &f, see_surface, &seen, &err), &err);
    assert_int_equal(seen.n, 1);
    f = (struct wg_filter){.no_geometry = true, .where = "kind = 'water'"};
    must(wg_surface_each(store, &f, see_surface, &seen, &err), &err);
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.vertices, 14);
}

/* ---- roads ---- */

static bool see_road(const struct wg_road *r, void *user)
{
    struct seen *seen = user;
    for (size_t i = 0; i < r->n; i++)
        assert_true(r->x[i] == X0 + (double)i * 0.1 && r->y[i] == Y0 - (double)(i * i));
    seen->n++;
    seen->vertices += r->n;
    strcat(seen->names, r->name ? r->name : "-");
    return true;
}

static void test_road(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    double x[300], y[300];
    for (size_t i = 0; i < 300; i++) {
        x[i] = X0 + (double)i * 0.1;
        y[i] = Y0 - (double)(i * i);
    }
    struct wg_road r;
    int64_t id = 0;
    wg_road_init(&r);
    r.x = x;
    r.y = y;
    r.name = "桥";
    for (r.n = 2; r.n <= 300; r.n += 149)
        must(wg_road_create(store, &r, &id, &err), &err);
    struct seen seen = {.n = 0};
    must(wg_road_each(store, NULL, see_road, &seen, &err), &err);
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.vertices, 2 + 151 + 300);
    assert_int_equal(ask(store,
                         "SELECT sum(ST_NumPoints(geom)) FROM road WHERE "
                         "ST_SRID(geom) = 4545 AND GeometryType(geom) = 'LINESTRING'"),
                     453);
    /* a line that SpatiaLite wrote */
    must(wg_exec(store,
                 "DELETE FROM road; INSERT INTO road (geom) SELECT "
                 "GeomFromText('LINESTRING(500000 3050000,500000.1 3049999)', 4545)",
                 &err),
         &err);
    must(wg_road_each(store, NULL, see_road, &seen, &err), &err);
    assert_int_equal(seen.n, 4);

    r.n = 1;
    refused(wg_road_create(store, &r, &id, &err), &err, WG_GEOMETRY, "two vertices");
    r.n = 3;
    r.width_m = -1;
    refused(wg_road_create(store, &r, &id, &err), &err, WG_INVALID, "width_m");
    r.width_m = NAN;
    y[2] = NAN;
    refused(wg_road_create(store, &r, &id, &err), &err, WG_GEOMETRY, "Vertex 3");
    x[0] = x[1] = y[0] = y[1] = 4;
    r.n = 2;
    refused(wg_road_create(store, &r, &id, &err), &err, WG_GEOMETRY, "one place");
    wg_road_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(test_terrain),       NOUN_TEST(test_terrain_refusals),
        cmocka_unit_test(test_height), NOUN_TEST(test_surface),
        NOUN_TEST(test_road),
    };
    return cmocka_run_group_tests(tests, noun_group_setup, noun_group_teardown);
}
