/* Tests of import: formats, fields, frames, bad geometry, all or nothing. */
#include "noun_scratch.h"

#include <math.h>

#include "import_job.h"
#include "wangge/wangge.h"

static const char *path_of(void **state, const char *name)
{
    static char path[200];
    struct noun_scratch *s = *state;
    snprintf(path, sizeof path, "%s/%s", s->scratch->folder, name);
    return path;
}

/* Write a file into the scratch folder; its path. */
static const char *write_bytes(void **state, const char *name, const void *bytes,
                               size_t n)
{
    const char *path = path_of(state, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return path;
}

static const char *write_file(void **state, const char *name, const char *text)
{
    return write_bytes(state, name, text, strlen(text));
}

struct heard {
    int n;
    char last[1024];
};

static void hear(const char *text, void *user)
{
    struct heard *heard = user;
    heard->n++;
    snprintf(heard->last, sizeof heard->last, "%s", text);
}

/* ---- grids ---- */

#define FEATURE(props, geometry)                                                         \
    "{\"type\":\"Feature\",\"properties\":{" props "},\"geometry\":" geometry "}"
#define COLLECTION(features)                                                             \
    "{\"type\":\"FeatureCollection\",\"name\":\"f\",\"features\":[" features "]}"
#define CRS4545 "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4545\"}},"
#define LOCAL(features)                                                                  \
    "{\"type\":\"FeatureCollection\"," CRS4545 "\"features\":[" features "]}"
#define SQUARE                                                                           \
    "{\"type\":\"Polygon\",\"coordinates\":[[[500000,3050000],[500100,3050000],"         \
    "[500100,3050100],[500000,3050100],[500000,3050000]]]}"
#define SQUARE2                                                                          \
    "{\"type\":\"Polygon\",\"coordinates\":[[[500100,3050000],[500200,3050000],"         \
    "[500200,3050100],[500100,3050100],[500100,3050000]]]}"
#define BOWTIE                                                                           \
    "{\"type\":\"Polygon\",\"coordinates\":[[[500000,3050000],[500100,3050100],"         \
    "[500100,3050000],[500000,3050100],[500000,3050000]]]}"

static void test_grids(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.scheme = "s"};
    const char *path = write_file(
        state, "g.geojson",
        LOCAL(FEATURE("\"code\":101.0,\"name\":\"东\",\"parent\":\"1\"",
                      SQUARE) "," FEATURE("\"code\":102,\"parent\":\"1\"", SQUARE2)));
    must(wg_import(store, WG_NOUN_GRIDS, path, &o, &r, &err), &err);
    assert_int_equal(r.read, 2);
    assert_int_equal(r.imported, 2);
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code IN ('101', '102')"),
                     2);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE name = '东'"), 1);
    assert_int_equal(ask(store, "SELECT round(sum(area_m2)) FROM grid"), 20000);
    /* again: refused word by word, or replaced */
    refused(wg_import(store, WG_NOUN_GRIDS, path, &o, &r, &err), &err, WG_EXISTS,
            "already there");
    assert_int_equal(r.rejected, 2);
    wg_import_report_finish(&r);
    o.update = true;
    must(wg_import(store, WG_NOUN_GRIDS, path, &o, &r, &err), &err);
    assert_int_equal(r.updated, 2);
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid"), 2);
    /* the higher level comes late; the children named it */
    path = write_file(
        state, "p.geojson",
        LOCAL(FEATURE("\"code\":\"1\"",
                      "{\"type\":\"Polygon\",\"coordinates\":[[[500000,3050000],"
                      "[500200,3050000],[500200,3050100],[500000,3050100],"
                      "[500000,3050000]]]}")));
    o.level = WG_LEVEL_COMMUNITY;
    must(wg_import(store, WG_NOUN_GRIDS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid g JOIN grid p"
                                " ON p.id = g.parent_id WHERE p.code = '1'"),
                     2);
}

