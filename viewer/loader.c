/* The loader's thread: read, mesh, watch. */
#include "loader.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tess.h"
#include "words.h"

enum { MOST_MESHERS = 8, POLL_MS = 100 };

struct loader {
    char *path, *scheme_name;
    loader_wake_fn *wake;
    void *user;
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t news_came, wanted;
    /* under the lock: */
    struct loader_news news;
    bool has_news, stop;
    int64_t scheme_wanted; /* 0: none */

    /* the thread's own: */
    struct wg_store *store;
    dev_t device;
    ino_t inode;
    off_t size;
    bool lost;
    int64_t version, change, scheme;
    /* Borrowed by the thread after they are handed over: the window frees a snapshot
     * only when it takes its successor, which this thread makes first. */
    const struct model_city *city;
    const struct model_partition *partition;
};

/* ---- handing over ---- */

/* Put `fresh` in front of what nobody has taken yet. */
static void merge(struct loader_news *n, struct loader_news *fresh)
{
    if (fresh->city) { /* all that belongs to the old city is void */
        bool failed = n->failed;
        loader_news_finish(n);
        n->failed = failed;
    }
#define TAKE(field, destroy)                                                             \
    if (fresh->field) {                                                                  \
        destroy(n->field);                                                               \
        n->field = fresh->field;                                                         \
    }
    TAKE(city, model_city_destroy)
    TAKE(partition, model_partition_destroy)
    TAKE(live, model_live_destroy)
    TAKE(ground, mesh_ground_destroy)
    TAKE(surfaces, mesh_flat_destroy)
    TAKE(roads, mesh_flat_destroy)
    TAKE(grids, mesh_flat_destroy)
    TAKE(boundaries, mesh_lines_destroy)
#undef TAKE
    if (fresh->n_chunk) {
        size_t n_all = (size_t)n->n_chunk + fresh->n_chunk;
        struct mesh_chunk **moved =
            realloc(n->chunk, n_all * sizeof(struct mesh_chunk *));
        for (uint32_t i = 0; i < fresh->n_chunk; i++) {
            if (moved)
                moved[n->n_chunk++] = fresh->chunk[i];
            else
                mesh_chunk_destroy(fresh->chunk[i]);
        }
        if (moved)
            n->chunk = moved;
    }
    free(fresh->chunk);
    n->complete |= fresh->complete;
    n->failed |= fresh->failed;
    n->lost = fresh->lost;
    n->progress = fresh->progress;
    if (*fresh->error.text)
        n->error = fresh->error;
}

static void post(struct loader *l, struct loader_news *fresh)
{
    fresh->lost = l->lost;
    pthread_mutex_lock(&l->lock);
    merge(&l->news, fresh);
    l->has_news = true;
    pthread_cond_broadcast(&l->news_came);
    pthread_mutex_unlock(&l->lock);
    if (l->wake)
        l->wake(l->user);
}

static bool stopped(struct loader *l)
{
    pthread_mutex_lock(&l->lock);
    bool stop = l->stop;
    pthread_mutex_unlock(&l->lock);
    return stop;
}

void loader_news_finish(struct loader_news *n)
{
    model_city_destroy(n->city);
    model_partition_destroy(n->partition);
    model_live_destroy(n->live);
    mesh_ground_destroy(n->ground);
    mesh_flat_destroy(n->surfaces);
    mesh_flat_destroy(n->roads);
    mesh_flat_destroy(n->grids);
    mesh_lines_destroy(n->boundaries);
    for (uint32_t i = 0; i < n->n_chunk; i++)
        mesh_chunk_destroy(n->chunk[i]);
    free(n->chunk);
    *n = (struct loader_news){0};
}

bool loader_take(struct loader *l, struct loader_news *news)
{
    pthread_mutex_lock(&l->lock);
    bool any = l->has_news;
    if (any) {
        *news = l->news;
        l->news = (struct loader_news){0};
        l->has_news = false;
    }
    pthread_mutex_unlock(&l->lock);
    return any;
}

