/* The fast road of an import leaves what the file's own triggers leave, row by row. */
#include "noun_scratch.h"

#include "random.h"
#include "wangge/wangge.h"

/* ---- files ---- */

static FILE *begin(const struct scratch *s, const char *name, const char *head)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "%s\n", head);
    return f;
}

static bool chance(struct random *r, int percent)
{
    return random_between(r, 0, 99) < percent;
}

static void outline(FILE *f, struct random *r)
{
    double x = X0 + random_real(r, -900, 900), y = Y0 + random_real(r, -900, 900);
    double w = random_real(r, 3, 60), h = random_real(r, 3, 60);
    int kind = (int)random_between(r, 0, 29);
    if (kind == 0) /* crosses itself */
        fprintf(f, "\"POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))\"", x, y, x + w, y + h,
                x + w, y, x, y + h, x, y);
    else if (kind == 1) /* touches itself */
        fprintf(f, "\"POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f,%f %f))\"", x, y, x + w, y,
                x + w, y + h, x + w / 2, y, x, y + h, x, y);
    else if (kind == 2)
        fprintf(f, "POINT EMPTY");
    else if (kind == 3)
        fprintf(f, "\"LINESTRING(%f %f,%f %f)\"", x, y, x + w, y);
    else if (kind < 7) /* a courtyard */
        fprintf(f,
                "\"POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f),(%f %f,%f %f,%f %f,%f %f))\"",
                x, y, x + w, y, x + w, y + h, x, y + h, x, y, x + w / 4, y + h / 4,
                x + w / 2, y + h / 2, x + w / 2, y + h / 4, x + w / 4, y + h / 4);
    else if (kind < 10)
        fprintf(f,
                "\"MULTIPOLYGON(((%f %f,%f %f,%f %f,%f %f)),((%f %f,%f %f,%f %f,%f "
                "%f)))\"",
                x, y, x + w, y, x, y + h, x, y, x + 2 * w, y, x + 3 * w, y, x + 2 * w,
                y + h, x + 2 * w, y);
    else
        fprintf(f, "\"POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))\"", x, y, x + w, y + 1,
                x + w, y + h, x, y + h, x, y);
}

static void write_buildings(const struct scratch *s, uint64_t seed, int n, int shift)
{
    static const char *const roofs[] = {"flat", "gabled", "", "", "", "", "", "dome"};
    struct random r = {seed};
    FILE *f =
        begin(s, "buildings.csv",
              "WKT,code,id,part_of,name,height,base,floors,roof,valid_to,households");
    for (int i = 0; i < n; i++) {
        outline(f, &r);
        if (chance(&r, 30)) /* some twice */
            fprintf(f, ",B%d", shift + (int)random_between(&r, 0, 4 * n));
        else
            fprintf(f, ",");
        fprintf(f, ",w%d", shift + i - (chance(&r, 3) ? 5 : 0));
        if (chance(&r, 15)) /* before, behind, nowhere, of a part */
            fprintf(f, ",w%d", shift + i + (int)random_between(&r, -40, 20));
        else
            fprintf(f, ",");
        fprintf(f, ",house %d,%s,%s,%d,%s,%s,%s\n", i,
                chance(&r, 50)   ? "12.5"
                : chance(&r, 10) ? "tall"
                                 : "",
                chance(&r, 10) ? "3" : "", (int)random_between(&r, 0, 9),
                roofs[random_between(&r, 0, 7)], chance(&r, 5) ? "2020-01-01" : "",
                chance(&r, 5) ? "-4" : "7");
    }
    fclose(f);
}

static void write_parts(const struct scratch *s, uint64_t seed, int n, int shift)
{
    struct random r = {seed};
    FILE *f = begin(s, "parts.csv", "x,y,code,id,class,name,state,valid_to");
    for (int i = 0; i < n; i++) {
        if (chance(&r, 1))
            fprintf(f, ",");
        else
            fprintf(f, "%.3f,%.3f", X0 + random_real(&r, -1100, 1100),
                    Y0 + random_real(&r, -1100, 1100));
        if (chance(&r, 5))
            fprintf(f, ",P%d", shift + (int)random_between(&r, 0, 4 * n));
        else
            fprintf(f, ",");
        fprintf(f, ",n%d,lamp,灯 %d,%s,%s\n", shift + i - (chance(&r, 1) ? 9 : 0), i,
                chance(&r, 50) ? "ok" : "", chance(&r, 1) ? "2020-01-01" : "");
    }
    fclose(f);
}

