/* Panels and labels over the picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/gl.h"

enum { KEEP_FRAMES = 240 }; /* an image not shown for so long leaves the card */

static struct cached_image *find(struct renderer *r, const struct image *image)
{
    for (size_t i = 0; i < r->n_image; i++)
        if (r->image[i].image == image)
            return &r->image[i];
    if (r->n_image == r->cap_image) {
        size_t cap = r->cap_image ? r->cap_image * 2 : 64;
        struct cached_image *moved = realloc(r->image, cap * sizeof *moved);
        if (!moved)
            return NULL;
        r->image = moved;
        r->cap_image = cap;
    }
    struct cached_image *c = &r->image[r->n_image++];
    *c = (struct cached_image){.image = image, .revision = ~image->revision};
    glGenTextures(1, &c->texture);
    glBindTexture(GL_TEXTURE_2D, c->texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    return c;
}

static bool bind_image(struct renderer *r, const struct image *image)
{
    struct cached_image *c = find(r, image);
    if (!c)
        return false;
    c->used = r->frame;
    glBindTexture(GL_TEXTURE_2D, c->texture);
    if (c->revision != image->revision) {
        c->revision = image->revision;
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, image->width, image->height, 0, GL_RGBA,
                     GL_UNSIGNED_BYTE, image->rgba);
    }
    return true;
}

static void forget_old(struct renderer *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n_image; i++) {
        if (r->image[i].used + KEEP_FRAMES < r->frame)
            glDeleteTextures(1, &r->image[i].texture);
        else
            r->image[kept++] = r->image[i];
    }
    r->n_image = kept;
}

void sprites_draw(struct renderer *r, const struct sprite *sprites, size_t n, int width,
                  int height, float dx, float dy)
{
    const struct program *p = &r->sprite;
    program_use(p);
    program_vec2(p, "screen", (float)width, (float)height);
    program_int(p, "image", 0);
    glDisable(GL_DEPTH_TEST);
    glEnable(GL_BLEND);
    glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
    glBindVertexArray(r->empty_vao);
    for (size_t i = 0; i < n; i++) {
        const struct image *image = sprites[i].image;
        if (!image || !image->rgba || image->width < 1 || image->height < 1)
            continue;
        /* On whole pixels: text stays sharp. */
        float x = roundf(sprites[i].x) - dx, y = roundf(sprites[i].y) - dy;
        if (x >= (float)width || y >= (float)height || x + (float)image->width <= 0 ||
            y + (float)image->height <= 0 || !bind_image(r, image))
            continue;
        const float place[4] = {x, y, (float)image->width, (float)image->height};
        program_vec4s(p, "place", 1, place);
        program_float(p, "opacity", sprites[i].opacity);
        glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    }
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    glDisable(GL_BLEND);
    glEnable(GL_DEPTH_TEST);
    forget_old(r);
}

void sprites_delete(struct renderer *r)
{
    for (size_t i = 0; i < r->n_image; i++)
        glDeleteTextures(1, &r->image[i].texture);
    free(r->image);
    r->image = NULL;
    r->n_image = r->cap_image = 0;
}
