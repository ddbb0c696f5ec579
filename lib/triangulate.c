/* Owns Delaunay triangulation: spots are put in one by one along a Hilbert curve. */
#include "triangulate.h"

#include <string.h>

#include "hilbert.h"
#include "internal.h"

#define REACH ((int32_t)1 << 26)
#define NO_TRIANGLE UINT32_MAX

__extension__ typedef __int128 wide;

/* Is d inside the circle through a, b, c, which turn left?  Differences are below 2^29,
 * so all fits 120 bits. */
static bool in_circle(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                      struct wg_spot d)
{
    int64_t ax = (int64_t)a.x - d.x, ay = (int64_t)a.y - d.y;
    int64_t bx = (int64_t)b.x - d.x, by = (int64_t)b.y - d.y;
    int64_t cx = (int64_t)c.x - d.x, cy = (int64_t)c.y - d.y;
    wide det = (wide)(ax * ax + ay * ay) * (bx * cy - cx * by) -
               (wide)(bx * bx + by * by) * (ax * cy - cx * ay) +
               (wide)(cx * cx + cy * cy) * (ax * by - bx * ay);
    return det > 0;
}

struct work {
    struct wg_triangulation *t;
    uint32_t *stack; /* triangles whose edge across from v[0] may have to be flipped */
    size_t n_stack, cap_stack;
    uint32_t last; /* where the walk begins */
    bool no_memory;
};

static int corner_of(const struct wg_triangle *t, uint32_t neighbour)
{
    return t->next[0] == neighbour ? 0 : t->next[1] == neighbour ? 1 : 2;
}

static void relink(struct work *w, uint32_t triangle, uint32_t from, uint32_t to)
{
    if (triangle != NO_TRIANGLE) {
        struct wg_triangle *t = &w->t->triangle[triangle];
        t->next[corner_of(t, from)] = to;
    }
}

static void push(struct work *w, uint32_t triangle)
{
    void *array = w->stack;
    if (!wg_grow(&array, &w->cap_stack, w->n_stack + 1, sizeof *w->stack)) {
        w->no_memory = true;
        return;
    }
    w->stack = array;
    w->stack[w->n_stack++] = triangle;
}

/* The new spot is v[0] of every triangle on the stack. */
static void settle(struct work *w)
{
    struct wg_triangle *all = w->t->triangle;
    const struct wg_spot *spot = w->t->spot;
    while (w->n_stack && !w->no_memory) {
        uint32_t i = w->stack[--w->n_stack], j = all[i].next[0];
        if (j == NO_TRIANGLE)
            continue;
        struct wg_triangle *a = &all[i], *b = &all[j];
        int far = corner_of(b, i);
        uint32_t p = a->v[0], l = a->v[1], r = a->v[2], q = b->v[far];
        if (!in_circle(spot[p], spot[l], spot[r], spot[q]))
            continue;
        uint32_t a1 = a->next[1], a2 = a->next[2];
        uint32_t beyond_l = b->next[(far + 1) % 3], beyond_r = b->next[(far + 2) % 3];
        /* b runs q, r, l: beyond_l is across from r, over l–q; beyond_r over q–r */
        *a = (struct wg_triangle){{p, l, q}, {beyond_l, j, a2}};
        *b = (struct wg_triangle){{p, q, r}, {beyond_r, a1, i}};
        relink(w, beyond_l, j, i);
        relink(w, a1, i, j);
        push(w, i);
        push(w, j);
    }
}

/* The triangle that holds a spot; *edge: the corner across from the edge it lies on, or
 * −1; *at: the corner that equals it, or −1. */
static uint32_t find(struct work *w, struct wg_spot s, int *edge, int *at)
{
    const struct wg_triangulation *t = w->t;
    uint32_t i = w->last, turn = 0;
    while (true) {
        const struct wg_triangle *a = &t->triangle[i];
        int zero = -1, k = 0;
        for (; k < 3; k++) {
            int c = (int)((k + turn) % 3);
            int64_t side =
                wg_spot_cross(t->spot[a->v[(c + 1) % 3]], t->spot[a->v[(c + 2) % 3]], s);
            if (side < 0) {
                i = a->next[c];
                turn = turn * 5 + 1;
                break;
            }
            if (side == 0)
                zero = c;
        }
        if (k < 3)
            continue;
        *edge = zero;
        *at = -1;
        for (int c = 0; c < 3; c++) {
            if (wg_spot_equal(t->spot[a->v[c]], s))
                *at = c;
        }
        return i;
    }
}

static void split_triangle(struct work *w, uint32_t i, uint32_t p)
{
    struct wg_triangulation *t = w->t;
    struct wg_triangle was = t->triangle[i];
    uint32_t j = t->n_triangle++, k = t->n_triangle++;
    t->triangle[i] = (struct wg_triangle){{p, was.v[0], was.v[1]}, {was.next[2], j, k}};
    t->triangle[j] = (struct wg_triangle){{p, was.v[1], was.v[2]}, {was.next[0], k, i}};
    t->triangle[k] = (struct wg_triangle){{p, was.v[2], was.v[0]}, {was.next[1], i, j}};
    relink(w, was.next[0], i, j);
    relink(w, was.next[1], i, k);
    push(w, i);
    push(w, j);
    push(w, k);
}

