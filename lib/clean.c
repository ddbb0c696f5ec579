/* Bring foreign polygons to a strict partition: arranged, each face given to one grid. */
#include "wangge/clean.h"

#include <math.h>
#include <string.h>

#include "clean_job.h"
#include "internal.h"

static const char *const rule_words[] = {
    [WG_OVERLAP_LONGEST_BORDER] = "longest-border",
    [WG_OVERLAP_LARGEST] = "largest",
    [WG_OVERLAP_SMALLEST] = "smallest",
    [WG_OVERLAP_LOWEST_CODE] = "lowest-code",
};

int wg_overlap_rule_parse(const char *text)
{
    for (int i = 0; text && i < (int)(sizeof rule_words / sizeof *rule_words); i++)
        if (wg_text_equal_fold(text, rule_words[i]))
            return i;
    return -1;
}

static const char *const what_words[] = {
    [WG_CLEAN_OVERLAP] = "overlap",   [WG_CLEAN_GAP] = "gap",
    [WG_CLEAN_SNAP] = "snap",         [WG_CLEAN_REPAIR] = "repair",
    [WG_CLEAN_LEFT_GAP] = "left-gap", [WG_CLEAN_LEFT_OVERLAP] = "left-overlap",
    [WG_CLEAN_VANISHED] = "vanished",
};

const char *wg_clean_name(enum wg_clean_what what)
{
    return what >= WG_CLEAN_OVERLAP && what <= WG_CLEAN_VANISHED ? what_words[what]
                                                                 : NULL;
}

static void tell(struct wg_clean_job *job, enum wg_clean_what what,
                 const struct wg_clean_one *one, struct wg_point place)
{
    struct wg_clean_note note = {.what = what,
                                 .grid = one->grid->id,
                                 .grid_code = one->grid->code,
                                 .x = place.x,
                                 .y = place.y,
                                 .area_m2 = NAN,
                                 .width_m = NAN,
                                 .moved_m = NAN};
    if (job->fn && !job->stopped && !job->fn(&note, job->user))
        job->stopped = true;
}

/* ---- what goes in ---- */

static enum wg_status repair_one(struct wg_clean_job *job, struct wg_shape *shape,
                                 struct wg_clean_one *one)
{
    struct wg_error why = {0};
    enum wg_status st = wg_shape_check(shape, one->mp, &why);
    if (st != WG_GEOMETRY)
        return st;
    st = wg_shape_repair(shape, one->mp, &one->repaired, job->err);
    if (!st) {
        one->mp = &one->repaired;
        one->touched = true;
        tell(job, WG_CLEAN_REPAIR, one, (struct wg_point){why.x, why.y});
    }
    return st;
}

/* Those that the first look does not prove valid. */
static enum wg_status repair(struct wg_clean_job *job, bool *any)
{
    struct wg_shape *shape = NULL;
    enum wg_status st = WG_OK;
    *any = false;
    for (uint32_t i = 0; i < job->n_grid && !st && !job->stopped; i++) {
        if (!job->cover.suspect[i])
            continue;
        if (!shape)
            st = wg_shape_create(&shape, job->err);
        if (!st)
            st = repair_one(job, shape, &job->one[i]);
        *any |= job->one[i].mp == &job->one[i].repaired;
        job->mp[i] = job->one[i].mp;
    }
    wg_shape_destroy(shape);
    return st;
}

