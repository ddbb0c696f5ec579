/* Tests of crs: Gauss-Krüger vectors, axis order, cities' own pairs, PROJ's own tests,
 * what is refused, and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "shared.h"
#include "wangge/crs.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct wg_transform *open_transform(const char *from, const char *to)
{
    struct wg_transform *t = NULL;
    struct wg_error err;
    if (wg_transform_create(from, to, &t, &err))
        fail_msg("%s", err.text);
    return t;
}

static struct wg_point convert(const char *from, const char *to, double x, double y)
{
    struct wg_transform *t = open_transform(from, to);
    struct wg_error err;
    if (wg_transform_points(t, 1, &x, &y, &err))
        fail_msg("%s", err.text);
    wg_transform_destroy(t);
    return (struct wg_point){x, y};
}

static double distance(struct wg_point a, struct wg_point b)
{
    return fmax(fabs(a.x - b.x), fabs(a.y - b.y));
}

/* Computed with 40 digits: longitude, latitude, CRS, easting, northing. */
static const struct {
    double lon, lat;
    const char *crs;
    double east, north;
} krueger[] = {
    {109.19, 27.72, "EPSG:4545", 617356.603449, 3067979.870945},
    {109.19, 27.72, "EPSG:4546", 321489.988621, 3068724.758144},
    {109.5, 27.72, "EPSG:4545", 647932.070233, 3068313.796177},
    {109.5, 27.72, "EPSG:4546", 352067.929767, 3068313.796177},
    {108, 27.72, "EPSG:4545", 500000, 3067412.931815},
    {109.0, 27.5, "EPSG:4545", 598815.036133, 3043432.232752},
    {109.3, 27.8, "EPSG:4545", 628111.993874, 3076956.093697},
    {109.5, 18.25, "EPSG:4546", 341353.216072, 2019302.837019},
    {116.4, 39.9, "EPSG:4548", 448688.855734, 4418598.001259},
    {126, 45, "EPSG:4551", 500000, 4984944.377858},
    {108, 0, "EPSG:4545", 500000, 0},
    /* with the zone's number before the easting */
    {109.19, 27.72, "EPSG:4524", 36617356.603449, 3067979.870945},
    {109.19, 27.72, "EPSG:4525", 37321489.988621, 3068724.758144},
};

/* The same from CGCS2000 and from WGS 84, and back. */
static void test_gauss_krueger(void **state)
{
    static const char *const from[] = {"EPSG:4490", "EPSG:4326",
                                       "wgs84",     "CGCS2000",
                                       "OGC:CRS84", "+proj=longlat +datum=WGS84"};
    (void)state;
    for (size_t i = 0; i < COUNT(krueger); i++)
        for (size_t k = 0; k < COUNT(from); k++) {
            struct wg_point want = {krueger[i].east, krueger[i].north};
            struct wg_point at = {krueger[i].lon, krueger[i].lat};
            struct wg_point out = convert(from[k], krueger[i].crs, at.x, at.y);
            if (!(distance(out, want) <= 1e-6))
                fail_msg("%s %s: %.9f %.9f", from[k], krueger[i].crs, out.x, out.y);
            struct wg_point back = convert(krueger[i].crs, from[k], want.x, want.y);
            assert_true(distance(back, at) <= 2e-11);
        }
}

/* Metres on CGCS2000 to metres on WGS 84 and to degrees of the web maps. */
static void test_equal_datums(void **state)
{
    (void)state;
    struct wg_point utm =
        convert("EPSG:4545", "EPSG:32649", 617356.603449, 3067979.870945);
    assert_true(distance(utm, convert("EPSG:4490", "EPSG:32649", 109.19, 27.72)) < 2e-6);
    assert_true(distance(utm, convert("EPSG:4326", "EPSG:32649", 109.19, 27.72)) < 2e-6);
    struct wg_point back = convert("EPSG:32649", "EPSG:4545", utm.x, utm.y);
    assert_true(distance(back, (struct wg_point){617356.603449, 3067979.870945}) < 1e-6);
    struct wg_point gk = convert("gcj02", "EPSG:4545", 109.194577610190, 27.716728497511);
    assert_true(distance(gk, (struct wg_point){617356.603449, 3067979.870945}) < 1e-6);
    struct wg_point bd = convert("EPSG:4524", "bd09", 36617356.603449, 3067979.870945);
    assert_true(distance(bd, (struct wg_point){109.200994484, 27.723042127868}) < 2e-11);
    struct wg_point mc = convert("EPSG:4545", "bd09mc", gk.x, gk.y);
    assert_true(distance(convert("bd09mc", "EPSG:4545", mc.x, mc.y), gk) < 3e-6);
}

