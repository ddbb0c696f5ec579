/* What a ray meets, on the CPU. */
#include "pick.h"

#include <math.h>

struct ray {
    const double *eye, *dir;
    double best; /* the nearest so far */
};

/* Does the ray pass the box before `best`? */
static bool passes(const struct ray *ray, const double low[3], const double high[3])
{
    double enter = 0, leave = ray->best;
    for (int k = 0; k < 3; k++) {
        if (ray->dir[k] == 0) {
            if (ray->eye[k] < low[k] || ray->eye[k] > high[k])
                return false;
            continue;
        }
        double a = (low[k] - ray->eye[k]) / ray->dir[k];
        double b = (high[k] - ray->eye[k]) / ray->dir[k];
        enter = fmax(enter, fmin(a, b));
        leave = fmin(leave, fmax(a, b));
    }
    return enter <= leave;
}

static bool meets_cap(struct ray *ray, const struct wg_multipolygon *mp, double z)
{
    double t = (z - ray->eye[2]) / ray->dir[2];
    if (!(t > 0 && t < ray->best))
        return false;
    if (wg_multipolygon_side(mp, ray->eye[0] + t * ray->dir[0],
                             ray->eye[1] + t * ray->dir[1]) == WG_OUTSIDE)
        return false;
    ray->best = t;
    return true;
}

/* A wall is met only from its front, as it is drawn. */
static bool meets_wall(struct ray *ray, const double a[2], const double b[2],
                       const double z[2])
{
    double wx = b[0] - a[0], wy = b[1] - a[1];
    double facing = ray->dir[0] * wy - ray->dir[1] * wx;
    if (!(facing < 0))
        return false;
    double t = ((a[0] - ray->eye[0]) * wy - (a[1] - ray->eye[1]) * wx) / facing;
    if (!(t > 0 && t < ray->best))
        return false;
    double px = ray->eye[0] + t * ray->dir[0] - a[0];
    double py = ray->eye[1] + t * ray->dir[1] - a[1];
    double s = (px * wx + py * wy) / (wx * wx + wy * wy);
    double h = ray->eye[2] + t * ray->dir[2];
    if (!(s >= 0 && s <= 1 && h >= z[0] && h <= z[1]))
        return false;
    ray->best = t;
    return true;
}

static double ring_turn(const struct wg_multipolygon *mp, uint32_t r)
{
    double area = 0;
    uint32_t first = mp->ring[r];
    for (uint32_t v = first; v + 1 < mp->ring[r + 1]; v++)
        area += (mp->x[v] - mp->x[first]) * (mp->y[v + 1] - mp->y[first]) -
                (mp->x[v + 1] - mp->x[first]) * (mp->y[v] - mp->y[first]);
    return area;
}

static bool meets_ring(struct ray *ray, const struct wg_multipolygon *mp, uint32_t r,
                       bool shell, const double z[2])
{
    bool met = false, forward = (ring_turn(mp, r) > 0) == shell;
    for (uint32_t v = mp->ring[r]; v + 1 < mp->ring[r + 1]; v++) {
        double a[2] = {mp->x[v], mp->y[v]}, b[2] = {mp->x[v + 1], mp->y[v + 1]};
        met |= forward ? meets_wall(ray, a, b, z) : meets_wall(ray, b, a, z);
    }
    return met;
}

static bool meets(struct ray *ray, const struct model_city *city, uint32_t i)
{
    struct wg_multipolygon mp = model_shape(&city->shape, i);
    bool raised = city->base_m[i] > 0;
    double z[2] = {raised ? city->zero_z[i] + city->base_m[i] : city->foot_z[i],
                   model_top(city, i)};
    struct wg_box box = city->box[i];
    const double low[3] = {box.min_x, box.min_y, z[0]};
    const double high[3] = {box.max_x, box.max_y, z[1]};
    if (!(z[1] > z[0]) || !passes(ray, low, high))
        return false;
    bool met = false;
    if (ray->dir[2] < 0)
        met = meets_cap(ray, &mp, z[1]);
    else if (ray->dir[2] > 0 && raised)
        met = meets_cap(ray, &mp, z[0]);
    for (uint32_t p = 0; p < mp.n_part; p++)
        for (uint32_t r = mp.part[p]; r < mp.part[p + 1]; r++)
            met |= meets_ring(ray, &mp, r, r == mp.part[p], z);
    return met;
}

int32_t pick_building(const struct model_city *city, const double eye[3],
                      const double direction[3], double far_m, double *distance_m)
{
    struct ray ray = {eye, direction, far_m};
    double ground;
    if (field_ray(&city->field, eye, direction, far_m, &ground))
        ray.best = ground;
    int32_t found = -1;
    for (uint32_t i = 0; i < city->n; i++)
        if (!city->hidden[i] && meets(&ray, city, i))
            found = (int32_t)i;
    if (distance_m)
        *distance_m = ray.best;
    return found;
}

int32_t pick_grid(const struct model_partition *partition, double x, double y)
{
    for (uint32_t i = 0; i < partition->n; i++) {
        if (!partition->grid[i].leaf || !wg_box_contains(partition->grid[i].box, x, y))
            continue;
        struct wg_multipolygon mp = model_shape(&partition->shape, i);
        if (wg_multipolygon_side(&mp, x, y) != WG_OUTSIDE)
            return (int32_t)i;
    }
    return -1;
}
