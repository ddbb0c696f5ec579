/* Random edits of every kind, valid and not, on generated and on real partitions: after
 * each one there is no gap and no overlap, what is refused changes nothing, undoing all
 * gives the bytes of before, and redoing all those of after.
 *
 *   property_coverage_edits [PARTITION]
 *
 * WG_EDITS sets the number of operations (all partitions together); seeds are printed. */
#include "../unit/store_scratch.h"

#include <math.h>

#include "../bench/partition_make.h"
#include "../unit/random.h"
#include "coverage_job.h"
#include "wangge/coverage.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

enum { EDITS = 6000, ROUND = 1000, MAX_POINTS = 12 };

struct bytes {
    void *at;
    size_t n;
};

struct field {
    const char *name;
    struct wg_coverage *c;
    struct random r;
    uint64_t seed;
    uint64_t done, refused, failed, proofs, overlays;
    uint64_t by_kind[32], passed_by_kind[32];
    size_t n_small; /* of grids, up to which everything is proved after every edit */
    const char *what;
};

static void stop(const struct field *f, const char *why, const char *words)
{
    fail_msg("%s, seed %llu, edit %llu (%s): %s: %s", f->name,
             (unsigned long long)f->seed, (unsigned long long)f->done, f->what, why,
             words);
}

static struct bytes take_bytes(const struct field *f)
{
    struct wg_error err = {0};
    struct bytes b = {0};
    if (wg_coverage_bytes(f->c, &b.at, &b.n, &err))
        stop(f, "bytes", err.text);
    return b;
}

static void same_bytes(const struct field *f, const struct bytes *was, const char *why)
{
    struct bytes now = take_bytes(f);
    if (now.n != was->n || memcmp(now.at, was->at, now.n) != 0)
        stop(f, why, "the bytes differ");
    wg_free(now.at);
}

static void prove(struct field *f)
{
    struct wg_error err = {0};
    if (wg_coverage_prove(f->c, &err))
        stop(f, "proof", err.text);
    f->proofs++;
}

/* ---- by GEOS ---- */

struct beside {
    int64_t id[64];
    size_t n;
};

static bool add_beside(int64_t id, double border_m, void *user)
{
    struct beside *b = user;
    (void)border_m;
    if (id != 0 && b->n < 64)
        b->id[b->n++] = id;
    return true;
}

static void no_overlaps(struct field *f, int64_t id, const struct wg_multipolygon *mp)
{
    struct beside b = {.n = 0};
    struct wg_error err = {0};
    if (wg_coverage_neighbours(f->c, id, add_beside, &b, &err))
        stop(f, "neighbours", err.text);
    for (size_t i = 0; i < b.n; i++) {
        struct wg_multipolygon other = {0};
        double area = -1;
        if (wg_coverage_polygon(f->c, b.id[i], &other, &err) ||
            wg_shape_common_area(NULL, mp, &other, &area, &err))
            stop(f, "overlay", err.text);
        if (area != 0)
            stop(f, "overlay", "two grids overlap");
        wg_multipolygon_finish(&other);
    }
}

/* Every polygon is valid and has the area the coverage says; the areas add up to that of
 * the union; neighbours overlap by exactly nothing. */
static void ask_geos(struct field *f)
{
    uint32_t n = wg_coverage_count(f->c), m = 0;
    struct wg_multipolygon *mp = calloc(n + 1, sizeof *mp), all = {0};
    const struct wg_multipolygon **list = calloc(n + 1, sizeof *list);
    struct wg_error err = {0};
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct wg_coverage_face face;
        wg_coverage_face_at(f->c, i, &face);
        if (face.ended)
            continue;
        if (wg_coverage_polygon(f->c, face.id, &mp[m], &err) ||
            wg_shape_check(NULL, &mp[m], &err))
            stop(f, "polygon", err.text);
        double area = wg_multipolygon_area(&mp[m]);
        if (fabs(area - face.area_m2) > 1e-6 + 1e-11 * area)
            stop(f, "area", "the polygon has another one");
        sum += face.area_m2;
        if (m % 7 == f->done % 7)
            no_overlaps(f, face.id, &mp[m]);
        list[m] = &mp[m];
        m++;
    }
    if (wg_shape_union_all(NULL, m, list, &all, &err))
        stop(f, "union", err.text);
    if (fabs(wg_multipolygon_area(&all) - sum) > 1e-4 + 1e-10 * sum)
        stop(f, "union", "its area is not the sum of the areas");
    wg_multipolygon_finish(&all);
    for (uint32_t i = 0; i < m; i++)
        wg_multipolygon_finish(&mp[i]);
    free(mp);
    free(list);
    f->overlays++;
}

