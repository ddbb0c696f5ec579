#ifndef WANGGE_GROUND_H
#define WANGGE_GROUND_H
/* What lies under the buildings: terrain, surfaces (water, green, squares), roads. */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A regular grid of heights in metres in the district's CRS.  Post (col, row) stands
 * at (x0 + col·step, y0 + row·step): row 0 is the southernmost. NaN: no data. */
struct wg_terrain {
    uint32_t cols, rows;
    double x0, y0, step_m;
    float *z; /* cols × rows, row by row from the south */
};
WG_API void wg_terrain_finish(struct wg_terrain *terrain);
/* Replace the district's terrain; read it (WG_NOT_FOUND when there is none). */
WG_API enum wg_status wg_terrain_write(struct wg_store *store,
                                       const struct wg_terrain *terrain,
                                       struct wg_error *err);
WG_API enum wg_status wg_terrain_read(struct wg_store *store, struct wg_terrain *out,
                                      struct wg_error *err);
/* Height at a place: bilinear, clamped at the edge; 0 where there is no data. */
WG_API double wg_terrain_height(const struct wg_terrain *terrain, double x, double y);

struct wg_surface {
    int64_t id;
    const char *kind; /* "water", "green", "square", "yard", "sand", … */
    const char *name, *source_id;
    struct wg_multipolygon geometry;
    void *held;
};
WG_API void wg_surface_init(struct wg_surface *surface);
WG_API void wg_surface_finish(struct wg_surface *surface);
WG_API enum wg_status wg_surface_create(struct wg_store *store,
                                        const struct wg_surface *surface, int64_t *id,
                                        struct wg_error *err);
typedef bool wg_surface_fn(const struct wg_surface *surface, void *user);
WG_API enum wg_status wg_surface_each(struct wg_store *store,
                                      const struct wg_filter *filter, wg_surface_fn *fn,
                                      void *user, struct wg_error *err);

struct wg_road {
    int64_t id;
    const char *name, *class_code, *source_id; /* class: "main", "street", "lane", "path" */
    double width_m; /* NaN: by class */
    size_t n;
    const double *x, *y; /* the centre line */
    void *held;
};
WG_API void wg_road_init(struct wg_road *road);
WG_API void wg_road_finish(struct wg_road *road);
WG_API enum wg_status wg_road_create(struct wg_store *store, const struct wg_road *road,
                                     int64_t *id, struct wg_error *err);
typedef bool wg_road_fn(const struct wg_road *road, void *user);
WG_API enum wg_status wg_road_each(struct wg_store *store,
                                   const struct wg_filter *filter, wg_road_fn *fn,
                                   void *user, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
