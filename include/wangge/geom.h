#ifndef WANGGE_GEOM_H
#define WANGGE_GEOM_H
/*
 * Points, boxes, polygons and the predicates on them.  Pure: no I/O, no state, no
 * CRS; x is east and y is north, in whatever unit the caller uses.
 *
 * The predicates are exact for every finite double, however huge or tiny: a
 * floating-point filter first (Shewchuk 1997, "Adaptive precision floating-point
 * arithmetic and fast robust geometric predicates"), exact integer arithmetic when it
 * cannot decide.
 */
#include "wangge/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_point {
    double x, y;
};

struct wg_box {
    double min_x, min_y, max_x, max_y; /* empty when min > max */
};

/* A multipolygon in flat arrays.  Part p owns rings part[p] … part[p+1]-1, its shell
 * first; ring r owns vertices ring[r] … ring[r+1]-1 and is closed: its last vertex
 * repeats its first.  Shells run counter-clockwise and holes clockwise when the
 * library made it; consumers must not rely on it for foreign data.  Zero-initialised
 * is the empty multipolygon; release with wg_multipolygon_finish. */
struct wg_multipolygon {
    uint32_t n_part, n_ring, n_vertex;
    uint32_t *part;  /* n_part + 1 */
    uint32_t *ring;  /* n_ring + 1 */
    double *x, *y;   /* n_vertex */
};

WG_API void wg_multipolygon_finish(struct wg_multipolygon *mp); /* then empty */
WG_API enum wg_status wg_multipolygon_copy(const struct wg_multipolygon *from,
                                           struct wg_multipolygon *to,
                                           struct wg_error *err);

WG_API struct wg_box wg_box_empty(void);
WG_API bool wg_box_is_empty(struct wg_box box);
WG_API struct wg_box wg_box_grow(struct wg_box box, double x, double y);
WG_API struct wg_box wg_box_union(struct wg_box a, struct wg_box b);
WG_API bool wg_box_overlaps(struct wg_box a, struct wg_box b); /* shared edges count */
WG_API bool wg_box_contains(struct wg_box box, double x, double y); /* closed */
WG_API struct wg_box wg_multipolygon_box(const struct wg_multipolygon *mp);

/* Area in square units: shells minus holes, whatever their orientation. */
WG_API double wg_multipolygon_area(const struct wg_multipolygon *mp);
/* Centre of area; the mean of the vertices where the area is 0. */
WG_API struct wg_point wg_multipolygon_centroid(const struct wg_multipolygon *mp);

/* Sign of the turn a→b→c: +1 left (counter-clockwise), -1 right, 0 exactly
 * collinear.  0 too when a coordinate is NaN or infinite. */
WG_API int wg_orient(struct wg_point a, struct wg_point b, struct wg_point c);

enum wg_side { WG_OUTSIDE = -1, WG_BOUNDARY = 0, WG_INSIDE = 1 };

/* Where (x, y) lies against one closed ring of n vertices, or against a whole
 * multipolygon by the even-odd rule.  Exact; NaN and infinity are outside, and a ring
 * that has one holds nothing. */
WG_API enum wg_side wg_ring_side(size_t n, const double *ring_x, const double *ring_y,
                                 double x, double y);
WG_API enum wg_side wg_multipolygon_side(const struct wg_multipolygon *mp, double x,
                                         double y);

/* The lattice on which boundaries are edited: 2^-10 m, exact in a double and in a 64-bit
 * integer.  wg_lattice_snap rounds to the nearest lattice value. */
#define WG_LATTICE_STEP (1.0 / 1024.0)
WG_API double wg_lattice_snap(double metres);

/* Snap every vertex, drop repeated vertices and rings and parts that collapse.
 * The same coordinate always snaps to the same place, so shared edges stay shared. */
WG_API void wg_multipolygon_snap(struct wg_multipolygon *mp);

#ifdef __cplusplus
}
#endif
#endif
