/* A JSON text on stdout. */
#include <math.h>

#include "out.h"

enum { DEPTH = 16 };

static struct {
    bool comma[DEPTH]; /* something stands before at this depth */
    int depth;
    bool begun; /* something is on stdout */
} json;

/* Bytes of the well-formed UTF-8 character at p, 0 when there is none. */
static int utf8_length(const unsigned char *p)
{
    int n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (p[0] > 0xf4)
        return 0;
    for (int i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xed && p[1] > 0x9f;
    bool beyond = p[0] == 0xf4 && p[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : n;
}

/* Other programs may have stored any bytes: what is no UTF-8 becomes U+FFFD. */
static void quoted(const char *text)
{
    putchar('"');
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        int n = utf8_length(p);
        if (n == 0)
            fputs("\\ufffd", stdout);
        else if (*p == '"' || *p == '\\')
            printf("\\%c", *p);
        else if (*p == '\n')
            fputs("\\n", stdout);
        else if (*p < 0x20 || *p == 0x7f)
            printf("\\u%04x", *p);
        else
            fwrite(p, 1, (size_t)n, stdout);
        p += n ? n : 1;
    }
    putchar('"');
}

static void begin(const char *key)
{
    json.begun = true;
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

void json_raw(const char *key, const char *value)
{
    begin(key);
    fputs(value ? value : "null", stdout);
}

void json_null(const char *key)
{
    json_text(key, NULL);
}

bool json_begun(void)
{
    return json.begun;
}

void json_end(void)
{
    putchar('\n');
    json.depth = 0;
    json.comma[0] = false;
}
