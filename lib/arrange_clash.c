/*
 * Owns the search for clashes: segments that have more than an end in common.
 *
 * In most cells every pair is looked at.  Where a cell could not be parted (stars, long
 * parallels) a sweep (Shamos and Hoey 1976, "Geometric intersection problems") goes over
 * its segments; one that clashes with a neighbour is taken out as a suspect, so that the
 * order of the others holds.  They have no clash, and each suspect is looked at with all.
 */
#include "arrange_job.h"
#include "internal.h"

enum { MANY = 300 }; /* from there a sweep is the quicker */

struct entry {
    struct wg_spot a, b;
    uint32_t from, to, segment;
};

static int side(struct wg_spot a, struct wg_spot b, struct wg_spot c)
{
    int64_t cross = wg_spot_cross(a, b, c);
    return (cross > 0) - (cross < 0);
}

static bool is_clash(const struct entry *p, const struct entry *q)
{
    if (p->b.y < q->a.y || q->b.y < p->a.y)
        return false;
    int32_t p_west = p->a.x < p->b.x ? p->a.x : p->b.x, p_east = p->a.x ^ p->b.x ^ p_west;
    int32_t q_west = q->a.x < q->b.x ? q->a.x : q->b.x, q_east = q->a.x ^ q->b.x ^ q_west;
    if (p_east < q_west || q_east < p_west)
        return false;
    if (p->from == q->from) /* both go up from there */
        return wg_spot_cross(p->a, p->b, q->b) == 0;
    if (p->to == q->to)
        return wg_spot_cross(p->b, p->a, q->a) == 0;
    if (p->from == q->to || p->to == q->from)
        return false;
    int a = side(p->a, p->b, q->a), b = side(p->a, p->b, q->b);
    if (a * b > 0)
        return false;
    int c = side(q->a, q->b, p->a), d = side(q->a, q->b, p->b);
    if (c * d > 0)
        return false;
    /* Signs differ or are 0 on both sides: in one line, or they meet. */
    return a || b || wg_spot_meet(p->a, p->b, q->a, q->b) != WG_APART;
}

static bool every_pair(const struct entry *entry, size_t n, wg_clash_fn *fn, void *user)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (is_clash(&entry[i], &entry[k]) &&
                !fn(entry[k].segment, entry[i].segment, user))
                return false;
    return true;
}

/* ---- the sweep, from south to north ------------------------------------------------ */

/* A segment under the sweep: in a treap and in a list, both from west to east. */
struct node {
    uint32_t child[2], parent, weight;
    uint32_t side[2]; /* its neighbours */
    bool in, suspect;
};

struct sweep {
    const struct entry *entry;
    struct node *node;
    uint32_t root, n_suspect;
};

/* Where does a segment that starts now lie of one under the sweep: -1 west, 1 east; 0:
 * on it. */
static int where(const struct entry *it, const struct entry *of)
{
    int at = it->from == of->from ? side(of->a, of->b, it->b) : side(of->a, of->b, it->a);
    return -at;
}

static void put_in_place(struct sweep *w, uint32_t old, uint32_t new)
{
    uint32_t up = w->node[old].parent;
    if (up == WG_NOWHERE)
        w->root = new;
    else
        w->node[up].child[w->node[up].child[1] == old] = new;
    if (new != WG_NOWHERE)
        w->node[new].parent = up;
}

/* A node's child takes its place; which: 0 the western. */
static void rotate(struct sweep *w, uint32_t it, int which)
{
    struct node *n = w->node;
    uint32_t up = n[it].child[which], across = n[up].child[!which];
    put_in_place(w, it, up);
    n[it].child[which] = across;
    if (across != WG_NOWHERE)
        n[across].parent = it;
    n[up].child[!which] = it;
    n[it].parent = up;
}

static void take_out(struct sweep *w, uint32_t it)
{
    struct node *n = w->node;
    while (n[it].child[0] != WG_NOWHERE && n[it].child[1] != WG_NOWHERE)
        rotate(w, it, n[n[it].child[1]].weight > n[n[it].child[0]].weight);
    put_in_place(w, it, n[it].child[n[it].child[0] == WG_NOWHERE]);
    for (int k = 0; k < 2; k++)
        if (n[it].side[k] != WG_NOWHERE)
            n[n[it].side[k]].side[!k] = n[it].side[!k];
    n[it].in = false;
}

