/* The ground as it is drawn: heights on posts, two triangles a cell. */
#include "field.h"

#include <math.h>
#include <stdlib.h>

/* Posts without data take the nearest one with data in their row, whole empty rows that
 * of the nearest row: a hole in the data is no pit. */
static void fill_row(float *z, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (isnan(z[i]))
            z[i] = z[i - 1];
    for (uint32_t i = n - 1; i > 0; i--)
        if (isnan(z[i - 1]))
            z[i - 1] = z[i];
}

static void fill_holes(struct field *f)
{
    for (uint32_t r = 0; r < f->rows; r++)
        fill_row(f->z + (size_t)r * f->cols, f->cols);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t k = 1; k < f->rows; k++) {
            uint32_t to = pass ? f->rows - 1 - k : k, from = pass ? to + 1 : to - 1;
            if (!isnan(f->z[(size_t)to * f->cols]))
                continue;
            for (uint32_t c = 0; c < f->cols; c++)
                f->z[(size_t)to * f->cols + c] = f->z[(size_t)from * f->cols + c];
        }
    }
    f->min_z = INFINITY;
    f->max_z = -INFINITY;
    for (size_t i = 0; i < (size_t)f->cols * f->rows; i++) {
        if (isnan(f->z[i]))
            f->z[i] = 0;
        f->min_z = fminf(f->min_z, f->z[i]);
        f->max_z = fmaxf(f->max_z, f->z[i]);
    }
}

static void find_rim(struct field *f)
{
    double sum = 0;
    size_t n = 0;
    for (uint32_t r = 0; r < f->rows; r++)
        for (uint32_t c = 0; c < f->cols; c++)
            if (r == 0 || c == 0 || r + 1 == f->rows || c + 1 == f->cols) {
                sum += f->z[(size_t)r * f->cols + c];
                n++;
            }
    f->rim_z = (float)(sum / (double)n);
    f->rim_m = fmax(200, 0.35 * f->step_m * fmax(f->cols, f->rows));
}

bool field_init(struct field *f, const struct wg_terrain *t, uint32_t most_posts)
{
    *f = (struct field){0};
    if (!t || t->cols < 2 || t->rows < 2)
        return true;
    uint32_t longest = (t->cols > t->rows ? t->cols : t->rows) - 1;
    uint32_t k = (longest + most_posts - 2) / (most_posts - 1);
    k = k ? k : 1;
    f->cols = (t->cols - 2) / k + 2; /* the last post may stand on the far edge */
    f->rows = (t->rows - 2) / k + 2;
    f->x0 = t->x0;
    f->y0 = t->y0;
    f->step_m = t->step_m * k;
    f->z = malloc((size_t)f->cols * f->rows * sizeof *f->z);
    if (!f->z) {
        *f = (struct field){0};
        return false;
    }
    for (uint32_t r = 0; r < f->rows; r++) {
        uint32_t tr = r * k < t->rows ? r * k : t->rows - 1;
        for (uint32_t c = 0; c < f->cols; c++) {
            uint32_t tc = c * k < t->cols ? c * k : t->cols - 1;
            f->z[(size_t)r * f->cols + c] = t->z[(size_t)tr * t->cols + tc];
        }
    }
    fill_holes(f);
    find_rim(f);
    return true;
}

void field_finish(struct field *f)
{
    free(f->z);
    *f = (struct field){0};
}

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* At u, v in posts, inside. */
static double inside_height(const struct field *f, double u, double v)
{
    uint32_t c = u >= f->cols - 1 ? f->cols - 2 : (uint32_t)u;
    uint32_t r = v >= f->rows - 1 ? f->rows - 2 : (uint32_t)v;
    const float *low = f->z + (size_t)r * f->cols + c, *high = low + f->cols;
    double a = u - c, b = v - r;
    return a >= b ? low[0] + a * (low[1] - low[0]) + b * (high[1] - low[1])
                  : low[0] + b * (high[0] - low[0]) + a * (high[1] - high[0]);
}

double field_height(const struct field *f, double x, double y)
{
    if (!f->cols || !(isfinite(x) && isfinite(y)))
        return f->flat_z;
    double pu = (x - f->x0) / f->step_m, pv = (y - f->y0) / f->step_m;
    double u = clamp(pu, 0, f->cols - 1), v = clamp(pv, 0, f->rows - 1);
    double beyond = fmax(fabs(pu - u), fabs(pv - v)) * f->step_m;
    double z = inside_height(f, u, v);
    return beyond > 0 ? z + (f->rim_z - z) * fmin(1, beyond / f->rim_m) : z;
}

static void note(const struct field *f, double x, double y, double *low, double *high)
{
    double z = field_height(f, x, y);
    *low = fmin(*low, z);
    *high = fmax(*high, z);
}

/* The ground along an edge bends only where it crosses a post line (across, up or
 * diagonal): `from` and `to` are the edge's coordinates across such lines. */
static void note_crossings(const struct field *f, const double a[2], const double b[2],
                           double from, double to, double *low, double *high)
{
    double least = ceil(fmin(from, to)), most = floor(fmax(from, to));
    if (!(most - least < 1e5))
        return;
    for (double k = least; k <= most; k++) {
        double t = (k - from) / (to - from);
        if (t > 0 && t < 1)
            note(f, a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), low, high);
    }
}

void field_range(const struct field *f, size_t n, const double *x, const double *y,
                 double *low, double *high)
{
    if (!f->cols) {
        *low = fmin(*low, f->flat_z);
        *high = fmax(*high, f->flat_z);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        note(f, x[i], y[i], low, high);
        if (i + 1 == n)
            break;
        double a[2] = {x[i], y[i]}, b[2] = {x[i + 1], y[i + 1]};
        double u0 = (a[0] - f->x0) / f->step_m, u1 = (b[0] - f->x0) / f->step_m;
        double v0 = (a[1] - f->y0) / f->step_m, v1 = (b[1] - f->y0) / f->step_m;
        note_crossings(f, a, b, u0, u1, low, high);
        note_crossings(f, a, b, v0, v1, low, high);
        note_crossings(f, a, b, u0 - v0, u1 - v1, low, high);
    }
}

bool field_ray(const struct field *f, const double eye[3], const double dir[3],
               double far_m, double *distance_m)
{
    if (!f->cols) {
        double t = (f->flat_z - eye[2]) / dir[2];
        if (!(dir[2] < 0 && t >= 0 && t <= far_m))
            return false;
        *distance_m = t;
        return true;
    }
    /* Nothing stands above max_z: begin there. */
    double t = dir[2] < 0 && eye[2] > f->max_z ? (f->max_z - eye[2]) / dir[2] : 0;
    double step = f->step_m / 2, before = t;
    for (; t <= far_m; before = t, t += step) {
        double x = eye[0] + t * dir[0], y = eye[1] + t * dir[1];
        if (eye[2] + t * dir[2] > field_height(f, x, y))
            continue;
        for (int i = 0; i < 40; i++) {
            double half = (before + t) / 2;
            double gap = eye[2] + half * dir[2] -
                         field_height(f, eye[0] + half * dir[0], eye[1] + half * dir[1]);
            *(gap > 0 ? &before : &t) = half;
        }
        *distance_m = t;
        return true;
    }
    return false;
}
