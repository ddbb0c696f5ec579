/* Children in their parents: what lies outside, what nobody fills. */
#include <math.h>
#include <string.h>

#include "check_job.h"
#include "internal.h"

/* The parents of one level (labels below n_parent) and all their children of another. */
struct nest {
    struct wg_check_job *job;
    struct wg_cover cover;
    uint32_t n, n_parent;
    const struct wg_multipolygon **mp;
    size_t *grid;    /* of each label */
    uint32_t *label; /* of each grid that is a parent here */
};

/* Faces with what is wrong about them: a grid's, sorted by grid. */
struct fault {
    uint32_t label, face;
};

static int by_label(const void *a, const void *b)
{
    const struct fault *p = a, *q = b;
    if (p->label != q->label)
        return p->label < q->label ? -1 : 1;
    return p->face < q->face ? -1 : p->face > q->face;
}

static uint32_t parent_of(const struct nest *t, uint32_t child)
{
    return t->label[t->job->grid[t->grid[child]].parent];
}

/* Children that lie in a face without their parent. */
static enum wg_status gather(const struct nest *t, struct fault **outside,
                             size_t *n_outside, struct fault **unfilled,
                             size_t *n_unfilled)
{
    size_t cap = 0, cap_unfilled = 0;
    for (uint32_t f = 1; f < t->cover.map.n_face; f++) {
        uint32_t n;
        const uint32_t *label = wg_cover_labels(&t->cover, f, &n);
        for (uint32_t i = 0; i < n; i++) {
            bool child = label[i] >= t->n_parent, met = false;
            for (uint32_t k = 0; k < n; k++)
                met |=
                    child ? label[k] == parent_of(t, label[i])
                          : label[k] >= t->n_parent && parent_of(t, label[k]) == label[i];
            if (met)
                continue;
            struct fault **list = child ? outside : unfilled;
            size_t *m = child ? n_outside : n_unfilled;
            if (!wg_grow((void **)list, child ? &cap : &cap_unfilled, *m + 1,
                         sizeof **list))
                return wg_fail_memory(t->job->err);
            (*list)[(*m)++] = (struct fault){label[i], f};
        }
    }
    if (*n_outside)
        qsort(*outside, *n_outside, sizeof **outside, by_label);
    if (*n_unfilled)
        qsort(*unfilled, *n_unfilled, sizeof **unfilled, by_label);
    return WG_OK;
}

static enum wg_status tell_outside(struct nest *t, uint32_t label, size_t n,
                                   const uint32_t *face)
{
    struct wg_check_job *job = t->job;
    const struct wg_check_grid *g = &job->grid[t->grid[label]];
    const struct wg_check_grid *parent = &job->grid[g->parent];
    struct wg_check_area area;
    enum wg_status st = wg_check_measure(job, &t->cover, n, face, &area);
    if (!st && !wg_check_is_small(job, &area)) {
        struct wg_finding f =
            wg_check_finding(WG_RULE_OUTSIDE_PARENT, g, area.area_m2,
                             _("Correct its boundary or its parent's, or its parent."));
        f.other = parent->row.id;
        f.other_code = parent->row.code;
        f.x = area.place.x;
        f.y = area.place.y;
        f.width = area.width_m;
        f.area = &area.polygon;
        wg_check_tell(job, &f, _("%.2f m² of grid %s lie outside its parent %s."),
                      area.area_m2, g->row.code, parent->row.code);
    }
    wg_multipolygon_finish(&area.polygon);
    return st;
}

/* Which share of a face's outline is the parent's own: beyond it the parent is not. */
static double share_of_parent(const struct nest *t, uint32_t face, uint32_t parent)
{
    const struct wg_arrangement *map = &t->cover.map;
    double all = 0, own = 0;
    for (uint32_t k = t->cover.face_first[face]; k < t->cover.face_first[face + 1]; k++) {
        uint32_t s = t->cover.face_segment[k], n;
        uint32_t other = map->left[s] == face ? map->right[s] : map->left[s];
        const uint32_t *label = wg_cover_labels(&t->cover, other, &n);
        struct wg_spot a = map->spot[map->a[s]], b = map->spot[map->b[s]];
        double length = hypot((double)a.x - b.x, (double)a.y - b.y);
        bool inside = false;
        for (uint32_t i = 0; i < n; i++)
            inside |= label[i] == parent;
        all += length;
        own += inside ? 0 : length;
    }
    return all > 0 ? own / all : 0;
}

