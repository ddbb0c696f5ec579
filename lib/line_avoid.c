/*
 * Owns leading a line around buildings.
 *
 * Footprints in the way are grown by the margin and joined; where the line enters such an
 * obstacle first, until it leaves it for the last time, it goes around by the shorter way
 * and is then pulled taut.  What that meets is in the way as well, until nothing is.  An
 * end that is nearer to a building than the margin has less of it there; where the margin
 * leaves no way out, all of it is halved.
 */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "wangge/coverage.h"
#include "wangge/shape.h"

#define HALVINGS 12
#define LEAST 0.9     /* of the distance of an end to a wall */
#define CLOSE 1e-6    /* metres */
#define AROUND 1.0824 /* chords of a corner that is rounded keep the margin */

struct avoid {
    const struct wg_line *sketch;
    const struct wg_footprints *all;
    double *margin; /* of each building */
    struct wg_box *box;
    bool *in_way;
    struct wg_shape *shape;
    struct wg_multipolygon obstacles;
    /* rings that the line goes around: of the largest first */
    struct ring {
        uint32_t n; /* vertices, the last one as the first */
        const double *x, *y;
        double size;
        bool inside; /* both ends lie in a courtyard: the ring around that */
    } * ring;
    size_t n_ring, cap_ring;
    struct wg_point *at; /* the line as led so far */
    bool *led;           /* points that are not the sketch's */
    size_t n, cap_at, cap_led;
};

/* ---- distances -----------------------------------------------------------------------
 */

static double to_segment(struct wg_point p, struct wg_point a, struct wg_point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    double t = square > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / square : 0;

    t = fmin(fmax(t, 0), 1);
    return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

static bool cross(struct wg_point a, struct wg_point b, struct wg_point c,
                  struct wg_point d)
{
    return wg_orient(a, b, c) * wg_orient(a, b, d) < 0 &&
           wg_orient(c, d, a) * wg_orient(c, d, b) < 0;
}

static double between(struct wg_point a, struct wg_point b, struct wg_point c,
                      struct wg_point d)
{
    if (cross(a, b, c, d))
        return 0;
    return fmin(fmin(to_segment(a, c, d), to_segment(b, c, d)),
                fmin(to_segment(c, a, b), to_segment(d, a, b)));
}

/* From a segment to the area of a footprint: 0 inside and where it crosses. */
static double to_footprint(const struct wg_multipolygon *mp, struct wg_point a,
                           struct wg_point b)
{
    double best = INFINITY;

    if (wg_multipolygon_side(mp, a.x, a.y) == WG_INSIDE ||
        wg_multipolygon_side(mp, b.x, b.y) == WG_INSIDE)
        return 0;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++)
            best = fmin(best, between(a, b, (struct wg_point){mp->x[i], mp->y[i]},
                                      (struct wg_point){mp->x[i + 1], mp->y[i + 1]}));
    return best;
}

static struct wg_box grown(struct wg_box box, double by)
{
    return (struct wg_box){box.min_x - by, box.min_y - by, box.max_x + by,
                           box.max_y + by};
}

static struct wg_box box_of(struct wg_point a, struct wg_point b)
{
    return wg_box_grow(wg_box_grow(wg_box_empty(), a.x, a.y), b.x, b.y);
}

/* ---- where a segment meets a ring
 * ------------------------------------------------------ */

struct meeting {
    double along; /* the line: number of a segment, and part of it */
    double round; /* the ring */
    struct wg_point at;
};

struct meetings {
    struct meeting *at;
    size_t n, cap;
};

static struct wg_point vertex(const struct ring *ring, uint32_t i)
{
    return (struct wg_point){ring->x[i], ring->y[i]};
}

static bool add_meeting(struct meetings *m, double along, double round,
                        struct wg_point at)
{
    if (!wg_grow((void **)&m->at, &m->cap, m->n + 1, sizeof *m->at))
        return false;
    m->at[m->n++] = (struct meeting){along, round, at};
    return true;
}

