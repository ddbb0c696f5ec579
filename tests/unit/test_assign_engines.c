/* Owners by the index and by SpatiaLite are the same, for random worlds that are worse
 * than any district: gaps, overlaps, parts, holes, dates, parents, broken polygons; and
 * after an edit the asking of what is near gives what the asking of all gives. */
#include "noun_scratch.h"

#include <math.h>

#include "random.h"
#include "wangge/assign.h"

#define MESH 4
#define CELL 100.0

/* ---- a random world ---- */

struct world {
    struct random r;
    struct wg_store *store;
    struct wg_point at[MESH + 1][MESH + 1];
    bool broken; /* polygons that are not valid are among them */
};

static bool chance(struct world *w, int of)
{
    return random_between(&w->r, 0, of - 1) == 0;
}

static double lattice(struct world *w, double low, double high)
{
    return wg_lattice_snap(random_real(&w->r, low, high));
}

static void make_mesh(struct world *w)
{
    for (int i = 0; i <= MESH; i++)
        for (int j = 0; j <= MESH; j++)
            w->at[i][j] = (struct wg_point){X0 + i * CELL + lattice(w, -30, 30),
                                            Y0 + j * CELL + lattice(w, -30, 30)};
}

struct text {
    char at[8192];
    size_t n;
};

static void say(struct text *t, const char *format, ...) WG_PRINTF(2, 3);

static void say(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at + t->n, sizeof t->at - t->n, format, args);
    va_end(args);
    assert_true(n >= 0 && t->n + (size_t)n < sizeof t->at);
    t->n += (size_t)n;
}

static void say_ring(struct text *t, int n, const struct wg_point *p)
{
    say(t, "(");
    for (int k = 0; k <= n; k++)
        say(t, "%s%.17g %.17g", k ? "," : "", p[k % n].x, p[k % n].y);
    say(t, ")");
}

static void say_square(struct text *t, double x, double y, double w, double h)
{
    struct wg_point p[] = {{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}};
    say_ring(t, 4, p);
}

