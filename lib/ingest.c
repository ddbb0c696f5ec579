/*
 * Owns the ingest queue: the threads that put events in, the one that commits them, and
 * the one that sees to it that a commit is on the disk and then answers.
 *
 * A commit leaves its pages in the journal, in the hands of the system: visible to all,
 * and safe if the process is killed, but not in a power cut.  What makes them durable,
 * and lets an event be acknowledged, is a flush of the journal, which takes as long as
 * writing half a group.  So the second thread flushes while the first writes the next
 * group.
 */
#include "wangge/ingest.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ingest_job.h"

#define GROUP_DEFAULT 100
#define WAIT_DEFAULT_MS 5
#define QUEUE_DEFAULT 10000
#define PATIENCE_DEFAULT_MS 60000
#define RETRY_MS 20
#define REST_MS 300 /* without events: time to sort what came in */

#define GROUPS 4 /* being written, or waiting for the disk */

/* The answer for an item: owners, their codes as places in the group's text. */
struct answer {
    size_t first, n;
};

struct group {
    struct wg_item **item;
    size_t n;
    bool written; /* something of it waits for the disk */
    struct answer *answer;
    struct wg_ingest_owner *owner;
    size_t n_owner, owner_cap;
    char *text;
    size_t n_text, text_cap;
};

struct wg_ingest {
    struct wg_ingest_options options;
    struct wg_ingest_writer writer; /* of its thread alone */
    int journal;              /* the journal's file; -1: each commit flushes it itself */
    struct wg_error given_up; /* of the writer's thread: why, closing, it tries no more */
    pthread_t writing, settling;
    struct group group[GROUPS]; /* in turn; one is of one thread at a time */
    pthread_mutex_t lock;       /* over all that follows */
    pthread_cond_t arrived, room, settled, given, freed;
    uint64_t n_given, n_freed; /* groups written, and answered */
    bool written_all;
    struct wg_item *first, **end;
    size_t n_waiting;
    uint64_t n_put, n_taken, n_settled; /* events ever */
    uint64_t hurry;                     /* commit up to this one without waiting */
    int64_t first_came_ms;
    bool idle; /* the thread waits for an event */
    bool closing;
    int64_t give_up_ms; /* once closing: no group is tried again after this */
    struct wg_ingest_counts counts;
};

/* ---- putting in ---- */

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char **text_at(struct wg_event *e, int i)
{
    const char **const texts[] = {
        &e->uuid,
        &e->code,
        &e->class_code,
        &e->title,
        &e->description,
        &e->address,
        &e->source,
        &e->frame,
        &e->due_at,
        &e->closed_at,
        &e->occurred_at,
        &e->reported_at,
        &e->acknowledged_at,
    };
    return i < (int)WG_N(texts) ? texts[i] : NULL;
}

/* An event with its texts in one block. */
static struct wg_item *make_item(const struct wg_event_draft *draft)
{
    struct wg_event e = draft->row;
    size_t size = sizeof(struct wg_item);
    for (int i = 0; text_at(&e, i); i++)
        size += *text_at(&e, i) ? strlen(*text_at(&e, i)) + 1 : 0;
    struct wg_item *item = malloc(size);
    if (!item)
        return NULL;
    memset(item, 0, sizeof *item);
    item->event = e;
    char *at = (char *)(item + 1);
    for (int i = 0; text_at(&item->event, i); i++) {
        const char **text = text_at(&item->event, i);
        if (!*text)
            continue;
        size_t n = strlen(*text) + 1;
        *text = memcpy(at, *text, n);
        at += n;
    }
    item->named = item->event.uuid != NULL;
    return item;
}

static void drop_item(struct wg_item *item)
{
    free(item->refused);
    free(item);
}

