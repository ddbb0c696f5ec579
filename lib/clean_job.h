/* A cleaning under way: what the files clean*.c share. */
#ifndef WG_CLEAN_JOB_H
#define WG_CLEAN_JOB_H

#include "check_cover.h"
#include "wangge/clean.h"
#include "wangge/shape.h"

/* A grid at work. */
struct wg_clean_one {
    const struct wg_clean_grid *grid; /* NULL: a parent, which only bounds */
    const struct wg_multipolygon *mp; /* the polygon, repaired where it had to be */
    struct wg_multipolygon repaired;
    uint32_t parent; /* label, WG_NO_LABEL */
    double area;     /* of the polygon in steps² */
    double own;      /* of what nobody else covers */
    bool touched;    /* its boundary changes: to be traced anew */
};

struct wg_clean_job {
    const struct wg_clean_options *opt;
    wg_clean_fn *fn;
    void *user;
    struct wg_error *err;
    bool stopped;
    uint32_t n_grid, n; /* grids come before parents */
    struct wg_clean_one *one;
    const struct wg_multipolygon **mp;
    struct wg_lattice lattice;
    struct wg_cover cover;
    uint32_t *owner; /* of each face: a label, or WG_NO_LABEL */
    double moved_m;
};

/* The grids inside parents: parent[i] is the index of grid i's among `up`, or -1.  What
 * lies outside it is lost, what nobody has in it may be filled. */
enum wg_status wg_clean_inside(size_t n, const struct wg_clean_grid *grid, size_t n_up,
                               const struct wg_multipolygon *const *up,
                               const int64_t *parent,
                               const struct wg_clean_options *options,
                               struct wg_multipolygon *out, double *moved_m,
                               wg_clean_fn *fn, void *user, struct wg_error *err);

/* clean_snap.c: short lines that close what is open between two grids, where a vertex of
 * one is nearer than the snapping distance to the other; free *out. */
enum wg_status wg_clean_bridges(struct wg_clean_job *job, struct wg_ring_segment **out,
                                size_t *n_out);
/* Distance of a point from the boundary of a polygon; no need to look for less than
 * `enough`. */
double wg_clean_distance(const struct wg_multipolygon *mp, double x, double y,
                         double enough);

/* Lengths of borders with what has an owner. */
struct wg_border {
    uint32_t label;
    double length;
};
struct wg_borders {
    struct wg_border *border;
    size_t n, cap;
};

/* clean_face.c: whose is each face. */
enum wg_status wg_clean_give(struct wg_clean_job *job);
enum wg_status wg_clean_is_nested(struct wg_clean_job *job, bool *nested);
enum wg_status wg_clean_borders(struct wg_clean_job *job, size_t n, const uint32_t *face,
                                struct wg_borders *b);
/* The parent a face lies in; WG_NO_LABEL: none.  May a grid have it? */
uint32_t wg_clean_parent_of(const struct wg_clean_job *job, uint32_t face);
bool wg_clean_may_have(const struct wg_clean_job *job, uint32_t label, uint32_t face);
/* How wide some faces together are: exact to a hundredth of the distances that matter. */
enum wg_status wg_clean_widest(struct wg_clean_job *job, size_t n, const uint32_t *face,
                               struct wg_widest *out);
struct wg_clean_note wg_clean_note_of(const struct wg_clean_job *job,
                                      enum wg_clean_what what, size_t n,
                                      const uint32_t *face, const struct wg_widest *w);
bool wg_clean_tell(struct wg_clean_job *job, struct wg_clean_note *note, uint32_t grid,
                   uint32_t other);

/* clean_gap.c: narrow gaps to the longest border; what is left is told. */
enum wg_status wg_clean_give_gaps(struct wg_clean_job *job, struct wg_borders *b);
/* How far the boundary of a grid would move if it took some faces: the furthest of their
 * corners from its boundary as it was. */
double wg_clean_furthest(const struct wg_clean_job *job, size_t n, const uint32_t *face,
                         uint32_t label);

#endif
