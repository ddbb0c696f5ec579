/* Owns the grids: polygons of a scheme, their codes, levels and parents. */
#include "wangge/grid.h"

#include <inttypes.h>
#include <stdio.h>

#include "grid_owner.h"
#include "row.h"
#include "wangge/code.h"
#include "wangge/shape.h"

#define AT(member) offsetof(struct wg_grid, member)

static const char *const kinds[] = {"basic", "dedicated", NULL};

static const struct wg_field fields[] = {
    {.column = "code", .type = WG_FIELD_TEXT, .at = AT(code), .needed = true},
    {.column = "scheme_id",
     .type = WG_FIELD_ID,
     .at = AT(scheme),
     .refers = "scheme",
     .needed = true},
    {.column = "parent_id", .type = WG_FIELD_ID, .at = AT(parent), .refers = "grid"},
    {.column = "name", .type = WG_FIELD_TEXT, .at = AT(name)},
    {.column = "kind",
     .type = WG_FIELD_TEXT,
     .at = AT(kind),
     .words = kinds,
     .instead = "basic"},
    {.column = "note", .type = WG_FIELD_TEXT, .at = AT(note)},
    {.column = "valid_from", .type = WG_FIELD_TIME, .at = AT(valid_from)},
    {.column = "valid_to", .type = WG_FIELD_TIME, .at = AT(valid_to)},
    {.column = "level", .type = WG_FIELD_INT, .at = AT(level)},
    {.column = "area_m2", .type = WG_FIELD_REAL, .at = AT(area_m2), .read_only = true},
};

static const struct wg_noun noun = {
    .table = "grid",
    .field = fields,
    .n_field = WG_N(fields),
    .size = sizeof(struct wg_grid),
    .held = AT(held),
    .place = WG_PLACE_POLYGON,
    .place_at = AT(geometry),
    .unique = "code",
    .unique_in_scheme = true,
    .from_at = AT(valid_from),
    .to_at = AT(valid_to),
    .filters = WG_BY_GRID | WG_BY_SCHEME | WG_BY_LEVEL,
};

void wg_grid_init(struct wg_grid *grid)
{
    wg_row_init(&noun, grid);
}

void wg_grid_finish(struct wg_grid *grid)
{
    wg_row_finish(&noun, grid);
}

/* ---- rules ---- */

/* Row `sql` of the grid or scheme `id`; the caller gives the query back. */
static enum wg_status look_up(struct wg_store *store, const char *sql, int64_t id,
                              struct wg_query **q, bool *row, struct wg_error *err)
{
    enum wg_status status = wg_query(store, sql, q, err);
    if (status)
        return status;
    wg_bind_int(*q, 1, id);
    return wg_step(*q, row, err);
}

static enum wg_status check_code(struct wg_store *store, const struct wg_grid *g,
                                 struct wg_error *err)
{
    struct wg_query *q = NULL;
    struct wg_code_form form;
    bool row = false;
    enum wg_status status = look_up(store, "SELECT code_form FROM scheme WHERE id = ?1",
                                    g->scheme, &q, &row, err);
    if (!status && row)
        status = wg_code_form_parse(wg_column_text(q, 0), &form, err);
    wg_done(q);
    if (status)
        return status;
    form = wg_code_form_at(&form, g->level);
    return wg_code_check(&form, g->code, NULL, err);
}

static enum wg_status check_level(const struct wg_grid *g, struct wg_error *err)
{
    if (wg_level_name(g->level))
        return WG_OK;
    return wg_fail(err, WG_INVALID,
                   _("grid %s: level %d is not one of 1 (city) to 6 (micro-grid)."),
                   g->code, g->level);
}

static enum wg_status check_parent(struct wg_store *store, const struct wg_grid *g,
                                   struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    if (!g->parent)
        return WG_OK;
    if (g->parent == g->id)
        return wg_fail(err, WG_INVALID, _("grid %s cannot be its own parent."), g->code);
    enum wg_status status =
        look_up(store, "SELECT scheme_id, level, code FROM grid WHERE id = ?1", g->parent,
                &q, &row, err);
    if (!status && row) {
        int level = (int)wg_column_int(q, 1);
        if (wg_column_int(q, 0) != g->scheme)
            status = wg_fail(err, WG_INVALID,
                             _("grid %s: its parent %s belongs to another scheme."),
                             g->code, wg_column_text(q, 2));
        else if (level >= g->level)
            status =
                wg_fail(err, WG_INVALID,
                        _("grid %s (%s): its parent %s must be of a higher level, but "
                          "is a %s."),
                        g->code, wg_level_name(g->level), wg_column_text(q, 2),
                        wg_level_name(level) ? wg_level_name(level) : "?");
    }
    wg_done(q);
    return status;
}

