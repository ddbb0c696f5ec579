/* Owners: the pass over everything, the triggers in the file and loose points must give
 * the same answers, and those of an independent oracle: a plain join in SQL for points,
 * shares by the geometry wrapper for buildings. */
#include "noun_scratch.h"

#include <math.h>

#include "random.h"
#include "wangge/assign.h"
#include "wangge/part.h"

#define MESH 5
#define CHANGE_DAY "2020-06-01T00:00:00.000Z"

/* ---- a random partition ---- */

struct mesh {
    struct random random;
    struct wg_point at[MESH + 1][MESH + 1];
};

static double lattice(struct random *r, double low, double high)
{
    return wg_lattice_snap(random_real(r, low, high));
}

static void mesh_make(struct mesh *m)
{
    for (int i = 0; i <= MESH; i++)
        for (int j = 0; j <= MESH; j++)
            m->at[i][j] = (struct wg_point){X0 + i * 100 + lattice(&m->random, -30, 30),
                                            Y0 + j * 100 + lattice(&m->random, -30, 30)};
}

/* The ring of one cell, with a square hole in its middle when `carved`. */
static int cell_wkt(const struct mesh *m, int i, int j, bool carved, char *out,
                    size_t size)
{
    const struct wg_point *p[5] = {&m->at[i][j], &m->at[i + 1][j], &m->at[i + 1][j + 1],
                                   &m->at[i][j + 1], &m->at[i][j]};
    int n = snprintf(out, size, "((");
    for (int k = 0; k < 5; k++)
        n += snprintf(out + n, size - (size_t)n, "%s%.17g %.17g", k ? "," : "", p[k]->x,
                      p[k]->y);
    n += snprintf(out + n, size - (size_t)n, ")");
    double x = X0 + i * 100 + 40, y = Y0 + j * 100 + 40;
    if (carved)
        n += snprintf(out + n, size - (size_t)n,
                      ",(%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g)", x,
                      y, x, y + 20, x + 20, y + 20, x + 20, y, x, y);
    return n + snprintf(out + n, size - (size_t)n, ")");
}

static void add_grid(struct wg_store *store, const char *code, int level,
                     const char *parent, const char *wkt, const char *from,
                     const char *to)
{
    runf(
        store,
        "INSERT INTO grid (scheme_id, code, level, parent_id, geom, valid_from, "
        "valid_to) "
        "VALUES ((SELECT max(id) FROM scheme), '%s', %d, (SELECT id FROM grid WHERE code "
        "= "
        "'%s' AND scheme_id = (SELECT max(id) FROM scheme)), ST_Multi(GeomFromText("
        "'MULTIPOLYGON(%s)', 4545)), %s, %s)",
        code, level, parent, wkt, from, to);
}

/* Cells in random order of code; some carved by a dedicated grid, some two to a grid
 * (which then has two parts), the westernmost column under parents, one that ended and
 * has a successor, one yet to come. */
static void add_partition(struct wg_store *store, struct mesh *m)
{
    char wkt[4096], code[16];
    int code_of[MESH * MESH];
    for (int k = 0; k < MESH * MESH; k++)
        code_of[k] = k;
    for (int k = MESH * MESH - 1; k > 0; k--) {
        int other = (int)random_between(&m->random, 0, k), t = code_of[k];
        code_of[k] = code_of[other];
        code_of[other] = t;
    }
    for (int j = 0; j < MESH; j++) {
        cell_wkt(m, 0, j, false, wkt, sizeof wkt);
        snprintf(code, sizeof code, "P%d", j);
        add_grid(store, code, 4, "", wkt, "NULL", "NULL");
    }
    for (int i = 0; i < MESH; i++)
        for (int j = 0; j < MESH; j++) {
            bool carved = i > 0 && random_between(&m->random, 0, 3) == 0;
            char parent[8] = "";
            int n = cell_wkt(m, i, j, carved, wkt, sizeof wkt);
            if (i == 0)
                snprintf(parent, sizeof parent, "P%d", j);
            if (i == 0 && j == 0)
                continue; /* a parent without children owns */
            if (i == 3 && j % 2 == 0 && j + 2 < MESH + 1) {
                wkt[n] = ','; /* the cell two further on, as a second part */
                if (j + 2 < MESH)
                    cell_wkt(m, i, j + 2, false, wkt + n + 1, sizeof wkt - (size_t)n - 1);
                else
                    wkt[n] = '\0';
            }
            if (i == 3 && j == 2)
                continue; /* is the second part of j = 0 */
            if (i == 3 && j == 4)
                carved = false;
            snprintf(code, sizeof code, "G%02d", code_of[i * MESH + j]);
            if (i == 2 && j == 2) {
                add_grid(store, code, 5, parent, wkt, "NULL", "'" CHANGE_DAY "'");
                snprintf(code, sizeof code, "H%02d", code_of[i * MESH + j]);
                add_grid(store, code, 5, parent, wkt, "'" CHANGE_DAY "'", "NULL");
            } else if (i == 4 && j == 4) {
                add_grid(store, code, 5, parent, wkt, "'2999-01-01'", "NULL");
            } else {
                add_grid(store, code, 5, parent, wkt, "NULL", "NULL");
            }
            if (carved) {
                double x = X0 + i * 100 + 40, y = Y0 + j * 100 + 40;
                snprintf(
                    wkt, sizeof wkt,
                    "((%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g))", x,
                    y, x + 20, y, x + 20, y + 20, x, y + 20, x, y);
                snprintf(code, sizeof code, "%c%d%d",
                         random_between(&m->random, 0, 1) ? 'A' : 'Z', i, j);
                add_grid(store, code, 5, "", wkt, "NULL", "NULL");
            }
        }
}

