/* Property: a random row of any noun is read back as it was written, changes as a whole,
 * and is listed exactly while it is in force. */
#include "noun_scratch.h"

#include <math.h>

#include "random.h"
#include "wangge/building.h"
#include "wangge/dwelling.h"
#include "wangge/event.h"
#include "wangge/officer.h"
#include "wangge/part.h"

#define ROUNDS 40

/* The dates every row of the test has. */
static const char *const from = "2026-02-01T00:00:00.000Z";
static const char *const end = "2026-04-01T12:00:00.000Z";

/* ---- random values ---- */

static char pool[24][200000]; /* the texts of one row */
static size_t pool_used;

/* NULL, or a text of odd pieces: quotes, Chinese, emoji, line ends, SQL; now and then
 * very long. */
static const char *text(struct random *r)
{
    static const char *const pieces[] = {
        "a",    "'",    "''",   "\"", "网格员", "😀👩‍👩‍👧",
        "\n",   "\\",   "%s%n", "é",  "');--",  " ",
        "\t",   "𠀀",   "?1",   ";",  "0",      "-1",
        "\x01", "NULL", "ﷺ",    "]",  "`",      "e\xCC\x81",
    };
    const int64_t n_piece = sizeof pieces / sizeof *pieces;
    if (random_between(r, 0, 5) == 0)
        return NULL;
    char *to = pool[pool_used++ % 24], *at = to;
    int64_t n = random_between(r, 0, 30) ? random_between(r, 1, 12) : 9000;
    for (int64_t i = 0; i < n; i++) {
        const char *piece = pieces[random_between(r, 0, n_piece - 1)];
        memcpy(at, piece, strlen(piece) + 1);
        at += strlen(piece);
    }
    return to;
}

static const char *unique_text(struct random *r)
{
    static int64_t n;
    char *to = pool[pool_used++ % 24];
    const char *rest = random_between(r, 0, 1) ? "楼'\"😀" : "-x";
    snprintf(to, sizeof pool[0], "%d%s", (int)++n, rest);
    return to;
}

static int64_t count(struct random *r)
{
    static const int64_t edges[] = {WG_UNKNOWN, 0, 1, INT32_MAX, INT64_MAX};
    return random_between(r, 0, 2) ? random_between(r, 0, 1000)
                                   : edges[random_between(r, 0, 4)];
}

static double amount(struct random *r)
{
    static const double edges[] = {NAN, 0, 1e-300, 1e300, 0.1};
    return random_between(r, 0, 2) ? random_real(r, 0, 1e4)
                                   : edges[random_between(r, 0, 4)];
}

static const char *word(struct random *r, const char *const *words, int64_t n)
{
    int64_t i = random_between(r, -1, n - 1);
    return i < 0 ? NULL : words[i];
}

static double east(struct random *r)
{
    return X0 + random_real(r, 0, 1000);
}

/* ---- comparing ---- */

static void same_count(int64_t a, int64_t b)
{
    assert_true(a == b);
}

static void same_real(double a, double b)
{
    assert_true(a == b || (isnan(a) && isnan(b)));
}

static void same_text(const char *a, const char *b)
{
    assert_text(a, b);
}

/* ---- in force ---- */

struct finder {
    int64_t id;
    int n;
};

#define FINDER(noun)                                                                     \
    static bool find_##noun(const struct wg_##noun *row, void *user)                     \
    {                                                                                    \
        struct finder *f = user;                                                         \
        f->n += row->id == f->id;                                                        \
        return true;                                                                     \
    }                                                                                    \
    static enum wg_status each_##noun(struct wg_store *store, const struct wg_filter *f, \
                                      struct finder *finder, struct wg_error *err)

FINDER(scheme)
{
    return wg_scheme_each(store, f, find_scheme, finder, err);
}
FINDER(grid)
{
    return wg_grid_each(store, f, find_grid, finder, err);
}
FINDER(building)
{
    return wg_building_each(store, f, find_building, finder, err);
}
FINDER(dwelling)
{
    return wg_dwelling_each(store, 0, f, find_dwelling, finder, err);
}
FINDER(part)
{
    return wg_part_each(store, f, find_part, finder, err);
}
FINDER(officer)
{
    return wg_officer_each(store, f, find_officer, finder, err);
}

