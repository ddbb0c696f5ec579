/* wangge grid: geometry from the command line, as WKT, GeoJSON, typed points or a file.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "grid.h"

enum { MOST_MIB = 64 };

/* ---- where the text comes from ---- */

enum source_kind { SOURCE_WKT, SOURCE_JSON, SOURCE_POINTS };
struct source {
    enum source_kind kind;
    const char *name; /* of the file; NULL: typed */
    const char *text;
    char *held;
};

static enum tool_exit fail(struct grid_job *job, const struct args *args,
                           const struct source *source, struct wg_error *err)
{
    char text[sizeof err->text];
    if (source && source->name) {
        snprintf(text, sizeof text, "%.300s: %.700s", source->name, err->text);
        memcpy(err->text, text, sizeof text);
    }
    if (job->line)
        err->row = job->line;
    return tool_fail(args, err);
}

static enum tool_exit fail_words(struct grid_job *job, const struct args *args,
                                 const struct source *source, enum wg_status status,
                                 const char *words)
{
    struct wg_error err = {.status = status, .row = -1, .x = NAN, .y = NAN};
    snprintf(err.text, sizeof err.text, "%s", words);
    return fail(job, args, source, &err);
}

/* The whole of a file or of standard input, with a NUL behind it. */
static enum wg_status read_all(const char *path, char **out, struct wg_error *err)
{
    bool in = strcmp(path, "-") == 0;
    FILE *f = in ? stdin : fopen(path, "rb");
    size_t n = 0, cap = 1 << 16, most = (size_t)MOST_MIB << 20;
    char *text = f ? malloc(cap + 1) : NULL;
    *err = (struct wg_error){.status = WG_IO, .row = -1, .x = NAN, .y = NAN};
    while (text) {
        errno = 0;
        n += fread(text + n, 1, cap - n, f);
        if (n < cap)
            break;
        if (cap > most) {
            err->status = WG_FORMAT;
            snprintf(err->text, sizeof err->text,
                     _("A geometry of more than %d MiB is not read; give the part that "
                       "is meant."),
                     MOST_MIB);
            goto failed;
        }
        char *more = realloc(text, (cap *= 2) + 1);
        if (!more)
            free(text);
        text = more;
    }
    if (!text || ferror(f)) {
        snprintf(err->text, sizeof err->text, _("it cannot be read: %s"),
                 strerror(errno ? errno : EIO));
        goto failed;
    }
    if (!in)
        fclose(f);
    text[n] = '\0';
    if (strlen(text) == n && text[strspn(text, " \t\r\n")]) {
        *out = text;
        return WG_OK;
    }
    err->status = WG_FORMAT;
    snprintf(err->text, sizeof err->text, "%s",
             strlen(text) == n ? _("The file is empty; WKT or GeoJSON is expected.")
                               : _("The file is not text; WKT or GeoJSON is expected."));
    free(text);
    return err->status;
failed:
    if (f && !in)
        fclose(f);
    free(text);
    return err->status;
}

static bool begins_wkt(const char *text)
{
    static const char *const word[] = {"POINT",      "LINESTRING",        "POLYGON",
                                       "MULTIPOINT", "MULTILINESTRING",   "MULTIPOLYGON",
                                       "SRID=",      "GEOMETRYCOLLECTION"};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (strncasecmp(text, word[i], strlen(word[i])) == 0)
            return strpbrk(text, "( ;") != NULL;
    return false;
}

static bool begins_point(const char *text)
{
    return (isdigit((unsigned char)*text) || (*text && strchr("+-.", *text))) &&
           (strchr(text, ',') || strstr(text, "，"));
}

static enum tool_exit find_source(struct grid_job *job, const struct args *args,
                                  const char *text, struct source *out)
{
    *out = (struct source){.text = text + strspn(text, " \t\r\n")};
    if (*out->text == '@' || strcmp(out->text, "-") == 0 ||
        (!begins_wkt(out->text) && *out->text != '{' && !begins_point(out->text))) {
        struct wg_error err;
        out->name = out->text + (*out->text == '@');
        if (!*out->name)
            return tool_usage(args, "%s", _("a geometry is empty"));
        if (read_all(out->name, &out->held, &err) != WG_OK)
            return fail(job, args, out, &err);
        out->text = out->held;
        if (strncmp(out->text, "\xef\xbb\xbf", 3) == 0)
            out->text += 3;
        out->text += strspn(out->text, " \t\r\n");
    }
    out->kind = *out->text == '{'                                   ? SOURCE_JSON
                : begins_point(out->text) && !begins_wkt(out->text) ? SOURCE_POINTS
                                                                    : SOURCE_WKT;
    if (out->kind == SOURCE_WKT && !begins_wkt(out->text)) {
        fail_words(job, args, out, WG_FORMAT,
                   _("This is neither WKT nor GeoJSON nor a list of points."));
        free(out->held);
        return TOOL_FAILED;
    }
    return TOOL_OK;
}

