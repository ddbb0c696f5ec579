/* Owns the writing end of an import: which rows are new, their ids, what follows them. */
#include <stdio.h>
#include <string.h>

#include "import_load.h"
#include "internal.h"
#include "wangge/instant.h"

/* From so many rows on, indexes of a table that was empty are made at the end: sorted,
 * which costs a third of putting each key into its place. */
enum { LATE_INDEXES = 20000 };

/* What loading a noun takes. */
struct target {
    const char *table;
    enum wg_status (*load)(struct wg_store *store, const struct wg_feed *feed,
                           struct wg_error *err);
    const char *const key_column[WG_N_KEY]; /* of each key */
    const char *const find[WG_N_KEY];       /* the row of a key, before this import */
    const char *const late[3];              /* indexes */
    const char *changes; /* rows of the change log for the ids of the feed */
};

static const struct target targets[] = {
    [WG_NOUN_BUILDINGS] =
        {"building",
         wg_building_load,
         {[WG_KEY_CODE] = "code", [WG_KEY_SOURCE] = "source_id"},
         {[WG_KEY_CODE] = "SELECT id FROM building WHERE code = ?1 AND id < ?2",
          [WG_KEY_SOURCE] = "SELECT id FROM building WHERE source_id = ?1 AND id < ?2"
                            " AND valid_to IS NULL ORDER BY id LIMIT 1"},
         {"building_by_source"},
         "INSERT INTO change (at, tbl, rid, op) SELECT ?1, 'building', f.rowid, 'I'"
         " FROM wg_feed f"},
    [WG_NOUN_PARTS] =
        {"part",
         wg_part_load,
         {[WG_KEY_CODE] = "code", [WG_KEY_SOURCE] = "source_id"},
         {[WG_KEY_CODE] = "SELECT id FROM part WHERE code = ?1 AND id < ?2",
          [WG_KEY_SOURCE] = "SELECT id FROM part WHERE source_id = ?1 AND id < ?2"
                            " AND valid_to IS NULL ORDER BY id LIMIT 1"},
         {"part_by_source"},
         "INSERT INTO change (at, tbl, rid, op) SELECT ?1, 'part', f.rowid, 'I'"
         " FROM wg_feed f"},
    [WG_NOUN_EVENTS] =
        {"event",
         wg_event_load,
         {[WG_KEY_CODE] = "code", [WG_KEY_UUID] = "uuid"},
         {[WG_KEY_CODE] =
              "SELECT id FROM event WHERE code = ?1 AND id < ?2 ORDER BY id LIMIT 1",
          [WG_KEY_UUID] = "SELECT id FROM event WHERE uuid = ?1 AND id < ?2"},
         {"event_by_code", "event_by_time"},
         "INSERT INTO change (at, tbl, rid, op)"
         " SELECT ?1, k.column1, f.rowid, k.column2 FROM wg_feed f CROSS JOIN"
         " (VALUES ('event', 'I'), ('event_status', 'I'), ('event_status', 'U')) k"
         " WHERE (k.column2 = 'I' OR EXISTS (SELECT 1 FROM event_status s"
         " WHERE s.event_id = f.rowid AND " WG_EVENT_SET "))"},
};

struct wg_writer {
    struct wg_job *job;
    struct wg_store *store;
    struct wg_import_report *report;
    const struct target *to;
    bool fresh;       /* the table was empty: no key is from before */
    int64_t first_id; /* of this import */
    int64_t next_id;
    bool holes; /* an id was lost with its row */
    struct wg_keys keys;
    struct wg_entry *entry; /* boxes of the rows made */
    size_t n_entry, cap_entry;
    char *late[3]; /* statements that make the late indexes; NULL: they are there */
    bool is_late;
    /* the batch at hand */
    struct wg_batch *batch;
    size_t row;                    /* among the packed rows */
    size_t n_kept, n_loaded;       /* rows that go in, and are in */
    size_t item_of[WG_BATCH_ROWS]; /* of each row kept */
    size_t key_of[WG_BATCH_ROWS];
    int64_t kept_id; /* of the first row kept */
};

/* ---- begin ---- */

static enum wg_status one_number(struct wg_store *store, const char *sql, int64_t *out,
                                 struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status st = wg_query(store, sql, &q, err);
    if (!st)
        st = wg_step(q, &row, err);
    if (!st)
        *out = row ? wg_column_int(q, 0) : 0;
    wg_done(q);
    return st;
}

