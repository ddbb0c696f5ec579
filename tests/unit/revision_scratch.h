/* A scheme of squares in a community, edits of its boundaries, and what must hold. */
#ifndef REVISION_SCRATCH_H
#define REVISION_SCRATCH_H

#include "noun_scratch.h"

#include "wangge/assign.h"
#include "wangge/coverage.h"
#include "wangge/revision.h"

#define SIDE 4
#define CELL 100.0
#define OFF 0.0004 /* off the lattice */

/* Grids G01 … G16 from the north-west on; the community is C. */
static inline int64_t mesh_scheme(struct wg_store *store, const char *name)
{
    int64_t scheme = new_scheme(store, name, NULL);
    double size = SIDE * CELL;
    int64_t parent = new_grid(store, scheme, "C", WG_LEVEL_COMMUNITY, 0,
                              (struct wg_box){OFF, OFF, size + OFF, size + OFF});
    for (int k = 0; k < SIDE * SIDE; k++) {
        double x = k % SIDE * CELL + OFF, y = (SIDE - 1 - k / SIDE) * CELL + OFF;
        char code[16];
        snprintf(code, sizeof code, "G%02d", k + 1);
        /* corners as the neighbours have them, to the bit */
        struct wg_grid g;
        struct wg_error err = {0};
        char wkt[400];
        double x1 = (k % SIDE + 1) * CELL + OFF, y1 = (SIDE - k / SIDE) * CELL + OFF;
        snprintf(wkt, sizeof wkt,
                 "POLYGON((%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g))",
                 X0 + x, Y0 + y, X0 + x1, Y0 + y, X0 + x1, Y0 + y1, X0 + x, Y0 + y1,
                 X0 + x, Y0 + y);
        wg_grid_init(&g);
        g.scheme = scheme;
        g.code = code;
        g.parent = parent;
        from_wkt(wkt, &g.geometry);
        must(wg_grid_create(store, &g, NULL, &err), &err);
        wg_grid_finish(&g);
    }
    return scheme;
}

static inline struct wg_coverage *open_coverage(struct wg_store *store, int64_t scheme)
{
    struct wg_error err = {0};
    struct wg_coverage *c = NULL;
    must(wg_coverage_open(store, scheme, NULL, &c, &err), &err);
    return c;
}

static inline int64_t grid_of(const struct wg_coverage *c, const char *code)
{
    struct wg_error err = {0};
    int64_t id = 0;
    must(wg_coverage_find(c, code, &id, &err), &err);
    return id;
}

/* A corner of the mesh, in cells from the south-west. */
static inline struct wg_point corner(double i, double j)
{
    return (struct wg_point){X0 + i * CELL, Y0 + j * CELL};
}

static inline void move_corner(struct wg_coverage *c, double i, double j, double dx,
                               double dy)
{
    struct wg_error err = {0};
    struct wg_point at = corner(i, j), to = {at.x + dx, at.y + dy};
    must(wg_coverage_move(c, at, 0.5, to, &err), &err);
}

static inline enum wg_status try_commit(struct wg_coverage *c, struct wg_store *store,
                                        const char *author, const char *at,
                                        int64_t *revision, struct wg_conflict *conflict,
                                        struct wg_error *err)
{
    struct wg_commit commit = {author, "because", at};
    return wg_coverage_commit(c, store, &commit, revision, conflict, err);
}

static inline int64_t commit(struct wg_coverage *c, struct wg_store *store)
{
    struct wg_error err = {0};
    int64_t revision = 0;
    must(try_commit(c, store, "tester", NULL, &revision, NULL, &err), &err);
    assert_int_equal(wg_coverage_undo_count(c), 0);
    assert_int_equal(wg_coverage_revision(c), revision);
    return revision;
}

/* The stored grids are a strict partition that nests in their parents, valid for
 * SpatiaLite and for us, with the owners that asking everything gives. */
static inline void scheme_is_whole(struct wg_store *store, int64_t scheme)
{
    struct wg_error err = {0};
    struct wg_coverage *c = open_coverage(store, scheme);
    char sql[1200];
    must(wg_coverage_prove(c, &err), &err);
    wg_coverage_close(c);
#define LEAF                                                                             \
    "g.scheme_id = %d AND (g.valid_to IS NULL OR g.valid_to > "                          \
    "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', 'now')) AND g.level = 5"
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM grid g WHERE g.scheme_id = %d AND NOT "
             "coalesce(ST_IsValid(g.geom), 0)",
             (int)scheme);
    assert_int_equal(ask(store, sql), 0);
    snprintf(sql, sizeof sql,
             "SELECT coalesce(sum(ST_Area(ST_Intersection(g.geom, h.geom)) > 1e-6), 0) "
             "FROM grid g JOIN grid h ON h.id > g.id AND h.scheme_id = g.scheme_id AND "
             "h.level = 5 AND (h.valid_to IS NULL OR h.valid_to > "
             "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', 'now')) AND "
             "MbrIntersects(g.geom, h.geom) WHERE " LEAF,
             (int)scheme);
    assert_int_equal(ask(store, sql), 0);
    snprintf(sql, sizeof sql,
             "SELECT sum(abs(p.area_m2 - (SELECT sum(g.area_m2) FROM grid g WHERE "
             "g.parent_id = p.id AND " LEAF ")) > 1e-5) FROM grid p WHERE p.scheme_id = "
             "%d AND p.level = 4",
             (int)scheme, (int)scheme);
    assert_int_equal(ask(store, sql), 0);
    runf(store, "CREATE TEMP TABLE owned AS SELECT * FROM owner");
    must(wg_assign_all(store, scheme, (struct wg_progress){0}, NULL, &err), &err);
    assert_int_equal(ask(store,
                         "SELECT count(*) FROM (SELECT scheme_id, kind, object_id, "
                         "grid_id, how FROM owner EXCEPT SELECT scheme_id, kind, "
                         "object_id, grid_id, how FROM temp.owned)"),
                     0);
    runf(store, "DROP TABLE temp.owned");
}

#endif
