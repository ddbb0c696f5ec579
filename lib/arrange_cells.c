/* Owns the cells over a mesh: which segments are near a place, and which of them clash.
 */
#include <math.h>
#include <string.h>

#include "arrange_job.h"
#include "internal.h"

__extension__ typedef __int128 wide;

enum {
    CROWD = 24,   /* more segments than that in a cell: it gets a grid of its own */
    PATIENCE = 3, /* grids in grids that part nothing, before it is given up */
    REF_MAX = 12  /* entries a segment, over all */
};

/* ---- which cells a segment enters -------------------------------------------------- */

struct columns {
    int32_t from, to; /* none when from > to */
};

/* Rows of a grid from the south, closed; false: it misses the grid. */
static bool rows_of(const struct wg_cell_grid *g, struct wg_spot a, struct wg_spot b,
                    struct columns *rows)
{
    int64_t from = ((int64_t)a.y - g->min_y) >> g->shift_y,
            to = ((int64_t)b.y - g->min_y) >> g->shift_y;
    if (to < 0 || from >= g->ny)
        return false;
    rows->from = from < 0 ? 0 : (int32_t)from;
    rows->to = to >= g->ny ? (int32_t)g->ny - 1 : (int32_t)to;
    return true;
}

/* Columns it may enter in a row: never too few. */
static struct columns columns_of(const struct wg_cell_grid *g, struct wg_spot a,
                                 struct wg_spot b, int32_t row)
{
    int64_t low = a.x < b.x ? a.x : b.x, high = a.x < b.x ? b.x : a.x;
    int64_t south = g->min_y + ((int64_t)row << g->shift_y),
            north = south + ((int64_t)1 << g->shift_y);
    if (low != high && (a.y < south || b.y > north)) {
        double slope = ((double)b.x - a.x) / ((double)b.y - a.y);
        double p = a.x + slope * (double)((a.y < south ? south : a.y) - a.y);
        double q = a.x + slope * (double)((b.y > north ? north : b.y) - a.y);
        int64_t west = (int64_t)floor(p < q ? p : q) - 1,
                east = (int64_t)ceil(p < q ? q : p) + 1;
        low = west > low ? west : low;
        high = east < high ? east : high;
    }
    low = (low - g->min_x) >> g->shift_x;
    high = (high - g->min_x) >> g->shift_x;
    return (struct columns){low < 0 ? 0 : (int32_t)low,
                            high >= g->nx ? (int32_t)g->nx - 1 : (int32_t)high};
}

/* ---- building ---------------------------------------------------------------------- */

/* What a grid is to hold: its box and how far its segments run in it. */
struct extent {
    int64_t min_x, min_y, max_x, max_y;
    double sum_x, sum_y;
};

/* The part of a segment in a closed box, roughly: its own box, cut. */
static void add_extent(struct extent *e, const struct extent *clip, struct wg_spot a,
                       struct wg_spot b)
{
    int64_t west = a.x < b.x ? a.x : b.x, east = a.x < b.x ? b.x : a.x, south = a.y,
            north = b.y;
    west = west < clip->min_x ? clip->min_x : west;
    east = east > clip->max_x ? clip->max_x : east;
    south = south < clip->min_y ? clip->min_y : south;
    north = north > clip->max_y ? clip->max_y : north;
    if (west > east || south > north)
        return;
    e->min_x = west < e->min_x ? west : e->min_x;
    e->max_x = east > e->max_x ? east : e->max_x;
    e->min_y = south < e->min_y ? south : e->min_y;
    e->max_y = north > e->max_y ? north : e->max_y;
    e->sum_x += (double)(east - west);
    e->sum_y += (double)(north - south);
}

