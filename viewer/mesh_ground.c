/* The ground's triangles: the field's posts and a rim out to the horizon. */
#include <math.h>
#include <stdlib.h>

#include "mesh.h"

enum { FLAT_POSTS = 9 };
#define HORIZON_M 60000.0

struct posts { /* coordinates of the columns or rows, the rim's included */
    uint32_t n;
    double *at;
};

/* n posts, one more at the rim's end on either side, and the horizon's. */
static bool posts_init(struct posts *p, double first, double step, uint32_t n, double rim)
{
    p->n = n + 4;
    p->at = malloc(p->n * sizeof *p->at);
    if (!p->at)
        return false;
    for (uint32_t i = 0; i < n; i++)
        p->at[i + 2] = first + i * step;
    p->at[1] = first - rim;
    p->at[0] = p->at[1] - HORIZON_M;
    p->at[n + 2] = p->at[n + 1] + rim;
    p->at[n + 3] = p->at[n + 2] + HORIZON_M;
    return true;
}

static void normal_at(const struct field *f, double x, double y, int8_t out[4])
{
    double n[3] = {0, 0, 1};
    if (f->cols) {
        double h = f->step_m;
        n[0] = (field_height(f, x - h, y) - field_height(f, x + h, y)) / (2 * h);
        n[1] = (field_height(f, x, y - h) - field_height(f, x, y + h)) / (2 * h);
    }
    double length = sqrt(n[0] * n[0] + n[1] * n[1] + 1);
    for (int i = 0; i < 3; i++)
        out[i] = (int8_t)lround(n[i] / length * 127);
    out[3] = 0;
}

static void add_cell(struct mesh_ground *g, uint32_t at, uint32_t across)
{
    uint32_t *i = g->index + g->n_index;
    i[0] = at;
    i[1] = at + 1;
    i[2] = at + across + 1;
    i[3] = at;
    i[4] = at + across + 1;
    i[5] = at + across;
    g->n_index += 6;
}

static bool fill(struct mesh_ground *g, const struct field *f, const struct posts *px,
                 const struct posts *py)
{
    g->vertex = malloc((size_t)px->n * py->n * sizeof *g->vertex);
    g->index = malloc((size_t)(px->n - 1) * (py->n - 1) * 6 * sizeof *g->index);
    if (!g->vertex || !g->index)
        return false;
    for (uint32_t r = 0; r < py->n; r++)
        for (uint32_t c = 0; c < px->n; c++) {
            struct mesh_ground_vertex *v = &g->vertex[g->n_vertex++];
            v->x = (float)(px->at[c] - g->origin[0]);
            v->y = (float)(py->at[r] - g->origin[1]);
            v->z = (float)(field_height(f, px->at[c], py->at[r]) - g->origin[2]);
            normal_at(f, px->at[c], py->at[r], v->normal);
        }
    for (uint32_t r = 0; r + 1 < py->n; r++)
        for (uint32_t c = 0; c + 1 < px->n; c++)
            add_cell(g, r * px->n + c, px->n);
    return true;
}

struct mesh_ground *mesh_ground_create(const struct model_city *city)
{
    const struct field *f = &city->field;
    struct posts px = {0}, py = {0};
    struct mesh_ground *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    bool ok;
    if (f->cols) {
        ok = posts_init(&px, f->x0, f->step_m, f->cols, f->rim_m) &&
             posts_init(&py, f->y0, f->step_m, f->rows, f->rim_m);
    } else {
        struct wg_box e = city->extent;
        if (wg_box_is_empty(e))
            e = (struct wg_box){-500, -500, 500, 500};
        double rim = fmax(e.max_x - e.min_x, e.max_y - e.min_y) + 1;
        ok = posts_init(&px, e.min_x, fmax(1, (e.max_x - e.min_x) / (FLAT_POSTS - 1)),
                        FLAT_POSTS, rim) &&
             posts_init(&py, e.min_y, fmax(1, (e.max_y - e.min_y) / (FLAT_POSTS - 1)),
                        FLAT_POSTS, rim);
    }
    if (ok) {
        g->origin[0] = floor(px.at[px.n / 2]);
        g->origin[1] = floor(py.at[py.n / 2]);
        g->origin[2] = floor(f->min_z);
        ok = fill(g, f, &px, &py);
    }
    free(px.at);
    free(py.at);
    if (!ok) {
        mesh_ground_destroy(g);
        g = NULL;
    }
    return g;
}

void mesh_ground_destroy(struct mesh_ground *g)
{
    if (!g)
        return;
    free(g->vertex);
    free(g->index);
    free(g);
}
