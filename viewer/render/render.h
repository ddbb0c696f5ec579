#ifndef VIEWER_RENDER_RENDER_H
#define VIEWER_RENDER_RENDER_H
/*
 * The picture, drawn with OpenGL 3.3 core.  A context must be current on the calling
 * thread from create to destroy; one renderer a context.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scene.h"
#include "sprite.h"

struct renderer;

struct renderer_options {
    int msaa;         /* samples; -1: what suits the card, 0 or 1: none */
    bool shadows;
    bool still;       /* pictures, not frames: finer shadows where they cost time */
};

/* On failure NULL, and `why` gets a sentence. */
struct renderer *renderer_create(const struct renderer_options *options, char *why,
                                 size_t why_size);
void renderer_destroy(struct renderer *renderer);

/* "Mesa llvmpipe …, 4 samples": for --stats. */
void renderer_describe(const struct renderer *renderer, char *out, size_t size);
bool renderer_is_software(const struct renderer *renderer);
int renderer_largest(const struct renderer *renderer); /* side of a picture, pixels */

/* Bring what changed to the card, at most about `budget` bytes of buildings (0: all).
 * False when there is more to come. */
bool renderer_sync(struct renderer *renderer, struct scene *scene, size_t budget);

/* Draw one frame into the window's (target 0) or the picture's framebuffer. */
void renderer_draw(struct renderer *renderer, const struct scene *scene,
                   const struct scene_view *view, const struct sprite *sprites,
                   size_t n_sprites);

/* A picture beside the window: draws go there until end.  False and `why` when the
 * card cannot.  renderer_read gives width × height RGBA, top row first. */
bool renderer_begin_picture(struct renderer *renderer, int width, int height, char *why,
                            size_t why_size);
void renderer_read(struct renderer *renderer, int width, int height, uint8_t *rgba,
                   size_t stride);
void renderer_end_picture(struct renderer *renderer);

/* The building drawn at the one pixel that `view` is, -1 if none. */
int32_t renderer_pick(struct renderer *renderer, const struct scene *scene,
                      const struct scene_view *view);

/* What went wrong on the card since the last call, NULL if nothing. */
const char *renderer_error(struct renderer *renderer);
#endif
