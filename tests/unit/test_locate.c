/* The index against every polygon asked in turn, on what has harmed others: holes,
 * islands, touching rings, spikes, huge and tiny numbers, overlaps, gaps, skew.  Each
 * scheme is built fine, coarse and very coarse; each is asked one by one, in batches
 * and by every vector path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "locate_check.h"
#include "shared.h"
#include "wangge/shape.h"

#define GRIDS_MAX 600
#define BUILDS 8

struct scheme {
    size_t n;
    struct wg_locator_grid grid[GRIDS_MAX];
    struct wg_multipolygon mp[GRIDS_MAX];
    char code[GRIDS_MAX][16];
};

static struct scheme *new_scheme(void)
{
    struct scheme *s = calloc(1, sizeof *s);
    assert_non_null(s);
    return s;
}

static void free_scheme(struct scheme *s)
{
    for (size_t i = 0; i < s->n; i++)
        wg_multipolygon_finish(&s->mp[i]);
    free(s);
}

/* Takes the polygon over.  Ids fall while codes rise, so that neither stands for the
 * other. */
static void add(struct scheme *s, const char *code, struct wg_multipolygon mp)
{
    size_t i = s->n++;
    assert_true(i < GRIDS_MAX);
    s->mp[i] = mp;
    snprintf(s->code[i], sizeof s->code[i], "%s", code);
    s->grid[i] =
        (struct wg_locator_grid){1000 + GRIDS_MAX - (int64_t)i, s->code[i], &s->mp[i]};
}

static void add_wkt(struct scheme *s, const char *code, const char *wkt)
{
    struct wg_multipolygon mp = {0};
    struct wg_error err = {0};
    if (wg_shape_from_wkt(NULL, wkt, &mp, &err))
        fail_msg("%s: %s", wkt, err.text);
    add(s, code, mp);
}

/* One ring of given vertices, closed here. */
static struct wg_multipolygon ring_of(size_t n, const struct wg_point *at)
{
    struct wg_multipolygon mp = {.n_part = 1, .n_ring = 1, .n_vertex = (uint32_t)n + 1};
    mp.part = calloc(2, sizeof *mp.part);
    mp.ring = calloc(2, sizeof *mp.ring);
    mp.x = calloc(n + 1, sizeof *mp.x);
    mp.y = calloc(n + 1, sizeof *mp.y);
    assert_true(mp.part && mp.ring && mp.x && mp.y);
    mp.part[1] = 1;
    mp.ring[1] = mp.n_vertex;
    for (size_t i = 0; i <= n; i++) {
        mp.x[i] = at[i % n].x;
        mp.y[i] = at[i % n].y;
    }
    return mp;
}

static struct wg_multipolygon box_of(double x, double y, double w, double h)
{
    const struct wg_point at[] = {{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}};
    return ring_of(4, at);
}

static struct wg_locator *build(const struct scheme *s,
                                const struct wg_locator_options *options)
{
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    if (wg_locator_build(s->n, s->grid, options, &loc, &err))
        fail_msg("build: %s", err.text);
    assert_non_null(loc);
    return loc;
}

static void same(const char *name, const char *road, uint32_t got, uint32_t want,
                 double x, double y)
{
    if (got != want)
        fail_msg("%s, %s: (%.17g, %.17g) is of %u, not %u", name, road, x, y, want, got);
}

static void ask_every_way(const char *name, const struct wg_locator *loc,
                          const struct plain *plain, const struct probes *p,
                          const uint32_t *want)
{
    uint32_t *slot = calloc(p->n + 1, sizeof *slot);
    int64_t *id = calloc(p->n + 1, sizeof *id);
    assert_true(slot && id);
    for (size_t i = 0; i < p->n; i++)
        same(name, "single", wg_locator_slot(loc, p->x[i], p->y[i]), want[i], p->x[i],
             p->y[i]);
    wg_locator_slots(loc, p->n, p->x, p->y, slot);
    wg_locator_find(loc, p->n, p->x, p->y, id);
    for (size_t i = 0; i < p->n; i++) {
        same(name, wg_vector_name(wg_locator_info(loc).vector), slot[i], want[i], p->x[i],
             p->y[i]);
        assert_int_equal(id[i], want[i] ? plain->grid[want[i] - 1]->id : 0);
    }
    /* short batches, from odd places */
    for (size_t n = 0; n < 12 && n + 5 < p->n; n++) {
        memset(slot, 0xee, (n + 1) * sizeof *slot);
        wg_locator_slots(loc, n, p->x + 5, p->y + 5, slot);
        for (size_t i = 0; i < n; i++)
            same(name, "short batch", slot[i], want[5 + i], p->x[5 + i], p->y[5 + i]);
        assert_int_equal(slot[n], 0xeeeeeeee);
    }
    free(slot);
    free(id);
}