/* ---- random arguments ---- */

static struct wg_coverage_face some_face(struct field *f)
{
    uint32_t n = wg_coverage_count(f->c);
    struct wg_coverage_face face = {0};
    for (int i = 0; i < 50; i++) {
        wg_coverage_face_at(f->c, (uint32_t)random_between(&f->r, 0, n - 1), &face);
        if (!face.ended)
            break;
    }
    return face;
}

static struct wg_point point_in(struct field *f, struct wg_box b)
{
    double w = (b.max_x - b.min_x) * 0.1, h = (b.max_y - b.min_y) * 0.1;
    return (struct wg_point){random_real(&f->r, b.min_x - w, b.max_x + w),
                             random_real(&f->r, b.min_y - h, b.max_y + h)};
}

static double size_of(struct wg_box b)
{
    return fmax(b.max_x - b.min_x, b.max_y - b.min_y) + 0.01;
}

/* From a tenth of a millimetre to the size of a grid. */
static double some_length(struct field *f, double size)
{
    return size * pow(10, random_real(&f->r, -4, 0.3));
}

/* On a boundary as often as not. */
static struct wg_point near_boundary(struct field *f, struct wg_box box)
{
    struct wg_point p = point_in(f, box);
    struct wg_arc arc = {0};
    if (random_next(&f->r) % 2 &&
        wg_coverage_arc(f->c, p.x, p.y, size_of(box), &arc, NULL) == WG_OK) {
        uint32_t i = (uint32_t)random_between(&f->r, 0, arc.line.n - 1);
        p = (struct wg_point){arc.line.x[i], arc.line.y[i]};
    }
    wg_arc_finish(&arc);
    return p;
}

struct points {
    struct wg_line line;
    double x[MAX_POINTS], y[MAX_POINTS];
};

static void some_line(struct field *f, struct wg_box box, struct points *p)
{
    p->line = (struct wg_line){(uint32_t)random_between(&f->r, 2, 6), p->x, p->y};
    for (uint32_t i = 0; i < p->line.n; i++) {
        struct wg_point at =
            i == 0 || i + 1 == p->line.n ? near_boundary(f, box) : point_in(f, box);
        p->x[i] = at.x;
        p->y[i] = at.y;
    }
    if (random_next(&f->r) % 16 == 0)
        p->x[p->line.n - 1] = NAN;
}

/* A star around a point: simple, but of any shape. */
static void some_area(struct field *f, struct wg_box box, struct wg_multipolygon *out)
{
    struct wg_point at = point_in(f, box);
    double size = some_length(f, size_of(box));
    uint32_t n = (uint32_t)random_between(&f->r, 3, 9);
    *out = (struct wg_multipolygon){.n_part = 1, .n_ring = 1, .n_vertex = n + 1};
    out->part = calloc(2, sizeof *out->part);
    out->ring = calloc(2, sizeof *out->ring);
    out->x = calloc(n + 1, sizeof *out->x);
    out->y = calloc(n + 1, sizeof *out->y);
    out->part[1] = 1;
    out->ring[1] = n + 1;
    for (uint32_t i = 0; i < n; i++) {
        double angle = 2 * acos(-1) * (i + random_real(&f->r, 0, 0.8)) / n;
        double radius = size * random_real(&f->r, 0.2, 1);
        out->x[i] = at.x + radius * cos(angle);
        out->y[i] = at.y + radius * sin(angle);
    }
    out->x[n] = out->x[0];
    out->y[n] = out->y[0];
    if (random_next(&f->r) % 8 == 0) { /* on vertices that are there */
        struct wg_point p = near_boundary(f, box);
        out->x[1] = p.x;
        out->y[1] = p.y;
    }
}

