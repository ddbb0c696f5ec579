/* Whose is each face: overlaps by the rule, narrow gaps by the longest border. */
#include <math.h>
#include <string.h>

#include "clean_job.h"
#include "internal.h"
#include "wangge/code.h"

static bool add_border(struct wg_borders *b, uint32_t label, double length)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->border[i].label == label) {
            b->border[i].length += length;
            return true;
        }
    if (!wg_grow((void **)&b->border, &b->cap, b->n + 1, sizeof *b->border))
        return false;
    b->border[b->n++] = (struct wg_border){label, length};
    return true;
}

static double border_with(const struct wg_borders *b, uint32_t label)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->border[i].label == label)
            return b->border[i].length;
    return 0;
}

enum wg_status wg_clean_borders(struct wg_clean_job *job, size_t n, const uint32_t *face,
                                struct wg_borders *b)
{
    const struct wg_cover *c = &job->cover;
    const struct wg_arrangement *map = &c->map;
    b->n = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = c->face_first[face[i]]; k < c->face_first[face[i] + 1]; k++) {
            uint32_t s = c->face_segment[k];
            uint32_t other = map->left[s] == face[i] ? map->right[s] : map->left[s];
            struct wg_spot p = map->spot[map->a[s]], q = map->spot[map->b[s]];
            if (other == face[i] || job->owner[other] == WG_NO_LABEL)
                continue;
            if (!add_border(b, job->owner[other],
                            hypot((double)p.x - q.x, (double)p.y - q.y)))
                return wg_fail_memory(job->err);
        }
    return WG_OK;
}

/* The parent a face lies in; WG_NO_LABEL: none. */
uint32_t wg_clean_parent_of(const struct wg_clean_job *job, uint32_t face)
{
    uint32_t n;
    const uint32_t *label = wg_cover_labels(&job->cover, face, &n);
    return n && label[n - 1] >= job->n_grid ? label[n - 1] : WG_NO_LABEL;
}

/* May a grid have a face: is it in its parent? */
bool wg_clean_may_have(const struct wg_clean_job *job, uint32_t label, uint32_t face)
{
    uint32_t parent = job->one[label].parent;
    return parent == WG_NO_LABEL || parent == wg_clean_parent_of(job, face);
}

/* The grids that cover a face and may have it. */
static uint32_t claims(const struct wg_clean_job *job, uint32_t face, uint32_t room,
                       uint32_t *claim)
{
    uint32_t n, m = 0;
    const uint32_t *label = wg_cover_labels(&job->cover, face, &n);
    for (uint32_t i = 0; i < n && m < room; i++)
        if (label[i] < job->n_grid && wg_clean_may_have(job, label[i], face))
            claim[m++] = label[i];
    return m;
}

enum { CLAIMS_MAX = 64 };

bool wg_clean_tell(struct wg_clean_job *job, struct wg_clean_note *note, uint32_t grid,
                   uint32_t other)
{
    if (grid != WG_NO_LABEL) {
        note->grid = job->one[grid].grid->id;
        note->grid_code = job->one[grid].grid->code;
    }
    if (other != WG_NO_LABEL) {
        note->other = job->one[other].grid->id;
        note->other_code = job->one[other].grid->code;
    }
    if (job->fn && !job->stopped && !job->fn(note, job->user))
        job->stopped = true;
    return !job->stopped;
}

enum wg_status wg_clean_widest(struct wg_clean_job *job, size_t n, const uint32_t *face,
                               struct wg_widest *out)
{
    struct wg_ring_segment *segment = NULL;
    size_t m = 0;
    double matters = fmax(job->opt->gap_m, job->opt->snap_m) / WG_LATTICE_STEP;
    enum wg_status st = wg_cover_boundary(&job->cover, n, face, &segment, &m, job->err);
    if (!st)
        st = wg_widest_circle(m, segment, fmax(0.5, matters / 200), out, job->err);
    free(segment);
    return st;
}

struct wg_clean_note wg_clean_note_of(const struct wg_clean_job *job,
                                      enum wg_clean_what what, size_t n,
                                      const uint32_t *face, const struct wg_widest *w)
{
    double area = 0;
    for (size_t i = 0; i < n; i++)
        area += job->cover.map.area[face[i]];
    return (struct wg_clean_note){.what = what,
                                  .x = ((double)job->lattice.x + w->x) * WG_LATTICE_STEP,
                                  .y = ((double)job->lattice.y + w->y) * WG_LATTICE_STEP,
                                  .area_m2 = area * WG_LATTICE_STEP * WG_LATTICE_STEP,
                                  .width_m = 2 * w->radius * WG_LATTICE_STEP,
                                  .moved_m = NAN};
}

/* ---- overlaps ---- */

/* Is a better than b by the rule (both cover the face)? */
static bool better(const struct wg_clean_job *job, const struct wg_borders *b, uint32_t x,
                   uint32_t y)
{
    const struct wg_clean_one *p = &job->one[x], *q = &job->one[y];
    switch (job->opt->overlap) {
    case WG_OVERLAP_LARGEST:
        if (p->area != q->area)
            return p->area > q->area;
        break;
    case WG_OVERLAP_SMALLEST:
        if (p->area != q->area)
            return p->area < q->area;
        break;
    case WG_OVERLAP_LONGEST_BORDER:
        /* who has nothing else keeps it: a grid drawn inside another */
        if ((p->own > 0) != (q->own > 0))
            return p->own <= 0;
        if (border_with(b, x) != border_with(b, y))
            return border_with(b, x) > border_with(b, y);
        break;
    case WG_OVERLAP_LOWEST_CODE:
        break;
    }
    int order = wg_code_compare(p->grid->code, q->grid->code);
    return order ? order < 0 : x < y;
}

