/* Owns the pieces a division is made of: street blocks, cut between buildings. */
#include <math.h>
#include <string.h>

#include "divide_job.h"
#include "internal.h"
#include "survey_job.h"
#include "triangulate.h"

/*
 * The outline and the streets make blocks.  Inside them, lines run in the middle between
 * buildings: through the Delaunay triangles of points along the footprints.  Footprints
 * themselves are drawn in too, so that no line can cut one: all faces a footprint covers
 * are one atom, with the faces of its block around it.
 */

#define BLOCKS_MERGED_M2 400.0 /* slivers between streets */
#define OUTLINE_STEP_M 12.0
#define WALL_STEP_M 5.0
#define LANE_M 8.0
#define STREET_M 14.0

struct near_pair {
    double distance; /* steps² */
    uint32_t a, b;   /* units */
};

struct block_job {
    struct wg_divide_job *job;
    struct wg_divide_atoms *atoms;
    /* units: buildings of the area, or, where there are none, points put in */
    size_t n_unit, cap_unit, cap_of_unit;
    size_t *building; /* of a unit */
    uint32_t *cluster;
    /* segments of the arrangement being made */
    struct wg_arrange_segment *segment;
    size_t n_segment, cap_segment;
    /* points along walls and the outline */
    struct wg_spot *spot;
    uint32_t *unit_of_spot;
    size_t n_spot, n_wall, cap_spot, cap_unit_of; /* those on walls come first */
    struct wg_triangulation triangles;
    struct near_pair *pair;
    size_t n_pair, cap_pair;
    uint32_t n_block;
    bool streets; /* there are any */
    /* faces */
    uint32_t *block, *cell, *part; /* of a face: block, cluster of the cell, component */
    uint32_t *home;                /* block of a cluster */
    struct wg_error *err;
};

/* ---- blocks ---- */

static enum wg_status add_segment(struct block_job *b, struct wg_arrange_segment s)
{
    void *array = b->segment;
    if (!wg_grow(&array, &b->cap_segment, b->n_segment + 1, sizeof s))
        return wg_fail_memory(b->err);
    b->segment = array;
    b->segment[b->n_segment++] = s;
    return WG_OK;
}

struct streets {
    struct block_job *b;
    struct wg_box box;
    enum wg_status status;
};

static bool add_street(size_t i, void *user)
{
    struct streets *s = user;
    const struct wg_survey_street *street = &s->b->job->survey->street[i];
    const struct wg_lattice *lattice = &s->b->atoms->lattice;
    for (size_t k = 0; k + 1 < street->n && !s->status; k++) {
        const double *x = street->x + k, *y = street->y + k;
        struct wg_box box = {fmin(x[0], x[1]), fmin(y[0], y[1]), fmax(x[0], x[1]),
                             fmax(y[0], y[1])};
        struct wg_arrange_segment segment = {
            .left = WG_NO_LABEL, .right = WG_NO_LABEL, .source = WG_DIVIDE_STREET};
        if (wg_box_overlaps(box, s->box) &&
            wg_lattice_spot(lattice, x[0], y[0], &segment.a) &&
            wg_lattice_spot(lattice, x[1], y[1], &segment.b))
            s->status = add_segment(s->b, segment);
    }
    return !s->status;
}

static bool covers(const struct wg_arrangement *a, uint32_t face, uint32_t label)
{
    for (uint32_t i = a->cover_first[face]; i < a->cover_first[face + 1]; i++) {
        if (a->cover[i] == label)
            return true;
    }
    return false;
}

/* Outline and streets, noded; each segment with the block on either side. */
static enum wg_status make_blocks(struct block_job *b)
{
    struct wg_arrangement a = {0};
    struct wg_box box = wg_multipolygon_box(b->job->area);
    struct streets streets = {b, box, WG_OK};
    enum wg_status st =
        wg_arrange_add_polygon(b->job->area, &b->atoms->lattice, 0, &b->segment,
                               &b->n_segment, &b->cap_segment, b->err);
    if (st)
        return st;
    size_t n_outline = b->n_segment;
    for (size_t i = 0; i < n_outline; i++)
        b->segment[i].source = WG_DIVIDE_OUTLINE;
    wg_survey_streets_near(b->job->survey, box, add_street, &streets);
    if (streets.status)
        return streets.status;
    b->streets = b->n_segment > n_outline;
    st = wg_arrange(b->n_segment, b->segment, NULL, &a, b->err);
    if (st)
        return st;
    uint32_t *block = malloc(((size_t)a.n_face + 1) * sizeof *block);
    b->n_segment = 0;
    if (!block)
        st = wg_fail_memory(b->err);
    for (uint32_t f = 0; f < a.n_face && !st; f++)
        block[f] = covers(&a, f, 0) ? b->n_block++ : WG_NO_LABEL;
    for (uint32_t i = 0; i < a.n_segment && !st; i++) {
        uint32_t left = block[a.left[i]], right = block[a.right[i]];
        if (left != right) /* what leads nowhere, or lies outside, is left out */
            st =
                add_segment(b, (struct wg_arrange_segment){a.spot[a.a[i]], a.spot[a.b[i]],
                                                           left, right, a.source[i]});
    }
    free(block);
    wg_arrangement_finish(&a);
    return st;
}

