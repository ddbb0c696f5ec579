/* Tests of geom: exact predicates against integer oracles, boxes, areas, the lattice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predicate.h"
#include "random.h"
#include "shared.h"
#include "wangge/geom.h"

__extension__ typedef __int128 wide;

struct place { /* whole numbers */
    int64_t x, y;
};

static int sign_of(wide value)
{
    return (value > 0) - (value < 0);
}

static int oracle(struct place a, struct place b, struct place c)
{
    wide left = (wide)(a.x - c.x) * (b.y - c.y), right = (wide)(a.y - c.y) * (b.x - c.x);
    return sign_of(left - right);
}

static struct wg_point at_scale(struct place p, int ex, int ey)
{
    return (struct wg_point){ldexp((double)p.x, ex), ldexp((double)p.y, ey)};
}

/* The answer, its symmetries and the last stage by itself. */
static void check_turn(struct wg_point a, struct wg_point b, struct wg_point c, int want)
{
    assert_int_equal(wg_orient(a, b, c), want);
    assert_int_equal(wg_orient(b, c, a), want);
    assert_int_equal(wg_orient(c, a, b), want);
    assert_int_equal(wg_orient(b, a, c), -want);
    assert_int_equal(wg_orient(a, c, b), -want);
    assert_int_equal(wg_orient_integer(a, b, c), want);
    struct wg_point ra = {a.y, a.x}, rb = {b.y, b.x}, rc = {c.y, c.x};
    assert_int_equal(wg_orient(ra, rb, rc), -want); /* mirrored */
    struct wg_point na = {-a.x, -a.y}, nb = {-b.x, -b.y}, nc = {-c.x, -c.y};
    assert_int_equal(wg_orient(na, nb, nc), want); /* half a turn */
}

static struct place random_place(struct random *r, int bits)
{
    int64_t most = ((int64_t)1 << bits) - 1;
    return (struct place){random_between(r, -most, most), random_between(r, -most, most)};
}

/* Whole numbers of 4 … 53 bits, at every power of two that a double has: scaling x and
 * y each by a power of two is exact and keeps the sign. */
static void test_orient_scales(void **state)
{
    static const int scales[] = {0, -10, -53, 200, -200, 970, -1074};
    struct random r = {1};
    (void)state;
    for (int i = 0; i < 60000; i++) {
        int bits = 4 + i % 50;
        struct place a = random_place(&r, bits), b = random_place(&r, bits), c;
        c = random_place(&r, bits);
        if (i % 3 == 0) { /* near or on the line a–b */
            c.x = a.x + (b.x - a.x) / 2 + random_between(&r, -1, 1);
            c.y = a.y + (b.y - a.y) / 2 + random_between(&r, -1, 1);
        }
        if (llabs(c.x) >= (INT64_C(1) << 53) || llabs(c.y) >= (INT64_C(1) << 53))
            continue;
        int ex = scales[random_next(&r) % 7], ey = scales[random_next(&r) % 7];
        check_turn(at_scale(a, ex, ey), at_scale(b, ex, ey), at_scale(c, ex, ey),
                   oracle(a, b, c));
    }
}

/* Kettner et al. (2008): points a few roundings around (0.5, 0.5) against the line
 * through (12, 12) and (24, 24), where rounded arithmetic gets most signs wrong. */
static void test_orient_near_a_line(void **state)
{
    int collinear = 0, rounded_wrong = 0;
    (void)state;
    struct place b = {INT64_C(12) << 53, INT64_C(12) << 53};
    struct place c = {INT64_C(24) << 53, INT64_C(24) << 53};
    for (int64_t i = 0; i < 256; i++)
        for (int64_t k = 0; k < 256; k++) {
            struct place a = {(INT64_C(1) << 52) + i, (INT64_C(1) << 52) + k};
            int want = oracle(a, b, c);
            struct wg_point p = at_scale(a, -53, -53), q = {12, 12}, s = {24, 24};
            double rounded = (p.x - s.x) * (q.y - s.y) - (p.y - s.y) * (q.x - s.x);
            check_turn(p, q, s, want);
            collinear += want == 0;
            rounded_wrong += (rounded > 0) - (rounded < 0) != want;
        }
    assert_int_equal(collinear, 256);
    assert_true(rounded_wrong >
                10000); /* the test would not see a naive predicate else */
}

