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

/* ---- which grid ---- */

static void run(struct wg_store *store, const char *sql)
{
    struct wg_error err;
    must(wg_exec(store, sql, &err), &err);
}

/* The rule of the file in SpatiaLite's words, for the point x, y of a row of p. */
#define OWNER                                                                            \
    "(SELECT min(g.code) FROM grid g WHERE g.scheme_id = 1 AND "                         \
    "ST_Covers(g.geom, MakePoint(p.x, p.y, 4545)) = 1 AND "                              \
    "(g.valid_from IS NULL OR g.valid_from <= p.at) AND "                                \
    "(g.valid_to IS NULL OR g.valid_to > p.at) AND NOT EXISTS (SELECT 1 FROM grid c "    \
    "WHERE c.parent_id = g.id AND (c.valid_from IS NULL OR c.valid_from <= p.at) AND "   \
    "(c.valid_to IS NULL OR c.valid_to > p.at)))"

/* Scheme 1 "basic": four squares of 100 m, the first divided in two in 2026, the last
 * ended in 2025, and one beside them that overlaps.  p: a lattice of points, corners and
 * edges among them, at two moments. */
static void make_grids(struct wg_store *store)
{
    int64_t scheme = new_scheme(store, "basic", "free");
    assert_int_equal(scheme, 1);
    int64_t a = new_grid(store, 1, "a", 5, 0, (struct wg_box){0, 0, 100, 100});
    new_grid(store, 1, "b", 5, 0, (struct wg_box){100, 0, 200, 100});
    new_grid(store, 1, "c", 5, 0, (struct wg_box){0, 100, 100, 200});
    new_grid(store, 1, "d", 5, 0, (struct wg_box){100, 100, 200, 200});
    new_grid(store, 1, "a1", 6, a, (struct wg_box){0, 0, 50, 100});
    new_grid(store, 1, "a2", 6, a, (struct wg_box){50, 0, 100, 100});
    new_grid(store, 1, "\"e\\\xC3\xA9", 5, 0, (struct wg_box){180, 0, 260, 40});
    run(store,
        "UPDATE grid SET valid_from = '2026-01-01T00:00:00.000Z' WHERE parent_id = 1;"
        "UPDATE grid SET valid_to = '2025-06-01T00:00:00.000Z' WHERE code = 'd';"
        "CREATE TEMP TABLE p AS WITH RECURSIVE n (i) AS (SELECT -2 UNION ALL SELECT i + "
        "1 "
        "FROM n WHERE i < 54) SELECT 500000.0 + 5 * a.i AS x, 3050000.0 + 5 * b.i AS y, "
        "t.column1 AS at FROM n a, n b, (VALUES ('2026-06-01T00:00:00.000Z'), "
        "('2025-02-01T00:00:00.000Z'), ('2025-12-01T00:00:00.000Z')) t");
}

static void test_locate(void **state)
{
    struct wg_store *store = noun_store(state);
    make_grids(store);
    assert_value(store, "SELECT count(*) FROM p", "9747");
    assert_value(
        store, "SELECT count(*) FROM p WHERE wg_locate('basic', x, y, at) IS NOT " OWNER,
        "0");
    assert_value(store,
                 "SELECT group_concat(DISTINCT wg_locate('basic', x, y, at)) FROM p",
                 "a1,c,a2,b,\"e\\\xC3\xA9,a,d");
    /* now, by name and by number, from two numbers and from a point */
    assert_value(
        store,
        "SELECT count(*) FROM p WHERE at LIKE '2026-06%' AND (wg_locate('basic', "
        "x, y) IS NOT " OWNER " OR wg_locate(1, MakePoint(x, y, 4545)) IS NOT "
        "wg_locate('basic', x, y))",
        "0");
    assert_value(store,
                 "SELECT count(*) FROM p WHERE wg_locate_id('basic', x, y, at) IS NOT "
                 "(SELECT id FROM grid WHERE code = wg_locate(1, MakePoint(x, y), at))",
                 "0");
    /* the scheme of each row another one, not a constant of the statement */
    new_scheme(store, "empty", "free");
    assert_value(store,
                 "SELECT count(*) FROM p, scheme s WHERE wg_locate(s.name, x, y, at) IS "
                 "NOT iif(s.id = 1, " OWNER ", NULL)",
                 "0");
    assert_value(
        store, "SELECT count(wg_locate(s.id, x, y)) FROM p, scheme s WHERE id = 2", "0");
}

