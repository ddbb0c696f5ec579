/* wangge import: a file's features into the district. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "counts.h"
#include "tool.h"

enum { SHOWN = 20 }; /* problems printed for people */

/* Options that name a field, and where they go. */
static const struct {
    const char *option;
    size_t at;
} fields[] = {
#define FIELD(option, member)                                                            \
    {                                                                                    \
        option, offsetof(struct wg_import_options, member)                               \
    }
    FIELD("layer", layer),
    FIELD("where", where),
    FIELD("x", x_field),
    FIELD("y", y_field),
    FIELD("wkt", wkt_field),
    FIELD("encoding", encoding),
    FIELD("scheme", scheme),
    FIELD("code-form", code_form),
    FIELD("kind", kind),
    FIELD("code", code),
    FIELD("name", name),
    FIELD("parent", parent),
    FIELD("note", note),
    FIELD("height", height),
    FIELD("floors", floors),
    FIELD("base", base),
    FIELD("roof", roof),
    FIELD("use", use),
    FIELD("address", address),
    FIELD("part-of", part_of),
    FIELD("id", id),
    FIELD("households", households),
    FIELD("population", population),
    FIELD("elderly-alone", elderly_alone),
    FIELD("time", time),
    FIELD("due", due),
    FIELD("closed", closed),
    FIELD("class", class_code),
    FIELD("title", title),
    FIELD("description", description),
    FIELD("stage", stage),
    FIELD("alert", alert),
    FIELD("status", status),
    FIELD("grid", grid),
    FIELD("phone", phone),
    FIELD("width", width),
    FIELD("kind-field", kind_field),
    FIELD("from", valid_from),
    FIELD("until", valid_to),
#undef FIELD
};

static bool read_options(const struct args *args, struct wg_import_options *o)
{
    const char *frame;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *(const char **)((char *)o + fields[i].at) = args_get(args, fields[i].option);
    if (!tool_frame(args, &frame))
        return false;
    o->crs = args_get(args, "crs");
    o->frame = args_get(args, "frame");
    const char *level = args_get(args, "level"), *invalid = args_get(args, "invalid");
    if (level && !(o->level = wg_level_parse(level))) {
        tool_usage(args,
                   _("--level takes city, district, street, community, grid or "
                     "micro-grid, not \"%s\""),
                   level);
        return false;
    }
    if (invalid && strcmp(invalid, "repair") != 0 && strcmp(invalid, "reject") != 0) {
        tool_usage(args, _("--invalid takes reject or repair, not \"%s\""), invalid);
        return false;
    }
    o->invalid =
        invalid && strcmp(invalid, "repair") == 0 ? WG_INVALID_REPAIR : WG_INVALID_REJECT;
    o->keep_null = args_has(args, "keep-null");
    o->keep_good = args_has(args, "keep-good");
    o->update = args_has(args, "update");
    o->no_assign = args_has(args, "no-assign");
    int64_t offset;
    if (!args_integer(args, "utc-offset", 0, &offset) ||
        !args_number(args, "densify", 0, &o->densify_m))
        return false;
    o->utc_offset_min = (int)offset;
    o->progress = tool_progress(args);
    o->warn = tool_warn(args);
    return true;
}

static void report_json(const struct wg_import_report *r, const struct wg_error *err)
{
    json_open(NULL, '{');
    json_int("read", r->read);
    json_int("imported", err ? 0 : r->imported);
    json_int("updated", err ? 0 : r->updated);
    json_int("repaired", r->repaired);
    json_int("rejected", r->rejected);
    counts_json_one("owners", &r->counts);
    json_open("problems", '[');
    for (size_t i = 0; i < r->n_problem; i++) {
        const struct wg_problem *p = &r->problem[i];
        json_open(NULL, '{');
        json_int("fid", p->fid);
        json_real("x", p->x);
        json_real("y", p->y);
        json_bool("repaired", p->repaired);
        json_text("text", p->text);
        json_close('}');
    }
    json_close(']');
    if (err) {
        json_open("error", '{');
        json_text("status", wg_status_name(err->status));
        json_text("text", err->text);
        json_close('}');
    }
    json_close('}');
    json_end();
}