static void add_point(struct wg_store *store, struct mesh *m, double x, double y)
{
    const char *when = random_between(&m->random, 0, 1) ? "2020-01-01T10:00:00+08:00"
                                                        : "2021-01-01 00:00:00";
    runf(store, "INSERT INTO part (geom) VALUES (MakePoint(%.17g, %.17g, 4545))", x, y);
    runf(store,
         "INSERT INTO event (geom, occurred_at) VALUES (MakePoint(%.17g, %.17g, 4545), "
         "'%s')",
         x, y, when);
}

static void add_objects(struct wg_store *store, struct mesh *m)
{
    struct random *r = &m->random;
    for (int i = 0; i <= MESH; i++)
        for (int j = 0; j <= MESH; j++) {
            struct wg_point p = m->at[i][j];
            add_point(store, m, p.x, p.y);
            if (i < MESH) /* the middle is exact: lattice values have bits to spare */
                add_point(store, m, (p.x + m->at[i + 1][j].x) / 2,
                          (p.y + m->at[i + 1][j].y) / 2);
            if (i < MESH && j < MESH) { /* corners and edges of the carved squares */
                add_point(store, m, X0 + i * 100 + 40, Y0 + j * 100 + 40);
                add_point(store, m, X0 + i * 100 + 60, Y0 + j * 100 + 50);
            }
        }
    for (int k = 0; k < 60; k++) {
        add_point(store, m, X0 + random_real(r, -60, MESH * 100 + 60),
                  Y0 + random_real(r, -60, MESH * 100 + 60));
        double x = X0 + lattice(r, -60, MESH * 100 + 40), w = lattice(r, 1, 60);
        double y = Y0 + lattice(r, -60, MESH * 100 + 40), h = lattice(r, 1, 60);
        runf(store,
             "INSERT INTO building (geom, part_of) VALUES (ST_Multi(BuildMbr(%.17g, "
             "%.17g, "
             "%.17g, %.17g, 4545)), iif(%d, NULL, (SELECT min(id) FROM building)))",
             x, y, x + w, y + h, k % 7);
    }
    for (int i = 0; i < MESH; i++) { /* exactly a cell, and halves of two */
        char wkt[4096];
        cell_wkt(m, i, 1, false, wkt, sizeof wkt);
        runf(
            store,
            "INSERT INTO building (geom) VALUES (GeomFromText('MULTIPOLYGON(%s)', 4545))",
            wkt);
    }
    runf(store,
         "INSERT INTO building (geom) VALUES (NULL); INSERT INTO part (geom) VALUES "
         "(NULL); INSERT INTO event (geom) VALUES (NULL)");
}

/* ---- the oracles ---- */

#define OWNS(at)                                                                         \
    "(g.valid_from IS NULL OR g.valid_from <= " at ") AND (g.valid_to IS NULL OR "       \
    "g.valid_to > " at                                                                   \
    ") AND (SELECT count(*) FROM grid c WHERE c.parent_id = g.id AND "                   \
    "(c.valid_from IS NULL OR c.valid_from <= " at ") AND (c.valid_to IS NULL OR "       \
    "c.valid_to > " at ")) = 0"
