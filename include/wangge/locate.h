#ifndef WANGGE_LOCATE_H
#define WANGGE_LOCATE_H
/*
 * Which grid owns a point, at memory speed.
 *
 * A locator is an index over the polygons of one scheme at one moment, frozen when it is
 * built: any number of threads may ask the same one at once without a lock; it never
 * sees later boundary edits.  Build a new one beside it and swap (struct wg_locator_box).
 *
 * The owner of a point is the grid of lowest code among those that cover it, boundary
 * included; every answer is exact for every double, also where grids overlap or leave
 * gaps.  NaN and infinity are outside.  Coordinates and distances are in the unit of the
 * scheme's CRS (metres in a district).
 *
 * Grids answer by their slot: 1 … n in order of code (byte by byte), 0 for outside.
 */
#include "wangge/base.h"
#include "wangge/geom.h"
#include "wangge/shape.h"
#include "wangge/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_locator;

/* ---- making one ---- */

struct wg_locator_grid {
    int64_t id;       /* > 0 */
    const char *code; /* not empty; no two grids have the same */
    const struct wg_multipolygon *geometry; /* rings closed and finite */
};

/* Which code answers batches; all of them give the same answers. */
enum wg_vector { WG_VECTOR_BEST = 0, WG_VECTOR_PLAIN, WG_VECTOR_AVX2, WG_VECTOR_NEON };
WG_API const char *wg_vector_name(enum wg_vector vector); /* "plain" … */
WG_API bool wg_vector_works(enum wg_vector vector);        /* on this machine */

struct wg_locator_options {
    size_t memory_max; /* bytes the index should stay under (a coarser index is slower,
                          never wrong); 0: 1 GiB.  WG_NO_MEMORY when the vertices alone
                          need more */
    uint32_t cells;    /* cells wanted; 0: by the number of grids */
    enum wg_vector vector;
    bool no_file;      /* wg_locator_open: neither use nor leave a file */
};

/* From polygons in memory (copied).  n may be 0.  options may be NULL. */
WG_API enum wg_status wg_locator_build(size_t n, const struct wg_locator_grid *grids,
                                       const struct wg_locator_options *options,
                                       struct wg_locator **out, struct wg_error *err);
/* Of the grids of a scheme that own at `at` (ISO 8601, in UTC where it names no zone;
 * NULL: now): in force, without children in force; none of a scheme that is not there.
 * For "now" the index is mapped from the file beside the database, named
 * wg_locator_path, when that is of these very grids; else it is built, and left there for
 * the next process where the folder can be written.  Who puts another file there renames
 * it over the old one: a map whose file is cut short in place kills its program. */
WG_API enum wg_status wg_locator_open(struct wg_store *store, int64_t scheme,
                                      const char *at,
                                      const struct wg_locator_options *options,
                                      struct wg_locator **out, struct wg_error *err);
/* True while the locator still holds the grids that own in the store's scheme now: asks
 * a stamp that every change of a grid renews, and the dates of validity.  A few µs. */
WG_API bool wg_locator_is_fresh(const struct wg_locator *loc, struct wg_store *store);
/* "<database>-locate-<scheme>": safe to delete at any time.  Free with wg_free. */
WG_API char *wg_locator_path(const struct wg_store *store, int64_t scheme);
/* Write to a file (complete or not at all), and map one: its pages are shared by all
 * processes that map it.  A damaged file, or one of another version or machine, is
 * WG_FORMAT. */
WG_API enum wg_status wg_locator_save(const struct wg_locator *loc, const char *path,
                                      struct wg_error *err);
WG_API enum wg_status wg_locator_map(const char *path,
                                     const struct wg_locator_options *options,
                                     struct wg_locator **out, struct wg_error *err);
WG_API void wg_locator_destroy(struct wg_locator *loc); /* NULL is fine */

struct wg_locator_info {
    uint32_t grids;
    bool partition;   /* proven: no point lies inside two grids */
    bool mapped;      /* from a file */
    enum wg_vector vector;
    uint64_t vertices, cells, boundary_cells;
    uint64_t bytes;   /* of memory, or of the file */
    double build_s;   /* seconds of the build that made it */
    struct wg_box box;
    struct wg_point overlap; /* a place that shows it is no partition; else NaN */
};
WG_API struct wg_locator_info wg_locator_info(const struct wg_locator *loc);

