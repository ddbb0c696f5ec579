/* Decluttering against the plain definition, on random boxes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "declutter.h"

static uint32_t seed = 99;

static float random_to(float most)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / (float)(1u << 24) * most;
}

static bool touch(const struct declutter_box *a, const struct declutter_box *b, float gap)
{
    return a->x < b->x + b->w + gap && b->x < a->x + a->w + gap &&
           a->y < b->y + b->h + gap && b->y < a->y + a->h + gap;
}

/* A box stays away only for a reason; two shown ones never touch. */
static void check(const struct declutter_box *b, size_t n,
                  const struct declutter_box *wall, size_t n_wall, float w, float h,
                  float gap)
{
    for (size_t i = 0; i < n; i++) {
        bool out = b[i].x < 0 || b[i].y < 0 || b[i].x + b[i].w > w || b[i].y + b[i].h > h;
        bool walled = false, beaten = false;
        for (size_t k = 0; k < n_wall; k++)
            walled = walled || touch(&b[i], &wall[k], gap);
        for (size_t k = 0; k < n; k++) {
            if (k == i || !b[k].shown || !touch(&b[i], &b[k], gap))
                continue;
            assert_false(b[i].shown);
            beaten = beaten || b[k].priority > b[i].priority ||
                     (b[k].priority == b[i].priority && k < i);
        }
        assert_int_equal(b[i].shown, !out && !walled && !beaten);
    }
}

static void random_scenes(void **state)
{
    (void)state;
    static struct declutter_box b[500], wall[4];
    for (int round = 0; round < 300; round++) {
        float w = 300 + random_to(3600), h = 200 + random_to(2000);
        size_t n = (size_t)random_to(499), n_wall = (size_t)random_to(4);
        for (size_t i = 0; i < n; i++)
            b[i] = (struct declutter_box){.x = random_to(w) - 40,
                                          .y = random_to(h) - 20,
                                          .w = 2 + random_to(i % 9 ? 120 : 600),
                                          .h = 2 + random_to(50),
                                          .priority = (int)random_to(20)};
        for (size_t i = 0; i < n_wall; i++)
            wall[i] = (struct declutter_box){
                .x = random_to(w), .y = random_to(h), .w = 200, .h = 150};
        float gap = random_to(6);
        declutter(b, n, wall, n_wall, w, h, gap);
        check(b, n, wall, n_wall, w, h, gap);
    }
}

static void the_chosen_one_wins(void **state)
{
    (void)state;
    struct declutter_box b[] = {{.x = 10, .y = 10, .w = 50, .h = 20, .priority = 1},
                                {.x = 20, .y = 12, .w = 50, .h = 20, .priority = 1e6},
                                {.x = 200, .y = 10, .w = 50, .h = 20, .priority = 0}};
    declutter(b, 3, NULL, 0, 1000, 1000, 2);
    assert_false(b[0].shown);
    assert_true(b[1].shown);
    assert_true(b[2].shown);
}

static void nothing_at_all(void **state)
{
    (void)state;
    declutter(NULL, 0, NULL, 0, 100, 100, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_scenes),
        cmocka_unit_test(the_chosen_one_wins),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
