/* wangge grid log, show, revert, lineage, count: what was, and what became of it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

#define SCHEME                                                                           \
    {                                                                                    \
        "scheme", "NAME", N_("the scheme; may be left out when there is one")            \
    }
#define FORMAT                                                                           \
    {                                                                                    \
        "format", "table|csv|json", N_("how to print")                                   \
    }

/* ---- log ---- */

static const struct out_column log_columns[] = {
    {"revision", N_("revision"), OUT_INT},     {"valid_from", N_("valid from"), OUT_TEXT},
    {"author", N_("author"), OUT_TEXT},        {"reason", N_("reason"), OUT_TEXT},
    {"changed", N_("changed"), OUT_INT},       {"begun", N_("new"), OUT_INT},
    {"ended", N_("ended"), OUT_INT},           {"reverts", N_("takes back"), OUT_INT},
    {"recorded_at", N_("recorded"), OUT_TEXT}, {"base", N_("base"), OUT_INT},
    {"operations", N_("operations"), OUT_TEXT}};
enum { LOG_COLUMNS = sizeof log_columns / sizeof *log_columns };

struct listing {
    struct out_list *list;
    enum out_format format;
    bool operations; /* JSON as it is, for programs */
};

/* The names of the operations, for a table: "split, move ×3". */
static void short_operations(const char *json, char *out, size_t size)
{
    size_t used = 0, n = 0;
    char last[32] = "";
    int times = 0;
    *out = '\0';
    for (const char *at = json ? strstr(json, "\"op\"") : NULL; used + 48 < size;) {
        char name[32] = "";
        if (at) {
            const char *quote = strchr(at + 4, '"');
            n = quote ? strcspn(quote + 1, "\"") : 0;
            snprintf(name, sizeof name, "%.*s", (int)n, quote ? quote + 1 : "");
        }
        if (at && strcmp(name, last) == 0) {
            times++;
        } else {
            if (times > 1)
                used += (size_t)snprintf(out + used, size - used, " ×%d", times);
            if (!at)
                break;
            used +=
                (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", name);
            snprintf(last, sizeof last, "%s", name);
            times = 1;
        }
        at = strstr(at + 4, "\"op\"");
    }
}

static bool log_json(const struct wg_revision *r)
{
    json_open(NULL, '{');
    json_int("revision", r->number);
    json_int("base", r->base);
    json_text("recorded_at", r->recorded_at);
    json_text("valid_from", r->valid_from);
    json_text("author", r->author);
    json_text("reason", r->reason);
    if (r->reverts)
        json_int("reverts", r->reverts);
    else
        json_null("reverts");
    json_int("changed", r->n_changed);
    json_int("begun", r->n_begun);
    json_int("ended", r->n_ended);
    json_raw("operations", r->operations && *r->operations ? r->operations : NULL);
    json_close('}');
    return !tool_stopped();
}

static bool log_row(const struct wg_revision *r, void *user)
{
    struct listing *l = user;
    char words[160];
    if (l->format == OUT_JSON)
        return log_json(r);
    short_operations(r->operations, words, sizeof words);
    out_int(l->list, r->number);
    out_text(l->list, r->valid_from);
    out_text(l->list, r->author);
    out_text(l->list, r->reason);
    out_known_int(l->list, r->n_changed);
    out_known_int(l->list, r->n_begun);
    out_known_int(l->list, r->n_ended);
    out_int(l->list, r->reverts ? r->reverts : WG_UNKNOWN);
    out_text(l->list, r->recorded_at);
    out_known_int(l->list, r->base);
    out_text(l->list, l->format == OUT_CSV ? r->operations : words);
    out_row(l->list);
    return !tool_stopped();
}

static enum tool_exit run_log(const struct args *args)
{
    struct grid_job job = {0};
    struct listing l = {0};
    struct wg_error err;
    struct out_column column[LOG_COLUMNS];
    int64_t limit;
    if (!tool_format(args, &l.format) || !args_integer(args, "limit", 0, &limit))
        return TOOL_USAGE;
    if (limit < 0 || (limit == 0 && args_has(args, "limit")))
        return tool_usage(args, _("--limit goes from 1, not \"%s\""),
                          args_get(args, "limit"));
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, true))
        goto out;
    for (int i = 0; i < LOG_COLUMNS; i++) {
        column[i] = log_columns[i];
        column[i].title = _(column[i].title);
    }
    if (l.format == OUT_JSON)
        json_open(NULL, '[');
    else
        l.list = out_list_begin(l.format, LOG_COLUMNS, column);
    enum wg_status status =
        wg_revision_each(job.store, job.scheme, (uint64_t)limit, log_row, &l, &err);
    if (l.list)
        out_list_end(l.list, status == WG_OK);
    if (l.format == OUT_JSON) {
        json_close(']');
        json_end();
    }
    exit = status == WG_OK ? TOOL_OK : tool_fail(args, &err);
