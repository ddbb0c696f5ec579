/* Delaunay triangles of spots, by exact tests. */
#ifndef WG_TRIANGULATE_H
#define WG_TRIANGULATE_H

#include "lattice.h"

struct wg_triangle {
    uint32_t v[3];    /* counter-clockwise */
    uint32_t next[3]; /* the triangle across from v[i]; UINT32_MAX: none */
};

struct wg_triangulation {
    uint32_t n_spot; /* the caller's, then the 4 corners of a square far around */
    struct wg_spot *spot;
    uint32_t
        *same; /* the spot that stands for it: itself, or the first one equal to it */
    uint32_t n_triangle;
    struct wg_triangle *triangle; /* they fill the square */
};

/* The spots should lie within 2^26 steps (65 km) of the origin: WG_OUT_OF_RANGE. */
enum wg_status wg_triangulate(uint32_t n, const struct wg_spot *spot,
                              struct wg_triangulation *out, struct wg_error *err);
void wg_triangulation_finish(struct wg_triangulation *t);

#endif
