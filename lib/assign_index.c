/* Owns the finding of owners by the index: objects stream by in order of id. */
#include "assign_stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assign_window.h"
#include "bytes.h"
#include "internal.h"
#include "locate_share.h"
#include "statement.h"
#include "wangge/shape.h"

/* Up to so many objects, only the grids in their box are read. */
#define FEW_OBJECTS 2048

enum { BLOB_MBR = 6, BLOB_MBR_END = 38, BLOB_CLASS = 39, BLOB_XY = 43 };

/* ---- reading objects ---- */

/* The box that stands in the head of a SpatiaLite geometry. */
static bool blob_box(const unsigned char *blob, size_t size, struct wg_box *box)
{
    if (size <= BLOB_XY || blob[0] != 0 || blob[1] > 1 || blob[BLOB_MBR_END] != 0x7c)
        return false;
    const unsigned char *at = blob + BLOB_MBR;
    *box = (struct wg_box){wg_load_f64(at, blob[1]), wg_load_f64(at + 8, blob[1]),
                           wg_load_f64(at + 16, blob[1]), wg_load_f64(at + 24, blob[1])};
    return true;
}

/* A point that cannot be read is outside, as for SpatiaLite. */
static struct wg_point read_point(const unsigned char *blob, size_t size)
{
    struct wg_point p = {NAN, NAN};

    if (size == WG_POINT_BLOB_SIZE && blob[0] == 0 && blob[1] == 1 &&
        blob[BLOB_MBR_END] == 0x7c && wg_load_u32(blob + BLOB_CLASS, true) == 1)
        return (struct wg_point){wg_load_f64(blob + BLOB_XY, true),
                                 wg_load_f64(blob + BLOB_XY + 8, true)};
    if (wg_shape_point_from_blob(blob, size, &p, NULL) != WG_OK)
        return (struct wg_point){NAN, NAN};
    return p;
}

#define OBJECTS(columns, table)                                                          \
    "SELECT " columns " FROM " table " o WHERE o.id BETWEEN ?1 AND ?2 ORDER BY o.id"
#define LISTED(columns, table, kind)                                                     \
    "SELECT " columns " FROM temp.wg_near n CROSS JOIN " table                           \
    " o ON o.id = n.id WHERE n.kind = " kind " AND n.id BETWEEN ?1 AND ?2 ORDER BY n.id"
#define TIMED                                                                            \
    "o.id, o.geom, strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(o.occurred_at, "              \
    "o.reported_at))"

static enum wg_status open_objects(struct wg_asking *a, enum wg_kind kind, bool dated,
                                   struct wg_query **q)
{
    static const char *const sql[WG_KIND_COUNT + 1][2] = {
        [WG_KIND_BUILDING] = {OBJECTS("o.id, o.geom", "building"),
                              LISTED("o.id, o.geom", "building", "1")},
        [WG_KIND_PART] = {OBJECTS("o.id, o.geom", "part"),
                          LISTED("o.id, o.geom", "part", "2")},
        [WG_KIND_EVENT] = {OBJECTS("o.id, o.geom", "event"),
                           LISTED("o.id, o.geom", "event", "3")},
        [WG_KIND_COUNT] = {OBJECTS(TIMED, "event"), LISTED(TIMED, "event", "3")},
    };
    enum wg_status s =
        wg_query(a->store, sql[dated ? WG_KIND_COUNT : kind][a->listed], q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(*q, 1, a->first);
    wg_bind_int(*q, 2, a->last);
    return WG_OK;
}

/* The box of the objects asked, unless they are many: then an empty one. */
static enum wg_status box_of_few(struct wg_asking *a, enum wg_kind kind,
                                 struct wg_box *box)
{
    struct wg_query *q;
    bool row = true;
    enum wg_status s = open_objects(a, kind, false, &q);

    *box = wg_box_empty();
    if (s != WG_OK)
        return s;
    for (int n = 0; (s = wg_step(q, &row, a->err)) == WG_OK && row; n++) {
        struct wg_box one;
        size_t size;
        const void *blob = wg_column_blob(q, 1, &size);

        if (n == FEW_OBJECTS) {
            *box = wg_box_empty();
            break;
        }
        if (kind != WG_KIND_BUILDING && blob) {
            struct wg_point p = read_point(blob, size);
            one = (struct wg_box){p.x, p.y, p.x, p.y};
        } else if (!blob || !blob_box(blob, size, &one)) {
            continue;
        }
        if (one.min_x <= one.max_x && one.min_y <= one.max_y) /* not NaN */
            *box = wg_box_union(*box, one);
    }
    wg_done(q);
    return s;
}

static enum wg_status open_windows(struct wg_asking *a, int64_t scheme, enum wg_kind kind)
{
    struct wg_box box = wg_box_empty();
    enum wg_status s = WG_OK;

