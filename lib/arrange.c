/* Owns the arrangement: labelled segments into noded segments and faces. */
#include "arrange.h"

#include <math.h>

#include "arrange_job.h"
#include "internal.h"

static bool gather_sources(const struct wg_noded *noded, struct wg_arrangement *out)
{
    const struct wg_mesh *m = &noded->mesh;
    for (uint32_t s = 0; s < m->n_segment; s++)
        for (uint32_t i = m->group[s]; i < m->group[s + 1]; i++)
            out->source[s] |= noded->segment[m->input[i] / 2].source;
    return true;
}

enum wg_status wg_arrange(size_t n, const struct wg_arrange_segment *segment,
                          const struct wg_arrange_options *options,
                          struct wg_arrangement *out, struct wg_error *err)
{
    struct wg_noded noded = {0};
    struct wg_arrangement made = {0};
    enum wg_status status = wg_node(n, segment, options, &noded, err);

    if (status)
        return status;
    struct wg_mesh *m = &noded.mesh;
    made.n_made = noded.n_made;
    made.n_spot = m->n_spot;
    made.n_segment = m->n_segment;
    made.left = calloc((size_t)m->n_segment + 1, sizeof *made.left);
    made.right = calloc((size_t)m->n_segment + 1, sizeof *made.right);
    made.source = calloc((size_t)m->n_segment + 1, sizeof *made.source);
    if (!made.left || !made.right || !made.source || !gather_sources(&noded, &made) ||
        !wg_mesh_around(m, &made.first, &made.around) ||
        (!(options && options->no_faces) && !wg_find_faces(&noded, &made))) {
        status = wg_fail_memory(err);
        goto out;
    }
    made.spot = m->spot;
    made.a = m->a;
    made.b = m->b;
    m->spot = NULL;
    m->a = m->b = NULL;
    *out = made;
    made = (struct wg_arrangement){0};

out:
    wg_arrangement_finish(&made);
    wg_noded_finish(&noded);
    return status;
}

void wg_arrangement_finish(struct wg_arrangement *arrangement)
{
    if (!arrangement)
        return;
    free(arrangement->spot);
    free(arrangement->a);
    free(arrangement->b);
    free(arrangement->left);
    free(arrangement->right);
    free(arrangement->source);
    free(arrangement->first);
    free(arrangement->around);
    free(arrangement->area);
    free(arrangement->cover_first);
    free(arrangement->cover);
    free(arrangement->face_box);
    *arrangement = (struct wg_arrangement){0};
}

/* ---- polygons into segments -------------------------------------------------------- */

/* The ring's vertices on the lattice, as segments from each to the next. */
static enum wg_status add_ring(const struct wg_multipolygon *mp, uint32_t ring,
                               const struct wg_lattice *lattice,
                               struct wg_arrange_segment *out, struct wg_error *err)
{
    uint32_t first = mp->ring[ring], n = mp->ring[ring + 1] - first;
    for (uint32_t i = 0; i < n; i++) {
        double x = mp->x[first + i], y = mp->y[first + i];
        if (!wg_lattice_spot(lattice, x, y, &out[i].a))
            return wg_fail_at(err, WG_OUT_OF_RANGE, x, y,
                              _("a vertex lies further than 524 km from the middle of "
                                "the area, or nowhere; check the geometry and its CRS"));
    }
    return WG_OK;
}

/* Joins the vertices, the inside on the left. */
static void close_ring(struct wg_arrange_segment *segment, uint32_t n, bool is_hole,
                       uint32_t label)
{
    uint64_t area2 = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct wg_spot next = segment[i + 1 < n ? i + 1 : 0].a;
        area2 += (uint64_t)wg_spot_cross(segment[0].a, segment[i].a, next);
        segment[i].b = next;
        segment[i].left = label;
        segment[i].right = WG_NO_LABEL;
        segment[i].source = 0;
    }
    if (((int64_t)area2 < 0) == is_hole)
        return;
    for (uint32_t i = 0; i < n; i++) {
        struct wg_spot a = segment[i].a;
        segment[i].a = segment[i].b;
        segment[i].b = a;
    }
    /* in order again: each begins where the one before it ends */
    for (uint32_t i = 0, k = n; i + 1 < k; i++) {
        struct wg_arrange_segment t = segment[i];
        segment[i] = segment[--k];
        segment[k] = t;
    }
}

enum wg_status wg_arrange_add_polygon(const struct wg_multipolygon *mp,
                                      const struct wg_lattice *lattice, uint32_t label,
                                      struct wg_arrange_segment **segment, size_t *n,
                                      size_t *cap, struct wg_error *err)
{
    size_t at = *n;
    if (mp->n_part == 0)
        return WG_OK;
    if (!wg_grow((void **)segment, cap, at + mp->n_vertex, sizeof **segment))
        return wg_fail_memory(err);
    for (uint32_t p = 0; p < mp->n_part; p++)
        for (uint32_t r = mp->part[p]; r < mp->part[p + 1]; r++) {
            enum wg_status status = add_ring(mp, r, lattice, *segment + at, err);
            if (status)
                return status;
            uint32_t count = mp->ring[r + 1] - mp->ring[r];
            close_ring(*segment + at, count, r > mp->part[p], label);
            at += count;
        }
    *n = at;
    return WG_OK;
}
