/* The packed spatial index: SQLite and SpatiaLite find nothing wrong in it. */
#include "store_scratch.h"

#include <math.h>

#include "load.h"
#include "store_db.h"

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static int64_t number(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    int64_t n = -99;
    must(wg_store_number(store, sql, &n, &err), &err);
    return n;
}

static void assert_sound(struct wg_store *store)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row;
    must(wg_query(store, "SELECT rtreecheck('main', 'idx_part_geom')", &q, &err), &err);
    must(wg_step(q, &row, &err), &err);
    assert_string_equal(wg_column_text(q, 0), "ok");
    wg_done(q);
    assert_int_equal(number(store, "SELECT CheckSpatialIndex('part', 'geom')"), 1);
}

/* How many rows a box holds, by the index and without it. */
static void assert_found(struct wg_store *store, double x, double y, double size)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM idx_part_geom r CROSS JOIN part p WHERE p.id = r.pkid"
             " AND r.xmax >= %f AND r.xmin <= %f AND r.ymax >= %f AND r.ymin <= %f"
             " AND ST_X(geom) BETWEEN %f AND %f AND ST_Y(geom) BETWEEN %f AND %f",
             x, x + size, y, y + size, x, x + size, y, y + size);
    int64_t by_index = number(store, sql);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM part WHERE ST_X(geom) BETWEEN %f AND %f"
             " AND ST_Y(geom) BETWEEN %f AND %f",
             x, x + size, y, y + size);
    assert_int_equal(by_index, number(store, sql));
}

/* n more points with the triggers at rest, in and around the origin too: SQLite rounds
 * by the sign. */
static void add_points(struct wg_store *store, int n, struct wg_entry *entry)
{
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row;
    char sql[400];
    int64_t first = number(store, "SELECT coalesce(max(id), 0) + 1 FROM part");
    wg_store_rest_triggers(store, true);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
             " WHERE i < %d) INSERT INTO part (geom) SELECT MakePoint("
             "iif(i %% 2, 5e5, 0) + (random() %% 1000000) / 999.0, "
             "(random() %% 1000000) / 7.0, 4545) FROM n",
             n);
    must(wg_exec(store, sql, &err), &err);
    wg_store_rest_triggers(store, false);
    must(wg_query(store, "SELECT id, ST_X(geom), ST_Y(geom) FROM part WHERE id >= ?1", &q,
                  &err),
         &err);
    wg_bind_int(q, 1, first);
    for (int i = 0; i < n; i++) {
        must(wg_step(q, &row, &err), &err);
        assert_true(row);
        double x = wg_column_real(q, 1), y = wg_column_real(q, 2);
        entry[i] = wg_entry_make(wg_column_int(q, 0), (struct wg_box){x, y, x, y});
    }
    wg_done(q);
}

static void test_sizes(void **state)
{
    static const int sizes[] = {1, 2, 64, 65, 66, 500, 2346, 2347, 5000};
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_entry *entry = calloc(5000, sizeof *entry);
    assert_non_null(entry);
    scratch_create(s);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct wg_store *store = scratch_open(s);
        must(wg_store_begin(store, &err), &err);
        add_points(store, sizes[i], entry);
        must(wg_store_index_add(store, "part", entry, (size_t)sizes[i], &err), &err);
        assert_sound(store);
        assert_found(store, 5e5, -1e4, 1e4);
        assert_found(store, -100, -1e5, 2e5);
        wg_store_close(store); /* undone */
    }
    free(entry);
}

/* Boxes as SQLite itself rounds them. */
static void test_rounding(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_entry *entry = calloc(4000, sizeof *entry);
    assert_non_null(entry);
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    must(wg_store_begin(store, &err), &err);
    add_points(store, 4000, entry);
    must(wg_store_index_add(store, "part", entry, 4000, &err), &err);
    must(wg_exec(store,
                 "CREATE VIRTUAL TABLE other USING rtree (pkid, xmin, xmax, ymin, ymax);"
                 "INSERT INTO other SELECT id, MbrMinX(geom), MbrMaxX(geom),"
                 " MbrMinY(geom), MbrMaxY(geom) FROM part",
                 &err),
         &err);
    assert_int_equal(number(store, "SELECT count(*) FROM (SELECT * FROM other INTERSECT"
                                   " SELECT * FROM idx_part_geom)"),
                     4000);
    wg_store_close(store);
    free(entry);
}

/* Packed, then few inserted, then packed with what is there; triggers go on. */
static void test_grows(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_entry *entry = calloc(4000, sizeof *entry);
    static const int steps[] = {3000, 10, 200, 400, 4000, 70};
    assert_non_null(entry);
    scratch_create(s);
    struct wg_store *store = scratch_open(s), *other = scratch_open(s);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        must(wg_store_begin(store, &err), &err);
        add_points(store, steps[i], entry);
        must(wg_store_index_add(store, "part", entry, (size_t)steps[i], &err), &err);
        must(wg_exec(store, "DELETE FROM part WHERE id % 7 = 3", &err), &err);
        must(wg_store_commit(store, &err), &err);
        assert_sound(store);
        assert_sound(other);
        must(wg_exec(other,
                     "INSERT INTO part (geom) SELECT MakePoint(1.1 * id, 2, 4545)"
                     " FROM part LIMIT 300; UPDATE part SET geom = MakePoint(id, id, "
                     "4545) WHERE id % 11 = 0",
                     &err),
             &err);
        assert_sound(store);
        assert_found(store, 0, 0, 5000);
        assert_found(other, 5e5, -1e4, 1e5);
    }
    wg_store_close(store);
    wg_store_close(other);
    free(entry);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_sizes),
        SCRATCH(test_rounding),
        SCRATCH(test_grows),
    };
    return cmocka_run_group_tests_name("rtree", tests, NULL, NULL);
}
