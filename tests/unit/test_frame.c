/* Tests of the frames: published vectors, traps and round trips of GCJ-02 and BD-09. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "random.h"
#include "shared.h"
#include "wangge/crs.h"

#define METRES_PER_DEGREE 111320.0
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct vector {
    enum wg_frame from, to;
    struct wg_point in, out;
    double tolerance;
};

#define WGS WG_FRAME_WGS84
#define GCJ WG_FRAME_GCJ02
#define BD WG_FRAME_BD09
#define MC WG_FRAME_BD09MC

static const struct vector vectors[] = {
    /* eviltransform's three, the second with its last digits as the formula gives them */
    {WGS, GCJ, {121.5272106, 31.1774276}, {121.531541859215, 31.17530398364597}, 1e-12},
    {WGS, GCJ, {113.912316, 22.543847}, {113.9171764808363, 22.540796131694766}, 1e-12},
    {WGS, GCJ, {116.377817, 39.911954}, {116.38404722455657, 39.91334545536069}, 1e-12},
    /* coordtransform's */
    {WGS, GCJ, {116.404, 39.915}, {116.41024449916938, 39.91640428150164}, 1e-12},
    {GCJ, BD, {116.404, 39.915}, {116.41036949371029, 39.92133699351021}, 1e-12},
    /* a point of pg-coordtransform's issue 10, on CGCS2000 */
    {WGS,
     GCJ,
     {111.43877780268987, 27.223905373786593},
     {111.44439660708835, 27.220718937598154},
     1e-12},
    /* computed for Bijiang with 40 digits */
    {WGS, GCJ, {109.19, 27.72}, {109.194577610190, 27.716728497511}, 1e-11},
    {WGS, BD, {109.19, 27.72}, {109.200994484000, 27.723042127868}, 1e-11},
    {WGS, GCJ, {109.1850122, 27.7347803}, {109.189597980005, 27.731515973983}, 1e-11},
    {WGS, BD, {109.1850122, 27.7347803}, {109.196037815459, 27.737798938542}, 1e-11},
    {WGS, GCJ, {109.15, 27.68}, {109.154634131304, 27.676806033880}, 1e-11},
    {WGS, BD, {109.15, 27.68}, {109.161179014820, 27.682566300356}, 1e-11},
    {WGS, GCJ, {109.25, 27.78}, {109.254547501856, 27.776660698990}, 1e-11},
    {WGS, BD, {109.25, 27.78}, {109.261130830306, 27.782347059309}, 1e-11},
    /* gcoord's Mercator */
    {BD, MC, {-123, -45}, {-13692446.35077864, -5591020.962240655}, 1e-8},
    {BD, MC, {123, 0}, {13692446.35430805, 0.00369383431289}, 1e-8},
};

static double distance(struct wg_point a, struct wg_point b)
{
    return fmax(fabs(a.x - b.x), fabs(a.y - b.y));
}

static struct wg_point convert(enum wg_frame from, enum wg_frame to, struct wg_point p)
{
    struct wg_point out = {NAN, NAN};
    assert_int_equal(wg_frame_convert(from, to, p, &out), WG_OK);
    return out;
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const struct vector *v = &vectors[i];
        struct wg_point out = convert(v->from, v->to, v->in);
        struct wg_point back = convert(v->to, v->from, out);
        if (!(distance(out, v->out) <= v->tolerance))
            fail_msg("vector %zu: %.15g %.15g", i, out.x, out.y);
        assert_true(distance(back, v->in) <= 1e-11);
    }
}

/* One-step inverses that other libraries publish are up to 5 m off; ours is exact. */
static void test_inverse_beats_one_step(void **state)
{
    static const struct {
        enum wg_frame from, to;
        struct wg_point in, one_step;
        double most_m;
    } cases[] = {
        {GCJ, WGS, {116.404, 39.915}, {116.39775550083061, 39.91359571849836}, 5},
        {BD, GCJ, {116.404, 39.915}, {116.39762729119315, 39.90865673957631}, 0.3},
        {GCJ,
         WGS,
         {111.44439660708835, 27.220718937598154},
         {111.43878623805693, 27.223915830237093},
         1.6},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wg_point out = convert(cases[i].from, cases[i].to, cases[i].in);
        double off_m = distance(out, cases[i].one_step) * METRES_PER_DEGREE;
        assert_true(off_m > 0.01 && off_m < cases[i].most_m);
        assert_true(distance(convert(cases[i].to, cases[i].from, out), cases[i].in) <
                    1e-12);
    }
}

