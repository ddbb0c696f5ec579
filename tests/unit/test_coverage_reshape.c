/* Reshaping: the boundary comes to run along the sketch, and nothing else changes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coverage_sheet.h"

/* A chessboard of 3 × 3 grids of 100 m; G000005 is the middle one. */
static const struct sheet chess = {.cols = 3,
                                   .rows = 3,
                                   .x = 300000,
                                   .y = 3780000,
                                   .side = 100,
                                   .bends = 1,
                                   .flat = true};

enum { MOST = 12 };

struct row {
    const char *what;
    double within;
    int64_t between[2];
    uint32_t n;
    double xy[MOST][2];
    enum wg_refusal_reason reason;
    bool proposes;
    struct {
        int64_t id;
        double area;
    } after[4]; /* id 0: no more */
};

static enum wg_status draw(struct wg_coverage *c, const struct row *row,
                           struct wg_error *err)
{
    double x[MOST], y[MOST];
    struct wg_reshape_options options = {row->within, {row->between[0], row->between[1]}};

    for (uint32_t i = 0; i < row->n; i++) {
        x[i] = 300000 + row->xy[i][0];
        y[i] = 3780000 + row->xy[i][1];
    }
    return wg_coverage_reshape(c, &(struct wg_line){row->n, x, y}, &options, err);
}

static enum wg_status draw_proposal(struct wg_coverage *c, const struct row *row,
                                    struct wg_error *err)
{
    const struct wg_line *p = &wg_coverage_refusal(c)->proposal;
    struct wg_reshape_options options = {row->within, {row->between[0], row->between[1]}};
    double x[64], y[64];

    assert_true(p->n >= 2 && p->n <= 64);
    memcpy(x, p->x, p->n * sizeof *x);
    memcpy(y, p->y, p->n * sizeof *y);
    return wg_coverage_reshape(c, &(struct wg_line){p->n, x, y}, &options, err);
}

static void check_row(const struct row *row)
{
    struct wg_coverage *c = sheet_make(&chess);
    struct sheet_bytes before = sheet_bytes(c);
    struct wg_error err = {0};
    enum wg_status status = draw(c, row, &err);
    const struct wg_refusal *refusal = wg_coverage_refusal(c);

    if (row->reason == WG_REFUSED_NOTHING) {
        if (status != WG_OK)
            fail_msg("%s: %s", row->what, err.text);
        for (int i = 0; i < 4 && row->after[i].id; i++) {
            double area = sheet_area_of(c, row->after[i].id);
            if (fabs(area - row->after[i].area) > 0.05)
                fail_msg("%s: %d has %.9f", row->what, (int)row->after[i].id, area);
        }
        assert_int_equal(wg_coverage_undo_count(c), 1);
        if (!sheet_proven(c))
            fail_msg("%s", row->what);
        assert_true(wg_coverage_undo(c));
    } else {
        if (status != WG_CONSTRAINT || refusal->reason != row->reason)
            fail_msg("%s: %s, %s: %s", row->what, wg_status_name(status),
                     wg_refusal_name(refusal->reason), err.text);
        if (row->proposes != (refusal->proposal.n > 0))
            fail_msg("%s: a proposal of %u points", row->what, refusal->proposal.n);
        assert_true(sheet_same(c, before));
        before = sheet_bytes(c);
        if (row->proposes) {
            if (draw_proposal(c, row, &err) != WG_OK)
                fail_msg("%s: its proposal is refused: %s", row->what, err.text);
            assert_true(sheet_proven(c));
            assert_true(wg_coverage_undo(c));
        }
    }
    if (!sheet_same(c, before))
        fail_msg("%s: not what it was", row->what);
    wg_coverage_close(c);
}

