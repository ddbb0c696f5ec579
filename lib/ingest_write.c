/* Owns the writing of a group of events: all that wg_event_create and the triggers of the
 * file would write, a statement a table instead of one a row. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "ingest_job.h"

/* The connection is the queue's own: its triggers rest for good, and what foreign keys
 * and CHECKs would ask of every row is asked once (buildings and parts, below) or holds
 * by construction. */
static const char settings_sql[] = "PRAGMA foreign_keys = OFF;"
                                   "PRAGMA ignore_check_constraints = ON;"
                                   "PRAGMA cache_size = -65536;"
                                   "PRAGMA wal_autocheckpoint = 8000;";

enum wg_status wg_ingest_writer_open(struct wg_ingest_writer *w, const char *path,
                                     struct wg_error *err)
{
    struct wg_open_options options = {.busy_timeout_ms = 1000};
    memset(w, 0, sizeof *w);
    w->version = -1;
    enum wg_status status = wg_store_open(path, &options, &w->store, err);
    if (!status)
        status = wg_exec(w->store, settings_sql, err);
    if (!status) {
        wg_store_rest_triggers(w->store, true);
        w->srid = wg_store_srid(w->store);
    }
    return status;
}

static void forget_answer(struct wg_ingest_writer *w);

void wg_ingest_writer_close(struct wg_ingest_writer *w)
{
    wg_ingest_schemes_finish(&w->schemes);
    wg_ingest_buildings_drop(&w->buildings);
    wg_store_close(w->store);
    free(w->fresh);
    free(w->owner);
    free(w->x);
    free(w->y);
    free(w->slot);
    free(w->line);
    free(w->pair);
    forget_answer(w);
    free(w->answer);
    free(w->answer_code);
    memset(w, 0, sizeof *w);
}

struct wg_ingest_pair *wg_ingest_pairs(struct wg_ingest_writer *w, size_t n,
                                       struct wg_error *err)
{
    if (wg_grow((void **)&w->pair, &w->pair_cap, n + 1, sizeof *w->pair))
        return w->pair;
    wg_fail_memory(err);
    return NULL;
}

static void pair_value(void *user, int64_t row, int column, struct wg_value *out)
{
    const struct wg_ingest_pair *pair = user;
    out->type = WG_V_INT;
    out->number = column ? pair[row].value : pair[row].key;
}

enum wg_status wg_ingest_run_pairs(struct wg_ingest_writer *w, const char *sql, size_t n,
                                   struct wg_error *err)
{
    struct wg_feed feed = {0, (int64_t)n - 1, pair_value, w->pair};
    return wg_feed_run(w->store, sql, NULL, &feed, err);
}

static enum wg_status make_room(struct wg_ingest_writer *w, size_t n,
                                struct wg_error *err)
{
    if (n <= w->cap)
        return WG_OK;
    size_t cap[4] = {w->cap, w->cap, w->cap, w->cap};
    if (!wg_grow((void **)&w->fresh, &cap[0], n, sizeof(struct wg_item *)) ||
        !wg_grow((void **)&w->x, &cap[1], n, sizeof(double)) ||
        !wg_grow((void **)&w->y, &cap[2], n, sizeof(double)) ||
        !wg_grow((void **)&w->slot, &cap[3], n, sizeof(uint32_t)))
        return wg_fail_memory(err);
    w->cap = cap[0];
    return WG_OK;
}

/* ---- what others have changed ---- */

static enum wg_status ask(struct wg_ingest_writer *w, const char *sql, int64_t key,
                          int64_t *out, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(w->store, sql, &q, err);
    if (status)
        return status;
    if (key >= 0)
        wg_bind_int(q, 1, key);
    status = wg_step(q, &row, err);
    *out = !status && row ? wg_column_int(q, 0) : 0;
    wg_done(q);
    return status;
}

/* Buildings that changed, and events that moved or went (and with them, perhaps, nodes of
 * the spatial index), as the change log tells. */
