/* Owns the grouping of atoms into grids: balanced, compact, along streets. */
#include <math.h>
#include <string.h>

#include "divide_job.h"
#include "internal.h"

/*
 * Trees: a random spanning tree that takes streets last is cut where both sides have
 * their share; first all is cut in two until there are as many groups as wanted, then
 * two neighbours at a time are joined and cut anew, as long as that makes things better
 * (the recombination of DeFord, Duchin and Solomon, 2021).  Last, single atoms change
 * sides.  With seeds the first groups grow from them instead, and no step moves a seed.
 */

#define FIRST_TREES 12
#define CUTS_TRIED 6
#define ATTEMPTS 3 /* of which the best is taken, where there is little to do */
#define SMALL_ATOMS 2000
#define SMALL_GROUPS 50

struct link { /* an edge of a subset's tree in the making */
    double key;
    uint32_t a, b;
};

struct group_sum {
    double people;                /* capped weights, see struct grouping */
    double real;                  /* households */
    double area, perimeter, open; /* open: metres of border away from streets */
};

struct grouping {
    struct wg_divide_job *job;
    const struct wg_divide_atoms *t;
    uint32_t n, k;
    double *weight; /* households, but no more than a grid should have; else area */
    double mean, total;
    bool people; /* weights are households */
    bool *seed;
    uint32_t *group;
    struct group_sum *sum;
    uint64_t random;
    /* scratch, each for n atoms */
    uint32_t *member, *root, *order, *up, *mark, *local;
    double *below;
    uint32_t *seeds_below, *count_below;
    struct link *link;
    uint32_t *head, *next, *to; /* the tree's edges */
    uint32_t stamp;
    struct wg_error *err;
};

static double unit(struct grouping *g)
{
    return (double)(wg_divide_random(&g->random) >> 11) * 0x1p-53;
}

/* ---- how good a group is ---- */

static double cost_of(const struct grouping *g, const struct group_sum *s)
{
    const struct wg_divide_options *o = &g->job->options;
    double off = (s->people - g->mean) / g->mean, cost = 14 * off * off;
    if (g->people && s->real > (double)o->households_max)
        cost += 0.3 + 2 * fmax(0, s->people - (double)o->households_max) / g->mean;
    if (g->people && s->real < (double)o->households_min)
        cost += 0.3 + 2 * ((double)o->households_min - s->real) / g->mean;
    if (s->area > 0)
        cost += 0.2 * s->perimeter * s->perimeter / (4 * M_PI * s->area) +
                0.4 * s->open / sqrt(s->area);
    return cost;
}

static void add_atom(const struct grouping *g, struct group_sum *s, uint32_t atom,
                     uint32_t group, double sign)
{
    const struct wg_divide_atoms *t = g->t;
    double border = t->outline[atom], open = 0;
    for (uint32_t e = t->first[atom]; e < t->first[atom + 1]; e++) {
        /* what borders the group becomes inner, what does not outer */
        double way = g->group[t->edge[e].to] == group ? -1 : 1;
        border += way * t->edge[e].length;
        open += way * (t->edge[e].length - t->edge[e].street);
    }
    s->people += sign * g->weight[atom];
    s->real += sign * t->households[atom];
    s->area += sign * t->area[atom];
    s->perimeter += sign * border;
    s->open += sign * open;
}

static struct group_sum sum_of(const struct grouping *g, const uint32_t *member,
                               uint32_t n, uint32_t group)
{
    const struct wg_divide_atoms *t = g->t;
    struct group_sum s = {0};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t a = member[i];
        if (g->group[a] != group)
            continue;
        s.people += g->weight[a];
        s.real += t->households[a];
        s.area += t->area[a];
        s.perimeter += t->outline[a];
        for (uint32_t e = t->first[a]; e < t->first[a + 1]; e++) {
            if (g->group[t->edge[e].to] == group)
                continue;
            s.perimeter += t->edge[e].length;
            s.open += t->edge[e].length - t->edge[e].street;
        }
    }
    return s;
}

/* ---- a random tree over a set of atoms ---- */

static int compare_link(const void *a, const void *b)
{
    const struct link *l = a, *r = b;
    if (l->key != r->key)
        return l->key < r->key ? -1 : 1;
    if (l->a != r->a)
        return l->a < r->a ? -1 : 1;
    return (l->b > r->b) - (l->b < r->b);
}

