/* Fuzz target: small polygons from bytes, an index over them, and the plain answer.
 * The first byte picks the scale and the number of cells; then each byte is a vertex of
 * a 16 × 16 board, '|' ends a ring and '/' a grid.  Rings may cross, repeat, collapse and
 * overlap as they like. */
#include "../unit/locate_check.h"
#include "fuzz.h"
#include "wangge/shape.h"

#define GRIDS 12
#define RINGS 8
#define VERTICES 600
#define PROBES 96

struct board {
    size_t n;
    struct wg_locator_grid grid[GRIDS];
    struct wg_multipolygon mp[GRIDS];
    char code[GRIDS][4];
    uint32_t part[2 * GRIDS], ring[GRIDS][RINGS + 1];
    double x[VERTICES], y[VERTICES];
    size_t used;
};

static const struct {
    double scale, x, y;
} scales[5] = {{1, 0, 0},
               {0.1, 300000, 3780000},
               {1e-300, 0, 0},
               {0x1p1019, 0, 0},
               {1.0 / 3, -3, -2}};

/* Close the ring in hand, if there is one. */
static void end_ring(struct board *b, size_t first)
{
    struct wg_multipolygon *mp = &b->mp[b->n];
    if (b->used == first)
        return;
    b->x[b->used] = b->x[first];
    b->y[b->used++] = b->y[first];
    mp->n_vertex = (uint32_t)(b->used - (size_t)(mp->x - b->x));
    mp->ring[++mp->n_ring] = mp->n_vertex;
}

static void begin_grid(struct board *b)
{
    struct wg_multipolygon *mp = &b->mp[b->n];
    *mp = (struct wg_multipolygon){
        0, 0, 0, b->part + 2 * b->n, b->ring[b->n], b->x + b->used, b->y + b->used};
}

static void end_grid(struct board *b)
{
    struct wg_multipolygon *mp = &b->mp[b->n];
    mp->n_part = mp->n_ring > 0;
    mp->part[1] = mp->n_ring;
    snprintf(b->code[b->n], sizeof b->code[b->n], "%c", (int)('a' + b->n * 7 % GRIDS));
    b->grid[b->n] = (struct wg_locator_grid){(int64_t)b->n + 1, b->code[b->n], mp};
    b->n++;
}

static void read_board(struct board *b, const uint8_t *data, size_t size)
{
    size_t first = 0, k = data[0] % 32;
    k = k < 2 ? k + 2 : k % 3 ? k % 3 - 1 : 4; /* the ends of the range take long */
    begin_grid(b);
    for (size_t i = 1; i < size && b->used + 3 < VERTICES; i++) {
        if (data[i] == '|' || data[i] == '/') {
            end_ring(b, first);
            first = b->used;
            if (data[i] == '/' || b->mp[b->n].n_ring == RINGS) {
                end_grid(b);
                if (b->n == GRIDS)
                    return;
                begin_grid(b);
            }
        } else {
            b->x[b->used] = (data[i] & 15) * scales[k].scale + scales[k].x;
            b->y[b->used++] = (data[i] >> 4) * scales[k].scale + scales[k].y;
        }
    }
    end_ring(b, first);
    end_grid(b);
}

static void compare(const struct board *b, const struct plain *plain,
                    const struct probes *p, struct wg_locator_options options)
{
    struct wg_locator *loc = NULL;
    uint32_t slot[PROBES], want[PROBES];
    MUST(wg_locator_build(b->n, b->grid, &options, &loc, NULL) == WG_OK);
    bool partition = wg_locator_info(loc).partition;
    /* the proof speaks of valid polygons */
    for (size_t g = 0; g < b->n && partition; g++)
        partition = wg_shape_check(NULL, &b->mp[g], NULL) == WG_OK;
    wg_locator_slots(loc, p->n, p->x, p->y, slot);
    for (size_t i = 0; i < p->n; i++) {
        int inside = 0;
        want[i] = plain_slot(plain, p->x[i], p->y[i]);
        MUST(slot[i] == want[i]);
        MUST(wg_locator_slot(loc, p->x[i], p->y[i]) == want[i]);
        for (uint32_t s = 1; s <= plain->n && partition; s++)
            inside += plain_side(plain, s, p->x[i], p->y[i]) == WG_INSIDE;
        MUST(inside < 2);
    }
    wg_locator_destroy(loc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct board board;
    struct probes p = {0, 0, NULL, NULL};
    struct random r = {size};
    struct wg_box box = wg_box_empty();

    if (size < 2)
        return 0;
    memset(&board, 0, sizeof board);
    read_board(&board, data, size);
    for (size_t i = 0; i < size; i++)
        r.state = r.state * 31 + data[i];
    for (size_t g = 0; g < board.n; g++)
        box = wg_box_union(box, wg_multipolygon_box(&board.mp[g]));
    if (wg_box_is_empty(box))
        box = (struct wg_box){0, 0, 1, 1};
    for (int k = 0; k < 8 && board.used; k++) {
        size_t v = (size_t)random_between(&r, 0, (int64_t)board.used - 1);
        size_t w = (size_t)random_between(&r, 0, (int64_t)board.used - 1);
        probe_about(&p, board.x[v], board.y[v]);
        probe(&p, board.x[v] / 2 + board.x[w] / 2, board.y[v] / 2 + board.y[w] / 2);
    }
    probe_random(&p, &r, box, 24);
    MUST(p.n <= PROBES);
    struct plain plain = plain_make(board.n, board.grid);
    uint32_t cells = (uint32_t)random_between(&r, 1, 200);
    compare(&board, &plain, &p, (struct wg_locator_options){.cells = cells});
    compare(&board, &plain, &p,
            (struct wg_locator_options){.cells = 1, .vector = WG_VECTOR_PLAIN});
    plain_finish(&plain);
    probes_finish(&p);
    return 0;
}
