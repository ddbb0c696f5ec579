/* What a card tells of one building or grid, read on a thread of its own. */
#include "facts.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wangge/wangge.h>

/* --- small help --- */

static void *need(void *p)
{
    if (!p) {
        fputs("wangge-view: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

static char *copy(const char *s)
{
    return s && *s ? need(strdup(s)) : NULL;
}

/* One more element at the end of an array, zeroed. */
static void *one_more(void **array, size_t *n, size_t size)
{
    *array = need(realloc(*array, (*n + 1) * size));
    return memset((char *)*array + (*n)++ * size, 0, size);
}

static void add_count(int64_t *sum, int64_t more)
{
    if (more != WG_UNKNOWN)
        *sum = (*sum == WG_UNKNOWN ? 0 : *sum) + more;
}

static void event_free(struct fact_event *e)
{
    free(e->title);
    free(e->reported_at);
    free(e->due_at);
}

void facts_destroy(struct facts *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n_owners; i++) {
        struct fact_owner *o = &f->owners[i];
        for (size_t k = 0; k < o->n_shares; k++)
            free(o->shares[k].code);
        free(o->shares);
        free(o->scheme_name);
        free(o->scheme_title);
        free(o->code);
        free(o->name);
    }
    for (size_t i = 0; i < f->n_events; i++)
        event_free(&f->events[i]);
    for (size_t i = 0; i < f->n_officers; i++) {
        free(f->officers[i].name);
        free(f->officers[i].role);
        free(f->officers[i].phone);
    }
    free(f->owners);
    free(f->events);
    free(f->officers);
    char *strings[] = {f->code,        f->name,        f->use,          f->address,
                       f->height_from, f->scheme_name, f->scheme_title, f->parent_code,
                       f->parent_name, f->grid_kind};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        free(strings[i]);
    free(f);
}

/* --- reading --- */

struct reading {
    struct wg_store *store;
    struct facts *facts;
    struct wg_error err;
    enum wg_status status; /* of a call made inside a callback */
};

static bool failed(struct reading *r, enum wg_status status)
{
    if (status == WG_OK)
        return false;
    r->facts->missing = status == WG_NOT_FOUND;
    snprintf(r->facts->error, sizeof r->facts->error, "%s", r->err.text);
    return true;
}

/* Severest first (1 before 4, none last), then newest. */
static bool before(const struct wg_event *a, const struct fact_event *b)
{
    int la = a->level ? a->level : 9, lb = b->level ? b->level : 9;
    if (la != lb)
        return la < lb;
    return strcmp(a->reported_at ? a->reported_at : "",
                  b->reported_at ? b->reported_at : "") > 0;
}

static bool take_event(const struct wg_event *event, void *user)
{
    struct facts *f = ((struct reading *)user)->facts;
    f->n_open++;
    size_t at = f->n_events;
    while (at > 0 && before(event, &f->events[at - 1]))
        at--;
    if (at >= FACTS_EVENTS)
        return true;
    if (f->n_events == FACTS_EVENTS)
        event_free(&f->events[--f->n_events]);
    void *array = f->events;
    one_more(&array, &f->n_events, sizeof *f->events);
    f->events = array;
    memmove(&f->events[at + 1], &f->events[at],
            (f->n_events - 1 - at) * sizeof *f->events);
    const char *words = event->title && *event->title ? event->title
                        : event->class_code           ? event->class_code
                                                      : event->code;
    f->events[at] = (struct fact_event){.id = event->id,
                                        .level = event->level,
                                        .stage = event->stage,
                                        .title = copy(words),
                                        .reported_at = copy(event->reported_at),
                                        .due_at = copy(event->due_at)};
    return true;
}

static bool take_share(const struct wg_owner *share, void *user)
{
    struct fact_owner *owner = user;
    void *array = owner->shares;
    struct fact_share *s = one_more(&array, &owner->n_shares, sizeof *s);
    owner->shares = array;
    s->code = copy(share->grid_code);
    s->share = share->share;
    return true;
}

static bool take_scheme(const struct wg_scheme *scheme, void *user)
{
    struct facts *f = ((struct reading *)user)->facts;
    void *array = f->owners;
    struct fact_owner *o = one_more(&array, &f->n_owners, sizeof *o);
    f->owners = array;
    o->scheme = scheme->id;
    o->scheme_name = copy(scheme->name);
    o->scheme_title = copy(scheme->title ? scheme->title : scheme->name);
    return true;
}

static enum wg_status read_owner(struct reading *r, struct fact_owner *o)
{
    struct wg_grid grid;
    enum wg_status st = wg_owner_of(r->store, WG_KIND_BUILDING, r->facts->id, o->scheme,
                                    &o->grid, &r->err);
    if (st == WG_NOT_FOUND)
        return WG_OK; /* not assigned yet: shown as outside */
    if (st == WG_OK && o->grid) {
        st = wg_grid_read(r->store, o->grid, &grid, &r->err);
        if (st == WG_OK) {
            o->code = copy(grid.code);
            o->name = copy(grid.name);
            wg_grid_finish(&grid);
        }
    }
    if (st == WG_OK)
        st = wg_share_each(r->store, r->facts->id, o->scheme, take_share, o, &r->err);
    return st;
}

static bool count_dwelling(const struct wg_dwelling *dwelling, void *user)
{
    (void)dwelling;
    ((struct reading *)user)->facts->dwellings++;
    return true;
}

static void read_building(struct reading *r)
{
    struct facts *f = r->facts;
    struct wg_building b;
    char where[64];
    if (failed(r, wg_building_read(r->store, f->id, &b, &r->err)))
        return;
    f->code = copy(b.code ? b.code : b.source_id);
    f->name = copy(b.name);
    f->use = copy(b.use);
    f->address = copy(b.address);
    f->height_from = copy(b.height_from);
    f->height_m = b.height_m;
    f->base_m = b.base_m;
    f->floors = b.floors;
    f->households = b.households;
    f->population = b.population;
    f->elderly_alone = b.elderly_alone;
    wg_building_finish(&b);

    struct wg_filter all = {0};
    if (failed(r, wg_scheme_each(r->store, &all, take_scheme, r, &r->err)))
        return;
    for (size_t i = 0; i < f->n_owners; i++)
        if (failed(r, read_owner(r, &f->owners[i])))
            return;
    if (failed(r, wg_dwelling_each(r->store, f->id, &all, count_dwelling, r, &r->err)))
        return;
    snprintf(where, sizeof where, "building_id = %" PRId64, f->id);
    struct wg_filter here = {.where = where, .no_geometry = true};
    failed(r, wg_event_each(r->store, &here, take_event, r, &r->err));
}

static bool add_building(const struct wg_building *b, void *user)
{
    struct facts *f = ((struct reading *)user)->facts;
    if (b->part_of)
        return true; /* a 3D part of one that is counted */
    f->buildings++;
    add_count(&f->households, b->households);
    add_count(&f->population, b->population);
    add_count(&f->elderly_alone, b->elderly_alone);
    return true;
}

static bool take_duty(const struct wg_duty *duty, void *user)
{
    struct reading *r = user;
    struct facts *f = r->facts;
    struct wg_officer officer;
    r->status = wg_officer_read(r->store, duty->officer, &officer, &r->err);
    if (r->status != WG_OK)
        return false;
    void *array = f->officers;
    struct fact_officer *o = one_more(&array, &f->n_officers, sizeof *o);
    f->officers = array;
    o->name = copy(officer.name);
    o->phone = copy(officer.phone);
    o->role = copy(duty->role);
    wg_officer_finish(&officer);
    return true;
}

static enum wg_status read_scheme_of_grid(struct reading *r, int64_t id)
{
    struct wg_scheme s;
    enum wg_status st = wg_scheme_read(r->store, id, &s, &r->err);
    if (st != WG_OK)
        return st;
    r->facts->scheme_name = copy(s.name);
    r->facts->scheme_title = copy(s.title ? s.title : s.name);
    r->facts->households_min = s.households_min;
    r->facts->households_max = s.households_max;
    wg_scheme_finish(&s);
    return WG_OK;
}

static enum wg_status read_parent(struct reading *r, int64_t id)
{
    struct wg_grid g;
    if (!id)
        return WG_OK;
    enum wg_status st = wg_grid_read(r->store, id, &g, &r->err);
    if (st != WG_OK)
        return st;
    r->facts->parent_code = copy(g.code);
    r->facts->parent_name = copy(g.name);
    wg_grid_finish(&g);
    return WG_OK;
}

static void read_grid(struct reading *r)
{
    struct facts *f = r->facts;
    struct wg_grid g;
    if (failed(r, wg_grid_read(r->store, f->id, &g, &r->err)))
        return;
    int64_t scheme = g.scheme, parent = g.parent;
    f->code = copy(g.code);
    f->name = copy(g.name);
    f->grid_kind = copy(g.kind);
    f->level = g.level;
    f->area_m2 = g.area_m2;
    wg_grid_finish(&g);
    struct wg_filter in = {.scheme = scheme, .grid = f->id, .no_geometry = true};
    if (failed(r, read_scheme_of_grid(r, scheme)) || failed(r, read_parent(r, parent)) ||
        failed(r, wg_building_each(r->store, &in, add_building, r, &r->err)) ||
        failed(r, wg_event_each(r->store, &in, take_event, r, &r->err)))
        return;
    if (!failed(r, wg_duty_each(r->store, &in, take_duty, r, &r->err)))
        failed(r, r->status);
}

struct facts *facts_read(struct wg_store *store, enum facts_kind kind, int64_t id)
{
    struct facts *f = need(calloc(1, sizeof *f));
    f->kind = kind;
    f->id = id;
    f->height_m = f->base_m = f->area_m2 = NAN;
    f->households = f->population = f->elderly_alone = f->floors = WG_UNKNOWN;
    f->households_min = f->households_max = WG_UNKNOWN;
    struct reading r = {.store = store, .facts = f};
    if (failed(&r, wg_store_begin_read(store, &r.err)))
        return f;
    if (kind == FACTS_BUILDING)
        read_building(&r);
    else if (kind == FACTS_GRID)
        read_grid(&r);
    wg_store_rollback(store); /* nothing was written: a read is never held open */
    return f;
}

/* --- the thread --- */

struct facts_reader {
    char *path;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t asked, answered;
    enum facts_kind kind;
    int64_t id;
    bool question, busy, stop;
    struct facts *answer;
};

static struct facts *answer(struct wg_store **store, const char *path,
                            enum facts_kind kind, int64_t id)
{
    struct wg_error err = {0};
    struct wg_open_options options = {.read_only = true};
    if (!*store && wg_store_open(path, &options, store, &err) != WG_OK) {
        struct facts *f = need(calloc(1, sizeof *f));
        f->kind = kind;
        f->id = id;
        snprintf(f->error, sizeof f->error, "%s", err.text);
        return f;
    }
    struct facts *f = facts_read(*store, kind, id);
    if (f->error[0] && !f->missing) {
        wg_store_close(*store); /* the file may have been replaced: open anew next time */
        *store = NULL;
    }
    return f;
}

static void *run(void *user)
{
    struct facts_reader *r = user;
    struct wg_store *store = NULL;
    pthread_mutex_lock(&r->lock);
    while (!r->stop) {
        if (!r->question) {
            pthread_cond_wait(&r->asked, &r->lock);
            continue;
        }
        enum facts_kind kind = r->kind;
        int64_t id = r->id;
        r->question = false;
        r->busy = true;
        pthread_mutex_unlock(&r->lock);
        struct facts *f = answer(&store, r->path, kind, id);
        pthread_mutex_lock(&r->lock);
        facts_destroy(r->answer);
        r->answer = f;
        r->busy = false;
        pthread_cond_broadcast(&r->answered);
    }
    pthread_mutex_unlock(&r->lock);
    wg_store_close(store);
    return NULL;
}

struct facts_reader *facts_reader_create(const char *path)
{
    struct facts_reader *r = need(calloc(1, sizeof *r));
    r->path = need(strdup(path));
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->asked, NULL);
    pthread_cond_init(&r->answered, NULL);
    if (pthread_create(&r->thread, NULL, run, r) != 0) {
        free(r->path);
        free(r);
        return NULL;
    }
    return r;
}

void facts_reader_destroy(struct facts_reader *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_broadcast(&r->asked);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    facts_destroy(r->answer);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->asked);
    pthread_cond_destroy(&r->answered);
    free(r->path);
    free(r);
}

void facts_ask(struct facts_reader *r, enum facts_kind kind, int64_t id)
{
    pthread_mutex_lock(&r->lock);
    r->kind = kind;
    r->id = id;
    r->question = kind != FACTS_NONE;
    facts_destroy(r->answer);
    r->answer = NULL;
    pthread_cond_broadcast(&r->asked);
    pthread_mutex_unlock(&r->lock);
}

struct facts *facts_take(struct facts_reader *r)
{
    pthread_mutex_lock(&r->lock);
    struct facts *f = NULL;
    /* An answer to a question asked before the last one is not taken for it. */
    if (r->answer && !r->question && r->answer->kind == r->kind &&
        r->answer->id == r->id) {
        f = r->answer;
        r->answer = NULL;
    }
    pthread_mutex_unlock(&r->lock);
    return f;
}

void facts_wait(struct facts_reader *r)
{
    pthread_mutex_lock(&r->lock);
    while (r->question || r->busy)
        pthread_cond_wait(&r->answered, &r->lock);
    pthread_mutex_unlock(&r->lock);
}
