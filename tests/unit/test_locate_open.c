/* From the store to a locator: the grids that own, by the rule of the file's SQL; and the
 * file beside the database, which is believed only while it is of these very grids. */
#include "store_scratch.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "locate_index.h"
#include "random.h"
#include "statement.h"
#include "wangge/assign.h"
#include "wangge/crs.h"
#include "wangge/instant.h"
#include "wangge/locate.h"

#define SQUARE "CastToMulti(BuildMbr(%d, %d, %d, %d, 4545))"

static void run(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    if (wg_exec(store, sql, &err))
        fail_msg("%s: %s", sql, err.text);
}

/* A square of side 10 at column x, row y. */
static void add(struct wg_store *store, int id, int scheme, const char *code, int x,
                int y)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO grid (id, scheme_id, code, geom) VALUES (%d, %d, '%s', " SQUARE
             ")",
             id, scheme, code, 10 * x, 10 * y, 10 * x + 10, 10 * y + 10);
    run(store, sql);
}

/* Schemes 1 and 2; scheme 1 has four squares in a row. */
static struct wg_store *district(const struct scratch *s)
{
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    run(store, "INSERT INTO scheme (id, name) VALUES (1, 'a'), (2, 'b')");
    for (int i = 0; i < 4; i++) {
        char code[2] = {(char)('d' - i), 0};
        add(store, 11 + i, 1, code, i, 0);
    }
    return store;
}

static struct wg_locator *open_with(struct wg_store *store, int64_t scheme,
                                    const char *at,
                                    const struct wg_locator_options *options)
{
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    if (wg_locator_open(store, scheme, at, options, &loc, &err))
        fail_msg("open: %s", err.text);
    return loc;
}

/* Open, assert whether it came from the file, and give it back. */
static struct wg_locator *opened(struct wg_store *store, int64_t scheme, bool mapped)
{
    struct wg_locator *loc = open_with(store, scheme, NULL, NULL);
    assert_int_equal(wg_locator_info(loc).mapped, mapped);
    assert_true(wg_locator_is_fresh(loc, store));
    return loc;
}

static void assert_opens(struct wg_store *store, int64_t scheme, bool mapped)
{
    wg_locator_destroy(opened(store, scheme, mapped));
}

static int64_t grid_at(const struct wg_locator *loc, double x, double y)
{
    int64_t grid;
    wg_locator_find(loc, 1, &x, &y, &grid);
    return grid;
}

static bool there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static void test_file_is_used(void **state)
{
    struct scratch *s = *state;
    struct wg_store *store = district(s);
    char *path = wg_locator_path(store, 1), want[160];
    snprintf(want, sizeof want, "%s-locate-1", s->db);
    assert_string_equal(path, want);
    assert_int_equal(chmod(s->db, 0640), 0); /* the file has what the database has */
    assert_opens(store, 1, false);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    struct wg_locator *loc = opened(store, 1, true);
    assert_int_equal(grid_at(loc, 5, 5), 11);
    assert_int_equal(grid_at(loc, 10, 5), 12); /* on the line: the lower code, "c" */
    assert_int_equal(grid_at(loc, 40, 10), 14);
    assert_int_equal(grid_at(loc, 41, 10), 0);
    wg_locator_destroy(loc);

    /* not used, not left: by wish, for another moment, in memory */
    struct wg_locator_options no_file = {.no_file = true};
    loc = open_with(store, 1, NULL, &no_file);
    assert_false(wg_locator_info(loc).mapped);
    wg_locator_destroy(loc);
    loc = open_with(store, 1, "2020-01-01T00:00:00.000Z", NULL);
    assert_false(wg_locator_info(loc).mapped);
    wg_locator_destroy(loc);
    unlink(path);
    wg_locator_destroy(open_with(store, 1, NULL, &no_file));
    wg_locator_destroy(open_with(store, 1, "2020-01-01T00:00:00.000Z", NULL));
    assert_false(there(path));

    /* a scheme that never had a grid leaves none either */
    loc = opened(store, 2, false);
    assert_int_equal(wg_locator_count(loc), 0);
    assert_int_equal(grid_at(loc, 5, 5), 0);
    wg_locator_destroy(loc);
    wg_free(path);
    path = wg_locator_path(store, 2);
    assert_false(there(path));
    wg_free(path);
    wg_store_close(store);
}