static enum wg_status append(struct wg_ingest *q, struct wg_item *item,
                             struct wg_error *err)
{
    enum wg_status status = WG_OK;
    pthread_mutex_lock(&q->lock);
    while (q->n_waiting >= q->options.queue_max && !q->closing)
        pthread_cond_wait(&q->room, &q->lock);
    if (q->closing) {
        status = wg_fail(err, WG_CANCELLED, _("The queue is being closed."));
    } else {
        if (!q->n_waiting)
            q->first_came_ms = now_ms();
        *q->end = item;
        q->end = &item->next;
        q->n_waiting++;
        q->n_put++;
        q->counts.put++;
        if (q->idle && (q->n_waiting == 1 || q->n_waiting == q->options.group_max))
            pthread_cond_signal(&q->arrived);
    }
    pthread_mutex_unlock(&q->lock);
    return status;
}

enum wg_status wg_ingest_put(struct wg_ingest *q, const struct wg_event *event,
                             uint64_t tag, struct wg_ingest_ticket *ticket,
                             struct wg_error *err)
{
    struct wg_event_draft draft;
    if (event->id)
        return wg_fail(err, WG_INVALID,
                       _("An event put into the queue gets its id there: it must be 0."));
    struct wg_event given = *event;
    bool named = event->uuid && *event->uuid;
    if (!named)
        given.uuid = "-"; /* one is made when it is written, so that they grow */
    enum wg_status status = wg_event_draft(NULL, &given, &draft, err);
    if (status)
        return status;
    if (!named)
        draft.row.uuid = NULL;
    struct wg_item *item = make_item(&draft);
    if (!item)
        return wg_fail_memory(err);
    item->tag = tag;
    item->ticket = ticket;
    if (ticket)
        memset(ticket, 0, sizeof *ticket);
    status = append(q, item, err);
    if (status)
        drop_item(item);
    return status;
}

enum wg_status wg_ingest_wait(struct wg_ingest *q, struct wg_ingest_ticket *ticket,
                              struct wg_error *err)
{
    pthread_mutex_lock(&q->lock);
    while (!ticket->settled)
        pthread_cond_wait(&q->settled, &q->lock);
    pthread_mutex_unlock(&q->lock);
    if (ticket->status && err)
        *err = ticket->error;
    return ticket->status;
}

void wg_ingest_flush(struct wg_ingest *q)
{
    pthread_mutex_lock(&q->lock);
    uint64_t target = q->n_put;
    if (q->hurry < target)
        q->hurry = target;
    pthread_cond_signal(&q->arrived);
    while (q->n_settled < target)
        pthread_cond_wait(&q->settled, &q->lock);
    pthread_mutex_unlock(&q->lock);
}

struct wg_ingest_counts wg_ingest_counts(struct wg_ingest *q)
{
    pthread_mutex_lock(&q->lock);
    struct wg_ingest_counts counts = q->counts;
    pthread_mutex_unlock(&q->lock);
    return counts;
}

/* ---- answering ---- */

static void settle_ticket(struct wg_ingest_ticket *t, const struct wg_item *item)
{
    t->status = item->refused ? item->refused->status : WG_OK;
    t->id = item->refused ? 0 : item->id;
    t->known = item->known;
    if (item->event.uuid) {
        strncpy(t->uuid, item->event.uuid, sizeof t->uuid - 1);
        t->uuid[sizeof t->uuid - 1] = 0;
    }
    if (item->refused)
        t->error = *item->refused;
    t->settled = true;
}

/* Keep what the receipts of these items need: the writer goes on to the next group. */
static enum wg_status keep_answers(struct wg_ingest *q, struct group *g, size_t first,
                                   size_t n, struct wg_error *err)
{
    for (size_t i = first; i < first + n; i++) {
        const struct wg_ingest_owner *owner = NULL;
        size_t n_owner = 0;
        enum wg_status status = WG_OK;
        if (!g->item[i]->refused)
            status = wg_ingest_owners(&q->writer, g->item[i], &owner, &n_owner, err);
        if (status)
            return status;
        if (!wg_grow((void **)&g->owner, &g->owner_cap, g->n_owner + n_owner + 1,
                     sizeof *g->owner))
            return wg_fail_memory(err);
        g->answer[i] = (struct answer){g->n_owner, n_owner};
        for (size_t k = 0; k < n_owner; k++) {
            size_t size = strlen(owner[k].grid_code) + 1;
            if (!wg_grow((void **)&g->text, &g->text_cap, g->n_text + size, 1))
                return wg_fail_memory(err);
            memcpy(g->text + g->n_text, owner[k].grid_code, size);
            g->n_text += size;
            g->owner[g->n_owner++] = owner[k];
        }
    }
    return WG_OK;
}

