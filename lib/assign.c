/* Owns the asking of many objects for their owners, whichever engine does it. */
#include "assign_job.h"

#include <string.h>

#include "assign_window.h"
#include "internal.h"
#include "statement.h"

static const struct engine {
    enum wg_status (*ask)(struct wg_asking *a, int64_t scheme, enum wg_kind kind);
    enum wg_status (*link)(struct wg_asking *a, enum wg_kind kind);
} engines[] = {
    [WG_ENGINE_INDEX] = {wg_assign_kind_index, wg_assign_link_index},
    [WG_ENGINE_SPATIALITE] = {wg_assign_kind_sql, wg_assign_link_sql},
};

const char *wg_kind_table(enum wg_kind kind)
{
    static const char *const tables[] = {"", "building", "part", "event"};

    return tables[kind];
}

enum wg_status wg_asking_step(struct wg_asking *a, uint64_t n)
{
    a->done += n;
    if (a->done > a->total) /* another program adds rows, say */
        a->total = a->done;
    if (a->progress.call && !a->progress.call(a->done, a->total, a->progress.user))
        return wg_fail(a->err, WG_CANCELLED,
                       _("Finding owners was stopped; nothing was changed."));
    return WG_OK;
}

/* The schemes to ask, and how many grids they have together. */
static enum wg_status list_schemes(struct wg_asking *a, int64_t scheme, int64_t **out,
                                   size_t *n, uint64_t *grids)
{
    struct wg_query *q;
    void *ids = NULL;
    size_t cap = 0;
    bool row;
    enum wg_status s =
        wg_query(a->store,
                 "SELECT s.id, (SELECT count(*) FROM grid g WHERE g.scheme_id = s.id) "
                 "FROM scheme s WHERE s.id = ?1 OR (?1 = 0 AND s.id IN (SELECT id FROM "
                 "owner_scheme)) ORDER BY s.id",
                 &q, a->err);

    *n = 0;
    *grids = 0;
    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    while ((s = wg_step(q, &row, a->err)) == WG_OK && row) {
        if (!wg_grow(&ids, &cap, *n + 1, sizeof **out)) {
            s = wg_fail_memory(a->err);
            break;
        }
        ((int64_t *)ids)[(*n)++] = wg_column_int(q, 0);
        *grids += (uint64_t)wg_column_int(q, 1);
    }
    wg_done(q);
    if (s == WG_OK && scheme && *n == 0)
        s = wg_fail(a->err, WG_NOT_FOUND, _("There is no scheme with the number %lld."),
                    (long long)scheme);
    if (s != WG_OK) {
        free(ids);
        ids = NULL;
    }
    *out = ids;
    return s;
}

/* A scheme without grids has no owners. */
static enum wg_status forget(struct wg_asking *a, int64_t scheme)
{
    static const char *const sql[] = {"DELETE FROM owner WHERE scheme_id = ?1",
                                      "DELETE FROM owner_share WHERE scheme_id = ?1"};
    enum wg_status s = WG_OK;

    for (size_t i = 0; s == WG_OK && i < 2; i++) {
        struct wg_query *q;

        s = wg_query(a->store, sql[i], &q, a->err);
        if (s != WG_OK)
            break;
        wg_bind_int(q, 1, scheme);
        s = wg_run(q, a->err);
    }
    return s;
}

/* How many steps the work will have: grids for SQL, objects for the index. */
static enum wg_status measure(struct wg_asking *a, enum wg_engine engine,
                              enum wg_kind kind, uint64_t schemes, uint64_t grids)
{
    static const char sql[] =
        "SELECT iif(?1 IN (0, 1), (SELECT count(*) FROM building WHERE id BETWEEN ?2 AND "
        "?3), 0), iif(?1 IN (0, 2), (SELECT count(*) FROM part WHERE id BETWEEN ?2 AND "
        "?3), 0), iif(?1 IN (0, 3), (SELECT count(*) FROM event WHERE id BETWEEN ?2 AND "
        "?3), 0)";
    struct wg_query *q;
    bool row;
    enum wg_status s;

