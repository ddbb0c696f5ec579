/*
 * Owns what the queue writes into the spatial index of events: nodes of SQLite's R-tree,
 * straight into its tables.
 *
 * A point given to the R-tree one by one costs a search, and a page of its own at the
 * next commit: a hundred points lie in a hundred leaves.  So a group is packed into a
 * few new leaves in the order of arrival, under a branch of the queue's own ("branch": a
 * node one above the leaves).  When enough branches are full, and when the queue rests or
 * ends, the points in them are sorted by place and dealt out anew over the same leaves.
 * At every commit the tree is a proper one, which only costs its readers more as long as
 * the last few tens of thousands of points are not sorted.
 *
 * A node: two bytes of depth (root only), two of the number of cells, cells of an id and
 * four floats; all big-endian (sqlite.org/rtree.html, section 9).  Node 1 is the root.
 */
#include <math.h>
#include <string.h>

#include "hilbert.h"
#include "ingest_job.h"

#define CELLS_MAX 51
#define CELL_BYTES 24
#define NODE_BYTES (4 + CELLS_MAX * CELL_BYTES)
#define FEW 8 /* points for which the R-tree's own way is as good */
#define ROOT 1

struct box {
    float min_x, max_x, min_y, max_y; /* in the order of a cell */
};

struct cell {
    int64_t id;
    struct box box;
};

struct node {
    int64_t number, parent; /* parent 0: the root, or not known yet */
    int depth;              /* as kept in the root; else 0 */
    uint32_t n;
    bool dirty;
    struct cell cell[CELLS_MAX + 1]; /* one too many just before a split */
};

/* The nodes in hand during one transaction. */
struct tree {
    struct wg_ingest_writer *w;
    struct node **node;
    size_t n, cap;
    int64_t last; /* the highest node number given */
    struct wg_error *err;
};

void wg_ingest_tree_forget(struct wg_ingest_tree *tree)
{
    tree->n = 0;
}

/* ---- boxes ---- */

static struct box point_box(double x, double y)
{
    struct wg_entry e = wg_entry_make(0, (struct wg_box){x, y, x, y});
    return (struct box){e.min_x, e.max_x, e.min_y, e.max_y};
}

static struct box join(struct box a, struct box b)
{
    return (struct box){fminf(a.min_x, b.min_x), fmaxf(a.max_x, b.max_x),
                        fminf(a.min_y, b.min_y), fmaxf(a.max_y, b.max_y)};
}

static double area(struct box b)
{
    return ((double)b.max_x - b.min_x) * ((double)b.max_y - b.min_y);
}

static struct box node_box(const struct node *node)
{
    struct box box = node->cell[0].box;
    for (uint32_t i = 1; i < node->n; i++)
        box = join(box, node->cell[i].box);
    return box;
}

/* ---- reading and writing nodes ---- */

static uint64_t load(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static void save(unsigned char *at, int bytes, uint64_t value)
{
    for (int i = bytes - 1; i >= 0; i--, value >>= 8)
        at[i] = (unsigned char)value;
}

static enum wg_status fail_tree(struct tree *t)
{
    return wg_fail(t->err, WG_CORRUPT,
                   _("The spatial index of events in %s is damaged.  Make it anew with "
                     "SpatiaLite's RecoverSpatialIndex."),
                   wg_store_path(t->w->store));
}

static bool unpack(const unsigned char *blob, size_t size, struct node *node)
{
    if (!blob || size < NODE_BYTES)
        return false;
    node->depth = node->number == ROOT ? (int)load(blob, 2) : 0;
    node->n = (uint32_t)load(blob + 2, 2);
    if (node->n > CELLS_MAX)
        return false;
    for (uint32_t i = 0; i < node->n; i++) {
        const unsigned char *at = blob + 4 + i * CELL_BYTES;
        uint32_t word[4];
        node->cell[i].id = (int64_t)load(at, 8);
        for (int k = 0; k < 4; k++)
            word[k] = (uint32_t)load(at + 8 + 4 * k, 4);
        memcpy(&node->cell[i].box, word, sizeof word);
    }
    return true;
}

static void pack(const struct node *node, unsigned char blob[NODE_BYTES])
{
    memset(blob, 0, NODE_BYTES);
    save(blob, 2, (uint64_t)node->depth);
    save(blob + 2, 2, node->n);
    for (uint32_t i = 0; i < node->n; i++) {
        unsigned char *at = blob + 4 + i * CELL_BYTES;
        uint32_t word[4];
        save(at, 8, (uint64_t)node->cell[i].id);
        memcpy(word, &node->cell[i].box, sizeof word);
        for (int k = 0; k < 4; k++)
            save(at + 8 + 4 * k, 4, word[k]);
    }
}

static void tree_finish(struct tree *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->node[i]);
    free(t->node);
}

