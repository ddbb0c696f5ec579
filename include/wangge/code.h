#ifndef WANGGE_CODE_H
#define WANGGE_CODE_H
/*
 * Grid codes: digits in segments of configurable length.  The default form,
 * "6+3+3+3", is county and above + street + community + grid sequence (15 digits).
 * Which digits an authority has really issued is data, not code: these functions
 * check form only and claim no conformity to any standard.
 */
#include "wangge/base.h"
#include "wangge/geom.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WG_CODE_MAX 63          /* longest code, in bytes */
#define WG_CODE_SEGMENTS_MAX 8
#define WG_CODE_DEFAULT "6+3+3+3"

struct wg_code_form {
    uint32_t n_segment;
    uint32_t digits[WG_CODE_SEGMENTS_MAX];
};

/* Parse "6+3+3+3".  The text "free" (and "") is the form that accepts any code of
 * 1 … WG_CODE_MAX bytes without control characters: n_segment is 0. */
WG_API enum wg_status wg_code_form_parse(const char *text, struct wg_code_form *out,
                                         struct wg_error *err);
WG_API uint32_t wg_code_form_length(const struct wg_code_form *form);

/* The form of codes at a level (enum wg_level of rows.h): a grid's code has all the
 * segments, a community's all but the last, a street's all but the last two and so on,
 * at least one.  Below the grid (micro-grids) any code will do. */
WG_API struct wg_code_form wg_code_form_at(const struct wg_code_form *form, int level);

/* Check a code against a form.  On WG_FORMAT `*bad_segment` (may be NULL) is the
 * 0-based segment that is wrong, n_segment when the code is too long. */
WG_API enum wg_status wg_code_check(const struct wg_code_form *form, const char *code,
                                    uint32_t *bad_segment, struct wg_error *err);

/* Compare two codes bytewise: the order of "lowest code" everywhere (the same as
 * SQLite's BINARY collation). */
WG_API int wg_code_compare(const char *a, const char *b);

/* Write prefix + sequence number into `out` (WG_CODE_MAX + 1 bytes), zero-padded to
 * the last segment (in the free form to 3 digits).  The prefix is every segment but the
 * last, whole.  WG_OUT_OF_RANGE when the sequence does not fit ("sequence full"). */
WG_API enum wg_status wg_code_make(const struct wg_code_form *form, const char *prefix,
                                   uint32_t sequence, char *out, struct wg_error *err);

/* The next code under a prefix: the highest sequence ever issued + 1.  `issued` must
 * hold every code the scheme ever had, withdrawn ones too: they are never re-used. */
WG_API enum wg_status wg_code_next(const struct wg_code_form *form, const char *prefix,
                                   size_t n_issued, const char *const *issued, char *out,
                                   struct wg_error *err);

/* First numbering: reading order, north-west first.  The points (grid centroids) are
 * cut into bands of `band_m` metres of northing counted from the northernmost one;
 * bands run north → south, inside a band west → east; ties north first, then by
 * index.  band_m <= 0 takes the median height of the grids' boxes when `boxes` is
 * given, else 100 m.  order[i] is the index of the i-th point in reading order. */
WG_API enum wg_status wg_code_order(size_t n, const struct wg_point *centroid,
                                    const struct wg_box *boxes, double band_m,
                                    uint32_t *order, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
