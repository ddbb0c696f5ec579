#ifndef VIEWER_SPRITE_H
#define VIEWER_SPRITE_H
/*
 * Flat pictures laid over the scene: what panels and labels are made of.  The hud
 * paints images and says where they stand; the renderer uploads an image when its
 * address or revision is new and draws the sprites in order.
 */
#include <stdint.h>

struct image {
    int width, height;
    uint8_t *rgba;     /* premultiplied, row 0 is the top, width × 4 bytes a row */
    uint64_t revision; /* changes whenever the pixels do; unique over all images */
};

struct sprite {
    const struct image *image;
    float x, y;    /* top-left corner, framebuffer pixels from the top-left */
    float opacity; /* 0 … 1 */
};
#endif