/* The ellipsoid shows: the figures of domain knowledge for the same degrees. */
static void test_wrong_ellipsoid_shows(void **state)
{
    (void)state;
    struct wg_point good = convert("EPSG:4490", "EPSG:4545", 109.19, 27.72);
    struct wg_point krass =
        convert("+proj=longlat +ellps=krass",
                "+proj=tmerc +lon_0=108 +x_0=500000 +ellps=krass", 109.19, 27.72);
    struct wg_point xian = convert("EPSG:4610", "EPSG:2381", 109.19, 27.72);
    struct wg_point beijing = convert("EPSG:4214", "EPSG:2433", 109.19, 27.72);
    assert_true(fabs(krass.y - 3068034.451393) < 1e-6);
    assert_true(fabs(krass.x - 617358.578439) < 1e-6);
    assert_true(fabs(krass.y - good.y - 54.58) < 0.01);
    assert_true(distance(beijing, krass) < 1e-6);
    assert_true(fabs(xian.y - 3067981.300329) < 1e-6);
    assert_true(fabs(xian.x - 617356.658712) < 1e-6);
    struct wg_point wgs = convert(
        "EPSG:4326", "+proj=tmerc +lon_0=108 +x_0=500000 +datum=WGS84", 109.19, 27.72);
    assert_true(fabs(wgs.y - 3067979.871035) < 1e-6); /* 0.09 mm: as good as equal */
}

/* Web Mercator's areas at Tongren are 1.28 times too large: 1 / cos² 27.72° = 1.276 on
 * its sphere, 1.281 on the ellipsoid. */
static void test_web_mercator_area(void **state)
{
    double x[] = {617306.6, 617406.6, 617406.6, 617306.6};
    double y[] = {3067929.9, 3067929.9, 3068029.9, 3068029.9};
    double twice = 0;
    (void)state;
    struct wg_transform *t = open_transform("EPSG:4545", "EPSG:3857");
    assert_int_equal(wg_transform_points(t, 4, x, y, NULL), WG_OK);
    for (int i = 1; i < 3; i++)
        twice += (x[i] - x[0]) * (y[i + 1] - y[0]) - (x[i + 1] - x[0]) * (y[i] - y[0]);
    assert_true(fabs(twice / 2 / 10000 - 1.2806) < 0.0005);
    wg_transform_destroy(t);
}

/* A district over the edge of a zone stays in one projection: walking east over
 * 109.5° the easting goes on without a jump. */
static void test_zone_edge(void **state)
{
    double x[2001], y[2001];
    (void)state;
    for (int i = 0; i <= 2000; i++) {
        x[i] = 109.49 + i * 1e-5;
        y[i] = 27.72;
    }
    struct wg_transform *t = open_transform("EPSG:4490", "EPSG:4545");
    assert_int_equal(wg_transform_points(t, 2001, x, y, NULL), WG_OK);
    for (int i = 1; i <= 2000; i++)
        assert_true(fabs(x[i] - x[i - 1] - 0.986) < 0.002);
    wg_transform_destroy(t);
    assert_int_equal(wg_crs_gk3_zone(109.19), 36);
    assert_int_equal(wg_crs_gk3_epsg(109.19), 4545);
    assert_int_equal(wg_crs_gk3_epsg(109.4999), 4545);
    assert_int_equal(wg_crs_gk3_epsg(109.5), 4546);
    assert_int_equal(wg_crs_gk3_zone(73.5), 25);
    assert_int_equal(wg_crs_gk3_epsg(73.5), 4534);
    assert_int_equal(wg_crs_gk3_epsg(136.4), 4554);
    assert_int_equal(wg_crs_gk3_epsg(73.4), 0);
    assert_int_equal(wg_crs_gk3_zone(136.5), 0);
    assert_int_equal(wg_crs_gk3_zone(NAN), 0);
    assert_int_equal(wg_crs_gk3_zone(-109), 0);
}

