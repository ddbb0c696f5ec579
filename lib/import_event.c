/* Events and officers from a file: the words cities use for stages and levels. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "import_load.h"
#include "internal.h"

struct stage_word {
    const char *word;
    int stage;
};

/* What other systems call the stages of the loop; ours are tried first. */
static const struct stage_word stage_words[] = {
    {"close", WG_STAGE_CLOSED},         {"resolved", WG_STAGE_CLOSED},
    {"complete", WG_STAGE_CLOSED},      {"completed", WG_STAGE_CLOSED},
    {"done", WG_STAGE_CLOSED},          {"finished", WG_STAGE_CLOSED},
    {"archived", WG_STAGE_CLOSED},      {"已结案", WG_STAGE_CLOSED},
    {"办结", WG_STAGE_CLOSED},          {"已办结", WG_STAGE_CLOSED},
    {"已关闭", WG_STAGE_CLOSED},        {"关闭", WG_STAGE_CLOSED},
    {"open", WG_STAGE_REPORTED},        {"new", WG_STAGE_REPORTED},
    {"received", WG_STAGE_REPORTED},    {"submitted", WG_STAGE_REPORTED},
    {"pending", WG_STAGE_REPORTED},     {"unresolved", WG_STAGE_REPORTED},
    {"已上报", WG_STAGE_REPORTED},      {"待受理", WG_STAGE_REPORTED},
    {"accepted", WG_STAGE_FILED},       {"已立案", WG_STAGE_FILED},
    {"已受理", WG_STAGE_FILED},         {"assigned", WG_STAGE_DISPATCHED},
    {"已派遣", WG_STAGE_DISPATCHED},    {"in progress", WG_STAGE_HANDLING},
    {"in-progress", WG_STAGE_HANDLING}, {"in_progress", WG_STAGE_HANDLING},
    {"processing", WG_STAGE_HANDLING},  {"started", WG_STAGE_HANDLING},
    {"处理中", WG_STAGE_HANDLING},      {"处置", WG_STAGE_HANDLING},
    {"办理中", WG_STAGE_HANDLING},      {"已处理", WG_STAGE_HANDLED},
    {"verifying", WG_STAGE_CHECKING},   {"核查中", WG_STAGE_CHECKING},
    {"on hold", WG_STAGE_SUSPENDED},    {"paused", WG_STAGE_SUSPENDED},
    {"已挂账", WG_STAGE_SUSPENDED},     {"invalid", WG_STAGE_REJECTED},
    {"refused", WG_STAGE_REJECTED},     {"canceled", WG_STAGE_CANCELLED},
    {"void", WG_STAGE_CANCELLED},       {"duplicate", WG_STAGE_CANCELLED},
    {"已作废", WG_STAGE_CANCELLED},
};

static int stage_of(const char *text)
{
    int stage = wg_stage_parse(text);
    for (size_t i = 0; !stage && i < sizeof stage_words / sizeof *stage_words; i++)
        if (wg_text_equal_fold(text, stage_words[i].word))
            stage = stage_words[i].stage;
    return stage;
}

static bool is_uuid(const char *text)
{
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-'
                 : !strchr("0123456789abcdefABCDEF", text[i]) || !text[i])
            return false;
    }
    return !text[36];
}

static enum wg_status read_status(struct wg_job *job, struct wg_event *e,
                                  struct wg_error *err)
{
    const char *stage = NULL, *alert;
    enum wg_field from = job->field[WG_F_STAGE] >= 0 ? WG_F_STAGE : WG_F_STATUS;
    enum wg_status st = wg_field_text(job, from, &stage, err);
    if (!st)
        st = wg_field_text(job, WG_F_ALERT, &alert, err);
    if (st)
        return st;
    e->due_at = wg_field_time(job, WG_F_DUE);
    e->closed_at = wg_field_time(job, WG_F_CLOSED);
    e->acknowledged_at = wg_field_time(job, WG_F_ACKNOWLEDGED);
    e->stage = stage ? stage_of(stage) : 0;
    if (stage && !e->stage)
        wg_field_junk(job, from, stage);
    if (!stage && e->closed_at)
        e->stage = WG_STAGE_CLOSED;
    e->level = alert ? wg_alert_parse(alert) : WG_ALERT_NONE;
    if (e->level < 0) {
        wg_field_junk(job, WG_F_ALERT, alert);
        e->level = WG_ALERT_NONE;
    }
    return WG_OK;
}

static enum wg_status read_texts(struct wg_job *job, struct wg_event *e,
                                 struct wg_error *err)
{
    struct {
        enum wg_field field;
        const char **to;
    } const texts[] = {
        {WG_F_UUID, &e->uuid},
        {WG_F_CODE, &e->code},
        {WG_F_CLASS, &e->class_code},
        {WG_F_TITLE, &e->title},
        {WG_F_DESCRIPTION, &e->description},
        {WG_F_ADDRESS, &e->address},
        {WG_F_SOURCE, &e->source},
        {WG_F_FRAME, &e->frame},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum wg_status st = wg_field_text(job, texts[i].field, texts[i].to, err);
        if (st)
            return st;
    }
    if (e->uuid && !is_uuid(e->uuid)) { /* an id of theirs: a number, not a uuid */
        if (!e->code)
            e->code = e->uuid;
        e->uuid = NULL;
    }
    for (char *c = job->text[WG_F_UUID].text; e->uuid && *c; c++)
        *c = *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c;
    if (!e->frame && job->opt->frame)
        e->frame = job->opt->frame;
    if (!e->source)
        e->source = OGR_L_GetName(job->layer);
    return WG_OK;
}