/* ---- units and points along them ---- */

static enum wg_status add_spot(struct block_job *b, struct wg_spot spot, uint32_t unit)
{
    void *s = b->spot, *u = b->unit_of_spot;
    bool ok = wg_grow(&s, &b->cap_spot, b->n_spot + 1, sizeof *b->spot);
    b->spot = s;
    ok = ok && wg_grow(&u, &b->cap_unit_of, b->n_spot + 1, sizeof *b->unit_of_spot);
    b->unit_of_spot = u;
    if (!ok)
        return wg_fail_memory(b->err);
    b->spot[b->n_spot] = spot;
    b->unit_of_spot[b->n_spot++] = unit;
    return WG_OK;
}

/* Points along the rings, no further apart than a step. */
static enum wg_status add_spots(struct block_job *b, const struct wg_multipolygon *mp,
                                double step, uint32_t unit)
{
    enum wg_status st = WG_OK;
    for (uint32_t r = 0; r < mp->n_ring; r++) {
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1] && !st; i++) {
            double dx = mp->x[i + 1] - mp->x[i], dy = mp->y[i + 1] - mp->y[i];
            int n = (int)fmin(ceil(hypot(dx, dy) / step), 1e4);
            for (int k = 0; k < n && !st; k++) {
                struct wg_spot spot;
                double t = (double)k / n;
                if (wg_lattice_spot(&b->atoms->lattice, mp->x[i] + t * dx,
                                    mp->y[i] + t * dy, &spot))
                    st = add_spot(b, spot, unit);
            }
        }
    }
    return st;
}

struct finding {
    struct block_job *b;
    enum wg_status status;
};

static bool meets_area(const struct wg_multipolygon *area,
                       const struct wg_survey_building *w)
{
    const struct wg_multipolygon *mp = w->footprint;
    if (wg_multipolygon_side(area, w->middle.x, w->middle.y) == WG_INSIDE)
        return true;
    for (uint32_t i = 0; i < mp->n_vertex; i++) {
        if (wg_multipolygon_side(area, mp->x[i], mp->y[i]) == WG_INSIDE)
            return true;
    }
    return false;
}

static bool add_unit(size_t i, void *user)
{
    struct finding *f = user;
    struct block_job *b = f->b;
    if (!meets_area(b->job->area, &b->job->survey->building[i]))
        return true;
    void *array = b->building;
    if (!wg_grow(&array, &b->cap_unit, b->n_unit + 1, sizeof *b->building)) {
        f->status = wg_fail_memory(b->err);
        return false;
    }
    b->building = array;
    b->building[b->n_unit++] = i;
    return true;
}

static int compare_size(const void *a, const void *b)
{
    const size_t *l = a, *r = b;
    return (*l > *r) - (*l < *r);
}

#define PATTERN_MOST 24000.0

/* An area without buildings is divided along a pattern of points, so many at most. */
static enum wg_status add_pattern(struct block_job *b)
{
    const struct wg_multipolygon *area = b->job->area;
    struct wg_box box = wg_multipolygon_box(area);
    double wanted = 24.0 * fmax(b->job->options.target, (double)b->job->options.n_seed);
    double step = sqrt(wg_multipolygon_area(area) / fmin(fmax(wanted, 1), PATTERN_MOST));
    enum wg_status st = WG_OK;
    for (double y = box.min_y + step / 2; y < box.max_y && !st; y += step) {
        for (double x = box.min_x + step / 2; x < box.max_x && !st; x += step) {
            struct wg_spot spot;
            if (wg_multipolygon_side(area, x, y) == WG_INSIDE &&
                wg_lattice_spot(&b->atoms->lattice, x, y, &spot))
                st = add_spot(b, spot, (uint32_t)b->n_unit++);
        }
    }
    return st;
}

