#ifndef WANGGE_COVERAGE_H
#define WANGGE_COVERAGE_H
/*
 * A coverage: the grids of a scheme as one planar partition, which every edit preserves.
 *
 * Boundaries are segments between points of the lattice (geom.h); each segment knows the
 * grid on its left and on its right, and is kept once, so a boundary that moves moves for
 * both.  An edit replaces some segments by others and is checked where it touches, in
 * exact integer arithmetic: no two segments meet but in their ends, every point has
 * exactly one grid or none.  An edit that would break that is refused, with the place,
 * the crossing and a proposal where there is one, and changes nothing.  Every edit has an
 * exact inverse.
 *
 * The grids are those that own: in force, without children in force (the leaf rule of
 * grid.h).  Where two neighbours have different parents, and where a grid meets the
 * outside of its parent, the boundary is also the parent's.  It holds fast (to a lattice
 * step) unless `parents_follow` is set: then the parents' polygons change with it.
 *
 * All coordinates are in the district's CRS, in metres; points given are put on the
 * lattice. Grids are named by id: their row in the store, or, for a grid that an edit
 * made and that no commit has stored yet, a number below 0.  0 is "no grid": the free
 * area and the outside.
 *
 * Threads: a coverage belongs to one thread at a time; it keeps no store.
 */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wg_coverage;

/* ---- making one ---- */

struct wg_coverage_grid {
    int64_t id;              /* > 0 */
    const char *code;        /* unique */
    const char *name, *kind; /* as in struct wg_grid; may be NULL */
    int level;
    int64_t parent;                  /* 0: none; not a grid of the coverage itself */
    struct wg_multipolygon geometry; /* borrowed */
};

struct wg_coverage_options {
    /* The outer limit: what the grids must fill and may not leave; NULL: none.  What of
     * it no grid has is free area. */
    const struct wg_multipolygon *limit;
    /* Overlaps and gaps thinner than this (area : half the perimeter) are healed by
     * giving them to the neighbour of the longest border; 0: two lattice steps (2 mm),
     * which is what the lattice itself may make. */
    double heal_m;
};

/* From any set of polygons.  Grids that overlap are WG_CONSTRAINT with the grids and the
 * place (cure: wg_clean); an invalid polygon is WG_GEOMETRY.  Gaps stay, as no grid's
 * area. */
WG_API enum wg_status wg_coverage_build(size_t n, const struct wg_coverage_grid *grid,
                                        const struct wg_coverage_options *options,
                                        struct wg_coverage **out, struct wg_error *err);
/* From the store: the grids in force of a scheme, at its present revision. */
WG_API enum wg_status wg_coverage_open(struct wg_store *store, int64_t scheme,
                                       const struct wg_coverage_options *options,
                                       struct wg_coverage **out, struct wg_error *err);
WG_API void wg_coverage_close(struct wg_coverage *coverage); /* NULL is fine */
WG_API enum wg_status wg_coverage_copy(const struct wg_coverage *coverage,
                                       struct wg_coverage **out, struct wg_error *err);

/* The scheme and revision it was opened from; 0 for one that was built. */
WG_API int64_t wg_coverage_scheme(const struct wg_coverage *coverage);
WG_API int64_t wg_coverage_revision(const struct wg_coverage *coverage);
/* From now on boundaries of parents may move, and the parents follow. */
WG_API void wg_coverage_parents_follow(struct wg_coverage *coverage, bool follow);

/* ---- looking at it ---- */

struct wg_coverage_face {
    int64_t id, parent;
    const char *code; /* NULL while a new grid has none: a commit gives it the next */
    const char *name, *kind;
    int level;
    bool ended;     /* merged away; its id and code stay known */
    double area_m2; /* exact up to rounding once; 0 when ended */
    struct wg_box box;
    uint64_t
        version; /* another number after every edit that touched it, and back by undo */
};
/* By number 0 … count-1, in no promised order, ended ones too. */
WG_API uint32_t wg_coverage_count(const struct wg_coverage *coverage);
WG_API void wg_coverage_face_at(const struct wg_coverage *coverage, uint32_t number,
                                struct wg_coverage_face *out);
/* WG_NOT_FOUND when there is none (an ended grid counts as none by code, not by id). */
WG_API enum wg_status wg_coverage_face(const struct wg_coverage *coverage, int64_t id,
                                       struct wg_coverage_face *out,
                                       struct wg_error *err);
WG_API enum wg_status wg_coverage_find(const struct wg_coverage *coverage,
                                       const char *code, int64_t *id,
                                       struct wg_error *err);
/* The polygon of a grid: valid, on the lattice, the same bytes for the same area and
 * vertices. */
