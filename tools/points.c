/* Points as text, a line each. */
#include "points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void points_init(struct points *points, FILE *file)
{
    memset(points, 0, sizeof *points);
    points->file = file;
}

void points_finish(struct points *points)
{
    free(points->line);
}

static const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
        p++;
    return p;
}

static bool parse(const char *p, double *x, double *y)
{
    char *end;
    *x = strtod(p, &end);
    if (end == p)
        return false;
    p = skip_space(end);
    if (*p == ',' || *p == ';')
        p++;
    else if (p == end)
        return false;
    *y = strtod(p, &end);
    return end != p && *skip_space(end) == '\0';
}

bool points_next(struct points *points)
{
    points->n = 0;
    points->first = points->number + 1;
    if (points->bad)
        return false;
    while (points->n < POINTS_BATCH) {
        ssize_t length = getline(&points->line, &points->cap, points->file);
        if (length < 0)
            break;
        points->number++;
        const char *p = points->line;
        if (points->number == 1 && strncmp(p, "\xef\xbb\xbf", 3) == 0)
            p += 3; /* the byte order mark of Windows programs */
        p = skip_space(p);
        size_t i = points->n;
        points->blank[i] = *p == '\0' && strlen(points->line) == (size_t)length;
        points->x[i] = points->y[i] = NAN;
        if (!points->blank[i] && (strlen(points->line) != (size_t)length ||
                                  !parse(p, &points->x[i], &points->y[i]))) {
            points->bad = true;
            snprintf(points->why, sizeof points->why, "%.*s",
                     (int)strcspn(p, "\r\n") > 100 ? 100 : (int)strcspn(p, "\r\n"), p);
            break;
        }
        points->n++;
    }
    return points->n > 0;
}
