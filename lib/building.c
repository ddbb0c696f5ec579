/* Owns the buildings: footprints with heights, and how a missing height is made up. */
#include "wangge/building.h"

#include <inttypes.h>
#include <math.h>

#include "row.h"
#include "wangge/shape.h"

#define AT(member) offsetof(struct wg_building, member)

static const char *const roofs[] = {"flat", "gabled", "hipped", "pyramid", NULL};

static const struct wg_field fields[] = {
    {.column = "code", .type = WG_FIELD_TEXT, .at = AT(code)},
    {.column = "part_of", .type = WG_FIELD_ID, .at = AT(part_of), .refers = "building"},
    {.column = "name", .type = WG_FIELD_TEXT, .at = AT(name)},
    {.column = "\"use\"", .type = WG_FIELD_TEXT, .at = AT(use)},
    {.column = "address", .type = WG_FIELD_TEXT, .at = AT(address)},
    {.column = "roof", .type = WG_FIELD_TEXT, .at = AT(roof), .words = roofs},
    {.column = "source_id", .type = WG_FIELD_TEXT, .at = AT(source_id)},
    {.column = "height_from", .type = WG_FIELD_TEXT, .at = AT(height_from)},
    {.column = "valid_from", .type = WG_FIELD_TIME, .at = AT(valid_from)},
    {.column = "valid_to", .type = WG_FIELD_TIME, .at = AT(valid_to)},
    {.column = "base_m", .type = WG_FIELD_REAL, .at = AT(base_m)},
    {.column = "height_m", .type = WG_FIELD_AMOUNT, .at = AT(height_m)},
    {.column = "roof_m", .type = WG_FIELD_AMOUNT, .at = AT(roof_m)},
    {.column = "floors", .type = WG_FIELD_COUNT, .at = AT(floors)},
    {.column = "households", .type = WG_FIELD_COUNT, .at = AT(households)},
    {.column = "population", .type = WG_FIELD_COUNT, .at = AT(population)},
    {.column = "elderly_alone", .type = WG_FIELD_COUNT, .at = AT(elderly_alone)},
    {.column = "building.id IN (SELECT p.part_of FROM building p WHERE p.part_of IS NOT "
               "NULL AND (p.valid_from IS NULL OR p.valid_from <= ?1) AND (p.valid_to IS "
               "NULL OR p.valid_to > ?1))",
     .type = WG_FIELD_BOOL,
     .at = AT(has_parts),
     .read_only = true},
};

static const struct wg_noun noun = {
    .table = "building",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_building),
    .held = AT(held),
    .place = WG_PLACE_POLYGON,
    .place_at = AT(geometry),
    .unique = "code",
    .from_at = AT(valid_from),
    .to_at = AT(valid_to),
    .kind = WG_KIND_BUILDING,
    .filters = WG_BY_OWNER,
};

void wg_building_init(struct wg_building *building)
{
    wg_row_init(&noun, building);
    building->base_m = 0;
}

void wg_building_finish(struct wg_building *building)
{
    if (!building)
        return;
    wg_row_finish(&noun, building);
    building->base_m = 0;
}

/* ---- height ---- */

/* What the row had: a height that was not measured and that the caller hands back
 * unchanged is made up anew. */
static enum wg_status forget_made_up_height(struct wg_store *store, struct wg_building *b,
                                            struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(
        store,
        "SELECT height_m, height_from IS NOT 'measured' FROM building WHERE id = ?1", &q,
        err);
    if (status)
        return status;
    wg_bind_int(q, 1, b->id);
    status = wg_step(q, &row, err);
    if (!status && !row)
        status = wg_row_missing("building", b->id, err);
    else if (!status && wg_column_int(q, 1) && wg_column_real(q, 0) == b->height_m)
        b->height_m = NAN;
    wg_done(q);
    return status;
}

/* Measured; else floors × the floor height; else the default: above the base in each
 * case, since a part that hovers has no less height than one that stands. */
static void make_up_height(struct wg_building *b, const struct wg_heights *heights)
{
    b->height_from = "measured";
    if (!isnan(b->height_m))
        return;
    b->height_from = b->floors > 0 ? "floors" : "default";
    b->height_m =
        b->floors > 0 ? (double)b->floors * heights->floor_m : heights->default_m;
    if (b->height_m <= b->base_m)
        b->height_m += b->base_m;
}

