/* The file as other programs meet it: sqlite3 with and without SpatiaLite, GDAL; what
 * its triggers keep right, what its views show. */
#include "store_scratch.h"

#include <sys/stat.h>

#include "statement.h"
#include "store_db.h"

/* Run a shell command; its output, both streams, goes to `out`. */
static int run(const char *command, char *out, size_t size)
{
    char *both = NULL;
    size_t n = 0;
    assert_true(asprintf(&both, "( %s ) 2>&1", command) > 0);
    FILE *p = popen(both, "r");
    free(both);
    assert_non_null(p);
    n = fread(out, 1, size - 1, p);
    out[n] = 0;
    return pclose(p);
}

static bool have(const char *tool)
{
    char command[128], out[256];
    snprintf(command, sizeof command, "command -v %s", tool);
    if (run(command, out, sizeof out) == 0)
        return true;
    print_message("# %s is not installed: skipped\n", tool);
    return false;
}

/* Give SQL to the sqlite3 program, with SpatiaLite or without. */
static const char *client(const struct scratch *s, bool spatial, const char *sql)
{
    static char out[8192];
    char path[128], command[256];
    snprintf(path, sizeof path, "%s/client.sql", s->folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%s%s\n", spatial ? "SELECT load_extension('mod_spatialite');\n" : "",
            sql);
    fclose(f);
    snprintf(command, sizeof command, "sqlite3 -bail '%s' < '%s'", s->db, path);
    if (run(command, out, sizeof out))
        fail_msg("%s: %s", sql, out);
    return spatial ? strchr(out, '\n') + 1 : out; /* less the line of load_extension */
}

#define assert_client(s, spatial, sql, expected)                                         \
    assert_string_equal(client(s, spatial, sql), expected)

#define SQUARE(x, y, size)                                                               \
    "CastToMulti(BuildMbr(" #x "," #y "," #x "+" #size "," #y "+" #size ",4545))"

static void test_heights(void **state)
{
    struct scratch *s = *state;
    if (!have("sqlite3"))
        skip();
    scratch_create(s);
    static const char heights[] = "SELECT code, height_m, height_from FROM building "
                                  "ORDER BY code;";
    assert_client(
        s, true,
        "UPDATE district SET default_height_m = 7, floor_height_m = 3.5;"
        "INSERT INTO building (code, floors, geom) VALUES "
        "('a', 4, " SQUARE(0, 0, 10) "), ('b', NULL, " SQUARE(
            20, 0,
            10) "),"
                "('c', 0, NULL);"
                "INSERT INTO building (code, height_m) VALUES ('d', 50);"
                "INSERT INTO building (code, height_m, height_from) VALUES "
                "('e', 14, 'floors');"
                "INSERT INTO building (code, height_m, height_from, floors) VALUES "
                "('f', 99, 'measured', 2);",
        "");
    assert_client(s, false, heights,
                  "a|14.0|floors\nb|7.0|default\nc|7.0|default\nd|50.0|measured\n"
                  "e|14.0|floors\nf|99.0|measured\n");
    /* by a client without SpatiaLite, with triggers that trigger and without */
    for (int recursive = 0; recursive < 2; recursive++) {
        char sql[512];
        snprintf(sql, sizeof sql,
                 "PRAGMA recursive_triggers = %d;"
                 "UPDATE building SET floors = %d WHERE code IN ('a', 'b', 'f');"
                 "UPDATE building SET height_m = %d WHERE code = 'c';"
                 "UPDATE building SET height_m = NULL WHERE code = 'd';"
                 "UPDATE building SET height_m = NULL, height_from = NULL, floors = 1 "
                 "WHERE code = 'e';%s",
                 recursive, 10 + recursive, 20 + recursive, heights);
        assert_client(s, false, sql,
                      recursive ? "a|38.5|floors\nb|38.5|floors\nc|21.0|measured\n"
                                  "d|7.0|default\ne|3.5|floors\nf|99.0|measured\n"
                                : "a|35.0|floors\nb|35.0|floors\nc|20.0|measured\n"
                                  "d|7.0|default\ne|3.5|floors\nf|99.0|measured\n");
    }
    /* the library's own update writes all fields together: it is left alone */
    assert_client(s, false,
                  "UPDATE building SET floors = 2, height_m = 7, height_from = 'floors' "
                  "WHERE code = 'a';"
                  "UPDATE building SET height_m = 8, height_from = 'measured' WHERE "
                  "code = 'b';"
                  "SELECT code, height_m, height_from FROM building WHERE code < 'c' "
                  "ORDER BY code;",
                  "a|7.0|floors\nb|8.0|measured\n");
}

