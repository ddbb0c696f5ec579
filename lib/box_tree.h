/* Boxes packed into a tree along a Hilbert curve, 16 to a node: who may be near. */
#ifndef WG_BOX_TREE_H
#define WG_BOX_TREE_H

#include "wangge/geom.h"

struct wg_box_tree {
    uint32_t n;
    int levels;
    size_t first[10], count[10]; /* nodes of each level; level 0: the boxes */
    uint32_t *item;              /* numbers of the boxes in the order of level 0 */
    struct wg_box *box;
};

/* Empty boxes are left out of every answer.  False: no memory. */
bool wg_box_tree_build(struct wg_box_tree *tree, size_t n, const struct wg_box *box);
void wg_box_tree_finish(struct wg_box_tree *tree);

/* The boxes that meet a closed box, in the tree's order; false stops. */
typedef bool wg_box_tree_fn(size_t i, void *user);
void wg_box_tree_near(const struct wg_box_tree *tree, struct wg_box box,
                      wg_box_tree_fn *fn, void *user);

#endif