enum wg_status wg_building_heights(struct wg_store *store, struct wg_heights *out,
                                   struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(store, "SELECT floor_height_m, default_height_m FROM district", &q, err);
    if (status)
        return status;
    status = wg_step(q, &row, err);
    if (!status)
        *out = (struct wg_heights){wg_column_real(q, 0), wg_column_real(q, 1)};
    wg_done(q);
    return status;
}

static enum wg_status check_height(const struct wg_building *b, struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    if (b->height_m <= b->base_m)
        return wg_fail(
            err, WG_INVALID,
            _("%s: its top (%g m) is not above its underside (%g m).  Leave the "
              "height out where it is not known."),
            wg_row_name(&noun, b, name), b->height_m, b->base_m);
    if (b->roof_m > b->height_m - b->base_m)
        return wg_fail(err, WG_INVALID,
                       _("%s: its roof (%g m) is higher than itself (%g m)."),
                       wg_row_name(&noun, b, name), b->roof_m, b->height_m - b->base_m);
    return WG_OK;
}

/* ---- parts ---- */

/* A part's whole is a whole itself, and a whole with parts does not become a part. */
static enum wg_status check_whole(struct wg_store *store, const struct wg_building *b,
                                  struct wg_error *err)
{
    char name[WG_ROW_NAME_SIZE];
    struct wg_query *q = NULL;
    bool row = false;
    if (!b->part_of)
        return WG_OK;
    if (b->part_of == b->id)
        return wg_fail(err, WG_INVALID, _("%s cannot be a part of itself."),
                       wg_row_name(&noun, b, name));
    enum wg_status status = wg_query(
        store,
        "SELECT (SELECT part_of FROM building WHERE id = ?1) IS NOT NULL, EXISTS "
        "(SELECT 1 FROM building WHERE part_of = ?2)",
        &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, b->part_of);
    wg_bind_id(q, 2, b->id);
    status = wg_step(q, &row, err);
    if (!status && wg_column_int(q, 0))
        status =
            wg_fail(err, WG_INVALID,
                    _("%s: the building #%" PRId64 " is a part itself; parts have no "
                      "parts."),
                    wg_row_name(&noun, b, name), b->part_of);
    else if (!status && wg_column_int(q, 1))
        status = wg_fail(err, WG_INVALID,
                         _("%s has parts and cannot become a part of another building."),
                         wg_row_name(&noun, b, name));
    wg_done(q);
    return status;
}

/* ---- writing ---- */

/* What can be said of a row by itself. */
static enum wg_status check_alone(struct wg_building *b, const struct wg_heights *heights,
                                  struct wg_error *err)
{
    make_up_height(b, heights);
    enum wg_status status = check_height(b, err);
    if (!status && b->geometry.n_part > 0)
        status = wg_row_check_polygon(&noun, b, &b->geometry, err);
    return status;
}

static enum wg_status check_building(struct wg_store *store, struct wg_building *b,
                                     bool is_new, struct wg_row_times *times,
                                     struct wg_error *err)
{
    struct wg_heights heights = {NAN, NAN};
    b->height_from = NULL;
    if (isnan(b->base_m))
        b->base_m = 0;
    enum wg_status status = wg_row_check(store, &noun, b, times, err);
    if (!status)
        status = check_whole(store, b, err);
    if (!status && !is_new)
        status = forget_made_up_height(store, b, err);
    if (!status && isnan(b->height_m))
        status = wg_building_heights(store, &heights, err);
    return status ? status : check_alone(b, &heights, err);
}

/* ---- loading ---- */

size_t wg_building_columns(void)
{
    return wg_row_pack_columns(&noun);
}

enum wg_status wg_building_pack(const struct wg_building *building,
                                const struct wg_heights *heights, int srid,
                                struct wg_sheet *sheet, struct wg_box *box,
                                struct wg_error *err)
{
    struct wg_building row = *building;
    struct wg_row_times times;
    row.height_from = NULL;
    row.part_of = 0;
    if (isnan(row.base_m))
        row.base_m = 0;
    enum wg_status status = wg_row_check(NULL, &noun, &row, &times, err);
    if (!status)
        status = check_alone(&row, heights, err);
    return status ? status : wg_row_pack(&noun, &row, srid, sheet, box, err);
}

