#ifndef WANGGE_CLEAN_H
#define WANGGE_CLEAN_H
/*
 * Bring foreign polygons to a strict partition on the lattice: no overlap, no gap
 * narrower than stated, boundaries with the same vertices on both sides.  No vertex moves
 * further than snap_m (and never out of a place where it is right already: exact data
 * come out unchanged, but for the lattice's half step).
 */
#include "wangge/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who gets an overlap (and, for a gap, always the longest border). */
enum wg_overlap_rule {
    WG_OVERLAP_LONGEST_BORDER = 0,
    WG_OVERLAP_LARGEST,
    WG_OVERLAP_SMALLEST,
    WG_OVERLAP_LOWEST_CODE
};
WG_API int wg_overlap_rule_parse(const char *text); /* "longest-border" …; -1 unknown */

struct wg_clean_options {
    double snap_m; /* vertices nearer than this to a vertex or an edge are put on it; 0:
                      none */
    double gap_m;  /* gaps narrower than this (diameter of the largest circle inside) are
                      filled */
    enum wg_overlap_rule overlap;
    /* Overlaps wider than this are findings instead, NaN or 0: all are resolved. */
    double overlap_max_m;
};
struct wg_clean_grid {
    int64_t id;
    const char *code;
    struct wg_multipolygon geometry; /* borrowed going in */
};
enum wg_clean_what {
    WG_CLEAN_OVERLAP = 1,  /* resolved: grid lost it to other */
    WG_CLEAN_GAP,          /* filled: grid gained it */
    WG_CLEAN_SNAP,         /* a grid's boundary moved; size: the furthest, metres */
    WG_CLEAN_REPAIR,       /* an invalid polygon was made valid */
    WG_CLEAN_LEFT_GAP,     /* too wide: left, a finding */
    WG_CLEAN_LEFT_OVERLAP, /* too wide: left as it was by no one's loss: given by the
                              rule, told */
    WG_CLEAN_VANISHED      /* a grid of which nothing would remain: nothing is changed */
};
WG_API const char *wg_clean_name(enum wg_clean_what what); /* "overlap" … */
struct wg_clean_note {
    enum wg_clean_what what;
    int64_t grid, other; /* 0: not meant */
    const char *grid_code, *other_code;
    double x, y, area_m2, width_m, moved_m; /* NaN: not meant */
};
typedef bool wg_clean_fn(const struct wg_clean_note *note, void *user);

/* Clean n polygons into out[n] (the caller's array, each then the caller's to finish).  A
 * polygon that needs nothing comes out as its snapped self.  *moved_m (may be NULL): the
 * furthest any vertex moved, measured against the input's boundary.  WG_CONSTRAINT when a
 * grid would vanish. */
WG_API enum wg_status wg_clean(size_t n, const struct wg_clean_grid *grid,
                               const struct wg_clean_options *options,
                               struct wg_multipolygon *out, double *moved_m,
                               wg_clean_fn *fn, void *user, struct wg_error *err);

/* The grids in force of a scheme (each level by itself, lower levels inside the cleaned
 * higher ones where they are nested), written as one revision.  With `dry_run` nothing is
 * written. *changed: grids whose polygon changed by more than the lattice. */
struct wg_commit;
WG_API enum wg_status wg_clean_scheme(struct wg_store *store, int64_t scheme,
                                      const struct wg_clean_options *options,
                                      const struct wg_commit *commit, bool dry_run,
                                      int64_t *changed, int64_t *revision,
                                      double *moved_m, wg_clean_fn *fn, void *user,
                                      struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
