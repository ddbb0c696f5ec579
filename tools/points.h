/* Points as text, a line each: "x y", "x,y" or tabs between. */
#ifndef TOOLS_POINTS_H
#define TOOLS_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { POINTS_BATCH = 4096 };

struct points {
    int file;
    char *text;              /* what has been read: at … end, and a NUL behind it */
    size_t at, end, cap;
    bool ended;              /* there is no more in the file */
    int64_t number;          /* of the last line read, from 1 */
    size_t n;                /* points in the batch */
    double x[POINTS_BATCH], y[POINTS_BATCH];
    bool blank[POINTS_BATCH]; /* an empty line: answered by an empty line */
    int64_t first;           /* line of point 0 */
    bool bad;                /* the line after the batch is not a point */
    char why[128];           /* what stands there instead */
};

/* The file is read past its buffer: nothing may have been read from it before. */
void points_init(struct points *points, FILE *file);
void points_finish(struct points *points);
/* Read the next batch: false at the end.  A bad line ends the batch before it. */
bool points_next(struct points *points);

#endif
