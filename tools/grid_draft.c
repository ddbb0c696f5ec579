/* wangge grid draft …, publish: changes that wait. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

#define SCHEME                                                                           \
    {                                                                                    \
        "scheme", "NAME", N_("the scheme; may be left out when there is one")            \
    }

/* ---- list, show ---- */

static const struct out_column columns[] = {
    {"name", N_("name"), OUT_TEXT},          {"state", N_("state"), OUT_TEXT},
    {"author", N_("author"), OUT_TEXT},      {"reviewer", N_("reviewer"), OUT_TEXT},
    {"changed_at", N_("changed"), OUT_TEXT}, {"due_at", N_("due"), OUT_TEXT},
    {"base", N_("base"), OUT_INT},           {"published", N_("published"), OUT_INT},
    {"note", N_("note"), OUT_TEXT}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool print_row(const struct wg_draft *d, void *user)
{
    struct out_list *list = user;
    out_text(list, d->name);
    out_text(list, d->state);
    out_text(list, d->author);
    out_text(list, d->reviewer);
    out_text(list, d->changed_at);
    out_text(list, d->due_at);
    out_known_int(list, d->base);
    out_int(list, d->published ? d->published : WG_UNKNOWN);
    out_text(list, d->note);
    out_row(list);
    return !tool_stopped();
}

static enum tool_exit run_list(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    enum out_format format;
    struct out_column column[COLUMNS];
    if (!tool_format(args, &format))
        return TOOL_USAGE;
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, true))
        goto out;
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = columns[i];
        column[i].title = _(column[i].title);
    }
    struct out_list *list = out_list_begin(format, COLUMNS, column);
    enum wg_status status = wg_draft_each(job.store, job.scheme, print_row, list, &err);
    out_list_end(list, status == WG_OK);
    exit = status == WG_OK ? TOOL_OK : tool_fail(args, &err);
out:
    grid_close(&job);
    return exit;
}

struct shown {
    const struct args *args;
    bool found;
};

static bool show_one(const struct wg_draft *d, void *user)
{
    struct shown *s = user;
    if (strcmp(d->name, s->args->word[1]) != 0)
        return true;
    s->found = true;
    if (args_has(s->args, "json")) {
        json_open(NULL, '{');
        json_text("name", d->name);
        json_text("state", d->state);
        json_text("author", d->author);
        json_text("reviewer", d->reviewer);
        json_text("changed_at", d->changed_at);
        json_text("due_at", d->due_at);
        json_int("base", d->base);
        json_int("published", d->published);
        json_text("note", d->note);
        json_raw("operations", d->operations);
        json_close('}');
        json_end();
        return false;
    }
    const char *const row[][2] = {
        {_("name"), d->name},          {_("state"), d->state},
        {_("author"), d->author},      {_("reviewer"), d->reviewer},
        {_("changed"), d->changed_at}, {_("due"), d->due_at},
        {_("note"), d->note},          {_("operations"), d->operations}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i][1] && *row[i][1])
            printf("%s: %s\n", row[i][0], row[i][1]);
    printf("%s: %lld\n", _("base"), (long long)d->base);
    if (d->published)
        printf("%s: %lld\n", _("published"), (long long)d->published);
    return false;
}

static enum tool_exit run_show(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    struct shown shown = {args, false};
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, true))
        goto out;
    exit = TOOL_OK;
    if (wg_draft_each(job.store, job.scheme, show_one, &shown, &err) != WG_OK) {
        exit = tool_fail(args, &err);
    } else if (!shown.found) {
        err = (struct wg_error){.status = WG_NOT_FOUND, .row = -1, .x = NAN, .y = NAN};
        snprintf(err.text, sizeof err.text,
                 _("There is no draft \"%s\"; wangge grid draft list shows them."),
                 args->word[1]);
        exit = tool_fail(args, &err);
    }
out:
    grid_close(&job);
    return exit;
}

/* ---- review, publish, discard ---- */

