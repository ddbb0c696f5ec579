/* Owns the making of one cell's record: which edges it needs, and in which form. */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "locate_build.h"

#define LINES_MAX 32       /* edges of a cell that are looked at for a FEW record */
#define DIVIDE_ENTRIES 512 /* a cell with more is divided only where that parts them */

/* ---- the pool ---- */

/* Room for n words; their place, or 0 when memory is out (word 0 is never a record). */
static uint32_t pool_take(struct wg_build *b, size_t n)
{
    size_t at = b->n_pool;

    if (at + n >= WG_WORD_RECORD || !wg_grow((void **)&b->pool, &b->cap_pool,
                                             at + n + WG_POOL_SLACK, sizeof *b->pool)) {
        b->out_of_memory = true;
        return 0;
    }
    b->n_pool += n;
    return (uint32_t)at;
}

/* ---- an edge in the cell's own coordinates ---- */

struct line {
    struct wg_edge e;
    uint32_t ref;
    uint32_t slot[WG_FEW_MAX]; /* the grids it bounds here */
    uint32_t n_slot;
    float a, b, c, lo, hi;
    bool top;
};

enum fate { LINE_NEEDED, LINE_IDLE, LINE_WILD };

/* value * per - origin without rounding? */
static bool exact_local(double value, double per, double origin, double *out)
{
    double scaled = value * per, local = scaled - origin;
    double back = scaled - local, rest = local + back;

    *out = local;
    return scaled - rest == 0 && back - origin == 0;
}

/* LINE_IDLE: no way from a point of the cell crosses it, none lies on it.  LINE_WILD:
 * the rounding bound of a FEW record would not hold.  Else fill the coefficients: with
 * exact local ends their error is below 2^-51 of the ends' size. */
static enum fate line_fill(struct line *l, const struct wg_cell *cell)
{
    const double reach = 1e7, slack = 1e-6;
    struct wg_point corner = wg_cell_corner(cell, 1);
    double au, av, bu, bv;
    bool exact = exact_local(l->e.a.x, cell->per, cell->col, &au) &
                 exact_local(l->e.a.y, cell->per, cell->row, &av) &
                 exact_local(l->e.b.x, cell->per, cell->col, &bu) &
                 exact_local(l->e.b.y, cell->per, cell->row, &bv);
    double west = fmin(au, bu), east = fmax(au, bu);

    if (east < -slack || west > 1 + slack || bv < -slack || av > 1 + slack)
        return LINE_IDLE;
    if (!exact || fmax(-west, east) > reach || fmax(-av, bv) > reach)
        return LINE_WILD;
    double du = bu - au, dv = bv - av, lo = av, hi = bv, scale;
    double most = fmax(fabs(du), dv);
    if (most == 0)
        return LINE_WILD;
    bool spans =
        fmin(l->e.a.x, l->e.b.x) <= corner.x && corner.x < fmax(l->e.a.x, l->e.b.x);
    bool under = spans && wg_edge_under(&l->e, corner);
    double cut = spans ? av + (1 - au) * (dv / du) : 0;
    bool flip = false;
    l->top = spans && !under;
    if (spans && dv == 0) {
        lo = hi = av;
    } else if (spans && du > 0) {
        hi = cut;
    } else if (spans) {
        lo = cut;
        flip = !under;
    }
    if ((hi < -slack && !l->top) || lo > 1 + slack)
        return LINE_IDLE;
    scale = (flip ? -1 : 1) / most;
    l->a = (float)(-dv * scale);
    l->b = (float)(du * scale);
    l->c = (float)((dv * au - du * av) * scale);
    l->lo = (float)fmax(lo, -1);
    l->hi = (float)fmin(fmax(hi, -1), 2);
    return LINE_NEEDED;
}

/* ---- a cell in the making ---- */

struct work {
    struct line line[LINES_MAX];
    uint32_t n_line;
    uint32_t candidate[WG_FEW_MAX + 1];
    uint32_t n_candidate;
    uint32_t base;
};

static bool same_edge(const struct wg_edge *a, const struct wg_edge *b)
{
    return a->a.x == b->a.x && a->a.y == b->a.y && a->b.x == b->b.x && a->b.y == b->b.y;
}

