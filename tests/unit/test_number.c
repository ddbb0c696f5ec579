/* Tests of number: bit for bit what strtod reads, digit for digit what printf writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "wangge/number.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { TEXTS = 400000, TEXT_MAX = 512 };

/* ---- reading ---- */

static void check_read(const char *text)
{
    const char *limits[] = {NULL, text + strlen(text)};
    char *want_end;
    double want = strtod(text, &want_end);
    for (size_t i = 0; i < COUNT(limits); i++) {
        const char *end;
        double got = wg_number_read(text, limits[i], &end);
        if (end != want_end)
            fail_msg("\"%s\": ends at %td, not %td", text, end - text, want_end - text);
        if (memcmp(&got, &want, sizeof got) != 0 && !(isnan(got) && isnan(want)))
            fail_msg("\"%s\": %a, not %a", text, got, want);
    }
}

static void test_read_cases(void **state)
{
    static const char *const texts[] = {
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        ".e5",
        "1e",
        "1e+",
        "1e-x",
        "0x",
        "0x1p4",
        "1x",
        "inf",
        "-inf",
        "nan",
        "-nan(12)",
        " 12",
        "\t-3",
        "\v4",
        "--1",
        "+-1",
        "1..2",
        "1.5.2",
        "0",
        "-0",
        "-0.0e9",
        "0e999999999999",
        "1e999",
        "-1e999",
        "1e-999",
        "5.",
        ".5",
        "-.5e1",
        "4.9e-324",
        "2.4e-324",
        "2.5e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.00000000000000000001",
        "9007199254740994.99999",
        "18446744073709551615",
        "18446744073709551616",
        "9999999999999999999",
        "0.00000000000000000000000000000000000000001234567890123",
        "000000000000000000000000000000123.4567890123456789",
        "1e22",
        "1e23",
        "123e22",
        "8.5e-19",
        "12345678901234567e-19",
        "12345678901234567e-20",
        "1234567812345678",
        "12345678",
        "1234567:",
        "1234567/",
        "12345678.12345678,",
        "1.0000000000000002",
        "1.00000000000000011102230246251565",
        "1.00000000000000011102230246251566",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        check_read(texts[i]);
}

static void put_random(struct random *r, char *at, int digits)
{
    int point = (int)random_between(r, -2, digits + 1);
    if (random_between(r, 0, 3) == 0)
        *at++ = random_between(r, 0, 1) ? '-' : '+';
    for (int zeros = random_between(r, 0, 9) ? 0 : (int)random_between(r, 1, 40); zeros;
         zeros--)
        *at++ = '0';
    for (int i = 0; i < digits; i++) {
        if (i == point)
            *at++ = '.';
        *at++ = (char)('0' + (random_between(r, 0, 4) ? random_between(r, 0, 9)
                                                      : 9 * random_between(r, 0, 1)));
    }
    *at = '\0';
    if (random_between(r, 0, 3) == 0)
        sprintf(at, "%c%d", "eE"[random_between(r, 0, 1)],
                (int)(random_between(r, 0, 2) ? random_between(r, -25, 25)
                                              : random_between(r, -360, 340)));
}

static void test_read_random(void **state)
{
    static const char *const after[] = {"", " ", ",", "e", "\n", ".", "x", "\xff", ":"};
    struct random r = {1};
    char text[TEXT_MAX];
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        put_random(&r, text, (int)random_between(&r, 1, i % 8 ? 20 : 60));
        strcat(text, after[random_between(&r, 0, COUNT(after) - 1)]);
        check_read(text);
    }
}

/* A double's 17 digits give it back; the middle between two and its neighbours in the
 * last digit are rounded as they should. */
