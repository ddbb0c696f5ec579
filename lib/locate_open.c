/* Owns the way from the store to a locator: which grids own, since when and how long,
 * and the file beside the database that saves building it again. */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "locate_file.h"
#include "row.h"
#include "statement.h"
#include "wangge/instant.h"

/* ---- the stamp of a scheme's grids ---- */

/* *known is false for a file of version 1, which has no stamps. */
static enum wg_status read_stamp(struct wg_store *store, int64_t scheme, bool *known,
                                 int64_t *stamp, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status s;

    *stamp = 0; /* of a scheme that never had a grid */
    *known = wg_store_version(store) >= 2;
    if (!*known)
        return WG_OK;
    s = wg_query(store, "SELECT stamp FROM main.grid_stamp WHERE scheme_id = ?1", &q,
                 err);
    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    s = wg_step(q, &row, err);
    if (s == WG_OK && row)
        *stamp = wg_column_int(q, 0);
    wg_done(q);
    return s;
}

/* Times are compared as text, as everywhere in the file. */
static bool in_window(const struct wg_locate_head *head, const char *now)
{
    return (!head->from[0] || strcmp(head->from, now) <= 0) &&
           (!head->until[0] || strcmp(now, head->until) < 0);
}

static bool holds_now(const struct wg_locate_head *head)
{
    char now[WG_INSTANT_SIZE];

    if (!head->from[0] && !head->until[0])
        return true;
    wg_instant_format(wg_instant_now(), now);
    return in_window(head, now);
}

bool wg_locator_is_fresh(const struct wg_locator *loc, struct wg_store *store)
{
    bool known;
    int64_t stamp;

    return loc->head.scheme != 0 && holds_now(&loc->head) &&
           read_stamp(store, loc->head.scheme, &known, &stamp, NULL) == WG_OK && known &&
           stamp == loc->head.stamp;
}

/* ---- gathering the grids ---- */

struct gathered {
    struct wg_locator_grid *grid;
    size_t n, cap;
    char at[WG_INSTANT_SIZE]; /* room for the text of now */
    const char *moment;
    char from[32], until[32];
};

/* Instants at which something begins or ends narrow the window around the moment.  One
 * too long to be kept (no program of ours writes it) closes it. */
static void narrow(struct gathered *g, struct wg_query *q, int column)
{
    const char *t = wg_column_text(q, column);

    if (!t)
        return;
    bool past = strcmp(t, g->moment) <= 0;
    char *edge = past ? g->from : g->until;
    bool nearer = !edge[0] || (past ? strcmp(t, edge) > 0 : strcmp(t, edge) < 0);

    if (nearer && strlen(t) >= sizeof g->from)
        t = past ? "~" : "!"; /* behind and before every time */
    if (nearer)
        snprintf(edge, sizeof g->from, "%s", t);
}

static void drop_gathered(struct gathered *g)
{
    for (size_t i = 0; i < g->n; i++) {
        free((char *)g->grid[i].code);
        wg_multipolygon_finish((struct wg_multipolygon *)g->grid[i].geometry);
        free((struct wg_multipolygon *)g->grid[i].geometry);
    }
    free(g->grid);
}

/* A grid whose geometry cannot be read covers nothing for SpatiaLite either. */
static enum wg_status add_grid(struct gathered *g, struct wg_query *q,
                               struct wg_error *err)
{
    size_t size;
    const void *blob = wg_column_blob(q, 4, &size);
    struct wg_multipolygon mp = {0}, *kept;
    enum wg_status s = wg_shape_from_blob(blob, size, &mp, err);

    if (s == WG_GEOMETRY || s == WG_FORMAT)
        return WG_OK;
    if (s != WG_OK)
        return s;
    char *code = wg_strdup(wg_column_text(q, 1));
    kept = malloc(sizeof *kept);
    if (!kept || !code ||
        !wg_grow((void **)&g->grid, &g->cap, g->n + 1, sizeof *g->grid)) {
        free(code);
        free(kept);
        wg_multipolygon_finish(&mp);
        return wg_fail_memory(err);
    }
    *kept = mp;
    g->grid[g->n++] = (struct wg_locator_grid){wg_column_int(q, 0), code, kept};
    return WG_OK;
}

