/* The Krüger series on four numbers at once, for x86 processors with AVX2. */
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>
#include <stdint.h>

#include "krueger.h"

/* The rest of this file, and only it, is compiled for such a processor. */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

enum { LANES = 4 };
typedef double V __attribute__((vector_size(32)));
typedef int64_t M __attribute__((vector_size(32)));

static inline V v_all(double number)
{
    return (V)_mm256_set1_pd(number);
}

static inline V v_load(const double *p)
{
    return (V)_mm256_loadu_pd(p);
}

static inline void v_store(double *p, V v)
{
    _mm256_storeu_pd(p, (__m256d)v);
}

static inline V v_sqrt(V v)
{
    return (V)_mm256_sqrt_pd((__m256d)v);
}

static inline V v_abs(V v)
{
    return (V)_mm256_andnot_pd(_mm256_set1_pd(-0.0), (__m256d)v);
}

static inline V v_sign(V size, V sign)
{
    return (V)_mm256_or_pd((__m256d)v_abs(size),
                           _mm256_and_pd(_mm256_set1_pd(-0.0), (__m256d)sign));
}

static inline V v_pick(M mask, V yes, V no)
{
    return (V)_mm256_blendv_pd((__m256d)no, (__m256d)yes, (__m256d)mask);
}

static inline M v_both(M a, M b)
{
    return a & b;
}

static inline size_t v_mark(M inside, bool *left)
{
    unsigned out = 0xfu & ~(unsigned)_mm256_movemask_pd((__m256d)inside);
    if (!out)
        return 0;
    for (int i = 0; i < LANES; i++)
        if (out >> i & 1)
            left[i] = true;
    return (size_t)__builtin_popcount(out);
}

#include "krueger_kernel.h"

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const struct wg_krueger_path wg_krueger_avx2 = {"avx2", forward, inverse};

#else
typedef int krueger_avx2_is_empty_here; /* ISO C wants one declaration */
#endif
