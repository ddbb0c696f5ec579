/* Whose is each face: overlaps by the rule, narrow gaps by the longest border. */
#include <math.h>
#include <string.h>

#include "clean_job.h"
#include "internal.h"
#include "wangge/code.h"

/* Lengths of borders with labels, of one face at a time. */
struct border {
    uint32_t label;
    double length;
};
struct borders {
    struct border *border;
    size_t n, cap;
};

static bool add_border(struct borders *b, uint32_t label, double length)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->border[i].label == label) {
            b->border[i].length += length;
            return true;
        }
    if (!wg_grow((void **)&b->border, &b->cap, b->n + 1, sizeof *b->border))
        return false;
    b->border[b->n++] = (struct border){label, length};
    return true;
}

static double border_with(const struct borders *b, uint32_t label)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->border[i].label == label)
            return b->border[i].length;
    return 0;
}

/* Borders of a face with faces that have an owner. */
static enum wg_status measure_borders(struct wg_clean_job *job, uint32_t face,
                                      struct borders *b)
{
    const struct wg_cover *c = &job->cover;
    const struct wg_arrangement *map = &c->map;
    b->n = 0;
    for (uint32_t k = c->face_first[face]; k < c->face_first[face + 1]; k++) {
        uint32_t s = c->face_segment[k];
        uint32_t other = map->left[s] == face ? map->right[s] : map->left[s];
        struct wg_spot p = map->spot[map->a[s]], q = map->spot[map->b[s]];
        if (other == face || job->owner[other] == WG_NO_LABEL)
            continue;
        if (!add_border(b, job->owner[other],
                        hypot((double)p.x - q.x, (double)p.y - q.y)))
            return wg_fail_memory(job->err);
    }
    return WG_OK;
}

/* The parent a face lies in; WG_NO_LABEL: none. */
static uint32_t parent_of_face(const struct wg_clean_job *job, uint32_t face)
{
    uint32_t n;
    const uint32_t *label = wg_cover_labels(&job->cover, face, &n);
    return n && label[n - 1] >= job->n_grid ? label[n - 1] : WG_NO_LABEL;
}

/* May a grid have a face: is it in its parent? */
static bool may_have(const struct wg_clean_job *job, uint32_t label, uint32_t face)
{
    uint32_t parent = job->one[label].parent;
    return parent == WG_NO_LABEL || parent == parent_of_face(job, face);
}

/* The grids that cover a face and may have it. */
static uint32_t claims(const struct wg_clean_job *job, uint32_t face, uint32_t room,
                       uint32_t *claim)
{
    uint32_t n, m = 0;
    const uint32_t *label = wg_cover_labels(&job->cover, face, &n);
    for (uint32_t i = 0; i < n && m < room; i++)
        if (label[i] < job->n_grid && may_have(job, label[i], face))
            claim[m++] = label[i];
    return m;
}

enum { CLAIMS_MAX = 64 };

