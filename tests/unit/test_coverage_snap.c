/* Snapping and tracing along boundaries. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coverage_sheet.h"
#include "survey_job.h"

static const struct sheet chess = {.cols = 3,
                                   .rows = 3,
                                   .x = 300000,
                                   .y = 3780000,
                                   .side = 100,
                                   .bends = 1,
                                   .flat = true};

static struct wg_point at(double x, double y)
{
    return (struct wg_point){300000 + x, 3780000 + y};
}

static void snaps(void **state)
{
    static const unsigned all = WG_SNAP_VERTEX | WG_SNAP_EDGE | WG_SNAP_MIDPOINT |
                                WG_SNAP_BUILDING | WG_SNAP_STREET;
    static const struct {
        double x, y, within;
        unsigned kinds, kind; /* 0: none */
        double to_x, to_y;
    } table[] = {
        {102, 101, 5, all, WG_SNAP_VERTEX, 100, 100},
        {102, 101, 0.9, all, 0, 0, 0},
        {102, 101, 1, WG_SNAP_EDGE, WG_SNAP_EDGE, 102, 100},
        {102, 101, 5, WG_SNAP_EDGE, WG_SNAP_EDGE, 102, 100},
        {126, 102, 5, all, WG_SNAP_MIDPOINT, 125, 100},
        {126, 102, 5, WG_SNAP_EDGE | WG_SNAP_VERTEX, WG_SNAP_EDGE, 126, 100},
        {140, 103, 5, all, WG_SNAP_EDGE, 140, 100},
        {140, 103, 12, all, WG_SNAP_VERTEX, 150, 100},
        {120, 120, 5, all, 0, 0, 0},
        {120, 120, 5, 0, 0, 0, 0},
        {-3, -4, 5, WG_SNAP_EDGE, WG_SNAP_EDGE, 0, 0},
        {150, 100, 0, all, WG_SNAP_VERTEX, 150, 100},
        {137.3, 100, 0, all, WG_SNAP_EDGE, 137.3, 100},
        {1e9, 0, 5, all, 0, 0, 0},
        {NAN, 0, 5, all, 0, 0, 0},
        {0, 0, NAN, all, 0, 0, 0},
        {1000, 0, INFINITY, all, WG_SNAP_VERTEX, 300, 0},
    };
    struct wg_coverage *c = sheet_make(&chess);

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_snapped got = {0};
        struct wg_point from = at(table[i].x, table[i].y);
        bool found =
            wg_coverage_snap(c, NULL, from, table[i].kinds, table[i].within, &got);
        if (found != (table[i].kind != 0) || (found && got.kind != table[i].kind))
            fail_msg("row %zu: kind %d", i, found ? (int)got.kind : 0);
        if (!found)
            continue;
        struct wg_point want = at(table[i].to_x, table[i].to_y);
        if (hypot(got.point.x - want.x, got.point.y - want.y) > 0.0008)
            fail_msg("row %zu: at %.6f,%.6f", i, got.point.x, got.point.y);
        assert_true(wg_lattice_snap(got.point.x) == got.point.x);
        assert_true(wg_lattice_snap(got.point.y) == got.point.y);
        assert_true(fabs(got.distance_m -
                         hypot(got.point.x - from.x, got.point.y - from.y)) < 1e-9);
    }
    wg_coverage_close(c);
}

/* A building of 10 × 8 m at (120, 120), a street from (110, 50) to (110, 150) and on to
 * (190, 150). */
static struct wg_survey *new_survey(void)
{
    struct wg_survey *survey = calloc(1, sizeof *survey);
    double x[] = {300120, 300130, 300130, 300120, 300120};
    double y[] = {3780120, 3780120, 3780128, 3780128, 3780120};
    double street_x[] = {300110, 300110, 300190};
    double street_y[] = {3780050, 3780150, 3780150};
    uint32_t part[] = {0, 1}, ring[] = {0, 5};
    struct wg_multipolygon mp = {1, 1, 5, part, ring, x, y};

