/* Tests of code: forms, the segment that is wrong, sequences, reading order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "wangge/code.h"
#include "wangge/rows.h"

static struct wg_code_form form_of(const char *text)
{
    struct wg_code_form form;
    struct wg_error err;
    if (wg_code_form_parse(text, &form, &err))
        fail_msg("%s", err.text);
    return form;
}

static void test_forms(void **state)
{
    /* the default; CJ/T 213 as quoted; a 16-digit city; CJ/T 349; one segment; the most
     */
    static const struct {
        const char *text;
        uint32_t segments, length;
    } good[] = {
        {WG_CODE_DEFAULT, 4, 15},
        {"6+3+3+2", 4, 14},
        {"6+4+3+3", 4, 16},
        {"6+6+3+3+2", 5, 20},
        {"9", 1, 9},
        {"63", 1, 63},
        {"1+1+1+1+1+1+1+1", 8, 8},
        {"free", 0, 0},
        {"FREE", 0, 0},
        {"", 0, 0},
    };
    static const char *const bad[] = {"6+",
                                      "+6",
                                      "6++3",
                                      "6+0+3",
                                      "6 + 3",
                                      "a",
                                      "6,3",
                                      "64",
                                      "60+4",
                                      "6+3a",
                                      "-6",
                                      "freedom",
                                      "1+1+1+1+1+1+1+1+1",
                                      "99999999999999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct wg_code_form form = form_of(good[i].text);
        assert_int_equal(form.n_segment, good[i].segments);
        assert_int_equal(wg_code_form_length(&form), good[i].length);
    }
    assert_int_equal(form_of(NULL).n_segment, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wg_code_form form = {.n_segment = 77};
        struct wg_error err;
        assert_int_equal(wg_code_form_parse(bad[i], &form, &err), WG_FORMAT);
        assert_non_null(strstr(err.text, bad[i]));
        assert_int_equal(form.n_segment, 77);
    }
}

static void test_check(void **state)
{
    static const struct {
        const char *code;
        int bad; /* -1: fine */
    } cases[] = {
        {"520602999001001", -1},
        {"000000000000000", -1},
        {"", 0},
        {"52060", 0},
        {"52060a999001001", 0},
        {"520602", 1},
        {"52060299", 1},
        {"520602 99001001", 1},
        {"520602999", 2},
        {"520602999001", 3},
        {"52060299900100", 3},
        {"5206029990010O1", 3},
        {"5206029990010011", 4},
        {"520602999001001 ", 4},
        {"５20602999001001", 0},
        {"52060299900网001", 2},
        {"520602999001001网格", 4},
    };
    struct wg_code_form form = form_of(WG_CODE_DEFAULT);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wg_error err = {0};
        uint32_t bad = 99;
        enum wg_status status = wg_code_check(&form, cases[i].code, &bad, &err);
        assert_int_equal(status, cases[i].bad < 0 ? WG_OK : WG_FORMAT);
        assert_int_equal(bad, cases[i].bad < 0 ? 99 : (uint32_t)cases[i].bad);
        if (cases[i].bad >= 0)
            assert_non_null(strstr(err.text, cases[i].code));
    }
    assert_int_equal(wg_code_check(&form, NULL, NULL, NULL), WG_FORMAT);
}

static void test_check_free(void **state)
{
    struct wg_code_form form = form_of("free");
    char longest[WG_CODE_MAX + 2];
    uint32_t bad = 9;
    (void)state;
    memset(longest, 'x', sizeof longest);
    longest[WG_CODE_MAX + 1] = '\0';
    assert_int_equal(wg_code_check(&form, longest, &bad, NULL), WG_FORMAT);
    assert_int_equal(bad, 0); /* too long: n_segment, which is 0 */
    longest[WG_CODE_MAX] = '\0';
    assert_int_equal(wg_code_check(&form, longest, NULL, NULL), WG_OK);
    const char *const good[] = {"E01014485", "网格 01", "-", " "};
    const char *const wrong[] = {"", "a\nb", "\t", "a\x7f", "a\xC2\x85", NULL};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(wg_code_check(&form, good[i], NULL, NULL), WG_OK);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(wg_code_check(&form, wrong[i], NULL, NULL), WG_FORMAT);
}