/* The EPSG code of every zone names the central meridian it should. */
static void test_zone_codes(void **state)
{
    (void)state;
    for (int meridian = 75; meridian <= 135; meridian += 3) {
        char crs[32], want[32];
        struct wg_crs_info info;
        snprintf(crs, sizeof crs, "EPSG:%d", wg_crs_gk3_epsg(meridian));
        snprintf(want, sizeof want, "CM %dE", meridian);
        assert_int_equal(wg_crs_describe(crs, &info, NULL), WG_OK);
        assert_non_null(strstr(info.name, want));
        assert_non_null(strstr(info.name, "CGCS2000 / 3-degree Gauss-Kruger"));
        assert_int_equal(wg_crs_check_district(crs, NAN, NULL), WG_OK);
    }
}

/* x is east whatever the authority lists, and a swapped point is not taken. */
static void test_axis_order(void **state)
{
    static const char *const same[] = {"EPSG:4545",
                                       "epsg:4545",
                                       "urn:ogc:def:crs:EPSG::4545",
                                       "CGCS2000 / 3-degree Gauss-Kruger CM 108E",
                                       "cgcs2000 / 3-degree gauss-kruger cm 108e",
                                       "+init=epsg:4545"};
    double x = 27.72, y = 109.19;
    struct wg_error err;
    (void)state;
    for (size_t i = 0; i < COUNT(same); i++) {
        struct wg_point out = convert("EPSG:4490", same[i], 109.19, 27.72);
        assert_true(distance(out, (struct wg_point){617356.603449, 3067979.870945}) <
                    1e-6);
    }
    struct wg_transform *t = open_transform("EPSG:4326", "EPSG:4545");
    assert_int_equal(wg_transform_points(t, 1, &x, &y, &err), WG_OUT_OF_RANGE);
    assert_int_equal(err.row, 0);
    assert_true(err.x == 27.72 && err.y == 109.19);
    assert_non_null(strstr(err.text, "east"));
    wg_transform_destroy(t);
}

static void test_identity(void **state)
{
    static const struct {
        const char *from, *to;
        bool identity;
    } cases[] = {
        {"EPSG:4545", "EPSG:4545", true},  {"EPSG:4326", "OGC:CRS84", true},
        {"EPSG:4326", "EPSG:4490", true},  {"gcj02", "GCJ-02", true},
        {"EPSG:4545", "EPSG:4546", false}, {"EPSG:4545", "EPSG:4524", false},
        {"wgs84", "gcj02", false},         {"gcj02", "bd09", false},
        {"bd09", "bd09mc", false},         {"EPSG:4490", "gcj02", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wg_transform *t = open_transform(cases[i].from, cases[i].to);
        assert_int_equal(wg_transform_is_identity(t), cases[i].identity);
        if (cases[i].identity) {
            double x = 109.19, y = 27.72;
            assert_int_equal(wg_transform_points(t, 1, &x, &y, NULL), WG_OK);
            assert_true(x == 109.19 && y == 27.72);
        }
        wg_transform_destroy(t);
    }
    wg_transform_destroy(NULL);
}

/* All or nothing, and point by point. */
static void test_bad_points(void **state)
{
    double x[] = {109.19, 109.2, NAN, 109.3}, y[] = {27.72, 27.7, 27.7, 95};
    double keep_x[4], keep_y[4];
    bool ok[4];
    struct wg_error err;
    (void)state;
    memcpy(keep_x, x, sizeof x);
    memcpy(keep_y, y, sizeof y);
    const char *const targets[] = {"EPSG:4545", "gcj02", "bd09"};
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct wg_transform *t = open_transform("EPSG:4326", targets[i]);
        assert_int_equal(wg_transform_points(t, 4, x, y, &err), WG_OUT_OF_RANGE);
        assert_int_equal(err.row, 2);
        assert_memory_equal(x, keep_x, sizeof x);
        assert_memory_equal(y, keep_y, sizeof y);
        double ex[4], ey[4];
        memcpy(ex, x, sizeof x);
        memcpy(ey, y, sizeof y);
        assert_int_equal(wg_transform_each(t, 4, ex, ey, ok), 2);
        assert_true(ok[0] && ok[1] && !ok[2] && !ok[3]);
        assert_true(isnan(ex[2]) && isnan(ey[2]) && isnan(ex[3]) && isnan(ey[3]));
        struct wg_point first = convert("EPSG:4326", targets[i], x[0], y[0]);
        assert_true(ex[0] == first.x && ey[0] == first.y);
        assert_int_equal(wg_transform_points(t, 0, NULL, NULL, &err), WG_OK);
        assert_int_equal(wg_transform_points(t, 2, x, y, &err), WG_OK);
        memcpy(x, keep_x, sizeof x);
        memcpy(y, keep_y, sizeof y);
        wg_transform_destroy(t);
    }
    struct wg_transform *t = open_transform("gcj02", "EPSG:4545");
    double ex[] = {109.19, 72.0041}, ey[] = {27.72, 30};
    assert_int_equal(wg_transform_points(t, 2, ex, ey, &err), WG_NO_CONVERGENCE);
    assert_int_equal(err.row, 1);
    wg_transform_destroy(t);
}

