/* Partitions to measure and to test with: generated ones, and real ones from files.
 *
 * A generated partition is the Voronoi diagram (GEOS) of jittered seeds, bent by a smooth
 * warp; every shared edge is densified and jittered by a hash of its ends, so that both
 * sides are bitwise the same.  Vertices lie on the lattice of 2^-10 m about E 300 km,
 * N 3,780 km.  The same name gives the same partition on every machine with the same
 * GEOS.  It is proven to be a partition when it is made: every cell and the outline are
 * valid, and edges cancel in pairs. */
#ifndef PARTITION_MAKE_H
#define PARTITION_MAKE_H

#include "wangge/locate.h"

struct partition {
    char name[64];
    size_t n;                     /* grids, in order of code: slot = index + 1 */
    struct wg_locator_grid *grid; /* what wg_locator_build takes */
    struct wg_multipolygon *mp;   /* their geometry */
    struct wg_box box;
    uint64_t n_vertex;
    char *code;     /* their codes' text */
    bool generated; /* the geometry lies in these, one ring a grid */
    uint32_t *part, *ring;
    double *x, *y;
};

struct partition_kind {
    const char *name;
    uint32_t cols, rows; /* one grid each */
    double side_m;       /* mean side of a grid */
    double step_m;       /* mean length of an edge */
};

/* "district" (306 grids), "city" (10,000), "province" (200,256); NULL for others. */
const struct partition_kind *partition_kind(const char *name);

/* Words of what went wrong go to stderr, and false is returned. */
bool partition_make(const struct partition_kind *kind, struct partition *out);
/* The same by way of FOLDER/NAME.partition, which is written when it is not there. */
bool partition_cached(const char *folder, const char *name, struct partition *out);
/* Polygons of a file that GDAL reads; codes from a field, made unique by their number;
 * polygons that are not valid are left out and counted. */
bool partition_read(const char *path, const char *code_field, struct partition *out,
                    size_t *n_invalid);
void partition_finish(struct partition *partition);

#endif