static int64_t some_neighbour(struct field *f, int64_t id)
{
    struct beside b = {.n = 0};
    if (random_next(&f->r) % 8 == 0)
        return random_next(&f->r) % 2 ? 0 : some_face(f).id;
    wg_coverage_neighbours(f->c, id, add_beside, &b, NULL);
    return b.n ? b.id[random_between(&f->r, 0, (int64_t)b.n - 1)] : 0;
}

/* ---- the operations ---- */

static enum wg_status move(struct field *f, struct wg_error *err)
{
    struct wg_box box = some_face(f).box;
    struct wg_point at = near_boundary(f, box), to = at;
    double by = some_length(f, size_of(box));
    to.x += random_real(&f->r, -by, by);
    to.y += random_real(&f->r, -by, by);
    if (random_next(&f->r) % 10 == 0)
        to = near_boundary(f, box);
    return wg_coverage_move(f->c, at, some_length(f, size_of(box)), to, err);
}

static enum wg_status insert(struct field *f, struct wg_error *err)
{
    struct wg_box box = some_face(f).box;
    struct wg_point at = point_in(f, box), to = at;
    double by = some_length(f, size_of(box));
    to.x += random_real(&f->r, -by, by);
    to.y += random_real(&f->r, -by, by);
    return wg_coverage_insert(f->c, at, size_of(box), to, err);
}

static enum wg_status delete (struct field *f, struct wg_error *err) {
    struct wg_box box = some_face(f).box;
    return wg_coverage_delete(f->c, near_boundary(f, box), some_length(f, size_of(box)),
                              err);
}

static enum wg_status move_arc(struct field *f, struct wg_error *err)
{
    struct wg_box box = some_face(f).box;
    double by = some_length(f, size_of(box));
    struct wg_point at = near_boundary(f, box);
    double dx = random_real(&f->r, -by, by), dy = random_real(&f->r, -by, by);
    return wg_coverage_move_arc(f->c, at, size_of(box), dx, dy, random_next(&f->r) % 2,
                                err);
}

static enum wg_status reshape(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    struct points p;
    struct wg_reshape_options o = {.within_m = some_length(f, size_of(face.box))};
    some_line(f, face.box, &p);
    if (random_next(&f->r) % 3 == 0) {
        o.between[0] = face.id;
        o.between[1] = some_neighbour(f, face.id);
    }
    return wg_coverage_reshape(f->c, &p.line, &o, err);
}

static enum wg_status simplify(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    uint64_t changed = 0;
    return wg_coverage_simplify(f->c, some_length(f, size_of(face.box) / 10), 1, &face.id,
                                &changed, err);
}

static enum wg_status densify(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    uint64_t changed = 0;
    return wg_coverage_densify(f->c, size_of(face.box) * random_real(&f->r, 0.2, 1), 1,
                               &face.id, &changed, err);
}

static enum wg_status split(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    struct points p;
    int64_t made[8];
    size_t n = 0;
    some_line(f, face.box, &p);
    return wg_coverage_split(f->c, face.id, &p.line, some_length(f, size_of(face.box)),
                             NULL, 8, made, &n, err);
}

static enum wg_status split_area(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    struct wg_multipolygon area;
    int64_t made = 0;
    some_area(f, face.box, &area);
    enum wg_status s = wg_coverage_split_area(f->c, face.id, &area, NULL, &made, err);
    wg_multipolygon_finish(&area);
    return s;
}

