/* Owners of a whole database: by the index and by SpatiaLite, fresh, unchanged and after
 * a corner of a grid was moved; and what one INSERT … SELECT with the file's triggers
 * needs for the same rows and no more.  Seconds are of this process's work, not of the
 * clock.
 *
 * bench_assign [--events N] [--buildings N] [--folder F] [--no-spatialite] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "partition_make.h"
#include "statement.h"
#include "wangge/assign.h"
#include "wangge/grid.h"
#include "wangge/scheme.h"

static struct wg_error err;

static void must(enum wg_status status)
{
    if (status != WG_OK) {
        fprintf(stderr, "bench_assign: %s\n", err.text);
        exit(1);
    }
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t seed = 1;

static double random_unit(void)
{
    uint64_t z = (seed += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* ---- the database ---- */

static void add_grids(struct wg_store *store, const struct partition *p)
{
    struct wg_scheme scheme;
    int64_t id;

    wg_scheme_init(&scheme);
    scheme.name = "basic";
    must(wg_scheme_create(store, &scheme, &id, &err));
    for (size_t i = 0; i < p->n; i++) {
        struct wg_grid grid;

        wg_grid_init(&grid);
        grid.scheme = id;
        grid.code = p->grid[i].code;
        grid.geometry = *p->grid[i].geometry;
        must(wg_grid_create(store, &grid, NULL, &err));
    }
}

/* A rectangle, turned by any angle; edges around a boundary now and then. */
static void make_building(const struct wg_box *box, struct wg_multipolygon *mp)
{
    double x = box->min_x + random_unit() * (box->max_x - box->min_x);
    double y = box->min_y + random_unit() * (box->max_y - box->min_y);
    double a = random_unit() * 6.3, w = 4 + 8 * random_unit(), h = 4 + 8 * random_unit();
    static const int corner[5][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}};

    for (int k = 0; k < 5; k++) {
        double u = corner[k][0] * w / 2, v = corner[k][1] * h / 2;

        mp->x[k] = x + u * cos(a) - v * sin(a);
        mp->y[k] = y + u * sin(a) + v * cos(a);
    }
}

static void add_buildings(struct wg_store *store, const struct wg_box *box, int64_t n)
{
    struct wg_entry *entry = malloc(((size_t)n + 1) * sizeof *entry);
    double x[5], y[5];
    uint32_t part[] = {0, 1}, ring[] = {0, 5};
    struct wg_multipolygon mp = {1, 1, 5, part, ring, x, y};

    if (!entry)
        exit(1);
    for (int64_t i = 0; i < n; i++) {
        struct wg_query *q;
        void *blob;
        size_t size;

        make_building(box, &mp);
        must(wg_shape_to_blob(&mp, wg_store_srid(store), &blob, &size, &err));
        must(
            wg_query(store, "INSERT INTO building (id, geom) VALUES (?1, ?2)", &q, &err));
        wg_bind_int(q, 1, i + 1);
        wg_bind_blob(q, 2, blob, size);
        must(wg_run(q, &err));
        free(blob);
        entry[i] = wg_entry_make(i + 1, wg_multipolygon_box(&mp));
    }
    must(wg_store_index_add(store, "building", entry, (size_t)n, &err));
    free(entry);
}

static void add_events(struct wg_store *store, const struct wg_box *box, int64_t n)
{
    struct wg_entry *entry = malloc(((size_t)n + 1) * sizeof *entry);

    if (!entry)
        exit(1);
    for (int64_t i = 0; i < n; i++) {
        unsigned char blob[WG_POINT_BLOB_SIZE];
        double x = box->min_x + random_unit() * (box->max_x - box->min_x);
        double y = box->min_y + random_unit() * (box->max_y - box->min_y);
        struct wg_query *q;

        wg_shape_point_blob(x, y, wg_store_srid(store), blob);
        must(wg_query(store, "INSERT INTO event (id, geom) VALUES (?1, ?2)", &q, &err));
        wg_bind_int(q, 1, i + 1);
        wg_bind_blob(q, 2, blob, sizeof blob);
        must(wg_run(q, &err));
        entry[i] = wg_entry_make(i + 1, (struct wg_box){x, y, x, y});
    }
    must(wg_store_index_add(store, "event", entry, (size_t)n, &err));
    free(entry);
}