/* Every field of the next line of a CSV as a number; false at the end. */
static bool next_row(char **at, double *fields, size_t n)
{
    char *line = *at, *end = strchr(line, '\n');
    if (!*line)
        return false;
    *at = end ? end + 1 : line + strlen(line);
    for (size_t i = 0; i < n; i++) {
        fields[i] = strtod(line, NULL);
        line = strchr(line, ',');
        if (!line || line >= *at)
            return i + 1 == n;
        line++;
    }
    return true;
}

/* gcoord's cities.  Its WGS 84 column was made by a loose inverse: 1e-5 degrees. */
static void test_cities(void **state)
{
    double f[16];
    int n = 0;
    (void)state;
    char *text = shared_text("coord_vectors/gcoord_china_cities.csv"), *at = text;
    if (!text)
        return;
    for (next_row(&at, f, 16); next_row(&at, f, 16); n++) {
        struct wg_point bd = {f[4], f[5]}, mc = {f[6], f[7]};
        struct wg_point gcj = {f[10], f[11]}, wgs = {f[14], f[15]};
        assert_true(distance(convert(WGS, GCJ, wgs), gcj) < 1e-5);
        assert_true(distance(convert(GCJ, WGS, gcj), wgs) < 1e-5);
        assert_true(distance(convert(GCJ, BD, gcj), bd) < 1.1e-7);
        assert_true(distance(convert(BD, GCJ, bd), gcj) < 1.1e-7);
        assert_true(distance(convert(BD, MC, bd), mc) < 0.008);
        assert_true(distance(convert(MC, BD, mc), bd) < 6e-8);
    }
    assert_true(n > 300);
    free(text);
}

static void test_round_trips(void **state)
{
    struct random r = {2026};
    double worst[4] = {0};
    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct wg_point p = {random_real(&r, 73.7, 135), random_real(&r, 18, 53.5)};
        for (int f = GCJ; f <= MC; f++) {
            struct wg_point there = convert(WGS, (enum wg_frame)f, p);
            struct wg_point back = convert((enum wg_frame)f, WGS, there);
            worst[f] = fmax(worst[f], distance(back, p) * METRES_PER_DEGREE);
        }
    }
    assert_true(worst[GCJ] <= 1e-6);
    assert_true(worst[BD] <= 1e-6);
    assert_true(worst[MC] <= 1e-6);
}

/* √|lon - 105| has a kink: right beside it too the inverse is found or reported. */
static void test_kink_at_105(void **state)
{
    int found = 0;
    (void)state;
    for (int k = -400; k <= 400; k++) {
        double beside = copysign(k ? pow(10, -(abs(k) / 25.0) - 1) : 0, k);
        struct wg_point p = {105 + beside, 30.5}, back;
        enum wg_status status = wg_gcj02_to_wgs84(wg_gcj02_from_wgs84(p), &back, NULL);
        if (status) {
            assert_int_equal(status, WG_NO_CONVERGENCE);
            assert_true(fabs(beside) < 1e-6);
            continue;
        }
        found++;
        assert_true(distance(p, back) * METRES_PER_DEGREE <= 1e-6);
    }
    assert_true(found > 700);
}

static void test_box(void **state)
{
    static const struct wg_point inside[] = {
        {72.004, 30}, {137.8347, 30}, {105, 0.8293}, {105, 55.8271}};
    static const struct wg_point outside[] = {
        {72.0039, 30}, {137.8348, 30}, {105, 0.8292},   {105, 55.8272},
        {-74, 40.7},   {NAN, 30},      {105, INFINITY}, {-109.19, -27.72}};
    (void)state;
    for (size_t i = 0; i < COUNT(inside); i++) {
        struct wg_point out = wg_gcj02_from_wgs84(inside[i]);
        double off_m = distance(out, inside[i]) * METRES_PER_DEGREE;
        assert_true(wg_gcj02_applies(inside[i]));
        assert_true(off_m > 100 && off_m < 1500); /* the jump at the edge */
    }
    for (size_t i = 0; i < COUNT(outside); i++) {
        struct wg_point out = wg_gcj02_from_wgs84(outside[i]), back;
        struct wg_point bd = wg_bd09_from_gcj02(outside[i]);
        assert_false(wg_gcj02_applies(outside[i]));
        assert_memory_equal(&out, &outside[i], sizeof out);
        assert_memory_equal(&bd, &outside[i], sizeof bd);
        if (!isfinite(out.x) || !isfinite(out.y)) {
            assert_int_equal(wg_gcj02_to_wgs84(out, &back, NULL), WG_OUT_OF_RANGE);
            assert_int_equal(wg_bd09_to_gcj02(out, &back, NULL), WG_OUT_OF_RANGE);
            continue;
        }
        assert_int_equal(wg_gcj02_to_wgs84(out, &back, NULL), WG_OK);
        assert_memory_equal(&back, &out, sizeof out);
    }
}

