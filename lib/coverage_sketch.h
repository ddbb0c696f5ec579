/* A sketch: a line drawn over a coverage, on the lattice. */
#ifndef WG_COVERAGE_SKETCH_H
#define WG_COVERAGE_SKETCH_H

#include "coverage_job.h"

struct wg_sketch {
    struct wg_spot *spot;
    size_t n, cap;
};
void wg_sketch_finish(struct wg_sketch *sketch);
/* Put on the lattice, what is repeated once; WG_INVALID when fewer than two points
 * differ. */
enum wg_status wg_sketch_read(const struct wg_coverage *c, const struct wg_line *line,
                              struct wg_sketch *out, struct wg_error *err);
enum wg_status wg_sketch_copy(const struct wg_sketch *from, struct wg_sketch *to,
                              struct wg_error *err);
/* Does it meet itself but in a common first and last point?  Then where, and between
 * which two of its segments (i < j). */
bool wg_sketch_crosses_itself(const struct wg_sketch *sketch, size_t *i, size_t *j,
                              struct wg_spot *at);
/* The same line without the loops where it crosses itself. */
void wg_sketch_drop_loops(struct wg_sketch *sketch);
/* Put both ends on boundaries: an end that reached beyond one by no more than `within`
 * steps is cut off there, else it moves to the nearest boundary within that.  What was
 * found for the first and the last end goes to on[]. */
void wg_sketch_put_ends(const struct wg_coverage *c, struct wg_sketch *sketch,
                        double within, bool on[2]);
/* The same line with a vertex wherever it meets a boundary, in *out; at[0] … at[n-1] are
 * the numbers of those vertices, to be freed. */
enum wg_status wg_sketch_meetings(const struct wg_coverage *c,
                                  const struct wg_sketch *sketch, struct wg_sketch *out,
                                  size_t **at, size_t *n, struct wg_error *err);
/* "x,y x,y …", in metres; to be freed; NULL when memory is out. */
char *wg_sketch_text(const struct wg_coverage *c, const struct wg_sketch *sketch);

#endif
