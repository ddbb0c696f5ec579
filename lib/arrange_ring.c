/*
 * Owns the tracing of loose boundary segments into rings of valid polygons.
 *
 * A walk keeps to one sector of the inside at each spot, so it is one piece of the
 * boundary of one connected piece of the inside.  Split where it comes to a spot again it
 * gives simple rings: at most one of them counter-clockwise, the shell, and holes that
 * touch the shell or one another in single spots.  A walk without a shell is a hole (or
 * several that touch) in the piece that lies just west of it.
 */
#include <string.h>

#include "arrange_job.h"
#include "internal.h"

struct ring {
    uint32_t first, n; /* into job.corner: its spots, each once */
    uint32_t walk;
    uint32_t shell; /* ring it belongs to: itself, for a shell */
    bool is_shell;
};

struct walk {
    uint32_t west;  /* its westernmost spot, the lowest of them */
    uint32_t shell; /* ring, or WG_NOWHERE */
};

struct job {
    struct wg_mesh mesh;
    bool *turned; /* of a segment: it runs from b to a */
    uint32_t *first, *around;
    uint32_t *next;    /* segment after each */
    uint32_t *walk_of; /* of each segment */
    uint32_t *corner;  /* spots of all rings */
    uint32_t n_corner;
    struct ring *ring;
    size_t n_ring, cap_ring;
    struct walk *walk;
    size_t n_walk, cap_walk;
};

static uint32_t start_of(const struct job *job, uint32_t s)
{
    return job->turned[s] ? job->mesh.b[s] : job->mesh.a[s];
}

static uint32_t end_of(const struct job *job, uint32_t s)
{
    return job->turned[s] ? job->mesh.a[s] : job->mesh.b[s];
}

static enum wg_status fail_open(const struct job *job, uint32_t spot,
                                const struct wg_lattice *lattice, struct wg_error *err)
{
    struct wg_point at = wg_lattice_point(lattice, job->mesh.spot[spot]);
    return wg_fail_at(err, WG_INTERNAL, at.x, at.y,
                      _("a boundary is not closed here; please report the data"));
}

/* ---- segments and what follows them ------------------------------------------------ */

/* Those that run both ways have the inside on both sides: they are no boundary. */
static enum wg_status keep_boundary(struct job *job, const struct wg_lattice *lattice,
                                    struct wg_error *err)
{
    struct wg_mesh *m = &job->mesh;
    uint32_t kept = 0;

    job->turned = malloc(((size_t)m->n_segment + 1) * sizeof *job->turned);
    if (!job->turned)
        return wg_fail_memory(err);
    for (uint32_t s = 0; s < m->n_segment; s++) {
        int times = 0;
        for (uint32_t i = m->group[s]; i < m->group[s + 1]; i++)
            times += m->input[i] % 2 ? -1 : 1;
        if (times == 0)
            continue;
        if (times != 1 && times != -1)
            return fail_open(job, m->a[s], lattice, err);
        job->turned[kept] = times < 0;
        m->a[kept] = m->a[s];
        m->b[kept++] = m->b[s];
    }
    m->n_segment = kept;
    return WG_OK;
}

static enum wg_status link_segments(struct job *job, const struct wg_lattice *lattice,
                                    struct wg_error *err)
{
    const struct wg_mesh *m = &job->mesh;

    if (!wg_mesh_around(m, &job->first, &job->around))
        return wg_fail_memory(err);
    job->next = malloc(((size_t)m->n_segment + 1) * sizeof *job->next);
    if (!job->next)
        return wg_fail_memory(err);
    for (uint32_t v = 0; v < m->n_spot; v++) {
        if (job->first[v] == job->first[v + 1])
            continue;
        uint32_t clockwise = job->around[job->first[v + 1] - 1];
        for (uint32_t i = job->first[v]; i < job->first[v + 1]; i++) {
            uint32_t s = job->around[i];
            bool comes = end_of(job, s) == v;
            if (comes == (end_of(job, clockwise) == v))
                return fail_open(job, v, lattice, err);
            if (comes)
                job->next[s] = clockwise;
            clockwise = s;
        }
    }
    return WG_OK;
}

