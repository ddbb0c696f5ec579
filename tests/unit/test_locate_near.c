/* Grids in a box, the nearest grid and doubt near a boundary, against every grid asked in
 * turn with plain segments and distances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "locate_check.h"
#include "locate_scratch.h"

#define COLS 7
#define ROWS 6

struct world {
    struct quads q;
    struct plain plain;
    struct wg_locator *loc;
    struct wg_box box;
};

/* Quadrangles of which every fifth is missing: an outside within. */
static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    size_t n = 0;
    if (!w)
        return -1;
    quads_make(&w->q, COLS, ROWS);
    w->box = wg_box_empty();
    for (size_t i = 0; i < COLS * ROWS; i++) {
        w->box = wg_box_union(w->box, wg_multipolygon_box(&w->q.mp[i]));
        if (i % 5 != 2)
            w->q.grid[n++] = w->q.grid[i];
    }
    w->plain = plain_make(n, w->q.grid);
    *state = w;
    return wg_locator_build(n, w->q.grid, NULL, &w->loc, NULL) ? -1 : 0;
}

static int drop_world(void **state)
{
    struct world *w = *state;
    wg_locator_destroy(w->loc);
    plain_finish(&w->plain);
    quads_drop(&w->q);
    free(w);
    return 0;
}

static double plain_distance(const struct world *w, uint32_t slot, double x, double y)
{
    const struct wg_multipolygon *mp = w->plain.grid[slot - 1]->geometry;
    double best = INFINITY;
    if (plain_side(&w->plain, slot, x, y) != WG_OUTSIDE)
        return 0;
    for (uint32_t i = 0; i + 1 < mp->n_vertex; i++) {
        double ux = mp->x[i + 1] - mp->x[i], uy = mp->y[i + 1] - mp->y[i];
        double t = ((x - mp->x[i]) * ux + (y - mp->y[i]) * uy) / (ux * ux + uy * uy);
        t = fmin(fmax(t, 0), 1);
        best = fmin(best, hypot(mp->x[i] + t * ux - x, mp->y[i] + t * uy - y));
    }
    return best;
}

static bool segments_meet(struct wg_point a, struct wg_point b, struct wg_point c,
                          struct wg_point d)
{
    return wg_orient(a, b, c) * wg_orient(a, b, d) <= 0 &&
           wg_orient(c, d, a) * wg_orient(c, d, b) <= 0 &&
           fmax(a.x, b.x) >= fmin(c.x, d.x) && fmax(c.x, d.x) >= fmin(a.x, b.x) &&
           fmax(a.y, b.y) >= fmin(c.y, d.y) && fmax(c.y, d.y) >= fmin(a.y, b.y);
}

static bool plain_meets(const struct world *w, uint32_t slot, struct wg_box b)
{
    const struct wg_multipolygon *mp = w->plain.grid[slot - 1]->geometry;
    const struct wg_point corner[] = {{b.min_x, b.min_y},
                                      {b.max_x, b.min_y},
                                      {b.max_x, b.max_y},
                                      {b.min_x, b.max_y},
                                      {b.min_x, b.min_y}};
    if (plain_side(&w->plain, slot, b.min_x, b.min_y) != WG_OUTSIDE ||
        wg_box_contains(b, mp->x[0], mp->y[0]))
        return true;
    for (uint32_t i = 0; i + 1 < mp->n_vertex; i++)
        for (int k = 0; k < 4; k++)
            if (segments_meet((struct wg_point){mp->x[i], mp->y[i]},
                              (struct wg_point){mp->x[i + 1], mp->y[i + 1]}, corner[k],
                              corner[k + 1]))
                return true;
    return false;
}

static void check_meet(const struct world *w, struct wg_box b)
{
    uint32_t slot[64];
    size_t n = 0, k = 0;
    struct wg_error err = {0};
    assert_int_equal(wg_locator_meet(w->loc, b, 64, slot, &n, &err), WG_OK);
    for (uint32_t s = 1; s <= w->plain.n; s++) {
        if (!plain_meets(w, s, b))
            continue;
        assert_true(k < n);
        assert_int_equal(slot[k++], s);
    }
    assert_int_equal(k, n);
    if (n > 1) { /* the number is whole when the room is not */
        size_t all = 0;
        uint32_t one[2] = {0, 77};
        assert_int_equal(wg_locator_meet(w->loc, b, 1, one, &all, &err), WG_OK);
        assert_int_equal(all, n);
        assert_int_equal(one[0], slot[0]);
        assert_int_equal(one[1], 77);
    }
}

