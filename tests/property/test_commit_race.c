/* Two processes that edit the same scheme: a thousand rounds of random commits lose
 * nothing and never leave an invalid scheme. */
#include "commit_work.h"

#include <signal.h>
#include <sys/wait.h>

#define ROUNDS 500 /* of each of the two */

static void be_child(const char *path, int64_t scheme, int number, int pipe)
{
    struct wg_open_options options = {.busy_timeout_ms = 60000};
    struct wg_error err = {0};
    struct editor e = {.r = {(uint64_t)(1000 + number)},
                       .scheme = scheme,
                       .author = number ? "Ben" : "Ann"};
    must(wg_store_open(path, &options, &e.store, &err), &err);
    reopen(&e);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t made = work(&e);
        /* as people do; SQLite's lock is not fair to who waits */
        usleep((useconds_t)random_between(&e.r, 2000, 30000));
        if (made && write(pipe, &made, sizeof made) != sizeof made)
            _exit(3);
        if (i % 5 == 4)
            reopen(&e); /* in between it works on what it has, old as it may be */
    }
    int64_t end[] = {-1, e.conflicts};
    if (write(pipe, end, sizeof end) != sizeof end)
        _exit(3);
    wg_coverage_close(e.c);
    wg_store_close(e.store);
    _exit(0);
}

static void two_editors_lose_nothing(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    int64_t scheme, made, conflicts = 0, accepted = 0;
    int fd[2][2];
    pid_t pid[2];
    bool *seen = calloc(4 * ROUNDS, sizeof *seen);
    make_scene(s->db, &scheme);
    must(wg_store_open(s->db, NULL, &store, &err), &err);
    struct wg_coverage *base = open_coverage(store, scheme);
    wg_store_close(store);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(fd[i]), 0);
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0)
            be_child(s->db, scheme, i, fd[i][1]);
        close(fd[i][1]);
    }
    for (int i = 0; i < 2; i++) {
        while (read(fd[i][0], &made, sizeof made) == sizeof made) {
            if (made < 0) {
                assert_int_equal(read(fd[i][0], &made, sizeof made), sizeof made);
                conflicts += made;
                break;
            }
            assert_true(made > 1 && made < 4 * ROUNDS);
            assert_false(seen[made]); /* two never get the same number */
            seen[made] = true;
            accepted++;
        }
        int how;
        assert_int_equal(waitpid(pid[i], &how, 0), pid[i]);
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
        close(fd[i][0]);
    }
    all_holds(s->db, scheme, base, 2, true);
    must(wg_store_open(s->db, NULL, &store, &err), &err);
    assert_int_equal(ask(store, "SELECT revision FROM scheme"), accepted + 1);
    print_message(
        "# %lld commits, %lld conflicts, %lld on top of others, %lld grids now, "
        "%lld in all\n",
        (long long)accepted, (long long)conflicts,
        (long long)ask(store, "SELECT count(*) FROM revision WHERE base < number "
                              "- 1"),
        (long long)ask(store, "SELECT count(*) FROM grid WHERE valid_to IS "
                              "NULL"),
        (long long)ask(store, "SELECT count(*) FROM grid"));
    assert_true(accepted > ROUNDS);
    assert_true(conflicts > 0);
    wg_store_close(store);
    wg_coverage_close(base);
    free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_editors_lose_nothing, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests_name("commit_race", tests, NULL, NULL);
}