static void test_codes_that_repeat(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.scheme = "s", .keep_good = true};
    const char *path = write_file(
        state, "g.geojson",
        LOCAL(FEATURE("\"code\":\"a\"", SQUARE) "," FEATURE(
            "\"code\":\"a\"", SQUARE2) "," FEATURE("\"code\":\" \"", SQUARE2)));
    must(wg_import(store, WG_NOUN_GRIDS, path, &o, &r, &err), &err);
    assert_int_equal(r.imported, 1);
    assert_int_equal(r.rejected, 2);
    assert_int_equal(r.problem[0].fid, 1);
    assert_non_null(strstr(r.problem[0].text, "feature 0"));
    assert_non_null(strstr(r.problem[1].text, "no code"));
    wg_import_report_finish(&r);
}

/* The image of a long straight edge in degrees stays within the bound, and both
 * neighbours cut it alike. */
static void test_straight_edges(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.scheme = "s"};
    const char *
        path = write_file(state, "g.geojson",
                          COLLECTION(FEATURE(
                              "\"code\":\"n\"", "{\"type\":\"Polygon\",\"coordinates\":[["
                                                "[108.9,27.5],[109.1,27.5],"
                                                "[109.1,27.6],[108.9,27.6],[108.9,27.5]]]"
                                                "}") "," FEATURE("\"code\":\"s\"",
                                                                 "{\"type\":\"Polygon\","
                                                                 "\"coordinates\":[[[108."
                                                                 "9,27.4],[109.1,27.4],"
                                                                 "[109.1,27.5],[108.9,27."
                                                                 "5],[108.9,27.4]]]}")));
    must(wg_import(store, WG_NOUN_GRIDS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    struct wg_grid g[2];
    for (int i = 0; i < 2; i++)
        must(wg_grid_read(store, i + 1, &g[i], &err), &err);
    assert_true(g[0].geometry.n_vertex > 40);
    double area;
    must(wg_shape_common_area(NULL, &g[0].geometry, &g[1].geometry, &area, &err), &err);
    assert_true(area == 0);
    struct wg_multipolygon all = {0};
    must(wg_shape_overlay(NULL, WG_OVERLAY_UNION, &g[0].geometry, &g[1].geometry, &all,
                          &err),
         &err);
    assert_int_equal(all.n_ring, 1); /* no gap either */
    /* points of the straight source edge lie on the shared boundary, but for 0.1 mm */
    struct wg_transform *t;
    must(wg_transform_create("EPSG:4326", "EPSG:4545", &t, &err), &err);
    for (int i = 1; i < 1000; i++) {
        double x = 108.9 + 0.2 * i / 1000, y = 27.5, best = 1e9;
        must(wg_transform_points(t, 1, &x, &y, &err), &err);
        const struct wg_multipolygon *mp = &g[0].geometry;
        for (uint32_t v = 0; v + 1 < mp->n_vertex; v++) {
            double dx = mp->x[v + 1] - mp->x[v], dy = mp->y[v + 1] - mp->y[v];
            double f = ((x - mp->x[v]) * dx + (y - mp->y[v]) * dy) / (dx * dx + dy * dy);
            f = f < 0 ? 0 : f > 1 ? 1 : f;
            double d = hypot(mp->x[v] + f * dx - x, mp->y[v] + f * dy - y);
            best = d < best ? d : best;
        }
        assert_true(best <= 0.0001);
    }
    wg_transform_destroy(t);
    wg_multipolygon_finish(&all);
    wg_grid_finish(&g[0]);
    wg_grid_finish(&g[1]);
}

/* ---- bad geometry ---- */

static void test_bad_geometry(void **state)
{
    static const struct {
        const char *geometry, *words;
        bool mends;
    } cases[] = {
        {BOWTIE, "polygon", true},
        {"null", "no geometry", false},
        {"{\"type\":\"Point\",\"coordinates\":[500000,3050000]}", "POINT", false},
        {"{\"type\":\"LineString\",\"coordinates\":[[500000,3050000],[500100,3050000]]}",
         "LINESTRING", false},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[500000,3050000],[500100,3050000],"
         "[500000,3050000]]]}",
         "three corners", false},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[1e300,0],[1e300,1],[0,1],[1e300,0]]]}",
         "", false},
        {"{\"type\":\"GeometryCollection\",\"geometries\":[" SQUARE
         ",{\"type\":\"Point\",\"coordinates\":[500000,3050000]}]}",
         "besides polygons", true},
    };
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[2000];
        struct wg_error err = {0};
        struct wg_import_report r;
        struct wg_import_options o = {.id = "", .keep_good = true};
        snprintf(text, sizeof text,
                 "{\"type\":\"FeatureCollection\"," CRS4545
                 "\"features\":[{\"type\":\"Feature\",\"properties\":{},\"geometry\":%s},"
                 "{\"type\":\"Feature\",\"properties\":{},\"geometry\":%s}]}",
                 cases[i].geometry, SQUARE2);
        const char *path = write_file(state, "b.geojson", text);
        must(wg_import(store, WG_NOUN_BUILDINGS, path, &o, &r, &err), &err);
        assert_int_equal(r.imported, 1);
        assert_int_equal(r.rejected, 1);
        assert_int_equal(r.problem[0].fid, 0);
        if (!strstr(r.problem[0].text, cases[i].words))
            fail_msg("case %zu: %s", i, r.problem[0].text);
        wg_import_report_finish(&r);
        int64_t before = ask(store, "SELECT count(*) FROM building");
        o.keep_good = false;
        assert_true(wg_import(store, WG_NOUN_BUILDINGS, path, &o, &r, &err) != WG_OK);
        assert_non_null(strstr(err.text, "feature 0"));
        assert_int_equal(r.imported, 0);
        wg_import_report_finish(&r);
        assert_int_equal(ask(store, "SELECT count(*) FROM building"), before);
        o.keep_good = true;
        o.invalid = WG_INVALID_REPAIR;
        must(wg_import(store, WG_NOUN_BUILDINGS, path, &o, &r, &err), &err);
        assert_int_equal(r.imported, cases[i].mends ? 2 : 1);
        assert_int_equal(r.repaired, cases[i].mends);
        wg_import_report_finish(&r);
    }
}

