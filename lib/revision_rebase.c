/* Owns the putting of edits on top of what others have committed meanwhile, and the
 * telling of conflicts. */
#include <string.h>

#include "coverage_inside.h"
#include "revision_job.h"
#include "statement.h"
#include "wangge/grid.h"

void wg_conflict_finish(struct wg_conflict *conflict)
{
    if (!conflict)
        return;
    free(conflict->held);
    wg_multipolygon_finish(&conflict->base);
    wg_multipolygon_finish(&conflict->theirs);
    wg_multipolygon_finish(&conflict->ours);
    *conflict = (struct wg_conflict){0};
}

void wg_coverage_swap(struct wg_coverage *a, struct wg_coverage *b)
{
    struct wg_coverage c = *a;
    *a = *b;
    *b = c;
}

void wg_coverage_restamp(struct wg_coverage *c, int64_t revision, int64_t stamp)
{
    c->revision = revision;
    c->stamp = stamp;
}

enum wg_status wg_revision_head(struct wg_store *store, int64_t scheme,
                                struct wg_head *out, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(store,
                 "SELECT revision, (SELECT stamp FROM grid_stamp WHERE scheme_id = ?1) "
                 "FROM scheme WHERE id = ?1",
                 &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    status = wg_step(q, &row, err);
    if (!status && row)
        *out = (struct wg_head){wg_column_int(q, 0), wg_column_int(q, 1)};
    wg_done(q);
    if (!status && !row)
        status =
            wg_fail(err, WG_NOT_FOUND, _("There is no scheme %lld."), (long long)scheme);
    return status;
}

/* ---- shapes of a coverage ---- */

enum wg_status wg_revision_union(const struct wg_coverage *c, const bool *member,
                                 struct wg_multipolygon *out, struct wg_error *err)
{
    struct wg_lattice lattice = wg_coverage_lattice(c);
    struct wg_ring_segment *list = NULL;
    size_t n = 0, cap = 0;
    enum wg_status status = WG_OK;
    for (uint32_t f = 0; !status && f < wg_coverage_n_face(c); f++) {
        if (!member[f])
            continue;
        for (uint32_t s = wg_coverage_next_of_face(c, f, WG_NONE); s != WG_NONE;
             s = wg_coverage_next_of_face(c, f, s)) {
            const struct wg_segment *segment = wg_coverage_segment(c, s);
            void *array = list;
            bool left = segment->left == f;
            if (member[left ? segment->right : segment->left])
                continue;
            if (!wg_grow(&array, &cap, n + 1, sizeof *list)) {
                status = wg_fail_memory(err);
                break;
            }
            list = array;
            struct wg_spot a = wg_coverage_spot(c, segment->a);
            struct wg_spot b = wg_coverage_spot(c, segment->b);
            list[n++] =
                left ? (struct wg_ring_segment){a, b} : (struct wg_ring_segment){b, a};
        }
    }
    if (!status)
        status = wg_trace_rings(n, list, &lattice, out, err);
    free(list);
    return status;
}

enum wg_status wg_revision_limit(const struct wg_coverage *c, struct wg_multipolygon *out,
                                 struct wg_error *err)
{
    bool *member;
    enum wg_status status;
    *out = (struct wg_multipolygon){0};
    if (!c->has_limit)
        return WG_OK;
    member = calloc(wg_coverage_n_face(c) + 1, sizeof *member);
    if (!member)
        return wg_fail_memory(err);
    for (uint32_t f = 1; f < wg_coverage_n_face(c); f++)
        member[f] = !wg_coverage_get_face(c, f)->ended;
    status = wg_revision_union(c, member, out, err);
    free(member);
    return status;
}

enum wg_status wg_revision_before(const struct wg_coverage *c, struct wg_coverage **out,
                                  struct wg_error *err)
{
    struct wg_coverage *copy = NULL;
    enum wg_status status = wg_coverage_copy(c, &copy, err);
    if (status)
        return status;
    while (wg_coverage_undo(copy))
        continue;
    *out = copy;
    return WG_OK;
}

/* ---- what of a delta is there already ---- */

static uint32_t face_of(const struct wg_coverage *c, int64_t id)
{
    if (id == 0)
        return 0;
    if (id != WG_DELTA_FREE)
        return wg_coverage_face_of(c, id);
    for (uint32_t f = 1; f < wg_coverage_n_face(c); f++)
        if (wg_coverage_get_face(c, f)->kind == WG_FACE_FREE)
            return f;
    return 0;
}

static bool on_lattice(const struct wg_coverage *c, int64_t x, int64_t y,
                       struct wg_spot *out)
{
    struct wg_lattice l = wg_coverage_lattice(c);
    x -= l.x;
    y -= l.y;
    if (x < -WG_LATTICE_REACH || x > WG_LATTICE_REACH || y < -WG_LATTICE_REACH ||
        y > WG_LATTICE_REACH)
        return false;
    *out = (struct wg_spot){(int32_t)x, (int32_t)y};
    return true;
}

/* Is this very segment there, with these very grids? */
static bool is_there(const struct wg_coverage *c, const struct wg_delta_segment *d)
{
    struct wg_spot a, b;
    uint32_t left = face_of(c, d->left), right = face_of(c, d->right);
    if (left == WG_NONE || right == WG_NONE || !on_lattice(c, d->ax, d->ay, &a) ||
        !on_lattice(c, d->bx, d->by, &b))
        return false;
    uint32_t va = wg_coverage_vertex_at(c, a), vb = wg_coverage_vertex_at(c, b);
    if (va == WG_NONE || vb == WG_NONE)
        return false;
    uint32_t s = wg_coverage_segment_between(c, va, vb);
    if (s == WG_NONE)
        return false;
    const struct wg_segment *seg = wg_coverage_segment(c, s);
    return seg->a == va ? seg->left == left && seg->right == right
                        : seg->left == right && seg->right == left;
}

/* The pieces of a delta that others have not made already: what it takes is gone, or
 * what it puts is there.  Points into the delta given. */
static bool leave_out(const struct wg_coverage *head, const struct wg_delta *delta,
                      struct wg_delta *out)
{
    *out = *delta;
    out->n_take = out->n_put = out->n_end = 0;
    out->take = malloc((delta->n_take + 1) * sizeof *out->take);
    out->put = malloc((delta->n_put + 1) * sizeof *out->put);
    out->end = malloc((delta->n_end + 1) * sizeof *out->end);
    if (!out->take || !out->put || !out->end)
        return false;
    for (size_t i = 0; i < delta->n_take; i++)
        if (is_there(head, &delta->take[i]))
            out->take[out->n_take++] = delta->take[i];
    for (size_t i = 0; i < delta->n_put; i++)
        if (!is_there(head, &delta->put[i]))
            out->put[out->n_put++] = delta->put[i];
    for (size_t i = 0; i < delta->n_end; i++)
        if (wg_coverage_face_of(head, delta->end[i].id) != WG_NONE)
            out->end[out->n_end++] = delta->end[i];
    return true;
}

static bool is_nothing(const struct wg_delta *d)
{
    return d->n_take + d->n_put + d->n_begin + d->n_end == 0;
}

/* Some of it done by others: the rest must still make sense by itself. */
static enum wg_status apply_rest(struct wg_coverage *head, const struct wg_delta *delta,
                                 const char *op, const char *arguments,
                                 struct wg_error *err)
{
    struct wg_delta rest;
    enum wg_status status = WG_CONSTRAINT;
    if (!leave_out(head, delta, &rest))
        status = wg_fail_memory(err);
    else if (is_nothing(&rest))
        status = WG_OK;
    else if (rest.n_put < delta->n_put || rest.n_end < delta->n_end)
        status = wg_coverage_apply(head, &rest, op, arguments, NULL);
    free(rest.take);
    free(rest.put);
    free(rest.end);
    return status;
}

/* ---- the conflict ---- */

struct clash {
    struct wg_store *store;
    int64_t scheme, since;
    const struct wg_coverage *head;
    const struct wg_delta *delta;
    const struct wg_delta_segment *at; /* what is not there any more; NULL: unknown */
    int64_t grid;
    double x, y;
};

static bool same_segment(const struct wg_delta_segment *a,
                         const struct wg_delta_segment *b)
{
    return (a->ax == b->ax && a->ay == b->ay && a->bx == b->bx && a->by == b->by) ||
           (a->ax == b->bx && a->ay == b->by && a->bx == b->ax && a->by == b->ay);
}

static bool touches(const struct wg_delta *d, int64_t grid)
{
    for (size_t i = 0; i < d->n_take; i++)
        if (d->take[i].left == grid || d->take[i].right == grid)
            return true;
    for (size_t i = 0; i < d->n_put; i++)
        if (d->put[i].left == grid || d->put[i].right == grid)
            return true;
    return false;
}

/* 3: it took our segment; 2: it touched our grid; 1: it came between. */
static int how_near(const struct clash *c, const void *blob, size_t size)
{
    struct wg_delta d;
    int near = 1;
    if (!blob || wg_delta_read(blob, size, &d, NULL))
        return near;
    if (c->grid && touches(&d, c->grid))
        near = 2;
    for (size_t i = 0; c->at && i < d.n_take; i++)
        if (same_segment(&d.take[i], c->at))
            near = 3;
    wg_delta_finish(&d);
    return near;
}

static char *keep(char **at, const char *text)
{
    char *begin = *at;
    if (!text)
        return NULL;
    strcpy(begin, text);
    *at += strlen(text) + 1;
    return begin;
}

static enum wg_status name_revision(const struct clash *c, struct wg_conflict *out,
                                    struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    int best = 0;
    char code[80] = "";
    enum wg_status status =
        wg_query(c->store, "SELECT code FROM grid WHERE id = ?1", &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, c->grid);
    status = wg_step(q, &row, err);
    if (!status && row)
        strncpy(code, wg_column_text(q, 0), sizeof code - 1);
    wg_done(q);
    if (!status)
        status =
            wg_query(c->store,
                     "SELECT number, author, reason, coalesce(valid_from, at), delta "
                     "FROM revision WHERE scheme_id = ?1 AND number > ?2 ORDER BY "
                     "number DESC",
                     &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, c->scheme);
    wg_bind_int(q, 2, c->since);
    while (!(status = wg_step(q, &row, err)) && row && best < 3) {
        size_t size;
        const void *blob = wg_column_blob(q, 4, &size);
        int near = how_near(c, blob, size);
        if (near <= best)
            continue;
        best = near;
        const char *text[] = {wg_column_text(q, 1), wg_column_text(q, 2),
                              wg_column_text(q, 3), code};
        size_t room = 1;
        for (int i = 0; i < 4; i++)
            room += text[i] ? strlen(text[i]) + 1 : 0;
        char *held = malloc(room), *at = held;
        if (!held) {
            status = wg_fail_memory(err);
            break;
        }
        free(out->held);
        out->held = held;
        out->revision = wg_column_int(q, 0);
        out->author = keep(&at, text[0]);
        out->reason = keep(&at, text[1]);
        out->at = keep(&at, text[2]);
        out->grid_code = keep(&at, text[3]);
    }
    wg_done(q);
    if (!status && !out->held) {
        out->held = wg_strdup(code);
        out->grid_code = out->held;
    }
    return status;
}

/* Where the delta does not fit any more. */
static void find_clash(struct clash *c)
{
    const struct wg_refusal *refusal = wg_coverage_refusal(c->head);
    c->x = refusal->x;
    c->y = refusal->y;
    for (size_t i = 0; i < c->delta->n_take && !c->at; i++)
        if (!is_there(c->head, &c->delta->take[i]))
            c->at = &c->delta->take[i];
    if (c->at) {
        c->x = (double)c->at->ax * WG_LATTICE_STEP;
        c->y = (double)c->at->ay * WG_LATTICE_STEP;
        c->grid = c->at->left > 0 ? c->at->left : c->at->right;
    }
    for (size_t i = 0; i < c->delta->n_end && c->grid <= 0; i++)
        if (wg_coverage_face_of(c->head, c->delta->end[i].id) == WG_NONE)
            c->grid = c->delta->end[i].id;
    if (c->grid <= 0)
        c->grid = refusal->grid > 0 ? refusal->grid : refusal->other;
    for (size_t i = 0; i < c->delta->n_put && c->grid <= 0; i++)
        c->grid =
            c->delta->put[i].left > 0 ? c->delta->put[i].left : c->delta->put[i].right;
    if (c->grid < 0)
        c->grid = 0;
}

static enum wg_status tell(struct clash *c, struct wg_conflict *conflict,
                           struct wg_error *err)
{
    struct wg_conflict out = {0};
    find_clash(c);
    enum wg_status status = name_revision(c, &out, err);
    if (status) {
        wg_conflict_finish(&out);
        return status;
    }
    out.grid = c->grid;
    out.x = c->x;
    out.y = c->y;
    if (c->grid)
        wg_coverage_polygon(c->head, c->grid, &out.theirs, NULL); /* none: it has ended */
    if (out.revision)
        status = wg_fail_at(
            err, WG_CONFLICT, c->x, c->y,
            _("Revision %lld by %s changed the same boundary of grid %s at %.2f %.2f.  "
              "Look at both, take the change anew from the present state, or leave it."),
            (long long)out.revision, out.author ? out.author : "?",
            out.grid_code ? out.grid_code : "?", c->x, c->y);
    else
        status = wg_fail_at(
            err, WG_CONFLICT, c->x, c->y,
            _("Grid %s was changed at %.2f %.2f by another program since it was opened.  "
              "Look at both, take the change anew from the present state, or leave it."),
            out.grid_code ? out.grid_code : "?", c->x, c->y);
    if (conflict)
        *conflict = out;
    else
        wg_conflict_finish(&out);
    return status;
}

/* ---- rebasing ---- */

enum wg_status wg_revision_apply(struct wg_store *store, int64_t scheme,
                                 const struct wg_coverage_options *options,
                                 const struct wg_delta *delta, int64_t since,
                                 const char *op, const char *arguments, bool follow,
                                 struct wg_coverage **out, struct wg_conflict *conflict,
                                 struct wg_error *err)
{
    struct wg_coverage *head = NULL;
    enum wg_status status = wg_coverage_open(store, scheme, options, &head, err);
    if (status)
        return status;
    wg_coverage_parents_follow(head, follow);
    if (!is_nothing(delta))
        status = wg_coverage_apply(head, delta, op, arguments, err);
    if (status == WG_CONSTRAINT) {
        struct clash clash = {.store = store,
                              .scheme = scheme,
                              .since = since,
                              .head = head,
                              .delta = delta};
        if (apply_rest(head, delta, op, arguments, err) == WG_OK)
            status = WG_OK;
        else
            status = tell(&clash, conflict, err);
    }
    if (status)
        wg_coverage_close(head);
    else
        *out = head;
    return status;
}

/* What the grid was and what we made of it. */
static void show_ours(const struct wg_coverage *c, struct wg_conflict *conflict)
{
    struct wg_coverage *before = NULL;
    if (!conflict || !conflict->grid || conflict->ours.n_part)
        return;
    wg_coverage_polygon(c, conflict->grid, &conflict->ours, NULL);
    if (!wg_revision_before(c, &before, NULL))
        wg_coverage_polygon(before, conflict->grid, &conflict->base, NULL);
    wg_coverage_close(before);
}

/* The steps of a coverage as one: what it will be called after. */
static char *one_step(const struct wg_coverage *c, const char **op)
{
    size_t n = wg_coverage_undo_count(c), size = 1;
    const char *arguments = NULL;
    char *out;
    *op = n == 1 ? wg_coverage_step(c, 0, &arguments) : "rebase";
    if (n == 1)
        return wg_strdup(arguments ? arguments : "");
    for (size_t i = 0; i < n; i++) {
        const char *word = wg_coverage_step(c, i, &arguments);
        size += strlen(word) + (arguments ? strlen(arguments) : 0) + 4;
    }
    out = calloc(size, 1);
    for (size_t i = n; out && i-- > 0;) {
        const char *word = wg_coverage_step(c, i, &arguments);
        strcat(out, word);
        if (arguments && *arguments)
            strcat(strcat(out, " "), arguments);
        if (i)
            strcat(out, "; ");
    }
    return out;
}

enum wg_status wg_revision_onto(struct wg_store *store, const struct wg_coverage *c,
                                struct wg_coverage **out, struct wg_conflict *conflict,
                                struct wg_error *err)
{
    struct wg_multipolygon limit = {0};
    struct wg_coverage_options options = {.limit = c->has_limit ? &limit : NULL};
    struct wg_delta delta = {0};
    struct wg_head head = {0};
    char *arguments = NULL;
    const char *op = NULL;
    enum wg_status status = wg_revision_head(store, c->scheme, &head, err);
    *out = NULL;
    if (status || (head.revision == c->revision && head.stamp == c->stamp))
        return status;
    status = wg_revision_limit(c, &limit, err);
    if (!status)
        status = wg_coverage_delta(c, &delta, err);
    if (!status && !(arguments = one_step(c, &op)))
        status = wg_fail_memory(err);
    if (!status)
        status = wg_revision_apply(store, c->scheme, &options, &delta, c->revision, op,
                                   arguments, c->parents_follow, out, conflict, err);
    if (status == WG_CONFLICT)
        show_ours(c, conflict);
    free(arguments);
    wg_delta_finish(&delta);
    wg_multipolygon_finish(&limit);
    return status;
}

enum wg_status wg_coverage_rebase(struct wg_coverage *coverage, struct wg_store *store,
                                  struct wg_conflict *conflict, struct wg_error *err)
{
    struct wg_coverage *head = NULL;
    if (conflict)
        *conflict = (struct wg_conflict){0};
    enum wg_status status = wg_store_begin_read(store, err);
    if (status)
        return status;
    status = wg_revision_onto(store, coverage, &head, conflict, err);
    wg_store_commit(store, NULL); /* it only read */
    if (!status && head)
        wg_coverage_swap(coverage, head);
    wg_coverage_close(head);
    return status;
}
