#ifndef WANGGE_SURVEY_H
#define WANGGE_SURVEY_H
/*
 * What stands in the district, read once for drawing boundaries: buildings with their
 * counts, open events, centre lines of streets, duties.  Frozen: threads may share it.
 */
#include "wangge/coverage.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_survey_options {
    const struct wg_box *box; /* NULL: the whole district */
    int64_t scheme;           /* whose officers are counted; 0: none */
};
WG_API enum wg_status wg_survey_read(struct wg_store *store,
                                     const struct wg_survey_options *options,
                                     struct wg_survey **out, struct wg_error *err);
WG_API void wg_survey_destroy(struct wg_survey *survey); /* NULL is fine */

/* Whole buildings in force; parts of buildings are left out, as where people are counted.
 */
struct wg_survey_building {
    int64_t id;
    const struct wg_multipolygon *footprint;
    struct wg_box box;
    struct wg_point middle;
    double area_m2;
    int64_t households, population; /* WG_UNKNOWN */
};
WG_API size_t wg_survey_count(const struct wg_survey *survey);
WG_API void wg_survey_at(const struct wg_survey *survey, size_t i,
                         struct wg_survey_building *out);
/* Buildings whose box meets a box, by number. */
typedef bool wg_survey_fn(size_t i, void *user);
WG_API void wg_survey_near(const struct wg_survey *survey, struct wg_box box,
                           wg_survey_fn *fn, void *user);
/* Open events with a place. */
WG_API size_t wg_survey_event_count(const struct wg_survey *survey);
WG_API struct wg_point wg_survey_event(const struct wg_survey *survey, size_t i);
/* Streets. */
WG_API size_t wg_survey_street_count(const struct wg_survey *survey);
WG_API void wg_survey_street(const struct wg_survey *survey, size_t i,
                             struct wg_line *borrowed, const char **class_code);
/* Officers on duty in a grid. */
WG_API int64_t wg_survey_officers(const struct wg_survey *survey, int64_t grid);

/* ---- balance: what a pending edit does to each grid ---- */

struct wg_norms {
    /* WG_UNKNOWN, NaN: no norm */
    int64_t households_min, households_max, population_min, population_max;
    double area_min_m2, area_max_m2;
};
struct wg_balance_side {
    double area_m2;
    int64_t buildings, households, population, events, officers;
    int64_t cut; /* buildings the boundary cuts */
    bool exists, households_ok, population_ok, area_ok;
};
struct wg_balance {
    int64_t grid;     /* < 0: new */
    const char *code; /* NULL: new */
    struct wg_balance_side before, after;
};
/* Before (when the balancer was made) and after, for each grid that steps since then
 * touched, or whose buildings they changed; only what lies in areas that changed hands is
 * looked at again.  Keep one while drawing: what it has counted stays counted; make a new
 * one after a commit.  The survey must outlive it.  A building belongs to the grid with
 * most of its footprint, as in assign.h; of a tie the lowest code has it, and grids that
 * have no code yet come last. */
struct wg_balancer;
WG_API enum wg_status wg_balancer_create(const struct wg_coverage *coverage,
                                         const struct wg_survey *survey,
                                         const struct wg_norms *norms,
                                         struct wg_balancer **out, struct wg_error *err);
WG_API void wg_balancer_destroy(struct wg_balancer *balancer);
typedef bool wg_balance_fn(const struct wg_balance *balance, void *user);
WG_API enum wg_status wg_balance_each(struct wg_balancer *balancer,
                                      const struct wg_coverage *coverage,
                                      wg_balance_fn *fn, void *user,
                                      struct wg_error *err);
/* The norms of a scheme; what it has none for, and population, is no norm.  (300–500
 * households is what `wangge demo` and `wangge add scheme` propose.) */
WG_API enum wg_status wg_norms_read(struct wg_store *store, int64_t scheme,
                                    struct wg_norms *out, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
