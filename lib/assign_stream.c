/* Owns the writing of owners and shares: a merge with the rows that stand there. */
#include "assign_stream.h"

#include <math.h>
#include <string.h>

#include "internal.h"
#include "load.h"
#include "statement.h"

/* Shares that differ by less are the same: engines round differently. */
#define SAME_SHARE 1e-9
#define MANY_ROWS 100

enum todo { TODO_NOTHING, TODO_INSERT, TODO_UPDATE };

static const char *const hows[] = {"cover", "share", "outside", "no place"};

/* ---- life ---- */

enum wg_status wg_stream_create(struct wg_asking *a, int64_t scheme, enum wg_kind kind,
                                struct wg_stream **out)
{
    struct wg_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return wg_fail_memory(a->err);
    stream->a = a;
    stream->scheme = scheme;
    stream->kind = kind;
    stream->next = a->first;
    *out = stream;
    return WG_OK;
}

void wg_stream_destroy(struct wg_stream *stream)
{
    if (!stream)
        return;
    if (stream->rested)
        wg_store_rest_triggers(stream->a->store, stream->rest_after);
    free(stream->cut);
    free(stream->cut_todo);
    free(stream->gone);
    free(stream->told);
    free(stream);
}

static bool reserve_cuts(struct wg_stream *stream, size_t n)
{
    void *cut = stream->cut, *todo = stream->cut_todo;
    bool ok = wg_grow(&cut, &stream->cap_cut, n, sizeof *stream->cut);

    stream->cut = cut;
    ok = ok && wg_grow(&todo, &stream->cap_todo, n, 1);
    stream->cut_todo = todo;
    return ok;
}

enum wg_status wg_stream_cut(struct wg_stream *stream, int64_t building, int64_t grid,
                             double share)
{
    if (!reserve_cuts(stream, stream->n_cut + 1))
        return wg_fail_memory(stream->a->err);
    stream->cut[stream->n_cut++] = (struct wg_cut){building, grid, share};
    return WG_OK;
}

/* ---- what stands there ---- */

#define BETWEEN_IDS "BETWEEN ?3 AND ?4"

static const char *const stands_sql[2] = {
    "SELECT object_id, grid_id, share, how FROM owner WHERE scheme_id = ?1 AND kind = ?2 "
    "AND object_id " BETWEEN_IDS " ORDER BY object_id",
    "SELECT o.object_id, o.grid_id, o.share, o.how FROM temp.wg_near n CROSS JOIN owner "
    "o ON o.scheme_id = ?1 AND o.kind = ?2 AND o.object_id = n.id WHERE n.kind = ?2 AND "
    "n.id " BETWEEN_IDS " ORDER BY n.id",
};
static const char *const stands_cut_sql[2] = {
    "SELECT building_id, grid_id, share FROM owner_share WHERE scheme_id = ?1 AND ?2 = 1 "
    "AND building_id " BETWEEN_IDS " ORDER BY building_id, grid_id",
    "SELECT w.building_id, w.grid_id, w.share FROM temp.wg_near n CROSS JOIN owner_share "
    "w ON w.scheme_id = ?1 AND w.building_id = n.id WHERE n.kind = ?2 AND "
    "n.id " BETWEEN_IDS " ORDER BY w.building_id, w.grid_id",
};

static int64_t chunk_end(const struct wg_stream *stream)
{
    return stream->last ? stream->a->last : stream->owned[stream->n - 1].id;
}

static enum wg_status open_standing(const struct wg_stream *stream,
                                    const char *const sql[2], struct wg_query **q)
{
    enum wg_status s =
        wg_query(stream->a->store, sql[stream->a->listed], q, stream->a->err);

    if (s != WG_OK)
        return s;
    wg_bind_int(*q, 1, stream->scheme);
    wg_bind_int(*q, 2, stream->kind);
    wg_bind_int(*q, 3, stream->next);
    wg_bind_int(*q, 4, chunk_end(stream));
    return WG_OK;
}

static enum wg_status add_gone(struct wg_stream *stream, int64_t object, int64_t grid)
{
    void *array = stream->gone;

    if (!wg_grow(&array, &stream->cap_gone, stream->n_gone + 1, sizeof *stream->gone))
        return wg_fail_memory(stream->a->err);
    stream->gone = array;
    stream->gone[stream->n_gone++] = (struct wg_cut){object, grid, 0};
    return WG_OK;
}

