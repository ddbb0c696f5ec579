/*
 * What stands in the pool of a locator for a cell that a boundary crosses.
 *
 * The question a record answers: which of its candidates cover point p?  S(q), the set
 * of grids that hold q, is known for q = the cell's lower right corner.  On the way from
 * p straight right to the cell's right side, and down it to the corner, each edge that is
 * crossed takes its grids into or out of the set.  Only edges that meet the cell can be
 * crossed.  All points of the way are moved by (δ, ε), 0 < δ « ε « anything: so no
 * corner ever lies on an edge, and an edge counts at its lower end but not its upper.
 * A grid with p on one of its edges covers p whatever the set says.
 *
 * FEW   u8 edges 1…8, u8 candidates 1…8, u8 base, u8 top
 *       u32 candidate[], slots in ascending order
 *       u8 mask[] for each edge the candidates it bounds (bit k: candidate k), padded
 *       float a[], b[], c[], lo[], hi[], one a edge each
 *       u32 ref[], the vertex where the edge begins, for the exact road
 *     In the cell's own coordinates u, v from 0 to 1 an edge is crossed when
 *     lo <= v < hi and a u + b v + c > 0, or v >= hi and its bit in `top` is set.  The
 *     coefficients are scaled to max(|a|, |b|) = 1, and a decision nearer than
 *     WG_FEW_NEAR is left to the exact road: the sum of all roundings stays below it.
 *
 * LIST  u8 0xff …; u32 candidates m; u32 candidate[m]; u32 base bits[(m + 31) / 32];
 *       u32 start[m + 1]; u32 ref[start[m]]: each candidate's own edges
 * TREE  u8 0xfe …; u32 word[16]: the cell again in four rows of four, from below
 */
#ifndef WG_LOCATE_RECORD_H
#define WG_LOCATE_RECORD_H

#include "locate_index.h"

#define WG_FEW_MAX 8
#define WG_RECORD_LIST 0xffu
#define WG_RECORD_TREE 0xfeu
#define WG_TREE_SIDE 4
#define WG_TREE_DEPTH 6 /* cells within cells, at most */

#define WG_FEW_NEAR 1e-6f   /* of a u + b v + c */
#define WG_FEW_NEAR_V 2e-7f /* of v - lo and v - hi */

static inline uint32_t wg_few_edges(const uint32_t *record)
{
    return record[0] & 0xff;
}

static inline uint32_t wg_few_candidates(const uint32_t *record)
{
    return record[0] >> 8 & 0xff;
}

static inline uint32_t wg_few_base(const uint32_t *record)
{
    return record[0] >> 16 & 0xff;
}

static inline uint32_t wg_few_top(const uint32_t *record)
{
    return record[0] >> 24;
}

static inline const uint8_t *wg_few_mask(const uint32_t *record)
{
    return (const uint8_t *)(record + 1 + wg_few_candidates(record));
}

static inline const float *wg_few_lines(const uint32_t *record)
{
    return (const float *)(record + 1 + wg_few_candidates(record) +
                           (wg_few_edges(record) + 3) / 4);
}

static inline const uint32_t *wg_few_refs(const uint32_t *record)
{
    return (const uint32_t *)(wg_few_lines(record) + 5 * (size_t)wg_few_edges(record));
}

/* The word's record; the word must have WG_WORD_RECORD. */
static inline const uint32_t *wg_word_record(const struct wg_locator *loc, uint32_t word)
{
    return loc->pool + (word & ~WG_WORD_RECORD);
}

/* An edge, its ends in order of y, then x. */
struct wg_edge {
    struct wg_point a, b;
};

struct wg_edge wg_edge_of(const struct wg_locator *loc, uint32_t ref);
/* Is q, moved by (δ, ε), left of the upward edge?  Exact. */
bool wg_edge_right_of(const struct wg_edge *e, struct wg_point q);
/* Does a horizontal line to the right from q, moved, meet the edge? */
bool wg_edge_level(const struct wg_edge *e, struct wg_point q);
/* Does the vertical line through q, moved, meet the edge below q? */
bool wg_edge_under(const struct wg_edge *e, struct wg_point q);
bool wg_edge_has(const struct wg_edge *e, struct wg_point q); /* q on it */

/* The answers for a point in a cell that has a record; per is 1 / size of the cell. */
uint32_t wg_record_exact(const struct wg_locator *loc, const uint32_t *record, double per,
                         double x, double y);
uint32_t wg_record_plain(const struct wg_locator *loc, uint32_t word, double x, double y);
/* One step down a TREE: the word of the cell within, and per for that cell. */
uint32_t wg_tree_word(const uint32_t *record, double *per, double x, double y);

typedef void wg_locate_batch_fn(const struct wg_locator *loc, size_t n, const double *x,
                                const double *y, uint32_t *slot);
wg_locate_batch_fn wg_locate_batch_plain, wg_locate_batch_avx2, wg_locate_batch_neon;

/* For each byte the eight bytes that have all bits where it has one. */
extern const uint64_t wg_bits_to_bytes[256];

#endif
