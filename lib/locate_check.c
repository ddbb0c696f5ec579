/* Owns the distrust of a locator's file: no size, offset or index in it may lead a
 * question outside of it, even where its sum is right. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "locate_boxes.h"
#include "locate_file.h"
#include "locate_record.h"

static uint64_t pool_words(const struct wg_locate_head *h)
{
    return h->bytes[WG_SECTION_POOL] / 4 - WG_POOL_SLACK;
}

static uint64_t edges_words(const struct wg_locate_head *h)
{
    return h->bytes[WG_SECTION_EDGES] / 4;
}

bool wg_locate_sizes_fit(const struct wg_locate_head *h)
{
    uint64_t cells = (uint64_t)h->cols * h->rows + 1;
    const uint64_t want[WG_SECTIONS] = {
        [WG_SECTION_WORD] = 4 * cells,
        [WG_SECTION_POOL] = h->bytes[WG_SECTION_POOL] & ~(uint64_t)3,
        [WG_SECTION_EDGES] = h->bytes[WG_SECTION_EDGES] & ~(uint64_t)3,
        [WG_SECTION_EDGES_AT] = (pool_words(h) + WG_POOL_LINE - 1) / WG_POOL_LINE * 4,
        [WG_SECTION_X] = 8 * (uint64_t)h->n_vertex,
        [WG_SECTION_Y] = 8 * (uint64_t)h->n_vertex,
        [WG_SECTION_RING] = 4 * ((uint64_t)h->n_ring + 1),
        [WG_SECTION_PART] = 4 * ((uint64_t)h->n_part + 1),
        [WG_SECTION_GRID] = 4 * ((uint64_t)h->n_grid + 2),
        [WG_SECTION_ID] = 8 * ((uint64_t)h->n_grid + 1),
        [WG_SECTION_BY_ID] = 4 * (uint64_t)h->n_grid,
        [WG_SECTION_CODE] = 4 * ((uint64_t)h->n_grid + 2),
        [WG_SECTION_TEXT] = h->bytes[WG_SECTION_TEXT],
        [WG_SECTION_LEAF] = 4 * (uint64_t)h->n_grid,
        [WG_SECTION_BOX] = sizeof(struct wg_box) * wg_boxes_count(h->n_grid),
    };

    return memcmp(want, h->bytes, sizeof want) == 0 && cells < WG_WORD_RECORD &&
           h->bytes[WG_SECTION_POOL] / 4 >= WG_POOL_SLACK &&
           pool_words(h) <= WG_WORD_PLACE && edges_words(h) <= WG_WORD_PLACE &&
           h->n_grid < 1u << 24;
}

static bool is_whole(double v)
{
    return fabs(v) < 0x1p52 && v == floor(v);
}

static bool cells_fit(const struct wg_locate_head *h)
{
    int exponent;

    return frexp(h->per.x, &exponent) == 0.5 && frexp(h->per.y, &exponent) == 0.5 &&
           is_whole(h->col0) && is_whole(h->row0) && memchr(h->from, 0, sizeof h->from) &&
           memchr(h->until, 0, sizeof h->until);
}

/* Ascending from 0 to `last`. */
static bool rises(const uint32_t *v, size_t n, uint32_t last)
{
    uint32_t wrong = n == 0 || v[0] != 0 || v[n - 1] != last;

    for (size_t i = 1; i < n; i++)
        wrong |= v[i] < v[i - 1];
    return !wrong;
}

static bool slots_fit(const struct wg_locator *loc, const uint32_t *slot, uint32_t n)
{
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < n; i++)
        wrong |= slot[i] - 1 >= loc->head.n_grid;
    return !wrong;
}

/* ---- records, see locate_record.h ---- */

static bool refs_fit(const struct wg_locator *loc, const uint32_t *ref, size_t n)
{
    uint32_t wrong = 0;

    for (size_t i = 0; i < n; i++)
        wrong |= ref[i] + (uint64_t)1 >= loc->head.n_vertex;
    return !wrong;
}

