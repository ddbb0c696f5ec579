/* Owns the dwellings: units of buildings, with counts. */
#include "wangge/dwelling.h"

#include "row.h"

#define AT(member) offsetof(struct wg_dwelling, member)

static const char *const states[] = {"occupied", "vacant", "let", "other", NULL};

static const struct wg_field fields[] = {
    {.column = "code", .type = WG_FIELD_TEXT, .at = AT(code)},
    {.column = "building_id",
     .type = WG_FIELD_ID,
     .at = AT(building),
     .refers = "building",
     .needed = true},
    {.column = "unit", .type = WG_FIELD_TEXT, .at = AT(unit)},
    {.column = "room", .type = WG_FIELD_TEXT, .at = AT(room)},
    {.column = "state", .type = WG_FIELD_TEXT, .at = AT(state), .words = states},
    {.column = "valid_from", .type = WG_FIELD_TIME, .at = AT(valid_from)},
    {.column = "valid_to", .type = WG_FIELD_TIME, .at = AT(valid_to)},
    {.column = "floor", .type = WG_FIELD_SIGNED, .at = AT(floor)},
    {.column = "households", .type = WG_FIELD_COUNT, .at = AT(households)},
    {.column = "population", .type = WG_FIELD_COUNT, .at = AT(population)},
    {.column = "elderly_alone", .type = WG_FIELD_COUNT, .at = AT(elderly_alone)},
};

static const struct wg_noun noun = {
    .table = "dwelling",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_dwelling),
    .held = AT(held),
    .unique = "code",
    .from_at = AT(valid_from),
    .to_at = AT(valid_to),
};

void wg_dwelling_init(struct wg_dwelling *dwelling)
{
    wg_row_init(&noun, dwelling);
}

void wg_dwelling_finish(struct wg_dwelling *dwelling)
{
    wg_row_finish(&noun, dwelling);
}

enum wg_status wg_dwelling_create(struct wg_store *store,
                                  const struct wg_dwelling *dwelling, int64_t *id,
                                  struct wg_error *err)
{
    struct wg_dwelling row = *dwelling;
    return wg_row_create(store, &noun, &row, id, err);
}

enum wg_status wg_dwelling_read(struct wg_store *store, int64_t id,
                                struct wg_dwelling *out, struct wg_error *err)
{
    return wg_row_read(store, &noun, id, out, err);
}

enum wg_status wg_dwelling_update(struct wg_store *store,
                                  const struct wg_dwelling *dwelling,
                                  struct wg_error *err)
{
    struct wg_dwelling row = *dwelling;
    return wg_row_replace(store, &noun, &row, err);
}

enum wg_status wg_dwelling_end(struct wg_store *store, int64_t id, const char *at,
                               struct wg_error *err)
{
    return wg_row_end(store, &noun, id, at, err);
}

enum wg_status wg_dwelling_each(struct wg_store *store, int64_t building,
                                const struct wg_filter *filter, wg_dwelling_fn *fn,
                                void *user, struct wg_error *err)
{
    struct wg_select select;
    struct wg_cursor c;
    struct wg_dwelling row;
    enum wg_status status = wg_select_begin(&select, store, &noun, filter, err);
    if (status)
        return status;
    if (building)
        wg_select_and(&select, "building_id = ?%d", wg_select_int(&select, building));
    status = wg_cursor_open(&c, &select, "building_id, floor, unit, room, id", err);
    if (status)
        return status;
    wg_dwelling_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}
