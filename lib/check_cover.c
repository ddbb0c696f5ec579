/* Polygons laid over each other: overlaps, gaps, edges that do not match, suspects. */
#include "check_cover.h"

#include <math.h>
#include <string.h>

#include "internal.h"

struct cut {
    uint32_t segment;
    struct wg_spot spot;
    bool told;
};

/* What is at hand while a cover is made. */
struct making {
    struct wg_cover *cover;
    struct wg_arrange_segment *segment;
    size_t n, cap, n_ring; /* those of polygons come first */
    int64_t *area2;        /* of each label as it was given: twice, in steps² */
    double *outline; /* its length, where the arrangement may have bent it; else 0 */
    struct cut *cut;
    size_t n_cut, cap_cut;
    bool failed;
    double scale, *x, *y; /* coordinates of one polygon, enlarged */
    size_t cap_x, cap_y;
};

static void keep_cut(void *user, uint32_t input, struct wg_spot spot)
{
    struct making *m = user;
    if (!wg_grow((void **)&m->cut, &m->cap_cut, m->n_cut + 1, sizeof *m->cut)) {
        m->failed = true;
        return;
    }
    m->cut[m->n_cut++] = (struct cut){input, spot, false};
}

static int by_cut(const void *p, const void *q)
{
    const struct cut *x = p, *y = q;
    if (x->spot.y != y->spot.y)
        return x->spot.y < y->spot.y ? -1 : 1;
    if (x->spot.x != y->spot.x)
        return x->spot.x < y->spot.x ? -1 : 1;
    return x->segment < y->segment ? -1 : x->segment > y->segment;
}

static uint32_t label_of(const struct wg_arrange_segment *s)
{
    return s->left != WG_NO_LABEL ? s->left : s->right;
}

/* The polygon in units of which the lattice's steps are the finer ones. */
static enum wg_status enlarge(struct making *m, struct wg_multipolygon *mp,
                              struct wg_error *err)
{
    if (!wg_grow((void **)&m->x, &m->cap_x, mp->n_vertex, sizeof *m->x) ||
        !wg_grow((void **)&m->y, &m->cap_y, mp->n_vertex, sizeof *m->y))
        return wg_fail_memory(err);
    for (uint32_t i = 0; i < mp->n_vertex; i++) {
        m->x[i] = mp->x[i] * m->scale;
        m->y[i] = mp->y[i] * m->scale;
    }
    mp->x = m->x;
    mp->y = m->y;
    return WG_OK;
}

static enum wg_status add_polygons(struct making *m, size_t n,
                                   const struct wg_multipolygon *const *mp,
                                   struct wg_error *err)
{
    struct wg_cover *c = m->cover;
    for (size_t i = 0; i < n; i++) {
        size_t before = m->n;
        uint32_t none = 0;  /* segments without length: each ring's closing one */
        uint64_t twice = 0; /* what overflows comes back: the sum fits */
        struct wg_multipolygon one = *mp[i];
        enum wg_status st = m->scale > 1 ? enlarge(m, &one, err) : WG_OK;
        if (!st)
            st = wg_arrange_add_polygon(&one, &c->lattice, (uint32_t)i, &m->segment,
                                        &m->n, &m->cap, err);
        if (st)
            return st;
        for (size_t s = before; s < m->n; s++) {
            struct wg_spot a = m->segment[s].a, b = m->segment[s].b;
            uint64_t cross = (uint64_t)((int64_t)a.x * b.y - (int64_t)b.x * a.y);
            twice += m->segment[s].left != WG_NO_LABEL ? cross : 0 - cross;
            none += wg_spot_equal(a, b);
        }
        m->area2[i] = (int64_t)twice;
        /* a ring that lost vertices on its way to the lattice, and one that has others
         * in it, may be anything */
        if (mp[i]->n_ring != 1 || none > 1)
            c->suspect[i] = true;
    }
    return WG_OK;
}

/* ---- suspects ---- */

static bool covers(const struct wg_cover *c, uint32_t face, uint32_t label)
{
    uint32_t n;
    const uint32_t *labels = wg_cover_labels(c, face, &n);
    for (uint32_t i = 0; i < n; i++)
        if (labels[i] == label)
            return true;
    return false;
}