/* The four-bit numbers of a table: candidates up to m, 0, or WG_SIGNS_UNKNOWN. */
static bool table_fits(const uint32_t *record, uint32_t k, uint32_t m)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t t = record[0] >> 16, nibbles = 4 << k;

    if (k > 2)
        memcpy(&t, record + 1, sizeof t);
    t = nibbles < 64 ? t & ((UINT64_C(1) << nibbles) - 1) : t;
    uint64_t even = t & 15 * each, odd = t >> 4 & 15 * each;
    uint64_t beyond = (even + (0x7f - m) * each) & ~(even + (0x80 - 15) * each);
    beyond |= (odd + (0x7f - m) * each) & ~(odd + (0x80 - 15) * each);
    return (beyond & 0x80 * each) == 0;
}

/* A record of a line of the pool, and its edges, which begin at `at`. */
static bool signs_fit(const struct wg_locator *loc, const uint32_t *record, uint32_t k,
                      uint32_t m, size_t at)
{
    size_t n = wg_signs_edge_words(k);
    uint32_t n_grid = loc->head.n_grid, n_vertex = loc->head.n_vertex, wrong = 0;
    uint64_t masks;

    if (at + n > edges_words(&loc->head) || !table_fits(record, k, m))
        return false;
    for (uint32_t i = 0; i < m; i++)
        wrong |= wg_signs_candidate(record, k, i) - 1 >= n_grid;
    memcpy(&masks, loc->edges + at, sizeof masks); /* no record has fewer words than 2 */
    masks &= (UINT64_C(1) << (8 * (k + 1))) - 1;   /* the base is the first */
    const uint32_t *ref = loc->edges + at + n - k;
    for (uint32_t i = 0; i < k; i++)
        wrong |= ref[i] + (uint64_t)1 >= n_vertex;
    return !wrong && (masks & UINT64_C(0x0101010101010101) * (0xff << m & 0xff)) == 0;
}

/* Bit i of starts[line]: a record begins at word i of this line of the pool. */
static bool pool_fits(const struct wg_locator *loc, uint16_t *starts)
{
    uint64_t n_pool = pool_words(&loc->head);

    for (uint64_t line = 0; line * WG_POOL_LINE < n_pool; line++) {
        const uint32_t *record = loc->pool + line * WG_POOL_LINE;
        size_t edges = loc->edges_at[line];
        uint32_t at = 0, k, m, found = 0;

        for (; at < WG_POOL_LINE && line * WG_POOL_LINE + at < n_pool;
             at += wg_signs_words(k, m)) {
            k = wg_signs_lines(record + at);
            m = wg_signs_candidates(record + at);
            if (k == 0) /* the rest of the line is filling */
                break;
            if (k > WG_SIGNS_LINES || m < 1 || m > WG_SIGNS_CANDIDATES ||
                at + wg_signs_words(k, m) > WG_POOL_LINE ||
                !signs_fit(loc, record + at, k, m, edges))
                return false;
            found |= 1u << at;
            edges += wg_signs_edge_words(k);
        }
        starts[line] = (uint16_t)found;
    }
    return true;
}

static bool list_fits(const struct wg_locator *loc, uint64_t at)
{
    uint64_t end = edges_words(&loc->head), m = loc->edges[at + 1];
    uint64_t base = at + 2 + m, start = base + (m + 31) / 32, ref = start + m + 1;

    if (ref > end || !slots_fit(loc, loc->edges + at + 2, (uint32_t)m))
        return false;
    return loc->edges[start + m] <= end - ref &&
           rises(loc->edges + start, m + 1, loc->edges[start + m]) &&
           refs_fit(loc, loc->edges + ref, loc->edges[start + m]);
}

struct words {
    const struct wg_locator *loc;
    const uint16_t *starts;
    uint64_t left; /* records apart that may still be met: ours are met once */
};

