/* Full cover, zero gap: overlaps, gaps, and children against their parents. */
#include <math.h>
#include <string.h>

#include "check_job.h"
#include "internal.h"

/* One part of a multipolygon as a view; valid while the whole is. */
static struct wg_multipolygon part_of(const struct wg_multipolygon *mp, uint32_t p,
                                      uint32_t part[2], uint32_t *ring)
{
    uint32_t first = mp->part[p], last = mp->part[p + 1], base = mp->ring[first];
    for (uint32_t r = first; r <= last; r++)
        ring[r - first] = mp->ring[r] - base;
    part[0] = 0;
    part[1] = last - first;
    return (struct wg_multipolygon){1,    last - first, mp->ring[last] - base, part,
                                    ring, mp->x + base, mp->y + base};
}

/* Call fn for each part of at least the sliver's area, with a place inside it. */
typedef bool part_fn(struct wg_check_job *job, void *user, double area,
                     struct wg_point place);

static enum wg_status each_part(struct wg_check_job *job,
                                const struct wg_multipolygon *mp, part_fn *fn, void *user)
{
    uint32_t part[2];
    uint32_t *ring = malloc((mp->n_ring + 1) * sizeof *ring);
    if (!ring)
        return wg_fail_memory(job->err);
    for (uint32_t p = 0; p < mp->n_part && !job->stopped; p++) {
        struct wg_multipolygon one = part_of(mp, p, part, ring);
        double area = wg_multipolygon_area(&one);
        struct wg_point place = {one.x[0], one.y[0]};
        if (area <= job->sliver_m2)
            continue;
        wg_shape_label_point(job->shape, &one, &place, NULL);
        fn(job, user, area, place);
    }
    free(ring);
    return WG_OK;
}

/* ---- overlaps ---- */

struct by_west {
    double min_x;
    size_t grid;
};

static int further_east(const void *a, const void *b)
{
    const struct by_west *p = a, *q = b;
    if (p->min_x != q->min_x)
        return p->min_x < q->min_x ? -1 : 1;
    return p->grid < q->grid ? -1 : p->grid > q->grid;
}

static bool may_overlap(const struct wg_check_grid *a, const struct wg_check_grid *b)
{
    return a->row.level == b->row.level && a->valid && b->valid &&
           wg_box_overlaps(a->box, b->box);
}

static enum wg_status check_pair(struct wg_check_job *job, const struct wg_check_grid *a,
                                 const struct wg_check_grid *b)
{
    struct wg_multipolygon common = {.n_part = 0};
    enum wg_status st =
        wg_shape_overlay(job->shape, WG_OVERLAY_INTERSECTION, &a->row.geometry,
                         &b->row.geometry, &common, job->err);
    double area = st ? 0 : wg_multipolygon_area(&common);
    if (area > job->sliver_m2) {
        struct wg_finding f = wg_check_finding(
            WG_RULE_OVERLAP, a, area, _("Take the common part from one of the two."));
        struct wg_point place = {common.x[0], common.y[0]};
        wg_shape_label_point(job->shape, &common, &place, NULL);
        f.other = b->row.id;
        f.other_code = b->row.code;
        f.x = place.x;
        f.y = place.y;
        wg_check_tell(job, &f, _("Grids %s and %s overlap by %.2f m²."), a->row.code,
                      b->row.code, area);
    }
    wg_multipolygon_finish(&common);
    return st;
}

enum wg_status wg_check_overlaps(struct wg_check_job *job)
{
    enum wg_status st = WG_OK;
    struct by_west *order = malloc((job->n_grid + 1) * sizeof *order);
    if (!order)
        return wg_fail_memory(job->err);
    for (size_t i = 0; i < job->n_grid; i++)
        order[i] = (struct by_west){job->grid[i].box.min_x, i};
    qsort(order, job->n_grid, sizeof *order, further_east);
    for (size_t i = 0; i < job->n_grid && !st && !job->stopped; i++) {
        const struct wg_check_grid *a = &job->grid[order[i].grid];
        for (size_t j = i + 1; j < job->n_grid && !st && !job->stopped; j++) {
            const struct wg_check_grid *b = &job->grid[order[j].grid];
            if (b->box.min_x > a->box.max_x)
                break;
            if (may_overlap(a, b))
                st = check_pair(job, a, b);
        }
        if (job->progress.call &&
            !job->progress.call(i + 1, job->n_grid, job->progress.user))
            st = wg_fail(job->err, WG_CANCELLED, "%s", _("Stopped."));
    }
    free(order);
    return st;
}

/* ---- gaps ---- */