/* ---- walks, split into rings ------------------------------------------------------- */

static bool add_ring(struct job *job, const uint32_t *corner, uint32_t n, uint32_t walk)
{
    const struct wg_spot *spot = job->mesh.spot;
    uint64_t area2 = 0;
    uint32_t low = 0;

    if (!wg_grow((void **)&job->ring, &job->cap_ring, job->n_ring + 1, sizeof *job->ring))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        area2 += (uint64_t)wg_spot_cross(spot[corner[0]], spot[corner[i]],
                                         spot[corner[i + 1 < n ? i + 1 : 0]]);
        if (wg_spot_below(spot[corner[i]], spot[corner[low]]))
            low = i;
    }
    bool is_shell = (int64_t)area2 > 0;
    uint32_t number = (uint32_t)job->n_ring;
    memcpy(job->corner + job->n_corner, corner + low, (n - low) * sizeof *corner);
    memcpy(job->corner + job->n_corner + (n - low), corner, low * sizeof *corner);
    job->ring[job->n_ring++] = (struct ring){job->n_corner, n, walk, number, is_shell};
    job->n_corner += n;
    if (is_shell)
        job->walk[walk].shell = number;
    return true;
}

/* `path` and `place` (of each spot in path, or WG_NOWHERE) are scratch. */
static bool walk_from(struct job *job, uint32_t start, uint32_t *path, uint32_t *place)
{
    const struct wg_spot *spot = job->mesh.spot;
    uint32_t s = start, depth = 0, walk = (uint32_t)job->n_walk;
    uint32_t west = start_of(job, start);

    if (!wg_grow((void **)&job->walk, &job->cap_walk, job->n_walk + 1, sizeof *job->walk))
        return false;
    job->walk[job->n_walk++] = (struct walk){west, WG_NOWHERE};
    do {
        uint32_t v = start_of(job, s);
        if (spot[v].x < spot[west].x ||
            (spot[v].x == spot[west].x && spot[v].y < spot[west].y))
            west = v;
        if (place[v] != WG_NOWHERE) {
            uint32_t from = place[v];
            if (!add_ring(job, path + from, depth - from, walk))
                return false;
            while (depth > from)
                place[path[--depth]] = WG_NOWHERE;
        }
        place[v] = depth;
        path[depth++] = v;
        job->walk_of[s] = walk;
        s = job->next[s];
    } while (s != start);
    if (!add_ring(job, path, depth, walk))
        return false;
    while (depth > 0)
        place[path[--depth]] = WG_NOWHERE;
    job->walk[walk].west = west;
    return true;
}

static bool walk_all(struct job *job)
{
    uint32_t n = job->mesh.n_segment;
    uint32_t *path = malloc(((size_t)n + 1) * sizeof *path);
    uint32_t *place = malloc(((size_t)job->mesh.n_spot + 1) * sizeof *place);
    job->walk_of = malloc(((size_t)n + 1) * sizeof *job->walk_of);
    job->corner = malloc(((size_t)n + 1) * sizeof *job->corner);
    bool ok = path && place && job->walk_of && job->corner;

    if (ok) {
        memset(job->walk_of, 0xFF, n * sizeof *job->walk_of);
        memset(place, 0xFF, job->mesh.n_spot * sizeof *place);
    }
    for (uint32_t s = 0; ok && s < n; s++)
        if (job->walk_of[s] == WG_NOWHERE)
            ok = walk_from(job, s, path, place);
    free(path);
    free(place);
    return ok;
}

/* ---- holes into shells ----------------------------------------------------------- */

