/* Owns the events: what was reported, the live status, the log. */
#include "wangge/event.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "event_draft.h"

#define AT(member) offsetof(struct wg_event, member)

/* The status columns stand in another table: read here, written by write_status. */
static const struct wg_field fields[] = {
    {.column = "uuid", .type = WG_FIELD_TEXT, .at = AT(uuid), .needed = true},
    {.column = "code", .type = WG_FIELD_TEXT, .at = AT(code)},
    {.column = "class", .type = WG_FIELD_TEXT, .at = AT(class_code)},
    {.column = "title", .type = WG_FIELD_TEXT, .at = AT(title)},
    {.column = "description", .type = WG_FIELD_TEXT, .at = AT(description)},
    {.column = "address", .type = WG_FIELD_TEXT, .at = AT(address)},
    {.column = "source", .type = WG_FIELD_TEXT, .at = AT(source)},
    {.column = "occurred_at", .type = WG_FIELD_TIME, .at = AT(occurred_at)},
    {.column = "reported_at",
     .type = WG_FIELD_TIME,
     .at = AT(reported_at),
     .needed = true},
    {.column = "frame", .type = WG_FIELD_TEXT, .at = AT(frame)},
    {.column = "building_id",
     .type = WG_FIELD_ID,
     .at = AT(building),
     .refers = "building"},
    {.column = "part_id", .type = WG_FIELD_ID, .at = AT(part), .refers = "part"},
    {.column = "accuracy_m", .type = WG_FIELD_AMOUNT, .at = AT(accuracy_m)},
    {.column = "stage", .type = WG_FIELD_INT, .at = AT(stage), .read_only = true},
    {.column = "level", .type = WG_FIELD_INT, .at = AT(level), .read_only = true},
    {.column = "due_at", .type = WG_FIELD_TIME, .at = AT(due_at), .read_only = true},
    {.column = "closed_at",
     .type = WG_FIELD_TIME,
     .at = AT(closed_at),
     .read_only = true},
    {.column = "acknowledged_at",
     .type = WG_FIELD_TIME,
     .at = AT(acknowledged_at),
     .read_only = true},
};

static const struct wg_noun noun = {
    .table = "event",
    .from = "event JOIN event_status ON event_status.event_id = event.id",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_event),
    .held = AT(held),
    .place = WG_PLACE_POINT,
    .place_at = AT(x),
    .unique = "uuid",
    .kind = WG_KIND_EVENT,
    .filters = WG_BY_OWNER,
};

void wg_event_init(struct wg_event *event)
{
    wg_row_init(&noun, event);
}

void wg_event_finish(struct wg_event *event)
{
    wg_row_finish(&noun, event);
}

/* ---- identity ---- */

/* Version 4 of RFC 9562: random but for the version and the variant. */
static enum wg_status make_uuid(char out[WG_UUID_SIZE], struct wg_error *err)
{
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return wg_fail(err, WG_IO, _("The system gives no random numbers."));
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    char *to = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = "0123456789abcdef"[b[i] >> 4];
        *to++ = "0123456789abcdef"[b[i] & 15];
    }
    *to = 0;
    return WG_OK;
}

/* A text of the form of a UUID in small letters: handsets write it either way.  Any
 * other text stands for itself. */