/* Coordinates of very different size in one turn about the origin: the sign is that of
 * m1·m4·2^(e1+e4) - m2·m3·2^(e2+e3). */
static void test_orient_mixed_exponents(void **state)
{
    struct random r = {7};
    const struct wg_point origin = {0, 0};
    (void)state;
    for (int i = 0; i < 60000; i++) {
        int64_t m1 = random_between(&r, 1, (INT64_C(1) << 50)), m2 = m1, m3, m4;
        m4 = random_between(&r, 1, (INT64_C(1) << 50));
        m3 = m4 + random_between(&r, -1, 1);
        int e1 = (int)random_between(&r, -1074, 970),
            e4 = (int)random_between(&r, -1074, 970);
        int shift = (int)random_between(&r, -300, 300),
            near = (int)random_between(&r, -1, 1);
        int e2 = e1 + shift, e3 = e4 - shift + near;
        if (e2 < -1074 || e2 > 970 || e3 < -1074 || e3 > 970)
            continue;
        struct wg_point a = {ldexp((double)m1, e1), ldexp((double)m2, e2)};
        struct wg_point b = {ldexp((double)m3, e3), ldexp((double)m4, e4)};
        wide left = (wide)m1 * m4 * 2, right = (wide)m2 * m3 * 2;
        right = near > 0 ? right * 2 : near < 0 ? right / 2 : right;
        check_turn(a, b, origin, sign_of(left - right));
    }
}

static void test_orient_ends_of_the_range(void **state)
{
    const double big = DBL_MAX, tiny = 0x1p-1074;
    struct wg_point o = {0, 0};
    (void)state;
    check_turn((struct wg_point){-big, -big}, (struct wg_point){big, big}, o, 0);
    check_turn((struct wg_point){-big, -big}, (struct wg_point){big, big},
               (struct wg_point){0, tiny}, 1);
    check_turn((struct wg_point){-big, -big}, (struct wg_point){big, big},
               (struct wg_point){tiny, 0}, -1);
    check_turn((struct wg_point){tiny, 0}, (struct wg_point){0, tiny}, o, 1);
    check_turn((struct wg_point){tiny, tiny}, (struct wg_point){2 * tiny, 2 * tiny}, o,
               0);
    check_turn((struct wg_point){1, 1}, (struct wg_point){1 + DBL_EPSILON, 1}, o, -1);
    check_turn((struct wg_point){big, tiny}, (struct wg_point){-big, -tiny}, o, 0);
    check_turn((struct wg_point){big, tiny}, (struct wg_point){-big, tiny}, o, 1);
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 6; k++) {
            double v[6] = {0, 0, 1, 0, 0, 1};
            v[k] = bad[i];
            int turn =
                wg_orient((struct wg_point){v[0], v[1]}, (struct wg_point){v[2], v[3]},
                          (struct wg_point){v[4], v[5]});
            assert_int_equal(turn, 0);
        }
}

/* ---- rings ---- */

/* A square with a spike to the east, a duplicate vertex and horizontal edges at three
 * heights; and where points lie against it. */