/* Curves, Z, repeated vertices, an unclosed ring: taken as they are meant. */
static void test_shapes(void **state)
{
    static const struct {
        const char *wkt;
        double area;
    } cases[] = {
        {"CURVEPOLYGON(CIRCULARSTRING(500010 3050000,500000 3050010,499990 3050000,"
         "500000 3049990,500010 3050000))",
         314.16},
        {"POLYGON Z((500000 3050000 5,500010 3050000 5,500010 3050010 5,500000 3050010 5,"
         "500000 3050000 5))",
         100},
        {"POLYGON((500000 3050000,500000 3050000,500010 3050000,500010 3050010,"
         "500010 3050010,500000 3050010,500000 3050000))",
         100},
        {"MULTIPOLYGON(((500000 3050000,500010 3050000,500010 3050010,500000 3050010,"
         "500000 3050000)),((500020 3050000,500030 3050000,500030 3050010,500020 3050010,"
         "500020 3050000)))",
         200},
        {"SRID=4545;POLYGON((500000 3050000,500010 3050000,500010 3050010,500000 "
         "3050000))",
         50},
    };
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        struct wg_error err = {0};
        struct wg_import_report r;
        struct wg_building b;
        struct wg_import_options o = {.crs = "EPSG:4545"};
        snprintf(text, sizeof text, "WKT,height\n\"%s\",12\n", cases[i].wkt);
        must(wg_import(store, WG_NOUN_BUILDINGS, write_file(state, "b.csv", text), &o, &r,
                       &err),
             &err);
        must(wg_building_read(store, r.first_id, &b, &err), &err);
        double area = wg_multipolygon_area(&b.geometry);
        assert_true(fabs(area - cases[i].area) < cases[i].area * 1e-3);
        wg_building_finish(&b);
        wg_import_report_finish(&r);
    }
}