/* Crossings, touches by ends of either, and both ends of what they have in common. */
static bool meet_ring(const struct ring *ring, struct wg_point a, struct wg_point b,
                      double base, struct meetings *m)
{
    double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    struct wg_box box = grown(box_of(a, b), CLOSE);

    for (uint32_t i = 0; square > 0 && i + 1 < ring->n; i++) {
        struct wg_point c = vertex(ring, i), d = vertex(ring, i + 1);
        if (!wg_box_overlaps(box, box_of(c, d)))
            continue;
        double ex = d.x - c.x, ey = d.y - c.y, det = dx * ey - dy * ex;
        if (cross(a, b, c, d) && det != 0) {
            double t = ((c.x - a.x) * ey - (c.y - a.y) * ex) / det;
            double u = ((c.x - a.x) * dy - (c.y - a.y) * dx) / det;
            t = fmin(fmax(t, 0), 1);
            u = fmin(fmax(u, 0), 1);
            if (!add_meeting(m, base + t, i + u,
                             (struct wg_point){a.x + t * dx, a.y + t * dy}))
                return false;
            continue;
        }
        if (to_segment(c, a, b) <= CLOSE) {
            double t = ((c.x - a.x) * dx + (c.y - a.y) * dy) / square;
            if (!add_meeting(m, base + fmin(fmax(t, 0), 1), i, c))
                return false;
        }
        for (int end = 0; end < 2; end++) {
            struct wg_point p = end ? b : a;
            if (to_segment(p, c, d) > CLOSE)
                continue;
            double u = ((p.x - c.x) * ex + (p.y - c.y) * ey) / (ex * ex + ey * ey);
            if (!add_meeting(m, base + end, i + fmin(fmax(u, 0), 1), p))
                return false;
        }
    }
    return true;
}

static int by_along(const void *p, const void *q)
{
    const struct meeting *a = p, *b = q;

    return (a->along > b->along) - (a->along < b->along);
}

static struct wg_point point_at(const struct wg_point *line, double along)
{
    size_t i = (size_t)along;
    double t = along - (double)i;

    if (t == 0)
        return line[i];
    return (struct wg_point){line[i].x + t * (line[i + 1].x - line[i].x),
                             line[i].y + t * (line[i + 1].y - line[i].y)};
}

static bool is_in(const struct ring *ring, struct wg_point p)
{
    enum wg_side side = wg_ring_side(ring->n, ring->x, ring->y, p.x, p.y);

    for (uint32_t i = 0; i + 1 < ring->n; i++)
        if (to_segment(p, vertex(ring, i), vertex(ring, i + 1)) <= 2 * CLOSE)
            return false;
    return side == (ring->inside ? WG_OUTSIDE : WG_INSIDE);
}

/* Of the pieces of a line between its meetings with a ring, those inside it: where the
 * first begins and the last ends.  False: none, or memory is out (*ok). */
static bool find_inside(const struct ring *ring, size_t n, const struct wg_point *line,
                        struct meeting *first, struct meeting *last, bool *ok)
{
    struct meetings m = {0};
    bool found = false;

    for (size_t i = 0; i + 1 < n && *ok; i++)
        *ok = meet_ring(ring, line[i], line[i + 1], (double)i, &m);
    if (m.n > 1)
        qsort(m.at, m.n, sizeof *m.at, by_along);
    for (size_t i = 0; *ok && i + 1 < m.n; i++) {
        double from = m.at[i].along, to = m.at[i + 1].along;
        bool in = false;
        /* a piece may turn: look in the middle of each straight stretch of it */
        for (double at = from; at < to && !in;) {
            double end = fmin(floor(at) + 1, to);
            in = is_in(ring, point_at(line, (at + end) / 2));
            at = end;
        }
        if (!in)
            continue;
        if (!found)
            *first = m.at[i];
        *last = m.at[i + 1];
        found = true;
    }
    free(m.at);
    return found;
}