static struct node *hold(struct tree *t, int64_t number)
{
    if (!wg_grow((void **)&t->node, &t->cap, t->n + 1, sizeof *t->node))
        return NULL;
    struct node *node = calloc(1, sizeof *node);
    if (!node)
        return NULL;
    node->number = number;
    return t->node[t->n++] = node;
}

static enum wg_status add_node(struct tree *t, struct node **out)
{
    *out = hold(t, t->last + 1);
    if (!*out)
        return wg_fail_memory(t->err);
    t->last++;
    (*out)->dirty = true;
    return WG_OK;
}

static enum wg_status ask_number(struct tree *t, const char *sql, int64_t key,
                                 int64_t *out)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(t->w->store, sql, &q, t->err);
    if (status)
        return status;
    if (key)
        wg_bind_int(q, 1, key);
    status = wg_step(q, &row, t->err);
    *out = !status && row ? wg_column_int(q, 0) : 0;
    wg_done(q);
    return status;
}

static enum wg_status get_node(struct tree *t, int64_t number, struct node **out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->node[i]->number == number) {
            *out = t->node[i];
            return WG_OK;
        }
    }
    struct wg_query *q = NULL;
    bool row = false;
    struct node *node = hold(t, number);
    if (!node)
        return wg_fail_memory(t->err);
    enum wg_status status =
        wg_query(t->w->store, "SELECT data FROM idx_event_geom_node WHERE nodeno = ?1",
                 &q, t->err);
    if (status)
        return status;
    wg_bind_int(q, 1, number);
    status = wg_step(q, &row, t->err);
    size_t size = 0;
    const void *blob = !status && row ? wg_column_blob(q, 0, &size) : NULL;
    if (!status && !unpack(blob, size, node))
        status = fail_tree(t);
    wg_done(q);
    *out = node;
    return status;
}

static enum wg_status get_parent(struct tree *t, struct node *node, struct node **out)
{
    enum wg_status status = WG_OK;
    if (node->number == ROOT)
        return fail_tree(t);
    if (!node->parent)
        status = ask_number(
            t, "SELECT parentnode FROM idx_event_geom_parent WHERE nodeno = ?1",
            node->number, &node->parent);
    if (!status && !node->parent)
        status = fail_tree(t);
    return status ? status : get_node(t, node->parent, out);
}

static int by_number(const void *a, const void *b)
{
    int64_t l = (*(struct node *const *)a)->number,
            r = (*(struct node *const *)b)->number;
    return (l > r) - (l < r);
}

/* The nodes to be written, packed one after the other. */
struct packed {
    const int64_t *number;
    const unsigned char *bytes;
};

static void packed_value(void *user, int64_t row, int column, struct wg_value *out)
{
    const struct packed *p = user;
    out->type = column ? WG_V_BLOB : WG_V_INT;
    out->number = p->number[row];
    out->data = p->bytes + row * NODE_BYTES;
    out->size = NODE_BYTES;
}

static enum wg_status write_nodes(struct tree *t)
{
    size_t n = 0;
    unsigned char *bytes = malloc(t->n * NODE_BYTES + 1);
    int64_t *number = malloc(t->n * sizeof *number + 1);
    enum wg_status status = WG_OK;
    if (!bytes || !number) {
        status = wg_fail_memory(t->err);
        goto out;
    }
    qsort(t->node, t->n, sizeof *t->node, by_number);
    for (size_t i = 0; i < t->n; i++) {
        if (!t->node[i]->dirty)
            continue;
        pack(t->node[i], bytes + n * NODE_BYTES);
        number[n++] = t->node[i]->number;
    }
    struct packed packed = {number, bytes};
    struct wg_feed feed = {0, (int64_t)n - 1, packed_value, &packed};
    if (n)
        status = wg_feed_run(t->w->store,
                             "INSERT OR REPLACE INTO idx_event_geom_node (nodeno, data) "
                             "SELECT c0, c1 FROM wg_feed",
                             NULL, &feed, t->err);
out:
    free(bytes);
    free(number);
    return status;
}

static const char points_sql[] =
    "INSERT OR REPLACE INTO idx_event_geom_rowid (rowid, nodeno) SELECT c0, c1 FROM "
    "wg_feed";
static const char parents_sql[] =
    "INSERT OR REPLACE INTO idx_event_geom_parent (nodeno, parentnode) SELECT c0, c1 "
    "FROM wg_feed";

