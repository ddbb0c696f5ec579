/* Migrations: an older file is brought up to this version, forward only. */
#include "store_db.h"

extern const char wg_sql_012_grid_stamp_sql[];
extern const char wg_sql_013_event_writes_sql[];
extern const char wg_sql_014_revisions_sql[];

/* From version n to n + 1, in order.  The first published version is 1. */
static const struct wg_migration steps[] = {
    {1, wg_sql_012_grid_stamp_sql}, /* a new file gets the same */
    {2, wg_sql_013_event_writes_sql},
    {3, wg_sql_014_revisions_sql},
};

static const struct wg_migration *find_step(const struct wg_migration *list, size_t n,
                                            int64_t from)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].from == from)
            return &list[i];
    }
    return NULL;
}

enum wg_status wg_migrate(struct wg_store *store, const struct wg_migration *list,
                          size_t n, int target, struct wg_error *err)
{
    enum wg_status status = wg_store_begin(store, err);
    if (status)
        return status;
    /* Asked again under the write lock: another program may have just done it. */
    int64_t version = 0;
    bool renew = false;
    status = wg_store_number(store, "PRAGMA user_version", &version, err);
    while (!status && version < target) {
        const struct wg_migration *step = find_step(list, n, version);
        if (!step) {
            status = wg_fail(err, WG_FORMAT,
                             _("%s has version %d, which this program cannot bring up to "
                               "version %d."),
                             store->path, (int)version, target);
            break;
        }
        status = wg_exec(store, step->sql, err);
        renew = true;
        version++;
        if (!status) {
            char pragma[64];
            sqlite3_snprintf(sizeof pragma, pragma, "PRAGMA user_version = %d",
                             (int)version);
            status = wg_exec(store, pragma, err);
        }
    }
    if (!status && renew)
        status = wg_schema_renew_triggers(store, err);
    if (!status)
        status = wg_store_commit(store, err);
    if (status)
        wg_store_rollback(store);
    return status;
}

enum wg_status wg_store_migrate(struct wg_store *store, struct wg_error *err)
{
    return wg_migrate(store, steps, sizeof steps / sizeof steps[0], WG_SCHEMA_VERSION,
                      err);
}