static void test_locate_answers(void **state)
{
    static const char *const rows[][2] = {
        {"SELECT wg_locate('basic', 500010, 3050010)", "a1"},
        {"SELECT wg_locate('basic', '500010', ' 3050010 ')", "a1"},
        {"SELECT wg_locate('basic', NULL, 3050010)", "NULL"},
        {"SELECT wg_locate(NULL, 500010, 3050010)", "NULL"},
        {"SELECT wg_locate('basic', NULL)", "NULL"},
        {"SELECT wg_locate('basic', 500010, 3050010, NULL)", "NULL"},
        {"SELECT wg_locate_id('basic', 9e999, -9e999)", "NULL"},
        {"SELECT wg_locate('basic', 500010, 3050010, '2025-12-31')", "a"},
        {"SELECT wg_locate('basic', 500010, 3050010, '2026-01-01 08:00+08:00')", "a1"},
        {"SELECT wg_locate('basic', 500010, 3050010, CURRENT_TIMESTAMP)", "a1"},
        {"SELECT wg_locate('basic', MakePoint(500010, 3050010, -1))", "a1"},
        {"SELECT wg_nearest('basic', 500010, 3050010)", "a1"},
        {"SELECT wg_nearest('basic', MakePoint(500110, 3050150, 4545))", "c"},
        {"SELECT wg_nearest('basic', 500110, 3050150, '2025-02-01')", "d"},
        {"SELECT wg_nearest_distance('basic', 500110, 3050150)", "10.0"},
        {"SELECT wg_nearest_distance('basic', 500010, 3050010)", "0.0"},
        {"SELECT wg_nearest_distance('basic', NULL, 3050010)", "NULL"},
        {"SELECT wg_ambiguous('basic', 500010, 3050010, 2)", "NULL"},
        {"SELECT wg_ambiguous('basic', 500010, NULL, 2)", "NULL"},
        {"SELECT json_extract(wg_ambiguous('basic', 500049, 3050050, 2), '$.owner', "
         "'$.boundary', '$.near')",
         "[\"a1\",1.0,[\"a2\"]]"},
        {"SELECT json_extract(wg_ambiguous('basic', 500060, 3050050, 9e999), "
         "'$.near[0]')",
         "a1"},
        {"SELECT json_extract(wg_ambiguous('basic', 499999, 3050050, '2'), '$.owner')",
         "NULL"},
        {"SELECT json_extract(wg_ambiguous('basic', MakePoint(500259, 3050020), 2), "
         "'$.owner')",
         "\"e\\\xC3\xA9"},
        {"SELECT json_extract(wg_ambiguous('basic', 500051, 3050150, 2, '2025-02-01'), "
         "'$.owner')",
         "NULL"},
        {"SELECT wg_is_partition('basic')", "0"},
        {"SELECT group_concat(code) FROM wg_grids_in('basic', 500040, 3050040, 500060, "
         "3050060)",
         "a1,a2"},
        {"SELECT group_concat(code) FROM wg_grids_in(1, 500040, 3050040, 500060, "
         "3050060, "
         "'2025-02-01')",
         "a"},
        {"SELECT count(*) FROM wg_grids_in('basic', 500060, 3050040, 500040, 3050060)",
         "0"},
        {"SELECT count(*) || scheme || typeof(at) FROM wg_grids_in('basic', 500040, "
         "3050040, 500060, 3050060) WHERE scheme = 'basic' AND xmin < 500050",
         "2basicnull"},
        {"SELECT count(*) FROM wg_grids_in('basic', NULL, 3050040, 500040, 3050060)",
         "0"},
        {"SELECT group_concat(code || ':' || round(share, 6) || ':' || covers) FROM "
         "wg_shares('basic', BuildMbr(500040, 3050040, 500060, 3050060, 4545))",
         "a1:0.5:0,a2:0.5:0"},
        {"SELECT group_concat(coalesce(code, '-') || ':' || round(share, 6)) FROM "
         "wg_shares('basic', BuildMbr(499990, 3050040, 500010, 3050060, 4545))",
         "a1:0.5,-:0.5"},
        {"SELECT id || code || covers FROM wg_shares('basic', BuildMbr(500040, 3050040, "
         "500060, 3050060), '2025-02-01')",
         "1a1"},
        {"SELECT wg_locate('basic', BuildMbr(500045, 3050040, 500060, 3050060))", "a2"},
        {"SELECT wg_locate('basic', BuildMbr(500040, 3050040, 500060, 3050060))", "a1"},
        {"SELECT wg_locate_id('basic', BuildMbr(500040, 3050040, 500060, 3050060), "
         "'2025-02-01')",
         "1"},
        {"SELECT wg_locate('basic', BuildMbr(0, 0, 1, 1))", "NULL"},
    };
    struct wg_store *store = noun_store(state);
    make_grids(store);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_value(store, rows[i][0], rows[i][1]);
    run(store, "DELETE FROM grid WHERE code > 'e' OR code LIKE '\"%'");
    assert_value(store, "SELECT wg_is_partition('basic')", "1");
    run(store, "DELETE FROM grid WHERE parent_id = 1; DELETE FROM grid");
    assert_value(store, "SELECT wg_nearest('basic', 1, 1)", "NULL");
    assert_value(store, "SELECT wg_nearest_distance('basic', 1, 1)", "NULL");
}

