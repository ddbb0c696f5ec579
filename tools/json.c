/* A JSON text on stdout. */
#include <math.h>

#include "out.h"

enum { DEPTH = 16 };

static struct {
    bool comma[DEPTH]; /* something stands before at this depth */
    int depth;
} json;

static void quoted(const char *text)
{
    putchar('"');
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            printf("\\%c", *p);
        else if (*p == '\n')
            fputs("\\n", stdout);
        else if (*p < 0x20 || *p == 0x7f)
            printf("\\u%04x", *p);
        else
            putchar(*p);
    }
    putchar('"');
}

static void begin(const char *key)
{
    if (json.comma[json.depth])
        fputs(", ", stdout);
    else if (json.depth)
        json.comma[json.depth] = true;
    if (key) {
        quoted(key);
        fputs(": ", stdout);
    }
}

void json_open(const char *key, char bracket)
{
    begin(key);
    putchar(bracket);
    if (json.depth + 1 < DEPTH)
        json.depth++;
    json.comma[json.depth] = false;
}

void json_close(char bracket)
{
    putchar(bracket);
    if (json.depth)
        json.depth--;
    if (json.depth == 1) /* one object a line in a long array */
        putchar('\n');
}

void json_text(const char *key, const char *value)
{
    begin(key);
    if (value)
        quoted(value);
    else
        fputs("null", stdout);
}

void json_int(const char *key, int64_t value)
{
    begin(key);
    printf("%lld", (long long)value);
}

void json_real(const char *key, double value)
{
    char text[32];
    begin(key);
    if (isfinite(value)) {
        out_double(value, text);
        fputs(text, stdout);
    } else {
        fputs("null", stdout);
    }
}

void json_bool(const char *key, bool value)
{
    begin(key);
    fputs(value ? "true" : "false", stdout);
}

void json_null(const char *key)
{
    json_text(key, NULL);
}

void json_end(void)
{
    putchar('\n');
    json.depth = 0;
    json.comma[0] = false;
}
