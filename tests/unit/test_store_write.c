/* Writing: transactions and savepoints, statements, several processes, kills, backup. */
#include "store_scratch.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "statement.h"
#include "store_db.h"

static int64_t number(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    int64_t n = -99;
    if (wg_store_number(store, sql, &n, &err))
        fail_msg("%s: %s", sql, err.text);
    return n;
}

static int64_t n_schemes(struct wg_store *store)
{
    return number(store, "SELECT count(*) FROM scheme");
}

static enum wg_status add(struct wg_store *store, const char *name, struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status =
        wg_query(store, "INSERT INTO scheme (name) VALUES (?1)", &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, name);
    return wg_run(q, err);
}

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static void test_transactions(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *a = scratch_open(s), *b = scratch_open(s);
    struct wg_error err = {0};

    assert_int_equal(wg_store_commit(a, &err), WG_INVALID);
    wg_store_rollback(a); /* nothing to undo */

    must(wg_store_begin(a, &err), &err);
    must(wg_store_begin(a, &err), &err);
    must(add(a, "one", &err), &err);
    must(wg_store_commit(a, &err), &err);
    assert_int_equal(n_schemes(b), 0); /* only the outer one commits */
    must(wg_store_commit(a, &err), &err);
    assert_int_equal(n_schemes(b), 1);

    must(wg_store_begin(a, &err), &err);
    must(add(a, "two", &err), &err);
    must(wg_store_begin(a, &err), &err);
    wg_store_rollback(a); /* the whole */
    assert_int_equal(n_schemes(a), 1);
    assert_int_equal(wg_store_commit(a, &err), WG_INVALID);

    must(wg_save(a, &err), &err); /* outermost: a transaction */
    must(add(a, "three", &err), &err);
    must(wg_save(a, &err), &err);
    must(add(a, "four", &err), &err);
    wg_revert(a);
    must(wg_save(a, &err), &err);
    must(add(a, "five", &err), &err);
    must(wg_save(a, &err), &err);
    must(add(a, "six", &err), &err);
    must(wg_release(a, &err), &err);
    must(wg_release(a, &err), &err);
    must(wg_release(a, &err), &err);
    assert_int_equal(number(b, "SELECT count(*) FROM scheme WHERE name IN ('one', "
                               "'three', 'five', 'six')"),
                     4);
    assert_int_equal(n_schemes(b), 4);
    wg_store_close(a);

    a = scratch_open(s);
    must(wg_store_begin(a, &err), &err);
    must(add(a, "lost", &err), &err);
    wg_store_close(a); /* rolls back */
    assert_int_equal(n_schemes(b), 4);
    must(add(b, "alone", &err), &err);
    wg_store_close(b);
}

static void test_bulk(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    static const char rows[] = "SELECT count(*) FROM bulk";
    must(wg_store_begin_bulk(store, &err), &err);
    assert_int_equal(number(store, rows), 1);
    must(wg_store_begin_bulk(store, &err), &err);
    must(wg_store_commit(store, &err), &err);
    assert_int_equal(number(store, rows), 1);
    must(wg_store_commit(store, &err), &err);
    assert_int_equal(number(store, rows), 0);
    must(wg_store_begin(store, &err), &err); /* nested in a plain one */
    must(wg_store_begin_bulk(store, &err), &err);
    assert_int_equal(number(store, rows), 1);
    must(wg_store_commit(store, &err), &err);
    assert_int_equal(number(store, rows), 0);
    must(wg_store_begin_bulk(store, &err), &err);
    wg_revert(store);
    assert_int_equal(number(store, rows), 0);
    must(wg_store_begin_bulk(store, &err), &err);
    wg_store_rollback(store);
    assert_int_equal(number(store, rows), 0);
    must(wg_store_begin_bulk(store, &err), &err);
    must(wg_store_commit(store, &err), &err);
    wg_store_close(store);
}