static struct wg_point cell_corner(const struct world *w, int i, int j, int k)
{
    static const int step[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    return w->at[i + step[k][0]][j + step[k][1]];
}

/* A cell, perhaps with a hole, perhaps with a bow tie at its end. */
static void say_cell(struct text *t, struct world *w, int i, int j, bool hole)
{
    struct wg_point p[4];
    for (int k = 0; k < 4; k++)
        p[k] = cell_corner(w, i, j, k);
    say(t, "(");
    say_ring(t, 4, p);
    if (hole) {
        say(t, ",");
        say_square(t, X0 + i * CELL + 40, Y0 + j * CELL + 40, 20, 20);
    }
    say(t, ")");
}

static const char *random_date(struct world *w)
{
    static const char *const dates[] = {
        "NULL",         "NULL",
        "NULL",         "'2020-06-01T00:00:00.000Z'",
        "'2020-06-01'", "'2021-01-01T00:00:00.000Z'",
        "'2999-01-01'", "'2021-06-01T00:00:00Z'",
    };
    return dates[random_between(&w->r, 0, 7)];
}

static void add_grid(struct world *w, const char *code, int level, const char *parent,
                     const char *wkt)
{
    const char *from = chance(w, 3) ? random_date(w) : "NULL";
    const char *to = chance(w, 3) ? random_date(w) : "NULL";
    runf(w->store,
         "INSERT INTO grid (scheme_id, code, level, parent_id, geom, valid_from, "
         "valid_to) VALUES ((SELECT max(id) FROM scheme), '%s', %d, (SELECT id FROM grid "
         "WHERE code = '%s' AND scheme_id = (SELECT max(id) FROM scheme)), ST_Multi("
         "GeomFromText('MULTIPOLYGON(%s)', 4545)), %s, %s)",
         code, level, parent, wkt, from, to);
}

static void add_parents(struct world *w)
{
    for (int i = 0; i < MESH; i++) {
        struct text t = {.n = 0};
        struct wg_point p[2 * (MESH + 1)];
        char code[16];
        for (int j = 0; j <= MESH; j++) {
            p[j] = w->at[i + 1][j];
            p[2 * MESH + 1 - j] = w->at[i][j];
        }
        say(&t, "(");
        say_ring(&t, 2 * (MESH + 1), p);
        say(&t, ")");
        snprintf(code, sizeof code, "%c%d", chance(w, 2) ? 'B' : 'Y', i);
        add_grid(w, code, 4, "", t.at);
    }
}

static void add_scheme(struct world *w, const char *name)
{
    bool nested = chance(w, 2);
    int k = 0;
    runf(w->store, "INSERT INTO scheme (name) VALUES ('%s')", name);
    if (nested)
        add_parents(w);
    for (int i = 0; i < MESH; i++)
        for (int j = 0; j < MESH; j++) {
            struct text t = {.n = 0};
            char code[24], parent[8] = "";
            bool hole = chance(w, 4);
            if (chance(w, 12))
                continue; /* a gap */
            say_cell(&t, w, i, j, hole);
            if (chance(w, 8) && i + 2 < MESH) { /* a second part; overlaps its own grid */
                say(&t, ",");
                say_cell(&t, w, i + 2, j, false);
            }
            if (nested && chance(w, 2))
                snprintf(parent, sizeof parent, "%c%d", chance(w, 2) ? 'B' : 'Y', i);
            snprintf(code, sizeof code, "%c%02d",
                     (char)('C' + random_between(&w->r, 0, 9)), k++);
            add_grid(w, code, 5, parent, t.at);
            if (hole && chance(w, 2)) {
                t.n = 0;
                say(&t, "(");
                say_square(&t, X0 + i * CELL + 40, Y0 + j * CELL + 40, 20, 20);
                say(&t, ")");
                snprintf(code, sizeof code, "%c%02d", chance(w, 2) ? 'A' : 'Z', k++);
                add_grid(w, code, 5, "", t.at);
            }
        }
    if (chance(w, 2)) { /* one that lies over others */
        struct text t = {.n = 0};
        say(&t, "(");
        say_square(&t, X0 + lattice(w, 0, 200), Y0 + lattice(w, 0, 200),
                   lattice(w, 20, 150), lattice(w, 20, 150));
        say(&t, ")");
        add_grid(w, chance(w, 2) ? "A99" : "Z99", 5, "", t.at);
    }
    if (w->broken) {
        struct text t = {.n = 0};
        struct wg_point tie[] = {{X0 + 150, Y0 + 150},
                                 {X0 + 250, Y0 + 250},
                                 {X0 + 250, Y0 + 150},
                                 {X0 + 150, Y0 + 250}};
        say(&t, "(");
        say_ring(&t, 4, tie);
        say(&t, ")");
        add_grid(w, chance(w, 2) ? "A98" : "Z98", 5, "", t.at);
    }
}

static const char *random_time(struct world *w)
{
    static const char *const times[] = {
        "NULL",
        "'soon'",
        "'2020-05-31T23:59:59.999Z'",
        "'2020-06-01'",
        "'2020-06-01T08:00:00+08:00'",
        "'2020-06-01 00:00:00.001'",
        "'2020-12-31T23:59:59.9996Z'",
        "'2021-06-01T00:00:00Z'",
        "'2022-02-02T02:02:02.020Z'",
        "2459000.5",
    };
    return times[random_between(&w->r, 0, 9)];
}

static void add_point(struct world *w, double x, double y)
{
    runf(w->store,
         "INSERT INTO part (geom) VALUES (MakePoint(%.17g, %.17g, 4545)); INSERT INTO "
         "event (geom, occurred_at) VALUES (MakePoint(%.17g, %.17g, 4545), %s)",
         x, y, x, y, random_time(w));
}

static struct wg_point any_place(struct world *w)
{
    return (struct wg_point){X0 + random_real(&w->r, -60, MESH * CELL + 60),
                             Y0 + random_real(&w->r, -60, MESH * CELL + 60)};
}

static void add_points(struct world *w)
{
    for (int i = 0; i <= MESH; i++)
        for (int j = 0; j <= MESH; j++) {
            struct wg_point p = w->at[i][j];
            add_point(w, p.x, p.y);
            add_point(w, nextafter(p.x, 0), p.y);
            if (i < MESH) {
                struct wg_point q = w->at[i + 1][j];
                double t = random_real(&w->r, 0, 1);
                add_point(w, (p.x + q.x) / 2, (p.y + q.y) / 2);
                add_point(w, p.x + t * (q.x - p.x), p.y + t * (q.y - p.y));
            }
        }
    for (int k = 0; k < 40; k++) {
        struct wg_point p = any_place(w);
        add_point(w, p.x, p.y);
    }
    runf(w->store, "INSERT INTO part (geom) VALUES (NULL); INSERT INTO event (geom) "
                   "VALUES (NULL)");
}

static void add_building(struct world *w, const char *wkt)
{
    runf(w->store,
         "INSERT INTO building (geom, part_of) VALUES (GeomFromText('MULTIPOLYGON(%s)', "
         "4545), iif(%d, NULL, (SELECT min(id) FROM building)))",
         wkt, !chance(w, 7));
}

/* A star of n corners around a place. */
static int make_star(struct world *w, struct wg_point c, double size, struct wg_point *p)
{
    int n = (int)random_between(&w->r, 3, 9);
    for (int k = 0; k < n; k++) {
        double a = 6.283185307179586 * k / n, d = random_real(&w->r, size / 4, size);
        p[k] = (struct wg_point){c.x + d * cos(a), c.y + d * sin(a)};
        if (n % 2)
            p[k] = (struct wg_point){wg_lattice_snap(p[k].x), wg_lattice_snap(p[k].y)};
    }
    return n;
}

static void add_star(struct world *w, double size)
{
    struct text t = {.n = 0};
    struct wg_point p[9], c = any_place(w);
    int n = make_star(w, c, size, p);
    say(&t, "(");
    say_ring(&t, n, p);
    if (n > 6) { /* a court yard */
        say(&t, ",");
        say_square(&t, c.x - size / 16, c.y - size / 16, size / 8, size / 8);
    }
    say(&t, ")");
    if (n == 4) {
        say(&t, ",(");
        say_square(&t, c.x + 3 * size, c.y, size, size);
        say(&t, ")");
    }
    add_building(w, t.at);
}

/* Made of the corners of cells: their edges lie on boundaries, or cut them. */
static void add_by_mesh(struct world *w, int i, int j)
{
    struct text t = {.n = 0};
    struct wg_point a = cell_corner(w, i, j, 0), b = cell_corner(w, i, j, 1);
    struct wg_point c = cell_corner(w, i, j, 2), d = cell_corner(w, i, j, 3);
    struct wg_point m = {(a.x + b.x) / 2, (a.y + b.y) / 2}; /* on the edge, exactly */
    struct wg_point whole[] = {a, b, c, d}, half[] = {a, b, c}, edge[] = {a, m, c};
    struct wg_point out[] = {a, b, c, {d.x - lattice(w, 0, 4), d.y + lattice(w, 0, 4)}};
    struct wg_point hair[] = {a, b, c, {nextafter(d.x, 0), nextafter(d.y, 1e9)}};
    const struct wg_point *const shape[] = {whole, half, edge, out, hair};
    static const int n[] = {4, 3, 3, 4, 4};
    int k = (int)random_between(&w->r, 0, 4);
    say(&t, "(");
    say_ring(&t, n[k], shape[k]);
    say(&t, ")");
    add_building(w, t.at);
}

static void add_buildings(struct world *w)
{
    for (int k = 0; k < 40; k++)
        add_star(w, random_real(&w->r, 1, 50));
    for (int k = 0; k < 5; k++)
        add_star(w, random_real(&w->r, 0.01, 1));
    for (int i = 0; i < MESH; i++)
        for (int j = 0; j < MESH; j++) {
            struct text t = {.n = 0};
            add_by_mesh(w, i, j);
            say(&t, "(");
            say_square(&t, X0 + i * CELL + 30 + 10 * (double)random_between(&w->r, 0, 2),
                       Y0 + j * CELL + 40, 20, 20); /* holes and their rims */
            say(&t, ")");
            add_building(w, t.at);
        }
    if (w->broken)
        for (int k = 0; k < 12; k++) {
            struct wg_point p = any_place(w);
            struct wg_point tie[] = {
                p, {p.x + 30, p.y + 20}, {p.x + 30, p.y}, {p.x, p.y + 21}};
            struct wg_point flat[] = {p, {p.x + 64, p.y + 32}, {p.x + 32, p.y + 16}};
            struct text t = {.n = 0};
            say(&t, "(");
            if (k % 2)
                say_ring(&t, 4, tie);
            else
                say_ring(&t, 3, flat);
            say(&t, ")");
            add_building(w, t.at);
        }
    runf(w->store, "INSERT INTO building (geom) VALUES (NULL)");
}

/* ---- what an engine makes of it ---- */

static void ask_all(struct wg_store *store, enum wg_engine engine)
{
    struct wg_error err = {0};
    struct wg_assign_options how = {.engine = engine};
    must(wg_assign_all_with(store, 0, &how, NULL, &err), &err);
}

static void keep(struct wg_store *store, const char *name)
{
    runf(store,
         "CREATE TEMP TABLE %s_owner AS SELECT * FROM owner; CREATE TEMP TABLE %s_share "
         "AS "
         "SELECT * FROM owner_share; CREATE TEMP TABLE %s_link AS SELECT id, building_id "
         "FROM event; CREATE TEMP TABLE %s_change AS SELECT * FROM change",
         name, name, name, name);
}

static void forget(struct wg_store *store, const char *name)
{
    runf(store,
         "DROP TABLE temp.%s_owner; DROP TABLE temp.%s_share; DROP TABLE temp.%s_link; "
         "DROP TABLE temp.%s_change",
         name, name, name, name);
}

static void restore(struct wg_store *store, const char *name)
{
    runf(store,
         "DELETE FROM owner; DELETE FROM owner_share; INSERT INTO owner SELECT * FROM "
         "temp.%s_owner; INSERT INTO owner_share SELECT * FROM temp.%s_share; UPDATE "
         "event SET building_id = (SELECT l.building_id FROM temp.%s_link l WHERE l.id = "
         "event.id); DELETE FROM change; INSERT INTO change SELECT * FROM temp.%s_change",
         name, name, name, name);
}

static void show(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row;
    must(wg_query(store, sql, &q, &err), &err);
    for (int n = 0; n < 12 && !wg_step(q, &row, &err) && row; n++)
        print_message("# %s\n", wg_column_text(q, 0));
    wg_done(q);
}

/* Owners, shares, links and the rows of the change log are those kept. */
static void as_kept(struct wg_store *store, int seed)
{
    static const char *const differ[] = {
        "SELECT printf('owner %d %d %d: %s %.17g %s, kept %s %.17g %s', scheme_id, kind, "
        "object_id, o.grid_id, o.share, o.how, k.grid_id, k.share, k.how) FROM owner o "
        "FULL JOIN temp.kept_owner k USING (scheme_id, kind, object_id) WHERE o.grid_id "
        "IS NOT k.grid_id OR o.how IS NOT k.how OR (abs(o.share - k.share) <= 1e-9) IS "
        "NOT 1",
        "SELECT printf('share %d %d %d: %.17g, kept %.17g', scheme_id, building_id, "
        "grid_id, o.share, k.share) FROM owner_share o FULL JOIN temp.kept_share k USING "
        "(scheme_id, building_id, grid_id) WHERE (abs(o.share - k.share) <= 1e-9) IS NOT "
        "1",
        "SELECT printf('event %d in %s, kept %s', e.id, e.building_id, k.building_id) "
        "FROM event e JOIN temp.kept_link k ON k.id = e.id WHERE e.building_id IS NOT "
        "k.building_id",
        "SELECT printf('change %s %d %s %s %s: %d', tbl, rid, op, was, now, sum(n)) FROM "
        "(SELECT tbl, rid, op, was, now, 1 AS n FROM change UNION ALL SELECT tbl, rid, "
        "op, was, now, -1 FROM temp.kept_change) GROUP BY tbl, rid, op, was, now HAVING "
        "sum(n) <> 0",
    };
    for (int i = 0; i < 4; i++) {
        char count[1200];
        snprintf(count, sizeof count, "SELECT count(*) FROM (%s)", differ[i]);
        if (ask(store, count) != 0) {
            show(store, differ[i]);
            fail_msg("seed %d: %d rows differ", seed, (int)ask(store, count));
        }
    }
}

/* From the rows that stand there both engines come to the same. */
static void engines_agree(struct wg_store *store, int seed)
{
    keep(store, "before");
    ask_all(store, WG_ENGINE_SPATIALITE);
    keep(store, "kept");
    restore(store, "before");
    ask_all(store, WG_ENGINE_INDEX);
    as_kept(store, seed);
    int64_t last = ask(store, "SELECT max(seq) FROM change");
    ask_all(store, WG_ENGINE_INDEX); /* nothing is left to write */
    ask_all(store, WG_ENGINE_SPATIALITE);
    assert_int_equal(ask(store, "SELECT max(seq) FROM change"), last);
    forget(store, "before");
    forget(store, "kept");
}

static void make_world(struct world *w, struct wg_store *store, uint64_t seed)
{
    *w = (struct world){.r = {seed}, .store = store, .broken = seed % 3 == 0};
    make_mesh(w);
    add_scheme(w, "one");
    add_scheme(w, "two");
    add_points(w);
    add_buildings(w);
}

static void clear_world(struct wg_store *store)
{
    runf(store,
         "DELETE FROM event; DELETE FROM part; DELETE FROM building WHERE part_of IS "
         "NOT NULL; DELETE FROM building; UPDATE grid SET parent_id = NULL; DELETE "
         "FROM grid; DELETE FROM owner; DELETE FROM owner_share; DELETE FROM scheme; "
         "DELETE FROM change; DELETE FROM withdrawn_code; DELETE FROM grid_past");
}

static const char *const upheaval[] = {
    "UPDATE grid SET geom = ST_Translate(geom, 13, 7, 0) WHERE id % 5 = 0",
    "UPDATE grid SET valid_to = '2020-06-01' WHERE id % 7 = 0",
    "UPDATE grid SET parent_id = NULL WHERE id % 3 = 0",
    "UPDATE grid SET geom = NULL WHERE id % 11 = 0",
    "UPDATE event SET geom = MakePoint(ST_X(geom) + 30, ST_Y(geom), 4545) WHERE id % 2",
    "UPDATE event SET occurred_at = '2020-06-01' WHERE id % 3 = 0",
    "UPDATE building SET geom = ST_Translate(geom, 20, 20, 0) WHERE id % 3 = 0",
    "DELETE FROM owner WHERE object_id % 4 = 0",
    "DELETE FROM owner_share WHERE building_id % 4 = 0",
    "INSERT INTO owner (kind, object_id, scheme_id, how) SELECT 2, 1000000 + id, id, "
    "'outside' FROM scheme",
    "UPDATE owner SET how = 'cover' WHERE object_id % 9 = 0",
    "UPDATE owner SET share = 0.5 WHERE object_id % 8 = 0",
};

/* Boundaries that moved, at dates around those of the events. */
static const char *const past[] = {
    "UPDATE grid SET geom = ST_Translate(geom, -9, 11, 0) WHERE id % 2 = 0",
    "UPDATE grid_past SET valid_to = '2020-06-01T00:00:00.000Z' WHERE id % 2",
    "UPDATE grid_past SET valid_to = '2021-06-01T00:00:00.000Z' WHERE id % 2 = 0",
    "UPDATE grid SET geom_from = (SELECT max(p.valid_to) FROM grid_past p WHERE "
    "p.grid_id = grid.id) WHERE geom_from IS NOT NULL",
    "UPDATE grid SET geom = ST_Translate(geom, 31, 0, 0), geom_from = "
    "'2021-01-01T00:00:00.000Z' WHERE id % 4 = 0 AND geom_from < '2021'",
    "INSERT INTO grid_past (grid_id, scheme_id, code, level, kind, valid_from, valid_to, "
    "revision, geom) SELECT id, scheme_id, code, level, kind, "
    "'2020-06-01T00:00:00.000Z', "
    "'2021-01-01T00:00:00.000Z', 0, ST_Translate(geom, -31, 0, 0) FROM grid WHERE id % 4 "
    "= 0 AND geom_from = '2021-01-01T00:00:00.000Z'",
    "UPDATE grid SET parent_id = (SELECT min(p.id) FROM grid p WHERE p.level = 4 AND "
    "p.scheme_id = grid.scheme_id) WHERE level = 5 AND id % 13 = 0",
};

static void engines_agree_on_random_worlds(void **state)
{
    struct wg_store *store = noun_store(state);
    const char *most = getenv("WG_TEST_WORLDS");
    struct wg_error err = {0};
    struct world w;
    for (int seed = 1; seed <= (most ? atoi(most) : 3); seed++) {
        must(wg_store_begin_bulk(store, &err), &err);
        make_world(&w, store, (uint64_t)seed);
        engines_agree(store, seed);
        for (size_t i = 0; i < sizeof upheaval / sizeof *upheaval; i++)
            runf(store, "%s", upheaval[i]);
        engines_agree(store, seed);
        for (size_t i = 0; i < sizeof past / sizeof *past; i++)
            runf(store, "%s", past[i]);
        assert_true(ask(store, "SELECT count(*) FROM grid_past") > 20);
        engines_agree(store, seed);
        assert_true(ask(store, "SELECT count(*) FROM owner o JOIN event e ON e.id = "
                               "o.object_id JOIN grid g ON g.id = o.grid_id WHERE o.kind "
                               "= 3 AND NOT ST_Covers(g.geom, e.geom)") > 0);
        must(wg_store_commit(store, &err), &err);
        clear_world(store);
    }
}

/* ---- near an edit ---- */

static struct wg_multipolygon polygon_of(struct wg_store *store, int64_t grid)
{
    struct wg_error err = {0};
    struct wg_multipolygon mp = {0};
    struct wg_query *q = NULL;
    bool row;
    size_t size;
    must(wg_query(store, "SELECT geom FROM grid WHERE id = ?1", &q, &err), &err);
    wg_bind_int(q, 1, grid);
    must(wg_step(q, &row, &err), &err);
    if (row && !wg_column_is_null(q, 0)) {
        const void *blob = wg_column_blob(q, 0, &size);
        must(wg_shape_from_blob(blob, size, &mp, &err), &err);
    }
    wg_done(q);
    return mp;
}

/* Change polygons of a scheme, ask what is near, and see that all is right then. */
static void edit_and_ask(struct wg_store *store, int64_t scheme, const char *where,
                         const char *set, enum wg_engine engine, int seed)
{
    struct wg_error err = {0};
    struct wg_assign_options how = {.engine = engine};
    struct wg_multipolygon was[64], now[64];
    struct wg_assign_change change[64];
    int64_t id[64];
    struct wg_query *q = NULL;
    bool row;
    char sql[400];
    size_t n = 0;
    snprintf(sql, sizeof sql, "SELECT id FROM grid WHERE scheme_id = ?1 AND %s", where);
    must(wg_query(store, sql, &q, &err), &err);
    wg_bind_int(q, 1, scheme);
    while (n < 64 && !wg_step(q, &row, &err) && row)
        id[n++] = wg_column_int(q, 0);
    wg_done(q);
    for (size_t i = 0; i < n; i++)
        was[i] = polygon_of(store, id[i]);
    runf(store, "UPDATE grid SET %s WHERE scheme_id = %d AND %s", set, (int)scheme,
         where);
    for (size_t i = 0; i < n; i++) {
        now[i] = polygon_of(store, id[i]);
        change[i] = (struct wg_assign_change){&was[i], &now[i]};
    }
    must(wg_assign_near(store, scheme, n, change, &how, &err), &err);
    keep(store, "kept");
    ask_all(store, WG_ENGINE_SPATIALITE);
    as_kept(store, seed);
    forget(store, "kept");
    for (size_t i = 0; i < n; i++) {
        wg_multipolygon_finish(&was[i]);
        wg_multipolygon_finish(&now[i]);
    }
}

static void asking_near_an_edit_is_enough(void **state)
{
    static const char *const edits[][2] = {
        {"id % 4 = 0", "geom = ST_Translate(geom, 3, 2, 0)"},
        {"id % 4 = 1", "geom = CastToMulti(ST_Buffer(geom, 2))"},
        {"id % 4 = 2", "geom = CastToMulti(ST_Buffer(geom, -1))"},
        {"id % 5 = 1", "geom = CastToMulti(ST_Difference(geom, BuildMbr(500100, 3050100, "
                       "500180, 3050170, 4545)))"},
        {"id % 6 = 1", "geom = NULL"},
        {"id % 3 = 1", "geom = CastToMulti(ST_Simplify(geom, 5))"},
    };
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct world w;
    for (int seed = 101; seed <= 102; seed++) {
        must(wg_store_begin_bulk(store, &err), &err);
        make_world(&w, store, (uint64_t)seed);
        ask_all(store, WG_ENGINE_SPATIALITE);
        for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
            int64_t scheme = ask(store, i % 2 ? "SELECT max(id) FROM scheme"
                                              : "SELECT min(id) FROM scheme");
            edit_and_ask(store, scheme, edits[i][0], edits[i][1],
                         i % 3 == 2 ? WG_ENGINE_SPATIALITE : WG_ENGINE_INDEX, seed);
        }
        must(wg_store_commit(store, &err), &err);
        clear_world(store);
    }
}