static bool word_fits(struct words *w, uint32_t word, int depth)
{
    const struct wg_locator *loc = w->loc;
    uint64_t at = word & WG_WORD_PLACE, end = edges_words(&loc->head);

    if (!(word & WG_WORD_RECORD))
        return word <= loc->head.n_grid;
    if (!(word & WG_WORD_APART))
        return at < pool_words(&loc->head) &&
               w->starts[at / WG_POOL_LINE] >> at % WG_POOL_LINE & 1;
    if (at + 1 >= end || w->left-- == 0)
        return false;
    if (loc->edges[at] == WG_RECORD_LIST)
        return list_fits(loc, at);
    if (loc->edges[at] != WG_RECORD_TREE || depth >= WG_TREE_DEPTH ||
        at + 1 + WG_TREE_SIDE * WG_TREE_SIDE > end)
        return false;
    for (uint64_t i = 1; i <= WG_TREE_SIDE * WG_TREE_SIDE; i++) {
        if (!word_fits(w, loc->edges[at + i], depth + 1))
            return false;
    }
    return true;
}

#define BLOCK 1024

/* Those that have records are gathered first: again no jump to guess. */
static bool block_fits(struct words *w, const uint32_t *word, size_t n)
{
    uint32_t queue[BLOCK], n_queue = 0, wrong = 0, n_grid = w->loc->head.n_grid;

    for (size_t i = 0; i < n; i++) {
        queue[n_queue] = word[i];
        n_queue += word[i] >> 31;
        wrong |= (word[i] >> 31 == 0) & (word[i] > n_grid);
    }
    for (uint32_t k = 0; k < n_queue; k++) {
        if (!word_fits(w, queue[k], 0))
            return false;
    }
    return !wrong;
}

static bool words_fit(const struct wg_locator *loc, const uint16_t *starts)
{
    size_t n = (size_t)loc->head.cols * loc->head.rows;
    struct words w = {loc, starts, edges_words(&loc->head)};

    for (size_t i = 0; i < n; i += BLOCK) {
        if (!block_fits(&w, loc->word + i, n - i < BLOCK ? n - i : BLOCK))
            return false;
    }
    return loc->word[n] == 0;
}

/* Also false without memory: then the file cannot be trusted either. */
static bool cells_and_records_fit(const struct wg_locator *loc)
{
    uint64_t n_line = (pool_words(&loc->head) + WG_POOL_LINE - 1) / WG_POOL_LINE;
    uint16_t *starts = calloc(n_line + 1, sizeof *starts);
    bool fit = starts && pool_fits(loc, starts) && words_fit(loc, starts);

    free(starts);
    return fit;
}

static bool names_fit(const struct wg_locator *loc)
{
    const struct wg_locate_head *h = &loc->head;
    uint64_t n_text = h->bytes[WG_SECTION_TEXT];

    if (n_text == 0 || n_text > UINT32_MAX || loc->text[n_text - 1] != 0)
        return false;
    for (uint32_t i = 0; i < h->n_grid + 2; i++) {
        if (loc->code[i] > n_text || (i && loc->code[i] < loc->code[i - 1]))
            return false;
    }
    for (uint32_t i = 0; i <= h->n_grid; i++) {
        if (loc->code[i] >= n_text)
            return false;
    }
    return true;
}

static bool leaves_fit(const struct wg_locator *loc)
{
    return slots_fit(loc, loc->leaf, loc->head.n_grid) &&
           slots_fit(loc, loc->by_id, loc->head.n_grid);
}

bool wg_locate_contents_fit(const struct wg_locator *loc)
{
    const struct wg_locate_head *h = &loc->head;

    return rises(loc->ring, (size_t)h->n_ring + 1, h->n_vertex) &&
           rises(loc->part, (size_t)h->n_part + 1, h->n_ring) &&
           rises(loc->grid, (size_t)h->n_grid + 2, h->n_part) && names_fit(loc) &&
           leaves_fit(loc) && cells_fit(h) && cells_and_records_fit(loc);
}
