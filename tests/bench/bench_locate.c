/*
 * Points to grids: the index against its limits and its peers, on the same points, in
 * the same run, in interleaved rounds.  Times are the thread's own CPU time; figures
 * are medians of the rounds, ratios medians of each round's ratio.
 */
#include <errno.h>
#include <float.h>
#include <getopt.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../unit/random.h"
#include "limits.h"
#include "locate_index.h"
#include "peers.h"

enum { UNIFORM, CLUSTERED, BOUNDARY, SETS };
static const char *const set_names[SETS] = {"uniform", "clustered", "boundary"};

#define ROUNDS_MAX 31

struct options {
    const char *workload, *cache, *shared, *file, *field;
    size_t points;
    int rounds;
    bool quick, index_only;
    struct wg_locator_options build;
};

static void *room(size_t n, size_t size)
{
    void *block = NULL;
    if (posix_memalign(&block, 64, (n + 64) * size)) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    memset(block, 0, (n + 64) * size); /* the pages are there before they are timed */
    return block;
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

static int by_value(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double median(const double *value, size_t n)
{
    double sorted[ROUNDS_MAX];
    memcpy(sorted, value, n * sizeof *value);
    qsort(sorted, n, sizeof *sorted, by_value);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* ---- points ----------------------------------------------------------------------- */

struct points {
    size_t n;
    double *x, *y;
};

static double gauss(struct random *r)
{
    double u = random_real(r, 0, 1) + DBL_MIN, v = random_real(r, 0, 1);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* A vertex or the middle of an edge. */
static void boundary_point(struct random *r, const struct partition *p, double *x,
                           double *y)
{
    const struct wg_multipolygon *mp = &p->mp[random_between(r, 0, (int64_t)p->n - 1)];
    uint32_t ring = (uint32_t)random_between(r, 0, mp->n_ring - 1);
    uint32_t i =
        (uint32_t)random_between(r, mp->ring[ring], (int64_t)mp->ring[ring + 1] - 2);
    bool middle = random_next(r) & 1;
    *x = middle ? (mp->x[i] + mp->x[i + 1]) / 2 : mp->x[i];
    *y = middle ? (mp->y[i] + mp->y[i + 1]) / 2 : mp->y[i];
}

#define CLUSTERS 300

static struct points make_points(const struct partition *p, int set, size_t n)
{
    struct points out = {n, room(n, sizeof(double)), room(n, sizeof(double))};
    struct random r = {(uint64_t)set + 7};
    struct wg_box b = p->box;
    struct wg_point centre[CLUSTERS];
    for (size_t i = 0; i < CLUSTERS; i++)
        centre[i] = (struct wg_point){random_real(&r, b.min_x, b.max_x),
                                      random_real(&r, b.min_y, b.max_y)};
    for (size_t i = 0; i < n; i++) {
        if (set == UNIFORM) {
            out.x[i] = random_real(&r, b.min_x, b.max_x);
            out.y[i] = random_real(&r, b.min_y, b.max_y);
        } else if (set == CLUSTERED) {
            const struct wg_point *c = &centre[random_between(&r, 0, CLUSTERS - 1)];
            out.x[i] = c->x + 0.01 * (b.max_x - b.min_x) * gauss(&r);
            out.y[i] = c->y + 0.01 * (b.max_y - b.min_y) * gauss(&r);
        } else {
            boundary_point(&r, p, &out.x[i], &out.y[i]);
        }
    }
    return out;
}

/* ---- what is measured ------------------------------------------------------------- */

struct run {
    const struct wg_locator *loc;
    void *peer;
};

typedef void ask_fn(const struct run *run, size_t n, const double *x, const double *y,
                    uint32_t *slot);

static void ask_batch(const struct run *run, size_t n, const double *x, const double *y,
                      uint32_t *slot)
{
    wg_locator_slots(run->loc, n, x, y, slot);
}

static void ask_word(const struct run *run, size_t n, const double *x, const double *y,
                     uint32_t *slot)
{
    limit_word(run->loc, n, x, y, slot);
}

static void ask_stream(const struct run *run, size_t n, const double *x, const double *y,
                       uint32_t *slot)
{
    limit_stream(n, x, y, slot);
}

/* Through a pointer: as another program, or a callback, asks. */
static uint32_t (*volatile single)(const struct wg_locator *, double,
                                   double) = wg_locator_slot;

static void ask_single(const struct run *run, size_t n, const double *x, const double *y,
                       uint32_t *slot)
{
    for (size_t i = 0; i < n; i++)
        slot[i] = single(run->loc, x[i], y[i]);
}

static volatile uint32_t no_bits = 0;

/* The next question waits for the answer before: the true latency. */
static void ask_dependent(const struct run *run, size_t n, const double *x,
                          const double *y, uint32_t *slot)
{
    uint32_t mask = no_bits, last = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = i + (last & mask);
        last = single(run->loc, x[at], y[at]);
        slot[i] = last;
    }
}

static void ask_geos(const struct run *run, size_t n, const double *x, const double *y,
                     uint32_t *slot)
{
    peer_geos.ask(run->peer, n, x, y, slot);
}

static void ask_spatialite(const struct run *run, size_t n, const double *x,
                           const double *y, uint32_t *slot)
{
    peer_spatialite.ask(run->peer, n, x, y, slot);
}

static void ask_ray(const struct run *run, size_t n, const double *x, const double *y,
                    uint32_t *slot)
{
    peer_ray.ask(run->peer, n, x, y, slot);
}

enum { BATCH, WORD, STREAM, PLAIN, SINGLE, DEPENDENT, GEOS, LITE, RAY, SYSTEMS };

static const struct system {
    const char *name;
    ask_fn *ask;
    const struct peer *peer;
    bool exact; /* must agree with the batch, on boundaries too */
} systems[SYSTEMS] = {
    [BATCH] = {"index, batch", ask_batch, NULL, true},
    [WORD] = {"limit: cell word only", ask_word, NULL, false},
    [STREAM] = {"limit: stream only", ask_stream, NULL, false},
    [PLAIN] = {"index, batch in plain C", ask_batch, NULL, true},
    [SINGLE] = {"index, single", ask_single, NULL, true},
    [DEPENDENT] = {"index, single, waiting", ask_dependent, NULL, true},
    [GEOS] = {"GEOS prepared + STRtree", ask_geos, &peer_geos, true},
    [LITE] = {"SpatiaLite R-tree + ST_Covers", ask_spatialite, &peer_spatialite, true},
    [RAY] = {"boxes in turn + plain ray", ask_ray, &peer_ray, false},
};

struct result {
    bool there;
    double build_s, bytes, peak_bytes;
    double rate[SETS][ROUNDS_MAX]; /* points a second */
    uint64_t asked[SETS], differ[SETS];
    struct run run;
};

/* How many points a slow system gets in each round; another stretch each time. */
static size_t share_of(int system, const struct partition *p, const struct options *o)
{
    size_t n = o->points;
    if (system == GEOS)
        n = o->quick ? 20000 : 60000;
    if (system == LITE)
        n = o->quick ? 500 : 2000;
    if (system == RAY)
        n = 4000000 / p->n + 100;
    return n < o->points ? n : o->points;
}

/* Where a round's stretch of the points begins. */
static size_t stretch(size_t n, size_t all, int round)
{
    return n == all ? 0 : (size_t)round * n % (all - n);
}

/* Each set is asked twice and timed the second time, so that every system finds the
 * caches as it left them itself: the steady state.  Slow systems get another stretch of
 * the points the second time. */
static void measure(struct result *result, int system, const struct options *o,
                    const struct partition *p, const struct points *points,
                    uint32_t *const *answers, uint32_t *scratch, int round)
{
    ask_fn *ask = systems[system].ask;
    for (int set = 0; set < SETS; set++) {
        const struct points *all = &points[set];
        size_t n = share_of(system, p, o);
        size_t warm = stretch(n, all->n, 2 * round);
        size_t from = stretch(n, all->n, 2 * round + 1);
        uint32_t *out = system == BATCH ? answers[set] : scratch;
        ask(&result->run, n, all->x + warm, all->y + warm, out);
        double began = cpu();
        ask(&result->run, n, all->x + from, all->y + from, out);
        result->rate[set][round] = (double)n / (cpu() - began);
        result->asked[set] += n;
        for (size_t i = 0; i < n && system != BATCH; i++)
            result->differ[set] += out[i] != answers[set][from + i];
    }
}

/* ---- building --------------------------------------------------------------------- */

static double heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return (double)(info.uordblks + info.hblkhd);
}

/* A line of /proc/self/status in bytes; NaN where there is none. */
static double status_bytes(const char *field)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    double value = NAN;
    size_t n = strlen(field);
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, field, n))
            value = strtod(line + n, NULL) * 1024;
    if (f)
        fclose(f);
    return value;
}

