/* Owns a frozen locator: what it holds, who answers, and the exact road. */
#include "wangge/locate.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

#include "block.h"
#include "internal.h"
#include "locate_record.h"

void wg_locator_destroy(struct wg_locator *loc)
{
    if (!loc)
        return;
    if (loc->map)
        munmap(loc->map, loc->map_size);
    for (int i = 0; !loc->map && i < WG_SECTIONS; i++)
        wg_block_free((void *)loc->section[i], loc->head.bytes[i]);
    free(loc);
}

/* ---- the exact road ---- */

static struct wg_way way_of(struct wg_point per, double x, double y)
{
    double right = (floor(x * per.x) + 1) / per.x, bottom = floor(y * per.y) / per.y;

    return (struct wg_way){{x, y}, {right, y}, {right, bottom}};
}

size_t wg_signs_edges(const struct wg_locator *loc, uint32_t place)
{
    uint32_t line = place / WG_POOL_LINE, at = line * WG_POOL_LINE;
    size_t edges = loc->edges_at[line];

    while (at < place) {
        uint32_t k = wg_signs_lines(loc->pool + at);

        edges += wg_signs_edge_words(k);
        at += wg_signs_words(k, wg_signs_candidates(loc->pool + at));
    }
    return edges;
}

uint32_t wg_signs_exact(const struct wg_locator *loc, uint32_t word, struct wg_point per,
                        double x, double y)
{
    struct wg_way way = way_of(per, x, y);
    const uint32_t *record = loc->pool + (word & WG_WORD_PLACE);
    const uint32_t *edges = loc->edges + wg_signs_edges(loc, word & WG_WORD_PLACE);
    uint32_t k = wg_signs_lines(record), on = 0;
    const uint8_t *base = (const uint8_t *)edges, *mask = base + 1;
    const uint32_t *ref = edges + (1 + k + 3) / 4;
    uint32_t in = *base;

    for (uint32_t i = 0; i < k; i++) {
        struct wg_edge e = wg_edge_of(loc, ref[i]);

        if (wg_edge_has(&e, way.p))
            on |= mask[i];
        else if (wg_edge_crosses(&e, &way))
            in ^= mask[i];
    }
    in |= on;
    return in ? wg_signs_candidate(record, k, (uint32_t)__builtin_ctz(in)) : 0;
}

static uint32_t ask_list(const struct wg_locator *loc, const uint32_t *record,
                         struct wg_point per, double x, double y)
{
    struct wg_way way = way_of(per, x, y);
    uint32_t m = record[1];
    const uint32_t *candidate = record + 2, *base = candidate + m;
    const uint32_t *start = base + (m + 31) / 32, *ref = start + m + 1;

    for (uint32_t k = 0; k < m; k++) {
        bool in = base[k / 32] >> (k % 32) & 1;

        for (uint32_t i = start[k]; i < start[k + 1]; i++) {
            struct wg_edge e = wg_edge_of(loc, ref[i]);

            if (wg_edge_has(&e, way.p))
                return candidate[k];
            in ^= wg_edge_crosses(&e, &way);
        }
        if (in)
            return candidate[k];
    }
    return 0;
}

/* One step down a TREE: the word of the cell within, and per for that cell. */
static uint32_t tree_word(const uint32_t *record, struct wg_point *per, double x,
                          double y)
{
    struct wg_point outer = *per,
                    inner = {outer.x * WG_TREE_SIDE, outer.y * WG_TREE_SIDE};
    int col = (int)(floor(x * inner.x) - floor(x * outer.x) * WG_TREE_SIDE);
    int row = (int)(floor(y * inner.y) - floor(y * outer.y) * WG_TREE_SIDE);

    *per = inner;
    return record[1 + row * WG_TREE_SIDE + col];
}

/* ---- records that stand apart, and all others ---- */

/* A number so small that its product with `per` may lose its sign: it would be in one
 * cell of the table and in none of the cells within. */
static bool is_tiny(double value, double per)
{
    return value != 0 && fabs(value * per) < 0x1p-1000;
}

