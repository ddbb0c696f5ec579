/* wangge check: what is wrong with the grids. */
#include <math.h>

#include "tool.h"

struct listing {
    struct out_list *list;
    int64_t n;
};

static bool show(const struct wg_finding *f, void *user)
{
    struct listing *l = user;
    out_text(l->list, wg_rule_name(f->rule));
    out_text(l->list, f->grid_code);
    out_text(l->list, f->other_code);
    out_int(l->list, f->building ? f->building : WG_UNKNOWN);
    out_real(l->list, f->size, 3);
    out_real(l->list, f->x, 2);
    out_real(l->list, f->y, 2);
    out_text(l->list, f->text);
    out_text(l->list, f->cure);
    out_row(l->list);
    l->n++;
    return !tool_stopped();
}

static enum tool_exit run(const struct args *args)
{
    struct wg_check_options options = {.no_norms = args_has(args, "no-norms")};
    struct wg_error err;
    enum out_format format;
    if (!tool_format(args, &format) ||
        !args_number(args, "sliver", 0, &options.sliver_m2))
        return TOOL_USAGE;
    enum tool_exit status = TOOL_FAILED;
    struct wg_store *store = tool_open(args, 0, true);
    if (!store || (args_has(args, "scheme") && !tool_scheme(args, store, &options.scheme)))
        goto out;
    const struct out_column column[] = {
        {"rule", _("rule"), OUT_TEXT},         {"grid", _("grid"), OUT_TEXT},
        {"other", _("other"), OUT_TEXT},       {"building", _("building"), OUT_INT},
        {"size", _("size"), OUT_REAL},         {"x", "x", OUT_REAL},
        {"y", "y", OUT_REAL},                  {"text", _("finding"), OUT_TEXT},
        {"cure", _("cure"), OUT_TEXT},
    };
    struct listing l = {out_list_begin(format, sizeof column / sizeof *column, column), 0};
    enum wg_status done =
        wg_check(store, &options, tool_progress(args), show, &l, NULL, &err);
    out_list_end(l.list, done == WG_OK && (l.n || format != OUT_TABLE));
    if (done != WG_OK) {
        status = tool_fail(args, &err);
        goto out;
    }
    if (l.n)
        tool_say(args, _("%lld findings."), (long long)l.n);
    else
        tool_say(args, "%s", _("No findings."));
    status = l.n ? TOOL_FINDINGS : TOOL_OK;
out:
    wg_store_close(store);
    return status;
}

static const struct tool_option options[] = {
    {"scheme", "NAME", N_("this scheme only; default: every scheme in force")},
    {"sliver", "M2", N_("pass over gaps and overlaps up to this area (0.01)")},
    {"no-norms", NULL, N_("leave out size norms and officers")},
    {"format", "table|csv|json", N_("how to print")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_check = {
    "check", "DATABASE [--scheme NAME]",
    N_("look for gaps, overlaps, cut buildings, bad codes, wrong sizes"),
    N_("Each finding has a rule, the grids, a place, a size and a cure.  Exit status 3 when\n"
       "there are findings, 0 when there are none.  `wangge info --integrity` checks the\n"
       "file itself."),
    1, 1, options, run};