static void write_events(const struct scratch *s, uint64_t seed, int n, int shift)
{
    static const char *const stages[] = {"",         "reported",  "closed",  "rejected",
                                         "handling", "suspended", "nonsense"};
    static const char *const alerts[] = {"", "", "red", "4", "purple"};
    struct random r = {seed};
    FILE *f = begin(s, "events.csv",
                    "x,y,uuid,code,class,title,reported_at,occurred_at,stage,alert,due,"
                    "closed,accuracy");
    for (int i = 0; i < n; i++) {
        int place = (int)random_between(&r, 0, 19);
        if (place == 0)
            fprintf(f, ",");
        else
            fprintf(f, "%.3f,%.3f", X0 + random_real(&r, -1100, 1100),
                    Y0 + random_real(&r, -1100, 1100));
        int k = shift + i - (chance(&r, 2) ? 7 : 0);
        if (chance(&r, 60))
            fprintf(f, ",0A0B0C0D-1111-4222-8333-%012d", k);
        else
            fprintf(f, ",");
        fprintf(f, ",%s%d", chance(&r, 70) ? "E" : "F", k);
        int day = (int)random_between(&r, 1, 28);
        fprintf(f, ",noise,title %d,2019-03-%02d 08:00:00,%s,%s,%s,%s,%s,%s\n", i, day,
                chance(&r, 20) ? "2019-02-27 10:00" : "",
                stages[random_between(&r, 0, 6)], alerts[random_between(&r, 0, 4)],
                chance(&r, 20) ? "2019-05-01" : "",
                chance(&r, 20)  ? "2019-04-02"
                : chance(&r, 2) ? "2018-01-01"
                                : "",
                chance(&r, 10) ? "-3" : "5");
    }
    fclose(f);
}

/* ---- two districts ---- */

struct pair {
    struct scratch *s;
    struct wg_store *store[2]; /* row by row, fast */
};

static void add_grids(struct wg_store *store)
{
    struct wg_error err = {0};
    for (int k = 0; k < 2; k++) {
        struct wg_scheme scheme;
        int64_t id;
        wg_scheme_init(&scheme);
        scheme.name = k ? "duty" : "basic";
        must(wg_scheme_create(store, &scheme, &id, &err), &err);
        for (int i = 0; i < 16; i++) {
            struct wg_grid g;
            char code[20];
            wg_grid_init(&g);
            snprintf(code, sizeof code, "%d%02d", k, i);
            g.scheme = id;
            g.code = code;
            g.geometry = rectangle(X0 - 1000 + 500 * (i % 4), Y0 - 1000 + 500.0 * (i / 4),
                                   500, 500);
            must(wg_grid_create(store, &g, NULL, &err), &err);
            wg_multipolygon_finish(&g.geometry);
        }
    }
}

static void open_pair(struct pair *p, void **state)
{
    p->s = *state;
    for (int k = 0; k < 2; k++) {
        struct wg_error err = {0};
        struct wg_create_options options = {.crs = "EPSG:4545"};
        char path[120];
        snprintf(path, sizeof path, "%s/%d.wangge", p->s->folder, k);
        must(wg_store_create(path, &options, &err), &err);
        must(wg_store_open(path, NULL, &p->store[k], &err), &err);
        add_grids(p->store[k]);
    }
    char sql[200];
    struct wg_error err = {0};
    snprintf(sql, sizeof sql, "ATTACH '%s/0.wangge' AS slow", p->s->folder);
    must(wg_exec(p->store[1], sql, &err), &err);
}

static void close_pair(struct pair *p)
{
    for (int k = 0; k < 2; k++)
        wg_store_close(p->store[k]);
}

