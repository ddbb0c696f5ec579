/* Lines led around buildings. */
#include "area_scratch.h"

enum { MOST = 80 };

struct town {
    size_t n;
    struct wg_multipolygon mp[MOST];
    const struct wg_multipolygon *list[MOST];
    int64_t id[MOST];
};

static void add(struct town *t, const char *wkt)
{
    assert_true(t->n < MOST);
    t->mp[t->n] = area_mp(wkt);
    t->list[t->n] = &t->mp[t->n];
    t->id[t->n] = (int64_t)(1000 + t->n);
    t->n++;
}

static void drop(struct town *t)
{
    for (size_t i = 0; i < t->n; i++)
        wg_multipolygon_finish(&t->mp[i]);
}

static struct wg_footprints all_of(const struct town *t)
{
    return (struct wg_footprints){t->n, t->list, t->id};
}

/* How much of a strip of no width to speak of, about the line, lies in a footprint. */
static double in_footprint(const struct wg_line *line, const struct wg_multipolygon *mp,
                           double about)
{
    struct wg_multipolygon strip = {0};
    double common;
    assert_int_equal(wg_shape_strip(NULL, line->n, line->x, line->y, about, &strip, NULL),
                     WG_OK);
    common = area_common(&strip, mp);
    wg_multipolygon_finish(&strip);
    return common;
}

static double to_segment(double px, double py, double ax, double ay, double bx, double by)
{
    double dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    double t = square > 0 ? ((px - ax) * dx + (py - ay) * dy) / square : 0;
    t = fmin(fmax(t, 0), 1);
    return hypot(px - ax - t * dx, py - ay - t * dy);
}

/* From a line that does not cross it to a footprint's walls. */
static double distance(const struct wg_line *line, const struct wg_multipolygon *mp)
{
    double best = INFINITY;
    for (uint32_t k = 0; k + 1 < line->n; k++)
        for (uint32_t i = 0; i + 1 < mp->n_vertex; i++) {
            double ax = line->x[k], ay = line->y[k], bx = line->x[k + 1],
                   by = line->y[k + 1], cx = mp->x[i], cy = mp->y[i], dx = mp->x[i + 1],
                   dy = mp->y[i + 1];
            best = fmin(best, fmin(to_segment(ax, ay, cx, cy, dx, dy),
                                   to_segment(bx, by, cx, cy, dx, dy)));
            best = fmin(best, fmin(to_segment(cx, cy, ax, ay, bx, by),
                                   to_segment(dx, dy, ax, ay, bx, by)));
        }
    return best;
}

static double length_of(const struct wg_line *line)
{
    double length = 0;
    for (uint32_t i = 0; i + 1 < line->n; i++)
        length += hypot(line->x[i + 1] - line->x[i], line->y[i + 1] - line->y[i]);
    return length;
}

struct one {
    const char *what;
    const char *wkt[5];
    int n;
    double xy[8], margin;
    int64_t fails;      /* the building named, 0: there is a way */
    double least, most; /* the length of it */
};

