/*
 * Owns the proof that no point lies inside two grids.
 *
 * Where two grids overlap, the common part has a corner: a vertex of one of them, or a
 * place where an edge of one crosses an edge of the other.  So it is enough to look, cell
 * by cell, for edges that cross, and at each vertex for grids whose angles there
 * overlap (a grid that passes the vertex with an edge has an angle of 180°, one that
 * holds it inside has all round).  All of it exact.
 */
#include <math.h>

#include "internal.h"
#include "locate_build.h"

#define SECTORS_MAX 256 /* more grids at one vertex are not compared with each other */

struct sector { /* counter-clockwise from `from` to `to`, seen from the vertex */
    struct wg_point from, to;
    uint32_t slot;
};

void wg_build_overlap(struct wg_build *b, double x, double y)
{
    if (!b->loc->head.partition)
        return;
    b->loc->head.partition = 0;
    b->loc->head.overlap_x = x;
    b->loc->head.overlap_y = y;
}

static struct wg_point vertex(const struct wg_build *b, uint32_t ref)
{
    return (struct wg_point){b->loc->x[ref], b->loc->y[ref]};
}

static bool same(struct wg_point a, struct wg_point b)
{
    return a.x == b.x && a.y == b.y;
}

static bool same_way(struct wg_point v, struct wg_point a, struct wg_point b)
{
    if (same(a, b))
        return true;
    return wg_turn(v, a, b) == 0 && (a.x - v.x > 0) == (b.x - v.x > 0) &&
           (a.y - v.y > 0) == (b.y - v.y > 0) && (a.x == v.x) == (b.x == v.x) &&
           (a.y == v.y) == (b.y == v.y);
}

/* Does direction d lie in the sector, its beginning included? */
static bool begins_in(struct wg_point v, const struct sector *s, struct wg_point d)
{
    int turn = wg_turn(v, s->from, s->to);

    if (same_way(v, s->from, d))
        return true;
    if (turn > 0)
        return wg_turn(v, s->from, d) > 0 && wg_turn(v, d, s->to) > 0;
    if (turn == 0)
        return wg_turn(v, s->from, d) > 0;
    return !same_way(v, s->to, d) &&
           !(wg_turn(v, s->to, d) > 0 && wg_turn(v, d, s->from) > 0);
}

static bool sectors_overlap(struct wg_point v, const struct sector *a,
                            const struct sector *b)
{
    if (a->slot == b->slot || same_way(v, a->from, a->to) || same_way(v, b->from, b->to))
        return false;
    return begins_in(v, a, b->from) || begins_in(v, b, a->from);
}

/* The vertex before `ref` in its ring that lies elsewhere; false if none does. */
static bool walk_back(const struct wg_build *b, uint32_t ref, struct wg_point *from)
{
    const uint32_t *ring = b->loc->ring;
    struct wg_point v = vertex(b, ref);
    uint32_t lo = 0, hi = b->loc->head.n_ring, i = ref;

    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (ring[mid] <= ref)
            lo = mid;
        else
            hi = mid;
    }
    do {
        i = i == ring[lo] ? ring[lo + 1] - 2 : i - 1;
        *from = vertex(b, i);
    } while (i != ref && same(*from, v));
    return i != ref;
}

/* Where the edge that ends where `out` begins comes from; false if none is found. */
static bool comes_from(const struct wg_build *b, const struct wg_cell_edge *entry,
                       size_t n, struct wg_cell_edge out, struct wg_point *from)
{
    for (size_t i = 0; i < n; i++) {
        if (entry[i].ref + 1 == out.ref && entry[i].slot == out.slot) {
            *from = vertex(b, entry[i].ref);
            return true;
        }
    }
    return walk_back(b, out.ref, from);
}

/* The sectors at v of the grids whose boundary passes there. */
static size_t find_sectors(const struct wg_build *b, const struct wg_cell_edge *entry,
                           size_t n, struct wg_point v, struct sector *out)
{
    size_t m = 0;

    for (size_t i = 0; i < n && m < SECTORS_MAX; i++) {
        struct wg_point p = vertex(b, entry[i].ref), q = vertex(b, entry[i].ref + 1);
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);
        struct sector s = {q, p, entry[i].slot};

        if (same(p, v)) {
            if (comes_from(b, entry, n, entry[i], &s.to))
                out[m++] = s;
        } else if (!same(q, v) && wg_edge_has(&e, v)) {
            out[m++] = s;
        }
    }
    return m;
}

/* Is the grid of s[k] there just counter-clockwise of direction d?  Its boundary may
 * pass v several times, a hole touching the shell for one: every passage changes sides,
 * and left of the edge that begins s[k] it is there. */
static bool is_left_of(struct wg_point v, const struct sector *s, size_t m, size_t k,
                       struct wg_point d)
{
    bool in = true;

    for (size_t i = 0; i < m; i++) {
        if (s[i].slot == s[k].slot && !same_way(v, s[i].from, s[i].to))
            in ^= begins_in(v, &s[i], d) != begins_in(v, &s[i], s[k].from);
    }
    return in;
}

/* The same by sectors, where a grid has more than one. */
static bool passages_overlap(struct wg_point v, const struct sector *s, size_t m)
{
    for (size_t i = 0; i < 2 * m; i++) {
        struct wg_point d = i < m ? s[i].from : s[i - m].to;
        uint32_t there = 0;

        for (size_t k = 0; k < m; k++) {
            if (s[k].slot == there || same_way(v, s[k].from, s[k].to) ||
                !is_left_of(v, s, m, k, d))
                continue;
            if (there)
                return true;
            there = s[k].slot;
        }
    }
    return false;
}

