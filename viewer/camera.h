#ifndef VIEWER_CAMERA_H
#define VIEWER_CAMERA_H
/*
 * The eye.  It orbits a target: distance, azimuth (the direction it looks, clockwise
 * from north) and tilt (90 straight down, 0 level).  Positions are doubles in the
 * district's CRS; matrices are floats relative to the eye.  Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#include "wangge/geom.h"

struct camera {
    double x, y, z;    /* target */
    double distance_m; /* eye to target */
    double azimuth_deg, tilt_deg;
    double fov_deg;    /* vertical */
    int width, height; /* framebuffer, pixels */
};

struct camera_limits {
    struct wg_box box; /* the target stays in it, grown by half its size */
    double max_distance_m;
};

struct camera_flight { /* from one place to another */
    struct camera from, to;
    double start_s, duration_s; /* duration 0: none */
};

void camera_init(struct camera *camera, int width, int height);
/* Frame a box seen from the given direction; z is the ground's height there. */
void camera_fit(struct camera *camera, struct wg_box box, double z_low, double z_high);
/* The same for n places; the target's z stays, and left_px pixels at the left edge are
 * kept free. */
void camera_fit_places(struct camera *camera, const double (*place)[3], size_t n,
                       double left_px);
void camera_eye(const struct camera *camera, double eye[3]);
/* View matrix (rotation only, eye at 0) and projection, column-major; near_m and far_m
 * bound the depth.  Depth is reversed: 1 near, 0 far. */
void camera_matrices(const struct camera *camera, double near_m, double far_m,
                     float view[16], float projection[16]);

/* Where a place stands on the screen: framebuffer pixels from the top-left, and its
 * distance along the view in metres.  False when it is behind the eye. */
bool camera_project(const struct camera *camera, double x, double y, double z, double *sx,
                    double *sy, double *depth_m);
/* The ray through a framebuffer pixel; `direction` is a unit vector. */
void camera_ray(const struct camera *camera, double sx, double sy, double eye[3],
                double direction[3]);
/* Metres on a plane facing the eye that one pixel covers at the target. */
double camera_metres_per_pixel(const struct camera *camera);

void camera_orbit(struct camera *camera, double d_azimuth_deg, double d_tilt_deg);
/* Move the target so that the ground follows the pointer by (dx, dy) pixels. */
void camera_pan(struct camera *camera, double dx_px, double dy_px);
/* Factor < 1 comes nearer; the ground point under (sx, sy) stays where it is. */
void camera_zoom(struct camera *camera, double factor, double sx, double sy);
void camera_clamp(struct camera *camera, const struct camera_limits *limits);

void camera_fly(struct camera_flight *flight, const struct camera *from,
                const struct camera *to, double now_s);
/* Write where the flight stands into `camera`; false when it is over. */
bool camera_flight_at(struct camera_flight *flight, double now_s, struct camera *camera);
#endif