static void sketches(void **state)
{
    static const struct row table[] = {
        {"a bulge into the grid above",
         0,
         {0},
         4,
         {{120, 100}, {120, 120}, {180, 120}, {180, 100}},
         0,
         false,
         {{5, 10000 - 1200}, {2, 10000 + 1200}, {1, 10000}, {4, 10000}}},
        {"drawn the other way",
         0,
         {0},
         4,
         {{180, 100}, {180, 120}, {120, 120}, {120, 100}},
         0,
         false,
         {{5, 10000 - 1200}, {2, 10000 + 1200}}},
        {"node to node",
         0,
         {0},
         4,
         {{100, 100}, {120, 120}, {180, 120}, {200, 100}},
         0,
         false,
         {{5, 10000 - 1600}, {2, 10000 + 1600}}},
        {"node to node, most of the grid",
         0,
         {0},
         4,
         {{100, 100}, {110, 190}, {190, 190}, {200, 100}},
         0,
         false,
         {{5, 10000 - 8100}, {2, 10000 + 8100}}},
        {"over and under",
         0,
         {0},
         6,
         {{110, 100}, {110, 110}, {150, 110}, {150, 90}, {190, 90}, {190, 100}},
         0,
         false,
         {{5, 10000 - 400 + 400}, {2, 10000 + 400 - 400}}},
        {"ends near the boundary",
         5,
         {0},
         4,
         {{120, 103}, {120, 120}, {180, 120}, {180, 104}},
         0,
         false,
         {{5, 10000 - 1200}, {2, 10000 + 1200}}},
        {"ends beyond it",
         5,
         {0},
         4,
         {{120, 97}, {120, 120}, {180, 120}, {180, 96}},
         0,
         false,
         {{5, 10000 - 1200}, {2, 10000 + 1200}}},
        {"ends far beyond it",
         0,
         {0},
         4,
         {{120, 70}, {120, 120}, {180, 120}, {180, 60}},
         0,
         false,
         {{5, 10000 - 1200}, {2, 10000 + 1200}}},
        {"across three grids",
         0,
         {0},
         4,
         {{20, 100}, {20, 110}, {280, 110}, {280, 100}},
         0,
         false,
         {{5, 9000}, {2, 11000}, {4, 9200}, {1, 10800}}},
        {"from outside to outside",
         0,
         {0},
         2,
         {{0, 110}, {300, 110}},
         0,
         false,
         {{5, 9000}, {2, 11000}, {4, 9000}, {1, 11000}}},
        {"a corner, to the longer border",
         0,
         {0},
         2,
         {{110, 100}, {100, 140}},
         0,
         false,
         {{5, 9800}, {4, 10200}, {2, 10000}}},
        {"out of the coverage",
         0,
         {0},
         4,
         {{120, 0}, {120, -20}, {180, -20}, {180, 0}},
         0,
         false,
         {{2, 10000 + 1200}}},
        {"into it from outside",
         0,
         {0},
         4,
         {{120, 0}, {120, 20}, {180, 20}, {180, 0}},
         0,
         false,
         {{2, 10000 - 1200}}},
        {"a corner at the edge goes to the grid beside",
         0,
         {0},
         2,
         {{110, 0}, {100, 5}},
         0,
         false,
         {{2, 10000 - 25}, {1, 10000 + 25}}},
        {"the edge, across two",
         0,
         {0},
         4,
         {{50, 0}, {50, 20}, {150, 20}, {150, 0}},
         0,
         false,
         {{1, 9000}, {2, 9000}}},
        {"across three, between two",
         0,
         {2, 5},
         4,
         {{20, 100}, {20, 110}, {280, 110}, {280, 100}},
         0,
         false,
         {{5, 9000}, {2, 11000}, {4, 10000}, {1, 10000}}},
        {"between grids that are not neighbours",
         0,
         {1, 9},
         2,
         {{0, 110}, {300, 110}},
         WG_REFUSED_NOT_BESIDE,
         false,
         {{0}}},
        {"short of the boundary",
         1,
         {0},
         4,
         {{120, 106}, {120, 120}, {180, 120}, {180, 104}},
         WG_REFUSED_NO_EFFECT,
         true,
         {{0}}},
        {"crosses itself",
         0,
         {0},
         6,
         {{120, 100}, {120, 120}, {180, 120}, {180, 110}, {110, 110}, {110, 100}},
         WG_REFUSED_CROSSING,
         true,
         {{0}}},
        {"nothing but air",
         0,
         {0},
         2,
         {{120, 110}, {110, 150}},
         WG_REFUSED_NO_EFFECT,
         true,
         {{0}}},
        {"along the boundary",
         0,
         {0},
         2,
         {{110, 100}, {190, 100}},
         WG_REFUSED_NO_EFFECT,
         false,
         {{0}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_row(&table[i]);
}

static void bad_arguments(void **state)
{
    struct wg_coverage *c = sheet_make(&chess);
    struct wg_error err = {0};
    double x[] = {300100, 300100, NAN}, y[] = {3780100, 3780100, 3780100};
    struct wg_reshape_options options = {0};

    (void)state;
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){0, x, y}, NULL, &err),
                     WG_INVALID);
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){2, x, y}, NULL, &err),
                     WG_INVALID);
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){3, x, y}, NULL, &err),
                     WG_OUT_OF_RANGE);
    x[1] = 300150;
    options.within_m = NAN;
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){2, x, y}, &options, &err),
                     WG_INVALID);
    options.within_m = 0;
    options.between[0] = 1;
    options.between[1] = 77;
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){2, x, y}, &options, &err),
                     WG_NOT_FOUND);
    assert_int_equal(wg_coverage_undo_count(c), 0);
    wg_coverage_close(c);
}

