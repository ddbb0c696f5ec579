/* Owns drafts: saved, reviewed, scheduled, published edits. */
#include <string.h>

#include "internal.h"
#include "revision_job.h"
#include "row.h"
#include "statement.h"
#include "wangge/revision.h"

/* A row of the table, as far as publishing needs it. */
struct draft {
    int64_t id, base;
    char state[16];
    char *operations, *publisher, *author, *reason, *due_at;
    struct wg_delta delta;
};

static void draft_finish(struct draft *d)
{
    free(d->operations);
    free(d->publisher);
    free(d->author);
    free(d->reason);
    free(d->due_at);
    wg_delta_finish(&d->delta);
}

static enum wg_status find(struct wg_store *store, int64_t scheme, const char *name,
                           struct draft *out, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(store,
                 "SELECT id, base, state, operations, publisher, author, reason, due_at, "
                 "delta FROM draft WHERE scheme_id = ?1 AND name = ?2",
                 &q, err);
    *out = (struct draft){0};
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_text(q, 2, name);
    status = wg_step(q, &row, err);
    if (!status && !row)
        status = wg_fail(err, WG_NOT_FOUND, _("The scheme has no draft “%s”."),
                         name ? name : "");
    if (!status) {
        char **text[] = {&out->operations, &out->publisher, &out->author, &out->reason,
                         &out->due_at};
        size_t size;
        const void *blob = wg_column_blob(q, 8, &size);
        out->id = wg_column_int(q, 0);
        out->base = wg_column_int(q, 1);
        strncpy(out->state, wg_column_text(q, 2), sizeof out->state - 1);
        for (int i = 0; !status && i < 5; i++) {
            *text[i] = wg_strdup(wg_column_text(q, 3 + i));
            if (!*text[i] && wg_column_text(q, 3 + i))
                status = wg_fail_memory(err);
        }
        if (!status && !blob)
            status =
                wg_fail(err, WG_FORMAT, _("The draft “%s” has lost its edits."), name);
        if (!status)
            status = wg_delta_read(blob, size, &out->delta, err);
    }
    wg_done(q);
    if (status)
        draft_finish(out);
    return status;
}

static enum wg_status refuse_published(const struct draft *d, const char *name,
                                       struct wg_error *err)
{
    if (strcmp(d->state, "published") != 0)
        return WG_OK;
    return wg_fail(err, WG_INVALID,
                   _("The draft “%s” has been published.  Save a new one."), name);
}

/* ---- save and open ---- */

static enum wg_status write_draft(struct wg_store *store, const struct wg_coverage *c,
                                  const char *name, const char *author, const char *note,
                                  const void *bytes, size_t size, const char *operations,
                                  struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(
        store,
        "INSERT INTO draft (scheme_id, name, author, note, base, operations, delta) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (scheme_id, name) DO UPDATE SET "
        "author = excluded.author, note = excluded.note, state = 'draft', changed_at = "
        "strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), reviewer = NULL, publisher = NULL, "
        "reason "
        "= NULL, due_at = NULL, base = excluded.base, published = NULL, operations = "
        "excluded.operations, delta = excluded.delta",
        &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, wg_coverage_scheme(c));
    wg_bind_text(q, 2, name);
    wg_bind_text(q, 3, author);
    wg_bind_text(q, 4, note);
    wg_bind_int(q, 5, wg_coverage_revision(c));
    wg_bind_text(q, 6, operations);
    wg_bind_blob(q, 7, bytes, size);
    return wg_run(q, err);
}

static enum wg_status check_draft(const struct wg_coverage *c, const char *name,
                                  const char *author, struct wg_error *err)
{
    if (!name || !*name || !wg_text_is_utf8(name))
        return wg_fail(err, WG_INVALID, "%s", _("A draft needs a name."));
    if (!author || !*author)
        return wg_fail(err, WG_INVALID, "%s",
                       _("A change of boundaries needs the name of its author."));
    if (!wg_coverage_scheme(c))
        return wg_fail(err, WG_INVALID, "%s",
                       _("These boundaries were not opened from a scheme; there is "
                         "nothing to commit them to."));
    if (wg_coverage_undo_count(c) == 0)
        return wg_fail(err, WG_INVALID, "%s", _("Nothing was changed."));
    return WG_OK;
}