#define NOW "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
#define WHEN_E                                                                           \
    "coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(e.occurred_at, "                   \
    "e.reported_at)), " NOW ")"

static void points_have_the_owner_of_a_plain_join(struct wg_store *store)
{
    assert_int_equal(
        ask(store,
            "SELECT count(*) FROM part e LEFT JOIN owner o ON o.kind = 2 AND "
            "o.object_id = e.id LEFT JOIN grid h ON h.id = o.grid_id WHERE h.code IS "
            "NOT (SELECT min(g.code) FROM grid g WHERE ST_Covers(g.geom, e.geom) = 1 "
            "AND " OWNS(NOW) ") OR o.how IS NOT CASE WHEN e.geom IS NULL THEN 'no "
                             "place' WHEN h.id IS NULL THEN 'outside' ELSE 'cover' END"),
        0);
    assert_int_equal(
        ask(store,
            "SELECT count(*) FROM event e LEFT JOIN owner o ON o.kind = 3 AND "
            "o.object_id = e.id LEFT JOIN grid h ON h.id = o.grid_id WHERE h.code IS "
            "NOT (SELECT min(code) FROM (SELECT g.code FROM grid g WHERE "
            "ST_Covers(g.geom, e.geom) = 1 AND (g.geom_from IS NULL OR g.geom_from "
            "<= " WHEN_E
            ") AND " OWNS(WHEN_E) " UNION ALL SELECT g.code FROM grid_past p JOIN "
                                  "grid g ON g.id = p.grid_id WHERE ST_Covers(p.geom, "
                                  "e.geom) = 1 AND "
                                  "(p.valid_from IS NULL OR p.valid_from <= " WHEN_E
                                  ") AND p.valid_to > " WHEN_E " AND " OWNS(WHEN_E) "))"),
        0);
}

struct shares {
    int64_t owner;
    double of_owner, others, most;
    int n;
};

/* Whole covers first, then the largest share; code order breaks ties. */
static struct shares true_shares(struct wg_store *store, const struct wg_multipolygon *b)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    struct shares found = {0};
    bool row;
    double area = wg_multipolygon_area(b);
    must(wg_query(store,
                  "SELECT g.id, g.geom FROM grid g WHERE " OWNS(NOW) " ORDER BY g.code",
                  &q, &err),
         &err);
    while (!wg_step(q, &row, &err) && row) {
        struct wg_multipolygon g = {0};
        size_t size;
        double common = 0;
        const void *blob = wg_column_blob(q, 1, &size);
        must(wg_shape_from_blob(blob, size, &g, &err), &err);
        must(wg_shape_common_area(NULL, b, &g, &common, &err), &err);
        wg_multipolygon_finish(&g);
        double share = common / area;
        if (share > WG_CUT_SHARE)
            found.n++;
        found.others += share;
        if (share > found.most + 1e-9) {
            found.most = share;
            found.owner = wg_column_int(q, 0);
        }
    }
    wg_done(q);
    found.of_owner = found.most;
    found.others -= found.most;
    if (1 - found.most - found.others > WG_CUT_SHARE)
        found.n++;
    if (found.owner && found.most <= WG_CUT_SHARE)
        found.n++; /* the owner's share is told, however small */
    return found;
}

static void buildings_have_the_owner_of_the_largest_share(struct wg_store *store)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row;
    must(
        wg_query(
            store,
            "SELECT b.geom, o.grid_id, o.share, (SELECT count(*) FROM owner_share w "
            "WHERE w.building_id = b.id), (SELECT sum(share) FROM owner_share w WHERE "
            "w.building_id = b.id), b.id FROM building b LEFT JOIN owner o ON o.kind = 1 "
            "AND o.object_id = b.id WHERE b.geom IS NOT NULL",
            &q, &err),
        &err);
    while (!wg_step(q, &row, &err) && row) {
        struct wg_multipolygon b = {0};
        size_t size;
        const void *blob = wg_column_blob(q, 0, &size);
        must(wg_shape_from_blob(blob, size, &b, &err), &err);
        struct shares want = true_shares(store, &b);
        wg_multipolygon_finish(&b);
        if (want.owner != wg_column_int(q, 1))
            fail_msg("building %d: grid %d, not %d (%g)", (int)wg_column_int(q, 5),
                     (int)wg_column_int(q, 1), (int)want.owner, want.most);
        if (want.owner)
            assert_true(fabs(want.of_owner - wg_column_real(q, 2)) < 1e-6);
        assert_int_equal(wg_column_int(q, 3), want.owner && want.n > 1 ? want.n : 0);
        if (want.owner && want.n > 1)
            assert_true(
                fabs(wg_column_real(q, 4) - fmax(1, want.of_owner + want.others)) <
                3 * WG_CUT_SHARE); /* above 1 where grids overlap */
    }
    wg_done(q);
}

