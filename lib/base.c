/* Status names, error words, growing arrays, copies of text. */
#include "internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wangge/crs.h"

const char *wg_status_name(enum wg_status status)
{
    switch (status) {
    case WG_OK:
        return "ok";
    case WG_NO_MEMORY:
        return "no-memory";
    case WG_INVALID:
        return "invalid";
    case WG_IO:
        return "io";
    case WG_FORMAT:
        return "format";
    case WG_NOT_OURS:
        return "not-ours";
    case WG_NEWER:
        return "newer";
    case WG_NETWORK_FS:
        return "network-fs";
    case WG_READ_ONLY:
        return "read-only";
    case WG_BUSY:
        return "busy";
    case WG_CORRUPT:
        return "corrupt";
    case WG_NOT_FOUND:
        return "not-found";
    case WG_EXISTS:
        return "exists";
    case WG_CONSTRAINT:
        return "constraint";
    case WG_CRS:
        return "crs";
    case WG_OUT_OF_RANGE:
        return "out-of-range";
    case WG_NO_CONVERGENCE:
        return "no-convergence";
    case WG_GEOMETRY:
        return "geometry";
    case WG_CANCELLED:
        return "cancelled";
    case WG_INTERNAL:
        return "internal";
    }
    return "unknown";
}

const char *wg_version(void)
{
    return WG_VERSION;
}

void wg_free(void *p)
{
    free(p);
}

static enum wg_status fail(struct wg_error *err, enum wg_status status, int64_t row,
                           double x, double y, const char *format, va_list args)
{
    if (!err)
        return status;
    err->status = status;
    err->row = row;
    err->x = x;
    err->y = y;
    int n = vsnprintf(err->text, sizeof err->text, format, args);
    if (n >= (int)sizeof err->text) { /* never end inside a UTF-8 character */
        size_t end = sizeof err->text - 4;
        while (end > 0 && ((unsigned char)err->text[end] & 0xc0) == 0x80)
            end--;
        memcpy(err->text + end, "…", sizeof "…");
    }
    return status;
}

enum wg_status wg_fail(struct wg_error *err, enum wg_status status, const char *format,
                       ...)
{
    va_list args;
    va_start(args, format);
    fail(err, status, -1, NAN, NAN, format, args);
    va_end(args);
    return status;
}

enum wg_status wg_fail_row(struct wg_error *err, enum wg_status status, int64_t row,
                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(err, status, row, NAN, NAN, format, args);
    va_end(args);
    return status;
}

enum wg_status wg_fail_at(struct wg_error *err, enum wg_status status, double x, double y,
                          const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(err, status, -1, x, y, format, args);
    va_end(args);
    return status;
}

enum wg_status wg_fail_memory(struct wg_error *err)
{
    return wg_fail(err, WG_NO_MEMORY, "%s", _("Out of memory."));
}

bool wg_grow(void **array, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return true;
    size_t more = *cap ? 2 * *cap : 16;
    if (more < need)
        more = need;
    if (more > SIZE_MAX / size)
        return false;
    void *p = realloc(*array, more * size);
    if (!p)
        return false;
    *array = p;
    *cap = more;
    return true;
}

char *wg_strdup(const char *text)
{
    return text ? strdup(text) : NULL;
}

bool wg_text_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool wg_text_equal_fold(const char *a, const char *b)
{
    if (a == b)
        return true;
    if (!a || !b)
        return false;
    for (; *a && *b; a++, b++) {
        int p = *a >= 'A' && *a <= 'Z' ? *a + 32 : *a;
        int q = *b >= 'A' && *b <= 'Z' ? *b + 32 : *b;
        if (p != q)
            return false;
    }
    return *a == *b;
}
