/* One level at a time: rings, overlaps, gaps, slivers, vertices that do not match. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check_job.h"
#include "internal.h"

/* ---- areas ---- */

static bool keep_corners(struct wg_check_job *job, size_t n,
                         const struct wg_ring_segment *segment)
{
    if (!wg_grow((void **)&job->told, &job->cap_told, job->n_told + n, sizeof *job->told))
        return false;
    for (size_t i = 0; i < n; i++)
        job->told[job->n_told++] = segment[i].from;
    return true;
}

enum wg_status wg_check_cover(struct wg_check_job *job, size_t n,
                              const struct wg_multipolygon *const *mp,
                              struct wg_cover *out)
{
    struct wg_cover_options options = {.finer = job->finer};
    return wg_cover_make_with(n, mp, &options, &job->lattice, out, job->err);
}

/* How exactly a width is found: to a hundredth of the one that matters. */
static double precision(const struct wg_check_job *job, const struct wg_cover *cover)
{
    double width = job->opt->sliver_width_m > 0 ? job->opt->sliver_width_m : 2;
    return fmax(0.5, width / 200 / cover->step);
}

enum wg_status wg_check_measure(struct wg_check_job *job, struct wg_cover *cover,
                                size_t n, const uint32_t *face, struct wg_check_area *out)
{
    struct wg_ring_segment *segment = NULL;
    struct wg_widest widest;
    size_t n_segment = 0;
    double outline = 0;
    *out = (struct wg_check_area){0};
    enum wg_status st = wg_cover_boundary(cover, n, face, &segment, &n_segment, job->err);
    for (size_t i = 0; !st && i < n; i++)
        out->area_m2 += cover->map.area[face[i]] * cover->step * cover->step;
    for (size_t i = 0; !st && i < n_segment; i++)
        outline += hypot((double)segment[i].to.x - segment[i].from.x,
                         (double)segment[i].to.y - segment[i].from.y);
    out->mean_m = outline > 0 ? 2 * out->area_m2 / (outline * cover->step) : 0;
    if (!st && out->mean_m >= WG_CHECK_THIN * cover->step &&
        !keep_corners(job, n_segment, segment))
        st = wg_fail_memory(job->err);
    if (!st)
        st = wg_widest_circle(n_segment, segment, precision(job, cover), &widest,
                              job->err);
    if (!st)
        st = wg_cover_trace(cover, n_segment, segment, &out->polygon, job->err);
    if (!st) {
        out->width_m = 2 * widest.radius * cover->step;
        out->place = wg_cover_point(cover, widest.x, widest.y);
    }
    free(segment);
    return st;
}

bool wg_check_is_small(const struct wg_check_job *job, const struct wg_check_area *area)
{
    /* unless the caller says what is small: what the lattice itself may make is too */
    return area->area_m2 <= job->sliver_m2 ||
           (!(job->opt->sliver_m2 > 0) && area->width_m < 2 * WG_LATTICE_STEP);
}

bool wg_check_is_sliver(const struct wg_check_job *job, const struct wg_check_area *area)
{
    return area->width_m < job->opt->sliver_width_m;
}

static struct wg_finding area_finding(enum wg_rule rule, const struct wg_check_grid *g,
                                      const struct wg_check_area *area, const char *cure)
{
    struct wg_finding f = wg_check_finding(rule, g, area->area_m2, cure);
    f.x = area->place.x;
    f.y = area->place.y;
    f.width = area->width_m;
    f.area = &area->polygon;
    return f;
}

/* ---- a level ---- */

struct level {
    struct wg_check_job *job;
    struct wg_cover cover;
    uint32_t n;
    const struct wg_multipolygon **mp;
    size_t *grid; /* of each label */
    bool *invalid;
};

static struct wg_check_grid *grid_at(const struct level *l, uint32_t label)
{
    return &l->job->grid[l->grid[label]];
}

