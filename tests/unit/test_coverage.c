/* The kernel of a coverage: building, asking, taking and putting segments, undo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* after the above */
#include <cmocka.h>

#include "coverage_job.h"
#include "wangge/coverage.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

struct given {
    const char *code, *wkt;
    int64_t parent;
};

static struct wg_coverage *build_as(size_t n, const struct given *given,
                                    const char *limit, enum wg_status expected,
                                    struct wg_error *err)
{
    struct wg_coverage_grid grid[16] = {{0}};
    struct wg_coverage *c = NULL;
    struct wg_multipolygon outer = {0};
    struct wg_coverage_options options = {.limit = limit ? &outer : NULL};
    if (limit)
        assert_int_equal(wg_shape_from_wkt(NULL, limit, &outer, err), WG_OK);
    for (size_t i = 0; i < n; i++) {
        grid[i] = (struct wg_coverage_grid){.id = (int64_t)i + 1,
                                            .code = given[i].code,
                                            .level = 5,
                                            .parent = given[i].parent};
        assert_int_equal(wg_shape_from_wkt(NULL, given[i].wkt, &grid[i].geometry, err),
                         WG_OK);
    }
    assert_int_equal(wg_coverage_build(n, grid, &options, &c, err), expected);
    for (size_t i = 0; i < n; i++)
        wg_multipolygon_finish(&grid[i].geometry);
    wg_multipolygon_finish(&outer);
    return c;
}

static struct wg_coverage *build(size_t n, const struct given *given)
{
    struct wg_error err = {0};
    struct wg_coverage *c = build_as(n, given, NULL, WG_OK, &err);
    assert_int_equal(wg_coverage_prove(c, &err), WG_OK);
    return c;
}

