/*
 * The SQL functions: wg_locate(scheme, x, y) and friends for one connection of SQLite,
 * the library's own or, by mod_wangge, any program's.
 *
 * What the functions of one connection share lives as long as the connection.  A function
 * reads its arguments through the wg_sql_read_* below; each says in `err` what it was
 * given instead.  NULL among the arguments is answered NULL before any is read.
 */
#ifndef WG_SQL_H
#define WG_SQL_H

#include "store_db.h"
#include "wangge/geom.h"
#include "wangge/shape.h"

struct wg_sql_transforms; /* sql_transform.c */

struct wg_sql {
    sqlite3 *db;
    unsigned n_use;         /* functions that still hold it */
    struct wg_store *store; /* borrowed */
    struct wg_sql_transforms *transforms;
};

/* Offer all functions on a connection. */
enum wg_status wg_sql_offer(sqlite3 *db, struct wg_error *err);

typedef void wg_sql_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv);

/* One name with one number of arguments. */
struct wg_sql_function {
    const char *name;
    int n_arg;
    bool pure; /* depends on its arguments only */
    wg_sql_fn *call;
};
extern const struct wg_sql_function wg_sql_transform_functions[];
extern const size_t wg_sql_n_transform_functions;

void wg_sql_transforms_destroy(struct wg_sql_transforms *list); /* NULL is fine */

/* What the functions of this call share. */
struct wg_sql *wg_sql_of(sqlite3_context *ctx);
/* End a call with an error: "wg_locate: …". */
void wg_sql_fail(sqlite3_context *ctx, const struct wg_error *err);
/* End it with NULL when an argument is NULL; then true. */
bool wg_sql_null(sqlite3_context *ctx, int argc, sqlite3_value **argv);

/* A number, also one written as text: tables read from CSV hold such. */
enum wg_status wg_sql_read_number(sqlite3_value *value, const char *what, double *out,
                                  struct wg_error *err);
/* A place: a point of SpatiaLite, or x and y.  *used is the number of arguments it
 * took, *srid that of the point (0 for x and y). */
enum wg_status wg_sql_read_place(int argc, sqlite3_value **argv, struct wg_point *out,
                                 int *srid, int *used, struct wg_error *err);
/* The SRID of a blob that may be a geometry of SpatiaLite. */
bool wg_sql_blob_srid(const void *blob, size_t size, int *srid);

#endif
