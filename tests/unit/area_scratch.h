/* What the tests of operations on areas share: coverages, and what must hold after each
 * operation, done or refused. */
#ifndef TEST_AREA_SCRATCH_H
#define TEST_AREA_SCRATCH_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* after the above */
#include <cmocka.h>

#include "../bench/partition_make.h"
#include "coverage_job.h"
#include "random.h"
#include "wangge/coverage.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

struct area_given {
    const char *code, *wkt;
    int64_t parent;
};

static inline struct wg_multipolygon area_mp(const char *wkt)
{
    struct wg_multipolygon mp = {0};
    struct wg_error err = {0};
    if (wg_shape_from_wkt(NULL, wkt, &mp, &err) != WG_OK)
        fail_msg("%s: %s", wkt, err.text);
    return mp;
}

static inline struct wg_coverage *area_build(size_t n, const struct area_given *given,
                                             const char *limit)
{
    struct wg_coverage_grid grid[16] = {{0}};
    struct wg_coverage *c = NULL;
    struct wg_error err = {0};
    struct wg_multipolygon outer = {0};
    struct wg_coverage_options options = {.limit = limit ? &outer : NULL};
    if (limit)
        outer = area_mp(limit);
    for (size_t i = 0; i < n; i++)
        grid[i] = (struct wg_coverage_grid){.id = (int64_t)i + 1,
                                            .code = given[i].code,
                                            .level = 5,
                                            .parent = given[i].parent,
                                            .geometry = area_mp(given[i].wkt)};
    if (wg_coverage_build(n, grid, &options, &c, &err) != WG_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < n; i++)
        wg_multipolygon_finish(&grid[i].geometry);
    wg_multipolygon_finish(&outer);
    return c;
}

/* A generated partition, or one from a file of WG_TEST_SHARED; NULL when it is not
 * there. */
static inline struct wg_coverage *area_partition(const struct partition *p)
{
    struct wg_coverage_grid *grid = calloc(p->n + 1, sizeof *grid);
    struct wg_coverage *c = NULL;
    struct wg_error err = {0};
    for (size_t i = 0; i < p->n; i++)
        grid[i] = (struct wg_coverage_grid){.id = (int64_t)i + 1,
                                            .code = p->grid[i].code,
                                            .level = 5,
                                            .geometry = p->mp[i]};
    if (wg_coverage_build(p->n, grid, NULL, &c, &err) != WG_OK)
        fail_msg("%s", err.text);
    free(grid);
    return c;
}

static inline double area_of(const struct wg_coverage *c, int64_t id)
{
    struct wg_coverage_face face;
    assert_int_equal(wg_coverage_face(c, id, &face, NULL), WG_OK);
    return face.area_m2;
}

static inline struct wg_multipolygon area_polygon(const struct wg_coverage *c, int64_t id)
{
    struct wg_multipolygon mp = {0};
    struct wg_error err = {0};
    if (wg_coverage_polygon(c, id, &mp, &err) != WG_OK)
        fail_msg("%s", err.text);
    return mp;
}

static inline double area_common(const struct wg_multipolygon *a,
                                 const struct wg_multipolygon *b)
{
    double common = 0;
    struct wg_error err = {0};
    if (wg_shape_common_area(NULL, a, b, &common, &err) != WG_OK)
        fail_msg("%s", err.text);
    return common;
}

/* All the ground that grids and the free area have, twice, in steps². */
static inline int64_t area_sum2(const struct wg_coverage *c)
{
    int64_t sum = 0;
    for (uint32_t f = 0; f < wg_coverage_n_face(c); f++)
        sum += wg_coverage_get_face(c, f)->area2;
    return sum;
}

static inline bool area_meets_none(int64_t id, double border_m, void *user)
{
    (void)border_m;
    *(bool *)user = id == 0 || *(bool *)user;
    return true;
}

/* Does a grid border on nobody's area? */
static inline bool area_is_outer(const struct wg_coverage *c, int64_t id)
{
    bool outer = false;
    assert_int_equal(wg_coverage_neighbours(c, id, area_meets_none, &outer, NULL), WG_OK);
    return outer;
}

