/* The fixed little district that the picture tests draw. */
#include "small_district.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <wangge/wangge.h>

static const double west = 617000, south = 3067000;
static struct wg_error err;

struct ring {
    double x[16], y[16];
    uint32_t part[2], ring[3];
};

static struct wg_multipolygon box(struct ring *r, double x, double y, double w, double h)
{
    const double px[5] = {x, x + w, x + w, x, x}, py[5] = {y, y, y + h, y + h, y};
    memcpy(r->x, px, sizeof px);
    memcpy(r->y, py, sizeof py);
    r->part[0] = r->ring[0] = 0;
    r->part[1] = 1;
    r->ring[1] = 5;
    return (struct wg_multipolygon){1, 1, 5, r->part, r->ring, r->x, r->y};
}

/* The same with a court in it. */
static struct wg_multipolygon court(struct ring *r, double x, double y, double w, double h)
{
    struct wg_multipolygon mp = box(r, x, y, w, h);
    const double a = w * 0.25, b = h * 0.25;
    const double px[5] = {x + a, x + a, x + w - a, x + w - a, x + a};
    const double py[5] = {y + b, y + h - b, y + h - b, y + b, y + b};
    memcpy(r->x + 5, px, sizeof px);
    memcpy(r->y + 5, py, sizeof py);
    r->part[1] = 2;
    r->ring[2] = 10;
    mp.n_ring = 2;
    mp.n_vertex = 10;
    return mp;
}

static bool terrain(struct wg_store *store)
{
    float z[41 * 41];
    for (int row = 0; row < 41; row++)
        for (int col = 0; col < 41; col++)
            z[row * 41 + col] = (float)(30 + 12 * sin(col * 0.22) * cos(row * 0.17));
    struct wg_terrain t = {41, 41, west - 100, south - 100, 15, z};
    return wg_terrain_write(store, &t, &err) == WG_OK;
}

static bool ground(struct wg_store *store)
{
    struct ring r;
    struct wg_surface s;
    struct wg_road road;
    int64_t id;
    const double lx[2] = {west, west + 400}, ly[2] = {south + 200, south + 200};
    wg_surface_init(&s);
    s.kind = "water";
    s.geometry = box(&r, west, south, 60, 400);
    bool ok = wg_surface_create(store, &s, &id, &err) == WG_OK;
    wg_road_init(&road);
    road.class_code = "main";
    road.width_m = 16;
    road.n = 2;
    road.x = lx;
    road.y = ly;
    return ok && wg_road_create(store, &road, &id, &err) == WG_OK;
}

static bool grids(struct wg_store *store)
{
    struct wg_scheme s;
    int64_t scheme, id;
    wg_scheme_init(&s);
    s.name = "basic";
    bool ok = wg_scheme_create(store, &s, &scheme, &err) == WG_OK;
    for (int i = 0; ok && i < 4; i++) {
        struct ring r;
        struct wg_grid g;
        char code[8];
        snprintf(code, sizeof code, "G%d", i + 1);
        wg_grid_init(&g);
        g.scheme = scheme;
        g.code = code;
        g.geometry = box(&r, west + i % 2 * 200, south + i / 2 * 200, 200, 200);
        ok = wg_grid_create(store, &g, &id, &err) == WG_OK;
    }
    return ok;
}

static bool event(struct wg_store *store, int64_t building, int level, double x, double y)
{
    struct wg_event e;
    int64_t id;
    wg_event_init(&e);
    e.building = building;
    e.level = level;
    e.x = x;
    e.y = y;
    e.title = "test";
    return wg_event_create(store, &e, &id, &err) == WG_OK;
}

static bool buildings(struct wg_store *store)
{
    bool ok = true;
    for (int i = 0; ok && i < 36; i++) {
        struct ring r;
        struct wg_building b;
        int64_t id;
        double x = west + 70 + i % 6 * 54, y = south + 12 + i / 6 * 64;
        wg_building_init(&b);
        b.geometry = i % 7 == 3 ? court(&r, x, y, 40, 40) : box(&r, x, y, 22 + i % 4 * 5, 36);
        b.height_m = 9 + (i * 37) % 60;
        b.base_m = i == 20 ? 6 : 0;
        b.floors = 3 + i % 9;
        ok = wg_building_create(store, &b, &id, &err) == WG_OK;
        if (ok && i % 8 == 2)
            ok = event(store, id, 1 + i / 8 % 4, x + 5, y + 5);
    }
    return ok;
}

bool small_district(const char *path)
{
    struct wg_create_options options = {.crs = "EPSG:4545", .name = "golden"};
    struct wg_store *store = NULL;
    bool ok = wg_store_create(path, &options, &err) == WG_OK &&
              wg_store_open(path, NULL, &store, &err) == WG_OK && terrain(store) &&
              ground(store) && grids(store) && buildings(store);
    if (!ok)
        fprintf(stderr, "%s\n", err.text);
    wg_store_close(store);
    return ok;
}
