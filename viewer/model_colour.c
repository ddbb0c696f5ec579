/* Hues of grids: neighbours differ. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "model_build.h"
#include "theme.h"

/*
 * Two grids are neighbours when a vertex of one lies on an edge of the other.  They
 * share an edge when that happens at two places at least: those must differ.  Grids
 * that meet in one point should differ.  Shared edges make a planar graph; taking away
 * the grid with the fewest neighbours again and again and colouring in reverse needs
 * six hues at most (every planar graph has a vertex of degree five or less).
 */

#define NEAR_M 0.05  /* this near is on the edge */
#define APART_M 0.5  /* two places */

struct piece { /* an edge of a grid */
    double ax, ay, bx, by;
    uint32_t grid;
};

struct touch { /* grids a < b meet at (x, y) */
    uint32_t a, b;
    double x, y;
};

struct colouring {
    const struct model_partition *partition;
    struct piece *piece;
    size_t n_piece, cap_piece;
    struct touch *touch;
    size_t n_touch, cap_touch;
    struct wg_box box;
    double cell_m;
    uint32_t cols, rows;
    uint32_t *head; /* of each cell: first link, UINT32_MAX none */
    struct link {
        uint32_t piece, next;
    } *link;
    size_t n_link, cap_link;
};

/* ---- which grids touch ---- */

static bool collect(struct colouring *c)
{
    const struct model_partition *p = c->partition;
    c->box = wg_box_empty();
    for (uint32_t i = 0; i < p->n; i++) {
        if (!p->grid[i].leaf)
            continue;
        c->box = wg_box_union(c->box, p->grid[i].box);
        struct wg_multipolygon mp = model_shape(&p->shape, i);
        for (uint32_t r = 0; r < mp.n_ring; r++)
            for (uint32_t v = mp.ring[r]; v + 1 < mp.ring[r + 1]; v++) {
                struct piece *moved =
                    grow(c->piece, c->n_piece, &c->cap_piece, sizeof *c->piece);
                if (!moved)
                    return false;
                c->piece = moved;
                c->piece[c->n_piece++] =
                    (struct piece){mp.x[v], mp.y[v], mp.x[v + 1], mp.y[v + 1], i};
            }
    }
    return true;
}

static uint32_t cell_of(double at, double low, double cell_m, uint32_t n)
{
    double c = (at - low) / cell_m;
    return c <= 0 ? 0 : c >= n - 1 ? n - 1 : (uint32_t)c;
}

static bool put(struct colouring *c, uint32_t piece, uint32_t cell)
{
    if (c->head[cell] != UINT32_MAX && c->link[c->head[cell]].piece == piece)
        return true;
    struct link *moved = grow(c->link, c->n_link, &c->cap_link, sizeof *c->link);
    if (!moved)
        return false;
    c->link = moved;
    c->link[c->n_link] = (struct link){piece, c->head[cell]};
    c->head[cell] = (uint32_t)c->n_link++;
    return true;
}

/* Into every cell the piece may pass: short steps along it. */
static bool index_piece(struct colouring *c, uint32_t i)
{
    const struct piece *p = &c->piece[i];
    double length = hypot(p->bx - p->ax, p->by - p->ay);
    uint32_t steps = (uint32_t)(length / c->cell_m * 2) + 1;
    bool ok = true;
    for (uint32_t s = 0; s <= steps && ok; s++) {
        double t = (double)s / steps;
        double x = p->ax + t * (p->bx - p->ax), y = p->ay + t * (p->by - p->ay);
        uint32_t col = cell_of(x, c->box.min_x, c->cell_m, c->cols);
        uint32_t row = cell_of(y, c->box.min_y, c->cell_m, c->rows);
        ok = put(c, i, row * c->cols + col);
    }
    return ok;
}

static bool index_pieces(struct colouring *c)
{
    double w = c->box.max_x - c->box.min_x, h = c->box.max_y - c->box.min_y;
    double side = sqrt(fmax((double)c->n_piece, 16));
    c->cell_m = fmax(fmax(w, h) / fmin(side, 1024), 0.5);
    c->cols = (uint32_t)(w / c->cell_m) + 1;
    c->rows = (uint32_t)(h / c->cell_m) + 1;
    size_t n = (size_t)c->cols * c->rows;
    c->head = malloc(n * sizeof *c->head);
    if (!c->head)
        return false;
    memset(c->head, 0xff, n * sizeof *c->head);
    bool ok = true;
    for (uint32_t i = 0; i < c->n_piece && ok; i++)
        ok = index_piece(c, i);
    return ok;
}

static bool on_piece(const struct piece *p, double x, double y)
{
    double dx = p->bx - p->ax, dy = p->by - p->ay, l2 = dx * dx + dy * dy;
    double t = l2 > 0 ? ((x - p->ax) * dx + (y - p->ay) * dy) / l2 : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - p->ax - t * dx, y - p->ay - t * dy) < NEAR_M;
}

static bool note(struct colouring *c, uint32_t a, uint32_t b, double x, double y)
{
    struct touch *moved = grow(c->touch, c->n_touch, &c->cap_touch, sizeof *c->touch);
    if (!moved)
        return false;
    c->touch = moved;
    c->touch[c->n_touch++] =
        (struct touch){a < b ? a : b, a < b ? b : a, x, y};
    return true;
}