static void reset_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (f) {
        fputs("5", f);
        fclose(f);
    }
}

static struct wg_locator *build(const struct partition *p,
                                const struct wg_locator_options *options)
{
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    if (wg_locator_build(p->n, p->grid, options, &loc, &err)) {
        fprintf(stderr, "%s: %s\n", p->name, err.text);
        exit(1);
    }
    return loc;
}

/* The last of several builds stays; the median counts. */
static struct wg_locator *build_index(const struct partition *p, const struct options *o,
                                      struct result *result)
{
    struct wg_locator *loc = NULL;
    double time[5];
    int times = o->quick ? 1 : 5;
    double before = status_bytes("VmRSS:");
    reset_peak();
    for (int i = 0; i < times; i++) {
        wg_locator_destroy(loc);
        double began = cpu();
        loc = build(p, &o->build);
        time[i] = cpu() - began;
        if (i == 0)
            result->peak_bytes = status_bytes("VmHWM:") - before;
    }
    result->build_s = median(time, (size_t)times);
    result->bytes = (double)wg_locator_info(loc).bytes;
    return loc;
}

static void build_all(const struct partition *p, const struct options *o,
                      struct result *result, struct wg_locator **loc,
                      struct wg_locator **plain)
{
    struct wg_locator_options in_plain = o->build;
    in_plain.vector = WG_VECTOR_PLAIN;
    *loc = build_index(p, o, &result[BATCH]);
    *plain = build(p, &in_plain);
    for (int s = 0; s < SYSTEMS; s++) {
        const struct peer *peer = systems[s].peer;
        result[s].run.loc = s == PLAIN ? *plain : *loc;
        result[s].there = !peer || !o->index_only;
        if (!peer || o->index_only)
            continue;
        double before = heap_bytes(), began = cpu();
        result[s].run.peer = peer->make(p);
        result[s].build_s = cpu() - began;
        result[s].bytes = heap_bytes() - before;
    }
}

