/* Owns splitting a grid, by a line and by an area. */
#include <math.h>
#include <string.h>

#include "coverage_overlay.h"
#include "internal.h"

/* ---- the line ------------------------------------------------------------------------
 */

struct sketch {
    struct wg_coverage *c;
    uint32_t face;
    struct wg_spot *spot; /* room for two more, one at each end */
    size_t n;
    bool closed;
    /* ends inside the grid that reach no boundary, and the nearest place on one */
    bool loose[2];
    struct wg_spot nearest[2];
};

/* The line on the lattice, without repeated points; spot[0] is kept free. */
static enum wg_status place_line(struct sketch *k, const struct wg_line *line,
                                 struct wg_error *err)
{
    enum wg_status s = WG_OK;

    if (!line || line->n < 2)
        return wg_fail(err, WG_INVALID, _("A line needs two points or more."));
    k->spot = malloc(((size_t)line->n + 2) * sizeof *k->spot);
    if (!k->spot)
        return wg_fail_memory(err);
    k->spot[0] = (struct wg_spot){0, 0};
    for (uint32_t i = 0; s == WG_OK && i < line->n; i++) {
        struct wg_point p = {line->x[i], line->y[i]};
        s = wg_coverage_place(k->c, p, &k->spot[k->n + 1], err);
        if (s == WG_OK && (k->n == 0 || !wg_spot_equal(k->spot[k->n], k->spot[k->n + 1])))
            k->n++;
    }
    if (s == WG_OK && k->n < 2)
        s = wg_fail(err, WG_INVALID, _("A line needs two points or more."));
    return s;
}

static bool boxes_meet(const struct wg_spot *p, const struct wg_spot *q)
{
    return !((p[0].x < q[0].x && p[0].x < q[1].x && p[1].x < q[0].x && p[1].x < q[1].x) ||
             (p[0].x > q[0].x && p[0].x > q[1].x && p[1].x > q[0].x && p[1].x > q[1].x) ||
             (p[0].y < q[0].y && p[0].y < q[1].y && p[1].y < q[0].y && p[1].y < q[1].y) ||
             (p[0].y > q[0].y && p[0].y > q[1].y && p[1].y > q[0].y && p[1].y > q[1].y));
}

/* A line that meets itself, but for a closed one in its ends. */
static enum wg_status check_simple(struct sketch *k, struct wg_error *err)
{
    const struct wg_spot *v = k->spot + 1;
    size_t n = k->n - 1;

    k->closed = n > 2 && wg_spot_equal(v[0], v[n]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            bool joined = j == i + 1 || (k->closed && i == 0 && j == n - 1);
            if (!boxes_meet(v + i, v + j))
                continue;
            enum wg_meeting how = wg_spot_meet(v[i], v[i + 1], v[j], v[j + 1]);
            if (how == WG_APART || (joined && how == WG_SHARE_END))
                continue;
            struct wg_spot at = v[j];
            if (how == WG_CROSS)
                at = wg_spot_crossing(v[i], v[i + 1], v[j], v[j + 1]);
            return wg_refuse(k->c, WG_REFUSED_CROSSING, at, k->face, WG_NONE,
                             _("Draw the line so that it nowhere meets itself."), err,
                             _("The line meets itself."));
        }
    return WG_OK;
}

/* ---- its ends -------------------------------------------------------------------------
 */

struct nearest {
    double distance;   /* steps */
    struct wg_spot at; /* on the boundary, or next to it */
    double ray;        /* how far ahead the boundary is, INFINITY: it is not */
    struct wg_spot ray_at;
};

/* The place on a–b nearest to p. */
static struct wg_spot foot(struct wg_spot a, struct wg_spot b, struct wg_spot p)
{
    double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    double t =
        (((double)p.x - a.x) * dx + ((double)p.y - a.y) * dy) / (dx * dx + dy * dy);

    t = fmin(fmax(t, 0), 1);
    return (struct wg_spot){(int32_t)lround(a.x + t * dx), (int32_t)lround(a.y + t * dy)};
}

/* Where the ray from p, away from `from`, meets a–b. */
static void ray_hit(struct wg_spot from, struct wg_spot p, struct wg_spot a,
                    struct wg_spot b, struct nearest *out)
{
    double dx = (double)p.x - from.x, dy = (double)p.y - from.y;
    double ex = (double)b.x - a.x, ey = (double)b.y - a.y;
    double det = dx * ey - dy * ex;
    double qx = (double)a.x - p.x, qy = (double)a.y - p.y;

