/* Owns the rule that parents' boundaries and the outer limit hold fast. */
#include <math.h>
#include <stdlib.h>

#include "coverage_inside.h"

/* How far a boundary may stray, in steps: a point put on it is rounded to the lattice. */
#define STRAY 1.5

int64_t wg_face_parent_key(const struct wg_coverage *c, uint32_t face)
{
    if (c->face[face].kind == WG_FACE_OUTSIDE)
        return c->has_limit ? INT64_MIN : 0;
    return c->face[face].parent;
}

bool wg_coverage_is_fixed(const struct wg_coverage *c, uint32_t segment)
{
    const struct wg_segment *s = &c->segment[segment];
    return wg_face_parent_key(c, s->left) != wg_face_parent_key(c, s->right);
}

struct fixed {
    struct wg_spot a, b;
    int64_t left, right; /* regions */
    uint32_t face, other;
};

struct stretch {
    double from, to;
};

static size_t gather(const struct wg_coverage *c, const struct wg_cuts *cuts,
                     struct fixed *out)
{
    const struct wg_cut *change = cuts->at;
    size_t m = 0;
    for (size_t i = 0; i < cuts->n; i++) {
        int64_t left = wg_face_parent_key(c, change[i].left);
        int64_t right = wg_face_parent_key(c, change[i].right);
        if (left != right)
            out[m++] = (struct fixed){change[i].a, change[i].b,    left,
                                      right,       change[i].left, change[i].right};
    }
    return m;
}

/* The stretch of p that q runs along, if any. */
static bool along(const struct fixed *p, const struct fixed *q, struct stretch *out)
{
    double px = (double)p->b.x - p->a.x, py = (double)p->b.y - p->a.y;
    double qx = (double)q->b.x - q->a.x, qy = (double)q->b.y - q->a.y;
    bool same_way = px * qx + py * qy > 0;
    if (p->left != (same_way ? q->left : q->right) ||
        p->right != (same_way ? q->right : q->left))
        return false;
    double length = hypot(px, py);
    double ax = (double)q->a.x - p->a.x, ay = (double)q->a.y - p->a.y;
    double d0 = (px * ay - py * ax) / length, d1 = d0 + (px * qy - py * qx) / length;
    double s0 = 0, s1 = 1;
    if (fabs(d1 - d0) > 1e-9) {
        double in = (-STRAY - d0) / (d1 - d0), out_at = (STRAY - d0) / (d1 - d0);
        s0 = fmax(0, fmin(in, out_at));
        s1 = fmin(1, fmax(in, out_at));
    } else if (fabs(d0) > STRAY) {
        return false;
    }
    if (s0 > s1)
        return false;
    double t0 = (px * ax + py * ay) / length, dt = (px * qx + py * qy) / length;
    double from = t0 + s0 * dt, to = t0 + s1 * dt;
    *out = (struct stretch){fmin(from, to), fmax(from, to)};
    return out->to >= 0 && out->from <= length;
}

static int compare_stretches(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* Whether a fixed segment runs along the others from end to end; else where it leaves. */
static bool is_covered(const struct fixed *p, size_t n, const struct fixed *q,
                       struct stretch *room, struct wg_spot *where)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        m += along(p, &q[i], &room[m]);
    qsort(room, m, sizeof *room, compare_stretches);
    double px = (double)p->b.x - p->a.x, py = (double)p->b.y - p->a.y;
    double length = hypot(px, py), at = 0;
    for (size_t i = 0; i < m && room[i].from <= at + 2 * STRAY; i++)
        at = fmax(at, room[i].to);
    if (at >= length - 2 * STRAY)
        return true;
    /* The middle of what is bare: a place that shows. */
    double mid = (at + length) / 2 / length;
    *where = (struct wg_spot){p->a.x + (int32_t)lround(px * mid),
                              p->a.y + (int32_t)lround(py * mid)};
    return false;
}

struct place {
    struct wg_spot at;
    uint32_t face, other;
};

static bool all_covered(const struct fixed *p, size_t n_p, const struct fixed *q,
                        size_t n_q, struct stretch *room, struct place *out)
{
    for (size_t i = 0; i < n_p; i++)
        if (!is_covered(&p[i], n_q, q, room, &out->at)) {
            out->face = p[i].face;
            out->other = p[i].other;
            return false;
        }
    return true;
}

static int compare_place(const struct fixed *a, const struct fixed *b)
{
    if (!wg_spot_equal(a->a, b->a))
        return wg_spot_before(a->a, b->a) ? -1 : 1;
    return wg_spot_equal(a->b, b->b) ? 0 : wg_spot_before(a->b, b->b) ? -1 : 1;
}

/* Drop what is on both sides; both are in order of place. */
static void cancel(struct fixed *p, size_t *n_p, struct fixed *q, size_t *n_q)
{
    size_t i = 0, k = 0, keep_p = 0, keep_q = 0;
    while (i < *n_p || k < *n_q) {
        int order = i == *n_p ? 1 : k == *n_q ? -1 : compare_place(&p[i], &q[k]);
        if (order == 0 && p[i].left == q[k].left && p[i].right == q[k].right) {
            i++;
            k++;
        } else if (order <= 0) {
            p[keep_p++] = p[i++];
        } else {
            q[keep_q++] = q[k++];
        }
    }
    *n_p = keep_p;
    *n_q = keep_q;
}

bool wg_check_fixed(struct wg_coverage *c, const struct wg_cuts *take,
                    const struct wg_cuts *put, struct wg_spot *at, uint32_t *face,
                    uint32_t *other)
{
    size_t n = take->n + put->n;
    struct fixed *was = malloc((n + 1) * sizeof *was), *now;
    struct stretch *room = malloc((n + 1) * sizeof *room);
    struct place place = {{0, 0}, 0, 0};
    bool good = true;
    if (was && room) {
        size_t n_was = gather(c, take, was), n_now;
        now = was + n_was;
        n_now = gather(c, put, now);
        cancel(was, &n_was, now, &n_now);
        good = all_covered(now, n_now, was, n_was, room, &place) &&
               all_covered(was, n_was, now, n_now, room, &place);
    } else {
        c->broken = true; /* the end reports it */
    }
    free(was);
    free(room);
    *at = place.at;
    *face = place.face;
    *other = place.other;
    return good;
}
