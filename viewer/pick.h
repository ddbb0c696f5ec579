#ifndef VIEWER_PICK_H
#define VIEWER_PICK_H
/* What a ray meets: the same solids that are drawn, in doubles.  Pure. */
#include "model.h"

/* The building (or part) the ray enters first, -1 if the ground or nothing comes
 * first; `distance_m` (may be NULL) is how far away. */
int32_t pick_building(const struct model_city *city, const double eye[3],
                      const double direction[3], double far_m, double *distance_m);
/* The leaf grid that covers a place, lowest code first; -1 if none. */
int32_t pick_grid(const struct model_partition *partition, double x, double y);
#endif