static bool tell_gap(struct wg_check_job *job, void *user, double area,
                     struct wg_point place)
{
    const struct wg_check_grid *parent = user;
    struct wg_finding f = wg_check_finding(
        WG_RULE_GAP, parent, area, _("Give it to a neighbour, or draw a grid there."));
    f.x = place.x;
    f.y = place.y;
    if (parent)
        return wg_check_tell(job, &f, _("%.2f m² of %s belong to none of its grids."),
                             area, parent->row.code);
    return wg_check_tell(job, &f, _("A gap of %.2f m² between the grids."), area);
}

static enum wg_status difference(struct wg_check_job *job,
                                 const struct wg_multipolygon *a,
                                 const struct wg_multipolygon *b, part_fn *fn, void *user)
{
    struct wg_multipolygon rest = {.n_part = 0};
    enum wg_status st =
        wg_shape_overlay(job->shape, WG_OVERLAY_DIFFERENCE, a, b, &rest, job->err);
    if (!st)
        st = each_part(job, &rest, fn, user);
    wg_multipolygon_finish(&rest);
    return st;
}

/* The holes of a union, as polygons of their own, less the parts of the union that lie
 * in them as islands. */
static enum wg_status each_hole(struct wg_check_job *job, const struct wg_multipolygon *u)
{
    for (uint32_t p = 0; p < u->n_part && !job->stopped; p++) {
        for (uint32_t r = u->part[p] + 1; r < u->part[p + 1]; r++) {
            uint32_t n = u->ring[r + 1] - u->ring[r], part[2] = {0, 1}, ring[2] = {0, n};
            struct wg_multipolygon hole = {
                1, 1, n, part, ring, u->x + u->ring[r], u->y + u->ring[r]};
            enum wg_status st = u->n_part > 1 ? difference(job, &hole, u, tell_gap, NULL)
                                              : each_part(job, &hole, tell_gap, NULL);
            if (st)
                return st;
        }
    }
    return WG_OK;
}

/* The valid grids of one level under one parent (-1: none). */
static size_t siblings(const struct wg_check_job *job, int level, int64_t parent,
                       const struct wg_multipolygon **mp)
{
    size_t n = 0;
    for (size_t i = 0; i < job->n_grid; i++) {
        const struct wg_check_grid *g = &job->grid[i];
        if (g->valid && g->row.level == level && g->parent == parent)
            mp[n++] = &g->row.geometry;
    }
    return n;
}

static bool tell_outside(struct wg_check_job *job, void *user, double area,
                         struct wg_point place)
{
    const struct wg_check_grid *g = user;
    const struct wg_check_grid *parent = &job->grid[g->parent];
    struct wg_finding f =
        wg_check_finding(WG_RULE_OUTSIDE_PARENT, g, area,
                         _("Correct its boundary or its parent's, or its parent."));
    f.other = parent->row.id;
    f.other_code = parent->row.code;
    f.x = place.x;
    f.y = place.y;
    return wg_check_tell(job, &f, _("%.2f m² of grid %s lie outside its parent %s."),
                         area, g->row.code, parent->row.code);
}

static enum wg_status check_children(struct wg_check_job *job, size_t parent,
                                     const struct wg_multipolygon **mp)
{
    struct wg_multipolygon whole = {.n_part = 0};
    struct wg_check_grid *up = &job->grid[parent];
    enum wg_status st = WG_OK;
    for (size_t i = 0; i < job->n_grid && !st && !job->stopped; i++) {
        struct wg_check_grid *g = &job->grid[i];
        if (g->parent == (int64_t)parent && g->valid)
            st = difference(job, &g->row.geometry, &up->row.geometry, tell_outside, g);
    }
    for (int level = up->row.level + 1; level <= WG_LEVEL_MICRO_GRID && !st; level++) {
        size_t n = siblings(job, level, (int64_t)parent, mp);
        if (n == 0 || job->stopped)
            continue;
        st = wg_shape_union_all(job->shape, n, mp, &whole, job->err);
        if (!st)
            st = difference(job, &up->row.geometry, &whole, tell_gap, up);
        wg_multipolygon_finish(&whole);
    }
    return st;
}

enum wg_status wg_check_gaps(struct wg_check_job *job)
{
    struct wg_multipolygon whole = {.n_part = 0};
    enum wg_status st = WG_OK;
    const struct wg_multipolygon **mp = malloc((job->n_grid + 1) * sizeof *mp);
    if (!mp)
        return wg_fail_memory(job->err);
    for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID && !st; level++) {
        size_t n = siblings(job, level, -1, mp);
        if (n == 0 || job->stopped)
            continue;
        st = wg_shape_union_all(job->shape, n, mp, &whole, job->err);
        if (!st)
            st = each_hole(job, &whole);
        wg_multipolygon_finish(&whole);
    }
    for (size_t i = 0; i < job->n_grid && !st && !job->stopped; i++)
        if (job->grid[i].has_children && job->grid[i].valid)
            st = check_children(job, i, mp);
    free(mp);
    return st;
}