static enum wg_status look_at_changes(struct wg_ingest_writer *w, struct wg_error *err)
{
    int64_t buildings = 1, events = 1;
    enum wg_status status = WG_OK;
    if (w->version >= 0) {
        status = ask(w,
                     "SELECT EXISTS (SELECT 1 FROM change WHERE seq > ?1 AND tbl = "
                     "'building')",
                     w->last_change, &buildings, err);
        if (!status)
            status = ask(w,
                         "SELECT EXISTS (SELECT 1 FROM change WHERE seq > ?1 AND tbl = "
                         "'event' AND op <> 'I')",
                         w->last_change, &events, err);
    }
    if (!status && events)
        wg_ingest_tree_forget(&w->tree);
    return status ? status : wg_ingest_buildings_look(w, buildings != 0, err);
}

/* Bring what is known of the file up to date; cheap when nobody else has written. */
static enum wg_status look(struct wg_ingest_writer *w, struct wg_error *err)
{
    wg_instant_format(wg_instant_now(), w->now);
    int64_t version = wg_store_data_version(w->store);
    bool same = version >= 0 && version == w->version;
    enum wg_status status = WG_OK;
    if (!same || strcmp(w->now, w->schemes.read_at) < 0 ||
        (w->schemes.until[0] && strcmp(w->now, w->schemes.until) >= 0))
        status = wg_ingest_schemes_read(w, err);
    if (!status)
        status = same ? wg_ingest_buildings_look(w, false, err) : look_at_changes(w, err);
    if (!status && !same)
        status =
            ask(w, "SELECT coalesce(max(id), 0) FROM event", -1, &w->last_event, err);
    if (!status && !same)
        status = ask(w,
                     "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = "
                     "'change'), 0), coalesce((SELECT max(seq) FROM change), 0))",
                     -1, &w->last_change, err);
    w->version = status ? -1 : version;
    return status;
}

/* ---- who is new ---- */

static enum wg_status refuse(struct wg_item *item, const struct wg_error *why,
                             struct wg_error *err)
{
    item->refused = malloc(sizeof *why);
    if (!item->refused)
        return wg_fail_memory(err);
    *item->refused = *why;
    return WG_OK;
}

static enum wg_status look_for(struct wg_ingest_writer *w, struct wg_item *item,
                               const char *table, int64_t id, struct wg_error *err)
{
    enum wg_status status;
    struct wg_error why;
    if (!id || item->refused || wg_row_exists(w->store, table, id, &status, err))
        return WG_OK;
    if (status)
        return status;
    wg_row_missing(table, id, &why);
    return refuse(item, &why, err);
}

static enum wg_status check_references(struct wg_ingest_writer *w,
                                       struct wg_item *const *item, size_t n,
                                       struct wg_error *err)
{
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < n; i++) {
        status = look_for(w, item[i], "building", item[i]->event.building, err);
        if (!status)
            status = look_for(w, item[i], "part", item[i]->event.part, err);
    }
    return status;
}

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

/* The same uuid twice in one group: the first is the event, the others are known. */
static enum wg_status find_twins(struct wg_item *const *item, size_t n,
                                 struct wg_error *err)
{
    size_t size = 16;
    while (size < 2 * n)
        size *= 2;
    struct wg_item **table = calloc(size, sizeof *table);
    if (!table)
        return wg_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (!item[i]->event.uuid || item[i]->refused)
            continue;
        size_t at = hash(item[i]->event.uuid) & (size - 1);
        while (table[at] && strcmp(table[at]->event.uuid, item[i]->event.uuid) != 0)
            at = (at + 1) & (size - 1);
        if (table[at]) {
            item[i]->twin = table[at];
            item[i]->known = true;
        } else {
            table[at] = item[i];
        }
    }
    free(table);
    return WG_OK;
}

static enum wg_status find_known(struct wg_ingest_writer *w, struct wg_item *const *item,
                                 size_t n, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < n; i++) {
        if (!item[i]->event.uuid || item[i]->known || item[i]->refused)
            continue;
        status = wg_query(w->store, "SELECT id FROM event WHERE uuid = ?1", &q, err);
        if (status)
            break;
        wg_bind_text(q, 1, item[i]->event.uuid);
        status = wg_step(q, &row, err);
        item[i]->known = !status && row;
        item[i]->id = item[i]->known ? wg_column_int(q, 0) : 0;
        wg_done(q);
    }
    return status;
}

/* ---- identity ---- */

