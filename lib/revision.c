/* Owns the reading of revisions, and the names of lineage. */
#include "wangge/revision.h"

#include <string.h>

#include "internal.h"
#include "statement.h"

static enum wg_status read_rows(struct wg_query *q, wg_revision_fn *fn, void *user,
                                bool *any, struct wg_error *err)
{
    bool row = false;
    enum wg_status status;
    while (!(status = wg_step(q, &row, err)) && row) {
        struct wg_revision r = {.number = wg_column_int(q, 0),
                                .base = wg_column_int(q, 1),
                                .recorded_at = wg_column_text(q, 2),
                                .valid_from = wg_column_text(q, 3),
                                .author = wg_column_text(q, 4),
                                .reason = wg_column_text(q, 5),
                                .operations = wg_column_text(q, 6),
                                .reverts = wg_column_int(q, 7),
                                .n_changed = wg_column_int(q, 8),
                                .n_begun = wg_column_int(q, 9),
                                .n_ended = wg_column_int(q, 10)};
        *any = true;
        if (!fn(&r, user))
            break;
    }
    wg_done(q);
    return status;
}

#define COLUMNS                                                                          \
    "SELECT number, base, at, coalesce(valid_from, at), author, reason, operations, "    \
    "reverts, n_changed, n_begun, n_ended FROM revision WHERE scheme_id = ?1 "

static enum wg_status check_scheme(struct wg_store *store, int64_t scheme,
                                   struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(store, "SELECT 1 FROM scheme WHERE id = ?1", &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    status = wg_step(q, &row, err);
    wg_done(q);
    if (!status && !row)
        status =
            wg_fail(err, WG_NOT_FOUND, _("There is no scheme %lld."), (long long)scheme);
    return status;
}

enum wg_status wg_revision_each(struct wg_store *store, int64_t scheme, uint64_t limit,
                                wg_revision_fn *fn, void *user, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool any = false;
    enum wg_status status = check_scheme(store, scheme, err);
    if (!status)
        status = wg_query(store, COLUMNS "ORDER BY number DESC LIMIT iif(?2 = 0, -1, ?2)",
                          &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    return read_rows(q, fn, user, &any, err);
}

enum wg_status wg_revision_read(struct wg_store *store, int64_t scheme, int64_t number,
                                wg_revision_fn *fn, void *user, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool any = false;
    enum wg_status status = check_scheme(store, scheme, err);
    if (!status)
        status = wg_query(store, COLUMNS "AND number = ?2", &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, number);
    status = read_rows(q, fn, user, &any, err);
    if (!status && !any)
        status = wg_fail(err, WG_NOT_FOUND, _("The scheme has no revision %lld."),
                         (long long)number);
    return status;
}
