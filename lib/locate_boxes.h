/*
 * The boxes of a locator's grids as a packed tree: along a Hilbert curve, 16 to a node,
 * level upon level in one array.
 */
#ifndef WG_LOCATE_BOXES_H
#define WG_LOCATE_BOXES_H

#include "locate_index.h"

/* Fill WG_SECTION_LEAF and WG_SECTION_BOX from the vertices.  False: no memory. */
bool wg_boxes_build(struct wg_locator *loc);
size_t wg_boxes_count(uint32_t n_grid); /* boxes of all levels */

/* The grids whose box comes within `reach` of a box, in any order; return false to stop.
 * The visitor may lower *reach. */
typedef bool wg_boxes_fn(uint32_t slot, void *user);
void wg_boxes_each(const struct wg_locator *loc, struct wg_box box, const double *reach,
                   wg_boxes_fn *fn, void *user);

#endif
