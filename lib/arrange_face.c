/* Owns the faces of an arrangement: walks, areas, nesting, covers. */
#include <string.h>

#include "arrange_job.h"
#include "internal.h"

/* Half-edge 2 s runs along segment s from a to b, 2 s + 1 back; its face is on its left.
 * A cycle is a closed walk with the same face on its left all along: the outer boundary
 * of a face (its area is positive), or all that one connected piece shows to the face
 * around it. */
struct cycle {
    int64_t area2;
    uint32_t start; /* a half-edge */
    uint32_t west;  /* its westernmost spot, the lowest of them */
    uint32_t face;
    uint32_t next; /* of the same face, or WG_NOWHERE */
    struct wg_spot min, max;
};

struct count {
    uint32_t label;
    int32_t times;
};

struct job {
    struct wg_noded *noded;
    const struct wg_mesh *mesh;
    struct wg_arrangement *out;
    uint32_t *next;     /* half-edge after each, around its face */
    uint32_t *cycle_of; /* of each half-edge */
    struct cycle *cycle;
    size_t n_cycle, cap_cycle;
    uint32_t *cycles; /* first of each face */
    /* counts of labels of each face: count[from[f] … from[f] + n[f]) */
    struct count *count;
    size_t n_count, cap_count;
    size_t *from;
    uint32_t *n;
};

static uint32_t from_of(const struct wg_mesh *mesh, uint32_t half)
{
    return half % 2 ? mesh->b[half / 2] : mesh->a[half / 2];
}

/* ---- walks ------------------------------------------------------------------------- */

static bool link_halves(struct job *job)
{
    const struct wg_mesh *m = job->mesh;
    const uint32_t *first = job->out->first, *around = job->out->around;
    job->next = malloc((2 * (size_t)m->n_segment + 1) * sizeof *job->next);
    if (!job->next)
        return false;
    for (uint32_t v = 0; v < m->n_spot; v++) {
        if (first[v] == first[v + 1])
            continue;
        /* arriving along a segment, go on along the one clockwise of it */
        uint32_t s = around[first[v + 1] - 1];
        uint32_t clockwise = 2 * s + (m->a[s] != v);
        for (uint32_t i = first[v]; i < first[v + 1]; i++) {
            uint32_t out = 2 * around[i] + (m->a[around[i]] != v);
            job->next[out ^ 1] = clockwise;
            clockwise = out;
        }
    }
    return true;
}

/* Sums of products may wrap on the way; what they come to does not. */
static void walk(struct job *job, uint32_t start, uint32_t number, struct cycle *out)
{
    const struct wg_mesh *m = job->mesh;
    uint32_t half = start, west = from_of(m, start);
    struct wg_spot base = m->spot[west], at = base, best = base, min = base, max = base;
    uint64_t area2 = 0;

    do {
        job->cycle_of[half] = number;
        uint32_t spot = from_of(m, half ^ 1);
        struct wg_spot to = m->spot[spot];
        area2 += (uint64_t)wg_spot_cross(base, at, to);
        if (to.x < best.x || (to.x == best.x && to.y < best.y)) {
            best = to;
            west = spot;
        }
        max.x = to.x > max.x ? to.x : max.x;
        min.y = to.y < min.y ? to.y : min.y;
        max.y = to.y > max.y ? to.y : max.y;
        at = to;
        half = job->next[half];
    } while (half != start);
    min.x = best.x;
    *out = (struct cycle){(int64_t)area2, start, west, WG_NOWHERE, WG_NOWHERE, min, max};
}

static bool walk_all(struct job *job)
{
    size_t n = 2 * (size_t)job->mesh->n_segment;
    job->cycle_of = malloc((n + 1) * sizeof *job->cycle_of);
    if (!job->cycle_of)
        return false;
    memset(job->cycle_of, 0xFF, (n + 1) * sizeof *job->cycle_of);
    for (size_t h = 0; h < n; h++) {
        if (job->cycle_of[h] != WG_NOWHERE)
            continue;
        if (!wg_grow((void **)&job->cycle, &job->cap_cycle, job->n_cycle + 1,
                     sizeof *job->cycle))
            return false;
        walk(job, (uint32_t)h, (uint32_t)job->n_cycle, &job->cycle[job->n_cycle]);
        job->n_cycle++;
    }
    return true;
}

