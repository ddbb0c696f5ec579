/* Surfaces and roads from a file. */
#include <string.h>

#include "import_job.h"
#include "internal.h"

enum wg_status wg_row_surface(struct wg_job *job, struct wg_error *err)
{
    struct wg_surface s;
    const struct wg_multipolygon *mp;
    int64_t id;
    wg_surface_init(&s);
    enum wg_status st = wg_field_text(job, WG_F_KIND, &s.kind, err);
    if (!st)
        st = wg_field_text(job, WG_F_NAME, &s.name, err);
    if (!st)
        st = wg_field_text(job, WG_F_ID, &s.source_id, err);
    if (!st)
        st = wg_job_polygon(job, false, &mp, err);
    if (st)
        return st;
    if (!s.kind)
        s.kind = job->opt->kind;
    s.geometry = *mp;
    st = wg_surface_create(job->store, &s, &id, err);
    if (!st)
        wg_job_made(job, id, true);
    return st;
}

static enum wg_status make_road(struct wg_job *job, size_t n, const double *x,
                                const double *y, struct wg_error *err)
{
    struct wg_road road;
    int64_t id;
    wg_road_init(&road);
    enum wg_status st = wg_field_text(job, WG_F_NAME, &road.name, err);
    if (!st)
        st = wg_field_text(job, WG_F_CLASS, &road.class_code, err);
    if (!st)
        st = wg_field_text(job, WG_F_ID, &road.source_id, err);
    if (st)
        return st;
    road.width_m = wg_field_metres(job, WG_F_WIDTH);
    road.n = n;
    road.x = x;
    road.y = y;
    st = wg_road_create(job->store, &road, &id, err);
    if (!st)
        wg_job_made(job, id, true);
    return st;
}

enum wg_status wg_row_road(struct wg_job *job, struct wg_error *err)
{
    return wg_job_lines(job, make_road, err);
}
