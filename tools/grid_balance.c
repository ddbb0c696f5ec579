/* wangge grid: what an edit does to each grid, before and after. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

struct reading {
    struct grid_job *job;
    struct grid_balance *out;
    bool failed;
};

static struct wg_point point_in(const struct wg_coverage *coverage, int64_t id)
{
    struct wg_multipolygon mp = {0};
    struct wg_point p = {NAN, NAN};
    if (wg_coverage_polygon(coverage, id, &mp, NULL) == WG_OK &&
        wg_shape_label_point(NULL, &mp, &p, NULL) != WG_OK)
        p = (struct wg_point){NAN, NAN};
    wg_multipolygon_finish(&mp);
    return p;
}

/* Beside what was edited a grid may only have been looked at: its polygon is as before.
 */
static bool is_same(const struct grid_job *job, int64_t id)
{
    struct wg_multipolygon a = {0}, b = {0};
    bool same = wg_coverage_polygon(job->before, id, &a, NULL) == WG_OK &&
                wg_coverage_polygon(job->coverage, id, &b, NULL) == WG_OK &&
                a.n_vertex == b.n_vertex && a.n_ring == b.n_ring &&
                memcmp(a.x, b.x, a.n_vertex * sizeof *a.x) == 0 &&
                memcmp(a.y, b.y, a.n_vertex * sizeof *a.y) == 0;
    wg_multipolygon_finish(&a);
    wg_multipolygon_finish(&b);
    return same;
}

static bool take(const struct wg_balance *b, void *user)
{
    struct reading *r = user;
    struct grid_balance *out = r->out;
    if (b->before.exists && b->after.exists && is_same(r->job, b->grid))
        return true;
    if (out->n == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 16;
        struct wg_balance *row = realloc(out->row, cap * sizeof *row);
        if (row)
            out->row = row;
        struct wg_point *inside = realloc(out->inside, cap * sizeof *inside);
        if (inside)
            out->inside = inside;
        if (!row || !inside) {
            r->failed = true;
            return false;
        }
        out->cap = cap;
    }
    out->row[out->n] = *b;
    out->row[out->n].code = b->code ? strdup(b->code) : NULL;
    out->inside[out->n] = b->grid < 0 && b->after.exists
                              ? point_in(r->job->coverage, b->grid)
                              : (struct wg_point){NAN, NAN};
    out->n++;
    return true;
}

bool grid_balance_read(struct grid_job *job, const struct args *args,
                       struct grid_balance *out)
{
    struct wg_norms norms;
    struct wg_balancer *balancer = NULL;
    struct wg_error err;
    struct reading r = {job, out, false};
    if (!grid_survey(job, args))
        return false;
    enum wg_status status = wg_norms_read(job->store, job->scheme, &norms, &err);
    if (status == WG_OK)
        status = wg_balancer_create(job->before, job->survey, &norms, &balancer, &err);
    if (status == WG_OK)
        status = wg_balance_each(balancer, job->coverage, take, &r, &err);
    wg_balancer_destroy(balancer);
    if (status == WG_OK && r.failed) {
        status = WG_NO_MEMORY;
        err = (struct wg_error){.status = status, .row = -1, .x = NAN, .y = NAN};
        snprintf(err.text, sizeof err.text, "%s", _("Out of memory."));
    }
    if (status != WG_OK)
        tool_fail(args, &err);
    return status == WG_OK;
}

void grid_balance_name(struct grid_job *job, struct grid_balance *balance)
{
    for (size_t i = 0; i < balance->n; i++) {
        struct wg_balance *b = &balance->row[i];
        struct wg_coverage_face face;
        if (b->code || !isfinite(balance->inside[i].x))
            continue;
        int64_t id =
            wg_coverage_at(job->coverage, balance->inside[i].x, balance->inside[i].y);
        if (id > 0 && wg_coverage_face(job->coverage, id, &face, NULL) == WG_OK) {
            b->grid = id;
            b->code = face.code ? strdup(face.code) : NULL;
        }
    }
}

void grid_balance_finish(struct grid_balance *balance)
{
    for (size_t i = 0; i < balance->n; i++)
        free((char *)(uintptr_t)balance->row[i].code);
    free(balance->row);
    free(balance->inside);
    memset(balance, 0, sizeof *balance);
}

static const char *change_name(const struct wg_balance *b)
{
    return !b->before.exists ? "begun" : !b->after.exists ? "ended" : "changed";
}

static const char *change_words(const struct wg_balance *b)
{
    return !b->before.exists ? _("new") : !b->after.exists ? _("ended") : _("changed");
}

/* ---- for people: "12 → 14" ---- */

static void cell(struct out_list *list, const struct wg_balance *b, bool known_before,
                 double before, bool known_after, double after)
{
    char text[80], one[32] = "–", two[32] = "–";
    if (known_before)
        snprintf(one, sizeof one, "%.0f", before);
    if (known_after)
        snprintf(two, sizeof two, "%.0f", after);
    if (!b->before.exists)
        snprintf(text, sizeof text, "→ %s", two);
    else if (!b->after.exists)
        snprintf(text, sizeof text, "%s →", one);
    else if (strcmp(one, two) == 0)
        snprintf(text, sizeof text, "%s", one);
    else
        snprintf(text, sizeof text, "%s → %s", one, two);
    out_text(list, text);
}