/* What the index says of itself, held against the probes: a proof must not be refuted,
 * and a place of overlap must be one, or as near to one as a double can be. */
static void check_claims(const char *name, const struct wg_locator *loc,
                         const struct plain *plain, const struct probes *p)
{
    struct wg_locator_info info = wg_locator_info(loc);
    assert_int_equal(info.grids, plain->n);
    assert_int_equal(wg_locator_count(loc), plain->n);
    for (uint32_t slot = 1; slot <= plain->n; slot++) {
        assert_string_equal(wg_locator_code(loc, slot), plain->grid[slot - 1]->code);
        assert_int_equal(wg_locator_id(loc, slot), plain->grid[slot - 1]->id);
        assert_int_equal(wg_locator_slot_of(loc, plain->grid[slot - 1]->id), slot);
    }
    assert_int_equal(wg_locator_id(loc, 0), 0);
    assert_string_equal(wg_locator_code(loc, 0), "");
    assert_int_equal(wg_locator_slot_of(loc, 1), 0);
    if (!info.partition) {
        assert_true(isfinite(info.overlap.x) && isfinite(info.overlap.y));
        return;
    }
    assert_true(isnan(info.overlap.x) && isnan(info.overlap.y));
    for (size_t i = 0; i < p->n && plain->n < 64; i++) {
        int inside = 0;
        for (uint32_t slot = 1; slot <= plain->n; slot++)
            inside += plain_side(plain, slot, p->x[i], p->y[i]) == WG_INSIDE;
        if (inside > 1)
            fail_msg("%s: (%.17g, %.17g) is inside %d grids of a partition", name,
                     p->x[i], p->y[i], inside);
    }
}

/* The first `n_build` builds, all roads.  `partition`: 1 it must be proven, 0 it must
 * not. */
static void check_builds(const char *name, const struct scheme *s, const struct probes *p,
                         int partition, size_t n_build)
{
    static const struct wg_locator_options options[BUILDS] = {
        {0},
        {.cells = 1},
        {.cells = 60, .vector = WG_VECTOR_PLAIN},
        {.cells = 60},
        {.cells = 1000},
        {.cells = 7, .vector = WG_VECTOR_PLAIN},
        {.cells = 60, .vector = WG_VECTOR_NEON},
        {.cells = 30000, .vector = WG_VECTOR_PLAIN},
    };
    struct plain plain = plain_make(s->n, s->grid);
    uint32_t *want = calloc(p->n + 1, sizeof *want);
    assert_non_null(want);
    for (size_t i = 0; i < p->n; i++)
        want[i] = plain_slot(&plain, p->x[i], p->y[i]);
    for (size_t k = 0; k < n_build; k++) {
        if (!wg_vector_works(options[k].vector))
            continue;
        struct wg_locator *loc = build(s, &options[k]);
        check_claims(name, loc, &plain, p);
        if (wg_locator_info(loc).partition != (partition == 1))
            fail_msg("%s, built %zu: partition is %d", name, k, partition != 1);
        ask_every_way(name, loc, &plain, p, want);
        wg_locator_destroy(loc);
    }
    free(want);
    plain_finish(&plain);
}

static void check_with(const char *name, const struct scheme *s, const struct probes *p,
                       int partition)
{
    check_builds(name, s, p, partition, BUILDS);
}

