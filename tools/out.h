/* What the tool prints: JSON, CSV, tables that line up in Chinese too. */
#ifndef TOOLS_OUT_H
#define TOOLS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum out_format { OUT_TABLE, OUT_CSV, OUT_JSON };

/* A JSON text on stdout.  Commas take care of themselves. */
void json_open(const char *key, char bracket); /* '{' or '['; key NULL in an array */
void json_close(char bracket);
void json_text(const char *key, const char *value); /* NULL prints null */
void json_int(const char *key, int64_t value);
void json_real(const char *key, double value); /* NaN and infinity print null */
void json_bool(const char *key, bool value);
void json_raw(const char *key, const char *json); /* JSON as it is; NULL prints null */
void json_null(const char *key);
void json_end(void); /* the final newline */
bool json_begun(void); /* something has been printed: no second text may follow */

/* The shortest text that reads back as the same double. */
void out_double(double value, char out[32]);

/* A listing in any of the formats.  Numbers are right-aligned in tables. */
enum out_kind { OUT_TEXT, OUT_INT, OUT_REAL };
struct out_column {
    const char *name;  /* of the field in CSV and JSON */
    const char *title; /* for people */
    enum out_kind kind;
};
struct out_list;
struct out_list *out_list_begin(enum out_format format, size_t n,
                                const struct out_column *column);
void out_text(struct out_list *list, const char *value); /* NULL: empty */
void out_int(struct out_list *list, int64_t value);      /* WG_UNKNOWN: empty */
void out_known_int(struct out_list *list, int64_t value); /* any number is one */
void out_null(struct out_list *list);
void out_real(struct out_list *list, double value, int decimals); /* NaN: empty */
void out_row(struct out_list *list);
/* With ok false a listing that has no row yet prints nothing. */
void out_list_end(struct out_list *list, bool ok);
bool out_format_parse(const char *text, enum out_format *out);

/* Columns a text takes on a terminal: 2 for each Chinese character. */
int out_width(const char *utf8);

/* Whether a write to stdout has failed; asked right after one, it remembers why. */
bool out_failed(void);

/* Flush stdout; false when it could not be written (full disk, closed pipe). */
bool out_flush(void);

#endif