static void put_in(struct sweep *w, uint32_t it)
{
    struct node *n = w->node;
    const struct entry *e = w->entry;
    uint32_t up = WG_NOWHERE, side_of[2] = {WG_NOWHERE, WG_NOWHERE};
    int east = 0;

    for (uint32_t at = w->root; at != WG_NOWHERE; at = n[at].child[east]) {
        int lies = where(&e[it], &e[at]);
        if (lies == 0)
            goto suspect;
        up = at;
        east = lies > 0;
        side_of[!east] = at;
    }
    for (int k = 0; k < 2; k++)
        if (side_of[k] != WG_NOWHERE && is_clash(&e[it], &e[side_of[k]]))
            goto suspect;
    n[it].parent = up;
    n[it].in = true;
    if (up == WG_NOWHERE)
        w->root = it;
    else
        n[up].child[east] = it;
    for (int k = 0; k < 2; k++) {
        n[it].side[k] = side_of[k];
        if (side_of[k] != WG_NOWHERE)
            n[side_of[k]].side[!k] = it;
    }
    while (n[it].parent != WG_NOWHERE && n[n[it].parent].weight < n[it].weight)
        rotate(w, n[it].parent, n[n[it].parent].child[1] == it);
    return;

suspect:
    n[it].suspect = true;
    w->n_suspect++;
}

/* A segment has ended; those at its sides are neighbours now. */
static void end_at(struct sweep *w, uint32_t it)
{
    struct node *n = w->node;
    if (!n[it].in)
        return;
    uint32_t west = n[it].side[0], east = n[it].side[1];
    take_out(w, it);
    while (west != WG_NOWHERE && east != WG_NOWHERE &&
           is_clash(&w->entry[west], &w->entry[east])) {
        n[west].suspect = true;
        w->n_suspect++;
        uint32_t next = n[west].side[0];
        take_out(w, west);
        west = next;
    }
}

struct order {
    const struct entry *entry;
    bool by_end;
};

static int by_height(const void *p, const void *q, void *user)
{
    const struct order *order = user;
    const struct entry *s = &order->entry[*(const uint32_t *)p],
                       *t = &order->entry[*(const uint32_t *)q];
    struct wg_spot a = order->by_end ? s->b : s->a, b = order->by_end ? t->b : t->a;
    return wg_spot_below(a, b) ? -1 : wg_spot_below(b, a);
}

/* Ends before starts at the same spot. */
static void sweep_over(struct sweep *w, uint32_t n, const uint32_t *start,
                       const uint32_t *end)
{
    for (uint32_t i = 0, k = 0; k < n; k++) {
        while (i < n && wg_spot_below(w->entry[start[i]].a, w->entry[end[k]].b))
            put_in(w, start[i++]);
        end_at(w, end[k]);
    }
}

static bool by_sweep(const struct entry *entry, uint32_t n, wg_clash_fn *fn, void *user)
{
    struct sweep w = {entry, malloc(n * sizeof *w.node), WG_NOWHERE, 0};
    uint32_t *start = malloc(n * sizeof *start), *end = malloc(n * sizeof *end);
    struct order by_start = {entry, false}, by_end = {entry, true};
    bool ok = w.node && start && end;

    for (uint32_t i = 0; ok && i < n; i++) {
        start[i] = end[i] = i;
        w.node[i] = (struct node){{WG_NOWHERE, WG_NOWHERE},
                                  WG_NOWHERE,
                                  i * UINT32_C(2654435761) ^ (i * UINT32_C(40503) >> 7),
                                  {WG_NOWHERE, WG_NOWHERE},
                                  false,
                                  false};
    }
    if (ok) {
        qsort_r(start, n, sizeof *start, by_height, &by_start);
        qsort_r(end, n, sizeof *end, by_height, &by_end);
        sweep_over(&w, n, start, end);
    }
    for (uint32_t i = 0; ok && w.n_suspect > 0 && i < n; i++) {
        if (!w.node[i].suspect)
            continue;
        for (uint32_t k = 0; ok && k < n; k++)
            if ((k < i || !w.node[k].suspect) && k != i && is_clash(&entry[i], &entry[k]))
                ok = fn(entry[k].segment, entry[i].segment, user);
    }
    free(w.node);
    free(start);
    free(end);
    return ok;
}

bool wg_cells_clashes(const struct wg_cells *cells, const struct wg_mesh *mesh,
                      wg_clash_fn *fn, void *user)
{
    struct entry *entry = NULL;
    size_t cap = 0;
    bool ok = true;

    for (size_t i = 0; ok && i < cells->n; i++) {
        const struct wg_cell_grid *g = &cells->grid[i];
        for (size_t c = 0; ok && c < (size_t)g->nx * g->ny; c++) {
            size_t n = g->first[c + 1] - g->first[c];
            if (n < 2 || (g->child && g->child[c] != WG_NOWHERE))
                continue;
            ok = wg_grow((void **)&entry, &cap, n, sizeof *entry);
            for (size_t k = 0; ok && k < n; k++) {
                uint32_t s = g->ref[g->first[c] + k];
                entry[k] = (struct entry){mesh->spot[mesh->a[s]], mesh->spot[mesh->b[s]],
                                          mesh->a[s], mesh->b[s], s};
            }
            ok = ok && (n > MANY ? by_sweep(entry, (uint32_t)n, fn, user)
                                 : every_pair(entry, n, fn, user));
        }
    }
    free(entry);
    return ok;
}
