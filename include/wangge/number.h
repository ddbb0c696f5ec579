#ifndef WANGGE_NUMBER_H
#define WANGGE_NUMBER_H
/*
 * Numbers as text: exact, fast, and with a decimal point whatever the program's locale.
 * Pure functions; any thread.
 */
#include "wangge/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What strtod() reads in the "C" locale, bit for bit: *end is set behind the number, or
 * to text (and 0 comes back) where there is none.  The text ends with a byte that is no
 * part of a number, such as its NUL.  `limit` (NULL: unknown) is where the memory that
 * may be read ends; it makes long numbers faster. */
WG_API double wg_number_read(const char *text, const char *limit, const char **end);

/* Fifteen digits, or sixteen or seventeen where the number would not read back as the
 * same double; as printf("%.15g") writes them.  Returns the length. */
#define WG_NUMBER_SIZE 32
WG_API int wg_number_write(double value, char out[WG_NUMBER_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
