/* Owns the way from the store to a coverage. */
#include <string.h>

#include "coverage_inside.h"
#include "statement.h"
#include "wangge/instant.h"
#include "wangge/scheme.h"
#include "wangge/shape.h"

struct reading {
    struct wg_store *store;
    int64_t scheme, revision, stamp;
    struct wg_coverage_grid *grid;
    size_t n, cap;
    struct wg_error *err;
};

/* The grids that own: in force, without a child in force. */
static const char owners_sql[] =
    "SELECT g.id, g.code, g.name, g.kind, g.level, g.parent_id, g.geom FROM main.grid g "
    "WHERE g.scheme_id = ?1 AND (g.valid_from IS NULL OR g.valid_from <= ?2) AND "
    "(g.valid_to IS NULL OR g.valid_to > ?2) AND NOT EXISTS (SELECT 1 FROM main.grid c "
    "WHERE c.parent_id = g.id AND (c.valid_from IS NULL OR c.valid_from <= ?2) AND "
    "(c.valid_to IS NULL OR c.valid_to > ?2)) ORDER BY g.id";

static bool copy_text(const char *text, const char **out)
{
    *out = wg_strdup(text);
    return *out || !text;
}

static enum wg_status add_grid(struct reading *r, struct wg_query *q)
{
    void *array = r->grid;
    size_t size;
    const void *blob = wg_column_blob(q, 6, &size);
    struct wg_coverage_grid *g;
    if (!wg_grow(&array, &r->cap, r->n + 1, sizeof *r->grid))
        return wg_fail_memory(r->err);
    r->grid = array;
    g = &r->grid[r->n++];
    *g = (struct wg_coverage_grid){.id = wg_column_int(q, 0),
                                   .level = (int)wg_column_int(q, 4),
                                   .parent = wg_column_int(q, 5)};
    if (!copy_text(wg_column_text(q, 1), &g->code) ||
        !copy_text(wg_column_text(q, 2), &g->name) ||
        !copy_text(wg_column_text(q, 3), &g->kind))
        return wg_fail_memory(r->err);
    if (!blob)
        return wg_fail(r->err, WG_GEOMETRY,
                       _("grid %s has no polygon; a grid needs one."), g->code);
    struct wg_error why = {0};
    enum wg_status status = wg_shape_from_blob(blob, size, &g->geometry, &why);
    return status ? wg_fail(r->err, status, _("grid %s: %s"), g->code, why.text) : WG_OK;
}

static enum wg_status read_number(struct reading *r, const char *sql, bool needed,
                                  int64_t *out)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(r->store, sql, &q, r->err);
    if (status)
        return status;
    wg_bind_int(q, 1, r->scheme);
    status = wg_step(q, &row, r->err);
    if (!status && row)
        *out = wg_column_int(q, 0);
    wg_done(q);
    if (!status && !row && needed)
        status = wg_fail(r->err, WG_NOT_FOUND, _("There is no scheme %lld."),
                         (long long)r->scheme);
    return status;
}

static enum wg_status read_grids(struct reading *r)
{
    char now[WG_INSTANT_SIZE];
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = read_number(
        r, "SELECT revision FROM main.scheme WHERE id = ?1", true, &r->revision);
    if (!status && wg_store_version(r->store) >= 2)
        status = read_number(r, "SELECT stamp FROM main.grid_stamp WHERE scheme_id = ?1",
                             false, &r->stamp);
    if (!status)
        status = wg_query(r->store, owners_sql, &q, r->err);
    if (status)
        return status;
    wg_instant_format(wg_instant_now(), now);
    wg_bind_int(q, 1, r->scheme);
    wg_bind_text(q, 2, now);
    while (!(status = wg_step(q, &row, r->err)) && row)
        if ((status = add_grid(r, q)) != WG_OK)
            break;
    wg_done(q);
    return status;
}

/* Is the stored polygon on the lattice, with the vertices the coverage has? */
static bool is_as_stored(const struct wg_coverage *c, uint32_t face,
                         const struct wg_multipolygon *mp)
{
    uint32_t n = 0;
    struct wg_spot spot;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        n += mp->ring[r + 1] - mp->ring[r] - 1;
    for (uint32_t i = 0; i < mp->n_vertex; i++) {
        if (!wg_lattice_spot(&c->lattice, mp->x[i], mp->y[i], &spot))
            return false;
        struct wg_point p = wg_lattice_point(&c->lattice, spot);
        if (p.x != mp->x[i] || p.y != mp->y[i] ||
            wg_coverage_vertex_at(c, spot) == WG_NONE)
            return false;
    }
    return n == c->face[face].n_segment;
}

enum wg_status wg_coverage_open(struct wg_store *store, int64_t scheme,
                                const struct wg_coverage_options *options,
                                struct wg_coverage **out, struct wg_error *err)
{
    struct reading r = {.store = store, .scheme = scheme, .err = err};
    struct wg_coverage *c = NULL;
    enum wg_status status = wg_store_begin_read(store, err);
    if (status)
        return status;
    status = read_grids(&r);
    wg_store_commit(store, NULL); /* it only read; a caller's own work goes on */
    if (!status && r.n == 0)
        status = wg_fail(err, WG_NOT_FOUND, "%s",
                         _("The scheme has no grids in force.  Import some first."));
    if (!status)
        status = wg_coverage_build(r.n, r.grid, options, &c, err);
    if (!status) {
        c->scheme = scheme;
        c->revision = r.revision;
        c->stamp = r.stamp;
        for (size_t i = 0; i < r.n; i++)
            c->off_lattice[i + 1] =
                !is_as_stored(c, (uint32_t)i + 1, &r.grid[i].geometry);
        *out = c;
    }
    for (size_t i = 0; i < r.n; i++) {
        free((char *)r.grid[i].code);
        free((char *)r.grid[i].name);
        free((char *)r.grid[i].kind);
        wg_multipolygon_finish(&r.grid[i].geometry);
    }
    free(r.grid);
    return status;
}