static enum wg_status random_bytes(struct wg_ingest_writer *w, void *out, size_t n,
                                   struct wg_error *err)
{
    for (size_t done = 0; w->random_left < n && done < sizeof w->random;) {
        ssize_t got = getrandom(w->random + done, sizeof w->random - done, 0);
        if (got <= 0)
            return wg_fail(err, WG_IO, _("The system gives no random numbers."));
        done += (size_t)got;
        if (done == sizeof w->random)
            w->random_left = done;
    }
    w->random_left -= n;
    memcpy(out, w->random + w->random_left, n);
    return WG_OK;
}

/* Version 7 of RFC 9562: they grow with time, so that those of one group lie side by side
 * in the index of uuids. */
static enum wg_status make_uuid(struct wg_ingest_writer *w, char out[WG_UUID_SIZE],
                                struct wg_error *err)
{
    static const char digit[] = "0123456789abcdef";
    unsigned char b[16];
    int64_t now = wg_instant_now();
    enum wg_status status = random_bytes(w, b, sizeof b, err);
    if (status)
        return status;
    if (now > w->uuid_ms || w->uuid_count >= 0xFFF) {
        w->uuid_ms = now > w->uuid_ms ? now : w->uuid_ms + 1;
        w->uuid_count = (unsigned)(b[6] & 0x07) << 8 | b[7]; /* room to count */
    } else {
        w->uuid_count++;
    }
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)(w->uuid_ms >> (8 * (5 - i)));
    b[6] = (unsigned char)(0x70 | w->uuid_count >> 8);
    b[7] = (unsigned char)w->uuid_count;
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    char *at = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digit[b[i] >> 4];
        *at++ = digit[b[i] & 15];
    }
    *at = 0;
    return WG_OK;
}

static enum wg_status pick_fresh(struct wg_ingest_writer *w, struct wg_item *const *item,
                                 size_t n, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    w->n_fresh = 0;
    for (size_t i = 0; !status && i < n; i++) {
        struct wg_item *it = item[i];
        if (it->known || it->refused)
            continue;
        if (!it->event.uuid) {
            status = make_uuid(w, it->uuid, err);
            it->event.uuid = it->uuid;
        }
        it->id = w->last_event + 1 + (int64_t)w->n_fresh;
        if (!isnan(it->event.x))
            wg_shape_point_blob(it->event.x, it->event.y, w->srid, it->place);
        it->place_in_group = w->n_fresh;
        w->fresh[w->n_fresh++] = it;
    }
    return status;
}

/* ---- rows ---- */

static void set_text(struct wg_value *v, const char *text)
{
    if (!text)
        return;
    v->type = WG_V_TEXT;
    v->data = text;
    v->size = strlen(text);
}

static void set_real(struct wg_value *v, double real)
{
    v->type = isnan(real) ? WG_V_NULL : WG_V_REAL;
    v->real = real;
}

static void set_int(struct wg_value *v, int64_t number)
{
    v->type = WG_V_INT;
    v->number = number;
}

static void set_id(struct wg_value *v, int64_t id)
{
    if (id)
        set_int(v, id);
}

static enum wg_status feed_rows(struct wg_ingest_writer *w, const char *sql, size_t n,
                                void (*value)(void *, int64_t, int, struct wg_value *),
                                struct wg_error *err)
{
    struct wg_feed feed = {0, (int64_t)n - 1, value, w};
    return wg_feed_run(w->store, sql, NULL, &feed, err);
}

static void event_value(void *user, int64_t row, int column, struct wg_value *v)
{
    const struct wg_ingest_writer *w = user;
    const struct wg_event *e = &w->fresh[row]->event;
    const char *const text[] = {e->uuid,        e->code,    e->class_code, e->title,
                                e->description, e->address, e->source,     e->occurred_at,
                                e->reported_at, e->frame};
    if (column >= 1 && column <= (int)WG_N(text)) {
        set_text(v, text[column - 1]);
    } else if (column == 0) {
        set_int(v, w->fresh[row]->id);
    } else if (column == 11) {
        set_real(v, e->accuracy_m);
    } else if (column == 12) {
        set_id(v, e->building);
    } else if (column == 13) {
        set_id(v, e->part);
    } else if (!isnan(e->x)) {
        v->type = WG_V_BLOB;
        v->data = w->fresh[row]->place;
        v->size = WG_POINT_BLOB_SIZE;
    }
}