static enum wg_status merge(struct field *f, struct wg_error *err)
{
    int64_t id[3] = {some_face(f).id}, kept;
    id[1] = some_neighbour(f, id[0]);
    id[2] = some_neighbour(f, id[1] ? id[1] : id[0]);
    size_t n = random_next(&f->r) % 3 ? 2 : 3;
    return wg_coverage_merge(f->c, n, id, random_next(&f->r) % 2 ? id[0] : 0, &kept, err);
}

static enum wg_status transfer(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    struct wg_multipolygon area;
    some_area(f, face.box, &area);
    int64_t other = some_neighbour(f, face.id);
    bool back = random_next(&f->r) % 2;
    enum wg_status s = wg_coverage_transfer(f->c, back ? other : face.id,
                                            back ? face.id : other, &area, err);
    wg_multipolygon_finish(&area);
    return s;
}

static enum wg_status transfer_buildings(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    struct wg_multipolygon mp[4];
    const struct wg_multipolygon *list[4] = {&mp[0], &mp[1], &mp[2], &mp[3]};
    const int64_t id[4] = {1, 2, 3, 4};
    struct wg_box box = face.box;
    for (int i = 0; i < 4; i++)
        some_area(f, box, &mp[i]);
    struct wg_footprints go = {(size_t)random_between(&f->r, 1, 2), list, id};
    struct wg_footprints keep = {2, list + 2, id + 2};
    enum wg_status s =
        wg_coverage_transfer_buildings(f->c, face.id, some_neighbour(f, face.id), &go,
                                       random_next(&f->r) % 2 ? &keep : NULL,
                                       random_real(&f->r, 0, size_of(box) / 50), err);
    for (int i = 0; i < 4; i++)
        wg_multipolygon_finish(&mp[i]);
    return s;
}

static enum wg_status draw(struct field *f, struct wg_error *err)
{
    struct wg_multipolygon area;
    int64_t made = 0;
    some_area(f, some_face(f).box, &area);
    enum wg_status s = wg_coverage_draw(f->c, &area, NULL, &made, err);
    wg_multipolygon_finish(&area);
    return s;
}

static enum wg_status carve(struct field *f, struct wg_error *err)
{
    struct wg_coverage_face face = some_face(f);
    struct wg_multipolygon area;
    int64_t made = 0, from[2] = {face.id, some_neighbour(f, face.id)};
    some_area(f, face.box, &area);
    size_t n = (size_t)random_between(&f->r, 0, from[1] ? 2 : 1);
    enum wg_status s = wg_coverage_carve(f->c, &area, n, from, NULL, &made, err);
    wg_multipolygon_finish(&area);
    return s;
}

static enum wg_status dissolve(struct field *f, struct wg_error *err)
{
    return wg_coverage_dissolve(f->c, some_face(f).id, err);
}

/* Back and forth by a few steps, which are there. */
static enum wg_status undo(struct field *f, struct wg_error *err)
{
    size_t n = (size_t)random_between(&f->r, 1, 4);
    bool forth = random_next(&f->r) % 2;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        size_t there =
            forth ? wg_coverage_redo_count(f->c) : wg_coverage_undo_count(f->c);
        if ((forth ? wg_coverage_redo(f->c) : wg_coverage_undo(f->c)) != (there > 0))
            stop(f, "undo", "a step is not undone or redone");
    }
    return WG_OK;
}

static const struct operation {
    const char *name;
    enum wg_status (*run)(struct field *f, struct wg_error *err);
} operations[] = {
    {"move", move},         {"move", move},
    {"insert", insert},     {"delete", delete},
    {"move_arc", move_arc}, {"reshape", reshape},
    {"simplify", simplify}, {"densify", densify},
    {"split", split},       {"split_area", split_area},
    {"merge", merge},       {"merge", merge},
    {"transfer", transfer}, {"transfer_buildings", transfer_buildings},
    {"draw", draw},         {"carve", carve},
    {"dissolve", dissolve}, {"undo", undo},
};
enum { N_OPERATION = sizeof operations / sizeof *operations };