/* Statements prepared before follow the turn; keys and other programs do not. */
static void test_rest_triggers(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *a = scratch_open(s), *b = scratch_open(s);
    struct wg_error err = {0};
    static const char told[] = "SELECT count(*) FROM change WHERE tbl = 'scheme'";
    static const char orphan[] = "INSERT INTO grid (scheme_id, code) VALUES (99, 'x')";
    must(add(a, "one", &err), &err);
    assert_int_equal(number(a, told), 1);
    must(wg_store_begin(a, &err), &err);
    wg_store_rest_triggers(a, true);
    must(add(a, "two", &err), &err);
    assert_int_equal(wg_exec(a, orphan, &err), WG_CONSTRAINT);
    assert_int_equal(number(a, told), 1);
    must(wg_store_commit(a, &err), &err);
    must(add(b, "three", &err), &err);
    assert_int_equal(number(a, told), 2);
    wg_store_rest_triggers(a, false);
    must(add(a, "four", &err), &err);
    assert_int_equal(number(b, told), 3);
    assert_int_equal(n_schemes(b), 4);
    wg_store_close(a);
    wg_store_close(b);
}

static void test_read_transaction(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *a = scratch_open(s), *b = scratch_open(s);
    struct wg_error err = {0};
    must(wg_store_begin_read(a, &err), &err);
    must(add(b, "later", &err), &err);
    assert_int_equal(n_schemes(a), 0);
    assert_int_equal(wg_store_begin(a, &err), WG_INVALID);
    assert_int_equal(wg_save(a, &err), WG_INVALID);
    must(wg_store_begin_read(a, &err), &err);
    must(wg_store_commit(a, &err), &err);
    assert_int_equal(n_schemes(a), 0);
    must(wg_store_commit(a, &err), &err);
    assert_int_equal(n_schemes(a), 1);
    must(wg_store_begin(a, &err), &err);
    must(wg_store_commit(a, &err), &err);
    wg_store_close(a);
    wg_store_close(b);
}

static void test_statements(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    struct wg_query *q = NULL, *inner = NULL;
    bool row = false;
    static const char sql[] = "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8";
    for (int round = 0; round < 2; round++) {
        must(wg_query(store, sql, &q, &err), &err);
        wg_bind_int(q, 1, INT64_MIN);
        wg_bind_id(q, 2, 0);
        wg_bind_count(q, 3, -1);
        wg_bind_real(q, 4, 0.0 / 0.0);
        wg_bind_text(q, 5, "区");
        wg_bind_blob(q, 6, "\0\1", 2);
        wg_bind_null(q, 7);
        wg_bind_count(q, 8, 0);
        must(wg_step(q, &row, &err), &err);
        assert_true(row);
        assert_int_equal(wg_column_int(q, 0), INT64_MIN);
        assert_true(wg_column_is_null(q, 1));
        assert_int_equal(wg_column_int(q, 1), 0);
        assert_int_equal(wg_column_count(q, 2), -1);
        assert_true(wg_column_real(q, 3) != wg_column_real(q, 3));
        assert_string_equal(wg_column_text(q, 4), "区");
        size_t size = 0;
        assert_memory_equal(wg_column_blob(q, 5, &size), "\0\1", 2);
        assert_int_equal(size, 2);
        assert_null(wg_column_text(q, 6));
        assert_int_equal(wg_column_count(q, 7), 0);
        must(wg_step(q, &row, &err), &err);
        assert_false(row);
        wg_done(q);
    }
    /* bindings do not outlive wg_done */
    must(wg_query(store, sql, &q, &err), &err);
    must(wg_step(q, &row, &err), &err);
    assert_true(wg_column_is_null(q, 0) && wg_column_is_null(q, 4));
    /* the same text inside its own loop */
    must(wg_query(store, sql, &inner, &err), &err);
    assert_ptr_not_equal(q, inner);
    wg_done(inner);
    wg_done(q);
    wg_done(NULL);
    must(wg_query(store, "SELECT ?1", &q, &err), &err);
    wg_bind_int(q, 2, 1); /* no such place: told by the step */
    assert_int_equal(wg_step(q, &row, &err), WG_INTERNAL);
    wg_done(q);
    assert_int_equal(wg_query(store, "SELECT x FROM nowhere", &q, &err),
                     WG_INVALID);
    assert_non_null(strstr(err.text, "nowhere"));
    /* many different texts: the cache stays bounded and right */
    for (int i = 0; i < 1000; i++) {
        char text[64];
        snprintf(text, sizeof text, "SELECT %d", i % 300);
        assert_int_equal(number(store, text), i % 300);
    }
    must(add(store, "x", &err), &err);
    assert_int_equal(wg_last_id(store), 1); /* not the change log's */
    assert_int_equal(wg_changes(store), 1);
    wg_store_close(store);
}