    assert_non_null(survey);
    assert_int_equal(wg_survey_add_building(survey, 7, &mp, 1, 1, NULL), WG_OK);
    assert_int_equal(wg_survey_add_street(survey, 3, street_x, street_y, "lane", NULL),
                     WG_OK);
    assert_int_equal(wg_survey_seal(survey, NULL), WG_OK);
    return survey;
}

static void snaps_to_what_stands_there(void **state)
{
    static const struct {
        double x, y, within;
        unsigned kinds, kind;
        double to_x, to_y;
    } table[] = {
        {121, 121, 5, 31, WG_SNAP_BUILDING, 120, 120},
        {121, 121, 5, WG_SNAP_STREET, 0, 0, 0},
        {121, 121, 15, WG_SNAP_STREET, WG_SNAP_STREET, 110, 121},
        {111, 101, 5, 31, WG_SNAP_STREET, 110, 101},
        {111, 101, 5, WG_SNAP_EDGE, WG_SNAP_EDGE, 111, 100},
        {111, 101, 15, 31, WG_SNAP_VERTEX, 100, 100},
        {128, 127, 5, WG_SNAP_BUILDING | WG_SNAP_EDGE, WG_SNAP_BUILDING, 130, 128},
        {150, 146, 5, 31, WG_SNAP_STREET, 150, 150},
    };
    struct wg_coverage *c = sheet_make(&chess);
    struct wg_survey *survey = new_survey();

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_snapped got = {0};
        bool found = wg_coverage_snap(c, survey, at(table[i].x, table[i].y),
                                      table[i].kinds, table[i].within, &got);
        struct wg_point want = at(table[i].to_x, table[i].to_y);
        if (found != (table[i].kind != 0) ||
            (found && (got.kind != table[i].kind || got.point.x != want.x ||
                       got.point.y != want.y)))
            fail_msg("row %zu: kind %d at %.6f,%.6f", i, found ? (int)got.kind : 0,
                     got.point.x, got.point.y);
    }
    wg_survey_destroy(survey);
    wg_coverage_close(c);
}

/* Against all vertices, one by one. */
static bool nearest_of(const struct wg_arc *arc, void *user)
{
    double *best = user; /* x, y, distance */
    for (uint32_t i = 0; i < arc->line.n; i++) {
        double d = hypot(arc->line.x[i] - best[0], arc->line.y[i] - best[1]);
        if (d < best[2])
            best[2] = d;
    }
    return true;
}

static void snaps_to_the_nearest(void **state)
{
    struct sheet sheet = {.cols = 4,
                          .rows = 4,
                          .x = 300000,
                          .y = 3780000,
                          .side = 100,
                          .bends = 6,
                          .seed = 3,
                          .islands = true};
    struct wg_coverage *c = sheet_make(&sheet);
    struct random random = {99};
    unsigned found = 0;

    (void)state;
    for (int i = 0; i < 500; i++) {
        double x = sheet.x + random_real(&random, -50, 450);
        double y = sheet.y + random_real(&random, -50, 450);
        double within = random_real(&random, 0, 40), best[3] = {x, y, INFINITY};
        struct wg_snapped got;
        assert_int_equal(wg_coverage_arcs(c, NULL, nearest_of, best, NULL), WG_OK);
        bool is = wg_coverage_snap(c, NULL, (struct wg_point){x, y}, WG_SNAP_VERTEX,
                                   within, &got);
        assert_int_equal(is, best[2] <= within);
        if (is)
            assert_true(fabs(got.distance_m - best[2]) < 1e-9);
        found += is;
    }
    assert_true(found > 100 && found < 490);
    wg_coverage_close(c);
}

