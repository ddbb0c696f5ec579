/* Small coverages with one fault each, in the manner of the JTS Topology Suite's: told by
 * the right rule, of the right size, with a place inside the fault. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/check.h"

struct fault {
    enum wg_rule rule;
    const char *grid, *other; /* codes; NULL: not asked; "-": none */
    double size;              /* < 0: not asked */
    const char *where;        /* the place lies inside; a POINT: it is that */
};

/* Grids are A, B, C … in order. */
struct coverage {
    const char *name;
    const char *grid[10];
    struct fault fault[5];
    double sliver_width_m;
};

#define SQUARE_A "POLYGON((0 0,10 0,10 10,0 10,0 0))"
#define SQUARE_B "POLYGON((10 0,20 0,20 10,10 10,10 0))"

#define SQUARE_C_FAR "POLYGON((30 0,40 0,40 10,30 10,30 0))"

static const struct coverage cases[] = {
    {"one grid", {SQUARE_A}, {{0}}, 0},
    {"two side by side", {SQUARE_A, SQUARE_B}, {{0}}, 0},
    {"two side by side, one ring the other way",
     {SQUARE_A, "POLYGON((10 0,10 10,20 10,20 0,10 0))"},
     {{0}},
     0},
    {"four around a point",
     {SQUARE_A, SQUARE_B, "POLYGON((0 10,10 10,10 20,0 20,0 10))",
      "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {{0}},
     0},
    {"apart", {SQUARE_A, "POLYGON((30 0,40 0,40 10,30 10,30 0))"}, {{0}}, 0},
    {"touching in a point",
     {SQUARE_A, "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {{0}},
     0},
    {"a point on an edge that has it",
     {"POLYGON((0 0,10 0,10 5,10 10,0 10,0 0))", "POLYGON((10 5,20 0,20 10,10 5))"},
     {{0}},
     0},
    {"a point on an edge that lacks it",
     {SQUARE_A, "POLYGON((10 5,20 0,20 10,10 5))"},
     {{WG_RULE_UNMATCHED, "A", "B", 0, "POINT(10 5)"}},
     0},
    {"a vertex more on one side",
     {SQUARE_A, "POLYGON((10 0,20 0,20 10,10 10,10 5,10 0))"},
     {{WG_RULE_UNMATCHED, "A", "B", 0, "POINT(10 5)"}},
     0},
    {"a vertex more on both sides",
     {"POLYGON((0 0,10 0,10 3,10 10,0 10,0 0))",
      "POLYGON((10 0,20 0,20 10,10 10,10 6,10 0))"},
     {{WG_RULE_UNMATCHED, "A", "B", 0, "POINT(10 6)"},
      {WG_RULE_UNMATCHED, "B", "A", 0, "POINT(10 3)"}},
     0},
    {"one above two",
     {"POLYGON((0 0,20 0,20 10,0 10,0 0))", "POLYGON((0 10,10 10,10 20,0 20,0 10))",
      "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {{WG_RULE_UNMATCHED, "A", "B", 0, "POINT(10 10)"}},
     0},
    {"one above two, matched",
     {"POLYGON((0 0,20 0,20 10,10 10,0 10,0 0))", "POLYGON((0 10,10 10,10 20,0 20,0 10))",
      "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {{0}},
     0},
    {"a slope with a vertex a hand beside it",
     {"POLYGON((0 0,30 0,0 30,0 0))", "POLYGON((30 0,30 30,0 30,10 20.1,20 10.1,30 0))"},
     {{WG_RULE_GAP, "-", NULL, -1, "POLYGON((30 0,0 30,10 20.1,20 10.1,30 0))"}},
     0},
    {"a vertex on a slope that has none, as near as doubles come",
     {"POLYGON((0 0,30 0,0 17,0 0))",
      "POLYGON((30 0,30 30,0 17,10 11.333333333333334,30 0))"},
     {{WG_RULE_UNMATCHED, "A", "B", 0, "POINT(10 11.3333333333)"}},
     0},
    {"overlap",
     {SQUARE_A, "POLYGON((8 0,20 0,20 10,8 10,8 0))"},
     {{WG_RULE_OVERLAP, "A", "B", 20, "POLYGON((8 0,10 0,10 10,8 10,8 0))"}},
     0},
    {"overlap of a corner",
     {SQUARE_A, "POLYGON((9 9,20 9,20 20,9 20,9 9))"},
     {{WG_RULE_OVERLAP, "A", "B", 1, "POLYGON((9 9,10 9,10 10,9 10,9 9))"}},
     0},
    {"overlap in two places",
     {"POLYGON((0 0,30 0,30 10,0 10,0 0))",
      "POLYGON((0 9,10 9,10 12,20 12,20 6,30 6,30 20,0 20,0 9))"},
     {{WG_RULE_OVERLAP, "A", "B", 50, "POLYGON((20 6,30 6,30 10,20 10,20 6))"},
      {WG_RULE_GAP, "-", NULL, 20, "POLYGON((10 10,20 10,20 12,10 12,10 10))"}},
     0},
    {"overlap of three",
     {SQUARE_A, "POLYGON((5 0,15 0,15 10,5 10,5 0))",
      "POLYGON((8 0,20 0,20 10,8 10,8 0))"},
     {{WG_RULE_OVERLAP, "A", "B", 50, "POLYGON((5 0,10 0,10 10,5 10,5 0))"},
      {WG_RULE_OVERLAP, "A", "C", 20, "POLYGON((8 0,10 0,10 10,8 10,8 0))"},
      {WG_RULE_OVERLAP, "B", "C", 70, "POLYGON((8 0,15 0,15 10,8 10,8 0))"}},
     0},
    {"crossing bars",
     {"POLYGON((0 4,20 4,20 6,0 6,0 4))", "POLYGON((9 -5,11 -5,11 15,9 15,9 -5))"},
     {{WG_RULE_OVERLAP, "A", "B", 4, "POLYGON((9 4,11 4,11 6,9 6,9 4))"}},
     0},
    {"nested",
     {"POLYGON((0 0,30 0,30 30,0 30,0 0))", "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {{WG_RULE_OVERLAP, "A", "B", 100, "POLYGON((10 10,20 10,20 20,10 20,10 10))"}},
     0},
    {"nested, at the edge",
     {"POLYGON((0 0,30 0,30 30,0 30,0 0))", "POLYGON((0 0,10 0,10 10,0 10,0 0))"},
     {{WG_RULE_OVERLAP, "A", "B", 100, "POLYGON((0 0,10 0,10 10,0 10,0 0))"}},
     0},
    {"twice the same",
     {SQUARE_A, SQUARE_A},
     {{WG_RULE_OVERLAP, "A", "B", 100, SQUARE_A}},
     0},
    {"twice the same, begun elsewhere",
     {SQUARE_A, "POLYGON((10 10,10 0,0 0,0 10,10 10))"},
     {{WG_RULE_OVERLAP, "A", "B", 100, SQUARE_A}},
     0},
    {"a hole that is filled",
     {"POLYGON((0 0,30 0,30 30,0 30,0 0),(10 10,10 20,20 20,20 10,10 10))",
      "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {{0}},
     0},
    {"a hole that is not filled",
     {"POLYGON((0 0,30 0,30 30,0 30,0 0),(10 10,10 20,20 20,20 10,10 10))"},
     {{WG_RULE_GAP, "-", "A", 100, "POLYGON((10 10,20 10,20 20,10 20,10 10))"}},
     0},
    {"a hole that is filled too little",
     {"POLYGON((0 0,30 0,30 30,0 30,0 0),(10 10,10 20,20 20,20 10,10 10))",
      "POLYGON((10 10,20 10,20 18,10 18,10 10))"},
     {{WG_RULE_GAP, "-", "A", 20, "POLYGON((10 18,20 18,20 20,10 20,10 18))"}},
     0},
    {"a hole that is filled too much",
     {"POLYGON((0 0,30 0,30 30,0 30,0 0),(10 10,10 20,20 20,20 10,10 10))",
      "POLYGON((10 10,20 10,20 21,10 21,10 10))"},
     {{WG_RULE_OVERLAP, "A", "B", 10, "POLYGON((10 20,20 20,20 21,10 21,10 20))"}},
     0},
    {"a hole with an island",
     {"POLYGON((0 0,30 0,30 30,0 30,0 0),(10 10,10 20,20 20,20 10,10 10))",
      "POLYGON((13 13,17 13,17 17,13 17,13 13))"},
     {{WG_RULE_GAP, "-", "A", 84,
       "POLYGON((10 10,20 10,20 20,10 20,10 10),(13 13,13 17,17 17,17 13,13 13))"}},
     0},
    {"a ring of four",
     {"POLYGON((0 0,20 0,20 10,10 10,0 10,0 0))",
      "POLYGON((20 0,30 0,30 20,20 20,20 10,20 0))",
      "POLYGON((10 20,20 20,30 20,30 30,10 30,10 20))",
      "POLYGON((0 10,10 10,10 20,10 30,0 30,0 10))"},
     {{WG_RULE_GAP, "-", NULL, 100, "POLYGON((10 10,20 10,20 20,10 20,10 10))"}},
     0},
    {"a gap in a row",
     {"POLYGON((0 0,30 0,30 5,20 5,10 5,0 5,0 0))", "POLYGON((0 5,10 5,10 10,0 10,0 5))",
      "POLYGON((20 5,30 5,30 10,20 10,20 5))",
      "POLYGON((0 10,10 10,20 10,30 10,30 15,0 15,0 10))"},
     {{WG_RULE_GAP, "-", NULL, 50, "POLYGON((10 5,20 5,20 10,10 10,10 5))"}},
     0},
    {"a bay is no gap",
     {"POLYGON((0 0,30 0,30 5,20 5,10 5,0 5,0 0))", "POLYGON((0 5,10 5,10 10,0 10,0 5))",
      "POLYGON((20 5,30 5,30 10,20 10,20 5))"},
     {{0}},
     0},
    {"a slit to the outside is no gap",
     {SQUARE_A, "POLYGON((10 0,20 0,20 10,10.5 10,10 0))"},
     {{0}},
     0},
    {"a narrow gap, told by its width",
     {"POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((10.5 2,20 0,20 10,10.5 8,10.5 2))",
      "POLYGON((0 10,10 10,10.5 8,20 10,20 20,0 20,0 10))",
      "POLYGON((0 0,0 -10,20 -10,20 0,10.5 2,10 0,0 0))"},
     {{WG_RULE_SLIVER, "-", NULL, 4, "POLYGON((10 0,10.5 2,10.5 8,10 10,10 0))"}},
     1},
    {"the same gap, no sliver by a smaller width",
     {"POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((10.5 2,20 0,20 10,10.5 8,10.5 2))",
      "POLYGON((0 10,10 10,10.5 8,20 10,20 20,0 20,0 10))",
      "POLYGON((0 0,0 -10,20 -10,20 0,10.5 2,10 0,0 0))"},
     {{WG_RULE_GAP, "-", NULL, 4, "POLYGON((10 0,10.5 2,10.5 8,10 10,10 0))"}},
     0.4},
    {"an open gap, told by its width",
     {SQUARE_A, "POLYGON((10.5 0,20 0,20 10,10.5 10,10.5 0))"},
     {{WG_RULE_SLIVER, "A", "B", 5, "POLYGON((10 0,10.5 0,10.5 10,10 10,10 0))"}},
     1},
    {"an open gap, wider",
     {SQUARE_A, "POLYGON((10.5 0,20 0,20 10,10.5 10,10.5 0))"},
     {{0}},
     0.4},
    {"a bay of one grid is no gap",
     {"POLYGON((0 0,10 0,10 4.8,1 4.8,1 5.2,10 5.2,10 10,0 10,0 0))", SQUARE_C_FAR},
     {{0}},
     1},
    {"a narrow overlap, told by its width",
     {SQUARE_A, "POLYGON((9.9 0,20 0,20 10,9.9 10,9.9 0))"},
     {{WG_RULE_SLIVER, "A", "B", -1, "POLYGON((9.8 -1,10.1 -1,10.1 11,9.8 11,9.8 -1))"}},
     0.25},
    {"two parts, one neighbour",
     {"MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0)),((20 0,30 0,30 10,20 10,20 0)))",
      SQUARE_B},
     {{0}},
     0},
    {"two parts, one of them overlapped",
     {"MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0)),((20 0,30 0,30 10,20 10,20 0)))",
      "POLYGON((28 0,40 0,40 10,28 10,28 0))"},
     {{WG_RULE_OVERLAP, "A", "B", 20, "POLYGON((28 0,30 0,30 10,28 10,28 0))"}},
     0},
    {"two parts that touch in a point",
     {"MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0)),((10 10,20 10,20 20,10 20,10 10)))"},
     {{0}},
     0},
    {"two parts that overlap are no polygon",
     {"MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0)),((5 0,15 0,15 10,5 10,5 0)))"},
     {{WG_RULE_INVALID_RING, "A", NULL, -1, NULL}},
     0},
    {"a bow tie",
     {"POLYGON((0 0,10 10,10 0,0 10,0 0))"},
     {{WG_RULE_INVALID_RING, "A", NULL, -1, "POINT(5 5)"}},
     0},
    {"a small loop at the end of a large ring",
     {"POLYGON((0 0,100 0,100 100,50 100,50.2 100.2,50.2 99.8,0 100,0 0))"},
     {{WG_RULE_INVALID_RING, "A", NULL, -1, NULL}},
     0},
    {"a spike",
     {"POLYGON((0 0,10 0,10 10,10 15,10 10,0 10,0 0))"},
     {{WG_RULE_INVALID_RING, "A", NULL, -1, NULL}},
     0},
    {"a ring that touches itself",
     {"POLYGON((0 0,10 0,10 10,5 0,0 10,0 0))"},
     {{WG_RULE_INVALID_RING, "A", NULL, -1, "POINT(5 0)"}},
     0},
    {"a hole outside its shell",
     {"POLYGON((0 0,10 0,10 10,0 10,0 0),(20 0,20 10,30 10,30 0,20 0))"},
     {{WG_RULE_INVALID_RING, "A", NULL, -1, NULL}},
     0},
    {"a ring run through twice",
     {"POLYGON((0 0,10 0,10 10,0 10,0 0,10 0,10 10,0 10,0 0))"},
     {{WG_RULE_INVALID_RING, "A", NULL, -1, NULL}},
     0},
    {"a hole that touches its shell",
     {"POLYGON((0 0,10 0,10 10,0 10,0 0),(0 0,3 6,6 3,0 0))",
      "POLYGON((0 0,6 3,3 6,0 0))"},
     {{0}},
     0},
    {"a slope that no lattice holds",
     {"POLYGON((0 0,7.1 3.3,0.7 9.1,0 0))",
      "POLYGON((7.1 3.3,13.3 11.7,0.7 9.1,7.1 3.3))",
      "POLYGON((0 0,3.9 -8.3,7.1 3.3,0 0))"},
     {{0}},
     0},
};

struct seen {
    int n;
    struct {
        enum wg_rule rule;
        char grid[16], other[16], text[300];
        double x, y, size;
    } one[32];
};

static bool see(const struct wg_finding *f, void *user)
{
    struct seen *s = user;
    if (s->n < 32) {
        s->one[s->n].rule = f->rule;
        snprintf(s->one[s->n].grid, 16, "%s", f->grid_code ? f->grid_code : "-");
        snprintf(s->one[s->n].other, 16, "%s", f->other_code ? f->other_code : "-");
        snprintf(s->one[s->n].text, 300, "%s", f->text);
        s->one[s->n].x = f->x;
        s->one[s->n].y = f->y;
        s->one[s->n].size = f->size;
    }
    s->n++;
    assert_true(f->cure && *f->cure);
    return true;
}

static bool is_there(const char *where, double x, double y)
{
    double px, py;
    if (!where)
        return true;
    if (sscanf(where, "POINT(%lf %lf)", &px, &py) == 2)
        return fabs(x - px) < 0.001 && fabs(y - py) < 0.001;
    struct wg_multipolygon mp;
    from_wkt(where, &mp);
    bool inside = wg_multipolygon_side(&mp, x, y) == WG_INSIDE;
    wg_multipolygon_finish(&mp);
    return inside;
}

static bool is_it(const struct seen *s, int i, const struct fault *f)
{
    return s->one[i].rule == f->rule && (!f->grid || !strcmp(f->grid, s->one[i].grid)) &&
           (!f->other || !strcmp(f->other, s->one[i].other)) &&
           (f->size < 0 || fabs(f->size - s->one[i].size) < 1e-3 + 1e-6 * f->size) &&
           is_there(f->where, s->one[i].x - X0, s->one[i].y - Y0);
}

static void check_case(struct wg_store *store, const struct coverage *c, bool mirrored)
{
    struct wg_check_options options = {.no_norms = true,
                                       .sliver_width_m = c->sliver_width_m};
    struct wg_error err = {0};
    struct seen s = {0};
    int expected = 0;
    runf(store, "DELETE FROM grid; DELETE FROM scheme; INSERT INTO scheme (id, name) "
                "VALUES (1, 'cases')");
    for (int i = 0; c->grid[i]; i++)
        runf(store,
             "INSERT INTO grid (id, scheme_id, code, geom) VALUES (%d, 1, '%c', "
             "ST_Multi(ShiftCoords(%s(GeomFromText('%s', 4545)), %.1f, %.1f)))",
             i + 1, 'A' + i, mirrored ? "ST_Reverse" : "", c->grid[i], X0, Y0);
    must(wg_check(store, &options, (struct wg_progress){0}, see, &s, NULL, &err), &err);
    while (expected < 5 && c->fault[expected].rule)
        expected++;
    bool good = s.n == expected;
    for (int k = 0; k < expected && good; k++) {
        bool met = false;
        for (int i = 0; i < s.n; i++)
            met |= is_it(&s, i, &c->fault[k]);
        good &= met;
    }
    if (good)
        return;
    for (int i = 0; i < s.n && i < 32; i++)
        print_message("# %s %s %s size %.6f at %.4f %.4f: %s\n",
                      wg_rule_name(s.one[i].rule), s.one[i].grid, s.one[i].other,
                      s.one[i].size, s.one[i].x - X0, s.one[i].y - Y0, s.one[i].text);
    fail_msg("%s: %d findings, %d expected", c->name, s.n, expected);
}

static void each_is_told(void **state)
{
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(store, &cases[i], false);
}

static void whichever_way_the_rings_run(void **state)
{
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(store, &cases[i], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(each_is_told),
        NOUN_TEST(whichever_way_the_rings_run),
    };
    return cmocka_run_group_tests_name("coverage_cases", tests, noun_group_setup,
                                       noun_group_teardown);
}
