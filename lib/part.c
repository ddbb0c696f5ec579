/* Owns the parts: fixed public objects at points. */
#include "wangge/part.h"

#include "row.h"

#define AT(member) offsetof(struct wg_part, member)

static const struct wg_field fields[] = {
    {.column = "code", .type = WG_FIELD_TEXT, .at = AT(code)},
    {.column = "class", .type = WG_FIELD_TEXT, .at = AT(class_code)},
    {.column = "name", .type = WG_FIELD_TEXT, .at = AT(name)},
    {.column = "state", .type = WG_FIELD_TEXT, .at = AT(state)},
    {.column = "source_id", .type = WG_FIELD_TEXT, .at = AT(source_id)},
    {.column = "valid_from", .type = WG_FIELD_TIME, .at = AT(valid_from)},
    {.column = "valid_to", .type = WG_FIELD_TIME, .at = AT(valid_to)},
};

static const struct wg_noun noun = {
    .table = "part",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_part),
    .held = AT(held),
    .place = WG_PLACE_POINT,
    .place_at = AT(x),
    .unique = "code",
    .from_at = AT(valid_from),
    .to_at = AT(valid_to),
    .kind = WG_KIND_PART,
    .filters = WG_BY_OWNER,
};

void wg_part_init(struct wg_part *part)
{
    wg_row_init(&noun, part);
}

void wg_part_finish(struct wg_part *part)
{
    wg_row_finish(&noun, part);
}

enum wg_status wg_part_create(struct wg_store *store, const struct wg_part *part,
                              int64_t *id, struct wg_error *err)
{
    struct wg_part row = *part;
    return wg_row_create(store, &noun, &row, id, err);
}

size_t wg_part_columns(void)
{
    return wg_row_pack_columns(&noun);
}

enum wg_status wg_part_pack(const struct wg_part *part, int srid, struct wg_sheet *sheet,
                            struct wg_box *box, struct wg_error *err)
{
    struct wg_part row = *part;
    struct wg_row_times times;
    enum wg_status status = wg_row_check(NULL, &noun, &row, &times, err);
    return status ? status : wg_row_pack(&noun, &row, srid, sheet, box, err);
}

enum wg_status wg_part_load(struct wg_store *store, const struct wg_feed *feed,
                            struct wg_error *err)
{
    return wg_row_load(store, &noun, feed, err);
}

enum wg_status wg_part_read(struct wg_store *store, int64_t id, struct wg_part *out,
                            struct wg_error *err)
{
    return wg_row_read(store, &noun, id, out, err);
}

enum wg_status wg_part_find(struct wg_store *store, const char *code, int64_t *id,
                            struct wg_error *err)
{
    return wg_row_find(store, &noun, code, id, err);
}

enum wg_status wg_part_update(struct wg_store *store, const struct wg_part *part,
                              struct wg_error *err)
{
    struct wg_part row = *part;
    return wg_row_replace(store, &noun, &row, err);
}

enum wg_status wg_part_end(struct wg_store *store, int64_t id, const char *at,
                           struct wg_error *err)
{
    return wg_row_end(store, &noun, id, at, err);
}

enum wg_status wg_part_each(struct wg_store *store, const struct wg_filter *filter,
                            wg_part_fn *fn, void *user, struct wg_error *err)
{
    struct wg_cursor c;
    struct wg_part row;
    enum wg_status status = wg_row_walk(&c, store, &noun, filter, err);
    if (status)
        return status;
    wg_part_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}

enum wg_status wg_part_count(struct wg_store *store, const struct wg_filter *filter,
                             int64_t *n, struct wg_error *err)
{
    return wg_row_count(store, &noun, filter, n, err);
}