static void tree_edge(struct grouping *g, uint32_t *n, uint32_t a, uint32_t b)
{
    g->to[*n] = b;
    g->next[*n] = g->head[a];
    g->head[a] = (*n)++;
}

/* member[0 … n) gets a spanning tree: order (parents first), up, and the sums below
 * each.  Sets that hang together by nothing are linked by what comes first. */
static void make_tree(struct grouping *g, const uint32_t *member, uint32_t n)
{
    const struct wg_divide_atoms *t = g->t;
    uint32_t n_link = 0, n_edge = 0;
    g->stamp++;
    for (uint32_t i = 0; i < n; i++) {
        g->mark[member[i]] = g->stamp;
        g->root[member[i]] = member[i];
        g->head[member[i]] = WG_DIVIDE_NONE;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t a = member[i];
        for (uint32_t e = t->first[a]; e < t->first[a + 1]; e++) {
            uint32_t b = t->edge[e].to;
            double along =
                t->edge[e].length > 0 ? t->edge[e].street / t->edge[e].length : 1;
            if (b > a && g->mark[b] == g->stamp)
                g->link[n_link++] = (struct link){unit(g) + 1.2 * along, a, b};
        }
    }
    qsort(g->link, n_link, sizeof *g->link, compare_link);
    for (uint32_t i = 0; i < n_link; i++) {
        uint32_t a = g->link[i].a, b = g->link[i].b;
        if (wg_divide_root(g->root, a) == wg_divide_root(g->root, b))
            continue;
        wg_divide_unite(g->root, a, b);
        tree_edge(g, &n_edge, a, b);
        tree_edge(g, &n_edge, b, a);
    }
    for (uint32_t i = 1; i < n; i++) {
        if (wg_divide_root(g->root, member[i]) == wg_divide_root(g->root, member[0]))
            continue;
        wg_divide_unite(g->root, member[i], member[0]);
        tree_edge(g, &n_edge, member[i], member[0]);
        tree_edge(g, &n_edge, member[0], member[i]);
    }
    uint32_t done = 0, found = 1;
    g->order[0] = member[0];
    g->up[member[0]] = WG_DIVIDE_NONE;
    while (done < found) {
        uint32_t a = g->order[done++];
        for (uint32_t e = g->head[a]; e != WG_DIVIDE_NONE; e = g->next[e]) {
            if (g->to[e] == g->up[a])
                continue;
            g->up[g->to[e]] = a;
            g->order[found++] = g->to[e];
        }
    }
    for (uint32_t i = n; i-- > 0;) {
        uint32_t a = g->order[i];
        g->below[a] = g->weight[a];
        g->seeds_below[a] = g->seed[a];
        g->count_below[a] = 1;
        for (uint32_t e = g->head[a]; e != WG_DIVIDE_NONE; e = g->next[e]) {
            uint32_t b = g->to[e];
            if (b == g->up[a])
                continue;
            g->below[a] += g->below[b];
            g->seeds_below[a] += g->seeds_below[b];
            g->count_below[a] += g->count_below[b];
        }
    }
}

/* Mark what lies below an atom of the tree: local 1; else 0. */
static void take_below(struct grouping *g, uint32_t n, uint32_t atom)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t a = g->order[i];
        g->local[a] =
            a == atom || (g->up[a] != WG_DIVIDE_NONE && g->local[g->up[a]] == 1);
    }
}

/* ---- first groups: cut in two until there are k ---- */

struct cut {
    double cost;
    uint32_t atom, k; /* the side below, and how many groups it is to make */
};

static struct cut best_cut(struct grouping *g, uint32_t n, uint32_t k, double total)
{
    struct cut best = {INFINITY, WG_DIVIDE_NONE, 0};
    for (uint32_t i = 1; i < n; i++) {
        uint32_t a = g->order[i], count = g->count_below[a];
        double share = total > 0 ? g->below[a] * k / total : (double)count * k / n;
        double wanted = fmin(fmax(floor(share + 0.5), 1), k - 1);
        uint32_t j = (uint32_t)wanted;
        if (count < j || n - count < k - j)
            continue;
        double cost = fabs(share - wanted) + 0.3 * fabs(2 * wanted - k) / k;
        if (cost < best.cost)
            best = (struct cut){cost, a, j};
    }
    return best;
}