/* ---- nesting ----------------------------------------------------------------------- */

static int by_west(const void *a, const void *b, void *user)
{
    const struct job *job = user;
    const struct cycle *p = &job->cycle[*(const uint32_t *)a],
                       *q = &job->cycle[*(const uint32_t *)b];
    if (p->min.x != q->min.x)
        return p->min.x < q->min.x ? -1 : 1;
    return (p->west > q->west) - (p->west < q->west);
}

/* Faces of the cycles: one for each outer boundary; the others lie in the face that a ray
 * to the west from their westernmost spot comes upon. */
static bool nest(struct job *job)
{
    const struct wg_mesh *m = job->mesh;
    uint32_t *outside = malloc((job->n_cycle + 1) * sizeof *outside), n_outside = 0;
    uint32_t n_face = 1;

    if (!outside)
        return false;
    for (uint32_t c = 0; c < job->n_cycle; c++) {
        if (job->cycle[c].area2 > 0)
            job->cycle[c].face = n_face++;
        else
            outside[n_outside++] = c;
    }
    if (n_outside > 1) {
        if (!wg_cells_ready_rays(&job->noded->cells, m)) {
            free(outside);
            return false;
        }
        qsort_r(outside, n_outside, sizeof *outside, by_west, job);
    }
    for (uint32_t i = 0; i < n_outside; i++) {
        struct cycle *c = &job->cycle[outside[i]];
        uint32_t hit =
            i == 0 ? WG_NOWHERE : wg_cells_west(&job->noded->cells, m, m->spot[c->west]);
        /* what is hit lies further west, and has its face already */
        c->face = hit == WG_NOWHERE ? 0 : job->cycle[job->cycle_of[2 * hit + 1]].face;
    }
    free(outside);
    job->out->n_face = n_face;
    return true;
}

static bool gather_faces(struct job *job)
{
    struct wg_arrangement *out = job->out;
    int64_t *area2 = calloc(out->n_face, sizeof *area2);

    job->cycles = malloc(out->n_face * sizeof *job->cycles);
    out->area = malloc(out->n_face * sizeof *out->area);
    out->face_box = malloc(out->n_face * sizeof *out->face_box);
    if (!area2 || !job->cycles || !out->area || !out->face_box) {
        free(area2);
        return false;
    }
    memset(job->cycles, 0xFF, out->n_face * sizeof *job->cycles);
    out->face_box[0] = wg_box_empty();
    for (uint32_t c = 0; c < job->n_cycle; c++) {
        struct cycle *cycle = &job->cycle[c];
        area2[cycle->face] += cycle->area2;
        cycle->next = job->cycles[cycle->face];
        job->cycles[cycle->face] = c;
        if (cycle->area2 > 0)
            out->face_box[cycle->face] =
                (struct wg_box){cycle->min.x, cycle->min.y, cycle->max.x, cycle->max.y};
    }
    area2[0] = 0;
    for (uint32_t f = 0; f < out->n_face; f++)
        out->area[f] = (double)area2[f] / 2;
    for (uint32_t s = 0; s < out->n_segment; s++) {
        out->left[s] = job->cycle[job->cycle_of[2 * (size_t)s]].face;
        out->right[s] = job->cycle[job->cycle_of[2 * (size_t)s + 1]].face;
    }
    free(area2);
    return true;
}

/* ---- covers ------------------------------------------------------------------------ */

/* Count a label once more or once less in the face that is being made, at the end of
 * count. */
