/* Owns the shares that the grids of a locator have of a polygon. */
#include "locate_share.h"

#include <math.h>
#include <string.h>

#include "internal.h"
#include "locate_index.h"

/*
 * Whether a grid covers the polygon is decided exactly: it does when no edge of the grid
 * runs through the polygon's interior and the polygon is not wholly outside.  The area of
 * what is cut is a sum over pairs of edges, one of the polygon and one of the grid, of
 * the area below both; everything is taken relative to the corner of the polygon's box,
 * where differences of coordinates are exact.
 */

#define CELLS_MAX 64 /* of a box that is looked at at a glance */

bool wg_locator_holds(const struct wg_locator *loc, struct wg_box box, uint32_t *slot)
{
    const struct wg_locate_head *h = &loc->head;
    double west = floor(box.min_x * h->per.x) - h->col0;
    double east = floor(box.max_x * h->per.x) - h->col0;
    double south = floor(box.min_y * h->per.y) - h->row0;
    double north = floor(box.max_y * h->per.y) - h->row0;

    if (!wg_box_overlaps(box, h->box)) {
        *slot = 0;
        return true;
    }
    if (!(west >= 0 && east < h->cols && south >= 0 && north < h->rows && west <= east &&
          south <= north && (east - west + 1) * (north - south + 1) <= CELLS_MAX))
        return false;
    const uint32_t *row = loc->word + (size_t)south * h->cols;
    uint32_t word = row[(size_t)west];
    if (word & WG_WORD_RECORD || (word && !h->partition))
        return false;
    for (size_t r = (size_t)south; r <= (size_t)north; r++, row += h->cols) {
        for (size_t c = (size_t)west; c <= (size_t)east; c++) {
            if (row[c] != word)
                return false;
        }
    }
    *slot = word;
    return true;
}

/* ---- the polygon ---- */

struct edge { /* of a ring turned so that the polygon lies on its left */
    struct wg_point a, b;
};

struct shape_ring {
    uint32_t first, end; /* edges; without those of no length */
    bool hole;
};

struct shape_part {
    uint32_t first, end; /* rings */
    double area;
};

struct footprint {
    struct wg_box box;
    struct edge *edge;
    struct shape_ring *ring;
    struct shape_part *part;
    uint32_t n_part;
    double area;
};

static bool same(struct wg_point a, struct wg_point b)
{
    return a.x == b.x && a.y == b.y;
}

/* The turn at the lowest of the leftmost vertices, exactly. */
static int ring_turn(const struct edge *edge, uint32_t n)
{
    uint32_t low = 0;

    for (uint32_t i = 1; i < n; i++) {
        if (edge[i].a.x < edge[low].a.x ||
            (edge[i].a.x == edge[low].a.x && edge[i].a.y < edge[low].a.y))
            low = i;
    }
    return n ? wg_orient(edge[(low + n - 1) % n].a, edge[low].a, edge[low].b) : 0;
}

static void turn_ring(struct edge *edge, uint32_t n)
{
    for (uint32_t i = 0, j = n; i < j--; i++) {
        struct edge e = edge[i];

        edge[i] = (struct edge){edge[j].b, edge[j].a};
        edge[j] = (struct edge){e.b, e.a};
    }
}

static double ring_area(const struct edge *edge, uint32_t n, struct wg_point o)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += (edge[i].a.x - o.x) * (edge[i].b.y - o.y) -
               (edge[i].b.x - o.x) * (edge[i].a.y - o.y);
    return fabs(sum) / 2;
}

static uint32_t add_ring(struct footprint *f, const struct wg_multipolygon *mp,
                         uint32_t ring, bool hole, uint32_t at)
{
    struct shape_ring *r = &f->ring[ring];

    *r = (struct shape_ring){at, at, hole};
    for (uint32_t i = mp->ring[ring]; i + 1 < mp->ring[ring + 1]; i++) {
        struct edge e = {{mp->x[i], mp->y[i]}, {mp->x[i + 1], mp->y[i + 1]}};

        if (!same(e.a, e.b))
            f->edge[r->end++] = e;
    }
    if (ring_turn(f->edge + at, r->end - at) == (hole ? 1 : -1))
        turn_ring(f->edge + at, r->end - at);
    return r->end;
}

static enum wg_status footprint_init(struct footprint *f,
                                     const struct wg_multipolygon *mp,
                                     struct wg_error *err)
{
    uint32_t at = 0;

