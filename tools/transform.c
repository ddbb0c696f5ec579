/* wangge transform: points from one frame to another, line for line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "points.h"
#include "stopwatch.h"
#include "tool.h"

/* The points that are not blank lines, transformed in place. */
static enum wg_status transform_batch(struct wg_transform *t, struct points *p,
                                      struct wg_error *err)
{
    static double x[POINTS_BATCH], y[POINTS_BATCH];
    static int64_t line[POINTS_BATCH];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->blank[i])
            continue;
        x[n] = p->x[i];
        y[n] = p->y[i];
        line[n++] = p->first + (int64_t)i;
    }
    enum wg_status status = wg_transform_points(t, n, x, y, err);
    if (status != WG_OK) {
        if (err->row >= 0 && (size_t)err->row < n)
            err->row = line[err->row];
        return status;
    }
    n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->blank[i])
            continue;
        p->x[i] = x[n];
        p->y[i] = y[n++];
    }
    return WG_OK;
}

static void print_json(const struct points *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->blank[i]) {
            json_null(NULL);
            continue;
        }
        json_open(NULL, '[');
        json_real(NULL, p->x[i]);
        json_real(NULL, p->y[i]);
        json_close(']');
    }
}

static void print_batch(struct lines *lines, const struct points *p)
{
    for (size_t i = 0; i < p->n; i++) {
        char *start = lines_room(lines, 2 * WG_NUMBER_SIZE + 2), *at = start;
        if (!p->blank[i]) {
            at += wg_number_write(p->x[i], at);
            *at++ = ' ';
            at += wg_number_write(p->y[i], at);
        }
        *at++ = '\n';
        lines->n += (size_t)(at - start);
    }
}

static enum tool_exit run(const struct args *args)
{
    const char *from = args_get(args, "from"), *to = args_get(args, "to");
    if (!from || !to)
        return tool_usage(args, "%s", _("--from and --to are both required"));
    struct wg_transform *t = NULL;
    struct wg_error err;
    struct stopwatch watch;
    stopwatch_start(&watch, args);
    if (wg_transform_create(from, to, &t, &err) != WG_OK)
        return tool_fail(args, &err);
    stopwatch_mark(&watch, STOPWATCH_OPEN);
    enum tool_exit status = TOOL_OK;
    struct points *points = malloc(sizeof *points);
    struct lines *lines = malloc(sizeof *lines);
    if (!points || !lines)
        abort();
    points_init(points, stdin);
    lines_init(lines);
    bool json = args_has(args, "json");
    if (json)
        json_open(NULL, '[');
    while (status == TOOL_OK && points_next(points)) {
        stopwatch_mark(&watch, STOPWATCH_READ);
        enum wg_status done = transform_batch(t, points, &err);
        stopwatch_mark(&watch, STOPWATCH_TRANSFORM);
        if (done != WG_OK) {
            fprintf(stderr, _("wangge transform: line %lld: %s\n"), (long long)err.row,
                    err.text);
            status = TOOL_FAILED;
        } else {
            if (json)
                print_json(points);
            else
                print_batch(lines, points);
            stopwatch_mark(&watch, STOPWATCH_WRITE);
            if (out_failed())
                break;
        }
    }
    stopwatch_mark(&watch, STOPWATCH_READ);
    lines_flush(lines);
    stopwatch_mark(&watch, STOPWATCH_WRITE);
    if (json) {
        json_close(']');
        json_end();
    }
    if (status == TOOL_OK && points->bad) {
        fprintf(stderr, _("wangge transform: line %lld is not a point \"x y\": %s\n"),
                (long long)points->number, points->why);
        status = TOOL_FAILED;
    }
    stopwatch_print(&watch, args, points->number);
    points_finish(points);
    free(points);
    free(lines);
    wg_transform_destroy(t);
    return status;
}

static const struct tool_option options[] = {
    {"from", "FRAME", N_("frame of the points: EPSG:4490, a PROJ CRS, gcj02, bd09")},
    {"to", "FRAME", N_("frame of the answer")},
    STOPWATCH_OPTION,
    {NULL, NULL, NULL},
};

const struct tool_verb verb_transform = {
    "transform", "--from FRAME --to FRAME < points",
    N_("transform points between coordinate frames"),
    N_("Reads \"x y\" or \"x,y\" a line, x = east or longitude first, and prints \"x y\"\n"
       "a line with every digit of the double.  A blank line gives a blank line; a line\n"
       "that is not a point, or a point that cannot be transformed, ends the run with\n"
       "its number and exit status 1.  With --json the points are one array of [x, y],\n"
       "null for a blank line.\n\n"
       "Example:\n  echo \"109.19 27.72\" | wangge transform --from EPSG:4490 --to EPSG:4545"),
    0, 0, options, run,
    NULL, NULL};
