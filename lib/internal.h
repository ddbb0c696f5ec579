/* What every module of the library shares: error words, memory, translations. */
#ifndef WG_INTERNAL_H
#define WG_INTERNAL_H

#include <libintl.h>
#include <stdlib.h>

#include "wangge/base.h"

#define _(text) dgettext("wangge", text)
#define N_(text) text

/* Write the words of a failure and return its status.  err may be NULL. */
enum wg_status wg_fail(struct wg_error *err, enum wg_status status, const char *format,
                       ...) WG_PRINTF(3, 4);
/* The same with a row (line, feature, id) or a place. */
enum wg_status wg_fail_row(struct wg_error *err, enum wg_status status, int64_t row,
                           const char *format, ...) WG_PRINTF(4, 5);
enum wg_status wg_fail_at(struct wg_error *err, enum wg_status status, double x, double y,
                          const char *format, ...) WG_PRINTF(5, 6);
enum wg_status wg_fail_memory(struct wg_error *err);

/* Grow an array so that it holds at least `need` elements of `size` bytes; *cap is its
 * capacity.  Doubles.  False when memory is out (the array is untouched). */
bool wg_grow(void **array, size_t *cap, size_t need, size_t size);

char *wg_strdup(const char *text); /* NULL stays NULL */
bool wg_text_equal(const char *a, const char *b);        /* NULL equals NULL */
bool wg_text_equal_fold(const char *a, const char *b);   /* ASCII case folded */

#endif
