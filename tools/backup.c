/* wangge backup: a consistent copy while others read and write. */
#include "tool.h"

static enum tool_exit run(const struct args *args)
{
    struct wg_error err;
    struct wg_store *store = tool_open(args, 0, true);
    if (!store)
        return TOOL_FAILED;
    enum tool_exit status = TOOL_OK;
    if (wg_store_backup(store, args->word[1], tool_progress(args), &err) != WG_OK) {
        status = tool_fail(args, &err);
    } else {
        tool_made(args, args->word[1], -1);
        tool_say(args, _("Made %s."), args->word[1]);
    }
    wg_store_close(store);
    return status;
}

static const struct tool_option options[] = {{NULL, NULL, NULL}};

const struct tool_verb verb_backup = {
    "backup", "DATABASE FILE", N_("copy the database while others use it"),
    N_("FILE must not exist; it appears complete or not at all."), 2, 2, options, run,
    NULL, NULL};
