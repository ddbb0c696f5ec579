/* wangge grid trace, avoid, snap: aids for drawing; they change nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

/* A line as WKT, or in JSON with its length. */
static void print_line(const struct args *args, const struct wg_line *line)
{
    double length = 0;
    for (uint32_t i = 1; i < line->n; i++)
        length += hypot(line->x[i] - line->x[i - 1], line->y[i] - line->y[i - 1]);
    if (args_has(args, "json")) {
        json_open(NULL, '{');
        json_real("length_m", length);
        json_line("line", line);
        json_close('}');
        json_end();
        return;
    }
    char *text = grid_line_text(line);
    if (text)
        puts(text);
    free(text);
}

static enum tool_exit run_trace(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_point from, to;
    struct wg_line line = {0};
    struct wg_error err;
    double within;
    enum tool_exit exit = TOOL_USAGE;
    if (!grid_need(args, "from") || !grid_need(args, "to") ||
        !args_number(args, "within", 1, &within))
        return TOOL_USAGE;
    if (!grid_open(&job, args, true) ||
        (args_has(args, "streets") && !grid_survey(&job, args))) {
        exit = TOOL_FAILED;
        goto out;
    }
    exit = grid_point(&job, args, "from", NULL, &from);
    if (exit == TOOL_OK)
        exit = grid_point(&job, args, "to", &from, &to);
    if (exit != TOOL_OK)
        goto out;
    exit = wg_coverage_trace(job.coverage, args_has(args, "streets") ? job.survey : NULL,
                             from, to, within, &line, &err) == WG_OK
               ? TOOL_OK
               : tool_fail(args, &err);
    if (exit == TOOL_OK)
        print_line(args, &line);
    wg_line_finish(&line);
out:
    grid_close(&job);
    return exit;
}

static enum tool_exit run_avoid(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_line line = {0};
    enum tool_exit exit = TOOL_FAILED;
    if (grid_open(&job, args, true))
        exit = grid_sketch(&job, args, &line);
    if (exit == TOOL_OK)
        print_line(args, &line);
    wg_line_finish(&line);
    grid_close(&job);
    return exit;
}

static const struct {
    const char *name;
    enum wg_snap_kind kind;
} kinds[] = {{"vertex", WG_SNAP_VERTEX},
             {"edge", WG_SNAP_EDGE},
             {"midpoint", WG_SNAP_MIDPOINT},
             {"building", WG_SNAP_BUILDING},
             {"street", WG_SNAP_STREET}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static bool parse_kinds(const struct args *args, unsigned *out)
{
    const char *text = args_get(args, "kinds");
    *out = 0;
    for (int i = 0; !text && i < KINDS; i++)
        *out |= kinds[i].kind;
    while (text && *text) {
        size_t n = strcspn(text, ",");
        unsigned known = 0;
        for (int i = 0; i < KINDS; i++)
            if (strlen(kinds[i].name) == n && strncmp(kinds[i].name, text, n) == 0)
                known = kinds[i].kind;
        if (!known) {
            tool_usage(args,
                       _("--kinds takes vertex, edge, midpoint, building and street "
                         "with commas, not \"%s\""),
                       text);
            return false;
        }
        *out |= known;
        text += n + (text[n] == ',');
    }
    return true;
}

static enum tool_exit run_snap(const struct args *args)
{
    struct grid_job job = {0};
    struct wg_point at;
    struct wg_snapped found;
    struct wg_error err = {.status = WG_NOT_FOUND, .row = -1, .x = NAN, .y = NAN};
    unsigned wanted;
    double within;
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_need(args, "at-point") || !parse_kinds(args, &wanted) ||
        !args_number(args, "within", 5, &within))
        return TOOL_USAGE;
    if (!grid_open(&job, args, true) || !grid_survey(&job, args))
        goto out;
    exit = grid_point(&job, args, "at-point", NULL, &at);
    if (exit != TOOL_OK)
        goto out;
    if (!wg_coverage_snap(job.coverage, job.survey, at, wanted, within, &found)) {
        snprintf(
            err.text, sizeof err.text,
            _("There is nothing to snap to within %g m of %.3f %.3f; widen --within."),
            within, at.x, at.y);
        exit = tool_fail(args, &err);
        goto out;
    }
    const char *kind = "";
    for (int i = 0; i < KINDS; i++)
        kind = kinds[i].kind == found.kind ? kinds[i].name : kind;
    char x[32], y[32];
    out_double(found.point.x, x);
    out_double(found.point.y, y);
    if (args_has(args, "json")) {
        json_open(NULL, '{');
        json_text("kind", kind);
        json_real("x", found.point.x);
        json_real("y", found.point.y);
        json_real("distance_m", found.distance_m);
        json_close('}');
        json_end();
    } else {
        printf("%s,%s\t%s\t%.3f\n", x, y, kind, found.distance_m);
    }
out:
    grid_close(&job);
    return exit;
}

#define COMMON                                                                           \
    {"scheme", "NAME", N_("the scheme; may be left out when there is one")},             \
        {"crs", "CRS", N_("CRS of the geometry given; default: the district's")},        \
    {                                                                                    \
        "frame", "gcj02|bd09", N_("frame of the geometry given, instead of --crs")       \
    }

static const struct tool_option trace_options[] = {
    {"from", "X,Y", N_("where it begins")},
    {"to", "POINT", N_("where it ends")},
    {"streets", NULL, N_("along the centre lines of streets too")},
    {"within", "METRES", N_("how far a place may be given off a line (1)")},
    COMMON,
    {NULL, NULL, NULL},
};

const struct tool_verb grid_trace = {
    "grid trace",
    "DATABASE --from X,Y --to X,Y [--streets]",
    N_("the shortest way along boundaries and streets, as a line"),
    N_("The line can be given to --line as it is."),
    1,
    1,
    trace_options,
    run_trace,
    NULL,
    NULL};

static const struct tool_option avoid_options[] = {
    {"line", "LINE", N_("the sketch: WKT, points, GeoJSON or a file of one")},
    {"margin", "METRES", N_("to keep from footprints (0.5)")},
    COMMON,
    {NULL, NULL, NULL},
};

const struct tool_verb grid_avoid = {
    "grid avoid",
    "DATABASE --line LINE [--margin METRES]",
    N_("a line near a sketch that cuts no building"),
    N_("With the same ends.  Where there is no way around, the building is named."),
    1,
    1,
    avoid_options,
    run_avoid,
    NULL,
    NULL};

static const struct tool_option snap_options[] = {
    {"at-point", "X,Y", N_("the place")},
    {"kinds", "KIND,KIND", N_("vertex, edge, midpoint, building, street; default: all")},
    {"within", "METRES", N_("how far to look (5)")},
    COMMON,
    {NULL, NULL, NULL},
};

const struct tool_verb grid_snap = {
    "grid snap",
    "DATABASE --at-point X,Y [--kinds KIND,KIND]",
    N_("the best place near a point: a vertex, a corner, a street"),
    N_("Prints X,Y, the kind and the distance.  Kinds are tried in the order vertex,\n"
       "building, midpoint, street, edge."),
    1,
    1,
    snap_options,
    run_snap,
    NULL,
    NULL};