/* What stands in the file is what the pass over everything finds: it writes nothing. */
static void everything_asked_again_changes_nothing(struct wg_store *store)
{
    struct wg_error err = {0};
    int64_t before, after;
    struct wg_progress quiet = {0};
    runf(store,
         "CREATE TEMP TABLE was AS SELECT * FROM owner; CREATE TEMP TABLE was_share "
         "AS SELECT * FROM owner_share");
    must(wg_store_last_change(store, &before, &err), &err);
    must(wg_assign_all(store, 0, quiet, NULL, &err), &err);
    must(wg_store_last_change(store, &after, &err), &err);
    assert_int_equal(
        ask(store,
            "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM owner EXCEPT SELECT * "
            "FROM temp.was) UNION ALL SELECT * FROM (SELECT * FROM temp.was EXCEPT "
            "SELECT * FROM owner))"),
        0);
    assert_int_equal(
        ask(store,
            "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM owner_share EXCEPT "
            "SELECT * FROM temp.was_share) UNION ALL SELECT * FROM (SELECT * FROM "
            "temp.was_share EXCEPT SELECT * FROM owner_share))"),
        0);
    assert_int_equal(after, before);
    runf(store, "DROP TABLE temp.was; DROP TABLE temp.was_share");
}

static void loose_points_agree(struct wg_store *store)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row;
    size_t n = 0;
    static double x[2048], y[2048];
    static int64_t owner[2048], many[2048];
    int64_t scheme = ask(store, "SELECT max(id) FROM scheme");
    must(wg_query(store,
                  "SELECT ST_X(p.geom), ST_Y(p.geom), o.grid_id FROM part p JOIN owner "
                  "o ON o.kind = 2 AND o.object_id = p.id",
                  &q, &err),
         &err);
    while (!wg_step(q, &row, &err) && row && n < 2040) {
        x[n] = wg_column_real(q, 0); /* NaN where there is no place */
        y[n] = wg_column_real(q, 1);
        owner[n++] = wg_column_int(q, 2);
    }
    wg_done(q);
    x[n] = INFINITY, y[n] = 0, owner[n++] = 0;
    must(wg_assign_locate(store, scheme, NULL, n, x, y, many, &err), &err);
    for (size_t i = 0; i < n; i++) {
        int64_t one = -1;
        assert_int_equal(many[i], owner[i]);
        if (i % 7 == 0) {
            must(wg_assign_locate(store, scheme, NULL, 1, x + i, y + i, &one, &err),
                 &err);
            assert_int_equal(one, owner[i]);
        }
    }
    must(wg_assign_locate(store, scheme, "2020-01-01T00:00:00.000Z", n, x, y, many, &err),
         &err);
    for (size_t i = 0; i < n; i += 5) {
        int64_t one = -1;
        must(wg_assign_locate(store, scheme, "2020-01-01T00:00:00.000Z", 1, x + i, y + i,
                              &one, &err),
             &err);
        assert_int_equal(one, many[i]);
    }
}

static void verify(struct wg_store *store)
{
    everything_asked_again_changes_nothing(store);
    points_have_the_owner_of_a_plain_join(store);
    buildings_have_the_owner_of_the_largest_share(store);
}

/* ---- tests ---- */

