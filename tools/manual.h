/* The manual page and the shell completion, made from the table of verbs. */
#ifndef TOOLS_MANUAL_H
#define TOOLS_MANUAL_H

#include "args.h"

void manual_print(size_t n, const struct tool_verb *const *verb);
void completion_print(size_t n, const struct tool_verb *const *verb);

/* functions.c: the SQL functions, as a page of help and as a section of the manual;
 * `text` writes running text. */
void functions_help(void);
void functions_manual(void (*text)(const char *));

#endif
