/*
 * The transverse Mercator projection by the Krüger series, for batches.
 *
 * C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers", Journal of
 * Geodesy 85 (2011), equations 7–25 and 35–36, to the sixth power of the third
 * flattening.  Inside the strip |longitude - lon_0| <= 12°, |latitude| <= 86° it is within
 * 3 nm of the projection itself (integrated with 40 digits) and 8 nm of PROJ's; a point
 * outside is left as it is, for the caller to give to PROJ.
 *
 * Every path uses the same operations in the same order, all of them exactly rounded and
 * none fused, so that a point has the same image, to the last bit, on every machine,
 * alone or in any batch.
 */
#ifndef WG_KRUEGER_H
#define WG_KRUEGER_H

#include <stdbool.h>
#include <stddef.h>

#define WG_KRUEGER_STRIP_DEG 12.0
#define WG_KRUEGER_LATITUDE_DEG 86.0

enum { WG_KRUEGER_ORDER = 6, WG_KRUEGER_SIGMA = 7 };

/* A projection: pure numbers, made once, shared by threads. */
struct wg_krueger {
    double lon_0_deg, east_0_m, north_0_m;
    double scale_m; /* of the central meridian: k_0 × the rectifying radius */
    double per_metre, metres_per_degree;
    double sigma[WG_KRUEGER_SIGMA]; /* of e·atanh(e·sin φ) in odd powers of sin φ */
    double alpha[WG_KRUEGER_ORDER]; /* conformal sphere to projection */
    double beta[WG_KRUEGER_ORDER];  /* and back */
    double latitude[WG_KRUEGER_ORDER]; /* conformal to geographic latitude */
};

/* Axis in metres, 1/flattening, then as EPSG 9807 has them.  False where the series was
 * not proved: a sphere, an ellipsoid flatter than the Earth's. */
bool wg_krueger_init(struct wg_krueger *k, double axis_m, double inverse_flattening,
                     double lon_0_deg, double lat_0_deg, double k_0, double east_m,
                     double north_m);

/* Degrees to metres, or back, in place.  A point outside the strip (or not a number)
 * stays and has left[i] set, which is otherwise untouched; returns how many. */
typedef size_t wg_krueger_run(const struct wg_krueger *k, size_t n, double *x, double *y,
                              bool *left);

struct wg_krueger_path {
    const char *name;
    wg_krueger_run *forward, *inverse;
};

/* What this machine can run, slowest first; NULL after the last. */
const struct wg_krueger_path *wg_krueger_path_at(int i);
const struct wg_krueger_path *wg_krueger_path_best(void);

/* The vector paths, each in the file compiled for it. */
extern const struct wg_krueger_path wg_krueger_avx2, wg_krueger_neon;

#endif
