/* What is painted on the ground: surfaces, roads, grids; flat triangles. */
#include <math.h>
#include <stdlib.h>

#include "arena.h"
#include "mesh.h"
#include "tess.h"

enum { ROUND_STEPS = 8 }; /* of a half circle at a road's end */
#define PI 3.14159265358979323846

static struct mesh_flat *flat_create(const struct model_city *city)
{
    struct mesh_flat *f = calloc(1, sizeof *f);
    if (f && !wg_box_is_empty(city->extent)) {
        f->origin[0] = floor((city->extent.min_x + city->extent.max_x) / 2);
        f->origin[1] = floor((city->extent.min_y + city->extent.max_y) / 2);
    }
    return f;
}

void mesh_flat_destroy(struct mesh_flat *f)
{
    if (!f)
        return;
    free(f->vertex);
    free(f->index);
    free(f);
}

static bool add_vertex(struct mesh_flat *f, double x, double y, uint32_t paint)
{
    struct mesh_paint_vertex *moved =
        grow(f->vertex, f->n_vertex, &f->cap_vertex, sizeof *f->vertex);
    if (!moved)
        return false;
    f->vertex = moved;
    f->vertex[f->n_vertex++] = (struct mesh_paint_vertex){(float)x, (float)y, paint};
    return true;
}

static bool add_index(struct mesh_flat *f, uint32_t i)
{
    uint32_t *moved = grow(f->index, f->n_index, &f->cap_index, sizeof *f->index);
    if (!moved)
        return false;
    f->index = moved;
    f->index[f->n_index++] = i;
    return true;
}

static bool add_polygon(struct mesh_flat *f, struct tess *tess,
                        const struct wg_multipolygon *mp, uint32_t paint)
{
    if (!tess_run(tess, mp, f->origin[0], f->origin[1]))
        return true; /* nothing with area: nothing to paint */
    const double *xy;
    const uint32_t *index;
    uint32_t n = tess_vertices(tess, &xy), m = tess_indices(tess, &index);
    uint32_t first = f->n_vertex;
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++)
        ok = add_vertex(f, xy[2 * i], xy[2 * i + 1], paint);
    for (uint32_t i = 0; i < m && ok; i++)
        ok = add_index(f, first + index[i]);
    return ok;
}

struct mesh_flat *mesh_surfaces_create(const struct model_city *city)
{
    /* Green lies lowest, water on top: ponds in parks, fountains on squares. */
    static const enum model_surface_kind order[] = {
        SURFACE_GREEN, SURFACE_YARD, SURFACE_SAND, SURFACE_SQUARE, SURFACE_WATER};
    struct mesh_flat *f = flat_create(city);
    struct tess *tess = tess_create();
    bool ok = f && tess;
    for (size_t k = 0; k < sizeof order / sizeof *order && ok; k++)
        for (uint32_t i = 0; i < city->n_surface && ok; i++) {
            if (city->surface_kind[i] != order[k])
                continue;
            struct wg_multipolygon mp = model_shape(&city->surface, i);
            ok = add_polygon(f, tess, &mp, PAINT_SURFACE + order[k]);
        }
    tess_destroy(tess);
    if (!ok) {
        mesh_flat_destroy(f);
        f = NULL;
    }
    return f;
}

struct mesh_flat *mesh_grids_create(const struct model_partition *partition,
                                    const struct model_city *city)
{
    struct mesh_flat *f = flat_create(city);
    struct tess *tess = tess_create();
    bool ok = f && tess;
    for (uint32_t i = 0; i < partition->n && ok; i++) {
        if (!partition->grid[i].leaf)
            continue;
        struct wg_multipolygon mp = model_shape(&partition->shape, i);
        ok = add_polygon(f, tess, &mp, PAINT_GRID + partition->grid[i].hue);
    }
    tess_destroy(tess);
    if (!ok) {
        mesh_flat_destroy(f);
        f = NULL;
    }
    return f;
}

/* A disc at a vertex: ends and bends come out round. */
static bool add_disc(struct mesh_flat *f, double x, double y, double r, uint32_t paint)
{
    uint32_t first = f->n_vertex, n = 2 * ROUND_STEPS;
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++)
        ok = add_vertex(f, x + r * cos(i * PI / ROUND_STEPS),
                        y + r * sin(i * PI / ROUND_STEPS), paint);
    for (uint32_t i = 1; i + 1 < n && ok; i++)
        ok = add_index(f, first) && add_index(f, first + i) && add_index(f, first + i + 1);
    return ok;
}

static bool add_quad(struct mesh_flat *f, const double a[2], const double b[2], double r,
                     uint32_t paint)
{
    double dx = b[0] - a[0], dy = b[1] - a[1], length = hypot(dx, dy);
    if (!(length > 1e-3))
        return true;
    double nx = -dy / length * r, ny = dx / length * r;
    uint32_t v = f->n_vertex;
    return add_vertex(f, a[0] - nx, a[1] - ny, paint) &&
           add_vertex(f, b[0] - nx, b[1] - ny, paint) &&
           add_vertex(f, b[0] + nx, b[1] + ny, paint) &&
           add_vertex(f, a[0] + nx, a[1] + ny, paint) && add_index(f, v) &&
           add_index(f, v + 1) && add_index(f, v + 2) && add_index(f, v) &&
           add_index(f, v + 2) && add_index(f, v + 3);
}

static bool add_road(struct mesh_flat *f, const struct model_city *city,
                     const struct model_road *road, double width, uint32_t paint)
{
    bool ok = true;
    for (size_t i = 0; i < road->n && ok; i++) {
        double a[2] = {city->road_x[road->first + i] - f->origin[0],
                       city->road_y[road->first + i] - f->origin[1]};
        ok = add_disc(f, a[0], a[1], width / 2, paint);
        if (i + 1 == road->n || !ok)
            break;
        double b[2] = {city->road_x[road->first + i + 1] - f->origin[0],
                       city->road_y[road->first + i + 1] - f->origin[1]};
        ok = add_quad(f, a, b, width / 2, paint);
    }
    return ok;
}

/* All casings first, then the roads from paths up to main roads: crossings are open. */
struct mesh_flat *mesh_roads_create(const struct model_city *city)
{
    struct mesh_flat *f = flat_create(city);
    bool ok = f != NULL;
    for (int pass = 0; pass < 5 && ok; pass++)
        for (uint32_t i = 0; i < city->n_road && ok; i++) {
            const struct model_road *road = &city->road[i];
            if (pass == 0 && road->rank < 3)
                ok = add_road(f, city, road, road->width_m + 1.6, PAINT_CASING);
            else if (pass > 0 && road->rank == 4 - pass)
                ok = add_road(f, city, road, road->width_m,
                              road->rank == 3 ? PAINT_PATH : PAINT_ROAD);
        }
    if (!ok) {
        mesh_flat_destroy(f);
        f = NULL;
    }
    return f;
}
