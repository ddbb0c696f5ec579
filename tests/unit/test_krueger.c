/* Tests of the Krüger series: against PROJ over the whole strip, both ways and round; all
 * paths alike to the last bit; where it is used and where not; the same errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crs_step.h"
#include "krueger.h"
#include "random.h"
#include "wangge/crs.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define METRES_A_DEGREE 111320.0
#define RADIAN 0.017453292519943295769

enum { POINTS = 20000 };

struct batch {
    double x[POINTS], y[POINTS];
};

/* PROJ's own operation between two CRS, x before y. */
static PJ *operation(const char *from, const char *to)
{
    PJ *raw = proj_create_crs_to_crs(NULL, from, to, NULL);
    PJ *normal = raw ? proj_normalize_for_visualization(NULL, raw) : NULL;
    proj_destroy(raw);
    if (!normal)
        fail_msg("PROJ has no way from %s to %s", from, to);
    return normal;
}

static bool uses_series(const char *from, const char *to)
{
    PJ *a = proj_create(NULL, from), *b = proj_create(NULL, to);
    struct wg_step step;
    if (!a || !b)
        fail_msg("no %s or %s", from, to);
    wg_step_init(&step, NULL, a, b, operation(from, to));
    bool uses = step.path != NULL;
    wg_step_finish(&step);
    proj_destroy(a);
    proj_destroy(b);
    return uses;
}

static struct wg_transform *open_transform(const char *from, const char *to)
{
    struct wg_transform *t = NULL;
    struct wg_error err;
    if (wg_transform_create(from, to, &t, &err))
        fail_msg("%s", err.text);
    return t;
}

static void by_proj(PJ *pj, PJ_DIRECTION direction, size_t n, struct batch *b)
{
    proj_trans_generic(pj, direction, b->x, sizeof *b->x, n, b->y, sizeof *b->y, n, NULL,
                       0, 0, NULL, 0, 0);
}

/* ---- where it is used ---- */

static const struct {
    const char *geographic, *plane;
    double lon_0;
} projections[] = {
    {"EPSG:4490", "EPSG:4545", 108}, /* 3-degree zone */
    {"EPSG:4490", "EPSG:4524", 108}, /* with its number before the easting */
    {"EPSG:4490", "EPSG:4534", 75},
    {"EPSG:4490", "EPSG:4554", 135},
    {"EPSG:4490", "EPSG:4502", 75}, /* 6-degree zones */
    {"EPSG:4490", "EPSG:4491", 75},
    {"EPSG:4326", "EPSG:32649", 111},
    {"EPSG:4326", "EPSG:32749", 111},
    {"EPSG:4326", "EPSG:32660", 177},
    {"EPSG:4326", "EPSG:32601", -177},
    {"OGC:CRS84", "EPSG:32650", 117},
    {"EPSG:4258", "EPSG:25832", 9},
    {"EPSG:4269", "EPSG:26918", -75},
    {"EPSG:4277", "EPSG:27700", -2}, /* its own origin of latitude and scale */
    {"EPSG:4214", "EPSG:2433", 108}, /* Beijing 1954, Krassowsky's ellipsoid */
    {"EPSG:4610", "EPSG:2381", 108}, /* Xian 1980 */
    {"EPSG:4326", "+proj=tmerc +lon_0=109.2 +x_0=50000 +datum=WGS84 +type=crs", 109.2},
};

static void test_used_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(projections); i++) {
        if (!uses_series(projections[i].geographic, projections[i].plane))
            fail_msg("%s: by PROJ", projections[i].plane);
        assert_true(uses_series(projections[i].plane, projections[i].geographic));
    }
    assert_true(uses_series("EPSG:4545", "EPSG:4546"));
    assert_true(uses_series("EPSG:32649", "EPSG:32650"));
    /* PROJ knows no shift from CGCS2000 to Xian 1980: two projections, two ellipsoids */
    assert_true(uses_series("EPSG:4545", "EPSG:2381"));
}

