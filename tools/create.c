/* wangge create: a new, empty district. */
#include "tool.h"

static enum tool_exit run(const struct args *args)
{
    struct wg_create_options options = {0};
    struct wg_error err;
    options.crs = args_get(args, "crs");
    options.name = args_get(args, "name");
    options.lang = args_get(args, "lang") ? args_get(args, "lang") : language_name();
    if (!args_number(args, "default-height", 0, &options.default_height_m) ||
        !args_number(args, "floor-height", 0, &options.floor_height_m))
        return TOOL_USAGE;
    if (!options.crs)
        return tool_usage(args, "%s",
                          _("--crs is required: the district's projected CRS in metres, "
                            "for China a 3-degree Gauss-Kruger zone such as EPSG:4545"));
    if (wg_store_create(args->word[0], &options, &err) != WG_OK)
        return tool_fail(args, &err);
    tool_made(args, args->word[0], -1);
    tool_say(args, _("Made %s."), args->word[0]);
    return TOOL_OK;
}

static const struct tool_option options[] = {
    {"crs", "CRS", N_("the district's CRS, projected and in metres: EPSG:4545")},
    {"name", "TEXT", N_("name of the district; default: the file's name")},
    {"default-height", "METRES", N_("of a building without height and floors (6)")},
    {"floor-height", "METRES", N_("of one floor (3)")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_create = {
    "create", "DATABASE --crs CRS [options]", N_("make a new district database"),
    N_("Example:\n  wangge create river.wangge --crs EPSG:4545 --name Riverside --lang zh"),
    1, 1, options, run,
    NULL, NULL};
