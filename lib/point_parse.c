/* Owns points typed as numbers: "x,y", "@dx,dy", "@length<angle". */
#include <math.h>
#include <string.h>

#include "decimal.h"
#include "internal.h"
#include "wangge/coverage.h"

static void skip_blanks(const char **at)
{
    while (**at == ' ' || **at == '\t')
        ++*at;
}

/* One of the ASCII sign and the wide sign a Chinese keyboard types for it. */
static bool skip_sign(const char **at, const char *ascii, const char *wide)
{
    skip_blanks(at);
    const char *sign = **at == *ascii ? ascii : wide;
    size_t n = strlen(sign);

    if (strncmp(*at, sign, n) != 0)
        return false;
    *at += n;
    skip_blanks(at);
    return true;
}

/* sin and cos of an angle in degrees, exact at every quarter turn. */
static void direction(double degrees, double *cosine, double *sine)
{
    const double pi = 3.14159265358979323846;
    double part = fmod(degrees, 360.0); /* exact */
    double quarter = nearbyint(part / 90.0);
    double rest = (part - 90.0 * quarter) * (pi / 180.0);
    double c = cos(rest), s = sin(rest);

    switch (((int)quarter % 4 + 4) % 4) {
    case 0:
        *cosine = c, *sine = s;
        break;
    case 1:
        *cosine = -s, *sine = c;
        break;
    case 2:
        *cosine = -c, *sine = -s;
        break;
    default:
        *cosine = s, *sine = -c;
        break;
    }
}

enum wg_status wg_point_parse(const char *text, const struct wg_point *last,
                              struct wg_point *out, struct wg_error *err)
{
    const char *at = text = text ? text : "";
    double first, second;
    bool relative = skip_sign(&at, "@", "＠"), polar = false;

    if (relative && !last)
        return wg_fail(err, WG_INVALID,
                       _("“%s” counts from the last point, but there is none yet: type "
                         "the first point as x,y."),
                       text);
    bool good = wg_decimal_read(&at, &first);
    if (good) {
        polar = relative && skip_sign(&at, "<", "＜");
        good = (polar || skip_sign(&at, ",", "，")) && wg_decimal_read(&at, &second);
    }
    skip_blanks(&at);
    if (!good || *at != '\0')
        return wg_fail(err, WG_INVALID,
                       _("“%s” is not a point: type x,y in metres, @dx,dy from the last "
                         "point, or @length<angle in degrees counter-clockwise from "
                         "east."),
                       text);
    struct wg_point p = {first, second};
    if (polar) {
        double c, s;
        direction(second, &c, &s);
        p = (struct wg_point){first * c, first * s};
    }
    if (relative)
        p = (struct wg_point){last->x + p.x, last->y + p.y};
    if (!isfinite(p.x) || !isfinite(p.y))
        return wg_fail(err, WG_OUT_OF_RANGE, _("“%s” is further away than numbers go."),
                       text);
    *out = p;
    return WG_OK;
}
