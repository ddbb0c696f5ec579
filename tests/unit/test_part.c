/* Parts, officers and duties. */
#include "noun_scratch.h"

#include <math.h>

#include "wangge/officer.h"
#include "wangge/part.h"

/* ---- parts ---- */

static bool add_part(const struct wg_part *p, void *user)
{
    strcat(strcat(user, p->code ? p->code : "-"), " ");
    return true;
}

static int64_t new_part(struct wg_store *store, const char *code, double x, double y)
{
    struct wg_error err = {0};
    struct wg_part p;
    int64_t id = 0;
    wg_part_init(&p);
    p.code = code;
    p.class_code = "camera";
    p.x = x;
    p.y = y;
    must(wg_part_create(store, &p, &id, &err), &err);
    return id;
}

static void test_part(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_part p;
    int64_t scheme = new_scheme(store, "s", NULL), found = 0, n = 0;
    int64_t grid = new_grid(store, scheme, "1", 5, 0, (struct wg_box){0, 0, 50, 50});
    int64_t a = new_part(store, "A", X0 + 1.000000001, Y0 + 1);
    new_part(store, "B", X0 + 60, Y0 + 1);
    new_part(store, "C", NAN, NAN);
    new_part(store, NULL, X0 + 2, Y0 + 2);
    new_part(store, "", X0 + 3, Y0 + 3); /* no code: not one that is taken */
    must(wg_part_read(store, a, &p, &err), &err);
    assert_true(p.x == X0 + 1.000000001 && p.y == Y0 + 1);
    assert_string_equal(p.class_code, "camera");
    p.x = p.y = NAN; /* leaves the place */
    p.state = "broken";
    must(wg_part_update(store, &p, &err), &err);
    wg_part_finish(&p);
    must(wg_part_read(store, a, &p, &err), &err);
    assert_true(p.x == X0 + 1.000000001);
    assert_string_equal(p.state, "broken");
    wg_part_finish(&p);
    must(wg_part_find(store, "C", &found, &err), &err);
    must(wg_part_read(store, found, &p, &err), &err);
    assert_true(isnan(p.x) && isnan(p.y));
    wg_part_finish(&p);

    struct wg_box box = {X0, Y0, X0 + 2, Y0 + 2};
    const struct {
        struct wg_filter filter;
        const char *codes;
    } cases[] = {
        {{.limit = 0}, "A B C - - "},
        {{.grid = grid}, "A - - "},
        {{.outside = true, .scheme = scheme}, "B C "},
        {{.box = &box}, "A - "},
        {{.where = "state = 'broken'"}, "A "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char codes[60] = "";
        must(wg_part_each(store, &cases[i].filter, add_part, codes, &err), &err);
        assert_string_equal(codes, cases[i].codes);
    }
    must(wg_part_end(store, a, NULL, &err), &err);
    must(wg_part_count(store, NULL, &n, &err), &err);
    assert_int_equal(n, 4);
}

static void test_part_refusals(void **state)
{
    static const struct {
        const char *code;
        double x, y;
        const char *to;
        enum wg_status status;
        const char *words;
    } cases[] = {
        {"A", 1, 1, NULL, WG_EXISTS, "part A"},
        {"B", 1, NAN, NULL, WG_INVALID, "part B"},
        {"B", NAN, 1, NULL, WG_INVALID, "place"},
        {"B", INFINITY, 1, NULL, WG_INVALID, "finite"},
        {"B", 1, -INFINITY, NULL, WG_INVALID, "finite"},
        {"B", 1, 1, "never", WG_FORMAT, "never"},
        {"\xed\xa0\x80", 1, 1, NULL, WG_FORMAT, "UTF-8"}, /* a surrogate */
    };
    struct wg_store *store = noun_store(state);
    new_part(store, "A", X0, Y0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wg_error err = {0};
        struct wg_part p;
        int64_t id = 77;
        wg_part_init(&p);
        p.code = cases[i].code;
        p.x = cases[i].x;
        p.y = cases[i].y;
        p.valid_to = cases[i].to;
        refused(wg_part_create(store, &p, &id, &err), &err, cases[i].status,
                cases[i].words);
        assert_int_equal(id, 77);
    }
    struct wg_error err = {0};
    struct wg_filter cut = {.cut = true, .scheme = 1};
    refused(wg_part_each(store, &cut, add_part, NULL, &err), &err, WG_INVALID, "cut");
}

/* ---- officers and duties ---- */

static bool add_officer(const struct wg_officer *o, void *user)
{
    strcat(strcat(user, o->name), " ");
    return true;
}

static bool add_duty(const struct wg_duty *d, void *user)
{
    char *text = user;
    snprintf(text + strlen(text), 80, "%s/%s/%s ", d->officer_name, d->grid_code,
             d->role);
    return true;
}

static int64_t new_officer(struct wg_store *store, const char *code, const char *name)
{
    struct wg_error err = {0};
    struct wg_officer o;
    int64_t id = 0;
    wg_officer_init(&o);
    o.code = code;
    o.name = name;
    must(wg_officer_create(store, &o, &id, &err), &err);
    return id;
}

static int64_t new_duty(struct wg_store *store, int64_t officer, int64_t grid,
                        const char *role)
{
    struct wg_error err = {0};
    struct wg_duty d;
    int64_t id = 0;
    wg_duty_init(&d);
    d.officer = officer;
    d.grid = grid;
    d.role = role;
    must(wg_duty_create(store, &d, &id, &err), &err);
    return id;
}

static void test_officers(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_officer o;
    int64_t s = new_scheme(store, "s", NULL), t = new_scheme(store, "t", NULL), found = 0;
    struct wg_box box = {0, 0, 9, 9};
    int64_t above = new_grid(store, s, "C", 4, 0, box);
    int64_t below = new_grid(store, s, "1", 5, above, box);
    int64_t other = new_grid(store, t, "1", 5, 0, box);
    int64_t li = new_officer(store, "001", "李"), wang = new_officer(store, NULL, "王");
    int64_t zhao = new_officer(store, "003", "赵");
    new_duty(store, li, below, NULL);
    int64_t police = new_duty(store, wang, above, "police");
    new_duty(store, zhao, other, "deputy");
    const struct {
        struct wg_filter filter;
        const char *officers, *duties;
    } cases[] = {
        {{.limit = 0}, "李 王 赵 ", "李/1/officer 王/C/police 赵/1/deputy "},
        {{.grid = below}, "李 ", "李/1/officer "},
        {{.grid = above}, "李 王 ", "王/C/police "}, /* a duty is of exactly its grid */
        {{.scheme = t}, "赵 ", "赵/1/deputy "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char officers[200] = "", duties[400] = "";
        must(wg_officer_each(store, &cases[i].filter, add_officer, officers, &err), &err);
        assert_string_equal(officers, cases[i].officers);
        must(wg_duty_each(store, &cases[i].filter, add_duty, duties, &err), &err);
        assert_string_equal(duties, cases[i].duties);
    }
    must(wg_duty_end(store, police, "2026-05-01", &err), &err);
    char now[100] = "", then[100] = "";
    struct wg_filter f = {.grid = above};
    must(wg_officer_each(store, &f, add_officer, now, &err), &err);
    assert_string_equal(now, "李 ");
    f.at = "2026-04-30";
    must(wg_officer_each(store, &f, add_officer, then, &err), &err);
    assert_string_equal(then, "李 王 ");

    must(wg_officer_find(store, "003", &found, &err), &err);
    assert_int_equal(found, zhao);
    must(wg_officer_read(store, zhao, &o, &err), &err);
    o.phone = "0856-000 0000";
    must(wg_officer_update(store, &o, &err), &err);
    wg_officer_finish(&o);
    must(wg_officer_read(store, zhao, &o, &err), &err);
    assert_string_equal(o.phone, "0856-000 0000");
    wg_officer_finish(&o);
    must(wg_officer_end(store, zhao, NULL, &err), &err);
}

static void test_officer_refusals(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_officer o;
    struct wg_duty d;
    int64_t id = 0, li = new_officer(store, "001", "李");
    wg_officer_init(&o);
    refused(wg_officer_create(store, &o, &id, &err), &err, WG_INVALID,
            "name must be given");
    o.name = "张";
    o.code = "001";
    refused(wg_officer_create(store, &o, &id, &err), &err, WG_EXISTS, "officer 001");
    o.code = NULL;
    o.valid_from = "2026-02-02";
    o.valid_to = "2026-01-01";
    refused(wg_officer_create(store, &o, &id, &err), &err, WG_INVALID,
            "before it begins");
    wg_duty_init(&d);
    refused(wg_duty_create(store, &d, &id, &err), &err, WG_INVALID, "officer_id");
    d.officer = 99;
    refused(wg_duty_create(store, &d, &id, &err), &err, WG_NOT_FOUND, "officer");
    d.officer = li;
    refused(wg_duty_create(store, &d, &id, &err), &err, WG_INVALID, "grid_id");
    d.grid = 98;
    refused(wg_duty_create(store, &d, &id, &err), &err, WG_NOT_FOUND, "grid");
    refused(wg_duty_end(store, 97, NULL, &err), &err, WG_NOT_FOUND, "duty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(test_part),
        NOUN_TEST(test_part_refusals),
        NOUN_TEST(test_officers),
        NOUN_TEST(test_officer_refusals),
    };
    return cmocka_run_group_tests(tests, noun_group_setup, noun_group_teardown);
}
