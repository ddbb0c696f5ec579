/* Random moves, reshapings and simplifications of a large and of real partitions: the
 * coverage is proven as it goes, undoing returns the bytes, and each kind of edit says
 * how long it took.
 *
 *   property_coverage_move FOLDER NAME   with NAME "city" or a file of WG_TEST_SHARED */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../bench/partition_make.h"
#include "random.h"
#include "wangge/coverage.h"
#include "wangge/crs.h"

enum { MOVE, NODE, INSERT, DELETE, ARC, ARC_ENDS, RESHAPE, ACROSS, TRACE, SNAP, N_KIND };
static const char *const kind_name[N_KIND] = {
    "move",          "move-wide", "insert",         "delete", "move-arc",
    "move-arc-ends", "reshape",   "reshape-across", "trace",  "snap"};

struct run {
    struct wg_coverage *c;
    struct wg_box box;
    double side; /* of a typical grid */
    struct random random;
    double *took[N_KIND]; /* ms */
    size_t n[N_KIND], done[N_KIND];
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double between(struct run *run, double low, double high)
{
    return random_real(&run->random, low, high);
}

static uint32_t sketch(struct run *run, struct wg_point from, double step, uint32_t n,
                       double *x, double *y)
{
    double heading = between(run, 0, 6.283185307179586);

    x[0] = from.x;
    y[0] = from.y;
    for (uint32_t i = 1; i < n; i++) {
        heading += between(run, -0.6, 0.6);
        x[i] = x[i - 1] + step * cos(heading);
        y[i] = y[i - 1] + step * sin(heading);
    }
    return n;
}

static enum wg_status edit(struct run *run, int kind, struct wg_error *err)
{
    double s = run->side, x[32], y[32];
    struct wg_point at = {between(run, run->box.min_x, run->box.max_x),
                          between(run, run->box.min_y, run->box.max_y)};
    double far = kind == NODE ? 0.5 * s : 0.03 * s;
    struct wg_point to = {at.x + between(run, -far, far), at.y + between(run, -far, far)};
    struct wg_reshape_options options = {.within_m = 0.3 * s};
    struct wg_line line = {0, x, y}, way = {0};
    struct wg_snapped snapped;
    enum wg_status status;

