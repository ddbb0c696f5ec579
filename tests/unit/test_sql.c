/* The SQL functions on the library's own connection. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/crs.h"

/* The one value of a query as text, "NULL" for NULL; free it. */
static char *value_of(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row = false;
    must(wg_query(store, sql, &q, &err), &err);
    if (wg_step(q, &row, &err))
        fail_msg("%s: %s", sql, err.text);
    assert_true(row);
    char *text = strdup(wg_column_is_null(q, 0) ? "NULL" : wg_column_text(q, 0));
    wg_done(q);
    return text;
}

static double real_of(struct wg_store *store, const char *sql)
{
    char *text = value_of(store, sql);
    double v = strtod(text, NULL);
    free(text);
    return v;
}

static void assert_value(struct wg_store *store, const char *sql, const char *expected)
{
    char *text = value_of(store, sql);
    if (strcmp(text, expected) != 0)
        fail_msg("%s: %s, not %s", sql, text, expected);
    free(text);
}

/* The statement fails, with these words. */
static void assert_fails(struct wg_store *store, const char *sql, const char *words)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(store, sql, &q, &err);
    if (!status)
        status = wg_step(q, &row, &err);
    wg_done(q);
    if (!status)
        fail_msg("%s: no error", sql);
    if (!strstr(err.text, words))
        fail_msg("%s: “%s” does not say “%s”", sql, err.text, words);
}

static void test_version(void **state)
{
    assert_value(noun_store(state), "SELECT wg_version()", wg_version());
}

/* ---- transforms ---- */

/* SpatiaLite's own transform is the oracle, for every kind of geometry. */
static void test_transform_geometry(void **state)
{
    static const char *const wkt[] = {
        "POINT(109.19 27.72)",
        "POINTZ(109.19 27.72 5)",
        "POINTM(109.19 27.72 5)",
        "POINTZM(109.19 27.72 5 6)",
        "LINESTRING(109.1 27.7,109.2 27.8,109.3 27.7)",
        "LINESTRINGZ(109.1 27.7 1,109.2 27.8 2)",
        "POLYGON((109 27,110 27,110 28,109 27),(109.5 27.1,109.6 27.1,109.6 "
        "27.2,109.5 27.1))",
        "POLYGONZM((109 27 1 2,110 27 3 4,110 28 5 6,109 27 1 2))",
        "MULTIPOINT(109 27,109 28)",
        "MULTILINESTRING((109 27,109 28),(110 27,110 28,110 29))",
        "MULTIPOLYGON(((109 27,110 27,110 28,109 27)),((109 28,110 29,109 29,109 28)))",
        "GEOMETRYCOLLECTION(POINT(109 27),LINESTRING(109 27,109.5 28))",
    };
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < sizeof wkt / sizeof wkt[0]; i++) {
        char sql[900];
        snprintf(
            sql, sizeof sql,
            "SELECT Srid(a) = 4545 AND GeometryType(a) = GeometryType(b) AND "
            "AsWKT(a, 4) = AsWKT(b, 4) AND abs(MbrMaxX(a) - MbrMaxX(b)) < 1e-5 AND "
            "abs(MbrMinY(a) - MbrMinY(b)) < 1e-5 AND ST_MinZ(a) IS ST_MinZ(b) AND "
            "ST_MaxZ(a) IS ST_MaxZ(b) AND ST_MaxM(a) IS ST_MaxM(b) "
            "FROM (SELECT wg_transform('EPSG:4490', 'EPSG:4545', g) AS a, "
            "ST_Transform(g, 4545) AS b FROM (SELECT GeomFromText('%s', 4490) AS g))",
            wkt[i]);
        assert_value(store, sql, "1");
    }
}

