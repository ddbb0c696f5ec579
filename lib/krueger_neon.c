/* The Krüger series on two numbers at once, for 64-bit ARM processors. */
#ifdef __aarch64__

#include <arm_neon.h>
#include <stdint.h>

#include "krueger.h"

enum { LANES = 2 };
typedef float64x2_t V;
typedef int64x2_t M;

static inline V v_all(double number)
{
    return vdupq_n_f64(number);
}

static inline V v_load(const double *p)
{
    return vld1q_f64(p);
}

static inline void v_store(double *p, V v)
{
    vst1q_f64(p, v);
}

static inline V v_sqrt(V v)
{
    return vsqrtq_f64(v);
}

static inline V v_abs(V v)
{
    return vabsq_f64(v);
}

static inline V v_sign(V size, V sign)
{
    return vbslq_f64(vdupq_n_u64(UINT64_C(1) << 63), sign, size);
}

static inline V v_pick(M mask, V yes, V no)
{
    return vbslq_f64(vreinterpretq_u64_s64(mask), yes, no);
}

static inline M v_both(M a, M b)
{
    return vandq_s64(a, b);
}

static inline size_t v_mark(M inside, bool *left)
{
    size_t found = 0;
    for (int i = 0; i < LANES; i++) {
        bool out = inside[i] == 0;
        left[i] = left[i] || out;
        found += out;
    }
    return found;
}

#include "krueger_kernel.h"

const struct wg_krueger_path wg_krueger_neon = {"neon", forward, inverse};

#else
typedef int krueger_neon_is_empty_here; /* ISO C wants one declaration */
#endif
