/*
 * A batch on its way: block after block of points, first their words, then their records
 * are asked from memory, each while another block is worked at.  Short blocks serve best:
 * what they wait for stays in the nearest cache.
 *
 * Written once for each kind of vector code.  The file that includes it defines TARGET,
 * an attribute of functions, and
 *     static void find_cells(loc, n, x, y, cell)   cells of n points, asked from memory;
 *                                                  may write 3 behind the last
 *     static uint32_t ask_record(loc, word, x, y)  of a word that has a SIGNS record
 */
#ifndef WG_LOCATE_PIPE_H
#define WG_LOCATE_PIPE_H

#define BLOCK 64 /* points of a block, at most */
#define RING 3   /* blocks on their way */

struct block {
    uint32_t cell[BLOCK + 3], queue[BLOCK];
    uint32_t n_queue;
    size_t first, n;
};

TARGET static void read_words(const struct wg_locator *loc, struct block *b,
                              uint32_t *slot)
{
    uint32_t n_queue = 0;

    slot += b->first;
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t word = loc->word[b->cell[i]];

        slot[i] = word;
        b->queue[n_queue] = i;
        n_queue += word >> 31;
    }
    for (uint32_t k = 0; k < n_queue; k++)
        wg_soon(loc->pool + (slot[b->queue[k]] & WG_WORD_PLACE));
    b->n_queue = n_queue;
}

TARGET static void read_records(const struct wg_locator *loc, const struct block *b,
                                const double *x, const double *y, uint32_t *slot)
{
    for (uint32_t k = 0; k < b->n_queue; k++) {
        size_t i = b->first + b->queue[k];
        uint32_t word = slot[i];

        slot[i] = word & WG_WORD_APART ? wg_record_ask(loc, word, x[i], y[i])
                                       : ask_record(loc, word, x[i], y[i]);
    }
}

/* A small table is near anyway: then less is kept on its way. */
TARGET static void ask_blocks(const struct wg_locator *loc, size_t n, const double *x,
                              const double *y, uint32_t *slot)
{
    bool is_small = loc->head.bytes[WG_SECTION_WORD] < (uint64_t)4 << 20;
    size_t size = is_small ? BLOCK / 2 : BLOCK;
    size_t n_block = n / size + (n % size != 0);
    struct block ring[RING];

    for (size_t i = 0; i < n_block + 2; i++) {
        if (i < n_block) {
            struct block *b = &ring[i % RING];

            b->first = i * size;
            b->n = n - b->first < size ? n - b->first : size;
            find_cells(loc, b->n, x + b->first, y + b->first, b->cell);
        }
        if (i >= 1 && i - 1 < n_block)
            read_words(loc, &ring[(i - 1) % RING], slot);
        if (i >= 2)
            read_records(loc, &ring[(i - 2) % RING], x, y, slot);
    }
}

#endif
