/* Published layers cleaned: the dirty ones become strict partitions in which nothing
 * moved further than was said, the exact ones come out as they went in.  GEOS is the
 * judge. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/check.h"
#include "wangge/clean.h"
#include "wangge/import.h"
#include "wangge/revision.h"

static const char *shared(const char *name, char out[1024])
{
    const char *folder = getenv("WG_TEST_SHARED");
    size_t n = strlen(name);
    bool zipped = n > 3 && !strcmp(name + n - 3, ".gz");
    snprintf(out, 1024, "%s/%s", folder ? folder : "/nowhere", name);
    if (access(out, R_OK)) {
        print_message("# skipped: no %s in WG_TEST_SHARED\n", name);
        return NULL;
    }
    if (zipped)
        snprintf(out, 1024, "/vsigzip/%s/%s", folder, name);
    return out;
}

static struct wg_store *new_city(struct scratch *s, const char *crs)
{
    struct wg_error err = {0};
    struct wg_create_options options = {.crs = crs};
    must(wg_store_create(s->db, &options, &err), &err);
    return scratch_open(s);
}

static int64_t import(struct wg_store *store, const char *path, const char *scheme,
                      struct wg_import_options options)
{
    struct wg_error err = {0};
    struct wg_import_report report = {0};
    int64_t id = 0;
    options.scheme = scheme;
    must(wg_import(store, WG_NOUN_GRIDS, path, &options, &report, &err), &err);
    assert_int_equal(report.rejected, 0);
    wg_import_report_finish(&report);
    must(wg_scheme_find(store, scheme, &id, &err), &err);
    return id;
}

/* ---- what is looked at ---- */

struct grids {
    size_t n;
    int64_t id[4096];
    struct wg_multipolygon mp[4096];
};

static bool keep(const struct wg_grid *g, void *user)
{
    struct grids *all = user;
    struct wg_error err = {0};
    assert_true(all->n < 4096);
    all->id[all->n] = g->id;
    must(wg_multipolygon_copy(&g->geometry, &all->mp[all->n++], &err), &err);
    return true;
}

static struct grids *read_grids(struct wg_store *store, int64_t scheme)
{
    struct grids *all = calloc(1, sizeof *all);
    struct wg_filter filter = {.scheme = scheme};
    struct wg_error err = {0};
    must(wg_grid_each(store, &filter, keep, all, &err), &err);
    return all;
}

static void drop(struct grids *all)
{
    for (size_t i = 0; i < all->n; i++)
        wg_multipolygon_finish(&all->mp[i]);
    free(all);
}

struct found {
    int of[WG_RULE_MANAGEMENT + 1];
    double narrowest; /* of the gaps */
};

static bool count(const struct wg_finding *f, void *user)
{
    struct found *found = user;
    found->of[f->rule]++;
    if (f->rule == WG_RULE_GAP && f->width < found->narrowest)
        found->narrowest = f->width;
    if (f->rule != WG_RULE_GAP)
        print_message("# %s: %s\n", wg_rule_name(f->rule), f->text);
    return true;
}

static struct found check(struct wg_store *store, int64_t scheme)
{
    struct wg_check_options options = {
        .scheme = scheme, .no_norms = true, .sliver_m2 = 1e-9};
    struct found found = {.narrowest = INFINITY};
    struct wg_error err = {0};
    must(wg_check(store, &options, (struct wg_progress){0}, count, &found, NULL, &err),
         &err);
    return found;
}

struct notes {
    int of[WG_CLEAN_VANISHED + 1];
    double area[WG_CLEAN_VANISHED + 1];
};

static bool note(const struct wg_clean_note *n, void *user)
{
    struct notes *notes = user;
    notes->of[n->what]++;
    notes->area[n->what] += n->area_m2;
    return true;
}

/* Valid, pairwise without ground in common, the union as large as the sum. */
static void assert_partition(const struct grids *all)
{
    struct wg_error err = {0};
    struct wg_shape *shape = NULL;
    struct wg_multipolygon whole;
    const struct wg_multipolygon **mp = malloc(all->n * sizeof *mp);
    double sum = 0;
    must(wg_shape_create(&shape, &err), &err);
    for (size_t i = 0; i < all->n; i++) {
        must(wg_shape_check(shape, &all->mp[i], &err), &err);
        sum += wg_multipolygon_area(&all->mp[i]);
        mp[i] = &all->mp[i];
        struct wg_box box = wg_multipolygon_box(mp[i]);
        for (size_t k = 0; k < i; k++) {
            double common = 0;
            if (!wg_box_overlaps(box, wg_multipolygon_box(mp[k])))
                continue;
            must(wg_shape_common_area(shape, mp[i], mp[k], &common, &err), &err);
            if (common != 0)
                fail_msg("grids %zu and %zu have %g m² in common", i, k, common);
        }
    }
    must(wg_shape_union_all(shape, all->n, mp, &whole, &err), &err);
    double off = fabs(wg_multipolygon_area(&whole) - sum);
    print_message("# %zu grids, %.3f m², the union differs by %g m²\n", all->n, sum, off);
    assert_true(off < 1e-9 * sum);
    wg_multipolygon_finish(&whole);
    wg_shape_destroy(shape);
    free(mp);
}

