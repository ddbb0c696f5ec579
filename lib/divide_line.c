/* Owns the borders of a division: straight where nothing stands in the way. */
#include <math.h>
#include <string.h>

#include "box_tree.h"
#include "divide_job.h"
#include "internal.h"
#include "survey_job.h"

/*
 * A border between two nodes is shortened from corner to corner: a shortcut is taken when
 * the strip between it and the old border holds no corner of another border and none of a
 * footprint, and it keeps its distance from footprints.  Corners are only dropped, so
 * testing against those there were at first is enough, whatever order borders come in.
 */

#define SPAN_MAX 64       /* corners a shortcut may skip */
#define KEPT_AWAY_M 1.5   /* from footprints, where the old border did */
#define TOO_NEAR_STEPS 20 /* along a wall: not touched */
#define SAME_LINE_STEPS 3 /* what noding may have bent */

enum border_class { ON_OUTLINE, ON_STREET, BETWEEN };

struct border {
    struct wg_spot a, b;
    uint32_t va, vb, left, right; /* vertices; groups */
    enum border_class class;
};

struct line_job {
    struct wg_divide_job *job;
    const struct wg_arrangement *faces;
    struct border *border;
    uint32_t n_border;
    uint32_t *first, *around; /* borders of a vertex */
    bool *used;
    struct wg_spot *kept; /* corners of the area, sorted */
    size_t n_kept;
    struct wg_box_tree corners; /* of borders, in steps */
    uint32_t *corner;           /* vertex of each */
    /* the chain in hand */
    uint32_t *vertex, *place, *stamp;
    double *clear; /* distance to footprints, steps */
    uint32_t n, now;
    /* result */
    struct border *out;
    size_t n_out, cap_out;
    struct wg_error *err;
};

static int compare_spot(const void *a, const void *b)
{
    const struct wg_spot *l = a, *r = b;
    if (l->y != r->y)
        return l->y < r->y ? -1 : 1;
    return (l->x > r->x) - (l->x < r->x);
}

/* ---- which borders there are ---- */

static uint32_t group_of(const struct line_job *l, uint32_t face)
{
    uint32_t atom = l->job->atoms.of_face[face];
    return atom == WG_DIVIDE_NONE ? WG_DIVIDE_NONE : l->job->group[atom];
}

static enum wg_status collect(struct line_job *l)
{
    const struct wg_arrangement *a = l->faces;
    l->border = malloc(((size_t)a->n_segment + 1) * sizeof *l->border);
    l->first = calloc((size_t)a->n_spot + 2, sizeof *l->first);
    l->around = malloc((2 * (size_t)a->n_segment + 1) * sizeof *l->around);
    l->used = calloc((size_t)a->n_segment + 1, sizeof *l->used);
    l->vertex = malloc(((size_t)a->n_segment + 2) * sizeof *l->vertex);
    l->clear = malloc(((size_t)a->n_segment + 2) * sizeof *l->clear);
    l->place = malloc(((size_t)a->n_spot + 1) * sizeof *l->place);
    l->stamp = calloc((size_t)a->n_spot + 1, sizeof *l->stamp);
    l->corner = malloc(((size_t)a->n_spot + 1) * sizeof *l->corner);
    if (!l->border || !l->first || !l->around || !l->used || !l->vertex || !l->clear ||
        !l->place || !l->stamp || !l->corner)
        return wg_fail_memory(l->err);
    for (uint32_t i = 0; i < a->n_segment; i++) {
        uint32_t left = group_of(l, a->left[i]), right = group_of(l, a->right[i]);
        if (left == right)
            continue;
        l->border[l->n_border++] =
            (struct border){a->spot[a->a[i]],
                            a->spot[a->b[i]],
                            a->a[i],
                            a->b[i],
                            left,
                            right,
                            left == WG_DIVIDE_NONE || right == WG_DIVIDE_NONE ? ON_OUTLINE
                            : a->source[i] & WG_DIVIDE_STREET                 ? ON_STREET
                                                                              : BETWEEN};
        l->first[a->a[i] + 1]++;
        l->first[a->b[i] + 1]++;
    }
    for (uint32_t i = 0; i < a->n_spot; i++)
        l->first[i + 1] += l->first[i];
    for (uint32_t i = l->n_border; i-- > 0;) {
        l->around[l->first[l->border[i].va + 1] - 1 - l->stamp[l->border[i].va]++] = i;
        l->around[l->first[l->border[i].vb + 1] - 1 - l->stamp[l->border[i].vb]++] = i;
    }
    memset(l->stamp, 0, (size_t)a->n_spot * sizeof *l->stamp);
    return WG_OK;
}