static enum wg_status write_events(struct wg_ingest_writer *w, struct wg_error *err)
{
    return feed_rows(
        w,
        "INSERT INTO event (id, uuid, code, class, title, description, address, source, "
        "occurred_at, reported_at, frame, accuracy_m, building_id, part_id, geom) SELECT "
        "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14 FROM wg_feed",
        w->n_fresh, event_value, err);
}

/* An ended event has a time of its end, as the trigger event_stage_times sees to. */
static const char *closed_at(const struct wg_ingest_writer *w, const struct wg_event *e)
{
    return wg_stage_is_open(e->stage) ? NULL : e->closed_at ? e->closed_at : w->now;
}

static void status_value(void *user, int64_t row, int column, struct wg_value *v)
{
    const struct wg_ingest_writer *w = user;
    const struct wg_event *e = &w->fresh[row]->event;
    switch (column) {
    case 0:
        set_int(v, w->fresh[row]->id);
        break;
    case 1:
        set_int(v, e->stage);
        break;
    case 2:
        set_int(v, e->level);
        break;
    case 3:
        set_text(v, e->due_at);
        break;
    case 4:
        set_text(v, closed_at(w, e));
        break;
    case 5:
        set_text(v, e->acknowledged_at);
        break;
    default:
        set_text(v, w->now);
    }
}

static enum wg_status write_status(struct wg_ingest_writer *w, struct wg_error *err)
{
    return feed_rows(
        w,
        "INSERT INTO event_status (event_id, stage, level, due_at, closed_at, "
        "acknowledged_at, updated_at) SELECT c0, c1, c2, c3, c4, c5, c6 FROM wg_feed",
        w->n_fresh, status_value, err);
}

/* ---- the log ---- */

static void log_value(void *user, int64_t row, int column, struct wg_value *v)
{
    const struct wg_ingest_writer *w = user;
    const struct wg_ingest_line *line = &w->line[row];
    const struct wg_event *e = &line->item->event;
    bool ended = !wg_stage_is_open(e->stage) && e->closed_at;
    switch (column) {
    case 0:
        set_int(v, line->item->id);
        break;
    case 1:
        set_text(v, line->first ? e->reported_at : ended ? e->closed_at : w->now);
        break;
    case 2:
        set_text(v, line->word);
        break;
    case 3:
        if (!line->first)
            set_int(v, WG_STAGE_REPORTED);
        break;
    case 4:
        set_int(v, line->now);
        break;
    default:
        set_text(v, line->first || ended ? e->source : NULL);
    }
}

/* The report, and the step to another stage where one was given. */
static enum wg_status write_log(struct wg_ingest_writer *w, struct wg_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_fresh; i++) {
        const struct wg_item *item = w->fresh[i];
        int stage = item->event.stage;
        w->line[n++] = (struct wg_ingest_line){
            .item = item, .word = "report", .now = WG_STAGE_REPORTED, .first = true};
        if (stage != WG_STAGE_REPORTED)
            w->line[n++] = (struct wg_ingest_line){
                .item = item,
                .word = wg_stage_is_open(stage) ? "advance" : "end",
                .now = stage};
    }
    return feed_rows(
        w,
        "INSERT INTO event_log (event_id, at, action, from_stage, to_stage, who) SELECT "
        "c0, c1, c2, c3, c4, c5 FROM wg_feed",
        n, log_value, err);
}

/* ---- owners ---- */

/* Scheme by scheme, as the table is sorted. */
static void owner_value(void *user, int64_t row, int column, struct wg_value *v)
{
    const struct wg_ingest_writer *w = user;
    size_t s = (size_t)row / w->n_fresh, i = (size_t)row % w->n_fresh;
    const struct wg_ingest_owner *o = &w->owner[i * w->schemes.n + s];
    switch (column) {
    case 0:
        set_int(v, w->fresh[i]->id);
        break;
    case 1:
        set_int(v, o->scheme);
        break;
    case 2:
        set_id(v, o->grid);
        break;
    case 3:
        set_int(v, o->grid != 0);
        break;
    default:
        set_text(v, isnan(w->fresh[i]->event.x) ? "no place"
                    : o->grid                   ? "cover"
                                                : "outside");
    }
}

