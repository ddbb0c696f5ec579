/* Owns the proof of a coverage from the ground up: from nothing but its segments a second
 * one is made, with cells, vertices, lists and areas of its own, and proved; then the
 * first must say the same. */
#include "coverage_inside.h"

struct meeting {
    const struct wg_coverage *c;
    uint32_t segment, other;
};

static bool meets(uint32_t s, void *user)
{
    struct meeting *m = user;
    const struct wg_segment *g = &m->c->segment[m->segment], *h = &m->c->segment[s];
    const struct wg_spot *p = m->c->spot;
    if (s <= m->segment)
        return true;
    enum wg_meeting how = wg_spot_meet(p[g->a], p[g->b], p[h->a], p[h->b]);
    if (how != WG_APART && how != WG_SHARE_END)
        m->other = s;
    return m->other == WG_NONE;
}

static enum wg_status broken_at(const struct wg_coverage *c, uint32_t vertex,
                                const char *what, struct wg_error *err)
{
    struct wg_point p = wg_lattice_point(&c->lattice, c->spot[vertex]);
    return wg_fail_at(err, WG_INTERNAL, p.x, p.y,
                      _("The coverage is broken at %.3f %.3f: %s."), p.x, p.y, what);
}

static enum wg_status prove_segments(const struct wg_coverage *c, struct wg_error *err)
{
    for (uint32_t s = 0; s < c->n_segment; s++) {
        if (!wg_segment_lives(c, s))
            continue;
        const struct wg_segment *g = &c->segment[s];
        struct meeting m = {c, s, WG_NONE};
        struct wg_spot a = c->spot[g->a], b = c->spot[g->b];
        struct wg_spot min = {a.x < b.x ? a.x : b.x, a.y},
                       max = {a.x < b.x ? b.x : a.x, b.y};
        if (!wg_spot_before(a, b) || g->left == g->right)
            return broken_at(c, g->a, "a segment runs the wrong way", err);
        wg_coverage_near(c, min, max, meets, &m);
        if (m.other != WG_NONE)
            return broken_at(c, g->a, "segments cross", err);
    }
    return WG_OK;
}

/* Sides around a vertex, and what lies east of it.  `c` is the second coverage, ours. */
static enum wg_status prove_vertex(struct wg_coverage *c, uint32_t v, uint32_t n,
                                   const uint32_t *around, struct wg_error *err)
{
    struct wg_spot at = c->spot[v];
    bool east = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct wg_segment *p = &c->segment[around[i]];
        const struct wg_segment *q = &c->segment[around[(i + 1) % n]];
        uint32_t left = p->a == v ? p->left : p->right;
        uint32_t right = q->a == v ? q->right : q->left;
        struct wg_spot o = c->spot[p->a ^ p->b ^ v];
        east = east || o.x > at.x || (o.x == at.x && o.y > at.y);
        if (left != right)
            return broken_at(c, v, "the sides around a vertex disagree", err);
    }
    if (!east && wg_coverage_check_island(c, v, NULL))
        return broken_at(c, v, "an island lies in another face than it says", err);
    return WG_OK;
}

static enum wg_status prove_vertices(struct wg_coverage *c, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    bool *seen = calloc((size_t)c->n_vertex + 1, sizeof *seen);
    uint32_t *around = NULL;
    size_t cap = 0;
    if (!seen)
        return wg_fail_memory(err);
    for (uint32_t k = 0; !status && k < 2 * c->n_segment; k++) {
        uint32_t v = k % 2 ? c->segment[k / 2].b : c->segment[k / 2].a;
        uint32_t n = seen[v] ? 0 : wg_coverage_around(c, v, 0, NULL);
        void *array = around;
        if (seen[v])
            continue;
        seen[v] = true;
        if (!wg_grow(&array, &cap, n, sizeof *around)) {
            status = wg_fail_memory(err);
            break;
        }
        around = array;
        wg_coverage_around(c, v, n, around);
        status = prove_vertex(c, v, n, around, err);
    }
    free(around);
    free(seen);
    return status;
}