    if (a->windows)
        return WG_OK;
    if (a->listed)
        box = a->box;
    else if (a->first != INT64_MIN || a->last != INT64_MAX)
        s = box_of_few(a, kind, &box);
    return s == WG_OK ? wg_windows_create(a->store, scheme, &box, &a->windows, a->err)
                      : s;
}

/* ---- points ---- */

struct points {
    double x[WG_STREAM_CHUNK], y[WG_STREAM_CHUNK];
    uint32_t rank[WG_STREAM_CHUNK];
};

static enum wg_status fill_points(struct wg_asking *a, struct wg_query *q, bool dated,
                                  struct wg_stream *stream, struct points *p)
{
    bool row = true;
    enum wg_status s = WG_OK;

    while (stream->n < WG_STREAM_CHUNK && (s = wg_step(q, &row, a->err)) == WG_OK &&
           row) {
        struct wg_owned *o = &stream->owned[stream->n];
        size_t size;
        const void *blob = wg_column_blob(q, 1, &size);
        struct wg_point at = {NAN, NAN};

        *o = (struct wg_owned){.id = wg_column_int(q, 0)};
        o->how = wg_column_is_null(q, 1) ? WG_HOW_NO_PLACE : WG_HOW_OUTSIDE;
        if (blob)
            at = read_point(blob, size);
        p->x[stream->n] = at.x;
        p->y[stream->n] = at.y;
        if (dated)
            p->rank[stream->n] = wg_windows_rank(a->windows, wg_column_text(q, 2));
        stream->n++;
    }
    stream->last = !row;
    return s;
}

static enum wg_status own_points(struct wg_asking *a, struct wg_stream *stream,
                                 const struct points *p)
{
    int64_t grid[WG_STREAM_CHUNK];
    enum wg_status s =
        wg_windows_find(a->windows, stream->n, p->x, p->y, p->rank, grid, a->err);

    for (size_t i = 0; s == WG_OK && i < stream->n; i++) {
        if (grid[i]) {
            stream->owned[i].grid = grid[i];
            stream->owned[i].share = 1;
            stream->owned[i].how = WG_HOW_COVER;
        }
    }
    return s;
}

static enum wg_status ask_points(struct wg_asking *a, enum wg_kind kind,
                                 struct wg_stream *stream)
{
    struct points *p = malloc(sizeof *p);
    bool dated = kind == WG_KIND_EVENT && wg_windows_dated(a->windows);
    struct wg_query *q = NULL;
    enum wg_status s = p ? WG_OK : wg_fail_memory(a->err);

    for (size_t i = 0; p && i < WG_STREAM_CHUNK; i++)
        p->rank[i] = wg_windows_rank(a->windows, NULL);
    if (s == WG_OK)
        s = open_objects(a, kind, dated, &q);
    while (s == WG_OK && !stream->last) {
        s = fill_points(a, q, dated, stream, p);
        if (s == WG_OK)
            s = own_points(a, stream, p);
        if (s == WG_OK)
            s = wg_stream_write(stream);
    }
    wg_done(q);
    free(p);
    return s;
}

/* ---- buildings ---- */

struct piece {
    int64_t grid;
    double weight; /* 2: the grid covers all of it; else the share */
};

struct pieces { /* in order of code */
    struct piece *piece;
    size_t n, cap;
    struct wg_locator_share *share;
    size_t cap_share;
};

static enum wg_status add_piece(struct pieces *p, int64_t grid, double weight,
                                struct wg_error *err)
{
    void *array = p->piece;

    if (!wg_grow(&array, &p->cap, p->n + 1, sizeof *p->piece))
        return wg_fail_memory(err);
    p->piece = array;
    p->piece[p->n++] = (struct piece){grid, weight};
    return WG_OK;
}

/* What SpatiaLite says of one building, where polygons are not valid or two shares are so
 * near that its roundings decide. */
static enum wg_status pieces_by_sql(struct wg_asking *a, int64_t scheme, int64_t building,
                                    struct pieces *p)
{
    struct wg_query *q;
    bool row;
    enum wg_status s = wg_query(a->store,
                                "SELECT grid_id, weight FROM owner_piece WHERE "
                                "building_id = ?1 AND scheme_id = ?2 ORDER BY code",
                                &q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, building);
    wg_bind_int(q, 2, scheme);
    p->n = 0;
    while (s == WG_OK && (s = wg_step(q, &row, a->err)) == WG_OK && row)
        s = add_piece(p, wg_column_int(q, 0), wg_column_real(q, 1), a->err);
    wg_done(q);
    return s;
}

static enum wg_status shares_of(struct wg_asking *a, const struct wg_multipolygon *mp,
                                struct pieces *p, size_t *n)
{
    const struct wg_locator *now = wg_windows_now(a->windows);
    enum wg_status s =
        wg_locator_shares(now, NULL, mp, p->cap_share, p->share, n, a->err);

