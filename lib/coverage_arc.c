/* Owns moving a whole arc, its ends staying or moving along. */
#include <math.h>
#include <stdio.h>

#include "coverage_patch.h"
#include "coverage_puts.h"
#include "internal.h"

/* Sources: the moved arc, and what ties it to its first and its last node. */
enum { ARC = 1, FIRST_TIE = 2, LAST_TIE = 4 };

struct job {
    struct wg_coverage *c;
    uint32_t *vertex; /* of the arc; closed: the last is the first */
    size_t n, cap;
    struct wg_spot *spot; /* of them: an edit that was tried may leave other numbers */
    bool is_ring;         /* without a node */
    bool ends;            /* move along */
    uint32_t left, right;
    struct wg_spot foot; /* the place on the arc it was taken by */
    struct wg_puts puts;
    uint32_t *star, *segment;
    size_t cap_star, n_segment, cap_segment;
    struct wg_spot at; /* where it goes wrong */
    uint32_t third;    /* whose face is in the way */
    enum wg_refusal_reason reason;
};

static void finish_job(struct job *job)
{
    wg_puts_finish(&job->puts);
    free(job->vertex);
    free(job->spot);
    free(job->star);
    free(job->segment);
}

/* ---- all its vertices move ---- */

static int order_of_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static size_t sort_once(uint32_t *number, size_t n)
{
    size_t kept = 0;

    if (n > 1)
        qsort(number, n, sizeof *number, order_of_number);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || number[kept - 1] != number[i])
            number[kept++] = number[i];
    return kept;
}

/* Every segment that has a vertex of the arc, once, in job->segment. */
static enum wg_status find_segments(struct job *job, struct wg_error *err)
{
    job->n_segment = 0;
    for (size_t i = 0; i < job->n; i++) {
        uint32_t n;
        enum wg_status status =
            wg_star(job->c, job->vertex[i], &job->star, &job->cap_star, &n, err);
        void *array = job->segment;
        if (status)
            return status;
        if (!wg_grow(&array, &job->cap_segment, job->n_segment + n, sizeof *job->segment))
            return wg_fail_memory(err);
        job->segment = array;
        for (uint32_t j = 0; j < n; j++)
            job->segment[job->n_segment++] = job->star[j];
    }
    job->n_segment = sort_once(job->segment, job->n_segment);
    return WG_OK;
}

static struct wg_spot shifted(struct wg_spot spot, struct wg_spot by)
{
    return (struct wg_spot){spot.x + by.x, spot.y + by.y};
}

static void begin_edit(const struct job *job, struct wg_spot by)
{
    char at[WG_PLACE_SIZE], x[WG_NUMBER_SIZE], y[WG_NUMBER_SIZE];

    wg_number_write(by.x * WG_LATTICE_STEP, x);
    wg_number_write(by.y * WG_LATTICE_STEP, y);
    wg_edit_begin(job->c, "move-arc", "%s @%s,%s%s", wg_place_text(job->c, job->foot, at),
                  x, y, job->ends ? " ends" : "");
}

static enum wg_status begin_all(struct job *job, struct wg_spot by, struct wg_error *err)
{
    const struct wg_coverage *c = job->c;
    enum wg_status status = find_segments(job, err);
    uint32_t *moved = status ? NULL : malloc(job->n * sizeof *moved);
    size_t n_moved;

    if (!moved)
        return status ? status : wg_fail_memory(err);
    for (size_t i = 0; i < job->n; i++)
        moved[i] = job->vertex[i];
    n_moved = sort_once(moved, job->n);
    wg_puts_clear(&job->puts);
    for (size_t i = 0; i < job->n_segment; i++) {
        const struct wg_segment *s = wg_coverage_segment(c, job->segment[i]);
        struct wg_spot a = wg_coverage_spot(c, s->a), b = wg_coverage_spot(c, s->b);
        if (bsearch(&s->a, moved, n_moved, sizeof *moved, order_of_number))
            a = shifted(a, by);
        if (bsearch(&s->b, moved, n_moved, sizeof *moved, order_of_number))
            b = shifted(b, by);
        wg_puts_bend(&job->puts, c, job->segment[i], a, b);
    }
    free(moved);
    if (!wg_puts_join(&job->puts, c, &job->at)) {
        job->reason = WG_REFUSED_CROSSING;
        return job->puts.failed ? wg_fail_memory(err) : WG_CONSTRAINT;
    }
    begin_edit(job, by);
    wg_puts_edit(&job->puts, job->c);
    return WG_OK;
}

/* ---- its ends stay ---- */

/* From its first node to the moved arc, along it, and to its last node; and back along
 * the arc as it is: what lies within changes hands. */