static void test_ring_side_table(void **state)
{
    static const double x[] = {0, 4, 4, 4, 8, 4, 4, 3, 3, 1, 1, 0, 0};
    static const double y[] = {0, 0, 0, 2, 2, 2, 4, 4, 2, 2, 4, 4, 0};
    static const struct {
        double x, y;
        enum wg_side side;
    } cases[] = {
        {2, 1, WG_INSIDE},          {2, 3, WG_OUTSIDE},   {0.5, 3, WG_INSIDE},
        {3.5, 3, WG_INSIDE},        {2, 2, WG_BOUNDARY},  {3, 2, WG_BOUNDARY},
        {0.5, 2, WG_INSIDE},        {3.5, 2, WG_INSIDE},  {4, 2, WG_BOUNDARY},
        {6, 2, WG_BOUNDARY},        {8, 2, WG_BOUNDARY},  {8.5, 2, WG_OUTSIDE},
        {6, 2.5, WG_OUTSIDE},       {6, 1.5, WG_OUTSIDE}, {0, 0, WG_BOUNDARY},
        {4, 0, WG_BOUNDARY},        {2, 0, WG_BOUNDARY},  {-1, 0, WG_OUTSIDE},
        {5, 0, WG_OUTSIDE},         {-1, 4, WG_OUTSIDE},  {2, 4, WG_OUTSIDE},
        {0.5, 4, WG_BOUNDARY},      {-1, 2, WG_OUTSIDE},  {0, 3, WG_BOUNDARY},
        {NAN, 1, WG_OUTSIDE},       {2, NAN, WG_OUTSIDE}, {INFINITY, 1, WG_OUTSIDE},
        {2, -INFINITY, WG_OUTSIDE},
    };
    const size_t n = sizeof x / sizeof x[0];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t start = 0; start + 1 < n; start++) {
            double rx[16], ry[16], bx[16], by[16];
            for (size_t k = 0; k < n; k++) { /* from every start, both ways round */
                rx[k] = x[(start + k) % (n - 1)];
                ry[k] = y[(start + k) % (n - 1)];
                bx[n - 1 - k] = rx[k];
                by[n - 1 - k] = ry[k];
            }
            assert_int_equal(wg_ring_side(n, rx, ry, cases[i].x, cases[i].y),
                             cases[i].side);
            assert_int_equal(wg_ring_side(n, bx, by, cases[i].x, cases[i].y),
                             cases[i].side);
            assert_int_equal(wg_ring_side(n - 1, rx, ry, cases[i].x, cases[i].y),
                             cases[i].side); /* left open */
        }
}

static void test_ring_side_degenerate(void **state)
{
    const double x[] = {0, 4, 2, 0}, y[] = {0, 0, 3, 0};
    const double point_x[] = {1, 1, 1, 1}, point_y[] = {2, 2, 2, 2};
    const double line_x[] = {0, 4, 0}, line_y[] = {0, 4, 0};
    const double bad[] = {NAN, INFINITY, -INFINITY};
    (void)state;
    assert_int_equal(wg_ring_side(0, NULL, NULL, 0, 0), WG_OUTSIDE);
    assert_int_equal(wg_ring_side(4, point_x, point_y, 1, 2), WG_BOUNDARY);
    assert_int_equal(wg_ring_side(4, point_x, point_y, 1, 3), WG_OUTSIDE);
    assert_int_equal(wg_ring_side(3, line_x, line_y, 2, 2), WG_BOUNDARY);
    assert_int_equal(wg_ring_side(3, line_x, line_y, 2, 1), WG_OUTSIDE);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 8; k++) { /* a ring with no number in it holds nothing */
            double bx[4], by[4];
            memcpy(bx, x, sizeof x);
            memcpy(by, y, sizeof y);
            (k < 4 ? bx : by)[k % 4] = bad[i];
            assert_int_equal(wg_ring_side(4, bx, by, 2, 1), WG_OUTSIDE);
            assert_int_equal(wg_ring_side(4, bx, by, 4, 0), WG_OUTSIDE);
        }
}

/* Side of a triangle by the oracle's turns. */
static enum wg_side triangle_oracle(const struct place t[3], struct place p)
{
    int s[3], turn = oracle(t[0], t[1], t[2]);
    for (int i = 0; i < 3; i++)
        s[i] = oracle(t[i], t[(i + 1) % 3], p) * turn;
    if (s[0] < 0 || s[1] < 0 || s[2] < 0)
        return WG_OUTSIDE;
    return s[0] && s[1] && s[2] ? WG_INSIDE : WG_BOUNDARY;
}

