/* Owns the schemes: named partitions of the district, each for one purpose. */
#include "wangge/scheme.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "row.h"
#include "wangge/code.h"

#define AT(member) offsetof(struct wg_scheme, member)

static const struct wg_field fields[] = {
    {.column = "name", .type = WG_FIELD_TEXT, .at = AT(name), .needed = true},
    {.column = "title", .type = WG_FIELD_TEXT, .at = AT(title)},
    {.column = "purpose", .type = WG_FIELD_TEXT, .at = AT(purpose)},
    {.column = "code_form",
     .type = WG_FIELD_TEXT,
     .at = AT(code_form),
     .instead = "free"},
    {.column = "valid_from", .type = WG_FIELD_TIME, .at = AT(valid_from)},
    {.column = "valid_to", .type = WG_FIELD_TIME, .at = AT(valid_to)},
    {.column = "households_min", .type = WG_FIELD_COUNT, .at = AT(households_min)},
    {.column = "households_max", .type = WG_FIELD_COUNT, .at = AT(households_max)},
    {.column = "area_min_m2", .type = WG_FIELD_AMOUNT, .at = AT(area_min_m2)},
    {.column = "area_max_m2", .type = WG_FIELD_AMOUNT, .at = AT(area_max_m2)},
    {.column = "revision", .type = WG_FIELD_ID, .at = AT(revision), .read_only = true},
};

static const struct wg_noun noun = {
    .table = "scheme",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_scheme),
    .held = AT(held),
    .unique = "name",
    .from_at = AT(valid_from),
    .to_at = AT(valid_to),
};

void wg_scheme_init(struct wg_scheme *scheme)
{
    wg_row_init(&noun, scheme);
}

void wg_scheme_finish(struct wg_scheme *scheme)
{
    wg_row_finish(&noun, scheme);
}

static enum wg_status check_norms(const struct wg_scheme *s, struct wg_error *err)
{
    if (s->households_min >= 0 && s->households_max >= 0 &&
        s->households_min > s->households_max)
        return wg_fail(err, WG_INVALID,
                       _("scheme %s: its least number of households (%" PRId64
                         ") is above its greatest (%" PRId64 ")."),
                       s->name, s->households_min, s->households_max);
    if (s->area_min_m2 > s->area_max_m2) /* false where one is NaN */
        return wg_fail(
            err, WG_INVALID,
            _("scheme %s: its least area (%g m²) is above its greatest (%g m²)."),
            s->name, s->area_min_m2, s->area_max_m2);
    return WG_OK;
}

/* The codes that grids have already, ended ones too, must keep fitting. */
static enum wg_status check_codes(struct wg_store *store, const struct wg_scheme *s,
                                  struct wg_error *err)
{
    struct wg_code_form form;
    struct wg_error inner;
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_code_form_parse(s->code_form, &form, err);
    if (status || !s->id)
        return status;
    status = wg_query(store, "SELECT code, level FROM grid WHERE scheme_id = ?1", &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, s->id);
    while (!(status = wg_step(q, &row, err)) && row) {
        const char *code = wg_column_text(q, 0);
        struct wg_code_form at = wg_code_form_at(&form, (int)wg_column_int(q, 1));
        if (code && wg_code_check(&at, code, NULL, &inner) != WG_OK) {
            status = wg_fail(err, WG_CONSTRAINT,
                             _("scheme %s cannot have the code form %s: its grid %s does "
                               "not fit it.  %s"),
                             s->name, s->code_form, code, inner.text);
            break;
        }
    }
    wg_done(q);
    return status;
}

static enum wg_status write_scheme(struct wg_store *store, const struct wg_scheme *scheme,
                                   int64_t *id, struct wg_error *err)
{
    struct wg_scheme row = *scheme;
    struct wg_row_times times;
    int64_t made = row.id;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = wg_row_check(store, &noun, &row, &times, err);
    if (!status)
        status = check_norms(&row, err);
    if (!status)
        status = check_codes(store, &row, err);
    if (!status)
        status = id ? wg_row_insert(store, &noun, &row, &made, err)
                    : wg_row_update(store, &noun, &row, err);
    status = wg_row_settle(store, status, err);
    if (!status && id)
        *id = made;
    return status;
}

enum wg_status wg_scheme_create(struct wg_store *store, const struct wg_scheme *scheme,
                                int64_t *id, struct wg_error *err)
{
    int64_t made = 0;
    enum wg_status status = write_scheme(store, scheme, &made, err);
    if (!status && id)
        *id = made;
    return status;
}

enum wg_status wg_scheme_update(struct wg_store *store, const struct wg_scheme *scheme,
                                struct wg_error *err)
{
    return write_scheme(store, scheme, NULL, err);
}

enum wg_status wg_scheme_read(struct wg_store *store, int64_t id, struct wg_scheme *out,
                              struct wg_error *err)
{
    return wg_row_read(store, &noun, id, out, err);
}

/* Say that there is no such scheme, and which there are. */
static enum wg_status list_schemes(struct wg_store *store, const char *name,
                                   struct wg_error *err)
{
    char list[600] = "";
    struct wg_query *q = NULL;
    bool row = false;
    size_t n = 0;
    enum wg_status status =
        wg_query(store, "SELECT name FROM scheme ORDER BY name", &q, err);
    if (status)
        return status;
    while (!(status = wg_step(q, &row, err)) && row && n < sizeof list) {
        int k = snprintf(list + n, sizeof list - n, "%s%.80s", n ? ", " : "",
                         wg_column_text(q, 0));
        n += k > 0 ? (size_t)k : 0;
    }
    wg_done(q);
    if (status)
        return status;
    if (!n)
        return wg_fail(err, WG_NOT_FOUND, _("%s has no scheme yet."),
                       wg_store_path(store));
    if (!name)
        return wg_fail(err, WG_NOT_FOUND, _("Say which scheme: there are %s."), list);
    return wg_fail(err, WG_NOT_FOUND, _("There is no scheme %.80s.  There are: %s."),
                   name, list);
}

enum wg_status wg_scheme_find(struct wg_store *store, const char *name, int64_t *id,
                              struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    int64_t found = 0, n = 0;
    enum wg_status status = wg_query(
        store,
        "SELECT id FROM scheme WHERE name = ?1 OR (?1 IS NULL AND (valid_to IS NULL OR "
        "valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))) LIMIT 2",
        &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, name);
    while (!(status = wg_step(q, &row, err)) && row) {
        found = wg_column_int(q, 0);
        n++;
    }
    wg_done(q);
    if (status)
        return status;
    if (n != 1)
        return list_schemes(store, name, err);
    *id = found;
    return WG_OK;
}

enum wg_status wg_scheme_end(struct wg_store *store, int64_t id, const char *at,
                             struct wg_error *err)
{
    return wg_row_end(store, &noun, id, at, err);
}

enum wg_status wg_scheme_each(struct wg_store *store, const struct wg_filter *filter,
                              wg_scheme_fn *fn, void *user, struct wg_error *err)
{
    struct wg_cursor c;
    struct wg_scheme row;
    enum wg_status status = wg_row_walk(&c, store, &noun, filter, err);
    if (status)
        return status;
    wg_scheme_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}