bool wg_slot_covers(const struct wg_locator *loc, uint32_t slot, double x, double y)
{
    bool in = false;

    for (uint32_t r = loc->part[loc->grid[slot]]; r < loc->part[loc->grid[slot + 1]];
         r++) {
        uint32_t from = loc->ring[r];
        enum wg_side side =
            wg_ring_side(loc->ring[r + 1] - from, loc->x + from, loc->y + from, x, y);

        if (side == WG_BOUNDARY)
            return true;
        in ^= side == WG_INSIDE;
    }
    return in;
}

/* All grids in order of code. */
static uint32_t ask_all(const struct wg_locator *loc, double x, double y)
{
    for (uint32_t slot = 1; slot <= loc->head.n_grid; slot++) {
        if (wg_slot_covers(loc, slot, x, y))
            return slot;
    }
    return 0;
}

uint32_t wg_record_ask(const struct wg_locator *loc, uint32_t word, double x, double y)
{
    struct wg_point per = loc->head.per;

    while (word & WG_WORD_APART) {
        const uint32_t *record = loc->edges + (word & WG_WORD_PLACE);

        if (record[0] == WG_RECORD_LIST)
            return ask_list(loc, record, per, x, y);
        if (is_tiny(x, per.x) || is_tiny(y, per.y))
            return ask_all(loc, x, y);
        word = tree_word(record, &per, x, y);
    }
    if (!(word & WG_WORD_RECORD))
        return word;
    double fx = x * per.x, fy = y * per.y;
    return wg_signs_ask(loc, word, per, x, y, wg_signs_unit(fx - wg_whole(fx)),
                        wg_signs_unit(fy - wg_whole(fy)));
}

/* ---- many points ---- */

static wg_locate_batch_fn *batch_of(enum wg_vector vector)
{
#if defined(__x86_64__)
    if (vector == WG_VECTOR_AVX2)
        return wg_locate_batch_avx2;
#elif defined(__aarch64__)
    if (vector == WG_VECTOR_NEON)
        return wg_locate_batch_neon;
#endif
    (void)vector;
    return wg_locate_batch_plain;
}

void wg_locator_slots(const struct wg_locator *loc, size_t n, const double *x,
                      const double *y, uint32_t *slot)
{
    batch_of(loc->vector)(loc, n, x, y, slot);
}

void wg_locator_find(const struct wg_locator *loc, size_t n, const double *x,
                     const double *y, int64_t *grid)
{
    wg_locate_batch_fn *batch = batch_of(loc->vector);
    uint32_t slot[512];
    const size_t block = sizeof slot / sizeof *slot;

    for (size_t i = 0; i < n; i += block) {
        size_t m = n - i < block ? n - i : block;

        batch(loc, m, x + i, y + i, slot);
        for (size_t k = 0; k < m; k++)
            grid[i + k] = loc->id[slot[k]];
    }
}

/* ---- which code answers ---- */

const char *wg_vector_name(enum wg_vector vector)
{
    static const char *const names[] = {"best", "plain", "avx2", "neon"};

    return (unsigned)vector < sizeof names / sizeof *names ? names[vector] : "";
}

bool wg_vector_works(enum wg_vector vector)
{
    if (vector == WG_VECTOR_BEST || vector == WG_VECTOR_PLAIN)
        return true;
#if defined(__x86_64__)
    return vector == WG_VECTOR_AVX2 && __builtin_cpu_supports("avx2");
#elif defined(__aarch64__)
    return vector == WG_VECTOR_NEON;
#else
    return false;
#endif
}

enum wg_status wg_locator_choose_vector(struct wg_locator *loc, enum wg_vector wanted,
                                        struct wg_error *err)
{
    static const enum wg_vector best[] = {WG_VECTOR_AVX2, WG_VECTOR_NEON};

    if (!*wg_vector_name(wanted))
        return wg_fail(err, WG_INVALID, _("There is no vector code number %d."),
                       (int)wanted);
    if (!wg_vector_works(wanted))
        return wg_fail(err, WG_INVALID, _("This machine has no %s instructions."),
                       wg_vector_name(wanted));
    loc->vector = wanted == WG_VECTOR_BEST ? WG_VECTOR_PLAIN : wanted;
    for (size_t i = 0; wanted == WG_VECTOR_BEST && i < 2; i++) {
        if (wg_vector_works(best[i]))
            loc->vector = best[i];
    }
    return WG_OK;
}

/* ---- what it holds ---- */