/* The owners' rule of schema/020-owner.sql.  All grids of the scheme come by, those that
 * own with their geometry: the others still say when something changes.  In order of id,
 * as they lie in the file: in that of the index by code it takes twice as long. */
#define NO_CHILD                                                                         \
    "NOT EXISTS (SELECT 1 FROM main.grid c WHERE c.parent_id = g.id AND (c.valid_from "  \
    "IS NULL OR c.valid_from <= ?2) AND (c.valid_to IS NULL OR c.valid_to > ?2))"
#define GRIDS_SQL(since, holds)                                                          \
    "SELECT g.id, g.code, g.valid_from, g.valid_to, CASE WHEN "                          \
    "(g.valid_from IS NULL OR g.valid_from <= ?2) AND "                                  \
    "(g.valid_to IS NULL OR g.valid_to > ?2) AND " holds NO_CHILD                        \
    " THEN g.geom END, " since                                                           \
    " FROM main.grid g WHERE g.id IN (SELECT id FROM main.grid WHERE scheme_id = ?1)"
static const char grids_sql[] =
    GRIDS_SQL("g.geom_from", "(g.geom_from IS NULL OR g.geom_from <= ?2) AND ");
/* Before version 4 a grid had one polygon for all times. */
static const char old_grids_sql[] = GRIDS_SQL("NULL", "");

/* What held before; should it ever hold beside another polygon of the grid, the later
 * one is taken. */
static const char past_sql[] =
    "SELECT g.id, g.code, p.valid_from, p.valid_to, CASE WHEN (p.valid_from IS NULL OR "
    "p.valid_from <= ?2) AND p.valid_to > ?2 AND (g.valid_from IS NULL OR g.valid_from "
    "<= "
    "?2) AND (g.valid_to IS NULL OR g.valid_to > ?2) AND g.geom_from > ?2 AND NOT EXISTS "
    "(SELECT 1 FROM main.grid_past n WHERE n.grid_id = g.id AND n.id > p.id AND "
    "n.scheme_id = p.scheme_id AND (n.valid_from IS NULL OR n.valid_from <= ?2) AND "
    "n.valid_to > ?2) AND " NO_CHILD " THEN p.geom END, NULL FROM main.grid_past p CROSS "
    "JOIN main.grid g WHERE p.scheme_id = ?1 AND g.id = p.grid_id AND g.scheme_id = ?1";

/* A child in another scheme takes from its parent all the same. */
static const char foreign_sql[] =
    "SELECT c.valid_from, c.valid_to FROM main.grid c WHERE c.parent_id IS NOT NULL AND "
    "c.scheme_id <> ?1 AND (SELECT scheme_id FROM main.grid WHERE id = c.parent_id) = ?1";

static enum wg_status gather_own(struct gathered *g, struct wg_query *q,
                                 struct wg_error *err)
{
    narrow(g, q, 2);
    narrow(g, q, 3);
    narrow(g, q, 5);
    return wg_column_is_null(q, 4) ? WG_OK : add_grid(g, q, err);
}

static enum wg_status gather_foreign(struct gathered *g, struct wg_query *q,
                                     struct wg_error *err)
{
    (void)err;
    narrow(g, q, 0);
    narrow(g, q, 1);
    return WG_OK;
}

