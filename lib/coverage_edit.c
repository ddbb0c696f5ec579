/* Owns the edit: taking and putting segments, and the checks that let it pass. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "coverage_inside.h"

/* ---- refusals ---- */

static const char *const reasons[] = {
    "nothing",    "crossing",  "collapse", "island", "limit", "no-such",
    "not-beside", "no-effect", "not-free", "cuts",   "node",
};

const char *wg_refusal_name(enum wg_refusal_reason reason)
{
    return (size_t)reason < sizeof reasons / sizeof *reasons ? reasons[reason] : NULL;
}

const struct wg_refusal *wg_coverage_refusal(const struct wg_coverage *c)
{
    return &c->refusal;
}

void wg_refusal_clear(struct wg_coverage *c)
{
    wg_line_finish(&c->refusal.crossed);
    wg_line_finish(&c->refusal.proposal);
    c->refusal = (struct wg_refusal){.x = NAN, .y = NAN, .text = "", .cure = ""};
}

static bool set_line(const struct wg_coverage *c, struct wg_line *line, size_t n,
                     const struct wg_spot *spot)
{
    wg_line_finish(line);
    line->x = malloc((n + 1) * sizeof *line->x);
    line->y = malloc((n + 1) * sizeof *line->y);
    if (!line->x || !line->y) {
        wg_line_finish(line);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        struct wg_point p = wg_lattice_point(&c->lattice, spot[i]);
        line->x[i] = p.x;
        line->y[i] = p.y;
    }
    line->n = (uint32_t)n;
    return true;
}

void wg_refuse_propose(struct wg_coverage *c, size_t n, const struct wg_spot *line)
{
    set_line(c, &c->refusal.proposal, n, line);
}

void wg_refuse_building(struct wg_coverage *c, int64_t building)
{
    c->refusal.building = building;
}

static int64_t id_of(const struct wg_coverage *c, uint32_t face)
{
    return face == WG_NONE ? 0 : c->face[face].id;
}

enum wg_status wg_refuse(struct wg_coverage *c, enum wg_refusal_reason reason,
                         struct wg_spot at, uint32_t face, uint32_t other,
                         const char *cure, struct wg_error *err, const char *format, ...)
{
    struct wg_point p = wg_lattice_point(&c->lattice, at);
    int64_t grid = id_of(c, face), second = id_of(c, other);
    va_list args;
    /* The words first: they may be those of a grid that goes with the edit. */
    va_start(args, format);
    vsnprintf(c->refusal_text, sizeof c->refusal_text, format, args);
    va_end(args);
    snprintf(c->refusal_cure, sizeof c->refusal_cure, "%s", cure ? cure : "");
    if (c->editing)
        wg_edit_abandon(c);
    wg_refusal_clear(c);
    c->refusal.reason = reason;
    c->refusal.x = p.x;
    c->refusal.y = p.y;
    c->refusal.grid = grid;
    c->refusal.other = second;
    c->refusal.text = c->refusal_text;
    c->refusal.cure = c->refusal_cure;
    return wg_fail_at(err, WG_CONSTRAINT, p.x, p.y, cure ? "%s  %s" : "%s%s",
                      c->refusal_text, c->refusal_cure);
}

/* ---- begin … put ---- */

void wg_edit_begin(struct wg_coverage *c, const char *op, const char *format, ...)
{
    va_list args;
    wg_edit_abandon(c);
    c->taken.n = 0;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args); /* a sketch may be long */
    va_end(args);
    c->now.op = op;
    c->now.arguments = n < 0 ? NULL : malloc((size_t)n + 1);
    if (c->now.arguments) {
        va_start(args, format);
        vsnprintf(c->now.arguments, (size_t)n + 1, format, args);
        va_end(args);
    }
    c->broken = !c->now.arguments;
    c->editing = true;
}

uint32_t wg_edit_new_grid(struct wg_coverage *c, uint32_t like,
                          const struct wg_new_grid *as)
{
    static const struct wg_new_grid none = {0};
    struct wg_face f = {.kind = WG_FACE_GRID, .level = WG_LEVEL_GRID};
    if (!as)
        as = &none;
    if (like != WG_NONE) {
        f.level = c->face[like].level ? c->face[like].level : WG_LEVEL_GRID;
        f.parent = c->face[like].parent;
        f.grid_kind = c->face[like].grid_kind;
    }
    f.code = (char *)as->code;
    f.name = (char *)as->name;
    if (as->kind)
        f.grid_kind = (char *)as->kind;
    if (as->level)
        f.level = as->level;
    if (as->parent)
        f.parent = as->parent;
    f.id = --c->last_new;
    uint32_t face = wg_coverage_add_face(c, &f);
    if (face == WG_NONE || !wg_numbers_add(&c->now.begun, face)) {
        c->broken = true;
        return 0;
    }
    c->unborn[face] = true;
    c->listed = false;
    return face;
}

