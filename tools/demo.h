/*
 * The demo district: a believable hill-city community, the same for the same seed.
 *
 * A plan is a warped lattice of street lines.  Its cells are blocks, bounded by street
 * centre lines, so any set of cells is a polygon that shares its vertices with its
 * neighbours: grids are sets of cells, and follow the streets.
 */
#ifndef TOOLS_DEMO_H
#define TOOLS_DEMO_H

#include <wangge/wangge.h>

struct demo_options {
    int64_t buildings; /* 0: as many as a community has */
    uint64_t seed;
    bool chinese;      /* names in Chinese, else in English */
    int64_t until_ms;  /* the last moment of the year of events */
};

/* Random numbers: splitmix64, one stream for each purpose. */
struct demo_random {
    uint64_t state;
};
struct demo_random demo_random_make(uint64_t seed, uint64_t stream);
uint64_t demo_random_next(struct demo_random *r);
double demo_random_unit(struct demo_random *r);                   /* [0, 1) */
double demo_random_range(struct demo_random *r, double a, double b);
int demo_random_int(struct demo_random *r, int a, int b);         /* a … b */
bool demo_random_chance(struct demo_random *r, double p);
double demo_noise(uint64_t seed, double x, double y); /* smooth, about -1 … 1 */

enum demo_use {
    DEMO_RIVER,
    DEMO_OLD_QUARTER,
    DEMO_SLABS,
    DEMO_TOWERS,
    DEMO_CENTRE, /* shops and offices */
    DEMO_SCHOOL,
    DEMO_SQUARE,
    DEMO_HILL,   /* a wooded hill with a few houses */
    DEMO_WORKS   /* small industry and depots */
};

struct demo_cell {
    enum demo_use use;
    double households; /* weight while planning, a count afterwards */
};

struct demo_plan {
    const struct demo_options *options;
    int cols, rows;           /* of cells */
    int river;                /* its column */
    double size_m;            /* nominal side of a cell */
    struct wg_point origin;   /* the middle of the district */
    struct wg_point *node;    /* (cols + 1) × (rows + 1) street crossings */
    struct demo_cell *cell;   /* cols × rows */
};

bool demo_plan_make(struct demo_plan *plan, const struct demo_options *options,
                    double blocks);
void demo_plan_finish(struct demo_plan *plan);
struct wg_point demo_node(const struct demo_plan *plan, int col, int row);
struct demo_cell *demo_cell(const struct demo_plan *plan, int col, int row);
double demo_ground(const struct demo_plan *plan, double x, double y); /* metres */
bool demo_is_main(const struct demo_plan *plan, bool column, int line);
double demo_road_width(const struct demo_plan *plan, bool column, int line);
/* A bilinear point of a cell: u east, v north, 0 … 1. */
struct wg_point demo_inside(const struct demo_plan *plan, int col, int row, double u,
                            double v);

/* A rectangle of cells: what a grid is made of. */
struct demo_patch {
    int col0, row0, col1, row1; /* half open */
    int parent;                 /* index of the patch one level up, -1: none */
    char code[WG_CODE_MAX + 1];
    char name[64];
};
/* Cut the plan into `n` patches of about equal households. */
bool demo_cut(const struct demo_plan *plan, struct demo_patch whole, int n,
              struct demo_patch *out);
/* Its outline as one ring of street crossings. */
bool demo_outline(const struct demo_plan *plan, const struct demo_patch *patch,
                  struct wg_multipolygon *out);

/* A building being planned. */
struct demo_house {
    struct wg_point corner[24]; /* one open ring */
    int n;
    struct wg_point yard[8];    /* a court (a hole), open ring */
    int n_yard;
    int col, row;
    const char *use;            /* "residential", "commercial", "public", … */
    const char *roof;
    int floors;
    double height_m, base_m, roof_m;
    double dwellings;           /* weight, then households */
    int households, population, elderly_alone;
    int estate;                 /* number of its estate, for the name */
    int number;                 /* of the building in it */
};

struct demo_surface {
    const char *kind, *name;
    struct wg_point corner[64];
    int n;
};

struct demo_city {
    struct demo_plan plan;
    struct demo_house *house;
    size_t n_house, cap_house;
    struct demo_surface *surface;
    size_t n_surface, cap_surface;
};

/* Fill every cell with buildings and surfaces; false when memory is out. */
bool demo_build(struct demo_city *city);
void demo_city_finish(struct demo_city *city);

/* Spread counts over houses so that the sums are exact. */
bool demo_people(struct demo_city *city, int64_t households, int64_t population);

/* Plan and people for the options; false when memory is out. */
bool demo_make(struct demo_city *city, const struct demo_options *options);

/* Write everything into the open store, in one transaction. */
enum wg_status demo_write(struct wg_store *store, struct demo_city *city,
                          struct wg_progress progress, struct wg_error *err);
enum wg_status demo_write_life(struct wg_store *store, const struct demo_city *city,
                               const int64_t *house_id, const int64_t *grid_id,
                               int n_grid, struct wg_error *err);

#endif
