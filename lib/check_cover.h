/*
 * Polygons laid over each other on the lattice: which have ground in common, which ground
 * lies between them, where their boundaries do not match, which may not be valid.  No
 * store and no GEOS: all by the arrangement.  What check and clean stand on.
 */
#ifndef WG_CHECK_COVER_H
#define WG_CHECK_COVER_H

#include "arrange.h"

/* A vertex of one polygon on an edge of another that has none there. */
struct wg_cover_unmatched {
    uint32_t label, other; /* whose edge, whose vertex */
    struct wg_spot spot;
};
/* Ground that two polygons have in common: area in steps², of all faces, the largest. */
struct wg_cover_overlap {
    uint32_t a, b; /* labels, a < b */
    double area;
    uint32_t face;     /* the largest */
    uint32_t first, n; /* all: overlap_face[first … first + n) */
};

struct wg_cover {
    struct wg_lattice lattice; /* of the finer steps, where they are finer */
    double step;               /* metres */
    uint32_t n_label;
    struct wg_arrangement map;
    bool *suspect; /* label: not proved valid: ask GEOS */
    bool *cut;     /* label: its boundary was cut or bent, by a line drawn too */
    size_t n_unmatched, cap_unmatched;
    struct wg_cover_unmatched *unmatched;
    size_t n_overlap, cap_overlap;
    struct wg_cover_overlap *overlap;
    uint32_t *overlap_face;
    size_t n_gap, cap_gap;
    uint32_t *gap; /* faces that nobody covers, but for the outside */
    /* segments of face f: face_segment[face_first[f] … +1); made when first asked for */
    uint32_t *face_first, *face_segment;
};

/* Lay n polygons (labels 0 … n-1) over each other.  This is the whole geometric check of
 * one level: shared edges matched, overlaps and gaps found. */
enum wg_status wg_cover_make(size_t n, const struct wg_multipolygon *const *mp,
                             const struct wg_lattice *lattice, struct wg_cover *out,
                             struct wg_error *err);
/* The same with more: segments without labels drawn into it, and steps 2^finer times as
 * fine as the lattice's, so that polygons which are not on it yet are not bent much; the
 * lattice is then one of those steps (wg_cover_lattice). */
struct wg_cover_options {
    size_t n_line;
    const struct wg_ring_segment *line;
    unsigned finer;
};
enum wg_status wg_cover_make_with(size_t n, const struct wg_multipolygon *const *mp,
                                  const struct wg_cover_options *options,
                                  const struct wg_lattice *lattice, struct wg_cover *out,
                                  struct wg_error *err);
enum wg_status wg_cover_lattice(struct wg_box box, unsigned finer, struct wg_lattice *out,
                                struct wg_error *err);
/* A place of the cover (spots, or between them) in metres; rings traced in spots too. */
struct wg_point wg_cover_point(const struct wg_cover *cover, double x, double y);
enum wg_status wg_cover_trace(const struct wg_cover *cover, size_t n,
                              const struct wg_ring_segment *segment,
                              struct wg_multipolygon *out, struct wg_error *err);
void wg_cover_finish(struct wg_cover *cover); /* a zeroed one is fine */

/* Labels of a face, ascending. */
static inline const uint32_t *wg_cover_labels(const struct wg_cover *cover, uint32_t face,
                                              uint32_t *n)
{
    *n = cover->map.cover_first[face + 1] - cover->map.cover_first[face];
    return cover->map.cover + cover->map.cover_first[face];
}
/* Segments of a face. */
enum wg_status wg_cover_face_segments(struct wg_cover *cover, struct wg_error *err);
/* The boundary of a set of faces, inside on the left; free *out. */
enum wg_status wg_cover_boundary(struct wg_cover *cover, size_t n, const uint32_t *face,
                                 struct wg_ring_segment **out, size_t *n_out,
                                 struct wg_error *err);

/* Ground narrower than `width` steps between two polygons that is open at an end, so that
 * it belongs to the outside: the narrowest place of each two, in spots; free *out.
 * check_slit.c */
struct wg_slit {
    uint32_t a, b; /* labels, a < b */
    double x, y, width, area;
};
enum wg_status wg_cover_slits(const struct wg_cover *cover, double width,
                              struct wg_slit **out, size_t *n_out, struct wg_error *err);

/* The largest circle inside a region given by its boundary, in steps; the radius is found
 * to within `precision` (never too large).  check_width.c */
struct wg_widest {
    double x, y, radius; /* of the lattice, not whole steps */
};
enum wg_status wg_widest_circle(size_t n, const struct wg_ring_segment *segment,
                                double precision, struct wg_widest *out,
                                struct wg_error *err);

#endif
