/* Tests of instant: text and milliseconds against the calendar and against gmtime. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random.h"
#include "wangge/instant.h"

#define FIRST_MS INT64_C(-62135596800000)
#define LAST_MS INT64_C(253402300799999)

static const struct {
    const char *text;
    int zone_min;
    const char *want; /* NULL: refused */
} readings[] = {
    {"2026-11-24", 0, "2026-11-24T00:00:00.000Z"},
    {"2026-11-24", 480, "2026-11-23T16:00:00.000Z"},
    {"2026-11-24Z", 480, "2026-11-24T00:00:00.000Z"},
    {"2026/11/24", 0, "2026-11-24T00:00:00.000Z"},
    {"2026/1/5 8:05", 480, "2026-01-05T00:05:00.000Z"},
    {"2026-11-24 08:31", 480, "2026-11-24T00:31:00.000Z"},
    {"2026-11-24T08:31:09", 0, "2026-11-24T08:31:09.000Z"},
    {"2026-11-24T08:31:09.5Z", 480, "2026-11-24T08:31:09.500Z"},
    {"2026-11-24T08:31:09.0079999Z", 0, "2026-11-24T08:31:09.007Z"},
    {"2026-11-24T08:31+08", 0, "2026-11-24T00:31:00.000Z"},
    {"2026-11-24T08:31+0800", 0, "2026-11-24T00:31:00.000Z"},
    {"2026-11-24T08:31:00.123+08:00", -60, "2026-11-24T00:31:00.123Z"},
    {"2026-11-24 08:31:00 +08:00", 0, "2026-11-24T00:31:00.000Z"},
    {"2026-11-24T08:31:00-03:30", 0, "2026-11-24T12:01:00.000Z"},
    {"2015-03-31 23:59:59+00", 480, "2015-03-31T23:59:59.000Z"},
    {" 2026-11-24T08:31:00Z\r\n", 0, "2026-11-24T08:31:00.000Z"},
    {"2024-02-29", 0, "2024-02-29T00:00:00.000Z"},
    {"2000-02-29", 0, "2000-02-29T00:00:00.000Z"},
    {"1969-12-31T23:59:59.999Z", 0, "1969-12-31T23:59:59.999Z"},
    {"0001-01-01", 0, "0001-01-01T00:00:00.000Z"},
    {"9999-12-31T23:59:59.999Z", 0, "9999-12-31T23:59:59.999Z"},
    {"0001-01-01", 1, NULL},
    {"9999-12-31T23:59:59.999-00:01", 0, NULL},
    {"2026-02-31", 0, NULL},
    {"2023-02-29", 0, NULL},
    {"1900-02-29", 0, NULL},
    {"2026-04-31", 0, NULL},
    {"2026-13-01", 0, NULL},
    {"2026-00-01", 0, NULL},
    {"2026-01-00", 0, NULL},
    {"0000-01-01", 0, NULL},
    {"2026-11-24T24:00", 0, NULL},
    {"2026-11-24T08:60", 0, NULL},
    {"2026-11-24T08:31:60", 0, NULL},
    {"2026-11-24T08", 0, NULL},
    {"2026-11-24T", 0, NULL},
    {"2026-11-24T08:31:", 0, NULL},
    {"2026-11-24T08:31:00.", 0, NULL},
    {"2026-11-24T08:31:00,5", 0, NULL},
    {"2026-11-24T08:31+8", 0, NULL},
    {"2026-11-24T08:31+24:00", 0, NULL},
    {"2026-11-24T08:31+08:60", 0, NULL},
    {"2026-11-24T08:31+080", 0, NULL},
    {"2026-11-24T08:31+08:", 0, NULL},
    {"2026-11-24T08:31ZZ", 0, NULL},
    {"2026-11/24", 0, NULL},
    {"2026/11-24", 0, NULL},
    {"2026-1-5", 0, NULL},
    {"26-11-24", 0, NULL},
    {"20261124", 0, NULL},
    {"02026-11-24", 0, NULL},
    {"2026-11-24x", 0, NULL},
    {"-2026-11-24", 0, NULL},
    {"", 0, NULL},
    {"24.11.2026", 0, NULL},
    {"now", 0, NULL},
    {"2026年11月24日", 0, NULL},
};

