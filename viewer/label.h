#ifndef VIEWER_LABEL_H
#define VIEWER_LABEL_H
/*
 * Names of grids over the ground and badges over buildings with an alert level: placed
 * on whole pixels, decluttered, faded where the grid is tiny on the screen.
 */
#include <stddef.h>

#include "hud/layout.h"
#include "hud/text.h"
#include "sprite.h"

struct app;
struct labels;

struct labels *labels_create(struct text *text);
void labels_destroy(struct labels *labels);

/* The sprites of this frame, in drawing order; borrowed until the next call.  Labels
 * keep away from the `n_blocked` rectangles. */
size_t labels_frame(struct labels *labels, const struct app *app,
                    const struct layout_metrics *m, const struct layout_rect *blocked,
                    size_t n_blocked, const struct sprite **out);

/* A revision no other image has had. */
uint64_t image_revision(void);
#endif
