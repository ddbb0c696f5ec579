/* Balances against a recount of everything by GEOS, over random edits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <time.h>

#include "random.h"
#include "survey_job.h"
#include "wangge/assign.h"
#include "wangge/code.h"
#include "wangge/coverage.h"
#include "wangge/shape.h"
#include "wangge/survey.h"

#define X0 500000.0
#define Y0 3050000.0
#define FACES_MAX 200

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status)
        fail_msg("%s: %s", wg_status_name(status), err->text);
}

static struct wg_multipolygon box_at(double x, double y, double w, double h)
{
    char wkt[400];
    struct wg_error err = {0};
    struct wg_multipolygon mp = {0};
    snprintf(wkt, sizeof wkt,
             "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", X0 + x,
             Y0 + y, X0 + x + w, Y0 + y, X0 + x + w, Y0 + y + h, X0 + x, Y0 + y + h,
             X0 + x, Y0 + y);
    must(wg_shape_from_wkt(NULL, wkt, &mp, &err), &err);
    return mp;
}

static struct wg_survey *stuff(struct random *r, double size, int n)
{
    struct wg_error err = {0};
    struct wg_survey *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int i = 0; i < n; i++) {
        struct wg_multipolygon mp =
            box_at(random_real(r, -10, size), random_real(r, -10, size),
                   random_real(r, 5, 20), random_real(r, 5, 20));
        must(wg_survey_add_building(
                 s, i + 1, &mp, random_between(r, 0, 5) ? random_between(r, 0, 40) : -1,
                 random_between(r, 0, 5) ? random_between(r, 0, 90) : -1, &err),
             &err);
        wg_multipolygon_finish(&mp);
    }
    for (int i = 0; i < n; i++)
        must(wg_survey_add_event(s,
                                 (struct wg_point){X0 + random_real(r, -10, size),
                                                   Y0 + random_real(r, -10, size)},
                                 &err),
             &err);
    must(wg_survey_seal(s, &err), &err);
    return s;
}

static struct wg_coverage *chessboard(int side, double cell)
{
    struct wg_error err = {0};
    struct wg_coverage *c = NULL;
    struct wg_coverage_grid *grid = calloc((size_t)(side * side), sizeof *grid);
    char(*code)[12] = calloc((size_t)(side * side), sizeof *code);
    assert_non_null(grid);
    assert_non_null(code);
    for (int i = 0; i < side * side; i++) {
        snprintf(code[i], sizeof code[i], "g%d", 1000 + i);
        grid[i] = (struct wg_coverage_grid){
            .id = i + 1,
            .code = code[i],
            .level = 5,
            .geometry = box_at(i % side * cell, i / side * cell, cell, cell)};
    }
    must(wg_coverage_build((size_t)(side * side), grid, NULL, &c, &err), &err);
    for (int i = 0; i < side * side; i++)
        wg_multipolygon_finish(&grid[i].geometry);
    free(grid);
    free(code);
    return c;
}

/* ---- the oracle ---- */

struct recount {
    int64_t id;
    struct wg_multipolygon mp;
    double area;
    int64_t buildings, households, known, population, known_population, events, cut;
    bool touched; /* by what the balance tells */
};

static int by_code(const struct wg_coverage *c, int64_t a, int64_t b)
{
    struct wg_coverage_face f, g;
    wg_coverage_face(c, a, &f, NULL);
    wg_coverage_face(c, b, &g, NULL);
    if (f.code && g.code)
        return wg_code_compare(f.code, g.code);
    return f.code ? -1 : g.code ? 1 : (a < b) - (a > b);
}

static int count_all(const struct wg_coverage *c, const struct wg_survey *s,
                     struct recount *out)
{
    struct wg_error err = {0};
    struct wg_shape *shape = NULL;
    int n = 0;
    must(wg_shape_create(&shape, &err), &err);
    for (uint32_t i = 0; i < wg_coverage_count(c); i++) {
        struct wg_coverage_face f;
        wg_coverage_face_at(c, i, &f);
        if (f.ended)
            continue;
        assert_true(n < FACES_MAX);
        out[n] = (struct recount){.id = f.id, .area = f.area_m2};
        must(wg_coverage_polygon(c, f.id, &out[n++].mp, &err), &err);
    }
    for (size_t i = 0; i < s->n; i++) {
        const struct wg_survey_building *b = &s->building[i];
        double share[FACES_MAX], rest = 1;
        int best = -1, large = 0;
        for (int k = 0; k < n; k++) {
            share[k] = 0;
            if (!wg_box_overlaps(b->box, wg_multipolygon_box(&out[k].mp)))
                continue;
            must(wg_shape_common_area(shape, b->footprint, &out[k].mp, &share[k], &err),
                 &err);
            share[k] /= b->area_m2;
            rest -= share[k];
            large += share[k] > WG_CUT_SHARE;
            if (share[k] > 1e-12 && (best < 0 || share[k] > share[best] + 1e-9 ||
                                     (fabs(share[k] - share[best]) <= 1e-9 &&
                                      by_code(c, out[k].id, out[best].id) < 0)))
                best = k;
        }
        large += rest > WG_CUT_SHARE;
        for (int k = 0; k < n; k++)
            out[k].cut += large > 1 && share[k] > WG_CUT_SHARE;
        if (best < 0)
            continue;
        out[best].buildings++;
        out[best].households += b->households > 0 ? b->households : 0;
        out[best].known += b->households >= 0;
        out[best].population += b->population > 0 ? b->population : 0;
        out[best].known_population += b->population >= 0;
    }
    for (size_t i = 0; i < s->n_event; i++) {
        int64_t id = wg_coverage_at(c, s->event[i].x, s->event[i].y);
        for (int k = 0; k < n; k++)
            out[k].events += out[k].id == id;
    }
    wg_shape_destroy(shape);
    return n;
}