/* ---- values ---- */

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        enum wg_number kind;
        double value;
    } cases[] = {
        {"12", WG_NUMBER_OK, 12},        {"12 m", WG_NUMBER_OK, 12},
        {"12.5米", WG_NUMBER_OK, 12.5},  {"3层", WG_NUMBER_OK, 3},
        {"40 ft", WG_NUMBER_OK, 12.192}, {"-3", WG_NUMBER_OK, -3},
        {"1e2", WG_NUMBER_OK, 100},      {"", WG_NUMBER_NONE, 0},
        {"NA", WG_NUMBER_NONE, 0},       {"无", WG_NUMBER_NONE, 0},
        {"null", WG_NUMBER_NONE, 0},     {"abc", WG_NUMBER_JUNK, 0},
        {"3-5", WG_NUMBER_JUNK, 0},      {"12,5", WG_NUMBER_JUNK, 0},
        {"inf", WG_NUMBER_JUNK, 0},      {"0x10", WG_NUMBER_JUNK, 0},
        {"1e999", WG_NUMBER_JUNK, 0},    {"12 elephants", WG_NUMBER_JUNK, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double v = 0;
        if (wg_number_parse(cases[i].text, &v) != cases[i].kind ||
            fabs(v - cases[i].value) > 1e-12)
            fail_msg("\"%s\" reads as %g", cases[i].text, v);
    }
}

static void test_moments(void **state)
{
    static const struct {
        const char *text;
        int offset;
        const char *utc; /* NULL: not understood */
    } cases[] = {
        {"2016-08-05T19:36:07.000Z", 0, "2016-08-05T19:36:07.000Z"},
        {"2016-08-05 19:36", 480, "2016-08-05T11:36:00.000Z"},
        {"05/01/2022 12:00:03 AM", 0, "2022-05-01T00:00:03.000Z"},
        {"05/01/2022 12:07:46 PM", -240, "2022-05-01T16:07:46.000Z"},
        {"05/01/2022 3:07:46 PM", 0, "2022-05-01T15:07:46.000Z"},
        {"31.12.2021", 0, "2021-12-31T00:00:00.000Z"},
        {"13/02/2022", 0, "2022-02-13T00:00:00.000Z"},
        {"02/13/2022", 0, "2022-02-13T00:00:00.000Z"},
        {"05/01/2022", 0, NULL}, /* May or January? */
        {"2022年5月1日", 480, "2022-04-30T16:00:00.000Z"},
        {"2022年5月1日 下午 3:05", 480, "2022-05-01T07:05:00.000Z"},
        {"2022年12月31日23时59分", 0, "2022-12-31T23:59:00.000Z"},
        {"20220501", 0, "2022-05-01T00:00:00.000Z"},
        {"20220501120003", 0, "2022-05-01T12:00:03.000Z"},
        {"44682.5", 0, "2022-05-01T12:00:00.000Z"},
        {"1651406403", 0, "2022-05-01T12:00:03.000Z"},
        {"1651406403000", 0, "2022-05-01T12:00:03.000Z"},
        {"2022-02-30", 0, NULL},
        {"31/02/2022", 0, NULL},
        {"yesterday", 0, NULL},
        {"12", 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms;
        char text[WG_INSTANT_SIZE] = "not understood";
        if (!wg_moment_parse(cases[i].text, cases[i].offset, &ms))
            wg_instant_format(ms, text);
        const char *expected = cases[i].utc ? cases[i].utc : "not understood";
        if (strcmp(text, expected))
            fail_msg("\"%s\" reads as %s", cases[i].text, text);
    }
}

static void test_building_fields(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct heard heard = {0};
    struct wg_import_options o = {.crs = "EPSG:4545", .warn = {hear, &heard}};
    const char *path = write_file(state, "b.csv",
                                  "osm_id,WKT,高度,楼层,户数,parent\n"
                                  "7,\"POLYGON((0 0,10 0,10 10,0 0))\",12 m,3层,24,8\n"
                                  "8,\"POLYGON((0 0,10 0,10 10,0 0))\",,5,,\n"
                                  "9,\"POLYGON((0 0,10 0,10 10,0 0))\",tall,,,99\n");
    must(wg_import(store, WG_NOUN_BUILDINGS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    assert_int_equal(heard.n, 2); /* the height, the whole that is not there */
    assert_int_equal(ask(store, "SELECT count(*) FROM building WHERE source_id = '7' AND"
                                " height_m = 12 AND floors = 3 AND households = 24 AND"
                                " height_from = 'measured'"),
                     1);
    assert_int_equal(ask(store, "SELECT count(*) FROM building WHERE source_id = '8' AND"
                                " height_m = 15 AND height_from = 'floors'"),
                     1);
    assert_int_equal(ask(store, "SELECT count(*) FROM building WHERE source_id = '9' AND"
                                " height_from = 'default'"),
                     1);
    assert_int_equal(ask(store, "SELECT w.source_id FROM building b JOIN building w"
                                " ON w.id = b.part_of WHERE b.source_id = '7'"),
                     8);
}

static void test_events(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct heard heard = {0};
    struct wg_import_options o = {.crs = "EPSG:4545",
                                  .code = "no",
                                  .time = "when",
                                  .status = "status",
                                  .closed = "done",
                                  .warn = {hear, &heard}};
    const char *path = write_file(state, "e.csv",
                                  "no,x,y,when,status,done\n"
                                  "1,500000,3050000,2022-05-01,CLOSED,2022-05-02\n"
                                  "2,500000,3050000,2022-05-01,OPEN,\n"
                                  "3,500000,3050000,2022-05-01,In Progress,\n"
                                  "4,500000,3050000,2022-05-01,,2022-05-02\n"
                                  "5,500000,3050000,2022-05-01,peculiar,\n"
                                  "5,NA,NA,2022-05-01,,\n");
    refused(wg_import(store, WG_NOUN_EVENTS, path, &o, &r, &err), &err, WG_GEOMETRY,
            "no coordinates");
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), 0);
    wg_import_report_finish(&r);
    o.keep_null = true;
    must(wg_import(store, WG_NOUN_EVENTS, path, &o, &r, &err), &err);
    assert_int_equal(r.imported, 6);
    wg_import_report_finish(&r);
    static const int stages[] = {WG_STAGE_CLOSED, WG_STAGE_REPORTED, WG_STAGE_HANDLING,
                                 WG_STAGE_CLOSED};
    for (int i = 0; i < 4; i++) {
        char sql[200];
        snprintf(sql, sizeof sql,
                 "SELECT s.stage FROM event e JOIN event_status s ON s.event_id = e.id"
                 " WHERE e.code = '%d' AND e.reported_at = '2022-05-01T00:00:00.000Z'",
                 i + 1);
        assert_int_equal(ask(store, sql), stages[i]);
    }
    assert_int_equal(ask(store, "SELECT count(*) FROM event WHERE code = '5'"), 2);
    assert_int_equal(ask(store, "SELECT count(*) FROM event WHERE geom IS NULL"), 1);
    refused(wg_import(store, WG_NOUN_EVENTS, path, &o, &r, &err), &err, WG_EXISTS,
            "already there");
    assert_int_equal(r.rejected, 6);
    wg_import_report_finish(&r);
    o.update = true;
    must(wg_import(store, WG_NOUN_EVENTS, path, &o, &r, &err), &err);
    assert_int_equal(r.updated, 6);
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), 6);
    wg_import_report_finish(&r);
}

