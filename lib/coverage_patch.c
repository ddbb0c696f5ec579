/* Owns patches: a few faces with lines drawn over them, arranged and painted. */
#include "coverage_patch.h"

#include <math.h>

#include "internal.h"

/* How near a line must come to a boundary, in steps, for the faces beside it to be
 * arranged: snap rounding moves a segment by at most one step, and what moved may bend
 * the next. */
static const double near_steps = 4;

enum wg_status wg_patch_init(struct wg_patch *patch, struct wg_coverage *c,
                             struct wg_error *err)
{
    *patch = (struct wg_patch){.c = c};
    patch->has = calloc(wg_coverage_n_face(c) + (size_t)1, sizeof *patch->has);
    return patch->has ? WG_OK : wg_fail_memory(err);
}

void wg_patch_finish(struct wg_patch *patch)
{
    wg_arrangement_finish(&patch->a);
    free(patch->face);
    free(patch->has);
    free(patch->input);
    free(patch->origin);
    free(patch->pin);
    free(patch->segment);
    free(patch->cut);
    free(patch->old);
    free(patch->part);
    free(patch->place);
    free(patch->owner);
    free(patch->swept);
    free(patch->to);
    *patch = (struct wg_patch){0};
}

void wg_patch_touch(struct wg_patch *patch, uint32_t face)
{
    void *array = patch->face;

    if (face == WG_NONE || patch->has[face])
        return;
    if (!wg_grow(&array, &patch->cap_face, patch->n_face + 1, sizeof *patch->face)) {
        patch->failed = true;
        return;
    }
    patch->face = array;
    patch->face[patch->n_face++] = face;
    patch->has[face] = true;
}

struct reach {
    struct wg_patch *patch;
    struct wg_spot a, b;
};

static bool touch_beside(uint32_t segment, void *user)
{
    const struct reach *reach = user;
    struct wg_patch *patch = reach->patch;
    const struct wg_segment *s = wg_coverage_segment(patch->c, segment);
    struct wg_spot c = wg_coverage_spot(patch->c, s->a);
    struct wg_spot d = wg_coverage_spot(patch->c, s->b);

    if ((patch->has[s->left] && patch->has[s->right]) ||
        (wg_spot_meet(reach->a, reach->b, c, d) == WG_APART &&
         wg_spot_distance(reach->a, reach->b, c) > near_steps &&
         wg_spot_distance(reach->a, reach->b, d) > near_steps &&
         wg_spot_distance(c, d, reach->a) > near_steps &&
         wg_spot_distance(c, d, reach->b) > near_steps))
        return true;
    for (int side = 0; side < 2; side++) {
        uint32_t face = side ? s->right : s->left;
        if (face != 0 || patch->outside)
            wg_patch_touch(patch, face);
    }
    return true;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

void wg_patch_touch_line(struct wg_patch *patch, struct wg_spot a, struct wg_spot b)
{
    const int32_t margin = (int32_t)near_steps + 1;
    struct wg_spot min = {least(a.x, b.x) - margin, least(a.y, b.y) - margin};
    struct wg_spot max = {most(a.x, b.x) + margin, most(a.y, b.y) + margin};
    struct reach reach = {patch, a, b};

    wg_coverage_near(patch->c, min, max, touch_beside, &reach);
}

static bool add_cut(struct wg_patch_cut **list, size_t *n, size_t *cap,
                    struct wg_patch_cut cut)
{
    void *array = *list;

    if (!wg_grow(&array, cap, *n + 1, sizeof **list))
        return false;
    *list = array;
    (*list)[(*n)++] = cut;
    return true;
}

static double along_segment(const struct wg_coverage *c, uint32_t segment,
                            struct wg_spot spot)
{
    const struct wg_segment *s = wg_coverage_segment(c, segment);
    struct wg_spot a = wg_coverage_spot(c, s->a), b = wg_coverage_spot(c, s->b);

    return ((double)spot.x - a.x) * ((double)b.x - a.x) +
           ((double)spot.y - a.y) * ((double)b.y - a.y);
}

static bool pin_segment(uint32_t segment, void *user)
{
    const struct reach *reach = user;
    struct wg_patch *patch = reach->patch;
    const struct wg_segment *s = wg_coverage_segment(patch->c, segment);
    struct wg_spot a = wg_coverage_spot(patch->c, s->a);
    struct wg_spot b = wg_coverage_spot(patch->c, s->b);

    if (wg_spot_equal(a, reach->a) || wg_spot_equal(b, reach->a) ||
        wg_spot_distance(a, b, reach->a) > 1)
        return true;
    if (!add_cut(&patch->pin, &patch->n_pin, &patch->cap_pin,
                 (struct wg_patch_cut){segment, reach->a,
                                       along_segment(patch->c, segment, reach->a)}))
        patch->failed = true;
    return true;
}

void wg_patch_pin(struct wg_patch *patch, struct wg_spot spot)
{
    struct wg_spot min = {spot.x - 2, spot.y - 2}, max = {spot.x + 2, spot.y + 2};
    struct reach reach = {patch, spot, spot};

    if (wg_coverage_vertex_at(patch->c, spot) == WG_NONE)
        wg_coverage_near(patch->c, min, max, pin_segment, &reach);
}

static void add_input(struct wg_patch *patch, struct wg_arrange_segment segment,
                      uint32_t origin)
{
    void *inputs = patch->input, *origins = patch->origin;

    if (!wg_grow(&inputs, &patch->cap_input, patch->n_input + 1, sizeof *patch->input)) {
        patch->failed = true;
        return;
    }
    patch->input = inputs;
    if (!wg_grow(&origins, &patch->cap_origin, patch->n_input + 1,
                 sizeof *patch->origin)) {
        patch->failed = true;
        return;
    }
    patch->origin = origins;
    patch->origin[patch->n_input] = origin;
    patch->input[patch->n_input++] = segment;
}

static int order_of_cut(const void *x, const void *y)
{
    const struct wg_patch_cut *a = x, *b = y;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->along > b->along) - (a->along < b->along);
}

