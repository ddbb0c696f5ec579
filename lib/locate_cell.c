/* Owns the making of one cell's record: which edges it needs, and in which form. */
#include <math.h>
#include <string.h>

#include "block.h"
#include "internal.h"
#include "locate_build.h"

#define DIVIDE_ENTRIES 512 /* a cell with more is divided only where that parts them */

/* ---- room ---- */

/* Room for n words among the edges; false when memory is out. */
static bool edges_take(struct wg_build *b, size_t n, uint32_t *at)
{
    if (b->n_edges + n > WG_WORD_PLACE ||
        !wg_block_grow((void **)&b->edges, &b->cap_edges,
                       (b->n_edges + n) * sizeof *b->edges)) {
        b->out_of_memory = true;
        return false;
    }
    *at = (uint32_t)b->n_edges;
    b->n_edges += n;
    return true;
}

/* Room for a record of n words in the pool, within one line. */
static bool pool_take(struct wg_build *b, uint32_t n, uint32_t *at)
{
    size_t from = b->n_pool, line;

    if (from % WG_POOL_LINE + n > WG_POOL_LINE)
        from += WG_POOL_LINE - from % WG_POOL_LINE;
    line = from / WG_POOL_LINE;
    if (from + n > WG_WORD_PLACE ||
        !wg_block_grow((void **)&b->pool, &b->cap_pool, (from + n) * sizeof *b->pool) ||
        !wg_block_grow((void **)&b->edges_at, &b->cap_edges_at,
                       (line + 1) * sizeof *b->edges_at)) {
        b->out_of_memory = true;
        return false;
    }
    if (from % WG_POOL_LINE == 0)
        b->edges_at[line] = (uint32_t)b->n_edges;
    *at = (uint32_t)from;
    b->n_pool = from + n;
    return true;
}

/* The edges of a line's records follow each other: one that stands apart ends the line.
 */
static bool apart_take(struct wg_build *b, size_t n, uint32_t *at)
{
    size_t whole = (b->n_pool + WG_POOL_LINE - 1) / WG_POOL_LINE * WG_POOL_LINE;

    if (!edges_take(b, n, at) ||
        !wg_block_grow((void **)&b->pool, &b->cap_pool, whole * sizeof *b->pool)) {
        b->out_of_memory = true;
        return false;
    }
    b->n_pool = whole;
    return true;
}

/* ---- an edge in the cell's own coordinates ---- */

enum fate { LINE_NEEDED, LINE_IDLE, LINE_WILD };

/* value * per - origin without rounding? */
static bool exact_local(double value, double per, double origin, double *out)
{
    double scaled = value * per, local = scaled - origin;
    double back = scaled - local, rest = local + back;

    *out = local;
    return scaled - rest == 0 && back - origin == 0;
}

/* Can the edge meet the closed cell?  Errs to yes.  (The separating axes of a segment and
 * a square.) */
static bool may_meet(const struct wg_line *l)
{
    const double slack = 1e-6;

    if (wg_most(l->au, l->bu) < -slack || wg_least(l->au, l->bu) > 1 + slack ||
        l->bv < -slack || l->av > 1 + slack)
        return false;
    double du = l->bu - l->au, dv = l->bv - l->av;
    double off = du * (0.5 - l->av) - dv * (0.5 - l->au);
    double round = 1e-13 * (fabs(du) + fabs(dv)) * (2 + fabs(l->au) + fabs(l->av));
    return fabs(off) <= (fabs(du) + fabs(dv)) * (0.5 + slack) + round;
}

static bool line_place(struct wg_line *l, const struct wg_locate_cell *cell)
{
    return exact_local(l->e.a.x, cell->per.x, cell->col, &l->au) &
           exact_local(l->e.a.y, cell->per.y, cell->row, &l->av) &
           exact_local(l->e.b.x, cell->per.x, cell->col, &l->bu) &
           exact_local(l->e.b.y, cell->per.y, cell->row, &l->bv);
}

/* LINE_IDLE: no way from a point of the cell crosses it, none lies on it.  LINE_WILD:
 * the rounding bound of the record would not hold.  Else fill the coefficients: with
 * exact local ends their error is below 2^-51 of the ends' size. */