static struct wg_store *make_database(const char *path, const struct partition *p,
                                      int64_t events, int64_t buildings)
{
    struct wg_create_options options = {.crs = "EPSG:4545"};
    struct wg_store *store = NULL;
    struct wg_box box = p->box;
    double from = now_s();

    must(wg_store_create(path, &options, &err));
    must(wg_store_open(path, NULL, &store, &err));
    must(wg_store_begin_bulk(store, &err));
    add_grids(store, p);
    wg_store_rest_triggers(store, true);
    add_buildings(store, &box, buildings);
    add_events(store, &box, events);
    wg_store_rest_triggers(store, false);
    must(wg_store_commit(store, &err));
    fprintf(stderr, "made %lld events, %lld buildings, %zu grids in %.1f s\n",
            (long long)events, (long long)buildings, p->n, now_s() - from);
    return store;
}

/* ---- the measurements ---- */

static void clear_owners(struct wg_store *store)
{
    must(
        wg_exec(store,
                "DELETE FROM owner; DELETE FROM owner_share; DELETE FROM change; UPDATE "
                "event SET building_id = NULL WHERE building_id IS NOT NULL; DELETE FROM "
                "change; PRAGMA wal_checkpoint(TRUNCATE)",
                &err));
}

static double ask_all(struct wg_store *store, enum wg_engine engine)
{
    struct wg_assign_options options = {.engine = engine};
    double from = now_s();

    must(wg_assign_all_with(store, 0, &options, NULL, &err));
    return now_s() - from;
}

/* The rows of owner alone, out of a table that has them ready. */
static double write_only(struct wg_store *store)
{
    double from;

    must(wg_exec(store, "CREATE TEMP TABLE ready AS SELECT * FROM owner", &err));
    clear_owners(store);
    from = now_s();
    must(wg_exec(store,
                 "INSERT INTO owner (kind, object_id, scheme_id, grid_id, share, how) "
                 "SELECT kind, object_id, scheme_id, grid_id, share, how FROM temp.ready",
                 &err));
    from = now_s() - from;
    must(wg_exec(store, "DROP TABLE temp.ready", &err));
    return from;
}

static int64_t number(struct wg_store *store, const char *sql)
{
    struct wg_query *q;
    bool row;
    int64_t n;

    must(wg_query(store, sql, &q, &err));
    must(wg_step(q, &row, &err));
    n = wg_column_int(q, 0);
    wg_done(q);
    return n;
}

static void keep_answers(struct wg_store *store)
{
    must(wg_exec(store,
                 "CREATE TEMP TABLE was AS SELECT * FROM owner; CREATE TEMP TABLE "
                 "was_share AS SELECT * FROM owner_share; CREATE TEMP TABLE was_link AS "
                 "SELECT id, building_id FROM event WHERE building_id IS NOT NULL",
                 &err));
}

/* How many rows differ from those kept. */
static int64_t differing(struct wg_store *store)
{
    int64_t n = number(
        store,
        "SELECT (SELECT count(*) FROM owner o LEFT JOIN temp.was w USING (scheme_id, "
        "kind, object_id) WHERE w.grid_id IS NOT o.grid_id OR w.how IS NOT o.how OR "
        "abs(w.share - o.share) > 1e-9) + (SELECT abs((SELECT count(*) FROM owner) - "
        "(SELECT count(*) FROM temp.was))) + (SELECT count(*) FROM owner_share o LEFT "
        "JOIN temp.was_share w USING (scheme_id, building_id, grid_id) WHERE w.share IS "
        "NULL OR abs(w.share - o.share) > 1e-9) + (SELECT abs((SELECT count(*) FROM "
        "owner_share) - (SELECT count(*) FROM temp.was_share))) + (SELECT count(*) FROM "
        "(SELECT id, building_id FROM event WHERE building_id IS NOT NULL EXCEPT SELECT "
        "* FROM temp.was_link)) + (SELECT count(*) FROM (SELECT * FROM temp.was_link "
        "EXCEPT SELECT id, building_id FROM event))");

    must(wg_exec(store,
                 "DROP TABLE temp.was; DROP TABLE temp.was_share; DROP TABLE "
                 "temp.was_link",
                 &err));
    return n;
}

