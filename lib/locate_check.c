/* Owns the distrust of a locator's file: no size, offset or index in it may lead a
 * question outside of it, even where its sum is right. */
#include <math.h>
#include <string.h>

#include "locate_boxes.h"
#include "locate_file.h"

static uint64_t pool_words(const struct wg_locate_head *h)
{
    return h->bytes[WG_SECTION_POOL] / 4 - WG_POOL_SLACK;
}

bool wg_locate_sizes_fit(const struct wg_locate_head *h)
{
    uint64_t cells = (uint64_t)h->cols * h->rows + 1;
    const uint64_t want[WG_SECTIONS] = {
        [WG_SECTION_WORD] = 4 * cells,
        [WG_SECTION_POOL] = h->bytes[WG_SECTION_POOL] & ~(uint64_t)3,
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
           pool_words(h) < WG_WORD_RECORD && h->n_grid < WG_WORD_RECORD;
}

static bool is_whole(double v)
{
    return fabs(v) < 0x1p52 && v == floor(v);
}

static bool cells_fit(const struct wg_locate_head *h)
{
    int exponent;

    return frexp(h->size, &exponent) == 0.5 && h->per_size == 1 / h->size &&
           isfinite(h->per_size) && is_whole(h->col0) && is_whole(h->row0) &&
           memchr(h->from, 0, sizeof h->from) && memchr(h->until, 0, sizeof h->until);
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

static bool words_fit(const struct wg_locator *loc)
{
    const struct wg_locate_head *h = &loc->head;
    size_t n = (size_t)h->cols * h->rows;
    uint32_t n_pool = (uint32_t)pool_words(h), n_grid = h->n_grid, wrong = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t w = loc->word[i];
        wrong |= (w & ~WG_WORD_RECORD) >= (w & WG_WORD_RECORD ? n_pool : n_grid + 1);
    }
    return !wrong && loc->word[n] == 0;
}

static bool names_fit(const struct wg_locator *loc)
{
    const struct wg_locate_head *h = &loc->head;
    uint64_t n_text = h->bytes[WG_SECTION_TEXT];

    if (n_text == 0 || n_text > UINT32_MAX || loc->text[n_text - 1] != 0)
        return n_text == 0 && h->n_grid == 0;
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
           words_fit(loc) && leaves_fit(loc) && cells_fit(h);
}