static int by_key(const void *a, const void *b)
{
    int64_t l = ((const struct wg_ingest_pair *)a)->key;
    int64_t r = ((const struct wg_ingest_pair *)b)->key;
    return (l > r) - (l < r);
}

/* In which node the cells of these nodes are now, told in order of their ids. */
static enum wg_status write_places(struct tree *t, struct node *const *node, size_t n,
                                   const char *sql)
{
    size_t total = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        total += node[i]->n;
    struct wg_ingest_pair *pair = wg_ingest_pairs(t->w, total, t->err);
    if (!pair)
        return WG_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < node[i]->n; c++)
            pair[k++] = (struct wg_ingest_pair){node[i]->cell[c].id, node[i]->number};
    qsort(pair, total, sizeof *pair, by_key);
    return total ? wg_ingest_run_pairs(t->w, sql, total, t->err) : WG_OK;
}

/* ---- growing the tree ---- */

/* The box of a node has changed: so has its cell above, and so on to the root. */
static enum wg_status tell_parents(struct tree *t, struct node *node)
{
    while (node->number != ROOT) {
        struct node *parent = NULL;
        enum wg_status status = get_parent(t, node, &parent);
        if (status)
            return status;
        uint32_t i = 0;
        while (i < parent->n && parent->cell[i].id != node->number)
            i++;
        if (i == parent->n || node->n == 0)
            return fail_tree(t);
        struct box box = node_box(node);
        if (memcmp(&parent->cell[i].box, &box, sizeof box) == 0)
            return WG_OK;
        parent->cell[i].box = box;
        parent->dirty = true;
        node = parent;
    }
    return WG_OK;
}

/* Children in hand must know their new parent, and so must the table. */
static enum wg_status adopt(struct tree *t, struct node *parent)
{
    for (size_t i = 0; i < t->n; i++)
        for (uint32_t c = 0; c < parent->n; c++)
            if (t->node[i]->number == parent->cell[c].id)
                t->node[i]->parent = parent->number;
    return write_places(t, &parent, 1, parents_sql);
}

/* The root's cells move into a new node below it; one more storey. */
static enum wg_status raise_root(struct tree *t, struct node *root)
{
    struct node *below = NULL;
    enum wg_status status = add_node(t, &below);
    if (status)
        return status;
    bool leaves = root->depth == 0;
    below->n = root->n;
    below->parent = ROOT;
    memcpy(below->cell, root->cell, sizeof root->cell);
    root->depth++;
    root->n = 1;
    root->cell[0] = (struct cell){below->number, node_box(below)};
    root->dirty = true;
    status = leaves ? write_places(t, &below, 1, points_sql) : adopt(t, below);
    return status ? status : write_places(t, &root, 1, parents_sql);
}

static int by_x(const void *a, const void *b)
{
    const struct cell *l = a, *r = b;
    float dx = l->box.min_x + l->box.max_x, dy = r->box.min_x + r->box.max_x;
    return (dx > dy) - (dx < dy);
}

static int by_y(const void *a, const void *b)
{
    const struct cell *l = a, *r = b;
    float dx = l->box.min_y + l->box.max_y, dy = r->box.min_y + r->box.max_y;
    return (dx > dy) - (dx < dy);
}

static enum wg_status put_cell(struct tree *t, struct node *node, struct cell cell);

/* A node with one cell too many: its upper half moves to a new one beside it. */
static enum wg_status split(struct tree *t, struct node *node)
{
    struct node *beside = NULL, *parent = NULL;
    enum wg_status status = WG_OK;
    if (node->number == ROOT) {
        status = raise_root(t, node);
        if (!status)
            status = get_node(t, t->last, &node);
    }
    if (!status)
        status = add_node(t, &beside);
    if (status)
        return status;
    struct box box = node_box(node);
    bool wide = box.max_x - box.min_x > box.max_y - box.min_y;
    qsort(node->cell, node->n, sizeof node->cell[0], wide ? by_x : by_y);
    beside->n = node->n / 2;
    node->n -= beside->n;
    memcpy(beside->cell, node->cell + node->n, beside->n * sizeof node->cell[0]);
    node->dirty = true;
    status = adopt(t, beside);
    if (!status)
        status = tell_parents(t, node);
    if (!status)
        status = get_parent(t, node, &parent);
    return status ? status
                  : put_cell(t, parent, (struct cell){beside->number, node_box(beside)});
}

