/* The ground: painted from above into a few textures, finer near what is looked at,
 * then laid over the terrain. */
#include <math.h>
#include <string.h>

#include "render/gl.h"

/* A level spans this many times the distance of the focus; the coarsest spans all. */
static const double reach[GROUND_LEVELS] = {2.2, 7.5, 26};

static GLuint attach(GLuint framebuffer, GLenum target)
{
    glBindFramebuffer(target, framebuffer);
    return framebuffer;
}

bool ground_paint_create(struct renderer *r)
{
    struct ground_paint *g = &r->painted;
    g->size = r->software ? 2048 : 4096;
    if (g->size > r->largest)
        g->size = r->largest;
    g->samples = 4;
    GLint most = 1;
    glGetIntegerv(GL_MAX_SAMPLES, &most);
    if (g->samples > most)
        g->samples = most;
    glGenTextures(1, &g->texture);
    glBindTexture(GL_TEXTURE_2D_ARRAY, g->texture);
    int levels = 1;
    while (g->size >> levels)
        levels++;
    for (int i = 0; i < levels; i++)
        glTexImage3D(GL_TEXTURE_2D_ARRAY, i, GL_RGBA8, g->size >> i, g->size >> i,
                     GROUND_LEVELS, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER,
                    r->software && !r->options.still ? GL_LINEAR_MIPMAP_NEAREST
                                                     : GL_LINEAR_MIPMAP_LINEAR);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    if (r->anisotropic && (!r->software || r->options.still))
        glTexParameterf(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAX_ANISOTROPY_EXT, 8);
    glGenFramebuffers(1, &g->draw);
    glGenFramebuffers(1, &g->resolve);
    glGenRenderbuffers(1, &g->buffer);
    attach(g->draw, GL_FRAMEBUFFER);
    glBindRenderbuffer(GL_RENDERBUFFER, g->buffer);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, g->samples, GL_RGBA8, g->size,
                                     g->size);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER,
                              g->buffer);
    return glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
}

void ground_paint_delete(struct renderer *r)
{
    struct ground_paint *g = &r->painted;
    glDeleteTextures(1, &g->texture);
    glDeleteFramebuffers(1, &g->draw);
    glDeleteFramebuffers(1, &g->resolve);
    glDeleteRenderbuffers(1, &g->buffer);
}

/* Painted colours are kept as square roots of linear light: as fine as sRGB where it is
 * dark, and cheap to undo where there is no card. */
static void ink(float out[4], uint32_t rgba, float alpha)
{
    linear_of(rgba, out);
    for (int k = 0; k < 3; k++)
        out[k] = sqrtf(out[k]);
    out[3] = alpha;
}

static void mix_palette(struct ground_paint *g, const struct theme *t, float tint)
{
    memset(g->palette, 0, sizeof g->palette);
    ink(g->palette[PAINT_SURFACE + SURFACE_WATER], t->water, 1);
    ink(g->palette[PAINT_SURFACE + SURFACE_GREEN], t->green, 1);
    ink(g->palette[PAINT_SURFACE + SURFACE_SQUARE], t->square, 1);
    ink(g->palette[PAINT_SURFACE + SURFACE_YARD], t->yard, 1);
    ink(g->palette[PAINT_SURFACE + SURFACE_SAND], t->sand, 1);
    ink(g->palette[PAINT_CASING], t->road_edge, 0.7F);
    ink(g->palette[PAINT_ROAD], t->road, 0.92F);
    ink(g->palette[PAINT_PATH], t->road, 0.55F);
    for (int i = 0; i < THEME_HUES; i++)
        ink(g->palette[PAINT_GRID + i], t->hue[i], tint);
    memset(g->again, 0, sizeof g->again);
    ink(g->again[PAINT_SURFACE + SURFACE_WATER], t->water, 0.75F);
    ink(g->again[PAINT_SURFACE + SURFACE_GREEN], t->green, 0.35F);
}

static void draw_flat(struct renderer *r, enum scene_mesh which)
{
    const struct buffer *b = &r->flat[which];
    if (!b->n_index)
        return;
    glBindVertexArray(b->vao);
    glDrawElements(GL_TRIANGLES, b->n_index, GL_UNSIGNED_INT, NULL);
}

