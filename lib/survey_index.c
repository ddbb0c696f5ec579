/* Owns what a survey holds in memory and where it stands. */
#include <string.h>

#include "internal.h"
#include "survey_job.h"

/* ---- filling ---- */

enum wg_status wg_survey_add_building(struct wg_survey *survey, int64_t id,
                                      const struct wg_multipolygon *footprint,
                                      int64_t households, int64_t population,
                                      struct wg_error *err)
{
    void *building = survey->building, *copy = survey->footprint;
    size_t cap = survey->cap;
    bool ok = wg_grow(&building, &cap, survey->n + 1, sizeof *survey->building);
    survey->building = building;
    ok = ok && wg_grow(&copy, &survey->cap, survey->n + 1, sizeof *survey->footprint);
    survey->footprint = copy;
    if (!ok)
        return wg_fail_memory(err);
    struct wg_multipolygon *mp = &survey->footprint[survey->n];
    memset(mp, 0, sizeof *mp);
    enum wg_status st = wg_multipolygon_copy(footprint, mp, err);
    if (st)
        return st;
    survey->building[survey->n++] =
        (struct wg_survey_building){.id = id,
                                    .box = wg_multipolygon_box(mp),
                                    .middle = wg_multipolygon_centroid(mp),
                                    .area_m2 = wg_multipolygon_area(mp),
                                    .households = households,
                                    .population = population};
    return WG_OK;
}

enum wg_status wg_survey_add_event(struct wg_survey *survey, struct wg_point at,
                                   struct wg_error *err)
{
    void *array = survey->event;
    if (!wg_grow(&array, &survey->cap_event, survey->n_event + 1, sizeof at))
        return wg_fail_memory(err);
    survey->event = array;
    survey->event[survey->n_event++] = at;
    return WG_OK;
}

enum wg_status wg_survey_add_street(struct wg_survey *survey, size_t n, const double *x,
                                    const double *y, const char *class_code,
                                    struct wg_error *err)
{
    void *array = survey->street;
    struct wg_survey_street s = {.n = n, .box = wg_box_empty()};
    if (!wg_grow(&array, &survey->cap_street, survey->n_street + 1, sizeof s))
        return wg_fail_memory(err);
    survey->street = array;
    s.x = malloc((n + 1) * sizeof *s.x);
    s.y = malloc((n + 1) * sizeof *s.y);
    s.class_code = wg_strdup(class_code);
    if (!s.x || !s.y || (class_code && !s.class_code)) {
        free(s.x);
        free(s.y);
        free(s.class_code);
        return wg_fail_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        s.x[i] = x[i];
        s.y[i] = y[i];
        s.box = wg_box_grow(s.box, x[i], y[i]);
    }
    survey->street[survey->n_street++] = s;
    return WG_OK;
}

enum wg_status wg_survey_seal(struct wg_survey *survey, struct wg_error *err)
{
    size_t most = survey->n;
    if (survey->n_event > most)
        most = survey->n_event;
    if (survey->n_street > most)
        most = survey->n_street;
    struct wg_box *box = malloc((most + 1) * sizeof *box);
    if (!box)
        return wg_fail_memory(err);
    for (size_t i = 0; i < survey->n; i++) {
        survey->building[i].footprint = &survey->footprint[i];
        box[i] = survey->building[i].box;
    }
    bool ok = wg_box_tree_build(&survey->buildings, survey->n, box);
    for (size_t i = 0; i < survey->n_event; i++)
        box[i] = wg_box_grow(wg_box_empty(), survey->event[i].x, survey->event[i].y);
    ok = ok && wg_box_tree_build(&survey->events, survey->n_event, box);
    for (size_t i = 0; i < survey->n_street; i++)
        box[i] = survey->street[i].box;
    ok = ok && wg_box_tree_build(&survey->streets, survey->n_street, box);
    free(box);
    return ok ? WG_OK : wg_fail_memory(err);
}

void wg_survey_destroy(struct wg_survey *survey)
{
    if (!survey)
        return;
    for (size_t i = 0; i < survey->n; i++)
        wg_multipolygon_finish(&survey->footprint[i]);
    for (size_t i = 0; i < survey->n_street; i++) {
        free(survey->street[i].x);
        free(survey->street[i].y);
        free(survey->street[i].class_code);
    }
    wg_box_tree_finish(&survey->buildings);
    wg_box_tree_finish(&survey->events);
    wg_box_tree_finish(&survey->streets);
    free(survey->building);
    free(survey->footprint);
    free(survey->event);
    free(survey->street);
    free(survey->duty);
    free(survey);
}

/* ---- asking ---- */

size_t wg_survey_count(const struct wg_survey *survey)
{
    return survey->n;
}

void wg_survey_at(const struct wg_survey *survey, size_t i,
                  struct wg_survey_building *out)
{
    *out = survey->building[i];
}

void wg_survey_near(const struct wg_survey *survey, struct wg_box box, wg_survey_fn *fn,
                    void *user)
{
    wg_box_tree_near(&survey->buildings, box, fn, user);
}

void wg_survey_events_near(const struct wg_survey *survey, struct wg_box box,
                           wg_survey_fn *fn, void *user)
{
    wg_box_tree_near(&survey->events, box, fn, user);
}

void wg_survey_streets_near(const struct wg_survey *survey, struct wg_box box,
                            wg_survey_fn *fn, void *user)
{
    wg_box_tree_near(&survey->streets, box, fn, user);
}

size_t wg_survey_event_count(const struct wg_survey *survey)
{
    return survey->n_event;
}

struct wg_point wg_survey_event(const struct wg_survey *survey, size_t i)
{
    return survey->event[i];
}

size_t wg_survey_street_count(const struct wg_survey *survey)
{
    return survey->n_street;
}

void wg_survey_street(const struct wg_survey *survey, size_t i, struct wg_line *borrowed,
                      const char **class_code)
{
    const struct wg_survey_street *s = &survey->street[i];
    *borrowed = (struct wg_line){(uint32_t)s->n, s->x, s->y};
    if (class_code)
        *class_code = s->class_code;
}

int64_t wg_survey_officers(const struct wg_survey *survey, int64_t grid)
{
    size_t low = 0, high = survey->n_duty;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (survey->duty[middle].grid < grid)
            low = middle + 1;
        else
            high = middle;
    }
    return low < survey->n_duty && survey->duty[low].grid == grid
               ? survey->duty[low].officers
               : 0;
}
