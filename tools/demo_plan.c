/* The plan of the demo district: streets, blocks and their uses, ground, grids. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

/* Near 27.72 N, 109.19 E in EPSG:4545; the place is real, everything on it invented. */
static const struct wg_point demo_middle = {617356.0, 3067980.0};
static const double block_m = 104.0;
static const double river_level_m = 246.0;

struct demo_random demo_random_make(uint64_t seed, uint64_t stream)
{
    struct demo_random r = {seed * 0x9e3779b97f4a7c15u + stream * 0xd1342543de82ef95u};
    demo_random_next(&r);
    return r;
}

uint64_t demo_random_next(struct demo_random *r)
{
    uint64_t z = (r->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double demo_random_unit(struct demo_random *r)
{
    return (double)(demo_random_next(r) >> 11) * 0x1p-53;
}

double demo_random_range(struct demo_random *r, double a, double b)
{
    return a + (b - a) * demo_random_unit(r);
}

int demo_random_int(struct demo_random *r, int a, int b)
{
    return a + (int)(demo_random_unit(r) * (b - a + 1));
}

bool demo_random_chance(struct demo_random *r, double p)
{
    return demo_random_unit(r) < p;
}

static double noise_at(uint64_t seed, int64_t ix, int64_t iy)
{
    struct demo_random r = demo_random_make(
        seed, (uint64_t)ix * 0x8da6b343u ^ (uint64_t)iy * 0xd8163841u << 20);
    return 2 * demo_random_unit(&r) - 1;
}

double demo_noise(uint64_t seed, double x, double y)
{
    double fx = floor(x), fy = floor(y);
    double u = x - fx, v = y - fy;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    int64_t ix = (int64_t)fx, iy = (int64_t)fy;
    double south = noise_at(seed, ix, iy) * (1 - u) + noise_at(seed, ix + 1, iy) * u;
    double north =
        noise_at(seed, ix, iy + 1) * (1 - u) + noise_at(seed, ix + 1, iy + 1) * u;
    return south * (1 - v) + north * v;
}

struct wg_point demo_node(const struct demo_plan *plan, int col, int row)
{
    return plan->node[(size_t)row * (size_t)(plan->cols + 1) + (size_t)col];
}

struct demo_cell *demo_cell(const struct demo_plan *plan, int col, int row)
{
    return &plan->cell[(size_t)row * (size_t)plan->cols + (size_t)col];
}

bool demo_is_main(const struct demo_plan *plan, bool column, int line)
{
    if (column)
        return line == plan->river || line == plan->river + 1 ||
               (line - plan->river) % 5 == 3;
    return line % 5 == 2;
}

double demo_road_width(const struct demo_plan *plan, bool column, int line)
{
    if (demo_is_main(plan, column, line))
        return 20;
    return line % 2 ? 10 : 8;
}

struct wg_point demo_inside(const struct demo_plan *plan, int col, int row, double u,
                            double v)
{
    struct wg_point sw = demo_node(plan, col, row), se = demo_node(plan, col + 1, row);
    struct wg_point nw = demo_node(plan, col, row + 1);
    struct wg_point ne = demo_node(plan, col + 1, row + 1);
    struct wg_point p = {
        (sw.x * (1 - u) + se.x * u) * (1 - v) + (nw.x * (1 - u) + ne.x * u) * v,
        (sw.y * (1 - u) + se.y * u) * (1 - v) + (nw.y * (1 - u) + ne.y * u) * v};
    return p;
}

/* Where the middle of the river runs at a northing. */
static double river_x(const struct demo_plan *plan, double y)
{
    double t = (y - plan->origin.y) / plan->size_m;
    double west = plan->origin.x - plan->cols * plan->size_m / 2;
    return west + (plan->river + 0.5) * plan->size_m +
           plan->size_m * (0.55 * sin(t * 0.42 + 0.6) + 0.25 * sin(t * 0.17 + 2.1));
}

/* The ground rises from the river bank to hills; roads and houses follow it. */
double demo_ground(const struct demo_plan *plan, double x, double y)
{
    uint64_t seed = plan->options->seed;
    double away = fabs(x - river_x(plan, y)) - plan->size_m * 0.34;
    if (away <= 0)
        return river_level_m;
    double bank = fmin(away / 26, 1);
    bank = 5.5 * bank * bank * (3 - 2 * bank);
    double inland = away > 40 ? away - 40 : 0;
    double rise = 34 * (1 - exp(-inland / 700));
    double rough = fmin(inland / 250, 1);
    double hills = 13 * demo_noise(seed + 11, x / 430, y / 430) +
                   4 * demo_noise(seed + 12, x / 170, y / 170);
    double high = demo_noise(seed + 13, x / 900, y / 900);
    high = high > 0.18 ? 120 * (high - 0.18) * (high - 0.18) : 0;
    return river_level_m + bank + rise + rough * (hills + high + 6);
}

static void lay_nodes(struct demo_plan *plan)
{
    uint64_t seed = plan->options->seed;
    const double s = plan->size_m;
    for (int row = 0; row <= plan->rows; row++) {
        for (int col = 0; col <= plan->cols; col++) {
            double u = col - plan->cols / 2.0, v = row - plan->rows / 2.0;
            double x = plan->origin.x + u * s, y = plan->origin.y + v * s;
            /* A slow bend that keeps lines smooth, then a small shift of each. */
            double off = fabs(col - plan->river - 0.5);
            double loose = 1 - exp(-off / 2.5); /* beside the river lines keep to it */
            x += loose * (0.40 * s * demo_noise(seed + 1, v * 0.31, 7 + u * 0.11) +
                          0.11 * s * demo_noise(seed + 2, u * 1.7, v * 1.7));
            y += 0.40 * s * demo_noise(seed + 3, u * 0.27, 3 + v * 0.12) +
                 0.10 * s * demo_noise(seed + 4, u * 1.7, 40 + v * 1.7);
            if (col == plan->river || col == plan->river + 1)
                x = river_x(plan, y) + (col == plan->river ? -0.62 : 0.62) * s;
            else { /* near the river streets follow its bends, farther off no more */
                double bend = river_x(plan, y) -
                              (plan->origin.x +
                               (plan->river + 0.5 - plan->cols / 2.0) * s);
                x += bend * exp(-off / 4.0) + (col > plan->river ? 0.12 : -0.12) * s;
            }
            struct wg_point *p =
                &plan->node[(size_t)row * (size_t)(plan->cols + 1) + (size_t)col];
            p->x = wg_lattice_snap(x);
            p->y = wg_lattice_snap(y);
        }
    }
}

static enum demo_use choose_use(const struct demo_plan *plan, int col, int row,
                                struct demo_random *r)
{
    if (col == plan->river)
        return DEMO_RIVER;
    struct wg_point c = demo_inside(plan, col, row, 0.5, 0.5);
    double hill = demo_noise(plan->options->seed + 13, c.x / 900, c.y / 900);
    if (hill > 0.52 || (hill > 0.3 && demo_random_chance(r, 0.45)))
        return DEMO_HILL;
    int d = abs(col - plan->river);
    double old = demo_noise(plan->options->seed + 21, col * 0.23, row * 0.23);
    double rich = demo_noise(plan->options->seed + 22, col * 0.31, row * 0.31);
    if (col % 11 == (plan->river + 4) % 11 && row % 9 == 4)
        return DEMO_SQUARE;
    if (abs((col - plan->river) % 11 - 4) <= 1 && abs(row % 9 - 4) <= 1)
        return demo_random_chance(r, 0.62) ? DEMO_CENTRE : DEMO_TOWERS;
    if ((col * 7 + row * 13) % 29 == 5)
        return DEMO_SCHOOL;
    if (d > 12 && demo_noise(plan->options->seed + 23, col * 0.15, row * 0.15) > 0.45)
        return DEMO_WORKS;
    if (old > 0.24 || (d == 1 && demo_random_chance(r, 0.3)))
        return DEMO_OLD_QUARTER;
    if (rich > 0.12 || demo_random_chance(r, 0.2))
        return DEMO_TOWERS;
    return DEMO_SLABS;
}

/* One square, one school: a small district must have them wherever chance put them. */
static void ensure_uses(struct demo_plan *plan)
{
    int col = plan->river + 1 + (plan->cols - plan->river - 1) / 2;
    int row = plan->rows / 2;
    demo_cell(plan, col, row)->use = DEMO_SQUARE;
    if (plan->cols > 6 && plan->rows > 5) {
        demo_cell(plan, col + 1, row)->use = DEMO_CENTRE;
        demo_cell(plan, col, row - 1)->use = DEMO_CENTRE;
        demo_cell(plan, col - 2, row + 2)->use = DEMO_SCHOOL;
    }
}

bool demo_plan_make(struct demo_plan *plan, const struct demo_options *options,
                    double blocks)
{
    memset(plan, 0, sizeof *plan);
    plan->options = options;
    plan->size_m = block_m;
    plan->origin = demo_middle;
    plan->rows = (int)fmax(3, lround(sqrt(blocks) * 0.92));
    plan->cols = (int)fmax(4, lround(blocks / plan->rows) + 1);
    plan->river = plan->cols > 24 ? plan->cols / 3 : 0;
    size_t nodes = (size_t)(plan->cols + 1) * (size_t)(plan->rows + 1);
    plan->node = calloc(nodes, sizeof *plan->node);
    plan->cell = calloc((size_t)plan->cols * (size_t)plan->rows, sizeof *plan->cell);
    if (!plan->node || !plan->cell) {
        demo_plan_finish(plan);
        return false;
    }
    lay_nodes(plan);
    struct demo_random r = demo_random_make(options->seed, 2);
    for (int row = 0; row < plan->rows; row++)
        for (int col = 0; col < plan->cols; col++)
            demo_cell(plan, col, row)->use = choose_use(plan, col, row, &r);
    ensure_uses(plan);
    return true;
}

void demo_plan_finish(struct demo_plan *plan)
{
    free(plan->node);
    free(plan->cell);
    plan->node = NULL;
    plan->cell = NULL;
}

static double patch_weight(const struct demo_plan *plan, const struct demo_patch *p)
{
    double sum = 0;
    for (int row = p->row0; row < p->row1; row++)
        for (int col = p->col0; col < p->col1; col++)
            sum += demo_cell(plan, col, row)->households;
    return sum;
}

/* Where to cut a patch so that the first side has `share` of the weight, and how far
 * from it the best cut is; along columns or along rows. */
static int best_cut(const struct demo_plan *plan, const struct demo_patch *p,
                    bool column, double share, double *miss)
{
    double total = patch_weight(plan, p), best = INFINITY;
    int from = column ? p->col0 : p->row0, to = column ? p->col1 : p->row1, at = -1;
    for (int cut = from + 1; cut < to; cut++) {
        struct demo_patch side = *p;
        if (column)
            side.col1 = cut;
        else
            side.row1 = cut;
        double off = fabs(patch_weight(plan, &side) - share * total);
        if (off < best) {
            best = off;
            at = cut;
        }
    }
    *miss = best;
    return at;
}

bool demo_cut(const struct demo_plan *plan, struct demo_patch whole, int n,
              struct demo_patch *out)
{
    if (n == 1) {
        *out = whole;
        return true;
    }
    int half = n / 2;
    double total = patch_weight(plan, &whole), miss_col, miss_row;
    int at_col = best_cut(plan, &whole, true, (double)half / n, &miss_col);
    int at_row = best_cut(plan, &whole, false, (double)half / n, &miss_row);
    if (at_col < 0 && at_row < 0)
        return false;
    /* Cut across the longer side, unless the other balances much better. */
    double wide = whole.col1 - whole.col0, tall = whole.row1 - whole.row0;
    double cost_col = miss_col / (total + 1e-9) + 0.10 * tall / wide;
    double cost_row = miss_row / (total + 1e-9) + 0.10 * wide / tall;
    bool column = at_row < 0 || (at_col >= 0 && cost_col <= cost_row);
    struct demo_patch a = whole, b = whole;
    if (column)
        a.col1 = b.col0 = at_col;
    else
        a.row1 = b.row0 = at_row;
    return demo_cut(plan, a, half, out) && demo_cut(plan, b, n - half, out + half);
}

bool demo_outline(const struct demo_plan *plan, const struct demo_patch *p,
                  struct wg_multipolygon *out)
{
    uint32_t w = (uint32_t)(p->col1 - p->col0), h = (uint32_t)(p->row1 - p->row0);
    uint32_t n = 2 * (w + h) + 1;
    memset(out, 0, sizeof *out);
    out->part = malloc(2 * sizeof *out->part);
    out->ring = malloc(2 * sizeof *out->ring);
    out->x = malloc(n * sizeof *out->x);
    out->y = malloc(n * sizeof *out->y);
    if (!out->part || !out->ring || !out->x || !out->y) {
        wg_multipolygon_finish(out);
        return false;
    }
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t t = i % (n - 1);
        int col = p->col0, row = p->row0;
        if (t < w)
            col += (int)t;
        else if (t < w + h)
            col += (int)w, row += (int)(t - w);
        else if (t < 2 * w + h)
            col += (int)(2 * w + h - t), row += (int)h;
        else
            row += (int)(2 * w + 2 * h - t);
        struct wg_point q = demo_node(plan, col, row);
        out->x[k] = q.x;
        out->y[k++] = q.y;
    }
    out->part[0] = 0;
    out->part[1] = 1;
    out->ring[0] = 0;
    out->ring[1] = n;
    out->n_part = out->n_ring = 1;
    out->n_vertex = n;
    return true;
}