/* Inside the box by its western edge the shift points east: a GCJ-02 point there has
 * no WGS 84 point, and that is said, with the place. */
static void test_no_inverse_at_the_edge(void **state)
{
    struct wg_point shifted = wg_gcj02_from_wgs84((struct wg_point){72.004, 30}),
                    out = {7, 7};
    struct wg_error err;
    (void)state;
    assert_true(shifted.x > 72.005);
    struct wg_point image = {72.0041, 30};
    assert_int_equal(wg_gcj02_to_wgs84(image, &out, &err), WG_NO_CONVERGENCE);
    assert_true(err.x == image.x && err.y == image.y);
    assert_true(out.x == 7 && out.y == 7);
    assert_int_equal(wg_frame_convert(GCJ, WGS, image, &out), WG_NO_CONVERGENCE);
}

/* The shift that a wrong frame makes, and the traps of other implementations: each
 * must be told from ours by the vectors' tolerance. */
static void test_traps(void **state)
{
    const struct wg_point tongren = {109.19, 27.72};
    const double pi = acos(-1);
    (void)state;
    struct wg_point gcj = wg_gcj02_from_wgs84(tongren);
    double east_m = (gcj.x - tongren.x) * METRES_PER_DEGREE * cos(27.72 * pi / 180);
    double north_m = (gcj.y - tongren.y) * 110800;
    assert_true(fabs(hypot(east_m, north_m) - 578) < 3);
    /* a = 6378137 scales every shift by 108 / 6378137: a centimetre */
    double wrong_m = hypot(east_m, north_m) * (6378245.0 / 6378137.0 - 1);
    assert_true(wrong_m > 0.005 && wrong_m < 0.012);
    assert_true(wrong_m / METRES_PER_DEGREE > 1e-9);
    /* BD-09 without 3000/180: eviltransform's own test pair, which is not Baidu's */
    struct wg_point bd =
        wg_bd09_from_gcj02((struct wg_point){120.00877901149691, 29.196131605295484});
    assert_true(distance(bd, (struct wg_point){120.019809, 29.199786}) > 5e-5);
    /* swapped axes leave the box or land far away: never silently near */
    struct wg_point swapped = wg_gcj02_from_wgs84((struct wg_point){27.72, 109.19});
    assert_true(swapped.x == 27.72 && swapped.y == 109.19);
}

static void test_mercator_range(void **state)
{
    struct wg_point out;
    (void)state;
    assert_int_equal(wg_frame_convert(BD, MC, (struct wg_point){10, 74.01}, &out),
                     WG_OUT_OF_RANGE);
    assert_int_equal(wg_frame_convert(MC, BD, (struct wg_point){0, 2e7}, &out),
                     WG_OUT_OF_RANGE);
    assert_int_equal(wg_frame_convert(MC, BD, (struct wg_point){0, NAN}, &out),
                     WG_OUT_OF_RANGE);
    assert_int_equal(wg_frame_convert(BD, MC, (struct wg_point){1e308, 0}, &out),
                     WG_OUT_OF_RANGE); /* found by the fuzzer: infinitely far east */
    assert_int_equal(wg_frame_convert(WGS, GCJ, (struct wg_point){0, 90.5}, &out),
                     WG_OUT_OF_RANGE);
    for (int degree = -74; degree <= 74; degree++) {
        struct wg_point p = {degree * 2.0 + 1, degree};
        double limit = abs(degree) > 60 ? 1e-9 : 1e-11;
        assert_true(distance(convert(MC, BD, convert(BD, MC, p)), p) < limit);
    }
}

static void test_names(void **state)
{
    static const struct {
        const char *text;
        enum wg_frame frame;
    } names[] = {
        {"gcj02", GCJ},
        {"GCJ02", GCJ},
        {"gcj-02", GCJ},
        {"GCJ_02", GCJ},
        {"GCJ 02", GCJ},
        {"bd09", BD},
        {"BD-09", BD},
        {"bd09ll", BD},
        {"BD09MC", MC},
        {"bd-09-mc", MC},
        {"gcj", WG_FRAME_NONE},
        {"gcj021", WG_FRAME_NONE},
        {"wgs84", WG_FRAME_NONE},
        {"", WG_FRAME_NONE},
        {"EPSG:4545", WG_FRAME_NONE},
        {NULL, WG_FRAME_NONE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(wg_frame_parse(names[i].text), names[i].frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_inverse_beats_one_step),
        cmocka_unit_test(test_cities),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_kink_at_105),
        cmocka_unit_test(test_box),
        cmocka_unit_test(test_no_inverse_at_the_edge),
        cmocka_unit_test(test_traps),
        cmocka_unit_test(test_mercator_range),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
