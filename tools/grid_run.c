/* wangge grid: an edit from the opened database to the commit, the draft or the dry run,
 * and the answer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

const struct tool_option grid_edit_options[] = {
    {"scheme", "NAME", N_("the scheme; may be left out when there is one")},
    {"author", "NAME", N_("who changes it; default: the login name")},
    {"reason", "TEXT", N_("why; it stands in the log")},
    {"at", "TIME", N_("since when it holds; in the future: a draft is scheduled")},
    {"dry-run", NULL, N_("show what would change, before → after; write nothing")},
    {"draft", "NAME", N_("add the edit to this draft instead of committing it")},
    {"parents-follow", NULL, N_("boundaries of parents may move too")},
    {"no-cut", NULL, N_("refuse what newly cuts a building")},
    {"crs", "CRS", N_("CRS of the geometry given; default: the district's")},
    {"frame", "gcj02|bd09", N_("frame of the geometry given, instead of --crs")},
    {"output", "FILE", N_("write the grids touched as a layer (GeoJSON)")},
    {"format", "table|csv|json", N_("how to print")},
    {NULL, NULL, NULL},
};

/* What became of the edit. */
struct outcome {
    bool dry; /* nothing is written */
    struct grid_balance balance;
    size_t n_cut;
    int64_t *cut;
    int64_t revision;      /* 0: none */
    const char *draft;     /* NULL: none */
    const char *scheduled; /* NULL: not */
    char name[96];         /* of a draft that was named here */
};

/* ---- cut buildings ---- */

struct cutting {
    struct grid_job *job;
    const struct outcome *o;
};

static void json_buildings(const char *key, struct grid_job *job, const struct outcome *o)
{
    char name[96];
    json_open(key, '[');
    for (size_t i = 0; i < o->n_cut; i++)
        json_text(NULL, grid_building_name(job, o->cut[i], name, sizeof name));
    json_close(']');
}

static void cutting_json(void *user)
{
    struct cutting *c = user;
    json_text("reason", wg_refusal_name(WG_REFUSED_CUTS));
    json_buildings("buildings", c->job, c->o);
}

static enum tool_exit judge_cuts(struct grid_job *job, const struct outcome *o)
{
    struct wg_error err = {.status = WG_CONSTRAINT, .row = -1, .x = NAN, .y = NAN};
    struct cutting c = {job, o};
    char list[600] = "", name[96];
    size_t used = 0;
    for (size_t i = 0; i < o->n_cut && used + 120 < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 grid_building_name(job, o->cut[i], name, sizeof name));
    if (o->n_cut == 0)
        return TOOL_OK;
    snprintf(err.text, sizeof err.text,
             _("The boundary would newly cut buildings: %s.  Lead it around them "
               "(--avoid-buildings), or take off --no-cut."),
             list);
    if (args_has(job->args, "no-cut"))
        return tool_fail_more(job->args, &err, cutting_json, &c);
    struct wg_warn warn = tool_warn(job->args);
    snprintf(err.text, sizeof err.text, _("buildings that are newly cut: %s"), list);
    warn.call(err.text, warn.user);
    return TOOL_OK;
}

/* ---- the layer of the grids touched ---- */

static enum tool_exit write_layer(struct grid_job *job, const struct outcome *o)
{
    const char *path = args_get(job->args, "output");
    struct grid_layer *layer;
    if (!path)
        return TOOL_OK;
    if (!grid_layer_begin(job->args, job->crs, path, &layer))
        return TOOL_FAILED;
    for (size_t i = 0; i < o->balance.n; i++) {
        const struct wg_balance *b = &o->balance.row[i];
        struct wg_multipolygon mp = {0};
        struct grid_field field[] = {
            {"code", b->code, NAN},
            {"change", b->before.exists ? "changed" : "begun", NAN},
            {"area_m2", NULL, b->after.area_m2},
            {"households", NULL,
             b->after.households < 0 ? NAN : (double)b->after.households}};
        if (!b->after.exists ||
            wg_coverage_polygon(job->coverage, b->grid, &mp, NULL) != WG_OK)
            continue;
        grid_layer_add(layer, sizeof field / sizeof *field, field, &mp);
        wg_multipolygon_finish(&mp);
    }
    return grid_layer_end(layer, true) ? TOOL_OK : TOOL_FAILED;
}