    memset(f, 0, sizeof *f);
    f->box = wg_multipolygon_box(mp);
    f->n_part = mp->n_part;
    f->edge = malloc((mp->n_vertex + 1) * sizeof *f->edge);
    f->ring = malloc((mp->n_ring + 1) * sizeof *f->ring);
    f->part = malloc((mp->n_part + 1) * sizeof *f->part);
    if (!f->edge || !f->ring || !f->part)
        return wg_fail_memory(err);
    struct wg_point origin = {f->box.min_x, f->box.min_y};
    for (uint32_t p = 0; p < mp->n_part; p++) {
        struct shape_part *part = &f->part[p];

        *part = (struct shape_part){mp->part[p], mp->part[p + 1], 0};
        for (uint32_t r = part->first; r < part->end; r++) {
            uint32_t end = add_ring(f, mp, r, r > part->first, at);
            double area = ring_area(f->edge + at, end - at, origin);

            part->area += r > part->first ? -area : area;
            at = end;
        }
        f->area += part->area;
    }
    return WG_OK;
}

static void footprint_finish(struct footprint *f)
{
    free(f->edge);
    free(f->ring);
    free(f->part);
}

/* ---- does a segment run through the interior? ---- */

static bool between(struct wg_point a, struct wg_point b, struct wg_point p)
{
    return fmin(a.x, b.x) <= p.x && p.x <= fmax(a.x, b.x) && fmin(a.y, b.y) <= p.y &&
           p.y <= fmax(a.y, b.y);
}

static bool on_edge(const struct edge *e, struct wg_point p)
{
    return between(e->a, e->b, p) && wg_orient(e->a, e->b, p) == 0;
}

static bool left_of(const struct edge *e, struct wg_point p)
{
    return wg_orient(e->a, e->b, p) > 0;
}

/* Is the way from v, the end of `in` and the start of `out`, towards t left of both? */
static bool within_corner(const struct edge *in, const struct edge *out,
                          struct wg_point t)
{
    int turn = wg_orient(in->a, in->b, out->b);

    if (turn > 0)
        return left_of(in, t) && left_of(out, t);
    if (turn < 0)
        return left_of(in, t) || left_of(out, t);
    return left_of(out, t);
}

/* Where a point lies against the area on the left of a ring's edges. */
static enum wg_side side_of_ring(const struct edge *edge, uint32_t n, bool hole,
                                 struct wg_point p)
{
    bool in = hole;

    for (uint32_t i = 0; i < n; i++) {
        const struct edge *e = &edge[i];

        if (on_edge(e, p))
            return WG_BOUNDARY;
        if ((e->a.y <= p.y) == (e->b.y <= p.y))
            continue;
        in ^= e->a.y < e->b.y ? left_of(e, p) : wg_orient(e->b, e->a, p) > 0;
    }
    return in ? WG_INSIDE : WG_OUTSIDE;
}

/* Just behind v, on the way to t: on the left of the ring? */
static bool leads_inside_ring(const struct edge *edge, uint32_t n, bool hole,
                              struct wg_point v, struct wg_point t)
{
    for (uint32_t i = 0; i < n; i++) {
        if (same(edge[i].a, v))
            return within_corner(&edge[(i + n - 1) % n], &edge[i], t);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (on_edge(&edge[i], v))
            return left_of(&edge[i], t);
    }
    return side_of_ring(edge, n, hole, v) == WG_INSIDE;
}

static bool leads_inside(const struct footprint *f, struct wg_point v, struct wg_point t)
{
    for (uint32_t p = 0; p < f->n_part; p++) {
        bool in = true;

        for (uint32_t r = f->part[p].first; in && r < f->part[p].end; r++) {
            const struct shape_ring *ring = &f->ring[r];

            in = leads_inside_ring(f->edge + ring->first, ring->end - ring->first,
                                   ring->hole, v, t);
        }
        if (in)
            return true;
    }
    return false;
}

/* Does the segment touch an edge of the footprint, and then run inside? */
static bool runs_in_at(const struct footprint *f, const struct edge *e, struct wg_point p,
                       struct wg_point q)
{
    int ap = wg_orient(e->a, e->b, p), aq = wg_orient(e->a, e->b, q);

    if (ap * aq > 0)
        return false;
    int pa = wg_orient(p, q, e->a), pb = wg_orient(p, q, e->b);
    if (ap * aq < 0 && pa * pb < 0)
        return true;
    if (pa == 0 && between(p, q, e->a) &&
        ((!same(e->a, p) && leads_inside(f, e->a, p)) ||
         (!same(e->a, q) && leads_inside(f, e->a, q))))
        return true;
    if (ap == 0 && between(e->a, e->b, p) && leads_inside(f, p, q))
        return true;
    return aq == 0 && between(e->a, e->b, q) && leads_inside(f, q, p);
}

