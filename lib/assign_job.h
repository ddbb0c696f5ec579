/*
 * What the files of assign share: one asking, and the two engines that can do it.
 *
 * An engine asks the objects of one kind for one scheme and writes the owner and
 * owner_share rows that are not right yet.  Both run inside the caller's transaction.
 */
#ifndef WG_ASSIGN_JOB_H
#define WG_ASSIGN_JOB_H

#include "wangge/assign.h"

struct wg_asking {
    struct wg_store *store;
    int64_t first, last; /* ids of the objects asked */
    bool listed;         /* of these only those in temp.wg_near, in `box` */
    struct wg_box box;
    struct wg_progress progress;
    uint64_t done, total;
    struct wg_windows *windows; /* index: the grids of the scheme asked last */
    struct wg_error *err;
};

/* WG_INVALID for one that is none. */
enum wg_status wg_assign_check_engine(enum wg_engine engine, struct wg_error *err);

/* Tell of n more steps; WG_CANCELLED when the caller has had enough. */
enum wg_status wg_asking_step(struct wg_asking *a, uint64_t n);

enum wg_status wg_assign_kind_sql(struct wg_asking *a, int64_t scheme, enum wg_kind kind);
enum wg_status wg_assign_kind_index(struct wg_asking *a, int64_t scheme,
                                    enum wg_kind kind);

/* Give events that name no building the one that covers them: the events asked, or with
 * WG_KIND_BUILDING the events in the buildings asked. */
enum wg_status wg_assign_link_sql(struct wg_asking *a, enum wg_kind kind);
enum wg_status wg_assign_link_index(struct wg_asking *a, enum wg_kind kind);

/* Ask everything for one scheme, without events' buildings; inside a savepoint. */
enum wg_status wg_assign_scheme(struct wg_store *store, int64_t scheme,
                                struct wg_error *err);

/* List in temp.wg_near the objects that the changes may concern. */
enum wg_status wg_asking_list(struct wg_asking *a, size_t n,
                              const struct wg_assign_change *change);
enum wg_status wg_assign_listed_sql(struct wg_asking *a, int64_t scheme);

/* "building", "part", "event" */
const char *wg_kind_table(enum wg_kind kind);

#endif