typedef enum wg_status each_fn(struct wg_store *store, const struct wg_filter *f,
                               struct finder *finder, struct wg_error *err);

/* Listed from its first moment to the one before its end, and among the ended after. */
static void check_listed(struct wg_store *store, each_fn *each, int64_t id)
{
    static const struct {
        const char *at;
        bool ended;
        int n;
    } cases[] = {
        {"2026-01-31T23:59:59.999Z", false, 0},
        {"2026-01-31T23:59:59.999Z", true, 0},
        {"2026-02-01", false, 1},
        {"2026-04-01T11:59:59.999Z", false, 1},
        {"2026-04-01T12:00:00Z", false, 0},
        {"2026-04-01T12:00:00Z", true, 1},
        {NULL, true, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_error err = {0};
        struct wg_filter f = {.at = cases[i].at, .ended = cases[i].ended};
        struct finder finder = {.id = id};
        must(each(store, &f, &finder, &err), &err);
        assert_int_equal(finder.n, cases[i].n);
    }
}

/* ---- the nouns ---- */

static void scheme_round(struct wg_store *store, struct random *r)
{
    struct wg_error err = {0};
    struct wg_scheme a, b;
    int64_t id = 0;
    for (int update = 0; update < 2; update++) {
        wg_scheme_init(&a);
        a.id = id;
        a.name = unique_text(r);
        a.title = text(r);
        a.purpose = text(r);
        a.households_min = random_between(r, -1, 300);
        a.households_max = random_between(r, 300, 900);
        a.area_min_m2 = random_real(r, 0, 10);
        a.area_max_m2 = random_real(r, 10, 1e9);
        a.valid_from = from;
        must(update ? wg_scheme_update(store, &a, &err)
                    : wg_scheme_create(store, &a, &id, &err),
             &err);
        must(wg_scheme_read(store, id, &b, &err), &err);
        same_text(a.name, b.name);
        same_text(a.title, b.title);
        same_text(a.purpose, b.purpose);
        same_text(a.valid_from, b.valid_from);
        same_count(a.households_min, b.households_min);
        same_count(a.households_max, b.households_max);
        same_real(a.area_min_m2, b.area_min_m2);
        same_real(a.area_max_m2, b.area_max_m2);
        wg_scheme_finish(&b);
    }
    must(wg_scheme_end(store, id, end, &err), &err);
    check_listed(store, each_scheme, id);
}

static void grid_round(struct wg_store *store, struct random *r)
{
    static const char *const kinds[] = {"basic", "dedicated"};
    struct wg_error err = {0};
    struct wg_grid a, b;
    int64_t id = 0, scheme = new_scheme(store, unique_text(r), NULL);
    for (int update = 0; update < 2; update++) {
        wg_grid_init(&a);
        a.id = id;
        a.scheme = scheme;
        a.code = unique_text(r);
        a.name = text(r);
        a.note = text(r);
        a.kind = word(r, kinds, 2);
        a.level = (int)random_between(r, 1, 6);
        a.valid_from = from;
        a.geometry = rectangle(east(r), Y0, random_real(r, 1, 90), random_real(r, 1, 90));
        must(update ? wg_grid_update(store, &a, &err)
                    : wg_grid_create(store, &a, &id, &err),
             &err);
        must(wg_grid_read(store, id, &b, &err), &err);
        same_text(a.code, b.code);
        same_text(a.name, b.name);
        same_text(a.note, b.note);
        same_text(a.kind ? a.kind : "basic", b.kind);
        same_count(a.level, b.level);
        assert_true(same_polygon(&a.geometry, &b.geometry));
        assert_true(fabs(wg_multipolygon_area(&a.geometry) - b.area_m2) < 1e-3);
        wg_grid_finish(&a);
        wg_grid_finish(&b);
    }
    must(wg_grid_end(store, id, end, &err), &err);
    check_listed(store, each_grid, id);
}

static void fill_building(struct wg_building *a, struct random *r)
{
    static const char *const roofs[] = {"flat", "gabled", "hipped", "pyramid"};
    wg_building_init(a);
    a->code = random_between(r, 0, 3) ? unique_text(r) : NULL;
    a->name = text(r);
    a->use = text(r);
    a->address = text(r);
    a->source_id = text(r);
    a->roof = word(r, roofs, 4);
    a->base_m = random_real(r, -5, 5);
    a->height_m = random_real(r, 6, 300);
    a->roof_m = random_real(r, 0, 1);
    a->floors = count(r);
    a->households = count(r);
    a->population = count(r);
    a->elderly_alone = count(r);
    a->valid_from = from;
    a->geometry = rectangle(east(r), Y0, random_real(r, 1, 90), random_real(r, 1, 90));
}

static void building_round(struct wg_store *store, struct random *r)
{
    struct wg_error err = {0};
    struct wg_building a, b;
    int64_t id = 0;
    for (int update = 0; update < 2; update++) {
        fill_building(&a, r);
        a.id = id;
        must(update ? wg_building_update(store, &a, &err)
                    : wg_building_create(store, &a, &id, &err),
             &err);
        must(wg_building_read(store, id, &b, &err), &err);
        same_text(a.code, b.code);
        same_text(a.name, b.name);
        same_text(a.use, b.use);
        same_text(a.address, b.address);
        same_text(a.source_id, b.source_id);
        same_text(a.roof, b.roof);
        same_text("measured", b.height_from);
        same_real(a.base_m, b.base_m);
        same_real(a.height_m, b.height_m);
        same_real(a.roof_m, b.roof_m);
        same_count(a.floors, b.floors);
        same_count(a.households, b.households);
        same_count(a.population, b.population);
        same_count(a.elderly_alone, b.elderly_alone);
        assert_true(same_polygon(&a.geometry, &b.geometry));
        wg_building_finish(&a);
        wg_building_finish(&b);
    }
    must(wg_building_end(store, id, end, &err), &err);
    check_listed(store, each_building, id);
}

static void dwelling_round(struct wg_store *store, struct random *r)
{
    static const char *const states[] = {"occupied", "vacant", "let", "other"};
    struct wg_error err = {0};
    struct wg_dwelling a, b;
    struct wg_building house;
    int64_t id = 0, building = 0;
    fill_building(&house, r);
    must(wg_building_create(store, &house, &building, &err), &err);
    wg_building_finish(&house);
    for (int update = 0; update < 2; update++) {
        wg_dwelling_init(&a);
        a.id = id;
        a.building = building;
        a.code = random_between(r, 0, 3) ? unique_text(r) : NULL;
        a.unit = text(r);
        a.room = text(r);
        a.state = word(r, states, 4);
        a.floor =
            random_between(r, 0, 3) ? random_between(r, -3, 60) : WG_DWELLING_NO_FLOOR;
        a.households = count(r);
        a.population = count(r);
        a.elderly_alone = count(r);
        a.valid_from = from;
        must(update ? wg_dwelling_update(store, &a, &err)
                    : wg_dwelling_create(store, &a, &id, &err),
             &err);
        must(wg_dwelling_read(store, id, &b, &err), &err);
        same_text(a.code, b.code);
        same_text(a.unit, b.unit);
        same_text(a.room, b.room);
        same_text(a.state, b.state);
        same_count(a.building, b.building);
        same_count(a.floor, b.floor);
        same_count(a.households, b.households);
        same_count(a.population, b.population);
        same_count(a.elderly_alone, b.elderly_alone);
        wg_dwelling_finish(&b);
    }
    must(wg_dwelling_end(store, id, end, &err), &err);
    check_listed(store, each_dwelling, id);
}

static void part_round(struct wg_store *store, struct random *r)
{
    struct wg_error err = {0};
    struct wg_part a, b;
    int64_t id = 0;
    for (int update = 0; update < 2; update++) {
        wg_part_init(&a);
        a.id = id;
        a.code = random_between(r, 0, 3) ? unique_text(r) : NULL;
        a.class_code = text(r);
        a.name = text(r);
        a.state = text(r);
        a.source_id = text(r);
        a.valid_from = from;
        a.x = east(r);
        a.y = Y0 + random_real(r, -1e6, 1e6);
        must(update ? wg_part_update(store, &a, &err)
                    : wg_part_create(store, &a, &id, &err),
             &err);
        must(wg_part_read(store, id, &b, &err), &err);
        same_text(a.code, b.code);
        same_text(a.class_code, b.class_code);
        same_text(a.name, b.name);
        same_text(a.state, b.state);
        same_text(a.source_id, b.source_id);
        same_real(a.x, b.x);
        same_real(a.y, b.y);
        wg_part_finish(&b);
    }
    must(wg_part_end(store, id, end, &err), &err);
    check_listed(store, each_part, id);
}

static void officer_round(struct wg_store *store, struct random *r)
{
    struct wg_error err = {0};
    struct wg_officer a, b;
    int64_t id = 0;
    for (int update = 0; update < 2; update++) {
        wg_officer_init(&a);
        a.id = id;
        a.code = random_between(r, 0, 3) ? unique_text(r) : NULL;
        a.name = unique_text(r);
        a.phone = text(r);
        a.valid_from = from;
        must(update ? wg_officer_update(store, &a, &err)
                    : wg_officer_create(store, &a, &id, &err),
             &err);
        must(wg_officer_read(store, id, &b, &err), &err);
        same_text(a.code, b.code);
        same_text(a.name, b.name);
        same_text(a.phone, b.phone);
        wg_officer_finish(&b);
    }
    must(wg_officer_end(store, id, end, &err), &err);
    check_listed(store, each_officer, id);
}

static void compare_events(const struct wg_event *a, const struct wg_event *b)
{
    same_text(a->code, b->code);
    same_text(a->class_code, b->class_code);
    same_text(a->title, b->title);
    same_text(a->description, b->description);
    same_text(a->address, b->address);
    same_text(a->source, b->source);
    same_text(a->frame, b->frame);
    same_text(a->occurred_at, b->occurred_at);
    same_text(a->reported_at, b->reported_at);
    same_text(a->due_at, b->due_at);
    same_text(a->closed_at, b->closed_at);
    same_real(a->accuracy_m, b->accuracy_m);
    same_real(a->x, b->x);
    same_real(a->y, b->y);
    same_count(a->stage, b->stage);
    same_count(a->level, b->level);
}

static void event_round(struct wg_store *store, struct random *r)
{
    struct wg_error err = {0};
    struct wg_event a, b;
    int64_t id = 0, again = 0;
    char uuid[64] = "";
    for (int update = 0; update < 2; update++) {
        wg_event_init(&a);
        a.id = id;
        a.code = text(r);
        a.class_code = text(r);
        a.title = text(r);
        a.description = text(r);
        a.address = text(r);
        a.source = text(r);
        a.frame = text(r);
        a.occurred_at = "2026-01-31T23:00:00.123Z";
        a.reported_at = from;
        a.due_at = "2026-05-05T05:05:05.005Z";
        a.accuracy_m = amount(r);
        a.x = east(r);
        a.y = Y0;
        a.level = (int)random_between(r, 0, 4);
        a.stage = (int)random_between(r, 1, 10);
        a.closed_at = wg_stage_is_open(a.stage) ? NULL : end;
        must(update ? wg_event_update(store, &a, &err)
                    : wg_event_create(store, &a, &id, &err),
             &err);
        must(wg_event_read(store, id, &b, &err), &err);
        compare_events(&a, &b);
        if (update)
            assert_string_equal(uuid, b.uuid); /* the event stays the same */
        snprintf(uuid, sizeof uuid, "%s", b.uuid);
        wg_event_finish(&b);
    }
    wg_event_init(&a);
    a.uuid = uuid;
    must(wg_event_create(store, &a, &again, &err), &err);
    assert_int_equal(again, id);
}

static void test_rounds(void **state)
{
    static void (*const nouns[])(struct wg_store *, struct random *) = {
        scheme_round, grid_round,    building_round, dwelling_round,
        part_round,   officer_round, event_round,
    };
    struct wg_store *store = noun_store(state);
    struct random r = {.state = 20261124};
    for (int i = 0; i < ROUNDS; i++)
        for (size_t k = 0; k < sizeof nouns / sizeof *nouns; k++)
            nouns[k](store, &r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {NOUN_TEST(test_rounds)};
    return cmocka_run_group_tests(tests, noun_group_setup, noun_group_teardown);
}
