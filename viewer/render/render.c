/* The renderer: its life, and the order of a frame. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cglm/cglm.h>

#include "render/gl.h"

struct frame_block { /* as in common.glsl, std140 */
    float view[16], projection[16], shadow_matrix[16];
    float sun_direction[4], sun_light[4], sky_light[4], bounce_light[4];
    float horizon[4], zenith[4], viewport[4], haze[4];
};

static float channel(uint32_t v)
{
    float c = (float)(v & 255) / 255;
    return c <= 0.04045F ? c / 12.92F : powf((c + 0.055F) / 1.055F, 2.4F);
}

void linear_of(uint32_t rgba, float out[4])
{
    out[0] = channel(rgba >> 24);
    out[1] = channel(rgba >> 16);
    out[2] = channel(rgba >> 8);
    out[3] = (float)(rgba & 255) / 255;
}

/* A light's colour times its strength, which its alpha gives in 1/128. */
static void light_of(uint32_t rgba, float out[4])
{
    linear_of(rgba, out);
    float strength = (float)(rgba & 255) / 128;
    for (int k = 0; k < 3; k++)
        out[k] *= strength;
    out[3] = 1;
}

/* ---- life ---- */

static bool create_programs(struct renderer *r, char *why, size_t size)
{
    const struct {
        struct program *program;
        const char *name;
    } all[] = {{&r->building, "building"},
               {&r->edge, "edge"},
               {&r->ground, "ground"},
               {&r->paint, "paint"},
               {&r->line, "line"},
               {&r->curtain, "curtain"},
               {&r->sky, "sky"},
               {&r->present, "present"},
               {&r->sprite, "sprite"},
               {&r->shadow, "shadow"},
               {&r->id, "id"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!program_create(all[i].program, all[i].name, why, size))
            return false;
    return true;
}

static void look_at_card(struct renderer *r)
{
    const char *name = (const char *)glGetString(GL_RENDERER);
    name = name ? name : "?";
    r->software = strstr(name, "llvmpipe") || strstr(name, "softpipe") ||
                  strstr(name, "SWR") || strstr(name, "Software");
    r->clip_control =
        epoxy_gl_version() >= 45 || epoxy_has_gl_extension("GL_ARB_clip_control");
    r->anisotropic = epoxy_gl_version() >= 46 ||
                     epoxy_has_gl_extension("GL_EXT_texture_filter_anisotropic") ||
                     epoxy_has_gl_extension("GL_ARB_texture_filter_anisotropic");
    r->srgb_decode = epoxy_has_gl_extension("GL_EXT_texture_sRGB_decode");
    GLint texture = 0, buffer = 0, samples = 1, viewport[2] = {0, 0};
    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &texture);
    glGetIntegerv(GL_MAX_RENDERBUFFER_SIZE, &buffer);
    glGetIntegerv(GL_MAX_VIEWPORT_DIMS, viewport);
    glGetIntegerv(GL_MAX_SAMPLES, &samples);
    r->largest = texture < buffer ? texture : buffer;
    for (int i = 0; i < 2; i++)
        if (viewport[i] < r->largest)
            r->largest = viewport[i];
    r->samples = r->options.msaa < 0 ? (r->software ? 0 : 4) : r->options.msaa;
    if (r->samples > samples)
        r->samples = samples;
    snprintf(r->description, sizeof r->description, "%s, OpenGL %d.%d, %d samples", name,
             epoxy_gl_version() / 10, epoxy_gl_version() % 10,
             r->samples > 1 ? r->samples : 1);
}

struct renderer *renderer_create(const struct renderer_options *options, char *why,
                                 size_t size)
{
    if (epoxy_gl_version() < 33) {
        snprintf(why, size, "OpenGL 3.3 is needed, the driver gives %d.%d",
                 epoxy_gl_version() / 10, epoxy_gl_version() % 10);
        return NULL;
    }
    struct renderer *r = calloc(1, sizeof *r);
    if (!r) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    r->options = *options;
    look_at_card(r);
    glGenVertexArrays(1, &r->empty_vao);
    glGenBuffers(1, &r->frame_uniforms);
    glBindBuffer(GL_UNIFORM_BUFFER, r->frame_uniforms);
    glBufferData(GL_UNIFORM_BUFFER, sizeof(struct frame_block), NULL, GL_DYNAMIC_DRAW);
    bool ok = create_programs(r, why, size);
    if (ok && !(ground_paint_create(r) && shadow_create(r))) {
        snprintf(why, size, "the driver refuses a framebuffer");
        ok = false;
    }
    if (ok)
        return r;
    renderer_destroy(r);
    return NULL;
}