static bool line_bounds(const struct line *l, uint32_t slot)
{
    for (uint32_t i = 0; i < l->n_slot; i++) {
        if (l->slot[i] == slot)
            return true;
    }
    return false;
}

/* The lines of the entries, each edge once.  False: not for a FEW record. */
static bool gather_lines(const struct wg_build *b, const struct wg_cell *cell,
                         const struct wg_entry *entry, size_t n, struct work *w)
{
    w->n_line = 0;
    for (size_t i = 0; i < n; i++) {
        struct line *l = &w->line[w->n_line];
        uint32_t k;

        l->e = wg_edge_of(b->loc, entry[i].ref);
        for (k = 0; k < w->n_line; k++) {
            if (same_edge(&w->line[k].e, &l->e) &&
                !line_bounds(&w->line[k], entry[i].slot))
                break;
        }
        if (k < w->n_line) {
            if (w->line[k].n_slot == WG_FEW_MAX)
                return false;
            w->line[k].slot[w->line[k].n_slot++] = entry[i].slot;
            continue;
        }
        l->ref = entry[i].ref;
        l->slot[0] = entry[i].slot;
        l->n_slot = 1;
        enum fate fate = line_fill(l, cell);
        if (fate == LINE_WILD)
            return false;
        if (fate == LINE_NEEDED && ++w->n_line == LINES_MAX)
            return false;
    }
    return true;
}

static bool add_candidate(struct work *w, uint32_t slot)
{
    uint32_t i = 0;

    while (i < w->n_candidate && w->candidate[i] < slot)
        i++;
    if (i < w->n_candidate && w->candidate[i] == slot)
        return true;
    if (w->n_candidate > WG_FEW_MAX)
        return false;
    memmove(w->candidate + i + 1, w->candidate + i,
            (w->n_candidate - i) * sizeof *w->candidate);
    w->candidate[i] = slot;
    w->n_candidate++;
    return true;
}

/* The grids that can own a point of the cell: none behind one that covers all of it. */
static bool gather_candidates(const struct wg_slot_set *corner, struct work *w)
{
    w->n_candidate = 0;
    for (uint32_t i = 0; i < w->n_line; i++) {
        for (uint32_t k = 0; k < w->line[i].n_slot; k++) {
            if (!add_candidate(w, w->line[i].slot[k]))
                return false;
        }
    }
    for (size_t i = 0; i < corner->n; i++) {
        bool bounded = false;

        for (uint32_t k = 0; k < w->n_candidate && !bounded; k++)
            bounded = w->candidate[k] == corner->slot[i];
        if (bounded)
            continue;
        if (!add_candidate(w, corner->slot[i]))
            return false;
        for (uint32_t k = 0; k < w->n_candidate; k++) {
            if (w->candidate[k] == corner->slot[i])
                w->n_candidate = k + 1;
        }
        break;
    }
    w->base = 0;
    for (uint32_t k = 0; k < w->n_candidate; k++) {
        if (wg_slot_set_has(corner, w->candidate[k]))
            w->base |= 1u << k;
    }
    return true;
}

static uint8_t mask_of(const struct work *w, const struct line *l)
{
    unsigned mask = 0;

    for (uint32_t k = 0; k < w->n_candidate; k++)
        mask |= line_bounds(l, w->candidate[k]) ? 1u << k : 0;
    return (uint8_t)mask;
}

/* Lines that bound only grids that were left out. */
static void drop_idle_lines(struct work *w)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->n_line; i++) {
        if (mask_of(w, &w->line[i]))
            w->line[n++] = w->line[i];
    }
    w->n_line = n;
}