static void finish_recount(struct recount *r, int n)
{
    for (int i = 0; i < n; i++)
        wg_multipolygon_finish(&r[i].mp);
}

static struct recount *find(struct recount *r, int n, int64_t id)
{
    for (int i = 0; i < n; i++)
        if (r[i].id == id)
            return &r[i];
    return NULL;
}

struct comparing {
    struct recount *before, *after;
    int n_before, n_after, told;
};

static void same(const struct wg_balance_side *s, struct recount *r)
{
    assert_int_equal(s->exists, r != NULL);
    if (!r)
        return;
    r->touched = true;
    assert_true(fabs(s->area_m2 - r->area) < 1e-6);
    assert_int_equal(s->buildings, r->buildings);
    assert_int_equal(s->cut, r->cut);
    assert_int_equal(s->events, r->events);
    assert_int_equal(s->households,
                     r->buildings && !r->known ? WG_UNKNOWN : r->households);
    assert_int_equal(s->population,
                     r->buildings && !r->known_population ? WG_UNKNOWN : r->population);
}

static bool compare(const struct wg_balance *b, void *user)
{
    struct comparing *k = user;
    same(&b->before, find(k->before, k->n_before, b->grid));
    same(&b->after, find(k->after, k->n_after, b->grid));
    k->told++;
    return true;
}

/* What is not told of has not changed. */
static void compare_rest(struct comparing *k)
{
    for (int i = 0; i < k->n_after; i++) {
        const struct recount *a = &k->after[i], *b = find(k->before, k->n_before, a->id);
        if (a->touched)
            continue;
        assert_non_null(b);
        assert_int_equal(a->buildings, b->buildings);
        assert_int_equal(a->households, b->households);
        assert_int_equal(a->population, b->population);
        assert_int_equal(a->events, b->events);
        assert_int_equal(a->cut, b->cut);
        assert_true(a->area == b->area);
    }
}

static int64_t some_grid(const struct wg_coverage *c, struct random *r)
{
    for (;;) {
        struct wg_coverage_face f;
        uint32_t n = wg_coverage_count(c);
        wg_coverage_face_at(c, (uint32_t)random_between(r, 0, (int64_t)n - 1), &f);
        if (!f.ended)
            return f.id;
    }
}

static bool take_first(int64_t id, double border, void *user)
{
    if (id == 0 || border <= 0)
        return true;
    *(int64_t *)user = id;
    return false;
}

static void edit(struct wg_coverage *c, struct random *r, double size)
{
    struct wg_error err = {0};
    double x = random_real(r, 0, size), y = random_real(r, 0, size);
    int64_t grid = some_grid(c, r), other = 0;
    struct wg_multipolygon area =
        box_at(x, y, random_real(r, 5, 60), random_real(r, 5, 60));
    double lx[2] = {X0 + x, X0 + x + random_real(r, -300, 300)},
           ly[2] = {Y0 + y, Y0 + y + random_real(r, -300, 300)};
    struct wg_line line = {2, lx, ly};
    wg_coverage_neighbours(c, grid, take_first, &other, &err);
    switch (random_between(r, 0, 7)) {
    case 0:
        wg_coverage_move(c, (struct wg_point){X0 + x, Y0 + y}, 80,
                         (struct wg_point){X0 + x + random_real(r, -30, 30),
                                           Y0 + y + random_real(r, -30, 30)},
                         &err);
        break;
    case 1:
        wg_coverage_carve(c, &area, 0, NULL, NULL, NULL, &err);
        break;
    case 2:
        if (other)
            wg_coverage_merge(c, 2, (int64_t[]){grid, other}, 0, NULL, &err);
        break;
    case 3:
        wg_coverage_transfer(c, wg_coverage_at(c, X0 + x, Y0 + y), grid, &area, &err);
        break;
    case 4:
        wg_coverage_split(c, grid, &line, 200, NULL, 0, NULL, NULL, &err);
        break;
    case 5:
        wg_coverage_undo(c);
        break;
    case 6:
        wg_coverage_redo(c);
        break;
    default:
        wg_coverage_insert(c, (struct wg_point){X0 + x, Y0 + y}, 80,
                           (struct wg_point){X0 + x, Y0 + y}, &err);
    }
    wg_multipolygon_finish(&area);
}

