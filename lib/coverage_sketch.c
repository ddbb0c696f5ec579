/* Owns sketches: lines drawn over a coverage, made ready to be edited with. */
#include "coverage_sketch.h"

#include <math.h>
#include <string.h>

#include "coverage_puts.h"
#include "decimal.h"
#include "internal.h"

void wg_sketch_finish(struct wg_sketch *sketch)
{
    free(sketch->spot);
    *sketch = (struct wg_sketch){0};
}

static bool append(struct wg_sketch *sketch, struct wg_spot spot)
{
    void *array = sketch->spot;

    if (sketch->n > 0 && wg_spot_equal(sketch->spot[sketch->n - 1], spot))
        return true;
    if (!wg_grow(&array, &sketch->cap, sketch->n + 1, sizeof *sketch->spot))
        return false;
    sketch->spot = array;
    sketch->spot[sketch->n++] = spot;
    return true;
}

enum wg_status wg_sketch_read(const struct wg_coverage *c, const struct wg_line *line,
                              struct wg_sketch *out, struct wg_error *err)
{
    out->n = 0;
    for (uint32_t i = 0; i < line->n; i++) {
        struct wg_spot spot;
        enum wg_status status =
            wg_coverage_place(c, (struct wg_point){line->x[i], line->y[i]}, &spot, err);
        if (status)
            return status;
        if (!append(out, spot))
            return wg_fail_memory(err);
    }
    if (out->n < 2)
        return wg_fail(err, WG_INVALID,
                       _("A line to draw by needs two points that differ."));
    return WG_OK;
}

enum wg_status wg_sketch_copy(const struct wg_sketch *from, struct wg_sketch *to,
                              struct wg_error *err)
{
    to->n = 0;
    for (size_t i = 0; i < from->n; i++)
        if (!append(to, from->spot[i]))
            return wg_fail_memory(err);
    return WG_OK;
}

static bool boxes_meet(struct wg_spot a, struct wg_spot b, struct wg_spot c,
                       struct wg_spot d)
{
    return (a.x < b.x ? a.x : b.x) <= (c.x > d.x ? c.x : d.x) &&
           (c.x < d.x ? c.x : d.x) <= (a.x > b.x ? a.x : b.x) &&
           (a.y < b.y ? a.y : b.y) <= (c.y > d.y ? c.y : d.y) &&
           (c.y < d.y ? c.y : d.y) <= (a.y > b.y ? a.y : b.y);
}

/* Where two segments that are not apart meet. */
static struct wg_spot meeting_spot(enum wg_meeting meeting, struct wg_spot a,
                                   struct wg_spot b, struct wg_spot c, struct wg_spot d)
{
    if (meeting == WG_CROSS)
        return wg_spot_crossing(a, b, c, d);
    if (wg_spot_distance(a, b, c) == 0)
        return c;
    if (wg_spot_distance(a, b, d) == 0)
        return d;
    return wg_spot_distance(c, d, a) == 0 ? a : b;
}

bool wg_sketch_crosses_itself(const struct wg_sketch *sketch, size_t *i, size_t *j,
                              struct wg_spot *at)
{
    const struct wg_spot *s = sketch->spot;

    for (size_t p = 0; p + 1 < sketch->n; p++)
        for (size_t q = p + 1; q + 1 < sketch->n; q++) {
            if (!boxes_meet(s[p], s[p + 1], s[q], s[q + 1]))
                continue;
            enum wg_meeting meeting = wg_spot_meet(s[p], s[p + 1], s[q], s[q + 1]);
            bool in_turn = q == p + 1;
            bool closes =
                p == 0 && q + 2 == sketch->n && wg_spot_equal(s[0], s[sketch->n - 1]);
            if (meeting == WG_APART || (meeting == WG_SHARE_END && (in_turn || closes)))
                continue;
            *i = p;
            *j = q;
            *at = meeting_spot(meeting, s[p], s[p + 1], s[q], s[q + 1]);
            return true;
        }
    return false;
}