static void test_locate_refusals(void **state)
{
    static const char *const rows[][2] = {
        {"SELECT wg_locate('nowhere', 1, 2)", "There are: basic"},
        {"SELECT wg_locate(77, 1, 2)", "There are: basic"},
        {"SELECT wg_locate(1.5, 1, 2)", "by its name or number"},
        {"SELECT wg_locate(x'01', 1, 2)", "by its name or number"},
        {"SELECT wg_locate('basic', 'east', 2)", "wg_locate: x must be a number"},
        {"SELECT wg_locate_id('basic', 1, x'00')", "wg_locate_id: y must be a number"},
        {"SELECT wg_locate('basic', 1)", "x, y or as a geometry"},
        {"SELECT wg_locate('basic', MakePoint(1, 2, 4545), '2026-01-01', 1)",
         "x, y or as a geometry"},
        {"SELECT wg_locate('basic', BuildMbr(1, 2, 3, 4, 4545), 1, '2026-01-01')",
         "x, y or as a geometry"},
        {"SELECT wg_locate('basic', 1, 2, 'yesterday')", "yesterday"},
        {"SELECT wg_locate('basic', 1, 2, 2026)", "A moment is given as text"},
        {"SELECT wg_locate('basic', MakePoint(1, 2, 4326))",
         "SRID 4326, the grids are of SRID 4545"},
        {"SELECT wg_locate('basic', BuildMbr(1, 2, 3, 4, 4326))",
         "wg_transform(4326, 4545, geometry)"},
        {"SELECT wg_locate('basic', GeomFromText('LINESTRING(1 2,3 4)', 4545))",
         "A point is needed"},
        {"SELECT wg_nearest('basic', x'0001')", "not a SpatiaLite geometry"},
        {"SELECT wg_ambiguous('basic', 1, 2, -1)", "not below 0"},
        {"SELECT wg_ambiguous('basic', 1, 2, 'near')", "accuracy must be a number"},
        {"SELECT * FROM wg_grids_in", "wg_grids_in: an argument is missing; it takes 5"},
        {"SELECT * FROM wg_grids_in('basic', 1, 2, 3)", "an argument is missing"},
        {"SELECT * FROM wg_grids_in('basic', 1, 2, 3, 'd')", "ymax must be a number"},
        {"SELECT * FROM wg_grids_in('nix', 1, 2, 3, 4)", "There are: basic"},
        {"SELECT * FROM wg_shares('basic', 5)", "wg_shares: A polygon is given"},
        {"SELECT * FROM wg_shares('basic', MakePoint(1, 2))", "Point"},
        {"SELECT * FROM wg_shares('basic', BuildMbr(1, 2, 3, 4, 4326))", "SRID 4326"},
    };
    struct wg_store *store = noun_store(state);
    make_grids(store);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(store, rows[i][0], rows[i][1]);
}

