/* Owns the reading of a scheme's grids into locators, by the times they own. */
#include "assign_window.h"

#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "statement.h"
#include "wangge/shape.h"

#define IN_FORCE(row, at)                                                                \
    "(" row ".valid_from IS NULL OR " row ".valid_from <= " at ") AND (" row             \
    ".valid_to IS NULL OR " row ".valid_to > " at ")"

/* Where grids are taken from: ?1 the scheme, ?2 now, ?3 … ?6 the box. */
#define ALL_GRIDS "grid g WHERE g.scheme_id = ?1"
#define BOX_GRIDS                                                                        \
    "idx_grid_geom r CROSS JOIN grid g WHERE r.xmax >= ?3 AND r.xmin <= ?4 AND r.ymax "  \
    ">= ?5 AND r.ymin <= ?6 AND g.id = r.pkid AND g.scheme_id = ?1"

#define ALL_PAST                                                                         \
    "grid_past p CROSS JOIN grid g WHERE p.scheme_id = ?1 AND g.id = p.grid_id AND "     \
    "g.scheme_id = ?1"
#define BOX_PAST                                                                         \
    "idx_grid_past_geom r CROSS JOIN grid_past p CROSS JOIN grid g WHERE r.xmax >= ?3 "  \
    "AND r.xmin <= ?4 AND r.ymax >= ?5 AND r.ymin <= ?6 AND p.id = r.pkid AND "          \
    "p.scheme_id = ?1 AND g.id = p.grid_id AND g.scheme_id = ?1"

#define NOW_SQL(grids)                                                                   \
    "SELECT g.id, g.code, g.geom FROM " grids " AND g.geom IS NOT NULL AND " IN_FORCE(   \
        "g", "?2") " AND (g.geom_from IS NULL OR g.geom_from <= ?2) AND NOT EXISTS "     \
                   "(SELECT 1 FROM grid c WHERE c.parent_id = g.id AND " IN_FORCE(       \
                       "c", "?2") ")"
/* All that own at some time, with their dates; what held before ends with its grid. */
#define NOT_ALWAYS_PARENT                                                                \
    " AND NOT EXISTS (SELECT 1 FROM grid c WHERE c.parent_id = g.id AND c.valid_from "   \
    "IS "                                                                                \
    "NULL AND c.valid_to IS NULL)"
#define LATER(a, b) "iif(" a " IS NULL OR " b " > " a ", " b ", " a ")"
#define EVER_SQL(grids, past)                                                            \
    "SELECT g.id, g.code, g.geom, " LATER(                                               \
        "g.valid_from",                                                                  \
        "g.geom_from") ", g.valid_to, 0 FROM " grids                                     \
                       " AND g.geom IS NOT NULL" NOT_ALWAYS_PARENT                       \
                       " UNION ALL SELECT g.id, g.code, p.geom, " LATER(                 \
                           "g.valid_from",                                               \
                           "p.valid_from") ", min(p.valid_to, coalesce(g.valid_to, "     \
                                           "p.valid_to)), p.id FROM " past               \
                                           " AND p.geom IS NOT NULL" NOT_ALWAYS_PARENT
#define BOTH(grids, past)                                                                \
    "(SELECT g.id FROM " grids " UNION ALL SELECT g.id FROM " past ")"
#define CHILDREN_SQL(grids, past)                                                        \
    "SELECT c.parent_id, c.valid_from, c.valid_to FROM grid c WHERE c.parent_id IS NOT " \
    "NULL AND c.parent_id IN " BOTH(grids, past) " ORDER BY 1"
#define INSTANTS_SQL(grids, past)                                                        \
    "SELECT g.geom_from AS t FROM " grids " UNION SELECT g.valid_from FROM " grids       \
    " UNION SELECT g.valid_to FROM " grids " UNION SELECT p.valid_from FROM " past       \
    " UNION SELECT p.valid_to FROM " past " UNION SELECT g.valid_from FROM " past        \
    " UNION SELECT g.valid_to FROM " past                                                \
    " UNION SELECT c.valid_from FROM grid c WHERE c.parent_id IN " BOTH(                 \
        grids,                                                                           \
        past) " UNION SELECT c.valid_to FROM grid c WHERE c.parent_id IN " BOTH(grids,   \
                                                                                past) " ORDER BY 1"

