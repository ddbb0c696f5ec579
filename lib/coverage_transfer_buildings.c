/*
 * Owns giving buildings of one grid to its neighbour, with the ground between.
 *
 * Each footprint grown by the margin; where that does not reach the other grid, the
 * ground swept from it to the nearest place of the common border, or, when a building
 * that stays is in the way, a lane that is led around those.  Out of all that the
 * buildings that stay are cut, so that no new boundary runs through one.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "coverage_overlay.h"
#include "internal.h"
#include "wangge/shape.h"

#define LEAST_MARGIN 0.02 /* metres: rounding never reaches a wall */
#define WALL 0.01         /* what is left around a building that stays */
#define LANE 0.5          /* half of a lane's width */
#define CUT 0.01          /* m²: less is what rounding does */

struct moving {
    struct wg_coverage *c;
    struct wg_shape *shape;
    uint32_t from, to;
    const struct wg_footprints *move, *keep;
    double margin;
    struct wg_multipolygon from_area, to_area; /* empty: nobody's */
    struct wg_multipolygon region, stay;       /* what goes; what must not */
};

/* a := a ∪ b or a − b */
static enum wg_status change(struct moving *m, enum wg_overlay op,
                             struct wg_multipolygon *a, const struct wg_multipolygon *b,
                             struct wg_error *err)
{
    struct wg_multipolygon result = {0};
    enum wg_status s = wg_shape_overlay(m->shape, op, a, b, &result, err);

    if (s == WG_OK) {
        wg_multipolygon_finish(a);
        *a = result;
    }
    return s;
}

/* `keep` without those that go. */
static bool leave_moved_out(const struct wg_footprints *keep,
                            const struct wg_footprints *move, struct wg_footprints *out,
                            const struct wg_multipolygon ***mp, int64_t **id)
{
    size_t all = keep ? keep->n : 0;

    *mp = malloc((all + 1) * sizeof **mp);
    *id = malloc((all + 1) * sizeof **id);
    if (!*mp || !*id)
        return false;
    *out = (struct wg_footprints){0, *mp, *id};
    for (size_t i = 0; i < all; i++) {
        bool goes = false;
        for (size_t k = 0; k < move->n && !goes; k++)
            goes = move->id[k] == keep->id[i];
        if (goes)
            continue;
        (*mp)[out->n] = keep->footprint[i];
        (*id)[out->n++] = keep->id[i];
    }
    return true;
}

static struct wg_box grown(struct wg_box box, double by)
{
    return (struct wg_box){box.min_x - by, box.min_y - by, box.max_x + by,
                           box.max_y + by};
}

static enum wg_status refuse_building(struct moving *m, int64_t building,
                                      const struct wg_multipolygon *mp, const char *cure,
                                      const char *words, struct wg_error *err)
{
    struct wg_spot at = {0, 0};
    struct wg_point p = {mp->n_vertex ? mp->x[0] : 0, mp->n_vertex ? mp->y[0] : 0};
    enum wg_status s;

    (void)!wg_coverage_place(m->c, p, &at, NULL);
    s = wg_refuse(m->c, WG_REFUSED_CUTS, at, m->from ? m->from : WG_NONE,
                  m->to ? m->to : WG_NONE, cure, err, "%s", words);
    wg_refuse_building(m->c, building);
    return s;
}

/* ---- may they go?
 * ---------------------------------------------------------------------- */

/* A building must lie in the two grids altogether. */
static enum wg_status check_place(struct moving *m, size_t i, struct wg_error *err)
{
    const struct wg_multipolygon *mp = m->move->footprint[i];
    double from = 0, to = 0, all = wg_multipolygon_area(mp);
    char words[256];
    enum wg_status s = wg_shape_common_area(m->shape, mp, &m->from_area, &from, err);

    if (s == WG_OK)
        s = wg_shape_common_area(m->shape, mp, &m->to_area, &to, err);
    if (s != WG_OK || from + to >= all - CUT || m->from_area.n_part == 0 ||
        m->to_area.n_part == 0)
        return s;
    snprintf(words, sizeof words,
             _("Building %lld does not lie in the two grids altogether."),
             (long long)m->move->id[i]);
    return refuse_building(m, m->move->id[i], mp,
                           _("Transfer it between the grids that have its parts."), words,
                           err);
}