/* Triggers on inserts that are not of our schema: somebody counts on them. */
#define STRANGERS                                                                        \
    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"                          \
    " AND lower(tbl_name) IN ('%s', 'event_status', 'event_log', 'change')"              \
    " AND sql LIKE '%%INSERT%%'"                                                         \
    " AND name NOT IN ('building_height_insert', 'building_height_update',"              \
    " 'building_height_floors', 'building_height_measured', 'building_event_insert',"    \
    " 'building_event_update', 'building_event_delete', 'event_report', 'event_stage',"  \
    " 'event_stage_times', 'event_building_insert', 'event_building_update')"            \
    " AND name NOT LIKE 'change!_%%' ESCAPE '!' AND name NOT LIKE 'owner!_%%' ESCAPE "   \
    "'!' AND name NOT LIKE 'g__!_%s!_geom' ESCAPE '!'"                                   \
    " AND name NOT LIKE 'tm_!_%s!_geom' ESCAPE '!'"

static enum wg_status look(struct wg_writer *w, bool *possible, struct wg_error *err)
{
    int64_t strangers = 0, last = 0;
    const char *table = w->to->table;
    char sql[1200];
    snprintf(sql, sizeof sql, STRANGERS, table, table, table);
    enum wg_status st = one_number(w->store, sql, &strangers, err);
    snprintf(sql, sizeof sql, "SELECT coalesce(max(id), 0) FROM %s", table);
    if (!st)
        st = one_number(w->store, sql, &last, err);
    w->fresh = last == 0;
    w->first_id = w->next_id = last + 1;
    *possible = !strangers && last >= 0 && last < INT64_MAX / 2 &&
                (w->fresh || !w->job->opt->update);
    return st;
}

enum wg_status wg_writer_create(struct wg_job *job, struct wg_writer **out,
                                struct wg_error *err)
{
    bool possible = false;
    *out = NULL;
    if (job->opt->row_by_row ||
        (job->noun != WG_NOUN_BUILDINGS && job->noun != WG_NOUN_PARTS &&
         job->noun != WG_NOUN_EVENTS))
        return WG_OK;
    struct wg_writer *w = calloc(1, sizeof *w);
    if (!w)
        return wg_fail_memory(err);
    w->job = job;
    w->store = job->store;
    w->report = job->report;
    w->to = &targets[job->noun];
    enum wg_status st = look(w, &possible, err);
    if (st || !possible) {
        free(w);
        return st;
    }
    wg_store_rest_triggers(w->store, true);
    st = wg_store_rest_checks(w->store, true, err);
    if (st)
        wg_writer_destroy(w);
    else
        *out = w;
    return st;
}

void wg_writer_destroy(struct wg_writer *w)
{
    if (!w)
        return;
    wg_store_rest_checks(w->store, false, NULL);
    wg_store_rest_triggers(w->store, false);
    for (size_t i = 0; i < sizeof w->late / sizeof *w->late; i++)
        free(w->late[i]);
    wg_keys_finish(&w->keys);
    free(w->entry);
    free(w);
}

/* ---- keys ---- */

static const char *key_text(const struct wg_writer *w, size_t row, int kind)
{
    const struct wg_sheet *key = &w->batch->key;
    return wg_sheet_read(key, key->cell + row * WG_N_KEY + kind, NULL);
}

/* A hash proves nothing: the text of the row decides. */
static enum wg_status has_key(struct wg_writer *w, int64_t id, int kind, const char *text,
                              bool *has, struct wg_error *err)
{
    struct wg_query *q = NULL;
    char sql[80];
    bool row = false;
    *has = false;
    int64_t kept = id - w->kept_id;
    if (kept >= (int64_t)w->n_loaded) {
        *has = wg_text_equal(key_text(w, w->key_of[kept], kind), text);
        return WG_OK;
    }
    snprintf(sql, sizeof sql, "SELECT %s = ?1 FROM %s WHERE id = ?2",
             w->to->key_column[kind], w->to->table);
    enum wg_status st = wg_query(w->store, sql, &q, err);
    if (st)
        return st;
    wg_bind_text(q, 1, text);
    wg_bind_int(q, 2, id);
    st = wg_step(q, &row, err);
    *has = !st && row && wg_column_int(q, 0) == 1;
    wg_done(q);
    return st;
}