enum { SQL_NOW, SQL_EVER, SQL_CHILDREN, SQL_INSTANTS, N_SQL };
static const char *const sql[N_SQL][2] = {
    {NULL, NOW_SQL(BOX_GRIDS)}, /* wg_locator_open reads them all */
    {EVER_SQL(ALL_GRIDS, ALL_PAST), EVER_SQL(BOX_GRIDS, BOX_PAST) " ORDER BY 2"},
    {CHILDREN_SQL(ALL_GRIDS, ALL_PAST), CHILDREN_SQL(BOX_GRIDS, BOX_PAST)},
    {INSTANTS_SQL(ALL_GRIDS, ALL_PAST), INSTANTS_SQL(BOX_GRIDS, BOX_PAST)},
};

struct span { /* ranks: from <= rank < to */
    uint32_t from, to;
};

struct child {
    int64_t parent;
    struct span span;
};

struct reading {
    struct wg_locator_grid *grid;
    struct wg_multipolygon *mp;
    struct span *span;
    int64_t *of; /* the grid; `grid` has numbers of its own when past ones are read */
    size_t n, cap_grid, cap_mp, cap_span, cap_of;
};

struct wg_windows {
    struct wg_store *store;
    int64_t scheme;
    struct wg_box box; /* empty: everything */
    char now_at[32];
    uint32_t now_rank;
    char **instant;
    uint32_t n_instant;
    struct wg_locator *now, *ever;
    struct span *span;   /* of the slots of `ever`: polygons, present and past */
    int64_t *grid;       /* whose they are */
    struct reading near; /* with a box, instead of `ever`: in order of code */
    struct wg_box *near_box;
    struct child *child;
    size_t n_child;
    unsigned char *valid; /* of the slots of `now`: 0 not asked, 1 yes, 2 no */
};

static enum wg_status ask(const struct wg_windows *w, int which, struct wg_query **q,
                          struct wg_error *err)
{
    bool boxed = !wg_box_is_empty(w->box);
    enum wg_status s = wg_query(w->store, sql[which][boxed], q, err);

    if (s != WG_OK)
        return s;
    wg_bind_int(*q, 1, w->scheme);
    if (which == SQL_NOW)
        wg_bind_text(*q, 2, w->now_at);
    if (boxed) {
        wg_bind_real(*q, 3, w->box.min_x);
        wg_bind_real(*q, 4, w->box.max_x);
        wg_bind_real(*q, 5, w->box.min_y);
        wg_bind_real(*q, 6, w->box.max_y);
    }
    return WG_OK;
}

/* ---- instants ---- */

bool wg_windows_dated(const struct wg_windows *w)
{
    return w->n_instant > 0;
}

