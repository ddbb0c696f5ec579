/* Owns the transverse Mercator projection by series: its numbers, the plain path and the
 * choice of one. */
#include "krueger.h"

#include <math.h>

enum { LANES = 1 };
typedef double V;
typedef int M;

static inline V v_all(double number)
{
    return number;
}

static inline V v_load(const double *p)
{
    return *p;
}

static inline void v_store(double *p, V v)
{
    *p = v;
}

static inline V v_sqrt(V v)
{
    return sqrt(v);
}

static inline V v_abs(V v)
{
    return fabs(v);
}

static inline V v_sign(V size, V sign)
{
    return copysign(size, sign);
}

static inline V v_pick(M mask, V yes, V no)
{
    return mask ? yes : no;
}

static inline M v_both(M a, M b)
{
    return a & b;
}

static inline size_t v_mark(M inside, bool *left)
{
    if (inside)
        return 0;
    *left = true;
    return 1;
}

#include "krueger_kernel.h"

static const struct wg_krueger_path plain = {"plain", forward, inverse};

const struct wg_krueger_path *wg_krueger_path_at(int i)
{
    const struct wg_krueger_path *vector = NULL;
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    if (__builtin_cpu_supports("avx2"))
        vector = &wg_krueger_avx2;
#elif defined(__aarch64__)
    vector = &wg_krueger_neon;
#endif
    return i == 0 ? &plain : i == 1 ? vector : NULL;
}

const struct wg_krueger_path *wg_krueger_path_best(void)
{
    const struct wg_krueger_path *vector = wg_krueger_path_at(1);
    return vector ? vector : &plain;
}

/* Coefficients of n, n², … n⁶. */
typedef double row[WG_KRUEGER_ORDER];

/* Karney (2011), equation 35. */
static const row to_plane[WG_KRUEGER_ORDER] = {
    {1.0 / 2, -2.0 / 3, 5.0 / 16, 41.0 / 180, -127.0 / 288, 7891.0 / 37800},
    {0, 13.0 / 48, -3.0 / 5, 557.0 / 1440, 281.0 / 630, -1983433.0 / 1935360},
    {0, 0, 61.0 / 240, -103.0 / 140, 15061.0 / 26880, 167603.0 / 181440},
    {0, 0, 0, 49561.0 / 161280, -179.0 / 168, 6601661.0 / 7257600},
    {0, 0, 0, 0, 34729.0 / 80640, -3418889.0 / 1995840},
    {0, 0, 0, 0, 0, 212378941.0 / 319334400},
};

/* Equation 36. */
static const row from_plane[WG_KRUEGER_ORDER] = {
    {1.0 / 2, -2.0 / 3, 37.0 / 96, -1.0 / 360, -81.0 / 512, 96199.0 / 604800},
    {0, 1.0 / 48, 1.0 / 15, -437.0 / 1440, 46.0 / 105, -1118711.0 / 3870720},
    {0, 0, 17.0 / 480, -37.0 / 840, -209.0 / 4480, 5569.0 / 90720},
    {0, 0, 0, 4397.0 / 161280, -11.0 / 504, -830251.0 / 7257600},
    {0, 0, 0, 0, 4583.0 / 161280, -108847.0 / 3991680},
    {0, 0, 0, 0, 0, 20648693.0 / 638668800},
};

/* Krüger (1912), § 5: the latitude from the conformal one. */
static const row from_conformal[WG_KRUEGER_ORDER] = {
    {2, -2.0 / 3, -2, 116.0 / 45, 26.0 / 45, -2854.0 / 675},
    {0, 7.0 / 3, -8.0 / 5, -227.0 / 45, 2704.0 / 315, 2323.0 / 945},
    {0, 0, 56.0 / 15, -136.0 / 35, -1262.0 / 105, 73814.0 / 2835},
    {0, 0, 0, 4279.0 / 630, -332.0 / 35, -399572.0 / 14175},
    {0, 0, 0, 0, 4174.0 / 315, -144838.0 / 6237},
    {0, 0, 0, 0, 0, 601676.0 / 22275},
};

static void evaluate(const row *table, double n, double *out)
{
    for (int j = 0; j < WG_KRUEGER_ORDER; j++) {
        double sum = 0;
        for (int i = WG_KRUEGER_ORDER - 1; i >= 0; i--)
            sum = (sum + table[j][i]) * n;
        out[j] = sum;
    }
}

bool wg_krueger_init(struct wg_krueger *k, double axis_m, double inverse_flattening,
                     double lon_0_deg, double lat_0_deg, double k_0, double east_m,
                     double north_m)
{
    if (!(axis_m > 6e6 && axis_m < 7e6 && inverse_flattening >= 290 &&
          inverse_flattening <= 310 && fabs(lon_0_deg) <= 180 &&
          fabs(lat_0_deg) <= WG_KRUEGER_LATITUDE_DEG && k_0 > 0.5 && k_0 < 2 &&
          fabs(east_m) < 1e9 && fabs(north_m) < 1e9))
        return false;
    double f = 1 / inverse_flattening, n = f / (2 - f), e2 = f * (2 - f), power = e2;
    double n2 = n * n;
    k->lon_0_deg = lon_0_deg;
    k->east_0_m = east_m;
    k->scale_m =
        k_0 * axis_m / (1 + n) * (1 + n2 * (1.0 / 4 + n2 * (1.0 / 64 + n2 / 256)));
    k->per_metre = 1 / k->scale_m;
    k->metres_per_degree = k->scale_m * RADIANS;
    for (int i = 0; i < WG_KRUEGER_SIGMA; i++, power *= e2)
        k->sigma[i] = power / (2 * i + 1);
    evaluate(to_plane, n, k->alpha);
    evaluate(from_plane, n, k->beta);
    evaluate(from_conformal, n, k->latitude);
    /* The false northing counts from the parallel lat_0. */
    double x = lon_0_deg, y = lat_0_deg;
    bool left = false;
    k->north_0_m = 0;
    forward(k, 1, &x, &y, &left);
    k->north_0_m = lat_0_deg == 0 ? north_m : north_m - y;
    return true;
}