static bool may_refuse(enum wg_status s)
{
    return s == WG_CONSTRAINT || s == WG_NOT_FOUND || s == WG_INVALID ||
           s == WG_OUT_OF_RANGE || s == WG_GEOMETRY;
}

static void edit_once(struct field *f, bool look)
{
    size_t k = (size_t)random_between(&f->r, 0, N_OPERATION - 1);
    struct wg_error err = {0};
    struct bytes was = {0};
    size_t steps = wg_coverage_undo_count(f->c);
    f->what = operations[k].name;
    if (look)
        was = take_bytes(f);
    enum wg_status s = operations[k].run(f, &err);
    f->done++;
    f->by_kind[k]++;
    if (s == WG_OK) {
        f->passed_by_kind[k]++;
    } else if (!may_refuse(s)) {
        stop(f, wg_status_name(s), err.text);
    } else {
        f->refused++;
        if (s == WG_CONSTRAINT && !wg_coverage_refusal(f->c)->reason)
            stop(f, "refused without a reason", err.text);
        if (!*err.text)
            stop(f, "refused", "without a word");
        if (wg_coverage_undo_count(f->c) != steps)
            stop(f, "refused", "but there is a step more");
        if (look)
            same_bytes(f, &was, "refused");
    }
    if (look)
        prove(f);
    wg_free(was.at);
}

static void undo_all(struct field *f, const struct bytes *first)
{
    struct bytes last = take_bytes(f);
    size_t n = wg_coverage_undo_count(f->c), m = 0;
    f->what = "undo all";
    while (wg_coverage_undo(f->c))
        m++;
    if (m != n)
        stop(f, "undo all", "not every step");
    prove(f);
    same_bytes(f, first, "undo all");
    f->what = "redo all";
    for (size_t i = 0; i < n; i++)
        if (!wg_coverage_redo(f->c))
            stop(f, "redo all", "not every step");
    prove(f);
    same_bytes(f, &last, "redo all");
    wg_free(last.at);
}

/* ---- partitions ---- */

static uint64_t edits_wanted(void)
{
    const char *text = getenv("WG_EDITS");
    return text ? strtoull(text, NULL, 10) : EDITS;
}

static void run_field(const char *name, size_t n, const struct wg_coverage_grid *grid,
                      const struct wg_coverage_options *options, uint64_t share)
{
    struct wg_error err = {0};
    uint64_t edits = edits_wanted() * share / 100 + 1;
    for (uint64_t round = 0; edits > 0; round++) {
        uint64_t count = edits < ROUND ? edits : ROUND;
        struct field f = {.name = name, .seed = 20261124 + round, .what = "build"};
        f.r.state = f.seed;
        if (wg_coverage_build(n, grid, options, &f.c, &err))
            stop(&f, "build", err.text);
        wg_coverage_parents_follow(f.c, round % 3 == 2);
        prove(&f);
        struct bytes first = take_bytes(&f);
        bool small = n <= 60;
        for (uint64_t i = 0; i < count; i++) {
            edit_once(&f, small || i % 50 == 0);
            if (i % 250 == 249)
                ask_geos(&f);
        }
        ask_geos(&f);
        undo_all(&f, &first);
        printf("# %s: seed %llu, %llu edits, %llu refused, %llu proofs, %llu overlays:",
               name, (unsigned long long)f.seed, (unsigned long long)f.done,
               (unsigned long long)f.refused, (unsigned long long)f.proofs,
               (unsigned long long)f.overlays);
        for (int k = 0; k < N_OPERATION; k++)
            printf(" %s %llu/%llu", operations[k].name,
                   (unsigned long long)f.passed_by_kind[k],
                   (unsigned long long)f.by_kind[k]);
        printf("\n");
        fflush(stdout);
        wg_free(first.at);
        wg_coverage_close(f.c);
        edits -= count;
    }
}

