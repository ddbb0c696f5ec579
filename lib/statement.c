/* Statements: prepared once, kept by their text; SQLite's errors in our words. */
#include "statement.h"

#include <math.h>
#include <string.h>

#include "store_db.h"

#define N_BUCKETS 128
#define N_IDLE_MAX 96 /* statements kept while nobody uses them */

struct wg_query {
    struct wg_store *store;
    sqlite3_stmt *stmt;
    char *sql; /* NULL: not in the cache */
    struct wg_query *next;
    uint64_t used_at; /* for throwing out the one unused for longest */
    int bind_rc;
    bool busy;
};

struct wg_query_cache {
    struct wg_query *bucket[N_BUCKETS];
    uint64_t clock;
    size_t n;
};

/* ---- errors ---- */

static enum wg_status fail_constraint(int rc, const char *words, const char *path,
                                      struct wg_error *err)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return wg_fail(err, WG_CONSTRAINT,
                       _("A row with the same key is already in %s (%s).  Use another "
                         "code or id."),
                       path, words);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return wg_fail(err, WG_CONSTRAINT,
                       _("The row refers to another row that is not in %s, or is itself "
                         "referred to (%s)."),
                       path, words);
    case SQLITE_CONSTRAINT_NOTNULL:
        return wg_fail(err, WG_CONSTRAINT,
                       _("A value that must be given is missing (%s, in %s)."), words,
                       path);
    case SQLITE_CONSTRAINT_CHECK:
        return wg_fail(err, WG_CONSTRAINT,
                       _("A value is not one of those allowed (%s, in %s)."), words,
                       path);
    default:
        return wg_fail(err, WG_CONSTRAINT,
                       _("The row would break a rule of the data in %s: %s."), path,
                       words);
    }
}

enum wg_status wg_sqlite_fail(sqlite3 *db, int rc, const char *path, int timeout_ms,
                              struct wg_error *err)
{
    const char *words = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return wg_fail_memory(err);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return wg_fail(err, WG_BUSY,
                       _("Another program has been writing to %s for more than %.3g s.  "
                         "Try again when it has finished."),
                       path, timeout_ms / 1000.0);
    case SQLITE_FULL:
        return wg_fail(err, WG_IO,
                       _("The disk that holds %s is full.  Nothing was changed; make "
                         "room and try again."),
                       path);
    case SQLITE_IOERR:
        return wg_fail(err, WG_IO,
                       _("%s could not be read or written (%s).  Check the disk and its "
                         "free space."),
                       path, sqlite3_errstr(rc));
    case SQLITE_CANTOPEN:
        return wg_fail(err, WG_IO,
                       _("%s, or the files beside it (-wal, -shm), could not be opened.  "
                         "Check the permissions of the file and of its folder."),
                       path);
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return wg_fail(err, WG_READ_ONLY,
                       _("%s cannot be written: it was opened for reading only, or the "
                         "permissions of the file or its folder forbid it."),
                       path);
    case SQLITE_CORRUPT:
        return wg_fail(err, WG_CORRUPT,
                       _("%s is damaged or cut short (%s).  Restore it from a backup."),
                       path, words);
    case SQLITE_NOTADB:
        return wg_fail(err, WG_FORMAT, _("%s is not a database."), path);
    case SQLITE_CONSTRAINT:
        return fail_constraint(rc, words, path, err);
    case SQLITE_MISMATCH:
        return wg_fail(err, WG_CONSTRAINT, _("A value is of the wrong type (%s, in %s)."),
                       words, path);
    case SQLITE_TOOBIG:
        return wg_fail(err, WG_INVALID, _("A value is too big for %s (%s)."), path,
                       words);
    case SQLITE_INTERRUPT:
        return wg_fail(err, WG_CANCELLED, _("The work on %s was stopped."), path);
    case SQLITE_ERROR:
        return wg_fail(err, WG_INVALID, _("%s does not accept the statement: %s."), path,
                       words);
    default:
        return wg_fail(err, WG_INTERNAL, _("Unexpected answer of the database %s: %s."),
                       path, words);
    }
}

