/* Owns the lattice in integers: placing, meetings and crossings of segments. */
#include "lattice.h"

#include <math.h>

#include "internal.h"

__extension__ typedef __int128 wide;

/* Doubles below this many steps are exact in every function here. */
#define STEPS_MAX 4503599627370496.0

enum wg_status wg_lattice_around(struct wg_box box, struct wg_lattice *out,
                                 struct wg_error *err)
{
    double mid_x = box.min_x / 2 + box.max_x / 2, mid_y = box.min_y / 2 + box.max_y / 2;

    if (box.min_x == INFINITY && box.max_x == -INFINITY && box.min_y == INFINITY &&
        box.max_y == -INFINITY) {
        *out = (struct wg_lattice){0, 0};
        return WG_OK;
    }
    double far_x = fmax(fabs(box.min_x), fabs(box.max_x)) / WG_LATTICE_STEP;
    double far_y = fmax(fabs(box.min_y), fabs(box.max_y)) / WG_LATTICE_STEP;
    if (!(far_x < STEPS_MAX) || !(far_y < STEPS_MAX) || isnan(mid_x) || isnan(mid_y))
        return wg_fail_at(err, WG_OUT_OF_RANGE, box.max_x, box.max_y,
                          _("a coordinate is no finite number of metres; check the "
                            "geometry and its CRS"));
    struct wg_lattice at = {(int64_t)round(mid_x / WG_LATTICE_STEP),
                            (int64_t)round(mid_y / WG_LATTICE_STEP)};
    struct wg_spot spot;
    if (!wg_lattice_spot(&at, box.min_x, box.min_y, &spot))
        return wg_fail_at(err, WG_OUT_OF_RANGE, box.min_x, box.min_y,
                          _("the area reaches further than 524 km from its middle; edit "
                            "a smaller one, or check the CRS"));
    if (!wg_lattice_spot(&at, box.max_x, box.max_y, &spot))
        return wg_fail_at(err, WG_OUT_OF_RANGE, box.max_x, box.max_y,
                          _("the area reaches further than 524 km from its middle; edit "
                            "a smaller one, or check the CRS"));
    *out = at;
    return WG_OK;
}

/* Rounds as wg_lattice_snap does, so that what is on the lattice stays there. */
static bool place(int64_t origin, double metres, int32_t *out)
{
    double steps = round(metres / WG_LATTICE_STEP);
    if (!(fabs(steps) <= STEPS_MAX))
        return false;
    int64_t at = (int64_t)steps - origin;
    if (at < -WG_LATTICE_REACH || at > WG_LATTICE_REACH)
        return false;
    *out = (int32_t)at;
    return true;
}

bool wg_lattice_spot(const struct wg_lattice *lattice, double x, double y,
                     struct wg_spot *out)
{
    struct wg_spot spot;
    if (!place(lattice->x, x, &spot.x) || !place(lattice->y, y, &spot.y))
        return false;
    *out = spot;
    return true;
}

struct wg_point wg_lattice_point(const struct wg_lattice *lattice, struct wg_spot spot)
{
    return (struct wg_point){(double)(lattice->x + spot.x) * WG_LATTICE_STEP,
                             (double)(lattice->y + spot.y) * WG_LATTICE_STEP};
}

/* ---- meetings ---------------------------------------------------------------------- */

static int sign_of(int64_t value)
{
    return (value > 0) - (value < 0);
}

static bool west_of(struct wg_spot a, struct wg_spot b)
{
    return a.x < b.x || (a.x == b.x && a.y < b.y);
}

/* Two segments of one line. */
static enum wg_meeting meet_in_line(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                                    struct wg_spot d)
{
    struct wg_spot p0 = west_of(a, b) ? a : b, p1 = west_of(a, b) ? b : a;
    struct wg_spot q0 = west_of(c, d) ? c : d, q1 = west_of(c, d) ? d : c;
    struct wg_spot low = west_of(p0, q0) ? q0 : p0, high = west_of(p1, q1) ? p1 : q1;

    if (wg_spot_equal(p0, q0) && wg_spot_equal(p1, q1))
        return WG_SAME;
    if (wg_spot_equal(low, high))
        return WG_SHARE_END;
    return west_of(low, high) ? WG_OVERLAP : WG_APART;
}

