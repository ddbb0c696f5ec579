/* Owns GEOS: validity, repair, overlay and label points.  The only file that sees it. */
#include "wangge/shape.h"

#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "polygon.h"

struct wg_shape {
    GEOSContextHandle_t geos;
    char words[256]; /* GEOS's last error */
};

static void keep_words(const char *message, void *user)
{
    struct wg_shape *shape = user;

    snprintf(shape->words, sizeof shape->words, "%s", message);
}

enum wg_status wg_shape_create(struct wg_shape **out, struct wg_error *err)
{
    struct wg_shape *shape = calloc(1, sizeof *shape);

    if (!shape)
        return wg_fail_memory(err);
    shape->geos = GEOS_init_r();
    if (!shape->geos) {
        free(shape);
        return wg_fail_memory(err);
    }
    GEOSContext_setErrorMessageHandler_r(shape->geos, keep_words, shape);
    *out = shape;
    return WG_OK;
}

void wg_shape_destroy(struct wg_shape *shape)
{
    if (!shape)
        return;
    GEOS_finish_r(shape->geos);
    free(shape);
}

/* The caller's context, or one for this call, to be given back with `leave`. */
static enum wg_status enter(struct wg_shape **shape, bool *own, struct wg_error *err)
{
    *own = !*shape;
    return *own ? wg_shape_create(shape, err) : WG_OK;
}

static void leave(struct wg_shape *shape, bool own)
{
    if (own)
        wg_shape_destroy(shape);
}

static enum wg_status geos_failed(struct wg_shape *shape, struct wg_error *err)
{
    return wg_fail(err, WG_GEOMETRY,
                   _("The geometry library could not do it: %s; check or repair the "
                     "geometry first."),
                   shape->words[0] ? shape->words : "?");
}

/* ---- to and from GEOS -------------------------------------------------------- */

static GEOSGeometry *ring_to_geos(struct wg_shape *shape,
                                  const struct wg_multipolygon *mp, uint32_t ring)
{
    uint32_t first = mp->ring[ring], n = mp->ring[ring + 1] - first;
    GEOSCoordSequence *seq = GEOSCoordSeq_copyFromArrays_r(shape->geos, mp->x + first,
                                                           mp->y + first, NULL, NULL, n);

    return seq ? GEOSGeom_createLinearRing_r(shape->geos, seq) : NULL;
}

/* A ring with fewer than four vertices has no area and GEOS may refuse it. */
static bool ring_is_short(const struct wg_multipolygon *mp, uint32_t ring)
{
    return mp->ring[ring + 1] - mp->ring[ring] < 4;
}

static GEOSGeometry *part_to_geos(struct wg_shape *shape,
                                  const struct wg_multipolygon *mp, uint32_t part)
{
    uint32_t first = mp->part[part], n = mp->part[part + 1] - first, n_hole = 0;
    GEOSGeometry **holes = calloc(n ? n : 1, sizeof(*holes));
    GEOSGeometry *shell = NULL, *polygon = NULL;

    if (!holes)
        return NULL;
    shell = ring_to_geos(shape, mp, first);
    if (!shell)
        goto out;
    for (uint32_t r = first + 1; r < first + n; r++) {
        if (ring_is_short(mp, r))
            continue;
        holes[n_hole] = ring_to_geos(shape, mp, r);
        if (!holes[n_hole])
            goto out;
        n_hole++;
    }
    polygon = GEOSGeom_createPolygon_r(shape->geos, shell, holes, n_hole);
    shell = NULL; /* createPolygon takes them even when it fails */
    n_hole = 0;
out:
    if (shell)
        GEOSGeom_destroy_r(shape->geos, shell);
    for (uint32_t h = 0; h < n_hole; h++)
        GEOSGeom_destroy_r(shape->geos, holes[h]);
    free(holes);
    return polygon;
}

/* Parts whose shell is short are left out: they have no area. */
static GEOSGeometry *to_geos(struct wg_shape *shape, const struct wg_multipolygon *mp)
{
    GEOSGeometry **parts = calloc(mp->n_part ? mp->n_part : 1, sizeof(*parts));
    GEOSGeometry *multi = NULL;
    uint32_t n = 0;

    shape->words[0] = '\0';
    if (!parts)
        return NULL;
    for (uint32_t p = 0; p < mp->n_part; p++) {
        if (mp->part[p] == mp->part[p + 1] || ring_is_short(mp, mp->part[p]))
            continue;
        parts[n] = part_to_geos(shape, mp, p);
        if (!parts[n])
            goto fail;
        n++;
    }
    multi = GEOSGeom_createCollection_r(shape->geos, GEOS_MULTIPOLYGON, parts, n);
    n = 0;
fail:
    for (uint32_t p = 0; p < n; p++)
        GEOSGeom_destroy_r(shape->geos, parts[p]);
    free(parts);
    return multi;
}

