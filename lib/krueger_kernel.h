/*
 * The Krüger series once, for every path.  A file that includes this has defined
 *
 *   V          one number, or a vector of numbers with + - * / on it
 *   M          what a comparison of two V gives
 *   LANES      numbers in a V
 *   v_all      one number in all lanes
 *   v_load, v_store, v_sqrt, v_abs
 *   v_sign     the first with the sign of the second
 *   v_pick     where the mask holds the first, else the second
 *   v_both     where both masks hold
 *   v_mark     sets the flags of the lanes where the mask does not hold; how many
 *
 * and gets the functions forward() and inverse().
 *
 * Polynomials are Taylor's, cut where the next term is below 1e-17: angles are at most
 * 45° where the latitude is meant, 12° where the longitude is.
 */
#include "krueger.h"

#define RADIANS 0.017453292519943295769
#define DEGREES 57.295779513082320877
#define SIN_STRIP 0.20791169081775934 /* of 12° */
#define TAN_STRIP 0.21255656167002213

/* sin t and cos t, |t| <= π/4. */
static inline void sine_cosine(V t, V *sine, V *cosine)
{
    V q = t * t, q2 = q * q, q4 = q2 * q2;
    V s0 = -1.0 / 6 + q * (1.0 / 120), s1 = -1.0 / 5040 + q * (1.0 / 362880);
    V s2 = -1.0 / 39916800 + q * (1.0 / 6227020800), s3 = v_all(-1.0 / 1307674368000);
    V c0 = -0.5 + q * (1.0 / 24), c1 = -1.0 / 720 + q * (1.0 / 40320);
    V c2 = -1.0 / 3628800 + q * (1.0 / 479001600);
    V c3 = -1.0 / 87178291200 + q * (1.0 / 20922789888000);
    *sine = t + t * (q * ((s0 + q2 * s1) + q4 * (s2 + q2 * s3)));
    *cosine = 1.0 + q * ((c0 + q2 * c1) + q4 * (c2 + q2 * c3));
}

/* sin t and 1 - cos t, |t| <= 12°. */
static inline void small_sine(V t, V *sine, V *versine)
{
    V q = t * t, q2 = q * q;
    V s0 = -1.0 / 6 + q * (1.0 / 120), s1 = -1.0 / 5040 + q * (1.0 / 362880);
    V c0 = 0.5 + q * (-1.0 / 24), c1 = 1.0 / 720 + q * (-1.0 / 40320);
    *sine = t + t * (q * (s0 + q2 * (s1 + q2 * (-1.0 / 39916800))));
    *versine = q * (c0 + q2 * (c1 + q2 * (1.0 / 3628800)));
}

/* sinh t and cosh t, |t| <= artanh(sin 12°). */
static inline void small_hyperbolic(V t, V *sine, V *cosine)
{
    V q = t * t, q2 = q * q;
    V s0 = 1.0 / 6 + q * (1.0 / 120), s1 = 1.0 / 5040 + q * (1.0 / 362880);
    V c0 = 0.5 + q * (1.0 / 24), c1 = 1.0 / 720 + q * (1.0 / 40320);
    *sine = t + t * (q * (s0 + q2 * (s1 + q2 * (1.0 / 39916800))));
    *cosine = 1.0 + q * (c0 + q2 * (c1 + q2 * (1.0 / 3628800)));
}

/* Σ (±1)^k t^(2k+1)/(2k+1): artanh for sign 1, |t| <= sin 12°; arctan for sign -1,
 * |t| <= tan 12°. */
static inline V inverse_tangent(V t, double sign)
{
    V p = t * t, q = sign * p, q2 = q * q, q4 = q2 * q2;
    V a0 = 1.0 / 3 + q * (1.0 / 5), a1 = 1.0 / 7 + q * (1.0 / 9);
    V a2 = 1.0 / 11 + q * (1.0 / 13), a3 = 1.0 / 15 + q * (1.0 / 17);
    V a4 = 1.0 / 19 + q * (1.0 / 21);
    return t + t * (q * ((a0 + q2 * a1) + q4 * ((a2 + q2 * a3) + q4 * a4)));
}

