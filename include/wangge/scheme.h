#ifndef WANGGE_SCHEME_H
#define WANGGE_SCHEME_H
/* A scheme: a named, complete partition of the district for one purpose. */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_scheme {
    int64_t id;
    const char *name;      /* short and unique: what --scheme takes ("basic") */
    const char *title;     /* for people; NULL: the name */
    const char *purpose;
    const char *code_form; /* see code.h; NULL: "free" */
    const char *valid_from, *valid_to;
    int64_t households_min, households_max; /* size norm; WG_UNKNOWN: none */
    double area_min_m2, area_max_m2;        /* NaN: none */
    int64_t revision;      /* of its boundaries; read only */
    void *held;
};

WG_API void wg_scheme_init(struct wg_scheme *scheme);
WG_API void wg_scheme_finish(struct wg_scheme *scheme);
WG_API enum wg_status wg_scheme_create(struct wg_store *store,
                                       const struct wg_scheme *scheme, int64_t *id,
                                       struct wg_error *err);
WG_API enum wg_status wg_scheme_read(struct wg_store *store, int64_t id,
                                     struct wg_scheme *out, struct wg_error *err);
/* By name.  NULL finds the only scheme there is; WG_NOT_FOUND lists what there is. */
WG_API enum wg_status wg_scheme_find(struct wg_store *store, const char *name,
                                     int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_scheme_update(struct wg_store *store,
                                       const struct wg_scheme *scheme,
                                       struct wg_error *err);
WG_API enum wg_status wg_scheme_end(struct wg_store *store, int64_t id, const char *at,
                                    struct wg_error *err);
typedef bool wg_scheme_fn(const struct wg_scheme *scheme, void *user);
WG_API enum wg_status wg_scheme_each(struct wg_store *store,
                                     const struct wg_filter *filter, wg_scheme_fn *fn,
                                     void *user, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