static void test_read_near_ties(void **state)
{
    struct random r = {2};
    char text[TEXT_MAX];
    (void)state;
    for (int i = 0; i < TEXTS / 4; i++) {
        uint64_t bits = random_next(&r);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (i % 2)
            value = random_real(&r, -4e7, 4e7);
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.17g", value);
        assert_true(wg_number_read(text, NULL, &(const char *){NULL}) == value);
        check_read(text);
        /* 2^53 … 2^63: the middles are whole numbers */
        int shift = (int)random_between(&r, 1, 10);
        uint64_t odd = (bits >> 11 | UINT64_C(1) << 52) * 2 + 1;
        uint64_t middle = odd << (shift - 1);
        static const char *const parts[] = {"", ".0", ".5", ".000001", ".9999999"};
        for (size_t k = 0; k < COUNT(parts); k++) {
            snprintf(text, sizeof text, "%llu%s", (unsigned long long)middle, parts[k]);
            check_read(text);
        }
        /* quarters of a small number end in decimals */
        snprintf(text, sizeof text, "%.20f", ldexp((double)(bits >> 45), -5) + 1e13);
        check_read(text);
    }
}

/* ---- writing ---- */

static void check_write(double value)
{
    char want[64], got[WG_NUMBER_SIZE];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(want, sizeof want, "%.*g", digits, value);
        if (strtod(want, NULL) == value)
            break;
    }
    int n = wg_number_write(value, got);
    if (strcmp(got, want) != 0 || n != (int)strlen(got))
        fail_msg("%a: \"%s\" (%d), not \"%s\"", value, got, n, want);
}

static void test_write(void **state)
{
    static const double values[] = {0,
                                    -0.0,
                                    1,
                                    -1,
                                    0.1,
                                    0.2,
                                    0.3,
                                    1e-3,
                                    1e-4,
                                    1e-5,
                                    999999999999999,
                                    1e14,
                                    1e15,
                                    1e16,
                                    123456789012345678,
                                    5e-324,
                                    1.7976931348623157e308,
                                    100,
                                    1200,
                                    0.5,
                                    99999999999999.98,
                                    0.00099999999999999999,
                                    9007199254740992,
                                    4503599627370496.5,
                                    INFINITY,
                                    -INFINITY,
                                    617356.6034490602,
                                    3067979.870946,
                                    109.19,
                                    27.72};
    struct random r = {3};
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++)
        check_write(values[i]);
    for (int e = -14; e < 60; e++)
        for (int k = -3; k <= 3; k++) {
            double value = ldexp(1, e), ten = pow(10, e / 2.0);
            for (int i = 0; i < abs(k); i++) {
                value = nextafter(value, k < 0 ? 0 : INFINITY);
                ten = nextafter(ten, k < 0 ? 0 : INFINITY);
            }
            check_write(value);
            check_write(-ten);
        }
    for (int i = 0; i < TEXTS / 2; i++) {
        uint64_t bits = random_next(&r);
        double any;
        memcpy(&any, &bits, sizeof any);
        check_write(i % 5 == 0   ? any
                    : i % 5 == 1 ? random_real(&r, -180, 180)
                    : i % 5 == 2
                        ? (double)random_between(&r, -1000000000, 1000000000) / 1e4
                    : i % 5 == 3 ? (double)random_between(&r, 0, INT64_C(1) << 50) / 8
                                 : random_real(&r, 0, 4e7));
    }
}

/* A comma in the program's numbers changes nothing. */
static void test_locale(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    static const char *const texts[] = {"1.5", "1234567890123456789012.5", "1.5e300"};
    char out[WG_NUMBER_SIZE];
    bool found = false;
    (void)state;
    for (size_t i = 0; i < COUNT(names) && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]) != NULL;
    if (!found)
        printf("# skipped: no locale with a decimal comma here\n");
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *end;
        wg_number_read(texts[i], NULL, &end);
        assert_int_equal(*end, 0);
    }
    wg_number_write(1.5e-7, out);
    assert_string_equal(out, "1.5e-07");
    wg_number_write(1.5, out);
    assert_string_equal(out, "1.5");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_cases),     cmocka_unit_test(test_read_random),
        cmocka_unit_test(test_read_near_ties), cmocka_unit_test(test_write),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