/* ---- the table -------------------------------------------------------------------- */

static const struct target {
    const char *workload;
    double word, geos, lite, single, build_s, bytes;
} targets[] = {
    {"district", 0.60, 60, 3000, 15, 0.040, 4e6},
    {"city", 0.60, 80, 1500, 15, 0.3, 60e6},
    {"province", 0.55, 80, 700, 25, 2.5, 450e6},
};

static double ratio(const struct result *a, const struct result *b, int set, int rounds)
{
    double each[ROUNDS_MAX];
    for (int i = 0; i < rounds; i++)
        each[i] = a->rate[set][i] / b->rate[set][i];
    return median(each, (size_t)rounds);
}

static const char *human(double rate, char out[32])
{
    snprintf(out, 32, rate >= 1e7 ? "%.0f" : rate >= 1e6 ? "%.1f" : "%.4f", rate / 1e6);
    return out;
}

static void print_table(const struct result *result, const struct options *o)
{
    char text[32];
    printf("| million points a second | build ms | MB |");
    for (int set = 0; set < SETS; set++)
        printf(" %s |", set_names[set]);
    printf(" batch is |\n|---|---|---|---|---|---|---|\n");
    for (int s = 0; s < SYSTEMS; s++) {
        if (!result[s].there)
            continue;
        printf("| %s |", systems[s].name);
        if (result[s].build_s > 0)
            printf(" %.1f | %.1f |", 1e3 * result[s].build_s, result[s].bytes / 1e6);
        else
            printf(" | |");
        for (int set = 0; set < SETS; set++)
            printf(" %s |", human(median(result[s].rate[set], (size_t)o->rounds), text));
        double times = ratio(&result[BATCH], &result[s], UNIFORM, o->rounds);
        printf(times < 10 ? " %.2f× |\n" : " %.0f× |\n", times);
    }
}

static void print_target(const char *what, double value, double wanted, bool at_most,
                         const char *unit)
{
    bool ok = at_most ? value <= wanted : value >= wanted;
    printf("| %s | %s %.4g%s | %.4g%s | %s |\n", what, at_most ? "≤" : "≥", wanted, unit,
           value, unit, ok ? "pass" : "FAIL");
}

