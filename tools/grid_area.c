/* wangge grid split, merge, transfer, carve, draw, dissolve: grids. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

#define NEW_GRID                                                                         \
    {"code", "CODE", N_("of the new grid; default: the next one")},                      \
        {"name", "TEXT", N_("of the new grid")},                                         \
    {                                                                                    \
        "kind", "basic|dedicated", N_("of the new grid")                                 \
    }
#define AREA_OPTION                                                                      \
    {                                                                                    \
        "area", "AREA", N_("a polygon: WKT, points, GeoJSON or a file of one")           \
    }

static bool new_grid(const struct args *args, struct wg_new_grid *as)
{
    *as = (struct wg_new_grid){.code = args_get(args, "code"),
                               .name = args_get(args, "name"),
                               .kind = args_get(args, "kind")};
    if (!as->kind || strcmp(as->kind, "basic") == 0 || strcmp(as->kind, "dedicated") == 0)
        return true;
    tool_usage(args, _("--kind takes basic or dedicated, not \"%s\""), as->kind);
    return false;
}

/* One and only one of these options. */
static bool one_of(const struct args *args, const char *a, const char *b)
{
    if (args_has(args, a) != args_has(args, b))
        return true;
    tool_usage(args, _("one of --%s and --%s is required"), a, b);
    return false;
}

static enum tool_exit step_split(struct grid_job *job, const struct args *args)
{
    struct wg_new_grid as;
    struct wg_error err;
    struct wg_line line = {0};
    struct wg_multipolygon area = {0};
    int64_t grid, made[64];
    size_t n = 0;
    double within;
    if (!one_of(args, "line", "area") || !new_grid(args, &as) ||
        !args_number(args, "within", 1, &within))
        return TOOL_USAGE;
    enum tool_exit exit = grid_code(job, args, args->word[1], false, &grid);
    if (exit == TOOL_OK)
        exit = args_has(args, "line")
                   ? grid_sketch(job, args, &line)
                   : grid_area(job, args, args_get(args, "area"), &area);
    if (exit != TOOL_OK)
        return exit;
    enum wg_status status =
        line.n ? wg_coverage_split(job->coverage, grid, &line, within, &as,
                                   sizeof made / sizeof *made, made, &n, &err)
               : wg_coverage_split_area(job->coverage, grid, &area, &as, made, &err);
    wg_line_finish(&line);
    wg_multipolygon_finish(&area);
    return grid_done(job, args, status, &err);
}

static enum tool_exit step_merge(struct grid_job *job, const struct args *args)
{
    struct wg_error err;
    const char *into = args_get(args, "into");
    int64_t grid[ARGS_MAX], target = 0;
    size_t n = (size_t)args->n - 1;
    enum tool_exit exit = TOOL_OK;
    for (size_t i = 0; i < n && exit == TOOL_OK; i++)
        exit = grid_code(job, args, args->word[i + 1], false, &grid[i]);
    if (exit == TOOL_OK && into)
        exit = grid_code(job, args, into, false, &target);
    if (exit != TOOL_OK)
        return exit;
    return grid_done(job, args,
                     wg_coverage_merge(job->coverage, n, grid, target, NULL, &err), &err);
}

/* The ground of all of `near` but those that move. */
static void leave_out(struct grid_footprints *near, const struct grid_footprints *move)
{
    size_t n = 0;
    for (size_t i = 0; i < near->list.n; i++) {
        bool moves = false;
        for (size_t k = 0; k < move->list.n; k++)
            moves = moves || move->id[k] == near->id[i];
        if (moves)
            continue;
        near->id[n] = near->id[i];
        near->footprint[n++] = near->footprint[i];
    }
    near->list.n = n;
}

