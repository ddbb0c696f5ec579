/* Fuzz target: doubles of any bits as a point and a ring.  The side does not depend on
 * where the ring starts or which way round it runs; turns keep their signs. */
#include <math.h>

#include "fuzz.h"
#include "wangge/geom.h"

#define VERTEX_MAX 32

static void check_turns(size_t n, const double *x, const double *y)
{
    for (size_t i = 0; i + 2 < n; i++) {
        struct wg_point a = {x[i], y[i]}, b = {x[i + 1], y[i + 1]},
                        c = {x[i + 2], y[i + 2]};
        int turn = wg_orient(a, b, c);
        MUST(turn >= -1 && turn <= 1);
        MUST(wg_orient(b, c, a) == turn && wg_orient(c, b, a) == -turn);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double x[VERTEX_MAX], y[VERTEX_MAX], bx[VERTEX_MAX], by[VERTEX_MAX], p[2];
    size_t n = size / sizeof p;
    if (n < 2)
        return 0;
    n = n - 1 > VERTEX_MAX ? VERTEX_MAX : n - 1;
    memcpy(p, data, sizeof p);
    for (size_t i = 0; i < n; i++) {
        double pair[2];
        memcpy(pair, data + sizeof p * (i + 1), sizeof pair);
        x[i] = pair[0];
        y[i] = pair[1];
    }
    check_turns(n, x, y);
    enum wg_side side = wg_ring_side(n, x, y, p[0], p[1]);
    for (size_t start = 0; start < n; start++) {
        for (size_t i = 0; i < n; i++) {
            bx[i] = x[(start + n - i) % n];
            by[i] = y[(start + n - i) % n];
        }
        MUST(wg_ring_side(n, bx, by, p[0], p[1]) == side);
    }
    bool finite = true;
    for (size_t i = 0; i < n; i++)
        finite = finite && isfinite(x[i]) && isfinite(y[i]);
    for (size_t i = 0; i < n; i++)
        MUST(wg_ring_side(n, x, y, x[i], y[i]) == (finite ? WG_BOUNDARY : WG_OUTSIDE));
    return 0;
}
