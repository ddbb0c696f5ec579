/* Owns the two versions of a grid that a stored change is in conflict about: as it was at
 * the revision the change knows, and as the change makes it. */
#include <string.h>

#include "internal.h"
#include "revision_job.h"
#include "statement.h"
#include "wangge/instant.h"

struct then {
    struct wg_coverage_grid *grid;
    size_t n, cap;
    bool failed;
};

static void finish(struct then *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free((char *)t->grid[i].code);
        wg_multipolygon_finish(&t->grid[i].geometry);
    }
    free(t->grid);
}

static bool keep(const struct wg_grid *row, void *user)
{
    struct then *t = user;
    void *array = t->grid;
    t->failed = true;
    if (!wg_grow(&array, &t->cap, t->n + 1, sizeof *t->grid))
        return false;
    t->grid = array;
    struct wg_coverage_grid *g = &t->grid[t->n++];
    *g = (struct wg_coverage_grid){.id = row->id,
                                   .code = wg_strdup(row->code),
                                   .level = row->level,
                                   .parent = row->parent};
    if (!g->code || wg_multipolygon_copy(&row->geometry, &g->geometry, NULL) != WG_OK)
        return false;
    t->failed = false;
    return true;
}

/* Only grids without children own. */
static void drop_parents(struct then *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        bool parent = false;
        for (size_t j = 0; j < t->n && !parent; j++)
            parent = t->grid[j].parent == t->grid[i].id;
        if (parent) {
            free((char *)t->grid[i].code);
            wg_multipolygon_finish(&t->grid[i].geometry);
            t->grid[i].id = 0;
        }
    }
    for (size_t i = 0; i < t->n; i++)
        if (t->grid[i].id)
            t->grid[n++] = t->grid[i];
    t->n = n;
}

/* Since when a revision holds; for 0, the last moment before the first one. */
static bool instant_of(struct wg_store *store, int64_t scheme, int64_t number,
                       char at[WG_INSTANT_SIZE])
{
    struct wg_query *q = NULL;
    bool row = false;
    int64_t ms;
    if (wg_query(
            store,
            "SELECT valid_from FROM revision WHERE scheme_id = ?1 AND number = ?2 AND "
            "valid_from IS NOT NULL",
            &q, NULL))
        return false;
    wg_bind_int(q, 1, scheme);
    wg_bind_int(q, 2, number ? number : 1);
    bool known = wg_step(q, &row, NULL) == WG_OK && row &&
                 wg_instant_parse(wg_column_text(q, 0), 0, &ms, NULL) == WG_OK;
    wg_done(q);
    if (known)
        wg_instant_format(number ? ms : ms - 1, at);
    return known;
}

void wg_revision_versions(struct wg_store *store, int64_t scheme, int64_t since,
                          const struct wg_delta *delta, struct wg_conflict *conflict)
{
    struct then then = {0};
    struct wg_coverage *c = NULL;
    char at[WG_INSTANT_SIZE];
    if (!conflict || !conflict->grid || !instant_of(store, scheme, since, at))
        return;
    if (wg_revision_as_of(store, scheme, at, keep, &then, NULL) == WG_OK &&
        !then.failed) {
        drop_parents(&then);
        if (wg_coverage_build(then.n, then.grid, NULL, &c, NULL) == WG_OK) {
            wg_coverage_polygon(c, conflict->grid, &conflict->base, NULL);
            wg_coverage_parents_follow(c, true);
            if (wg_coverage_apply(c, delta, "ours", "", NULL) == WG_OK)
                wg_coverage_polygon(c, conflict->grid, &conflict->ours, NULL);
        }
    }
    wg_coverage_close(c);
    finish(&then);
}
