/*
 * The store's small statement interface: what the nouns write their SQL against.
 * sqlite3.h stays inside the store's own files.
 *
 * wg_query takes a statement from the store's cache (keyed by its text), ready to bind;
 * give it back with wg_done, always.  Binding takes 1-based positions; text and blobs
 * must live until wg_done.  A binding failure is remembered and reported by the next
 * wg_step.
 */
#ifndef WG_STATEMENT_H
#define WG_STATEMENT_H

#include "wangge/store.h"

struct wg_query;

enum wg_status wg_query(struct wg_store *store, const char *sql, struct wg_query **out,
                        struct wg_error *err);
void wg_done(struct wg_query *q); /* NULL is fine */

void wg_bind_int(struct wg_query *q, int at, int64_t value);
void wg_bind_id(struct wg_query *q, int at, int64_t id);       /* 0 binds NULL */
void wg_bind_count(struct wg_query *q, int at, int64_t count); /* < 0 binds NULL */
void wg_bind_real(struct wg_query *q, int at, double value);   /* NaN binds NULL */
void wg_bind_text(struct wg_query *q, int at, const char *text); /* NULL binds NULL */
void wg_bind_blob(struct wg_query *q, int at, const void *data, size_t size);
void wg_bind_null(struct wg_query *q, int at);

/* The next row: *row is false at the end.  Errors name the statement's purpose through
 * SQLite's own words, mapped to a status (busy, full disk, constraint, corrupt …). */
enum wg_status wg_step(struct wg_query *q, bool *row, struct wg_error *err);
/* Bind nothing more, run to the end, give back. */
enum wg_status wg_run(struct wg_query *q, struct wg_error *err);
/* Ready to run once more, by the same values but for those bound anew. */
void wg_again(struct wg_query *q);
/* One or several statements without parameters. */
enum wg_status wg_exec(struct wg_store *store, const char *sql, struct wg_error *err);

bool wg_column_is_null(struct wg_query *q, int at); /* 0-based */
int64_t wg_column_int(struct wg_query *q, int at);   /* NULL reads 0 */
int64_t wg_column_count(struct wg_query *q, int at); /* NULL reads WG_UNKNOWN */
double wg_column_real(struct wg_query *q, int at);   /* NULL reads NaN */
const char *wg_column_text(struct wg_query *q, int at); /* until the next step */
const void *wg_column_blob(struct wg_query *q, int at, size_t *size);

int64_t wg_last_id(struct wg_store *store);
int64_t wg_changes(struct wg_store *store); /* rows changed by the last statement */
int wg_store_srid(const struct wg_store *store);
int wg_store_version(const struct wg_store *store); /* older only when read-only */

/* Whether a write transaction is open: what is read may never be committed. */
bool wg_store_writing(const struct wg_store *store);
/* A transaction or, inside one, a savepoint: `save` … `release` or `revert`. */
enum wg_status wg_save(struct wg_store *store, struct wg_error *err);
enum wg_status wg_release(struct wg_store *store, struct wg_error *err);
void wg_revert(struct wg_store *store);

/* Rest every trigger of the file (views' too) for this connection, or wake them; no
 * other program notices.  Foreign keys, CHECK and UNIQUE stay on.  Who rests them has
 * made the checks they make and writes, in the same transaction, what they write: change
 * rows, the spatial index, heights, event_status and event_log, owners, for grids their
 * stamps; and wakes them however that ends.  Tells whether they rested before.  Each turn
 * costs a fresh preparation of the statements in use. */
bool wg_store_rest_triggers(struct wg_store *store, bool rest);

#endif
