/* wangge list: rows of a noun, as a table, CSV or JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* Owners of the objects listed, in order of object id: walked beside the rows. */
struct owners {
    int64_t *object;
    char **code;
    size_t n, cap, at;
};

struct listing {
    struct out_list *list;
    struct owners owners;
    bool has_owner;
    bool failed;
    struct wg_error err;
};

static bool add_owner(const struct wg_owner *o, void *user)
{
    struct owners *w = user;
    if (w->n == w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 1024;
        int64_t *object = realloc(w->object, cap * sizeof *object);
        if (object)
            w->object = object;
        char **code = realloc(w->code, cap * sizeof *code);
        if (code)
            w->code = code;
        if (!object || !code)
            return false;
        w->cap = cap;
    }
    w->object[w->n] = o->object;
    w->code[w->n++] = o->grid_code ? strdup(o->grid_code) : NULL;
    return true;
}

static const char *owner_of(struct owners *w, int64_t object)
{
    while (w->at < w->n && w->object[w->at] < object)
        w->at++;
    return w->at < w->n && w->object[w->at] == object ? w->code[w->at] : NULL;
}

static void out_owner(struct listing *l, int64_t object)
{
    if (l->has_owner)
        out_text(l->list, owner_of(&l->owners, object));
}

/* ---- one noun after the other: its columns and its row */

static bool row_grid(const struct wg_grid *g, void *user)
{
    struct listing *l = user;
    out_int(l->list, g->id);
    out_text(l->list, g->code);
    out_text(l->list, g->name);
    out_text(l->list, wg_level_name(g->level));
    out_text(l->list, g->kind);
    out_int(l->list, g->parent ? g->parent : WG_UNKNOWN);
    out_real(l->list, g->area_m2, 0);
    out_text(l->list, g->valid_from);
    out_text(l->list, g->valid_to);
    out_row(l->list);
    return !tool_stopped();
}

static bool row_building(const struct wg_building *b, void *user)
{
    struct listing *l = user;
    struct wg_point c = wg_multipolygon_centroid(&b->geometry);
    out_int(l->list, b->id);
    out_text(l->list, b->code);
    out_text(l->list, b->name);
    out_text(l->list, b->use);
    out_text(l->list, b->address);
    out_real(l->list, b->height_m, 1);
    out_text(l->list, b->height_from);
    out_int(l->list, b->floors);
    out_int(l->list, b->households);
    out_int(l->list, b->population);
    out_text(l->list, b->source_id);
    out_real(l->list, b->geometry.n_vertex ? c.x : NAN, 2);
    out_real(l->list, b->geometry.n_vertex ? c.y : NAN, 2);
    out_owner(l, b->id);
    out_row(l->list);
    return !tool_stopped();
}

static bool row_part(const struct wg_part *p, void *user)
{
    struct listing *l = user;
    out_int(l->list, p->id);
    out_text(l->list, p->code);
    out_text(l->list, p->class_code);
    out_text(l->list, p->name);
    out_text(l->list, p->state);
    out_real(l->list, p->x, 2);
    out_real(l->list, p->y, 2);
    out_owner(l, p->id);
    out_row(l->list);
    return !tool_stopped();
}

static bool row_event(const struct wg_event *e, void *user)
{
    struct listing *l = user;
    out_int(l->list, e->id);
    out_text(l->list, e->code);
    out_text(l->list, e->class_code);
    out_text(l->list, e->title);
    out_text(l->list, e->occurred_at ? e->occurred_at : e->reported_at);
    out_text(l->list, wg_stage_name(e->stage));
    out_int(l->list, e->level);
    out_text(l->list, e->due_at);
    out_text(l->list, e->closed_at);
    out_real(l->list, e->x, 2);
    out_real(l->list, e->y, 2);
    out_text(l->list, e->uuid);
    out_owner(l, e->id);
    out_row(l->list);
    return !tool_stopped();
}

static bool row_scheme(const struct wg_scheme *s, void *user)
{
    struct listing *l = user;
    out_int(l->list, s->id);
    out_text(l->list, s->name);
    out_text(l->list, s->title);
    out_text(l->list, s->purpose);
    out_text(l->list, s->code_form);
    out_int(l->list, s->households_min);
    out_int(l->list, s->households_max);
    out_int(l->list, s->revision);
    out_text(l->list, s->valid_to);
    out_row(l->list);
    return true;
}

static bool row_officer(const struct wg_officer *o, void *user)
{
    struct listing *l = user;
    out_int(l->list, o->id);
    out_text(l->list, o->code);
    out_text(l->list, o->name);
    out_text(l->list, o->phone);
    out_text(l->list, o->valid_from);
    out_text(l->list, o->valid_to);
    out_row(l->list);
    return true;
}