static enum fate line_fill(struct wg_line *l, const struct wg_locate_cell *cell)
{
    const double reach = 1e7;
    bool exact = line_place(l, cell);
    double du = l->bu - l->au, dv = l->bv - l->av, most = wg_most(fabs(du), dv);

    if (!may_meet(l))
        return LINE_IDLE;
    if (!exact || most == 0 || fabs(l->au) > reach || fabs(l->av) > reach ||
        fabs(l->bu) > reach || fabs(l->bv) > reach)
        return LINE_WILD;
    l->a = -dv / most;
    l->b = du / most;
    l->c = (dv * l->au - du * l->av) / most;
    return fabs(l->c) > 3.9 ? LINE_WILD : LINE_NEEDED;
}

/* ---- a cell in the making ---- */

static bool same_edge(const struct wg_edge *a, const struct wg_edge *b)
{
    return a->a.x == b->a.x && a->a.y == b->a.y && a->b.x == b->b.x && a->b.y == b->b.y;
}

static bool line_bounds(const struct wg_line *l, uint32_t slot)
{
    for (uint32_t i = 0; i < l->n_slot; i++) {
        if (l->slot[i] == slot)
            return true;
    }
    return false;
}

/* The lines of the entries, each edge once.  False: too many. */
static bool gather_lines(const struct wg_build *b, const struct wg_locate_cell *cell,
                         const struct wg_cell_edge *entry, size_t n, struct wg_signs *w)
{
    w->n_line = 0;
    for (size_t i = 0; i < n; i++) {
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);
        uint32_t k = 0;

        while (k < w->n_line && !(same_edge(&w->line[k].e, &e) &&
                                  !line_bounds(&w->line[k], entry[i].slot)))
            k++;
        if (k == 2 * WG_SIGNS_LINES)
            return false;
        struct wg_line *l = &w->line[k];
        if (k < w->n_line) {
            if (l->n_slot == WG_SIGNS_CANDIDATES)
                return false;
            l->slot[l->n_slot++] = entry[i].slot;
            continue;
        }
        l->e = e;
        l->ref = entry[i].ref;
        l->slot[0] = entry[i].slot;
        l->n_slot = 1;
        enum fate fate = line_fill(l, cell);
        if (fate == LINE_WILD)
            return false;
        w->n_line += fate == LINE_NEEDED;
    }
    return true;
}

static bool add_candidate(struct wg_signs *w, uint32_t slot)
{
    uint32_t i = 0;

    while (i < w->n_candidate && w->candidate[i] < slot)
        i++;
    if (i < w->n_candidate && w->candidate[i] == slot)
        return true;
    if (w->n_candidate > WG_SIGNS_CANDIDATES)
        return false;
    memmove(w->candidate + i + 1, w->candidate + i,
            (w->n_candidate - i) * sizeof *w->candidate);
    w->candidate[i] = slot;
    w->n_candidate++;
    return true;
}

static bool is_candidate(const struct wg_signs *w, uint32_t slot)
{
    for (uint32_t k = 0; k < w->n_candidate; k++) {
        if (w->candidate[k] == slot)
            return true;
    }
    return false;
}

/* The grids that can own a point of the cell: none behind one that covers all of it. */
static bool gather_candidates(const struct wg_slot_set *corner, struct wg_signs *w)
{
    w->n_candidate = 0;
    for (uint32_t i = 0; i < w->n_line; i++) {
        for (uint32_t k = 0; k < w->line[i].n_slot; k++) {
            if (!add_candidate(w, w->line[i].slot[k]))
                return false;
        }
    }
    for (size_t i = 0; i < corner->n; i++) {
        if (is_candidate(w, corner->slot[i]))
            continue;
        if (!add_candidate(w, corner->slot[i]))
            return false;
        while (w->candidate[w->n_candidate - 1] > corner->slot[i])
            w->n_candidate--;
        break;
    }
    w->base = 0;
    for (uint32_t k = 0; k < w->n_candidate; k++) {
        if (wg_slot_set_has(corner, w->candidate[k]))
            w->base |= 1u << k;
    }
    return true;
}

