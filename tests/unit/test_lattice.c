/* The lattice in integers, against slower arithmetic of other kinds. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lattice.h"
#include "random.h"

__extension__ typedef __int128 wide;

static struct wg_spot draw(struct random *r, int32_t reach)
{
    return (struct wg_spot){(int32_t)random_between(r, -reach, reach),
                            (int32_t)random_between(r, -reach, reach)};
}

static void test_places(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_lattice lattice;
    struct random r = {7};
    struct wg_box box = {4e5, 3.2e6, 5e5, 3.3e6};
    assert_int_equal(wg_lattice_around(box, &lattice, &err), WG_OK);
    assert_int_equal(lattice.x, 450000 * 1024);
    assert_int_equal(lattice.y, INT64_C(3250000) * 1024);
    for (int i = 0; i < 20000; i++) {
        struct wg_spot spot = draw(&r, WG_LATTICE_REACH), back;
        struct wg_point at = wg_lattice_point(&lattice, spot);
        assert_true(wg_lattice_spot(&lattice, at.x, at.y, &back));
        assert_true(wg_spot_equal(spot, back));
        double x = random_real(&r, -5e4, 9e5), y = random_real(&r, 3e6, 3.5e6);
        assert_true(wg_lattice_spot(&lattice, x, y, &back));
        at = wg_lattice_point(&lattice, back);
        assert_true(at.x == wg_lattice_snap(x) && at.y == wg_lattice_snap(y));
    }
}

static void test_out_of_reach(void **state)
{
    (void)state;
    struct wg_lattice lattice = {5, 5};
    struct wg_error err = {0};
    struct wg_spot spot = {1, 2};
    static const struct wg_box far[] = {
        {0, 0, 1048577, 1},
        {0, 0, 1, 2e6},
        {NAN, 0, 1, 1},
        {0, 0, 1, NAN},
        {-INFINITY, 0, 1, 1},
        {0, 0, INFINITY, 1},
        {1e300, 1e300, 1e300, 1e300},
        {-1e13, 0, -1e13, 0},
    };
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_int_equal(wg_lattice_around(far[i], &lattice, &err), WG_OUT_OF_RANGE);
        assert_int_equal(lattice.x, 5);
        assert_true(strlen(err.text) > 10);
    }
    struct wg_box fits = {0, 0, 1048576, 1048576};
    assert_int_equal(wg_lattice_around(fits, &lattice, &err), WG_OK);
    assert_true(wg_lattice_spot(&lattice, 0, 1048576, &spot));
    assert_int_equal(spot.x, -WG_LATTICE_REACH);
    assert_int_equal(spot.y, WG_LATTICE_REACH);
    assert_false(wg_lattice_spot(&lattice, -0.001, 0, &spot));
    assert_false(wg_lattice_spot(&lattice, 0, 1048576.001, &spot));
    assert_false(wg_lattice_spot(&lattice, NAN, 0, &spot));
    assert_false(wg_lattice_spot(&lattice, 0, -INFINITY, &spot));
    assert_int_equal(spot.y, WG_LATTICE_REACH);
    assert_int_equal(wg_lattice_around(wg_box_empty(), &lattice, &err), WG_OK);
}

/* By parameters on both lines, in fractions. */
static enum wg_meeting slow_meet(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                                 struct wg_spot d)
{
    wide dx = b.x - a.x, dy = b.y - a.y, ex = d.x - c.x, ey = d.y - c.y;
    wide fx = c.x - a.x, fy = c.y - a.y, gx = d.x - a.x, gy = d.y - a.y;
    wide whole = dx * ey - dy * ex;
    if (whole == 0) {
        if (dx * fy - dy * fx != 0)
            return WG_APART;
        wide full = dx * dx + dy * dy, t = dx * fx + dy * fy, u = dx * gx + dy * gy;
        wide low = t < u ? t : u, high = t < u ? u : t;
        if (low == 0 && high == full)
            return WG_SAME;
        if (low > full || high < 0)
            return WG_APART;
        return low == full || high == 0 ? WG_SHARE_END : WG_OVERLAP;
    }
    wide t = fx * ey - fy * ex, u = fx * dy - fy * dx;
    if (whole < 0) {
        whole = -whole;
        t = -t;
        u = -u;
    }
    if (t < 0 || t > whole || u < 0 || u > whole)
        return WG_APART;
    bool end_t = t == 0 || t == whole, end_u = u == 0 || u == whole;
    return end_t && end_u ? WG_SHARE_END : end_t || end_u ? WG_TOUCH : WG_CROSS;
}

