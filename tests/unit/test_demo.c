/* The demo district: exact sums, whole grids, the same for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo.h"

static char folder[] = "/tmp/wangge-demo-XXXXXX";

static struct wg_store *make(const char *name, int64_t buildings, uint64_t seed)
{
    char path[256];
    struct wg_error err;
    snprintf(path, sizeof path, "%s/%s.wangge", folder, name);
    struct wg_create_options create = {.crs = "EPSG:4545", .name = "demo"};
    if (wg_store_create(path, &create, &err) != WG_OK)
        fail_msg("%s", err.text);
    struct wg_store *store = NULL;
    if (wg_store_open(path, NULL, &store, &err) != WG_OK)
        fail_msg("%s", err.text);
    struct demo_options options = {.buildings = buildings, .seed = seed, .chinese = true};
    assert_int_equal(wg_instant_parse("2026-06-30T15:20:00Z", 0, &options.until_ms, &err),
                     WG_OK);
    struct demo_city city;
    assert_true(demo_make(&city, &options));
    if (demo_write(store, &city, (struct wg_progress){0}, &err) != WG_OK)
        fail_msg("%s", err.text);
    demo_city_finish(&city);
    return store;
}

struct sums {
    int64_t n, households, population, in_norm;
    uint64_t hash;
};

static void mix(struct sums *s, const void *data, size_t size)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++)
        s->hash = (s->hash ^ p[i]) * 0x100000001b3u;
}

static bool add_building(const struct wg_building *b, void *user)
{
    struct sums *s = user;
    s->n++;
    s->households += b->households > 0 ? b->households : 0;
    s->population += b->population > 0 ? b->population : 0;
    mix(s, b->name, strlen(b->name));
    mix(s, &b->height_m, sizeof b->height_m);
    mix(s, b->geometry.x, b->geometry.n_vertex * sizeof(double));
    mix(s, b->geometry.y, b->geometry.n_vertex * sizeof(double));
    return true;
}

static struct sums sum_buildings(struct wg_store *store, int64_t scheme, int64_t grid)
{
    struct sums s = {.hash = 0xcbf29ce484222325u};
    struct wg_filter filter = {.scheme = scheme, .grid = grid};
    struct wg_error err;
    if (wg_building_each(store, &filter, add_building, &s, &err) != WG_OK)
        fail_msg("%s", err.text);
    return s;
}

struct grids {
    int64_t id[64];
    int n;
};

static bool add_grid(const struct wg_grid *g, void *user)
{
    struct grids *all = user;
    if (all->n < 64)
        all->id[all->n++] = g->id;
    return true;
}

static struct grids grids_of(struct wg_store *store, const char *scheme, int64_t *id)
{
    struct grids all = {.n = 0};
    struct wg_error err;
    assert_int_equal(wg_scheme_find(store, scheme, id, &err), WG_OK);
    struct wg_filter filter = {.scheme = *id, .level = WG_LEVEL_GRID,
                               .no_geometry = true};
    assert_int_equal(wg_grid_each(store, &filter, add_grid, &all, &err), WG_OK);
    return all;
}

static void is_the_community_of_the_seed_document(void **state)
{
    (void)state;
    struct wg_store *store = make("community", 0, 1);
    struct sums all = sum_buildings(store, 0, 0);
    assert_int_equal(all.households, 5504);
    assert_int_equal(all.population, 20580);
    assert_in_range(all.n, 400, 1200);
    int64_t basic, zones;
    struct grids grid = grids_of(store, "basic", &basic);
    assert_in_range(grid.n, 12, 18);
    int64_t owned = 0;
    for (int i = 0; i < grid.n; i++) {
        struct sums s = sum_buildings(store, basic, grid.id[i]);
        owned += s.n;
        assert_in_range(s.households, 200, 620);
    }
    assert_int_equal(owned, all.n);
    assert_int_equal(grids_of(store, "zones", &zones).n, 6);
    struct wg_assign_counts counts[WG_KIND_COUNT];
    struct wg_error err;
    assert_int_equal(wg_assign_count(store, basic, counts, &err), WG_OK);
    assert_int_equal(counts[WG_KIND_BUILDING].cut, 0);
    assert_int_equal(counts[WG_KIND_BUILDING].outside, 0);
    assert_int_equal(counts[WG_KIND_EVENT].no_place, 0);
    assert_true(counts[WG_KIND_EVENT].owned > 1000);
    wg_store_close(store);
}

static bool print_finding(const struct wg_finding *f, void *user)
{
    (void)user;
    print_message("# %s\n", f->text);
    return true;
}

static void has_no_gap_and_no_overlap(void **state)
{
    (void)state;
    struct wg_store *store = make("check", 0, 7);
    struct wg_check_options options = {.no_norms = true};
    struct wg_error err;
    int64_t n = -1;
    assert_int_equal(wg_check(store, &options, (struct wg_progress){0}, print_finding,
                              NULL, &n, &err),
                     WG_OK);
    assert_int_equal(n, 0);
    wg_store_close(store);
}

static void is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    struct wg_store *a = make("a", 60, 5), *b = make("b", 60, 5), *c = make("c", 60, 6);
    assert_true(sum_buildings(a, 0, 0).hash == sum_buildings(b, 0, 0).hash);
    assert_true(sum_buildings(a, 0, 0).hash != sum_buildings(c, 0, 0).hash);
    wg_store_close(a);
    wg_store_close(b);
    wg_store_close(c);
}

static void has_as_many_buildings_as_asked(void **state)
{
    (void)state;
    static const int64_t wanted[] = {1, 37, 1500};
    for (size_t i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", (int)wanted[i]);
        struct wg_store *store = make(name, wanted[i], 3);
        assert_int_equal(sum_buildings(store, 0, 0).n, wanted[i]);
        wg_store_close(store);
    }
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_community_of_the_seed_document),
        cmocka_unit_test(has_no_gap_and_no_overlap),
        cmocka_unit_test(is_the_same_for_the_same_seed),
        cmocka_unit_test(has_as_many_buildings_as_asked),
    };
    return cmocka_run_group_tests_name("demo", tests, set_up, tear_down);
}