static void draw_sweep(struct job *job, struct wg_patch *patch, struct wg_spot by)
{
    const struct wg_coverage *c = job->c;
    struct wg_spot first = wg_coverage_spot(c, job->vertex[0]);
    struct wg_spot last = wg_coverage_spot(c, job->vertex[job->n - 1]);

    wg_patch_touch(patch, job->left);
    wg_patch_touch(patch, job->right);
    wg_patch_touch_line(patch, first, shifted(first, by));
    wg_patch_touch_line(patch, shifted(last, by), last);
    for (size_t i = 0; i + 1 < job->n; i++)
        wg_patch_touch_line(patch, shifted(wg_coverage_spot(c, job->vertex[i]), by),
                            shifted(wg_coverage_spot(c, job->vertex[i + 1]), by));
    for (size_t i = 0; i < job->n; i++)
        wg_patch_pin(patch, shifted(wg_coverage_spot(c, job->vertex[i]), by));
    wg_patch_close_faces(patch);
    wg_patch_draw(patch, first, shifted(first, by), FIRST_TIE, true);
    wg_patch_draw(patch, shifted(last, by), last, LAST_TIE, true);
    for (size_t i = 0; i + 1 < job->n; i++) {
        struct wg_spot a = wg_coverage_spot(c, job->vertex[i]);
        struct wg_spot b = wg_coverage_spot(c, job->vertex[i + 1]);
        wg_patch_draw(patch, shifted(a, by), shifted(b, by), ARC, true);
        wg_patch_draw(patch, b, a, 0, true);
    }
}

/* Pieces of other faces that are swept: an end of the arc that comes out beyond the
 * boundary it slides along is cut off there, so those at one tie stay; but the arc itself
 * must not cross another boundary.  `ties` has room for a number by piece. */
static bool is_barred(struct job *job, const struct wg_patch *patch, uint32_t *ties)
{
    const struct wg_arrangement *a = &patch->a;
    const uint32_t both = FIRST_TIE | LAST_TIE;

    for (uint32_t i = 0; i < a->n_segment; i++) {
        ties[a->left[i]] |= a->source[i] & both;
        ties[a->right[i]] |= a->source[i] & both;
    }
    for (uint32_t i = 0; i < 2 * a->n_segment; i++) {
        uint32_t piece = i % 2 ? a->right[i / 2] : a->left[i / 2];
        uint32_t owner = patch->owner[piece];
        if (!(a->source[i / 2] & ARC) || !patch->swept[piece] || owner == job->left ||
            owner == job->right || ties[piece] == FIRST_TIE || ties[piece] == LAST_TIE)
            continue;
        job->at = a->spot[a->a[i / 2]];
        job->third = owner == WG_NONE ? 0 : owner;
        job->reason = WG_REFUSED_CROSSING;
        return true;
    }
    return false;
}

static bool give_swept(const struct job *job, struct wg_patch *patch)
{
    bool any = false;

    for (uint32_t p = 0; p < patch->a.n_face; p++) {
        if (!patch->swept[p])
            continue;
        if (patch->owner[p] == job->left)
            patch->to[p] = job->right;
        else if (patch->owner[p] == job->right)
            patch->to[p] = job->left;
        any = any || patch->to[p] != patch->owner[p];
    }
    return any;
}

static enum wg_status arrange_sweep(struct job *job, struct wg_patch *patch,
                                    struct wg_spot by, bool outside, struct wg_error *err)
{
    enum wg_status status = wg_patch_init(patch, job->c, err);

    if (status)
        return status;
    patch->outside = outside;
    draw_sweep(job, patch, by);
    return wg_patch_arrange(patch, err);
}

static enum wg_status begin_sweep(struct job *job, struct wg_spot by,
                                  struct wg_error *err)
{
    struct wg_patch patch;
    uint32_t *ties = NULL;
    bool outer = job->left == 0 || job->right == 0;
    enum wg_status status = arrange_sweep(job, &patch, by, outer, err);

    if (!status && patch.unclear) {
        wg_patch_finish(&patch);
        status = arrange_sweep(job, &patch, by, true, err);
    }
    if (status)
        goto out;
    ties = calloc(patch.a.n_face + (size_t)1, sizeof *ties);
    if (!ties) {
        status = wg_fail_memory(err);
        goto out;
    }
    if (is_barred(job, &patch, ties)) {
        status = WG_CONSTRAINT;
        goto out;
    }
    if (!give_swept(job, &patch)) {
        job->reason = WG_REFUSED_NO_EFFECT;
        job->at = job->foot;
        job->third = 0;
        status = WG_CONSTRAINT;
        goto out;
    }
    begin_edit(job, by);
    if (!wg_patch_paint(&patch)) {
        wg_edit_abandon(job->c);
        status = wg_fail_memory(err);
    }
out:
    free(ties);
    wg_patch_finish(&patch);
    return status;
}

/* ---- both ---- */

/* Does the arc stay where the lattice goes? */
static bool is_in_reach(const struct job *job, struct wg_spot by)
{
    for (size_t i = 0; i < job->n; i++) {
        struct wg_spot s = wg_coverage_spot(job->c, job->vertex[i]);
        if (llabs((long long)s.x + by.x) > WG_LATTICE_REACH ||
            llabs((long long)s.y + by.y) > WG_LATTICE_REACH)
            return false;
    }
    return true;
}

/* Open the edit.  WG_CONSTRAINT: it cannot be, job->reason and job->at say why, and no
 * edit is open. */