/* ---- through the library ---- */

static int64_t random_grid(struct world *w)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT id FROM grid WHERE geom IS NOT NULL ORDER BY (id * %d) %% 101, id "
             "LIMIT 1",
             (int)random_between(&w->r, 1, 100));
    return ask(w->store, sql);
}

static void move_polygon(struct world *w, struct wg_multipolygon *mp)
{
    double dx = lattice(w, -20, 20), dy = lattice(w, -20, 20);
    for (uint32_t i = 0; i < mp->n_vertex; i++) {
        mp->x[i] += dx;
        mp->y[i] += dy;
    }
}

/* One change of one grid; which may be refused, and then nothing is to differ. */
static void change_grid(struct world *w, int step)
{
    struct wg_grid g, made;
    char code[16];
    int64_t id = random_grid(w);
    must(wg_grid_read(w->store, id, &g, NULL), &(struct wg_error){.text = "read"});
    made = g;
    snprintf(code, sizeof code, "%c%02d", chance(w, 2) ? 'A' : 'Z', 50 + step);
    switch (step % 7) {
    case 0:
        move_polygon(w, &made.geometry);
        break;
    case 1:
        made.code = code;
        break;
    case 2:
        made.valid_from = chance(w, 2) ? "2020-06-01T00:00:00.000Z" : NULL;
        break;
    case 3:
        made.valid_to = chance(w, 2) ? "2021-01-01T00:00:00.000Z" : NULL;
        break;
    case 4:
        made.parent = g.parent ? 0 : ask(w->store, "SELECT id FROM grid WHERE level = 4");
        break;
    default:
        break;
    }
    if (step % 7 == 5) {
        wg_grid_end(w->store, id, "2022-01-01T00:00:00.000Z", NULL);
    } else if (step % 7 == 6) {
        made.id = 0;
        made.code = code;
        made.parent = chance(w, 2) && g.level == 4 ? id : 0;
        made.level = 5;
        made.name = "made";
        move_polygon(w, &made.geometry);
        wg_grid_create(w->store, &made, NULL, NULL);
    } else {
        wg_grid_update(w->store, &made, NULL);
    }
    wg_grid_finish(&g);
}

