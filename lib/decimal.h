/*
 * Numbers as text, always with a decimal point whatever the program's locale, and a
 * growing text to write them into.
 */
#ifndef WG_DECIMAL_H
#define WG_DECIMAL_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

/* The "C" locale; (locale_t)0 when memory is out. */
locale_t wg_decimal_locale(void);

/* Read a number at *at and step over it; false when there is none. */
bool wg_decimal_read(locale_t c, const char **at, double *out);

/* The shortest text that reads back as the same double; returns its length. */
#define WG_DECIMAL_SIZE 32
int wg_decimal_write(double value, char out[WG_DECIMAL_SIZE]);

struct wg_text {
    char *text;
    size_t n, cap;
    bool failed; /* memory was out: the text is useless */
};
void wg_text_add(struct wg_text *t, const char *text, size_t n);
void wg_text_put(struct wg_text *t, const char *text);
void wg_text_number(struct wg_text *t, double value); /* in the calling locale */

#endif