static bool passes_again(const struct sector *s, size_t m)
{
    for (size_t i = 0; i < m; i++) {
        for (size_t k = i + 1; k < m; k++) {
            if (s[i].slot == s[k].slot)
                return true;
        }
    }
    return false;
}

static bool in_sectors(const struct sector *s, size_t m, uint32_t slot)
{
    for (size_t i = 0; i < m; i++) {
        if (s[i].slot == slot)
            return true;
    }
    return false;
}

/* Is v inside the grid?  By the way of locate_record.h. */
static bool holds(const struct wg_build *b, const struct wg_locate_cell *cell,
                  const struct wg_cell_edge *entry, size_t n,
                  const struct wg_slot_set *corner, uint32_t slot, struct wg_point v)
{
    struct wg_point low = wg_cell_corner(cell, 1);
    struct wg_way way = {v, {low.x, v.y}, low};
    bool in = wg_slot_set_has(corner, slot);

    for (size_t i = 0; i < n; i++) {
        if (entry[i].slot != slot)
            continue;
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);
        in ^= wg_edge_crosses(&e, &way);
    }
    return in;
}

static bool held_by_another(const struct wg_build *b, const struct wg_locate_cell *cell,
                            const struct wg_cell_edge *entry, size_t n,
                            const struct wg_slot_set *corner, const struct sector *s,
                            size_t m, struct wg_point v)
{
    for (size_t i = 0; i < corner->n; i++) {
        if (!in_sectors(s, m, corner->slot[i]) &&
            holds(b, cell, entry, n, corner, corner->slot[i], v))
            return true;
    }
    for (size_t i = 0; i < n; i++) {
        if ((i == 0 || entry[i].slot != entry[i - 1].slot) &&
            !in_sectors(s, m, entry[i].slot) &&
            holds(b, cell, entry, n, corner, entry[i].slot, v))
            return true;
    }
    return false;
}

static bool vertex_is_shared_fairly(const struct wg_build *b,
                                    const struct wg_locate_cell *cell,
                                    const struct wg_cell_edge *entry, size_t n,
                                    const struct wg_slot_set *corner, struct wg_point v)
{
    struct sector s[SECTORS_MAX];
    size_t m = find_sectors(b, entry, n, v, s);

    if (m == 0)
        return true;
    if (held_by_another(b, cell, entry, n, corner, s, m, v))
        return false;
    if (m == 2 && same(s[0].from, s[1].to) && same(s[0].to, s[1].from))
        return true;
    if (passes_again(s, m))
        return !passages_overlap(v, s, m);
    for (size_t i = 0; i < m; i++) {
        for (size_t k = i + 1; k < m; k++) {
            if (sectors_overlap(v, &s[i], &s[k]))
                return false;
        }
    }
    return true;
}

static bool cross(const struct wg_edge *e, const struct wg_edge *f)
{
    if (e->b.y < f->a.y || f->b.y < e->a.y || same(e->a, f->a) || same(e->b, f->b) ||
        same(e->a, f->b) || same(e->b, f->a) ||
        wg_most(e->a.x, e->b.x) < wg_least(f->a.x, f->b.x) ||
        wg_most(f->a.x, f->b.x) < wg_least(e->a.x, e->b.x))
        return false;
    return wg_turn(e->a, e->b, f->a) * wg_turn(e->a, e->b, f->b) < 0 &&
           wg_turn(f->a, f->b, e->a) * wg_turn(f->a, f->b, e->b) < 0;
}

static struct wg_point crossing(const struct wg_edge *e, const struct wg_edge *f)
{
    double ux = e->b.x - e->a.x, uy = e->b.y - e->a.y;
    double wx = f->b.x - f->a.x, wy = f->b.y - f->a.y;
    double t = ((f->a.x - e->a.x) * wy - (f->a.y - e->a.y) * wx) / (ux * wy - uy * wx);

    return (struct wg_point){e->a.x + t * ux, e->a.y + t * uy};
}

static void prove_edges(struct wg_build *b, const struct wg_cell_edge *entry, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);

        for (size_t k = i + 1; k < n; k++) {
            if (entry[k].slot == entry[i].slot)
                continue;
            struct wg_edge f = wg_edge_of(b->loc, entry[k].ref);
            if (cross(&e, &f)) {
                struct wg_point p = crossing(&e, &f);
                bool fits = isfinite(p.x) && isfinite(p.y);
                wg_build_overlap(b, fits ? p.x : e.a.x, fits ? p.y : e.a.y);
                return;
            }
        }
    }
}

static bool in_cell(const struct wg_locate_cell *cell, struct wg_point v)
{
    return floor(v.x * cell->per.x) == cell->col && floor(v.y * cell->per.y) == cell->row;
}

void wg_cell_prove(struct wg_build *b, const struct wg_locate_cell *cell,
                   const struct wg_cell_edge *entry, size_t n,
                   const struct wg_slot_set *corner)
{
    if (!b->loc->head.partition)
        return;
    prove_edges(b, entry, n);
    for (size_t i = 0; i < n && b->loc->head.partition; i++) {
        struct wg_point v = vertex(b, entry[i].ref);
        bool done = false;

        if (!in_cell(cell, v))
            continue;
        for (size_t k = 0; k < i && !done; k++)
            done = same(vertex(b, entry[k].ref), v);
        if (!done && !vertex_is_shared_fairly(b, cell, entry, n, corner, v))
            wg_build_overlap(b, v.x, v.y);
    }
}
