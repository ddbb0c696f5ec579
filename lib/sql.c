/* The SQL functions of a connection: offering them, their arguments and errors. */
#include "sql.h"

#include <math.h>

#include "bytes.h"

/* What SQLite hands to a function: whose it is, and by which name it was called. */
struct use {
    struct wg_sql *sql;
    const struct wg_sql_function *function;
};

void wg_sql_let_go(void *user)
{
    struct wg_sql *sql = user;
    if (--sql->n_use > 0)
        return;
    wg_sql_transforms_destroy(sql->transforms);
    wg_sql_locators_destroy(sql->locators);
    wg_shape_destroy(sql->shape);
    wg_store_close(sql->store);
    free(sql);
}

static void use_destroy(void *user)
{
    struct use *use = user;
    wg_sql_let_go(use->sql);
    free(use);
}

struct wg_sql *wg_sql_of(sqlite3_context *ctx)
{
    const struct use *use = sqlite3_user_data(ctx);
    return use->sql;
}

void wg_sql_fail(sqlite3_context *ctx, const struct wg_error *err)
{
    const struct use *use = sqlite3_user_data(ctx);
    if (err->status == WG_NO_MEMORY) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    char *words = sqlite3_mprintf("%s: %s", use->function->name, err->text);
    if (!words) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    sqlite3_result_error(ctx, words, -1);
    sqlite3_free(words);
    if (err->status == WG_BUSY)
        sqlite3_result_error_code(ctx, SQLITE_BUSY);
    else if (err->status == WG_CANCELLED)
        sqlite3_result_error_code(ctx, SQLITE_INTERRUPT);
}

/* ---- arguments ---- */

bool wg_sql_null(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    for (int i = 0; i < argc; i++) {
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL) {
            sqlite3_result_null(ctx);
            return true;
        }
    }
    return false;
}

enum wg_status wg_sql_read_number(sqlite3_value *value, const char *what, double *out,
                                  struct wg_error *err)
{
    int type = sqlite3_value_numeric_type(value);
    if (type == SQLITE_FLOAT || type == SQLITE_INTEGER) {
        *out = sqlite3_value_double(value);
        return WG_OK;
    }
    if (type == SQLITE_TEXT)
        return wg_fail(err, WG_INVALID, _("%s must be a number, not “%s”."), what,
                       (const char *)sqlite3_value_text(value));
    return wg_fail(err, WG_INVALID, _("%s must be a number, not a blob."), what);
}

bool wg_sql_blob_srid(const void *blob, size_t size, int *srid)
{
    const unsigned char *b = blob;
    if (!b || size < 6 || b[0] != 0 || (b[1] & 0x7E) != 0)
        return false;
    *srid = (int)wg_load_u32(b + 2, b[1] & 1);
    return true;
}

enum wg_status wg_sql_read_place(int argc, sqlite3_value **argv, struct wg_point *out,
                                 int *srid, int *used, struct wg_error *err)
{
    *srid = 0;
    if (argc > 0 && sqlite3_value_type(argv[0]) == SQLITE_BLOB) {
        const void *blob = sqlite3_value_blob(argv[0]);
        size_t size = (size_t)sqlite3_value_bytes(argv[0]);
        *used = 1;
        wg_sql_blob_srid(blob, size, srid);
        return wg_shape_point_from_blob(blob, size, out, err);
    }
    *used = 2;
    if (argc < 2)
        return wg_fail(err, WG_INVALID,
                       _("A place is given as x, y or as a geometry of SpatiaLite."));
    enum wg_status status = wg_sql_read_number(argv[0], "x", &out->x, err);
    if (!status)
        status = wg_sql_read_number(argv[1], "y", &out->y, err);
    return status;
}

static enum wg_status check_srid(const struct wg_sql *sql, int srid, struct wg_error *err)
{
    int want = wg_store_srid(sql->store);
    if (srid <= 0 || srid == want)
        return WG_OK;
    return wg_fail(
        err, WG_CRS,
        _("The geometry is of SRID %d, the grids are of SRID %d.  Transform it "
          "first: wg_transform(%d, %d, geometry)."),
        srid, want, srid, want);
}

enum wg_status wg_sql_read_grid_place(struct wg_sql *sql, int argc, sqlite3_value **argv,
                                      struct wg_point *out, int *used,
                                      struct wg_error *err)
{
    int srid;
    enum wg_status status = wg_sql_read_place(argc, argv, out, &srid, used, err);
    return status ? status : check_srid(sql, srid, err);
}

enum wg_status wg_sql_read_polygon(struct wg_sql *sql, sqlite3_value *value,
                                   struct wg_multipolygon *out, struct wg_error *err)
{
    const void *blob = sqlite3_value_blob(value);
    size_t size = (size_t)sqlite3_value_bytes(value);
    int srid = 0;
    wg_sql_blob_srid(blob, size, &srid);
    enum wg_status status = wg_shape_from_blob(blob, size, out, err);
    if (status)
        return status;
    status = check_srid(sql, srid, err);
    if (!status && !sql->shape)
        status = wg_shape_create(&sql->shape, err);
    if (status)
        wg_multipolygon_finish(out);
    return status;
}

/* ---- offering ---- */

static void call_version(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    sqlite3_result_text(ctx, wg_version(), -1, SQLITE_STATIC);
}

static const struct wg_sql_function plain_functions[] = {
    {"wg_version", 0, true, call_version},
};

/* A function reads, it changes nothing: views and triggers of a file may call it. */
static int offer_one(struct wg_sql *sql, const struct wg_sql_function *f)
{
    struct use *use = calloc(1, sizeof *use);
    if (!use)
        return SQLITE_NOMEM;
    use->sql = sql;
    use->function = f;
    sql->n_use++;
    return sqlite3_create_function_v2(
        sql->db, f->name, f->n_arg,
        SQLITE_UTF8 | SQLITE_INNOCUOUS | (f->pure ? SQLITE_DETERMINISTIC : 0), use,
        f->call, NULL, NULL, use_destroy); /* which it calls when it fails, too */
}

static int offer_list(struct wg_sql *sql, size_t n, const struct wg_sql_function *list)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; !rc && i < n; i++)
        rc = offer_one(sql, &list[i]);
    return rc;
}

static int offer_all(struct wg_sql *sql)
{
    int rc = offer_list(sql, sizeof plain_functions / sizeof plain_functions[0],
                        plain_functions);
    if (!rc)
        rc = offer_list(sql, wg_sql_n_transform_functions, wg_sql_transform_functions);
    if (!rc)
        rc = offer_list(sql, wg_sql_n_locate_functions, wg_sql_locate_functions);
    return rc ? rc : wg_sql_offer_tables(sql);
}

enum wg_status wg_sql_offer(sqlite3 *db, struct wg_error *err)
{
    struct wg_sql *sql = calloc(1, sizeof *sql);
    if (!sql)
        return wg_fail_memory(err);
    sql->db = db;
    sql->n_use = 1; /* ours, until all are offered */
    enum wg_status status = wg_store_borrow(db, &sql->store, err);
    if (!status) {
        int rc = offer_all(sql);
        if (rc)
            status = wg_store_fail(sql->store, rc, err);
    }
    wg_sql_let_go(sql);
    return status;
}