void wg_edit_end_grid(struct wg_coverage *c, uint32_t face)
{
    if (!wg_numbers_add(&c->now.ended, face))
        c->broken = true;
}

static struct wg_cut cut_of(const struct wg_coverage *c, uint32_t s)
{
    const struct wg_segment *g = &c->segment[s];
    return (struct wg_cut){c->spot[g->a], c->spot[g->b], g->left, g->right};
}

void wg_edit_take(struct wg_coverage *c, uint32_t segment)
{
    if (!wg_segment_lives(c, segment))
        c->stale = true;
    else if (!wg_cuts_add(&c->now.take, cut_of(c, segment)))
        c->broken = true;
}

void wg_edit_put(struct wg_coverage *c, struct wg_spot a, struct wg_spot b, uint32_t left,
                 uint32_t right)
{
    struct wg_cut cut = {a, b, left, right};
    if (left == right || wg_spot_equal(a, b))
        return;
    if (!wg_spot_before(a, b))
        cut = (struct wg_cut){b, a, right, left};
    if (!wg_cuts_add(&c->now.put, cut))
        c->broken = true;
}

/* The grids it made were the last ones; their ids were never seen. */
static void drop_begun(struct wg_coverage *c)
{
    while (c->now.begun.n > 0) {
        c->now.begun.n--;
        wg_coverage_pop_face(c);
        c->last_new++;
    }
}

/* Everything as at begin: nothing but new faces has been written yet. */
void wg_edit_abandon(struct wg_coverage *c)
{
    drop_begun(c);
    wg_edit_step_finish(&c->now);
    c->editing = false;
    c->broken = c->stale = false;
}

/* ---- what is left when what comes and goes is left out ---- */

static int compare_cuts(const void *a, const void *b)
{
    const struct wg_cut *p = a, *q = b;
    if (!wg_spot_equal(p->a, q->a))
        return wg_spot_before(p->a, q->a) ? -1 : 1;
    if (!wg_spot_equal(p->b, q->b))
        return wg_spot_before(p->b, q->b) ? -1 : 1;
    if (p->left != q->left)
        return p->left < q->left ? -1 : 1;
    return (p->right > q->right) - (p->right < q->right);
}

static void sort_cuts(struct wg_cuts *cuts)
{
    size_t n = 0;
    if (cuts->n > 1)
        qsort(cuts->at, cuts->n, sizeof *cuts->at, compare_cuts);
    for (size_t i = 0; i < cuts->n; i++)
        if (n == 0 || compare_cuts(&cuts->at[n - 1], &cuts->at[i]) != 0)
            cuts->at[n++] = cuts->at[i];
    cuts->n = n;
}

static void cancel_cuts(struct wg_cuts *take, struct wg_cuts *put)
{
    size_t i = 0, j = 0, n = 0, m = 0;
    sort_cuts(take);
    sort_cuts(put);
    while (i < take->n || j < put->n) {
        int order = i == take->n  ? 1
                    : j == put->n ? -1
                                  : compare_cuts(&take->at[i], &put->at[j]);
        if (order < 0)
            take->at[n++] = take->at[i++];
        else if (order > 0)
            put->at[m++] = put->at[j++];
        else
            i++, j++;
    }
    take->n = n;
    put->n = m;
}

static bool touch(struct wg_coverage *c, uint32_t face, struct wg_numbers *list)
{
    for (size_t i = list->n; i-- > 0 && i + 8 > list->n;)
        if (list->at[i] == face)
            return true;
    return face == 0 || wg_numbers_add(list, face) || (c->broken = true, false);
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

/* The faces of what is taken and put, each once, with their versions. */
static bool list_touched(struct wg_coverage *c)
{
    struct wg_numbers list = {0};
    const struct wg_cuts *both[] = {&c->now.take, &c->now.put};
    size_t n = 0;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++)
            if (!touch(c, both[k]->at[i].left, &list) ||
                !touch(c, both[k]->at[i].right, &list))
                goto out;
    const struct wg_numbers *grids[] = {&c->now.begun, &c->now.ended};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < grids[k]->n; i++)
            if (!touch(c, grids[k]->at[i], &list))
                goto out;
    if (list.n)
        qsort(list.at, list.n, sizeof *list.at, compare_numbers);
    c->now.touched = malloc((list.n + 1) * sizeof *c->now.touched);
    if (!c->now.touched)
        goto out;
    for (size_t i = 0; i < list.n; i++)
        if (i == 0 || list.at[i] != list.at[i - 1])
            c->now.touched[n++] = (struct wg_touched){
                list.at[i], c->face[list.at[i]].version, ++c->last_version};
    c->now.n_touched = n;
