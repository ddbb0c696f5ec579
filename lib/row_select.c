/* Owns the way from a filter to SQL and the walk over its rows. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "row.h"
#include "wangge/shape.h"

/* ---- the text ---- */

static void append_list(struct wg_select *s, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    void *array = s->sql;
    if (n < 0 || !wg_grow(&array, &s->cap, s->n + (size_t)n + 1, 1)) {
        s->no_memory = true; /* said when the statement is prepared */
        return;
    }
    s->sql = array;
    vsnprintf(s->sql + s->n, (size_t)n + 1, format, args);
    s->n += (size_t)n;
}

void wg_select_append(struct wg_select *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    append_list(s, format, args);
    va_end(args);
}

void wg_select_and(struct wg_select *s, const char *format, ...)
{
    va_list args;
    wg_select_append(s, s->n ? "\nAND " : "");
    va_start(args, format);
    append_list(s, format, args);
    va_end(args);
}

static int add_value(struct wg_select *s, struct wg_select_value value)
{
    if ((size_t)s->n_value < WG_N(s->value))
        s->value[s->n_value] = value;
    return ++s->n_value;
}

int wg_select_int(struct wg_select *s, int64_t value)
{
    return add_value(s, (struct wg_select_value){.kind = 'i', .number = value});
}

int wg_select_real(struct wg_select *s, double value)
{
    return add_value(s, (struct wg_select_value){.kind = 'r', .real = value});
}

int wg_select_text(struct wg_select *s, const char *value)
{
    return add_value(s, (struct wg_select_value){.kind = 't', .text = value});
}

void wg_select_finish(struct wg_select *s)
{
    free(s->sql);
    s->sql = NULL;
    s->n = s->cap = 0;
}

/* ---- the expression a user gives ---- */

/* Skip a quoted text or name; NULL when it does not end. */
static const char *skip_quoted(const char *c)
{
    char end = *c == '[' ? ']' : *c;
    for (c++; *c; c++) {
        if (*c != end)
            continue;
        if (c[1] != end || end == ']')
            return c;
        c++; /* doubled: a quote inside */
    }
    return NULL;
}

/* One expression and nothing that ends it or opens what it does not close: brackets
 * balance, no second statement, no comment, no parameter. */
static bool is_one_expression(const char *where)
{
    int depth = 0;
    for (const char *c = where; *c; c++) {
        if (strchr("'\"`[", *c)) {
            c = skip_quoted(c);
            if (!c)
                return false;
        } else if (*c == '(') {
            depth++;
        } else if (*c == ')') {
            if (--depth < 0)
                return false;
        } else if (strchr(";?:@$", *c) || (*c == '-' && c[1] == '-') ||
                   (*c == '/' && c[1] == '*')) {
            return false;
        }
    }
    return depth == 0;
}

static enum wg_status check_where(struct wg_store *store, const struct wg_noun *noun,
                                  const char *where, struct wg_error *err)
{
    static const char form[] = "SELECT 1 FROM %s WHERE (%s\n)";
    struct wg_error inner = {.text = ""};
    struct wg_query *q = NULL;
    if (!wg_text_is_utf8(where) || !is_one_expression(where))
        return wg_fail(err, WG_INVALID,
                       _("\"%.200s\" is not one SQL expression: brackets and quotes must "
                         "close, and there can be no second statement, comment or "
                         "parameter."),
                       wg_text_is_utf8(where) ? where : "?");
    const char *from = noun->from ? noun->from : noun->table;
    size_t size = sizeof form + strlen(from) + strlen(where);
    char *sql = malloc(size);
    if (!sql)
        return wg_fail_memory(err);
    snprintf(sql, size, form, from, where);
    enum wg_status status = wg_query(store, sql, &q, &inner);
    wg_done(q);
    free(sql);
    if (status == WG_INVALID)
        return wg_fail(err, WG_INVALID,
                       _("\"%.200s\" cannot be asked of the table %s: %s"), where,
                       noun->table, inner.text);
    if (status && err)
        *err = inner;
    return status;
}

/* ---- the filter ---- */