static enum wg_status index_corners(struct line_job *l)
{
    const struct wg_arrangement *a = l->faces;
    const struct wg_multipolygon *mp = l->job->area;
    struct wg_box *box = malloc(((size_t)a->n_spot + 1) * sizeof *box);
    size_t n = 0;
    l->kept = malloc(((size_t)mp->n_vertex + 1) * sizeof *l->kept);
    bool ok = box && l->kept;
    for (uint32_t i = 0; i < a->n_spot && ok; i++) {
        if (l->first[i + 1] == l->first[i])
            continue;
        l->corner[n] = i;
        box[n++] =
            (struct wg_box){a->spot[i].x, a->spot[i].y, a->spot[i].x, a->spot[i].y};
    }
    ok = ok && wg_box_tree_build(&l->corners, n, box);
    for (uint32_t i = 0; i < mp->n_vertex && ok; i++)
        l->n_kept += wg_lattice_spot(&l->job->atoms.lattice, mp->x[i], mp->y[i],
                                     &l->kept[l->n_kept]);
    if (ok)
        qsort(l->kept, l->n_kept, sizeof *l->kept, compare_spot);
    free(box);
    return ok ? WG_OK : wg_fail_memory(l->err);
}

/* ---- shortcuts ---- */

static struct wg_spot spot_at(const struct line_job *l, uint32_t i)
{
    return l->faces->spot[l->vertex[i]];
}

/* How often the strip between corners i … j and the shortcut winds around a place. */
static int winding(const struct line_job *l, uint32_t i, uint32_t j, double x, double y)
{
    int turns = 0;
    for (uint32_t k = i; k <= j; k++) {
        struct wg_spot a = spot_at(l, k), b = spot_at(l, k == j ? i : k + 1);
        if ((a.y <= y) == (b.y <= y))
            continue;
        double side = ((double)b.x - a.x) * (y - a.y) - ((double)b.y - a.y) * (x - a.x);
        if (a.y < b.y ? side > 0 : side < 0)
            turns += a.y < b.y ? 1 : -1;
    }
    return turns;
}

static double distance_to(double x, double y, struct wg_point a, struct wg_point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double t = square > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / square : 0;
    t = fmin(fmax(t, 0), 1);
    return hypot(a.x + t * dx - x, a.y + t * dy - y);
}

static double turn(struct wg_point a, struct wg_point b, struct wg_point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static double gap(struct wg_point a, struct wg_point b, struct wg_point c,
                  struct wg_point d)
{
    if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0)
        return 0;
    return fmin(fmin(distance_to(a.x, a.y, c, d), distance_to(b.x, b.y, c, d)),
                fmin(distance_to(c.x, c.y, a, b), distance_to(d.x, d.y, a, b)));
}

struct look {
    const struct line_job *l;
    uint32_t i, j;
    struct wg_spot a, b;
    struct wg_point from, to; /* the shortcut, in metres */
    double least;             /* metres: nearest footprint so far */
    double need;
    bool strip; /* look into the strip too */
    bool blocked;
};

static bool look_at_corner(size_t item, void *user)
{
    struct look *k = user;
    const struct line_job *l = k->l;
    uint32_t v = l->corner[item];
    struct wg_spot s = l->faces->spot[v];
    if (l->stamp[v] == l->now && l->place[v] >= k->i && l->place[v] <= k->j)
        return true;
    k->blocked = (wg_spot_cross(k->a, k->b, s) == 0 && wg_spot_between(k->a, k->b, s)) ||
                 wg_spot_equal(s, k->a) || wg_spot_equal(s, k->b) ||
                 winding(l, k->i, k->j, s.x, s.y) != 0;
    return !k->blocked;
}