static int by_west(const void *a, const void *b, void *user)
{
    const struct job *job = user;
    uint32_t p = job->walk[*(const uint32_t *)a].west,
             q = job->walk[*(const uint32_t *)b].west;
    if (job->mesh.spot[p].x != job->mesh.spot[q].x)
        return job->mesh.spot[p].x < job->mesh.spot[q].x ? -1 : 1;
    return (p > q) - (p < q);
}

/* Walks of holes alone, from west to east, so that what the ray meets has its shell. */
static enum wg_status place_walks(struct job *job, const uint32_t *walk, uint32_t n,
                                  const struct wg_lattice *lattice, struct wg_error *err)
{
    struct wg_cells cells = {0};
    enum wg_status status = WG_OK;

    if (!wg_cells_build(&job->mesh, &cells) || !wg_cells_ready_rays(&cells, &job->mesh)) {
        wg_cells_finish(&cells);
        return wg_fail_memory(err);
    }
    for (uint32_t i = 0; i < n && !status; i++) {
        struct walk *w = &job->walk[walk[i]];
        uint32_t hit = wg_cells_west(&cells, &job->mesh, job->mesh.spot[w->west]);
        if (hit == WG_NOWHERE || !job->turned[hit])
            status = fail_open(job, w->west, lattice, err);
        else
            w->shell = job->walk[job->walk_of[hit]].shell;
    }
    wg_cells_finish(&cells);
    return status;
}

static enum wg_status place_holes(struct job *job, const struct wg_lattice *lattice,
                                  struct wg_error *err)
{
    uint32_t *walk = malloc((job->n_walk + 1) * sizeof *walk), n = 0;
    enum wg_status status = WG_OK;

    if (!walk)
        return wg_fail_memory(err);
    for (uint32_t w = 0; w < job->n_walk; w++)
        if (job->walk[w].shell == WG_NOWHERE)
            walk[n++] = w;
    if (n > 0) {
        qsort_r(walk, n, sizeof *walk, by_west, job);
        status = place_walks(job, walk, n, lattice, err);
    }
    for (size_t r = 0; r < job->n_ring; r++)
        if (!job->ring[r].is_shell)
            job->ring[r].shell = job->walk[job->ring[r].walk].shell;
    free(walk);
    return status;
}

/* ---- in order, as a multipolygon ------------------------------------------------- */

static int compare_spots(struct wg_spot a, struct wg_spot b)
{
    return wg_spot_below(a, b) ? -1 : wg_spot_below(b, a);
}

/* By the lowest spot; rings that share it differ in the next. */
static int compare_starts(const struct job *job, uint32_t a, uint32_t b)
{
    const struct wg_spot *spot = job->mesh.spot;
    const uint32_t *p = job->corner + job->ring[a].first,
                   *q = job->corner + job->ring[b].first;
    int order = compare_spots(spot[p[0]], spot[q[0]]);
    return order ? order : compare_spots(spot[p[1]], spot[q[1]]);
}

static int by_part(const void *a, const void *b, void *user)
{
    const struct job *job = user;
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    const struct ring *r = &job->ring[p], *s = &job->ring[q];
    if (r->shell != s->shell)
        return compare_starts(job, r->shell, s->shell);
    if (r->is_shell != s->is_shell)
        return r->is_shell ? -1 : 1;
    return compare_starts(job, p, q);
}

static void write_ring(const struct job *job, const struct ring *ring,
                       const struct wg_lattice *lattice, struct wg_multipolygon *out)
{
    for (uint32_t i = 0; i <= ring->n; i++) {
        uint32_t v = job->corner[ring->first + (i < ring->n ? i : 0)];
        struct wg_point at = wg_lattice_point(lattice, job->mesh.spot[v]);
        out->x[out->n_vertex] = at.x;
        out->y[out->n_vertex++] = at.y;
    }
}

static enum wg_status publish(const struct job *job, const struct wg_lattice *lattice,
                              struct wg_multipolygon *out, struct wg_error *err)
{
    size_t n_ring = job->n_ring, n_vertex = job->n_corner + n_ring;
    uint32_t *order = malloc((n_ring + 1) * sizeof *order);
    struct wg_multipolygon mp = {0};

