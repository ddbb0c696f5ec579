/* wangge grid clean: foreign polygons brought to a strict partition. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

struct cleaning {
    struct out_list *list; /* NULL: JSON */
    int64_t left;          /* what was not cured */
};

static void note_json(const struct wg_clean_note *n)
{
    json_open(NULL, '{');
    json_text("what", wg_clean_name(n->what));
    json_text("grid", n->grid_code);
    json_text("other", n->other_code);
    json_real("x", n->x);
    json_real("y", n->y);
    json_real("area_m2", n->area_m2);
    json_real("width_m", n->width_m);
    json_real("moved_m", n->moved_m);
    json_close('}');
}

static bool take(const struct wg_clean_note *n, void *user)
{
    struct cleaning *c = user;
    c->left += n->what == WG_CLEAN_LEFT_GAP || n->what == WG_CLEAN_LEFT_OVERLAP ||
               n->what == WG_CLEAN_VANISHED;
    if (!c->list) {
        note_json(n);
        return !tool_stopped();
    }
    out_text(c->list, wg_clean_name(n->what));
    out_text(c->list, n->grid_code);
    out_text(c->list, n->other_code);
    out_real(c->list, n->x, 2);
    out_real(c->list, n->y, 2);
    out_real(c->list, n->area_m2, 3);
    out_real(c->list, n->width_m, 3);
    out_real(c->list, n->moved_m, 3);
    out_row(c->list);
    return !tool_stopped();
}

static bool parse(const struct args *args, struct wg_clean_options *o)
{
    const char *rule = args_get(args, "overlap");
    if (!args_number(args, "snap", 0, &o->snap_m) ||
        !args_number(args, "gap", 0, &o->gap_m) ||
        !args_number(args, "overlap-max", NAN, &o->overlap_max_m))
        return false;
    if (o->snap_m < 0 || o->gap_m < 0 || o->overlap_max_m < 0) {
        tool_usage(args, "%s", _("--snap, --gap and --overlap-max are 0 or more"));
        return false;
    }
    int known = rule ? wg_overlap_rule_parse(rule) : WG_OVERLAP_LONGEST_BORDER;
    if (known < 0) {
        tool_usage(args,
                   _("--overlap takes longest-border, largest, smallest or lowest-code, "
                     "not \"%s\""),
                   rule);
        return false;
    }
    o->overlap = (enum wg_overlap_rule)known;
    return true;
}

static enum tool_exit run(const struct args *args)
{
    struct wg_clean_options o = {0};
    struct wg_error err;
    enum out_format format;
    char text[WG_INSTANT_SIZE];
    int64_t changed = 0, revision = 0, scheme;
    double moved = 0;
    bool dry = args_has(args, "dry-run");
    struct wg_commit commit = {grid_author(args), args_get(args, "reason"), NULL};
    if (!parse(args, &o) || !tool_format(args, &format) ||
        !tool_instant(args, "at", text, &commit.at))
        return TOOL_USAGE;
    enum tool_exit exit = TOOL_FAILED;
    struct wg_store *store = tool_open(args, 0, dry);
    if (!store || !tool_scheme(args, store, &scheme))
        goto out;
    const struct out_column column[] = {
        {"what", _("what"), OUT_TEXT},
        {"grid", _("grid"), OUT_TEXT},
        {"other", _("other"), OUT_TEXT},
        {"x", "x", OUT_REAL},
        {"y", "y", OUT_REAL},
        {"area_m2", _("area m²"), OUT_REAL},
        {"width_m", _("width m"), OUT_REAL},
        {"moved_m", _("moved m"), OUT_REAL},
    };
    struct cleaning c = {0};
    if (format == OUT_JSON) {
        json_open(NULL, '{');
        json_open("notes", '[');
    } else {
        c.list = out_list_begin(format, sizeof column / sizeof *column, column);
    }
    enum wg_status status = wg_clean_scheme(store, scheme, &o, &commit, dry, &changed,
                                            &revision, &moved, take, &c, &err);
    if (c.list)
        out_list_end(c.list, status == WG_OK && format == OUT_CSV);
    if (format == OUT_JSON) {
        json_close(']');
        json_bool("dry_run", dry);
        json_int("changed", changed);
        json_real("moved_m", moved);
        json_int("left", c.left);
        if (revision)
            json_int("revision", revision);
        else
            json_null("revision");
        if (status != WG_OK) {
            json_open("error", '{');
            json_text("status", wg_status_name(status));
            json_text("text", err.text);
            json_close('}');
        }
        json_close('}');
        json_end();
    }
    if (status != WG_OK) {
        exit = tool_fail(args, &err);
        goto out;
    }
    tool_say(args, _("%lld grids changed, the furthest by %.3f m; %lld places left."),
             (long long)changed, moved, (long long)c.left);
    if (dry || !revision)
        tool_say(args, "%s", _("Nothing was written."));
    else
        tool_say(args, _("Revision %lld."), (long long)revision);
    exit = c.left ? TOOL_FINDINGS : TOOL_OK;
out:
    wg_store_close(store);
    return exit;
}

static const struct tool_option options[] = {
    {"scheme", "NAME", N_("the scheme; may be left out when there is one")},
    {"snap", "METRES", N_("put vertices nearer than this onto each other (0: none)")},
    {"gap", "METRES", N_("fill gaps narrower than this (0: none)")},
    {"overlap", "RULE",
     N_("who gets an overlap: longest-border, largest, smallest, lowest-code")},
    {"overlap-max", "METRES", N_("name overlaps wider than this as left")},
    {"author", "NAME", N_("who changes it; default: the login name")},
    {"reason", "TEXT", N_("why; it stands in the log")},
    {"at", "TIME", N_("since when it holds; default: now")},
    {"dry-run", NULL, N_("only say what would change")},
    {"format", "table|csv|json", N_("how to print")},
    {NULL, NULL, NULL},
};

const struct tool_verb grid_clean = {
    "grid clean",
    "DATABASE --snap METRES --gap METRES --overlap RULE [options]",
    N_("bring foreign polygons to a strict partition, as one revision"),
    N_("No vertex moves further than --snap, and what is right already stays as it is.\n"
       "Each overlap given away, gap filled, boundary moved and polygon repaired is\n"
       "listed with its place and area.  Gaps that are wider are named, not filled; the\n"
       "exit status is then 3.\n\n"
       "Example:\n"
       "  wangge grid clean river.wangge --snap 1 --gap 2 --overlap largest --dry-run"),
    1,
    1,
    options,
    run,
    NULL,
    NULL};