/* p lies on the edge across from corner c of triangle i, and of its neighbour. */
static void split_edge(struct work *w, uint32_t i, int c, uint32_t p)
{
    struct wg_triangulation *t = w->t;
    struct wg_triangle a = t->triangle[i];
    uint32_t j = a.next[c];
    struct wg_triangle b = t->triangle[j];
    int d = corner_of(&b, i);
    uint32_t top = a.v[c], l = a.v[(c + 1) % 3], r = a.v[(c + 2) % 3], bottom = b.v[d];
    uint32_t over_rt = a.next[(c + 1) % 3], over_tl = a.next[(c + 2) % 3];
    uint32_t over_lb = b.next[(d + 1) % 3], over_br = b.next[(d + 2) % 3];
    uint32_t m = t->n_triangle++, n = t->n_triangle++;
    t->triangle[i] = (struct wg_triangle){{p, top, l}, {over_tl, n, m}};
    t->triangle[m] = (struct wg_triangle){{p, r, top}, {over_rt, i, j}};
    t->triangle[j] = (struct wg_triangle){{p, bottom, r}, {over_br, m, n}};
    t->triangle[n] = (struct wg_triangle){{p, l, bottom}, {over_lb, j, i}};
    relink(w, over_rt, i, m);
    relink(w, over_lb, j, n);
    push(w, i);
    push(w, m);
    push(w, j);
    push(w, n);
}

static void insert(struct work *w, uint32_t p)
{
    struct wg_triangulation *t = w->t;
    int edge, at;
    uint32_t i = find(w, t->spot[p], &edge, &at);
    w->last = i;
    if (at >= 0) {
        t->same[p] = t->triangle[i].v[at];
        return;
    }
    if (edge >= 0)
        split_edge(w, i, edge, p);
    else
        split_triangle(w, i, p);
    settle(w);
}

struct place {
    uint32_t at, spot;
};

static int compare_place(const void *a, const void *b)
{
    const struct place *l = a, *r = b;
    if (l->at != r->at)
        return l->at < r->at ? -1 : 1;
    return (l->spot > r->spot) - (l->spot < r->spot);
}

static void begin_square(struct wg_triangulation *t, uint32_t n)
{
    const int32_t far = REACH + (REACH >> 1);
    const struct wg_spot corner[4] = {
        {-far, -far}, {far, -far + 1}, {far - 1, far}, {-far + 2, far - 3}};
    for (uint32_t i = 0; i < 4; i++) {
        t->spot[n + i] = corner[i];
        t->same[n + i] = n + i;
    }
    t->n_spot = n + 4;
    t->n_triangle = 2;
    t->triangle[0] =
        (struct wg_triangle){{n, n + 1, n + 2}, {NO_TRIANGLE, 1, NO_TRIANGLE}};
    t->triangle[1] =
        (struct wg_triangle){{n, n + 2, n + 3}, {NO_TRIANGLE, NO_TRIANGLE, 0}};
}

enum wg_status wg_triangulate(uint32_t n, const struct wg_spot *spot,
                              struct wg_triangulation *out, struct wg_error *err)
{
    struct wg_triangulation t = {.n_spot = n};
    struct work w = {.t = &t};
    struct place *place = malloc(((size_t)n + 1) * sizeof *place);
    enum wg_status st = WG_OK;
    t.spot = malloc(((size_t)n + 4) * sizeof *t.spot);
    t.same = malloc(((size_t)n + 4) * sizeof *t.same);
    t.triangle = malloc((2 * (size_t)n + 2) * sizeof *t.triangle);
    if (!place || !t.spot || !t.same || !t.triangle)
        st = wg_fail_memory(err);
    for (uint32_t i = 0; i < n && !st; i++) {
        if (spot[i].x < -REACH || spot[i].x > REACH || spot[i].y < -REACH ||
            spot[i].y > REACH)
            st = wg_fail(err, WG_OUT_OF_RANGE,
                         _("The area is wider than 130 km; divide it in pieces."));
        t.spot[i] = spot[i];
        t.same[i] = i;
        place[i] = (struct place){wg_hilbert((uint32_t)(spot[i].x + REACH) >> 11,
                                             (uint32_t)(spot[i].y + REACH) >> 11),
                                  i};
    }
    if (!st) {
        begin_square(&t, n);
        qsort(place, n, sizeof *place, compare_place);
    }
    for (uint32_t i = 0; i < n && !st; i++) {
        insert(&w, place[i].spot);
        if (w.no_memory)
            st = wg_fail_memory(err);
    }
    free(place);
    free(w.stack);
    if (st)
        wg_triangulation_finish(&t);
    else
        *out = t;
    return st;
}

void wg_triangulation_finish(struct wg_triangulation *t)
{
    free(t->spot);
    free(t->same);
    free(t->triangle);
    memset(t, 0, sizeof *t);
}
