/* Buildings and parts (points) from a file, and which building is part of which. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "import_load.h"
#include "internal.h"
#include "statement.h"

static const char building_of_source[] = "SELECT id FROM building WHERE source_id = ? "
                                         "AND valid_to IS NULL ORDER BY id LIMIT 1";
static const char part_of_source[] =
    "SELECT id FROM part WHERE source_id = ? AND valid_to IS NULL ORDER BY id LIMIT 1";

enum wg_status wg_fail_already(int64_t fid, const char *key, int64_t id, bool made,
                               struct wg_error *err)
{
    if (made)
        return wg_fail_row(err, WG_EXISTS, fid,
                           _("its code “%s” is that of another feature of the file too"),
                           key);
    return wg_fail_row(err, WG_EXISTS, fid,
                       _("“%s” is already there (row %lld): say update to replace it, or "
                         "state another field of the id (an empty one for none)"),
                       key, (long long)id);
}

static bool made_here(const struct wg_job *job, int64_t id)
{
    return job->report->first_id && id >= job->report->first_id;
}

static enum wg_status building_texts(struct wg_job *job, struct wg_building *b,
                                     struct wg_error *err)
{
    struct {
        enum wg_field field;
        const char **to;
    } const texts[] = {{WG_F_CODE, &b->code}, {WG_F_NAME, &b->name},
                       {WG_F_USE, &b->use},   {WG_F_ADDRESS, &b->address},
                       {WG_F_ROOF, &b->roof}, {WG_F_ID, &b->source_id}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum wg_status st = wg_field_text(job, texts[i].field, texts[i].to, err);
        if (st)
            return st;
    }
    return WG_OK;
}

static void building_numbers(struct wg_job *job, struct wg_building *b)
{
    double base = wg_field_metres(job, WG_F_BASE);
    b->base_m = isnan(base) ? 0 : base;
    b->height_m = wg_field_metres(job, WG_F_HEIGHT);
    b->roof_m = wg_field_metres(job, WG_F_ROOF_M);
    b->floors = wg_field_count(job, WG_F_FLOORS);
    b->households = wg_field_count(job, WG_F_HOUSEHOLDS);
    b->population = wg_field_count(job, WG_F_POPULATION);
    b->elderly_alone = wg_field_count(job, WG_F_ELDERLY);
    b->valid_from = wg_field_time(job, WG_F_VALID_FROM);
    b->valid_to = wg_field_time(job, WG_F_VALID_TO);
    const char *from = NULL; /* a height that was itself only taken for granted */
    if (!wg_field_text(job, WG_F_HEIGHT_FROM, &from, NULL) && from &&
        !wg_text_equal(from, "measured"))
        b->height_m = NAN;
    if (b->height_m == 0)
        b->height_m = NAN; /* files write 0 for "not known" */
    if (b->floors == 0)
        b->floors = WG_UNKNOWN;
    if (b->height_m <= b->base_m) {
        char text[32];
        snprintf(text, sizeof text, "%g", b->height_m);
        wg_field_junk(job, WG_F_HEIGHT, text);
        b->height_m = NAN;
    }
}

static enum wg_status update_building(struct wg_job *job, int64_t id,
                                      const struct wg_building *from,
                                      struct wg_error *err)
{
    struct wg_building old;
    const int *field = job->field;
    wg_building_init(&old);
    enum wg_status st = wg_building_read(job->store, id, &old, err);
    if (st)
        return st;
    struct wg_building next = *from;
    next.id = id;
    if (field[WG_F_CODE] < 0)
        next.code = old.code;
    if (field[WG_F_NAME] < 0)
        next.name = old.name;
    if (field[WG_F_USE] < 0)
        next.use = old.use;
    if (field[WG_F_ADDRESS] < 0)
        next.address = old.address;
    if (field[WG_F_ROOF] < 0)
        next.roof = old.roof;
    if (field[WG_F_ROOF_M] < 0)
        next.roof_m = old.roof_m;
    if (field[WG_F_ID] < 0)
        next.source_id = old.source_id;
    if (field[WG_F_PART_OF] < 0)
        next.part_of = old.part_of;
    if (field[WG_F_BASE] < 0)
        next.base_m = old.base_m;
    if (field[WG_F_HEIGHT] < 0 && wg_text_equal(old.height_from, "measured"))
        next.height_m = old.height_m;
    if (field[WG_F_FLOORS] < 0)
        next.floors = old.floors;
    if (field[WG_F_HOUSEHOLDS] < 0)
        next.households = old.households;
    if (field[WG_F_POPULATION] < 0)
        next.population = old.population;
    if (field[WG_F_ELDERLY] < 0)
        next.elderly_alone = old.elderly_alone;
    if (field[WG_F_VALID_FROM] < 0)
        next.valid_from = old.valid_from;
    if (field[WG_F_VALID_TO] < 0)
        next.valid_to = old.valid_to;
    st = wg_building_update(job->store, &next, err);
    wg_building_finish(&old);
    return st;
}