static enum wg_status
each_row(struct wg_store *store, const char *sql, int64_t scheme, struct gathered *g,
         enum wg_status (*fn)(struct gathered *, struct wg_query *, struct wg_error *),
         struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status s = wg_query(store, sql, &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    if (sql != foreign_sql)
        wg_bind_text(q, 2, g->moment);
    while ((s = wg_step(q, &row, err)) == WG_OK && row) {
        if ((s = fn(g, q, err)) != WG_OK)
            break;
    }
    wg_done(q);
    return s;
}

static enum wg_status build_from_store(struct wg_store *store, int64_t scheme,
                                       const char *at, int64_t stamp,
                                       const struct wg_locator_options *options,
                                       struct wg_locator **out, struct wg_error *err)
{
    struct gathered g = {.moment = at};
    struct wg_locator *loc = NULL;
    enum wg_status s;

    if (!at) {
        wg_instant_format(wg_instant_now(), g.at);
        g.moment = g.at;
    }
    bool has_past = wg_store_version(store) >= 4;
    s = each_row(store, has_past ? grids_sql : old_grids_sql, scheme, &g, gather_own,
                 err);
    if (s == WG_OK && has_past)
        s = each_row(store, past_sql, scheme, &g, gather_own, err);
    if (s == WG_OK)
        s = each_row(store, foreign_sql, scheme, &g, gather_foreign, err);
    if (s == WG_OK)
        s = wg_locator_build(g.n, g.grid, options, &loc, err);
    drop_gathered(&g);
    if (s != WG_OK)
        return s;
    loc->head.scheme = scheme;
    loc->head.stamp = stamp;
    memcpy(loc->head.from, g.from, sizeof g.from);
    memcpy(loc->head.until, g.until, sizeof g.until);
    *out = loc;
    return WG_OK;
}

/* ---- the file ---- */

char *wg_locator_path(const struct wg_store *store, int64_t scheme)
{
    const char *path = wg_store_path(store);
    size_t size = strlen(path) + sizeof "-locate-" + 20;
    char *out = malloc(size);

    if (out)
        snprintf(out, size, "%s-locate-%lld", path, (long long)scheme);
    return out;
}

static bool is_of(const struct wg_locate_head *head, int64_t scheme, int64_t stamp)
{
    return head->scheme == scheme && head->stamp == stamp && holds_now(head);
}

/* The index in the file if it is of these very grids, else NULL.  Whatever else is wrong
 * with it, it is built anew. */
static struct wg_locator *map_if_good(const char *path, int64_t scheme, int64_t stamp,
                                      const struct wg_locator_options *options)
{
    struct wg_locate_head head;
    struct wg_locator *loc = NULL;

    if (!wg_locate_file_head(path, &head) || !is_of(&head, scheme, stamp) ||
        wg_locator_map(path, options, &loc, NULL) != WG_OK)
        return NULL;
    if (is_of(&loc->head, scheme, stamp))
        return loc;
    wg_locator_destroy(loc); /* replaced between the two looks */
    return NULL;
}

/* A stamp belongs to one state of the grids for ever, so a file may be believed even
 * within a transaction that has changed them; but what such a one may yet roll back is
 * not left to others. */
static enum wg_status open_within(struct wg_store *store, int64_t scheme, const char *at,
                                  const struct wg_locator_options *options,
                                  struct wg_locator **out, struct wg_error *err)
{
    bool known;
    int64_t stamp;
    char *path = NULL;
    enum wg_status s = read_stamp(store, scheme, &known, &stamp, err);

    if (s != WG_OK)
        return s;
    if (known && stamp != 0 && !at && !(options && options->no_file)) {
        path = wg_locator_path(store, scheme);
        if (!path)
            return wg_fail_memory(err);
        *out = map_if_good(path, scheme, stamp, options);
    }
    if (!*out) {
        s = build_from_store(store, scheme, at, stamp, options, out, err);
        if (s == WG_OK && path && holds_now(&(*out)->head) && !wg_store_writing(store))
            wg_locate_file_write(*out, path, wg_store_path(store), NULL);
    }
    free(path);
    return s;
}

enum wg_status wg_locator_open(struct wg_store *store, int64_t scheme, const char *at,
                               const struct wg_locator_options *options,
                               struct wg_locator **out, struct wg_error *err)
{
    struct wg_locator *loc = NULL;
    char moment[WG_INSTANT_SIZE];
    enum wg_status s = at ? wg_row_time(at, "at", moment, err) : WG_OK, ended;

    if (s == WG_OK)
        s = wg_store_begin_read(store, err);
    if (s != WG_OK)
        return s;
    if (at)
        at = moment; /* times are compared as text */
    s = open_within(store, scheme, at, options, &loc, err);
    ended = wg_store_commit(store, s == WG_OK ? err : NULL); /* nothing written */
    if (s == WG_OK)
        s = ended;
    if (s != WG_OK)
        wg_locator_destroy(loc);
    else
        *out = loc;
    return s;
}
