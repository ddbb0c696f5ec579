/* What is open between two grids and narrower than the snapping distance: closed by short
 * lines from a vertex of the one to the boundary of the other, so that the ground between
 * them can be given to one of the two. */
#include <math.h>
#include <string.h>

#include "clean_job.h"
#include "internal.h"

/* The boundary of ground that nobody has, walked with that ground on the left. */
struct walk {
    uint32_t face, ring, from, to, side, before; /* side: the face beyond; before: walk */
    double at, length;                           /* along the ring */
};

/* Squares of the plane with the walks that pass them. */
struct squares {
    double x, y, size;
    int32_t nx, ny;
    uint32_t *first, *walk;
};

/* Of a face that nobody has: to be filled as it is, or piece by piece, or to stay but for
 * what is narrow. */
enum kind { FILLED, PIECES, STAYS };

struct bridging {
    struct wg_clean_job *job;
    const struct wg_arrangement *map;
    struct walk *walk;
    size_t n_walk, cap_walk;
    double *ring; /* length of each */
    size_t n_ring, cap_ring;
    enum kind *kind;   /* of faces that are nobody's */
    uint32_t *walk_of; /* by segment and direction */
    struct squares squares;
    struct wg_ring_segment *bridge;
    size_t n_bridge, cap_bridge;
};

/* The path along the outline must be so much longer than the bridge: else the two sides
 * belong to a notch of the outline, which is right as it is. */
#define DETOUR 8.0

/* ---- walks ---- */

/* Who has the longest border with a gap. */
static uint32_t longest_border(const struct wg_cover *c, uint32_t face)
{
    struct wg_border best = {WG_NO_LABEL, 0}, border[64];
    size_t n = 0;
    for (uint32_t k = c->face_first[face]; k < c->face_first[face + 1]; k++) {
        uint32_t s = c->face_segment[k], m;
        const uint32_t *label = wg_cover_labels(
            c, c->map.left[s] == face ? c->map.right[s] : c->map.left[s], &m);
        struct wg_spot p = c->map.spot[c->map.a[s]], q = c->map.spot[c->map.b[s]];
        size_t i = 0;
        while (m && i < n && border[i].label != label[0])
            i++;
        if (m == 0 || i == sizeof border / sizeof *border)
            continue;
        if (i == n)
            border[n++] = (struct wg_border){label[0], 0};
        border[i].length += hypot((double)p.x - q.x, (double)p.y - q.y);
        if (border[i].length > best.length)
            best = border[i];
    }
    return best.label;
}

/* The outside, wide gaps, and those that reach further along others than the one who
 * takes them may grow. */
static enum wg_status choose_faces(struct bridging *b)
{
    struct wg_clean_job *job = b->job;
    double limit = fmax(job->opt->gap_m, job->opt->snap_m);
    enum wg_status st = WG_OK;
    b->kind = calloc(b->map->n_face ? b->map->n_face : 1, sizeof *b->kind);
    if (!b->kind)
        return wg_fail_memory(job->err);
    b->kind[0] = STAYS;
    for (size_t i = 0; i < job->cover.n_gap && !st; i++) {
        uint32_t f = job->cover.gap[i], to = longest_border(&job->cover, f);
        struct wg_widest w = {0};
        st = wg_clean_widest(job, 1, &f, &w);
        if (2 * w.radius * WG_LATTICE_STEP >= limit)
            b->kind[f] = STAYS;
        else if (to < job->n_grid && wg_clean_furthest(job, 1, &f, to) > limit)
            b->kind[f] = PIECES;
    }
    return st;
}

static uint32_t key_of(const struct bridging *b, uint32_t s, uint32_t from)
{
    return s * 2 + (b->map->a[s] == from ? 0 : 1);
}

/* The segment after s, keeping the same ground on the left, from the spot it leads to. */
static uint32_t next_segment(const struct wg_arrangement *map, uint32_t s, uint32_t spot)
{
    uint32_t first = map->first[spot], n = map->first[spot + 1] - first, i = 0;
    while (map->around[first + i] != s)
        i++;
    return map->around[first + (i + n - 1) % n];
}