static enum wg_status refuse(const struct wg_noun *noun, const char *by,
                             struct wg_error *err)
{
    return wg_fail(err, WG_INVALID, _("The rows of %s cannot be chosen by %s."),
                   noun->table, by);
}

static enum wg_status check_filter(const struct wg_noun *noun, const struct wg_filter *f,
                                   struct wg_error *err)
{
    if (f->grid && !(noun->filters & WG_BY_GRID))
        return refuse(noun, "grid", err);
    if (f->level && !(noun->filters & WG_BY_LEVEL))
        return refuse(noun, "level", err);
    if (f->box && noun->place == WG_PLACE_NONE)
        return refuse(noun, "box", err);
    if (f->outside && (noun->filters & WG_BY_OWNER) != WG_BY_OWNER)
        return refuse(noun, "outside", err);
    if (f->cut && noun->kind != WG_KIND_BUILDING)
        return refuse(noun, "cut", err);
    if ((f->outside || f->cut) && !f->scheme)
        return wg_fail(
            err, WG_INVALID,
            _("Say of which scheme: objects are outside or cut in one scheme."));
    if (f->box && (isnan(f->box->min_x) || isnan(f->box->min_y) || isnan(f->box->max_x) ||
                   isnan(f->box->max_y)))
        return wg_fail(err, WG_INVALID, _("The box is not made of numbers."));
    return WG_OK;
}

/* The index holds floats rounded outward: it finds, the geometry decides. */
static void add_box(struct wg_select *s, const struct wg_box *box)
{
    if (wg_box_is_empty(*box)) {
        wg_select_and(s, "0");
        return;
    }
    int min_x = wg_select_real(s, box->min_x), min_y = wg_select_real(s, box->min_y);
    int max_x = wg_select_real(s, box->max_x), max_y = wg_select_real(s, box->max_y);
    wg_select_and(s,
                  "%s.id IN (SELECT pkid FROM idx_%s_geom WHERE xmin <= ?%d AND xmax >= "
                  "?%d AND ymin <= ?%d AND ymax >= ?%d)",
                  s->noun->table, s->noun->table, max_x, min_x, max_y, min_y);
    wg_select_and(
        s,
        "MbrMinX(geom) <= ?%d AND MbrMaxX(geom) >= ?%d AND MbrMinY(geom) <= ?%d "
        "AND MbrMaxY(geom) >= ?%d",
        max_x, min_x, max_y, min_y);
}

/* Buildings have an index by grid.  Parts and events are found by the key of owner: the
 * open events, which are few, one by one, others by going through it. */
static void add_grid(struct wg_select *s, const struct wg_filter *f,
                     const char *of_scheme)
{
    const char *table = s->noun->table;
    int kind = (int)s->noun->kind, grid = wg_select_int(s, f->grid);
    if (kind == WG_KIND_BUILDING)
        wg_select_and(s,
                      "%s.id IN (SELECT object_id FROM owner WHERE kind = 1%s AND "
                      "grid_id IN " WG_GRIDS_BELOW ")",
                      table, of_scheme, grid);
    else if (kind == WG_KIND_EVENT && !f->ended && !f->at)
        wg_select_and(s,
                      "EXISTS (SELECT 1 FROM owner WHERE kind = 3%s AND object_id = "
                      "%s.id AND scheme_id IN (SELECT scheme_id FROM grid WHERE id IN "
                      "" WG_GRIDS_BELOW ") AND grid_id IN " WG_GRIDS_BELOW ")",
                      of_scheme, table, grid, grid);
    else
        wg_select_and(s,
                      "%s.id IN (SELECT object_id FROM owner WHERE kind = %d%s AND "
                      "scheme_id IN (SELECT scheme_id FROM grid WHERE id IN "
                      "" WG_GRIDS_BELOW ") AND grid_id IN " WG_GRIDS_BELOW ")",
                      table, kind, of_scheme, grid, grid);
}