    if (det == 0)
        return;
    double t = (qx * ey - qy * ex) / det, u = (qx * dy - qy * dx) / det;
    double length = t * hypot(dx, dy);
    if (u < 0 || u > 1 || length <= 0 || length >= out->ray)
        return;
    out->ray = length;
    out->ray_at =
        (struct wg_spot){(int32_t)lround(a.x + u * ex), (int32_t)lround(a.y + u * ey)};
}

static struct nearest find_nearest(const struct sketch *k, struct wg_spot from,
                                   struct wg_spot p)
{
    struct nearest best = {.distance = INFINITY, .ray = INFINITY};
    uint32_t s = WG_NONE;

    while ((s = wg_coverage_next_of_face(k->c, k->face, s)) != WG_NONE) {
        const struct wg_segment *seg = wg_coverage_segment(k->c, s);
        struct wg_spot a = wg_coverage_spot(k->c, seg->a),
                       b = wg_coverage_spot(k->c, seg->b);
        double d = wg_spot_distance(a, b, p);
        if (d < best.distance) {
            best.distance = d;
            best.at = foot(a, b, p);
        }
        ray_hit(from, p, a, b, &best);
    }
    return best;
}

/* Ends inside the grid go on to its boundary: straight ahead when that is near enough,
 * else to the nearest place. */
static void lead_ends(struct sketch *k, double within)
{
    struct wg_spot *v = k->spot + 1;
    size_t n = k->n;
    struct wg_spot end[2] = {v[0], v[n - 1]}, before[2] = {v[1], v[n - 2]};

    for (int e = 0; e < 2 && !k->closed; e++) {
        if (wg_coverage_face_at_spot(k->c, end[e]) != k->face)
            continue;
        struct nearest near = find_nearest(k, before[e], end[e]);
        struct wg_spot to = near.ray <= within ? near.ray_at : near.at;
        if (near.distance <= 2)
            continue; /* it is there: the overlay joins what is this close */
        if (near.ray > within && near.distance > within) {
            k->loose[e] = true;
            k->nearest[e] = near.at;
            continue;
        }
        if (e == 0) {
            k->spot[0] = to;
            k->spot--;
            k->n++;
        } else {
            k->spot[1 + k->n++] = to;
        }
    }
}

/* ---- pieces
 * ---------------------------------------------------------------------------- */

struct piece {
    double area;
    uint32_t plane_face;
    uint32_t part; /* connected parts of the grid, as it was */
    struct wg_box box;
};

struct pieces {
    struct wg_overlay_job *o;
    uint32_t face;
    struct piece *piece;
    size_t n, cap;
    uint32_t *of_face; /* piece of each face of the plane, WG_NONE */
    uint32_t *to;      /* whose each piece will be */
};

static bool add_piece(struct pieces *p, uint32_t plane_face)
{
    if (p->of_face[plane_face] != WG_NONE)
        return true;
    if (!wg_grow((void **)&p->piece, &p->cap, p->n + 1, sizeof *p->piece))
        return false;
    p->of_face[plane_face] = (uint32_t)p->n;
    p->piece[p->n] = (struct piece){p->o->plane.area[plane_face], plane_face,
                                    (uint32_t)p->n, p->o->plane.face_box[plane_face]};
    p->n++;
    return true;
}

static uint32_t part_of(struct pieces *p, uint32_t i)
{
    while (p->piece[i].part != i)
        i = p->piece[i].part = p->piece[p->piece[i].part].part;
    return i;
}

/* The faces of the plane that are the grid's, and which were one before the line. */
static bool find_pieces(struct pieces *p)
{
    const struct wg_arrangement *plane = &p->o->plane;

    p->of_face = malloc(((size_t)plane->n_face + 1) * sizeof *p->of_face);
    if (!p->of_face)
        return false;
    memset(p->of_face, 0xFF, ((size_t)plane->n_face + 1) * sizeof *p->of_face);
    for (uint32_t s = 0; s < plane->n_segment; s++) {
        bool left = p->o->left[s] == p->face, right = p->o->right[s] == p->face;
        if ((left && !add_piece(p, plane->left[s])) ||
            (right && !add_piece(p, plane->right[s])))
            return false;
        if (!left || !right)
            continue;
        uint32_t a = part_of(p, p->of_face[plane->left[s]]),
                 b = part_of(p, p->of_face[plane->right[s]]);
        p->piece[a > b ? a : b].part = a > b ? b : a;
    }
    return true;
}

/* The largest first; of equal ones the lowest, then the westernmost. */
static bool before(const struct piece *a, const struct piece *b)
{
    if (a->area != b->area)
        return a->area > b->area;
    if (a->box.min_y != b->box.min_y)
        return a->box.min_y < b->box.min_y;
    return a->box.min_x < b->box.min_x;
}

