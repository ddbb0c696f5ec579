/* Strips and buildings that go from one grid to the next. */
#include <unistd.h>

#include "area_scratch.h"

static const struct area_given board[] = {
    {"01", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", 7},
    {"02", "POLYGON((10 0,20 0,20 10,10 10,10 0))", 7},
    {"03", "POLYGON((0 10,10 10,20 10,20 20,0 20,0 10))", 8},
    {"04", "POLYGON((4 4,6 4,6 6,4 6,4 4))", 7},
    {"05", "POLYGON((50 0,60 0,60 10,50 10,50 0))", 7},
};

struct strip {
    const char *what, *wkt;
    int64_t from, to;
    bool follow;
    enum wg_refusal_reason reason;
    double a, b; /* areas of both afterwards */
};

static const struct strip strips[] = {
    {"a strip", "POLYGON((8 -1,12 -1,12 11,8 11,8 -1))", 1, 2, false, 0, 76, 120},
    {"and back", "POLYGON((8 -1,12 -1,12 11,8 11,8 -1))", 2, 1, false, 0, 80, 116},
    {"apart from it", "POLYGON((1 1,2 1,2 2,1 2,1 1))", 1, 2, false, 0, 95, 101},
    {"to an island", "POLYGON((3 3,7 3,7 7,3 7,3 3))", 1, 4, false, 0, 84, 16},
    {"from an island", "POLYGON((3 3,7 3,7 5,3 5,3 3))", 4, 1, false, 0, 2, 98},
    {"all of it", "POLYGON((3 3,7 3,7 7,3 7,3 3))", 4, 1, false, WG_REFUSED_COLLAPSE, 0,
     0},
    {"nothing of it", "POLYGON((12 1,13 1,13 2,12 1))", 1, 2, false, WG_REFUSED_NO_EFFECT,
     0, 0},
    {"not neighbours", "POLYGON((8 -1,12 -1,12 11,8 11,8 -1))", 1, 5, false,
     WG_REFUSED_NOT_BESIDE, 0, 0},
    {"of another parent", "POLYGON((8 8,12 8,12 12,8 12,8 8))", 1, 3, false,
     WG_REFUSED_LIMIT, 0, 0},
    {"of another parent, who follows", "POLYGON((8 8,12 8,12 12,8 12,8 8))", 1, 3, true,
     0, 92, 204},
    {"to nobody", "POLYGON((12 -1,14 -1,14 2,12 2,12 -1))", 2, 0, true, 0, 96, 0},
    {"from nobody", "POLYGON((12 -1,14 -1,14 2,12 2,12 -1))", 0, 2, true, 0, 0, 102},
    {"a bow", "POLYGON((8 2,12 4,12 2,8 4,8 2))", 1, 2, false, WG_REFUSED_CROSSING, 0, 0},
};

static void a_table_of_strips(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strips / sizeof *strips; i++) {
        const struct strip *t = &strips[i];
        struct wg_coverage *c = area_build(5, board, NULL);
        struct area_bytes before = area_bytes(c);
        struct wg_multipolygon mp = area_mp(t->wkt);
        struct wg_error err = {0};
        wg_coverage_parents_follow(c, t->follow);
        enum wg_status s = wg_coverage_transfer(c, t->from, t->to, &mp, &err);
        if ((s == WG_OK) != (t->reason == 0) ||
            (t->reason && wg_coverage_refusal(c)->reason != t->reason))
            fail_msg("%s: %s", t->what, err.text);
        area_settled(c, before, s, &err);
        if (s == WG_OK && t->from && area_of(c, t->from) != t->a)
            fail_msg("%s: %g m²", t->what, area_of(c, t->from));
        if (s == WG_OK && t->to && area_of(c, t->to) != t->b)
            fail_msg("%s: %g m²", t->what, area_of(c, t->to));
        wg_multipolygon_finish(&mp);
        wg_coverage_close(c);
    }
}

