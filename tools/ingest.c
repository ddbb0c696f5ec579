/* wangge ingest: events from a stream, one JSON object a line, acknowledged line by line
 * when they are on the disk. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "json_read.h"
#include "tool.h"

enum { SCHEMES_MAX = 64 };

struct stream {
    const struct args *args;
    struct wg_ingest *queue;
    struct wg_transform *transform; /* NULL: already in the district's CRS */
    const char *frame;
    bool json;
    /* columns of the answer */
    size_t n_scheme;
    int64_t scheme[SCHEMES_MAX];
    char *name[SCHEMES_MAX];
    int64_t number;             /* of the line at hand */
    int64_t bad;                /* lines refused while they were read */
    int64_t refused, in, known; /* of the queue's thread */
};

/* ---- answers: in the queue's thread ---- */

static const char *grid_of(const struct wg_ingest_receipt *r, int64_t scheme)
{
    for (size_t i = 0; i < r->n_owner; i++)
        if (r->owner[i].scheme == scheme && r->owner[i].grid)
            return r->owner[i].grid_code;
    return NULL;
}

static void answer_json(const struct stream *s, const struct wg_ingest_receipt *r)
{
    char key[300];
    json_open(NULL, '{');
    json_text("uuid", r->uuid);
    json_int("line", (int64_t)r->tag);
    json_int("id", r->id);
    json_bool("known", r->known);
    for (size_t i = 0; i < s->n_scheme; i++) {
        snprintf(key, sizeof key, "grid.%s", s->name[i]);
        json_text(key, grid_of(r, s->scheme[i]));
    }
    json_close('}');
    json_end();
}

static void answer_text(const struct stream *s, const struct wg_ingest_receipt *r)
{
    fputs(r->uuid, stdout);
    for (size_t i = 0; i < s->n_scheme; i++) {
        const char *code = grid_of(r, s->scheme[i]);
        putchar('\t');
        fputs(code ? code : "-", stdout);
    }
    putchar('\n');
}

static void say_bad(const struct stream *s, int64_t line, const char *why)
{
    fprintf(stderr, _("wangge %s: line %lld: %s\n"), s->args->verb->name, (long long)line,
            why);
}

static void answer(const struct wg_ingest_receipt *r, void *user)
{
    struct stream *s = user;
    if (r->status != WG_OK) {
        s->refused++;
        say_bad(s, (int64_t)r->tag, r->error->text);
    } else {
        s->in += !r->known;
        s->known += r->known;
        (s->json ? answer_json : answer_text)(s, r);
    }
    if (r->last) {
        fflush(stdout);
        out_failed();
    }
}

/* ---- lines ---- */

struct line {
    struct wg_event event;
    char why[400];
};

static bool wrong(struct line *line, const char *format, ...) WG_PRINTF(2, 3);

static bool wrong(struct line *line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(line->why, sizeof line->why, format, list);
    va_end(list);
    return false;
}

static bool take_text(struct line *line, const struct json_field *f, const char **out)
{
    if (f->type != JSON_TEXT)
        return wrong(line, _("%s must be a text"), f->name);
    *out = f->text;
    return true;
}

