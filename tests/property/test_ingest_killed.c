/* The ingest queue killed a hundred times at random moments: every acknowledged event is
 * there, once, with its owners, status and log, and the file is whole. */
#include "noun_scratch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "random.h"
#include "wangge/ingest.h"

#define KILLS 100
#define THREADS 3

static void make_district(const char *path)
{
    struct wg_error err = {0};
    struct wg_create_options options = {.crs = "EPSG:4545"};
    struct wg_store *store = NULL;
    must(wg_store_create(path, &options, &err), &err);
    must(wg_store_open(path, NULL, &store, &err), &err);
    must(wg_store_begin(store, &err), &err);
    for (int s = 0; s < 2; s++) {
        int64_t scheme = new_scheme(store, s ? "fire" : "basic", NULL);
        for (int i = 0; i < 100; i++) {
            char code[16];
            snprintf(code, sizeof code, "%03d", i);
            new_grid(store, scheme, code, 5, 0,
                     (struct wg_box){i % 10 * 100, i / 10 * 100, i % 10 * 100 + 100,
                                     i / 10 * 100 + 100});
        }
    }
    must(wg_store_commit(store, &err), &err);
    wg_store_close(store);
}

/* ---- the child ---- */

struct child {
    struct wg_ingest *queue;
    int round, number;
    int pipe;
};

static void tell(const struct wg_ingest_receipt *r, void *user)
{
    struct child *c = user;
    char line[64];
    int n = snprintf(line, sizeof line, "%s%c\n", r->uuid ? r->uuid : "-",
                     r->status  ? '!'
                     : r->known ? '='
                                : '+');
    if (write(c->pipe, line, (size_t)n) != n)
        _exit(3);
}

/* Each sends the last of the round before once more, then new ones without end. */
static void *send_events(void *user)
{
    struct child *c = user;
    struct random r = {(uint64_t)(c->round * THREADS + c->number + 1)};
    struct wg_error err;
    for (int i = -20;; i++) {
        char uuid[40];
        struct wg_event e;
        bool again = i < 0;
        wg_event_init(&e);
        snprintf(uuid, sizeof uuid, "%08x-%04x-4000-8000-%012x",
                 again ? c->round - 1 : c->round, c->number, again ? i + 20 : i);
        e.uuid = uuid;
        e.x = X0 + random_real(&r, -50, 1050);
        e.y = Y0 + random_real(&r, -50, 1050);
        e.level = i % 7 == 0 ? 2 : 0;
        if (wg_ingest_put(c->queue, &e, 0, NULL, &err))
            _exit(4);
    }
    return NULL;
}

static void be_child(const char *path, int round, int pipe)
{
    static const size_t groups[] = {1, 10, 100, 100, 500};
    struct child c[THREADS];
    struct child teller = {.pipe = pipe};
    pthread_t thread;
    struct wg_ingest_options options = {
        .group_max = groups[round % 5], .queue_max = 2000, .done = tell, .user = &teller};
    struct wg_ingest *queue = NULL;
    struct wg_error err;
    if (wg_ingest_open(path, &options, &queue, &err))
        _exit(5);
    for (int i = 0; i < THREADS; i++) {
        c[i] = (struct child){queue, round, i, 0};
        if (pthread_create(&thread, NULL, send_events, &c[i]))
            _exit(6);
    }
    for (;;)
        pause();
}

/* ---- the parent ---- */