static void probe_scheme(struct probes *p, const struct scheme *s, size_t n_random)
{
    struct random r = {42};
    struct wg_box box = wg_box_empty();
    for (size_t i = 0; i < s->n; i++) {
        struct wg_box one = wg_multipolygon_box(&s->mp[i]);
        box = wg_box_union(box, one);
        probe_polygon(p, &r, &s->mp[i]);
        if (!wg_box_is_empty(one))
            probe_random(p, &r, one, n_random / (s->n + 1));
    }
    if (wg_box_is_empty(box))
        box = (struct wg_box){0, 0, 1, 1};
    probe_random(p, &r, box, n_random);
    probe_odd(p, box);
}

static void check(const char *name, const struct scheme *s, size_t n_random,
                  int partition)
{
    struct probes p = {0};
    probe_scheme(&p, s, n_random);
    check_with(name, s, &p, partition);
    probes_finish(&p);
}

/* ---- cases in words -------------------------------------------------------------- */

struct wkt_case {
    const char *name;
    int partition;
    const char *wkt[6]; /* in this order of codes */
};

static const struct wkt_case wkt_cases[] = {
    {"one grid", 1, {"POLYGON((0 0,10 1,9 9,1 10,0 0))"}},
    {"one triangle", 1, {"POLYGON((0 0,1 0,0 1,0 0))"}},
    {"two that share an edge",
     1,
     {"POLYGON((0 0,4 0,5 5,0 4,0 0))", "POLYGON((4 0,9 1,8 8,5 5,4 0))"}},
    {"the higher code first",
     1,
     {"POLYGON((4 0,9 1,8 8,5 5,4 0))", "POLYGON((0 0,4 0,5 5,0 4,0 0))"}},
    {"clockwise",
     1,
     {"POLYGON((0 0,0 4,5 5,4 0,0 0))", "POLYGON((4 0,5 5,8 8,9 1,4 0))"}},
    {"a hole", 1, {"POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,3 6,6 6,6 3,3 3))"}},
    {"a hole that is filled",
     1,
     {"POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,3 6,6 6,6 3,3 3))",
      "POLYGON((3 3,6 3,6 6,3 6,3 3))"}},
    {"an island in a hole in a grid",
     1,
     {"MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(2 2,2 7,7 7,7 2,2 2)),((4 4,5 4,5 5,4 5,4 "
      "4)))",
      "POLYGON((2 2,7 2,7 7,2 7,2 2),(4 4,4 5,5 5,5 4,4 4))"}},
    {"holes that touch the shell and each other",
     1,
     {"POLYGON((0 0,8 0,8 8,0 8,0 0),(0 4,2 2,4 4,2 6,0 4),(4 4,6 2,7 4,6 6,4 4))",
      "POLYGON((0 4,2 2,4 4,2 6,0 4))", "POLYGON((4 4,6 2,7 4,6 6,4 4))"}},
    {"parts that touch at a point",
     1,
     {"MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((4 4,8 4,8 8,4 8,4 4)))",
      "MULTIPOLYGON(((4 0,8 0,8 4,4 4,4 0)),((0 4,4 4,4 8,0 8,0 4)))"}},
    {"far parts",
     1,
     {"MULTIPOLYGON(((0 0,1 0,0 1,0 0)),((1000 1000,1001 1000,1000 1001,"
      "1000 1000)))",
      "POLYGON((500 500,501 500,500 501,500 500))"}},
    {"repeated vertices",
     1,
     {"POLYGON((0 0,0 0,4 0,4 0,4 0,5 5,0 4,0 4,0 0,0 0))",
      "POLYGON((4 0,9 1,9 1,8 8,5 5,5 5,4 0,4 0))"}},
    {"vertices in a line",
     1,
     {"POLYGON((0 0,1 0,2 0,3 0,4 0,4 1,4 2,4 3,4 4,0 4,0 0))",
      "POLYGON((4 0,8 0,8 4,4 4,4 3,4 2,4 1,4 0))"}},
    {"T-junctions",
     1,
     {"POLYGON((0 0,4 0,4 8,0 8,0 0))", "POLYGON((4 0,8 0,8 3,4 3,4 0))",
      "POLYGON((4 3,8 3,8 8,4 8,4 3))"}},
    {"a gap",
     1,
     {"POLYGON((0 0,4 0,4 8,0 8,0 0))", "POLYGON((4.5 0,8 0,8 8,4 8,4.5 0))"}},
    {"a gap as thin as doubles",
     1,
     {"POLYGON((0 0,4 0,4 8,0 8,0 0))",
      "POLYGON((4.000000000000001 0,8 0,8 8,4.000000000000001 8,4.000000000000001 0))"}},
    {"an overlap",
     0,
     {"POLYGON((0 0,5 0,5 8,0 8,0 0))", "POLYGON((4 1,9 1,9 7,4 7,4 1))"}},
    {"an overlap as thin as doubles",
     0,
     {"POLYGON((0 0,4.000000000000001 0,4.000000000000001 8,0 8,0 0))",
      "POLYGON((4 0,8 0,8 8,4 8,4 0))"}},
    {"an overlap that only crosses edges",
     0,
     {"POLYGON((0 3,9 3,9 5,0 5,0 3))", "POLYGON((3 0,5 0,5 9,3 9,3 0))"}},
    {"an overlap without a vertex inside",
     0,
     {"POLYGON((0 0,4 0,4 8,0 8,0 0))", "POLYGON((4 0,8 0,8 8,4 8,3 4,4 0))"}},
    {"one within another",
     0,
     {"POLYGON((3 3,6 3,6 6,3 6,3 3))", "POLYGON((0 0,9 0,9 9,0 9,0 0))"}},
    {"one within another, the outer first",
     0,
     {"POLYGON((0 0,9 0,9 9,0 9,0 0))", "POLYGON((3 3,6 3,6 6,3 6,3 3))"}},
    {"the same twice", 0, {"POLYGON((0 0,9 1,5 9,0 0))", "POLYGON((0 0,9 1,5 9,0 0))"}},
    {"the same turned and begun elsewhere",
     0,
     {"POLYGON((0 0,9 1,5 9,0 0))", "POLYGON((5 9,9 1,0 0,5 9))"}},
    {"three deep",
     0,
     {"POLYGON((2 2,3 2,3 3,2 3,2 2))", "POLYGON((1 1,4 1,4 4,1 4,1 1))",
      "POLYGON((0 0,9 0,9 9,0 9,0 0))", "POLYGON((2.5 0,9 0,9 2.5,2.5 2.5,2.5 0))"}},
    {"touching at a vertex from within",
     0,
     {"POLYGON((0 0,9 0,9 9,0 9,0 0))", "POLYGON((0 0,3 1,1 3,0 0))"}},
    {"touching along an edge from within",
     0,
     {"POLYGON((0 0,9 0,9 9,0 9,0 0))", "POLYGON((2 0,5 0,4 3,2 0))"}},
    {"degrees",
     1,
     {"POLYGON((109.191111111 27.7211,109.1922333 27.7211003,109.1922 27.7222,109.1911 "
      "27.72219,109.191111111 27.7211))",
      "POLYGON((109.1922333 27.7211003,109.1933 27.7211,109.1934 27.7223,109.1922 "
      "27.7222,109.1922333 27.7211003))"}},
    {"south and west of zero",
     1,
     {"POLYGON((-5 -5,0 -5,0 0,-5 0,-5 -5))", "POLYGON((0 -5,5 -5,5 0,0 0,0 -5))",
      "POLYGON((-5 0,0 0,0 5,-5 5,-5 0))", "POLYGON((0 0,5 0,5 5,0 5,0 0))"}},
    {"a sliver",
     1,
     {"POLYGON((0 0,1000 0.001,1000 0.0011,0 0))",
      "POLYGON((0 0,1000 0.0011,500 400,0 0))"}},
    {"grid codes by byte, not by number",
     1,
     {"POLYGON((0 0,1 0,1 1,0 1,0 0))", "POLYGON((1 0,2 0,2 1,1 1,1 0))"}},
};