/* About one cell a segment, as wide to high as the segments are, and twice their size. */
static void plan(struct wg_cell_grid *g, const struct extent *e, size_t n)
{
    double wide_x = (double)(e->max_x - e->min_x + 1),
           wide_y = (double)(e->max_y - e->min_y + 1);
    double mean_x = e->sum_x / (double)n + 0.5, mean_y = e->sum_y / (double)n + 0.5;
    double cell = fmax(wide_x * wide_y / (double)n, 4 * mean_x * mean_y);
    double w = sqrt(cell * mean_x / mean_y), h = cell / w;
    if (w > wide_x) {
        w = wide_x;
        h = cell / w;
    } else if (h > wide_y) {
        h = wide_y;
        w = cell / h;
    }
    int sx = (int)lround(log2(fmax(w, 1))), sy = (int)lround(log2(fmax(h, 1)));
    g->min_x = (int32_t)e->min_x;
    g->min_y = (int32_t)e->min_y;
    for (;;) {
        uint64_t nx = ((uint64_t)(e->max_x - e->min_x) >> sx) + 1,
                 ny = ((uint64_t)(e->max_y - e->min_y) >> sy) + 1;
        if (nx * ny <= 4 * (uint64_t)n + 16) {
            g->nx = (uint32_t)nx;
            g->ny = (uint32_t)ny;
            break;
        }
        if (nx >= ny)
            sx++;
        else
            sy++;
    }
    g->shift_x = sx;
    g->shift_y = sy;
}

static void grid_finish(struct wg_cell_grid *g)
{
    free(g->first);
    free(g->ref);
    free(g->child);
    free(g->west);
    *g = (struct wg_cell_grid){0};
}

/* Lists the segments of `from` (NULL: all of the mesh) in the planned grid. */
static bool fill(struct wg_cell_grid *g, const struct wg_mesh *mesh, size_t n,
                 const uint32_t *from)
{
    size_t n_cell = (size_t)g->nx * g->ny;
    g->first = calloc(n_cell + 2, sizeof *g->first);
    if (!g->first)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            uint32_t s = from ? from[i] : (uint32_t)i;
            struct wg_spot a = mesh->spot[mesh->a[s]], b = mesh->spot[mesh->b[s]];
            struct columns rows;
            if (!rows_of(g, a, b, &rows))
                continue;
            for (int32_t row = rows.from; row <= rows.to; row++) {
                struct columns c = columns_of(g, a, b, row);
                uint32_t *at = g->first + (size_t)row * g->nx;
                for (int32_t col = c.from; col <= c.to; col++)
                    if (pass == 0)
                        at[col + 2]++;
                    else
                        g->ref[at[col + 1]++] = s;
            }
        }
        if (pass == 1)
            break;
        uint64_t sum = 0;
        for (size_t c = 2; c < n_cell + 2; c++) {
            sum += g->first[c];
            if (sum > UINT32_MAX - 1)
                return false;
            g->first[c] = (uint32_t)sum;
        }
        g->ref = malloc((size_t)(sum + 1) * sizeof *g->ref);
        if (!g->ref)
            return false;
    }
    return true;
}

/* Pairs that would be looked at in the grid's cells. */
static double work_in(const struct wg_cell_grid *g)
{
    double work = 0;
    for (size_t c = 0; c < (size_t)g->nx * g->ny; c++) {
        double k = (double)(g->first[c + 1] - g->first[c]);
        work += k * k;
    }
    return work;
}

/* A grid for one crowded cell; *child stays WG_NOWHERE when that does not help. */
struct crowd {
    struct wg_cells *cells;
    const struct wg_mesh *mesh;
    size_t n_ref, ref_max;
};

static bool part_cells(struct crowd *job, size_t grid, int patience);