static void test_transform_point(void **state)
{
    static const char *const frames[] = {"wgs84",  "gcj02",     "bd09",
                                         "bd09mc", "EPSG:4545", "EPSG:4490"};
    struct wg_store *store = noun_store(state);
    struct wg_error err;
    for (size_t i = 0; i < 6; i++) {
        struct wg_transform *t = NULL;
        double x = 109.19, y = 27.72;
        char sql[200];
        must(wg_transform_create("wgs84", frames[i], &t, &err), &err);
        must(wg_transform_points(t, 1, &x, &y, &err), &err);
        wg_transform_destroy(t);
        snprintf(sql, sizeof sql, "SELECT wg_transform_x('wgs84', '%s', 109.19, 27.72)",
                 frames[i]);
        assert_float_equal(real_of(store, sql), x, 1e-9 * fabs(x));
        snprintf(sql, sizeof sql,
                 "SELECT wg_transform_y('wgs84', '%s', MakePoint(109.19, 27.72, 4326))",
                 frames[i]);
        assert_float_equal(real_of(store, sql), y, 1e-9 * fabs(y));
        snprintf(sql, sizeof sql,
                 "SELECT wg_transform_x('%s', 'wgs84', wg_transform('wgs84', '%s', "
                 "'109.19', 27.72))",
                 frames[i], frames[i]);
        assert_float_equal(real_of(store, sql), 109.19, 1e-10);
    }
}

