/* What the arrangement promises, looked at pair by pair; faces against winding numbers;
 * traced polygons and overlays against GEOS. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrange.h"
#include "random.h"
#include "wangge/shape.h"

enum { MANY = 64 };

static const struct wg_lattice origin = {INT64_C(460800000), INT64_C(3328000000)};

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s (%.4f %.4f)", wg_status_name(status), err->text, err->x, err->y);
}

static struct wg_arrangement arranged(size_t n, const struct wg_arrange_segment *segment)
{
    struct wg_error err = {0};
    struct wg_arrangement g = {0};
    must(wg_arrange(n, segment, NULL, &g, &err), &err);
    return g;
}

/* ---- the promises, one by one ------------------------------------------------------ */

static void check_pairs(const struct wg_arrangement *g)
{
    for (uint32_t s = 0; s < g->n_segment; s++) {
        struct wg_spot a = g->spot[g->a[s]], b = g->spot[g->b[s]];
        assert_true(a.y < b.y || (a.y == b.y && a.x < b.x));
        for (uint32_t t = 0; t < s; t++) {
            enum wg_meeting how = wg_spot_meet(a, b, g->spot[g->a[t]], g->spot[g->b[t]]);
            if (how != WG_APART && how != WG_SHARE_END)
                fail_msg("(%d %d)-(%d %d) and (%d %d)-(%d %d) meet: %d", a.x, a.y, b.x,
                         b.y, g->spot[g->a[t]].x, g->spot[g->a[t]].y, g->spot[g->b[t]].x,
                         g->spot[g->b[t]].y, how);
        }
    }
    for (uint32_t v = 0; v < g->n_spot; v++)
        for (uint32_t w = 0; w < v; w++)
            assert_false(wg_spot_equal(g->spot[v], g->spot[w]));
}

static uint32_t other_end(const struct wg_arrangement *g, uint32_t s, uint32_t v)
{
    return g->a[s] == v ? g->b[s] : g->a[s];
}

/* Order around the spots; faces agree between one segment and the next. */
static void check_around(const struct wg_arrangement *g, bool faces)
{
    uint32_t sum = 0;
    for (uint32_t v = 0; v < g->n_spot; v++) {
        uint32_t first = g->first[v], end = g->first[v + 1];
        assert_true(end > first);
        for (uint32_t i = first; i < end; i++) {
            uint32_t s = g->around[i], t = g->around[i + 1 < end ? i + 1 : first];
            assert_true(g->a[s] == v || g->b[s] == v);
            if (i + 1 < end)
                assert_true(wg_spot_angle_compare(g->spot[v], g->spot[other_end(g, s, v)],
                                                  g->spot[other_end(g, t, v)]) < 0);
            if (faces)
                assert_int_equal(g->a[s] == v ? g->left[s] : g->right[s],
                                 g->a[t] == v ? g->right[t] : g->left[t]);
            sum++;
        }
    }
    assert_int_equal(sum, 2 * g->n_segment);
}

static uint32_t root(uint32_t *up, uint32_t v)
{
    while (up[v] != v)
        v = up[v] = up[up[v]];
    return v;
}

static void check_euler(const struct wg_arrangement *g)
{
    uint32_t *up = malloc((g->n_spot + 1) * sizeof *up), pieces = g->n_spot;
    for (uint32_t v = 0; v < g->n_spot; v++)
        up[v] = v;
    for (uint32_t s = 0; s < g->n_segment; s++) {
        uint32_t p = root(up, g->a[s]), q = root(up, g->b[s]);
        pieces -= p != q;
        up[p] = q;
    }
    free(up);
    assert_int_equal(g->n_face, 1 + g->n_segment + pieces - g->n_spot);
}

/* The face of a point (x + ½, y + ½): what the nearest segment to the west has on its
 * east.  SIZE_MAX when a segment passes so near that doubles do not tell. */
static size_t face_at(const struct wg_arrangement *g, double x, double y)
{
    double best = -INFINITY;
    size_t face = 0;
    for (uint32_t s = 0; s < g->n_segment; s++) {
        struct wg_spot a = g->spot[g->a[s]], b = g->spot[g->b[s]];
        if (a.y > y || b.y < y)
            continue;
        double at = a.x + (y - a.y) * ((double)b.x - a.x) / ((double)b.y - a.y);
        if (fabs(at - x) < 1e-3 || (best != -INFINITY && fabs(at - best) < 1e-6))
            return SIZE_MAX;
        if (at < x && at > best) {
            best = at;
            face = g->right[s];
        }
    }
    return face;
}

