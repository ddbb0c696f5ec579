#ifndef WANGGE_DISTRICT_H
#define WANGGE_DISTRICT_H
/* The district: the one row that says what the database holds. */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_district {
    const char *name, *lang; /* lang: "en" or "zh" */
    const char *crs;         /* "EPSG:4545" or WKT */
    const char *crs_name;
    const char *created_at;
    int srid;                /* of every geometry column */
    double default_height_m, floor_height_m;
    void *held;
};

WG_API enum wg_status wg_district_read(struct wg_store *store, struct wg_district *out,
                                       struct wg_error *err);
WG_API enum wg_status wg_district_update(struct wg_store *store,
                                         const struct wg_district *district,
                                         struct wg_error *err); /* name, lang, heights */
WG_API void wg_district_finish(struct wg_district *district);
/* The box of everything with geometry, empty if there is none. */
WG_API enum wg_status wg_district_extent(struct wg_store *store, struct wg_box *out,
                                         struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
