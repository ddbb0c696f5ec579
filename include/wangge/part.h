#ifndef WANGGE_PART_H
#define WANGGE_PART_H
/* A part: a fixed public object at a point (camera, hydrant, manhole cover, light). */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_part {
    int64_t id;
    const char *code;  /* unique where given */
    const char *class_code; /* a class code or word, the city's own */
    const char *name, *state, *source_id;
    const char *valid_from, *valid_to;
    double x, y;       /* NaN: no place */
    void *held;
};

WG_API void wg_part_init(struct wg_part *part);
WG_API void wg_part_finish(struct wg_part *part);
WG_API enum wg_status wg_part_create(struct wg_store *store, const struct wg_part *part,
                                     int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_part_read(struct wg_store *store, int64_t id,
                                   struct wg_part *out, struct wg_error *err);
WG_API enum wg_status wg_part_find(struct wg_store *store, const char *code, int64_t *id,
                                   struct wg_error *err);
WG_API enum wg_status wg_part_update(struct wg_store *store, const struct wg_part *part,
                                     struct wg_error *err);
WG_API enum wg_status wg_part_end(struct wg_store *store, int64_t id, const char *at,
                                  struct wg_error *err);
typedef bool wg_part_fn(const struct wg_part *part, void *user);
WG_API enum wg_status wg_part_each(struct wg_store *store,
                                   const struct wg_filter *filter, wg_part_fn *fn,
                                   void *user, struct wg_error *err);
WG_API enum wg_status wg_part_count(struct wg_store *store,
                                    const struct wg_filter *filter, int64_t *n,
                                    struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