    a->total = (kind ? 1 : 3) * (grids + schemes) + 1;
    if (engine == WG_ENGINE_SPATIALITE || !a->progress.call)
        return WG_OK;
    s = wg_query(a->store, sql, &q, a->err);
    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, kind);
    wg_bind_int(q, 2, a->first);
    wg_bind_int(q, 3, a->last);
    s = wg_step(q, &row, a->err);
    if (s == WG_OK && row)
        a->total = schemes * (uint64_t)(wg_column_int(q, 0) + wg_column_int(q, 1) +
                                        wg_column_int(q, 2)) +
                   (uint64_t)wg_column_int(q, 2) + 1;
    wg_done(q);
    return s;
}

/* Ask one kind, or (0) all three, of a scheme. */
static enum wg_status ask_scheme(struct wg_asking *a, const struct engine *engine,
                                 int64_t scheme, enum wg_kind kind)
{
    enum wg_status s = WG_OK;

    for (int k = WG_KIND_BUILDING; s == WG_OK && k <= WG_KIND_EVENT; k++) {
        if (kind == 0 || k == (int)kind)
            s = engine->ask(a, scheme, (enum wg_kind)k);
    }
    wg_windows_destroy(a->windows);
    a->windows = NULL;
    return s;
}

/* A scheme of 0: every one in force. */
static enum wg_status ask_schemes(struct wg_asking *a, enum wg_engine engine,
                                  int64_t scheme, enum wg_kind kind)
{
    int64_t *schemes = NULL;
    uint64_t grids;
    size_t n;
    enum wg_status s = list_schemes(a, scheme, &schemes, &n, &grids);

    if (s == WG_OK)
        s = measure(a, engine, kind, n, grids);
    for (size_t i = 0; s == WG_OK && i < n; i++) {
        if (n == 1 && grids == 0)
            s = forget(a, schemes[i]);
        else
            s = ask_scheme(a, &engines[engine], schemes[i], kind);
    }
    free(schemes);
    if (s == WG_OK && kind != WG_KIND_PART)
        s = engines[engine].link(a, kind ? kind : WG_KIND_EVENT);
    if (s != WG_OK)
        return s;
    a->done = a->total - 1; /* rows may have come or gone since they were counted */
    return wg_asking_step(a, 1);
}

static enum wg_status finish(struct wg_asking *a, enum wg_status s)
{
    if (s == WG_OK)
        return wg_release(a->store, a->err);
    wg_revert(a->store);
    return s;
}

enum wg_status wg_assign_check_engine(enum wg_engine engine, struct wg_error *err)
{
    if (engine == WG_ENGINE_INDEX || engine == WG_ENGINE_SPATIALITE)
        return WG_OK;
    return wg_fail(err, WG_INVALID, _("There is no engine number %d."), (int)engine);
}

static struct wg_asking asking_of(struct wg_store *store, int64_t first, int64_t last,
                                  const struct wg_assign_options *options,
                                  struct wg_error *err)
{
    return (struct wg_asking){.store = store,
                              .first = first,
                              .last = last,
                              .progress = options->progress,
                              .err = err};
}

enum wg_status wg_assign_all_with(struct wg_store *store, int64_t scheme,
                                  const struct wg_assign_options *options,
                                  struct wg_assign_counts counts[WG_KIND_COUNT],
                                  struct wg_error *err)
{
    static const struct wg_assign_options usual;
    if (!options)
        options = &usual;
    struct wg_asking a = asking_of(store, INT64_MIN, INT64_MAX, options, err);
    struct wg_assign_counts found[WG_KIND_COUNT];
    enum wg_status s = wg_assign_check_engine(options->engine, err);