static void changes_through_the_library_ask_what_is_near(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct world w;
    for (int seed = 301; seed <= 301; seed++) {
        must(wg_store_begin_bulk(store, &err), &err);
        make_world(&w, store, 3 * (uint64_t)seed + 1);
        ask_all(store, WG_ENGINE_SPATIALITE);
        must(wg_store_commit(store, &err), &err);
        runf(store,
             "DELETE FROM change; DELETE FROM withdrawn_code; DELETE FROM grid_past");
        for (int step = 0; step < 28; step++) {
            change_grid(&w, step);
            keep(store, "kept");
            ask_all(store, WG_ENGINE_SPATIALITE);
            as_kept(store, seed * 100 + step);
            forget(store, "kept");
        }
        assert_true(ask(store, "SELECT count(*) FROM change WHERE tbl = 'grid'") > 20);
        assert_true(ask(store, "SELECT count(*) FROM change WHERE tbl GLOB 'owner*'") >
                    20);
        clear_world(store);
    }
}

/* A scheme's first grid puts everything that lies elsewhere outside. */
static void the_first_grid_tells_of_all_objects(void **state)
{
    struct wg_store *store = noun_store(state);
    runf(store, "INSERT INTO part (geom) VALUES (MakePoint(500010, 3050010, 4545)), "
                "(MakePoint(500900, 3050010, 4545)), (NULL)");
    int64_t scheme = new_scheme(store, "s", NULL);
    assert_int_equal(ask(store, "SELECT count(*) FROM owner"), 0);
    new_grid(store, scheme, "A", 5, 0, (struct wg_box){0, 0, 100, 100});
    assert_int_equal(ask(store, "SELECT count(*) FROM owner"), 3);
    assert_int_equal(ask(store, "SELECT count(grid_id) FROM owner"), 1);
    new_grid(store, scheme, "B", 5, 0, (struct wg_box){800, 0, 1000, 100});
    assert_int_equal(ask(store, "SELECT count(grid_id) FROM owner"), 2);
    assert_int_equal(ask(store,
                         "SELECT count(*) FROM change WHERE tbl = 'owner:part' AND "
                         "op = 'I'"),
                     3);
    assert_int_equal(ask(store,
                         "SELECT count(*) FROM change WHERE tbl = 'owner:part' AND "
                         "op = 'U'"),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(engines_agree_on_random_worlds),
        NOUN_TEST(asking_near_an_edit_is_enough),
        NOUN_TEST(changes_through_the_library_ask_what_is_near),
        NOUN_TEST(the_first_grid_tells_of_all_objects),
    };
    return cmocka_run_group_tests_name("assign_engines", tests, noun_group_setup,
                                       noun_group_teardown);
}
