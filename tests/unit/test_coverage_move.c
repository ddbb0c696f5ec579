/* Edits of vertices and arcs: what each does, what is refused, and random runs of them.
 */
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

static struct wg_point at(double x, double y)
{
    return (struct wg_point){300000 + x, 3780000 + y};
}

enum op { MOVE, INSERT, DELETE };

struct row {
    const char *what;
    enum op op;
    double x, y, within, to_x, to_y;
    enum wg_refusal_reason reason; /* NOTHING: accepted */
    int64_t grid;                  /* whose area is looked at after */
    double area;                   /* of it */
    bool proposes;
};

static enum wg_status do_row(struct wg_coverage *c, const struct row *row,
                             struct wg_error *err)
{
    switch (row->op) {
    case MOVE:
        return wg_coverage_move(c, at(row->x, row->y), row->within,
                                at(row->to_x, row->to_y), err);
    case INSERT:
        return wg_coverage_insert(c, at(row->x, row->y), row->within,
                                  at(row->to_x, row->to_y), err);
    default:
        return wg_coverage_delete(c, at(row->x, row->y), row->within, err);
    }
}

/* A row again with its proposal in place of what was asked. */
static struct row as_proposed(struct row row, const struct wg_refusal *refusal)
{
    double x = refusal->proposal.x[0] - 300000, y = refusal->proposal.y[0] - 3780000;

    if (refusal->reason == WG_REFUSED_NO_SUCH) {
        row.x = x;
        row.y = y;
    } else {
        row.to_x = x;
        row.to_y = y;
    }
    return row;
}

static void check_row(const struct row *row)
{
    struct wg_coverage *c = sheet_make(&chess);
    struct sheet_bytes before = sheet_bytes(c);
    struct wg_error err = {0};
    enum wg_status status = do_row(c, row, &err);
    const struct wg_refusal *refusal = wg_coverage_refusal(c);

    if (row->reason == WG_REFUSED_NOTHING) {
        if (status != WG_OK)
            fail_msg("%s: %s", row->what, err.text);
        if (fabs(sheet_area_of(c, row->grid) - row->area) > 1e-6)
            fail_msg("%s: area %.9f", row->what, sheet_area_of(c, row->grid));
        assert_int_equal(wg_coverage_undo_count(c), 1);
        assert_true(sheet_proven(c));
        assert_true(wg_coverage_undo(c));
    } else {
        if (status != WG_CONSTRAINT || refusal->reason != row->reason)
            fail_msg("%s: %s, %s: %s", row->what, wg_status_name(status),
                     wg_refusal_name(refusal->reason), err.text);
        assert_true(strlen(err.text) > 10);
        assert_int_equal(wg_coverage_undo_count(c), 0);
        if (row->proposes != (refusal->proposal.n > 0))
            fail_msg("%s: a proposal of %u points", row->what, refusal->proposal.n);
        if (row->proposes) {
            struct row again = as_proposed(*row, refusal);
            assert_true(sheet_same(c, before));
            before = sheet_bytes(c);
            if (do_row(c, &again, &err) != WG_OK)
                fail_msg("%s: its proposal %.9g,%.9g is refused: %s", row->what,
                         again.to_x, again.to_y, err.text);
            assert_true(sheet_proven(c));
            assert_true(wg_coverage_undo(c));
        }
    }
    if (!sheet_same(c, before))
        fail_msg("%s: not what it was", row->what);
    wg_coverage_close(c);
}