uint32_t wg_windows_rank(const struct wg_windows *w, const char *at)
{
    uint32_t lo = 0, hi = w->n_instant;

    if (!at)
        return w->now_rank;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (strcmp(w->instant[mid], at) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* When a row with these dates is in force. */
static struct span span_of(const struct wg_windows *w, const char *from, const char *to)
{
    return (struct span){from ? wg_windows_rank(w, from) : 0,
                         to ? wg_windows_rank(w, to) : UINT32_MAX};
}

static bool in_span(struct span span, uint32_t rank)
{
    return span.from <= rank && rank < span.to;
}

static enum wg_status read_now(struct wg_windows *w, struct wg_error *err)
{
    struct wg_query *q;
    bool row;
    enum wg_status s =
        wg_query(w->store, "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", &q, err);

    if (s != WG_OK)
        return s;
    s = wg_step(q, &row, err);
    if (s == WG_OK && row)
        strncpy(w->now_at, wg_column_text(q, 0), sizeof w->now_at - 1);
    wg_done(q);
    return s;
}

static enum wg_status read_instants(struct wg_windows *w, struct wg_error *err)
{
    struct wg_query *q;
    size_t cap = 0;
    bool row;
    enum wg_status s = ask(w, SQL_INSTANTS, &q, err);

    if (s != WG_OK)
        return s;
    while ((s = wg_step(q, &row, err)) == WG_OK && row) {
        void *array = w->instant;
        char *text = NULL;

        if (wg_column_is_null(q, 0))
            continue;
        if (wg_grow(&array, &cap, w->n_instant + 1, sizeof *w->instant)) {
            w->instant = array;
            text = wg_strdup(wg_column_text(q, 0));
        }
        if (!text) {
            s = wg_fail_memory(err);
            break;
        }
        w->instant[w->n_instant++] = text;
    }
    wg_done(q);
    w->now_rank = wg_windows_rank(w, w->now_at);
    return s;
}

/* ---- grids ---- */

static void reading_finish(struct reading *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free((char *)r->grid[i].code);
        wg_multipolygon_finish(&r->mp[i]);
    }
    free(r->grid);
    free(r->mp);
    free(r->span);
    free(r->of);
}

static bool reading_room(struct reading *r)
{
    void *grid = r->grid, *mp = r->mp, *span = r->span, *of = r->of;
    bool ok = wg_grow(&grid, &r->cap_grid, r->n + 1, sizeof *r->grid);

    r->grid = grid;
    ok = ok && wg_grow(&mp, &r->cap_mp, r->n + 1, sizeof *r->mp);
    r->mp = mp;
    ok = ok && wg_grow(&span, &r->cap_span, r->n + 1, sizeof *r->span);
    r->span = span;
    ok = ok && wg_grow(&of, &r->cap_of, r->n + 1, sizeof *r->of);
    r->of = of;
    return ok;
}

/* A past polygon sorts as its grid does, and is not the same. */
static char *code_of(struct wg_query *q, int64_t past)
{
    const char *code = wg_column_text(q, 1);
    size_t size = code ? strlen(code) + 24 : 0;
    char *out;

    if (!past || !code)
        return wg_strdup(code);
    out = malloc(size);
    if (out)
        snprintf(out, size, "%s\001%lld", code, (long long)past);
    return out;
}

/* A geometry that cannot be read holds nothing, as for SpatiaLite. */
static enum wg_status read_grid(const struct wg_windows *w, struct reading *r,
                                struct wg_query *q, bool dated, struct wg_error *err)
{
    struct wg_multipolygon mp = {0};
    size_t size;
    const void *blob = wg_column_blob(q, 2, &size);
    enum wg_status s = wg_shape_from_blob(blob, size, &mp, err);

    if (s == WG_FORMAT || s == WG_GEOMETRY || (s == WG_OK && mp.n_part == 0))
        return WG_OK;
    if (s != WG_OK)
        return s;
    char *code = code_of(q, dated ? wg_column_int(q, 5) : 0);
    if (!code || !reading_room(r)) {
        free(code);
        wg_multipolygon_finish(&mp);
        return wg_fail_memory(err);
    }
    r->mp[r->n] = mp;
    r->of[r->n] = wg_column_int(q, 0);
    r->grid[r->n] = (struct wg_locator_grid){
        .id = dated ? (int64_t)r->n + 1 : r->of[r->n], .code = code};
    r->span[r->n] = dated ? span_of(w, wg_column_text(q, 3), wg_column_text(q, 4))
                          : (struct span){0, UINT32_MAX};
    r->n++;
    return WG_OK;
}

static enum wg_status read_grids(const struct wg_windows *w, int which, struct reading *r,
                                 struct wg_error *err)
{
    struct wg_query *q;
    bool row;
    enum wg_status s = ask(w, which, &q, err);

    if (s != WG_OK)
        return s;
    while (s == WG_OK && (s = wg_step(q, &row, err)) == WG_OK && row)
        s = read_grid(w, r, q, which == SQL_EVER, err);
    wg_done(q);
    for (size_t i = 0; i < r->n; i++)
        r->grid[i].geometry = &r->mp[i];
    return s;
}

static enum wg_status build_now(struct wg_windows *w, struct wg_error *err)
{
    struct reading r = {0};
    enum wg_status s;

    if (wg_box_is_empty(w->box)) /* there may be a file of them */
        return wg_locator_open(w->store, w->scheme, NULL, NULL, &w->now, err);
    s = read_grids(w, SQL_NOW, &r, err);

    if (s == WG_OK)
        s = wg_locator_build(r.n, r.grid, NULL, &w->now, err);
    reading_finish(&r);
    return s;
}

/* ---- grids of other times ---- */

static enum wg_status read_children(struct wg_windows *w, struct wg_error *err)
{
    struct wg_query *q;
    size_t cap = 0;
    bool row;
    enum wg_status s = ask(w, SQL_CHILDREN, &q, err);

    if (s != WG_OK)
        return s;
    while ((s = wg_step(q, &row, err)) == WG_OK && row) {
        void *array = w->child;

        if (!wg_grow(&array, &cap, w->n_child + 1, sizeof *w->child)) {
            s = wg_fail_memory(err);
            break;
        }
        w->child = array;
        w->child[w->n_child++] = (struct child){
            wg_column_int(q, 0), span_of(w, wg_column_text(q, 1), wg_column_text(q, 2))};
    }
    wg_done(q);
    return s;
}

/* Spans by slot. */
static enum wg_status keep_spans(struct wg_windows *w, const struct reading *r,
                                 struct wg_error *err)
{
    w->span = calloc(wg_locator_count(w->ever) + 1, sizeof *w->span);
    w->grid = calloc(wg_locator_count(w->ever) + 1, sizeof *w->grid);
    if (!w->span || !w->grid)
        return wg_fail_memory(err);
    for (size_t i = 0; i < r->n; i++) {
        uint32_t slot = wg_locator_slot_of(w->ever, r->grid[i].id);

        w->span[slot] = r->span[i];
        w->grid[slot] = r->of[i];
    }
    return WG_OK;
}

/* For a few objects an index is not worth its making: the polygons pile up with every
 * change of a boundary. */
static enum wg_status keep_near(struct wg_windows *w, struct reading *r,
                                struct wg_error *err)
{
    w->near = *r;
    w->near_box = calloc(r->n + 1, sizeof *w->near_box);
    if (!w->near_box)
        return wg_fail_memory(err);
    for (size_t i = 0; i < r->n; i++)
        w->near_box[i] = wg_multipolygon_box(&r->mp[i]);
    return WG_OK;
}

static enum wg_status build_ever(struct wg_windows *w, struct wg_error *err)
{
    struct reading r = {0};
    enum wg_status s = read_grids(w, SQL_EVER, &r, err);

    if (s == WG_OK)
        s = read_children(w, err);
    if (s == WG_OK && !wg_box_is_empty(w->box))
        return keep_near(w, &r, err);
    if (s == WG_OK)
        s = wg_locator_build(r.n, r.grid, NULL, &w->ever, err);
    if (s == WG_OK)
        s = keep_spans(w, &r, err);
    reading_finish(&r);
    return s;
}

static bool has_child(const struct wg_windows *w, int64_t grid, uint32_t rank)
{
    size_t lo = 0, hi = w->n_child;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (w->child[mid].parent < grid)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < w->n_child && w->child[lo].parent == grid; lo++) {
        if (in_span(w->child[lo].span, rank))
            return true;
    }
    return false;
}