static bool holds_strictly(const struct footprint *f, struct wg_point p)
{
    for (uint32_t i = 0; i < f->n_part; i++) {
        enum wg_side side = WG_INSIDE;

        for (uint32_t r = f->part[i].first; side == WG_INSIDE && r < f->part[i].end;
             r++) {
            const struct shape_ring *ring = &f->ring[r];

            side = side_of_ring(f->edge + ring->first, ring->end - ring->first,
                                ring->hole, p);
        }
        if (side == WG_INSIDE)
            return true;
    }
    return false;
}

static bool runs_through(const struct footprint *f, struct wg_point p, struct wg_point q)
{
    uint32_t n = f->n_part ? f->ring[f->part[f->n_part - 1].end - 1].end : 0;

    for (uint32_t i = 0; i < n; i++) {
        if (runs_in_at(f, &f->edge[i], p, q))
            return true;
    }
    return wg_box_contains(f->box, p.x, p.y) && holds_strictly(f, p);
}

/* ---- the grid ---- */

struct grid_rings {
    uint32_t first, end; /* of the locator's rings */
};

static struct grid_rings rings_of_part(const struct wg_locator *loc, uint32_t part)
{
    return (struct grid_rings){loc->part[part], loc->part[part + 1]};
}

static bool near_box(const struct wg_box *box, const double *x, const double *y)
{
    return (x[0] <= box->max_x || x[1] <= box->max_x) &&
           (x[0] >= box->min_x || x[1] >= box->min_x) &&
           (y[0] <= box->max_y || y[1] <= box->max_y) &&
           (y[0] >= box->min_y || y[1] >= box->min_y);
}

/* Does an edge of the grid run through the footprint? */
static bool cut_by_grid(const struct wg_locator *loc, uint32_t slot,
                        const struct footprint *f)
{
    uint32_t last_ring = loc->part[loc->grid[slot + 1]];

    for (uint32_t ring = loc->part[loc->grid[slot]]; ring < last_ring; ring++) {
        for (uint32_t i = loc->ring[ring]; i + 1 < loc->ring[ring + 1]; i++) {
            if (near_box(&f->box, loc->x + i, loc->y + i) &&
                runs_through(f, (struct wg_point){loc->x[i], loc->y[i]},
                             (struct wg_point){loc->x[i + 1], loc->y[i + 1]}))
                return true;
        }
    }
    return false;
}

/* Where a point lies against the grid. */
static enum wg_side grid_side(const struct wg_locator *loc, uint32_t slot,
                              struct wg_point p)
{
    uint32_t last_ring = loc->part[loc->grid[slot + 1]];
    bool in = false;

    for (uint32_t ring = loc->part[loc->grid[slot]]; ring < last_ring; ring++) {
        for (uint32_t i = loc->ring[ring]; i + 1 < loc->ring[ring + 1]; i++) {
            struct edge e = {{loc->x[i], loc->y[i]}, {loc->x[i + 1], loc->y[i + 1]}};

            if (e.a.x < p.x && e.b.x < p.x)
                continue;
            if (on_edge(&e, p))
                return WG_BOUNDARY;
            if ((e.a.y <= p.y) == (e.b.y <= p.y))
                continue;
            in ^= e.a.y < e.b.y ? left_of(&e, p) : wg_orient(e.b, e.a, p) > 0;
        }
    }
    return in ? WG_INSIDE : WG_OUTSIDE;
}

/* ---- the area in common ---- */

struct slope { /* an edge in local coordinates, from west to east, at or above 0 */
    double x0, y0, x1, y1;
    double sign; /* 1 when it ran from east to west: the ring lies below it */
};

struct slopes {
    struct slope *slope;
    size_t n, cap;
};

/* Keep what lies above the floor, between x = 0 and `width`. */
static bool add_slope(struct slopes *list, double x0, double y0, double x1, double y1,
                      double width)
{
    double sign = x0 > x1 ? 1 : -1;
    struct slope s = x0 < x1 ? (struct slope){x0, y0, x1, y1, sign}
                             : (struct slope){x1, y1, x0, y0, sign};

    if (s.x0 >= width || s.x1 <= 0 || s.x0 >= s.x1 || (s.y0 <= 0 && s.y1 <= 0))
        return true;
    if (s.y0 < 0 || s.y1 < 0) {
        double x = s.x0 + (s.x1 - s.x0) * (s.y0 / (s.y0 - s.y1));

        x = fmin(fmax(x, s.x0), s.x1);
        if (s.y0 < 0)
            s.x0 = x, s.y0 = 0;
        else
            s.x1 = x, s.y1 = 0;
        if (s.x0 >= s.x1)
            return true;
    }
    void *array = list->slope;
    if (!wg_grow(&array, &list->cap, list->n + 1, sizeof s))
        return false;
    list->slope = array;
    list->slope[list->n++] = s;
    return true;
}

