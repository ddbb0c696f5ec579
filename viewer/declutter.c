/* Which of many boxes may be shown without touching another; pure. */
#include "declutter.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Shown boxes by the square cells they touch: a box asks only its neighbours. */
#define CELL 96.0f

struct entry {
    uint32_t box;
    int32_t next; /* in the same cell; -1 ends */
};

struct cells {
    int cols, rows;
    int32_t *first;
    struct entry *entries;
    size_t n, cap;
};

static bool touch(const struct declutter_box *a, const struct declutter_box *b, float gap)
{
    return a->x < b->x + b->w + gap && b->x < a->x + a->w + gap &&
           a->y < b->y + b->h + gap && b->y < a->y + a->h + gap;
}

struct span {
    int c0, c1, r0, r1;
};

static int clamp(float v, int most)
{
    int i = (int)floorf(v / CELL);
    return i < 0 ? 0 : i > most ? most : i;
}

static struct span span_of(const struct cells *c, const struct declutter_box *b,
                           float gap)
{
    return (struct span){
        clamp(b->x - gap, c->cols - 1), clamp(b->x + b->w + gap, c->cols - 1),
        clamp(b->y - gap, c->rows - 1), clamp(b->y + b->h + gap, c->rows - 1)};
}

static bool is_free(const struct cells *c, const struct declutter_box *boxes,
                    const struct declutter_box *b, float gap)
{
    struct span s = span_of(c, b, gap);
    for (int row = s.r0; row <= s.r1; row++)
        for (int col = s.c0; col <= s.c1; col++)
            for (int32_t e = c->first[row * c->cols + col]; e >= 0;
                 e = c->entries[e].next)
                if (touch(b, &boxes[c->entries[e].box], gap))
                    return false;
    return true;
}

static bool put(struct cells *c, const struct declutter_box *boxes, uint32_t i)
{
    struct span s = span_of(c, &boxes[i], 0);
    size_t more = (size_t)(s.c1 - s.c0 + 1) * (size_t)(s.r1 - s.r0 + 1);
    if (c->n + more > c->cap) {
        size_t cap = (c->n + more) * 2;
        struct entry *entries = realloc(c->entries, cap * sizeof *entries);
        if (!entries)
            return false;
        c->entries = entries;
        c->cap = cap;
    }
    for (int row = s.r0; row <= s.r1; row++)
        for (int col = s.c0; col <= s.c1; col++) {
            int32_t *head = &c->first[row * c->cols + col];
            c->entries[c->n] = (struct entry){i, *head};
            *head = (int32_t)c->n++;
        }
    return true;
}

struct order {
    double priority;
    uint32_t box;
};

static int by_priority(const void *pa, const void *pb)
{
    const struct order *a = pa, *b = pb;
    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    return a->box < b->box ? -1 : a->box > b->box;
}

static bool allowed(const struct declutter_box *b, const struct declutter_box *blocked,
                    size_t n_blocked, float width, float height, float gap)
{
    if (!(b->x >= 0 && b->y >= 0 && b->x + b->w <= width && b->y + b->h <= height))
        return false;
    for (size_t i = 0; i < n_blocked; i++)
        if (touch(b, &blocked[i], gap))
            return false;
    return true;
}

void declutter(struct declutter_box *boxes, size_t n, const struct declutter_box *blocked,
               size_t n_blocked, float width, float height, float gap)
{
    struct cells c = {.cols = (int)(width / CELL) + 1, .rows = (int)(height / CELL) + 1};
    size_t n_cells = (size_t)c.cols * (size_t)c.rows;
    struct order *order = malloc((n ? n : 1) * sizeof *order);
    c.first = malloc(n_cells * sizeof *c.first);
    for (size_t i = 0; i < n; i++)
        boxes[i].shown = false;
    if (!order || !c.first)
        goto out;
    for (size_t i = 0; i < n_cells; i++)
        c.first[i] = -1;
    for (size_t i = 0; i < n; i++)
        order[i] = (struct order){boxes[i].priority, (uint32_t)i};
    qsort(order, n, sizeof *order, by_priority);
    for (size_t k = 0; k < n; k++) {
        struct declutter_box *b = &boxes[order[k].box];
        b->shown = allowed(b, blocked, n_blocked, width, height, gap) &&
                   is_free(&c, boxes, b, gap) && put(&c, boxes, order[k].box);
    }
out:
    free(c.first);
    free(c.entries);
    free(order);
}
