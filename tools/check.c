/* wangge check: what is wrong with the grids. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* ---- its options, which export findings takes too ---- */

static struct wg_size_norm *norm_of(struct check_norms *norms, const char *kind)
{
    for (size_t i = 0; i < norms->n; i++)
        if (!strcmp(norms->norm[i].kind ? norms->norm[i].kind : "", kind ? kind : ""))
            return &norms->norm[i];
    struct wg_size_norm *norm = &norms->norm[norms->n++];
    wg_size_norm_init(norm);
    norm->kind = kind;
    return norm;
}

/* "300-500", "300-" or "-500". */
static bool range(const char *text, size_t length, double *least, double *most)
{
    char word[64], *end = word;
    if (length == 0 || length >= sizeof word)
        return false;
    memcpy(word, text, length);
    word[length] = '\0';
    *least = *most = NAN;
    if (word[0] != '-')
        *least = strtod(word, &end);
    if (*end++ != '-')
        return false;
    if (*end)
        *most = strtod(end, &end);
    return !*end && !(isnan(*least) && isnan(*most)) && !(*least < 0) &&
           !(*most < *least);
}

enum size { HOUSEHOLDS, POPULATION, AREA };

static void set_norm(struct wg_size_norm *norm, enum size size, double least, double most)
{
    if (size == AREA) {
        norm->area_min_m2 = least;
        norm->area_max_m2 = most;
        return;
    }
    int64_t from = isnan(least) ? WG_UNKNOWN : (int64_t)least;
    int64_t to = isnan(most) ? WG_UNKNOWN : (int64_t)most;
    if (size == HOUSEHOLDS) {
        norm->households_min = from;
        norm->households_max = to;
    } else {
        norm->population_min = from;
        norm->population_max = to;
    }
}

/* "300-500,dedicated=0-2000"; an area may be "10000", which means a tenth more or less.
 */
static bool parse_norms(const struct args *args, const char *name, enum size size,
                        struct check_norms *norms)
{
    const char *text = args_get(args, name);
    while (text && *text) {
        const char *kind = NULL;
        size_t length = strcspn(text, ",");
        double least, most;
        char *end;
        if (!strncmp(text, "basic=", 6))
            kind = "basic";
        else if (!strncmp(text, "dedicated=", 10))
            kind = "dedicated";
        const char *value = text + (kind ? strlen(kind) + 1 : 0);
        double area = strtod(value, &end);
        if (size == AREA && end == text + length && area > 0) {
            least = area * 0.9;
            most = area * 1.1;
        } else if (!range(value, length - (size_t)(value - text), &least, &most)) {
            tool_usage(args, _("--%s takes MIN-MAX, not \"%.*s\""), name, (int)length,
                       text);
            return false;
        }
        set_norm(norm_of(norms, kind), size, least, most);
        text += length + (text[length] == ',');
    }
    return true;
}

bool check_options(const struct args *args, struct check_norms *norms,
                   struct wg_check_options *out)
{
    *norms = (struct check_norms){.n = 0};
    *out =
        (struct wg_check_options){.no_norms = args_has(args, "no-norms"),
                                  .no_default_norms = args_has(args, "no-default-norms"),
                                  .management = args_has(args, "management")};
    if (!args_number(args, "sliver", 0, &out->sliver_m2) ||
        !args_number(args, "sliver-width", 0, &out->sliver_width_m) ||
        !parse_norms(args, "households", HOUSEHOLDS, norms) ||
        !parse_norms(args, "population", POPULATION, norms) ||
        !parse_norms(args, "area", AREA, norms))
        return false;
    if (args_has(args, "sliver") && !(out->sliver_m2 > 0))
        out->sliver_m2 = DBL_MIN; /* 0 would be the default: nothing is passed over */
    out->n_norm = norms->n;
    out->norm = norms->norm;
    return true;
}

/* ---- the verb ---- */

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
    out_real(l->list, f->width, 3);
    out_row(l->list);
    l->n++;
    return !tool_stopped();
}

static enum tool_exit run(const struct args *args)
{
    struct wg_check_options options;
    struct check_norms norms;
    struct wg_error err;
    enum out_format format;
    if (!tool_format(args, &format) || !check_options(args, &norms, &options))
        return TOOL_USAGE;
    enum tool_exit status = TOOL_FAILED;
    struct wg_store *store = tool_open(args, 0, true);
    if (!store ||
        (args_has(args, "scheme") && !tool_scheme(args, store, &options.scheme)))
        goto out;
    const struct out_column column[] = {
        {"rule", _("rule"), OUT_TEXT},
        {"grid", _("grid"), OUT_TEXT},
        {"other", _("other"), OUT_TEXT},
        {"building", _("building"), OUT_INT},
        {"size", _("size"), OUT_REAL},
        {"x", "x", OUT_REAL},
        {"y", "y", OUT_REAL},
        {"text", _("finding"), OUT_TEXT},
        {"cure", _("cure"), OUT_TEXT},
        {"width", _("width"), OUT_REAL},
    };
    struct listing l = {out_list_begin(format, sizeof column / sizeof *column, column),
                        0};
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
    CHECK_OPTIONS,
    {"format", "table|csv|json", N_("how to print")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_check = {
    "check",
    "DATABASE [--scheme NAME]",
    N_("look for gaps, overlaps, cut buildings, bad codes, wrong sizes"),
    N_("Each finding has a rule, the grids, a place, a size and a cure.  Exit status 3 "
       "when\n"
       "there are findings, 0 when there are none.  Norms are MIN-MAX, or for a kind of "
       "grid\n"
       "KIND=MIN-MAX, several with commas; without any, the scheme's own, and 300-500\n"
       "households for basic grids whose codes have a form.  `wangge export findings` "
       "makes\n"
       "a layer of them.  `wangge info --integrity` checks the file itself."),
    1,
    1,
    options,
    run,
    NULL,
    NULL};
