#ifndef VIEWER_COMMAND_H
#define VIEWER_COMMAND_H
/*
 * All that can be asked of the viewer, by name, in one table: keys, panels, `--script`,
 * the page of keys and the manual all read it.
 *
 * A command line is the command's name and what it needs, apart by spaces:
 * "mode alert", "select building 12", "snapshot out.png".
 */
#include <stdbool.h>
#include <stddef.h>

struct app;

enum command_group {
    COMMAND_VIEW,   /* what is shown */
    COMMAND_CAMERA,
    COMMAND_SELECT,
    COMMAND_PROGRAM,
    COMMAND_SCRIPT, /* of use to scripts only */
    COMMAND_GROUPS
};

struct command {
    const char *name;
    const char *args;  /* what follows, for people: "[FILE]"; "" none */
    const char *keys;  /* apart by spaces: "q Ctrl+Q"; "" none */
    enum command_group group;
    const char *help;  /* English; _() gives the user's language */
    /* `args` is the rest of the line, trimmed.  False: `why` has the words. */
    bool (*run)(struct app *app, const char *args, char *why, size_t size);
};

const struct command *command_table(size_t *n);
const char *command_group_title(int group); /* in the user's language */

/* The command of that name at the head of the line, the longest that fits; `*args`
 * (may be NULL) is what follows it.  NULL: there is none. */
const struct command *command_find(const char *line, const char **args);
/* The command of a key ("g", "Ctrl+Q", "Left", "?"), NULL if none. */
const struct command *command_for_key(const char *key);

/* Run a line.  False: `why` says what was wrong, in words for a person. */
bool command_run(struct app *app, const char *line, char *why, size_t size);
/* The same, what was wrong said on the status line: for keys and panels. */
void command_do(struct app *app, const char *line);
#endif