/* The ground is what it was, exactly; where a new boundary ends on the outer one, that
 * has a vertex more, which lies on the lattice.  What it is now. */
static inline int64_t area_kept(const struct wg_coverage *c, int64_t sum2, bool outer)
{
    int64_t now = area_sum2(c);
    if (outer)
        assert_true(llabs(now - sum2) < (int64_t)1024 * 1024);
    else
        assert_int_equal(now, sum2);
    return now;
}

struct area_bytes {
    void *at;
    size_t size;
};

static inline struct area_bytes area_bytes(const struct wg_coverage *c)
{
    struct area_bytes b = {0};
    assert_int_equal(wg_coverage_bytes(c, &b.at, &b.size, NULL), WG_OK);
    return b;
}

static inline bool area_same(struct area_bytes a, struct area_bytes b)
{
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

/* After an operation: what was done is sound, and undone and redone to the same bytes;
 * what was refused changed nothing and says why.  `before` is used up. */
static inline void area_settled(struct wg_coverage *c, struct area_bytes before,
                                enum wg_status status, const struct wg_error *why)
{
    struct area_bytes after = area_bytes(c), again;
    struct wg_error err = {0};
    if (wg_coverage_prove(c, &err) != WG_OK)
        fail_msg("%s", err.text);
    if (status == WG_OK) {
        assert_false(area_same(before, after));
        assert_true(wg_coverage_undo(c));
        again = area_bytes(c);
        assert_true(area_same(before, again));
        wg_free(again.at);
        assert_true(wg_coverage_redo(c));
        again = area_bytes(c);
        assert_true(area_same(after, again));
        wg_free(again.at);
        if (wg_coverage_prove(c, &err) != WG_OK)
            fail_msg("%s", err.text);
    } else {
        if (status != WG_CONSTRAINT)
            fail_msg("%s: %s", wg_status_name(status), why->text);
        assert_true(area_same(before, after));
        assert_int_not_equal(wg_coverage_refusal(c)->reason, WG_REFUSED_NOTHING);
        assert_true(wg_coverage_refusal(c)->text[0] != '\0');
        assert_true(why->text[0] != '\0');
    }
    wg_free(before.at);
    wg_free(after.at);
}

/* A grid in force, by chance. */
static inline int64_t area_any(const struct wg_coverage *c, struct random *r)
{
    for (;;) {
        struct wg_coverage_face face;
        uint32_t n = wg_coverage_count(c);
        wg_coverage_face_at(c, (uint32_t)random_between(r, 0, n - 1), &face);
        if (!face.ended && face.id != 0)
            return face.id;
    }
}

static inline struct wg_box area_box(const struct wg_coverage *c, int64_t id)
{
    struct wg_coverage_face face;
    assert_int_equal(wg_coverage_face(c, id, &face, NULL), WG_OK);
    return face.box;
}

/* A star of `n` corners (at most 60) about a place: concave, simple. */
static inline struct wg_multipolygon area_star(struct random *r, double x, double y,
                                               double radius, int n)
{
    char text[8192];
    int at = snprintf(text, sizeof text, "POLYGON((");
    double first_x = 0, first_y = 0;
    for (int i = 0; i < n; i++) {
        double turn = 6.283185307179586 * (i + random_real(r, 0, 0.8)) / n;
        double far = radius * random_real(r, 0.4, 1);
        double px = x + far * cos(turn), py = y + far * sin(turn);
        if (i == 0) {
            first_x = px;
            first_y = py;
        }
        at += snprintf(text + at, sizeof text - (size_t)at, "%.6f %.6f,", px, py);
    }
    snprintf(text + at, sizeof text - (size_t)at, "%.6f %.6f))", first_x, first_y);
    return area_mp(text);
}

static inline double area_length(const struct wg_multipolygon *mp)
{
    double length = 0;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++)
            length += hypot(mp->x[i + 1] - mp->x[i], mp->y[i + 1] - mp->y[i]);
    return length;
}

#endif