static void print_targets(const struct partition *p, const struct result *result,
                          const struct options *o)
{
    const struct target *t = NULL;
    int n = o->rounds;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (!strcmp(p->name, targets[i].workload))
            t = &targets[i];
    if (!t)
        return;
    const struct result *batch = &result[BATCH];
    printf("\n| %s | target | measured | |\n|---|---|---|---|\n", p->name);
    print_target("batch, of cell word only", 100 * ratio(batch, &result[WORD], 0, n),
                 100 * t->word, false, " %");
    if (!o->index_only) {
        print_target("batch : GEOS", ratio(batch, &result[GEOS], 0, n), t->geos, false,
                     "×");
        print_target("batch : SpatiaLite", ratio(batch, &result[LITE], 0, n), t->lite,
                     false, "×");
        print_target("single : GEOS", ratio(&result[SINGLE], &result[GEOS], 0, n),
                     t->single, false, "×");
    }
    print_target("build", 1e3 * batch->build_s, 1e3 * t->build_s, true, " ms");
    print_target("memory", batch->bytes / 1e6, t->bytes / 1e6, true, " MB");
}

/* Returns how many answers differ that must not. */
static uint64_t print_differing(const struct result *result)
{
    uint64_t wrong = 0;
    for (int s = 1; s < SYSTEMS; s++)
        for (int set = 0; set < SETS; set++) {
            const char *must = systems[s].exact ? "WRONG" : "by its nature";
            if (!result[s].there || s == STREAM || !result[s].differ[set])
                continue;
            printf("%s, %s: %llu of %llu answers differ (%s)\n", systems[s].name,
                   set_names[set], (unsigned long long)result[s].differ[set],
                   (unsigned long long)result[s].asked[set], must);
            if (systems[s].exact)
                wrong += result[s].differ[set];
        }
    return wrong;
}

/* ---- the file --------------------------------------------------------------------- */

static void print_file(const struct wg_locator *loc, const struct options *o,
                       const struct partition *p, struct wg_point at)
{
    char path[1024];
    struct wg_error err = {0};
    struct wg_locator *mapped = NULL;
    snprintf(path, sizeof path, "%s/%s.locate", o->cache, p->name);
    double began = seconds(CLOCK_MONOTONIC);
    enum wg_status s = wg_locator_save(loc, path, &err);
    double saved = seconds(CLOCK_MONOTONIC);
    if (s == WG_OK)
        s = wg_locator_map(path, &o->build, &mapped, &err);
    uint32_t slot = s == WG_OK ? wg_locator_slot(mapped, at.x, at.y) : 0;
    double answered = seconds(CLOCK_MONOTONIC);
    if (s == WG_OK)
        printf("save %.1f ms, map and first answer (%u) %.2f ms\n", 1e3 * (saved - began),
               slot, 1e3 * (answered - saved));
    else
        printf("save and map: %s\n", err.text);
    wg_locator_destroy(mapped);
    remove(path);
}

/* ---- a workload ------------------------------------------------------------------- */

static void print_head(const struct partition *p, const struct wg_locator *loc,
                       const struct result *result, const struct points *points)
{
    struct wg_locator_info info = wg_locator_info(loc);
    size_t refined = 0;
    for (size_t i = 0; i < points->n; i++) {
        uint32_t word;
        limit_word(loc, 1, points->x + i, points->y + i, &word);
        refined += (word & WG_WORD_RECORD) != 0;
    }
    printf("\n## %s: %zu grids, %.0f vertices each, %s\n\n", p->name, p->n,
           (double)p->n_vertex / (double)p->n,
           info.partition ? "a partition" : "not a partition");
    printf("%llu cells, %.1f %% with boundary, which %.1f %% of uniform points meet; "
           "%s; peak of the build %.1f MB\n",
           (unsigned long long)info.cells,
           100.0 * (double)info.boundary_cells / (double)(info.cells ? info.cells : 1),
           100.0 * (double)refined / (double)points->n, wg_vector_name(info.vector),
           result->peak_bytes / 1e6);
}

