/* An import from start to end: one transaction, a report, owners at last. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "import_load.h"
#include "internal.h"
#include "statement.h"

static const char *const noun_names[] = {
    [WG_NOUN_GRIDS] = "grids",       [WG_NOUN_BUILDINGS] = "buildings",
    [WG_NOUN_PARTS] = "parts",       [WG_NOUN_EVENTS] = "events",
    [WG_NOUN_OFFICERS] = "officers", [WG_NOUN_SURFACES] = "surfaces",
    [WG_NOUN_ROADS] = "roads",       [WG_NOUN_TERRAIN] = "terrain",
    [WG_NOUN_OWNERS] = "owners",     [WG_NOUN_SCHEMES] = "schemes",
    [WG_NOUN_FINDINGS] = "findings",
};

const char *wg_noun_name(enum wg_noun noun)
{
    if (noun < WG_NOUN_GRIDS || noun > WG_NOUN_FINDINGS)
        return "";
    return noun_names[noun];
}

enum wg_noun wg_noun_parse(const char *text)
{
    for (int noun = WG_NOUN_GRIDS; text && noun <= WG_NOUN_FINDINGS; noun++)
        if (!strcmp(text, noun_names[noun]))
            return noun;
    return 0;
}

/* What a noun needs: its row, and what comes before the first and after the last. */
struct importer {
    enum wg_status (*row)(struct wg_job *job, struct wg_error *err);
    enum wg_status (*end)(struct wg_job *job, struct wg_error *err);
    wg_pack_fn *pack;  /* for the fast road */
    enum wg_kind kind; /* of the objects it makes; 0: none */
    bool scheme;       /* it cannot start without one */
    bool many;         /* a row is several statements */
};

static const struct importer importers[] = {
    [WG_NOUN_GRIDS] = {.row = wg_row_grid, .end = wg_end_grids, .scheme = true},
    [WG_NOUN_BUILDINGS] = {.row = wg_row_building,
                           .end = wg_end_buildings,
                           .pack = wg_pack_building,
                           .kind = WG_KIND_BUILDING},
    [WG_NOUN_PARTS] = {.row = wg_row_part, .pack = wg_pack_part, .kind = WG_KIND_PART},
    [WG_NOUN_EVENTS] = {.row = wg_row_event,
                        .pack = wg_pack_event,
                        .kind = WG_KIND_EVENT},
    [WG_NOUN_OFFICERS] = {.row = wg_row_officer, .many = true},
    [WG_NOUN_SURFACES] = {.row = wg_row_surface},
    [WG_NOUN_ROADS] = {.row = wg_row_road, .many = true},
};

/* The report's problems. */

enum { MAX_PROBLEMS = 1000 };

struct held {
    size_t cap;
    struct wg_problem *problem;
};

void wg_import_report_finish(struct wg_import_report *report)
{
    struct held *held = report->held;
    for (size_t i = 0; i < report->n_problem; i++)
        free((char *)report->problem[i].text);
    if (held) {
        free(held->problem);
        free(held);
    }
    memset(report, 0, sizeof *report);
}

void wg_report_add(struct wg_import_report *report, int64_t fid, struct wg_point place,
                   bool repaired, const char *text)
{
    if (repaired)
        report->repaired++;
    else
        report->rejected++;
    if (report->n_problem == MAX_PROBLEMS)
        return;
    if (!report->held)
        report->held = calloc(1, sizeof(struct held));
    struct held *held = report->held;
    char *copy = wg_strdup(text);
    if (!held || !copy ||
        !wg_grow((void **)&held->problem, &held->cap, report->n_problem + 1,
                 sizeof *held->problem)) {
        free(copy); /* the counts stay right; the words are what memory allows */
        return;
    }
    report->problem = held->problem;
    report->problem[report->n_problem++] =
        (struct wg_problem){fid, place.x, place.y, repaired, copy};
}

void wg_job_problem(struct wg_job *job, bool repaired, const char *text)
{
    wg_report_add(job->report, job->fid, job->place, repaired, text);
}

bool wg_job_is_row_problem(enum wg_status st)
{
    switch (st) {
    case WG_INVALID:
    case WG_FORMAT:
    case WG_NOT_FOUND:
    case WG_EXISTS:
    case WG_CONSTRAINT:
    case WG_OUT_OF_RANGE:
    case WG_NO_CONVERGENCE:
    case WG_GEOMETRY:
        return true;
    default:
        return false;
    }
}

