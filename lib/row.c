/* Owns the checking, writing, reading and copying of the nouns' rows. */
#include "row.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wangge/shape.h"

static const void *field_of(const void *row, const struct wg_field *f)
{
    return (const char *)row + f->at;
}

static const char *text_of(const void *row, const struct wg_field *f)
{
    const char *text;
    memcpy(&text, field_of(row, f), sizeof text);
    return text;
}

static void set_text(void *row, const struct wg_field *f, const char *text)
{
    memcpy((char *)row + f->at, &text, sizeof text);
}

static bool is_text(const struct wg_field *f)
{
    return f->type == WG_FIELD_TEXT || f->type == WG_FIELD_TIME;
}

static int64_t number_of(const void *row, const struct wg_field *f)
{
    int64_t number;
    memcpy(&number, field_of(row, f), sizeof number);
    return number;
}

static double real_of(const void *row, const struct wg_field *f)
{
    double real;
    memcpy(&real, field_of(row, f), sizeof real);
    return real;
}

static int64_t id_of(const void *row)
{
    int64_t id;
    memcpy(&id, row, sizeof id);
    return id;
}

/* ---- memory ---- */

void wg_row_init(const struct wg_noun *noun, void *row)
{
    memset(row, 0, noun->size);
    for (size_t i = 0; i < noun->n_field; i++) {
        const struct wg_field *f = &noun->field[i];
        char *at = (char *)row + f->at;
        int64_t unknown = f->type == WG_FIELD_COUNT ? WG_UNKNOWN : INT64_MIN;
        double nan_value = NAN;
        if (f->type == WG_FIELD_COUNT || f->type == WG_FIELD_SIGNED)
            memcpy(at, &unknown, sizeof unknown);
        else if (f->type == WG_FIELD_REAL || f->type == WG_FIELD_AMOUNT)
            memcpy(at, &nan_value, sizeof nan_value);
    }
    if (noun->place == WG_PLACE_POINT)
        memcpy((char *)row + noun->place_at, (double[2]){NAN, NAN}, 2 * sizeof(double));
}

void wg_row_finish(const struct wg_noun *noun, void *row)
{
    if (!row)
        return;
    void *held;
    memcpy(&held, (char *)row + noun->held, sizeof held);
    free(held);
    if (noun->place == WG_PLACE_POLYGON)
        wg_multipolygon_finish(
            (struct wg_multipolygon *)(void *)((char *)row + noun->place_at));
    wg_row_init(noun, row);
}

/* Move the texts a statement lent into one block that the row holds. */
static enum wg_status own_texts(const struct wg_noun *noun, void *row,
                                struct wg_error *err)
{
    size_t total = 1;
    for (size_t i = 0; i < noun->n_field; i++) {
        const char *text =
            is_text(&noun->field[i]) ? text_of(row, &noun->field[i]) : NULL;
        total += text ? strlen(text) + 1 : 0;
    }
    char *block = malloc(total), *at = block;
    memcpy((char *)row + noun->held, &block, sizeof block);
    for (size_t i = 0; i < noun->n_field; i++) {
        const struct wg_field *f = &noun->field[i];
        const char *text = is_text(f) ? text_of(row, f) : NULL;
        if (!text)
            continue;
        if (!block) {
            set_text(row, f, NULL);
            continue;
        }
        size_t size = strlen(text) + 1;
        set_text(row, f, memcpy(at, text, size));
        at += size;
    }
    return block ? WG_OK : wg_fail_memory(err);
}

/* ---- messages ---- */

/* The tables' names as words of a message. */
static const char *const table_words[] = {
    N_("district"), N_("scheme"), N_("grid"),  N_("building"), N_("dwelling"), N_("part"),
    N_("officer"),  N_("duty"),   N_("event"), N_("road"),     N_("surface"),
};

