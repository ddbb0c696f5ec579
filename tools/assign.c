/* wangge assign: ask every object again which grid owns it. */
#include "counts.h"
#include "tool.h"

static enum tool_exit run(const struct args *args)
{
    struct wg_error err;
    struct wg_assign_counts counts[WG_KIND_COUNT] = {{0}};
    int64_t scheme = 0;
    enum tool_exit status = TOOL_FAILED;
    struct wg_assign_options how = {0};
    if (!tool_engine(args, &how.engine))
        return TOOL_USAGE;
    struct wg_store *store = tool_open(args, 0, false);
    if (!store || (args_has(args, "scheme") && !tool_scheme(args, store, &scheme)))
        goto out;
    how.progress = tool_progress(args);
    if (wg_assign_all_with(store, scheme, &how, counts, &err) != WG_OK) {
        status = tool_fail(args, &err);
        goto out;
    }
    status = TOOL_OK;
    if (args_has(args, "json")) {
        json_open(NULL, '{');
        counts_json(counts);
        json_close('}');
        json_end();
    } else {
        counts_print(counts);
    }
out:
    wg_store_close(store);
    return status;
}

static const struct tool_option options[] = {
    {"scheme", "NAME", N_("this scheme only; default: every scheme in force")},
    TOOL_ENGINE,
    {NULL, NULL, NULL},
};

const struct tool_verb verb_assign = {
    "assign", "DATABASE [--scheme NAME] [--engine index|spatialite]",
    N_("find the owner of every building, part and event"),
    N_("Imports and other programs' rows get their owners at once; this asks all of them\n"
       "again, in one transaction, and prints how many are owned, outside or cut."),
    1, 1, options, run,
    NULL, NULL};