static const struct one table[] = {
    {"nothing in the way",
     {"POLYGON((0 5,4 5,4 9,0 9,0 5))"},
     2,
     {-10, 0, 10, 0},
     1,
     0,
     20,
     20},
    {"a box",
     {"POLYGON((-2 -2,2 -2,2 3,-2 3,-2 -2))"},
     2,
     {-10, 0, 10, 0},
     1,
     0,
     21,
     22.5},
    {"no margin",
     {"POLYGON((-2 -2,2 -2,2 3,-2 3,-2 -2))"},
     2,
     {-10, 0, 10, 0},
     0,
     0,
     20.4,
     20.6},
    {"two that touch",
     {"POLYGON((-2 -2,2 -2,2 3,-2 3,-2 -2))", "POLYGON((-2 -6,2 -6,2 -2,-2 -2,-2 -6))"},
     2,
     {-10, 0, 10, 0},
     1,
     0,
     21,
     24},
    {"a gap that is too narrow for the margin",
     {"POLYGON((-2 0.5,2 0.5,2 5,-2 5,-2 0.5))",
      "POLYGON((-2 -6,2 -6,2 -0.5,-2 -0.5,-2 -6))"},
     2,
     {-10, 0, 10, 0},
     1,
     0,
     24,
     27},
    {"too near, without a crossing",
     {"POLYGON((-2 0.5,2 0.5,2 5,-2 5,-2 0.5))"},
     2,
     {-10, 0, 10, 0},
     1,
     0,
     20,
     20.2},
    {"a U, open towards the line",
     {"POLYGON((-4 -4,4 -4,4 4,-4 4,-4 3,3 3,3 -3,-4 -3,-4 -4))"},
     2,
     {-10, 0, 10, 0},
     0.5,
     0,
     22,
     25},
    {"from inside a U",
     {"POLYGON((-4 -4,4 -4,4 4,-4 4,-4 3,3 3,3 -3,-4 -3,-4 -4))"},
     2,
     {0, 0, 10, 0},
     0.5,
     0,
     22,
     24},
    {"an end nearer than the margin",
     {"POLYGON((-2 -2,2 -2,2 3,-2 3,-2 -2))"},
     2,
     {-2.3, 0, 10, 0},
     1,
     0,
     12.8,
     16},
    {"an end at a wall",
     {"POLYGON((-2 -2,2 -2,2 3,-2 3,-2 -2))"},
     2,
     {-2, 0, 10, 0},
     1,
     0,
     12.8,
     16},
    {"an end inside",
     {"POLYGON((20 20,21 20,21 21,20 20))", "POLYGON((-2 -2,2 -2,2 3,-2 3,-2 -2))"},
     2,
     {0, 0, 10, 0},
     1,
     1001,
     0,
     0},
    {"out of a courtyard",
     {"POLYGON((-4 -4,4 -4,4 4,-4 4,-4 -4),(-3 -3,-3 3,3 3,3 -3,-3 -3))"},
     2,
     {0, 0, 10, 0},
     1,
     1000,
     0,
     0},
    {"within a courtyard",
     {"POLYGON((-8 -8,8 -8,8 8,-8 8,-8 -8),(-7 -7,-7 7,7 7,7 -7,-7 -7))",
      "POLYGON((-1 -3,1 -3,1 2,-1 2,-1 -3))"},
     2,
     {-5, 0, 5, 0},
     1,
     0,
     10.4,
     13},
    {"through the middle of a bent line",
     {"POLYGON((-2 -2,2 -2,2 3,-2 3,-2 -2))"},
     4,
     {-10, 0, 0, 0.5, 1, 0, 10, 0},
     1,
     0,
     21,
     23},
    {"two in a row",
     {"POLYGON((-6 -2,-3 -2,-3 3,-6 3,-6 -2))", "POLYGON((3 -3,6 -3,6 2,3 2,3 -3))"},
     2,
     {-10, 0, 10, 0},
     0.5,
     0,
     20.5,
     24},
};

static void a_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct one *o = &table[i];
        struct town t = {.n = 0};
        double x[4], y[4];
        struct wg_line line = {(uint32_t)o->n, x, y}, out = {0};
        struct wg_error err = {0};
        int64_t building = -1;
        for (int k = 0; k < 5 && o->wkt[k]; k++)
            add(&t, o->wkt[k]);
        for (int k = 0; k < o->n; k++) {
            x[k] = o->xy[2 * k];
            y[k] = o->xy[2 * k + 1];
        }
        struct wg_footprints all = all_of(&t);
        enum wg_status s = wg_line_avoid(&line, &all, o->margin, &out, &building, &err);
        if (o->fails) {
            assert_int_equal(s, WG_CONSTRAINT);
            assert_int_equal(building, o->fails);
            assert_true(err.text[0] != '\0');
        } else {
            if (s != WG_OK)
                fail_msg("%s: %s", o->what, err.text);
            if (length_of(&out) < o->least - 1e-9 || length_of(&out) > o->most + 1e-9)
                fail_msg("%s: %g m long", o->what, length_of(&out));
            assert_true(out.x[0] == x[0] && out.y[0] == y[0]);
            assert_true(out.x[out.n - 1] == x[o->n - 1] &&
                        out.y[out.n - 1] == y[o->n - 1]);
            for (size_t k = 0; k < t.n; k++)
                if (in_footprint(&out, &t.mp[k], 1e-7) > 2e-6)
                    fail_msg("%s: cuts a building", o->what);
            wg_line_finish(&out);
        }
        drop(&t);
    }
}