/* arctan t, |t| <= 0.015. */
static inline V tiny_arctangent(V t)
{
    V q = t * t;
    return t + t * (q * (-1.0 / 3 + q * (1.0 / 5 + q * (-1.0 / 7))));
}

/* Σ c[j] sin 2(j+1)ζ of the complex ζ = ξ + iη by Clenshaw's recurrence, from the sines
 * and cosines of 2ξ and 2η. */
static inline void complex_series(const double *c, V sin_xi, V cos_xi, V sinh_eta,
                                  V cosh_eta, V *re, V *im)
{
    V zr = 2.0 * (cos_xi * cosh_eta), zi = -2.0 * (sin_xi * sinh_eta);
    V r2 = v_all(c[5]), i2 = v_all(0);       /* b6 */
    V r1 = c[4] + c[5] * zr, i1 = c[5] * zi; /* b5 */
    for (int j = WG_KRUEGER_ORDER - 3; j >= 0; j--) {
        V r = c[j] + ((zr * r1 - zi * i1) - r2), i = (zr * i1 + zi * r1) - i2;
        r2 = r1;
        i2 = i1;
        r1 = r;
        i1 = i;
    }
    V sr = sin_xi * cosh_eta, si = cos_xi * sinh_eta;
    *re = sr * r1 - si * i1;
    *im = sr * i1 + si * r1;
}

static inline V real_series(const double *c, V sine, V cosine)
{
    V z = 2.0 * cosine, b2 = v_all(c[5]), b1 = c[4] + c[5] * z;
    for (int j = WG_KRUEGER_ORDER - 3; j >= 0; j--) {
        V b = c[j] + (z * b1 - b2);
        b2 = b1;
        b1 = b;
    }
    return sine * b1;
}

/* e·artanh(e·s) */
static inline V sigma_of(const struct wg_krueger *k, V s)
{
    const double *c = k->sigma;
    V q = s * s, q2 = q * q;
    V a0 = c[0] + q * c[1], a1 = c[2] + q * c[3], a2 = c[4] + q * c[5];
    return s * (a0 + q2 * (a1 + q2 * (a2 + q2 * c[6])));
}

/*
 * With s, c of the latitude φ and a = s·cosh σ - sinh σ, tan χ = a/c is the conformal
 * latitude.  ξ' and η' of the sphere are never taken from an arc tangent of the whole
 * angle: ξ' = φ + arctan of something small, which keeps the last digits.
 */
static inline size_t forward_one(const struct wg_krueger *k, double *x, double *y,
                                 bool *left)
{
    V lon = v_load(x), lat = v_load(y);
    V lambda = lon - k->lon_0_deg, far = v_abs(lat);
    M inside =
        v_both(v_abs(lambda) <= WG_KRUEGER_STRIP_DEG, far <= WG_KRUEGER_LATITUDE_DEG);

    V s, c, sine, cosine, sl, vl;
    M steep = far > 45.0;
    sine_cosine(v_pick(steep, 90.0 - far, far) * RADIANS, &sine, &cosine);
    s = v_sign(v_pick(steep, cosine, sine), lat);
    c = v_pick(steep, sine, cosine);
    small_sine(lambda * RADIANS, &sl, &vl);

    V sigma = sigma_of(k, s), g = sigma * sigma;
    V sh = sigma + sigma * (g * (1.0 / 6 + g * (1.0 / 120)));
    V ch_1 = g * (0.5 + g * (1.0 / 24 + g * (1.0 / 720)));
    V a_s = s * ch_1 - sh, a = s + a_s; /* a_s: a - s */

    V b = c - c * vl, e = c * sl, a2 = a * a, b2 = b * b, h2 = a2 + c * c;
    V h = v_sqrt(h2), per = 1.0 / (a2 + b2);
    V shift = tiny_arctangent(c * (a_s + s * vl) / (c * b + a * s));
    V eta = inverse_tangent(e / h, 1);

    V re, im;
    complex_series(k->alpha, 2.0 * (a * b) * per, (b2 - a2) * per, 2.0 * (e * h) * per,
                   (h2 + e * e) * per, &re, &im);
    V east = k->east_0_m + k->scale_m * (eta + im);
    V north = lat * k->metres_per_degree + k->scale_m * (shift + re);
    v_store(x, v_pick(inside, east, lon));
    v_store(y, v_pick(inside, north + k->north_0_m, lat));
    return v_mark(inside, left);
}