static bool is_covered(const struct wg_arrangement *g, size_t face, uint32_t label)
{
    for (uint32_t i = g->cover_first[face]; i < g->cover_first[face + 1]; i++)
        if (g->cover[i] == label)
            return true;
    return false;
}

/* How often the segments of a label wind around a point; *near: it is too near to say. */
static int winding(size_t n, const struct wg_arrange_segment *segment, uint32_t label,
                   double x, double y, bool *near)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        struct wg_spot a = segment[i].a, b = segment[i].b;
        double dx = (double)b.x - a.x, dy = (double)b.y - a.y, square = dx * dx + dy * dy;
        double t = square > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / square : 0;
        t = fmin(1, fmax(0, t));
        *near = *near || hypot(a.x + t * dx - x, a.y + t * dy - y) < 1.01;
        if ((a.y > y) == (b.y > y))
            continue;
        double at = a.x + (y - a.y) * dx / dy;
        if (at > x && segment[i].left == label)
            sum += b.y > a.y ? 1 : -1;
        if (at > x && segment[i].right == label)
            sum -= b.y > a.y ? 1 : -1;
    }
    return sum;
}

static int check_winding(struct random *r, const struct wg_arrangement *g, size_t n,
                         const struct wg_arrange_segment *segment, uint32_t n_label,
                         int32_t reach)
{
    int asked = 0;
    for (int i = 0; i < 30; i++) {
        double x = (double)random_between(r, -reach - 1, reach) + 0.5,
               y = (double)random_between(r, -reach - 1, reach) + 0.5;
        bool near = false;
        winding(n, segment, 0, x, y, &near);
        size_t face = face_at(g, x, y);
        if (near || face == SIZE_MAX)
            continue;
        asked++;
        for (uint32_t label = 0; label < n_label; label++)
            assert_int_equal(winding(n, segment, label, x, y, &near) != 0,
                             is_covered(g, face, label));
    }
    return asked;
}

/* Each input is a way from its a to its b along output segments with its bit, within a
 * step of it. */
static void check_inputs(const struct wg_arrangement *g, size_t n,
                         const struct wg_arrange_segment *segment)
{
    for (size_t i = 0; i < n; i++) {
        struct wg_spot at = segment[i].a, from = at;
        if (wg_spot_equal(at, segment[i].b))
            continue;
        uint32_t last = UINT32_MAX;
        for (uint32_t steps = 0; !wg_spot_equal(at, segment[i].b); steps++) {
            assert_true(steps <= g->n_segment);
            uint32_t found = UINT32_MAX, n_found = 0;
            for (uint32_t s = 0; s < g->n_segment; s++)
                if (s != last && (g->source[s] & segment[i].source) &&
                    (wg_spot_equal(g->spot[g->a[s]], at) ||
                     wg_spot_equal(g->spot[g->b[s]], at))) {
                    found = s;
                    n_found++;
                }
            assert_int_equal(n_found, 1);
            last = found;
            at = wg_spot_equal(g->spot[g->a[last]], at) ? g->spot[g->b[last]]
                                                        : g->spot[g->a[last]];
            assert_true(wg_spot_distance(from, segment[i].b, at) < 1);
        }
    }
}

/* ---- inputs ---------------------------------------------------------------------- */

static struct wg_spot draw_spot(struct random *r, int32_t reach)
{
    return (struct wg_spot){(int32_t)random_between(r, -reach, reach),
                            (int32_t)random_between(r, -reach, reach)};
}

/* Loose segments, each with a bit of its own. */
static size_t draw_segments(struct random *r, int32_t reach,
                            struct wg_arrange_segment *out)
{
    size_t n = (size_t)random_between(r, 1, 32);
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct wg_arrange_segment){draw_spot(r, reach), draw_spot(r, reach),
                                             WG_NO_LABEL, WG_NO_LABEL, UINT32_C(1) << i};
        if (i > 0 && random_between(r, 0, 2) == 0)
            out[i].a = out[i - 1].b;
    }
    return n;
}

/* Closed rings of any shape. */
static size_t draw_rings(struct random *r, int32_t reach, uint32_t n_label,
                         struct wg_arrange_segment *out)
{
    size_t n = 0;
    for (uint32_t label = 0; label < n_label; label++) {
        int corners = (int)random_between(r, 3, 8);
        struct wg_spot first = draw_spot(r, reach), at = first;
        bool between = random_between(r, 0, 3) == 0; /* as in a coverage */
        for (int i = 0; i < corners; i++) {
            struct wg_spot next = i + 1 < corners ? draw_spot(r, reach) : first;
            out[n] = (struct wg_arrange_segment){at, next, label, WG_NO_LABEL, 0};
            if (between)
                out[n].right = n_label;
            n++;
            at = next;
        }
    }
    return n;
}

