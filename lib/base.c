/* Status names, the version, the words of a failure, and growing memory. */
#include "internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wangge/crs.h"

static const char *const status_names[] = {
    [WG_OK] = "ok",
    [WG_NO_MEMORY] = "no-memory",
    [WG_INVALID] = "invalid",
    [WG_IO] = "io",
    [WG_FORMAT] = "format",
    [WG_NOT_OURS] = "not-ours",
    [WG_NEWER] = "newer",
    [WG_NETWORK_FS] = "network-fs",
    [WG_READ_ONLY] = "read-only",
    [WG_BUSY] = "busy",
    [WG_CORRUPT] = "corrupt",
    [WG_NOT_FOUND] = "not-found",
    [WG_EXISTS] = "exists",
    [WG_CONSTRAINT] = "constraint",
    [WG_CRS] = "crs",
    [WG_OUT_OF_RANGE] = "out-of-range",
    [WG_NO_CONVERGENCE] = "no-convergence",
    [WG_GEOMETRY] = "geometry",
    [WG_CANCELLED] = "cancelled",
    [WG_INTERNAL] = "internal",
    [WG_CONFLICT] = "conflict",
};

const char *wg_status_name(enum wg_status status)
{
    size_t at = (size_t)status;
    if (at >= sizeof status_names / sizeof status_names[0])
        return "unknown";
    return status_names[at];
}

const char *wg_version(void)
{
    return WG_VERSION;
}

/* End a text that did not fit with an ellipsis, never inside a UTF-8 character. */
static void end_short(char *text, size_t size)
{
    size_t end = size - sizeof "…";
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, "…", sizeof "…");
}

static void WG_PRINTF(6, 0) fill(struct wg_error *err, enum wg_status status, int64_t row,
                                 double x, double y, const char *format, va_list args)
{
    if (!err)
        return;
    /* An argument may point into *err itself (a cause being wrapped): print aside. */
    char text[sizeof err->text];
    int length = vsnprintf(text, sizeof text, format, args);
    if (length < 0)
        text[0] = '\0';
    else if ((size_t)length >= sizeof text)
        end_short(text, sizeof text);
    err->status = status;
    err->row = row;
    err->x = x;
    err->y = y;
    memcpy(err->text, text, sizeof text);
}

enum wg_status wg_fail(struct wg_error *err, enum wg_status status, const char *format,
                       ...)
{
    va_list args;
    va_start(args, format);
    fill(err, status, -1, NAN, NAN, format, args);
    va_end(args);
    return status;
}

enum wg_status wg_fail_row(struct wg_error *err, enum wg_status status, int64_t row,
                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, status, row, NAN, NAN, format, args);
    va_end(args);
    return status;
}

enum wg_status wg_fail_at(struct wg_error *err, enum wg_status status, double x, double y,
                          const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, status, -1, x, y, format, args);
    va_end(args);
    return status;
}

enum wg_status wg_fail_memory(struct wg_error *err)
{
    return wg_fail(err, WG_NO_MEMORY,
                   _("Memory is used up. Close other programs or work on fewer "
                     "objects at a time."));
}

bool wg_grow(void **array, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return true;
    size_t most = (size_t)PTRDIFF_MAX / size;
    if (need > most)
        return false;
    size_t next = *cap > most / 2 ? most : *cap * 2;
    if (next < 16)
        next = most < 16 ? most : 16;
    if (next < need)
        next = need;
    void *grown = realloc(*array, next * size);
    if (!grown)
        return false;
    *array = grown;
    *cap = next;
    return true;
}

char *wg_strdup(const char *text)
{
    return text ? strdup(text) : NULL;
}

bool wg_text_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a, b) == 0;
}

static int fold(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

bool wg_text_equal_fold(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return fold(*a) == fold(*b);
}

void wg_free(void *p)
{
    free(p);
}
