/* wangge grid divide: a proposal of grids that follow streets and cut no building. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

static bool parse_norm(const struct args *args, struct wg_divide_options *o)
{
    const char *text = args_get(args, "households");
    long long least, most;
    char rest;
    if (!text)
        return true;
    if (sscanf(text, "%lld-%lld%c", &least, &most, &rest) == 2 && least >= 1 &&
        least <= most) {
        o->households_min = least;
        o->households_max = most;
        return true;
    }
    tool_usage(args, _("--households takes MIN-MAX, not \"%s\""), text);
    return false;
}

/* The norm of the scheme where none is stated. */
static bool find_norm(struct grid_job *job, const struct args *args,
                      struct wg_divide_options *o)
{
    struct wg_norms norms;
    struct wg_error err;
    if (o->households_max)
        return true;
    if (wg_norms_read(job->store, job->scheme, &norms, &err) != WG_OK) {
        tool_fail(args, &err);
        return false;
    }
    if (norms.households_min > 0 && norms.households_max >= norms.households_min) {
        o->households_min = norms.households_min;
        o->households_max = norms.households_max;
    }
    return true;
}

static enum tool_exit step_divide(struct grid_job *job, const struct args *args)
{
    struct wg_divide_options o = {.progress = tool_progress(args)};
    struct wg_new_grid as = {.kind = NULL};
    struct wg_multipolygon area = {0};
    struct wg_division division = {0};
    struct wg_error err;
    struct wg_point *seed = NULL;
    int64_t grid = 0, target, random;
    enum tool_exit exit = TOOL_OK;
    bool whole = args->n > 1;
    if (whole == args_has(args, "area"))
        return tool_usage(args, "%s", _("either a grid's code or --area is required"));
    if (!parse_norm(args, &o) || !args_integer(args, "target", 0, &target) ||
        !args_integer(args, "random", 0, &random) ||
        !args_number(args, "margin", 0, &o.margin_m))
        return TOOL_USAGE;
    if (target < 0 || target > 100000)
        return tool_usage(args, "%s", _("--target is from 1 to 100000"));
    o.target = (uint32_t)target;
    o.random = (uint64_t)random;
    if (!grid_survey(job, args) || !find_norm(job, args, &o))
        return TOOL_FAILED;
    if (args_has(args, "seeds"))
        exit = grid_points(job, args, args_get(args, "seeds"), &o.n_seed, &seed);
    o.seed = seed;
    if (exit == TOOL_OK)
        exit = whole ? grid_code(job, args, args->word[1], false, &grid)
                     : grid_area(job, args, args_get(args, "area"), &area);
    if (exit != TOOL_OK)
        goto out;
    enum wg_status status = WG_OK;
    if (whole)
        status = wg_coverage_polygon(job->coverage, grid, &area, &err);
    if (status == WG_OK)
        status = wg_divide(&area, job->survey, &o, &division, &err);
    exit = status == WG_OK ? TOOL_OK : tool_fail(args, &err);
    if (exit == TOOL_OK)
        exit = grid_done(job, args,
                         wg_coverage_divide(job->coverage, grid, &division, &as, &err),
                         &err);
    if (exit == TOOL_OK && !job->has_quality) {
        job->quality = division;
        job->has_quality = true;
        memset(&division, 0, sizeof division);
    }
out:
    wg_division_finish(&division);
    wg_multipolygon_finish(&area);
    free(seed);
    return exit;
}

static const struct tool_option options[] = {
    {"target", "N", N_("how many grids; default: by the norm, or one for each seed")},
    {"households", "MIN-MAX", N_("the norm; default: the scheme's, else 300-500")},
    {"seeds", "POINTS", N_("start from these places, X,Y with blanks between them")},
    {"area", "AREA", N_("divide nobody's area in this polygon instead of a grid")},
    {"margin", "METRES", N_("to keep from footprints (0.5)")},
    {"random", "N", N_("another number, another division; the same, the same")},
    {NULL, NULL, NULL},
};

const struct grid_edit grid_divide = {
    {"grid divide", "DATABASE CODE | --area AREA [options]",
     N_("divide an area into balanced grids that cut no building"),
     N_("New boundaries follow streets where they can; the grids are balanced by\n"
        "households, compact, and numbered from the north-west.  The first keeps the\n"
        "code.  --dry-run --output FILE shows the proposal, --draft keeps it for a\n"
        "person to change.\n\n"
        "Example:\n"
        "  wangge grid divide river.wangge 999999001001001 --target 3 --dry-run"),
     1, 2, options, grid_run_edit, grid_edit_options, NULL},
    step_divide};