static void test_not_used_for(void **state)
{
    static const char *const pairs[][2] = {
        {"EPSG:4326", "EPSG:3857"},
        {"EPSG:4326", "EPSG:2433"}, /* another datum */
        {"EPSG:4490", "EPSG:4610"},
        {"EPSG:4269", "EPSG:2236"}, /* transverse Mercator in feet */
        {"EPSG:4148", "EPSG:2053"}, /* axes south and west */
        {"EPSG:4258", "EPSG:3035"},
        {"EPSG:4326", "+proj=tmerc +lon_0=108 +approx +datum=WGS84 +type=crs"},
        {"+proj=longlat +R=6371000 +type=crs",
         "+proj=tmerc +lon_0=108 +R=6371000 +type=crs"},
        {"+proj=longlat +datum=WGS84 +type=crs",
         "+proj=tmerc +lon_0=108 +ellps=GRS80 +towgs84=1,2,3 +type=crs"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++)
        if (uses_series(pairs[i][0], pairs[i][1]))
            fail_msg("%s to %s: by the series", pairs[i][0], pairs[i][1]);
}

/* ---- against PROJ ---- */

/* Half of the points near the meridian, half anywhere in the strip and beyond it; then
 * the strip's own edges, and beside them. */
static void scatter(struct batch *b, double lon_0, uint64_t seed)
{
    static const double lon[] = {0, 1.5, 3, 6, 12, -1.5, -3, -6, -12, 12.0000001, 90};
    static const double lat[] = {0,  -0.0, 45,        -45, 60,  84, -84,
                                 86, -86,  86.000001, 90,  -90, 18, 54};
    struct random r = {seed};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(lon); i++)
        for (size_t j = 0; j < COUNT(lat); j++) {
            b->x[n] = lon_0 + lon[i];
            b->y[n++] = lat[j];
            b->x[n] = nextafter(lon_0 + lon[i], 200 * (n & 2) - 100.0);
            b->y[n] = nextafter(lat[j], 0);
            n++;
        }
    for (; n < POINTS; n++) {
        double width = n % 4 == 0 ? 13 : n % 4 == 1 ? 3 : 1.5;
        bool china = n % 8 < 4;
        b->x[n] = lon_0 + random_real(&r, -width, width);
        b->y[n] = china ? random_real(&r, 3, 54) : random_real(&r, -88, 88);
    }
}

/* Both are NaN, infinite or nearer than `limit`; along: metres a unit of x. */
static void near(const char *crs, double x, double y, double px, double py, double along,
                 double unit, double *worst)
{
    if (!isfinite(px) || !isfinite(py)) {
        assert_false(isfinite(x) && isfinite(y));
        return;
    }
    double far = fmax(fabs(x - px) * along, fabs(y - py) * unit);
    if (!(far <= 5e-8))
        fail_msg("%s: %.12g %.12g, PROJ %.12g %.12g", crs, x, y, px, py);
    *worst = fmax(*worst, far);
}

static double check_forward(size_t which, struct batch *b)
{
    static struct batch p;
    static bool ok[POINTS];
    double worst = 0;
    const char *plane = projections[which].plane;
    struct wg_transform *t = open_transform(projections[which].geographic, plane);
    PJ *pj = operation(projections[which].geographic, plane);
    p = *b;
    wg_transform_each(t, POINTS, b->x, b->y, ok);
    by_proj(pj, PJ_FWD, POINTS, &p);
    for (size_t i = 0; i < POINTS; i++) {
        near(plane, b->x[i], b->y[i], p.x[i], p.y[i], 1, 1, &worst);
        assert_int_equal(ok[i], isfinite(p.x[i]) && isfinite(p.y[i]));
    }
    proj_destroy(pj);
    wg_transform_destroy(t);
    return worst;
}

static double check_inverse(size_t which, struct batch *b)
{
    static struct batch p;
    static bool ok[POINTS];
    double worst = 0;
    const char *plane = projections[which].plane;
    struct wg_transform *t = open_transform(plane, projections[which].geographic);
    PJ *pj = operation(projections[which].geographic, plane);
    p = *b;
    wg_transform_each(t, POINTS, b->x, b->y, ok);
    by_proj(pj, PJ_INV, POINTS, &p);
    for (size_t i = 0; i < POINTS; i++)
        near(plane, b->x[i], b->y[i], p.x[i], p.y[i],
             METRES_A_DEGREE * cos(p.y[i] * RADIAN), METRES_A_DEGREE, &worst);
    proj_destroy(pj);
    wg_transform_destroy(t);
    return worst;
}