out:
    c->broken = c->broken || !c->now.touched;
    free(list.at);
    return !c->broken;
}

/* ---- words ---- */

static const char *name_of(const struct wg_coverage *c, uint32_t face, char *room,
                           size_t size)
{
    const struct wg_face *f = &c->face[face];
    if (f->kind == WG_FACE_OUTSIDE)
        return _("the outside");
    if (f->kind == WG_FACE_FREE)
        return _("the free area");
    if (f->code)
        return f->code;
    snprintf(room, size, _("new grid %lld"), (long long)f->id);
    return room;
}

/* A grid of two faces to name, the other being possibly the outside. */
static void two_faces(const struct wg_segment *s, uint32_t *face, uint32_t *other)
{
    *face = s->left ? s->left : s->right;
    *other = s->left ? s->right : s->left;
}

/* ---- 1: nothing crosses ---- */

struct crossing {
    struct wg_coverage *c;
    uint32_t segment, other;
    enum wg_meeting meeting;
};

static bool meets_wrongly(uint32_t s, void *user)
{
    struct crossing *x = user;
    const struct wg_segment *g = &x->c->segment[x->segment], *h = &x->c->segment[s];
    if (s == x->segment)
        return true;
    x->meeting = wg_spot_meet(x->c->spot[g->a], x->c->spot[g->b], x->c->spot[h->a],
                              x->c->spot[h->b]);
    if (x->meeting == WG_APART || x->meeting == WG_SHARE_END)
        return true;
    x->other = s;
    return false;
}

static struct wg_spot place_of(const struct wg_coverage *c, const struct crossing *x)
{
    const struct wg_segment *g = &c->segment[x->segment], *h = &c->segment[x->other];
    struct wg_spot p[4] = {c->spot[g->a], c->spot[g->b], c->spot[h->a], c->spot[h->b]};
    if (x->meeting == WG_CROSS)
        return wg_spot_crossing(p[0], p[1], p[2], p[3]);
    for (int i = 0; i < 4; i++) {
        struct wg_spot a = p[i < 2 ? 2 : 0], b = p[i < 2 ? 3 : 1];
        if (wg_spot_cross(a, b, p[i]) == 0 && wg_spot_between(a, b, p[i]))
            return p[i];
    }
    return p[0];
}

static enum wg_status check_crossings(struct wg_coverage *c, const struct wg_numbers *put,
                                      struct wg_error *err)
{
    for (size_t i = 0; i < put->n; i++) {
        struct crossing x = {c, put->at[i], WG_NONE, WG_APART};
        struct wg_spot a = c->spot[c->segment[x.segment].a];
        struct wg_spot b = c->spot[c->segment[x.segment].b];
        struct wg_spot min = {a.x < b.x ? a.x : b.x, a.y},
                       max = {a.x < b.x ? b.x : a.x, b.y};
        char one[64], two[64];
        uint32_t face, other;
        wg_coverage_near(c, min, max, meets_wrongly, &x);
        if (x.other == WG_NONE)
            continue;
        struct wg_spot at = place_of(c, &x);
        struct wg_point p = wg_lattice_point(&c->lattice, at);
        struct wg_spot crossed[2] = {c->spot[c->segment[x.other].a],
                                     c->spot[c->segment[x.other].b]};
        two_faces(&c->segment[x.other], &face, &other);
        wg_refuse(
            c, WG_REFUSED_CROSSING, at, face, other,
            _("Lead it another way, or move what is in the way first."), err,
            x.meeting == WG_CROSS
                ? _("The new boundary would cross that between %s and %s at %.3f %.3f.")
                : _("The new boundary would touch that between %s and %s at %.3f %.3f."),
            name_of(c, face, one, sizeof one), name_of(c, other, two, sizeof two), p.x,
            p.y);
        set_line(c, &c->refusal.crossed, 2, crossed);
        return WG_CONSTRAINT;
    }
    return WG_OK;
}

