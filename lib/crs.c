/* PROJ behind the library's words: transforms, descriptions, the district's CRS. */
#include "wangge/crs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <proj.h>

#include "crs_step.h"
#include "frame.h"
#include "internal.h"

#define WGS84 "EPSG:4326"
#define CGCS2000 "EPSG:4490"

enum { BLOCK = 4096 };

struct wg_transform {
    PJ_CONTEXT *context;
    enum wg_frame from, to; /* WG_FRAME_NONE: PROJ's */
    struct wg_step step[2];
    bool identity;
};

/* What a user may write for a CRS: a frame of the ladder or something of PROJ's. */
struct meaning {
    enum wg_frame frame;
    PJ *crs;              /* horizontal; of the frame, WGS 84 */
    PJ *base;             /* its geographic CRS */
    bool wgs84, cgcs2000; /* what base is */
};

static void quiet(void *data, int level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

static enum wg_status context_create(PJ_CONTEXT **out, struct wg_error *err)
{
    PJ_CONTEXT *context = proj_context_create();
    if (!context)
        return wg_fail_memory(err);
    proj_log_func(context, NULL, quiet);
    proj_context_set_enable_network(context, 0);
    proj_context_use_proj4_init_rules(context, 1); /* "+init=epsg:4545" */
    *out = context;
    return WG_OK;
}

static const char *proj_words(PJ_CONTEXT *context)
{
    int number = proj_context_errno(context);
    const char *words = number ? proj_context_errno_string(context, number) : NULL;
    return words ? words : "?";
}

/* ---- reading a CRS ---- */

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* A plain name, neither AUTHORITY:CODE nor WKT, JSON or a PROJ string? */
static bool is_plain_name(const char *text)
{
    return !strpbrk(text, ":[{") && !strstr(text, "proj=") && !strstr(text, "init=");
}

/* PROJ matches names loosely ("beijing" finds a CRS): only a whole name will do. */
static PJ *from_name(PJ_CONTEXT *context, const char *name)
{
    static const PJ_TYPE types[] = {PJ_TYPE_CRS};
    if (wg_text_equal_fold(name, "wgs84"))
        return proj_create(context, WGS84);
    if (wg_text_equal_fold(name, "cgcs2000"))
        return proj_create(context, CGCS2000);
    PJ_OBJ_LIST *found = proj_create_from_name(context, NULL, name, types, 1, 0, 0, NULL);
    PJ *crs =
        found && proj_list_get_count(found) > 0 ? proj_list_get(context, found, 0) : NULL;
    proj_list_destroy(found);
    return crs;
}

static PJ *from_text(PJ_CONTEXT *context, const char *text)
{
    if (is_plain_name(text))
        return from_name(context, text);
    if (strchr(text, '[') || strchr(text, '{') || strstr(text, "type=crs") ||
        !(strstr(text, "proj=") || strstr(text, "init=")))
        return proj_create(context, text);
    size_t size = strlen(text) + sizeof " +type=crs";
    char *whole = malloc(size);
    if (!whole)
        return NULL;
    snprintf(whole, size, "%s +type=crs", text);
    PJ *crs = proj_create(context, whole);
    free(whole);
    return crs;
}

static enum wg_status parse(PJ_CONTEXT *context, const char *text, PJ **out,
                            struct wg_error *err)
{
    while (text && (*text == ' ' || *text == '\t'))
        text++;
    if (!text || !*text)
        return wg_fail(err, WG_CRS,
                       _("No coordinate reference system is given. Name one, such as "
                         "EPSG:4545, gcj02 or bd09."));
    if (is_number(text))
        return wg_fail(err, WG_CRS,
                       _("\"%s\" is a number, not a coordinate reference system. Write "
                         "EPSG:%s if that is meant."),
                       text, text);
    PJ *crs = from_text(context, text);
    if (!crs || !proj_is_crs(crs)) {
        proj_destroy(crs);
        return wg_fail(
            err, WG_CRS,
            _("\"%.200s\" is no coordinate reference system that PROJ knows. "
              "Give an authority's code (EPSG:4545), the exact name, a WKT or a "
              "PROJ string, or gcj02 or bd09."),
            text);
    }
    *out = crs;
    return WG_OK;
}

/* The CRS beneath a bound or compound one. */
static PJ *horizontal(PJ_CONTEXT *context, const PJ *crs)
{
    PJ *at = proj_clone(context, crs);
    for (int depth = 0; at && depth < 4; depth++) {
        PJ_TYPE type = proj_get_type(at);
        PJ *below = NULL;
        if (type == PJ_TYPE_COMPOUND_CRS)
            below = proj_crs_get_sub_crs(context, at, 0);
        else if (type == PJ_TYPE_BOUND_CRS)
            below = proj_get_source_crs(context, at);
        else
            break;
        proj_destroy(at);
        at = below;
    }
    return at;
}

static bool is_geographic(const PJ *crs)
{
    PJ_TYPE type = proj_get_type(crs);
    return type == PJ_TYPE_GEOGRAPHIC_2D_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS;
}

static bool is_same(PJ_CONTEXT *context, const PJ *crs, const char *name)
{
    PJ *other = proj_create(context, name);
    bool same = other && crs &&
                proj_is_equivalent_to_with_ctx(
                    context, crs, other, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS);
    proj_destroy(other);
    return same;
}

static void meaning_finish(struct meaning *m)
{
    proj_destroy(m->crs);
    proj_destroy(m->base);
}

static enum wg_status understand(PJ_CONTEXT *context, const char *text,
                                 struct meaning *out, struct wg_error *err)
{
    struct meaning m = {.frame = wg_frame_parse(text)};
    PJ *flat = NULL;
    enum wg_status status =
        parse(context, m.frame == WG_FRAME_NONE ? text : WGS84, &m.crs, err);
    if (status)
        goto out;
    flat = horizontal(context, m.crs);
    if (!flat || (proj_get_type(flat) != PJ_TYPE_PROJECTED_CRS && !is_geographic(flat))) {
        status = wg_fail(err, WG_CRS,
                         _("\"%.200s\" has no horizontal coordinates in degrees or on a "
                           "map. Give a geographic or a projected coordinate reference "
                           "system."),
                         text);
        goto out;
    }
    /* A bound CRS keeps its own way to WGS 84: only a plain one has a base. */
    if (proj_get_type(m.crs) != PJ_TYPE_BOUND_CRS)
        m.base = proj_crs_get_geodetic_crs(context, flat);
    m.wgs84 = m.base && is_same(context, m.base, WGS84);
    m.cgcs2000 = m.base && is_same(context, m.base, CGCS2000);
    *out = m;
    m.crs = m.base = NULL;
out:
    proj_destroy(flat);
    meaning_finish(&m);
    return status;
}

/* ---- transforms ---- */

static enum wg_status step_create(PJ_CONTEXT *context, const PJ *from, const PJ *to,
                                  struct wg_step *out, struct wg_error *err)
{
    if (proj_is_equivalent_to_with_ctx(context, from, to,
                                       PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS))
        return WG_OK;
    PJ *raw = proj_create_crs_to_crs_from_pj(context, from, to, NULL, NULL);
    PJ *normal = raw ? proj_normalize_for_visualization(context, raw) : NULL;
    proj_destroy(raw);
    if (!normal)
        return wg_fail(err, WG_CRS,
                       _("PROJ has no way from \"%s\" to \"%s\" (%s). Take another "
                         "coordinate reference system."),
                       proj_get_name(from), proj_get_name(to), proj_words(context));
    wg_step_init(out, context, from, to, normal);
    return WG_OK;
}

/* CGCS2000 and WGS 84 count as equal: degrees pass from one to the other unchanged,
 * whatever a version of PROJ's database says about the two. */
static bool crosses_equal(const struct meaning *from, const struct meaning *to)
{
    return (from->wgs84 && to->cgcs2000) || (from->cgcs2000 && to->wgs84);
}

static enum wg_status steps_create(struct wg_transform *t, const struct meaning *from,
                                   const struct meaning *to, struct wg_error *err)
{
    if (from->frame != WG_FRAME_NONE && to->frame != WG_FRAME_NONE)
        return WG_OK;
    if (!crosses_equal(from, to))
        return step_create(t->context, from->crs, to->crs, &t->step[0], err);
    enum wg_status status =
        step_create(t->context, from->crs, from->base, &t->step[0], err);
    if (!status)
        status = step_create(t->context, to->base, to->crs, &t->step[1], err);
    return status;
}

enum wg_status wg_transform_create(const char *from, const char *to,
                                   struct wg_transform **out, struct wg_error *err)
{
    struct meaning a = {0}, b = {0};
    struct wg_transform *t = calloc(1, sizeof *t);
    if (!t)
        return wg_fail_memory(err);
    enum wg_status status = context_create(&t->context, err);
    if (!status)
        status = understand(t->context, from, &a, err);
    if (!status)
        status = understand(t->context, to, &b, err);
    if (!status)
        status = steps_create(t, &a, &b, err);
    if (status)
        goto out;
    t->from = a.frame;
    t->to = b.frame;
    t->identity = a.frame == b.frame && !t->step[0].pj && !t->step[1].pj;
    *out = t;
    t = NULL;
out:
    meaning_finish(&a);
    meaning_finish(&b);
    wg_transform_destroy(t);
    return status;
}

void wg_transform_destroy(struct wg_transform *t)
{
    if (!t)
        return;
    wg_step_finish(&t->step[0]);
    wg_step_finish(&t->step[1]);
    if (t->context)
        proj_context_destroy(t->context);
    free(t);
}

bool wg_transform_is_identity(const struct wg_transform *t)
{
    return t->identity;
}

/* Along the ladder of frames; a point that fails becomes NaN and the first one's
 * status is kept. */
static enum wg_status ladder(enum wg_frame from, enum wg_frame to, size_t n, double *x,
                             double *y)
{
    enum wg_status first = WG_OK;
    for (size_t i = 0; i < n; i++) {
        struct wg_point p = {x[i], y[i]};
        enum wg_status status = wg_frame_convert(from, to, p, &p);
        if (status)
            p = (struct wg_point){NAN, NAN};
        if (!first)
            first = status;
        x[i] = p.x;
        y[i] = p.y;
    }
    return first;
}

/* Transform in place; points that cannot be become NaN or infinite.  The status is of
 * the ladder only. */
static enum wg_status convert_block(struct wg_transform *t, size_t n, double *x,
                                    double *y)
{
    enum wg_status status = WG_OK;
    if (t->from != WG_FRAME_NONE && t->to != WG_FRAME_NONE)
        return ladder(t->from, t->to, n, x, y);
    if (t->from != WG_FRAME_NONE)
        status = ladder(t->from, WG_FRAME_WGS84, n, x, y);
    wg_step_run(&t->step[0], n, x, y);
    wg_step_run(&t->step[1], n, x, y);
    if (t->to != WG_FRAME_NONE) {
        enum wg_status up = ladder(WG_FRAME_WGS84, t->to, n, x, y);
        status = status ? status : up;
    }
    return status;
}

/* In blocks that stay in the processor's cache from step to step. */
static enum wg_status convert(struct wg_transform *t, size_t n, double *x, double *y)
{
    enum wg_status first = WG_OK;
    for (size_t i = 0; i < n; i += BLOCK) {
        enum wg_status status =
            convert_block(t, n - i < BLOCK ? n - i : BLOCK, x + i, y + i);
        first = first ? first : status;
    }
    return first;
}

/* Every point will have an image: nothing to undo, nothing to look over. */
static bool is_sure(const struct wg_transform *t, size_t n, const double *x,
                    const double *y)
{
    const struct wg_step *only = t->step[0].pj ? &t->step[0] : &t->step[1];
    if (t->from != WG_FRAME_NONE || t->to != WG_FRAME_NONE ||
        (t->step[0].pj && t->step[1].pj))
        return false;
    return wg_step_is_sure(only, n, x, y);
}

static enum wg_status bad_point(struct wg_transform *t, enum wg_status status, size_t at,
                                double x, double y, struct wg_error *err)
{
    if (status == WG_NO_CONVERGENCE)
        wg_fail_row(err, status, (int64_t)at,
                    _("Point %zu (%.9g, %.9g) has no counterpart: the inverse of %s does "
                      "not settle there. Check the frame of the points."),
                    at + 1, x, y, wg_frame_name(t->from));
    else
        wg_fail_row(err, WG_OUT_OF_RANGE, (int64_t)at,
                    _("Point %zu (%.9g, %.9g) cannot be transformed: it lies outside "
                      "what the coordinate reference systems can hold. Check the frame "
                      "of the points, and that x is east and y is north."),
                    at + 1, x, y);
    if (err) {
        err->x = x;
        err->y = y;
    }
    return status == WG_NO_CONVERGENCE ? status : WG_OUT_OF_RANGE;
}

enum wg_status wg_transform_points(struct wg_transform *t, size_t n, double *x, double *y,
                                   struct wg_error *err)
{
    enum wg_status status = WG_OK;
    if (n == 0)
        return WG_OK;
    if (is_sure(t, n, x, y)) {
        convert(t, n, x, y);
        return WG_OK;
    }
    if (n > SIZE_MAX / 2 / sizeof *x)
        return wg_fail_memory(err);
    double *copy = malloc(2 * n * sizeof *copy);
    if (!copy)
        return wg_fail_memory(err);
    memcpy(copy, x, n * sizeof *x);
    memcpy(copy + n, y, n * sizeof *y);
    convert(t, n, copy, copy + n);
    for (size_t i = 0; i < n && !status; i++) {
        if (isfinite(copy[i]) && isfinite(copy[n + i]))
            continue;
        double again_x = x[i], again_y = y[i]; /* which of the two kinds is it? */
        status = bad_point(t, convert(t, 1, &again_x, &again_y), i, x[i], y[i], err);
    }
    if (!status) {
        memcpy(x, copy, n * sizeof *x);
        memcpy(y, copy + n, n * sizeof *y);
    }
    free(copy);
    return status;
}

size_t wg_transform_each(struct wg_transform *t, size_t n, double *x, double *y, bool *ok)
{
    size_t bad = 0;
    convert(t, n, x, y);
    for (size_t i = 0; i < n; i++) {
        ok[i] = isfinite(x[i]) && isfinite(y[i]);
        if (ok[i])
            continue;
        x[i] = y[i] = NAN;
        bad++;
    }
    return bad;
}

/* ---- describing ---- */

/* Axes of a horizontal CRS. */
struct axes {
    double unit_m[2]; /* 0 for degrees */
    bool east, north; /* one axis runs each way */
};

static bool read_axes(PJ_CONTEXT *context, const PJ *crs, struct axes *out)
{
    struct axes axes = {{0, 0}, false, false};
    PJ *system = proj_crs_get_coordinate_system(context, crs);
    bool ok = system && proj_cs_get_axis_count(context, system) >= 2;
    for (int i = 0; ok && i < 2; i++) {
        const char *direction = NULL;
        ok = proj_cs_get_axis_info(context, system, i, NULL, NULL, &direction,
                                   &axes.unit_m[i], NULL, NULL, NULL);
        axes.east = axes.east || wg_text_equal(direction, "east");
        axes.north = axes.north || wg_text_equal(direction, "north");
    }
    if (ok && is_geographic(crs))
        axes.unit_m[0] = axes.unit_m[1] = 0;
    proj_destroy(system);
    *out = axes;
    return ok;
}

static void describe(PJ_CONTEXT *context, const PJ *crs, const PJ *flat,
                     struct wg_crs_info *info)
{
    struct axes axes;
    const char *name = proj_get_name(crs), *auth = proj_get_id_auth_name(crs, 0);
    const char *code = proj_get_id_code(crs, 0);
    *info = (struct wg_crs_info){.west = NAN, .south = NAN, .east = NAN, .north = NAN};
    info->geographic = is_geographic(flat);
    info->projected = proj_get_type(flat) == PJ_TYPE_PROJECTED_CRS;
    if (read_axes(context, flat, &axes))
        info->unit_m = axes.unit_m[0];
    if (name)
        snprintf(info->name, sizeof info->name, "%s", name);
    if (auth && code && is_number(code) && strlen(code) < 9) {
        snprintf(info->auth, sizeof info->auth, "%s", auth);
        info->code = (int)strtol(code, NULL, 10);
    }
    double west, south, east, north;
    if (proj_get_area_of_use(context, crs, &west, &south, &east, &north, NULL) &&
        west > -1000) { /* PROJ's word for unknown */
        info->west = west;
        info->south = south;
        info->east = east;
        info->north = north;
    }
}

static void describe_frame(enum wg_frame frame, struct wg_crs_info *out)
{
    *out = (struct wg_crs_info){.geographic = frame != WG_FRAME_BD09MC,
                                .projected = frame == WG_FRAME_BD09MC,
                                .unit_m = frame == WG_FRAME_BD09MC,
                                .west = 72.004,
                                .south = 0.8293,
                                .east = 137.8347,
                                .north = 55.8271};
    snprintf(out->name, sizeof out->name, "%s", wg_frame_name(frame));
}

enum wg_status wg_crs_describe(const char *crs, struct wg_crs_info *out,
                               struct wg_error *err)
{
    enum wg_frame frame = wg_frame_parse(crs);
    PJ_CONTEXT *context = NULL;
    PJ *pj = NULL, *flat = NULL;
    if (frame != WG_FRAME_NONE) {
        describe_frame(frame, out);
        return WG_OK;
    }
    enum wg_status status = context_create(&context, err);
    if (!status)
        status = parse(context, crs, &pj, err);
    if (status)
        goto out;
    flat = horizontal(context, pj);
    describe(context, pj, flat ? flat : pj, out);
out:
    proj_destroy(flat);
    proj_destroy(pj);
    if (context)
        proj_context_destroy(context);
    return status;
}

/* Write a CRS out with one of PROJ's writers. */
static enum wg_status write_crs(const char *crs, bool wkt, char **out,
                                struct wg_error *err)
{
    static const char *const options[] = {"MULTILINE=NO", NULL};
    enum wg_frame frame = wg_frame_parse(crs);
    PJ_CONTEXT *context = NULL;
    PJ *pj = NULL;
    const char *text;
    char *copy;
    if (frame != WG_FRAME_NONE)
        return wg_fail(err, WG_CRS,
                       _("%s is not a coordinate reference system that a file can name. "
                         "Convert to WGS 84 or CGCS2000 first."),
                       wg_frame_name(frame));
    enum wg_status status = context_create(&context, err);
    if (!status)
        status = parse(context, crs, &pj, err);
    if (status)
        goto out;
    text = wkt ? proj_as_wkt(context, pj, PJ_WKT2_2019, options)
               : proj_as_proj_string(context, pj, PJ_PROJ_4, NULL);
    if (!text) {
        status = wg_fail(err, WG_CRS, _("PROJ cannot write \"%.200s\" as text (%s)."),
                         crs, proj_words(context));
        goto out;
    }
    copy = wg_strdup(text);
    if (!copy) {
        status = wg_fail_memory(err);
        goto out;
    }
    char *type = wkt ? NULL : strstr(copy, " +type=crs");
    if (type)
        *type = '\0';
    *out = copy;
out:
    proj_destroy(pj);
    if (context)
        proj_context_destroy(context);
    return status;
}

enum wg_status wg_crs_wkt(const char *crs, char **out, struct wg_error *err)
{
    return write_crs(crs, true, out, err);
}

enum wg_status wg_crs_proj4(const char *crs, char **out, struct wg_error *err)
{
    return write_crs(crs, false, out, err);
}

/* ---- the district's CRS ---- */

int wg_crs_gk3_zone(double lon_deg)
{
    if (!(lon_deg >= 73.5 && lon_deg < 136.5))
        return 0;
    return (int)floor((lon_deg - 1.5) / 3.0) + 1;
}

int wg_crs_gk3_epsg(double lon_deg)
{
    int zone = wg_crs_gk3_zone(lon_deg);
    return zone ? 4534 + zone - 25 : 0; /* EPSG:4534 is CM 75E, zone 25 */
}

static int utm_epsg(double lon_deg, double lat_deg)
{
    int zone = (int)floor((lon_deg + 180.0) / 6.0) % 60 + 1;
    return (lat_deg < 0 ? 32700 : 32600) + zone;
}

/* A sentence that names a CRS to take instead. */
static void propose(const struct wg_crs_info *info, double lon, char *out, size_t size)
{
    double lat = (info->south + info->north) / 2, width = info->east - info->west;
    if (isnan(lon) && width > 0 && width <= 12)
        lon = (info->west + info->east) / 2;
    if (!(lon >= -180 && lon <= 180)) {
        snprintf(out, size, "%s",
                 _("Take a projected one in metres: in China CGCS2000 / 3-degree "
                   "Gauss-Kruger (EPSG:4534 to EPSG:4554), elsewhere a UTM zone."));
        return;
    }
    bool china = wg_crs_gk3_epsg(lon) && !(width <= 60 && (lat < 3 || lat > 54));
    if (china)
        snprintf(out, size, _("For longitude %.4g take EPSG:%d."), lon,
                 wg_crs_gk3_epsg(lon));
    else if (width <= 60)
        snprintf(out, size, _("For longitude %.4g take EPSG:%d."), lon,
                 utm_epsg(lon, lat));
    else
        snprintf(out, size,
                 _("For longitude %.4g take EPSG:%d (south of the equator "
                   "EPSG:%d)."),
                 lon, utm_epsg(lon, 1), utm_epsg(lon, -1));
}

static bool is_web_mercator(PJ_CONTEXT *context, const PJ *crs)
{
    const char *method = NULL;
    PJ *conversion = proj_crs_get_coordoperation(context, crs);
    bool is =
        conversion &&
        proj_coordoperation_get_method_info(context, conversion, &method, NULL, NULL) &&
        method && strstr(method, "Pseudo Mercator");
    proj_destroy(conversion);
    return is;
}

/* Why a CRS cannot be a district's; NULL when it can. */
static const char *objection(PJ_CONTEXT *context, const PJ *crs, const PJ *flat)
{
    struct axes axes;
    PJ_TYPE type = proj_get_type(crs);
    if (is_geographic(flat) && type != PJ_TYPE_COMPOUND_CRS)
        return _("it is in degrees");
    if (type == PJ_TYPE_COMPOUND_CRS)
        return _("it is compound: heights have a system of their own here");
    if (proj_get_type(flat) != PJ_TYPE_PROJECTED_CRS)
        return _("it is not projected");
    if (!read_axes(context, flat, &axes) || fabs(axes.unit_m[0] - 1) > 1e-12 ||
        fabs(axes.unit_m[1] - 1) > 1e-12)
        return _("its unit is not the metre");
    if (!axes.east || !axes.north)
        return _("its axes do not run east and north");
    if (is_web_mercator(context, flat))
        return _("Web Mercator's metres are not metres on the ground and its areas are "
                 "wrong");
    return NULL;
}

enum wg_status wg_crs_check_district(const char *crs, double lon, struct wg_error *err)
{
    enum wg_frame frame = wg_frame_parse(crs);
    struct wg_crs_info info;
    char proposal[256];
    PJ_CONTEXT *context = NULL;
    PJ *pj = NULL, *flat = NULL;
    const char *reason;
    enum wg_status status = context_create(&context, err);
    if (!status)
        status = parse(context, frame == WG_FRAME_NONE ? crs : WGS84, &pj, err);
    if (status)
        goto out;
    flat = horizontal(context, pj);
    if (!flat) {
        status = wg_fail_memory(err);
        goto out;
    }
    describe(context, pj, flat, &info);
    reason = frame == WG_FRAME_NONE ? objection(context, pj, flat)
                                    : _("it is a web map's shifted frame");
    if (!reason)
        goto out;
    propose(&info, lon, proposal, sizeof proposal);
    status = wg_fail(err, WG_CRS,
                     _("%.200s cannot be the district's coordinate reference "
                       "system: %s. %s"),
                     crs, reason, proposal);
out:
    proj_destroy(flat);
    proj_destroy(pj);
    if (context)
        proj_context_destroy(context);
    return status;
}
