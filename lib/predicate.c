/*
 * The exact sign of a turn.
 *
 * Three stages, each only when the one before cannot decide: rounded arithmetic with
 * the forward error bound of Shewchuk (1997, section 4.3); the comparison of two exact
 * products, when the differences of the coordinates are exact (they are on a lattice);
 * and the whole determinant as one long integer.  An expansion of doubles would be
 * quicker in the last stage, but it over- and underflows at the ends of the exponent
 * range; the integer holds the product of any two doubles, so nothing is excepted.
 */
#include "predicate.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Bit 0 of the long integer stands for 2^-2148, the product of two smallest doubles;
 * six products below 2^2048 need 4199 bits and a sign. */
#define LIMB_BITS 32
#define LIMBS 136
#define MIN_EXPONENT (-1074)

struct dyadic { /* sign × mantissa × 2^(shift + MIN_EXPONENT) */
    uint64_t mantissa;
    int shift;
    bool negative;
};

static struct dyadic take_apart(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7FF);
    struct dyadic d = {bits & 0xFFFFFFFFFFFFFU, 0, bits >> 63 != 0};
    if (exponent > 0) {
        d.mantissa |= UINT64_C(1) << 52;
        d.shift = exponent - 1;
    }
    return d;
}

/* Add part × 2^at.  Limbs keep their carries: each takes at most 6 × 4 × 3 addends of
 * 32 bits before the single propagation at the end. */
static void add_part(int64_t *limbs, uint64_t part, int at, bool negative)
{
    int limb = at / LIMB_BITS, shift = at % LIMB_BITS;
    uint64_t low = (part & 0xFFFFFFFFU) << shift, high = (part >> LIMB_BITS) << shift;
    int64_t sign = negative ? -1 : 1;
    limbs[limb] += sign * (int64_t)(low & 0xFFFFFFFFU);
    limbs[limb + 1] += sign * (int64_t)(low >> LIMB_BITS);
    limbs[limb + 1] += sign * (int64_t)(high & 0xFFFFFFFFU);
    limbs[limb + 2] += sign * (int64_t)(high >> LIMB_BITS);
}

static void add_product(int64_t *limbs, double a, double b, bool subtract)
{
    struct dyadic p = take_apart(a), q = take_apart(b);
    bool negative = (p.negative != q.negative) != subtract;
    int at = p.shift + q.shift;
    uint64_t p_low = p.mantissa & 0xFFFFFFFFU, p_high = p.mantissa >> LIMB_BITS;
    uint64_t q_low = q.mantissa & 0xFFFFFFFFU, q_high = q.mantissa >> LIMB_BITS;
    add_part(limbs, p_low * q_low, at, negative);
    add_part(limbs, p_low * q_high, at + LIMB_BITS, negative);
    add_part(limbs, p_high * q_low, at + LIMB_BITS, negative);
    add_part(limbs, p_high * q_high, at + 2 * LIMB_BITS, negative);
}

static int limbs_sign(int64_t *limbs)
{
    bool any = false;
    for (size_t i = 0; i + 1 < LIMBS; i++) {
        int64_t digit = limbs[i] & 0xFFFFFFFF; /* the remainder of floor division */
        limbs[i + 1] += (limbs[i] - digit) / ((int64_t)1 << LIMB_BITS);
        any = any || digit != 0;
    }
    if (limbs[LIMBS - 1] != 0)
        return limbs[LIMBS - 1] < 0 ? -1 : 1;
    return any;
}

int wg_orient_integer(struct wg_point a, struct wg_point b, struct wg_point c)
{
    int64_t limbs[LIMBS] = {0};
    add_product(limbs, a.x, b.y, false);
    add_product(limbs, a.x, c.y, true);
    add_product(limbs, c.x, b.y, true);
    add_product(limbs, a.y, b.x, true);
    add_product(limbs, a.y, c.x, false);
    add_product(limbs, c.y, b.x, false);
    return limbs_sign(limbs);
}

/* Is difference = a - b without rounding?  The tail of Knuth's two-sum. */
static bool is_exact(double a, double b, double difference)
{
    double b_virtual = a - difference;
    double a_virtual = difference + b_virtual;
    return a - a_virtual == 0 && b_virtual - b == 0;
}

/* May product's rounding error be had from fma, that is, is it far from both ends? */
static bool is_tame(double a, double b, double product)
{
    double size = fabs(product);
    return (size > 1e-280 && size < 1e300) || a == 0 || b == 0;
}

int wg_orient(struct wg_point a, struct wg_point b, struct wg_point c)
{
    double acx = a.x - c.x, bcx = b.x - c.x;
    double acy = a.y - c.y, bcy = b.y - c.y;
    double left = acx * bcy, right = acy * bcx;
    double det = left - right;
    /* (3 + 16u)u, u = 2^-53, rounded up; 1e-300 covers underflow.  An overflow makes
     * the bound infinite or the determinant NaN: both are undecided. */
    if (fabs(det) > 3.4e-16 * (fabs(left) + fabs(right)) + 1e-300)
        return det > 0 ? 1 : -1;
    if (!isfinite(a.x) || !isfinite(a.y) || !isfinite(b.x) || !isfinite(b.y) ||
        !isfinite(c.x) || !isfinite(c.y))
        return 0;
    if (is_exact(a.x, c.x, acx) && is_exact(b.x, c.x, bcx) && is_exact(a.y, c.y, acy) &&
        is_exact(b.y, c.y, bcy) && is_tame(acx, bcy, left) && is_tame(acy, bcx, right)) {
        if (left != right) /* rounding keeps the order */
            return left > right ? 1 : -1;
        double left_tail = fma(acx, bcy, -left), right_tail = fma(acy, bcx, -right);
        return (left_tail > right_tail) - (left_tail < right_tail);
    }
    return wg_orient_integer(a, b, c);
}
