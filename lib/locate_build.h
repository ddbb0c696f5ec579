/* The making of a locator; shared by locate_build.c, locate_cell.c, locate_proof.c. */
#ifndef WG_LOCATE_BUILD_H
#define WG_LOCATE_BUILD_H

#include "locate_record.h"

/* An edge of a grid in some cell: it begins at vertex `ref`. */
struct wg_entry {
    uint32_t ref, slot;
};

/* The grids that hold a place, in order of slot. */
struct wg_slot_set {
    uint32_t *slot;
    size_t n, cap;
};

struct wg_build {
    struct wg_locator *loc; /* its vertices are there, its words and pool in the making */
    uint32_t *pool;
    size_t n_pool, cap_pool;
    size_t pool_max; /* words; beyond it cells are not divided further */
    bool out_of_memory;
};

/* A cell: column and row are floor(x * per), floor(y * per). */
struct wg_cell {
    double per, col, row;
    int depth; /* 0: a cell of the main table */
};

static inline struct wg_point wg_cell_corner(const struct wg_cell *cell, int east)
{
    double size = 1 / cell->per;

    return (struct wg_point){(cell->col + east) * size, cell->row * size};
}

bool wg_slot_set_toggle(struct wg_slot_set *set, uint32_t slot); /* false: no memory */
bool wg_slot_set_copy(struct wg_slot_set *to, const struct wg_slot_set *from);
bool wg_slot_set_has(const struct wg_slot_set *set, uint32_t slot);

/* locate_cell.c: the word of a cell with n edges; `corner` are the grids that hold its
 * lower right corner.  Sets b->out_of_memory. */
uint32_t wg_cell_word(struct wg_build *b, const struct wg_cell *cell,
                      const struct wg_entry *entry, size_t n,
                      const struct wg_slot_set *corner);

/* locate_proof.c: looks for a place in the cell that lies inside two grids, and notes it
 * in the head. */
void wg_cell_prove(struct wg_build *b, const struct wg_cell *cell,
                   const struct wg_entry *entry, size_t n,
                   const struct wg_slot_set *corner);
void wg_build_overlap(struct wg_build *b, double x, double y);

#endif