/* Towns of turned boxes, some overlapping: no footprint is cut, and where the ends are
 * away from buildings the margin is kept throughout. */
static void random_towns(void **state)
{
    (void)state;
    struct random r = {20266};
    int done = 0, moved = 0;
    for (int i = 0; i < 150; i++) {
        struct town t = {.n = 0};
        double x[3], y[3], margin = random_real(&r, 0, 2);
        struct wg_line line = {(uint32_t)random_between(&r, 2, 3), x, y}, out = {0};
        struct wg_error err = {0};
        int n = (int)random_between(&r, 1, 50);
        bool apart = i % 3 != 0; /* the end is no place between buildings */
        for (int k = 0; k < n; k++) {
            char wkt[512];
            double cx = random_real(&r, 0, 120), cy = random_real(&r, 0, 120),
                   turn = random_real(&r, 0, 3.14), w = random_real(&r, 2, 12),
                   d = random_real(&r, 2, 12), c = cos(turn), s = sin(turn);
            snprintf(wkt, sizeof wkt,
                     "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", cx,
                     cy, cx + w * c, cy + w * s, cx + w * c - d * s, cy + w * s + d * c,
                     cx - d * s, cy + d * c, cx, cy);
            add(&t, wkt);
        }
        x[0] = -10;
        y[0] = random_real(&r, 0, 120);
        x[1] = random_real(&r, 0, 120);
        y[1] = random_real(&r, -10, 130);
        x[line.n - 1] = i % 3 ? 140 : random_real(&r, 0, 120);
        y[line.n - 1] = random_real(&r, 0, 120);
        struct wg_footprints all = all_of(&t);
        enum wg_status s = wg_line_avoid(&line, &all, margin, &out, NULL, &err);
        if (s == WG_OK) {
            done++;
            moved += out.n != line.n;
            struct wg_line end = {2, (double[]){x[line.n - 1], x[line.n - 1] + 1e-6},
                                  (double[]){y[line.n - 1], y[line.n - 1]}},
                           start = {2, (double[]){x[0], x[0] + 1e-6},
                                    (double[]){y[0], y[0]}};
            for (size_t k = 0; k < t.n; k++)
                apart = apart && distance(&end, &t.mp[k]) > margin * 1.25 &&
                        distance(&start, &t.mp[k]) > margin * 1.25;
            for (size_t k = 0; k < t.n; k++) {
                if (in_footprint(&out, &t.mp[k], 1e-7) > 2e-6)
                    fail_msg("%d: cuts building %zu", i, k);
                if (apart && distance(&out, &t.mp[k]) < margin - 1e-5)
                    fail_msg("%d: %g m to building %zu, not %g", i,
                             distance(&out, &t.mp[k]), k, margin);
            }
            wg_line_finish(&out);
        } else if (s != WG_CONSTRAINT) {
            fail_msg("%d: %s", i, err.text);
        } else if (i % 3 && line.n == 2) {
            fail_msg("%d: both ends are outside of the town, but %s", i, err.text);
        }
        drop(&t);
    }
    printf("# %d of 150 lines led, %d of them around something\n", done, moved);
    assert_true(done > 100 && moved > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table),
        cmocka_unit_test(random_towns),
    };
    return cmocka_run_group_tests_name("line_avoid", tests, NULL, NULL);
}
