/* wangge add, set, end: single rows, from the shell. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static enum tool_exit done(const struct args *args, enum wg_status status, int64_t id,
                           const struct wg_error *err)
{
    if (status != WG_OK)
        return tool_fail(args, err);
    if (args_has(args, "json")) {
        json_open(NULL, '{');
        json_int("id", id);
        json_close('}');
        json_end();
    } else {
        printf("%lld\n", (long long)id);
    }
    return TOOL_OK;
}

/* ---- schemes */

static bool fill_scheme(const struct args *args, struct wg_scheme *s)
{
    if (args_has(args, "title"))
        s->title = args_get(args, "title");
    if (args_has(args, "purpose"))
        s->purpose = args_get(args, "purpose");
    if (args_has(args, "code-form"))
        s->code_form = args_get(args, "code-form");
    return args_integer(args, "households-min", s->households_min, &s->households_min) &&
           args_integer(args, "households-max", s->households_max, &s->households_max) &&
           args_number(args, "area-min", s->area_min_m2, &s->area_min_m2) &&
           args_number(args, "area-max", s->area_max_m2, &s->area_max_m2);
}

static enum tool_exit add_scheme(const struct args *args, struct wg_store *store)
{
    struct wg_scheme s;
    struct wg_error err;
    int64_t id = 0;
    wg_scheme_init(&s);
    s.name = args->word[2];
    if (!fill_scheme(args, &s))
        return TOOL_USAGE;
    return done(args, wg_scheme_create(store, &s, &id, &err), id, &err);
}

static enum tool_exit set_scheme(const struct args *args, struct wg_store *store)
{
    struct wg_scheme s;
    struct wg_error err;
    int64_t id = 0;
    enum wg_status status = wg_scheme_find(store, args->word[2], &id, &err);
    if (status == WG_OK)
        status = wg_scheme_read(store, id, &s, &err);
    if (status != WG_OK)
        return tool_fail(args, &err);
    enum tool_exit result = TOOL_USAGE;
    if (fill_scheme(args, &s))
        result = done(args, wg_scheme_update(store, &s, &err), id, &err);
    wg_scheme_finish(&s);
    return result;
}

/* ---- officers and duties */

static enum tool_exit give_duty(const struct args *args, struct wg_store *store,
                                int64_t officer, int64_t *id)
{
    struct wg_duty d;
    struct wg_error err;
    int64_t scheme;
    char from[WG_INSTANT_SIZE];
    wg_duty_init(&d);
    d.officer = officer;
    d.role = args_get(args, "role");
    if (!tool_instant(args, "from", from, &d.valid_from))
        return TOOL_USAGE;
    if (!tool_scheme(args, store, &scheme))
        return TOOL_FAILED;
    enum wg_status status =
        wg_grid_find(store, scheme, args_get(args, "grid"), &d.grid, &err);
    if (status == WG_OK)
        status = wg_duty_create(store, &d, id, &err);
    return status == WG_OK ? TOOL_OK : tool_fail(args, &err);
}

static enum tool_exit add_duty(const struct args *args, struct wg_store *store)
{
    struct wg_error err = {0};
    int64_t officer = 0, id = 0;
    if (!args_has(args, "grid"))
        return tool_usage(args, "%s", _("--grid is required"));
    if (wg_officer_find(store, args->word[2], &officer, &err) != WG_OK)
        return tool_fail(args, &err);
    enum tool_exit result = give_duty(args, store, officer, &id);
    return result == TOOL_OK ? done(args, WG_OK, id, &err) : result;
}