static double length_of(const struct wg_line *line)
{
    double sum = 0;
    for (uint32_t i = 0; i + 1 < line->n; i++)
        sum += hypot(line->x[i + 1] - line->x[i], line->y[i + 1] - line->y[i]);
    return sum;
}

static void traces(void **state)
{
    static const struct {
        double from_x, from_y, to_x, to_y, within;
        double length; /* 0: no way */
        uint32_t n;
    } table[] = {
        {100, 100, 200, 100, 0, 100, 3}, {100, 100, 200, 200, 0, 200, 5},
        {110, 100, 140, 100, 0, 30, 2},  {110, 100, 190, 100, 0, 80, 3},
        {110, 102, 190, 97, 5, 80, 3},   {0, 0, 300, 300, 0, 600, 13},
        {150, 100, 150, 100, 0, 0.0, 0}, {120, 120, 200, 100, 5, -1, 0},
        {100, 110, 200, 110, 0, 120, 5}, {110, 0, 110, 100, 0, 120, 5},
    };
    struct wg_coverage *c = sheet_make(&chess);

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_line line = {0};
        struct wg_error err = {0};
        enum wg_status status = wg_coverage_trace(
            c, NULL, at(table[i].from_x, table[i].from_y),
            at(table[i].to_x, table[i].to_y), table[i].within, &line, &err);
        if (table[i].length < 0) {
            assert_int_equal(status, WG_NOT_FOUND);
            continue;
        }
        if (status != WG_OK)
            fail_msg("row %zu: %s", i, err.text);
        if (fabs(length_of(&line) - table[i].length) > 0.001)
            fail_msg("row %zu: length %.6f", i, length_of(&line));
        if (table[i].n > 0 && line.n != table[i].n)
            fail_msg("row %zu: %u points", i, line.n);
        wg_line_finish(&line);
    }
    wg_coverage_close(c);
}

static void traces_along_streets(void **state)
{
    static const struct {
        double from_x, from_y, to_x, to_y, within, length;
    } table[] = {
        {110, 60, 180, 150, 0, 160}, /* along the street */
        {110, 60, 200, 100, 1, 130}, /* and on along the boundary it crosses */
        {110, 60, 200, 160, 1, 190}, /* and from its side to the next */
        {112, 60, 108, 140, 3, 80},
    };
    struct wg_coverage *c = sheet_make(&chess);
    struct wg_survey *survey = new_survey();

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_line line = {0};
        struct wg_error err = {0};
        if (wg_coverage_trace(c, survey, at(table[i].from_x, table[i].from_y),
                              at(table[i].to_x, table[i].to_y), table[i].within, &line,
                              &err) != WG_OK)
            fail_msg("row %zu: %s", i, err.text);
        if (fabs(length_of(&line) - table[i].length) > 0.001)
            fail_msg("row %zu: length %.6f", i, length_of(&line));
        wg_line_finish(&line);
    }
    wg_survey_destroy(survey);
    wg_coverage_close(c);
}

/* A street that ends on a boundary but for the lattice leads on to it. */
static void streets_end_on_boundaries(void **state)
{
    struct sheet sheet = chess;
    sheet.flat = false;
    sheet.bends = 0;
    sheet.seed = 11;
    struct wg_coverage *c = sheet_make(&sheet);
    struct random random = {5};

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct wg_survey *survey = calloc(1, sizeof *survey);
        struct wg_point a = sheet_node(&sheet, 1, 1), b = sheet_node(&sheet, 2, 1);
        double t = random_real(&random, 0.1, 0.9);
        double x[] = {a.x + t * (b.x - a.x), a.x + t * (b.x - a.x) + 3};
        double y[] = {a.y + t * (b.y - a.y), a.y + t * (b.y - a.y) + 40};
        struct wg_line line = {0};
        struct wg_error err = {0};
        assert_non_null(survey);
        assert_int_equal(wg_survey_add_street(survey, 2, x, y, "lane", NULL), WG_OK);
        assert_int_equal(wg_survey_seal(survey, NULL), WG_OK);
        if (wg_coverage_trace(c, survey, (struct wg_point){x[1], y[1]}, a, 0.01, &line,
                              &err) != WG_OK)
            fail_msg("%d: %s", i, err.text);
        double want = hypot(3, 40) + hypot(x[0] - a.x, y[0] - a.y);
        assert_true(fabs(length_of(&line) - want) < 0.01);
        wg_line_finish(&line);
        wg_survey_destroy(survey);
    }
    wg_coverage_close(c);
}

