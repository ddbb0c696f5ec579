/* Owns merging grids and dissolving one. */
#include <math.h>
#include <string.h>

#include "coverage_overlay.h"
#include "internal.h"

/* ---- merge ---------------------------------------------------------------------------
 */

struct merge {
    struct wg_coverage *c;
    uint32_t *face; /* each once */
    size_t n;
    uint32_t *of; /* number in `face` of each face of the coverage, WG_NONE */
    uint32_t *group;
    size_t into;
};

static enum wg_status list_faces(struct merge *m, size_t n, const int64_t *grid,
                                 int64_t into, struct wg_error *err)
{
    uint32_t n_face = wg_coverage_n_face(m->c);
    bool has_into = into == 0;

    m->face = malloc((n + 1) * sizeof *m->face);
    m->group = malloc((n + 1) * sizeof *m->group);
    m->of = malloc(((size_t)n_face + 1) * sizeof *m->of);
    if (!m->face || !m->group || !m->of)
        return wg_fail_memory(err);
    memset(m->of, 0xFF, n_face * sizeof *m->of);
    for (size_t i = 0; i < n; i++) {
        uint32_t f;
        enum wg_status s = wg_overlay_face(m->c, grid[i], &f, err);
        if (s != WG_OK)
            return s;
        has_into = has_into || grid[i] == into;
        if (m->of[f] != WG_NONE)
            continue;
        m->of[f] = m->group[m->n] = (uint32_t)m->n;
        m->face[m->n++] = f;
    }
    if (m->n < 2)
        return wg_fail(err, WG_INVALID, _("Name two grids or more to be merged."));
    if (!has_into)
        return wg_fail_row(err, WG_INVALID, into,
                           _("The grid that stays must be one of those merged."));
    return WG_OK;
}

/* The one of lowest code; those without a code come last. */
static size_t lowest(const struct merge *m)
{
    size_t best = 0;

    for (size_t i = 1; i < m->n; i++) {
        const struct wg_face *f = wg_coverage_get_face(m->c, m->face[i]),
                             *b = wg_coverage_get_face(m->c, m->face[best]);
        if (f->code && (!b->code || strcmp(f->code, b->code) < 0))
            best = i;
    }
    return best;
}

static uint32_t group_of(struct merge *m, uint32_t i)
{
    while (m->group[i] != i)
        i = m->group[i] = m->group[m->group[i]];
    return i;
}

static void join(struct merge *m)
{
    for (size_t i = 0; i < m->n; i++)
        for (uint32_t s = wg_coverage_next_of_face(m->c, m->face[i], WG_NONE);
             s != WG_NONE; s = wg_coverage_next_of_face(m->c, m->face[i], s)) {
            const struct wg_segment *seg = wg_coverage_segment(m->c, s);
            uint32_t a = m->of[seg->left], b = m->of[seg->right];
            if (a != WG_NONE && b != WG_NONE)
                m->group[group_of(m, a)] = group_of(m, b);
        }
}

static struct wg_spot place_of(const struct wg_coverage *c, uint32_t face)
{
    uint32_t s = wg_coverage_next_of_face(c, face, WG_NONE);

    if (s == WG_NONE)
        return (struct wg_spot){0, 0};
    return wg_coverage_spot(c, wg_coverage_segment(c, s)->a);
}

static enum wg_status check_joined(struct merge *m, struct wg_error *err)
{
    join(m);
    for (uint32_t i = 0; i < m->n; i++) {
        if (group_of(m, i) == group_of(m, (uint32_t)m->into))
            continue;
        return wg_refuse(m->c, WG_REFUSED_NOT_BESIDE, place_of(m->c, m->face[i]),
                         m->face[m->into], m->face[i],
                         _("Add the grids between them, or leave that one out."), err,
                         _("Grids %s and %s are not connected by a common border."),
                         wg_face_words(m->c, m->face[m->into]).text,
                         wg_face_words(m->c, m->face[i]).text);
    }
    return WG_OK;
}

static void move_segments(struct merge *m, uint32_t face, uint32_t into)
{
    for (uint32_t s = wg_coverage_next_of_face(m->c, face, WG_NONE); s != WG_NONE;
         s = wg_coverage_next_of_face(m->c, face, s)) {
        struct wg_segment seg = *wg_coverage_segment(m->c, s);
        bool left = m->of[seg.left] != WG_NONE, right = m->of[seg.right] != WG_NONE;
        if (left && right && seg.left != face && seg.left != into)
            continue; /* its left one does it */
        wg_edit_take(m->c, s);
        if (left && right)
            continue;
        wg_edit_put(m->c, wg_coverage_spot(m->c, seg.a), wg_coverage_spot(m->c, seg.b),
                    left ? into : seg.left, right ? into : seg.right);
    }
}

enum wg_status wg_coverage_merge(struct wg_coverage *coverage, size_t n,
                                 const int64_t *grid, int64_t into, int64_t *kept,
                                 struct wg_error *err)
{
    struct merge m = {.c = coverage};
    char *words = NULL;
    enum wg_status s = list_faces(&m, n, grid, into, err);