static void test_officers(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.scheme = "s"};
    must(wg_import(store, WG_NOUN_GRIDS,
                   write_file(state, "g.geojson",
                              LOCAL(FEATURE("\"code\":\"a\"", SQUARE) "," FEATURE(
                                  "\"code\":\"b\"", SQUARE2))),
                   &o, &r, &err),
         &err);
    wg_import_report_finish(&r);
    const char *path = write_file(state, "o.csv",
                                  "姓名,电话,编号,网格编码\n"
                                  "甲,555 0101,1,a、b\n乙,555 0102,2,\"a;nowhere\"\n");
    o.keep_good = true;
    must(wg_import(store, WG_NOUN_OFFICERS, path, &o, &r, &err), &err);
    assert_int_equal(r.imported, 1);
    assert_int_equal(r.rejected, 1);
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM officer"),
                     1); /* 乙 left no trace */
    assert_int_equal(ask(store, "SELECT count(*) FROM duty"), 2);
}

/* ---- encodings, CRS ---- */

static void test_encoding(void **state)
{
    /* "x,y,name" with 东 in GBK */
    static const char gbk[] = "x,y,name\n500000,3050000,\xb6\xab\n";
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.crs = "EPSG:4545"};
    const char *path = write_file(state, "p.csv", gbk);
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_FORMAT, "GBK");
    wg_import_report_finish(&r);
    o.encoding = "GBK";
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM part WHERE name = '东'"), 1);
    o.encoding = "klingon";
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_INVALID,
            "klingon");
    wg_import_report_finish(&r);
}