static size_t first_pin(const struct wg_patch *patch, uint32_t segment)
{
    size_t low = 0, high = patch->n_pin;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (patch->pin[middle].number < segment)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_segment(struct wg_patch *patch, uint32_t segment)
{
    const struct wg_segment *s = wg_coverage_segment(patch->c, segment);
    uint32_t number = (uint32_t)patch->n_segment;
    void *array = patch->segment;

    if (!wg_grow(&array, &patch->cap_segment, patch->n_segment + 1,
                 sizeof *patch->segment)) {
        patch->failed = true;
        return;
    }
    patch->segment = array;
    patch->segment[patch->n_segment++] = segment;
    struct wg_arrange_segment in = {.a = wg_coverage_spot(patch->c, s->a),
                                    .left = patch->has[s->left] ? s->left : WG_NO_LABEL,
                                    .right =
                                        patch->has[s->right] ? s->right : WG_NO_LABEL};
    for (size_t i = first_pin(patch, segment);
         i < patch->n_pin && patch->pin[i].number == segment; i++) {
        struct wg_patch_cut cut = patch->pin[i];
        cut.number = number;
        if (!add_cut(&patch->cut, &patch->n_cut, &patch->cap_cut, cut))
            patch->failed = true;
        in.b = cut.spot;
        add_input(patch, in, number);
        in.a = cut.spot;
    }
    in.b = wg_coverage_spot(patch->c, s->b);
    add_input(patch, in, number);
}

void wg_patch_close_faces(struct wg_patch *patch)
{
    if (patch->n_pin > 1)
        qsort(patch->pin, patch->n_pin, sizeof *patch->pin, order_of_cut);
    for (size_t i = 0; i < patch->n_face; i++) {
        uint32_t face = patch->face[i], s = WG_NONE;
        while ((s = wg_coverage_next_of_face(patch->c, face, s)) != WG_NONE) {
            const struct wg_segment *segment = wg_coverage_segment(patch->c, s);
            if (segment->left == face || !patch->has[segment->left])
                add_segment(patch, s);
        }
    }
}

void wg_patch_draw(struct wg_patch *patch, struct wg_spot a, struct wg_spot b,
                   uint32_t source, bool sweeps)
{
    if (wg_spot_equal(a, b))
        return;
    uint32_t label = sweeps ? wg_coverage_n_face(patch->c) : WG_NO_LABEL;
    add_input(patch,
              (struct wg_arrange_segment){
                  .a = a, .b = b, .left = label, .right = WG_NO_LABEL, .source = source},
              WG_NONE);
}

static void note_cut(void *user, uint32_t input, struct wg_spot spot)
{
    struct wg_patch *patch = user;
    uint32_t number = patch->origin[input];

    if (number == WG_NONE)
        return;
    double along = along_segment(patch->c, patch->segment[number], spot);
    if (!add_cut(&patch->cut, &patch->n_cut, &patch->cap_cut,
                 (struct wg_patch_cut){number, spot, along}))
        patch->failed = true;
}

static void find_old(struct wg_patch *patch)
{
    const struct wg_arrangement *a = &patch->a;

    for (uint32_t i = 0; i < a->n_segment; i++) {
        uint32_t from = wg_coverage_vertex_at(patch->c, a->spot[a->a[i]]);
        uint32_t to =
            from == WG_NONE ? WG_NONE : wg_coverage_vertex_at(patch->c, a->spot[a->b[i]]);
        patch->old[i] =
            to == WG_NONE ? WG_NONE : wg_coverage_segment_between(patch->c, from, to);
        patch->part[i] = (struct wg_patch_part){patch->old[i], true};
    }
}

static int order_of_place(const void *x, const void *y)
{
    const struct wg_spot *a = &((const struct wg_patch_place *)x)->spot;
    const struct wg_spot *b = &((const struct wg_patch_place *)y)->spot;
    return a->y != b->y ? (a->y < b->y ? -1 : 1) : (a->x > b->x) - (a->x < b->x);
}

/* The spots at which segments were cut, and those segments' ends, with their numbers. */
static bool find_places(struct wg_patch *patch)
{
    size_t n = 0, kept = 0;

    patch->place = malloc((3 * patch->n_cut + 1) * sizeof *patch->place);
    if (!patch->place)
        return false;
    for (size_t i = 0; i < patch->n_cut; i++) {
        const struct wg_segment *s =
            wg_coverage_segment(patch->c, patch->segment[patch->cut[i].number]);
        patch->place[n++].spot = patch->cut[i].spot;
        patch->place[n++].spot = wg_coverage_spot(patch->c, s->a);
        patch->place[n++].spot = wg_coverage_spot(patch->c, s->b);
    }
    if (n > 1)
        qsort(patch->place, n, sizeof *patch->place, order_of_place);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || order_of_place(&patch->place[kept - 1], &patch->place[i]) != 0)
            patch->place[kept++] = (struct wg_patch_place){patch->place[i].spot, WG_NONE};
    patch->n_place = kept;
    for (uint32_t i = 0; kept > 0 && i < patch->a.n_spot; i++) {
        struct wg_patch_place key = {.spot = patch->a.spot[i]};
        struct wg_patch_place *found =
            bsearch(&key, patch->place, kept, sizeof *patch->place, order_of_place);
        if (found)
            found->number = i;
    }
    return true;
}

