#ifndef VIEWER_TESS_H
#define VIEWER_TESS_H
/*
 * Polygons with holes into triangles, by the even-odd rule (GLU's tessellator; it
 * needs no GL context).  One thread at a time.
 */
#include <stdbool.h>
#include <stdint.h>

#include "wangge/geom.h"

struct tess; /* a working context with its last result */

struct tess *tess_create(void); /* NULL: out of memory */
void tess_destroy(struct tess *tess);

/* Cut a multipolygon; coordinates come out relative to (ox, oy).  Crossing edges get
 * a new vertex.  False when nothing came of it. */
bool tess_run(struct tess *tess, const struct wg_multipolygon *mp, double ox, double oy);
/* The result, valid until the next run: triangles run counter-clockwise. */
uint32_t tess_vertices(const struct tess *tess, const double **xy); /* pairs */
uint32_t tess_indices(const struct tess *tess, const uint32_t **index);
#endif
