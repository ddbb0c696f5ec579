/* wangge locate: which grid owns each point, line for line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "points.h"
#include "tool.h"

/* Codes of a scheme's grids by id. */
struct codes {
    struct {
        int64_t id;
        char *code;
    } *row;
    size_t n, cap;
};

static bool add_code(const struct wg_grid *grid, void *user)
{
    struct codes *c = user;
    if (c->n == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 256;
        void *more = realloc(c->row, cap * sizeof *c->row);
        if (!more)
            return false;
        c->row = more;
        c->cap = cap;
    }
    c->row[c->n].id = grid->id;
    c->row[c->n].code = strdup(grid->code);
    return c->row[c->n++].code != NULL;
}

static const char *code_of(const struct codes *c, int64_t id)
{
    size_t lo = 0, hi = c->n; /* rows come in order of id */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->row[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->n && c->row[lo].id == id ? c->row[lo].code : "-";
}

struct question {
    struct wg_store *store;
    int64_t scheme;
    const char *at;
    struct wg_transform *transform; /* NULL: already in the district's CRS */
    struct codes codes;
    bool json;
    int64_t outside;
};

static enum wg_status answer(struct question *q, struct points *p, struct wg_error *err)
{
    static int64_t grid[POINTS_BATCH];
    static bool ok[POINTS_BATCH];
    if (q->transform)
        wg_transform_each(q->transform, p->n, p->x, p->y, ok);
    enum wg_status status = wg_assign_locate(q->store, q->scheme, q->at, p->n, p->x, p->y,
                                             grid, err);
    for (size_t i = 0; status == WG_OK && i < p->n; i++) {
        const char *code = p->blank[i] ? NULL
                           : grid[i]   ? code_of(&q->codes, grid[i])
                                       : "-";
        q->outside += !p->blank[i] && grid[i] == 0;
        if (q->json)
            json_text(NULL, code);
        else
            puts(code ? code : "");
    }
    return status;
}

static enum wg_status prepare(const struct args *args, struct question *q,
                              const char *frame, struct wg_error *err)
{
    struct wg_filter all = {.scheme = q->scheme, .ended = true, .no_geometry = true};
    enum wg_status status = wg_grid_each(q->store, &all, add_code, &q->codes, err);
    if (status != WG_OK || !frame)
        return status;
    struct wg_district district;
    status = wg_district_read(q->store, &district, err);
    if (status != WG_OK)
        return status;
    status = wg_transform_create(frame, district.crs, &q->transform, err);
    wg_district_finish(&district);
    return status;
}

static enum tool_exit answer_all(const struct args *args, struct question *q)
{
    struct wg_error err;
    enum tool_exit status = TOOL_OK;
    struct points *points = malloc(sizeof *points);
    if (!points)
        abort();
    points_init(points, stdin);
    if (q->json)
        json_open(NULL, '[');
    while (status == TOOL_OK && points_next(points)) {
        if (answer(q, points, &err) != WG_OK)
            status = tool_fail(args, &err);
        if (ferror(stdout))
            break;
    }
    if (q->json) {
        json_close(']');
        json_end();
    }
    if (status == TOOL_OK && points->bad) {
        fprintf(stderr, _("wangge locate: line %lld is not a point \"x y\": %s\n"),
                (long long)points->number, points->why);
        status = TOOL_FAILED;
    }
    if (q->outside)
        tool_say(args, _("%lld of %lld points are outside."), (long long)q->outside,
                 (long long)(points->number - points->bad));
    points_finish(points);
    free(points);
    return status;
}

static enum tool_exit run(const struct args *args)
{
    struct question q = {.json = args_has(args, "json")};
    struct wg_error err;
    const char *frame;
    char at[WG_INSTANT_SIZE];
    if (!tool_frame(args, &frame) || !tool_instant(args, "at", at, &q.at))
        return TOOL_USAGE;
    enum tool_exit status = TOOL_FAILED;
    q.store = tool_open(args, 0, true);
    if (!q.store || !tool_scheme(args, q.store, &q.scheme))
        goto out;
    if (prepare(args, &q, frame, &err) != WG_OK)
        status = tool_fail(args, &err);
    else
        status = answer_all(args, &q);
out:
    for (size_t i = 0; i < q.codes.n; i++)
        free(q.codes.row[i].code);
    free(q.codes.row);
    wg_transform_destroy(q.transform);
    wg_store_close(q.store);
    return status;
}

static const struct tool_option options[] = {
    {"scheme", "NAME", N_("the scheme; may be left out when there is only one")},
    {"crs", "CRS", N_("CRS of the points; default: the district's")},
    {"frame", "gcj02|bd09", N_("frame of the points, instead of --crs")},
    {"at", "TIME", N_("by the grids in force then; default: now")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_locate = {
    "locate", "DATABASE --scheme NAME [--crs CRS | --frame F] < points",
    N_("print the grid that owns each point"),
    N_("Reads \"x y\" or \"x,y\" a line, x = east or longitude first, and prints the code\n"
       "of the owning grid a line, \"-\" for outside.  A blank line gives a blank line; a\n"
       "line that is not a point ends the run with its number and exit status 1.  With\n"
       "--json the codes are one array, null for a blank line.\n\n"
       "Example:\n  echo \"109.19 27.72\" | wangge locate river.wangge --scheme basic --crs "
       "EPSG:4490"),
    1, 1, options, run};
