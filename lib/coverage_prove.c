/* Owns the proof of a coverage from the ground up. */
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

static enum wg_status prove_vertices(const struct wg_coverage *c, struct wg_error *err)
{
    struct wg_coverage *asked =
        (struct wg_coverage *)c; /* the refusal is restored below */
    enum wg_status status = WG_OK;
    uint32_t *seen = calloc((size_t)c->n_vertex + 1, sizeof *seen);
    uint32_t *around = NULL;
    size_t cap = 0;
    if (!seen)
        return wg_fail_memory(err);
    for (uint32_t s = 0; !status && s < c->n_segment; s++) {
        if (!wg_segment_lives(c, s))
            continue;
        for (int end = 0; !status && end < 2; end++) {
            uint32_t v = end ? c->segment[s].b : c->segment[s].a;
            void *array = around;
            if (seen[v]++)
                continue;
            uint32_t n = wg_coverage_around(c, v, 0, NULL);
            if (!wg_grow(&array, &cap, n, sizeof *around)) {
                status = wg_fail_memory(err);
                break;
            }
            around = array;
            wg_coverage_around(c, v, n, around);
            bool east = false;
            for (uint32_t i = 0; i < n; i++) {
                const struct wg_segment *p = &c->segment[around[i]];
                const struct wg_segment *q = &c->segment[around[(i + 1) % n]];
                uint32_t left = p->a == v ? p->left : p->right;
                uint32_t right = q->a == v ? q->right : q->left;
                struct wg_spot o = c->spot[p->a ^ p->b ^ v], at = c->spot[v];
                east = east || o.x > at.x || (o.x == at.x && o.y > at.y);
                if (left != right)
                    status = broken_at(c, v, "the sides around a vertex disagree", err);
            }
            if (!status && !east && wg_coverage_check_island(asked, v, NULL)) {
                wg_refusal_clear(asked);
                status =
                    broken_at(c, v, "an island lies in another face than it says", err);
            }
        }
    }
    free(around);
    free(seen);
    return status;
}

static enum wg_status prove_faces(const struct wg_coverage *c, struct wg_error *err)
{
    for (uint32_t f = 1; f < c->n_face; f++) {
        const struct wg_face *face = &c->face[f];
        bool here = face->kind == WG_FACE_GRID && !face->ended && !c->unborn[f];
        uint64_t area = 0;
        uint32_t n = 0;
        for (uint32_t s = face->first_segment; s != WG_NONE;
             s = wg_coverage_next_of_face(c, f, s), n++) {
            struct wg_spot a = c->spot[c->segment[s].a], b = c->spot[c->segment[s].b];
            uint64_t sweep = (uint64_t)((int64_t)a.x * b.y - (int64_t)a.y * b.x);
            area += c->segment[s].left == f ? sweep : 0 - sweep;
        }
        if ((int64_t)area != face->area2 || n != face->n_segment ||
            (face->kind == WG_FACE_GRID && (face->area2 > 0) != here))
            return wg_fail(err, WG_INTERNAL,
                           _("The coverage is broken: the area of grid %s."),
                           face->code ? face->code : "-");
    }
    return WG_OK;
}

enum wg_status wg_coverage_prove(const struct wg_coverage *c, struct wg_error *err)
{
    enum wg_status status = prove_segments(c, err);
    if (!status)
        status = prove_vertices(c, err);
    return status ? status : prove_faces(c, err);
}
