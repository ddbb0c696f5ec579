/* Owns wg_feed, the table through which SQL reads rows that C makes, and the sheets. */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#include "store_db.h"

/* ---- the virtual table ---- */

struct cursor {
    sqlite3_vtab_cursor base;
    const struct wg_feed *feed;
    int64_t row;
};

struct table {
    sqlite3_vtab base;
    struct wg_store *store;
};

static int feed_connect(sqlite3 *db, void *user, int argc, const char *const *argv,
                        sqlite3_vtab **out, char **words)
{
    (void)argc;
    (void)argv;
    (void)words;
    char sql[16 + WG_FEED_COLUMNS * 6] = "CREATE TABLE x (";
    size_t n = strlen(sql);
    for (int i = 0; i < WG_FEED_COLUMNS; i++) {
        sqlite3_snprintf((int)(sizeof sql - n), sql + n, "%sc%d", i ? ", " : "", i);
        n += strlen(sql + n);
    }
    sqlite3_snprintf((int)(sizeof sql - n), sql + n, ")");
    struct table *table = sqlite3_malloc(sizeof *table);
    if (!table)
        return SQLITE_NOMEM;
    memset(table, 0, sizeof *table);
    table->store = user;
    *out = &table->base;
    return sqlite3_declare_vtab(db, sql);
}

static int feed_disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

static int feed_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1000;
    info->estimatedRows = 1000;
    return SQLITE_OK;
}

static int feed_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    struct cursor *c = sqlite3_malloc(sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    *out = &c->base;
    return SQLITE_OK;
}

static int feed_close(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static struct cursor *cursor_of(sqlite3_vtab_cursor *base)
{
    return (struct cursor *)(void *)base;
}

static int feed_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                       sqlite3_value **argv)
{
    (void)number;
    (void)text;
    (void)argc;
    (void)argv;
    struct cursor *c = cursor_of(base);
    const struct table *table = (const void *)base->pVtab;
    c->feed = table->store->feed;
    c->row = c->feed ? c->feed->first : 0;
    return SQLITE_OK;
}

static int feed_next(sqlite3_vtab_cursor *base)
{
    cursor_of(base)->row++;
    return SQLITE_OK;
}

static int feed_eof(sqlite3_vtab_cursor *base)
{
    const struct cursor *c = cursor_of(base);
    return !c->feed || c->row > c->feed->last;
}

static int feed_column(sqlite3_vtab_cursor *base, sqlite3_context *to, int column)
{
    const struct cursor *c = cursor_of(base);
    struct wg_value v = {.type = WG_V_NULL};
    if (c->feed->value)
        c->feed->value(c->feed->user, c->row, column, &v);
    switch (v.type) {
    case WG_V_NULL:
        break;
    case WG_V_INT:
        sqlite3_result_int64(to, v.number);
        break;
    case WG_V_REAL:
        sqlite3_result_double(to, v.real);
        break;
    case WG_V_TEXT:
        sqlite3_result_text(to, v.data, (int)v.size, SQLITE_STATIC);
        break;
    case WG_V_BLOB:
        sqlite3_result_blob64(to, v.data, v.size, SQLITE_STATIC);
        break;
    }
    return SQLITE_OK;
}

static int feed_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
    *row = cursor_of(base)->row;
    return SQLITE_OK;
}

/* Without xCreate it is there for every statement of the connection and in no file. */
static const sqlite3_module feed_module = {
    .xConnect = feed_connect,
    .xBestIndex = feed_best_index,
    .xDisconnect = feed_disconnect,
    .xOpen = feed_open,
    .xClose = feed_close,
    .xFilter = feed_filter,
    .xNext = feed_next,
    .xEof = feed_eof,
    .xColumn = feed_column,
    .xRowid = feed_rowid,
};

