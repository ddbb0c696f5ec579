/* Owns the writing of one revision: what the file keeps of it, and the owners after it.
 */
#include "revision_write.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "assign_job.h"
#include "internal.h"
#include "revision_code.h"
#include "row.h"
#include "statement.h"
#include "wangge/assign.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

/* A grid under the pen: what was stored, what will be. */
struct page {
    struct wg_rewrite *grid;
    struct wg_multipolygon stored;
    bool same; /* nothing to write */
};

struct writing {
    struct wg_revision_job *job;
    struct page *page; /* grids of the job, in its order */
    int64_t number;    /* of the present revision */
    size_t n_changed, n_begun, n_ended;
    struct wg_error *err;
};

/* ---- dates ---- */

static enum wg_status one_text(struct wg_store *store, const char *sql, int64_t id,
                               char *out, size_t size, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(store, sql, &q, err);
    out[0] = 0;
    if (status)
        return status;
    wg_bind_int(q, 1, id);
    status = wg_step(q, &row, err);
    const char *text = !status && row ? wg_column_text(q, 0) : NULL;
    if (text && strlen(text) < size)
        strcpy(out, text);
    wg_done(q);
    return status;
}

/* The last instant at which boundaries of the scheme changed. */
static const char last_sql[] =
    "SELECT max(t) FROM (SELECT max(coalesce(valid_from, at)) AS t FROM revision WHERE "
    "scheme_id = ?1 UNION ALL SELECT max(geom_from) FROM grid WHERE scheme_id = ?1 UNION "
    "ALL SELECT max(valid_from) FROM grid WHERE scheme_id = ?1 AND valid_from <= "
    "strftime('%Y-%m-%dT%H:%M:%fZ', 'now') UNION ALL SELECT max(valid_to) FROM grid "
    "WHERE "
    "scheme_id = ?1 AND valid_to <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";

/* Two revisions never hold from the same instant, so each has a time of its own. */
static void after(const char *last, char out[WG_INSTANT_SIZE])
{
    int64_t ms;
    if (wg_instant_parse(last, 0, &ms, NULL))
        return;
    wg_instant_format(ms + 1, out);
    for (int i = 0; i < 50 && wg_instant_now() < ms + 1; i++)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static enum wg_status settle_date(struct writing *w)
{
    struct wg_revision_job *job = w->job;
    char last[40], now[WG_INSTANT_SIZE];
    enum wg_status status =
        one_text(job->store, last_sql, job->scheme, last, sizeof last, w->err);
    if (!status)
        status = wg_row_time(job->commit->at, "at", job->at, w->err);
    if (status)
        return status;
    wg_instant_format(wg_instant_now(), now);
    if (job->commit->at && strcmp(job->at, now) > 0)
        return wg_fail(w->err, WG_INVALID,
                       _("%s is in the future: save the change as a draft and publish it "
                         "with that date."),
                       job->at);
    int order = strcmp(job->at, last);
    if (job->commit->at && order < 0 && !job->words.may_be_late)
        return wg_fail(w->err, WG_INVALID,
                       _("The scheme was last changed at %s; a change cannot hold from "
                         "%s on, before that."),
                       last, job->at);
    if (order <= 0)
        after(last, job->at);
    return WG_OK;
}

/* ---- what is stored ---- */

static enum wg_status read_number(struct writing *w)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(w->job->store, "SELECT revision FROM scheme WHERE id = ?1", &q, w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, w->job->scheme);
    status = wg_step(q, &row, w->err);
    if (!status && row)
        w->number = wg_column_int(q, 0);
    wg_done(q);
    if (!status && !row)
        status = wg_fail(w->err, WG_NOT_FOUND, _("There is no scheme %lld."),
                         (long long)w->job->scheme);
    return status;
}

/* Whether the new polygon of a grid is the one stored, to the bit. */
static enum wg_status compare(struct writing *w, struct page *page, const void *blob,
                              size_t size)
{
    void *mine = NULL;
    size_t n = 0;
    if (page->grid->ends || page->grid->revives)
        return WG_OK;
    enum wg_status status = wg_shape_to_blob(
        page->grid->now, wg_store_srid(w->job->store), &mine, &n, w->err);
    page->same = !status && blob && n == size && memcmp(mine, blob, n) == 0;
    wg_free(mine);
    return status;
}