static enum wg_status check_overlap(struct moving *m, size_t kept, struct wg_error *err)
{
    const struct wg_multipolygon *stays = m->keep->footprint[kept];
    enum wg_status s = WG_OK;
    char words[256];

    for (size_t i = 0; s == WG_OK && i < m->move->n; i++) {
        double common = 0;
        s = wg_shape_common_area(m->shape, m->move->footprint[i], stays, &common, err);
        if (s != WG_OK || common <= CUT)
            continue;
        snprintf(words, sizeof words,
                 _("Building %lld stays, but overlaps building %lld, which goes."),
                 (long long)m->keep->id[kept], (long long)m->move->id[i]);
        s = refuse_building(m, m->keep->id[kept], stays, _("Transfer both."), words, err);
    }
    return s;
}

/* ---- what goes, what stays
 * --------------------------------------------------------------- */

static enum wg_status gather_moved(struct moving *m, struct wg_error *err)
{
    size_t n = 0;
    struct wg_multipolygon *mp = calloc(m->move->n + 1, sizeof *mp);
    const struct wg_multipolygon **list = calloc(m->move->n + 1, sizeof *list);
    enum wg_status s = mp && list ? WG_OK : wg_fail_memory(err);

    for (size_t i = 0; s == WG_OK && i < m->move->n; i++) {
        s = check_place(m, i, err);
        if (s == WG_OK)
            s = wg_shape_buffer(m->shape, m->move->footprint[i], m->margin, false, &mp[n],
                                err);
        list[n] = &mp[n];
        n += s == WG_OK;
    }
    if (s == WG_OK)
        s = wg_shape_union_all(m->shape, n, list, &m->region, err);
    for (size_t i = 0; mp && i < n; i++)
        wg_multipolygon_finish(&mp[i]);
    free(mp);
    free(list);
    return s;
}

/* Those that stay, near what goes, with a hand's breadth of ground. */
static enum wg_status gather_kept(struct moving *m, struct wg_box box,
                                  struct wg_error *err)
{
    size_t n = 0, all = m->keep->n;
    struct wg_multipolygon *mp = calloc(all + 1, sizeof *mp);
    const struct wg_multipolygon **list = calloc(all + 1, sizeof *list);
    enum wg_status s = mp && list ? WG_OK : wg_fail_memory(err);

    wg_multipolygon_finish(&m->stay);
    for (size_t i = 0; s == WG_OK && i < all; i++) {
        const struct wg_multipolygon *stays = m->keep->footprint[i];
        if (!wg_box_overlaps(wg_multipolygon_box(stays), grown(box, 2 * WALL)))
            continue;
        s = check_overlap(m, i, err);
        if (s == WG_OK)
            s = wg_shape_buffer(m->shape, stays, WALL, false, &mp[n], err);
        list[n] = &mp[n];
        n += s == WG_OK;
    }
    if (s == WG_OK && n > 0)
        s = wg_shape_union_all(m->shape, n, list, &m->stay, err);
    for (size_t i = 0; mp && i < n; i++)
        wg_multipolygon_finish(&mp[i]);
    free(mp);
    free(list);
    return s;
}

/* The region without what stays, but with every building that goes: where walls touch,
 * the boundary is the wall. */
static enum wg_status spare_kept(struct moving *m, struct wg_error *err)
{
    enum wg_status s = gather_kept(m, wg_multipolygon_box(&m->region), err);

    if (s != WG_OK || m->stay.n_part == 0)
        return s;
    s = change(m, WG_OVERLAY_DIFFERENCE, &m->region, &m->stay, err);
    for (size_t i = 0; s == WG_OK && i < m->move->n; i++)
        s = change(m, WG_OVERLAY_UNION, &m->region, m->move->footprint[i], err);
    return s;
}

/* ---- the way to the other grid
 * ------------------------------------------------------------- */