enum wg_status wg_draft_save(struct wg_store *store, const struct wg_coverage *coverage,
                             const char *name, const char *author, const char *note,
                             struct wg_error *err)
{
    struct wg_delta delta = {0};
    struct draft known = {0};
    char *operations = NULL;
    void *bytes = NULL;
    size_t size = 0;
    enum wg_status status = check_draft(coverage, name, author, err);
    if (!status)
        status = wg_coverage_delta(coverage, &delta, err);
    if (status)
        return status;
    status = wg_delta_write(&delta, &bytes, &size, err);
    operations = wg_revision_operations(coverage);
    if (!status && !operations)
        status = wg_fail_memory(err);
    if (!status)
        status = wg_save(store, err);
    if (!status) {
        if (!find(store, wg_coverage_scheme(coverage), name, &known, NULL))
            status = refuse_published(&known, name, err);
        draft_finish(&known);
        if (!status)
            status = write_draft(store, coverage, name, author, note, bytes, size,
                                 operations, err);
        status = wg_row_settle(store, status, err);
    }
    free(operations);
    free(bytes);
    wg_delta_finish(&delta);
    return status;
}

static enum wg_status open_found(struct wg_store *store, int64_t scheme,
                                 const struct draft *d, const char *name,
                                 struct wg_coverage **out, struct wg_conflict *conflict,
                                 struct wg_error *err)
{
    /* it was allowed when it was saved */
    enum wg_status status = wg_revision_apply(store, scheme, NULL, &d->delta, d->base,
                                              "draft", name, true, out, conflict, err);
    if (status == WG_CONFLICT)
        wg_revision_versions(store, scheme, d->base, &d->delta, conflict);
    return status;
}

enum wg_status wg_draft_open(struct wg_store *store, int64_t scheme, const char *name,
                             struct wg_coverage **out, struct wg_conflict *conflict,
                             struct wg_error *err)
{
    struct draft d = {0};
    struct wg_coverage *c = NULL;
    if (conflict)
        *conflict = (struct wg_conflict){0};
    enum wg_status status = wg_store_begin_read(store, err);
    if (status)
        return status;
    status = find(store, scheme, name, &d, err);
    if (!status)
        status = refuse_published(&d, name, err);
    if (!status)
        status = open_found(store, scheme, &d, name, &c, conflict, err);
    wg_store_commit(store, NULL); /* it only read */
    draft_finish(&d);
    if (!status)
        *out = c;
    return status;
}

/* ---- review ---- */

static enum wg_status set_state(struct wg_store *store, int64_t id, const char *sql,
                                const char *a, const char *b, const char *c,
                                struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(store, sql, &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, id);
    wg_bind_text(q, 2, a);
    if (b)
        wg_bind_text(q, 3, b);
    if (b)
        wg_bind_text(q, 4, c);
    return wg_run(q, err);
}

#define CHANGED "changed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

enum wg_status wg_draft_review(struct wg_store *store, int64_t scheme, const char *name,
                               const char *reviewer, struct wg_error *err)
{
    struct draft d = {0};
    if (!reviewer || !*reviewer)
        return wg_fail(err, WG_INVALID, "%s", _("Say who has reviewed the draft."));
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = find(store, scheme, name, &d, err);
    if (!status)
        status = refuse_published(&d, name, err);
    if (!status)
        status = set_state(store, d.id,
                           "UPDATE draft SET state = 'reviewed', reviewer = ?2, due_at = "
                           "NULL, " CHANGED " WHERE id = ?1",
                           reviewer, NULL, NULL, err);
    draft_finish(&d);
    return wg_row_settle(store, status, err);
}

