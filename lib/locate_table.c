/*
 * Owns the table of a SIGNS record: for each pattern of sides, which candidate owns.
 *
 * Three roads to the same table.  Where every edge runs through the whole cell, a pattern
 * differs from the corner's by the edges that lie between.  Where all edges meet in one
 * vertex inside, one goes round it.  Else a place is looked for in each region and asked
 * by the exact way of locate_record.h.  The first two are taken only with room to spare;
 * what is decided is decided exactly.
 */
#include <math.h>

#include "locate_build.h"

#define ROOM 1e-6 /* of a cell: nearer is not "inside" or "through" */

static void put_entry(struct wg_signs *w, uint32_t pattern, uint32_t in)
{
    uint64_t entry = in ? (uint64_t)__builtin_ctz(in) + 1 : 0;

    w->table &= ~((uint64_t)15 << (4 * pattern));
    w->table |= entry << (4 * pattern);
}

/* The sides of the corner that `base` is of. */
static uint32_t corner_pattern(const struct wg_signs *w,
                               const struct wg_locate_cell *cell)
{
    struct wg_point corner = wg_cell_corner(cell, 1);
    uint32_t pattern = 0;

    for (uint32_t i = 0; i < w->n_line; i++)
        pattern |= (uint32_t)wg_edge_right_of(&w->line[i].e, corner) << i;
    return pattern;
}

/* The part of the line within the cell, as a + t (b - a). */
static bool clip_line(const struct wg_line *l, double *from, double *to)
{
    double origin[2] = {l->au, l->av}, step[2] = {l->bu - l->au, l->bv - l->av};

    *from = -INFINITY;
    *to = INFINITY;
    for (int k = 0; k < 2; k++) {
        double s = -origin[k] / step[k], t = (1 - origin[k]) / step[k];

        if (step[k] == 0) {
            if (origin[k] < ROOM || origin[k] > 1 - ROOM)
                return false;
            continue;
        }
        *from = wg_most(*from, wg_least(s, t));
        *to = wg_least(*to, wg_most(s, t));
    }
    return (*to - *from) * wg_most(fabs(step[0]), fabs(step[1])) > 1e-3;
}

static double size_of(const struct wg_line *l)
{
    return wg_most(fabs(l->bu - l->au), fabs(l->bv - l->av));
}

/* ---- edges through the whole cell ---- */

static bool runs_through(const struct wg_line *l)
{
    double from, to, room = ROOM / size_of(l);

    return clip_line(l, &from, &to) && from > room && to < 1 - room;
}

static bool fill_through(struct wg_signs *w, uint32_t corner)
{
    for (uint32_t i = 0; i < w->n_line; i++) {
        if (!runs_through(&w->line[i]))
            return false;
    }
    for (uint32_t pattern = 0; pattern < 1u << w->n_line; pattern++) {
        uint32_t in = w->base;

        for (uint32_t i = 0; i < w->n_line; i++) {
            if ((pattern ^ corner) >> i & 1)
                in ^= w->line[i].mask;
        }
        put_entry(w, pattern, in);
    }
    return true;
}

/* ---- edges that meet in one vertex ---- */

static bool is_inside(double u, double v)
{
    return u > ROOM && u < 1 - ROOM && v > ROOM && v < 1 - ROOM;
}

static bool same(struct wg_point a, struct wg_point b)
{
    return a.x == b.x && a.y == b.y;
}

/* Does the edge run from the vertex out of the cell?  *far is its other end. */
static bool leaves(const struct wg_line *l, struct wg_point vertex, struct wg_point *far)
{
    double from, to, room = ROOM / size_of(l);

    if (!clip_line(l, &from, &to))
        return false;
    if (same(l->e.a, vertex)) {
        *far = l->e.b;
        return is_inside(l->au, l->av) && to < 1 - room;
    }
    *far = l->e.a;
    return same(l->e.b, vertex) && is_inside(l->bu, l->bv) && from > room;
}

/* The sides of a point on all lines but one, on none of which it lies. */
static bool sides_of(const struct wg_signs *w, uint32_t but, struct wg_point p,
                     uint32_t *sides)
{
    *sides = 0;
    for (uint32_t i = 0; i < w->n_line; i++) {
        int turn = wg_turn(w->line[i].e.a, w->line[i].e.b, p);

        if (i == but)
            continue;
        if (turn == 0)
            return false;
        *sides |= (uint32_t)(turn > 0) << i;
    }
    return true;
}

struct border { /* between two patterns that differ by one line */
    uint32_t pattern, bit, mask;
};

