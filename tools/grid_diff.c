/* wangge grid diff, as-of: boundaries of two times, and of one. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

struct listing {
    const struct args *args;
    struct out_list *list;
    struct grid_layer *layer;
    bool geometry; /* in JSON too */
};

static const char *change_name(enum wg_grid_change change)
{
    return change == WG_GRID_BEGUN   ? "begun"
           : change == WG_GRID_ENDED ? "ended"
                                     : "reshaped";
}

static bool diff_row(const struct wg_grid_diff *d, void *user)
{
    struct listing *l = user;
    const struct {
        const char *part;
        const struct wg_multipolygon *area;
        double m2;
    } part[] = {{"gained", &d->gained, d->gained_m2}, {"lost", &d->lost, d->lost_m2}};
    for (size_t i = 0; l->layer && i < 2; i++) {
        struct grid_field field[] = {{"code", d->code, NAN},
                                     {"change", change_name(d->change), NAN},
                                     {"part", part[i].part, NAN},
                                     {"area_m2", NULL, part[i].m2}};
        if (part[i].area->n_part)
            grid_layer_add(l->layer, sizeof field / sizeof *field, field, part[i].area);
    }
    if (!l->list) {
        json_open(NULL, '{');
        json_text("grid", d->code);
        json_text("change", change_name(d->change));
        json_real("before_m2", d->before_m2);
        json_real("after_m2", d->after_m2);
        json_real("gained_m2", d->gained_m2);
        json_real("lost_m2", d->lost_m2);
        if (l->geometry) {
            json_area("gained", &d->gained);
            json_area("lost", &d->lost);
        }
        json_close('}');
        return !tool_stopped();
    }
    out_text(l->list, d->code);
    out_text(l->list, change_name(d->change));
    out_real(l->list, d->before_m2, 1);
    out_real(l->list, d->after_m2, 1);
    out_real(l->list, d->gained_m2, 1);
    out_real(l->list, d->lost_m2, 1);
    out_row(l->list);
    return !tool_stopped();
}

/* The layer and the listing, begun; false after saying why not. */
static bool begin(struct listing *l, struct grid_job *job, enum out_format format,
                  size_t n, const struct out_column *column)
{
    const char *path = args_get(job->args, "output");
    l->args = job->args;
    if (path && !grid_layer_begin(job->args, job->crs, path, &l->layer))
        return false;
    if (format == OUT_JSON)
        json_open(NULL, '[');
    else
        l->list = out_list_begin(format, n, column);
    return true;
}

static enum tool_exit end(struct listing *l, enum wg_status status,
                          const struct wg_error *err)
{
    if (l->list) {
        out_list_end(l->list, status == WG_OK);
    } else {
        json_close(']');
        json_end();
    }
    bool written = !l->layer || grid_layer_end(l->layer, status == WG_OK);
    if (status != WG_OK)
        return tool_fail(l->args, err);
    return written ? TOOL_OK : TOOL_FAILED;
}

/* A revision's number; "-" and nothing are 0. */
static bool parse_number(const struct args *args, int at, int64_t *out)
{
    char *stop;
    *out = 0;
    if (at >= args->n)
        return true;
    errno = 0;
    *out = strtoll(args->word[at], &stop, 10);
    if (stop != args->word[at] && !*stop && !errno && *out >= 0)
        return true;
    tool_usage(args, _("a revision is a number that wangge grid log shows, not \"%s\""),
               args->word[at]);
    return false;
}

static enum tool_exit run_diff(const struct args *args)
{
    struct grid_job job = {0};
    struct listing l = {.geometry = args_has(args, "geometry")};
    struct wg_error err;
    enum out_format format;
    int64_t from, to;
    if (!tool_format(args, &format) || !parse_number(args, 1, &from) ||
        !parse_number(args, 2, &to))
        return TOOL_USAGE;
    if (args->n == 3 && from >= to)
        return tool_usage(args, "%s",
                          _("the earlier revision comes first; 0 is before the first"));
    const struct out_column column[] = {
        {"grid", _("grid"), OUT_TEXT},           {"change", _("change"), OUT_TEXT},
        {"before_m2", _("before m²"), OUT_REAL}, {"after_m2", _("after m²"), OUT_REAL},
        {"gained_m2", _("gained m²"), OUT_REAL}, {"lost_m2", _("lost m²"), OUT_REAL}};
    enum tool_exit exit = TOOL_FAILED;
    if (grid_open_store(&job, args, true) &&
        begin(&l, &job, format, sizeof column / sizeof *column, column)) {
        enum wg_status status =
            wg_revision_diff(job.store, job.scheme, from, to, diff_row, &l, &err);
        exit = end(&l, status, &err);
    }
    grid_close(&job);
    return exit;
}