static const int32_t reaches[] = {2, 3, 5, 10, 20, 300, 100000, WG_LATTICE_REACH};
enum { N_REACH = sizeof reaches / sizeof *reaches };

static void test_loose_segments(void **state)
{
    (void)state;
    struct random r = {101};
    struct wg_arrange_segment segment[MANY];
    uint32_t n_made = 0;
    for (int i = 0; i < 6000; i++) {
        size_t n = draw_segments(&r, reaches[i % N_REACH], segment);
        struct wg_arrangement g = arranged(n, segment);
        check_pairs(&g);
        check_around(&g, true);
        check_euler(&g);
        check_inputs(&g, n, segment);
        n_made += g.n_made;
        wg_arrangement_finish(&g);
    }
    assert_true(n_made > 10000);
}

static void test_rings_and_winding(void **state)
{
    (void)state;
    struct random r = {103};
    struct wg_arrange_segment segment[MANY];
    int asked = 0;
    for (int i = 0; i < 6000; i++) {
        int32_t reach = reaches[i % N_REACH];
        uint32_t n_label = (uint32_t)random_between(&r, 1, 6);
        size_t n = draw_rings(&r, reach, n_label, segment);
        struct wg_arrangement g = arranged(n, segment);
        check_pairs(&g);
        check_around(&g, true);
        check_euler(&g);
        asked += check_winding(&r, &g, n, segment, n_label + 1, reach);
        for (uint32_t f = 0; f < g.n_face; f++)
            assert_true(f == 0 ? g.area[f] == 0 : g.area[f] > 0);
        wg_arrangement_finish(&g);
    }
    assert_true(asked > 50000);
}

/* ---- what is noded stays as it is ------------------------------------------------ */

static void no_cut(void *user, uint32_t input, struct wg_spot spot)
{
    (void)input;
    (void)spot;
    ++*(int *)user;
}

static int by_ends(const void *a, const void *b)
{
    return memcmp(a, b, 4 * sizeof(int32_t));
}

/* Segments as sorted rows of their coordinates. */
static int32_t (*rows_of(const struct wg_arrangement *g))[4]
{
    int32_t(*row)[4] = malloc((g->n_segment + 1) * sizeof *row);
    for (uint32_t s = 0; s < g->n_segment; s++) {
        struct wg_spot a = g->spot[g->a[s]], b = g->spot[g->b[s]];
        row[s][0] = a.x;
        row[s][1] = a.y;
        row[s][2] = b.x;
        row[s][3] = b.y;
    }
    qsort(row, g->n_segment, sizeof *row, by_ends);
    return row;
}

static void test_noded_stays(void **state)
{
    (void)state;
    struct random r = {107};
    struct wg_arrange_segment segment[MANY];
    for (int i = 0; i < 3000; i++) {
        size_t n = draw_segments(&r, reaches[i % N_REACH], segment);
        struct wg_error err = {0};
        struct wg_arrangement g = arranged(n, segment), again = {0};
        struct wg_arrange_segment *noded = malloc((g.n_segment + 1) * sizeof *noded);
        for (uint32_t s = 0; s < g.n_segment; s++) {
            struct wg_spot a = g.spot[g.a[s]], b = g.spot[g.b[s]];
            bool turn = random_between(&r, 0, 1);
            noded[s] = (struct wg_arrange_segment){turn ? b : a, turn ? a : b,
                                                   WG_NO_LABEL, WG_NO_LABEL, 0};
        }
        int n_cut = 0;
        struct wg_arrange_options options = {true, no_cut, &n_cut};
        must(wg_arrange(g.n_segment, noded, &options, &again, &err), &err);
        assert_int_equal(n_cut, 0);
        assert_int_equal(again.n_made, 0);
        assert_int_equal(again.n_segment, g.n_segment);
        assert_int_equal(again.n_spot, g.n_spot);
        assert_null(again.area);
        check_around(&again, false);
        int32_t(*p)[4] = rows_of(&g), (*q)[4] = rows_of(&again);
        if (g.n_segment > 0)
            assert_memory_equal(p, q, g.n_segment * sizeof *p);
        free(p);
        free(q);
        free(noded);
        wg_arrangement_finish(&g);
        wg_arrangement_finish(&again);
    }
}