/* ---- 2: the faces agree around every vertex ---- */

static uint32_t left_of(const struct wg_coverage *c, uint32_t s, uint32_t from)
{
    return c->segment[s].a == from ? c->segment[s].left : c->segment[s].right;
}

static uint32_t right_of(const struct wg_coverage *c, uint32_t s, uint32_t from)
{
    return c->segment[s].a == from ? c->segment[s].right : c->segment[s].left;
}

static enum wg_status refuse_sides(struct wg_coverage *c, uint32_t vertex, uint32_t face,
                                   uint32_t other, struct wg_error *err)
{
    char one[64], two[64];
    struct wg_spot at = c->spot[vertex];
    struct wg_point p = wg_lattice_point(&c->lattice, at);
    return wg_refuse(
        c, WG_REFUSED_COLLAPSE, at, face, other, _("Move less, or the other way round."),
        err, _("At %.3f %.3f the areas of %s and %s would turn inside out."), p.x, p.y,
        name_of(c, face, one, sizeof one), name_of(c, other, two, sizeof two));
}

static enum wg_status check_vertex(struct wg_coverage *c, uint32_t vertex,
                                   struct wg_error *err)
{
    uint32_t few[16], *around = few, cap = 16;
    uint32_t n = wg_coverage_around(c, vertex, cap, around);
    enum wg_status status = WG_OK;
    if (n > cap) {
        around = malloc(n * sizeof *around);
        if (!around)
            return wg_fail_memory(err);
        wg_coverage_around(c, vertex, n, around);
    }
    for (uint32_t i = 0; !status && i < n; i++) {
        uint32_t here = left_of(c, around[i], vertex);
        uint32_t there = right_of(c, around[(i + 1) % n], vertex);
        if (here != there)
            status = refuse_sides(c, vertex, here, there, err);
    }
    if (around != few)
        free(around);
    return status;
}

static enum wg_status check_sides(struct wg_coverage *c, struct wg_error *err)
{
    const struct wg_cuts *both[] = {&c->now.take, &c->now.put};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++)
            for (int end = 0; end < 2; end++) {
                struct wg_spot at = end ? both[k]->at[i].b : both[k]->at[i].a;
                uint32_t vertex = wg_coverage_vertex_at(c, at);
                enum wg_status status =
                    vertex == WG_NONE ? WG_OK : check_vertex(c, vertex, err);
                if (status)
                    return status;
            }
    return WG_OK;
}

/* ---- 3: islands lie in the face they say ---- */

/* No segment of the vertex goes east, or straight up. */
static bool is_easternmost(const struct wg_coverage *c, uint32_t vertex)
{
    struct wg_spot v = c->spot[vertex];
    for (uint32_t s = c->first[vertex]; s != WG_NONE;
         s = c->link[s].next[c->segment[s].a == vertex ? 0 : 1]) {
        struct wg_spot o = c->spot[c->segment[s].a ^ c->segment[s].b ^ vertex];
        if (o.x > v.x || (o.x == v.x && o.y > v.y))
            return false;
    }
    return true;
}

struct islands {
    struct wg_coverage *c;
    struct wg_spot min, max;
    struct wg_numbers vertex;
};

static bool list_ends(uint32_t s, void *user)
{
    struct islands *l = user;
    for (int end = 0; end < 2; end++) {
        uint32_t v = end ? l->c->segment[s].b : l->c->segment[s].a;
        struct wg_spot p = l->c->spot[v];
        if (p.x < l->min.x || p.x > l->max.x || p.y < l->min.y || p.y > l->max.y ||
            !is_easternmost(l->c, v))
            continue;
        if (!wg_numbers_add(&l->vertex, v))
            l->c->broken = true;
    }
    return true;
}

static uint32_t east_face(const struct wg_coverage *c, uint32_t vertex)
{
    uint32_t one = c->first[vertex], best = one;
    struct wg_spot from = c->spot[vertex];
    for (uint32_t s = one; s != WG_NONE;
         s = c->link[s].next[c->segment[s].a == vertex ? 0 : 1]) {
        struct wg_spot p = c->spot[c->segment[s].a ^ c->segment[s].b ^ vertex];
        struct wg_spot q = c->spot[c->segment[best].a ^ c->segment[best].b ^ vertex];
        if (wg_spot_angle_compare(from, p, q) < 0)
            best = s;
    }
    return right_of(c, best, vertex);
}

