/* Lines for standard output, gathered and written in large pieces. */
#ifndef TOOLS_LINES_H
#define TOOLS_LINES_H

#include <stddef.h>

enum { LINES_PIECE = 1 << 18 };

struct lines {
    size_t n;
    char text[LINES_PIECE];
};

void lines_init(struct lines *lines);
/* Text of any length, then a line feed. */
void lines_put(struct lines *lines, const char *text, size_t n);
/* Room for `most` (<= LINES_PIECE) bytes: write there and add to lines->n. */
char *lines_room(struct lines *lines, size_t most);
/* To stdout, whose error flag tells when it could not be written. */
void lines_flush(struct lines *lines);

#endif
