/* Owns a packed tree of boxes. */
#include "box_tree.h"

#include <math.h>
#include <string.h>

#include "hilbert.h"
#include "internal.h"

#define FANOUT 16

struct leaf {
    uint32_t at, item;
};

static int compare_leaf(const void *a, const void *b)
{
    const struct leaf *l = a, *r = b;
    if (l->at != r->at)
        return l->at < r->at ? -1 : 1;
    return (l->item > r->item) - (l->item < r->item);
}

static uint32_t scaled(double value, double low, double high)
{
    double t = (value - low) / (high - low);
    return t > 0 ? (uint32_t)fmin(t * 65535, 65535) : 0;
}

static size_t lay_out(struct wg_box_tree *tree, size_t n)
{
    tree->levels = 1;
    tree->count[0] = n;
    while (tree->count[tree->levels - 1] > 1) {
        int k = tree->levels++;
        tree->first[k] = tree->first[k - 1] + tree->count[k - 1];
        tree->count[k] = (tree->count[k - 1] + FANOUT - 1) / FANOUT;
    }
    return tree->first[tree->levels - 1] + tree->count[tree->levels - 1];
}

static void fill_levels(struct wg_box_tree *tree)
{
    for (int k = 1; k < tree->levels; k++) {
        for (size_t i = 0; i < tree->count[k]; i++) {
            struct wg_box sum = wg_box_empty();
            for (size_t c = i * FANOUT; c < (i + 1) * FANOUT && c < tree->count[k - 1];
                 c++)
                sum = wg_box_union(sum, tree->box[tree->first[k - 1] + c]);
            tree->box[tree->first[k] + i] = sum;
        }
    }
}

bool wg_box_tree_build(struct wg_box_tree *tree, size_t n, const struct wg_box *box)
{
    struct wg_box all = wg_box_empty();
    memset(tree, 0, sizeof *tree);
    size_t total = lay_out(tree, n);
    struct leaf *leaf = malloc((n + 1) * sizeof *leaf);
    tree->item = malloc((n + 1) * sizeof *tree->item);
    tree->box = malloc((total + 1) * sizeof *tree->box);
    if (!leaf || !tree->item || !tree->box) {
        free(leaf);
        wg_box_tree_finish(tree);
        return false;
    }
    tree->n = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        all = wg_box_union(all, box[i]);
    for (size_t i = 0; i < n; i++)
        leaf[i] = (struct leaf){
            wg_box_is_empty(box[i])
                ? 0
                : wg_hilbert(
                      scaled((box[i].min_x + box[i].max_x) / 2, all.min_x, all.max_x),
                      scaled((box[i].min_y + box[i].max_y) / 2, all.min_y, all.max_y)),
            (uint32_t)i};
    qsort(leaf, n, sizeof *leaf, compare_leaf);
    for (size_t i = 0; i < n; i++) {
        tree->item[i] = leaf[i].item;
        tree->box[i] = box[leaf[i].item];
    }
    free(leaf);
    fill_levels(tree);
    return true;
}

void wg_box_tree_finish(struct wg_box_tree *tree)
{
    free(tree->item);
    free(tree->box);
    memset(tree, 0, sizeof *tree);
}

struct visit {
    const struct wg_box_tree *tree;
    struct wg_box box;
    wg_box_tree_fn *fn;
    void *user;
};

static bool visit_node(const struct visit *v, int level, size_t at)
{
    const struct wg_box_tree *t = v->tree;
    if (!wg_box_overlaps(t->box[t->first[level] + at], v->box))
        return true;
    if (level == 0)
        return v->fn(t->item[at], v->user);
    for (size_t c = at * FANOUT; c < (at + 1) * FANOUT && c < t->count[level - 1]; c++) {
        if (!visit_node(v, level - 1, c))
            return false;
    }
    return true;
}

void wg_box_tree_near(const struct wg_box_tree *tree, struct wg_box box,
                      wg_box_tree_fn *fn, void *user)
{
    struct visit v = {tree, box, fn, user};
    if (tree->n)
        visit_node(&v, tree->levels - 1, 0);
}
