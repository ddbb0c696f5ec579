#ifndef VIEWER_RENDER_GL_H
#define VIEWER_RENDER_GL_H
/* What the passes share. */
#include <epoxy/gl.h>

#include "render/render.h"
#include "render/program.h"

#define GROUND_LEVELS 3

struct buffer { /* vertices and indices of one mesh */
    GLuint vao, vertices, indices;
    GLsizei n_index, n_line, n_instance;
    uint64_t revision;
};

struct target { /* what is drawn into and then resolved */
    GLuint framebuffer, colour, depth;   /* multisampled or plain */
    GLuint resolved, texture;            /* one sample; the same where plain */
    int width, height, samples;
};

struct ground_paint { /* the ground from above, finest level first */
    GLuint texture, resolve, draw, buffer; /* 2D array; two framebuffers */
    int size, samples;
    struct ground_level {
        double x, y, side; /* south-west corner and side, metres */
        bool ready;
    } level[GROUND_LEVELS];
    float palette[PAINT_COUNT][4], again[PAINT_COUNT][4]; /* before and after the tint */
    uint64_t made_of; /* mixture of the revisions painted */
};

struct shadow_map {
    GLuint framebuffer, texture;
    int size;
    double centre[3], side; /* the square it covers, on the ground at the focus */
    bool ready;
    uint64_t made_of;
    float matrix[16];       /* of this frame: from the eye to the map */
};

struct cached_image {
    const struct image *image;
    uint64_t revision;
    GLuint texture;
    uint64_t used; /* frame */
};

struct renderer {
    struct renderer_options options;
    bool software, clip_control, anisotropic, srgb_decode;
    int samples, largest;
    char description[160];
    char error[256], told[256];
    uint64_t frame;

    struct program building, edge, ground, paint, line, curtain, sky, present, sprite,
        shadow, id;
    GLuint empty_vao, frame_uniforms;

    struct buffer *chunk;
    uint32_t n_chunk, cap_chunk;
    uint64_t generation;
    struct buffer ground_mesh, flat[SCENE_FLATS], lines[SCENE_LINES];
    double ground_origin[3], flat_origin[2], lines_origin[SCENE_LINES][3];
    GLuint style_buffer, style_texture;
    uint64_t style_revision;
    uint32_t n_style;

    struct target scene_target;
    struct ground_paint painted;
    struct shadow_map shadow_map;
    GLuint picture_framebuffer, picture_colour; /* 0: the window */
    int picture_w, picture_h;
    GLuint pick_framebuffer, pick_colour, pick_depth;

    struct cached_image *image;
    size_t n_image, cap_image;
};

/* sRGB 0xRRGGBBAA to linear light, alpha as it is. */
void linear_of(uint32_t rgba, float out[4]);

void frame_begin(struct renderer *r, const struct scene_view *view);
void sun_direction(const struct theme *theme, float out[3]);

void buffer_delete(struct buffer *buffer);
bool upload_chunks(struct renderer *r, struct scene *scene, size_t budget);
void upload_rest(struct renderer *r, struct scene *scene);
void upload_delete(struct renderer *r);

bool target_fit(struct target *t, int width, int height, int samples);
void target_resolve(const struct target *t);
void target_delete(struct target *t);

bool ground_paint_create(struct renderer *r);
void ground_paint_update(struct renderer *r, const struct scene *scene,
                         const struct scene_view *view);
void ground_paint_delete(struct renderer *r);

bool shadow_create(struct renderer *r);
void shadow_update(struct renderer *r, const struct scene *scene,
                   const struct scene_view *view);
void shadow_delete(struct renderer *r);

void buildings_draw(struct renderer *r, const struct scene *scene,
                    const struct scene_view *view);
void edges_draw(struct renderer *r, const struct scene *scene,
                const struct scene_view *view);
void chunk_place(const struct renderer *r, const struct program *p,
                 const struct mesh_chunk *chunk, const double eye[3]);
void ground_draw(struct renderer *r, const struct scene_view *view);
void lines_draw(struct renderer *r, const struct scene_view *view);
void sprites_draw(struct renderer *r, const struct sprite *sprites, size_t n, int width,
                  int height, float dx, float dy);
void sprites_delete(struct renderer *r);
#endif