const char *wg_row_name(const struct wg_noun *noun, const void *row,
                        char out[WG_ROW_NAME_SIZE])
{
    (void)table_words;
    const char *text = NULL;
    for (size_t i = 0; i < noun->n_field && !text; i++) {
        if (noun->field[i].type != WG_FIELD_TEXT)
            continue;
        text = text_of(row, &noun->field[i]);
        break;
    }
    if (text && *text && wg_text_is_utf8(text) && strlen(text) < WG_ROW_NAME_SIZE / 2)
        snprintf(out, WG_ROW_NAME_SIZE, "%s %s", _(noun->table), text);
    else if (id_of(row))
        snprintf(out, WG_ROW_NAME_SIZE, "%s #%" PRId64, _(noun->table), id_of(row));
    else
        snprintf(out, WG_ROW_NAME_SIZE, "%s", _(noun->table));
    return out;
}

enum wg_status wg_row_missing(const char *table, int64_t id, struct wg_error *err)
{
    return wg_fail_row(err, WG_NOT_FOUND, id,
                       _("There is no %s with the id %" PRId64 "."), _(table), id);
}

/* ---- checks ---- */

bool wg_text_is_utf8(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    while (*c) {
        if (*c < 0x80) {
            c++;
            continue;
        }
        int more = *c >= 0xC2 && *c <= 0xDF   ? 1
                   : *c >= 0xE0 && *c <= 0xEF ? 2
                   : *c >= 0xF0 && *c <= 0xF4 ? 3
                                              : 0;
        /* overlong forms, surrogates, and beyond U+10FFFF */
        if (!more || (*c == 0xE0 && c[1] < 0xA0) || (*c == 0xED && c[1] > 0x9F) ||
            (*c == 0xF0 && c[1] < 0x90) || (*c == 0xF4 && c[1] > 0x8F))
            return false;
        for (c++; more > 0; more--, c++)
            if ((*c & 0xC0) != 0x80)
                return false;
    }
    return true;
}

enum wg_status wg_row_time(const char *text, const char *field, char out[WG_INSTANT_SIZE],
                           struct wg_error *err)
{
    int64_t ms = wg_instant_now();
    if (text && wg_instant_parse(text, 0, &ms, NULL))
        return wg_fail(
            err, WG_FORMAT,
            _("%s: \"%.80s\" is not a time.  Write it like 2026-11-24T08:31:00Z "
              "or 2026-11-24."),
            field, wg_text_is_utf8(text) ? text : "?");
    wg_instant_format(ms, out);
    return WG_OK;
}

static enum wg_status check_words(const char *name, const struct wg_field *f,
                                  const char *text, struct wg_error *err)
{
    char list[200] = "";
    size_t n = 0;
    for (const char *const *word = f->words; *word; word++) {
        if (strcmp(*word, text) == 0)
            return WG_OK;
        int k = snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", *word);
        n = k > 0 && (size_t)k < sizeof list - n ? n + (size_t)k : n;
    }
    return wg_fail(err, WG_INVALID, _("%s: %s must be one of %s, not \"%.80s\"."), name,
                   f->column, list, text);
}

static enum wg_status check_text(const struct wg_noun *noun, void *row,
                                 const struct wg_field *f, struct wg_row_times *times,
                                 struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    const char *text = text_of(row, f);
    if (text && !*text &&
        (f->type == WG_FIELD_TIME || f->words ||
         (noun->unique && strcmp(noun->unique, f->column) == 0)))
        set_text(row, f, text = NULL);
    if (!text && f->instead)
        set_text(row, f, text = f->instead);
    if (f->needed && (!text || !*text))
        return wg_fail(err, WG_INVALID, _("%s: %s must be given."),
                       wg_row_name(noun, row, name), f->column);
    if (!text)
        return WG_OK;
    if (!wg_text_is_utf8(text))
        return wg_fail(
            err, WG_FORMAT,
            _("%s: %s is not UTF-8 text.  Say in which encoding the source is."),
            wg_row_name(noun, row, name), f->column);
    if (f->words)
        return check_words(wg_row_name(noun, row, name), f, text, err);
    if (f->type == WG_FIELD_TIME && times->n < WG_N(times->text)) {
        char *out = times->text[times->n++];
        enum wg_status status = wg_row_time(text, f->column, out, err);
        if (status)
            return status;
        set_text(row, f, out);
    }
    return WG_OK;
}

