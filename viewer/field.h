#ifndef VIEWER_FIELD_H
#define VIEWER_FIELD_H
/*
 * The ground as it is drawn: a regular field of heights, two triangles a cell.  All
 * that stands or lies on the ground asks here, so nothing floats or sinks.  Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#include "wangge/ground.h"

struct field {
    uint32_t cols, rows; /* posts; 0: flat at `flat_z` everywhere */
    double x0, y0, step_m;
    float *z;
    float flat_z, min_z, max_z;
    float rim_z;  /* mean height of the edge: what lies beyond comes to it … */
    double rim_m; /* … within this distance */
};

/* From a terrain (NULL: flat), thinned to at most `most_posts` a side. */
bool field_init(struct field *field, const struct wg_terrain *terrain,
                uint32_t most_posts);
void field_finish(struct field *field);
/* Height of the drawn triangles; outside, from the nearest edge's to rim_z. */
double field_height(const struct field *field, double x, double y);
/* Lowest and highest height under a ring, its vertices and where it crosses cells. */
void field_range(const struct field *field, size_t n, const double *x, const double *y,
                 double *low, double *high);
/* Where a ray first meets the ground; false if it never does within `far_m`. */
bool field_ray(const struct field *field, const double eye[3], const double direction[3],
               double far_m, double *distance_m);
#endif