static void test_grid_area(void **state)
{
    struct scratch *s = *state;
    if (!have("sqlite3"))
        skip();
    scratch_create(s);
    assert_client(
        s, true,
        "INSERT INTO scheme (name) VALUES ('basic');"
        "INSERT INTO grid (scheme_id, code, area_m2, geom) VALUES "
        "(1, 'a', 5, " SQUARE(
            0, 0, 10) "), (1, 'b', NULL, NULL);"
                      "SELECT code, area_m2 FROM grid;"
                      "UPDATE grid SET geom = " SQUARE(
                          0, 0, 20) ";"
                                    "SELECT code, area_m2 FROM grid;"
                                    "UPDATE grid SET geom = NULL WHERE code = 'b';"
                                    "SELECT code, area_m2 FROM grid;",
        "a|100.0\nb|\na|400.0\nb|400.0\na|400.0\nb|\n");
    assert_client(s, false,
                  "UPDATE grid SET name = 'n', note = 'x' WHERE code = 'b';"
                  "SELECT name, note FROM grid WHERE code = 'b';"
                  "SELECT tbl, rid, op FROM change ORDER BY seq DESC LIMIT 1;",
                  "n|x\ngrid|2|U\n");
}

static void test_event_loop(void **state)
{
    struct scratch *s = *state;
    if (!have("sqlite3"))
        skip();
    scratch_create(s);
    assert_client(s, true,
                  "INSERT INTO event (title, source, reported_at, geom) VALUES ('fire', "
                  "'hotline', '2026-01-02T03:04:05.000Z', MakePoint(1, 2, 4545));"
                  "SELECT tbl, op FROM change WHERE tbl LIKE 'event%' ORDER BY seq;"
                  "SELECT stage, level, closed_at FROM event_status;"
                  "SELECT at, action, from_stage, to_stage, who FROM event_log;"
                  "SELECT length(uuid), substr(uuid, 15, 1) FROM event;",
                  "event|I\nevent_status|I\n1|0|\n"
                  "2026-01-02T03:04:05.000Z|report||1|hotline\n36|4\n");
    static const char log[] = "SELECT action, from_stage, to_stage FROM event_log "
                              "WHERE id > 1 ORDER BY id; SELECT closed_at IS NULL, "
                              "length(updated_at) FROM event_status;";
    char sql[512];
    snprintf(sql, sizeof sql,
             "UPDATE event_status SET level = 2;" /* no change of stage: no line */
             "UPDATE event_status SET stage = 4;"
             "UPDATE event_status SET stage = 4;%s",
             log);
    assert_client(s, false, sql, "advance|1|4\n1|24\n");
    snprintf(sql, sizeof sql, "UPDATE event_status SET stage = 7;%s", log);
    assert_client(s, false, sql, "advance|1|4\nend|4|7\n0|24\n");
    snprintf(sql, sizeof sql, "UPDATE event_status SET stage = 6;%s", log);
    assert_client(s, false, sql, "advance|1|4\nend|4|7\nreopen|7|6\n1|24\n");
    /* a time of the end that the writer gives is kept */
    assert_client(
        s, false,
        "UPDATE event_status SET stage = 10, closed_at = 'T1', updated_at = 'T2';"
        "SELECT closed_at, updated_at FROM event_status;"
        "DELETE FROM event_log; SELECT count(*) FROM event_log;",
        "T1|T2\n0\n");
    /* without SpatiaLite an event can still be described and removed row by row */
    assert_client(s, false,
                  "PRAGMA foreign_keys = ON; UPDATE event SET title = 'smoke';"
                  "SELECT tbl, op FROM change ORDER BY seq DESC LIMIT 1;",
                  "event|U\n");
}

