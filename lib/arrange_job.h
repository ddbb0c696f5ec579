/*
 * What the files of the arrangement share: distinct spots and segments (the mesh), the
 * cells that find segments by place, and what noding hands on to the faces.
 *
 * Functions that return bool return false when memory is out, and nothing else.
 */
#ifndef WG_ARRANGE_JOB_H
#define WG_ARRANGE_JOB_H

#include "arrange.h"

#define WG_NOWHERE UINT32_MAX

/* An order of spots that keeps neighbours together: bands of 2^shift steps from south to
 * north, in a band from west to east, then from south to north. */
struct wg_spot_order {
    int32_t min_x, min_y;
    int shift, x_bits, bits; /* of a key */
};

static inline uint64_t wg_spot_key(const struct wg_spot_order *order, struct wg_spot spot)
{
    uint64_t x = (uint64_t)(spot.x - order->min_x), y = (uint64_t)(spot.y - order->min_y);
    uint64_t low = y & ((UINT64_C(1) << order->shift) - 1);
    return (y >> order->shift) << (order->x_bits + order->shift) | x << order->shift |
           low;
}

/* Is a below b, or west of it at the same height? */
static inline bool wg_spot_below(struct wg_spot a, struct wg_spot b)
{
    return a.y < b.y || (a.y == b.y && a.x < b.x);
}

/* The distinct ones of n spots, in that order, into `out` (room for n); which of them
 * each is, into `which` (may be NULL). */
bool wg_spots_distinct(size_t n, const struct wg_spot *spot,
                       const struct wg_spot_order *order, uint32_t *which,
                       struct wg_spot *out, uint32_t *n_out);

struct wg_mesh {
    struct wg_spot_order order;
    uint32_t n_spot;
    struct wg_spot *spot; /* in that order */
    uint32_t n_segment;
    uint32_t *a, *b; /* a below b; segments in order of (a, b) */
    uint32_t *group; /* n_segment + 1: segment s comes from input[group[s] …] */
    uint32_t *input; /* 2 × the input's number, + 1 when it runs from b to a */
};
bool wg_mesh_build(size_t n, const struct wg_arrange_segment *segment,
                   struct wg_mesh *out);
void wg_mesh_finish(struct wg_mesh *mesh);

/* Cells over a mesh's segments: each cell lists every segment that enters it.  A cell
 * with too many has a grid of its own. */
struct wg_cell_grid {
    int32_t min_x, min_y;
    int shift_x, shift_y;
    uint32_t nx, ny;
    uint32_t *first; /* nx × ny + 1, into ref */
    uint32_t *ref;
    uint32_t *child; /* of each cell a grid, or WG_NOWHERE; NULL: none at all */
    uint32_t *west;  /* columns to the next cell in the west that a ray can meet something
                        in; NULL until rays are asked for */
};
struct wg_cells {
    size_t n, cap;
    struct wg_cell_grid *grid; /* the first covers all */
};
bool wg_cells_build(const struct wg_mesh *mesh, struct wg_cells *out);
void wg_cells_finish(struct wg_cells *cells);
/* Once before rays. */
bool wg_cells_ready_rays(struct wg_cells *cells, const struct wg_mesh *mesh);
/* The first segment that a ray from a spot to the west meets, a hair above the spot's
 * height, not counting what starts at the spot; WG_NOWHERE. */
uint32_t wg_cells_west(const struct wg_cells *cells, const struct wg_mesh *mesh,
                       struct wg_spot from);

/* Every two segments of a mesh that have more than an end in common, some more than
 * once; fn returns false when memory is out. */
typedef bool wg_clash_fn(uint32_t s, uint32_t t, void *user);
bool wg_cells_clashes(const struct wg_cells *cells, const struct wg_mesh *mesh,
                      wg_clash_fn *fn, void *user);

/* Noded segments: those given, or pieces of them with the same labels. */
struct wg_noded {
    const struct wg_arrange_segment *segment;
    struct wg_arrange_segment *own; /* NULL when they are those given */
    struct wg_mesh mesh;
    struct wg_cells cells;
    uint32_t n_made; /* spots that the input does not have */
};
enum wg_status wg_node(size_t n, const struct wg_arrange_segment *segment,
                       const struct wg_arrange_options *options, struct wg_noded *out,
                       struct wg_error *err);
void wg_noded_finish(struct wg_noded *noded);

/* Segments around each spot, counter-clockwise from east: first has n_spot + 1. */
bool wg_mesh_around(const struct wg_mesh *mesh, uint32_t **first, uint32_t **around);
/* Fills in faces of an arrangement that has its spots, segments and around. */
bool wg_find_faces(struct wg_noded *noded, struct wg_arrangement *out);

#endif