enum wg_status wg_store_fail(struct wg_store *store, int rc, struct wg_error *err)
{
    int extended = sqlite3_extended_errcode(store->db);
    if ((extended & 0xff) == (rc & 0xff))
        rc = extended;
    if ((rc & 0xff) == SQLITE_BUSY && store->gave_up)
        rc = SQLITE_INTERRUPT;
    return wg_sqlite_fail(store->db, rc, store->path, store->timeout_ms, err);
}

/* ---- cache ---- */

static unsigned bucket_of(const char *sql)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = sql; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return hash % N_BUCKETS;
}

static void query_free(struct wg_query *q)
{
    sqlite3_finalize(q->stmt);
    free(q->sql);
    free(q);
}

struct wg_query_cache *wg_query_cache_create(void)
{
    return calloc(1, sizeof(struct wg_query_cache));
}

void wg_query_cache_destroy(struct wg_query_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < N_BUCKETS; i++) {
        for (struct wg_query *q = cache->bucket[i], *next; q; q = next) {
            next = q->next;
            query_free(q);
        }
    }
    free(cache);
}

/* Throw out the idle statement that was not used for longest. */
static void cache_trim(struct wg_query_cache *cache)
{
    struct wg_query **oldest = NULL;
    for (size_t i = 0; i < N_BUCKETS; i++) {
        for (struct wg_query **q = &cache->bucket[i]; *q; q = &(*q)->next) {
            if (!(*q)->busy && (!oldest || (*q)->used_at < (*oldest)->used_at))
                oldest = q;
        }
    }
    if (oldest) {
        struct wg_query *gone = *oldest;
        *oldest = gone->next;
        query_free(gone);
        cache->n--;
    }
}

/* Inside a transaction that SQLite itself has rolled back (a full disk, say) nothing
 * more may run: it would be committed row by row. */
static enum wg_status check_alive(struct wg_store *store, struct wg_error *err)
{
    if (store->depth > 0 && !store->borrowed && sqlite3_get_autocommit(store->db))
        return wg_fail(err, WG_IO,
                       _("The changes to %s were undone after an earlier error."),
                       store->path);
    return WG_OK;
}