static enum wg_status begin(struct wg_clean_job *job, const struct wg_clean_grid *grid,
                            const struct wg_multipolygon *const *up,
                            const int64_t *parent)
{
    struct wg_box box = wg_box_empty();
    job->one = calloc((size_t)job->n + 1, sizeof *job->one);
    job->mp = calloc((size_t)job->n + 1, sizeof *job->mp);
    if (!job->one || !job->mp)
        return wg_fail_memory(job->err);
    for (uint32_t i = 0; i < job->n; i++) {
        struct wg_clean_one *one = &job->one[i];
        one->parent = WG_NO_LABEL;
        if (i < job->n_grid) {
            one->grid = &grid[i];
            one->mp = &grid[i].geometry;
            if (parent && parent[i] >= 0)
                one->parent = job->n_grid + (uint32_t)parent[i];
        } else {
            one->mp = up[i - job->n_grid];
        }
        one->area = wg_multipolygon_area(one->mp);
        job->mp[i] = one->mp;
        box = wg_box_union(box, wg_multipolygon_box(one->mp));
    }
    return wg_lattice_around(box, &job->lattice, job->err);
}

static enum wg_status lay(struct wg_clean_job *job, size_t n,
                          struct wg_ring_segment *line)
{
    wg_cover_finish(&job->cover);
    struct wg_cover_options options = {n, line, 0};
    return wg_cover_make_with(job->n, job->mp, &options, &job->lattice, &job->cover,
                              job->err);
}

/* Where the parents hold their grids well, these come out by themselves: nothing moves
 * that is right. */
static enum wg_status let_go(struct wg_clean_job *job)
{
    bool nested = false;
    enum wg_status st = job->n > job->n_grid ? wg_clean_is_nested(job, &nested) : WG_OK;
    if (st || !nested)
        return st;
    for (uint32_t i = 0; i < job->n_grid; i++)
        job->one[i].parent = WG_NO_LABEL;
    job->n = job->n_grid;
    return lay(job, 0, NULL);
}

/* ---- what comes out ---- */

struct owned {
    uint32_t owner, face;
};

static int by_owner(const void *a, const void *b)
{
    const struct owned *p = a, *q = b;
    if (p->owner != q->owner)
        return p->owner < q->owner ? -1 : 1;
    return p->face < q->face ? -1 : p->face > q->face;
}

/* A grid whose boundary nobody touched comes out as it went in, on the lattice, its rings
 * as they ran; false where they do not stand that. */
static enum wg_status copy_snapped(struct wg_clean_job *job, uint32_t label,
                                   struct wg_multipolygon *out, bool *good)
{
    enum wg_status st = wg_multipolygon_copy(job->mp[label], out, job->err);
    *good = false;
    if (st)
        return st;
    wg_multipolygon_snap(out);
    *good = !job->cover.suspect[label] || wg_shape_check(NULL, out, NULL) == WG_OK;
    if (!*good)
        wg_multipolygon_finish(out);
    return WG_OK;
}

static enum wg_status trace(struct wg_clean_job *job, uint32_t label, size_t n,
                            const struct owned *owned, struct wg_multipolygon *out)
{
    struct wg_ring_segment *segment = NULL;
    size_t m = 0;
    uint32_t *face = malloc((n ? n : 1) * sizeof *face);
    if (!face)
        return wg_fail_memory(job->err);
    for (size_t i = 0; i < n; i++)
        face[i] = owned[i].face;
    enum wg_status st = wg_cover_boundary(&job->cover, n, face, &segment, &m, job->err);
    if (!st && m == 0) {
        const struct wg_clean_one *one = &job->one[label];
        struct wg_point middle = wg_multipolygon_centroid(one->mp);
        tell(job, WG_CLEAN_VANISHED, one, middle);
        st = wg_fail_at(job->err, WG_CONSTRAINT, middle.x, middle.y,
                        _("Nothing would be left of grid %s, which others cover: take "
                          "another overlap rule, or end it first."),
                        one->grid->code);
    }
    if (!st)
        st = wg_trace_rings(m, segment, &job->lattice, out, job->err);
    free(segment);
    free(face);
    return st;
}

