/*
 * A patch: some faces of a coverage with lines drawn over them, arranged.  Its pieces can
 * be given to other faces; painting it takes and puts what differs and nothing else.
 */
#ifndef WG_COVERAGE_PATCH_H
#define WG_COVERAGE_PATCH_H

#include "coverage_job.h"

struct wg_patch_cut { /* a segment is cut or bent at a spot */
    uint32_t number;  /* in patch->segment; of a pin: the coverage's own */
    struct wg_spot spot;
    double along; /* the segment, to sort by */
};
struct wg_patch {
    struct wg_coverage *c;
    uint32_t *face; /* those that are arranged whole */
    size_t n_face, cap_face;
    bool *has; /* by number of face */
    struct wg_arrange_segment *input;
    uint32_t *origin; /* of an input: its number in `segment`; WG_NONE of what is drawn */
    size_t n_input, cap_input, cap_origin;
    uint32_t *segment; /* of the coverage, each once */
    size_t n_segment, cap_segment;
    struct wg_patch_cut *pin, *cut;
    size_t n_pin, cap_pin, n_cut, cap_cut;
    bool outside; /* the outside too is arranged whole, where a line comes near it */
    bool failed;  /* memory was out */

    struct wg_arrangement a;
    uint32_t *old; /* segment of the coverage that an arranged one is, or WG_NONE */
    struct wg_patch_part {
        uint32_t segment; /* … that it is a part of, or WG_NONE */
        bool along;       /* runs the same way */
    } * part;
    struct wg_patch_place { /* spots of the arrangement at which segments were cut */
        struct wg_spot spot;
        uint32_t number;
    } * place;
    size_t n_place;
    bool unclear;    /* a line runs where nothing is arranged */
    uint32_t *owner; /* face of a piece; WG_NONE: none of these faces */
    bool *swept;     /* is the piece inside what was drawn with the label? */
    uint32_t *to;    /* who gets the piece; its owner to begin with */
};

enum wg_status wg_patch_init(struct wg_patch *patch, struct wg_coverage *c,
                             struct wg_error *err);
void wg_patch_finish(struct wg_patch *patch);
/* Faces: one, and those beside whatever a drawn line comes near to; the outside, which
 * may have a long boundary, only if `outside` is set. */
void wg_patch_touch(struct wg_patch *patch, uint32_t face);
void wg_patch_touch_line(struct wg_patch *patch, struct wg_spot a, struct wg_spot b);
/* Boundaries within a step of a spot are to have a vertex there: the arrangement alone
 * lets a line end beside them. */
void wg_patch_pin(struct wg_patch *patch, struct wg_spot spot);
/* After all that was touched and pinned.  Then draw lines: source is a bit, `sweeps`
 * gives the left side the label of what is swept. */
void wg_patch_close_faces(struct wg_patch *patch);
void wg_patch_draw(struct wg_patch *patch, struct wg_spot a, struct wg_spot b,
                   uint32_t source, bool sweeps);
/* When the patch is unclear after this, the outside has to be arranged too. */
enum wg_status wg_patch_arrange(struct wg_patch *patch, struct wg_error *err);
/* The face on a side of an arranged segment as it was: also of those that are not
 * arranged. */
uint32_t wg_patch_was(const struct wg_patch *patch, uint32_t segment, bool left);
/* Into the edit that is open; false when memory is out. */
bool wg_patch_paint(struct wg_patch *patch);

#endif
