/* Owns drawing new grids: in the free area, and carved out of others. */
#include <string.h>

#include "coverage_overlay.h"
#include "internal.h"

struct carve {
    struct wg_overlay_job *o;
    uint32_t free_face;
    bool all;       /* of every grid, and of the free area */
    bool *from;     /* by face; NULL with all, or when only the free area is meant */
    uint32_t first; /* who has something of the area that is not to be had, WG_NONE */
};

static bool is_of(const struct carve *k, uint32_t face)
{
    if (k->from)
        return k->from[face];
    return face == k->free_face ||
           (k->all && wg_coverage_get_face(k->o->c, face)->kind == WG_FACE_GRID);
}

static uint32_t to_new(void *user, uint32_t old, uint32_t plane_face)
{
    struct carve *k = user;

    if (!wg_overlay_inside(k->o, plane_face))
        return old;
    if (is_of(k, old))
        return WG_OVERLAY_NEW;
    k->first = k->first == WG_NONE || k->first == 0 ? old : k->first;
    return old;
}

/* The face that loses most: whom the new grid is like. */
static uint32_t loses_most(const struct wg_overlay_job *o)
{
    uint32_t best = WG_NONE;
    int64_t most = 0;

    for (size_t i = 0; i < o->n_area; i++)
        if (o->area[i].face < WG_OVERLAY_NEW && o->area[i].delta2 < most) {
            best = o->area[i].face;
            most = o->area[i].delta2;
        }
    return best;
}

static enum wg_status refuse_nothing(struct carve *k, struct wg_error *err)
{
    struct wg_spot at = k->o->drawn[0].a;
    uint32_t whose = k->first == WG_NONE ? 0 : k->first;

    if (k->from)
        return wg_refuse(k->o->c, WG_REFUSED_NO_EFFECT, at, whose, WG_NONE,
                         _("Name the grids that have it, or none."), err,
                         _("The area has nothing of the grids named."));
    if (whose == 0)
        return wg_refuse(k->o->c, WG_REFUSED_NOT_FREE, at, WG_NONE, WG_NONE,
                         _("Draw it inside the limit."), err,
                         _("The area lies outside the outer limit."));
    return wg_refuse(k->o->c, WG_REFUSED_NOT_FREE, at, whose, WG_NONE,
                     _("Draw it where no grid is, or carve it out."), err,
                     _("Nothing of the area is free: grid %s has it."),
                     wg_face_words(k->o->c, whose).text);
}

/* What is carved must lie inside the limit altogether. */
static enum wg_status refuse_leaving(struct carve *k, struct wg_error *err)
{
    const struct wg_overlay_job *o = k->o;

    for (uint32_t s = 0; s < o->plane.n_segment; s++) {
        if ((o->left[s] != 0 || !wg_overlay_inside(o, o->plane.left[s])) &&
            (o->right[s] != 0 || !wg_overlay_inside(o, o->plane.right[s])))
            continue;
        enum wg_status status =
            wg_refuse(o->c, WG_REFUSED_LIMIT, o->plane.spot[o->plane.a[s]], WG_NONE,
                      WG_NONE, _("Take the outline proposed: what of it lies inside."),
                      err, _("The area leaves the outer limit."));
        wg_overlay_propose(k->o, WG_OVERLAY_NEW);
        return status;
    }
    return WG_OK;
}

static enum wg_status new_grid(struct carve *k, const struct wg_multipolygon *area,
                               const struct wg_new_grid *as, const char *op,
                               int64_t *made, struct wg_error *err)
{
    struct wg_overlay_job *o = k->o;
    char *words = NULL;
    enum wg_status s = wg_overlay_check_code(o->c, as, err);

    if (s == WG_OK)
        s = wg_overlay_add_area(o, area, err);
    if (s == WG_OK)
        s = wg_overlay_make(o, WG_NONE, err);
    if (s == WG_OK)
        s = wg_overlay_plan(o, to_new, k, true, err);
    if (s == WG_OK && wg_overlay_growth(o, WG_OVERLAY_NEW) <= 0)
        s = refuse_nothing(k, err);
    if (s == WG_OK && k->all && k->free_face != 0)
        s = refuse_leaving(k, err);
    if (s == WG_OK && !(words = wg_overlay_words(o->c, 0, NULL, area, NULL)))
        s = wg_fail_memory(err);
    if (s == WG_OK) {
        struct wg_overlay_edit edit = {.op = op,
                                       .arguments = words,
                                       .fn = to_new,
                                       .user = k,
                                       .n_new = 1,
                                       .like = loses_most(o),
                                       .as = as,
                                       .made = made,
                                       .cap = 1};
        s = wg_overlay_run(o, &edit, err);
    }
    free(words);
    return s;
}

enum wg_status wg_coverage_draw(struct wg_coverage *coverage,
                                const struct wg_multipolygon *area,
                                const struct wg_new_grid *as, int64_t *made,
                                struct wg_error *err)
{
    struct wg_overlay_job o;
    struct carve k = {.o = &o, .free_face = wg_overlay_free(coverage), .first = WG_NONE};
    enum wg_status s;

    wg_overlay_begin(&o, coverage);
    s = new_grid(&k, area, as, "draw", made, err);
    wg_overlay_finish(&o);
    return s;
}

enum wg_status wg_coverage_carve(struct wg_coverage *coverage,
                                 const struct wg_multipolygon *area, size_t n,
                                 const int64_t *from, const struct wg_new_grid *as,
                                 int64_t *made, struct wg_error *err)
{
    struct wg_overlay_job o;
    struct carve k = {
        .o = &o, .free_face = wg_overlay_free(coverage), .all = n == 0, .first = WG_NONE};
    enum wg_status s = WG_OK;

    wg_overlay_begin(&o, coverage);
    if (n > 0) {
        k.from = calloc(wg_coverage_n_face(coverage), sizeof *k.from);
        if (!k.from)
            s = wg_fail_memory(err);
    }
    for (size_t i = 0; s == WG_OK && i < n; i++) {
        uint32_t face;
        s = wg_overlay_face(coverage, from[i], &face, err);
        if (s == WG_OK)
            k.from[face] = true;
    }
    if (s == WG_OK)
        s = new_grid(&k, area, as, "carve", made, err);
    free(k.from);
    wg_overlay_finish(&o);
    return s;
}
