/* Owns the search for open gaps: narrow ground between the outer boundaries of two
 * polygons that nothing encloses, so that it is no face of its own. */
#include <math.h>
#include <stdlib.h>

#include "check_cover.h"
#include "internal.h"

/* A segment whose left side is outside of everything. */
struct outer {
    struct wg_spot a, b;
    double west, east;
    uint32_t label;
};

static int further_west(const void *a, const void *b)
{
    const struct outer *p = a, *q = b;
    if (p->west != q->west)
        return p->west < q->west ? -1 : 1;
    return p->label < q->label ? -1 : p->label > q->label;
}

static enum wg_status list_outer(const struct wg_cover *c, struct outer **out, size_t *n,
                                 struct wg_error *err)
{
    const struct wg_arrangement *map = &c->map;
    struct outer *list = malloc(((size_t)map->n_segment + 1) * sizeof *list);
    *n = 0;
    if (!list)
        return wg_fail_memory(err);
    for (uint32_t s = 0; s < map->n_segment; s++) {
        bool left = map->left[s] == 0, right = map->right[s] == 0;
        uint32_t n_label;
        const uint32_t *label =
            wg_cover_labels(c, left ? map->right[s] : map->left[s], &n_label);
        if (left == right || n_label != 1)
            continue;
        struct wg_spot a = map->spot[left ? map->a[s] : map->b[s]];
        struct wg_spot b = map->spot[left ? map->b[s] : map->a[s]];
        list[(*n)++] = (struct outer){a, b, fmin(a.x, b.x), fmax(a.x, b.x), label[0]};
    }
    if (*n)
        qsort(list, *n, sizeof *list, further_west);
    *out = list;
    return WG_OK;
}

/* Do two segments face each other across less than `width`?  Nearly parallel, running
 * against each other, the one on the outer side of the other; then where and how far. */
static bool face_each_other(const struct outer *p, const struct outer *q, double width,
                            struct wg_slit *out)
{
    double dx = (double)p->b.x - p->a.x, dy = (double)p->b.y - p->a.y;
    double ex = (double)q->b.x - q->a.x, ey = (double)q->b.y - q->a.y;
    double length = hypot(dx, dy), other = hypot(ex, ey);
    if (dx * ex + dy * ey > -0.94 * length * other)
        return false; /* within 20° */
    dx /= length;
    dy /= length;
    double ax = (double)q->a.x - p->a.x, ay = (double)q->a.y - p->a.y;
    double t0 = ax * dx + ay * dy,
           h0 = ay * dx - ax * dy; /* of q's ends: along, to the left */
    double t1 = t0 + ex * dx + ey * dy, h1 = h0 + ey * dx - ex * dy;
    double from = fmax(0, fmin(t0, t1)), to = fmin(length, fmax(t0, t1));
    if (!(from < to))
        return false;
    double middle = (from + to) / 2, slope = (h1 - h0) / (t1 - t0);
    double height = h0 + (middle - t0) * slope;
    if (!(height > 0) || height >= width || h0 + (from - t0) * slope < 0 ||
        h0 + (to - t0) * slope < 0)
        return false;
    *out = (struct wg_slit){p->label,
                            q->label,
                            p->a.x + middle * dx - height / 2 * dy,
                            p->a.y + middle * dy + height / 2 * dx,
                            height,
                            height * (to - from)};
    return true;
}

static int by_labels(const void *a, const void *b)
{
    const struct wg_slit *p = a, *q = b;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return (p->width > q->width) - (p->width < q->width);
}

/* One for each two polygons: the narrowest place, the areas together. */
static size_t join(struct wg_slit *slit, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(slit, n, sizeof *slit, by_labels);
    for (size_t i = 0; i < n; i++)
        if (kept && slit[kept - 1].a == slit[i].a && slit[kept - 1].b == slit[i].b)
            slit[kept - 1].area += slit[i].area;
        else
            slit[kept++] = slit[i];
    return kept;
}

enum wg_status wg_cover_slits(const struct wg_cover *cover, double width,
                              struct wg_slit **out, size_t *n_out, struct wg_error *err)
{
    struct outer *list = NULL;
    struct wg_slit *slit = NULL;
    size_t n = 0, n_slit = 0, cap = 0;
    enum wg_status st = list_outer(cover, &list, &n, err);
    for (size_t i = 0; !st && i < n; i++)
        for (size_t j = i + 1; !st && j < n && list[j].west <= list[i].east + width;
             j++) {
            struct wg_slit found;
            if (list[i].label == list[j].label ||
                fmin(list[i].a.y, list[i].b.y) > fmax(list[j].a.y, list[j].b.y) + width ||
                fmin(list[j].a.y, list[j].b.y) > fmax(list[i].a.y, list[i].b.y) + width ||
                !face_each_other(&list[i], &list[j], width, &found))
                continue;
            if (found.a > found.b) {
                uint32_t label = found.a;
                found.a = found.b;
                found.b = label;
            }
            if (!wg_grow((void **)&slit, &cap, n_slit + 1, sizeof *slit))
                st = wg_fail_memory(err);
            else
                slit[n_slit++] = found;
        }
    free(list);
    if (st) {
        free(slit);
        return st;
    }
    *n_out = join(slit, n_slit);
    *out = slit;
    return WG_OK;
}