/* What must be the same in both: moments that were made up are all the same moment. */
static const char *const views[] = {
    "SELECT * FROM @building",
    "SELECT * FROM @part",
    "SELECT id, iif(uuid LIKE '0a0b0c0d%', uuid, length(uuid)), code, class, title,"
    " description, address, source, occurred_at, reported_at, frame, accuracy_m,"
    " building_id, part_id, geom FROM @event",
    "SELECT event_id, stage, level, due_at, iif(closed_at > '2022', 'now', closed_at),"
    " acknowledged_at, updated_at > '2022' FROM @event_status",
    "SELECT id, event_id, iif(at > '2022', 'now', at), action, from_stage, to_stage, who,"
    " why FROM @event_log",
    /* the trigger of the times of a stage writes once more within one millisecond */
    "SELECT row_number() OVER (ORDER BY seq), tbl, rid, op, was, now FROM (SELECT *,"
    " lag(tbl || rid || op) OVER (ORDER BY seq) AS before FROM @change)"
    " WHERE op <> 'U' OR tbl <> 'event_status' OR before IS NOT tbl || rid || op",
    "SELECT * FROM @owner",
    "SELECT * FROM @owner_share",
    "SELECT * FROM @idx_building_geom",
    "SELECT * FROM @idx_part_geom",
    "SELECT * FROM @idx_event_geom",
    "SELECT count(*) FROM @bulk",
    "SELECT f_table_name, last_insert IS NOT NULL, last_update IS NOT NULL FROM"
    " @geometry_columns_time",
    "SELECT * FROM @geometry_columns",
    "SELECT f_table_name, row_count, extent_min_x FROM @geometry_columns_statistics",
    "SELECT type, name, tbl_name, sql FROM @sqlite_master",
};

/* The view with `schema` where it says @. */
static void in_schema(char *out, size_t size, const char *view, const char *schema)
{
    const char *at = strchr(view, '@');
    snprintf(out, size, "%.*s%s%s", (int)(at - view), view, schema, at + 1);
}

static void assert_same(const struct pair *p)
{
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        char a[700], b[700], sql[3200];
        in_schema(a, sizeof a, views[i], "slow.");
        in_schema(b, sizeof b, views[i], "main.");
        snprintf(
            sql, sizeof sql,
            "SELECT (SELECT count(*) FROM (SELECT * FROM (%s) EXCEPT SELECT * FROM"
            " (%s))) + (SELECT count(*) FROM (SELECT * FROM (%s) EXCEPT SELECT * FROM"
            " (%s)))",
            a, b, b, a);
        int64_t n = ask(p->store[1], sql);
        if (n)
            fail_msg("%lld rows differ: %s", (long long)n, views[i]);
        snprintf(sql, sizeof sql,
                 "SELECT (SELECT count(*) FROM (%s)) - (SELECT count(*) FROM (%s))", a,
                 b);
        assert_int_equal(ask(p->store[1], sql), 0);
    }
    static const char *const tables[] = {"building", "part", "event"};
    for (size_t i = 0; i < 3; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT rtreecheck('main', 'idx_%s_geom') = 'ok'",
                 tables[i]);
        assert_int_equal(ask(p->store[1], sql), 1);
        snprintf(sql, sizeof sql, "SELECT CheckSpatialIndex('%s', 'geom')", tables[i]);
        assert_int_equal(ask(p->store[1], sql), 1);
    }
    assert_int_equal(ask(p->store[1], "PRAGMA ignore_check_constraints"), 0);
    assert_int_equal(ask(p->store[1], "SELECT count(*) FROM pragma_foreign_key_check"),
                     0);
}

/* ---- imports ---- */

struct heard {
    char text[4000];
};

static void hear(const char *text, void *user)
{
    struct heard *heard = user;
    size_t n = strlen(heard->text);
    snprintf(heard->text + n, sizeof heard->text - n, "%s|", text);
}

static void assert_same_report(const struct wg_import_report *a,
                               const struct wg_import_report *b)
{
    assert_int_equal(a->read, b->read);
    assert_int_equal(a->imported, b->imported);
    assert_int_equal(a->updated, b->updated);
    assert_int_equal(a->repaired, b->repaired);
    assert_int_equal(a->rejected, b->rejected);
    assert_int_equal(a->first_id, b->first_id);
    assert_int_equal(a->last_id, b->last_id);
    assert_int_equal(a->n_problem, b->n_problem);
    assert_memory_equal(&a->counts, &b->counts, sizeof a->counts);
    for (size_t i = 0; i < a->n_problem; i++) {
        assert_int_equal(a->problem[i].fid, b->problem[i].fid);
        assert_int_equal(a->problem[i].repaired, b->problem[i].repaired);
        assert_memory_equal(&a->problem[i].x, &b->problem[i].x, 2 * sizeof(double));
        assert_string_equal(a->problem[i].text, b->problem[i].text);
    }
}

