#ifndef WANGGE_EXPORT_H
#define WANGGE_EXPORT_H
/* From the district to any vector format GDAL writes. */
#include "wangge/check.h"
#include "wangge/import.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_export_options {
    const char *format;  /* a GDAL driver's name; NULL: by the file's ending */
    const char *crs;     /* or "gcj02", "bd09"; NULL: the district's (GeoJSON, KML:
                            EPSG:4326, which those formats demand) */
    const char *scheme;  /* grids, owners; objects get the owner's code in it */
    const char *layer;   /* NULL: the noun */
    struct wg_filter filter;
    bool overwrite;
    struct wg_progress progress;
    const struct wg_check_options *check; /* findings; its scheme is not asked */
    struct wg_warn warn; /* fields a format cannot hold, names it shortens … */
};

/* Findings are points where something is wrong; formats that hold several layers get the
 * polygons of gaps and overlaps as a second one, "findings_areas".
 *
 * The file appears complete or not at all.  `n` (may be NULL): features written. */
WG_API enum wg_status wg_export(struct wg_store *store, enum wg_noun noun,
                                const char *path,
                                const struct wg_export_options *options, int64_t *n,
                                struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