static void test_wkt(void **state)
{
    static const char *const codes[] = {"10", "100", "2", "A", "a", "é"};
    for (size_t i = 0; i < sizeof wkt_cases / sizeof *wkt_cases; i++) {
        struct scheme *s = new_scheme();
        for (size_t k = 0; k < 6 && wkt_cases[i].wkt[k]; k++)
            add_wkt(s, codes[k], wkt_cases[i].wkt[k]);
        check(wkt_cases[i].name, s, 1000, wkt_cases[i].partition);
        free_scheme(s);
    }
}

static bool is_finite(const struct scheme *s)
{
    for (size_t g = 0; g < s->n; g++)
        for (uint32_t v = 0; v < s->mp[g].n_vertex; v++)
            if (!isfinite(s->mp[g].x[v]) || !isfinite(s->mp[g].y[v]))
                return false;
    return true;
}

/* The same cases moved and scaled to where doubles are coarse, fine or run out. */
static void test_scaled(void **state)
{
    static const struct {
        const char *name;
        double scale, x, y;
    } places[] = {
        {"district", 100, 300000, 3780000},
        {"lattice", 0x1p-10, 300000, 3780000},
        {"1e15", 1, 1e15, -1e15},
        {"1e15 wide", 1e14, 0, 0},
        {"1e300", 1e299, 0, 0},
        {"the greatest", 0x1p1020, 0, 0},
        {"the greatest, both signs", 0x1p1020, -0x1p1023, -0x1p1023},
        {"1e-300", 1e-300, 0, 0},
        {"subnormal", 0x1p-1070, 0, 0},
        {"one step", 0x1p-29, 3780000, 3780000},
        {"tiny by the sea", 1e-9, 0, 3780000},
    };
    for (size_t k = 0; k < sizeof places / sizeof *places; k++)
        for (size_t i = 0; i < sizeof wkt_cases / sizeof *wkt_cases; i++) {
            struct scheme *s = new_scheme();
            char name[128], code[2] = "A";
            for (size_t g = 0; g < 6 && wkt_cases[i].wkt[g]; g++, code[0]++)
                add_wkt(s, code, wkt_cases[i].wkt[g]);
            for (size_t g = 0; g < s->n; g++)
                for (uint32_t v = 0; v < s->mp[g].n_vertex; v++) {
                    s->mp[g].x[v] = s->mp[g].x[v] * places[k].scale + places[k].x;
                    s->mp[g].y[v] = s->mp[g].y[v] * places[k].scale + places[k].y;
                }
            if ((i + k) % 2 || !is_finite(s)) { /* half of them: there are many */
                free_scheme(s);
                continue;
            }
            snprintf(name, sizeof name, "%s, %s", places[k].name, wkt_cases[i].name);
            struct probes p = {0};
            struct wg_locator *loc = NULL;
            probe_scheme(&p, s, 100);
            /* rounding may close a gap or open an overlap: its own word is checked for
             * truth, not for a value */
            assert_int_equal(wg_locator_build(s->n, s->grid, NULL, &loc, NULL), WG_OK);
            int partition = wg_locator_info(loc).partition;
            wg_locator_destroy(loc);
            check_builds(name, s, &p, partition, 3);
            probes_finish(&p);
            free_scheme(s);
        }
}