/* The texts have their last place now. */
static void place_codes(struct group *g)
{
    const char *at = g->text;
    for (size_t i = 0; i < g->n_owner; i++) {
        g->owner[i].grid_code = at;
        at += strlen(at) + 1;
    }
}

static void call_back(struct wg_ingest *q, const struct group *g, size_t i)
{
    const struct wg_item *item = g->item[i];
    struct wg_ingest_receipt r = {
        .status = item->refused ? item->refused->status : WG_OK,
        .error = item->refused,
        .tag = item->tag,
        .id = item->refused ? 0 : item->id,
        .uuid = item->event.uuid,
        .known = item->known,
        .last = i + 1 == g->n,
    };
    if (!item->refused) {
        r.n_owner = g->answer[i].n;
        r.owner = g->owner + g->answer[i].first;
    }
    q->options.done(&r, q->options.user);
}

static void count(struct wg_ingest_counts *c, const struct wg_item *item)
{
    if (item->refused)
        c->refused++;
    else if (item->known)
        c->known++;
    else
        c->committed++;
    c->linked += !item->refused && item->linked;
}

static void settle(struct wg_ingest *q, struct group *g)
{
    place_codes(g);
    for (size_t i = 0; q->options.done && i < g->n; i++)
        call_back(q, g, i);
    pthread_mutex_lock(&q->lock);
    for (size_t i = 0; i < g->n; i++) {
        count(&q->counts, g->item[i]);
        if (g->item[i]->ticket)
            settle_ticket(g->item[i]->ticket, g->item[i]);
    }
    q->n_settled += g->n;
    pthread_cond_broadcast(&q->settled);
    pthread_mutex_unlock(&q->lock);
    for (size_t i = 0; i < g->n; i++)
        drop_item(g->item[i]);
}

static void refuse_all(struct wg_item *const *item, size_t n, const struct wg_error *why)
{
    for (size_t i = 0; i < n; i++) {
        if (!item[i]->refused)
            item[i]->refused = malloc(sizeof *why);
        if (item[i]->refused)
            *item[i]->refused = *why;
    }
}

/* The disk has failed after the commit: nobody knows what of it will be there. */
static void doubt(struct wg_ingest *q, struct group *g)
{
    struct wg_error why;
    wg_fail(
        &why, WG_IO,
        _("The disk that holds %s failed while events were written to it; whether they "
          "are there is not known.  Check the disk and send them again."),
        wg_store_path(q->writer.store));
    refuse_all(g->item, g->n, &why);
}

static void *settle_all(void *user)
{
    struct wg_ingest *q = user;
    pthread_mutex_lock(&q->lock);
    for (;;) {
        while (q->n_freed == q->n_given && !q->written_all)
            pthread_cond_wait(&q->given, &q->lock);
        if (q->n_freed == q->n_given)
            break;
        pthread_mutex_unlock(&q->lock);
        struct group *g = &q->group[q->n_freed % GROUPS];
        if (g->written && q->journal >= 0 && fdatasync(q->journal) != 0)
            doubt(q, g);
        settle(q, g);
        pthread_mutex_lock(&q->lock);
        q->n_freed++;
        pthread_cond_signal(&q->freed);
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

/* ---- committing ---- */

static void rest(int ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&t, NULL);
}

/* What may pass: another program writes, the disk is full. */
static bool may_pass(enum wg_status status)
{
    return status == WG_BUSY || status == WG_IO || status == WG_NO_MEMORY;
}

static enum wg_status try_group(struct wg_ingest *q, struct wg_item *const *item,
                                size_t n, struct wg_error *err)
{
    int64_t until = now_ms() + q->options.patience_ms;
    enum wg_status status = q->given_up.status;
    if (status)
        *err = q->given_up;
    while (!q->given_up.status && (status = wg_ingest_write(&q->writer, item, n, err)) &&
           may_pass(status)) {
        pthread_mutex_lock(&q->lock);
        bool late = q->closing && now_ms() >= q->give_up_ms;
        bool again = !late && now_ms() < until;
        q->counts.retries += again;
        pthread_mutex_unlock(&q->lock);
        if (late)
            q->given_up = *err;
        if (!again)
            break;
        rest(RETRY_MS);
    }
    return status;
}

/* A group that the database will not take for what is in it is halved until the event at
 * fault stands alone. */
static void commit(struct wg_ingest *q, struct group *g, size_t first, size_t n)
{
    struct wg_error err;
    struct wg_item *const *item = g->item + first;
    enum wg_status status = try_group(q, item, n, &err);
    if (status && n > 1 && !may_pass(status)) {
        commit(q, g, first, n / 2);
        commit(q, g, first + n / 2, n - n / 2);
        return;
    }
    /* Of what was known, too: another process may have committed, and not flushed, it. */
    g->written = g->written || !status;
    if (status)
        refuse_all(item, n, &err);
    for (size_t i = first; i < first + n; i++)
        g->answer[i] = (struct answer){0, 0};
    if (!status && q->options.done)
        keep_answers(q, g, first, n, NULL);
}

static void wait_until(struct wg_ingest *q, int64_t ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000L};
    pthread_cond_timedwait(&q->arrived, &q->lock, &t);
}

