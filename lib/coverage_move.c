/* Owns edits of single vertices: move, insert, delete. */
#include <math.h>
#include <stdio.h>

#include "coverage_puts.h"
#include "internal.h"

/* One edit under way, so that it can be tried for other places. */
struct job {
    struct wg_coverage *c;
    const char *op;
    uint32_t vertex;       /* that moves; WG_NONE: a new one in `segment` */
    uint32_t segment;      /* that gets a vertex */
    struct wg_spot end[2]; /* of it */
    uint32_t *star;
    size_t cap_star;
    uint32_t n_star;
    struct wg_spot from;
    struct wg_puts puts;
    struct wg_spot clash; /* where puts could not be joined */
};

static void finish_job(struct job *job)
{
    wg_puts_finish(&job->puts);
    free(job->star);
}

static bool is_in_star(const struct job *job, uint32_t segment)
{
    for (uint32_t i = 0; i < job->n_star; i++)
        if (job->star[i] == segment)
            return true;
    return segment == job->segment;
}

/* A place within a step of another boundary becomes a vertex of that one too: else the
 * boundaries would touch without a vertex in common. */
static void open_segment_at(struct job *job, struct wg_spot to)
{
    const struct wg_coverage *c = job->c;
    uint32_t s = wg_coverage_nearest_segment(c, to, 1.0);

    if (s == WG_NONE || is_in_star(job, s) || wg_coverage_vertex_at(c, to) != WG_NONE)
        return;
    const struct wg_segment *segment = wg_coverage_segment(c, s);
    wg_puts_bend(&job->puts, c, s, wg_coverage_spot(c, segment->a), to);
    wg_puts_bend(&job->puts, c, s, to, wg_coverage_spot(c, segment->b));
}

/* An edit that was tried may leave other numbers behind; places stay. */
static void find_again(struct job *job)
{
    struct wg_coverage *c = job->c;

    if (job->vertex != WG_NONE) {
        job->vertex = wg_coverage_vertex_at(c, job->from);
        wg_star(c, job->vertex, &job->star, &job->cap_star, &job->n_star, NULL);
    } else {
        job->segment = wg_segment_at(c, job->end[0], job->end[1]);
    }
}

/* Open the edit with the vertex at `to`; false: it cannot be, and no edit is open. */
static bool begin_at(struct job *job, struct wg_spot to)
{
    struct wg_coverage *c = job->c;
    char from_text[WG_PLACE_SIZE], to_text[WG_PLACE_SIZE];

    wg_puts_clear(&job->puts);
    find_again(job);
    if (job->vertex == WG_NONE) {
        const struct wg_segment *s = wg_coverage_segment(c, job->segment);
        wg_puts_bend(&job->puts, c, job->segment, wg_coverage_spot(c, s->a), to);
        wg_puts_bend(&job->puts, c, job->segment, to, wg_coverage_spot(c, s->b));
    }
    for (uint32_t i = 0; i < job->n_star; i++) {
        const struct wg_segment *s = wg_coverage_segment(c, job->star[i]);
        wg_puts_bend(&job->puts, c, job->star[i],
                     s->a == job->vertex ? to : wg_coverage_spot(c, s->a),
                     s->b == job->vertex ? to : wg_coverage_spot(c, s->b));
    }
    open_segment_at(job, to);
    if (!wg_puts_join(&job->puts, c, &job->clash))
        return false;
    wg_edit_begin(c, job->op, "%s %s", wg_place_text(c, job->from, from_text),
                  wg_place_text(c, to, to_text));
    wg_puts_edit(&job->puts, c);
    return true;
}

static bool passes_at(struct wg_spot to, void *user)
{
    struct job *job = user;
    return begin_at(job, to) && wg_edit_passes(job->c);
}

static enum wg_status edit_at(struct job *job, struct wg_spot to, struct wg_error *err)
{
    struct wg_coverage *c = job->c;
    enum wg_status status;

    if (begin_at(job, to))
        status = wg_edit_end(c, err);
    else if (job->puts.failed)
        return wg_fail_memory(err);
    else
        status = wg_refuse(c, WG_REFUSED_CROSSING, job->clash, 0, 0,
                           _("Move it to another place."), err,
                           _("The boundary would fall on another one, with other grids "
                             "beside it."));
    if (status == WG_CONSTRAINT &&
        wg_coverage_refusal(c)->reason != WG_REFUSED_NO_EFFECT) {
        struct wg_spot best;
        bool far = wg_furthest(job->from, to, passes_at, job, &best);
        if (far || (job->vertex == WG_NONE && passes_at(best, job)))
            wg_refuse_propose(c, 1, &best);
    }
    return status;
}