static bool look_at_building(size_t item, void *user)
{
    struct look *k = user;
    const struct wg_multipolygon *mp = &k->l->job->survey->footprint[item];
    const struct wg_lattice *lattice = &k->l->job->atoms.lattice;
    for (uint32_t r = 0; r < mp->n_ring && !k->blocked; r++) {
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1] && !k->blocked; i++) {
            struct wg_point c = {mp->x[i], mp->y[i]}, d = {mp->x[i + 1], mp->y[i + 1]};
            k->least = fmin(k->least, gap(k->from, k->to, c, d));
            k->blocked = k->least < k->need;
            if (k->strip && !k->blocked)
                k->blocked =
                    winding(k->l, k->i, k->j, c.x / WG_LATTICE_STEP - (double)lattice->x,
                            c.y / WG_LATTICE_STEP - (double)lattice->y) != 0;
        }
    }
    return !k->blocked;
}

static struct wg_box metres_around(const struct line_job *l, struct wg_box box, double by)
{
    const struct wg_lattice *o = &l->job->atoms.lattice;
    return (struct wg_box){((double)o->x + box.min_x) * WG_LATTICE_STEP - by,
                           ((double)o->y + box.min_y) * WG_LATTICE_STEP - by,
                           ((double)o->x + box.max_x) * WG_LATTICE_STEP + by,
                           ((double)o->y + box.max_y) * WG_LATTICE_STEP + by};
}

static bool is_border(const struct line_job *l, uint32_t a, uint32_t b)
{
    for (uint32_t i = l->first[a]; i < l->first[a + 1]; i++) {
        const struct border *s = &l->border[l->around[i]];
        if (s->va == b || s->vb == b)
            return true;
    }
    return false;
}

static bool is_out(const struct line_job *l, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < l->n_out; i++) {
        const struct border *s = &l->out[i];
        if ((s->va == a && s->vb == b) || (s->va == b && s->vb == a))
            return true;
    }
    return false;
}

/* A shortcut on the outline or a street leaves out what noding has put there. */
static bool is_same_line(const struct line_job *l, uint32_t i, uint32_t j)
{
    struct wg_spot a = spot_at(l, i), b = spot_at(l, j);
    for (uint32_t k = i + 1; k < j; k++) {
        struct wg_spot s = spot_at(l, k);
        if (wg_spot_distance(a, b, s) > SAME_LINE_STEPS ||
            bsearch(&s, l->kept, l->n_kept, sizeof s, compare_spot))
            return false;
    }
    return true;
}

static bool may_skip(const struct line_job *l, uint32_t i, uint32_t j,
                     enum border_class class)
{
    struct look k = {.l = l, .i = i, .j = j, .a = spot_at(l, i), .b = spot_at(l, j)};
    struct wg_box box = wg_box_empty();
    double need = KEPT_AWAY_M / WG_LATTICE_STEP;
    if (l->vertex[i] == l->vertex[j] || is_border(l, l->vertex[i], l->vertex[j]))
        return false;
    for (uint32_t c = i; c <= j; c++) {
        struct wg_spot s = spot_at(l, c);
        box = wg_box_grow(box, s.x, s.y);
        need = fmin(need, 0.9 * l->clear[c]);
    }
    if (class != BETWEEN && !is_same_line(l, i, j))
        return false;
    if (class == BETWEEN) {
        if (need < TOO_NEAR_STEPS)
            return false;
        k.need = need * WG_LATTICE_STEP;
        k.from = wg_lattice_point(&l->job->atoms.lattice, k.a);
        k.to = wg_lattice_point(&l->job->atoms.lattice, k.b);
        k.least = INFINITY;
        struct wg_box narrow =
            wg_box_grow(wg_box_grow(wg_box_empty(), k.a.x, k.a.y), k.b.x, k.b.y);
        wg_survey_near(l->job->survey, metres_around(l, narrow, k.need), look_at_building,
                       &k);
        if (k.blocked)
            return false;
        k.strip = true;
        wg_survey_near(l->job->survey, metres_around(l, box, 0), look_at_building, &k);
    }
    if (!k.blocked)
        wg_box_tree_near(&l->corners, box, look_at_corner, &k);
    return !k.blocked && !is_out(l, l->vertex[i], l->vertex[j]);
}

