/* The layout of the panels at every size: inside the window, never over another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hud/layout.h"

static uint32_t seed = 12345;

static int random_below(int n)
{
    seed = seed * 1664525u + 1013904223u;
    return (int)((seed >> 8) % (uint32_t)n);
}

static bool shown(const struct layout_rect *r)
{
    return r->w > 0 && r->h > 0;
}

static bool over(const struct layout_rect *a, const struct layout_rect *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h &&
           b->y < a->y + a->h;
}

static void check(const struct layout *l, const struct layout_size *want)
{
    for (int p = 0; p < PANEL_COUNT; p++) {
        const struct layout_rect *r = &l->place[p];
        if (!shown(r))
            continue;
        if (r->x < 0 || r->y < 0 || r->x + r->w > l->width || r->y + r->h > l->height ||
            r->w > l->most[p].w || r->h > l->most[p].h)
            fail_msg("%d×%d: panel %d at %d,%d %d×%d leaves the window", l->width,
                     l->height, p, r->x, r->y, r->w, r->h);
        assert_true(r->w <= want[p].w && r->h <= want[p].h);
        for (int q = 0; q < p; q++)
            if (shown(&l->place[q]) && over(r, &l->place[q]))
                fail_msg("%d×%d em %d: panels %d and %d overlap", l->width, l->height,
                         l->metrics.em, p, q);
    }
}

static void arrange(struct layout_want w, int variant)
{
    struct layout l;
    struct layout_size want[PANEL_COUNT];
    layout_begin(&l, &w);
    for (int p = 0; p < PANEL_COUNT; p++) {
        switch (variant) {
        case 0: /* all they may have, but the page of keys */
            want[p] = l.most[p];
            break;
        case 1: /* the page of keys too */
            want[p] = (struct layout_size){100000, 100000};
            break;
        default:
            want[p] = (struct layout_size){random_below(w.width), random_below(w.height)};
        }
    }
    if (variant == 0 || random_below(2))
        want[PANEL_HELP] = (struct layout_size){0, 0};
    layout_place(&l, want);
    check(&l, want);
}

static void nothing_overlaps(void **state)
{
    (void)state;
    static const float distances[] = {0, 2, 6, 15}, scales[] = {0, 1, 1.25f, 2, 3};
    for (int w = 1024; w <= 7680; w += 128)
        for (int h = 600; h <= 2160; h += 60)
            for (int k = 0; k < 20; k++) {
                struct layout_want want = {.width = w,
                                           .height = h,
                                           .scale = scales[k % 5],
                                           .view_distance_m = distances[k / 5],
                                           .pixels_per_m = k % 2 ? 960 : 3780};
                for (int variant = 0; variant < 4; variant++)
                    arrange(want, variant);
            }
}

/* Smaller than is promised must still not break. */
static void tiny_windows(void **state)
{
    (void)state;
    for (int w = 1; w < 1024; w += 37)
        for (int h = 1; h < 600; h += 23)
            for (int variant = 0; variant < 4; variant++) {
                struct layout_want want = {.width = w, .height = h, .scale = 1};
                struct layout l;
                layout_begin(&l, &want);
                for (int p = 0; p < PANEL_COUNT; p++)
                    assert_true(l.most[p].w > 0 && l.most[p].h >= 0);
            }
}

static void text_is_readable(void **state)
{
    (void)state;
    struct layout_want small = {.width = 1024, .height = 600, .scale = 1};
    struct layout_want hd = {.width = 1920, .height = 1080, .scale = 1};
    struct layout_want wall = {.width = 3840, .height = 2160, .scale = 1};
    struct layout_want dense = {.width = 3840, .height = 2160, .scale = 2};
    assert_true(layout_metrics(&small).em >= 13);
    assert_true(layout_metrics(&hd).em >= 15);
    assert_int_equal(layout_metrics(&wall).em, 2 * layout_metrics(&hd).em);
    assert_true(layout_metrics(&dense).em >= 26);
    /* 6 m from a wall of 960 pixels a metre: 38 mm of character, 37 pixels. */
    wall.view_distance_m = 6;
    wall.pixels_per_m = 960;
    int em = layout_metrics(&wall).em;
    assert_in_range(em * 88 / 100, 35, 38);
}

static void metrics_grow_with_the_window(void **state)
{
    (void)state;
    int last = 0;
    for (int h = 600; h <= 4320; h += 60) {
        struct layout_want want = {.width = h * 16 / 9, .height = h, .scale = 1};
        struct layout_metrics m = layout_metrics(&want);
        assert_true(m.em >= last && m.small < m.em && m.em < m.large && m.hair >= 1);
        last = m.em;
    }
}

static void hits(void **state)
{
    (void)state;
    struct layout_rect r = {10, 20, 30, 40};
    assert_true(layout_hit(&r, 10, 20));
    assert_true(layout_hit(&r, 39.9, 59.9));
    assert_false(layout_hit(&r, 40, 30));
    assert_false(layout_hit(&r, 9.9, 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_overlaps),
        cmocka_unit_test(tiny_windows),
        cmocka_unit_test(text_is_readable),
        cmocka_unit_test(metrics_grow_with_the_window),
        cmocka_unit_test(hits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