    if (s == WG_OK)
        s = wg_save(store, err);
    if (s != WG_OK)
        return s;
    s = ask_schemes(&a, options->engine, scheme, 0);
    if (s == WG_OK && counts)
        s = wg_assign_count(store, scheme, found, err);
    s = finish(&a, s);
    if (s == WG_OK && counts)
        memcpy(counts, found, sizeof found);
    return s;
}

enum wg_status wg_assign_range_with(struct wg_store *store, enum wg_kind kind,
                                    int64_t first, int64_t last,
                                    const struct wg_assign_options *options,
                                    struct wg_error *err)
{
    static const struct wg_assign_options usual;
    if (!options)
        options = &usual;
    struct wg_asking a = asking_of(store, first, last, options, err);
    enum wg_status s = wg_assign_check_engine(options->engine, err);

    if (s != WG_OK)
        return s;
    if (kind < WG_KIND_BUILDING || kind > WG_KIND_EVENT)
        return wg_fail(err, WG_INVALID, _("There is no kind of object number %d."),
                       (int)kind);
    s = wg_save(store, err);
    if (s != WG_OK)
        return s;
    return finish(&a, ask_schemes(&a, options->engine, 0, kind));
}

enum wg_status wg_assign_scheme(struct wg_store *store, int64_t scheme,
                                struct wg_error *err)
{
    static const struct wg_assign_options usual;
    struct wg_asking a = asking_of(store, INT64_MIN, INT64_MAX, &usual, err);

    return ask_scheme(&a, &engines[WG_ENGINE_INDEX], scheme, 0);
}

static enum wg_status is_kept(struct wg_asking *a, int64_t scheme, bool *kept)
{
    struct wg_query *q;
    enum wg_status s =
        wg_query(a->store, "SELECT 1 FROM owner_scheme WHERE id = ?1", &q, a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    s = wg_step(q, kept, a->err);
    wg_done(q);
    return s;
}

static enum wg_status ask_near(struct wg_asking *a, enum wg_engine engine, int64_t scheme,
                               size_t n, const struct wg_assign_change *change)
{
    bool kept = false;
    enum wg_status s = is_kept(a, scheme, &kept);

    if (s != WG_OK || !kept)
        return s;
    s = wg_asking_list(a, n, change);
    if (s != WG_OK || a->total == 1) /* nothing there */
        return s;
    s = engine == WG_ENGINE_INDEX ? ask_scheme(a, &engines[engine], scheme, 0)
                                  : wg_assign_listed_sql(a, scheme);
    if (s == WG_OK)
        s = wg_exec(a->store, "DELETE FROM temp.wg_near", a->err);
    if (s != WG_OK)
        return s;
    a->done = a->total - 1;
    return wg_asking_step(a, 1);
}

enum wg_status wg_assign_near(struct wg_store *store, int64_t scheme, size_t n,
                              const struct wg_assign_change *change,
                              const struct wg_assign_options *options,
                              struct wg_error *err)
{
    static const struct wg_assign_options usual;
    if (!options)
        options = &usual;
    struct wg_asking a = asking_of(store, INT64_MIN, INT64_MAX, options, err);
    enum wg_status s = wg_assign_check_engine(options->engine, err);

    if (s == WG_OK)
        s = wg_save(store, err);
    if (s != WG_OK)
        return s;
    return finish(&a, ask_near(&a, options->engine, scheme, n, change));
}

enum wg_status wg_assign_all(struct wg_store *store, int64_t scheme,
                             struct wg_progress progress,
                             struct wg_assign_counts counts[WG_KIND_COUNT],
                             struct wg_error *err)
{
    struct wg_assign_options options = {.progress = progress};

    return wg_assign_all_with(store, scheme, &options, counts, err);
}

enum wg_status wg_assign_range(struct wg_store *store, enum wg_kind kind, int64_t first,
                               int64_t last, struct wg_progress progress,
                               struct wg_error *err)
{
    struct wg_assign_options options = {.progress = progress};

    return wg_assign_range_with(store, kind, first, last, &options, err);
}