void wg_locator_look(struct wg_locator *loc)
{
    loc->word = loc->section[WG_SECTION_WORD];
    loc->pool = loc->section[WG_SECTION_POOL];
    loc->edges = loc->section[WG_SECTION_EDGES];
    loc->edges_at = loc->section[WG_SECTION_EDGES_AT];
    loc->x = loc->section[WG_SECTION_X];
    loc->y = loc->section[WG_SECTION_Y];
    loc->ring = loc->section[WG_SECTION_RING];
    loc->part = loc->section[WG_SECTION_PART];
    loc->grid = loc->section[WG_SECTION_GRID];
    loc->id = loc->section[WG_SECTION_ID];
    loc->by_id = loc->section[WG_SECTION_BY_ID];
    loc->code = loc->section[WG_SECTION_CODE];
    loc->text = loc->section[WG_SECTION_TEXT];
    loc->leaf = loc->section[WG_SECTION_LEAF];
    loc->box = loc->section[WG_SECTION_BOX];
}

uint32_t wg_locator_count(const struct wg_locator *loc)
{
    return loc->head.n_grid;
}

int64_t wg_locator_id(const struct wg_locator *loc, uint32_t slot)
{
    return slot <= loc->head.n_grid ? loc->id[slot] : 0;
}

const char *wg_locator_code(const struct wg_locator *loc, uint32_t slot)
{
    return slot <= loc->head.n_grid ? loc->text + loc->code[slot] : "";
}

uint32_t wg_locator_slot_of(const struct wg_locator *loc, int64_t grid)
{
    uint32_t lo = 0, hi = loc->head.n_grid;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (loc->id[loc->by_id[mid]] < grid)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < loc->head.n_grid && loc->id[loc->by_id[lo]] == grid ? loc->by_id[lo] : 0;
}

struct wg_locator_info wg_locator_info(const struct wg_locator *loc)
{
    const struct wg_locate_head *h = &loc->head;
    struct wg_locator_info info = {
        .grids = h->n_grid,
        .partition = h->partition,
        .mapped = loc->map != NULL,
        .vector = loc->vector,
        .vertices = h->n_vertex,
        .cells = (uint64_t)h->cols * h->rows,
        .boundary_cells = h->boundary_cells,
        .bytes = sizeof *loc,
        .build_s = h->build_s,
        .box = h->box,
        .overlap = {h->overlap_x, h->overlap_y},
    };

    for (int i = 0; i < WG_SECTIONS; i++)
        info.bytes += h->bytes[i];
    return info;
}

enum wg_status wg_locator_geometry(const struct wg_locator *loc, uint32_t slot,
                                   struct wg_multipolygon *out, struct wg_error *err)
{
    if (slot == 0 || slot > loc->head.n_grid)
        return wg_fail(err, WG_NOT_FOUND, _("The index has no grid at slot %u of %u."),
                       slot, loc->head.n_grid);
    uint32_t part = loc->grid[slot], n_part = loc->grid[slot + 1] - part;
    uint32_t ring = loc->part[part], n_ring = loc->part[part + n_part] - ring;
    uint32_t vertex = loc->ring[ring], n_vertex = loc->ring[ring + n_ring] - vertex;
    struct wg_multipolygon mp = {n_part, n_ring, n_vertex, NULL, NULL, NULL, NULL};

    if (n_part == 0) {
        *out = (struct wg_multipolygon){0};
        return WG_OK;
    }
    mp.part = malloc((n_part + 1) * sizeof *mp.part);
    mp.ring = malloc((n_ring + 1) * sizeof *mp.ring);
    mp.x = malloc(n_vertex * sizeof *mp.x);
    mp.y = malloc(n_vertex * sizeof *mp.y);
    if (!mp.part || !mp.ring || !mp.x || !mp.y) {
        wg_multipolygon_finish(&mp);
        return wg_fail_memory(err);
    }
    for (uint32_t i = 0; i <= n_part; i++)
        mp.part[i] = loc->part[part + i] - ring;
    for (uint32_t i = 0; i <= n_ring; i++)
        mp.ring[i] = loc->ring[ring + i] - vertex;
    memcpy(mp.x, loc->x + vertex, n_vertex * sizeof *mp.x);
    memcpy(mp.y, loc->y + vertex, n_vertex * sizeof *mp.y);
    *out = mp;
    return WG_OK;
}