/* A uuid is answered in a line of its own: nothing in it may end or part that line. */
static bool take_uuid(struct line *line, const struct json_field *f, const char **out)
{
    if (!take_text(line, f, out))
        return false;
    for (const char *c = *out; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return wrong(line, _("a uuid cannot hold control characters"));
    return true;
}

static bool take_number(struct line *line, const struct json_field *f, double *out)
{
    if (f->type != JSON_NUMBER)
        return wrong(line, _("%s must be a number"), f->name);
    *out = f->number;
    return true;
}

static bool take_id(struct line *line, const struct json_field *f, int64_t *out)
{
    double number = 0;
    if (!take_number(line, f, &number))
        return false;
    if (number < 1 || number > 9007199254740992.0 || number != floor(number))
        return wrong(line, _("%s must be an id: a whole number from 1 on"), f->name);
    *out = (int64_t)number;
    return true;
}

/* A stage or level by its number or by its word. */
static bool take_word(struct line *line, const struct json_field *f,
                      int (*parse)(const char *), int unknown, int *out)
{
    int value = unknown;
    if (f->type == JSON_TEXT)
        value = parse(f->text);
    else if (f->type == JSON_NUMBER && f->number == floor(f->number) &&
             fabs(f->number) < 100)
        value = (int)f->number;
    if (value == unknown)
        return wrong(line, _("%s: there is no such value"), f->name);
    *out = value;
    return true;
}

/* Fields by the name they have in the file or in wg_event. */
#define TEXT(name, member)                                                               \
    {                                                                                    \
        name, offsetof(struct wg_event, member)                                          \
    }
static const struct {
    const char *name;
    size_t at;
} texts[] = {
    TEXT("code", code),
    TEXT("class", class_code),
    TEXT("class_code", class_code),
    TEXT("title", title),
    TEXT("description", description),
    TEXT("address", address),
    TEXT("source", source),
    TEXT("frame", frame),
    TEXT("time", reported_at),
    TEXT("reported_at", reported_at),
    TEXT("occurred_at", occurred_at),
    TEXT("due", due_at),
    TEXT("due_at", due_at),
    TEXT("closed_at", closed_at),
    TEXT("acknowledged_at", acknowledged_at),
};

static bool take_other(struct line *line, const struct json_field *f)
{
    struct wg_event *e = &line->event;
    const char *n = f->name;
    if (strcmp(n, "uuid") == 0)
        return take_uuid(line, f, &e->uuid);
    if (strcmp(n, "x") == 0)
        return take_number(line, f, &e->x);
    if (strcmp(n, "y") == 0)
        return take_number(line, f, &e->y);
    if (strcmp(n, "accuracy") == 0 || strcmp(n, "accuracy_m") == 0)
        return take_number(line, f, &e->accuracy_m);
    if (strcmp(n, "building") == 0)
        return take_id(line, f, &e->building);
    if (strcmp(n, "part") == 0)
        return take_id(line, f, &e->part);
    if (strcmp(n, "stage") == 0)
        return take_word(line, f, wg_stage_parse, 0, &e->stage);
    if (strcmp(n, "level") == 0)
        return take_word(line, f, wg_alert_parse, -1, &e->level);
    return wrong(line, _("there is no field \"%.80s\" of an event"), n);
}

static bool take_field(struct line *line, const struct json_field *f)
{
    if (f->type == JSON_NULL)
        return true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(f->name, texts[i].name) == 0)
            return take_text(line, f,
                             (const char **)(void *)((char *)&line->event + texts[i].at));
    return take_other(line, f);
}

static bool place(const struct stream *s, struct line *line)
{
    struct wg_event *e = &line->event;
    double x = e->x, y = e->y;
    bool ok = true;
    if (!s->transform || isnan(e->x) || isnan(e->y))
        return true;
    if (!e->frame)
        e->frame = s->frame;
    wg_transform_each(s->transform, 1, &e->x, &e->y, &ok);
    return ok || wrong(line, _("the place (%.15g, %.15g) is not in the reach of %s"), x,
                       y, s->frame);
}

static bool read_line(const struct stream *s, char *text, size_t length,
                      struct line *line)
{
    struct json_object object;
    wg_event_init(&line->event);
    if (!json_read(text, length, &object))
        return wrong(line, _("byte %lld: %s"), (long long)object.at + 1, object.why);
    for (size_t i = 0; i < object.n; i++)
        if (!take_field(line, &object.field[i]))
            return false;
    return place(s, line);
}

static void put_line(struct stream *s, char *text, size_t length)
{
    struct line line;
    struct wg_error err;
    const char *why = line.why;
    bool ok = read_line(s, text, length, &line);
    if (ok && wg_ingest_put(s->queue, &line.event, (uint64_t)s->number, NULL, &err)) {
        why = err.text;
        ok = false;
    }
    if (ok)
        return;
    s->bad++;
    say_bad(s, s->number, why);
}

/* False when the input could not be read to its end. */
static bool put_all(struct stream *s)
{
    char *text = NULL;
    size_t cap = 0;
    ssize_t length;
    while (!tool_stopped() && (length = getline(&text, &cap, stdin)) >= 0) {
        char *from = text;
        size_t n = (size_t)length;
        s->number++;
        if (s->number == 1 && n >= 3 && memcmp(from, "\xef\xbb\xbf", 3) == 0) {
            from += 3; /* the byte order mark of Windows programs */
            n -= 3;
        }
        while (n && (from[n - 1] == '\n' || from[n - 1] == '\r'))
            from[--n] = 0;
        if (strspn(from, " \t\r\n") < n)
            put_line(s, from, n);
    }
    int why = errno;
    free(text);
    errno = why;
    return !ferror(stdin) || tool_stopped();
}

/* ---- the run ---- */

struct listing {
    struct stream *stream;
    const char *only;
};

static bool add_scheme(const struct wg_scheme *scheme, void *user)
{
    struct listing *l = user;
    struct stream *s = l->stream;
    if ((l->only && strcmp(l->only, scheme->name) != 0) || s->n_scheme == SCHEMES_MAX)
        return true;
    s->scheme[s->n_scheme] = scheme->id;
    s->name[s->n_scheme] = strdup(scheme->name);
    return s->name[s->n_scheme++] != NULL;
}