    mp.part = malloc((n_ring + 1) * sizeof *mp.part);
    mp.ring = malloc((n_ring + 1) * sizeof *mp.ring);
    mp.x = malloc((n_vertex + 1) * sizeof *mp.x);
    mp.y = malloc((n_vertex + 1) * sizeof *mp.y);
    if (!order || !mp.part || !mp.ring || !mp.x || !mp.y) {
        free(order);
        wg_multipolygon_finish(&mp);
        return wg_fail_memory(err);
    }
    for (uint32_t r = 0; r < n_ring; r++)
        order[r] = r;
    if (n_ring > 1)
        qsort_r(order, n_ring, sizeof *order, by_part, (void *)(uintptr_t)job);
    for (uint32_t i = 0; i < n_ring; i++) {
        const struct ring *ring = &job->ring[order[i]];
        if (ring->is_shell)
            mp.part[mp.n_part++] = mp.n_ring;
        mp.ring[mp.n_ring++] = mp.n_vertex;
        write_ring(job, ring, lattice, &mp);
    }
    mp.part[mp.n_part] = mp.n_ring;
    mp.ring[mp.n_ring] = mp.n_vertex;
    free(order);
    *out = mp;
    return WG_OK;
}

static void job_finish(struct job *job)
{
    wg_mesh_finish(&job->mesh);
    free(job->turned);
    free(job->first);
    free(job->around);
    free(job->next);
    free(job->walk_of);
    free(job->corner);
    free(job->ring);
    free(job->walk);
}

enum wg_status wg_trace_rings(size_t n, const struct wg_ring_segment *segment,
                              const struct wg_lattice *lattice,
                              struct wg_multipolygon *out, struct wg_error *err)
{
    struct job job = {0};
    struct wg_arrange_segment *plain = malloc((n + 1) * sizeof *plain);
    enum wg_status status = WG_OK;

    *out = (struct wg_multipolygon){0};
    if (!plain || n >= INT32_MAX) {
        status = wg_fail_memory(err);
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        plain[i] = (struct wg_arrange_segment){segment[i].from, segment[i].to,
                                               WG_NO_LABEL, WG_NO_LABEL, 0};
    if (!wg_mesh_build(n, plain, &job.mesh)) {
        status = wg_fail_memory(err);
        goto out;
    }
    status = keep_boundary(&job, lattice, err);
    if (status || job.mesh.n_segment == 0)
        goto out;
    status = link_segments(&job, lattice, err);
    if (status)
        goto out;
    if (!walk_all(&job)) {
        status = wg_fail_memory(err);
        goto out;
    }
    status = place_holes(&job, lattice, err);
    if (!status)
        status = publish(&job, lattice, out, err);

out:
    free(plain);
    job_finish(&job);
    return status;
}

enum wg_status wg_arrangement_polygon(const struct wg_arrangement *arrangement,
                                      const bool *member,
                                      const struct wg_lattice *lattice,
                                      struct wg_multipolygon *out, struct wg_error *err)
{
    const struct wg_arrangement *g = arrangement;
    size_t n = 0;

    *out = (struct wg_multipolygon){0};
    for (uint32_t s = 0; s < g->n_segment; s++)
        n += member[g->left[s]] != member[g->right[s]];
    struct wg_ring_segment *segment = malloc((n + 1) * sizeof *segment);
    if (!segment)
        return wg_fail_memory(err);
    n = 0;
    for (uint32_t s = 0; s < g->n_segment; s++) {
        bool left = member[g->left[s]], right = member[g->right[s]];
        struct wg_spot a = g->spot[g->a[s]], b = g->spot[g->b[s]];
        if (left != right)
            segment[n++] =
                left ? (struct wg_ring_segment){a, b} : (struct wg_ring_segment){b, a};
    }
    enum wg_status status = wg_trace_rings(n, segment, lattice, out, err);
    free(segment);
    return status;
}
