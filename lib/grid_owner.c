/* Owns the asking for owners when a grid is made, changed or ended. */
#include "grid_owner.h"

#include <string.h>

#include "assign_job.h"
#include "internal.h"
#include "statement.h"
#include "wangge/shape.h"

/* What schema/021-owner-triggers.sql asks, asked of less. */

static void state_finish(struct wg_grid_state *state)
{
    free(state->code);
    free(state->from);
    free(state->to);
    wg_multipolygon_finish(&state->geometry);
    *state = (struct wg_grid_state){.known = false};
}

void wg_grid_edit_finish(struct wg_grid_edit *edit)
{
    state_finish(&edit->was);
    state_finish(&edit->now);
}

/* The polygon in a column; none where it cannot be read. */
static enum wg_status read_polygon(struct wg_query *q, int column,
                                   struct wg_multipolygon *mp, struct wg_error *err)
{
    size_t size;
    const void *blob = wg_column_blob(q, column, &size);
    enum wg_status s = blob ? wg_shape_from_blob(blob, size, mp, err) : WG_OK;

    return s == WG_FORMAT || s == WG_GEOMETRY ? WG_OK : s;
}

static bool copy_text(struct wg_query *q, int column, char **out)
{
    const char *text = wg_column_text(q, column);

    *out = wg_strdup(text);
    return *out || !text;
}

static enum wg_status read_state(struct wg_store *store, int64_t id,
                                 struct wg_grid_state *state, struct wg_error *err)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(store,
                 "SELECT scheme_id, parent_id, code, valid_from, valid_to, "
                 "geom FROM grid WHERE id = ?1",
                 &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, id);
    s = wg_step(q, &row, err);
    if (s == WG_OK && row) {
        state->known = true;
        state->scheme = wg_column_int(q, 0);
        state->parent = wg_column_int(q, 1);
        if (!copy_text(q, 2, &state->code) || !copy_text(q, 3, &state->from) ||
            !copy_text(q, 4, &state->to))
            s = wg_fail_memory(err);
        else
            s = read_polygon(q, 5, &state->geometry, err);
    }
    wg_done(q);
    return s;
}

/* Does a query with ids ?1 have a row? */
static enum wg_status has_row(struct wg_store *store, const char *sql, int64_t id,
                              bool *has, struct wg_error *err)
{
    struct wg_query *q;
    enum wg_status s = wg_query(store, sql, &q, err);

    if (s != WG_OK)
        return s;
    if (id)
        wg_bind_int(q, 1, id);
    s = wg_step(q, has, err);
    wg_done(q);
    return s;
}

enum wg_status wg_grid_edit_begin(struct wg_store *store, int64_t id,
                                  struct wg_grid_edit *edit, struct wg_error *err)
{
    enum wg_status s;

    *edit = (struct wg_grid_edit){.bulk = false};
    s = has_row(store, "SELECT 1 FROM bulk", 0, &edit->bulk, err);
    if (s != WG_OK || edit->bulk)
        return s;
    if (id)
        s = read_state(store, id, &edit->was, err);
    return s == WG_OK ? wg_exec(store, "INSERT INTO bulk (id) VALUES (1)", err) : s;
}

/* The first grid of a scheme: every object gets a row. */
static enum wg_status ask_first(struct wg_store *store, int64_t scheme, bool *first,
                                struct wg_error *err)
{
    enum wg_status s = has_row(store,
                               "SELECT 1 FROM owner_scheme WHERE id = ?1 AND NOT EXISTS "
                               "(SELECT 1 FROM owner WHERE scheme_id = ?1)",
                               scheme, first, err);

    return s == WG_OK && *first ? wg_assign_scheme(store, scheme, err) : s;
}

static bool same_times(const struct wg_grid_edit *edit)
{
    return wg_text_equal(edit->was.from, edit->now.from) &&
           wg_text_equal(edit->was.to, edit->now.to);
}