static enum wg_status tell_overlap(struct wg_clean_job *job, uint32_t face, uint32_t n,
                                   const uint32_t *claim, uint32_t winner)
{
    struct wg_widest w = {0};
    enum wg_status st = wg_clean_widest(job, 1, &face, &w);
    for (uint32_t i = 0; !st && i < n; i++) {
        if (claim[i] == winner)
            continue;
        struct wg_clean_note note = wg_clean_note_of(job, WG_CLEAN_OVERLAP, 1, &face, &w);
        if (job->opt->overlap_max_m > 0 && note.width_m > job->opt->overlap_max_m)
            note.what = WG_CLEAN_LEFT_OVERLAP;
        wg_clean_tell(job, &note, claim[i], winner);
    }
    return st;
}

static enum wg_status give_overlap(struct wg_clean_job *job, struct wg_borders *b,
                                   uint32_t face, bool last, bool *given)
{
    uint32_t claim[CLAIMS_MAX], n = claims(job, face, CLAIMS_MAX, claim);
    enum wg_status st = wg_clean_borders(job, 1, &face, b);
    bool bordered = false;
    uint32_t winner = claim[0];
    if (st)
        return st;
    for (uint32_t i = 0; i < n; i++) {
        bordered |= border_with(b, claim[i]) > 0 || job->one[claim[i]].own <= 0;
        if (better(job, b, claim[i], winner))
            winner = claim[i];
    }
    if (!bordered && !last && job->opt->overlap == WG_OVERLAP_LONGEST_BORDER)
        return WG_OK; /* once its neighbours are given */
    *given = true;
    job->owner[face] = winner;
    for (uint32_t i = 0; i < n; i++)
        job->one[claim[i]].touched = true;
    return tell_overlap(job, face, n, claim, winner);
}

/* Faces that several claim; the largest first, so that borders are those of what
 * matters. */
struct waiting {
    double area;
    uint32_t face;
};

static int by_area(const void *a, const void *b)
{
    const struct waiting *p = a, *q = b;
    if (p->area != q->area)
        return p->area > q->area ? -1 : 1;
    return p->face < q->face ? -1 : p->face > q->face;
}

static enum wg_status give_overlaps(struct wg_clean_job *job, struct wg_borders *b)
{
    const struct wg_arrangement *map = &job->cover.map;
    struct waiting *wait = NULL;
    size_t n = 0, cap = 0;
    enum wg_status st = WG_OK;
    for (uint32_t f = 1; f < map->n_face && !st; f++) {
        uint32_t claim[2], m = claims(job, f, 2, claim);
        if (m == 1) {
            job->owner[f] = claim[0];
            job->one[claim[0]].own += map->area[f];
        }
        if (m > 1) {
            if (!wg_grow((void **)&wait, &cap, n + 1, sizeof *wait))
                st = wg_fail_memory(job->err);
            else
                wait[n++] = (struct waiting){map->area[f], f};
        }
    }
    if (n)
        qsort(wait, n, sizeof *wait, by_area);
    for (bool last = false; n && !st && !job->stopped;) {
        size_t kept = 0;
        for (size_t i = 0; i < n && !st; i++) {
            bool given = false;
            st = give_overlap(job, b, wait[i].face, last, &given);
            if (!given)
                wait[kept++] = wait[i];
        }
        last = kept == n; /* no border to go by: give it all the same */
        n = kept;
    }
    free(wait);
    return st;
}

/* ---- parents ---- */

/* Do the grids lie in their parents and fill them, but for what the lattice may make? */
enum wg_status wg_clean_is_nested(struct wg_clean_job *job, bool *nested)
{
    enum wg_status st = wg_cover_face_segments(&job->cover, job->err);
    *nested = true;
    for (uint32_t f = 1; f < job->cover.map.n_face && !st && *nested; f++) {
        uint32_t n, outside = 0, inside = 0;
        const uint32_t *label = wg_cover_labels(&job->cover, f, &n);
        for (uint32_t i = 0; i < n && label[i] < job->n_grid; i++) {
            inside += wg_clean_may_have(job, label[i], f);
            outside += !wg_clean_may_have(job, label[i], f);
        }
        if (outside == 0 && (inside > 0 || wg_clean_parent_of(job, f) == WG_NO_LABEL))
            continue;
        struct wg_widest w = {0};
        st = wg_clean_widest(job, 1, &f, &w);
        *nested = w.radius < 2;
    }
    return st;
}

/* Ground of a grid that its parent does not have. */
static void lose_outside(struct wg_clean_job *job)
{
    for (uint32_t f = 1; f < job->cover.map.n_face; f++) {
        uint32_t n;
        const uint32_t *label = wg_cover_labels(&job->cover, f, &n);
        for (uint32_t i = 0; i < n; i++)
            if (label[i] < job->n_grid && !wg_clean_may_have(job, label[i], f))
                job->one[label[i]].touched = true;
    }
}

enum wg_status wg_clean_give(struct wg_clean_job *job)
{
    struct wg_borders b = {0};
    size_t n = job->cover.map.n_face;
    job->owner = malloc((n ? n : 1) * sizeof *job->owner);
    if (!job->owner)
        return wg_fail_memory(job->err);
    memset(job->owner, 0xff, n * sizeof *job->owner);
    enum wg_status st = wg_cover_face_segments(&job->cover, job->err);
    if (!st)
        st = give_overlaps(job, &b);
    if (!st)
        st = wg_clean_give_gaps(job, &b);
    if (!st)
        lose_outside(job);
    free(b.border);
    return st;
}
