/*
 * Owns snap rounding: where segments meet, and cutting them there.
 *
 * Hobby (1999) bends every segment through the middle of every hot square it passes; the
 * hot squares are those around all ends and all crossings, and the result is noded.  That
 * would also bend segments which pass an end closely without any harm, so that a noded
 * input would not come out as it is.  Here only *active* segments are bent: those which
 * clash with another, and then those which clash with what came of it.  Each round starts
 * from the input, so nothing drifts; when all are active it is Hobby's rounding, so there
 * is an end.
 */
#include <math.h>
#include <string.h>

#include "arrange_job.h"
#include "internal.h"

enum { ROUNDS_MAX = 8 }; /* after that all that can be active is */

struct spots {
    uint32_t n;
    const struct wg_spot *spot; /* distinct, in order */
};

struct rounding {
    size_t n;
    const struct wg_arrange_segment *segment; /* the input */
    struct wg_mesh mesh;                      /* of the input */
    bool *active;                             /* for each segment of the mesh */
    struct wg_spot *made;                     /* crossings */
    size_t n_made, cap_made, settled;
    /* spots inside active segments, in order from a to b: inner[first[s] …] */
    size_t *first;
    struct wg_spot *inner;
    size_t n_inner, cap_inner;
    /* what the input is cut into, and the mesh's segment each piece is of */
    struct wg_arrange_segment *piece;
    uint32_t *origin;
    size_t n_piece;
    /* of the search for clashes in hand */
    const struct wg_mesh *input, *pieces;
    size_t n_woken;
    bool clashes;
};

/* ---- which are cut ----------------------------------------------------------------- */

static bool holds(const struct wg_mesh *mesh, uint32_t s, uint32_t spot)
{
    struct wg_spot a = mesh->spot[mesh->a[s]], b = mesh->spot[mesh->b[s]],
                   c = mesh->spot[spot];
    return wg_spot_cross(a, b, c) == 0 && wg_spot_between(a, b, c);
}

static bool settle_crossings(struct rounding *r)
{
    struct wg_spot *kept = malloc((r->n_made + 1) * sizeof *kept);
    uint32_t n = 0;
    if (!kept || r->n_made > UINT32_MAX / 2 ||
        !wg_spots_distinct(r->n_made, r->made, &r->mesh.order, NULL, kept, &n)) {
        free(kept);
        return false;
    }
    free(r->made);
    r->made = kept;
    r->cap_made = r->n_made + 1;
    r->n_made = n;
    return true;
}

/* The same crossing comes from every cell that two segments share. */
static bool add_crossing(struct rounding *r, struct wg_spot at)
{
    if (r->n_made > 0 && wg_spot_equal(r->made[r->n_made - 1], at))
        return true;
    if (r->n_made == r->cap_made && r->n_made > r->settled) {
        if (!settle_crossings(r))
            return false;
        r->settled = 2 * r->n_made + 4096;
    }
    if (!wg_grow((void **)&r->made, &r->cap_made, r->n_made + 1, sizeof *r->made))
        return false;
    r->made[r->n_made++] = at;
    return true;
}

/* Activate what clashes, and list the crossings. */
static bool take_clash(uint32_t s, uint32_t t, void *user)
{
    struct rounding *r = user;
    const struct wg_mesh *m = r->input;

    if (!r->active && !(r->active = calloc((size_t)m->n_segment + 1, sizeof *r->active)))
        return false;
    bool s_held = holds(m, s, m->a[t]) || holds(m, s, m->b[t]);
    bool t_held = holds(m, t, m->a[s]) || holds(m, t, m->b[s]);
    r->active[s] = r->active[s] || s_held || !t_held;
    r->active[t] = r->active[t] || t_held || !s_held;
    return s_held || t_held ||
           add_crossing(r, wg_spot_crossing(m->spot[m->a[s]], m->spot[m->b[s]],
                                            m->spot[m->a[t]], m->spot[m->b[t]]));
}

/* ---- the hot squares a segment passes ---------------------------------------------- */