static void all_roads_agree_on_random_partitions(void **state)
{
    struct wg_store *store = noun_store(state);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct mesh m = {.random = {seed}};
        mesh_make(&m);
        runf(store, "INSERT INTO scheme (name) VALUES ('s%d')", (int)seed);
        if (seed % 2) { /* objects first: the grids' triggers find the owners */
            add_objects(store, &m);
            add_partition(store, &m);
        } else {
            add_partition(store, &m);
            add_objects(store, &m);
        }
        verify(store);
        loose_points_agree(store);
        runf(store,
             "DELETE FROM event; DELETE FROM part; DELETE FROM building WHERE part_of "
             "IS NOT NULL; DELETE FROM building; UPDATE grid SET parent_id = NULL; "
             "DELETE FROM grid; DELETE FROM scheme");
        assert_int_equal(ask(store, "SELECT count(*) FROM owner"), 0);
        assert_int_equal(ask(store, "SELECT count(*) FROM owner_share"), 0);
    }
}

/* Whatever another program does to grids, the triggers keep up. */
static void triggers_follow_changes_of_grids(void **state)
{
    static const char *const changes[] = {
        /* move, grow, shrink */
        "UPDATE grid SET geom = ST_Translate(geom, 37, 11, 0) WHERE code = (SELECT "
        "min(code) "
        "FROM grid WHERE code GLOB 'G*')",
        "UPDATE grid SET geom = CastToMulti(ST_Buffer(geom, 20)) WHERE code = (SELECT "
        "max(code) FROM grid WHERE code GLOB 'G*' AND parent_id IS NULL)",
        /* two in one statement */
        "UPDATE grid SET geom = CastToMulti(ST_Buffer(geom, -10)) WHERE code GLOB 'G1*'",
        /* end, come back, end a child, all children of a parent */
        "UPDATE grid SET valid_to = '2021-01-01' WHERE code GLOB 'G2*'",
        "UPDATE grid SET valid_to = NULL WHERE code GLOB 'G2*'",
        "UPDATE grid SET valid_to = '2020-03-01' WHERE parent_id = (SELECT id FROM grid "
        "WHERE "
        "code = 'P1')",
        "UPDATE grid SET valid_from = '2020-09-01', valid_to = NULL WHERE parent_id = "
        "(SELECT "
        "id FROM grid WHERE code = 'P1')",
        /* code: the lowest wins on a boundary */
        "UPDATE grid SET code = 'A' || code WHERE code = (SELECT max(code) FROM grid "
        "WHERE "
        "code GLOB 'G*')",
        /* parents */
        "UPDATE grid SET parent_id = NULL WHERE parent_id = (SELECT id FROM grid WHERE "
        "code = "
        "'P2')",
        "UPDATE grid SET parent_id = (SELECT id FROM grid WHERE code = 'P0') WHERE code "
        "= "
        "(SELECT min(code) FROM grid WHERE level = 5 AND parent_id IS NULL)",
        /* no place, and a place again */
        "UPDATE grid SET geom = NULL WHERE code = 'P2'",
        "UPDATE grid SET geom = (SELECT geom FROM grid WHERE code = 'P3') WHERE code = "
        "'P2'",
        /* go */
        "DELETE FROM grid WHERE parent_id = (SELECT id FROM grid WHERE code = 'P3')",
        "DELETE FROM grid WHERE code GLOB 'G0*'",
        /* objects */
        "UPDATE building SET geom = ST_Translate(geom, 50, 50, 0) WHERE id % 3 = 0",
        "UPDATE building SET geom = NULL WHERE id % 5 = 0",
        "UPDATE part SET geom = MakePoint(ST_X(geom) + 40, ST_Y(geom), 4545) WHERE id % "
        "2 = 0",
        "UPDATE event SET occurred_at = '2020-05-31T23:59:59Z' WHERE id % 2 = 0",
        "UPDATE event SET occurred_at = NULL WHERE id % 3 = 0",
        "DELETE FROM part WHERE id % 4 = 0",
    };
    struct wg_store *store = noun_store(state);
    struct mesh m = {.random = {77}};
    mesh_make(&m);
    runf(store, "INSERT INTO scheme (name) VALUES ('s')");
    add_partition(store, &m);
    add_objects(store, &m);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        runf(store, "%s", changes[i]);
        everything_asked_again_changes_nothing(store);
        points_have_the_owner_of_a_plain_join(store);
    }
    buildings_have_the_owner_of_the_largest_share(store);
}

