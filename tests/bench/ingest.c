/* How many durable events a second go in, with their owners: the ingest queue by size of
 * group against wg_event_create on the same file in the same run.
 *
 *     bench_ingest [--events N] [--group N] [--folder DIR] [--random-uuids]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wangge/wangge.h"

#define COLS 18
#define ROWS 17
#define STEP 110.0
#define X0 617000.0
#define Y0 3067000.0

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(enum wg_status status, const struct wg_error *err)
{
    if (!status)
        return;
    fprintf(stderr, "bench_ingest: %s\n", err->text);
    exit(1);
}

static uint64_t seed = 88172645463325252u;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) * 0x1p-53;
}

/* ---- the district: 306 grids whose corners are moved a little ---- */

static void make_grid(struct wg_store *store, int64_t scheme, double (*corner)[2],
                      const int at[4], const char *code)
{
    char wkt[512];
    struct wg_grid grid;
    struct wg_error err;
    int n = snprintf(wkt, sizeof wkt, "POLYGON((");
    wg_grid_init(&grid);
    for (int i = 0; i <= 4; i++)
        n += snprintf(wkt + n, sizeof wkt - (size_t)n, "%s%.17g %.17g", i ? "," : "",
                      corner[at[i % 4]][0], corner[at[i % 4]][1]);
    snprintf(wkt + n, sizeof wkt - (size_t)n, "))");
    grid.scheme = scheme;
    grid.code = code;
    must(wg_shape_from_wkt(NULL, wkt, &grid.geometry, &err), &err);
    must(wg_grid_create(store, &grid, NULL, &err), &err);
    wg_grid_finish(&grid);
}

static void make_district(const char *path)
{
    static double corner[(COLS + 1) * (ROWS + 1)][2];
    struct wg_create_options options = {.crs = "EPSG:4545"};
    struct wg_store *store = NULL;
    struct wg_scheme scheme;
    struct wg_error err;
    int64_t id;
    must(wg_store_create(path, &options, &err), &err);
    must(wg_store_open(path, NULL, &store, &err), &err);
    must(wg_store_begin(store, &err), &err);
    wg_scheme_init(&scheme);
    scheme.name = "basic";
    must(wg_scheme_create(store, &scheme, &id, &err), &err);
    for (int i = 0; i < (COLS + 1) * (ROWS + 1); i++) {
        corner[i][0] = X0 + STEP * (i % (COLS + 1)) + 40 * uniform();
        corner[i][1] = Y0 + STEP * (i / (COLS + 1)) + 40 * uniform();
    }
    for (int i = 0; i < COLS * ROWS; i++) {
        char code[16];
        int sw = i / COLS * (COLS + 1) + i % COLS;
        snprintf(code, sizeof code, "%06d", i);
        make_grid(store, id, corner, (int[]){sw, sw + 1, sw + COLS + 2, sw + COLS + 1},
                  code);
    }
    must(wg_store_commit(store, &err), &err);
    wg_store_close(store);
}

/* ---- events ---- */

static bool random_uuids;

static void next_event(struct wg_event *e, char uuid[40])
{
    wg_event_init(e);
    e->class_code = "hazard";
    e->title = "manhole cover missing";
    e->description = "east side of the crossing, seen twice";
    e->source = "handheld";
    e->reported_at = "2026-11-24T08:31:00.123Z";
    e->accuracy_m = 5;
    e->x = X0 + COLS * STEP * uniform();
    e->y = Y0 + ROWS * STEP * uniform();
    if (!random_uuids)
        return;
    uniform();
    uint64_t a = seed;
    uniform();
    snprintf(uuid, 40, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(a >> 32),
             (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff), (unsigned)(seed >> 52),
             (unsigned long long)(seed & 0xffffffffffff));
    e->uuid = uuid;
}

struct clock {
    double last, *took;
    size_t n, cap;
    int64_t bad;
};

static void hear(const struct wg_ingest_receipt *r, void *user)
{
    struct clock *c = user;
    c->bad += r->status != WG_OK || r->n_owner != 1;
    if (!r->last)
        return;
    double now = now_s();
    if (c->n < c->cap)
        c->took[c->n++] = now - c->last;
    c->last = now;
}

