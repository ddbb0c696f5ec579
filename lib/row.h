/*
 * What the nouns' files share: a noun is a table of fields, from which its rows are
 * checked, written, read and copied; a filter becomes SQL; a cursor walks the result.
 *
 * Every row struct begins with its `int64_t id`.  The first text field of a noun is the
 * one that names a row in messages.
 */
#ifndef WG_ROW_H
#define WG_ROW_H

#include "internal.h"
#include "load.h"
#include "statement.h"
#include "wangge/instant.h"
#include "wangge/rows.h"

enum wg_field_type {
    WG_FIELD_TEXT,   /* const char * */
    WG_FIELD_TIME,   /* const char *, brought into the form of instant.h */
    WG_FIELD_ID,     /* int64_t, 0 is NULL */
    WG_FIELD_COUNT,  /* int64_t, WG_UNKNOWN is NULL, never below */
    WG_FIELD_SIGNED, /* int64_t, INT64_MIN is NULL */
    WG_FIELD_INT,    /* int */
    WG_FIELD_REAL,   /* double, NaN is NULL, never infinite */
    WG_FIELD_AMOUNT, /* the same, never below 0 */
    WG_FIELD_BOOL    /* bool, only read */
};

struct wg_field {
    const char *column; /* an SQL expression where it is only read */
    enum wg_field_type type;
    size_t at;                /* offset in the row */
    const char *const *words; /* what a text may be, NULL-ended; NULL: anything */
    const char *instead;      /* the text written for NULL */
    const char *refers;       /* the table an id is of; it must be there */
    bool needed;              /* NULL, "" and 0 are refused */
    bool read_only;
};

enum wg_place { WG_PLACE_NONE, WG_PLACE_POLYGON, WG_PLACE_POINT, WG_PLACE_LINE };

/* What a filter may ask of a noun besides what its place and dates allow. */
enum {
    WG_BY_GRID = 1,
    WG_BY_SCHEME = 2,
    WG_BY_LEVEL = 4,
    WG_BY_OWNER = WG_BY_GRID | WG_BY_SCHEME | 8 /* also `outside` */
};

struct wg_noun {
    const char *table; /* also its name in messages, translated */
    const char *from;  /* FROM clause; NULL: the table */
    const struct wg_field *field;
    size_t n_field;
    size_t size; /* of the row struct */
    size_t held; /* offset of its `held` */
    enum wg_place place;
    size_t place_at;    /* offset of the multipolygon or of x (y follows); lines: of n */
    const char *unique; /* the column of the first text field, where it is unique */
    bool unique_in_scheme;
    size_t from_at, to_at; /* offsets of valid_from and valid_to; 0: not dated */
    enum wg_kind kind;     /* 0: has no owner */
    unsigned filters;      /* WG_BY_… */
};

#define WG_N(array) (sizeof(array) / sizeof *(array))

/* ---- rows (row.c) ---- */

/* All unknown: ids 0, counts WG_UNKNOWN, reals NaN, texts NULL. */
void wg_row_init(const struct wg_noun *noun, void *row);
void wg_row_finish(const struct wg_noun *noun, void *row);

/* Where the normal form of a row's times is kept while it is written. */
struct wg_row_times {
    char text[8][WG_INSTANT_SIZE];
    size_t n;
};

/* Check every field of a row about to be written, put normal forms and defaults into
 * it, and look for the rows it refers to (not without a store).  `row` is the noun's own
 * shallow copy. */
enum wg_status wg_row_check(struct wg_store *store, const struct wg_noun *noun, void *row,
                            struct wg_row_times *times, struct wg_error *err);
enum wg_status wg_row_insert(struct wg_store *store, const struct wg_noun *noun,
                             const void *row, int64_t *id, struct wg_error *err);
enum wg_status wg_row_update(struct wg_store *store, const struct wg_noun *noun,
                             const void *row, struct wg_error *err);
/* Check and write in one transaction: what most nouns do. */
enum wg_status wg_row_create(struct wg_store *store, const struct wg_noun *noun,
                             void *row, int64_t *id, struct wg_error *err);
enum wg_status wg_row_replace(struct wg_store *store, const struct wg_noun *noun,
                              void *row, struct wg_error *err);
enum wg_status wg_row_end(struct wg_store *store, const struct wg_noun *noun, int64_t id,
                          const char *at, struct wg_error *err);
/* Ends what wg_save began: released when status is WG_OK, else undone. */
enum wg_status wg_row_settle(struct wg_store *store, enum wg_status status,
                             struct wg_error *err);

enum wg_status wg_row_read(struct wg_store *store, const struct wg_noun *noun, int64_t id,
                           void *out, struct wg_error *err);
enum wg_status wg_row_find(struct wg_store *store, const struct wg_noun *noun,
                           const char *code, int64_t *id, struct wg_error *err);
bool wg_row_exists(struct wg_store *store, const char *table, int64_t id,
                   enum wg_status *status, struct wg_error *err);
enum wg_status wg_row_missing(const char *table, int64_t id, struct wg_error *err);

/* "building B12": how messages name a row. */
#define WG_ROW_NAME_SIZE 160
const char *wg_row_name(const struct wg_noun *noun, const void *row,
                        char out[WG_ROW_NAME_SIZE]);