static double height_at(const struct slope *s, double x)
{
    double t = (x - s->x0) / (s->x1 - s->x0);

    return t <= 0.5 ? s->y0 + t * (s->y1 - s->y0) : s->y1 - (1 - t) * (s->y1 - s->y0);
}

/* The area below both. */
static double area_below(const struct slope *a, const struct slope *b)
{
    double west = fmax(a->x0, b->x0), east = fmin(a->x1, b->x1), width = east - west;

    if (!(width > 0))
        return 0;
    double a0 = height_at(a, west), a1 = height_at(a, east);
    double b0 = height_at(b, west), b1 = height_at(b, east);
    double d0 = a0 - b0, d1 = a1 - b1;
    if (d0 >= 0 && d1 >= 0)
        return width * (b0 + b1) / 2;
    if (d0 <= 0 && d1 <= 0)
        return width * (a0 + a1) / 2;
    double t = d0 / (d0 - d1), middle = a0 + t * (a1 - a0);
    return d0 < 0 ? width * (t * (a0 + middle) + (1 - t) * (middle + b1)) / 2
                  : width * (t * (b0 + middle) + (1 - t) * (middle + a1)) / 2;
}

static double area_of_pairs(const struct slopes *a, const struct slopes *b)
{
    double sum = 0;

    for (size_t i = 0; i < a->n; i++) {
        for (size_t k = 0; k < b->n; k++)
            sum += a->slope[i].sign * b->slope[k].sign *
                   area_below(&a->slope[i], &b->slope[k]);
    }
    return sum;
}

struct scratch {
    struct slopes mine, theirs;
};

static bool gather_ring(const struct wg_locator *loc, uint32_t ring,
                        const struct wg_box *box, struct slopes *list)
{
    double width = box->max_x - box->min_x;

    list->n = 0;
    for (uint32_t i = loc->ring[ring]; i + 1 < loc->ring[ring + 1]; i++) {
        const double *x = loc->x + i, *y = loc->y + i;

        if ((x[0] <= box->min_x && x[1] <= box->min_x) ||
            (x[0] >= box->max_x && x[1] >= box->max_x) ||
            (y[0] <= box->min_y && y[1] <= box->min_y))
            continue;
        if (!add_slope(list, x[0] - box->min_x, y[0] - box->min_y, x[1] - box->min_x,
                       y[1] - box->min_y, width))
            return false;
    }
    return true;
}

/* The rings of a footprint are turned, so that its holes count against it by their
 * signs; those of a grid may lie either way round. */
static bool gather_part(const struct footprint *f, const struct shape_part *part,
                        struct slopes *list)
{
    struct wg_point o = {f->box.min_x, f->box.min_y};

    list->n = 0;
    for (uint32_t i = f->ring[part->first].first; i < f->ring[part->end - 1].end; i++) {
        const struct edge *e = &f->edge[i];

        if (!add_slope(list, e->a.x - o.x, e->a.y - o.y, e->b.x - o.x, e->b.y - o.y,
                       f->box.max_x - o.x))
            return false;
    }
    return true;
}

/* The area that the slot has of the part gathered in `mine`; < 0 out of memory. */
static double common_area(const struct wg_locator *loc, uint32_t slot,
                          const struct footprint *f, struct scratch *s)
{
    double sum = 0;

    for (uint32_t p = loc->grid[slot]; p < loc->grid[slot + 1]; p++) {
        struct grid_rings rings = rings_of_part(loc, p);

        for (uint32_t r = rings.first; r < rings.end; r++) {
            if (!gather_ring(loc, r, &f->box, &s->theirs))
                return -1;
            double area = fabs(area_of_pairs(&s->mine, &s->theirs));
            sum += r == rings.first ? area : -area;
        }
    }
    return fmax(sum, 0);
}

/* ---- shares ---- */

/* Does the grid cover a part that none of its edges runs through? */
static enum wg_side side_of_part(const struct wg_locator *loc, uint32_t slot,
                                 const struct footprint *f, const struct shape_part *part)
{
    enum wg_side side = WG_BOUNDARY;

    for (uint32_t i = f->ring[part->first].first;
         side == WG_BOUNDARY && i < f->ring[part->end - 1].end; i++)
        side = grid_side(loc, slot, f->edge[i].a);
    return side;
}

