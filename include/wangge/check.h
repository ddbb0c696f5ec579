#ifndef WANGGE_CHECK_H
#define WANGGE_CHECK_H
/* Is a scheme what it should be?  Findings: rule, grids, place, size, cure. */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wg_rule {
    WG_RULE_GAP = 1,       /* enclosed by grids, owned by none; m²; grid: the parent or
                              none, other: the neighbour of the longest border */
    WG_RULE_OVERLAP,       /* two grids of one level; m² */
    WG_RULE_INVALID_RING,  /* not a valid polygon */
    WG_RULE_OUTSIDE_PARENT,/* m² outside */
    WG_RULE_NO_PARENT,     /* below another level, yet without a parent */
    WG_RULE_CODE_FORM,     /* code does not have the scheme's form */
    WG_RULE_CODE_PREFIX,   /* code does not begin with its parent's */
    WG_RULE_CUT_BUILDING,  /* share outside its owner, 0 … 1 */
    WG_RULE_HOUSEHOLDS,    /* outside the size norm; households */
    WG_RULE_AREA,          /* outside the size norm; m² */
    WG_RULE_NO_OFFICER,    /* nobody on duty */
    WG_RULE_SLIVER,        /* a gap or overlap narrower than sliver_width_m; m² */
    WG_RULE_UNMATCHED,     /* a vertex on a neighbour's edge, where it has none; metres off it */
    WG_RULE_UNFILLED,      /* children leave some of their parent to nobody; m² */
    WG_RULE_PARENT_CHAIN,  /* a parent that has ended, is of no higher level, or a circle */
    WG_RULE_CODE_TWICE,    /* two grids in force with one code (another program wrote it) */
    WG_RULE_CODE_ORDER,    /* first issue not north-west first; grids out of order */
    WG_RULE_CODE_WITHDRAWN,/* a code that another grid had before */
    WG_RULE_POPULATION,    /* outside the size norm; people */
    WG_RULE_MANAGEMENT     /* not 1–5 adjacent unit grids of one community; how many */
};
WG_API const char *wg_rule_name(enum wg_rule rule); /* "gap", "overlap" … */

struct wg_finding {
    enum wg_rule rule;
    int64_t scheme, grid, other, building; /* 0 where not meant */
    const char *grid_code, *other_code;    /* borrowed, NULL where not meant */
    double x, y;   /* place, district CRS; NaN: none; of areas well inside */
    double size;   /* in the rule's unit */
    double width;  /* of a gap or overlap: diameter of the largest circle in it, metres;
                      NaN: not meant */
    const struct wg_multipolygon *area; /* what is wrong, on the lattice; NULL: a place
                                           only; borrowed */
    const char *text, *cure; /* sentences in the user's language; borrowed */
};
typedef bool wg_finding_fn(const struct wg_finding *finding, void *user);

/* What a grid should have.  A bound that is not known (WG_UNKNOWN, NaN) is none. */
struct wg_size_norm {
    const char *kind; /* of the grids it is for, "basic" or "dedicated"; NULL: of those
                         that have no norm of their own */
    int64_t households_min, households_max, population_min, population_max;
    double area_min_m2, area_max_m2;
};
WG_API void wg_size_norm_init(struct wg_size_norm *norm); /* nothing known */

struct wg_check_options {
    int64_t scheme;      /* 0: every scheme in force */
    double sliver_m2;    /* gaps and overlaps up to this area are passed over; 0: up to
                            0.01 m², and what is narrower than 2 mm */
    bool no_norms;       /* skip size norms and officers */
    /* Gaps and overlaps narrower than this are told by the rule "sliver"; 0: they are
     * told as gaps and overlaps like all others. */
    double sliver_width_m;
    /* Norms instead of those of the scheme.  Without any: the scheme's own, and where it
     * has none for households and its codes have a form, 300–500 for a basic grid that
     * has no children (unless no_default_norms). */
    size_t n_norm;
    const struct wg_size_norm *norm;
    bool no_default_norms;
    /* Grids with children are management grids: 1–5 unit grids, connected by borders, of
     * one community. */
    bool management;
};
/* The store is read only.  `n` (may be NULL) is the number of findings. */
WG_API enum wg_status wg_check(struct wg_store *store,
                               const struct wg_check_options *options,
                               struct wg_progress progress, wg_finding_fn *fn,
                               void *user, int64_t *n, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