static uint32_t few_word(struct wg_build *b, const struct work *w)
{
    uint32_t n = w->n_line, m = w->n_candidate, top = 0;

    if (n == 0)
        return w->base ? w->candidate[__builtin_ctz(w->base)] : 0;
    uint32_t at = pool_take(b, 1 + m + (n + 3) / 4 + 6 * (size_t)n);
    if (!at)
        return 0;
    uint32_t *record = b->pool + at;
    for (uint32_t i = 0; i < n; i++)
        top |= w->line[i].top ? 1u << i : 0;
    record[0] = n | m << 8 | w->base << 16 | top << 24;
    memcpy(record + 1, w->candidate, m * sizeof *record);
    uint8_t *mask = (uint8_t *)(record + 1 + m);
    memset(mask, 0, (n + 3) / 4 * 4);
    float *line = (float *)(mask + (n + 3) / 4 * 4);
    uint32_t *ref = (uint32_t *)(line + 5 * (size_t)n);
    for (uint32_t i = 0; i < n; i++) {
        const struct line *l = &w->line[i];

        mask[i] = mask_of(w, l);
        line[i] = l->a;
        line[n + i] = l->b;
        line[2 * n + i] = l->c;
        line[3 * n + i] = l->lo;
        line[4 * n + i] = l->hi;
        ref[i] = l->ref;
    }
    return at | WG_WORD_RECORD;
}

/* ---- many edges, or many grids, or far ones ---- */

static int by_slot(const void *a, const void *b)
{
    const struct wg_entry *l = a, *r = b;

    if (l->slot != r->slot)
        return l->slot < r->slot ? -1 : 1;
    return (l->ref > r->ref) - (l->ref < r->ref);
}

static size_t count_slots(const struct wg_entry *entry, size_t n)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        m += i == 0 || entry[i].slot != entry[i - 1].slot;
    return m;
}

/* The lowest grid that holds the corner and has no edge here: it covers the cell. */
static uint32_t covering_slot(const struct wg_entry *sorted, size_t n,
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

static uint32_t list_word(struct wg_build *b, const struct wg_entry *entry, size_t n,
                          const struct wg_slot_set *corner)
{
    struct wg_entry *sorted = malloc((n + 1) * sizeof *sorted);
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
    at = pool_take(b, 2 + m + (m + 31) / 32 + m + 1 + n);
    if (!at)
        goto out;
    uint32_t *record = b->pool + at, *candidate = record + 2, *base = candidate + m;
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
    at |= WG_WORD_RECORD;
out:
    free(sorted);
    return at;
}

/* Can the edge meet the closed cell?  Errs to yes. */
static bool may_meet(const struct wg_edge *e, const struct wg_cell *cell)
{
    const double slack = 1e-6;
    double au = e->a.x * cell->per - cell->col, av = e->a.y * cell->per - cell->row;
    double bu = e->b.x * cell->per - cell->col, bv = e->b.y * cell->per - cell->row;

    if (fmax(au, bu) < -slack || fmin(au, bu) > 1 + slack || bv < -slack ||
        av > 1 + slack)
        return false;
    double du = bu - au, dv = bv - av;
    double off = du * (0.5 - av) - dv * (0.5 - au);
    double round = 1e-13 * (fabs(du) + fabs(dv)) * (2 + fabs(au) + fabs(av));
    return fabs(off) <= (fabs(du) + fabs(dv)) * (0.5 + slack) + round;
}

/* Walk the known grids from one corner to another along the edges' crossings. */
static bool walk_up(const struct wg_build *b, const struct wg_entry *entry, size_t n,
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

static bool walk_west(const struct wg_build *b, const struct wg_entry *entry, size_t n,
                      struct wg_point from, struct wg_point to, struct wg_slot_set *set)
{
    for (size_t i = 0; i < n; i++) {
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);

        if (wg_edge_level(&e, from) != wg_edge_level(&e, to) &&
            !wg_slot_set_toggle(set, entry[i].slot))
            return false;
    }
    return true;
}

static size_t filter_entries(const struct wg_build *b, const struct wg_cell *cell,
                             const struct wg_entry *entry, size_t n, struct wg_entry *out)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        struct wg_edge e = wg_edge_of(b->loc, entry[i].ref);

        if (may_meet(&e, cell))
            out[k++] = entry[i];
    }
    return k;
}

static struct wg_cell inner_cell(const struct wg_cell *cell, int col, int row)
{
    return (struct wg_cell){cell->per * WG_TREE_SIDE, cell->col * WG_TREE_SIDE + col,
                            cell->row * WG_TREE_SIDE + row, cell->depth + 1};
}