/* ---- publish ---- */

static enum wg_status mark_published(struct wg_store *store, int64_t id, int64_t revision,
                                     struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(store,
                                     "UPDATE draft SET state = 'published', published = "
                                     "?2, " CHANGED " WHERE id = ?1",
                                     &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, id);
    wg_bind_int(q, 2, revision);
    return wg_run(q, err);
}

static enum wg_status publish_now(struct wg_store *store, int64_t scheme,
                                  const struct draft *d, const char *name,
                                  const struct wg_commit *commit, bool may_be_late,
                                  int64_t *revision, struct wg_conflict *conflict,
                                  struct wg_error *err)
{
    struct wg_coverage *c = NULL;
    struct wg_revision_words words = {.operations = d->operations,
                                      .may_be_late = may_be_late};
    enum wg_status status = open_found(store, scheme, d, name, &c, conflict, err);
    words.carves = d->operations && (strstr(d->operations, "\"op\": \"carve\"") ||
                                     strstr(d->operations, "\"op\": \"draw\""));
    if (!status)
        status = wg_revision_commit(c, store, commit, &words, revision, conflict, err);
    if (!status)
        status = mark_published(store, d->id, *revision, err);
    wg_coverage_close(c);
    return status;
}

static enum wg_status schedule(struct wg_store *store, int64_t id,
                               const struct wg_commit *commit, const char *due,
                               struct wg_error *err)
{
    return set_state(store, id,
                     "UPDATE draft SET state = 'scheduled', due_at = ?2, publisher = ?3, "
                     "reason = ?4, " CHANGED " WHERE id = ?1",
                     due, commit->author, commit->reason, err);
}

enum wg_status wg_draft_publish(struct wg_store *store, int64_t scheme, const char *name,
                                const struct wg_commit *commit, int64_t *revision,
                                struct wg_conflict *conflict, struct wg_error *err)
{
    char due[WG_INSTANT_SIZE], now[WG_INSTANT_SIZE];
    struct draft d = {0};
    int64_t number = 0;
    if (conflict)
        *conflict = (struct wg_conflict){0};
    if (!commit || !commit->author || !*commit->author)
        return wg_fail(err, WG_INVALID, "%s",
                       _("A change of boundaries needs the name of its author."));
    enum wg_status status = wg_row_time(commit->at, "at", due, err);
    if (!status)
        status = wg_store_begin_bulk(store, err);
    if (status)
        return status;
    status = find(store, scheme, name, &d, err);
    if (!status)
        status = refuse_published(&d, name, err);
    wg_instant_format(wg_instant_now(), now);
    if (!status && commit->at && strcmp(due, now) > 0)
        status = schedule(store, d.id, commit, due, err);
    else if (!status)
        status =
            publish_now(store, scheme, &d, name, commit, false, &number, conflict, err);
    draft_finish(&d);
    if (!status)
        status = wg_release(store, err);
    else
        wg_revert(store);
    if (!status && revision)
        *revision = number;
    return status;
}

/* ---- what is due ---- */

struct due {
    int64_t scheme;
    char *name;
};

struct dues {
    struct due *at;
    size_t n, cap;
};

static enum wg_status list_due(struct wg_store *store, struct dues *list,
                               struct wg_error *err)
{
    char now[WG_INSTANT_SIZE];
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(store,
                 "SELECT scheme_id, name FROM draft WHERE state = 'scheduled' AND due_at "
                 "<= ?1 ORDER BY due_at, id",
                 &q, err);
    if (status)
        return status;
    wg_instant_format(wg_instant_now(), now);
    wg_bind_text(q, 1, now);
    while (!(status = wg_step(q, &row, err)) && row) {
        void *array = list->at;
        if (!wg_grow(&array, &list->cap, list->n + 1, sizeof *list->at)) {
            status = wg_fail_memory(err);
            break;
        }
        list->at = array;
        list->at[list->n] =
            (struct due){wg_column_int(q, 0), wg_strdup(wg_column_text(q, 1))};
        if (!list->at[list->n++].name) {
            status = wg_fail_memory(err);
            break;
        }
    }
    wg_done(q);
    return status;
}