/* ---- frames ---- */

static bool like_degrees(size_t n, const double *x, const double *y)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(x[i]) <= 180 && fabs(y[i]) <= 90))
            return false;
    return true;
}

/* GeoJSON is in degrees (RFC 7946) unless it names a CRS, or its numbers can be none. */
static const char *frame_of(const struct source *source, const char *crs, size_t n,
                            const double *x, const double *y)
{
    if (source->kind != SOURCE_JSON)
        return NULL;
    if (*crs)
        return strstr(crs, "CRS84") ? "EPSG:4326" : crs;
    return like_degrees(n, x, y) ? "EPSG:4326" : NULL;
}

/* Into the district's CRS, in place; and is it anywhere near the grids? */
static enum tool_exit place(struct grid_job *job, const struct args *args,
                            const struct source *source, const char *crs, size_t n,
                            double *x, double *y)
{
    struct wg_error err;
    struct wg_transform *own = NULL, *t = job->stated;
    const char *frame = t ? NULL : frame_of(source, crs, n, x, y);
    enum wg_status status = WG_OK;
    if (frame)
        status = wg_transform_create(frame, job->crs, &own, &err);
    t = own ? own : t;
    if (status == WG_OK && t)
        status = wg_transform_points(t, n, x, y, &err);
    wg_transform_destroy(own);
    if (status != WG_OK) {
        err.row = -1;
        return fail(job, args, source, &err);
    }
    for (size_t i = 0; i < n; i++)
        if (wg_box_contains(job->limits, x[i], y[i]))
            return TOOL_OK;
    if (n == 0)
        return TOOL_OK;
    char words[400];
    snprintf(words, sizeof words,
             _("%.6g %.6g is far from all grids of the scheme.  If the coordinates are "
               "in another frame than %s, state it: --crs EPSG:4490, --frame gcj02 …"),
             x[0], y[0], job->crs);
    return fail_words(job, args, source, WG_CRS, words);
}

/* ---- points ---- */

static enum tool_exit parse_point(struct grid_job *job, const struct args *args,
                                  const char *text, const struct wg_point *last,
                                  struct wg_point *out)
{
    struct wg_error err;
    struct source typed = {.kind = SOURCE_WKT};
    char plain[128];
    double x, y;
    int used = 0;
    if (strncasecmp(text, "POINT", 5) == 0 &&
        sscanf(text + 5, " ( %lf %lf ) %n", &x, &y, &used) == 2 && used &&
        !text[5 + used]) {
        char sx[32], sy[32];
        out_double(x, sx);
        out_double(y, sy);
        snprintf(plain, sizeof plain, "%s,%s", sx, sy);
        text = plain;
    }
    if (wg_point_parse(text, last, out, &err) != WG_OK)
        return fail(job, args, NULL, &err);
    text += strspn(text, " \t");
    if (*text == '@' || strncmp(text, "＠", 3) == 0)
        return TOOL_OK;
    return place(job, args, &typed, "", 1, &out->x, &out->y);
}

enum tool_exit grid_point(struct grid_job *job, const struct args *args,
                          const char *option, const struct wg_point *last,
                          struct wg_point *out)
{
    if (!grid_need(args, option))
        return TOOL_USAGE;
    return parse_point(job, args, args_get(args, option), last, out);
}

enum tool_exit grid_points(struct grid_job *job, const struct args *args,
                           const char *text, size_t *n, struct wg_point **out)
{
    enum tool_exit status = TOOL_OK;
    char *copy = strdup(text), *rest = NULL;
    size_t most = strlen(text) / 2 + 1;
    struct wg_point *point = calloc(most, sizeof *point);
    *n = 0;
    if (!copy || !point) {
        status = fail_words(job, args, NULL, WG_NO_MEMORY, _("Out of memory."));
        goto out;
    }
    for (char *word = strtok_r(copy, " \t\r\n;", &rest); word && status == TOOL_OK;
         word = strtok_r(NULL, " \t\r\n;", &rest)) {
        status = parse_point(job, args, word, *n ? &point[*n - 1] : NULL, &point[*n]);
        ++*n;
    }
    if (status == TOOL_OK && *n == 0)
        status = tool_usage(args, "%s", _("a list of points is empty"));
out:
    free(copy);
    if (status == TOOL_OK)
        *out = point;
    else
        free(point);
    return status;
}

