/* How fast points pass between degrees and a 3-degree Gauss-Krüger zone: the library's
 * call and each path of its series against PROJ, in turn in the same process. */
#include <math.h>
#include <proj.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "krueger.h"
#include "wangge/crs.h"

#define GEOGRAPHIC "EPSG:4326"
#define PLANE "EPSG:4545"
#define LON_0 108.0

enum { ROADS_MAX = 8, ROUNDS_MAX = 99 };

struct points {
    size_t n;
    double *x, *y;
};

/* A road works in place; `back` is from metres to degrees. */
struct road {
    const char *name;
    void (*run)(const struct road *road, bool back, struct points *p);
    const struct wg_krueger_path *path;
    double s[2][ROUNDS_MAX], worst_m[2];
};

static struct wg_transform *library[2];
static PJ *proj;
static struct wg_krueger zone;
static bool *left;

static void fail(const char *what)
{
    fprintf(stderr, "bench transform: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the roads ---- */

static void by_generic(const struct road *road, bool back, struct points *p)
{
    proj_trans_generic(proj, back ? PJ_INV : PJ_FWD, p->x, sizeof *p->x, p->n, p->y,
                       sizeof *p->y, p->n, NULL, 0, 0, NULL, 0, 0);
}

static void by_loop(const struct road *road, bool back, struct points *p)
{
    for (size_t i = 0; i < p->n; i++) {
        PJ_COORD c = proj_coord(p->x[i], p->y[i], 0, 0);
        c = proj_trans(proj, back ? PJ_INV : PJ_FWD, c);
        p->x[i] = c.xy.x;
        p->y[i] = c.xy.y;
    }
}

static void by_library(const struct road *road, bool back, struct points *p)
{
    if (wg_transform_points(library[back], p->n, p->x, p->y, NULL))
        fail("a point was refused");
}

static void by_path(const struct road *road, bool back, struct points *p)
{
    wg_krueger_run *run = back ? road->path->inverse : road->path->forward;
    if (run(&zone, p->n, p->x, p->y, left))
        fail("a point was left");
}

static int roads_list(struct road road[ROADS_MAX])
{
    int n = 0;
    road[n++] = (struct road){.name = "PROJ proj_trans_generic", .run = by_generic};
    road[n++] = (struct road){.name = "PROJ proj_trans loop", .run = by_loop};
    road[n++] = (struct road){.name = "wg_transform_points", .run = by_library};
    for (int i = 0; wg_krueger_path_at(i) && n < ROADS_MAX; i++)
        road[n++] = (struct road){.name = wg_krueger_path_at(i)->name,
                                  .run = by_path,
                                  .path = wg_krueger_path_at(i)};
    return n;
}

/* ---- measuring ---- */

static struct points points_create(size_t n)
{
    struct points p = {n, malloc(n * sizeof(double)), malloc(n * sizeof(double))};
    if (!p.x || !p.y)
        fail("no memory");
    return p;
}

static void points_copy(struct points *to, const struct points *from)
{
    memcpy(to->x, from->x, from->n * sizeof *from->x);
    memcpy(to->y, from->y, from->n * sizeof *from->y);
}

/* The zone, from Hainan to the Amur. */
static void scatter(struct points *p)
{
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < 2 * p->n; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        double u = (double)(state >> 11) * 0x1p-53;
        if (i % 2)
            p->y[i / 2] = 18 + 35 * u;
        else
            p->x[i / 2] = LON_0 - 1.5 + 3 * u;
    }
}

static double farthest_m(bool degrees, const struct points *a, const struct points *b)
{
    double worst = 0;
    for (size_t i = 0; i < a->n; i++) {
        double unit = degrees ? 111320 : 1;
        double along = degrees ? unit * cos(a->y[i] * 0.017453292519943295) : 1;
        worst = fmax(
            worst, fmax(fabs(a->x[i] - b->x[i]) * along, fabs(a->y[i] - b->y[i]) * unit));
    }
    return worst;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *s, int n)
{
    qsort(s, (size_t)n, sizeof *s, order);
    return n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
}

/* Every road once there and once back, PROJ's first answer being the reference. */
static void round_run(struct road *road, int n, int round, const struct points *degrees,
                      struct points *metres, struct points *work)
{
    for (int back = 0; back < 2; back++)
        for (int i = 0; i < n; i++) {
            points_copy(work, back ? metres : degrees);
            double start = now_s();
            road[i].run(&road[i], back, work);
            road[i].s[back][round] = now_s() - start;
            if (!back && i == 0)
                points_copy(metres, work);
            road[i].worst_m[back] = farthest_m(back, work, back ? degrees : metres);
        }
}

static void print(struct road *road, int n, size_t points, int rounds)
{
    static const char *const heads[] = {GEOGRAPHIC " to " PLANE, PLANE " to " GEOGRAPHIC};
    for (int back = 0; back < 2; back++) {
        printf("\n%s, %zu points, median of %d rounds\n\n", heads[back], points, rounds);
        printf("| %-24s | %9s | %8s | %12s |\n", "road", "Mpoints/s", "× PROJ",
               back ? "round trip m" : "from PROJ m");
        printf("|--------------------------|-----------|---------|--------------|\n");
        double reference = 0;
        for (int i = 0; i < n; i++) {
            double s = median(road[i].s[back], rounds);
            reference = i == 0 ? s : reference;
            printf("| %s%-*s | %9.1f | %7.1f | %12.1e |\n", road[i].path ? "series " : "",
                   road[i].path ? 17 : 24, road[i].name, (double)points / s / 1e6,
                   reference / s, road[i].worst_m[back]);
        }
    }
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    int rounds = argc > 2 ? atoi(argv[2]) : 7;
    struct road road[ROADS_MAX];
    if (n < 1 || n > 100000000 || rounds < 1 || rounds > ROUNDS_MAX)
        fail("usage: bench_transform [points [rounds]]");
    PJ *raw = proj_create_crs_to_crs(NULL, GEOGRAPHIC, PLANE, NULL);
    proj = raw ? proj_normalize_for_visualization(NULL, raw) : NULL;
    proj_destroy(raw);
    left = calloc(n, sizeof *left);
    if (!proj || !left || wg_transform_create(GEOGRAPHIC, PLANE, &library[0], NULL) ||
        wg_transform_create(PLANE, GEOGRAPHIC, &library[1], NULL) ||
        !wg_krueger_init(&zone, 6378137, 298.257222101, LON_0, 0, 1, 500000, 0))
        fail("no transform");
    struct points degrees = points_create(n), metres = points_create(n);
    struct points work = points_create(n);
    scatter(&degrees);
    points_copy(&work, &degrees);
    int roads = roads_list(road);
    for (int i = 0; i < rounds; i++)
        round_run(road, roads, i, &degrees, &metres, &work);
    print(road, roads, n, rounds);
    free(degrees.x);
    free(degrees.y);
    free(metres.x);
    free(metres.y);
    free(work.x);
    free(work.y);
    free(left);
    proj_destroy(proj);
    wg_transform_destroy(library[0]);
    wg_transform_destroy(library[1]);
    return 0;
}
