/* Fewer and more vertices: the same neighbours, the boundary where it was. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coverage_sheet.h"

static const struct sheet chess = {.cols = 3,
                                   .rows = 3,
                                   .x = 300000,
                                   .y = 3780000,
                                   .side = 100,
                                   .bends = 4,
                                   .flat = true};

static struct sheet wavy(uint64_t seed)
{
    return (struct sheet){.cols = 4,
                          .rows = 4,
                          .x = 300000,
                          .y = 3780000,
                          .side = 100,
                          .bends = 12,
                          .seed = seed,
                          .islands = true};
}

static bool add_vertices(const struct wg_arc *arc, void *user)
{
    *(size_t *)user += arc->line.n;
    return true;
}

static size_t arc_vertices(const struct wg_coverage *c)
{
    size_t n = 0;
    struct wg_error err = {0};
    assert_int_equal(wg_coverage_arcs(c, NULL, add_vertices, &n, &err), WG_OK);
    return n;
}

static void straight_vertices_go(void **state)
{
    struct wg_coverage *c = sheet_make(&chess);
    struct sheet_bytes before = sheet_bytes(c);
    uint64_t changed = 0;
    struct wg_error err = {0};

    (void)state;
    /* 24 sides of 4 vertices; corners of the whole are no nodes but no straight ones */
    assert_int_equal(wg_coverage_simplify(c, 0, 0, NULL, &changed, &err), WG_OK);
    assert_int_equal(changed, 24 * 4);
    assert_true(sheet_proven(c));
    for (int64_t id = 1; id <= 9; id++)
        assert_true(fabs(sheet_area_of(c, id) - 10000) < 1e-3 * 400);
    assert_int_equal(wg_coverage_undo_count(c), 1);
    /* again: nothing to do, no step */
    assert_int_equal(wg_coverage_simplify(c, 0, 0, NULL, &changed, &err), WG_OK);
    assert_int_equal(changed, 0);
    assert_int_equal(wg_coverage_undo_count(c), 1);
    assert_true(wg_coverage_undo(c));
    assert_true(sheet_same(c, before));
    wg_coverage_close(c);
}

static void only_of_some(void **state)
{
    struct wg_coverage *c = sheet_make(&chess);
    uint64_t changed = 0;
    struct wg_error err = {0};
    int64_t middle = 5, none = 77;

    (void)state;
    assert_int_equal(wg_coverage_simplify(c, 0, 1, &middle, &changed, &err), WG_OK);
    assert_int_equal(changed, 16);
    assert_int_equal(wg_coverage_simplify(c, 0, 1, &none, &changed, &err), WG_NOT_FOUND);
    assert_int_equal(wg_coverage_simplify(c, -1, 0, NULL, &changed, &err), WG_INVALID);
    assert_int_equal(wg_coverage_simplify(c, NAN, 0, NULL, &changed, &err), WG_INVALID);
    assert_int_equal(wg_coverage_densify(c, 0, 0, NULL, &changed, &err), WG_INVALID);
    assert_int_equal(wg_coverage_densify(c, NAN, 0, NULL, &changed, &err), WG_INVALID);
    assert_int_equal(wg_coverage_densify(c, 1, 1, &none, &changed, &err), WG_NOT_FOUND);
    wg_coverage_close(c);
}

/* Every old vertex lies within the tolerance of the new boundaries, and every middle of
 * a new segment within it of the old ones. */
struct both {
    const struct wg_coverage *other;
    double tolerance;
    bool middles;
};

static bool is_near(const struct wg_arc *arc, void *user)
{
    const struct both *both = user;
    struct wg_arc found = {0};
    struct wg_error err = {0};

    for (uint32_t i = 0; i + both->middles < arc->line.n; i++) {
        double x = arc->line.x[i], y = arc->line.y[i];
        if (both->middles) {
            x = (x + arc->line.x[i + 1]) / 2;
            y = (y + arc->line.y[i + 1]) / 2;
        }
        if (wg_coverage_arc(both->other, x, y, both->tolerance + 0.003, &found, &err))
            fail_msg("%.6f,%.6f is further away: %s", x, y, err.text);
        wg_arc_finish(&found);
    }
    return true;
}

struct neighbours {
    int64_t id[64];
    size_t n;
};

static bool note_neighbour(int64_t id, double border_m, void *user)
{
    struct neighbours *all = user;
    (void)border_m;
    assert_true(all->n < 64);
    all->id[all->n++] = id;
    return true;
}

static bool has(const struct neighbours *all, int64_t id)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->id[i] == id)
            return true;
    return false;
}