out:
    grid_close(&job);
    return exit;
}

/* ---- show ---- */

static bool parse_number(const struct args *args, int at, int64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoll(args->word[at], &end, 10);
    if (end != args->word[at] && !*end && !errno && *out >= 0)
        return true;
    tool_usage(args, _("a revision is a number that wangge grid log shows, not \"%s\""),
               args->word[at]);
    return false;
}

static bool show_row(const struct wg_revision *r, void *user)
{
    const struct args *args = user;
    if (args_has(args, "json")) {
        log_json(r);
        json_end();
        return true;
    }
    const char *const row[][2] = {{_("valid from"), r->valid_from},
                                  {_("recorded"), r->recorded_at},
                                  {_("author"), r->author},
                                  {_("reason"), r->reason}};
    printf("%s: %lld\n", _("revision"), (long long)r->number);
    printf("%s: %lld\n", _("base"), (long long)r->base);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i][1] && *row[i][1])
            printf("%s: %s\n", row[i][0], row[i][1]);
    if (r->reverts)
        printf("%s: %lld\n", _("takes back"), (long long)r->reverts);
    printf("%s: %lld, %s: %lld, %s: %lld\n", _("changed"), (long long)r->n_changed,
           _("new"), (long long)r->n_begun, _("ended"), (long long)r->n_ended);
    if (r->operations)
        printf("%s: %s\n", _("operations"), r->operations);
    return true;
}

static enum tool_exit run_show(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    int64_t number;
    if (!parse_number(args, 1, &number))
        return TOOL_USAGE;
    enum tool_exit exit = TOOL_FAILED;
    if (grid_open_store(&job, args, true))
        exit = wg_revision_read(job.store, job.scheme, number, show_row,
                                (void *)(uintptr_t)args, &err) == WG_OK
                   ? TOOL_OK
                   : tool_fail(args, &err);
    grid_close(&job);
    return exit;
}

/* ---- revert ---- */

static enum tool_exit run_revert(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    struct wg_conflict conflict = {0};
    char text[WG_INSTANT_SIZE];
    struct wg_commit commit = {grid_author(args), args_get(args, "reason"), NULL};
    int64_t number, revision = 0;
    if (!parse_number(args, 1, &number) || !tool_instant(args, "at", text, &commit.at))
        return TOOL_USAGE;
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, false))
        goto out;
    enum wg_status status = wg_revision_revert(job.store, job.scheme, number, &commit,
                                               &revision, &conflict, &err);
    exit = status == WG_OK         ? TOOL_OK
           : status == WG_CONFLICT ? grid_conflict(args, &conflict, &err)
                                   : tool_fail(args, &err);
    wg_conflict_finish(&conflict);
    if (exit != TOOL_OK)
        goto out;
    if (args_has(args, "json")) {
        json_open(NULL, '{');
        json_int("revision", revision);
        json_int("reverts", number);
        json_close('}');
        json_end();
    }
    tool_say(args, _("Revision %lld takes back %lld."), (long long)revision,
             (long long)number);
out:
    grid_close(&job);
    return exit;
}

/* ---- lineage ---- */

static bool lineage_row(const struct wg_lineage *g, void *user)
{
    struct out_list *list = user;
    out_known_int(list, g->revision);
    out_text(list, g->from_code);
    out_text(list, wg_lineage_name(g->how));
    out_text(list, g->to_code);
    out_real(list, g->area_m2, 1);
    out_text(list, g->at);
    out_row(list);
    return !tool_stopped();
}

static enum tool_exit run_lineage(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    enum out_format format;
    int64_t grid = 0;
    bool back = args_has(args, "back"), forward = args_has(args, "forward");
    if (!tool_format(args, &format))
        return TOOL_USAGE;
    if (back && forward)
        return tool_usage(args, "%s", _("--back and --forward exclude each other"));
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, true))
        goto out;
    if (args->n > 1 &&
        wg_grid_find(job.store, job.scheme, args->word[1], &grid, &err) != WG_OK) {
        exit = tool_fail(args, &err);
        goto out;
    }
    const struct out_column column[] = {
        {"revision", _("revision"), OUT_INT}, {"from", _("from"), OUT_TEXT},
        {"how", _("how"), OUT_TEXT},          {"to", _("to"), OUT_TEXT},
        {"area_m2", _("area m²"), OUT_REAL},  {"at", _("at"), OUT_TEXT}};
    struct out_list *list =
        out_list_begin(format, sizeof column / sizeof *column, column);
    enum wg_status status = WG_OK;
    /* Of one grid both ways, unless one is asked for. */
    if (grid == 0 || !forward)
        status = wg_lineage_each(job.store, job.scheme, grid, true,
                                 args_has(args, "deep"), lineage_row, list, &err);
    if (status == WG_OK && grid && !back)
        status = wg_lineage_each(job.store, job.scheme, grid, false,
                                 args_has(args, "deep"), lineage_row, list, &err);
    out_list_end(list, status == WG_OK);
    exit = status == WG_OK ? TOOL_OK : tool_fail(args, &err);
