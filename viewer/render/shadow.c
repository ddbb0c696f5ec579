/* The sun's shadow map: one map fitted to what is looked at, drawn again only when
 * the view has moved away from it. */
#include <math.h>
#include <string.h>

#include <cglm/cglm.h>

#include "render/gl.h"

bool shadow_create(struct renderer *r)
{
    struct shadow_map *m = &r->shadow_map;
    m->size = r->options.shadows ? (r->software && !r->options.still ? 2048 : 4096) : 1;
    glGenTextures(1, &m->texture);
    glBindTexture(GL_TEXTURE_2D, m->texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_DEPTH_COMPONENT24, m->size, m->size, 0,
                 GL_DEPTH_COMPONENT, GL_UNSIGNED_INT, NULL);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_COMPARE_MODE, GL_COMPARE_REF_TO_TEXTURE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_COMPARE_FUNC, GL_LEQUAL);
    glGenFramebuffers(1, &m->framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, m->framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_TEXTURE_2D, m->texture,
                           0);
    glDrawBuffer(GL_NONE);
    glReadBuffer(GL_NONE);
    return glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
}

void shadow_delete(struct renderer *r)
{
    glDeleteFramebuffers(1, &r->shadow_map.framebuffer);
    glDeleteTextures(1, &r->shadow_map.texture);
}

void sun_direction(const struct theme *t, float out[3])
{
    float a = glm_rad(t->sun_azimuth_deg), h = glm_rad(t->sun_height_deg);
    out[0] = sinf(a) * cosf(h);
    out[1] = cosf(a) * cosf(h);
    out[2] = sinf(h);
}

/* From metres around the map's centre to its clip space; z is 0 … 1 or -1 … 1 as the
 * card's clip control has it. */
static void sun_matrix(const struct renderer *r, const struct scene_view *v, double side,
                       mat4 out)
{
    vec3 sun, up = {0, 0, 1}, right, top;
    sun_direction(v->theme, sun);
    glm_vec3_cross(up, sun, right);
    glm_vec3_normalize(right);
    glm_vec3_cross(sun, right, top);
    float half = (float)(side / 2), depth = half * 2 + 600;
    glm_mat4_zero(out);
    for (int k = 0; k < 3; k++) {
        out[k][0] = right[k] / half;
        out[k][1] = top[k] / half;
        out[k][2] = -sun[k] / depth * (r->clip_control ? 0.5F : 1);
    }
    out[3][2] = r->clip_control ? 0.5F : 0;
    out[3][3] = 1;
}

static void draw_map(struct renderer *r, const struct scene *s,
                     const struct scene_view *v)
{
    struct shadow_map *m = &r->shadow_map;
    mat4 sun;
    sun_matrix(r, v, m->side, sun);
    glBindFramebuffer(GL_FRAMEBUFFER, m->framebuffer);
    glViewport(0, 0, m->size, m->size);
    glDepthFunc(GL_LESS);
    glClearDepth(1);
    glClear(GL_DEPTH_BUFFER_BIT);
    glEnable(GL_DEPTH_CLAMP);
    glEnable(GL_CULL_FACE);
    const struct program *p = &r->shadow;
    program_use(p);
    program_matrix(p, "sun", sun[0]);
    double reach = m->side * 0.75 + 300;
    for (uint32_t i = 0; i < r->n_chunk; i++) {
        const struct mesh_chunk *c = s->chunk[i];
        double dx = (c->low[0] + c->high[0]) / 2 - m->centre[0];
        double dy = (c->low[1] + c->high[1]) / 2 - m->centre[1];
        double own = (c->high[0] - c->low[0] + c->high[1] - c->low[1]) / 2;
        if (fmax(fabs(dx), fabs(dy)) > reach + own)
            continue;
        chunk_place(r, p, c, m->centre);
        glBindVertexArray(r->chunk[i].vao);
        glDrawElements(GL_TRIANGLES, r->chunk[i].n_index, GL_UNSIGNED_INT, NULL);
    }
    glDisable(GL_CULL_FACE);
    glDisable(GL_DEPTH_CLAMP);
}

/* The matrix of this frame: from the eye to the map's 0 … 1. */
static void frame_matrix(struct renderer *r, const struct scene_view *v)
{
    struct shadow_map *m = &r->shadow_map;
    mat4 sun, move, scale, out;
    sun_matrix(r, v, m->side, sun);
    glm_translate_make(move, (vec3){(float)(v->eye[0] - m->centre[0]),
                                    (float)(v->eye[1] - m->centre[1]),
                                    (float)(v->eye[2] - m->centre[2])});
    glm_mat4_identity(scale);
    scale[0][0] = scale[1][1] = scale[3][0] = scale[3][1] = 0.5F;
    if (!r->clip_control)
        scale[2][2] = scale[3][2] = 0.5F;
    glm_mat4_mul(sun, move, out);
    glm_mat4_mul(scale, out, out);
    memcpy(m->matrix, out, sizeof m->matrix);
}

void shadow_update(struct renderer *r, const struct scene *s, const struct scene_view *v)
{
    struct shadow_map *m = &r->shadow_map;
    if (!v->shadows || !r->options.shadows)
        return;
    double side = fmax(120, v->focus_m * 2.4);
    bool serves = m->ready && m->made_of == (uint64_t)v->theme->id &&
                  m->side < side * 1.5 && m->side > side / 1.35 &&
                  fabs(m->centre[0] - v->focus[0]) < m->side * 0.12 &&
                  fabs(m->centre[1] - v->focus[1]) < m->side * 0.12;
    if (!serves) {
        m->side = side;
        memcpy(m->centre, v->focus, sizeof m->centre);
        m->made_of = (uint64_t)v->theme->id;
        m->ready = true;
        draw_map(r, s, v);
    }
    frame_matrix(r, v);
}
