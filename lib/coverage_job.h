/*
 * Inside a coverage: vertices, segments with a face on each side, an index of cells, and
 * a journal of edits.  Who writes an operation uses the edit below and nothing else
 * changes a coverage; wg_edit_end checks the invariants where the edit touched, or takes
 * it all back.
 *
 * Invariants (proved by wg_coverage_prove, kept by wg_edit_end):
 *  1. two segments have at most one end in common, no vertex lies inside a segment;
 *  2. around every vertex the faces agree: what lies left of one segment lies right of
 * the next one counter-clockwise; no segment has the same face on both sides;
 *  3. for every vertex without a segment to its east, the first segment a ray to the east
 *     meets has on its west the face that lies east of the vertex (nothing met: outside);
 *     so islands lie in the face they say;
 *  4. every face that is not ended has area.
 */
#ifndef WG_COVERAGE_JOB_H
#define WG_COVERAGE_JOB_H

#include "arrange.h"
#include "lattice.h"
#include "wangge/coverage.h"

#define WG_NONE UINT32_MAX

/* Faces by number.  0 is the outside; free areas (inside the limit) and grids come after.
 */
enum wg_face_kind { WG_FACE_OUTSIDE, WG_FACE_FREE, WG_FACE_GRID };
struct wg_face {
    enum wg_face_kind kind;
    bool ended;
    int level;
    int64_t id;                    /* 0 for outside and free; < 0 for a new grid */
    int64_t parent;                /* of FREE too: the limit's (0 for a given limit) */
    char *code, *name, *grid_kind; /* owned; may be NULL */
    uint64_t version;
    int64_t area2; /* twice the area in steps², kept by every edit (0 for outside) */
    uint32_t first_segment; /* a list through next_of_face, WG_NONE at its end */
    uint32_t n_segment;
};

struct wg_segment {
    uint32_t a, b;        /* vertices; a < b as (y, x) pairs */
    uint32_t left, right; /* faces, seen from a to b */
};

/* ---- asking ---- */

struct wg_lattice wg_coverage_lattice(const struct wg_coverage *c);
uint32_t wg_coverage_n_face(const struct wg_coverage *c);
const struct wg_face *wg_coverage_get_face(const struct wg_coverage *c, uint32_t face);
/* Number of a grid's face that is not ended, WG_NONE if there is none. */
uint32_t wg_coverage_face_of(const struct wg_coverage *c, int64_t id);
const struct wg_segment *wg_coverage_segment(const struct wg_coverage *c,
                                             uint32_t segment);
struct wg_spot wg_coverage_spot(const struct wg_coverage *c, uint32_t vertex);
/* The vertex at a spot, the segment between two vertices; WG_NONE if there is none. */
uint32_t wg_coverage_vertex_at(const struct wg_coverage *c, struct wg_spot spot);
uint32_t wg_coverage_segment_between(const struct wg_coverage *c, uint32_t a, uint32_t b);
/* Segments of a vertex, counter-clockwise from east, into an array with room for `cap`;
 * returns how many there are. */
uint32_t wg_coverage_around(const struct wg_coverage *c, uint32_t vertex, uint32_t cap,
                            uint32_t *segment);
/* Segments of a face, each once: pass WG_NONE for the first; WG_NONE at the end. */
uint32_t wg_coverage_next_of_face(const struct wg_coverage *c, uint32_t face,
                                  uint32_t segment);
/* Live segments whose box meets a box in spots (closed), each once; false stops. */
typedef bool wg_segment_fn(uint32_t segment, void *user);
void wg_coverage_near(const struct wg_coverage *c, struct wg_spot min, struct wg_spot max,
                      wg_segment_fn *fn, void *user);
/* The face at a spot; on a boundary the grid of lowest code. */
uint32_t wg_coverage_face_at_spot(const struct wg_coverage *c, struct wg_spot spot);
/* Nearest vertex / segment to a spot within a distance in steps; WG_NONE. */
uint32_t wg_coverage_nearest_vertex(const struct wg_coverage *c, struct wg_spot spot,
                                    double within);
uint32_t wg_coverage_nearest_segment(const struct wg_coverage *c, struct wg_spot spot,
                                     double within);
/* Is the segment a parent's boundary or the limit's: do its faces differ in parent? */
bool wg_coverage_is_fixed(const struct wg_coverage *c, uint32_t segment);
/* May fixed boundaries move, and the parents with them? */
bool wg_coverage_follows(const struct wg_coverage *c);
/* The arc through a segment: its vertices in order (closed: first = last); grown with
 * wg_grow. */
enum wg_status wg_coverage_arc_of(const struct wg_coverage *c, uint32_t segment,
                                  uint32_t **vertex, size_t *n, size_t *cap,
                                  struct wg_error *err);
/* Put a metre point on the lattice; WG_OUT_OF_RANGE with words. */
enum wg_status wg_coverage_place(const struct wg_coverage *c, struct wg_point p,
                                 struct wg_spot *out, struct wg_error *err);

