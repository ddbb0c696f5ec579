/* Owns what lies under the buildings: surfaces and roads. */
#include "wangge/ground.h"

#include <assert.h>
#include <math.h>

#include "row.h"

/* ---- surfaces ---- */

#define AT(member) offsetof(struct wg_surface, member)

static const struct wg_field fields[] = {
    {.column = "kind", .type = WG_FIELD_TEXT, .at = AT(kind), .needed = true},
    {.column = "name", .type = WG_FIELD_TEXT, .at = AT(name)},
    {.column = "source_id", .type = WG_FIELD_TEXT, .at = AT(source_id)},
};

static const struct wg_noun noun = {
    .table = "surface",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_surface),
    .held = AT(held),
    .place = WG_PLACE_POLYGON,
    .place_at = AT(geometry),
};

void wg_surface_init(struct wg_surface *surface)
{
    wg_row_init(&noun, surface);
}

void wg_surface_finish(struct wg_surface *surface)
{
    wg_row_finish(&noun, surface);
}

enum wg_status wg_surface_create(struct wg_store *store, const struct wg_surface *surface,
                                 int64_t *id, struct wg_error *err)
{
    struct wg_surface row = *surface;
    char name[WG_ROW_NAME_SIZE];
    if (row.geometry.n_part == 0)
        return wg_fail(err, WG_GEOMETRY, _("%s has no polygon; it needs one."),
                       wg_row_name(&noun, &row, name));
    enum wg_status status = wg_row_check_polygon(&noun, &row, &row.geometry, err);
    return status ? status : wg_row_create(store, &noun, &row, id, err);
}

enum wg_status wg_surface_each(struct wg_store *store, const struct wg_filter *filter,
                               wg_surface_fn *fn, void *user, struct wg_error *err)
{
    struct wg_cursor c;
    struct wg_surface row;
    enum wg_status status = wg_row_walk(&c, store, &noun, filter, err);
    if (status)
        return status;
    wg_surface_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}

/* ---- roads ---- */

#define ROAD_AT(member) offsetof(struct wg_road, member)

static const struct wg_field road_fields[] = {
    {.column = "name", .type = WG_FIELD_TEXT, .at = ROAD_AT(name)},
    {.column = "class", .type = WG_FIELD_TEXT, .at = ROAD_AT(class_code)},
    {.column = "source_id", .type = WG_FIELD_TEXT, .at = ROAD_AT(source_id)},
    {.column = "width_m", .type = WG_FIELD_AMOUNT, .at = ROAD_AT(width_m)},
};

static const struct wg_noun road_noun = {
    .table = "road",
    .field = road_fields,
    .n_field = WG_N(road_fields),
    .size = sizeof(struct wg_road),
    .held = ROAD_AT(held),
    .place = WG_PLACE_LINE,
    .place_at = ROAD_AT(n),
};

/* WG_PLACE_LINE takes n, x and y to stand one behind the other. */
static_assert(ROAD_AT(x) == ROAD_AT(n) + sizeof(size_t), "x follows n");
static_assert(ROAD_AT(y) == ROAD_AT(x) + sizeof(double *), "y follows x");

void wg_road_init(struct wg_road *road)
{
    wg_row_init(&road_noun, road);
}

void wg_road_finish(struct wg_road *road)
{
    wg_row_finish(&road_noun, road);
}

enum wg_status wg_road_create(struct wg_store *store, const struct wg_road *road,
                              int64_t *id, struct wg_error *err)
{
    struct wg_road row = *road;
    return wg_row_create(store, &road_noun, &row, id, err);
}

enum wg_status wg_road_each(struct wg_store *store, const struct wg_filter *filter,
                            wg_road_fn *fn, void *user, struct wg_error *err)
{
    struct wg_cursor c;
    struct wg_road row;
    enum wg_status status = wg_row_walk(&c, store, &road_noun, filter, err);
    if (status)
        return status;
    wg_road_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}