    if (s == WG_OK && *n > p->cap_share) {
        void *array = p->share;

        if (!wg_grow(&array, &p->cap_share, *n, sizeof *p->share))
            return wg_fail_memory(a->err);
        p->share = array;
        s = wg_locator_shares(now, NULL, mp, p->cap_share, p->share, n, a->err);
    }
    return s;
}

#define NEAR_TIE 1e-8

/* Could another rounding choose another owner? */
static bool is_close(const struct wg_locator_share *share, size_t n)
{
    double first = 0, second = 0;

    for (size_t i = 0; i < n; i++) {
        double weight = share[i].covers ? 2 : share[i].share;

        if (share[i].slot == 0)
            continue;
        if (weight > first)
            second = first, first = weight;
        else if (weight > second)
            second = weight;
    }
    return first > 0 && first < 2 && (first < NEAR_TIE || first - second < NEAR_TIE);
}

/* So thin that roundings are all its area. */
static bool is_flat(const struct wg_multipolygon *mp)
{
    struct wg_box box = wg_multipolygon_box(mp);

    return wg_multipolygon_area(mp) <=
           1e-9 * (box.max_x - box.min_x) * (box.max_y - box.min_y);
}

/* Areas are only as good as the polygons. */
static enum wg_status are_valid(struct wg_asking *a, struct wg_shape *shape,
                                const struct wg_multipolygon *mp, const struct pieces *p,
                                size_t n, bool *valid)
{
    enum wg_status s = wg_shape_check(shape, mp, a->err);

    *valid = s == WG_OK;
    if (s == WG_GEOMETRY)
        return WG_OK;
    for (size_t i = 0; s == WG_OK && *valid && i < n; i++) {
        if (p->share[i].slot && !p->share[i].covers)
            s = wg_windows_valid(a->windows, shape, p->share[i].slot, valid, a->err);
    }
    return s;
}

static enum wg_status pieces_of(struct wg_asking *a, struct wg_shape *shape,
                                int64_t scheme, int64_t building,
                                const struct wg_multipolygon *mp, struct pieces *p)
{
    const struct wg_locator *now = wg_windows_now(a->windows);
    size_t n = 0;
    bool valid = true;
    enum wg_status s = shares_of(a, mp, p, &n);

    if (s == WG_OK)
        s = are_valid(a, shape, mp, p, n, &valid);
    if (s == WG_OK && (!valid || is_flat(mp) || is_close(p->share, n)))
        return pieces_by_sql(a, scheme, building, p);
    p->n = 0;
    for (size_t i = 0; s == WG_OK && i < n; i++) {
        const struct wg_locator_share *share = &p->share[i];

        if (share->slot)
            s = add_piece(p, wg_locator_id(now, share->slot),
                          share->covers ? 2 : share->share, a->err);
    }
    return s;
}

/* As SQL's round(weight, 9). */
static double rounded(double weight)
{
    char text[32];

    snprintf(text, sizeof text, "%.9f", weight);
    return strtod(text, NULL);
}

/* The rule of schema/020-owner.sql. */
static const struct piece *best_piece(const struct pieces *p)
{
    const struct piece *best = NULL;
    double most = 0;

    for (size_t i = 0; i < p->n; i++) {
        double weight = p->piece[i].weight;

        if (weight < 2 && p->n > 1)
            weight = rounded(weight);
        if (weight > most && rounded(weight) > 0) {
            most = weight;
            best = &p->piece[i];
        }
    }
    return best;
}

/* Pieces of any size that own, others above WG_CUT_SHARE; two make a cut. */
static enum wg_status add_cuts(struct wg_stream *stream, int64_t building,
                               const struct pieces *p, const struct piece *best)
{
    size_t n = 0, first = stream->n_cut;
    double total = 0;
    enum wg_status s = WG_OK;

    for (size_t i = 0; s == WG_OK && i < p->n; i++) {
        double share = fmin(p->piece[i].weight, 1);

        total += share;
        if (share > WG_CUT_SHARE || (best && p->piece[i].grid == best->grid)) {
            n++;
            s = wg_stream_cut(stream, building, p->piece[i].grid, share);
        }
    }
    double outside = round((1 - total) * 1e12) / 1e12;
    if (s == WG_OK && outside > WG_CUT_SHARE && p->n > 0) {
        n++;
        s = wg_stream_cut(stream, building, 0, outside);
    }
    if (n < 2)
        stream->n_cut = first;
    return s;
}

static enum wg_status own_by_pieces(struct wg_stream *stream, struct wg_owned *o,
                                    const struct pieces *p)
{
    const struct piece *best = best_piece(p);

    if (best) {
        o->grid = best->grid;
        o->share = fmin(best->weight, 1);
        o->how = best->weight >= 2 ? WG_HOW_COVER : WG_HOW_SHARE;
    }
    return add_cuts(stream, o->id, p, best);
}

struct surveyor {
    struct wg_asking *a;
    int64_t scheme;
    struct wg_shape *shape;
    struct pieces pieces;
};

static enum wg_status own_building(struct surveyor *v, struct wg_stream *stream,
                                   struct wg_owned *o, const void *blob, size_t size)
{
    const struct wg_locator *now = wg_windows_now(v->a->windows);
    struct wg_multipolygon mp = {0};
    struct wg_box box;
    uint32_t slot;
    enum wg_status s;