static enum wg_status check_rings(struct level *l)
{
    struct wg_check_job *job = l->job;
    for (uint32_t i = 0; i < l->n && !job->stopped; i++) {
        struct wg_error why = {0};
        if (!l->cover.suspect[i])
            continue;
        struct wg_check_grid *g = grid_at(l, i);
        enum wg_status st = wg_shape_check(job->shape, &g->row.geometry, &why);
        if (st == WG_OK)
            continue;
        l->invalid[i] = true;
        struct wg_finding f = wg_check_finding(
            WG_RULE_INVALID_RING, g, NAN, _("Import it again with --invalid repair."));
        f.x = why.x;
        f.y = why.y;
        wg_check_tell(job, &f, _("Grid %s: %s"), g->row.code, why.text);
    }
    return job->status;
}

static enum wg_status check_overlap(struct level *l, const struct wg_cover_overlap *o)
{
    struct wg_check_job *job = l->job;
    const struct wg_check_grid *a = grid_at(l, o->a), *b = grid_at(l, o->b);
    struct wg_check_area area;
    if (l->invalid[o->a] || l->invalid[o->b])
        return WG_OK; /* first of all they must be polygons */
    enum wg_status st =
        wg_check_measure(job, &l->cover, o->n, l->cover.overlap_face + o->first, &area);
    if (!st && !wg_check_is_small(job, &area)) {
        bool sliver = wg_check_is_sliver(job, &area);
        struct wg_finding f =
            area_finding(sliver ? WG_RULE_SLIVER : WG_RULE_OVERLAP, a, &area,
                         sliver ? _("Clean the scheme: wangge grid clean.")
                                : _("Take the common part from one of the two."));
        f.other = b->row.id;
        f.other_code = b->row.code;
        wg_check_tell(job, &f, _("Grids %s and %s overlap by %.2f m², %.3f m wide."),
                      a->row.code, b->row.code, area.area_m2, area.width_m);
    }
    wg_multipolygon_finish(&area.polygon);
    return st;
}

/* The grids around a gap, by the length of their border with it. */
struct neighbour {
    uint32_t label;
    double border;
};

static int by_label(const void *a, const void *b)
{
    const struct neighbour *p = a, *q = b;
    return p->label < q->label ? -1 : p->label > q->label;
}

static int by_border(const void *a, const void *b)
{
    const struct neighbour *p = a, *q = b;
    if (p->border != q->border)
        return p->border > q->border ? -1 : 1;
    return by_label(a, b);
}

static enum wg_status neighbours_of(struct level *l, uint32_t face,
                                    struct neighbour **out, size_t *n_out)
{
    const struct wg_arrangement *map = &l->cover.map;
    struct neighbour *near = NULL;
    size_t n = 0, cap = 0, kept = 0;
    enum wg_status st = wg_cover_face_segments(&l->cover, l->job->err);
    if (st)
        return st;
    for (uint32_t k = l->cover.face_first[face]; k < l->cover.face_first[face + 1]; k++) {
        uint32_t s = l->cover.face_segment[k], n_label;
        uint32_t other = map->left[s] == face ? map->right[s] : map->left[s];
        const uint32_t *label = wg_cover_labels(&l->cover, other, &n_label);
        double dx = (double)map->spot[map->a[s]].x - map->spot[map->b[s]].x;
        double dy = (double)map->spot[map->a[s]].y - map->spot[map->b[s]].y;
        for (uint32_t i = 0; i < n_label; i++) {
            if (!wg_grow((void **)&near, &cap, n + 1, sizeof *near)) {
                free(near);
                return wg_fail_memory(l->job->err);
            }
            near[n++] = (struct neighbour){label[i], hypot(dx, dy)};
        }
    }
    if (n)
        qsort(near, n, sizeof *near, by_label);
    for (size_t i = 0; i < n; i++)
        if (kept && near[kept - 1].label == near[i].label)
            near[kept - 1].border += near[i].border;
        else
            near[kept++] = near[i];
    if (kept)
        qsort(near, kept, sizeof *near, by_border);
    *out = near;
    *n_out = kept;
    return WG_OK;
}

