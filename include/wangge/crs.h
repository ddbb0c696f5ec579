#ifndef WANGGE_CRS_H
#define WANGGE_CRS_H
/*
 * Coordinate frames and transforms.  x is always east (or longitude in degrees) and
 * y always north (or latitude): the axis order an authority lists never shows.
 *
 * A frame is a PROJ CRS ("EPSG:4545", a WKT, a PROJ string) or one of the two
 * obfuscated frames of Chinese web maps: "gcj02" (degrees) and "bd09" (degrees);
 * "bd09mc" is Baidu's Mercator in metres, to 74° of latitude.  Case, spaces, '-' and
 * '_' do not matter in these.  "wgs84" and "cgcs2000" are EPSG:4326 and EPSG:4490.
 * A frame is stated by the user or by the file; nothing here guesses one.
 *
 * GCJ-02 and BD-09 are reverse-engineered formulas (Krassowsky ellipsoid, a =
 * 6378245 m); the box 72.004–137.8347 E, 0.8293–55.8271 N counts as inside, outside
 * it the frames are the identity.  (On the box's edge the shift starts at once: within
 * some 600 m of it a point may have no inverse, or another one.)  CGCS2000 and WGS 84
 * are treated as equal.
 *
 * Between degrees and a transverse Mercator CRS on the same datum (the zones of CGCS2000,
 * Xian 1980 and Beijing 1954, UTM, ...) points within 12° of the central meridian and 86°
 * of the equator go through the Krüger series in vector code, a dozen times as fast as
 * PROJ and within 1e-8 m of it; all others through PROJ.  A point has the same image, to
 * the last bit, alone or in any batch.
 *
 * Threads: a transform holds its own PROJ context and belongs to one thread at a
 * time.  The gcj02/bd09 functions are pure.
 */
#include "wangge/base.h"
#include "wangge/geom.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_transform;

/* From one frame to another.  The area of use is not enforced, but a point that PROJ
 * cannot transform is reported. */
WG_API enum wg_status wg_transform_create(const char *from, const char *to,
                                          struct wg_transform **out, struct wg_error *err);
WG_API void wg_transform_destroy(struct wg_transform *t); /* NULL is fine */

/* Transform n points in place.  All or nothing: on failure (WG_OUT_OF_RANGE,
 * WG_NO_CONVERGENCE) err->row is the 0-based index of the first bad point and the
 * arrays are unchanged. */
WG_API enum wg_status wg_transform_points(struct wg_transform *t, size_t n, double *x,
                                          double *y, struct wg_error *err);
/* The same, but point by point: ok[i] says whether point i could be transformed; a
 * bad one becomes NaN.  Returns the number of bad points. */
WG_API size_t wg_transform_each(struct wg_transform *t, size_t n, double *x, double *y,
                                bool *ok);
/* True when from and to are the same frame: points pass unchanged. */
WG_API bool wg_transform_is_identity(const struct wg_transform *t);

/* What a CRS is.  `name` is PROJ's ("CGCS2000 / 3-degree Gauss-Kruger CM 108E");
 * `auth`/`code` are "EPSG"/4545, empty/0 where it has none. */
struct wg_crs_info {
    bool projected;        /* a projected CRS */
    bool geographic;
    double unit_m;         /* metres per unit of its axes; 0 for degrees */
    double west, south, east, north; /* area of use in degrees; NaN if unknown */
    int code;
    char auth[16];
    char name[128];
};
WG_API enum wg_status wg_crs_describe(const char *crs, struct wg_crs_info *out,
                                      struct wg_error *err);
/* The CRS as WKT (free with wg_free) or as a PROJ string. */
WG_API enum wg_status wg_crs_wkt(const char *crs, char **out, struct wg_error *err);
WG_API enum wg_status wg_crs_proj4(const char *crs, char **out, struct wg_error *err);
WG_API void wg_free(void *p);

/* WG_OK when the CRS can be a district's: projected, both axes in metres, one east and
 * one north, not compound and not Web Mercator (its areas are wrong).  WG_CRS
 * otherwise, and the words propose one ("EPSG:4326 is in degrees; for longitude 109.2
 * take EPSG:4545").  lon is the district's longitude, NaN if unknown. */
WG_API enum wg_status wg_crs_check_district(const char *crs, double lon,
                                            struct wg_error *err);

/* CGCS2000 3-degree Gauss–Krüger: zone number, central meridian and the EPSG code of
 * its "CM" form (no zone prefix in the easting) for a longitude; 0 outside 73.5–136.5. */
WG_API int wg_crs_gk3_zone(double lon_deg);
WG_API int wg_crs_gk3_epsg(double lon_deg);

/* Frames, one point, degrees.  Forward is the closed formula; inverse iterates to
 * <= 1e-6 m within 10 steps or answers WG_NO_CONVERGENCE. */
WG_API struct wg_point wg_gcj02_from_wgs84(struct wg_point lonlat);
WG_API enum wg_status wg_gcj02_to_wgs84(struct wg_point gcj, struct wg_point *out,
                                        struct wg_error *err);
WG_API struct wg_point wg_bd09_from_gcj02(struct wg_point gcj);
WG_API enum wg_status wg_bd09_to_gcj02(struct wg_point bd, struct wg_point *out,
                                       struct wg_error *err);
/* Is the point inside the box in which the frames differ from WGS 84? */
WG_API bool wg_gcj02_applies(struct wg_point lonlat);

#ifdef __cplusplus
}
#endif
#endif