/* member[0 … n) becomes k groups, the first one number `first`. */
static void halve(struct grouping *g, uint32_t *member, uint32_t n, uint32_t k,
                  uint32_t first)
{
    struct cut best = {INFINITY, WG_DIVIDE_NONE, 0};
    uint64_t state = g->random, best_state = state;
    double total = 0;
    for (uint32_t i = 0; i < n; i++) {
        g->group[member[i]] = first;
        total += g->weight[member[i]];
    }
    if (k == 1)
        return;
    for (int round = 0; round < FIRST_TREES; round++) {
        uint64_t before = g->random;
        make_tree(g, member, n);
        struct cut c = best_cut(g, n, k, total);
        if (c.cost < best.cost) {
            best = c;
            best_state = before;
        }
    }
    state = g->random;
    g->random = best_state;
    make_tree(g, member, n);
    g->random = state;
    if (best.atom == WG_DIVIDE_NONE) { /* k > n is refused before; a star may hide it */
        best.atom = g->order[n - 1];
        best.k = 1;
    }
    take_below(g, n, best.atom);
    uint32_t low = 0;
    for (uint32_t i = 0; i < n; i++) { /* below first */
        uint32_t a = member[i];
        if (g->local[a]) {
            member[i] = member[low];
            member[low++] = a;
        }
    }
    halve(g, member, low, best.k, first);
    halve(g, member + low, n - low, k - best.k, first + best.k);
}

/* ---- first groups: grow from seeds ---- */

/* The lightest group takes the neighbour nearest to its seed. */
static bool grow_step(struct grouping *g, const uint32_t *seed_of, double *people,
                      bool *stuck)
{
    const struct wg_divide_atoms *t = g->t;
    uint32_t light = WG_DIVIDE_NONE, best = WG_DIVIDE_NONE;
    double near = INFINITY;
    for (uint32_t i = 0; i < g->k; i++) {
        if (!stuck[i] && (light == WG_DIVIDE_NONE || people[i] < people[light]))
            light = i;
    }
    if (light == WG_DIVIDE_NONE)
        return false;
    struct wg_point at = t->middle[seed_of[light]];
    for (uint32_t a = 0; a < g->n; a++) {
        if (g->group[a] != light)
            continue;
        for (uint32_t e = t->first[a]; e < t->first[a + 1]; e++) {
            uint32_t b = t->edge[e].to;
            double d = hypot(t->middle[b].x - at.x, t->middle[b].y - at.y);
            if (g->group[b] == WG_DIVIDE_NONE && d < near) {
                near = d;
                best = b;
            }
        }
    }
    if (best == WG_DIVIDE_NONE) {
        stuck[light] = true;
        return true;
    }
    g->group[best] = light;
    people[light] += g->weight[best] + 1e-9;
    return true;
}

/* The atom a spot lies in: west of the first segment to its east. */
static uint32_t atom_at(const struct grouping *g, struct wg_spot p)
{
    const struct wg_arrangement *a = &g->t->faces;
    double near = INFINITY;
    uint32_t face = 0;
    for (uint32_t i = 0; i < a->n_segment; i++) {
        struct wg_spot low = a->spot[a->a[i]], high = a->spot[a->b[i]];
        if (low.y == high.y || p.y < low.y || p.y >= high.y)
            continue;
        double x = low.x + ((double)high.x - low.x) * ((double)p.y - low.y) /
                               ((double)high.y - low.y);
        if (x >= p.x && x < near) {
            near = x;
            face = a->left[i];
        }
    }
    return g->t->of_face[face];
}

/* The nearest atom that is no seed yet, for seeds in one and the same. */
static uint32_t free_atom(const struct grouping *g, struct wg_spot p)
{
    uint32_t best = WG_DIVIDE_NONE;
    double near = INFINITY;
    for (uint32_t a = 0; a < g->n; a++) {
        double d = hypot(g->t->middle[a].x - p.x, g->t->middle[a].y - p.y);
        if (!g->seed[a] && d < near) {
            near = d;
            best = a;
        }
    }
    return best;
}

