/*
 * The lattice on which boundaries are edited, in integers: 2^-10 m steps, relative to an
 * origin that is itself on the lattice.  Coordinates are within ±2^29 steps (524 km) of
 * the origin, so every product of two differences fits 63 bits and every test is exact.
 */
#ifndef WG_LATTICE_H
#define WG_LATTICE_H

#include "wangge/geom.h"

/* Furthest from the origin, in steps. */
#define WG_LATTICE_REACH ((int32_t)1 << 29)

struct wg_spot {
    int32_t x, y;
};

/* The origin, in steps from (0, 0) of the CRS. */
struct wg_lattice {
    int64_t x, y;
};

/* The lattice whose origin is the middle of a box (metres); WG_OUT_OF_RANGE, with the
 * place, when the box reaches further than 524 km from its middle or is not finite.  An
 * empty box gives (0, 0). */
enum wg_status wg_lattice_around(struct wg_box box, struct wg_lattice *out,
                                 struct wg_error *err);
/* Nearest spot; false when it is out of reach (or NaN).  And back, exactly. */
bool wg_lattice_spot(const struct wg_lattice *lattice, double x, double y,
                     struct wg_spot *out);
struct wg_point wg_lattice_point(const struct wg_lattice *lattice, struct wg_spot spot);

static inline bool wg_spot_equal(struct wg_spot a, struct wg_spot b)
{
    return a.x == b.x && a.y == b.y;
}

/* Twice the signed area of a, b, c: positive when the turn is left. */
static inline int64_t wg_spot_cross(struct wg_spot a, struct wg_spot b, struct wg_spot c)
{
    return ((int64_t)b.x - a.x) * ((int64_t)c.y - a.y) -
           ((int64_t)b.y - a.y) * ((int64_t)c.x - a.x);
}

/* Is c, which lies on the line through a and b, strictly between them? */
static inline bool wg_spot_between(struct wg_spot a, struct wg_spot b, struct wg_spot c)
{
    int64_t dot = ((int64_t)a.x - c.x) * ((int64_t)b.x - c.x) +
                  ((int64_t)a.y - c.y) * ((int64_t)b.y - c.y);
    return dot < 0;
}

/* How two segments meet. */
enum wg_meeting {
    WG_APART,     /* nothing in common */
    WG_SHARE_END, /* one end of both, nothing else */
    WG_TOUCH,     /* an end of one inside the other */
    WG_CROSS,     /* properly, inside both */
    WG_OVERLAP,   /* a stretch in common, short of equal */
    WG_SAME       /* equal, whichever way they run */
};
enum wg_meeting wg_spot_meet(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                             struct wg_spot d);
/* Where the lines of two segments that cross meet, rounded to the nearest spot (ties up
 * and right; exact arithmetic, so it does not depend on the order of the arguments). */
struct wg_spot wg_spot_crossing(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                                struct wg_spot d);
/* Does the segment a–b pass through the unit square around c (half-open: it has its left
 * and lower side)?  The hot pixel of snap rounding (Hobby 1999, "Practical segment
 * intersection with finite precision output"). */
bool wg_spot_is_hot(struct wg_spot a, struct wg_spot b, struct wg_spot c);
/* Order of directions from `from`, counter-clockwise from east: negative when a comes
 * before b, 0 for the same direction. */
int wg_spot_angle_compare(struct wg_spot from, struct wg_spot a, struct wg_spot b);
/* Distance of c from the closed segment a–b, in steps. */
double wg_spot_distance(struct wg_spot a, struct wg_spot b, struct wg_spot c);

#endif
