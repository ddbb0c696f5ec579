/* A small generator for property tests: the same numbers on every machine. */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
    uint64_t z = (r->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* A whole number with lowest <= it <= highest. */
static inline int64_t random_between(struct random *r, int64_t lowest, int64_t highest)
{
    return lowest + (int64_t)(random_next(r) % ((uint64_t)(highest - lowest) + 1));
}

static inline double random_real(struct random *r, double low, double high)
{
    return low + (high - low) * ((double)(random_next(r) >> 11) * 0x1p-53);
}

#endif
