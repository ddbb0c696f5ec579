/* Fuzz target: every reader of geometry.  The first byte picks the reader: 't' WKT, 'j'
 * GeoJSON, 'w' WKB, 'b' SpatiaLite's blob, 'p' its point, the last three in hexadecimal
 * (any other character counts by its low bits, so that no change is lost).  What is read
 * can be written and reads back; what is invalid can be repaired or is refused. */
#include "fuzz.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

/* GEOS 3.11 forgets a subgraph when its buffer, with which it repairs, throws. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:geos::operation::buffer::BufferBuilder";
}

static uint8_t nibble(uint8_t c)
{
    return (uint8_t)((c >= 'a' && c <= 'f' ? c - 'a' + 10 : c) & 15);
}

static enum wg_status read_bytes(char reader, const uint8_t *hex, size_t n,
                                 struct wg_multipolygon *mp)
{
    size_t size = n / 2;
    uint8_t *bytes = malloc(size ? size : 1);
    struct wg_point point;
    enum wg_status status = WG_FORMAT;

    MUST(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    if (reader == 'w')
        status = wg_shape_from_wkb(bytes, size, mp, NULL);
    else if (reader == 'b')
        status = wg_shape_from_blob(bytes, size, mp, NULL);
    else
        wg_shape_point_from_blob(bytes, size, &point, NULL);
    free(bytes);
    return status;
}

static enum wg_status read_any(const uint8_t *data, size_t size,
                               struct wg_multipolygon *mp)
{
    enum wg_status status;
    char *text;

    if (data[0] == 'w' || data[0] == 'b' || data[0] == 'p')
        return read_bytes((char)data[0], data + 1, size - 1, mp);
    text = fuzz_text(data + 1, size - 1);
    status = data[0] == 'j' ? wg_shape_from_geojson(NULL, text, mp, NULL)
                            : wg_shape_from_wkt(NULL, text, mp, NULL);
    free(text);
    return status;
}

static bool same(const struct wg_multipolygon *a, const struct wg_multipolygon *b)
{
    if (a->n_part != b->n_part || a->n_ring != b->n_ring || a->n_vertex != b->n_vertex)
        return false;
    for (uint32_t i = 0; i < a->n_vertex; i++)
        if (a->x[i] != b->x[i] || a->y[i] != b->y[i])
            return false;
    return true;
}

static void must_read_back(const struct wg_multipolygon *mp)
{
    struct wg_multipolygon back = {0};
    void *bytes;
    char *text;
    size_t size;

    MUST(wg_shape_to_blob(mp, 4545, &bytes, &size, NULL) == WG_OK);
    MUST(wg_shape_from_blob(bytes, size, &back, NULL) == WG_OK && same(mp, &back));
    wg_multipolygon_finish(&back);
    wg_free(bytes);
    MUST(wg_shape_to_wkb(mp, &bytes, &size, NULL) == WG_OK);
    MUST(wg_shape_from_wkb(bytes, size, &back, NULL) == WG_OK && same(mp, &back));
    wg_multipolygon_finish(&back);
    wg_free(bytes);
    MUST(wg_shape_to_wkt(mp, &text, NULL) == WG_OK);
    MUST(wg_shape_from_wkt(NULL, text, &back, NULL) == WG_OK && same(mp, &back));
    wg_multipolygon_finish(&back);
    wg_free(text);
    MUST(wg_shape_to_geojson(mp, &text, NULL) == WG_OK);
    MUST(wg_shape_from_geojson(NULL, text, &back, NULL) == WG_OK && same(mp, &back));
    wg_multipolygon_finish(&back);
    wg_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_multipolygon mp = {0}, fixed = {0};

    if (size == 0 || read_any(data, size, &mp) != WG_OK)
        return 0;
    must_read_back(&mp);
    if (wg_shape_check(NULL, &mp, NULL) != WG_OK &&
        wg_shape_repair(NULL, &mp, &fixed, NULL) == WG_OK)
        must_read_back(&fixed);
    wg_multipolygon_finish(&fixed);
    wg_multipolygon_finish(&mp);
    return 0;
}