/* Put the cell of a node into the node above it. */
static enum wg_status put_cell(struct tree *t, struct node *node, struct cell cell)
{
    node->cell[node->n++] = cell;
    node->dirty = true;
    struct node *child = NULL;
    for (size_t i = 0; i < t->n; i++)
        if (t->node[i]->number == cell.id)
            child = t->node[i];
    if (child)
        child->parent = node->number;
    struct wg_ingest_pair *pair = wg_ingest_pairs(t->w, 1, t->err);
    if (!pair)
        return WG_NO_MEMORY;
    pair[0] = (struct wg_ingest_pair){cell.id, node->number};
    enum wg_status status = wg_ingest_run_pairs(t->w, parents_sql, 1, t->err);
    if (!status && node->n > CELLS_MAX)
        return split(t, node);
    return status ? status : tell_parents(t, node);
}

/* The node two above the leaves whose box grows least. */
static enum wg_status choose_host(struct tree *t, struct box box, struct node **out)
{
    enum wg_status status = get_node(t, ROOT, out);
    if (!status && (*out)->n == 0)
        (*out)->depth = 2; /* an empty tree may be as high as it likes */
    while (!status && (*out)->depth < 2)
        status = raise_root(t, *out);
    if (status)
        return status;
    for (int depth = (*out)->depth; depth > 2; depth--) {
        uint32_t best = 0;
        double least = INFINITY;
        for (uint32_t i = 0; i < (*out)->n; i++) {
            double had = area((*out)->cell[i].box);
            double grows = area(join((*out)->cell[i].box, box)) - had;
            if (grows < least) {
                least = grows;
                best = i;
            }
        }
        struct node *parent = *out;
        if (best >= parent->n)
            return fail_tree(t);
        status = get_node(t, parent->cell[best].id, out);
        if (status)
            return status;
        (*out)->parent = parent->number;
    }
    return WG_OK;
}

/* ---- adding a group ---- */

/* One new leaf with the points from `first` on. */
static enum wg_status add_leaf(struct tree *t, size_t first, size_t n, struct node **out)
{
    enum wg_status status = add_node(t, out);
    for (size_t i = first; !status && i < first + n; i++) {
        const struct wg_item *item = t->w->fresh[t->w->slot[i]];
        (*out)->cell[(*out)->n++] =
            (struct cell){item->id, point_box(item->event.x, item->event.y)};
    }
    return status;
}

static enum wg_status hang_leaf(struct tree *t, struct node *leaf)
{
    struct wg_ingest_tree *own = &t->w->tree;
    struct node *branch = NULL, *host = NULL;
    struct cell cell = {leaf->number, node_box(leaf)};
    enum wg_status status = WG_OK;
    if (own->n) {
        status = get_node(t, own->branch[own->n - 1], &branch);
        if (status || branch->n < CELLS_MAX)
            return status ? status : put_cell(t, branch, cell);
    }
    status = choose_host(t, cell.box, &host);
    if (!status)
        status = add_node(t, &branch);
    if (status)
        return status;
    branch->n = 1;
    branch->cell[0] = cell;
    leaf->parent = branch->number;
    status = write_places(t, &branch, 1, parents_sql);
    if (!status)
        status = put_cell(t, host, (struct cell){branch->number, cell.box});
    if (!status)
        own->branch[own->n++] = branch->number;
    return status;
}

/* The R-tree's own way: finds the best leaf for each. */
static enum wg_status add_few(struct wg_ingest_writer *w, size_t n, struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < n; i++) {
        const struct wg_item *item = w->fresh[w->slot[i]];
        status = wg_query(w->store,
                          "INSERT INTO idx_event_geom (pkid, xmin, xmax, ymin, ymax) "
                          "VALUES (?1, ?2, ?2, ?3, ?3)",
                          &q, err);
        if (status)
            break;
        wg_bind_int(q, 1, item->id);
        wg_bind_real(q, 2, item->event.x);
        wg_bind_real(q, 3, item->event.y);
        status = wg_run(q, err);
    }
    return status;
}

static enum wg_status tree_begin(struct tree *t, struct wg_ingest_writer *w,
                                 struct wg_error *err)
{
    *t = (struct tree){.w = w, .err = err};
    return ask_number(t, "SELECT max(nodeno) FROM idx_event_geom_node", 0, &t->last);
}