static bool is_clear(const struct avoid *a, struct wg_point p, struct wg_point q,
                     bool *ok)
{
    const struct wg_point line[2] = {p, q};
    struct wg_box box = box_of(p, q);
    struct meeting first, last;

    for (size_t r = 0; r < a->n_ring; r++) {
        struct wg_box around = wg_box_empty();
        for (uint32_t i = 0; i < a->ring[r].n; i++)
            around = wg_box_grow(around, a->ring[r].x[i], a->ring[r].y[i]);
        if (!a->ring[r].inside && !wg_box_overlaps(box, around))
            continue;
        if (find_inside(&a->ring[r], 2, line, &first, &last, ok) ||
            is_in(&a->ring[r], point_at(line, 0.5)))
            return false;
    }
    return true;
}

/* ---- the line as it is led
 * --------------------------------------------------------------- */

static bool add_point(struct avoid *a, struct wg_point p, bool led)
{
    if (!wg_grow((void **)&a->at, &a->cap_at, a->n + 1, sizeof *a->at) ||
        !wg_grow((void **)&a->led, &a->cap_led, a->n + 1, sizeof *a->led))
        return false;
    if (a->n > 0 && hypot(a->at[a->n - 1].x - p.x, a->at[a->n - 1].y - p.y) <= CLOSE) {
        a->led[a->n - 1] = a->led[a->n - 1] && led;
        return true;
    }
    a->at[a->n] = p;
    a->led[a->n++] = led;
    return true;
}

static double length_round(const struct ring *ring, double from, double to)
{
    double length = 0;
    uint32_t n = ring->n - 1, i = (uint32_t)from % n, last = (uint32_t)to % n;
    struct wg_point at =
        point_at((const struct wg_point[]){vertex(ring, i), vertex(ring, i + 1)},
                 from - floor(from));
    struct wg_point end =
        point_at((const struct wg_point[]){vertex(ring, last), vertex(ring, last + 1)},
                 to - floor(to));

    if (i == last && to - floor(to) >= from - floor(from))
        return hypot(end.x - at.x, end.y - at.y);
    do {
        struct wg_point v = vertex(ring, i + 1);
        length += hypot(v.x - at.x, v.y - at.y);
        at = v;
        i = (i + 1) % n;
    } while (i != last);
    return length + hypot(end.x - at.x, end.y - at.y);
}

static bool walk(struct avoid *a, const struct ring *ring, double from, double to)
{
    uint32_t n = ring->n - 1, i = (uint32_t)from % n, last = (uint32_t)to % n;
    bool ok = true;

    if (length_round(ring, from, to) <= length_round(ring, to, from)) {
        if (i == last && to >= from)
            return true;
        do {
            ok = ok && add_point(a, vertex(ring, i + 1), true);
            i = (i + 1) % n;
        } while (i != last);
    } else {
        if (i == last && to <= from)
            return true;
        do {
            ok = ok && add_point(a, vertex(ring, i), true);
            i = (i + n - 1) % n;
        } while (i != last);
    }
    return ok;
}

/* The line goes around a ring. */
static bool go_around(struct avoid *a, const struct ring *ring)
{
    struct meeting first, last;
    struct wg_point *was = a->at;
    bool *was_led = a->led, ok = true;
    size_t n = a->n, i = 0;

    if (!find_inside(ring, n, was, &first, &last, &ok))
        return ok;
    a->at = NULL;
    a->led = NULL;
    a->n = a->cap_at = a->cap_led = 0;
    for (; ok && (double)i <= first.along; i++)
        ok = add_point(a, was[i], was_led[i]);
    ok = ok && add_point(a, first.at, true) && walk(a, ring, first.round, last.round) &&
         add_point(a, last.at, true);
    for (; i < n && (double)i <= last.along; i++)
        ;
    for (; ok && i < n; i++)
        ok = add_point(a, was[i], was_led[i]);
    free(was);
    free(was_led);
    return ok;
}

/* Points that were led are left out where the line is free without them.  What is read is
 * never behind what is written. */
static bool pull_taut(struct avoid *a)
{
    size_t n = 1, i = 0;
    bool ok = true;

    while (ok && i + 1 < a->n) {
        size_t last = i + 1, best = i + 1;
        while (last + 1 < a->n && a->led[last])
            last++;
        for (size_t k = last; ok && best == i + 1 && k > i + 1; k--)
            if (is_clear(a, a->at[i], a->at[k], &ok))
                best = k;
        i = best;
        a->at[n] = a->at[i];
        a->led[n++] = a->led[i];
    }
    a->n = n;
    return ok;
}