static void test_crs(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {0};
    const char *path = write_file(state, "p.csv", "lon,lat\n109,27.5\n");
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_CRS,
            "EPSG:4326");
    o.crs = "EPSG:4326";
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    struct wg_part plain, shifted;
    must(wg_part_read(store, 1, &plain, &err), &err);
    o = (struct wg_import_options){.frame = "gcj02"};
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    must(wg_part_read(store, 2, &shifted, &err), &err);
    double d = hypot(plain.x - shifted.x, plain.y - shifted.y);
    assert_true(d > 300 && d < 800);
    wg_part_finish(&plain);
    wg_part_finish(&shifted);
    o.crs = "EPSG:4326";
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_INVALID,
            "both");
    o = (struct wg_import_options){.crs = "EPSG:999999"};
    assert_int_equal(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), WG_CRS);
    o = (struct wg_import_options){.crs = "EPSG:4326"};
    path = write_file(state, "q.csv", "lon,lat\n109,95\n");
    assert_true(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err) != WG_OK);
    wg_import_report_finish(&r);
}

/* Places in GCJ-02 that are said to be WGS 84 are noticed, and left alone. */
static void test_plausible(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct heard heard = {0};
    struct wg_import_options o = {.scheme = "s", .warn = {hear, &heard}};
    must(
        wg_import(store, WG_NOUN_GRIDS,
                  write_file(
                      state, "g.geojson",
                      COLLECTION(FEATURE(
                          "\"code\":\"a\"",
                          "{\"type\":\"Polygon\",\"coordinates\":[[[109,27.5],"
                          "[109.004,27.5],[109.004,27.504],[109,27.504],[109,27.5]]]}"))),
                  &o, &r, &err),
        &err);
    wg_import_report_finish(&r);
    char text[4000] = "x,y\n";
    for (int i = 0; i < 50; i++) {
        struct wg_point p = {109.0001 + i % 10 * 0.0004, 27.5001 + i / 10 * 0.0008};
        p = wg_gcj02_from_wgs84(p);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.9f,%.9f\n", p.x,
                 p.y);
    }
    o = (struct wg_import_options){
        .crs = "EPSG:4326", .x_field = "x", .y_field = "y", .warn = {hear, &heard}};
    const char *path = write_file(state, "p.csv", text);
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    assert_int_equal(r.imported, 50);
    wg_import_report_finish(&r);
    assert_int_equal(heard.n, 1);
    assert_non_null(strstr(heard.last, "gcj02"));
    heard.n = 0;
    o.crs = NULL;
    o.frame = "gcj02";
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    assert_int_equal(r.counts.owned, 50);
    assert_int_equal(heard.n, 0);
    wg_import_report_finish(&r);
    o.frame = "bd09";
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    assert_int_equal(heard.n, 1);
    assert_non_null(strstr(heard.last, "gcj02"));
}

/* ---- files that are not what they should be ---- */