static void test_form_at_level(void **state)
{
    (void)state;
    struct wg_code_form form, one;
    assert_int_equal(wg_code_form_parse(WG_CODE_DEFAULT, &form, NULL), WG_OK);
    static const uint32_t length[] = {0, 6, 6, 9, 12, 15, 0}; /* by level, 1 … 6 */
    for (int level = WG_LEVEL_CITY; level <= WG_LEVEL_MICRO_GRID; level++) {
        struct wg_code_form at = wg_code_form_at(&form, level);
        assert_int_equal(wg_code_form_length(&at), length[level]);
    }
    assert_int_equal(wg_code_form_parse("14", &one, NULL), WG_OK);
    assert_int_equal(wg_code_form_at(&one, WG_LEVEL_COMMUNITY).n_segment, 1);
    assert_int_equal(wg_code_form_parse("free", &one, NULL), WG_OK);
    assert_int_equal(wg_code_form_at(&one, WG_LEVEL_COMMUNITY).n_segment, 0);
}

static void test_compare(void **state)
{
    (void)state;
    assert_int_equal(wg_code_compare("1", "2"), -1);
    assert_int_equal(wg_code_compare("10", "9"), -1); /* bytes, not numbers */
    assert_int_equal(wg_code_compare("a", "B"), 1);
    assert_int_equal(wg_code_compare("网", "z"), 1); /* bytes are unsigned */
    assert_int_equal(wg_code_compare("a", "a"), 0);
}

static void test_make(void **state)
{
    struct wg_code_form form = form_of(WG_CODE_DEFAULT), one = form_of("4");
    struct wg_code_form wide = form_of("3+20"), loose = form_of("free");
    struct wg_error err;
    char out[WG_CODE_MAX + 1];
    (void)state;
    assert_int_equal(wg_code_make(&form, "520602999001", 7, out, &err), WG_OK);
    assert_string_equal(out, "520602999001007");
    assert_int_equal(wg_code_make(&form, "520602999001", 999, out, &err), WG_OK);
    assert_string_equal(out, "520602999001999");
    assert_int_equal(wg_code_make(&form, "520602999001", 1000, out, &err),
                     WG_OUT_OF_RANGE);
    assert_non_null(strstr(err.text, "520602999001"));
    assert_non_null(strstr(err.text, "full"));
    assert_string_equal(out, "520602999001999"); /* untouched */
    assert_int_equal(wg_code_make(&form, "52060299900", 1, out, &err), WG_FORMAT);
    assert_int_equal(wg_code_make(&form, "5206029990011", 1, out, &err), WG_FORMAT);
    assert_int_equal(wg_code_make(&form, "52060299900x", 1, out, &err), WG_FORMAT);
    assert_int_equal(wg_code_make(&one, "", 12, out, &err), WG_OK);
    assert_string_equal(out, "0012");
    assert_int_equal(wg_code_make(&one, NULL, 12, out, &err), WG_OK);
    assert_int_equal(wg_code_make(&wide, "123", UINT32_MAX, out, &err), WG_OK);
    assert_string_equal(out, "12300000000004294967295");
    assert_int_equal(wg_code_make(&loose, "G-", 5, out, &err), WG_OK);
    assert_string_equal(out, "G-005");
    assert_int_equal(wg_code_make(&loose, "G-", 12345, out, &err), WG_OK);
    assert_string_equal(out, "G-12345");
    char prefix[WG_CODE_MAX + 1] = "";
    memset(prefix, 'p', WG_CODE_MAX - 2);
    assert_int_equal(wg_code_make(&loose, prefix, 5, out, &err), WG_OUT_OF_RANGE);
}

static void test_next(void **state)
{
    struct wg_code_form form = form_of(WG_CODE_DEFAULT), loose = form_of("free");
    /* 007 was withdrawn, 003 never was; other prefixes and forms do not count */
    const char *const issued[] = {"520602999001001",
                                  "520602999001007",
                                  "520602999001002",
                                  "520602999002900",
                                  "5206029990019999",
                                  "520602999001x99",
                                  NULL,
                                  "99"};
    const char *const full[] = {"520602999001999", "520602999001001"};
    const char *const names[] = {"G-001", "G-12", "G-x", "H-99", "G-"};
    struct wg_error err;
    char out[WG_CODE_MAX + 1];
    (void)state;
    assert_int_equal(wg_code_next(&form, "520602999001", 8, issued, out, &err), WG_OK);
    assert_string_equal(out, "520602999001008");
    assert_int_equal(wg_code_next(&form, "520602999003", 8, issued, out, &err), WG_OK);
    assert_string_equal(out, "520602999003001");
    assert_int_equal(wg_code_next(&form, "520602999001", 0, NULL, out, &err), WG_OK);
    assert_string_equal(out, "520602999001001");
    assert_int_equal(wg_code_next(&form, "520602999001", 2, full, out, &err),
                     WG_OUT_OF_RANGE);
    assert_non_null(strstr(err.text, "1000"));
    assert_int_equal(wg_code_next(&form, "5206", 0, NULL, out, &err), WG_FORMAT);
    assert_int_equal(wg_code_next(&loose, "G-", 5, names, out, &err), WG_OK);
    assert_string_equal(out, "G-013");
    struct wg_code_form wide = form_of("1+30");
    const char *const huge[] = {"1999999999999999999999999999999"};
    assert_int_equal(wg_code_next(&wide, "1", 1, huge, out, &err), WG_OUT_OF_RANGE);
}

