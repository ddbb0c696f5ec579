/* Owns giving a strip of one grid to its neighbour. */
#include "coverage_overlay.h"
#include "internal.h"

struct transfer {
    struct wg_overlay_job *o;
    uint32_t from, to;
};

static uint32_t to_other(void *user, uint32_t old, uint32_t plane_face)
{
    const struct transfer *t = user;

    return old == t->from && wg_overlay_inside(t->o, plane_face) ? t->to : old;
}

/* The face of a grid, or of nobody. */
static enum wg_status side_of(const struct wg_coverage *c, int64_t id, uint32_t *out,
                              struct wg_error *err)
{
    if (id != 0)
        return wg_overlay_face(c, id, out, err);
    *out = wg_overlay_free(c);
    return WG_OK;
}

static enum wg_status check_beside(const struct transfer *t, struct wg_error *err)
{
    struct wg_coverage *c = t->o->c;
    uint32_t grid = t->to, other = t->from, s = WG_NONE;

    if (wg_overlay_is_free(c, t->to))
        return WG_OK;
    while ((s = wg_coverage_next_of_face(c, grid, s)) != WG_NONE) {
        const struct wg_segment *seg = wg_coverage_segment(c, s);
        if (seg->left == other || seg->right == other)
            return WG_OK;
    }
    if (wg_overlay_is_free(c, t->from))
        return wg_refuse(c, WG_REFUSED_NOT_BESIDE, t->o->drawn[0].a, grid, WG_NONE,
                         _("Draw a new grid there instead."), err,
                         _("There is no free area beside grid %s."),
                         wg_face_words(c, grid).text);
    return wg_refuse(c, WG_REFUSED_NOT_BESIDE, t->o->drawn[0].a, other, grid,
                     _("Give it to a neighbour, or merge the grids between first."), err,
                     _("Grids %s and %s are not neighbours."),
                     wg_face_words(c, other).text, wg_face_words(c, grid).text);
}

static enum wg_status check_any(struct transfer *t, struct wg_error *err)
{
    enum wg_status s = wg_overlay_plan(t->o, to_other, t, true, err);

    if (s != WG_OK || t->o->n_put + t->o->n_take > 0)
        return s;
    if (wg_overlay_is_free(t->o->c, t->from))
        return wg_refuse(t->o->c, WG_REFUSED_NOT_FREE, t->o->drawn[0].a, WG_NONE, WG_NONE,
                         _("Name the grid that has it."), err,
                         _("Nothing of the area is free."));
    return wg_refuse(t->o->c, WG_REFUSED_NO_EFFECT, t->o->drawn[0].a, t->from, WG_NONE,
                     _("Draw an area that has a part of it."), err,
                     _("The area has nothing of grid %s."),
                     wg_face_words(t->o->c, t->from).text);
}

static enum wg_status run(struct transfer *t, const struct wg_multipolygon *area,
                          struct wg_error *err)
{
    const uint32_t both[2] = {t->from, t->to};
    uint32_t named[2];
    char *words = NULL;
    enum wg_status s = wg_overlay_add_area(t->o, area, err);

    for (int i = 0; i < 2; i++)
        named[i] = wg_overlay_is_free(t->o->c, both[i]) ? WG_NONE : both[i];
    if (s == WG_OK)
        s = check_beside(t, err);
    if (s == WG_OK)
        s = wg_overlay_make(t->o, WG_NONE, err);
    if (s == WG_OK)
        s = check_any(t, err);
    if (s == WG_OK && !(words = wg_overlay_words(t->o->c, 2, named, area, NULL)))
        s = wg_fail_memory(err);
    if (s == WG_OK) {
        struct wg_overlay_edit edit = {.op = "transfer",
                                       .arguments = words,
                                       .fn = to_other,
                                       .user = t,
                                       .like = WG_NONE};
        s = wg_overlay_run(t->o, &edit, err);
    }
    free(words);
    return s;
}

enum wg_status wg_coverage_transfer(struct wg_coverage *coverage, int64_t from,
                                    int64_t to, const struct wg_multipolygon *area,
                                    struct wg_error *err)
{
    struct wg_overlay_job o;
    struct transfer t = {.o = &o};
    enum wg_status s = side_of(coverage, from, &t.from, err);

    wg_overlay_begin(&o, coverage);
    if (s == WG_OK)
        s = side_of(coverage, to, &t.to, err);
    if (s == WG_OK && t.from == t.to)
        s = wg_fail(err, WG_INVALID, _("Name two different grids."));
    if (s == WG_OK)
        s = run(&t, area, err);
    wg_overlay_finish(&o);
    return s;
}
