/* The columns of each noun in an exported file, and its rows. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export_job.h"
#include "internal.h"
#include "statement.h"

static const struct wg_column grid_columns[] = {
    {"code", NULL, WG_C_TEXT},     {"name", NULL, WG_C_TEXT},
    {"level", NULL, WG_C_TEXT},    {"kind", NULL, WG_C_TEXT},
    {"parent", NULL, WG_C_TEXT},   {"note", NULL, WG_C_TEXT},
    {"area_m2", NULL, WG_C_REAL},  {"valid_from", NULL, WG_C_TIME},
    {"valid_to", NULL, WG_C_TIME},
};
static const struct wg_column building_columns[] = {
    {"code", NULL, WG_C_TEXT},
    {"name", NULL, WG_C_TEXT},
    {"use", NULL, WG_C_TEXT},
    {"address", NULL, WG_C_TEXT},
    {"base_m", NULL, WG_C_REAL},
    {"height_m", NULL, WG_C_REAL},
    {"height_from", "h_from", WG_C_TEXT},
    {"floors", NULL, WG_C_INT},
    {"roof", NULL, WG_C_TEXT},
    {"roof_m", NULL, WG_C_REAL},
    {"households", NULL, WG_C_INT},
    {"population", NULL, WG_C_INT},
    {"elderly_alone", "elderly", WG_C_INT},
    {"source_id", NULL, WG_C_TEXT},
    {"part_of", NULL, WG_C_TEXT},
    {"valid_from", NULL, WG_C_TIME},
    {"valid_to", NULL, WG_C_TIME},
    {"grid", NULL, WG_C_TEXT},
};
static const struct wg_column part_columns[] = {
    {"code", NULL, WG_C_TEXT},      {"class", NULL, WG_C_TEXT},
    {"name", NULL, WG_C_TEXT},      {"state", NULL, WG_C_TEXT},
    {"source_id", NULL, WG_C_TEXT}, {"valid_from", NULL, WG_C_TIME},
    {"valid_to", NULL, WG_C_TIME},  {"grid", NULL, WG_C_TEXT},
};
static const struct wg_column event_columns[] = {
    {"uuid", NULL, WG_C_TEXT},
    {"code", NULL, WG_C_TEXT},
    {"class", NULL, WG_C_TEXT},
    {"title", NULL, WG_C_TEXT},
    {"description", "descript", WG_C_TEXT},
    {"address", NULL, WG_C_TEXT},
    {"source", NULL, WG_C_TEXT},
    {"occurred_at", "occurred", WG_C_TIME},
    {"reported_at", "reported", WG_C_TIME},
    {"frame", NULL, WG_C_TEXT},
    {"accuracy_m", NULL, WG_C_REAL},
    {"stage", NULL, WG_C_TEXT},
    {"alert", NULL, WG_C_INT},
    {"due_at", NULL, WG_C_TIME},
    {"closed_at", NULL, WG_C_TIME},
    {"acknowledged_at", "acked_at", WG_C_TIME},
    {"grid", NULL, WG_C_TEXT},
};
static const struct wg_column officer_columns[] = {
    {"code", NULL, WG_C_TEXT},     {"name", NULL, WG_C_TEXT},
    {"phone", NULL, WG_C_TEXT},    {"valid_from", NULL, WG_C_TIME},
    {"valid_to", NULL, WG_C_TIME}, {"grid", NULL, WG_C_TEXT},
};
static const struct wg_column owner_columns[] = {
    {"kind", NULL, WG_C_TEXT}, {"object", NULL, WG_C_INT}, {"scheme", NULL, WG_C_TEXT},
    {"grid", NULL, WG_C_TEXT}, {"share", NULL, WG_C_REAL}, {"cut", NULL, WG_C_INT},
};
static const struct wg_column surface_columns[] = {
    {"kind", NULL, WG_C_TEXT},
    {"name", NULL, WG_C_TEXT},
    {"source_id", NULL, WG_C_TEXT},
};
static const struct wg_column road_columns[] = {
    {"name", NULL, WG_C_TEXT},
    {"class", NULL, WG_C_TEXT},
    {"width_m", NULL, WG_C_REAL},
    {"source_id", NULL, WG_C_TEXT},
};
static const struct wg_column finding_columns[] = {
    {"rule", NULL, WG_C_TEXT},    {"scheme", NULL, WG_C_TEXT},  {"grid", NULL, WG_C_TEXT},
    {"other", NULL, WG_C_TEXT},   {"building", NULL, WG_C_INT}, {"size", NULL, WG_C_REAL},
    {"width_m", NULL, WG_C_REAL}, {"finding", NULL, WG_C_TEXT}, {"cure", NULL, WG_C_TEXT},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))
_Static_assert(COUNT(building_columns) <= WG_COLUMNS_MAX, "columns");
_Static_assert(COUNT(event_columns) <= WG_COLUMNS_MAX, "columns");

size_t wg_export_columns(enum wg_noun noun, const struct wg_column **out)
{
    switch (noun) {
    case WG_NOUN_GRIDS:
        *out = grid_columns;
        return COUNT(grid_columns);
    case WG_NOUN_BUILDINGS:
        *out = building_columns;
        return COUNT(building_columns);
    case WG_NOUN_PARTS:
        *out = part_columns;
        return COUNT(part_columns);
    case WG_NOUN_EVENTS:
        *out = event_columns;
        return COUNT(event_columns);
    case WG_NOUN_OFFICERS:
        *out = officer_columns;
        return COUNT(officer_columns);
    case WG_NOUN_OWNERS:
        *out = owner_columns;
        return COUNT(owner_columns);
    case WG_NOUN_SURFACES:
        *out = surface_columns;
        return COUNT(surface_columns);
    case WG_NOUN_ROADS:
        *out = road_columns;
        return COUNT(road_columns);
    case WG_NOUN_FINDINGS:
        *out = finding_columns;
        return COUNT(finding_columns);
    default:
        return 0;
    }
}

OGRwkbGeometryType wg_export_geometry(const struct wg_export_job *job)
{
    switch (job->noun) {
    case WG_NOUN_FINDINGS:
        return job->areas ? wkbMultiPolygon : wkbPoint;
    case WG_NOUN_PARTS:
    case WG_NOUN_EVENTS:
        return wkbPoint;
    case WG_NOUN_ROADS:
        return wkbLineString;
    case WG_NOUN_OFFICERS:
    case WG_NOUN_OWNERS:
        return wkbNone;
    default:
        return wkbMultiPolygon;
    }
}

/* One text that a statement of one or two numbers finds. */
static void text_by_id(struct wg_export_job *job, int column, const char *sql, int64_t a,
                       int64_t b)
{
    struct wg_query *q = NULL;
    bool row = false;
    if (job->status || job->field[column] < 0)
        return;
    job->status = wg_query(job->store, sql, &q, job->err);
    if (job->status)
        return;
    wg_bind_int(q, 1, a);
    wg_bind_int(q, 2, b);
    job->status = wg_step(q, &row, job->err);
    if (!job->status && row)
        wg_export_text(job, column, wg_column_text(q, 0));
    wg_done(q);
}

