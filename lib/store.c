/* The handle of a database: open and close, transactions, the change log. */
#include "wangge/store.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sql.h"
#include "store_db.h"

#include <spatialite.h>

#define DEFAULT_TIMEOUT_MS 5000

/* FULL: a commit is on the disk when it returns, which costs about 0.25 ms.  NORMAL
 * would lose the last commits in a power cut, and with them events already
 * acknowledged to a handset.
 * cell_size_check finds damaged pages before they are believed.  cache_size is 32 MiB;
 * what a big import changes beyond it goes to the WAL, not to memory. */
static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA journal_size_limit = 67108864;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA cache_size = -32768;"
                               /* each row's savepoint journals its pages: in memory,
                                  not 30 writes a row to a file */
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA recursive_triggers = OFF;";

/* ---- open and close ---- */

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sleep_ms(int ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&t, NULL);
}

/* SQLite's busy handler where the caller wants to hear of the wait. */
static int on_busy(void *user, int tries)
{
    struct wg_store *store = user;
    if (tries == 0)
        store->waiting_since_ms = now_ms();
    int64_t waited = now_ms() - store->waiting_since_ms;
    if (waited >= store->timeout_ms)
        return 0;
    store->gave_up = !store->waiting.call((uint64_t)waited, (uint64_t)store->timeout_ms,
                                        store->waiting.user);
    if (store->gave_up)
        return 0;
    sleep_ms(tries < 5 ? 1 + 2 * tries : 20);
    return 1;
}

void wg_store_close(struct wg_store *store)
{
    if (!store)
        return;
    if (store->db)
        wg_store_rollback(store);
    wg_query_cache_destroy(store->queries);
    if (!store->borrowed)
        sqlite3_close(store->db);
    /* after the connection that uses it, and only then */
    if (store->spatial)
        spatialite_cleanup_ex(store->spatial);
    free(store->path);
    free(store);
}

enum wg_status wg_store_connect(const char *path, int flags, int timeout_ms,
                                struct wg_store **out, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    struct wg_store *store = calloc(1, sizeof *store);
    if (!store)
        return wg_fail_memory(err);
    store->path = wg_strdup(path);
    store->queries = wg_query_cache_create();
    store->timeout_ms = timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS;
    store->read_only = flags & SQLITE_OPEN_READONLY;
    char *uri = NULL;
    if (!store->path || !store->queries) {
        status = wg_fail_memory(err);
        goto out;
    }
    if (flags & SQLITE_OPEN_URI) {
        store->immutable = true;
        uri = wg_file_uri(path, "immutable=1");
        if (!uri) {
            status = wg_fail_memory(err);
            goto out;
        }
    }
    int rc =
        sqlite3_open_v2(uri ? uri : path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc) {
        status = wg_sqlite_fail(store->db, rc, path, store->timeout_ms, err);
        goto out;
    }
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, store->timeout_ms);
    /* Triggers and views of the file call SpatiaLite's functions. */
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, (int *)NULL);
out:
    free(uri);
    if (status) {
        wg_store_close(store);
        store = NULL;
    }
    *out = store;
    return status;
}

enum wg_status wg_store_equip(struct wg_store *store, struct wg_error *err)
{
    store->spatial = spatialite_alloc_connection();
    if (!store->spatial)
        return wg_fail_memory(err);
    spatialite_set_silent_mode(store->spatial); /* the library never prints */
    spatialite_init_ex(store->db, store->spatial, 0);
    sqlite3_busy_timeout(store->db, store->timeout_ms); /* SpatiaLite sets its own */
    enum wg_status status = wg_exec(store, settings, err);
    return status ? status : wg_sql_offer(store->db, err);
}

enum wg_status wg_store_number(struct wg_store *store, const char *sql, int64_t *out,
                               struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(store, sql, &q, err);
    if (!status)
        status = wg_step(q, &row, err);
    if (!status)
        *out = row ? wg_column_int(q, 0) : -1;
    wg_done(q);
    return status;
}

/* The first read of the file.  It can meet another program just closing it, when the
 * -wal and -shm files go away between SQLite's looks: then look again. */
static enum wg_status first_look(struct wg_store *store, struct wg_error *err)
{
    int64_t deadline = now_ms() + store->timeout_ms;
    int rc;
    for (int tries = 0;; tries++) {
        rc = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_master", NULL, NULL,
                          NULL);
        bool passing = (rc & 0xff) == SQLITE_BUSY ||
                       ((rc & 0xff) == SQLITE_CANTOPEN && tries < 10) ||
                       ((rc & 0xff) == SQLITE_READONLY && tries < 10);
        if (!passing || now_ms() >= deadline)
            break;
        sleep_ms(5);
    }
    return rc ? wg_store_fail(store, rc, err) : WG_OK;
}

