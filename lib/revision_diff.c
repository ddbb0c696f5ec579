/* Owns the comparing of revisions, and taking one back. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "revision_job.h"
#include "statement.h"
#include "wangge/instant.h"
#include "wangge/shape.h"

/* ---- the instants of revisions ---- */

/* When a revision began to hold; 0: just before the first one. */
static enum wg_status instant_of(struct wg_store *store, int64_t scheme, int64_t number,
                                 char out[WG_INSTANT_SIZE], struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    int64_t ms = 0;
    enum wg_status status =
        wg_query(store,
                 "SELECT coalesce(valid_from, at) FROM revision WHERE scheme_id = ?1 AND "
                 "number = max(?2, 1)",
                 &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, number);
    status = wg_step(q, &row, err);
    if (!status && row)
        status = wg_instant_parse(wg_column_text(q, 0), 0, &ms, err);
    wg_done(q);
    if (!status && !row)
        status = wg_fail(err, WG_NOT_FOUND, _("The scheme has no revision %lld."),
                         (long long)(number ? number : 1));
    if (!status)
        wg_instant_format(number ? ms : ms - 1, out);
    return status;
}

/* ---- differences ---- */

struct seen {
    int64_t id;
    char *code;
    struct wg_multipolygon geometry;
};

struct state {
    struct seen *at;
    size_t n, cap;
    bool failed;
};

static bool remember(const struct wg_grid *grid, void *user)
{
    struct state *s = user;
    void *array = s->at;
    s->failed = true;
    if (!wg_grow(&array, &s->cap, s->n + 1, sizeof *s->at))
        return false;
    s->at = array;
    s->at[s->n] = (struct seen){.id = grid->id, .code = wg_strdup(grid->code)};
    s->failed = !s->at[s->n].code ||
                wg_multipolygon_copy(&grid->geometry, &s->at[s->n].geometry, NULL);
    s->n++;
    return !s->failed;
}

static void forget(struct state *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->at[i].code);
        wg_multipolygon_finish(&s->at[i].geometry);
    }
    free(s->at);
}

static enum wg_status look(struct wg_store *store, int64_t scheme, const char *at,
                           struct state *s, struct wg_error *err)
{
    enum wg_status status = wg_revision_as_of(store, scheme, at, remember, s, err);
    return !status && s->failed ? wg_fail_memory(err) : status;
}

static bool same_polygon(const struct wg_multipolygon *a, const struct wg_multipolygon *b)
{
    return a->n_part == b->n_part && a->n_ring == b->n_ring &&
           a->n_vertex == b->n_vertex &&
           (a->n_vertex == 0 ||
            (memcmp(a->ring, b->ring, (a->n_ring + 1) * sizeof *a->ring) == 0 &&
             memcmp(a->part, b->part, (a->n_part + 1) * sizeof *a->part) == 0 &&
             memcmp(a->x, b->x, a->n_vertex * sizeof *a->x) == 0 &&
             memcmp(a->y, b->y, a->n_vertex * sizeof *a->y) == 0));
}

static double border_of(const struct wg_multipolygon *mp)
{
    double length = 0;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++)
            length += hypot(mp->x[i + 1] - mp->x[i], mp->y[i + 1] - mp->y[i]);
    return length;
}

/* What the lattice alone moved, or a vertex that a neighbour put into a straight border:
 * nowhere wider than a step. */
static bool is_rounding(const struct wg_grid_diff *d)
{
    double border = border_of(&d->gained) + border_of(&d->lost);
    return d->gained_m2 + d->lost_m2 <= WG_LATTICE_STEP * border / 2;
}

static enum wg_status tell(struct wg_shape *shape, const struct seen *a,
                           const struct seen *b, wg_grid_diff_fn *fn, void *user,
                           bool *more, struct wg_error *err)
{
    struct wg_grid_diff d = {.grid = a ? a->id : b->id,
                             .code = b ? b->code : a->code,
                             .change = !a   ? WG_GRID_BEGUN
                                       : !b ? WG_GRID_ENDED
                                            : WG_GRID_RESHAPED};
    struct wg_multipolygon gained = {0}, lost = {0};
    enum wg_status status = WG_OK;
    if (a) {
        d.before = a->geometry;
        d.before_m2 = wg_multipolygon_area(&a->geometry);
    }
    if (b) {
        d.after = b->geometry;
        d.after_m2 = wg_multipolygon_area(&b->geometry);
    }
    if (a && b) {
        status = wg_shape_overlay(shape, WG_OVERLAY_DIFFERENCE, &d.after, &d.before,
                                  &gained, err);
        if (!status)
            status = wg_shape_overlay(shape, WG_OVERLAY_DIFFERENCE, &d.before, &d.after,
                                      &lost, err);
        d.gained = gained;
        d.lost = lost;
    } else {
        d.gained = d.after;
        d.lost = d.before;
    }
    d.gained_m2 = wg_multipolygon_area(&d.gained);
    d.lost_m2 = wg_multipolygon_area(&d.lost);
    if (!status && !(a && b && is_rounding(&d)))
        *more = fn(&d, user);
    wg_multipolygon_finish(&gained);
    wg_multipolygon_finish(&lost);
    return status;
}

