/* Reads the city: buildings and what lies under them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "model_build.h"
#include "words.h"

enum { FIELD_POSTS = 320 };

struct reading {
    struct model_city *city;
    struct shapes_room room, surface_room;
    size_t cap, cap_surface, cap_road, cap_road_xy, cap_scheme, n_road_xy;
    int64_t *part_of; /* of each building, 0: a whole */
    bool failed;      /* out of memory */
};

enum wg_status model_no_memory(struct wg_error *err)
{
    if (err) {
        *err = (struct wg_error){.status = WG_NO_MEMORY, .row = -1, .x = NAN, .y = NAN};
        snprintf(err->text, sizeof err->text, "%s", _("Out of memory."));
    }
    return WG_NO_MEMORY;
}

int32_t model_index(const int64_t *id, uint32_t n, int64_t wanted)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (id[mid] < wanted)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && id[low] == wanted ? (int32_t)low : -1;
}

/* ---- buildings ---- */

#define MORE(array, cap)                                                                 \
    do {                                                                                 \
        void *moved = realloc(array, (cap) * sizeof *(array));                           \
        if (!moved)                                                                      \
            return false;                                                                \
        (array) = moved;                                                                 \
    } while (0)

static bool more_buildings(struct reading *r)
{
    struct model_city *c = r->city;
    if (c->n < r->cap)
        return true;
    size_t cap = r->cap ? r->cap * 2 : 1024;
    MORE(c->id, cap);
    MORE(c->whole, cap);
    MORE(c->hidden, cap);
    MORE(c->cx, cap);
    MORE(c->cy, cap);
    MORE(c->box, cap);
    MORE(c->foot_z, cap);
    MORE(c->zero_z, cap);
    MORE(c->base_m, cap);
    MORE(c->height_m, cap);
    MORE(c->facts, cap);
    MORE(r->part_of, cap);
    r->cap = cap;
    return true;
}

