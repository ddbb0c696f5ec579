/* What a coverage is made of; for the coverage_*.c files of the kernel only. */
#ifndef WG_COVERAGE_INSIDE_H
#define WG_COVERAGE_INSIDE_H

#include <stdlib.h>

#include "coverage_job.h"
#include "internal.h"

__extension__ typedef __int128 wg_wide;

/* Segments as edits and their journal know them: by spots and face numbers. */
struct wg_cut {
    struct wg_spot a, b; /* a below b, or west of it at the same height */
    uint32_t left, right;
};

struct wg_cuts {
    size_t n, cap;
    struct wg_cut *at;
};

struct wg_numbers {
    size_t n, cap;
    uint32_t *at;
};

struct wg_touched {
    uint32_t face;
    uint64_t before, after; /* versions */
};

struct wg_edit_step {
    const char *op;
    char *arguments;
    struct wg_cuts take, put;
    struct wg_numbers begun, ended;
    size_t n_touched;
    struct wg_touched *touched;
};

struct wg_cell_entry {
    uint32_t segment, next;
};

struct wg_places {
    int shift;    /* a cell is 2^shift steps wide */
    int32_t x, y; /* its corner, in cells */
    uint32_t cols, rows;
    uint32_t *head; /* entry, WG_NONE: none */
    struct wg_cell_entry *entry;
    size_t n_entry, cap_entry;
    uint32_t free_entry;
};

struct wg_coverage {
    struct wg_lattice lattice;
    int64_t scheme, revision, stamp;
    bool parents_follow, has_limit;
    bool broken; /* memory ran out inside an edit: reported by its end */
    bool stale;  /* a segment that is not there was taken: likewise */

    uint32_t n_face;
    size_t cap_face;
    struct wg_face *face;
    bool *unborn; /* faces of grids whose making was undone */
    bool *off_lattice;
    size_t cap_unborn, cap_off, cap_same, cap_list;
    struct wg_same {
        uint32_t id, code; /* the next one in its chain */
    } * same;
    uint32_t *by_id, *by_code, name_mask;
    uint32_t *list, n_list; /* grids by number, while `listed` */
    bool listed;
    int64_t last_new; /* ids of new grids, downwards */
    uint64_t last_version;

    uint32_t n_vertex, free_vertex;
    size_t cap_vertex, cap_first;
    struct wg_spot *spot;
    uint32_t *first; /* segments of a vertex: a list through `next`; WG_NONE: none */
    uint32_t *table; /* vertices by their spot: open addressing */
    uint32_t table_mask, n_live;

    uint32_t n_segment, free_segment;
    size_t cap_segment, cap_link;
    struct wg_segment *segment; /* left WG_NONE: not alive */
    /* [0]: at a, on the left; [1]: at b, on the right */
    struct wg_links {
        uint32_t next[2];             /* of the vertex */
        uint32_t after[2], before[2]; /* of the face */
    } * link;
    uint32_t *mark; /* of segments, against reporting twice */
    size_t cap_mark;
    uint32_t round;
    struct wg_places cells;

    /* the edit that is open */
    bool editing;
    struct wg_edit_step now;
    struct wg_numbers taken;

    size_t n_step, cap_step, n_done; /* done: the steps not undone */
    struct wg_edit_step *step;
    struct wg_refusal refusal;
    char refusal_text[512], refusal_cure[256];
};

static inline bool wg_spot_before(struct wg_spot a, struct wg_spot b)
{
    return a.y != b.y ? a.y < b.y : a.x < b.x;
}

static inline bool wg_segment_lives(const struct wg_coverage *c, uint32_t s)
{
    return c->segment[s].left != WG_NONE;
}

/* coverage.c: the structure itself, unchecked */
struct wg_coverage *wg_coverage_new(struct wg_lattice lattice);
uint32_t wg_coverage_add_segment(struct wg_coverage *c, const struct wg_cut *cut);
void wg_coverage_drop_segment(struct wg_coverage *c, uint32_t segment);
uint32_t wg_coverage_find_cut(const struct wg_coverage *c, const struct wg_cut *cut);
bool wg_cuts_add(struct wg_cuts *cuts, struct wg_cut cut);
bool wg_numbers_add(struct wg_numbers *numbers, uint32_t value);

/* coverage_face.c */
uint32_t wg_coverage_add_face(struct wg_coverage *c, const struct wg_face *face);
void wg_coverage_pop_face(struct wg_coverage *c); /* the last one */
void wg_coverage_finish_faces(struct wg_coverage *c);
/* `code` is taken over; it may be the one the face has. */
void wg_coverage_rename_face(struct wg_coverage *c, uint32_t face, int64_t id,
                             char *code);
uint32_t wg_coverage_known_face(const struct wg_coverage *c, int64_t id); /* ended too */
uint32_t wg_coverage_face_by_code(const struct wg_coverage *c, const char *code);
uint32_t wg_coverage_grid_number(const struct wg_coverage *c, uint32_t number);

/* coverage_index.c */
bool wg_places_begin(struct wg_coverage *c, struct wg_spot min, struct wg_spot max,
                     size_t n);
bool wg_places_put(struct wg_coverage *c, uint32_t segment);
void wg_places_take(struct wg_coverage *c, uint32_t segment);
void wg_places_finish(struct wg_places *cells);
/* The face just east (and a hair above) of a spot at which no segment goes east, by the
 * first segment that a ray meets; *hit is that segment or WG_NONE. */
uint32_t wg_coverage_ray(const struct wg_coverage *c, struct wg_spot from, uint32_t *hit);
/* The face at a point in steps, on the lattice or off it. */
uint32_t wg_coverage_face_at_point(const struct wg_coverage *c, struct wg_point point);

/* coverage_journal.c */
void wg_edit_step_finish(struct wg_edit_step *step);
bool wg_journal_add(struct wg_coverage *c, struct wg_edit_step *step); /* takes it over */
/* Does the taking and putting of a step, or takes it back, without checks. */
bool wg_edit_step_do(struct wg_coverage *c, const struct wg_edit_step *step, bool back);

/* coverage_edit.c */
enum wg_status wg_coverage_check_island(struct wg_coverage *c, uint32_t vertex,
                                        struct wg_error *err);
void wg_refusal_clear(struct wg_coverage *c);

/* coverage_fixed.c: may these segments become those, as parents' boundaries go?  Both in
 * order of place.  False: *at is where not, *face and *other on its sides. */
int64_t wg_face_parent_key(const struct wg_coverage *c, uint32_t face);
bool wg_check_fixed(struct wg_coverage *c, const struct wg_cuts *take,
                    const struct wg_cuts *put, struct wg_spot *at, uint32_t *face,
                    uint32_t *other);

#endif
