/*
 * Owns the packing of a spatial index: a whole R-tree in the form in which SQLite's
 * rtree module keeps it, written in one go.
 *
 * The form (SQLite's ext/rtree/rtree.c): node 1 is the root; a node begins with the
 * height of the tree (in the root; 0 elsewhere) and the number of its cells, both 16 bits
 * big endian; a cell is a 64-bit id (of a row in a leaf, else of a node) and four floats.
 * _rowid tells the leaf of each row, _parent the parent of each node but the root.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hilbert.h"
#include "store_db.h"

enum {
    HEAD_SIZE = 4,
    CELL_SIZE = 8 + 4 * 4,
    NODE_SIZE_MAX = 65536,
    LEVELS = 12,     /* of 3 cells a node and more, beyond any number of rows */
    INSERT_MAX = 64, /* so few are always inserted */
    REBUILD_PART = 8 /* an insert costs about as much as packing this many */
};

/* ---- boxes ---- */

/* Outward by SQLite's own steps: a query for the box as doubles finds the entry. */
static float round_down(double d)
{
    float f = (float)d;
    if ((double)f > d)
        f = (float)(d * (d < 0 ? 1.0 + 1.0 / 8388608.0 : 1.0 - 1.0 / 8388608.0));
    return f;
}

static float round_up(double d)
{
    float f = (float)d;
    if ((double)f < d)
        f = (float)(d * (d < 0 ? 1.0 - 1.0 / 8388608.0 : 1.0 + 1.0 / 8388608.0));
    return f;
}

struct wg_entry wg_entry_make(int64_t id, struct wg_box box)
{
    return (struct wg_entry){id, round_down(box.min_x), round_up(box.max_x),
                             round_down(box.min_y), round_up(box.max_y)};
}

static void grow_box(struct wg_entry *box, const struct wg_entry *e)
{
    box->min_x = e->min_x < box->min_x ? e->min_x : box->min_x;
    box->max_x = e->max_x > box->max_x ? e->max_x : box->max_x;
    box->min_y = e->min_y < box->min_y ? e->min_y : box->min_y;
    box->max_y = e->max_y > box->max_y ? e->max_y : box->max_y;
}

/* ---- order ---- */

static uint32_t step_of(float min, float max, double origin, double scale)
{
    double at = (((double)min + (double)max) / 2 - origin) * scale;
    return at > 0 ? at < 65535 ? (uint32_t)at : 65535 : 0;
}

/* Ascending by the upper half, byte by byte; `spare` is as long as `key`. */
static void sort_keys(uint64_t *key, uint64_t *spare, size_t n)
{
    for (int shift = 32; shift < 64; shift += 8) {
        size_t at[256] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++)
            at[key[i] >> shift & 255]++;
        for (int b = 0; b < 256; b++) {
            size_t count = at[b];
            at[b] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            spare[at[key[i] >> shift & 255]++] = key[i];
        uint64_t *t = key; /* an even number of turns: the result is in key again */
        key = spare;
        spare = t;
    }
}

/* ---- the tree ---- */

struct level {
    size_t n_node, n_cell; /* cells of all its nodes together */
    int64_t first;         /* number of its first node; the others follow */
};

struct tree {
    const struct wg_entry *entry;
    size_t n;
    uint64_t *order;      /* upper half: place on the curve, lower half: entry */
    uint64_t *spare;      /* for sorting; then the leaf of each entry */
    struct wg_entry *box; /* of each node by its number; the id is that of the parent */
    struct level level[LEVELS];
    int n_level;
    int64_t n_node;
    size_t node_size;
    unsigned char node[NODE_SIZE_MAX]; /* the one being written */
};

static void order_entries(struct tree *t)
{
    struct wg_entry all = t->entry[0];
    for (size_t i = 1; i < t->n; i++)
        grow_box(&all, &t->entry[i]);
    double width = (double)all.max_x - (double)all.min_x;
    double height = (double)all.max_y - (double)all.min_y;
    double span = width > height ? width : height;
    double scale = span > 0 ? 65535 / span : 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct wg_entry *e = &t->entry[i];
        uint32_t x = step_of(e->min_x, e->max_x, (double)all.min_x, scale);
        uint32_t y = step_of(e->min_y, e->max_y, (double)all.min_y, scale);
        t->order[i] = (uint64_t)wg_hilbert(x, y) << 32 | i;
    }
    sort_keys(t->order, t->spare, t->n);
}

/* Nodes nine tenths full, so that the rows that come later do not split each at once,
 * and all of a level alike. */
static void plan_levels(struct tree *t)
{
    size_t cap = (t->node_size - HEAD_SIZE) / CELL_SIZE, fill = cap - cap / 10;
    size_t n_cell = t->n;
    int64_t next = 2;
    t->n_level = 0;
    for (;;) {
        struct level *l = &t->level[t->n_level++];
        l->n_cell = n_cell;
        l->n_node = n_cell <= cap ? 1 : (n_cell + fill - 1) / fill;
        l->first = l->n_node == 1 ? 1 : next;
        if (l->n_node == 1)
            break;
        next += (int64_t)l->n_node;
        n_cell = l->n_node;
    }
    t->n_node = next - 1;
}

