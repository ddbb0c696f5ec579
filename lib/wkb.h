/* What the WKB and blob readers share: the kinds of geometry and their words. */
#ifndef WG_WKB_H
#define WG_WKB_H

#include "bytes.h"
#include "polygon.h"

enum { WKB_POINT = 1, WKB_POLYGON = 3, WKB_MULTIPOLYGON = 6 };

/* "LineString" … for a base type, "unknown geometry" else; not translated. */
const char *wg_wkb_type_name(uint32_t base);
enum wg_status wg_wkb_refuse_type(uint32_t base, struct wg_error *err);
enum wg_status wg_wkb_truncated(struct wg_error *err);

/* The rings of one polygon, after its type; `stride` doubles a vertex. */
enum wg_status wg_wkb_rings(struct wg_bytes *b, unsigned stride, struct wg_polygon *p,
                            struct wg_error *err);
/* Bytes of the rings of all parts, and the writing of one part's (little endian). */
size_t wg_wkb_part_size(const struct wg_multipolygon *mp, uint32_t part);
unsigned char *wg_wkb_put_part(unsigned char *at, const struct wg_multipolygon *mp,
                               uint32_t part);

/* blob.c: a multipolygon as SpatiaLite stores it, into memory of the caller. */
size_t wg_shape_blob_size(const struct wg_multipolygon *mp);
void wg_shape_put_blob(const struct wg_multipolygon *mp, int srid, struct wg_box box,
                       unsigned char *at);

#endif
