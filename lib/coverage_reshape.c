/* Owns reshaping: boundaries that come to run along a sketch. */
#include <math.h>

#include "coverage_patch.h"
#include "coverage_puts.h"
#include "coverage_sketch.h"
#include "internal.h"

enum { SKETCH = 1 };

struct border { /* of a piece with a face that is not its owner */
    uint32_t piece, face;
    double length, safe; /* safe: with what stays that face's */
};

struct job {
    struct wg_coverage *c;
    uint32_t between[2]; /* faces, or WG_NONE */
    struct wg_patch patch;
    bool *cut; /* the piece goes to somebody */
    struct border *border;
    size_t n_border, cap_border;
};

/* ---- which pieces go ---- */

static int order_of_border(const void *x, const void *y)
{
    const struct border *a = x, *b = y;
    if (a->piece != b->piece)
        return a->piece < b->piece ? -1 : 1;
    return (a->face > b->face) - (a->face < b->face);
}

static bool add_border(struct job *job, uint32_t piece, uint32_t face, double length,
                       double safe)
{
    void *array = job->border;

    if (!wg_grow(&array, &job->cap_border, job->n_border + 1, sizeof *job->border))
        return false;
    job->border = array;
    job->border[job->n_border++] = (struct border){piece, face, length, safe};
    return true;
}

/* Borders of the pieces of faces, summed by piece and face. */
static bool find_borders(struct job *job)
{
    const struct wg_arrangement *a = &job->patch.a;
    size_t kept = 0;

    job->n_border = 0;
    for (uint32_t i = 0; i < a->n_segment; i++)
        for (int side = 0; side < 2; side++) {
            uint32_t piece = side ? a->right[i] : a->left[i];
            uint32_t other = side ? a->left[i] : a->right[i];
            uint32_t face = wg_patch_was(&job->patch, i, side == 1);
            if (job->patch.owner[piece] == WG_NONE || face == job->patch.owner[piece] ||
                face == WG_NONE)
                continue;
            struct wg_spot p = a->spot[a->a[i]], q = a->spot[a->b[i]];
            double length = hypot((double)q.x - p.x, (double)q.y - p.y);
            if (!add_border(job, piece, face, length, job->cut[other] ? 0 : length))
                return false;
        }
    if (job->n_border > 1)
        qsort(job->border, job->n_border, sizeof *job->border, order_of_border);
    for (size_t i = 0; i < job->n_border; i++) {
        struct border *b = &job->border[i], *last = kept ? &job->border[kept - 1] : NULL;
        if (last && last->piece == b->piece && last->face == b->face) {
            last->length += b->length;
            last->safe += b->safe;
        } else {
            job->border[kept++] = *b;
        }
    }
    job->n_border = kept;
    return true;
}

