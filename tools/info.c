/* wangge info: what is in a database. */
#include <math.h>
#include <string.h>

#include "counts.h"
#include "tool.h"

struct about {
    const struct args *args;
    struct wg_store *store;
    bool json;
    bool failed;
    struct wg_error err;
};

static int64_t count_grids(struct about *a, int64_t scheme, int level)
{
    struct wg_filter filter = {.scheme = scheme, .level = level};
    int64_t n = 0;
    if (wg_grid_count(a->store, &filter, &n, &a->err) != WG_OK)
        a->failed = true;
    return n;
}

/* Whether no point lies inside two of the grids that own now.  Comes with the index,
 * which is made once and then kept. */
static void about_partition(struct about *a, int64_t scheme)
{
    struct wg_locator *locator = NULL;
    if (wg_locator_open(a->store, scheme, NULL, NULL, &locator, &a->err) != WG_OK) {
        a->failed = true;
        return;
    }
    struct wg_locator_info info = wg_locator_info(locator);
    wg_locator_destroy(locator);
    if (a->json) {
        json_bool("partition", info.partition);
        json_open("overlap", '[');
        if (!info.partition) {
            json_real(NULL, info.overlap.x);
            json_real(NULL, info.overlap.y);
        }
        json_close(']');
    } else if (info.grids && info.partition) {
        puts(_("  partition: yes, no two grids overlap"));
    } else if (info.grids) {
        printf(_("  partition: no, grids overlap at %.3f %.3f\n"), info.overlap.x,
               info.overlap.y);
    }
}

static bool about_scheme(const struct wg_scheme *s, void *user)
{
    struct about *a = user;
    struct wg_assign_counts counts[WG_KIND_COUNT] = {{0}};
    if (wg_assign_count(a->store, s->id, counts, &a->err) != WG_OK) {
        a->failed = true;
        return false;
    }
    if (a->json) {
        json_open(NULL, '{');
        json_text("name", s->name);
        json_text("title", s->title);
        json_text("code_form", s->code_form);
        json_int("revision", s->revision);
        json_open("grids", '{');
        for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID; level++)
            json_int(wg_level_name(level), count_grids(a, s->id, level));
        json_close('}');
        about_partition(a, s->id);
        counts_json(counts);
        json_close('}');
        return !a->failed;
    }
    printf(_("Scheme %s"), s->name);
    if (s->title && strcmp(s->title, s->name) != 0)
        printf(" (%s)", s->title);
    putchar(':');
    const char *const level_title[] = {
        "",         N_("city"),      N_("district"), N_("street"), N_("community"),
        N_("grid"), N_("micro-grid")};
    bool first = true;
    for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID; level++) {
        int64_t n = count_grids(a, s->id, level);
        if (!n)
            continue;
        fputs(first ? " " : _(", "), stdout);
        printf(_("%lld of level %s"), (long long)n, _(level_title[level]));
        first = false;
    }
    if (first)
        fputs(_(" no grids"), stdout);
    putchar('\n');
    about_partition(a, s->id);
    counts_print(counts);
    return !a->failed;
}

/* Counts of the nouns that have no scheme. */
static bool count_nouns(struct about *a, int64_t n[4])
{
    struct wg_filter open = {0}, all = {.ended = true};
    return wg_building_count(a->store, &open, &n[0], &a->err) == WG_OK &&
           wg_part_count(a->store, &open, &n[1], &a->err) == WG_OK &&
           wg_event_count(a->store, &all, &n[2], &a->err) == WG_OK &&
           wg_event_count(a->store, &open, &n[3], &a->err) == WG_OK;
}

static void print_extent(struct about *a, struct wg_box box)
{
    if (a->json) {
        json_open("extent", '[');
        if (!wg_box_is_empty(box)) {
            json_real(NULL, box.min_x);
            json_real(NULL, box.min_y);
            json_real(NULL, box.max_x);
            json_real(NULL, box.max_y);
        }
        json_close(']');
    } else if (wg_box_is_empty(box)) {
        puts(_("Extent: nothing has a place yet"));
    } else {
        printf(_("Extent: %.2f %.2f to %.2f %.2f (%.0f m by %.0f m)\n"), box.min_x,
               box.min_y, box.max_x, box.max_y, box.max_x - box.min_x,
               box.max_y - box.min_y);
    }
}

