/* Damaged databases: whatever bytes change or are cut off, the library answers with a
 * status.  Each case runs in a child, so that a crash or an endless loop has a number. */
#include "store_scratch.h"

#include <sys/wait.h>
#include <time.h>

#include "statement.h"

#define N_CASES 600
#define MAX_SECONDS 120 /* for all of them together */

struct bytes {
    unsigned char *data;
    size_t size;
};

static uint64_t next_random(uint64_t *seed) /* splitmix64 */
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static struct bytes read_all(const char *path)
{
    struct bytes b = {NULL, 0};
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    b.size = (size_t)ftell(f);
    rewind(f);
    b.data = malloc(b.size);
    assert_int_equal(fread(b.data, 1, b.size, f), b.size);
    fclose(f);
    return b;
}

static void write_damaged(const char *path, const struct bytes *whole, uint64_t seed)
{
    unsigned char *copy = malloc(whole->size);
    size_t size = whole->size;
    memcpy(copy, whole->data, size);
    unsigned kind = (unsigned)(next_random(&seed) % 4);
    size_t n = 1 + next_random(&seed) % 40;
    for (size_t i = 0; i < n; i++) {
        size_t at = next_random(&seed) % whole->size;
        if (kind == 1) /* the header */
            at %= 100;
        if (kind == 2) /* the heads of pages */
            at = at / 4096 * 4096 + at % 16;
        copy[at] = (unsigned char)next_random(&seed);
    }
    if (kind == 3)
        size = next_random(&seed) % whole->size;
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(copy, 1, size, f), size);
    fclose(f);
    free(copy);
}

static bool on_change(const struct wg_change *change, void *user)
{
    (void)change;
    (void)user;
    return true;
}

/* Everything a program would do with it; the answers do not matter. */
static void use(const char *path, bool read_only)
{
    static const char *const reads[] = {
        "SELECT * FROM v_grid_status",
        "SELECT * FROM v_building",
        "SELECT * FROM v_event",
        "SELECT ST_Area(geom), ST_IsValid(geom) FROM building",
        "SELECT ST_AsText(geom) FROM event",
        "SELECT count(*) FROM building b, idx_building_geom i WHERE i.pkid = b.id AND "
        "i.xmax > 10",
    };
    struct wg_open_options options = {.read_only = read_only, .busy_timeout_ms = 50};
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    if (wg_store_open(path, &options, &store, &err)) {
        if (store || !err.text[0])
            _exit(3);
        return;
    }
    wg_store_verify(store, NULL, NULL, &err);
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        struct wg_query *q = NULL;
        if (!wg_query(store, reads[i], &q, &err))
            wg_run(q, &err);
    }
    wg_store_changes(store, 0, on_change, NULL, &err);
    if (!wg_store_begin(store, &err)) {
        wg_exec(store,
                "INSERT INTO building (code, geom) VALUES ('n', "
                "CastToMulti(BuildMbr(1, 1, 2, 2, 4545)))",
                &err);
        wg_exec(store, "DELETE FROM event WHERE id < 20", &err);
        wg_exec(store, "UPDATE event_status SET stage = 7", &err);
        wg_store_commit(store, &err);
    }
    wg_store_close(store);
}

static void test_damage(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    if (wg_exec(store,
                "INSERT INTO scheme (name) VALUES ('basic');"
                "INSERT INTO grid (scheme_id, code, geom) VALUES "
                "(1, 'G1', CastToMulti(BuildMbr(0, 0, 100, 100, 4545)));"
                "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
                "INSERT INTO building (code, geom) SELECT 'b' || i, "
                "CastToMulti(BuildMbr(i, i, i + 1, i + 1, 4545)) FROM n;"
                "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
                "INSERT INTO event (title, geom) SELECT 'e' || i, MakePoint(i, i, 4545) "
                "FROM n;",
                &err))
        fail_msg("%s", err.text);
    wg_store_close(store);
    struct bytes whole = read_all(s->db);
    char journal[128];
    time_t end = time(NULL) + MAX_SECONDS;
    int n = 0;
    for (; n < N_CASES && time(NULL) < end; n++) {
        static const char *const suffix[] = {"-wal", "-shm"};
        for (int i = 0; i < 2; i++) {
            snprintf(journal, sizeof journal, "%s%s", s->db, suffix[i]);
            unlink(journal);
        }
        write_damaged(s->db, &whole, (uint64_t)n);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            alarm(30);
            use(s->db, n % 5 == 0);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (status)
            fail_msg("case %d: %s %d", n, WIFSIGNALED(status) ? "signal" : "exit",
                     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    print_message("# %d damaged databases\n", n);
    free(whole.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_damage, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests_name("store_damage", tests, NULL, NULL);
}