/* Never re-used: a year of issuing and withdrawing gives every number once. */
static void test_next_appends(void **state)
{
    struct wg_code_form form = form_of("2+3");
    static char codes[999][WG_CODE_MAX + 1];
    const char *issued[999];
    struct random r = {11};
    (void)state;
    for (int i = 0; i < 999; i++) {
        for (int k = i - 1; k > 0; k--) { /* the order they come in does not matter */
            int at = (int)random_between(&r, 0, k);
            const char *swap = issued[k];
            issued[k] = issued[at];
            issued[at] = swap;
        }
        char want[WG_CODE_MAX + 1];
        assert_int_equal(wg_code_next(&form, "52", (size_t)i, issued, codes[i], NULL),
                         WG_OK);
        snprintf(want, sizeof want, "52%03d", i + 1);
        assert_string_equal(codes[i], want);
        assert_int_equal(wg_code_check(&form, codes[i], NULL, NULL), WG_OK);
        issued[i] = codes[i];
    }
    char out[WG_CODE_MAX + 1];
    assert_int_equal(wg_code_next(&form, "52", 999, issued, out, NULL), WG_OUT_OF_RANGE);
}

/* 4 rows of 5 grids whose centroids wander by less than half a band in northing. */
static void test_order_of_rows(void **state)
{
    struct random r = {17};
    struct wg_point points[20];
    struct wg_box boxes[20];
    uint32_t place[20], order[20], at[20];
    (void)state;
    for (int round = 0; round < 200; round++) {
        for (uint32_t i = 0; i < 20; i++)
            place[i] = i;
        for (uint32_t i = 19; i > 0; i--) {
            uint32_t k = (uint32_t)random_between(&r, 0, i), swap = place[i];
            place[i] = place[k];
            place[k] = swap;
        }
        for (uint32_t i = 0; i < 20; i++) {
            uint32_t slot = place[i], row = slot / 5, column = slot % 5;
            double wander =
                slot == 2 ? 0 : random_real(&r, 0, 45); /* 2 is northernmost */
            points[i].x = 617000 + 100 * column + random_real(&r, -40, 40);
            points[i].y = 3068000 - 100.0 * row - wander;
            boxes[i] = (struct wg_box){points[i].x - 50, points[i].y - 50,
                                       points[i].x + 50, points[i].y + 50};
            at[slot] = i;
        }
        assert_int_equal(wg_code_order(20, points, boxes, 0, order, NULL), WG_OK);
        assert_memory_equal(order, at, sizeof order);
        assert_int_equal(wg_code_order(20, points, NULL, 100, order, NULL), WG_OK);
        assert_memory_equal(order, at, sizeof order);
        assert_int_equal(wg_code_order(20, points, NULL, -1, order, NULL), WG_OK);
        assert_memory_equal(order, at, sizeof order); /* 100 m is the default */
    }
}

static void test_order_ties_and_odd_points(void **state)
{
    const struct wg_point points[] = {{5, NAN}, {1, 0},     {1, 10},      {0, 5},
                                      {1, 10},  {0, -1000}, {INFINITY, 3}};
    const uint32_t want[] = {3, 2, 4, 1, 5, 0, 6};
    uint32_t order[7];
    (void)state;
    assert_int_equal(wg_code_order(7, points, NULL, 100, order, NULL), WG_OK);
    assert_memory_equal(order, want, sizeof want);
    assert_int_equal(wg_code_order(7, points, NULL, INFINITY, order, NULL), WG_OK);
    assert_memory_equal(order, want, sizeof want);
    assert_int_equal(wg_code_order(0, NULL, NULL, 0, NULL, NULL), WG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_free),
        cmocka_unit_test(test_form_at_level),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_next_appends),
        cmocka_unit_test(test_order_of_rows),
        cmocka_unit_test(test_order_ties_and_odd_points),
    };
    return cmocka_run_group_tests_name("code", tests, NULL, NULL);
}