static void owner_column(struct wg_export_job *job, int column, enum wg_kind kind,
                         int64_t object)
{
    static const char *const sql[] = {
        [WG_KIND_BUILDING] = "SELECT g.code FROM owner o JOIN grid g ON g.id = o.grid_id"
                             " WHERE o.scheme_id = ? AND o.kind = 1 AND o.object_id = ?",
        [WG_KIND_PART] = "SELECT g.code FROM owner o JOIN grid g ON g.id = o.grid_id"
                         " WHERE o.scheme_id = ? AND o.kind = 2 AND o.object_id = ?",
        [WG_KIND_EVENT] = "SELECT g.code FROM owner o JOIN grid g ON g.id = o.grid_id"
                          " WHERE o.scheme_id = ? AND o.kind = 3 AND o.object_id = ?",
    };
    if (job->scheme)
        text_by_id(job, column, sql[kind], job->scheme, object);
}

static bool write_grid(const struct wg_grid *g, void *user)
{
    struct wg_export_job *job = user;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, g->code);
    wg_export_text(job, 1, g->name);
    wg_export_text(job, 2, wg_level_name(g->level));
    wg_export_text(job, 3, g->kind);
    if (g->parent)
        text_by_id(job, 4, "SELECT code FROM grid WHERE id = ?1 AND ?2 = 0", g->parent,
                   0);
    wg_export_text(job, 5, g->note);
    wg_export_real(job, 6, g->area_m2);
    wg_export_time(job, 7, g->valid_from);
    wg_export_time(job, 8, g->valid_to);
    wg_export_polygon(job, &g->geometry);
    return wg_export_end(job);
}