static enum wg_status add_ring(struct wg_shape *shape, const GEOSGeometry *ring,
                               struct wg_polygon *p, struct wg_error *err)
{
    const GEOSCoordSequence *seq = GEOSGeom_getCoordSeq_r(shape->geos, ring);
    unsigned n;
    double *x, *y;
    enum wg_status s;

    if (!seq || !GEOSCoordSeq_getSize_r(shape->geos, seq, &n))
        return geos_failed(shape, err);
    s = wg_polygon_ring_begin(p, err);
    if (s == WG_OK)
        s = wg_polygon_reserve(p, n, &x, &y, err);
    if (s != WG_OK)
        return s;
    if (!GEOSCoordSeq_copyToArrays_r(shape->geos, seq, x, y, NULL, NULL))
        return geos_failed(shape, err);
    return wg_polygon_ring_end(p, err);
}

static enum wg_status add_polygon(struct wg_shape *shape, const GEOSGeometry *polygon,
                                  struct wg_polygon *p, struct wg_error *err)
{
    enum wg_status s;
    int n;

    if (GEOSisEmpty_r(shape->geos, polygon))
        return WG_OK;
    n = GEOSGetNumInteriorRings_r(shape->geos, polygon);
    s = wg_polygon_part_begin(p, err);
    if (s == WG_OK)
        s = add_ring(shape, GEOSGetExteriorRing_r(shape->geos, polygon), p, err);
    for (int i = 0; s == WG_OK && i < n; i++)
        s = add_ring(shape, GEOSGetInteriorRingN_r(shape->geos, polygon, i), p, err);
    if (s == WG_OK)
        wg_polygon_part_end(p);
    return s;
}

/* The polygons of a result; lines and points that fell out are passed over.  GEOS
 * nests collections at most two deep in its results. */
static enum wg_status add_polygons(struct wg_shape *shape, const GEOSGeometry *g,
                                   struct wg_polygon *p, struct wg_error *err)
{
    enum wg_status s = WG_OK;
    int type = GEOSGeomTypeId_r(shape->geos, g), n;

    if (type == GEOS_POLYGON)
        return add_polygon(shape, g, p, err);
    if (type != GEOS_MULTIPOLYGON && type != GEOS_GEOMETRYCOLLECTION)
        return WG_OK;
    n = GEOSGetNumGeometries_r(shape->geos, g);
    for (int i = 0; s == WG_OK && i < n; i++)
        s = add_polygons(shape, GEOSGetGeometryN_r(shape->geos, g, i), p, err);
    return s;
}

static enum wg_status from_geos(struct wg_shape *shape, const GEOSGeometry *g,
                                struct wg_multipolygon *out, struct wg_error *err)
{
    struct wg_polygon p = {0};
    enum wg_status s = g ? add_polygons(shape, g, &p, err) : geos_failed(shape, err);

    if (s == WG_OK) {
        wg_polygon_orient(&p.mp);
        wg_polygon_take(&p, out);
    }
    wg_polygon_drop(&p);
    return s;
}

/* ---- validity ---------------------------------------------------------------- */

/* GEOS's reasons, so that the translators see them. */
static const char *reason_words(const char *reason)
{
    static const char *const known[][2] = {
        {"Self-intersection", N_("its boundary crosses itself")},
        {"Ring Self-intersection", N_("a ring touches or crosses itself")},
        {"Hole lies outside shell", N_("a hole lies outside its shell")},
        {"Holes are nested", N_("a hole lies inside another")},
        {"Interior is disconnected", N_("its inside falls apart")},
        {"Nested shells", N_("a part lies inside another")},
        {"Duplicate Rings", N_("a ring is there twice")},
        {"Too few points in geometry component", N_("a ring has too few vertices")},
        {"Invalid Coordinate", N_("a coordinate is not a number")},
        {"Ring is not closed", N_("a ring is not closed")},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(reason, known[i][0]))
            return _(known[i][1]);
    return reason;
}