static size_t first_border(const struct job *job, uint32_t piece)
{
    size_t low = 0, high = job->n_border;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (job->border[middle].piece < piece)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t count_borders(const struct job *job, uint32_t piece)
{
    size_t first = first_border(job, piece), i = first;
    while (i < job->n_border && job->border[i].piece == piece)
        i++;
    return i - first;
}

static double size_of(const struct job *job, uint32_t piece)
{
    return piece == 0 ? INFINITY : job->patch.a.area[piece];
}

static uint32_t root_of(uint32_t *up, uint32_t piece)
{
    while (up[piece] != piece) {
        up[piece] = up[up[piece]];
        piece = up[piece];
    }
    return piece;
}

/* Pieces that were one until the sketch cut them; a face may have had several parts. */
static void join_pieces(const struct job *job, uint32_t *up)
{
    const struct wg_patch *patch = &job->patch;
    const struct wg_arrangement *a = &patch->a;

    for (uint32_t p = 0; p < a->n_face; p++)
        up[p] = p;
    for (uint32_t i = 0; i < a->n_segment; i++)
        if (patch->owner[a->left[i]] == patch->owner[a->right[i]])
            up[root_of(up, a->left[i])] = root_of(up, a->right[i]);
}

struct part { /* of a face, by its root */
    uint32_t count, largest, second;
};

static void add_piece(const struct job *job, struct part *part, uint32_t piece)
{
    if (part->count++ == 0) {
        part->largest = part->second = piece;
    } else if (size_of(job, piece) > size_of(job, part->largest)) {
        part->second = part->largest;
        part->largest = piece;
    } else {
        part->second = piece;
    }
}

/* The largest piece of a part stays; but of two pieces that a sketch makes between two
 * points of the same arc, that goes which the arc bounds, however large it is. */
static bool choose_pieces(struct job *job)
{
    const struct wg_patch *patch = &job->patch;
    uint32_t n = patch->a.n_face;
    uint32_t *up = malloc((n + (size_t)1) * sizeof *up);
    struct part *part = calloc(n + (size_t)1, sizeof *part);
    bool good = up && part && find_borders(job);

    if (good)
        join_pieces(job, up);
    for (uint32_t p = 0; good && p < n; p++)
        if (patch->owner[p] != WG_NONE)
            add_piece(job, &part[root_of(up, p)], p);
    for (uint32_t p = 0; good && p < n; p++)
        if (part[p].count == 2 && part[p].largest != 0 &&
            count_borders(job, part[p].largest) == 1 &&
            count_borders(job, part[p].second) > 1)
            part[p].largest = part[p].second;
    for (uint32_t p = 0; good && p < n; p++)
        job->cut[p] = patch->owner[p] != WG_NONE && part[root_of(up, p)].largest != p;
    free(up);
    free(part);
    return good;
}

static bool may_change(const struct job *job, uint32_t face)
{
    return job->between[0] == WG_NONE || face == job->between[0] ||
           face == job->between[1];
}

/* A border where the other face keeps its side counts before one where it does not, and a
 * grid before nobody's area, so that no gap opens beside a grid. */
static bool is_better(const struct job *job, const struct border *b,
                      const struct border *than)
{
    bool grid = wg_coverage_get_face(job->c, b->face)->kind == WG_FACE_GRID;
    int class = 2 * (b->safe > 0) + grid;

    if (!than)
        return true;
    bool than_grid = wg_coverage_get_face(job->c, than->face)->kind == WG_FACE_GRID;
    int than_class = 2 * (than->safe > 0) + than_grid;
    if (class != than_class)
        return class > than_class;
    return b->safe != than->safe ? b->safe > than->safe : b->length > than->length;
}

/* Each piece that goes: to the face of the best border with it. */
static bool give_pieces(struct job *job, bool *any)
{
    struct wg_patch *patch = &job->patch;

    if (!find_borders(job))
        return false;
    *any = false;
    for (uint32_t p = 0; p < patch->a.n_face; p++) {
        const struct border *best = NULL;
        if (!job->cut[p] || !may_change(job, patch->owner[p]))
            continue;
        for (size_t i = first_border(job, p);
             i < job->n_border && job->border[i].piece == p; i++) {
            const struct border *b = &job->border[i];
            if (may_change(job, b->face) && is_better(job, b, best))
                best = b;
        }
        if (best) {
            patch->to[p] = best->face;
            *any = true;
        }
    }
    return true;
}

/* ---- the edit ---- */

static void finish_job(struct job *job)
{
    wg_patch_finish(&job->patch);
    free(job->cut);
    free(job->border);
}

static enum wg_status arrange(struct job *job, const struct wg_sketch *sketch,
                              bool outside, struct wg_error *err)
{
    struct wg_patch *patch = &job->patch;
    enum wg_status status = wg_patch_init(patch, job->c, err);

    if (status)
        return status;
    patch->outside = outside;
    uint32_t first = wg_coverage_face_at_spot(job->c, sketch->spot[0]);
    if (first != 0 || outside)
        wg_patch_touch(patch, first);
    for (size_t i = 0; i + 1 < sketch->n; i++)
        wg_patch_touch_line(patch, sketch->spot[i], sketch->spot[i + 1]);
    for (size_t i = 0; i < sketch->n; i++)
        wg_patch_pin(patch, sketch->spot[i]);
    wg_patch_close_faces(patch);
    for (size_t i = 0; i + 1 < sketch->n; i++)
        wg_patch_draw(patch, sketch->spot[i], sketch->spot[i + 1], SKETCH, false);
    return wg_patch_arrange(patch, err);
}

/* Arrange, and decide; *any: something would change. */
static enum wg_status prepare(struct job *job, const struct wg_sketch *sketch, bool *any,
                              struct wg_error *err)
{
    struct wg_patch *patch = &job->patch;
    enum wg_status status = arrange(job, sketch, false, err);

    if (!status && patch->unclear) { /* it passes through the outside */
        wg_patch_finish(patch);
        status = arrange(job, sketch, true, err);
    }
    if (status)
        return status;
    job->cut = calloc(patch->a.n_face + (size_t)1, sizeof *job->cut);
    if (!job->cut || !choose_pieces(job) || !give_pieces(job, any))
        return wg_fail_memory(err);
    return WG_OK;
}

static enum wg_status paint(struct job *job, const struct wg_sketch *sketch,
                            struct wg_error *err)
{
    char *text = wg_sketch_text(job->c, sketch);

    if (!text)
        return wg_fail_memory(err);
    wg_edit_begin(job->c, "reshape", "%s", text);
    free(text);
    if (wg_patch_paint(&job->patch))
        return WG_OK;
    wg_edit_abandon(job->c);
    return wg_fail_memory(err);
}

/* Would a sketch whose ends are put be accepted? */
static bool would_pass(struct wg_coverage *c, const uint32_t between[2],
                       const struct wg_sketch *sketch)
{
    struct job job = {.c = c, .between = {between[0], between[1]}};
    bool any = false;
    size_t i, j;
    struct wg_spot at;
    bool passes = !wg_sketch_crosses_itself(sketch, &i, &j, &at) &&
                  prepare(&job, sketch, &any, NULL) == WG_OK && any &&
                  paint(&job, sketch, NULL) == WG_OK && wg_edit_passes(c);
    finish_job(&job);
    return passes;
}

static void propose(struct wg_coverage *c, const uint32_t between[2],
                    const struct wg_sketch *sketch)
{
    if (sketch->n > 1 && would_pass(c, between, sketch))
        wg_refuse_propose(c, sketch->n, sketch->spot);
}

/* Of a sketch that is refused, the longest part between boundaries that would pass. */
static void propose_part(struct wg_coverage *c, const uint32_t between[2],
                         const struct wg_sketch *sketch)
{
    enum { MOST = 12 }; /* meetings, as every pair of them is tried */
    struct wg_sketch all = {0};
    size_t *at, n, from = 0, to = 0;

    if (wg_sketch_meetings(c, sketch, &all, &at, &n, NULL) == WG_OK && n <= MOST)
        for (size_t i = 0; i < n; i++)
            for (size_t j = n; j-- > i + 1;) {
                struct wg_sketch part = {.spot = all.spot + at[i],
                                         .n = at[j] - at[i] + 1};
                if (at[j] - at[i] <= to - from || !would_pass(c, between, &part))
                    continue;
                from = at[i];
                to = at[j];
            }
    if (to > from)
        wg_refuse_propose(c, to - from + 1, all.spot + from);
    wg_sketch_finish(&all);
    free(at);
}

/* ---- refusals ---- */

static enum wg_status refuse_loop(struct wg_coverage *c, struct wg_sketch *sketch,
                                  const uint32_t between[2], double within,
                                  struct wg_spot at, struct wg_error *err)
{
    bool on[2];
    char place[WG_PLACE_SIZE];
    uint32_t face = wg_coverage_face_at_spot(c, at);
    enum wg_status status = wg_refuse(
        c, WG_REFUSED_CROSSING, at, face, 0, _("Draw it without the loop."), err,
        _("The sketch crosses itself at %s."), wg_place_text(c, at, place));

    wg_sketch_drop_loops(sketch);
    if (sketch->n > 1) {
        wg_sketch_put_ends(c, sketch, within, on);
        propose(c, between, sketch);
    }
    return status;
}

/* Nothing is cut off: an end that hangs in the air is why, or else the sketch meets
 * boundaries fewer than twice. */
static enum wg_status refuse_idle(struct wg_coverage *c, struct wg_sketch *sketch,
                                  const uint32_t between[2], const bool on[2],
                                  struct wg_error *err)
{
    struct wg_spot end = sketch->spot[on[0] ? sketch->n - 1 : 0];
    uint32_t face = wg_coverage_face_at_spot(c, end), nearest;
    char here[WG_PLACE_SIZE], there[WG_PLACE_SIZE];

    if (on[0] && on[1])
        return wg_refuse(c, WG_REFUSED_NO_EFFECT, end, face, 0,
                         _("Draw it from boundary to boundary, through a grid."), err,
                         _("The sketch cuts nothing off: no boundary would change."));
    nearest = wg_nearest_segment(c, end);
    if (nearest == WG_NONE)
        return wg_refuse(c, WG_REFUSED_NO_SUCH, end, face, 0, NULL, err,
                         _("There is no boundary: nothing has one yet."));
    const struct wg_segment *s = wg_coverage_segment(c, nearest);
    struct wg_spot foot =
        wg_spot_foot(wg_coverage_spot(c, s->a), wg_coverage_spot(c, s->b), end);
    enum wg_status status =
        wg_refuse(c, WG_REFUSED_NO_EFFECT, end, face, 0,
                  _("Draw it to the boundary, or allow a greater distance."), err,
                  _("The sketch ends at %s, short of a boundary; the nearest is at %s."),
                  wg_place_text(c, end, here), wg_place_text(c, foot, there));
    bool now[2];
    wg_sketch_put_ends(c, sketch, 4.0 * WG_LATTICE_REACH, now);
    propose(c, between, sketch);
    return status;
}

static bool are_beside(const struct wg_coverage *c, uint32_t a, uint32_t b)
{
    uint32_t s = WG_NONE;
    while ((s = wg_coverage_next_of_face(c, a, s)) != WG_NONE) {
        const struct wg_segment *segment = wg_coverage_segment(c, s);
        if (segment->left == b || segment->right == b)
            return true;
    }
    return false;
}

static enum wg_status find_between(struct wg_coverage *c, const int64_t id[2],
                                   struct wg_spot at, uint32_t face[2],
                                   struct wg_error *err)
{
    face[0] = face[1] = WG_NONE;
    if (id[0] == 0 && id[1] == 0)
        return WG_OK;
    for (int i = 0; i < 2; i++) {
        face[i] = id[i] == 0 ? 0 : wg_coverage_face_of(c, id[i]);
        if (face[i] == WG_NONE)
            return wg_fail(err, WG_NOT_FOUND, _("There is no grid %lld in force here."),
                           (long long)id[i]);
    }
    if (!are_beside(c, face[id[0] == 0], face[id[0] != 0]))
        return wg_refuse(c, WG_REFUSED_NOT_BESIDE, at, face[0], face[1],
                         _("Name two grids with a common boundary."), err,
                         _("%s and %s have no boundary in common."),
                         wg_face_text(c, face[0]), wg_face_text(c, face[1]));
    return WG_OK;
}

enum wg_status wg_coverage_reshape(struct wg_coverage *coverage,
                                   const struct wg_line *sketch,
                                   const struct wg_reshape_options *options,
                                   struct wg_error *err)
{
    static const struct wg_reshape_options none;
    const struct wg_reshape_options *o = options ? options : &none;
    struct wg_sketch drawn = {0};
    struct job job = {.c = coverage};
    double within = wg_within_steps(o->within_m);
    struct wg_spot at;
    size_t i, j;
    bool on[2], any = false;
    enum wg_status status = WG_OK;

    if (!(o->within_m >= 0) || !isfinite(o->within_m))
        return wg_fail(err, WG_INVALID,
                       _("A distance to look within is 0 or more metres, and finite."));
    status = wg_sketch_read(coverage, sketch, &drawn, err);
    if (!status)
        status = find_between(coverage, o->between, drawn.spot[0], job.between, err);
    if (status)
        goto out;
    if (wg_sketch_crosses_itself(&drawn, &i, &j, &at)) {
        status = refuse_loop(coverage, &drawn, job.between, within, at, err);
        goto out;
    }
    wg_sketch_put_ends(coverage, &drawn, within, on);
    if (wg_sketch_crosses_itself(&drawn, &i, &j, &at)) {
        status = refuse_loop(coverage, &drawn, job.between, within, at, err);
        goto out;
    }
    status = prepare(&job, &drawn, &any, err);
    if (!status && !any)
        status = refuse_idle(coverage, &drawn, job.between, on, err);
    else if (!status) {
        status = paint(&job, &drawn, err);
        if (!status)
            status = wg_edit_end(coverage, err);
        if (status == WG_CONSTRAINT)
            propose_part(coverage, job.between, &drawn);
    }
out:
    finish_job(&job);
    wg_sketch_finish(&drawn);
    return status;
}
