/* Owns the link of events to buildings: an event that names none gets the whole building
 * of lowest id in force now whose footprint covers it (schema/021-owner-triggers.sql). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ingest_job.h"

/* Asked one by one SQL is exact and needs no preparation; an index answers two hundred
 * times as fast but reads every footprint first.  It is made once what was asked of SQL
 * has cost as much as making it, so the whole is never more than twice the best. */
#define ASKED_FIRST 200
#define INDEX_BYTES_MAX ((size_t)256 << 20)

void wg_ingest_buildings_drop(struct wg_ingest_buildings *b)
{
    wg_locator_destroy(b->index);
    b->index = NULL;
    b->asked = 0;
    b->until[0] = 0;
    b->too_big = false;
}

enum wg_status wg_ingest_buildings_look(struct wg_ingest_writer *w, bool changed,
                                        struct wg_error *err)
{
    struct wg_ingest_buildings *b = &w->buildings;
    struct wg_query *q = NULL;
    bool row = false;
    if (b->until[0] && strcmp(w->now, b->until) >= 0)
        changed = true;
    if (!changed)
        return WG_OK;
    wg_ingest_buildings_drop(b);
    enum wg_status status =
        wg_query(w->store, "SELECT coalesce(max(id), 0) FROM building", &q, err);
    if (!status)
        status = wg_step(q, &row, err);
    b->last = !status && row ? wg_column_int(q, 0) : 0;
    wg_done(q);
    return status;
}

/* ---- the index ---- */

struct footprints {
    struct wg_locator_grid *grid;
    struct wg_multipolygon *shape;
    char (*code)[24];
    size_t n, cap, shape_cap, code_cap;
};

/* A geometry that cannot be read covers nothing for SpatiaLite either. */
static enum wg_status add_footprint(struct footprints *f, struct wg_query *q,
                                    struct wg_error *err)
{
    struct wg_multipolygon mp = {0};
    size_t size;
    const void *blob = wg_column_blob(q, 1, &size);
    int64_t id = wg_column_int(q, 0);
    enum wg_status status = wg_shape_from_blob(blob, size, &mp, err);
    if (status == WG_GEOMETRY || status == WG_FORMAT || (!status && id <= 0)) {
        wg_multipolygon_finish(&mp);
        return WG_OK;
    }
    if (status)
        return status;
    if (!wg_grow((void **)&f->grid, &f->cap, f->n + 1, sizeof *f->grid) ||
        !wg_grow((void **)&f->shape, &f->shape_cap, f->n + 1, sizeof *f->shape) ||
        !wg_grow((void **)&f->code, &f->code_cap, f->n + 1, sizeof *f->code)) {
        wg_multipolygon_finish(&mp);
        return wg_fail_memory(err);
    }
    f->shape[f->n] = mp;
    f->grid[f->n].id = id;
    snprintf(f->code[f->n], sizeof *f->code, "%019lld", (long long)id);
    f->n++;
    return WG_OK;
}

static void keep_until(struct wg_ingest_buildings *b, const char *t)
{
    if (t && (!b->until[0] || strcmp(t, b->until) < 0))
        snprintf(b->until, sizeof b->until, "%s", t);
}

static enum wg_status read_footprints(struct wg_ingest_writer *w, struct footprints *f,
                                      struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(
        w->store,
        "SELECT id, geom, valid_to FROM building WHERE part_of IS NULL AND geom IS NOT "
        "NULL AND (valid_to IS NULL OR valid_to > ?1)",
        &q, err);
    if (status)
        return status;
    wg_bind_text(q, 1, w->now);
    while (!(status = wg_step(q, &row, err)) && row) {
        keep_until(&w->buildings, wg_column_text(q, 2));
        if ((status = add_footprint(f, q, err)))
            break;
    }
    wg_done(q);
    return status;
}

/* Codes are ids of one length: the locator's lowest code is the lowest id. */
static enum wg_status make_index(struct wg_ingest_writer *w, struct wg_error *err)
{
    struct wg_ingest_buildings *b = &w->buildings;
    struct wg_locator_options options = {.memory_max = INDEX_BYTES_MAX};
    struct footprints f = {.n = 0};
    enum wg_status status = read_footprints(w, &f, err);
    for (size_t i = 0; i < f.n; i++) {
        f.grid[i].code = f.code[i];
        f.grid[i].geometry = &f.shape[i];
    }
    if (!status)
        status = wg_locator_build(f.n, f.grid, &options, &b->index, err);
    for (size_t i = 0; i < f.n; i++)
        wg_multipolygon_finish(&f.shape[i]);
    free(f.grid);
    free(f.shape);
    free(f.code);
    if (status == WG_NO_MEMORY || status == WG_INVALID || status == WG_GEOMETRY) {
        b->index = NULL;
        b->too_big = true; /* or has what no index takes: SQL goes on answering */
        status = WG_OK;
    }
    return status;
}

/* ---- asking ---- */

static const char link_sql[] =
    "SELECT min(b.id) FROM idx_building_geom r CROSS JOIN building b "
    "WHERE b.id = r.pkid AND r.xmax >= ?1 AND r.xmin <= ?1 AND r.ymax >= ?2 AND "
    "r.ymin <= ?2 AND b.part_of IS NULL AND (b.valid_to IS NULL OR b.valid_to > ?3) AND "
    "ST_Covers(b.geom, ?4) = 1";

static enum wg_status ask_sql(struct wg_ingest_writer *w, struct wg_item *item,
                              struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(w->store, link_sql, &q, err);
    if (status)
        return status;
    wg_bind_real(q, 1, item->event.x);
    wg_bind_real(q, 2, item->event.y);
    wg_bind_text(q, 3, w->now);
    wg_bind_blob(q, 4, item->place, sizeof item->place);
    status = wg_step(q, &row, err);
    if (!status && row)
        item->event.building = wg_column_int(q, 0);
    wg_done(q);
    w->buildings.asked++;
    return status;
}

enum wg_status wg_ingest_link(struct wg_ingest_writer *w, struct wg_error *err)
{
    struct wg_ingest_buildings *b = &w->buildings;
    enum wg_status status = WG_OK;
    if (b->last == 0)
        return WG_OK;
    if (!b->index && !b->too_big && b->asked > ASKED_FIRST + b->last / 2)
        status = make_index(w, err);
    if (!status && b->index)
        wg_locator_slots(b->index, w->n_fresh, w->x, w->y, w->slot);
    for (size_t i = 0; !status && i < w->n_fresh; i++) {
        struct wg_item *item = w->fresh[i];
        if (item->event.building || isnan(item->event.x))
            continue;
        if (b->index)
            item->event.building = wg_locator_id(b->index, w->slot[i]);
        else
            status = ask_sql(w, item, err);
        item->linked = item->event.building != 0;
    }
    return status;
}