static enum wg_status check_real(const struct wg_noun *noun, const void *row,
                                 const struct wg_field *f, struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    double real = real_of(row, f);
    if (isinf(real))
        return wg_fail(err, WG_INVALID, _("%s: %s is not a finite number."),
                       wg_row_name(noun, row, name), f->column);
    if (f->type == WG_FIELD_AMOUNT && real < 0)
        return wg_fail(err, WG_INVALID, _("%s: %s is %g, but cannot be negative."),
                       wg_row_name(noun, row, name), f->column, real);
    return WG_OK;
}

static enum wg_status check_number(struct wg_store *store, const struct wg_noun *noun,
                                   const void *row, const struct wg_field *f,
                                   struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    int64_t number = number_of(row, f);
    enum wg_status status = WG_OK;
    if (f->type == WG_FIELD_COUNT && number < WG_UNKNOWN)
        return wg_fail(err, WG_INVALID,
                       _("%s: %s is %" PRId64 ", but cannot be negative."),
                       wg_row_name(noun, row, name), f->column, number);
    if (f->needed && number == 0)
        return wg_fail(err, WG_INVALID, _("%s: %s must be given."),
                       wg_row_name(noun, row, name), f->column);
    if (store && f->refers && number &&
        !wg_row_exists(store, f->refers, number, &status, err))
        return status ? status : wg_row_missing(f->refers, number, err);
    return WG_OK;
}

static enum wg_status check_place(const struct wg_noun *noun, const void *row,
                                  struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    double at[2];
    if (noun->place != WG_PLACE_POINT)
        return WG_OK;
    memcpy(at, (const char *)row + noun->place_at, sizeof at);
    if (isnan(at[0]) != isnan(at[1]) || isinf(at[0]) || isinf(at[1]))
        return wg_fail(err, WG_INVALID,
                       _("%s: its place (%g, %g) is not a pair of finite numbers."),
                       wg_row_name(noun, row, name), at[0], at[1]);
    return WG_OK;
}

enum wg_status wg_row_check_polygon(const struct wg_noun *noun, const void *row,
                                    const struct wg_multipolygon *mp,
                                    struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    struct wg_error inner = {.x = NAN, .y = NAN};
    for (uint32_t i = 0; i < mp->n_vertex; i++)
        if (!isfinite(mp->x[i]) || !isfinite(mp->y[i]))
            return wg_fail(err, WG_GEOMETRY,
                           _("%s: vertex %" PRIu32
                             " of its outline (%g, %g) is not a pair "
                             "of finite numbers."),
                           wg_row_name(noun, row, name), i + 1, mp->x[i], mp->y[i]);
    enum wg_status status = wg_shape_check(NULL, mp, &inner);
    if (status == WG_GEOMETRY)
        return wg_fail_at(err, WG_GEOMETRY, inner.x, inner.y,
                          _("%s: its outline is not valid.  %s"),
                          wg_row_name(noun, row, name), inner.text);
    if (status && err)
        *err = inner;
    return status;
}

static enum wg_status check_dates(const struct wg_noun *noun, const void *row,
                                  struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    const char *from, *to;
    if (!noun->to_at)
        return WG_OK;
    memcpy(&from, (const char *)row + noun->from_at, sizeof from);
    memcpy(&to, (const char *)row + noun->to_at, sizeof to);
    if (from && to && strcmp(to, from) < 0)
        return wg_fail(err, WG_INVALID, _("%s would end (%s) before it begins (%s)."),
                       wg_row_name(noun, row, name), to, from);
    return WG_OK;
}