static bool find_borders(const struct wg_signs *w, struct border *border)
{
    uint32_t all = (1u << w->n_line) - 1;
    struct wg_point vertex = w->line[0].e.a, far;

    if (!is_inside(w->line[0].au, w->line[0].av))
        vertex = w->line[0].e.b;
    for (uint32_t i = 0; i < w->n_line; i++) {
        uint32_t bit = 1u << i, sides;

        if (!leaves(&w->line[i], vertex, &far) || !sides_of(w, i, far, &sides))
            return false;
        border[2 * i] = (struct border){sides, bit, w->line[i].mask};
        border[2 * i + 1] = (struct border){~sides & all & ~bit, bit, 0};
    }
    return true;
}

static bool fill_around(struct wg_signs *w, uint32_t corner)
{
    struct border border[2 * WG_SIGNS_LINES];
    uint32_t in[1 << WG_SIGNS_LINES], known = 1u << corner;

    if (w->n_line < 2 || !find_borders(w, border))
        return false;
    in[corner] = w->base;
    for (uint32_t round = 0; round < w->n_line; round++) {
        for (uint32_t i = 0; i < 2 * w->n_line; i++) {
            const struct border *b = &border[i];
            uint32_t one = b->pattern, two = b->pattern | b->bit;

            if ((known >> one & 1) == (known >> two & 1))
                continue;
            if (known >> one & 1)
                in[two] = in[one] ^ b->mask;
            else
                in[one] = in[two] ^ b->mask;
            known |= 1u << one | 1u << two;
        }
    }
    for (uint32_t pattern = 0; pattern < 1u << w->n_line; pattern++) {
        if (known >> pattern & 1)
            put_entry(w, pattern, in[pattern]);
    }
    return true;
}

/* ---- any edges ---- */

#define CORNERS_MAX 16

struct region {
    double u[CORNERS_MAX], v[CORNERS_MAX];
    int n;
};

/* Keep what lies on one side of a line, a little off it. */
static void cut_region(struct region *r, const struct wg_line *l, bool left)
{
    struct region out = {.n = 0};
    double sign = left ? 1 : -1;

    for (int i = 0; i < r->n; i++) {
        int k = (i + 1) % r->n;
        double f = sign * (l->a * r->u[i] + l->b * r->v[i] + l->c) - 1e-4;
        double g = sign * (l->a * r->u[k] + l->b * r->v[k] + l->c) - 1e-4;

        if (f >= 0) {
            out.u[out.n] = r->u[i];
            out.v[out.n++] = r->v[i];
        }
        if ((f > 0 && g < 0) || (f < 0 && g > 0)) {
            out.u[out.n] = r->u[i] + (r->u[k] - r->u[i]) * f / (f - g);
            out.v[out.n++] = r->v[i] + (r->v[k] - r->v[i]) * f / (f - g);
        }
    }
    *r = out;
}

/* A place of the pattern in the cell; exactly so, or none. */
static bool find_place(const struct wg_signs *w, const struct wg_locate_cell *cell,
                       uint32_t pattern, struct wg_point *place)
{
    struct region r = {{0, 1, 1, 0}, {0, 0, 1, 1}, 4};
    double u = 0, v = 0;

    for (uint32_t i = 0; i < w->n_line; i++)
        cut_region(&r, &w->line[i], pattern >> i & 1);
    for (int i = 0; i < r.n; i++) {
        u += r.u[i] / r.n;
        v += r.v[i] / r.n;
    }
    if (r.n < 3)
        return false;
    *place =
        (struct wg_point){(cell->col + u) / cell->per.x, (cell->row + v) / cell->per.y};
    if (floor(place->x * cell->per.x) != cell->col ||
        floor(place->y * cell->per.y) != cell->row)
        return false;
    for (uint32_t i = 0; i < w->n_line; i++) {
        int turn = wg_turn(w->line[i].e.a, w->line[i].e.b, *place);

        if (turn == 0 || (turn > 0) != (pattern >> i & 1))
            return false;
    }
    return true;
}

static void fill_any(struct wg_signs *w, const struct wg_locate_cell *cell)
{
    struct wg_point corner = wg_cell_corner(cell, 1), place;

    for (uint32_t pattern = 0; pattern < 1u << w->n_line; pattern++) {
        uint32_t in = w->base;

        if (!find_place(w, cell, pattern, &place))
            continue;
        struct wg_way way = {place, {corner.x, place.y}, corner};
        for (uint32_t i = 0; i < w->n_line; i++) {
            if (wg_edge_crosses(&w->line[i].e, &way))
                in ^= w->line[i].mask;
        }
        put_entry(w, pattern, in);
    }
}

void wg_signs_table(struct wg_signs *w, const struct wg_locate_cell *cell)
{
    uint32_t corner = corner_pattern(w, cell);

    w->table = ~(uint64_t)0; /* unknown */
    if (!fill_through(w, corner) && !fill_around(w, corner))
        fill_any(w, cell);
}