static enum wg_status make_units(struct block_job *b)
{
    struct finding f = {b, WG_OK};
    wg_survey_near(b->job->survey, wg_multipolygon_box(b->job->area), add_unit, &f);
    enum wg_status st = f.status;
    if (!st && b->n_unit)
        qsort(b->building, b->n_unit, sizeof *b->building, compare_size);
    for (size_t u = 0; u < b->n_unit && !st; u++)
        st = add_spots(b, b->job->survey->building[b->building[u]].footprint, WALL_STEP_M,
                       (uint32_t)u);
    if (!st && b->n_unit == 0 &&
        (b->job->options.target > 1 || b->job->options.n_seed > 1))
        st = add_pattern(b);
    if (!st && b->n_unit)
        st = add_spots(b, b->job->area, OUTLINE_STEP_M, WG_DIVIDE_NONE);
    return st;
}

/* ---- which units stay together ---- */

static double square(struct wg_spot a, struct wg_spot b)
{
    double dx = (double)a.x - b.x, dy = (double)a.y - b.y;
    return dx * dx + dy * dy;
}

/* A point of the outline belongs to the unit nearest along the triangles' sides. */
static enum wg_status claim_outline(struct block_job *b)
{
    const struct wg_triangulation *t = &b->triangles;
    double *far = malloc(((size_t)t->n_spot + 1) * sizeof *far);
    if (!far)
        return wg_fail_memory(b->err);
    for (uint32_t i = 0; i < t->n_spot; i++)
        far[i] = i < b->n_spot && b->unit_of_spot[i] != WG_DIVIDE_NONE ? 0 : INFINITY;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < t->n_triangle; i++) {
            for (int k = 0; k < 6; k++) {
                uint32_t p = t->triangle[i].v[k % 3];
                uint32_t q = t->triangle[i].v[(k + 1 + k / 3) % 3];
                double d = far[p] + sqrt(square(t->spot[p], t->spot[q]));
                if (p >= b->n_spot || q >= b->n_spot || !(d < far[q]))
                    continue;
                far[q] = d;
                b->unit_of_spot[q] = b->unit_of_spot[p];
                changed = true;
            }
        }
    }
    free(far);
    return WG_OK;
}

static enum wg_status add_pair(struct block_job *b, uint32_t u, uint32_t v, double d)
{
    void *array = b->pair;
    if (!wg_grow(&array, &b->cap_pair, b->n_pair + 1, sizeof *b->pair))
        return wg_fail_memory(b->err);
    b->pair = array;
    b->pair[b->n_pair++] = (struct near_pair){d, u < v ? u : v, u < v ? v : u};
    return WG_OK;
}

static int compare_pair(const void *a, const void *b)
{
    const struct near_pair *l = a, *r = b;
    if (l->distance != r->distance)
        return l->distance < r->distance ? -1 : 1;
    if (l->a != r->a)
        return l->a < r->a ? -1 : 1;
    return (l->b > r->b) - (l->b < r->b);
}

static double people_of(const struct block_job *b, size_t unit)
{
    if (!b->building)
        return 0;
    int64_t n = b->job->survey->building[b->building[unit]].households;
    return n > 0 ? (double)n : 0;
}

/* Buildings with less than two margins between them stay together, unless that would
 * make more households than a grid may have. */
static enum wg_status make_clusters(struct block_job *b)
{
    const struct wg_triangulation *t = &b->triangles;
    double near = 2 * b->job->options.margin_m / WG_LATTICE_STEP;
    enum wg_status st = WG_OK;
    for (uint32_t i = 0; i < t->n_triangle && !st && b->building; i++) {
        for (int k = 0; k < 6 && !st; k++) {
            uint32_t p = t->triangle[i].v[k % 3];
            uint32_t q = t->triangle[i].v[(k + 1 + k / 3) % 3];
            uint32_t r = t->triangle[i].v[(k + 2 - k / 3) % 3];
            if (p >= b->n_wall || q >= b->n_wall)
                continue;
            uint32_t u = b->unit_of_spot[p], v = b->unit_of_spot[q];
            bool wall = r < b->n_wall && b->unit_of_spot[r] == v;
            double d = wall ? wg_spot_distance(t->spot[q], t->spot[r], t->spot[p])
                            : sqrt(square(t->spot[p], t->spot[q]));
            if (u != v && d < near)
                st = add_pair(b, u, v, d);
        }
    }
    b->cluster = malloc((b->n_unit + 1) * sizeof *b->cluster);
    double *people = malloc((b->n_unit + 1) * sizeof *people);
    if (!st && (!b->cluster || !people))
        st = wg_fail_memory(b->err);
    for (size_t u = 0; u < b->n_unit && !st; u++) {
        b->cluster[u] = (uint32_t)u;
        people[u] = people_of(b, u);
    }
    if (!st && b->n_pair)
        qsort(b->pair, b->n_pair, sizeof *b->pair, compare_pair);
    for (size_t i = 0; i < b->n_pair && !st; i++) {
        uint32_t u = wg_divide_root(b->cluster, b->pair[i].a);
        uint32_t v = wg_divide_root(b->cluster, b->pair[i].b);
        double sum = people[u] + people[v];
        if (u == v || sum > (double)b->job->options.households_max / 4)
            continue;
        wg_divide_unite(b->cluster, u, v);
        people[u < v ? u : v] = sum;
    }
    for (size_t u = 0; u < b->n_unit && !st; u++)
        b->cluster[u] = wg_divide_root(b->cluster, (uint32_t)u);
    free(people);
    return st;
}