/* ---- obstacles
 * ---------------------------------------------------------------------------- */

static int by_size(const void *p, const void *q)
{
    const struct ring *a = p, *b = q;

    return (a->size < b->size) - (a->size > b->size);
}

static struct ring ring_at(const struct avoid *a, uint32_t r)
{
    const struct wg_multipolygon *mp = &a->obstacles;
    struct ring ring = {mp->ring[r + 1] - mp->ring[r], mp->x + mp->ring[r],
                        mp->y + mp->ring[r], 0, false};

    for (uint32_t i = 0; i + 1 < ring.n; i++)
        ring.size += (ring.x[i] - ring.x[0]) * (ring.y[i + 1] - ring.y[0]) -
                     (ring.x[i + 1] - ring.x[0]) * (ring.y[i] - ring.y[0]);
    ring.size = fabs(ring.size);
    return ring;
}

/* Shells without their courtyards; where both ends lie in one, that. *free: there is a
 * way. */
static bool list_rings(struct avoid *a, bool *is_free)
{
    const struct wg_multipolygon *mp = &a->obstacles;
    struct wg_point end[2] = {
        {a->sketch->x[0], a->sketch->y[0]},
        {a->sketch->x[a->sketch->n - 1], a->sketch->y[a->sketch->n - 1]}};

    a->n_ring = 0;
    *is_free = true;
    for (uint32_t p = 0; p < mp->n_part; p++) {
        struct ring ring = ring_at(a, mp->part[p]);
        bool in[2] = {is_in(&ring, end[0]), is_in(&ring, end[1])}, there = false;
        for (uint32_t r = mp->part[p] + 1; in[0] && in[1] && r < mp->part[p + 1]; r++) {
            struct ring yard = ring_at(a, r);
            yard.inside = true;
            if (is_in(&yard, end[0]) || is_in(&yard, end[1]))
                continue;
            ring = yard;
            there = true;
            break;
        }
        if ((in[0] || in[1]) && !there)
            *is_free = false;
        if (!wg_grow((void **)&a->ring, &a->cap_ring, a->n_ring + 1, sizeof *a->ring))
            return false;
        a->ring[a->n_ring++] = ring;
    }
    if (a->n_ring > 1)
        qsort(a->ring, a->n_ring, sizeof *a->ring, by_size);
    return true;
}

static enum wg_status join_obstacles(struct avoid *a, struct wg_error *err)
{
    size_t n = 0;
    struct wg_multipolygon *grown_mp = calloc(a->all->n + 1, sizeof *grown_mp);
    const struct wg_multipolygon **list = calloc(a->all->n + 1, sizeof *list);
    enum wg_status s = grown_mp && list ? WG_OK : wg_fail_memory(err);

    wg_multipolygon_finish(&a->obstacles);
    for (size_t i = 0; s == WG_OK && i < a->all->n; i++) {
        if (!a->in_way[i])
            continue;
        s = wg_shape_buffer(a->shape, a->all->footprint[i], a->margin[i] * AROUND, true,
                            &grown_mp[n], err);
        list[n] = &grown_mp[n];
        n += s == WG_OK;
    }
    if (s == WG_OK && n > 0)
        s = wg_shape_union_all(a->shape, n, list, &a->obstacles, err);
    for (size_t i = 0; grown_mp && i < n; i++)
        wg_multipolygon_finish(&grown_mp[i]);
    free(grown_mp);
    free(list);
    return s;
}

/* ---- rounds
 * --------------------------------------------------------------------------------- */

static enum wg_status fail_building(const struct avoid *a, size_t i, bool inside,
                                    int64_t *building, struct wg_error *err)
{
    const struct wg_multipolygon *mp = a->all->footprint[i];
    long long id = a->all->id[i];
    double x = mp->n_vertex ? mp->x[0] : NAN, y = mp->n_vertex ? mp->y[0] : NAN;

    if (building)
        *building = id;
    if (inside)
        return wg_fail_at(err, WG_CONSTRAINT, x, y,
                          _("An end of the line lies inside building %lld; begin and end "
                            "it outside of buildings."),
                          id);
    return wg_fail_at(err, WG_CONSTRAINT, x, y,
                      _("There is no way around building %lld and those beside it; begin "
                        "and end the line elsewhere."),
                      id);
}