/* "001, 002 and 3 more" */
static void name_them(const struct level *l, size_t n, const struct neighbour *near,
                      size_t room, char *out)
{
    size_t used = 0, i = 0;
    out[0] = '\0';
    for (; i < n && i < 4 && used + WG_CODE_MAX + 24 < room; i++)
        used += (size_t)snprintf(out + used, room - used, "%s%s", i ? ", " : "",
                                 grid_at(l, near[i].label)->row.code);
    if (i < n)
        snprintf(out + used, room - used, " + %zu", n - i);
}

/* Ground that nobody has between grids without a parent; what lies in a parent is told
 * of the parent (check_nest.c). */
static enum wg_status check_gap(struct level *l, uint32_t face)
{
    struct wg_check_job *job = l->job;
    struct wg_check_area area = {0};
    struct neighbour *near = NULL;
    size_t n = 0;
    char names[400];
    bool in_parent = false, ring = false;
    enum wg_status st = neighbours_of(l, face, &near, &n);
    for (size_t i = 0; !st && i < n; i++) {
        in_parent |= grid_at(l, near[i].label)->parent >= 0;
        ring |= l->invalid[near[i].label];
    }
    if (st || in_parent || n == 0 || (ring && n == 1)) {
        free(near);
        return st;
    }
    st = wg_check_measure(job, &l->cover, 1, &face, &area);
    if (!st && !wg_check_is_small(job, &area)) {
        const struct wg_check_grid *nearest = grid_at(l, near[0].label);
        struct wg_finding f = area_finding(
            wg_check_is_sliver(job, &area) ? WG_RULE_SLIVER : WG_RULE_GAP, NULL, &area,
            wg_check_is_sliver(job, &area)
                ? _("Clean the scheme: wangge grid clean.")
                : _("Give it to a neighbour, or draw a grid there."));
        f.other = nearest->row.id;
        f.other_code = nearest->row.code;
        name_them(l, n, near, sizeof names, names);
        wg_check_tell(job, &f,
                      _("A gap of %.2f m², %.3f m wide, between the grids (%s)."),
                      area.area_m2, area.width_m, names);
    }
    wg_multipolygon_finish(&area.polygon);
    free(near);
    return st;
}

/* Open gaps, when narrow ones are asked for. */
static enum wg_status check_slits(struct level *l)
{
    struct wg_check_job *job = l->job;
    struct wg_slit *slit = NULL;
    size_t n = 0;
    if (!(job->opt->sliver_width_m > 0))
        return WG_OK;
    enum wg_status st = wg_cover_slits(
        &l->cover, job->opt->sliver_width_m / l->cover.step, &slit, &n, job->err);
    for (size_t i = 0; !st && i < n && !job->stopped; i++) {
        double step = l->cover.step, width = slit[i].width * step;
        const struct wg_check_grid *a = grid_at(l, slit[i].a), *b = grid_at(l, slit[i].b);
        struct wg_point p = wg_cover_point(&l->cover, slit[i].x, slit[i].y);
        struct wg_finding f =
            wg_check_finding(WG_RULE_SLIVER, a, slit[i].area * step * step,
                             _("Give it to a neighbour, or draw a grid there."));
        if (f.size <= job->sliver_m2 || width < 2 * WG_LATTICE_STEP)
            continue;
        f.other = b->row.id;
        f.other_code = b->row.code;
        f.x = p.x;
        f.y = p.y;
        f.width = width;
        wg_check_tell(job, &f,
                      _("Between grids %s and %s lies an open gap, %.3f m wide."),
                      a->row.code, b->row.code, width);
    }
    free(slit);
    return st;
}

/* ---- unmatched vertices ---- */

static int by_spot(const void *a, const void *b)
{
    const struct wg_spot *p = a, *q = b;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return p->x < q->x ? -1 : p->x > q->x;
}

