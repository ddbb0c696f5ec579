/*
 * A planar arrangement on the lattice: what segments of any origin (rings of polygons
 * that may overlap or leave gaps, boundaries of a coverage, a sketched line) divide the
 * plane into.  Segments are cut where they meet, by snap rounding: every output segment
 * joins two spots, two output segments have at most ends in common, no spot lies inside a
 * segment, and no input segment moves by more than one lattice step.  Spots of the input
 * stay where they are; an input that is already noded comes out as it is.
 *
 * An input segment a → b may carry a label on its left and one on its right: "on this
 * side begins label L".  A polygon with label L gives its rings' segments, run so that
 * the inside is on the left, with left = L and right = WG_NO_LABEL.  A segment between
 * two grids of a coverage has both.  A sketched line has none, and a source. Input
 * segments that turn out the same become one; its labels cancel and add up.
 *
 * Then faces: maximal connected pieces of the plane without a segment in them, face 0 the
 * unbounded one.  A face is covered by the labels counted from infinity (a count other
 * than 0 covers), so overlaps have several labels and gaps none.
 *
 * Cost: O((n + k) log n) for n segments and k crossings; linear where nothing crosses.
 * Frozen when made; threads may share it.
 */
#ifndef WG_ARRANGE_H
#define WG_ARRANGE_H

#include "lattice.h"

#define WG_NO_LABEL UINT32_MAX

struct wg_arrange_segment {
    struct wg_spot a, b;  /* a == b is left out */
    uint32_t left, right; /* labels, or WG_NO_LABEL */
    uint32_t source;      /* the caller's own number, for segments that have no labels:
                             0 none, else a bit mask that is or-ed where segments coincide */
};

struct wg_arrangement {
    /* spots, each once, in no promised order */
    uint32_t n_spot;
    struct wg_spot *spot;
    /* segments, each once; spot a is below b, or west of it at the same height */
    uint32_t n_segment;
    uint32_t *a, *b; /* spots */
    uint32_t *left,
        *right; /* faces, on the left and right of a → b; may be equal (dangling) */
    uint32_t *source; /* or-ed sources of the inputs it comes from */
    /* segments around a spot, counter-clockwise from east: around[first[s] … first[s+1])
     */
    uint32_t *first, *around;
    /* faces */
    uint32_t n_face;
    double *area;          /* steps², 0 for face 0 */
    uint32_t *cover_first; /* labels of face f, ascending: cover[cover_first[f] … +1) */
    uint32_t *cover;
    struct wg_box *face_box; /* in steps; empty for face 0 */
    /* crossings that were not there as spots: how many spots snap rounding made */
    uint32_t n_made;
};

struct wg_arrange_options {
    bool no_faces; /* leave face 0, area and cover out: nothing but noded segments */
    /* Told once for each input segment that was cut or bent: its index and the spot
     * (NULL: nobody).  The same segment may be told of several times. */
    void (*cut)(void *user, uint32_t input, struct wg_spot spot);
    void *user;
};

enum wg_status wg_arrange(size_t n, const struct wg_arrange_segment *segment,
                          const struct wg_arrange_options *options,
                          struct wg_arrangement *out, struct wg_error *err);
void wg_arrangement_finish(struct wg_arrangement *arrangement);

/* The rings of a set of faces as one multipolygon in spots, valid by the OGC rules:
 * shells counter-clockwise, holes clockwise, each ring simple, starting at its lowest
 * (then westernmost) spot, parts in order of that spot: the same faces give the same
 * bytes. member[f] tells whether face f belongs. */
enum wg_status wg_arrangement_polygon(const struct wg_arrangement *arrangement,
                                      const bool *member,
                                      const struct wg_lattice *lattice,
                                      struct wg_multipolygon *out, struct wg_error *err);

/* ---- rings from loose segments: shared by arrangement and coverage ---- */

/* Directed segments whose left side is inside, each once, meeting only in ends: the
 * boundary of a region.  Trace them into a multipolygon as promised above.  A segment
 * that is given both ways is no boundary and is left out, so the segments of neighbours
 * together give their union.  A boundary that is not closed is WG_INTERNAL. */
struct wg_ring_segment {
    struct wg_spot from, to;
};
enum wg_status wg_trace_rings(size_t n, const struct wg_ring_segment *segment,
                              const struct wg_lattice *lattice,
                              struct wg_multipolygon *out, struct wg_error *err);

/* The segments of a multipolygon, inside on the left whatever way its rings run (its
 * shells first in each part), snapped to the lattice; appended to *segment (see wg_grow).
 */
enum wg_status wg_arrange_add_polygon(const struct wg_multipolygon *mp,
                                      const struct wg_lattice *lattice, uint32_t label,
                                      struct wg_arrange_segment **segment, size_t *n,
                                      size_t *cap, struct wg_error *err);

#endif
