/* Listings: a table for people, CSV, JSON. */
#include "out.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wangge/wangge.h>

void out_double(double value, char out[32])
{
    wg_number_write(value, out);
}

static int failure; /* why a write failed */

bool out_failed(void)
{
    if (!ferror(stdout))
        return false;
    if (!failure)
        failure = errno;
    return true;
}

bool out_flush(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) /* a failed write is tried once more */
        return true;
    if (!errno)
        errno = failure ? failure : EIO;
    return false;
}

/* One UTF-8 character; malformed bytes count one each. */
static uint32_t next_char(const unsigned char **p)
{
    uint32_t c = *(*p)++;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (more)
        c &= 0x3fu >> more;
    for (; more && (**p & 0xc0) == 0x80; more--)
        c = c << 6 | (*(*p)++ & 0x3fu);
    return c;
}

/* Characters two columns wide: East Asian Width W and F of Unicode 14, unassigned ones
 * counted with their neighbours. */
static const uint32_t wide[][2] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x23f0, 0x23f0},   {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x3247},   {0x3250, 0x4dbf},   {0x4e00, 0xa4c6},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfad9},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},
    {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x1b2fb}, {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320},
    {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca},
    {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e},
    {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e},
    {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4},
    {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2},
    {0x1f6d5, 0x1f6df}, {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7f0},
    {0x1f90c, 0x1f93a}, {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faf6},
    {0x20000, 0x3fffd}};

/* Combining marks, joiners and variation selectors take no room. */
static bool is_mark(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe00 && c <= 0xfe0f) ||
           (c >= 0xfe20 && c <= 0xfe2f) || (c >= 0xe0100 && c <= 0xe01ef);
}

static int char_width(uint32_t c)
{
    size_t lo = 0, hi = sizeof wide / sizeof *wide;
    if (c < 0x300)
        return 1;
    if (is_mark(c))
        return 0;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (wide[mid][1] < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < sizeof wide / sizeof *wide && wide[lo][0] <= c ? 2 : 1;
}

int out_width(const char *utf8)
{
    int width = 0;
    const unsigned char *p = (const unsigned char *)utf8;
    while (*p)
        width += char_width(next_char(&p));
    return width;
}

enum { SAMPLE = 200, WIDEST = 60 };

struct out_list {
    enum out_format format;
    size_t n, at;
    const struct out_column *column;
    char **cell; /* of the row being made; of the sample in tables */
    size_t rows, cap;
    int *width;
    bool header_done;
};

bool out_format_parse(const char *text, enum out_format *out)
{
    static const char *const names[] = {"table", "csv", "json"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (enum out_format)i;
            return true;
        }
    }
    return false;
}

