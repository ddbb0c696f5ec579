/* A scheme cleaned: each level by itself, inside the cleaned level above. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clean_job.h"
#include "internal.h"
#include "revision_write.h"
#include "statement.h"
#include "wangge/scheme.h"

struct row {
    int64_t id, parent_id;
    int64_t parent; /* index, -1 */
    int level;
    char *code;
    struct wg_multipolygon was, now;
    bool redrawn, changed; /* other vertices; another outline */
};

struct scheme_job {
    struct wg_store *store;
    int64_t scheme;
    const struct wg_clean_options *opt;
    wg_clean_fn *fn;
    void *user;
    struct wg_error *err;
    struct row *row;
    size_t n, cap;
    double moved_m;
    enum wg_status status;
};

/* ---- reading ---- */

static bool add_row(const struct wg_grid *g, void *user)
{
    struct scheme_job *job = user;
    if (!wg_grow((void **)&job->row, &job->cap, job->n + 1, sizeof *job->row)) {
        job->status = wg_fail_memory(job->err);
        return false;
    }
    struct row *r = &job->row[job->n++];
    *r = (struct row){.id = g->id,
                      .parent_id = g->parent,
                      .parent = -1,
                      .level = g->level,
                      .code = wg_strdup(g->code)};
    job->status = r->code ? wg_multipolygon_copy(&g->geometry, &r->was, job->err)
                          : wg_fail_memory(job->err);
    return job->status == WG_OK;
}

static enum wg_status read_rows(struct scheme_job *job)
{
    struct wg_filter filter = {.scheme = job->scheme};
    enum wg_status st = wg_grid_each(job->store, &filter, add_row, job, job->err);
    if (!st)
        st = job->status;
    for (size_t i = 0; !st && i < job->n; i++) {
        size_t lo = 0, hi = job->n; /* they come in order of id */
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (job->row[mid].id < job->row[i].parent_id)
                lo = mid + 1;
            else
                hi = mid;
        }
        if (lo < job->n && job->row[lo].id == job->row[i].parent_id &&
            job->row[lo].level < job->row[i].level)
            job->row[i].parent = (int64_t)lo;
    }
    return st;
}

/* ---- one level ---- */

/* Has it other vertices, or the same ones elsewhere, by more than the lattice's step? */
static bool differs(const struct wg_multipolygon *a, const struct wg_multipolygon *b)
{
    if (a->n_part != b->n_part || a->n_ring != b->n_ring || a->n_vertex != b->n_vertex)
        return true;
    for (uint32_t i = 0; i < a->n_vertex; i++)
        if (fabs(a->x[i] - b->x[i]) > WG_LATTICE_STEP ||
            fabs(a->y[i] - b->y[i]) > WG_LATTICE_STEP)
            return true;
    return false;
}

/* Does a vertex of one lie off the boundary of the other, by more than the lattice? */
static bool strays(const struct wg_multipolygon *a, const struct wg_multipolygon *b)
{
    double limit = 1.5 * WG_LATTICE_STEP;
    for (uint32_t v = 0; v < a->n_vertex; v++)
        if (wg_clean_distance(b, a->x[v], a->y[v], limit) > limit)
            return true;
    return false;
}

/* What a level is cleaned from: its grids, the parents they have. */
struct level {
    size_t n, n_up;
    size_t *row;
    struct wg_clean_grid *grid;
    const struct wg_multipolygon **up;
    int64_t *parent, *up_of; /* up_of: by row */
    struct wg_multipolygon *out;
};

static enum wg_status gather(struct scheme_job *job, int level, struct level *l)
{
    size_t room = job->n + 1;
    l->row = malloc(room * sizeof *l->row);
    l->grid = calloc(room, sizeof *l->grid);
    l->up = malloc(room * sizeof *l->up);
    l->parent = malloc(room * sizeof *l->parent);
    l->up_of = malloc(room * sizeof *l->up_of);
    l->out = calloc(room, sizeof *l->out);
    if (!l->row || !l->grid || !l->up || !l->parent || !l->up_of || !l->out)
        return wg_fail_memory(job->err);
    for (size_t i = 0; i < job->n; i++)
        l->up_of[i] = -1;
    for (size_t i = 0; i < job->n; i++) {
        const struct row *r = &job->row[i];
        if (r->level != level)
            continue;
        l->parent[l->n] = -1;
        if (r->parent >= 0) {
            const struct row *p = &job->row[r->parent];
            if (l->up_of[r->parent] < 0) {
                l->up_of[r->parent] = (int64_t)l->n_up;
                l->up[l->n_up++] = &p->now;
            }
            l->parent[l->n] = l->up_of[r->parent];
        }
        l->row[l->n] = i;
        l->grid[l->n++] = (struct wg_clean_grid){r->id, r->code, r->was};
    }
    return WG_OK;
}

