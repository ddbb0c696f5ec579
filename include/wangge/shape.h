#ifndef WANGGE_SHAPE_H
#define WANGGE_SHAPE_H
/*
 * Geometry as text and bytes, validity, repair and area shares.
 *
 * Threads: every function is re-entrant; a wg_shape context belongs to one thread at
 * a time and only saves the cost of setting one up (all functions take NULL for it).
 */
#include "wangge/base.h"
#include "wangge/geom.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_shape; /* a working context */
WG_API enum wg_status wg_shape_create(struct wg_shape **out, struct wg_error *err);
WG_API void wg_shape_destroy(struct wg_shape *shape);

/* Read a polygon or multipolygon (Z and M are dropped) from WKT, ISO/EWKB WKB, a
 * GeoJSON geometry, or the blob SpatiaLite stores.  Anything else is WG_GEOMETRY. */
WG_API enum wg_status wg_shape_from_wkt(struct wg_shape *shape, const char *wkt,
                                        struct wg_multipolygon *out, struct wg_error *err);
WG_API enum wg_status wg_shape_from_wkb(const void *wkb, size_t size,
                                        struct wg_multipolygon *out, struct wg_error *err);
WG_API enum wg_status wg_shape_from_geojson(struct wg_shape *shape, const char *json,
                                            struct wg_multipolygon *out,
                                            struct wg_error *err);
WG_API enum wg_status wg_shape_from_blob(const void *blob, size_t size,
                                         struct wg_multipolygon *out,
                                         struct wg_error *err);

/* Read a line of two points or more from WKT or a GeoJSON geometry (a LineString, or a
 * MultiLineString of one line; Z and M are dropped).  Anything else is WG_GEOMETRY.
 * Release with wg_line_finish (coverage.h). */
struct wg_line;
WG_API enum wg_status wg_line_from_wkt(const char *wkt, struct wg_line *out,
                                       struct wg_error *err);
WG_API enum wg_status wg_line_from_geojson(const char *json, struct wg_line *out,
                                           struct wg_error *err);
/* Where the geometries of a GeoJSON text stand: of a geometry, a Feature or a
 * FeatureCollection, in order; null ones are passed over.  `geometry` is n bytes of the
 * text, one object.  *crs is what its "crs" names ("urn:ogc:def:crs:EPSG::4545"), empty
 * when it names none.  Return false to stop. */
typedef bool wg_geojson_fn(const char *geometry, size_t n, void *user);
WG_API enum wg_status wg_geojson_each(const char *json, char crs[96], wg_geojson_fn *fn,
                                      void *user, struct wg_error *err);

/* Write.  Free the result with wg_free. */
WG_API enum wg_status wg_shape_to_wkt(const struct wg_multipolygon *mp, char **out,
                                      struct wg_error *err);
WG_API enum wg_status wg_shape_to_wkb(const struct wg_multipolygon *mp, void **out,
                                      size_t *size, struct wg_error *err);
WG_API enum wg_status wg_shape_to_geojson(const struct wg_multipolygon *mp, char **out,
                                          struct wg_error *err);
/* SpatiaLite blobs (little endian) of a multipolygon and of a point. */
WG_API enum wg_status wg_shape_to_blob(const struct wg_multipolygon *mp, int srid,
                                       void **out, size_t *size, struct wg_error *err);
#define WG_POINT_BLOB_SIZE 60
WG_API void wg_shape_point_blob(double x, double y, int srid,
                                unsigned char out[WG_POINT_BLOB_SIZE]);
WG_API enum wg_status wg_shape_point_from_blob(const void *blob, size_t size,
                                               struct wg_point *out,
                                               struct wg_error *err);

/* WG_OK when valid by the OGC rules; WG_GEOMETRY with the reason and the place else. */
WG_API enum wg_status wg_shape_check(struct wg_shape *shape,
                                     const struct wg_multipolygon *mp,
                                     struct wg_error *err);
/* A valid multipolygon near `mp`: GEOS's structure method; lines and points that fall
 * out are dropped.  WG_GEOMETRY when nothing with area remains. */
WG_API enum wg_status wg_shape_repair(struct wg_shape *shape,
                                      const struct wg_multipolygon *mp,
                                      struct wg_multipolygon *out, struct wg_error *err);
/* Area of the intersection of two valid multipolygons; and the intersection,
 * difference (a - b) and union themselves (polygonal parts only; may be empty). */
WG_API enum wg_status wg_shape_common_area(struct wg_shape *shape,
                                           const struct wg_multipolygon *a,
                                           const struct wg_multipolygon *b, double *area,
                                           struct wg_error *err);
enum wg_overlay { WG_OVERLAY_INTERSECTION, WG_OVERLAY_DIFFERENCE, WG_OVERLAY_UNION };
WG_API enum wg_status wg_shape_overlay(struct wg_shape *shape, enum wg_overlay op,
                                       const struct wg_multipolygon *a,
                                       const struct wg_multipolygon *b,
                                       struct wg_multipolygon *out, struct wg_error *err);
/* Union of many (GEOS unary union). */
WG_API enum wg_status wg_shape_union_all(struct wg_shape *shape, size_t n,
                                         const struct wg_multipolygon *const *mp,
                                         struct wg_multipolygon *out,
                                         struct wg_error *err);
/* Grown by a distance, its corners rounded in two chords a quarter, or kept sharp where
 * that reaches no more than twice as far; and a line grown to a strip, by `distance` on
 * each side and at its ends. */
WG_API enum wg_status wg_shape_buffer(struct wg_shape *shape,
                                      const struct wg_multipolygon *mp, double distance,
                                      bool rounded, struct wg_multipolygon *out,
                                      struct wg_error *err);
WG_API enum wg_status wg_shape_strip(struct wg_shape *shape, uint32_t n, const double *x,
                                     const double *y, double distance,
                                     struct wg_multipolygon *out, struct wg_error *err);
/* A point inside, far from the edge where possible: where a label goes. */
WG_API enum wg_status wg_shape_label_point(struct wg_shape *shape,
                                           const struct wg_multipolygon *mp,
                                           struct wg_point *out, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