static enum wg_status read_page(struct writing *w, struct page *page)
{
    struct wg_query *q = NULL;
    bool row = false;
    size_t size;
    if (!page->grid->id)
        return WG_OK;
    enum wg_status status =
        wg_query(w->job->store, "SELECT geom FROM grid WHERE id = ?1 AND scheme_id = ?2",
                 &q, w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, page->grid->id);
    wg_bind_int(q, 2, w->job->scheme);
    status = wg_step(q, &row, w->err);
    if (!status && !row)
        status = wg_row_missing("grid", page->grid->id, w->err);
    if (!status) {
        const void *blob = wg_column_blob(q, 0, &size);
        status = compare(w, page, blob, size);
        if (!status && blob && !page->same) {
            status = wg_shape_from_blob(blob, size, &page->stored, w->err);
            if (status == WG_FORMAT || status == WG_GEOMETRY)
                status = WG_OK; /* a broken one is replaced all the same */
        }
    }
    wg_done(q);
    return status;
}

/* ---- grids ---- */

/* The polygon that held until now. */
static enum wg_status keep_past(struct writing *w, int64_t id)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(
        w->job->store,
        "INSERT INTO grid_past (grid_id, scheme_id, code, name, level, kind, parent_id, "
        "area_m2, valid_from, valid_to, revision, geom) SELECT id, scheme_id, code, "
        "name, "
        "level, kind, parent_id, area_m2, iif(geom_from IS NULL OR valid_from > "
        "geom_from, valid_from, geom_from), min(?2, coalesce(valid_to, ?2)), ?3, geom "
        "FROM grid WHERE id = ?1 AND geom IS NOT NULL AND (valid_from IS NULL OR "
        "valid_from < ?2)",
        &q, w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, id);
    wg_bind_text(q, 2, w->job->at);
    wg_bind_int(q, 3, w->number);
    return wg_run(q, w->err);
}

static enum wg_status bind_polygon(struct writing *w, struct wg_query *q, int at,
                                   const struct wg_multipolygon *mp, void **blob)
{
    size_t size;
    enum wg_status status =
        wg_shape_to_blob(mp, wg_store_srid(w->job->store), blob, &size, w->err);
    if (!status)
        wg_bind_blob(q, at, *blob, size);
    return status;
}

static enum wg_status reshape(struct writing *w, struct page *page)
{
    struct wg_query *q = NULL;
    void *blob = NULL;
    enum wg_status status = keep_past(w, page->grid->id);
    if (!status)
        status = wg_query(w->job->store,
                          page->grid->revives
                              ? "UPDATE grid SET geom = ?2, geom_from = ?3, valid_to = "
                                "NULL WHERE id = ?1"
                              : "UPDATE grid SET geom = ?2, geom_from = ?3 WHERE id = ?1",
                          &q, w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, page->grid->id);
    wg_bind_text(q, 3, w->job->at);
    status = bind_polygon(w, q, 2, page->grid->now, &blob);
    if (!status)
        status = wg_run(q, w->err);
    else
        wg_done(q);
    wg_free(blob);
    if (!status && page->grid->revives) {
        w->n_begun++;
        status = wg_query(w->job->store, "DELETE FROM withdrawn_code WHERE grid_id = ?1",
                          &q, w->err);
        if (!status) {
            wg_bind_int(q, 1, page->grid->id);
            status = wg_run(q, w->err);
        }
    } else if (!status) {
        w->n_changed++;
    }
    return status;
}

