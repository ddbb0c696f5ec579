/* wg_locate(scheme, x, y) and its like: which grid owns a place, in SQL. */
#include <math.h>

#include "sql.h"

/* ---- the scheme and the place of a call ---- */

/* The locator for a call.  Where the scheme is a constant of the statement, SQLite keeps
 * what was found for it until the statement ends; else it goes after the call. */
static const struct wg_locator *locator_of(sqlite3_context *ctx, sqlite3_value *name,
                                           sqlite3_value *at)
{
    struct wg_error err;
    const struct wg_locator *locator = NULL;
    struct wg_sql_scheme *kept = sqlite3_get_auxdata(ctx, 0), *scheme = kept;
    enum wg_status status =
        wg_sql_locator(wg_sql_of(ctx), name, at, &scheme, &locator, &err);
    if (status) {
        if (!kept)
            wg_sql_scheme_free(scheme);
        wg_sql_fail(ctx, &err);
        return NULL;
    }
    if (!kept) {
        sqlite3_set_auxdata(ctx, 0, scheme, wg_sql_scheme_free);
        if (!sqlite3_get_auxdata(ctx, 0)) { /* freed for want of memory */
            sqlite3_result_error_nomem(ctx);
            return NULL;
        }
    }
    return locator;
}

static void fail_place(sqlite3_context *ctx)
{
    struct wg_error err;
    wg_fail(&err, WG_INVALID,
            _("A place is given as x, y or as a geometry of SpatiaLite."));
    wg_sql_fail(ctx, &err);
}

/* A call (scheme, place, … n_more …[, at]): the locator and the place; NULL when the call
 * is answered. */
static const struct wg_locator *begin(sqlite3_context *ctx, int argc,
                                      sqlite3_value **argv, int n_more,
                                      struct wg_point *place, sqlite3_value ***more)
{
    struct wg_error err;
    if (wg_sql_null(ctx, argc, argv))
        return NULL;
    int used = sqlite3_value_type(argv[1]) == SQLITE_BLOB ? 1 : 2;
    int rest = argc - 1 - used - n_more; /* the moment */
    if (rest < 0 || rest > 1) {
        fail_place(ctx);
        return NULL;
    }
    const struct wg_locator *locator =
        locator_of(ctx, argv[0], rest ? argv[argc - 1] : NULL);
    if (!locator)
        return NULL;
    if (wg_sql_read_grid_place(wg_sql_of(ctx), argc - 1, argv + 1, place, &used, &err)) {
        wg_sql_fail(ctx, &err);
        return NULL;
    }
    if (more)
        *more = argv + 1 + used;
    return locator;
}

/* ---- which grid ---- */

/* The owner of a polygon, by the rule of buildings: the lowest code of the grids that
 * cover it, else the largest share (to nine places; the lowest code on a tie). */
static enum wg_status polygon_owner(struct wg_sql *sql, const struct wg_locator *locator,
                                    sqlite3_value *value, uint32_t *slot,
                                    struct wg_error *err)
{
    struct wg_multipolygon mp = {.n_part = 0};
    struct wg_locator_share *share = NULL;
    size_t n = 0;
    double best = 0;
    enum wg_status status = wg_sql_read_polygon(sql, value, &mp, err);
    if (status)
        return status;
    status = wg_locator_shares(locator, sql->shape, &mp, 0, NULL, &n, err);
    if (!status && n > 0) {
        share = calloc(n, sizeof *share);
        status = share ? wg_locator_shares(locator, sql->shape, &mp, n, share, &n, err)
                       : wg_fail_memory(err);
    }
    for (size_t i = 0; !status && i < n; i++) {
        double weight = share[i].covers ? 2 : round(share[i].share * 1e9) / 1e9;
        if (share[i].slot != 0 && weight > best) {
            best = weight;
            *slot = share[i].slot;
        }
    }
    free(share);
    wg_multipolygon_finish(&mp);
    return status;
}

static bool is_polygon(sqlite3_value *value)
{
    if (sqlite3_value_type(value) != SQLITE_BLOB || sqlite3_value_bytes(value) < 43)
        return false;
    const unsigned char *blob = sqlite3_value_blob(value);
    bool little = blob[1] == 1;
    unsigned class =
        little ? blob[39] | (unsigned)blob[40] << 8 : blob[42] | (unsigned)blob[41] << 8;
    class %= 1000;
    return !(blob[1] & 0x80) && (class == 3 || class == 6);
}

/* The slot of the owner, 0 outside; NULL when the call is answered. */
static const struct wg_locator *owner(sqlite3_context *ctx, int argc,
                                      sqlite3_value **argv, uint32_t *slot)
{
    struct wg_point p;
    struct wg_error err;
    *slot = 0;
    if (!is_polygon(argv[1])) {
        const struct wg_locator *locator = begin(ctx, argc, argv, 0, &p, NULL);
        if (locator)
            *slot = wg_locator_slot(locator, p.x, p.y);
        return locator;
    }
    if (wg_sql_null(ctx, argc, argv))
        return NULL;
    if (argc > 3) {
        fail_place(ctx);
        return NULL;
    }
    const struct wg_locator *locator =
        locator_of(ctx, argv[0], argc > 2 ? argv[argc - 1] : NULL);
    if (locator && polygon_owner(wg_sql_of(ctx), locator, argv[1], slot, &err)) {
        wg_sql_fail(ctx, &err);
        return NULL;
    }
    return locator;
}

