/* Owns the ingest queue: threads that put events in, and the one that commits them. */
#include "wangge/ingest.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "ingest_job.h"

#define GROUP_DEFAULT 100
#define WAIT_DEFAULT_MS 5
#define QUEUE_DEFAULT 10000
#define PATIENCE_DEFAULT_MS 60000
#define RETRY_MS 20
#define REST_MS 300 /* without events: time to sort what came in */

struct wg_ingest {
    struct wg_ingest_options options;
    struct wg_ingest_writer writer; /* of the thread alone */
    struct wg_item **group;
    pthread_t thread;
    pthread_mutex_t lock; /* over all that follows */
    pthread_cond_t arrived, room, settled;
    struct wg_item *first, **end;
    size_t n_waiting;
    uint64_t n_put, n_taken, n_settled; /* events ever */
    uint64_t hurry;                     /* commit up to this one without waiting */
    int64_t first_came_ms;
    bool idle; /* the thread waits for an event */
    bool closing;
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

static void call_back(struct wg_ingest *q, const struct wg_item *item, bool last)
{
    struct wg_ingest_receipt r = {
        .status = item->refused ? item->refused->status : WG_OK,
        .error = item->refused,
        .tag = item->tag,
        .id = item->refused ? 0 : item->id,
        .uuid = item->event.uuid,
        .known = item->known,
        .last = last,
    };
    if (!item->refused)
        wg_ingest_owners(&q->writer, item, &r.owner, &r.n_owner, NULL);
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

static void settle(struct wg_ingest *q, struct wg_item *const *item, size_t n)
{
    for (size_t i = 0; q->options.done && i < n; i++)
        call_back(q, item[i], i + 1 == n);
    pthread_mutex_lock(&q->lock);
    for (size_t i = 0; i < n; i++) {
        count(&q->counts, item[i]);
        if (item[i]->ticket)
            settle_ticket(item[i]->ticket, item[i]);
    }
    q->n_settled += n;
    pthread_cond_broadcast(&q->settled);
    pthread_mutex_unlock(&q->lock);
    for (size_t i = 0; i < n; i++)
        drop_item(item[i]);
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
    enum wg_status status;
    while ((status = wg_ingest_write(&q->writer, item, n, err)) && may_pass(status) &&
           now_ms() < until) {
        pthread_mutex_lock(&q->lock);
        q->counts.retries++;
        pthread_mutex_unlock(&q->lock);
        rest(RETRY_MS);
    }
    return status;
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

/* A group that the database will not take for what is in it is halved until the event at
 * fault stands alone. */
static void commit(struct wg_ingest *q, struct wg_item *const *item, size_t n)
{
    struct wg_error err;
    enum wg_status status = try_group(q, item, n, &err);
    if (status && n > 1 && !may_pass(status)) {
        commit(q, item, n / 2);
        commit(q, item + n / 2, n - n / 2);
        return;
    }
    if (status)
        refuse_all(item, n, &err);
    settle(q, item, n);
}

static void wait_until(struct wg_ingest *q, int64_t ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000L};
    pthread_cond_timedwait(&q->arrived, &q->lock, &t);
}

/* Wait for the first event of a group and then for others; what is there is taken. */
static size_t take(struct wg_ingest *q)
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
        q->group[n] = q->first;
        q->first = q->first->next;
    }
    if (!q->first)
        q->end = &q->first;
    q->n_waiting -= n;
    q->n_taken += n;
    q->first_came_ms = now_ms();
    q->counts.groups += n > 0;
    if (was_full)
        pthread_cond_broadcast(&q->room);
    return n;
}

static void *run(void *user)
{
    struct wg_ingest *q = user;
    for (;;) {
        pthread_mutex_lock(&q->lock);
        size_t n = take(q);
        pthread_mutex_unlock(&q->lock);
        if (!n)
            break;
        commit(q, q->group, n);
    }
    wg_ingest_tidy(&q->writer, NULL);
    return NULL;
}

/* ---- opening and closing ---- */

static void destroy(struct wg_ingest *q)
{
    wg_ingest_writer_close(&q->writer);
    pthread_cond_destroy(&q->arrived);
    pthread_cond_destroy(&q->room);
    pthread_cond_destroy(&q->settled);
    pthread_mutex_destroy(&q->lock);
    free(q->group);
    free(q);
}

static void set_options(struct wg_ingest_options *o,
                        const struct wg_ingest_options *given)
{
    if (given)
        *o = *given;
    o->group_max = o->group_max ? o->group_max : GROUP_DEFAULT;
    o->wait_ms = o->wait_ms ? o->wait_ms : WAIT_DEFAULT_MS;
    o->queue_max = o->queue_max ? o->queue_max : QUEUE_DEFAULT;
    o->patience_ms = o->patience_ms ? o->patience_ms : PATIENCE_DEFAULT_MS;
}

enum wg_status wg_ingest_open(const char *path, const struct wg_ingest_options *options,
                              struct wg_ingest **out, struct wg_error *err)
{
    struct wg_ingest *q = calloc(1, sizeof *q);
    pthread_condattr_t attr;
    if (!q)
        return wg_fail_memory(err);
    set_options(&q->options, options);
    q->end = &q->first;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->arrived, &attr);
    pthread_condattr_destroy(&attr);
    pthread_cond_init(&q->room, NULL);
    pthread_cond_init(&q->settled, NULL);
    q->group = calloc(q->options.group_max, sizeof *q->group);
    enum wg_status status =
        q->group ? wg_ingest_writer_open(&q->writer, path, err) : wg_fail_memory(err);
    if (!status && pthread_create(&q->thread, NULL, run, q) != 0)
        status = wg_fail(err, WG_NO_MEMORY, _("A thread could not be started."));
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
    pthread_cond_signal(&q->arrived);
    pthread_cond_broadcast(&q->room);
    pthread_mutex_unlock(&q->lock);
    pthread_join(q->thread, NULL);
    destroy(q);
}