/* What the first coverage keeps: its lists, areas, vertices and cells. */
static enum wg_status prove_faces(const struct wg_coverage *c,
                                  const struct wg_coverage *fresh, struct wg_error *err)
{
    for (uint32_t f = 1; f < c->n_face; f++) {
        const struct wg_face *face = &c->face[f], *other = &fresh->face[f];
        bool here = face->kind == WG_FACE_GRID && !face->ended && !c->unborn[f];
        uint32_t n = 0;
        for (uint32_t s = face->first_segment; s != WG_NONE && n <= face->n_segment;
             s = wg_coverage_next_of_face(c, f, s))
            n++;
        if (other->area2 != face->area2 || other->n_segment != face->n_segment ||
            n != face->n_segment ||
            (face->kind == WG_FACE_GRID && (face->area2 > 0) != here))
            return wg_fail(err, WG_INTERNAL,
                           _("The coverage is broken: the area of grid %s."),
                           face->code ? face->code : "-");
    }
    return WG_OK;
}

struct sought {
    uint32_t segment;
    bool found;
};

static bool is_sought(uint32_t s, void *user)
{
    struct sought *x = user;
    x->found = s == x->segment;
    return !x->found;
}

static enum wg_status prove_kept(const struct wg_coverage *c,
                                 const struct wg_coverage *fresh, struct wg_error *err)
{
    if (c->n_live != fresh->n_live)
        return wg_fail(err, WG_INTERNAL, "%s",
                       _("The coverage is broken: the number of vertices."));
    for (uint32_t s = 0; s < c->n_segment; s++) {
        if (!wg_segment_lives(c, s))
            continue;
        struct wg_spot a = c->spot[c->segment[s].a], b = c->spot[c->segment[s].b];
        struct wg_cut cut = {a, b, 0, 0};
        struct wg_spot middle = {(int32_t)(((int64_t)a.x + b.x) / 2),
                                 (int32_t)(((int64_t)a.y + b.y) / 2)};
        struct sought x = {s, false};
        wg_coverage_near(c, middle, middle, is_sought, &x);
        if (!x.found || wg_coverage_find_cut(c, &cut) != s)
            return broken_at(c, c->segment[s].a, "a segment is not found", err);
    }
    return WG_OK;
}

static enum wg_status make_fresh(const struct wg_coverage *c, struct wg_coverage **out,
                                 struct wg_error *err)
{
    struct wg_spot min = {INT32_MAX, INT32_MAX}, max = {INT32_MIN, INT32_MIN};
    struct wg_coverage *fresh = wg_coverage_new(c->lattice);
    size_t n = 0;
    bool fine = fresh != NULL;
    for (uint32_t f = 1; fine && f < c->n_face; f++)
        fine = wg_coverage_add_face(fresh, &c->face[f]) != WG_NONE;
    for (uint32_t s = 0; s < c->n_segment; s++)
        for (int end = 0; end < 2 && wg_segment_lives(c, s); end++, n++) {
            struct wg_spot p = c->spot[end ? c->segment[s].b : c->segment[s].a];
            min.x = p.x < min.x ? p.x : min.x;
            min.y = p.y < min.y ? p.y : min.y;
            max.x = p.x > max.x ? p.x : max.x;
            max.y = p.y > max.y ? p.y : max.y;
        }
    if (n == 0)
        min = max = (struct wg_spot){0, 0};
    fine = fine && wg_places_begin(fresh, min, max, n);
    for (uint32_t s = 0; fine && s < c->n_segment; s++) {
        const struct wg_segment *g = &c->segment[s];
        if (!wg_segment_lives(c, s))
            continue;
        struct wg_cut cut = {c->spot[g->a], c->spot[g->b], g->left, g->right};
        fine = wg_coverage_add_segment(fresh, &cut) != WG_NONE && !fresh->broken;
    }
    if (fine) {
        *out = fresh;
        return WG_OK;
    }
    wg_coverage_close(fresh);
    return wg_fail_memory(err);
}

enum wg_status wg_coverage_prove(const struct wg_coverage *c, struct wg_error *err)
{
    struct wg_coverage *fresh = NULL;
    enum wg_status status = make_fresh(c, &fresh, err);
    if (!status)
        status = prove_segments(fresh, err);
    if (!status)
        status = prove_vertices(fresh, err);
    if (!status)
        status = prove_faces(c, fresh, err);
    if (!status)
        status = prove_kept(c, fresh, err);
    wg_coverage_close(fresh);
    return status;
}
