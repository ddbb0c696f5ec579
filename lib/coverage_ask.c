/* Owns the questions to a coverage: faces, polygons, arcs, neighbours, what lies where.
 */
#include <math.h>
#include <string.h>

#include "coverage_inside.h"

/* ---- faces ---- */

static double area_m2(const struct wg_face *f)
{
    return f->ended ? 0 : (double)f->area2 / 2 * WG_LATTICE_STEP * WG_LATTICE_STEP;
}

static void describe(const struct wg_coverage *c, uint32_t f,
                     struct wg_coverage_face *out)
{
    const struct wg_face *face = &c->face[f];
    *out = (struct wg_coverage_face){.id = face->id,
                                     .parent = face->parent,
                                     .code = face->code,
                                     .name = face->name,
                                     .kind = face->grid_kind ? face->grid_kind : "basic",
                                     .level = face->level,
                                     .ended = face->ended || c->unborn[f],
                                     .area_m2 = area_m2(face),
                                     .box = wg_box_empty(),
                                     .version = face->version};
    for (uint32_t s = face->first_segment; s != WG_NONE;
         s = wg_coverage_next_of_face(c, f, s))
        for (int end = 0; end < 2; end++) {
            uint32_t v = end ? c->segment[s].b : c->segment[s].a;
            struct wg_point p = wg_lattice_point(&c->lattice, c->spot[v]);
            out->box = wg_box_grow(out->box, p.x, p.y);
        }
}

void wg_coverage_face_at(const struct wg_coverage *c, uint32_t number,
                         struct wg_coverage_face *out)
{
    uint32_t f = wg_coverage_grid_number(c, number);
    *out = (struct wg_coverage_face){.ended = true, .box = wg_box_empty()};
    if (f != WG_NONE)
        describe(c, f, out);
}

static enum wg_status no_grid(int64_t id, struct wg_error *err)
{
    return wg_fail(err, WG_NOT_FOUND, _("The coverage has no grid %lld."), (long long)id);
}

enum wg_status wg_coverage_face(const struct wg_coverage *c, int64_t id,
                                struct wg_coverage_face *out, struct wg_error *err)
{
    uint32_t f = wg_coverage_known_face(c, id);
    if (f == WG_NONE)
        return no_grid(id, err);
    describe(c, f, out);
    return WG_OK;
}

enum wg_status wg_coverage_find(const struct wg_coverage *c, const char *code,
                                int64_t *id, struct wg_error *err)
{
    uint32_t f = code ? wg_coverage_face_by_code(c, code) : WG_NONE;
    if (f != WG_NONE) {
        *id = c->face[f].id;
        return WG_OK;
    }
    return wg_fail(err, WG_NOT_FOUND, _("There is no grid %.80s in the scheme."),
                   code ? code : "-");
}

enum wg_status wg_coverage_place(const struct wg_coverage *c, struct wg_point p,
                                 struct wg_spot *out, struct wg_error *err)
{
    if (wg_lattice_spot(&c->lattice, p.x, p.y, out))
        return WG_OK;
    return wg_fail_at(err, WG_OUT_OF_RANGE, p.x, p.y,
                      _("The point %.3f %.3f lies too far from the grids.  Is it in the "
                        "district's CRS?"),
                      p.x, p.y);
}

int64_t wg_coverage_at(const struct wg_coverage *c, double x, double y)
{
    double reach = WG_LATTICE_REACH;
    struct wg_point p = {x / WG_LATTICE_STEP - (double)c->lattice.x,
                         y / WG_LATTICE_STEP - (double)c->lattice.y};
    if (!(fabs(p.x) <= reach && fabs(p.y) <= reach))
        return 0;
    return c->face[wg_coverage_face_at_point(c, p)].id;
}

/* ---- polygons ---- */

static enum wg_status polygon_of(const struct wg_coverage *c, uint32_t f,
                                 struct wg_multipolygon *out, struct wg_error *err)
{
    size_t n = 0;
    struct wg_ring_segment *list =
        malloc(((size_t)c->face[f].n_segment + 1) * sizeof *list);
    if (!list)
        return wg_fail_memory(err);
    for (uint32_t s = c->face[f].first_segment; s != WG_NONE;
         s = wg_coverage_next_of_face(c, f, s)) {
        struct wg_spot a = c->spot[c->segment[s].a], b = c->spot[c->segment[s].b];
        bool left = c->segment[s].left == f;
        list[n++] = (struct wg_ring_segment){left ? a : b, left ? b : a};
    }
    enum wg_status status = wg_trace_rings(n, list, &c->lattice, out, err);
    free(list);
    return status;
}

enum wg_status wg_coverage_polygon(const struct wg_coverage *c, int64_t id,
                                   struct wg_multipolygon *out, struct wg_error *err)
{
    uint32_t f = wg_coverage_known_face(c, id);
    if (f == WG_NONE)
        return no_grid(id, err);
    return polygon_of(c, f, out, err);
}

/* ---- neighbours ---- */

struct border {
    int64_t id;
    double length;
};

static int by_id(const void *a, const void *b)
{
    const struct border *p = a, *q = b;
    return (p->id > q->id) - (p->id < q->id);
}

