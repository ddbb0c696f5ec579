/* The manual page and the shell completion, made from the table of verbs. */
#include "manual.h"

#include <stdio.h>
#include <string.h>
#include <wangge/wangge.h>

#include "i18n.h"

/* A piece of text for mdoc: no backslash, no line that begins like a request. */
static void escaped(const char *t, size_t n)
{
    if (n && (*t == '.' || *t == '\''))
        fputs("\\&", stdout);
    for (size_t i = 0; i < n; i++) {
        if (t[i] == '\\')
            fputs("\\e", stdout);
        else if (t[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(t[i]);
    }
}

/* Running text: each sentence begins a line, and long lines are broken. */
static void text(const char *t)
{
    size_t column = 0;
    bool ended = false;
    while (*(t += strspn(t, " \n"))) {
        size_t n = strcspn(t, " \n");
        if (column)
            putchar(ended || column + n > 70 ? '\n' : ' ');
        column = ended || column + n > 70 ? n : column + n + 1;
        escaped(t, n);
        ended = t[n - 1] == '.';
        t += n;
    }
    putchar('\n');
}

/* Paragraphs; lines that begin with blanks are examples. */
static void paragraphs(const char *t)
{
    bool example = false;
    while (*t) {
        size_t length = strcspn(t, "\n");
        bool indented = t[0] == ' ';
        if (length == 0) {
            puts(example ? ".Ed\n.Pp" : ".Pp");
            example = false;
        } else {
            if (indented != example)
                puts(indented ? ".Bd -literal -offset indent -compact" : ".Ed");
            example = indented;
            char line[512];
            snprintf(line, sizeof line, "%.*s", (int)length, t);
            if (indented) {
                escaped(line + 2, strlen(line + 2));
                putchar('\n');
            } else {
                text(line);
            }
        }
        t += length;
        t += *t == '\n';
    }
    if (example)
        puts(".Ed");
}

static void options(const struct tool_option *o)
{
    puts(".Bl -tag -width Ds");
    for (; o && o->name; o++) {
        printf(".It Fl \\-%s", o->name);
        if (o->value)
            printf(" Ar %s", o->value);
        putchar('\n');
        text(_(o->help));
    }
    puts(".El");
}

static void one_verb(const struct tool_verb *v)
{
    printf(".Ss %s\n.Dl wangge %s ", v->name, v->name);
    escaped(v->usage, strlen(v->usage));
    puts("\n.Pp");
    text(_(v->summary));
    if (v->detail) {
        puts(".Pp");
        paragraphs(_(v->detail));
    }
    if (v->option->name)
        options(v->option);
    for (const struct tool_verb *const *below = v->verb; below && *below; below++)
        one_verb(*below);
    if (v->verb && v->more) {
        printf(".Ss ");
        printf(_("Options of every edit by wangge %s"), v->name);
        putchar('\n');
        options(v->more);
    }
}

void manual_print(size_t n, const struct tool_verb *const *verb)
{
    puts(".Dd November 24, 2026\n.Dt WANGGE 1\n.Os");
    printf(".Sh %s\n.Nm wangge\n.Nd ", "NAME");
    text(_("grid management of a city district"));
    puts(".Sh SYNOPSIS\n.Nm wangge\n.Ar verb\n.Op Ar noun\n.Ar database\n.Op Ar file\n"
         ".Op Ar options");
    puts(".Sh DESCRIPTION");
    text(_(
        "A district is partitioned into polygon grids; every building, public object and "
        "event belongs to exactly one grid of each scheme.  wangge keeps a district in "
        "one SpatiaLite file: it makes it, brings city files in, finds owners, checks, "
        "lists and exports."));
    puts(".Pp");
    text(_(
        "Options may stand anywhere, as --name value or --name=value; "
        "after -- everything is a word.  Data goes to standard output, talk and progress "
        "to standard error."));
    puts(".Sh VERBS");
    for (size_t i = 0; i < n; i++)
        one_verb(verb[i]);
    puts(".Ss Options of every verb");
    options(args_common);
    functions_manual(text);
    puts(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev LANGUAGE , LC_ALL , LC_MESSAGES , "
         "LANG");
    text(_("Language of messages when --lang is not given."));
    puts(".It Ev WANGGE_LOCALEDIR");
    text(_("Where translations are looked for instead of the installed ones."));
    puts(".El\n.Sh FILES\n.Bl -tag -width Ds\n.It Pa *.wangge");
    text(_(
        "A district: a SpatiaLite database with its -wal and -shm files beside it while "
        "in use.  QGIS, ogr2ogr and sqlite3 open it.  It must lie on a local disk."));
    puts(".It Pa *.wangge-locate-N");
    text(
        _("The kept index of scheme number N.  It may be deleted at any time and is made "
          "anew when needed."));
    puts(".El\n.Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n.It 0");
    text(_("Done."));
    puts(".It 1");
    text(_("Failed; the database is as it was before."));
    puts(".It 2");
    text(_("The command line is wrong."));
    puts(".It 3");
    text(_("Done, but there are findings (check, info --integrity) or rejected rows "
           "(import)."));
    puts(".It 130");
    text(_("Interrupted; the database is as it was before."));
    puts(".El\n.Sh EXAMPLES");
    paragraphs(_(
        "A city's own files, from nothing to the counts of each grid:\n\n"
        "  wangge create river.wangge --crs EPSG:4545 --name Riverside\n"
        "  wangge import grids river.wangge grids.geojson --scheme basic --code CODE\n"
        "  wangge import buildings river.wangge houses.gpkg --height H\n"
        "  wangge import events river.wangge reports.csv --x lng --y lat --frame gcj02\n"
        "  wangge info river.wangge\n"
        "  wangge check river.wangge\n"
        "  wangge-view river.wangge\n\n"
        "A district to try things on:\n\n"
        "  wangge demo demo.wangge\n"
        "  wangge list events demo.wangge --scheme basic --grid 999999001001002"));
    puts(".Sh SEE ALSO\n.Xr ogr2ogr 1 ,\n.Xr spatialite 1 ,\n.Xr wangge-view 1");
}

static void words(const struct tool_option *o)
{
    for (; o && o->name; o++)
        printf(" --%s", o->name);
}

/* The options of a verb and of those below it; a verb below another is two words or
 * three. */
static void completion_options(const struct tool_verb *verb)
{
    if (verb->verb) {
        for (const struct tool_verb *const *v = verb->verb; *v; v++)
            completion_options(*v);
        return;
    }
    printf("    '%s '*) words='", verb->name);
    words(verb->option);
    words(verb->more);
    puts("' ;;");
}

/* What can stand behind a verb that has others below it. */
static void completion_below(const struct tool_verb *verb, int word)
{
    if (!verb->verb)
        return;
    printf("        %d:'%s '*) words='", word, verb->name);
    for (const struct tool_verb *const *v = verb->verb; *v; v++)
        printf("%s ", args_word(*v));
    puts("' ;;");
    for (const struct tool_verb *const *v = verb->verb; *v; v++)
        completion_below(*v, word + 1);
}

void completion_print(size_t n, const struct tool_verb *const *verb)
{
    puts("# bash completion for wangge; made from its table of verbs.\n"
         "_wangge()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "    local verb=${COMP_WORDS[1]} words=\n"
         "    local verbs=\"${COMP_WORDS[*]:1:3} \"");
    puts(
        "    case $prev in\n"
        "    --lang) COMPREPLY=($(compgen -W 'en zh' -- \"$cur\")); return ;;\n"
        "    --frame) COMPREPLY=($(compgen -W 'gcj02 bd09' -- \"$cur\")); return ;;\n"
        "    --invalid) COMPREPLY=($(compgen -W 'reject repair' -- \"$cur\")); return "
        ";;\n"
        "    --level) COMPREPLY=($(compgen -W 'city district street community grid "
        "micro-grid' -- \"$cur\")); return ;;\n"
        "    --kind) COMPREPLY=($(compgen -W 'basic dedicated' -- \"$cur\")); return ;;\n"
        "    --from | --to)\n"
        "        [ \"$verb\" = transform ] &&\n"
        "            COMPREPLY=($(compgen -W 'gcj02 bd09 EPSG:' -- \"$cur\"))\n"
        "        return ;;\n"
        "    --overlap) COMPREPLY=($(compgen -W 'longest-border largest smallest "
        "lowest-code' -- \"$cur\")); return ;;\n"
        "    esac");
    printf("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < n; i++)
        printf("%s ", verb[i]->name);
    puts("--help --version' -- \"$cur\"))\n        return\n    fi\n    case $verbs in");
    for (size_t i = 0; i < n; i++)
        completion_options(verb[i]);
    printf("    esac\n    if [[ $cur == -* ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$words");
    words(args_common);
    puts("\" -- \"$cur\"))\n        return\n    fi\n"
         "    if [ \"$COMP_CWORD\" -eq 2 ] || [ \"$COMP_CWORD\" -eq 3 ]; then\n"
         "        case $COMP_CWORD:$verbs in");
    for (size_t i = 0; i < n; i++)
        completion_below(verb[i], 2);
    puts(
        "        2:list*) words='grids buildings events parts schemes officers duties "
        "dwellings surfaces roads' ;;\n"
        "        2:import*) words='grids buildings parts events officers surfaces roads "
        "terrain' ;;\n"
        "        2:export*) words='grids buildings parts events officers owners surfaces "
        "roads' ;;\n"
        "        2:add*) words='scheme officer duty event dwelling' ;;\n"
        "        2:set*) words='scheme officer event dwelling' ;;\n"
        "        2:end*) words='scheme grid building dwelling part officer duty event' "
        ";;\n"
        "        *) words= ;;\n        esac\n"
        "        if [ -n \"$words\" ]; then\n"
        "            COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "            return\n        fi\n    fi\n"
        "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
        "}\ncomplete -o filenames -F _wangge wangge");
}
