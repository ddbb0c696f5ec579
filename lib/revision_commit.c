/* Owns the commit of a coverage: which grids it writes, and their parents. */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "revision_job.h"
#include "statement.h"
#include "wangge/instant.h"
#include "wangge/shape.h"

struct committing {
    struct wg_store *store;
    struct wg_coverage *c;      /* at the present revision */
    struct wg_coverage *before; /* the same without the edits; only where it is needed */
    struct wg_delta delta;
    bool *touched; /* faces that the edits changed */
    struct wg_rewrite *grid;
    int64_t *was; /* the id a grid had in the coverage */
    size_t n, cap, cap_was;
    struct wg_multipolygon *polygon; /* of grid, owned */
    struct wg_multipolygon *old;
    size_t cap_polygon, cap_old;
    struct wg_error *err;
};

/* ---- which grids ---- */

static struct wg_rewrite *add(struct committing *k)
{
    void *grid = k->grid, *was = k->was, *polygon = k->polygon, *old = k->old;
    bool fine = wg_grow(&grid, &k->cap, k->n + 1, sizeof *k->grid);
    k->grid = grid;
    fine = fine && wg_grow(&was, &k->cap_was, k->n + 1, sizeof *k->was);
    k->was = was;
    fine = fine && wg_grow(&polygon, &k->cap_polygon, k->n + 1, sizeof *k->polygon);
    k->polygon = polygon;
    fine = fine && wg_grow(&old, &k->cap_old, k->n + 1, sizeof *k->old);
    k->old = old;
    if (!fine)
        return NULL;
    k->grid[k->n] = (struct wg_rewrite){0};
    k->was[k->n] = 0;
    k->polygon[k->n] = k->old[k->n] = (struct wg_multipolygon){0};
    return &k->grid[k->n++];
}

static void mark(const struct committing *k, int64_t id)
{
    uint32_t f = id && id != WG_DELTA_FREE ? wg_coverage_face_of(k->c, id) : WG_NONE;
    if (f != WG_NONE)
        k->touched[f] = true;
}

static const struct wg_delta_grid *find(const struct wg_delta_grid *list, size_t n,
                                        int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].id == id)
            return &list[i];
    return NULL;
}

static void mark_all(struct committing *k)
{
    const struct wg_delta *d = &k->delta;
    for (size_t i = 0; i < d->n_take; i++) {
        mark(k, d->take[i].left);
        mark(k, d->take[i].right);
    }
    for (size_t i = 0; i < d->n_put; i++) {
        mark(k, d->put[i].left);
        mark(k, d->put[i].right);
    }
    for (size_t i = 0; i < d->n_begin; i++)
        mark(k, d->begin[i].id);
}

static enum wg_status add_face(struct committing *k, uint32_t f)
{
    const struct wg_face *face = wg_coverage_get_face(k->c, f);
    bool off = wg_coverage_off_lattice(k->c, f);
    struct wg_rewrite *g = add(k);
    if (!g)
        return wg_fail_memory(k->err);
    size_t i = k->n - 1;
    bool begins = find(k->delta.begin, k->delta.n_begin, face->id) != NULL;
    *g = (struct wg_rewrite){.id = face->id > 0 ? face->id : 0,
                             .revives = begins && face->id > 0,
                             .quiet = !k->touched[f],
                             .code = face->code,
                             .name = face->name,
                             .kind = face->grid_kind,
                             .level = face->level,
                             .parent = face->parent};
    k->was[i] = face->id;
    enum wg_status status = wg_coverage_polygon(k->c, face->id, &k->polygon[i], k->err);
    /* what the lattice alone moved came from nobody */
    if (!status && off && k->touched[f] && face->id > 0 && !begins) {
        if (!k->before)
            status = wg_revision_before(k->c, &k->before, k->err);
        if (!status)
            status = wg_coverage_polygon(k->before, face->id, &k->old[i], k->err);
    }
    return status;
}

static enum wg_status add_ended(struct committing *k, const struct wg_delta_grid *ended)
{
    struct wg_rewrite *g;
    if (ended->id <= 0 || find(k->delta.begin, k->delta.n_begin, ended->id))
        return WG_OK;
    g = add(k);
    if (!g)
        return wg_fail_memory(k->err);
    *g = (struct wg_rewrite){.id = ended->id, .ends = true};
    k->was[k->n - 1] = ended->id;
    return WG_OK;
}