/* Well inside, not on a wall. */
static bool is_deep(const struct wg_multipolygon *mp, struct wg_point p)
{
    if (wg_multipolygon_side(mp, p.x, p.y) != WG_INSIDE)
        return false;
    for (uint32_t r = 0; r < mp->n_ring; r++)
        for (uint32_t i = mp->ring[r]; i + 1 < mp->ring[r + 1]; i++)
            if (to_segment(p, (struct wg_point){mp->x[i], mp->y[i]},
                           (struct wg_point){mp->x[i + 1], mp->y[i + 1]}) <= 2 * CLOSE)
                return false;
    return true;
}

static bool cuts(const struct wg_multipolygon *mp, const struct wg_point *line, bool *ok)
{
    struct meetings m = {0};
    bool cut = false;

    for (uint32_t r = 0; *ok && r < mp->n_ring; r++) {
        struct ring ring = {mp->ring[r + 1] - mp->ring[r], mp->x + mp->ring[r],
                            mp->y + mp->ring[r], 0, false};
        *ok = meet_ring(&ring, line[0], line[1], 0, &m);
    }
    *ok = *ok && add_meeting(&m, 0, 0, line[0]) && add_meeting(&m, 1, 0, line[1]);
    if (m.n > 1)
        qsort(m.at, m.n, sizeof *m.at, by_along);
    for (size_t i = 0; i + 1 < m.n && !cut; i++)
        cut = is_deep(mp, point_at(line, (m.at[i].along + m.at[i + 1].along) / 2));
    free(m.at);
    return cut;
}

/* Buildings that the line, as led, is too near to; how many are new among them. */
static size_t find_in_way(struct avoid *a, bool *ok)
{
    size_t n = 0;

    for (size_t i = 0; i < a->all->n; i++) {
        const struct wg_multipolygon *mp = a->all->footprint[i];
        for (size_t k = 0; k + 1 < a->n && !a->in_way[i]; k++) {
            if (!wg_box_overlaps(box_of(a->at[k], a->at[k + 1]),
                                 grown(a->box[i], a->margin[i])))
                continue;
            double d = to_footprint(mp, a->at[k], a->at[k + 1]);
            a->in_way[i] =
                d < a->margin[i] - CLOSE || (d <= CLOSE && cuts(mp, a->at + k, ok));
            n += a->in_way[i];
        }
    }
    return n;
}

static bool begin_line(struct avoid *a)
{
    a->n = 0;
    for (uint32_t i = 0; i < a->sketch->n; i++)
        if (!add_point(a, (struct wg_point){a->sketch->x[i], a->sketch->y[i]}, false))
            return false;
    return true;
}

/* Lead the sketch around all that is in the way; *is_free: there was a way. */
static enum wg_status lead(struct avoid *a, bool *is_free, struct wg_error *err)
{
    enum wg_status s;

    bool ok = true;

    *is_free = true;
    if (!begin_line(a))
        return wg_fail_memory(err);
    while (find_in_way(a, &ok) > 0 && ok) {
        s = join_obstacles(a, err);
        if (s != WG_OK)
            return s;
        if (!begin_line(a) || !list_rings(a, is_free))
            return wg_fail_memory(err);
        if (!*is_free)
            return WG_OK;
        for (size_t r = 0; r < a->n_ring; r++)
            if (!go_around(a, &a->ring[r]))
                return wg_fail_memory(err);
        if (!pull_taut(a))
            return wg_fail_memory(err);
    }
    return ok ? WG_OK : wg_fail_memory(err);
}

static enum wg_status set_margins(struct avoid *a, double margin_m, int64_t *building,
                                  struct wg_error *err)
{
    struct wg_point end[2] = {
        {a->sketch->x[0], a->sketch->y[0]},
        {a->sketch->x[a->sketch->n - 1], a->sketch->y[a->sketch->n - 1]}};