struct some {
    int64_t id[64];
    size_t n;
};

static bool add_neighbour(int64_t id, double border_m, void *user)
{
    struct some *s = user;
    (void)border_m;
    if (id != 0 && s->n < 64)
        s->id[s->n++] = id;
    return true;
}

static void strips_over(struct wg_coverage *c, uint64_t seed, int times)
{
    struct random r = {seed};
    int done = 0;
    for (int i = 0; i < times; i++) {
        int64_t from = area_any(c, &r), sum2 = area_sum2(c);
        struct wg_box box = area_box(c, from);
        struct some beside = {.n = 0};
        struct wg_error err = {0};
        double size = fmax(box.max_x - box.min_x, box.max_y - box.min_y);
        assert_int_equal(wg_coverage_neighbours(c, from, add_neighbour, &beside, NULL),
                         WG_OK);
        if (beside.n == 0)
            continue;
        int64_t to = beside.id[random_between(&r, 0, (int64_t)beside.n - 1)];
        struct wg_multipolygon was = area_polygon(c, from), had = area_polygon(c, to);
        struct wg_multipolygon mp =
            area_star(&r, random_real(&r, box.min_x, box.max_x),
                      random_real(&r, box.min_y, box.max_y),
                      random_real(&r, 0.1, 0.7) * size, (int)random_between(&r, 3, 30));
        struct area_bytes before = area_bytes(c);
        double common = area_common(&was, &mp), grown = area_of(c, to) + common;
        bool edge = area_is_outer(c, from) || area_is_outer(c, to);
        enum wg_status s = wg_coverage_transfer(c, from, to, &mp, &err);
        area_settled(c, before, s, &err);
        area_kept(c, sum2, edge);
        if (s == WG_OK &&
            fabs(area_of(c, to) - grown) > 0.004 * (area_length(&mp) + area_length(&was)))
            fail_msg("%d: %g m², not %g", i, area_of(c, to), grown);
        done += s == WG_OK;
        wg_multipolygon_finish(&mp);
        wg_multipolygon_finish(&was);
        wg_multipolygon_finish(&had);
    }
    printf("# %d of %d done\n", done, times);
    assert_true(done > times / 2);
}

static void random_strips(void **state)
{
    (void)state;
    struct partition p;
    assert_true(partition_make(partition_kind("district"), &p));
    struct wg_coverage *c = area_partition(&p);
    strips_over(c, 20265, 200);
    wg_coverage_close(c);
    partition_finish(&p);
}

/* Output areas of Bristol, in metres. */
static void real_strips(void **state)
{
    (void)state;
    char path[1024];
    const char *folder = getenv("WG_TEST_SHARED");
    struct partition p;
    size_t n_invalid = 0;
    snprintf(path, sizeof path, "%s/bristol/oa.geojson", folder ? folder : "");
    if (!folder || access(path, R_OK) != 0) {
        printf("# skipped: no bristol/oa.geojson in WG_TEST_SHARED\n");
        return;
    }
    assert_true(partition_read(path, "code", &p, &n_invalid));
    double scale = cos(p.mp[0].y[0] * 0.017453292519943295) * 111320;
    for (size_t i = 0; i < p.n; i++)
        for (uint32_t k = 0; k < p.mp[i].n_vertex; k++) {
            p.mp[i].x[k] = wg_lattice_snap(p.mp[i].x[k] * scale);
            p.mp[i].y[k] = wg_lattice_snap(p.mp[i].y[k] * 110540);
        }
    struct wg_coverage *c = area_partition(&p);
    strips_over(c, 20268, 60);
    wg_coverage_close(c);
    partition_finish(&p);
}

/* ---- buildings ---- */

static const struct area_given halves[] = {
    {"01", "POLYGON((0 0,100 0,100 100,0 100,0 0))", 0},
    {"02", "POLYGON((100 0,200 0,200 100,100 100,100 0))", 0},
    {"03", "POLYGON((0 100,100 100,100 200,0 200,0 100))", 0},
};

