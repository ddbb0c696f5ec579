/* Prints what each path of the Krüger series makes of the same points, as a hash of all
 * the bits: the same on every machine, or a path is wrong.  Needs nothing but
 * lib/krueger*.c, so that it can be compiled for other processors. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "krueger.h"
#include "random.h"

enum { POINTS = 40001 };

static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t hash_run(wg_krueger_run *run, const struct wg_krueger *k, double low_x,
                         double high_x, double low_y, double high_y)
{
    static double x[POINTS], y[POINTS];
    static bool left[POINTS];
    struct random r = {7};
    for (int i = 0; i < POINTS; i++) {
        x[i] = random_real(&r, low_x, high_x);
        y[i] = random_real(&r, low_y, high_y);
    }
    x[3] = INFINITY;
    y[4000] = -INFINITY;
    memset(left, 0, sizeof left);
    size_t found = run(k, POINTS, x, y, left);
    uint64_t h = hash(UINT64_C(0xcbf29ce484222325), x, sizeof x);
    h = hash(hash(h, y, sizeof y), left, sizeof left);
    return h + found;
}

int main(void)
{
    struct wg_krueger k;
    if (!wg_krueger_init(&k, 6378137, 298.257222101, 108, 10, 0.9996, 500000, 1000))
        return 1;
    for (int i = 0; wg_krueger_path_at(i); i++) {
        const struct wg_krueger_path *path = wg_krueger_path_at(i);
        printf("%s %016llx %016llx\n", path->name,
               (unsigned long long)hash_run(path->forward, &k, 95, 121, -88, 88),
               (unsigned long long)hash_run(path->inverse, &k, -1e6, 2e6, -1e7, 9e6));
    }
    return 0;
}