    if (s != WG_OK)
        goto out;
    m.into = into ? m.of[wg_coverage_face_of(coverage, into)] : lowest(&m);
    s = check_joined(&m, err);
    if (s != WG_OK)
        goto out;
    uint32_t stays = m.face[m.into];
    m.face[m.into] = m.face[0];
    m.face[0] = stays;
    words = wg_overlay_words(coverage, m.n, m.face, NULL, NULL);
    if (!words) {
        s = wg_fail_memory(err);
        goto out;
    }
    wg_edit_begin(coverage, "merge", "%s", words);
    for (size_t i = 1; i < m.n; i++) {
        wg_edit_end_grid(coverage, m.face[i]);
        move_segments(&m, m.face[i], stays);
    }
    s = wg_edit_end(coverage, err);
    if (s == WG_OK && kept)
        *kept = wg_coverage_get_face(coverage, stays)->id;
out:
    free(m.face);
    free(m.of);
    free(m.group);
    free(words);
    return s;
}

/* ---- dissolve
 * -------------------------------------------------------------------------- */

struct border {
    uint32_t plane_face, neighbour;
    double length;
};

struct dissolve {
    struct wg_overlay_job *o;
    uint32_t face;
    struct border *border;
    size_t n, cap;
    uint32_t *to; /* by face of the plane */
};

static bool add_border(struct dissolve *d, uint32_t plane_face, uint32_t neighbour,
                       double length)
{
    size_t i = 0;

    while (i < d->n &&
           (d->border[i].plane_face != plane_face || d->border[i].neighbour != neighbour))
        i++;
    if (i == d->n) {
        if (!wg_grow((void **)&d->border, &d->cap, d->n + 1, sizeof *d->border))
            return false;
        d->border[d->n++] = (struct border){plane_face, neighbour, 0};
    }
    d->border[i].length += length;
    return true;
}

static bool measure(struct dissolve *d)
{
    const struct wg_arrangement *p = &d->o->plane;

    for (uint32_t s = 0; s < p->n_segment; s++) {
        struct wg_spot a = p->spot[p->a[s]], b = p->spot[p->b[s]];
        double length = hypot((double)a.x - b.x, (double)a.y - b.y);
        bool left = d->o->left[s] == d->face;
        if (left == (d->o->right[s] == d->face))
            continue;
        if (!add_border(d, left ? p->left[s] : p->right[s],
                        left ? d->o->right[s] : d->o->left[s], length))
            return false;
    }
    return true;
}

/* A grid before nobody, one of the same parent before another, then the longer border,
 * then the lower code. */
static bool better(const struct dissolve *d, const struct border *a,
                   const struct border *b)
{
    const struct wg_face *f = wg_coverage_get_face(d->o->c, a->neighbour),
                         *g = wg_coverage_get_face(d->o->c, b->neighbour);
    int64_t parent = wg_coverage_get_face(d->o->c, d->face)->parent;

    if ((f->kind == WG_FACE_GRID) != (g->kind == WG_FACE_GRID))
        return f->kind == WG_FACE_GRID;
    if ((f->parent == parent) != (g->parent == parent))
        return f->parent == parent;
    if (a->length != b->length)
        return a->length > b->length;
    return f->code && g->code && strcmp(f->code, g->code) < 0;
}

static enum wg_status choose(struct dissolve *d, struct wg_error *err)
{
    const struct wg_arrangement *p = &d->o->plane;

    d->to = malloc(((size_t)p->n_face + 1) * sizeof *d->to);
    if (!d->to || !measure(d))
        return wg_fail_memory(err);
    memset(d->to, 0xFF, ((size_t)p->n_face + 1) * sizeof *d->to);
    for (size_t i = 0; i < d->n; i++) {
        uint32_t f = d->border[i].plane_face;
        if (d->to[f] == WG_NONE || better(d, &d->border[i], &d->border[d->to[f]]))
            d->to[f] = (uint32_t)i;
    }
    for (uint32_t f = 0; f < p->n_face; f++) {
        if (d->to[f] == WG_NONE)
            continue;
        uint32_t to = d->border[d->to[f]].neighbour;
        if (wg_coverage_get_face(d->o->c, to)->kind != WG_FACE_GRID)
            return wg_refuse(d->o->c, WG_REFUSED_NOT_BESIDE, place_of(d->o->c, d->face),
                             d->face, WG_NONE,
                             _("Draw a neighbour first, or end the grid as a row."), err,
                             _("Grid %s has no neighbour that could take its area."),
                             wg_face_words(d->o->c, d->face).text);
        d->to[f] = to;
    }
    return WG_OK;
}

static uint32_t to_neighbour(void *user, uint32_t old, uint32_t plane_face)
{
    const struct dissolve *d = user;

    return old == d->face ? d->to[plane_face] : old;
}

enum wg_status wg_coverage_dissolve(struct wg_coverage *coverage, int64_t grid,
                                    struct wg_error *err)
{
    struct wg_overlay_job o;
    struct dissolve d = {.o = &o};
    enum wg_status s = wg_overlay_face(coverage, grid, &d.face, err);

    wg_overlay_begin(&o, coverage);
    if (s == WG_OK)
        s = wg_overlay_make(&o, d.face, err);
    if (s == WG_OK)
        s = choose(&d, err);
    if (s == WG_OK) {
        struct wg_face_words words = wg_face_words(coverage, d.face);
        struct wg_overlay_edit edit = {.op = "dissolve",
                                       .arguments = words.text,
                                       .fn = to_neighbour,
                                       .user = &d,
                                       .like = WG_NONE,
                                       .gone = d.face};
        s = wg_overlay_run(&o, &edit, err);
    }
    free(d.border);
    free(d.to);
    wg_overlay_finish(&o);
    return s;
}