bool wg_text_is_utf8(const char *text);
/* WG_OK for a valid polygon; else WG_GEOMETRY with the row's name and the place. */
enum wg_status wg_row_check_polygon(const struct wg_noun *noun, const void *row,
                                    const struct wg_multipolygon *mp,
                                    struct wg_error *err);
/* A moment in our form into `out`; NULL is now.  `field` names it in the message. */
enum wg_status wg_row_time(const char *text, const char *field, char out[WG_INSTANT_SIZE],
                           struct wg_error *err);

/* Fill a row from a statement that selects id, the fields and the place, in this order.
 */
void wg_row_fill(struct wg_query *q, const struct wg_noun *noun, void *row);

/* ---- selecting (row_select.c) ---- */

struct wg_select_value {
    int64_t number;
    double real;
    const char *text;
    char kind; /* 'i', 'r' or 't' */
};

/* A SELECT in the making; zero-initialised is nothing. */
struct wg_select {
    struct wg_store *store;
    const struct wg_noun *noun;
    const struct wg_filter *filter;
    char *sql; /* the conditions so far */
    size_t n, cap;
    struct wg_select_value value[24];
    int n_value;
    bool no_memory;
    char at[WG_INSTANT_SIZE]; /* value 1: the moment asked about */
};

/* The conditions every noun understands; the noun may add its own before opening. */
enum wg_status wg_select_begin(struct wg_select *s, struct wg_store *store,
                               const struct wg_noun *noun, const struct wg_filter *filter,
                               struct wg_error *err);
/* The same without "in force at": for nouns that mean something else by it. */
enum wg_status wg_select_begin_undated(struct wg_select *s, struct wg_store *store,
                                       const struct wg_noun *noun,
                                       const struct wg_filter *filter,
                                       struct wg_error *err);
void wg_select_and(struct wg_select *s, const char *format, ...) WG_PRINTF(2, 3);
void wg_select_append(struct wg_select *s, const char *format, ...) WG_PRINTF(2, 3);
int wg_select_int(struct wg_select *s, int64_t value); /* the number for "?%d" */
int wg_select_real(struct wg_select *s, double value);
int wg_select_text(struct wg_select *s, const char *value); /* must live on */
void wg_select_finish(struct wg_select *s);
enum wg_status wg_select_count(struct wg_select *s, int64_t *n, struct wg_error *err);

/* The ids of the grid given by the placeholder and of all below it, as a subquery. */
#define WG_GRIDS_BELOW                                                                   \
    "(WITH RECURSIVE below (id) AS (VALUES (?%d) UNION SELECT g.id FROM below b JOIN "   \
    "grid g ON g.parent_id = b.id) SELECT id FROM below)"

struct wg_cursor {
    const struct wg_noun *noun;
    struct wg_query *q;
    struct wg_multipolygon polygon;
    void *line; /* x and y of the line at hand */
    size_t line_cap;
    char at[WG_INSTANT_SIZE]; /* bound in the statement: the cursor must not move */
    bool no_geometry;
    enum wg_status status;
};

/* Takes the select over, also on failure.  order NULL: by id. */
enum wg_status wg_cursor_open(struct wg_cursor *c, struct wg_select *s, const char *order,
                              struct wg_error *err);
/* The next row, all of it borrowed until the next call; false at the end or on failure
 * (c->status). */
bool wg_cursor_next(struct wg_cursor *c, void *row, struct wg_error *err);
enum wg_status wg_cursor_close(struct wg_cursor *c);

/* begin and open, begin and count: what most nouns do. */
enum wg_status wg_row_walk(struct wg_cursor *c, struct wg_store *store,
                           const struct wg_noun *noun, const struct wg_filter *filter,
                           struct wg_error *err);
enum wg_status wg_row_count(struct wg_store *store, const struct wg_noun *noun,
                            const struct wg_filter *filter, int64_t *n,
                            struct wg_error *err);

/* ---- packing (row_pack.c) ---- */

/* The columns of a noun's sheet: the id (0 as a row is packed), the fields that are
 * written, the place.  Asks the store nothing. */
size_t wg_row_pack_columns(const struct wg_noun *noun);
/* A checked row into the cells of a row of `sheet`; *box is empty without a place. */
enum wg_status wg_row_pack(const struct wg_noun *noun, const void *row, int srid,
                           struct wg_sheet *sheet, struct wg_box *box,
                           struct wg_error *err);
void wg_row_pack_text(struct wg_sheet *sheet, struct wg_cell *cell, const char *text,
                      bool *ok); /* NULL stays NULL */
/* INSERT the rows of the feed. */
enum wg_status wg_row_load(struct wg_store *store, const struct wg_noun *noun,
                           const struct wg_feed *feed, struct wg_error *err);

/* ---- lines as SpatiaLite blobs (line_blob.c) ---- */

enum wg_status wg_line_to_blob(size_t n, const double *x, const double *y, int srid,
                               void **out, size_t *size, struct wg_error *err);
/* x and y become parts of *buffer, which grows as needed. */
enum wg_status wg_line_from_blob(const void *blob, size_t size, void **buffer,
                                 size_t *cap, size_t *n, const double **x,
                                 const double **y, struct wg_error *err);

#endif
