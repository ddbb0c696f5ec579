/* Cleaning: what overlaps is given by the rule, what is narrow is filled, what is right
 * stays; GEOS says whether the result is a partition. */
#include "noun_scratch.h"

#include <math.h>

#include "random.h"
#include "wangge/check.h"
#include "wangge/clean.h"
#include "wangge/revision.h"

enum { MOST = 8 };

struct told {
    int n, of[WG_CLEAN_VANISHED + 1];
    struct wg_clean_note last[WG_CLEAN_VANISHED + 1];
};

static bool hear(const struct wg_clean_note *note, void *user)
{
    struct told *t = user;
    t->n++;
    t->of[note->what]++;
    t->last[note->what] = *note;
    assert_non_null(wg_clean_name(note->what));
    return true;
}

/* Grids A, B, C … in order; an empty outcome: not asked. */
struct cleaning {
    const char *name;
    double snap, gap;
    enum wg_overlap_rule rule;
    const char *in[MOST], *out[MOST];
    int of[WG_CLEAN_VANISHED + 1]; /* notes of each kind */
};

#define A10 "POLYGON((0 0,10 0,10 10,0 10,0 0))"
#define B10 "POLYGON((10 0,20 0,20 10,10 10,10 0))"

static const struct cleaning cases[] = {
    {"right as it is", 1, 1, WG_OVERLAP_LARGEST, {A10, B10}, {A10, B10}, {0}},
    {"a vertex that one side lacks",
     0,
     0,
     WG_OVERLAP_LARGEST,
     {A10, "POLYGON((10 0,20 0,20 10,10 10,10 4,10 0))"},
     {"POLYGON((0 0,10 0,10 4,10 10,0 10,0 0))",
      "POLYGON((10 0,20 0,20 10,10 10,10 4,10 0))"},
     {0}},
    {"an overlap, to the largest",
     0,
     0,
     WG_OVERLAP_LARGEST,
     {A10, "POLYGON((8 0,20 0,20 10,8 10,8 0))"},
     {"POLYGON((0 0,8 0,8 10,0 10,0 0))", "POLYGON((8 0,20 0,20 10,8 10,8 0))"},
     {[WG_CLEAN_OVERLAP] = 1}},
    {"an overlap, to the smallest",
     0,
     0,
     WG_OVERLAP_SMALLEST,
     {A10, "POLYGON((8 0,20 0,20 10,8 10,8 0))"},
     {A10, "POLYGON((10 0,20 0,20 10,10 10,10 0))"},
     {[WG_CLEAN_OVERLAP] = 1}},
    {"an overlap, to the lowest code",
     0,
     0,
     WG_OVERLAP_LOWEST_CODE,
     {"POLYGON((8 0,20 0,20 10,8 10,8 0))", A10},
     {"POLYGON((8 0,20 0,20 10,8 10,8 0))", "POLYGON((0 0,8 0,8 10,0 10,0 0))"},
     {[WG_CLEAN_OVERLAP] = 1}},
    {"an overlap, to the longest border",
     0,
     0,
     WG_OVERLAP_LONGEST_BORDER,
     {"POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((8 4,20 4,20 6,8 6,8 4))"},
     {A10, "POLYGON((10 4,20 4,20 6,10 6,10 4))"},
     {[WG_CLEAN_OVERLAP] = 1}},
    {"one drawn inside another keeps its ground",
     0,
     0,
     WG_OVERLAP_LONGEST_BORDER,
     {"POLYGON((0 0,30 0,30 30,0 30,0 0))", "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {"POLYGON((0 0,30 0,30 30,0 30,0 0),(10 10,10 20,20 20,20 10,10 10))",
      "POLYGON((10 10,20 10,20 20,10 20,10 10))"},
     {[WG_CLEAN_OVERLAP] = 1}},
    {"a narrow gap, to the longest border",
     0,
     1,
     WG_OVERLAP_LARGEST,
     {"POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((10.5 2,20 0,20 10,10.5 8,10.5 2))",
      "POLYGON((0 10,10 10,10.5 8,20 10,20 20,0 20,0 10))",
      "POLYGON((0 0,0 -10,20 -10,20 0,10.5 2,10 0,0 0))"},
     {"POLYGON((0 0,10 0,10.5 2,10.5 8,10 10,0 10,0 0))",
      "POLYGON((10.5 2,20 0,20 10,10.5 8,10.5 2))"},
     {[WG_CLEAN_GAP] = 1}},
    {"the same gap is too wide",
     0,
     0.4,
     WG_OVERLAP_LARGEST,
     {"POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((10.5 2,20 0,20 10,10.5 8,10.5 2))",
      "POLYGON((0 10,10 10,10.5 8,20 10,20 20,0 20,0 10))",
      "POLYGON((0 0,0 -10,20 -10,20 0,10.5 2,10 0,0 0))"},
     {"POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((10.5 2,20 0,20 10,10.5 8,10.5 2))"},
     {[WG_CLEAN_LEFT_GAP] = 1}},
    {"a bay is not filled",
     0,
     5,
     WG_OVERLAP_LARGEST,
     {"POLYGON((0 0,10 0,10 4,1 5,10 6,10 10,0 10,0 0))"},
     {"POLYGON((0 0,10 0,10 4,1 5,10 6,10 10,0 10,0 0))"},
     {0}},
    {"an open slit, snapped",
     1,
     0,
     WG_OVERLAP_LARGEST,
     {A10, "POLYGON((10.5 0,20 0,20 10,10.5 10,10.5 0))"},
     {"POLYGON((0 0,10.5 0,10.5 10,0 10,0 0))",
      "POLYGON((10.5 0,20 0,20 10,10.5 10,10.5 0))"},
     {[WG_CLEAN_SNAP] = 1}},
    {"an open slit, too wide for snapping",
     0.4,
     0,
     WG_OVERLAP_LARGEST,
     {A10, "POLYGON((10.5 0,20 0,20 10,10.5 10,10.5 0))"},
     {A10, "POLYGON((10.5 0,20 0,20 10,10.5 10,10.5 0))"},
     {0}},
    {"a wedge to the outside, snapped",
     1,
     0,
     WG_OVERLAP_LARGEST,
     {A10, "POLYGON((10.5 0,20 0,20 10,10 10,10.5 0))"},
     {"POLYGON((0 0,10.5 0,10 10,0 10,0 0))",
      "POLYGON((10.5 0,20 0,20 10,10 10,10.5 0))"},
     {[WG_CLEAN_SNAP] = 2}},
    {"a bow tie, repaired",
     0,
     0,
     WG_OVERLAP_LARGEST,
     {"POLYGON((0 0,10 10,10 0,0 10,0 0))"},
     {"MULTIPOLYGON(((0 0,5 5,0 10,0 0)),((5 5,10 0,10 10,5 5)))"},
     {[WG_CLEAN_REPAIR] = 1}},
};