/* Furthest of a polygon's vertices from the boundary of another. */
static double furthest(const struct wg_multipolygon *a, const struct wg_multipolygon *b,
                       size_t *beyond, double limit)
{
    double most = 0;
    for (uint32_t v = 0; v < a->n_vertex; v++) {
        double least = INFINITY;
        for (uint32_t r = 0; r < b->n_ring; r++)
            for (uint32_t i = b->ring[r]; i + 1 < b->ring[r + 1]; i++) {
                double dx = b->x[i + 1] - b->x[i], dy = b->y[i + 1] - b->y[i];
                double square = dx * dx + dy * dy;
                double t =
                    square > 0
                        ? ((a->x[v] - b->x[i]) * dx + (a->y[v] - b->y[i]) * dy) / square
                        : 0;
                t = t < 0 ? 0 : t > 1 ? 1 : t;
                double ex = b->x[i] + t * dx - a->x[v], ey = b->y[i] + t * dy - a->y[v];
                double d = ex * ex + ey * ey;
                least = d < least ? d : least;
            }
        least = sqrt(least);
        *beyond += least > limit;
        most = least > most ? least : most;
    }
    return most;
}

/* Furthest of all vertices from the boundaries as they were: of whichever grid. */
static double off_the_lines(const struct grids *now, const struct grids *was)
{
    double far = 0;
    for (size_t i = 0; i < now->n; i++)
        for (uint32_t v = 0; v < now->mp[i].n_vertex; v++) {
            struct wg_multipolygon one = now->mp[i];
            double least = INFINITY;
            size_t none;
            one.x += v;
            one.y += v;
            one.n_vertex = 1;
            for (size_t k = 0; k < was->n && least > WG_LATTICE_STEP; k++) {
                size_t at = (i + k) % was->n;
                struct wg_box box = wg_multipolygon_box(&was->mp[at]);
                if (one.x[0] < box.min_x - 1 || one.x[0] > box.max_x + 1 ||
                    one.y[0] < box.min_y - 1 || one.y[0] > box.max_y + 1)
                    continue;
                least = fmin(least, furthest(&one, &was->mp[at], &none, 1));
            }
            far = fmax(far, least);
        }
    return far;
}

/* ---- the dirty ---- */

static void the_dirty_become_partitions(void **state)
{
    static const char *const layers[] = {"voting_precinct", "cluster"};
    struct wg_commit commit = {.author = "test", .reason = "clean"};
    struct wg_clean_options options = {.snap_m = 1, .gap_m = 1};
    struct scratch *s = *state;
    char path[1024], name[80];
    if (!shared("dc/cluster.geojson", path))
        return;
    struct wg_store *store = new_city(s, "EPSG:26985");
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        struct wg_error err = {0};
        struct notes notes = {{0}, {0}};
        double moved = NAN, far = 0;
        size_t beyond = 0;
        int64_t changed = 0, revision = 0;
        snprintf(name, sizeof name, "dc/%s.geojson", layers[i]);
        int64_t scheme = import(store, shared(name, path), layers[i],
                                (struct wg_import_options){.code = "code"});
        struct grids *was = read_grids(store, scheme);
        must(wg_clean_scheme(store, scheme, &options, &commit, false, &changed, &revision,
                             &moved, note, &notes, &err),
             &err);
        struct grids *now = read_grids(store, scheme);
        for (int k = 1; k <= WG_CLEAN_VANISHED; k++)
            if (notes.of[k])
                print_message("# %s: %d %s, %.2f m²\n", layers[i], notes.of[k],
                              wg_clean_name((enum wg_clean_what)k), notes.area[k]);
        assert_int_equal(was->n, now->n);
        for (size_t k = 0; k < now->n; k++)
            far = fmax(far, furthest(&now->mp[k], &was->mp[k], &beyond, 1));
        print_message("# %s: %lld changed, moved %.3f m, furthest from its own boundary "
                      "%.3f m (%zu vertices beyond 1 m)\n",
                      layers[i], (long long)changed, moved, far, beyond);
        assert_true(moved <= 1);
        assert_true(off_the_lines(now, was) < 2 * WG_LATTICE_STEP);
        assert_partition(now);
        struct found found = check(store, scheme);
        for (int rule = 1; rule <= WG_RULE_MANAGEMENT; rule++)
            if (rule != WG_RULE_GAP)
                assert_int_equal(found.of[rule], 0);
        assert_int_equal(found.of[WG_RULE_GAP], notes.of[WG_CLEAN_LEFT_GAP]);
        assert_true(found.narrowest > 0.98);
        /* and once more changes nothing */
        must(wg_clean_scheme(store, scheme, &options, &commit, false, &changed, &revision,
                             &moved, NULL, NULL, &err),
             &err);
        assert_int_equal(changed, 0);
        drop(was);
        drop(now);
    }
    wg_store_close(store);
}