static bool row_duty(const struct wg_duty *d, void *user)
{
    struct listing *l = user;
    out_int(l->list, d->id);
    out_text(l->list, d->officer_name);
    out_text(l->list, d->grid_code);
    out_text(l->list, d->role);
    out_text(l->list, d->valid_from);
    out_text(l->list, d->valid_to);
    out_row(l->list);
    return true;
}

static bool row_dwelling(const struct wg_dwelling *d, void *user)
{
    struct listing *l = user;
    out_int(l->list, d->id);
    out_int(l->list, d->building);
    out_text(l->list, d->unit);
    if (d->floor == WG_DWELLING_NO_FLOOR) /* -1 is the first basement */
        out_null(l->list);
    else
        out_known_int(l->list, d->floor);
    out_text(l->list, d->room);
    out_text(l->list, d->state);
    out_int(l->list, d->households);
    out_int(l->list, d->population);
    out_row(l->list);
    return !tool_stopped();
}

static bool row_surface(const struct wg_surface *s, void *user)
{
    struct listing *l = user;
    out_int(l->list, s->id);
    out_text(l->list, s->kind);
    out_text(l->list, s->name);
    out_real(l->list, wg_multipolygon_area(&s->geometry), 0);
    out_row(l->list);
    return true;
}

static bool row_road(const struct wg_road *r, void *user)
{
    struct listing *l = user;
    out_int(l->list, r->id);
    out_text(l->list, r->name);
    out_text(l->list, r->class_code);
    out_real(l->list, r->width_m, 1);
    out_int(l->list, (int64_t)r->n);
    out_row(l->list);
    return true;
}

#define T OUT_TEXT
#define I OUT_INT
#define R OUT_REAL

static const struct out_column grid_columns[] = {{"id", N_("id"), I},
                                                 {"code", N_("code"), T},
                                                 {"name", N_("name"), T},
                                                 {"level", N_("level"), T},
                                                 {"kind", N_("kind"), T},
                                                 {"parent", N_("parent"), I},
                                                 {"area_m2", N_("area m²"), R},
                                                 {"valid_from", N_("valid from"), T},
                                                 {"valid_to", N_("valid to"), T}};
static const struct out_column building_columns[] = {
    {"id", N_("id"), I},
    {"code", N_("code"), T},
    {"name", N_("name"), T},
    {"use", N_("use"), T},
    {"address", N_("address"), T},
    {"height_m", N_("height m"), R},
    {"height_from", N_("height from"), T},
    {"floors", N_("floors"), I},
    {"households", N_("households"), I},
    {"population", N_("population"), I},
    {"source_id", N_("source id"), T},
    {"x", "x", R},
    {"y", "y", R},
    {"grid", N_("grid"), T}};
static const struct out_column part_columns[] = {
    {"id", N_("id"), I},     {"code", N_("code"), T},   {"class", N_("class"), T},
    {"name", N_("name"), T}, {"state", N_("state"), T}, {"x", "x", R},
    {"y", "y", R},           {"grid", N_("grid"), T}};
static const struct out_column event_columns[] = {{"id", N_("id"), I},
                                                  {"code", N_("code"), T},
                                                  {"class", N_("class"), T},
                                                  {"title", N_("title"), T},
                                                  {"time", N_("time"), T},
                                                  {"stage", N_("stage"), T},
                                                  {"level", N_("alert"), I},
                                                  {"due_at", N_("due"), T},
                                                  {"closed_at", N_("closed"), T},
                                                  {"x", "x", R},
                                                  {"y", "y", R},
                                                  {"uuid", "uuid", T},
                                                  {"grid", N_("grid"), T}};
static const struct out_column scheme_columns[] = {
    {"id", N_("id"), I},
    {"name", N_("name"), T},
    {"title", N_("title"), T},
    {"purpose", N_("purpose"), T},
    {"code_form", N_("code form"), T},
    {"households_min", N_("households from"), I},
    {"households_max", N_("to"), I},
    {"revision", N_("revision"), I},
    {"valid_to", N_("valid to"), T}};
static const struct out_column officer_columns[] = {{"id", N_("id"), I},
                                                    {"code", N_("code"), T},
                                                    {"name", N_("name"), T},
                                                    {"phone", N_("phone"), T},
                                                    {"valid_from", N_("valid from"), T},
                                                    {"valid_to", N_("valid to"), T}};
static const struct out_column duty_columns[] = {{"id", N_("id"), I},
                                                 {"officer", N_("officer"), T},
                                                 {"grid", N_("grid"), T},
                                                 {"role", N_("role"), T},
                                                 {"valid_from", N_("valid from"), T},
                                                 {"valid_to", N_("valid to"), T}};