static bool has_journal(const char *path)
{
    char *wal = sqlite3_mprintf("%s-wal", path);
    struct stat st;
    bool has = wal && stat(wal, &st) == 0 && st.st_size > 0;
    sqlite3_free(wal);
    return has;
}

/* Open for reading.  A folder without write permission, or a read-only disk, has no
 * room for the -shm file through which readers lock; there, and only where no journal
 * waits to be read, the file is taken as it stands. */
static enum wg_status connect_to_read(const char *path, int timeout_ms,
                                      struct wg_store **out, struct wg_error *err)
{
    struct wg_store *store = NULL;
    enum wg_status status =
        wg_store_connect(path, SQLITE_OPEN_READONLY, timeout_ms, &store, err);
    if (!status)
        status = first_look(store, err);
    if ((status == WG_IO || status == WG_READ_ONLY) && access(path, R_OK) == 0 &&
        !has_journal(path)) {
        wg_store_close(store);
        store = NULL;
        status = wg_store_connect(path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                                  timeout_ms, &store, err);
        if (!status)
            status = first_look(store, err);
    }
    if (status) {
        wg_store_close(store);
        store = NULL;
    }
    *out = store;
    return status;
}

static enum wg_status connect_to_write(const char *path, int timeout_ms,
                                       struct wg_store **out, struct wg_error *err)
{
    struct wg_store *store = NULL;
    enum wg_status status =
        wg_store_connect(path, SQLITE_OPEN_READWRITE, timeout_ms, &store, err);
    if (!status)
        status = first_look(store, err);
    if (!status && sqlite3_db_readonly(store->db, "main") == 1)
        status = wg_fail(err, WG_READ_ONLY,
                         _("%s cannot be written.  Check the permissions of the file and "
                           "of its folder, or open it for reading only."),
                         path);
    if (status) {
        wg_store_close(store);
        store = NULL;
    }
    *out = store;
    return status;
}

/* Is it ours, and of a version this library knows? */
static enum wg_status check_identity(struct wg_store *store, int64_t *version,
                                     struct wg_error *err)
{
    int64_t id = 0;
    enum wg_status status = wg_store_number(store, "PRAGMA application_id", &id, err);
    if (!status)
        status = wg_store_number(store, "PRAGMA user_version", version, err);
    if (status)
        return status;
    if (id != WG_APPLICATION_ID)
        return wg_fail(
            err, WG_NOT_OURS,
            _("%s is a database, but not of this program.  Make a new one with "
              "“wangge create” and import from this file."),
            store->path);
    if (*version > WG_SCHEMA_VERSION)
        return wg_fail(err, WG_NEWER,
                       _("%s was made by a newer version of this program (file version "
                         "%d; this program knows up to %d).  Install the newer version."),
                       store->path, (int)*version, WG_SCHEMA_VERSION);
    return WG_OK;
}

static enum wg_status bring_up(struct wg_store *store, int64_t version, bool no_migrate,
                               struct wg_error *err)
{
    store->version = (int)version;
    if (version >= WG_SCHEMA_VERSION ||
        (store->read_only && !no_migrate && version >= WG_SCHEMA_READABLE))
        return WG_OK;
    if (no_migrate || store->read_only)
        return wg_fail(err, store->read_only ? WG_READ_ONLY : WG_INVALID,
                       _("%s has the older file version %d.  Open it once for writing to "
                         "bring it up to version %d."),
                       store->path, (int)version, WG_SCHEMA_VERSION);
    enum wg_status status = wg_store_migrate(store, err);
    if (!status)
        store->version = WG_SCHEMA_VERSION;
    return status;
}

static enum wg_status read_srid(struct wg_store *store, struct wg_error *err)
{
    int64_t srid = -1;
    enum wg_status status =
        wg_store_number(store, "SELECT srid FROM district WHERE id = 1", &srid, err);
    if (status == WG_INVALID || (!status && srid <= 0))
        return wg_fail(err, WG_CORRUPT,
                       _("%s has lost its tables or the row of its district.  Restore it "
                         "from a backup."),
                       store->path);
    store->srid = (int)srid;
    return status;
}

enum wg_status wg_store_open(const char *path, const struct wg_open_options *options,
                             struct wg_store **out, struct wg_error *err)
{
    static const struct wg_open_options none;
    if (!options)
        options = &none;
    *out = NULL;
    if (!path || !*path)
        return wg_fail(err, WG_INVALID, _("A database needs a file name."));
    enum wg_status status = wg_file_check_database(path, err);
    if (!status)
        status = wg_file_check_local(path, err);
    if (status)
        return status;