/* Labels whose boundary passes a spot more than once. */
static void suspect_at_spot(struct wg_cover *c, uint32_t spot)
{
    const struct wg_arrangement *map = &c->map;
    uint32_t first = map->first[spot], n = map->first[spot + 1] - first;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t s = map->around[first + i], n_label;
        uint32_t face = map->a[s] == spot ? map->left[s] : map->right[s];
        const uint32_t *labels = wg_cover_labels(c, face, &n_label);
        for (uint32_t l = 0; l < n_label; l++) {
            uint32_t changes = 0;
            if (c->suspect[labels[l]])
                continue;
            for (uint32_t k = 0; k < n; k++) {
                uint32_t t = map->around[first + k];
                changes += covers(c, map->left[t], labels[l]) !=
                           covers(c, map->right[t], labels[l]);
            }
            if (changes > 2)
                c->suspect[labels[l]] = true;
        }
    }
}

static bool same_cover(const struct wg_cover *c, uint32_t f, uint32_t g)
{
    uint32_t n, m;
    const uint32_t *a = wg_cover_labels(c, f, &n), *b = wg_cover_labels(c, g, &m);
    return n == m && memcmp(a, b, n * sizeof *a) == 0;
}

struct edge {
    struct wg_spot a, b;
    uint32_t label;
};

static int by_edge(const void *p, const void *q)
{
    return memcmp(p, q, sizeof(struct edge));
}

/* Somewhere a label's segments cancel each other: whose? */
static enum wg_status suspect_spikes(struct making *m, struct wg_error *err)
{
    struct edge *edge = calloc(m->n ? m->n : 1, sizeof *edge);
    if (!edge)
        return wg_fail_memory(err);
    for (size_t i = 0; i < m->n; i++) {
        struct wg_spot a = m->segment[i].a, b = m->segment[i].b;
        bool turn = a.y > b.y || (a.y == b.y && a.x > b.x);
        edge[i] = (struct edge){turn ? b : a, turn ? a : b, label_of(&m->segment[i])};
    }
    qsort(edge, m->n, sizeof *edge, by_edge);
    for (size_t i = 1; i < m->n; i++)
        if (by_edge(&edge[i - 1], &edge[i]) == 0)
            m->cover->suspect[edge[i].label] = true;
    for (size_t i = 0; i < m->n_cut; i++) /* and those that met inside */
        m->cover->suspect[label_of(&m->segment[m->cut[i].segment])] = true;
    free(edge);
    return WG_OK;
}

/* Segments of each label's boundary as it came out, less those that should be there: as
 * many as went in, and one more for each cut. */
static void count_segments(const struct making *m, int64_t *surplus)
{
    const struct wg_cover *c = m->cover;
    for (size_t i = 0; i < m->n; i++)
        surplus[label_of(&m->segment[i])] -=
            !wg_spot_equal(m->segment[i].a, m->segment[i].b);
    for (size_t i = 0; i < m->n_cut; i++)
        if (i == 0 || m->cut[i].segment != m->cut[i - 1].segment ||
            !wg_spot_equal(m->cut[i].spot, m->cut[i - 1].spot))
            surplus[label_of(&m->segment[m->cut[i].segment])]--;
    for (uint32_t s = 0; s < c->map.n_segment; s++) {
        uint32_t n, k, i = 0, j = 0;
        const uint32_t *a = wg_cover_labels(c, c->map.left[s], &n);
        const uint32_t *b = wg_cover_labels(c, c->map.right[s], &k);
        while (i < n || j < k)
            if (i < n && j < k && a[i] == b[j]) {
                i++;
                j++;
            } else {
                surplus[j == k || (i < n && a[i] < b[j]) ? a[i++] : b[j++]]++;
            }
    }
}

