#ifndef WANGGE_STORE_H
#define WANGGE_STORE_H
/*
 * The database file of one district: a SpatiaLite file in WAL mode.
 *
 * Threads: a store belongs to one thread at a time; open one per thread.  Several
 * processes may open the same file: one writes at a time, the others wait for
 * busy_timeout_ms.  The file must not lie on a network file system.
 */
#include "wangge/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_store;

struct wg_create_options {
    const char *crs;          /* required: projected, in metres; see wg_crs_check_district */
    const char *name;         /* of the district; NULL: the file's name */
    const char *lang;         /* "en" or "zh"; NULL: "en" */
    double default_height_m;  /* of a building without height or floors; 0: 6 m */
    double floor_height_m;    /* 0: 3 m */
};

/* Make a new database.  It appears under `path` complete or not at all; an existing
 * file is WG_EXISTS.  */
WG_API enum wg_status wg_store_create(const char *path,
                                      const struct wg_create_options *options,
                                      struct wg_error *err);

struct wg_open_options {
    bool read_only;
    int busy_timeout_ms; /* 0: 5000 */
    bool no_migrate;     /* refuse an older file instead of migrating it */
    /* Told again and again while another writer is waited for: milliseconds waited, and
     * the timeout as total.  When it returns false, the wait ends with WG_CANCELLED. */
    struct wg_progress waiting;
};

/* Open a database; options may be NULL.  An older file is migrated, by a
 * read-only handle read as it stands; a foreign file is WG_NOT_OURS, a newer one WG_NEWER. */
WG_API enum wg_status wg_store_open(const char *path,
                                    const struct wg_open_options *options,
                                    struct wg_store **out, struct wg_error *err);
WG_API void wg_store_close(struct wg_store *store); /* rolls back; NULL is fine */
WG_API const char *wg_store_path(const struct wg_store *store);
WG_API bool wg_store_read_only(const struct wg_store *store);

/* Transactions.  Every writing function of the library is one transaction by itself;
 * between begin and commit they all belong to the outer one, and a function that
 * fails leaves it as before its call.  Begin takes the write lock at once.  Nested
 * begins count. */
WG_API enum wg_status wg_store_begin(struct wg_store *store, struct wg_error *err);
WG_API enum wg_status wg_store_commit(struct wg_store *store, struct wg_error *err);
WG_API void wg_store_rollback(struct wg_store *store); /* the whole outer one */

/* As begin, for loading many rows: the triggers that find owners row by row rest
 * until the commit, and the caller runs wg_assign_* before it. */
WG_API enum wg_status wg_store_begin_bulk(struct wg_store *store, struct wg_error *err);

/* A consistent read over several calls; end with wg_store_commit. */
WG_API enum wg_status wg_store_begin_read(struct wg_store *store, struct wg_error *err);

/* Integrity on demand: SQLite's check, foreign keys, spatial indexes, metadata.
 * Each problem goes to `report` as a sentence; the result is WG_CORRUPT if there was
 * one. */
typedef void wg_report_fn(const char *text, void *user);
WG_API enum wg_status wg_store_verify(struct wg_store *store, wg_report_fn *report,
                                      void *user, struct wg_error *err);

/* Copy the database to a new file while others read and write; one consistent
 * state.  `path` must not exist; it appears complete or not at all. */
WG_API enum wg_status wg_store_backup(struct wg_store *store, const char *path,
                                      struct wg_progress progress, struct wg_error *err);

/* A number that differs whenever another connection has committed since the last
 * call on this store (3 µs). */
WG_API int64_t wg_store_data_version(struct wg_store *store);

/* What changed, from the change log: rows with seq > since, in order.  Return false
 * to stop.  `now` and `was` are the new and old grid for owner rows, 0 else. */
struct wg_change {
    int64_t seq;
    const char *at;    /* ISO 8601 UTC */
    const char *table; /* "building", "event", "event_status", "owner" … */
    int64_t row;
    char op;           /* 'I', 'U' or 'D' */
    int64_t was, now;
};
typedef bool wg_change_fn(const struct wg_change *change, void *user);
WG_API enum wg_status wg_store_changes(struct wg_store *store, int64_t since,
                                       wg_change_fn *fn, void *user,
                                       struct wg_error *err);
WG_API enum wg_status wg_store_last_change(struct wg_store *store, int64_t *seq,
                                           struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