static enum wg_status list_grids(struct committing *k)
{
    uint32_t n = wg_coverage_n_face(k->c);
    enum wg_status status = WG_OK;
    k->touched = calloc((size_t)n + 1, sizeof *k->touched);
    if (!k->touched)
        return wg_fail_memory(k->err);
    mark_all(k);
    for (uint32_t f = 1; !status && f < n; f++) {
        const struct wg_face *face = wg_coverage_get_face(k->c, f);
        if (face->kind == WG_FACE_GRID && !face->ended &&
            (k->touched[f] || wg_coverage_off_lattice(k->c, f)))
            status = add_face(k, f);
    }
    for (size_t i = 0; !status && i < k->delta.n_end; i++)
        status = add_ended(k, &k->delta.end[i]);
    return status;
}

/* ---- parents ---- */

/* A grid above those of the coverage. */
struct above {
    int64_t id, parent;
    double area_m2, filled_m2; /* its own, and that of the grids in it */
    bool touched, seen;
};

struct family {
    struct above *at;
    size_t n, cap;
};

static struct above *member_of(struct family *family, int64_t id)
{
    size_t lo = 0, hi = family->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (family->at[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < family->n && family->at[lo].id == id ? &family->at[lo] : NULL;
}

/* In force, with children in force. */
static enum wg_status read_family(struct committing *k, int64_t scheme,
                                  struct family *family)
{
    char now[WG_INSTANT_SIZE];
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(
        k->store,
        "SELECT g.id, g.parent_id, g.area_m2 FROM grid g WHERE g.scheme_id = ?1 AND "
        "g.geom IS NOT NULL AND (g.valid_from IS NULL OR g.valid_from <= ?2) AND "
        "(g.valid_to IS NULL OR g.valid_to > ?2) AND EXISTS (SELECT 1 FROM grid c WHERE "
        "c.parent_id = g.id AND (c.valid_from IS NULL OR c.valid_from <= ?2) AND "
        "(c.valid_to IS NULL OR c.valid_to > ?2)) ORDER BY g.id",
        &q, k->err);
    if (status)
        return status;
    wg_instant_format(wg_instant_now(), now);
    wg_bind_int(q, 1, scheme);
    wg_bind_text(q, 2, now);
    while (!(status = wg_step(q, &row, k->err)) && row) {
        void *array = family->at;
        if (!wg_grow(&array, &family->cap, family->n + 1, sizeof *family->at)) {
            status = wg_fail_memory(k->err);
            break;
        }
        family->at = array;
        family->at[family->n++] = (struct above){.id = wg_column_int(q, 0),
                                                 .parent = wg_column_int(q, 1),
                                                 .area_m2 = wg_column_real(q, 2)};
    }
    wg_done(q);
    return status;
}

/* Up the chain of a grid, at most as far as there are levels. */
#define EACH_ABOVE(family, first, a)                                                     \
    for (struct above *a = member_of(family, first), *stop_##a = NULL;                   \
         a && a != stop_##a; stop_##a = a, a = member_of(family, a->parent))

/* The areas that the stored grids of the coverage fill in those above them. */
static enum wg_status fill_family(struct committing *k, struct family *family)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(
        k->store, "SELECT parent_id, area_m2 FROM grid WHERE id = ?1", &q, k->err);
    if (status)
        return status;
    for (uint32_t f = 1; !status && f < wg_coverage_n_face(k->c); f++) {
        const struct wg_face *face = wg_coverage_get_face(k->c, f);
        bool gone = face->ended && !find(k->delta.end, k->delta.n_end, face->id);
        if (face->kind != WG_FACE_GRID || face->id <= 0 || gone ||
            find(k->delta.begin, k->delta.n_begin, face->id))
            continue;
        wg_bind_int(q, 1, face->id);
        status = wg_step(q, &row, k->err);
        if (!status && row)
            EACH_ABOVE(family, wg_column_int(q, 0), a)
        a->filled_m2 += wg_column_real(q, 1);
        wg_again(q);
    }
    wg_done(q);
    return status;
}

static void mark_family(struct committing *k, struct family *family)
{
    for (size_t i = 0; i < k->n; i++) {
        uint32_t f = k->grid[i].ends ? WG_NONE : wg_coverage_face_of(k->c, k->was[i]);
        int64_t parent = f == WG_NONE ? 0 : wg_coverage_get_face(k->c, f)->parent;
        const struct wg_delta_grid *ended =
            k->grid[i].ends ? find(k->delta.end, k->delta.n_end, k->was[i]) : NULL;
        if (ended)
            parent = ended->parent;
        EACH_ABOVE(family, parent, a)
        a->touched = true;
    }
}

static double border_of(const struct wg_multipolygon *mp)
{
    double length = 0;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++)
            length += hypot(mp->x[i + 1] - mp->x[i], mp->y[i + 1] - mp->y[i]);
    return length;
}

/* The grids filled it, but for what lattice and healing move. */
static bool was_filled(const struct above *a, const struct wg_multipolygon *mp)
{
    return fabs(a->area_m2 - a->filled_m2) <=
           0.01 + 0.004 * border_of(mp) + 1e-9 * a->area_m2;
}

static enum wg_status add_parent(struct committing *k, struct family *family,
                                 const struct above *parent)
{
    uint32_t n = wg_coverage_n_face(k->c);
    struct wg_multipolygon mp = {0};
    bool any = false, *member = calloc((size_t)n + 1, sizeof *member);
    if (!member)
        return wg_fail_memory(k->err);
    for (uint32_t f = 1; f < n; f++) {
        const struct wg_face *face = wg_coverage_get_face(k->c, f);
        if (face->kind != WG_FACE_GRID || face->ended)
            continue;
        EACH_ABOVE(family, face->parent, a)
        member[f] = member[f] || a == parent;
        any = any || member[f];
    }
    enum wg_status status = any ? wg_revision_union(k->c, member, &mp, k->err) : WG_OK;
    free(member);
    if (!status && any && was_filled(parent, &mp)) {
        struct wg_rewrite *g = add(k);
        if (!g) {
            wg_multipolygon_finish(&mp);
            return wg_fail_memory(k->err);
        }
        *g = (struct wg_rewrite){.id = parent->id, .quiet = true};
        k->polygon[k->n - 1] = mp;
        return WG_OK;
    }
    wg_multipolygon_finish(&mp);
    return status;
}

static enum wg_status list_parents(struct committing *k)
{
    struct family family = {0};
    enum wg_status status = read_family(k, wg_coverage_scheme(k->c), &family);
    if (!status && family.n)
        mark_family(k, &family);
    bool any = false;
    for (size_t i = 0; i < family.n; i++)
        any = any || family.at[i].touched;
    if (!status && any)
        status = fill_family(k, &family);
    for (size_t i = 0; !status && any && i < family.n; i++)
        if (family.at[i].touched)
            status = add_parent(k, &family, &family.at[i]);
    free(family.at);
    return status;
}

/* ---- the delta that is kept: by the ids that grids have in the store ---- */

static void rename_id(const struct committing *k, int64_t *id)
{
    for (size_t i = 0; *id < 0 && *id != WG_DELTA_FREE && i < k->n; i++)
        if (k->was[i] == *id)
            *id = k->grid[i].id;
}

static enum wg_status bind_delta(struct wg_revision_job *job, struct wg_error *err)
{
    struct committing *k = job->user;
    struct wg_delta *d = &k->delta;
    struct wg_delta_segment *list[] = {d->take, d->put};
    size_t n[] = {d->n_take, d->n_put}, size = 0;
    void *bytes = NULL;
    for (int i = 0; i < 2; i++)
        for (size_t j = 0; j < n[i]; j++) {
            rename_id(k, &list[i][j].left);
            rename_id(k, &list[i][j].right);
        }
    for (size_t i = 0; i < d->n_begin; i++) {
        struct wg_delta_grid *g = &d->begin[i];
        for (size_t j = 0; j < k->n; j++) {
            if (g->id >= 0 || k->was[j] != g->id)
                continue;
            char *code = wg_strdup(k->grid[j].made_code);
            if (!code)
                return wg_fail_memory(err);
            free(g->code);
            g->code = code;
            g->id = k->grid[j].id;
            break;
        }
    }
    enum wg_status status = wg_delta_write(d, &bytes, &size, err);
    job->words.delta = bytes;
    job->words.delta_size = size;
    return status;
}

/* ---- the commit ---- */

static bool has_op(const struct wg_coverage *c, const char *op)
{
    for (size_t i = 0; i < wg_coverage_undo_count(c); i++)
        if (strcmp(wg_coverage_step(c, i, NULL), op) == 0)
            return true;
    return false;
}

static enum wg_status write_grids(struct committing *k, struct wg_revision_job *job)
{
    enum wg_status status = wg_coverage_delta(k->c, &k->delta, k->err);
    if (!status)
        status = list_grids(k);
    if (!status)
        status = list_parents(k);
    if (status)
        return status;
    for (size_t i = 0; i < k->n; i++) {
        k->grid[i].now = &k->polygon[i];
        k->grid[i].was = k->old[i].n_part ? &k->old[i] : NULL;
    }
    job->n = k->n;
    job->grid = k->grid;
    job->bind = bind_delta;
    job->user = k;
    status = wg_revision_write(job, k->err);
    free((void *)job->words.delta);
    job->words.delta = NULL;
    return status;
}

static enum wg_status settle(struct committing *k, const struct wg_revision_job *job,
                             const struct wg_head *head, struct wg_error *err)
{
    struct wg_settled_grid *list = calloc(k->n + 1, sizeof *list);
    size_t n = 0;
    if (!list)
        return wg_fail_memory(err);
    for (size_t i = 0; i < k->n; i++)
        if (k->was[i] < 0)
            list[n++] =
                (struct wg_settled_grid){k->was[i], k->grid[i].id, k->grid[i].made_code};
    enum wg_status status = wg_coverage_settle(k->c, job->revision, n, list, err);
    free(list);
    if (!status)
        wg_coverage_restamp(k->c, job->revision, head->stamp);
    return status;
}

static void finish(struct committing *k)
{
    for (size_t i = 0; i < k->n; i++) {
        wg_multipolygon_finish(&k->polygon[i]);
        wg_multipolygon_finish(&k->old[i]);
    }
    free(k->polygon);
    free(k->old);
    free(k->grid);
    free(k->was);
    free(k->touched);
    wg_delta_finish(&k->delta);
    wg_coverage_close(k->before);
}

/* Work on a copy: the coverage given keeps its edits until the file has them. */
static enum wg_status prepare(const struct wg_coverage *c, struct committing *k,
                              struct wg_conflict *conflict)
{
    enum wg_status status = wg_revision_onto(k->store, c, &k->c, conflict, k->err);
    if (!status && !k->c)
        status = wg_coverage_copy(c, &k->c, k->err);
    return status;
}

enum wg_status wg_revision_commit(struct wg_coverage *c, struct wg_store *store,
                                  const struct wg_commit *commit,
                                  const struct wg_revision_words *words,
                                  int64_t *revision, struct wg_conflict *conflict,
                                  struct wg_error *err)
{
    struct committing k = {.store = store, .err = err};
    struct wg_head head = {0};
    struct wg_revision_job job = {
        .store = store, .scheme = wg_coverage_scheme(c), .commit = commit};
    char *operations = NULL;
    if (conflict)
        *conflict = (struct wg_conflict){0};
    if (!job.scheme)
        return wg_fail(err, WG_INVALID, "%s",
                       _("These boundaries were not opened from a scheme; there is "
                         "nothing to commit them to."));
    enum wg_status status = wg_store_begin_bulk(store, err);
    if (status)
        return status;
    status = prepare(c, &k, conflict);
    if (words)
        job.words = *words;
    job.words.base = wg_coverage_revision(c);
    job.words.carves = has_op(c, "carve") || has_op(c, "draw") || job.words.carves;
    if (!status && !job.words.operations) {
        job.words.operations = operations = wg_revision_operations(c);
        if (!operations)
            status = wg_fail_memory(err);
    }
    if (!status)
        status = write_grids(&k, &job);
    if (!status)
        status = wg_revision_head(store, job.scheme, &head, err);
    if (!status)
        status = settle(&k, &job, &head, err);
    if (!status)
        status = wg_release(store, err);
    else
        wg_revert(store);
    if (!status) {
        wg_coverage_swap(c, k.c);
        if (revision)
            *revision = job.revision;
    }
    free(operations);
    wg_coverage_close(k.c);
    finish(&k);
    return status;
}

enum wg_status wg_coverage_commit(struct wg_coverage *coverage, struct wg_store *store,
                                  const struct wg_commit *commit, int64_t *revision,
                                  struct wg_conflict *conflict, struct wg_error *err)
{
    if (wg_coverage_undo_count(coverage) == 0)
        return wg_fail(err, WG_INVALID, "%s", _("Nothing was changed."));
    return wg_revision_commit(coverage, store, commit, NULL, revision, conflict, err);
}
