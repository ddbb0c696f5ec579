/* GCJ-02, BD-09 and BD-09 Mercator: the published formulas and their inverses. */
#include "frame.h"

#include <math.h>

#include "internal.h"
#include "wangge/crs.h"

#define PI 3.14159265358979323846

/* The Krassowsky ellipsoid, which the obfuscation turns metres into degrees with. */
#define SEMI_MAJOR_M 6378245.0
#define ECCENTRICITY_2 0.00669342162296594323

#define INVERSE_STEPS 10
#define RESIDUAL_GOAL_DEG 1e-13    /* a few roundings of a coordinate */
#define RESIDUAL_LIMIT_DEG 8.5e-12 /* under a micrometre on the ground */

bool wg_gcj02_applies(struct wg_point p)
{
    return p.x >= 72.004 && p.x <= 137.8347 && p.y >= 0.8293 && p.y <= 55.8271;
}

/* A pair of waves that every term of the obfuscation is built of. */
static double waves(double a, double angle_a, double b, double angle_b)
{
    return (a * sin(angle_a * PI) + b * sin(angle_b * PI)) * 2.0 / 3.0;
}

struct wg_point wg_gcj02_from_wgs84(struct wg_point p)
{
    if (!wg_gcj02_applies(p))
        return p;
    double x = p.x - 105.0, y = p.y - 35.0;
    double common = waves(20, 6 * x, 20, 2 * x);
    double north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y +
                     0.2 * sqrt(fabs(x)) + common + waves(20, y, 40, y / 3) +
                     waves(160, y / 12, 320, y / 30);
    double east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) +
                    common + waves(20, x, 40, x / 3) + waves(150, x / 12, 300, x / 30);
    double latitude = p.y * PI / 180, sine = sin(latitude);
    double w2 = 1 - ECCENTRICITY_2 * sine * sine, w = sqrt(w2);
    double meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / (w2 * w);
    double parallel_m = SEMI_MAJOR_M / w * cos(latitude);
    return (struct wg_point){p.x + east_m * 180 / (parallel_m * PI),
                             p.y + north_m * 180 / (meridian_m * PI)};
}

struct wg_point wg_bd09_from_gcj02(struct wg_point p)
{
    const double k = PI * 3000.0 / 180.0; /* the factor that eviltransform leaves out */
    if (!wg_gcj02_applies(p))
        return p;
    double z = sqrt(p.x * p.x + p.y * p.y) + 2e-5 * sin(p.y * k);
    double theta = atan2(p.y, p.x) + 3e-6 * cos(p.x * k);
    return (struct wg_point){z * cos(theta) + 0.0065, z * sin(theta) + 0.006};
}

/* The point that `forward` takes to `image`, by fixed-point iteration: both maps are
 * the identity plus a shift that changes by less than 2 % over its own length. */
static bool invert(struct wg_point (*forward)(struct wg_point), struct wg_point image,
                   struct wg_point *out)
{
    struct wg_point p = image;
    double residual = INFINITY;
    for (int step = 0; step <= INVERSE_STEPS; step++) {
        struct wg_point f = forward(p);
        double dx = f.x - image.x, dy = f.y - image.y;
        double now = fmax(fabs(dx), fabs(dy));
        if (now < residual) {
            residual = now;
            *out = p;
        }
        if (residual <= RESIDUAL_GOAL_DEG)
            break;
        p = (struct wg_point){p.x - dx, p.y - dy};
    }
    return residual <= RESIDUAL_LIMIT_DEG;
}

static enum wg_status invert_or_say(struct wg_point (*forward)(struct wg_point),
                                    const char *from, const char *to,
                                    struct wg_point image, struct wg_point *out,
                                    struct wg_error *err)
{
    struct wg_point p;
    if (!isfinite(image.x) || !isfinite(image.y))
        return wg_fail(err, WG_OUT_OF_RANGE,
                       _("A coordinate of the point is not a number. Leave the point out "
                         "or correct it."));
    if (!wg_gcj02_applies(image)) {
        *out = image;
        return WG_OK;
    }
    if (!invert(forward, image, &p))
        return wg_fail_at(err, WG_NO_CONVERGENCE, image.x, image.y,
                          _("No %s point is found for %s %.9f, %.9f: the inverse does "
                            "not settle there. Check the frame of the point."),
                          to, from, image.x, image.y);
    *out = p;
    return WG_OK;
}

