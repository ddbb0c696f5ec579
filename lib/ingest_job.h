/* The ingest queue at work: what the files ingest*.c share among themselves. */
#ifndef WG_INGEST_JOB_H
#define WG_INGEST_JOB_H

#include "event_draft.h"
#include "internal.h"
#include "load.h"
#include "wangge/ingest.h"
#include "wangge/locate.h"
#include "wangge/shape.h"

/* One event on its way, in one block with its texts. */
struct wg_item {
    struct wg_item *next;
    struct wg_event event; /* in normal form; uuid NULL: to be made */
    char uuid[WG_UUID_SIZE];
    uint64_t tag;
    struct wg_ingest_ticket *ticket;
    /* what becomes of it */
    int64_t id;
    const struct wg_item *twin; /* the one of its group with the same uuid */
    bool named;                 /* came with a uuid */
    bool known, linked;
    size_t place_in_group;    /* in fresh[] */
    struct wg_error *refused; /* NULL: it is in, or going in */
    unsigned char place[WG_POINT_BLOB_SIZE];
};

/* ---- which grid (ingest_assign.c) ---- */

#define WG_INGEST_WINDOWS 8

/* A scheme in force, with locators for some windows of time. */
struct wg_ingest_scheme {
    int64_t id, stamp;
    struct wg_locator *window[WG_INGEST_WINDOWS]; /* the first ones used, then NULL */
    int turn;                                     /* which one makes room next */
};

struct wg_ingest_schemes {
    struct wg_ingest_scheme *list;
    size_t n, cap;
    char read_at[WG_INSTANT_SIZE], until[WG_INSTANT_SIZE]; /* in force as listed */
};

/* ---- which building (ingest_building.c) ---- */

struct wg_ingest_buildings {
    struct wg_locator *index;    /* of the whole ones in force; NULL: ask SQL */
    int64_t last;                /* highest id: about how many there are */
    int64_t asked;               /* of SQL since the index was lost */
    char until[WG_INSTANT_SIZE]; /* one of the index ends then; "": none */
    bool too_big;
};

/* ---- the spatial index (ingest_tree.c) ---- */

#define WG_TREE_BRANCHES 16

/* Nodes this queue has filled in the order of arrival, not yet sorted by place. */
struct wg_ingest_tree {
    int64_t branch[WG_TREE_BRANCHES]; /* nodes one above the leaves; the last is open */
    size_t n;
};

/* ---- the writer ---- */

/* A line of the event log or of the change log. */
struct wg_ingest_line {
    const struct wg_item *item;
    const char *word, *op; /* action, or table and what was done to it */
    int64_t now;           /* new stage, or new grid */
    bool first;            /* the report */
};

struct wg_ingest_pair {
    int64_t key, value;
};

struct wg_ingest_writer {
    struct wg_store *store;
    int srid;
    int64_t version; /* wg_store_data_version at the last look; -1: look again */
    int64_t last_event, last_change;
    struct wg_ingest_schemes schemes;
    struct wg_ingest_buildings buildings;
    struct wg_ingest_tree tree;
    /* for the group at hand */
    char now[WG_INSTANT_SIZE];
    struct wg_item **fresh; /* those that are written */
    size_t n_fresh;
    struct wg_ingest_owner *owner; /* of fresh[i] in scheme s: owner[i * n_scheme + s] */
    double *x, *y;
    uint32_t *slot;
    struct wg_ingest_line *line;
    struct wg_ingest_pair *pair;
    size_t cap, owner_cap, line_cap, pair_cap;
    struct wg_ingest_owner *answer; /* owners of an event from before, for its receipt */
    char **answer_code;
    size_t n_answer, answer_cap, code_cap;
    unsigned char random[4096]; /* for uuids */
    size_t random_left;
    int64_t uuid_ms; /* of the last uuid made, and how many in that millisecond */
    unsigned uuid_count;
};

enum wg_status wg_ingest_writer_open(struct wg_ingest_writer *w, const char *path,
                                     struct wg_error *err);
void wg_ingest_writer_close(struct wg_ingest_writer *w);
/* Commit a group; what is bad alone is refused alone.  On failure nothing is written
 * and no item has been changed for good. */
enum wg_status wg_ingest_write(struct wg_ingest_writer *w, struct wg_item *const *item,
                               size_t n, struct wg_error *err);
/* Nothing to do for a while, or the end: sort what was filled in order of arrival. */
enum wg_status wg_ingest_tidy(struct wg_ingest_writer *w, struct wg_error *err);
/* Owners of an item that is in, for its receipt; until the next group. */
enum wg_status wg_ingest_owners(struct wg_ingest_writer *w, const struct wg_item *item,
                                const struct wg_ingest_owner **owner, size_t *n,
                                struct wg_error *err);
/* Room for n pairs, until the next call; NULL: no memory. */
struct wg_ingest_pair *wg_ingest_pairs(struct wg_ingest_writer *w, size_t n,
                                       struct wg_error *err);
/* Run a statement that reads the first n as wg_feed (c0, c1). */
enum wg_status wg_ingest_run_pairs(struct wg_ingest_writer *w, const char *sql, size_t n,
                                   struct wg_error *err);

enum wg_status wg_ingest_schemes_read(struct wg_ingest_writer *w, struct wg_error *err);
/* Have a locator for now ready in each, while nobody waits for the lock. */
enum wg_status wg_ingest_schemes_prepare(struct wg_ingest_writer *w,
                                         struct wg_error *err);
void wg_ingest_schemes_finish(struct wg_ingest_schemes *schemes);
/* Fill owner[] for fresh[]. */
enum wg_status wg_ingest_assign(struct wg_ingest_writer *w, struct wg_error *err);

enum wg_status wg_ingest_buildings_look(struct wg_ingest_writer *w, bool changed,
                                        struct wg_error *err);
void wg_ingest_buildings_drop(struct wg_ingest_buildings *b);
/* Set event.building of those of fresh[] that name none. */
enum wg_status wg_ingest_link(struct wg_ingest_writer *w, struct wg_error *err);

void wg_ingest_tree_forget(struct wg_ingest_tree *tree);
enum wg_status wg_ingest_tree_add(struct wg_ingest_writer *w, struct wg_error *err);
enum wg_status wg_ingest_tree_sort(struct wg_ingest_writer *w, struct wg_error *err);

#endif