struct cuts {
    bool seen[MANY];
    const struct wg_arrange_segment *segment;
};

static void note_cut(void *user, uint32_t input, struct wg_spot spot)
{
    struct cuts *cuts = user;
    cuts->seen[input] = true;
    assert_true(wg_spot_distance(cuts->segment[input].a, cuts->segment[input].b, spot) <
                1);
}

/* Told of exactly those inputs that are not an output segment. */
static void test_cuts_are_told(void **state)
{
    (void)state;
    struct random r = {109};
    struct wg_arrange_segment segment[MANY];
    for (int i = 0; i < 3000; i++) {
        size_t n = draw_segments(&r, reaches[i % N_REACH], segment);
        struct wg_error err = {0};
        struct wg_arrangement g = {0};
        struct cuts cuts = {{false}, segment};
        struct wg_arrange_options options = {false, note_cut, &cuts};
        must(wg_arrange(n, segment, &options, &g, &err), &err);
        for (size_t k = 0; k < n; k++) {
            bool whole = wg_spot_equal(segment[k].a, segment[k].b);
            for (uint32_t s = 0; s < g.n_segment; s++)
                whole = whole || ((g.source[s] & segment[k].source) &&
                                  wg_spot_meet(segment[k].a, segment[k].b, g.spot[g.a[s]],
                                               g.spot[g.b[s]]) == WG_SAME);
            assert_int_equal(whole, !cuts.seen[k]);
        }
        wg_arrangement_finish(&g);
    }
}

/* A segment that passes an end within half a step is not bent by a crossing elsewhere. */
static void test_no_needless_bend(void **state)
{
    (void)state;
    struct wg_arrange_segment segment[] = {
        {{0, 0}, {1000, 1}, WG_NO_LABEL, WG_NO_LABEL, 1}, /* 0.3 below (700, 1) */
        {{700, 1}, {700, 50}, WG_NO_LABEL, WG_NO_LABEL, 2},
        {{0, 100}, {100, 203}, WG_NO_LABEL, WG_NO_LABEL, 4},
        {{0, 200}, {101, 100}, WG_NO_LABEL, WG_NO_LABEL, 8},
    };
    struct wg_arrangement g = arranged(4, segment);
    assert_int_equal(g.n_segment, 6);
    assert_int_equal(g.n_made, 1);
    wg_arrangement_finish(&g);
}

/* ---- labels ---------------------------------------------------------------------- */

static size_t add_square(struct wg_arrange_segment *out, int32_t x, int32_t y,
                         int32_t side, uint32_t label)
{
    struct wg_spot p[4] = {{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}};
    for (int i = 0; i < 4; i++)
        out[i] = (struct wg_arrange_segment){p[i], p[(i + 1) % 4], label, WG_NO_LABEL, 0};
    return 4;
}

static double area_where(const struct wg_arrangement *g, uint32_t n_cover)
{
    double sum = 0;
    for (uint32_t f = 1; f < g->n_face; f++)
        if (g->cover_first[f + 1] - g->cover_first[f] == n_cover)
            sum += g->area[f];
    return sum;
}

static void test_labels(void **state)
{
    (void)state;
    struct wg_arrange_segment segment[MANY];
    size_t n = add_square(segment, 0, 0, 10, 7);
    n += add_square(segment + n, 10, 0, 10, 9); /* beside it */
    struct wg_arrangement g = arranged(n, segment);
    assert_int_equal(g.n_segment, 7);
    assert_int_equal(g.n_face, 3);
    assert_true(area_where(&g, 1) == 200);
    wg_arrangement_finish(&g);

    n += add_square(segment + n, 5, 5, 10, 8); /* over both */
    g = arranged(n, segment);
    assert_true(area_where(&g, 2) == 50 && area_where(&g, 1) == 200);
    assert_int_equal(g.n_made, 3);
    wg_arrangement_finish(&g);

    n = add_square(segment, 0, 0, 30, 1); /* rings in rings: gap, island */
    n += add_square(segment + n, 40, 0, 5, 1);
    n += add_square(segment + n, 10, 10, 10, 2);
    for (size_t i = n; i < n + 4; i++) {
        segment[i] = segment[i - 4];
        segment[i].left = WG_NO_LABEL;
        segment[i].right = 1;
    }
    n += 4;
    n += add_square(segment + n, 12, 12, 2, 3);
    g = arranged(n, segment);
    assert_int_equal(g.n_face, 5);
    assert_true(area_where(&g, 1) == 900 - 100 + 25 + 96 && area_where(&g, 2) == 4);
    for (uint32_t f = 1; f < g.n_face; f++)
        if (g.area[f] == 800) {
            assert_true(g.face_box[f].min_x == 0 && g.face_box[f].max_y == 30);
            assert_int_equal(g.cover[g.cover_first[f]], 1);
        }
    assert_true(wg_box_is_empty(g.face_box[0]));
    wg_arrangement_finish(&g);

    g = arranged(0, segment);
    assert_int_equal(g.n_face, 1);
    assert_int_equal(g.n_segment, 0);
    wg_arrangement_finish(&g);
    segment[0].b = segment[0].a;
    g = arranged(1, segment);
    assert_int_equal(g.n_spot, 0);
    wg_arrangement_finish(&g);
}