static void test_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "  ",
                                      "beijing",
                                      "4545",
                                      "EPSG:",
                                      "EPSG:99999",
                                      "EPSG:6326",
                                      "UTM zone 49",
                                      "EPSG:5773",
                                      "EPSG:4978",
                                      "GEOGCS[",
                                      "+proj=nonsense",
                                      "PROJCS[\"x\"]",
                                      "{}",
                                      "gcj",
                                      "网格"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct wg_transform *t = (struct wg_transform *)&t;
        struct wg_error err = {0};
        assert_int_equal(wg_transform_create(bad[i], "EPSG:4545", &t, &err), WG_CRS);
        assert_true(strlen(err.text) > 20);
        assert_true(t == (struct wg_transform *)&t);
        assert_int_equal(wg_transform_create("EPSG:4545", bad[i], &t, &err), WG_CRS);
        assert_int_equal(wg_crs_check_district(bad[i], NAN, &err), WG_CRS);
    }
    struct wg_error err;
    struct wg_transform *t;
    assert_int_equal(wg_transform_create("4545", "wgs84", &t, &err), WG_CRS);
    assert_non_null(strstr(err.text, "EPSG:4545"));
    assert_int_equal(wg_transform_create(NULL, "wgs84", &t, &err), WG_CRS);
}

static void test_describe(void **state)
{
    struct wg_crs_info info;
    char *wkt = NULL, *proj = NULL;
    (void)state;
    assert_int_equal(wg_crs_describe("EPSG:4545", &info, NULL), WG_OK);
    assert_true(info.projected && !info.geographic && info.unit_m == 1);
    assert_string_equal(info.auth, "EPSG");
    assert_int_equal(info.code, 4545);
    assert_string_equal(info.name, "CGCS2000 / 3-degree Gauss-Kruger CM 108E");
    assert_true(fabs(info.west - 106.5) < 0.02 && fabs(info.east - 109.5) < 0.02);
    assert_int_equal(wg_crs_describe("EPSG:4326", &info, NULL), WG_OK);
    assert_true(info.geographic && !info.projected && info.unit_m == 0);
    assert_int_equal(wg_crs_describe("EPSG:2263", &info, NULL), WG_OK);
    assert_true(info.projected && fabs(info.unit_m - 0.3048006096) < 1e-9);
    assert_int_equal(wg_crs_describe("+proj=utm +zone=49 +datum=WGS84", &info, NULL),
                     WG_OK);
    assert_true(info.projected && info.code == 0 && isnan(info.west));
    assert_string_equal(info.auth, "");
    assert_int_equal(wg_crs_describe("gcj02", &info, NULL), WG_OK);
    assert_true(info.geographic && info.west == 72.004);
    assert_int_equal(wg_crs_describe("nonsense", &info, NULL), WG_CRS);
    /* what is written reads back as the same */
    assert_int_equal(wg_crs_wkt("EPSG:4545", &wkt, NULL), WG_OK);
    assert_int_equal(wg_crs_proj4("EPSG:4545", &proj, NULL), WG_OK);
    assert_null(strstr(proj, "type=crs"));
    struct wg_transform *t = open_transform(wkt, "EPSG:4545");
    assert_true(wg_transform_is_identity(t));
    wg_transform_destroy(t);
    struct wg_point out = convert("EPSG:4490", proj, 109.19, 27.72);
    assert_true(fabs(out.x - 617356.603449) < 1e-6);
    wg_free(wkt);
    wg_free(proj);
    assert_int_equal(wg_crs_wkt("gcj02", &wkt, NULL), WG_CRS);
    assert_int_equal(wg_crs_proj4("nonsense", &wkt, NULL), WG_CRS);
}