/* How far a vertex lies from the boundary of a grid, by the coordinates given. */
static double distance(const struct wg_multipolygon *mp, struct wg_point p)
{
    double least = INFINITY;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++) {
            double dx = mp->x[i + 1] - mp->x[i], dy = mp->y[i + 1] - mp->y[i];
            double square = dx * dx + dy * dy;
            double t =
                square > 0 ? ((p.x - mp->x[i]) * dx + (p.y - mp->y[i]) * dy) / square : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            least = fmin(least, hypot(mp->x[i] + t * dx - p.x, mp->y[i] + t * dy - p.y));
        }
    return least;
}

static void check_unmatched(struct level *l, const struct wg_cover_unmatched *u)
{
    struct wg_check_job *job = l->job;
    const struct wg_check_grid *g = grid_at(l, u->label), *other = grid_at(l, u->other);
    if (job->n_told &&
        bsearch(&u->spot, job->told, job->n_told, sizeof *job->told, by_spot))
        return;
    struct wg_point p = wg_cover_point(&l->cover, u->spot.x, u->spot.y);
    struct wg_finding f =
        wg_check_finding(WG_RULE_UNMATCHED, g, distance(&g->row.geometry, p),
                         _("Clean the scheme (wangge grid clean), or give the edge that "
                           "vertex."));
    f.other = other->row.id;
    f.other_code = other->row.code;
    f.x = p.x;
    f.y = p.y;
    wg_check_tell(job, &f,
                  _("A vertex of grid %s lies on an edge of %s, which has none there."),
                  other->row.code, g->row.code);
}

/* ---- vertices beside an edge ---- */

/* A corner of a face, and whose boundary it is there. */
struct corner {
    struct wg_spot spot;
    uint32_t label;
};

static int by_corner(const void *a, const void *b)
{
    const struct corner *p = a, *q = b;
    int order = by_spot(&p->spot, &q->spot);
    return order ? order : p->label < q->label ? -1 : p->label > q->label;
}

/* The label that a segment bounds: on one side only; WG_NO_LABEL: none or several. */
static uint32_t bounds(const struct wg_cover *c, uint32_t s)
{
    uint32_t n, m, found = WG_NO_LABEL, i = 0, k = 0;
    const uint32_t *a = wg_cover_labels(c, c->map.left[s], &n);
    const uint32_t *b = wg_cover_labels(c, c->map.right[s], &m);
    while (i < n || k < m) {
        uint32_t label;
        if (i < n && k < m && a[i] == b[k]) {
            i++;
            k++;
            continue;
        }
        label = k == m || (i < n && a[i] < b[k]) ? a[i++] : b[k++];
        if (found != WG_NO_LABEL)
            return WG_NO_LABEL;
        found = label;
    }
    return found;
}

/* What the arrangement's own steps made of a vertex that lies on an edge, but not in a
 * spot of it: a face of two boundaries, thinner than the eye.  Its corners between two
 * segments of one grid are the vertices that the other lacks. */
static enum wg_status check_beside(struct level *l, uint32_t face)
{
    struct wg_cover *c = &l->cover;
    uint32_t first = c->face_first[face], n = c->face_first[face + 1] - first;
    struct corner *corner = malloc(2 * (size_t)n * sizeof *corner + 1);
    uint32_t one = WG_NO_LABEL, other = WG_NO_LABEL;
    if (!corner)
        return wg_fail_memory(l->job->err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t s = c->face_segment[first + i], label = bounds(c, s);
        corner[2 * i] = (struct corner){c->map.spot[c->map.a[s]], label};
        corner[2 * i + 1] = (struct corner){c->map.spot[c->map.b[s]], label};
        if (one == WG_NO_LABEL || one == label)
            one = label;
        else if (other == WG_NO_LABEL || other == label)
            other = label;
        else
            n = 0; /* of more than two: not that simple */
    }
    if (n && other != WG_NO_LABEL)
        qsort(corner, 2 * (size_t)n, sizeof *corner, by_corner);
    for (uint32_t i = 0; other != WG_NO_LABEL && i + 1 < 2 * n && !l->job->stopped;
         i += 2)
        if (by_corner(&corner[i], &corner[i + 1]) == 0) {
            struct wg_cover_unmatched u = {corner[i].label == one ? other : one,
                                           corner[i].label, corner[i].spot};
            check_unmatched(l, &u);
        }
    free(corner);
    return WG_OK;
}