static size_t first_cell(const struct level *l, size_t node)
{
    return node * l->n_cell / l->n_node; /* far below 2^64: both are below 2^32 */
}

static const struct wg_entry *cell_of(const struct tree *t, int level, size_t cell)
{
    return level == 0 ? &t->entry[(uint32_t)t->order[cell]]
                      : &t->box[t->level[level - 1].first + (int64_t)cell];
}

/* The boxes of all nodes, from the leaves up, and who is whose parent. */
static void bound_nodes(struct tree *t)
{
    for (int k = 0; k < t->n_level; k++) {
        const struct level *l = &t->level[k];
        for (size_t node = 0; node < l->n_node; node++) {
            int64_t number = l->first + (int64_t)node;
            size_t from = first_cell(l, node), to = first_cell(l, node + 1);
            struct wg_entry box = *cell_of(t, k, from);
            for (size_t c = from; c < to; c++) {
                grow_box(&box, cell_of(t, k, c));
                if (k == 0)
                    t->spare[(uint32_t)t->order[c]] = (uint64_t)number;
                else
                    t->box[t->level[k - 1].first + (int64_t)c].id = number;
            }
            box.id = 0;
            t->box[number] = box;
        }
    }
}

/* ---- its tables ---- */

static unsigned char *put(unsigned char *at, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (unsigned char)(value >> 8 * (n - 1 - i));
    return at + n;
}

static unsigned char *put_float(unsigned char *at, float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return put(at, bits, 4);
}

static void node_value(void *user, int64_t number, int column, struct wg_value *out)
{
    struct tree *t = user;
    (void)column;
    int k = 0;
    while (number < t->level[k].first ||
           number >= t->level[k].first + (int64_t)t->level[k].n_node)
        k++;
    const struct level *l = &t->level[k];
    size_t node = (size_t)(number - l->first);
    size_t from = first_cell(l, node), to = first_cell(l, node + 1);
    unsigned char *at = put(t->node, number == 1 ? (uint64_t)t->n_level - 1 : 0, 2);
    at = put(at, to - from, 2);
    for (size_t c = from; c < to; c++) {
        const struct wg_entry *e = cell_of(t, k, c);
        int64_t id = k == 0 ? e->id : t->level[k - 1].first + (int64_t)c;
        at = put(at, (uint64_t)id, 8);
        at = put_float(at, e->min_x);
        at = put_float(at, e->max_x);
        at = put_float(at, e->min_y);
        at = put_float(at, e->max_y);
    }
    memset(at, 0, t->node_size - (size_t)(at - t->node));
    *out = (struct wg_value){.type = WG_V_BLOB, .data = t->node, .size = t->node_size};
}

static void parent_value(void *user, int64_t number, int column, struct wg_value *out)
{
    const struct tree *t = user;
    (void)column;
    *out = (struct wg_value){.type = WG_V_INT, .number = t->box[number].id};
}

static void leaf_value(void *user, int64_t row, int column, struct wg_value *out)
{
    const struct tree *t = user;
    out->type = WG_V_INT;
    out->number = column ? (int64_t)t->spare[row] : t->entry[row].id;
}

static enum wg_status run(struct wg_store *store, const char *format, const char *table,
                          const struct wg_feed *feed, struct wg_error *err)
{
    char sql[320];
    sqlite3_snprintf(sizeof sql, sql, format, table, table, table);
    return feed ? wg_feed_run(store, sql, NULL, feed, err) : wg_exec(store, sql, err);
}

static enum wg_status write_tree(struct wg_store *store, const char *table,
                                 struct tree *t, struct wg_error *err)
{
    const struct wg_feed nodes = {1, t->n_node, node_value, t};
    const struct wg_feed parents = {2, t->n_node, parent_value, t};
    const struct wg_feed rows = {0, (int64_t)t->n - 1, leaf_value, t};
    enum wg_status st = run(store,
                            "DELETE FROM \"idx_%w_geom_node\";"
                            "DELETE FROM \"idx_%w_geom_parent\";"
                            "DELETE FROM \"idx_%w_geom_rowid\"",
                            table, NULL, err);
    if (!st)
        st = run(store,
                 "INSERT INTO \"idx_%w_geom_node\" (nodeno, data)"
                 " SELECT rowid, c0 FROM wg_feed",
                 table, &nodes, err);
    if (!st)
        st = run(store,
                 "INSERT INTO \"idx_%w_geom_parent\" (nodeno, parentnode)"
                 " SELECT rowid, c0 FROM wg_feed",
                 table, &parents, err);
    if (!st)
        st = run(store,
                 "INSERT INTO \"idx_%w_geom_rowid\" (rowid, nodeno)"
                 " SELECT c0, c1 FROM wg_feed",
                 table, &rows, err);
    return st;
}