static enum wg_status finish_all(struct wg_clean_job *job, struct wg_multipolygon *out)
{
    uint32_t n_face = job->cover.map.n_face;
    struct owned *owned = malloc(((size_t)n_face + 1) * sizeof *owned);
    size_t n = 0, at = 0;
    enum wg_status st = owned ? WG_OK : wg_fail_memory(job->err);
    for (uint32_t f = 0; !st && f < n_face; f++)
        if (job->owner[f] != WG_NO_LABEL)
            owned[n++] = (struct owned){job->owner[f], f};
    if (!st)
        qsort(owned, n, sizeof *owned, by_owner);
    for (uint32_t i = 0; i < job->n_grid && !st; i++) {
        size_t first = at;
        bool good = false;
        while (at < n && owned[at].owner == i)
            at++;
        out[i] = (struct wg_multipolygon){.n_part = 0};
        if (!job->one[i].touched && !job->cover.cut[i])
            st = copy_snapped(job, i, &out[i], &good);
        if (!st && !good)
            st = trace(job, i, at - first, owned + first, &out[i]);
    }
    free(owned);
    return st;
}

/* ---- the whole ---- */

static enum wg_status clean(struct wg_clean_job *job, struct wg_multipolygon *out)
{
    struct wg_ring_segment *bridge = NULL;
    size_t n = 0;
    bool any = false;
    enum wg_status st = lay(job, 0, NULL);
    if (!st)
        st = repair(job, &any);
    if (!st && any)
        st = lay(job, 0, NULL);
    if (!st)
        st = let_go(job);
    if (!st && (job->opt->snap_m > 0 || job->opt->gap_m > 0))
        st = wg_clean_bridges(job, &bridge, &n);
    if (!st && n)
        st = lay(job, n, bridge);
    if (!st)
        st = wg_clean_give(job);
    if (!st && job->stopped)
        st = wg_fail(job->err, WG_CANCELLED, "%s", _("Stopped."));
    if (!st)
        st = finish_all(job, out);
    free(bridge);
    return st;
}

enum wg_status wg_clean_inside(size_t n, const struct wg_clean_grid *grid, size_t n_up,
                               const struct wg_multipolygon *const *up,
                               const int64_t *parent,
                               const struct wg_clean_options *options,
                               struct wg_multipolygon *out, double *moved_m,
                               wg_clean_fn *fn, void *user, struct wg_error *err)
{
    static const struct wg_clean_options usual = {0};
    struct wg_clean_job job = {.opt = options ? options : &usual,
                               .fn = fn,
                               .user = user,
                               .err = err,
                               .n_grid = (uint32_t)n,
                               .n = (uint32_t)(n + n_up)};
    const struct wg_clean_options *o = job.opt;
    memset(out, 0, n * sizeof *out);
    if (!(o->snap_m >= 0 && o->gap_m >= 0) || isinf(o->snap_m) || isinf(o->gap_m))
        return wg_fail(err, WG_INVALID,
                       _("The snapping distance and the width of gaps must be 0 m or "
                         "more."));
    if (n == 0)
        return WG_OK;
    enum wg_status st = begin(&job, grid, up, parent);
    if (!st)
        st = clean(&job, out);
    for (size_t i = 0; st && i < n; i++)
        wg_multipolygon_finish(&out[i]);
    for (uint32_t i = 0; job.one && i < job.n_grid; i++)
        wg_multipolygon_finish(&job.one[i].repaired);
    wg_cover_finish(&job.cover);
    free(job.one);
    free(job.mp);
    free(job.owner);
    if (!st && moved_m)
        *moved_m = job.moved_m;
    return st;
}

enum wg_status wg_clean(size_t n, const struct wg_clean_grid *grid,
                        const struct wg_clean_options *options,
                        struct wg_multipolygon *out, double *moved_m, wg_clean_fn *fn,
                        void *user, struct wg_error *err)
{
    if (options && (unsigned)options->overlap > WG_OVERLAP_LOWEST_CODE)
        return wg_fail(err, WG_INVALID, _("There is no overlap rule %d."),
                       (int)options->overlap);
    return wg_clean_inside(n, grid, 0, NULL, NULL, options, out, moved_m, fn, user, err);
}