static void test_random(void **state)
{
    (void)state;
    static struct recount before[FACES_MAX], after[FACES_MAX];
    int told = 0;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct random r = {seed};
        struct wg_error err = {0};
        struct wg_survey *s = stuff(&r, 500, 120);
        struct wg_coverage *c = chessboard(4, 120);
        struct wg_balancer *b = NULL;
        for (int i = 0; i < (int)seed; i++) /* also from the middle of a session */
            edit(c, &r, 480);
        must(wg_balancer_create(c, s, NULL, &b, &err), &err);
        int n = count_all(c, s, before);
        for (int step = 0; step < 25; step++) {
            edit(c, &r, 480);
            for (int i = 0; i < n; i++)
                before[i].touched = false;
            struct comparing k = {before, after, n, count_all(c, s, after), 0};
            must(wg_balance_each(b, c, compare, &k, &err), &err);
            compare_rest(&k);
            told += k.told;
            finish_recount(after, k.n_after);
        }
        while (wg_coverage_undo_count(c) > 0)
            wg_coverage_undo(c);
        finish_recount(before, n);
        wg_balancer_destroy(b);
        wg_coverage_close(c);
        wg_survey_destroy(s);
    }
    assert_true(told > 300);
}

static bool keep_last(const struct wg_balance *b, void *user)
{
    struct wg_balance *list = user;
    assert_true(b->grid >= 1 && b->grid <= 2);
    list[b->grid - 1] = *b;
    return true;
}

static void test_norms(void **state)
{
    (void)state;
    struct wg_error err = {0};
    struct wg_survey *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int i = 0; i < 2; i++) {
        struct wg_multipolygon mp = box_at(90 + i * 12, 40, 8, 8);
        must(wg_survey_add_building(s, i + 1, &mp, 10, 30, &err), &err);
        wg_multipolygon_finish(&mp);
    }
    must(wg_survey_seal(s, &err), &err);
    struct wg_coverage *c = chessboard(2, 100);
    struct wg_balancer *b = NULL;
    struct wg_balance told[2] = {{.grid = 0}};
    struct wg_norms norms = {5, 15, WG_UNKNOWN, 40, NAN, 10100};
    must(wg_balancer_create(c, s, &norms, &b, &err), &err);
    must(wg_balance_each(b, c, keep_last, told, &err), &err);
    assert_int_equal(told[0].grid, 0); /* nothing is pending: nothing is told */
    struct wg_multipolygon area = box_at(80, 20, 20, 60);
    must(wg_coverage_transfer(c, 1, 2, &area, &err), &err);
    wg_multipolygon_finish(&area);
    must(wg_balance_each(b, c, keep_last, told, &err), &err);
    assert_int_equal(told[0].before.households, 10);
    assert_int_equal(told[1].before.households, 10);
    assert_int_equal(told[0].after.households, 0);
    assert_int_equal(told[1].after.households, 20);
    assert_true(told[0].before.households_ok && told[1].before.households_ok);
    assert_true(!told[0].after.households_ok && !told[1].after.households_ok);
    assert_true(told[0].after.population_ok && !told[1].after.population_ok);
    assert_true(told[0].after.area_ok && !told[1].after.area_ok);
    assert_string_equal(told[0].code, "g1000");
    wg_balancer_destroy(b);
    wg_balancer_destroy(NULL);
    wg_coverage_close(c);
    wg_survey_destroy(s);
}

static bool count_told(const struct wg_balance *b, void *user)
{
    (void)b;
    ++*(int *)user;
    return true;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int compare_double(const void *a, const void *b)
{
    const double *l = a, *r = b;
    return (*l > *r) - (*l < *r);
}

/* A city of 20,000 buildings: a moved corner is balanced in a frame. */
static void test_quick(void **state)
{
    (void)state;
    struct random r = {4};
    struct wg_error err = {0};
    struct wg_survey *s = stuff(&r, 3000, 20000);
    struct wg_coverage *c = chessboard(12, 250);
    struct wg_balancer *b = NULL;
    double ms[40], began = now_ms();
    must(wg_balancer_create(c, s, NULL, &b, &err), &err);
    double made = now_ms() - began;
    for (int i = 0; i < 40; i++) {
        int told = 0;
        double x = X0 + 750, y = Y0 + 750;
        must(wg_coverage_move(c, (struct wg_point){x, y}, 60,
                              (struct wg_point){x + random_real(&r, -25, 25),
                                                y + random_real(&r, -25, 25)},
                              &err),
             &err);
        began = now_ms();
        must(wg_balance_each(b, c, count_told, &told, &err), &err);
        ms[i] = now_ms() - began;
        assert_int_equal(told, 4);
    }
    double first = ms[0];
    qsort(ms, 40, sizeof *ms, compare_double);
    printf("# balance: median %.2f ms, first %.2f ms, made in %.0f ms\n", ms[20], first,
           made);
    assert_true(ms[20] < 16);
    wg_balancer_destroy(b);
    wg_coverage_close(c);
    wg_survey_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random),
                                       cmocka_unit_test(test_norms),
                                       cmocka_unit_test(test_quick)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("balance", tests, NULL, NULL);
}