/* Is a face no more than a few steps thin? */
static bool is_thin(const struct wg_cover *c, uint32_t face)
{
    double outline = 0;
    for (uint32_t k = c->face_first[face]; k < c->face_first[face + 1]; k++) {
        uint32_t s = c->face_segment[k];
        struct wg_spot a = c->map.spot[c->map.a[s]], b = c->map.spot[c->map.b[s]];
        outline += hypot((double)a.x - b.x, (double)a.y - b.y);
    }
    return c->map.area[face] < outline / 2 * WG_CHECK_THIN;
}

static enum wg_status check_thin(struct level *l)
{
    struct wg_cover *c = &l->cover;
    enum wg_status st = WG_OK;
    if (c->n_gap + c->n_overlap)
        st = wg_cover_face_segments(c, l->job->err);
    for (size_t i = 0; i < c->n_gap && !st && !l->job->stopped; i++)
        if (is_thin(c, c->gap[i]))
            st = check_beside(l, c->gap[i]);
    for (size_t i = 0; i < c->n_overlap && !st; i++)
        for (uint32_t k = 0; k < c->overlap[i].n && !st && !l->job->stopped; k++) {
            uint32_t face = c->overlap_face[c->overlap[i].first + k];
            if (is_thin(c, face))
                st = check_beside(l, face);
        }
    return st;
}

/* ---- all levels ---- */

static enum wg_status check_cover(struct level *l)
{
    struct wg_check_job *job = l->job;
    struct wg_cover *c = &l->cover;
    enum wg_status st = check_rings(l);
    for (size_t i = 0; i < c->n_overlap && !st && !job->stopped; i++)
        st = check_overlap(l, &c->overlap[i]);
    for (size_t i = 0; i < c->n_gap && !st && !job->stopped; i++)
        st = check_gap(l, c->gap[i]);
    if (!st && !job->stopped)
        st = check_slits(l);
    if (st || job->stopped)
        return st;
    if (job->n_told)
        qsort(job->told, job->n_told, sizeof *job->told, by_spot);
    for (size_t i = 0; i < c->n_unmatched && !job->stopped; i++)
        check_unmatched(l, &c->unmatched[i]);
    if (!job->stopped)
        st = check_thin(l);
    if (st)
        return st;
    return job->opt->management && !job->stopped ? wg_check_management(job, c, l->grid)
                                                 : WG_OK;
}

static enum wg_status check_level(struct wg_check_job *job, int level)
{
    struct level l = {.job = job};
    size_t room = job->n_grid ? job->n_grid : 1;
    enum wg_status st = WG_OK;
    l.mp = malloc(room * sizeof *l.mp);
    l.grid = malloc(room * sizeof *l.grid);
    l.invalid = calloc(room, sizeof *l.invalid);
    if (!l.mp || !l.grid || !l.invalid)
        st = wg_fail_memory(job->err);
    for (size_t i = 0; !st && i < job->n_grid; i++)
        if (job->grid[i].row.level == level && !job->grid[i].far) {
            l.grid[l.n] = i;
            l.mp[l.n++] = &job->grid[i].row.geometry;
        }
    if (!st && l.n)
        st = wg_check_cover(job, l.n, l.mp, &l.cover);
    if (!st && l.n)
        st = check_cover(&l);
    wg_cover_finish(&l.cover);
    free(l.mp);
    free(l.grid);
    free(l.invalid);
    return st;
}

enum wg_status wg_check_levels(struct wg_check_job *job)
{
    enum wg_status st = WG_OK;
    for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID && !st && !job->stopped;
         level++) {
        st = check_level(job, level);
        if (!st && job->progress.call &&
            !job->progress.call((uint64_t)level, WG_LEVEL_MICRO_GRID, job->progress.user))
            st = wg_fail(job->err, WG_CANCELLED, "%s", _("Stopped."));
    }
    return st;
}