static bool part_cell(struct crowd *job, const struct wg_cell_grid *parent, size_t cell,
                      int patience, uint32_t *child)
{
    struct wg_cells *cells = job->cells;
    const uint32_t *ref = parent->ref + parent->first[cell];
    size_t n = parent->first[cell + 1] - parent->first[cell];
    struct wg_cell_grid g = {0};
    struct extent clip = {0}, e = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, 0, 0};

    clip.min_x = parent->min_x + ((int64_t)(cell % parent->nx) << parent->shift_x);
    clip.min_y = parent->min_y + ((int64_t)(cell / parent->nx) << parent->shift_y);
    clip.max_x = clip.min_x + ((int64_t)1 << parent->shift_x);
    clip.max_y = clip.min_y + ((int64_t)1 << parent->shift_y);
    for (size_t i = 0; i < n; i++)
        add_extent(&e, &clip, job->mesh->spot[job->mesh->a[ref[i]]],
                   job->mesh->spot[job->mesh->b[ref[i]]]);
    if (e.min_x > e.max_x || job->n_ref + 4 * n > job->ref_max)
        return true;
    plan(&g, &e, n);
    if (g.nx * g.ny == 1)
        return true;
    if (!fill(&g, job->mesh, n, ref) ||
        !wg_grow((void **)&cells->grid, &cells->cap, cells->n + 1, sizeof *cells->grid)) {
        grid_finish(&g);
        return false;
    }
    bool parted = work_in(&g) < 0.5 * (double)n * (double)n;
    size_t n_ref = g.first[(size_t)g.nx * g.ny];
    if (n_ref > 4 * n || (!parted && patience == 0)) {
        grid_finish(&g);
        return true;
    }
    job->n_ref += n_ref;
    *child = (uint32_t)cells->n;
    cells->grid[cells->n++] = g;
    return part_cells(job, *child, parted ? PATIENCE : patience - 1);
}

static bool part_cells(struct crowd *job, size_t grid, int patience)
{
    struct wg_cell_grid g = job->cells->grid[grid]; /* the array may move */
    size_t n_cell = (size_t)g.nx * g.ny;
    for (size_t c = 0; c < n_cell; c++) {
        uint32_t child = WG_NOWHERE;
        if (g.first[c + 1] - g.first[c] <= CROWD)
            continue;
        if (!part_cell(job, &g, c, patience, &child))
            return false;
        if (child == WG_NOWHERE)
            continue;
        if (!g.child) {
            g.child = malloc(n_cell * sizeof *g.child);
            if (!g.child)
                return false;
            memset(g.child, 0xFF, n_cell * sizeof *g.child);
            job->cells->grid[grid].child = g.child;
        }
        g.child[c] = child;
    }
    return true;
}

bool wg_cells_build(const struct wg_mesh *mesh, struct wg_cells *out)
{
    struct wg_cells cells = {0};
    struct extent all = {INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX, 0, 0};
    struct extent e = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, 0, 0};
    struct crowd job = {&cells, mesh, 0, REF_MAX * (size_t)mesh->n_segment + 64};

    *out = cells;
    if (mesh->n_segment == 0)
        return true;
    for (uint32_t s = 0; s < mesh->n_segment; s++)
        add_extent(&e, &all, mesh->spot[mesh->a[s]], mesh->spot[mesh->b[s]]);
    bool ok = wg_grow((void **)&cells.grid, &cells.cap, 1, sizeof *cells.grid);
    if (ok) {
        cells.grid[0] = (struct wg_cell_grid){0};
        cells.n = 1;
        plan(cells.grid, &e, mesh->n_segment);
        ok = fill(cells.grid, mesh, mesh->n_segment, NULL);
    }
    if (ok) {
        job.n_ref = cells.grid->first[(size_t)cells.grid->nx * cells.grid->ny];
        ok = part_cells(&job, 0, PATIENCE);
    }
    if (!ok) {
        wg_cells_finish(&cells);
        return false;
    }
    *out = cells;
    return true;
}

void wg_cells_finish(struct wg_cells *cells)
{
    for (size_t i = 0; i < cells->n; i++)
        grid_finish(&cells->grid[i]);
    free(cells->grid);
    *cells = (struct wg_cells){0};
}