/* Triangles of every size; points on edges, one step beside edges and at random. */
static void test_ring_side_triangles(void **state)
{
    static const int scales[] = {0, -10, -1074, 970};
    struct random r = {42};
    int seen[3] = {0};
    (void)state;
    for (int i = 0; i < 40000; i++) {
        int bits = 3 + i % 49, scale = scales[i % 4];
        struct place t[4] = {random_place(&r, bits), random_place(&r, bits),
                             random_place(&r, bits)};
        if (oracle(t[0], t[1], t[2]) == 0)
            continue;
        struct place p = random_place(&r, bits);
        if (i % 3 > 0) {
            int64_t k = random_between(&r, 0, 8);
            p.x = t[0].x + (t[1].x - t[0].x) / 8 * k + random_between(&r, -1, 1);
            p.y = t[0].y + (t[1].y - t[0].y) / 8 * k + random_between(&r, -1, 1);
        }
        double x[4], y[4];
        for (int k = 0; k < 4; k++) {
            x[k] = ldexp((double)t[k % 3].x, scale);
            y[k] = ldexp((double)t[k % 3].y, scale);
        }
        enum wg_side side = triangle_oracle(t, p);
        seen[side + 1]++;
        assert_int_equal(
            wg_ring_side(4, x, y, ldexp((double)p.x, scale), ldexp((double)p.y, scale)),
            side);
    }
    for (int i = 0; i < 3; i++)
        assert_true(seen[i] > 500);
}

/* Triangles that fan around a point cover it once each: a point inside lies in exactly
 * one, or on the edge of two. */
static void test_ring_side_fan(void **state)
{
    struct random r = {5};
    (void)state;
    for (int i = 0; i < 20000; i++) {
        double cx = random_real(&r, -1, 1), cy = random_real(&r, -1, 1);
        double px = random_real(&r, -9, 9), py = random_real(&r, -9, 9);
        const double x[] = {-10, 10, 10, -10, -10}, y[] = {-10, -10, 10, 10, -10};
        int inside = 0, boundary = 0;
        if (i % 2) { /* near a spoke */
            double t = random_real(&r, 0, 1);
            px = cx + t * (10 - cx);
            py = cy + t * (10 - cy);
        }
        for (int k = 0; k < 4; k++) {
            double tx[] = {cx, x[k], x[k + 1], cx}, ty[] = {cy, y[k], y[k + 1], cy};
            enum wg_side side = wg_ring_side(4, tx, ty, px, py);
            inside += side == WG_INSIDE;
            boundary += side == WG_BOUNDARY;
        }
        assert_true((inside == 1 && boundary == 0) || (inside == 0 && boundary >= 2));
    }
}

/* ---- turf's suite ---- */

struct rings {
    uint32_t ring[64], n_ring;
    double x[4096], y[4096];
    uint32_t n;
};

/* Every innermost list of pairs in a GeoJSON "coordinates" value is a ring. */
static void read_rings(const char *at, struct rings *out)
{
    int depth = 0;
    out->n = out->n_ring = 0;
    out->ring[0] = 0;
    do {
        if (*at == '[') {
            depth++;
            char *end;
            double x = strtod(at + 1, &end);
            if (end != at + 1) {
                assert_true(out->n < 4096);
                out->x[out->n] = x;
                out->y[out->n++] = strtod(end + 1, &end);
                at = end - 1;
            }
        } else if (*at == ']') {
            depth--;
            if (at[1] == ']' && out->n > out->ring[out->n_ring]) {
                assert_true(out->n_ring < 63);
                out->ring[++out->n_ring] = out->n;
            }
        }
        at++;
    } while (depth > 0);
}

static bool flag(const char *at, const char *key, const char *end)
{
    const char *found = strstr(at, key);
    assert_true(found && found < end);
    return found[strlen(key)] == 't';
}

static void test_turf_suite(void **state)
{
    static struct rings rings;
    uint32_t part[2] = {0, 0};
    int n = 0;
    (void)state;
    char *text = shared_text("pip_suites/turf_point_in_polygon.json");
    if (!text)
        return;
    for (char *at = strstr(text, "\"point\":["); at; n++) {
        char *next = strstr(at + 1, "\"point\":["), *end;
        const char *stop = next ? next : text + strlen(text);
        double x = strtod(at + strlen("\"point\":["), &end), y = strtod(end + 1, &end);
        read_rings(strstr(at, "\"coordinates\":") + strlen("\"coordinates\":"), &rings);
        part[1] = rings.n_ring;
        struct wg_multipolygon mp = {1,          rings.n_ring, rings.n, part,
                                     rings.ring, rings.x,      rings.y};
        enum wg_side side = wg_multipolygon_side(&mp, x, y);
        bool open = flag(at, "\"ignoreBoundary\":", stop);
        bool in = side == WG_INSIDE || (side == WG_BOUNDARY && !open);
        /* Case 87 is invalid, one part over another: by the even-odd rule its point, on
         * the edge of the first part and inside the second, is on the boundary. */
        if (n != 87 && in != flag(at, "\"expected\":", stop))
            fail_msg("case %d: side %d", n, side);
        at = next;
    }
    assert_int_equal(n, 89);
    free(text);
}