/* The row of a key: *made when it is of this import.  0 where there is none. */
static enum wg_status find_key(struct wg_writer *w, int kind, uint64_t hash,
                               const char *text, int64_t *id, bool *made,
                               struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false, has = false;
    enum wg_status st = WG_OK;
    *id = 0;
    *made = false;
    if (!w->fresh) {
        st = wg_query(w->store, w->to->find[kind], &q, err);
        if (st)
            return st;
        wg_bind_text(q, 1, text);
        wg_bind_int(q, 2, w->first_id);
        st = wg_step(q, &row, err);
        *id = !st && row ? wg_column_int(q, 0) : 0;
        wg_done(q);
        if (st || *id)
            return st;
    }
    int64_t candidate;
    for (size_t at = 0; (candidate = wg_keys_next(&w->keys, hash, &at));) {
        st = has_key(w, candidate, kind, text, &has, err);
        if (st)
            return st;
        if (has) {
            *id = candidate;
            *made = true;
            return WG_OK;
        }
    }
    return WG_OK;
}

static enum wg_status keep_key(struct wg_writer *w, int kind, int64_t id,
                               struct wg_error *err)
{
    uint64_t hash = w->batch->hash[w->row][kind];
    if (!hash || wg_keys_add(&w->keys, hash, id))
        return WG_OK;
    return wg_fail_memory(err);
}

/* ---- new or not ---- */

/* Building or part: by its code, else by the id it has where it came from; that twice in
 * one file is two things. */
static enum wg_status judge_thing(struct wg_writer *w, const struct wg_item *item,
                                  struct wg_error *err)
{
    const char *code = key_text(w, w->row, WG_KEY_CODE);
    const char *source = key_text(w, w->row, WG_KEY_SOURCE);
    const uint64_t *hash = w->batch->hash[w->row];
    int64_t id = 0;
    bool made;
    enum wg_status st = WG_OK;
    if (code)
        st = find_key(w, WG_KEY_CODE, hash[WG_KEY_CODE], code, &id, &made, err);
    else if (source)
        st = find_key(w, WG_KEY_SOURCE, hash[WG_KEY_SOURCE], source, &id, &made, err);
    if (st || !id)
        return st;
    if (code || !made)
        return wg_fail_already(item->fid, code ? code : source, id, made, err);
    wg_job_repeated(w->job, source);
    return WG_OK;
}

static enum wg_status judge_event(struct wg_writer *w, const struct wg_item *item,
                                  struct wg_error *err)
{
    const char *uuid = key_text(w, w->row, WG_KEY_UUID);
    const char *code = key_text(w, w->row, WG_KEY_CODE);
    const uint64_t *hash = w->batch->hash[w->row];
    int64_t id = 0;
    bool made;
    enum wg_status st = WG_OK;
    if (uuid)
        st = find_key(w, WG_KEY_UUID, hash[WG_KEY_UUID], uuid, &id, &made, err);
    else if (code)
        st = find_key(w, WG_KEY_CODE, hash[WG_KEY_CODE], code, &id, &made, err);
    if (st || !id)
        return st;
    if (uuid || !made)
        return wg_fail_event_already(item->fid, uuid ? uuid : code, made, err);
    wg_job_repeated(w->job, code);
    return WG_OK;
}

static enum wg_status judge(struct wg_writer *w, const struct wg_item *item,
                            struct wg_error *err)
{
    return w->job->noun == WG_NOUN_EVENTS ? judge_event(w, item, err)
                                          : judge_thing(w, item, err);
}

static enum wg_status load_kept(struct wg_writer *w, struct wg_error *err);

/* The whole of a building: there already, else looked for at the end. */
static enum wg_status judge_whole(struct wg_writer *w, const struct wg_item *item,
                                  struct wg_cell *cell, struct wg_error *err)
{
    const char *whole = key_text(w, w->row, WG_KEY_WHOLE);
    int64_t id;
    bool made;
    if (!whole)
        return WG_OK;
    enum wg_status st = find_key(w, WG_KEY_SOURCE, w->batch->hash[w->row][WG_KEY_WHOLE],
                                 whole, &id, &made, err);
    if (st)
        return st;
    if (!id)
        return wg_defer_whole(w->job, w->next_id, item->fid, whole, err);
    int64_t kept = id - w->kept_id;
    if (kept >= (int64_t)w->n_loaded) {
        const struct wg_sheet *sheet = &w->batch->row;
        if (wg_building_whole_cell(sheet->cell + (size_t)kept * sheet->n_column)->type ==
            WG_V_NULL)
            goto belongs;
        st = load_kept(w, err);
    }
    if (!st)
        st = wg_building_check_whole(w->store, key_text(w, w->row, WG_KEY_CODE), id, err);
    if (st)
        return st;
belongs:
    cell = wg_building_whole_cell(cell);
    cell->type = WG_V_INT;
    cell->is.number = id;
    return WG_OK;
}

/* ---- rows ---- */