/* ---- drafts ---- */

struct known {
    const char *name;
    bool found;
};

static bool see_draft(const struct wg_draft *d, void *user)
{
    struct known *k = user;
    k->found =
        k->found || (strcmp(d->name, k->name) == 0 && strcmp(d->state, "published") != 0);
    return !k->found;
}

static bool draft_is_known(struct grid_job *job, const char *name, bool *known)
{
    struct known k = {name, false};
    struct wg_error err;
    if (wg_draft_each(job->store, job->scheme, see_draft, &k, &err) != WG_OK) {
        tool_fail(job->args, &err);
        return false;
    }
    *known = k.found;
    return true;
}

/* A name for a draft that only waits for its day. */
static bool name_draft(struct grid_job *job, const char *at, struct outcome *o)
{
    bool known = true;
    for (int i = 1; known; i++) {
        snprintf(o->name, sizeof o->name, i > 1 ? "%.10s %s %d" : "%.10s %s", at,
                 args_word(job->args->verb), i);
        if (!draft_is_known(job, o->name, &known))
            return false;
    }
    return true;
}

static enum tool_exit save_draft(struct grid_job *job, const char *name,
                                 struct outcome *o)
{
    struct wg_error err;
    o->draft = name;
    return wg_draft_save(job->store, job->coverage, name, grid_author(job->args),
                         args_get(job->args, "reason"), &err) == WG_OK
               ? TOOL_OK
               : tool_fail(job->args, &err);
}

/* ---- commits ---- */

static enum tool_exit commit(struct grid_job *job, const char *at, struct outcome *o)
{
    struct wg_commit c = {grid_author(job->args), args_get(job->args, "reason"), at};
    struct wg_conflict conflict = {0};
    struct wg_error err;
    enum tool_exit exit = TOOL_OK;
    enum wg_status status =
        wg_coverage_commit(job->coverage, job->store, &c, &o->revision, &conflict, &err);
    if (status == WG_CONFLICT)
        exit = grid_conflict(job->args, &conflict, &err);
    else if (status != WG_OK)
        exit = tool_fail(job->args, &err);
    wg_conflict_finish(&conflict);
    if (exit == TOOL_OK)
        grid_balance_name(job, &o->balance);
    return exit;
}

static enum tool_exit schedule(struct grid_job *job, const char *at, struct outcome *o)
{
    struct wg_commit c = {grid_author(job->args), args_get(job->args, "reason"), at};
    struct wg_conflict conflict = {0};
    struct wg_error err;
    if (!name_draft(job, at, o))
        return TOOL_FAILED;
    enum tool_exit exit = save_draft(job, o->name, o);
    if (exit != TOOL_OK)
        return exit;
    enum wg_status status = wg_draft_publish(job->store, job->scheme, o->name, &c,
                                             &o->revision, &conflict, &err);
    if (status == WG_CONFLICT)
        exit = grid_conflict(job->args, &conflict, &err);
    else if (status != WG_OK)
        exit = tool_fail(job->args, &err);
    if (status != WG_OK)
        wg_draft_discard(job->store, job->scheme, o->name, NULL);
    wg_conflict_finish(&conflict);
    o->scheduled = at;
    return exit;
}

/* ---- the answer ---- */

static void json_quality(const struct wg_division *d)
{
    json_open("division", '{');
    json_int("grids", (int64_t)d->n);
    json_int("in_norm", d->in_norm);
    json_int("cut", d->cut);
    json_real("balance", d->balance);
    json_real("compactness", d->compactness);
    json_real("on_street", d->on_street);
    json_close('}');
}

static void answer_json(struct grid_job *job, const struct outcome *o)
{
    json_open(NULL, '{');
    json_bool("dry_run", o->dry);
    if (o->revision)
        json_int("revision", o->revision);
    else
        json_null("revision");
    json_text("draft", o->draft);
    json_text("scheduled", o->scheduled);
    grid_balance_json("grids", &o->balance);
    json_buildings("cut", job, o);
    if (job->has_quality)
        json_quality(&job->quality);
    json_close('}');
    json_end();
}

