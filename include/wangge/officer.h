#ifndef WANGGE_OFFICER_H
#define WANGGE_OFFICER_H
/* Officers and their duties: duty = officer × grid × role × dates. */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_officer {
    int64_t id;
    const char *code; /* staff number, unique where given */
    const char *name, *phone; /* the work telephone */
    const char *valid_from, *valid_to;
    void *held;
};

struct wg_duty {
    int64_t id, officer, grid;
    const char *role; /* "officer", "deputy", "police", … ; NULL: "officer" */
    const char *valid_from, *valid_to;
    const char *officer_name; /* read only */
    const char *grid_code;    /* read only */
    void *held;
};

WG_API void wg_officer_init(struct wg_officer *officer);
WG_API void wg_officer_finish(struct wg_officer *officer);
WG_API enum wg_status wg_officer_create(struct wg_store *store,
                                        const struct wg_officer *officer, int64_t *id,
                                        struct wg_error *err);
WG_API enum wg_status wg_officer_read(struct wg_store *store, int64_t id,
                                      struct wg_officer *out, struct wg_error *err);
WG_API enum wg_status wg_officer_find(struct wg_store *store, const char *code,
                                      int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_officer_update(struct wg_store *store,
                                        const struct wg_officer *officer,
                                        struct wg_error *err);
WG_API enum wg_status wg_officer_end(struct wg_store *store, int64_t id, const char *at,
                                     struct wg_error *err);
typedef bool wg_officer_fn(const struct wg_officer *officer, void *user);
/* filter->grid: those on duty in that grid or one below it. */
WG_API enum wg_status wg_officer_each(struct wg_store *store,
                                      const struct wg_filter *filter, wg_officer_fn *fn,
                                      void *user, struct wg_error *err);

WG_API void wg_duty_init(struct wg_duty *duty);
WG_API void wg_duty_finish(struct wg_duty *duty);
WG_API enum wg_status wg_duty_create(struct wg_store *store, const struct wg_duty *duty,
                                     int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_duty_end(struct wg_store *store, int64_t id, const char *at,
                                  struct wg_error *err);
typedef bool wg_duty_fn(const struct wg_duty *duty, void *user);
/* filter->grid: of exactly that grid; filter->scheme: of that scheme's grids. */
WG_API enum wg_status wg_duty_each(struct wg_store *store,
                                   const struct wg_filter *filter, wg_duty_fn *fn,
                                   void *user, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