static void test_bad_files(void **state)
{
    struct wg_store *store = noun_store(state);
    static const struct {
        const char *name, *text;
        enum wg_status status;
        const char *words;
    } cases[] = {
        {"empty.geojson", "", WG_FORMAT, "empty"},
        {"cut.geojson",
         "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"proper",
         WG_FORMAT, "cut.geojson"},
        {"none.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}", WG_FORMAT,
         "no feature"},
        {"noise.gpkg", "this is no GeoPackage at all, whatever it says", WG_FORMAT,
         "noise.gpkg"},
        {"table.csv", "a,b\n1,2\n", WG_FORMAT, "a, b"},
        {"twice.csv", "x,y,lon,lat\n1,2,3,4\n", WG_INVALID, "several pairs"},
    };
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.crs = "EPSG:4545"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = write_file(state, cases[i].name, cases[i].text);
        refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err,
                cases[i].status, cases[i].words);
        wg_import_report_finish(&r);
    }
    refused(wg_import(store, WG_NOUN_PARTS, path_of(state, "missing.shp"), &o, &r, &err),
            &err, WG_IO, "missing.shp");
    refused(wg_import(store, WG_NOUN_PARTS, NULL, NULL, NULL, &err), &err, WG_INVALID,
            "needs a file");
    refused(wg_export(store, WG_NOUN_PARTS, NULL, NULL, NULL, &err), &err, WG_INVALID,
            "needs a file");
    o.name = "name";
    const char *path =
        write_file(state, "gbk.csv", "x,y,\xc3\xfb\xb3\xc6\n500000,3050000,a\n");
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_FORMAT, "GBK");
    o.name = NULL;
    refused(wg_import(store, WG_NOUN_PARTS, path_of(state, "."), &o, &r, &err), &err,
            WG_FORMAT, "");
    path = write_file(state, "p.csv", "x,y\n500000,3050000\n");
    o.layer = "other";
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_NOT_FOUND,
            "it has: p");
    o.layer = NULL;
    o.name = "title";
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_NOT_FOUND,
            "it has: x, y");
    o.name = NULL;
    o.where = "x >";
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_INVALID, "x >");
    o.where = "x = '1'";
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_NOT_FOUND,
            "filter");
    o.where = NULL;
    o.height = "x";
    refused(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err, WG_INVALID,
            "height");
    assert_int_equal(ask(store, "SELECT count(*) FROM part"), 0);
}

/* A large GeoJSON cut in the middle: GDAL notices only while it reads. */
static void test_cut_in_the_middle(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.id = ""};
    size_t cap = 400000, n = 0;
    char *text = malloc(cap);
    n += (size_t)snprintf(text, cap,
                          "{\"type\":\"FeatureCollection\"," CRS4545 "\"features\":[");
    for (int i = 0; n < cap - 400; i++)
        n += (size_t)snprintf(text + n, cap - n, "%s" FEATURE("\"a\":1", SQUARE),
                              i ? ",\n" : "");
    const char *path = write_bytes(state, "big.geojson", text, n - 100);
    free(text);
    refused(wg_import(store, WG_NOUN_BUILDINGS, path, &o, &r, &err), &err, WG_FORMAT,
            "big.geojson");
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM building"), 0);
}

static bool stop_at_once(uint64_t done, uint64_t total, void *user)
{
    (void)done;
    (void)total;
    ++*(int *)user;
    return false;
}

static void test_cancel(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    int calls = 0;
    struct wg_import_options o = {.crs = "EPSG:4545", .progress = {stop_at_once, &calls}};
    const char *path = write_file(state, "p.csv", "x,y\n500000,3050000\n");
    assert_int_equal(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), WG_CANCELLED);
    assert_int_equal(calls, 1);
    assert_int_equal(ask(store, "SELECT count(*) FROM part"), 0);
    wg_import_report_finish(&r);
}

/* The index and its trigger are as they were. */
static void test_index(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.crs = "EPSG:4545", .keep_null = true};
    const char *path =
        write_file(state, "p.csv", "x,y\n500000,3050000\n,\n500010,3050010\n");
    int64_t before = ask(store, "SELECT count(*) FROM sqlite_master");
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM idx_part_geom"), 2);
    assert_int_equal(ask(store, "SELECT count(*) FROM sqlite_master"), before);
    struct wg_part part;
    wg_part_init(&part);
    part.x = 500020;
    part.y = 3050020;
    int64_t id;
    must(wg_part_create(store, &part, &id, &err), &err);
    assert_int_equal(ask(store, "SELECT count(*) FROM idx_part_geom"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(test_grids),
        NOUN_TEST(test_codes_that_repeat),
        NOUN_TEST(test_straight_edges),
        NOUN_TEST(test_bad_geometry),
        NOUN_TEST(test_shapes),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_moments),
        NOUN_TEST(test_building_fields),
        NOUN_TEST(test_events),
        NOUN_TEST(test_officers),
        NOUN_TEST(test_encoding),
        NOUN_TEST(test_crs),
        NOUN_TEST(test_plausible),
        NOUN_TEST(test_bad_files),
        NOUN_TEST(test_cut_in_the_middle),
        NOUN_TEST(test_cancel),
        NOUN_TEST(test_index),
    };
    return cmocka_run_group_tests(tests, noun_group_setup, noun_group_teardown);
}