static const char *normal_uuid(const char *text, char out[WG_UUID_SIZE])
{
    if (!text || strlen(text) != WG_UUID_SIZE - 1)
        return text;
    for (size_t i = 0; i < WG_UUID_SIZE; i++) {
        char c = text[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (i < WG_UUID_SIZE - 1 &&
            (dash ? c != '-' : !strchr("0123456789abcdefABCDEF", c)))
            return text;
        out[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    }
    return out;
}

static enum wg_status find_uuid(struct wg_store *store, const char *uuid, int64_t *id,
                                struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(store, "SELECT id FROM event WHERE uuid = ?1", &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, uuid);
    status = wg_step(q, &row, err);
    *id = !status && row ? wg_column_int(q, 0) : 0;
    wg_done(q);
    return status;
}

enum wg_status wg_event_find(struct wg_store *store, const char *uuid_or_code,
                             int64_t *id, struct wg_error *err)
{
    char uuid[WG_UUID_SIZE];
    struct wg_query *q = NULL;
    bool row = false;
    if (!uuid_or_code || !*uuid_or_code)
        return wg_fail(err, WG_INVALID,
                       _("A uuid or code must be given to find an event."));
    enum wg_status status =
        wg_query(store,
                 "SELECT id FROM event WHERE uuid = ?1 OR code = ?2 ORDER BY uuid = ?1 "
                 "DESC, reported_at DESC, id DESC LIMIT 1",
                 &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, normal_uuid(uuid_or_code, uuid));
    wg_bind_text(q, 2, uuid_or_code);
    status = wg_step(q, &row, err);
    if (!status && row)
        *id = wg_column_int(q, 0);
    wg_done(q);
    if (!status && !row)
        status = wg_fail(err, WG_NOT_FOUND,
                         _("There is no event with the uuid or code "
                           "%.80s."),
                         uuid_or_code);
    return status;
}

/* ---- status ---- */

static enum wg_status normal_time(const char **text, const char *field,
                                  char out[WG_INSTANT_SIZE], struct wg_error *err)
{
    if (!*text || !**text) {
        *text = NULL;
        return WG_OK;
    }
    enum wg_status status = wg_row_time(*text, field, out, err);
    if (!status)
        *text = out;
    return status;
}

static enum wg_status check_status(struct wg_event_draft *d, struct wg_error *err)
{
    struct wg_event *e = &d->row;
    char name[WG_ROW_NAME_SIZE];
    if (!e->stage)
        e->stage = WG_STAGE_REPORTED;
    if (!wg_stage_name(e->stage))
        return wg_fail(err, WG_INVALID, _("%s: %d is not a stage (1 to 10)."),
                       wg_row_name(&noun, e, name), e->stage);
    if (e->level < WG_ALERT_NONE || e->level > WG_ALERT_BLUE)
        return wg_fail(err, WG_INVALID,
                       _("%s: %d is not an alert level (0 none, 1 red to 4 blue)."),
                       wg_row_name(&noun, e, name), e->level);
    if (wg_stage_is_open(e->stage))
        e->closed_at = NULL; /* an open event has no end */
    enum wg_status status = normal_time(&e->due_at, "due_at", d->due_at, err);
    if (!status)
        status = normal_time(&e->closed_at, "closed_at", d->closed_at, err);
    if (!status)
        status =
            normal_time(&e->acknowledged_at, "acknowledged_at", d->acknowledged_at, err);
    if (!status && e->closed_at && strcmp(e->closed_at, e->reported_at) < 0)
        status = wg_fail(err, WG_INVALID, _("%s would end (%s) before it begins (%s)."),
                         wg_row_name(&noun, e, name), e->closed_at, e->reported_at);
    return status;
}

/* Triggers of the file keep the log and the times whoever writes; see
 * schema/010-housekeeping.sql. */
static enum wg_status write_status(struct wg_store *store, int64_t id,
                                   const struct wg_event *e, struct wg_error *err)
{
    char now[WG_INSTANT_SIZE];
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(
        store,
        "UPDATE event_status SET stage = ?2, level = ?3, due_at = ?4, closed_at = "
        "?5, acknowledged_at = ?6, updated_at = ?7 WHERE event_id = ?1",
        &q, err);
    if (status)
        return status;
    wg_instant_format(wg_instant_now(), now);
    wg_bind_int(q, 1, id);
    wg_bind_int(q, 2, e->stage);
    wg_bind_int(q, 3, e->level);
    wg_bind_text(q, 4, e->due_at);
    wg_bind_text(q, 5, e->closed_at);
    wg_bind_text(q, 6, e->acknowledged_at);
    wg_bind_text(q, 7, now);
    return wg_run(q, err);
}

/* Who, why and when, added to the log line the trigger has just made. */
static enum wg_status sign_log(struct wg_store *store, int64_t id, const char *at,
                               const char *who, const char *why, struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(store,
                                     "UPDATE event_log SET at = ?2, who = ?3, why = ?4 "
                                     "WHERE id = (SELECT max(id) FROM "
                                     "event_log WHERE event_id = ?1)",
                                     &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, id);
    wg_bind_text(q, 2, at);
    wg_bind_text(q, 3, who);
    wg_bind_text(q, 4, why);
    return wg_run(q, err);
}

/* ---- create and update ---- */

enum wg_status wg_event_draft(struct wg_store *store, const struct wg_event *event,
                              struct wg_event_draft *d, struct wg_error *err)
{
    struct wg_event *e = &d->row;
    enum wg_status status = WG_OK;
    *e = *event;
    e->uuid = normal_uuid(e->uuid, d->uuid);
    if (!e->uuid || !*e->uuid) {
        status = make_uuid(d->uuid, err);
        e->uuid = d->uuid;
    }
    if (!e->reported_at || !*e->reported_at) {
        wg_instant_format(wg_instant_now(), d->reported_at);
        e->reported_at = d->reported_at;
    }
    if (!status)
        status = wg_row_check(store, &noun, e, &d->times, err);
    if (!status && !e->occurred_at)
        e->occurred_at = e->reported_at;
    return status ? status : check_status(d, err);
}

/* ---- loading ---- */

/* Behind the columns of the noun: the status. */
enum { STATUS_STAGE, STATUS_LEVEL, STATUS_DUE, STATUS_CLOSED, STATUS_ACK, N_STATUS };

size_t wg_event_columns(void)
{
    return wg_row_pack_columns(&noun) + N_STATUS;
}

enum wg_status wg_event_pack(const struct wg_event *event, int srid,
                             struct wg_sheet *sheet, struct wg_box *box,
                             struct wg_error *err)
{
    struct wg_event_draft d;
    enum wg_status status = wg_event_draft(NULL, event, &d, err);
    if (!status)
        status = wg_row_pack(&noun, &d.row, srid, sheet, box, err);
    if (status)
        return status;
    struct wg_cell *cell =
        sheet->cell + (sheet->n_row - 1) * sheet->n_column + wg_row_pack_columns(&noun);
    bool ok = true;
    cell[STATUS_STAGE].type = cell[STATUS_LEVEL].type = WG_V_INT;
    cell[STATUS_STAGE].is.number = d.row.stage;
    cell[STATUS_LEVEL].is.number = d.row.level;
    wg_row_pack_text(sheet, &cell[STATUS_DUE], d.row.due_at, &ok);
    wg_row_pack_text(sheet, &cell[STATUS_CLOSED], d.row.closed_at, &ok);
    wg_row_pack_text(sheet, &cell[STATUS_ACK], d.row.acknowledged_at, &ok);
    if (ok)
        return WG_OK;
    wg_sheet_drop(sheet);
    return wg_fail_memory(err);
}

/* Columns of a packed event: id, the written fields in their order, place, status. */
#define C_SOURCE "c7"
#define C_REPORTED "c9"
#define C_STAGE "c15"
#define C_LEVEL "c16"
#define C_DUE "c17"
#define C_CLOSED "c18"
#define C_ACK "c19"
#define ENDED C_STAGE " IN (7, 9, 10)"

/* What the triggers event_report, event_stage and event_stage_times leave (?1 is now),
 * and the signature of an end that says when it was. */
static const char load_status_sql[] =
    "INSERT INTO event_status (event_id, stage, level, due_at, closed_at,"
    " acknowledged_at, updated_at) SELECT c0, " C_STAGE ", " C_LEVEL ", " C_DUE
    ", CASE WHEN " ENDED " THEN coalesce(" C_CLOSED ", ?1) END, " C_ACK
    ", ?1 FROM wg_feed";
static const char load_log_sql[] =
    "INSERT INTO event_log (event_id, at, action, from_stage, to_stage, who)"
    " SELECT c0, iif(k.column1, iif(" ENDED " AND " C_CLOSED " IS NOT NULL, " C_CLOSED
    ", ?1), " C_REPORTED "), iif(k.column1, iif(" ENDED
    ", 'end', 'advance'), 'report'), iif(k.column1, 1, NULL), iif(k.column1, " C_STAGE
    ", 1), iif(k.column1 AND (" C_STAGE " NOT IN (7, 9, 10) OR " C_CLOSED
    " IS NULL), NULL, " C_SOURCE ")"
    " FROM wg_feed f CROSS JOIN (VALUES (0), (1)) k WHERE k.column1 = 0 OR " C_STAGE
    " <> 1";

enum wg_status wg_event_load(struct wg_store *store, const struct wg_feed *feed,
                             struct wg_error *err)
{
    char now[WG_INSTANT_SIZE];
    wg_instant_format(wg_instant_now(), now);
    enum wg_status status = wg_row_load(store, &noun, feed, err);
    if (!status)
        status = wg_feed_run(store, load_status_sql, now, feed, err);
    return status ? status : wg_feed_run(store, load_log_sql, now, feed, err);
}

/* ---- */

static enum wg_status insert_event(struct wg_store *store, const struct wg_event *e,
                                   int64_t *id, struct wg_error *err)
{
    enum wg_status status = wg_row_insert(store, &noun, e, id, err);
    bool plain =
        e->stage == WG_STAGE_REPORTED && !e->level && !e->due_at && !e->acknowledged_at;
    if (!status && !plain)
        status = write_status(store, *id, e, err);
    if (!status && !wg_stage_is_open(e->stage) && e->closed_at)
        status = sign_log(store, *id, e->closed_at, e->source, NULL, err);
    return status;
}

enum wg_status wg_event_create(struct wg_store *store, const struct wg_event *event,
                               int64_t *id, struct wg_error *err)
{
    struct wg_event_draft d;
    int64_t made = 0;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = wg_event_draft(store, event, &d, err);
    /* The write lock is ours: no other process can add the uuid after this look. */
    if (!status && event->uuid && *event->uuid)
        status = find_uuid(store, d.row.uuid, &made, err);
    if (!status && !made)
        status = insert_event(store, &d.row, &made, err);
    status = wg_row_settle(store, status, err);
    if (!status && id)
        *id = made;
    return status;
}

/* The identity and time of report stay as they are where the caller gives none. */
static enum wg_status keep_facts(struct wg_store *store, struct wg_event *e,
                                 struct wg_event *stored, struct wg_error *err)
{
    enum wg_status status = wg_event_read(store, e->id, stored, err);
    if (status)
        return status;
    if (!e->uuid || !*e->uuid)
        e->uuid = stored->uuid;
    if (!e->reported_at || !*e->reported_at)
        e->reported_at = stored->reported_at;
    return WG_OK;
}

enum wg_status wg_event_update(struct wg_store *store, const struct wg_event *event,
                               struct wg_error *err)
{
    struct wg_event given = *event, stored;
    struct wg_event_draft d;
    wg_event_init(&stored);
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = keep_facts(store, &given, &stored, err);
    if (!status)
        status = wg_event_draft(store, &given, &d, err);
    if (!status)
        status = wg_row_update(store, &noun, &d.row, err);
    if (!status)
        status = write_status(store, given.id, &d.row, err);
    status = wg_row_settle(store, status, err);
    wg_event_finish(&stored);
    return status;
}

/* ---- read ---- */

enum wg_status wg_event_read(struct wg_store *store, int64_t id, struct wg_event *out,
                             struct wg_error *err)
{
    return wg_row_read(store, &noun, id, out, err);
}

/* Now: by stage.  At another moment: reported by then and not yet closed. */
static enum wg_status select_events(struct wg_select *s, struct wg_store *store,
                                    const struct wg_filter *filter, struct wg_error *err)
{
    enum wg_status status = wg_select_begin_undated(s, store, &noun, filter, err);
    if (status)
        return status;
    if (filter && filter->at)
        wg_select_and(s, "reported_at <= ?1");
    if (filter && filter->ended)
        return WG_OK;
    wg_select_and(s, filter && filter->at ? "(closed_at IS NULL OR closed_at > ?1)"
                                          : "stage NOT IN (7, 9, 10)");
    return WG_OK;
}

enum wg_status wg_event_each(struct wg_store *store, const struct wg_filter *filter,
                             wg_event_fn *fn, void *user, struct wg_error *err)
{
    struct wg_select select;
    struct wg_cursor c;
    struct wg_event row;
    enum wg_status status = select_events(&select, store, filter, err);
    if (!status)
        status = wg_cursor_open(&c, &select, NULL, err);
    if (status)
        return status;
    wg_event_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}

enum wg_status wg_event_count(struct wg_store *store, const struct wg_filter *filter,
                              int64_t *n, struct wg_error *err)
{
    struct wg_select select;
    enum wg_status status = select_events(&select, store, filter, err);
    return status ? status : wg_select_count(&select, n, err);
}

/* ---- end ---- */

static enum wg_status check_end(const struct wg_event *stored, int stage, const char *at,
                                struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    if (!wg_stage_name(stage) || wg_stage_is_open(stage))
        return wg_fail(err, WG_INVALID,
                       _("%s cannot end as %s: an end is closed, rejected or cancelled."),
                       wg_row_name(&noun, stored, name),
                       wg_stage_name(stage) ? wg_stage_name(stage) : "?");
    if (stored->reported_at && strcmp(at, stored->reported_at) < 0)
        return wg_fail(err, WG_INVALID, _("%s would end (%s) before it begins (%s)."),
                       wg_row_name(&noun, stored, name), at, stored->reported_at);
    return WG_OK;
}

enum wg_status wg_event_end(struct wg_store *store, int64_t id, int stage, const char *at,
                            const char *who, const char *why, struct wg_error *err)
{
    char moment[WG_INSTANT_SIZE];
    struct wg_event stored;
    wg_event_init(&stored);
    enum wg_status status = wg_row_time(at, "closed_at", moment, err);
    if (status || (status = wg_save(store, err)))
        return status;
    status = wg_event_read(store, id, &stored, err);
    if (!status)
        status = check_end(&stored, stage, moment, err);
    /* Ended in the same way already: nothing changes, so nothing is logged. */
    if (!status && stored.stage != stage) {
        stored.stage = stage;
        stored.closed_at = moment;
        status = write_status(store, id, &stored, err);
        if (!status)
            status = sign_log(store, id, moment, who, why, err);
    }
    status = wg_row_settle(store, status, err);
    wg_event_finish(&stored);
    return status;
}

/* ---- log ---- */

#define LOG_AT(member) offsetof(struct wg_event_log, member)

static const struct wg_field log_fields[] = {
    {.column = "action", .type = WG_FIELD_TEXT, .at = LOG_AT(action)},
    {.column = "event_id", .type = WG_FIELD_ID, .at = LOG_AT(event)},
    {.column = "at", .type = WG_FIELD_TIME, .at = LOG_AT(at)},
    {.column = "who", .type = WG_FIELD_TEXT, .at = LOG_AT(who)},
    {.column = "why", .type = WG_FIELD_TEXT, .at = LOG_AT(why)},
    {.column = "from_stage", .type = WG_FIELD_INT, .at = LOG_AT(from_stage)},
    {.column = "to_stage", .type = WG_FIELD_INT, .at = LOG_AT(to_stage)},
};

/* Only read by a cursor: its rows hold nothing. */
static const struct wg_noun log_noun = {
    .table = "event_log",
    .field = log_fields,
    .n_field = WG_N(log_fields),
    .size = sizeof(struct wg_event_log),
};

enum wg_status wg_event_log_each(struct wg_store *store, int64_t event,
                                 wg_event_log_fn *fn, void *user, struct wg_error *err)
{
    struct wg_select select;
    struct wg_cursor c;
    struct wg_event_log row;
    enum wg_status status = wg_select_begin(&select, store, &log_noun, NULL, err);
    if (status)
        return status;
    if (event)
        wg_select_and(&select, "event_id = ?%d", wg_select_int(&select, event));
    status = wg_cursor_open(&c, &select, NULL, err);
    if (status)
        return status;
    wg_row_init(&log_noun, &row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}