static bool owns_at(const struct wg_windows *w, uint32_t slot, uint32_t rank)
{
    return in_span(w->span[slot], rank) && !has_child(w, w->grid[slot], rank);
}

/* The first of all that cover the point that owns at the time. */
static enum wg_status find_at(const struct wg_windows *w, double x, double y,
                              uint32_t rank, int64_t *grid, struct wg_error *err)
{
    struct wg_box point = {x, y, x, y};
    uint32_t few[64], *slot = few;
    size_t n = 0;
    enum wg_status s = wg_locator_meet(w->ever, point, 64, few, &n, err);

    if (s == WG_OK && n > 64) {
        slot = malloc(n * sizeof *slot);
        if (!slot)
            return wg_fail_memory(err);
        s = wg_locator_meet(w->ever, point, n, slot, &n, err);
    }
    *grid = 0;
    for (size_t i = 0; s == WG_OK && i < n && *grid == 0; i++) {
        if (owns_at(w, slot[i], rank))
            *grid = w->grid[slot[i]];
    }
    if (slot != few)
        free(slot);
    return s;
}

static int64_t find_near(const struct wg_windows *w, double x, double y, uint32_t rank)
{
    const struct reading *r = &w->near;

    for (size_t i = 0; i < r->n; i++) {
        if (in_span(r->span[i], rank) && wg_box_contains(w->near_box[i], x, y) &&
            wg_multipolygon_side(&r->mp[i], x, y) != WG_OUTSIDE &&
            !has_child(w, r->of[i], rank))
            return r->of[i];
    }
    return 0;
}

