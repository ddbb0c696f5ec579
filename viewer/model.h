#ifndef VIEWER_MODEL_H
#define VIEWER_MODEL_H
/*
 * The district in memory: three snapshots, frozen once made, each with its own pace.
 * The city (buildings, ground) changes rarely, the partition (the chosen scheme's grids
 * and owners) with boundary edits, the live part (alert levels, counts) all the time.
 * A set of three always belongs together.  No GL, no SQL.
 *
 * Buildings and grids are named by their index in the snapshot; -1 is none.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"
#include "wangge/wangge.h"

struct arena;

/* Polygons of many things in few arrays. */
struct model_shapes {
    uint32_t n;
    size_t *first_part, *first_ring, *first_vertex; /* n + 1 each, into the pools */
    uint32_t *part, *ring; /* as in wg_multipolygon, each thing counting from 0 */
    double *x, *y;
};
/* A view of one thing; borrowed. */
struct wg_multipolygon model_shape(const struct model_shapes *shapes, uint32_t i);

struct model_facts { /* of a building; strings are never NULL, "" is not known */
    const char *code, *name, *use, *address, *height_from;
    int32_t floors, households, population, elderly_alone; /* WG_UNKNOWN */
};

enum model_surface_kind {
    SURFACE_WATER, SURFACE_GREEN, SURFACE_SQUARE, SURFACE_YARD, SURFACE_SAND
};

struct model_road {
    double width_m;
    int rank; /* 0 main, 1 street, 2 lane, 3 path */
    size_t first, n; /* into road_x, road_y */
};

struct model_scheme {
    int64_t id;
    const char *name, *title;
};

struct model_city {
    struct arena *arena;
    const char *path, *name, *lang, *crs, *crs_name;
    struct wg_box extent; /* of buildings, grids and ground things; may be empty */
    struct field field;
    bool has_terrain;

    uint32_t n; /* buildings and their 3D parts */
    int64_t *id;
    int32_t *whole;      /* index of the building this is a part of, or -1 */
    bool *hidden;        /* parts stand for it */
    double *cx, *cy;     /* centroid */
    struct wg_box *box;
    double *foot_z;      /* where its walls begin: the lowest ground under it */
    double *zero_z;      /* the ground its heights count from */
    float *base_m, *height_m; /* above zero_z */
    struct model_shapes shape;
    struct model_facts *facts;

    uint32_t n_surface, n_road;
    uint8_t *surface_kind;
    struct model_shapes surface;
    struct model_road *road;
    double *road_x, *road_y;

    uint32_t n_scheme;
    struct model_scheme *scheme;
};

struct model_grid {
    int64_t id;
    int32_t parent;   /* index, -1 */
    int level;        /* enum wg_level */
    bool leaf;        /* owns; grids with children are drawn as heavier boundaries */
    const char *code, *name; /* never NULL */
    const char *officer, *phone; /* "" if nobody is on duty */
    double area_m2;
    struct wg_box box;
    double label_x, label_y, label_z; /* a point well inside, on the ground */
    uint8_t hue;      /* 0 … THEME_HUES-1; neighbours differ */
    uint32_t n_building;
    int64_t households, population; /* sums of what is known */
};

struct model_partition {
    struct arena *arena;
    int64_t scheme; /* 0: the district has none */
    const char *scheme_name, *scheme_title;
    uint32_t n; /* by code */
    struct model_grid *grid;
    struct model_shapes shape;
    int32_t *owner; /* of each building of the city: index of its grid, -1 outside */
    uint32_t n_outside, n_cut;
};

struct model_tally { /* open events and active alerts */
    uint32_t open;       /* open events */
    uint32_t level[5];   /* of which, by alert level */
    uint32_t building[5];/* buildings by their worst level */
    uint8_t worst;       /* the worst level of its buildings; 0: none */
};

struct model_live {
    uint8_t *level;    /* of each building of the city, enum wg_alert_level */
    uint16_t *n_open;  /* of each building */
    struct model_tally *grid; /* of each grid of the partition */
    struct model_tally all;
    int64_t at_ms;     /* when it was read (wg_instant_now) */
    int64_t change;    /* seq of the change log it stands for */
};

struct model {
    const struct model_city *city;           /* NULL while loading */
    const struct model_partition *partition; /* NULL while loading */
    const struct model_live *live;           /* NULL while loading */
};

/* Each reads through its own calls of the public API; run them inside one read
 * transaction.  scheme NULL: the first by id.  On failure `*out` is NULL. */
enum wg_status model_read_city(struct wg_store *store, struct model_city **out,
                               struct wg_error *err);
enum wg_status model_read_partition(struct wg_store *store, const struct model_city *city,
                                    int64_t scheme, struct model_partition **out,
                                    struct wg_error *err);
enum wg_status model_read_live(struct wg_store *store, const struct model_city *city,
                               const struct model_partition *partition,
                               struct model_live **out, struct wg_error *err);
void model_city_destroy(struct model_city *city);
void model_partition_destroy(struct model_partition *partition);
void model_live_destroy(struct model_live *live);

/* The building a person means by it: the whole of a part. */
int32_t model_whole(const struct model_city *city, int32_t building);
double model_top(const struct model_city *city, uint32_t building); /* z of its roof */
int32_t model_grid_by_code(const struct model_partition *partition, const char *code);
#endif
