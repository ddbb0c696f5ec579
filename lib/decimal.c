/* Owns numbers as text, whatever the program's locale. */
#include "decimal.h"

#include <string.h>

#include "internal.h"
#include "wangge/number.h"

bool wg_decimal_read(const char **at, double *out)
{
    const char *p = *at;

    /* strtod would also take "nan", "inf" and hexadecimal. */
    if (*p == '-' || *p == '+')
        p++;
    if (*p == '.')
        p++;
    if (*p < '0' || *p > '9' || (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')))
        return false;
    *out = wg_number_read(*at, NULL, at);
    return true;
}

void wg_text_add(struct wg_text *t, const char *text, size_t n)
{
    void *array = t->text;

    if (t->failed)
        return;
    if (!wg_grow(&array, &t->cap, t->n + n + 1, 1)) {
        t->failed = true;
        return;
    }
    t->text = array;
    memcpy(t->text + t->n, text, n);
    t->n += n;
    t->text[t->n] = '\0';
}

void wg_text_put(struct wg_text *t, const char *text)
{
    wg_text_add(t, text, strlen(text));
}

void wg_text_number(struct wg_text *t, double value)
{
    char number[WG_NUMBER_SIZE];

    wg_text_add(t, number, (size_t)wg_number_write(value, number));
}