enum wg_status wg_coverage_neighbours(const struct wg_coverage *c, int64_t id,
                                      wg_neighbour_fn *fn, void *user,
                                      struct wg_error *err)
{
    uint32_t f = wg_coverage_known_face(c, id);
    size_t n = 0;
    if (f == WG_NONE)
        return no_grid(id, err);
    struct border *list = malloc(((size_t)c->face[f].n_segment + 1) * sizeof *list);
    if (!list)
        return wg_fail_memory(err);
    for (uint32_t s = c->face[f].first_segment; s != WG_NONE;
         s = wg_coverage_next_of_face(c, f, s)) {
        const struct wg_segment *g = &c->segment[s];
        struct wg_spot a = c->spot[g->a], b = c->spot[g->b];
        list[n++] = (struct border){c->face[g->left == f ? g->right : g->left].id,
                                    hypot((double)a.x - b.x, (double)a.y - b.y)};
    }
    if (n)
        qsort(list, n, sizeof *list, by_id);
    for (size_t i = 0, j; i < n; i = j) {
        double length = 0;
        for (j = i; j < n && list[j].id == list[i].id; j++)
            length += list[j].length;
        if (!fn(list[i].id, length * WG_LATTICE_STEP, user))
            break;
    }
    free(list);
    return WG_OK;
}

/* ---- arcs ---- */

/* The one other segment of a vertex where two meet, WG_NONE at a node. */
static uint32_t goes_on(const struct wg_coverage *c, uint32_t vertex, uint32_t segment)
{
    uint32_t around[3];
    if (wg_coverage_around(c, vertex, 3, around) != 2)
        return WG_NONE;
    return around[around[0] == segment ? 1 : 0];
}

static uint32_t far_end(const struct wg_coverage *c, uint32_t segment, uint32_t vertex)
{
    return c->segment[segment].a ^ c->segment[segment].b ^ vertex;
}

enum wg_status wg_coverage_arc_of(const struct wg_coverage *c, uint32_t segment,
                                  uint32_t **vertex, size_t *n, size_t *cap,
                                  struct wg_error *err)
{
    /* Back to where it begins; around once, where it is closed. */
    uint32_t s = segment, v = c->segment[segment].a, next;
    while ((next = goes_on(c, v, s)) != WG_NONE && next != segment) {
        s = next;
        v = far_end(c, s, v);
    }
    uint32_t first = s;
    *n = 0;
    for (;;) {
        void *array = *vertex;
        if (!wg_grow(&array, cap, *n + 2, sizeof **vertex))
            return wg_fail_memory(err);
        *vertex = array;
        (*vertex)[(*n)++] = v;
        v = far_end(c, s, v);
        next = goes_on(c, v, s);
        if (next == WG_NONE || next == first)
            break;
        s = next;
    }
    (*vertex)[(*n)++] = v;
    return WG_OK;
}

static enum wg_status fill_arc(const struct wg_coverage *c, uint32_t segment,
                               uint32_t **vertex, size_t *cap, struct wg_arc *out,
                               struct wg_error *err)
{
    size_t n;
    struct wg_arc arc = {0};
    enum wg_status status = wg_coverage_arc_of(c, segment, vertex, &n, cap, err);
    if (status)
        return status;
    arc.line.n = (uint32_t)n;
    arc.line.x = malloc(n * sizeof *arc.line.x);
    arc.line.y = malloc(n * sizeof *arc.line.y);
    if (!arc.line.x || !arc.line.y) {
        wg_arc_finish(&arc);
        return wg_fail_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        struct wg_point p = wg_lattice_point(&c->lattice, c->spot[(*vertex)[i]]);
        arc.line.x[i] = p.x;
        arc.line.y[i] = p.y;
    }
    uint32_t s = wg_coverage_segment_between(c, (*vertex)[0], (*vertex)[1]);
    const struct wg_segment *g = &c->segment[s];
    bool along = g->a == (*vertex)[0];
    arc.left = c->face[along ? g->left : g->right].id;
    arc.right = c->face[along ? g->right : g->left].id;
    arc.closed = (*vertex)[0] == (*vertex)[n - 1];
    arc.fixed = wg_coverage_is_fixed(c, s);
    *out = arc;
    return WG_OK;
}

enum wg_status wg_coverage_arc(const struct wg_coverage *c, double x, double y,
                               double within_m, struct wg_arc *out, struct wg_error *err)
{
    struct wg_spot spot;
    uint32_t *vertex = NULL;
    size_t cap = 0;
    enum wg_status status = wg_coverage_place(c, (struct wg_point){x, y}, &spot, err);
    if (status)
        return status;
    uint32_t s = wg_coverage_nearest_segment(c, spot, within_m / WG_LATTICE_STEP);
    if (s == WG_NONE)
        return wg_fail_at(err, WG_NOT_FOUND, x, y,
                          _("There is no boundary within %.3f m of %.3f %.3f."), within_m,
                          x, y);
    status = fill_arc(c, s, &vertex, &cap, out, err);
    free(vertex);
    return status;
}