void renderer_destroy(struct renderer *r)
{
    if (!r)
        return;
    struct program *all[] = {&r->building, &r->edge,    &r->ground, &r->paint,
                             &r->line,     &r->curtain, &r->sky,    &r->present,
                             &r->sprite,   &r->shadow,  &r->id};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        program_delete(all[i]);
    renderer_end_picture(r);
    upload_delete(r);
    sprites_delete(r);
    ground_paint_delete(r);
    shadow_delete(r);
    target_delete(&r->scene_target);
    glDeleteFramebuffers(1, &r->pick_framebuffer);
    glDeleteRenderbuffers(1, &r->pick_colour);
    glDeleteRenderbuffers(1, &r->pick_depth);
    glDeleteBuffers(1, &r->frame_uniforms);
    glDeleteVertexArrays(1, &r->empty_vao);
    free(r);
}

void renderer_describe(const struct renderer *r, char *out, size_t size)
{
    snprintf(out, size, "%s", r->description);
}

bool renderer_is_software(const struct renderer *r)
{
    return r->software;
}

int renderer_largest(const struct renderer *r)
{
    return r->largest;
}

bool renderer_sync(struct renderer *r, struct scene *scene, size_t budget)
{
    upload_rest(r, scene);
    return upload_chunks(r, scene, budget);
}

/* ---- a frame ---- */

static void depth_state(const struct renderer *r)
{
    if (r->clip_control)
        glClipControl(GL_LOWER_LEFT, GL_ZERO_TO_ONE);
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GREATER);
    glClearDepth(0);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
}

void frame_begin(struct renderer *r, const struct scene_view *v)
{
    struct frame_block b = {0};
    memcpy(b.view, v->view, sizeof b.view);
    memcpy(b.projection, v->projection, sizeof b.projection);
    if (!r->clip_control) /* clip space runs from -1 to 1: z' = 2 z - w */
        for (int col = 0; col < 4; col++)
            b.projection[col * 4 + 2] =
                2 * b.projection[col * 4 + 2] - b.projection[col * 4 + 3];
    memcpy(b.shadow_matrix, r->shadow_map.matrix, sizeof b.shadow_matrix);
    const struct theme *t = v->theme;
    bool shadows = v->shadows && r->options.shadows && r->shadow_map.ready;
    sun_direction(t, b.sun_direction);
    b.sun_direction[3] = (float)(1.6 * r->shadow_map.side / r->shadow_map.size);
    light_of(t->sun, b.sun_light);
    light_of(t->ambient_sky, b.sky_light);
    light_of(t->ambient_ground, b.bounce_light);
    linear_of(t->sky_horizon, b.horizon);
    b.horizon[3] = t->fog;
    linear_of(t->sky_top, b.zenith);
    b.viewport[0] = (float)v->width;
    b.viewport[1] = (float)v->height;
    b.viewport[2] = v->near_m;
    b.viewport[3] = v->scale;
    b.haze[0] = (float)(v->focus_m * 1.1);
    b.haze[1] = (float)(v->focus_m * 4 + 3000);
    b.haze[2] = (float)r->shadow_map.side;
    b.haze[3] = !shadows ? 0 : r->software && !r->options.still ? 1 : 2;
    glBindBuffer(GL_UNIFORM_BUFFER, r->frame_uniforms);
    glBufferSubData(GL_UNIFORM_BUFFER, 0, sizeof b, &b);
    glBindBufferBase(GL_UNIFORM_BUFFER, 0, r->frame_uniforms);
    depth_state(r);
}

static void draw_sky(struct renderer *r, const struct scene_view *v)
{
    mat4 view, projection, clip, back;
    memcpy(view, v->view, sizeof view);
    memcpy(projection, v->projection, sizeof projection);
    glm_mat4_mul(projection, view, clip);
    glm_mat4_inv(clip, back);
    program_use(&r->sky);
    program_matrix(&r->sky, "unproject", back[0]);
    program_float(&r->sky, "farthest", r->clip_control ? 0 : -1);
    glDepthMask(GL_FALSE);
    glDepthFunc(GL_GEQUAL); /* only where nothing stands */
    glBindVertexArray(r->empty_vao);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glDepthFunc(GL_GREATER);
    glDepthMask(GL_TRUE);
}