/* Is dividing worth it?  Not when the parts together get much more, of very many. */
static bool may_divide(const struct wg_build *b, const struct wg_cell *cell,
                       const struct wg_entry *entry, size_t n)
{
    size_t sum = 0;
    double far = ldexp(1, 50);

    if (cell->depth >= WG_TREE_DEPTH || b->n_pool > b->pool_max ||
        fabs(cell->col) > far / WG_TREE_SIDE || fabs(cell->row) > far / WG_TREE_SIDE ||
        cell->per > 1e290)
        return false;
    if (n <= DIVIDE_ENTRIES)
        return true;
    for (int i = 0; i < WG_TREE_SIDE * WG_TREE_SIDE; i++) {
        struct wg_cell inner = inner_cell(cell, i % WG_TREE_SIDE, i / WG_TREE_SIDE);

        for (size_t k = 0; k < n; k++) {
            struct wg_edge e = wg_edge_of(b->loc, entry[k].ref);

            sum += may_meet(&e, &inner);
        }
    }
    return sum <= 2 * n;
}

/* One row of the inner cells, from the right. */
static void tree_row(struct wg_build *b, const struct wg_cell *cell, int row,
                     const struct wg_entry *entry, size_t n, struct wg_slot_set *set,
                     struct wg_entry *scratch, uint32_t at)
{
    for (int col = WG_TREE_SIDE - 1; col >= 0 && !b->out_of_memory; col--) {
        struct wg_cell inner = inner_cell(cell, col, row);
        size_t k = filter_entries(b, &inner, entry, n, scratch);
        uint32_t word = wg_cell_word(b, &inner, scratch, k, set);

        b->pool[at + 1 + (uint32_t)(row * WG_TREE_SIDE + col)] = word;
        if (!walk_west(b, scratch, k, wg_cell_corner(&inner, 1),
                       wg_cell_corner(&inner, 0), set))
            b->out_of_memory = true;
    }
}

static uint32_t tree_word(struct wg_build *b, const struct wg_cell *cell,
                          const struct wg_entry *entry, size_t n,
                          const struct wg_slot_set *corner)
{
    struct wg_slot_set set = {0};
    struct wg_entry *scratch = malloc((n + 1) * sizeof *scratch);
    struct wg_point from = wg_cell_corner(cell, 1);
    uint32_t at = scratch ? pool_take(b, 1 + WG_TREE_SIDE * WG_TREE_SIDE) : 0;

    if (!at) {
        b->out_of_memory = true;
        goto out;
    }
    b->pool[at] = WG_RECORD_TREE;
    for (int row = 0; row < WG_TREE_SIDE && !b->out_of_memory; row++) {
        struct wg_cell last = inner_cell(cell, WG_TREE_SIDE - 1, row);

        if (!wg_slot_set_copy(&set, corner) ||
            !walk_up(b, entry, n, from, wg_cell_corner(&last, 1), &set))
            b->out_of_memory = true;
        else
            tree_row(b, cell, row, entry, n, &set, scratch, at);
    }
    at |= WG_WORD_RECORD;
out:
    free(set.slot);
    free(scratch);
    return at;
}

uint32_t wg_cell_word(struct wg_build *b, const struct wg_cell *cell,
                      const struct wg_entry *entry, size_t n,
                      const struct wg_slot_set *corner)
{
    struct work w;

    if (corner->n > 1) {
        struct wg_point c = wg_cell_corner(cell, 1);
        wg_build_overlap(b, c.x, c.y);
    }
    if (n == 0)
        return corner->n ? corner->slot[0] : 0;
    if (gather_lines(b, cell, entry, n, &w) && gather_candidates(corner, &w)) {
        drop_idle_lines(&w);
        if (w.n_line <= WG_FEW_MAX && w.n_candidate <= WG_FEW_MAX) {
            wg_cell_prove(b, cell, entry, n, corner);
            return few_word(b, &w);
        }
    }
    if (may_divide(b, cell, entry, n))
        return tree_word(b, cell, entry, n, corner);
    wg_cell_prove(b, cell, entry, n, corner);
    return list_word(b, entry, n, corner);
}
