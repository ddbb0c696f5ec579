/* wangge grid: refusals, conflicts and geometry, in words and in JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

/* ---- geometry ---- */

/* "x y,x y" or, for JSON, "[x,y],[x,y]", between two texts. */
static char *points_text(const struct wg_line *line, const char *begin, bool json,
                         const char *end)
{
    size_t cap = strlen(begin) + strlen(end) + (size_t)line->n * 70 + 1;
    char *text = malloc(cap);
    if (!text)
        return NULL;
    size_t n = (size_t)snprintf(text, cap, "%s", begin);
    for (uint32_t i = 0; i < line->n; i++) {
        char x[32], y[32];
        out_double(line->x[i], x);
        out_double(line->y[i], y);
        n += (size_t)snprintf(text + n, cap - n, "%s%s%s%s%s%s", i ? "," : "",
                              json ? "[" : "", x, json ? "," : " ", y, json ? "]" : "");
    }
    snprintf(text + n, cap - n, "%s", end);
    return text;
}

void json_line(const char *key, const struct wg_line *line)
{
    char *text = NULL;
    if (line->n == 1)
        text = points_text(line, "{\"type\": \"Point\", \"coordinates\": ", true, "}");
    else if (line->n)
        text = points_text(line, "{\"type\": \"LineString\", \"coordinates\": [", true,
                           "]}");
    json_raw(key, text);
    free(text);
}

void json_area(const char *key, const struct wg_multipolygon *area)
{
    char *text = NULL;
    if (area->n_part && wg_shape_to_geojson(area, &text, NULL) != WG_OK)
        text = NULL;
    json_raw(key, text);
    wg_free(text);
}

char *grid_line_text(const struct wg_line *line)
{
    return points_text(line, line->n == 1 ? "POINT(" : "LINESTRING(", false, ")");
}

char *grid_area_text(const struct wg_multipolygon *area)
{
    char *text = NULL;
    return wg_shape_to_wkt(area, &text, NULL) == WG_OK ? text : NULL;
}

/* "  proposal: LINESTRING(…)" on stderr. */
static void say_line(const char *title, const struct wg_line *line)
{
    char *text = line->n ? grid_line_text(line) : NULL;
    if (text)
        fprintf(stderr, "  %s: %s\n", title, text);
    free(text);
}

static void say_area(const char *title, const struct wg_multipolygon *area)
{
    char *text = area->n_part ? grid_area_text(area) : NULL;
    if (text)
        fprintf(stderr, "  %s: %s\n", title, text);
    wg_free(text);
}

/* ---- refusals ---- */

struct refused {
    struct grid_job *job;
    const struct wg_refusal *refusal;
    char building[96];
};

static void json_grid(const char *key, const struct wg_coverage *coverage, int64_t id)
{
    struct wg_coverage_face face;
    json_text(key, id && wg_coverage_face(coverage, id, &face, NULL) == WG_OK ? face.code
                                                                              : NULL);
}

static void refusal_json(void *user)
{
    struct refused *r = user;
    const struct wg_refusal *f = r->refusal;
    json_text("reason", wg_refusal_name(f->reason));
    json_grid("grid", r->job->coverage, f->grid);
    json_grid("other", r->job->coverage, f->other);
    json_text("building", f->building ? r->building : NULL);
    json_text("cure", f->cure && *f->cure ? f->cure : NULL);
    json_line("crossed", &f->crossed);
    json_line("proposal", &f->proposal);
}

enum tool_exit grid_done(struct grid_job *job, const struct args *args,
                         enum wg_status status, const struct wg_error *err)
{
    struct wg_error told;
    struct refused r = {job, wg_coverage_refusal(job->coverage), ""};
    if (status == WG_OK)
        return TOOL_OK;
    told = *err;
    told.status = status;
    if (job->line)
        told.row = job->line;
    if (status != WG_CONSTRAINT || !r.refusal || r.refusal->reason == WG_REFUSED_NOTHING)
        return tool_fail(args, &told);
    if (r.refusal->building)
        grid_building_name(job, r.refusal->building, r.building, sizeof r.building);
    enum tool_exit exit = tool_fail_more(args, &told, refusal_json, &r);
    if (isfinite(r.refusal->x) && isfinite(r.refusal->y))
        fprintf(stderr, "  %s: %s, %.3f,%.3f\n", _("refused"),
                wg_refusal_name(r.refusal->reason), r.refusal->x, r.refusal->y);
    if (r.refusal->grid)
        fprintf(stderr, "  %s: %s%s%s\n", _("boundary of"),
                grid_name(job->coverage, r.refusal->grid), r.refusal->other ? ", " : "",
                r.refusal->other ? grid_name(job->coverage, r.refusal->other) : "");
    if (r.refusal->building)
        fprintf(stderr, "  %s: %s\n", _("building"), r.building);
    say_line(_("in the way"), &r.refusal->crossed);
    say_line(_("proposal"), &r.refusal->proposal);
    return exit;
}

/* ---- conflicts ---- */

static void conflict_json(void *user)
{
    const struct wg_conflict *c = user;
    json_open("conflict", '{');
    json_int("revision", c->revision);
    json_text("author", c->author);
    json_text("reason", c->reason);
    json_text("at", c->at);
    json_text("grid", c->grid_code);
    json_real("x", c->x);
    json_real("y", c->y);
    json_area("base", &c->base);
    json_area("theirs", &c->theirs);
    json_area("ours", &c->ours);
    json_close('}');
}

enum tool_exit grid_conflict(const struct args *args, const struct wg_conflict *conflict,
                             const struct wg_error *err)
{
    enum tool_exit exit =
        tool_fail_more(args, err, conflict_json, (void *)(uintptr_t)conflict);
    if (conflict->revision)
        fprintf(stderr, "  %s: %lld, %s, %s%s%s\n", _("in the way is revision"),
                (long long)conflict->revision, conflict->author ? conflict->author : "",
                conflict->at ? conflict->at : "", conflict->reason ? ", " : "",
                conflict->reason ? conflict->reason : "");
    if (conflict->grid_code)
        fprintf(stderr, "  %s: %s, %.3f,%.3f\n", _("both changed grid"),
                conflict->grid_code, conflict->x, conflict->y);
    say_area(_("before"), &conflict->base);
    say_area(_("theirs"), &conflict->theirs);
    say_area(_("yours"), &conflict->ours);
    return exit;
}
