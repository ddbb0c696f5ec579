/*
 * Large arrays that are read at random: zeroed, on the lines of the cache, and, from
 * 2 MiB, on large pages of their own, which the page table finds sooner.  Memory that is
 * not touched costs nothing.
 */
#ifndef WG_BLOCK_H
#define WG_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

void *wg_block_make(size_t bytes);             /* NULL: no memory */
void wg_block_free(void *block, size_t bytes); /* of the size it was made with */
/* Room for `need` bytes in *block of *cap; the old ones are kept.  False: no memory. */
bool wg_block_grow(void **block, size_t *cap, size_t need);
/* Give back what lies beyond `bytes`: from then on the block is of that size. */
void *wg_block_trim(void *block, size_t cap, size_t bytes);

#endif