static void *must(void *p)
{
    if (!p) {
        fputs("wangge: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

struct out_list *out_list_begin(enum out_format format, size_t n,
                                const struct out_column *column)
{
    struct out_list *list = must(calloc(1, sizeof *list));
    list->format = format;
    list->n = n;
    list->column = column;
    list->cap = format == OUT_TABLE ? SAMPLE : 1;
    list->cell = must(calloc(list->cap * n, sizeof *list->cell));
    list->width = must(calloc(n, sizeof *list->width));
    for (size_t i = 0; i < n; i++)
        list->width[i] = out_width(column[i].title);
    return list;
}

/* What stands before the first row; printed late, so that a question that fails at once
 * leaves nothing on stdout. */
static void head(struct out_list *list)
{
    if (list->header_done)
        return;
    list->header_done = true;
    if (list->format == OUT_JSON) {
        json_open(NULL, '[');
    } else if (list->format == OUT_CSV) {
        for (size_t i = 0; i < list->n; i++)
            printf("%s%s", i ? "," : "", list->column[i].name);
        fputs("\r\n", stdout);
    }
}

static void csv_cell(const char *text)
{
    if (!strpbrk(text, "\",\r\n")) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

/* The name of the next JSON field; opens the row before its first. */
static const char *next_name(struct out_list *list)
{
    if (list->at == 0) {
        head(list);
        json_open(NULL, '{');
    }
    return list->column[list->at++].name;
}

static void put(struct out_list *list, const char *text)
{
    char **cell = &list->cell[list->rows * list->n + list->at++];
    *cell = text ? must(strdup(text)) : NULL;
}

void out_text(struct out_list *list, const char *value)
{
    if (list->format == OUT_JSON)
        json_text(next_name(list), value);
    else
        put(list, value);
}

void out_int(struct out_list *list, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    if (list->format != OUT_JSON)
        put(list, value == WG_UNKNOWN ? NULL : text);
    else if (value == WG_UNKNOWN)
        json_null(next_name(list));
    else
        json_int(next_name(list), value);
}

void out_null(struct out_list *list)
{
    out_int(list, WG_UNKNOWN);
}

void out_known_int(struct out_list *list, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    if (list->format == OUT_JSON)
        json_int(next_name(list), value);
    else
        put(list, text);
}

void out_real(struct out_list *list, double value, int decimals)
{
    char text[64];
    if (list->format == OUT_TABLE)
        snprintf(text, sizeof text, "%.*f", decimals, value);
    else
        out_double(value, text);
    if (list->format != OUT_JSON)
        put(list, isfinite(value) ? text : NULL);
    else
        json_real(next_name(list), value);
}

/* A cell on one line, cut to a width with an ellipsis. */
static void table_cell(const char *text, int width, bool right, bool last)
{
    int full = out_width(text), room = width;
    if (full <= width) {
        if (right)
            printf("%*s", width - full, "");
        for (const char *p = text; *p; p++)
            putchar(*p == '\n' || *p == '\r' || *p == '\t' ? ' ' : *p);
        if (!right && !last)
            printf("%*s", width - full, "");
        return;
    }
    const unsigned char *p = (const unsigned char *)text;
    while (*p) {
        const unsigned char *q = p;
        int w = char_width(next_char(&q));
        if (room - w < 1)
            break;
        room -= w;
        for (; p < q; p++)
            putchar(*p < 0x20 ? ' ' : *p);
    }
    printf("…%*s", last ? 0 : room - 1, "");
}

static void table_flush(struct out_list *list)
{
    for (size_t r = 0; !list->header_done && r < list->rows; r++) {
        for (size_t i = 0; i < list->n; i++) {
            const char *text = list->cell[r * list->n + i];
            int w = text ? out_width(text) : 0;
            if (w > list->width[i])
                list->width[i] = w < WIDEST ? w : WIDEST;
        }
    }
    if (!list->header_done) {
        for (size_t i = 0; i < list->n; i++) {
            table_cell(list->column[i].title, list->width[i],
                       list->column[i].kind != OUT_TEXT, i + 1 == list->n);
            fputs(i + 1 == list->n ? "\n" : "  ", stdout);
        }
        list->header_done = true;
    }
    for (size_t r = 0; r < list->rows; r++) {
        for (size_t i = 0; i < list->n; i++) {
            char *text = list->cell[r * list->n + i];
            table_cell(text ? text : "", list->width[i], list->column[i].kind != OUT_TEXT,
                       i + 1 == list->n);
            fputs(i + 1 == list->n ? "\n" : "  ", stdout);
            free(text);
            list->cell[r * list->n + i] = NULL;
        }
    }
    list->rows = 0;
}

void out_row(struct out_list *list)
{
    if (list->format == OUT_JSON) {
        json_close('}');
    } else if (list->format == OUT_CSV) {
        head(list);
        for (size_t i = 0; i < list->n; i++) {
            if (i)
                putchar(',');
            csv_cell(list->cell[i] ? list->cell[i] : "");
            free(list->cell[i]);
            list->cell[i] = NULL;
        }
        fputs("\r\n", stdout);
    } else if (++list->rows == list->cap) {
        table_flush(list);
    }
    list->at = 0;
}

void out_list_end(struct out_list *list, bool ok)
{
    bool print = ok || list->header_done || list->rows;
    if (print && list->format == OUT_TABLE)
        table_flush(list);
    else if (print)
        head(list);
    if (print && list->format == OUT_JSON) {
        json_close(']');
        json_end();
    }
    free(list->cell);
    free(list->width);
    free(list);
}
