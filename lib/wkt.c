/* Owns well-known text: polygons and multipolygons, in and out; lines, in. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

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
    return wg_fail(r->err, WG_FORMAT,
                   _("The WKT is wrong at character %zu (\"%.20s\"): %s is expected."),
                   (size_t)(r->at - r->start) + 1, r->at, what);
}

static void skip_space(struct reader *r)
{
    while (isspace((unsigned char)*r->at))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

/* A word of letters, cut to the buffer's size. */
static void take_word(struct reader *r, char *out, size_t size)
{
    size_t n = 0;

    skip_space(r);
    for (; isalpha((unsigned char)*r->at); r->at++)
        if (n + 1 < size)
            out[n++] = *r->at;
    out[n] = '\0';
}

/* "x y", "x y z" or "x y z m". */
static enum wg_status read_vertex(struct reader *r)
{
    double v[4];
    int n = 0;

    for (; n < 4; n++) {
        skip_space(r);
        if (!wg_decimal_read(&r->at, &v[n]))
            break;
    }
    if (n < 2)
        return expected(r, _("a number"));
    return wg_polygon_vertex(&r->p, v[0], v[1], r->err);
}

static enum wg_status read_ring(struct reader *r)
{
    enum wg_status s;

    if (!take(r, '('))
        return expected(r, "\"(\"");
    s = wg_polygon_ring_begin(&r->p, r->err);
    if (s != WG_OK)
        return s;
    do
        s = read_vertex(r);
    while (s == WG_OK && take(r, ','));
    if (s == WG_OK && !take(r, ')'))
        s = expected(r, _("\",\" or \")\""));
    return s == WG_OK ? wg_polygon_ring_end(&r->p, r->err) : s;
}

/* True when the word EMPTY stands here; it is stepped over. */
static bool take_empty(struct reader *r)
{
    skip_space(r);
    if (strncasecmp(r->at, "EMPTY", 5) || isalpha((unsigned char)r->at[5]))
        return false;
    r->at += 5;
    return true;
}

static enum wg_status read_polygon(struct reader *r)
{
    enum wg_status s;

    if (take_empty(r))
        return WG_OK;
    if (!take(r, '('))
        return expected(r, "\"(\"");
    s = wg_polygon_part_begin(&r->p, r->err);
    if (s != WG_OK)
        return s;
    do
        s = read_ring(r);
    while (s == WG_OK && take(r, ','));
    if (s == WG_OK && !take(r, ')'))
        s = expected(r, _("\",\" or \")\""));
    wg_polygon_part_end(&r->p);
    return s;
}

static enum wg_status read_multi(struct reader *r)
{
    enum wg_status s;

    if (take_empty(r))
        return WG_OK;
    if (!take(r, '('))
        return expected(r, "\"(\"");
    do
        s = read_polygon(r);
    while (s == WG_OK && take(r, ','));
    if (s == WG_OK && !take(r, ')'))
        s = expected(r, _("\",\" or \")\""));
    return s;
}

static void skip_srid(struct reader *r)
{
    const char *semicolon;

    skip_space(r);
    if (!strncasecmp(r->at, "SRID=", 5) && (semicolon = strchr(r->at, ';')))
        r->at = semicolon + 1;
}

static bool is_dimension(const char *word)
{
    return !*word || !strcasecmp(word, "Z") || !strcasecmp(word, "M") ||
           !strcasecmp(word, "ZM");
}

static enum wg_status read_geometry(struct reader *r)
{
    static const char polygon[] = "POLYGON", multi[] = "MULTIPOLYGON";
    char word[24], dims[8] = "";
    const char *rest = word;
    bool is_multi;

    skip_srid(r);
    take_word(r, word, sizeof word);
    if (!strncasecmp(word, polygon, sizeof polygon - 1)) {
        is_multi = false;
        rest += sizeof polygon - 1;
    } else if (!strncasecmp(word, multi, sizeof multi - 1)) {
        is_multi = true;
        rest += sizeof multi - 1;
    } else if (!*word) {
        return expected(r, "POLYGON");
    } else {
        return wg_fail(r->err, WG_GEOMETRY,
                       _("A polygon or multipolygon is needed, but this is a %s; convert "
                         "it first."),
                       word);
    }
    if (!*rest && !take_empty(r)) {
        take_word(r, dims, sizeof dims);
        rest = dims;
    } else if (!*rest) {
        return WG_OK;
    }
    if (!is_dimension(rest))
        return expected(r, "\"(\"");
    return is_multi ? read_multi(r) : read_polygon(r);
}