static void measure_clear(struct line_job *l, uint32_t i)
{
    struct wg_spot s = spot_at(l, i);
    struct look k = {.l = l,
                     .from = wg_lattice_point(&l->job->atoms.lattice, s),
                     .least = KEPT_AWAY_M * 1.2};
    k.to = k.from;
    wg_survey_near(l->job->survey,
                   metres_around(l, (struct wg_box){s.x, s.y, s.x, s.y}, k.least),
                   look_at_building, &k);
    l->clear[i] = k.least / WG_LATTICE_STEP;
}

static enum wg_status emit(struct line_job *l, uint32_t i, uint32_t j,
                           const struct border *like)
{
    void *array = l->out;
    if (!wg_grow(&array, &l->cap_out, l->n_out + 1, sizeof *l->out))
        return wg_fail_memory(l->err);
    l->out = array;
    struct border s = *like;
    s.a = spot_at(l, i);
    s.b = spot_at(l, j);
    s.va = l->vertex[i];
    s.vb = l->vertex[j];
    l->out[l->n_out++] = s;
    return WG_OK;
}

/* Corners from … to of the chain; sides as seen along it. */
static enum wg_status shorten(struct line_job *l, uint32_t from, uint32_t to,
                              const struct border *like, bool straight)
{
    enum wg_status st = WG_OK;
    for (uint32_t i = from; i < to && !st;) {
        uint32_t j = straight ? (to - i > SPAN_MAX ? i + SPAN_MAX : to) : i + 1;
        while (j > i + 1 && !may_skip(l, i, j, like->class))
            j--;
        st = emit(l, i, j, like);
        i = j;
    }
    return st;
}

/* ---- chains ---- */

static bool is_node(const struct line_job *l, uint32_t v)
{
    if (l->first[v + 1] - l->first[v] != 2)
        return true;
    const struct border *a = &l->border[l->around[l->first[v]]];
    const struct border *b = &l->border[l->around[l->first[v] + 1]];
    return a->class != b->class;
}

/* The chain that begins at a vertex with a border; *like gets the sides along it. */
static void walk(struct line_job *l, uint32_t v, uint32_t border, struct border *like)
{
    *like = l->border[border];
    if (like->va != v) {
        like->left = l->border[border].right;
        like->right = l->border[border].left;
    }
    l->now++;
    l->n = 0;
    l->vertex[l->n++] = v;
    while (true) {
        const struct border *s = &l->border[border];
        l->used[border] = true;
        v = s->va == v ? s->vb : s->va;
        l->vertex[l->n++] = v;
        if (is_node(l, v) || v == l->vertex[0])
            break;
        uint32_t other = l->around[l->first[v]];
        border = other == border ? l->around[l->first[v] + 1] : other;
    }
    for (uint32_t i = 0; i < l->n; i++) {
        l->place[l->vertex[i]] = i;
        l->stamp[l->vertex[i]] = l->now;
        if (like->class == BETWEEN)
            measure_clear(l, i);
    }
}

static uint32_t furthest(const struct line_job *l)
{
    uint32_t best = 0;
    double far = 0;
    struct wg_spot o = spot_at(l, 0);
    for (uint32_t i = 1; i + 1 < l->n; i++) {
        struct wg_spot s = spot_at(l, i);
        double d = hypot((double)s.x - o.x, (double)s.y - o.y);
        if (d > far) {
            far = d;
            best = i;
        }
    }
    return best;
}

static enum wg_status shorten_from(struct line_job *l, uint32_t v, uint32_t border,
                                   bool straight)
{
    struct border like;
    walk(l, v, border, &like);
    uint32_t end = l->n - 1;
    if (l->vertex[0] != l->vertex[end])
        return shorten(l, 0, end, &like, straight);
    uint32_t middle = furthest(l);
    /* a ring keeps three corners: its two ends, and one that is never skipped */
    uint32_t third = middle > 1 ? middle / 2 : (middle + end) / 2;
    enum wg_status st = WG_OK;
    uint32_t stop[4] = {0, third < middle ? third : middle,
                        third < middle ? middle : third, end};
    for (int i = 0; i < 3 && !st; i++)
        st = shorten(l, stop[i], stop[i + 1], &like, straight);
    return st;
}