/* A corner of a grid is moved, by the library or past it: then the triggers ask. */
static double edit(struct wg_store *store, int64_t id, bool library)
{
    struct wg_grid grid;
    double from;

    must(wg_grid_read(store, id, &grid, &err));
    grid.geometry.x[1] += 2;
    grid.geometry.y[1] -= 1;
    from = now_s();
    if (library) {
        must(wg_grid_update(store, &grid, &err));
    } else {
        struct wg_query *q;
        void *blob;
        size_t size;

        must(wg_shape_to_blob(&grid.geometry, wg_store_srid(store), &blob, &size, &err));
        must(wg_query(store, "UPDATE grid SET geom = ?2 WHERE id = ?1", &q, &err));
        wg_bind_int(q, 1, id);
        wg_bind_blob(q, 2, blob, size);
        must(wg_run(q, &err));
        free(blob);
    }
    from = now_s() - from;
    wg_grid_finish(&grid);
    return from;
}

static void measure_edits(struct wg_store *store)
{
    double library = 0, triggers = 0;
    enum { EDITS = 10 };

    for (int i = 0; i < EDITS; i++) {
        library += edit(store, 60 + i, true) / EDITS;
        triggers += edit(store, 80 + i, false) / EDITS;
    }
    printf("an edited corner: %.1f ms, by triggers %.1f ms, ratio %.0fx\n",
           1000 * library, 1000 * triggers, triggers / library);
}

static void measure(struct wg_store *store, bool spatialite)
{
    double index[2], sql[2] = {NAN, NAN}, write;
    int64_t differ = -1, owned, linked, cut;

    if (spatialite) {
        sql[0] = ask_all(store, WG_ENGINE_SPATIALITE);
        sql[1] = ask_all(store, WG_ENGINE_SPATIALITE);
        keep_answers(store);
        clear_owners(store);
    }
    index[0] = ask_all(store, WG_ENGINE_INDEX);
    index[1] = ask_all(store, WG_ENGINE_INDEX);
    owned = number(store, "SELECT count(grid_id) FROM owner");
    cut = number(store, "SELECT count(DISTINCT building_id) FROM owner_share");
    linked = number(store, "SELECT count(building_id) FROM event");
    if (spatialite)
        differ = differing(store);
    measure_edits(store);
    write = write_only(store);
    printf("%lld owned, %lld buildings cut, %lld events in a building\n",
           (long long)owned, (long long)cut, (long long)linked);
    printf("%-12s %10s %10s\n", "", "fresh s", "unchanged s");
    printf("%-12s %10.2f %10.2f\n", "index", index[0], index[1]);
    printf("%-12s %10.2f\n", "rows by SQL", write);
    if (spatialite) {
        printf("%-12s %10.2f %10.2f\n", "spatialite", sql[0], sql[1]);
        printf("%-12s %9.1fx %9.1fx\n", "ratio", sql[0] / index[0], sql[1] / index[1]);
        printf("rows that differ: %lld\n", (long long)differ);
    }
    printf("writing is %.0f %% of a fresh run by the index\n",
           100 * (index[0] - index[1]) / index[0]);
}

int main(int argc, char **argv)
{
    static const struct partition_kind kind = {"assign", 18, 17, 400, 16};
    int64_t events = 1000000, buildings = 100000;
    const char *folder = NULL;
    char made[] = "/tmp/bench-assign-XXXXXX", path[4096];
    bool spatialite = true;
    struct partition p;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--events") && i + 1 < argc)
            events = strtoll(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--buildings") && i + 1 < argc)
            buildings = strtoll(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--folder") && i + 1 < argc)
            folder = argv[++i];
        else if (!strcmp(argv[i], "--no-spatialite"))
            spatialite = false;
        else
            return fprintf(stderr, "bench_assign: %s?\n", argv[i]), 2;
    }
    if (!folder && !(folder = mkdtemp(made)))
        return 1;
    if (!partition_make(&kind, &p))
        return 1;
    snprintf(path, sizeof path, "%s/assign.wangge", folder);
    struct wg_store *store = make_database(path, &p, events, buildings);
    measure(store, spatialite);
    wg_store_close(store);
    partition_finish(&p);
    unlink(path);
    if (folder == made)
        rmdir(made);
    return 0;
}