static int by_rank(const void *a, const void *b)
{
    const struct piece *const *p = a, *const *q = b;

    return before(*p, *q) ? -1 : before(*q, *p) ? 1 : 0;
}

/* In each part the largest piece stays, the others are new, the largest first; how many
 * are new, or SIZE_MAX when memory is out. */
static size_t deal(struct pieces *p)
{
    const struct piece **rank = malloc((p->n + 1) * sizeof *rank);
    bool *kept = calloc(p->n + 1, sizeof *kept);
    size_t n_new = SIZE_MAX;

    p->to = malloc((p->n + 1) * sizeof *p->to);
    if (rank && kept && p->to) {
        n_new = 0;
        for (size_t i = 0; i < p->n; i++)
            rank[i] = &p->piece[i];
        if (p->n > 1)
            qsort(rank, p->n, sizeof *rank, by_rank);
        for (size_t i = 0; i < p->n; i++) {
            uint32_t piece = (uint32_t)(rank[i] - p->piece), part = part_of(p, piece);
            p->to[piece] = kept[part] ? WG_OVERLAY_NEW + (uint32_t)n_new++ : p->face;
            kept[part] = true;
        }
    }
    free(rank);
    free(kept);
    return n_new;
}

static uint32_t to_piece(void *user, uint32_t old, uint32_t plane_face)
{
    const struct pieces *p = user;

    if (old != p->face || p->of_face[plane_face] == WG_NONE)
        return old;
    return p->to[p->of_face[plane_face]];
}

/* ---- refusals
 * --------------------------------------------------------------------------- */

static enum wg_status refuse_short(struct sketch *k, struct wg_error *err)
{
    int e = k->loose[0] ? 0 : 1;
    struct wg_spot end = k->spot[e == 0 ? 1 : k->n], *line;
    enum wg_status s =
        wg_refuse(k->c, WG_REFUSED_NO_EFFECT, end, k->face, WG_NONE,
                  _("Draw the line on to the boundary, or allow a greater distance."),
                  err, _("The line ends inside grid %s and does not cut through it."),
                  wg_face_words(k->c, k->face).text);

    line = malloc((k->n + 2) * sizeof *line);
    if (line) {
        size_t n = 0;
        if (k->loose[0])
            line[n++] = k->nearest[0];
        for (size_t i = 0; i < k->n; i++)
            line[n++] = k->spot[1 + i];
        if (k->loose[1])
            line[n++] = k->nearest[1];
        wg_refuse_propose(k->c, n, line);
    }
    free(line);
    return s;
}

static enum wg_status refuse_beside(struct sketch *k, struct wg_error *err)
{
    struct nearest best = {.distance = INFINITY};
    struct wg_spot at = k->spot[1];
    enum wg_status s;

    for (size_t i = 0; i < k->n; i++) {
        struct nearest near = find_nearest(k, k->spot[1 + i], k->spot[1 + i]);
        if (near.distance < best.distance) {
            best = near;
            at = k->spot[1 + i];
        }
    }
    s = wg_refuse(k->c, WG_REFUSED_NO_EFFECT, at, k->face, WG_NONE,
                  _("Draw the line across the grid, from boundary to boundary."), err,
                  _("The line does not cut through grid %s."),
                  wg_face_words(k->c, k->face).text);
    if (best.distance < INFINITY)
        wg_refuse_propose(k->c, 1, &best.at);
    return s;
}

/* ---- by a line
 * --------------------------------------------------------------------------- */

static enum wg_status cut_up(struct sketch *k, const struct wg_line *line,
                             struct wg_overlay_job *o, const struct wg_new_grid *as,
                             size_t cap, int64_t *made, size_t *n_made,
                             struct wg_error *err)
{
    struct pieces p = {.o = o, .face = k->face};
    char *words = wg_overlay_words(k->c, 1, &k->face, NULL, line);
    enum wg_status s = wg_overlay_add_line(o, k->n, k->spot + 1, err);
    size_t n_new = 0;

    if (s == WG_OK && !words)
        s = wg_fail_memory(err);
    if (s == WG_OK)
        s = wg_overlay_make(o, k->face, err);
    if (s == WG_OK && (!find_pieces(&p) || (n_new = deal(&p)) == SIZE_MAX))
        s = wg_fail_memory(err);
    if (s == WG_OK && n_new == 0)
        s = k->loose[0] || k->loose[1] ? refuse_short(k, err) : refuse_beside(k, err);
    if (s == WG_OK) {
        struct wg_overlay_edit edit = {.op = "split",
                                       .arguments = words,
                                       .fn = to_piece,
                                       .user = &p,
                                       .n_new = (uint32_t)n_new,
                                       .like = k->face,
                                       .as = as,
                                       .made = made,
                                       .cap = cap};
        s = wg_overlay_run(o, &edit, err);
    }
    if (s == WG_OK && n_made)
        *n_made = n_new;
    free(words);
    free(p.piece);
    free(p.of_face);
    free(p.to);
    return s;
}

