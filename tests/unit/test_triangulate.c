/* Triangles fill the square, and no spot lies inside the circle of any. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random.h"
#include "triangulate.h"

__extension__ typedef __int128 wide;

static bool inside(struct wg_spot a, struct wg_spot b, struct wg_spot c, struct wg_spot d)
{
    wide ax = a.x - d.x, ay = a.y - d.y, bx = b.x - d.x, by = b.y - d.y;
    wide cx = c.x - d.x, cy = c.y - d.y;
    return (ax * ax + ay * ay) * (bx * cy - cx * by) -
               (bx * bx + by * by) * (ax * cy - cx * ay) +
               (cx * cx + cy * cy) * (ax * by - bx * ay) >
           0;
}

static void check(const struct wg_triangulation *t, uint32_t n)
{
    int64_t area = 0;
    const struct wg_spot *s = t->spot;
    for (uint32_t i = 0; i < t->n_triangle; i++) {
        const struct wg_triangle *a = &t->triangle[i];
        int64_t twice = wg_spot_cross(s[a->v[0]], s[a->v[1]], s[a->v[2]]);
        assert_true(twice > 0);
        area += twice;
        for (int k = 0; k < 3; k++) {
            if (a->next[k] == UINT32_MAX)
                continue;
            const struct wg_triangle *b = &t->triangle[a->next[k]];
            int back = b->next[0] == i ? 0 : b->next[1] == i ? 1 : 2;
            assert_int_equal(b->next[back], i);
            assert_int_equal(b->v[(back + 1) % 3], a->v[(k + 2) % 3]);
            assert_int_equal(b->v[(back + 2) % 3], a->v[(k + 1) % 3]);
            assert_false(inside(s[a->v[0]], s[a->v[1]], s[a->v[2]], s[b->v[back]]));
        }
    }
    assert_true(area == wg_spot_cross(s[n], s[n + 1], s[n + 2]) +
                            wg_spot_cross(s[n], s[n + 2], s[n + 3]));
}

static void test_random(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct random r = {(uint64_t)round};
        uint32_t n = (uint32_t)random_between(&r, 0, 600), used = 0;
        struct wg_spot spot[600];
        struct wg_triangulation t;
        struct wg_error err;
        int64_t wide_by = round % 3 == 0 ? 12 : round % 3 == 1 ? 3000 : 1 << 26;
        for (uint32_t i = 0; i < n; i++)
            spot[i] = (struct wg_spot){(int32_t)random_between(&r, -wide_by, wide_by),
                                       (int32_t)random_between(&r, -wide_by, wide_by)};
        assert_int_equal(wg_triangulate(n, spot, &t, &err), WG_OK);
        check(&t, n);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(wg_spot_equal(t.spot[t.same[i]], spot[i]));
            used += t.same[i] == i;
        }
        assert_int_equal(t.n_triangle, 2 * used + 2);
        wg_triangulation_finish(&t);
    }
}

static void test_out_of_range(void **state)
{
    (void)state;
    struct wg_spot far = {(1 << 26) + 1, 0};
    struct wg_triangulation t;
    struct wg_error err;
    assert_int_equal(wg_triangulate(1, &far, &t, &err), WG_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random),
                                       cmocka_unit_test(test_out_of_range)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("triangulate", tests, NULL, NULL);
}
