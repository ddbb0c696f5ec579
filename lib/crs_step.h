/*
 * One step of a transform between two of PROJ's frames: PROJ's operation and, where that
 * is nothing but a transverse Mercator projection, the Krüger series in its place.
 */
#ifndef WG_CRS_STEP_H
#define WG_CRS_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include <proj.h>

#include "krueger.h"

struct wg_step {
    PJ *pj;                             /* NULL: nothing to do */
    const struct wg_krueger_path *path; /* NULL: PROJ's road only */
    bool inverse, forward;              /* metres to degrees, then degrees to metres */
    struct wg_krueger from, to;
};

/* Takes pj, the operation between the two in the order x, y. */
void wg_step_init(struct wg_step *step, PJ_CONTEXT *context, const PJ *from, const PJ *to,
                  PJ *pj);
void wg_step_finish(struct wg_step *step);

/* In place; a point that cannot be transformed becomes infinite.  Points outside the
 * series' strip go to PROJ. */
void wg_step_run(struct wg_step *step, size_t n, double *x, double *y);
/* True when the series will take every point, so that none can fail. */
bool wg_step_is_sure(const struct wg_step *step, size_t n, const double *x,
                     const double *y);

#endif