/* The officer and, with --grid, the duty: both or neither. */
static enum tool_exit add_officer(const struct args *args, struct wg_store *store)
{
    struct wg_officer o;
    struct wg_error err;
    int64_t id = 0, duty = 0;
    wg_officer_init(&o);
    o.code = args->word[2];
    o.name = args_get(args, "name");
    o.phone = args_get(args, "phone");
    if (!o.name)
        return tool_usage(args, "%s", _("--name is required"));
    if (wg_store_begin(store, &err) != WG_OK)
        return tool_fail(args, &err);
    enum tool_exit result = TOOL_OK;
    if (wg_officer_create(store, &o, &id, &err) != WG_OK)
        result = tool_fail(args, &err);
    else if (args_has(args, "grid"))
        result = give_duty(args, store, id, &duty);
    if (result != TOOL_OK) {
        wg_store_rollback(store);
        return result;
    }
    return done(args, wg_store_commit(store, &err), id, &err);
}

static enum tool_exit set_officer(const struct args *args, struct wg_store *store)
{
    struct wg_officer o;
    struct wg_error err;
    int64_t id = 0, duty = 0;
    enum wg_status status = wg_officer_find(store, args->word[2], &id, &err);
    if (status == WG_OK)
        status = wg_officer_read(store, id, &o, &err);
    if (status != WG_OK)
        return tool_fail(args, &err);
    if (args_has(args, "name"))
        o.name = args_get(args, "name");
    if (args_has(args, "phone"))
        o.phone = args_get(args, "phone");
    enum tool_exit result = TOOL_OK;
    if (wg_store_begin(store, &err) != WG_OK) {
        result = tool_fail(args, &err);
        goto out;
    }
    if (wg_officer_update(store, &o, &err) != WG_OK)
        result = tool_fail(args, &err);
    else if (args_has(args, "grid"))
        result = give_duty(args, store, id, &duty);
    if (result == TOOL_OK)
        result = done(args, wg_store_commit(store, &err), id, &err);
    else
        wg_store_rollback(store);
out:
    wg_officer_finish(&o);
    return result;
}

/* ---- dwellings */

/* Rows without a code are named by the id that list shows. */
static bool read_id(const struct args *args, int64_t *id)
{
    char *end;
    errno = 0;
    *id = strtoll(args->word[2], &end, 10);
    if (end != args->word[2] && !*end && !errno && *id > 0)
        return true;
    tool_usage(args,
               _("a %s is named by its id, a number that wangge list shows, not "
                 "\"%s\""),
               args->word[0], args->word[2]);
    return false;
}

static bool fill_dwelling(const struct args *args, struct wg_dwelling *d)
{
    if (args_has(args, "unit"))
        d->unit = args_get(args, "unit");
    if (args_has(args, "room"))
        d->room = args_get(args, "room");
    if (args_has(args, "state"))
        d->state = args_get(args, "state");
    return args_integer(args, "floor", d->floor, &d->floor) &&
           args_integer(args, "households", d->households, &d->households) &&
           args_integer(args, "population", d->population, &d->population) &&
           args_integer(args, "elderly-alone", d->elderly_alone, &d->elderly_alone);
}

static enum tool_exit add_dwelling(const struct args *args, struct wg_store *store)
{
    struct wg_dwelling d;
    struct wg_error err;
    int64_t id = 0;
    wg_dwelling_init(&d);
    if (!fill_dwelling(args, &d))
        return TOOL_USAGE;
    enum wg_status status = wg_building_find(store, args->word[2], &d.building, &err);
    if (status == WG_OK)
        status = wg_dwelling_create(store, &d, &id, &err);
    return done(args, status, id, &err);
}

static enum tool_exit set_dwelling(const struct args *args, struct wg_store *store)
{
    struct wg_dwelling d;
    struct wg_error err;
    int64_t id = 0;
    if (!read_id(args, &id))
        return TOOL_USAGE;
    if (wg_dwelling_read(store, id, &d, &err) != WG_OK)
        return tool_fail(args, &err);
    enum tool_exit result = TOOL_USAGE;
    if (fill_dwelling(args, &d))
        result = done(args, wg_dwelling_update(store, &d, &err), id, &err);
    wg_dwelling_finish(&d);
    return result;
}

/* ---- events */

