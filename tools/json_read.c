/* Reading one flat JSON object (RFC 8259) a line, in place. */
#include "json_read.h"

#include <stdint.h>
#include <string.h>
#include <wangge/wangge.h>

#include "i18n.h"

struct reader {
    char *at, *end;
    const char *why;
};

static bool wrong(struct reader *r, const char *why)
{
    if (!r->why)
        r->why = why;
    return false;
}

static void skip_space(struct reader *r)
{
    while (r->at < r->end && *r->at && strchr(" \t\r\n", *r->at))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* ---- texts ---- */

static bool hex4(struct reader *r, uint32_t *out)
{
    *out = 0;
    if (r->end - r->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = *r->at++;
        uint32_t d = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                            : 16;
        if (d > 15)
            return false;
        *out = *out << 4 | d;
    }
    return true;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* \uD83D\uDE00 is one character; half of such a pair is none. */
static bool take_unicode(struct reader *r, char **to)
{
    uint32_t c, low;
    if (!hex4(r, &c))
        return wrong(r, _("\\u wants four hexadecimal digits"));
    if (c >= 0xD800 && c < 0xDC00) {
        if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u')
            return wrong(r, _("half of a surrogate pair"));
        r->at += 2;
        if (!hex4(r, &low) || low < 0xDC00 || low > 0xDFFF)
            return wrong(r, _("half of a surrogate pair"));
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c >= 0xDC00 && c < 0xE000) {
        return wrong(r, _("half of a surrogate pair"));
    }
    if (c == 0)
        return wrong(r, _("a text cannot hold the character zero"));
    *to = put_utf8(*to, c);
    return true;
}

static bool take_escape(struct reader *r, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->end ? *r->at++ : 0;
    const char *known = c ? strchr(from, c) : NULL;
    if (c == 'u')
        return take_unicode(r, to);
    if (!known)
        return wrong(r, _("an unknown escape in a text"));
    *(*to)++ = into[known - from];
    return true;
}

/* In place: what is read is never shorter than what is written. */
static bool take_text(struct reader *r, const char **out)
{
    if (!take(r, '"'))
        return wrong(r, _("a text in double quotes is wanted here"));
    char *to = r->at;
    *out = to;
    for (;;) {
        if (r->at == r->end)
            return wrong(r, _("a text without its closing quote"));
        unsigned char c = (unsigned char)*r->at++;
        if (c == '"')
            break;
        if (c < 0x20)
            return wrong(r, _("a control character in a text: write it as \\n or \\u…"));
        if (c != '\\')
            *to++ = (char)c;
        else if (!take_escape(r, &to))
            return false;
    }
    *to = 0;
    return true;
}

/* ---- values ---- */

static bool digits(struct reader *r)
{
    char *from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > from;
}

/* JSON is stricter than strtod: no "+1", ".5", "1.", "01", "nan" or "0x10". */
static bool take_number(struct reader *r, struct json_field *f)
{
    const char *end;
    f->text = r->at;
    if (r->at < r->end && *r->at == '-')
        r->at++;
    char *whole = r->at;
    bool ok = digits(r) && (*whole != '0' || r->at == whole + 1);
    if (ok && r->at < r->end && *r->at == '.') {
        r->at++;
        ok = digits(r);
    }
    if (ok && r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
            r->at++;
        ok = digits(r);
    }
    if (!ok)
        return wrong(r, _("this is no value: texts stand in double quotes"));
    f->type = JSON_NUMBER;
    f->number = wg_number_read(f->text, NULL, &end);
    return true;
}

static bool take_word(struct reader *r, struct json_field *f)
{
    static const struct {
        const char *word;
        enum json_type type;
    } words[] = {{"null", JSON_NULL}, {"true", JSON_TRUE}, {"false", JSON_FALSE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].word);
        if ((size_t)(r->end - r->at) >= n && memcmp(r->at, words[i].word, n) == 0) {
            r->at += n;
            f->type = words[i].type;
            return true;
        }
    }
    return take_number(r, f);
}

static bool take_value(struct reader *r, struct json_field *f)
{
    skip_space(r);
    if (r->at < r->end && *r->at == '"') {
        f->type = JSON_TEXT;
        return take_text(r, &f->text);
    }
    if (r->at < r->end && (*r->at == '{' || *r->at == '['))
        return wrong(r, _("a value must be a text, a number, true, false or null"));
    return take_word(r, f);
}

static bool take_field(struct reader *r, struct json_object *o)
{
    if (o->n == JSON_FIELDS)
        return wrong(r, _("too many fields"));
    struct json_field *f = &o->field[o->n++];
    *f = (struct json_field){.type = JSON_NULL};
    if (!take_text(r, &f->name))
        return false;
    if (!take(r, ':'))
        return wrong(r, _("a colon is wanted here"));
    return take_value(r, f);
}

static bool take_object(struct reader *r, struct json_object *o)
{
    if (!take(r, '{'))
        return wrong(r, _("a JSON object begins with {"));
    if (!take(r, '}')) {
        do {
            if (!take_field(r, o))
                return false;
        } while (take(r, ','));
        if (!take(r, '}'))
            return wrong(r, _("a comma or } is wanted here"));
    }
    skip_space(r);
    return r->at == r->end || wrong(r, _("there is more behind the object"));
}

bool json_read(char *line, size_t length, struct json_object *out)
{
    struct reader r = {line, line + length, NULL};
    out->n = 0;
    bool ok = take_object(&r, out);
    out->why = r.why;
    out->at = (size_t)(r.at - line);
    return ok;
}