static inline size_t inverse_one(const struct wg_krueger *k, double *x, double *y,
                                 bool *left)
{
    V east = v_load(x), north = v_load(y);
    V eta = (east - k->east_0_m) * k->per_metre;
    V xi = (north - k->north_0_m) * k->per_metre, far = v_abs(xi);

    V s, c, sine, cosine, sh, ch;
    M steep = far > 0.78539816339744831;
    V rest = (1.5707963267948966 - far) + 6.123233995736766e-17;
    sine_cosine(v_pick(steep, rest, far), &sine, &cosine);
    s = v_sign(v_pick(steep, cosine, sine), xi);
    c = v_pick(steep, sine, cosine);
    small_hyperbolic(eta, &sh, &ch);

    V re, im;
    complex_series(k->beta, 2.0 * (s * c), (c - s) * (c + s), 2.0 * (sh * ch),
                   1.0 + 2.0 * (sh * sh), &re, &im);
    /* by -re and -im further: |re|, |im| < 0.001 */
    V q = re * re, w = im * im;
    V sd = re - re * (q * (1.0 / 6)), vd = q * (0.5 - q * (1.0 / 24));
    V sn = s - (c * sd + s * vd), cn = c + (s * sd - c * vd);
    sd = im + im * (w * (1.0 / 6));
    vd = w * (0.5 + w * (1.0 / 24));
    V t = sh - (ch * sd - sh * vd), t2 = t * t;

    V r2 = t2 + cn * cn, r = v_sqrt(r2), sn2 = sn * sn, z = t / cn;
    V shift = tiny_arctangent(sn * t2 / ((cn + r) * (r * cn + sn2)));
    V per = 1.0 / (1.0 + t2);
    V latitude = real_series(k->latitude, 2.0 * (sn * r) * per, (r2 - sn2) * per);
    V lat = (xi + ((latitude - shift) - re)) * DEGREES;
    V lon = k->lon_0_deg + inverse_tangent(z, -1) * DEGREES;

    M inside = v_both(far <= 1.55, v_abs(z) <= TAN_STRIP);
    inside = v_both(inside, v_abs(eta) <= 0.2125);
    inside = v_both(inside, v_abs(lat) <= WG_KRUEGER_LATITUDE_DEG);
    inside = v_both(inside, v_abs(lon) <= 180.0);
    v_store(x, v_pick(inside, lon, east));
    v_store(y, v_pick(inside, lat, north));
    return v_mark(inside, left);
}

/* A batch: the rest that fills no vector is computed in one, beside copies. */
static inline size_t
over(size_t (*one)(const struct wg_krueger *, double *, double *, bool *),
     const struct wg_krueger *k, size_t n, double *x, double *y, bool *left)
{
    size_t i = 0, found = 0;
    for (; i + LANES <= n; i += LANES)
        found += one(k, x + i, y + i, left + i);
    if (i < n) {
        double px[LANES], py[LANES];
        bool out[LANES] = {false};
        for (size_t j = 0; j < LANES; j++) {
            px[j] = x[i + j < n ? i + j : i];
            py[j] = y[i + j < n ? i + j : i];
        }
        one(k, px, py, out);
        for (size_t j = 0; i + j < n; j++) {
            x[i + j] = px[j];
            y[i + j] = py[j];
            left[i + j] = left[i + j] || out[j];
            found += out[j];
        }
    }
    return found;
}

static size_t forward(const struct wg_krueger *k, size_t n, double *x, double *y,
                      bool *left)
{
    return over(forward_one, k, n, x, y, left);
}

static size_t inverse(const struct wg_krueger *k, size_t n, double *x, double *y,
                      bool *left)
{
    return over(inverse_one, k, n, x, y, left);
}