static bool write_building(const struct wg_building *b, void *user)
{
    struct wg_export_job *job = user;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, b->code);
    wg_export_text(job, 1, b->name);
    wg_export_text(job, 2, b->use);
    wg_export_text(job, 3, b->address);
    wg_export_real(job, 4, b->base_m);
    wg_export_real(job, 5, b->height_m);
    wg_export_text(job, 6, b->height_from);
    wg_export_count(job, 7, b->floors);
    wg_export_text(job, 8, b->roof);
    wg_export_real(job, 9, b->roof_m);
    wg_export_count(job, 10, b->households);
    wg_export_count(job, 11, b->population);
    wg_export_count(job, 12, b->elderly_alone);
    char made_up[32]; /* so that its parts can name it */
    snprintf(made_up, sizeof made_up, "b%lld", (long long)b->id);
    wg_export_text(job, 13, !b->source_id && b->has_parts ? made_up : b->source_id);
    if (b->part_of)
        text_by_id(job, 14,
                   "SELECT coalesce(source_id, 'b' || id) FROM building"
                   " WHERE id = ?1 AND ?2 = 0",
                   b->part_of, 0);
    wg_export_time(job, 15, b->valid_from);
    wg_export_time(job, 16, b->valid_to);
    owner_column(job, 17, WG_KIND_BUILDING, b->id);
    wg_export_polygon(job, &b->geometry);
    return wg_export_end(job);
}

static bool write_part(const struct wg_part *p, void *user)
{
    struct wg_export_job *job = user;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, p->code);
    wg_export_text(job, 1, p->class_code);
    wg_export_text(job, 2, p->name);
    wg_export_text(job, 3, p->state);
    wg_export_text(job, 4, p->source_id);
    wg_export_time(job, 5, p->valid_from);
    wg_export_time(job, 6, p->valid_to);
    owner_column(job, 7, WG_KIND_PART, p->id);
    wg_export_point(job, p->x, p->y);
    return wg_export_end(job);
}

static bool write_event(const struct wg_event *e, void *user)
{
    struct wg_export_job *job = user;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, e->uuid);
    wg_export_text(job, 1, e->code);
    wg_export_text(job, 2, e->class_code);
    wg_export_text(job, 3, e->title);
    wg_export_text(job, 4, e->description);
    wg_export_text(job, 5, e->address);
    wg_export_text(job, 6, e->source);
    wg_export_time(job, 7, e->occurred_at);
    wg_export_time(job, 8, e->reported_at);
    wg_export_text(job, 9, e->frame);
    wg_export_real(job, 10, e->accuracy_m);
    wg_export_text(job, 11, wg_stage_name(e->stage));
    wg_export_int(job, 12, e->level);
    wg_export_time(job, 13, e->due_at);
    wg_export_time(job, 14, e->closed_at);
    wg_export_time(job, 15, e->acknowledged_at);
    owner_column(job, 16, WG_KIND_EVENT, e->id);
    wg_export_point(job, e->x, e->y);
    return wg_export_end(job);
}

static bool write_officer(const struct wg_officer *o, void *user)
{
    struct wg_export_job *job = user;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, o->code);
    wg_export_text(job, 1, o->name);
    wg_export_text(job, 2, o->phone);
    wg_export_time(job, 3, o->valid_from);
    wg_export_time(job, 4, o->valid_to);
    text_by_id(
        job, 5,
        "SELECT group_concat(code, ',') FROM (SELECT g.code FROM duty d"
        " JOIN grid g ON g.id = d.grid_id WHERE d.officer_id = ?1"
        " AND (?2 = 0 OR g.scheme_id = ?2) AND d.valid_to IS NULL ORDER BY g.code)",
        o->id, job->scheme);
    return wg_export_end(job);
}

static bool write_surface(const struct wg_surface *s, void *user)
{
    struct wg_export_job *job = user;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, s->kind);
    wg_export_text(job, 1, s->name);
    wg_export_text(job, 2, s->source_id);
    wg_export_polygon(job, &s->geometry);
    return wg_export_end(job);
}

static bool write_road(const struct wg_road *r, void *user)
{
    struct wg_export_job *job = user;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, r->name);
    wg_export_text(job, 1, r->class_code);
    wg_export_real(job, 2, r->width_m);
    wg_export_text(job, 3, r->source_id);
    wg_export_line(job, r->n, r->x, r->y);
    return wg_export_end(job);
}

