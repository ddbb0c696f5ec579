/* Owns snapping: the best place near the pointer to put a point. */
#include <math.h>

#include "coverage_puts.h"
#include "internal.h"
#include "survey_job.h"

struct hunt {
    const struct wg_coverage *c;
    const struct wg_survey *survey;
    struct wg_lattice lattice;
    struct wg_point at;
    double best; /* metres */
    bool found;
    struct wg_point point;
};

static void consider(struct hunt *hunt, struct wg_point p)
{
    double d = hypot(p.x - hunt->at.x, p.y - hunt->at.y);
    struct wg_spot spot;

    if (!(d <= hunt->best) || (hunt->found && d == hunt->best) ||
        !wg_lattice_spot(&hunt->lattice, p.x, p.y, &spot))
        return;
    hunt->best = d;
    hunt->found = true;
    hunt->point = wg_lattice_point(&hunt->lattice, spot);
}

/* The point of a–b nearest to `at`. */
static struct wg_point foot(struct wg_point a, struct wg_point b, struct wg_point at)
{
    double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? ((at.x - a.x) * dx + (at.y - a.y) * dy) / length2 : 0;

    t = fmin(fmax(t, 0), 1);
    return (struct wg_point){a.x + t * dx, a.y + t * dy};
}

static struct wg_point end_of(const struct hunt *hunt, uint32_t vertex)
{
    return wg_lattice_point(&hunt->lattice, wg_coverage_spot(hunt->c, vertex));
}

static bool see_vertices(uint32_t segment, void *user)
{
    const struct wg_segment *s = wg_coverage_segment(((struct hunt *)user)->c, segment);
    consider(user, end_of(user, s->a));
    consider(user, end_of(user, s->b));
    return true;
}

static bool see_middle(uint32_t segment, void *user)
{
    const struct wg_segment *s = wg_coverage_segment(((struct hunt *)user)->c, segment);
    struct wg_point a = end_of(user, s->a), b = end_of(user, s->b);
    consider(user, (struct wg_point){(a.x + b.x) / 2, (a.y + b.y) / 2});
    return true;
}

static bool see_edge(uint32_t segment, void *user)
{
    struct hunt *hunt = user;
    const struct wg_segment *s = wg_coverage_segment(hunt->c, segment);
    consider(hunt, foot(end_of(hunt, s->a), end_of(hunt, s->b), hunt->at));
    return true;
}

/* Segments within reach; what is further than the lattice goes is cut off. */
static void over_segments(struct hunt *hunt, wg_segment_fn *see)
{
    const double reach = WG_LATTICE_REACH;
    double x = hunt->at.x / WG_LATTICE_STEP - (double)hunt->lattice.x;
    double y = hunt->at.y / WG_LATTICE_STEP - (double)hunt->lattice.y;
    double r = hunt->best / WG_LATTICE_STEP + 1;

    if (!(x + r >= -reach && x - r <= reach && y + r >= -reach && y - r <= reach))
        return;
    struct wg_spot min = {(int32_t)fmax(floor(x - r), -reach),
                          (int32_t)fmax(floor(y - r), -reach)};
    struct wg_spot max = {(int32_t)fmin(ceil(x + r), reach),
                          (int32_t)fmin(ceil(y + r), reach)};
    wg_coverage_near(hunt->c, min, max, see, hunt);
}

static bool see_building(size_t i, void *user)
{
    struct hunt *hunt = user;
    struct wg_survey_building building;

    wg_survey_at(hunt->survey, i, &building);
    for (uint32_t v = 0; v < building.footprint->n_vertex; v++)
        consider(hunt,
                 (struct wg_point){building.footprint->x[v], building.footprint->y[v]});
    return true;
}

static bool see_street(size_t i, void *user)
{
    struct hunt *hunt = user;
    struct wg_line line;
    const char *class_code;

    wg_survey_street(hunt->survey, i, &line, &class_code);
    for (uint32_t v = 0; v + 1 < line.n; v++) {
        struct wg_point a = {line.x[v], line.y[v]}, b = {line.x[v + 1], line.y[v + 1]};
        consider(hunt, foot(a, b, hunt->at));
    }
    return true;
}

static struct wg_box box_about(const struct hunt *hunt)
{
    return (struct wg_box){hunt->at.x - hunt->best, hunt->at.y - hunt->best,
                           hunt->at.x + hunt->best, hunt->at.y + hunt->best};
}

static void look_for(struct hunt *hunt, enum wg_snap_kind kind)
{
    switch (kind) {
    case WG_SNAP_VERTEX:
        over_segments(hunt, see_vertices);
        break;
    case WG_SNAP_MIDPOINT:
        over_segments(hunt, see_middle);
        break;
    case WG_SNAP_EDGE:
        over_segments(hunt, see_edge);
        break;
    case WG_SNAP_BUILDING:
        if (hunt->survey)
            wg_survey_near(hunt->survey, box_about(hunt), see_building, hunt);
        break;
    case WG_SNAP_STREET:
        if (hunt->survey)
            wg_survey_streets_near(hunt->survey, box_about(hunt), see_street, hunt);
        break;
    }
}

bool wg_coverage_snap(const struct wg_coverage *coverage, const struct wg_survey *survey,
                      struct wg_point at, unsigned kinds, double within_m,
                      struct wg_snapped *out)
{
    static const enum wg_snap_kind order[] = {
        WG_SNAP_VERTEX, WG_SNAP_BUILDING, WG_SNAP_MIDPOINT, WG_SNAP_STREET, WG_SNAP_EDGE};

    if (!isfinite(at.x) || !isfinite(at.y) || !(within_m >= 0))
        return false;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct hunt hunt = {.c = coverage,
                            .survey = survey,
                            .lattice = wg_coverage_lattice(coverage),
                            .at = at,
                            .best = within_m};
        if (!(kinds & (unsigned)order[i]))
            continue;
        look_for(&hunt, order[i]);
        if (!hunt.found)
            continue;
        *out = (struct wg_snapped){order[i], hunt.point,
                                   hypot(hunt.point.x - at.x, hunt.point.y - at.y)};
        return true;
    }
    return false;
}
