/* Points as text, a line each, read in large pieces. */
#include "points.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wangge/number.h>

enum { PIECE = 1 << 18 };

void points_init(struct points *points, FILE *file)
{
    memset(points, 0, sizeof *points);
    points->file = fileno(file);
}

void points_finish(struct points *points)
{
    free(points->text);
}

/* Read more behind what is left: false at the end of the file. */
static bool read_more(struct points *points)
{
    size_t left = points->end - points->at;
    if (points->ended)
        return false;
    if (points->at > 0)
        memmove(points->text, points->text + points->at, left);
    points->at = 0;
    points->end = left;
    if (points->cap - left < PIECE + 1) {
        points->cap = 2 * left + 4 * (size_t)PIECE;
        points->text = realloc(points->text, points->cap);
        if (!points->text)
            abort();
    }
    ssize_t n;
    do
        n = read(points->file, points->text + left, points->cap - left - 1);
    while (n < 0 && errno == EINTR);
    points->ended = n <= 0;
    points->end += n > 0 ? (size_t)n : 0;
    points->text[points->end] = '\0';
    return n > 0;
}

static const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
        p++;
    return p;
}

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

/* ---- a line of its own, ended by a NUL: whatever may stand there ---- */

static bool parse(const char *p, double *x, double *y)
{
    const char *end;
    *x = wg_number_read(p, NULL, &end);
    if (end == p)
        return false;
    p = skip_space(end);
    if (*p == ',' || *p == ';')
        p++;
    else if (p == end)
        return false;
    *y = wg_number_read(p, NULL, &end);
    return end != p && *skip_space(end) == '\0';
}

/* The line at `p` of `length` bytes; false where it is no point. */
static bool take_line(struct points *points, const char *p, size_t length)
{
    size_t i = points->n;
    bool whole = memchr(p, '\0', length) == NULL;
    if (points->number == 1 && strncmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3; /* the byte order mark of Windows programs */
    p = skip_space(p);
    points->blank[i] = *p == '\0' && whole;
    points->x[i] = points->y[i] = NAN;
    if (points->blank[i] || (whole && parse(p, &points->x[i], &points->y[i])))
        return true;
    points->bad = true;
    int n = (int)strcspn(p, "\r\n");
    snprintf(points->why, sizeof points->why, "%.*s", n > 100 ? 100 : n, p);
    return false;
}

/* Any line; false at the end of the file and where it is no point. */
static bool next_line(struct points *points)
{
    char *feed;
    size_t seen = 0; /* of a long line, without a line feed */
    for (;;) {
        char *from = points->text + points->at;
        size_t there = points->end - points->at;
        feed = there > seen ? memchr(from + seen, '\n', there - seen) : NULL;
        seen = there;
        if (feed || !read_more(points))
            break;
    }
    if (!feed && points->at == points->end)
        return false;
    char *line = points->text + points->at,
         *end = feed ? feed : points->text + points->end;
    *end = '\0';
    points->at = (size_t)(end - points->text) + (feed != NULL);
    points->number++;
    if (!take_line(points, line, (size_t)(end - line)))
        return false;
    points->n++;
    return true;
}

/* ---- the lines that nearly all are ---- */

static bool begins_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

/* Two numbers and a line feed: the start of the next line, NULL for anything else.  The
 * numbers may be nonsense; what matters is that no line feed is read over. */
static const char *plain_line(const char *p, const char *limit, double *x, double *y)
{
    const char *end;
    p = skip_blanks(p);
    if (!begins_number(*p))
        return NULL;
    *x = wg_number_read(p, limit, &end);
    if (end == p)
        return NULL;
    p = skip_blanks(end);
    if (*p == ',' || *p == ';')
        p = skip_blanks(p + 1);
    else if (p == end)
        return NULL;
    if (!begins_number(*p))
        return NULL;
    *y = wg_number_read(p, limit, &end);
    if (end == p)
        return NULL;
    p = skip_blanks(end);
    return *p == '\n' ? p + 1 : NULL;
}

static void plain_lines(struct points *points)
{
    const char *p = points->text + points->at, *limit = points->text + points->end;
    size_t i = points->n;
    for (; i < POINTS_BATCH; i++) {
        const char *next = plain_line(p, limit, &points->x[i], &points->y[i]);
        if (!next)
            break;
        points->blank[i] = false;
        p = next;
    }
    points->number += (int64_t)(i - points->n);
    points->n = i;
    points->at = (size_t)(p - points->text);
}

bool points_next(struct points *points)
{
    points->n = 0;
    points->first = points->number + 1;
    if (points->bad)
        return false;
    while (points->n < POINTS_BATCH) {
        if (points->text)
            plain_lines(points);
        if (points->n < POINTS_BATCH && !next_line(points))
            break;
    }
    return points->n > 0;
}