static void say_quality(struct grid_job *job)
{
    const struct wg_division *d = &job->quality;
    tool_say(job->args,
             _("Division: %zu grids, %lld within the norm, %lld buildings cut; largest "
               "deviation %.0f %%, compactness %.2f, %.0f %% of new boundaries on "
               "streets."),
             d->n, (long long)d->in_norm, (long long)d->cut, 100 * d->balance,
             d->compactness, 100 * d->on_street);
}

static void answer(struct grid_job *job, const struct outcome *o, enum out_format format)
{
    const struct args *args = job->args;
    if (format == OUT_JSON)
        answer_json(job, o);
    else
        grid_balance_print(&o->balance, format);
    if (job->has_quality)
        say_quality(job);
    if (o->scheduled)
        tool_say(args,
                 _("Scheduled for %s as draft \"%s\"; wangge grid publish --due commits "
                   "it then."),
                 o->scheduled, o->draft);
    else if (o->draft && !o->dry && !o->revision)
        tool_say(args, _("Draft \"%s\" has the edit; nothing is committed."), o->draft);
    else if (o->revision)
        tool_say(args, _("Revision %lld: %zu grids."), (long long)o->revision,
                 o->balance.n);
    else
        tool_say(args, "%s", _("Nothing was written."));
}

/* ---- all together ---- */

static enum tool_exit edit(struct grid_job *job)
{
    const struct args *args = job->args;
    if (args->verb == &grid_edit || args->verb == &grid_preview) {
        const char *path = args_get(args, "script");
        return path ? grid_run_script(job, path) : TOOL_OK;
    }
    return ((const struct grid_edit *)args->verb)->step(job, args);
}

static enum tool_exit write_down(struct grid_job *job, const char *at, struct outcome *o)
{
    const char *draft = args_get(job->args, "draft");
    if (draft)
        return save_draft(job, draft, o);
    int64_t ms = 0;
    if (at && wg_instant_parse(at, 0, &ms, NULL) == WG_OK && ms > wg_instant_now())
        return schedule(job, at, o);
    return commit(job, at, o);
}

enum tool_exit grid_run_edit(const struct args *args)
{
    struct grid_job job = {0};
    struct outcome o = {0};
    enum out_format format;
    char text[WG_INSTANT_SIZE];
    const char *at, *draft = args_get(args, "draft"), *frame;
    bool dry = args_has(args, "dry-run") || args->verb == &grid_preview, known = false;
    o.dry = dry;
    if (!tool_format(args, &format) || !tool_instant(args, "at", text, &at) ||
        !tool_frame(args, &frame))
        return TOOL_USAGE;
    if (draft && at)
        return tool_usage(args, "%s",
                          _("--draft and --at exclude each other; a draft gets its date "
                            "when it is published"));
    if (draft && !*draft)
        return tool_usage(args, "%s", _("a draft needs a name"));
    enum tool_exit exit = TOOL_FAILED;
    if (!grid_open_store(&job, args, dry) ||
        (draft && !draft_is_known(&job, draft, &known)) ||
        !grid_open_coverage(&job, draft && (known || args->verb == &grid_preview) ? draft
                                                                                  : NULL))
        goto out;
    exit = edit(&job);
    if (exit != TOOL_OK)
        goto out;
    if (!grid_newly_cut(&job, args, &o.n_cut, &o.cut) ||
        !grid_balance_read(&job, args, &o.balance))
        exit = TOOL_FAILED;
    else if ((exit = judge_cuts(&job, &o)) == TOOL_OK && !dry)
        exit = write_down(&job, at, &o);
    if (exit == TOOL_OK && dry)
        o.draft = draft;
    if (exit == TOOL_OK)
        exit = write_layer(&job, &o);
    if (exit == TOOL_OK)
        answer(&job, &o, format);
out:
    grid_balance_finish(&o.balance);
    free(o.cut);
    grid_close(&job);
    return exit;
}