static enum wg_status find_suspects(struct making *m, struct wg_error *err)
{
    struct wg_cover *c = m->cover;
    const struct wg_arrangement *map = &c->map;
    bool spikes = false;
    double *area = calloc(c->n_label ? c->n_label : 1, sizeof *area);
    int64_t *surplus = calloc(c->n_label ? c->n_label : 1, sizeof *surplus);
    if (!area || !surplus) {
        free(area);
        free(surplus);
        return wg_fail_memory(err);
    }
    count_segments(m, surplus);
    for (uint32_t f = 1; f < map->n_face; f++)
        for (uint32_t i = map->cover_first[f]; i < map->cover_first[f + 1]; i++)
            area[map->cover[i]] += map->area[f];
    for (size_t i = 0; i < m->n_cut; i++) {
        const struct wg_arrange_segment *s = &m->segment[m->cut[i].segment];
        m->outline[label_of(s)] +=
            2 * (fabs((double)s->a.x - s->b.x) + fabs((double)s->a.y - s->b.y));
    }
    for (uint32_t l = 0; l < c->n_label; l++) {
        double given = (double)m->area2[l] / 2;
        if (surplus[l] || fabs(area[l] - given) > 1 + 1e-9 * fabs(given) + m->outline[l])
            c->suspect[l] = true;
    }
    free(area);
    free(surplus);
    for (uint32_t s = 0; s < map->n_segment && !spikes; s++)
        spikes =
            map->left[s] == map->right[s] || same_cover(c, map->left[s], map->right[s]);
    for (uint32_t p = 0; p < map->n_spot; p++)
        if (map->first[p + 1] - map->first[p] > 2)
            suspect_at_spot(c, p);
    return spikes ? suspect_spikes(m, err) : WG_OK;
}

/* ---- overlaps and gaps ---- */

struct pair {
    uint32_t a, b, face;
};

static int by_pair(const void *p, const void *q)
{
    const struct pair *x = p, *y = q;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    return x->face < y->face ? -1 : x->face > y->face;
}

static enum wg_status gather_pairs(struct wg_cover *c, struct pair **pair, size_t *n,
                                   struct wg_error *err)
{
    size_t cap = 0;
    for (uint32_t f = 1; f < c->map.n_face; f++) {
        uint32_t n_label;
        const uint32_t *labels = wg_cover_labels(c, f, &n_label);
        if (n_label == 0) {
            if (!wg_grow((void **)&c->gap, &c->cap_gap, c->n_gap + 1, sizeof *c->gap))
                return wg_fail_memory(err);
            c->gap[c->n_gap++] = f;
        }
        for (uint32_t i = 0; i < n_label; i++)
            for (uint32_t k = i + 1; k < n_label; k++) {
                if (!wg_grow((void **)pair, &cap, *n + 1, sizeof **pair))
                    return wg_fail_memory(err);
                (*pair)[(*n)++] = (struct pair){labels[i], labels[k], f};
            }
    }
    return WG_OK;
}

static enum wg_status find_faults(struct wg_cover *c, struct wg_error *err)
{
    struct pair *pair = NULL;
    size_t n = 0;
    enum wg_status st = gather_pairs(c, &pair, &n, err);
    if (!st && n) {
        c->overlap_face = malloc(n * sizeof *c->overlap_face);
        if (!c->overlap_face)
            st = wg_fail_memory(err);
        qsort(pair, n, sizeof *pair, by_pair);
    }
    for (size_t i = 0; !st && i < n; i++) {
        bool same = i && pair[i].a == pair[i - 1].a && pair[i].b == pair[i - 1].b;
        if (!same) {
            if (!wg_grow((void **)&c->overlap, &c->cap_overlap, c->n_overlap + 1,
                         sizeof *c->overlap)) {
                st = wg_fail_memory(err);
                break;
            }
            c->overlap[c->n_overlap++] = (struct wg_cover_overlap){
                pair[i].a, pair[i].b, 0, pair[i].face, (uint32_t)i, 0};
        }
        struct wg_cover_overlap *o = &c->overlap[c->n_overlap - 1];
        double area = c->map.area[pair[i].face];
        if (area > c->map.area[o->face])
            o->face = pair[i].face;
        o->area += area;
        o->n++;
        c->overlap_face[i] = pair[i].face;
    }
    free(pair);
    return st;
}

/* ---- unmatched vertices ---- */