/* ---- lines between clusters ---- */

static struct wg_spot middle_of(struct wg_spot a, struct wg_spot b)
{
    return (struct wg_spot){(int32_t)(((int64_t)a.x + b.x) >> 1),
                            (int32_t)(((int64_t)a.y + b.y) >> 1)};
}

/* The label of the cell a spot lies in; the corners of the square lie in none. */
static uint32_t cell_label(const struct block_job *b, uint32_t spot)
{
    if (spot >= b->n_spot || b->unit_of_spot[spot] == WG_DIVIDE_NONE)
        return WG_NO_LABEL;
    return b->n_block + b->cluster[b->unit_of_spot[spot]];
}

/* Where streets are not known, wide gaps between buildings tell of them. */
static uint32_t width_bits(struct wg_spot a, struct wg_spot b)
{
    double d = sqrt(square(a, b)) * WG_LATTICE_STEP;
    return WG_DIVIDE_BETWEEN | (d >= LANE_M ? WG_DIVIDE_WIDE : 0) |
           (d >= STREET_M ? WG_DIVIDE_VERY_WIDE : 0);
}

static enum wg_status cut_triangle(struct block_job *b, const struct wg_triangle *t)
{
    const struct wg_spot *s = b->triangles.spot;
    uint32_t label[3];
    struct wg_spot middle[3]; /* of the side from corner k to the next */
    enum wg_status st = WG_OK;
    for (int k = 0; k < 3; k++) {
        label[k] = cell_label(b, t->v[k]);
        middle[k] = middle_of(s[t->v[k]], s[t->v[(k + 1) % 3]]);
    }
    if (label[0] == label[1] && label[1] == label[2])
        return WG_OK;
    for (int k = 0; k < 3; k++) {
        int next = (k + 1) % 3, last = (k + 2) % 3;
        if (label[next] == label[last])
            return add_segment(b, (struct wg_arrange_segment){
                                      middle[k], middle[last], label[k], label[next],
                                      width_bits(s[t->v[k]], s[t->v[next]]) &
                                          width_bits(s[t->v[k]], s[t->v[last]])});
    }
    struct wg_spot centre = {
        (int32_t)(((int64_t)s[t->v[0]].x + s[t->v[1]].x + s[t->v[2]].x) / 3),
        (int32_t)(((int64_t)s[t->v[0]].y + s[t->v[1]].y + s[t->v[2]].y) / 3)};
    for (int k = 0; k < 3 && !st; k++)
        st = add_segment(b, (struct wg_arrange_segment){
                                middle[k], centre, label[k], label[(k + 1) % 3],
                                width_bits(s[t->v[k]], s[t->v[(k + 1) % 3]])});
    return st;
}

static enum wg_status make_lines(struct block_job *b)
{
    enum wg_status st = WG_OK;
    for (uint32_t i = 0; i < b->triangles.n_triangle && !st && b->n_unit > 1; i++)
        st = cut_triangle(b, &b->triangles.triangle[i]);
    for (size_t u = 0; u < b->n_unit && !st && b->building; u++) {
        size_t before = b->n_segment;
        st = wg_arrange_add_polygon(b->job->survey->building[b->building[u]].footprint,
                                    &b->atoms->lattice,
                                    b->n_block + (uint32_t)(b->n_unit + u), &b->segment,
                                    &b->n_segment, &b->cap_segment, b->err);
        for (size_t i = before; i < b->n_segment; i++)
            b->segment[i].source = WG_DIVIDE_WALL;
    }
    return st;
}

/* ---- faces → atoms ---- */

