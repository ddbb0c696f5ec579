/* Owns large blocks of memory on large pages. */
#include "block.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE ((size_t)64)
#define LARGE ((size_t)2 << 20)

static size_t whole(size_t bytes)
{
    size_t unit = bytes < LARGE ? LINE : LARGE;

    return bytes ? (bytes + unit - 1) / unit * unit : LINE;
}

/* A mapping that begins at a multiple of a large page. */
static void *map_large(size_t bytes)
{
    char *map = mmap(NULL, bytes + LARGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t before;

    if (map == MAP_FAILED)
        return NULL;
    before = (LARGE - (uintptr_t)map % LARGE) % LARGE;
    if (before)
        munmap(map, before);
    if (before < LARGE)
        munmap(map + before + bytes, LARGE - before);
    madvise(map + before, bytes, MADV_HUGEPAGE);
    return map + before;
}

void *wg_block_make(size_t bytes)
{
    void *block;

    if (bytes > SIZE_MAX / 2)
        return NULL;
    if (bytes >= LARGE)
        return map_large(whole(bytes));
    block = aligned_alloc(LINE, whole(bytes));
    return block ? memset(block, 0, whole(bytes)) : NULL;
}

void wg_block_free(void *block, size_t bytes)
{
    if (block && bytes >= LARGE)
        munmap(block, whole(bytes));
    else
        free(block);
}

bool wg_block_grow(void **block, size_t *cap, size_t need)
{
    size_t bytes = *cap * 2 > need ? *cap * 2 : need;
    void *more;

    if (need <= *cap)
        return true;
    more = wg_block_make(bytes);
    if (!more)
        return false;
    if (*block)
        memcpy(more, *block, *cap);
    wg_block_free(*block, *cap);
    *block = more;
    *cap = bytes;
    return true;
}

void *wg_block_trim(void *block, size_t cap, size_t bytes)
{
    void *less;

    if (bytes >= LARGE) {
        if (whole(cap) > whole(bytes))
            munmap((char *)block + whole(bytes), whole(cap) - whole(bytes));
        return block;
    }
    if (cap < LARGE)
        return block;
    less = wg_block_make(bytes);
    if (less && bytes)
        memcpy(less, block, bytes);
    wg_block_free(block, cap);
    return less;
}
