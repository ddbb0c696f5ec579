/* wg_transform(from, to, …): coordinates between frames, in SQL. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "sql.h"
#include "wangge/crs.h"

#define N_KEPT 8 /* transforms a connection keeps ready */

struct kept {
    char *from, *to;
    struct wg_transform *transform;
    int srid;      /* of `to` */
    uint64_t used; /* for giving up the one unused for longest */
};

struct wg_sql_transforms {
    struct kept kept[N_KEPT];
    uint64_t clock;
};

static void kept_drop(struct kept *k)
{
    free(k->from);
    free(k->to);
    wg_transform_destroy(k->transform);
    memset(k, 0, sizeof *k);
}

void wg_sql_transforms_destroy(struct wg_sql_transforms *list)
{
    for (size_t i = 0; list && i < N_KEPT; i++)
        kept_drop(&list->kept[i]);
    free(list);
}

/* ---- which transform ---- */

/* A frame by its name, or by the number of its EPSG code. */
static const char *read_frame(sqlite3_value *value, char room[32])
{
    if (sqlite3_value_type(value) != SQLITE_INTEGER)
        return (const char *)sqlite3_value_text(value);
    snprintf(room, 32, "EPSG:%lld", (long long)sqlite3_value_int64(value));
    return room;
}

/* The SRID that points in a frame get: SpatiaLite's for “not known”, 0 in degrees and -1
 * in a plane, where the frame has no EPSG code. */
static int srid_of(const char *frame)
{
    struct wg_crs_info info;
    if (wg_crs_describe(frame, &info, NULL))
        return 0;
    if (info.code > 0 && strcmp(info.auth, "EPSG") == 0)
        return info.code;
    return info.projected ? -1 : 0;
}

static enum wg_status keep(struct kept *k, const char *from, const char *to,
                           struct wg_error *err)
{
    struct kept made = {.from = wg_strdup(from), .to = wg_strdup(to)};
    enum wg_status status = made.from && made.to ? WG_OK : wg_fail_memory(err);
    if (!status)
        status = wg_transform_create(from, to, &made.transform, err);
    if (status) {
        kept_drop(&made);
        return status;
    }
    made.srid = srid_of(to);
    kept_drop(k);
    *k = made;
    return WG_OK;
}

static enum wg_status find(struct wg_sql *sql, sqlite3_value **argv, struct kept **out,
                           struct wg_error *err)
{
    char room[2][32];
    const char *from = read_frame(argv[0], room[0]), *to = read_frame(argv[1], room[1]);
    if (!from || !to)
        return wg_fail_memory(err);
    if (!sql->transforms)
        sql->transforms = calloc(1, sizeof *sql->transforms);
    struct wg_sql_transforms *list = sql->transforms;
    if (!list)
        return wg_fail_memory(err);
    struct kept *oldest = &list->kept[0];
    for (struct kept *k = list->kept; k < list->kept + N_KEPT; k++) {
        if (k->from && strcmp(k->from, from) == 0 && strcmp(k->to, to) == 0) {
            k->used = ++list->clock;
            *out = k;
            return WG_OK;
        }
        if (k->used < oldest->used)
            oldest = k;
    }
    enum wg_status status = keep(oldest, from, to, err);
    oldest->used = ++list->clock;
    *out = oldest;
    return status;
}

/* ---- a geometry, vertex by vertex ---- */

enum { AT_SRID = 2, AT_BOX = 6, AT_MARK = 38, AT_CLASS = 39 };

struct walk {
    struct wg_bytes bytes;
    struct wg_transform *transform;
    struct wg_box box;
    bool lost; /* a vertex has no place in the other frame */
};

static void put_f64(const unsigned char *at, double v, bool little)
{
    unsigned char *to = (unsigned char *)at; /* the walk reads and writes its own copy */
    wg_put_f64(to, v);
    for (int i = 0; !little && i < 4; i++) {
        unsigned char c = to[i];
        to[i] = to[7 - i];
        to[7 - i] = c;
    }
}

/* n vertices of `stride` doubles; false when the bytes are not there. */
static bool walk_vertices(struct walk *w, uint32_t n, size_t stride)
{
    enum { CHUNK = 256 };
    double x[CHUNK], y[CHUNK];
    bool ok[CHUNK];
    if (wg_bytes_left(&w->bytes) / (8 * stride) < n)
        return false;
    while (n > 0) {
        uint32_t now = n < CHUNK ? n : CHUNK;
        const unsigned char *at = w->bytes.at;
        for (uint32_t i = 0; i < now; i++) {
            x[i] = wg_load_f64(at + i * 8 * stride, w->bytes.little);
            y[i] = wg_load_f64(at + i * 8 * stride + 8, w->bytes.little);
        }
        if (wg_transform_each(w->transform, now, x, y, ok) > 0)
            w->lost = true;
        for (uint32_t i = 0; i < now; i++) {
            put_f64(at + i * 8 * stride, x[i], w->bytes.little);
            put_f64(at + i * 8 * stride + 8, y[i], w->bytes.little);
            w->box = wg_box_grow(w->box, x[i], y[i]);
        }
        w->bytes.at += now * 8 * stride;
        n -= now;
    }
    return true;
}