/* The same file both ways: the same rows, report, warnings and words. */
static void import_both(const struct pair *p, enum wg_noun noun, const char *file,
                        struct wg_import_options o)
{
    struct wg_import_report report[2];
    struct wg_error err[2] = {{0}};
    struct heard *heard = calloc(2, sizeof *heard);
    enum wg_status st[2];
    char path[200];
    assert_non_null(heard);
    snprintf(path, sizeof path, "%s/%s", p->s->folder, file);
    o.crs = "EPSG:4545";
    for (int k = 0; k < 2; k++) {
        o.row_by_row = k == 0;
        o.warn = (struct wg_warn){hear, &heard[k]};
        st[k] = wg_import(p->store[k], noun, path, &o, &report[k], &err[k]);
    }
    assert_string_equal(err[0].text, err[1].text);
    assert_int_equal(st[0], st[1]);
    assert_same_report(&report[0], &report[1]);
    assert_string_equal(heard[0].text, heard[1].text);
    for (int k = 0; k < 2; k++)
        wg_import_report_finish(&report[k]);
    free(heard);
    assert_same(p);
}

/* All or nothing first, then what is good; on empty tables, then on full ones. */
static void run_rounds(void **state, enum wg_noun noun,
                       void (*write)(const struct scratch *, uint64_t, int, int),
                       const char *file, int n)
{
    struct pair p;
    struct wg_import_options all = {0}, good = {.keep_good = true, .keep_null = true};
    struct wg_import_options mend = good;
    mend.invalid = WG_INVALID_REPAIR;
    open_pair(&p, state);
    write(p.s, 1, 500, 0);
    import_both(&p, noun, file, all);
    write(p.s, 1, n, 0);
    import_both(&p, noun, file, good);
    import_both(&p, noun, file, good); /* now they are all there */
    write(p.s, 2, n / 3, n - n / 6);
    import_both(&p, noun, file, mend);
    good.no_assign = true;
    good.update = true;
    write(p.s, 3, 30, n);
    import_both(&p, noun, file, good);
    for (int k = 0; k < 2; k++) { /* the triggers are awake */
        struct wg_error err = {0};
        must(wg_exec(p.store[k],
                     "INSERT INTO part (code, geom) VALUES ('late', MakePoint(500001, "
                     "3050001, 4545)); UPDATE part SET name = 'x' WHERE id = 7",
                     &err),
             &err);
        assert_int_not_equal(
            wg_exec(p.store[k], "INSERT INTO part (geom) VALUES (5)", &err), WG_OK);
        assert_int_not_equal(
            wg_exec(p.store[k], "INSERT INTO change (tbl, rid, op) VALUES ('x', 1, 'Q')",
                    &err),
            WG_OK);
    }
    assert_same(&p);
    close_pair(&p);
}

static void test_buildings(void **state)
{
    run_rounds(state, WG_NOUN_BUILDINGS, write_buildings, "buildings.csv", 2500);
}

static void test_parts(void **state)
{
    /* enough for indexes that are made at the end */
    run_rounds(state, WG_NOUN_PARTS, write_parts, "parts.csv", 21500);
}

static void test_events(void **state)
{
    run_rounds(state, WG_NOUN_EVENTS, write_events, "events.csv", 2500);
}

/* Somebody's own trigger waits for rows: they come one by one. */
static void test_strangers(void **state)
{
    struct pair p;
    struct wg_import_options o = {.keep_good = true};
    open_pair(&p, state);
    write_parts(p.s, 1, 3000, 0);
    for (int k = 0; k < 2; k++) {
        struct wg_error err = {0};
        must(wg_exec(p.store[k],
                     "CREATE TABLE seen (id INTEGER PRIMARY KEY); CREATE TRIGGER mine "
                     "AFTER INSERT ON part BEGIN INSERT INTO seen VALUES (new.id); END",
                     &err),
             &err);
    }
    import_both(&p, WG_NOUN_PARTS, "parts.csv", o);
    assert_true(ask(p.store[1], "SELECT count(*) FROM main.seen") > 2900);
    close_pair(&p);
}

