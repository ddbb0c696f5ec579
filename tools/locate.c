/* wangge locate: which grid owns each point, line for line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "points.h"
#include "stopwatch.h"
#include "tool.h"

/* Codes of a scheme's grids by id, for the engine that answers by ids. */
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

static const char *code_of_id(const struct codes *c, int64_t id)
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
    enum wg_engine engine;
    struct wg_transform *transform; /* NULL: already in the district's CRS */
    struct wg_locator *locator;     /* of the one engine */
    struct codes codes;             /* of the other */
    bool json;
    double accuracy; /* NaN: points are where they are said to be */
    bool nearest;    /* of points outside, which grid and how far */
    int64_t outside, ambiguous;
    struct stopwatch watch;
};

static const char *code_of(const struct question *q, uint32_t slot)
{
    return slot ? wg_locator_code(q->locator, slot) : "-";
}

/* ---- the answers in words ---- */

static void put_near(const struct question *q, const struct wg_locator_place *place)
{
    if (!q->json) {
        fputs(code_of(q, place->slot), stdout);
        for (uint32_t i = 0; i < place->n_near; i++) {
            putchar('\t');
            fputs(code_of(q, place->near[i]), stdout);
        }
        putchar('\n');
        return;
    }
    json_open(NULL, '{');
    json_text("grid", code_of(q, place->slot));
    json_bool("ambiguous", place->ambiguous);
    if (place->ambiguous) {
        json_real("boundary_m", place->boundary);
        json_open("others", '[');
        for (uint32_t i = 0; i < place->n_near; i++)
            json_text(NULL, code_of(q, place->near[i]));
        json_close(']');
    }
    json_close('}');
}

static void put_nearest(const struct question *q, uint32_t slot, double x, double y)
{
    double distance = NAN;
    uint32_t near =
        slot ? slot : wg_locator_nearest(q->locator, x, y, INFINITY, &distance);
    if (q->json) {
        json_open(NULL, '{');
        json_text("grid", code_of(q, slot));
        if (near != slot) {
            json_text("nearest", code_of(q, near));
            json_real("distance_m", distance);
        }
        json_close('}');
    } else if (near != slot) {
        printf("-\t%s\t%.3f\n", code_of(q, near), distance);
    } else {
        puts(code_of(q, slot));
    }
}

/* The common case, of which there may be millions: one write a batch. */
static void put_codes(const struct points *p, const char *const *code)
{
    static char *text;
    static size_t cap;
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        size_t length = p->blank[i] ? 0 : strlen(code[i]);
        if (n + length + 1 > cap) {
            cap = 2 * cap + length + (1 << 16);
            text = realloc(text, cap);
            if (!text)
                abort();
        }
        memcpy(text + n, code[i], length);
        n += length;
        text[n++] = '\n';
    }
    fwrite(text, 1, n, stdout);
}

static void put_each(struct question *q, const struct points *p, const uint32_t *slot,
                     const char *const *code)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->blank[i]) {
            if (q->json)
                json_null(NULL);
            else
                putchar('\n');
        } else if (!isnan(q->accuracy)) {
            struct wg_locator_place place;
            wg_locator_place(q->locator, p->x[i], p->y[i], q->accuracy, &place);
            q->ambiguous += place.ambiguous;
            put_near(q, &place);
        } else if (q->nearest) {
            put_nearest(q, slot[i], p->x[i], p->y[i]);
        } else {
            json_text(NULL, code[i]);
        }
    }
}

/* ---- a batch ---- */

/* The slots, by the index, and in any case the codes. */
static enum wg_status ask(struct question *q, const struct points *p, uint32_t *slot,
                          const char **code, struct wg_error *err)
{
    static int64_t grid[POINTS_BATCH];
    if (q->engine == WG_ENGINE_INDEX) {
        wg_locator_slots(q->locator, p->n, p->x, p->y, slot);
        for (size_t i = 0; i < p->n; i++)
            code[i] = code_of(q, slot[i]);
        return WG_OK;
    }
    enum wg_status status = wg_assign_locate_with(q->store, q->scheme, q->at, q->engine,
                                                  p->n, p->x, p->y, grid, err);
    for (size_t i = 0; status == WG_OK && i < p->n; i++)
        code[i] = grid[i] ? code_of_id(&q->codes, grid[i]) : "-";
    return status;
}

static enum wg_status answer(struct question *q, struct points *p, struct wg_error *err)
{
    static uint32_t slot[POINTS_BATCH];
    static const char *code[POINTS_BATCH];
    static bool ok[POINTS_BATCH];
    stopwatch_mark(&q->watch, STOPWATCH_READ);
    if (q->transform)
        wg_transform_each(q->transform, p->n, p->x, p->y, ok);
    stopwatch_mark(&q->watch, STOPWATCH_TRANSFORM);
    enum wg_status status = ask(q, p, slot, code, err);
    stopwatch_mark(&q->watch, STOPWATCH_LOCATE);
    if (status != WG_OK)
        return status;
    for (size_t i = 0; i < p->n; i++)
        q->outside += !p->blank[i] && code[i][0] == '-' && code[i][1] == '\0';
    if (q->json || q->nearest || !isnan(q->accuracy))
        put_each(q, p, slot, code);
    else
        put_codes(p, code);
    stopwatch_mark(&q->watch, STOPWATCH_WRITE);
    return WG_OK;
}