static void report_people(const struct args *args, const struct wg_import_report *r,
                          bool failed)
{
    for (size_t i = 0; i < r->n_problem && i < SHOWN; i++) {
        const struct wg_problem *p = &r->problem[i];
        if (args_has(args, "quiet") && p->repaired)
            continue;
        fprintf(stderr,
                p->repaired ? _("  feature %lld repaired: %s")
                            : _("  feature %lld rejected: %s"),
                (long long)p->fid, p->text);
        if (isfinite(p->x) && isfinite(p->y))
            fprintf(stderr, _(" at %.10g %.10g"), p->x, p->y);
        fputc('\n', stderr);
    }
    if (r->repaired + r->rejected > SHOWN && r->n_problem > SHOWN)
        fprintf(stderr, _("  … and %lld more\n"),
                (long long)(r->repaired + r->rejected - SHOWN));
    if (failed)
        return;
    printf(_("%lld read, %lld imported, %lld updated, %lld repaired, %lld rejected\n"),
           (long long)r->read, (long long)r->imported, (long long)r->updated,
           (long long)r->repaired, (long long)r->rejected);
    counts_print_one(_("owners"), &r->counts);
}

static enum tool_exit unknown_noun(const struct args *args)
{
    static const char *const nouns[] = {"grids",    "buildings", "parts", "events",
                                        "officers", "surfaces",  "roads", "terrain"};
    const char *typed = args->word[0];
    const char *near = args_suggest(typed, sizeof nouns / sizeof *nouns, nouns);
    if (near)
        return tool_usage(args, _("there are no %s; did you mean %s?"), typed, near);
    return tool_usage(args,
                      _("%s cannot be imported: grids, buildings, parts, events, "
                        "officers, surfaces, roads and terrain can"),
                      typed);
}

static enum tool_exit run(const struct args *args)
{
    struct wg_import_options o = {0};
    struct wg_import_report report = {0};
    struct wg_error err;
    enum wg_noun noun = wg_noun_parse(args->word[0]);
    if (!noun || noun == WG_NOUN_OWNERS || noun >= WG_NOUN_SCHEMES)
        return unknown_noun(args);
    if (!read_options(args, &o))
        return TOOL_USAGE;
    struct wg_store *store = tool_open(args, 1, false);
    if (!store)
        return TOOL_FAILED;
    enum tool_exit status = TOOL_OK;
    enum wg_status done = wg_import(store, noun, args->word[2], &o, &report, &err);
    if (args_has(args, "json"))
        report_json(&report, done == WG_OK ? NULL : &err);
    else
        report_people(args, &report, done != WG_OK);
    if (done == WG_CANCELLED) {
        status = tool_fail(args, &err);
    } else if (done != WG_OK) {
        fprintf(stderr, "wangge import: %s\n", err.text);
        status = TOOL_FAILED;
    } else if (report.rejected) {
        status = TOOL_FINDINGS;
    }
    wg_import_report_finish(&report);
    wg_store_close(store);
    return status;
}