/* What an update may not do: leave the scheme, or sink to the level of a child. */
static enum wg_status check_update(struct wg_store *store, const struct wg_grid *g,
                                   struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = look_up(store,
                                    "SELECT scheme_id, (SELECT min(c.level) FROM grid c "
                                    "WHERE c.parent_id = ?1) FROM grid WHERE id = ?1",
                                    g->id, &q, &row, err);
    if (!status && !row)
        status = wg_row_missing("grid", g->id, err);
    else if (!status && wg_column_int(q, 0) != g->scheme)
        status = wg_fail(
            err, WG_INVALID,
            _("grid %s cannot change its scheme.  End it and make a new one."), g->code);
    else if (!status && !wg_column_is_null(q, 1) && wg_column_int(q, 1) <= g->level)
        status = wg_fail(err, WG_INVALID,
                         _("grid %s cannot be a %s: it has children of the same or a "
                           "higher level."),
                         g->code, wg_level_name(g->level));
    wg_done(q);
    return status;
}

/* ---- writing ---- */

static enum wg_status check_grid(struct wg_store *store, struct wg_grid *g, bool is_new,
                                 struct wg_row_times *times, struct wg_error *err)
{
    if (!g->level)
        g->level = WG_LEVEL_GRID;
    enum wg_status status = wg_row_check(store, &noun, g, times, err);
    if (!status)
        status = check_level(g, err);
    if (!status)
        status = check_code(store, g, err);
    if (!status && !is_new)
        status = check_update(store, g, err);
    return status ? status : check_parent(store, g, err);
}

static enum wg_status write_grid(struct wg_store *store, const struct wg_grid *grid,
                                 bool is_new, int64_t *id, struct wg_error *err)
{
    struct wg_grid row = *grid;
    struct wg_row_times times;
    struct wg_grid_edit edit = {.bulk = false};
    int64_t made = grid->id;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = check_grid(store, &row, is_new, &times, err);
    if (!status && row.geometry.n_part > 0)
        status = wg_row_check_polygon(&noun, &row, &row.geometry, err);
    else if (!status && is_new)
        status = wg_fail(err, WG_GEOMETRY, _("grid %s has no polygon; a grid needs one."),
                         row.code);
    if (!status)
        status = wg_grid_edit_begin(store, is_new ? 0 : row.id, &edit, err);
    if (!status)
        status = is_new ? wg_row_insert(store, &noun, &row, &made, err)
                        : wg_row_update(store, &noun, &row, err);
    if (!status)
        status = wg_grid_edit_end(store, made, &edit, err);
    wg_grid_edit_finish(&edit);
    status = wg_row_settle(store, status, err);
    if (!status && id)
        *id = made;
    return status;
}

enum wg_status wg_grid_create(struct wg_store *store, const struct wg_grid *grid,
                              int64_t *id, struct wg_error *err)
{
    return write_grid(store, grid, true, id, err);
}

enum wg_status wg_grid_update(struct wg_store *store, const struct wg_grid *grid,
                              struct wg_error *err)
{
    return write_grid(store, grid, false, NULL, err);
}

enum wg_status wg_grid_end(struct wg_store *store, int64_t id, const char *at,
                           struct wg_error *err)
{
    struct wg_grid_edit edit = {.bulk = false};
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    status = wg_grid_edit_begin(store, id, &edit, err);
    if (!status)
        status = wg_row_end(store, &noun, id, at, err);
    if (!status)
        status = wg_grid_edit_end(store, id, &edit, err);
    wg_grid_edit_finish(&edit);
    return wg_row_settle(store, status, err);
}

/* ---- reading ---- */

enum wg_status wg_grid_read(struct wg_store *store, int64_t id, struct wg_grid *out,
                            struct wg_error *err)
{
    return wg_row_read(store, &noun, id, out, err);
}

