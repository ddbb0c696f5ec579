/* Tests of export: what is written is read back the same, and files come whole. */
#include "noun_scratch.h"

#include <dirent.h>
#include <math.h>

#include "wangge/wangge.h"

static const char *path_in(const struct scratch *s, const char *name)
{
    static char path[8][200];
    static unsigned next;
    char *p = path[next++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", s->folder, name);
    return p;
}

/* A district with something of every noun. */
static struct wg_store *make_district(const char *path)
{
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    struct wg_create_options options = {.crs = "EPSG:4545"};
    must(wg_store_create(path, &options, &err), &err);
    must(wg_store_open(path, NULL, &store, &err), &err);
    return store;
}

static void fill(struct wg_store *store)
{
    struct wg_error err = {0};
    int64_t scheme, id, whole = 0, top = 0;
    struct wg_scheme s;
    wg_scheme_init(&s);
    s.name = "basic";
    must(wg_scheme_create(store, &s, &scheme, &err), &err);
    for (int i = 0; i < 3; i++) {
        char code[8];
        struct wg_grid g;
        wg_grid_init(&g);
        snprintf(code, sizeof code, i ? "00%d" : "0", i);
        g.scheme = scheme;
        g.code = code;
        g.level = i ? WG_LEVEL_GRID : WG_LEVEL_COMMUNITY;
        g.name = i ? "河东，“一”" : NULL;
        g.note = i == 1 ? "two\nlines; and, commas" : NULL;
        g.parent = i ? top : 0;
        g.geometry = i ? rectangle(X0 + (i - 1) * 1000.0078125, Y0, 1000.0078125, 900)
                       : rectangle(X0, Y0, 2000.015625, 900);
        must(wg_grid_create(store, &g, &id, &err), &err);
        if (!i)
            top = id;
        wg_multipolygon_finish(&g.geometry);
    }
    for (int i = 0; i < 4; i++) {
        char source[16];
        struct wg_building b;
        wg_building_init(&b);
        snprintf(source, sizeof source, "w%d", i);
        b.source_id = i == 3 ? NULL : source;
        b.name = i % 2 ? NULL : "广场社区楼";
        b.floors = i == 2 ? 6 : WG_UNKNOWN;
        b.height_m = i == 0 ? 12.345 : NAN;
        b.part_of = i == 1 ? whole : 0;
        b.base_m = i == 1 ? 3 : 0;
        b.households = i == 2 ? 48 : WG_UNKNOWN;
        b.geometry = rectangle(X0 + 10.1 + i * 333.3, Y0 + 5.7, 12.3, 8.9);
        must(wg_building_create(store, &b, &id, &err), &err);
        if (!i)
            whole = id;
        wg_multipolygon_finish(&b.geometry);
    }
    for (int i = 0; i < 3; i++) {
        struct wg_event e;
        wg_event_init(&e);
        e.code = i ? "0012" : NULL;
        e.class_code = "0401";
        e.title = i == 1 ? "井盖丢失" : NULL;
        e.reported_at = "2026-03-01T08:15:30.250Z";
        e.due_at = i ? "2026-03-02T08:00:00.000Z" : NULL;
        e.stage = i == 2 ? WG_STAGE_CLOSED : WG_STAGE_HANDLING;
        e.closed_at = i == 2 ? "2026-03-01T10:00:00.000Z" : NULL;
        e.level = i;
        e.x = i == 1 ? NAN : X0 + 77.125 + i;
        e.y = i == 1 ? NAN : Y0 + 33.06;
        must(wg_event_create(store, &e, &id, &err), &err);
    }
    struct wg_part p;
    wg_part_init(&p);
    p.code = "C-001";
    p.class_code = "camera";
    p.x = X0 + 1.5;
    p.y = Y0 + 2.25;
    must(wg_part_create(store, &p, &id, &err), &err);
    struct wg_officer o;
    wg_officer_init(&o);
    o.name = "甲";
    o.code = "7";
    o.phone = "555 0100";
    must(wg_officer_create(store, &o, &id, &err), &err);
    struct wg_duty d;
    wg_duty_init(&d);
    d.officer = id;
    d.grid = 2;
    must(wg_duty_create(store, &d, &id, &err), &err);
    d.grid = 3;
    must(wg_duty_create(store, &d, &id, &err), &err);
    struct wg_surface water;
    wg_surface_init(&water);
    water.kind = "water";
    water.geometry = rectangle(X0, Y0, 50, 60);
    must(wg_surface_create(store, &water, &id, &err), &err);
    wg_multipolygon_finish(&water.geometry);
    double x[] = {X0, X0 + 10, X0 + 30}, y[] = {Y0, Y0 + 20, Y0 + 20};
    struct wg_road road;
    wg_road_init(&road);
    road.name = "滨江路";
    road.class_code = "main";
    road.n = 3;
    road.x = x;
    road.y = y;
    must(wg_road_create(store, &road, &id, &err), &err);
}

/* Every row of a noun as one text, in an order that ids do not decide. */
static char *rows_of(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row = false;
    must(wg_query(store, sql, &q, &err), &err);
    must(wg_step(q, &row, &err), &err);
    char *text = strdup(row && wg_column_text(q, 0) ? wg_column_text(q, 0) : "");
    wg_done(q);
    return text;
}

static const struct {
    enum wg_noun noun;
    const char *sql; /* %d: decimals of the coordinates that a format keeps */
} facts[] = {
    {WG_NOUN_GRIDS,
     "SELECT group_concat(v, char(10)) FROM (SELECT g.code || '|' || coalesce(g.name, "
     "'-')"
     " || '|' || g.level || g.kind || '|' || coalesce(g.note, '-') || '|' ||"
     " coalesce(p.code, '-') || '|' || round(ST_Area(g.geom), 1) || "
     "round(ST_MinX(g.geom),"
     " 3) || ' ' || round(ST_MaxY(g.geom), 3) AS v FROM grid g LEFT JOIN grid p"
     " ON p.id = g.parent_id ORDER BY g.code)"},
    {WG_NOUN_BUILDINGS,
     "SELECT group_concat(v, char(10)) FROM (SELECT coalesce(b.source_id, '-') || '|' ||"
     " coalesce(b.name, '-') || '|' || b.base_m || '|' || b.height_m || b.height_from ||"
     " '|' || coalesce(b.floors, '-') || '|' || coalesce(b.households, '-') || '|' ||"
     " coalesce(w.source_id, '-') || '|' || round(ST_Area(b.geom), 2) || ' ' ||"
     " round(ST_MinX(b.geom), 3) AS v FROM building b LEFT JOIN building w"
     " ON w.id = b.part_of ORDER BY ST_MinX(b.geom))"},
    {WG_NOUN_EVENTS,
     "SELECT group_concat(v, char(10)) FROM (SELECT e.uuid || '|' || coalesce(e.code, "
     "'-')"
     " || '|' || e.class || '|' || coalesce(e.title, '-') || '|' || e.reported_at || '|' "
     "||"
     " coalesce(s.due_at, '-') || coalesce(s.closed_at, '-') || s.stage || s.level || "
     "'|' ||"
     " coalesce(round(ST_X(e.geom), 3) || ' ' || round(ST_Y(e.geom), 3), '-') AS v"
     " FROM event e JOIN event_status s ON s.event_id = e.id ORDER BY e.uuid)"},
    {WG_NOUN_PARTS,
     "SELECT group_concat(code || class || round(ST_X(geom), 3) || round(ST_Y(geom), 3))"
     " FROM part"},
    {WG_NOUN_OFFICERS,
     "SELECT group_concat(o.name || o.code || o.phone || (SELECT group_concat(code) FROM"
     " (SELECT g.code FROM duty d JOIN grid g ON g.id = d.grid_id WHERE d.officer_id = "
     "o.id"
     " ORDER BY g.code))) FROM officer o"},
    {WG_NOUN_SURFACES, "SELECT group_concat(kind || coalesce(name, '-') || "
                       "round(ST_Area(geom))) FROM surface"},
    {WG_NOUN_ROADS,
     "SELECT group_concat(name || class || round(ST_Length(geom), 2)) FROM road"},
};

static void test_round_trip(void **state)
{
    static const char *const endings[] = {"gpkg",   "geojson", "fgb", "shp",  "csv",
                                          "sqlite", "kml",     "gml", "xlsx", "ods"};
    const struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_store *store = make_district(s->db);
    fill(store);
    for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
        char name[40];
        bool table = e >= 8; /* no polygons in a spreadsheet */
        snprintf(name, sizeof name, "copy-%s.wangge", endings[e]);
        struct wg_store *copy = make_district(path_in(s, name));
        for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
            enum wg_noun noun = facts[i].noun;
            int64_t n = 0;
            bool polygons = noun == WG_NOUN_GRIDS || noun == WG_NOUN_BUILDINGS ||
                            noun == WG_NOUN_SURFACES || noun == WG_NOUN_ROADS;
            if (noun == WG_NOUN_OFFICERS ? e == 2 || e == 3 || table : table && polygons)
                continue;
            snprintf(name, sizeof name, "%s.%s", wg_noun_name(noun), endings[e]);
            const char *path = path_in(s, name);
            struct wg_export_options out = {.filter.ended = true};
            if (wg_export(store, noun, path, &out, &n, &err))
                fail_msg("%s: %s", name, err.text);
            struct wg_import_report r;
            struct wg_import_options in = {
                .scheme =
                    noun == WG_NOUN_GRIDS || noun == WG_NOUN_OFFICERS ? "basic" : NULL,
                .keep_null = true};
            if (strcmp(endings[e], "csv") == 0 || table)
                in.crs = "EPSG:4545";
            if (wg_import(copy, noun, path, &in, &r, &err))
                fail_msg("%s: %s", name, err.text);
            if (r.imported != n)
                fail_msg("%s: %lld of %lld", name, (long long)r.imported, (long long)n);
            wg_import_report_finish(&r);
            char *a = rows_of(store, facts[i].sql), *b = rows_of(copy, facts[i].sql);
            bool fgb = strcmp(endings[e], "fgb") == 0 && noun == WG_NOUN_EVENTS;
            if (fgb) /* it holds no event without a place, and says so */
                assert_int_equal(n, 2);
            else if (strcmp(a, b) || !*a)
                fail_msg("%s:\n%s\nbecame\n%s", name, a, b);
            free(a);
            free(b);
        }
        wg_store_close(copy);
    }
    wg_store_close(store);
}

