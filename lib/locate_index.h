/*
 * The inside of a locator: plain arrays without pointers, so that the file is the index.
 *
 * The box of the scheme is divided into cells whose sides are powers of two and
 * whose lines lie on their multiples: floor(x * per.x) is exact, a point never falls into
 * another cell than the geometry says.  A cell's word is the slot that owns all of it,
 * or, with WG_WORD_RECORD set, the place of its record (locate_record.h).
 */
#ifndef WG_LOCATE_INDEX_H
#define WG_LOCATE_INDEX_H

#include "wangge/locate.h"

#define WG_WORD_RECORD 0x80000000u
#define WG_WORD_APART 0x40000000u /* the record is in the section of edges */
#define WG_WORD_PLACE 0x3fffffffu

enum wg_section {
    WG_SECTION_WORD,     /* uint32_t[cols * rows + 1], row by row from the south-west; the
                            last one is 0 and serves the points beyond */
    WG_SECTION_POOL,     /* uint32_t[n_pool] and WG_POOL_SLACK more that may be read */
    WG_SECTION_EDGES,    /* uint32_t[]: what the exact road needs */
    WG_SECTION_EDGES_AT, /* uint32_t[lines of the pool]: where their edges begin */
    WG_SECTION_X,        /* double[n_vertex] */
    WG_SECTION_Y,
    WG_SECTION_RING,  /* uint32_t[n_ring + 1]: first vertex; rings are closed */
    WG_SECTION_PART,  /* uint32_t[n_part + 1]: first ring, the shell */
    WG_SECTION_GRID,  /* uint32_t[n_grid + 2], by slot: first part; slot 0 has none */
    WG_SECTION_ID,    /* int64_t[n_grid + 1], by slot; 0 for slot 0 */
    WG_SECTION_BY_ID, /* uint32_t[n_grid]: slots in order of id */
    WG_SECTION_CODE,  /* uint32_t[n_grid + 2]: first byte of the code in … */
    WG_SECTION_TEXT,  /* char[]: codes, each ended by a zero */
    WG_SECTION_LEAF,  /* uint32_t[n_grid]: slots in the order of the boxes */
    WG_SECTION_BOX,   /* struct wg_box[]: see locate_boxes.h */
    WG_SECTIONS
};

/* Of fixed layout and without holes: it is written as it stands. */
struct wg_locate_head {
    uint64_t bytes[WG_SECTIONS]; /* the size of each section */
    uint32_t n_grid, n_part, n_ring, n_vertex;
    uint32_t cols, rows;
    struct wg_point per; /* cells to a unit of x and of y: powers of two */
    double col0, row0;   /* floor(x * per.x), floor(y * per.y) of the first column and
                                row: whole numbers */
    double overlap_x, overlap_y;
    struct wg_box box;
    uint64_t boundary_cells;
    double build_s;
    uint32_t partition; /* 0 or 1 */
    uint32_t spare;
    /* where the grids are from; zero for an index built from memory */
    int64_t scheme, stamp;
    char from[32], until[32]; /* instants between which the same grids own; "": open */
};

struct wg_locator {
    struct wg_locate_head head;
    const void *section[WG_SECTIONS];
    /* the sections again, by their types */
    const uint32_t *word, *pool, *edges, *edges_at, *ring, *part, *grid, *by_id, *code,
        *leaf;
    const double *x, *y;
    const int64_t *id;
    const char *text;
    const struct wg_box *box;
    enum wg_vector vector;
    void *map; /* of the whole file; NULL: each section is a heap block of its own */
    size_t map_size;
};

#define WG_POOL_SLACK 64 /* words behind the pool's end that vector loads may touch */

/* Set the typed views after section[] is filled. */
void wg_locator_look(struct wg_locator *loc);
/* WG_INVALID when `wanted` does not work on this machine. */
enum wg_status wg_locator_choose_vector(struct wg_locator *loc, enum wg_vector wanted,
                                        struct wg_error *err);

#endif