static bool tell(struct wg_clean_job *job, struct wg_clean_note *note, uint32_t grid,
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

/* How wide a face is and where: exact to a hundredth of the distances that matter. */
static enum wg_status widest(struct wg_clean_job *job, uint32_t face,
                             struct wg_widest *out)
{
    struct wg_ring_segment *segment = NULL;
    size_t n = 0;
    double matters = fmax(job->opt->gap_m, job->opt->snap_m) / WG_LATTICE_STEP;
    enum wg_status st = wg_cover_boundary(&job->cover, 1, &face, &segment, &n, job->err);
    if (!st)
        st = wg_widest_circle(n, segment, fmax(0.5, matters / 200), out, job->err);
    free(segment);
    return st;
}

static struct wg_clean_note note_of(const struct wg_clean_job *job,
                                    enum wg_clean_what what, uint32_t face,
                                    const struct wg_widest *w)
{
    return (struct wg_clean_note){.what = what,
                                  .x = ((double)job->lattice.x + w->x) * WG_LATTICE_STEP,
                                  .y = ((double)job->lattice.y + w->y) * WG_LATTICE_STEP,
                                  .area_m2 = job->cover.map.area[face] * WG_LATTICE_STEP *
                                             WG_LATTICE_STEP,
                                  .width_m = 2 * w->radius * WG_LATTICE_STEP,
                                  .moved_m = NAN};
}

/* ---- overlaps ---- */

/* Is a better than b by the rule (both cover the face)? */
static bool better(const struct wg_clean_job *job, const struct borders *b, uint32_t x,
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
    enum wg_status st = widest(job, face, &w);
    for (uint32_t i = 0; !st && i < n; i++) {
        if (claim[i] == winner)
            continue;
        struct wg_clean_note note = note_of(job, WG_CLEAN_OVERLAP, face, &w);
        if (job->opt->overlap_max_m > 0 && note.width_m > job->opt->overlap_max_m)
            note.what = WG_CLEAN_LEFT_OVERLAP;
        tell(job, &note, claim[i], winner);
    }
    return st;
}

static enum wg_status give_overlap(struct wg_clean_job *job, struct borders *b,
                                   uint32_t face, bool last, bool *given)
{
    uint32_t claim[CLAIMS_MAX], n = claims(job, face, CLAIMS_MAX, claim);
    enum wg_status st = measure_borders(job, face, b);
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

static enum wg_status give_overlaps(struct wg_clean_job *job, struct borders *b)
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

/* ---- gaps ---- */

double wg_clean_distance(const struct wg_multipolygon *mp, double x, double y,
                         double enough)
{
    double least = INFINITY;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++) {
            double dx = mp->x[i + 1] - mp->x[i], dy = mp->y[i + 1] - mp->y[i];
            double square = dx * dx + dy * dy;
            double t =
                square > 0 ? ((x - mp->x[i]) * dx + (y - mp->y[i]) * dy) / square : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            double ex = mp->x[i] + t * dx - x, ey = mp->y[i] + t * dy - y;
            double d = ex * ex + ey * ey;
            least = d < least ? d : least;
            if (least <= enough * enough)
                return sqrt(least);
        }
    return sqrt(least);
}

/* How far the boundary of a grid would move if it took a face: the furthest of the face's
 * corners from the grid's boundary as it was. */
static double furthest(const struct wg_clean_job *job, uint32_t face, uint32_t label)
{
    const struct wg_cover *c = &job->cover;
    double far = 0;
    for (uint32_t k = c->face_first[face]; k < c->face_first[face + 1]; k++) {
        uint32_t s = c->face_segment[k];
        for (int end = 0; end < 2; end++) {
            struct wg_spot spot = c->map.spot[end ? c->map.b[s] : c->map.a[s]];
            struct wg_point p = wg_cover_point(c, spot.x, spot.y);
            far = fmax(far, wg_clean_distance(job->one[label].mp, p.x, p.y, 0));
        }
    }
    return far;
}

/* The neighbour of the longest border that may have a face; nearly as long is as good, so
 * that pieces of one strip go to one grid. */
static uint32_t taker(const struct wg_clean_job *job, const struct borders *b,
                      uint32_t face)
{
    double longest = 0;
    uint32_t best = WG_NO_LABEL;
    for (size_t i = 0; i < b->n; i++)
        if (may_have(job, b->border[i].label, face))
            longest = fmax(longest, b->border[i].length);
    for (size_t i = 0; i < b->n; i++)
        if (may_have(job, b->border[i].label, face) &&
            b->border[i].length >= longest * 0.9999 &&
            (best == WG_NO_LABEL ||
             wg_code_compare(job->one[b->border[i].label].grid->code,
                             job->one[best].grid->code) < 0))
            best = b->border[i].label;
    return best;
}

static enum wg_status give_gap(struct wg_clean_job *job, struct borders *b, uint32_t face,
                               bool *given)
{
    struct wg_widest w = {0};
    enum wg_status st = measure_borders(job, face, b);
    if (!st)
        st = widest(job, face, &w);
    if (st)
        return st;
    uint32_t to = taker(job, b, face);
    if (to == WG_NO_LABEL)
        return WG_OK;
    struct wg_clean_note note = note_of(job, WG_CLEAN_GAP, face, &w);
    /* the lattice's own slivers belong to nobody's wish */
    bool narrow = note.width_m < job->opt->gap_m || note.width_m < 3 * WG_LATTICE_STEP;
    if (!narrow && note.width_m <= job->opt->snap_m) {
        double far = furthest(job, face, to);
        if (far <= job->opt->snap_m) {
            narrow = true;
            note.what = WG_CLEAN_SNAP;
            note.moved_m = far;
            job->moved_m = fmax(job->moved_m, far);
        }
    }
    if (!narrow)
        return WG_OK;
    *given = true;
    job->owner[face] = to;
    for (size_t i = 0; i < b->n; i++)
        job->one[b->border[i].label].touched = true;
    tell(job, &note, to, WG_NO_LABEL);
    return WG_OK;
}

/* Is a face a gap: nobody's, or only of such as may not have it; inside a parent, where
 * there are parents? */
static bool is_gap(const struct wg_clean_job *job, uint32_t face)
{
    uint32_t n;
    const uint32_t *label = wg_cover_labels(&job->cover, face, &n);
    for (uint32_t i = 0; i < n; i++)
        if (label[i] < job->n_grid && may_have(job, label[i], face))
            return false;
    return job->n == job->n_grid || parent_of_face(job, face) != WG_NO_LABEL;
}

/* Do the grids lie in their parents and fill them, but for what the lattice may make? */
enum wg_status wg_clean_is_nested(struct wg_clean_job *job, bool *nested)
{
    enum wg_status st = wg_cover_face_segments(&job->cover, job->err);
    *nested = true;
    for (uint32_t f = 1; f < job->cover.map.n_face && !st && *nested; f++) {
        uint32_t n, outside = 0, inside = 0;
        const uint32_t *label = wg_cover_labels(&job->cover, f, &n);
        for (uint32_t i = 0; i < n && label[i] < job->n_grid; i++) {
            inside += may_have(job, label[i], f);
            outside += !may_have(job, label[i], f);
        }
        if (outside == 0 && (inside > 0 || parent_of_face(job, f) == WG_NO_LABEL))
            continue;
        struct wg_widest w = {0};
        st = widest(job, f, &w);
        *nested = w.radius < 2;
    }
    return st;
}

static enum wg_status give_gaps(struct wg_clean_job *job, struct borders *b)
{
    enum wg_status st = WG_OK;
    bool any = true;
    while (any && !st && !job->stopped) {
        any = false;
        for (uint32_t f = 1; f < job->cover.map.n_face && !st && !job->stopped; f++)
            if (job->owner[f] == WG_NO_LABEL && is_gap(job, f))
                st = give_gap(job, b, f, &any);
    }
    return st;
}

/* What is left: told, so that a person can look at it. */
static enum wg_status tell_left(struct wg_clean_job *job, struct borders *b)
{
    enum wg_status st = WG_OK;
    for (uint32_t f = 1; f < job->cover.map.n_face && !st && !job->stopped; f++) {
        struct wg_widest w = {0};
        if (job->owner[f] != WG_NO_LABEL || !is_gap(job, f))
            continue;
        st = measure_borders(job, f, b);
        if (st || b->n == 0)
            continue;
        st = widest(job, f, &w);
        if (st)
            break;
        struct wg_clean_note note = note_of(job, WG_CLEAN_LEFT_GAP, f, &w);
        tell(job, &note, taker(job, b, f), WG_NO_LABEL);
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
            if (label[i] < job->n_grid && !may_have(job, label[i], f))
                job->one[label[i]].touched = true;
    }
}

enum wg_status wg_clean_give(struct wg_clean_job *job)
{
    struct borders b = {0};
    size_t n = job->cover.map.n_face;
    job->owner = malloc((n ? n : 1) * sizeof *job->owner);
    if (!job->owner)
        return wg_fail_memory(job->err);
    memset(job->owner, 0xff, n * sizeof *job->owner);
    enum wg_status st = wg_cover_face_segments(&job->cover, job->err);
    if (!st)
        st = give_overlaps(job, &b);
    if (!st)
        st = give_gaps(job, &b);
    if (!st)
        st = tell_left(job, &b);
    if (!st)
        lose_outside(job);
    free(b.border);
    return st;
}