static enum wg_status grow(struct grouping *g)
{
    const struct wg_divide_options *o = &g->job->options;
    uint32_t *seed_of = malloc(((size_t)g->k + 1) * sizeof *seed_of);
    double *people = calloc((size_t)g->k + 1, sizeof *people);
    bool *stuck = calloc((size_t)g->k + 1, sizeof *stuck);
    enum wg_status st = seed_of && people && stuck ? WG_OK : wg_fail_memory(g->err);
    for (uint32_t a = 0; a < g->n; a++)
        g->group[a] = WG_DIVIDE_NONE;
    for (uint32_t i = 0; i < g->k && !st; i++) {
        struct wg_point p = o->seed[i];
        struct wg_spot s;
        uint32_t atom = WG_DIVIDE_NONE;
        if (wg_lattice_spot(&g->t->lattice, p.x, p.y, &s))
            atom = atom_at(g, s);
        if (atom == WG_DIVIDE_NONE) {
            st = wg_fail_at(
                g->err, WG_INVALID, p.x, p.y,
                _("Seed %u lies outside the area; every seed must lie in it."), i + 1);
            break;
        }
        seed_of[i] = g->seed[atom] ? free_atom(g, s) : atom;
        g->seed[seed_of[i]] = true;
        g->group[seed_of[i]] = i;
        people[i] = g->weight[seed_of[i]];
    }
    while (!st && grow_step(g, seed_of, people, stuck))
        continue;
    for (uint32_t a = 0; a < g->n && !st; a++) { /* pieces without a seed */
        if (g->group[a] == WG_DIVIDE_NONE)
            g->group[a] = 0;
    }
    free(seed_of);
    free(people);
    free(stuck);
    return st;
}

/* ---- two neighbours joined and cut anew ---- */

static uint32_t members_of(const uint32_t *head, const uint32_t *next, uint32_t a,
                           uint32_t b, uint32_t *out)
{
    uint32_t n = 0;
    for (uint32_t i = head[a]; i != WG_DIVIDE_NONE; i = next[i])
        out[n++] = i;
    for (uint32_t i = head[b]; i != WG_DIVIDE_NONE; i = next[i])
        out[n++] = i;
    return n;
}

/* The cuts of the tree with the best balance, at most CUTS_TRIED, best first. */
static int good_cuts(struct grouping *g, uint32_t n, double total, uint32_t seeds,
                     struct cut *cut)
{
    int found = 0;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t a = g->order[i];
        if (seeds == 2 && g->seeds_below[a] != 1)
            continue;
        double cost = fabs(g->below[a] - total / 2);
        int at = found < CUTS_TRIED ? found++ : CUTS_TRIED;
        if (at == CUTS_TRIED) {
            if (cost >= cut[CUTS_TRIED - 1].cost)
                continue;
            at = CUTS_TRIED - 1;
        }
        for (; at > 0 && cut[at - 1].cost > cost; at--)
            cut[at] = cut[at - 1];
        cut[at] = (struct cut){cost, a, 0};
    }
    return found;
}

/* Is a set of atoms of one group connected through the graph? */
static bool is_connected(struct grouping *g, const uint32_t *member, uint32_t n,
                         uint32_t group)
{
    const struct wg_divide_atoms *t = g->t;
    uint32_t want = 0, found = 0, done = 0, start = WG_DIVIDE_NONE;
    for (uint32_t i = 0; i < n; i++) {
        if (g->group[member[i]] == group) {
            start = start == WG_DIVIDE_NONE ? member[i] : start;
            want++;
        }
    }
    if (want == 0)
        return false;
    g->stamp++;
    g->mark[start] = g->stamp;
    g->root[found++] = start;
    while (done < found) {
        uint32_t a = g->root[done++];
        for (uint32_t e = t->first[a]; e < t->first[a + 1]; e++) {
            uint32_t b = t->edge[e].to;
            if (g->group[b] == group && g->mark[b] != g->stamp) {
                g->mark[b] = g->stamp;
                g->root[found++] = b;
            }
        }
    }
    return found == want;
}