static enum wg_status begin_grid(struct writing *w, struct page *page)
{
    struct wg_rewrite *g = page->grid;
    struct wg_query *q = NULL;
    void *blob = NULL;
    enum wg_status status = wg_query(
        w->job->store,
        "INSERT INTO grid (scheme_id, code, name, level, kind, parent_id, valid_from, "
        "geom) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &q, w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, w->job->scheme);
    wg_bind_text(q, 2, g->made_code);
    wg_bind_text(q, 3, g->name);
    wg_bind_int(q, 4, g->level ? g->level : WG_LEVEL_GRID);
    wg_bind_text(q, 5, g->kind ? g->kind : "basic");
    wg_bind_id(q, 6, g->parent);
    wg_bind_text(q, 7, w->job->at);
    status = bind_polygon(w, q, 8, g->now, &blob);
    if (!status)
        status = wg_run(q, w->err);
    else
        wg_done(q);
    wg_free(blob);
    /* not the last row id: triggers write rows of other tables after it */
    if (!status)
        status =
            wg_grid_find(w->job->store, w->job->scheme, g->made_code, &g->id, w->err);
    w->n_begun++;
    return status;
}

static enum wg_status end_grid(struct writing *w, struct page *page)
{
    static const char *const sql[] = {
        "UPDATE grid SET valid_to = ?2 WHERE id = ?1",
        "INSERT OR IGNORE INTO withdrawn_code (scheme_id, code, grid_id, at) SELECT "
        "scheme_id, code, id, ?2 FROM grid WHERE id = ?1",
    };
    enum wg_status status = WG_OK;
    for (int i = 0; !status && i < 2; i++) {
        struct wg_query *q = NULL;
        status = wg_query(w->job->store, sql[i], &q, w->err);
        if (status)
            break;
        wg_bind_int(q, 1, page->grid->id);
        wg_bind_text(q, 2, w->job->at);
        status = wg_run(q, w->err);
    }
    w->n_ended++;
    return status;
}

static enum wg_status write_grids(struct writing *w)
{
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < w->job->n; i++) {
        struct page *page = &w->page[i];
        if (page->same)
            continue;
        if (page->grid->ends)
            status = end_grid(w, page);
        else
            status = page->grid->id ? reshape(w, page) : begin_grid(w, page);
    }
    return status;
}

/* ---- lineage ---- */

/* With more grids than this at once what went from one to the other that both stay is
 * not told: a whole scheme was smoothed, say. */
#define MANY 500
/* Less is what a line put on the lattice makes of its neighbours. */
#define LEAST_M2 0.05

static const struct wg_multipolygon *old_polygon(const struct page *page, bool fresh)
{
    if (page->grid->quiet || fresh || page->grid->revives)
        return NULL;
    return page->grid->was ? page->grid->was : &page->stored;
}

static enum wg_status write_lineage(struct writing *w, const struct page *from,
                                    const struct page *to, bool to_new, size_t sources,
                                    double area)
{
    enum wg_lineage_how how = WG_LINEAGE_TRANSFERRED;
    struct wg_query *q = NULL;
    if (to_new)
        how = w->job->words.carves || sources > 1 ? WG_LINEAGE_CARVED : WG_LINEAGE_SPLIT;
    else if (from->grid->ends)
        how = WG_LINEAGE_MERGED;
    enum wg_status status = wg_query(
        w->job->store,
        "INSERT OR REPLACE INTO lineage (scheme_id, revision, from_grid, to_grid, how, "
        "area_m2, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &q, w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, w->job->scheme);
    wg_bind_int(q, 2, w->number + 1);
    wg_bind_int(q, 3, from->grid->id);
    wg_bind_int(q, 4, to->grid->id);
    wg_bind_text(q, 5, wg_lineage_name(how));
    wg_bind_real(q, 6, area);
    wg_bind_text(q, 7, w->job->at);
    return wg_run(q, w->err);
}

struct share {
    size_t from;
    double area;
};

/* What of grid `to` came from others. */
static enum wg_status trace_back(struct writing *w, struct wg_shape *shape,
                                 const bool *fresh, const struct wg_box *was, size_t to,
                                 struct share *share)
{
    const struct page *page = &w->page[to];
    struct wg_box box = wg_multipolygon_box(page->grid->now);
    bool is_new = fresh[to] || page->grid->revives;
    size_t n = 0;
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < w->job->n; i++) {
        const struct wg_multipolygon *old = old_polygon(&w->page[i], fresh[i]);
        double area = 0;
        if (i == to || !old || w->page[i].same || !wg_box_overlaps(was[i], box) ||
            (w->job->n > MANY && !is_new && !w->page[i].grid->ends))
            continue;
        status = wg_shape_common_area(shape, old, page->grid->now, &area, w->err);
        if (status == WG_GEOMETRY) /* a broken polygon has no share */
            status = WG_OK;
        else if (!status && area > LEAST_M2)
            share[n++] = (struct share){i, area};
    }
    for (size_t i = 0; !status && i < n; i++)
        status =
            write_lineage(w, &w->page[share[i].from], page, is_new, n, share[i].area);
    return status;
}