enum wg_status wg_defer_whole(struct wg_job *job, int64_t id, int64_t fid,
                              const char *whole, struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status st = wg_query(
        job->store, "INSERT OR REPLACE INTO temp.import_link VALUES (?, ?, ?)", &q, err);
    if (st)
        return st;
    wg_bind_int(q, 1, id);
    wg_bind_int(q, 2, fid);
    wg_bind_text(q, 3, whole);
    job->deferred++;
    return wg_run(q, err);
}

/* By the id it has where it came from; twice in one file it is two things. */
static enum wg_status find_source(struct wg_job *job, const char *sql, const char *source,
                                  int64_t *id, struct wg_error *err)
{
    bool made;
    enum wg_status st = wg_job_known(job, sql, source, id, &made, err);
    if (!st && made) {
        wg_job_repeated(job, source);
        *id = 0;
    }
    return st;
}

static enum wg_status find_building(struct wg_job *job, const struct wg_building *b,
                                    int64_t *id, struct wg_error *err)
{
    *id = 0;
    if (b->code) {
        enum wg_status st = wg_building_find(job->store, b->code, id, err);
        return st == WG_NOT_FOUND ? WG_OK : st;
    }
    return b->source_id ? find_source(job, building_of_source, b->source_id, id, err)
                        : WG_OK;
}

static enum wg_status read_building(struct wg_job *job, struct wg_building *b,
                                    const char **whole, struct wg_error *err)
{
    const struct wg_multipolygon *mp;
    wg_building_init(b);
    enum wg_status st = building_texts(job, b, err);
    if (!st)
        st = wg_field_text(job, WG_F_PART_OF, whole, err);
    if (!st)
        st = wg_job_polygon(job, false, &mp, err);
    if (st)
        return st;
    building_numbers(job, b);
    b->geometry = *mp;
    if (*whole && (wg_text_equal(*whole, b->source_id) || wg_text_equal(*whole, "0")))
        *whole = NULL;
    return WG_OK;
}

enum wg_status wg_pack_building(struct wg_job *job, struct wg_batch *batch,
                                struct wg_item *item, struct wg_error *err)
{
    struct wg_building b;
    const char *whole = NULL;
    enum wg_status st = read_building(job, &b, &whole, err);
    if (st)
        return st;
    const char *const key[WG_N_KEY] = {
        [WG_KEY_CODE] = b.code, [WG_KEY_SOURCE] = b.source_id, [WG_KEY_WHOLE] = whole};
    item->ended = b.valid_to;
    batch->row.n_column = wg_building_columns();
    st = wg_batch_keys(batch, key, err);
    if (st)
        return st;
    return wg_building_pack(&b, &job->heights, wg_store_srid(job->store), &batch->row,
                            &item->box, err);
}

enum wg_status wg_row_building(struct wg_job *job, struct wg_error *err)
{
    struct wg_building b;
    const char *whole = NULL;
    int64_t id;
    bool made;
    enum wg_status st = read_building(job, &b, &whole, err);
    if (st)
        return st;
    if (whole)
        st = wg_job_known(job, building_of_source, whole, &b.part_of, &made, err);
    if (!st)
        st = find_building(job, &b, &id, err);
    if (st)
        return st;
    bool is_new = !id;
    if (is_new)
        st = wg_building_create(job->store, &b, &id, err);
    else if (!job->opt->update || made_here(job, id))
        st = wg_fail_already(job->fid, b.code ? b.code : b.source_id, id,
                             b.code && made_here(job, id), err);
    else
        st = update_building(job, id, &b, err);
    if (!st && whole && !b.part_of)
        st = wg_defer_whole(job, id, job->fid, whole, err);
    if (!st)
        wg_job_made(job, id, is_new);
    return st;
}