static bool write_finding(const struct wg_finding *f, void *user)
{
    struct wg_export_job *job = user;
    if (job->areas && !f->area)
        return true;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, wg_rule_name(f->rule));
    text_by_id(job, 1, "SELECT name FROM scheme WHERE id = ?1 AND ?2 = 0", f->scheme, 0);
    wg_export_text(job, 2, f->grid_code);
    wg_export_text(job, 3, f->other_code);
    if (f->building)
        wg_export_int(job, 4, f->building);
    wg_export_real(job, 5, f->size);
    wg_export_real(job, 6, f->width);
    wg_export_text(job, 7, f->text);
    wg_export_text(job, 8, f->cure);
    if (job->areas)
        wg_export_polygon(job, f->area);
    else
        wg_export_point(job, f->x, f->y);
    return wg_export_end(job);
}

static enum wg_status write_findings(struct wg_export_job *job, struct wg_error *err)
{
    static const struct wg_check_options usual = {0};
    struct wg_check_options options = job->opt->check ? *job->opt->check : usual;
    options.scheme = job->scheme;
    return wg_check(job->store, &options, (struct wg_progress){0}, write_finding, job,
                    NULL, err);
}

struct owner_rows {
    struct wg_export_job *job;
    const char *kind, *scheme;
};

static bool write_owner(const struct wg_owner *o, void *user)
{
    struct owner_rows *rows = user;
    struct wg_export_job *job = rows->job;
    if (!wg_export_start(job))
        return false;
    wg_export_text(job, 0, rows->kind);
    wg_export_int(job, 1, o->object);
    wg_export_text(job, 2, rows->scheme);
    wg_export_text(job, 3, o->grid_code);
    wg_export_real(job, 4, o->share);
    wg_export_int(job, 5, o->cut);
    return wg_export_end(job);
}

static bool write_owners_of(const struct wg_scheme *scheme, void *user)
{
    static const char *const kinds[] = {[WG_KIND_BUILDING] = "building",
                                        [WG_KIND_PART] = "part",
                                        [WG_KIND_EVENT] = "event"};
    struct wg_export_job *job = user;
    struct owner_rows rows = {job, NULL, scheme->name};
    if (job->opt->scheme && scheme->id != job->scheme)
        return true;
    for (int kind = WG_KIND_BUILDING; !job->status && kind <= WG_KIND_EVENT; kind++) {
        rows.kind = kinds[kind];
        enum wg_status st =
            wg_owner_each(job->store, kind, scheme->id, write_owner, &rows, job->err);
        if (!job->status)
            job->status = st;
    }
    return job->status == WG_OK;
}

/* How many rows there will be, for the progress; 0 where it is not worth asking. */
static uint64_t count_rows(struct wg_export_job *job)
{
    int64_t n = 0;
    switch (job->noun) {
    case WG_NOUN_GRIDS:
        wg_grid_count(job->store, &job->filter, &n, NULL);
        break;
    case WG_NOUN_BUILDINGS:
        wg_building_count(job->store, &job->filter, &n, NULL);
        break;
    case WG_NOUN_PARTS:
        wg_part_count(job->store, &job->filter, &n, NULL);
        break;
    case WG_NOUN_EVENTS:
        wg_event_count(job->store, &job->filter, &n, NULL);
        break;
    default:
        break;
    }
    return n > 0 ? (uint64_t)n : 0;
}

enum wg_status wg_export_rows(struct wg_export_job *job, struct wg_error *err)
{
    struct wg_store *store = job->store;
    const struct wg_filter *filter = &job->filter;
    struct wg_filter all = {.ended = job->filter.ended};
    enum wg_status st = WG_OK;
    job->total = job->opt->progress.call ? count_rows(job) : 0;
    switch (job->noun) {
    case WG_NOUN_GRIDS:
        st = wg_grid_each(store, filter, write_grid, job, err);
        break;
    case WG_NOUN_BUILDINGS:
        st = wg_building_each(store, filter, write_building, job, err);
        break;
    case WG_NOUN_PARTS:
        st = wg_part_each(store, filter, write_part, job, err);
        break;
    case WG_NOUN_EVENTS:
        st = wg_event_each(store, filter, write_event, job, err);
        break;
    case WG_NOUN_OFFICERS:
        st = wg_officer_each(store, filter, write_officer, job, err);
        break;
    case WG_NOUN_SURFACES:
        st = wg_surface_each(store, filter, write_surface, job, err);
        break;
    case WG_NOUN_ROADS:
        st = wg_road_each(store, filter, write_road, job, err);
        break;
    case WG_NOUN_FINDINGS:
        st = write_findings(job, err);
        break;
    case WG_NOUN_OWNERS:
        st = wg_scheme_each(store, &all, write_owners_of, job, err);
        break;
    default:
        break;
    }
    return job->status ? job->status : st;
}