WG_API enum wg_status wg_coverage_polygon(const struct wg_coverage *coverage, int64_t id,
                                          struct wg_multipolygon *out,
                                          struct wg_error *err);
/* The grid a point lies in; on a boundary the one of lowest code.  0: none. */
WG_API int64_t wg_coverage_at(const struct wg_coverage *coverage, double x, double y);
/* Neighbours of a grid (0: nobody's area), with the length of the common border in
 * metres. */
typedef bool wg_neighbour_fn(int64_t id, double border_m, void *user);
WG_API enum wg_status wg_coverage_neighbours(const struct wg_coverage *coverage,
                                             int64_t id, wg_neighbour_fn *fn, void *user,
                                             struct wg_error *err);

/* An arc: a stretch of boundary between two grids, from one node where three or more
 * boundaries meet to the next, or a closed ring. */
struct wg_line {
    uint32_t n;
    double *x, *y;
};
WG_API void wg_line_finish(struct wg_line *line);
struct wg_arc {
    int64_t left, right;
    bool closed;
    bool fixed;          /* also a parent's boundary */
    struct wg_line line; /* closed: first = last */
};
WG_API void wg_arc_finish(struct wg_arc *arc);
/* The arc nearest to a point, at most `within_m` away: WG_NOT_FOUND else. */
WG_API enum wg_status wg_coverage_arc(const struct wg_coverage *coverage, double x,
                                      double y, double within_m, struct wg_arc *out,
                                      struct wg_error *err);
/* Every arc that meets a box (NULL: all), each once; what the callback gets is borrowed.
 */
typedef bool wg_arc_fn(const struct wg_arc *arc, void *user);
WG_API enum wg_status wg_coverage_arcs(const struct wg_coverage *coverage,
                                       const struct wg_box *box, wg_arc_fn *fn,
                                       void *user, struct wg_error *err);

/* Everything checked from the ground up, not trusting what the edits kept: segments
 * against segments, sides around every vertex, islands.  WG_INTERNAL with the place if a
 * bug broke it. */
WG_API enum wg_status wg_coverage_prove(const struct wg_coverage *coverage,
                                        struct wg_error *err);
/* The whole coverage as bytes: grids in order of id, their attributes, their polygons.
 * Equal coverages give equal bytes.  Free with wg_free (crs.h). */
WG_API enum wg_status wg_coverage_bytes(const struct wg_coverage *coverage, void **out,
                                        size_t *size, struct wg_error *err);

/* ---- edits: all of them are one step each, undone and redone as one ---- */

WG_API bool wg_coverage_undo(struct wg_coverage *coverage); /* false: nothing to undo */
WG_API bool wg_coverage_redo(struct wg_coverage *coverage);
WG_API size_t wg_coverage_undo_count(const struct wg_coverage *coverage);
WG_API size_t wg_coverage_redo_count(const struct wg_coverage *coverage);
/* The words of a step that can be undone, the last one 0: "move", "split" …; and its
 * arguments as a person would type them; borrowed until the next edit. */
WG_API const char *wg_coverage_step(const struct wg_coverage *coverage, size_t back,
                                    const char **arguments);

enum wg_refusal_reason {
    WG_REFUSED_NOTHING = 0,
    WG_REFUSED_CROSSING,   /* a new boundary would cross or touch another */
    WG_REFUSED_COLLAPSE,   /* a grid or a piece of one would vanish or turn inside out */
    WG_REFUSED_ISLAND,     /* a boundary would jump over an island of another grid */
    WG_REFUSED_LIMIT,      /* a parent's boundary or the outer limit would move */
    WG_REFUSED_NO_SUCH,    /* no vertex, arc or grid there */
    WG_REFUSED_NOT_BESIDE, /* the grids are not neighbours */
    WG_REFUSED_NO_EFFECT,  /* nothing would change */
    WG_REFUSED_NOT_FREE,   /* the area is not free */
    WG_REFUSED_CUTS,       /* a building would be cut */
    WG_REFUSED_NODE        /* three or more boundaries meet there */
};
/* Why the last edit of this coverage was refused.  `proposal`, if it has points, is the
 * sketch or the place that would be accepted. */
struct wg_refusal {
    enum wg_refusal_reason reason;
    double x, y;         /* the place */
    int64_t grid, other; /* whose boundary, 0: not meant */
    int64_t building;
    struct wg_line crossed; /* the segment that is in the way: 2 points, or none */
    struct wg_line proposal;
    const char *text, *cure; /* the same words as in the error, apart */
};
WG_API const struct wg_refusal *wg_coverage_refusal(const struct wg_coverage *coverage);
WG_API const char *wg_refusal_name(enum wg_refusal_reason reason); /* "crossing" … */

