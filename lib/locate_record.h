/*
 * What a locator knows of a cell that a boundary crosses.
 *
 * SIGNS, in the pool: up to four edges as lines, and for each pattern of sides on which a
 * point can lie the candidate that owns it.  An edge lies on its line, so between the
 * lines the owner is one and the same, however the edges run.  A byte each unless said:
 *
 *     lines k | candidates m << 4; 0; u16 table, if k <= 2
 *     u32 table if k = 3, u64 table if k = 4
 *     i16 a, b, c of each line
 *     u24 candidate[m], slots in ascending order; filled up to a multiple of 4
 *
 * With U and V, the place in the cell in units of 1 / WG_SIGNS_UNIT, cut off, bit i of
 * the pattern is a U + b V + c 2^16 > 0; four bits of the table at 4 × pattern are the
 * candidate's place + 1, or 0 for outside, or WG_SIGNS_UNKNOWN.  The line is scaled to
 * max(|a|, |b|) = 2^14.  What is nearer to a line than WG_SIGNS_NEAR is left to the
 * exact road: a and b are off by 1/2 each (of U and V below 2^15: 2^15), c by 1/2
 * (2^15), U and V by 1/2 about their middle (2^14).  A record never lies across two
 * lines of the cache: waiting for memory is what an answer costs.
 *
 * The exact road needs the edges themselves.  They stand apart, in WG_SECTION_EDGES, in
 * the order of the records; WG_SECTION_EDGES_AT says where those of each 64 bytes of the
 * pool begin:
 *
 *     base, mask of each edge; filled up to a multiple of 4
 *     u32 ref of each edge, the vertex where it begins
 *
 * The exact road.  Which of the candidates cover point p?  S(q), the set of grids that
 * hold q, is known for q = the cell's lower right corner: bit k of `base` is candidate k.
 * On the way from p straight right to the cell's right side, and down it to the corner,
 * each edge that is crossed takes the grids it bounds (its mask) into or out of the set.
 * Only edges that meet the cell can be crossed.  All points of the way are moved by
 * (δ, ε), 0 < δ « ε « anything: so no corner ever lies on an edge, and an edge counts at
 * its lower end but not its upper.  A grid with p on one of its edges covers p whatever
 * the set says.
 *
 * What does not fit these forms stands in WG_SECTION_EDGES as well:
 *
 * LIST  u32 WG_RECORD_LIST; u32 candidates m; u32 candidate[m]; u32 base bits[(m + 31) /
 *       32]; u32 start[m + 1]; u32 ref[start[m]]: each candidate's own edges
 * TREE  u32 WG_RECORD_TREE; u32 word[16]: the cell again in four rows of four, from below
 */
#ifndef WG_LOCATE_RECORD_H
#define WG_LOCATE_RECORD_H

#include <string.h>

#include "locate_index.h"
#include "predicate.h"

#define WG_SIGNS_LINES 4
#define WG_SIGNS_CANDIDATES 8
#define WG_SIGNS_UNIT 32768
#define WG_SIGNS_NEAR 90000 /* more than 2^15 + 2^15 + 2^14 */
#define WG_SIGNS_UNKNOWN 15u

#define WG_RECORD_LIST 0xffu
#define WG_RECORD_TREE 0xfeu
#define WG_TREE_SIDE 4
#define WG_TREE_DEPTH 6 /* cells within cells, at most */

#define WG_POOL_LINE 16 /* words */

static inline uint32_t wg_signs_lines(const uint32_t *record)
{
    return record[0] & 15;
}

static inline uint32_t wg_signs_candidates(const uint32_t *record)
{
    return record[0] >> 4 & 15;
}

/* Words of a record in the pool, and of its edges. */
static inline uint32_t wg_signs_words(uint32_t k, uint32_t m)
{
    return (k > 2 ? k - 1 : 1) + (6 * k + 3 * m + 3) / 4;
}

