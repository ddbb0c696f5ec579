/* Owns the geometry blobs that SpatiaLite stores (its "BLOB-Geometry" format). */
#include <math.h>

#include "internal.h"
#include "wangge/shape.h"
#include "wkb.h"

enum {
    MARK_START = 0x00,
    MARK_MBR_END = 0x7C,
    MARK_ENTITY = 0x69,
    MARK_END = 0xFE,
    MARK_TINY = 0x80, /* added to the byte order of a "TinyPoint" */
    MBR_SIZE = 32,
    COMPRESSED = 1000000, /* added to the class of a compressed line or polygon */
};

static enum wg_status not_blob(struct wg_error *err)
{
    return wg_fail(err, WG_FORMAT,
                   _("The bytes are not a SpatiaLite geometry; the row is damaged or was "
                     "written by a program without SpatiaLite."));
}

/* Up to the class: leaves `b` behind it. */
static enum wg_status read_header(struct wg_bytes *b, uint32_t *class,
                                  struct wg_error *err)
{
    uint8_t start, order, mark;
    uint32_t srid;

    if (!wg_bytes_u8(b, &start) || start != MARK_START || !wg_bytes_u8(b, &order) ||
        order > 1)
        return not_blob(err);
    b->little = order == 1;
    if (!wg_bytes_u32(b, &srid) || wg_bytes_left(b) < MBR_SIZE)
        return not_blob(err);
    b->at += MBR_SIZE;
    if (!wg_bytes_u8(b, &mark) || mark != MARK_MBR_END || !wg_bytes_u32(b, class))
        return not_blob(err);
    return WG_OK;
}

static enum wg_status read_end(struct wg_bytes *b, struct wg_error *err)
{
    uint8_t mark;

    if (!wg_bytes_u8(b, &mark) || mark != MARK_END || b->at != b->end)
        return not_blob(err);
    return WG_OK;
}

/* Bytes of a middle vertex of a compressed ring: floats for X, Y and Z, a double for
 * M. */
static size_t compressed_vertex_size(uint32_t dims)
{
    return 8 + (dims & 1 ? 4 : 0) + (dims & 2 ? 8 : 0);
}

/* First and last vertex are doubles, those between are float steps from the last. */
static enum wg_status compressed_ring(struct wg_bytes *b, uint32_t dims, uint32_t n,
                                      struct wg_polygon *p, struct wg_error *err)
{
    size_t full = 16 + (dims & 1 ? 8 : 0) + (dims & 2 ? 8 : 0);
    size_t small = compressed_vertex_size(dims);
    double *x, *y;
    enum wg_status s;

    if (wg_bytes_left(b) / small < n)
        return wg_wkb_truncated(err);
    if (n > 0 && wg_bytes_left(b) < (n > 1 ? 2 * full + (n - 2) * small : full))
        return wg_wkb_truncated(err);
    s = wg_polygon_reserve(p, n, &x, &y, err);
    if (s != WG_OK)
        return s;
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || i == n - 1) {
            x[i] = wg_load_f64(b->at, b->little);
            y[i] = wg_load_f64(b->at + 8, b->little);
            b->at += full;
        } else {
            x[i] = x[i - 1] + (double)wg_load_f32(b->at, b->little);
            y[i] = y[i - 1] + (double)wg_load_f32(b->at + 4, b->little);
            b->at += small;
        }
    }
    return WG_OK;
}

static enum wg_status compressed_rings(struct wg_bytes *b, uint32_t dims,
                                       struct wg_polygon *p, struct wg_error *err)
{
    uint32_t n_ring, n;
    enum wg_status s;

    if (!wg_bytes_u32(b, &n_ring))
        return wg_wkb_truncated(err);
    s = wg_polygon_part_begin(p, err);
    for (uint32_t r = 0; s == WG_OK && r < n_ring; r++) {
        if (!wg_bytes_u32(b, &n))
            return wg_wkb_truncated(err);
        s = wg_polygon_ring_begin(p, err);
        if (s == WG_OK)
            s = compressed_ring(b, dims, n, p, err);
        if (s == WG_OK)
            s = wg_polygon_ring_end(p, err);
    }
    if (s == WG_OK)
        wg_polygon_part_end(p);
    return s;
}

/* What stands behind a class: one polygon. */
static enum wg_status read_polygon(struct wg_bytes *b, uint32_t class,
                                   struct wg_polygon *p, struct wg_error *err)
{
    bool compressed = class >= COMPRESSED;
    uint32_t plain = compressed ? class - COMPRESSED : class, dims = plain / 1000;

    if (dims > 3 || plain % 1000 != WKB_POLYGON)
        return wg_wkb_refuse_type(dims > 3 ? plain : plain % 1000, err);
    if (compressed)
        return compressed_rings(b, dims, p, err);
    return wg_wkb_rings(b, 2 + (dims & 1) + (dims >> 1), p, err);
}

static enum wg_status read_entities(struct wg_bytes *b, struct wg_polygon *p,
                                    struct wg_error *err)
{
    uint32_t n, class;
    uint8_t mark;
    enum wg_status s = WG_OK;

    if (!wg_bytes_u32(b, &n))
        return wg_wkb_truncated(err);
    for (uint32_t i = 0; s == WG_OK && i < n; i++) {
        if (!wg_bytes_u8(b, &mark) || !wg_bytes_u32(b, &class))
            return wg_wkb_truncated(err);
        s = mark == MARK_ENTITY ? read_polygon(b, class, p, err) : not_blob(err);
    }
    return s;
}

