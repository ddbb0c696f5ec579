/* Owns the owners of events in the queue: the schemes in force, and for each the locators
 * of the moments at which its events happened. */
#include <math.h>
#include <string.h>

#include "ingest_job.h"
#include "locate_index.h"

/* ---- schemes ---- */

static void drop_windows(struct wg_ingest_scheme *s)
{
    for (int i = 0; i < WG_INGEST_WINDOWS; i++)
        wg_locator_destroy(s->window[i]);
    memset(s->window, 0, sizeof s->window);
    s->turn = 0;
}

void wg_ingest_schemes_finish(struct wg_ingest_schemes *schemes)
{
    for (size_t i = 0; i < schemes->n; i++)
        drop_windows(&schemes->list[i]);
    free(schemes->list);
    memset(schemes, 0, sizeof *schemes);
}

/* When the list of schemes in force is next another one by the clock alone. */
static enum wg_status read_until(struct wg_ingest_writer *w, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(w->store,
                 "SELECT min(t) FROM (SELECT valid_from AS t FROM scheme UNION ALL "
                 "SELECT valid_to FROM scheme) WHERE t > ?1",
                 &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, w->schemes.read_at);
    status = wg_step(q, &row, err);
    const char *t = !status && row ? wg_column_text(q, 0) : NULL;
    w->schemes.until[0] = 0;
    if (t && strlen(t) < sizeof w->schemes.until)
        memcpy(w->schemes.until, t, strlen(t) + 1);
    else if (t) /* no program of ours writes it: look again each time */
        memcpy(w->schemes.until, "!", 2);
    wg_done(q);
    return status;
}

/* Take the locators of a scheme that is as it was over into the new list. */
static void take_over(struct wg_ingest_schemes *old, struct wg_ingest_scheme *s)
{
    for (size_t i = 0; i < old->n; i++) {
        if (old->list[i].id == s->id && old->list[i].stamp == s->stamp) {
            *s = old->list[i];
            memset(old->list[i].window, 0, sizeof old->list[i].window);
        }
    }
}

enum wg_status wg_ingest_schemes_read(struct wg_ingest_writer *w, struct wg_error *err)
{
    struct wg_ingest_schemes old = w->schemes;
    struct wg_query *q = NULL;
    bool row = false;
    memset(&w->schemes, 0, sizeof w->schemes);
    memcpy(w->schemes.read_at, w->now, sizeof w->now);
    enum wg_status status =
        wg_query(w->store,
                 "SELECT s.id, coalesce((SELECT stamp FROM grid_stamp WHERE scheme_id = "
                 "s.id), 0) FROM owner_scheme s ORDER BY s.id",
                 &q, err);
    while (!status && !(status = wg_step(q, &row, err)) && row) {
        if (!wg_grow((void **)&w->schemes.list, &w->schemes.cap, w->schemes.n + 1,
                     sizeof *w->schemes.list)) {
            status = wg_fail_memory(err);
            break;
        }
        struct wg_ingest_scheme *s = &w->schemes.list[w->schemes.n++];
        *s = (struct wg_ingest_scheme){.id = wg_column_int(q, 0),
                                       .stamp = wg_column_int(q, 1)};
        take_over(&old, s);
    }
    wg_done(q);
    wg_ingest_schemes_finish(&old);
    return status ? status : read_until(w, err);
}

/* ---- locators ---- */

static bool holds(const struct wg_locator *loc, const char *at)
{
    const struct wg_locate_head *head = &loc->head;
    return (!head->from[0] || strcmp(head->from, at) <= 0) &&
           (!head->until[0] || strcmp(at, head->until) < 0);
}

static enum wg_status open_window(struct wg_ingest_writer *w, struct wg_ingest_scheme *s,
                                  const char *at, struct wg_locator **out,
                                  struct wg_error *err)
{
    struct wg_locator_options options = {.no_file = at != NULL};
    struct wg_locator *loc = NULL;
    enum wg_status status = wg_locator_open(w->store, s->id, at, &options, &loc, err);
    if (status)
        return status;
    int i = 0;
    while (i < WG_INGEST_WINDOWS && s->window[i])
        i++;
    if (i == WG_INGEST_WINDOWS) {
        i = s->turn;
        s->turn = (s->turn + 1) % WG_INGEST_WINDOWS;
        wg_locator_destroy(s->window[i]);
    }
    s->window[i] = loc;
    *out = loc;
    return WG_OK;
}

/* The locator of the grids that owned at `at`.  One of today first: it may hold longer,
 * and can be had from its file. */
static enum wg_status find_window(struct wg_ingest_writer *w, struct wg_ingest_scheme *s,
                                  const char *at, struct wg_locator **out,
                                  struct wg_error *err)
{
    bool today = false;
    for (int i = 0; i < WG_INGEST_WINDOWS && s->window[i]; i++) {
        if (holds(s->window[i], at)) {
            *out = s->window[i];
            return WG_OK;
        }
        today = today || holds(s->window[i], w->now);
    }
    enum wg_status status = WG_OK;
    if (!today) {
        status = open_window(w, s, NULL, out, err);
        if (status || holds(*out, at))
            return status;
    }
    return open_window(w, s, at, out, err);
}

enum wg_status wg_ingest_schemes_prepare(struct wg_ingest_writer *w, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    struct wg_locator *loc = NULL;
    for (size_t s = 0; !status && s < w->schemes.n; s++)
        if (!w->schemes.list[s].window[0])
            status = open_window(w, &w->schemes.list[s], NULL, &loc, err);
    return status;
}

/* Owners by `loc` of the items from `first` on that happened in its window, as far as
 * these stand side by side; returns the first other one. */
static size_t assign_run(struct wg_ingest_writer *w, size_t scheme,
                         const struct wg_locator *loc, size_t first)
{
    size_t n_scheme = w->schemes.n, end = first;
    while (end < w->n_fresh && holds(loc, w->fresh[end]->event.occurred_at))
        end++;
    wg_locator_slots(loc, end - first, w->x + first, w->y + first, w->slot + first);
    for (size_t i = first; i < end; i++)
        w->owner[i * n_scheme + scheme] = (struct wg_ingest_owner){
            w->schemes.list[scheme].id, wg_locator_id(loc, w->slot[i]),
            wg_locator_code(loc, w->slot[i])};
    return end;
}

static enum wg_status assign_scheme(struct wg_ingest_writer *w, size_t scheme,
                                    struct wg_error *err)
{
    struct wg_ingest_scheme *s = &w->schemes.list[scheme];
    struct wg_locator *loc = NULL;
    for (size_t i = 0; i < w->n_fresh;) {
        enum wg_status status =
            find_window(w, s, w->fresh[i]->event.occurred_at, &loc, err);
        if (status)
            return status;
        if (loc->head.stamp != s->stamp)
            return wg_fail(err, WG_BUSY,
                           _("The grids of %s changed while events were put in."),
                           wg_store_path(w->store));
        i = assign_run(w, scheme, loc, i);
    }
    return WG_OK;
}

enum wg_status wg_ingest_assign(struct wg_ingest_writer *w, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    if (!wg_grow((void **)&w->owner, &w->owner_cap, w->n_fresh * w->schemes.n + 1,
                 sizeof *w->owner))
        return wg_fail_memory(err);
    for (size_t i = 0; i < w->n_fresh; i++) {
        w->x[i] = w->fresh[i]->event.x;
        w->y[i] = w->fresh[i]->event.y;
    }
    for (size_t s = 0; !status && s < w->schemes.n; s++)
        status = assign_scheme(w, s, err);
    return status;
}