static enum wg_status place_event(const struct args *args, struct wg_store *store,
                                  struct wg_event *e, const char *frame,
                                  struct wg_error *err)
{
    struct wg_district d;
    struct wg_transform *t = NULL;
    if (!frame || isnan(e->x))
        return WG_OK;
    enum wg_status status = wg_district_read(store, &d, err);
    if (status != WG_OK)
        return status;
    status = wg_transform_create(frame, d.crs, &t, err);
    if (status == WG_OK)
        status = wg_transform_points(t, 1, &e->x, &e->y, err);
    wg_transform_destroy(t);
    wg_district_finish(&d);
    return status;
}

static enum tool_exit add_event(const struct args *args, struct wg_store *store)
{
    struct wg_event e;
    struct wg_error err;
    const char *frame, *stage = args_get(args, "stage"), *alert = args_get(args, "alert");
    char time[WG_INSTANT_SIZE], due[WG_INSTANT_SIZE];
    int64_t id = 0;
    wg_event_init(&e);
    e.code = args->word[2];
    e.uuid = args_get(args, "uuid");
    e.class_code = args_get(args, "class");
    e.title = args_get(args, "title");
    e.description = args_get(args, "description");
    e.address = args_get(args, "address");
    e.source = args_get(args, "source");
    if (!tool_frame(args, &frame) || !tool_instant(args, "time", time, &e.occurred_at) ||
        !tool_instant(args, "due", due, &e.due_at) ||
        !args_number(args, "x", NAN, &e.x) || !args_number(args, "y", NAN, &e.y) ||
        !args_number(args, "accuracy", NAN, &e.accuracy_m))
        return TOOL_USAGE;
    if (isnan(e.x) != isnan(e.y))
        return tool_usage(args, "%s", _("--x and --y go together"));
    if (stage && !(e.stage = wg_stage_parse(stage)))
        return tool_usage(args, _("--stage does not know \"%s\""), stage);
    if (alert && (e.level = wg_alert_parse(alert)) < 0)
        return tool_usage(args,
                          _("--alert takes none, red, orange, yellow, blue or 0 to 4, "
                            "not \"%s\""),
                          alert);
    e.frame = frame;
    enum wg_status status = place_event(args, store, &e, frame, &err);
    if (status == WG_OK)
        status = wg_event_create(store, &e, &id, &err);
    return done(args, status, id, &err);
}

static enum tool_exit set_event(const struct args *args, struct wg_store *store)
{
    struct wg_event e;
    struct wg_error err;
    int64_t id = 0;
    const char *stage = args_get(args, "stage"), *alert = args_get(args, "alert");
    enum wg_status status = wg_event_find(store, args->word[2], &id, &err);
    if (status == WG_OK)
        status = wg_event_read(store, id, &e, &err);
    if (status != WG_OK)
        return tool_fail(args, &err);
    char due[WG_INSTANT_SIZE];
    const char *due_at;
    enum tool_exit result = TOOL_USAGE;
    if (!tool_instant(args, "due", due, &due_at))
        goto out;
    if (due_at)
        e.due_at = due_at;
    if (args_has(args, "title"))
        e.title = args_get(args, "title");
    if (args_has(args, "class"))
        e.class_code = args_get(args, "class");
    if (stage && !(e.stage = wg_stage_parse(stage)))
        result = tool_usage(args, _("--stage does not know \"%s\""), stage);
    else if (alert && (e.level = wg_alert_parse(alert)) < 0)
        result = tool_usage(args,
                            _("--alert takes none, red, orange, yellow, blue or 0 to "
                              "4, not \"%s\""),
                            alert);
    else
        result = done(args, wg_event_update(store, &e, &err), id, &err);
out:
    wg_event_finish(&e);
    return result;
}

/* ---- ends */