/* ---- traced polygons ------------------------------------------------------------- */

static void check_form(const struct wg_multipolygon *mp)
{
    struct wg_point last = {-INFINITY, -INFINITY};
    for (uint32_t p = 0; p < mp->n_part; p++)
        for (uint32_t k = mp->part[p]; k < mp->part[p + 1]; k++) {
            uint32_t first = mp->ring[k], end = mp->ring[k + 1];
            double area = 0;
            for (uint32_t i = first; i + 1 < end; i++) {
                area += (mp->x[i] - mp->x[first]) * (mp->y[i + 1] - mp->y[first]) -
                        (mp->x[i + 1] - mp->x[first]) * (mp->y[i] - mp->y[first]);
                assert_true(mp->y[i] > mp->y[first] ||
                            (mp->y[i] == mp->y[first] && mp->x[i] >= mp->x[first]));
            }
            assert_true(k == mp->part[p] ? area > 0 : area < 0);
            assert_true(mp->x[first] == mp->x[end - 1] && mp->y[first] == mp->y[end - 1]);
            if (k > mp->part[p])
                continue;
            assert_true(mp->y[first] > last.y ||
                        (mp->y[first] == last.y && mp->x[first] >= last.x));
            last = (struct wg_point){mp->x[first], mp->y[first]};
        }
}

static void assert_same(const struct wg_multipolygon *p, const struct wg_multipolygon *q)
{
    assert_int_equal(p->n_part, q->n_part);
    assert_int_equal(p->n_ring, q->n_ring);
    assert_int_equal(p->n_vertex, q->n_vertex);
    if (p->n_part == 0)
        return;
    assert_memory_equal(p->part, q->part, (p->n_part + 1) * sizeof *p->part);
    assert_memory_equal(p->ring, q->ring, (p->n_ring + 1) * sizeof *p->ring);
    assert_memory_equal(p->x, q->x, p->n_vertex * sizeof *p->x);
    assert_memory_equal(p->y, q->y, p->n_vertex * sizeof *p->y);
}

static void shuffle(struct random *r, size_t n, struct wg_ring_segment *segment)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)random_between(r, 0, (int64_t)i - 1);
        struct wg_ring_segment t = segment[i - 1];
        segment[i - 1] = segment[k];
        segment[k] = t;
    }
}

/* The same region from its segments in another order, and with a cut through it. */
static void check_canonical(struct random *r, const struct wg_arrangement *g,
                            const bool *member, const struct wg_multipolygon *mp)
{
    struct wg_error err = {0};
    struct wg_multipolygon again = {0};
    struct wg_ring_segment *segment = malloc((2 * g->n_segment + 1) * sizeof *segment);
    size_t n = 0;
    for (uint32_t s = 0; s < g->n_segment; s++) {
        struct wg_spot a = g->spot[g->a[s]], b = g->spot[g->b[s]];
        if (member[g->left[s]])
            segment[n++] = (struct wg_ring_segment){a, b};
        if (member[g->right[s]])
            segment[n++] = (struct wg_ring_segment){b, a};
    }
    shuffle(r, n, segment);
    must(wg_trace_rings(n, segment, &origin, &again, &err), &err);
    assert_same(mp, &again);
    wg_multipolygon_finish(&again);
    free(segment);
}