/* In the district's own CRS a binary format keeps every bit; and a database of ours is a
 * source like any other. */
static void test_exact(void **state)
{
    static const char *const names[] = {"g.gpkg", "g.fgb", "g.shp", "g.sqlite",
                                        "d.wangge"};
    const struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_store *store = make_district(s->db);
    fill(store);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[40];
        struct wg_import_report r;
        struct wg_import_options in = {.scheme = "basic"};
        snprintf(name, sizeof name, "copy-%s.wangge", names[i]);
        struct wg_store *copy = make_district(path_in(s, name));
        if (strcmp(names[i], "d.wangge"))
            must(wg_export(store, WG_NOUN_GRIDS, path_in(s, names[i]), NULL, NULL, &err),
                 &err);
        must(wg_import(copy, WG_NOUN_GRIDS, path_in(s, names[i]), &in, &r, &err), &err);
        assert_int_equal(r.imported, 3);
        wg_import_report_finish(&r);
        for (int64_t id = 1; id <= 3; id++) {
            struct wg_grid a, b;
            int64_t other;
            must(wg_grid_read(store, id, &a, &err), &err);
            must(wg_grid_find(copy, 1, a.code, &other, &err), &err);
            must(wg_grid_read(copy, other, &b, &err), &err);
            assert_true(a.area_m2 == b.area_m2);
            assert_int_equal(a.geometry.n_vertex, b.geometry.n_vertex);
            assert_int_equal(a.level, b.level);
            wg_grid_finish(&a);
            wg_grid_finish(&b);
        }
        wg_store_close(copy);
    }
    struct wg_import_report r;
    struct wg_store *copy = make_district(path_in(s, "rest.wangge"));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct wg_import_options in = {.keep_null = true};
        if (facts[i].noun == WG_NOUN_GRIDS || facts[i].noun == WG_NOUN_OFFICERS)
            in.scheme = "basic";
        must(wg_import(copy, facts[i].noun, s->db, &in, &r, &err), &err);
        wg_import_report_finish(&r);
        char *a = rows_of(store, facts[i].sql), *b = rows_of(copy, facts[i].sql);
        assert_string_equal(a, b);
        free(a);
        free(b);
    }
    wg_store_close(copy);
    wg_store_close(store);
}

