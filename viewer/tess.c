/* Polygons into triangles: GLU's tessellator wrapped. */
#include "tess.h"

#include <GL/glu.h>
#include <math.h>
#include <stdlib.h>

#include "arena.h"

typedef void(callback)(void);

struct tess {
    GLUtesselator *glu;
    double *xy;
    size_t n_xy, cap_xy; /* pairs */
    uint32_t *index;
    size_t n_index, cap_index;
    bool failed;
};

static void on_begin(GLenum type, void *user)
{
    (void)type; /* always GL_TRIANGLES: there is an edge flag callback */
    (void)user;
}

static void on_edge_flag(GLboolean flag, void *user)
{
    (void)flag;
    (void)user;
}

static void on_vertex(void *vertex, void *user)
{
    struct tess *t = user;
    uint32_t *moved = grow(t->index, t->n_index, &t->cap_index, sizeof *t->index);
    if (!moved) {
        t->failed = true;
        return;
    }
    t->index = moved;
    t->index[t->n_index++] = (uint32_t)(uintptr_t)vertex;
}

static bool add_vertex(struct tess *t, double x, double y)
{
    double *moved = grow(t->xy, t->n_xy, &t->cap_xy, 2 * sizeof *t->xy);
    if (!moved)
        return false;
    t->xy = moved;
    t->xy[2 * t->n_xy] = x;
    t->xy[2 * t->n_xy + 1] = y;
    t->n_xy++;
    return true;
}

static void on_combine(GLdouble at[3], void *near[4], GLfloat weight[4], void **out,
                       void *user)
{
    struct tess *t = user;
    (void)near;
    (void)weight;
    if (!add_vertex(t, at[0], at[1])) {
        t->failed = true;
        *out = NULL;
        return;
    }
    *out = (void *)(uintptr_t)(t->n_xy - 1);
}

static void on_error(GLenum error, void *user)
{
    struct tess *t = user;
    (void)error;
    t->failed = true;
}

struct tess *tess_create(void)
{
    struct tess *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->glu = gluNewTess();
    if (!t->glu) {
        free(t);
        return NULL;
    }
    gluTessProperty(t->glu, GLU_TESS_WINDING_RULE, GLU_TESS_WINDING_ODD);
    gluTessNormal(t->glu, 0, 0, 1);
    gluTessCallback(t->glu, GLU_TESS_BEGIN_DATA, (callback *)on_begin);
    gluTessCallback(t->glu, GLU_TESS_EDGE_FLAG_DATA, (callback *)on_edge_flag);
    gluTessCallback(t->glu, GLU_TESS_VERTEX_DATA, (callback *)on_vertex);
    gluTessCallback(t->glu, GLU_TESS_COMBINE_DATA, (callback *)on_combine);
    gluTessCallback(t->glu, GLU_TESS_ERROR_DATA, (callback *)on_error);
    return t;
}

void tess_destroy(struct tess *t)
{
    if (!t)
        return;
    gluDeleteTess(t->glu);
    free(t->xy);
    free(t->index);
    free(t);
}

static void feed_ring(struct tess *t, uint32_t first, uint32_t n)
{
    gluTessBeginContour(t->glu);
    for (uint32_t i = first; i < first + n; i++) {
        GLdouble at[3] = {t->xy[2 * i], t->xy[2 * i + 1], 0};
        gluTessVertex(t->glu, at, (void *)(uintptr_t)i); /* copies the coordinates */
    }
    gluTessEndContour(t->glu);
}

/* Rings without their closing vertex and without repeated ones. */
static uint32_t load_ring(struct tess *t, const struct wg_multipolygon *mp, uint32_t ring,
                          double ox, double oy)
{
    uint32_t n = 0;
    uint32_t first = mp->ring[ring], end = mp->ring[ring + 1];
    if (end > first + 1 && mp->x[first] == mp->x[end - 1] && mp->y[first] == mp->y[end - 1])
        end--;
    for (uint32_t i = first; i < end; i++) {
        if (i > first && mp->x[i] == mp->x[i - 1] && mp->y[i] == mp->y[i - 1])
            continue;
        if (!isfinite(mp->x[i]) || !isfinite(mp->y[i]))
            continue;
        if (!add_vertex(t, mp->x[i] - ox, mp->y[i] - oy)) {
            t->failed = true;
            break;
        }
        n++;
    }
    return n;
}

bool tess_run(struct tess *t, const struct wg_multipolygon *mp, double ox, double oy)
{
    t->n_xy = t->n_index = 0;
    t->failed = false;
    gluTessBeginPolygon(t->glu, t);
    for (uint32_t r = 0; r < mp->n_ring && !t->failed; r++) {
        uint32_t first = (uint32_t)t->n_xy, n = load_ring(t, mp, r, ox, oy);
        if (n >= 3)
            feed_ring(t, first, n);
    }
    gluTessEndPolygon(t->glu);
    return !t->failed && t->n_index >= 3;
}

uint32_t tess_vertices(const struct tess *t, const double **xy)
{
    *xy = t->xy;
    return (uint32_t)t->n_xy;
}

uint32_t tess_indices(const struct tess *t, const uint32_t **index)
{
    *index = t->index;
    return (uint32_t)t->n_index;
}