static void test_traced_polygons(void **state)
{
    (void)state;
    struct random r = {113};
    struct wg_error err = {0};
    struct wg_shape *shape = NULL;
    struct wg_arrange_segment segment[MANY];
    int n_hole = 0, n_part = 0;
    must(wg_shape_create(&shape, &err), &err);
    for (int i = 0; i < 8000; i++) {
        size_t n = i % 2 ? draw_rings(&r, reaches[i % 5], 6, segment)
                         : draw_segments(&r, reaches[i % 6], segment);
        struct wg_arrangement g = arranged(n, segment);
        bool *member = calloc(g.n_face, sizeof *member);
        double area = 0;
        for (uint32_t f = 1; f < g.n_face; f++) {
            member[f] = random_between(&r, 0, 2) > 0;
            area += member[f] ? g.area[f] : 0;
        }
        struct wg_multipolygon mp = {0};
        must(wg_arrangement_polygon(&g, member, &origin, &mp, &err), &err);
        assert_true(wg_multipolygon_area(&mp) ==
                    area * WG_LATTICE_STEP * WG_LATTICE_STEP);
        if (mp.n_part > 0)
            must(wg_shape_check(shape, &mp, &err), &err);
        check_form(&mp);
        check_canonical(&r, &g, member, &mp);
        n_part += mp.n_part > 1;
        n_hole += mp.n_ring > mp.n_part;
        wg_multipolygon_finish(&mp);
        free(member);
        wg_arrangement_finish(&g);
    }
    assert_true(n_part > 1000 && n_hole > 500);
    wg_shape_destroy(shape);
}

static void test_open_boundary(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_multipolygon mp = {0};
    struct wg_ring_segment open[] = {{{0, 0}, {5, 0}}, {{5, 0}, {5, 5}}};
    assert_int_equal(wg_trace_rings(2, open, &origin, &mp, &err), WG_INTERNAL);
    assert_true(strlen(err.text) > 10);
    struct wg_ring_segment hole[] = {
        {{0, 0}, {5, 5}}, {{5, 5}, {5, 0}}, {{5, 0}, {0, 0}}};
    assert_int_equal(wg_trace_rings(3, hole, &origin, &mp, &err), WG_INTERNAL);
    assert_int_equal(mp.n_part, 0);
    must(wg_trace_rings(0, hole, &origin, &mp, &err), &err);
    assert_int_equal(mp.n_part, 0);
}

/* ---- overlays of polygons against GEOS ------------------------------------------- */

/* A valid polygon about a centre, often with a hole. */
static void draw_star(struct random *r, struct wg_multipolygon *mp)
{
    enum { CORNERS = 40 };
    double x = random_real(r, 449e3, 451e3), y = random_real(r, 3249e3, 3251e3);
    double size = random_real(r, 10, 900), tau = 2 * acos(-1);
    uint32_t n_ring = (uint32_t)random_between(r, 1, 2);
    mp->n_part = 1;
    mp->n_ring = n_ring;
    mp->part = malloc(2 * sizeof *mp->part);
    mp->part[0] = 0;
    mp->part[1] = n_ring;
    mp->ring = malloc(3 * sizeof *mp->ring);
    mp->x = malloc(2 * (CORNERS + 1) * sizeof *mp->x);
    mp->y = malloc(2 * (CORNERS + 1) * sizeof *mp->y);
    mp->n_vertex = 0;
    for (uint32_t k = 0; k < n_ring; k++) {
        uint32_t first = mp->ring[k] = mp->n_vertex;
        bool turned = random_between(r, 0, 1);
        double far[CORNERS];
        for (int i = 0; i < CORNERS; i++)
            far[i] = size * (k == 0 ? random_real(r, 0.6, 1) : random_real(r, 0.2, 0.5));
        for (int i = 0; i <= CORNERS; i++) {
            int c = (turned ? CORNERS - i : i) % CORNERS;
            mp->x[mp->n_vertex] = x + far[c] * cos(tau * c / CORNERS);
            mp->y[mp->n_vertex++] = y + far[c] * sin(tau * c / CORNERS);
        }
        mp->x[mp->n_vertex - 1] = mp->x[first];
        mp->y[mp->n_vertex - 1] = mp->y[first];
    }
    mp->ring[n_ring] = mp->n_vertex;
    wg_multipolygon_snap(mp);
}

static void check_sides(struct random *r, const struct wg_arrangement *g,
                        const struct wg_multipolygon *mp, uint32_t label)
{
    for (int i = 0; i < 20; i++) {
        struct wg_spot at = draw_spot(r, 1500 * 1024);
        struct wg_point p = wg_lattice_point(&origin, at);
        p.x += WG_LATTICE_STEP / 2;
        p.y += WG_LATTICE_STEP / 2;
        size_t face = face_at(g, at.x + 0.5, at.y + 0.5);
        enum wg_side side = wg_multipolygon_side(mp, p.x, p.y);
        if (face != SIZE_MAX)
            assert_int_equal(side == WG_INSIDE, is_covered(g, face, label));
    }
}

