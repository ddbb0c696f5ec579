/* Owns lineage: which grid came from which. */
#include <string.h>

#include "internal.h"
#include "statement.h"
#include "wangge/revision.h"

static const char *const names[] = {
    [WG_LINEAGE_SPLIT] = "split",
    [WG_LINEAGE_MERGED] = "merged",
    [WG_LINEAGE_CARVED] = "carved",
    [WG_LINEAGE_TRANSFERRED] = "transferred",
};

const char *wg_lineage_name(enum wg_lineage_how how)
{
    return how >= WG_LINEAGE_SPLIT && how <= WG_LINEAGE_TRANSFERRED ? names[how] : NULL;
}

static enum wg_lineage_how how_of(const char *name)
{
    for (int i = WG_LINEAGE_SPLIT; name && i <= WG_LINEAGE_TRANSFERRED; i++)
        if (strcmp(names[i], name) == 0)
            return (enum wg_lineage_how)i;
    return WG_LINEAGE_TRANSFERRED;
}

#define COLUMNS                                                                          \
    "SELECT l.revision, l.from_grid, l.to_grid, (SELECT code FROM grid WHERE id = "      \
    "l.from_grid), (SELECT code FROM grid WHERE id = l.to_grid), l.at, l.how, "          \
    "l.area_m2 "                                                                         \
    "FROM lineage l WHERE l.scheme_id = ?1 "
#define LATEST_FIRST " ORDER BY l.revision DESC, l.from_grid, l.to_grid"
#define EARLIEST_FIRST " ORDER BY l.revision, l.from_grid, l.to_grid"

/* Deep: only what came about before (after, going forward) the step that led there. */
static const char all_sql[] = COLUMNS EARLIEST_FIRST;
static const char back_sql[] = COLUMNS "AND l.to_grid = ?2" LATEST_FIRST;
static const char forth_sql[] = COLUMNS "AND l.from_grid = ?2" EARLIEST_FIRST;
static const char deep_back_sql[] = COLUMNS
    "AND (l.revision, l.from_grid, l.to_grid) IN (WITH RECURSIVE up (revision, f, t) AS "
    "(SELECT revision, from_grid, to_grid FROM lineage WHERE scheme_id = ?1 AND to_grid "
    "= ?2 UNION SELECT n.revision, n.from_grid, n.to_grid FROM up JOIN lineage n ON "
    "n.to_grid = up.f AND n.scheme_id = ?1 AND n.revision < up.revision) SELECT * FROM "
    "up)" LATEST_FIRST;
static const char deep_forth_sql[] = COLUMNS
    "AND (l.revision, l.from_grid, l.to_grid) IN (WITH RECURSIVE down (revision, f, t) "
    "AS (SELECT revision, from_grid, to_grid FROM lineage WHERE scheme_id = ?1 AND "
    "from_grid = ?2 UNION SELECT n.revision, n.from_grid, n.to_grid FROM down JOIN "
    "lineage n ON n.from_grid = down.t AND n.scheme_id = ?1 AND n.revision > "
    "down.revision) SELECT * FROM down)" EARLIEST_FIRST;

enum wg_status wg_lineage_each(struct wg_store *store, int64_t scheme, int64_t grid,
                               bool back, bool deep, wg_lineage_fn *fn, void *user,
                               struct wg_error *err)
{
    static const char *const sql[2][2] = {{forth_sql, deep_forth_sql},
                                          {back_sql, deep_back_sql}};
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(store, grid ? sql[back][deep] : all_sql, &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, scheme);
    if (grid)
        wg_bind_int(q, 2, grid);
    while (!(status = wg_step(q, &row, err)) && row) {
        struct wg_lineage l = {.revision = wg_column_int(q, 0),
                               .from = wg_column_int(q, 1),
                               .to = wg_column_int(q, 2),
                               .from_code = wg_column_text(q, 3),
                               .to_code = wg_column_text(q, 4),
                               .at = wg_column_text(q, 5),
                               .how = how_of(wg_column_text(q, 6)),
                               .area_m2 = wg_column_real(q, 7)};
        if (!fn(&l, user))
            break;
    }
    wg_done(q);
    return status;
}
