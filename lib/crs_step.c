/* Owns the choice between PROJ and the Krüger series for one step of a transform. */
#include "crs_step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum { BLOCK = 1024 };

#define AGREE_M 1e-7 /* PROJ and the series, at every probe */
#define METRES_A_DEGREE 111320.0
#define RADIAN 0.017453292519943295769

/* ---- recognising ---- */

static bool is_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    return strncmp(text, word, n) == 0 && (text[n] == ' ' || text[n] == '\0');
}

/* Is the operation `legs` transverse Mercators and otherwise only changes of units and
 * axes?  False too where PROJ keeps several operations to choose from. */
static bool only_projects(PJ_CONTEXT *context, const PJ *pj, int legs)
{
    const char *text = proj_as_proj_string(context, pj, PJ_PROJ_5, NULL);
    int found = 0;
    if (!text || strstr(text, "+approx") || strstr(text, "+algo"))
        return false;
    for (const char *at = strstr(text, "proj="); at; at = strstr(at, "proj=")) {
        at += strlen("proj=");
        if (is_word(at, "tmerc") || is_word(at, "utm"))
            found++;
        else if (!is_word(at, "pipeline") && !is_word(at, "unitconvert") &&
                 !is_word(at, "axisswap"))
            return false;
    }
    return found == legs;
}

/* EPSG's parameters of the method 9807, in degrees, metres and as a factor. */
struct parameters {
    double lat_0, lon_0, k_0, east, north;
};

static bool read_parameter(PJ_CONTEXT *context, const PJ *operation, int i,
                           struct parameters *out)
{
    const char *code = NULL;
    double value, factor;
    if (!proj_coordoperation_get_param(context, operation, i, NULL, NULL, &code, &value,
                                       NULL, &factor, NULL, NULL, NULL, NULL) ||
        !code)
        return false;
    bool degrees = fabs(factor - RADIAN) < 1e-15;
    double angle = degrees ? value : value * factor / RADIAN;
    if (wg_text_equal(code, "8801"))
        out->lat_0 = angle;
    else if (wg_text_equal(code, "8802"))
        out->lon_0 = angle;
    else if (wg_text_equal(code, "8805"))
        out->k_0 = value * factor;
    else if (wg_text_equal(code, "8806"))
        out->east = value * factor;
    else if (wg_text_equal(code, "8807"))
        out->north = value * factor;
    else
        return false;
    return true;
}

static bool read_projection(PJ_CONTEXT *context, const PJ *crs, struct wg_krueger *out)
{
    struct parameters p = {0, 0, 1, 0, 0};
    const char *name = NULL, *code = NULL;
    double axis_m, inverse_flattening;
    PJ *operation = proj_crs_get_coordoperation(context, crs);
    PJ *ellipsoid = proj_get_ellipsoid(context, crs);
    bool ok =
        operation && ellipsoid &&
        proj_coordoperation_get_method_info(context, operation, &name, NULL, &code) &&
        wg_text_equal(code, "9807");
    int n = ok ? proj_coordoperation_get_param_count(context, operation) : 0;
    for (int i = 0; ok && i < n; i++)
        ok = read_parameter(context, operation, i, &p);
    ok = ok &&
         proj_ellipsoid_get_parameters(context, ellipsoid, &axis_m, NULL, NULL,
                                       &inverse_flattening) &&
         wg_krueger_init(out, axis_m, inverse_flattening, p.lon_0, p.lat_0, p.k_0, p.east,
                         p.north);
    proj_destroy(operation);
    proj_destroy(ellipsoid);
    return ok;
}

/* ---- running ---- */

static void by_proj(PJ *pj, size_t n, double *x, double *y)
{
    proj_errno_reset(pj);
    proj_trans_generic(pj, PJ_FWD, x, sizeof *x, n, y, sizeof *y, n, NULL, 0, 0, NULL, 0,
                       0);
}

static size_t by_series(const struct wg_step *step, size_t n, double *x, double *y,
                        bool *left)
{
    size_t found = 0;
    if (step->inverse)
        found += step->path->inverse(&step->from, n, x, y, left);
    if (step->forward)
        found += step->path->forward(&step->to, n, x, y, left);
    return found;
}

/* What the series left, as it was before. */
static void rest_by_proj(PJ *pj, size_t n, const double *was_x, const double *was_y,
                         const bool *left, double *x, double *y)
{
    double px[BLOCK], py[BLOCK];
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (!left[i])
            continue;
        px[found] = was_x[i];
        py[found++] = was_y[i];
    }
    by_proj(pj, found, px, py);
    found = 0;
    for (size_t i = 0; i < n; i++) {
        if (!left[i])
            continue;
        x[i] = px[found];
        y[i] = py[found++];
    }
}

