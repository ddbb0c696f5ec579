/* Inside a survey. */
#ifndef WG_SURVEY_JOB_H
#define WG_SURVEY_JOB_H

#include "box_tree.h"
#include "wangge/survey.h"

struct wg_survey_street {
    size_t n;
    double *x, *y;
    char *class_code;
    struct wg_box box;
};

struct wg_survey_duty {
    int64_t grid, officers;
};

struct wg_survey {
    size_t n, cap; /* buildings in order of id */
    struct wg_survey_building *building;
    struct wg_multipolygon *footprint;
    size_t n_event, cap_event;
    struct wg_point *event;
    size_t n_street, cap_street;
    struct wg_survey_street *street;
    size_t n_duty, cap_duty; /* in order of grid */
    struct wg_survey_duty *duty;
    struct wg_box_tree buildings, events, streets;
};

/* Fill one by hand (starting from a zeroed one from calloc): copies what it is given;
 * buildings in order of id; then seal. */
enum wg_status wg_survey_add_building(struct wg_survey *survey, int64_t id,
                                      const struct wg_multipolygon *footprint,
                                      int64_t households, int64_t population,
                                      struct wg_error *err);
enum wg_status wg_survey_add_event(struct wg_survey *survey, struct wg_point at,
                                   struct wg_error *err);
enum wg_status wg_survey_add_street(struct wg_survey *survey, size_t n, const double *x,
                                    const double *y, const char *class_code,
                                    struct wg_error *err);
enum wg_status wg_survey_seal(struct wg_survey *survey, struct wg_error *err);

/* Open events and streets whose box meets a box. */
void wg_survey_events_near(const struct wg_survey *survey, struct wg_box box,
                           wg_survey_fn *fn, void *user);
void wg_survey_streets_near(const struct wg_survey *survey, struct wg_box box,
                            wg_survey_fn *fn, void *user);

#endif