enum wg_status wg_coverage_check_island(struct wg_coverage *c, uint32_t vertex,
                                        struct wg_error *err)
{
    char one[64], two[64];
    uint32_t says = east_face(c, vertex), is = wg_coverage_ray(c, c->spot[vertex], NULL);
    if (says == is)
        return WG_OK;
    struct wg_point p = wg_lattice_point(&c->lattice, c->spot[vertex]);
    return wg_refuse(
        c, WG_REFUSED_ISLAND, c->spot[vertex], says, is,
        _("Lead it around, or move the island first."), err,
        _("The boundary would jump over what lies at %.3f %.3f: it would be in "
          "%s, no longer in %s."),
        p.x, p.y, name_of(c, is, one, sizeof one), name_of(c, says, two, sizeof two));
}

static enum wg_status check_islands(struct wg_coverage *c, struct wg_error *err)
{
    struct islands l = {
        .c = c, .min = {INT32_MAX, INT32_MAX}, .max = {INT32_MIN, INT32_MIN}};
    const struct wg_cuts *both[] = {&c->now.take, &c->now.put};
    enum wg_status status = WG_OK;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++)
            for (int end = 0; end < 2; end++) {
                struct wg_spot p = end ? both[k]->at[i].b : both[k]->at[i].a;
                l.min.x = p.x < l.min.x ? p.x : l.min.x;
                l.min.y = p.y < l.min.y ? p.y : l.min.y;
                l.max.x = p.x > l.max.x ? p.x : l.max.x;
                l.max.y = p.y > l.max.y ? p.y : l.max.y;
            }
    wg_coverage_near(c, l.min, l.max, list_ends, &l);
    for (size_t i = 0; !status && i < l.vertex.n; i++)
        status = wg_coverage_check_island(c, l.vertex.at[i], err);
    free(l.vertex.at);
    return status;
}

/* ---- 4: no grid vanishes, and fixed boundaries stay ---- */

static bool is_ended_now(const struct wg_coverage *c, uint32_t face)
{
    for (size_t i = 0; i < c->now.ended.n; i++)
        if (c->now.ended.at[i] == face)
            return true;
    return false;
}

/* Where a face lost or gained something. */
static struct wg_spot place_of_face(const struct wg_coverage *c, uint32_t f)
{
    const struct wg_cuts *both[] = {&c->now.take, &c->now.put};
    struct wg_spot at = {0, 0};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++) {
            at = both[k]->at[i].a;
            if (both[k]->at[i].left == f || both[k]->at[i].right == f)
                return at;
        }
    return at;
}

static enum wg_status check_faces(struct wg_coverage *c, struct wg_error *err)
{
    for (size_t i = 0; i < c->now.n_touched; i++) {
        uint32_t f = c->now.touched[i].face;
        const struct wg_face *face = &c->face[f];
        bool ended = is_ended_now(c, f);
        if (face->kind != WG_FACE_GRID ||
            (face->area2 > 0 && face->n_segment > 0) != ended)
            continue;
        char name[64];
        struct wg_spot at = place_of_face(c, f);
        return wg_refuse(c, WG_REFUSED_COLLAPSE, at, f, WG_NONE,
                         _("To give all of a grid away, merge it."), err,
                         _("Nothing would be left of grid %s."),
                         name_of(c, f, name, sizeof name));
    }
    return WG_OK;
}

static enum wg_status check_fixed(struct wg_coverage *c, struct wg_error *err)
{
    char one[64], two[64];
    struct wg_spot at;
    uint32_t face, other;
    if (c->parents_follow ||
        wg_check_fixed(c, &c->now.take, &c->now.put, &at, &face, &other))
        return WG_OK;
    struct wg_point p = wg_lattice_point(&c->lattice, at);
    return wg_refuse(
        c, WG_REFUSED_LIMIT, at, face ? face : other, face ? other : face,
        _("Let the parents follow, or stay inside the parent."), err,
        _("The boundary between %s and %s at %.3f %.3f is also their parents' "
          "boundary or the outer limit."),
        name_of(c, face, one, sizeof one), name_of(c, other, two, sizeof two), p.x, p.y);
}

/* ---- end ---- */