static void assert_same_neighbours(const struct wg_coverage *a,
                                   const struct wg_coverage *b)
{
    for (uint32_t i = 0; i < wg_coverage_count(a); i++) {
        struct wg_coverage_face face;
        struct neighbours of_a = {{0}, 0}, of_b = {{0}, 0};
        wg_coverage_face_at(a, i, &face);
        assert_int_equal(wg_coverage_neighbours(a, face.id, note_neighbour, &of_a, NULL),
                         WG_OK);
        assert_int_equal(wg_coverage_neighbours(b, face.id, note_neighbour, &of_b, NULL),
                         WG_OK);
        assert_int_equal(of_a.n, of_b.n);
        for (size_t j = 0; j < of_a.n; j++)
            assert_true(has(&of_b, of_a.id[j]));
    }
}

static void within_tolerance(void **state)
{
    static const double tolerances[] = {0.001, 0.5, 2, 10, 50, 1000};

    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        for (size_t t = 0; t < sizeof tolerances / sizeof *tolerances; t++) {
            struct sheet sheet = wavy(seed);
            struct wg_coverage *old = sheet_make(&sheet), *c = sheet_make(&sheet);
            struct sheet_bytes before = sheet_bytes(c);
            uint64_t changed = 0;
            struct wg_error err = {0};
            size_t n_before = arc_vertices(c);
            assert_int_equal(
                wg_coverage_simplify(c, tolerances[t], 0, NULL, &changed, &err), WG_OK);
            assert_true(sheet_proven(c));
            assert_same_neighbours(old, c);
            size_t n_after = arc_vertices(c);
            if (n_before - n_after != changed)
                fail_msg("%zu less %zu is not %d", n_before, n_after, (int)changed);
            if (tolerances[t] >= 10)
                assert_true(changed > n_before / 2);
            struct both both = {c, tolerances[t], false};
            assert_int_equal(wg_coverage_arcs(old, NULL, is_near, &both, &err), WG_OK);
            both = (struct both){old, tolerances[t], true};
            assert_int_equal(wg_coverage_arcs(c, NULL, is_near, &both, &err), WG_OK);
            while (wg_coverage_undo(c))
                ;
            assert_true(sheet_same(c, before));
            wg_coverage_close(old);
            wg_coverage_close(c);
        }
}

static bool is_short(const struct wg_arc *arc, void *user)
{
    for (uint32_t i = 0; i + 1 < arc->line.n; i++)
        assert_true(hypot(arc->line.x[i + 1] - arc->line.x[i],
                          arc->line.y[i + 1] - arc->line.y[i]) <= *(double *)user);
    return true;
}

static void more_vertices(void **state)
{
    static const double lengths[] = {300, 6, 3, 1.1, 0.3};

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (size_t t = 0; t < sizeof lengths / sizeof *lengths; t++) {
            struct sheet sheet = wavy(seed);
            struct wg_coverage *old = sheet_make(&sheet), *c = sheet_make(&sheet);
            struct sheet_bytes before = sheet_bytes(c);
            double longest = lengths[t];
            uint64_t changed = 0;
            struct wg_error err = {0};
            size_t n_before = arc_vertices(c);
            assert_int_equal(wg_coverage_densify(c, longest, 0, NULL, &changed, &err),
                             WG_OK);
            assert_int_equal(arc_vertices(c) - n_before, changed);
            assert_true((changed > 0) == (longest < 100));
            assert_true(sheet_proven(c));
            assert_same_neighbours(old, c);
            assert_int_equal(wg_coverage_arcs(c, NULL, is_short, &longest, &err), WG_OK);
            struct both both = {old, 0.001, false};
            assert_int_equal(wg_coverage_arcs(c, NULL, is_near, &both, &err), WG_OK);
            while (wg_coverage_undo(c))
                ;
            assert_true(sheet_same(c, before));
            wg_coverage_close(old);
            wg_coverage_close(c);
        }
}

/* A parent's boundary keeps its vertices, but for straight ones. */
static void parents_hold(void **state)
{
    struct sheet sheet = wavy(9);
    sheet.parents = true;
    sheet.islands = false;
    struct wg_coverage *c = sheet_make(&sheet);
    uint64_t changed = 0;
    struct wg_error err = {0};

    (void)state;
    assert_int_equal(wg_coverage_simplify(c, 20, 0, NULL, &changed, &err), WG_OK);
    assert_true(changed > 50);
    for (int j = 0; j < 4; j++)
        for (int t = 1; t <= 12; t++) {
            struct wg_point p = sheet_bend(&sheet, 2, j, true, t);
            struct wg_arc arc = {0};
            assert_int_equal(wg_coverage_arc(c, p.x, p.y, 0.002, &arc, &err), WG_OK);
            assert_true(arc.fixed);
            wg_arc_finish(&arc);
        }
    /* unless the parents follow */
    uint64_t more = 0;
    wg_coverage_parents_follow(c, true);
    assert_int_equal(wg_coverage_simplify(c, 20, 0, NULL, &more, &err), WG_OK);
    assert_true(more > 30);
    assert_true(sheet_proven(c));
    wg_coverage_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_vertices_go), cmocka_unit_test(only_of_some),
        cmocka_unit_test(within_tolerance),     cmocka_unit_test(more_vertices),
        cmocka_unit_test(parents_hold),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