/* ---- the exact ---- */

struct exact {
    const char *file, *crs, *code, *parent;
    int gaps; /* known ones */
};

static void stays(struct wg_store *store, int64_t scheme, const char *name, int gaps)
{
    struct wg_clean_options options = {.snap_m = 1, .gap_m = 1};
    struct wg_error err = {0};
    struct notes notes = {{0}, {0}};
    int64_t changed = -1;
    double moved = NAN;
    must(wg_clean_scheme(store, scheme, &options, NULL, true, &changed, NULL, &moved,
                         note, &notes, &err),
         &err);
    print_message("# %s: %lld changed, moved %.3f m\n", name, (long long)changed, moved);
    for (int k = 1; k <= WG_CLEAN_VANISHED; k++)
        if (notes.of[k])
            print_message("# %s: %d %s, %.6f m²\n", name, notes.of[k],
                          wg_clean_name((enum wg_clean_what)k), notes.area[k]);
    /* gaps of the layer itself, which are filled */
    assert_int_equal(changed, gaps);
    assert_true(moved == 0);
}

static void the_exact_stay(void **state)
{
    static const struct exact table[] = {
        {"dc/ward.geojson", "EPSG:26985", "code", NULL, 0},
        {"dc/anc.geojson", "EPSG:26985", "code", NULL, 0},
        {"dc/smd.geojson", "EPSG:26985", "code", NULL, 0},
        {"dc/psa.geojson", "EPSG:26985", "code", NULL, 0},
        {"dc/police_district.geojson", "EPSG:26985", "code", NULL, 0},
        {"dc/census_tract_2010.geojson", "EPSG:26985", "code", NULL, 0},
        {"dc/block_group_2010.geojson", "EPSG:26985", "code", NULL, 0},
        {"bristol/oa.geojson", "EPSG:27700", "code", "", 0},
        {"olinda/tracts.geojson", "EPSG:31985", "CD_GEOCODI", NULL, 0},
        {"nyc/census_tract_2010.geojson.gz", "EPSG:26918", "code", "", 3},
    };
    struct scratch *s = *state;
    char path[1024];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!shared(table[i].file, path))
            continue;
        struct wg_store *store = new_city(s, table[i].crs);
        int64_t scheme = import(
            store, path, "s",
            (struct wg_import_options){.code = table[i].code, .parent = table[i].parent});
        struct found found = check(store, scheme);
        for (int rule = 1; rule <= WG_RULE_MANAGEMENT; rule++)
            if (found.of[rule])
                print_message("# %s: %d %s\n", table[i].file, found.of[rule],
                              wg_rule_name((enum wg_rule)rule));
        stays(store, scheme, table[i].file, table[i].gaps);
        wg_store_close(store);
        remove(s->db);
    }
}

static void three_levels_nest(void **state)
{
    static const struct {
        const char *file;
        int level;
        const char *parent;
    } table[] = {{"bristol/msoa.geojson", WG_LEVEL_STREET, ""},
                 {"bristol/lsoa.geojson", WG_LEVEL_COMMUNITY, "parent"},
                 {"bristol/oa.geojson", WG_LEVEL_GRID, "parent"}};
    struct scratch *s = *state;
    char path[1024];
    int64_t scheme = 0;
    if (!shared("bristol/oa.geojson", path))
        return;
    struct wg_store *store = new_city(s, "EPSG:27700");
    for (size_t i = 0; i < 3; i++)
        scheme = import(store, shared(table[i].file, path), "s",
                        (struct wg_import_options){.code = "code",
                                                   .level = table[i].level,
                                                   .parent = table[i].parent,
                                                   .invalid = WG_INVALID_REPAIR});
    struct wg_check_options options = {.scheme = scheme, .no_norms = true};
    struct found found = {.narrowest = INFINITY};
    struct wg_error err = {0};
    must(wg_check(store, &options, (struct wg_progress){0}, count, &found, NULL, &err),
         &err);
    for (int rule = 1; rule <= WG_RULE_MANAGEMENT; rule++)
        assert_int_equal(found.of[rule], 0);
    stays(store, scheme, "bristol", 0);
    wg_store_close(store);
}

#define CITY_TEST(test)                                                                  \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CITY_TEST(the_dirty_become_partitions),
        CITY_TEST(the_exact_stay),
        CITY_TEST(three_levels_nest),
    };
    return cmocka_run_group_tests_name("clean_cities", tests, NULL, NULL);
}