static inline uint32_t wg_signs_edge_words(uint32_t k)
{
    return (1 + k + 3) / 4 + k;
}

static inline const int16_t *wg_signs_line(const uint32_t *record, uint32_t k)
{
    return (const int16_t *)(record + (k > 2 ? k - 1 : 1));
}

/* Four bits of the table. */
static inline uint32_t wg_signs_entry(const uint32_t *record, uint32_t k,
                                      uint32_t pattern)
{
    if (k <= 2)
        return record[0] >> (16 + 4 * pattern) & 15;
    return record[1 + pattern / 8] >> (4 * (pattern % 8)) & 15;
}

static inline uint32_t wg_signs_candidate(const uint32_t *record, uint32_t k,
                                          uint32_t place)
{
    const unsigned char *at = (const unsigned char *)wg_signs_line(record, k) + 6 * k;

    at += 3 * (size_t)place;
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
}

static inline int32_t wg_signs_side(const int16_t *line, int32_t u, int32_t v)
{
    return (int32_t)((uint32_t)(line[0] * u) + (uint32_t)(line[1] * v) +
                     (uint32_t)line[2] * 65536u);
}

/* The sides of U and V on the lines; a bit of *unsure for each line that is too near. */
static inline uint32_t wg_signs_pattern(const uint32_t *record, uint32_t k, int32_t u,
                                        int32_t v, uint32_t *unsure)
{
    const int16_t *line = wg_signs_line(record, k);
    /* one or two lines without a branch: the bytes behind the first are there */
    int32_t f = wg_signs_side(line, u, v), g = wg_signs_side(line + 3, u, v);
    uint32_t pattern = (f > 0) | (uint32_t)(g > 0) << 1;
    uint32_t near = ((uint32_t)f + WG_SIGNS_NEAR < 2 * WG_SIGNS_NEAR) |
                    (uint32_t)((uint32_t)g + WG_SIGNS_NEAR < 2 * WG_SIGNS_NEAR) << 1;

    for (uint32_t i = 2; i < k; i++) {
        f = wg_signs_side(line + 3 * i, u, v);
        pattern |= (uint32_t)(f > 0) << i;
        near |= (uint32_t)((uint32_t)f + WG_SIGNS_NEAR < 2 * WG_SIGNS_NEAR) << i;
    }
    *unsure = near & ((1u << k) - 1);
    return pattern & ((1u << k) - 1);
}

/* Where in WG_SECTION_EDGES those of a record begin: behind those of the records before
 * it in its line of the pool. */
size_t wg_signs_edges(const struct wg_locator *loc, uint32_t place);

/* An edge, its ends in order of y, then x. */
struct wg_edge {
    struct wg_point a, b;
};

static inline struct wg_edge wg_edge_of(const struct wg_locator *loc, uint32_t ref)
{
    struct wg_point p = {loc->x[ref], loc->y[ref]};
    struct wg_point q = {loc->x[ref + 1], loc->y[ref + 1]};
    bool up = p.y < q.y || (p.y == q.y && p.x <= q.x);

    return up ? (struct wg_edge){p, q} : (struct wg_edge){q, p};
}

/* The sign of the turn a → b → q + (δ, ε): never 0 unless a is b. */
static inline int wg_moved_turn(struct wg_point a, struct wg_point b, struct wg_point q)
{
    int turn = wg_turn(a, b, q);

    if (turn)
        return turn;
    if (a.x != b.x)
        return b.x > a.x ? 1 : -1;
    return a.y > b.y ? 1 : -1;
}

/* Is q, moved by (δ, ε), left of the upward edge?  Exact, as all that follow. */
static inline bool wg_edge_right_of(const struct wg_edge *e, struct wg_point q)
{
    return wg_moved_turn(e->a, e->b, q) > 0;
}