/* Against SpatiaLite: distances, boxes and shares of many places. */
static void test_near_and_in(void **state)
{
    struct wg_store *store = noun_store(state);
    make_grids(store);
    run(store, "DELETE FROM p WHERE rowid % 37 OR at NOT LIKE '2026-06%';"
               "CREATE TEMP VIEW o AS SELECT * FROM grid WHERE code NOT IN ('a', 'd')");
    assert_value(
        store,
        "SELECT count(*) > 80 AND min(abs(wg_nearest_distance(1, x + .25, y + .25) - "
        "(SELECT min(ST_Distance(geom, MakePoint(x + .25, y + .25, 4545))) FROM "
        "o)) < 1e-9) FROM p",
        "1");
    assert_value(
        store,
        "SELECT count(*) FROM p WHERE (SELECT group_concat(code) FROM wg_grids_in("
        "'basic', x, y, x + 20, y + 10)) IS NOT (SELECT group_concat(code) FROM ("
        "SELECT code FROM o WHERE ST_Intersects(geom, BuildMbr(x, y, x + 20, y + "
        "10, 4545)) ORDER BY code))",
        "0");
    assert_value(
        store,
        "SELECT count(*) FROM (SELECT abs(s.share - CASE WHEN s.id IS NULL THEN 1 - "
        "ST_Area(ST_Intersection(f, (SELECT ST_Union(geom) FROM o))) / ST_Area(f) ELSE "
        "(SELECT ST_Area(ST_Intersection(f, geom)) / ST_Area(f) FROM o WHERE o.id = "
        "s.id) "
        "END) AS e FROM (SELECT ST_Buffer(MakePoint(x, y, 4545), 12) AS f FROM p) "
        "CROSS JOIN wg_shares('basic', f) s) WHERE e > 1e-9 AND e IS NOT NULL",
        "0");
    /* the owner of a building, as the triggers of the file find it */
    run(store,
        "INSERT INTO building (geom) SELECT CastToMultiPolygon(ST_Buffer(MakePoint(x, y, "
        "4545), 3 + rowid % 11)) FROM p");
    assert_value(store,
                 "SELECT count(*) FROM owner WHERE kind = 1 AND grid_id IS NOT (SELECT "
                 "wg_locate_id(1, geom) FROM building WHERE id = object_id)",
                 "0");
    assert_value(store, "SELECT count(*) > 80 AND count(DISTINCT grid_id) > 4 FROM owner",
                 "1");
}

/* What the transaction has changed is seen at once, and what is rolled back is gone. */
static void test_fresh(void **state)
{
    static const char *const ask_b = "SELECT wg_locate('basic', 500150, 3050050)";
    struct wg_store *store = noun_store(state);
    make_grids(store);
    assert_value(store, ask_b, "b");
    run(store, "SAVEPOINT s; UPDATE grid SET code = 'b9' WHERE code = 'b'");
    assert_value(store, ask_b, "b9");
    run(store, "UPDATE grid SET valid_to = '2026-01-01T00:00:00.000Z' WHERE code = 'b9'");
    assert_value(store, ask_b, "NULL");
    assert_value(store, "SELECT wg_locate('basic', 500150, 3050050, '2025-06-01')", "b9");
    run(store, "ROLLBACK TO s");
    assert_value(store, ask_b, "b");
    run(store, "UPDATE grid SET geom = ST_Translate(geom, 1000, 0, 0) WHERE code = 'b'");
    assert_value(store, ask_b, "NULL");
    assert_value(store, "SELECT wg_locate('basic', 501150, 3050050)", "b");
    run(store, "RELEASE s; DELETE FROM grid WHERE code = 'b'");
    assert_value(store, "SELECT wg_locate('basic', 501150, 3050050)", "NULL");
    /* not those of a temporary table of the same name */
    run(store, "CREATE TEMP TABLE grid (id, code, geom);"
               "CREATE TEMP TABLE grid_stamp AS SELECT * FROM main.grid_stamp");
    for (const char *code = "x\0y\0"; *code; code += 2) {
        char sql[80];
        snprintf(sql, sizeof sql, "UPDATE main.grid SET code = '%s' WHERE id = 3", code);
        run(store, sql);
        assert_value(store, "SELECT wg_locate('basic', 500050, 3050150)", code);
    }
}

