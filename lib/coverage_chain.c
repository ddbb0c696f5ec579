/* Owns chains: the arcs of some grids, each once. */
#include "coverage_chain.h"

#include <string.h>

#include "internal.h"

void wg_chains_finish(struct wg_chains *chains)
{
    free(chains->chain);
    free(chains->vertex);
    free(chains->spot);
    *chains = (struct wg_chains){0};
}

struct job {
    struct wg_chains *out;
    uint8_t *seen; /* by segment */
    size_t cap_seen;
    uint32_t *arc;
    size_t cap_arc;
};

/* Was it seen?  It is now. */
static bool see(struct job *job, uint32_t segment, bool *seen)
{
    if (segment >= job->cap_seen) {
        void *array = job->seen;
        size_t before = job->cap_seen;
        if (!wg_grow(&array, &job->cap_seen, (size_t)segment + 1, 1))
            return false;
        job->seen = array;
        memset(job->seen + before, 0, job->cap_seen - before);
    }
    *seen = job->seen[segment] != 0;
    job->seen[segment] = 1;
    return true;
}

static bool add_place(struct wg_chains *out, uint32_t vertex)
{
    void *vertices = out->vertex, *spots = out->spot;

    if (!wg_grow(&vertices, &out->cap_vertex, out->n_place + 1, sizeof *out->vertex))
        return false;
    out->vertex = vertices;
    if (!wg_grow(&spots, &out->cap_spot, out->n_place + 1, sizeof *out->spot))
        return false;
    out->spot = spots;
    out->vertex[out->n_place] = vertex;
    out->spot[out->n_place++] = wg_coverage_spot(out->c, vertex);
    if (vertex > out->max_vertex)
        out->max_vertex = vertex;
    return true;
}

static bool is_node(const struct wg_coverage *c, uint32_t vertex)
{
    uint32_t segment[3];
    return wg_coverage_around(c, vertex, 3, segment) > 2;
}

static enum wg_status add_arc(struct job *job, uint32_t segment, struct wg_error *err)
{
    struct wg_chains *out = job->out;
    size_t n = 0;
    void *array = out->chain;
    bool seen;
    enum wg_status status =
        wg_coverage_arc_of(out->c, segment, &job->arc, &n, &job->cap_arc, err);

    if (status)
        return status;
    if (!wg_grow(&array, &out->cap, out->n + 1, sizeof *out->chain))
        return wg_fail_memory(err);
    out->chain = array;
    for (size_t i = 0; i + 1 < n; i++)
        if (!see(job, wg_coverage_segment_between(out->c, job->arc[i], job->arc[i + 1]),
                 &seen))
            return wg_fail_memory(err);
    uint32_t first = wg_coverage_segment_between(out->c, job->arc[0], job->arc[1]);
    const struct wg_segment *s = wg_coverage_segment(out->c, first);
    bool along = s->a == job->arc[0];
    bool is_ring = job->arc[0] == job->arc[n - 1] && !is_node(out->c, job->arc[0]);
    size_t n_kept = is_ring ? n - 1 : n;
    out->chain[out->n++] =
        (struct wg_chain){.first = out->n_place,
                          .n = n_kept,
                          .left = along ? s->left : s->right,
                          .right = along ? s->right : s->left,
                          .is_ring = is_ring,
                          .fixed = wg_coverage_is_fixed(out->c, first)};
    for (size_t i = 0; i < n_kept; i++)
        if (!add_place(out, job->arc[i]))
            return wg_fail_memory(err);
    return WG_OK;
}

static enum wg_status add_face(struct job *job, uint32_t face, struct wg_error *err)
{
    const struct wg_coverage *c = job->out->c;
    uint32_t s = WG_NONE;

    while ((s = wg_coverage_next_of_face(c, face, s)) != WG_NONE) {
        bool seen;
        if (!see(job, s, &seen))
            return wg_fail_memory(err);
        enum wg_status status = seen ? WG_OK : add_arc(job, s, err);
        if (status)
            return status;
    }
    return WG_OK;
}

enum wg_status wg_chains_read(const struct wg_coverage *c, size_t n, const int64_t *grid,
                              struct wg_chains *out, struct wg_error *err)
{
    struct job job = {.out = out};
    enum wg_status status = WG_OK;

    *out = (struct wg_chains){.c = c};
    for (uint32_t face = 0; n == 0 && !status && face < wg_coverage_n_face(c); face++)
        if (!wg_coverage_get_face(c, face)->ended)
            status = add_face(&job, face, err);
    for (size_t i = 0; !status && i < n; i++) {
        uint32_t face = wg_coverage_face_of(c, grid[i]);
        status = face == WG_NONE ? wg_fail(err, WG_NOT_FOUND,
                                           _("There is no grid %lld in force here."),
                                           (long long)grid[i])
                                 : add_face(&job, face, err);
    }
    free(job.seen);
    free(job.arc);
    if (status)
        wg_chains_finish(out);
    return status;
}