enum wg_status wg_building_load(struct wg_store *store, const struct wg_feed *feed,
                                struct wg_error *err)
{
    return wg_row_load(store, &noun, feed, err);
}

struct wg_cell *wg_building_whole_cell(struct wg_cell *row)
{
    return row + 2; /* id, code, part_of: as in `fields` */
}

enum wg_status wg_building_check_whole(struct wg_store *store, const char *code,
                                       int64_t whole, struct wg_error *err)
{
    const struct wg_building part = {.code = code, .part_of = whole};
    return check_whole(store, &part, err);
}

enum wg_status wg_building_create(struct wg_store *store,
                                  const struct wg_building *building, int64_t *id,
                                  struct wg_error *err)
{
    struct wg_building row = *building;
    struct wg_row_times times;
    int64_t made = 0;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = check_building(store, &row, true, &times, err);
    if (!status)
        status = wg_row_insert(store, &noun, &row, &made, err);
    status = wg_row_settle(store, status, err);
    if (!status && id)
        *id = made;
    return status;
}

enum wg_status wg_building_update(struct wg_store *store,
                                  const struct wg_building *building,
                                  struct wg_error *err)
{
    struct wg_building row = *building;
    struct wg_row_times times;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = check_building(store, &row, false, &times, err);
    if (!status)
        status = wg_row_update(store, &noun, &row, err);
    return wg_row_settle(store, status, err);
}

enum wg_status wg_building_end(struct wg_store *store, int64_t id, const char *at,
                               struct wg_error *err)
{
    return wg_row_end(store, &noun, id, at, err);
}

/* ---- reading ---- */

enum wg_status wg_building_read(struct wg_store *store, int64_t id,
                                struct wg_building *out, struct wg_error *err)
{
    return wg_row_read(store, &noun, id, out, err);
}

enum wg_status wg_building_find(struct wg_store *store, const char *code, int64_t *id,
                                struct wg_error *err)
{
    return wg_row_find(store, &noun, code, id, err);
}

enum wg_status wg_building_each(struct wg_store *store, const struct wg_filter *filter,
                                wg_building_fn *fn, void *user, struct wg_error *err)
{
    struct wg_cursor c;
    struct wg_building row;
    enum wg_status status = wg_row_walk(&c, store, &noun, filter, err);
    if (status)
        return status;
    wg_building_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}

enum wg_status wg_building_count(struct wg_store *store, const struct wg_filter *filter,
                                 int64_t *n, struct wg_error *err)
{
    return wg_row_count(store, &noun, filter, n, err);
}

/* ---- alert levels ---- */

/* Open events by the partial index on their status; alerts of a building, and of an
 * event at one. */
static const char sql_levels[] =
    "SELECT at, min(level), sum(n) FROM ("
    "SELECT e.building_id AS at, nullif(s.level, 0) AS level, 1 AS n FROM event_status s "
    "CROSS JOIN event e ON e.id = s.event_id WHERE s.stage NOT IN (7, 9, 10) AND "
    "e.building_id IS NOT NULL "
    "UNION ALL SELECT building_id, nullif(level, 0), 0 FROM alert WHERE cleared_at IS "
    "NULL "
    "AND building_id IS NOT NULL "
    "UNION ALL SELECT e.building_id, nullif(a.level, 0), 0 FROM alert a JOIN event e ON "
    "e.id = a.event_id WHERE a.cleared_at IS NULL AND a.building_id IS NULL AND "
    "e.building_id IS NOT NULL) GROUP BY at HAVING min(level) IS NOT NULL ORDER BY at";

enum wg_status wg_building_levels(struct wg_store *store, wg_level_fn *fn, void *user,
                                  struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(store, sql_levels, &q, err);
    if (status)
        return status;
    while (!(status = wg_step(q, &row, err)) && row)
        if (!fn(wg_column_int(q, 0), (int)wg_column_int(q, 1), wg_column_int(q, 2), user))
            break;
    wg_done(q);
    return status;
}