static void test_transform_answers(void **state)
{
    static const char *const rows[][2] = {
        {"SELECT wg_transform('wgs84', 'gcj02', NULL)", "NULL"},
        {"SELECT wg_transform('wgs84', NULL, 1, 2)", "NULL"},
        {"SELECT wg_transform(NULL, 'gcj02', 1, 2)", "NULL"},
        {"SELECT wg_transform_x('wgs84', 'gcj02', 1, NULL)", "NULL"},
        /* no place in the other frame */
        {"SELECT wg_transform(4326, 4545, 1000, 100)", "NULL"},
        {"SELECT wg_transform_y(4326, 4545, 9e999, 1)", "NULL"},
        {"SELECT wg_transform(4326, 4545, GeomFromText('LINESTRING(109 27,109 1000)'))",
         "NULL"},
        {"SELECT Srid(wg_transform(4326, 4545, 109, 27))", "4545"},
        {"SELECT Srid(wg_transform('wgs84', 'gcj02', 109, 27))", "0"},
        {"SELECT Srid(wg_transform('wgs84', 'bd09mc', 109, 27))", "-1"},
        {"SELECT Srid(wg_transform('gcj02', 'wgs84', 109, 27))", "4326"},
        {"SELECT Srid(wg_transform('gcj02', 'cgcs2000', ST_Buffer(MakePoint(109, 27), "
         "0.1)))",
         "4490"},
        {"SELECT AsText(wg_transform(4490, 'EPSG:4490', MakePoint(109, 27)))",
         "POINT(109 27)"},
        {"SELECT IsValid(wg_transform(4326, 4545, ST_Buffer(MakePoint(109, 27), 0.1)))",
         "1"},
        /* more frames than are kept ready, twice round */
        {"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 41) "
         "SELECT count(DISTINCT wg_transform_x(4490, 4534 + i % 21, 109, 27)) FROM n",
         "21"},
        /* a big-endian blob stays one */
        {"SELECT hex(wg_transform(4490, 4490, x'00000000118A405B400000000000403B0000000"
         "00000405B400000000000403B0000000000007C00000001405B400000000000403B000000000000"
         "FE'))",
         "00000000118A405B400000000000403B000000000000405B400000000000403B0000000000007C"
         "00000001405B400000000000403B000000000000FE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_value(noun_store(state), rows[i][0], rows[i][1]);
}

static void test_transform_refusals(void **state)
{
    static const char *const rows[][2] = {
        {"SELECT wg_transform('nowhere', 'wgs84', 1, 2)", "nowhere"},
        {"SELECT wg_transform('wgs84', 'nowhere', 1, 2)", "wg_transform: "},
        {"SELECT wg_transform_x('wgs84', 'gcj02', 'east', 2)", "x must be a number"},
        {"SELECT wg_transform_x('wgs84', 'gcj02', 1, 'north')", "“north”"},
        {"SELECT wg_transform_y('wgs84', 'gcj02', 1, x'00')", "y must be a number"},
        {"SELECT wg_transform_y('wgs84', 'gcj02', 1)", "x, y or as a geometry"},
        {"SELECT wg_transform('wgs84', 'gcj02', x'0001')", "none of SpatiaLite's"},
        {"SELECT wg_transform('wgs84', 'gcj02', x'')", "none of SpatiaLite's"},
        {"SELECT wg_transform('wgs84', 'gcj02', zeroblob(60))", "none of SpatiaLite's"},
        {"SELECT wg_transform(4326, 4545, CompressGeometry(GeomFromText('LINESTRING("
         "109 27,109 28,110 28)')))",
         "compressed"},
        {"SELECT wg_transform_x('wgs84', 'gcj02', GeomFromText('LINESTRING(1 1,2 2)'))",
         "A point is needed"},
        {"SELECT wg_transform('wgs84', 'gcj02')", "wrong number of arguments"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(noun_store(state), rows[i][0], rows[i][1]);
}

/* Cut at every byte, and with every byte changed: an answer or an error, no crash. */
static void test_transform_damage(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err;
    must(wg_exec(store,
                 "CREATE TEMP TABLE g AS SELECT GeomFromText('GEOMETRYCOLLECTION(POINT("
                 "109 27),POLYGON((109 27,110 27,110 28,109 27)))', 4490) AS b;"
                 "CREATE TEMP TABLE out (n)",
                 &err),
         &err);
    int size = (int)ask(store, "SELECT length(b) FROM g");
    assert_in_range(size, 100, 300);
    int refused = 0;
    for (int i = 0; i < size; i++) {
        char sql[200];
        snprintf(
            sql, sizeof sql,
            "INSERT INTO out SELECT wg_transform(4490, 4545, substr(b, 1, %d)) FROM g",
            i);
        refused += wg_exec(store, sql, NULL) == WG_INVALID;
        snprintf(
            sql, sizeof sql,
            "INSERT INTO out SELECT wg_transform(4490, 4545, CAST(substr(b, 1, %d) || "
            "x'FF' || substr(b, %d) AS BLOB)) FROM g",
            i, i + 2);
        wg_exec(store, sql, NULL);
    }
    assert_int_equal(refused, size);
}

/* Views and triggers of the file may call the functions; an index of the pure ones. */
static void test_in_schema(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err;
    must(wg_exec(
             store,
             "PRAGMA trusted_schema = OFF;"
             "CREATE TABLE p (lon, lat, x);"
             "CREATE INDEX p_x ON p (wg_transform_x(4490, 4545, lon, lat));"
             "CREATE VIEW v AS SELECT wg_transform_y(4490, 4545, lon, lat) AS y FROM p;"
             "CREATE TRIGGER t AFTER INSERT ON p BEGIN UPDATE p SET x = "
             "wg_transform_x(4490, 4545, lon, lat) WHERE rowid = new.rowid; END;"
             "INSERT INTO p (lon, lat) VALUES (109.19, 27.72)",
             &err),
         &err);
    assert_float_equal(real_of(store, "SELECT x FROM p"), 617356.603, 0.01);
    assert_float_equal(real_of(store, "SELECT y FROM v"), 3067979.871, 0.01);
    assert_float_equal(real_of(store,
                               "SELECT wg_transform_x(4490, 4545, lon, lat) FROM p "
                               "INDEXED BY p_x WHERE wg_transform_x(4490, 4545, "
                               "lon, lat) > 6e5"),
                       617356.603, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(test_version),
        NOUN_TEST(test_transform_geometry),
        NOUN_TEST(test_transform_point),
        NOUN_TEST(test_transform_answers),
        NOUN_TEST(test_transform_refusals),
        NOUN_TEST(test_transform_damage),
        NOUN_TEST(test_in_schema),
    };
    return cmocka_run_group_tests_name("sql", tests, noun_group_setup,
                                       noun_group_teardown);
}