static void try_pair(struct grouping *g, uint32_t *member, uint32_t n, uint32_t a,
                     uint32_t b, double heat)
{
    struct cut cut[CUTS_TRIED + 1];
    double now = cost_of(g, &g->sum[a]) + cost_of(g, &g->sum[b]), total = 0;
    double best = now + heat * -log(unit(g) + 1e-12);
    uint32_t seeds = 0, best_atom = WG_DIVIDE_NONE;
    bool best_turned = false;
    bool whole = is_connected(g, member, n, a) && is_connected(g, member, n, b);
    for (uint32_t i = 0; i < n; i++) {
        total += g->weight[member[i]];
        seeds += g->seed[member[i]];
    }
    uint32_t *was = g->next + 2 * (size_t)g->n; /* the last third of the scratch */
    for (uint32_t i = 0; i < n; i++)
        was[i] = g->group[member[i]];
    make_tree(g, member, n);
    int n_cut = good_cuts(g, n, total, seeds, cut);
    for (int c = 0; c < n_cut; c++) {
        take_below(g, n, cut[c].atom);
        uint32_t kept = 0;
        for (uint32_t i = 0; i < n; i++)
            kept += g->local[member[i]] == (was[i] == a);
        bool turned = kept < n - kept; /* the side below is called b */
        if (seeds == 2) {
            for (uint32_t i = 0; i < n; i++) {
                if (g->seed[member[i]] && was[i] == a)
                    turned = !g->local[member[i]];
            }
        }
        for (uint32_t i = 0; i < n; i++)
            g->group[member[i]] = (g->local[member[i]] != 0) != turned ? a : b;
        struct group_sum sa = sum_of(g, member, n, a), sb = sum_of(g, member, n, b);
        double cost = cost_of(g, &sa) + cost_of(g, &sb);
        if (cost < best && (!whole || (is_connected(g, member, n, a) &&
                                       is_connected(g, member, n, b)))) {
            best = cost;
            best_atom = cut[c].atom;
            best_turned = turned;
        }
    }
    if (best_atom != WG_DIVIDE_NONE)
        take_below(g, n, best_atom);
    for (uint32_t i = 0; i < n; i++)
        g->group[member[i]] = best_atom == WG_DIVIDE_NONE                 ? was[i]
                              : (g->local[member[i]] != 0) != best_turned ? a
                                                                          : b;
    g->sum[a] = sum_of(g, member, n, a);
    g->sum[b] = sum_of(g, member, n, b);
}

/* A group beside another one: of a random border atom. */
static uint32_t neighbour_of(struct grouping *g, const uint32_t *member, uint32_t n,
                             uint32_t group)
{
    const struct wg_divide_atoms *t = g->t;
    uint32_t at = (uint32_t)(unit(g) * n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t a = member[(at + i) % n];
        for (uint32_t e = t->first[a]; e < t->first[a + 1]; e++) {
            if (g->group[t->edge[e].to] != group)
                return g->group[t->edge[e].to];
        }
    }
    return WG_DIVIDE_NONE;
}

static enum wg_status recombine(struct grouping *g)
{
    uint32_t *head = malloc(((size_t)g->k + 1) * sizeof *head);
    uint32_t *next = malloc(((size_t)g->n + 1) * sizeof *next);
    uint64_t rounds = g->k < 2 ? 0 : (uint64_t)g->k * (g->k < 100 ? 200 : 60);
    enum wg_status st = head && next ? WG_OK : wg_fail_memory(g->err);
    for (uint32_t i = 0; i < g->k && !st; i++)
        head[i] = WG_DIVIDE_NONE;
    for (uint32_t a = g->n; a-- > 0 && !st;) {
        next[a] = head[g->group[a]];
        head[g->group[a]] = a;
    }
    for (uint64_t r = 0; r < rounds && !st; r++) {
        uint32_t a = (uint32_t)(unit(g) * g->k);
        double left = 1 - (double)r / (double)rounds;
        uint32_t n = 0;
        for (uint32_t i = head[a]; i != WG_DIVIDE_NONE; i = next[i])
            g->member[n++] = i;
        uint32_t b = neighbour_of(g, g->member, n, a);
        if (b != WG_DIVIDE_NONE) {
            n = members_of(head, next, a, b, g->member);
            try_pair(g, g->member, n, a, b, 0.25 * left * left);
            head[a] = head[b] = WG_DIVIDE_NONE;
            for (uint32_t i = n; i-- > 0;) {
                uint32_t group = g->group[g->member[i]];
                next[g->member[i]] = head[group];
                head[group] = g->member[i];
            }
        }
        if (r % 64 == 0 && !wg_divide_tell(g->job, 300 + (uint64_t)(500 * (1 - left))))
            st = WG_CANCELLED;
    }
    free(head);
    free(next);
    return st;
}