/* ---- editing ---- */

/* One edit at a time.  Begin; then any of the next; then end.  `op` is a static word
 * ("move"); `arguments` are kept as text for the log.  All return false when memory is
 * out, which end reports; the edit then only waits for its end.  Nothing may be asked of
 * the *index* between begin and end but what was there at begin. */
void wg_edit_begin(struct wg_coverage *c, const char *op, const char *format, ...)
    WG_PRINTF(3, 4);
/* A new grid like `like` (a face number, or WG_NONE), with `as` over it; its face number.
 */
uint32_t wg_edit_new_grid(struct wg_coverage *c, uint32_t like,
                          const struct wg_new_grid *as);
void wg_edit_end_grid(struct wg_coverage *c, uint32_t face);
/* Take a segment away; put one with these faces (left and right as seen from a to b;
 * equal faces: nothing is put).  Putting what was taken with the same faces cancels out.
 */
void wg_edit_take(struct wg_coverage *c, uint32_t segment);
void wg_edit_put(struct wg_coverage *c, struct wg_spot a, struct wg_spot b, uint32_t left,
                 uint32_t right);
/* Check and finish.  Refused: WG_CONSTRAINT, all is as at begin, the refusal is filled
 * in. An edit that changes nothing is WG_REFUSED_NO_EFFECT. */
enum wg_status wg_edit_end(struct wg_coverage *c, struct wg_error *err);
/* Check as the end would, then give up: all is as at begin, the last refusal too.  For
 * trying proposals; false also when nothing would change. */
bool wg_edit_passes(struct wg_coverage *c);
/* Give up: all is as at begin. */
void wg_edit_abandon(struct wg_coverage *c);
/* Refuse from inside an operation: abandons an edit that is open, fills in the refusal
 * and err. `cure` may be NULL.  Returns WG_CONSTRAINT. */
enum wg_status wg_refuse(struct wg_coverage *c, enum wg_refusal_reason reason,
                         struct wg_spot at, uint32_t face, uint32_t other,
                         const char *cure, struct wg_error *err, const char *format, ...)
    WG_PRINTF(8, 9);
/* Add a proposal to the refusal (copied). */
void wg_refuse_propose(struct wg_coverage *c, size_t n, const struct wg_spot *line);
/* And the building that is meant. */
void wg_refuse_building(struct wg_coverage *c, int64_t building);

/* ---- what an edit was: for undo, the log, commits, rebasing ---- */

/* A change of segments and grids, by coordinates and ids, independent of numbers, origin
 * and revision: what the store keeps.  Applying it needs what it takes to be there,
 * exactly. */
struct wg_delta_segment {
    int64_t ax, ay, bx, by; /* steps from (0, 0) of the CRS */
    int64_t left, right;    /* grid ids; 0 outside; WG_DELTA_FREE free */
};
#define WG_DELTA_FREE INT64_MIN
struct wg_delta_grid { /* a grid that begins or ends */
    int64_t id, parent;
    int level;
    char *code, *name, *kind;
};
struct wg_delta {
    size_t n_take, n_put, n_begin, n_end;
    struct wg_delta_segment *take, *put;
    struct wg_delta_grid *begin, *end;
};
void wg_delta_finish(struct wg_delta *delta);
/* The net change since the coverage was opened (or since the last wg_coverage_settle):
 * what comes and goes again is left out. */
enum wg_status wg_coverage_delta(const struct wg_coverage *c, struct wg_delta *out,
                                 struct wg_error *err);
/* Apply a delta as one step `op`.  What is not there any more, or would break the
 * partition, is WG_CONSTRAINT, with the refusal's place and grids. */
enum wg_status wg_coverage_apply(struct wg_coverage *c, const struct wg_delta *delta,
                                 const char *op, const char *arguments,
                                 struct wg_error *err);
enum wg_status wg_delta_invert(const struct wg_delta *delta, struct wg_delta *out,
                               struct wg_error *err);
/* Bytes of a delta and back (version byte, then little-endian numbers); reading checks.
 */
enum wg_status wg_delta_write(const struct wg_delta *delta, void **out, size_t *size,
                              struct wg_error *err);
enum wg_status wg_delta_read(const void *bytes, size_t size, struct wg_delta *out,
                             struct wg_error *err);
/* After a commit: new grids get their ids and codes, the journal is empty, the coverage
 * stands at `revision`. */
struct wg_settled_grid {
    int64_t was, id;
    const char *code;
};
enum wg_status wg_coverage_settle(struct wg_coverage *c, int64_t revision, size_t n,
                                  const struct wg_settled_grid *grid,
                                  struct wg_error *err);
/* What wg_coverage_open found stored, face by face: true when the grid's stored polygon
 * differs from its polygon here by the lattice or by healing alone, so that a first
 * commit must write it. */
bool wg_coverage_off_lattice(const struct wg_coverage *c, uint32_t face);

#endif
