/* wangge grid move, insert, delete, move-arc, reshape, simplify, densify: boundaries. */
#include <math.h>
#include <stdlib.h>

#include "grid.h"

#define WITHIN                                                                           \
    {                                                                                    \
        "within", "METRES", N_("how far off a place may be given (1)")                   \
    }

static bool within(const struct args *args, double *out)
{
    if (!args_number(args, "within", 1, out))
        return false;
    if (*out >= 0)
        return true;
    tool_usage(args, "%s", _("--within is 0 or more"));
    return false;
}

/* A number that must be given and be above 0. */
static bool positive(const struct args *args, const char *option, double *out)
{
    if (!grid_need(args, option) || !args_number(args, option, 0, out))
        return false;
    if (*out > 0)
        return true;
    tool_usage(args, _("--%s is more than 0"), option);
    return false;
}

static enum tool_exit step_move(struct grid_job *job, const struct args *args)
{
    struct wg_point at, to;
    struct wg_error err;
    double m;
    if (!within(args, &m) || !grid_need(args, "at-point") || !grid_need(args, "to"))
        return TOOL_USAGE;
    enum tool_exit exit = grid_point(job, args, "at-point", NULL, &at);
    if (exit == TOOL_OK)
        exit = grid_point(job, args, "to", &at, &to);
    if (exit != TOOL_OK)
        return exit;
    return grid_done(job, args, wg_coverage_move(job->coverage, at, m, to, &err), &err);
}

static enum tool_exit step_insert(struct grid_job *job, const struct args *args)
{
    struct wg_point at, to;
    struct wg_error err;
    double m;
    if (!within(args, &m))
        return TOOL_USAGE;
    enum tool_exit exit = grid_point(job, args, "at-point", NULL, &at);
    to = at;
    if (exit == TOOL_OK && args_has(args, "to"))
        exit = grid_point(job, args, "to", &at, &to);
    if (exit != TOOL_OK)
        return exit;
    return grid_done(job, args, wg_coverage_insert(job->coverage, at, m, to, &err), &err);
}

static enum tool_exit step_delete(struct grid_job *job, const struct args *args)
{
    struct wg_point at;
    struct wg_error err;
    double m;
    if (!within(args, &m))
        return TOOL_USAGE;
    enum tool_exit exit = grid_point(job, args, "at-point", NULL, &at);
    if (exit != TOOL_OK)
        return exit;
    return grid_done(job, args, wg_coverage_delete(job->coverage, at, m, &err), &err);
}

static enum tool_exit step_move_arc(struct grid_job *job, const struct args *args)
{
    struct wg_point at, by, zero = {0, 0};
    struct wg_error err;
    double m;
    if (!within(args, &m) || !grid_need(args, "by"))
        return TOOL_USAGE;
    enum tool_exit exit = grid_point(job, args, "at-point", NULL, &at);
    if (exit != TOOL_OK)
        return exit;
    enum wg_status status = wg_point_parse(args_get(args, "by"), &zero, &by, &err);
    if (status == WG_OK)
        status = wg_coverage_move_arc(job->coverage, at, m, by.x, by.y,
                                      args_has(args, "ends"), &err);
    return grid_done(job, args, status, &err);
}

static enum tool_exit step_reshape(struct grid_job *job, const struct args *args)
{
    struct wg_reshape_options o = {0};
    struct wg_line sketch = {0};
    struct wg_error err;
    const char *between = args_get(args, "between");
    int64_t *pair = NULL;
    size_t n = 0;
    enum tool_exit exit = TOOL_OK;
    if (!within(args, &o.within_m))
        return TOOL_USAGE;
    if (between)
        exit = grid_codes(job, args, between, &n, &pair);
    if (exit == TOOL_OK && between && n != 2)
        exit = tool_usage(args, "%s", _("--between takes two codes, with a comma"));
    if (exit == TOOL_OK && between) {
        o.between[0] = pair[0];
        o.between[1] = pair[1];
    }
    free(pair);
    if (exit == TOOL_OK)
        exit = grid_sketch(job, args, &sketch);
    if (exit != TOOL_OK)
        return exit;
    enum wg_status status = wg_coverage_reshape(job->coverage, &sketch, &o, &err);
    wg_line_finish(&sketch);
    return grid_done(job, args, status, &err);
}

typedef enum wg_status vertices_fn(struct wg_coverage *coverage, double metres, size_t n,
                                   const int64_t *grid, uint64_t *changed,
                                   struct wg_error *err);

/* Over the arcs of the grids named, or of all. */
static enum tool_exit vertices(struct grid_job *job, const struct args *args,
                               const char *option, vertices_fn *fn, uint64_t *changed)
{
    struct wg_error err;
    double metres;
    enum tool_exit exit = TOOL_OK;
    if (!positive(args, option, &metres))
        return TOOL_USAGE;
    size_t n = (size_t)args->n - 1;
    int64_t *grid = calloc(n + 1, sizeof *grid);
    for (size_t i = 0; grid && i < n && exit == TOOL_OK; i++)
        exit = grid_code(job, args, args->word[i + 1], false, &grid[i]);
    if (exit == TOOL_OK)
        exit =
            grid_done(job, args, fn(job->coverage, metres, n, grid, changed, &err), &err);
    free(grid);
    return exit;
}