enum wg_status wg_row_check(struct wg_store *store, const struct wg_noun *noun, void *row,
                            struct wg_row_times *times, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    times->n = 0;
    if (id_of(row) < 0)
        return wg_fail(err, WG_INVALID, _("%" PRId64 " is not an id: ids begin at 1."),
                       id_of(row));
    for (size_t i = 0; !status && i < noun->n_field; i++) {
        const struct wg_field *f = &noun->field[i];
        if (f->read_only)
            continue;
        if (is_text(f))
            status = check_text(noun, row, f, times, err);
        else if (f->type == WG_FIELD_REAL || f->type == WG_FIELD_AMOUNT)
            status = check_real(noun, row, f, err);
        else if (f->type == WG_FIELD_ID || f->type == WG_FIELD_COUNT)
            status = check_number(store, noun, row, f, err);
    }
    if (!status)
        status = check_place(noun, row, err);
    return status ? status : check_dates(noun, row, err);
}

/* ---- SQL ---- */

bool wg_row_exists(struct wg_store *store, const char *table, int64_t id,
                   enum wg_status *status, struct wg_error *err)
{
    char sql[64];
    struct wg_query *q = NULL;
    bool row = false;
    snprintf(sql, sizeof sql, "SELECT 1 FROM %s WHERE id = ?1", table);
    *status = wg_query(store, sql, &q, err);
    if (*status)
        return false;
    wg_bind_int(q, 1, id);
    *status = wg_step(q, &row, err);
    wg_done(q);
    return !*status && row;
}

struct text {
    char at[1600];
    size_t n;
};

static void add(struct text *sql, const char *format, ...) WG_PRINTF(2, 3);
static void add(struct text *sql, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(sql->at + sql->n, sizeof sql->at - sql->n, format, args);
    va_end(args);
    /* the longest noun's statement is about 700 bytes; a cut one would not prepare */
    if (n > 0)
        sql->n =
            sql->n + (size_t)n < sizeof sql->at ? sql->n + (size_t)n : sizeof sql->at - 1;
}

static void bind_field(struct wg_query *q, int at, const struct wg_field *f,
                       const void *row)
{
    int number;
    switch (f->type) {
    case WG_FIELD_TEXT:
    case WG_FIELD_TIME:
        wg_bind_text(q, at, text_of(row, f));
        break;
    case WG_FIELD_ID:
        wg_bind_id(q, at, number_of(row, f));
        break;
    case WG_FIELD_COUNT:
        wg_bind_count(q, at, number_of(row, f));
        break;
    case WG_FIELD_SIGNED:
        if (number_of(row, f) == INT64_MIN)
            wg_bind_null(q, at);
        else
            wg_bind_int(q, at, number_of(row, f));
        break;
    case WG_FIELD_INT:
        memcpy(&number, field_of(row, f), sizeof number);
        wg_bind_int(q, at, number);
        break;
    case WG_FIELD_REAL:
    case WG_FIELD_AMOUNT:
        wg_bind_real(q, at, real_of(row, f));
        break;
    case WG_FIELD_BOOL:
        break;
    }
}

/* The bytes of a row's place; empty (NULL) where it has none. */
struct place {
    unsigned char point[WG_POINT_BLOB_SIZE];
    void *bytes; /* to be freed */
    const void *data;
    size_t size;
};

