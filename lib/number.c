/* Owns the way between doubles and decimal text, exact in whole numbers of 128 bits. */
#include "wangge/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the C library's way, for what is rare and where there are no wide numbers ---- */

static double read_by_library(const char *text, const char **end)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    char *after;
    double value = c ? strtod_l(text, &after, c) : strtod(text, &after);
    if (c)
        freelocale(c);
    *end = after;
    return value;
}

static int write_by_library(double value, char *out)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = c ? uselocale(c) : (locale_t)0;
    int n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, WG_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    if (c) {
        uselocale(before);
        freelocale(c);
    }
    return n;
}

#if defined(__SIZEOF_INT128__) && FLT_EVAL_METHOD == 0

__extension__ typedef unsigned __int128 wide;

enum { DIGITS_MAX = 19, MANTISSA = 53 };

static const uint64_t power_of_ten[DIGITS_MAX + 1] = {1,
                                                      10,
                                                      100,
                                                      1000,
                                                      10000,
                                                      100000,
                                                      1000000,
                                                      10000000,
                                                      100000000,
                                                      1000000000,
                                                      10000000000,
                                                      100000000000,
                                                      1000000000000,
                                                      10000000000000,
                                                      100000000000000,
                                                      1000000000000000,
                                                      10000000000000000,
                                                      100000000000000000,
                                                      1000000000000000000,
                                                      UINT64_C(10000000000000000000)};

/* The powers that a double holds. */
static const double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* ---- reading ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Are the eight bytes digits?  Their high halves are all 3, and stay so with 6 added. */
static bool are_digits(uint64_t bytes)
{
    uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
    return ((bytes & high) | ((bytes + UINT64_C(0x0606060606060606)) & high) >> 4) ==
           UINT64_C(0x3333333333333333);
}

/* The number of eight digits, the first in the lowest byte: pairs, then fours, then all.
 */
static uint64_t eight_digits(uint64_t bytes)
{
    bytes -= UINT64_C(0x3030303030303030);
    bytes = bytes * 10 + (bytes >> 8);
    uint64_t even = (bytes & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064);
    uint64_t odd =
        (bytes >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001);
    return (even + odd) >> 32;
}

static const char *read_digits(const char *p, const char *limit, uint64_t *number)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (limit && limit - p >= 8) {
        uint64_t bytes;
        memcpy(&bytes, p, sizeof bytes);
        if (!are_digits(bytes))
            break;
        *number = *number * 100000000 + eight_digits(bytes);
        p += 8;
    }
#else
    (void)limit;
#endif
    for (; is_digit(*p); p++)
        *number = *number * 10 + (uint64_t)(*p - '0');
    return p;
}

/* "e-12" at p, if it stands there. */
static const char *read_exponent(const char *p, int *exponent)
{
    const char *q = p + 1;
    if (*p != 'e' && *p != 'E')
        return p;
    bool below = *q == '-';
    if (*q == '-' || *q == '+')
        q++;
    if (!is_digit(*q))
        return p;
    int sum = 0;
    for (; is_digit(*q); q++)
        sum = sum < 100000 ? sum * 10 + (*q - '0') : sum;
    *exponent += below ? -sum : sum;
    return q;
}

static int leading_zeros(uint64_t bits)
{
    return __builtin_clzll(bits);
}

/* number / 10^k, rounded once: a quotient of 63 bits or more, and whether it is all. */
static double divided(uint64_t number, int k)
{
    int up = leading_zeros(number), up_d = leading_zeros(power_of_ten[k]);
    uint64_t divisor = power_of_ten[k] << up_d;
    wide dividend = (wide)(number << up) << 63;
    uint64_t quotient = (uint64_t)(dividend / divisor);
    bool more = dividend != (wide)quotient * divisor;
    int drop = 64 - MANTISSA - leading_zeros(quotient);
    uint64_t kept = quotient >> drop, half = UINT64_C(1) << (drop - 1);
    uint64_t rest = quotient & (2 * half - 1);
    if (rest > half || (rest == half && (more || (kept & 1))))
        kept++;
    /* × 2^(…), which is far from the ends of a double */
    double power;
    uint64_t bits = (uint64_t)(1023 + drop - 63 + up_d - up) << 52;
    memcpy(&power, &bits, sizeof power);
    return (double)kept * power;
}

/* number × 10^exponent exactly rounded; false where that is for the C library. */
static bool scale(uint64_t number, int exponent, double *out)
{
    if (number == 0)
        *out = 0;
    else if (number <= UINT64_C(1) << MANTISSA && exponent >= -22 && exponent <= 22)
        *out = exponent < 0 ? (double)number / exact_power[-exponent]
                            : (double)number * exact_power[exponent];
    else if (exponent < 0 && exponent >= -DIGITS_MAX)
        *out = divided(number, -exponent);
    else if (exponent >= 0 && exponent <= DIGITS_MAX)
        *out = (double)((wide)number * power_of_ten[exponent]);
    else
        return false;
    return true;
}

/* How many of the digits from `text` to `end` count. */
static ptrdiff_t significant(const char *text, const char *end)
{
    ptrdiff_t n = 0;
    while (text < end && (*text == '0' || *text == '.'))
        text++;
    for (; text < end; text++)
        n += *text != '.';
    return n;
}