static struct timespec deadline(double s)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += (time_t)s;
    t.tv_nsec += (long)((s - (double)(time_t)s) * 1e9);
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

bool loader_wait(struct loader *l, double timeout_s)
{
    struct timespec until = deadline(timeout_s);
    pthread_mutex_lock(&l->lock);
    while (!l->has_news)
        if (pthread_cond_timedwait(&l->news_came, &l->lock, &until) == ETIMEDOUT)
            break;
    bool any = l->has_news;
    pthread_mutex_unlock(&l->lock);
    return any;
}

void loader_want_scheme(struct loader *l, int64_t scheme)
{
    pthread_mutex_lock(&l->lock);
    l->scheme_wanted = scheme;
    pthread_cond_signal(&l->wanted);
    pthread_mutex_unlock(&l->lock);
}

/* ---- meshing, on all cores ---- */

struct meshing {
    struct loader *loader;
    const struct model_city *city;
    struct mesh_plan plan;
    pthread_mutex_t lock;
    uint32_t next, done;       /* under the lock */
    bool post_each;            /* hand over chunk by chunk: something is seen at once */
    struct mesh_chunk **chunk; /* else kept here */
    uint32_t n_chunk;
    float from; /* progress where meshing begins */
};

static void keep(struct meshing *m, struct mesh_chunk *chunk)
{
    if (!m->post_each) {
        pthread_mutex_lock(&m->lock);
        m->chunk[m->n_chunk++] = chunk;
        m->done++;
        pthread_mutex_unlock(&m->lock);
        return;
    }
    struct loader_news fresh = {.chunk = malloc(sizeof(struct mesh_chunk *))};
    if (!fresh.chunk) {
        mesh_chunk_destroy(chunk);
        return;
    }
    pthread_mutex_lock(&m->lock);
    m->done++;
    fresh.progress = m->from + (1 - m->from) * (float)m->done / (float)m->plan.n;
    pthread_mutex_unlock(&m->lock);
    fresh.chunk[0] = chunk;
    fresh.n_chunk = 1;
    post(m->loader, &fresh);
}

static void *mesher(void *user)
{
    struct meshing *m = user;
    struct tess *tess = tess_create();
    while (tess && !stopped(m->loader)) {
        pthread_mutex_lock(&m->lock);
        uint32_t i = m->next < m->plan.n ? m->next++ : UINT32_MAX;
        pthread_mutex_unlock(&m->lock);
        if (i == UINT32_MAX)
            break;
        uint32_t first = m->plan.first[i], n = m->plan.first[i + 1] - first;
        struct mesh_chunk *chunk =
            mesh_chunk_create(m->city, m->plan.building + first, n, tess);
        if (chunk)
            keep(m, chunk);
    }
    tess_destroy(tess);
    return NULL;
}

static bool mesh_all(struct meshing *m)
{
    pthread_t thread[MOST_MESHERS];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = cores < 1 ? 1 : cores > MOST_MESHERS ? MOST_MESHERS : (int)cores, started = 0;
    if (!mesh_plan_init(&m->plan, m->city))
        return false;
    m->chunk = malloc((m->plan.n + 1) * sizeof(struct mesh_chunk *));
    pthread_mutex_init(&m->lock, NULL);
    for (int i = 0; i + 1 < n && m->chunk; i++)
        started += pthread_create(&thread[started], NULL, mesher, m) == 0;
    if (m->chunk)
        mesher(m);
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    pthread_mutex_destroy(&m->lock);
    mesh_plan_finish(&m->plan);
    return m->chunk != NULL;
}

/* ---- reading ---- */

static void mesh_partition(struct loader_news *n, const struct model_city *city)
{
    n->grids = mesh_grids_create(n->partition, city);
    n->boundaries = mesh_boundaries_create(n->partition, city);
}