/* ---- single atoms ---- */

/* Would the atom's group hang together without it?  Only its neighbours need ask. */
static bool can_leave(struct grouping *g, uint32_t atom)
{
    const struct wg_divide_atoms *t = g->t;
    uint32_t group = g->group[atom], want = 0, done = 0, found = 0, left;
    g->stamp++;
    g->mark[atom] = g->stamp;
    for (uint32_t e = t->first[atom]; e < t->first[atom + 1]; e++) {
        if (g->group[t->edge[e].to] != group)
            continue;
        if (want++ == 0) {
            g->root[found++] = t->edge[e].to;
            g->mark[t->edge[e].to] = g->stamp;
        }
    }
    left = want; /* neighbours not reached */
    if (want == 0)
        return false;
    for (left--; done < found && left; done++) {
        uint32_t a = g->root[done];
        for (uint32_t e = t->first[a]; e < t->first[a + 1]; e++) {
            uint32_t b = t->edge[e].to;
            if (g->group[b] != group || g->mark[b] == g->stamp)
                continue;
            g->mark[b] = g->stamp;
            g->root[found++] = b;
            for (uint32_t f = t->first[b]; f < t->first[b + 1]; f++)
                left -= t->edge[f].to == atom;
        }
    }
    return left == 0;
}

static bool try_atom(struct grouping *g, uint32_t atom)
{
    const struct wg_divide_atoms *t = g->t;
    uint32_t from = g->group[atom], best = WG_DIVIDE_NONE;
    double gain = 1e-9;
    if (g->seed[atom])
        return false;
    for (uint32_t e = t->first[atom]; e < t->first[atom + 1]; e++) {
        uint32_t to = g->group[t->edge[e].to];
        if (to == from || to == best)
            continue;
        struct group_sum less = g->sum[from], more = g->sum[to];
        add_atom(g, &less, atom, from, -1);
        add_atom(g, &more, atom, to, 1);
        double now = cost_of(g, &g->sum[from]) + cost_of(g, &g->sum[to]);
        double then = cost_of(g, &less) + cost_of(g, &more);
        if (now - then > gain) {
            gain = now - then;
            best = to;
        }
    }
    if (best == WG_DIVIDE_NONE || !can_leave(g, atom))
        return false;
    add_atom(g, &g->sum[from], atom, from, -1);
    add_atom(g, &g->sum[best], atom, best, 1);
    g->group[atom] = best;
    return true;
}

static void polish(struct grouping *g)
{
    for (int round = 0; round < 30; round++) {
        uint32_t moved = 0;
        for (uint32_t a = 0; a < g->n; a++)
            moved += try_atom(g, a);
        if (!moved)
            break;
    }
}

/* ---- all of it ---- */

/* How many groups, and what each atom weighs. */
static enum wg_status weigh(struct grouping *g)
{
    const struct wg_divide_options *o = &g->job->options;
    double wanted = (double)(o->households_min + o->households_max) / 2, people = 0;
    double all = 0;
    uint64_t big = 0;
    for (uint32_t a = 0; a < g->n; a++) {
        double h = g->t->households[a];
        all += h;
        big += h > (double)o->households_max;
        people += h > (double)o->households_max ? 0 : h;
    }
    g->people = all > 0;
    uint64_t k = o->target ? o->target : o->n_seed;
    if (k == 0) {
        k = big + (uint64_t)floor(people / wanted + 0.5);
        k = k < 1 ? 1 : k > g->n ? g->n : k;
    }
    if (o->n_seed && o->n_seed != k)
        return wg_fail(
            g->err, WG_INVALID,
            _("%llu grids are wanted, but there are %llu seeds; give as many."),
            (unsigned long long)k, (unsigned long long)o->n_seed);
    if (k > g->n)
        return wg_fail(g->err, WG_INVALID,
                       _("%llu grids are wanted, but the area has only %llu pieces that "
                         "no building is cut by; ask for fewer."),
                       (unsigned long long)k, (unsigned long long)g->n);
    g->k = (uint32_t)k;
    g->mean = big < k ? people / (double)(k - big) : wanted;
    if (!(g->mean > 0))
        g->mean = 1;
    for (uint32_t a = 0; a < g->n; a++) {
        g->weight[a] = g->people ? fmin(g->t->households[a], g->mean) : g->t->area[a];
        g->total += g->weight[a];
    }
    if (!g->people || big >= k)
        g->mean = g->total / (double)k;
    return WG_OK;
}

