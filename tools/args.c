/* The command line: parsing, help, suggestions. */
#include "args.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"

const struct tool_option args_common[] = {
    {"json", NULL, N_("answer in JSON")},
    {"lang", "en|zh", N_("language of messages; default: the locale's")},
    {"quiet", NULL, N_("no progress, no remarks")},
    {"wait", "SECONDS", N_("how long to wait for another writer (default 600)")},
    {"help", NULL, N_("this page")},
    {NULL, NULL, NULL},
};

static const struct tool_option *find_in(const struct tool_option *list, const char *name,
                                         size_t length)
{
    for (; list && list->name; list++)
        if (strlen(list->name) == length && memcmp(list->name, name, length) == 0)
            return list;
    return NULL;
}

static const struct tool_option *find(const struct args *args, const char *name,
                                      size_t length)
{
    const struct tool_option *o = find_in(args->verb->option, name, length);
    if (!o && !args->line)
        o = find_in(args->verb->more, name, length);
    return o || args->line ? o : find_in(args_common, name, length);
}

const char *args_word(const struct tool_verb *verb)
{
    const char *space = strrchr(verb->name, ' ');
    return space ? space + 1 : verb->name;
}

/* Levenshtein distance, for short words. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(b), row[64];
    if (strlen(a) >= 64 || n >= 64)
        return 99;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t change = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            size_t best = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;
            row[j + 1] = change < best ? change : best;
        }
    }
    return row[n];
}

const char *args_suggest(const char *typed, size_t n, const char *const *candidate)
{
    const char *best = NULL;
    size_t least = strlen(typed) / 3 + 1;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(typed, candidate[i]);
        if (d <= least) {
            least = d;
            best = candidate[i];
        }
    }
    return best;
}

static void unknown_option(const struct args *args, const char *typed)
{
    const struct tool_verb *verb = args->verb;
    const struct tool_option *list[] = {verb->option, args->line ? NULL : verb->more,
                                        args->line ? NULL : args_common};
    const char *names[ARGS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        for (const struct tool_option *o = list[i]; o && o->name && n < ARGS_MAX; o++)
            names[n++] = o->name;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(typed, "="), typed);
    const char *near = args_suggest(name, n, names);
    if (near)
        fprintf(stderr, _("wangge %s: unknown option --%s; did you mean --%s?\n"),
                verb->name, name, near);
    else
        fprintf(stderr, _("wangge %s: unknown option --%s; see wangge %s --help\n"),
                verb->name, name, verb->name);
}

static void unknown_short(const struct tool_verb *verb, const char *typed)
{
    fprintf(stderr,
            _("wangge %s: unknown option %s; options begin with two dashes, see "
              "wangge %s --help\n"),
            verb->name, typed, verb->name);
}

static bool take_option(struct args *out, int argc, char **argv, int *at)
{
    const struct tool_verb *verb = out->verb;
    const char *text = argv[*at] + 2;
    size_t length = strcspn(text, "=");
    const struct tool_option *o = find(out, text, length);
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    if (!o) {
        unknown_option(out, text);
        return false;
    }
    if (!o->value && value) {
        fprintf(stderr, _("wangge %s: --%s takes no value\n"), verb->name, o->name);
        return false;
    }
    if (o->value && !value) {
        if (*at + 1 >= argc) {
            fprintf(stderr, _("wangge %s: --%s needs a value: %s\n"), verb->name, o->name,
                    o->value);
            return false;
        }
        value = argv[++*at];
    }
    if (out->n_option == ARGS_MAX) {
        fprintf(stderr, _("wangge %s: too many options\n"), verb->name);
        return false;
    }
    out->name[out->n_option] = o->name;
    out->value[out->n_option++] = value ? value : "";
    return true;
}

int args_leading(int argc, char **argv, int from)
{
    int i = from;
    while (i < argc && strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i], "--help") != 0) {
        const char *name = argv[i] + 2;
        size_t length = strcspn(name, "=");
        const struct tool_option *o = find_in(args_common, name, length);
        if (!o)
            break;
        i += o->value && !name[length] ? 2 : 1;
    }
    return i < argc ? i : argc;
}

static bool parse(struct args *out, int argc, char **argv)
{
    const struct tool_verb *verb = out->verb;
    bool only_words = false;
    for (int i = 0; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words &&
                   (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)) {
            out->help = true;
            return true;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1] == '-') {
            if (!take_option(out, argc, argv, &i))
                return false;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
            unknown_short(verb, argv[i]);
            return false;
        } else if (out->n == ARGS_MAX) {
            break;
        } else {
            out->word[out->n++] = argv[i];
        }
    }
    if (out->n < verb->least || out->n > verb->most) {
        fprintf(stderr, _("usage: wangge %s %s\nwangge %s --help says more\n"),
                verb->name, verb->usage, verb->name);
        return false;
    }
    return true;
}

bool args_parse(const struct tool_verb *verb, int argc, char **argv, struct args *out)
{
    memset(out, 0, sizeof *out);
    out->verb = verb;
    return parse(out, argc, argv);
}

bool args_parse_line(const struct tool_verb *verb, int argc, char **argv,
                     struct args *out)
{
    memset(out, 0, sizeof *out);
    out->verb = verb;
    out->line = true;
    return parse(out, argc, argv);
}

const char *args_get(const struct args *args, const char *name)
{
    for (int i = args->n_option - 1; i >= 0; i--)
        if (strcmp(args->name[i], name) == 0)
            return args->value[i];
    return NULL;
}

bool args_has(const struct args *args, const char *name)
{
    return args_get(args, name) != NULL;
}

bool args_number(const struct args *args, const char *name, double fallback, double *out)
{
    const char *text = args_get(args, name);
    if (!text) {
        *out = fallback;
        return true;
    }
    char *end;
    *out = strtod(text, &end);
    if (end == text || *end || !isfinite(*out)) {
        fprintf(stderr, _("wangge %s: --%s takes a number, not \"%s\"\n"),
                args->verb->name, name, text);
        return false;
    }
    return true;
}

bool args_integer(const struct args *args, const char *name, int64_t fallback,
                  int64_t *out)
{
    const char *text = args_get(args, name);
    if (!text) {
        *out = fallback;
        return true;
    }
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (end == text || *end || errno) {
        fprintf(stderr, _("wangge %s: --%s takes a whole number, not \"%s\"\n"),
                args->verb->name, name, text);
        return false;
    }
    return true;
}

static void help_options(const struct tool_option *list)
{
    for (; list && list->name; list++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", list->name, list->value ? " " : "",
                 list->value ? list->value : "");
        printf("  %-26s %s\n", left, _(list->help));
    }
}

void args_help(const struct tool_verb *verb)
{
    printf(_("usage: wangge %s %s\n\n"), verb->name, verb->usage);
    printf("%s\n", _(verb->summary));
    if (verb->detail)
        printf("\n%s\n", _(verb->detail));
    if (verb->verb)
        putchar('\n');
    for (const struct tool_verb *const *v = verb->verb; v && *v; v++)
        printf("  %-10s %s\n", args_word(*v), _((*v)->summary));
    printf("\n%s\n", _("Options:"));
    help_options(verb->option);
    help_options(verb->more);
    help_options(args_common);
}