/* Degrees to metres, and those back: each like PROJ, and round to where it began. */
static void test_like_proj(void **state)
{
    static struct batch b, start;
    double there = 0, back = 0, round = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(projections); i++) {
        scatter(&start, projections[i].lon_0, i);
        b = start;
        there = fmax(there, check_forward(i, &b));
        back = fmax(back, check_inverse(i, &b));
        for (size_t k = 0; k < POINTS; k++) {
            bool inside =
                fabs(start.x[k] - projections[i].lon_0) <= 12 && fabs(start.y[k]) <= 86;
            if (!inside || fabs(start.x[k]) > 180)
                continue;
            double along = METRES_A_DEGREE * cos(start.y[k] * RADIAN);
            double far = fmax(fabs(b.x[k] - start.x[k]) * along,
                              fabs(b.y[k] - start.y[k]) * METRES_A_DEGREE);
            round = fmax(round, far);
        }
    }
    printf("# metres at most: there %.1e, back %.1e, round %.1e\n", there, back, round);
    assert_true(there <= 2e-8 && back <= 2e-8 && round <= 1e-8);
}

/* From one plane to another of the same datum, in one step of PROJ's. */
static void test_plane_to_plane(void **state)
{
    static const char *const pairs[][2] = {{"EPSG:4545", "EPSG:4546"},
                                           {"EPSG:4524", "EPSG:4545"},
                                           {"EPSG:4545", "EPSG:4502"}, /* 33° apart */
                                           {"EPSG:4545", "EPSG:2381"},
                                           {"EPSG:32649", "EPSG:32650"}};
    static struct batch b, p;
    static bool ok[POINTS];
    struct random r = {9};
    double worst = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct wg_transform *t = open_transform(pairs[i][0], pairs[i][1]);
        PJ *pj = operation(pairs[i][0], pairs[i][1]);
        double zone = strcmp(pairs[i][0], "EPSG:4524") == 0 ? 36e6 : 0;
        for (size_t k = 0; k < POINTS; k++) {
            b.x[k] = zone + random_real(&r, -5e5, 1.5e6);
            b.y[k] = random_real(&r, -9e6, 9e6);
        }
        b.x[5] = 108; /* refused by the first leg, and degrees for the second */
        b.y[5] = 30;
        p = b;
        wg_transform_each(t, POINTS, b.x, b.y, ok);
        by_proj(pj, PJ_FWD, POINTS, &p);
        for (size_t k = 0; k < POINTS; k++)
            near(pairs[i][1], b.x[k], b.y[k], p.x[k], p.y[k], 1, 1, &worst);
        proj_destroy(pj);
        wg_transform_destroy(t);
    }
    assert_true(worst < 5e-8);
}

/* The projection itself, of which PROJ's series is an approximation as ours is: the
 * meridian's arc of complex latitude, integrated with 40 digits.  EPSG:4490 to 4545. */
static const struct {
    double lon, lat, east, north;
} exact[] = {
    {107.21389388127568, 7.607426750903713, 413253.55414608747, 841313.95431554271},
    {107.2197, 33.7999, 427742.70255550017, 3741739.956918253},
    {109.50864364929664, 6.3419718212304685, 666939.45695899454, 701530.45038066189},
    {96.316, 58.0447, -187919.1904859117, 6496097.8154186293},
    {107.27806204298402, 14.950879013381515, 422335.72969767882, 1653680.6657424588},
    {110.9739, 26.9834, 795295.99215268374, 2989270.2143823461},
    {112.03753741529266, -4.067248103714391, 948702.45012787239, -450863.33900398846},
    {111.3376, 10.6814, 865338.01865743371, 1183198.4558072246},
    {108.40458197485556, 47.270310664308134, 530615.33111531945, 5237377.7862451196},
    {108.1391, 41.4953, 511615.15816655425, 4595590.0062917674},
    {110.05693770443511, 6.265603349576862, 727666.63808449489, 693288.37255521639},
    {114.1975, 33.1461, 1078676.1094812267, 3686104.2654233842},
    {107.40380297854713, -80.665978747203, 489200.66265774543, -8959559.9246034457},
    {110.1932, 27.1102, 717504.50358610744, 3001738.582314856},
    {110.62588708878964, 47.819452813029564, 696633.80788374317, 5301692.9492634839},
    {113.1391, 72.429, 673042.16132729074, 8047405.1463452215},
    {107.68489021200223, 43.84634732024664, 474661.10486840606, 4856798.1745202124},
    {107.6677, 50.7149, 476530.67426427624, 5620422.2947955041},
    {112.5463999240565, -69.23785872628912, 679793.96800502894, -7690632.8571267412},
    {99.2633, 14.0663, -446850.69636529625, 1573326.5645612099},
    {109.3964404166946, 25.244255197998893, 640699.7410128821, 2793842.8038156574},
    {108.7599, -34.2235, 570019.56285413291, -3788714.2036346783},
    {108.08691580594872, 22.67917920109003, 508931.75078457574, 2509011.9257984257},
    {104.4219, 32.8388, 164917.94691605414, 3640548.7499367787},
};