static bool begin(struct grouping *g)
{
    size_t n = (size_t)g->n + 1, m = g->t->first[g->n] + n;
    g->weight = calloc(n, sizeof *g->weight);
    g->seed = calloc(n, sizeof *g->seed);
    g->group = calloc(n, sizeof *g->group);
    g->member = malloc(n * sizeof *g->member);
    g->root = malloc(n * sizeof *g->root);
    g->order = malloc(n * sizeof *g->order);
    g->up = malloc(n * sizeof *g->up);
    g->mark = calloc(n, sizeof *g->mark);
    g->local = calloc(n, sizeof *g->local);
    g->below = malloc(n * sizeof *g->below);
    g->seeds_below = malloc(n * sizeof *g->seeds_below);
    g->count_below = malloc(n * sizeof *g->count_below);
    g->link = malloc(m * sizeof *g->link);
    g->head = malloc(n * sizeof *g->head);
    g->next = malloc(3 * n * sizeof *g->next);
    g->to = malloc(2 * n * sizeof *g->to);
    return g->weight && g->seed && g->group && g->member && g->root && g->order &&
           g->up && g->mark && g->local && g->below && g->seeds_below && g->count_below &&
           g->link && g->head && g->next && g->to;
}

static void finish(struct grouping *g)
{
    free(g->weight);
    free(g->seed);
    free(g->group);
    free(g->sum);
    free(g->member);
    free(g->root);
    free(g->order);
    free(g->up);
    free(g->mark);
    free(g->local);
    free(g->below);
    free(g->seeds_below);
    free(g->count_below);
    free(g->link);
    free(g->head);
    free(g->next);
    free(g->to);
}

static enum wg_status sum_all(struct grouping *g)
{
    free(g->sum);
    g->sum = calloc((size_t)g->k + 1, sizeof *g->sum);
    if (!g->sum)
        return wg_fail_memory(g->err);
    for (uint32_t a = 0; a < g->n; a++) {
        struct group_sum *s = &g->sum[g->group[a]], one = sum_of(g, &a, 1, g->group[a]);
        s->people += one.people;
        s->real += one.real;
        s->area += one.area;
        s->perimeter += one.perimeter;
        s->open += one.open;
    }
    return WG_OK;
}

/* One attempt: g->group, and what it costs. */
static enum wg_status attempt(struct grouping *g, double *cost)
{
    enum wg_status st = WG_OK;
    double worst = 0;
    memset(g->seed, 0, g->n * sizeof *g->seed);
    if (g->job->options.n_seed) {
        st = grow(g);
    } else {
        for (uint32_t a = 0; a < g->n; a++)
            g->member[a] = a;
        halve(g, g->member, g->n, g->k, 0);
    }
    if (!st)
        st = sum_all(g);
    if (!st)
        st = recombine(g);
    if (st)
        return st;
    polish(g);
    *cost = 0;
    for (uint32_t i = 0; i < g->k; i++) {
        *cost += cost_of(g, &g->sum[i]);
        worst = fmax(worst, fabs(g->sum[i].people / g->mean - 1));
    }
    *cost += 25 * worst * worst * (1 + g->k / 8.0);
    return WG_OK;
}

enum wg_status wg_divide_make_groups(struct wg_divide_job *job)
{
    struct grouping g = {.job = job,
                         .t = &job->atoms,
                         .n = job->atoms.n,
                         .random = job->options.random,
                         .err = job->err};
    uint32_t *best = malloc(((size_t)g.n + 1) * sizeof *best);
    double least = INFINITY;
    enum wg_status st = best && begin(&g) ? weigh(&g) : wg_fail_memory(job->err);
    int attempts = g.k < 2 || g.n > SMALL_ATOMS || g.k > SMALL_GROUPS ? 1 : ATTEMPTS;
    for (int i = 0; i < attempts && !st; i++) {
        double cost = 0;
        st = attempt(&g, &cost);
        if (!st && cost < least) {
            least = cost;
            memcpy(best, g.group, g.n * sizeof *best);
        }
    }
    if (st) {
        free(best);
    } else {
        job->n_group = g.k;
        job->group = best;
    }
    finish(&g);
    return st;
}