/* Halves by the middle of the box, so that there are parents' boundaries. */
static void give_parents(struct wg_coverage_grid *grid, size_t n)
{
    struct wg_box all = wg_box_empty();
    for (size_t i = 0; i < n; i++)
        all = wg_box_union(all, wg_multipolygon_box(&grid[i].geometry));
    for (size_t i = 0; i < n; i++) {
        struct wg_box b = wg_multipolygon_box(&grid[i].geometry);
        grid[i].parent =
            (b.min_x + b.max_x) / 2 < (all.min_x + all.max_x) / 2 ? 1000001 : 1000002;
    }
}

static struct wg_coverage_grid *grids_of(const struct partition *p, size_t n)
{
    struct wg_coverage_grid *grid = calloc(n + 1, sizeof *grid);
    for (size_t i = 0; i < n; i++)
        grid[i] = (struct wg_coverage_grid){.id = (int64_t)i + 1,
                                            .code = p->grid[i].code,
                                            .level = 5,
                                            .geometry = *p->grid[i].geometry};
    return grid;
}

static void a_real_one(const char *file, const char *code, size_t most, uint64_t share)
{
    char path[1024];
    const char *folder = getenv("WG_TEST_SHARED");
    struct partition p = {.n = 0};
    size_t n_invalid = 0;
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", file);
    if (!folder || access(path, R_OK) != 0) {
        printf("# skipped: no %s in WG_TEST_SHARED\n", file);
        return;
    }
    assert_true(partition_read(path, code, &p, &n_invalid));
    /* Degrees to about metres, vertex by vertex: what was shared stays so. */
    struct wg_multipolygon *mp = p.mp;
    double scale = cos(mp[0].y[0] * acos(-1) / 180) * 111320;
    for (size_t i = 0; i < p.n; i++)
        for (uint32_t k = 0; k < mp[i].n_vertex; k++) {
            mp[i].x[k] = wg_lattice_snap(mp[i].x[k] * scale);
            mp[i].y[k] = wg_lattice_snap(mp[i].y[k] * 110540);
        }
    size_t n = p.n < most ? p.n : most;
    struct wg_coverage_grid *grid = grids_of(&p, n);
    struct wg_coverage_options options = {.heal_m = 0.05};
    run_field(file, n, grid, &options, share);
    free(grid);
    partition_finish(&p);
}

static void a_generated_one(uint32_t cols, uint32_t rows, bool parents, uint64_t share)
{
    struct partition_kind kind = {"sheet", cols, rows, 100, 25};
    struct partition p = {.n = 0};
    assert_true(partition_make(&kind, &p));
    struct wg_coverage_grid *grid = grids_of(&p, p.n);
    if (parents)
        give_parents(grid, p.n);
    run_field(parents ? "a sheet with parents" : "a sheet", p.n, grid, NULL, share);
    free(grid);
    partition_finish(&p);
}

static void small_sheets(void **state)
{
    (void)state;
    a_generated_one(3, 3, false, 20);
    a_generated_one(5, 4, false, 15);
}

static void sheets_with_parents(void **state)
{
    (void)state;
    a_generated_one(6, 4, true, 20);
}

static void a_large_sheet(void **state)
{
    (void)state;
    a_generated_one(40, 25, true, 10);
}

static void real_wards(void **state)
{
    (void)state;
    a_real_one("dc/ward.geojson", "code", 100, 3);
}

static void real_beats(void **state)
{
    (void)state;
    a_real_one("dc/psa.geojson", "code", 100, 7);
}

static void real_districts(void **state)
{
    (void)state;
    a_real_one("dc/smd.geojson", "code", 400, 10);
}

static void real_tracts(void **state)
{
    (void)state;
    a_real_one("olinda/tracts.geojson", "CD_GEOCODI", 1000, 10);
}

static void real_areas(void **state)
{
    (void)state;
    a_real_one("bristol/oa.geojson", "code", 2000, 5);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_sheets),  cmocka_unit_test(sheets_with_parents),
        cmocka_unit_test(a_large_sheet), cmocka_unit_test(real_wards),
        cmocka_unit_test(real_beats),    cmocka_unit_test(real_districts),
        cmocka_unit_test(real_tracts),   cmocka_unit_test(real_areas),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