static enum wg_status row_is_in(struct wg_writer *w, size_t kept, struct wg_error *err)
{
    const struct wg_item *item = &w->batch->item[w->item_of[kept]];
    int64_t id = w->kept_id + (int64_t)kept;
    wg_report_made(w->report, id);
    if (wg_box_is_empty(item->box))
        return WG_OK;
    if (!wg_grow((void **)&w->entry, &w->cap_entry, w->n_entry + 1, sizeof *w->entry))
        return wg_fail_memory(err);
    w->entry[w->n_entry++] = wg_entry_make(id, item->box);
    return WG_OK;
}

static void refuse(struct wg_writer *w, const struct wg_item *item,
                   const struct wg_error *why, enum wg_status st)
{
    struct wg_job *job = w->job;
    wg_report_add(w->report, item->fid, item->place, false, why->text);
    if (job->first.status)
        return;
    job->first = *why;
    job->first.status = st;
    job->first.x = item->place.x;
    job->first.y = item->place.y;
    job->first_fid = item->fid;
}

static enum wg_status load_range(struct wg_writer *w, size_t from, size_t n,
                                 struct wg_error *err)
{
    struct wg_sheet_view view;
    struct wg_feed feed = wg_sheet_feed(&view, &w->batch->row, from, n, (int64_t)from);
    return w->to->load(w->store, &feed, err);
}

/* What no check of ours foresaw, say a UNIQUE somebody added: row by row, to find it. */
static enum wg_status load_each(struct wg_writer *w, struct wg_error *err)
{
    for (; w->n_loaded < w->n_kept; w->n_loaded++) {
        struct wg_error why = {.row = -1};
        enum wg_status st = load_range(w, w->n_loaded, 1, &why);
        if (!st) {
            st = row_is_in(w, w->n_loaded, &why);
        } else if (wg_job_is_row_problem(st)) {
            refuse(w, &w->batch->item[w->item_of[w->n_loaded]], &why, st);
            w->holes = true;
            st = WG_OK;
        }
        if (st) {
            if (err)
                *err = why;
            return st;
        }
    }
    return WG_OK;
}

/* The rows kept so far into the table. */
static enum wg_status load_kept(struct wg_writer *w, struct wg_error *err)
{
    size_t n = w->n_kept - w->n_loaded;
    if (n == 0)
        return WG_OK;
    enum wg_status st = load_range(w, w->n_loaded, n, err);
    if (st && wg_job_is_row_problem(st))
        return load_each(w, err);
    for (; !st && w->n_loaded < w->n_kept; w->n_loaded++)
        st = row_is_in(w, w->n_loaded, err);
    return st;
}

/* The packed row at hand goes in, unless *st says why not. */
static enum wg_status keep(struct wg_writer *w, size_t i, struct wg_error *err)
{
    const struct wg_item *item = &w->batch->item[i];
    struct wg_sheet *sheet = &w->batch->row;
    struct wg_cell *cell = sheet->cell + w->row * sheet->n_column;
    enum wg_status st = judge(w, item, err);
    if (!st && w->job->noun == WG_NOUN_BUILDINGS)
        st = judge_whole(w, item, cell, err);
    if (st)
        return st;
    cell->type = WG_V_INT;
    cell->is.number = w->next_id;
    struct wg_cell *to = sheet->cell + w->n_kept * sheet->n_column;
    if (to != cell)
        memcpy(to, cell, sheet->n_column * sizeof *cell);
    w->item_of[w->n_kept] = i;
    w->key_of[w->n_kept++] = w->row;
    st = keep_key(w, WG_KEY_CODE, w->next_id, err);
    if (!st)
        st = keep_key(w, WG_KEY_UUID, w->next_id, err);
    if (!st && !item->ended)
        st = keep_key(w, WG_KEY_SOURCE, w->next_id, err);
    w->next_id++;
    return st;
}

static void take_notes(struct wg_writer *w, size_t from, const struct wg_item *item)
{
    struct wg_import_report *notes = &w->batch->notes;
    int64_t repaired = w->report->repaired;
    for (size_t k = from; k < item->n_problem && k < notes->n_problem; k++) {
        const struct wg_problem *p = &notes->problem[k];
        wg_report_add(w->report, p->fid, (struct wg_point){p->x, p->y}, true, p->text);
    }
    w->report->repaired = repaired + item->repaired; /* a row counts once */
}

static enum wg_status copy_error(const struct wg_error *from, enum wg_status st,
                                 struct wg_error *to)
{
    *to = *from;
    return st;
}