/* ---- asking it; none of these allocates unless it says so ---- */

WG_API uint32_t wg_locator_slot(const struct wg_locator *loc, double x, double y);
WG_API void wg_locator_slots(const struct wg_locator *loc, size_t n, const double *x,
                             const double *y, uint32_t *slot);
/* The same with the grids' ids; 0: outside. */
WG_API void wg_locator_find(const struct wg_locator *loc, size_t n, const double *x,
                            const double *y, int64_t *grid);

WG_API uint32_t wg_locator_count(const struct wg_locator *loc);
WG_API int64_t wg_locator_id(const struct wg_locator *loc, uint32_t slot); /* 0: 0 */
WG_API const char *wg_locator_code(const struct wg_locator *loc, uint32_t slot); /* "" */
/* The slot of an id; 0 if it is none of its grids.  O(log n). */
WG_API uint32_t wg_locator_slot_of(const struct wg_locator *loc, int64_t grid);
/* A copy of the polygon; release with wg_multipolygon_finish. */
WG_API enum wg_status wg_locator_geometry(const struct wg_locator *loc, uint32_t slot,
                                          struct wg_multipolygon *out,
                                          struct wg_error *err);

/* All grids that have a point in common with a closed box, in order of slot.  *n is
 * their number; the first `cap` are written.  Allocates. */
WG_API enum wg_status wg_locator_meet(const struct wg_locator *loc, struct wg_box box,
                                      size_t cap, uint32_t *slot, size_t *n,
                                      struct wg_error *err);

/* What each grid holds of a polygon. */
struct wg_locator_share {
    uint32_t slot;  /* 0: what no grid holds */
    bool covers;    /* the grid covers all of it */
    double share;   /* of the polygon's area, 0 … 1 */
};
/* In order of slot, the part outside last; shares of no size are left out.  `shape` may
 * be NULL.  Allocates. */
WG_API enum wg_status wg_locator_shares(const struct wg_locator *loc,
                                        struct wg_shape *shape,
                                        const struct wg_multipolygon *mp, size_t cap,
                                        struct wg_locator_share *share, size_t *n,
                                        struct wg_error *err);

/* The grid nearest to a point and its distance: 0 for one that covers the point (then
 * the owner); the lowest code of equally near ones.  0, and NaN, when there is no grid
 * within `max_distance` (INFINITY: any). */
WG_API uint32_t wg_locator_nearest(const struct wg_locator *loc, double x, double y,
                                   double max_distance, double *distance);

/* The answer for a point that is only known to within `accuracy`: handhelds err. */
#define WG_LOCATOR_NEAR_MAX 8
struct wg_locator_place {
    uint32_t slot;      /* the owner of the point as given */
    bool ambiguous;     /* another grid, or the outside, comes within `accuracy` */
    double boundary;    /* distance to the nearest of these; NaN when not ambiguous */
    uint32_t n_near;    /* how many grids within `accuracy`, at most … */
    uint32_t near[WG_LOCATOR_NEAR_MAX]; /* … these, nearest first; 0: the outside */
};
WG_API void wg_locator_place(const struct wg_locator *loc, double x, double y,
                             double accuracy, struct wg_locator_place *out);

/* ---- swapping it under the feet of threads that ask ---- */

/* A place for the locator of the day.  Readers neither lock nor wait: take, ask, give
 * back.  `put` may be called by one thread at a time; the old locator is destroyed when
 * its last reader has given it back. */
struct wg_locator_box;
WG_API enum wg_status wg_locator_box_create(struct wg_locator *first, /* taken over */
                                            struct wg_locator_box **out,
                                            struct wg_error *err);
WG_API void wg_locator_box_destroy(struct wg_locator_box *box); /* no readers left */
WG_API const struct wg_locator *wg_locator_box_take(struct wg_locator_box *box,
                                                    uint32_t *ticket);
WG_API void wg_locator_box_give(struct wg_locator_box *box, uint32_t ticket);
WG_API void wg_locator_box_put(struct wg_locator_box *box, struct wg_locator *next);

#ifdef __cplusplus
}
#endif
#endif