static void count(struct out_list *list, const struct wg_balance *b, int64_t before,
                  int64_t after)
{
    cell(list, b, before >= 0, (double)before, after >= 0, (double)after);
}

static const char *norm_words(const struct wg_balance_side *s, char *out, size_t size)
{
    const char *const word[] = {s->households_ok ? NULL : _("households"),
                                s->population_ok ? NULL : _("population"),
                                s->area_ok ? NULL : _("area")};
    size_t used = 0;
    *out = '\0';
    for (int i = 0; i < 3; i++)
        if (word[i])
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     word[i]);
    if (!*out)
        snprintf(out, size, "%s", _("met"));
    return out;
}

static void print_table(const struct grid_balance *balance)
{
    const struct out_column column[] = {
        {"grid", _("grid"), OUT_TEXT},
        {"change", _("change"), OUT_TEXT},
        {"area", _("area m²"), OUT_TEXT},
        {"buildings", _("buildings"), OUT_TEXT},
        {"households", _("households"), OUT_TEXT},
        {"population", _("population"), OUT_TEXT},
        {"events", _("open events"), OUT_TEXT},
        {"officers", _("officers"), OUT_TEXT},
        {"cut", _("cut"), OUT_TEXT},
        {"norms", _("norms"), OUT_TEXT},
    };
    struct out_list *list =
        out_list_begin(OUT_TABLE, sizeof column / sizeof *column, column);
    char norms[96];
    for (size_t i = 0; i < balance->n; i++) {
        const struct wg_balance *b = &balance->row[i];
        const struct wg_balance_side *x = &b->before, *y = &b->after;
        out_text(list, b->code ? b->code : _("(new)"));
        out_text(list, change_words(b));
        cell(list, b, true, x->area_m2, true, y->area_m2);
        count(list, b, x->buildings, y->buildings);
        count(list, b, x->households, y->households);
        count(list, b, x->population, y->population);
        count(list, b, x->events, y->events);
        count(list, b, x->officers, y->officers);
        count(list, b, x->cut, y->cut);
        out_text(list, y->exists ? norm_words(y, norms, sizeof norms) : "");
        out_row(list);
    }
    out_list_end(list, true);
}

/* ---- for programs ---- */

static void print_csv(const struct grid_balance *balance)
{
    static const struct out_column column[] = {
        {"grid", "grid", OUT_TEXT},         {"change", "change", OUT_TEXT},
        {"area_m2_before", "", OUT_REAL},   {"area_m2_after", "", OUT_REAL},
        {"buildings_before", "", OUT_INT},  {"buildings_after", "", OUT_INT},
        {"households_before", "", OUT_INT}, {"households_after", "", OUT_INT},
        {"population_before", "", OUT_INT}, {"population_after", "", OUT_INT},
        {"events_before", "", OUT_INT},     {"events_after", "", OUT_INT},
        {"officers_before", "", OUT_INT},   {"officers_after", "", OUT_INT},
        {"cut_before", "", OUT_INT},        {"cut_after", "", OUT_INT},
    };
    struct out_list *list =
        out_list_begin(OUT_CSV, sizeof column / sizeof *column, column);
    for (size_t i = 0; i < balance->n; i++) {
        const struct wg_balance_side *x = &balance->row[i].before,
                                     *y = &balance->row[i].after;
        const int64_t number[][2] = {
            {x->buildings, y->buildings},   {x->households, y->households},
            {x->population, y->population}, {x->events, y->events},
            {x->officers, y->officers},     {x->cut, y->cut}};
        out_text(list, balance->row[i].code);
        out_text(list, change_name(&balance->row[i]));
        out_real(list, x->exists ? x->area_m2 : NAN, 3);
        out_real(list, y->exists ? y->area_m2 : NAN, 3);
        for (size_t k = 0; k < sizeof number / sizeof *number; k++) {
            out_int(list, x->exists ? number[k][0] : WG_UNKNOWN);
            out_int(list, y->exists ? number[k][1] : WG_UNKNOWN);
        }
        out_row(list);
    }
    out_list_end(list, true);
}

static void json_count(const char *key, int64_t value)
{
    if (value < 0)
        json_null(key);
    else
        json_int(key, value);
}

static void json_side(const char *key, const struct wg_balance_side *s)
{
    if (!s->exists) {
        json_null(key);
        return;
    }
    json_open(key, '{');
    json_real("area_m2", s->area_m2);
    json_count("buildings", s->buildings);
    json_count("households", s->households);
    json_count("population", s->population);
    json_count("events", s->events);
    json_count("officers", s->officers);
    json_count("cut", s->cut);
    json_bool("households_ok", s->households_ok);
    json_bool("population_ok", s->population_ok);
    json_bool("area_ok", s->area_ok);
    json_close('}');
}

void grid_balance_json(const char *key, const struct grid_balance *balance)
{
    json_open(key, '[');
    for (size_t i = 0; i < balance->n; i++) {
        json_open(NULL, '{');
        json_text("grid", balance->row[i].code);
        json_text("change", change_name(&balance->row[i]));
        json_side("before", &balance->row[i].before);
        json_side("after", &balance->row[i].after);
        json_close('}');
    }
    json_close(']');
}

void grid_balance_print(const struct grid_balance *balance, enum out_format format)
{
    if (format == OUT_CSV)
        print_csv(balance);
    else if (balance->n)
        print_table(balance);
}