/* The lowest code of all times is right where it owns at the time asked. */
static enum wg_status find_other(struct wg_windows *w, double x, double y, uint32_t rank,
                                 int64_t *grid, struct wg_error *err)
{
    enum wg_status s = w->ever || w->near_box ? WG_OK : build_ever(w, err);

    if (s != WG_OK)
        return s;
    if (w->near_box) {
        *grid = find_near(w, x, y, rank);
        return WG_OK;
    }
    uint32_t slot = wg_locator_slot(w->ever, x, y);
    if (slot && !owns_at(w, slot, rank))
        return find_at(w, x, y, rank, grid, err);
    *grid = w->grid[slot];
    return WG_OK;
}

/* ---- asking ---- */

const struct wg_locator *wg_windows_now(const struct wg_windows *w)
{
    return w->now;
}

enum wg_status wg_windows_find(struct wg_windows *w, size_t n, const double *x,
                               const double *y, const uint32_t *rank, int64_t *grid,
                               struct wg_error *err)
{
    enum wg_status s = WG_OK;

    wg_locator_find(w->now, n, x, y, grid);
    if (w->n_instant == 0)
        return WG_OK;
    for (size_t i = 0; s == WG_OK && i < n; i++) {
        if (rank[i] != w->now_rank)
            s = find_other(w, x[i], y[i], rank[i], &grid[i], err);
    }
    return s;
}

enum wg_status wg_windows_valid(struct wg_windows *w, struct wg_shape *shape,
                                uint32_t slot, bool *valid, struct wg_error *err)
{
    enum wg_status s = WG_OK;

    if (!w->valid[slot]) {
        struct wg_multipolygon mp = {0};

        s = wg_locator_geometry(w->now, slot, &mp, err);
        if (s == WG_OK)
            s = wg_shape_check(shape, &mp, err);
        wg_multipolygon_finish(&mp);
        if (s != WG_OK && s != WG_GEOMETRY)
            return s;
        w->valid[slot] = s == WG_OK ? 1 : 2;
    }
    *valid = w->valid[slot] == 1;
    return WG_OK;
}

/* ---- life ---- */

void wg_windows_destroy(struct wg_windows *w)
{
    if (!w)
        return;
    for (uint32_t i = 0; i < w->n_instant; i++)
        free(w->instant[i]);
    free(w->instant);
    free(w->span);
    free(w->grid);
    free(w->child);
    free(w->valid);
    wg_locator_destroy(w->now);
    wg_locator_destroy(w->ever);
    reading_finish(&w->near);
    free(w->near_box);
    free(w);
}

enum wg_status wg_windows_create(struct wg_store *store, int64_t scheme,
                                 const struct wg_box *box, struct wg_windows **out,
                                 struct wg_error *err)
{
    struct wg_windows *w = calloc(1, sizeof *w);
    enum wg_status s;

    if (!w)
        return wg_fail_memory(err);
    w->store = store;
    w->scheme = scheme;
    w->box = box ? *box : wg_box_empty();
    s = read_now(w, err);
    if (s == WG_OK)
        s = read_instants(w, err);
    if (s == WG_OK)
        s = build_now(w, err);
    if (s == WG_OK) {
        w->valid = calloc(wg_locator_count(w->now) + 1, 1);
        s = w->valid ? WG_OK : wg_fail_memory(err);
    }
    if (s == WG_OK)
        *out = w;
    else
        wg_windows_destroy(w);
    return s;
}