static void test_exact(void **state)
{
    (void)state;
    struct wg_transform *there = open_transform("EPSG:4490", "EPSG:4545");
    struct wg_transform *back = open_transform("EPSG:4545", "EPSG:4490");
    for (size_t i = 0; i < COUNT(exact); i++) {
        double x = exact[i].lon, y = exact[i].lat;
        assert_int_equal(wg_transform_points(there, 1, &x, &y, NULL), WG_OK);
        if (!(fabs(x - exact[i].east) < 3e-9 && fabs(y - exact[i].north) < 3e-9))
            fail_msg("%.12f %.12f for %.12f %.12f", x, y, exact[i].east, exact[i].north);
        x = exact[i].east;
        y = exact[i].north;
        assert_int_equal(wg_transform_points(back, 1, &x, &y, NULL), WG_OK);
        double along = METRES_A_DEGREE * cos(y * RADIAN);
        assert_true(fabs(x - exact[i].lon) * along < 4e-9);
        assert_true(fabs(y - exact[i].lat) * METRES_A_DEGREE < 4e-9);
    }
    wg_transform_destroy(there);
    wg_transform_destroy(back);
}

/* ---- paths ---- */

static void check_paths(bool forward, size_t n, const struct batch *from)
{
    static struct batch want, got;
    static bool want_left[POINTS], got_left[POINTS];
    struct wg_krueger k;
    assert_true(wg_krueger_init(&k, 6378137, 298.257222101, 108, 0, 1, 500000, 0));
    for (int i = 0; wg_krueger_path_at(i); i++) {
        const struct wg_krueger_path *path = wg_krueger_path_at(i);
        memset(got_left, 0, sizeof got_left);
        got = *from;
        size_t left =
            (forward ? path->forward : path->inverse)(&k, n, got.x, got.y, got_left);
        for (size_t j = 0; j < POINTS; j++)
            left -= got_left[j];
        assert_int_equal(left, 0);
        /* nothing beyond n is touched, and what is left is as it was */
        for (size_t j = 0; j < POINTS; j++)
            if (j >= n || got_left[j])
                assert_true(memcmp(&got.x[j], &from->x[j], sizeof(double)) == 0 &&
                            memcmp(&got.y[j], &from->y[j], sizeof(double)) == 0);
        if (i == 0) {
            want = got;
            memcpy(want_left, got_left, sizeof want_left);
        } else if (memcmp(&want, &got, sizeof want) != 0 ||
                   memcmp(want_left, got_left, sizeof want_left) != 0) {
            fail_msg("%s differs from plain C", path->name);
        }
    }
}

