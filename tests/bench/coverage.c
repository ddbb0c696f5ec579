/* Measures the coverage: the full check of a partition against GEOS asked pair by pair,
 * and the making and editing of a large coverage. */
#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arrange.h"
#include "partition_make.h"

enum { ROUNDS_MAX = 50 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__((unused)) static void *need(void *block)
{
    if (!block) {
        fprintf(stderr, "out of memory\n");
        abort();
    }
    return block;
}

static void must(enum wg_status status, const struct wg_error *err)
{
    if (status) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *s, int n)
{
    qsort(s, (size_t)n, sizeof *s, by_value);
    return n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
}

/* ---- the check by the arrangement --------------------------------------------------- */

struct verdict {
    size_t n_segment, n_gap, n_overlap;
};

static struct verdict check_all(const struct partition *p)
{
    struct wg_error err = {0};
    struct wg_lattice lattice;
    struct wg_arrange_segment *segment = NULL;
    struct wg_arrangement g = {0};
    size_t n = 0, cap = 0;
    struct verdict v = {0, 0, 0};

    must(wg_lattice_around(p->box, &lattice, &err), &err);
    for (size_t i = 0; i < p->n; i++)
        must(wg_arrange_add_polygon(&p->mp[i], &lattice, (uint32_t)i, &segment, &n, &cap,
                                    &err),
             &err);
    must(wg_arrange(n, segment, NULL, &g, &err), &err);
    v.n_segment = n;
    for (uint32_t f = 1; f < g.n_face; f++) {
        uint32_t k = g.cover_first[f + 1] - g.cover_first[f];
        v.n_gap += k == 0;
        v.n_overlap += k > 1;
    }
    wg_arrangement_finish(&g);
    free(segment);
    return v;
}

int main(int argc, char **argv)
{
    static const struct partition_kind kind = {"check", 60, 60, 286.0, 7.16};
    int rounds = argc > 1 ? atoi(argv[1]) : 7;
    struct partition p;
    double s[ROUNDS_MAX];
    if (!partition_make(&kind, &p))
        return 1;
    struct verdict v = {0, 0, 0};
    for (int i = 0; i < rounds; i++) {
        double from = now_s();
        v = check_all(&p);
        s[i] = now_s() - from;
    }
    printf("%zu grids, %zu segments, %zu gaps, %zu overlaps: %.1f ms\n", p.n,
           v.n_segment, v.n_gap, v.n_overlap, 1000 * median(s, rounds));
    partition_finish(&p);
    return 0;
}