enum { MOST = 100 };
struct town {
    size_t n, n_move;
    struct wg_multipolygon mp[MOST];
    const struct wg_multipolygon *list[MOST], *move[MOST];
    int64_t id[MOST], move_id[MOST];
};

static void add_box(struct town *t, double x0, double y0, double x1, double y1, bool move)
{
    char wkt[256];
    snprintf(wkt, sizeof wkt,
             "POLYGON((%.7f %.7f,%.7f %.7f,%.7f %.7f,%.7f %.7f,%.7f %.7f))", x0, y0, x1,
             y0, x1, y1, x0, y1, x0, y0);
    assert_true(t->n < MOST);
    t->mp[t->n] = area_mp(wkt);
    t->list[t->n] = &t->mp[t->n];
    t->id[t->n] = (int64_t)(1000 + t->n);
    if (move) {
        t->move[t->n_move] = t->list[t->n];
        t->move_id[t->n_move++] = t->id[t->n];
    }
    t->n++;
}

static enum wg_status transfer(struct wg_coverage *c, const struct town *t, int64_t from,
                               int64_t to, double margin, struct wg_error *err)
{
    struct wg_footprints move = {t->n_move, t->move, t->move_id};
    struct wg_footprints keep = {t->n, t->list, t->id};
    return wg_coverage_transfer_buildings(c, from, to, &move, &keep, margin, err);
}

/* Those that go lie in `to` altogether; the others lie where they lay, uncut. */
static void none_is_cut(struct wg_coverage *c, const struct town *t, int64_t from,
                        int64_t to)
{
    struct wg_multipolygon a = area_polygon(c, from), b = area_polygon(c, to);
    for (size_t i = 0, k = 0; i < t->n; i++) {
        double all = wg_multipolygon_area(&t->mp[i]);
        double here = area_common(&a, &t->mp[i]), there = area_common(&b, &t->mp[i]);
        if (k < t->n_move && t->move_id[k] == t->id[i]) {
            k++;
            if (there < all - 0.02)
                fail_msg("building %zu: %g of %g m² went", i, there, all);
        } else if (here > 0.02 && here < all - 0.02) {
            fail_msg("building %zu is cut: %g of %g m²", i, here, all);
        }
    }
    wg_multipolygon_finish(&a);
    wg_multipolygon_finish(&b);
}

static void drop(struct town *t)
{
    for (size_t i = 0; i < t->n; i++)
        wg_multipolygon_finish(&t->mp[i]);
    memset(t, 0, sizeof *t);
}

static void a_building_goes_with_the_ground_between(void **state)
{
    (void)state;
    struct wg_coverage *c = area_build(3, halves, NULL);
    struct town t = {.n = 0};
    struct area_bytes before = area_bytes(c);
    struct wg_error err = {0};
    add_box(&t, 80, 40, 90, 50, true);
    enum wg_status s = transfer(c, &t, 1, 2, 1, &err);
    area_settled(c, before, s, &err);
    assert_int_equal(s, WG_OK);
    none_is_cut(c, &t, 1, 2);
    /* from 79 to 100, 12 m wide */
    assert_true(fabs(area_of(c, 2) - 10000 - 21 * 12) < 0.1);
    drop(&t);
    wg_coverage_close(c);
}

static void around_one_that_stays(void **state)
{
    (void)state;
    struct wg_coverage *c = area_build(3, halves, NULL);
    struct town t = {.n = 0};
    struct wg_error err = {0};
    add_box(&t, 70, 40, 80, 50, true);
    add_box(&t, 85, 38, 90, 52, false);
    add_box(&t, 69.2, 50, 80, 60, false); /* wall to wall */
    struct area_bytes before = area_bytes(c);
    enum wg_status s = transfer(c, &t, 1, 2, 1, &err);
    area_settled(c, before, s, &err);
    assert_int_equal(s, WG_OK);
    none_is_cut(c, &t, 1, 2);
    struct wg_multipolygon is = area_polygon(c, 2);
    assert_int_equal(is.n_part, 1);
    wg_multipolygon_finish(&is);
    drop(&t);
    wg_coverage_close(c);
}