static enum wg_status shorten_all(struct line_job *l, bool straight)
{
    enum wg_status st = WG_OK;
    memset(l->used, 0, (size_t)l->n_border * sizeof *l->used);
    l->n_out = 0;
    for (int round = 0; round < 2; round++) { /* from nodes, then what is closed */
        for (uint32_t i = 0; i < l->n_border && !st; i++) {
            const struct border *s = &l->border[i];
            if (l->used[i])
                continue;
            if (round == 1 || is_node(l, s->va))
                st = shorten_from(l, s->va, i, straight);
            else if (is_node(l, s->vb))
                st = shorten_from(l, s->vb, i, straight);
        }
    }
    return st;
}

/* ---- polygons ---- */

/* Do the borders meet in ends only? */
static enum wg_status prove(struct line_job *l, bool *clean)
{
    struct wg_arrange_segment *s = malloc((l->n_out + 1) * sizeof *s);
    struct wg_arrangement a = {0};
    struct wg_arrange_options options = {.no_faces = true};
    if (!s)
        return wg_fail_memory(l->err);
    for (size_t i = 0; i < l->n_out; i++)
        s[i] = (struct wg_arrange_segment){.a = l->out[i].a,
                                           .b = l->out[i].b,
                                           .left = WG_NO_LABEL,
                                           .right = WG_NO_LABEL};
    enum wg_status st = wg_arrange(l->n_out, s, &options, &a, l->err);
    if (!st)
        *clean = a.n_made == 0 && a.n_segment == l->n_out;
    wg_arrangement_finish(&a);
    free(s);
    return st;
}

static enum wg_status trace(struct line_job *l, struct wg_multipolygon *out)
{
    uint32_t k = l->job->n_group;
    size_t *first = calloc((size_t)k + 2, sizeof *first);
    struct wg_ring_segment *ring = malloc((2 * l->n_out + 1) * sizeof *ring);
    enum wg_status st = first && ring ? WG_OK : wg_fail_memory(l->err);
    for (size_t i = 0; i < l->n_out && !st; i++) {
        if (l->out[i].left != WG_DIVIDE_NONE)
            first[l->out[i].left + 1]++;
        if (l->out[i].right != WG_DIVIDE_NONE)
            first[l->out[i].right + 1]++;
    }
    for (uint32_t g = 0; g < k && !st; g++)
        first[g + 1] += first[g];
    for (size_t i = 0; i < l->n_out && !st; i++) {
        const struct border *s = &l->out[i];
        if (s->left != WG_DIVIDE_NONE)
            ring[first[s->left]++] = (struct wg_ring_segment){s->a, s->b};
        if (s->right != WG_DIVIDE_NONE)
            ring[first[s->right]++] = (struct wg_ring_segment){s->b, s->a};
    }
    for (uint32_t g = 0; g < k && !st; g++) {
        size_t from = g ? first[g - 1] : 0;
        st = wg_trace_rings(first[g] - from, ring + from, &l->job->atoms.lattice, &out[g],
                            l->err);
    }
    free(first);
    free(ring);
    return st;
}

static double share_on_street(const struct line_job *l)
{
    double all = 0, street = 0;
    for (size_t i = 0; i < l->n_out; i++) {
        const struct border *s = &l->out[i];
        double length = hypot((double)s->b.x - s->a.x, (double)s->b.y - s->a.y);
        if (s->class == ON_OUTLINE)
            continue;
        all += length;
        street += s->class == ON_STREET ? length : 0;
    }
    return all > 0 ? street / all : 0;
}

enum wg_status wg_divide_draw(struct wg_divide_job *job, struct wg_multipolygon *out,
                              double *on_street)
{
    struct line_job l = {.job = job, .faces = &job->atoms.faces, .err = job->err};
    bool clean = false;
    enum wg_status st = collect(&l);
    if (!st)
        st = index_corners(&l);
    if (!st)
        st = shorten_all(&l, true);
    if (!st)
        st = prove(&l, &clean);
    if (!st && !clean)
        st = shorten_all(&l, false); /* as they were */
    if (!st)
        st = trace(&l, out);
    if (!st)
        *on_street = share_on_street(&l);
    free(l.border);
    free(l.first);
    free(l.around);
    free(l.used);
    free(l.kept);
    wg_box_tree_finish(&l.corners);
    free(l.corner);
    free(l.vertex);
    free(l.place);
    free(l.stamp);
    free(l.clear);
    free(l.out);
    return st;
}