/* A damaged file, a folder in its place: built anew, said to nobody. */
static void test_file_is_not_needed(void **state)
{
    struct scratch *s = *state;
    struct wg_store *store = district(s);
    char *path = wg_locator_path(store, 1);
    assert_opens(store, 1, false);
    FILE *f = fopen(path, "r+b");
    fseek(f, -100, SEEK_END);
    fputc('x', f);
    fclose(f);
    assert_opens(store, 1, false);
    assert_opens(store, 1, true);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_opens(store, 1, false);
    assert_opens(store, 1, false);
    rmdir(path);
    wg_free(path);
    wg_store_close(store);
}

/* Nor is room on the disk; nothing half is left. */
static void test_full_disk(void **state)
{
    struct scratch *s = *state;
    struct wg_store *store = district(s);
    struct rlimit limit, before;
    char *path = wg_locator_path(store, 1), command[200];
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct wg_locator *loc = open_with(store, 1, NULL, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(wg_locator_info(loc).mapped);
    assert_int_equal(grid_at(loc, 5, 5), 11);
    wg_locator_destroy(loc);
    snprintf(command, sizeof command, "ls '%s' | grep -c locate", s->folder);
    FILE *p = popen(command, "r");
    int n = -1;
    assert_int_equal(fscanf(p, "%d", &n), 1);
    pclose(p);
    assert_int_equal(n, 0);
    assert_opens(store, 1, false);
    assert_opens(store, 1, true);
    wg_free(path);
    wg_store_close(store);
}

/* Several processes open at once while one edits: each gets what is true for it. */
static void test_many_processes(void **state)
{
    struct scratch *s = *state;
    enum { N_CHILD = 3, N_EDIT = 12 };
    pid_t child[N_CHILD];
    wg_store_close(district(s));
    for (int i = 0; i < N_CHILD; i++) {
        child[i] = fork();
        if (child[i])
            continue;
        struct wg_store *store = NULL;
        struct wg_locator *loc = NULL;
        int wrong = 0;
        if (wg_store_open(s->db, NULL, &store, NULL))
            _exit(100);
        for (int k = 0; k < 40; k++) {
            double x[] = {5, 10.5, 35}, y[] = {5, 5, 5};
            int64_t g[3];
            struct wg_error err;
            if (wg_store_begin_read(store, NULL) ||
                wg_locator_open(store, 1, NULL, NULL, &loc, &err))
                _exit(101);
            wg_locator_find(loc, 3, x, y, g);
            /* grid 11 ends at 10 or at 11; the SQL of the same moment says which */
            int64_t want = 0;
            struct wg_query *q;
            bool row;
            if (wg_query(store, "SELECT MbrMaxX(geom) FROM grid WHERE id = 11", &q,
                         &err) ||
                wg_step(q, &row, &err))
                _exit(102);
            want = wg_column_real(q, 0) > 10.5 ? 11 : 12;
            wg_done(q);
            /* where both cover, the lower code owns: 12 */
            wrong += g[0] != 11 || g[1] != 12 || g[2] != 14;
            wrong += grid_at(loc, 10, 10.5) != (want == 11 ? 11 : 0);
            wg_locator_destroy(loc);
            wg_store_commit(store, NULL);
        }
        wg_store_close(store);
        _exit(wrong);
    }
    struct wg_store *store = scratch_open(s);
    for (int k = 0; k < N_EDIT; k++) {
        char sql[200];
        snprintf(sql, sizeof sql,
                 "UPDATE grid SET geom = CastToMulti(BuildMbr(0, 0, %d, %d, 4545)) WHERE "
                 "id = 11",
                 k % 2 ? 10 : 11, k % 2 ? 10 : 11);
        run(store, sql);
        nanosleep(&(struct timespec){0, 5000000}, NULL);
    }
    for (int i = 0; i < N_CHILD; i++) {
        int status;
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
    wg_store_close(store);
}

static void test_every_edit_is_noticed(void **state)
{
    struct scratch *s = *state;
    static const char *const edits[] = {
        "UPDATE grid SET geom = CastToMulti(BuildMbr(0, 0, 10, 11, 4545)) WHERE id = 11",
        "UPDATE grid SET code = 'e' WHERE id = 11",
        "UPDATE grid SET valid_to = '2020-01-01T00:00:00.000Z' WHERE id = 12",
        "UPDATE grid SET valid_to = NULL WHERE id = 12",
        "INSERT INTO grid (id, scheme_id, code, level, parent_id, geom) VALUES (15, 1, "
        "'x', 6, 11, CastToMulti(BuildMbr(0, 0, 5, 5, 4545)))",
        "UPDATE grid SET parent_id = NULL WHERE id = 15",
        "UPDATE grid SET scheme_id = 2 WHERE id = 15",
        "UPDATE grid SET geom = NULL WHERE id = 13",
        "DELETE FROM grid WHERE id = 14",
    };
    struct wg_store *store = district(s);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct wg_locator *before = open_with(store, 1, NULL, NULL);
        assert_true(wg_locator_is_fresh(before, store));
        run(store, edits[i]);
        assert_false(wg_locator_is_fresh(before, store));
        wg_locator_destroy(before);
        assert_opens(store, 1, false);
        assert_opens(store, 1, true);
    }
    struct wg_locator *loc = opened(store, 1, true);
    assert_int_equal(wg_locator_count(loc), 2);
    run(store, "UPDATE grid SET name = 'n', note = 'n', level = 4, area_m2 = 1");
    run(store, "UPDATE scheme SET title = 't'");
    assert_true(wg_locator_is_fresh(loc, store));
    wg_locator_destroy(loc);
    wg_store_close(store);
}

/* By another process, with sqlite3 and nothing of ours. */
static void test_edit_from_outside(void **state)
{
    struct scratch *s = *state;
    char command[512];
    if (system("command -v sqlite3 >/dev/null")) {
        print_message("# sqlite3 is not installed: skipped\n");
        return;
    }
    struct wg_store *store = district(s);
    struct wg_locator *loc = opened(store, 1, false);
    snprintf(command, sizeof command,
             "sqlite3 -bail '%s' \"SELECT load_extension('mod_spatialite'); UPDATE grid "
             "SET geom = CastToMulti(BuildMbr(0, 0, 12, 10, 4545)) WHERE id = 11\" "
             ">/dev/null",
             s->db);
    assert_int_equal(system(command), 0);
    assert_false(wg_locator_is_fresh(loc, store));
    wg_locator_destroy(loc);
    loc = opened(store, 1, false);
    assert_int_equal(grid_at(loc, 0, 5), 11);
    wg_locator_destroy(loc);
    wg_store_close(store);
}

static void copy(const char *from, const char *to)
{
    char command[512];
    snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

/* A backup put back: the file left since is of grids that are no more, and what was
 * changed in the same way afterwards has a stamp of its own. */
static void test_backup_put_back(void **state)
{
    struct scratch *s = *state;
    static const char edit[] =
        "UPDATE grid SET geom = CastToMulti(BuildMbr(0, 0, %d, 10, "
        "4545)) WHERE id = 11";
    char backup[160], sql[200];
    struct wg_error err = {0};
    struct wg_store *store = district(s);
    assert_opens(store, 1, false);
    snprintf(backup, sizeof backup, "%s-backup", s->db);
    assert_int_equal(wg_store_backup(store, backup, (struct wg_progress){0}, &err),
                     WG_OK);
    snprintf(sql, sizeof sql, edit, 13);
    run(store, sql);
    assert_opens(store, 1, false); /* the file is of the edited grids */
    wg_store_close(store);

    copy(backup, s->db);
    store = scratch_open(s);
    struct wg_locator *loc = opened(store, 1, false);
    assert_int_equal(grid_at(loc, 12.5, 5), 12);
    wg_locator_destroy(loc);
    assert_opens(store, 1, true);
    snprintf(sql, sizeof sql, edit, 8);
    run(store, sql);
    assert_opens(store, 1, false);
    wg_store_close(store);
    /* the backup itself is a database; it finds the file beside it by its own name */
    struct scratch other = *s;
    snprintf(other.db, sizeof other.db, "%.90s", backup);
    store = scratch_open(&other);
    assert_opens(store, 1, false);
    wg_store_close(store);
}

static void test_file_of_another(void **state)
{
    struct scratch *s = *state;
    struct wg_store *store = district(s);
    add(store, 21, 2, "a", 0, 0);
    char *first = wg_locator_path(store, 1), *second = wg_locator_path(store, 2);
    assert_opens(store, 1, false);
    copy(first, second);
    struct wg_locator *loc = opened(store, 2, false);
    assert_int_equal(grid_at(loc, 5, 5), 21);
    wg_locator_destroy(loc);
    assert_opens(store, 2, true);
    /* nor is one locator fresh for another database with the same scheme */
    loc = opened(store, 1, true);
    struct scratch other = *s;
    snprintf(other.db, sizeof other.db, "%s/e.wangge", s->folder);
    struct wg_store *stranger = district(&other);
    assert_false(wg_locator_is_fresh(loc, stranger));
    wg_store_close(stranger);
    wg_locator_destroy(loc);
    wg_free(first);
    wg_free(second);
    wg_store_close(store);
}

static void wait_until(int64_t ms)
{
    while (wg_instant_now() <= ms)
        nanosleep(&(struct timespec){0, 5000000}, NULL);
}

/* The clock passes a date: then the file is old, without any edit. */
static void test_clock(void **state)
{
    struct scratch *s = *state;
    struct wg_store *store = district(s);
    char soon[WG_INSTANT_SIZE], sql[160];
    struct wg_locator *loc;
    int64_t end, looked;
    do { /* on a busy machine the date may be past before the first look */
        end = wg_instant_now() + 500;
        wg_instant_format(end, soon);
        snprintf(sql, sizeof sql, "UPDATE grid SET valid_to = '%s' WHERE id = 11", soon);
        run(store, sql);
        wg_locator_destroy(open_with(store, 1, NULL, NULL));
        loc = open_with(store, 1, NULL, NULL);
        bool fresh = wg_locator_is_fresh(loc, store);
        looked = wg_instant_now();
        if (looked < end) {
            assert_true(fresh && wg_locator_info(loc).mapped);
            assert_int_equal(grid_at(loc, 5, 5), 11);
        }
        wait_until(end);
        assert_false(looked < end && wg_locator_is_fresh(loc, store));
        wg_locator_destroy(loc);
    } while (looked >= end);
    loc = opened(store, 1, false);
    assert_int_equal(grid_at(loc, 5, 5), 0);
    wg_locator_destroy(loc);
    assert_opens(store, 1, true);
    /* what has been leaves its mark too: a file from before, should the clock go back */
    loc = opened(store, 1, true);
    assert_string_equal(loc->head.from, soon);
    assert_string_equal(loc->head.until, "");
    wg_locator_destroy(loc);
    /* a date that is none and too long to keep: right, though never from the file */
    snprintf(sql, sizeof sql,
             "UPDATE grid SET valid_from = '%s-and-a-little-more' WHERE id = 12", soon);
    run(store, sql);
    loc = open_with(store, 1, NULL, NULL);
    assert_int_equal(grid_at(loc, 15, 5), 12);
    assert_false(wg_locator_is_fresh(loc, store));
    wg_locator_destroy(loc);
    wg_store_close(store);
}

/* Within a transaction that has changed grids: its own state is seen, and not left to
 * others; rolled back, the file from before is good again. */
static void test_within_a_transaction(void **state)
{
    struct scratch *s = *state;
    struct wg_store *store = district(s);
    struct wg_error err = {0};
    assert_opens(store, 1, false);
    assert_int_equal(wg_store_begin(store, &err), WG_OK);
    assert_opens(store, 1, true); /* nothing changed yet */
    add(store, 16, 1, "z", 5, 0);
    struct wg_locator *inner = opened(store, 1, false);
    assert_int_equal(grid_at(inner, 55, 5), 16);
    wg_locator_destroy(opened(store, 1, false)); /* it was not left */
    /* another reader, another truth */
    struct wg_store *reader = scratch_open(s);
    struct wg_locator *outer = opened(reader, 1, true);
    assert_int_equal(grid_at(outer, 55, 5), 0);
    wg_store_rollback(store);
    assert_false(wg_locator_is_fresh(inner, store));
    assert_true(wg_locator_is_fresh(outer, store));
    wg_locator_destroy(inner);
    wg_locator_destroy(outer);
    assert_opens(store, 1, true);
    /* the same in a savepoint that is undone */
    assert_int_equal(wg_save(store, &err), WG_OK);
    add(store, 17, 1, "y", 6, 0);
    inner = opened(store, 1, false);
    assert_int_equal(wg_save(store, &err), WG_OK);
    add(store, 18, 1, "w", 7, 0);
    assert_false(wg_locator_is_fresh(inner, store));
    wg_revert(store);
    assert_true(wg_locator_is_fresh(inner, store));
    assert_int_equal(wg_release(store, &err), WG_OK);
    assert_true(wg_locator_is_fresh(inner, store));
    wg_locator_destroy(inner);
    assert_opens(store, 1, false);
    assert_opens(store, 1, true);
    wg_store_close(reader);
    wg_store_close(store);
}

static void test_reader(void **state)
{
    struct scratch *s = *state;
    struct wg_open_options ro = {.read_only = true};
    struct wg_store *store = district(s);
    struct wg_error err = {0};
    wg_store_close(store);
    assert_int_equal(wg_store_open(s->db, &ro, &store, &err), WG_OK);
    assert_opens(store, 1, false);
    assert_opens(store, 1, true);
    assert_int_equal(wg_store_begin_read(store, &err), WG_OK);
    assert_opens(store, 1, true);
    wg_store_commit(store, &err);
    wg_store_close(store);
    /* a file of version 1 has no stamps: built each time, never called fresh */
    char command[256];
    snprintf(command, sizeof command,
             "gzip -dc '%s/tests/data/version-1.wangge.gz' > '%s/old.wangge'",
             getenv("WG_TEST_SOURCE"), s->folder);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/old.wangge", s->folder);
    assert_int_equal(wg_store_open(command, &ro, &store, &err), WG_OK);
    struct wg_locator *loc = open_with(store, 1, NULL, NULL);
    assert_int_equal(wg_locator_count(loc), 2);
    assert_false(wg_locator_is_fresh(loc, store));
    char *path = wg_locator_path(store, 1);
    assert_false(there(path));
    wg_free(path);
    wg_locator_destroy(loc);
    wg_store_close(store);
}

/* ---- the rule ---- */

#define N_GRIDS 120
#define N_POINTS 600

/* Squares and half squares at random, overlapping, some ended, some to come, some with
 * children (also of the other scheme), some without a place. */
static void random_grids(struct wg_store *store, struct random *r)
{
    char sql[700];
    for (int i = 1; i <= N_GRIDS; i++) {
        int x = (int)random_between(r, 0, 70), y = (int)random_between(r, 0, 70);
        int w = (int)random_between(r, 1, 40), h = (int)random_between(r, 1, 40);
        char from[WG_INSTANT_SIZE + 2] = "NULL", to[WG_INSTANT_SIZE + 2] = "NULL";
        char parent[16] = "NULL";
        if (random_between(r, 0, 1))
            snprintf(from, sizeof from, "'%d-01-01'", (int)random_between(r, 2019, 2030));
        if (random_between(r, 0, 1))
            snprintf(to, sizeof to, "'%d-01-01T00:00:00.000Z'",
                     (int)random_between(r, 2020, 2031));
        if (i > 20 && random_between(r, 0, 2) == 0)
            snprintf(parent, sizeof parent, "%d", (int)random_between(r, 1, 20));
        snprintf(
            sql, sizeof sql,
            "INSERT INTO grid (id, scheme_id, code, parent_id, valid_from, valid_to, "
            "geom) VALUES (%d, %d, 'c%d', %s, %s, %s, iif(%d, ST_GeomFromText('MULTI"
            "POLYGON(((%d %d, %d %d, %d %d, %d %d)))', 4545), NULL))",
            i, 1 + i % 2, (i * 37) % 1000, parent, from, to, random_between(r, 0, 15) > 0,
            x, y, x + w, y, x + w, y + h, x, y);
        run(store, sql);
    }
}

static void assert_same_owners(struct wg_store *store, int64_t scheme, const char *at)
{
    static double x[N_POINTS], y[N_POINTS];
    static int64_t index[N_POINTS], sql[N_POINTS];
    struct random r = {17};
    struct wg_error err = {0};
    for (int i = 0; i < N_POINTS; i++) { /* many on corners and sides */
        x[i] = i % 3 ? (double)random_between(&r, 0, 110) : random_real(&r, 0, 110);
        y[i] = i % 3 ? (double)random_between(&r, 0, 110) : random_real(&r, 0, 110);
    }
    struct wg_locator *loc = open_with(store, scheme, at, NULL);
    wg_locator_find(loc, N_POINTS, x, y, index);
    wg_locator_destroy(loc);
    if (wg_assign_locate_with(store, scheme, at, WG_ENGINE_SPATIALITE, N_POINTS, x, y,
                              sql, &err))
        fail_msg("%s", err.text);
    for (int i = 0; i < N_POINTS; i++) {
        if (index[i] != sql[i])
            fail_msg("scheme %d at %s, (%.17g %.17g): %d, by SQL %d", (int)scheme,
                     at ? at : "now", x[i], y[i], (int)index[i], (int)sql[i]);
    }
}

static void test_rule(void **state)
{
    struct scratch *s = *state;
    struct random r = {5};
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    run(store, "INSERT INTO scheme (id, name) VALUES (1, 'a'), (2, 'b')");
    random_grids(store, &r);
    for (int64_t scheme = 1; scheme <= 2; scheme++) {
        assert_same_owners(store, scheme, NULL);
        assert_same_owners(store, scheme, NULL); /* now from the file */
        for (int year = 2018; year <= 2032; year += 2) {
            char at[32];
            snprintf(at, sizeof at, "%d-01-01T00:00:00.000Z", year);
            assert_same_owners(store, scheme, at);
        }
    }
    wg_store_close(store);
}

/* A moment is the same however it is written, and what is none is refused. */
static void test_moments(void **state)
{
    static const char *const texts[] = {"2020-01-01", "2020-01-01 08:00+08:00",
                                        "2020-01-01T00:00:00Z"};
    struct scratch *s = *state;
    struct wg_store *store = district(s);
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    double x = 5, y = 5;
    int64_t grid;
    run(store, "UPDATE grid SET valid_from = '2020-01-01T00:00:00.000Z' WHERE id = 11");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        loc = open_with(store, 1, texts[i], NULL);
        assert_int_equal(grid_at(loc, x, y), 11);
        wg_locator_destroy(loc);
        assert_int_equal(wg_assign_locate(store, 1, texts[i], 1, &x, &y, &grid, &err),
                         WG_OK);
        assert_int_equal(grid, 11);
    }
    loc = open_with(store, 1, "2020-01-01 07:59+08:00", NULL);
    assert_int_equal(grid_at(loc, x, y), 0);
    wg_locator_destroy(loc);
    assert_int_equal(wg_locator_open(store, 1, "yesterday", NULL, &loc, &err), WG_FORMAT);
    assert_int_equal(wg_assign_locate(store, 1, "yesterday", 1, &x, &y, &grid, &err),
                     WG_FORMAT);
    wg_store_close(store);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_file_is_used),
        SCRATCH(test_file_is_not_needed),
        SCRATCH(test_full_disk),
        SCRATCH(test_many_processes),
        SCRATCH(test_every_edit_is_noticed),
        SCRATCH(test_edit_from_outside),
        SCRATCH(test_backup_put_back),
        SCRATCH(test_file_of_another),
        SCRATCH(test_clock),
        SCRATCH(test_within_a_transaction),
        SCRATCH(test_reader),
        SCRATCH(test_rule),
        SCRATCH(test_moments),
    };
    return cmocka_run_group_tests_name("locate_open", tests, NULL, NULL);
}