    for (size_t i = 0; i < a->all->n; i++) {
        a->box[i] = wg_multipolygon_box(a->all->footprint[i]);
        a->margin[i] = margin_m;
        for (int e = 0; e < 2; e++) {
            const struct wg_multipolygon *mp = a->all->footprint[i];
            double reach = margin_m * AROUND / LEAST;
            if (!wg_box_contains(grown(a->box[i], reach), end[e].x, end[e].y))
                continue;
            if (wg_multipolygon_side(mp, end[e].x, end[e].y) == WG_INSIDE)
                return fail_building(a, i, true, building, err);
            a->margin[i] =
                fmin(a->margin[i], LEAST / AROUND * to_footprint(mp, end[e], end[e]));
        }
    }
    return WG_OK;
}

/* The first building that the line cuts; SIZE_MAX: none. */
static size_t first_cut(const struct avoid *a, bool *ok)
{
    for (size_t i = 0; i < a->all->n; i++)
        for (size_t k = 0; k + 1 < a->n; k++)
            if (wg_box_overlaps(a->box[i], box_of(a->at[k], a->at[k + 1])) &&
                cuts(a->all->footprint[i], a->at + k, ok))
                return i;
    return SIZE_MAX;
}

static enum wg_status find_way(struct avoid *a, int64_t *building, struct wg_error *err)
{
    bool is_free = false, ok = true;
    enum wg_status s = WG_OK;
    size_t i = 0;

    for (int k = 0; s == WG_OK && k < HALVINGS && !is_free; k++) {
        memset(a->in_way, 0, a->all->n * sizeof *a->in_way);
        s = lead(a, &is_free, err);
        for (size_t b = 0; !is_free && b < a->all->n; b++)
            a->margin[b] /= 2;
    }
    if (s != WG_OK)
        return s;
    if (is_free) {
        i = first_cut(a, &ok);
        if (!ok)
            return wg_fail_memory(err);
        if (i == SIZE_MAX)
            return WG_OK;
    }
    while (!is_free && i + 1 < a->all->n && !a->in_way[i])
        i++;
    return fail_building(a, i, false, building, err);
}

static enum wg_status take_line(struct avoid *a, struct wg_line *out,
                                struct wg_error *err)
{
    struct wg_line line = {(uint32_t)a->n, malloc((a->n + 1) * sizeof *line.x),
                           malloc((a->n + 1) * sizeof *line.y)};

    if (!line.x || !line.y) {
        wg_line_finish(&line);
        return wg_fail_memory(err);
    }
    for (size_t i = 0; i < a->n; i++) {
        line.x[i] = a->at[i].x;
        line.y[i] = a->at[i].y;
    }
    *out = line;
    return WG_OK;
}

enum wg_status wg_line_avoid(const struct wg_line *sketch,
                             const struct wg_footprints *buildings, double margin_m,
                             struct wg_line *out, int64_t *building, struct wg_error *err)
{
    struct avoid a = {.sketch = sketch, .all = buildings};
    size_t n = buildings->n;
    enum wg_status s = WG_OK;

    if (building)
        *building = 0;
    if (sketch->n < 2)
        return wg_fail(err, WG_INVALID, _("A line needs two points or more."));
    if (!(margin_m >= 0 && margin_m < INFINITY))
        return wg_fail(err, WG_INVALID, _("The distance must be 0 or more metres."));
    a.margin = malloc((n + 1) * sizeof *a.margin);
    a.box = malloc((n + 1) * sizeof *a.box);
    a.in_way = calloc(n + 1, sizeof *a.in_way);
    if (!a.margin || !a.box || !a.in_way)
        s = wg_fail_memory(err);
    if (s == WG_OK)
        s = wg_shape_create(&a.shape, err);
    if (s == WG_OK)
        s = set_margins(&a, margin_m, building, err);
    if (s == WG_OK)
        s = find_way(&a, building, err);
    if (s == WG_OK)
        s = take_line(&a, out, err);
    wg_shape_destroy(a.shape);
    wg_multipolygon_finish(&a.obstacles);
    free(a.margin);
    free(a.box);
    free(a.in_way);
    free(a.ring);
    free(a.at);
    free(a.led);
    return s;
}