/* The new boundary runs along the sketch: every point of it that is not at an end lies
 * within a step of a boundary between the two grids. */
static void runs_along_the_sketch(void **state)
{
    struct sheet sheet = {.cols = 3,
                          .rows = 3,
                          .x = 300000,
                          .y = 3780000,
                          .side = 100,
                          .bends = 5,
                          .seed = 5};
    struct wg_coverage *c = sheet_make(&sheet);
    double x[40], y[40];
    struct wg_error err = {0};
    struct wg_point a = sheet_node(&sheet, 1, 1), b = sheet_node(&sheet, 2, 1);

    (void)state;
    for (int i = 0; i < 40; i++) {
        x[i] = a.x + (b.x - a.x) * i / 39;
        y[i] =
            a.y + (b.y - a.y) * i / 39 + (i == 0 || i == 39 ? 0 : 15 + 4 * sin(i * 0.7));
    }
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){40, x, y}, NULL, &err),
                     WG_OK);
    const char *arguments = NULL;
    assert_string_equal(wg_coverage_step(c, 0, &arguments), "reshape");
    int points = 1;
    for (const char *p = arguments; *p; p++)
        points += *p == ' ';
    assert_int_equal(points, 40);
    for (int i = 1; i < 39; i++) {
        struct wg_arc arc = {0};
        assert_int_equal(wg_coverage_arc(c, x[i], y[i], 0.001, &arc, &err), WG_OK);
        assert_true((arc.left == 2 && arc.right == 5) ||
                    (arc.left == 5 && arc.right == 2));
        wg_arc_finish(&arc);
    }
    assert_true(sheet_proven(c));
    wg_coverage_close(c);
}

/* A gap in the middle, as nobody's area or as free area; the parts of the outside and of
 * a grid stay what they are when a sketch does not cut them. */
static void gaps_and_parts(void **state)
{
    (void)state;
    for (int limit = 0; limit < 2; limit++) {
        struct sheet sheet = chess;
        sheet.without = 5;
        sheet.limit = limit;
        struct wg_coverage *c = sheet_make(&sheet);
        struct wg_error err = {0};
        /* from the grid below into the gap */
        double x[] = {300120, 300120, 300180, 300180},
               y[] = {3780100, 3780120, 3780120, 3780100};
        assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){4, x, y}, NULL, &err),
                         WG_OK);
        assert_true(fabs(sheet_area_of(c, 2) - 11200) < 1e-6);
        assert_true(fabs(sheet_area(c) - 81200) < 1e-6);
        /* the outside of the whole: the gap stays one */
        double out_x[] = {300120, 300120, 300180, 300180},
               out_y[] = {3780000, 3779980, 3779980, 3780000};
        enum wg_status status =
            wg_coverage_reshape(c, &(struct wg_line){4, out_x, out_y}, NULL, &err);
        assert_int_equal(status, limit ? WG_CONSTRAINT : WG_OK);
        assert_true(fabs(sheet_area(c) - (limit ? 81200 : 82400)) < 1e-6);
        /* across the gap from side to side: the gap gives its smaller part */
        double in_x[] = {300100, 300200}, in_y[] = {3780180, 3780185};
        assert_int_equal(
            wg_coverage_reshape(c, &(struct wg_line){2, in_x, in_y}, NULL, &err), WG_OK);
        assert_true(fabs(sheet_area_of(c, 8) - (10000 + 1750)) < 0.1);
        assert_true(sheet_proven(c));
        /* one grid in two parts: its own part alone is cut */
        assert_int_equal(wg_coverage_move(c, (struct wg_point){300250, 3780100}, 0,
                                          (struct wg_point){300250, 3780000}, &err),
                         WG_OK);
        double six = sheet_area_of(c, 6), three = sheet_area_of(c, 3);
        double low_x[] = {300200, 300215}, low_y[] = {3780010, 3780070};
        status = wg_coverage_reshape(c, &(struct wg_line){2, low_x, low_y}, NULL, &err);
        if (status != WG_OK)
            fail_msg("%s", err.text);
        assert_true(fabs(sheet_area_of(c, 6) - six) < 1000);
        assert_true(fabs(sheet_area_of(c, 3) - three) < 1000);
        assert_true(sheet_proven(c));
        wg_coverage_close(c);
    }
}