/* Rows of a bulk load are owned by wg_assign_range, and nothing else is touched. */
static void ranges_are_asked_alone(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_progress quiet = {0};
    struct mesh m = {.random = {5}};
    mesh_make(&m);
    runf(store, "INSERT INTO scheme (name) VALUES ('s')");
    add_partition(store, &m);
    must(wg_store_begin_bulk(store, &err), &err);
    add_objects(store, &m);
    must(wg_store_commit(store, &err), &err);
    assert_int_equal(ask(store, "SELECT count(*) FROM owner"), 0);
    must(wg_assign_range(store, WG_KIND_PART, 10, 19, quiet, &err), &err);
    assert_int_equal(ask(store, "SELECT count(*) FROM owner"), 10);
    assert_int_equal(ask(store,
                         "SELECT count(*) FROM owner WHERE object_id NOT BETWEEN 10 "
                         "AND 19 OR kind <> 2"),
                     0);
    for (int kind = WG_KIND_BUILDING; kind <= WG_KIND_EVENT; kind++)
        must(wg_assign_range(store, (enum wg_kind)kind, 1, INT64_MAX, quiet, &err), &err);
    verify(store);
}

struct patience {
    int calls, most;
};

static bool stop_soon(uint64_t done, uint64_t total, void *user)
{
    struct patience *p = user;
    assert_true(done <= total);
    return ++p->calls < p->most;
}

static void stopping_leaves_all_as_it_was(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct mesh m = {.random = {6}};
    mesh_make(&m);
    must(wg_store_begin_bulk(store, &err), &err);
    runf(store, "INSERT INTO scheme (name) VALUES ('s')");
    add_partition(store, &m);
    add_objects(store, &m);
    must(wg_store_commit(store, &err), &err);
    for (int engine = WG_ENGINE_INDEX; engine <= WG_ENGINE_SPATIALITE; engine++) {
        struct patience p = {0, engine == WG_ENGINE_INDEX ? 3 : 9};
        struct wg_assign_options how = {(enum wg_engine)engine, {stop_soon, &p}};
        assert_int_equal(wg_assign_all_with(store, 0, &how, NULL, &err), WG_CANCELLED);
        assert_int_equal(p.calls, p.most);
        assert_int_equal(ask(store, "SELECT count(*) FROM owner"), 0);
    }
    runf(store, "UPDATE grid SET name = 'n'"); /* the triggers are awake again */
    assert_true(
        ask(store, "SELECT count(*) FROM change WHERE tbl = 'grid' AND op = 'U'") > 0);
    struct wg_assign_counts counts[WG_KIND_COUNT];
    must(wg_assign_all(store, 0, (struct wg_progress){0}, counts, &err), &err);
    verify(store);
    for (int kind = WG_KIND_BUILDING; kind <= WG_KIND_EVENT; kind++) {
        static const char *const tables[] = {"", "building", "part", "event"};
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[kind]);
        assert_int_equal(counts[kind].owned + counts[kind].outside +
                             counts[kind].no_place,
                         ask(store, sql));
        assert_int_equal(counts[kind].no_place, 1);
        assert_true(counts[kind].owned > 0 && counts[kind].outside > 0);
    }
    assert_true(counts[WG_KIND_BUILDING].cut > 0);
    assert_int_equal(wg_assign_all(store, 999, (struct wg_progress){0}, NULL, &err),
                     WG_NOT_FOUND);
}

struct seen {
    int n, cut;
    double sum, last;
    int64_t object;
};

static bool see_share(const struct wg_owner *o, void *user)
{
    struct seen *s = user;
    assert_true(o->cut);
    assert_true(s->n == 0 || o->share <= s->last);
    assert_true((o->grid == 0) == (o->grid_code == NULL));
    s->last = o->share;
    s->sum += o->share;
    s->n++;
    return true;
}

static bool see_owner(const struct wg_owner *o, void *user)
{
    struct seen *s = user;
    assert_true(o->object > s->object);
    s->object = o->object;
    s->n++;
    s->cut += o->cut;
    return true;
}

