/*
 * Grows a multipolygon ring by ring; what every geometry reader writes into.
 *
 * Begin with a zeroed struct.  part_begin, ring_begin, vertices, ring_end, part_end;
 * then take the result or drop it.  Empty rings and parts leave nothing behind.
 */
#ifndef WG_POLYGON_H
#define WG_POLYGON_H

#include "wangge/geom.h"

struct wg_polygon {
    struct wg_multipolygon mp;
    size_t cap_part, cap_ring, cap_x, cap_y;
};

enum wg_status wg_polygon_part_begin(struct wg_polygon *p, struct wg_error *err);
enum wg_status wg_polygon_ring_begin(struct wg_polygon *p, struct wg_error *err);
enum wg_status wg_polygon_vertex(struct wg_polygon *p, double x, double y,
                                 struct wg_error *err);
/* Room for n more vertices of the open ring, to be written at *x and *y. */
enum wg_status wg_polygon_reserve(struct wg_polygon *p, size_t n, double **x, double **y,
                                  struct wg_error *err);
/* Checks that the ring is closed and finite: WG_GEOMETRY with the place if not. */
enum wg_status wg_polygon_ring_end(struct wg_polygon *p, struct wg_error *err);
void wg_polygon_part_end(struct wg_polygon *p);
void wg_polygon_take(struct wg_polygon *p, struct wg_multipolygon *out);
/* The vertices as a line: finite, two or more, else WG_GEOMETRY. */
struct wg_line;
enum wg_status wg_polygon_take_line(struct wg_polygon *p, struct wg_line *out,
                                    struct wg_error *err);
void wg_polygon_drop(struct wg_polygon *p);

/* Turn shells counter-clockwise and holes clockwise. */
void wg_polygon_orient(struct wg_multipolygon *mp);

/* One ring of at most 64 corners that nowhere crosses or touches itself: proved valid,
 * by exact tests.  False says nothing. */
bool wg_polygon_is_simple(const struct wg_multipolygon *mp);

#endif