/* ---- boxes, areas, the lattice ---- */

static void test_boxes(void **state)
{
    struct wg_box none = wg_box_empty(), a = {0, 0, 2, 2}, b = {2, 2, 3, 3};
    (void)state;
    assert_true(wg_box_is_empty(none));
    assert_false(wg_box_is_empty(wg_box_grow(none, 1, 2)));
    assert_true(wg_box_is_empty(wg_box_grow(none, NAN, 2)));
    assert_true(wg_box_is_empty((struct wg_box){NAN, NAN, NAN, NAN}));
    assert_true(wg_box_overlaps(a, b)); /* a corner */
    assert_false(wg_box_overlaps(a, (struct wg_box){2.5, 0, 3, 1}));
    assert_false(wg_box_overlaps(a, none));
    assert_true(wg_box_contains(a, 2, 0));
    assert_false(wg_box_contains(a, 2.1, 0));
    assert_false(wg_box_contains(a, NAN, 0));
    assert_false(wg_box_contains(none, 0, 0));
    struct wg_box both = wg_box_union(a, b), same = wg_box_union(none, a);
    assert_true(both.min_x == 0 && both.min_y == 0 && both.max_x == 3 && both.max_y == 3);
    assert_memory_equal(&same, &a, sizeof a);
}

/* A 10 m square with a hole of 2 m, and a 1 m square, all far from the origin. */
static struct wg_multipolygon make_sample(double dx, double dy, bool turned)
{
    static const double x[] = {0, 10, 10, 0, 0, 1, 1, 3, 3, 1, 20, 21, 21, 20, 20};
    static const double y[] = {0, 0, 10, 10, 0, 1, 3, 3, 1, 1, 0, 0, 1, 1, 0};
    uint32_t part[] = {0, 2, 3}, ring[] = {0, 5, 10, 15};
    double sx[15], sy[15];
    for (int i = 0; i < 15; i++) {
        int from = turned ? 5 * (i / 5) + 4 - i % 5 : i;
        sx[i] = x[from] + dx;
        sy[i] = y[from] + dy;
    }
    struct wg_multipolygon view = {2, 3, 15, part, ring, sx, sy}, out = {0};
    assert_int_equal(wg_multipolygon_copy(&view, &out, NULL), WG_OK);
    return out;
}

static void test_area_and_centroid(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        double dx = i < 2 ? 0 : 617356.5, dy = i < 2 ? 0 : 3067979.25;
        struct wg_multipolygon mp = make_sample(dx, dy, i % 2);
        struct wg_point c = wg_multipolygon_centroid(&mp);
        struct wg_box box = wg_multipolygon_box(&mp);
        assert_true(fabs(wg_multipolygon_area(&mp) - 97) < 1e-9);
        /* (100·5 - 4·2 + 1·20.5) / 97 and (100·5 - 4·2 + 0.5) / 97 */
        assert_true(fabs(c.x - dx - 512.5 / 97) < 1e-9);
        assert_true(fabs(c.y - dy - 492.5 / 97) < 1e-9);
        assert_true(box.min_x == dx && box.max_x == dx + 21 && box.max_y == dy + 10);
        assert_int_equal(wg_multipolygon_side(&mp, dx + 2, dy + 2), WG_OUTSIDE);
        assert_int_equal(wg_multipolygon_side(&mp, dx + 1, dy + 2), WG_BOUNDARY);
        assert_int_equal(wg_multipolygon_side(&mp, dx + 5, dy + 2), WG_INSIDE);
        assert_int_equal(wg_multipolygon_side(&mp, dx + 20.5, dy + .5), WG_INSIDE);
        wg_multipolygon_finish(&mp);
        assert_true(mp.n_vertex == 0 && !mp.x);
    }
    struct wg_multipolygon none = {0}, copy;
    assert_true(wg_multipolygon_area(&none) == 0);
    assert_true(isnan(wg_multipolygon_centroid(&none).x));
    assert_true(wg_box_is_empty(wg_multipolygon_box(&none)));
    assert_int_equal(wg_multipolygon_side(&none, 0, 0), WG_OUTSIDE);
    assert_int_equal(wg_multipolygon_copy(&none, &copy, NULL), WG_OK);
    assert_null(copy.x);
    wg_multipolygon_finish(NULL);
}

