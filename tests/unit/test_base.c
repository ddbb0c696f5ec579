/* Tests of base: status names, error words, growing arrays, text, level names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "wangge/crs.h"
#include "wangge/rows.h"

static void test_status_names(void **state)
{
    (void)state;
    for (int a = WG_OK; a <= WG_INTERNAL; a++)
        for (int b = WG_OK; b < a; b++)
            assert_string_not_equal(wg_status_name((enum wg_status)a),
                                    wg_status_name((enum wg_status)b));
    assert_string_equal(wg_status_name(WG_OK), "ok");
    assert_string_equal(wg_status_name(WG_NOT_FOUND), "not-found");
    assert_string_equal(wg_status_name((enum wg_status)999), "unknown");
    assert_string_equal(wg_status_name((enum wg_status) - 1), "unknown");
}

static void test_version(void **state)
{
    int major, minor, patch;
    (void)state;
    assert_int_equal(sscanf(wg_version(), "%d.%d.%d", &major, &minor, &patch), 3);
}

static void test_fail_fills_everything(void **state)
{
    struct wg_error err;
    (void)state;
    assert_int_equal(wg_fail(&err, WG_IO, "%s: %d", "file", 7), WG_IO);
    assert_int_equal(err.status, WG_IO);
    assert_int_equal(err.row, -1);
    assert_true(isnan(err.x) && isnan(err.y));
    assert_string_equal(err.text, "file: 7");
    assert_int_equal(wg_fail_row(&err, WG_FORMAT, 12, "row"), WG_FORMAT);
    assert_int_equal(err.row, 12);
    assert_true(isnan(err.x));
    assert_int_equal(wg_fail_at(&err, WG_GEOMETRY, 1.5, -2, "place"), WG_GEOMETRY);
    assert_int_equal(err.row, -1);
    assert_true(err.x == 1.5 && err.y == -2);
    assert_int_equal(wg_fail_memory(&err), WG_NO_MEMORY);
    assert_true(strlen(err.text) > 0);
    assert_int_equal(wg_fail(NULL, WG_BUSY, "nobody listens"), WG_BUSY);
}

/* A cause may be wrapped in place, and a text that is too long stays UTF-8. */
static void test_fail_wraps_and_cuts(void **state)
{
    struct wg_error err;
    char text[2000];
    (void)state;
    wg_fail(&err, WG_IO, "cause");
    wg_fail(&err, err.status, "effect (%s)", err.text);
    assert_string_equal(err.text, "effect (cause)");
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "网", 4);
        wg_fail(&err, WG_IO, "%s", text);
        size_t length = strlen(err.text);
        assert_true(length >= sizeof err.text - 7 && length < sizeof err.text);
        assert_int_equal((length - shift) % 3, 0);
        assert_string_equal(err.text + length - 3, "…");
    }
}

static void test_grow(void **state)
{
    int *array = NULL;
    size_t cap = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_true(wg_grow((void **)&array, &cap, (size_t)i + 1, sizeof *array));
        array[i] = i;
    }
    assert_true(cap >= 1000 && cap < 4000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(array[i], i);
    size_t before = cap;
    assert_false(wg_grow((void **)&array, &cap, SIZE_MAX / 2, sizeof *array));
    assert_false(wg_grow((void **)&array, &cap, SIZE_MAX, 1));
    assert_int_equal(cap, before);
    assert_int_equal(array[999], 999);
    free(array);
}

static void test_text(void **state)
{
    (void)state;
    assert_null(wg_strdup(NULL));
    char *copy = wg_strdup("网格");
    assert_string_equal(copy, "网格");
    wg_free(copy);
    wg_free(NULL);
    assert_true(wg_text_equal(NULL, NULL));
    assert_false(wg_text_equal(NULL, ""));
    assert_false(wg_text_equal("a", NULL));
    assert_true(wg_text_equal("a", "a"));
    assert_false(wg_text_equal("a", "A"));
    assert_true(wg_text_equal_fold("EPSG:4545网", "epsg:4545网"));
    assert_false(wg_text_equal_fold("ab", "abc"));
    assert_false(wg_text_equal_fold("abc", "ab"));
    assert_false(wg_text_equal_fold("@", "`")); /* one bit apart, no letters */
    assert_false(wg_text_equal_fold(NULL, "a"));
    assert_true(wg_text_equal_fold(NULL, NULL));
}

static void test_levels(void **state)
{
    (void)state;
    for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID; level++) {
        char digit[] = {(char)('0' + level), '\0'};
        assert_int_equal(wg_level_parse(wg_level_name(level)), level);
        assert_int_equal(wg_level_parse(digit), level);
    }
    assert_int_equal(wg_level_parse("社区"), WG_LEVEL_COMMUNITY);
    assert_int_equal(wg_level_parse("微网格"), WG_LEVEL_MICRO_GRID);
    assert_int_equal(wg_level_parse("Grid"), WG_LEVEL_GRID);
    const char *const unknown[] = {NULL, "", "0", "7", "grids", "10"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_int_equal(wg_level_parse(unknown[i]), 0);
    assert_null(wg_level_name(0));
    assert_null(wg_level_name(7));
    assert_null(wg_level_name(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_names),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_fail_fills_everything),
        cmocka_unit_test(test_fail_wraps_and_cuts),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
