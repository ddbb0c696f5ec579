/*
 * What the store's own files share: the handle, SQLite's errors in our words, and the
 * making of files that appear complete or not at all.  Only store*.c, statement.c,
 * schema.c, migrate.c, backup.c, sql*.c and mod_wangge.c may include this.
 */
#ifndef WG_STORE_DB_H
#define WG_STORE_DB_H

#ifdef WG_EXTENSION /* mod_wangge calls the functions of the SQLite that loads it */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif

#include "internal.h"
#include "new_file.h"
#include "statement.h"

#define WG_APPLICATION_ID 0x57474745 /* 'WGGE' */
#define WG_SCHEMA_VERSION 4
#define WG_SCHEMA_STAMPED 2  /* the oldest whose grids are stamped */
#define WG_SCHEMA_READABLE 1 /* the oldest version that can be read as it stands */

struct wg_query_cache; /* statement.c */

struct wg_store {
    sqlite3 *db;
    void *spatial; /* SpatiaLite's cache of this connection */
    char *path;
    struct wg_query_cache *queries;
    int timeout_ms;
    struct wg_progress waiting; /* the caller's ear while we wait for a lock */
    int64_t waiting_since_ms;
    bool gave_up; /* the caller ended the wait */
    int srid;
    int version;    /* of the file's schema */
    int depth;      /* open begins and saves */
    int bulk_depth; /* the depth at which bulk loading began; 0: not loading */
    bool read_only;
    bool immutable; /* opened from a folder where no lock can be taken */
    bool reading;   /* the outermost begin is a consistent read */
    const struct wg_feed *feed; /* what wg_feed reads just now: store_feed.c */
    bool has_feed;
    bool borrowed;  /* the connection is someone else's: wg_store_borrow */
};

/* Status and words of SQLite's last error on the store; rc may be an extended code. */
enum wg_status wg_store_fail(struct wg_store *store, int rc, struct wg_error *err);
/* The same for a connection without a store. */
enum wg_status wg_sqlite_fail(sqlite3 *db, int rc, const char *path, int timeout_ms,
                              struct wg_error *err);

struct wg_query_cache *wg_query_cache_create(void);
void wg_query_cache_destroy(struct wg_query_cache *cache);

/* A connection to `path`, not yet looked into; SQLITE_OPEN_URI opens it immutable. */
enum wg_status wg_store_connect(const char *path, int flags, int timeout_ms,
                                struct wg_store **out, struct wg_error *err);
/* SpatiaLite and our settings for a connection whose file is known to be ours. */
enum wg_status wg_store_equip(struct wg_store *store, struct wg_error *err);
/* A store for reading over a connection that its owner opened and goes on using, also
 * from within one of its statements: no transaction of its own, no statement is kept,
 * and the close of the store leaves the connection alone.  Nothing is read. */
enum wg_status wg_store_borrow(sqlite3 *db, struct wg_store **out, struct wg_error *err);
/* Whether the file of a borrowed connection is ours, of a version whose grids are
 * stamped, and its srid. */
enum wg_status wg_store_recognise(struct wg_store *store, struct wg_error *err);
/* One number of a pragma or a query; -1 when it has none. */
enum wg_status wg_store_number(struct wg_store *store, const char *sql, int64_t *out,
                               struct wg_error *err);

/* store_file.c: files and file systems */

/* The name of the network file system with this statfs magic, NULL for a local one. */
const char *wg_network_fs_name(unsigned long magic);
/* The same for a FUSE type ("fuse.sshfs"), and for a line of /proc/self/mountinfo if it is
 * of the device major:minor. */
const char *wg_network_fuse_name(const char *type);
const char *wg_mount_network_name(const char *line, unsigned major, unsigned minor);
/* WG_NETWORK_FS when the file, or the folder it would be made in, is on one. */
enum wg_status wg_file_check_local(const char *path, struct wg_error *err);
/* WG_OK when an existing `path` can be a database: there, a file, not empty. */
enum wg_status wg_file_check_database(const char *path, struct wg_error *err);
/* "file:…?options" with every odd character escaped; free it. */
char *wg_file_uri(const char *path, const char *options);
/* WG_OK when a new database may be made at `path`. */
enum wg_status wg_file_check_new(const char *path, struct wg_error *err);

/* schema.c: fill an empty database. */
enum wg_status wg_schema_create(struct wg_store *store,
                                const struct wg_create_options *options,
                                struct wg_error *err);
/* Make the triggers of the change log and SpatiaLite's anew, as the newest: after any
 * other was made. */
enum wg_status wg_schema_renew_triggers(struct wg_store *store, struct wg_error *err);

/* migrate.c: one step takes a file from version `from` to `from + 1`. */
struct wg_migration {
    int from;
    const char *sql;
};
enum wg_status wg_migrate(struct wg_store *store, const struct wg_migration *steps,
                          size_t n, int target, struct wg_error *err);
enum wg_status wg_store_migrate(struct wg_store *store, struct wg_error *err);

#endif
