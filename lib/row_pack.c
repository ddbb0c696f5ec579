/* Owns the packing of checked rows into sheets, and their way into the table. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "row.h"
#include "wangge/shape.h"
#include "wkb.h"

size_t wg_row_pack_columns(const struct wg_noun *noun)
{
    size_t n = 2; /* id and place */
    for (size_t i = 0; i < noun->n_field; i++)
        n += noun->field[i].read_only ? 0 : 1;
    return n;
}

void wg_row_pack_text(struct wg_sheet *sheet, struct wg_cell *cell, const char *text,
                      bool *ok)
{
    if (text && !wg_sheet_text(sheet, cell, text))
        *ok = false;
}

static void pack_number(struct wg_cell *cell, int64_t number, bool known)
{
    cell->type = known ? WG_V_INT : WG_V_NULL;
    cell->is.number = number;
}

static void pack_field(struct wg_sheet *sheet, struct wg_cell *cell,
                       const struct wg_field *f, const void *row, bool *ok)
{
    const char *at = (const char *)row + f->at, *text;
    int64_t number = 0;
    double real;
    int small;
    switch (f->type) {
    case WG_FIELD_TEXT:
    case WG_FIELD_TIME:
        memcpy(&text, at, sizeof text);
        wg_row_pack_text(sheet, cell, text, ok);
        break;
    case WG_FIELD_ID:
        memcpy(&number, at, sizeof number);
        pack_number(cell, number, number != 0);
        break;
    case WG_FIELD_COUNT:
        memcpy(&number, at, sizeof number);
        pack_number(cell, number, number >= 0);
        break;
    case WG_FIELD_SIGNED:
        memcpy(&number, at, sizeof number);
        pack_number(cell, number, number != INT64_MIN);
        break;
    case WG_FIELD_INT:
        memcpy(&small, at, sizeof small);
        pack_number(cell, small, true);
        break;
    case WG_FIELD_REAL:
    case WG_FIELD_AMOUNT:
        memcpy(&real, at, sizeof real);
        cell->type = isnan(real) ? WG_V_NULL : WG_V_REAL;
        cell->is.real = real;
        break;
    case WG_FIELD_BOOL:
        break;
    }
}

static enum wg_status pack_polygon(const struct wg_multipolygon *mp, int srid,
                                   struct wg_sheet *sheet, struct wg_cell *cell,
                                   struct wg_box *box, struct wg_error *err)
{
    if (mp->n_part == 0)
        return WG_OK;
    size_t size = wg_shape_blob_size(mp);
    unsigned char *to = wg_sheet_bytes(sheet, cell, WG_V_BLOB, size);
    if (!to)
        return wg_fail_memory(err);
    *box = wg_multipolygon_box(mp);
    wg_shape_put_blob(mp, srid, *box, to);
    return WG_OK;
}

static enum wg_status pack_point(const double at[2], int srid, struct wg_sheet *sheet,
                                 struct wg_cell *cell, struct wg_box *box,
                                 struct wg_error *err)
{
    if (isnan(at[0]))
        return WG_OK;
    unsigned char *to = wg_sheet_bytes(sheet, cell, WG_V_BLOB, WG_POINT_BLOB_SIZE);
    if (!to)
        return wg_fail_memory(err);
    wg_shape_point_blob(at[0], at[1], srid, to);
    *box = (struct wg_box){at[0], at[1], at[0], at[1]};
    return WG_OK;
}

enum wg_status wg_row_pack(const struct wg_noun *noun, const void *row, int srid,
                           struct wg_sheet *sheet, struct wg_box *box,
                           struct wg_error *err)
{
    struct wg_cell *cell = wg_sheet_add(sheet);
    bool ok = true;
    double at[2];
    *box = wg_box_empty();
    if (!cell)
        return wg_fail_memory(err);
    cell++; /* the id comes later */
    for (size_t i = 0; i < noun->n_field; i++)
        if (!noun->field[i].read_only)
            pack_field(sheet, cell++, &noun->field[i], row, &ok);
    enum wg_status status = ok ? WG_OK : wg_fail_memory(err);
    const char *place = (const char *)row + noun->place_at;
    if (!status && noun->place == WG_PLACE_POLYGON) {
        status = pack_polygon((const void *)place, srid, sheet, cell, box, err);
    } else if (!status && noun->place == WG_PLACE_POINT) {
        memcpy(at, place, sizeof at);
        status = pack_point(at, srid, sheet, cell, box, err);
    }
    if (status)
        wg_sheet_drop(sheet);
    return status;
}

enum wg_status wg_row_load(struct wg_store *store, const struct wg_noun *noun,
                           const struct wg_feed *feed, struct wg_error *err)
{
    char sql[1600];
    int n = snprintf(sql, sizeof sql, "INSERT INTO %s (id", noun->table);
    int columns = (int)wg_row_pack_columns(noun);
    for (size_t i = 0; i < noun->n_field; i++)
        if (!noun->field[i].read_only)
            n += snprintf(sql + n, sizeof sql - (size_t)n, ", %s", noun->field[i].column);
    n += snprintf(sql + n, sizeof sql - (size_t)n, ", geom) SELECT c0");
    for (int i = 1; i < columns; i++)
        n += snprintf(sql + n, sizeof sql - (size_t)n, ", c%d", i);
    snprintf(sql + n, sizeof sql - (size_t)n, " FROM wg_feed");
    return wg_feed_run(store, sql, NULL, feed, err);
}
