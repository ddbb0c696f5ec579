/* What is to be drawn; no GL. */
#include "scene.h"

#include <cglm/cglm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

struct scene_key {
    float distance;
    uint32_t chunk;
};

struct scene *scene_create(void)
{
    struct scene *s = calloc(1, sizeof *s);
    if (s)
        scene_clear(s);
    return s;
}

void scene_clear(struct scene *s)
{
    for (uint32_t i = 0; i < s->n_chunk; i++)
        mesh_chunk_destroy(s->chunk[i]);
    s->n_chunk = 0;
    s->generation++;
    for (int k = 0; k < 3; k++) {
        s->low[k] = INFINITY;
        s->high[k] = -INFINITY;
    }
}

void scene_destroy(struct scene *s)
{
    if (!s)
        return;
    scene_clear(s);
    mesh_ground_destroy(s->ground);
    for (int i = 0; i < SCENE_FLATS; i++)
        mesh_flat_destroy(s->flat[i]);
    for (int i = 0; i < SCENE_LINES; i++)
        mesh_lines_destroy(s->lines[i]);
    free(s->chunk);
    free(s->style);
    free(s->visible);
    free(s->key);
    free(s);
}

bool scene_add_chunk(struct scene *s, struct mesh_chunk *chunk)
{
    struct mesh_chunk **moved = grow(s->chunk, s->n_chunk, &s->cap_chunk, sizeof *moved);
    if (moved)
        s->chunk = moved;
    uint32_t *visible = realloc(s->visible, s->cap_chunk * sizeof *visible);
    if (visible)
        s->visible = visible;
    struct scene_key *key = realloc(s->key, s->cap_chunk * sizeof *key);
    if (key)
        s->key = key;
    if (!moved || !visible || !key) {
        mesh_chunk_destroy(chunk);
        return false;
    }
    s->chunk[s->n_chunk++] = chunk;
    for (int k = 0; k < 3; k++) {
        s->low[k] = fmin(s->low[k], chunk->low[k]);
        s->high[k] = fmax(s->high[k], chunk->high[k]);
    }
    return true;
}

void scene_set_ground(struct scene *s, struct mesh_ground *ground)
{
    mesh_ground_destroy(s->ground);
    s->ground = ground;
    s->ground_revision++;
}

void scene_set_flat(struct scene *s, enum scene_mesh which, struct mesh_flat *flat)
{
    mesh_flat_destroy(s->flat[which]);
    s->flat[which] = flat;
    s->flat_revision[which]++;
}

void scene_set_lines(struct scene *s, enum scene_lines which, struct mesh_lines *lines)
{
    mesh_lines_destroy(s->lines[which]);
    s->lines[which] = lines;
    s->lines_revision[which]++;
}

/* ---- styles ---- */

static struct style style_of(uint32_t rgba, uint8_t flags)
{
    return (struct style){(uint8_t)(rgba >> 24), (uint8_t)(rgba >> 16),
                          (uint8_t)(rgba >> 8), flags};
}

/* `share` of b in a; colours of walls stay a little chalky. */
static uint32_t blend(uint32_t a, uint32_t b, float share)
{
    uint32_t out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        float va = (float)(a >> shift & 255), vb = (float)(b >> shift & 255);
        out |= (uint32_t)(va + share * (vb - va) + 0.5F) << shift;
    }
    return out;
}

static struct style body_style(const struct model *m, const struct scene_look *look,
                               uint32_t building)
{
    int32_t whole = model_whole(m->city, (int32_t)building);
    if (look->by_alert) {
        int level = m->live ? m->live->level[whole] : 0;
        if (!level && m->live)
            level = m->live->level[building];
        if (level > 0 && level < 5)
            return style_of(look->theme->level[level], STYLE_ALERT);
        return style_of(look->theme->wall, 0);
    }
    int32_t owner = m->partition ? m->partition->owner[building] : -1;
    if (owner < 0 && m->partition)
        owner = m->partition->owner[whole];
    if (owner < 0)
        return style_of(look->theme->wall, 0);
    uint32_t hue = look->theme->hue[m->partition->grid[owner].hue];
    return style_of(blend(hue, look->theme->wall, 0.25F), 0);
}

