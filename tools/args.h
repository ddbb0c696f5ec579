/* The command line: verbs, their options, and what a person typed. */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses, for ever. */
enum tool_exit {
    TOOL_OK = 0,
    TOOL_FAILED = 1,   /* the operation failed; nothing was changed */
    TOOL_USAGE = 2,    /* the command line is wrong */
    TOOL_FINDINGS = 3, /* done, but there are findings or rejected rows */
    TOOL_INTERRUPTED = 130
};

struct tool_option {
    const char *name;  /* without the dashes */
    const char *value; /* what it takes, for the help: "FIELD"; NULL: a flag */
    const char *help;  /* one line, translated when shown */
};

struct args;

struct tool_verb {
    const char *name;    /* of a verb below another both words: "grid split" */
    const char *usage;   /* what follows the verb: "NOUN DATABASE FILE [options]" */
    const char *summary; /* one line */
    const char *detail;  /* paragraphs and examples; may be NULL */
    int least, most;     /* positional arguments */
    const struct tool_option *option; /* ends with a NULL name */
    enum tool_exit (*run)(const struct args *args);
    const struct tool_option *more;      /* options of its whole family; may be NULL */
    const struct tool_verb *const *verb; /* verbs below it, ends with NULL; then it has
                                            no `run` */
};
/* The word by which a verb is called: "split". */
const char *args_word(const struct tool_verb *verb);

enum { ARGS_MAX = 96 };

struct args {
    const struct tool_verb *verb;
    int n; /* positional arguments */
    const char *word[ARGS_MAX];
    int n_option;
    const char *name[ARGS_MAX]; /* options given, in order */
    const char *value[ARGS_MAX];
    bool help;
    bool line; /* of a script */
    bool json; /* of a script that is answered in JSON */
};

/* Options every verb takes. */
extern const struct tool_option args_common[];

/* The place of the next word at or after `from`, behind common options before it. */
int args_leading(int argc, char **argv, int from);
/* Parse; on a mistake says what is wrong on stderr and returns false. */
bool args_parse(const struct tool_verb *verb, int argc, char **argv, struct args *out);
/* The same for a line of a script, which has neither the family's options nor the common
 * ones. */
bool args_parse_line(const struct tool_verb *verb, int argc, char **argv,
                     struct args *out);

/* The value of an option, NULL when not given (a flag has the value ""). */
const char *args_get(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);
/* A number; false (and a word on stderr) when the text is not one. */
bool args_number(const struct args *args, const char *name, double fallback, double *out);
bool args_integer(const struct args *args, const char *name, int64_t fallback,
                  int64_t *out);

void args_help(const struct tool_verb *verb);
/* The word nearest to `typed` among n candidates, or NULL. */
const char *args_suggest(const char *typed, size_t n, const char *const *candidate);

#endif