static enum wg_status walk_ring(struct bridging *b, uint32_t s, uint32_t from,
                                uint32_t face)
{
    const struct wg_arrangement *map = b->map;
    size_t begin = b->n_walk;
    double at = 0;
    if (!wg_grow((void **)&b->ring, &b->cap_ring, b->n_ring + 1, sizeof *b->ring))
        return wg_fail_memory(b->job->err);
    while (b->walk_of[key_of(b, s, from)] == UINT32_MAX) {
        uint32_t to = map->a[s] == from ? map->b[s] : map->a[s];
        struct wg_spot p = map->spot[from], q = map->spot[to];
        if (!wg_grow((void **)&b->walk, &b->cap_walk, b->n_walk + 1, sizeof *b->walk))
            return wg_fail_memory(b->job->err);
        struct walk *w = &b->walk[b->n_walk];
        *w = (struct walk){face,
                           (uint32_t)b->n_ring,
                           from,
                           to,
                           map->left[s] == face ? map->right[s] : map->left[s],
                           (uint32_t)(b->n_walk - 1),
                           at,
                           hypot((double)p.x - q.x, (double)p.y - q.y)};
        at += w->length;
        b->walk_of[key_of(b, s, from)] = (uint32_t)b->n_walk++;
        s = next_segment(map, s, to);
        from = to;
    }
    b->walk[begin].before = (uint32_t)(b->n_walk - 1);
    b->ring[b->n_ring++] = at;
    return WG_OK;
}

static enum wg_status walk_all(struct bridging *b)
{
    const struct wg_arrangement *map = b->map;
    size_t room = (size_t)map->n_segment * 2 + 1;
    enum wg_status st = WG_OK;
    b->walk_of = malloc(room * sizeof *b->walk_of);
    if (!b->walk_of)
        return wg_fail_memory(b->job->err);
    memset(b->walk_of, 0xff, room * sizeof *b->walk_of);
    for (uint32_t s = 0; s < map->n_segment && !st; s++) {
        if (b->kind[map->left[s]] && b->walk_of[s * 2] == UINT32_MAX)
            st = walk_ring(b, s, map->a[s], map->left[s]);
        if (!st && b->kind[map->right[s]] && b->walk_of[s * 2 + 1] == UINT32_MAX)
            st = walk_ring(b, s, map->b[s], map->right[s]);
    }
    return st;
}

/* ---- squares ---- */

static int32_t clamp(double v, int32_t n)
{
    return v < 0 ? 0 : v >= n ? n - 1 : (int32_t)v;
}

/* Squares that a walk passes: row by row; told to fn, or counted. */
static void pass(struct bridging *b, uint32_t w, bool count)
{
    struct squares *q = &b->squares;
    struct wg_spot p = b->map->spot[b->walk[w].from], r = b->map->spot[b->walk[w].to];
    struct wg_spot low = p.y <= r.y ? p : r, high = p.y <= r.y ? r : p;
    int32_t y0 = clamp((low.y - q->y) / q->size, q->ny);
    int32_t y1 = clamp((high.y - q->y) / q->size, q->ny);
    for (int32_t y = y0; y <= y1; y++) {
        double from = low.x, to = high.x;
        if (high.y > low.y) {
            double slope = ((double)high.x - low.x) / ((double)high.y - low.y);
            double below = q->y + y * q->size, above = below + q->size;
            if (below > low.y)
                from = low.x + (below - low.y) * slope;
            if (above < high.y)
                to = low.x + (above - low.y) * slope;
        }
        int32_t x0 = clamp((fmin(from, to) - q->x) / q->size - 1e-9, q->nx);
        int32_t x1 = clamp((fmax(from, to) - q->x) / q->size + 1e-9, q->nx);
        for (int32_t x = x0; x <= x1; x++) {
            size_t at = (size_t)y * (size_t)q->nx + (size_t)x;
            if (count)
                q->first[at + 2]++;
            else
                q->walk[q->first[at + 1]++] = w;
        }
    }
}

