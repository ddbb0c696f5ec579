#ifndef VIEWER_SCENE_H
#define VIEWER_SCENE_H
/*
 * What is to be drawn: meshes, one style texel a building, and for each frame the view
 * and the chunks in it.  Doubles end here: all that a frame holds is float and relative
 * to the eye.  No GL.  A revision that grew means "upload again".
 */
#include <stdbool.h>
#include <stdint.h>

#include "camera.h"
#include "mesh.h"
#include "theme.h"

/* One texel: the colour in sRGB and flags. */
enum style_flag { STYLE_SELECTED = 1, STYLE_HOVERED = 2, STYLE_ALERT = 4 };
struct style {
    uint8_t r, g, b, flags;
};
_Static_assert(sizeof(struct style) == 4, "a style is one RGBA8 texel");

enum scene_mesh {
    SCENE_SURFACES,
    SCENE_GRIDS,
    SCENE_ROADS,
    SCENE_FLATS
};
enum scene_lines { SCENE_BOUNDARIES, SCENE_OUTLINE, SCENE_LINES };

struct scene {
    uint64_t generation; /* of the chunks: another one means all anew */
    struct mesh_chunk **chunk;
    uint32_t n_chunk;
    size_t cap_chunk;

    struct mesh_ground *ground;
    struct mesh_flat *flat[SCENE_FLATS];
    struct mesh_lines *lines[SCENE_LINES];
    uint64_t ground_revision, flat_revision[SCENE_FLATS], lines_revision[SCENE_LINES];

    struct style *style;
    uint32_t n_style;
    uint64_t style_revision;

    double low[3], high[3]; /* of all that stands; low > high: nothing */
    uint32_t *visible;      /* chunks, nearest first */
    struct scene_key *key;  /* room for sorting */
};

/* A frame, or one tile of it. */
struct scene_view {
    double eye[3];
    float view[16], projection[16]; /* the projection is that of the tile */
    float near_m, far_m;
    int left, top, width, height;   /* the tile in the frame */
    float pixels_per_slope;         /* focal length in pixels of the whole frame */
    float scale;                    /* pixels per point: widths of lines */
    double focus[3], focus_m;       /* what is looked at, and its distance */
    const struct theme *theme;
    float tint, body;               /* strength of the grids' colour on ground */
    bool shadows, curtains;
    bool has_selected;              /* a building: its edges are drawn heavier */
    double selected_x, selected_y;  /* its centroid: which chunk holds it */
    const uint32_t *visible;
    uint32_t n_visible;
};

struct scene *scene_create(void);
void scene_destroy(struct scene *scene);
/* Forget all chunks and meshes. */
void scene_clear(struct scene *scene);
/* The scene takes the mesh; false: out of memory, and the mesh is freed. */
bool scene_add_chunk(struct scene *scene, struct mesh_chunk *chunk);
void scene_set_ground(struct scene *scene, struct mesh_ground *ground);
void scene_set_flat(struct scene *scene, enum scene_mesh which, struct mesh_flat *flat);
void scene_set_lines(struct scene *scene, enum scene_lines which,
                     struct mesh_lines *lines);

struct scene_look { /* how buildings are coloured */
    bool by_alert;
    const struct theme *theme;
    int32_t selected, hovered;
};
bool scene_restyle(struct scene *scene, const struct model *model,
                   const struct scene_look *look);

/* The part (x, y, w, h) of the camera's frame; pixels from the top-left. */
struct scene_tile {
    int x, y, w, h;
};
void scene_view_init(struct scene *scene, const struct camera *camera,
                     const struct scene_tile *tile, struct scene_view *view);
#endif