static uint32_t first_from(const struct wg_spot_order *order, const struct spots *among,
                           struct wg_spot from)
{
    uint64_t key = wg_spot_key(order, from);
    uint32_t low = 0, high = among->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (wg_spot_key(order, among->spot[mid]) < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Where the segment is between two heights, a step more on each side. */
static void x_between(struct wg_spot a, struct wg_spot b, int64_t south, int64_t north,
                      int64_t *west, int64_t *east)
{
    double p = a.x, q = b.x;
    if (b.y > a.y) {
        double slope = ((double)b.x - a.x) / ((double)b.y - a.y);
        p = a.x + slope * (double)((a.y < south ? south : a.y) - a.y);
        q = a.x + slope * (double)((b.y > north ? north : b.y) - a.y);
    }
    *west = (int64_t)floor(p < q ? p : q) - 2;
    *east = (int64_t)ceil(p < q ? q : p) + 2;
}

static bool add_inner(struct rounding *r, struct wg_spot a, struct wg_spot b,
                      struct wg_spot c)
{
    if (wg_spot_equal(a, c) || wg_spot_equal(b, c) || !wg_spot_is_hot(a, b, c))
        return true;
    if (!wg_grow((void **)&r->inner, &r->cap_inner, r->n_inner + 1, sizeof *r->inner))
        return false;
    r->inner[r->n_inner++] = c;
    return true;
}

/* Band by band; the spots of a band are in order from west to east. */
static bool find_inner(struct rounding *r, struct wg_spot a, struct wg_spot b,
                       const struct spots *among)
{
    const struct wg_spot_order *order = &r->mesh.order;
    int64_t first = ((int64_t)a.y - 1 - order->min_y) >> order->shift,
            last = ((int64_t)b.y + 1 - order->min_y) >> order->shift;

    if (among->n == 0)
        return true;
    if (first < 0)
        first = 0;
    for (int64_t band = first; band <= last; band++) {
        int64_t south = order->min_y + (band << order->shift),
                north = south + ((int64_t)1 << order->shift);
        int64_t west, east;
        if (south > among->spot[among->n - 1].y)
            break;
        x_between(a, b, south - 1 < a.y ? a.y : south - 1, north, &west, &east);
        if (west < order->min_x)
            west = order->min_x;
        struct wg_spot from = {(int32_t)west, (int32_t)south};
        for (uint32_t i = first_from(order, among, from); i < among->n; i++) {
            struct wg_spot c = among->spot[i];
            if (c.y >= north || c.x > east)
                break;
            if (!add_inner(r, a, b, c))
                return false;
        }
    }
    return true;
}

struct way {
    struct wg_spot a, b;
};

static int64_t along(const struct way *way, struct wg_spot c)
{
    return ((int64_t)way->b.x - way->a.x) * ((int64_t)c.x - way->a.x) +
           ((int64_t)way->b.y - way->a.y) * ((int64_t)c.y - way->a.y);
}

/* Squares that a segment passes come along it in the order of their middles. */
static int by_way(const void *p, const void *q, void *user)
{
    int64_t s = along(user, *(const struct wg_spot *)p),
            t = along(user, *(const struct wg_spot *)q);
    return (s > t) - (s < t);
}

/* The spots inside every active segment. */
static bool bend(struct rounding *r)
{
    const struct wg_mesh *m = &r->mesh;
    struct spots ends = {m->n_spot, m->spot}, made = {(uint32_t)r->n_made, r->made};

    r->n_inner = 0;
    for (uint32_t s = 0; s < m->n_segment; s++) {
        struct way way = {m->spot[m->a[s]], m->spot[m->b[s]]};
        size_t at = r->n_inner, kept = at;
        r->first[s] = at;
        if (!r->active[s])
            continue;
        if (!find_inner(r, way.a, way.b, &ends) || !find_inner(r, way.a, way.b, &made))
            return false;
        if (r->n_inner - at > 1)
            qsort_r(r->inner + at, r->n_inner - at, sizeof *r->inner, by_way, &way);
        for (; at < r->n_inner; at++)
            if (kept == r->first[s] || !wg_spot_equal(r->inner[kept - 1], r->inner[at]))
                r->inner[kept++] = r->inner[at];
        r->n_inner = kept;
    }
    r->first[m->n_segment] = r->n_inner;
    return true;
}

/* ---- pieces ------------------------------------------------------------------------ */

/* Which segment of the mesh each input is, twice, + 1 when it runs from b to a. */
static uint32_t *segment_of_input(const struct rounding *r)
{
    const struct wg_mesh *m = &r->mesh;
    uint32_t *of = malloc((r->n + 1) * sizeof *of);
    if (!of)
        return NULL;
    memset(of, 0xFF, (r->n + 1) * sizeof *of);
    for (uint32_t s = 0; s < m->n_segment; s++)
        for (uint32_t i = m->group[s]; i < m->group[s + 1]; i++)
            of[m->input[i] / 2] = 2 * s + m->input[i] % 2;
    return of;
}

static void add_pieces(struct rounding *r, const struct wg_arrange_segment *input,
                       uint32_t s, bool turned)
{
    size_t first = r->first[s], n = r->first[s + 1] - first;
    struct wg_arrange_segment piece = *input;
    for (size_t i = 0; i <= n; i++) {
        piece.b = i == n ? input->b : r->inner[turned ? first + n - 1 - i : first + i];
        r->origin[r->n_piece] = s;
        r->piece[r->n_piece++] = piece;
        piece.a = piece.b;
    }
}

static bool cut(struct rounding *r, const uint32_t *of)
{
    size_t n = r->n;
    for (size_t i = 0; i < r->n; i++)
        if (of[i] != WG_NOWHERE)
            n += r->first[of[i] / 2 + 1] - r->first[of[i] / 2];
    free(r->piece);
    free(r->origin);
    r->n_piece = 0;
    r->piece = malloc((n + 1) * sizeof *r->piece);
    r->origin = malloc((n + 1) * sizeof *r->origin);
    if (!r->piece || !r->origin || n >= INT32_MAX)
        return false;
    for (size_t i = 0; i < r->n; i++)
        if (of[i] != WG_NOWHERE)
            add_pieces(r, &r->segment[i], of[i] / 2, of[i] % 2);
    return true;
}

static void tell(const struct rounding *r, const struct wg_arrange_options *options)
{
    const struct wg_mesh *m = &r->mesh;
    if (!options || !options->cut)
        return;
    for (uint32_t s = 0; s < m->n_segment; s++)
        for (size_t k = r->first[s]; k < r->first[s + 1]; k++)
            for (uint32_t i = m->group[s]; i < m->group[s + 1]; i++)
                options->cut(options->user, m->input[i] / 2, r->inner[k]);
}

/* ---- rounds ------------------------------------------------------------------------ */

/* Activate those whose pieces clash. */
static bool wake(uint32_t s, uint32_t t, void *user)
{
    struct rounding *r = user;
    const struct wg_mesh *m = r->pieces;
    uint32_t both[2] = {r->origin[m->input[m->group[s]] / 2],
                        r->origin[m->input[m->group[t]] / 2]};
    for (int k = 0; k < 2; k++) {
        r->n_woken += !r->active[both[k]];
        r->active[both[k]] = true;
    }
    r->clashes = true;
    return true;
}

static bool try_round(struct rounding *r, const uint32_t *of, struct wg_noded *out)
{
    wg_mesh_finish(&out->mesh);
    wg_cells_finish(&out->cells);
    r->pieces = &out->mesh;
    r->n_woken = 0;
    r->clashes = false;
    return bend(r) && cut(r, of) && wg_mesh_build(r->n_piece, r->piece, &out->mesh) &&
           wg_cells_build(&out->mesh, &out->cells) &&
           wg_cells_clashes(&out->cells, &out->mesh, wake, r);
}

/* Rounds until nothing clashes any more. */
static enum wg_status round_all(struct rounding *r, struct wg_noded *out,
                                struct wg_error *err)
{
    uint32_t n = r->mesh.n_segment;
    uint32_t *of = segment_of_input(r);

    r->first = calloc((size_t)n + 1, sizeof *r->first);
    bool ok = of && r->first && settle_crossings(r) && try_round(r, of, out);
    for (int round = 0; ok && r->n_woken > 0; round++) {
        if (round == ROUNDS_MAX)
            memset(r->active, true, n * sizeof *r->active);
        ok = try_round(r, of, out);
    }
    free(of);
    if (!ok)
        return wg_fail_memory(err);
    if (r->clashes)
        return wg_fail(err, WG_INTERNAL,
                       _("segments still cross after snap rounding; "
                         "please report the data"));
    return WG_OK;
}

static void rounding_finish(struct rounding *r)
{
    wg_mesh_finish(&r->mesh);
    free(r->active);
    free(r->made);
    free(r->first);
    free(r->inner);
    free(r->piece);
    free(r->origin);
}

enum wg_status wg_node(size_t n, const struct wg_arrange_segment *segment,
                       const struct wg_arrange_options *options, struct wg_noded *out,
                       struct wg_error *err)
{
    struct wg_noded noded = {.segment = segment};
    struct rounding r = {.n = n, .segment = segment, .input = &noded.mesh};
    enum wg_status status = WG_OK;

    if (n >= INT32_MAX)
        return wg_fail(err, WG_OUT_OF_RANGE, _("more than 2^31 segments"));
    if (!wg_mesh_build(n, segment, &noded.mesh) ||
        !wg_cells_build(&noded.mesh, &noded.cells)) {
        status = wg_fail_memory(err);
        goto out;
    }
    r.mesh.order = noded.mesh.order;
    if (!wg_cells_clashes(&noded.cells, &noded.mesh, take_clash, &r)) {
        status = wg_fail_memory(err);
        goto out;
    }
    if (r.active) {
        r.mesh = noded.mesh;
        noded.mesh = (struct wg_mesh){0};
        status = round_all(&r, &noded, err);
        if (status)
            goto out;
        tell(&r, options);
        noded.n_made = noded.mesh.n_spot - r.mesh.n_spot;
        noded.segment = noded.own = r.piece;
        r.piece = NULL;
    }
    *out = noded;
    noded = (struct wg_noded){0};

out:
    wg_noded_finish(&noded);
    rounding_finish(&r);
    return status;
}

void wg_noded_finish(struct wg_noded *noded)
{
    free(noded->own);
    wg_mesh_finish(&noded->mesh);
    wg_cells_finish(&noded->cells);
    *noded = (struct wg_noded){0};
}
