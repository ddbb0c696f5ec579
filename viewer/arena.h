#ifndef VIEWER_ARENA_H
#define VIEWER_ARENA_H
/* Many small things freed at once.  Aligned for any type; zeroed. */
#include <stddef.h>

struct arena;

struct arena *arena_create(void); /* NULL: out of memory */
void arena_destroy(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size); /* NULL: out of memory */
/* A copy of `s`; NULL is copied as "".  Out of memory gives "". */
const char *arena_string(struct arena *arena, const char *s);

/* Make room for one more in a growing array of `each` bytes: the array, moved when
 * need be, or NULL (the old one is still there). */
void *grow(void *array, size_t n, size_t *cap, size_t each);
#endif