enum wg_status wg_grid_find(struct wg_store *store, int64_t scheme, const char *code,
                            int64_t *id, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    if (!code || !*code)
        return wg_fail(err, WG_INVALID, _("A code must be given to find a %s."),
                       _("grid"));
    enum wg_status status = wg_query(
        store, "SELECT id FROM grid WHERE scheme_id = ?1 AND code = ?2", &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_text(q, 2, code);
    status = wg_step(q, &row, err);
    if (!status && row)
        *id = wg_column_int(q, 0);
    wg_done(q);
    if (!status && !row)
        status =
            wg_fail(err, WG_NOT_FOUND, _("There is no grid %.80s in the scheme."), code);
    return status;
}

static enum wg_status select_grids(struct wg_select *s, struct wg_store *store,
                                   const struct wg_filter *filter, struct wg_error *err)
{
    enum wg_status status = wg_select_begin(s, store, &noun, filter, err);
    if (status || !filter)
        return status;
    if (filter->scheme)
        wg_select_and(s, "scheme_id = ?%d", wg_select_int(s, filter->scheme));
    if (filter->grid)
        wg_select_and(s, "parent_id = ?%d", wg_select_int(s, filter->grid));
    if (filter->level)
        wg_select_and(s, "level = ?%d", wg_select_int(s, filter->level));
    return WG_OK;
}

enum wg_status wg_grid_each(struct wg_store *store, const struct wg_filter *filter,
                            wg_grid_fn *fn, void *user, struct wg_error *err)
{
    struct wg_select select;
    struct wg_cursor c;
    struct wg_grid row;
    enum wg_status status = select_grids(&select, store, filter, err);
    if (!status)
        status = wg_cursor_open(&c, &select, NULL, err);
    if (status)
        return status;
    wg_grid_init(&row);
    while (wg_cursor_next(&c, &row, err) && fn(&row, user))
        continue;
    return wg_cursor_close(&c);
}

enum wg_status wg_grid_count(struct wg_store *store, const struct wg_filter *filter,
                             int64_t *n, struct wg_error *err)
{
    struct wg_select select;
    enum wg_status status = select_grids(&select, store, filter, err);
    return status ? status : wg_select_count(&select, n, err);
}

/* ---- parents ---- */

struct link {
    int64_t grid, parent;
};

#define IN_FORCE(grid)                                                                   \
    "(" grid ".valid_from IS NULL OR " grid ".valid_from <= ?3) AND (" grid              \
    ".valid_to IS NULL OR " grid ".valid_to > ?3)"

/* Grids without a parent, and each grid of `level` above them that holds at least half
 * of their area, the one that holds most first. */
static const char sql_links[] =
    "SELECT g.id, p.id, ST_Area(ST_Intersection(g.geom, p.geom)) / ST_Area(g.geom) AS "
    "share "
    "FROM grid g CROSS JOIN idx_grid_geom r ON r.xmin <= MbrMaxX(g.geom) AND "
    "r.xmax >= MbrMinX(g.geom) AND r.ymin <= MbrMaxY(g.geom) AND r.ymax >= "
    "MbrMinY(g.geom) CROSS JOIN grid p ON p.id = r.pkid "
    "WHERE g.scheme_id = ?1 AND g.parent_id IS NULL AND g.level > ?2 AND "
    "p.scheme_id = ?1 AND p.level = ?2 AND " IN_FORCE("g") " AND " IN_FORCE(
        "p") " AND share >= 0.5 ORDER BY g.id, share DESC, p.code";

static enum wg_status find_links(struct wg_store *store, int64_t scheme, int level,
                                 const char *now, struct link **links, size_t *n,
                                 struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    size_t cap = 0;
    enum wg_status status = wg_query(store, sql_links, &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, level);
    wg_bind_text(q, 3, now);
    while (!(status = wg_step(q, &row, err)) && row) {
        struct link link = {wg_column_int(q, 0), wg_column_int(q, 1)};
        void *array = *links;
        if (*n > 0 && (*links)[*n - 1].grid == link.grid)
            continue;
        if (!wg_grow(&array, &cap, *n + 1, sizeof link)) {
            status = wg_fail_memory(err);
            break;
        }
        *links = array;
        (*links)[(*n)++] = link;
    }
    wg_done(q);
    return status;
}

static enum wg_status write_links(struct wg_store *store, const struct link *links,
                                  size_t n, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < n; i++) {
        struct wg_query *q = NULL;
        status = wg_query(store, "UPDATE grid SET parent_id = ?2 WHERE id = ?1", &q, err);
        if (status)
            break;
        wg_bind_int(q, 1, links[i].grid);
        wg_bind_int(q, 2, links[i].parent);
        status = wg_run(q, err);
    }
    return status;
}

enum wg_status wg_grid_link_parents(struct wg_store *store, int64_t scheme,
                                    int64_t *linked, struct wg_error *err)
{
    char now[WG_INSTANT_SIZE];
    int64_t total = 0;
    enum wg_status status = wg_save(store, err);
    if (status)
        return status;
    wg_instant_format(wg_instant_now(), now);
    if (!wg_row_exists(store, "scheme", scheme, &status, err) && !status)
        status = wg_row_missing("scheme", scheme, err);
    /* From the lowest level up, so that each grid meets its nearest level first. */
    for (int level = WG_LEVEL_GRID; !status && level >= WG_LEVEL_CITY; level--) {
        struct link *links = NULL;
        size_t n = 0;
        status = find_links(store, scheme, level, now, &links, &n, err);
        if (!status)
            status = write_links(store, links, n, err);
        total += (int64_t)n;
        free(links);
    }
    status = wg_row_settle(store, status, err);
    if (!status && linked)
        *linked = total;
    return status;
}
