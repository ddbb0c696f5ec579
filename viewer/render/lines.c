/* Boundaries: crisp lines on the ground and low curtains over them. */
#include "render/gl.h"

static void offset_of(const struct renderer *r, enum scene_lines which,
                      const struct scene_view *v, float out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = (float)(r->lines_origin[which][k] - v->eye[k]);
}

static void draw_lines(struct renderer *r, enum scene_lines which,
                       const struct scene_view *v, uint32_t rgba, float alpha,
                       float half_px)
{
    const struct buffer *b = &r->lines[which];
    const struct program *p = &r->line;
    if (!b->n_instance)
        return;
    float ink[4], offset[3];
    linear_of(rgba, ink);
    ink[3] = alpha;
    offset_of(r, which, v, offset);
    program_use(p);
    program_vec3(p, "offset", offset);
    program_vec4s(p, "ink", 1, ink);
    program_float(p, "half_px", half_px);
    program_float(p, "raise_m", 0);
    glBindVertexArray(b->vao);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, b->n_instance);
}

static void draw_curtains(struct renderer *r, enum scene_lines which,
                          const struct scene_view *v, uint32_t rgba, float alpha)
{
    const struct buffer *b = &r->lines[which];
    const struct program *p = &r->curtain;
    if (!b->n_instance)
        return;
    float ink[4], offset[3];
    linear_of(rgba, ink);
    ink[3] = alpha;
    offset_of(r, which, v, offset);
    program_use(p);
    program_vec3(p, "offset", offset);
    program_vec4s(p, "ink", 1, ink);
    /* High enough to be seen from afar, never above the houses from near. */
    float height = (float)(v->focus_m * 0.018);
    program_float(p, "height_m", height < 7 ? 7 : height > 60 ? 60 : height);
    glBindVertexArray(b->vao);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, b->n_instance);
}

void lines_draw(struct renderer *r, const struct scene_view *v)
{
    const struct theme *t = v->theme;
    float s = v->scale > 0.5F ? v->scale : 0.5F;
    glEnable(GL_BLEND);
    glDepthMask(GL_FALSE);
    draw_lines(r, SCENE_BOUNDARIES, v, t->boundary, 1, 0.9F * s);
    if (v->curtains)
        draw_curtains(r, SCENE_BOUNDARIES, v, t->boundary, 0.24F);
    draw_lines(r, SCENE_OUTLINE, v, t->selected, 1, 1.9F * s);
    draw_curtains(r, SCENE_OUTLINE, v, t->selected, 0.5F);
    glDepthMask(GL_TRUE);
    glDisable(GL_BLEND);
}