static void paint_level(struct renderer *r, const struct scene_view *v, int i)
{
    struct ground_paint *g = &r->painted;
    const struct ground_level *l = &g->level[i];
    attach(g->draw, GL_FRAMEBUFFER);
    glViewport(0, 0, g->size, g->size);
    float bare[4];
    ink(bare, v->theme->ground, 1);
    glClearBufferfv(GL_COLOR, 0, bare);
    const struct program *p = &r->paint;
    program_use(p);
    program_vec4s(p, "palette", PAINT_COUNT, g->palette[0]);
    program_float(p, "side", (float)l->side);
    program_vec2(p, "offset", (float)(r->flat_origin[0] - l->x),
                 (float)(r->flat_origin[1] - l->y));
    glDisable(GL_DEPTH_TEST);
    glEnable(GL_BLEND);
    draw_flat(r, SCENE_SURFACES);
    draw_flat(r, SCENE_GRIDS);
    /* Water and lawns keep their own colour: most of the tint is taken off them. */
    program_vec4s(p, "palette", PAINT_COUNT, g->again[0]);
    draw_flat(r, SCENE_SURFACES);
    program_vec4s(p, "palette", PAINT_COUNT, g->palette[0]);
    draw_flat(r, SCENE_ROADS);
    glDisable(GL_BLEND);
    glEnable(GL_DEPTH_TEST);
    attach(g->resolve, GL_DRAW_FRAMEBUFFER);
    glFramebufferTextureLayer(GL_DRAW_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, g->texture, 0,
                              i);
    attach(g->draw, GL_READ_FRAMEBUFFER);
    glBlitFramebuffer(0, 0, g->size, g->size, 0, 0, g->size, g->size, GL_COLOR_BUFFER_BIT,
                      GL_NEAREST);
}

/* Does the level still serve: right size, and its middle near the focus? */
static bool serves(const struct ground_level *l, double x, double y, double side)
{
    if (!l->ready || l->side > side * 1.6 || l->side < side / 1.45)
        return false;
    double mx = l->x + l->side / 2, my = l->y + l->side / 2;
    return fmax(fabs(mx - x), fabs(my - y)) < l->side * 0.16;
}

void ground_paint_update(struct renderer *r, const struct scene *s,
                         const struct scene_view *v)
{
    struct ground_paint *g = &r->painted;
    uint64_t made_of =
        (uint64_t)(v->theme->id + 1) * 1000003U + (uint64_t)(v->tint * 1000) * 7919U;
    for (int i = 0; i < SCENE_FLATS; i++)
        made_of = made_of * 1000003U + s->flat_revision[i];
    bool stale = made_of != g->made_of;
    g->made_of = made_of;
    if (stale)
        mix_palette(g, v->theme, v->tint);
    /* Look a little beyond the focus: the far half of the view is the larger. */
    double fx = v->focus[0], fy = v->focus[1];
    bool any = false;
    for (int i = 0; i < GROUND_LEVELS; i++) {
        double side = fmax(60, v->focus_m * reach[i]);
        if (!stale && serves(&g->level[i], fx, fy, side))
            continue;
        g->level[i] = (struct ground_level){fx - side / 2, fy - side / 2, side, true};
        paint_level(r, v, i);
        any = true;
    }
    if (any) {
        glBindTexture(GL_TEXTURE_2D_ARRAY, g->texture);
        glGenerateMipmap(GL_TEXTURE_2D_ARRAY);
    }
}

static void offset_from(const double origin[3], const double eye[3], float out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = (float)(origin[k] - eye[k]);
}

void ground_draw(struct renderer *r, const struct scene_view *v)
{
    if (!r->ground_mesh.n_index)
        return;
    const struct program *p = &r->ground;
    program_use(p);
    float offset[3], bare[4], level[GROUND_LEVELS][4];
    offset_from(r->ground_origin, v->eye, offset);
    program_vec3(p, "offset", offset);
    linear_of(v->theme->ground, bare);
    program_vec3(p, "bare", bare);
    for (int i = 0; i < GROUND_LEVELS; i++) {
        const struct ground_level *l = &r->painted.level[i];
        level[i][0] = (float)(l->x - v->eye[0]);
        level[i][1] = (float)(l->y - v->eye[1]);
        level[i][2] = l->ready ? (float)(1 / l->side) : 0;
        level[i][3] = 0;
    }
    program_vec4s(p, "level", GROUND_LEVELS, level[0]);
    glActiveTexture(GL_TEXTURE2);
    glBindTexture(GL_TEXTURE_2D_ARRAY, r->painted.texture);
    program_int(p, "painted", 2);
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, r->shadow_map.texture);
    program_int(p, "shadow_map", 0);
    glBindVertexArray(r->ground_mesh.vao);
    glDrawElements(GL_TRIANGLES, r->ground_mesh.n_index, GL_UNSIGNED_INT, NULL);
}