static void test_readings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        struct wg_error err = {0};
        char out[WG_INSTANT_SIZE];
        int64_t ms = 42;
        enum wg_status status =
            wg_instant_parse(readings[i].text, readings[i].zone_min, &ms, &err);
        if (readings[i].want) {
            if (status)
                fail_msg("%s", err.text);
            wg_instant_format(ms, out);
            assert_string_equal(out, readings[i].want);
        } else {
            if (status != WG_FORMAT)
                fail_msg("\"%s\" was taken", readings[i].text);
            assert_non_null(strstr(err.text, readings[i].text));
            assert_int_equal(ms, 42);
        }
    }
    int64_t ms;
    assert_int_equal(wg_instant_parse(NULL, 0, &ms, NULL), WG_FORMAT);
    assert_int_equal(wg_instant_parse("2026-11-24", 1440, &ms, NULL), WG_INVALID);
    assert_int_equal(wg_instant_parse("2026-11-24", -1440, &ms, NULL), WG_INVALID);
}

/* Every day of 0001–9999 reads back, follows the day before and agrees with gmtime. */
static void test_every_day(void **state)
{
    (void)state;
    char before[WG_INSTANT_SIZE] = "";
    for (int64_t ms = FIRST_MS; ms <= LAST_MS; ms += 86400000) {
        char out[WG_INSTANT_SIZE];
        int64_t back;
        time_t seconds = (time_t)(ms / 1000);
        struct tm utc;
        wg_instant_format(ms, out);
        gmtime_r(&seconds, &utc);
        bool same = atoi(out) == utc.tm_year + 1900 && atoi(out + 5) == utc.tm_mon + 1 &&
                    atoi(out + 8) == utc.tm_mday;
        if (!same || strcmp(before, out) >= 0 ||
            wg_instant_parse(out, 480, &back, NULL) || back != ms)
            fail_msg("%s", out);
        memcpy(before, out, sizeof out);
    }
    assert_string_equal(before, "9999-12-31T00:00:00.000Z");
}

static void test_round_trip(void **state)
{
    struct random r = {3};
    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t ms = random_between(&r, FIRST_MS, LAST_MS), back;
        char out[WG_INSTANT_SIZE];
        wg_instant_format(ms, out);
        assert_int_equal(wg_instant_parse(out, 480, &back, NULL), WG_OK);
        assert_true(back == ms);
    }
}

static void test_format_ends(void **state)
{
    char out[WG_INSTANT_SIZE] = "x";
    (void)state;
    wg_instant_format(WG_INSTANT_NONE, out);
    assert_string_equal(out, "");
    wg_instant_format(INT64_MAX, out);
    assert_string_equal(out, "9999-12-31T23:59:59.999Z");
    wg_instant_format(INT64_MIN + 1, out);
    assert_string_equal(out, "0001-01-01T00:00:00.000Z");
    wg_instant_format(-1, out);
    assert_string_equal(out, "1969-12-31T23:59:59.999Z");
}

/* Neither TZ nor the locale change an answer. */
static void test_no_environment(void **state)
{
    static const char *const zones[] = {"Asia/Shanghai", "America/New_York", "UTC0"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int64_t ms;
        setenv("TZ", zones[i], 1);
        tzset();
        setlocale(LC_ALL, "");
        assert_int_equal(wg_instant_parse("2026-07-01 12:00:00.250", 0, &ms, NULL),
                         WG_OK);
        assert_true(ms == INT64_C(1782907200250));
    }
    unsetenv("TZ");
    tzset();
}

static void test_now(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL) * 1000, now = wg_instant_now();
    assert_true(now >= before - 1000 && now < before + 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readings),       cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_format_ends),
        cmocka_unit_test(test_no_environment), cmocka_unit_test(test_now),
    };
    return cmocka_run_group_tests_name("instant", tests, NULL, NULL);
}
