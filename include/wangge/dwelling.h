#ifndef WANGGE_DWELLING_H
#define WANGGE_DWELLING_H
/* A dwelling: one unit of a building, with counts; never a person's profile. */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_dwelling {
    int64_t id, building;
    const char *code, *unit, *room;
    const char *state; /* "occupied", "vacant", "let", "other"; NULL: not known */
    const char *valid_from, *valid_to;
    int64_t floor;     /* WG_DWELLING_NO_FLOOR: not known; below ground is negative */
    int64_t households, population, elderly_alone;
    void *held;
};
#define WG_DWELLING_NO_FLOOR INT64_MIN

WG_API void wg_dwelling_init(struct wg_dwelling *dwelling);
WG_API void wg_dwelling_finish(struct wg_dwelling *dwelling);
WG_API enum wg_status wg_dwelling_create(struct wg_store *store,
                                         const struct wg_dwelling *dwelling, int64_t *id,
                                         struct wg_error *err);
WG_API enum wg_status wg_dwelling_read(struct wg_store *store, int64_t id,
                                       struct wg_dwelling *out, struct wg_error *err);
WG_API enum wg_status wg_dwelling_update(struct wg_store *store,
                                         const struct wg_dwelling *dwelling,
                                         struct wg_error *err);
WG_API enum wg_status wg_dwelling_end(struct wg_store *store, int64_t id, const char *at,
                                      struct wg_error *err);
typedef bool wg_dwelling_fn(const struct wg_dwelling *dwelling, void *user);
/* Those of one building, or of all (building 0), by building, floor, unit, room. */
WG_API enum wg_status wg_dwelling_each(struct wg_store *store, int64_t building,
                                       const struct wg_filter *filter,
                                       wg_dwelling_fn *fn, void *user,
                                       struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