/* Leave out the lines that bound only grids that were left out. */
static void mask_lines(struct wg_signs *w)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->n_line; i++) {
        unsigned mask = 0;

        for (uint32_t k = 0; k < w->n_candidate; k++)
            mask |= line_bounds(&w->line[i], w->candidate[k]) ? 1u << k : 0;
        w->line[i].mask = (uint8_t)mask;
        if (mask)
            w->line[n++] = w->line[i];
    }
    w->n_line = n;
}

static bool put_edges(struct wg_build *b, const struct wg_signs *w)
{
    uint32_t k = w->n_line, at, head = (1 + k + 3) / 4;

    if (!edges_take(b, wg_signs_edge_words(k), &at))
        return false;
    uint32_t *edges = b->edges + at;
    memset(edges, 0, head * sizeof *edges);
    uint8_t *base = (uint8_t *)edges, *mask = base + 1;
    *base = (uint8_t)w->base;
    for (uint32_t i = 0; i < k; i++) {
        mask[i] = w->line[i].mask;
        edges[head + i] = w->line[i].ref;
    }
    return true;
}

static uint32_t signs_word(struct wg_build *b, const struct wg_locate_cell *cell,
                           struct wg_signs *w)
{
    uint32_t k = w->n_line, m = w->n_candidate, at;

    if (k == 0)
        return w->base ? w->candidate[__builtin_ctz(w->base)] : 0;
    wg_signs_table(w, cell);
    if (!pool_take(b, wg_signs_words(k, m), &at) || !put_edges(b, w))
        return 0;
    uint32_t *record = b->pool + at;
    record[0] = k | m << 4 | (k <= 2 ? (uint32_t)w->table << 16 : 0);
    if (k > 2)
        memcpy(record + 1, &w->table, (k - 2) * sizeof *record);
    int16_t *line = (int16_t *)(record + (k > 2 ? k - 1 : 1));
    for (uint32_t i = 0; i < k; i++) {
        const struct wg_line *l = &w->line[i];

        line[3 * i] = (int16_t)lrint(l->a * 16384);
        line[3 * i + 1] = (int16_t)lrint(l->b * 16384);
        line[3 * i + 2] =
            (int16_t)lrint((l->c + (l->a + l->b) / 2 / WG_SIGNS_UNIT) * 8192);
    }
    uint8_t *candidate = (uint8_t *)(line + 3 * k);
    for (uint32_t i = 0; i < m; i++) {
        candidate[3 * i] = (uint8_t)w->candidate[i];
        candidate[3 * i + 1] = (uint8_t)(w->candidate[i] >> 8);
        candidate[3 * i + 2] = (uint8_t)(w->candidate[i] >> 16);
    }
    return at | WG_WORD_RECORD;
}

/* ---- many edges, or many grids, or far ones ---- */

static int by_slot(const void *a, const void *b)
{
    const struct wg_cell_edge *l = a, *r = b;

    if (l->slot != r->slot)
        return l->slot < r->slot ? -1 : 1;
    return (l->ref > r->ref) - (l->ref < r->ref);
}

static size_t count_slots(const struct wg_cell_edge *entry, size_t n)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        m += i == 0 || entry[i].slot != entry[i - 1].slot;
    return m;
}

/* The lowest grid that holds the corner and has no edge here: it covers the cell. */
static uint32_t covering_slot(const struct wg_cell_edge *sorted, size_t n,
                              const struct wg_slot_set *corner)
{
    for (size_t i = 0, k = 0; i < corner->n; i++) {
        while (k < n && sorted[k].slot < corner->slot[i])
            k++;
        if (k == n || sorted[k].slot != corner->slot[i])
            return corner->slot[i];
    }
    return 0;
}

