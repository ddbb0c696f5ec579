/* Moments as people and programs write them: dates of tables, texts, Excel's days. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "import_job.h"
#include "internal.h"

/* Days from 1970-01-01 in the proleptic Gregorian calendar (any year of it). */
static int64_t days_of(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year = y - era * 400;
    int64_t day = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468;
}

struct moment {
    int year, month, day, hour, minute;
    double second;
};

static bool is_moment(const struct moment *m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (m->year % 4 == 0 && m->year % 100 != 0) || m->year % 400 == 0;
    if (m->year < 1000 || m->year > 9999 || m->month < 1 || m->month > 12)
        return false;
    int last = days[m->month - 1] + (m->month == 2 && leap);
    return m->day >= 1 && m->day <= last && m->hour >= 0 && m->hour < 24 &&
           m->minute >= 0 && m->minute < 60 && m->second >= 0 && m->second < 61;
}

static int64_t ms_of(const struct moment *m, int utc_offset_min)
{
    int64_t minutes = days_of(m->year, m->month, m->day) * 1440 + m->hour * 60 +
                      m->minute - utc_offset_min;
    return minutes * 60000 + (int64_t)floor(m->second * 1000 + 0.5);
}

/* "12:00", "12:00:03 AM", "下午 3:00"; nothing at all is midnight. */
static bool read_clock(const char *text, struct moment *m)
{
    int used = 0;
    bool pm = false, am = false;
    while (*text == ' ' || *text == ',')
        text++;
    if (!*text)
        return true;
    if (!strncmp(text, "上午", 6) || !strncmp(text, "下午", 6)) {
        pm = !strncmp(text, "下午", 6), am = !pm;
        text += 6;
    }
    if (sscanf(text, " %2d:%2d%n", &m->hour, &m->minute, &used) != 2)
        return false;
    text += used, used = 0;
    if (*text == ':' && sscanf(text, ":%6lf%n", &m->second, &used) == 1)
        text += used;
    while (*text == ' ')
        text++;
    if (wg_text_equal_fold(text, "pm") || wg_text_equal_fold(text, "p.m."))
        pm = true;
    else if (wg_text_equal_fold(text, "am") || wg_text_equal_fold(text, "a.m."))
        am = true;
    else if (*text)
        return false;
    if ((am || pm) && (m->hour < 1 || m->hour > 12) && !(pm && m->hour < 24))
        return false;
    if (pm && m->hour < 12)
        m->hour += 12;
    else if (am && m->hour == 12)
        m->hour = 0;
    return true;
}

/* "05/31/2022 …", "31.05.2022 …".  Which number is the month must be plain: by a half
 * of the day in English (only Americans write both), by a dot, or by a number > 12. */
static bool read_slashes(const char *text, struct moment *m)
{
    int a, b, used = 0;
    char sep, sep2;
    if (sscanf(text, "%2d%c%2d%c%4d%n", &a, &sep, &b, &sep2, &m->year, &used) != 5 ||
        sep != sep2 || !strchr("/.-", sep) || !read_clock(text + used, m))
        return false;
    size_t n = strlen(text);
    char end = n ? text[n - 1] : 0;
    bool american = sep == '/' && (end == 'M' || end == 'm');
    if (a == b || american || (b > 12 && sep == '/'))
        m->month = a, m->day = b;
    else if (a > 12 || sep == '.')
        m->month = b, m->day = a;
    else
        return false;
    return true;
}

/* "2022年5月1日 12:00", "2022年5月1日12时30分". */
static bool read_chinese(const char *text, struct moment *m)
{
    int used = 0, hour = 0, minute = 0, more = 0;
    if (sscanf(text, "%4d年%2d月%2d日%n", &m->year, &m->month, &m->day, &used) != 3 ||
        !used)
        return false;
    text += used;
    if (sscanf(text, " %2d时%2d分%n", &hour, &minute, &more) == 2 && more) {
        m->hour = hour, m->minute = minute;
        return !text[more];
    }
    return read_clock(text, m);
}