static void no_way(void **state)
{
    struct sheet sheet = chess;
    sheet.islands = true;
    struct wg_coverage *c = sheet_make(&sheet);
    struct wg_line line = {0};
    struct wg_error err = {0};

    (void)state;
    /* from the island in G000001 to its shell */
    assert_int_equal(wg_coverage_trace(c, NULL, at(62, 50), at(100, 50), 10, &line, &err),
                     WG_NOT_FOUND);
    assert_int_equal(wg_coverage_trace(c, NULL, at(62, 50), at(38, 50), 10, &line, &err),
                     WG_OK);
    assert_true(length_of(&line) > 20 && length_of(&line) < 50);
    wg_line_finish(&line);
    assert_int_equal(wg_coverage_trace(c, NULL, at(NAN, 50), at(0, 0), 10, &line, &err),
                     WG_OUT_OF_RANGE);
    assert_int_equal(wg_coverage_trace(c, NULL, at(0, 0), at(0, 0), NAN, &line, &err),
                     WG_INVALID);
    wg_coverage_close(c);
}

/* A way that was traced reshapes nothing: it lies on boundaries all along.  The other way
 * round it is as long, and no longer than by a third point. */
static void random_traces(void **state)
{
    struct sheet sheet = {.cols = 5,
                          .rows = 5,
                          .x = 300000,
                          .y = 3780000,
                          .side = 100,
                          .bends = 6,
                          .seed = 4};
    struct wg_coverage *c = sheet_make(&sheet);
    struct random random = {77};

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct wg_point p[3];
        double length[3];
        for (int k = 0; k < 3; k++)
            p[k] = sheet_node(&sheet, (int)random_between(&random, 0, 5),
                              (int)random_between(&random, 0, 5));
        for (int k = 0; k < 3; k++) {
            struct wg_line there = {0}, back = {0};
            struct wg_point a = p[k], b = p[(k + 1) % 3];
            assert_int_equal(wg_coverage_trace(c, NULL, a, b, 0, &there, NULL), WG_OK);
            assert_int_equal(wg_coverage_trace(c, NULL, b, a, 0, &back, NULL), WG_OK);
            length[k] = length_of(&there);
            assert_true(fabs(length[k] - length_of(&back)) < 1e-6);
            assert_true(there.x[0] == a.x && there.y[0] == a.y);
            assert_true(there.x[there.n - 1] == b.x && there.y[there.n - 1] == b.y);
            for (uint32_t v = 0; v < there.n; v++) {
                struct wg_arc arc = {0};
                assert_int_equal(
                    wg_coverage_arc(c, there.x[v], there.y[v], 0.001, &arc, NULL), WG_OK);
                wg_arc_finish(&arc);
            }
            wg_line_finish(&there);
            wg_line_finish(&back);
        }
        for (int k = 0; k < 3; k++)
            assert_true(length[k] <= length[(k + 1) % 3] + length[(k + 2) % 3] + 1e-6);
    }
    wg_coverage_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snaps),
        cmocka_unit_test(snaps_to_the_nearest),
        cmocka_unit_test(traces),
        cmocka_unit_test(no_way),
        cmocka_unit_test(traces_along_streets),
        cmocka_unit_test(streets_end_on_boundaries),
        cmocka_unit_test(snaps_to_what_stands_there),
        cmocka_unit_test(random_traces),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
