/* Owns GeoJSON geometries: polygons and multipolygons, in and out; lines, in; where the
 * geometries of a text stand. */
#include <string.h>

#include "decimal.h"
#include "internal.h"
#include "polygon.h"
#include "wangge/coverage.h"
#include "wangge/shape.h"

struct reader {
    const char *start, *at;
    struct wg_polygon p;
    struct wg_error *err;
};

static enum wg_status expected(const struct reader *r, const char *what)
{
    return wg_fail(
        r->err, WG_FORMAT,
        _("The GeoJSON is wrong at character %zu (\"%.20s\"): %s is expected."),
        (size_t)(r->at - r->start) + 1, r->at, what);
}

static void skip_space(struct reader *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

/* A string, raw, without its quotes. */
static bool take_string(struct reader *r, const char **text, size_t *n)
{
    if (!take(r, '"'))
        return false;
    *text = r->at;
    for (; *r->at && *r->at != '"'; r->at++)
        if (*r->at == '\\' && r->at[1])
            r->at++;
    *n = (size_t)(r->at - *text);
    return take(r, '"');
}

/* Step over any value; depth is counted, not recursed. */
static bool skip_value(struct reader *r)
{
    const char *text;
    size_t n, depth = 0;

    do {
        skip_space(r);
        if (*r->at == '"') {
            if (!take_string(r, &text, &n))
                return false;
        } else if (*r->at == '{' || *r->at == '[') {
            depth++;
            r->at++;
        } else if (*r->at == '}' || *r->at == ']') {
            if (depth == 0)
                return false;
            depth--;
            r->at++;
        } else if (depth && (*r->at == ',' || *r->at == ':')) {
            r->at++;
        } else {
            n = strcspn(r->at, "\"{}[],: \t\r\n");
            if (n == 0)
                return false;
            r->at += n;
        }
    } while (depth);
    return true;
}

static enum wg_status read_position(struct reader *r)
{
    double v, xy[2];
    int n = 0;

    if (!take(r, '['))
        return expected(r, "\"[\"");
    do {
        skip_space(r);
        if (!wg_decimal_read(&r->at, &v))
            return expected(r, _("a number"));
        if (n < 2)
            xy[n] = v;
        n++;
    } while (take(r, ','));
    if (n < 2 || !take(r, ']'))
        return expected(r, n < 2 ? _("a second number") : _("\",\" or \"]\""));
    return wg_polygon_vertex(&r->p, xy[0], xy[1], r->err);
}

typedef enum wg_status read_fn(struct reader *r);

/* "[" item, item … "]", possibly empty. */
static enum wg_status read_array(struct reader *r, read_fn *item)
{
    enum wg_status s;

    if (!take(r, '['))
        return expected(r, "\"[\"");
    if (take(r, ']'))
        return WG_OK;
    do
        s = item(r);
    while (s == WG_OK && take(r, ','));
    if (s == WG_OK && !take(r, ']'))
        s = expected(r, _("\",\" or \"]\""));
    return s;
}

static enum wg_status read_ring(struct reader *r)
{
    enum wg_status s = wg_polygon_ring_begin(&r->p, r->err);

    if (s == WG_OK)
        s = read_array(r, read_position);
    return s == WG_OK ? wg_polygon_ring_end(&r->p, r->err) : s;
}

static enum wg_status read_polygon(struct reader *r)
{
    enum wg_status s = wg_polygon_part_begin(&r->p, r->err);

    if (s == WG_OK)
        s = read_array(r, read_ring);
    if (s == WG_OK)
        wg_polygon_part_end(&r->p);
    return s;
}

/* Finds the members we need; leaves `at` behind the object. */
static enum wg_status read_members(struct reader *r, const char **type, size_t *type_n,
                                   const char **coordinates)
{
    const char *key;
    size_t n;

    if (!take(r, '{'))
        return expected(r, "\"{\"");
    if (take(r, '}'))
        return WG_OK;
    do {
        if (!take_string(r, &key, &n))
            return expected(r, _("a name in quotes"));
        if (!take(r, ':'))
            return expected(r, "\":\"");
        skip_space(r);
        if (n == 11 && !memcmp(key, "coordinates", n))
            *coordinates = r->at;
        if (n == 4 && !memcmp(key, "type", n)) {
            if (!take_string(r, type, type_n))
                return expected(r, _("the type in quotes"));
        } else if (!skip_value(r)) {
            return expected(r, _("a value"));
        }
    } while (take(r, ','));
    return take(r, '}') ? WG_OK : expected(r, _("\",\" or \"}\""));
}

/* The type of the geometry; `at` is left at its coordinates, NULL where it has none. */
static enum wg_status read_type(struct reader *r, const char **type, size_t *n)
{
    const char *coordinates = NULL;
    enum wg_status s = read_members(r, type, n, &coordinates);

    if (s != WG_OK)
        return s;
    skip_space(r);
    if (*r->at)
        return expected(r, _("the end"));
    if (!*type)
        return wg_fail(r->err, WG_FORMAT, _("The GeoJSON has no \"type\"."));
    r->at = coordinates;
    return WG_OK;
}

static enum wg_status read_geometry(struct reader *r)
{
    const char *type = NULL;
    size_t n = 0;
    enum wg_status s = read_type(r, &type, &n);

    if (s != WG_OK)
        return s;
    bool polygon = n == 7 && !memcmp(type, "Polygon", n);
    bool multi = n == 12 && !memcmp(type, "MultiPolygon", n);
    if (!polygon && !multi)
        return wg_fail(r->err, WG_GEOMETRY,
                       _("A polygon or multipolygon is needed, but this is a %.*s; "
                         "convert it first."),
                       n < 40 ? (int)n : 40, type);
    if (!r->at)
        return wg_fail(r->err, WG_FORMAT, _("The GeoJSON has no \"coordinates\"."));
    return polygon ? read_polygon(r) : read_array(r, read_polygon);
}

enum wg_status wg_shape_from_geojson(struct wg_shape *shape, const char *json,
                                     struct wg_multipolygon *out, struct wg_error *err)
{
    struct reader r = {.start = json, .at = json, .err = err};
    enum wg_status s;

    if (!json)
        return wg_fail(err, WG_INVALID, _("There is no GeoJSON."));
    s = read_geometry(&r);
    if (s == WG_OK)
        wg_polygon_take(&r.p, out);
    wg_polygon_drop(&r.p);
    return s;
}

static enum wg_status read_points(struct reader *r)
{
    return read_array(r, read_position);
}

static enum wg_status read_line(struct reader *r)
{
    const char *type = NULL;
    size_t n = 0;
    enum wg_status s = read_type(r, &type, &n);

    if (s != WG_OK)
        return s;
    bool line = n == 10 && !memcmp(type, "LineString", n);
    bool multi = n == 15 && !memcmp(type, "MultiLineString", n);
    if (!line && !multi)
        return wg_fail(r->err, WG_GEOMETRY, _("A line is needed, but this is a %.*s."),
                       n < 40 ? (int)n : 40, type);
    if (!r->at)
        return wg_fail(r->err, WG_FORMAT, _("The GeoJSON has no \"coordinates\"."));
    if (multi && !take(r, '['))
        return expected(r, "\"[\"");
    s = read_points(r);
    if (s == WG_OK && multi && !take(r, ']'))
        s = wg_fail(r->err, WG_GEOMETRY,
                    _("One line is needed, but this has several; join them first."));
    return s;
}

enum wg_status wg_line_from_geojson(const char *json, struct wg_line *out,
                                    struct wg_error *err)
{
    struct reader r = {.start = json, .at = json, .err = err};

    if (!json)
        return wg_fail(err, WG_INVALID, _("There is no GeoJSON."));
    enum wg_status s = wg_polygon_part_begin(&r.p, err);
    if (s == WG_OK)
        s = wg_polygon_ring_begin(&r.p, err);
    if (s == WG_OK)
        s = read_line(&r);
    if (s == WG_OK)
        s = wg_polygon_take_line(&r.p, out, err);
    wg_polygon_drop(&r.p);
    return s;
}

/* ---- features ---- */

struct object {
    const char *start, *type, *features, *geometry, *crs, *name, *properties;
    size_t n, type_n, name_n; /* n: bytes of the whole */
};

/* The members of an object that say what it is; `at` behind it. */
static enum wg_status read_object(struct reader *r, struct object *o)
{
    const char *key;
    size_t n;

    memset(o, 0, sizeof *o);
    skip_space(r);
    o->start = r->at;
    if (!take(r, '{'))
        return expected(r, "\"{\"");
    if (!take(r, '}')) {
        do {
            if (!take_string(r, &key, &n))
                return expected(r, _("a name in quotes"));
            if (!take(r, ':'))
                return expected(r, "\":\"");
            skip_space(r);
            const char **keep = n == 8 && !memcmp(key, "features", n)   ? &o->features
                                : n == 8 && !memcmp(key, "geometry", n) ? &o->geometry
                                : n == 3 && !memcmp(key, "crs", n)      ? &o->crs
                                : n == 10 && !memcmp(key, "properties", n)
                                    ? &o->properties
                                    : NULL;
            if (keep)
                *keep = r->at;
            bool type = n == 4 && !memcmp(key, "type", n) && *r->at == '"';
            bool name = n == 4 && !memcmp(key, "name", n) && *r->at == '"';
            if (type   ? !take_string(r, &o->type, &o->type_n)
                : name ? !take_string(r, &o->name, &o->name_n)
                       : !skip_value(r))
                return expected(r, _("a value"));
        } while (take(r, ','));
        if (!take(r, '}'))
            return expected(r, _("\",\" or \"}\""));
    }
    o->n = (size_t)(r->at - o->start);
    return WG_OK;
}

static bool is_type(const struct object *o, const char *type)
{
    return o->type && o->type_n == strlen(type) && !memcmp(o->type, type, o->type_n);
}

/* {"type": "name", "properties": {"name": …}} */
static void read_crs(const struct object *o, char crs[96])
{
    struct reader r = {.start = o->crs, .at = o->crs};
    struct object given, properties;

    if (!o->crs || read_object(&r, &given) != WG_OK || !given.properties)
        return;
    r.at = given.properties;
    if (read_object(&r, &properties) == WG_OK && properties.name &&
        properties.name_n < 96) {
        memcpy(crs, properties.name, properties.name_n);
        crs[properties.name_n] = '\0';
    }
}

/* One geometry, or what a feature has of one.  *go: whether there is to be more. */
static enum wg_status tell(struct reader *r, const struct object *o, wg_geojson_fn *fn,
                           void *user, bool *go)
{
    struct object geometry = *o;

    if (is_type(o, "Feature")) {
        if (!o->geometry || !strncmp(o->geometry, "null", 4))
            return WG_OK;
        r->at = o->geometry;
        enum wg_status s = read_object(r, &geometry);
        if (s != WG_OK)
            return s;
    }
    *go = fn(geometry.start, geometry.n, user);
    return WG_OK;
}

static enum wg_status tell_features(struct reader *r, const char *features,
                                    wg_geojson_fn *fn, void *user)
{
    bool go = true;

    r->at = features;
    if (!take(r, '['))
        return expected(r, "\"[\"");
    if (take(r, ']'))
        return WG_OK;
    do {
        struct object feature;
        enum wg_status s = read_object(r, &feature);
        const char *behind = r->at;
        if (s == WG_OK)
            s = tell(r, &feature, fn, user, &go);
        if (s != WG_OK)
            return s;
        r->at = behind;
    } while (go && take(r, ','));
    return !go || take(r, ']') ? WG_OK : expected(r, _("\",\" or \"]\""));
}

enum wg_status wg_geojson_each(const char *json, char crs[96], wg_geojson_fn *fn,
                               void *user, struct wg_error *err)
{
    struct reader r = {.start = json, .at = json, .err = err};
    struct object whole;
    bool go = true;

    if (!json)
        return wg_fail(err, WG_INVALID, _("There is no GeoJSON."));
    enum wg_status s = read_object(&r, &whole);
    if (s != WG_OK)
        return s;
    skip_space(&r);
    if (*r.at)
        return expected(&r, _("the end"));
    if (!whole.type)
        return wg_fail(err, WG_FORMAT, _("The GeoJSON has no \"type\"."));
    crs[0] = '\0';
    read_crs(&whole, crs);
    if (!is_type(&whole, "FeatureCollection"))
        return tell(&r, &whole, fn, user, &go);
    if (!whole.features)
        return wg_fail(err, WG_FORMAT, _("The GeoJSON has no \"features\"."));
    return tell_features(&r, whole.features, fn, user);
}

static void write_ring(struct wg_text *t, const struct wg_multipolygon *mp, uint32_t ring)
{
    for (uint32_t i = mp->ring[ring]; i < mp->ring[ring + 1]; i++) {
        wg_text_put(t, i == mp->ring[ring] ? "[[" : ",[");
        wg_text_number(t, mp->x[i]);
        wg_text_put(t, ",");
        wg_text_number(t, mp->y[i]);
        wg_text_put(t, "]");
    }
    wg_text_put(t, "]");
}

enum wg_status wg_shape_to_geojson(const struct wg_multipolygon *mp, char **out,
                                   struct wg_error *err)
{
    struct wg_text t = {0};

    wg_text_put(&t, "{\"type\":\"MultiPolygon\",\"coordinates\":[");
    for (uint32_t p = 0; p < mp->n_part; p++) {
        wg_text_put(&t, p ? ",[" : "[");
        for (uint32_t r = mp->part[p]; r < mp->part[p + 1]; r++) {
            wg_text_put(&t, r == mp->part[p] ? "" : ",");
            write_ring(&t, mp, r);
        }
        wg_text_put(&t, "]");
    }
    wg_text_put(&t, "]}");
    if (t.failed) {
        free(t.text);
        return wg_fail_memory(err);
    }
    *out = t.text;
    return WG_OK;
}