static void read_all(const char *const *wkt, size_t n, struct wg_clean_grid *grid)
{
    static const char *const codes[MOST] = {"A", "B", "C", "D", "E", "F", "G", "H"};
    for (size_t i = 0; i < n; i++) {
        grid[i] = (struct wg_clean_grid){(int64_t)i + 1, codes[i], {0}};
        from_wkt(wkt[i], &grid[i].geometry);
    }
}

static double area_of(enum wg_overlay op, const struct wg_multipolygon *a,
                      const struct wg_multipolygon *b)
{
    struct wg_error err = {0};
    struct wg_multipolygon both;
    must(wg_shape_overlay(NULL, op, a, b, &both, &err), &err);
    double area = wg_multipolygon_area(&both);
    wg_multipolygon_finish(&both);
    return area;
}

/* Pairwise nothing in common, all valid, and the union as large as the sum. */
static void assert_partition(size_t n, const struct wg_multipolygon *mp)
{
    struct wg_error err = {0};
    const struct wg_multipolygon *all[16];
    struct wg_multipolygon whole;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        must(wg_shape_check(NULL, &mp[i], &err), &err);
        for (size_t k = 0; k < i; k++)
            assert_true(area_of(WG_OVERLAY_INTERSECTION, &mp[i], &mp[k]) == 0);
        sum += wg_multipolygon_area(&mp[i]);
        all[i] = &mp[i];
    }
    must(wg_shape_union_all(NULL, n, all, &whole, &err), &err);
    assert_true(fabs(wg_multipolygon_area(&whole) - sum) < 1e-9 * sum);
    wg_multipolygon_finish(&whole);
}

static void same_ground(const char *name, size_t at, const char *wkt,
                        const struct wg_multipolygon *got)
{
    struct wg_multipolygon want;
    char *text = NULL;
    from_wkt(wkt, &want);
    double off = area_of(WG_OVERLAY_DIFFERENCE, &want, got) +
                 area_of(WG_OVERLAY_DIFFERENCE, got, &want);
    if (off > 0.02 || got->n_vertex < want.n_vertex) {
        wg_shape_to_wkt(got, &text, NULL);
        fail_msg("%s: grid %zu is %s, not %s", name, at, text, wkt);
    }
    wg_multipolygon_finish(&want);
}