/* A parent's boundary holds: what of the sketch does not touch it is proposed. */
static void parents_hold(void **state)
{
    struct sheet sheet = chess;
    sheet.cols = 4;
    sheet.parents = true;
    struct wg_coverage *c = sheet_make(&sheet);
    struct sheet_bytes before = sheet_bytes(c);
    struct wg_error err = {0};
    double x[] = {300120, 300120, 300210, 300210},
           y[] = {3780100, 3780120, 3780120, 3780180};
    double in_x[] = {300200, 300220, 300200}, in_y[] = {3780110, 3780150, 3780190};

    (void)state;
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){3, in_x, in_y}, NULL, &err),
                     WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_LIMIT);
    /* through a grid of the west, then a bulge into the east */
    double out_x[] = {300120, 300120, 300200, 300220, 300220, 300200};
    double out_y[] = {3780100, 3780120, 3780120, 3780120, 3780140, 3780140};
    assert_int_equal(
        wg_coverage_reshape(c, &(struct wg_line){6, out_x, out_y}, NULL, &err),
        WG_CONSTRAINT);
    const struct wg_refusal *refusal = wg_coverage_refusal(c);
    assert_int_equal(refusal->reason, WG_REFUSED_LIMIT);
    assert_int_equal(refusal->proposal.n, 3);
    assert_true(refusal->proposal.x[2] == 300200 && refusal->proposal.y[2] == 3780120);
    assert_true(sheet_same(c, before));
    /* a tail that hangs into the east changes nothing there */
    assert_int_equal(wg_coverage_reshape(c, &(struct wg_line){4, x, y}, NULL, &err),
                     WG_OK);
    assert_true(sheet_area_of(c, 6) == 10000 - 80 * 20);
    assert_true(sheet_proven(c));
    wg_coverage_close(c);
}

/* ---- random sketches ---- */

static uint32_t random_sketch(struct random *random, const struct sheet *s, double *x,
                              double *y)
{
    uint32_t n = (uint32_t)random_between(random, 2, 8);
    double step = s->side * random_real(random, 0.05, 0.8);
    double heading = random_real(random, 0, 6.283185307179586);

    x[0] = s->x + random_real(random, -0.1, s->cols + 0.1) * s->side;
    y[0] = s->y + random_real(random, -0.1, s->rows + 0.1) * s->side;
    for (uint32_t i = 1; i < n; i++) {
        heading += random_real(random, -1.2, 1.2);
        x[i] = x[i - 1] + step * cos(heading);
        y[i] = y[i - 1] + step * sin(heading);
    }
    return n;
}

static void random_sketches(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct sheet sheet = {.cols = 4,
                              .rows = 3,
                              .x = 300000,
                              .y = 3780000,
                              .side = 80,
                              .bends = 3,
                              .seed = seed,
                              .flat = seed % 4 == 0,
                              .limit = seed % 8 == 0,
                              .islands = seed % 2 == 1,
                              .parents = seed % 5 == 0};
        struct random random = {seed * 7777777};
        struct wg_coverage *c = sheet_make(&sheet);
        struct sheet_bytes first = sheet_bytes(c);
        unsigned done = 0, proposed = 0;
        for (int i = 0; i < 200; i++) {
            double x[64], y[64];
            struct wg_line line = {random_sketch(&random, &sheet, x, y), x, y};
            struct wg_reshape_options options = {
                .within_m = sheet.side * random_real(&random, 0, 0.4)};
            struct sheet_bytes before = sheet_bytes(c);
            struct wg_error err = {0};
            enum wg_status status = wg_coverage_reshape(c, &line, &options, &err);
            if (status == WG_OK) {
                done++;
                wg_free(before.bytes);
            } else {
                const struct wg_line *p = &wg_coverage_refusal(c)->proposal;
                if (status != WG_CONSTRAINT)
                    fail_msg("seed %d, %d: %s", (int)seed, i, err.text);
                assert_true(sheet_same(c, before));
                if (p->n > 0 && p->n <= 64) {
                    memcpy(x, p->x, p->n * sizeof *x);
                    memcpy(y, p->y, p->n * sizeof *y);
                    line.n = p->n;
                    if (wg_coverage_reshape(c, &line, &options, &err) != WG_OK)
                        fail_msg("seed %d, %d: proposal: %s", (int)seed, i, err.text);
                    proposed++;
                }
            }
            if (!sheet_proven(c))
                fail_msg("seed %d, sketch %d", (int)seed, i);
        }
        fprintf(stderr, "# seed %d: %u done, %u proposals\n", (int)seed, done, proposed);
        assert_true(done > 30 && proposed > 5);
        while (wg_coverage_undo(c))
            ;
        assert_true(sheet_same(c, first));
        wg_coverage_close(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sketches),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(runs_along_the_sketch),
        cmocka_unit_test(parents_hold),
        cmocka_unit_test(gaps_and_parts),
        cmocka_unit_test(random_sketches),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