/* All edits return WG_OK, or WG_CONSTRAINT when refused (see wg_coverage_refusal), or
 * WG_NOT_FOUND/WG_INVALID for arguments that mean nothing. */

/* Vertices.  `at` names the vertex within one lattice step, or, with `within_m` > 0, the
 * nearest within that.  Where three or more boundaries meet, all of them follow a move; a
 * vertex put on another becomes one with it, and one put within a step of a boundary
 * becomes a vertex of that too.  Refused: the proposal is the furthest place on the way
 * that would be accepted, or the vertex or place that is nearest to `at`. */
WG_API enum wg_status wg_coverage_move(struct wg_coverage *coverage, struct wg_point at,
                                       double within_m, struct wg_point to,
                                       struct wg_error *err);
WG_API enum wg_status wg_coverage_insert(struct wg_coverage *coverage, struct wg_point at,
                                         double within_m, struct wg_point to,
                                         struct wg_error *err);
WG_API enum wg_status wg_coverage_delete(struct wg_coverage *coverage, struct wg_point at,
                                         double within_m, struct wg_error *err);
/* The arc nearest to `at`, moved by (dx, dy).  Its end nodes stay, and segments are drawn
 * from them to the moved arc; what comes out beyond the boundary at such an end is cut
 * off there.  With `ends` they move along and the boundaries that meet there follow; a
 * ring without a node moves as it is.  Refused: the proposal is two points, the furthest
 * way that would be accepted. */
WG_API enum wg_status wg_coverage_move_arc(struct wg_coverage *coverage,
                                           struct wg_point at, double within_m, double dx,
                                           double dy, bool ends, struct wg_error *err);

/* Reshape: the sketch becomes the boundary.  It begins and ends on boundaries: an end
 * that reached beyond one by no more than `within_m` is cut off there, else it is put on
 * the nearest boundary within that; what hangs over further changes nothing.
 *
 * The rule: the sketch cuts each grid it passes through into pieces.  The largest stays
 * what it is; of two pieces, though, the one goes that is bounded by the sketch and by
 * one arc alone, whatever their sizes, if the other is not (between two points of the
 * same arc, the sketch replaces the arc).  Each piece that goes becomes the grid's beyond
 * the longest of its old borders, where that grid keeps its side; so the boundary between
 * the two runs along the sketch.  The free area and the outside give like grids where no
 * limit stands, and take what has no border with another grid.  `between`: 0 or two
 * neighbours, whose common boundary alone may change: pieces that would go elsewhere
 * stay. */
struct wg_reshape_options {
    double within_m;
    int64_t between[2];
};
WG_API enum wg_status wg_coverage_reshape(struct wg_coverage *coverage,
                                          const struct wg_line *sketch,
                                          const struct wg_reshape_options *options,
                                          struct wg_error *err);
/* Fewer vertices: Visvalingam's areas, dropping a vertex only when the boundary stays
 * within tolerance_m of the old one (one that holds: within a step) and nothing crosses.
 * More: no segment longer than max_m, at least 0.01 m.  Over the arcs of the grids given
 * (n 0: all), as one step, of whatever is possible.  *changed: vertices dropped or added;
 * with 0 there is no step. */
WG_API enum wg_status wg_coverage_simplify(struct wg_coverage *coverage,
                                           double tolerance_m, size_t n,
                                           const int64_t *grid, uint64_t *changed,
                                           struct wg_error *err);
WG_API enum wg_status wg_coverage_densify(struct wg_coverage *coverage, double max_m,
                                          size_t n, const int64_t *grid,
                                          uint64_t *changed, struct wg_error *err);

/* A new grid's attributes; zero: as the grid it comes from. */
struct wg_new_grid {
    const char *code; /* NULL: the next one, when it is committed */
    const char *name, *kind;
    int level;
    int64_t parent;
};
/* Split a grid by a line, or by a polygon.  The line may begin and end outside; an end
 * inside is put on the boundary when that is at most `within_m` away: straight ahead,
 * else at the nearest place.  The largest piece keeps the grid's id and code (in a grid
 * of several pieces, the largest of each); *made (room for `cap` ids; *n_made: how many
 * there are) are the others, the largest first: by a line one for each piece it cuts
 * off, by a polygon one.  Only the first takes the code of `as`. */
WG_API enum wg_status wg_coverage_split(struct wg_coverage *coverage, int64_t grid,
                                        const struct wg_line *line, double within_m,
                                        const struct wg_new_grid *as, size_t cap,
                                        int64_t *made, size_t *n_made,
                                        struct wg_error *err);