void wg_sketch_drop_loops(struct wg_sketch *sketch)
{
    size_t i, j;
    struct wg_spot at;

    while (sketch->n > 2 && wg_sketch_crosses_itself(sketch, &i, &j, &at)) {
        /* … i, at, j + 1 …: one vertex fewer at least, as j > i, unless j = i + 1, where
         * the segment turns back upon itself and one of its points goes. */
        struct wg_spot *s = sketch->spot;
        size_t kept = i + 1;
        if (!wg_spot_equal(s[i], at) && j > i + 1)
            s[kept++] = at;
        size_t rest = j + 1;
        if (rest < sketch->n && wg_spot_equal(s[kept - 1], s[rest]))
            rest++;
        memmove(&s[kept], &s[rest], (sketch->n - rest) * sizeof *s);
        sketch->n = kept + (sketch->n - rest);
    }
}

/* ---- ends ---- */

struct last_meeting {
    const struct wg_coverage *c;
    struct wg_spot a, b; /* the way is from b back to a */
    double best;         /* distance from b of the nearest meeting */
    struct wg_spot at;
    bool found;
};

static bool see_meeting(uint32_t segment, void *user)
{
    struct last_meeting *last = user;
    const struct wg_segment *s = wg_coverage_segment(last->c, segment);
    struct wg_spot c = wg_coverage_spot(last->c, s->a);
    struct wg_spot d = wg_coverage_spot(last->c, s->b);
    enum wg_meeting meeting = wg_spot_meet(last->a, last->b, c, d);

    if (meeting == WG_APART)
        return true;
    struct wg_spot at = meeting_spot(meeting, last->a, last->b, c, d);
    double distance = hypot((double)at.x - last->b.x, (double)at.y - last->b.y);
    if (!last->found || distance < last->best) {
        last->found = true;
        last->best = distance;
        last->at = at;
    }
    return true;
}

static struct wg_spot lower_corner(struct wg_spot a, struct wg_spot b)
{
    return (struct wg_spot){a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y};
}

static struct wg_spot upper_corner(struct wg_spot a, struct wg_spot b)
{
    return (struct wg_spot){a.x > b.x ? a.x : b.x, a.y > b.y ? a.y : b.y};
}

/* Cut the end off at the last boundary it crossed, if that is near enough. */
static bool cut_tail(const struct wg_coverage *c, struct wg_sketch *sketch, double within)
{
    double gone = 0;

    for (size_t i = sketch->n - 1; i > 0 && gone <= within; i--) {
        struct wg_spot a = sketch->spot[i - 1], b = sketch->spot[i];
        struct last_meeting last = {.c = c, .a = a, .b = b};
        wg_coverage_near(c, lower_corner(a, b), upper_corner(a, b), see_meeting, &last);
        if (last.found) {
            if (gone + last.best > within)
                return false;
            bool is_start = wg_spot_equal(last.at, a);
            if (is_start && i == 1)
                return false; /* nothing of the sketch would be left */
            sketch->n = is_start ? i : i + 1;
            sketch->spot[sketch->n - 1] = last.at;
            return true;
        }
        gone += hypot((double)b.x - a.x, (double)b.y - a.y);
    }
    return false;
}

static bool put_last(const struct wg_coverage *c, struct wg_sketch *sketch, double within)
{
    struct wg_spot *end = &sketch->spot[sketch->n - 1];

    if (wg_coverage_nearest_segment(c, *end, 1.0) != WG_NONE ||
        cut_tail(c, sketch, within))
        return true;
    uint32_t nearest = wg_coverage_nearest_segment(c, *end, within);
    if (nearest == WG_NONE)
        return false;
    const struct wg_segment *s = wg_coverage_segment(c, nearest);
    struct wg_spot foot =
        wg_spot_foot(wg_coverage_spot(c, s->a), wg_coverage_spot(c, s->b), *end);
    if (wg_spot_equal(foot, sketch->spot[sketch->n - 2])) {
        if (sketch->n == 2)
            return false;
        sketch->n--;
    } else {
        *end = foot;
    }
    return true;
}