/* Put in what the edit puts; *put the segments. */
static enum wg_status apply(struct wg_coverage *c, struct wg_numbers *put,
                            struct wg_error *err)
{
    for (size_t i = 0; i < c->now.take.n; i++) {
        uint32_t s = wg_coverage_find_cut(c, &c->now.take.at[i]);
        if (s == WG_NONE)
            return wg_fail(err, WG_INTERNAL, "%s", c->now.op);
        wg_coverage_drop_segment(c, s);
    }
    for (size_t i = 0; i < c->now.put.n; i++) {
        uint32_t s = wg_coverage_add_segment(c, &c->now.put.at[i]);
        if (s == WG_NONE || !wg_numbers_add(put, s))
            return wg_fail_memory(err);
    }
    return WG_OK;
}

static enum wg_status check(struct wg_coverage *c, const struct wg_numbers *put,
                            struct wg_error *err)
{
    enum wg_status status = check_crossings(c, put, err);
    if (!status)
        status = check_sides(c, err);
    if (!status)
        status = check_faces(c, err);
    if (!status)
        status = check_islands(c, err);
    return status;
}

/* In reverse, so that segments and vertices have the numbers they had. */
static void take_back(struct wg_coverage *c, const struct wg_numbers *put, size_t n_taken)
{
    for (size_t i = put->n; i-- > 0;)
        wg_coverage_drop_segment(c, put->at[i]);
    for (size_t i = n_taken; i-- > 0;)
        wg_coverage_add_segment(c, &c->now.take.at[i]);
}

/* Apply what is open and check it; what fails is taken back. */
static enum wg_status try_edit(struct wg_coverage *c, struct wg_numbers *put,
                               struct wg_error *err)
{
    struct wg_spot at = {0, 0};
    enum wg_status status = WG_OK;
    c->editing = false;
    if (c->now.take.n || c->now.put.n)
        at = c->now.take.n ? c->now.take.at[0].a : c->now.put.at[0].a;
    cancel_cuts(&c->now.take, &c->now.put);
    if (c->stale)
        status = wg_fail(err, WG_INTERNAL, "%s: %s", c->now.op,
                         _("A segment was taken that is not there."));
    else if (c->broken || !list_touched(c))
        status = wg_fail_memory(err);
    else if (c->now.take.n == 0 && c->now.put.n == 0 && c->now.ended.n == 0)
        status = wg_refuse(c, WG_REFUSED_NO_EFFECT, at, WG_NONE, WG_NONE, NULL, err, "%s",
                           _("Nothing would change."));
    if (!status)
        status = check_fixed(c, err);
    if (status)
        return status;
    status = apply(c, put, err);
    if (!status)
        status = check(c, put, err);
    if (!status && c->broken)
        status = wg_fail_memory(err);
    if (status)
        take_back(c, put, c->now.take.n);
    return status;
}

/* The refusal of before stays, whatever the checks say now. */
bool wg_edit_passes(struct wg_coverage *c)
{
    struct wg_numbers put = {0};
    struct wg_refusal before = c->refusal;
    char text[sizeof c->refusal_text], cure[sizeof c->refusal_cure];
    memcpy(text, c->refusal_text, sizeof text);
    memcpy(cure, c->refusal_cure, sizeof cure);
    c->refusal = (struct wg_refusal){.text = "", .cure = ""};
    bool passes = try_edit(c, &put, NULL) == WG_OK;
    if (passes)
        take_back(c, &put, c->now.take.n);
    wg_edit_abandon(c);
    wg_refusal_clear(c);
    c->refusal = before;
    memcpy(c->refusal_text, text, sizeof text);
    memcpy(c->refusal_cure, cure, sizeof cure);
    free(put.at);
    return passes;
}

enum wg_status wg_edit_end(struct wg_coverage *c, struct wg_error *err)
{
    struct wg_numbers put = {0};
    wg_refusal_clear(c);
    enum wg_status status = try_edit(c, &put, err);
    if (!status) {
        struct wg_edit_step *step = &c->now;
        for (size_t i = 0; i < step->begun.n; i++)
            c->unborn[step->begun.at[i]] = false;
        c->listed = c->listed && step->begun.n == 0;
        for (size_t i = 0; i < step->ended.n; i++)
            c->face[step->ended.at[i]].ended = true;
        for (size_t i = 0; i < step->n_touched; i++)
            c->face[step->touched[i].face].version = step->touched[i].after;
        if (!wg_journal_add(c, step)) {
            wg_edit_step_do(c, step, true);
            status = wg_fail_memory(err);
        }
    }
    if (status)
        drop_begun(c);
    wg_edit_step_finish(&c->now);
    c->broken = c->stale = false;
    free(put.at);
    return status;
}