static void test_overlays(void **state)
{
    (void)state;
    struct random r = {127};
    struct wg_error err = {0};
    struct wg_shape *shape = NULL;
    must(wg_shape_create(&shape, &err), &err);
    for (int i = 0; i < 500; i++) {
        struct wg_multipolygon p[2] = {{0}, {0}}, both = {0}, common = {0};
        struct wg_arrange_segment *segment = NULL;
        size_t n = 0, cap = 0;
        for (uint32_t k = 0; k < 2; k++) {
            draw_star(&r, &p[k]);
            must(wg_shape_check(shape, &p[k], &err), &err);
            must(wg_arrange_add_polygon(&p[k], &origin, k, &segment, &n, &cap, &err),
                 &err);
        }
        struct wg_arrangement g = arranged(n, segment);
        check_pairs(&g);
        check_sides(&r, &g, &p[0], 0);
        check_sides(&r, &g, &p[1], 1);
        must(
            wg_shape_overlay(shape, WG_OVERLAY_INTERSECTION, &p[0], &p[1], &common, &err),
            &err);
        bool *member = calloc(g.n_face, sizeof *member);
        for (uint32_t f = 1; f < g.n_face; f++)
            member[f] = is_covered(&g, f, 0) && is_covered(&g, f, 1);
        must(wg_arrangement_polygon(&g, member, &origin, &both, &err), &err);
        double want = wg_multipolygon_area(&common), got = wg_multipolygon_area(&both);
        /* a step wide along both boundaries */
        assert_true(fabs(want - got) < 12000 * WG_LATTICE_STEP);
        double area = area_where(&g, 2) + area_where(&g, 1) + area_where(&g, 2);
        area *= WG_LATTICE_STEP * WG_LATTICE_STEP;
        want = wg_multipolygon_area(&p[0]) + wg_multipolygon_area(&p[1]);
        assert_true(fabs(want - area) < 12000 * WG_LATTICE_STEP);
        free(member);
        free(segment);
        wg_multipolygon_finish(&p[0]);
        wg_multipolygon_finish(&p[1]);
        wg_multipolygon_finish(&both);
        wg_multipolygon_finish(&common);
        wg_arrangement_finish(&g);
    }
    wg_shape_destroy(shape);
}

static void test_far_polygon(void **state)
{
    (void)state;
    struct wg_error err = {0};
    uint32_t part[] = {0, 1}, ring[] = {0, 4};
    double x[] = {450000, 450001, 2e6, 450000}, y[] = {3.25e6, 3.25e6, 3.26e6, 3.25e6};
    struct wg_multipolygon mp = {1, 1, 4, part, ring, x, y};
    struct wg_arrange_segment *segment = NULL;
    size_t n = 0, cap = 0;
    assert_int_equal(wg_arrange_add_polygon(&mp, &origin, 1, &segment, &n, &cap, &err),
                     WG_OUT_OF_RANGE);
    assert_true(err.x == 2e6 && err.y == 3.26e6);
    x[2] = NAN;
    assert_int_equal(wg_arrange_add_polygon(&mp, &origin, 1, &segment, &n, &cap, &err),
                     WG_OUT_OF_RANGE);
    assert_int_equal(n, 0);
    mp = (struct wg_multipolygon){0};
    must(wg_arrange_add_polygon(&mp, &origin, 1, &segment, &n, &cap, &err), &err);
    assert_int_equal(n, 0);
    free(segment);
}

/* ---- large ones ------------------------------------------------------------------ */