static uint64_t run_workload(const struct partition *p, const struct options *o)
{
    struct result *result = room(SYSTEMS, sizeof *result);
    struct points points[SETS];
    uint32_t *answers[SETS], *scratch = room(o->points, sizeof *scratch);
    struct wg_locator *loc, *plain;
    uint64_t wrong;

    for (int set = 0; set < SETS; set++) {
        points[set] = make_points(p, set, o->points);
        answers[set] = room(o->points, sizeof **answers);
    }
    build_all(p, o, result, &loc, &plain);
    print_head(p, loc, &result[BATCH], &points[UNIFORM]);
    print_file(loc, o, p, (struct wg_point){points[0].x[0], points[0].y[0]});
    for (int round = 0; round < o->rounds; round++)
        for (int s = 0; s < SYSTEMS; s++)
            if (result[s].there)
                measure(&result[s], s, o, p, points, answers, scratch, round);
    printf("\n");
    print_table(result, o);
    print_targets(p, result, o);
    wrong = print_differing(result);
    fflush(stdout);
    for (int s = 0; s < SYSTEMS; s++)
        if (result[s].run.peer)
            systems[s].peer->drop(result[s].run.peer);
    wg_locator_destroy(loc);
    wg_locator_destroy(plain);
    for (int set = 0; set < SETS; set++) {
        free(points[set].x);
        free(points[set].y);
        free(answers[set]);
    }
    free(scratch);
    free(result);
    return wrong;
}

static uint64_t run_generated(const char *name, const struct options *o)
{
    struct partition p;
    uint64_t wrong;
    if (!partition_cached(o->cache, name, &p))
        exit(1);
    wrong = run_workload(&p, o);
    partition_finish(&p);
    return wrong;
}

static uint64_t run_real(const struct options *o)
{
    char path[1024];
    struct partition p;
    size_t n_invalid;
    uint64_t wrong;
    if (o->file)
        snprintf(path, sizeof path, "%s", o->file);
    else
        snprintf(path, sizeof path, "%s/dc/smd.geojson", o->shared);
    if (access(path, R_OK) || !partition_read(path, o->field, &p, &n_invalid)) {
        printf("\n## real: skipped, there is no %s\n", path);
        return 0;
    }
    wrong = run_workload(&p, o);
    partition_finish(&p);
    return wrong;
}

/* ---- the command ------------------------------------------------------------------ */

static const char usage[] =
    "usage: bench_locate [--workload district|city|province|real] [--points N]\n"
    "  [--rounds N] [--quick] [--index-only] [--cells N] [--memory BYTES]\n"
    "  [--file FILE --field CODE] [--shared FOLDER] [--cache FOLDER]\n"
    "  --quick       fewer points and rounds\n"
    "  --index-only  the index and its limits, no peers\n"
    "  --cells       cells wanted of the index (default: its own choice)\n"
    "  --memory      its memory_max\n"
    "  --file        the real partition (default: dc/smd.geojson of --shared)\n"
    "  --cache       where generated partitions are kept (default: .)\n";

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"workload", 1, NULL, 'w'},   {"points", 1, NULL, 'n'},
        {"rounds", 1, NULL, 'r'},     {"quick", 0, NULL, 'q'},
        {"index-only", 0, NULL, 'i'}, {"cells", 1, NULL, 'c'},
        {"memory", 1, NULL, 'm'},     {"file", 1, NULL, 'f'},
        {"field", 1, NULL, 'F'},      {"shared", 1, NULL, 's'},
        {"cache", 1, NULL, 'C'},      {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'w':
            o->workload = optarg;
            break;
        case 'n':
            o->points = strtoul(optarg, NULL, 10);
            break;
        case 'r':
            o->rounds = atoi(optarg);
            break;
        case 'q':
            o->quick = true;
            break;
        case 'i':
            o->index_only = true;
            break;
        case 'c':
            o->build.cells = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'm':
            o->build.memory_max = strtoul(optarg, NULL, 10);
            break;
        case 'f':
            o->file = optarg;
            break;
        case 'F':
            o->field = optarg;
            break;
        case 's':
            o->shared = optarg;
            break;
        case 'C':
            o->cache = optarg;
            break;
        default:
            return false;
        }
    }
    if (o->points == 0)
        o->points = o->quick ? 200000 : 1000000;
    if (o->rounds == 0)
        o->rounds = o->quick ? 3 : 9;
    return optind == argc && o->points >= 2000 && o->rounds > 0 &&
           o->rounds <= ROUNDS_MAX;
}

int main(int argc, char **argv)
{
    static const char *const all[] = {"district", "city", "province"};
    const char *shared = getenv("WG_TEST_SHARED");
    struct options o = {
        .cache = ".", .shared = shared ? shared : "../shared/data", .field = "code"};
    uint64_t wrong = 0;
    if (!parse(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    printf("%zu points, %d rounds, medians\n", o.points, o.rounds);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!o.workload || !strcmp(o.workload, all[i]))
            wrong += run_generated(all[i], &o);
    if (!o.workload || !strcmp(o.workload, "real"))
        wrong += run_real(&o);
    return wrong ? 1 : 0;
}