static enum tool_exit step_simplify(struct grid_job *job, const struct args *args)
{
    uint64_t n = 0;
    enum tool_exit exit = vertices(job, args, "tolerance", wg_coverage_simplify, &n);
    if (exit == TOOL_OK)
        tool_say(job->args, _("%llu vertices left out."), (unsigned long long)n);
    return exit;
}

static enum tool_exit step_densify(struct grid_job *job, const struct args *args)
{
    uint64_t n = 0;
    enum tool_exit exit = vertices(job, args, "max", wg_coverage_densify, &n);
    if (exit == TOOL_OK)
        tool_say(job->args, _("%llu vertices put in."), (unsigned long long)n);
    return exit;
}

static const struct tool_option move_options[] = {
    {"at-point", "X,Y", N_("the vertex")},
    {"to", "POINT", N_("where it goes: X,Y, @DX,DY or @LENGTH<ANGLE")},
    WITHIN,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_move = {
    {"grid move", "DATABASE --at-point X,Y --to POINT [options]",
     N_("move a vertex of a boundary, for all grids that meet in it"),
     N_("Example:\n"
        "  wangge grid move river.wangge --at-point 617300,3067800 --to @2,0 --dry-run"),
     1, 1, move_options, grid_run_edit, grid_edit_options, NULL},
    step_move};

static const struct tool_option insert_options[] = {
    {"at-point", "X,Y", N_("the place on a boundary")},
    {"to", "POINT", N_("where the new vertex goes; default: onto the boundary")},
    WITHIN,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_insert = {
    {"grid insert", "DATABASE --at-point X,Y [--to POINT] [options]",
     N_("put a vertex into a boundary, for both its grids"), NULL, 1, 1, insert_options,
     grid_run_edit, grid_edit_options, NULL},
    step_insert};

static const struct tool_option delete_options[] = {
    {"at-point", "X,Y", N_("the vertex")},
    WITHIN,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_delete = {
    {"grid delete", "DATABASE --at-point X,Y [options]",
     N_("take a vertex out of a boundary, for both its grids"), NULL, 1, 1,
     delete_options, grid_run_edit, grid_edit_options, NULL},
    step_delete};

static const struct tool_option move_arc_options[] = {
    {"at-point", "X,Y", N_("a place on the boundary")},
    {"by", "DX,DY", N_("how far, in metres; or @LENGTH<ANGLE")},
    {"ends", NULL, N_("its end nodes move along, and the boundaries there follow")},
    WITHIN,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_move_arc = {
    {"grid move-arc", "DATABASE --at-point X,Y --by DX,DY [options]",
     N_("move the whole boundary between two grids"),
     N_("From one node, where three boundaries meet, to the next.  The nodes stay "
        "unless\n"
        "--ends is given."),
     1, 1, move_arc_options, grid_run_edit, grid_edit_options, NULL},
    step_move_arc};

static const struct tool_option reshape_options[] = {
    {"line", "LINE", N_("the sketch: WKT, points, GeoJSON or a file of one")},
    {"between", "CODE,CODE", N_("only the boundary of these two may change")},
    {"avoid-buildings", NULL, N_("lead the sketch around footprints")},
    {"margin", "METRES", N_("to keep from footprints (0.5)")},
    WITHIN,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_reshape = {
    {"grid reshape", "DATABASE --line LINE [options]",
     N_("let a sketch become the boundary"),
     N_("The sketch begins and ends on boundaries.  Between two crossings of a boundary\n"
        "it replaces that piece; across several grids each is reshaped.\n\n"
        "Example:\n"
        "  wangge grid reshape river.wangge --line '617300,3067800 @20,5 "
        "617340,3067800'"),
     1, 1, reshape_options, grid_run_edit, grid_edit_options, NULL},
    step_reshape};

static const struct tool_option simplify_options[] = {
    {"tolerance", "METRES", N_("how far the boundary may leave its old line")},
    {NULL, NULL, NULL},
};

const struct grid_edit grid_simplify = {
    {"grid simplify", "DATABASE [CODE …] --tolerance METRES [options]",
     N_("leave out vertices that matter little, alike for both grids"),
     N_("Of the grids named, or of all.  Nothing crosses and nothing vanishes."), 1,
     ARGS_MAX, simplify_options, grid_run_edit, grid_edit_options, NULL},
    step_simplify};

static const struct tool_option densify_options[] = {
    {"max", "METRES", N_("no segment is to be longer")},
    {NULL, NULL, NULL},
};

const struct grid_edit grid_densify = {
    {"grid densify", "DATABASE [CODE …] --max METRES [options]",
     N_("put vertices into long segments, alike for both grids"), NULL, 1, ARGS_MAX,
     densify_options, grid_run_edit, grid_edit_options, NULL},
    step_densify};
