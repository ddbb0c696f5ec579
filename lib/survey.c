/* Owns the reading of what stands in the district. */
#include <string.h>

#include "internal.h"
#include "statement.h"
#include "survey_job.h"
#include "wangge/building.h"
#include "wangge/ground.h"
#include "wangge/shape.h"

struct reading {
    struct wg_survey *survey;
    enum wg_status status;
    struct wg_error *err;
};

/* ---- buildings and their people ---- */

static bool add_building(const struct wg_building *b, void *user)
{
    struct reading *r = user;
    if (b->geometry.n_part)
        r->status = wg_survey_add_building(r->survey, b->id, &b->geometry, b->households,
                                           b->population, r->err);
    return !r->status;
}

static struct wg_survey_building *building_of(const struct wg_survey *survey, int64_t id)
{
    size_t low = 0, high = survey->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (survey->building[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < survey->n && survey->building[low].id == id ? &survey->building[low]
                                                             : NULL;
}

/* Where a building has no count of its own, the sum of its dwellings in force. */
static const char *const dwelling_sql =
    "SELECT building_id, sum(households), sum(population) FROM dwelling "
    "WHERE (valid_from IS NULL OR valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (valid_to IS NULL OR valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "GROUP BY building_id";

static enum wg_status read_dwellings(struct wg_store *store, struct wg_survey *survey,
                                     struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(store, dwelling_sql, &q, err);
    if (st)
        return st;
    while (!(st = wg_step(q, &row, err)) && row) {
        struct wg_survey_building *b = building_of(survey, wg_column_int(q, 0));
        if (b && b->households == WG_UNKNOWN)
            b->households = wg_column_count(q, 1);
        if (b && b->population == WG_UNKNOWN)
            b->population = wg_column_count(q, 2);
    }
    wg_done(q);
    return st;
}

/* ---- open events, duties, streets ---- */

static enum wg_status read_events(struct wg_store *store, const struct wg_box *box,
                                  struct wg_survey *survey, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(
        store, "SELECT geom FROM v_event_open WHERE geom IS NOT NULL ORDER BY id", &q,
        err);
    if (st)
        return st;
    while (!st && !(st = wg_step(q, &row, err)) && row) {
        struct wg_point at;
        size_t size = 0;
        const void *blob = wg_column_blob(q, 0, &size);
        st = wg_shape_point_from_blob(blob, size, &at, err);
        if (!st && (!box || wg_box_contains(*box, at.x, at.y)))
            st = wg_survey_add_event(survey, at, err);
    }
    wg_done(q);
    return st;
}

static const char *const duty_sql =
    "SELECT d.grid_id, count(DISTINCT d.officer_id) FROM duty d "
    "JOIN officer f ON f.id = d.officer_id JOIN grid g ON g.id = d.grid_id "
    "WHERE g.scheme_id = ?1 "
    "AND (d.valid_from IS NULL OR d.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (d.valid_to IS NULL OR d.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (f.valid_from IS NULL OR f.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "AND (f.valid_to IS NULL OR f.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "GROUP BY d.grid_id ORDER BY d.grid_id";

static enum wg_status read_duties(struct wg_store *store, int64_t scheme,
                                  struct wg_survey *survey, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(store, duty_sql, &q, err);
    if (st)
        return st;
    wg_bind_int(q, 1, scheme);
    while (!(st = wg_step(q, &row, err)) && row) {
        void *array = survey->duty;
        if (!wg_grow(&array, &survey->cap_duty, survey->n_duty + 1,
                     sizeof *survey->duty)) {
            st = wg_fail_memory(err);
            break;
        }
        survey->duty = array;
        survey->duty[survey->n_duty++] =
            (struct wg_survey_duty){wg_column_int(q, 0), wg_column_int(q, 1)};
    }
    wg_done(q);
    return st;
}

static bool add_street(const struct wg_road *road, void *user)
{
    struct reading *r = user;
    if (road->n >= 2)
        r->status = wg_survey_add_street(r->survey, road->n, road->x, road->y,
                                         road->class_code, r->err);
    return !r->status;
}

enum wg_status wg_survey_read(struct wg_store *store,
                              const struct wg_survey_options *options,
                              struct wg_survey **out, struct wg_error *err)
{
    static const struct wg_survey_options none;
    const struct wg_survey_options *o = options ? options : &none;
    struct wg_filter whole = {.box = o->box, .where = "building.part_of IS NULL"};
    struct wg_filter streets = {.box = o->box};
    struct reading r = {calloc(1, sizeof *r.survey), WG_OK, err};
    if (!r.survey)
        return wg_fail_memory(err);
    enum wg_status st = wg_store_begin_read(store, err);
    bool reading = !st;
    if (!st)
        st = wg_building_each(store, &whole, add_building, &r, err);
    if (!st && !(st = r.status))
        st = read_dwellings(store, r.survey, err);
    if (!st)
        st = read_events(store, o->box, r.survey, err);
    if (!st && o->scheme)
        st = read_duties(store, o->scheme, r.survey, err);
    if (!st)
        st = wg_road_each(store, &streets, add_street, &r, err);
    if (!st && !(st = r.status))
        st = wg_survey_seal(r.survey, err);
    if (reading) {
        enum wg_status ended = wg_store_commit(store, st ? NULL : err);
        st = st ? st : ended;
    }
    if (st)
        wg_survey_destroy(r.survey);
    else
        *out = r.survey;
    return st;
}