static bool as_of_row(const struct wg_grid *g, void *user)
{
    struct listing *l = user;
    double area = wg_multipolygon_area(&g->geometry);
    struct grid_field field[] = {
        {"code", g->code, NAN},        {"name", g->name, NAN},
        {"kind", g->kind, NAN},        {"level", wg_level_name(g->level), NAN},
        {"area_m2", NULL, area},       {"valid_from", g->valid_from, NAN},
        {"valid_to", g->valid_to, NAN}};
    if (l->layer)
        grid_layer_add(l->layer, sizeof field / sizeof *field, field, &g->geometry);
    if (!l->list) {
        json_open(NULL, '{');
        json_int("id", g->id);
        for (size_t i = 0; i < sizeof field / sizeof *field; i++)
            if (i == 4)
                json_real(field[i].name, area);
            else
                json_text(field[i].name, field[i].text);
        if (l->geometry)
            json_area("geometry", &g->geometry);
        json_close('}');
        return !tool_stopped();
    }
    out_text(l->list, g->code);
    out_text(l->list, g->name);
    out_text(l->list, g->kind);
    out_text(l->list, wg_level_name(g->level));
    out_real(l->list, area, 0);
    out_text(l->list, g->valid_from);
    out_text(l->list, g->valid_to);
    out_row(l->list);
    return !tool_stopped();
}

static enum tool_exit run_as_of(const struct args *args)
{
    struct grid_job job = {0};
    struct listing l = {.geometry = args_has(args, "geometry")};
    struct wg_error err;
    enum out_format format;
    char at[WG_INSTANT_SIZE];
    int64_t ms;
    if (!tool_format(args, &format))
        return TOOL_USAGE;
    if (wg_instant_parse(args->word[1], 0, &ms, &err) != WG_OK)
        return tool_usage(args, "%s", err.text);
    wg_instant_format(ms, at);
    const struct out_column column[] = {
        {"code", _("code"), OUT_TEXT},        {"name", _("name"), OUT_TEXT},
        {"kind", _("kind"), OUT_TEXT},        {"level", _("level"), OUT_TEXT},
        {"area_m2", _("area m²"), OUT_REAL},  {"valid_from", _("valid from"), OUT_TEXT},
        {"valid_to", _("valid to"), OUT_TEXT}};
    enum tool_exit exit = TOOL_FAILED;
    if (grid_open_store(&job, args, true) &&
        begin(&l, &job, format, sizeof column / sizeof *column, column)) {
        enum wg_status status =
            wg_revision_as_of(job.store, job.scheme, at, as_of_row, &l, &err);
        exit = end(&l, status, &err);
    }
    grid_close(&job);
    return exit;
}

static const struct tool_option options[] = {
    {"scheme", "NAME", N_("the scheme; may be left out when there is one")},
    {"output", "FILE", N_("also write a layer (GeoJSON)")},
    {"geometry", NULL, N_("with --json: the polygons too")},
    {"format", "table|csv|json", N_("how to print")},
    {NULL, NULL, NULL},
};

const struct tool_verb grid_diff = {
    "grid diff",
    "DATABASE [FROM [TO]] [options]",
    N_("what changed between two revisions, grid by grid"),
    N_("FROM 0, or none, is before the first revision; TO, if left out, is the present.\n"
       "The layer holds what each grid gained and lost.\n\n"
       "Example:\n  wangge grid diff river.wangge 3 5 --output changes.geojson"),
    1,
    3,
    options,
    run_diff,
    NULL,
    NULL};

const struct tool_verb grid_as_of = {
    "grid as-of",
    "DATABASE TIME [options]",
    N_("the grids as they were at a time, polygons too"),
    N_("Example:\n  wangge grid as-of river.wangge 2026-06-30 --output june.geojson"),
    2,
    2,
    options,
    run_as_of,
    NULL,
    NULL};
