/* Moments in time: text to milliseconds and back, in the proleptic Gregorian calendar. */
#include "wangge/instant.h"

#include <stdio.h>
#include <time.h>

#include "internal.h"

#define DAY_MS INT64_C(86400000)
#define FIRST_MS INT64_C(-62135596800000) /* 0001-01-01T00:00:00.000Z */
#define LAST_MS INT64_C(253402300799999)  /* 9999-12-31T23:59:59.999Z */

/* Days from 1970-01-01.  The year is counted from March, so that the leap day is its
 * last. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468; /* from 0000-03-01; never negative in our range */
    int64_t era = z / 146097, rest = z % 146097;
    int64_t y = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    int64_t day_of_year = rest - (365 * y + y / 4 - y / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
    *month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year = (int)(era * 400 + y + (*month <= 2));
}

static int days_in_month(int year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

int64_t wg_instant_now(void)
{
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Write `digits` digits of value at out. */
static void put(char *out, int64_t value, int digits)
{
    while (digits-- > 0) {
        out[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

void wg_instant_format(int64_t ms, char out[WG_INSTANT_SIZE])
{
    int year, month, day;
    if (ms == WG_INSTANT_NONE) {
        out[0] = '\0';
        return;
    }
    ms = ms < FIRST_MS ? FIRST_MS : ms > LAST_MS ? LAST_MS : ms;
    int64_t since = ms - FIRST_MS, rest = since % DAY_MS; /* not negative */
    civil_from_days(since / DAY_MS + FIRST_MS / DAY_MS, &year, &month, &day);
    for (int i = 0; i < WG_INSTANT_SIZE; i++)
        out[i] = "0000-00-00T00:00:00.000Z"[i];
    put(out, year, 4);
    put(out + 5, month, 2);
    put(out + 8, day, 2);
    put(out + 11, rest / 3600000, 2);
    put(out + 14, rest / 60000 % 60, 2);
    put(out + 17, rest / 1000 % 60, 2);
    put(out + 20, rest % 1000, 3);
}

/* ---- reading ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take(const char **at, char c)
{
    if (**at != c)
        return false;
    ++*at;
    return true;
}

/* Between `least` and `most` digits. */
static bool take_number(const char **at, int least, int most, int *out)
{
    int value = 0, n = 0;
    for (; n < most && is_digit(**at); n++, ++*at)
        value = value * 10 + (**at - '0');
    *out = value;
    return n >= least;
}

static bool take_date(const char **at, int64_t *days)
{
    int year, month, day;
    if (!take_number(at, 4, 4, &year) || year < 1)
        return false;
    char separator = **at;
    if (separator != '-' && separator != '/')
        return false;
    int least = separator == '/' ? 1 : 2; /* spreadsheets write 2026/1/5 */
    ++*at;
    if (!take_number(at, least, 2, &month) || !take(at, separator) ||
        !take_number(at, least, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

/* hh:mm[:ss[.fff]]; digits after the third are cut off. */
static bool take_clock(const char **at, int least, int64_t *ms)
{
    int hour, minute, second = 0, fraction = 0;
    if (!take_number(at, least, 2, &hour) || !take(at, ':') ||
        !take_number(at, 2, 2, &minute))
        return false;
    if (take(at, ':')) {
        if (!take_number(at, 2, 2, &second))
            return false;
        if (take(at, '.')) {
            const char *start = *at;
            if (!take_number(at, 1, 3, &fraction))
                return false;
            for (int n = (int)(*at - start); n < 3; n++)
                fraction *= 10;
            while (is_digit(**at))
                ++*at;
        }
    }
    *ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction;
    return hour < 24 && minute < 60 && second < 60;
}

/* "Z", "+hh", "+hhmm", "+hh:mm"; `*minutes` stays where there is none. */
static bool take_zone(const char **at, int *minutes)
{
    int hours, rest = 0;
    if (take(at, 'Z') || take(at, 'z')) {
        *minutes = 0;
        return true;
    }
    char sign = **at;
    if (sign != '+' && sign != '-')
        return true;
    ++*at;
    if (!take_number(at, 2, 2, &hours))
        return false;
    if ((take(at, ':') || is_digit(**at)) && !take_number(at, 2, 2, &rest))
        return false;
    *minutes = (hours * 60 + rest) * (sign == '-' ? -1 : 1);
    return hours < 24 && rest < 60;
}

static void skip_space(const char **at)
{
    while (**at == ' ' || **at == '\t' || **at == '\r' || **at == '\n')
        ++*at;
}

static bool take_instant(const char *text, int zone, int64_t *ms)
{
    const char *at = text;
    int64_t days, clock = 0;
    skip_space(&at);
    const char *start = at;
    if (!take_date(&at, &days))
        return false;
    const char *after = at;
    bool slashes = start[4] == '/';
    if ((take(&at, 'T') || take(&at, 't') || take(&at, ' ')) && is_digit(*at)) {
        if (!take_clock(&at, slashes ? 1 : 2, &clock))
            return false;
        if (*at == ' ' && (at[1] == '+' || at[1] == '-' || at[1] == 'Z'))
            at++;
        if (!take_zone(&at, &zone))
            return false;
    } else {
        at = after;
        if (take(&at, 'Z'))
            zone = 0;
    }
    skip_space(&at);
    *ms = days * DAY_MS + clock - zone * INT64_C(60000);
    return *at == '\0' && *ms >= FIRST_MS && *ms <= LAST_MS;
}

enum wg_status wg_instant_parse(const char *text, int utc_offset_min, int64_t *ms,
                                struct wg_error *err)
{
    int64_t value;
    if (utc_offset_min <= -1440 || utc_offset_min >= 1440)
        return wg_fail(err, WG_INVALID,
                       _("A zone %d minutes from UTC does not exist: give less than 24 "
                         "hours either way."),
                       utc_offset_min);
    if (!text || !take_instant(text, utc_offset_min, &value))
        return wg_fail(err, WG_FORMAT,
                       _("\"%.60s\" is no date and time. Write it like 2026-11-24, "
                         "2026-11-24 08:31 or 2026-11-24T08:31:00.000+08:00."),
                       text ? text : "");
    *ms = value;
    return WG_OK;
}
