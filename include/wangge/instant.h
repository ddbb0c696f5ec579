#ifndef WANGGE_INSTANT_H
#define WANGGE_INSTANT_H
/*
 * Moments in time.  In memory: milliseconds since 1970-01-01T00:00:00Z.  In the
 * database: ISO 8601 UTC text with milliseconds, "2026-11-24T08:31:00.000Z", which
 * sorts as time does.  Pure, re-entrant.
 */
#include "wangge/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WG_INSTANT_SIZE 25     /* bytes of the text form with its NUL */
#define WG_INSTANT_NONE INT64_MIN

WG_API int64_t wg_instant_now(void);
/* WG_INSTANT_NONE is the empty text; moments outside the years 0001 to 9999 are cut to
 * their ends. */
WG_API void wg_instant_format(int64_t ms, char out[WG_INSTANT_SIZE]);
/* Reads "YYYY-MM-DD" or "YYYY/M/D", with optional "T" or " " and hh:mm[:ss[.fff]] and
 * optional "Z", "+hh", "+hhmm" or "+hh:mm" (after the time; "Z" also after a date).
 * Digits after the millisecond are cut off; space around the text is skipped.  Where
 * the text has no zone, utc_offset_min (east positive) is taken.  WG_FORMAT for
 * anything else, also 31 February and a leap second. */
WG_API enum wg_status wg_instant_parse(const char *text, int utc_offset_min, int64_t *ms,
                                       struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