static enum wg_status make_place(struct wg_store *store, const struct wg_noun *noun,
                                 const void *row, struct place *out, struct wg_error *err)
{
    const char *at = (const char *)row + noun->place_at;
    int srid = wg_store_srid(store);
    enum wg_status status = WG_OK;
    *out = (struct place){.size = 0};
    if (noun->place == WG_PLACE_POLYGON) {
        const struct wg_multipolygon *mp = (const void *)at;
        if (mp->n_part > 0)
            status = wg_shape_to_blob(mp, srid, &out->bytes, &out->size, err);
        out->data = out->bytes;
    } else if (noun->place == WG_PLACE_POINT) {
        double xy[2];
        memcpy(xy, at, sizeof xy);
        if (isnan(xy[0]))
            return WG_OK;
        wg_shape_point_blob(xy[0], xy[1], srid, out->point);
        out->data = out->point;
        out->size = sizeof out->point;
    } else if (noun->place == WG_PLACE_LINE) {
        size_t n;
        const double *xy[2];
        memcpy(&n, at, sizeof n);
        memcpy(xy, at + sizeof n, sizeof xy);
        status = wg_line_to_blob(n, xy[0], xy[1], srid, &out->bytes, &out->size, err);
        out->data = out->bytes;
    }
    return status;
}

/* Say which rule a refused row broke, where it is one of ours: id or code taken. */
static enum wg_status explain_conflict(struct wg_store *store, const struct wg_noun *noun,
                                       const void *row, bool is_new, struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE], sql[160];
    struct wg_query *q = NULL;
    enum wg_status status = WG_CONSTRAINT;
    bool found = false;
    int64_t id = id_of(row), other = 0;
    if (is_new && id && wg_row_exists(store, noun->table, id, &status, NULL))
        return wg_fail_row(err, WG_EXISTS, id,
                           _("There is already a %s with the id "
                             "%" PRId64 "."),
                           _(noun->table), id);
    if (!noun->unique)
        return WG_CONSTRAINT;
    snprintf(sql, sizeof sql, "SELECT id FROM %s WHERE %s = ?1 AND id IS NOT ?2%s",
             noun->table, noun->unique,
             noun->unique_in_scheme ? " AND scheme_id = ?3" : "");
    if (wg_query(store, sql, &q, NULL))
        return WG_CONSTRAINT;
    wg_bind_text(q, 1, text_of(row, &noun->field[0]));
    wg_bind_id(q, 2, id);
    if (noun->unique_in_scheme)
        wg_bind_int(q, 3, number_of(row, &noun->field[1]));
    if (wg_step(q, &found, NULL) == WG_OK && found)
        other = wg_column_int(q, 0);
    wg_done(q);
    if (!found)
        return WG_CONSTRAINT;
    return wg_fail_row(err, WG_EXISTS, other,
                       _("%s is already there (id %" PRId64 ").  Each is used only once, "
                         "also after its end; take another."),
                       wg_row_name(noun, row, name), other);
}

static enum wg_status run_write(struct wg_store *store, const struct wg_noun *noun,
                                const void *row, const struct text *sql,
                                const struct place *place, bool is_new,
                                struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = wg_query(store, sql->at, &q, err);
    if (status)
        return status;
    int at = 1;
    wg_bind_id(q, at++, id_of(row));
    for (size_t i = 0; i < noun->n_field; i++)
        if (!noun->field[i].read_only)
            bind_field(q, at++, &noun->field[i], row);
    if (place->data)
        wg_bind_blob(q, at, place->data, place->size);
    status = wg_run(q, err);
    if (status == WG_CONSTRAINT)
        status = explain_conflict(store, noun, row, is_new, err);
    return status;
}

enum wg_status wg_row_insert(struct wg_store *store, const struct wg_noun *noun,
                             const void *row, int64_t *id, struct wg_error *err)
{
    struct place place;
    enum wg_status status = make_place(store, noun, row, &place, err);
    if (status)
        return status;
    struct text sql = {.n = 0};
    int n = 1;
    add(&sql, "INSERT INTO %s (id", noun->table);
    for (size_t i = 0; i < noun->n_field; i++) {
        if (!noun->field[i].read_only) {
            add(&sql, ", %s", noun->field[i].column);
            n++;
        }
    }
    add(&sql, "%s) VALUES (?1", place.data ? ", geom" : "");
    n += place.data ? 1 : 0;
    for (int i = 2; i <= n; i++)
        add(&sql, ", ?%d", i);
    add(&sql, ")");
    status = run_write(store, noun, row, &sql, &place, true, err);
    free(place.bytes);
    if (!status)
        *id = wg_last_id(store);
    return status;
}

