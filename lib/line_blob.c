/* Owns the SpatiaLite blobs of lines: the centre lines of roads. */
#include <math.h>

#include "bytes.h"
#include "row.h"

enum {
    AT_SRID = 2,
    AT_CLASS = 39,
    AT_COUNT = 43,
    AT_POINTS = 47,
    MARK_BOX_END = 0x7C,
    MARK_END = 0xFE,
    CLASS_LINE = 2
};

enum wg_status wg_line_to_blob(size_t n, const double *x, const double *y, int srid,
                               void **out, size_t *size, struct wg_error *err)
{
    struct wg_box box = wg_box_empty();
    if (n < 2 || n > INT32_MAX / 16)
        return wg_fail(err, WG_GEOMETRY, _("A line needs two vertices or more."));
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return wg_fail(err, WG_GEOMETRY,
                           _("Vertex %zu of the line is not a finite number."), i + 1);
        box = wg_box_grow(box, x[i], y[i]);
    }
    if (box.min_x == box.max_x && box.min_y == box.max_y)
        return wg_fail_at(err, WG_GEOMETRY, x[0], y[0],
                          _("All vertices of the line lie in one place."));
    size_t total = AT_POINTS + 16 * n + 1;
    unsigned char *bytes = malloc(total);
    if (!bytes)
        return wg_fail_memory(err);
    bytes[0] = 0;
    bytes[1] = 1; /* little endian */
    unsigned char *at = wg_put_u32(bytes + AT_SRID, (uint32_t)srid);
    at = wg_put_f64(at, box.min_x);
    at = wg_put_f64(at, box.min_y);
    at = wg_put_f64(at, box.max_x);
    at = wg_put_f64(at, box.max_y);
    *at++ = MARK_BOX_END;
    at = wg_put_u32(at, CLASS_LINE);
    at = wg_put_u32(at, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        at = wg_put_f64(at, x[i]);
        at = wg_put_f64(at, y[i]);
    }
    *at = MARK_END;
    *out = bytes;
    *size = total;
    return WG_OK;
}

enum wg_status wg_line_from_blob(const void *blob, size_t size, void **buffer,
                                 size_t *cap, size_t *n, const double **x,
                                 const double **y, struct wg_error *err)
{
    const unsigned char *b = blob;
    size_t count = 0;
    bool little = size > 1 && b[1] == 1;
    if (size > AT_POINTS && b[0] == 0 && b[AT_CLASS - 1] == MARK_BOX_END &&
        b[size - 1] == MARK_END && wg_load_u32(b + AT_CLASS, little) == CLASS_LINE)
        count = wg_load_u32(b + AT_COUNT, little);
    if (!count || (size - AT_POINTS - 1) / 16 != count || (size - AT_POINTS - 1) % 16)
        return wg_fail(err, WG_FORMAT,
                       _("The bytes are not a line of SpatiaLite; the row is damaged."));
    if (!wg_grow(buffer, cap, count * 2, sizeof(double)))
        return wg_fail_memory(err);
    double *to = *buffer;
    for (size_t i = 0; i < count; i++) {
        to[i] = wg_load_f64(b + AT_POINTS + 16 * i, little);
        to[count + i] = wg_load_f64(b + AT_POINTS + 16 * i + 8, little);
    }
    *n = count;
    *x = to;
    *y = to + count;
    return WG_OK;
}