static void made(const struct args *args, int64_t revision, const char *state)
{
    if (!args_has(args, "json"))
        return;
    json_open(NULL, '{');
    json_text("draft", args->word[1]);
    json_text("state", state);
    if (revision)
        json_int("revision", revision);
    else
        json_null("revision");
    json_close('}');
    json_end();
}

static enum tool_exit run_review(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    const char *reviewer = args_get(args, "reviewer");
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, false))
        goto out;
    if (wg_draft_review(job.store, job.scheme, args->word[1],
                        reviewer ? reviewer : grid_author(args), &err) != WG_OK) {
        exit = tool_fail(args, &err);
        goto out;
    }
    made(args, 0, "reviewed");
    tool_say(args, _("Draft \"%s\" is reviewed."), args->word[1]);
    exit = TOOL_OK;
out:
    grid_close(&job);
    return exit;
}

static enum tool_exit publish(struct grid_job *job)
{
    const struct args *args = job->args;
    char text[WG_INSTANT_SIZE];
    struct wg_conflict conflict = {0};
    struct wg_error err;
    struct wg_commit c = {grid_author(args), args_get(args, "reason"), NULL};
    int64_t revision = 0;
    enum tool_exit exit = TOOL_OK;
    if (!tool_instant(args, "at", text, &c.at))
        return TOOL_USAGE;
    enum wg_status status = wg_draft_publish(job->store, job->scheme, args->word[1], &c,
                                             &revision, &conflict, &err);
    if (status == WG_CONFLICT)
        exit = grid_conflict(args, &conflict, &err);
    else if (status != WG_OK)
        exit = tool_fail(args, &err);
    wg_conflict_finish(&conflict);
    if (exit != TOOL_OK)
        return exit;
    made(args, revision, revision ? "published" : "scheduled");
    if (revision)
        tool_say(args, _("Revision %lld."), (long long)revision);
    else
        tool_say(args,
                 _("Scheduled for %s as draft \"%s\"; wangge grid publish --due commits "
                   "it then."),
                 c.at ? c.at : "", args->word[1]);
    return TOOL_OK;
}

static enum tool_exit publish_due(struct grid_job *job)
{
    struct wg_error err;
    int64_t n = 0;
    if (wg_draft_publish_due(job->store, tool_warn(job->args), &n, &err) != WG_OK)
        return tool_fail(job->args, &err);
    if (args_has(job->args, "json")) {
        json_open(NULL, '{');
        json_int("published", n);
        json_close('}');
        json_end();
    }
    tool_say(job->args, _("%lld drafts were due and are published."), (long long)n);
    return TOOL_OK;
}

static enum tool_exit run_publish(const struct args *args)
{
    struct grid_job job = {0};
    bool due = args_has(args, "due");
    if (due == (args->n > 1))
        return tool_usage(args, "%s", _("either a draft's name or --due is required"));
    if (due) {
        job.args = args;
        job.store = tool_open(args, 0, false);
    }
    enum tool_exit exit = TOOL_FAILED;
    if (due ? job.store != NULL : grid_open_store(&job, args, false))
        exit = due ? publish_due(&job) : publish(&job);
    grid_close(&job);
    return exit;
}

static enum tool_exit run_discard(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, false))
        goto out;
    if (wg_draft_discard(job.store, job.scheme, args->word[1], &err) != WG_OK) {
        exit = tool_fail(args, &err);
        goto out;
    }
    made(args, 0, "discarded");
    tool_say(args, _("Draft \"%s\" is discarded."), args->word[1]);
    exit = TOOL_OK;
out:
    grid_close(&job);
    return exit;
}

/* ---- the table ---- */

static const struct tool_option list_options[] = {
    SCHEME,
    {"format", "table|csv|json", N_("how to print")},
    {NULL, NULL, NULL},
};
static const struct tool_verb draft_list = {"grid draft list",
                                            "DATABASE [options]",
                                            N_("the drafts of a scheme"),
                                            NULL,
                                            1,
                                            1,
                                            list_options,
                                            run_list,
                                            NULL,
                                            NULL};