static void test_constraints(void **state)
{
    struct scratch *s = *state;
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"INSERT INTO scheme (name) VALUES ('a')", "scheme.name"},
        {"INSERT INTO duty (officer_id, grid_id) VALUES (9, 9)", "refers"},
        {"INSERT INTO officer (code) VALUES ('c')", "officer.name"},
        {"UPDATE district SET lang = 'xx'", "lang"},
        {"INSERT INTO part (geom) VALUES (MakePoint(1, 2, 3857))", "geom"},
        {"INSERT INTO part (geom) VALUES (MakePointZ(1, 2, 3, 4545))", "geom"},
        {"INSERT INTO building (geom) VALUES (MakePoint(1, 2, 4545))", "geom"},
        {"INSERT INTO part (id) VALUES ('seven')", "type"},
        {"UPDATE grid SET parent_id = id", "parent_id"},
    };
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    must(add(store, "a", &err), &err);
    must(wg_store_begin(store, &err), &err);
    must(wg_exec(store, "INSERT INTO grid (scheme_id, code) VALUES (1, 'g')", &err),
         &err);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        must(wg_save(store, &err), &err);
        enum wg_status status = wg_exec(store, cases[i].sql, &err);
        if (status != WG_CONSTRAINT || !strstr(err.text, cases[i].words))
            fail_msg("%s: %s: %s", cases[i].sql, wg_status_name(status), err.text);
        assert_non_null(strstr(err.text, s->db));
        wg_revert(store);
    }
    /* none of them threw the outer transaction away */
    must(wg_store_commit(store, &err), &err);
    assert_int_equal(number(store, "SELECT count(*) FROM grid"), 1);
    wg_store_close(store);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void test_busy(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *a = scratch_open(s), *b = NULL;
    struct wg_error err = {0};
    struct wg_open_options options = {.busy_timeout_ms = 300};
    must(wg_store_open(s->db, &options, &b, &err), &err);
    must(wg_store_begin(a, &err), &err);
    double t = seconds();
    assert_int_equal(wg_store_begin(b, &err), WG_BUSY);
    t = seconds() - t;
    assert_true(t > 0.25 && t < 2);
    assert_non_null(strstr(err.text, s->db));
    must(wg_store_commit(a, &err), &err);
    must(wg_store_begin(b, &err), &err);
    must(wg_store_commit(b, &err), &err);
    wg_store_close(a);
    wg_store_close(b);
}