static uint32_t number_of(const struct wg_patch *patch, struct wg_spot spot)
{
    struct wg_patch_place key = {.spot = spot};
    const struct wg_patch_place *found =
        bsearch(&key, patch->place, patch->n_place, sizeof *patch->place, order_of_place);
    return found ? found->number : WG_NONE;
}

static uint32_t arranged_between(const struct wg_patch *patch, uint32_t a, uint32_t b)
{
    const struct wg_arrangement *r = &patch->a;

    if (a == WG_NONE || b == WG_NONE)
        return WG_NONE;
    for (uint32_t i = r->first[a]; i < r->first[a + 1]; i++) {
        uint32_t s = r->around[i];
        if ((r->a[s] == a && r->b[s] == b) || (r->a[s] == b && r->b[s] == a))
            return s;
    }
    return WG_NONE;
}

/* Cuts are in order by segment and along it, each spot once. */
static void sort_cuts(struct wg_patch *patch)
{
    size_t kept = 0;

    if (patch->n_cut > 1)
        qsort(patch->cut, patch->n_cut, sizeof *patch->cut, order_of_cut);
    for (size_t i = 0; i < patch->n_cut; i++)
        if (kept == 0 || patch->cut[kept - 1].number != patch->cut[i].number ||
            !wg_spot_equal(patch->cut[kept - 1].spot, patch->cut[i].spot))
            patch->cut[kept++] = patch->cut[i];
    patch->n_cut = kept;
}

static size_t count_cuts(const struct wg_patch *patch, size_t first)
{
    size_t n = 1;
    while (first + n < patch->n_cut &&
           patch->cut[first + n].number == patch->cut[first].number)
        n++;
    return n;
}

