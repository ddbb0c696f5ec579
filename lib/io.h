/* What import and export share of GDAL: start it, catch its words, name its formats. */
#ifndef WG_IO_H
#define WG_IO_H

#include <cpl_error.h>
#include <gdal.h>

#include "wangge/base.h"
#include "wangge/geom.h"

/* The words GDAL would print while one of our calls runs.  The first failure is kept,
 * warnings go to `warn` (each different text once, eight at most). */
#define WG_IO_WORDS 512
struct wg_io_words {
    int failures, warnings;
    char text[WG_IO_WORDS];          /* of the first failure */
    char warned[8][WG_IO_WORDS / 2]; /* the texts already passed on */
    struct wg_warn warn;
};

/* Register the drivers once a process (thread-safe) and take the words of this thread
 * until wg_io_release; the two must pair. */
void wg_io_catch(struct wg_io_words *words, struct wg_warn warn);
void wg_io_release(void);
/* The first failure, or a plain word where GDAL gave none. */
const char *wg_io_failure(const struct wg_io_words *words);
void wg_io_forget(struct wg_io_words *words); /* failures only */

/* "gcj02", "bd09" or "bd09mc": a frame that no file format can name. */
bool wg_io_is_frame(const char *text);

/* A multipolygon under construction: vertices, then close_ring, then close_part. */
struct wg_builder {
    struct wg_multipolygon mp;
    size_t cap_part, cap_ring, cap_x, cap_y;
    bool failed; /* memory is out */
};
void wg_builder_reset(struct wg_builder *b); /* empty, memory kept */
void wg_builder_finish(struct wg_builder *b);
void wg_builder_vertex(struct wg_builder *b, double x, double y);
void wg_builder_close_ring(struct wg_builder *b);
void wg_builder_close_part(struct wg_builder *b);

/* How far a straight edge may be from its image: cities publish points that lie on a
 * boundary but for the last of ten decimals of a degree, a hundredth of a millimetre. */
#define WG_IO_STRAIGHT_M 0.000005

/* Copy `from` with every edge cut so finely that the straight edge and its image under
 * `t` differ by at most `tolerance` (in the units of the target), then transform it.
 * The cuts of an edge do not depend on its direction, so neighbours stay equal.
 * tolerance <= 0: transform only.  On WG_OUT_OF_RANGE and the like err->x, err->y are
 * the place in the source. */
struct wg_transform;
enum wg_status wg_io_transform(struct wg_transform *t, double tolerance,
                               const struct wg_multipolygon *from, struct wg_builder *to,
                               struct wg_error *err);

#endif
