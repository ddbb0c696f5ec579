/* Grid codes: forms, checks, sequence numbers and the first numbering. */
#include "wangge/code.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "wangge/rows.h"

#define FREE_DIGITS 3        /* a free form's sequence is padded to the default's */
#define DEFAULT_BAND_M 100.0 /* the side of a 10,000 m² unit grid */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- forms ---- */

static bool read_form(const char *text, struct wg_code_form *out)
{
    struct wg_code_form form = {0};
    uint32_t total = 0;
    for (;; text++) {
        uint32_t digits = 0;
        if (!is_digit(*text) || form.n_segment == WG_CODE_SEGMENTS_MAX)
            return false;
        for (; is_digit(*text) && digits <= WG_CODE_MAX; text++)
            digits = digits * 10 + (uint32_t)(*text - '0');
        total += digits;
        if (digits == 0 || total > WG_CODE_MAX)
            return false;
        form.digits[form.n_segment++] = digits;
        if (*text == '\0')
            break;
        if (*text != '+')
            return false;
    }
    *out = form;
    return true;
}

enum wg_status wg_code_form_parse(const char *text, struct wg_code_form *out,
                                  struct wg_error *err)
{
    struct wg_code_form form = {0};
    if (text && *text && !wg_text_equal_fold(text, "free") && !read_form(text, &form))
        return wg_fail(
            err, WG_FORMAT,
            _("\"%.60s\" is no code form. Write the digits of each segment, at "
              "most %d segments and %d digits in all, like 6+3+3+3, or free."),
            text, WG_CODE_SEGMENTS_MAX, WG_CODE_MAX);
    *out = form;
    return WG_OK;
}

uint32_t wg_code_form_length(const struct wg_code_form *form)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < form->n_segment; i++)
        total += form->digits[i];
    return total;
}

struct wg_code_form wg_code_form_at(const struct wg_code_form *form, int level)
{
    struct wg_code_form at = *form;
    uint32_t fewer = level < WG_LEVEL_GRID ? (uint32_t)(WG_LEVEL_GRID - level) : 0;
    if (level > WG_LEVEL_GRID)
        at.n_segment = 0;
    else if (at.n_segment > 0)
        at.n_segment = fewer < at.n_segment ? at.n_segment - fewer : 1;
    return at;
}

/* ---- checking ---- */

static enum wg_status check_free(const char *code, struct wg_error *err)
{
    size_t length = strlen(code);
    if (length == 0)
        return wg_fail(err, WG_FORMAT, _("The code is empty. Give the grid a code."));
    if (length > WG_CODE_MAX)
        return wg_fail(err, WG_FORMAT, _("Code \"%.80s\" is longer than %d bytes."), code,
                       WG_CODE_MAX);
    for (const unsigned char *c = (const unsigned char *)code; *c; c++)
        if (*c < 0x20 || *c == 0x7F || (c[0] == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0))
            return wg_fail(err, WG_FORMAT,
                           _("The code has a control character at byte %d. Remove it."),
                           (int)(c - (const unsigned char *)code) + 1);
    return WG_OK;
}

static enum wg_status fail_segment(const struct wg_code_form *form, const char *code,
                                   uint32_t segment, uint32_t start, struct wg_error *err)
{
    uint32_t digits = form->digits[segment];
    size_t length = strnlen(code + start, digits);
    while (length > 0 && ((unsigned char)code[start + length] & 0xC0) == 0x80)
        length--; /* not inside a UTF-8 character */
    return wg_fail(err, WG_FORMAT,
                   _("Code \"%.80s\" is wrong in segment %u: \"%.*s\" should be the %u "
                     "digits %u to %u."),
                   code, (unsigned)(segment + 1), (int)length, code + start,
                   (unsigned)digits, (unsigned)(start + 1), (unsigned)(start + digits));
}

/* Check the first n segments; *end is where they end. */
static enum wg_status check_segments(const struct wg_code_form *form, const char *code,
                                     uint32_t n, uint32_t *end, uint32_t *bad,
                                     struct wg_error *err)
{
    uint32_t at = 0;
    for (uint32_t s = 0; s < n; s++) {
        for (uint32_t i = 0; i < form->digits[s]; i++)
            if (!is_digit(code[at + i])) {
                *bad = s;
                return fail_segment(form, code, s, at, err);
            }
        at += form->digits[s];
    }
    *end = at;
    return WG_OK;
}

enum wg_status wg_code_check(const struct wg_code_form *form, const char *code,
                             uint32_t *bad_segment, struct wg_error *err)
{
    uint32_t end = 0, bad = 0;
    enum wg_status status;
    code = code ? code : "";
    if (form->n_segment == 0) {
        status = check_free(code, err);
    } else {
        status = check_segments(form, code, form->n_segment, &end, &bad, err);
        if (!status && code[end] != '\0') {
            bad = form->n_segment;
            status = wg_fail(err, WG_FORMAT,
                             _("Code \"%.80s\" is too long: it has %zu bytes, the form "
                               "%u digits."),
                             code, strlen(code), (unsigned)end);
        }
    }
    if (status && bad_segment)
        *bad_segment = bad;
    return status;
}

int wg_code_compare(const char *a, const char *b)
{
    int order = strcmp(a ? a : "", b ? b : "");
    return (order > 0) - (order < 0);
}

/* ---- sequence numbers ---- */

static uint32_t sequence_digits(const struct wg_code_form *form)
{
    return form->n_segment ? form->digits[form->n_segment - 1] : FREE_DIGITS;
}

