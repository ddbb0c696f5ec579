/* Owns numbers as text, whatever the program's locale. */
#include "decimal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

locale_t wg_decimal_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

bool wg_decimal_read(locale_t c, const char **at, double *out)
{
    const char *p = *at;
    char *end;

    /* strtod would also take "nan", "inf" and hexadecimal. */
    if (*p == '-' || *p == '+')
        p++;
    if (*p == '.')
        p++;
    if (*p < '0' || *p > '9' || (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')))
        return false;
    *out = strtod_l(*at, &end, c);
    *at = end;
    return true;
}

int wg_decimal_write(double value, char out[WG_DECIMAL_SIZE])
{
    int n = 0;

    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, WG_DECIMAL_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return n;
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
    char number[WG_DECIMAL_SIZE];

    wg_text_add(t, number, (size_t)wg_decimal_write(value, number));
}