static const struct tool_option options[] = {
    {"layer", "NAME", N_("layer of the file; needed when there are several")},
    {"where", "SQL", N_("only the features for which this holds (OGR SQL)")},
    {"crs", "CRS", N_("CRS of the file; default: what the file says")},
    {"frame", "gcj02|bd09", N_("frame of the file, instead of --crs")},
    {"x", "FIELD", N_("field of the east coordinate or longitude (CSV, XLSX)")},
    {"y", "FIELD", N_("field of the north coordinate or latitude")},
    {"wkt", "FIELD", N_("field that holds the geometry as WKT")},
    {"encoding", "NAME", N_("encoding of the file's text: GBK, UTF-8")},
    {"invalid", "reject|repair", N_("what to do with an invalid geometry (reject)")},
    {"keep-good", NULL,
     N_("import what is good and report the rest; else all or nothing")},
    {"keep-null", NULL, N_("keep events and parts without a place")},
    {"update", NULL, N_("rows whose code is there already are updated")},
    {"no-assign", NULL, N_("leave the owners to a later wangge assign")},
    {"scheme", "NAME",
     N_("grids: their scheme, made if not there; officers: their grids'")},
    {"code-form", "FORM", N_("of a scheme that is made: 6+3+3+3, free (free)")},
    {"level", "LEVEL", N_("grids: city, district, street, community, grid, micro-grid")},
    {"kind", "basic|dedicated", N_("grids: their kind (basic)")},
    {"code", "FIELD", N_("field of the code")},
    {"name", "FIELD", N_("field of the name")},
    {"parent", "FIELD", N_("grids: field of the parent's code")},
    {"note", "FIELD", N_("grids: field of a note")},
    {"height", "FIELD", N_("buildings: field of the height in metres")},
    {"floors", "FIELD", N_("buildings: field of the number of floors")},
    {"base", "FIELD", N_("buildings: field of the height of the underside")},
    {"roof", "FIELD", N_("buildings: field of the roof's shape")},
    {"use", "FIELD", N_("buildings: field of the use")},
    {"address", "FIELD", N_("field of the address")},
    {"id", "FIELD", N_("field of the id that other rows and files refer to")},
    {"part-of", "FIELD", N_("buildings: field with the id of the whole of a 3D part")},
    {"households", "FIELD", N_("buildings: field of the number of households")},
    {"population", "FIELD", N_("buildings: field of the number of people")},
    {"elderly-alone", "FIELD", N_("buildings: field of the elderly living alone")},
    {"time", "FIELD", N_("events: field of the time")},
    {"due", "FIELD", N_("events: field of the deadline")},
    {"closed", "FIELD", N_("events: field of the time of closing")},
    {"class", "FIELD", N_("events, parts, roads: field of the class")},
    {"title", "FIELD", N_("events: field of the title")},
    {"description", "FIELD", N_("events: field of the description")},
    {"stage", "FIELD", N_("events: field of the stage")},
    {"status", "FIELD", N_("events: field of a status such as OPEN, CLOSED")},
    {"alert", "FIELD", N_("events: field of the alert level")},
    {"utc-offset", "MINUTES", N_("of times without a zone, east positive (0)")},
    {"grid", "FIELD", N_("officers: field of the code of their grid")},
    {"phone", "FIELD", N_("officers: field of the work telephone")},
    {"width", "FIELD", N_("roads: field of the width in metres")},
    {"kind-field", "FIELD", N_("surfaces: field of the kind")},
    {"from", "FIELD", N_("field of the first day in force")},
    {"until", "FIELD", N_("field of the last day in force")},
    {"densify", "METRES",
     N_("grids: how far a straight edge may bow in the district's CRS "
        "before it gets a vertex (0.000005; below 0: never)")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_import = {
    "import",
    "NOUN DATABASE FILE [options]",
    N_("bring grids, buildings, parts, events … in from any GDAL format"),
    N_("Nouns: grids, buildings, parts, events, officers, surfaces, roads, terrain.\n"
       "A field option left out takes the field of that name if the file has one.  All "
       "of\n"
       "the file goes in or nothing, unless --keep-good.  Exit status 3 when rows were\n"
       "rejected.\n\n"
       "Examples:\n"
       "  wangge import grids river.wangge grids.geojson --scheme basic --code CODE\n"
       "  wangge import events river.wangge reports.csv --frame gcj02 --x lng --y lat"),
    3,
    3,
    options,
    run,
    NULL,
    NULL};