static void add_owner(struct wg_select *s, const struct wg_filter *f)
{
    const char *table = s->noun->table;
    int kind = (int)s->noun->kind;
    int scheme = f->scheme ? wg_select_int(s, f->scheme) : 0;
    char of_scheme[32] = "";
    if (scheme)
        snprintf(of_scheme, sizeof of_scheme, " AND scheme_id = ?%d", scheme);
    if (f->grid)
        add_grid(s, f, of_scheme);
    if (f->outside)
        wg_select_and(
            s,
            "NOT EXISTS (SELECT 1 FROM owner WHERE object_id = %s.id AND kind = "
            "%d%s AND grid_id IS NOT NULL)",
            table, kind, of_scheme);
    if (f->cut)
        wg_select_and(s,
                      "%s.id IN (SELECT building_id FROM owner_share WHERE scheme_id = "
                      "?%d)",
                      table, scheme);
}

static void add_dates(struct wg_select *s, const struct wg_filter *f)
{
    const char *table = s->noun->table;
    wg_select_and(s, "(%s.valid_from IS NULL OR %s.valid_from <= ?1)", table, table);
    if (!f->ended)
        wg_select_and(s, "(%s.valid_to IS NULL OR %s.valid_to > ?1)", table, table);
}

enum wg_status wg_select_begin_undated(struct wg_select *s, struct wg_store *store,
                                       const struct wg_noun *noun,
                                       const struct wg_filter *filter,
                                       struct wg_error *err)
{
    static const struct wg_filter none;
    const struct wg_filter *f = filter ? filter : &none;
    memset(s, 0, sizeof *s);
    s->store = store;
    s->noun = noun;
    s->filter = f;
    enum wg_status status = check_filter(noun, f, err);
    if (!status)
        status = wg_row_time(f->at, "at", s->at, err);
    if (!status && f->where)
        status = check_where(store, noun, f->where, err);
    if (status)
        return status;
    /* value 1, named always so that it can be bound always */
    wg_select_and(s, "?%d IS NOT NULL", wg_select_text(s, s->at));
    if (f->box)
        add_box(s, f->box);
    if (noun->kind && (f->grid || f->outside || f->cut))
        add_owner(s, f);
    if (f->where)
        wg_select_and(s, "(%s\n)", f->where);
    return WG_OK;
}

enum wg_status wg_select_begin(struct wg_select *s, struct wg_store *store,
                               const struct wg_noun *noun, const struct wg_filter *filter,
                               struct wg_error *err)
{
    enum wg_status status = wg_select_begin_undated(s, store, noun, filter, err);
    if (!status && noun->to_at)
        add_dates(s, s->filter);
    return status;
}

/* ---- running it ---- */

/* Prepare `columns` over the conditions.  `at` is s->at where it lives long enough. */
static enum wg_status prepare(struct wg_select *s, const char *columns, const char *order,
                              const char *at, struct wg_query **out, struct wg_error *err)
{
    struct wg_query *q = NULL;
    struct wg_select whole = {.n = 0};
    const char *from = s->noun->from ? s->noun->from : s->noun->table;
    wg_select_append(&whole, "SELECT %s FROM %s WHERE %s", columns, from,
                     s->sql ? s->sql : "");
    if (order)
        wg_select_append(&whole, " ORDER BY %s", order);
    if (s->filter->limit)
        wg_select_append(&whole, " LIMIT ?%d",
                         wg_select_int(s, s->filter->limit > INT64_MAX
                                              ? INT64_MAX
                                              : (int64_t)s->filter->limit));
    if (s->no_memory || whole.no_memory) {
        wg_select_finish(&whole);
        return wg_fail_memory(err);
    }
    enum wg_status status = wg_query(s->store, whole.sql, &q, err);
    wg_select_finish(&whole);
    if (status)
        return status;
    s->value[0].text = at;
    for (int i = 0; i < s->n_value; i++) {
        const struct wg_select_value *v = &s->value[i];
        if (v->kind == 'i')
            wg_bind_int(q, i + 1, v->number);
        else if (v->kind == 'r')
            wg_bind_real(q, i + 1, v->real);
        else
            wg_bind_text(q, i + 1, v->text);
    }
    *out = q;
    return WG_OK;
}