struct arc_list {
    struct wg_numbers segment;
    bool failed;
};

static bool list_segment(uint32_t s, void *user)
{
    struct arc_list *l = user;
    l->failed = !wg_numbers_add(&l->segment, s);
    return !l->failed;
}

static struct wg_spot corner(const struct wg_coverage *c, double x, double y)
{
    double sx = x / WG_LATTICE_STEP - (double)c->lattice.x;
    double sy = y / WG_LATTICE_STEP - (double)c->lattice.y;
    double most = WG_LATTICE_REACH;
    return (struct wg_spot){(int32_t)fmax(-most, fmin(most, sx)),
                            (int32_t)fmax(-most, fmin(most, sy))};
}

enum wg_status wg_coverage_arcs(const struct wg_coverage *c, const struct wg_box *box,
                                wg_arc_fn *fn, void *user, struct wg_error *err)
{
    struct arc_list list = {0};
    enum wg_status status = WG_OK;
    uint32_t *vertex = NULL;
    size_t cap = 0;
    bool more = true, *seen = calloc((size_t)c->n_segment + 1, sizeof *seen);
    if (!seen)
        return wg_fail_memory(err);
    if (box)
        wg_coverage_near(c, corner(c, box->min_x, box->min_y),
                         corner(c, box->max_x, box->max_y), list_segment, &list);
    for (uint32_t s = 0; !box && s < c->n_segment && !list.failed; s++)
        if (wg_segment_lives(c, s))
            list_segment(s, &list);
    if (list.failed)
        status = wg_fail_memory(err);
    for (size_t i = 0; !status && more && i < list.segment.n; i++) {
        struct wg_arc arc;
        if (seen[list.segment.at[i]])
            continue;
        status = fill_arc(c, list.segment.at[i], &vertex, &cap, &arc, err);
        if (status)
            break;
        for (uint32_t k = 0; k + 1 < arc.line.n; k++)
            seen[wg_coverage_segment_between(c, vertex[k], vertex[k + 1])] = true;
        more = fn(&arc, user);
        wg_arc_finish(&arc);
    }
    free(vertex);
    free(list.segment.at);
    free(seen);
    return status;
}

/* ---- bytes ---- */

struct buffer {
    unsigned char *at;
    size_t n, cap;
};

static bool add(struct buffer *b, const void *data, size_t size)
{
    void *array = b->at;
    if (!wg_grow(&array, &b->cap, b->n + size + 1, 1))
        return false;
    b->at = array;
    if (size)
        memcpy(b->at + b->n, data, size);
    b->n += size;
    return true;
}

static bool add_text(struct buffer *b, const char *text)
{
    return text ? add(b, "\1", 1) && add(b, text, strlen(text) + 1) : add(b, "", 1);
}

struct by_id {
    int64_t id;
    uint32_t face;
};

static int compare_ids(const void *a, const void *b)
{
    const struct by_id *p = a, *q = b;
    return (p->id > q->id) - (p->id < q->id);
}

static enum wg_status add_face(const struct wg_coverage *c, struct buffer *b, uint32_t f,
                               struct wg_error *err)
{
    const struct wg_face *face = &c->face[f];
    struct wg_multipolygon mp = {0};
    enum wg_status status = polygon_of(c, f, &mp, err);
    if (status)
        return status;
    int64_t level = face->level;
    if (!add(b, &face->id, sizeof face->id) ||
        !add(b, &face->parent, sizeof face->parent) || !add(b, &level, sizeof level) ||
        !add_text(b, face->code) || !add_text(b, face->name) ||
        !add_text(b, face->grid_kind) || !add(b, &mp.n_part, sizeof mp.n_part) ||
        !add(b, &mp.n_ring, sizeof mp.n_ring) ||
        !add(b, mp.part, mp.n_part * sizeof *mp.part) ||
        !add(b, mp.ring, mp.n_ring * sizeof *mp.ring) ||
        !add(b, mp.x, mp.n_vertex * sizeof *mp.x) ||
        !add(b, mp.y, mp.n_vertex * sizeof *mp.y))
        status = wg_fail_memory(err);
    wg_multipolygon_finish(&mp);
    return status;
}

enum wg_status wg_coverage_bytes(const struct wg_coverage *c, void **out, size_t *size,
                                 struct wg_error *err)
{
    struct buffer b = {0};
    enum wg_status status = WG_OK;
    size_t n = 0;
    struct by_id *order = malloc(((size_t)c->n_face + 1) * sizeof *order);
    if (!order)
        return wg_fail_memory(err);
    for (uint32_t f = 1; f < c->n_face; f++)
        if (c->face[f].kind == WG_FACE_GRID && !c->face[f].ended && !c->unborn[f])
            order[n++] = (struct by_id){c->face[f].id, f};
    if (n)
        qsort(order, n, sizeof *order, compare_ids);
    for (size_t i = 0; !status && i < n; i++)
        status = add_face(c, &b, order[i].face, err);
    free(order);
    if (status) {
        free(b.at);
        return status;
    }
    *out = b.at;
    *size = b.n;
    return WG_OK;
}