static enum wg_status trace(struct writing *w, const bool *fresh)
{
    struct wg_shape *shape = NULL;
    struct wg_box *was = calloc(w->job->n + 1, sizeof *was);
    struct share *share = calloc(w->job->n + 1, sizeof *share);
    enum wg_status status =
        was && share ? wg_shape_create(&shape, w->err) : wg_fail_memory(w->err);
    for (size_t i = 0; !status && i < w->job->n; i++) {
        const struct wg_multipolygon *old = old_polygon(&w->page[i], fresh[i]);
        was[i] = old ? wg_multipolygon_box(old) : wg_box_empty();
    }
    for (size_t i = 0; !status && i < w->job->n; i++) {
        const struct wg_rewrite *g = w->page[i].grid;
        if (!g->ends && !g->quiet && !w->page[i].same)
            status = trace_back(w, shape, fresh, was, i, share);
    }
    wg_shape_destroy(shape);
    free(was);
    free(share);
    return status;
}

/* ---- owners ---- */

#define ASK_ALL 256

static enum wg_status ask_owners(struct writing *w, const bool *fresh)
{
    struct wg_revision_job *job = w->job;
    struct wg_assign_change *change = calloc(2 * job->n + 1, sizeof *change);
    size_t n = 0;
    if (!change)
        return wg_fail_memory(w->err);
    for (size_t i = 0; i < job->n; i++) {
        const struct page *page = &w->page[i];
        const struct wg_multipolygon *was = fresh[i] ? NULL : &page->stored;
        if (page->same)
            continue;
        if (page->grid->ends) {
            change[n++].was = was;
        } else if (page->grid->revives) {
            change[n++].was = was;
            change[n++].now = page->grid->now;
        } else {
            change[n++] = (struct wg_assign_change){was, page->grid->now};
        }
    }
    enum wg_status status = WG_OK;
    if (n > ASK_ALL) {
        struct wg_query *q = NULL;
        bool kept = false;
        status =
            wg_query(job->store, "SELECT 1 FROM owner_scheme WHERE id = ?1", &q, w->err);
        if (!status) {
            wg_bind_int(q, 1, job->scheme);
            status = wg_step(q, &kept, w->err);
            wg_done(q);
        }
        if (!status && kept)
            status = wg_assign_scheme(job->store, job->scheme, w->err);
    } else {
        status = wg_assign_near(job->store, job->scheme, n, change, NULL, w->err);
    }
    free(change);
    return status;
}

/* ---- the row ---- */