static void present(struct renderer *r, const struct scene_view *v)
{
    target_resolve(&r->scene_target);
    glBindFramebuffer(GL_FRAMEBUFFER, r->picture_framebuffer);
    glViewport(0, 0, v->width, v->height);
    glDisable(GL_FRAMEBUFFER_SRGB);
    glDisable(GL_DEPTH_TEST);
    glBindTexture(GL_TEXTURE_2D, r->scene_target.texture);
    program_use(&r->present);
    if (r->srgb_decode) /* the bytes as they are: they are sRGB already */
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_SRGB_DECODE_EXT, GL_SKIP_DECODE_EXT);
    program_int(&r->present, "raw", r->srgb_decode);
    program_int(&r->present, "scene", 0);
    glBindVertexArray(r->empty_vao);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glEnable(GL_DEPTH_TEST);
}

static void note_error(struct renderer *r)
{
#ifndef NDEBUG
    GLenum e = glGetError();
    if (e != GL_NO_ERROR && !*r->error)
        snprintf(r->error, sizeof r->error, "OpenGL error 0x%04x in frame %llu", e,
                 (unsigned long long)r->frame);
#else
    (void)r;
#endif
}

void renderer_draw(struct renderer *r, const struct scene *s, const struct scene_view *v,
                   const struct sprite *sprites, size_t n_sprites)
{
    r->frame++;
    glActiveTexture(GL_TEXTURE0);
    if (!target_fit(&r->scene_target, v->width, v->height, r->samples)) {
        snprintf(r->error, sizeof r->error, "no framebuffer of %d × %d", v->width,
                 v->height);
        return;
    }
    depth_state(r);
    glEnable(GL_FRAMEBUFFER_SRGB);
    shadow_update(r, s, v);
    ground_paint_update(r, s, v);
    frame_begin(r, v);
    glBindFramebuffer(GL_FRAMEBUFFER, r->scene_target.framebuffer);
    glViewport(0, 0, v->width, v->height);
    const float far[1] = {0};
    glClearBufferfv(GL_DEPTH, 0, far);
    buildings_draw(r, s, v);
    ground_draw(r, v);
    draw_sky(r, v);
    edges_draw(r, s, v);
    lines_draw(r, v);
    present(r, v);
    sprites_draw(r, sprites, n_sprites, v->width, v->height, (float)v->left,
                 (float)v->top);
    note_error(r);
}

const char *renderer_error(struct renderer *r)
{
    if (!*r->error)
        return NULL;
    snprintf(r->told, sizeof r->told, "%s", r->error);
    *r->error = '\0';
    return r->told;
}

/* ---- pictures ---- */

bool renderer_begin_picture(struct renderer *r, int width, int height, char *why,
                            size_t size)
{
    renderer_end_picture(r);
    glGenFramebuffers(1, &r->picture_framebuffer);
    glGenRenderbuffers(1, &r->picture_colour);
    glBindFramebuffer(GL_FRAMEBUFFER, r->picture_framebuffer);
    glBindRenderbuffer(GL_RENDERBUFFER, r->picture_colour);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER,
                              r->picture_colour);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE)
        return true;
    snprintf(why, size, "the driver refuses a picture of %d × %d pixels", width, height);
    renderer_end_picture(r);
    return false;
}

void renderer_read(struct renderer *r, int width, int height, uint8_t *rgba,
                   size_t stride)
{
    glBindFramebuffer(GL_READ_FRAMEBUFFER, r->picture_framebuffer);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    for (int y = 0; y < height; y++) /* the card's first row is the lowest */
        glReadPixels(0, height - 1 - y, width, 1, GL_RGBA, GL_UNSIGNED_BYTE,
                     rgba + (size_t)y * stride);
}

void renderer_end_picture(struct renderer *r)
{
    glDeleteFramebuffers(1, &r->picture_framebuffer);
    glDeleteRenderbuffers(1, &r->picture_colour);
    r->picture_framebuffer = r->picture_colour = 0;
}