static enum wg_status short_rings(const struct wg_multipolygon *mp, struct wg_error *err)
{
    for (uint32_t r = 0; r < mp->n_ring; r++)
        if (ring_is_short(mp, r))
            return wg_fail_at(err, WG_GEOMETRY, mp->x[mp->ring[r]], mp->y[mp->ring[r]],
                              _("Not a valid polygon: %s at %.3f, %.3f; repair it."),
                              _("a ring has too few vertices"), mp->x[mp->ring[r]],
                              mp->y[mp->ring[r]]);
    return WG_OK;
}

static enum wg_status check_geos(struct wg_shape *shape, const GEOSGeometry *g,
                                 struct wg_error *err)
{
    GEOSGeometry *place = NULL;
    char *reason = NULL;
    double x = NAN, y = NAN;
    enum wg_status s = WG_OK;
    char valid = GEOSisValidDetail_r(shape->geos, g, 0, &reason, &place);

    if (valid == 2) {
        s = geos_failed(shape, err);
    } else if (valid == 0) {
        if (place) {
            GEOSGeomGetX_r(shape->geos, place, &x);
            GEOSGeomGetY_r(shape->geos, place, &y);
        }
        s = wg_fail_at(err, WG_GEOMETRY, x, y,
                       _("Not a valid polygon: %s at %.3f, %.3f; repair it."),
                       reason_words(reason ? reason : "?"), x, y);
    }
    if (place)
        GEOSGeom_destroy_r(shape->geos, place);
    if (reason)
        GEOSFree_r(shape->geos, reason);
    return s;
}

enum wg_status wg_shape_check(struct wg_shape *shape, const struct wg_multipolygon *mp,
                              struct wg_error *err)
{
    GEOSGeometry *g;
    bool own;
    enum wg_status s = short_rings(mp, err);

    if (s != WG_OK || wg_polygon_is_simple(mp))
        return s;
    s = enter(&shape, &own, err);
    if (s != WG_OK)
        return s;
    g = to_geos(shape, mp);
    if (g) {
        s = check_geos(shape, g, err);
        GEOSGeom_destroy_r(shape->geos, g);
    } else {
        s = geos_failed(shape, err);
    }
    leave(shape, own);
    return s;
}

static GEOSGeometry *make_valid(struct wg_shape *shape, const GEOSGeometry *g)
{
    GEOSMakeValidParams *params = GEOSMakeValidParams_create_r(shape->geos);
    GEOSGeometry *fixed = NULL;

    if (params &&
        GEOSMakeValidParams_setMethod_r(shape->geos, params, GEOS_MAKE_VALID_STRUCTURE) &&
        GEOSMakeValidParams_setKeepCollapsed_r(shape->geos, params, 0))
        fixed = GEOSMakeValidWithParams_r(shape->geos, g, params);
    if (params)
        GEOSMakeValidParams_destroy_r(shape->geos, params);
    return fixed;
}

enum wg_status wg_shape_repair(struct wg_shape *shape, const struct wg_multipolygon *mp,
                               struct wg_multipolygon *out, struct wg_error *err)
{
    struct wg_multipolygon fixed_mp = {0};
    GEOSGeometry *g, *fixed = NULL;
    bool own;
    enum wg_status s = enter(&shape, &own, err);

    if (s != WG_OK)
        return s;
    g = to_geos(shape, mp);
    if (g)
        fixed = make_valid(shape, g);
    s = from_geos(shape, fixed, &fixed_mp, err);
    if (s == WG_OK && !(wg_multipolygon_area(&fixed_mp) > 0))
        s = wg_fail_at(
            err, WG_GEOMETRY, mp->n_vertex ? mp->x[0] : NAN,
            mp->n_vertex ? mp->y[0] : NAN,
            _("Nothing with an area remains after the repair; draw the polygon "
              "anew."));
    if (s == WG_OK) {
        *out = fixed_mp;
        memset(&fixed_mp, 0, sizeof fixed_mp);
    }
    wg_multipolygon_finish(&fixed_mp);
    if (fixed)
        GEOSGeom_destroy_r(shape->geos, fixed);
    if (g)
        GEOSGeom_destroy_r(shape->geos, g);
    leave(shape, own);
    return s;
}

/* ---- overlay ----------------------------------------------------------------- */

static GEOSGeometry *overlay(struct wg_shape *shape, enum wg_overlay op,
                             const GEOSGeometry *a, const GEOSGeometry *b)
{
    switch (op) {
    case WG_OVERLAY_INTERSECTION:
        return GEOSIntersection_r(shape->geos, a, b);
    case WG_OVERLAY_DIFFERENCE:
        return GEOSDifference_r(shape->geos, a, b);
    case WG_OVERLAY_UNION:
        return GEOSUnion_r(shape->geos, a, b);
    }
    return NULL;
}

