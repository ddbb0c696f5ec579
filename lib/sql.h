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
#include "wangge/locate.h"

struct wg_sql_transforms; /* sql_transform.c */
struct wg_sql_locators;   /* sql_locator.c */

struct wg_sql {
    sqlite3 *db;
    unsigned n_use;         /* functions that still hold it */
    struct wg_store *store; /* borrowed */
    struct wg_sql_transforms *transforms;
    struct wg_sql_locators *locators;
    struct wg_shape *shape; /* made when it is first needed */
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
extern const struct wg_sql_function wg_sql_locate_functions[];
extern const size_t wg_sql_n_locate_functions;

void wg_sql_transforms_destroy(struct wg_sql_transforms *list); /* NULL is fine */
void wg_sql_locators_destroy(struct wg_sql_locators *list);     /* NULL is fine */

/* sql_table.c: wg_grids_in and wg_shares; each module holds `sql` once more. */
int wg_sql_offer_tables(struct wg_sql *sql);
void wg_sql_let_go(void *sql);

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
/* The same in the CRS of the grids: a point of another SRID is refused. */
enum wg_status wg_sql_read_grid_place(struct wg_sql *sql, int argc, sqlite3_value **argv,
                                      struct wg_point *out, int *used,
                                      struct wg_error *err);
/* A polygon in the CRS of the grids; WG_GEOMETRY for another kind. */
enum wg_status wg_sql_read_polygon(struct wg_sql *sql, sqlite3_value *value,
                                   struct wg_multipolygon *out, struct wg_error *err);
/* The SRID of a blob that may be a geometry of SpatiaLite. */
bool wg_sql_blob_srid(const void *blob, size_t size, int *srid);

/* ---- sql_locator.c: the index of a scheme ---- */

/* A scheme as one statement sees it: whoever changes a grid meanwhile, the answers of a
 * statement are of one state. */
struct wg_sql_scheme;

/* The locator of a scheme, by name or number, at a moment (NULL: now).  *scheme is
 * NULL at first and kept by the caller for the length of its statement; the locator lives
 * as long, or until the next call with it. */
enum wg_status wg_sql_locator(struct wg_sql *sql, sqlite3_value *name, sqlite3_value *at,
                              struct wg_sql_scheme **scheme,
                              const struct wg_locator **out, struct wg_error *err);
void wg_sql_scheme_free(void *scheme); /* NULL is fine */

#endif