static int by_size(const void *a, const void *b)
{
    double l = *(const double *)a, r = *(const double *)b;
    return (l > r) - (l < r);
}

static double queue_rate(const char *path, size_t group, int64_t n)
{
    struct clock c = {.cap = (size_t)n};
    struct wg_ingest_options options = {
        .group_max = group, .wait_ms = 50, .done = hear, .user = &c};
    struct wg_ingest *queue = NULL;
    struct wg_error err;
    struct wg_event e;
    char uuid[40];
    c.took = malloc(c.cap * sizeof *c.took);
    if (!c.took)
        exit(1);
    must(wg_ingest_open(path, &options, &queue, &err), &err);
    double start = now_s(), cpu = cpu_s();
    c.last = start;
    for (int64_t i = 0; i < n; i++) {
        next_event(&e, uuid);
        must(wg_ingest_put(queue, &e, 0, NULL, &err), &err);
    }
    wg_ingest_flush(queue);
    double flushed = now_s() - start;
    wg_ingest_close(queue);
    double all = now_s() - start;
    qsort(c.took, c.n, sizeof *c.took, by_size);
    printf("queue, groups of %-5zu %9.0f events/s   %6.2f us of CPU an event   group p50 "
           "%.2f ms  p99 %.2f ms   with the close %.0f events/s\n",
           group, (double)n / flushed, (cpu_s() - cpu) / (double)n * 1e6,
           c.took[c.n / 2] * 1e3, c.took[c.n * 99 / 100] * 1e3, (double)n / all);
    fflush(stdout);
    if (c.bad) {
        fprintf(stderr, "bench_ingest: %lld events went wrong\n", (long long)c.bad);
        exit(1);
    }
    free(c.took);
    return (double)n / flushed;
}

static double create_rate(const char *path, int group, int64_t n)
{
    struct wg_store *store = NULL;
    struct wg_error err;
    struct wg_event e;
    char uuid[40];
    must(wg_store_open(path, NULL, &store, &err), &err);
    double start = now_s();
    for (int64_t i = 0; i < n; i++) {
        next_event(&e, uuid);
        if (i % group == 0)
            must(wg_store_begin(store, &err), &err);
        must(wg_event_create(store, &e, NULL, &err), &err);
        if (i % group == group - 1 || i + 1 == n)
            must(wg_store_commit(store, &err), &err);
    }
    double took = now_s() - start;
    wg_store_close(store);
    printf("wg_event_create, %-4d a commit %6.0f events/s\n", group, (double)n / took);
    fflush(stdout);
    return (double)n / took;
}

static int64_t option(int argc, char **argv, const char *name, int64_t fallback)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return atoll(argv[i + 1]);
    return fallback;
}

int main(int argc, char **argv)
{
    static const size_t groups[] = {1, 10, 100, 1000};
    int64_t only = option(argc, argv, "--group", 0);
    int64_t n = option(argc, argv, "--events", 300000);
    const char *folder = "/tmp";
    char path[512], name[600];
    double base = 0, rate[4];
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--folder") == 0 && i + 1 < argc)
            folder = argv[i + 1];
        random_uuids = random_uuids || strcmp(argv[i], "--random-uuids") == 0;
    }
    snprintf(path, sizeof path, "%s/bench-ingest-%d.wangge", folder, (int)getpid());
    make_district(path);
    printf("%d grids, one scheme; every event on the disk before it counts, assigned, "
           "with its log; %s\n",
           COLS * ROWS, random_uuids ? "random uuids given" : "uuids made by the queue");
    if (only) {
        queue_rate(path, (size_t)only, n);
        goto out;
    }
    create_rate(path, 1, 1000);
    base = create_rate(path, 100, 5000);
    for (int i = 0; i < 4; i++)
        rate[i] = queue_rate(path, groups[i], groups[i] < 100 ? n / 30 * (i ? 5 : 1) : n);
    printf("ratio of groups of 100 to wg_event_create, 100 a commit: %.1f\n",
           rate[2] / base);
out:;
    static const char *const beside[] = {"", "-wal", "-shm", "-locate-1"};
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(name, sizeof name, "%s%s", path, beside[i]);
        unlink(name);
    }
    return 0;
}