static enum wg_status pack(struct wg_store *store, const char *table,
                           const struct wg_entry *entry, size_t n, size_t node_size,
                           struct wg_error *err)
{
    enum wg_status st = WG_OK;
    struct tree *t = malloc(sizeof *t);
    if (!t)
        return wg_fail_memory(err);
    t->entry = entry;
    t->n = n;
    t->node_size = node_size;
    plan_levels(t);
    t->order = malloc(n * sizeof *t->order);
    t->spare = malloc(n * sizeof *t->spare);
    t->box = malloc(((size_t)t->n_node + 1) * sizeof *t->box);
    if (!t->order || !t->spare || !t->box) {
        st = wg_fail_memory(err);
    } else {
        order_entries(t);
        bound_nodes(t);
        st = write_tree(store, table, t, err);
    }
    free(t->order);
    free(t->spare);
    free(t->box);
    free(t);
    return st;
}

/* ---- adding ---- */

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct wg_entry *)a)->id, y = ((const struct wg_entry *)b)->id;
    return (x > y) - (x < y);
}

/* The entries that are there, and the new ones behind them.  Ids from the first new one
 * on are of rows that are gone. */
static enum wg_status join_entries(struct wg_store *store, const char *table,
                                   const struct wg_entry *entry, size_t n,
                                   struct wg_entry **out, size_t *n_out,
                                   struct wg_error *err)
{
    struct wg_query *q = NULL;
    void *all = NULL;
    size_t cap = 0, k = 0;
    bool row = false;
    char sql[160];
    sqlite3_snprintf(sizeof sql, sql,
                     "SELECT pkid, xmin, xmax, ymin, ymax FROM \"idx_%w_geom\"", table);
    enum wg_status st = wg_query(store, sql, &q, err);
    if (st)
        return st;
    while (!(st = wg_step(q, &row, err)) && row) {
        if (!wg_grow(&all, &cap, k + 1, sizeof *entry)) {
            st = wg_fail_memory(err);
            break;
        }
        struct wg_entry e = {wg_column_int(q, 0), (float)wg_column_real(q, 1),
                             (float)wg_column_real(q, 2), (float)wg_column_real(q, 3),
                             (float)wg_column_real(q, 4)};
        if (e.id < entry[0].id)
            ((struct wg_entry *)all)[k++] = e;
    }
    wg_done(q);
    if (!st && !wg_grow(&all, &cap, k + n, sizeof *entry))
        st = wg_fail_memory(err);
    if (st) {
        free(all);
        return st;
    }
    qsort(all, k, sizeof *entry, by_id);
    memcpy((struct wg_entry *)all + k, entry, n * sizeof *entry);
    *out = all;
    *n_out = k + n;
    return WG_OK;
}

static void entry_value(void *user, int64_t row, int column, struct wg_value *out)
{
    const struct wg_entry *e = (const struct wg_entry *)user + row;
    out->type = column ? WG_V_REAL : WG_V_INT;
    switch (column) {
    case 0:
        out->number = e->id;
        break;
    case 1:
        out->real = (double)e->min_x;
        break;
    case 2:
        out->real = (double)e->max_x;
        break;
    case 3:
        out->real = (double)e->min_y;
        break;
    default:
        out->real = (double)e->max_y;
    }
}

static enum wg_status insert(struct wg_store *store, const char *table,
                             const struct wg_entry *entry, size_t n, struct wg_error *err)
{
    const struct wg_feed feed = {0, (int64_t)n - 1, entry_value, (void *)entry};
    return run(store,
               "INSERT OR REPLACE INTO \"idx_%w_geom\" (pkid, xmin, xmax, ymin, ymax)"
               " SELECT c0, c1, c2, c3, c4 FROM wg_feed",
               table, &feed, err);
}

static enum wg_status number_of(struct wg_store *store, const char *format,
                                const char *table, int64_t *out, struct wg_error *err)
{
    char sql[128];
    sqlite3_snprintf(sizeof sql, sql, format, table);
    return wg_store_number(store, sql, out, err);
}

enum wg_status wg_store_index_add(struct wg_store *store, const char *table,
                                  const struct wg_entry *entry, size_t n,
                                  struct wg_error *err)
{
    struct wg_entry *all = NULL;
    size_t n_all = n;
    int64_t n_old = 0, node_size = 0;
    if (n <= INSERT_MAX)
        return n ? insert(store, table, entry, n, err) : WG_OK;
    enum wg_status st = number_of(store, "SELECT count(*) FROM \"idx_%w_geom_rowid\"",
                                  table, &n_old, err);
    /* what the module chose when the index was made, by the size of a page */
    if (!st)
        st = number_of(store,
                       "SELECT length(data) FROM \"idx_%w_geom_node\" WHERE nodeno = 1",
                       table, &node_size, err);
    if (st)
        return st;
    bool fits = node_size >= HEAD_SIZE + 4 * CELL_SIZE && node_size <= NODE_SIZE_MAX &&
                (uint64_t)n_old + n < UINT32_MAX;
    if (!fits || (int64_t)n < n_old / REBUILD_PART)
        return insert(store, table, entry, n, err);
    if (n_old)
        st = join_entries(store, table, entry, n, &all, &n_all, err);
    if (!st)
        st = pack(store, table, all ? all : entry, n_all, (size_t)node_size, err);
    free(all);
    return st;
}