static enum tool_exit end_row(const struct args *args, struct wg_store *store)
{
    struct wg_error err;
    char text[WG_INSTANT_SIZE];
    const char *at, *noun = args->word[0], *key = args->word[2];
    int64_t id = 0, scheme;
    if (!tool_instant(args, "at", text, &at))
        return TOOL_USAGE;
    enum wg_status status;
    if (strcmp(noun, "scheme") == 0) {
        status = wg_scheme_find(store, key, &id, &err);
        if (status == WG_OK)
            status = wg_scheme_end(store, id, at, &err);
    } else if (strcmp(noun, "officer") == 0) {
        status = wg_officer_find(store, key, &id, &err);
        if (status == WG_OK)
            status = wg_officer_end(store, id, at, &err);
    } else if (strcmp(noun, "building") == 0) {
        status = wg_building_find(store, key, &id, &err);
        if (status == WG_OK)
            status = wg_building_end(store, id, at, &err);
    } else if (strcmp(noun, "part") == 0) {
        status = wg_part_find(store, key, &id, &err);
        if (status == WG_OK)
            status = wg_part_end(store, id, at, &err);
    } else if (strcmp(noun, "duty") == 0 || strcmp(noun, "dwelling") == 0) {
        if (!read_id(args, &id))
            return TOOL_USAGE;
        status = noun[1] == 'u' ? wg_duty_end(store, id, at, &err)
                                : wg_dwelling_end(store, id, at, &err);
    } else if (strcmp(noun, "grid") == 0) {
        if (!tool_scheme(args, store, &scheme))
            return TOOL_FAILED;
        status = wg_grid_find(store, scheme, key, &id, &err);
        if (status == WG_OK)
            status = wg_grid_end(store, id, at, &err);
    } else {
        status = wg_event_find(store, key, &id, &err);
        if (status == WG_OK)
            status = wg_event_end(store, id, WG_STAGE_CLOSED, at, args_get(args, "who"),
                                  args_get(args, "why"), &err);
    }
    return done(args, status, id, &err);
}

struct action {
    const char *noun;
    enum tool_exit (*run)(const struct args *args, struct wg_store *store);
};

static const struct action add[] = {{"scheme", add_scheme},     {"officer", add_officer},
                                    {"duty", add_duty},         {"event", add_event},
                                    {"dwelling", add_dwelling}, {NULL, NULL}};
static const struct action set[] = {{"scheme", set_scheme},
                                    {"officer", set_officer},
                                    {"event", set_event},
                                    {"dwelling", set_dwelling},
                                    {NULL, NULL}};
static const struct action end[] = {
    {"scheme", end_row},   {"officer", end_row},  {"duty", end_row},
    {"building", end_row}, {"dwelling", end_row}, {"part", end_row},
    {"grid", end_row},     {"event", end_row},    {NULL, NULL}};

static enum tool_exit act(const struct args *args, const struct action *table)
{
    char known[128] = "";
    for (const struct action *a = table; a->noun; a++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", a->noun);
        if (strcmp(a->noun, args->word[0]) != 0)
            continue;
        struct wg_store *store = tool_open(args, 1, false);
        if (!store)
            return TOOL_FAILED;
        enum tool_exit status = a->run(args, store);
        wg_store_close(store);
        return status;
    }
    return tool_usage(args, _("\"%s\" is none of: %s"), args->word[0], known);
}

static enum tool_exit run_add(const struct args *args)
{
    return act(args, add);
}

static enum tool_exit run_set(const struct args *args)
{
    return act(args, set);
}

static enum tool_exit run_end(const struct args *args)
{
    return act(args, end);
}

