/* Those against whom the index is measured, asked the same question: the lowest slot
 * among the grids that cover a point, boundary included; 0 outside. */
#ifndef PEERS_H
#define PEERS_H

#include "partition_make.h"

struct peer {
    const char *name;
    bool exact;                                       /* its answers must be ours */
    void *(*make)(const struct partition *partition); /* what lasts is built here */
    void (*ask)(void *self, size_t n, const double *x, const double *y, uint32_t *slot);
    void (*drop)(void *self);
};

extern const struct peer peer_geos;       /* STRtree and prepared geometry, covers */
extern const struct peer peer_spatialite; /* its R-tree joined directly, ST_Covers */
extern const struct peer peer_ray;        /* every box in turn, then a plain ray */

#endif
