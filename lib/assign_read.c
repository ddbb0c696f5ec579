/* Owns the reading of owners and shares as they stand in the file. */
#include <string.h>

#include "internal.h"
#include "statement.h"
#include "wangge/assign.h"

static enum wg_status count_owners(struct wg_store *store, int64_t scheme,
                                   struct wg_assign_counts *counts, struct wg_error *err)
{
    struct wg_query *q;
    bool row;
    enum wg_status s = wg_query(
        store,
        "SELECT kind, count(grid_id), sum(how = 'no place'), count(*) FROM owner "
        "WHERE scheme_id IN (SELECT id FROM scheme WHERE id = ?1 OR (?1 = 0 AND id "
        "IN (SELECT id FROM owner_scheme))) GROUP BY kind",
        &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    while ((s = wg_step(q, &row, err)) == WG_OK && row) {
        struct wg_assign_counts *c = &counts[wg_column_int(q, 0)];

        c->owned = wg_column_int(q, 1);
        c->no_place = wg_column_int(q, 2);
        c->outside = wg_column_int(q, 3) - c->owned - c->no_place;
    }
    wg_done(q);
    return s;
}

static enum wg_status count_cut(struct wg_store *store, int64_t scheme, int64_t *n,
                                struct wg_error *err)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(store,
                 "SELECT count(*) FROM (SELECT DISTINCT scheme_id, building_id FROM "
                 "owner_share WHERE scheme_id IN (SELECT id FROM scheme WHERE id = ?1 OR "
                 "(?1 = 0 AND id IN (SELECT id FROM owner_scheme))))",
                 &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    s = wg_step(q, &row, err);
    if (s == WG_OK)
        *n = wg_column_int(q, 0);
    wg_done(q);
    return s;
}

enum wg_status wg_assign_count(struct wg_store *store, int64_t scheme,
                               struct wg_assign_counts counts[WG_KIND_COUNT],
                               struct wg_error *err)
{
    struct wg_assign_counts found[WG_KIND_COUNT] = {{0}};
    enum wg_status s = count_owners(store, scheme, found, err);

    if (s == WG_OK)
        s = count_cut(store, scheme, &found[WG_KIND_BUILDING].cut, err);
    if (s == WG_OK)
        memcpy(counts, found, sizeof found);
    return s;
}

/* Rows of object, scheme, grid, code, share, cut. */
static enum wg_status visit(struct wg_query *q, wg_owner_fn *fn, void *user,
                            struct wg_error *err)
{
    bool row;
    enum wg_status s;

    while ((s = wg_step(q, &row, err)) == WG_OK && row) {
        struct wg_owner owner = {
            .object = wg_column_int(q, 0),
            .scheme = wg_column_int(q, 1),
            .grid = wg_column_int(q, 2),
            .grid_code = wg_column_text(q, 3),
            .share = wg_column_real(q, 4),
            .cut = wg_column_int(q, 5),
        };

        if (!fn(&owner, user))
            break;
    }
    wg_done(q);
    return s;
}

enum wg_status wg_owner_each(struct wg_store *store, enum wg_kind kind, int64_t scheme,
                             wg_owner_fn *fn, void *user, struct wg_error *err)
{
    struct wg_query *q;
    enum wg_status s = wg_query(
        store,
        "SELECT o.object_id, o.scheme_id, o.grid_id, g.code, o.share, "
        "o.kind = 1 AND EXISTS (SELECT 1 FROM owner_share w WHERE w.scheme_id = "
        "o.scheme_id AND w.building_id = o.object_id) FROM owner o LEFT JOIN grid "
        "g ON g.id = o.grid_id WHERE o.scheme_id = ?1 AND o.kind = ?2 ORDER BY "
        "o.object_id",
        &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, kind);
    return visit(q, fn, user, err);
}

enum wg_status wg_share_each(struct wg_store *store, int64_t building, int64_t scheme,
                             wg_owner_fn *fn, void *user, struct wg_error *err)
{
    struct wg_query *q;
    enum wg_status s = wg_query(
        store,
        "SELECT w.building_id, w.scheme_id, w.grid_id, g.code, w.share, 1 FROM "
        "owner_share w LEFT JOIN grid g ON g.id = w.grid_id WHERE w.scheme_id = ?1 "
        "AND w.building_id = ?2 ORDER BY w.share DESC, g.code IS NULL, g.code",
        &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, building);
    return visit(q, fn, user, err);
}

enum wg_status wg_owner_of(struct wg_store *store, enum wg_kind kind, int64_t object,
                           int64_t scheme, int64_t *grid, struct wg_error *err)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(store,
                 "SELECT grid_id FROM owner WHERE scheme_id = ?1 AND kind = "
                 "?2 AND object_id = ?3",
                 &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, kind);
    wg_bind_int(q, 3, object);
    s = wg_step(q, &row, err);
    if (s == WG_OK && row)
        *grid = wg_column_int(q, 0);
    else if (s == WG_OK)
        s = wg_fail_row(err, WG_NOT_FOUND, object,
                        _("Object %lld is not there, or was never asked for an owner in "
                          "scheme %lld; run “wangge assign”."),
                        (long long)object, (long long)scheme);
    wg_done(q);
    return s;
}
