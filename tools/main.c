/* The program wangge: its table of verbs. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "manual.h"
#include "tool.h"

static const struct tool_verb *const verbs[] = {
    &verb_create,    &verb_import, &verb_ingest, &verb_assign, &verb_locate,
    &verb_list,      &verb_info,   &verb_check,  &verb_export, &verb_backup,
    &verb_transform, &verb_add,    &verb_set,    &verb_end,    &verb_grid,
    &verb_demo,      NULL,
};
enum { VERBS = sizeof verbs / sizeof *verbs - 1 };

static void help(void)
{
    printf("%s\n\n", _("usage: wangge VERB [NOUN] DATABASE [FILE] [options]"));
    printf("%s\n\n",
           _("Grid management of a city district, kept in one SpatiaLite file."));
    for (int i = 0; i < VERBS; i++)
        printf("  %-10s %s\n", verbs[i]->name, _(verbs[i]->summary));
    printf("\n%s\n",
           _("wangge VERB --help describes a verb, wangge help sql the SQL functions,\n"
             "wangge(1) all of them.  Data goes to standard output, talk to standard\n"
             "error.  Exit status: 0 done, 1 failed and nothing changed, 2 wrong usage,\n"
             "3 done but with findings or rejected rows, 130 interrupted."));
}

/* Among the verbs below `above`, or, with NULL, all of the program's. */
static const struct tool_verb *find_verb(const struct tool_verb *above, const char *word)
{
    const struct tool_verb *const *list = above ? above->verb : verbs;
    const char *names[ARGS_MAX], *space = above ? " " : "";
    const char *name = above ? above->name : "";
    size_t n = 0;
    for (; list[n] && n < ARGS_MAX; n++) {
        names[n] = args_word(list[n]);
        if (strcmp(names[n], word) == 0)
            return list[n];
    }
    const char *near = args_suggest(word, n, names);
    if (near)
        fprintf(stderr, _("wangge%s%s: there is no verb \"%s\"; did you mean %s?\n"),
                space, name, word, near);
    else
        fprintf(stderr, _("wangge%s%s: there is no verb \"%s\"; see wangge%s%s --help\n"),
                space, name, word, space, name);
    return NULL;
}

/* Take the word at `at` out of the command line. */
static void drop_word(int *argc, char **argv, int at)
{
    memmove(argv + at, argv + at + 1, (size_t)(*argc - at) * sizeof *argv);
    --*argc;
}

/* The verb that the words at and after `at` name, which are taken out, so that options
 * before the verb are as good as behind it.  Of a verb with others below it alone,
 * itself: *whole is then false. */
static const struct tool_verb *take_verb(int *argc, char **argv, int at, bool *whole)
{
    const struct tool_verb *verb = NULL;
    do {
        const struct tool_verb *next = find_verb(verb, argv[at]);
        if (!next)
            return NULL;
        verb = next;
        drop_word(argc, argv, at);
        at = args_leading(*argc, argv, at);
    } while (verb->verb && at < *argc && argv[at][0] != '-');
    *whole = !verb->verb;
    return verb;
}

/* --lang counts wherever it stands, also for messages about the other options. */
static const char *find_lang(int argc, char **argv)
{
    const char *lang = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--lang=", 7) == 0)
            lang = argv[i] + 7;
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            lang = argv[i + 1];
    }
    return lang;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    const char *lang = find_lang(argc, argv);
    bool known = !lang || strcmp(lang, "en") == 0 || strcmp(lang, "zh") == 0;
    language_use(known ? lang : NULL);
    if (!known) {
        fprintf(stderr, _("wangge: --lang takes en or zh, not \"%s\"\n"), lang);
        return TOOL_USAGE;
    }
    int at = args_leading(argc, argv, 1);
    const char *first = at < argc ? argv[at] : NULL;
    if (!first) {
        fprintf(stderr, "%s\n", _("wangge: no verb given; see wangge --help"));
        return TOOL_USAGE;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 ||
        (strcmp(first, "help") == 0 && at + 1 == argc)) {
        help();
        return tool_finish(NULL, TOOL_OK);
    }
    if (strcmp(first, "--version") == 0) {
        printf("wangge %s\n", wg_version());
        return tool_finish(NULL, TOOL_OK);
    }
    if (strcmp(first, "--manual") == 0 || strcmp(first, "--completion") == 0) {
        (first[2] == 'm' ? manual_print : completion_print)(VERBS, verbs);
        return tool_finish(NULL, TOOL_OK);
    }
    bool asked = strcmp(first, "help") == 0;
    if (asked && strcmp(argv[at + 1], "sql") == 0) {
        functions_help();
        return tool_finish(NULL, TOOL_OK);
    }
    if (asked)
        drop_word(&argc, argv, at);
    bool whole;
    const struct tool_verb *verb = take_verb(&argc, argv, at, &whole);
    if (!verb)
        return TOOL_USAGE;
    struct args args = {.help = asked};
    if (!asked && !args_parse(verb, argc - 1, argv + 1, &args))
        return TOOL_USAGE;
    if (args.help) {
        args_help(verb);
        return tool_finish(NULL, TOOL_OK);
    }
    if (!whole) {
        fprintf(stderr, _("wangge %s: no verb given; see wangge %s --help\n"), verb->name,
                verb->name);
        return TOOL_USAGE;
    }
    return tool_finish(&args, verb->run(&args));
}