struct heard {
    char *text;
    size_t n, cap;
    bool killed;
    int64_t kill_at;
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Listen until the child is dead; it is killed `us` after its first answer, or at once
 * when `us` is negative and it has had that time since it began. */
static void listen(int fd, pid_t pid, int64_t us, struct heard *h)
{
    *h = (struct heard){.kill_at = us < 0 ? now_us() - us : 0};
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (;;) {
        if (h->cap - h->n < 65536) {
            h->cap = h->cap ? 2 * h->cap : 1 << 18;
            h->text = realloc(h->text, h->cap);
            assert_non_null(h->text);
        }
        ssize_t got = read(fd, h->text + h->n, h->cap - h->n - 1);
        if (got > 0 && !h->n && us >= 0)
            h->kill_at = now_us() + us;
        if (got > 0)
            h->n += (size_t)got;
        if (got == 0)
            break;
        if (!h->killed && h->kill_at && now_us() >= h->kill_at) {
            kill(pid, SIGKILL);
            h->killed = true;
        }
        if (got < 0)
            usleep(200);
    }
    h->text[h->n] = 0;
}

static void exec(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    must(wg_exec(store, sql, &err), &err);
}

/* Every whole line is an answer; the last may have been cut by the kill. */
static size_t keep_answers(struct wg_store *store, struct heard *h)
{
    size_t n = 0;
    struct wg_error err = {0};
    char *save = NULL;
    while (h->n && h->text[h->n - 1] != '\n')
        h->text[--h->n] = 0;
    for (char *line = strtok_r(h->text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        struct wg_query *q = NULL;
        size_t length = strlen(line);
        assert_true(length == 37 && line[36] != '!');
        line[36] = 0;
        must(wg_query(store, "INSERT OR IGNORE INTO temp.answered VALUES (?1)", &q, &err),
             &err);
        wg_bind_text(q, 1, line);
        must(wg_run(q, &err), &err);
        n++;
    }
    free(h->text);
    return n;
}

static void report(const char *text, void *user)
{
    (void)user;
    print_message("# %s\n", text);
}

static void check(struct wg_store *store)
{
    static const char *const none[] = {
        "SELECT count(*) FROM temp.answered a LEFT JOIN event e ON e.uuid = a.uuid WHERE "
        "e.id IS NULL OR (SELECT count(*) FROM event_status WHERE event_id = e.id) <> 1 "
        "OR (SELECT count(*) FROM event_log WHERE event_id = e.id) <> 1 OR (SELECT "
        "count(*) FROM owner o WHERE o.kind = 3 AND o.object_id = e.id AND o.scheme_id "
        "IN (1, 2)) <> 2",
        "SELECT (SELECT count(*) FROM event) - (SELECT count(*) FROM event_status)",
        "SELECT (SELECT count(*) FROM event) - (SELECT count(*) FROM event_log)",
        "SELECT (SELECT count(*) FROM event) * 2 - (SELECT count(*) FROM owner)",
        "SELECT (SELECT count(*) FROM event) - (SELECT count(*) FROM "
        "idx_event_geom_rowid)",
        "SELECT count(*) - count(DISTINCT rid) FROM change WHERE tbl = 'event'",
        "SELECT rtreecheck('main', 'idx_event_geom') <> 'ok'",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (ask(store, none[i]))
            fail_msg("%s: %lld", none[i], (long long)ask(store, none[i]));
}

static void test_killed(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct random r = {2026};
    struct heard h;
    size_t answers = 0;
    make_district(s->db);
    for (int round = 1; round <= KILLS; round++) {
        int fd[2];
        /* now and then while it is still opening */
        int64_t us = round % 10 == 0 ? -random_between(&r, 1000, 60000)
                                     : random_between(&r, 0, 120000);
        assert_int_equal(pipe(fd), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(fd[0]);
            be_child(s->db, round, fd[1]);
        }
        close(fd[1]);
        listen(fd[0], pid, us, &h);
        close(fd[0]);
        int how;
        assert_int_equal(waitpid(pid, &how, 0), pid);
        if (!WIFSIGNALED(how))
            fail_msg("round %d: the child ended by itself with %d", round,
                     WEXITSTATUS(how));
        struct wg_store *store = scratch_open(s);
        exec(store, "CREATE TEMP TABLE answered (uuid TEXT PRIMARY KEY)");
        answers += keep_answers(store, &h);
        check(store);
        if (round % 20 == 0) {
            must(wg_store_verify(store, report, NULL, &err), &err);
            exec(store, "DELETE FROM event WHERE id % 3 <> 0; DELETE FROM change");
            exec(store, "DELETE FROM event_log WHERE event_id NOT IN (SELECT id FROM "
                        "event)");
        }
        wg_store_close(store);
    }
    print_message("# %zu answers in %d rounds\n", answers, KILLS);
    assert_true(answers > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests_name("ingest_killed", tests, NULL, NULL);
}