static void print_terrain(struct about *a)
{
    struct wg_terrain t;
    struct wg_error err;
    bool there = wg_terrain_read(a->store, &t, &err) == WG_OK;
    if (a->json) {
        json_bool("terrain", there);
    } else if (there) {
        printf(_("Terrain: %u by %u heights, every %g m\n"), t.cols, t.rows, t.step_m);
    }
    if (there)
        wg_terrain_finish(&t);
}

static bool keep_time(const struct wg_change *change, void *user)
{
    snprintf(user, WG_INSTANT_SIZE, "%s", change->at ? change->at : "");
    return true;
}

static void print_change(struct about *a, int64_t seq)
{
    char at[WG_INSTANT_SIZE] = "";
    if (seq > 0 && wg_store_changes(a->store, seq - 1, keep_time, at, &a->err) != WG_OK)
        a->failed = true;
    if (a->json) {
        json_int("last_change", seq);
        json_text("last_change_at", *at ? at : NULL);
    } else if (*at) {
        printf(_("Last change: %s (number %lld)\n"), at, (long long)seq);
    }
}

static void print_counts(struct about *a, const int64_t n[4])
{
    if (a->json) {
        json_int("buildings", n[0]);
        json_int("parts", n[1]);
        json_int("events", n[2]);
        json_int("open_events", n[3]);
        return;
    }
    printf(_("Buildings: %lld\nParts: %lld\nEvents: %lld, %lld of them open\n"),
           (long long)n[0], (long long)n[1], (long long)n[2], (long long)n[3]);
}

static void print_problem(const char *text, void *user)
{
    struct about *a = user;
    if (a->json)
        json_text(NULL, text);
    else
        printf("  %s\n", text);
}

/* The file itself; the status to leave with. */
static enum tool_exit verify(struct about *a)
{
    if (a->json)
        json_open("integrity", '[');
    else
        puts(_("Integrity:"));
    enum wg_status status = wg_store_verify(a->store, print_problem, a, &a->err);
    if (a->json)
        json_close(']');
    else if (status == WG_OK)
        puts(_("  the file is whole"));
    if (status != WG_OK && status != WG_CORRUPT)
        a->failed = true;
    return status == WG_OK ? TOOL_OK : TOOL_FINDINGS;
}

static enum tool_exit print_all(struct about *a, const struct wg_district *d)
{
    struct wg_box box = wg_box_empty();
    struct wg_filter all = {0};
    int64_t n[4], change = 0;
    enum tool_exit status = TOOL_OK;
    if (wg_district_extent(a->store, &box, &a->err) != WG_OK || !count_nouns(a, n) ||
        wg_store_last_change(a->store, &change, &a->err) != WG_OK)
        return tool_fail(a->args, &a->err);
    if (a->json) {
        json_open(NULL, '{');
        json_text("name", d->name);
        json_text("crs", d->crs);
        json_text("crs_name", d->crs_name);
        json_text("lang", d->lang);
        json_text("created_at", d->created_at);
    } else {
        printf(_("District: %s\nCRS: %s (%s)\n"), d->name, d->crs, d->crs_name);
    }
    print_extent(a, box);
    print_terrain(a);
    print_counts(a, n);
    print_change(a, change);
    if (a->json)
        json_open("schemes", '[');
    if (wg_scheme_each(a->store, &all, about_scheme, a, &a->err) != WG_OK)
        a->failed = true;
    if (a->json)
        json_close(']');
    if (!a->failed && args_has(a->args, "integrity"))
        status = verify(a);
    if (a->json) {
        json_close('}');
        json_end();
    }
    if (a->failed) {
        fprintf(stderr, "wangge info: %s\n", a->err.text);
        return TOOL_FAILED;
    }
    return status;
}

static enum tool_exit run(const struct args *args)
{
    struct about a = {.args = args, .json = args_has(args, "json")};
    struct wg_district d;
    a.store = tool_open(args, 0, true);
    if (!a.store)
        return TOOL_FAILED;
    enum tool_exit status;
    if (wg_district_read(a.store, &d, &a.err) != WG_OK) {
        status = tool_fail(args, &a.err);
    } else {
        status = print_all(&a, &d);
        wg_district_finish(&d);
    }
    wg_store_close(a.store);
    return status;
}

static const struct tool_option options[] = {
    {"integrity", NULL, N_("also check the file: pages, keys, spatial indexes")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_info = {
    "info",
    "DATABASE [--integrity]",
    N_("say what is in a database: CRS, extent, counts, what is outside or cut"),
    N_("Exit status 3 when --integrity finds something wrong."),
    1,
    1,
    options,
    run,
    NULL,
    NULL};