static enum wg_status begin_by(struct job *job, struct wg_spot by, struct wg_error *err)
{
    for (size_t i = 0; i < job->n; i++)
        job->vertex[i] = wg_coverage_vertex_at(job->c, job->spot[i]);
    if (job->is_ring || job->ends)
        return begin_all(job, by, err);
    return begin_sweep(job, by, err);
}

static bool passes_by(struct wg_spot by, void *user)
{
    struct job *job = user;
    return begin_by(job, by, NULL) == WG_OK && wg_edit_passes(job->c);
}

static enum wg_status refuse(struct job *job, struct wg_error *err)
{
    if (job->reason == WG_REFUSED_NO_EFFECT)
        return wg_refuse(job->c, job->reason, job->at, job->left, job->right, NULL, err,
                         _("The arc would lie where it lies: no boundary changes."));
    return wg_refuse(job->c, job->reason, job->at, job->left, job->third,
                     _("Move it less far."), err,
                     _("The arc would cross or meet another boundary, that of %s."),
                     wg_face_text(job->c, job->third));
}

static enum wg_status edit_by(struct job *job, struct wg_spot by, struct wg_error *err)
{
    struct wg_spot zero = {0, 0}, best;
    enum wg_status status = begin_by(job, by, err);

    if (status == WG_CONSTRAINT)
        status = refuse(job, err);
    else if (status == WG_OK)
        status = wg_edit_end(job->c, err);
    if (status == WG_CONSTRAINT &&
        wg_coverage_refusal(job->c)->reason != WG_REFUSED_NO_EFFECT &&
        wg_furthest(zero, by, passes_by, job, &best)) {
        struct wg_spot way[2] = {job->foot, shifted(job->foot, best)};
        wg_refuse_propose(job->c, 2, way);
    }
    return status;
}

static enum wg_status find_arc(struct job *job, struct wg_point at, double within_m,
                               struct wg_error *err)
{
    struct wg_coverage *c = job->c;
    struct wg_spot spot;
    enum wg_status status = wg_coverage_place(c, at, &spot, err);

    if (status)
        return status;
    uint32_t found = wg_pick_segment(c, spot, wg_within_steps(within_m));
    uint32_t nearest = found == WG_NONE ? wg_nearest_segment(c, spot) : found;
    if (nearest == WG_NONE)
        return wg_refuse(c, WG_REFUSED_NO_SUCH, spot, 0, 0, NULL, err,
                         _("There is no boundary: nothing has one yet."));
    const struct wg_segment *s = wg_coverage_segment(c, nearest);
    job->foot = wg_spot_foot(wg_coverage_spot(c, s->a), wg_coverage_spot(c, s->b), spot);
    if (found == WG_NONE) {
        char place[WG_PLACE_SIZE];
        status = wg_refuse(c, WG_REFUSED_NO_SUCH, spot, 0, 0,
                           _("Point at a boundary, or allow a greater distance."), err,
                           _("There is no boundary here; the nearest is at %s."),
                           wg_place_text(c, job->foot, place));
        wg_refuse_propose(c, 1, &job->foot);
        return status;
    }
    job->left = s->left;
    job->right = s->right;
    status = wg_coverage_arc_of(c, nearest, &job->vertex, &job->n, &job->cap, err);
    if (status)
        return status;
    job->spot = malloc(job->n * sizeof *job->spot);
    if (!job->spot)
        return wg_fail_memory(err);
    for (size_t i = 0; i < job->n; i++)
        job->spot[i] = wg_coverage_spot(c, job->vertex[i]);
    uint32_t around;
    status = wg_star(c, job->vertex[0], &job->star, &job->cap_star, &around, err);
    job->is_ring = job->vertex[0] == job->vertex[job->n - 1] && around == 2;
    return status;
}

enum wg_status wg_coverage_move_arc(struct wg_coverage *coverage, struct wg_point at,
                                    double within_m, double dx, double dy, bool ends,
                                    struct wg_error *err)
{
    struct job job = {.c = coverage, .ends = ends};
    double x = nearbyint(dx / WG_LATTICE_STEP), y = nearbyint(dy / WG_LATTICE_STEP);
    enum wg_status status;

    if (!(within_m >= 0) || !isfinite(within_m))
        return wg_fail(err, WG_INVALID,
                       _("A distance to look within is 0 or more metres, and finite."));
    if (!(fabs(x) <= WG_LATTICE_REACH) || !(fabs(y) <= WG_LATTICE_REACH))
        return wg_fail(err, WG_OUT_OF_RANGE,
                       _("The arc would move further than the lattice goes."));
    struct wg_spot by = {(int32_t)x, (int32_t)y};
    status = find_arc(&job, at, within_m, err);
    if (!status && by.x == 0 && by.y == 0)
        status = wg_refuse(coverage, WG_REFUSED_NO_EFFECT, job.foot, job.left, job.right,
                           NULL, err, _("The arc would move by less than a step."));
    else if (!status && !is_in_reach(&job, by))
        status = wg_fail(err, WG_OUT_OF_RANGE,
                         _("The arc would move further than the lattice goes."));
    else if (!status)
        status = edit_by(&job, by, err);
    finish_job(&job);
    return status;
}