/* A prefix is what stands before the last segment, whole. */
static enum wg_status check_prefix(const struct wg_code_form *form, const char *prefix,
                                   struct wg_error *err)
{
    uint32_t end = 0, bad = 0;
    if (form->n_segment == 0)
        return *prefix ? check_free(prefix, err) : WG_OK;
    enum wg_status status =
        check_segments(form, prefix, form->n_segment - 1, &end, &bad, err);
    if (!status && prefix[end] != '\0')
        status = wg_fail(err, WG_FORMAT,
                         _("Prefix \"%.80s\" is too long: the form has %u digits before "
                           "the sequence number."),
                         prefix, (unsigned)end);
    return status;
}

static enum wg_status make(const struct wg_code_form *form, const char *prefix,
                           uint64_t sequence, char *out, struct wg_error *err)
{
    char number[24];
    uint32_t digits = sequence_digits(form);
    size_t before = strlen(prefix);
    int length = snprintf(number, sizeof number, "%llu", (unsigned long long)sequence);
    size_t pad = (uint32_t)length < digits ? digits - (uint32_t)length : 0;
    bool full = sequence > UINT32_MAX || before + pad + (size_t)length > WG_CODE_MAX ||
                (form->n_segment && (uint32_t)length > digits);
    if (full)
        return wg_fail(err, WG_OUT_OF_RANGE,
                       _("The sequence under \"%.80s\" is full: %llu does not fit in %u "
                         "digits. Withdrawn codes are not used again; give the grid to "
                         "another prefix or take a form with a longer last segment."),
                       prefix, (unsigned long long)sequence, (unsigned)digits);
    memmove(out, prefix, before); /* out may be the prefix */
    memset(out + before, '0', pad);
    memcpy(out + before + pad, number, (size_t)length + 1);
    return WG_OK;
}

enum wg_status wg_code_make(const struct wg_code_form *form, const char *prefix,
                            uint32_t sequence, char *out, struct wg_error *err)
{
    prefix = prefix ? prefix : "";
    enum wg_status status = check_prefix(form, prefix, err);
    return status ? status : make(form, prefix, sequence, out, err);
}

/* The sequence number of a code under a prefix, 0 when it is none of ours. */
static uint64_t sequence_of(const struct wg_code_form *form, const char *code,
                            const char *prefix)
{
    size_t before = strlen(prefix), digits = 0;
    uint64_t value = 0;
    if (!code || strncmp(code, prefix, before) != 0)
        return 0;
    for (const char *c = code + before; *c; c++, digits++) {
        if (!is_digit(*c))
            return 0;
        if (value < UINT64_MAX / 20) /* further is full in any case */
            value = value * 10 + (uint64_t)(*c - '0');
    }
    if (form->n_segment && digits != sequence_digits(form))
        return 0;
    return value;
}

enum wg_status wg_code_next(const struct wg_code_form *form, const char *prefix,
                            size_t n_issued, const char *const *issued, char *out,
                            struct wg_error *err)
{
    uint64_t highest = 0;
    prefix = prefix ? prefix : "";
    enum wg_status status = check_prefix(form, prefix, err);
    if (status)
        return status;
    for (size_t i = 0; i < n_issued; i++) {
        uint64_t sequence = sequence_of(form, issued[i], prefix);
        highest = sequence > highest ? sequence : highest;
    }
    return make(form, prefix, highest + 1, out, err);
}

/* ---- first numbering ---- */

struct place {
    double band, x, y;
    uint32_t index;
};

static int by_reading(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    if (p->band != q->band)
        return p->band < q->band ? -1 : 1;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y > q->y ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static int by_size(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

/* The median height of the boxes that have one; `heights` has room for n. */
static double median_height(size_t n, const struct wg_box *boxes, double *heights)
{
    size_t m = 0;
    for (size_t i = 0; boxes && i < n; i++) {
        double height = boxes[i].max_y - boxes[i].min_y;
        if (height > 0 && isfinite(height))
            heights[m++] = height;
    }
    if (m == 0)
        return DEFAULT_BAND_M;
    qsort(heights, m, sizeof *heights, by_size);
    return m % 2 ? heights[m / 2] : (heights[m / 2 - 1] + heights[m / 2]) / 2;
}

/* Points without a place come last, in order of index. */
static void fill_places(size_t n, const struct wg_point *centroid, double band_m,
                        struct place *places)
{
    double top = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (isfinite(centroid[i].x) && isfinite(centroid[i].y))
            top = fmax(top, centroid[i].y);
    for (size_t i = 0; i < n; i++) {
        struct wg_point c = centroid[i];
        places[i] = (struct place){INFINITY, 0, 0, (uint32_t)i};
        if (isfinite(c.x) && isfinite(c.y))
            places[i] =
                (struct place){floor((top - c.y) / band_m), c.x, c.y, (uint32_t)i};
    }
}

enum wg_status wg_code_order(size_t n, const struct wg_point *centroid,
                             const struct wg_box *boxes, double band_m, uint32_t *order,
                             struct wg_error *err)
{
    if (n == 0)
        return WG_OK;
    if (n > UINT32_MAX || n > SIZE_MAX / sizeof(struct place))
        return wg_fail(err, WG_INVALID, _("%zu grids are too many to number at once."),
                       n);
    struct place *places = malloc(n * sizeof *places);
    if (!places)
        return wg_fail_memory(err);
    if (!(band_m > 0 &&
          isfinite(band_m))) /* the places' room is large enough for the heights */
        band_m = median_height(n, boxes, (double *)(void *)places);
    fill_places(n, centroid, band_m, places);
    qsort(places, n, sizeof *places, by_reading);
    for (size_t i = 0; i < n; i++)
        order[i] = places[i].index;
    free(places);
    return WG_OK;
}