static enum wg_status write_row(struct writing *w)
{
    struct wg_revision_job *job = w->job;
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(
        job->store,
        "INSERT INTO revision (scheme_id, number, author, reason, base, operations, "
        "valid_from, reverts, n_changed, n_begun, n_ended, delta) VALUES (?1, ?2, ?3, "
        "?4, "
        "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        &q, w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, job->scheme);
    wg_bind_int(q, 2, w->number + 1);
    wg_bind_text(q, 3, job->commit->author);
    wg_bind_text(q, 4, job->commit->reason);
    wg_bind_int(q, 5, job->words.base);
    wg_bind_text(q, 6, job->words.operations ? job->words.operations : "[]");
    wg_bind_text(q, 7, job->at);
    wg_bind_id(q, 8, job->words.reverts);
    wg_bind_int(q, 9, (int64_t)w->n_changed);
    wg_bind_int(q, 10, (int64_t)w->n_begun);
    wg_bind_int(q, 11, (int64_t)w->n_ended);
    if (job->words.delta)
        wg_bind_blob(q, 12, job->words.delta, job->words.delta_size);
    status = wg_run(q, w->err);
    if (!status)
        status = wg_query(job->store, "UPDATE scheme SET revision = ?2 WHERE id = ?1", &q,
                          w->err);
    if (status)
        return status;
    wg_bind_int(q, 1, job->scheme);
    wg_bind_int(q, 2, w->number + 1);
    return wg_run(q, w->err);
}

static enum wg_status write_all(struct writing *w, bool *fresh)
{
    struct wg_revision_job *job = w->job;
    bool any = false;
    enum wg_status status = read_number(w);
    for (size_t i = 0; !status && i < job->n; i++) {
        w->page[i].grid = &job->grid[i];
        fresh[i] = job->grid[i].id <= 0;
        job->grid[i].id = fresh[i] ? 0 : job->grid[i].id;
        status = read_page(w, &w->page[i]);
        any = any || !w->page[i].same;
    }
    job->revision = w->number;
    if (status || !any)
        return status;
    status = settle_date(w);
    if (!status)
        status = wg_revision_codes(job, w->err);
    if (!status)
        status = write_grids(w);
    if (!status)
        status = trace(w, fresh);
    if (!status && job->bind)
        status = job->bind(job, w->err);
    if (!status)
        status = write_row(w);
    if (!status)
        status = ask_owners(w, fresh);
    job->revision = w->number + 1;
    return status;
}

enum wg_status wg_revision_write(struct wg_revision_job *job, struct wg_error *err)
{
    struct writing w = {.job = job, .err = err};
    bool *fresh = NULL;
    if (!job->commit || !job->commit->author || !*job->commit->author)
        return wg_fail(err, WG_INVALID, "%s",
                       _("A change of boundaries needs the name of its author."));
    if (!wg_text_is_utf8(job->commit->author) ||
        (job->commit->reason && !wg_text_is_utf8(job->commit->reason)))
        return wg_fail(err, WG_FORMAT, "%s",
                       _("The author and the reason must be UTF-8 text."));
    enum wg_status status = wg_store_begin_bulk(job->store, err);
    if (status)
        return status;
    w.page = calloc(job->n + 1, sizeof *w.page);
    fresh = calloc(job->n + 1, sizeof *fresh);
    status = w.page && fresh ? write_all(&w, fresh) : wg_fail_memory(err);
    for (size_t i = 0; w.page && i < job->n; i++)
        wg_multipolygon_finish(&w.page[i].stored);
    free(w.page);
    free(fresh);
    if (!status)
        return wg_release(job->store, err);
    wg_revert(job->store);
    return status;
}

/* ---- words ---- */

struct text {
    char *at;
    size_t n, cap;
    bool failed;
};

static void put(struct text *t, const char *bytes, size_t n)
{
    void *array = t->at;
    if (t->failed || !wg_grow(&array, &t->cap, t->n + n + 1, 1)) {
        t->failed = true;
        return;
    }
    t->at = array;
    memcpy(t->at + t->n, bytes, n);
    t->n += n;
    t->at[t->n] = 0;
}

static void put_string(struct text *t, const char *s)
{
    static const char hex[] = "0123456789abcdef";
    put(t, "\"", 1);
    for (; s && *s; s++) {
        unsigned char c = (unsigned char)*s;
        char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        if (c == '"' || c == '\\')
            put(t, "\\", 1);
        if (c < 32)
            put(t, escape, 6);
        else
            put(t, s, 1);
    }
    put(t, "\"", 1);
}

static void put_step(struct text *t, const char *op, const char *arguments)
{
    put(t, "{\"op\": ", 7);
    put_string(t, op);
    put(t, ", \"args\": ", 10);
    put_string(t, arguments);
    put(t, "}", 1);
}

static char *finish_text(struct text *t)
{
    put(t, "]", 1);
    if (!t->failed)
        return t->at;
    free(t->at);
    return NULL;
}

char *wg_revision_operations(const struct wg_coverage *coverage)
{
    struct text t = {0};
    put(&t, "[", 1);
    for (size_t back = wg_coverage_undo_count(coverage); back-- > 0;) {
        const char *arguments = NULL;
        const char *op = wg_coverage_step(coverage, back, &arguments);
        put_step(&t, op, arguments);
        if (back)
            put(&t, ", ", 2);
    }
    return finish_text(&t);
}

char *wg_revision_operation(const char *op, const char *arguments)
{
    struct text t = {0};
    put(&t, "[", 1);
    put_step(&t, op, arguments);
    return finish_text(&t);
}