static enum wg_status compare(const struct state *a, const struct state *b,
                              wg_grid_diff_fn *fn, void *user, struct wg_error *err)
{
    struct wg_shape *shape = NULL;
    size_t i = 0, j = 0;
    bool more = true;
    enum wg_status status = wg_shape_create(&shape, err);
    while (!status && more && (i < a->n || j < b->n)) {
        const struct seen *p = i < a->n ? &a->at[i] : NULL;
        const struct seen *q = j < b->n ? &b->at[j] : NULL;
        if (p && q && p->id != q->id) {
            if (p->id < q->id)
                q = NULL;
            else
                p = NULL;
        }
        i += p != NULL;
        j += q != NULL;
        if (!(p && q && same_polygon(&p->geometry, &q->geometry)))
            status = tell(shape, p, q, fn, user, &more, err);
    }
    wg_shape_destroy(shape);
    return status;
}

enum wg_status wg_revision_diff(struct wg_store *store, int64_t scheme, int64_t from,
                                int64_t to, wg_grid_diff_fn *fn, void *user,
                                struct wg_error *err)
{
    char begin[WG_INSTANT_SIZE], end[WG_INSTANT_SIZE];
    struct state a = {0}, b = {0};
    if (from < 0 || to < 0 || (to && from >= to))
        return wg_fail(err, WG_INVALID,
                       _("Compare an earlier revision with a later one, not %lld with "
                         "%lld."),
                       (long long)from, (long long)to);
    enum wg_status status = wg_store_begin_read(store, err), ended;
    if (status)
        return status;
    wg_instant_format(wg_instant_now(), end);
    status = instant_of(store, scheme, from, begin, err);
    if (!status && to)
        status = instant_of(store, scheme, to, end, err);
    if (!status && !to && strcmp(end, begin) < 0)
        memcpy(end, begin, sizeof end);
    if (!status)
        status = look(store, scheme, begin, &a, err);
    if (!status)
        status = look(store, scheme, end, &b, err);
    ended = wg_store_commit(store, status ? NULL : err);
    if (!status)
        status = ended;
    if (!status)
        status = compare(&a, &b, fn, user, err);
    forget(&a);
    forget(&b);
    return status;
}

/* ---- taking back ---- */

struct taking {
    struct wg_delta delta; /* of the revision */
    int64_t last;          /* the present one */
};

static enum wg_status read_taking(struct wg_store *store, int64_t scheme, int64_t number,
                                  struct taking *t, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(
        store,
        "SELECT delta, (SELECT revision FROM scheme WHERE id = ?1) FROM revision "
        "WHERE scheme_id = ?1 AND number = ?2",
        &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, number);
    status = wg_step(q, &row, err);
    if (!status && !row) {
        status = wg_fail(err, WG_NOT_FOUND, _("The scheme has no revision %lld."),
                         (long long)number);
    } else if (!status) {
        size_t size;
        const void *blob = wg_column_blob(q, 0, &size);
        t->last = wg_column_int(q, 1);
        if (!blob)
            status =
                wg_fail(err, WG_INVALID,
                        _("Revision %lld wrote whole polygons, not edits; it cannot "
                          "be taken back step by step.  Its polygons before are kept: "
                          "export the scheme as of that time and import it."),
                        (long long)number);
        else
            status = wg_delta_read(blob, size, &t->delta, err);
    }
    wg_done(q);
    return status;
}

static enum wg_status take_back(struct wg_store *store, int64_t scheme, int64_t number,
                                const struct wg_commit *commit, int64_t *revision,
                                struct wg_conflict *conflict, struct wg_error *err)
{
    struct taking t = {0};
    struct wg_delta inverse = {0};
    struct wg_coverage *c = NULL;
    char arguments[32];
    enum wg_status status = read_taking(store, scheme, number, &t, err);
    if (!status)
        status = wg_delta_invert(&t.delta, &inverse, err);
    snprintf(arguments, sizeof arguments, "%lld", (long long)number);
    if (!status)
        status = wg_revision_apply(store, scheme, NULL, &inverse, number, "revert",
                                   arguments, true, &c, conflict, err);
    if (status == WG_CONFLICT)
        wg_revision_versions(store, scheme, number, &inverse, conflict);
    if (!status && wg_coverage_undo_count(c) == 0)
        status = wg_fail(err, WG_INVALID, _("Revision %lld was taken back already."),
                         (long long)number);
    struct wg_revision_words words = {.reverts = number};
    if (!status)
        status = wg_revision_commit(c, store, commit, &words, revision, conflict, err);
    wg_coverage_close(c);
    wg_delta_finish(&inverse);
    wg_delta_finish(&t.delta);
    return status;
}

enum wg_status wg_revision_revert(struct wg_store *store, int64_t scheme, int64_t number,
                                  const struct wg_commit *commit, int64_t *revision,
                                  struct wg_conflict *conflict, struct wg_error *err)
{
    if (conflict)
        *conflict = (struct wg_conflict){0};
    enum wg_status status = wg_store_begin_bulk(store, err);
    if (status)
        return status;
    status = take_back(store, scheme, number, commit, revision, conflict, err);
    if (!status)
        return wg_release(store, err);
    wg_revert(store);
    return status;
}