static enum tool_exit transfer_buildings(struct grid_job *job, const struct args *args,
                                         int64_t from, int64_t to)
{
    struct grid_footprints move = {0}, keep = {0};
    struct wg_box box = wg_box_empty();
    struct wg_error err;
    double margin;
    if (!args_number(args, "margin", 0.5, &margin))
        return TOOL_USAGE;
    enum tool_exit exit = grid_buildings(job, args, &move);
    for (size_t i = 0; i < move.list.n; i++)
        box = wg_box_union(box, wg_multipolygon_box(move.footprint[i]));
    double room = 50 + (box.max_x - box.min_x + box.max_y - box.min_y) / 2;
    for (int i = 0; i < 2 && exit == TOOL_OK; i++) {
        /* Whatever stands in either grid may lie between them. */
        struct wg_coverage_face face;
        if ((i ? to : from) &&
            wg_coverage_face(job->coverage, i ? to : from, &face, NULL) == WG_OK)
            box = wg_box_union(box, face.box);
    }
    box = (struct wg_box){box.min_x - room, box.min_y - room, box.max_x + room,
                          box.max_y + room};
    if (exit == TOOL_OK && !grid_footprints_near(job, args, box, &keep))
        exit = TOOL_FAILED;
    if (exit == TOOL_OK) {
        leave_out(&keep, &move);
        exit =
            grid_done(job, args,
                      wg_coverage_transfer_buildings(job->coverage, from, to, &move.list,
                                                     &keep.list, margin, &err),
                      &err);
    }
    grid_footprints_finish(&move);
    grid_footprints_finish(&keep);
    return exit;
}

static enum tool_exit step_transfer(struct grid_job *job, const struct args *args)
{
    struct wg_multipolygon area = {0};
    struct wg_error err;
    int64_t from, to;
    bool buildings = args_has(args, "buildings") || args_has(args, "buildings-file");
    if (buildings == args_has(args, "area"))
        return tool_usage(args, _("one of --%s and --%s is required"), "area",
                          "buildings");
    enum tool_exit exit = grid_code(job, args, args->word[1], true, &from);
    if (exit == TOOL_OK)
        exit = grid_code(job, args, args->word[2], true, &to);
    if (exit == TOOL_OK && buildings)
        return transfer_buildings(job, args, from, to);
    if (exit == TOOL_OK)
        exit = grid_area(job, args, args_get(args, "area"), &area);
    if (exit != TOOL_OK)
        return exit;
    enum wg_status status = wg_coverage_transfer(job->coverage, from, to, &area, &err);
    wg_multipolygon_finish(&area);
    return grid_done(job, args, status, &err);
}

static enum tool_exit step_carve(struct grid_job *job, const struct args *args)
{
    struct wg_multipolygon area = {0};
    struct wg_new_grid as;
    struct wg_error err;
    int64_t *from = NULL, made;
    size_t n = 0;
    enum tool_exit exit = TOOL_OK;
    if (!grid_need(args, "area") || !new_grid(args, &as))
        return TOOL_USAGE;
    if (args_has(args, "from"))
        exit = grid_codes(job, args, args_get(args, "from"), &n, &from);
    if (exit == TOOL_OK)
        exit = grid_area(job, args, args_get(args, "area"), &area);
    if (exit == TOOL_OK)
        exit = grid_done(
            job, args, wg_coverage_carve(job->coverage, &area, n, from, &as, &made, &err),
            &err);
    free(from);
    wg_multipolygon_finish(&area);
    return exit;
}

static enum tool_exit step_draw(struct grid_job *job, const struct args *args)
{
    struct wg_multipolygon area = {0};
    struct wg_new_grid as;
    struct wg_error err;
    int64_t made;
    if (!grid_need(args, "area") || !new_grid(args, &as))
        return TOOL_USAGE;
    enum tool_exit exit = grid_area(job, args, args_get(args, "area"), &area);
    if (exit != TOOL_OK)
        return exit;
    enum wg_status status = wg_coverage_draw(job->coverage, &area, &as, &made, &err);
    wg_multipolygon_finish(&area);
    return grid_done(job, args, status, &err);
}

