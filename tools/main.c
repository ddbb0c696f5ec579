/* The program wangge: its table of verbs. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "manual.h"
#include "tool.h"

static const struct tool_verb *const verbs[] = {
    &verb_create,    &verb_import, &verb_ingest, &verb_assign, &verb_locate,
    &verb_list,      &verb_info,   &verb_check,  &verb_export, &verb_backup,
    &verb_transform, &verb_add,    &verb_set,    &verb_end,    &verb_demo,
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void help(void)
{
    printf("%s\n\n", _("usage: wangge VERB [NOUN] DATABASE [FILE] [options]"));
    printf("%s\n\n",
           _("Grid management of a city district, kept in one SpatiaLite file."));
    for (int i = 0; i < VERBS; i++)
        printf("  %-10s %s\n", verbs[i]->name, _(verbs[i]->summary));
    printf(
        "\n%s\n",
        _("wangge VERB --help describes a verb, wangge help sql the SQL functions,\n"
          "wangge(1) all of them.  Data goes to standard output, talk to standard\n"
          "error.  Exit status: 0 done, 1 failed and nothing changed, 2 wrong usage,\n"
          "3 done but with findings or rejected rows, 130 interrupted."));
}

static const struct tool_verb *find_verb(const char *name)
{
    const char *names[VERBS];
    for (int i = 0; i < VERBS; i++) {
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
        names[i] = verbs[i]->name;
    }
    const char *near = args_suggest(name, VERBS, names);
    if (near)
        fprintf(stderr, _("wangge: there is no verb \"%s\"; did you mean %s?\n"), name,
                near);
    else
        fprintf(stderr, _("wangge: there is no verb \"%s\"; see wangge --help\n"), name);
    return NULL;
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
    int at = args_leading(argc, argv);
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
    const struct tool_verb *verb = find_verb(asked ? argv[at + 1] : first);
    if (!verb)
        return TOOL_USAGE;
    /* Options before the verb are as good as behind it. */
    for (int i = at; i > 1; i--)
        argv[i] = argv[i - 1];
    struct args args;
    if (!asked && !args_parse(verb, argc - 2, argv + 2, &args))
        return TOOL_USAGE;
    if (asked || args.help) {
        args_help(verb);
        return tool_finish(NULL, TOOL_OK);
    }
    return tool_finish(&args, verb->run(&args));
}