static enum wg_status tell(struct wg_stream *stream, char op, int64_t object, int64_t was,
                           int64_t now)
{
    void *array = stream->told;

    if (!wg_grow(&array, &stream->cap_told, stream->n_told + 1, sizeof *stream->told))
        return wg_fail_memory(stream->a->err);
    stream->told = array;
    stream->told[stream->n_told++] = (struct wg_told){object, was, now, op};
    return WG_OK;
}

static bool same_share(double a, double b)
{
    return fabs(a - b) <= SAME_SHARE;
}

static bool is_right(const struct wg_owned *o, struct wg_query *q)
{
    const char *how = wg_column_text(q, 3);

    return wg_column_int(q, 1) == o->grid && wg_column_is_null(q, 1) == (o->grid == 0) &&
           same_share(wg_column_real(q, 2), o->share) && how &&
           strcmp(how, hows[o->how]) == 0;
}

static enum wg_status compare_owners(struct wg_stream *stream)
{
    struct wg_query *q;
    bool row;
    size_t i = 0;
    enum wg_status s = open_standing(stream, stands_sql, &q);

    if (s != WG_OK)
        return s;
    stream->n_gone = 0;
    memset(stream->todo, TODO_INSERT, stream->n);
    while (s == WG_OK && (s = wg_step(q, &row, stream->a->err)) == WG_OK && row) {
        int64_t id = wg_column_int(q, 0);

        while (i < stream->n && stream->owned[i].id < id)
            i++;
        if (i == stream->n || stream->owned[i].id != id)
            s = add_gone(stream, id, wg_column_int(q, 1));
        else if (is_right(&stream->owned[i], q))
            stream->todo[i] = TODO_NOTHING;
        else {
            stream->todo[i] = TODO_UPDATE;
            stream->was[i] = wg_column_int(q, 1);
        }
    }
    wg_done(q);
    return s;
}

static int by_key(const void *a, const void *b)
{
    const struct wg_cut *l = a, *r = b;

    if (l->building != r->building)
        return l->building < r->building ? -1 : 1;
    return (l->grid > r->grid) - (l->grid < r->grid);
}

static enum wg_status compare_cuts(struct wg_stream *stream)
{
    struct wg_query *q;
    bool row;
    size_t i = 0;
    enum wg_status s = open_standing(stream, stands_cut_sql, &q);

    if (s != WG_OK)
        return s;
    stream->n_gone = 0;
    if (stream->n_cut) {
        qsort(stream->cut, stream->n_cut, sizeof *stream->cut, by_key);
        memset(stream->cut_todo, TODO_INSERT, stream->n_cut);
    }
    while (s == WG_OK && (s = wg_step(q, &row, stream->a->err)) == WG_OK && row) {
        struct wg_cut stands = {wg_column_int(q, 0), wg_column_int(q, 1), 0};

        while (i < stream->n_cut && by_key(&stream->cut[i], &stands) < 0)
            i++;
        if (i == stream->n_cut || by_key(&stream->cut[i], &stands) != 0)
            s = add_gone(stream, stands.building, stands.grid);
        else
            stream->cut_todo[i] = same_share(wg_column_real(q, 2), stream->cut[i].share)
                                      ? TODO_NOTHING
                                      : TODO_UPDATE;
    }
    wg_done(q);
    return s;
}

/* ---- the triggers that tell of owners ---- */

static enum wg_status has_foreign_trigger(struct wg_asking *a, bool *has)
{
    struct wg_query *q;
    enum wg_status s = wg_query(
        a->store,
        "SELECT 1 FROM (SELECT name, tbl_name, type FROM sqlite_schema UNION ALL "
        "SELECT name, tbl_name, type FROM sqlite_temp_schema) WHERE type = "
        "'trigger' AND tbl_name IN ('owner', 'owner_share', 'change') AND name "
        "NOT IN ('change_owner_I', 'change_owner_U', 'change_owner_D')",
        &q, a->err);

    if (s != WG_OK)
        return s;
    s = wg_step(q, has, a->err);
    wg_done(q);
    return s;
}

/* From many rows on it pays that they rest, and `told` is written in their stead; but
 * only our own may, as what they write is known. */
static enum wg_status rest_triggers(struct wg_stream *stream)
{
    size_t n = stream->n_gone;
    bool foreign = false;
    enum wg_status s;

