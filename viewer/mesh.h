#ifndef VIEWER_MESH_H
#define VIEWER_MESH_H
/*
 * The district as vertices, ready for the graphics card; no GL in it.  Positions are
 * relative to an origin kept in doubles.  Meshes are made by any thread and then
 * belong to whoever holds them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "model.h"

/* 16 bytes; a big city has millions. */
enum mesh_flag { MESH_ROOF = 1, MESH_UNDERSIDE = 2 };
struct mesh_vertex {
    uint16_t x, y, z;  /* × step + origin */
    uint16_t up_dm;    /* above the foot of the building, decimetres */
    int8_t normal[3];  /* × 127 */
    uint8_t flag;
    uint32_t building; /* index in the city */
};
_Static_assert(sizeof(struct mesh_vertex) == 16, "mesh_vertex is 16 bytes");

#define MESH_CHUNK_M 512.0
#define MESH_STEP_M (1.0 / 128) /* finest step: 8 mm; a big chunk doubles it */

/* Whole buildings whose centroid lies in one square. */
struct mesh_chunk {
    double origin[3];
    double low[3], high[3]; /* bounds */
    float step_m;
    uint32_t n_vertex, n_index, n_line; /* lines: pairs, after the triangles */
    struct mesh_vertex *vertex;
    uint32_t *index;
};

/* Which buildings make which chunk. */
struct mesh_plan {
    uint32_t n; /* chunks */
    uint32_t *first;    /* n + 1, into building */
    uint32_t *building;
};
bool mesh_plan_init(struct mesh_plan *plan, const struct model_city *city);
void mesh_plan_finish(struct mesh_plan *plan);

struct tess;
/* NULL: out of memory. */
struct mesh_chunk *mesh_chunk_create(const struct model_city *city,
                                     const uint32_t *building, uint32_t n,
                                     struct tess *tess);
void mesh_chunk_destroy(struct mesh_chunk *chunk);

/* The ground: the field's triangles and what lies around them to the horizon. */
struct mesh_ground_vertex {
    float x, y, z;
    int8_t normal[4]; /* × 127 */
};
struct mesh_ground {
    double origin[3];
    uint32_t n_vertex, n_index;
    struct mesh_ground_vertex *vertex;
    uint32_t *index;
};
struct mesh_ground *mesh_ground_create(const struct model_city *city);
void mesh_ground_destroy(struct mesh_ground *ground);

/* What is painted on the ground, flat: surfaces and roads, or the grids. */
enum mesh_paint {
    PAINT_SURFACE = 0, /* + enum model_surface_kind */
    PAINT_CASING = 8,  /* of roads */
    PAINT_ROAD = 9,
    PAINT_PATH = 10,
    PAINT_GRID = 16, /* + hue */
    PAINT_COUNT = 32
};
struct mesh_paint_vertex {
    float x, y;
    uint32_t paint;
};
struct mesh_flat {
    double origin[2];
    uint32_t n_vertex, n_index;
    size_t cap_vertex, cap_index;
    struct mesh_paint_vertex *vertex;
    uint32_t *index;
};
struct mesh_flat *mesh_surfaces_create(const struct model_city *city);
struct mesh_flat *mesh_roads_create(const struct model_city *city);
struct mesh_flat *mesh_grids_create(const struct model_partition *partition,
                                    const struct model_city *city);
void mesh_flat_destroy(struct mesh_flat *flat);

/* Boundaries: straight pieces that lie on the ground. */
struct mesh_segment {
    float a[3], b[3];
    uint32_t rank; /* 0: of grids; 1, 2 …: of levels above; 8 bits of flags later */
};
struct mesh_lines {
    double origin[3];
    uint32_t n;
    size_t cap;
    struct mesh_segment *segment;
};
struct mesh_lines *mesh_boundaries_create(const struct model_partition *partition,
                                          const struct model_city *city);
/* The outline of one grid. */
struct mesh_lines *mesh_outline_create(const struct model_partition *partition,
                                       const struct model_city *city, uint32_t grid);
void mesh_lines_destroy(struct mesh_lines *lines);
#endif