static const struct tool_option row_options[] = {
    {"title", "TEXT", N_("scheme, event: the title")},
    {"purpose", "TEXT", N_("scheme: what it is for")},
    {"code-form", "FORM", N_("scheme: form of its codes: 6+3+3+3, free")},
    {"households-min", "N",
     N_("scheme: smallest number of households a grid should have")},
    {"households-max", "N", N_("scheme: greatest number")},
    {"area-min", "M2", N_("scheme: smallest area of a grid")},
    {"area-max", "M2", N_("scheme: greatest area")},
    {"name", "TEXT", N_("officer: the name")},
    {"phone", "TEXT", N_("officer: the work telephone")},
    {"grid", "CODE", N_("officer, duty: the grid to be responsible for")},
    {"scheme", "NAME", N_("officer, duty: the scheme of that grid")},
    {"role", "WORD", N_("officer, duty: the role in that grid (officer)")},
    {"from", "TIME", N_("officer, duty: when the duty begins; default: since ever")},
    {"unit", "TEXT", N_("dwelling: the unit, or entrance")},
    {"floor", "N", N_("dwelling: the floor; below ground is negative")},
    {"room", "TEXT", N_("dwelling: the room, or door")},
    {"state", "WORD", N_("dwelling: occupied, vacant, let, other")},
    {"households", "N", N_("dwelling: number of households")},
    {"population", "N", N_("dwelling: number of people")},
    {"elderly-alone", "N", N_("dwelling: number of elderly living alone")},
    {"x", "X", N_("event: east coordinate or longitude")},
    {"y", "Y", N_("event: north coordinate or latitude")},
    {"crs", "CRS", N_("event: CRS of x and y; default: the district's")},
    {"frame", "gcj02|bd09", N_("event: frame of x and y, instead of --crs")},
    {"accuracy", "METRES", N_("event: accuracy of the place")},
    {"time", "TIME", N_("event: when it happened; default: now")},
    {"due", "TIME", N_("event: the deadline")},
    {"class", "WORD", N_("event: the class")},
    {"stage", "STAGE",
     N_("event: reported, filed, dispatched, handling, handled, checking "
        "…")},
    {"alert", "LEVEL", N_("event: none, red, orange, yellow, blue")},
    {"description", "TEXT", N_("event: what was seen")},
    {"address", "TEXT", N_("event: the address")},
    {"source", "WORD", N_("event: who reported: handheld, hotline …")},
    {"uuid", "UUID", N_("event: its identity; the same UUID is the same event")},
    {NULL, NULL, NULL},
};

static const struct tool_option end_options[] = {
    {"at", "TIME", N_("when it ends; default: now")},
    {"scheme", "NAME", N_("grid: its scheme")},
    {"who", "TEXT", N_("event: who closed it")},
    {"why", "TEXT", N_("event: the reason")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_add = {
    "add",
    "scheme|officer|duty|event|dwelling DATABASE NAME|CODE [options]",
    N_("add a scheme, an officer, a duty, an event or a dwelling"),
    N_("Prints the id.  A duty is added to the officer of that code, a dwelling to the\n"
       "building of that code.\n\n"
       "Examples:\n"
       "  wangge add officer river.wangge W001 --name 李华 --grid 999999001001001\n"
       "  wangge add event river.wangge E1 --title \"...\" --x 109.19 --y 27.72 --crs "
       "EPSG:4490"),
    3,
    3,
    row_options,
    run_add,
    NULL,
    NULL};

const struct tool_verb verb_set = {
    "set",
    "scheme|officer|event|dwelling DATABASE NAME|CODE|ID [options]",
    N_("change a scheme, an officer, an event or a dwelling"),
    N_("Only what is given changes.  An event is named by its UUID or its code, a "
       "dwelling\n"
       "by the id that wangge list shows."),
    3,
    3,
    row_options,
    run_set,
    NULL,
    NULL};

const struct tool_verb verb_end = {
    "end",
    "scheme|grid|building|dwelling|part|officer|duty|event DATABASE NAME|CODE|ID "
    "[options]",
    N_("end the validity of a row, or close an event"),
    N_("Rows are ended, not deleted: lists show them with --all or --at.  A duty and a\n"
       "dwelling are named by the id that wangge list shows."),
    3,
    3,
    end_options,
    run_end,
    NULL,
    NULL};
