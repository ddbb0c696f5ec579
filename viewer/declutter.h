#ifndef VIEWER_DECLUTTER_H
#define VIEWER_DECLUTTER_H
/*
 * Which of many boxes on the screen may be shown without touching another.  Pure.
 */
#include <stdbool.h>
#include <stddef.h>

struct declutter_box {
    float x, y, w, h;
    double priority; /* greater goes first; ties: the earlier in the array */
    bool shown;      /* out */
};

/* Boxes not wholly inside width × height stay away, as do those that touch one of the
 * first `n_blocked` boxes of `blocked` (the panels).  `gap` pixels stay free between
 * any two.  Greedy by priority, in O(n log n) for boxes of like size. */
void declutter(struct declutter_box *boxes, size_t n, const struct declutter_box *blocked,
               size_t n_blocked, float width, float height, float gap);
#endif
