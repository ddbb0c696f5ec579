#ifndef WANGGE_DIVIDE_H
#define WANGGE_DIVIDE_H
/*
 * Propose a division of an area into grids that follow streets, never cut a building,
 * hold about the same number of households, are compact, and are numbered north-west
 * first. Pure: the proposal is polygons (or edits of a coverage) for a person to change.
 */
#include "wangge/survey.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_divide_options {
    uint32_t target; /* how many grids; 0: from the norm, else from the seeds */
    int64_t households_min, households_max; /* norm; 0: 300 and 500 */
    size_t n_seed;                          /* start from these places (one grid each) */
    const struct wg_point *seed;
    double margin_m; /* kept from footprints; 0: 0.5 m */
    uint64_t random; /* the same number gives the same division */
    struct wg_progress progress;
};
struct wg_division {
    size_t n;
    struct wg_multipolygon *grid; /* in reading order: a strict partition of the area */
    int64_t *households, *population, *buildings;
    /* quality */
    int64_t cut;        /* buildings cut: 0 unless a footprint leaves the area */
    int64_t in_norm;    /* grids within the norm */
    double balance;     /* largest deviation from the mean households, 0.1 = 10 % */
    double compactness; /* mean of 4π·area / perimeter² (Polsby–Popper) */
    double on_street;   /* share of the new boundaries' length that runs along a street */
};
WG_API void wg_division_finish(struct wg_division *division);
WG_API enum wg_status wg_divide(const struct wg_multipolygon *area,
                                const struct wg_survey *survey,
                                const struct wg_divide_options *options,
                                struct wg_division *out, struct wg_error *err);
/* Put a division into a coverage as one step: `grid` (or, when 0, the free area inside
 * the division) becomes its polygons; the first keeps the grid's id and code. */
WG_API enum wg_status wg_coverage_divide(struct wg_coverage *coverage, int64_t grid,
                                         const struct wg_division *division,
                                         const struct wg_new_grid *as,
                                         struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