static GEOSGeometry *overlay_of(struct wg_shape *shape, enum wg_overlay op,
                                const struct wg_multipolygon *a,
                                const struct wg_multipolygon *b)
{
    GEOSGeometry *ga = to_geos(shape, a), *gb = ga ? to_geos(shape, b) : NULL;
    GEOSGeometry *result = gb ? overlay(shape, op, ga, gb) : NULL;

    if (ga)
        GEOSGeom_destroy_r(shape->geos, ga);
    if (gb)
        GEOSGeom_destroy_r(shape->geos, gb);
    return result;
}

enum wg_status wg_shape_overlay(struct wg_shape *shape, enum wg_overlay op,
                                const struct wg_multipolygon *a,
                                const struct wg_multipolygon *b,
                                struct wg_multipolygon *out, struct wg_error *err)
{
    GEOSGeometry *result;
    bool own;
    enum wg_status s = enter(&shape, &own, err);

    if (s != WG_OK)
        return s;
    result = overlay_of(shape, op, a, b);
    s = from_geos(shape, result, out, err);
    if (result)
        GEOSGeom_destroy_r(shape->geos, result);
    leave(shape, own);
    return s;
}

enum wg_status wg_shape_common_area(struct wg_shape *shape,
                                    const struct wg_multipolygon *a,
                                    const struct wg_multipolygon *b, double *area,
                                    struct wg_error *err)
{
    GEOSGeometry *common;
    bool own;
    double size;
    enum wg_status s;

    if (!wg_box_overlaps(wg_multipolygon_box(a), wg_multipolygon_box(b))) {
        *area = 0;
        return WG_OK;
    }
    s = enter(&shape, &own, err);
    if (s != WG_OK)
        return s;
    common = overlay_of(shape, WG_OVERLAY_INTERSECTION, a, b);
    if (common && GEOSArea_r(shape->geos, common, &size))
        *area = size;
    else
        s = geos_failed(shape, err);
    if (common)
        GEOSGeom_destroy_r(shape->geos, common);
    leave(shape, own);
    return s;
}

enum wg_status wg_shape_union_all(struct wg_shape *shape, size_t n,
                                  const struct wg_multipolygon *const *mp,
                                  struct wg_multipolygon *out, struct wg_error *err)
{
    GEOSGeometry **all = calloc(n ? n : 1, sizeof(*all));
    GEOSGeometry *collection = NULL, *result = NULL;
    bool own;
    size_t made = 0;
    enum wg_status s;

    if (!all || n > UINT32_MAX) {
        free(all);
        return wg_fail_memory(err);
    }
    s = enter(&shape, &own, err);
    if (s != WG_OK) {
        free(all);
        return s;
    }
    for (; made < n; made++) {
        all[made] = to_geos(shape, mp[made]);
        if (!all[made])
            break;
    }
    if (made == n) {
        collection = GEOSGeom_createCollection_r(shape->geos, GEOS_GEOMETRYCOLLECTION,
                                                 all, (unsigned)n);
        made = 0;
    }
    if (collection)
        result = GEOSUnaryUnion_r(shape->geos, collection);
    s = from_geos(shape, result, out, err);
    if (result)
        GEOSGeom_destroy_r(shape->geos, result);
    if (collection)
        GEOSGeom_destroy_r(shape->geos, collection);
    while (made > 0)
        GEOSGeom_destroy_r(shape->geos, all[--made]);
    free(all);
    leave(shape, own);
    return s;
}

/* ---- buffers ------------------------------------------------------------------ */

/* Takes g. */
static enum wg_status grow(struct wg_shape *shape, GEOSGeometry *g, double distance,
                           bool rounded, struct wg_multipolygon *out,
                           struct wg_error *err)
{
    GEOSGeometry *grown = NULL;
    enum wg_status s;

    if (g)
        grown =
            GEOSBufferWithStyle_r(shape->geos, g, distance, 2, GEOSBUF_CAP_SQUARE,
                                  rounded ? GEOSBUF_JOIN_ROUND : GEOSBUF_JOIN_MITRE, 2);
    s = from_geos(shape, grown, out, err);
    if (grown)
        GEOSGeom_destroy_r(shape->geos, grown);
    if (g)
        GEOSGeom_destroy_r(shape->geos, g);
    return s;
}

