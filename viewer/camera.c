/* The eye: orbit camera in doubles. */
#include "camera.h"

#include <math.h>

#define PI 3.14159265358979323846
/* What is framed stands between these heights of the screen: under the title. */
#define TOP_SHARE 0.085
#define BOTTOM_SHARE 0.955

struct basis {
    double right[3], up[3], forward[3];
};

static double radians(double deg)
{
    return deg * (PI / 180);
}

static struct basis basis_of(const struct camera *c)
{
    double a = radians(c->azimuth_deg), t = radians(c->tilt_deg);
    return (struct basis){
        .right = {cos(a), -sin(a), 0},
        .up = {sin(a) * sin(t), cos(a) * sin(t), cos(t)},
        .forward = {sin(a) * cos(t), cos(a) * cos(t), -sin(t)},
    };
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Pixels per unit of slope: half the height over tan(fov/2). */
static double focal_px(const struct camera *c)
{
    return c->height / 2.0 / tan(radians(c->fov_deg) / 2);
}

void camera_init(struct camera *c, int width, int height)
{
    *c = (struct camera){.distance_m = 1000,
                         .azimuth_deg = 24,
                         .tilt_deg = 38,
                         .fov_deg = 34,
                         .width = width,
                         .height = height};
}

void camera_eye(const struct camera *c, double eye[3])
{
    struct basis b = basis_of(c);
    eye[0] = c->x - b.forward[0] * c->distance_m;
    eye[1] = c->y - b.forward[1] * c->distance_m;
    eye[2] = c->z - b.forward[2] * c->distance_m;
}

void camera_matrices(const struct camera *c, double near_m, double far_m, float view[16],
                     float projection[16])
{
    struct basis b = basis_of(c);
    for (int i = 0; i < 3; i++) {
        view[i * 4 + 0] = (float)b.right[i];
        view[i * 4 + 1] = (float)b.up[i];
        view[i * 4 + 2] = (float)-b.forward[i];
        view[i * 4 + 3] = 0;
        view[12 + i] = 0;
    }
    view[15] = 1;
    for (int i = 0; i < 16; i++)
        projection[i] = 0;
    double f = 1 / tan(radians(c->fov_deg) / 2);
    projection[0] = (float)(f * c->height / c->width);
    projection[5] = (float)f;
    projection[10] = (float)(near_m / (far_m - near_m));
    projection[11] = -1;
    projection[14] = (float)(far_m * near_m / (far_m - near_m));
}

bool camera_project(const struct camera *c, double x, double y, double z, double *sx,
                    double *sy, double *depth_m)
{
    struct basis b = basis_of(c);
    double eye[3];
    camera_eye(c, eye);
    double d[3] = {x - eye[0], y - eye[1], z - eye[2]};
    double depth = dot(d, b.forward);
    if (!(depth > 1e-3))
        return false;
    double f = focal_px(c);
    *sx = c->width / 2.0 + f * dot(d, b.right) / depth;
    *sy = c->height / 2.0 - f * dot(d, b.up) / depth;
    *depth_m = depth;
    return true;
}

void camera_ray(const struct camera *c, double sx, double sy, double eye[3],
                double direction[3])
{
    struct basis b = basis_of(c);
    camera_eye(c, eye);
    double f = focal_px(c);
    double u = (sx - c->width / 2.0) / f, v = (c->height / 2.0 - sy) / f;
    double length = sqrt(1 + u * u + v * v);
    for (int i = 0; i < 3; i++)
        direction[i] = (b.forward[i] + u * b.right[i] + v * b.up[i]) / length;
}

double camera_metres_per_pixel(const struct camera *c)
{
    return c->distance_m / focal_px(c);
}

/* Bounds of places on the screen, in pixels; false if one is behind the eye. */
static bool screen_bounds(const struct camera *c, const double (*place)[3], size_t n,
                          double bounds[4])
{
    bounds[0] = bounds[1] = INFINITY;
    bounds[2] = bounds[3] = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        double sx, sy, depth;
        if (!camera_project(c, place[i][0], place[i][1], place[i][2], &sx, &sy, &depth))
            return false;
        bounds[0] = fmin(bounds[0], sx);
        bounds[1] = fmin(bounds[1], sy);
        bounds[2] = fmax(bounds[2], sx);
        bounds[3] = fmax(bounds[3], sy);
    }
    return true;
}

/* Move the target so that the places' bounds lie in the middle of the screen. */
static void centre(struct camera *c, const double (*place)[3], size_t n, double left_px)
{
    for (int i = 0; i < 4; i++) {
        double b[4];
        if (!screen_bounds(c, place, n, b))
            return;
        camera_pan(c, (left_px + c->width) / 2 - (b[0] + b[2]) / 2,
                   c->height * (TOP_SHARE + BOTTOM_SHARE) / 2 - (b[1] + b[3]) / 2);
    }
}