/* A uuid is one event for ever.  A code is the number it has where it came from: known
 * from before, it is the same event; twice in one file, it is two of one case. */
static enum wg_status find_event(struct wg_job *job, const struct wg_event *e,
                                 int64_t *id, struct wg_error *err)
{
    static const char by_uuid[] = "SELECT id FROM event WHERE uuid = ? LIMIT 1";
    static const char by_code[] =
        "SELECT id FROM event WHERE code = ? ORDER BY id LIMIT 1";
    const char *key = e->uuid ? e->uuid : e->code;
    bool made;
    *id = 0;
    if (!key)
        return WG_OK;
    enum wg_status st =
        wg_job_known(job, e->uuid ? by_uuid : by_code, key, id, &made, err);
    if (st || !made)
        return st;
    if (e->uuid)
        return wg_fail_event_already(job->fid, key, true, err);
    wg_job_repeated(job, key);
    *id = 0;
    return WG_OK;
}

static enum wg_status update_event(struct wg_job *job, int64_t id,
                                   const struct wg_event *from, struct wg_error *err)
{
    struct wg_event old;
    const int *field = job->field;
    wg_event_init(&old);
    enum wg_status st = wg_event_read(job->store, id, &old, err);
    if (st)
        return st;
    struct wg_event next = old;
    if (from->code)
        next.code = from->code;
    if (field[WG_F_CLASS] >= 0)
        next.class_code = from->class_code;
    if (field[WG_F_TITLE] >= 0)
        next.title = from->title;
    if (field[WG_F_DESCRIPTION] >= 0)
        next.description = from->description;
    if (field[WG_F_ADDRESS] >= 0)
        next.address = from->address;
    if (field[WG_F_SOURCE] >= 0)
        next.source = from->source;
    if (from->reported_at)
        next.reported_at = from->reported_at;
    if (from->occurred_at)
        next.occurred_at = from->occurred_at;
    if (field[WG_F_DUE] >= 0)
        next.due_at = from->due_at;
    if (field[WG_F_CLOSED] >= 0)
        next.closed_at = from->closed_at;
    if (field[WG_F_ACKNOWLEDGED] >= 0)
        next.acknowledged_at = from->acknowledged_at;
    if (field[WG_F_ALERT] >= 0)
        next.level = from->level;
    if (from->stage)
        next.stage = from->stage;
    if (!isnan(from->x)) {
        next.x = from->x;
        next.y = from->y;
    }
    st = wg_event_update(job->store, &next, err);
    wg_event_finish(&old);
    return st;
}

enum wg_status wg_fail_event_already(int64_t fid, const char *key, bool made,
                                     struct wg_error *err)
{
    if (made)
        return wg_fail_row(err, WG_EXISTS, fid,
                           _("its uuid “%s” is that of another feature of the file too"),
                           key);
    return wg_fail_row(err, WG_EXISTS, fid,
                       _("event “%s” is already there: say update to replace it"), key);
}

static enum wg_status meet_event(struct wg_job *job, int64_t id, const struct wg_event *e,
                                 struct wg_error *err)
{
    if (!job->opt->update)
        return wg_fail_event_already(job->fid, e->uuid ? e->uuid : e->code, false, err);
    return update_event(job, id, e, err);
}

static enum wg_status read_event(struct wg_job *job, struct wg_event *e,
                                 struct wg_error *err)
{
    struct wg_point at;
    wg_event_init(e);
    enum wg_status st = read_texts(job, e, err);
    if (!st)
        st = read_status(job, e, err);
    if (!st)
        st = wg_job_point(job, &at, err);
    if (st)
        return st;
    e->x = at.x;
    e->y = at.y;
    e->reported_at = wg_field_time(job, WG_F_TIME);
    e->occurred_at = wg_field_time(job, WG_F_OCCURRED);
    e->accuracy_m = wg_field_metres(job, WG_F_ACCURACY);
    if (e->closed_at && !e->reported_at)
        return wg_fail_row(
            err, WG_CONSTRAINT, job->fid,
            _("it was closed, yet when it was reported is not said: state the "
              "field of its time"));
    if (e->closed_at && strcmp(e->closed_at, e->reported_at) < 0)
        return wg_fail_row(err, WG_CONSTRAINT, job->fid,
                           _("it was closed (%s) before it was reported (%s)"),
                           e->closed_at, e->reported_at);
    return WG_OK;
}