/* Is value/whole nearest to `at`, halves upwards? */
static bool rounds_to(wide value, wide whole, int64_t at)
{
    return 2 * value >= (2 * (wide)at - 1) * whole &&
           2 * value < (2 * (wide)at + 1) * whole;
}

static void check_crossing(const struct wg_spot p[4])
{
    wide dx = (wide)p[1].x - p[0].x, dy = (wide)p[1].y - p[0].y;
    wide ex = (wide)p[3].x - p[2].x, ey = (wide)p[3].y - p[2].y;
    wide whole = dx * ey - dy * ex;
    wide t = ((wide)p[2].x - p[0].x) * ey - ((wide)p[2].y - p[0].y) * ex;
    if (whole < 0) {
        whole = -whole;
        t = -t;
    }
    struct wg_spot at = wg_spot_crossing(p[0], p[1], p[2], p[3]);
    assert_true(rounds_to(t * dx, whole, (int64_t)at.x - p[0].x));
    assert_true(rounds_to(t * dy, whole, (int64_t)at.y - p[0].y));
    assert_true(wg_spot_equal(at, wg_spot_crossing(p[2], p[3], p[0], p[1])));
    assert_true(wg_spot_equal(at, wg_spot_crossing(p[1], p[0], p[3], p[2])));
    assert_true(wg_spot_equal(at, wg_spot_crossing(p[3], p[2], p[0], p[1])));
    assert_true(wg_spot_is_hot(p[0], p[1], at));
    assert_true(wg_spot_is_hot(p[2], p[3], at));
}

static void test_meetings(void **state)
{
    (void)state;
    static const int32_t reach[] = {2, 4, 9, 1000, WG_LATTICE_REACH};
    struct random r = {11};
    int seen[6] = {0};
    for (int i = 0; i < 300000; i++) {
        struct wg_spot p[4];
        for (int k = 0; k < 4; k++)
            p[k] = draw(&r, reach[i % 5]);
        if (wg_spot_equal(p[0], p[1]) || wg_spot_equal(p[2], p[3]))
            continue;
        enum wg_meeting how = wg_spot_meet(p[0], p[1], p[2], p[3]);
        assert_int_equal(how, slow_meet(p[0], p[1], p[2], p[3]));
        assert_int_equal(how, wg_spot_meet(p[3], p[2], p[0], p[1]));
        seen[how]++;
        if (how == WG_CROSS)
            check_crossing(p);
    }
    for (int i = 0; i < 6; i++)
        assert_true(seen[i] > 20);
    struct wg_spot far[4] = {{-WG_LATTICE_REACH, -WG_LATTICE_REACH},
                             {WG_LATTICE_REACH, WG_LATTICE_REACH},
                             {-WG_LATTICE_REACH, WG_LATTICE_REACH},
                             {WG_LATTICE_REACH, -WG_LATTICE_REACH}};
    assert_int_equal(wg_spot_meet(far[0], far[1], far[2], far[3]), WG_CROSS);
    check_crossing(far);
}

/* By sampling: the part in each half-plane is an interval whose ends are
 * fractions of small numbers; the middle of the common part and its ends tell. */
