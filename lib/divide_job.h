/*
 * Inside a division: the area becomes faces (divide_block.c), faces belong to atoms that
 * are never cut, atoms are grouped (divide_group.c), the borders of groups are drawn
 * straight (divide_line.c).
 */
#ifndef WG_DIVIDE_JOB_H
#define WG_DIVIDE_JOB_H

#include "arrange.h"
#include "lattice.h"
#include "wangge/divide.h"

/* Sources of segments. */
#define WG_DIVIDE_STREET 1u
#define WG_DIVIDE_OUTLINE 2u
#define WG_DIVIDE_WALL 4u
#define WG_DIVIDE_BETWEEN 8u
#define WG_DIVIDE_WIDE 16u      /* a gap as wide as a lane */
#define WG_DIVIDE_VERY_WIDE 32u /* as a street */

#define WG_DIVIDE_NONE UINT32_MAX

struct wg_divide_edge {
    uint32_t to;
    double length, street; /* metres; of which along a street */
};

struct wg_divide_atoms {
    struct wg_lattice lattice;
    struct wg_arrangement faces;
    uint32_t *of_face; /* atom of a face; WG_DIVIDE_NONE: outside the area */
    uint32_t n;
    double *households, *area, *outline; /* outline: metres of the area's own boundary */
    struct wg_point *middle;
    uint32_t *first; /* edges of atom a: edge[first[a] … first[a + 1]) */
    struct wg_divide_edge *edge;
    size_t n_building; /* that belong to the area */
    size_t *building;  /* numbers in the survey */
    uint32_t *of_building;
};

struct wg_divide_job {
    const struct wg_multipolygon *area;
    const struct wg_survey *survey;
    struct wg_divide_options options; /* with defaults filled in */
    struct wg_divide_atoms atoms;
    uint32_t n_group;
    uint32_t *group; /* of each atom */
    uint64_t done, total;
    struct wg_error *err;
};

enum wg_status wg_divide_make_atoms(struct wg_divide_job *job);
void wg_divide_atoms_finish(struct wg_divide_atoms *atoms);
enum wg_status wg_divide_make_groups(struct wg_divide_job *job);
/* Polygons of the groups, in order of group. */
enum wg_status wg_divide_draw(struct wg_divide_job *job, struct wg_multipolygon *out,
                              double *on_street);
/* False: cancelled. */
bool wg_divide_tell(struct wg_divide_job *job, uint64_t done);

static inline uint64_t wg_divide_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint32_t wg_divide_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* The lower one stays the root: the result does not depend on the order. */
static inline void wg_divide_unite(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = wg_divide_root(parent, a);
    b = wg_divide_root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

#endif
