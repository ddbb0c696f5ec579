/* Owns putting a division into a coverage. */
#include <stdio.h>

#include "coverage_overlay.h"
#include "internal.h"
#include "wangge/divide.h"

struct putting {
    struct wg_overlay_job *o;
    uint32_t face; /* that is divided; or the free one */
    bool free;
};

/* The division's grid that covers a face of the plane: the lowest; WG_NONE: none. */
static uint32_t number_of(const struct wg_overlay_job *o, uint32_t plane_face)
{
    uint32_t at = o->plane.cover_first[plane_face];
    return at < o->plane.cover_first[plane_face + 1] ? o->plane.cover[at] : WG_NONE;
}

static uint32_t to_division(void *user, uint32_t old, uint32_t plane_face)
{
    struct putting *p = user;
    uint32_t number = number_of(p->o, plane_face);
    if (old != p->face || number == WG_NONE)
        return old;
    if (p->free)
        return WG_OVERLAY_NEW + number;
    return number == 0 ? p->face : WG_OVERLAY_NEW + number - 1;
}

/* The outlines, each with the number of its grid on its left. */
static enum wg_status draw(struct wg_overlay_job *o, const struct wg_division *division,
                           struct wg_error *err)
{
    enum wg_status st = WG_OK;
    for (size_t i = 0; i < division->n && !st; i++) {
        size_t at = o->n_drawn;
        st = wg_overlay_add_area(o, &division->grid[i], err);
        for (; at < o->n_drawn && !st; at++)
            o->drawn[at].left = (uint32_t)i;
    }
    return st;
}

static enum wg_status put(struct putting *p, const struct wg_division *division,
                          const struct wg_new_grid *as, struct wg_error *err)
{
    struct wg_overlay_job *o = p->o;
    char words[96];
    struct wg_overlay_edit edit = {.op = "divide",
                                   .arguments = words,
                                   .fn = to_division,
                                   .user = p,
                                   .n_new = (uint32_t)division->n - !p->free,
                                   .like = p->free ? WG_NONE : p->face,
                                   .as = as};
    snprintf(words, sizeof words, "%s %zu",
             p->free ? "0" : wg_face_words(o->c, p->face).text, division->n);
    enum wg_status st = draw(o, division, err);
    if (!st)
        st = wg_overlay_make(o, p->free ? WG_NONE : p->face, err);
    if (!st)
        st = wg_overlay_plan(o, to_division, p, true, err);
    for (uint32_t i = 0; i < edit.n_new && !st; i++) {
        if (wg_overlay_growth(o, WG_OVERLAY_NEW + i) > 0)
            continue;
        const struct wg_multipolygon *mp = &division->grid[i + !p->free];
        struct wg_spot at = {0, 0};
        struct wg_lattice lattice = wg_coverage_lattice(o->c);
        wg_lattice_spot(&lattice, mp->x[0], mp->y[0], &at);
        st = p->free
                 ? wg_refuse(o->c, WG_REFUSED_NOT_FREE, at, WG_NONE, WG_NONE,
                             _("Divide an area that is free, or name the grid."), err,
                             _("Grid %u of the division has nothing of the free area."),
                             i + 1)
                 : wg_refuse(o->c, WG_REFUSED_NO_EFFECT, at, p->face, WG_NONE,
                             _("Divide the grid's own area."), err,
                             _("Grid %u of the division has nothing of grid %s."), i + 2,
                             wg_face_words(o->c, p->face).text);
    }
    return st ? st : wg_overlay_run(o, &edit, err);
}

enum wg_status wg_coverage_divide(struct wg_coverage *coverage, int64_t grid,
                                  const struct wg_division *division,
                                  const struct wg_new_grid *as, struct wg_error *err)
{
    static const struct wg_new_grid none;
    struct wg_overlay_job o;
    struct putting p = {.o = &o, .free = grid == 0};
    enum wg_status st = wg_overlay_check_code(coverage, as ? as : &none, err);
    if (!st && division->n == 0)
        st = wg_fail(err, WG_INVALID, _("The division has no grids."));
    if (!st && grid)
        st = wg_overlay_face(coverage, grid, &p.face, err);
    else if (!st)
        p.face = wg_overlay_free(coverage);
    if (st)
        return st;
    wg_overlay_begin(&o, coverage);
    st = put(&p, division, as ? as : &none, err);
    wg_overlay_finish(&o);
    return st;
}