static void mesh_city(struct loader_news *n)
{
    n->ground = mesh_ground_create(n->city);
    n->surfaces = mesh_surfaces_create(n->city);
    n->roads = mesh_roads_create(n->city);
}

/* Read the wanted snapshots inside one transaction, so that they belong together. */
static enum wg_status read_news(struct loader *l, struct loader_news *n, bool city,
                                bool partition, struct wg_error *err)
{
    enum wg_status status = wg_store_begin_read(l->store, err);
    if (status)
        return status;
    if (city)
        status = model_read_city(l->store, &n->city, err);
    const struct model_city *of = n->city ? n->city : l->city;
    if (!status && l->scheme_name && !l->scheme)
        status = wg_scheme_find(l->store, l->scheme_name, &l->scheme, err);
    if (!status && partition)
        status = model_read_partition(l->store, of, l->scheme, &n->partition, err);
    if (!status)
        status = model_read_live(l->store, of, n->partition ? n->partition : l->partition,
                                 &n->live, err);
    wg_store_commit(l->store, NULL);
    if (status) {
        loader_news_finish(n);
        return status;
    }
    if (n->city)
        l->city = n->city;
    if (n->partition) {
        l->partition = n->partition;
        l->scheme = n->partition->scheme;
    }
    l->change = n->live->change;
    return WG_OK;
}

static void complain(struct loader *l, const struct wg_error *err, bool first)
{
    struct loader_news n = {.error = *err, .failed = first, .complete = first};
    n.progress = 1;
    post(l, &n);
}

static bool load(struct loader *l, bool first)
{
    struct loader_news n = {0};
    struct wg_error err = {0};
    if (read_news(l, &n, true, true, &err)) {
        complain(l, &err, first);
        return false;
    }
    mesh_city(&n);
    mesh_partition(&n, n.city);
    struct meshing m = {.loader = l, .city = n.city, .post_each = first, .from = 0.5F};
    n.progress = 0.5F;
    if (first) {
        post(l, &n);
        n = (struct loader_news){0};
    }
    mesh_all(&m);
    n.chunk = first ? NULL : m.chunk;
    n.n_chunk = first ? 0 : m.n_chunk;
    if (first)
        free(m.chunk);
    n.complete = true;
    n.progress = 1;
    post(l, &n);
    return true;
}

/* ---- watching ---- */

struct changed {
    bool city, partition, live;
    int64_t last;
};

static bool on_change(const struct wg_change *c, void *user)
{
    static const char *const city[] = {"building", "terrain",  "surface",
                                       "road",     "district", "scheme"};
    static const char *const partition[] = {"grid", "owner:building", "duty", "officer",
                                            "owner_share"};
    struct changed *what = user;
    what->last = c->seq;
    for (size_t i = 0; i < sizeof city / sizeof *city; i++)
        if (strcmp(c->table, city[i]) == 0)
            what->city = true;
    for (size_t i = 0; i < sizeof partition / sizeof *partition; i++)
        if (strcmp(c->table, partition[i]) == 0)
            what->partition = true;
    what->live = true;
    return !what->city; /* more does not matter */
}

/* Another program has committed: read what that touches. */
static void follow(struct loader *l)
{
    struct changed what = {0};
    struct wg_error err = {0};
    struct loader_news n = {.progress = 1};
    if (wg_store_changes(l->store, l->change, on_change, &what, &err)) {
        complain(l, &err, false);
        return;
    }
    if (what.city) {
        load(l, false);
        return;
    }
    if (!what.live)
        return;
    if (read_news(l, &n, false, what.partition, &err)) {
        complain(l, &err, false);
        return;
    }
    if (n.partition)
        mesh_partition(&n, l->city);
    n.progress = 1;
    n.complete = true;
    post(l, &n);
}