bool scene_restyle(struct scene *s, const struct model *m, const struct scene_look *look)
{
    uint32_t n = m->city ? m->city->n : 0;
    if (n != s->n_style) {
        struct style *moved = realloc(s->style, (n ? n : 1) * sizeof *moved);
        if (!moved)
            return false;
        s->style = moved;
        s->n_style = n;
    }
    for (uint32_t i = 0; i < n; i++) {
        s->style[i] = body_style(m, look, i);
        int32_t whole = model_whole(m->city, (int32_t)i);
        if (whole == look->selected)
            s->style[i].flags |= STYLE_SELECTED;
        else if (whole == look->hovered)
            s->style[i].flags |= STYLE_HOVERED;
    }
    s->style_revision++;
    return true;
}

/* ---- the view ---- */

static bool box_visible(vec4 planes[6], const float low[3], const float high[3])
{
    for (int p = 0; p < 4; p++) { /* left, right, bottom, top */
        float d = planes[p][3];
        for (int k = 0; k < 3; k++)
            d += planes[p][k] * (planes[p][k] > 0 ? high[k] : low[k]);
        if (d < 0)
            return false;
    }
    return true;
}

static int by_distance(const void *va, const void *vb)
{
    const struct scene_key *a = va, *b = vb;
    return a->distance < b->distance ? -1 : a->distance > b->distance;
}

static double box_distance(const double low[3], const double high[3], const double eye[3])
{
    double d2 = 0;
    for (int k = 0; k < 3; k++) {
        double d = fmax(0, fmax(low[k] - eye[k], eye[k] - high[k]));
        d2 += d * d;
    }
    return sqrt(d2);
}

static void find_visible(struct scene *s, struct scene_view *v)
{
    mat4 clip, view, projection;
    vec4 planes[6];
    memcpy(view, v->view, sizeof view);
    memcpy(projection, v->projection, sizeof projection);
    glm_mat4_mul(projection, view, clip);
    glm_frustum_planes(clip, planes);
    v->n_visible = 0;
    for (uint32_t i = 0; i < s->n_chunk; i++) {
        const struct mesh_chunk *c = s->chunk[i];
        float low[3], high[3];
        for (int k = 0; k < 3; k++) {
            low[k] = (float)(c->low[k] - v->eye[k]);
            high[k] = (float)(c->high[k] - v->eye[k]);
        }
        if (!box_visible(planes, low, high))
            continue;
        s->key[v->n_visible++] =
            (struct scene_key){(float)box_distance(c->low, c->high, v->eye), i};
    }
    if (v->n_visible)
        qsort(s->key, v->n_visible, sizeof *s->key, by_distance);
    for (uint32_t i = 0; i < v->n_visible; i++)
        s->visible[i] = s->key[i].chunk;
    v->visible = s->visible;
}

/* Narrow the camera's projection to one tile of its frame. */
static void narrow(float p[16], const struct camera *c, const struct scene_tile *t)
{
    float sx = (float)c->width / (float)t->w, sy = (float)c->height / (float)t->h;
    float cx = (2.0F * (float)t->x + (float)t->w) / (float)c->width - 1;
    float cy = 1 - (2.0F * (float)t->y + (float)t->h) / (float)c->height;
    for (int col = 0; col < 4; col++) {
        p[col * 4 + 0] = (p[col * 4 + 0] - cx * p[col * 4 + 3]) * sx;
        p[col * 4 + 1] = (p[col * 4 + 1] - cy * p[col * 4 + 3]) * sy;
    }
}

void scene_view_init(struct scene *s, const struct camera *c,
                     const struct scene_tile *tile, struct scene_view *v)
{
    camera_eye(c, v->eye);
    /* The nearest thing there can be: what stands, or the ground straight below. */
    double floor_z = s->ground ? s->ground->origin[2] : 0, near_m = 1;
    if (s->low[2] <= s->high[2]) {
        double low[3] = {-INFINITY, -INFINITY, -INFINITY};
        double high[3] = {INFINITY, INFINITY, s->high[2]};
        near_m = box_distance(low, high, v->eye) * 0.5;
        floor_z = s->low[2];
    }
    near_m = fmin(fmax(near_m, 0.5), c->distance_m * 0.2);
    double far_m = fmax(20000, (fabs(v->eye[2] - floor_z) + c->distance_m) * 12);
    v->near_m = (float)near_m;
    v->far_m = (float)far_m;
    camera_matrices(c, near_m, far_m, v->view, v->projection);
    narrow(v->projection, c, tile);
    v->left = tile->x;
    v->top = tile->y;
    v->width = tile->w;
    v->height = tile->h;
    v->pixels_per_slope = (float)(c->distance_m / camera_metres_per_pixel(c));
    v->focus[0] = c->x;
    v->focus[1] = c->y;
    v->focus[2] = c->z;
    v->focus_m = c->distance_m;
    find_visible(s, v);
}