enum wg_status wg_gcj02_to_wgs84(struct wg_point gcj, struct wg_point *out,
                                 struct wg_error *err)
{
    return invert_or_say(wg_gcj02_from_wgs84, "GCJ-02", "WGS 84", gcj, out, err);
}

enum wg_status wg_bd09_to_gcj02(struct wg_point bd, struct wg_point *out,
                                struct wg_error *err)
{
    return invert_or_say(wg_bd09_from_gcj02, "BD-09", "GCJ-02", bd, out, err);
}

/*
 * Baidu's Mercator: in each band of latitude the easting is linear in the longitude
 * and the northing a polynomial of degree 6 in |latitude| / centre.  The numbers are
 * facts of Baidu's map service, as gcoord and others list them.
 */
struct mercator_band {
    double from_deg; /* the band's equatorward latitude, itself in the band below */
    double east_0, east_1;
    double north[7];
    double centre_deg;
};

#define BAND_COUNT 5
#define MERCATOR_LATITUDE_MAX 74.0 /* Baidu's own limit */

static const struct mercator_band bands[BAND_COUNT] = {
    {60,
     0.0008277824516172526,
     111320.7020463578,
     {647795574.6671607, -4082003173.641316, 10774905663.51142, -15171875531.51559,
      12053065338.62167, -5124939663.577472, 913311935.9512032},
     67.5},
    {45,
     0.00337398766765,
     111320.7020202162,
     {4481351.045890365, -23393751.19931662, 79682215.47186455, -115964993.2797253,
      97236711.15602145, -43661946.33752821, 8477230.501135234},
     52.5},
    {30,
     0.00220636496208,
     111320.7020209128,
     {51751.86112841131, 3796837.749470245, 992013.7397791013, -1221952.21711287,
      1340652.697009075, -620943.6990984312, 144416.9293806241},
     37.5},
    {15,
     -0.0003441963504368392,
     111320.7020576856,
     {278.2353980772752, 2485758.690035394, 6070.750963243378, 54821.18345352118,
      9540.606633304236, -2710.55326746645, 1405.483844121726},
     22.5},
    {0,
     -0.0003218135878613132,
     111320.7020701615,
     {0.00369383431289, 823725.6402795718, 0.46104986909093, 2351.343141331292,
      1.58060784298199, 8.77738589078284, 0.37238884252424},
     7.45},
};

/* Northing and its derivative (metres per degree) at |latitude|. */
static double band_north(const struct mercator_band *band, double latitude, double *slope)
{
    double t = latitude / band->centre_deg, sum = band->north[6], derivative = 0;
    for (int i = 5; i >= 0; i--) {
        derivative = derivative * t + sum;
        sum = sum * t + band->north[i];
    }
    *slope = derivative / band->centre_deg;
    return sum;
}

static enum wg_status mercator_from_bd09(struct wg_point p, struct wg_point *out)
{
    double latitude = fabs(p.y), slope;
    if (!(latitude <= MERCATOR_LATITUDE_MAX))
        return WG_OUT_OF_RANGE;
    const struct mercator_band *band = bands;
    while (latitude <= band->from_deg && band + 1 < bands + BAND_COUNT)
        band++;
    *out = (struct wg_point){copysign(band->east_0 + band->east_1 * fabs(p.x), p.x),
                             copysign(band_north(band, latitude, &slope), p.y)};
    return WG_OK;
}

/* Newton inside the band that holds the northing.  The polynomials of two bands do not
 * quite meet (0.4 m at 45°): a northing in such a gap takes the band below it. */