static const struct given board[] = {
    {"01", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", 0},
    {"02", "POLYGON((10 0,20 0,20 10,10 10,10 0))", 0},
    {"03", "POLYGON((0 10,10 10,20 10,20 20,0 20,0 10))", 0},
    {"04", "POLYGON((4 4,6 4,6 6,4 6,4 4))", 0},
};

static double area_of(const struct wg_coverage *c, int64_t id)
{
    struct wg_coverage_face face;
    assert_int_equal(wg_coverage_face(c, id, &face, NULL), WG_OK);
    return face.area_m2;
}

static void a_board_is_built(void **state)
{
    (void)state;
    struct wg_coverage *c = build(4, board);
    const char *wkt = "POLYGON((0 10,10 10,20 10,20 20,0 20,0 10))";
    struct wg_multipolygon mp, same;
    assert_int_equal(wg_coverage_count(c), 4);
    assert_true(area_of(c, 1) == 96 && area_of(c, 2) == 100 && area_of(c, 3) == 200 &&
                area_of(c, 4) == 4);
    assert_int_equal(wg_coverage_at(c, 5, 5), 4);
    assert_int_equal(wg_coverage_at(c, 4, 5), 1); /* lowest code on a boundary */
    assert_int_equal(wg_coverage_at(c, 3.9, 5), 1);
    assert_int_equal(wg_coverage_at(c, 10, 5), 1);
    assert_int_equal(wg_coverage_at(c, 10, 10), 1);
    assert_int_equal(wg_coverage_at(c, 15, 15), 3);
    assert_int_equal(wg_coverage_at(c, 25, 15), 0);
    assert_int_equal(wg_coverage_at(c, 20, 15), 3);
    assert_int_equal(wg_coverage_polygon(c, 3, &mp, NULL), WG_OK);
    assert_int_equal(wg_shape_from_wkt(NULL, wkt, &same, NULL), WG_OK);
    assert_int_equal(mp.n_vertex, same.n_vertex);
    assert_memory_equal(mp.x, same.x, mp.n_vertex * sizeof *mp.x);
    assert_memory_equal(mp.y, same.y, mp.n_vertex * sizeof *mp.y);
    wg_multipolygon_finish(&mp);
    wg_multipolygon_finish(&same);
    wg_coverage_close(c);
}

static bool count_arc(const struct wg_arc *arc, void *user)
{
    int *n = user;
    n[0]++;
    n[1] += arc->closed;
    return true;
}

static void arcs_run_from_node_to_node(void **state)
{
    (void)state;
    struct wg_coverage *c = build(4, board);
    struct wg_arc arc;
    int n[2] = {0, 0};
    assert_int_equal(wg_coverage_arcs(c, NULL, count_arc, n, NULL), WG_OK);
    assert_int_equal(n[0], 7); /* 3 outer, 01|02, 01|03, 02|03, the island */
    assert_int_equal(n[1], 1);
    assert_int_equal(wg_coverage_arc(c, 10.5, 3, 1, &arc, NULL), WG_OK);
    assert_int_equal(arc.line.n, 2);
    assert_int_equal(arc.left + arc.right, 3);
    wg_arc_finish(&arc);
    assert_int_equal(wg_coverage_arc(c, 12, 3, 1, &arc, NULL), WG_NOT_FOUND);
    wg_coverage_close(c);
}

static uint32_t vertex_at(struct wg_coverage *c, double x, double y)
{
    struct wg_spot spot;
    assert_int_equal(wg_coverage_place(c, (struct wg_point){x, y}, &spot, NULL), WG_OK);
    return wg_coverage_vertex_at(c, spot);
}

/* A move by hand: every segment of the vertex goes to the new place. */
static enum wg_status move(struct wg_coverage *c, double x, double y, double to_x,
                           double to_y, struct wg_error *err)
{
    uint32_t around[8], v = vertex_at(c, x, y);
    struct wg_spot to;
    assert_int_equal(wg_coverage_place(c, (struct wg_point){to_x, to_y}, &to, NULL),
                     WG_OK);
    assert_int_not_equal(v, WG_NONE);
    uint32_t n = wg_coverage_around(c, v, 8, around);
    wg_edit_begin(c, "move", "%g,%g", x, y);
    for (uint32_t i = 0; i < n; i++) {
        struct wg_segment s = *wg_coverage_segment(c, around[i]);
        struct wg_spot a = s.a == v ? to : wg_coverage_spot(c, s.a);
        struct wg_spot b = s.b == v ? to : wg_coverage_spot(c, s.b);
        wg_edit_take(c, around[i]);
        wg_edit_put(c, a, b, s.left, s.right);
    }
    return wg_edit_end(c, err);
}

static void moves_are_checked(void **state)
{
    (void)state;
    static const struct {
        double x, y, to_x, to_y;
        enum wg_refusal_reason reason;
    } cases[] = {
        {10, 10, 11, 12, WG_REFUSED_NOTHING},
        {10, 10, 10, -1, WG_REFUSED_CROSSING},
        {10, 10, 5, 5, WG_REFUSED_CROSSING}, /* onto the island's middle */
        {10, 10, 4, 6, WG_REFUSED_CROSSING}, /* onto its corner */
        {0, 0, 9.5, 9.5, WG_REFUSED_ISLAND},
        {0, 0, 30, 30, WG_REFUSED_CROSSING},
        {6, 4, 8, 2, WG_REFUSED_NOTHING},
        {6, 4, 2, 7, WG_REFUSED_COLLAPSE}, /* the island inside out */
        {6, 4, 30, 5, WG_REFUSED_CROSSING},
        {20, 10, 20, 10, WG_REFUSED_NO_EFFECT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_coverage *c = build(4, board);
        struct wg_error err = {0};
        void *before, *after;
        size_t n_before, n_after;
        assert_int_equal(wg_coverage_bytes(c, &before, &n_before, NULL), WG_OK);
        enum wg_status status =
            move(c, cases[i].x, cases[i].y, cases[i].to_x, cases[i].to_y, &err);
        assert_int_equal(wg_coverage_refusal(c)->reason, cases[i].reason);
        assert_int_equal(status, cases[i].reason ? WG_CONSTRAINT : WG_OK);
        assert_int_equal(wg_coverage_undo_count(c), status == WG_OK);
        assert_int_equal(wg_coverage_prove(c, &err), WG_OK);
        if (status == WG_OK)
            assert_true(wg_coverage_undo(c));
        assert_int_equal(wg_coverage_bytes(c, &after, &n_after, NULL), WG_OK);
        assert_int_equal(n_before, n_after);
        assert_memory_equal(before, after, n_before);
        wg_free(before);
        wg_free(after);
        wg_coverage_close(c);
    }
}

/* A small island and a triangle around which a boundary could jump without a crossing. */
static void islands_are_not_jumped_over(void **state)
{
    (void)state;
    static const struct given given[] = {
        {"01",
         "POLYGON((0 0,100 0,100 100,0 100,0 0),(10 10,10 20,20 10,10 10),"
         "(30 30,30 32,32 30,30 30))",
         0},
        {"02", "POLYGON((10 10,20 10,10 20,10 10))", 0},
        {"03", "POLYGON((30 30,32 30,30 32,30 30))", 0},
    };
    struct wg_coverage *c = build(3, given);
    assert_int_equal(move(c, 20, 10, 90, 11, NULL), WG_OK);
    assert_int_equal(move(c, 10, 20, 11, 90, NULL), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_ISLAND);
    assert_int_equal(wg_coverage_prove(c, NULL), WG_OK);
    wg_coverage_close(c);
}

static void overlaps_are_refused_with_the_place(void **state)
{
    (void)state;
    static const struct given given[] = {
        {"a", "POLYGON((0 0,10 0,10 10,0 10,0 0))", 0},
        {"b", "POLYGON((9 0,20 0,20 10,9 10,9 0))", 0},
    };
    static const struct given bow[] = {{"a", "POLYGON((0 0,10 10,10 0,0 10,0 0))", 0}};
    struct wg_error err = {0};
    assert_null(build_as(2, given, NULL, WG_CONSTRAINT, &err));
    assert_true(err.x > 9 && err.x < 10 && err.y > 0 && err.y < 10);
    assert_non_null(strstr(err.text, "10.00"));
    assert_null(build_as(1, bow, NULL, WG_GEOMETRY, &err));
}

static void every_grid_has_a_number_of_its_own(void **state)
{
    (void)state;
    static const int64_t bad[][2] = {{7, 7}, {0, 1}, {-1, 1}};
    double x[] = {0, 1, 1, 0, 2, 3, 3, 2}, y[] = {0, 0, 1, 0, 0, 0, 1, 0};
    uint32_t part[] = {0, 1}, ring[] = {0, 4};
    for (size_t i = 0; i < 3; i++) {
        struct wg_coverage *c = NULL;
        struct wg_error err = {0};
        struct wg_coverage_grid grid[2] = {
            {.id = bad[i][0], .code = "a", .geometry = {1, 1, 4, part, ring, x, y}},
            {.id = bad[i][1],
             .code = "b",
             .geometry = {1, 1, 4, part, ring, x + 4, y + 4}},
        };
        assert_int_equal(wg_coverage_build(2, grid, NULL, &c, &err), WG_INVALID);
        assert_null(c);
    }
}

static void limits_hold(void **state)
{
    (void)state;
    static const struct given given[] = {
        {"a", "POLYGON((0 0,10 0,10 10,0 10,0 0))", 7},
        {"b", "POLYGON((10 0,20 0,20 10,10 10,10 0))", 8},
    };
    struct wg_error err = {0};
    struct wg_coverage *c = build(2, given);
    assert_int_equal(move(c, 10, 0, 10.5, 0, &err), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_LIMIT);
    assert_int_equal(move(c, 0, 0, 1, 0, &err), WG_CONSTRAINT);
    wg_coverage_parents_follow(c, true);
    assert_int_equal(move(c, 10, 0, 10.5, 0, &err), WG_OK);
    wg_coverage_close(c);
    c = build_as(1, given, "POLYGON((0 0,30 0,30 10,0 10,0 0))", WG_OK, &err);
    assert_int_equal(move(c, 0, 0, 1, 0, &err), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_at(c, 25, 5), 0);
    wg_coverage_close(c);
    assert_null(
        build_as(1, given, "POLYGON((0 0,9 0,9 10,0 10,0 0))", WG_CONSTRAINT, &err));
}

static void deltas_come_back(void **state)
{
    (void)state;
    struct wg_coverage *c = build(4, board), *other = build(4, board), *copy;
    struct wg_delta d, same, back;
    void *bytes, *one, *two;
    size_t n, n_one, n_two;
    assert_int_equal(move(c, 10, 10, 11, 12, NULL), WG_OK);
    assert_int_equal(move(c, 6, 4, 8, 2, NULL), WG_OK);
    assert_int_equal(wg_coverage_delta(c, &d, NULL), WG_OK);
    assert_int_equal(wg_delta_write(&d, &bytes, &n, NULL), WG_OK);
    assert_int_equal(wg_delta_read(bytes, n, &same, NULL), WG_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(wg_delta_read(bytes, i, &back, NULL), WG_FORMAT);
    assert_int_equal(wg_coverage_apply(other, &same, "again", "", NULL), WG_OK);
    assert_int_equal(wg_coverage_copy(other, &copy, NULL), WG_OK);
    assert_int_equal(wg_coverage_prove(copy, NULL), WG_OK);
    assert_int_equal(wg_coverage_bytes(c, &one, &n_one, NULL), WG_OK);
    assert_int_equal(wg_coverage_bytes(copy, &two, &n_two, NULL), WG_OK);
    assert_int_equal(n_one, n_two);
    assert_memory_equal(one, two, n_one);
    assert_int_equal(wg_delta_invert(&same, &back, NULL), WG_OK);
    assert_int_equal(wg_coverage_apply(copy, &same, "twice", "", NULL), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_apply(copy, &back, "back", "", NULL), WG_OK);
    wg_delta_finish(&d);
    assert_int_equal(wg_coverage_delta(copy, &d, NULL), WG_OK);
    assert_true(d.n_take == 0 && d.n_put == 0);
    wg_delta_finish(&d);
    wg_delta_finish(&same);
    wg_delta_finish(&back);
    wg_free(bytes);
    wg_free(one);
    wg_free(two);
    wg_coverage_close(c);
    wg_coverage_close(other);
    wg_coverage_close(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_is_built),
        cmocka_unit_test(arcs_run_from_node_to_node),
        cmocka_unit_test(moves_are_checked),
        cmocka_unit_test(islands_are_not_jumped_over),
        cmocka_unit_test(overlaps_are_refused_with_the_place),
        cmocka_unit_test(every_grid_has_a_number_of_its_own),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(deltas_come_back),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
