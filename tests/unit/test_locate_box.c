/* Swapping the locator under the feet of threads that ask it. */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "locate_scratch.h"

#define N_READERS 4
#define N_SWAPS 300

/* One row of k quadrangles: k says which locator it is. */
static struct wg_locator *row_of(uint32_t k)
{
    struct quads q;
    struct wg_locator *loc = NULL;
    struct wg_locator_options options = {.cells = 256};
    quads_make(&q, k, 1);
    enum wg_status status = wg_locator_build(k, q.grid, &options, &loc, NULL);
    quads_drop(&q);
    return status ? NULL : loc;
}

static struct wg_locator_box *box_of(struct wg_locator *loc)
{
    struct wg_locator_box *box = NULL;
    struct wg_error err = {0};
    assert_non_null(loc);
    assert_int_equal(wg_locator_box_create(loc, &box, &err), WG_OK);
    return box;
}

static void test_take_and_give(void **state)
{
    struct wg_locator *one = row_of(1), *two = row_of(2);
    struct wg_locator_box *box = box_of(one);
    uint32_t a, b, c;
    assert_ptr_equal(wg_locator_box_take(box, &a), one);
    assert_ptr_equal(wg_locator_box_take(box, &b), one);
    wg_locator_box_give(box, a);
    wg_locator_box_put(box, two);
    assert_ptr_equal(wg_locator_box_take(box, &c), two);
    assert_int_equal(wg_locator_count(one), 1); /* still there for the second reader */
    wg_locator_box_give(box, b);                /* and now gone */
    assert_int_equal(wg_locator_count(two), 2);
    wg_locator_box_give(box, c);
    wg_locator_box_destroy(box);
    wg_locator_box_destroy(NULL);
}

/* A reader that keeps its own for long does not stop the putting, nor does nobody. */
static void test_many_puts(void **state)
{
    struct wg_locator_box *box = box_of(row_of(1));
    uint32_t old, now;
    const struct wg_locator *kept = wg_locator_box_take(box, &old);
    for (uint32_t i = 0; i < 50; i++)
        wg_locator_box_put(box, row_of(2 + i % 3));
    assert_int_equal(wg_locator_count(kept), 1);
    assert_int_equal(wg_locator_slot(kept, 3e5 + 30, 3.78e6 + 30), 1);
    assert_int_equal(wg_locator_count(wg_locator_box_take(box, &now)), 2 + 49 % 3);
    wg_locator_box_give(box, old);
    wg_locator_box_give(box, now);
    wg_locator_box_put(box, NULL); /* none for a while */
    assert_null(wg_locator_box_take(box, &now));
    wg_locator_box_put(box, row_of(5));
    wg_locator_box_give(box, now);
    assert_int_equal(wg_locator_count(wg_locator_box_take(box, &now)), 5);
    wg_locator_box_give(box, now);
    wg_locator_box_destroy(box);
}

struct readers {
    struct wg_locator_box *box;
    atomic_int stop;
    atomic_llong asked, wrong;
};

/* In the row of k quadrangles the middle of the i-th belongs to grid 1000 + i. */
static void *read_on(void *user)
{
    struct readers *r = user;
    double x[64], y[64];
    int64_t grid[64];
    long long asked = 0, wrong = 0;
    while (!atomic_load_explicit(&r->stop, memory_order_relaxed)) {
        uint32_t ticket;
        const struct wg_locator *loc = wg_locator_box_take(r->box, &ticket);
        uint32_t n = wg_locator_count(loc);
        for (uint32_t i = 0; i < 64; i++) {
            x[i] = 3e5 + 60.0 * (i % n) + 30;
            y[i] = 3.78e6 + 30;
        }
        wg_locator_find(loc, 64, x, y, grid);
        for (uint32_t i = 0; i < 64; i++)
            wrong += grid[i] != 1000 + i % n;
        asked++;
        wg_locator_box_give(r->box, ticket);
    }
    atomic_fetch_add(&r->asked, asked);
    atomic_fetch_add(&r->wrong, wrong);
    return NULL;
}

static void test_threads(void **state)
{
    struct readers r = {.box = box_of(row_of(1))};
    pthread_t thread[N_READERS];
    for (int i = 0; i < N_READERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, read_on, &r), 0);
    for (uint32_t i = 0; i < N_SWAPS; i++) {
        struct wg_locator *next = row_of(1 + i % 40);
        assert_non_null(next);
        wg_locator_box_put(r.box, next);
    }
    atomic_store(&r.stop, 1);
    for (int i = 0; i < N_READERS; i++)
        pthread_join(thread[i], NULL);
    assert_true(atomic_load(&r.asked) > N_READERS);
    assert_int_equal(atomic_load(&r.wrong), 0);
    wg_locator_box_destroy(r.box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_and_give),
        cmocka_unit_test(test_many_puts),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("locate_box", tests, NULL, NULL);
}