static int files_in(const struct scratch *s, const char *prefix)
{
    int n = 0;
    DIR *dir = opendir(s->folder);
    for (struct dirent *e; (e = readdir(dir));)
        n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    closedir(dir);
    return n;
}

static bool stop(uint64_t done, uint64_t total, void *user)
{
    (void)done;
    (void)total;
    (void)user;
    return false;
}

static void test_files(void **state)
{
    const struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_store *store = make_district(s->db);
    fill(store);
    const char *shp = path_in(s, "g.shp");
    must(wg_export(store, WG_NOUN_GRIDS, shp, NULL, NULL, &err), &err);
    assert_int_equal(files_in(s, "g."), 5); /* shp shx dbf prj cpg */
    refused(wg_export(store, WG_NOUN_GRIDS, shp, NULL, NULL, &err), &err, WG_EXISTS,
            "overwrite");
    struct wg_export_options o = {.overwrite = true};
    must(wg_export(store, WG_NOUN_GRIDS, shp, &o, NULL, &err), &err);
    assert_int_equal(files_in(s, "g."), 5);
    refused(wg_export(store, WG_NOUN_GRIDS, s->db, &o, NULL, &err), &err, WG_INVALID, "");
    refused(wg_export(store, WG_NOUN_GRIDS, path_in(s, "g.xyz"), NULL, NULL, &err), &err,
            WG_INVALID, "xyz");
    refused(wg_export(store, WG_NOUN_GRIDS, path_in(s, "none/g.gpkg"), NULL, NULL, &err),
            &err, WG_IO, "none");
    refused(wg_export(store, WG_NOUN_TERRAIN, path_in(s, "t.gpkg"), NULL, NULL, &err),
            &err, WG_INVALID, "terrain");
    o = (struct wg_export_options){.crs = "EPSG:4545"};
    refused(wg_export(store, WG_NOUN_GRIDS, path_in(s, "g.geojson"), &o, NULL, &err),
            &err, WG_INVALID, "WGS 84");
    o = (struct wg_export_options){.scheme = "nowhere"};
    assert_int_equal(
        wg_export(store, WG_NOUN_GRIDS, path_in(s, "h.gpkg"), &o, NULL, &err),
        WG_NOT_FOUND);
    assert_int_equal(files_in(s, "h."), 0);
    assert_int_equal(files_in(s, ".wangge"), 0);
    /* stopped in the middle: nothing is left */
    must(wg_store_begin(store, &err), &err);
    for (int i = 0; i < 300; i++) {
        struct wg_part p;
        int64_t id;
        wg_part_init(&p);
        p.x = X0 + i;
        p.y = Y0;
        must(wg_part_create(store, &p, &id, &err), &err);
    }
    must(wg_store_commit(store, &err), &err);
    o = (struct wg_export_options){.progress = {stop, NULL}};
    assert_int_equal(
        wg_export(store, WG_NOUN_PARTS, path_in(s, "p.gpkg"), &o, NULL, &err),
        WG_CANCELLED);
    assert_int_equal(files_in(s, "p."), 0);
    assert_int_equal(files_in(s, ".wangge"), 0);
    wg_store_close(store);
}