enum wg_status wg_feed_run(struct wg_store *store, const char *sql, const char *text,
                           const struct wg_feed *feed, struct wg_error *err)
{
    struct wg_query *q = NULL;
    if (!store->has_feed) {
        int rc = sqlite3_create_module(store->db, "wg_feed", &feed_module, store);
        if (rc)
            return wg_store_fail(store, rc, err);
        store->has_feed = true;
    }
    enum wg_status status = wg_query(store, sql, &q, err);
    if (status)
        return status;
    if (text)
        wg_bind_text(q, 1, text);
    store->feed = feed;
    status = wg_run(q, err);
    store->feed = NULL;
    return status;
}

enum wg_status wg_store_rest_checks(struct wg_store *store, bool rest,
                                    struct wg_error *err)
{
    /* not wg_exec: they must come back too when SQLite has rolled back by itself */
    int rc = sqlite3_exec(store->db,
                          rest ? "PRAGMA ignore_check_constraints = ON"
                               : "PRAGMA ignore_check_constraints = OFF",
                          NULL, NULL, NULL);
    return rc ? wg_store_fail(store, rc, err) : WG_OK;
}

/* ---- sheets ---- */

void wg_sheet_reset(struct wg_sheet *sheet, size_t n_column)
{
    sheet->n_column = n_column;
    sheet->n_row = 0;
    sheet->n_byte = 0;
}

void wg_sheet_finish(struct wg_sheet *sheet)
{
    free(sheet->cell);
    free(sheet->byte);
    *sheet = (struct wg_sheet){.n_row = 0};
}

struct wg_cell *wg_sheet_add(struct wg_sheet *sheet)
{
    size_t first = sheet->n_row * sheet->n_column;
    if (!wg_grow((void **)&sheet->cell, &sheet->cap, first + sheet->n_column,
                 sizeof *sheet->cell))
        return NULL;
    sheet->n_row++;
    memset(sheet->cell + first, 0, sheet->n_column * sizeof *sheet->cell);
    return sheet->cell + first;
}

void wg_sheet_drop(struct wg_sheet *sheet)
{
    sheet->n_row--;
}

void *wg_sheet_bytes(struct wg_sheet *sheet, struct wg_cell *cell,
                     enum wg_value_type type, size_t size)
{
    /* one more, so that an empty text has a place too, and each ends with a 0 */
    if (size > UINT32_MAX ||
        !wg_grow((void **)&sheet->byte, &sheet->cap_byte, sheet->n_byte + size + 1, 1))
        return NULL;
    unsigned char *at = sheet->byte + sheet->n_byte;
    at[size] = 0;
    cell->type = type;
    cell->size = (uint32_t)size;
    cell->is.at = sheet->n_byte;
    sheet->n_byte += size + 1;
    return at;
}

bool wg_sheet_text(struct wg_sheet *sheet, struct wg_cell *cell, const char *text)
{
    size_t size = strlen(text);
    void *to = wg_sheet_bytes(sheet, cell, WG_V_TEXT, size);
    if (to)
        memcpy(to, text, size);
    return to;
}

const char *wg_sheet_read(const struct wg_sheet *sheet, const struct wg_cell *cell,
                          size_t *size)
{
    if (cell->type != WG_V_TEXT && cell->type != WG_V_BLOB)
        return NULL;
    if (size)
        *size = cell->size;
    return (const char *)sheet->byte + cell->is.at;
}

static void sheet_value(void *user, int64_t row, int column, struct wg_value *out)
{
    const struct wg_sheet_view *view = user;
    const struct wg_sheet *sheet = view->sheet;
    size_t at = (size_t)(row - view->offset) * sheet->n_column + (size_t)column;
    const struct wg_cell *cell = sheet->cell + at;
    out->type = cell->type;
    if (cell->type == WG_V_INT)
        out->number = cell->is.number;
    else if (cell->type == WG_V_REAL)
        out->real = cell->is.real;
    else if (cell->type != WG_V_NULL)
        out->data = wg_sheet_read(sheet, cell, &out->size);
}

struct wg_feed wg_sheet_feed(struct wg_sheet_view *view, const struct wg_sheet *sheet,
                             size_t from, size_t n, int64_t first)
{
    view->sheet = sheet;
    view->offset = first - (int64_t)from;
    return (struct wg_feed){first, first + (int64_t)n - 1, sheet_value, view};
}