static uint32_t list_word(struct wg_build *b, const struct wg_cell_edge *entry, size_t n,
                          const struct wg_slot_set *corner)
{
    struct wg_cell_edge *sorted = malloc((n + 1) * sizeof *sorted);
    uint32_t at = 0;

    if (!sorted) {
        b->out_of_memory = true;
        return 0;
    }
    memcpy(sorted, entry, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_slot);
    uint32_t cover = covering_slot(sorted, n, corner);
    while (cover && n > 0 && sorted[n - 1].slot > cover)
        n--;
    size_t m = count_slots(sorted, n) + (cover != 0);
    if (!apart_take(b, 2 + m + (m + 31) / 32 + m + 1 + n, &at))
        goto out;
    uint32_t *record = b->edges + at, *candidate = record + 2, *base = candidate + m;
    uint32_t *start = base + (m + 31) / 32, *ref = start + m + 1;
    record[0] = WG_RECORD_LIST;
    record[1] = (uint32_t)m;
    memset(base, 0, (m + 31) / 32 * sizeof *base);
    uint32_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || sorted[i].slot != sorted[i - 1].slot) {
            candidate[k] = sorted[i].slot;
            start[k++] = (uint32_t)i;
        }
        ref[i] = sorted[i].ref;
    }
    if (cover) {
        candidate[k] = cover;
        start[k++] = (uint32_t)n;
    }
    start[k] = (uint32_t)n;
    for (k = 0; k < m; k++)
        base[k / 32] |= (uint32_t)wg_slot_set_has(corner, candidate[k]) << (k % 32);
    at |= WG_WORD_RECORD | WG_WORD_APART;
out:
    free(sorted);
    return at;
}

static bool edge_may_meet(const struct wg_build *b, uint32_t ref,
                          const struct wg_locate_cell *cell)
{
    struct wg_line l = {.e = wg_edge_of(b->loc, ref)};

    line_place(&l, cell);
    return may_meet(&l);
}

/* Walk the known grids from one corner to another along the edges' crossings. */
static bool walk_up(const struct wg_build *b, const struct wg_cell_edge *entry, size_t n,
                    struct wg_point from, struct wg_point to, struct wg_slot_set *set)
{
    for (size_t i = 0; i < n; i++) {
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);

        if (wg_edge_under(&e, from) != wg_edge_under(&e, to) &&
            !wg_slot_set_toggle(set, entry[i].slot))
            return false;
    }
    return true;
}

bool wg_cell_walk_west(const struct wg_build *b, const struct wg_locate_cell *cell,
                       const struct wg_cell_edge *entry, size_t n,
                       struct wg_slot_set *set)
{
    struct wg_point east = wg_cell_corner(cell, 1), west = wg_cell_corner(cell, 0);

    for (size_t i = 0; i < n; i++) {
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);

        if (wg_edge_level(&e, east) != wg_edge_level(&e, west) &&
            !wg_slot_set_toggle(set, entry[i].slot))
            return false;
    }
    return true;
}

static size_t filter_entries(const struct wg_build *b, const struct wg_locate_cell *cell,
                             const struct wg_cell_edge *entry, size_t n,
                             struct wg_cell_edge *out)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (edge_may_meet(b, entry[i].ref, cell))
            out[k++] = entry[i];
    }
    return k;
}

static struct wg_locate_cell inner_cell(const struct wg_locate_cell *cell, int col,
                                        int row)
{
    struct wg_point per = {cell->per.x * WG_TREE_SIDE, cell->per.y * WG_TREE_SIDE};

    return (struct wg_locate_cell){per, cell->col * WG_TREE_SIDE + col,
                                   cell->row * WG_TREE_SIDE + row, cell->depth + 1};
}

/* Do all of the edges run side by side through the cell?  Dividing would not part them.
 */
static bool is_bundle(const struct wg_build *b, const struct wg_locate_cell *cell,
                      const struct wg_cell_edge *entry, size_t n)
{
    int whole = 0;

    for (int i = 0; i < WG_TREE_SIDE * WG_TREE_SIDE && whole < 3; i++) {
        struct wg_locate_cell inner =
            inner_cell(cell, i % WG_TREE_SIDE, i / WG_TREE_SIDE);
        size_t k = 0;

        while (k < n && edge_may_meet(b, entry[k].ref, &inner))
            k++;
        whole += k == n;
    }
    return whole >= 3;
}

/* Is dividing worth it?  Not when the parts together get much more, of very many, nor
 * when the edges are one boundary many times over, as the polygons of all times have it.
 */