/* ---- the ray to the west ----------------------------------------------------------- */

/* Where a segment meets the ray's height: num / den, den > 0. */
struct meet {
    wide num;
    int64_t den, dx;
    uint32_t segment;
};

/* Is p east of q, a hair above the height? */
static bool is_east(const struct meet *p, const struct meet *q)
{
    wide left = p->num * q->den, right = q->num * p->den;
    if (left != right)
        return left > right;
    return (wide)p->dx * q->den > (wide)q->dx * p->den;
}

static void try_segment(const struct wg_mesh *mesh, uint32_t s, struct wg_spot from,
                        struct meet *best)
{
    struct wg_spot a = mesh->spot[mesh->a[s]], b = mesh->spot[mesh->b[s]];
    if (a.y > from.y || b.y <= from.y || wg_spot_cross(a, b, from) >= 0)
        return;
    struct meet it = {0, (int64_t)b.y - a.y, (int64_t)b.x - a.x, s};
    it.num = (wide)a.x * it.den + (wide)((int64_t)from.y - a.y) * it.dx;
    if (best->segment == WG_NOWHERE || is_east(&it, best))
        *best = it;
}

/* Can a ray meet something in a cell: is there one that is not level? */
static bool rises_in(const struct wg_cell_grid *g, const struct wg_mesh *mesh, size_t c)
{
    if (g->child && g->child[c] != WG_NOWHERE)
        return true;
    for (uint32_t i = g->first[c]; i < g->first[c + 1]; i++) {
        uint32_t s = g->ref[i];
        if (mesh->spot[mesh->a[s]].y != mesh->spot[mesh->b[s]].y)
            return true;
    }
    return false;
}

bool wg_cells_ready_rays(struct wg_cells *cells, const struct wg_mesh *mesh)
{
    for (size_t i = 0; i < cells->n; i++) {
        struct wg_cell_grid *g = &cells->grid[i];
        if (g->west)
            continue;
        g->west = malloc((size_t)g->nx * g->ny * sizeof *g->west);
        if (!g->west)
            return false;
        for (uint32_t row = 0; row < g->ny; row++) {
            uint32_t away = 1;
            for (uint32_t col = 0; col < g->nx; col++) {
                size_t c = (size_t)row * g->nx + col;
                g->west[c] = away;
                away = rises_in(g, mesh, c) ? 1 : away + 1;
            }
        }
    }
    return true;
}

/* True when nothing further west can be nearer. */
static bool look_west(const struct wg_cells *cells, const struct wg_mesh *mesh,
                      uint32_t grid, struct wg_spot from, struct meet *best)
{
    const struct wg_cell_grid *g = &cells->grid[grid];
    int64_t row = ((int64_t)from.y - g->min_y) >> g->shift_y,
            col = ((int64_t)from.x - g->min_x) >> g->shift_x;
    if (row < 0 || row >= g->ny)
        return false;
    size_t c = 0;
    for (col = col >= g->nx ? g->nx - 1 : col; col >= 0; col -= g->west[c]) {
        c = (size_t)row * g->nx + (size_t)col;
        int64_t west = g->min_x + (col << g->shift_x);
        if (g->child && g->child[c] != WG_NOWHERE) {
            look_west(cells, mesh, g->child[c], from, best);
        } else {
            for (uint32_t i = g->first[c]; i < g->first[c + 1]; i++)
                try_segment(mesh, g->ref[i], from, best);
        }
        if (best->segment != WG_NOWHERE && best->num >= (wide)west * best->den)
            return true;
    }
    return false;
}

uint32_t wg_cells_west(const struct wg_cells *cells, const struct wg_mesh *mesh,
                       struct wg_spot from)
{
    struct meet best = {0, 1, 0, WG_NOWHERE};
    if (cells->n > 0)
        look_west(cells, mesh, 0, from, &best);
    return best.segment;
}