static bool touches_at(struct colouring *c, uint32_t grid, double x, double y)
{
    uint32_t c0 = cell_of(x - NEAR_M, c->box.min_x, c->cell_m, c->cols);
    uint32_t c1 = cell_of(x + NEAR_M, c->box.min_x, c->cell_m, c->cols);
    uint32_t r0 = cell_of(y - NEAR_M, c->box.min_y, c->cell_m, c->rows);
    uint32_t r1 = cell_of(y + NEAR_M, c->box.min_y, c->cell_m, c->rows);
    bool ok = true;
    for (uint32_t row = r0; row <= r1; row++)
        for (uint32_t col = c0; col <= c1; col++)
            for (uint32_t l = c->head[row * c->cols + col]; l != UINT32_MAX && ok;
                 l = c->link[l].next) {
                const struct piece *p = &c->piece[c->link[l].piece];
                if (p->grid != grid && on_piece(p, x, y))
                    ok = note(c, grid, p->grid, x, y);
            }
    return ok;
}

static int by_pair(const void *va, const void *vb)
{
    const struct touch *a = va, *b = vb;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

/* ---- colouring ---- */

struct neighbour {
    uint32_t grid;
    bool edge; /* not only a point */
};

struct graph {
    uint32_t n;
    uint32_t *first; /* n + 1 */
    struct neighbour *neighbour;
};

/* One row for each pair; `y` becomes 1 where they share an edge, 0 where a point. */
static size_t merge(struct touch *t, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(t, n, sizeof *t, by_pair);
    for (size_t i = 0, j; i < n; i = j) {
        bool edge = false;
        for (j = i; j < n && by_pair(&t[i], &t[j]) == 0; j++)
            edge |= hypot(t[j].x - t[i].x, t[j].y - t[i].y) > APART_M;
        struct touch one = t[i];
        one.y = edge;
        t[kept++] = one;
    }
    return kept;
}

static bool graph_init(struct graph *g, uint32_t n, const struct touch *t, size_t n_touch)
{
    g->n = n;
    g->first = calloc((size_t)n + 2, sizeof *g->first);
    g->neighbour = malloc((2 * n_touch + 1) * sizeof *g->neighbour);
    if (!g->first || !g->neighbour)
        return false;
    for (size_t i = 0; i < n_touch; i++) {
        g->first[t[i].a + 2]++;
        g->first[t[i].b + 2]++;
    }
    for (uint32_t i = 2; i < n + 2; i++)
        g->first[i] += g->first[i - 1];
    for (size_t i = 0; i < n_touch; i++) {
        g->neighbour[g->first[t[i].a + 1]++] = (struct neighbour){t[i].b, t[i].y > 0};
        g->neighbour[g->first[t[i].b + 1]++] = (struct neighbour){t[i].a, t[i].y > 0};
    }
    return true;
}

/* The order of taking away: always the one with the fewest edge neighbours left. */
static bool removal_order(const struct graph *g, uint32_t *order)
{
    uint32_t *degree = calloc((size_t)g->n + 1, sizeof *degree);
    bool *gone = calloc((size_t)g->n + 1, sizeof *gone);
    bool ok = degree && gone;
    for (uint32_t i = 0; i < g->n && ok; i++)
        for (uint32_t k = g->first[i]; k < g->first[i + 1]; k++)
            degree[i] += g->neighbour[k].edge;
    for (uint32_t step = 0; step < g->n && ok; step++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < g->n && (best == UINT32_MAX || degree[best] > 0); i++)
            if (!gone[i] && (best == UINT32_MAX || degree[i] < degree[best]))
                best = i;
        gone[best] = true;
        order[step] = best;
        for (uint32_t k = g->first[best]; k < g->first[best + 1]; k++)
            if (g->neighbour[k].edge && !gone[g->neighbour[k].grid])
                degree[g->neighbour[k].grid]--;
    }
    free(degree);
    free(gone);
    return ok;
}

/* The hue that least hurts: never that of an edge neighbour while one is free, then
 * not that of a point neighbour, then the one used least so far. */
static uint8_t best_hue(const struct graph *g, uint32_t i, const int8_t *hue,
                        const uint32_t used[THEME_HUES])
{
    uint64_t cost[THEME_HUES] = {0};
    for (uint32_t k = g->first[i]; k < g->first[i + 1]; k++) {
        int8_t h = hue[g->neighbour[k].grid];
        if (h >= 0)
            cost[h] += g->neighbour[k].edge ? (uint64_t)1 << 48 : (uint64_t)1 << 32;
    }
    uint8_t best = 0;
    for (uint8_t h = 0; h < THEME_HUES; h++)
        if (cost[h] + used[h] < cost[best] + used[best])
            best = h;
    return best;
}

static bool assign_hues(struct model_partition *p, const struct graph *g)
{
    uint32_t *sequence = malloc(((size_t)g->n + 1) * sizeof *sequence);
    int8_t *hue = malloc((size_t)g->n + 1);
    uint32_t used[THEME_HUES] = {0};
    bool ok = sequence && hue && removal_order(g, sequence);
    if (ok)
        memset(hue, -1, g->n);
    for (uint32_t s = g->n; s-- > 0 && ok;) {
        uint32_t i = sequence[s];
        if (!p->grid[i].leaf)
            continue;
        uint8_t h = best_hue(g, i, hue, used);
        hue[i] = (int8_t)h;
        used[h]++;
        p->grid[i].hue = h;
    }
    free(sequence);
    free(hue);
    return ok;
}

bool colour_grids(struct model_partition *p)
{
    struct colouring c = {.partition = p};
    struct graph g = {0};
    bool ok = collect(&c) && index_pieces(&c);
    for (size_t i = 0; i < c.n_piece && ok; i++)
        ok = touches_at(&c, c.piece[i].grid, c.piece[i].ax, c.piece[i].ay);
    ok = ok && graph_init(&g, p->n, c.touch, merge(c.touch, c.n_touch)) &&
         assign_hues(p, &g);
    free(g.first);
    free(g.neighbour);
    free(c.piece);
    free(c.touch);
    free(c.head);
    free(c.link);
    return ok;
}