static void test_paths_alike(void **state)
{
    static struct batch b;
    struct random r = {11};
    (void)state;
    scatter(&b, 108, 3);
    for (size_t i = 400; i < 500; i++) /* nonsense between good points */
        b.x[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : 1e300;
    for (size_t n = 0; n < 40; n++)
        check_paths(true, n, &b);
    check_paths(true, POINTS, &b);
    for (size_t i = 0; i < POINTS; i++) {
        b.x[i] = random_real(&r, -1e6, 2e6);
        b.y[i] = random_real(&r, -1e7, 1e7);
    }
    b.x[7] = -INFINITY;
    b.y[9] = NAN;
    for (size_t n = 0; n < 40; n++)
        check_paths(false, n, &b);
    check_paths(false, POINTS, &b);
}

/* A point alone, in a batch, by the other call, at another place: the same bits. */
static void test_alone_or_not(void **state)
{
    static struct batch b, one;
    static bool ok[POINTS];
    (void)state;
    scatter(&b, 108, 5);
    one = b;
    struct wg_transform *t = open_transform("EPSG:4490", "EPSG:4545");
    wg_transform_each(t, POINTS, b.x, b.y, ok);
    for (size_t i = 0; i < POINTS; i++) {
        double x = one.x[i], y = one.y[i];
        enum wg_status status = wg_transform_points(t, 1, &x, &y, NULL);
        assert_int_equal(status == WG_OK, ok[i]);
        if (ok[i])
            assert_true(x == b.x[i] && y == b.y[i]);
    }
    for (size_t i = 340; i < 340 + 9; i++) {
        struct batch tail = one;
        assert_int_equal(wg_transform_points(t, POINTS - i, tail.x + i, tail.y + i, NULL),
                         WG_OK);
        assert_memory_equal(tail.x + i, b.x + i, (POINTS - i) * sizeof(double));
        assert_memory_equal(tail.y + i, b.y + i, (POINTS - i) * sizeof(double));
    }
    wg_transform_destroy(t);
}

/* ---- errors ---- */

/* The words are those of a CRS that the series does not know. */
static void test_same_words(void **state)
{
    static const double bad[][2] = {
        {NAN, 30}, {108, INFINITY}, {108, 91}, {108, -91}, {1e30, 30}};
    static struct batch b, start;
    (void)state;
    struct wg_transform *series = open_transform("EPSG:4326", "EPSG:32649");
    struct wg_transform *proj = open_transform("EPSG:4326", "EPSG:3857");
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct wg_error a = {0}, p = {0};
        for (size_t k = 0; k < POINTS; k++) {
            b.x[k] = 110 + (double)k * 1e-5;
            b.y[k] = 30;
        }
        b.x[12345] = bad[i][0];
        b.y[12345] = bad[i][1];
        start = b;
        enum wg_status said = wg_transform_points(series, POINTS, b.x, b.y, &a);
        assert_memory_equal(&b, &start, sizeof b);
        assert_int_equal(said, wg_transform_points(proj, POINTS, b.x, b.y, &p));
        assert_int_equal(said, WG_OUT_OF_RANGE);
        assert_int_equal(a.row, 12345);
        assert_int_equal(p.row, 12345);
        assert_string_equal(a.text, p.text);
    }
    wg_transform_destroy(series);
    wg_transform_destroy(proj);
}

/* The web maps' frames keep their own step. */
static void test_frames(void **state)
{
    static const char *const frames[] = {"gcj02", "bd09", "bd09mc"};
    static struct batch b, p;
    struct random r = {13};
    double worst = 0;
    (void)state;
    PJ *pj = operation("EPSG:4490", "EPSG:4545");
    for (size_t i = 0; i < COUNT(frames); i++) {
        struct wg_transform *t = open_transform(frames[i], "EPSG:4545");
        struct wg_transform *to = open_transform("EPSG:4326", frames[i]);
        for (size_t k = 0; k < POINTS; k++) {
            b.x[k] = random_real(&r, 105, 111);
            b.y[k] = random_real(&r, 18, 53);
        }
        p = b;
        assert_int_equal(wg_transform_points(to, POINTS, b.x, b.y, NULL), WG_OK);
        assert_int_equal(wg_transform_points(t, POINTS, b.x, b.y, NULL), WG_OK);
        by_proj(pj, PJ_FWD, POINTS, &p);
        for (size_t k = 0; k < POINTS; k++)
            worst = fmax(worst, fmax(fabs(b.x[k] - p.x[k]), fabs(b.y[k] - p.y[k])));
        wg_transform_destroy(t);
        wg_transform_destroy(to);
    }
    proj_destroy(pj);
    assert_true(worst < 4e-6);
}

static void test_refused_numbers(void **state)
{
    struct wg_krueger k;
    (void)state;
    assert_false(wg_krueger_init(&k, 6378137, 0, 108, 0, 1, 0, 0));
    assert_false(wg_krueger_init(&k, 6378137, INFINITY, 108, 0, 1, 0, 0));
    assert_false(wg_krueger_init(&k, 6378137, 100, 108, 0, 1, 0, 0));
    assert_false(wg_krueger_init(&k, 3396190, 298, 108, 0, 1, 0, 0));
    assert_false(wg_krueger_init(&k, 6378137, 298, NAN, 0, 1, 0, 0));
    assert_false(wg_krueger_init(&k, 6378137, 298, 108, 0, 0, 0, 0));
    assert_true(wg_krueger_init(&k, 6378137, 298, 108, 0, 1, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_used_for),     cmocka_unit_test(test_not_used_for),
        cmocka_unit_test(test_like_proj),    cmocka_unit_test(test_plane_to_plane),
        cmocka_unit_test(test_exact),        cmocka_unit_test(test_paths_alike),
        cmocka_unit_test(test_alone_or_not), cmocka_unit_test(test_same_words),
        cmocka_unit_test(test_frames),       cmocka_unit_test(test_refused_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