/* The vertex named by a point, or a refusal that proposes the nearest one. */
static enum wg_status find_vertex(struct wg_coverage *c, struct wg_point at,
                                  double within_m, struct job *job, struct wg_error *err)
{
    struct wg_spot spot;
    enum wg_status status = wg_coverage_place(c, at, &spot, err);

    if (status)
        return status;
    job->vertex = wg_coverage_nearest_vertex(c, spot, wg_within_steps(within_m));
    if (job->vertex == WG_NONE) {
        uint32_t nearest = wg_nearest_vertex(c, spot);
        char place[WG_PLACE_SIZE];
        struct wg_spot there = nearest == WG_NONE ? spot : wg_coverage_spot(c, nearest);
        status = wg_refuse(c, WG_REFUSED_NO_SUCH, spot, 0, 0,
                           _("Point at a vertex, or allow a greater distance."), err,
                           nearest == WG_NONE
                               ? _("There is no vertex: nothing has a boundary yet.")
                               : _("There is no vertex here; the nearest is at %s."),
                           wg_place_text(c, there, place));
        if (nearest != WG_NONE)
            wg_refuse_propose(c, 1, &there);
        return status;
    }
    job->from = wg_coverage_spot(c, job->vertex);
    return wg_star(c, job->vertex, &job->star, &job->cap_star, &job->n_star, err);
}

static struct job new_job(struct wg_coverage *c, const char *op)
{
    return (struct job){.c = c, .op = op, .vertex = WG_NONE, .segment = WG_NONE};
}

static bool is_distance(double within_m)
{
    return within_m >= 0 && isfinite(within_m);
}

static enum wg_status refuse_distance(struct wg_error *err)
{
    return wg_fail(err, WG_INVALID,
                   _("A distance to look within is 0 or more metres, and finite."));
}

enum wg_status wg_coverage_move(struct wg_coverage *coverage, struct wg_point at,
                                double within_m, struct wg_point to, struct wg_error *err)
{
    struct job job = new_job(coverage, "move");
    struct wg_spot spot;
    enum wg_status status = wg_coverage_place(coverage, to, &spot, err);

    if (!status && !is_distance(within_m))
        status = refuse_distance(err);
    if (!status)
        status = find_vertex(coverage, at, within_m, &job, err);
    if (!status && wg_spot_equal(spot, job.from))
        status = wg_refuse(coverage, WG_REFUSED_NO_EFFECT, spot, 0, 0, NULL, err,
                           _("The vertex is there already."));
    else if (!status)
        status = edit_at(&job, spot, err);
    finish_job(&job);
    return status;
}

/* The segment named by a point and its place nearest to it, or a refusal that proposes
 * the nearest place on any. */
static enum wg_status find_segment(struct wg_coverage *c, struct wg_point at,
                                   double within_m, struct job *job, struct wg_error *err)
{
    struct wg_spot spot;
    enum wg_status status = wg_coverage_place(c, at, &spot, err);

    if (status)
        return status;
    uint32_t nearest = wg_pick_segment(c, spot, wg_within_steps(within_m));
    bool found = nearest != WG_NONE;
    if (!found)
        nearest = wg_nearest_segment(c, spot);
    if (nearest == WG_NONE)
        return wg_refuse(c, WG_REFUSED_NO_SUCH, spot, 0, 0, NULL, err,
                         _("There is no boundary: nothing has one yet."));
    const struct wg_segment *s = wg_coverage_segment(c, nearest);
    job->segment = nearest;
    job->end[0] = wg_coverage_spot(c, s->a);
    job->end[1] = wg_coverage_spot(c, s->b);
    job->from = wg_spot_foot(wg_coverage_spot(c, s->a), wg_coverage_spot(c, s->b), spot);
    if (found)
        return WG_OK;
    char place[WG_PLACE_SIZE];
    status = wg_refuse(c, WG_REFUSED_NO_SUCH, spot, 0, 0,
                       _("Point at a boundary, or allow a greater distance."), err,
                       _("There is no boundary here; the nearest is at %s."),
                       wg_place_text(c, job->from, place));
    wg_refuse_propose(c, 1, &job->from);
    return status;
}