/* A rule of somebody's that no check of ours knows: found, named, the rest goes in. */
static void test_unforeseen(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_import_report r;
    struct wg_import_options o = {.keep_good = true, .crs = "EPSG:4545"};
    char path[200];
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    snprintf(path, sizeof path, "%s/p.csv", s->folder);
    FILE *f = begin(s, "p.csv", "x,y,name");
    for (int i = 0; i < 5000; i++)
        fprintf(f, "%d,3050000,n%d\n", 500000 + i, i % 1000 == 999 ? 3 : i);
    fclose(f);
    must(wg_exec(store, "CREATE UNIQUE INDEX one_name ON part (name)", &err), &err);
    assert_int_equal(wg_import(store, WG_NOUN_PARTS, path, NULL, &r, &err), WG_CRS);
    wg_import_report_finish(&r);
    must(wg_import(store, WG_NOUN_PARTS, path, &o, &r, &err), &err);
    assert_int_equal(r.imported, 4995);
    assert_int_equal(r.rejected, 5);
    assert_int_equal(r.problem[0].fid, 1000);
    assert_non_null(strstr(r.problem[0].text, "same key"));
    wg_import_report_finish(&r);
    assert_int_equal(ask(store, "SELECT count(*) FROM change WHERE tbl = 'part'"), 4995);
    assert_int_equal(ask(store, "SELECT count(*) FROM change c WHERE tbl = 'part' AND NOT"
                                " EXISTS (SELECT 1 FROM part p WHERE p.id = c.rid)"),
                     0);
    assert_int_equal(ask(store, "SELECT CheckSpatialIndex('part', 'geom')"), 1);
    wg_store_close(store);
}

static bool stop_late(uint64_t done, uint64_t total, void *user)
{
    int *calls = user;
    (void)done;
    (void)total;
    return --*calls > 0;
}

/* Stopped, or a damaged file: nothing changed, and the triggers are awake. */
static void test_stopped(void **state)
{
    struct pair p;
    struct wg_error err = {0};
    open_pair(&p, state);
    write_parts(p.s, 1, 30000, 0);
    char path[200];
    snprintf(path, sizeof path, "%s/parts.csv", p.s->folder);
    for (int calls = 1; calls < 120; calls += 53) {
        int left = calls;
        struct wg_import_options o = {.keep_good = true, .crs = "EPSG:4545"};
        o.progress = (struct wg_progress){stop_late, &left};
        assert_int_equal(wg_import(p.store[1], WG_NOUN_PARTS, path, &o, NULL, &err),
                         WG_CANCELLED);
        assert_same(&p);
    }
    close_pair(&p);
}

/* SQLite itself rolls back in the midst of it, as it does when the disk is full: said,
 * nothing is changed, and CHECKs and triggers hold again. */
static void test_rolled_back(void **state)
{
    struct pair p;
    struct wg_error err = {0};
    struct wg_import_options o = {.keep_good = true, .crs = "EPSG:4545"};
    char path[200];
    open_pair(&p, state);
    write_parts(p.s, 1, 5000, 0);
    snprintf(path, sizeof path, "%s/parts.csv", p.s->folder);
    must(wg_exec(p.store[1], "PRAGMA main.max_page_count = 200", &err), &err);
    assert_int_equal(wg_import(p.store[1], WG_NOUN_PARTS, path, &o, NULL, &err), WG_IO);
    must(wg_exec(p.store[1], "PRAGMA main.max_page_count = 1000000", &err), &err);
    assert_same(&p);
    must(wg_import(p.store[1], WG_NOUN_PARTS, path, &o, NULL, &err), &err);
    close_pair(&p);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_buildings),   SCRATCH(test_parts),      SCRATCH(test_events),
        SCRATCH(test_strangers),   SCRATCH(test_unforeseen), SCRATCH(test_stopped),
        SCRATCH(test_rolled_back),
    };
    return cmocka_run_group_tests_name("import_load", tests, NULL, NULL);
}
