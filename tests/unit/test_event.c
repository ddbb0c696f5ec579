/* Events: identity, status, the log, what is open when, and the words. */
#include "noun_scratch.h"

#include <math.h>
#include <pthread.h>

#include "wangge/event.h"

/* ---- words ---- */

static void test_words(void **state)
{
    static const struct {
        const char *text;
        int level;
    } levels[] = {
        {"red", 1},  {"RED", 1},    {"1", 1},    {"Ⅰ", 1},      {"ⅰ", 1},    {"I", 1},
        {"红", 1},   {"红色", 1},   {"一级", 1}, {"orange", 2}, {"Ⅱ", 2},    {"II", 2},
        {"橙色", 2}, {"yellow", 3}, {"Ⅲ", 3},    {"黄", 3},     {"blue", 4}, {"Ⅳ", 4},
        {"iv", 4},   {"蓝色", 4},   {"none", 0}, {"0", 0},      {"无", 0},   {"5", -1},
        {"", -1},    {"pink", -1},  {NULL, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        assert_int_equal(wg_alert_parse(levels[i].text), levels[i].level);
    for (int stage = 1; stage <= 10; stage++) {
        char number[8];
        snprintf(number, sizeof number, "%d", stage);
        assert_int_equal(wg_stage_parse(wg_stage_name(stage)), stage);
        assert_int_equal(wg_stage_parse(number), stage);
    }
    assert_int_equal(wg_stage_parse("结案"), WG_STAGE_CLOSED);
    assert_int_equal(wg_stage_parse("挂账"), WG_STAGE_SUSPENDED);
    assert_int_equal(wg_stage_parse("gone"), 0);
    assert_int_equal(wg_stage_parse(NULL), 0);
    assert_null(wg_stage_name(0));
    assert_null(wg_stage_name(11));
    assert_false(wg_stage_is_open(0));
    assert_true(wg_stage_is_open(WG_STAGE_SUSPENDED));
    assert_false(wg_stage_is_open(WG_STAGE_REJECTED));
    static const int worst[5][5] = {
        {0, 1, 2, 3, 4}, {1, 1, 1, 1, 1}, {2, 1, 2, 2, 2},
        {3, 1, 2, 3, 3}, {4, 1, 2, 3, 4},
    };
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++)
            assert_int_equal(wg_alert_worst(a, b), worst[a][b]);
}

/* The words are those of the tables in the file. */
static void test_words_of_file(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_query *q = NULL;
    bool row = false;
    int n = 0;
    must(wg_query(store,
                  "SELECT 's', id, name, name_zh, is_open FROM stage UNION ALL "
                  "SELECT 'a', id, name, name_zh, glyph FROM alert_level",
                  &q, &err),
         &err);
    while (wg_step(q, &row, &err) == WG_OK && row) {
        int id = (int)wg_column_int(q, 1);
        n++;
        if (*wg_column_text(q, 0) == 's') {
            assert_int_equal(wg_stage_parse(wg_column_text(q, 2)), id);
            assert_int_equal(wg_stage_parse(wg_column_text(q, 3)), id);
            assert_int_equal(wg_stage_is_open(id), wg_column_int(q, 4));
        } else {
            assert_int_equal(wg_alert_parse(wg_column_text(q, 2)), id);
            assert_int_equal(wg_alert_parse(wg_column_text(q, 3)), id);
            if (id)
                assert_int_equal(wg_alert_parse(wg_column_text(q, 4)), id);
        }
    }
    wg_done(q);
    assert_int_equal(n, 15);
}

/* ---- identity ---- */

static void test_create(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_event e, got;
    int64_t id = 0, again = 0, found = 0;
    wg_event_init(&e);
    e.title = "井盖缺失 😀";
    e.code = "2026-0001";
    e.x = X0 + 0.1;
    e.y = Y0 + 0.1;
    e.level = WG_ALERT_YELLOW;
    e.due_at = "2026-12-01 08:00+08:00";
    must(wg_event_create(store, &e, &id, &err), &err);
    must(wg_event_read(store, id, &got, &err), &err);
    assert_int_equal(strlen(got.uuid), 36);
    assert_true(got.uuid[14] == '4' && strchr("89ab", got.uuid[19]));
    assert_string_equal(got.title, e.title);
    assert_string_equal(got.occurred_at, got.reported_at);
    assert_string_equal(got.due_at, "2026-12-01T00:00:00.000Z");
    assert_int_equal(got.stage, WG_STAGE_REPORTED);
    assert_int_equal(got.level, WG_ALERT_YELLOW);
    assert_true(got.x == e.x && got.y == e.y && isnan(got.accuracy_m));
    assert_null(got.closed_at);

    /* the same uuid, in whatever letters, is the same event: nothing is written */
    char upper[40];
    for (size_t i = 0; i <= strlen(got.uuid); i++)
        upper[i] = (char)(got.uuid[i] >= 'a' ? got.uuid[i] - 32 : got.uuid[i]);
    e.uuid = upper;
    e.title = "other";
    must(wg_event_create(store, &e, &again, &err), &err);
    assert_int_equal(again, id);
    assert_int_equal(ask(store, "SELECT count(*) FROM event WHERE title = 'other'"), 0);
    assert_int_equal(ask(store, "SELECT count(*) FROM event_log"), 1);
    must(wg_event_find(store, upper, &found, &err), &err);
    assert_int_equal(found, id);
    must(wg_event_find(store, "2026-0001", &found, &err), &err);
    assert_int_equal(found, id);
    refused(wg_event_find(store, "2026-0002", &found, &err), &err, WG_NOT_FOUND,
            "2026-0002");
    refused(wg_event_find(store, "", &found, &err), &err, WG_INVALID, "uuid");
    wg_event_finish(&got);
}

struct racer {
    const char *path;
    int64_t id;
    enum wg_status status;
};

static void *race(void *user)
{
    struct racer *r = user;
    struct wg_store *store = NULL;
    struct wg_event e;
    wg_event_init(&e);
    e.uuid = "race";
    r->status = wg_store_open(r->path, NULL, &store, NULL);
    if (!r->status)
        r->status = wg_event_create(store, &e, &r->id, NULL);
    wg_store_close(store);
    return NULL;
}

/* Two handles report one uuid at once: one event, both are told its id. */
static void test_race(void **state)
{
    struct noun_scratch *s = *state;
    struct racer racer[4];
    pthread_t thread[4];
    wg_store_rollback(s->store);
    for (int i = 0; i < 4; i++) {
        racer[i] = (struct racer){.path = s->scratch->db};
        assert_int_equal(pthread_create(&thread[i], NULL, race, &racer[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(racer[i].status, WG_OK);
        assert_int_equal(racer[i].id, racer[0].id);
    }
    assert_int_equal(ask(s->store, "SELECT count(*) FROM event"), 1);
    must(wg_exec(s->store, "DELETE FROM event", NULL), NULL);
}

static void test_refusals(void **state)
{
    static const struct wg_event blank = {.x = NAN, .y = NAN, .accuracy_m = NAN};
    struct wg_event c[13];
    for (size_t i = 0; i < 13; i++)
        c[i] = blank;
    c[0].building = 99;
    c[1].part = 98;
    c[2].stage = 11;
    c[3].stage = -1;
    c[4].level = 5;
    c[5].level = -1;
    c[6].accuracy_m = -1;
    c[7].x = 5;
    c[8].reported_at = "midnight";
    c[9].due_at = "tomorrow";
    c[10].stage = WG_STAGE_CLOSED, c[10].reported_at = "2026-02-02",
    c[10].closed_at = "2026-02-01";
    c[11].title = "\x80";
    c[12].x = NAN, c[12].y = INFINITY;
    static const struct {
        enum wg_status status;
        const char *words;
    } expected[13] = {
        {WG_NOT_FOUND, "building"}, {WG_NOT_FOUND, "part"}, {WG_INVALID, "stage"},
        {WG_INVALID, "stage"},      {WG_INVALID, "level"},  {WG_INVALID, "level"},
        {WG_INVALID, "accuracy_m"}, {WG_INVALID, "place"},  {WG_FORMAT, "midnight"},
        {WG_FORMAT, "tomorrow"},    {WG_INVALID, "before"}, {WG_FORMAT, "UTF-8"},
        {WG_INVALID, "place"},
    };
    struct wg_store *store = noun_store(state);
    for (size_t i = 0; i < 13; i++) {
        struct wg_error err = {0};
        int64_t id = 77;
        refused(wg_event_create(store, &c[i], &id, &err), &err, expected[i].status,
                expected[i].words);
        assert_int_equal(id, 77);
    }
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), 0);
    struct wg_error err = {0};
    struct wg_event e = blank;
    e.id = 99;
    refused(wg_event_update(store, &e, &err), &err, WG_NOT_FOUND, "99");
    refused(wg_event_end(store, 99, WG_STAGE_CLOSED, NULL, NULL, NULL, &err), &err,
            WG_NOT_FOUND, "99");
}

/* ---- the log ---- */

static bool add_line(const struct wg_event_log *line, void *user)
{
    char *text = user;
    snprintf(text + strlen(text), 100, "%s %d>%d %s %s; ", line->action, line->from_stage,
             line->to_stage, line->who ? line->who : "-", line->why ? line->why : "-");
    return true;
}

/* A change of stage is one line, whoever makes it. */
static void test_log(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_event e, got;
    int64_t id = 0;
    char log[600] = "";
    wg_event_init(&e);
    e.source = "hotline";
    e.reported_at = "2026-03-01";
    must(wg_event_create(store, &e, &id, &err), &err);
    must(wg_event_read(store, id, &got, &err), &err);
    got.stage = WG_STAGE_HANDLING;
    must(wg_event_update(store, &got, &err), &err);
    got.title = "same stage";
    must(wg_event_update(store, &got, &err), &err);
    wg_event_finish(&got);
    must(wg_exec(store, "UPDATE event_status SET stage = 5", &err), &err); /* another */
    must(wg_event_end(store, id, WG_STAGE_CLOSED, "2026-03-05", "王", "修复", &err),
         &err);
    must(wg_event_end(store, id, WG_STAGE_CLOSED, NULL, "x", "again", &err), &err);
    must(wg_event_log_each(store, id, add_line, log, &err), &err);
    assert_string_equal(log, "report 0>1 hotline -; advance 1>4 - -; advance 4>5 - -; "
                             "end 5>7 王 修复; ");
    must(wg_event_read(store, id, &got, &err), &err);
    assert_string_equal(got.closed_at, "2026-03-05T00:00:00.000Z");
    assert_string_equal(got.title, "same stage");
    assert_int_equal(ask(store, "SELECT count(*) FROM event_log WHERE at = "
                                "'2026-03-05T00:00:00.000Z'"),
                     1);
    got.stage = WG_STAGE_CHECKING; /* reopened: its end is forgotten */
    must(wg_event_update(store, &got, &err), &err);
    wg_event_finish(&got);
    must(wg_event_read(store, id, &got, &err), &err);
    assert_null(got.closed_at);
    wg_event_finish(&got);
    refused(wg_event_end(store, id, WG_STAGE_FILED, NULL, NULL, NULL, &err), &err,
            WG_INVALID, "filed");
    refused(wg_event_end(store, id, WG_STAGE_CLOSED, "2026-02-01", NULL, NULL, &err),
            &err, WG_INVALID, "before");
}

/* An event that comes in closed has its report and its end in the log. */
static void test_closed_at_once(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_event e;
    int64_t id = 0;
    char log[200] = "";
    wg_event_init(&e);
    e.reported_at = "2025-03-01";
    e.closed_at = "2025-03-04";
    e.stage = WG_STAGE_CLOSED;
    e.source = "file";
    must(wg_event_create(store, &e, &id, &err), &err);
    must(wg_event_log_each(store, 0, add_line, log, &err), &err);
    assert_string_equal(log, "report 0>1 file -; end 1>7 file -; ");
    assert_int_equal(
        ask(store, "SELECT count(*) FROM event_log WHERE at LIKE '2025-03-0%'"), 2);
}

/* ---- filters ---- */

static bool add_code(const struct wg_event *e, void *user)
{
    strcat(strcat(user, e->code), " ");
    return true;
}

static void test_filters(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = new_scheme(store, "s", NULL);
    int64_t grid = new_grid(store, scheme, "1", 5, 0, (struct wg_box){0, 0, 50, 50});
    static const struct {
        const char *code, *reported, *closed;
        double x;
        int stage, level;
    } events[] = {
        {"A", "2026-01-01", NULL, 1, 0, 1},
        {"B", "2026-01-05", "2026-01-08", 2, WG_STAGE_CLOSED, 0},
        {"C", "2026-01-07", NULL, 60, WG_STAGE_HANDLING, 2},
        {"D", "2026-01-09", NULL, NAN, WG_STAGE_SUSPENDED, 0},
    };
    for (size_t i = 0; i < 4; i++) {
        struct wg_event e;
        int64_t id = 0;
        wg_event_init(&e);
        e.code = events[i].code;
        e.reported_at = events[i].reported;
        e.closed_at = events[i].closed;
        e.x = X0 + events[i].x;
        e.y = isnan(events[i].x) ? NAN : Y0 + 1;
        e.stage = events[i].stage;
        e.level = events[i].level;
        must(wg_event_create(store, &e, &id, &err), &err);
    }
    struct wg_box box = {X0, Y0, X0 + 10, Y0 + 10};
    const struct {
        struct wg_filter filter;
        const char *codes;
    } cases[] = {
        {{.limit = 0}, "A C D "},
        {{.ended = true}, "A B C D "},
        {{.at = "2026-01-06"}, "A B "},
        {{.at = "2026-01-08"}, "A C "},
        {{.at = "2026-01-08", .ended = true}, "A B C "},
        {{.grid = grid}, "A "},
        {{.grid = grid, .ended = true}, "A B "},
        {{.grid = grid, .scheme = scheme}, "A "},
        {{.grid = grid, .scheme = scheme, .ended = true}, "A B "},
        {{.grid = grid, .scheme = scheme, .at = "2026-01-06"}, "A B "},
        {{.grid = grid, .scheme = scheme + 1}, ""},
        {{.outside = true, .scheme = scheme}, "C D "},
        {{.box = &box}, "A "},
        {{.where = "level > 0 AND stage < 7"}, "A C "},
        {{.where = "event.id > 1", .limit = 1}, "C "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char codes[60] = "";
        int64_t n = 0;
        must(wg_event_each(store, &cases[i].filter, add_code, codes, &err), &err);
        assert_string_equal(codes, cases[i].codes);
        must(wg_event_count(store, &cases[i].filter, &n, &err), &err);
        assert_int_equal((size_t)n * 2, strlen(codes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),   NOUN_TEST(test_words_of_file),
        NOUN_TEST(test_create),         NOUN_TEST(test_race),
        NOUN_TEST(test_refusals),       NOUN_TEST(test_log),
        NOUN_TEST(test_closed_at_once), NOUN_TEST(test_filters),
    };
    return cmocka_run_group_tests(tests, noun_group_setup, noun_group_teardown);
}