static enum wg_status write_owners(struct wg_ingest_writer *w, struct wg_error *err)
{
    if (!w->schemes.n)
        return WG_OK;
    return feed_rows(w,
                     "INSERT INTO owner (kind, object_id, scheme_id, grid_id, share, "
                     "how) SELECT 3, c0, c1, c2, c3, c4 FROM wg_feed",
                     w->schemes.n * w->n_fresh, owner_value, err);
}

/* ---- the change log ---- */

static void change_value(void *user, int64_t row, int column, struct wg_value *v)
{
    const struct wg_ingest_writer *w = user;
    const struct wg_ingest_line *line = &w->line[row];
    switch (column) {
    case 0:
        set_int(v, w->last_change + 1 + row);
        break;
    case 1:
        set_text(v, w->now);
        break;
    case 2:
        set_text(v, line->word);
        break;
    case 3:
        set_int(v, line->item->id);
        break;
    case 4:
        set_text(v, line->op);
        break;
    default:
        set_id(v, line->now);
    }
}

/* Whether wg_event_create would write the status a second time. */
static bool has_status(const struct wg_event *e)
{
    return e->stage != WG_STAGE_REPORTED || e->level || e->due_at || e->acknowledged_at;
}

static size_t list_changes(const struct wg_ingest_writer *w, size_t i,
                           struct wg_ingest_line *to)
{
    const struct wg_item *item = w->fresh[i];
    const struct wg_event *e = &item->event;
    size_t n = 0;
    to[n++] = (struct wg_ingest_line){item, "event", "I", 0, false};
    to[n++] = (struct wg_ingest_line){item, "event_status", "I", 0, false};
    if (item->linked)
        to[n++] = (struct wg_ingest_line){item, "event", "U", 0, false};
    for (size_t s = 0; s < w->schemes.n; s++)
        to[n++] = (struct wg_ingest_line){item, "owner:event", "I",
                                          w->owner[i * w->schemes.n + s].grid, false};
    if (has_status(e))
        to[n++] = (struct wg_ingest_line){item, "event_status", "U", 0, false};
    if (!wg_stage_is_open(e->stage) && !e->closed_at)
        to[n++] = (struct wg_ingest_line){item, "event_status", "U", 0, false};
    return n;
}

static enum wg_status write_changes(struct wg_ingest_writer *w, struct wg_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_fresh; i++)
        n += list_changes(w, i, w->line + n);
    enum wg_status status = feed_rows(
        w,
        "INSERT INTO change (seq, at, tbl, rid, op, now) SELECT c0, c1, c2, c3, c4, c5 "
        "FROM wg_feed",
        n, change_value, err);
    if (!status)
        w->last_change += (int64_t)n;
    return status;
}

/* SpatiaLite notes when a layer was last written. */
static const char layer_time_sql[] =
    "UPDATE geometry_columns_time SET last_insert = strftime('%Y-%m-%dT%H:%M:%fZ', "
    "'now') "
    "WHERE f_table_name = 'event' AND f_geometry_column = 'geom'";

static enum wg_status write_rows(struct wg_ingest_writer *w, struct wg_error *err)
{
    if (!wg_grow((void **)&w->line, &w->line_cap, (5 + w->schemes.n) * w->n_fresh,
                 sizeof *w->line))
        return wg_fail_memory(err);
    enum wg_status status = wg_ingest_assign(w, err);
    if (!status)
        status = wg_ingest_link(w, err);
    if (!status)
        status = write_events(w, err);
    if (!status)
        status = wg_ingest_tree_add(w, err);
    if (!status)
        status = write_status(w, err);
    if (!status)
        status = write_log(w, err);
    if (!status)
        status = write_owners(w, err);
    if (!status)
        status = write_changes(w, err);
    if (!status)
        status = wg_exec(w->store, layer_time_sql, err);
    return status;
}

/* ---- the group ---- */

/* As it was put in: a group may be tried again. */
static void renew(struct wg_item *item)
{
    if (item->linked)
        item->event.building = 0;
    if (!item->named)
        item->event.uuid = NULL;
    item->id = 0;
    item->twin = NULL;
    item->known = item->linked = false;
    free(item->refused);
    item->refused = NULL;
}

