/* Owns the district: the one row that says what the database holds. */
#include "wangge/district.h"

#include <math.h>
#include <stdio.h>

#include "row.h"

/* The row as the shared helpers want it: with its id, which is always 1. */
struct district_row {
    int64_t id;
    struct wg_district district;
};

#define AT(member) offsetof(struct district_row, district.member)

static const char *const languages[] = {"en", "zh", NULL};

static const struct wg_field fields[] = {
    {.column = "name", .type = WG_FIELD_TEXT, .at = AT(name), .needed = true},
    {.column = "lang",
     .type = WG_FIELD_TEXT,
     .at = AT(lang),
     .words = languages,
     .instead = "en"},
    {.column = "default_height_m", .type = WG_FIELD_AMOUNT, .at = AT(default_height_m)},
    {.column = "floor_height_m", .type = WG_FIELD_AMOUNT, .at = AT(floor_height_m)},
    {.column = "crs", .type = WG_FIELD_TEXT, .at = AT(crs), .read_only = true},
    {.column =
         "(SELECT ref_sys_name FROM spatial_ref_sys s WHERE s.srid = district.srid)",
     .type = WG_FIELD_TEXT,
     .at = AT(crs_name),
     .read_only = true},
    {.column = "created_at",
     .type = WG_FIELD_TEXT,
     .at = AT(created_at),
     .read_only = true},
    {.column = "srid", .type = WG_FIELD_INT, .at = AT(srid), .read_only = true},
};

static const struct wg_noun noun = {
    .table = "district",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct district_row),
    .held = AT(held),
};

enum wg_status wg_district_read(struct wg_store *store, struct wg_district *out,
                                struct wg_error *err)
{
    struct district_row row;
    enum wg_status status = wg_row_read(store, &noun, 1, &row, err);
    if (!status)
        *out = row.district;
    return status;
}

enum wg_status wg_district_update(struct wg_store *store,
                                  const struct wg_district *district,
                                  struct wg_error *err)
{
    struct district_row row = {.id = 1, .district = *district};
    if (!(district->default_height_m > 0) || !(district->floor_height_m > 0))
        return wg_fail(
            err, WG_INVALID,
            _("The default height (%g m) and the height of a floor (%g m) must "
              "be above 0."),
            district->default_height_m, district->floor_height_m);
    return wg_row_replace(store, &noun, &row, err);
}

void wg_district_finish(struct wg_district *district)
{
    if (!district)
        return;
    free(district->held);
    *district = (struct wg_district){.srid = 0};
}

/* One side of the box of a table: NaN when it has no geometry.  The spatial index knows
 * the outermost objects, but rounds: their geometry decides. */
static enum wg_status read_side(struct wg_store *store, const char *table,
                                const char *extreme, const char *axis, double *out,
                                struct wg_error *err)
{
    char sql[240];
    struct wg_query *q = NULL;
    bool row = false;
    snprintf(sql, sizeof sql,
             "SELECT %s(Mbr%s%s(geom)) FROM %s WHERE id IN (SELECT pkid FROM idx_%s_geom "
             "WHERE %s%s = (SELECT %s(%s%s) FROM idx_%s_geom))",
             extreme, extreme, axis, table, table, axis, extreme, extreme, axis, extreme,
             table);
    enum wg_status status = wg_query(store, sql, &q, err);
    if (status)
        return status;
    status = wg_step(q, &row, err);
    *out = !status && row ? wg_column_real(q, 0) : NAN;
    wg_done(q);
    return status;
}

static enum wg_status add_extent(struct wg_store *store, const char *table,
                                 struct wg_box *box, struct wg_error *err)
{
    struct wg_box one;
    enum wg_status status = read_side(store, table, "min", "x", &one.min_x, err);
    if (status || isnan(one.min_x))
        return status;
    status = read_side(store, table, "min", "y", &one.min_y, err);
    if (!status)
        status = read_side(store, table, "max", "x", &one.max_x, err);
    if (!status)
        status = read_side(store, table, "max", "y", &one.max_y, err);
    if (!status)
        *box = wg_box_union(*box, one);
    return status;
}

enum wg_status wg_district_extent(struct wg_store *store, struct wg_box *out,
                                  struct wg_error *err)
{
    static const char *const tables[] = {"grid",  "building", "part",
                                         "event", "road",     "surface"};
    struct wg_box box = wg_box_empty();
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < WG_N(tables); i++)
        status = add_extent(store, tables[i], &box, err);
    if (!status)
        *out = box;
    return status;
}