enum wg_status wg_coverage_split(struct wg_coverage *coverage, int64_t grid,
                                 const struct wg_line *line, double within_m,
                                 const struct wg_new_grid *as, size_t cap, int64_t *made,
                                 size_t *n_made, struct wg_error *err)
{
    struct sketch k = {.c = coverage};
    struct wg_overlay_job o;
    struct wg_spot *room = NULL;
    enum wg_status s = wg_overlay_face(coverage, grid, &k.face, err);

    wg_overlay_begin(&o, coverage);
    if (s == WG_OK && !(within_m >= 0 && within_m < INFINITY))
        s = wg_fail(err, WG_INVALID, _("The distance must be 0 or more metres."));
    if (s == WG_OK)
        s = wg_overlay_check_code(coverage, as, err);
    if (s == WG_OK)
        s = place_line(&k, line, err);
    room = k.spot;
    if (s == WG_OK)
        s = check_simple(&k, err);
    if (s == WG_OK) {
        lead_ends(&k, within_m / WG_LATTICE_STEP);
        s = cut_up(&k, line, &o, as, cap, made, n_made, err);
    }
    wg_overlay_finish(&o);
    free(room);
    return s;
}

/* ---- by an area
 * -------------------------------------------------------------------------- */

struct halves {
    const struct wg_overlay_job *o;
    uint32_t face, inside,
        outside; /* who gets what of the grid lies inside, and outside */
};

static uint32_t to_half(void *user, uint32_t old, uint32_t plane_face)
{
    const struct halves *h = user;

    if (old != h->face)
        return old;
    return wg_overlay_inside(h->o, plane_face) ? h->inside : h->outside;
}

static enum wg_status split_area(struct wg_overlay_job *o, uint32_t face,
                                 const struct wg_new_grid *as, const char *words,
                                 int64_t *made, struct wg_error *err)
{
    struct halves h = {o, face, WG_OVERLAY_NEW, face};
    int64_t all = wg_coverage_get_face(o->c, face)->area2, inside;
    enum wg_status s = wg_overlay_plan(o, to_half, &h, true, err);

    if (s != WG_OK)
        return s;
    inside = wg_overlay_growth(o, WG_OVERLAY_NEW);
    if (inside <= 0 || inside >= all) {
        struct wg_spot at = o->drawn[0].a;
        return wg_refuse(o->c, WG_REFUSED_NO_EFFECT, at, face, WG_NONE,
                         _("Draw an area that has a part of the grid."), err,
                         inside <= 0
                             ? _("The area has nothing of grid %s.")
                             : _("The area has all of grid %s: nothing is split off."),
                         wg_face_words(o->c, face).text);
    }
    if (inside > all - inside) {
        h.inside = face;
        h.outside = WG_OVERLAY_NEW;
    }
    return wg_overlay_run(o,
                          &(struct wg_overlay_edit){.op = "split",
                                                    .arguments = words,
                                                    .fn = to_half,
                                                    .user = &h,
                                                    .n_new = 1,
                                                    .like = face,
                                                    .as = as,
                                                    .made = made,
                                                    .cap = 1},
                          err);
}

enum wg_status wg_coverage_split_area(struct wg_coverage *coverage, int64_t grid,
                                      const struct wg_multipolygon *area,
                                      const struct wg_new_grid *as, int64_t *made,
                                      struct wg_error *err)
{
    struct wg_overlay_job o;
    uint32_t face;
    char *words = NULL;
    enum wg_status s = wg_overlay_face(coverage, grid, &face, err);

    wg_overlay_begin(&o, coverage);
    if (s == WG_OK)
        s = wg_overlay_check_code(coverage, as, err);
    if (s == WG_OK)
        s = wg_overlay_add_area(&o, area, err);
    if (s == WG_OK && !(words = wg_overlay_words(coverage, 1, &face, area, NULL)))
        s = wg_fail_memory(err);
    /* the outside needs the whole of the grid's boundary */
    if (s == WG_OK)
        s = wg_overlay_make(&o, face, err);
    if (s == WG_OK)
        s = split_area(&o, face, as, words, made, err);
    free(words);
    wg_overlay_finish(&o);
    return s;
}