void camera_fit_places(struct camera *c, const double (*place)[3], size_t n,
                       double left_px)
{
    double low[3] = {INFINITY, INFINITY, INFINITY};
    double high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            low[k] = fmin(low[k], place[i][k]);
            high[k] = fmax(high[k], place[i][k]);
        }
    if (n == 0)
        return;
    c->x = (low[0] + high[0]) / 2;
    c->y = (low[1] + high[1]) / 2;
    double size = hypot(high[0] - low[0], high[1] - low[1]) + high[2] - low[2];
    double near_m = size * 0.2, far_m = size * 20 + 50;
    struct camera at = *c;
    for (int i = 0; i < 40; i++) {
        at = *c;
        at.distance_m = (near_m + far_m) / 2;
        centre(&at, place, n, left_px);
        double b[4];
        bool fits = screen_bounds(&at, place, n, b) &&
                    b[0] >= left_px + 0.03 * (c->width - left_px) &&
                    b[2] <= c->width - 0.03 * (c->width - left_px) &&
                    b[1] >= TOP_SHARE * c->height && b[3] <= BOTTOM_SHARE * c->height;
        *(fits ? &far_m : &near_m) = at.distance_m;
    }
    *c = at;
}

void camera_fit(struct camera *c, struct wg_box box, double z_low, double z_high)
{
    double corner[8][3];
    for (int i = 0; i < 8; i++) {
        corner[i][0] = i & 1 ? box.max_x : box.min_x;
        corner[i][1] = i & 2 ? box.max_y : box.min_y;
        corner[i][2] = i & 4 ? z_high : z_low;
    }
    c->z = z_low;
    camera_fit_places(c, (const double(*)[3])corner, 8, 0);
}

void camera_orbit(struct camera *c, double d_azimuth_deg, double d_tilt_deg)
{
    c->azimuth_deg = fmod(c->azimuth_deg + d_azimuth_deg + 720, 360);
    c->tilt_deg = fmin(90, fmax(4, c->tilt_deg + d_tilt_deg));
}

void camera_pan(struct camera *c, double dx_px, double dy_px)
{
    /* On the ground a step up the screen is longer than across by 1 / sin(tilt). */
    double m = camera_metres_per_pixel(c), a = radians(c->azimuth_deg);
    double across = -dx_px * m, along = dy_px * m / fmax(0.2, sin(radians(c->tilt_deg)));
    c->x += across * cos(a) + along * sin(a);
    c->y += -across * sin(a) + along * cos(a);
}

void camera_zoom(struct camera *c, double factor, double sx, double sy)
{
    double eye[3], dir[3];
    camera_ray(c, sx, sy, eye, dir);
    double t = dir[2] < -1e-3 ? (c->z - eye[2]) / dir[2] : 0;
    if (t > 0 && t < 4 * c->distance_m) {
        double gx = eye[0] + t * dir[0], gy = eye[1] + t * dir[1];
        c->x = gx + (c->x - gx) * factor;
        c->y = gy + (c->y - gy) * factor;
    }
    c->distance_m *= factor;
}

static double between(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

void camera_clamp(struct camera *c, const struct camera_limits *l)
{
    if (!wg_box_is_empty(l->box)) {
        double w = (l->box.max_x - l->box.min_x) / 2,
               h = (l->box.max_y - l->box.min_y) / 2;
        c->x = between(c->x, l->box.min_x - w, l->box.max_x + w);
        c->y = between(c->y, l->box.min_y - h, l->box.max_y + h);
    }
    double most = l->max_distance_m > 0 ? l->max_distance_m : 1e5;
    c->distance_m = between(c->distance_m, 15, most);
    c->tilt_deg = between(c->tilt_deg, 4, 90);
}

void camera_fly(struct camera_flight *flight, const struct camera *from,
                const struct camera *to, double now_s)
{
    flight->from = *from;
    flight->to = *to;
    double turn = fmod(to->azimuth_deg - from->azimuth_deg + 540, 360) - 180;
    flight->to.azimuth_deg = from->azimuth_deg + turn; /* the short way round */
    flight->start_s = now_s;
    double way = hypot(to->x - from->x, to->y - from->y);
    double scale = fmax(from->distance_m, to->distance_m);
    double steps =
        way / scale + fabs(log(to->distance_m / from->distance_m)) + fabs(turn) / 90;
    flight->duration_s = between(0.35 + 0.35 * steps, 0.4, 2.5);
}

bool camera_flight_at(struct camera_flight *flight, double now_s, struct camera *c)
{
    if (flight->duration_s <= 0)
        return false;
    double t = between((now_s - flight->start_s) / flight->duration_s, 0, 1);
    double s = t * t * t * (t * (6 * t - 15) + 10);
    const struct camera *a = &flight->from, *b = &flight->to;
    double way = hypot(b->x - a->x, b->y - a->y);
    /* A long way is flown high enough to see both ends. */
    double lift = fmax(0, way - 2 * fmax(a->distance_m, b->distance_m)) * 0.35;
    c->x = a->x + s * (b->x - a->x);
    c->y = a->y + s * (b->y - a->y);
    c->z = a->z + s * (b->z - a->z);
    c->distance_m = exp(log(a->distance_m) + s * log(b->distance_m / a->distance_m)) +
                    lift * 4 * s * (1 - s);
    c->azimuth_deg =
        fmod(a->azimuth_deg + s * (b->azimuth_deg - a->azimuth_deg) + 720, 360);
    c->tilt_deg = a->tilt_deg + s * (b->tilt_deg - a->tilt_deg);
    if (t >= 1)
        flight->duration_s = 0;
    return t < 1;
}