    struct wg_store *store = NULL;
    int64_t version = 0;
    status = options->read_only
                 ? connect_to_read(path, options->busy_timeout_ms, &store, err)
                 : connect_to_write(path, options->busy_timeout_ms, &store, err);
    if (status)
        return status;
    status = check_identity(store, &version, err);
    if (!status)
        status = wg_store_equip(store, err);
    if (!status && options->waiting.call) {
        store->waiting = options->waiting;
        sqlite3_busy_handler(store->db, on_busy, store);
    }
    /* A file that was copied by other tools may have lost the mode. */
    if (!status && !store->read_only)
        status = wg_exec(store, "PRAGMA journal_mode = WAL", err);
    if (!status)
        status = bring_up(store, version, options->no_migrate, err);
    if (!status)
        status = read_srid(store, err);
    if (status) {
        wg_store_close(store);
        return status;
    }
    *out = store;
    return WG_OK;
}

const char *wg_store_path(const struct wg_store *store)
{
    return store->path;
}

bool wg_store_read_only(const struct wg_store *store)
{
    return store->read_only;
}

int wg_store_srid(const struct wg_store *store)
{
    return store->srid;
}

int wg_store_version(const struct wg_store *store)
{
    return store->version;
}

/* ---- a connection that someone else opened ---- */

enum wg_status wg_store_borrow(sqlite3 *db, struct wg_store **out, struct wg_error *err)
{
    const char *path = sqlite3_db_filename(db, "main");
    struct wg_store *store = calloc(1, sizeof *store);
    *out = NULL;
    if (!store)
        return wg_fail_memory(err);
    store->db = db;
    store->borrowed = true;
    store->path = wg_strdup(path && *path ? path : ":memory:");
    store->queries = wg_query_cache_create();
    store->timeout_ms = DEFAULT_TIMEOUT_MS;
    if (!store->path || !store->queries) {
        wg_store_close(store);
        return wg_fail_memory(err);
    }
    *out = store;
    return WG_OK;
}

enum wg_status wg_store_recognise(struct wg_store *store, struct wg_error *err)
{
    int64_t version = 0;
    store->read_only = sqlite3_db_readonly(store->db, "main") == 1;
    enum wg_status status = check_identity(store, &version, err);
    if (!status && version < WG_SCHEMA_STAMPED)
        status = bring_up(store, version, true, err);
    store->version = (int)version;
    if (!status)
        status = read_srid(store, err);
    return status;
}

/* ---- transactions ---- */

bool wg_store_writing(const struct wg_store *store)
{
    return sqlite3_txn_state(store->db, "main") == SQLITE_TXN_WRITE;
}

/* SQLite waits by itself while another writer holds the lock; what it does not wait
 * for are the moments when another program recovers or resets the WAL. */
static enum wg_status begin_write(struct wg_store *store, struct wg_error *err)
{
    if (store->read_only)
        return wg_fail(err, WG_READ_ONLY, _("%s was opened for reading only."),
                       store->path);
    int64_t deadline = now_ms() + store->timeout_ms;
    int rc;
    store->gave_up = false;
    for (;;) {
        rc = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY || store->gave_up || now_ms() >= deadline)
            break;
        sleep_ms(1);
    }
    return rc ? wg_store_fail(store, rc, err) : WG_OK;
}

static enum wg_status check_writing(struct wg_store *store, struct wg_error *err)
{
    if (store->reading)
        return wg_fail(err, WG_INVALID,
                       _("A consistent read of %s is open; end it before writing."),
                       store->path);
    if (sqlite3_get_autocommit(store->db))
        return wg_fail(err, WG_IO,
                       _("The changes to %s were undone after an earlier error."),
                       store->path);
    return WG_OK;
}

enum wg_status wg_store_begin(struct wg_store *store, struct wg_error *err)
{
    enum wg_status status =
        store->depth > 0 ? check_writing(store, err) : begin_write(store, err);
    if (!status)
        store->depth++;
    return status;
}

enum wg_status wg_store_begin_bulk(struct wg_store *store, struct wg_error *err)
{
    enum wg_status status = wg_save(store, err);
    if (status || store->bulk_depth)
        return status;
    status = wg_exec(store, "INSERT INTO bulk (id) VALUES (1)", err);
    if (status)
        wg_revert(store);
    else
        store->bulk_depth = store->depth;
    return status;
}

bool wg_store_rest_triggers(struct wg_store *store, bool rest)
{
    int awake = 1;
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, -1, &awake);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, rest ? 0 : 1,
                      (int *)NULL);
    return !awake;
}

enum wg_status wg_store_begin_read(struct wg_store *store, struct wg_error *err)
{
    if (store->depth == 0 && !store->borrowed) {
        /* the snapshot is taken by the first read, not by BEGIN */
        int rc = sqlite3_exec(store->db,
                              "BEGIN; SELECT count(*) FROM (SELECT 1 FROM district)",
                              NULL, NULL, NULL);
        if (rc) {
            enum wg_status status = wg_store_fail(store, rc, err);
            sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
            return status;
        }
        store->reading = true;
    }
    store->depth++;
    return WG_OK;
}