double wg_number_read(const char *text, const char *limit, const char **end)
{
    const char *p = text;
    bool below = *p == '-';
    uint64_t number = 0;
    int exponent = 0;
    double value;
    if (*p == '-' || *p == '+')
        p++;
    const char *first = p;
    p = read_digits(p, limit, &number);
    ptrdiff_t digits = p - first;
    if (*p == '.') {
        const char *point = p++;
        p = read_digits(p, limit, &number);
        digits += p - point - 1;
        if (p - point > 100000)
            return read_by_library(text, end);
        exponent = -(int)(p - point - 1);
    }
    if (digits == 0 || *p == 'x' || *p == 'X' ||
        (digits > DIGITS_MAX && significant(first, p) > DIGITS_MAX))
        return read_by_library(text, end);
    p = read_exponent(p, &exponent);
    if (!scale(number, exponent, &value))
        return read_by_library(text, end);
    *end = p;
    return below ? -value : value;
}

/* ---- writing ---- */

/* A double as mantissa × 2^-down, and times 10^k as a whole and a part of 2^down. */
struct scaled {
    uint64_t mantissa;
    int down, k;
    uint64_t whole, part; /* 17 digits, and what is below them */
};

/* As printf rounds: to the nearest, a tie to the even one.  The last digit, or two of
 * them, become zero: unit is 10 or 100. */
static inline uint64_t rounded(const struct scaled *s, uint64_t unit)
{
    uint64_t kept = s->whole / unit, rest = s->whole % unit, half = unit / 2;
    bool tie = rest == half && s->part == 0;
    return unit * (kept + (tie ? kept & 1 : rest >= half));
}

static uint64_t rounded_whole(const struct scaled *s)
{
    uint64_t half = UINT64_C(1) << (s->down - 1);
    return s->whole + (s->part == half ? s->whole & 1 : s->part > half);
}

/* Does `decimal`, in units of the 17th digit, read back as the double?  A unit of its
 * mantissa's last place is 10^k of 2^-down of them. */
static bool reads_back(const struct scaled *s, uint64_t decimal)
{
    wide exact = (wide)s->whole << s->down | s->part, there = (wide)decimal << s->down;
    wide twice = 2 * (there > exact ? there - exact : exact - there);
    uint64_t step = power_of_ten[s->k];
    if (there < exact && s->mantissa == UINT64_C(1) << (MANTISSA - 1))
        twice *= 2; /* the double below a power of two is half as far */
    return twice < step || (twice == step && s->mantissa % 2 == 0);
}

static void scale_up(struct scaled *s)
{
    wide product = (wide)s->mantissa * power_of_ten[s->k];
    s->whole = (uint64_t)(product >> s->down);
    s->part = (uint64_t)product & ((UINT64_C(1) << s->down) - 1);
}

static void put_pair(char *out, uint32_t number)
{
    static const char pair[] = "00010203040506070809101112131415161718192021222324"
                               "25262728293031323334353637383940414243444546474849"
                               "50515253545556575859606162636465666768697071727374"
                               "75767778798081828384858687888990919293949596979899";
    memcpy(out, pair + 2 * (size_t)number, 2);
}

static void put_eight(char *out, uint32_t number)
{
    uint32_t high = number / 10000, low = number % 10000;
    put_pair(out, high / 100);
    put_pair(out + 2, high % 100);
    put_pair(out + 4, low / 100);
    put_pair(out + 6, low % 100);
}

static void put_seventeen(char *out, uint64_t number)
{
    uint64_t high = number / 100000000;
    *out = (char)('0' + high / 100000000);
    put_eight(out + 1, (uint32_t)(high % 100000000));
    put_eight(out + 9, (uint32_t)(number % 100000000));
}

/* 0.(the 17 digits of decimal) × 10^point, without zeros at the end. */
static int put_fixed(char *out, uint64_t decimal, int point)
{
    int before = point > 0 ? 1 : 2 - point, n = 17;
    memcpy(out, "0.000", 5);
    put_seventeen(out + before, decimal);
    while (out[before + n - 1] == '0')
        n--;
    if (point > 0) { /* the point goes between: what is before it, one to the left */
        for (int i = 0; i < point; i++)
            out[i] = out[i + 1];
        out[point] = '.';
        n = n > point ? n : point - 1;
    }
    out[before + n] = '\0';
    return before + n;
}

/* The smallest power of ten above a positive value of 1e-3 to 1e14, of binary exponent
 * e; 1233/4096 is a little more than the logarithm of 2. */
static int point_of(double value, int e)
{
    int point = e * 1233 / 4096 + 1;
    if (value < 1) /* the doubles nearest to these powers are above them */
        return value >= 0.1 ? 0 : value >= 0.01 ? -1 : -2;
    return point + (value >= exact_power[point]);
}

int wg_number_write(double value, char out[WG_NUMBER_SIZE])
{
    double size = fabs(value);
    char *p = out;
    uint64_t bits, decimal;
    if (!(size >= 1e-3 && size < 1e14))
        return write_by_library(value, out);
    *p = '-';
    p += value < 0;
    memcpy(&bits, &size, sizeof bits);
    int point = point_of(size, (int)(bits >> 52) - 1023);
    struct scaled s = {.mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52,
                       .down = 1075 - (int)(bits >> 52),
                       .k = 17 - point};
    scale_up(&s);
    decimal = rounded(&s, 100);
    if (!reads_back(&s, decimal)) {
        decimal = rounded(&s, 10);
        if (!reads_back(&s, decimal))
            decimal = rounded_whole(&s);
    }
    if (decimal >= power_of_ten[17]) { /* 9.99… has become 10 */
        decimal /= 10;
        point++;
    }
    return (int)(p - out) + put_fixed(p, decimal, point);
}

#else

double wg_number_read(const char *text, const char *limit, const char **end)
{
    (void)limit;
    return read_by_library(text, end);
}

int wg_number_write(double value, char out[WG_NUMBER_SIZE])
{
    return write_by_library(value, out);
}

#endif