static enum tool_exit step_dissolve(struct grid_job *job, const struct args *args)
{
    struct wg_error err;
    int64_t grid;
    enum tool_exit exit = grid_code(job, args, args->word[1], false, &grid);
    if (exit != TOOL_OK)
        return exit;
    return grid_done(job, args, wg_coverage_dissolve(job->coverage, grid, &err), &err);
}

static const struct tool_option split_options[] = {
    {"line", "LINE", N_("where: WKT, points, GeoJSON or a file of one")},
    AREA_OPTION,
    {"avoid-buildings", NULL, N_("lead the line around footprints")},
    {"margin", "METRES", N_("to keep from footprints (0.5)")},
    {"within", "METRES", N_("how far the line's ends may be off the boundary (1)")},
    NEW_GRID,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_split = {
    {"grid split", "DATABASE CODE --line LINE | --area AREA [options]",
     N_("split a grid; the largest piece keeps the code"),
     N_("The other pieces get the next codes, which no grid ever had.\n\n"
        "Example:\n"
        "  wangge grid split river.wangge 999999001001001 --line cut.geojson "
        "--avoid-buildings"),
     2, 2, split_options, grid_run_edit, grid_edit_options, NULL},
    step_split};

static const struct tool_option merge_options[] = {
    {"into", "CODE", N_("which of them stays; default: the lowest code")},
    {NULL, NULL, NULL},
};

const struct grid_edit grid_merge = {
    {"grid merge", "DATABASE CODE CODE … [--into CODE] [options]",
     N_("merge neighbours; the others end"), NULL, 3, ARGS_MAX, merge_options,
     grid_run_edit, grid_edit_options, NULL},
    step_merge};

static const struct tool_option transfer_options[] = {
    AREA_OPTION,
    {"buildings", "CODE,CODE …", N_("buildings, by codes or ids, with their ground")},
    {"buildings-file", "FILE", N_("the same from a file; - for standard input")},
    {"margin", "METRES", N_("ground around each building (0.5)")},
    {NULL, NULL, NULL},
};

const struct grid_edit grid_transfer = {
    {"grid transfer", "DATABASE FROM TO --area AREA | --buildings LIST [options]",
     N_("give a strip or buildings from one grid to its neighbour"),
     N_("What of the area belongs to FROM goes to TO; - stands for nobody's area.\n\n"
        "Example:\n"
        "  wangge grid transfer river.wangge 999999001001001 999999001001002 \\\n"
        "    --buildings 12,13 --dry-run"),
     3, 3, transfer_options, grid_run_edit, grid_edit_options, NULL},
    step_transfer};

static const struct tool_option carve_options[] = {
    AREA_OPTION,
    {"from", "CODE,CODE …", N_("only out of these grids; default: of all")},
    NEW_GRID,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_carve = {
    {"grid carve", "DATABASE --area AREA [--kind dedicated] [options]",
     N_("carve a new grid out of those that have the area"), NULL, 1, 1, carve_options,
     grid_run_edit, grid_edit_options, NULL},
    step_carve};

static const struct tool_option draw_options[] = {
    AREA_OPTION,
    NEW_GRID,
    {NULL, NULL, NULL},
};

const struct grid_edit grid_draw = {{"grid draw", "DATABASE --area AREA [options]",
                                     N_("a new grid of what of an area no grid has"),
                                     NULL, 1, 1, draw_options, grid_run_edit,
                                     grid_edit_options, NULL},
                                    step_draw};

static const struct tool_option none[] = {{NULL, NULL, NULL}};

const struct grid_edit grid_dissolve = {
    {"grid dissolve", "DATABASE CODE [options]",
     N_("end a grid; its neighbours get its area"),
     N_("Each piece goes to the neighbour with the longest border."), 2, 2, none,
     grid_run_edit, grid_edit_options, NULL},
    step_dissolve};
