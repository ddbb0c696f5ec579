/* Every zone of China's and of UTM takes the series and agrees with PROJ, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <string.h>

#include "crs_step.h"
#include "random.h"
#include "wangge/crs.h"

enum { POINTS = 20000 };

static const struct {
    const char *geographic;
    int first, last;
} ranges[] = {
    {"EPSG:4490", 4491, 4501},   /* 6-degree zones, numbered */
    {"EPSG:4490", 4502, 4512},   /* by their meridian */
    {"EPSG:4490", 4513, 4533},   /* 3-degree zones, numbered */
    {"EPSG:4490", 4534, 4554},   /* by their meridian */
    {"EPSG:4326", 32601, 32660}, /* UTM north */
    {"EPSG:4326", 32701, 32760}, /* and south */
};

struct worst {
    double there_m, back_m, round_m;
};

/* The whole strip, and mostly the zone; every latitude, and mostly China's. */
static void scatter(struct random *r, double lon_0, double *x, double *y)
{
    for (int i = 0; i < POINTS; i++) {
        double width = i % 3 == 0 ? 12 : i % 3 == 1 ? 3 : 1.5;
        x[i] = random_real(r, fmax(lon_0 - width, -180), fmin(lon_0 + width, 180));
        y[i] = i % 2 ? random_real(r, 3, 54) : random_real(r, -84, 84);
    }
}

static void compare(int code, double unit, const double *x, const double *y,
                    const double *want_x, const double *want_y, double *worst)
{
    for (int i = 0; i < POINTS; i++) {
        double along = unit == 1 ? 1 : unit * cos(want_y[i] * 0.017453292519943295);
        double far = fmax(fabs(x[i] - want_x[i]) * along, fabs(y[i] - want_y[i]) * unit);
        if (!(far <= 2e-8))
            fail_msg("EPSG:%d: %.12f %.12f, not %.12f %.12f", code, x[i], y[i], want_x[i],
                     want_y[i]);
        *worst = fmax(*worst, far);
    }
}

static void check_zone(struct random *r, const char *geographic, int code,
                       struct worst *worst)
{
    static double lon[POINTS], lat[POINTS], x[POINTS], y[POINTS], px[POINTS], py[POINTS];
    char plane[32];
    struct wg_step there, back;
    snprintf(plane, sizeof plane, "EPSG:%d", code);
    PJ *a = proj_create(NULL, geographic), *b = proj_create(NULL, plane);
    PJ *ways[2];
    for (int i = 0; i < 2; i++) {
        PJ *raw = proj_create_crs_to_crs_from_pj(NULL, i ? b : a, i ? a : b, NULL, NULL);
        ways[i] = proj_normalize_for_visualization(NULL, raw);
        proj_destroy(raw);
    }
    wg_step_init(&there, NULL, a, b, ways[0]);
    wg_step_init(&back, NULL, b, a, ways[1]);
    if (!there.path || !back.path)
        fail_msg("EPSG:%d is left to PROJ", code);

    scatter(r, there.to.lon_0_deg, lon, lat);
    memcpy(x, lon, sizeof x);
    memcpy(y, lat, sizeof y);
    memcpy(px, lon, sizeof x);
    memcpy(py, lat, sizeof y);
    wg_step_run(&there, POINTS, x, y);
    proj_trans_generic(ways[0], PJ_FWD, px, 8, POINTS, py, 8, POINTS, NULL, 0, 0, NULL, 0,
                       0);
    compare(code, 1, x, y, px, py, &worst->there_m);
    memcpy(px, x, sizeof x);
    memcpy(py, y, sizeof y);
    wg_step_run(&back, POINTS, x, y);
    proj_trans_generic(ways[1], PJ_FWD, px, 8, POINTS, py, 8, POINTS, NULL, 0, 0, NULL, 0,
                       0);
    compare(code, 111320, x, y, px, py, &worst->back_m);
    compare(code, 111320, x, y, lon, lat, &worst->round_m);
    wg_step_finish(&there);
    wg_step_finish(&back);
    proj_destroy(a);
    proj_destroy(b);
}

static void test_every_zone(void **state)
{
    struct random r = {1};
    struct worst worst = {0, 0, 0};
    int zones = 0;
    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (int code = ranges[i].first; code <= ranges[i].last; code++, zones++)
            check_zone(&r, ranges[i].geographic, code, &worst);
    printf("# %d zones, metres at most: there %.1e, back %.1e, round %.1e\n", zones,
           worst.there_m, worst.back_m, worst.round_m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_zone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
