/* The manual page and the shell completion, made from the table of verbs. */
#ifndef TOOLS_MANUAL_H
#define TOOLS_MANUAL_H

#include "args.h"

void manual_print(size_t n, const struct tool_verb *const *verb);
void completion_print(size_t n, const struct tool_verb *const *verb);

#endif