/* Rings that no validity check would let pass: the even-odd rule, and every edge is
 * boundary. */
static void test_invalid(void **state)
{
    static const struct wkt_case cases[] = {
        {"a spike", 1, {"POLYGON((0 0,4 0,9 0,4 0,4 4,0 4,0 0))"}},
        {"a spike inwards", 1, {"POLYGON((0 0,4 0,4 2,1 2,4 2,4 4,0 4,0 0))"}},
        {"a bow tie", 1, {"POLYGON((0 0,4 4,4 0,0 4,0 0))"}},
        {"a line", 1, {"POLYGON((0 0,4 4,0 0))"}},
        {"a line there and back", 1, {"POLYGON((0 0,2 1,4 2,2 1,0 0))"}},
        {"a point", 1, {"POLYGON((3 3,3 3,3 3,3 3))"}},
        {"a point beside a grid",
         1,
         {"POLYGON((3 3,3 3,3 3,3 3))", "POLYGON((0 0,2 0,2 2,0 2,0 0))"}},
        {"the same ring twice",
         1,
         {"POLYGON((0 0,4 0,4 4,0 4,0 0),(0 0,4 0,4 4,0 4,0 0))"}},
        {"a hole outside", 1, {"POLYGON((0 0,4 0,4 4,0 4,0 0),(6 6,8 6,8 8,6 8,6 6))"}},
        {"parts that overlap",
         1,
         {"MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((2 2,6 2,6 6,2 6,2 2)))"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scheme *s = new_scheme();
        struct probes p = {0};
        struct wg_locator *loc = NULL;
        for (size_t k = 0; k < 6 && cases[i].wkt[k]; k++)
            add_wkt(s, (const char[]){(char)('a' + k), '\0'}, cases[i].wkt[k]);
        probe_scheme(&p, s, 2000);
        assert_int_equal(wg_locator_build(s->n, s->grid, NULL, &loc, NULL), WG_OK);
        int partition = wg_locator_info(loc).partition;
        wg_locator_destroy(loc);
        check_with(cases[i].name, s, &p, partition);
        probes_finish(&p);
        free_scheme(s);
    }
}

/* ---- cases in numbers ------------------------------------------------------------ */

static void test_empty(void **state)
{
    struct scheme *s = new_scheme();
    check("no grids", s, 100, 1);
    add(s, "1", (struct wg_multipolygon){0});
    check("a grid without a polygon", s, 100, 1);
    add(s, "2", box_of(1, 1, 2, 2));
    check("and one with", s, 500, 1);
    free_scheme(s);
}

/* A hundred grids about one vertex, whose other vertices are where they fall. */
static void test_fan(void **state)
{
    struct scheme *s = new_scheme();
    const double tau = 6.283185307179586, cx = 300000.1, cy = 3780000.7;
    char code[16];
    for (int i = 0; i < 100; i++) {
        struct wg_point at[3] = {{cx, cy}};
        for (int k = 0; k < 2; k++) {
            double a = tau * ((i + k) % 100) / 100;
            at[1 + k] = (struct wg_point){cx + 50 * cos(a), cy + 50 * sin(a)};
        }
        snprintf(code, sizeof code, "%03d", (i * 37) % 100);
        add(s, code, ring_of(3, at));
    }
    struct probes p = {0};
    struct random r = {5};
    probe_scheme(&p, s, 2000);
    probe_random(&p, &r, (struct wg_box){cx - 1e-6, cy - 1e-6, cx + 1e-6, cy + 1e-6},
                 2000);
    check_with("fan", s, &p, 1);
    probes_finish(&p);
    free_scheme(s);
}

/* Two grids whose common boundary winds 5,000 times in a millimetre, in a square
 * kilometre of grids of four edges; the index may use little memory. */
static struct scheme *make_skewed(void)
{
    enum { TEETH = 2500 };
    struct scheme *s = new_scheme();
    struct wg_point *low = calloc(2 * TEETH + 5, sizeof *low);
    struct wg_point *high = calloc(2 * TEETH + 5, sizeof *high);
    size_t n = 0;
    char code[16];
    assert_true(low && high);
    for (int col = 0; col < 10; col++)
        for (int row = 0; row < 10; row++) {
            snprintf(code, sizeof code, "g%d%d", col, row);
            if (col != 5 || row != 5)
                add(s, code, box_of(col * 100, row * 100, 100, 100));
        }
    low[n++] = (struct wg_point){500, 550};
    for (int i = 0; i < TEETH; i++) { /* a comb 1 mm wide, teeth 5 mm long */
        low[n++] = (struct wg_point){550 + i * 4e-7, 550};
        low[n++] = (struct wg_point){550 + i * 4e-7 + 2e-7, 550.005};
    }
    low[n++] = (struct wg_point){600, 550};
    memcpy(high, low, n * sizeof *low);
    low[n] = (struct wg_point){600, 500};
    low[n + 1] = (struct wg_point){500, 500};
    high[n] = (struct wg_point){600, 600};
    high[n + 1] = (struct wg_point){500, 600};
    add(s, "low", ring_of(n + 2, low));
    add(s, "high", ring_of(n + 2, high));
    free(low);
    free(high);
    return s;
}

/* One boundary many times over, a hair apart each time: as a grid has it in the polygons
 * of all times.  The index stays small. */
static void test_bundle(void **state)
{
    struct scheme *s = new_scheme();
    struct random r = {7};
    struct wg_locator *loc = NULL;

    for (int i = 0; i < 24; i++) {
        double off = random_real(&r, 0, 0.0005);
        char code[16];
        snprintf(code, sizeof code, "B%02d", i);
        add(s, code, box_of(5e5 + off, 3.05e6 + off, 400, 400));
    }
    loc = build(s, NULL);
    assert_true(wg_locator_info(loc).bytes < (UINT64_C(4) << 20));
    wg_locator_destroy(loc);
    check("bundle", s, 2000, 11);
    free_scheme(s);
}

static void test_skew(void **state)
{
    struct scheme *s = make_skewed();
    struct probes p = {0};
    struct random r = {9};
    struct plain plain = plain_make(s->n, s->grid);
    /* hardly more than the vertices need; some room; as it likes */
    static const size_t memory[] = {250000, 1500000, 0};
    for (uint32_t k = 0; k < 2; k++) {
        const struct wg_multipolygon *mp = &s->mp[s->n - 1 - k];
        for (uint32_t i = k; i + 1 < mp->n_vertex; i += 512)
            probe_about(&p, mp->x[i] / 2 + mp->x[i + 1] / 2,
                        mp->y[i] / 2 + mp->y[i + 1] / 2);
        for (uint32_t i = k; i + 1 < mp->n_vertex; i += 512)
            probe_about(&p, mp->x[i], mp->y[i]);
    }
    probe_random(&p, &r, (struct wg_box){549.9999, 549.999, 550.0011, 550.006}, 200);
    probe_random(&p, &r, (struct wg_box){0, 0, 1000, 1000}, 200);
    uint32_t *want = calloc(p.n + 1, sizeof *want);
    assert_non_null(want);
    for (size_t i = 0; i < p.n; i++)
        want[i] = plain_slot(&plain, p.x[i], p.y[i]);
    for (size_t k = 0; k < sizeof memory / sizeof *memory; k++) {
        struct wg_locator *loc =
            build(s, &(struct wg_locator_options){.memory_max = memory[k]});
        struct wg_locator_info info = wg_locator_info(loc);
        if (memory[k] && info.bytes > memory[k])
            fail_msg("%zu bytes were allowed, %llu are used", memory[k],
                     (unsigned long long)info.bytes);
        assert_true(info.partition);
        ask_every_way("skew", loc, &plain, &p, want);
        wg_locator_destroy(loc);
    }
    free(want);
    probes_finish(&p);
    plain_finish(&plain);
    free_scheme(s);
}

/* Rectangles cut at random again and again: T-junctions everywhere. */
static void cut(struct scheme *s, struct random *r, struct wg_box b, int depth)
{
    char code[16];
    double w = b.max_x - b.min_x, h = b.max_y - b.min_y;
    if (depth == 0 || w < 0.01 || h < 0.01) {
        snprintf(code, sizeof code, "%08llx",
                 (unsigned long long)(random_next(r) & 0xffffff00) + s->n);
        const struct wg_point at[] = {{b.min_x, b.min_y},
                                      {b.max_x, b.min_y},
                                      {b.max_x, b.max_y},
                                      {b.min_x, b.max_y}};
        add(s, code, ring_of(4, at));
        return;
    }
    struct wg_box low = b, high = b;
    if (w > h)
        low.max_x = high.min_x = wg_lattice_snap(b.min_x + w * random_real(r, 0.2, 0.8));
    else
        low.max_y = high.min_y = wg_lattice_snap(b.min_y + h * random_real(r, 0.2, 0.8));
    cut(s, r, low, depth - 1);
    cut(s, r, high, depth - 1);
}

static void test_cuts(void **state)
{
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct scheme *s = new_scheme();
        struct random r = {seed};
        cut(s, &r, (struct wg_box){300000, 3780000, 300512, 3780512}, (int)seed + 1);
        check("cuts", s, 2000, 1);
        free_scheme(s);
    }
}

/* Stars thrown anywhere, some of whose coordinates are whole numbers. */
static void test_stars(void **state)
{
    int overlaps = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct scheme *s = new_scheme();
        struct random r = {seed};
        int64_t n = random_between(&r, 1, 12);
        char code[16];
        for (int64_t i = 0; i < n; i++) {
            struct wg_point at[16];
            size_t m = (size_t)random_between(&r, 3, 16);
            bool whole = random_between(&r, 0, 1);
            double cx = random_real(&r, 0, 20), cy = random_real(&r, 0, 20);
            for (size_t k = 0; k < m; k++) {
                double a = 6.283185307179586 * (double)k / (double)m;
                double d = random_real(&r, 0.5, 6);
                at[k] = (struct wg_point){cx + d * cos(a), cy + d * sin(a)};
                if (whole)
                    at[k] = (struct wg_point){round(at[k].x), round(at[k].y)};
            }
            snprintf(code, sizeof code, "%04d",
                     (int)random_between(&r, 0, 99) * 100 + (int)i);
            add(s, code, ring_of(m, at));
        }
        struct probes p = {0};
        struct wg_locator *loc = build(s, NULL);
        bool partition = wg_locator_info(loc).partition;
        overlaps += !partition;
        wg_locator_destroy(loc);
        probe_scheme(&p, s, 1500);
        check_builds("stars", s, &p, partition, 5);
        probes_finish(&p);
        free_scheme(s);
    }
    assert_in_range(overlaps, 8, 23); /* both kinds came up */
}