/* Every live table tells the change log of insert, update and delete. */
static void test_change_log(void **state)
{
    struct scratch *s = *state;
    static const struct {
        const char *table, *insert, *update;
    } cases[] = {
        {"scheme", "(id, name) VALUES (9, 'x')", "title = 't'"},
        {"officer", "(id, name) VALUES (9, 'x')", "phone = '1'"},
        {"grid", "(id, scheme_id, code) VALUES (9, 9, 'x')", "note = 'n'"},
        {"duty", "(id, officer_id, grid_id) VALUES (9, 9, 9)", "role = 'r'"},
        {"building", "(id, height_m, height_from) VALUES (9, 1, 'measured')",
         "name = 'n'"},
        {"dwelling", "(id, building_id) VALUES (9, 9)", "floor = 2"},
        {"part", "(id) VALUES (9)", "state = 's'"},
        {"event", "(id) VALUES (9)", "title = 't'"},
        {"alert", "(id, level, event_id) VALUES (9, 1, 9)", "level = 2"},
        {"road", "(id) VALUES (9)", "name = 'n'"},
        {"surface", "(id) VALUES (9)", "name = 'n'"},
        {"revision", "(id, scheme_id, number) VALUES (9, 9, 1)", "reason = 'r'"},
        {"terrain", "(id, cols, rows, x0, y0, step_m, z) VALUES (1, 1, 1, 0, 0, 1, x'')",
         "step_m = 2"},
    };
    enum { N = sizeof cases / sizeof cases[0] };
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    char sql[512];
    for (int pass = 0; pass < 3; pass++) {
        for (int k = 0; k < N; k++) { /* delete in reverse: references */
            int i = pass == 2 ? N - 1 - k : k;
            int64_t seq = 0, n = 0;
            wg_store_last_change(store, &seq, &err);
            if (pass == 0)
                snprintf(sql, sizeof sql, "INSERT INTO %s %s", cases[i].table,
                         cases[i].insert);
            else if (pass == 1)
                snprintf(sql, sizeof sql, "UPDATE %s SET %s", cases[i].table,
                         cases[i].update);
            else
                snprintf(sql, sizeof sql, "DELETE FROM %s", cases[i].table);
            if (wg_exec(store, sql, &err))
                fail_msg("%s: %s", sql, err.text);
            snprintf(
                sql, sizeof sql,
                "SELECT count(*) FROM change WHERE seq > %lld AND tbl = '%s' AND rid "
                "= %d AND op = '%c'",
                (long long)seq, cases[i].table,
                strcmp(cases[i].table, "terrain") == 0 ? 1 : 9, "IUD"[pass]);
            assert_int_equal(wg_store_number(store, sql, &n, &err), WG_OK);
            if (n != 1)
                fail_msg("%s: %d", sql, (int)n);
        }
    }
    wg_store_close(store);
}