static enum wg_status take_items(struct wg_writer *w, struct wg_error *err)
{
    struct wg_batch *b = w->batch;
    size_t n_note = 0;
    for (size_t k = 0; k < b->key.n_row; k++)
        for (int kind = 0; kind < WG_N_KEY; kind++)
            if (b->hash[k][kind])
                wg_keys_prefetch(&w->keys, b->hash[k][kind]);
    for (size_t i = 0; i < b->n; i++) {
        const struct wg_item *item = &b->item[i];
        struct wg_error why = {.row = -1};
        enum wg_status st = item->status;
        if (!st)
            st = keep(w, i, &why);
        else if (!item->keyed || !(st = judge(w, item, &why))) /* known: says that */
            st = copy_error(&b->error[item->error], item->status, &why);
        w->row += !item->status || item->keyed;
        if (!st) {
            take_notes(w, n_note, item);
        } else if (wg_job_is_row_problem(st)) {
            refuse(w, item, &why, st);
        } else {
            if (err)
                *err = why;
            return st;
        }
        n_note = item->n_problem;
    }
    return load_kept(w, err);
}

/* ---- indexes that are made at the end ---- */

static enum wg_status drop_index(struct wg_writer *w, size_t i, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    char sql[80];
    enum wg_status st = wg_query(
        w->store, "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?1", &q,
        err);
    if (st)
        return st;
    wg_bind_text(q, 1, w->to->late[i]);
    st = wg_step(q, &row, err);
    if (!st && row && !(w->late[i] = wg_strdup(wg_column_text(q, 0))))
        st = wg_fail_memory(err);
    wg_done(q);
    if (st || !row)
        return st;
    snprintf(sql, sizeof sql, "DROP INDEX %s", w->to->late[i]);
    return wg_exec(w->store, sql, err);
}

static enum wg_status drop_indexes(struct wg_writer *w, struct wg_error *err)
{
    enum wg_status st = WG_OK;
    w->is_late = true;
    for (size_t i = 0; !st && i < sizeof w->late / sizeof *w->late && w->to->late[i]; i++)
        st = drop_index(w, i, err);
    return st;
}

enum wg_status wg_writer_take(struct wg_writer *w, struct wg_batch *batch,
                              struct wg_error *err)
{
    w->batch = batch;
    w->row = w->n_kept = w->n_loaded = 0;
    w->kept_id = w->next_id;
    enum wg_status st = take_items(w, err);
    if (!st && w->fresh && !w->is_late && w->next_id - w->first_id >= LATE_INDEXES)
        st = drop_indexes(w, err);
    return st;
}

/* ---- end ---- */

static enum wg_status write_changes(struct wg_writer *w, const char *now,
                                    struct wg_error *err)
{
    struct wg_feed feed = {w->first_id, w->next_id - 1, NULL, NULL};
    char sql[900];
    if (!w->holes)
        return wg_feed_run(w->store, w->to->changes, now, &feed, err);
    snprintf(sql, sizeof sql, "%s %s EXISTS (SELECT 1 FROM %s t WHERE t.id = f.rowid)",
             w->to->changes, w->job->noun == WG_NOUN_EVENTS ? "AND" : "WHERE",
             w->to->table);
    return wg_feed_run(w->store, sql, now, &feed, err);
}

/* SpatiaLite notes when rows came last. */
static enum wg_status note_time(struct wg_writer *w, const char *now,
                                struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status st =
        wg_query(w->store,
                 "UPDATE geometry_columns_time SET last_insert = ?1"
                 " WHERE lower(f_table_name) = ?2 AND lower(f_geometry_column) = 'geom'",
                 &q, err);
    if (st)
        return st;
    wg_bind_text(q, 1, now);
    wg_bind_text(q, 2, w->to->table);
    return wg_run(q, err);
}

enum wg_status wg_writer_end(struct wg_writer *w, struct wg_error *err)
{
    char now[WG_INSTANT_SIZE];
    enum wg_status st = WG_OK;
    wg_keys_finish(&w->keys); /* room for sorting */
    for (size_t i = 0; !st && i < sizeof w->late / sizeof *w->late; i++)
        if (w->late[i])
            st = wg_exec(w->store, w->late[i], err);
    if (!st && w->next_id > w->first_id) {
        wg_instant_format(wg_instant_now(), now);
        st = write_changes(w, now, err);
        if (!st)
            st = note_time(w, now, err);
    }
    if (!st)
        st = wg_store_index_add(w->store, w->to->table, w->entry, w->n_entry, err);
    if (!st)
        st = wg_store_rest_checks(w->store, false, err);
    wg_store_rest_triggers(w->store, false);
    return st;
}