enum wg_status wg_ingest_tree_add(struct wg_ingest_writer *w, struct wg_error *err)
{
    struct tree t;
    size_t n = 0;
    for (size_t i = 0; i < w->n_fresh; i++)
        if (!isnan(w->fresh[i]->event.x))
            w->slot[n++] = (uint32_t)i;
    if (n <= FEW)
        return add_few(w, n, err);
    if (w->tree.n == WG_TREE_BRANCHES) {
        enum wg_status sorted = wg_ingest_tree_sort(w, err);
        if (sorted)
            return sorted;
    }
    enum wg_status status = tree_begin(&t, w, err);
    size_t n_leaf = (n + CELLS_MAX - 1) / CELLS_MAX;
    struct node **leaf = calloc(n_leaf, sizeof *leaf);
    if (!status && !leaf)
        status = wg_fail_memory(err);
    for (size_t i = 0; !status && i < n_leaf; i++) {
        size_t first = i * n / n_leaf, end = (i + 1) * n / n_leaf;
        status = add_leaf(&t, first, end - first, &leaf[i]);
        if (!status && w->tree.n == WG_TREE_BRANCHES && n_leaf > CELLS_MAX)
            wg_ingest_tree_forget(&w->tree); /* a giant group: its leaves stay as is */
        if (!status)
            status = hang_leaf(&t, leaf[i]);
    }
    if (!status)
        status = write_places(&t, leaf, n_leaf, points_sql);
    if (!status)
        status = write_nodes(&t);
    free(leaf);
    tree_finish(&t);
    return status;
}

/* ---- sorting ---- */

struct keyed {
    uint32_t key;
    struct cell cell;
};

static int by_curve(const void *a, const void *b)
{
    const struct keyed *l = a, *r = b;
    return (l->key > r->key) - (l->key < r->key);
}

static uint32_t scale(double v, double min, double max)
{
    return max > min ? (uint32_t)((v - min) / (max - min) * 65535.0) : 0;
}

static void set_keys(struct keyed *k, size_t n)
{
    struct box all = k[0].cell.box;
    for (size_t i = 1; i < n; i++)
        all = join(all, k[i].cell.box);
    for (size_t i = 0; i < n; i++)
        k[i].key = wg_hilbert(scale(k[i].cell.box.min_x, all.min_x, all.max_x),
                              scale(k[i].cell.box.min_y, all.min_y, all.max_y));
}

/* The leaves of our branches, in order. */
static enum wg_status gather_leaves(struct tree *t, struct node ***leaf, size_t *n_leaf,
                                    size_t *n_point)
{
    size_t cap = 0;
    enum wg_status status = WG_OK;
    for (size_t b = 0; !status && b < t->w->tree.n; b++) {
        struct node *branch = NULL, *child = NULL;
        status = get_node(t, t->w->tree.branch[b], &branch);
        for (uint32_t c = 0; !status && c < branch->n; c++) {
            status = get_node(t, branch->cell[c].id, &child);
            if (!status && !wg_grow((void **)leaf, &cap, *n_leaf + 1, sizeof **leaf))
                status = wg_fail_memory(t->err);
            if (status)
                break;
            child->parent = branch->number;
            (*leaf)[(*n_leaf)++] = child;
            *n_point += child->n;
        }
    }
    return status;
}

static void deal(struct node **leaf, size_t n_leaf, const struct keyed *k, size_t n)
{
    for (size_t i = 0; i < n_leaf; i++) {
        size_t first = i * n / n_leaf, end = (i + 1) * n / n_leaf;
        leaf[i]->n = (uint32_t)(end - first);
        leaf[i]->dirty = true;
        for (size_t c = first; c < end; c++)
            leaf[i]->cell[c - first] = k[c].cell;
    }
}

static enum wg_status tell_branches(struct tree *t, struct node **leaf, size_t n_leaf)
{
    enum wg_status status = WG_OK;
    for (size_t i = 0; !status && i < n_leaf; i++)
        status = tell_parents(t, leaf[i]);
    return status;
}

enum wg_status wg_ingest_tree_sort(struct wg_ingest_writer *w, struct wg_error *err)
{
    struct tree t;
    struct node **leaf = NULL;
    struct keyed *k = NULL;
    size_t n_leaf = 0, n = 0, at = 0;
    enum wg_status status = tree_begin(&t, w, err);
    if (!status)
        status = gather_leaves(&t, &leaf, &n_leaf, &n);
    if (status || n_leaf < 2)
        goto out;
    k = malloc(n * sizeof *k);
    if (!k) {
        status = wg_fail_memory(err);
        goto out;
    }
    for (size_t i = 0; i < n_leaf; i++)
        for (uint32_t c = 0; c < leaf[i]->n; c++)
            k[at++].cell = leaf[i]->cell[c];
    set_keys(k, n);
    qsort(k, n, sizeof *k, by_curve);
    deal(leaf, n_leaf, k, n);
    status = tell_branches(&t, leaf, n_leaf);
    if (!status)
        status = write_places(&t, leaf, n_leaf, points_sql);
    if (!status)
        status = write_nodes(&t);
out:
    free(k);
    free(leaf);
    tree_finish(&t);
    if (!status)
        wg_ingest_tree_forget(&w->tree);
    return status;
}