static void a_cut_building_tells_its_shares(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct seen owners = {0}, shares = {0};
    int64_t scheme = new_scheme(store, "s", NULL), grid = -1;
    int64_t west = new_grid(store, scheme, "B", 5, 0, (struct wg_box){0, 0, 100, 100});
    int64_t east = new_grid(store, scheme, "A", 5, 0, (struct wg_box){100, 0, 200, 100});
    static const double west_east[][2] = {
        {90, 110}, {190, 290}, {10, 20}, {199.9995, 299}};
    for (int i = 0; i < 4; i++)
        runf(
            store,
            "INSERT INTO building (id, geom) VALUES (%d, ST_Multi(BuildMbr(%.17g, %.17g, "
            "%.17g, %.17g, 4545)))",
            i + 1, X0 + west_east[i][0], Y0, X0 + west_east[i][1], Y0 + 10);
    must(wg_owner_of(store, WG_KIND_BUILDING, 1, scheme, &grid, &err), &err);
    assert_int_equal(grid, east); /* a tie: the lower code */
    must(wg_owner_of(store, WG_KIND_BUILDING, 2, scheme, &grid, &err), &err);
    assert_int_equal(grid, east); /* a tenth inside is more than any other grid has */
    must(wg_owner_of(store, WG_KIND_BUILDING, 3, scheme, &grid, &err), &err);
    assert_int_equal(grid, west);
    must(wg_owner_of(store, WG_KIND_BUILDING, 4, scheme, &grid, &err), &err);
    assert_int_equal(grid, east); /* however small the share */
    assert_int_equal(wg_owner_of(store, WG_KIND_BUILDING, 9, scheme, &grid, &err),
                     WG_NOT_FOUND);
    must(wg_owner_each(store, WG_KIND_BUILDING, scheme, see_owner, &owners, &err), &err);
    assert_int_equal(owners.n, 4);
    assert_int_equal(owners.cut, 3);
    must(wg_share_each(store, 2, scheme, see_share, &shares, &err), &err);
    assert_int_equal(shares.n, 2);
    assert_true(fabs(shares.sum - 1) < 1e-9 && fabs(shares.last - 0.1) < 1e-9);
    shares = (struct seen){0};
    must(wg_share_each(store, 4, scheme, see_share, &shares, &err), &err);
    assert_int_equal(shares.n, 2);
    verify(store);
}

static void events_get_the_building_they_are_in(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    runf(store, "INSERT INTO building (id, geom, part_of, valid_to) VALUES "
                "(1, ST_Multi(BuildMbr(0, 0, 10, 10, 4545)), NULL, NULL), "
                "(2, ST_Multi(BuildMbr(0, 0, 9, 9, 4545)), 1, NULL), "
                "(3, ST_Multi(BuildMbr(5, 5, 20, 20, 4545)), NULL, NULL), "
                "(4, ST_Multi(BuildMbr(30, 30, 40, 40, 4545)), NULL, '2020-01-01')");
    runf(store,
         "INSERT INTO event (id, geom) VALUES (1, MakePoint(6, 6, 4545)), (2, "
         "MakePoint(15, 15, 4545)), (3, MakePoint(35, 35, 4545)), (4, MakePoint(10, 1, "
         "4545)), (5, NULL), (6, MakePoint(55, 55, 4545))");
    static const int64_t want[] = {1, 3, 0, 1, 0, 0};
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < 6; i++) {
            char sql[80];
            snprintf(sql, sizeof sql, "SELECT building_id FROM event WHERE id = %d",
                     i + 1);
            assert_int_equal(ask(store, sql), want[i]);
        }
        runf(store, "UPDATE event SET building_id = NULL");
        must(wg_assign_all(store, 0, (struct wg_progress){0}, NULL, &err), &err);
    }
    /* a building that comes later finds its events */
    runf(store,
         "INSERT INTO building (id, geom) VALUES (9, ST_Multi(BuildMbr(50, 50, 60, 60, "
         "4545)))");
    assert_int_equal(ask(store, "SELECT building_id FROM event WHERE id = 6"), 9);
    /* one that is named stays */
    runf(store, "UPDATE event SET geom = MakePoint(1, 1, 4545) WHERE id = 6");
    assert_int_equal(ask(store, "SELECT building_id FROM event WHERE id = 6"), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(all_roads_agree_on_random_partitions),
        NOUN_TEST(triggers_follow_changes_of_grids),
        NOUN_TEST(ranges_are_asked_alone),
        NOUN_TEST(stopping_leaves_all_as_it_was),
        NOUN_TEST(a_cut_building_tells_its_shares),
        NOUN_TEST(events_get_the_building_they_are_in),
    };
    return cmocka_run_group_tests_name("assign", tests, noun_group_setup,
                                       noun_group_teardown);
}