static void test_views(void **state)
{
    struct scratch *s = *state;
    if (!have("sqlite3"))
        skip();
    scratch_create(s);
    client(
        s, true,
        "INSERT INTO scheme (name) VALUES ('basic'), ('six');"
        "INSERT INTO grid (scheme_id, code, name, level, geom) VALUES "
        "(1, 'C', '社区', 4, " SQUARE(
            0, 0,
            100) ");"
                 "INSERT INTO grid (scheme_id, code, parent_id, geom) VALUES "
                 "(1, 'G1', 1, " SQUARE(0, 0, 50) "), (1, 'G2', 1, " SQUARE(
                     50, 0,
                     50) ");"
                         "INSERT INTO building (code, households, population, geom) "
                         "VALUES "
                         "('b1', 10, 30, " SQUARE(1, 1, 5) "), ('b2', 5, NULL, " SQUARE(
                             48, 1,
                             5) ");"
                                "INSERT INTO building (code, valid_to) VALUES ('old', "
                                "'2001-01-01');"
                                "INSERT INTO part (code, class, geom) VALUES ('p', "
                                "'camera', "
                                "MakePoint(3, 3, 4545));"
                                "INSERT INTO event (code, title, building_id, geom) "
                                "VALUES "
                                "('e1', 'fire', 1, MakePoint(2, 2, 4545)), ('e2', "
                                "'noise', NULL, "
                                "MakePoint(60, 2, 4545)), ('e3', 'far', NULL, NULL);"
                                "DELETE FROM owner; DELETE FROM owner_share;"
                                "INSERT INTO owner (kind, object_id, scheme_id, grid_id, "
                                "share, how) VALUES "
                                "(1, 1, 1, 2, 1, 'share'), (1, 2, 1, 3, 0.6, 'share'), "
                                "(1, 3, 1, 2, 1, 'share'),"
                                "(2, 1, 1, 2, 1, 'cover'), (3, 1, 1, 2, 1, 'cover'), (3, "
                                "2, 1, 3, 1, 'cover'),"
                                "(3, 3, 1, NULL, 1, 'no place');"
                                "INSERT INTO owner_share VALUES (1, 2, 3, 0.6), (1, 2, "
                                "2, 0.4);"
                                "UPDATE event_status SET level = 2 WHERE event_id = 1;"
                                "UPDATE event_status SET level = 1, stage = 7 WHERE "
                                "event_id = 2;"
                                "INSERT INTO officer (name, phone) VALUES ('李', '123'), "
                                "('Past', NULL);"
                                "INSERT INTO duty (officer_id, grid_id, valid_to) VALUES "
                                "(2, 2, '2001-01-01');"
                                "INSERT INTO duty (officer_id, grid_id) VALUES (1, 2);");
    /* all of them for a client without SpatiaLite */
    assert_client(s, false,
                  "SELECT code, level_name, scheme, parent_code, area_m2, buildings, "
                  "households, population, open_events, alert_level, officer "
                  "FROM v_grid_status ORDER BY id;",
                  "C|community|basic||10000.0|2|15|30|1|2|\n"
                  "G1|grid|basic|C|2500.0|1|10|30|1|2|李\n"
                  "G2|grid|basic|C|2500.0|1|5|0|0|0|\n");
    assert_client(s, false,
                  "INSERT INTO alert (level, building_id) VALUES (1, 2);"
                  "INSERT INTO alert (level, grid_id, cleared_at) VALUES (1, 2, 'T');"
                  "INSERT INTO alert (level, grid_id) VALUES (3, 3);"
                  "SELECT code, alert_level FROM v_grid_status ORDER BY id;"
                  "SELECT code, grid_code, alert_level, open_events FROM v_building "
                  "ORDER BY id;",
                  "C|1\nG1|2\nG2|1\nb1|G1|2|1\nb2|G2|1|0\nold|G1|0|0\n");
    assert_client(s, false,
                  "SELECT code, shares FROM v_building_cut;"
                  "SELECT code, stage_name, stage_name_zh, level_name, grid_code FROM "
                  "v_event_open ORDER BY id;"
                  "SELECT count(*) FROM v_event;"
                  "SELECT kind, object_id, code, scheme, how FROM v_outside;"
                  "SELECT officer, phone, grid_code FROM v_officer_duty ORDER BY id;"
                  "SELECT code, grid_code FROM v_part;"
                  "SELECT event_id, grid_code FROM v_event_owner ORDER BY 1;"
                  "SELECT top, group_concat(id) FROM v_grid_below GROUP BY top;",
                  "b2|basic G1 40.0%, basic G2 60.0%\n"
                  "e1|reported|上报|orange|G1\ne3|reported|上报|none|\n3\n"
                  "event|3|e3|basic|no place\nPast||G1\n李|123|G1\np|G1\n"
                  "1|G1\n2|G2\n3|\n1|1,2,3\n2|2\n3|3\n");
    /* parents in a ring must not hang anything */
    client(s, true, "UPDATE grid SET parent_id = 2 WHERE id = 1;");
    assert_client(s, false,
                  "SELECT count(*) FROM v_grid_below; SELECT count(buildings) FROM "
                  "v_grid_status;",
                  "7\n3\n");
}

