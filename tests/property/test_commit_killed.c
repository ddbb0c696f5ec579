/* An editor killed at random moments, again and again: the file holds the last revision
 * whole, and every one that was told. */
#include "commit_work.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define KILLS 30

static void be_child(const char *path, int64_t scheme, int round, int pipe)
{
    struct wg_error err = {0};
    struct editor e = {
        .r = {(uint64_t)(100 + round)}, .scheme = scheme, .author = "killed"};
    must(wg_store_open(path, NULL, &e.store, &err), &err);
    reopen(&e);
    for (;;) {
        int64_t made = work(&e);
        if (made && write(pipe, &made, sizeof made) != sizeof made)
            _exit(3);
    }
}

static void a_killed_commit_leaves_the_last_revision(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    int64_t scheme, told = 1, first = 2;
    struct random r = {5};
    make_scene(s->db, &scheme);
    must(wg_store_open(s->db, NULL, &store, &err), &err);
    struct wg_coverage *base = open_coverage(store, scheme);
    wg_store_close(store);
    for (int round = 0; round < KILLS; round++) {
        int fd[2], how;
        int64_t made;
        assert_int_equal(pipe(fd), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            be_child(s->db, scheme, round, fd[1]);
        close(fd[1]);
        /* after its first commit, somewhere within the next few */
        if (read(fd[0], &made, sizeof made) == sizeof made)
            told = made;
        usleep((useconds_t)random_between(&r, 0, 30000));
        kill(pid, SIGKILL);
        while (read(fd[0], &made, sizeof made) == sizeof made)
            told = made;
        assert_int_equal(waitpid(pid, &how, 0), pid);
        assert_true(WIFSIGNALED(how));
        close(fd[0]);
        all_holds(s->db, scheme, base, first, round % 8 == 7);
        must(wg_store_open(s->db, NULL, &store, &err), &err);
        int64_t last = ask(store, "SELECT revision FROM scheme");
        wg_store_close(store);
        assert_true(last == told || last == told + 1); /* it may not have got to tell */
        first = last + 1;
    }
    print_message("# %lld revisions\n", (long long)first - 1);
    wg_coverage_close(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_killed_commit_leaves_the_last_revision,
                                        scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests_name("commit_killed", tests, NULL, NULL);
}
