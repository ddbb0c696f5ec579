/*
 * The common road of operations on areas: something drawn (outlines, a line) is laid over
 * the boundaries near it, in a small arrangement of its own; faces of that are given to
 * other grids; what changes is taken from the coverage and put into it.  Vertices stay;
 * where something drawn meets an old segment, that bends by at most a step or two and the
 * same for both its sides.
 */
#ifndef WG_COVERAGE_OVERLAY_H
#define WG_COVERAGE_OVERLAY_H

#include "coverage_job.h"

/* Faces of grids that an edit is to make: numbers above all others, counted from 0. */
#define WG_OVERLAY_NEW 0x80000000u

struct wg_overlay_job {
    struct wg_coverage *c;
    struct wg_spot min, max; /* what was drawn, and near it */
    bool any;
    /* drawn; label 0 is on the left of outlines */
    struct wg_arrange_segment *drawn;
    size_t n_drawn, cap_drawn;
    /* segments of the coverage, each once, and a bit each for having one */
    uint32_t *old;
    size_t n_old, cap_old;
    uint64_t *seen;
    size_t seen_words;
    /* faces whose whole boundary is wanted */
    uint32_t face;
    /* the arrangement's input; the coverage's segment an input is (a piece) of */
    struct wg_arrange_segment *input;
    uint32_t *origin;
    size_t n_input, cap_input, cap_origin;
    struct wg_overlay_cut {
        uint32_t input;
        struct wg_spot spot;
        int64_t along;
    } * cut;
    size_t n_cut, cap_cut;
    bool no_memory;

    struct wg_arrangement plane;
    /* for each segment of the plane: the faces of the coverage beside it (equal where
     * only something drawn is), how many old segments it lies on */
    uint32_t *left, *right;
    uint32_t *n_on;
    /* for each old one, its way through the plane: halves (2 s, or 2 s + 1 from b to a)
     * way[first_way[i] … first_way[i + 1]) */
    uint32_t *way;
    size_t n_way, cap_way;
    size_t *first_way;
    uint32_t *slot; /* spots of the plane, hashed */
    uint32_t n_slot;

    /* what changes */
    uint32_t *take;
    size_t n_take, cap_take;
    struct wg_overlay_put {
        struct wg_spot a, b;
        uint32_t left, right;
    } * put;
    size_t n_put, cap_put;
    struct wg_overlay_area {
        uint32_t face;
        int64_t delta2; /* twice what its area grows by */
    } * area;
    size_t n_area, cap_area;
    bool straightened;
};

void wg_overlay_begin(struct wg_overlay_job *o, struct wg_coverage *c);
void wg_overlay_finish(struct wg_overlay_job *o);
enum wg_status wg_overlay_add_line(struct wg_overlay_job *o, size_t n,
                                   const struct wg_spot *line, struct wg_error *err);
/* An outline; one that is not valid is refused, with the repaired one as proposal. */
enum wg_status wg_overlay_add_area(struct wg_overlay_job *o,
                                   const struct wg_multipolygon *mp,
                                   struct wg_error *err);
/* Arrange it; `face` (or WG_NONE) has all of its boundary in it. */
enum wg_status wg_overlay_make(struct wg_overlay_job *o, uint32_t face,
                               struct wg_error *err);
/* Does a face of the plane lie in an outline? */
bool wg_overlay_inside(const struct wg_overlay_job *o, uint32_t plane_face);

/* Whose a face of the plane will be that is now a face of the coverage's (WG_NONE: not
 * known, and not to change). */
typedef uint32_t wg_overlay_fn(void *user, uint32_t old, uint32_t plane_face);
/* Work out what to take and to put.  `straighten`: old segments that were only bent, by
 * something drawn where nothing changes, stay as they are. */
enum wg_status wg_overlay_plan(struct wg_overlay_job *o, wg_overlay_fn *fn, void *user,
                               bool straighten, struct wg_error *err);
/* How much a face grows by the plan, in steps² (twice). */
int64_t wg_overlay_growth(const struct wg_overlay_job *o, uint32_t face);

/* One edit: plan, refuse what would vanish, make the new grids, take, put, check. */
struct wg_overlay_edit {
    const char *op;        /* a static word */
    const char *arguments; /* as text */
    wg_overlay_fn *fn;
    void *user;
    uint32_t n_new;               /* new grids, WG_OVERLAY_NEW + 0 … */
    uint32_t like;                /* whom they are like, or WG_NONE */
    uint32_t gone;                /* a grid that ends, 0: none */
    const struct wg_new_grid *as; /* only the first takes its code */
    int64_t *made;                /* room for cap ids, or NULL */
    size_t cap;
};
enum wg_status wg_overlay_run(struct wg_overlay_job *o,
                              const struct wg_overlay_edit *edit, struct wg_error *err);

/* The proposal of the last refusal: the largest outline of what a face would be. */
void wg_overlay_propose(struct wg_overlay_job *o, uint32_t face);

/* ---- words that operations share ---- */

/* The face of a grid; WG_NOT_FOUND in words. */
enum wg_status wg_overlay_face(const struct wg_coverage *c, int64_t id, uint32_t *out,
                               struct wg_error *err);
/* What a person calls it: its code, or its number while it has none. */
struct wg_face_words {
    char text[64];
};
struct wg_face_words wg_face_words(const struct wg_coverage *c, uint32_t face);
/* "CODE… WKT" of an operation's arguments, to be freed; NULL when memory is out. */
char *wg_overlay_words(const struct wg_coverage *c, size_t n, const uint32_t *face,
                       const struct wg_multipolygon *mp, const struct wg_line *line);
/* The face that is nobody's: the free area, or the outside when there is no limit. */
uint32_t wg_overlay_free(const struct wg_coverage *c);
bool wg_overlay_is_free(const struct wg_coverage *c, uint32_t face);
/* A new grid's code must be free. */
enum wg_status wg_overlay_check_code(const struct wg_coverage *c,
                                     const struct wg_new_grid *as, struct wg_error *err);

#endif