enum wg_status wg_shape_from_blob(const void *blob, size_t size,
                                  struct wg_multipolygon *out, struct wg_error *err)
{
    struct wg_bytes b = {.at = blob};
    struct wg_polygon p = {0};
    uint32_t class = 0;
    enum wg_status s;

    if (!blob || size == 0)
        return not_blob(err);
    b.end = b.at + size;
    s = read_header(&b, &class, err);
    if (s == WG_OK) {
        if (class < COMPRESSED && class / 1000 <= 3 && class % 1000 == WKB_MULTIPOLYGON)
            s = read_entities(&b, &p, err);
        else
            s = read_polygon(&b, class, &p, err);
    }
    if (s == WG_OK)
        s = read_end(&b, err);
    if (s == WG_OK)
        wg_polygon_take(&p, out);
    wg_polygon_drop(&p);
    return s;
}

static unsigned char *put_header(unsigned char *at, int srid, struct wg_box box,
                                 uint32_t class)
{
    *at++ = MARK_START;
    *at++ = 1;
    at = wg_put_u32(at, (uint32_t)srid);
    at = wg_put_f64(at, box.min_x);
    at = wg_put_f64(at, box.min_y);
    at = wg_put_f64(at, box.max_x);
    at = wg_put_f64(at, box.max_y);
    *at++ = MARK_MBR_END;
    return wg_put_u32(at, class);
}

size_t wg_shape_blob_size(const struct wg_multipolygon *mp)
{
    size_t total = 2 + 4 + MBR_SIZE + 1 + 4 + 4 + 1;

    for (uint32_t p = 0; p < mp->n_part; p++)
        total += 1 + 4 + wg_wkb_part_size(mp, p);
    return total;
}

void wg_shape_put_blob(const struct wg_multipolygon *mp, int srid, struct wg_box box,
                       unsigned char *at)
{
    at = put_header(at, srid, box, WKB_MULTIPOLYGON);
    at = wg_put_u32(at, mp->n_part);
    for (uint32_t p = 0; p < mp->n_part; p++) {
        *at++ = MARK_ENTITY;
        at = wg_put_u32(at, WKB_POLYGON);
        at = wg_wkb_put_part(at, mp, p);
    }
    *at = MARK_END;
}

enum wg_status wg_shape_to_blob(const struct wg_multipolygon *mp, int srid, void **out,
                                size_t *size, struct wg_error *err)
{
    size_t total = wg_shape_blob_size(mp);
    unsigned char *bytes = malloc(total);

    if (!bytes)
        return wg_fail_memory(err);
    wg_shape_put_blob(mp, srid, wg_multipolygon_box(mp), bytes);
    *out = bytes;
    *size = total;
    return WG_OK;
}

void wg_shape_point_blob(double x, double y, int srid,
                         unsigned char out[WG_POINT_BLOB_SIZE])
{
    unsigned char *at = put_header(
        out, srid, (struct wg_box){.min_x = x, .min_y = y, .max_x = x, .max_y = y},
        WKB_POINT);

    at = wg_put_f64(at, x);
    at = wg_put_f64(at, y);
    *at = MARK_END;
}

/* SpatiaLite 5's short form: start, order + 0x80, srid, kind (1 … 4), coordinates. */
static enum wg_status tiny_point(struct wg_bytes *b, struct wg_point *out,
                                 struct wg_error *err)
{
    static const size_t doubles[] = {0, 2, 3, 3, 4};
    uint8_t order = b->at[1], kind;
    uint32_t srid;

    b->little = order == (MARK_TINY | 1);
    b->at += 2;
    if (order > (MARK_TINY | 1) || !wg_bytes_u32(b, &srid) || !wg_bytes_u8(b, &kind) ||
        kind < 1 || kind > 4 || wg_bytes_left(b) != 8 * doubles[kind] + 1)
        return not_blob(err);
    struct wg_point point = {.x = wg_load_f64(b->at, b->little),
                             .y = wg_load_f64(b->at + 8, b->little)};
    b->at += 8 * doubles[kind];
    enum wg_status s = read_end(b, err);
    if (s == WG_OK)
        *out = point;
    return s;
}

enum wg_status wg_shape_point_from_blob(const void *blob, size_t size,
                                        struct wg_point *out, struct wg_error *err)
{
    struct wg_bytes b = {.at = blob};
    struct wg_point point;
    uint32_t class = 0, dims = 0;
    enum wg_status s;

    if (!blob || size < 2)
        return not_blob(err);
    b.end = b.at + size;
    if (b.at[0] == MARK_START && b.at[1] & MARK_TINY)
        return tiny_point(&b, out, err);
    s = read_header(&b, &class, err);
    if (s != WG_OK)
        return s;
    dims = class / 1000;
    if (dims > 3 || class % 1000 != WKB_POINT) {
        const char *name = wg_wkb_type_name(class % 1000);
        return wg_fail(err, WG_GEOMETRY, _("A point is needed, but this is a %s."),
                       name ? name : "?");
    }
    if (wg_bytes_left(&b) < 16 + 8 * (size_t)((dims & 1) + (dims >> 1)))
        return wg_wkb_truncated(err);
    point.x = wg_load_f64(b.at, b.little);
    point.y = wg_load_f64(b.at + 8, b.little);
    b.at += 16 + 8 * (size_t)((dims & 1) + (dims >> 1));
    s = read_end(&b, err);
    if (s == WG_OK)
        *out = point;
    return s;
}