static void release(struct level *l)
{
    free(l->row);
    free(l->grid);
    free(l->up);
    free(l->parent);
    free(l->up_of);
    free(l->out);
}

static enum wg_status clean_level(struct scheme_job *job, int level)
{
    struct level l = {0};
    double moved = 0;
    enum wg_status st = gather(job, level, &l);
    if (!st && l.n)
        st = wg_clean_inside(l.n, l.grid, l.n_up, l.up, l.parent, job->opt, l.out, &moved,
                             job->fn, job->user, job->err);
    for (size_t i = 0; !st && i < l.n; i++) {
        struct row *r = &job->row[l.row[i]];
        r->now = l.out[i];
        r->redrawn = differs(&r->was, &r->now);
        r->changed = r->redrawn && (strays(&r->was, &r->now) || strays(&r->now, &r->was));
    }
    job->moved_m = fmax(job->moved_m, moved);
    release(&l);
    return st;
}

/* ---- writing ---- */

static const char *rule_name(enum wg_overlap_rule rule)
{
    static const char *const name[] = {"longest-border", "largest", "smallest",
                                       "lowest-code"};
    return (size_t)rule < sizeof name / sizeof *name ? name[rule] : "";
}

static enum wg_status read_revision(struct scheme_job *job, int64_t *out)
{
    struct wg_scheme scheme;
    enum wg_status st = wg_scheme_read(job->store, job->scheme, &scheme, job->err);
    if (st)
        return st;
    *out = scheme.revision;
    wg_scheme_finish(&scheme);
    return WG_OK;
}

/* All that is not on the lattice yet, so that borders stay common, as one revision. */
static enum wg_status write_rows(struct scheme_job *job, const struct wg_commit *commit,
                                 int64_t *revision)
{
    char arguments[128];
    struct wg_revision_job write = {
        .store = job->store, .scheme = job->scheme, .commit = commit, .n = job->n};
    char *operation = NULL;
    enum wg_status st = read_revision(job, &write.words.base);
    if (st)
        return st;
    snprintf(arguments, sizeof arguments, "--snap %g --gap %g --overlap %s",
             job->opt->snap_m, job->opt->gap_m, rule_name(job->opt->overlap));
    operation = wg_revision_operation("clean", arguments);
    write.grid = calloc(job->n, sizeof *write.grid);
    if (!operation || !write.grid) {
        st = wg_fail_memory(job->err);
        goto out;
    }
    write.words.operations = operation;
    for (size_t i = 0; i < job->n; i++)
        write.grid[i] = (struct wg_rewrite){
            .id = job->row[i].id, .now = &job->row[i].now, .quiet = !job->row[i].changed};
    st = wg_revision_write(&write, job->err);
    if (!st)
        *revision = write.revision;
out:
    free(operation);
    free(write.grid);
    return st;
}

enum wg_status wg_clean_scheme(struct wg_store *store, int64_t scheme,
                               const struct wg_clean_options *options,
                               const struct wg_commit *commit, bool dry_run,
                               int64_t *changed, int64_t *revision, double *moved_m,
                               wg_clean_fn *fn, void *user, struct wg_error *err)
{
    static const struct wg_clean_options usual = {0};
    struct scheme_job job = {.store = store,
                             .scheme = scheme,
                             .opt = options ? options : &usual,
                             .fn = fn,
                             .user = user,
                             .err = err};
    int64_t n = 0, made = 0;
    bool any = false;
    if (!dry_run && (!commit || !commit->author || !*commit->author))
        return wg_fail(err, WG_INVALID, "%s",
                       _("Say who cleans the scheme: its revision names its author."));
    /* nobody commits between the reading and the writing */
    enum wg_status st =
        dry_run ? wg_store_begin_read(store, err) : wg_save(store, err);
    if (st)
        return st;
    st = read_rows(&job);
    for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID && !st; level++)
        st = clean_level(&job, level);
    for (size_t i = 0; i < job.n; i++) {
        n += job.row[i].changed;
        any |= job.row[i].redrawn;
    }
    if (!st && any && !dry_run)
        st = write_rows(&job, commit, &made);
    if (dry_run)
        wg_store_commit(store, NULL); /* it only read */
    else if (st)
        wg_revert(store);
    else
        st = wg_release(store, err);
    if (!st && changed)
        *changed = n;
    if (!st && revision)
        *revision = made;
    if (!st && moved_m)
        *moved_m = job.moved_m;
    for (size_t i = 0; i < job.n; i++) {
        free(job.row[i].code);
        wg_multipolygon_finish(&job.row[i].was);
        wg_multipolygon_finish(&job.row[i].now);
    }
    free(job.row);
    return st;
}