void wg_job_warn(struct wg_job *job, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!job->opt->warn.call)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    job->opt->warn.call(text, job->opt->warn.user);
}

void wg_report_made(struct wg_import_report *report, int64_t id)
{
    report->imported++;
    if (!report->first_id || id < report->first_id)
        report->first_id = id;
    if (id > report->last_id)
        report->last_id = id;
}

void wg_job_made(struct wg_job *job, int64_t id, bool is_new)
{
    if (is_new)
        wg_report_made(job->report, id);
    else
        job->report->updated++;
}

enum wg_status wg_job_known(struct wg_job *job, const char *sql, const char *key,
                            int64_t *id, bool *made, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    *id = 0;
    enum wg_status st = wg_query(job->store, sql, &q, err);
    if (st)
        return st;
    wg_bind_text(q, 1, key);
    st = wg_step(q, &row, err);
    if (!st && row)
        *id = wg_column_int(q, 0);
    wg_done(q);
    *made = *id && job->report->first_id && *id >= job->report->first_id;
    return st;
}

void wg_job_repeated(struct wg_job *job, const char *key)
{
    if (!job->repeated++)
        snprintf(job->repeat, sizeof job->repeat, "%s", key);
}

static void warn_repeated(struct wg_job *job)
{
    if (job->repeated)
        wg_job_warn(
            job,
            _("%lld features have an id that an earlier feature of the file has too, "
              "the first is “%s”; each was kept."),
            (long long)job->repeated, job->repeat);
}

/* Rows. */

static enum wg_status one_row(struct wg_job *job, void *user, struct wg_error *err)
{
    const struct importer *im = user;
    struct wg_error why = {.row = -1, .x = NAN, .y = NAN};
    int64_t repaired = job->report->repaired;
    size_t n_problem = job->report->n_problem;
    job->place = (struct wg_point){NAN, NAN};
    enum wg_status st = im->many ? wg_save(job->store, &why) : WG_OK;
    if (!st) {
        st = im->row(job, &why);
        if (im->many && !st)
            st = wg_release(job->store, &why);
        else if (im->many)
            wg_revert(job->store);
    }
    if (!st) {
        if (job->report->repaired > repaired) /* a row counts once */
            job->report->repaired = repaired + 1;
        return WG_OK;
    }
    if (!wg_job_is_row_problem(st)) {
        if (err)
            *err = why;
        return st;
    }
    /* rejected after all: what was mended before does not count */
    job->report->repaired = repaired;
    while (job->report->n_problem > n_problem)
        free((char *)job->report->problem[--job->report->n_problem].text);
    wg_job_problem(job, false, why.text);
    if (!job->first.status) {
        job->first = why;
        job->first.status = st;
        job->first.x = job->place.x;
        job->first.y = job->place.y;
        job->first_fid = job->fid;
    }
    return WG_OK;
}

static enum wg_status tell_progress(struct wg_job *job, uint64_t total,
                                    struct wg_error *err)
{
    const struct wg_progress *p = &job->opt->progress;
    if (!p->call || p->call((uint64_t)job->n_read, total, p->user))
        return WG_OK;
    return wg_fail(err, WG_CANCELLED, _("The import was stopped; nothing was changed."));
}

enum wg_status wg_job_each(struct wg_job *job, wg_each_fn *fn, void *user,
                           struct wg_error *err)
{
    GIntBig expected = OGR_L_GetFeatureCount(job->layer, 0);
    uint64_t total = expected > 0 ? (uint64_t)expected : 0;
    enum wg_status st = WG_OK;
    wg_io_forget(&job->words);
    OGR_L_ResetReading(job->layer);
    while (!st) {
        job->feature = OGR_L_GetNextFeature(job->layer);
        if (!job->feature)
            break;
        job->fid = OGR_F_GetFID(job->feature);
        if (job->n_read++ % 256 == 0)
            st = tell_progress(job, total, err);
        if (!st)
            st = fn(job, user, err);
        OGR_F_Destroy(job->feature);
        job->feature = NULL;
        if (job->words.failures)
            break;
    }
    if (!st && job->words.failures)
        return wg_fail_row(
            err, WG_FORMAT, job->n_read,
            _("“%s” is damaged: after %lld features it could not be read on "
              "(%s).  Nothing was imported."),
            job->path, (long long)job->n_read, wg_io_failure(&job->words));
    return st ? st : tell_progress(job, (uint64_t)job->n_read, err);
}