out:
    grid_close(&job);
    return exit;
}

/* ---- count ---- */

static bool count_row(const struct wg_period_count *c, void *user)
{
    struct out_list *list = user;
    out_text(list, c->grid ? c->code : NULL);
    out_known_int(list, c->events);
    out_known_int(list, c->open);
    out_known_int(list, c->closed);
    out_real(list, c->area_m2, 0);
    out_row(list);
    return !tool_stopped();
}

static enum tool_exit run_count(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_error err;
    enum out_format format;
    char from_text[WG_INSTANT_SIZE], to_text[WG_INSTANT_SIZE];
    const char *from, *to;
    if (!tool_format(args, &format) || !grid_need(args, "from") ||
        !grid_need(args, "to") || !tool_instant(args, "from", from_text, &from) ||
        !tool_instant(args, "to", to_text, &to))
        return TOOL_USAGE;
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, true))
        goto out;
    const struct out_column column[] = {{"grid", _("grid"), OUT_TEXT},
                                        {"events", _("events"), OUT_INT},
                                        {"open", _("open"), OUT_INT},
                                        {"closed", _("closed"), OUT_INT},
                                        {"area_m2", _("area m²"), OUT_REAL}};
    struct out_list *list =
        out_list_begin(format, sizeof column / sizeof *column, column);
    enum wg_status status =
        wg_period_count_each(job.store, job.scheme, from, to, count_row, list, &err);
    out_list_end(list, status == WG_OK);
    exit = status == WG_OK ? TOOL_OK : tool_fail(args, &err);
out:
    grid_close(&job);
    return exit;
}

/* ---- the verbs ---- */

static const struct tool_option log_options[] = {
    SCHEME, {"limit", "N", N_("the latest N only")}, FORMAT, {NULL, NULL, NULL}};

const struct tool_verb grid_log = {"grid log",
                                   "DATABASE [options]",
                                   N_("the revisions of a scheme: when, who, why, what"),
                                   NULL,
                                   1,
                                   1,
                                   log_options,
                                   run_log,
                                   NULL,
                                   NULL};

static const struct tool_option show_options[] = {SCHEME, {NULL, NULL, NULL}};

const struct tool_verb grid_show = {"grid show",
                                    "DATABASE REVISION [options]",
                                    N_("one revision with its operations"),
                                    NULL,
                                    2,
                                    2,
                                    show_options,
                                    run_show,
                                    NULL,
                                    NULL};

static const struct tool_option revert_options[] = {
    SCHEME,
    {"author", "NAME", N_("who changes it; default: the login name")},
    {"reason", "TEXT", N_("why; it stands in the log")},
    {"at", "TIME", N_("since when it holds; default: now")},
    {NULL, NULL, NULL},
};

const struct tool_verb grid_revert = {
    "grid revert",
    "DATABASE REVISION [options]",
    N_("take a revision back by a new one"),
    N_("Grids it ended come back under their codes, grids it made end.  If the same\n"
       "boundaries have changed since, both versions are shown and nothing is written."),
    2,
    2,
    revert_options,
    run_revert,
    NULL,
    NULL};

static const struct tool_option lineage_options[] = {
    SCHEME,
    {"back", NULL, N_("only where it came from")},
    {"forward", NULL, N_("only what became of it")},
    {"deep", NULL, N_("through all generations")},
    FORMAT,
    {NULL, NULL, NULL}};

const struct tool_verb grid_lineage = {
    "grid lineage",
    "DATABASE [CODE] [--back | --forward] [--deep]",
    N_("which grid came from which"),
    N_("Split, merged, carved, transferred: from, to and the area that went.  Without a\n"
       "code all of the scheme."),
    1,
    2,
    lineage_options,
    run_lineage,
    NULL,
    NULL};

static const struct tool_option count_options[] = {
    SCHEME,
    {"from", "TIME", N_("events that happened then or later")},
    {"to", "TIME", N_("and before then")},
    FORMAT,
    {NULL, NULL, NULL}};

const struct tool_verb grid_count = {
    "grid count",
    "DATABASE --from TIME --to TIME [options]",
    N_("events by the grid that held when they happened"),
    NULL,
    1,
    1,
    count_options,
    run_count,
    NULL,
    NULL};
