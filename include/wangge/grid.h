#ifndef WANGGE_GRID_H
#define WANGGE_GRID_H
/*
 * A grid: one polygon of a scheme, kept to the last bit as it was given: rounding it to
 * the lattice of geom.h would move a boundary by up to 0.7 mm, and real events lie that
 * near to one.  Boundaries go onto the lattice when they are first edited.  A grid owns what it covers unless it has children in force:
 * then the children own it.  Codes are unique in a scheme for ever.
 */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_grid {
    int64_t id, scheme, parent;
    const char *code, *name;
    const char *kind; /* "basic" or "dedicated"; NULL: "basic" */
    const char *note;
    const char *valid_from, *valid_to; /* NULL: since ever, for ever */
    int level; /* enum wg_level; 0: WG_LEVEL_GRID */
    double area_m2; /* read only */
    struct wg_multipolygon geometry;
    void *held;
};

WG_API void wg_grid_init(struct wg_grid *grid);
WG_API void wg_grid_finish(struct wg_grid *grid);
WG_API enum wg_status wg_grid_create(struct wg_store *store, const struct wg_grid *grid,
                                     int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_grid_read(struct wg_store *store, int64_t id,
                                   struct wg_grid *out, struct wg_error *err);
WG_API enum wg_status wg_grid_find(struct wg_store *store, int64_t scheme,
                                   const char *code, int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_grid_update(struct wg_store *store, const struct wg_grid *grid,
                                     struct wg_error *err);
WG_API enum wg_status wg_grid_end(struct wg_store *store, int64_t id, const char *at,
                                  struct wg_error *err);
typedef bool wg_grid_fn(const struct wg_grid *grid, void *user);
WG_API enum wg_status wg_grid_each(struct wg_store *store,
                                   const struct wg_filter *filter, wg_grid_fn *fn,
                                   void *user, struct wg_error *err);
WG_API enum wg_status wg_grid_count(struct wg_store *store,
                                    const struct wg_filter *filter, int64_t *n,
                                    struct wg_error *err);
/* Give grids without a parent the one at the nearest higher level of the same scheme
 * that holds most of their area (at least half).  `linked` may be NULL. */
WG_API enum wg_status wg_grid_link_parents(struct wg_store *store, int64_t scheme,
                                           int64_t *linked, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