static size_t find_cut(const struct making *m, struct wg_spot spot)
{
    size_t lo = 0, hi = m->n_cut;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        struct wg_spot at = m->cut[mid].spot;
        if (at.y < spot.y || (at.y == spot.y && at.x < spot.x))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Once an edge and spot, whoever else has a vertex there: cuts of one spot stand side by
 * side. */
static bool add_unmatched(struct making *m, size_t first, size_t at, uint32_t other)
{
    struct wg_cover *c = m->cover;
    uint32_t label = label_of(&m->segment[m->cut[at].segment]);
    for (size_t i = first; i < m->n_cut && wg_spot_equal(m->cut[i].spot, m->cut[at].spot);
         i++)
        if (m->cut[i].told && label_of(&m->segment[m->cut[i].segment]) == label)
            return true;
    if (!wg_grow((void **)&c->unmatched, &c->cap_unmatched, c->n_unmatched + 1,
                 sizeof *c->unmatched))
        return false;
    m->cut[at].told = true;
    c->unmatched[c->n_unmatched++] =
        (struct wg_cover_unmatched){label, other, m->cut[at].spot};
    return true;
}

/* A cut at a vertex of another polygon; the others are crossings.  Every vertex is the
 * beginning of one segment. */
static enum wg_status find_unmatched(struct making *m, struct wg_error *err)
{
    bool good = true;
    if (m->n_cut == 0)
        return WG_OK;
    for (size_t i = 0; i < m->n && good; i++) {
        struct wg_spot spot = m->segment[i].a;
        uint32_t other = label_of(&m->segment[i]);
        size_t first = find_cut(m, spot);
        for (size_t k = first;
             good && k < m->n_cut && wg_spot_equal(m->cut[k].spot, spot); k++)
            if (label_of(&m->segment[m->cut[k].segment]) != other)
                good = add_unmatched(m, first, k, other);
    }
    return good ? WG_OK : wg_fail_memory(err);
}

/* ---- the whole ---- */

static enum wg_status add_lines(struct making *m, size_t n,
                                const struct wg_ring_segment *line, struct wg_error *err)
{
    if (!wg_grow((void **)&m->segment, &m->cap, m->n + n, sizeof *m->segment))
        return wg_fail_memory(err);
    m->n_ring = m->n;
    for (size_t i = 0; i < n; i++)
        m->segment[m->n++] = (struct wg_arrange_segment){line[i].from, line[i].to,
                                                         WG_NO_LABEL, WG_NO_LABEL, 1};
    return WG_OK;
}

/* Cuts of drawn lines are nobody's. */
static void note_cuts(struct making *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->n_cut; i++)
        if (m->cut[i].segment < m->n_ring) {
            m->cover->cut[label_of(&m->segment[m->cut[i].segment])] = true;
            m->cut[kept++] = m->cut[i];
        }
    m->n_cut = kept;
}

enum wg_status wg_cover_make(size_t n, const struct wg_multipolygon *const *mp,
                             const struct wg_lattice *lattice, struct wg_cover *out,
                             struct wg_error *err)
{
    static const struct wg_cover_options plain = {0};
    return wg_cover_make_with(n, mp, &plain, lattice, out, err);
}

enum wg_status wg_cover_make_with(size_t n, const struct wg_multipolygon *const *mp,
                                  const struct wg_cover_options *opt,
                                  const struct wg_lattice *lattice, struct wg_cover *out,
                                  struct wg_error *err)
{
    double scale = ldexp(1, (int)opt->finer);
    struct wg_cover c = {
        .lattice = *lattice, .n_label = (uint32_t)n, .step = WG_LATTICE_STEP / scale};
    struct making m = {.cover = &c, .scale = scale};
    struct wg_arrange_options options = {.cut = keep_cut, .user = &m};
    enum wg_status st = WG_OK;
    c.suspect = calloc(n ? n : 1, sizeof *c.suspect);
    c.cut = calloc(n ? n : 1, sizeof *c.cut);
    m.area2 = calloc(n ? n : 1, sizeof *m.area2);
    m.outline = calloc(n ? n : 1, sizeof *m.outline);
    if (!c.suspect || !c.cut || !m.area2 || !m.outline)
        st = wg_fail_memory(err);
    if (!st)
        st = add_polygons(&m, n, mp, err);
    if (!st)
        st = add_lines(&m, opt->n_line, opt->line, err);
    if (!st)
        st = wg_arrange(m.n, m.segment, &options, &c.map, err);
    if (!st && m.failed)
        st = wg_fail_memory(err);
    note_cuts(&m);
    m.n = m.n_ring;
    if (m.n_cut)
        qsort(m.cut, m.n_cut, sizeof *m.cut, by_cut);
    if (!st)
        st = find_suspects(&m, err);
    if (!st)
        st = find_faults(&c, err);
    if (!st)
        st = find_unmatched(&m, err);
    free(m.segment);
    free(m.area2);
    free(m.outline);
    free(m.cut);
    free(m.x);
    free(m.y);
    if (st)
        wg_cover_finish(&c);
    else
        *out = c;
    return st;
}