/* ---- refusals -------------------------------------------------------------------- */

static void refused(const struct scheme *s, const struct wg_locator_options *options,
                    enum wg_status status, const char *words)
{
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    enum wg_status got = wg_locator_build(s->n, s->grid, options, &loc, &err);
    if (got != status)
        fail_msg("%s, not %s", wg_status_name(got), wg_status_name(status));
    assert_null(loc);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void test_refusals(void **state)
{
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        struct scheme *s = new_scheme();
        add(s, "first", box_of(0, 0, 1, 1));
        add(s, "second", box_of(1, 0, 1, 1));
        s->mp[1].y[2] = bad[i];
        refused(s, NULL, WG_GEOMETRY, "second");
        free_scheme(s);
    }
    struct scheme *s = new_scheme();
    add(s, "first", box_of(0, 0, 1, 1));
    add(s, "open", box_of(1, 0, 1, 1));
    s->mp[1].x[4] += 0.5;
    refused(s, NULL, WG_GEOMETRY, "open");
    s->mp[1].x[4] -= 0.5;
    strcpy(s->code[1], "first");
    refused(s, NULL, WG_EXISTS, "first");
    strcpy(s->code[1], "second");
    refused(s, &(struct wg_locator_options){.memory_max = 100}, WG_NO_MEMORY, "");
    for (int v = WG_VECTOR_PLAIN; v <= WG_VECTOR_NEON; v++)
        if (!wg_vector_works((enum wg_vector)v))
            refused(s, &(struct wg_locator_options){.vector = (enum wg_vector)v},
                    WG_INVALID, wg_vector_name((enum wg_vector)v));
    assert_false(wg_vector_works(WG_VECTOR_AVX2) && wg_vector_works(WG_VECTOR_NEON));
    wg_locator_destroy(NULL);
    free_scheme(s);
}