static void result_code(sqlite3_context *ctx, const struct wg_locator *locator,
                        uint32_t slot)
{
    if (slot)
        sqlite3_result_text(ctx, wg_locator_code(locator, slot), -1, SQLITE_TRANSIENT);
}

static void call_locate(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    uint32_t slot;
    const struct wg_locator *locator = owner(ctx, argc, argv, &slot);
    if (locator)
        result_code(ctx, locator, slot);
}

static void call_locate_id(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    uint32_t slot;
    const struct wg_locator *locator = owner(ctx, argc, argv, &slot);
    if (locator && slot)
        sqlite3_result_int64(ctx, wg_locator_id(locator, slot));
}

/* ---- how near ---- */

static void call_nearest(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct wg_point p;
    double distance;
    const struct wg_locator *locator = begin(ctx, argc, argv, 0, &p, NULL);
    if (locator)
        result_code(ctx, locator,
                    wg_locator_nearest(locator, p.x, p.y, INFINITY, &distance));
}

static void call_nearest_distance(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct wg_point p;
    double distance;
    const struct wg_locator *locator = begin(ctx, argc, argv, 0, &p, NULL);
    if (locator && wg_locator_nearest(locator, p.x, p.y, INFINITY, &distance))
        sqlite3_result_double(ctx, distance);
}

/* A code as JSON: in quotes, or null for the outside. */
static void put_code(sqlite3_str *to, const struct wg_locator *locator, uint32_t slot)
{
    if (!slot) {
        sqlite3_str_appendall(to, "null");
        return;
    }
    sqlite3_str_appendchar(to, 1, '"');
    for (const char *c = wg_locator_code(locator, slot); *c; c++) {
        if ((unsigned char)*c < ' ') {
            sqlite3_str_appendf(to, "\\u%04x", (unsigned)*c);
            continue;
        }
        if (*c == '"' || *c == '\\')
            sqlite3_str_appendchar(to, 1, '\\');
        sqlite3_str_append(to, c, 1);
    }
    sqlite3_str_appendchar(to, 1, '"');
}

static void result_place(sqlite3_context *ctx, const struct wg_locator *locator,
                         const struct wg_locator_place *place)
{
    sqlite3_str *text = sqlite3_str_new(sqlite3_context_db_handle(ctx));
    sqlite3_str_appendall(text, "{\"owner\":");
    put_code(text, locator, place->slot);
    sqlite3_str_appendf(text, ",\"boundary\":%!.12g,\"near\":[", place->boundary);
    for (uint32_t i = 0; i < place->n_near; i++) {
        if (i > 0)
            sqlite3_str_appendchar(text, 1, ',');
        put_code(text, locator, place->near[i]);
    }
    sqlite3_str_appendall(text, "]}");
    int length = sqlite3_str_length(text);
    char *words = sqlite3_str_finish(text);
    if (words)
        sqlite3_result_text(ctx, words, length, sqlite3_free);
    else
        sqlite3_result_error_nomem(ctx);
}

static void call_ambiguous(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct wg_point p;
    struct wg_locator_place place;
    struct wg_error err;
    sqlite3_value **more;
    double accuracy;
    const struct wg_locator *locator = begin(ctx, argc, argv, 1, &p, &more);
    if (!locator)
        return;
    enum wg_status status = wg_sql_read_number(more[0], "accuracy", &accuracy, &err);
    if (!status && !(accuracy >= 0))
        status = wg_fail(&err, WG_INVALID, _("An accuracy is not below 0."));
    if (status) {
        wg_sql_fail(ctx, &err);
        return;
    }
    wg_locator_place(locator, p.x, p.y, accuracy, &place);
    if (place.ambiguous)
        result_place(ctx, locator, &place);
}

static void call_is_partition(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    if (wg_sql_null(ctx, argc, argv))
        return;
    const struct wg_locator *locator =
        locator_of(ctx, argv[0], argc > 1 ? argv[1] : NULL);
    if (locator)
        sqlite3_result_int(ctx, wg_locator_info(locator).partition);
}

const struct wg_sql_function wg_sql_locate_functions[] = {
    {"wg_locate", 2, false, call_locate},
    {"wg_locate", 3, false, call_locate},
    {"wg_locate", 4, false, call_locate},
    {"wg_locate_id", 2, false, call_locate_id},
    {"wg_locate_id", 3, false, call_locate_id},
    {"wg_locate_id", 4, false, call_locate_id},
    {"wg_nearest", 2, false, call_nearest},
    {"wg_nearest", 3, false, call_nearest},
    {"wg_nearest", 4, false, call_nearest},
    {"wg_nearest_distance", 2, false, call_nearest_distance},
    {"wg_nearest_distance", 3, false, call_nearest_distance},
    {"wg_nearest_distance", 4, false, call_nearest_distance},
    {"wg_ambiguous", 3, false, call_ambiguous},
    {"wg_ambiguous", 4, false, call_ambiguous},
    {"wg_ambiguous", 5, false, call_ambiguous},
    {"wg_is_partition", 1, false, call_is_partition},
    {"wg_is_partition", 2, false, call_is_partition},
};
const size_t wg_sql_n_locate_functions =
    sizeof wg_sql_locate_functions / sizeof wg_sql_locate_functions[0];