/* Between the children it is a gap; along the parent's edge they do not fill it. */
static enum wg_status tell_unfilled(struct nest *t, uint32_t label, uint32_t face)
{
    struct wg_check_job *job = t->job;
    const struct wg_check_grid *parent = &job->grid[t->grid[label]];
    struct wg_check_area area;
    enum wg_status st = wg_check_measure(job, &t->cover, 1, &face, &area);
    if (!st && !wg_check_is_small(job, &area)) {
        bool gap = share_of_parent(t, face, label) < 0.1;
        enum wg_rule rule = wg_check_is_sliver(job, &area) ? WG_RULE_SLIVER
                            : gap                          ? WG_RULE_GAP
                                                           : WG_RULE_UNFILLED;
        struct wg_finding f =
            wg_check_finding(rule, parent, area.area_m2,
                             _("Give it to a neighbour, or draw a grid there."));
        f.x = area.place.x;
        f.y = area.place.y;
        f.width = area.width_m;
        f.area = &area.polygon;
        wg_check_tell(job, &f,
                      _("%.2f m² of %s, %.3f m wide, belong to none of its grids."),
                      area.area_m2, parent->row.code, area.width_m);
    }
    wg_multipolygon_finish(&area.polygon);
    return st;
}

static enum wg_status tell_all(struct nest *t)
{
    struct fault *outside = NULL, *unfilled = NULL;
    size_t n_outside = 0, n_unfilled = 0;
    uint32_t *face = NULL;
    struct wg_check_job *job = t->job;
    enum wg_status st = gather(t, &outside, &n_outside, &unfilled, &n_unfilled);
    if (!st && !(face = malloc((n_outside + 1) * sizeof *face)))
        st = wg_fail_memory(job->err);
    for (size_t i = 0, j; i < n_outside && !st && !job->stopped; i = j) {
        for (j = i; j < n_outside && outside[j].label == outside[i].label; j++)
            face[j - i] = outside[j].face;
        st = tell_outside(t, outside[i].label, j - i, face);
    }
    for (size_t i = 0; i < n_unfilled && !st && !job->stopped; i++)
        st = tell_unfilled(t, unfilled[i].label, unfilled[i].face);
    free(outside);
    free(unfilled);
    free(face);
    return st;
}

static enum wg_status check_nest(struct wg_check_job *job, int up, int down)
{
    struct nest t = {.job = job};
    size_t room = job->n_grid ? job->n_grid : 1;
    enum wg_status st = WG_OK;
    t.mp = malloc(room * sizeof *t.mp);
    t.grid = malloc(room * sizeof *t.grid);
    t.label = malloc(room * sizeof *t.label);
    if (!t.mp || !t.grid || !t.label)
        st = wg_fail_memory(job->err);
    memset(t.label, 0xff, room * sizeof *t.label);
    for (size_t i = 0; !st && i < job->n_grid; i++) {
        const struct wg_check_grid *g = &job->grid[i];
        if (g->row.level != down || g->parent < 0 || g->far)
            continue;
        const struct wg_check_grid *p = &job->grid[g->parent];
        if (p->row.level != up || p->far || t.label[g->parent] != UINT32_MAX)
            continue;
        t.label[g->parent] = t.n;
        t.grid[t.n] = (size_t)g->parent;
        t.mp[t.n++] = &p->row.geometry;
    }
    t.n_parent = t.n;
    for (size_t i = 0; !st && i < job->n_grid; i++) {
        const struct wg_check_grid *g = &job->grid[i];
        if (g->row.level != down || g->parent < 0 || g->far ||
            t.label[g->parent] == UINT32_MAX)
            continue;
        t.grid[t.n] = i;
        t.mp[t.n++] = &g->row.geometry;
    }
    if (!st && t.n_parent)
        st = wg_check_cover(job, t.n, t.mp, &t.cover);
    if (!st && t.n_parent)
        st = wg_cover_face_segments(&t.cover, job->err);
    if (!st && t.n_parent)
        st = tell_all(&t);
    wg_cover_finish(&t.cover);
    free(t.mp);
    free(t.grid);
    free(t.label);
    return st;
}

enum wg_status wg_check_nests(struct wg_check_job *job)
{
    enum wg_status st = WG_OK;
    for (int up = WG_LEVEL_CITY; up < WG_LEVEL_MICRO_GRID; up++)
        for (int down = up + 1; down <= WG_LEVEL_MICRO_GRID && !st && !job->stopped;
             down++)
            st = check_nest(job, up, down);
    return st;
}
