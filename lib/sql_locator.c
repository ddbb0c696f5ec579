/*
 * The indexes that the SQL functions of a connection ask.
 *
 * An index is known by its scheme, the stamp of its grids and the moments it is of.  A
 * stamp belongs to one state of the grids for ever, so an index never grows stale; what
 * is asked, once a statement, is which stamp the scheme has now.  That is read from the
 * connection itself: changes it has not yet committed count, as in any other query.
 */
#include <string.h>
#include <unistd.h>

#include "locate_index.h"
#include "sql.h"
#include "wangge/instant.h"
#include "wangge/scheme.h"

#define N_INDEX 16                      /* indexes a connection keeps … */
#define INDEX_BYTES ((uint64_t)1 << 29) /* … and of how many bytes, beyond the first */
#define N_NAME 8                        /* schemes whose stamps it remembers */

struct index {
    struct wg_locator *locator;
    unsigned n_use;
    uint64_t used; /* for giving up the one unused for longest */
};

/* What a scheme's name, or its number where name is NULL, was found to be. */
struct name {
    char *name;
    int64_t id;
    int64_t scheme, stamp;
    bool known;
};

struct wg_sql_locators {
    struct index *index[N_INDEX];
    uint64_t clock;
    bool recognised; /* the file is one of ours */
    struct name name[N_NAME];
    size_t next_name;
    /* the names are of this state of the file */
    unsigned data_version;
    int64_t changes;
};

struct wg_sql_scheme {
    int64_t id, stamp;
    struct index *index; /* of the last answer */
    char now[WG_INSTANT_SIZE];
};

/* ---- indexes ---- */

static void index_release(struct index *index)
{
    if (!index || --index->n_use > 0)
        return;
    wg_locator_destroy(index->locator);
    free(index);
}

void wg_sql_locators_destroy(struct wg_sql_locators *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < N_INDEX; i++)
        index_release(list->index[i]);
    for (size_t i = 0; i < N_NAME; i++)
        free(list->name[i].name);
    free(list);
}

void wg_sql_scheme_free(void *user)
{
    struct wg_sql_scheme *scheme = user;
    if (scheme)
        index_release(scheme->index);
    free(scheme);
}

/* Times are compared as text, as everywhere in the file. */
static bool is_of(const struct index *index, const struct wg_sql_scheme *scheme,
                  const char *at)
{
    const struct wg_locate_head *head = &index->locator->head;
    return head->scheme == scheme->id && head->stamp == scheme->stamp &&
           (!head->from[0] || strcmp(head->from, at) <= 0) &&
           (!head->until[0] || strcmp(at, head->until) < 0);
}

/* A place for one more index of that many bytes: the ones unused for longest go. */
static struct index **make_room(struct wg_sql_locators *list, uint64_t bytes)
{
    for (;;) {
        struct index **empty = NULL, **oldest = NULL;
        uint64_t total = bytes;
        for (size_t i = 0; i < N_INDEX; i++) {
            struct index **at = &list->index[i];
            if (!*at) {
                empty = at;
                continue;
            }
            total += wg_locator_info((*at)->locator).bytes;
            if (!oldest || (*at)->used < (*oldest)->used)
                oldest = at;
        }
        if (empty && (total <= INDEX_BYTES || !oldest))
            return empty;
        index_release(*oldest);
        *oldest = NULL;
    }
}

static enum wg_status open_index(struct wg_sql *sql, const struct wg_sql_scheme *scheme,
                                 const char *at, struct index **out, struct wg_error *err)
{
    struct wg_sql_locators *list = sql->locators;
    const char *file = sqlite3_db_filename(sql->db, "main");
    /* a database in memory may have a name, too */
    struct wg_locator_options options = {.no_file = !file || access(file, R_OK) != 0};
    struct index *index = calloc(1, sizeof *index);
    if (!index)
        return wg_fail_memory(err);
    enum wg_status status =
        wg_locator_open(sql->store, scheme->id, at, &options, &index->locator, err);
    if (status) {
        free(index);
        return status;
    }
    index->n_use = 1;
    *make_room(list, wg_locator_info(index->locator).bytes) = index;
    *out = index;
    return WG_OK;
}