/* What lies where a grid's polygons were before. */
static enum wg_status ask_past(struct wg_store *store, int64_t id, struct wg_error *err)
{
    struct wg_multipolygon *past = NULL;
    struct wg_assign_change *change = NULL;
    struct wg_query *q;
    size_t n = 0, cap = 0;
    int64_t scheme = 0;
    bool row;
    enum wg_status s = wg_query(
        store, "SELECT scheme_id, geom FROM grid_past WHERE grid_id = ?1", &q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, id);
    while (s == WG_OK && (s = wg_step(q, &row, err)) == WG_OK && row) {
        scheme = wg_column_int(q, 0);
        if (!wg_grow((void **)&past, &cap, n + 1, sizeof *past)) {
            s = wg_fail_memory(err);
            break;
        }
        past[n] = (struct wg_multipolygon){0};
        s = read_polygon(q, 1, &past[n++], err);
    }
    wg_done(q);
    if (s == WG_OK && n > 0) {
        change = calloc(n, sizeof *change);
        s = change ? WG_OK : wg_fail_memory(err);
    }
    for (size_t i = 0; change && i < n; i++)
        change[i].now = &past[i];
    if (s == WG_OK && n > 0)
        s = wg_assign_near(store, scheme, n, change, NULL, err);
    for (size_t i = 0; i < n; i++)
        wg_multipolygon_finish(&past[i]);
    free(past);
    free(change);
    return s;
}

/* What lies in the grid itself. */
static enum wg_status ask_self(struct wg_store *store, int64_t id,
                               const struct wg_grid_edit *edit, struct wg_error *err)
{
    struct wg_assign_change moved = {&edit->was.geometry, &edit->now.geometry};
    struct wg_assign_change both[] = {{&edit->was.geometry, NULL},
                                      {NULL, &edit->now.geometry}};

    if (edit->was.known && same_times(edit) &&
        wg_text_equal(edit->was.code, edit->now.code))
        return wg_assign_near(store, edit->now.scheme, 1, &moved, NULL, err);
    enum wg_status s = wg_assign_near(store, edit->now.scheme, 2, both, NULL, err);
    return s == WG_OK && edit->was.known ? ask_past(store, id, err) : s;
}

/* A parent owns while it has no child in force: its area is asked when a child comes or
 * goes, unless a sister is in force all the time the child is. */
static enum wg_status ask_parent(struct wg_store *store, int64_t id,
                                 const struct wg_grid_state *child, struct wg_error *err)
{
    struct wg_multipolygon mp = {0};
    struct wg_query *q;
    int64_t scheme = 0;
    bool row;
    enum wg_status s;

    if (!child->known || !child->parent)
        return WG_OK;
    s = wg_query(
        store,
        "SELECT scheme_id, geom FROM grid WHERE id = ?1 AND NOT EXISTS (SELECT 1 "
        "FROM grid c WHERE c.parent_id = ?1 AND c.id <> ?2 AND (c.valid_from IS "
        "NULL OR c.valid_from <= ?3) AND (c.valid_to IS NULL OR c.valid_to >= "
        "?4))",
        &q, err);
    if (s != WG_OK)
        return s;
    wg_bind_int(q, 1, child->parent);
    wg_bind_int(q, 2, id);
    wg_bind_text(q, 3, child->from);
    wg_bind_text(q, 4, child->to);
    s = wg_step(q, &row, err);
    if (s == WG_OK && row) {
        scheme = wg_column_int(q, 0);
        s = read_polygon(q, 1, &mp, err);
    }
    wg_done(q);
    if (s == WG_OK && scheme)
        s = wg_assign_near(store, scheme, 1, &(struct wg_assign_change){NULL, &mp}, NULL,
                           err);
    wg_multipolygon_finish(&mp);
    return s == WG_OK ? ask_past(store, child->parent, err) : s;
}

enum wg_status wg_grid_edit_end(struct wg_store *store, int64_t id,
                                struct wg_grid_edit *edit, struct wg_error *err)
{
    bool first = false;
    enum wg_status s;

    if (edit->bulk)
        return WG_OK;
    s = wg_exec(store, "DELETE FROM bulk", err);
    if (s == WG_OK)
        s = read_state(store, id, &edit->now, err);
    if (s != WG_OK || !edit->now.known)
        return s;
    s = ask_first(store, edit->now.scheme, &first, err);
    if (s == WG_OK && !first)
        s = ask_self(store, id, edit, err);
    if (s == WG_OK && (edit->was.parent != edit->now.parent || !same_times(edit))) {
        s = ask_parent(store, id, &edit->was, err);
        if (s == WG_OK)
            s = ask_parent(store, id, &edit->now, err);
    }
    return s;
}