static void turn_around(struct wg_sketch *sketch)
{
    for (size_t i = 0, j = sketch->n; i + 1 < j; i++) {
        struct wg_spot spot = sketch->spot[i];
        sketch->spot[i] = sketch->spot[--j];
        sketch->spot[j] = spot;
    }
}

void wg_sketch_put_ends(const struct wg_coverage *c, struct wg_sketch *sketch,
                        double within, bool on[2])
{
    on[1] = put_last(c, sketch, within);
    turn_around(sketch);
    on[0] = put_last(c, sketch, within);
    turn_around(sketch);
}

struct meetings {
    const struct wg_coverage *c;
    struct wg_spot a, b;
    struct wg_sketch found; /* on a–b, in no order */
    bool failed;
};

static bool note_meeting(uint32_t segment, void *user)
{
    struct meetings *m = user;
    const struct wg_segment *s = wg_coverage_segment(m->c, segment);
    struct wg_spot c = wg_coverage_spot(m->c, s->a), d = wg_coverage_spot(m->c, s->b);
    enum wg_meeting meeting = wg_spot_meet(m->a, m->b, c, d);

    if (meeting != WG_APART &&
        !append(&m->found, meeting_spot(meeting, m->a, m->b, c, d)))
        m->failed = true;
    return !m->failed;
}

/* Those of one segment, in order from a; insertion sort, as they are few. */
static void sort_along(struct meetings *m)
{
    struct wg_spot *s = m->found.spot;

    for (size_t i = 1; i < m->found.n; i++)
        for (size_t j = i; j > 0; j--) {
            struct wg_spot moved = s[j];
            if (hypot((double)s[j].x - m->a.x, (double)s[j].y - m->a.y) >=
                hypot((double)s[j - 1].x - m->a.x, (double)s[j - 1].y - m->a.y))
                break;
            s[j] = s[j - 1];
            s[j - 1] = moved;
        }
}

enum wg_status wg_sketch_meetings(const struct wg_coverage *c,
                                  const struct wg_sketch *sketch, struct wg_sketch *out,
                                  size_t **at, size_t *n, struct wg_error *err)
{
    struct meetings m = {.c = c};
    size_t cap = 0;

    *at = NULL;
    *n = 0;
    out->n = 0;
    for (size_t i = 0; i + 1 < sketch->n && !m.failed; i++) {
        m.a = sketch->spot[i];
        m.b = sketch->spot[i + 1];
        m.found.n = 0;
        m.failed = !append(out, m.a);
        wg_coverage_near(c, lower_corner(m.a, m.b), upper_corner(m.a, m.b), note_meeting,
                         &m);
        sort_along(&m);
        for (size_t k = 0; k < m.found.n && !m.failed; k++) {
            void *array = *at;
            if (!append(out, m.found.spot[k]) ||
                !wg_grow(&array, &cap, *n + 1, sizeof **at)) {
                m.failed = true;
                break;
            }
            *at = array;
            if (*n == 0 || (*at)[*n - 1] != out->n - 1)
                (*at)[(*n)++] = out->n - 1;
        }
        m.failed = m.failed || !append(out, m.b);
    }
    wg_sketch_finish(&m.found);
    return m.failed ? wg_fail_memory(err) : WG_OK;
}

char *wg_sketch_text(const struct wg_coverage *c, const struct wg_sketch *sketch)
{
    struct wg_text text = {0};
    char place[WG_PLACE_SIZE];

    wg_text_put(&text, "");
    for (size_t i = 0; i < sketch->n; i++) {
        if (i > 0)
            wg_text_put(&text, " ");
        wg_text_put(&text, wg_place_text(c, sketch->spot[i], place));
    }
    if (text.failed) {
        free(text.text);
        return NULL;
    }
    return text.text;
}