enum wg_status wg_row_update(struct wg_store *store, const struct wg_noun *noun,
                             const void *row, struct wg_error *err)
{
    struct place place;
    enum wg_status status = make_place(store, noun, row, &place, err);
    if (status)
        return status;
    struct text sql = {.n = 0};
    int n = 2;
    add(&sql, "UPDATE %s SET ", noun->table);
    for (size_t i = 0; i < noun->n_field; i++) {
        if (noun->field[i].read_only)
            continue;
        add(&sql, "%s%s = ?%d", n > 2 ? ", " : "", noun->field[i].column, n);
        n++;
    }
    if (place.data)
        add(&sql, ", geom = ?%d", n);
    add(&sql, " WHERE id = ?1");
    status = run_write(store, noun, row, &sql, &place, false, err);
    free(place.bytes);
    if (!status && wg_changes(store) == 0)
        status = wg_row_missing(noun->table, id_of(row), err);
    return status;
}

enum wg_status wg_row_settle(struct wg_store *store, enum wg_status status,
                             struct wg_error *err)
{
    if (!status)
        return wg_release(store, err);
    wg_revert(store);
    return status;
}

enum wg_status wg_row_create(struct wg_store *store, const struct wg_noun *noun,
                             void *row, int64_t *id, struct wg_error *err)
{
    struct wg_row_times times;
    int64_t made = 0;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = wg_row_check(store, noun, row, &times, err);
    if (!status)
        status = wg_row_insert(store, noun, row, &made, err);
    status = wg_row_settle(store, status, err);
    if (!status && id)
        *id = made;
    return status;
}

enum wg_status wg_row_replace(struct wg_store *store, const struct wg_noun *noun,
                              void *row, struct wg_error *err)
{
    struct wg_row_times times;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = wg_row_check(store, noun, row, &times, err);
    if (!status)
        status = wg_row_update(store, noun, row, err);
    return wg_row_settle(store, status, err);
}

/* ---- end ---- */

static enum wg_status check_end(struct wg_store *store, const struct wg_noun *noun,
                                int64_t id, const char *at, struct wg_error *err)
{
    char sql[80];
    struct wg_query *q = NULL;
    bool row = false;
    snprintf(sql, sizeof sql, "SELECT valid_from FROM %s WHERE id = ?1", noun->table);
    enum wg_status status = wg_query(store, sql, &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, id);
    status = wg_step(q, &row, err);
    const char *from = !status && row ? wg_column_text(q, 0) : NULL;
    if (!status && !row)
        status = wg_row_missing(noun->table, id, err);
    else if (from && strcmp(at, from) < 0)
        status = wg_fail_row(err, WG_INVALID, id,
                             _("%s #%" PRId64 " would end (%s) before it begins (%s)."),
                             _(noun->table), id, at, from);
    wg_done(q);
    return status;
}

enum wg_status wg_row_end(struct wg_store *store, const struct wg_noun *noun, int64_t id,
                          const char *at, struct wg_error *err)
{
    char moment[WG_INSTANT_SIZE], sql[80];
    struct wg_query *q = NULL;
    enum wg_status status = wg_row_time(at, "valid_to", moment, err);
    if (status || (status = wg_save(store, err)))
        return status;
    status = check_end(store, noun, id, moment, err);
    snprintf(sql, sizeof sql, "UPDATE %s SET valid_to = ?2 WHERE id = ?1", noun->table);
    if (!status)
        status = wg_query(store, sql, &q, err);
    if (!status) {
        wg_bind_int(q, 1, id);
        wg_bind_text(q, 2, moment);
        status = wg_run(q, err);
    }
    return wg_row_settle(store, status, err);
}