static enum tool_exit typed_ring(struct grid_job *job, const struct args *args,
                                 const char *text, bool close, struct wg_line *out)
{
    struct wg_point *p = NULL;
    size_t n;
    enum tool_exit status = grid_points(job, args, text, &n, &p);
    if (status != TOOL_OK)
        return status;
    if (n < (close ? 3 : 2)) {
        free(p);
        return fail_words(job, args, NULL, WG_GEOMETRY,
                          close ? _("An area needs three points or more.")
                                : _("A line needs two points or more."));
    }
    close = close && (p[0].x != p[n - 1].x || p[0].y != p[n - 1].y);
    out->x = calloc(n + 1, sizeof *out->x);
    out->y = calloc(n + 1, sizeof *out->y);
    if (!out->x || !out->y) {
        free(p);
        wg_line_finish(out);
        return fail_words(job, args, NULL, WG_NO_MEMORY, _("Out of memory."));
    }
    for (size_t i = 0; i < n + close; i++) {
        out->x[i] = p[i % n].x;
        out->y[i] = p[i % n].y;
    }
    out->n = (uint32_t)(n + close);
    free(p);
    return TOOL_OK;
}

/* ---- lines ---- */

struct found {
    bool area;
    size_t n, cap;
    struct wg_line line;
    struct wg_multipolygon *mp;
    enum wg_status status;
    struct wg_error err;
};

static bool take_geometry(const char *geometry, size_t n, void *user)
{
    struct found *f = user;
    char *copy = strndup(geometry, n);
    struct wg_multipolygon *more =
        f->area ? realloc(f->mp, (f->n + 1) * sizeof *f->mp) : NULL;
    if (f->area && more)
        f->mp = more;
    if (!copy || (f->area && !more)) {
        f->status = WG_NO_MEMORY;
        snprintf(f->err.text, sizeof f->err.text, "%s", _("Out of memory."));
    } else if (f->area) {
        memset(&f->mp[f->n], 0, sizeof *f->mp);
        f->status = wg_shape_from_geojson(NULL, copy, &f->mp[f->n], &f->err);
        f->n += f->status == WG_OK;
    } else if (f->n++ == 0) {
        f->status = wg_line_from_geojson(copy, &f->line, &f->err);
    } else {
        f->status = WG_GEOMETRY;
        snprintf(f->err.text, sizeof f->err.text, "%s",
                 _("One line is needed, but this has several; join them first."));
    }
    free(copy);
    return f->status == WG_OK;
}

static enum wg_status read_features(const char *text, struct found *f, char crs[96],
                                    struct wg_error *err)
{
    f->err = (struct wg_error){.status = WG_GEOMETRY, .row = -1, .x = NAN, .y = NAN};
    enum wg_status status = wg_geojson_each(text, crs, take_geometry, f, err);
    if (status == WG_OK && f->status != WG_OK) {
        status = f->status;
        *err = f->err;
        err->status = status;
    } else if (status == WG_OK && f->n == 0) {
        status = WG_GEOMETRY;
        *err = f->err;
        snprintf(err->text, sizeof err->text, "%s", _("There is no geometry in it."));
    }
    return status;
}

enum tool_exit grid_line(struct grid_job *job, const struct args *args, const char *text,
                         struct wg_line *out)
{
    struct source source;
    struct found found = {0};
    struct wg_error err;
    char crs[96] = "";
    enum tool_exit exit = find_source(job, args, text, &source);
    if (exit != TOOL_OK)
        return exit;
    if (source.kind == SOURCE_POINTS) {
        exit = typed_ring(job, args, source.text, false, out);
        goto out;
    }
    enum wg_status status = source.kind == SOURCE_JSON
                                ? read_features(source.text, &found, crs, &err)
                                : wg_line_from_wkt(source.text, &found.line, &err);
    exit = status == WG_OK
               ? place(job, args, &source, crs, found.line.n, found.line.x, found.line.y)
               : fail(job, args, &source, &err);
    if (exit == TOOL_OK)
        *out = found.line;
    else
        wg_line_finish(&found.line);
out:
    free(source.held);
    return exit;
}