/* 20220501, 20220501120003. */
static bool read_digits(const char *text, struct moment *m)
{
    size_t n = strspn(text, "0123456789");
    int second = 0;
    if (text[n] || (n != 8 && n != 14))
        return false;
    int got = sscanf(text, "%4d%2d%2d%2d%2d%2d", &m->year, &m->month, &m->day, &m->hour,
                     &m->minute, &second);
    m->second = second;
    return got == (n == 8 ? 3 : 6);
}

/* Days since 1899-12-30, as spreadsheets keep them: 1954 … 2119. */
static bool excel_days(double days, int utc_offset_min, int64_t *ms)
{
    if (!(days >= 20000 && days < 80000))
        return false;
    *ms = (int64_t)floor((days - 25569) * 86400000 + 0.5) - utc_offset_min * 60000LL;
    return true;
}

enum wg_status wg_moment_parse(const char *text, int utc_offset_min, int64_t *ms)
{
    double number;
    struct moment m = {0};
    if (!wg_instant_parse(text, utc_offset_min, ms, NULL))
        return WG_OK;
    if (read_digits(text, &m) && is_moment(&m)) {
        *ms = ms_of(&m, utc_offset_min);
        return WG_OK;
    }
    if (text[strspn(text, "0123456789.")] == 0 &&
        wg_number_parse(text, &number) == WG_NUMBER_OK) {
        size_t digits = strspn(text, "0123456789");
        if (excel_days(number, utc_offset_min, ms))
            return WG_OK;
        if (digits == 10 || digits == 13) { /* since 1970, seconds or milliseconds */
            *ms = (int64_t)(number * (digits == 10 ? 1000 : 1));
            return WG_OK;
        }
    }
    m = (struct moment){0};
    bool read = read_slashes(text, &m);
    if (!read) {
        m = (struct moment){0};
        read = read_chinese(text, &m);
    }
    if (!read || !is_moment(&m))
        return WG_FORMAT;
    *ms = ms_of(&m, utc_offset_min);
    return WG_OK;
}

/* GDAL's zone flag: 0 unknown, 1 local time, 100 UTC, else quarters of an hour + 100. */
static bool from_table(struct wg_job *job, int i, int64_t *ms)
{
    struct moment m = {0};
    int zone = 0;
    float second = 0;
    if (!OGR_F_GetFieldAsDateTimeEx(job->feature, i, &m.year, &m.month, &m.day, &m.hour,
                                    &m.minute, &second, &zone))
        return false;
    m.second = floor((double)second * 1000 + 0.5) / 1000;
    if (!is_moment(&m))
        return false;
    *ms = ms_of(&m, zone > 1 ? (zone - 100) * 15 : job->opt->utc_offset_min);
    return true;
}

static bool keep_moment(struct wg_text *t, int64_t ms)
{
    if (!wg_grow((void **)&t->text, &t->cap, WG_INSTANT_SIZE, 1))
        return false;
    char text[WG_INSTANT_SIZE];
    wg_instant_format(ms, text);
    memcpy(t->text, text, sizeof text);
    return true;
}

static bool is_nothing(const char *text)
{
    double v;
    return wg_number_parse(text, &v) == WG_NUMBER_NONE;
}

const char *wg_field_time(struct wg_job *job, enum wg_field f)
{
    int i = job->field[f];
    int64_t ms;
    const char *text = NULL;
    if (i < 0 || !OGR_F_IsFieldSetAndNotNull(job->feature, i))
        return NULL;
    OGRFieldType type = OGR_Fld_GetType(OGR_F_GetFieldDefnRef(job->feature, i));
    bool read = (type == OFTDateTime || type == OFTDate) && from_table(job, i, &ms);
    if (!read) {
        if (wg_field_text(job, f, &text, NULL) || !text || is_nothing(text))
            return NULL;
        read = !wg_moment_parse(text, job->opt->utc_offset_min, &ms);
    }
    if (!read) {
        wg_field_junk(job, f, text);
        return NULL;
    }
    return keep_moment(&job->text[f], ms) ? job->text[f].text : NULL;
}