static enum wg_status lay_squares(struct bridging *b, double reach)
{
    struct squares *q = &b->squares;
    struct wg_box box = wg_box_empty();
    for (size_t i = 0; i < b->n_walk; i++) {
        struct wg_spot p = b->map->spot[b->walk[i].from];
        box = wg_box_grow(box, p.x, p.y);
    }
    double w = box.max_x - box.min_x + 1, h = box.max_y - box.min_y + 1;
    q->size = fmax(reach, sqrt(w * h / (double)(b->n_walk + 1)));
    q->x = box.min_x;
    q->y = box.min_y;
    q->nx = (int32_t)(w / q->size) + 1;
    q->ny = (int32_t)(h / q->size) + 1;
    size_t n = (size_t)q->nx * (size_t)q->ny;
    q->first = calloc(n + 2, sizeof *q->first);
    if (!q->first)
        return wg_fail_memory(b->job->err);
    for (uint32_t i = 0; i < b->n_walk; i++)
        pass(b, i, true);
    for (size_t i = 2; i < n + 2; i++)
        q->first[i] += q->first[i - 1];
    q->walk = malloc((q->first[n + 1] + 1) * sizeof *q->walk);
    if (!q->walk)
        return wg_fail_memory(b->job->err);
    for (uint32_t i = 0; i < b->n_walk; i++)
        pass(b, i, false);
    return WG_OK;
}

/* ---- bridges ---- */

static bool have_label_in_common(const struct wg_cover *c, uint32_t f, uint32_t g)
{
    uint32_t n, m;
    const uint32_t *a = wg_cover_labels(c, f, &n), *b = wg_cover_labels(c, g, &m);
    for (uint32_t i = 0, k = 0; i < n && k < m;)
        if (a[i] == b[k])
            return true;
        else if (a[i] < b[k])
            i++;
        else
            k++;
    return false;
}

struct landing {
    double distance;
    struct wg_spot spot;
    uint32_t side; /* the face beyond; WG_NO_LABEL: none found */
};

/* Across a gap that is to be filled bridges may be as long as it is wide. */
static double reach_of(const struct bridging *b, uint32_t face, double reach)
{
    return b->kind[face] == STAYS ? fmin(reach, b->job->opt->snap_m / WG_LATTICE_STEP)
                                  : reach;
}

/* The spot where a bridge from p ends that meets the segment at (x, y): an end of the
 * segment if that is as near, else a step beyond it, so that the two surely cross. */
static struct wg_spot land(struct wg_spot a, struct wg_spot e, struct wg_spot p, double x,
                           double y)
{
    double d = hypot(x - p.x, y - p.y);
    if (hypot(x - a.x, y - a.y) < 2)
        return a;
    if (hypot(x - e.x, y - e.y) < 2)
        return e;
    return (struct wg_spot){(int32_t)floor(x + (x - p.x) / d + 0.5),
                            (int32_t)floor(y + (y - p.y) / d + 0.5)};
}

static void try_landing(const struct bridging *b, const struct walk *v,
                        const struct walk *w, double reach, uint32_t but,
                        struct landing *best)
{
    const struct wg_cover *c = &b->job->cover;
    struct wg_spot p = b->map->spot[v->from];
    struct wg_spot a = b->map->spot[w->from], e = b->map->spot[w->to];
    double dx = (double)e.x - a.x, dy = (double)e.y - a.y;
    double t =
        (((double)p.x - a.x) * dx + ((double)p.y - a.y) * dy) / (dx * dx + dy * dy);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double x = a.x + t * dx, y = a.y + t * dy, d = hypot(x - p.x, y - p.y);
    if (w->face != v->face || d > reach_of(b, v->face, reach) || d < 1.5 ||
        d >= best->distance || have_label_in_common(c, w->side, v->side) ||
        have_label_in_common(c, w->side, b->walk[v->before].side) ||
        (but != WG_NO_LABEL && have_label_in_common(c, w->side, but)))
        return;
    if (w->ring == v->ring && b->kind[v->face] == STAYS) {
        double path = fabs(w->at + t * w->length - v->at);
        path = fmin(path, b->ring[v->ring] - path);
        if (path < DETOUR * d)
            return;
    }
    struct wg_spot q = land(a, e, p, x, y);
    if (hypot((double)q.x - p.x, (double)q.y - p.y) > reach_of(b, v->face, reach) + 2)
        return;
    *best = (struct landing){d, q, w->side};
}