static void test_centroid_of_a_line(void **state)
{
    uint32_t part[] = {0, 1}, ring[] = {0, 3};
    double x[] = {0, 4, 0}, y[] = {0, 2, 0};
    struct wg_multipolygon mp = {1, 1, 3, part, ring, x, y};
    (void)state;
    assert_true(wg_multipolygon_area(&mp) == 0);
    struct wg_point c = wg_multipolygon_centroid(&mp);
    assert_true(c.x == 2 && c.y == 1);
}

static void test_lattice(void **state)
{
    struct random r = {9};
    (void)state;
    for (int i = 0; i < 100000; i++) {
        double v = random_real(&r, -4e6, 4e6), s = wg_lattice_snap(v);
        assert_true(fabs(s - v) <= WG_LATTICE_STEP / 2);
        assert_true(s * 1024 == floor(s * 1024));
        assert_true(wg_lattice_snap(s) == s);
        assert_true(wg_lattice_snap(-v) == -s);
    }
    assert_true(wg_lattice_snap(DBL_MAX) == DBL_MAX);
    assert_true(isnan(wg_lattice_snap(NAN)));
    assert_true(isinf(wg_lattice_snap(INFINITY)));
    assert_false(signbit(wg_lattice_snap(-1e-9)));
}

/* A part that stays with a hole that collapses and a repeated vertex; a part whose
 * shell collapses and takes its hole with it; a sliver with no area. */
static void test_snap(void **state)
{
    uint32_t part[] = {0, 2, 4, 5}, ring[] = {0, 6, 10, 14, 18, 22};
    double x[] = {0,      1,      1.0001, 1, 0, 0, .5, .5001, .5001, .5, 5,
                  5.0001, 5.0001, 5,      5, 6, 6, 5,  7,     8,     9,  7};
    double y[] = {0, 0,      0, 1, 1, 0, .5, .5, .5001, .5, 5,
                  5, 5.0001, 5, 5, 5, 6, 5,  7,  8,     9,  7};
    struct wg_multipolygon view = {3, 5, 22, part, ring, x, y}, mp;
    (void)state;
    assert_int_equal(wg_multipolygon_copy(&view, &mp, NULL), WG_OK);
    wg_multipolygon_snap(&mp);
    assert_int_equal(mp.n_part, 1);
    assert_int_equal(mp.n_ring, 1);
    assert_int_equal(mp.n_vertex, 5);
    assert_int_equal(mp.part[1], 1);
    assert_int_equal(mp.ring[1], 5);
    assert_true(wg_multipolygon_area(&mp) == 1);
    wg_multipolygon_finish(&mp);
    struct wg_multipolygon none = {0};
    wg_multipolygon_snap(&none);
    assert_int_equal(none.n_part, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orient_scales),
        cmocka_unit_test(test_orient_near_a_line),
        cmocka_unit_test(test_orient_mixed_exponents),
        cmocka_unit_test(test_orient_ends_of_the_range),
        cmocka_unit_test(test_ring_side_table),
        cmocka_unit_test(test_ring_side_degenerate),
        cmocka_unit_test(test_ring_side_triangles),
        cmocka_unit_test(test_ring_side_fan),
        cmocka_unit_test(test_turf_suite),
        cmocka_unit_test(test_boxes),
        cmocka_unit_test(test_area_and_centroid),
        cmocka_unit_test(test_centroid_of_a_line),
        cmocka_unit_test(test_lattice),
        cmocka_unit_test(test_snap),
    };
    return cmocka_run_group_tests_name("geom", tests, NULL, NULL);
}