/* The sketch around what stands in its way. */
static enum tool_exit lead_around(struct grid_job *job, const struct args *args,
                                  struct wg_line *line)
{
    struct grid_footprints near = {0};
    struct wg_box box = wg_box_empty();
    struct wg_line led = {0};
    struct wg_error err;
    char name[96];
    double margin;
    int64_t building = 0;
    if (!args_number(args, "margin", 0.5, &margin))
        return TOOL_USAGE;
    for (uint32_t i = 0; i < line->n; i++)
        box = wg_box_grow(box, line->x[i], line->y[i]);
    double room = 100 + (box.max_x - box.min_x + box.max_y - box.min_y) / 4;
    box = (struct wg_box){box.min_x - room, box.min_y - room, box.max_x + room,
                          box.max_y + room};
    if (!grid_footprints_near(job, args, box, &near))
        return TOOL_FAILED;
    enum wg_status status =
        wg_line_avoid(line, &near.list, margin, &led, &building, &err);
    grid_footprints_finish(&near);
    if (status != WG_OK && building)
        tool_say(args, _("In the way: building %s."),
                 grid_building_name(job, building, name, sizeof name));
    if (status != WG_OK)
        return fail(job, args, NULL, &err);
    wg_line_finish(line);
    *line = led;
    return TOOL_OK;
}

enum tool_exit grid_sketch(struct grid_job *job, const struct args *args,
                           struct wg_line *out)
{
    if (!grid_need(args, "line"))
        return TOOL_USAGE;
    enum tool_exit exit = grid_line(job, args, args_get(args, "line"), out);
    if (exit == TOOL_OK &&
        (args_has(args, "avoid-buildings") || args->verb == &grid_avoid))
        exit = lead_around(job, args, out);
    if (exit != TOOL_OK)
        wg_line_finish(out);
    return exit;
}

/* ---- areas ---- */

static enum wg_status one_area(struct found *f, struct wg_multipolygon *out,
                               struct wg_error *err)
{
    if (f->n == 1) {
        *out = f->mp[0];
        memset(&f->mp[0], 0, sizeof f->mp[0]);
        return WG_OK;
    }
    const struct wg_multipolygon **list = calloc(f->n, sizeof *list);
    if (!list) {
        snprintf(err->text, sizeof err->text, "%s", _("Out of memory."));
        return err->status = WG_NO_MEMORY;
    }
    for (size_t i = 0; i < f->n; i++)
        list[i] = &f->mp[i];
    enum wg_status status = wg_shape_union_all(NULL, f->n, list, out, err);
    free(list);
    return status;
}

static enum wg_status ring_area(struct wg_line *ring, struct wg_multipolygon *out,
                                struct wg_error *err)
{
    char *text = grid_line_text(ring), *wkt = NULL;
    const char *points = text ? strchr(text, '(') : NULL;
    enum wg_status status = WG_NO_MEMORY;
    snprintf(err->text, sizeof err->text, "%s", _("Out of memory."));
    if (points && asprintf(&wkt, "POLYGON(%s)", points) >= 0) {
        status = wg_shape_from_wkt(NULL, wkt, out, err);
        free(wkt);
    }
    free(text);
    return status;
}

enum tool_exit grid_area(struct grid_job *job, const struct args *args, const char *text,
                         struct wg_multipolygon *out)
{
    struct source source;
    struct found found = {.area = true};
    struct wg_multipolygon area = {0};
    struct wg_line ring = {0};
    struct wg_error err = {.row = -1, .x = NAN, .y = NAN};
    char crs[96] = "";
    enum tool_exit exit = find_source(job, args, text, &source);
    if (exit != TOOL_OK)
        return exit;
    enum wg_status status;
    if (source.kind == SOURCE_POINTS) {
        exit = typed_ring(job, args, source.text, true, &ring);
        if (exit != TOOL_OK)
            goto out;
        status = ring_area(&ring, &area, &err);
    } else if (source.kind == SOURCE_WKT) {
        status = wg_shape_from_wkt(NULL, source.text, &area, &err);
    } else {
        status = read_features(source.text, &found, crs, &err);
        if (status == WG_OK)
            status = one_area(&found, &area, &err);
    }
    if (status == WG_OK)
        status = wg_shape_check(NULL, &area, &err);
    exit = status != WG_OK ? fail(job, args, &source, &err)
           : ring.n        ? TOOL_OK /* its points are placed already */
                    : place(job, args, &source, crs, area.n_vertex, area.x, area.y);
    if (exit == TOOL_OK && area.n_part == 0)
        exit = fail_words(job, args, &source, WG_GEOMETRY, _("The area is empty."));
    if (exit == TOOL_OK)
        *out = area;
    else
        wg_multipolygon_finish(&area);
out:
    for (size_t i = 0; i < found.n; i++)
        wg_multipolygon_finish(&found.mp[i]);
    free(found.mp);
    wg_line_finish(&ring);
    free(source.held);
    return exit;
}
