/* A check under way: what its rules share. */
#ifndef WG_CHECK_JOB_H
#define WG_CHECK_JOB_H

#include <stdarg.h>

#include "check_cover.h"
#include "wangge/check.h"
#include "wangge/code.h"
#include "wangge/grid.h"
#include "wangge/scheme.h"
#include "wangge/shape.h"

struct wg_check_grid {
    struct wg_grid row; /* code and geometry are its own; other strings NULL, but kind */
    struct wg_box box;
    struct wg_point middle;
    int64_t parent; /* index, -1 */
    uint32_t n_children;
    bool far; /* too far from the rest for the lattice: in no arrangement */
};

struct wg_check_job {
    struct wg_store *store;
    struct wg_shape *shape;
    wg_finding_fn *fn;
    void *user;
    struct wg_progress progress;
    struct wg_error *err;
    const struct wg_check_options *opt;
    double sliver_m2;

    struct wg_scheme scheme;
    struct wg_code_form form;
    struct wg_check_grid *grid;
    size_t n_grid, cap;
    int highest;               /* the smallest level number there is */
    struct wg_lattice lattice; /* one for all levels */
    unsigned finer;            /* its steps: as fine as the extent allows */
    struct wg_spot *told;      /* corners of what was found: sorted before it is asked */
    size_t n_told, cap_told;

    int64_t n; /* findings */
    bool stopped;
    enum wg_status status;
};

/* A finding about a grid (may be NULL), placed in its middle. */
struct wg_finding wg_check_finding(enum wg_rule rule, const struct wg_check_grid *g,
                                   double size, const char *cure);
/* Give it its words and hand it over; false when the caller has had enough. */
bool wg_check_tell(struct wg_check_job *job, struct wg_finding *f, const char *format,
                   ...) WG_PRINTF(3, 4);

/* check_level.c: gaps, overlaps, slivers, rings, unmatched vertices; check_nest.c:
 * outside their parent, unfilled.  Nest first: a vertex where something else is wrong is
 * not told once more as unmatched. */
enum wg_status wg_check_nests(struct wg_check_job *job);
enum wg_status wg_check_levels(struct wg_check_job *job);
/* What they share: place, width and polygon of some faces, and their corners kept. */
struct wg_check_area {
    double area_m2, width_m;
    double mean_m; /* mean width: area by half the outline */
    struct wg_point place;
    struct wg_multipolygon polygon;
};
enum wg_status wg_check_cover(struct wg_check_job *job, size_t n,
                              const struct wg_multipolygon *const *mp,
                              struct wg_cover *out);
enum wg_status wg_check_measure(struct wg_check_job *job, struct wg_cover *cover,
                                size_t n, const uint32_t *face,
                                struct wg_check_area *out);
/* Mean width in steps below which a face is the work of the arrangement's own rounding.
 */
#define WG_CHECK_THIN 1.5
/* Is it to be passed over: no more than the sliver's area? */
bool wg_check_is_small(const struct wg_check_job *job, const struct wg_check_area *area);
/* Is it narrower than what the caller calls a sliver? */
bool wg_check_is_sliver(const struct wg_check_job *job, const struct wg_check_area *area);

enum wg_status wg_check_codes(struct wg_check_job *job);   /* check_code.c */
enum wg_status wg_check_parents(struct wg_check_job *job); /* check_parent.c */
/* check_management.c: over the cover of one level, `grid` the index of each label. */
enum wg_status wg_check_management(struct wg_check_job *job, const struct wg_cover *cover,
                                   const size_t *grid);
enum wg_status wg_check_cut_buildings(struct wg_check_job *job);
enum wg_status wg_check_people(struct wg_check_job *job); /* sizes, officers */

#endif
