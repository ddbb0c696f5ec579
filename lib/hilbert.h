/* The Hilbert curve: neighbours on it are neighbours on the ground, so that runs of it
 * make good nodes of a tree. */
#ifndef WG_HILBERT_H
#define WG_HILBERT_H

#include <stdint.h>

/* Where a cell of a 2^16 × 2^16 grid lies on the curve. */
static inline uint32_t wg_hilbert(uint32_t x, uint32_t y)
{
    uint32_t at = 0;

    for (uint32_t s = 1u << 15; s; s >>= 1) {
        uint32_t rx = (x & s) != 0, ry = (y & s) != 0;

        at += s * s * ((3 * rx) ^ ry);
        if (ry)
            continue;
        if (rx) {
            x = 65535 - x;
            y = 65535 - y;
        }
        uint32_t turned = x;
        x = y;
        y = turned;
    }
    return at;
}

#endif