static void test_district(void **state)
{
    static const struct {
        const char *crs;
        double lon;
        const char *says; /* NULL: can be */
    } cases[] = {
        {"EPSG:4545", NAN, NULL},
        {"EPSG:4524", 109.19, NULL},
        {"EPSG:32649", NAN, NULL},
        {"EPSG:27700", NAN, NULL},
        {"EPSG:26985", NAN, NULL},
        {"+proj=tmerc +lon_0=109.2 +ellps=GRS80", NAN, NULL},
        {"EPSG:4326", 109.19, "EPSG:4545"},
        {"EPSG:4490", 116.4, "EPSG:4548"},
        {"EPSG:4326", -74, "EPSG:32618"},
        {"EPSG:4326", NAN, "EPSG:4534"},
        {"EPSG:2263", NAN, "EPSG:32618"},
        {"EPSG:31985", NAN, NULL},
        {"EPSG:3857", 109.19, "EPSG:4545"},
        {"gcj02", 109.19, "EPSG:4545"},
        {"bd09mc", 109.19, "EPSG:4545"},
        {"EPSG:4545+5737", 109.19, "EPSG:4545"},
        {"EPSG:2053", NAN, "EPSG:327"}, /* axes west and south */
        {"EPSG:4978", 109.19, "EPSG:4545"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wg_error err = {0};
        enum wg_status status = wg_crs_check_district(cases[i].crs, cases[i].lon, &err);
        if (!cases[i].says && status)
            fail_msg("%s", err.text);
        if (cases[i].says && (status != WG_CRS || !strstr(err.text, cases[i].says) ||
                              !strstr(err.text, cases[i].crs)))
            fail_msg("%s: %s", cases[i].crs, err.text);
    }
}

/* ---- files ---- */

/* A city's own pairs of plane and degrees. */
static void check_city(const char *file, const char *crs, double tolerance_m,
                       double unit_m)
{
    char *text = shared_text(file);
    double worst = 0;
    int n = 0;
    if (!text)
        return;
    struct wg_transform *t = open_transform("EPSG:4326", crs);
    for (char *line = strchr(text, '\n'); line && line[1];
         line = strchr(line + 1, '\n')) {
        double x, y, lon, lat;
        if (sscanf(line + 1, "%*[^,],%lf,%lf,%lf,%lf", &x, &y, &lon, &lat) != 4)
            fail_msg("%s: line %d", file, n + 2);
        assert_int_equal(wg_transform_points(t, 1, &lon, &lat, NULL), WG_OK);
        worst = fmax(worst, hypot(lon - x, lat - y) * unit_m);
        n++;
    }
    wg_transform_destroy(t);
    free(text);
    assert_true(n > 700);
    if (!(worst <= tolerance_m))
        fail_msg("%s: %g m", file, worst);
}

static void test_cities(void **state)
{
    (void)state;
    /* EPSG:4269 equals WGS 84 in a city's eyes: the tolerances are the data's */
    check_city("coord_vectors/city_dc_epsg26985.csv", "EPSG:26985", 0.04, 1);
    check_city("coord_vectors/city_nyc_epsg2263.csv", "EPSG:2263", 0.0045, 0.3048006);
}

static double metres_of(const char *tolerance)
{
    char *end;
    double value = strtod(tolerance, &end);
    while (*end == ' ')
        end++;
    return value * (*end == 'n' ? 1e-9 : *end == 'm' && end[1] == 'm' ? 1e-3 : 1);
}

/* The words of a PROJ string that name the Earth: degrees on the same. */
static void base_of(const char *operation, char *out, size_t size)
{
    static const char *const words[] = {"ellps", "datum", "a", "b", "rf", "R", "f", "es"};
    char copy[512];
    snprintf(copy, sizeof copy, "%s", operation);
    snprintf(out, size, "+proj=longlat");
    char *rest = NULL;
    for (char *word = strtok_r(copy, " +", &rest); word;
         word = strtok_r(NULL, " +", &rest))
        for (size_t i = 0; i < COUNT(words); i++)
            if (strcspn(word, "=") == strlen(words[i]) &&
                strncmp(word, words[i], strlen(words[i])) == 0) {
                size_t n = strlen(out);
                snprintf(out + n, size - n, " +%s", word);
            }
}

static bool is_city_projection(const char *operation)
{
    static const char *const names[] = {"=utm", "=tmerc", "=etmerc", "=merc",
                                        "=lcc", "=aea",   "=sterea"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *at = strstr(operation, names[i]);
        if (at && (at[strlen(names[i])] == ' ' || !at[strlen(names[i])]))
            return true;
    }
    return false;
}

/* One line of PROJ's own tests; false when it is not for us. */
static bool check_gie(char *line)
{
    char *field[8], base[512];
    int n = 0;
    double x, y, want_x, want_y;
    for (char *rest = line; n < 8 && rest; n++) {
        char *at = strsep(&rest, ",");
        field[n] = at;
    }
    /* PROJ 9.1 is worse on spheres than its later tests want; without an ellipsoid an
     * operation takes another one than a CRS does. */
    if (n != 8 || !is_city_projection(field[1]) || strstr(field[1], "approx") ||
        strstr(field[1], "+R") || !strstr(field[1], "+ellps"))
        return false;
    bool forward = strcmp(field[4], "forward") == 0;
    if (sscanf(field[6], "%lf %lf", &x, &y) != 2 ||
        sscanf(field[7], "%lf %lf", &want_x, &want_y) != 2)
        return false; /* an expected failure */
    base_of(field[1], base, sizeof base);
    struct wg_transform *t = NULL;
    if (wg_transform_create(forward ? base : field[1], forward ? field[1] : base, &t,
                            NULL))
        fail_msg("%s", field[1]);
    if (wg_transform_points(t, 1, &x, &y, NULL))
        fail_msg("%s: %s", field[1], field[6]);
    wg_transform_destroy(t);
    double tolerance = metres_of(field[5]) / (forward ? 1 : 111320) + 1e-9 / 111320;
    double off = hypot(x - want_x, y - want_y);
    /* inverses list 9 or more decimals of a degree */
    if (!(off <= fmax(tolerance, forward ? 1e-8 : 1.5e-9)))
        fail_msg("%s: %s: %.12g %.12g, off by %g", field[1], field[6], x, y, off);
    return true;
}

static void test_gie(void **state)
{
    char *text = shared_text("coord_vectors/proj_gie_vectors.csv"), *rest = text;
    int n = 0;
    (void)state;
    if (!text)
        return;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        n += check_gie(line);
    print_message("# %d of PROJ's own vectors\n", n);
    assert_true(n > 100);
    free(text);
}

/* ---- threads ---- */

static void *work(void *user)
{
    const size_t n = 2000;
    double *x = malloc(2 * n * sizeof *x), *y = x + n;
    struct random r = {(uint64_t)(uintptr_t)user};
    struct wg_transform *t = NULL, *back = NULL;
    bool good = x && !wg_transform_create("gcj02", "EPSG:4545", &t, NULL) &&
                !wg_transform_create("EPSG:4545", "gcj02", &back, NULL);
    for (int round = 0; good && round < 5; round++) {
        double at_x = random_real(&r, 107, 110), at_y = random_real(&r, 20, 40);
        for (size_t i = 0; i < n; i++) {
            x[i] = at_x;
            y[i] = at_y;
        }
        good = !wg_transform_points(t, n, x, y, NULL) &&
               !wg_transform_points(back, n, x, y, NULL) &&
               fabs(x[n - 1] - at_x) < 1e-10 && fabs(y[n - 1] - at_y) < 1e-10;
    }
    wg_transform_destroy(t);
    wg_transform_destroy(back);
    free(x);
    return good ? user : NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    (void)state;
    for (uintptr_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
    for (uintptr_t i = 0; i < 4; i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_non_null(good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gauss_krueger),
        cmocka_unit_test(test_equal_datums),
        cmocka_unit_test(test_wrong_ellipsoid_shows),
        cmocka_unit_test(test_web_mercator_area),
        cmocka_unit_test(test_zone_edge),
        cmocka_unit_test(test_zone_codes),
        cmocka_unit_test(test_axis_order),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_bad_points),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_district),
        cmocka_unit_test(test_cities),
        cmocka_unit_test(test_gie),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("crs", tests, NULL, NULL);
}
