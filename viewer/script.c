/* Lines of commands, run between frames. */
#include "script.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "command.h"
#include "hud/hud.h"
#include "input.h"
#include "words.h"

#define PATIENCE_S 120.0 /* of "wait ready" */

struct script {
    char **line;
    size_t n, at;
    double until_s;         /* a wait ends then; < 0: none */
    double began_s;         /* "wait ready" began; < 0: it has not */
    bool settled;           /* the frame before a snapshot was drawn */
    struct event queued[8]; /* one a frame, as a window would give them */
    int n_queued, sent;
};

/* --- reading --- */

static char *trimmed(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        s[--n] = '\0';
    return s;
}

static bool add_line(struct script *s, const char *text)
{
    char **line = realloc(s->line, (s->n + 1) * sizeof *line);
    if (!line)
        return false;
    s->line = line;
    char *copy = strdup(text);
    s->line[s->n] = copy;
    s->n += copy != NULL;
    return copy != NULL;
}

struct script *script_open(const char *path, char *why, size_t size)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *f = standard ? stdin : fopen(path, "r");
    struct script *s = calloc(1, sizeof *s);
    char *text = NULL;
    size_t room = 0;
    if (!f || !s) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        goto fail;
    }
    while (getline(&text, &room, f) >= 0)
        if (!add_line(s, trimmed(text))) {
            snprintf(why, size, "%s", strerror(ENOMEM));
            goto fail;
        }
    if (ferror(f)) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        goto fail;
    }
    s->until_s = s->began_s = -1;
    free(text);
    if (!standard)
        fclose(f);
    return s;

fail:
    free(text);
    if (f && !standard)
        fclose(f);
    script_close(s);
    return NULL;
}

void script_close(struct script *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->line[i]);
    free(s->line);
    free(s);
}

/* --- pretending a person --- */

static void queue(struct script *s, struct event e)
{
    if (s->n_queued < (int)(sizeof s->queued / sizeof *s->queued))
        s->queued[s->n_queued++] = e;
}

static struct event at(enum event_kind kind, double x, double y)
{
    return (struct event){.kind = kind, .x = x, .y = y};
}

static void queue_click(struct script *s, double x, double y)
{
    queue(s, at(EVENT_PRESS, x, y));
    queue(s, at(EVENT_RELEASE, x, y));
}

static void queue_drag(struct script *s, const double p[4], int button)
{
    struct event e = at(EVENT_PRESS, p[0], p[1]);
    e.button = button;
    queue(s, e);
    for (int i = 1; i <= 4; i++)
        queue(s,
              at(EVENT_MOVE, p[0] + (p[2] - p[0]) * i / 4, p[1] + (p[3] - p[1]) * i / 4));
    e = at(EVENT_RELEASE, p[2], p[3]);
    e.button = button;
    queue(s, e);
}

static bool queue_key(struct script *s, const char *name)
{
    int mods, key = input_key_parse(name, &mods);
    if (!key)
        return false;
    queue(s, (struct event){.kind = EVENT_KEY, .key = key, .mods = mods});
    if (key > ' ' && key < 127 && !(mods & (MOD_CTRL | MOD_ALT)))
        queue(s, (struct event){.kind = EVENT_TEXT,
                                .codepoint =
                                    (uint32_t)(unsigned char)name[strlen(name) - 1]});
    return true;
}

