/* Gaps: the narrow ones go to the neighbour of the longest border. */
#include <math.h>
#include <string.h>

#include "clean_job.h"
#include "internal.h"
#include "wangge/code.h"

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

double wg_clean_furthest(const struct wg_clean_job *job, size_t n, const uint32_t *face,
                         uint32_t label)
{
    const struct wg_cover *c = &job->cover;
    double far = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = c->face_first[face[i]]; k < c->face_first[face[i] + 1]; k++) {
            uint32_t s = c->face_segment[k];
            for (int end = 0; end < 2; end++) {
                struct wg_spot spot = c->map.spot[end ? c->map.b[s] : c->map.a[s]];
                struct wg_point p = wg_cover_point(c, spot.x, spot.y);
                far = fmax(far, wg_clean_distance(job->one[label].mp, p.x, p.y, 0));
            }
        }
    return far;
}

/* ---- regions ---- */

/* Faces of gaps, as one where they lie side by side: bridges cut what is open or long
 * into pieces. */
struct piece {
    uint32_t face, region;
};
struct regions {
    size_t n;
    struct piece *piece; /* sorted by region */
    uint32_t *face;      /* the same order */
    uint32_t *at;        /* of each face; WG_NO_LABEL: no gap */
    uint32_t *up;        /* union of pieces */
};

/* Is a face a gap: nobody's, or only of such as may not have it; inside a parent, where
 * there are parents? */
static bool is_gap(const struct wg_clean_job *job, uint32_t face)
{
    uint32_t n;
    const uint32_t *label = wg_cover_labels(&job->cover, face, &n);
    for (uint32_t i = 0; i < n; i++)
        if (label[i] < job->n_grid && wg_clean_may_have(job, label[i], face))
            return false;
    return job->n == job->n_grid || wg_clean_parent_of(job, face) != WG_NO_LABEL;
}

static uint32_t root(struct regions *r, uint32_t i)
{
    while (r->up[i] != i)
        i = r->up[i] = r->up[r->up[i]];
    return i;
}

static int by_region(const void *a, const void *b)
{
    const struct piece *p = a, *q = b;
    if (p->region != q->region)
        return p->region < q->region ? -1 : 1;
    return p->face < q->face ? -1 : p->face > q->face;
}

/* Gather the faces that nobody has. */
static void gather(struct wg_clean_job *job, struct regions *r)
{
    const struct wg_arrangement *map = &job->cover.map;
    r->n = 0;
    for (uint32_t f = 0; f < map->n_face; f++) {
        r->at[f] = WG_NO_LABEL;
        if (f == 0 || job->owner[f] != WG_NO_LABEL || !is_gap(job, f))
            continue;
        r->at[f] = (uint32_t)r->n;
        r->up[r->n] = (uint32_t)r->n;
        r->piece[r->n++].face = f;
    }
    for (uint32_t s = 0; s < map->n_segment; s++) {
        uint32_t p = r->at[map->left[s]], q = r->at[map->right[s]];
        if (p != WG_NO_LABEL && q != WG_NO_LABEL)
            r->up[root(r, p)] = root(r, q);
    }
    for (uint32_t i = 0; i < r->n; i++)
        r->piece[i].region = root(r, i);
    if (r->n)
        qsort(r->piece, r->n, sizeof *r->piece, by_region);
    for (size_t i = 0; i < r->n; i++)
        r->face[i] = r->piece[i].face;
}

/* The pieces of the region that begins at `at`. */
static size_t length_of(const struct regions *r, size_t at)
{
    size_t n = 1;
    while (at + n < r->n && r->piece[at + n].region == r->piece[at].region)
        n++;
    return n;
}

/* ---- giving ---- */

/* The neighbour of the longest border that may have a face; nearly as long is as good, so
 * that a strip goes to the lower code. */
static uint32_t taker(const struct wg_clean_job *job, const struct wg_borders *b,
                      uint32_t face)
{
    double longest = 0;
    uint32_t best = WG_NO_LABEL;
    for (size_t i = 0; i < b->n; i++)
        if (wg_clean_may_have(job, b->border[i].label, face))
            longest = fmax(longest, b->border[i].length);
    for (size_t i = 0; i < b->n; i++)
        if (wg_clean_may_have(job, b->border[i].label, face) &&
            b->border[i].length >= longest * 0.9999 &&
            (best == WG_NO_LABEL ||
             wg_code_compare(job->one[b->border[i].label].grid->code,
                             job->one[best].grid->code) < 0))
            best = b->border[i].label;
    return best;
}

static enum wg_status give(struct wg_clean_job *job, struct wg_borders *b, uint32_t face,
                           bool *given)
{
    struct wg_widest w = {0};
    enum wg_status st = wg_clean_borders(job, 1, &face, b);
    uint32_t to = st ? WG_NO_LABEL : taker(job, b, face);
    if (to != WG_NO_LABEL)
        st = wg_clean_widest(job, 1, &face, &w);
    if (st || to == WG_NO_LABEL)
        return st;
    struct wg_clean_note note = wg_clean_note_of(job, WG_CLEAN_GAP, 1, &face, &w);
    /* the lattice's own slivers are nobody's wish */
    bool narrow = note.width_m < job->opt->gap_m || note.width_m < 3 * WG_LATTICE_STEP;
    if (!narrow && note.width_m <= job->opt->snap_m) {
        double far = wg_clean_furthest(job, 1, &face, to);
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
    wg_clean_tell(job, &note, to, WG_NO_LABEL);
    return WG_OK;
}

/* What is left: told, so that a person can look at it. */
static enum wg_status tell_left(struct wg_clean_job *job, struct wg_borders *b,
                                struct regions *r)
{
    enum wg_status st = WG_OK;
    gather(job, r);
    for (size_t at = 0, n; at < r->n && !st && !job->stopped; at += n) {
        struct wg_widest w = {0};
        n = length_of(r, at);
        st = wg_clean_borders(job, n, r->face + at, b);
        if (!st && b->n)
            st = wg_clean_widest(job, n, r->face + at, &w);
        if (st || b->n == 0)
            continue;
        struct wg_clean_note note =
            wg_clean_note_of(job, WG_CLEAN_LEFT_GAP, n, r->face + at, &w);
        wg_clean_tell(job, &note, taker(job, b, r->face[at]), WG_NO_LABEL);
    }
    return st;
}

enum wg_status wg_clean_give_gaps(struct wg_clean_job *job, struct wg_borders *b)
{
    struct regions r = {0};
    size_t room = (size_t)job->cover.map.n_face + 2;
    enum wg_status st = WG_OK;
    r.piece = malloc(room * sizeof *r.piece);
    r.face = malloc(room * sizeof *r.face);
    r.at = malloc(room * sizeof *r.at);
    r.up = malloc(room * sizeof *r.up);
    if (!r.piece || !r.face || !r.at || !r.up)
        st = wg_fail_memory(job->err);
    for (bool any = true; any && !st && !job->stopped;) {
        any = false;
        for (uint32_t f = 1; f < job->cover.map.n_face && !st && !job->stopped; f++)
            if (job->owner[f] == WG_NO_LABEL && is_gap(job, f))
                st = give(job, b, f, &any);
    }
    if (!st && !job->stopped)
        st = tell_left(job, b, &r);
    free(r.piece);
    free(r.face);
    free(r.at);
    free(r.up);
    return st;
}