/* Does a horizontal line to the right from q, moved, meet the edge? */
static inline bool wg_edge_level(const struct wg_edge *e, struct wg_point q)
{
    if (!(e->a.y <= q.y && q.y < e->b.y) || (q.x > e->a.x && q.x > e->b.x))
        return false; /* a cell's side may be infinite, of which wg_orient knows nothing
                       */
    return (q.x < e->a.x && q.x < e->b.x) || wg_edge_right_of(e, q);
}

/* Does the vertical line through q, moved, meet the edge below q? */
static inline bool wg_edge_under(const struct wg_edge *e, struct wg_point q)
{
    bool east = e->a.x < e->b.x;
    struct wg_point l = east ? e->a : e->b, r = east ? e->b : e->a;

    if (!(l.x <= q.x && q.x < r.x) || q.y < e->a.y)
        return false;
    return q.y > e->b.y || wg_moved_turn(l, r, q) > 0;
}

static inline bool wg_edge_has(const struct wg_edge *e, struct wg_point q) /* q on it */
{
    double west = wg_least(e->a.x, e->b.x), east = wg_most(e->a.x, e->b.x);

    return e->a.y <= q.y && q.y <= e->b.y && west <= q.x && q.x <= east &&
           wg_turn(e->a, e->b, q) == 0;
}

/* Is the edge crossed on the way from p by the turn to the corner? */
struct wg_way {
    struct wg_point p, turn, corner;
};

static inline bool wg_edge_crosses(const struct wg_edge *e, const struct wg_way *w)
{
    return (wg_edge_level(e, w->p) != wg_edge_level(e, w->turn)) !=
           (wg_edge_under(e, w->turn) != wg_edge_under(e, w->corner));
}

/* Does the grid cover the point?  By its polygon, without the cells. */
bool wg_slot_covers(const struct wg_locator *loc, uint32_t slot, double x, double y);

/* The answer for a point in a cell whose word has WG_WORD_RECORD. */
uint32_t wg_record_ask(const struct wg_locator *loc, uint32_t word, double x, double y);
/* The same for a SIGNS record whose table cannot tell; per is the cell's. */
uint32_t wg_signs_exact(const struct wg_locator *loc, uint32_t word, struct wg_point per,
                        double x, double y);

/* floor of a value that fits an integer; the library's needs a call without SSE 4.1 */
static inline double wg_whole(double value)
{
    double cut = (double)(int64_t)value;

    return cut - (cut > value);
}

/* The place within its cell in units of 1 / WG_SIGNS_UNIT, given what is left of x * per
 * above its floor.  (A rest that rounds to 1 belongs to the cell below.) */
static inline int32_t wg_signs_unit(double rest)
{
    int32_t unit = (int32_t)(rest * WG_SIGNS_UNIT);

    return unit < WG_SIGNS_UNIT ? unit : WG_SIGNS_UNIT - 1;
}

static inline uint32_t wg_signs_ask(const struct wg_locator *loc, uint32_t word,
                                    struct wg_point per, double x, double y, int32_t u,
                                    int32_t v)
{
    const uint32_t *record = loc->pool + (word & WG_WORD_PLACE);
    uint32_t k = wg_signs_lines(record), unsure;
    uint32_t pattern = wg_signs_pattern(record, k, u, v, &unsure);
    uint32_t entry = wg_signs_entry(record, k, pattern);

    if (unsure | (entry == WG_SIGNS_UNKNOWN))
        return wg_signs_exact(loc, word, per, x, y);
    return entry ? wg_signs_candidate(record, k, entry - 1) : 0;
}

/* Asked from memory into the second cache: the first is small, and what waits for a place
 * in it blocks the others.  (City 158 to 190, province 66 to 100 million points a
 * second.) */
static inline void wg_soon(const void *place)
{
    __builtin_prefetch(place, 0, 2);
}

typedef void wg_locate_batch_fn(const struct wg_locator *loc, size_t n, const double *x,
                                const double *y, uint32_t *slot);
wg_locate_batch_fn wg_locate_batch_plain, wg_locate_batch_avx2, wg_locate_batch_neon;

#endif