/* The n + 1 parts of a segment that n cuts make, WG_NONE where one is not there. */
static void find_parts(const struct wg_patch *patch, size_t first, size_t n,
                       uint32_t *part)
{
    const struct wg_segment *s =
        wg_coverage_segment(patch->c, patch->segment[patch->cut[first].number]);
    uint32_t from = number_of(patch, wg_coverage_spot(patch->c, s->a));

    for (size_t i = 0; i <= n; i++) {
        uint32_t to = number_of(patch, i < n ? patch->cut[first + i].spot
                                             : wg_coverage_spot(patch->c, s->b));
        part[i] = arranged_between(patch, from, to);
        if (part[i] != WG_NONE) {
            patch->part[part[i]].segment = patch->segment[patch->cut[first].number];
            patch->part[part[i]].along = patch->a.a[part[i]] == from;
        }
        from = to;
    }
}

static bool find_all_parts(struct wg_patch *patch)
{
    uint32_t *part = malloc((patch->n_cut + 2) * sizeof *part);
    size_t n;

    if (!part)
        return false;
    sort_cuts(patch);
    bool good = find_places(patch);
    for (size_t i = 0; good && i < patch->n_cut; i += n) {
        n = count_cuts(patch, i);
        find_parts(patch, i, n, part);
    }
    free(part);
    return good;
}

/* The outside's label is counted from infinity like any other, so it covers what is not
 * outside. */
static void find_owners(struct wg_patch *patch)
{
    const struct wg_arrangement *a = &patch->a;
    uint32_t n_face = wg_coverage_n_face(patch->c);

    for (uint32_t p = 0; p < a->n_face; p++) {
        uint32_t owner = WG_NONE;
        bool outside = patch->has[0];
        for (uint32_t i = a->cover_first[p]; i < a->cover_first[p + 1]; i++) {
            if (a->cover[i] == 0)
                outside = false;
            else if (a->cover[i] == n_face)
                patch->swept[p] = true;
            else
                owner = a->cover[i];
        }
        patch->owner[p] = owner == WG_NONE && outside ? 0 : owner;
        patch->to[p] = patch->owner[p];
    }
}

enum wg_status wg_patch_arrange(struct wg_patch *patch, struct wg_error *err)
{
    struct wg_arrange_options options = {.cut = note_cut, .user = patch};
    enum wg_status status;

    if (patch->failed)
        return wg_fail_memory(err);
    status = wg_arrange(patch->n_input, patch->input, &options, &patch->a, err);
    if (status)
        return status;
    patch->old = malloc((patch->a.n_segment + (size_t)1) * sizeof *patch->old);
    patch->part = malloc((patch->a.n_segment + (size_t)1) * sizeof *patch->part);
    patch->owner = malloc((patch->a.n_face + (size_t)1) * sizeof *patch->owner);
    patch->to = malloc((patch->a.n_face + (size_t)1) * sizeof *patch->to);
    patch->swept = calloc(patch->a.n_face + (size_t)1, sizeof *patch->swept);
    if (patch->failed || !patch->old || !patch->part || !patch->owner || !patch->to ||
        !patch->swept)
        return wg_fail_memory(err);
    find_old(patch);
    find_owners(patch);
    if (!find_all_parts(patch))
        return wg_fail_memory(err);
    for (uint32_t i = 0; i < patch->a.n_segment && !patch->unclear; i++)
        patch->unclear = wg_patch_was(patch, i, true) == WG_NONE ||
                         wg_patch_was(patch, i, false) == WG_NONE;
    if (patch->unclear && patch->outside)
        return wg_fail(err, WG_INTERNAL,
                       _("The boundaries near the line could not be arranged."));
    return WG_OK;
}

uint32_t wg_patch_was(const struct wg_patch *patch, uint32_t segment, bool left)
{
    uint32_t piece = left ? patch->a.left[segment] : patch->a.right[segment];
    const struct wg_patch_part *part = &patch->part[segment];

    if (patch->owner[piece] != WG_NONE || part->segment == WG_NONE)
        return patch->owner[piece];
    const struct wg_segment *s = wg_coverage_segment(patch->c, part->segment);
    return left == part->along ? s->left : s->right;
}

