/* wangge export: from the district into any format GDAL writes. */
#include "check.h"

static enum tool_exit unknown_noun(const struct args *args)
{
    static const char *const nouns[] = {"grids",    "buildings", "parts",
                                        "events",   "officers",  "owners",
                                        "surfaces", "roads",     "findings"};
    const char *typed = args->word[0];
    const char *near = args_suggest(typed, sizeof nouns / sizeof *nouns, nouns);
    if (near)
        return tool_usage(args, _("there are no %s; did you mean %s?"), typed, near);
    return tool_usage(args,
                      _("there are no %s to export: grids, buildings, parts, "
                        "events, officers, owners, surfaces, roads or findings"),
                      typed);
}

static enum tool_exit run(const struct args *args)
{
    struct wg_export_options o = {0};
    struct wg_error err;
    char at[WG_INSTANT_SIZE];
    enum wg_noun noun = wg_noun_parse(args->word[0]);
    if (!noun)
        return unknown_noun(args);
    const char *frame;
    struct wg_check_options check;
    struct check_norms norms;
    if (!check_options(args, &norms, &check) || !tool_frame(args, &frame) ||
        !tool_instant(args, "at", at, &o.filter.at))
        return TOOL_USAGE;
    o.check = &check;
    o.crs = frame;
    o.format = args_get(args, "format");
    o.scheme = args_get(args, "scheme");
    o.layer = args_get(args, "layer");
    o.overwrite = args_has(args, "overwrite");
    o.filter.where = args_get(args, "where");
    o.filter.ended = args_has(args, "all");
    o.progress = tool_progress(args);
    o.warn = tool_warn(args);
    struct wg_store *store = tool_open(args, 1, true);
    if (!store)
        return TOOL_FAILED;
    enum tool_exit status = TOOL_OK;
    int64_t n = 0;
    const char *grid = args_get(args, "grid");
    if (grid &&
        (!tool_scheme(args, store, &o.filter.scheme) ||
         wg_grid_find(store, o.filter.scheme, grid, &o.filter.grid, &err) != WG_OK))
        status = o.filter.scheme ? tool_fail(args, &err) : TOOL_FAILED;
    else if (wg_export(store, noun, args->word[2], &o, &n, &err) != WG_OK)
        status = tool_fail(args, &err);
    else {
        tool_made(args, args->word[2], n);
        tool_say(args, _("Wrote %lld %s to %s."), (long long)n, args->word[0],
                 args->word[2]);
    }
    wg_store_close(store);
    return status;
}

static const struct tool_option options[] = {
    {"format", "DRIVER",
     N_("GDAL driver, by its short name; default: by the file's ending")},
    {"crs", "CRS", N_("CRS of the file; default: the district's")},
    {"frame", "gcj02|bd09", N_("frame of the file, instead of --crs")},
    {"scheme", "NAME",
     N_("the scheme of the grids, or of the owners written with objects")},
    {"grid", "CODE", N_("only what this grid owns")},
    {"layer", "NAME", N_("name of the layer; default: the noun")},
    {"where", "SQL", N_("an SQL condition on the noun's table")},
    {"at", "TIME", N_("in force then; default: now")},
    {"all", NULL, N_("also rows that have ended, and closed events")},
    {"overwrite", NULL, N_("replace FILE when it is there")},
    CHECK_OPTIONS,
    {NULL, NULL, NULL},
};

const struct tool_verb verb_export = {
    "export",
    "NOUN DATABASE FILE [options]",
    N_("write grids, buildings, parts, events, owners to any GDAL format"),
    N_("Nouns: grids, buildings, parts, events, officers, owners, surfaces, roads,\n"
       "findings (what `wangge check` finds: points, and in .gpkg and .sqlite also the\n"
       "polygons of gaps and overlaps, layer findings_areas; from --sliver on the "
       "options\n"
       "are theirs).  The file appears complete or not at all.\n\n"
       "Example:\n  wangge export events river.wangge open.geojson --scheme basic"),
    3,
    3,
    options,
    run,
    NULL,
    NULL};