static void single_edits(void **state)
{
    static const struct row table[] = {
        {"a vertex between two", MOVE, 150, 100, 0, 150, 110, 0, 5, 9500, 0},
        {"near it is enough", MOVE, 153, 104, 6, 150, 110, 0, 5, 9500, 0},
        {"too far from it", MOVE, 153, 104, 4, 150, 110, WG_REFUSED_NO_SUCH, 0, 0, true},
        {"a node moves for all", MOVE, 100, 100, 0, 110, 110, 0, 5, 9500, 0},
        {"the outer boundary", MOVE, 150, 0, 0, 150, -10, 0, 2, 10500, 0},
        {"over the next boundary", MOVE, 150, 100, 0, 150, 250, WG_REFUSED_CROSSING, 0, 0,
         true},
        {"onto the next node", MOVE, 150, 100, 0, 200, 100, 0, 5, 10000, 0},
        {"onto a vertex across", MOVE, 150, 100, 0, 150, 200, 0, 5, 5000, 0},
        {"onto a boundary across", MOVE, 150, 100, 0, 170, 200, 0, 5, 5000, 0},
        {"where it is", MOVE, 150, 100, 0, 150, 100, WG_REFUSED_NO_EFFECT, 0, 0, false},
        {"a new vertex", INSERT, 120, 100, 0, 125, 90, 0, 5, 10250, 0},
        {"a new vertex on the line", INSERT, 120, 100, 0, 120, 100, 0, 5, 10000, 0},
        {"in no boundary", INSERT, 130, 115, 5, 125, 90, WG_REFUSED_NO_SUCH, 0, 0, true},
        {"where one is", INSERT, 120, 100, 0, 150, 100, WG_REFUSED_NO_EFFECT, 0, 0,
         false},
        {"beyond a boundary", INSERT, 120, 100, 0, 120, 250, WG_REFUSED_CROSSING, 0, 0,
         true},
        {"delete a straight vertex", DELETE, 150, 100, 0, 0, 0, 0, 5, 10000, 0},
        {"delete a corner of all", DELETE, 0, 0, 0, 0, 0, 0, 1, 10000 - 1250, 0},
        {"delete a node", DELETE, 100, 100, 0, 0, 0, WG_REFUSED_NODE, 0, 0, false},
        {"delete nothing", DELETE, 140, 120, 0, 0, 0, WG_REFUSED_NO_SUCH, 0, 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_row(&table[i]);
}

static void bad_arguments(void **state)
{
    struct wg_coverage *c = sheet_make(&chess);
    struct wg_error err = {0};

    (void)state;
    assert_int_equal(wg_coverage_move(c, at(0, 0), NAN, at(1, 1), &err), WG_INVALID);
    assert_int_equal(wg_coverage_move(c, at(0, 0), -1, at(1, 1), &err), WG_INVALID);
    assert_int_equal(wg_coverage_move(c, at(NAN, 0), 0, at(1, 1), &err), WG_OUT_OF_RANGE);
    assert_int_equal(wg_coverage_move(c, at(0, 0), 0, at(1e9, 1), &err), WG_OUT_OF_RANGE);
    assert_int_equal(wg_coverage_insert(c, at(0, 0), 0, at(INFINITY, 1), &err),
                     WG_OUT_OF_RANGE);
    assert_int_equal(wg_coverage_delete(c, at(0, 0), INFINITY, &err), WG_INVALID);
    assert_int_equal(wg_coverage_move_arc(c, at(50, 0), 0, NAN, 0, false, &err),
                     WG_OUT_OF_RANGE);
    assert_int_equal(wg_coverage_move_arc(c, at(50, 0), 0, 1e300, 0, false, &err),
                     WG_OUT_OF_RANGE);
    assert_int_equal(wg_coverage_undo_count(c), 0);
    wg_coverage_close(c);
}

static void words_name_grids(void **state)
{
    struct wg_coverage *c = sheet_make(&chess);
    struct wg_error err = {0};

    (void)state;
    assert_int_equal(wg_coverage_delete(c, at(100, 100), 0, &err), WG_CONSTRAINT);
    assert_non_null(strstr(err.text, "G000001"));
    assert_non_null(strstr(err.text, "G000002"));
    assert_non_null(strstr(err.text, "G000004"));
    assert_non_null(strstr(err.text, "G000005"));
    const struct wg_refusal *refusal = wg_coverage_refusal(c);
    assert_true(refusal->x == 300100 && refusal->y == 3780100);
    assert_string_equal(wg_refusal_name(refusal->reason), "node");

    assert_int_equal(wg_coverage_move(c, at(150, 100), 0, at(150, 250), &err),
                     WG_CONSTRAINT);
    refusal = wg_coverage_refusal(c);
    assert_int_equal(refusal->crossed.n, 2);
    assert_true(refusal->proposal.n == 1);
    wg_coverage_close(c);
}

/* ---- arcs ---- */

static void arcs(void **state)
{
    static const struct {
        const char *what;
        double x, y, dx, dy;
        bool ends;
        enum wg_refusal_reason reason;
        int64_t grid;
        double area;
        bool proposes;
    } table[] = {
        {"along its neighbours", 150, 100, 0, 10, false, 0, 5, 9000, 0},
        {"beyond their vertices", 150, 100, 0, 60, false, 0, 5, 4000, 0},
        {"down", 150, 100, 0, -60, false, 0, 5, 16000, 0},
        {"aslant: cut off there", 150, 100, 10, 10, false, 0, 5, 9050, 0},
        {"with its ends", 150, 100, 0, 10, true, 0, 5, 9000, 0},
        {"with its ends, aslant", 150, 100, 5, 10, true, 0, 5, 9000, 0},
        {"over the grid", 150, 100, 0, 110, false, WG_REFUSED_CROSSING, 0, 0, true},
        {"with its ends over the grid", 150, 100, 0, 110, true, WG_REFUSED_CROSSING, 0, 0,
         true},
        {"an outer one, out", 150, 0, 0, -10, false, 0, 2, 11000, 0},
        {"an outer one, in", 150, 0, 0, 10, false, 0, 2, 9000, 0},
        {"less than a step", 150, 100, 0, 0.0001, false, WG_REFUSED_NO_EFFECT, 0, 0,
         false},
        {"along itself", 150, 100, 10, 0, false, WG_REFUSED_NO_EFFECT, 0, 0, false},
        {"not there", 150, 150, 10, 0, false, WG_REFUSED_NO_SUCH, 0, 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_coverage *c = sheet_make(&chess);
        struct sheet_bytes before = sheet_bytes(c);
        struct wg_error err = {0};
        struct wg_point by = at(table[i].x, table[i].y);
        enum wg_status status =
            wg_coverage_move_arc(c, by, 1, table[i].dx, table[i].dy, table[i].ends, &err);
        const struct wg_refusal *refusal = wg_coverage_refusal(c);
        if (table[i].reason == WG_REFUSED_NOTHING) {
            if (status != WG_OK)
                fail_msg("%s: %s", table[i].what, err.text);
            double area = sheet_area_of(c, table[i].grid);
            if (fabs(area - table[i].area) > 1e-6)
                fail_msg("%s: area %.9f", table[i].what, area);
            assert_true(sheet_proven(c));
            assert_true(wg_coverage_undo(c));
        } else if (status != WG_CONSTRAINT || refusal->reason != table[i].reason) {
            fail_msg("%s: %s, %s: %s", table[i].what, wg_status_name(status),
                     wg_refusal_name(refusal->reason), err.text);
        } else if (table[i].proposes != (refusal->proposal.n > 0)) {
            fail_msg("%s: a proposal of %u", table[i].what, refusal->proposal.n);
        } else if (refusal->proposal.n == 2) {
            double dx = refusal->proposal.x[1] - refusal->proposal.x[0];
            double dy = refusal->proposal.y[1] - refusal->proposal.y[0];
            status = wg_coverage_move_arc(c, by, 1, dx, dy, table[i].ends, &err);
            if (status != WG_OK)
                fail_msg("%s: the proposal %g,%g: %s", table[i].what, dx, dy, err.text);
            assert_true(sheet_proven(c));
            assert_true(wg_coverage_undo(c));
        }
        if (!sheet_same(c, before))
            fail_msg("%s: not what it was", table[i].what);
        wg_coverage_close(c);
    }
}

static void a_ring_moves(void **state)
{
    const struct sheet sheet = {.cols = 2,
                                .rows = 2,
                                .x = 300000,
                                .y = 3780000,
                                .side = 100,
                                .bends = 1,
                                .flat = true,
                                .islands = true};
    struct wg_coverage *c = sheet_make(&sheet);
    struct sheet_bytes before = sheet_bytes(c);
    struct wg_error err = {0};
    double island = sheet_area_of(c, 100001), host = sheet_area_of(c, 1);

    (void)state;
    assert_int_equal(wg_coverage_move_arc(c, at(62, 50), 5, 10, 5, false, &err), WG_OK);
    assert_true(sheet_area_of(c, 100001) == island && sheet_area_of(c, 1) == host);
    assert_true(sheet_proven(c));
    /* into the next grid, or across: refused, with a way that is not */
    assert_int_equal(wg_coverage_move_arc(c, at(72, 55), 5, 100, 0, false, &err),
                     WG_CONSTRAINT);
    const struct wg_refusal *refusal = wg_coverage_refusal(c);
    assert_int_equal(refusal->proposal.n, 2);
    double dx = refusal->proposal.x[1] - refusal->proposal.x[0];
    assert_true(dx > 28 && dx < 29);
    assert_int_equal(wg_coverage_move_arc(c, at(72, 55), 5, dx, 0, false, &err), WG_OK);
    assert_true(sheet_proven(c));
    assert_true(wg_coverage_undo(c) && wg_coverage_undo(c));
    assert_true(sheet_same(c, before));
    wg_coverage_close(c);
}

/* ---- fixed boundaries ---- */

static void parents_hold(void **state)
{
    struct sheet sheet = chess;
    sheet.cols = 4;
    sheet.parents = true;
    struct wg_coverage *c = sheet_make(&sheet);
    struct wg_error err = {0};

    (void)state;
    assert_int_equal(wg_coverage_move(c, at(200, 150), 0, at(210, 150), &err),
                     WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_LIMIT);
    assert_int_equal(wg_coverage_move_arc(c, at(200, 150), 0, 10, 0, false, &err),
                     WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_LIMIT);
    assert_int_equal(wg_coverage_insert(c, at(200, 120), 0, at(205, 120), &err),
                     WG_CONSTRAINT);
    assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_LIMIT);
    assert_int_equal(wg_coverage_insert(c, at(200, 120), 0, at(200, 120), &err), WG_OK);
    wg_coverage_parents_follow(c, true);
    assert_int_equal(wg_coverage_move(c, at(200, 150), 0, at(210, 150), &err), WG_OK);
    assert_true(sheet_proven(c));
    wg_coverage_close(c);
}

/* ---- random runs ---- */

struct run {
    struct wg_coverage *c;
    struct random random;
    const struct sheet *sheet;
    unsigned done, refused, proposed;
};

static struct wg_point anywhere(struct run *run)
{
    const struct sheet *s = run->sheet;
    return (struct wg_point){
        s->x + random_real(&run->random, -0.1, s->cols + 0.1) * s->side,
        s->y + random_real(&run->random, -0.1, s->rows + 0.1) * s->side};
}

static struct wg_point about(struct run *run, struct wg_point p, double far)
{
    return (struct wg_point){p.x + random_real(&run->random, -far, far),
                             p.y + random_real(&run->random, -far, far)};
}

/* One random edit; with `proposal` the same with what was proposed. */
struct step {
    int op;
    struct wg_point at, to;
    double within;
    bool ends;
};

static enum wg_status do_step(struct wg_coverage *c, const struct step *s,
                              struct wg_error *err)
{
    switch (s->op) {
    case 0:
        return wg_coverage_move(c, s->at, s->within, s->to, err);
    case 1:
        return wg_coverage_insert(c, s->at, s->within, s->to, err);
    case 2:
        return wg_coverage_delete(c, s->at, s->within, err);
    default:
        return wg_coverage_move_arc(c, s->at, s->within, s->to.x - s->at.x,
                                    s->to.y - s->at.y, s->ends, err);
    }
}

static void try_proposal(struct run *run, struct step step)
{
    const struct wg_refusal *refusal = wg_coverage_refusal(run->c);
    const struct wg_line *line = &refusal->proposal;
    struct sheet_bytes before = sheet_bytes(run->c);
    enum wg_refusal_reason reason = refusal->reason;
    struct wg_error err = {0};

    if (reason == WG_REFUSED_NO_SUCH) { /* a place to point at; the rest may be bad */
        step.at = (struct wg_point){line->x[0], line->y[0]};
        assert_true(do_step(run->c, &step, &err) == WG_OK ||
                    wg_coverage_refusal(run->c)->reason != WG_REFUSED_NO_SUCH);
        wg_free(before.bytes);
        return;
    }
    if (step.op == 3) {
        step.to.x = step.at.x + line->x[1] - line->x[0];
        step.to.y = step.at.y + line->y[1] - line->y[0];
    } else {
        step.to = (struct wg_point){line->x[0], line->y[0]};
    }
    if (do_step(run->c, &step, &err) != WG_OK)
        fail_msg("op %d at %.9f,%.9f: its proposal %.9f,%.9f is refused: %s", step.op,
                 step.at.x, step.at.y, step.to.x, step.to.y, err.text);
    assert_true(sheet_proven(run->c));
    assert_true(wg_coverage_undo(run->c));
    assert_true(sheet_same(run->c, before));
    run->proposed++;
}

static void random_step(struct run *run)
{
    double far = run->sheet->side * random_real(&run->random, 0.01, 1.2);
    struct step step = {.op = (int)random_between(&run->random, 0, 3),
                        .at = anywhere(run),
                        .within = run->sheet->side * random_real(&run->random, 0, 0.6),
                        .ends = random_between(&run->random, 0, 1) == 1};
    struct sheet_bytes before = sheet_bytes(run->c);
    struct wg_error err = {0};

    step.to = about(run, step.at, far);
    enum wg_status status = do_step(run->c, &step, &err);
    if (!sheet_proven(run->c))
        fail_msg("op %d at %.9f,%.9f within %.9f to %.9f,%.9f", step.op, step.at.x,
                 step.at.y, step.within, step.to.x, step.to.y);
    if (run->sheet->limit &&
        fabs(sheet_area(run->c) - run->sheet->cols * run->sheet->rows * run->sheet->side *
                                      run->sheet->side) > 1)
        fail_msg("op %d: %.6f m² in all", step.op, sheet_area(run->c));
    if (status == WG_OK) {
        run->done++;
        wg_free(before.bytes);
        return;
    }
    if (status != WG_CONSTRAINT)
        fail_msg("op %d: %s: %s", step.op, wg_status_name(status), err.text);
    run->refused++;
    assert_true(sheet_same(run->c, before));
    if (wg_coverage_refusal(run->c)->proposal.n > 0)
        try_proposal(run, step);
}

static void random_runs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
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
                              .parents = seed % 3 == 0};
        struct run run = {
            .c = sheet_make(&sheet), .random = {seed * 1000003}, .sheet = &sheet};
        struct sheet_bytes before = sheet_bytes(run.c);
        for (int i = 0; i < 120; i++)
            random_step(&run);
        struct sheet_bytes after = sheet_bytes(run.c);
        fprintf(stderr, "# seed %d: %u done, %u refused, %u proposals\n", (int)seed,
                run.done, run.refused, run.proposed);
        assert_true(run.done > 20 && run.refused > 5);
        size_t steps = wg_coverage_undo_count(run.c);
        while (wg_coverage_undo(run.c))
            ;
        assert_true(sheet_same(run.c, before));
        for (size_t i = 0; i < steps; i++)
            assert_true(wg_coverage_redo(run.c));
        assert_true(sheet_same(run.c, after));
        wg_coverage_close(run.c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_edits),     cmocka_unit_test(bad_arguments),
        cmocka_unit_test(words_name_grids), cmocka_unit_test(arcs),
        cmocka_unit_test(a_ring_moves),     cmocka_unit_test(parents_hold),
        cmocka_unit_test(random_runs),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