/* A frame of web maps goes out and comes back to the same place. */
static void test_frames(void **state)
{
    static const char *const frames[] = {"gcj02", "bd09"};
    const struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_store *store = make_district(s->db);
    fill(store);
    for (int i = 0; i < 2; i++) {
        char name[40];
        struct wg_import_report r;
        struct wg_export_options o = {.crs = frames[i]};
        struct wg_import_options in = {.frame = frames[i]};
        snprintf(name, sizeof name, "p-%s.geojson", frames[i]);
        must(wg_export(store, WG_NOUN_PARTS, path_in(s, name), &o, NULL, &err), &err);
        const char *path = path_in(s, name);
        snprintf(name, sizeof name, "copy-%s.wangge", frames[i]);
        struct wg_store *copy = make_district(path_in(s, name));
        must(wg_import(copy, WG_NOUN_PARTS, path, &in, &r, &err), &err);
        wg_import_report_finish(&r);
        struct wg_part a, b;
        must(wg_part_read(store, 1, &a, &err), &err);
        must(wg_part_read(copy, 1, &b, &err), &err);
        assert_true(hypot(a.x - b.x, a.y - b.y) < 1e-4);
        wg_part_finish(&a);
        wg_part_finish(&b);
        wg_store_close(copy);
    }
    wg_store_close(store);
}

/* Who owns what, as a table. */
static void test_owners(void **state)
{
    const struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_store *store = make_district(s->db);
    fill(store);
    must(wg_assign_all(store, 0, (struct wg_progress){0}, NULL, &err), &err);
    int64_t n = 0, expected = ask(store, "SELECT count(*) FROM owner");
    must(wg_export(store, WG_NOUN_OWNERS, path_in(s, "o.csv"), NULL, &n, &err), &err);
    assert_int_equal(n, expected);
    assert_true(n >= 8);
    char line[200];
    FILE *f = fopen(path_in(s, "o.csv"), "r");
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, "kind,object,scheme,grid,share,cut\n");
    fclose(f);
    wg_store_close(store);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip), TEST(test_exact),  TEST(test_files),
        TEST(test_frames),     TEST(test_owners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