enum wg_status wg_shape_buffer(struct wg_shape *shape, const struct wg_multipolygon *mp,
                               double distance, bool rounded, struct wg_multipolygon *out,
                               struct wg_error *err)
{
    bool own;
    enum wg_status s = enter(&shape, &own, err);

    if (s != WG_OK)
        return s;
    s = grow(shape, to_geos(shape, mp), distance, rounded, out, err);
    leave(shape, own);
    return s;
}

enum wg_status wg_shape_strip(struct wg_shape *shape, uint32_t n, const double *x,
                              const double *y, double distance,
                              struct wg_multipolygon *out, struct wg_error *err)
{
    GEOSCoordSequence *seq;
    bool own;
    enum wg_status s = enter(&shape, &own, err);

    if (s != WG_OK)
        return s;
    shape->words[0] = '\0';
    seq = GEOSCoordSeq_copyFromArrays_r(shape->geos, x, y, NULL, NULL, n);
    s = grow(shape, seq ? GEOSGeom_createLineString_r(shape->geos, seq) : NULL, distance,
             false, out, err);
    leave(shape, own);
    return s;
}

/* ---- label point ------------------------------------------------------------- */

/* The part of greatest area: a label stands in one part. */
static const GEOSGeometry *largest_part(struct wg_shape *shape, const GEOSGeometry *g)
{
    const GEOSGeometry *best = NULL;
    double best_area = -1, area;
    int n = GEOSGetNumGeometries_r(shape->geos, g);

    for (int i = 0; i < n; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(shape->geos, g, i);

        if (part && GEOSArea_r(shape->geos, part, &area) && area > best_area) {
            best = part;
            best_area = area;
        }
    }
    return best;
}

/* The centre of the largest inscribed circle, to 1/500 of the part's size; a point on
 * the surface where GEOS finds none, and for slivers: GEOS cuts the box into squares of
 * its shorter side, of which a sliver has millions. */
static GEOSGeometry *inner_point(struct wg_shape *shape, const GEOSGeometry *part)
{
    double x0, y0, x1, y1;
    GEOSGeometry *radius = NULL, *point = NULL;

    if (GEOSGeom_getXMin_r(shape->geos, part, &x0) == 1 &&
        GEOSGeom_getYMin_r(shape->geos, part, &y0) == 1 &&
        GEOSGeom_getXMax_r(shape->geos, part, &x1) == 1 &&
        GEOSGeom_getYMax_r(shape->geos, part, &y1) == 1) {
        double shorter = fmin(x1 - x0, y1 - y0), longer = fmax(x1 - x0, y1 - y0);
        if (shorter > longer / 100)
            radius = GEOSMaximumInscribedCircle_r(shape->geos, part, shorter / 500);
    }
    if (radius) {
        point = GEOSGeomGetStartPoint_r(shape->geos, radius);
        GEOSGeom_destroy_r(shape->geos, radius);
    }
    return point ? point : GEOSPointOnSurface_r(shape->geos, part);
}

static enum wg_status label_point(struct wg_shape *shape, const GEOSGeometry *g,
                                  struct wg_point *out, struct wg_error *err)
{
    const GEOSGeometry *part = largest_part(shape, g);
    GEOSGeometry *point;
    struct wg_point p;
    enum wg_status s = WG_OK;

    if (!part)
        return wg_fail(err, WG_GEOMETRY,
                       _("An empty geometry has no place for a label."));
    point = inner_point(shape, part);
    if (point && GEOSGeomGetX_r(shape->geos, point, &p.x) == 1 &&
        GEOSGeomGetY_r(shape->geos, point, &p.y) == 1)
        *out = p;
    else
        s = geos_failed(shape, err);
    if (point)
        GEOSGeom_destroy_r(shape->geos, point);
    return s;
}

enum wg_status wg_shape_label_point(struct wg_shape *shape,
                                    const struct wg_multipolygon *mp,
                                    struct wg_point *out, struct wg_error *err)
{
    GEOSGeometry *g;
    bool own;
    enum wg_status s = enter(&shape, &own, err);

    if (s != WG_OK)
        return s;
    g = to_geos(shape, mp);
    if (g)
        s = label_point(shape, g, out, err);
    else
        s = geos_failed(shape, err);
    if (g)
        GEOSGeom_destroy_r(shape->geos, g);
    leave(shape, own);
    return s;
}