static bool in_area(const struct block_job *b, uint32_t face)
{
    return b->block[face] != WG_DIVIDE_NONE;
}

/* Block, cell and footprints of each face; faces under one footprint are one. */
static enum wg_status read_faces(struct block_job *b)
{
    const struct wg_arrangement *a = &b->atoms->faces;
    size_t n = a->n_face;
    uint32_t nb = b->n_block, nu = (uint32_t)b->n_unit;
    b->block = malloc((n + 1) * sizeof *b->block);
    b->cell = malloc((n + 1) * sizeof *b->cell);
    b->part = malloc((n + 1) * sizeof *b->part);
    b->home = malloc(((size_t)nu + 1) * sizeof *b->home);
    uint32_t *seen = malloc(((size_t)nu + 1) * sizeof *seen);
    if (!b->block || !b->cell || !b->part || !b->home || !seen) {
        free(seen);
        return wg_fail_memory(b->err);
    }
    for (uint32_t u = 0; u < nu; u++)
        seen[u] = b->home[u] = WG_DIVIDE_NONE;
    for (uint32_t f = 0; f < n; f++) {
        b->block[f] = b->cell[f] = WG_DIVIDE_NONE;
        b->part[f] = f;
        for (uint32_t i = a->cover_first[f]; i < a->cover_first[f + 1]; i++) {
            uint32_t label = a->cover[i];
            if (label < nb)
                b->block[f] = label;
            else if (label < nb + nu)
                b->cell[f] = label - nb;
        }
    }
    for (uint32_t f = 0; f < n; f++) {
        for (uint32_t i = a->cover_first[f]; in_area(b, f) && i < a->cover_first[f + 1];
             i++) {
            if (a->cover[i] < nb + nu)
                continue;
            uint32_t c = b->cluster[a->cover[i] - nb - nu];
            if (seen[c] == WG_DIVIDE_NONE)
                seen[c] = f;
            wg_divide_unite(b->part, f, seen[c]);
        }
    }
    free(seen);
    return WG_OK;
}

static bool is_built(const struct block_job *b, uint32_t face)
{
    const struct wg_arrangement *a = &b->atoms->faces;
    uint32_t end = a->cover_first[face + 1];
    return end > a->cover_first[face] && a->cover[end - 1] >= b->n_block + b->n_unit;
}

/* A set of faces under footprints is at home in the block with most of their area. */
static enum wg_status find_homes(struct block_job *b, uint32_t *home)
{
    const struct wg_arrangement *a = &b->atoms->faces;
    double *best = calloc((size_t)a->n_face + 1, sizeof *best);
    double *sum = calloc((size_t)b->n_block + 1, sizeof *sum);
    uint32_t *next = malloc(((size_t)a->n_face + 1) * sizeof *next);
    uint32_t *head = malloc(((size_t)a->n_face + 1) * sizeof *head);
    bool ok = best && sum && next && head;
    for (uint32_t f = 0; f < a->n_face && ok; f++)
        home[f] = head[f] = WG_DIVIDE_NONE;
    for (uint32_t f = a->n_face; f-- > 0 && ok;) {
        if (in_area(b, f) && is_built(b, f)) {
            uint32_t root = wg_divide_root(b->part, f);
            next[f] = head[root];
            head[root] = f;
        }
    }
    for (uint32_t root = 0; root < a->n_face && ok; root++) {
        for (uint32_t f = head[root]; f != WG_DIVIDE_NONE; f = next[f]) {
            double area = sum[b->block[f]] += a->area[f];
            if (area > best[root]) {
                best[root] = area;
                home[root] = b->block[f];
            }
        }
        for (uint32_t f = head[root]; f != WG_DIVIDE_NONE; f = next[f])
            sum[b->block[f]] = 0;
    }
    free(best);
    free(sum);
    free(next);
    free(head);
    return ok ? WG_OK : wg_fail_memory(b->err);
}

static bool is_street(const struct wg_arrangement *a, uint32_t segment)
{
    return a->source[segment] & (WG_DIVIDE_STREET | WG_DIVIDE_OUTLINE);
}

