/* Owns the looking back: the grids as they were, and counts by the grid of the time. */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "row.h"
#include "statement.h"
#include "wangge/revision.h"
#include "wangge/shape.h"

/* ---- as of ---- */

/* ?1 the scheme, ?2 the instant.  Should a past polygon ever hold beside the present one,
 * the present one is taken; of several past ones the latest. */
#define AS_OF                                                                            \
    "SELECT g.id AS id, g.parent_id AS parent_id, g.code AS code, g.name AS name, "      \
    "g.kind AS kind, g.note AS note, g.valid_from AS valid_from, g.valid_to AS "         \
    "valid_to, g.level AS level, g.area_m2 AS area_m2, g.geom AS geom FROM grid g "      \
    "WHERE g.scheme_id = ?1 AND (g.geom_from IS NULL OR g.geom_from <= ?2) AND "         \
    "(g.valid_from IS NULL OR g.valid_from <= ?2) AND (g.valid_to IS NULL OR "           \
    "g.valid_to > ?2) UNION ALL SELECT g.id, p.parent_id, p.code, p.name, p.kind, "      \
    "g.note, g.valid_from, g.valid_to, p.level, p.area_m2, p.geom FROM grid_past p "     \
    "CROSS JOIN grid g WHERE p.scheme_id = ?1 AND g.id = p.grid_id AND (p.valid_from "   \
    "IS NULL OR p.valid_from <= ?2) AND p.valid_to > ?2 AND (g.valid_from IS NULL OR "   \
    "g.valid_from <= ?2) AND (g.valid_to IS NULL OR g.valid_to > ?2) AND NOT "           \
    "coalesce(g.geom_from <= ?2, 1) AND NOT EXISTS (SELECT 1 FROM grid_past n WHERE "    \
    "n.grid_id = p.grid_id AND n.id > p.id AND (n.valid_from IS NULL OR n.valid_from "   \
    "<= ?2) AND n.valid_to > ?2)"

static enum wg_status each_grid(struct wg_query *q, int64_t scheme, wg_grid_fn *fn,
                                void *user, struct wg_error *err)
{
    bool row = false, more = true;
    enum wg_status status = WG_OK;
    while (more && !(status = wg_step(q, &row, err)) && row) {
        struct wg_grid g;
        size_t size;
        const void *blob = wg_column_blob(q, 10, &size);
        wg_grid_init(&g);
        g.id = wg_column_int(q, 0);
        g.scheme = scheme;
        g.parent = wg_column_int(q, 1);
        g.code = wg_column_text(q, 2);
        g.name = wg_column_text(q, 3);
        g.kind = wg_column_text(q, 4);
        g.note = wg_column_text(q, 5);
        g.valid_from = wg_column_text(q, 6);
        g.valid_to = wg_column_text(q, 7);
        g.level = (int)wg_column_int(q, 8);
        g.area_m2 = wg_column_real(q, 9);
        if (blob)
            status = wg_shape_from_blob(blob, size, &g.geometry, err);
        if (status == WG_GEOMETRY || status == WG_FORMAT)
            status = WG_OK; /* broken as it was, it comes without a polygon */
        if (!status)
            more = fn(&g, user);
        wg_multipolygon_finish(&g.geometry);
        if (status)
            break;
    }
    return status;
}

enum wg_status wg_revision_as_of(struct wg_store *store, int64_t scheme, const char *at,
                                 wg_grid_fn *fn, void *user, struct wg_error *err)
{
    char moment[WG_INSTANT_SIZE];
    struct wg_query *q = NULL;
    enum wg_status status = wg_row_time(at, "at", moment, err);
    if (!status && !wg_row_exists(store, "scheme", scheme, &status, err) && !status)
        status = wg_row_missing("scheme", scheme, err);
    if (!status)
        status = wg_query(store, AS_OF " ORDER BY id", &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    wg_bind_text(q, 2, moment);
    status = each_grid(q, scheme, fn, user, err);
    wg_done(q);
    return status;
}

/* ---- counts ---- */

/* Owners of events are those of the time they happened.  Grids without an event are told
 * of too, when they own at the end. */
static const char period_sql[] =
    "WITH held AS (" AS_OF "), counted AS (SELECT coalesce(o.grid_id, 0) AS grid, "
    "count(*) AS n, sum(coalesce(t.is_open, 1)) AS open FROM owner o CROSS JOIN event e "
    "ON e.id = o.object_id LEFT JOIN event_status s ON s.event_id = e.id LEFT JOIN stage "
    "t ON t.id = s.stage WHERE o.scheme_id = ?1 AND o.kind = 3 AND strftime('%Y-%m-"
    "%dT%H:%M:%fZ', coalesce(e.occurred_at, e.reported_at)) >= ?3 AND "
    "strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(e.occurred_at, e.reported_at)) < ?4 GROUP "
    "BY 1), listed AS (SELECT grid FROM counted UNION SELECT h.id FROM held h WHERE NOT "
    "EXISTS (SELECT 1 FROM held c WHERE c.parent_id = h.id)) SELECT l.grid, coalesce("
    "(SELECT h.code FROM held h WHERE h.id = l.grid), (SELECT g.code FROM grid g WHERE "
    "g.id = l.grid)) AS code, coalesce(c.n, 0), coalesce(c.open, 0), (SELECT h.area_m2 "
    "FROM held h WHERE h.id = l.grid) FROM listed l LEFT JOIN counted c USING (grid) "
    "ORDER BY l.grid = 0, code";

enum wg_status wg_period_count_each(struct wg_store *store, int64_t scheme,
                                    const char *from, const char *to, wg_period_fn *fn,
                                    void *user, struct wg_error *err)
{
    char begin[WG_INSTANT_SIZE] = "", end[WG_INSTANT_SIZE], last[WG_INSTANT_SIZE];
    struct wg_query *q = NULL;
    bool row = false;
    int64_t ms = 0;
    enum wg_status status = from ? wg_row_time(from, "from", begin, err) : WG_OK;
    if (!status)
        status = wg_row_time(to, "to", end, err);
    if (!status && strcmp(begin, end) >= 0)
        status =
            wg_fail(err, WG_INVALID, _("The period from %s to %s is empty."), begin, end);
    if (!status && !wg_row_exists(store, "scheme", scheme, &status, err) && !status)
        status = wg_row_missing("scheme", scheme, err);
    if (!status)
        status = wg_instant_parse(end, 0, &ms, err);
    if (!status)
        status = wg_query(store, period_sql, &q, err);
    if (status)
        return status;
    wg_instant_format(ms - 1, last); /* the period is half open */
    wg_bind_int(q, 1, scheme);
    wg_bind_text(q, 2, last);
    wg_bind_text(q, 3, begin);
    wg_bind_text(q, 4, end);
    while (!(status = wg_step(q, &row, err)) && row) {
        struct wg_period_count c = {.grid = wg_column_int(q, 0),
                                    .code = wg_column_text(q, 1),
                                    .events = wg_column_int(q, 2),
                                    .open = wg_column_int(q, 3),
                                    .area_m2 = wg_column_real(q, 4)};
        c.closed = c.events - c.open;
        if (!fn(&c, user))
            break;
    }
    wg_done(q);
    return status;
}