/* ---- read ---- */

static void fill_field(struct wg_query *q, int at, const struct wg_field *f, void *row)
{
    char *to = (char *)row + f->at;
    const char *text;
    int64_t number;
    double real;
    int small;
    bool truth;
    switch (f->type) {
    case WG_FIELD_TEXT:
    case WG_FIELD_TIME:
        text = wg_column_text(q, at);
        memcpy(to, &text, sizeof text);
        break;
    case WG_FIELD_ID:
        number = wg_column_int(q, at);
        memcpy(to, &number, sizeof number);
        break;
    case WG_FIELD_COUNT:
        number = wg_column_count(q, at);
        memcpy(to, &number, sizeof number);
        break;
    case WG_FIELD_SIGNED:
        number = wg_column_is_null(q, at) ? INT64_MIN : wg_column_int(q, at);
        memcpy(to, &number, sizeof number);
        break;
    case WG_FIELD_INT:
        small = (int)wg_column_int(q, at);
        memcpy(to, &small, sizeof small);
        break;
    case WG_FIELD_REAL:
    case WG_FIELD_AMOUNT:
        real = wg_column_real(q, at);
        memcpy(to, &real, sizeof real);
        break;
    case WG_FIELD_BOOL:
        truth = wg_column_int(q, at) != 0;
        memcpy(to, &truth, sizeof truth);
        break;
    }
}

void wg_row_fill(struct wg_query *q, const struct wg_noun *noun, void *row)
{
    int64_t id = wg_column_int(q, 0);
    memcpy(row, &id, sizeof id);
    for (size_t i = 0; i < noun->n_field; i++)
        fill_field(q, (int)i + 1, &noun->field[i], row);
}

enum wg_status wg_row_read(struct wg_store *store, const struct wg_noun *noun, int64_t id,
                           void *out, struct wg_error *err)
{
    struct wg_select select;
    struct wg_cursor cursor = {.q = NULL};
    struct wg_filter one = {.ended = true};
    union {
        max_align_t align;
        unsigned char bytes[512];
    } row;
    enum wg_status status = wg_select_begin_undated(&select, store, noun, &one, err);
    if (status)
        return status;
    wg_select_and(&select, "%s.id = ?%d", noun->table, wg_select_int(&select, id));
    status = wg_cursor_open(&cursor, &select, NULL, err);
    if (status)
        return status;
    wg_row_init(noun, &row);
    if (wg_cursor_next(&cursor, &row, err)) {
        /* what the cursor lent becomes the row's own */
        cursor.polygon = (struct wg_multipolygon){.n_part = 0};
        status = own_texts(noun, &row, err);
        if (status)
            wg_row_finish(noun, &row);
    } else if (!cursor.status) {
        status = wg_row_missing(noun->table, id, err);
    }
    enum wg_status closed = wg_cursor_close(&cursor);
    status = status ? status : closed;
    if (!status)
        memcpy(out, &row, noun->size);
    return status;
}

enum wg_status wg_row_find(struct wg_store *store, const struct wg_noun *noun,
                           const char *code, int64_t *id, struct wg_error *err)
{
    char sql[80];
    struct wg_query *q = NULL;
    bool row = false;
    if (!code || !*code)
        return wg_fail(err, WG_INVALID, _("A code must be given to find a %s."),
                       _(noun->table));
    snprintf(sql, sizeof sql, "SELECT id FROM %s WHERE %s = ?1", noun->table,
             noun->unique);
    enum wg_status status = wg_query(store, sql, &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, code);
    status = wg_step(q, &row, err);
    if (!status && row)
        *id = wg_column_int(q, 0);
    wg_done(q);
    if (!status && !row)
        status = wg_fail(err, WG_NOT_FOUND, _("There is no %s with the code %.80s."),
                         _(noun->table), code);
    return status;
}
