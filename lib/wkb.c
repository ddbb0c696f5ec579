/* Owns well-known binary: ISO and extended, either byte order, in and out. */
#include "wkb.h"

#include "internal.h"
#include "wangge/shape.h"

#define FLAG_Z UINT32_C(0x80000000)
#define FLAG_M UINT32_C(0x40000000)
#define FLAG_SRID UINT32_C(0x20000000)

const char *wg_wkb_type_name(uint32_t base)
{
    static const char *const names[] = {
        "Geometry",
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
        "CircularString",
        "CompoundCurve",
        "CurvePolygon",
        "MultiCurve",
        "MultiSurface",
        "Curve",
        "Surface",
        "PolyhedralSurface",
        "TIN",
        "Triangle",
    };

    return base < sizeof names / sizeof *names ? names[base] : NULL;
}

enum wg_status wg_wkb_refuse_type(uint32_t base, struct wg_error *err)
{
    const char *name = wg_wkb_type_name(base);

    if (!name)
        return wg_fail(err, WG_FORMAT,
                       _("Geometry type %u does not exist; the bytes are "
                         "damaged or not a geometry."),
                       (unsigned)base);
    return wg_fail(err, WG_GEOMETRY,
                   _("A polygon or multipolygon is needed, but this is a %s; convert it "
                     "first."),
                   name);
}

enum wg_status wg_wkb_truncated(struct wg_error *err)
{
    return wg_fail(
        err, WG_FORMAT,
        _("The geometry's bytes end too early; the source is damaged or cut."));
}

enum wg_status wg_wkb_rings(struct wg_bytes *b, unsigned stride, struct wg_polygon *p,
                            struct wg_error *err)
{
    uint32_t n_ring, n;
    enum wg_status s = WG_OK;

    if (!wg_bytes_u32(b, &n_ring))
        return wg_wkb_truncated(err);
    s = wg_polygon_part_begin(p, err);
    for (uint32_t r = 0; s == WG_OK && r < n_ring; r++) {
        double *x, *y;

        if (!wg_bytes_u32(b, &n) || wg_bytes_left(b) / (8 * (size_t)stride) < n)
            return wg_wkb_truncated(err);
        s = wg_polygon_ring_begin(p, err);
        if (s == WG_OK)
            s = wg_polygon_reserve(p, n, &x, &y, err);
        if (s != WG_OK)
            break;
        for (uint32_t i = 0; i < n; i++, b->at += 8 * (size_t)stride) {
            x[i] = wg_load_f64(b->at, b->little);
            y[i] = wg_load_f64(b->at + 8, b->little);
        }
        s = wg_polygon_ring_end(p, err);
    }
    if (s == WG_OK)
        wg_polygon_part_end(p);
    return s;
}

/* Byte order and type of one geometry: its base type and doubles a vertex. */
static enum wg_status read_header(struct wg_bytes *b, uint32_t *base, unsigned *stride,
                                  struct wg_error *err)
{
    uint8_t order;
    uint32_t type, srid;

    if (!wg_bytes_u8(b, &order))
        return wg_wkb_truncated(err);
    if (order > 1)
        return wg_fail(err, WG_FORMAT,
                       _("This is not well-known binary: its first byte is %u, not 0 or "
                         "1."),
                       (unsigned)order);
    b->little = order == 1;
    if (!wg_bytes_u32(b, &type))
        return wg_wkb_truncated(err);
    if (type & FLAG_SRID && !wg_bytes_u32(b, &srid))
        return wg_wkb_truncated(err);

    uint32_t plain = type & ~(FLAG_Z | FLAG_M | FLAG_SRID);
    uint32_t dims = plain / 1000;
    bool z = type & FLAG_Z || dims == 1 || dims == 3;
    bool m = type & FLAG_M || dims == 2 || dims == 3;

    if (dims > 3)
        return wg_wkb_refuse_type(plain, err);
    *base = plain % 1000;
    *stride = 2 + z + m;
    return WG_OK;
}

static enum wg_status read_parts(struct wg_bytes *b, struct wg_polygon *p,
                                 struct wg_error *err)
{
    uint32_t base, n;
    unsigned stride;
    enum wg_status s;

    if (!wg_bytes_u32(b, &n))
        return wg_wkb_truncated(err);
    for (uint32_t i = 0; i < n; i++) {
        s = read_header(b, &base, &stride, err);
        if (s == WG_OK && base != WKB_POLYGON)
            s = wg_wkb_refuse_type(base, err);
        if (s == WG_OK)
            s = wg_wkb_rings(b, stride, p, err);
        if (s != WG_OK)
            return s;
    }
    return WG_OK;
}

enum wg_status wg_shape_from_wkb(const void *wkb, size_t size,
                                 struct wg_multipolygon *out, struct wg_error *err)
{
    struct wg_bytes b = {.at = wkb};
    struct wg_polygon p = {0};
    uint32_t base;
    unsigned stride;
    enum wg_status s;

    if (!wkb || size == 0)
        return wg_wkb_truncated(err);
    b.end = b.at + size;
    s = read_header(&b, &base, &stride, err);
    if (s == WG_OK) {
        if (base == WKB_POLYGON)
            s = wg_wkb_rings(&b, stride, &p, err);
        else if (base == WKB_MULTIPOLYGON)
            s = read_parts(&b, &p, err);
        else
            s = wg_wkb_refuse_type(base, err);
    }
    if (s == WG_OK && b.at != b.end)
        s = wg_fail(err, WG_FORMAT,
                    _("The geometry is followed by %zu bytes that do not belong to it."),
                    wg_bytes_left(&b));
    if (s == WG_OK)
        wg_polygon_take(&p, out);
    wg_polygon_drop(&p);
    return s;
}

size_t wg_wkb_part_size(const struct wg_multipolygon *mp, uint32_t part)
{
    uint32_t first = mp->part[part], end = mp->part[part + 1];

    return 4 + 4 * (size_t)(end - first) + 16 * (size_t)(mp->ring[end] - mp->ring[first]);
}

unsigned char *wg_wkb_put_part(unsigned char *at, const struct wg_multipolygon *mp,
                               uint32_t part)
{
    uint32_t first = mp->part[part], end = mp->part[part + 1];

    at = wg_put_u32(at, end - first);
    for (uint32_t r = first; r < end; r++) {
        at = wg_put_u32(at, mp->ring[r + 1] - mp->ring[r]);
        for (uint32_t i = mp->ring[r]; i < mp->ring[r + 1]; i++) {
            at = wg_put_f64(at, mp->x[i]);
            at = wg_put_f64(at, mp->y[i]);
        }
    }
    return at;
}

enum wg_status wg_shape_to_wkb(const struct wg_multipolygon *mp, void **out, size_t *size,
                               struct wg_error *err)
{
    size_t total = 1 + 4 + 4;
    unsigned char *bytes, *at;

    for (uint32_t p = 0; p < mp->n_part; p++)
        total += 1 + 4 + wg_wkb_part_size(mp, p);
    bytes = malloc(total);
    if (!bytes)
        return wg_fail_memory(err);
    at = bytes;
    *at++ = 1;
    at = wg_put_u32(at, WKB_MULTIPOLYGON);
    at = wg_put_u32(at, mp->n_part);
    for (uint32_t p = 0; p < mp->n_part; p++) {
        *at++ = 1;
        at = wg_put_u32(at, WKB_POLYGON);
        at = wg_wkb_put_part(at, mp, p);
    }
    *out = bytes;
    *size = total;
    return WG_OK;
}