static void test_meet(void **state)
{
    const struct world *w = *state;
    struct random r = {3};
    size_t n = 1;
    for (int i = 0; i < 3000; i++) {
        double x = random_real(&r, w->box.min_x - 20, w->box.max_x + 20);
        double y = random_real(&r, w->box.min_y - 20, w->box.max_y + 20);
        double side = random_real(&r, 0, i % 3 ? 5 : 120);
        check_meet(w, (struct wg_box){x, y, x + side, y + random_real(&r, 0, side)});
    }
    for (uint32_t s = 1; s <= w->plain.n;
         s++) { /* boxes that are a vertex, or end at one */
        const struct wg_multipolygon *mp = w->plain.grid[s - 1]->geometry;
        for (uint32_t i = 0; i + 1 < mp->n_vertex; i++) {
            double x = mp->x[i], y = mp->y[i];
            check_meet(w, (struct wg_box){x, y, x, y});
            check_meet(w, (struct wg_box){x - 1, y - 1, x, y});
        }
    }
    assert_int_equal(wg_locator_meet(w->loc, wg_box_empty(), 0, NULL, &n, NULL), WG_OK);
    assert_int_equal(n, 0);
}

static void test_nearest(void **state)
{
    const struct world *w = *state;
    struct random r = {4};
    double d;
    for (int i = 0; i < 4000; i++) {
        double x = random_real(&r, w->box.min_x - 90, w->box.max_x + 90);
        double y = random_real(&r, w->box.min_y - 90, w->box.max_y + 90);
        double best = INFINITY, tight;
        for (uint32_t s = 1; s <= w->plain.n; s++)
            best = fmin(best, plain_distance(w, s, x, y));
        uint32_t slot = wg_locator_nearest(w->loc, x, y, INFINITY, &d);
        assert_in_range(slot, 1, w->plain.n);
        assert_true(fabs(d - best) < 1e-9);
        assert_true(fabs(plain_distance(w, slot, x, y) - best) < 1e-9);
        if (best == 0) {
            assert_int_equal(slot, plain_slot(&w->plain, x, y));
            assert_true(d == 0);
            continue;
        }
        assert_int_equal(wg_locator_nearest(w->loc, x, y, best * 1.001, &tight), slot);
        assert_true(tight == d);
        assert_int_equal(wg_locator_nearest(w->loc, x, y, best * 0.999, &tight), 0);
        assert_true(isnan(tight));
    }
    assert_int_equal(wg_locator_nearest(w->loc, NAN, 0, INFINITY, &d), 0);
    assert_true(isnan(d));
}

/* The other grids within the accuracy are exactly those named, but for the last bits of
 * the distance; the owner is not among them. */
static void test_place(void **state)
{
    const struct world *w = *state;
    struct random r = {5};
    int doubtful = 0, to_outside = 0;
    for (int i = 0; i < 6000; i++) {
        double x = random_real(&r, w->box.min_x - 30, w->box.max_x + 30);
        double y = random_real(&r, w->box.min_y - 30, w->box.max_y + 30);
        double accuracy = random_real(&r, 0, i % 2 ? 4 : 40), last = 0;
        struct wg_locator_place p;
        wg_locator_place(w->loc, x, y, accuracy, &p);
        assert_int_equal(p.slot, plain_slot(&w->plain, x, y));
        assert_true(p.n_near <= WG_LOCATOR_NEAR_MAX);
        assert_int_equal(p.ambiguous, p.n_near > 0);
        if (!p.ambiguous)
            assert_true(isnan(p.boundary));
        for (uint32_t k = 0; k < p.n_near; k++) {
            double d = p.near[k] ? plain_distance(w, p.near[k], x, y) : last;
            assert_int_not_equal(p.near[k], p.slot);
            assert_true(d <= accuracy + 1e-9 && d >= last - 1e-9);
            if (k == 0 && p.near[k])
                assert_true(fabs(d - p.boundary) < 1e-9);
            last = d;
            to_outside += p.near[k] == 0;
        }
        for (uint32_t s = 1; s <= w->plain.n && p.n_near < WG_LOCATOR_NEAR_MAX; s++) {
            bool named = false;
            for (uint32_t k = 0; k < p.n_near; k++)
                named = named || p.near[k] == s;
            if (s != p.slot && plain_distance(w, s, x, y) < accuracy - 1e-9)
                assert_true(named);
        }
        /* any way out of the owner that is found by trying is found by the index */
        for (int k = 0; k < 16 && p.slot && p.n_near < WG_LOCATOR_NEAR_MAX; k++) {
            double a = random_real(&r, 0, 6.3), d = random_real(&r, 0, accuracy);
            uint32_t there = plain_slot(&w->plain, x + d * cos(a), y + d * sin(a));
            bool named = there == p.slot;
            for (uint32_t j = 0; j < p.n_near; j++)
                named = named || p.near[j] == there;
            assert_true(named);
            assert_true(there == p.slot || p.boundary <= d + 1e-9);
        }
        doubtful += p.ambiguous;
    }
    assert_in_range(doubtful, 1000, 5800);
    assert_true(to_outside > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meet),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_place),
    };
    return cmocka_run_group_tests_name("locate_near", tests, make_world, drop_world);
}
