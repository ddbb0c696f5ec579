/* Owns the tree of boxes over the grids: who may be near. */
#include "locate_boxes.h"

#include <math.h>

#include "block.h"
#include "hilbert.h"
#include "internal.h"
#include "predicate.h"

#define FANOUT 16
#define LEVELS 9 /* 16^9 grids and more */

struct levels {
    size_t first[LEVELS + 1], n[LEVELS + 1];
    int count;
};

static struct levels levels_of(uint32_t n_grid)
{
    struct levels l = {.count = 1, .n = {n_grid}};

    while (l.n[l.count - 1] > 1) {
        l.first[l.count] = l.first[l.count - 1] + l.n[l.count - 1];
        l.n[l.count] = (l.n[l.count - 1] + FANOUT - 1) / FANOUT;
        l.count++;
    }
    return l;
}

size_t wg_boxes_count(uint32_t n_grid)
{
    struct levels l = levels_of(n_grid);

    return l.first[l.count - 1] + l.n[l.count - 1];
}

/* ---- build ---- */

struct leaf {
    uint64_t at;
    uint32_t slot;
};

static int compare_leaf(const void *a, const void *b)
{
    const struct leaf *l = a, *r = b;

    if (l->at != r->at)
        return l->at < r->at ? -1 : 1;
    return (l->slot > r->slot) - (l->slot < r->slot);
}

static struct wg_box grid_box(const struct wg_locator *loc, uint32_t slot)
{
    uint32_t from = loc->ring[loc->part[loc->grid[slot]]];
    uint32_t to = loc->ring[loc->part[loc->grid[slot + 1]]];
    struct wg_box box = wg_box_empty();

    for (uint32_t i = from; i < to; i++)
        box = (struct wg_box){
            wg_least(box.min_x, loc->x[i]), wg_least(box.min_y, loc->y[i]),
            wg_most(box.max_x, loc->x[i]), wg_most(box.max_y, loc->y[i])};
    return box;
}

static uint32_t scaled(double value, double low, double high)
{
    double t = (value - low) / (high - low);

    return t > 0 ? (uint32_t)fmin(t * 65535, 65535) : 0;
}

static uint64_t place_of(const struct wg_locator *loc, struct wg_box box)
{
    struct wg_box all = loc->head.box;

    if (wg_box_is_empty(box))
        return 0;
    return wg_hilbert(scaled(box.min_x / 2 + box.max_x / 2, all.min_x, all.max_x),
                      scaled(box.min_y / 2 + box.max_y / 2, all.min_y, all.max_y));
}

static void fill_levels(struct wg_box *box, uint32_t n_grid)
{
    struct levels l = levels_of(n_grid);

    for (int k = 1; k < l.count; k++) {
        for (size_t i = 0; i < l.n[k]; i++) {
            struct wg_box sum = wg_box_empty();

            for (size_t c = i * FANOUT; c < (i + 1) * FANOUT && c < l.n[k - 1]; c++)
                sum = wg_box_union(sum, box[l.first[k - 1] + c]);
            box[l.first[k] + i] = sum;
        }
    }
}

bool wg_boxes_build(struct wg_locator *loc)
{
    uint32_t n = loc->head.n_grid;
    size_t n_box = wg_boxes_count(n);
    struct leaf *leaf = malloc((n + 1) * sizeof *leaf);
    uint32_t *slot = wg_block_make(n * sizeof *slot);
    struct wg_box *box = wg_block_make(n_box * sizeof *box);

    if (!leaf || !slot || !box) {
        free(leaf);
        wg_block_free(slot, n * sizeof *slot);
        wg_block_free(box, n_box * sizeof *box);
        return false;
    }
    for (uint32_t i = 0; i < n; i++)
        leaf[i] = (struct leaf){place_of(loc, grid_box(loc, i + 1)), i + 1};
    qsort(leaf, n, sizeof *leaf, compare_leaf);
    for (uint32_t i = 0; i < n; i++) {
        slot[i] = leaf[i].slot;
        box[i] = grid_box(loc, slot[i]);
    }
    fill_levels(box, n);
    free(leaf);
    loc->section[WG_SECTION_LEAF] = slot;
    loc->head.bytes[WG_SECTION_LEAF] = n * sizeof *slot;
    loc->section[WG_SECTION_BOX] = box;
    loc->head.bytes[WG_SECTION_BOX] = n_box * sizeof *box;
    wg_locator_look(loc);
    return true;
}

/* ---- visit ---- */

static double gap(double min_a, double max_a, double min_b, double max_b)
{
    return fmax(0, fmax(min_a - max_b, min_b - max_a));
}

static double distance(struct wg_box a, struct wg_box b)
{
    return hypot(gap(a.min_x, a.max_x, b.min_x, b.max_x),
                 gap(a.min_y, a.max_y, b.min_y, b.max_y));
}

struct visit {
    const struct wg_locator *loc;
    struct levels levels;
    struct wg_box box;
    const double *reach;
    wg_boxes_fn *fn;
    void *user;
};

static bool visit_node(const struct visit *v, int level, size_t at)
{
    struct near_child {
        double distance;
        size_t at;
    } child[FANOUT];
    size_t end = (at + 1) * FANOUT, n = 0;

    if (level == 0)
        return v->fn(v->loc->leaf[at], v->user);
    for (size_t c = at * FANOUT; c < end && c < v->levels.n[level - 1]; c++) {
        struct wg_box box = v->loc->box[v->levels.first[level - 1] + c];
        size_t k = n;

        if (wg_box_is_empty(box))
            continue;
        struct near_child now = {distance(v->box, box), c};
        if (!(now.distance <= *v->reach))
            continue;
        for (; k > 0 && child[k - 1].distance > now.distance; k--)
            child[k] = child[k - 1];
        child[k] = now;
        n++;
    }
    for (size_t k = 0; k < n && child[k].distance <= *v->reach; k++) {
        if (!visit_node(v, level - 1, child[k].at))
            return false;
    }
    return true;
}

void wg_boxes_each(const struct wg_locator *loc, struct wg_box box, const double *reach,
                   wg_boxes_fn *fn, void *user)
{
    struct visit v = {loc, levels_of(loc->head.n_grid), box, reach, fn, user};
    struct wg_box all;

    if (loc->head.n_grid == 0 || wg_box_is_empty(box))
        return;
    all = loc->box[v.levels.first[v.levels.count - 1]];
    if (!wg_box_is_empty(all) && distance(box, all) <= *reach)
        visit_node(&v, v.levels.count - 1, 0);
}