/* In a trigger of the file, row by row, also of the grids themselves. */
static void test_locate_in_schema(void **state)
{
    struct wg_store *store = noun_store(state);
    make_grids(store);
    run(store,
        "CREATE TABLE q (x, y, code);"
        "CREATE TABLE log (code);"
        "CREATE VIEW v AS SELECT wg_locate('basic', x, y) AS code FROM q;"
        "CREATE VIEW w AS SELECT s.code AS code FROM q, wg_grids_in('basic', x, y, x, y) "
        "s;"
        "CREATE TRIGGER t AFTER INSERT ON q BEGIN UPDATE q SET code = wg_locate('basic', "
        "x,"
        " y) WHERE rowid = new.rowid; END;"
        "CREATE TRIGGER zz AFTER UPDATE OF code ON grid BEGIN INSERT INTO log SELECT "
        "wg_locate('basic', x, y) FROM q; END;"
        "INSERT INTO q (x, y) SELECT x, y FROM p WHERE at LIKE '2026-06%'");
    assert_value(store, "SELECT count(code) > 1000 FROM q", "1");
    assert_value(
        store, "SELECT count(*) FROM q WHERE code IS NOT wg_locate('basic', x, y)", "0");
    run(store, "PRAGMA trusted_schema = OFF");
    assert_value(store, "SELECT count(DISTINCT code) FROM v", "5");
    assert_value(store, "SELECT count(DISTINCT code) FROM w", "5");
    run(store, "PRAGMA trusted_schema = ON");
    run(store, "DELETE FROM q WHERE rowid > 1; UPDATE q SET x = 500150, y = 3050050;"
               "UPDATE grid SET code = code || 'z' WHERE code IN ('b', 'c')");
    assert_value(store, "SELECT wg_locate('basic', x, y) FROM q", "bz");
    assert_value(store, "SELECT count(*) FROM log", "2");
}

/* Another connection's commit is seen by the next statement, not within one; an index
 * in use lives on when it is replaced. */
static void test_two_connections(void **state)
{
    static const char *const ask_a = "SELECT wg_locate('basic', 500010, 3050010)";
    struct scratch *scratch = ((struct noun_scratch *)*state)->scratch;
    struct wg_store *store = noun_store(state), *other;
    struct wg_error err;
    struct wg_query *q = NULL;
    bool row;
    make_grids(store);
    must(wg_store_commit(store, &err), &err);
    other = scratch_open(scratch);
    assert_value(other, ask_a, "a1");
    must(
        wg_query(other, "SELECT wg_locate('basic', 500010, 3050010) FROM grid", &q, &err),
        &err);
    must(wg_step(q, &row, &err), &err);
    assert_string_equal(wg_column_text(q, 0), "a1");
    for (int i = 0; i < 20; i++) {
        char sql[100], expected[20];
        snprintf(expected, sizeof expected, "a1-%d", i);
        snprintf(sql, sizeof sql, "UPDATE grid SET code = '%s' WHERE code LIKE 'a1%%'",
                 expected);
        run(store, sql);
        assert_value(store, ask_a, expected);
        if (i == 10) {
            must(wg_step(q, &row, &err), &err);
            assert_string_equal(wg_column_text(q, 0), "a1"); /* the state it began with */
            wg_done(q);
        }
        assert_value(other, ask_a, i < 10 ? "a1" : expected);
    }
    wg_store_close(other);
    run(store, "DELETE FROM grid WHERE parent_id IS NOT NULL; DELETE FROM grid; DELETE "
               "FROM owner; DELETE FROM scheme; DELETE FROM withdrawn_code");
}

/* More moments than indexes are kept, in an order that helps nobody. */
static void test_many_moments(void **state)
{
    struct wg_store *store = noun_store(state);
    new_scheme(store, "basic", "free");
    for (int i = 0; i < 40; i++) {
        char code[8];
        snprintf(code, sizeof code, "g%02d", i);
        new_grid(store, 1, code, 5, 0, (struct wg_box){0, 0, 10, 10});
    }
    run(store, "UPDATE grid SET valid_from = format('20%02d-01-01T00:00:00.000Z', 10 + "
               "rowid), valid_to = format('20%02d-01-01T00:00:00.000Z', 11 + rowid)");
    assert_value(
        store,
        "SELECT count(*) FROM (SELECT id, code, wg_locate(1, 500005, 3050005, "
        "substr(valid_from, 1, 5) || '07-01') AS c, (id * 17) % 40 AS k FROM grid, "
        "(VALUES (1), (2)) ORDER BY k) WHERE c IS NOT code",
        "0");
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
        NOUN_TEST(test_locate),
        NOUN_TEST(test_locate_answers),
        NOUN_TEST(test_locate_refusals),
        NOUN_TEST(test_near_and_in),
        NOUN_TEST(test_fresh),
        NOUN_TEST(test_locate_in_schema),
        NOUN_TEST(test_two_connections),
        NOUN_TEST(test_many_moments),
    };
    return cmocka_run_group_tests_name("sql", tests, noun_group_setup,
                                       noun_group_teardown);
}