static void run_block(struct wg_step *step, size_t n, double *x, double *y)
{
    bool left[BLOCK], both = step->inverse && step->forward;
    double was_x[BLOCK], was_y[BLOCK];
    memset(left, 0, n * sizeof *left);
    if (both) { /* the first leg overwrites what the second one may refuse */
        memcpy(was_x, x, n * sizeof *x);
        memcpy(was_y, y, n * sizeof *y);
    }
    if (by_series(step, n, x, y, left))
        rest_by_proj(step->pj, n, both ? was_x : x, both ? was_y : y, left, x, y);
}

void wg_step_run(struct wg_step *step, size_t n, double *x, double *y)
{
    if (!step->pj)
        return;
    if (!step->path) {
        by_proj(step->pj, n, x, y);
        return;
    }
    for (size_t i = 0; i < n; i += BLOCK)
        run_block(step, n - i < BLOCK ? n - i : BLOCK, x + i, y + i);
}

bool wg_step_is_sure(const struct wg_step *step, size_t n, const double *x,
                     const double *y)
{
    if (!step->path || step->inverse == step->forward)
        return false;
    const struct wg_krueger *k = step->forward ? &step->to : &step->from;
    double x_0 = k->lon_0_deg, reach_x = WG_KRUEGER_STRIP_DEG;
    double y_0 = 0, reach_y = WG_KRUEGER_LATITUDE_DEG;
    if (step->inverse) { /* to 60° of latitude and, there, 11.3° of longitude */
        x_0 = k->east_0_m;
        y_0 = k->north_0_m;
        reach_x = 0.1 * k->scale_m;
        reach_y = 1.04 * k->scale_m;
        if (fabs(k->lon_0_deg) > 168)
            return false;
    }
    bool sure = true;
    for (size_t i = 0; i < n; i++)
        sure &= (fabs(x[i] - x_0) <= reach_x) & (fabs(y[i] - y_0) <= reach_y);
    return sure;
}

/* ---- proving ---- */

/* Degrees across the strip, or the metres that the first leg makes of them. */
static size_t probes(const struct wg_step *step, double x[BLOCK], double y[BLOCK])
{
    static const double east[] = {-11.9, -3, -1.37, 0, 0.5, 3, 11.9};
    static const double north[] = {-84, -45.5, -10, 0, 22.22, 34, 44.9, 60, 84};
    const struct wg_krueger *k = step->inverse ? &step->from : &step->to;
    bool left[BLOCK] = {false};
    size_t n = 0;
    for (size_t i = 0; i < sizeof east / sizeof *east; i++)
        for (size_t j = 0; j < sizeof north / sizeof *north; j++) {
            x[n] = k->lon_0_deg + east[i];
            y[n++] = north[j];
        }
    if (step->inverse)
        step->path->forward(k, n, x, y, left);
    return n;
}

static bool agrees(const struct wg_step *step)
{
    double x[BLOCK], y[BLOCK], px[BLOCK], py[BLOCK];
    bool left[BLOCK] = {false};
    size_t n = probes(step, x, y), compared = 0;
    memcpy(px, x, sizeof px);
    memcpy(py, y, sizeof py);
    by_series(step, n, x, y, left);
    by_proj(step->pj, n, px, py);
    for (size_t i = 0; i < n; i++) {
        double unit = step->forward ? 1 : METRES_A_DEGREE;
        double along = step->forward ? 1 : unit * cos(y[i] * RADIAN);
        if (left[i])
            continue;
        compared++;
        if (!(fabs(x[i] - px[i]) * along <= AGREE_M &&
              fabs(y[i] - py[i]) * unit <= AGREE_M))
            return false;
    }
    return compared >= 9;
}

void wg_step_init(struct wg_step *step, PJ_CONTEXT *context, const PJ *from, const PJ *to,
                  PJ *pj)
{
    *step = (struct wg_step){.pj = pj};
    if (!pj)
        return;
    step->inverse = proj_get_type(from) == PJ_TYPE_PROJECTED_CRS;
    step->forward = proj_get_type(to) == PJ_TYPE_PROJECTED_CRS;
    if (!only_projects(context, pj, step->inverse + step->forward) ||
        (step->inverse && !read_projection(context, from, &step->from)) ||
        (step->forward && !read_projection(context, to, &step->to)))
        return;
    step->path = wg_krueger_path_best();
    if (!agrees(step))
        step->path = NULL;
}

void wg_step_finish(struct wg_step *step)
{
    proj_destroy(step->pj);
}