/* Each in a transaction of its own; asked again inside it, another program may have been
 * quicker. */
static enum wg_status publish_one(struct wg_store *store, const struct due *due,
                                  bool *done, struct wg_error *err)
{
    struct draft d = {0};
    int64_t revision = 0;
    enum wg_status status = wg_store_begin_bulk(store, err);
    if (status)
        return status;
    status = find(store, due->scheme, due->name, &d, err);
    if (!status && strcmp(d.state, "scheduled") == 0) {
        struct wg_commit commit = {d.publisher ? d.publisher : d.author, d.reason,
                                   d.due_at};
        status = publish_now(store, due->scheme, &d, due->name, &commit, true, &revision,
                             NULL, err);
        *done = !status;
    }
    draft_finish(&d);
    if (!status)
        return wg_release(store, err);
    wg_revert(store);
    return status;
}

/* What fails for every draft alike; anything else is the trouble of one. */
static bool is_of_the_file(enum wg_status status)
{
    return status == WG_NO_MEMORY || status == WG_IO || status == WG_READ_ONLY ||
           status == WG_BUSY || status == WG_CORRUPT;
}

enum wg_status wg_draft_publish_due(struct wg_store *store, struct wg_warn warn,
                                    int64_t *n, struct wg_error *err)
{
    struct dues list = {0};
    int64_t count = 0;
    enum wg_status status = list_due(store, &list, err);
    for (size_t i = 0; !status && i < list.n; i++) {
        struct wg_error why = {0};
        bool done = false;
        status = publish_one(store, &list.at[i], &done, &why);
        count += done;
        if (status && !is_of_the_file(status)) {
            if (warn.call)
                warn.call(why.text, warn.user);
            status = WG_OK;
        } else if (status && err) {
            *err = why;
        }
    }
    for (size_t i = 0; i < list.n; i++)
        free(list.at[i].name);
    free(list.at);
    if (n)
        *n = count;
    return status;
}

/* ---- discard and list ---- */

enum wg_status wg_draft_discard(struct wg_store *store, int64_t scheme, const char *name,
                                struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status =
        wg_query(store, "DELETE FROM draft WHERE scheme_id = ?1 AND name = ?2", &q, err);
    if (!status) {
        wg_bind_int(q, 1, scheme);
        wg_bind_text(q, 2, name);
        status = wg_run(q, err);
    }
    if (!status && wg_changes(store) == 0)
        status = wg_fail(err, WG_NOT_FOUND, _("The scheme has no draft “%s”."),
                         name ? name : "");
    return wg_row_settle(store, status, err);
}

enum wg_status wg_draft_each(struct wg_store *store, int64_t scheme, wg_draft_fn *fn,
                             void *user, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(store,
                 "SELECT name, author, note, state, changed_at, reviewer, due_at, base, "
                 "published, operations FROM draft WHERE scheme_id = ?1 ORDER BY "
                 "changed_at, id",
                 &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    while (!(status = wg_step(q, &row, err)) && row) {
        struct wg_draft d = {.name = wg_column_text(q, 0),
                             .author = wg_column_text(q, 1),
                             .note = wg_column_text(q, 2),
                             .state = wg_column_text(q, 3),
                             .changed_at = wg_column_text(q, 4),
                             .reviewer = wg_column_text(q, 5),
                             .due_at = wg_column_text(q, 6),
                             .base = wg_column_int(q, 7),
                             .published = wg_column_int(q, 8),
                             .operations = wg_column_text(q, 9)};
        if (!fn(&d, user))
            break;
    }
    wg_done(q);
    return status;
}
