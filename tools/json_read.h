/* One flat JSON object out of a line of text: {"name": "text", "x": 1.5, "gone": null}.
 */
#ifndef TOOLS_JSON_READ_H
#define TOOLS_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT };

struct json_field {
    const char *name;
    enum json_type type;
    const char *text; /* of a text, UTF-8; of a number, as it is written */
    double number;
};

enum { JSON_FIELDS = 64 };

struct json_object {
    size_t n;
    struct json_field field[JSON_FIELDS];
    const char *why; /* what is wrong with the text, for a person; translated */
    size_t at;       /* and at which byte of it */
};

/* Reads `line`, which is changed and must live as long as the object.  `length` bytes,
 * and a NUL behind them.  False when it is not one flat object. */
bool json_read(char *line, size_t length, struct json_object *out);

#endif