static int wait_all(pid_t *children, int n)
{
    int bad = 0;
    for (int i = 0; i < n; i++) {
        int status = 0;
        waitpid(children[i], &status, 0);
        bad += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    return bad;
}

#define N_PROCESSES 4
#define N_ROWS 60

/* Each opens, writes, closes again and again: also the last close and its checkpoint,
 * and the first open after it, meet the other writers. */
static void test_many_processes(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    pid_t children[N_PROCESSES];
    fflush(NULL);
    for (int p = 0; p < N_PROCESSES; p++) {
        children[p] = fork();
        if (children[p])
            continue;
        struct wg_error err = {0};
        struct wg_store *store = NULL;
        for (int i = 0; i < N_ROWS; i++) {
            char name[32];
            snprintf(name, sizeof name, "p%d-%d", p, i);
            if ((!store && wg_store_open(s->db, NULL, &store, &err)) ||
                wg_store_begin(store, &err) || add(store, name, &err) ||
                wg_store_commit(store, &err)) {
                fprintf(stderr, "# %s\n", err.text);
                _exit(1);
            }
            if (i % 5 == p) {
                wg_store_close(store);
                store = NULL;
            }
        }
        wg_store_close(store);
        _exit(0);
    }
    assert_int_equal(wait_all(children, N_PROCESSES), 0);
    struct wg_store *store = scratch_open(s);
    assert_int_equal(n_schemes(store), N_PROCESSES * N_ROWS);
    wg_store_close(store);
}

/* Killed inside a transaction, nothing of it remains and the next writer goes on. */
static void test_killed(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    int64_t last = 0;
    struct wg_error err = {0};
    for (int round = 0; round < 8; round++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            struct wg_store *store = NULL;
            wg_store_open(s->db, NULL, &store, NULL);
            for (int i = 0;; i++) { /* whole tens or nothing */
                wg_store_begin(store, NULL);
                for (int k = 0; k < 10; k++) {
                    char name[48];
                    snprintf(name, sizeof name, "r%d-%d-%d", round, i, k);
                    add(store, name, NULL);
                }
                wg_store_commit(store, NULL);
            }
        }
        /* From its first commit on, at moments that differ. */
        struct wg_store *watch = scratch_open(s);
        for (int wait = 0; wait < 2000 && n_schemes(watch) == last; wait++)
            usleep(5000);
        wg_store_close(watch);
        usleep((useconds_t)(round * 3000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        struct wg_store *store = scratch_open(s);
        int64_t n = n_schemes(store);
        assert_int_equal(n % 10, 0);
        assert_true(n >= last);
        last = n;
        must(wg_store_begin(store, &err), &err);
        must(wg_store_commit(store, &err), &err);
        must(wg_store_verify(store, NULL, NULL, &err), &err);
        wg_store_close(store);
    }
    assert_true(last > 0);
}

/* The disk fills in the middle of a transaction: all of it is undone, words say why, and
 * nothing later slips in row by row. */
static void test_disk_full(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct wg_error err = {0};
        struct wg_store *store = NULL;
        if (wg_store_open(s->db, NULL, &store, &err))
            _exit(2);
        signal(SIGXFSZ, SIG_IGN);
        struct rlimit limit = {900000, 900000};
        setrlimit(RLIMIT_FSIZE, &limit);
        enum wg_status status = wg_store_begin(store, &err);
        for (int i = 0; !status && i < 400; i++) {
            char name[5000];
            memset(name, 'a', sizeof name - 1);
            name[sizeof name - 1] = 0;
            snprintf(name, 16, "%d", i);
            name[strlen(name)] = '-';
            status = add(store, name, &err);
        }
        if (!status)
            status = wg_store_commit(store, &err);
        if (status != WG_IO || !strstr(err.text, "d.wangge"))
            _exit(3);
        wg_store_rollback(store);
        if (n_schemes(store) != 0)
            _exit(4);
        wg_store_close(store);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    struct wg_store *store = scratch_open(s);
    assert_int_equal(n_schemes(store), 0);
    wg_store_close(store);
}

/* ---- backup ---- */

static pid_t start_writer(const struct scratch *s)
{
    fflush(NULL);
    pid_t child = fork();
    if (child)
        return child;
    struct wg_store *store = NULL;
    wg_store_open(s->db, NULL, &store, NULL);
    for (int i = 0;; i++) { /* officers and parts always in equal numbers */
        wg_store_begin(store, NULL);
        for (int k = 0; k < 20; k++) {
            wg_exec(store, "INSERT INTO officer (name) VALUES ('o')", NULL);
            wg_exec(store, "INSERT INTO part (geom) VALUES (MakePoint(1, 1, 4545))",
                    NULL);
        }
        wg_store_commit(store, NULL);
    }
}

struct watch {
    uint64_t calls, last, total;
    bool stop;
};

static bool on_progress(uint64_t done, uint64_t total, void *user)
{
    struct watch *w = user;
    assert_true(done >= w->last && done <= total);
    w->last = done;
    w->total = total;
    w->calls++;
    return !w->stop;
}

static void test_backup(void **state)
{
    struct scratch *s = *state;
    struct scratch copy = *s;
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    must(wg_exec(
             store,
             "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) "
             "INSERT INTO road (name) SELECT 'a long enough name of road ' || i FROM n",
             &err),
         &err);
    pid_t writer = start_writer(s);
    for (int i = 0; i < 3; i++) {
        struct watch w = {0};
        snprintf(copy.db, sizeof copy.db, "%s/copy%d", s->folder, i);
        usleep(20000);
        must(wg_store_backup(store, copy.db, (struct wg_progress){on_progress, &w}, &err),
             &err);
        assert_true(w.calls > 1);
        assert_int_equal(w.last, w.total);
        assert_int_equal(wg_store_backup(store, copy.db, (struct wg_progress){0}, &err),
                         WG_EXISTS);
        struct wg_store *back = scratch_open(&copy);
        assert_int_equal(number(back, "SELECT (SELECT count(*) FROM officer) - (SELECT "
                                      "count(*) FROM part)"),
                         0);
        assert_int_equal(number(back, "SELECT count(*) FROM road"), 40000);
        must(wg_store_verify(back, NULL, NULL, &err), &err);
        wg_store_close(back);
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    assert_true(number(store, "SELECT count(*) FROM officer") > 0);

    struct watch w = {.stop = true};
    snprintf(copy.db, sizeof copy.db, "%s/stopped", s->folder);
    assert_int_equal(
        wg_store_backup(store, copy.db, (struct wg_progress){on_progress, &w}, &err),
        WG_CANCELLED);
    assert_int_not_equal(access(copy.db, F_OK), 0);
    must(wg_store_begin(store, &err), &err);
    assert_int_equal(wg_store_backup(store, copy.db, (struct wg_progress){0}, &err),
                     WG_INVALID);
    wg_store_rollback(store);
    wg_store_close(store);
}

/* ---- change log ---- */

struct seen {
    char text[512];
    int n, stop_after;
};

static bool on_change(const struct wg_change *c, void *user)
{
    struct seen *seen = user;
    size_t at = strlen(seen->text);
    snprintf(seen->text + at, sizeof seen->text - at, "%s %lld %c %lld %lld\n", c->table,
             (long long)c->row, c->op, (long long)c->was, (long long)c->now);
    assert_int_equal(strlen(c->at), 24);
    return ++seen->n != seen->stop_after;
}

static void test_changes(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    int64_t seq = 0, later = 0;
    must(wg_store_last_change(store, &seq, &err), &err);
    must(wg_exec(store,
                 "INSERT INTO scheme (name) VALUES ('a');"
                 "INSERT INTO grid (scheme_id, code) VALUES (1, 'g'), (1, 'h');"
                 "INSERT INTO owner (kind, object_id, scheme_id, grid_id, how) VALUES "
                 "(1, 7, 1, 1, 'share'), (3, 8, 1, NULL, 'outside');"
                 "UPDATE owner SET grid_id = 2, share = 0.5 WHERE object_id = 7;"
                 "UPDATE owner SET share = 0.6 WHERE object_id = 7;"
                 "DELETE FROM owner WHERE object_id = 8;"
                 "DELETE FROM grid WHERE code = 'g'",
                 &err),
         &err);
    struct seen seen = {.text = ""};
    must(wg_store_changes(store, seq, on_change, &seen, &err), &err);
    assert_string_equal(seen.text, "scheme 1 I 0 0\n"
                                   "grid 1 I 0 0\n"
                                   "grid 2 I 0 0\n"
                                   "owner:building 7 I 0 1\n"
                                   "owner:event 8 I 0 0\n"
                                   "owner:building 7 U 1 2\n"
                                   "owner:event 8 D 0 0\n"
                                   "grid 1 D 0 0\n");
    must(wg_store_last_change(store, &later, &err), &err);
    assert_int_equal(later - seq, 8);
    seen = (struct seen){.stop_after = 2};
    must(wg_store_changes(store, seq, on_change, &seen, &err), &err);
    assert_int_equal(seen.n, 2);
    seen = (struct seen){0};
    must(wg_store_changes(store, later, on_change, &seen, &err), &err);
    assert_int_equal(seen.n, 0);
    wg_store_close(store);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_transactions),     SCRATCH(test_bulk),
        SCRATCH(test_read_transaction), SCRATCH(test_statements),
        SCRATCH(test_constraints),      SCRATCH(test_busy),
        SCRATCH(test_many_processes),   SCRATCH(test_killed),
        SCRATCH(test_disk_full),        SCRATCH(test_backup),
        SCRATCH(test_changes),          SCRATCH(test_rest_triggers),
    };
    return cmocka_run_group_tests_name("store_write", tests, NULL, NULL);
}