WG_API enum wg_status wg_coverage_split_area(struct wg_coverage *coverage, int64_t grid,
                                             const struct wg_multipolygon *area,
                                             const struct wg_new_grid *as, int64_t *made,
                                             struct wg_error *err);
/* The others end and their area goes to `into`, which must be one of them or 0: the one
 * of lowest code.  All must be connected by borders; *kept (may be NULL) is the grid that
 * stays. */
WG_API enum wg_status wg_coverage_merge(struct wg_coverage *coverage, size_t n,
                                        const int64_t *grid, int64_t into, int64_t *kept,
                                        struct wg_error *err);
/* What of `area` belongs to `from` goes to `to`, its neighbour (0 on either side:
 * nobody). */
WG_API enum wg_status wg_coverage_transfer(struct wg_coverage *coverage, int64_t from,
                                           int64_t to, const struct wg_multipolygon *area,
                                           struct wg_error *err);
/* Footprints, each with `margin_m` of ground around it, go to `to` along with the ground
 * between them and its boundary, without cutting any other building of `keep` (may be
 * NULL). */
struct wg_footprints {
    size_t n;
    const struct wg_multipolygon *const *footprint;
    const int64_t *id;
};
WG_API enum wg_status wg_coverage_transfer_buildings(struct wg_coverage *coverage,
                                                     int64_t from, int64_t to,
                                                     const struct wg_footprints *move,
                                                     const struct wg_footprints *keep,
                                                     double margin_m,
                                                     struct wg_error *err);
/* A new grid of whatever of `area` is free (WG_REFUSED_NOT_FREE when nothing is), or of
 * all of `area`, carved out of the grids that have it (n 0: of all, and of the free area;
 * else of these only).  What is left of a grid may fall apart into pieces; a grid of which
 * nothing would be left is refused, and named. */
WG_API enum wg_status wg_coverage_draw(struct wg_coverage *coverage,
                                       const struct wg_multipolygon *area,
                                       const struct wg_new_grid *as, int64_t *made,
                                       struct wg_error *err);
WG_API enum wg_status wg_coverage_carve(struct wg_coverage *coverage,
                                        const struct wg_multipolygon *area, size_t n,
                                        const int64_t *from, const struct wg_new_grid *as,
                                        int64_t *made, struct wg_error *err);
/* The grid ends; each piece of its area goes to the neighbour of the longest border with
 * it. */
WG_API enum wg_status wg_coverage_dissolve(struct wg_coverage *coverage, int64_t grid,
                                           struct wg_error *err);

/* ---- aids for drawing ---- */

enum wg_snap_kind {
    WG_SNAP_VERTEX = 1,
    WG_SNAP_EDGE = 2,
    WG_SNAP_MIDPOINT = 4,
    WG_SNAP_BUILDING = 8, /* corners of footprints */
    WG_SNAP_STREET = 16   /* centre lines */
};
struct wg_snapped {
    enum wg_snap_kind kind;
    struct wg_point point; /* on the lattice */
    double distance_m;
};
struct wg_survey; /* survey.h: footprints and streets; NULL: none */
/* The best place to put a point: the kinds asked for in the order vertex, building,
 * midpoint, street, edge, each the nearest within `within_m`.  False: none. */
WG_API bool wg_coverage_snap(const struct wg_coverage *coverage,
                             const struct wg_survey *survey, struct wg_point at,
                             unsigned kinds, double within_m, struct wg_snapped *out);
/* The shortest way from one point to another along existing boundaries (and, with a
 * survey, along streets); both ends within `within_m` of one.  WG_NOT_FOUND when there is
 * no way. */
WG_API enum wg_status wg_coverage_trace(const struct wg_coverage *coverage,
                                        const struct wg_survey *survey,
                                        struct wg_point from, struct wg_point to,
                                        double within_m, struct wg_line *out,
                                        struct wg_error *err);
/* Typed numbers: "x,y", "@dx,dy" from `last`, "@length<angle" with the angle in degrees
 * counter- clockwise from east. */
WG_API enum wg_status wg_point_parse(const char *text, const struct wg_point *last,
                                     struct wg_point *out, struct wg_error *err);
/* A line near `sketch` with the same ends that cuts none of the footprints and keeps
 * `margin_m` from them where there is room; WG_CONSTRAINT where there is no way around
 * (an end lies inside one, for instance), naming the building. */
WG_API enum wg_status wg_line_avoid(const struct wg_line *sketch,
                                    const struct wg_footprints *buildings,
                                    double margin_m, struct wg_line *out,
                                    int64_t *building, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
