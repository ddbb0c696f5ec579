/* What no index of this layout can be quicker than, on the same points. */
#ifndef LIMITS_H
#define LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct wg_locator;

/* The cell's word and nothing more, read at random from the locator's own table with
 * the cell computed in vectors and the word prefetched a block ahead: an approximate
 * answer, wrong along every boundary. */
void limit_word(const struct wg_locator *loc, size_t n, const double *x, const double *y,
                uint32_t *slot);
/* Two doubles read and one word written. */
void limit_stream(size_t n, const double *x, const double *y, uint32_t *slot);

#endif