static void what_cannot_go(void **state)
{
    (void)state;
    struct wg_coverage *c = area_build(3, halves, NULL);
    struct town t = {.n = 0};
    struct wg_error err = {0};
    const struct wg_refusal *why = wg_coverage_refusal(c);
    struct area_bytes before = area_bytes(c);
    add_box(&t, 40, 95, 50, 105, true); /* a part of it in 03 */
    assert_int_equal(transfer(c, &t, 1, 2, 1, &err), WG_CONSTRAINT);
    assert_int_equal(why->reason, WG_REFUSED_CUTS);
    assert_int_equal(why->building, 1000);
    drop(&t);
    add_box(&t, 40, 40, 50, 50, true);
    add_box(&t, 45, 45, 55, 55, false); /* overlaps it */
    assert_int_equal(transfer(c, &t, 1, 2, 1, &err), WG_CONSTRAINT);
    assert_int_equal(why->reason, WG_REFUSED_CUTS);
    assert_int_equal(why->building, 1001);
    drop(&t);
    add_box(&t, 140, 40, 150, 50, true);
    assert_int_equal(transfer(c, &t, 2, 3, 1, &err), WG_CONSTRAINT);
    assert_int_equal(why->reason, WG_REFUSED_NOT_BESIDE);
    drop(&t);
    add_box(&t, 40, 40, 50, 50, true);
    assert_int_equal(transfer(c, &t, 1, 99, 1, &err), WG_NOT_FOUND);
    assert_int_equal(transfer(c, &t, 1, 2, -1, &err), WG_INVALID);
    area_settled(c, before, WG_CONSTRAINT, &err);
    drop(&t);
    wg_coverage_close(c);
}

static void random_buildings(void **state)
{
    (void)state;
    struct random r = {20267};
    int done = 0;
    for (int i = 0; i < 100; i++) {
        struct wg_coverage *c = area_build(3, halves, NULL);
        struct town t = {.n = 0};
        struct wg_error err = {0};
        int64_t to = random_between(&r, 2, 3);
        /* rows of houses, some wall to wall, some empty plots */
        for (int k = 0; k < 64; k++) {
            double x = 12.5 * (k % 8), y = 12.5 * (k / 8);
            double gap = i % 2 ? 0 : random_real(&r, 0, 2);
            if (random_between(&r, 0, 3) == 0)
                continue;
            add_box(&t, x + gap, y + random_real(&r, 1, 4), x + 12.5 - gap,
                    y + random_real(&r, 8, 11), random_between(&r, 0, 14) == 0);
        }
        if (t.n_move > 0) {
            struct area_bytes before = area_bytes(c);
            enum wg_status s = transfer(c, &t, 1, to, random_real(&r, 0, 2), &err);
            area_settled(c, before, s, &err);
            if (s == WG_OK) {
                none_is_cut(c, &t, 1, to);
                done++;
            } else {
                assert_int_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_CUTS);
            }
        }
        drop(&t);
        wg_coverage_close(c);
    }
    printf("# %d of 100 done\n", done);
    assert_true(done > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_of_strips),
        cmocka_unit_test(random_strips),
        cmocka_unit_test(real_strips),
        cmocka_unit_test(a_building_goes_with_the_ground_between),
        cmocka_unit_test(around_one_that_stays),
        cmocka_unit_test(what_cannot_go),
        cmocka_unit_test(random_buildings),
    };
    return cmocka_run_group_tests_name("coverage_transfer", tests, NULL, NULL);
}
