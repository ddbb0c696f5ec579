/* The buildings: bodies, edges, and which one is at a pixel. */
#include "render/gl.h"

/* Edges of a building farther than this many of its heights apart are a blur: at this
 * distance a metre is about a pixel. */
#define EDGE_PX_PER_M 0.55F

void chunk_place(const struct renderer *r, const struct program *p,
                 const struct mesh_chunk *c, const double eye[3])
{
    (void)r;
    const float offset[3] = {(float)(c->origin[0] - eye[0]),
                             (float)(c->origin[1] - eye[1]),
                             (float)(c->origin[2] - eye[2])};
    program_vec3(p, "chunk_offset", offset);
    program_float(p, "chunk_step", c->step_m);
}

static void bind_styles(const struct renderer *r, const struct program *p)
{
    glActiveTexture(GL_TEXTURE1);
    glBindTexture(GL_TEXTURE_BUFFER, r->style_texture);
    program_int(p, "styles", 1);
    glActiveTexture(GL_TEXTURE0);
}

void buildings_draw(struct renderer *r, const struct scene *s, const struct scene_view *v)
{
    const struct program *p = &r->building;
    program_use(p);
    bind_styles(r, p);
    glBindTexture(GL_TEXTURE_2D, r->shadow_map.texture);
    program_int(p, "shadow_map", 0);
    float roof[4];
    linear_of(v->theme->roof, roof);
    program_vec3(p, "roof_tone", roof);
    glEnable(GL_CULL_FACE);
    for (uint32_t i = 0; i < v->n_visible; i++) {
        uint32_t k = v->visible[i];
        if (k >= r->n_chunk)
            continue;
        chunk_place(r, p, s->chunk[k], v->eye);
        glBindVertexArray(r->chunk[k].vao);
        glDrawElements(GL_TRIANGLES, r->chunk[k].n_index, GL_UNSIGNED_INT, NULL);
    }
    glDisable(GL_CULL_FACE);
}

static double nearest(const struct mesh_chunk *c, const double eye[3])
{
    double d2 = 0;
    for (int k = 0; k < 3; k++) {
        double d = eye[k] < c->low[k]    ? c->low[k] - eye[k]
                   : eye[k] > c->high[k] ? eye[k] - c->high[k]
                                         : 0;
        d2 += d * d;
    }
    return d2;
}

static void draw_lines_of(struct renderer *r, const struct mesh_chunk *chunk, uint32_t k,
                          const struct scene_view *v)
{
    const struct buffer *b = &r->chunk[k];
    chunk_place(r, &r->edge, chunk, v->eye);
    glBindVertexArray(b->vao);
    glDrawElements(GL_LINES, b->n_line, GL_UNSIGNED_INT,
                   (void *)((size_t)b->n_index * sizeof(uint32_t)));
}

static void edges_pass(struct renderer *r, const struct scene *s,
                       const struct scene_view *v, double reach_m)
{
    program_int(&r->edge, "only_selected", false);
    for (uint32_t i = 0; i < v->n_visible; i++) {
        uint32_t k = v->visible[i];
        if (k >= r->n_chunk)
            continue;
        if (nearest(s->chunk[k], v->eye) > reach_m * reach_m)
            break; /* nearest first */
        draw_lines_of(r, s->chunk[k], k, v);
    }
}

/* The chosen building's edges, however far, in the chunks that can hold it. */
static void draw_selected(struct renderer *r, const struct scene *s,
                          const struct scene_view *v)
{
    const struct program *p = &r->edge;
    program_int(p, "only_selected", true);
    glLineWidth(v->scale > 1 ? 2.5F * v->scale : 2.5F);
    for (uint32_t i = 0; i < v->n_visible; i++) {
        uint32_t k = v->visible[i];
        if (k >= r->n_chunk)
            continue;
        const struct mesh_chunk *c = s->chunk[k];
        if (v->selected_x < c->low[0] || v->selected_x > c->high[0] ||
            v->selected_y < c->low[1] || v->selected_y > c->high[1])
            continue;
        draw_lines_of(r, c, k, v);
    }
}

void edges_draw(struct renderer *r, const struct scene *s, const struct scene_view *v)
{
    const struct program *p = &r->edge;
    program_use(p);
    bind_styles(r, p);
    float ink[4], selected[4];
    linear_of(v->theme->edge, ink);
    ink[3] = 0.55F;
    linear_of(v->theme->selected, selected);
    program_vec4s(p, "edge_colour", 1, ink);
    program_vec4s(p, "selected_colour", 1, selected);
    float reach = v->pixels_per_slope / EDGE_PX_PER_M / (v->scale > 1 ? v->scale : 1);
    program_float(p, "fade_m", reach);
    glEnable(GL_BLEND);
    glDepthMask(GL_FALSE);
    glLineWidth(v->scale > 1 ? v->scale : 1);
    edges_pass(r, s, v, reach);
    if (v->has_selected)
        draw_selected(r, s, v);
    glDepthMask(GL_TRUE);
    glDisable(GL_BLEND);
    glLineWidth(1);
}

static void make_pick_target(struct renderer *r)
{
    glGenFramebuffers(1, &r->pick_framebuffer);
    glGenRenderbuffers(1, &r->pick_colour);
    glGenRenderbuffers(1, &r->pick_depth);
    glBindFramebuffer(GL_FRAMEBUFFER, r->pick_framebuffer);
    glBindRenderbuffer(GL_RENDERBUFFER, r->pick_colour);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_R32UI, 1, 1);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER,
                              r->pick_colour);
    glBindRenderbuffer(GL_RENDERBUFFER, r->pick_depth);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT32F, 1, 1);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER,
                              r->pick_depth);
}

int32_t renderer_pick(struct renderer *r, const struct scene *s,
                      const struct scene_view *v)
{
    if (!r->pick_framebuffer)
        make_pick_target(r);
    glBindFramebuffer(GL_FRAMEBUFFER, r->pick_framebuffer);
    glViewport(0, 0, 1, 1);
    const GLuint none[4] = {0};
    glClearBufferuiv(GL_COLOR, 0, none);
    frame_begin(r, v);
    glClear(GL_DEPTH_BUFFER_BIT);
    glColorMask(GL_FALSE, GL_FALSE, GL_FALSE, GL_FALSE);
    ground_draw(r, v); /* hides what lies behind a hill */
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    const struct program *p = &r->id;
    program_use(p);
    glEnable(GL_CULL_FACE);
    for (uint32_t i = 0; i < v->n_visible; i++) {
        uint32_t k = v->visible[i];
        if (k >= r->n_chunk)
            continue;
        chunk_place(r, p, s->chunk[k], v->eye);
        glBindVertexArray(r->chunk[k].vao);
        glDrawElements(GL_TRIANGLES, r->chunk[k].n_index, GL_UNSIGNED_INT, NULL);
    }
    glDisable(GL_CULL_FACE);
    GLuint id = 0;
    glReadPixels(0, 0, 1, 1, GL_RED_INTEGER, GL_UNSIGNED_INT, &id);
    return (int32_t)id - 1;
}