static enum tool_exit prepare(const struct args *args, struct stream *s)
{
    struct wg_error err;
    struct wg_district district;
    struct listing listing = {s, args_get(args, "scheme")};
    int64_t id;
    enum tool_exit status = TOOL_FAILED;
    struct wg_store *store = tool_open(args, 0, false);
    if (!store)
        return TOOL_FAILED;
    if (listing.only && !tool_scheme(args, store, &id))
        goto out;
    if (wg_scheme_each(store, NULL, add_scheme, &listing, &err) != WG_OK) {
        status = tool_fail(args, &err);
        goto out;
    }
    status = TOOL_OK;
    if (!s->frame)
        goto out;
    if (wg_district_read(store, &district, &err) != WG_OK) {
        status = tool_fail(args, &err);
        goto out;
    }
    if (wg_transform_create(s->frame, district.crs, &s->transform, &err) != WG_OK)
        status = tool_fail(args, &err);
    wg_district_finish(&district);
out:
    wg_store_close(store);
    return status;
}

static enum tool_exit finish(const struct args *args, const struct stream *s, bool whole)
{
    if (!whole) {
        fprintf(stderr, _("wangge %s: cannot read the input: %s\n"), args->verb->name,
                strerror(errno));
        return TOOL_FAILED;
    }
    tool_say(args, _("%lld events taken in, %lld known before, %lld lines refused"),
             (long long)s->in, (long long)s->known, (long long)(s->bad + s->refused));
    if (ferror(stdout)) /* stopped for that; tool_finish says why */
        return TOOL_FAILED;
    if (tool_stopped())
        return TOOL_INTERRUPTED;
    return s->bad + s->refused ? TOOL_FINDINGS : TOOL_OK;
}

static bool read_options(const struct args *args, struct wg_ingest_options *options)
{
    int64_t group, delay;
    double wait_s;
    if (!args_integer(args, "group", 100, &group) ||
        !args_integer(args, "delay", 5, &delay) ||
        !args_number(args, "wait", 600, &wait_s))
        return false;
    if (group < 1 || group > 100000 || delay < 0 || delay > 60000) {
        tool_usage(args, "%s",
                   _("--group takes 1 to 100000 events, --delay 0 to 60000 ms"));
        return false;
    }
    options->group_max = (size_t)group;
    options->wait_ms = delay ? (int)delay : -1;
    options->patience_ms = wait_s < 0.001     ? 1
                           : wait_s > 2000000 ? INT32_MAX
                                              : (int)(wait_s * 1000);
    return true;
}

static enum tool_exit run(const struct args *args)
{
    struct stream s = {.args = args, .json = args_has(args, "json")};
    struct wg_ingest_options options = {.done = answer, .user = &s};
    struct wg_error err;
    if (!tool_frame(args, &s.frame) || !read_options(args, &options))
        return TOOL_USAGE;
    enum tool_exit status = prepare(args, &s);
    if (status == TOOL_OK &&
        wg_ingest_open(args->word[0], &options, &s.queue, &err) != WG_OK)
        status = tool_fail(args, &err);
    if (status == TOOL_OK) {
        bool whole = put_all(&s);
        int why = errno;
        wg_ingest_close(s.queue);
        errno = why;
        status = finish(args, &s, whole);
    }
    for (size_t i = 0; i < s.n_scheme; i++)
        free(s.name[i]);
    wg_transform_destroy(s.transform);
    return status;
}

static const struct tool_option options[] = {
    {"scheme", "NAME", N_("answer with the grid of this scheme only")},
    {"crs", "CRS", N_("CRS of x and y; default: the district's")},
    {"frame", "gcj02|bd09", N_("frame of x and y, instead of --crs")},
    {"group", "N", N_("events a commit holds at most (default 100)")},
    {"delay", "MS",
     N_("how long an event waits for others to share its commit (default 5)")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_ingest = {
    "ingest",
    "DATABASE [--group N] [--delay MS] [--crs CRS | --frame F] < lines",
    N_("take events in as they come, a JSON object a line"),
    N_("Reads lines like {\"x\": 109.19, \"y\": 27.72, \"title\": \"...\"}.  Fields: "
       "uuid, x, y,\n"
       "code, class, title, description, address, source, time, occurred_at, accuracy,\n"
       "building, part, stage, level, due, closed_at, acknowledged_at; none is needed.\n"
       "Answers each event with a line, its uuid and the code of its grid in each "
       "scheme\n"
       "(\"-\" outside), when it is on the disk and not before.  A uuid that is there\n"
       "already is answered as that event: what got no answer can be sent again.  A bad\n"
       "line is named on standard error; the others go in, and the exit status is 3.\n\n"
       "Example:\n  gateway | wangge ingest river.wangge --frame gcj02 --scheme basic"),
    1,
    1,
    options,
    run,
    NULL,
    NULL};