    if (blob_box(blob, size, &box) && wg_locator_holds(now, box, &slot)) {
        if (slot) {
            o->grid = wg_locator_id(now, slot);
            o->share = 1;
            o->how = WG_HOW_COVER;
        }
        return WG_OK;
    }
    s = wg_shape_from_blob(blob, size, &mp, v->a->err);
    if (s == WG_FORMAT || s == WG_GEOMETRY)
        return WG_OK; /* outside, as for SpatiaLite */
    if (s == WG_OK)
        s = pieces_of(v->a, v->shape, v->scheme, o->id, &mp, &v->pieces);
    if (s == WG_OK)
        s = own_by_pieces(stream, o, &v->pieces);
    wg_multipolygon_finish(&mp);
    return s;
}

static enum wg_status fill_buildings(struct surveyor *v, struct wg_query *q,
                                     struct wg_stream *stream)
{
    bool row = true;
    enum wg_status s = WG_OK;

    while (s == WG_OK && stream->n < WG_STREAM_CHUNK &&
           (s = wg_step(q, &row, v->a->err)) == WG_OK && row) {
        struct wg_owned *o = &stream->owned[stream->n++];
        size_t size;
        const void *blob = wg_column_blob(q, 1, &size);

        *o = (struct wg_owned){.id = wg_column_int(q, 0)};
        o->how = wg_column_is_null(q, 1) ? WG_HOW_NO_PLACE : WG_HOW_OUTSIDE;
        if (blob)
            s = own_building(v, stream, o, blob, size);
    }
    stream->last = !row;
    return s;
}

static enum wg_status ask_buildings(struct wg_asking *a, int64_t scheme,
                                    struct wg_stream *stream)
{
    struct surveyor v = {.a = a, .scheme = scheme};
    struct wg_query *q = NULL;
    enum wg_status s = wg_shape_create(&v.shape, a->err);

    if (s == WG_OK)
        s = open_objects(a, WG_KIND_BUILDING, false, &q);
    while (s == WG_OK && !stream->last) {
        s = fill_buildings(&v, q, stream);
        if (s == WG_OK)
            s = wg_stream_write(stream);
    }
    wg_done(q);
    free(v.pieces.piece);
    free(v.pieces.share);
    wg_shape_destroy(v.shape);
    return s;
}

static enum wg_status has_objects(struct wg_asking *a, enum wg_kind kind, bool *has)
{
    struct wg_query *q;
    enum wg_status s = open_objects(a, kind, false, &q);

    if (s != WG_OK)
        return s;
    s = wg_step(q, has, a->err);
    wg_done(q);
    return s;
}

enum wg_status wg_assign_kind_index(struct wg_asking *a, int64_t scheme,
                                    enum wg_kind kind)
{
    struct wg_stream *stream = NULL;
    bool any = false;
    enum wg_status s = has_objects(a, kind, &any);

    if (s == WG_OK && any)
        s = open_windows(a, scheme, kind);
    if (s == WG_OK)
        s = wg_stream_create(a, scheme, kind, &stream);
    if (s == WG_OK && !any) {
        stream->last = true; /* rows of what is gone go */
        s = wg_stream_write(stream);
    } else if (s == WG_OK) {
        s = kind == WG_KIND_BUILDING ? ask_buildings(a, scheme, stream)
                                     : ask_points(a, kind, stream);
    }
    wg_stream_destroy(stream);
    return s;
}
