/* What the verbs share: opening the database, talking, progress. */
#include "tool.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* A second Ctrl-C ends the program at once; the database's journal can bear it. */
static void catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool tool_stopped(void)
{
    return interrupted || ferror(stdout);
}

static bool drawn; /* a progress line stands on the terminal */

static void clear_progress(void)
{
    if (drawn)
        fputs("\r\033[K", stderr);
    drawn = false;
}

enum tool_exit tool_fail(const struct args *args, const struct wg_error *err)
{
    return tool_fail_more(args, err, NULL, NULL);
}

enum tool_exit tool_fail_more(const struct args *args, const struct wg_error *err,
                              void (*more)(void *user), void *user)
{
    clear_progress();
    if (!interrupted && ferror(stdout)) /* stopped for that; tool_finish says why */
        return TOOL_FAILED;
    if (interrupted || err->status == WG_CANCELLED) {
        fprintf(stderr, "wangge %s: %s\n", args->verb->name,
                _("interrupted; nothing was changed"));
        return TOOL_INTERRUPTED;
    }
    fprintf(stderr, "wangge %s: %s\n", args->verb->name, err->text);
    if ((args->json || args_has(args, "json")) && !json_begun()) {
        json_open(NULL, '{');
        json_open("error", '{');
        json_text("status", wg_status_name(err->status));
        json_text("text", err->text);
        if (err->row >= 0)
            json_int("row", err->row);
        if (isfinite(err->x) && isfinite(err->y)) {
            json_real("x", err->x);
            json_real("y", err->y);
        }
        if (more)
            more(user);
        json_close('}');
        json_close('}');
        json_end();
    }
    return TOOL_FAILED;
}

enum tool_exit tool_usage(const struct args *args, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "wangge %s: ", args->verb->name);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    return TOOL_USAGE;
}

void tool_say(const struct args *args, const char *format, ...)
{
    clear_progress();
    if (args_has(args, "quiet"))
        return;
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
}

void tool_made(const struct args *args, const char *path, int64_t count)
{
    if (!args_has(args, "json"))
        return;
    json_open(NULL, '{');
    json_text("file", path);
    if (count >= 0)
        json_int("count", count);
    json_close('}');
    json_end();
}

struct wait {
    const struct args *args;
    bool said;
};

/* Another program writes: say so once, and let Ctrl-C end the wait. */
static bool on_wait(uint64_t done_ms, uint64_t total_ms, void *user)
{
    struct wait *wait = user;
    (void)total_ms;
    if (done_ms >= 500 && !wait->said) {
        tool_say(wait->args,
                 _("wangge %s: waiting for another program to finish writing"),
                 wait->args->verb->name);
        wait->said = true;
    }
    return !interrupted;
}

struct wg_store *tool_open(const struct args *args, int at, bool read_only)
{
    double wait_s;
    if (!args_number(args, "wait", 600, &wait_s))
        return NULL;
    static struct wait wait;
    wait.args = args;
    struct wg_open_options options = {.read_only = read_only,
                                      .waiting = {on_wait, &wait}};
    if (!read_only)
        catch_signals();
    options.busy_timeout_ms = wait_s <= 0        ? 1
                              : wait_s > 2000000 ? INT32_MAX
                                                 : (int)(wait_s * 1000);
    struct wg_store *store = NULL;
    struct wg_error err;
    if (wg_store_open(args->word[at], &options, &store, &err) != WG_OK) {
        tool_fail(args, &err);
        return NULL;
    }
    return store;
}

bool tool_scheme(const struct args *args, struct wg_store *store, int64_t *id)
{
    struct wg_error err;
    if (wg_scheme_find(store, args_get(args, "scheme"), id, &err) == WG_OK)
        return true;
    tool_fail(args, &err);
    return false;
}

bool tool_frame(const struct args *args, const char **frame)
{
    const char *crs = args_get(args, "crs"), *named = args_get(args, "frame");
    if (crs && named) {
        tool_usage(args, "%s", _("--crs and --frame exclude each other"));
        return false;
    }
    if (named && strcmp(named, "gcj02") != 0 && strcmp(named, "bd09") != 0 &&
        strcmp(named, "bd09mc") != 0) {
        tool_usage(args,
                   _("--frame takes gcj02, bd09 or bd09mc, not \"%s\"; for a CRS "
                     "use --crs"),
                   named);
        return false;
    }
    *frame = crs ? crs : named;
    return true;
}

bool tool_format(const struct args *args, enum out_format *format)
{
    const char *text = args_get(args, "format");
    *format = args_has(args, "json") ? OUT_JSON : OUT_TABLE;
    if (text && !out_format_parse(text, format)) {
        tool_usage(args, _("--format takes table, csv or json, not \"%s\""), text);
        return false;
    }
    return true;
}

bool tool_engine(const struct args *args, enum wg_engine *engine)
{
    const char *text = args_get(args, "engine");
    *engine = WG_ENGINE_INDEX;
    if (!text || strcmp(text, "index") == 0)
        return true;
    *engine = WG_ENGINE_SPATIALITE;
    if (strcmp(text, "spatialite") == 0)
        return true;
    tool_usage(args, _("--engine takes index or spatialite, not \"%s\""), text);
    return false;
}

bool tool_instant(const struct args *args, const char *name, char text[WG_INSTANT_SIZE],
                  const char **out)
{
    const char *given = args_get(args, name);
    int64_t ms;
    struct wg_error err;
    *out = NULL;
    if (!given)
        return true;
    if (wg_instant_parse(given, 0, &ms, &err) != WG_OK) {
        tool_usage(args, "--%s: %s", name, err.text);
        return false;
    }
    wg_instant_format(ms, text);
    *out = text;
    return true;
}

static bool show_progress(uint64_t done, uint64_t total, void *user)
{
    const struct args *args = user;
    if (isatty(STDERR_FILENO) && !args_has(args, "quiet")) {
        if (total)
            fprintf(stderr, "\r%3d %%  %llu / %llu\033[K",
                    (int)(100 * (double)done / (double)total), (unsigned long long)done,
                    (unsigned long long)total);
        else
            fprintf(stderr, "\r%llu\033[K", (unsigned long long)done);
        drawn = true;
        if (done == total)
            clear_progress();
    }
    return !interrupted;
}

struct wg_progress tool_progress(const struct args *args)
{
    catch_signals();
    struct wg_progress progress = {show_progress, (void *)(uintptr_t)args};
    return progress;
}

static void show_warning(const char *text, void *user)
{
    const struct args *args = user;
    clear_progress();
    if (!args_has(args, "quiet"))
        fprintf(stderr, "wangge %s: %s %s\n", args->verb->name, _("warning:"), text);
}

struct wg_warn tool_warn(const struct args *args)
{
    struct wg_warn warn = {show_warning, (void *)(uintptr_t)args};
    return warn;
}

enum tool_exit tool_finish(const struct args *args, enum tool_exit status)
{
    if (out_flush())
        return status;
    if (errno != EPIPE) /* the reader has gone: nothing to say, and no one to hear it */
        fprintf(stderr, _("wangge %s: cannot write the output: %s\n"),
                args ? args->verb->name : "--help", strerror(errno));
    return status == TOOL_OK ? TOOL_FAILED : status;
}