static bool open_store(struct loader *l, struct wg_error *err)
{
    const struct wg_open_options options = {.read_only = true};
    struct stat st;
    if (wg_store_open(l->path, &options, &l->store, err))
        return false;
    if (stat(l->path, &st) == 0) {
        l->device = st.st_dev;
        l->inode = st.st_ino;
        l->size = st.st_size;
    }
    l->version = wg_store_data_version(l->store);
    return true;
}

/* The file moved away, or another one put in its place: say so; take up the new one
 * when it is a district. */
static void look_at_file(struct loader *l)
{
    struct stat st;
    bool there = stat(l->path, &st) == 0;
    if (there && l->store && st.st_dev == l->device && st.st_ino == l->inode &&
        st.st_size >= l->size) { /* a smaller one may be cut short: open it anew */
        l->size = st.st_size;
        if (l->lost) {
            struct loader_news back = {.progress = 1, .complete = true};
            l->lost = false;
            post(l, &back);
        }
        return;
    }
    if (there) {
        struct wg_error err = {0};
        wg_store_close(l->store);
        l->store = NULL;
        l->scheme = 0;
        l->change = 0;
        if (open_store(l, &err)) {
            l->lost = false;
            load(l, false);
            return;
        }
    }
    if (l->lost)
        return;
    l->lost = true;
    struct loader_news n = {.progress = 1, .complete = true};
    n.error.status = WG_IO;
    snprintf(n.error.text, sizeof n.error.text,
             _("The file “%s” was moved or replaced; what is shown is its last state."),
             l->path);
    post(l, &n);
}

/* A scheme wanted while watching: 0 if none; sleeps up to POLL_MS. */
static int64_t rest(struct loader *l)
{
    struct timespec until = deadline(POLL_MS / 1000.0);
    pthread_mutex_lock(&l->lock);
    if (!l->stop && !l->scheme_wanted)
        pthread_cond_timedwait(&l->wanted, &l->lock, &until);
    int64_t wanted = l->scheme_wanted;
    l->scheme_wanted = 0;
    pthread_mutex_unlock(&l->lock);
    return wanted;
}

static void change_scheme(struct loader *l, int64_t scheme)
{
    struct loader_news n = {.progress = 1};
    struct wg_error err = {0};
    int64_t before = l->scheme;
    l->scheme = scheme;
    if (!l->store || read_news(l, &n, false, true, &err)) {
        l->scheme = before;
        complain(l, &err, false);
        return;
    }
    mesh_partition(&n, l->city);
    n.progress = 1;
    n.complete = true;
    post(l, &n);
}

static void *run(void *user)
{
    struct loader *l = user;
    struct wg_error err = {0};
    if (!open_store(l, &err)) {
        complain(l, &err, true);
        return NULL;
    }
    if (!load(l, true))
        return NULL;
    while (!stopped(l)) {
        int64_t scheme = rest(l);
        look_at_file(l);
        if (scheme && scheme != l->scheme)
            change_scheme(l, scheme);
        if (!l->store)
            continue;
        int64_t version = wg_store_data_version(l->store);
        if (version != l->version) {
            l->version = version;
            follow(l);
        }
    }
    return NULL;
}

/* ---- life ---- */

struct loader *loader_create(const char *path, const char *scheme_name,
                             loader_wake_fn *wake, void *user)
{
    struct loader *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->path = strdup(path);
    l->scheme_name = scheme_name ? strdup(scheme_name) : NULL;
    l->wake = wake;
    l->user = user;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->news_came, NULL);
    pthread_cond_init(&l->wanted, NULL);
    if (l->path && (l->scheme_name || !scheme_name) &&
        pthread_create(&l->thread, NULL, run, l) == 0)
        return l;
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->news_came);
    pthread_cond_destroy(&l->wanted);
    free(l->path);
    free(l->scheme_name);
    free(l);
    return NULL;
}

void loader_destroy(struct loader *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->wanted);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    wg_store_close(l->store);
    loader_news_finish(&l->news);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->news_came);
    pthread_cond_destroy(&l->wanted);
    free(l->path);
    free(l->scheme_name);
    free(l);
}