static const struct out_column dwelling_columns[] = {{"id", N_("id"), I},
                                                     {"building", N_("building"), I},
                                                     {"unit", N_("unit"), T},
                                                     {"floor", N_("floor"), I},
                                                     {"room", N_("room"), T},
                                                     {"state", N_("state"), T},
                                                     {"households", N_("households"), I},
                                                     {"population", N_("population"), I}};
static const struct out_column surface_columns[] = {{"id", N_("id"), I},
                                                    {"kind", N_("kind"), T},
                                                    {"name", N_("name"), T},
                                                    {"area_m2", N_("area m²"), R}};
static const struct out_column road_columns[] = {{"id", N_("id"), I},
                                                 {"name", N_("name"), T},
                                                 {"class", N_("class"), T},
                                                 {"width_m", N_("width m"), R},
                                                 {"vertices", N_("vertices"), I}};
#undef T
#undef I
#undef R

#define EACH(noun, fn)                                                                   \
    static enum wg_status each_##noun(struct wg_store *store, struct wg_filter *filter,  \
                                      struct listing *l)                                 \
    {                                                                                    \
        return fn(store, filter, row_##noun, l, &l->err);                                \
    }
EACH(grid, wg_grid_each)
EACH(building, wg_building_each)
EACH(part, wg_part_each)
EACH(event, wg_event_each)
EACH(scheme, wg_scheme_each)
EACH(officer, wg_officer_each)
EACH(duty, wg_duty_each)
EACH(surface, wg_surface_each)
EACH(road, wg_road_each)

static enum wg_status each_dwelling(struct wg_store *store, struct wg_filter *filter,
                                    struct listing *l)
{
    return wg_dwelling_each(store, 0, filter, row_dwelling, l, &l->err);
}

struct noun {
    const char *name;
    const struct out_column *column;
    size_t n;
    enum wg_kind owned; /* 0: has no owner */
    bool needs_geometry;
    enum wg_status (*each)(struct wg_store *store, struct wg_filter *filter,
                           struct listing *l);
};

#define COLUMNS(a) a, sizeof(a) / sizeof *(a)

static const struct noun nouns[] = {
    {"grids", COLUMNS(grid_columns), 0, false, each_grid},
    {"buildings", COLUMNS(building_columns), WG_KIND_BUILDING, true, each_building},
    {"events", COLUMNS(event_columns), WG_KIND_EVENT, true, each_event},
    {"parts", COLUMNS(part_columns), WG_KIND_PART, true, each_part},
    {"schemes", COLUMNS(scheme_columns), 0, false, each_scheme},
    {"officers", COLUMNS(officer_columns), 0, false, each_officer},
    {"duties", COLUMNS(duty_columns), 0, false, each_duty},
    {"dwellings", COLUMNS(dwelling_columns), 0, false, each_dwelling},
    {"surfaces", COLUMNS(surface_columns), 0, true, each_surface},
    {"roads", COLUMNS(road_columns), 0, true, each_road},
};

static const struct noun *find_noun(const struct args *args)
{
    const char *names[sizeof nouns / sizeof *nouns];
    size_t n = sizeof nouns / sizeof *nouns;
    for (size_t i = 0; i < n; i++) {
        names[i] = nouns[i].name;
        if (strcmp(nouns[i].name, args->word[0]) == 0)
            return &nouns[i];
    }
    const char *near = args_suggest(args->word[0], n, names);
    if (near)
        tool_usage(args, _("there are no %s; did you mean %s?"), args->word[0], near);
    else
        tool_usage(args,
                   _("there are no %s: list grids, buildings, events, parts, schemes, "
                     "officers, duties, dwellings, surfaces or roads"),
                   args->word[0]);
    return NULL;
}

/* "minx,miny,maxx,maxy" in the district's CRS. */
static bool parse_box(const struct args *args, struct wg_box *box, bool *given)
{
    const char *text = args_get(args, "box");
    char rest;
    *given = text != NULL;
    if (!text)
        return true;
    if (sscanf(text, "%lf,%lf,%lf,%lf%c", &box->min_x, &box->min_y, &box->max_x,
               &box->max_y, &rest) == 4 &&
        box->min_x <= box->max_x && box->min_y <= box->max_y)
        return true;
    tool_usage(args, _("--box takes minx,miny,maxx,maxy, not \"%s\""), text);
    return false;
}

/* What --grid, --outside and --cut ask for needs a scheme; --scheme names it. */
static bool choose_scheme(const struct args *args, struct wg_store *store,
                          const struct noun *noun, struct wg_filter *filter)
{
    struct wg_error err;
    const char *grid = args_get(args, "grid");
    bool needed = grid || filter->outside || filter->cut || args_has(args, "scheme");
    if (!needed) {
        /* With one scheme the owner is shown without asking. */
        if (noun->owned && wg_scheme_find(store, NULL, &filter->scheme, &err) != WG_OK)
            filter->scheme = 0;
        return true;
    }
    if (!tool_scheme(args, store, &filter->scheme))
        return false;
    if (grid && wg_grid_find(store, filter->scheme, grid, &filter->grid, &err) != WG_OK) {
        tool_fail(args, &err);
        return false;
    }
    return true;
}

static enum tool_exit list_noun(const struct args *args, const struct noun *noun,
                                struct wg_store *store, struct wg_filter *filter,
                                enum out_format format)
{
    struct listing l = {.has_owner = noun->owned && filter->scheme};
    struct out_column column[16];
    size_t n = noun->n - (noun->owned && !l.has_owner);
    enum tool_exit status = TOOL_OK;
    for (size_t i = 0; i < n; i++) {
        column[i] = noun->column[i];
        column[i].title = _(column[i].title);
    }
    if (l.has_owner && wg_owner_each(store, noun->owned, filter->scheme, add_owner,
                                     &l.owners, &l.err) != WG_OK)
        return tool_fail(args, &l.err);
    l.list = out_list_begin(format, n, column);
    enum wg_status done = noun->each(store, filter, &l);
    out_list_end(l.list, done == WG_OK);
    if (done != WG_OK)
        status = tool_fail(args, &l.err);
    for (size_t i = 0; i < l.owners.n; i++)
        free(l.owners.code[i]);
    free(l.owners.code);
    free(l.owners.object);
    return status;
}

static enum tool_exit run(const struct args *args)
{
    struct wg_filter filter = {0};
    struct wg_box box;
    char at[WG_INSTANT_SIZE];
    enum out_format format;
    int64_t limit;
    bool boxed;
    const struct noun *noun = find_noun(args);
    if (!noun || !tool_format(args, &format) || !parse_box(args, &box, &boxed) ||
        !tool_instant(args, "at", at, &filter.at) ||
        !args_integer(args, "limit", 0, &limit))
        return TOOL_USAGE;
    filter.box = boxed ? &box : NULL;
    filter.where = args_get(args, "where");
    filter.ended = args_has(args, "all");
    filter.outside = args_has(args, "outside");
    filter.cut = args_has(args, "cut");
    if (args_has(args, "limit") && limit < 1)
        return tool_usage(args, _("--limit goes from 1, not \"%s\""),
                          args_get(args, "limit"));
    filter.limit = (uint64_t)limit;
    filter.no_geometry = !noun->needs_geometry;
    const char *level = args_get(args, "level");
    if (level && !(filter.level = wg_level_parse(level)))
        return tool_usage(args,
                          _("--level takes city, district, street, community, grid or "
                            "micro-grid, not \"%s\""),
                          level);
    struct wg_store *store = tool_open(args, 1, true);
    if (!store)
        return TOOL_FAILED;
    enum tool_exit status = TOOL_FAILED;
    if (choose_scheme(args, store, noun, &filter))
        status = list_noun(args, noun, store, &filter, format);
    wg_store_close(store);
    return status;
}

static const struct tool_option options[] = {
    {"scheme", "NAME", N_("the scheme of --grid and of the owner shown")},
    {"grid", "CODE", N_("owned by this grid or one below it; grids: its children")},
    {"outside", NULL, N_("objects that no grid owns")},
    {"cut", NULL, N_("buildings that a boundary cuts")},
    {"where", "SQL", N_("an SQL condition on the noun's table")},
    {"box", "X,Y,X,Y", N_("that touch this box, in the district's CRS")},
    {"level", "LEVEL", N_("grids of this level")},
    {"at", "TIME", N_("in force then; default: now")},
    {"all", NULL, N_("also rows that have ended, and closed events")},
    {"limit", "N", N_("at most that many")},
    {"format", "table|csv|json", N_("how to print")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_list = {
    "list",
    "NOUN DATABASE [options]",
    N_("list grids, buildings, events, parts, schemes, officers …"),
    N_("Nouns: grids, buildings, events, parts, schemes, officers, duties, dwellings,\n"
       "surfaces, roads.  Events are the open ones unless --all.\n\n"
       "Example:\n  wangge list buildings river.wangge --scheme basic --cut --format "
       "csv"),
    2,
    2,
    options,
    run,
    NULL,
    NULL};