/* The lines that stand for a person's hand; *known tells whether it was one. */
static bool hand(struct script *s, const char *line, bool *known)
{
    double p[4];
    char word[32] = "";
    int n = 0;
    *known = true;
    if (sscanf(line, "click %lf %lf%n", &p[0], &p[1], &n) == 2 && !line[n])
        queue_click(s, p[0], p[1]);
    else if (sscanf(line, "doubleclick %lf %lf%n", &p[0], &p[1], &n) == 2 && !line[n]) {
        queue_click(s, p[0], p[1]);
        queue_click(s, p[0], p[1]);
    } else if (sscanf(line, "move %lf %lf%n", &p[0], &p[1], &n) == 2 && !line[n])
        queue(s, at(EVENT_MOVE, p[0], p[1]));
    else if (sscanf(line, "scroll %lf %lf %lf%n", &p[0], &p[1], &p[2], &n) == 3 &&
             !line[n]) {
        struct event e = at(EVENT_SCROLL, p[0], p[1]);
        e.dy = p[2];
        queue(s, e);
    } else if (sscanf(line, "drag %lf %lf %lf %lf%n %31s", &p[0], &p[1], &p[2], &p[3], &n,
                      word) >= 4 &&
               (!word[0] || strcmp(word, "right") == 0))
        queue_drag(s, p, word[0] ? BUTTON_RIGHT : BUTTON_LEFT);
    else if (strncmp(line, "key ", 4) == 0)
        return queue_key(s, line + 4);
    else
        *known = false;
    return true;
}

/* --- waiting --- */

static bool is_ready(const struct app *app)
{
    return app->state != APP_LOADING && app->flight.duration_s <= 0;
}

/* True: the line is done with. */
static bool wait_is_over(struct script *s, struct app *app, const char *what, bool *ok)
{
    char *end;
    app->dirty = true; /* the clock of the loop goes on */
    *ok = true;
    if (strcmp(what, "ready") == 0) {
        if (s->began_s < 0)
            s->began_s = app->now_s;
        *ok = app->now_s - s->began_s < PATIENCE_S && app->state != APP_FAILED;
        if (!is_ready(app) && *ok)
            return false;
        hud_settle(app->hud);
        s->began_s = -1;
        return true;
    }
    double seconds = strtod(what, &end);
    *ok = end != what && !*end && seconds >= 0;
    if (s->until_s < 0)
        s->until_s = app->now_s + seconds;
    if (*ok && app->now_s < s->until_s)
        return false;
    s->until_s = -1;
    return true;
}

/* --- running --- */

enum line_result { LINE_DONE, LINE_AGAIN, LINE_NEXT_FRAME, LINE_WRONG };

static enum line_result run_line(struct script *s, struct app *app, const char *line,
                                 char *why, size_t size)
{
    bool ok, known;
    if (!*line || *line == '#')
        return LINE_DONE;
    if (strncmp(line, "wait ", 5) == 0) {
        if (!wait_is_over(s, app, line + 5, &ok))
            return LINE_AGAIN;
        snprintf(why, size, "%s",
                 app->error.text[0] ? app->error.text : _("the wait came to nothing"));
        return ok ? LINE_NEXT_FRAME : LINE_WRONG;
    }
    /* A picture shows what the lines before it did: panels read, one frame drawn. */
    if (strncmp(line, "snapshot", 8) == 0 && !s->settled) {
        hud_settle(app->hud);
        app->dirty = true;
        s->settled = true;
        return LINE_AGAIN;
    }
    s->settled = false;
    ok = hand(s, line, &known);
    if (known) {
        snprintf(why, size, "%s", _("no such key"));
        return ok ? LINE_NEXT_FRAME : LINE_WRONG;
    }
    ok = command_run(app, line, why, size);
    return ok ? LINE_DONE : LINE_WRONG;
}

enum script_result script_step(struct script *s, struct app *app, char *why, size_t size)
{
    char words[1200] = "";
    for (;;) {
        if (s->sent < s->n_queued) {
            input_event(app, &s->queued[s->sent++]);
            app->dirty = true;
            return SCRIPT_MORE;
        }
        s->sent = s->n_queued = 0;
        if (s->at >= s->n || app->quit)
            return SCRIPT_END;
        enum line_result r = run_line(s, app, s->line[s->at], words, sizeof words);
        if (r == LINE_WRONG) {
            snprintf(why, size, _("line %zu of the script, \"%s\": %s"), s->at + 1,
                     s->line[s->at], words);
            return SCRIPT_FAILED;
        }
        if (r != LINE_AGAIN)
            s->at++;
        if (r != LINE_DONE)
            return SCRIPT_MORE;
    }
}