/* Wait for the first event of a group and then for others; what is there is taken. */
static size_t take(struct wg_ingest *q, struct group *g)
{
    size_t n = 0;
    int64_t idle_since = now_ms();
    bool tidied = false;
    q->idle = true;
    while (!q->n_waiting && !q->closing) {
        wait_until(q, idle_since + (tidied ? 3600000 : REST_MS));
        if (!q->n_waiting && !q->closing && !tidied && now_ms() >= idle_since + REST_MS) {
            pthread_mutex_unlock(&q->lock);
            wg_ingest_tidy(&q->writer, NULL);
            pthread_mutex_lock(&q->lock);
            tidied = true;
        }
    }
    while (q->n_waiting && q->n_waiting < q->options.group_max && !q->closing &&
           q->hurry <= q->n_taken && q->options.wait_ms > 0 &&
           now_ms() < q->first_came_ms + q->options.wait_ms)
        wait_until(q, q->first_came_ms + q->options.wait_ms);
    q->idle = false;
    bool was_full = q->n_waiting >= q->options.queue_max;
    for (; q->first && n < q->options.group_max; n++) {
        g->item[n] = q->first;
        q->first = q->first->next;
    }
    if (!q->first)
        q->end = &q->first;
    q->n_waiting -= n;
    q->n_taken += n;
    q->first_came_ms = now_ms();
    q->counts.groups += n > 0;
    *g = (struct group){.item = g->item,
                        .n = n,
                        .answer = g->answer,
                        .owner = g->owner,
                        .owner_cap = g->owner_cap,
                        .text = g->text,
                        .text_cap = g->text_cap};
    if (was_full)
        pthread_cond_broadcast(&q->room);
    return n;
}

static void *write_all(void *user)
{
    struct wg_ingest *q = user;
    pthread_mutex_lock(&q->lock);
    for (;;) {
        while (q->n_given - q->n_freed == GROUPS)
            pthread_cond_wait(&q->freed, &q->lock);
        struct group *g = &q->group[q->n_given % GROUPS];
        size_t n = take(q, g);
        if (!n)
            break;
        pthread_mutex_unlock(&q->lock);
        commit(q, g, 0, n);
        pthread_mutex_lock(&q->lock);
        q->n_given++;
        pthread_cond_signal(&q->given);
    }
    q->written_all = true;
    pthread_cond_signal(&q->given);
    pthread_mutex_unlock(&q->lock);
    wg_ingest_tidy(&q->writer, NULL);
    return NULL;
}

/* ---- opening and closing ---- */