/* Walks near a spot, each perhaps several times. */
static void near_range(const struct bridging *b, struct wg_spot p, double reach,
                       int32_t range[4])
{
    const struct squares *q = &b->squares;
    range[0] = clamp((p.x - reach - q->x) / q->size, q->nx);
    range[1] = clamp((p.x + reach - q->x) / q->size, q->nx);
    range[2] = clamp((p.y - reach - q->y) / q->size, q->ny);
    range[3] = clamp((p.y + reach - q->y) / q->size, q->ny);
}

/* The nearest landing from the beginning of a walk, on others than `but`'s. */
static struct landing find_landing(const struct bridging *b, const struct walk *v,
                                   double reach, const int32_t r[4], uint32_t but)
{
    const struct squares *q = &b->squares;
    struct landing best = {INFINITY, {0, 0}, WG_NO_LABEL};
    for (int32_t y = r[2]; y <= r[3]; y++)
        for (int32_t x = r[0]; x <= r[1]; x++) {
            size_t at = (size_t)y * (size_t)q->nx + (size_t)x;
            for (uint32_t i = q->first[at]; i < q->first[at + 1]; i++)
                try_landing(b, v, &b->walk[q->walk[i]], reach, but, &best);
        }
    return best;
}

/* Does nothing lie between a spot and its landing? */
static bool is_free(const struct bridging *b, struct wg_spot from, struct wg_spot to,
                    const int32_t r[4])
{
    const struct squares *q = &b->squares;
    for (int32_t y = r[2]; y <= r[3]; y++)
        for (int32_t x = r[0]; x <= r[1]; x++) {
            size_t at = (size_t)y * (size_t)q->nx + (size_t)x;
            for (uint32_t i = q->first[at]; i < q->first[at + 1]; i++) {
                const struct walk *w = &b->walk[q->walk[i]];
                struct wg_spot a = b->map->spot[w->from], e = b->map->spot[w->to];
                /* the one landed on is crossed by a step */
                if (wg_spot_meet(from, to, a, e) == WG_CROSS &&
                    wg_spot_distance(a, e, to) > 2)
                    return false;
            }
        }
    return true;
}

/* To the nearest other grid, and to the nearest but that: where three come together the
 * strips between each two are to be told apart. */
static enum wg_status bridge_from(struct bridging *b, const struct walk *v, double reach)
{
    struct wg_spot p = b->map->spot[v->from];
    uint32_t but = WG_NO_LABEL;
    int32_t r[4];
    near_range(b, p, reach, r);
    for (int k = 0; k < 2; k++) {
        struct landing to = find_landing(b, v, reach, r, but);
        if (to.side == WG_NO_LABEL)
            break;
        but = to.side;
        if (!is_free(b, p, to.spot, r))
            continue;
        if (!wg_grow((void **)&b->bridge, &b->cap_bridge, b->n_bridge + 1,
                     sizeof *b->bridge))
            return wg_fail_memory(b->job->err);
        b->bridge[b->n_bridge++] = (struct wg_ring_segment){p, to.spot};
    }
    return WG_OK;
}

enum wg_status wg_clean_bridges(struct wg_clean_job *job, struct wg_ring_segment **out,
                                size_t *n_out)
{
    struct bridging b = {.job = job, .map = &job->cover.map};
    double reach = fmax(job->opt->snap_m, job->opt->gap_m) / WG_LATTICE_STEP;
    enum wg_status st = wg_cover_face_segments(&job->cover, job->err);
    if (!st)
        st = choose_faces(&b);
    if (!st)
        st = walk_all(&b);
    if (!st && b.n_walk)
        st = lay_squares(&b, reach);
    for (size_t i = 0; i < b.n_walk && !st; i++)
        st = bridge_from(&b, &b.walk[i], reach);
    free(b.walk);
    free(b.ring);
    free(b.kind);
    free(b.walk_of);
    free(b.squares.first);
    free(b.squares.walk);
    if (st) {
        free(b.bridge);
        return st;
    }
    *out = b.bridge;
    *n_out = b.n_bridge;
    return WG_OK;
}