static void clean_case(const struct cleaning *c)
{
    struct wg_clean_options options = {
        .snap_m = c->snap, .gap_m = c->gap, .overlap = c->rule};
    struct wg_clean_grid grid[MOST];
    struct wg_multipolygon out[MOST];
    struct wg_error err = {0};
    struct told told = {0};
    double moved = -1;
    size_t n = 0;
    while (n < MOST && c->in[n])
        n++;
    read_all(c->in, n, grid);
    must(wg_clean(n, grid, &options, out, &moved, hear, &told, &err), &err);
    for (int what = 1; what <= WG_CLEAN_VANISHED; what++)
        if (told.of[what] != c->of[what])
            fail_msg("%s: %d of %s", c->name, told.of[what],
                     wg_clean_name((enum wg_clean_what)what));
    assert_true(moved >= 0 && moved <= c->snap);
    assert_partition(n, out);
    for (size_t i = 0; i < n; i++) {
        if (c->out[i])
            same_ground(c->name, i, c->out[i], &out[i]);
        wg_multipolygon_finish(&grid[i].geometry);
        wg_multipolygon_finish(&out[i]);
    }
}

static void each_is_cleaned(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        clean_case(&cases[i]);
}

/* Four by four squares whose corners each saw a little elsewhere. */
static void shaken(struct random *r, double most, bool exact, struct wg_clean_grid *grid,
                   char code[16][8])
{
    double x[25], y[25];
    for (int i = 0; i < 25; i++) {
        x[i] = i % 5 * 10 + random_real(r, -2, 2);
        y[i] = i / 5 * 10 + random_real(r, -2, 2);
    }
    for (int i = 0; i < 16; i++) {
        static const int corner[] = {0, 1, 6, 5, 0};
        char wkt[400] = "POLYGON((";
        int at = i / 4 * 5 + i % 4;
        double fx = 0, fy = 0;
        for (int k = 0; k < 5; k++) {
            size_t used = strlen(wkt);
            double px = x[at + corner[k]], py = y[at + corner[k]];
            if (!exact) {
                px += random_real(r, -most, most);
                py += random_real(r, -most, most);
            }
            fx = k == 0 ? px : fx;
            fy = k == 0 ? py : fy;
            snprintf(wkt + used, sizeof wkt - used, "%.17g %.17g%s", k == 4 ? fx : px,
                     k == 4 ? fy : py, k == 4 ? "))" : ",");
        }
        snprintf(code[i], 8, "%02d", i);
        grid[i] = (struct wg_clean_grid){i + 1, code[i], {0}};
        from_wkt(wkt, &grid[i].geometry);
    }
}

static double distance(const struct wg_multipolygon *b, double x, double y)
{
    double least = INFINITY;
    for (uint32_t i = 0; i + 1 < b->n_vertex; i++) {
        double dx = b->x[i + 1] - b->x[i], dy = b->y[i + 1] - b->y[i];
        double t = ((x - b->x[i]) * dx + (y - b->y[i]) * dy) / (dx * dx + dy * dy);
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        least = fmin(least, hypot(b->x[i] + t * dx - x, b->y[i] + t * dy - y));
    }
    return least;
}

static void what_is_shaken_comes_together(void **state)
{
    (void)state;
    struct random r = {2026};
    for (int i = 0; i < 60; i++) {
        bool exact = i % 4 == 0;
        double most = 0.01 * (1 + i % 30);
        struct wg_clean_options options = {
            .snap_m = 1, .gap_m = 1, .overlap = (enum wg_overlap_rule)(i % 4)};
        struct wg_clean_grid grid[16];
        struct wg_multipolygon out[16];
        struct wg_error err = {0};
        struct told told = {0};
        char code[16][8];
        double moved = -1, sum = 0, was = 0;
        shaken(&r, most, exact, grid, code);
        must(wg_clean(16, grid, &options, out, &moved, hear, &told, &err), &err);
        assert_partition(16, out);
        assert_true(moved >= 0 && moved <= 1);
        for (int k = 0; k < 16; k++) {
            const struct wg_multipolygon *mp = &grid[k].geometry;
            for (uint32_t v = 0; v < out[k].n_vertex; v++)
                if (distance(mp, out[k].x[v], out[k].y[v]) >= 1) {
                    char *a = NULL, *b = NULL;
                    wg_shape_to_wkt(mp, &a, NULL);
                    wg_shape_to_wkt(&out[k], &b, NULL);
                    fail_msg("round %d, by %g: %s became %s", i, most, a, b);
                }
            if (exact) {
                assert_int_equal(out[k].n_vertex, mp->n_vertex);
                for (uint32_t v = 0; v < mp->n_vertex; v++)
                    assert_true(fabs(out[k].x[v] - mp->x[v]) <= WG_LATTICE_STEP / 2 &&
                                fabs(out[k].y[v] - mp->y[v]) <= WG_LATTICE_STEP / 2);
            }
            sum += wg_multipolygon_area(&out[k]);
            was += wg_multipolygon_area(mp);
            wg_multipolygon_finish(&grid[k].geometry);
        }
        if (exact) {
            assert_int_equal(told.n, 0);
            assert_true(fabs(sum - was) < 0.2);
        } else {
            assert_true(told.of[WG_CLEAN_OVERLAP] > 0);
            assert_true(told.of[WG_CLEAN_GAP] + told.of[WG_CLEAN_SNAP] > 0);
            assert_int_equal(told.of[WG_CLEAN_LEFT_GAP], 0);
        }
        for (int k = 0; k < 16; k++)
            wg_multipolygon_finish(&out[k]);
    }
}