enum wg_status wg_coverage_insert(struct wg_coverage *coverage, struct wg_point at,
                                  double within_m, struct wg_point to,
                                  struct wg_error *err)
{
    struct job job = new_job(coverage, "insert");
    struct wg_spot spot;
    enum wg_status status = wg_coverage_place(coverage, to, &spot, err);

    if (!status && !is_distance(within_m))
        status = refuse_distance(err);
    if (!status)
        status = find_segment(coverage, at, within_m, &job, err);
    if (!status) {
        const struct wg_segment *s = wg_coverage_segment(coverage, job.segment);
        if (wg_spot_equal(spot, wg_coverage_spot(coverage, s->a)) ||
            wg_spot_equal(spot, wg_coverage_spot(coverage, s->b)))
            status = wg_refuse(coverage, WG_REFUSED_NO_EFFECT, spot, s->left, s->right,
                               NULL, err, _("There is a vertex already."));
        else
            status = edit_at(&job, spot, err);
    }
    finish_job(&job);
    return status;
}

/* The grids that meet in a vertex: "A, B, C". */
static void list_faces(const struct job *job, char *out, size_t size)
{
    uint32_t seen[8];
    size_t n_seen = 0, n = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < 2 * job->n_star && n_seen < 8; i++) {
        const struct wg_segment *s = wg_coverage_segment(job->c, job->star[i / 2]);
        uint32_t face = i % 2 ? s->right : s->left;
        size_t j = 0;
        while (j < n_seen && seen[j] != face)
            j++;
        if (j < n_seen)
            continue;
        seen[n_seen++] = face;
        int more = snprintf(out + n, size - n, "%s%s", n ? ", " : "",
                            wg_face_text(job->c, face));
        n += more > 0 ? (size_t)more : 0;
        if (n >= size)
            return;
    }
}

/* Its two segments become one. */
static enum wg_status delete_vertex(struct job *job, struct wg_error *err)
{
    struct wg_coverage *c = job->c;
    const struct wg_segment *s = wg_coverage_segment(c, job->star[0]);
    struct wg_spot before = wg_coverage_spot(c, wg_segment_other(s, job->vertex));
    const struct wg_segment *t = wg_coverage_segment(c, job->star[1]);
    struct wg_spot after = wg_coverage_spot(c, wg_segment_other(t, job->vertex));
    uint32_t left = s->b == job->vertex ? s->left : s->right;
    uint32_t right = s->b == job->vertex ? s->right : s->left;
    char place[WG_PLACE_SIZE];

    wg_puts_take(&job->puts, job->star[0]);
    wg_puts_take(&job->puts, job->star[1]);
    wg_puts_add(&job->puts, before, after, left, right);
    if (!wg_puts_join(&job->puts, c, &job->clash)) {
        if (job->puts.failed)
            return wg_fail_memory(err);
        return wg_refuse(c, WG_REFUSED_COLLAPSE, job->from, left, right, NULL, err,
                         _("Without this vertex a piece of %s or %s would vanish."),
                         wg_face_text(c, left), wg_face_text(c, right));
    }
    wg_edit_begin(c, "delete", "%s", wg_place_text(c, job->from, place));
    wg_puts_edit(&job->puts, c);
    return wg_edit_end(c, err);
}

enum wg_status wg_coverage_delete(struct wg_coverage *coverage, struct wg_point at,
                                  double within_m, struct wg_error *err)
{
    struct job job = new_job(coverage, "delete");
    enum wg_status status = is_distance(within_m)
                                ? find_vertex(coverage, at, within_m, &job, err)
                                : refuse_distance(err);

    if (!status && job.n_star > 2) {
        const struct wg_segment *s = wg_coverage_segment(coverage, job.star[0]);
        char faces[512];
        list_faces(&job, faces, sizeof faces);
        status = wg_refuse(coverage, WG_REFUSED_NODE, job.from, s->left, s->right,
                           _("Move it, or merge two of the grids first."), err,
                           _("Three or more boundaries meet in this vertex, so it "
                             "cannot go: those of %s."),
                           faces);
    } else if (!status) {
        status = delete_vertex(&job, err);
    }
    finish_job(&job);
    return status;
}
