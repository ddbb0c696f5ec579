/* Points typed as numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wangge/coverage.h"

static const struct wg_point last = {1000, 2000};

static void good_points(void **state)
{
    static const struct {
        const char *text;
        double x, y;
        double within;
    } table[] = {
        {"300000,3780000", 300000, 3780000, 0},
        {"  -1.5 , +2.25\t", -1.5, 2.25, 0},
        {"1e3,2E-1", 1000, 0.2, 0},
        {"12，34", 12, 34, 0},
        {"@5,-6", 1005, 1994, 0},
        {"@ 0 , 0", 1000, 2000, 0},
        {"＠5，6", 1005, 2006, 0},
        {"@10<0", 1010, 2000, 0},
        {"@10<90", 1000, 2010, 0},
        {"@10<180", 990, 2000, 0},
        {"@10<270", 1000, 1990, 0},
        {"@10<-90", 1000, 1990, 0},
        {"@10<450", 1000, 2010, 0},
        {"@-10<90", 1000, 1990, 0},
        {"@ 2 < 45", 1000 + 1.4142135623730951, 2000 + 1.4142135623730951, 1e-12},
        {"@2＜30", 1000 + 1.7320508075688772, 2001, 1e-12},
        {"@2<-600", 1000 - 1, 2000 + 1.7320508075688772, 1e-12},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_point p = {NAN, NAN};
        struct wg_error err;
        if (wg_point_parse(table[i].text, &last, &p, &err) != WG_OK ||
            !(fabs(p.x - table[i].x) <= table[i].within) ||
            !(fabs(p.y - table[i].y) <= table[i].within))
            fail_msg("%s gave %.17g,%.17g", table[i].text, p.x, p.y);
    }
}

static void bad_points(void **state)
{
    static const struct {
        const char *text;
        enum wg_status status;
    } table[] = {
        {"", WG_INVALID},
        {"1", WG_INVALID},
        {"1,", WG_INVALID},
        {",1", WG_INVALID},
        {"1,2,3", WG_INVALID},
        {"1 2", WG_INVALID},
        {"1<2", WG_INVALID},
        {"nan,1", WG_INVALID},
        {"1,inf", WG_INVALID},
        {"0x10,1", WG_INVALID},
        {"@1", WG_INVALID},
        {"@1<", WG_INVALID},
        {"@1<2<3", WG_INVALID},
        {"@@1,2", WG_INVALID},
        {"1,2x", WG_INVALID},
        {"1e999,1", WG_OUT_OF_RANGE},
        {"@1e308<1e308x", WG_INVALID},
        {"@1e999<3", WG_OUT_OF_RANGE},
        {"1;2", WG_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wg_point p = {7, 8};
        struct wg_error err = {0};
        enum wg_status status = wg_point_parse(table[i].text, &last, &p, &err);
        if (status != table[i].status || p.x != 7 || p.y != 8)
            fail_msg("%s: %s", table[i].text, wg_status_name(status));
        if (!strstr(err.text, table[i].text) || strlen(err.text) < 20)
            fail_msg("%s: poor words: %s", table[i].text, err.text);
    }
}

static void no_last_point(void **state)
{
    struct wg_point p = {7, 8};
    struct wg_error err = {0};

    (void)state;
    assert_int_equal(wg_point_parse("@1,2", NULL, &p, &err), WG_INVALID);
    assert_int_equal(wg_point_parse("@1<2", NULL, &p, &err), WG_INVALID);
    assert_int_equal(wg_point_parse(NULL, NULL, &p, &err), WG_INVALID);
    assert_true(p.x == 7 && p.y == 8);
    assert_int_equal(wg_point_parse("1,2", NULL, &p, &err), WG_OK);
    assert_true(p.x == 1 && p.y == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_points),
        cmocka_unit_test(bad_points),
        cmocka_unit_test(no_last_point),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