static enum wg_status write_group(struct wg_ingest_writer *w, struct wg_item *const *item,
                                  size_t n, struct wg_error *err)
{
    enum wg_status status = look(w, err); /* once more: nobody else writes now */
    if (!status)
        status = check_references(w, item, n, err);
    if (!status)
        status = find_twins(item, n, err);
    if (!status)
        status = find_known(w, item, n, err);
    if (!status)
        status = pick_fresh(w, item, n, err);
    if (!status && w->n_fresh)
        status = write_rows(w, err);
    return status;
}

enum wg_status wg_ingest_write(struct wg_ingest_writer *w, struct wg_item *const *item,
                               size_t n, struct wg_error *err)
{
    enum wg_status status = make_room(w, n, err);
    for (size_t i = 0; i < n; i++)
        renew(item[i]);
    /* What takes long, an index that has to be built, is done before the lock. */
    if (!status)
        status = look(w, err);
    if (!status)
        status = wg_ingest_schemes_prepare(w, err);
    if (!status)
        status = wg_store_begin(w->store, err);
    if (status)
        return status;
    status = write_group(w, item, n, err);
    if (!status)
        status = wg_store_commit(w->store, err);
    if (status) {
        wg_store_rollback(w->store);
        w->version = -1;
        wg_ingest_tree_forget(&w->tree);
        return status;
    }
    if (w->n_fresh)
        w->last_event += (int64_t)w->n_fresh;
    for (size_t i = 0; i < n; i++)
        if (item[i]->twin)
            item[i]->id = item[i]->twin->id;
    return WG_OK;
}

enum wg_status wg_ingest_tidy(struct wg_ingest_writer *w, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    if (!w->tree.n)
        return WG_OK;
    status = wg_store_begin(w->store, err);
    if (status)
        return status;
    status = look(w, err);
    if (!status && w->tree.n)
        status = wg_ingest_tree_sort(w, err);
    if (!status)
        status = wg_store_commit(w->store, err);
    if (status) {
        wg_store_rollback(w->store);
        w->version = -1;
    }
    wg_ingest_tree_forget(&w->tree);
    return status;
}

/* ---- for the receipts ---- */

static void forget_answer(struct wg_ingest_writer *w)
{
    for (size_t i = 0; i < w->n_answer; i++)
        free(w->answer_code[i]);
    w->n_answer = 0;
}

/* Owners of an event from before, as they stand in the file. */
static enum wg_status read_owners(struct wg_ingest_writer *w, int64_t event,
                                  struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    forget_answer(w);
    enum wg_status status =
        wg_query(w->store,
                 "SELECT o.scheme_id, coalesce(o.grid_id, 0), coalesce(g.code, '') FROM "
                 "owner_scheme s CROSS JOIN owner o LEFT JOIN grid g ON g.id = o.grid_id "
                 "WHERE o.scheme_id = s.id AND o.kind = 3 AND o.object_id = ?1 ORDER BY "
                 "o.scheme_id",
                 &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, event);
    while (!(status = wg_step(q, &row, err)) && row) {
        char *code = wg_strdup(wg_column_text(q, 2));
        if (!code ||
            !wg_grow((void **)&w->answer, &w->answer_cap, w->n_answer + 1,
                     sizeof *w->answer) ||
            !wg_grow((void **)&w->answer_code, &w->code_cap, w->n_answer + 1,
                     sizeof *w->answer_code)) {
            free(code);
            status = wg_fail_memory(err);
            break;
        }
        w->answer_code[w->n_answer] = code;
        w->answer[w->n_answer++] =
            (struct wg_ingest_owner){wg_column_int(q, 0), wg_column_int(q, 1), code};
    }
    wg_done(q);
    return status;
}

enum wg_status wg_ingest_owners(struct wg_ingest_writer *w, const struct wg_item *item,
                                const struct wg_ingest_owner **owner, size_t *n,
                                struct wg_error *err)
{
    const struct wg_item *first = item->twin ? item->twin : item;
    if (!first->known) {
        *n = w->schemes.n;
        *owner = &w->owner[first->place_in_group * w->schemes.n];
        return WG_OK;
    }
    enum wg_status status = read_owners(w, first->id, err);
    *n = status ? 0 : w->n_answer;
    *owner = w->answer;
    return status;
}
