#ifndef WANGGE_INGEST_H
#define WANGGE_INGEST_H
/*
 * The ingest queue: events from many threads, assigned and committed in groups.
 *
 * Any thread puts events in; a thread of the queue finds the owner of each in every
 * scheme in force (the grids in force when it happened), links it to the building it is
 * in, and commits a group at a time.  What stands in the file afterwards is what
 * wg_event_create would have written: row, status, log, owners, change log, spatial
 * index.
 *
 * An event is acknowledged (its callback is called, its ticket settled) when the commit
 * that holds it is on the disk, not before: what is acknowledged survives a killed
 * process and a power cut.  An event whose uuid is in the file already is acknowledged as
 * that one and not written again, so whoever got no answer may send again.  A bad event
 * is refused alone, in words; the others of its group go in.
 */
#include "wangge/event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_ingest;

/* Who owns an event in one scheme. */
struct wg_ingest_owner {
    int64_t scheme, grid;  /* grid 0: outside */
    const char *grid_code; /* "" outside */
};

/* The answer for one event.  Texts and owners are borrowed for the call. */
struct wg_ingest_receipt {
    enum wg_status status;        /* WG_OK: it is in the file; else it is not, and why: */
    const struct wg_error *error; /* NULL when status is WG_OK */
    uint64_t tag;                 /* what was given with it */
    int64_t id;
    const char *uuid;
    bool known;     /* the uuid was there already */
    bool last;      /* of its group: a good moment to flush */
    size_t n_owner; /* schemes in force, in order of id */
    const struct wg_ingest_owner *owner;
};
/* Called in a thread of the queue's own, in the order in which the events were put in. It
 * must not put, wait, flush or close. */
typedef void wg_ingest_fn(const struct wg_ingest_receipt *receipt, void *user);

struct wg_ingest_options {
    size_t group_max; /* events a commit holds at most; 0: 100; never more than
                         queue_max */
    int wait_ms;      /* how long the first event of a group waits for others; 0: 5,
                         negative: not at all */
    size_t queue_max; /* events that wait at most; then wg_ingest_put waits.  0: 10,000 */
    int patience_ms;  /* how long a group that cannot be committed (another program
                         writes, the disk is full) is tried again before its events
                         are refused; 0: 60,000 */
    wg_ingest_fn *done; /* may be NULL */
    void *user;
};

/* Opens its own connection to the database.  options may be NULL. */
WG_API enum wg_status wg_ingest_open(const char *path,
                                     const struct wg_ingest_options *options,
                                     struct wg_ingest **out, struct wg_error *err);

/* The caller's own, if it wants to wait for one event: it must live until settled. */
struct wg_ingest_ticket {
    bool settled; /* read it after wg_ingest_wait */
    enum wg_status status;
    int64_t id;
    char uuid[37]; /* cut short if the event's own is no UUID */
    bool known;
    struct wg_error error;
};

/* Put a copy of an event in; waits while the queue is full.  An event that is bad in
 * itself (a time that is none, an infinite place …) is refused at once, without callback;
 * one that names an unknown building or part, by its receipt.  The id must be 0.  ticket
 * may be NULL; tag is handed to the callback. */
WG_API enum wg_status wg_ingest_put(struct wg_ingest *queue, const struct wg_event *event,
                                    uint64_t tag, struct wg_ingest_ticket *ticket,
                                    struct wg_error *err);
/* Wait until the ticket's event is acknowledged or refused; its status. */
WG_API enum wg_status wg_ingest_wait(struct wg_ingest *queue,
                                     struct wg_ingest_ticket *ticket,
                                     struct wg_error *err);
/* Wait until all that was put in before is acknowledged or refused; a group in the
 * making is committed at once. */
WG_API void wg_ingest_flush(struct wg_ingest *queue);

struct wg_ingest_counts {
    uint64_t put, committed, known, refused; /* put: taken into the queue */
    uint64_t groups;
    uint64_t linked;  /* found their building by their place */
    uint64_t retries; /* groups that had to be tried again */
};
WG_API struct wg_ingest_counts wg_ingest_counts(struct wg_ingest *queue);

/* Commit what is left, then stop: where it cannot be committed, after one patience for all
 * of it.  No thread may be putting.  NULL is fine. */
WG_API void wg_ingest_close(struct wg_ingest *queue);

#ifdef __cplusplus
}
#endif
#endif
