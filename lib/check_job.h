/* A check under way: what its rules share. */
#ifndef WG_CHECK_JOB_H
#define WG_CHECK_JOB_H

#include <stdarg.h>

#include "wangge/check.h"
#include "wangge/code.h"
#include "wangge/grid.h"
#include "wangge/scheme.h"
#include "wangge/shape.h"

struct wg_check_grid {
    struct wg_grid row; /* code and geometry are its own; other strings NULL */
    struct wg_box box;
    struct wg_point middle;
    int64_t parent;     /* index, -1 */
    bool has_children, valid;
};

struct wg_check_job {
    struct wg_store *store;
    struct wg_shape *shape;
    wg_finding_fn *fn;
    void *user;
    struct wg_progress progress;
    struct wg_error *err;
    double sliver_m2;
    bool no_norms;

    struct wg_scheme scheme;
    struct wg_code_form form;
    struct wg_check_grid *grid;
    size_t n_grid, cap;
    int highest; /* the smallest level number there is */

    int64_t n; /* findings */
    bool stopped;
    enum wg_status status;
};

/* A finding about a grid (may be NULL), placed in its middle. */
struct wg_finding wg_check_finding(enum wg_rule rule, const struct wg_check_grid *g,
                                   double size, const char *cure);
/* Give it its words and hand it over; false when the caller has had enough. */
bool wg_check_tell(struct wg_check_job *job, struct wg_finding *f, const char *format, ...)
    WG_PRINTF(3, 4);

enum wg_status wg_check_overlaps(struct wg_check_job *job);
enum wg_status wg_check_gaps(struct wg_check_job *job); /* and outside-parent */
enum wg_status wg_check_cut_buildings(struct wg_check_job *job);
enum wg_status wg_check_people(struct wg_check_job *job); /* households, officers */

#endif