static bool may_divide(const struct wg_build *b, const struct wg_locate_cell *cell,
                       const struct wg_cell_edge *entry, size_t n)
{
    size_t sum = 0;
    double far = ldexp(1, 50);

    if (cell->depth >= WG_TREE_DEPTH || b->n_pool + b->n_edges > b->words_max ||
        fabs(cell->col) > far / WG_TREE_SIDE || fabs(cell->row) > far / WG_TREE_SIDE ||
        wg_most(cell->per.x, cell->per.y) > 1e290)
        return false;
    if (cell->depth > 0 && is_bundle(b, cell, entry, n))
        return false;
    if (n <= DIVIDE_ENTRIES)
        return true;
    for (int i = 0; i < WG_TREE_SIDE * WG_TREE_SIDE; i++) {
        struct wg_locate_cell inner =
            inner_cell(cell, i % WG_TREE_SIDE, i / WG_TREE_SIDE);

        for (size_t k = 0; k < n; k++)
            sum += edge_may_meet(b, entry[k].ref, &inner);
    }
    return sum <= 2 * n;
}

/* One row of the inner cells, from the right. */
static void tree_row(struct wg_build *b, const struct wg_locate_cell *cell, int row,
                     const struct wg_cell_edge *entry, size_t n, struct wg_slot_set *set,
                     struct wg_cell_edge *scratch, uint32_t at)
{
    for (int col = WG_TREE_SIDE - 1; col >= 0 && !b->out_of_memory; col--) {
        struct wg_locate_cell inner = inner_cell(cell, col, row);
        size_t k = filter_entries(b, &inner, entry, n, scratch);
        uint32_t word = wg_cell_word(b, &inner, scratch, k, set);

        b->edges[at + 1 + (uint32_t)(row * WG_TREE_SIDE + col)] = word;
        if (!wg_cell_walk_west(b, &inner, scratch, k, set))
            b->out_of_memory = true;
    }
}

static uint32_t tree_word(struct wg_build *b, const struct wg_locate_cell *cell,
                          const struct wg_cell_edge *entry, size_t n,
                          const struct wg_slot_set *corner)
{
    struct wg_slot_set set = {0};
    struct wg_cell_edge *scratch = malloc((n + 1) * sizeof *scratch);
    struct wg_point from = wg_cell_corner(cell, 1);
    uint32_t at = 0;

    if (!scratch || !apart_take(b, 1 + WG_TREE_SIDE * WG_TREE_SIDE, &at)) {
        b->out_of_memory = true;
        goto out;
    }
    b->edges[at] = WG_RECORD_TREE;
    for (int row = 0; row < WG_TREE_SIDE && !b->out_of_memory; row++) {
        struct wg_locate_cell last = inner_cell(cell, WG_TREE_SIDE - 1, row);

        if (!wg_slot_set_copy(&set, corner) ||
            !walk_up(b, entry, n, from, wg_cell_corner(&last, 1), &set))
            b->out_of_memory = true;
        else
            tree_row(b, cell, row, entry, n, &set, scratch, at);
    }
    at |= WG_WORD_RECORD | WG_WORD_APART;
out:
    free(set.slot);
    free(scratch);
    return at;
}

uint32_t wg_cell_word(struct wg_build *b, const struct wg_locate_cell *cell,
                      const struct wg_cell_edge *entry, size_t n,
                      const struct wg_slot_set *corner)
{
    struct wg_signs w;

    if (corner->n > 1) {
        struct wg_point c = wg_cell_corner(cell, 1);
        wg_build_overlap(b, c.x, c.y);
    }
    if (n == 0)
        return corner->n ? corner->slot[0] : 0;
    if (gather_lines(b, cell, entry, n, &w) && gather_candidates(corner, &w)) {
        mask_lines(&w);
        if (w.n_line <= WG_SIGNS_LINES && w.n_candidate <= WG_SIGNS_CANDIDATES) {
            wg_cell_prove(b, cell, entry, n, corner);
            return signs_word(b, cell, &w);
        }
    }
    if (may_divide(b, cell, entry, n))
        return tree_word(b, cell, entry, n, corner);
    wg_cell_prove(b, cell, entry, n, corner);
    return list_word(b, entry, n, corner);
}