    for (size_t i = 0; i < stream->n; i++)
        n += stream->todo[i] != TODO_NOTHING;
    if (stream->rested || n < MANY_ROWS)
        return WG_OK;
    s = has_foreign_trigger(stream->a, &foreign);
    if (s != WG_OK || foreign)
        return s;
    stream->rest_after = wg_store_rest_triggers(stream->a->store, true);
    stream->rested = true;
    return WG_OK;
}

/* ---- writing ---- */

/* A statement for many rows of one stream, prepared when the first comes. */
static enum wg_status statement_of(const struct wg_stream *stream, const char *sql,
                                   struct wg_query **q)
{
    enum wg_status s;

    if (*q)
        return WG_OK;
    s = wg_query(stream->a->store, sql, q, stream->a->err);
    if (s != WG_OK)
        return s;
    wg_bind_int(*q, 1, stream->scheme);
    return WG_OK;
}

static enum wg_status run_again(const struct wg_stream *stream, struct wg_query *q)
{
    bool row;
    enum wg_status s = wg_step(q, &row, stream->a->err);

    wg_again(q);
    return s;
}

static enum wg_status delete_owners(struct wg_stream *stream)
{
    struct wg_query *q = NULL;
    enum wg_status s = WG_OK;

    for (size_t i = 0; s == WG_OK && i < stream->n_gone; i++) {
        const struct wg_cut *gone = &stream->gone[i];

        s = statement_of(stream,
                         "DELETE FROM owner WHERE scheme_id = ?1 AND kind = ?2 AND "
                         "object_id = ?3",
                         &q);
        if (s != WG_OK)
            break;
        wg_bind_int(q, 2, stream->kind);
        wg_bind_int(q, 3, gone->building);
        s = run_again(stream, q);
        if (s == WG_OK)
            s = tell(stream, 'D', gone->building, gone->grid, 0);
    }
    wg_done(q);
    return s;
}

static enum wg_status update_owner(struct wg_stream *stream, struct wg_query **q,
                                   const struct wg_owned *o)
{
    enum wg_status s =
        statement_of(stream,
                     "UPDATE owner SET grid_id = ?4, share = ?5, how = ?6 WHERE "
                     "scheme_id = ?1 AND kind = ?2 AND object_id = ?3",
                     q);

    if (s != WG_OK)
        return s;
    wg_bind_int(*q, 2, stream->kind);
    wg_bind_int(*q, 3, o->id);
    wg_bind_id(*q, 4, o->grid);
    wg_bind_real(*q, 5, o->share);
    wg_bind_text(*q, 6, hows[o->how]);
    return run_again(stream, *q);
}

/* Update what stands there wrong, list what does not stand there yet. */
static enum wg_status update_owners(struct wg_stream *stream)
{
    struct wg_query *q = NULL;
    enum wg_status s = WG_OK;

    stream->n_insert = 0;
    for (size_t i = 0; s == WG_OK && i < stream->n; i++) {
        const struct wg_owned *o = &stream->owned[i];

        if (stream->todo[i] == TODO_INSERT) {
            stream->insert[stream->n_insert++] = (uint32_t)i;
            s = tell(stream, 'I', o->id, 0, o->grid);
        } else if (stream->todo[i] == TODO_UPDATE) {
            s = update_owner(stream, &q, o);
            if (s == WG_OK && o->grid != stream->was[i])
                s = tell(stream, 'U', o->id, stream->was[i], o->grid);
        }
    }
    wg_done(q);
    return s;
}

static void value_int(struct wg_value *out, int64_t value, bool null)
{
    out->type = null ? WG_V_NULL : WG_V_INT;
    out->number = value;
}

static void value_text(struct wg_value *out, const char *text, size_t size)
{
    out->type = WG_V_TEXT;
    out->data = text;
    out->size = size;
}

static void insert_value(void *user, int64_t row, int column, struct wg_value *out)
{
    const struct wg_stream *stream = user;
    const struct wg_owned *o = &stream->owned[stream->insert[row]];

    switch (column) {
    case 0:
        value_int(out, stream->scheme, false);
        break;
    case 1:
        value_int(out, stream->kind, false);
        break;
    case 2:
        value_int(out, o->id, false);
        break;
    case 3:
        value_int(out, o->grid, o->grid == 0);
        break;
    case 4:
        out->type = WG_V_REAL;
        out->real = o->share;
        break;
    default:
        value_text(out, hows[o->how], strlen(hows[o->how]));
    }
}