static int32_t count_of(int64_t n)
{
    return n < 0 ? WG_UNKNOWN : n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

/* Where no height is stored a building still stands: two storeys. */
static float height_of(const struct wg_building *b)
{
    double h = b->height_m;
    if (!(h > 0) || !isfinite(h))
        h = b->floors > 0 ? 3.0 * (double)b->floors : 6;
    return (float)fmin(h, 4000);
}

static bool on_building(const struct wg_building *b, void *user)
{
    struct reading *r = user;
    struct model_city *c = r->city;
    if (!more_buildings(r) || !shapes_add(&c->shape, &r->room, &b->geometry)) {
        r->failed = true;
        return false;
    }
    uint32_t i = c->n++;
    struct wg_point centre = wg_multipolygon_centroid(&b->geometry);
    c->id[i] = b->id;
    r->part_of[i] = b->part_of;
    c->whole[i] = -1;
    c->hidden[i] = b->has_parts || !b->geometry.n_vertex;
    c->cx[i] = centre.x;
    c->cy[i] = centre.y;
    c->box[i] = wg_multipolygon_box(&b->geometry);
    c->height_m[i] = height_of(b);
    c->base_m[i] = b->base_m > 0 ? (float)fmin(b->base_m, c->height_m[i]) : 0;
    c->facts[i] = (struct model_facts){
        .code = arena_string(c->arena, b->code),
        .name = arena_string(c->arena, b->name),
        .use = arena_string(c->arena, b->use),
        .address = arena_string(c->arena, b->address),
        .height_from = arena_string(c->arena, b->height_from),
        .floors = count_of(b->floors),
        .households = count_of(b->households),
        .population = count_of(b->population),
        .elderly_alone = count_of(b->elderly_alone),
    };
    return true;
}

/* The ground's heights under a footprint's outline. */
static void stand(struct model_city *c, uint32_t i)
{
    struct wg_multipolygon mp = model_shape(&c->shape, i);
    double low = INFINITY, high = -INFINITY;
    for (uint32_t r = 0; r < mp.n_ring; r++)
        field_range(&c->field, mp.ring[r + 1] - mp.ring[r], mp.x + mp.ring[r],
                    mp.y + mp.ring[r], &low, &high);
    if (!(low <= high))
        low = high = c->field.flat_z;
    /* Heights count from the middle of a slope; the uphill side stays above ground. */
    double h = c->height_m[i];
    c->foot_z[i] = low;
    c->zero_z[i] = fmax((low + high) / 2, high + fmin(h, 2.5) - h);
}

static void stand_all(struct reading *r)
{
    struct model_city *c = r->city;
    for (uint32_t i = 0; i < c->n; i++) {
        c->whole[i] = r->part_of[i] ? model_index(c->id, c->n, r->part_of[i]) : -1;
        stand(c, i);
    }
    for (uint32_t i = 0; i < c->n; i++) { /* all parts count from where the whole does */
        if (c->whole[i] < 0)
            continue;
        c->zero_z[i] = c->zero_z[c->whole[i]];
        c->foot_z[i] = fmin(c->foot_z[i], c->zero_z[i]);
    }
}

/* ---- the ground ---- */

static enum model_surface_kind surface_kind(const char *kind)
{
    static const struct {
        const char *word;
        enum model_surface_kind kind;
    } words[] = {{"water", SURFACE_WATER},   {"river", SURFACE_WATER},
                 {"lake", SURFACE_WATER},    {"square", SURFACE_SQUARE},
                 {"plaza", SURFACE_SQUARE},  {"yard", SURFACE_YARD},
                 {"court", SURFACE_YARD},    {"courtyard", SURFACE_YARD},
                 {"parking", SURFACE_YARD},  {"sand", SURFACE_SAND},
                 {"beach", SURFACE_SAND}};
    for (size_t i = 0; kind && i < sizeof words / sizeof *words; i++)
        if (strcmp(kind, words[i].word) == 0)
            return words[i].kind;
    return SURFACE_GREEN;
}

static bool on_surface(const struct wg_surface *s, void *user)
{
    struct reading *r = user;
    struct model_city *c = r->city;
    uint8_t *moved =
        grow(c->surface_kind, c->n_surface, &r->cap_surface, sizeof *c->surface_kind);
    if (moved)
        c->surface_kind = moved;
    if (!moved || !shapes_add(&c->surface, &r->surface_room, &s->geometry)) {
        r->failed = true;
        return false;
    }
    c->surface_kind[c->n_surface++] = (uint8_t)surface_kind(s->kind);
    c->extent = wg_box_union(c->extent, wg_multipolygon_box(&s->geometry));
    return true;
}

static int road_rank(const char *class_code)
{
    static const char *const words[] = {"main", "street", "lane", "path"};
    for (int i = 0; class_code && i < 4; i++)
        if (strcmp(class_code, words[i]) == 0)
            return i;
    return 1;
}

static bool add_road_point(struct reading *r, double x, double y)
{
    struct model_city *c = r->city;
    if (r->n_road_xy == r->cap_road_xy) {
        size_t cap = r->cap_road_xy ? r->cap_road_xy * 2 : 256;
        MORE(c->road_x, cap);
        MORE(c->road_y, cap);
        r->cap_road_xy = cap;
    }
    c->road_x[r->n_road_xy] = x;
    c->road_y[r->n_road_xy++] = y;
    c->extent = wg_box_grow(c->extent, x, y);
    return true;
}

static bool on_road(const struct wg_road *road, void *user)
{
    static const double width[] = {18, 10, 5, 2.2};
    struct reading *r = user;
    struct model_city *c = r->city;
    struct model_road *moved = grow(c->road, c->n_road, &r->cap_road, sizeof *c->road);
    if (moved)
        c->road = moved;
    bool ok = moved != NULL;
    size_t first = r->n_road_xy;
    for (size_t i = 0; i < road->n && ok; i++)
        ok = add_road_point(r, road->x[i], road->y[i]);
    if (!ok) {
        r->failed = true;
        return false;
    }
    int rank = road_rank(road->class_code);
    c->road[c->n_road++] = (struct model_road){
        .width_m = road->width_m > 0 && road->width_m < 200 ? road->width_m : width[rank],
        .rank = rank,
        .first = first,
        .n = road->n,
    };
    return true;
}

static bool on_scheme(const struct wg_scheme *s, void *user)
{
    struct reading *r = user;
    struct model_city *c = r->city;
    struct model_scheme *moved =
        grow(c->scheme, c->n_scheme, &r->cap_scheme, sizeof *c->scheme);
    if (!moved) {
        r->failed = true;
        return false;
    }
    c->scheme = moved;
    c->scheme[c->n_scheme++] = (struct model_scheme){
        .id = s->id,
        .name = arena_string(c->arena, s->name),
        .title = arena_string(c->arena, s->title && *s->title ? s->title : s->name),
    };
    return true;
}

static enum wg_status read_terrain(struct wg_store *store, struct model_city *c,
                                   struct wg_error *err)
{
    struct wg_terrain terrain = {0};
    struct wg_error no_terrain;
    enum wg_status status = wg_terrain_read(store, &terrain, &no_terrain);
    if (status == WG_NOT_FOUND) {
        field_init(&c->field, NULL, FIELD_POSTS);
        return WG_OK;
    }
    if (status) {
        if (err)
            *err = no_terrain;
        return status;
    }
    c->has_terrain = true;
    bool ok = field_init(&c->field, &terrain, FIELD_POSTS);
    wg_terrain_finish(&terrain);
    return ok ? WG_OK : model_no_memory(err);
}

static enum wg_status read_district(struct wg_store *store, struct model_city *c,
                                    struct wg_error *err)
{
    struct wg_district d = {0};
    enum wg_status status = wg_district_read(store, &d, err);
    if (status)
        return status;
    c->path = arena_string(c->arena, wg_store_path(store));
    c->name = arena_string(c->arena, d.name);
    c->lang = arena_string(c->arena, d.lang);
    c->crs = arena_string(c->arena, d.crs);
    c->crs_name = arena_string(c->arena, d.crs_name);
    wg_district_finish(&d);
    return wg_district_extent(store, &c->extent, err);
}

static enum wg_status read_all(struct wg_store *store, struct reading *r,
                               struct wg_error *err)
{
    const struct wg_filter in_force = {0};
    enum wg_status status = read_district(store, r->city, err);
    if (!status)
        status = read_terrain(store, r->city, err);
    if (!status)
        status = wg_scheme_each(store, &in_force, on_scheme, r, err);
    if (!status && !r->failed)
        status = wg_building_each(store, &in_force, on_building, r, err);
    if (!status && !r->failed)
        status = wg_surface_each(store, &in_force, on_surface, r, err);
    if (!status && !r->failed)
        status = wg_road_each(store, &in_force, on_road, r, err);
    if (!status && r->failed)
        status = model_no_memory(err);
    return status;
}

enum wg_status model_read_city(struct wg_store *store, struct model_city **out,
                               struct wg_error *err)
{
    struct reading r = {.city = calloc(1, sizeof *r.city)};
    enum wg_status status = WG_OK;
    *out = NULL;
    if (!r.city)
        return model_no_memory(err);
    r.city->arena = arena_create();
    r.city->extent = wg_box_empty();
    if (!r.city->arena || !shapes_begin(&r.city->shape, &r.room) ||
        !shapes_begin(&r.city->surface, &r.surface_room) || !more_buildings(&r))
        status = model_no_memory(err);
    if (!status)
        status = read_all(store, &r, err);
    if (!status)
        stand_all(&r);
    free(r.part_of);
    if (status)
        model_city_destroy(r.city);
    else
        *out = r.city;
    return status;
}
