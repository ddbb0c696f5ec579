/*
 * Loading many rows at once: what the import, the nouns and the store share for it.
 *
 * Rows are packed into a sheet, and one INSERT … SELECT FROM wg_feed takes a whole sheet:
 * half the time of binding each row.  The triggers rest meanwhile, so what they check and
 * write is done here (wg_store_rest_triggers).
 */
#ifndef WG_LOAD_H
#define WG_LOAD_H

#include "statement.h"
#include "wangge/geom.h"

/* ---- feeds (store_feed.c) ---- */

enum wg_value_type { WG_V_NULL, WG_V_INT, WG_V_REAL, WG_V_TEXT, WG_V_BLOB };

struct wg_value {
    enum wg_value_type type;
    int64_t number;
    double real;
    const void *data; /* must live until the next row is asked for */
    size_t size;
};

/* Rows that C makes and SQL reads, as the table wg_feed: rowid from `first` to `last`,
 * columns c0 … c31.  `value` may be NULL where only the rowids are read. */
#define WG_FEED_COLUMNS 32
struct wg_feed {
    int64_t first, last;
    void (*value)(void *user, int64_t row, int column, struct wg_value *out);
    void *user;
};

/* Run a statement that reads wg_feed.  `text` binds ?1; may be NULL. */
enum wg_status wg_feed_run(struct wg_store *store, const char *sql, const char *text,
                           const struct wg_feed *feed, struct wg_error *err);

/* A cell of a sheet; a text or blob stands `at` that place of the sheet's bytes. */
struct wg_cell {
    enum wg_value_type type;
    uint32_t size;
    union {
        int64_t number;
        double real;
        size_t at;
    } is;
};

/* A table in memory.  Zero-initialised is empty; wg_sheet_reset keeps the memory. */
struct wg_sheet {
    size_t n_column, n_row, cap;
    struct wg_cell *cell;
    size_t n_byte, cap_byte;
    unsigned char *byte;
};

void wg_sheet_reset(struct wg_sheet *sheet, size_t n_column);
void wg_sheet_finish(struct wg_sheet *sheet);
/* One more row of NULLs; NULL when memory is out. */
struct wg_cell *wg_sheet_add(struct wg_sheet *sheet);
void wg_sheet_drop(struct wg_sheet *sheet); /* the last row */
/* Make the cell of `sheet` a text or blob of `size` bytes to be written at the result;
 * NULL when memory is out.  The cells stay where they are. */
void *wg_sheet_bytes(struct wg_sheet *sheet, struct wg_cell *cell,
                     enum wg_value_type type, size_t size);
bool wg_sheet_text(struct wg_sheet *sheet, struct wg_cell *cell, const char *text);
const char *wg_sheet_read(const struct wg_sheet *sheet, const struct wg_cell *cell,
                          size_t *size); /* NULL where it is no text or blob */
/* Rows `from` to `from + n - 1` as rowids `first` …. */
struct wg_sheet_view {
    const struct wg_sheet *sheet;
    int64_t offset; /* of a rowid from its row */
};
struct wg_feed wg_sheet_feed(struct wg_sheet_view *view, const struct wg_sheet *sheet,
                             size_t from, size_t n, int64_t first);

/* CHECKs of the file's tables rest for this connection, or hold again: the log's costs
 * more than its row. */
enum wg_status wg_store_rest_checks(struct wg_store *store, bool rest,
                                    struct wg_error *err);

/* ---- the nouns ----
 *
 * pack: check a new row, without a look into the store, and add it to the sheet; only its
 * id and what other rows decide is left open.  load: insert packed rows and, where the
 * noun has it, what the triggers would write beside them; not the change log, not the
 * spatial index, no owners. */

struct wg_building;
struct wg_part;
struct wg_event;

/* The district's floor height and default height. */
struct wg_heights {
    double floor_m, default_m;
};
enum wg_status wg_building_heights(struct wg_store *store, struct wg_heights *out,
                                   struct wg_error *err);
size_t wg_building_columns(void);
enum wg_status wg_building_pack(const struct wg_building *building,
                                const struct wg_heights *heights, int srid,
                                struct wg_sheet *sheet, struct wg_box *box,
                                struct wg_error *err);
enum wg_status wg_building_load(struct wg_store *store, const struct wg_feed *feed,
                                struct wg_error *err);
/* The cell of part_of in a packed row. */
struct wg_cell *wg_building_whole_cell(struct wg_cell *row);
/* May a new building of this code be a part of the one with the id? */
enum wg_status wg_building_check_whole(struct wg_store *store, const char *code,
                                       int64_t whole, struct wg_error *err);

size_t wg_part_columns(void);
enum wg_status wg_part_pack(const struct wg_part *part, int srid, struct wg_sheet *sheet,
                            struct wg_box *box, struct wg_error *err);
enum wg_status wg_part_load(struct wg_store *store, const struct wg_feed *feed,
                            struct wg_error *err);

size_t wg_event_columns(void);
enum wg_status wg_event_pack(const struct wg_event *event, int srid,
                             struct wg_sheet *sheet, struct wg_box *box,
                             struct wg_error *err);
/* With the status and the first lines of the log. */
enum wg_status wg_event_load(struct wg_store *store, const struct wg_feed *feed,
                             struct wg_error *err);
/* The changes of the status that a report brings, as an SQL condition on row s. */
#define WG_EVENT_SET                                                                     \
    "(s.stage <> 1 OR s.level <> 0 OR s.due_at IS NOT NULL OR s.acknowledged_at IS NOT " \
    "NULL)"

/* ---- the spatial index (store_rtree.c) ---- */

/* A box of the index: floats, rounded outward as SQLite rounds them. */
struct wg_entry {
    int64_t id;
    float min_x, max_x, min_y, max_y;
};

struct wg_entry wg_entry_make(int64_t id, struct wg_box box);

/* Put entries, in ascending order of ids that are above all ids of the table before,
 * into the index of the geometry of `table`.  Many are packed with those that are there
 * into a new tree, written straight into the index's tables; few are inserted.  Takes 16
 * bytes an entry, and 24 for each that is there already. */
enum wg_status wg_store_index_add(struct wg_store *store, const char *table,
                                  const struct wg_entry *entry, size_t n,
                                  struct wg_error *err);

#endif