/* Free faces of a building's cell join it in its own block. */
static void join_cells(struct block_job *b, const uint32_t *home)
{
    const struct wg_arrangement *a = &b->atoms->faces;
    for (uint32_t i = 0; i < a->n_segment; i++) {
        uint32_t f = a->left[i], g = a->right[i];
        if (f == g || !in_area(b, f) || !in_area(b, g) || b->block[f] != b->block[g])
            continue;
        bool bf = is_built(b, f), bg = is_built(b, g);
        if (bf && bg)
            continue;
        if (!bf && !bg) {
            if (b->cell[f] == b->cell[g])
                wg_divide_unite(b->part, f, g);
            continue;
        }
        uint32_t built = bf ? f : g, cell = b->cell[bf ? g : f];
        const uint32_t last = a->cover[a->cover_first[built + 1] - 1];
        if (cell != WG_DIVIDE_NONE && b->cluster[last - b->n_block - b->n_unit] == cell &&
            home[built] == b->block[built])
            wg_divide_unite(b->part, f, g);
    }
}

struct border {
    uint32_t from, to;
    double length, street;
};

static int compare_border(const void *a, const void *b)
{
    const struct border *l = a, *r = b;
    if (l->from != r->from)
        return l->from < r->from ? -1 : 1;
    return (l->to > r->to) - (l->to < r->to);
}

static double length_of(const struct wg_arrangement *a, uint32_t i)
{
    return sqrt(square(a->spot[a->a[i]], a->spot[a->b[i]])) * WG_LATTICE_STEP;
}

/* How good a place for a border: 1 on a street. */
static double credit_of(const struct block_job *b, uint32_t source)
{
    double most = b->streets ? 0.3 : 0.85;
    return source & WG_DIVIDE_STREET      ? 1
           : source & WG_DIVIDE_WALL      ? 0
           : source & WG_DIVIDE_VERY_WIDE ? most
           : source & WG_DIVIDE_WIDE      ? most / 2
                                          : 0;
}

/* Borders between parts, both ways, summed; grown into *out. */
static enum wg_status borders_of(struct block_job *b, bool same_block,
                                 struct border **out, size_t *n)
{
    const struct wg_arrangement *a = &b->atoms->faces;
    struct border *border = malloc((2 * (size_t)a->n_segment + 1) * sizeof *border);
    *n = 0;
    *out = border;
    if (!border)
        return wg_fail_memory(b->err);
    for (uint32_t i = 0; i < a->n_segment; i++) {
        uint32_t f = a->left[i], g = a->right[i];
        if (!in_area(b, f) || !in_area(b, g) || (same_block && is_street(a, i)))
            continue;
        f = wg_divide_root(b->part, f);
        g = wg_divide_root(b->part, g);
        if (f == g)
            continue;
        double length = length_of(a, i);
        double street = length * credit_of(b, a->source[i]);
        border[(*n)++] = (struct border){f, g, length, street};
        border[(*n)++] = (struct border){g, f, length, street};
    }
    qsort(border, *n, sizeof *border, compare_border);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (kept && border[kept - 1].from == border[i].from &&
            border[kept - 1].to == border[i].to) {
            border[kept - 1].length += border[i].length;
            border[kept - 1].street += border[i].street;
        } else {
            border[kept++] = border[i];
        }
    }
    *n = kept;
    return WG_OK;
}

/* Scraps (parts for which `scrap` holds) join the neighbour of the longest border, of
 * those that are no scraps, until nothing changes. */
static enum wg_status absorb(struct block_job *b, bool same_block, bool *scrap,
                             const uint32_t *home)
{
    enum wg_status st = WG_OK;
    for (bool changed = true; changed && !st;) {
        struct border *border = NULL;
        size_t n = 0;
        changed = false;
        st = borders_of(b, same_block, &border, &n);
        for (size_t i = 0, end; i < n && !st; i = end) {
            size_t best = SIZE_MAX;
            for (end = i; end < n && border[end].from == border[i].from; end++) {
                uint32_t to = border[end].to;
                if (!scrap[border[i].from] || scrap[to] ||
                    (same_block && home[to] != b->block[border[i].from]))
                    continue;
                if (best == SIZE_MAX || border[end].length > border[best].length)
                    best = end;
            }
            if (best == SIZE_MAX)
                continue;
            /* the one that is no scrap must stay the root */
            b->part[border[i].from] = border[best].to;
            scrap[border[i].from] = false;
            changed = true;
        }
        free(border);
    }
    return st;
}

