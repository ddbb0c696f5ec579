/* wangge grid edit, preview: a script of edits, all in one commit or none. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

/* The next word of a line as a shell would take it: blanks end it, '…' and "…" hold them
 * together, a backslash takes what follows as it is (not in '…').  The word is made in
 * place.  NULL at the end; *open when a quote is not closed. */
static char *next_word(char **at, bool *open)
{
    char *from = *at + strspn(*at, " \t\r\n"), *to = from, *word = from, quote = 0;
    if (!*from || *from == '#')
        return NULL;
    for (; *from && (quote || !strchr(" \t\r\n", *from)); from++) {
        if (quote ? *from == quote : *from == '\'' || *from == '"')
            quote = quote ? 0 : *from;
        else if (*from == '\\' && quote != '\'' && from[1])
            *to++ = *++from;
        else
            *to++ = *from;
    }
    *open = quote != 0;
    *at = from + (*from != '\0');
    *to = '\0';
    return word;
}

static enum tool_exit run_line(struct grid_job *job, char *line)
{
    char *word[ARGS_MAX + 1], *w;
    int n = 0;
    bool open = false;
    struct args args;
    word[n++] = (char *)(uintptr_t)job->args->word[0];
    char *first = next_word(&line, &open);
    if (!first)
        return TOOL_OK;
    while (!open && n < ARGS_MAX && (w = next_word(&line, &open)))
        word[n++] = w;
    if (open)
        return tool_usage(job->args, "%s", _("a quote is not closed"));
    const struct grid_edit *edit = grid_find_edit(job->args, first);
    if (!edit || !args_parse_line(&edit->verb, n, word, &args))
        return TOOL_USAGE;
    if (args.help)
        return tool_usage(job->args, "%s", _("--help is not for a script"));
    args.json = args_has(job->args, "json");
    return edit->step(job, &args);
}

static enum tool_exit cannot_read(struct grid_job *job, const char *path)
{
    struct wg_error err = {.status = WG_IO, .row = -1, .x = NAN, .y = NAN};
    snprintf(err.text, sizeof err.text, _("%s cannot be read: %s"), path,
             strerror(errno ? errno : EIO));
    return tool_fail(job->args, &err);
}

enum tool_exit grid_run_script(struct grid_job *job, const char *path)
{
    bool in = strcmp(path, "-") == 0;
    FILE *f = in ? stdin : fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    int64_t done = 0;
    enum tool_exit status = TOOL_OK;
    if (!f)
        return cannot_read(job, path);
    job->script = in ? _("standard input") : path;
    while (status == TOOL_OK && getline(&line, &cap, f) >= 0) {
        size_t before = wg_coverage_undo_count(job->coverage);
        job->line++;
        status = run_line(job, line);
        done += wg_coverage_undo_count(job->coverage) != before;
    }
    if (status != TOOL_OK)
        fprintf(stderr, _("wangge %s: %s, line %lld: nothing was changed\n"),
                job->args->verb->name, job->script, (long long)job->line);
    else if (ferror(f))
        status = cannot_read(job, path);
    else if (done == 0)
        status = tool_usage(job->args, _("%s has no edits"), job->script);
    free(line);
    if (!in)
        fclose(f);
    job->line = 0;
    return status;
}

static enum tool_exit run_script(const struct args *args)
{
    return grid_need(args, "script") ? grid_run_edit(args) : TOOL_USAGE;
}

static enum tool_exit run_preview(const struct args *args)
{
    if (!args_has(args, "script") && !args_has(args, "draft"))
        return tool_usage(args, "%s", _("--script or --draft is required"));
    return grid_run_edit(args);
}

static const struct tool_option options[] = {
    {"script", "FILE", N_("one edit a line; - for standard input")},
    {NULL, NULL, NULL},
};

const struct tool_verb grid_edit = {
    "grid edit",
    "DATABASE --script FILE [options]",
    N_("many edits in one revision, all of them or none"),
    N_("Each line is an edit in the words of its own command, without the database and "
       "the\n"
       "options that all edits share; blanks in a word are quoted as in a shell, and "
       "what\n"
       "follows # is a remark:\n\n"
       "  split 999999001001001 --line 'LINESTRING(617300 3067800, 617400 3067810)'\n"
       "  move --at-point 617350,3067900 --to @1.5,0   # off the wall\n\n"
       "A line that is wrong is named, and nothing is changed."),
    1,
    1,
    options,
    run_script,
    grid_edit_options,
    NULL};

const struct tool_verb grid_preview = {
    "grid preview",
    "DATABASE --draft NAME | --script FILE [options]",
    N_("what a draft or a script does to each grid, before → after"),
    N_("Area, buildings, households, population, open events, officers, cut buildings "
       "and\n"
       "norms of each grid touched.  Nothing is written.  For a single edit take "
       "--dry-run."),
    1,
    1,
    options,
    run_preview,
    grid_edit_options,
    NULL};