static void test_gdal(void **state)
{
    struct scratch *s = *state;
    char command[512], out[16384], path[128];
    if (!have("ogr2ogr") || !have("ogrinfo"))
        skip();
    scratch_create(s);
    snprintf(path, sizeof path, "%s/in.csv", s->folder);
    FILE *f = fopen(path, "w");
    fputs("code,floors,WKT\n"
          "o1,5,\"MULTIPOLYGON (((0 0,9 0,9 9,0 9,0 0)))\"\n"
          "o2,,\"MULTIPOLYGON (((20 0,29 0,29 9,20 9,20 0)))\"\n",
          f);
    fclose(f);
    snprintf(command, sizeof command,
             "ogr2ogr -append -f SQLite -a_srs EPSG:4545 -oo AUTODETECT_TYPE=YES "
             "-nln building '%s' '%s'",
             s->db, path);
    if (run(command, out, sizeof out))
        fail_msg("%s", out);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    int64_t n = 0;
    assert_int_equal(
        wg_store_number(store,
                        "SELECT count(*) FROM building JOIN idx_building_geom "
                        "ON pkid = id WHERE (code, height_m, height_from) IN "
                        "(VALUES ('o1', 15, 'floors'), ('o2', 6, 'default'))",
                        &n, &err),
        WG_OK);
    assert_int_equal(n, 2);
    assert_int_equal(wg_store_verify(store, NULL, NULL, &err), WG_OK);
    wg_store_close(store);

    static const struct {
        const char *layer, *type;
    } layers[] = {
        {"grid", "Multi Polygon"},
        {"building", "Multi Polygon"},
        {"part", "Point"},
        {"event", "Point"},
        {"road", "Line String"},
        {"surface", "Multi Polygon"},
        {"v_building", "Multi Polygon"},
        {"v_building_cut", "Multi Polygon"},
        {"v_part", "Point"},
        {"v_event", "Point"},
        {"v_event_open", "Point"},
        {"v_grid_status", "Multi Polygon"},
    };
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        snprintf(command, sizeof command, "ogrinfo -so '%s' %s", s->db, layers[i].layer);
        if (run(command, out, sizeof out))
            fail_msg("%s", out);
        char words[64];
        snprintf(words, sizeof words, "Geometry: %s\n", layers[i].type);
        if (!strstr(out, words) || !strstr(out, "ID[\"EPSG\",4545]]"))
            fail_msg("%s: %s", layers[i].layer, out);
    }
}

/* A CRS without a code of its own. */
static void test_own_crs(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_create_options options = {
        .crs = "+proj=tmerc +lat_0=0 +lon_0=109.2 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 "
               "+units=m +no_defs",
        .name = "高新区",
        .lang = "zh",
        .floor_height_m = 2.9};
    if (wg_store_create(s->db, &options, &err))
        fail_msg("%s", err.text);
    struct wg_store *store = scratch_open(s);
    int64_t n = 0;
    assert_int_equal(
        wg_store_number(store,
                        "SELECT count(*) FROM district d JOIN spatial_ref_sys r "
                        "USING (srid) WHERE d.name = '高新区' AND lang = 'zh' AND "
                        "floor_height_m = 2.9 AND d.crs LIKE '+proj%' AND r.auth_name "
                        "NOT LIKE 'epsg' AND proj4text LIKE '%lon_0=109.2%' AND "
                        "srtext LIKE 'PROJCRS%'",
                        &n, &err),
        WG_OK);
    assert_int_equal(n, 1);
    assert_int_equal(wg_exec(store,
                             "INSERT INTO part (geom) SELECT MakePoint(1, 2, srid) "
                             "FROM district",
                             &err),
                     WG_OK);
    assert_int_equal(wg_store_verify(store, NULL, NULL, &err), WG_OK);
    wg_store_close(store);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_heights),    SCRATCH(test_grid_area), SCRATCH(test_event_loop),
        SCRATCH(test_change_log), SCRATCH(test_views),     SCRATCH(test_gdal),
        SCRATCH(test_own_crs),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