static enum wg_status join_scraps(struct block_job *b, uint32_t *home)
{
    const struct wg_arrangement *a = &b->atoms->faces;
    bool *scrap = calloc((size_t)a->n_face + 1, sizeof *scrap);
    double *area = calloc((size_t)a->n_face + 1, sizeof *area);
    uint32_t *empty = malloc(((size_t)b->n_block + 1) * sizeof *empty);
    enum wg_status st = scrap && area && empty ? WG_OK : wg_fail_memory(b->err);
    bool built = b->building != NULL;
    for (uint32_t f = 0; f < a->n_face && !st; f++)
        scrap[f] = built;
    for (uint32_t f = 0; f < a->n_face && !st; f++) {
        uint32_t root = wg_divide_root(b->part, f);
        if (in_area(b, f) && is_built(b, f))
            scrap[root] = false;
    }
    /* homes move with the roots */
    for (uint32_t f = 0; f < a->n_face && !st; f++) {
        uint32_t root = wg_divide_root(b->part, f);
        if (home[f] != WG_DIVIDE_NONE && home[root] == WG_DIVIDE_NONE)
            home[root] = home[f];
    }
    if (!st && built)
        st = absorb(b, true, scrap, home);
    /* what is left of a block has no buildings: it is one */
    for (uint32_t k = 0; k < b->n_block && !st; k++)
        empty[k] = WG_DIVIDE_NONE;
    for (uint32_t f = 0; f < a->n_face && !st && built; f++) {
        if (!in_area(b, f) || !scrap[wg_divide_root(b->part, f)])
            continue;
        if (empty[b->block[f]] == WG_DIVIDE_NONE)
            empty[b->block[f]] = f;
        wg_divide_unite(b->part, f, empty[b->block[f]]);
    }
    for (uint32_t f = 0; f < a->n_face && !st; f++) {
        uint32_t root = wg_divide_root(b->part, f);
        if (in_area(b, f) && scrap[root])
            area[root] += a->area[f] * WG_LATTICE_STEP * WG_LATTICE_STEP;
    }
    for (uint32_t f = 0; f < a->n_face && !st; f++)
        scrap[f] = scrap[f] && area[f] < BLOCKS_MERGED_M2;
    if (!st && built)
        st = absorb(b, false, scrap, home);
    free(scrap);
    free(area);
    free(empty);
    return st;
}

/* ---- the graph ---- */

static enum wg_status number_atoms(struct block_job *b)
{
    struct wg_divide_atoms *t = b->atoms;
    const struct wg_arrangement *a = &t->faces;
    t->of_face = malloc(((size_t)a->n_face + 1) * sizeof *t->of_face);
    if (!t->of_face)
        return wg_fail_memory(b->err);
    for (uint32_t f = 0; f < a->n_face; f++)
        t->of_face[f] = WG_DIVIDE_NONE;
    for (uint32_t f = 0; f < a->n_face; f++) {
        uint32_t root = wg_divide_root(b->part, f);
        if (!in_area(b, f))
            continue;
        if (t->of_face[root] == WG_DIVIDE_NONE)
            t->of_face[root] = t->n++;
        t->of_face[f] = t->of_face[root];
    }
    return WG_OK;
}

static enum wg_status measure_atoms(struct block_job *b)
{
    struct wg_divide_atoms *t = b->atoms;
    const struct wg_arrangement *a = &t->faces;
    size_t n = (size_t)t->n + 1;
    t->households = calloc(n, sizeof *t->households);
    t->area = calloc(n, sizeof *t->area);
    t->outline = calloc(n, sizeof *t->outline);
    t->middle = calloc(n, sizeof *t->middle);
    t->building = malloc((b->n_unit + 1) * sizeof *t->building);
    t->of_building = malloc((b->n_unit + 1) * sizeof *t->of_building);
    double *inside = calloc(b->n_unit + 1, sizeof *inside);
    uint32_t *atom = malloc((b->n_unit + 1) * sizeof *atom);
    bool ok = t->households && t->area && t->outline && t->middle && t->building &&
              t->of_building && inside && atom;
    for (uint32_t f = 0; f < a->n_face && ok; f++) {
        uint32_t i = t->of_face[f];
        double area = a->area[f] * WG_LATTICE_STEP * WG_LATTICE_STEP;
        if (i == WG_DIVIDE_NONE)
            continue;
        t->area[i] += area;
        t->middle[i].x += area * (a->face_box[f].min_x + a->face_box[f].max_x) / 2;
        t->middle[i].y += area * (a->face_box[f].min_y + a->face_box[f].max_y) / 2;
        for (uint32_t c = a->cover_first[f]; c < a->cover_first[f + 1]; c++) {
            if (a->cover[c] < b->n_block + b->n_unit)
                continue;
            inside[a->cover[c] - b->n_block - b->n_unit] += area;
            atom[a->cover[c] - b->n_block - b->n_unit] = i;
        }
    }
    for (uint32_t i = 0; i < t->n && ok; i++) {
        t->middle[i].x /= t->area[i] > 0 ? t->area[i] : 1;
        t->middle[i].y /= t->area[i] > 0 ? t->area[i] : 1;
    }
    for (size_t u = 0; u < b->n_unit && ok && b->building; u++) {
        const struct wg_survey_building *w = &b->job->survey->building[b->building[u]];
        if (inside[u] < w->area_m2 / 2 || inside[u] <= 0)
            continue; /* most of it lies outside */
        t->building[t->n_building] = b->building[u];
        t->of_building[t->n_building++] = atom[u];
        t->households[atom[u]] += people_of(b, u);
    }
    for (uint32_t i = 0; i < a->n_segment && ok; i++) {
        uint32_t f = t->of_face[a->left[i]], g = t->of_face[a->right[i]];
        if (f != g && (f == WG_DIVIDE_NONE || g == WG_DIVIDE_NONE))
            t->outline[f == WG_DIVIDE_NONE ? g : f] += length_of(a, i);
    }
    free(inside);
    free(atom);
    return ok ? WG_OK : wg_fail_memory(b->err);
}