enum wg_status wg_select_count(struct wg_select *s, int64_t *n, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    int64_t limit = s->filter->limit > INT64_MAX ? INT64_MAX : (int64_t)s->filter->limit;
    struct wg_filter unlimited = *s->filter;
    unlimited.limit = 0;
    s->filter = &unlimited;
    enum wg_status status = prepare(s, "count(*)", NULL, s->at, &q, err);
    if (!status)
        status = wg_step(q, &row, err);
    if (!status && row) {
        *n = wg_column_int(q, 0);
        if (limit && *n > limit)
            *n = limit;
    }
    wg_done(q);
    wg_select_finish(s);
    return status;
}

enum wg_status wg_cursor_open(struct wg_cursor *c, struct wg_select *s, const char *order,
                              struct wg_error *err)
{
    const struct wg_noun *noun = s->noun;
    struct wg_select columns = {.n = 0};
    char by_id[32];
    *c = (struct wg_cursor){.noun = noun, .no_geometry = s->filter->no_geometry};
    memcpy(c->at, s->at, sizeof c->at);
    wg_select_append(&columns, "%s.id", noun->table);
    for (size_t i = 0; i < noun->n_field; i++)
        wg_select_append(&columns, ", %s", noun->field[i].column);
    if (noun->place != WG_PLACE_NONE && !c->no_geometry)
        wg_select_append(&columns, ", geom");
    snprintf(by_id, sizeof by_id, "%s.id", noun->table);
    enum wg_status status =
        columns.no_memory
            ? wg_fail_memory(err)
            : prepare(s, columns.sql, order ? order : by_id, c->at, &c->q, err);
    wg_select_finish(&columns);
    wg_select_finish(s);
    return status;
}

static enum wg_status fill_place(struct wg_cursor *c, void *row, struct wg_error *err)
{
    char *to = (char *)row + c->noun->place_at;
    size_t size = 0;
    const void *blob = wg_column_blob(c->q, (int)c->noun->n_field + 1, &size);
    struct wg_point point = {NAN, NAN};
    size_t n = 0;
    const double *xy[2] = {NULL, NULL};
    enum wg_status status = WG_OK;
    switch (c->noun->place) {
    case WG_PLACE_POLYGON:
        wg_multipolygon_finish(&c->polygon);
        if (blob)
            status = wg_shape_from_blob(blob, size, &c->polygon, err);
        memcpy(to, &c->polygon, sizeof c->polygon);
        break;
    case WG_PLACE_POINT:
        if (blob)
            status = wg_shape_point_from_blob(blob, size, &point, err);
        memcpy(to, &point, sizeof point);
        break;
    case WG_PLACE_LINE:
        if (blob)
            status = wg_line_from_blob(blob, size, &c->line, &c->line_cap, &n, &xy[0],
                                       &xy[1], err);
        memcpy(to, &n, sizeof n);
        memcpy(to + sizeof n, xy, sizeof xy);
        break;
    case WG_PLACE_NONE:
        break;
    }
    if (status && err)
        err->row = wg_column_int(c->q, 0);
    return status;
}

bool wg_cursor_next(struct wg_cursor *c, void *row, struct wg_error *err)
{
    bool more = false;
    c->status = wg_step(c->q, &more, err);
    if (c->status || !more)
        return false;
    wg_row_fill(c->q, c->noun, row);
    if (c->noun->place != WG_PLACE_NONE && !c->no_geometry)
        c->status = fill_place(c, row, err);
    return !c->status;
}

enum wg_status wg_cursor_close(struct wg_cursor *c)
{
    wg_done(c->q);
    wg_multipolygon_finish(&c->polygon);
    free(c->line);
    c->q = NULL;
    c->line = NULL;
    return c->status;
}

enum wg_status wg_row_walk(struct wg_cursor *c, struct wg_store *store,
                           const struct wg_noun *noun, const struct wg_filter *filter,
                           struct wg_error *err)
{
    struct wg_select select;
    enum wg_status status = wg_select_begin(&select, store, noun, filter, err);
    return status ? status : wg_cursor_open(c, &select, NULL, err);
}

enum wg_status wg_row_count(struct wg_store *store, const struct wg_noun *noun,
                            const struct wg_filter *filter, int64_t *n,
                            struct wg_error *err)
{
    struct wg_select select;
    enum wg_status status = wg_select_begin(&select, store, noun, filter, err);
    return status ? status : wg_select_count(&select, n, err);
}