/* One part of the region as a polygon of its own (borrowed). */
static struct wg_multipolygon part_of(const struct wg_multipolygon *mp, uint32_t part,
                                      uint32_t part_index[2])
{
    struct wg_multipolygon one = *mp;

    one.n_part = 1;
    part_index[0] = mp->part[part];
    part_index[1] = mp->part[part + 1];
    one.part = part_index;
    return one;
}

/* The common border's place nearest to a shell, from the nearest place of that. */
struct nearest {
    double distance;
    struct wg_point from, to;
};

static void try_pair(struct nearest *best, struct wg_point p, struct wg_point a,
                     struct wg_point b, bool p_is_from)
{
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double t = square > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / square : 0;

    t = fmin(fmax(t, 0), 1);
    struct wg_point q = {a.x + t * dx, a.y + t * dy};
    double d = hypot(p.x - q.x, p.y - q.y);
    if (d >= best->distance)
        return;
    best->distance = d;
    best->from = p_is_from ? p : q;
    best->to = p_is_from ? q : p;
}

static struct nearest find_border(const struct moving *m,
                                  const struct wg_multipolygon *part)
{
    struct wg_lattice lattice = wg_coverage_lattice(m->c);
    uint32_t grid = wg_overlay_is_free(m->c, m->to) ? m->from : m->to;
    uint32_t other = grid == m->to ? m->from : m->to, s = WG_NONE;
    uint32_t first = part->ring[part->part[0]], last = part->ring[part->part[0] + 1];
    struct nearest best = {.distance = INFINITY};

    while ((s = wg_coverage_next_of_face(m->c, grid, s)) != WG_NONE) {
        const struct wg_segment *seg = wg_coverage_segment(m->c, s);
        if (seg->left != other && seg->right != other)
            continue;
        struct wg_point a = wg_lattice_point(&lattice, wg_coverage_spot(m->c, seg->a)),
                        b = wg_lattice_point(&lattice, wg_coverage_spot(m->c, seg->b));
        for (uint32_t i = first; i + 1 < last; i++) {
            struct wg_point p = {part->x[i], part->y[i]},
                            q = {part->x[i + 1], part->y[i + 1]};
            try_pair(&best, p, a, b, true);
            try_pair(&best, a, p, q, false);
            try_pair(&best, b, p, q, false);
        }
    }
    return best;
}

static int by_x(const void *p, const void *q)
{
    const struct wg_point *a = p, *b = q;

    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return (a->y > b->y) - (a->y < b->y);
}

/* The convex hull of points (sorted on the way), closed; room for twice as many. */
static size_t hull(size_t n, struct wg_point *p, struct wg_point *out)
{
    size_t k = 0;

    qsort(p, n, sizeof *p, by_x);
    for (size_t i = 0; i < n; i++) {
        while (k >= 2 && wg_orient(out[k - 2], out[k - 1], p[i]) <= 0)
            k--;
        out[k++] = p[i];
    }
    for (size_t i = n - 1, low = k + 1; i-- > 0;) {
        while (k >= low && wg_orient(out[k - 2], out[k - 1], p[i]) <= 0)
            k--;
        out[k++] = p[i];
    }
    return k;
}

/* The ground that a part sweeps on its way to the border, and a little beyond. */
static enum wg_status sweep(const struct wg_multipolygon *part, const struct nearest *way,
                            struct wg_multipolygon *out, struct wg_error *err)
{
    uint32_t first = part->ring[part->part[0]], n = 0,
             last = part->ring[part->part[0] + 1];
    double further = 1 + WALL / fmax(way->distance, WALL);
    double dx = (way->to.x - way->from.x) * further,
           dy = (way->to.y - way->from.y) * further;
    size_t count = 2 * (size_t)(last - first), k;
    struct wg_point *p = malloc(count * sizeof *p),
                    *ring = malloc((2 * count + 1) * sizeof *ring);
    struct wg_multipolygon mp = {
        1, 1, 0, calloc(2, sizeof *mp.part), calloc(2, sizeof *mp.ring), NULL, NULL};
    enum wg_status s = WG_OK;

