/* The first stage of wg_orient for those who ask it very often, and the last by itself,
 * for its test; see predicate.c. */
#ifndef WG_PREDICATE_H
#define WG_PREDICATE_H

#include <math.h>

#include "wangge/geom.h"

/* wg_orient, its filter inlined. */
static inline int wg_turn(struct wg_point a, struct wg_point b, struct wg_point c)
{
    double left = (a.x - c.x) * (b.y - c.y), right = (a.y - c.y) * (b.x - c.x);
    double det = left - right;

    if (fabs(det) > 3.4e-16 * (fabs(left) + fabs(right)) + 1e-300)
        return det > 0 ? 1 : -1;
    return wg_orient(a, b, c);
}

/* fmin and fmax where neither is NaN: the library's are calls. */
static inline double wg_least(double a, double b)
{
    return a < b ? a : b;
}

static inline double wg_most(double a, double b)
{
    return a > b ? a : b;
}

/* As wg_orient, for finite coordinates only. */
int wg_orient_integer(struct wg_point a, struct wg_point b, struct wg_point c);

#endif
