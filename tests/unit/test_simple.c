/* What the quick proof calls valid, GEOS calls valid too; and it proves most. */
#include "noun_scratch.h"

#include <math.h>

#include "polygon.h"
#include "random.h"

enum { CORNERS = 12 };

/* On a small lattice most rings touch themselves somewhere. */
static void draw(struct random *r, uint32_t n, int size, double scale, double *x,
                 double *y)
{
    for (uint32_t i = 0; i < n; i++) {
        x[i] = X0 + (double)random_between(r, 0, size) * scale;
        y[i] = Y0 + (double)random_between(r, 0, size) * scale;
    }
    x[n] = x[0];
    y[n] = y[0];
}

static bool is_valid(struct wg_query *q, const struct wg_multipolygon *mp)
{
    struct wg_error err = {0};
    void *blob;
    size_t size;
    bool row;
    must(wg_shape_to_blob(mp, 4545, &blob, &size, &err), &err);
    wg_bind_blob(q, 1, blob, size);
    must(wg_step(q, &row, &err), &err);
    bool valid = wg_column_int(q, 0) == 1;
    wg_done(q);
    free(blob);
    return valid;
}

static void test_random_rings(void **state)
{
    struct wg_store *store = noun_store(state);
    struct random r = {42};
    int n_valid = 0, n_proved = 0;
    for (int i = 0; i < 20000; i++) {
        struct wg_error err = {0};
        struct wg_query *q = NULL;
        double x[CORNERS + 1], y[CORNERS + 1];
        uint32_t n = (uint32_t)random_between(&r, 3, i % 2 ? 5 : CORNERS);
        uint32_t part[2] = {0, 1}, ring[2] = {0, n + 1};
        struct wg_multipolygon mp = {1, 1, n + 1, part, ring, x, y};
        draw(&r, n, i % 3 ? 4 : 1000, i % 5 ? 1 : 0.1, x, y);
        must(wg_query(store, "SELECT ST_IsValid(?1)", &q, &err), &err);
        bool valid = is_valid(q, &mp), proved = wg_polygon_is_simple(&mp);
        if (proved && !valid)
            fail_msg("ring %d is not valid, but was called so", i);
        /* a repeated vertex is valid; the proof leaves it to GEOS */
        n_valid += valid;
        n_proved += proved;
    }
    assert_true(n_valid > 2000);
    assert_true(n_proved > n_valid * 8 / 10);
}

static void test_odd_ones(void **state)
{
    (void)state;
    double x[70], y[70];
    uint32_t part[2] = {0, 1}, ring[3] = {0, 4, 8};
    struct wg_multipolygon mp = {1, 1, 4, part, ring, x, y};
    draw(&(struct random){1}, 3, 0, 1, x, y); /* all in one place */
    assert_false(wg_polygon_is_simple(&mp));
    for (int i = 0; i < 70; i++)
        x[i] = i, y[i] = i % 2 ? 1 : 0;
    x[3] = x[0];
    y[3] = y[0];
    assert_true(wg_polygon_is_simple(&mp));
    x[1] = NAN;
    assert_false(wg_polygon_is_simple(&mp));
    x[1] = 1;
    y[3] = 5; /* open */
    assert_false(wg_polygon_is_simple(&mp));
    y[3] = y[0];
    mp.n_ring = 2; /* a hole */
    mp.n_vertex = 8;
    assert_false(wg_polygon_is_simple(&mp));
    mp = (struct wg_multipolygon){.n_part = 0};
    assert_false(wg_polygon_is_simple(&mp));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(test_random_rings),
        NOUN_TEST(test_odd_ones),
    };
    return cmocka_run_group_tests_name("simple", tests, noun_group_setup,
                                       noun_group_teardown);
}
