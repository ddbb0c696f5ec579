/* Owns the quick proof that a small polygon is valid; what it cannot prove, GEOS judges.
 */
#include <math.h>

#include "polygon.h"

enum { CORNERS_MAX = 64 }; /* every pair of edges is looked at */

static struct wg_point corner(const struct wg_multipolygon *mp, uint32_t i)
{
    return (struct wg_point){mp->x[i], mp->y[i]};
}

static bool boxes_apart(struct wg_point a, struct wg_point b, struct wg_point c,
                        struct wg_point d)
{
    return fmax(a.x, b.x) < fmin(c.x, d.x) || fmax(c.x, d.x) < fmin(a.x, b.x) ||
           fmax(a.y, b.y) < fmin(c.y, d.y) || fmax(c.y, d.y) < fmin(a.y, b.y);
}

/* Both ends of one edge lie strictly on the same side of the other. */
static bool apart(struct wg_point a, struct wg_point b, struct wg_point c,
                  struct wg_point d)
{
    if (boxes_apart(a, b, c, d) || wg_orient(a, b, c) * wg_orient(a, b, d) > 0)
        return true;
    return wg_orient(c, d, a) * wg_orient(c, d, b) > 0;
}

/* The edges a–b and b–c meet in b alone: they do not run back over each other. */
static bool turns(struct wg_point a, struct wg_point b, struct wg_point c)
{
    if (wg_orient(a, b, c) != 0)
        return true;
    bool along_x = a.x < b.x ? b.x < c.x : a.x > b.x && b.x > c.x;
    bool along_y = a.y < b.y ? b.y < c.y : a.y > b.y && b.y > c.y;
    return along_x || along_y;
}

static bool meets_no_other(const struct wg_multipolygon *mp, uint32_t i, uint32_t n)
{
    struct wg_point a = corner(mp, i), b = corner(mp, i + 1);
    uint32_t end = i == 0 ? n - 1 : n; /* the last edge is the first one's neighbour */
    for (uint32_t k = i + 2; k < end; k++)
        if (!apart(a, b, corner(mp, k), corner(mp, k + 1)))
            return false;
    return true;
}

bool wg_polygon_is_simple(const struct wg_multipolygon *mp)
{
    if (mp->n_part != 1 || mp->n_ring != 1 || mp->n_vertex < 4 ||
        mp->n_vertex > CORNERS_MAX + 1)
        return false;
    uint32_t n = mp->n_vertex - 1; /* edges */
    double sum = 0;
    for (uint32_t i = 0; i <= n; i++)
        sum += fabs(mp->x[i]) + fabs(mp->y[i]);
    if (!isfinite(sum) || mp->x[0] != mp->x[n] || mp->y[0] != mp->y[n])
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct wg_point next = corner(mp, i + 2 <= n ? i + 2 : 1);
        if (!turns(corner(mp, i), corner(mp, i + 1), next) || !meets_no_other(mp, i, n))
            return false;
    }
    return true;
}