static void what_would_vanish_is_refused(void **state)
{
    (void)state;
    static const char *const twice[] = {A10, A10};
    struct wg_clean_grid grid[2];
    struct wg_multipolygon out[2];
    struct wg_error err = {0};
    struct told told = {0};
    read_all(twice, 2, grid);
    refused(wg_clean(2, grid, NULL, out, NULL, hear, &told, &err), &err, WG_CONSTRAINT,
            "B");
    assert_int_equal(told.of[WG_CLEAN_VANISHED], 1);
    assert_int_equal(out[0].n_vertex + out[1].n_vertex, 0);
    for (int i = 0; i < 2; i++)
        wg_multipolygon_finish(&grid[i].geometry);
}

static bool count(const struct wg_finding *f, void *user)
{
    print_message("# %s\n", f->text);
    ++*(int *)user;
    return true;
}

static int findings(struct wg_store *store)
{
    struct wg_check_options options = {.no_norms = true};
    struct wg_error err = {0};
    int n = 0;
    must(wg_check(store, &options, (struct wg_progress){0}, count, &n, NULL, &err), &err);
    return n;
}

/* A parent with children that lie over its edge, apart and over each other. */
static void a_scheme_is_cleaned_with_its_parents(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_clean_options options = {.snap_m = 1, .gap_m = 3};
    struct wg_commit commit = {.author = "A", .reason = "clean"};
    struct wg_error err = {0};
    struct told told = {0};
    int64_t scheme = new_scheme(store, "s", NULL), changed = -1, revision = -1;
    int64_t p = new_grid(store, scheme, "P", 4, 0, (struct wg_box){0, 0, 100, 100});
    int64_t q = new_grid(store, scheme, "Q", 4, 0, (struct wg_box){100.5, 0, 200, 100});
    new_grid(store, scheme, "P1", 5, p, (struct wg_box){0, 0, 51, 100});
    new_grid(store, scheme, "P2", 5, p, (struct wg_box){49, 0, 100, 100});
    new_grid(store, scheme, "Q1", 5, q, (struct wg_box){99, 0, 150, 100});
    new_grid(store, scheme, "Q2", 5, q, (struct wg_box){152, 0, 200, 100});
    assert_true(findings(store) > 0);
    must(wg_clean_scheme(store, scheme, &options, NULL, true, &changed, &revision, NULL,
                         hear, &told, &err),
         &err);
    assert_int_equal(changed, 3);
    assert_true(findings(store) > 0);
    refused(wg_clean_scheme(store, scheme, &options, NULL, false, NULL, NULL, NULL, NULL,
                            NULL, &err),
            &err, WG_INVALID, "who");
    must(wg_clean_scheme(store, scheme, &options, &commit, false, &changed, &revision,
                         NULL, hear, &told, &err),
         &err);
    assert_int_equal(findings(store), 0);
    assert_int_equal(revision, 1);
    assert_int_equal(ask(store, "SELECT count(*) FROM revision"), 1);
    must(wg_clean_scheme(store, scheme, &options, &commit, false, &changed, &revision,
                         NULL, hear, &told, &err),
         &err);
    assert_int_equal(changed, 0);
}

static void words_are_known(void **state)
{
    (void)state;
    assert_int_equal(wg_overlap_rule_parse("longest-border"), WG_OVERLAP_LONGEST_BORDER);
    assert_int_equal(wg_overlap_rule_parse("lowest-code"), WG_OVERLAP_LOWEST_CODE);
    assert_int_equal(wg_overlap_rule_parse("largest"), WG_OVERLAP_LARGEST);
    assert_int_equal(wg_overlap_rule_parse("smallest"), WG_OVERLAP_SMALLEST);
    assert_int_equal(wg_overlap_rule_parse("any"), -1);
    assert_int_equal(wg_overlap_rule_parse(NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(each_is_cleaned),
        NOUN_TEST(what_is_shaken_comes_together),
        NOUN_TEST(what_would_vanish_is_refused),
        NOUN_TEST(a_scheme_is_cleaned_with_its_parents),
        NOUN_TEST(words_are_known),
    };
    return cmocka_run_group_tests_name("clean", tests, noun_group_setup,
                                       noun_group_teardown);
}
