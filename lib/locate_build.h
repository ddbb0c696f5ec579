/* The making of a locator; shared by locate_build.c, locate_cell.c, locate_proof.c. */
#ifndef WG_LOCATE_BUILD_H
#define WG_LOCATE_BUILD_H

#include "locate_record.h"

/* An edge of a grid in some cell: it begins at vertex `ref`. */
struct wg_cell_edge {
    uint32_t ref, slot;
};

/* The grids that hold a place, in order of slot. */
struct wg_slot_set {
    uint32_t *slot;
    size_t n, cap;
};

struct wg_build {
    struct wg_locator *loc; /* its vertices are there, its words and pool in the making */
    uint32_t *pool, *edges, *edges_at;        /* the sections of these names */
    size_t n_pool, n_edges;                   /* words */
    size_t cap_pool, cap_edges, cap_edges_at; /* bytes, see block.h */
    size_t words_max; /* of pool and edges; beyond it cells are not divided further */
    bool out_of_memory;
};

/* A cell: column and row are floor(x * per.x), floor(y * per.y). */
struct wg_locate_cell {
    struct wg_point per;
    double col, row;
    int depth; /* 0: a cell of the main table */
};

static inline struct wg_point wg_cell_corner(const struct wg_locate_cell *cell, int east)
{
    return (struct wg_point){(cell->col + east) / cell->per.x, cell->row / cell->per.y};
}

bool wg_slot_set_toggle(struct wg_slot_set *set, uint32_t slot); /* false: no memory */
bool wg_slot_set_copy(struct wg_slot_set *to, const struct wg_slot_set *from);
bool wg_slot_set_has(const struct wg_slot_set *set, uint32_t slot);

/* An edge of a cell, in the cell's own coordinates from 0 to 1. */
struct wg_line {
    struct wg_edge e;
    uint32_t ref;
    uint32_t slot[WG_SIGNS_CANDIDATES]; /* the grids it bounds here */
    uint32_t n_slot;
    uint8_t mask;          /* these among the candidates */
    double au, av, bu, bv; /* its ends */
    double a, b, c;        /* a u + b v + c > 0 to its left */
};

/* What a SIGNS record is made of. */
struct wg_signs {
    struct wg_line line[2 * WG_SIGNS_LINES];
    uint32_t n_line;
    uint32_t candidate[WG_SIGNS_CANDIDATES + 1];
    uint32_t n_candidate;
    uint32_t base; /* the candidates that hold the lower right corner */
    uint64_t table;
};

/* locate_table.c: fill the table; lines and candidates are at most what a record takes.
 */
void wg_signs_table(struct wg_signs *w, const struct wg_locate_cell *cell);

/* locate_cell.c: the word of a cell with n edges; `corner` are the grids that hold its
 * lower right corner.  Sets b->out_of_memory. */
uint32_t wg_cell_word(struct wg_build *b, const struct wg_locate_cell *cell,
                      const struct wg_cell_edge *entry, size_t n,
                      const struct wg_slot_set *corner);

/* The grids that hold the cell's lower right corner become those of its lower left one,
 * by the edges that cross between them.  False: no memory. */
bool wg_cell_walk_west(const struct wg_build *b, const struct wg_locate_cell *cell,
                       const struct wg_cell_edge *entry, size_t n,
                       struct wg_slot_set *set);

/* locate_proof.c: looks for a place in the cell that lies inside two grids, and notes it
 * in the head. */
void wg_cell_prove(struct wg_build *b, const struct wg_locate_cell *cell,
                   const struct wg_cell_edge *entry, size_t n,
                   const struct wg_slot_set *corner);
void wg_build_overlap(struct wg_build *b, double x, double y);

#endif