/* ---- which scheme, and the stamp of its grids ---- */

/* Whether the names remembered are of what the statement reads.  It must be reading the
 * file already, and not have begun to write: what it writes may be rolled back, or not
 * be counted yet. */
static bool names_hold(struct wg_sql *sql)
{
    struct wg_sql_locators *list = sql->locators;
    unsigned version = 0;
    if (sqlite3_txn_state(sql->db, "main") != SQLITE_TXN_READ ||
        sqlite3_file_control(sql->db, "main", SQLITE_FCNTL_DATA_VERSION, &version))
        return false;
    int64_t changes = sqlite3_total_changes64(sql->db);
    if (list->data_version != version || list->changes != changes) {
        for (size_t i = 0; i < N_NAME; i++)
            list->name[i].known = false;
        list->data_version = version;
        list->changes = changes;
    }
    return true;
}

static struct name *remembered(struct wg_sql_locators *list, const char *text, int64_t id)
{
    for (struct name *n = list->name; n < list->name + N_NAME; n++) {
        if (n->known && n->id == id && wg_text_equal(n->name, text))
            return n;
    }
    return NULL;
}

/* Only worth it, not needed: without memory it is asked again. */
static void remember(struct wg_sql_locators *list, const char *text,
                     const struct wg_sql_scheme *scheme, int64_t id)
{
    struct name *n = &list->name[list->next_name++ % N_NAME];
    free(n->name);
    n->name = wg_strdup(text);
    n->known = n->name || !text;
    n->id = id;
    n->scheme = scheme->id;
    n->stamp = scheme->stamp;
}

static enum wg_status no_such_scheme(struct wg_sql *sql, const char *text, int64_t id,
                                     struct wg_error *err)
{
    char number[32];
    int64_t found;
    if (!text)
        sqlite3_snprintf(sizeof number, number, "%lld", (long long)id);
    enum wg_status status =
        wg_scheme_find(sql->store, text ? text : number, &found, err); /* lists them */
    return status ? status
                  : wg_fail(err, WG_NOT_FOUND, _("There is no scheme “%s”."), text);
}

static enum wg_status ask_scheme(struct wg_sql *sql, const char *text, int64_t id,
                                 struct wg_sql_scheme *scheme, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = WG_OK;
    if (!sql->locators->recognised)
        status = wg_store_recognise(sql->store, err);
    if (!status)
        status = wg_query(sql->store,
                          text ? "SELECT id, (SELECT stamp FROM main.grid_stamp WHERE "
                                 "scheme_id = id) FROM main.scheme WHERE name = ?1"
                               : "SELECT id, (SELECT stamp FROM main.grid_stamp WHERE "
                                 "scheme_id = id) FROM main.scheme WHERE id = ?1",
                          &q, err);
    if (status)
        return status;
    sql->locators->recognised = true;
    if (text)
        wg_bind_text(q, 1, text);
    else
        wg_bind_int(q, 1, id);
    status = wg_step(q, &row, err);
    if (!status && row) {
        scheme->id = wg_column_int(q, 0);
        scheme->stamp = wg_column_int(q, 1); /* 0 where there never was a grid */
    }
    wg_done(q);
    if (!status && !row)
        status = no_such_scheme(sql, text, id, err);
    return status;
}

