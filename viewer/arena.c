/* Many small things freed at once. */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 16, ALIGN = 16 };

struct block {
    struct block *next;
    size_t used, size;
    unsigned char *data;
};

struct arena {
    struct block *first;
};

struct arena *arena_create(void)
{
    return calloc(1, sizeof(struct arena));
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    for (struct block *b = arena->first, *next; b; b = next) {
        next = b->next;
        free(b->data);
        free(b);
    }
    free(arena);
}

static struct block *add_block(struct arena *arena, size_t size)
{
    struct block *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->size = size > BLOCK ? size : BLOCK;
    b->data = calloc(1, b->size);
    if (!b->data) {
        free(b);
        return NULL;
    }
    if (size > BLOCK && arena->first) { /* keep filling the block at hand */
        b->next = arena->first->next;
        arena->first->next = b;
    } else {
        b->next = arena->first;
        arena->first = b;
    }
    return b;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGN)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    struct block *b = arena->first;
    if (!b || b->size - b->used < size)
        b = add_block(arena, size);
    if (!b)
        return NULL;
    void *p = b->data + b->used;
    b->used += size;
    return p;
}

const char *arena_string(struct arena *arena, const char *s)
{
    if (!s || !*s)
        return "";
    size_t size = strlen(s) + 1;
    char *copy = arena_alloc(arena, size);
    if (!copy)
        return "";
    memcpy(copy, s, size);
    return copy;
}

void *grow(void *array, size_t n, size_t *cap, size_t each)
{
    if (n < *cap)
        return array;
    size_t more = *cap ? *cap * 2 : 64;
    if (more > SIZE_MAX / each)
        return NULL;
    void *moved = realloc(array, more * each);
    if (moved)
        *cap = more;
    return moved;
}