enum wg_meeting wg_spot_meet(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                             struct wg_spot d)
{
    int c_side = sign_of(wg_spot_cross(a, b, c)),
        d_side = sign_of(wg_spot_cross(a, b, d));
    int a_side = sign_of(wg_spot_cross(c, d, a)),
        b_side = sign_of(wg_spot_cross(c, d, b));

    if (c_side == 0 && d_side == 0 && a_side == 0 && b_side == 0)
        return meet_in_line(a, b, c, d);
    if (wg_spot_equal(a, c) || wg_spot_equal(a, d) || wg_spot_equal(b, c) ||
        wg_spot_equal(b, d))
        return WG_SHARE_END;
    if (c_side * d_side < 0 && a_side * b_side < 0)
        return WG_CROSS;
    if ((c_side == 0 && wg_spot_between(a, b, c)) ||
        (d_side == 0 && wg_spot_between(a, b, d)) ||
        (a_side == 0 && wg_spot_between(c, d, a)) ||
        (b_side == 0 && wg_spot_between(c, d, b)))
        return WG_TOUCH;
    return WG_APART;
}

/* part / whole, whole > 0, to the nearest integer, ties up. */
static int32_t nearest(wide part, int64_t whole)
{
    wide doubled = 2 * part + whole, by = (wide)2 * whole;
    wide quotient = doubled / by;
    return (int32_t)(quotient - (doubled % by < 0));
}

struct wg_spot wg_spot_crossing(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                                struct wg_spot d)
{
    int64_t from = wg_spot_cross(c, d, a), to = wg_spot_cross(c, d, b);
    int64_t whole = from - to;

    if (whole < 0) {
        whole = -whole;
        from = -from;
    }
    return (struct wg_spot){
        a.x + nearest((wide)from * ((int64_t)b.x - a.x), whole),
        a.y + nearest((wide)from * ((int64_t)b.y - a.y), whole),
    };
}

bool wg_spot_is_hot(struct wg_spot a, struct wg_spot b, struct wg_spot c)
{
    /* Twice as fine, about c: the square is from -1 to 1, the ends are even. */
    int64_t ax = 2 * ((int64_t)a.x - c.x), ay = 2 * ((int64_t)a.y - c.y);
    int64_t bx = 2 * ((int64_t)b.x - c.x), by = 2 * ((int64_t)b.y - c.y);

    if ((ax < 0 && bx < 0) || (ax > 0 && bx > 0) || (ay < 0 && by < 0) ||
        (ay > 0 && by > 0))
        return false;
    int64_t dx = (int64_t)b.x - a.x, dy = (int64_t)b.y - a.y;
    if (dx == 0 || dy == 0)
        return true;
    /* On which side of the line the corners lie: lower left, lower right, … */
    int64_t mid = dy * ax - dx * ay;
    int64_t ll = mid + dy - dx, lr = mid - dy - dx, ul = mid + dy + dx,
            ur = mid - dy + dx;
    bool above = ll > 0 || lr > 0 || ul > 0 || ur > 0;
    bool below = ll < 0 || lr < 0 || ul < 0 || ur < 0;
    /* A line that touches one corner passes only when that corner belongs. */
    return ll == 0 || (above && below);
}

/* 0 for directions from east to before west, 1 for the others. */
static int half_turn(int64_t dx, int64_t dy)
{
    return dy < 0 || (dy == 0 && dx < 0);
}

int wg_spot_angle_compare(struct wg_spot from, struct wg_spot a, struct wg_spot b)
{
    int64_t ax = (int64_t)a.x - from.x, ay = (int64_t)a.y - from.y;
    int64_t bx = (int64_t)b.x - from.x, by = (int64_t)b.y - from.y;
    int half = half_turn(ax, ay) - half_turn(bx, by);

    return half ? half : -sign_of(ax * by - ay * bx);
}

double wg_spot_distance(struct wg_spot a, struct wg_spot b, struct wg_spot c)
{
    int64_t dx = (int64_t)b.x - a.x, dy = (int64_t)b.y - a.y;
    int64_t ex = (int64_t)c.x - a.x, ey = (int64_t)c.y - a.y;
    int64_t along = dx * ex + dy * ey, whole = dx * dx + dy * dy;

    if (along <= 0)
        return hypot((double)ex, (double)ey);
    if (along >= whole)
        return hypot((double)((int64_t)c.x - b.x), (double)((int64_t)c.y - b.y));
    return fabs((double)(dx * ey - dy * ex)) / sqrt((double)whole);
}