static enum wg_status part_in_common(const struct wg_locator *loc, uint32_t slot,
                                     const struct footprint *f,
                                     const struct shape_part *part, bool cut,
                                     struct scratch *s, double *common,
                                     struct wg_error *err)
{
    enum wg_side side = cut ? WG_BOUNDARY : side_of_part(loc, slot, f, part);

    if (side == WG_BOUNDARY) {
        *common = gather_part(f, part, &s->mine) ? common_area(loc, slot, f, s) : -1;
        if (*common < 0)
            return wg_fail_memory(err);
        if (!cut) /* all corners on the grid's rim: it is one with the grid, or apart */
            side = *common > part->area / 2 ? WG_INSIDE : WG_OUTSIDE;
    }
    if (!cut)
        *common = side == WG_INSIDE ? part->area : -1;
    return WG_OK;
}

/* The share of one grid; covers when all of every part is in it. */
static enum wg_status share_of(const struct wg_locator *loc, uint32_t slot,
                               const struct footprint *f, struct scratch *s,
                               struct wg_locator_share *out, struct wg_error *err)
{
    bool cut = cut_by_grid(loc, slot, f);
    double sum = 0, common = 0;

    *out = (struct wg_locator_share){slot, !cut, 0};
    for (uint32_t p = 0; p < f->n_part; p++) {
        enum wg_status st =
            part_in_common(loc, slot, f, &f->part[p], cut, s, &common, err);

        if (st != WG_OK)
            return st;
        if (common < 0)
            out->covers = false;
        else
            sum += common;
    }
    if (f->area > 0)
        out->share = fmin(sum / f->area, 1);
    if (out->covers)
        out->share = 1;
    return WG_OK;
}

/* The slots that meet the box; free the result. */
static enum wg_status slots_near(const struct wg_locator *loc, struct wg_box box,
                                 uint32_t **out, size_t *n, struct wg_error *err)
{
    size_t cap = 64;
    enum wg_status s;

    *out = NULL;
    do {
        free(*out);
        *out = malloc(cap * sizeof **out);
        if (!*out)
            return wg_fail_memory(err);
        s = wg_locator_meet(loc, box, cap, *out, n, err);
        if (s != WG_OK || *n <= cap)
            return s;
        cap = *n;
    } while (true);
}

struct answer {
    size_t cap;
    struct wg_locator_share *share;
    size_t n;
    double total;
};

static void add_share(struct answer *a, struct wg_locator_share share)
{
    if (a->n < a->cap)
        a->share[a->n] = share;
    a->n++;
    a->total += share.share;
}

static enum wg_status all_shares(const struct wg_locator *loc, const struct footprint *f,
                                 struct answer *a, struct wg_error *err)
{
    struct scratch scratch = {0};
    struct wg_locator_share share;
    uint32_t *slot;
    size_t n = 0;
    enum wg_status s = slots_near(loc, f->box, &slot, &n, err);

    for (size_t i = 0; s == WG_OK && i < n; i++) {
        s = share_of(loc, slot[i], f, &scratch, &share, err);
        if (s == WG_OK && (share.share > 0 || share.covers))
            add_share(a, share);
    }
    free(slot);
    free(scratch.mine.slope);
    free(scratch.theirs.slope);
    return s;
}

enum wg_status wg_locator_shares(const struct wg_locator *loc, struct wg_shape *shape,
                                 const struct wg_multipolygon *mp, size_t cap,
                                 struct wg_locator_share *share, size_t *n,
                                 struct wg_error *err)
{
    struct answer a = {cap, share, 0, 0};
    struct wg_box box = wg_multipolygon_box(mp);
    struct footprint f;
    uint32_t slot;
    enum wg_status s = WG_OK;

    (void)shape; /* the areas need no other library */
    if (wg_box_is_empty(box)) {
        *n = 0;
        return WG_OK;
    }
    if (wg_locator_holds(loc, box, &slot)) {
        if (slot)
            add_share(&a, (struct wg_locator_share){slot, true, 1});
    } else {
        s = footprint_init(&f, mp, err);
        if (s == WG_OK)
            s = all_shares(loc, &f, &a, err);
        footprint_finish(&f);
    }
    if (s != WG_OK)
        return s;
    double outside = floor((1 - a.total) * 1e12 + 0.5) / 1e12;
    if (outside > 0)
        add_share(&a, (struct wg_locator_share){0, false, outside});
    *n = a.n;
    return WG_OK;
}