void wg_store_rollback(struct wg_store *store)
{
    if (store->depth > 0 && !store->borrowed && !sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->depth = 0;
    store->bulk_depth = 0;
    store->reading = false;
}

/* Whether another program removed or replaced the file: a commit would go nowhere. */
static bool file_has_gone(struct wg_store *store)
{
    int moved = 0;
    return !store->reading &&
           sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
               SQLITE_OK &&
           moved;
}

/* End the outermost transaction; what cannot be committed is rolled back. */
static enum wg_status commit_outer(struct wg_store *store, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    if (store->borrowed) {
        /* its owner commits */
    } else if (sqlite3_get_autocommit(store->db)) {
        status = wg_fail(err, WG_IO,
                         _("The changes to %s were undone after an earlier error."),
                         store->path);
    } else if (file_has_gone(store)) {
        status = wg_fail(err, WG_IO,
                         _("%s was removed or replaced while it was in use; the changes "
                           "were not kept."),
                         store->path);
    } else {
        int rc = sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
        if (rc)
            status = wg_store_fail(store, rc, err);
    }
    if (status) {
        wg_store_rollback(store);
        return status;
    }
    store->depth = 0;
    store->reading = false;
    return WG_OK;
}

static enum wg_status end_bulk(struct wg_store *store, struct wg_error *err)
{
    if (store->bulk_depth != store->depth)
        return WG_OK;
    store->bulk_depth = 0;
    return wg_exec(store, "DELETE FROM bulk", err);
}

enum wg_status wg_store_commit(struct wg_store *store, struct wg_error *err)
{
    if (store->depth == 0)
        return wg_fail(err, WG_INVALID, _("There is no transaction on %s to commit."),
                       store->path);
    enum wg_status status = end_bulk(store, err);
    if (status) {
        wg_store_rollback(store);
        return status;
    }
    if (store->depth == 1)
        return commit_outer(store, err);
    store->depth--;
    return WG_OK;
}

static enum wg_status savepoint(struct wg_store *store, const char *verb, int level,
                                struct wg_error *err)
{
    char sql[48];
    sqlite3_snprintf(sizeof sql, sql, "%s wg%d", verb, level);
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc ? wg_store_fail(store, rc, err) : WG_OK;
}

enum wg_status wg_save(struct wg_store *store, struct wg_error *err)
{
    if (store->depth == 0)
        return wg_store_begin(store, err);
    enum wg_status status = check_writing(store, err);
    if (!status)
        status = savepoint(store, "SAVEPOINT", store->depth, err);
    if (!status)
        store->depth++;
    return status;
}

enum wg_status wg_release(struct wg_store *store, struct wg_error *err)
{
    if (store->depth <= 1)
        return wg_store_commit(store, err);
    enum wg_status status = check_writing(store, err);
    if (!status)
        status = end_bulk(store, err);
    if (!status)
        status = savepoint(store, "RELEASE", store->depth - 1, err);
    if (status)
        wg_revert(store);
    else
        store->depth--;
    return status;
}

void wg_revert(struct wg_store *store)
{
    if (store->depth <= 1) {
        wg_store_rollback(store);
        return;
    }
    if (!sqlite3_get_autocommit(store->db)) {
        savepoint(store, "ROLLBACK TO", store->depth - 1, NULL);
        savepoint(store, "RELEASE", store->depth - 1, NULL);
    }
    if (store->bulk_depth == store->depth)
        store->bulk_depth = 0;
    store->depth--;
}

/* ---- the change log ---- */

int64_t wg_store_data_version(struct wg_store *store)
{
    int64_t version = -1;
    wg_store_number(store, "PRAGMA data_version", &version, NULL);
    return version;
}

enum wg_status wg_store_changes(struct wg_store *store, int64_t since, wg_change_fn *fn,
                                void *user, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(store,
                                     "SELECT seq, at, tbl, rid, op, was, now FROM change "
                                     "WHERE seq > ?1 ORDER BY seq",
                                     &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, since);
    while (!(status = wg_step(q, &row, err)) && row) {
        const char *op = wg_column_text(q, 4);
        struct wg_change change = {
            .seq = wg_column_int(q, 0),
            .at = wg_column_text(q, 1),
            .table = wg_column_text(q, 2),
            .row = wg_column_int(q, 3),
            .op = op ? op[0] : 0,
            .was = wg_column_int(q, 5),
            .now = wg_column_int(q, 6),
        };
        if (!fn(&change, user))
            break;
    }
    wg_done(q);
    return status;
}

enum wg_status wg_store_last_change(struct wg_store *store, int64_t *seq,
                                    struct wg_error *err)
{
    return wg_store_number(store, "SELECT coalesce(max(seq), 0) FROM change", seq, err);
}
