/* Owns the two threads of an import: the caller's reads, the other one writes. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "import_load.h"
#include "internal.h"

enum {
    N_BATCH = 3,
    BATCH_BYTES = 4 << 20 /* huge outlines end a batch early */
};

struct pipe {
    struct wg_job *job;
    struct wg_writer *writer;
    wg_pack_fn *pack;
    struct wg_import_report *report; /* the job's own; batches take notes meanwhile */
    struct wg_batch *batch[N_BATCH];
    struct wg_batch *filling; /* the reader's; batch[n_filled % N_BATCH] */
    pthread_t thread;
    bool threaded;
    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t n_filled, n_taken;
    enum wg_status status; /* of the writer */
    struct wg_error why;
};

/* ---- batches ---- */

static void empty_batch(struct wg_batch *b)
{
    b->n = 0;
    b->n_error = 0;
    b->last = false;
    b->row.n_row = b->row.n_byte = 0;
    wg_sheet_reset(&b->key, WG_N_KEY);
    wg_import_report_finish(&b->notes);
}

static void free_batch(struct wg_batch *b)
{
    if (!b)
        return;
    wg_sheet_finish(&b->row);
    wg_sheet_finish(&b->key);
    wg_import_report_finish(&b->notes);
    free(b->error);
    free(b);
}

static bool is_full(const struct wg_batch *b)
{
    return b->n == WG_BATCH_ROWS || b->row.n_byte > BATCH_BYTES;
}

enum wg_status wg_batch_keys(struct wg_batch *batch, const char *const key[WG_N_KEY],
                             struct wg_error *err)
{
    struct wg_cell *cell = wg_sheet_add(&batch->key);
    uint64_t *hash = batch->hash[batch->key.n_row - 1];
    bool ok = cell;
    for (int i = 0; ok && i < WG_N_KEY; i++) {
        ok = !key[i] || wg_sheet_text(&batch->key, &cell[i], key[i]);
        /* a whole is looked for among the sources */
        hash[i] = !key[i]             ? 0
                  : i == WG_KEY_WHOLE ? wg_keys_hash(WG_KEY_SOURCE, key[i])
                                      : wg_keys_hash(i, key[i]);
    }
    return ok ? WG_OK : wg_fail_memory(err);
}

static enum wg_status refuse(struct wg_batch *b, struct wg_item *item,
                             const struct wg_error *why, struct wg_error *err)
{
    if (!wg_grow((void **)&b->error, &b->cap_error, b->n_error + 1, sizeof *b->error))
        return wg_fail_memory(err);
    b->error[b->n_error] = *why;
    item->error = b->n_error++;
    return WG_OK;
}

/* ---- the writing end ---- */

/* Take the oldest filled batch; with nothing to wait for, when there is none yet. */
static void take_all(struct pipe *p)
{
    bool last = false;
    while (!last) {
        pthread_mutex_lock(&p->lock);
        while (p->n_taken == p->n_filled)
            pthread_cond_wait(&p->moved, &p->lock);
        struct wg_batch *b = p->batch[p->n_taken % N_BATCH];
        enum wg_status st = p->status;
        pthread_mutex_unlock(&p->lock);
        struct wg_error why = {.row = -1, .x = NAN, .y = NAN};
        last = b->last;
        if (!st)
            st = wg_writer_take(p->writer, b, &why);
        pthread_mutex_lock(&p->lock);
        if (st && !p->status) {
            p->status = st;
            p->why = why;
        }
        p->n_taken++;
        pthread_cond_signal(&p->moved);
        pthread_mutex_unlock(&p->lock);
    }
}

static void *write_end(void *user)
{
    take_all(user);
    return NULL;
}

/* Signals go to the threads of the program, not to ours. */
static void start_thread(struct pipe *p)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before))
        return;
    p->threaded = !pthread_create(&p->thread, NULL, write_end, p);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- the reading end ---- */

/* Hand the batch over and begin the next. */
static enum wg_status hand_over(struct pipe *p, bool last, struct wg_error *err)
{
    enum wg_status st;
    p->filling->last = last;
    if (!p->threaded) { /* no second thread to be had: one after the other */
        st = p->status ? p->status : wg_writer_take(p->writer, p->filling, &p->why);
        p->status = st;
    } else {
        pthread_mutex_lock(&p->lock);
        p->n_filled++;
        pthread_cond_signal(&p->moved);
        while (!last && p->n_filled - p->n_taken == N_BATCH)
            pthread_cond_wait(&p->moved, &p->lock);
        st = p->status;
        p->filling = p->batch[p->n_filled % N_BATCH];
        pthread_mutex_unlock(&p->lock);
    }
    if (last)
        return WG_OK;
    if (st && err)
        *err = p->why;
    empty_batch(p->filling);
    p->job->report = &p->filling->notes;
    return st;
}

static enum wg_status read_row(struct wg_job *job, void *user, struct wg_error *err)
{
    struct pipe *p = user;
    struct wg_batch *b = p->filling;
    struct wg_item *item = &b->item[b->n];
    struct wg_error why = {.row = -1, .x = NAN, .y = NAN};
    size_t rows = b->row.n_row, keys = b->key.n_row, before = b->notes.n_problem;
    memset(item, 0, sizeof *item);
    b->notes.repaired = 0;
    job->place = (struct wg_point){NAN, NAN};
    enum wg_status st = p->pack(job, b, item, &why);
    if (st) {
        b->row.n_row = rows;
        item->keyed = b->key.n_row > keys && wg_sheet_add(&b->row);
        b->key.n_row = keys + item->keyed;
        /* rejected after all: what was mended before does not count */
        while (b->notes.n_problem > before)
            free((char *)b->notes.problem[--b->notes.n_problem].text);
        item->status = st;
        if (wg_job_is_row_problem(st))
            st = refuse(b, item, &why, &why);
        if (st) {
            if (err)
                *err = why;
            return st;
        }
    }
    item->fid = job->fid;
    item->place = job->place;
    item->repaired = !item->status && b->notes.repaired > 0;
    item->n_problem = b->notes.n_problem;
    b->n++;
    return is_full(b) ? hand_over(p, false, err) : WG_OK;
}

static enum wg_status make_batches(struct pipe *p, struct wg_error *err)
{
    for (int i = 0; i < N_BATCH; i++) {
        p->batch[i] = calloc(1, sizeof *p->batch[i]);
        if (!p->batch[i])
            return wg_fail_memory(err);
        empty_batch(p->batch[i]);
    }
    p->filling = p->batch[0];
    return WG_OK;
}

enum wg_status wg_load_rows(struct wg_job *job, struct wg_writer *w, wg_pack_fn *pack,
                            struct wg_error *err)
{
    struct pipe p = {.job = job, .writer = w, .pack = pack, .report = job->report};
    enum wg_status st = make_batches(&p, err);
    if (st)
        goto out;
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.moved, NULL);
    start_thread(&p);
    job->report = &p.filling->notes;
    st = wg_job_each(job, read_row, &p, err);
    if (st) /* nothing of what was read in vain is written */
        empty_batch(p.filling);
    hand_over(&p, true, NULL);
    if (p.threaded)
        pthread_join(p.thread, NULL);
    job->report = p.report;
    job->report->read = job->n_read;
    if (!st && p.status) {
        st = p.status;
        if (err)
            *err = p.why;
    }
    pthread_cond_destroy(&p.moved);
    pthread_mutex_destroy(&p.lock);
out:
    for (int i = 0; i < N_BATCH; i++)
        free_batch(p.batch[i]);
    return st;
}