enum wg_status wg_pack_event(struct wg_job *job, struct wg_batch *batch,
                             struct wg_item *item, struct wg_error *err)
{
    struct wg_event e;
    enum wg_status st = read_event(job, &e, err);
    if (st)
        return st;
    const char *const key[WG_N_KEY] = {[WG_KEY_CODE] = e.code, [WG_KEY_UUID] = e.uuid};
    batch->row.n_column = wg_event_columns();
    st = wg_batch_keys(batch, key, err);
    return st ? st
              : wg_event_pack(&e, wg_store_srid(job->store), &batch->row, &item->box,
                              err);
}

enum wg_status wg_row_event(struct wg_job *job, struct wg_error *err)
{
    struct wg_event e;
    int64_t id = 0;
    enum wg_status st = read_event(job, &e, err);
    if (st)
        return st;
    st = find_event(job, &e, &id, err);
    if (st)
        return st;
    bool is_new = !id;
    st =
        is_new ? wg_event_create(job->store, &e, &id, err) : meet_event(job, id, &e, err);
    if (!st)
        wg_job_made(job, id, is_new);
    return st;
}

/* Officers. */

struct duty_search {
    int64_t officer;
    bool found;
};

static bool see_duty(const struct wg_duty *duty, void *user)
{
    struct duty_search *search = user;
    search->found = search->found || duty->officer == search->officer;
    return !search->found;
}

static enum wg_status put_on_duty(struct wg_job *job, int64_t officer, const char *code,
                                  struct wg_error *err)
{
    struct wg_duty duty;
    struct duty_search search = {.officer = officer};
    wg_duty_init(&duty);
    duty.officer = officer;
    enum wg_status st = wg_grid_find(job->store, job->scheme, code, &duty.grid, err);
    if (st)
        return st;
    struct wg_filter filter = {.grid = duty.grid};
    st = wg_duty_each(job->store, &filter, see_duty, &search, err);
    if (!st && !search.found)
        st = wg_duty_create(job->store, &duty, NULL, err);
    return st;
}

/* "520602001, 520602002", also with 、 ； and the like between the codes. */
static enum wg_status put_on_duties(struct wg_job *job, int64_t officer, char *codes,
                                    struct wg_error *err)
{
    static const char *const wide[] = {"、", "；", "，"};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        for (char *at; (at = strstr(codes, wide[i]));)
            memcpy(at, ";;;", 3);
    char *rest = codes;
    for (char *code; (code = strtok_r(rest, ",;|", &rest));) {
        while (*code == ' ')
            code++;
        for (size_t n = strlen(code); n && code[n - 1] == ' ';)
            code[--n] = 0;
        enum wg_status st = *code ? put_on_duty(job, officer, code, err) : WG_OK;
        if (st)
            return st;
    }
    return WG_OK;
}

static enum wg_status update_officer(struct wg_job *job, int64_t id,
                                     const struct wg_officer *from, struct wg_error *err)
{
    struct wg_officer old;
    wg_officer_init(&old);
    enum wg_status st = wg_officer_read(job->store, id, &old, err);
    if (st)
        return st;
    struct wg_officer next = old;
    next.name = from->name;
    if (job->field[WG_F_PHONE] >= 0)
        next.phone = from->phone;
    if (job->field[WG_F_VALID_FROM] >= 0)
        next.valid_from = from->valid_from;
    if (job->field[WG_F_VALID_TO] >= 0)
        next.valid_to = from->valid_to;
    st = wg_officer_update(job->store, &next, err);
    wg_officer_finish(&old);
    return st;
}

static enum wg_status officer_texts(struct wg_job *job, struct wg_officer *o,
                                    const char **grids, struct wg_error *err)
{
    enum wg_status st = wg_field_text(job, WG_F_NAME, &o->name, err);
    if (!st)
        st = wg_field_text(job, WG_F_CODE, &o->code, err);
    if (!st)
        st = wg_field_text(job, WG_F_PHONE, &o->phone, err);
    if (!st)
        st = wg_field_text(job, WG_F_GRID, grids, err);
    o->valid_from = wg_field_time(job, WG_F_VALID_FROM);
    o->valid_to = wg_field_time(job, WG_F_VALID_TO);
    if (!st && !o->name)
        st = wg_fail_row(err, WG_CONSTRAINT, job->fid, _("it has no name"));
    return st;
}

enum wg_status wg_row_officer(struct wg_job *job, struct wg_error *err)
{
    struct wg_officer o;
    const char *grids = NULL;
    int64_t id = 0;
    wg_officer_init(&o);
    enum wg_status st = officer_texts(job, &o, &grids, err);
    if (!st && o.code) {
        st = wg_officer_find(job->store, o.code, &id, err);
        st = st == WG_NOT_FOUND ? WG_OK : st;
    }
    if (st)
        return st;
    bool is_new = !id;
    if (is_new)
        st = wg_officer_create(job->store, &o, &id, err);
    else if (job->opt->update)
        st = update_officer(job, id, &o, err);
    else
        st = wg_fail_row(err, WG_EXISTS, job->fid,
                         _("officer “%s” is already there: say update to replace it"),
                         o.code);
    if (!st && grids && !job->scheme)
        st = wg_start_scheme(job, err);
    if (!st && grids)
        st = put_on_duties(job, id, job->text[WG_F_GRID].text, err);
    if (!st)
        wg_job_made(job, id, is_new);
    return st;
}
