#ifndef VIEWER_MODEL_BUILD_H
#define VIEWER_MODEL_BUILD_H
/* What the readers of the model share; nobody else's business. */
#include "model.h"

struct shapes_room { /* used and allocated lengths of growing shapes */
    size_t things, part, ring, vertex, cap_part, cap_ring, cap_vertex;
};
bool shapes_begin(struct model_shapes *shapes, struct shapes_room *room);
bool shapes_mark(struct model_shapes *shapes, struct shapes_room *room);
bool shapes_add(struct model_shapes *shapes, struct shapes_room *room,
                const struct wg_multipolygon *mp);
void shapes_finish(struct model_shapes *shapes);

/* Index of an id in ascending order, -1 if it is not there. */
int32_t model_index(const int64_t *id, uint32_t n, int64_t wanted);

/* Give neighbouring leaf grids different hues. */
bool colour_grids(struct model_partition *partition);

/* The status and words of "out of memory". */
enum wg_status model_no_memory(struct wg_error *err);
#endif
