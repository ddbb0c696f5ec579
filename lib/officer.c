/* Owns the officers and their duties. */
#include "wangge/officer.h"

#include "row.h"

#define AT(member) offsetof(struct wg_officer, member)

static const struct wg_field fields[] = {
    {.column = "code", .type = WG_FIELD_TEXT, .at = AT(code)},
    {.column = "name", .type = WG_FIELD_TEXT, .at = AT(name), .needed = true},
    {.column = "phone", .type = WG_FIELD_TEXT, .at = AT(phone)},
    {.column = "valid_from", .type = WG_FIELD_TIME, .at = AT(valid_from)},
    {.column = "valid_to", .type = WG_FIELD_TIME, .at = AT(valid_to)},
};

static const struct wg_noun noun = {
    .table = "officer",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_officer),
    .held = AT(held),
    .unique = "code",
    .from_at = AT(valid_from),
    .to_at = AT(valid_to),
    .filters = WG_BY_GRID | WG_BY_SCHEME,
};

#define DUTY_AT(member) offsetof(struct wg_duty, member)

static const struct wg_field duty_fields[] = {
    {.column = "role", .type = WG_FIELD_TEXT, .at = DUTY_AT(role), .instead = "officer"},
    {.column = "officer_id",
     .type = WG_FIELD_ID,
     .at = DUTY_AT(officer),
     .refers = "officer",
     .needed = true},
    {.column = "grid_id",
     .type = WG_FIELD_ID,
     .at = DUTY_AT(grid),
     .refers = "grid",
     .needed = true},
    {.column = "valid_from", .type = WG_FIELD_TIME, .at = DUTY_AT(valid_from)},
    {.column = "valid_to", .type = WG_FIELD_TIME, .at = DUTY_AT(valid_to)},
    {.column = "(SELECT name FROM officer WHERE id = duty.officer_id)",
     .type = WG_FIELD_TEXT,
     .at = DUTY_AT(officer_name),
     .read_only = true},
    {.column = "(SELECT code FROM grid WHERE id = duty.grid_id)",
     .type = WG_FIELD_TEXT,
     .at = DUTY_AT(grid_code),
     .read_only = true},
};

static const struct wg_noun duty_noun = {
    .table = "duty",
    .field = duty_fields,
    .n_field = WG_N(duty_fields),
    .size = sizeof(struct wg_duty),
    .held = DUTY_AT(held),
    .from_at = DUTY_AT(valid_from),
    .to_at = DUTY_AT(valid_to),
    .filters = WG_BY_GRID | WG_BY_SCHEME,
};

/* ---- officers ---- */

void wg_officer_init(struct wg_officer *officer)
{
    wg_row_init(&noun, officer);
}

void wg_officer_finish(struct wg_officer *officer)
{
    wg_row_finish(&noun, officer);
}

enum wg_status wg_officer_create(struct wg_store *store, const struct wg_officer *officer,
                                 int64_t *id, struct wg_error *err)
{
    struct wg_officer row = *officer;
    return wg_row_create(store, &noun, &row, id, err);
}

enum wg_status wg_officer_read(struct wg_store *store, int64_t id, struct wg_officer *out,
                               struct wg_error *err)
{
    return wg_row_read(store, &noun, id, out, err);
}

enum wg_status wg_officer_find(struct wg_store *store, const char *code, int64_t *id,
                               struct wg_error *err)
{
    return wg_row_find(store, &noun, code, id, err);
}

enum wg_status wg_officer_update(struct wg_store *store, const struct wg_officer *officer,
                                 struct wg_error *err)
{
    struct wg_officer row = *officer;
    return wg_row_replace(store, &noun, &row, err);
}

enum wg_status wg_officer_end(struct wg_store *store, int64_t id, const char *at,
                              struct wg_error *err)
{
    return wg_row_end(store, &noun, id, at, err);
}

/* On duty at the moment asked about, in the filter's grid or below it, or anywhere in
 * its scheme. */
static void add_duty(struct wg_select *s, const struct wg_filter *filter)
{
    if (!filter || (!filter->grid && !filter->scheme))
        return;
    const char *in_force =
        filter->ended ? "" : " AND (valid_to IS NULL OR valid_to > ?1)";
    wg_select_and(
        s,
        "officer.id IN (SELECT officer_id FROM duty WHERE (valid_from IS NULL OR "
        "valid_from <= ?1)%s AND grid_id IN ",
        in_force);
    if (filter->grid)
        wg_select_append(s, WG_GRIDS_BELOW ")", wg_select_int(s, filter->grid));
    else
        wg_select_append(s, "(SELECT id FROM grid WHERE scheme_id = ?%d))",
                         wg_select_int(s, filter->scheme));
}

enum wg_status wg_officer_each(struct wg_store *store, const struct wg_filter *filter,
                               wg_officer_fn *fn, void *user, struct wg_error *err)
{
    struct wg_select select;
    struct wg_cursor c;
    struct wg_officer row;
    enum wg_status status = wg_select_begin(&select, store, &noun, filter, err);
    if (status)
        return status;
    add_duty(&select, filter);
    status = wg_cursor_open(&c, &select, NULL, err);
    if (status)
        return status;
    wg_officer_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}

/* ---- duties ---- */

void wg_duty_init(struct wg_duty *duty)
{
    wg_row_init(&duty_noun, duty);
}

void wg_duty_finish(struct wg_duty *duty)
{
    wg_row_finish(&duty_noun, duty);
}

enum wg_status wg_duty_create(struct wg_store *store, const struct wg_duty *duty,
                              int64_t *id, struct wg_error *err)
{
    struct wg_duty row = *duty;
    return wg_row_create(store, &duty_noun, &row, id, err);
}

enum wg_status wg_duty_end(struct wg_store *store, int64_t id, const char *at,
                           struct wg_error *err)
{
    return wg_row_end(store, &duty_noun, id, at, err);
}

enum wg_status wg_duty_each(struct wg_store *store, const struct wg_filter *filter,
                            wg_duty_fn *fn, void *user, struct wg_error *err)
{
    struct wg_select select;
    struct wg_cursor c;
    struct wg_duty row;
    enum wg_status status = wg_select_begin(&select, store, &duty_noun, filter, err);
    if (status)
        return status;
    if (filter && filter->grid)
        wg_select_and(&select, "grid_id = ?%d", wg_select_int(&select, filter->grid));
    if (filter && filter->scheme)
        wg_select_and(&select, "grid_id IN (SELECT id FROM grid WHERE scheme_id = ?%d)",
                      wg_select_int(&select, filter->scheme));
    status = wg_cursor_open(&c, &select, NULL, err);
    if (status)
        return status;
    wg_duty_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}