/* Many segments at one spot, many in one line, a dense corner and long ones across it. */
static void test_crowds(void **state)
{
    (void)state;
    enum { STAR = 500 };
    struct random r = {131};
    struct wg_arrange_segment *segment = malloc(8 * STAR * sizeof *segment);
    size_t n = 0;
    for (int i = 0; i < STAR; i++) {
        struct wg_spot far = draw_spot(&r, 1 << 20), o = {0, 0};
        segment[n++] = (struct wg_arrange_segment){o, far, WG_NO_LABEL, WG_NO_LABEL, 0};
    }
    for (int i = 0; i < STAR; i++) {
        struct wg_spot p = draw_spot(&r, 1000), q = draw_spot(&r, 1000);
        p.y = q.y = 17;
        segment[n++] = (struct wg_arrange_segment){p, q, WG_NO_LABEL, WG_NO_LABEL, 0};
    }
    for (int i = 0; i < 3 * STAR; i++) {
        struct wg_spot p = draw_spot(&r, 2000);
        struct wg_spot q = {p.x + (int32_t)random_between(&r, -30, 30),
                            p.y + (int32_t)random_between(&r, -30, 30)};
        segment[n++] = (struct wg_arrange_segment){p, q, WG_NO_LABEL, WG_NO_LABEL, 0};
    }
    for (int i = 0; i < 20; i++) {
        struct wg_spot p = draw_spot(&r, WG_LATTICE_REACH), q = {-p.x, -p.y};
        q.x += (int32_t)random_between(&r, -100, 100) * (p.x > 0 ? 1 : 0);
        q.x = q.x > WG_LATTICE_REACH ? WG_LATTICE_REACH : q.x;
        q.x = q.x < -WG_LATTICE_REACH ? -WG_LATTICE_REACH : q.x;
        segment[n++] = (struct wg_arrange_segment){p, q, WG_NO_LABEL, WG_NO_LABEL, 0};
    }
    struct wg_arrangement g = arranged(n, segment);
    assert_true(g.n_segment > n);
    check_pairs(&g);
    check_around(&g, true);
    check_euler(&g);
    wg_arrangement_finish(&g);
    free(segment);
}

/* Long slanted ones side by side, which no cells part; now and then two cross. */
static void test_long_parallels(void **state)
{
    (void)state;
    enum { N = 600 };
    struct random r = {139};
    struct wg_arrange_segment *segment = malloc(N * sizeof *segment);
    for (int round = 0; round < 6; round++) {
        int32_t sway = round % 3 == 0 ? 0 : round % 3 == 1 ? 40 : 150;
        for (int i = 0; i < N; i++) {
            int32_t x = i * 50 - 20000, y = -4000000;
            int32_t to = x + 3000000 + (int32_t)random_between(&r, -sway, sway);
            segment[i] = (struct wg_arrange_segment){
                {x, y}, {to, 4000000}, WG_NO_LABEL, WG_NO_LABEL, 0};
            if (round >= 3) /* mirrored */
                segment[i].a.x = -x, segment[i].b.x = -to;
        }
        struct wg_arrangement g = arranged(N, segment);
        assert_true(sway == 0 ? g.n_made == 0 : g.n_made > 5);
        check_pairs(&g);
        check_around(&g, true);
        check_euler(&g);
        wg_arrangement_finish(&g);
    }
    free(segment);
}

/* Islands far apart and in one another: each in the face it lies in. */
static void test_islands(void **state)
{
    (void)state;
    enum { SIDE = 40 };
    struct random r = {137};
    struct wg_arrange_segment *segment = malloc(SIDE * SIDE * 8 * sizeof *segment);
    size_t n = 0;
    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < SIDE; k++) {
            int32_t x = (i - SIDE / 2) * 1000, y = (k - SIDE / 2) * 1000;
            int32_t side = (int32_t)random_between(&r, 100, 990);
            n += add_square(segment + n, x, y, side, 0);
            n += add_square(segment + n, x + 20, y + 30, side / 3, 1);
        }
    struct wg_arrangement g = arranged(n, segment);
    assert_int_equal(g.n_face, 2 * SIDE * SIDE + 1);
    for (uint32_t f = 1; f < g.n_face; f++) {
        uint32_t k = g.cover_first[f + 1] - g.cover_first[f];
        assert_true(k == 1 || k == 2);
        assert_int_equal(g.cover[g.cover_first[f]], 0);
        if (k == 2)
            assert_int_equal(g.cover[g.cover_first[f] + 1], 1);
    }
    check_euler(&g);
    wg_arrangement_finish(&g);
    free(segment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loose_segments),   cmocka_unit_test(test_rings_and_winding),
        cmocka_unit_test(test_noded_stays),      cmocka_unit_test(test_cuts_are_told),
        cmocka_unit_test(test_no_needless_bend), cmocka_unit_test(test_labels),
        cmocka_unit_test(test_traced_polygons),  cmocka_unit_test(test_open_boundary),
        cmocka_unit_test(test_overlays),         cmocka_unit_test(test_far_polygon),
        cmocka_unit_test(test_crowds),           cmocka_unit_test(test_long_parallels),
        cmocka_unit_test(test_islands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
