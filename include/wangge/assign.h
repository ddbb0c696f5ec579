#ifndef WANGGE_ASSIGN_H
#define WANGGE_ASSIGN_H
/*
 * Owners: which grid of each scheme a building, part or event belongs to.
 *
 * A point's owner is the grid of lowest code among the grids that cover it (boundary
 * included).  A building's is the grid that holds most of its footprint (lowest code
 * on a tie).  Only grids without children in force own; grids are those in force now,
 * for an event those in force when it happened.  "Outside" is an answer and is kept.
 *
 * An event that names no building gets the whole building of lowest id whose footprint
 * covers it.  A scheme without a grid has no owners; one out of force keeps those it has.
 *
 * Done by an index in memory (wangge/locate.h), or by SpatiaLite in SQL, as asked: the
 * answers are the same, as long as the polygons are valid (for others SpatiaLite has no one
 * answer itself).  Rows that another program inserts or moves get theirs at once
 * from triggers in the file.
 */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A building counts as cut when another grid, or the outside, holds more than this
 * share of its footprint (a millimetre's width along a wall is not a cut). */
#define WG_CUT_SHARE 1e-4

enum wg_engine {
    WG_ENGINE_INDEX = 0,
    WG_ENGINE_SPATIALITE /* the reference: slow */
};

struct wg_assign_options {
    enum wg_engine engine;
    struct wg_progress progress;
};

struct wg_assign_counts {
    int64_t owned; /* has an owner (cut ones included) */
    int64_t cut;   /* buildings only */
    int64_t outside;
    int64_t no_place; /* no geometry: outside too, but said apart; not in `outside` */
};

/* Ask all objects again for a scheme (0: every scheme in force), in one transaction.
 * counts[kind] sums over schemes; may be NULL. */
WG_API enum wg_status wg_assign_all(struct wg_store *store, int64_t scheme,
                                    struct wg_progress progress,
                                    struct wg_assign_counts counts[WG_KIND_COUNT],
                                    struct wg_error *err);
/* Ask the objects of one kind with first <= id <= last, for every scheme in force. */
WG_API enum wg_status wg_assign_range(struct wg_store *store, enum wg_kind kind,
                                      int64_t first, int64_t last,
                                      struct wg_progress progress, struct wg_error *err);
/* The same by an engine of choice; options may be NULL. */
WG_API enum wg_status wg_assign_all_with(struct wg_store *store, int64_t scheme,
                                         const struct wg_assign_options *options,
                                         struct wg_assign_counts counts[WG_KIND_COUNT],
                                         struct wg_error *err);
WG_API enum wg_status wg_assign_range_with(struct wg_store *store, enum wg_kind kind,
                                           int64_t first, int64_t last,
                                           const struct wg_assign_options *options,
                                           struct wg_error *err);

/* How the polygon of a grid became another; NULL: the grid was not, or is not, there.
 * (For a change of code, parent or dates tell its polygon by itself, and the parent's.) */
struct wg_assign_change {
    const struct wg_multipolygon *was, *now;
};
/* After grids of a scheme were changed behind the triggers' back (wg_store_begin_bulk):
 * ask the objects again that lie where the old and the new polygons differ.  Does nothing
 * for a scheme out of force. */
WG_API enum wg_status wg_assign_near(struct wg_store *store, int64_t scheme, size_t n,
                                     const struct wg_assign_change *change,
                                     const struct wg_assign_options *options,
                                     struct wg_error *err);
/* Counts as they stand in the file. */
WG_API enum wg_status wg_assign_count(struct wg_store *store, int64_t scheme,
                                      struct wg_assign_counts counts[WG_KIND_COUNT],
                                      struct wg_error *err);

struct wg_owner {
    int64_t object, scheme, grid; /* grid 0: outside */
    const char *grid_code;        /* borrowed; NULL outside */
    double share;                 /* of the footprint in `grid`; 1 for points */
    bool cut;
};
typedef bool wg_owner_fn(const struct wg_owner *owner, void *user);
/* Owners of every object of a kind in a scheme, in order of object id. */
WG_API enum wg_status wg_owner_each(struct wg_store *store, enum wg_kind kind,
                                    int64_t scheme, wg_owner_fn *fn, void *user,
                                    struct wg_error *err);
/* All shares of one cut building, largest first; grid 0 is the part outside. */
WG_API enum wg_status wg_share_each(struct wg_store *store, int64_t building,
                                    int64_t scheme, wg_owner_fn *fn, void *user,
                                    struct wg_error *err);
WG_API enum wg_status wg_owner_of(struct wg_store *store, enum wg_kind kind,
                                  int64_t object, int64_t scheme, int64_t *grid,
                                  struct wg_error *err); /* *grid 0: outside */

/* Owners of n loose points (CRS of the district), 0 where none; NaN is outside.  `at`
 * (ISO 8601, in UTC where it names no zone) NULL: the grids in force now. */
WG_API enum wg_status wg_assign_locate(struct wg_store *store, int64_t scheme,
                                       const char *at, size_t n, const double *x,
                                       const double *y, int64_t *grid,
                                       struct wg_error *err);
WG_API enum wg_status wg_assign_locate_with(struct wg_store *store, int64_t scheme,
                                            const char *at, enum wg_engine engine,
                                            size_t n, const double *x, const double *y,
                                            int64_t *grid, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