enum wg_status wg_end_buildings(struct wg_job *job, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    if (!job->deferred)
        return WG_OK;
    enum wg_status st =
        wg_exec(job->store,
                "UPDATE building SET part_of = (SELECT w.id FROM temp.import_link l"
                " JOIN building w ON w.source_id = l.key AND w.id <> l.child"
                " WHERE l.child = building.id LIMIT 1)"
                " WHERE id IN (SELECT child FROM temp.import_link)",
                err);
    if (!st)
        st = wg_query(job->store,
                      "SELECT count(*), min(l.key) FROM temp.import_link l"
                      " JOIN building b ON b.id = l.child WHERE b.part_of IS NULL",
                      &q, err);
    if (!st)
        st = wg_step(q, &row, err);
    if (!st && row && wg_column_int(q, 0))
        wg_job_warn(job,
                    _("%lld buildings are said to be part of one that is not there, for "
                      "instance “%s”; they stand for themselves."),
                    (long long)wg_column_int(q, 0), wg_column_text(q, 1));
    wg_done(q);
    return st;
}

/* Parts. */

static enum wg_status part_texts(struct wg_job *job, struct wg_part *p,
                                 struct wg_error *err)
{
    enum wg_status st = wg_field_text(job, WG_F_CODE, &p->code, err);
    if (!st)
        st = wg_field_text(job, WG_F_CLASS, &p->class_code, err);
    if (!st)
        st = wg_field_text(job, WG_F_NAME, &p->name, err);
    if (!st)
        st = wg_field_text(job, WG_F_STATUS, &p->state, err);
    if (!st)
        st = wg_field_text(job, WG_F_ID, &p->source_id, err);
    p->valid_from = wg_field_time(job, WG_F_VALID_FROM);
    p->valid_to = wg_field_time(job, WG_F_VALID_TO);
    return st;
}

static enum wg_status update_part(struct wg_job *job, int64_t id,
                                  const struct wg_part *from, struct wg_error *err)
{
    struct wg_part old;
    const int *field = job->field;
    wg_part_init(&old);
    enum wg_status st = wg_part_read(job->store, id, &old, err);
    if (st)
        return st;
    struct wg_part next = *from;
    next.id = id;
    if (field[WG_F_CODE] < 0)
        next.code = old.code;
    if (field[WG_F_CLASS] < 0)
        next.class_code = old.class_code;
    if (field[WG_F_NAME] < 0)
        next.name = old.name;
    if (field[WG_F_STATUS] < 0)
        next.state = old.state;
    if (field[WG_F_ID] < 0)
        next.source_id = old.source_id;
    if (field[WG_F_VALID_FROM] < 0)
        next.valid_from = old.valid_from;
    if (field[WG_F_VALID_TO] < 0)
        next.valid_to = old.valid_to;
    st = wg_part_update(job->store, &next, err);
    wg_part_finish(&old);
    return st;
}

static enum wg_status read_part(struct wg_job *job, struct wg_part *p,
                                struct wg_error *err)
{
    struct wg_point at;
    wg_part_init(p);
    enum wg_status st = part_texts(job, p, err);
    if (!st)
        st = wg_job_point(job, &at, err);
    if (st)
        return st;
    p->x = at.x;
    p->y = at.y;
    return WG_OK;
}

enum wg_status wg_pack_part(struct wg_job *job, struct wg_batch *batch,
                            struct wg_item *item, struct wg_error *err)
{
    struct wg_part p;
    enum wg_status st = read_part(job, &p, err);
    if (st)
        return st;
    const char *const key[WG_N_KEY] = {
        [WG_KEY_CODE] = p.code, [WG_KEY_SOURCE] = p.source_id};
    item->ended = p.valid_to;
    batch->row.n_column = wg_part_columns();
    st = wg_batch_keys(batch, key, err);
    return st ? st
              : wg_part_pack(&p, wg_store_srid(job->store), &batch->row, &item->box, err);
}

enum wg_status wg_row_part(struct wg_job *job, struct wg_error *err)
{
    struct wg_part p;
    int64_t id = 0;
    enum wg_status st = read_part(job, &p, err);
    if (st)
        return st;
    if (p.code) {
        st = wg_part_find(job->store, p.code, &id, err);
        st = st == WG_NOT_FOUND ? WG_OK : st;
    } else if (p.source_id) {
        st = find_source(job, part_of_source, p.source_id, &id, err);
    }
    if (st)
        return st;
    bool is_new = !id;
    if (is_new)
        st = wg_part_create(job->store, &p, &id, err);
    else if (!job->opt->update || made_here(job, id))
        st = wg_fail_already(job->fid, p.code ? p.code : p.source_id, id,
                             p.code && made_here(job, id), err);
    else
        st = update_part(job, id, &p, err);
    if (!st)
        wg_job_made(job, id, is_new);
    return st;
}
