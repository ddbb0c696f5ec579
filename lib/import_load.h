/*
 * The fast road of an import: one thread reads, checks and packs features into batches,
 * another decides which rows are new and loads them, the triggers at rest.
 */
#ifndef WG_IMPORT_LOAD_H
#define WG_IMPORT_LOAD_H

#include "import_job.h"
#include "load.h"

enum { WG_BATCH_ROWS = 2048 };

/* Columns of the batch's keys; NULL where the row has none. */
enum { WG_KEY_CODE, WG_KEY_SOURCE, WG_KEY_UUID, WG_KEY_WHOLE, WG_N_KEY };

/* What became of one feature. */
struct wg_item {
    int64_t fid;
    struct wg_point place; /* in the file's CRS */
    struct wg_box box;     /* in the district's; empty without a place */
    enum wg_status status; /* WG_OK: it has a row in the batch; else why not */
    size_t error;          /* the place of the words in the batch's errors */
    bool keyed;            /* it has keys all the same, which may say more */
    size_t n_problem;      /* of the batch's notes, up to this item */
    bool repaired;
    bool ended; /* has a valid_to: its source id is nobody's any more */
};

struct wg_batch {
    struct wg_item item[WG_BATCH_ROWS];
    size_t n;
    struct wg_sheet row, key; /* of the items that are WG_OK or keyed, in their order */
    uint64_t hash[WG_BATCH_ROWS][WG_N_KEY]; /* of each key; 0 without one */
    struct wg_import_report notes;
    struct wg_error *error;
    size_t n_error, cap_error;
    bool last;
};

/* The keys of the row at hand; before it is packed. */
enum wg_status wg_batch_keys(struct wg_batch *batch, const char *const key[WG_N_KEY],
                             struct wg_error *err);

/* import_building.c, import_event.c: the row at hand into the batch; item->box and
 * ->ended are theirs to set. */
enum wg_status wg_pack_building(struct wg_job *job, struct wg_batch *batch,
                                struct wg_item *item, struct wg_error *err);
enum wg_status wg_pack_part(struct wg_job *job, struct wg_batch *batch,
                            struct wg_item *item, struct wg_error *err);
enum wg_status wg_pack_event(struct wg_job *job, struct wg_batch *batch,
                             struct wg_item *item, struct wg_error *err);
typedef enum wg_status wg_pack_fn(struct wg_job *job, struct wg_batch *batch,
                                  struct wg_item *item, struct wg_error *err);

/* import_keys.c: the rows made in this import by hashes of their keys, 16 to 48 bytes a
 * key.  Zero-initialised is empty. */
struct wg_keys {
    struct wg_key_slot {
        uint64_t hash; /* 0: free */
        int64_t id;
    } * slot;
    size_t n, cap; /* a power of two */
};
uint64_t wg_keys_hash(int kind, const char *text); /* never 0 */
bool wg_keys_add(struct wg_keys *keys, uint64_t hash, int64_t id);
void wg_keys_prefetch(const struct wg_keys *keys, uint64_t hash);
/* The next id of the hash; *at is 0 at first.  0 when there is no more. */
int64_t wg_keys_next(const struct wg_keys *keys, uint64_t hash, size_t *at);
void wg_keys_finish(struct wg_keys *keys);

/* import_write.c: the other end. */
struct wg_writer;
/* *out NULL: this import has to go row by row. */
enum wg_status wg_writer_create(struct wg_job *job, struct wg_writer **out,
                                struct wg_error *err);
enum wg_status wg_writer_take(struct wg_writer *w, struct wg_batch *batch,
                              struct wg_error *err);
/* What the triggers would have written; then they are awake again. */
enum wg_status wg_writer_end(struct wg_writer *w, struct wg_error *err);
void wg_writer_destroy(struct wg_writer *w); /* wakes them too */

/* import_load.c: all features of the layer through both ends. */
enum wg_status wg_load_rows(struct wg_job *job, struct wg_writer *w, wg_pack_fn *pack,
                            struct wg_error *err);

#endif
