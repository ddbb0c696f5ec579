/* Lines for standard output, gathered and written in large pieces. */
#include "lines.h"

#include <stdio.h>
#include <string.h>

void lines_init(struct lines *lines)
{
    lines->n = 0;
}

void lines_flush(struct lines *lines)
{
    fwrite(lines->text, 1, lines->n, stdout);
    lines->n = 0;
}

char *lines_room(struct lines *lines, size_t most)
{
    if (most > LINES_PIECE - lines->n)
        lines_flush(lines);
    return lines->text + lines->n;
}

void lines_put(struct lines *lines, const char *text, size_t n)
{
    if (n >= LINES_PIECE) {
        lines_flush(lines);
        fwrite(text, 1, n, stdout);
        n = 0;
    }
    char *at = lines_room(lines, n + 1);
    memcpy(at, text, n);
    at[n] = '\n';
    lines->n += n + 1;
}