static enum wg_status find_scheme(struct wg_sql *sql, sqlite3_value *name,
                                  struct wg_sql_scheme *scheme, struct wg_error *err)
{
    int type = sqlite3_value_type(name);
    if (type != SQLITE_TEXT && type != SQLITE_INTEGER)
        return wg_fail(err, WG_INVALID, _("A scheme is given by its name or number."));
    const char *text =
        type == SQLITE_TEXT ? (const char *)sqlite3_value_text(name) : NULL;
    int64_t id = text ? 0 : sqlite3_value_int64(name);
    if (type == SQLITE_TEXT && !text)
        return wg_fail_memory(err);
    if (!sql->locators) {
        sql->locators = calloc(1, sizeof *sql->locators);
        if (!sql->locators)
            return wg_fail_memory(err);
    }
    bool hold = names_hold(sql);
    const struct name *n = hold ? remembered(sql->locators, text, id) : NULL;
    if (n) {
        scheme->id = n->scheme;
        scheme->stamp = n->stamp;
        return WG_OK;
    }
    enum wg_status status = ask_scheme(sql, text, id, scheme, err);
    if (!status && hold)
        remember(sql->locators, text, scheme, id);
    return status;
}

/* ---- the index of a moment ---- */

/* Find the scheme again and build its index, both from one state of the file: a statement
 * that does not read the file itself would see another one with each look. */
static enum wg_status open_consistent(struct wg_sql *sql, sqlite3_value *name,
                                      const char *at, struct wg_sql_scheme *scheme,
                                      struct index **out, struct wg_error *err)
{
    struct wg_query *hold = NULL;
    bool row = false;
    enum wg_status status = WG_OK;
    if (sqlite3_txn_state(sql->db, "main") == SQLITE_TXN_NONE) {
        status = wg_query(sql->store, "SELECT 1 FROM main.sqlite_schema", &hold, err);
        if (!status)
            status = wg_step(hold, &row, err);
        if (!status)
            status = find_scheme(sql, name, scheme, err);
    }
    if (!status)
        status = open_index(sql, scheme, at, out, err);
    wg_done(hold);
    return status;
}

static struct index *find_index(struct wg_sql_locators *list,
                                const struct wg_sql_scheme *scheme, const char *at)
{
    for (size_t i = 0; i < N_INDEX; i++) {
        if (list->index[i] && is_of(list->index[i], scheme, at))
            return list->index[i];
    }
    return NULL;
}

static enum wg_status read_moment(sqlite3_value *value, char out[WG_INSTANT_SIZE],
                                  struct wg_error *err)
{
    int64_t ms = 0;
    if (sqlite3_value_type(value) != SQLITE_TEXT)
        return wg_fail(err, WG_INVALID,
                       _("A moment is given as text, like 2026-11-24T08:30:00Z."));
    const char *text = (const char *)sqlite3_value_text(value);
    if (!text)
        return wg_fail_memory(err);
    enum wg_status status = wg_instant_parse(text, 0, &ms, err);
    if (!status)
        wg_instant_format(ms, out);
    return status;
}

enum wg_status wg_sql_locator(struct wg_sql *sql, sqlite3_value *name, sqlite3_value *at,
                              struct wg_sql_scheme **scheme,
                              const struct wg_locator **out, struct wg_error *err)
{
    char room[WG_INSTANT_SIZE];
    struct wg_sql_scheme *s = *scheme;
    enum wg_status status = WG_OK;
    if (!s) {
        s = *scheme = calloc(1, sizeof *s);
        if (!s)
            return wg_fail_memory(err);
        wg_instant_format(wg_instant_now(), s->now);
        status = find_scheme(sql, name, s, err);
    }
    if (!status && at)
        status = read_moment(at, room, err);
    if (status)
        return status;
    const char *moment = at ? room : s->now;
    if (!s->index || !is_of(s->index, s, moment)) {
        struct index *index = find_index(sql->locators, s, moment);
        if (!index)
            status = open_consistent(sql, name, at ? moment : NULL, s, &index, err);
        if (status)
            return status;
        index->n_use++;
        index_release(s->index);
        s->index = index;
    }
    s->index->used = ++sql->locators->clock;
    *out = s->index->locator;
    return WG_OK;
}