/* Many new rows take the fast road; where rows may be updated, or somebody's triggers
 * wait for them, each goes its own way. */
static enum wg_status all_rows(struct wg_job *job, const struct importer *im,
                               struct wg_error *err)
{
    struct wg_writer *writer = NULL;
    enum wg_status st = im->pack ? wg_writer_create(job, &writer, err) : WG_OK;
    if (st)
        return st;
    if (writer) {
        st = wg_building_heights(job->store, &job->heights, err);
        if (!st)
            st = wg_load_rows(job, writer, im->pack, err);
        if (!st && (!job->report->rejected || job->opt->keep_good))
            st = wg_writer_end(writer, err);
        wg_writer_destroy(writer);
        return st;
    }
    if (!job->opt->row_by_row)
        st = wg_index_rest(job, err);
    if (!st)
        st = wg_job_each(job, one_row, (void *)im, err);
    job->report->read = job->n_read;
    if (!st && (!job->report->rejected || job->opt->keep_good))
        st = wg_index_resume(job, err);
    return st;
}

static enum wg_status judge_rows(struct wg_job *job, struct wg_error *err)
{
    const struct wg_import_report *r = job->report;
    char place[80] = "";
    if (r->read == 0 && job->opt->where)
        return wg_fail(err, WG_NOT_FOUND, _("No feature of “%s” passes the filter “%s”."),
                       job->path, job->opt->where);
    if (r->read == 0)
        return wg_fail(err, WG_FORMAT, _("“%s” has no feature in it."), job->path);
    if (r->rejected == 0 || job->opt->keep_good)
        return WG_OK;
    if (isfinite(job->first.x))
        snprintf(place, sizeof place, _(" at %.15g %.15g"), job->first.x, job->first.y);
    char *reason = job->first.text;
    size_t length = strlen(reason);
    if (length && reason[length - 1] == '.')
        reason[length - 1] = 0; /* it goes into the middle of a sentence */
    enum wg_status st = wg_fail_row(
        err, job->first.status, job->first_fid,
        _("%lld of %lld features of “%s” are bad, so none was imported; the first is "
          "feature %lld%s: %s.  Mend them, have them repaired, or keep the good ones."),
        (long long)r->rejected, (long long)r->read, job->path, (long long)job->first_fid,
        place, reason);
    if (err) {
        err->x = job->first.x;
        err->y = job->first.y;
    }
    return st;
}

/* Owners. */

static enum wg_status count_owners(struct wg_job *job, enum wg_kind kind,
                                   struct wg_error *err)
{
    static const char sql[] =
        "SELECT coalesce(sum(o.grid_id IS NOT NULL), 0),"
        " coalesce(sum(o.grid_id IS NULL AND o.how <> 'no place'), 0),"
        " coalesce(sum(o.how = 'no place'), 0),"
        " (SELECT count(*) FROM (SELECT DISTINCT h.scheme_id, h.building_id FROM"
        "  owner_share h WHERE ?1 = 1 AND h.building_id BETWEEN ?2 AND ?3))"
        " FROM scheme s JOIN owner o ON o.scheme_id = s.id AND o.kind = ?1"
        " AND o.object_id BETWEEN ?2 AND ?3";
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(job->store, sql, &q, err);
    if (st)
        return st;
    wg_bind_int(q, 1, kind);
    wg_bind_int(q, 2, job->report->first_id);
    wg_bind_int(q, 3, job->report->last_id);
    st = wg_step(q, &row, err);
    if (!st && row)
        job->report->counts =
            (struct wg_assign_counts){wg_column_int(q, 0), wg_column_int(q, 3),
                                      wg_column_int(q, 1), wg_column_int(q, 2)};
    wg_done(q);
    return st;
}