static enum wg_status prepare(struct question *q, const char *frame, struct wg_error *err)
{
    struct wg_filter all = {.scheme = q->scheme, .ended = true, .no_geometry = true};
    enum wg_status status =
        q->engine == WG_ENGINE_INDEX
            ? wg_locator_open(q->store, q->scheme, q->at, NULL, &q->locator, err)
            : wg_grid_each(q->store, &all, add_code, &q->codes, err);
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

static void say_counts(const struct args *args, const struct question *q, int64_t n)
{
    if (q->outside)
        tool_say(args, _("%lld of %lld points are outside."), (long long)q->outside,
                 (long long)n);
    if (q->ambiguous)
        tool_say(args, _("%lld of %lld points could also lie in another grid or outside."),
                 (long long)q->ambiguous, (long long)n);
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
        if (out_failed())
            break;
    }
    stopwatch_mark(&q->watch, STOPWATCH_READ);
    if (q->json) {
        json_close(']');
        json_end();
    }
    if (status == TOOL_OK && points->bad) {
        fprintf(stderr, _("wangge locate: line %lld is not a point \"x y\": %s\n"),
                (long long)points->number, points->why);
        status = TOOL_FAILED;
    }
    say_counts(args, q, points->number - points->bad);
    stopwatch_print(&q->watch, args, points->number);
    points_finish(points);
    free(points);
    return status;
}

/* The options that only the index answers. */
static bool read_options(const struct args *args, struct question *q)
{
    q->json = args_has(args, "json");
    q->nearest = args_has(args, "nearest");
    if (!tool_engine(args, &q->engine) ||
        !args_number(args, "accuracy", (double)NAN, &q->accuracy))
        return false;
    if (args_has(args, "accuracy") && !(q->accuracy >= 0 && isfinite(q->accuracy))) {
        tool_usage(args, "%s", _("--accuracy takes a distance in metres"));
        return false;
    }
    bool both = q->nearest && args_has(args, "accuracy");
    bool asks = q->nearest || args_has(args, "accuracy");
    if (both || (asks && q->engine != WG_ENGINE_INDEX)) {
        tool_usage(args, "%s",
                   both ? _("give either --accuracy or --nearest")
                        : _("--accuracy and --nearest need --engine index"));
        return false;
    }
    return true;
}

static enum tool_exit run(const struct args *args)
{
    struct question q = {0};
    struct wg_error err;
    const char *frame;
    char at[WG_INSTANT_SIZE];
    if (!read_options(args, &q) || !tool_frame(args, &frame) ||
        !tool_instant(args, "at", at, &q.at))
        return TOOL_USAGE;
    stopwatch_start(&q.watch, args);
    enum tool_exit status = TOOL_FAILED;
    q.store = tool_open(args, 0, true);
    if (!q.store || !tool_scheme(args, q.store, &q.scheme))
        goto out;
    if (prepare(&q, frame, &err) != WG_OK) {
        status = tool_fail(args, &err);
    } else {
        stopwatch_mark(&q.watch, STOPWATCH_OPEN);
        status = answer_all(args, &q);
    }
out:
    wg_locator_destroy(q.locator);
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
    {"accuracy", "M", N_("name also the other grids within M metres of the point")},
    {"nearest", NULL, N_("for a point outside, also the nearest grid and its distance")},
    TOOL_ENGINE,
    STOPWATCH_OPTION,
    {NULL, NULL, NULL},
};

const struct tool_verb verb_locate = {
    "locate", "DATABASE --scheme NAME [--crs CRS | --frame F] < points",
    N_("print the grid that owns each point"),
    N_("Reads \"x y\" or \"x,y\" a line, x = east or longitude first, and prints the code\n"
       "of the owning grid a line, \"-\" for outside.  A blank line gives a blank line; a\n"
       "line that is not a point ends the run with its number and exit status 1.  With\n"
       "--json the codes are one array, null for a blank line.\n\n"
       "With --accuracy the other grids that come within M metres follow the code, the\n"
       "nearest first, a tab before each, \"-\" for the outside; in JSON: grid, ambiguous,\n"
       "boundary_m, others.  With --nearest a point outside is answered by \"-\", the code\n"
       "of the nearest grid and its distance in metres, tabs between; in JSON: grid,\n"
       "nearest, distance_m.\n\n"
       "The index is kept in a file DATABASE-locate-N, N the scheme's number, for those who\n"
       "ask next; it is made anew when a grid has changed, and may be deleted at any time.\n\n"
       "Example:\n  echo \"109.19 27.72\" | wangge locate river.wangge --scheme basic --crs "
       "EPSG:4490"),
    1, 1, options, run,
    NULL, NULL};