static bool add_count(struct job *job, size_t from, uint32_t label, int32_t times)
{
    if (label == WG_NO_LABEL)
        return true;
    size_t i = from;
    while (i < job->n_count && job->count[i].label < label)
        i++;
    if (i < job->n_count && job->count[i].label == label) {
        job->count[i].times += times;
        if (job->count[i].times == 0) {
            job->n_count--;
            memmove(job->count + i, job->count + i + 1,
                    (job->n_count - i) * sizeof *job->count);
        }
        return true;
    }
    if (!wg_grow((void **)&job->count, &job->cap_count, job->n_count + 1,
                 sizeof *job->count))
        return false;
    memmove(job->count + i + 1, job->count + i, (job->n_count - i) * sizeof *job->count);
    job->count[i] = (struct count){label, times};
    job->n_count++;
    return true;
}

/* The counts on the far side of a half-edge, from those on its left. */
static bool count_across(struct job *job, uint32_t half, uint32_t f, uint32_t g)
{
    const struct wg_mesh *m = job->mesh;
    size_t from = job->n_count, n = job->n[f];

    if (!wg_grow((void **)&job->count, &job->cap_count, from + n, sizeof *job->count))
        return false;
    if (n > 0)
        memcpy(job->count + from, job->count + job->from[f], n * sizeof *job->count);
    job->n_count += n;
    for (uint32_t i = m->group[half / 2]; i < m->group[half / 2 + 1]; i++) {
        const struct wg_arrange_segment *input = &job->noded->segment[m->input[i] / 2];
        bool same_way = m->input[i] % 2 == half % 2;
        if (!add_count(job, from, input->left, same_way ? -1 : 1) ||
            !add_count(job, from, input->right, same_way ? 1 : -1))
            return false;
    }
    job->from[g] = from;
    job->n[g] = (uint32_t)(job->n_count - from);
    return true;
}

/* From face 0 inwards, each face from a neighbour. */
static bool spread(struct job *job)
{
    uint32_t n_face = job->out->n_face, n_queue = 1;
    uint32_t *queue = malloc(n_face * sizeof *queue);
    job->from = calloc(n_face, sizeof *job->from);
    job->n = malloc(n_face * sizeof *job->n);
    bool ok = queue && job->from && job->n;

    if (ok) {
        memset(job->n, 0xFF, n_face * sizeof *job->n);
        job->n[0] = 0;
        queue[0] = 0;
    }
    for (uint32_t i = 0; ok && i < n_queue; i++) {
        uint32_t f = queue[i];
        for (uint32_t c = job->cycles[f]; ok && c != WG_NOWHERE; c = job->cycle[c].next) {
            uint32_t half = job->cycle[c].start;
            do {
                uint32_t g = job->cycle[job->cycle_of[half ^ 1]].face;
                if (job->n[g] == WG_NOWHERE) {
                    ok = count_across(job, half, f, g);
                    queue[n_queue++] = g;
                }
                half = job->next[half];
            } while (ok && half != job->cycle[c].start);
        }
    }
    free(queue);
    return ok;
}

static bool publish_covers(struct job *job)
{
    struct wg_arrangement *out = job->out;
    uint64_t n = 0;
    out->cover_first = malloc(((size_t)out->n_face + 1) * sizeof *out->cover_first);
    out->cover = malloc((job->n_count + 1) * sizeof *out->cover);
    if (!out->cover_first || !out->cover || job->n_count >= UINT32_MAX)
        return false;
    for (uint32_t f = 0; f < out->n_face; f++) {
        out->cover_first[f] = (uint32_t)n;
        for (uint32_t i = 0; i < job->n[f]; i++)
            out->cover[n++] = job->count[job->from[f] + i].label;
    }
    out->cover_first[out->n_face] = (uint32_t)n;
    return true;
}

bool wg_find_faces(struct wg_noded *noded, struct wg_arrangement *out)
{
    struct job job = {.noded = noded, .mesh = &noded->mesh, .out = out};
    bool ok = link_halves(&job) && walk_all(&job) && nest(&job) && gather_faces(&job) &&
              spread(&job) && publish_covers(&job);
    free(job.next);
    free(job.cycle_of);
    free(job.cycle);
    free(job.cycles);
    free(job.count);
    free(job.from);
    free(job.n);
    return ok;
}