static enum wg_status mercator_to_bd09(struct wg_point mc, struct wg_point *out)
{
    double north = fabs(mc.y), slope;
    const struct mercator_band *band = bands;
    if (!(north <= band_north(band, MERCATOR_LATITUDE_MAX, &slope)))
        return WG_OUT_OF_RANGE;
    while (band + 1 < bands + BAND_COUNT &&
           north < band_north(band, band->from_deg, &slope))
        band++;
    double latitude = band->centre_deg;
    for (int step = 0; step < 2 * INVERSE_STEPS; step++) {
        double change = (band_north(band, latitude, &slope) - north) / slope;
        latitude -= change;
        if (fabs(change) <= RESIDUAL_GOAL_DEG)
            break;
    }
    /* Beyond 60° the polynomial's terms cancel from 1e10 m: a double holds no more. */
    double limit_m = band == bands ? 1e-4 : 1e-6;
    if (!(fabs(band_north(band, latitude, &slope) - north) <= limit_m))
        return WG_NO_CONVERGENCE;
    double longitude = (fabs(mc.x) - band->east_0) / band->east_1;
    *out = (struct wg_point){copysign(longitude, mc.x), copysign(latitude, mc.y)};
    return WG_OK;
}

static const struct {
    const char *name;
    enum wg_frame frame;
} frame_names[] = {
    {"gcj02", WG_FRAME_GCJ02},
    {"bd09", WG_FRAME_BD09},
    {"bd09ll", WG_FRAME_BD09},
    {"bd09mc", WG_FRAME_BD09MC},
};

/* Equal, but for case, spaces, '-' and '_' in the text. */
static bool same_name(const char *text, const char *name)
{
    for (; *text; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c == ' ' || c == '-' || c == '_')
            continue;
        if (c != *name++)
            return false;
    }
    return *name == '\0';
}

enum wg_frame wg_frame_parse(const char *name)
{
    for (size_t i = 0; name && i < sizeof frame_names / sizeof frame_names[0]; i++)
        if (same_name(name, frame_names[i].name))
            return frame_names[i].frame;
    return WG_FRAME_NONE;
}

const char *wg_frame_name(enum wg_frame frame)
{
    switch (frame) {
    case WG_FRAME_GCJ02:
        return "GCJ-02";
    case WG_FRAME_BD09:
        return "BD-09";
    case WG_FRAME_BD09MC:
        return "BD-09 Mercator";
    case WG_FRAME_WGS84:
        return "WGS 84";
    case WG_FRAME_NONE:
        break;
    }
    return "?";
}

static enum wg_status step_up(enum wg_frame from, struct wg_point *p)
{
    switch (from) {
    case WG_FRAME_WGS84:
        *p = wg_gcj02_from_wgs84(*p);
        return WG_OK;
    case WG_FRAME_GCJ02:
        *p = wg_bd09_from_gcj02(*p);
        return WG_OK;
    default:
        return mercator_from_bd09(*p, p);
    }
}

static enum wg_status step_down(enum wg_frame from, struct wg_point *p)
{
    switch (from) {
    case WG_FRAME_BD09MC:
        return mercator_to_bd09(*p, p);
    case WG_FRAME_BD09:
        return wg_bd09_to_gcj02(*p, p, NULL);
    default:
        return wg_gcj02_to_wgs84(*p, p, NULL);
    }
}

enum wg_status wg_frame_convert(enum wg_frame from, enum wg_frame to,
                                struct wg_point point, struct wg_point *out)
{
    enum wg_status status = WG_OK;
    struct wg_point p = point;
    if (!isfinite(p.x) || !isfinite(p.y) || (from != WG_FRAME_BD09MC && fabs(p.y) > 90))
        return WG_OUT_OF_RANGE;
    for (; from < to && !status; from++)
        status = step_up(from, &p);
    for (; from > to && !status; from--)
        status = step_down(from, &p);
    if (!status && (!isfinite(p.x) || !isfinite(p.y)))
        status = WG_OUT_OF_RANGE;
    if (!status)
        *out = p;
    return status;
}
