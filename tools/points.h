/* Points as text, a line each: "x y", "x,y" or tabs between. */
#ifndef TOOLS_POINTS_H
#define TOOLS_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { POINTS_BATCH = 4096 };

struct points {
    FILE *file;
    char *line;
    size_t cap;
    int64_t number;          /* of the last line read, from 1 */
    size_t n;                /* points in the batch */
    double x[POINTS_BATCH], y[POINTS_BATCH];
    bool blank[POINTS_BATCH]; /* an empty line: answered by an empty line */
    int64_t first;           /* line of point 0 */
    bool bad;                /* the line after the batch is not a point */
    char why[128];           /* what stands there instead */
};

void points_init(struct points *points, FILE *file);
void points_finish(struct points *points);
/* Read the next batch: false at the end.  A bad line ends the batch before it. */
bool points_next(struct points *points);

#endif