/* What stands behind a class: 1 point, 2 line, 3 polygon, 4 … 7 several of these. */
static bool walk_geometry(struct walk *w, uint32_t class, bool inside)
{
    uint32_t base = class % 1000, dims = class / 1000, n, m, inner;
    uint8_t mark;
    if (dims > 3 || base < 1 || base > (inside ? 3 : 7))
        return false;
    size_t stride = 2 + (dims & 1) + (dims >> 1);
    if (base == 1)
        return walk_vertices(w, 1, stride);
    if (!wg_bytes_u32(&w->bytes, &n))
        return false;
    if (base == 2)
        return walk_vertices(w, n, stride);
    for (uint32_t i = 0; i < n; i++) {
        bool good = base == 3 ? wg_bytes_u32(&w->bytes, &m) && walk_vertices(w, m, stride)
                              : wg_bytes_u8(&w->bytes, &mark) && mark == 0x69 &&
                                    wg_bytes_u32(&w->bytes, &inner) &&
                                    walk_geometry(w, inner, true);
        if (!good)
            return false;
    }
    return true;
}

/* Transform the geometry in `blob`, our own copy. */
static bool walk_blob(struct walk *w, unsigned char *blob, size_t size, int srid)
{
    uint32_t class;
    uint8_t end;
    if (size < AT_CLASS + 5 || blob[0] != 0 || blob[1] > 1 || blob[AT_MARK] != 0x7C)
        return false;
    w->bytes = (struct wg_bytes){
        .at = blob + AT_CLASS, .end = blob + size, .little = blob[1] == 1};
    w->box = wg_box_empty();
    if (!wg_bytes_u32(&w->bytes, &class) || !walk_geometry(w, class, false) ||
        !wg_bytes_u8(&w->bytes, &end) || end != 0xFE || w->bytes.at != w->bytes.end)
        return false;
    bool little = w->bytes.little;
    for (int i = 0; i < 4; i++)
        blob[AT_SRID + i] =
            (unsigned char)((uint32_t)srid >> (little ? 8 * i : 24 - 8 * i));
    put_f64(blob + AT_BOX, w->box.min_x, little);
    put_f64(blob + AT_BOX + 8, w->box.min_y, little);
    put_f64(blob + AT_BOX + 16, w->box.max_x, little);
    put_f64(blob + AT_BOX + 24, w->box.max_y, little);
    return true;
}

/* ---- the functions ---- */

static void result_point(sqlite3_context *ctx, struct wg_point p, int srid)
{
    unsigned char blob[WG_POINT_BLOB_SIZE];
    wg_shape_point_blob(p.x, p.y, srid, blob);
    sqlite3_result_blob(ctx, blob, sizeof blob, SQLITE_TRANSIENT);
}

static void transform_geometry(sqlite3_context *ctx, const struct kept *k,
                               sqlite3_value *value)
{
    struct wg_error err;
    struct walk w = {.transform = k->transform};
    size_t size = (size_t)sqlite3_value_bytes(value);
    unsigned char *copy = malloc(size ? size : 1);
    if (!copy) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    if (size)
        memcpy(copy, sqlite3_value_blob(value), size);
    if (!walk_blob(&w, copy, size, k->srid)) {
        wg_fail(&err, WG_GEOMETRY,
                _("The geometry is none of SpatiaLite's, or is compressed.  See what "
                  "AsText and UncompressGeometry say of it."));
        wg_sql_fail(ctx, &err);
    } else if (w.lost) {
        sqlite3_result_null(ctx);
    } else {
        sqlite3_result_blob64(ctx, copy, size, free);
        copy = NULL;
    }
    free(copy);
}

/* The place of the call in the other frame; false when the call is ended. */
static bool transform_place(sqlite3_context *ctx, const struct kept *k, int argc,
                            sqlite3_value **argv, struct wg_point *p)
{
    struct wg_error err;
    int srid, used;
    bool ok;
    if (wg_sql_read_place(argc - 2, argv + 2, p, &srid, &used, &err)) {
        wg_sql_fail(ctx, &err);
        return false;
    }
    if (wg_transform_each(k->transform, 1, &p->x, &p->y, &ok) > 0) {
        sqlite3_result_null(ctx); /* no such place there */
        return false;
    }
    return true;
}

static struct kept *begin(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct wg_error err;
    struct kept *k = NULL;
    if (wg_sql_null(ctx, argc, argv))
        return NULL;
    if (find(wg_sql_of(ctx), argv, &k, &err)) {
        wg_sql_fail(ctx, &err);
        return NULL;
    }
    return k;
}

static bool is_point(sqlite3_value *value)
{
    const unsigned char *blob = sqlite3_value_blob(value);
    int size = sqlite3_value_bytes(value);
    return size >= 2 && blob[0] == 0 && blob[1] & 0x80; /* the short form of a point */
}

static void call_transform(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct wg_point p;
    const struct kept *k = begin(ctx, argc, argv);
    if (!k)
        return;
    if (sqlite3_value_type(argv[2]) == SQLITE_BLOB && !is_point(argv[2]))
        transform_geometry(ctx, k, argv[2]);
    else if (transform_place(ctx, k, argc, argv, &p))
        result_point(ctx, p, k->srid);
}

static void call_transform_x(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct wg_point p;
    const struct kept *k = begin(ctx, argc, argv);
    if (k && transform_place(ctx, k, argc, argv, &p))
        sqlite3_result_double(ctx, p.x);
}

static void call_transform_y(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct wg_point p;
    const struct kept *k = begin(ctx, argc, argv);
    if (k && transform_place(ctx, k, argc, argv, &p))
        sqlite3_result_double(ctx, p.y);
}

const struct wg_sql_function wg_sql_transform_functions[] = {
    {"wg_transform", 3, true, call_transform},
    {"wg_transform", 4, true, call_transform},
    {"wg_transform_x", 3, true, call_transform_x},
    {"wg_transform_x", 4, true, call_transform_x},
    {"wg_transform_y", 3, true, call_transform_y},
    {"wg_transform_y", 4, true, call_transform_y},
};
const size_t wg_sql_n_transform_functions =
    sizeof wg_sql_transform_functions / sizeof wg_sql_transform_functions[0];