    if (!p || !ring || !mp.part || !mp.ring) {
        s = wg_fail_memory(err);
        goto out;
    }
    for (uint32_t i = first; i < last; i++) {
        p[n++] = (struct wg_point){part->x[i], part->y[i]};
        p[n++] = (struct wg_point){part->x[i] + dx, part->y[i] + dy};
    }
    k = hull(n, p, ring);
    mp.x = malloc(k * sizeof *mp.x);
    mp.y = malloc(k * sizeof *mp.y);
    if (!mp.x || !mp.y) {
        s = wg_fail_memory(err);
        goto out;
    }
    for (size_t i = 0; i < k; i++) {
        mp.x[i] = ring[i].x;
        mp.y[i] = ring[i].y;
    }
    mp.n_vertex = mp.ring[1] = (uint32_t)k;
    mp.part[1] = 1;
    *out = mp;
    memset(&mp, 0, sizeof mp);
out:
    wg_multipolygon_finish(&mp);
    free(p);
    free(ring);
    return s;
}

/* A building that stays and that an area would have something of; SIZE_MAX: none. */
static enum wg_status first_kept_in(struct moving *m, const struct wg_multipolygon *area,
                                    size_t *out, struct wg_error *err)
{
    struct wg_box box = wg_multipolygon_box(area);
    enum wg_status s = WG_OK;

    *out = SIZE_MAX;
    for (size_t i = 0; s == WG_OK && i < m->keep->n && *out == SIZE_MAX; i++) {
        double common = 0;
        if (!wg_box_overlaps(wg_multipolygon_box(m->keep->footprint[i]), box))
            continue;
        s = wg_shape_common_area(m->shape, m->keep->footprint[i], area, &common, err);
        if (common > CUT)
            *out = i;
    }
    return s;
}

/* A lane around the buildings that stay; *kept: who leaves no room for one. */
static enum wg_status lane(struct moving *m, const struct nearest *way,
                           struct wg_multipolygon *out, int64_t *kept,
                           struct wg_error *err)
{
    double further = 1 + LANE / fmax(way->distance, LANE);
    double x[2] = {way->from.x, way->from.x + (way->to.x - way->from.x) * further};
    double y[2] = {way->from.y, way->from.y + (way->to.y - way->from.y) * further};
    struct wg_line line = {2, x, y}, led = {0};
    enum wg_status s = wg_line_avoid(&line, m->keep, LANE, &led, kept, err);

    if (s != WG_OK)
        return s;
    s = wg_shape_strip(m->shape, led.n, led.x, led.y, LANE, out, err);
    wg_line_finish(&led);
    return s;
}

static enum wg_status lead_part(struct moving *m, const struct wg_multipolygon *part,
                                struct wg_multipolygon *ways, struct wg_error *err)
{
    struct nearest way = find_border(m, part);
    struct wg_multipolygon ground = {0};
    int64_t kept = 0;
    size_t in_way;
    enum wg_status s;

    if (!(way.distance < INFINITY))
        return WG_OK; /* not neighbours: the transfer says so */
    s = sweep(part, &way, &ground, err);
    if (s == WG_OK)
        s = first_kept_in(m, &ground, &in_way, err);
    if (s == WG_OK && in_way != SIZE_MAX) {
        wg_multipolygon_finish(&ground);
        s = lane(m, &way, &ground, &kept, NULL);
        if (s == WG_CONSTRAINT)
            s = refuse_building(
                m, kept ? kept : m->keep->id[in_way], m->keep->footprint[in_way],
                _("Transfer that building too."),
                _("A building that stays leaves no way between those that go and the "
                  "other grid."),
                err);
        else if (s != WG_OK)
            s = wg_fail_memory(err);
    }
    if (s == WG_OK)
        s = change(m, WG_OVERLAY_UNION, ways, &ground, err);
    wg_multipolygon_finish(&ground);
    return s;
}

/* Parts of the region that do not reach the other grid get a way to it. */
static enum wg_status lead_all(struct moving *m, struct wg_error *err)
{
    struct wg_multipolygon ways = {0}, beside = {0};
    enum wg_status s = WG_OK;