enum wg_status wg_query(struct wg_store *store, const char *sql, struct wg_query **out,
                        struct wg_error *err)
{
    enum wg_status status = check_alive(store, err);
    if (status)
        return status;
    struct wg_query_cache *cache = store->queries;
    unsigned b = bucket_of(sql);
    bool cached = store->borrowed; /* a statement kept would keep the owner from closing */
    struct wg_query *q;
    for (q = cache->bucket[b]; q; q = q->next) {
        if (strcmp(q->sql, sql) == 0) {
            cached = true;
            break;
        }
    }
    if (q && !q->busy)
        goto found;
    q = calloc(1, sizeof *q);
    if (!q)
        return wg_fail_memory(err);
    q->store = store;
    /* A statement in use, asked for again within its own loop, gets a second copy. */
    int rc = sqlite3_prepare_v3(store->db, sql, -1,
                                cached ? 0 : SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
    if (rc) {
        free(q);
        return wg_store_fail(store, rc, err);
    }
    if (!cached) {
        q->sql = wg_strdup(sql);
        if (!q->sql) {
            query_free(q);
            return wg_fail_memory(err);
        }
        if (cache->n >= N_IDLE_MAX)
            cache_trim(cache);
        q->next = cache->bucket[b];
        cache->bucket[b] = q;
        cache->n++;
    }
found:
    q->busy = true;
    q->bind_rc = SQLITE_OK;
    q->used_at = ++cache->clock;
    *out = q;
    return WG_OK;
}

void wg_done(struct wg_query *q)
{
    if (!q)
        return;
    sqlite3_reset(q->stmt);
    sqlite3_clear_bindings(q->stmt);
    q->busy = false;
    if (!q->sql)
        query_free(q);
}

/* ---- bind ---- */

static void remember(struct wg_query *q, int rc)
{
    if (rc && !q->bind_rc)
        q->bind_rc = rc;
}

void wg_bind_int(struct wg_query *q, int at, int64_t value)
{
    remember(q, sqlite3_bind_int64(q->stmt, at, value));
}

void wg_bind_id(struct wg_query *q, int at, int64_t id)
{
    remember(q,
             id ? sqlite3_bind_int64(q->stmt, at, id) : sqlite3_bind_null(q->stmt, at));
}

void wg_bind_count(struct wg_query *q, int at, int64_t count)
{
    remember(q, count >= 0 ? sqlite3_bind_int64(q->stmt, at, count)
                           : sqlite3_bind_null(q->stmt, at));
}

void wg_bind_real(struct wg_query *q, int at, double value)
{
    remember(q, isnan(value) ? sqlite3_bind_null(q->stmt, at)
                             : sqlite3_bind_double(q->stmt, at, value));
}

void wg_bind_text(struct wg_query *q, int at, const char *text)
{
    remember(q, text ? sqlite3_bind_text(q->stmt, at, text, -1, SQLITE_STATIC)
                     : sqlite3_bind_null(q->stmt, at));
}

void wg_bind_blob(struct wg_query *q, int at, const void *data, size_t size)
{
    remember(q, data ? sqlite3_bind_blob64(q->stmt, at, data, size, SQLITE_STATIC)
                     : sqlite3_bind_null(q->stmt, at));
}

void wg_bind_null(struct wg_query *q, int at)
{
    remember(q, sqlite3_bind_null(q->stmt, at));
}

/* ---- run ---- */

enum wg_status wg_step(struct wg_query *q, bool *row, struct wg_error *err)
{
    *row = false;
    if (q->bind_rc)
        return wg_store_fail(q->store, q->bind_rc, err);
    enum wg_status status = check_alive(q->store, err);
    if (status)
        return status;
    int rc = sqlite3_step(q->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return wg_store_fail(q->store, rc, err);
    *row = rc == SQLITE_ROW;
    return WG_OK;
}

enum wg_status wg_run(struct wg_query *q, struct wg_error *err)
{
    enum wg_status status;
    bool row;
    do {
        status = wg_step(q, &row, err);
    } while (!status && row);
    wg_done(q);
    return status;
}

void wg_again(struct wg_query *q)
{
    sqlite3_reset(q->stmt);
}

enum wg_status wg_exec(struct wg_store *store, const char *sql, struct wg_error *err)
{
    enum wg_status status = check_alive(store, err);
    if (status)
        return status;
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc ? wg_store_fail(store, rc, err) : WG_OK;
}

/* ---- read ---- */

bool wg_column_is_null(struct wg_query *q, int at)
{
    return sqlite3_column_type(q->stmt, at) == SQLITE_NULL;
}

int64_t wg_column_int(struct wg_query *q, int at)
{
    return sqlite3_column_int64(q->stmt, at);
}

int64_t wg_column_count(struct wg_query *q, int at)
{
    return wg_column_is_null(q, at) ? -1 : sqlite3_column_int64(q->stmt, at);
}

double wg_column_real(struct wg_query *q, int at)
{
    return wg_column_is_null(q, at) ? (double)NAN : sqlite3_column_double(q->stmt, at);
}

const char *wg_column_text(struct wg_query *q, int at)
{
    return (const char *)sqlite3_column_text(q->stmt, at);
}

const void *wg_column_blob(struct wg_query *q, int at, size_t *size)
{
    const void *data = sqlite3_column_blob(q->stmt, at);
    *size = (size_t)sqlite3_column_bytes(q->stmt, at);
    return data;
}

int64_t wg_last_id(struct wg_store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}

int64_t wg_changes(struct wg_store *store)
{
    return sqlite3_changes64(store->db);
}