static void test_geometry(void **state)
{
    struct scheme *s = new_scheme();
    struct wg_error err = {0};
    add_wkt(s, "b", "POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,3 6,6 6,6 3,3 3))");
    add_wkt(s, "a", "MULTIPOLYGON(((10 0,11 0,10 1,10 0)),((12 0,13 0,12 1,12 0)))");
    struct wg_locator *loc = build(s, NULL);
    for (uint32_t slot = 1; slot <= 2; slot++) {
        struct wg_multipolygon mp = {0}, *of = &s->mp[2 - slot];
        assert_int_equal(wg_locator_geometry(loc, slot, &mp, &err), WG_OK);
        assert_int_equal(mp.n_part, of->n_part);
        assert_int_equal(mp.n_vertex, of->n_vertex);
        assert_memory_equal(mp.ring, of->ring, (of->n_ring + 1) * sizeof *mp.ring);
        assert_true(wg_multipolygon_area(&mp) == wg_multipolygon_area(of));
        wg_multipolygon_finish(&mp);
    }
    struct wg_multipolygon none = {0};
    assert_int_equal(wg_locator_geometry(loc, 0, &none, &err), WG_NOT_FOUND);
    assert_int_equal(wg_locator_geometry(loc, 3, &none, &err), WG_NOT_FOUND);
    wg_locator_destroy(loc);
    free_scheme(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wkt),      cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_invalid),  cmocka_unit_test(test_empty),
        cmocka_unit_test(test_bundle),   cmocka_unit_test(test_fan),
        cmocka_unit_test(test_skew),     cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_stars),    cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_geometry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