static const struct tool_option plain_options[] = {SCHEME, {NULL, NULL, NULL}};
static const struct tool_verb draft_show = {
    "grid draft show",
    "DATABASE NAME",
    N_("what is in a draft"),
    N_("Its edits, in order.  wangge grid preview shows what they do to each grid."),
    2,
    2,
    plain_options,
    run_show,
    NULL,
    NULL};
static const struct tool_verb draft_discard = {"grid draft discard",
                                               "DATABASE NAME",
                                               N_("throw a draft away"),
                                               NULL,
                                               2,
                                               2,
                                               plain_options,
                                               run_discard,
                                               NULL,
                                               NULL};

static const struct tool_option review_options[] = {
    SCHEME,
    {"reviewer", "NAME", N_("who has looked at it; default: the login name")},
    {NULL, NULL, NULL},
};
static const struct tool_verb draft_review = {
    "grid draft review",
    "DATABASE NAME [--reviewer NAME]",
    N_("say that a draft has been looked at"),
    N_("A draft that is changed afterwards is no longer reviewed."),
    2,
    2,
    review_options,
    run_review,
    NULL,
    NULL};

static const struct tool_option publish_options[] = {
    SCHEME,
    {"author", "NAME", N_("who publishes it; default: the login name")},
    {"reason", "TEXT", N_("why; it stands in the log")},
    {"at", "TIME", N_("since when it holds; in the future: it is scheduled")},
    {"due", NULL, N_("commit what is scheduled and due, of all schemes")},
    {NULL, NULL, NULL},
};
static const struct tool_verb draft_publish = {
    "grid draft publish",
    "DATABASE NAME [--at TIME] [options]",
    N_("make a draft a revision, now or at a date"),
    N_("If somebody has changed the same boundaries since, both versions are shown and\n"
       "nothing is written."),
    2,
    2,
    publish_options,
    run_publish,
    NULL,
    NULL};

const struct tool_verb grid_publish = {
    "grid publish",
    "DATABASE --due | NAME [--at TIME] [options]",
    N_("commit what is scheduled and due; publish a draft"),
    N_("Run it with --due regularly, as from cron.  A draft that conflicts stays\n"
       "scheduled, with a warning."),
    1,
    2,
    publish_options,
    run_publish,
    NULL,
    NULL};

static const struct tool_option save_options[] = {
    {"script", "FILE", N_("one edit a line; - for standard input")},
    {NULL, NULL, NULL},
};
static enum tool_exit run_save(const struct args *args)
{
    struct args as_edit = *args;
    if (!grid_need(args, "script"))
        return TOOL_USAGE;
    if (args_has(args, "draft") || args->n_option == ARGS_MAX)
        return tool_usage(args, "%s", _("the draft is the word behind the database"));
    as_edit.name[as_edit.n_option] = "draft";
    as_edit.value[as_edit.n_option++] = args->word[1];
    as_edit.verb = &grid_edit;
    return grid_run_edit(&as_edit);
}
static const struct tool_verb draft_save = {
    "grid draft save",
    "DATABASE NAME --script FILE [options]",
    N_("add the edits of a script to a draft, new or known"),
    N_("Every edit of wangge grid does the same for itself with --draft NAME."),
    2,
    2,
    save_options,
    run_save,
    grid_edit_options,
    NULL};

static const struct tool_verb *const drafts[] = {
    &draft_list,    &draft_show,    &draft_save, &draft_review,
    &draft_publish, &draft_discard, NULL};
static const struct tool_option none[] = {{NULL, NULL, NULL}};

const struct tool_verb grid_draft = {
    "grid draft",
    "VERB DATABASE [NAME] …",
    N_("changes that wait: saved, reviewed, published at a date"),
    NULL,
    0,
    0,
    none,
    NULL,
    NULL,
    drafts};