enum wg_status wg_shape_from_wkt(struct wg_shape *shape, const char *wkt,
                                 struct wg_multipolygon *out, struct wg_error *err)
{
    struct reader r = {.start = wkt, .at = wkt, .err = err};
    enum wg_status s;

    if (!wkt)
        return wg_fail(err, WG_INVALID, _("There is no WKT."));
    s = read_geometry(&r);
    skip_space(&r);
    if (s == WG_OK && *r.at)
        s = expected(&r, _("the end"));
    if (s == WG_OK)
        wg_polygon_take(&r.p, out);
    wg_polygon_drop(&r.p);
    return s;
}

/* "(" x y, x y … ")", into the one ring there is. */
static enum wg_status read_points(struct reader *r)
{
    enum wg_status s;

    if (take_empty(r))
        return WG_OK;
    if (!take(r, '('))
        return expected(r, "\"(\"");
    do
        s = read_vertex(r);
    while (s == WG_OK && take(r, ','));
    if (s == WG_OK && !take(r, ')'))
        s = expected(r, _("\",\" or \")\""));
    return s;
}

static enum wg_status read_line(struct reader *r)
{
    static const char name[] = "LINESTRING";
    char word[24];
    const char *rest = word;

    skip_srid(r);
    take_word(r, word, sizeof word);
    bool multi = !strncasecmp(rest, "MULTI", 5);
    rest += multi ? 5 : 0;
    if (!*word)
        return expected(r, name);
    if (strncasecmp(rest, name, sizeof name - 1) != 0)
        return wg_fail(r->err, WG_GEOMETRY, _("A line is needed, but this is a %s."),
                       word);
    rest += sizeof name - 1;
    if (!*rest && !take_empty(r)) {
        take_word(r, word, sizeof word);
        rest = word;
    } else if (!*rest) {
        return WG_OK;
    }
    if (!is_dimension(rest) || (multi && !take(r, '(')))
        return expected(r, "\"(\"");
    enum wg_status s = read_points(r);
    if (s == WG_OK && multi && !take(r, ')'))
        s = wg_fail(r->err, WG_GEOMETRY,
                    _("One line is needed, but this has several; join them first."));
    return s;
}

enum wg_status wg_line_from_wkt(const char *wkt, struct wg_line *out,
                                struct wg_error *err)
{
    struct reader r = {.start = wkt, .at = wkt, .err = err};

    if (!wkt)
        return wg_fail(err, WG_INVALID, _("There is no WKT."));
    enum wg_status s = wg_polygon_part_begin(&r.p, err);
    if (s == WG_OK)
        s = wg_polygon_ring_begin(&r.p, err);
    if (s == WG_OK)
        s = read_line(&r);
    skip_space(&r);
    if (s == WG_OK && *r.at)
        s = expected(&r, _("the end"));
    if (s == WG_OK)
        s = wg_polygon_take_line(&r.p, out, err);
    wg_polygon_drop(&r.p);
    return s;
}

static void write_ring(struct wg_text *t, const struct wg_multipolygon *mp, uint32_t ring)
{
    for (uint32_t i = mp->ring[ring]; i < mp->ring[ring + 1]; i++) {
        wg_text_put(t, i == mp->ring[ring] ? "(" : ",");
        wg_text_number(t, mp->x[i]);
        wg_text_put(t, " ");
        wg_text_number(t, mp->y[i]);
    }
    wg_text_put(t, ")");
}

enum wg_status wg_shape_to_wkt(const struct wg_multipolygon *mp, char **out,
                               struct wg_error *err)
{
    struct wg_text t = {0};

    wg_text_put(&t, mp->n_part ? "MULTIPOLYGON" : "MULTIPOLYGON EMPTY");
    for (uint32_t p = 0; p < mp->n_part; p++) {
        wg_text_put(&t, p ? "," : "(");
        for (uint32_t r = mp->part[p]; r < mp->part[p + 1]; r++) {
            wg_text_put(&t, r == mp->part[p] ? "(" : ",");
            write_ring(&t, mp, r);
        }
        wg_text_put(&t, ")");
    }
    if (mp->n_part)
        wg_text_put(&t, ")");
    if (t.failed) {
        free(t.text);
        return wg_fail_memory(err);
    }
    *out = t.text;
    return WG_OK;
}