static void destroy(struct wg_ingest *q)
{
    pthread_cond_t *const conds[] = {&q->arrived, &q->room, &q->settled, &q->given,
                                     &q->freed};
    wg_ingest_writer_close(&q->writer);
    if (q->journal >= 0)
        close(q->journal);
    for (size_t i = 0; i < WG_N(conds); i++)
        pthread_cond_destroy(conds[i]);
    pthread_mutex_destroy(&q->lock);
    for (int i = 0; i < GROUPS; i++) {
        free(q->group[i].item);
        free(q->group[i].answer);
        free(q->group[i].owner);
        free(q->group[i].text);
    }
    free(q);
}

/* From now on commits leave the flush of the journal to us, if we can do it. */
static enum wg_status take_journal(struct wg_ingest *q, struct wg_error *err)
{
    char *real = realpath(wg_store_path(q->writer.store), NULL);
    size_t size = real ? strlen(real) + sizeof "-wal" : 0;
    char *name = malloc(size + 1);
    if (real && name) {
        snprintf(name, size, "%s-wal", real);
        q->journal = open(name, O_RDWR | O_CLOEXEC);
    }
    free(real);
    free(name);
    return q->journal < 0 ? WG_OK
                          : wg_exec(q->writer.store, "PRAGMA synchronous = NORMAL", err);
}

static void set_options(struct wg_ingest_options *o,
                        const struct wg_ingest_options *given)
{
    if (given)
        *o = *given;
    o->group_max = o->group_max ? o->group_max : GROUP_DEFAULT;
    o->wait_ms = o->wait_ms ? o->wait_ms : WAIT_DEFAULT_MS;
    o->queue_max = o->queue_max ? o->queue_max : QUEUE_DEFAULT;
    if (o->group_max > o->queue_max)
        o->group_max = o->queue_max;
    o->patience_ms = o->patience_ms ? o->patience_ms : PATIENCE_DEFAULT_MS;
}

static enum wg_status start(struct wg_ingest *q, struct wg_error *err)
{
    if (pthread_create(&q->settling, NULL, settle_all, q) != 0)
        return wg_fail(err, WG_NO_MEMORY, _("A thread could not be started."));
    if (pthread_create(&q->writing, NULL, write_all, q) == 0)
        return WG_OK;
    pthread_mutex_lock(&q->lock);
    q->written_all = true;
    pthread_cond_signal(&q->given);
    pthread_mutex_unlock(&q->lock);
    pthread_join(q->settling, NULL);
    return wg_fail(err, WG_NO_MEMORY, _("A thread could not be started."));
}

static void make_conditions(struct wg_ingest *q)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->arrived, &attr);
    pthread_condattr_destroy(&attr);
    pthread_cond_init(&q->room, NULL);
    pthread_cond_init(&q->settled, NULL);
    pthread_cond_init(&q->given, NULL);
    pthread_cond_init(&q->freed, NULL);
}

enum wg_status wg_ingest_open(const char *path, const struct wg_ingest_options *options,
                              struct wg_ingest **out, struct wg_error *err)
{
    struct wg_ingest *q = calloc(1, sizeof *q);
    enum wg_status status = WG_OK;
    if (!q)
        return wg_fail_memory(err);
    set_options(&q->options, options);
    q->end = &q->first;
    q->journal = -1;
    make_conditions(q);
    for (int i = 0; !status && i < GROUPS; i++) {
        q->group[i].item = calloc(q->options.group_max, sizeof(struct wg_item *));
        q->group[i].answer = calloc(q->options.group_max, sizeof(struct answer));
        if (!q->group[i].item || !q->group[i].answer)
            status = wg_fail_memory(err);
    }
    if (!status)
        status = wg_ingest_writer_open(&q->writer, path, err);
    if (!status)
        status = take_journal(q, err);
    if (!status)
        status = start(q, err);
    if (status) {
        destroy(q);
        return status;
    }
    *out = q;
    return WG_OK;
}

void wg_ingest_close(struct wg_ingest *q)
{
    if (!q)
        return;
    pthread_mutex_lock(&q->lock);
    q->closing = true;
    q->give_up_ms = now_ms() + q->options.patience_ms; /* once for all that is left */
    pthread_cond_signal(&q->arrived);
    pthread_cond_broadcast(&q->room);
    pthread_mutex_unlock(&q->lock);
    pthread_join(q->writing, NULL);
    pthread_join(q->settling, NULL);
    destroy(q);
}
