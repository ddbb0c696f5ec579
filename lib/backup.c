/* Online backup: one consistent state in a new file, while others read and write. */
#include "store_db.h"

#define PAGES_A_STEP 512 /* 2 MiB: about 200 progress calls a second on a plain disk */

static bool tell(struct wg_progress progress, sqlite3_backup *backup)
{
    int total = sqlite3_backup_pagecount(backup);
    int left = sqlite3_backup_remaining(backup);
    return !progress.call ||
           progress.call((uint64_t)(total - left), (uint64_t)total, progress.user);
}

/* The read transaction of the source stands still under the copy: without it every
 * commit of another program would start the copy over. */
static enum wg_status copy(struct wg_store *store, struct wg_store *target,
                           struct wg_progress progress, struct wg_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(target->db, "main", store->db, "main");
    if (!backup)
        return wg_store_fail(target, sqlite3_errcode(target->db), err);
    enum wg_status status = WG_OK;
    int rc = SQLITE_OK;
    while (!status && rc == SQLITE_OK) {
        rc = sqlite3_backup_step(backup, PAGES_A_STEP);
        if ((rc == SQLITE_OK || rc == SQLITE_DONE) && !tell(progress, backup))
            status = wg_fail(err, WG_CANCELLED, _("The backup of %s was stopped."),
                             store->path);
    }
    sqlite3_backup_finish(backup);
    if (!status && rc != SQLITE_DONE)
        status = wg_sqlite_fail(NULL, rc, target->path, store->timeout_ms, err);
    return status;
}

static enum wg_status fill(struct wg_store *store, const char *temporary,
                           struct wg_progress progress, struct wg_error *err)
{
    struct wg_store *target = NULL;
    enum wg_status status =
        wg_store_connect(temporary, SQLITE_OPEN_READWRITE, 0, &target, err);
    if (!status)
        status =
            wg_exec(target, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;", err);
    if (!status)
        status = copy(store, target, progress, err);
    if (!status)
        status = wg_exec(target, "PRAGMA journal_mode = WAL", err);
    wg_store_close(target);
    return status;
}

enum wg_status wg_store_backup(struct wg_store *store, const char *path,
                               struct wg_progress progress, struct wg_error *err)
{
    struct wg_new_file file = {.fd = -1};
    if (store->depth > 0 && !store->reading)
        return wg_fail(err, WG_INVALID,
                       _("A transaction on %s is open; commit it before the backup."),
                       store->path);
    enum wg_status status = wg_file_check_new(path, err);
    if (!status)
        status = wg_store_begin_read(store, err);
    if (status)
        return status;
    status = wg_new_file_begin(&file, path, err);
    if (!status) {
        status = fill(store, file.temporary, progress, err);
        if (status)
            wg_new_file_name_final(&file, err);
    }
    if (!status)
        status = wg_new_file_publish(&file, err);
    wg_new_file_finish(&file);
    wg_store_commit(store, NULL);
    return status;
}
