/*
 * Numbers as text, always with a decimal point whatever the program's locale, and a
 * growing text to write them into.
 */
#ifndef WG_DECIMAL_H
#define WG_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/* Read a number at *at and step over it; false when there is none. */
bool wg_decimal_read(const char **at, double *out);

struct wg_text {
    char *text;
    size_t n, cap;
    bool failed; /* memory was out: the text is useless */
};
void wg_text_add(struct wg_text *t, const char *text, size_t n);
void wg_text_put(struct wg_text *t, const char *text);
void wg_text_number(struct wg_text *t, double value);

#endif
