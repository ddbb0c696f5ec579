#ifndef WANGGE_BUILDING_H
#define WANGGE_BUILDING_H
/*
 * A building: a footprint with a height.  Where no height is known it is floors × the
 * district's floor height, else the district's default; `height_from` says which.
 * People are counts, never persons.
 */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_building {
    int64_t id;
    int64_t part_of;  /* the whole building of which this is a 3D part; 0: a whole */
    const char *code; /* unique where given */
    const char *name, *use, *address;
    const char *roof; /* "flat", "gabled", "hipped", "pyramid"; NULL: not known */
    const char *source_id; /* the id it had where it came from */
    const char *height_from; /* "measured", "floors" or "default"; read only */
    const char *valid_from, *valid_to;
    double base_m;    /* underside above the ground, 0 for a normal building */
    double height_m;  /* top above the ground; NaN: not known */
    double roof_m;    /* of which the roof's shape takes this much; NaN: not known */
    int64_t floors, households, population, elderly_alone; /* WG_UNKNOWN */
    bool has_parts;   /* read only: parts in force stand for it in 3D */
    struct wg_multipolygon geometry;
    void *held;
};

WG_API void wg_building_init(struct wg_building *building);
WG_API void wg_building_finish(struct wg_building *building);
WG_API enum wg_status wg_building_create(struct wg_store *store,
                                         const struct wg_building *building, int64_t *id,
                                         struct wg_error *err);
WG_API enum wg_status wg_building_read(struct wg_store *store, int64_t id,
                                       struct wg_building *out, struct wg_error *err);
WG_API enum wg_status wg_building_find(struct wg_store *store, const char *code,
                                       int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_building_update(struct wg_store *store,
                                         const struct wg_building *building,
                                         struct wg_error *err);
WG_API enum wg_status wg_building_end(struct wg_store *store, int64_t id, const char *at,
                                      struct wg_error *err);
typedef bool wg_building_fn(const struct wg_building *building, void *user);
WG_API enum wg_status wg_building_each(struct wg_store *store,
                                       const struct wg_filter *filter,
                                       wg_building_fn *fn, void *user,
                                       struct wg_error *err);
WG_API enum wg_status wg_building_count(struct wg_store *store,
                                        const struct wg_filter *filter, int64_t *n,
                                        struct wg_error *err);

/* The alert level of buildings: the worst (smallest) of the open events and active
 * alerts at each; only those with a level are visited. */
typedef bool wg_level_fn(int64_t id, int alert_level, int64_t n_open, void *user);
WG_API enum wg_status wg_building_levels(struct wg_store *store, wg_level_fn *fn,
                                         void *user, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