static uint32_t becomes(const struct wg_patch *patch, uint32_t segment, bool left)
{
    uint32_t piece = left ? patch->a.left[segment] : patch->a.right[segment];
    return patch->owner[piece] == WG_NONE ? wg_patch_was(patch, segment, left)
                                          : patch->to[piece];
}

/* ---- what was cut for nothing stays whole ---- */

struct whole {
    uint32_t *degree; /* of a spot, in what comes out */
    bool *skip;       /* arranged segments not to be put */
    bool *keep;       /* segments not to be taken, by number */
    uint32_t *part;   /* what one input was cut into */
};

/* Are the parts of a segment still its own sides, with nothing ending between them? */
static bool stays_whole(const struct wg_patch *patch, const struct whole *whole,
                        const struct wg_patch_cut *cut, size_t n)
{
    const struct wg_segment *s =
        wg_coverage_segment(patch->c, patch->segment[cut->number]);

    for (size_t i = 0; i <= n; i++) {
        uint32_t part = whole->part[i];
        if (part == WG_NONE ||
            (i < n && whole->degree[number_of(patch, cut[i].spot)] != 2))
            return false;
        bool along = patch->part[part].along;
        if (becomes(patch, part, along) != s->left ||
            becomes(patch, part, !along) != s->right)
            return false;
    }
    return true;
}

static void keep_whole(struct wg_patch *patch, struct whole *whole)
{
    const struct wg_patch_cut *cut = patch->cut;
    size_t n;

    for (size_t i = 0; i < patch->n_cut; i += n) {
        n = count_cuts(patch, i);
        find_parts(patch, i, n, whole->part);
        if (!stays_whole(patch, whole, &cut[i], n))
            continue;
        whole->keep[cut[i].number] = true;
        for (size_t j = 0; j <= n; j++)
            whole->skip[whole->part[j]] = true;
    }
}

static bool prepare(const struct wg_patch *patch, struct whole *whole)
{
    const struct wg_arrangement *a = &patch->a;

    whole->degree = calloc(a->n_spot + (size_t)1, sizeof *whole->degree);
    whole->skip = calloc(a->n_segment + (size_t)1, sizeof *whole->skip);
    whole->keep = calloc(patch->n_segment + 1, sizeof *whole->keep);
    whole->part = malloc((patch->n_cut + 2) * sizeof *whole->part);
    if (!whole->degree || !whole->skip || !whole->keep || !whole->part)
        return false;
    for (uint32_t i = 0; i < a->n_segment; i++)
        if (becomes(patch, i, true) != becomes(patch, i, false)) {
            whole->degree[a->a[i]]++;
            whole->degree[a->b[i]]++;
        }
    return true;
}

/* Is an arranged segment there as it is to be? */
static bool is_as_it_was(const struct wg_patch *patch, uint32_t i)
{
    if (patch->old[i] == WG_NONE)
        return false;
    const struct wg_segment *s = wg_coverage_segment(patch->c, patch->old[i]);
    return becomes(patch, i, true) == s->left && becomes(patch, i, false) == s->right;
}

static int order_of_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

bool wg_patch_paint(struct wg_patch *patch)
{
    struct wg_coverage *c = patch->c;
    const struct wg_arrangement *a = &patch->a;
    struct whole whole = {0};
    uint32_t *same = malloc((a->n_segment + (size_t)1) * sizeof *same);
    size_t n_same = 0;
    bool good = prepare(patch, &whole) && same;

    if (!good)
        goto out;
    keep_whole(patch, &whole);
    for (uint32_t i = 0; i < a->n_segment; i++)
        if (is_as_it_was(patch, i))
            same[n_same++] = patch->old[i];
    if (n_same > 1)
        qsort(same, n_same, sizeof *same, order_of_number);
    for (size_t i = 0; i < patch->n_segment; i++)
        if (!whole.keep[i] &&
            !bsearch(&patch->segment[i], same, n_same, sizeof *same, order_of_number))
            wg_edit_take(c, patch->segment[i]);
    for (uint32_t i = 0; i < a->n_segment; i++)
        if (!whole.skip[i] && !is_as_it_was(patch, i))
            wg_edit_put(c, a->spot[a->a[i]], a->spot[a->b[i]], becomes(patch, i, true),
                        becomes(patch, i, false));
out:
    free(whole.degree);
    free(whole.skip);
    free(whole.keep);
    free(whole.part);
    free(same);
    return good;
}