static enum wg_status find_owners(struct wg_job *job, const struct importer *im,
                                  struct wg_error *err)
{
    const struct wg_import_report *r = job->report;
    struct wg_progress quiet = {0};
    enum wg_status st = WG_OK;
    if (job->opt->no_assign)
        return WG_OK;
    if (job->noun == WG_NOUN_GRIDS)
        return wg_assign_all(job->store, job->scheme, quiet, NULL, err);
    if (!im->kind)
        return WG_OK;
    if (r->updated) /* anywhere in the table */
        st = wg_assign_all(job->store, 0, quiet, NULL, err);
    else if (r->imported)
        st = wg_assign_range(job->store, im->kind, r->first_id, r->last_id, quiet, err);
    return st || !r->imported ? st : count_owners(job, im->kind, err);
}

static enum wg_status work(struct wg_job *job, const struct importer *im,
                           struct wg_error *err)
{
    enum wg_status st = wg_district_extent(job->store, &job->extent, err);
    if (!st && (im->scheme || (job->noun == WG_NOUN_OFFICERS && job->opt->scheme)))
        st = wg_start_scheme(job, err);
    if (!st)
        st = wg_start_links(job, err);
    if (!st)
        st = all_rows(job, im, err);
    if (!st) {
        wg_fields_warn(job);
        warn_repeated(job);
    }
    if (!st)
        st = judge_rows(job, err);
    if (!st)
        st = wg_frame_check(job, err);
    if (!st && im->end)
        st = im->end(job, err);
    if (!st)
        st = find_owners(job, im, err);
    return st;
}

static enum wg_status in_transaction(struct wg_job *job, const struct importer *im,
                                     struct wg_error *err)
{
    enum wg_status st = wg_store_begin_bulk(job->store, err);
    if (st)
        return st;
    st = work(job, im, err);
    if (!st)
        st = wg_store_commit(job->store, err);
    if (st) {
        wg_revert(job->store); /* a transaction of the caller goes on */
        job->report->imported = job->report->updated = 0;
        job->report->first_id = job->report->last_id = 0;
        job->report->counts = (struct wg_assign_counts){0};
    }
    return st;
}

static enum wg_status prepare(struct wg_job *job, struct wg_error *err)
{
    enum wg_status st = wg_source_open(job, err);
    if (!st)
        st = wg_fields_map(job, err);
    if (!st)
        st = wg_source_crs(job, err);
    return st ? st : wg_shape_create(&job->shape, err);
}

static void finish(struct wg_job *job)
{
    for (int f = 0; f < WG_F_COUNT; f++)
        free(job->text[f].text);
    free(job->index_trigger);
    wg_builder_finish(&job->read);
    wg_builder_finish(&job->clean);
    wg_multipolygon_finish(&job->fixed);
    wg_shape_destroy(job->shape);
    wg_source_close(job);
    free(job);
}

enum wg_status wg_import(struct wg_store *store, enum wg_noun noun, const char *path,
                         const struct wg_import_options *options,
                         struct wg_import_report *report, struct wg_error *err)
{
    static const struct wg_import_options plain = {0};
    const struct importer *im =
        noun > 0 && noun <= WG_NOUN_ROADS ? &importers[noun] : NULL;
    struct wg_import_report own = {0};
    if (!report)
        report = &own;
    memset(report, 0, sizeof *report);
    if (!options)
        options = &plain;
    if (wg_store_read_only(store))
        return wg_fail(err, WG_READ_ONLY, _("“%s” was opened for reading only."),
                       wg_store_path(store));
    if (!path || !*path)
        return wg_fail(err, WG_INVALID, _("An import needs a file to read."));
    if (noun == WG_NOUN_TERRAIN)
        return wg_import_terrain(store, path, options, report, err);
    if (!im)
        return wg_fail(err, WG_INVALID, _("%s cannot be imported."), wg_noun_name(noun));
    struct wg_job *job = calloc(1, sizeof *job);
    if (!job)
        return wg_fail_memory(err);
    job->store = store;
    job->noun = noun;
    job->path = path;
    job->opt = options;
    job->report = report;
    wg_io_catch(&job->words, options->warn);
    enum wg_status st = prepare(job, err);
    if (!st)
        st = in_transaction(job, im, err);
    finish(job);
    wg_io_release();
    if (report == &own)
        wg_import_report_finish(&own);
    return st;
}