static bool slow_hot(struct wg_spot a, struct wg_spot b, struct wg_spot c)
{
    double px = 2.0 * (a.x - c.x), py = 2.0 * (a.y - c.y);
    double dx = 2.0 * (b.x - a.x), dy = 2.0 * (b.y - a.y);
    double at[6] = {0, 1, 0, 0, 0, 0};
    int n = 2;
    for (int side = -1; side <= 1; side += 2) {
        if (dx != 0)
            at[n++] = (side - px) / dx;
        if (dy != 0)
            at[n++] = (side - py) / dy;
    }
    for (int i = 0; i < n; i++)
        for (int k = i; k < n; k++) {
            double t = (at[i] + at[k]) / 2;
            if (t < 0 || t > 1)
                continue;
            double x = px + t * dx, y = py + t * dy;
            if (fabs(x - 1) < 1e-9 || fabs(y - 1) < 1e-9)
                continue; /* on a side that does not belong */
            if (x > -1 - 1e-9 && x < 1 && y > -1 - 1e-9 && y < 1)
                return true;
        }
    return false;
}

static void test_hot_squares(void **state)
{
    (void)state;
    struct random r = {13};
    int n_hot = 0, n_edge = 0;
    for (int i = 0; i < 400000; i++) {
        int32_t reach = i % 2 ? 3 : 8;
        struct wg_spot a = draw(&r, reach), b = draw(&r, reach), c = draw(&r, 2);
        if (wg_spot_equal(a, b))
            continue;
        bool hot = wg_spot_is_hot(a, b, c);
        assert_int_equal(hot, slow_hot(a, b, c));
        assert_int_equal(hot, wg_spot_is_hot(b, a, c));
        n_hot += hot;
        n_edge += hot && wg_spot_distance(a, b, c) > 0.7;
    }
    assert_true(n_hot > 10000);
    assert_true(n_edge > 10); /* through a corner that belongs */
    struct wg_spot far = {WG_LATTICE_REACH, WG_LATTICE_REACH},
                   low = {-WG_LATTICE_REACH, -WG_LATTICE_REACH};
    assert_true(wg_spot_is_hot(low, far, (struct wg_spot){12345, 12345}));
    assert_false(wg_spot_is_hot(low, far, (struct wg_spot){12345, 12346}));
    /* 1 in 2^30 steep: half a step above the axis in the middle */
    struct wg_spot west = {-WG_LATTICE_REACH, 0}, east = {WG_LATTICE_REACH, 1};
    for (int32_t x = -1; x <= 1; x++) {
        assert_int_equal(wg_spot_is_hot(west, east, (struct wg_spot){x, 0}), x <= 0);
        assert_int_equal(wg_spot_is_hot(west, east, (struct wg_spot){x, 1}), x >= 0);
    }
}

static void test_directions(void **state)
{
    (void)state;
    struct random r = {17};
    for (int i = 0; i < 100000; i++) {
        struct wg_spot o = draw(&r, 3), a = draw(&r, 3), b = draw(&r, 3);
        if (wg_spot_equal(o, a) || wg_spot_equal(o, b))
            continue;
        double s = atan2(a.y - o.y, a.x - o.x), t = atan2(b.y - o.y, b.x - o.x);
        s = s < 0 ? s + 2 * acos(-1) : s;
        t = t < 0 ? t + 2 * acos(-1) : t;
        int want = fabs(s - t) < 1e-9 ? 0 : s < t ? -1 : 1;
        int got = wg_spot_angle_compare(o, a, b);
        assert_int_equal((got > 0) - (got < 0), want);
    }
}

static void test_distances(void **state)
{
    (void)state;
    struct random r = {19};
    for (int i = 0; i < 2000; i++) {
        struct wg_spot a = draw(&r, 50), b = draw(&r, 50), c = draw(&r, 50);
        double best = INFINITY;
        for (int k = 0; k <= 1000; k++) {
            double x = a.x + (b.x - a.x) * k / 1000.0, y = a.y + (b.y - a.y) * k / 1000.0;
            best = fmin(best, hypot(x - c.x, y - c.y));
        }
        double got = wg_spot_distance(a, b, c);
        assert_true(got <= best + 1e-9 && got > best - 0.08);
    }
    struct wg_spot a = {3, 4};
    assert_true(wg_spot_distance(a, a, (struct wg_spot){0, 0}) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),     cmocka_unit_test(test_out_of_reach),
        cmocka_unit_test(test_meetings),   cmocka_unit_test(test_hot_squares),
        cmocka_unit_test(test_directions), cmocka_unit_test(test_distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