static enum wg_status link_atoms(struct block_job *b)
{
    struct wg_divide_atoms *t = b->atoms;
    struct border *border = NULL;
    size_t n = 0;
    enum wg_status st = borders_of(b, false, &border, &n);
    t->first = calloc((size_t)t->n + 2, sizeof *t->first);
    t->edge = malloc((n + 1) * sizeof *t->edge);
    if (!st && (!t->first || !t->edge))
        st = wg_fail_memory(b->err);
    for (size_t i = 0; i < n && !st; i++) {
        border[i].from = t->of_face[border[i].from];
        border[i].to = t->of_face[border[i].to];
    }
    if (!st)
        qsort(border, n, sizeof *border, compare_border);
    for (size_t i = 0; i < n && !st; i++) {
        t->first[border[i].from + 1]++;
        t->edge[i] =
            (struct wg_divide_edge){border[i].to, border[i].length, border[i].street};
    }
    for (uint32_t i = 0; i < t->n && !st; i++)
        t->first[i + 1] += t->first[i];
    free(border);
    return st;
}

static enum wg_status make_atoms(struct block_job *b)
{
    uint32_t *home = NULL;
    enum wg_status st = read_faces(b);
    if (!st && !(home = malloc(((size_t)b->atoms->faces.n_face + 1) * sizeof *home)))
        st = wg_fail_memory(b->err);
    if (!st)
        st = find_homes(b, home);
    for (uint32_t f = 0; f < b->atoms->faces.n_face && !st; f++) {
        if (in_area(b, f) && is_built(b, f))
            home[f] = home[wg_divide_root(b->part, f)];
    }
    if (!st) {
        join_cells(b, home);
        st = join_scraps(b, home);
    }
    if (!st)
        st = number_atoms(b);
    if (!st)
        st = measure_atoms(b);
    if (!st)
        st = link_atoms(b);
    free(home);
    return st;
}

enum wg_status wg_divide_make_atoms(struct wg_divide_job *job)
{
    struct block_job b = {.job = job, .atoms = &job->atoms, .err = job->err};
    enum wg_status st =
        wg_lattice_around(wg_multipolygon_box(job->area), &job->atoms.lattice, job->err);
    if (!st)
        st = make_blocks(&b);
    if (!st)
        st = make_units(&b);
    if (!st)
        st = wg_triangulate((uint32_t)b.n_spot, b.spot, &b.triangles, job->err);
    if (!st && b.n_unit)
        st = claim_outline(&b);
    if (!st)
        st = make_clusters(&b);
    if (!st)
        st = make_lines(&b);
    if (!st)
        st = wg_arrange(b.n_segment, b.segment, NULL, &job->atoms.faces, job->err);
    if (!st)
        st = make_atoms(&b);
    free(b.building);
    free(b.cluster);
    free(b.segment);
    free(b.spot);
    free(b.unit_of_spot);
    wg_triangulation_finish(&b.triangles);
    free(b.pair);
    free(b.block);
    free(b.cell);
    free(b.part);
    free(b.home);
    return st;
}

void wg_divide_atoms_finish(struct wg_divide_atoms *atoms)
{
    wg_arrangement_finish(&atoms->faces);
    free(atoms->of_face);
    free(atoms->households);
    free(atoms->area);
    free(atoms->outline);
    free(atoms->middle);
    free(atoms->first);
    free(atoms->edge);
    free(atoms->building);
    free(atoms->of_building);
    memset(atoms, 0, sizeof *atoms);
}