    switch (kind) {
    case MOVE:
    case NODE:
        return wg_coverage_move(run->c, at, s, to, err);
    case INSERT:
        return wg_coverage_insert(run->c, at, s, to, err);
    case DELETE:
        return wg_coverage_delete(run->c, at, s, err);
    case ARC:
    case ARC_ENDS:
        return wg_coverage_move_arc(run->c, at, s, to.x - at.x, to.y - at.y,
                                    kind == ARC_ENDS, err);
    case RESHAPE:
        line.n = sketch(run, at, 0.15 * s, 6, x, y);
        return wg_coverage_reshape(run->c, &line, &options, err);
    case ACROSS:
        line.n = sketch(run, at, 0.5 * s, 8, x, y);
        return wg_coverage_reshape(run->c, &line, &options, err);
    case TRACE:
        to.x = at.x + between(run, -3, 3) * s;
        to.y = at.y + between(run, -3, 3) * s;
        status = wg_coverage_trace(run->c, NULL, at, to, s, &way, err);
        wg_line_finish(&way);
        return status == WG_NOT_FOUND ? WG_CONSTRAINT : status;
    default:
        return wg_coverage_snap(run->c, NULL, at, 7, 0.2 * s, &snapped) ? WG_OK
                                                                        : WG_CONSTRAINT;
    }
}

static int order_of_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(struct run *run)
{
    for (int k = 0; k < N_KIND; k++) {
        qsort(run->took[k], run->n[k], sizeof *run->took[k], order_of_number);
        printf("# %-14s %5zu, done %5zu, ms: median %.3f, 95%% %.3f, most %.3f\n",
               kind_name[k], run->n[k], run->done[k], run->took[k][run->n[k] / 2],
               run->took[k][run->n[k] * 95 / 100], run->took[k][run->n[k] - 1]);
    }
}

struct bytes {
    void *at;
    size_t n;
};

static bool same_bytes(struct wg_coverage *c, struct bytes *before, const char *what)
{
    struct bytes now = {0};
    bool same = wg_coverage_bytes(c, &now.at, &now.n, NULL) == WG_OK &&
                now.n == before->n && memcmp(now.at, before->at, now.n) == 0;
    if (!same)
        printf("# the bytes differ after %s\n", what);
    wg_free(now.at);
    return same;
}

static bool run_edits(struct run *run, size_t n)
{
    struct wg_error err = {0};

    for (size_t i = 0; i < n; i++) {
        int kind = (int)(i % N_KIND);
        double before = now_ms();
        enum wg_status status = edit(run, kind, &err);
        run->took[kind][run->n[kind]++] = now_ms() - before;
        run->done[kind] += status == WG_OK;
        if (status != WG_OK && status != WG_CONSTRAINT) {
            printf("# edit %zu, %s: %s\n", i, kind_name[kind], err.text);
            return false;
        }
        if (i % (n / 10) == 0 && wg_coverage_prove(run->c, &err) != WG_OK) {
            printf("# after edit %zu, %s: %s\n", i, kind_name[kind], err.text);
            return false;
        }
    }
    return true;
}

static bool bulk(struct run *run)
{
    struct wg_error err = {0};
    uint64_t changed = 0;
    double before = now_ms();

    if (wg_coverage_simplify(run->c, 0.01 * run->side, 0, NULL, &changed, &err) !=
            WG_OK ||
        wg_coverage_prove(run->c, &err) != WG_OK) {
        printf("# simplify: %s\n", err.text);
        return false;
    }
    printf("# simplify: %llu vertices dropped, %.0f ms with the proof\n",
           (unsigned long long)changed, now_ms() - before);
    before = now_ms();
    if (wg_coverage_densify(run->c, 0.2 * run->side, 0, NULL, &changed, &err) != WG_OK ||
        wg_coverage_prove(run->c, &err) != WG_OK) {
        printf("# densify: %s\n", err.text);
        return false;
    }
    printf("# densify: %llu vertices added, %.0f ms with the proof\n",
           (unsigned long long)changed, now_ms() - before);
    return true;
}

static bool check(struct run *run, size_t n)
{
    struct bytes first = {0};
    struct wg_error err = {0};
    bool good = wg_coverage_bytes(run->c, &first.at, &first.n, &err) == WG_OK;

    for (int k = 0; k < N_KIND; k++)
        run->took[k] = calloc(n / N_KIND + 1, sizeof *run->took[k]);
    good = good && run_edits(run, n);
    report(run);
    good = good && bulk(run);
    while (good && wg_coverage_undo(run->c))
        ;
    good = good && same_bytes(run->c, &first, "undoing all");
    for (int k = 0; k < N_KIND; k++)
        free(run->took[k]);
    wg_free(first.at);
    return good;
}

/* Degrees to metres, roughly: any plane will do. */
static void flatten(struct partition *p)
{
    double scale = cos((p->box.min_y + p->box.max_y) / 2 * 3.14159265358979 / 180);

    for (size_t i = 0; i < p->n; i++)
        for (uint32_t v = 0; v < p->mp[i].n_vertex; v++) {
            p->mp[i].x[v] *= 111320 * scale;
            p->mp[i].y[v] *= 110574;
        }
    p->box.min_x *= 111320 * scale;
    p->box.max_x *= 111320 * scale;
    p->box.min_y *= 110574;
    p->box.max_y *= 110574;
}

static struct wg_coverage *build(const struct partition *p)
{
    struct wg_coverage_grid *grid = calloc(p->n, sizeof *grid);
    struct wg_coverage_options options = {.heal_m = 0.05};
    struct wg_coverage *c = NULL;
    struct wg_error err = {0};

    for (size_t i = 0; i < p->n; i++)
        grid[i] = (struct wg_coverage_grid){.id = (int64_t)i + 1,
                                            .code = p->grid[i].code,
                                            .level = 5,
                                            .geometry = p->mp[i]};
    double before = now_ms();
    if (wg_coverage_build(p->n, grid, &options, &c, &err) != WG_OK)
        printf("# %s\n", err.text);
    printf("# built from %zu grids, %llu vertices in %.0f ms\n", p->n,
           (unsigned long long)p->n_vertex, now_ms() - before);
    free(grid);
    return c;
}

int main(int argc, char **argv)
{
    struct partition p = {.n = 0};
    struct run run = {.random = {20240607}};
    bool generated = argc == 3 && partition_kind(argv[2]);
    const char *shared = getenv("WG_TEST_SHARED");
    char path[1024];
    size_t n_invalid = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..1\n");
    snprintf(path, sizeof path, "%s/%s", shared ? shared : "", argc == 3 ? argv[2] : "");
    FILE *file = generated || !shared ? NULL : fopen(path, "rb");
    if (!generated && !file) {
        printf("ok 1 - skipped: no %s in WG_TEST_SHARED\n", argc == 3 ? argv[2] : "");
        return 0;
    }
    if (file)
        fclose(file);
    bool good = generated ? partition_cached(argv[1], argv[2], &p)
                          : partition_read(path, "code", &p, &n_invalid);
    if (good && !generated)
        flatten(&p);
    run.box = p.box;
    run.c = good ? build(&p) : NULL;
    if (run.c) {
        run.side = sqrt((p.box.max_x - p.box.min_x) * (p.box.max_y - p.box.min_y) /
                        (double)(p.n + 1));
        good = check(&run, generated ? 5000 : 2000);
    }
    wg_coverage_close(run.c);
    partition_finish(&p);
    printf("%s 1 - %s\n", run.c && good ? "ok" : "not ok", argv[2]);
    return run.c && good ? 0 : 1;
}