enum wg_status wg_cover_lattice(struct wg_box box, unsigned finer, struct wg_lattice *out,
                                struct wg_error *err)
{
    double scale = ldexp(1, (int)finer);
    struct wg_box large = {box.min_x * scale, box.min_y * scale, box.max_x * scale,
                           box.max_y * scale};
    return wg_lattice_around(large, out, err);
}

struct wg_point wg_cover_point(const struct wg_cover *cover, double x, double y)
{
    return (struct wg_point){((double)cover->lattice.x + x) * cover->step,
                             ((double)cover->lattice.y + y) * cover->step};
}

enum wg_status wg_cover_trace(const struct wg_cover *cover, size_t n,
                              const struct wg_ring_segment *segment,
                              struct wg_multipolygon *out, struct wg_error *err)
{
    enum wg_status st = wg_trace_rings(n, segment, &cover->lattice, out, err);
    double scale = cover->step / WG_LATTICE_STEP;
    for (uint32_t i = 0; !st && scale < 1 && i < out->n_vertex; i++) {
        out->x[i] *= scale;
        out->y[i] *= scale;
    }
    return st;
}

void wg_cover_finish(struct wg_cover *cover)
{
    wg_arrangement_finish(&cover->map);
    free(cover->suspect);
    free(cover->cut);
    free(cover->unmatched);
    free(cover->overlap);
    free(cover->overlap_face);
    free(cover->gap);
    free(cover->face_first);
    free(cover->face_segment);
    *cover = (struct wg_cover){0};
}

enum wg_status wg_cover_face_segments(struct wg_cover *c, struct wg_error *err)
{
    const struct wg_arrangement *map = &c->map;
    if (c->face_first)
        return WG_OK;
    uint32_t *first = calloc((size_t)map->n_face + 2, sizeof *first);
    uint32_t *segment = malloc(((size_t)map->n_segment * 2 + 1) * sizeof *segment);
    if (!first || !segment) {
        free(first);
        free(segment);
        return wg_fail_memory(err);
    }
    for (uint32_t s = 0; s < map->n_segment; s++) {
        first[map->left[s] + 2]++;
        first[map->right[s] + 2]++;
    }
    for (uint32_t f = 2; f < map->n_face + 2; f++)
        first[f] += first[f - 1];
    for (uint32_t s = 0; s < map->n_segment; s++) {
        segment[first[map->left[s] + 1]++] = s;
        segment[first[map->right[s] + 1]++] = s;
    }
    c->face_first = first;
    c->face_segment = segment;
    return WG_OK;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

enum wg_status wg_cover_boundary(struct wg_cover *c, size_t n, const uint32_t *face,
                                 struct wg_ring_segment **out, size_t *n_out,
                                 struct wg_error *err)
{
    const struct wg_arrangement *map = &c->map;
    struct wg_ring_segment *boundary = NULL;
    uint32_t *sorted = malloc((n ? n : 1) * sizeof *sorted);
    size_t m = 0, cap = 0;
    enum wg_status st = wg_cover_face_segments(c, err);
    if (!st && !sorted)
        st = wg_fail_memory(err);
    if (!st) {
        memcpy(sorted, face, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_number);
    }
    for (size_t i = 0; !st && i < n; i++)
        for (uint32_t k = c->face_first[face[i]]; k < c->face_first[face[i] + 1]; k++) {
            uint32_t s = c->face_segment[k];
            bool left = map->left[s] == face[i];
            uint32_t other = left ? map->right[s] : map->left[s];
            if (other == face[i] || bsearch(&other, sorted, n, sizeof other, by_number))
                continue;
            if (!wg_grow((void **)&boundary, &cap, m + 1, sizeof *boundary)) {
                st = wg_fail_memory(err);
                break;
            }
            struct wg_spot a = map->spot[map->a[s]], b = map->spot[map->b[s]];
            boundary[m++] =
                left ? (struct wg_ring_segment){a, b} : (struct wg_ring_segment){b, a};
        }
    free(sorted);
    if (st) {
        free(boundary);
        return st;
    }
    *out = boundary;
    *n_out = m;
    return WG_OK;
}