static enum wg_status insert_owners(struct wg_stream *stream)
{
    struct wg_feed feed = {0, (int64_t)stream->n_insert - 1, insert_value, stream};

    if (stream->n_insert == 0)
        return WG_OK;
    return wg_feed_run(stream->a->store,
                       "INSERT INTO owner (scheme_id, kind, object_id, grid_id, share, "
                       "how) SELECT c0, c1, c2, c3, c4, c5 FROM wg_feed",
                       NULL, &feed, stream->a->err);
}

static void told_value(void *user, int64_t row, int column, struct wg_value *out)
{
    const struct wg_stream *stream = user;
    const struct wg_told *t = &stream->told[row];

    switch (column) {
    case 0:
        value_int(out, t->object, false);
        break;
    case 1:
        value_text(out, &t->op, 1);
        break;
    case 2:
        value_int(out, t->was, t->was == 0);
        break;
    default:
        value_int(out, t->now, t->now == 0);
    }
}

/* What the triggers of schema/011-owner-changes.sql would have written. */
static enum wg_status write_told(struct wg_stream *stream)
{
    static const char *const tables[] = {"", "owner:building", "owner:part",
                                         "owner:event"};
    struct wg_feed feed = {0, (int64_t)stream->n_told - 1, told_value, stream};
    struct wg_asking *a = stream->a;
    enum wg_status s;

    if (!stream->rested || stream->n_told == 0)
        return WG_OK;
    s = wg_store_rest_checks(a->store, true, a->err);
    if (s == WG_OK)
        s = wg_feed_run(a->store,
                        "INSERT INTO change (at, tbl, rid, op, was, now) SELECT (SELECT "
                        "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), ?1, c0, c1, c2, c3 FROM "
                        "wg_feed",
                        tables[stream->kind], &feed, a->err);
    wg_store_rest_checks(a->store, false, NULL);
    return s;
}

static enum wg_status write_cut(struct wg_stream *stream, struct wg_query *q,
                                const struct wg_cut *cut)
{
    wg_bind_int(q, 2, cut->building);
    wg_bind_int(q, 3, cut->grid);
    return run_again(stream, q);
}

static enum wg_status write_cuts(struct wg_stream *stream)
{
    struct wg_query *gone = NULL, *put = NULL;
    enum wg_status s = WG_OK;

    for (size_t i = 0; s == WG_OK && i < stream->n_gone; i++) {
        s = statement_of(stream,
                         "DELETE FROM owner_share WHERE scheme_id = ?1 AND building_id = "
                         "?2 AND grid_id = ?3",
                         &gone);
        if (s == WG_OK)
            s = write_cut(stream, gone, &stream->gone[i]);
    }
    for (size_t i = 0; s == WG_OK && i < stream->n_cut; i++) {
        if (stream->cut_todo[i] == TODO_NOTHING)
            continue;
        s = statement_of(stream,
                         "INSERT INTO owner_share (scheme_id, building_id, grid_id, "
                         "share) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (scheme_id, "
                         "building_id, grid_id) DO UPDATE SET share = excluded.share",
                         &put);
        if (s != WG_OK)
            break;
        wg_bind_real(put, 4, stream->cut[i].share);
        s = write_cut(stream, put, &stream->cut[i]);
    }
    wg_done(gone);
    wg_done(put);
    return s;
}

enum wg_status wg_stream_write(struct wg_stream *stream)
{
    size_t n = stream->n;
    enum wg_status s;

    if (stream->over || (n == 0 && !stream->last))
        return WG_OK;
    stream->n_told = 0;
    s = compare_owners(stream);
    if (s == WG_OK)
        s = rest_triggers(stream);
    if (s == WG_OK)
        s = delete_owners(stream);
    if (s == WG_OK)
        s = update_owners(stream);
    if (s == WG_OK)
        s = insert_owners(stream);
    if (s == WG_OK)
        s = write_told(stream);
    if (s == WG_OK && stream->kind == WG_KIND_BUILDING) {
        s = compare_cuts(stream);
        if (s == WG_OK)
            s = write_cuts(stream);
    }
    if (s != WG_OK)
        return s;
    stream->over = chunk_end(stream) == stream->a->last;
    if (!stream->over)
        stream->next = chunk_end(stream) + 1;
    stream->n = 0;
    stream->n_cut = 0;
    return wg_asking_step(stream->a, n);
}