    if (m->to_area.n_part > 0)
        s = wg_shape_buffer(m->shape, &m->to_area, WALL, false, &beside, err);
    for (uint32_t p = 0; s == WG_OK && p < m->region.n_part; p++) {
        uint32_t index[2];
        struct wg_multipolygon part = part_of(&m->region, p, index);
        double common = 0;
        if (beside.n_part > 0)
            s = wg_shape_common_area(m->shape, &part, &beside, &common, err);
        if (s == WG_OK && common <= 0)
            s = lead_part(m, &part, &ways, err);
    }
    if (s == WG_OK && ways.n_part > 0)
        s = change(m, WG_OVERLAY_UNION, &m->region, &ways, err);
    wg_multipolygon_finish(&ways);
    wg_multipolygon_finish(&beside);
    return s;
}

/* Crumbs of ground without a building, left over beyond those that stay. */
static enum wg_status drop_crumbs(struct moving *m, struct wg_error *err)
{
    struct wg_multipolygon kept = {0};
    enum wg_status s = WG_OK;

    for (uint32_t p = 0; s == WG_OK && p < m->region.n_part; p++) {
        uint32_t index[2];
        struct wg_multipolygon part = part_of(&m->region, p, index);
        double common = 0;
        for (size_t i = 0; s == WG_OK && common <= CUT && i < m->move->n; i++)
            s = wg_shape_common_area(m->shape, &part, m->move->footprint[i], &common,
                                     err);
        if (s == WG_OK && common > CUT)
            s = change(m, WG_OVERLAY_UNION, &kept, &part, err);
    }
    if (s == WG_OK && kept.n_part > 0) {
        wg_multipolygon_finish(&m->region);
        m->region = kept;
    } else {
        wg_multipolygon_finish(&kept);
    }
    return s;
}

/* ---- all together
 * ------------------------------------------------------------------------- */

static enum wg_status read_grid(struct moving *m, int64_t id, uint32_t *face,
                                struct wg_multipolygon *area, struct wg_error *err)
{
    *face = wg_overlay_free(m->c);
    if (id == 0)
        return WG_OK;
    enum wg_status s = wg_overlay_face(m->c, id, face, err);
    return s == WG_OK ? wg_coverage_polygon(m->c, id, area, err) : s;
}

enum wg_status wg_coverage_transfer_buildings(struct wg_coverage *coverage, int64_t from,
                                              int64_t to,
                                              const struct wg_footprints *move,
                                              const struct wg_footprints *keep,
                                              double margin_m, struct wg_error *err)
{
    struct wg_footprints stay = {0};
    const struct wg_multipolygon **stay_mp = NULL;
    int64_t *stay_id = NULL;
    struct moving m = {.c = coverage,
                       .move = move,
                       .keep = &stay,
                       .margin = fmax(margin_m, LEAST_MARGIN)};
    enum wg_status s = WG_OK;

    if (move->n == 0)
        return wg_fail(err, WG_INVALID, _("Name a building or more to be transferred."));
    if (!(margin_m >= 0 && margin_m < INFINITY))
        return wg_fail(err, WG_INVALID, _("The distance must be 0 or more metres."));
    if (!leave_moved_out(keep, move, &stay, &stay_mp, &stay_id))
        s = wg_fail_memory(err);
    if (s == WG_OK)
        s = wg_shape_create(&m.shape, err);
    if (s == WG_OK)
        s = read_grid(&m, from, &m.from, &m.from_area, err);
    if (s == WG_OK)
        s = read_grid(&m, to, &m.to, &m.to_area, err);
    if (s == WG_OK)
        s = gather_moved(&m, err);
    if (s == WG_OK)
        s = spare_kept(&m, err);
    if (s == WG_OK)
        s = lead_all(&m, err);
    if (s == WG_OK)
        s = spare_kept(&m, err);
    if (s == WG_OK)
        s = drop_crumbs(&m, err);
    if (s == WG_OK)
        s = wg_coverage_transfer(coverage, from, to, &m.region, err);
    wg_multipolygon_finish(&m.from_area);
    wg_multipolygon_finish(&m.to_area);
    wg_multipolygon_finish(&m.region);
    wg_multipolygon_finish(&m.stay);
    wg_shape_destroy(m.shape);
    free(stay_mp);
    free(stay_id);
    return s;
}
