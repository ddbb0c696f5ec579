/* Owns what changes by an overlay: what is taken and put, and the edit that does it. */
#include "coverage_overlay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

struct plan {
    struct wg_overlay_job *o;
    uint32_t *left, *right; /* new faces of each segment of the plane */
    uint32_t *degree;       /* of each spot, counting what will be boundaries */
    bool *put;              /* segments of the plane already put */
    bool straighten;
};

static bool lies_on_old(const struct wg_overlay_job *o, uint32_t s)
{
    return o->n_on[s] > 0;
}

/* ---- areas ---------------------------------------------------------------------------
 */

static int64_t cross0(struct wg_spot a, struct wg_spot b)
{
    return (int64_t)a.x * b.y - (int64_t)a.y * b.x;
}

/* Sums may wrap on the way; what they come to does not. */
static bool grow_area(struct wg_overlay_job *o, uint32_t face, int64_t by)
{
    size_t i = 0;

    if (face == WG_NONE)
        return true;
    while (i < o->n_area && o->area[i].face != face)
        i++;
    if (i == o->n_area) {
        if (!wg_grow((void **)&o->area, &o->cap_area, i + 1, sizeof *o->area))
            return false;
        o->area[o->n_area++] = (struct wg_overlay_area){face, 0};
    }
    o->area[i].delta2 = (int64_t)((uint64_t)o->area[i].delta2 + (uint64_t)by);
    return true;
}

int64_t wg_overlay_growth(const struct wg_overlay_job *o, uint32_t face)
{
    for (size_t i = 0; i < o->n_area; i++)
        if (o->area[i].face == face)
            return o->area[i].delta2;
    return 0;
}

static bool add_take(struct wg_overlay_job *o, uint32_t segment)
{
    const struct wg_segment *s = wg_coverage_segment(o->c, segment);
    int64_t cross = cross0(wg_coverage_spot(o->c, s->a), wg_coverage_spot(o->c, s->b));

    if (!wg_grow((void **)&o->take, &o->cap_take, o->n_take + 1, sizeof *o->take))
        return false;
    o->take[o->n_take++] = segment;
    return grow_area(o, s->left, -cross) && grow_area(o, s->right, cross);
}

static bool add_put(struct wg_overlay_job *o, struct wg_spot a, struct wg_spot b,
                    uint32_t left, uint32_t right)
{
    if (left == right)
        return true;
    if (!wg_grow((void **)&o->put, &o->cap_put, o->n_put + 1, sizeof *o->put))
        return false;
    o->put[o->n_put++] = (struct wg_overlay_put){a, b, left, right};
    return grow_area(o, left, cross0(a, b)) && grow_area(o, right, -cross0(a, b));
}

/* ---- the way of an old segment, anew
 * --------------------------------------------------- */

struct step {
    struct wg_spot from, to;
    uint32_t from_spot, to_spot;
    uint32_t left, right; /* will be */
    uint32_t segment;
};

static struct step step_of(const struct plan *p, uint32_t half)
{
    const struct wg_arrangement *plane = &p->o->plane;
    uint32_t s = half / 2, a = plane->a[s], b = plane->b[s];

    if (half % 2)
        return (struct step){plane->spot[b], plane->spot[a], b, a,
                             p->right[s],    p->left[s],     s};
    return (struct step){plane->spot[a], plane->spot[b], a, b,
                         p->left[s],     p->right[s],    s};
}

/* May the spot between two steps go, so that the segment is as straight as it was? */
static bool runs_on(const struct plan *p, const struct step *a, const struct step *b)
{
    return p->straighten && a->left == b->left && a->right == b->right &&
           a->left != a->right && p->o->n_on[a->segment] == 1 &&
           p->o->n_on[b->segment] == 1 && p->degree[a->to_spot] == 2;
}

static bool same_as_old(const struct plan *p, uint32_t segment, const struct step *run)
{
    const struct wg_segment *s = wg_coverage_segment(p->o->c, segment);

    return p->o->n_on[run->segment] == 1 && run->left == s->left &&
           run->right == s->right &&
           wg_spot_equal(run->from, wg_coverage_spot(p->o->c, s->a)) &&
           wg_spot_equal(run->to, wg_coverage_spot(p->o->c, s->b));
}

static bool plan_old(struct plan *p, size_t i)
{
    struct wg_overlay_job *o = p->o;
    size_t at = o->first_way[i], last = o->first_way[i + 1];
    bool taken = false;

    while (at < last) {
        struct step run = step_of(p, o->way[at]);
        uint32_t first = run.segment;
        for (at++; at < last; at++) {
            struct step next = step_of(p, o->way[at]);
            if (!runs_on(p, &run, &next))
                break;
            run.to = next.to;
            run.to_spot = next.to_spot;
            run.segment = next.segment;
            o->straightened = true;
            p->put[next.segment] = true;
        }
        if (same_as_old(p, o->old[i], &run)) {
            p->put[first] = true;
            return true;
        }
        if (!taken && !add_take(o, o->old[i]))
            return false;
        taken = true;
        if (!p->put[first] && !add_put(o, run.from, run.to, run.left, run.right))
            return false;
        p->put[first] = true;
    }
    return taken || add_take(o, o->old[i]);
}

static bool plan_all(struct plan *p, wg_overlay_fn *fn, void *user)
{
    struct wg_overlay_job *o = p->o;
    const struct wg_arrangement *plane = &o->plane;

    for (uint32_t s = 0; s < plane->n_segment; s++) {
        p->left[s] =
            o->left[s] == WG_NONE ? WG_NONE : fn(user, o->left[s], plane->left[s]);
        p->right[s] =
            o->right[s] == WG_NONE ? WG_NONE : fn(user, o->right[s], plane->right[s]);
        if (p->left[s] != p->right[s]) {
            p->degree[plane->a[s]]++;
            p->degree[plane->b[s]]++;
        }
    }
    for (size_t i = 0; i < o->n_old; i++)
        if (!plan_old(p, i))
            return false;
    for (uint32_t s = 0; s < plane->n_segment; s++)
        if (!lies_on_old(o, s) &&
            !add_put(o, plane->spot[plane->a[s]], plane->spot[plane->b[s]], p->left[s],
                     p->right[s]))
            return false;
    return true;
}

enum wg_status wg_overlay_plan(struct wg_overlay_job *o, wg_overlay_fn *fn, void *user,
                               bool straighten, struct wg_error *err)
{
    struct plan p = {.o = o, .straighten = straighten};
    size_t n = o->plane.n_segment;
    bool ok;

    o->n_take = o->n_put = o->n_area = 0;
    o->straightened = false;
    p.left = malloc((n + 1) * sizeof *p.left);
    p.right = malloc((n + 1) * sizeof *p.right);
    p.put = calloc(n + 1, sizeof *p.put);
    p.degree = calloc((size_t)o->plane.n_spot + 1, sizeof *p.degree);
    ok = p.left && p.right && p.put && p.degree && plan_all(&p, fn, user);
    free(p.left);
    free(p.right);
    free(p.put);
    free(p.degree);
    return ok ? WG_OK : wg_fail_memory(err);
}

/* ---- the edit ------------------------------------------------------------------------
 */

/* Grids of which nothing would be left. */
static enum wg_status refuse_vanished(struct wg_overlay_job *o, uint32_t gone,
                                      struct wg_error *err)
{
    for (size_t i = 0; i < o->n_area; i++) {
        uint32_t f = o->area[i].face;
        if (f >= WG_OVERLAY_NEW || f == gone)
            continue;
        const struct wg_face *face = wg_coverage_get_face(o->c, f);
        if (face->kind != WG_FACE_GRID || o->area[i].delta2 == 0 ||
            face->area2 + o->area[i].delta2 > 0)
            continue;
        uint32_t s = wg_coverage_next_of_face(o->c, f, WG_NONE);
        struct wg_spot at = {0, 0};
        if (s != WG_NONE)
            at = wg_coverage_spot(o->c, wg_coverage_segment(o->c, s)->a);
        return wg_refuse(o->c, WG_REFUSED_COLLAPSE, at, f, WG_NONE,
                         _("Merge it into the other grid instead."), err,
                         _("Nothing would be left of grid %s."),
                         wg_face_words(o->c, f).text);
    }
    return WG_OK;
}

static uint32_t number_of(uint32_t face, const uint32_t *made)
{
    return face < WG_OVERLAY_NEW || face == WG_NONE ? face : made[face - WG_OVERLAY_NEW];
}

static enum wg_status do_edit(struct wg_overlay_job *o,
                              const struct wg_overlay_edit *edit, uint32_t *made,
                              struct wg_error *err)
{
    struct wg_new_grid as = edit->as ? *edit->as : (struct wg_new_grid){0};
    enum wg_status s;

    wg_edit_begin(o->c, edit->op, "%s", edit->arguments ? edit->arguments : "");
    for (uint32_t k = 0; k < edit->n_new; k++) {
        made[k] = wg_edit_new_grid(o->c, edit->like, &as);
        as.code = NULL;
        if (made[k] == WG_NONE) {
            wg_edit_abandon(o->c);
            return wg_fail_memory(err);
        }
    }
    if (edit->gone)
        wg_edit_end_grid(o->c, edit->gone);
    for (size_t i = 0; i < o->n_take; i++)
        wg_edit_take(o->c, o->take[i]);
    for (size_t i = 0; i < o->n_put; i++)
        wg_edit_put(o->c, o->put[i].a, o->put[i].b, number_of(o->put[i].left, made),
                    number_of(o->put[i].right, made));
    s = wg_edit_end(o->c, err);
    for (uint32_t k = 0; s == WG_OK && edit->made && k < edit->n_new && k < edit->cap;
         k++)
        edit->made[k] = wg_coverage_get_face(o->c, made[k])->id;
    return s;
}

enum wg_status wg_overlay_run(struct wg_overlay_job *o,
                              const struct wg_overlay_edit *edit, struct wg_error *err)
{
    uint32_t *made = malloc(((size_t)edit->n_new + 1) * sizeof *made);
    bool straighten = true, again;
    enum wg_status s;

    if (!made)
        return wg_fail_memory(err);
    do {
        s = wg_overlay_plan(o, edit->fn, edit->user, straighten, err);
        if (s == WG_OK)
            s = refuse_vanished(o, edit->gone, err);
        if (s != WG_OK)
            break;
        s = do_edit(o, edit, made, err);
        again = s == WG_CONSTRAINT && straighten && o->straightened &&
                wg_coverage_refusal(o->c)->reason == WG_REFUSED_CROSSING;
        straighten = false;
    } while (again);
    free(made);
    return s;
}

/* ---- proposals ------------------------------------------------------------------------
 */

static void propose_ring(struct wg_overlay_job *o, const struct wg_multipolygon *mp)
{
    struct wg_lattice lattice = wg_coverage_lattice(o->c);
    uint32_t best = 0, n = 0, k = 0;
    struct wg_spot *line;

    for (uint32_t p = 0; p < mp->n_part; p++) {
        uint32_t r = mp->part[p], size = mp->ring[r + 1] - mp->ring[r];
        if (size > n) {
            best = mp->ring[r];
            n = size;
        }
    }
    line = n ? malloc(n * sizeof *line) : NULL;
    for (uint32_t i = 0; line && i < n; i++)
        k += wg_lattice_spot(&lattice, mp->x[best + i], mp->y[best + i], &line[k]);
    if (k > 0)
        wg_refuse_propose(o->c, k, line);
    free(line);
}

void wg_overlay_propose(struct wg_overlay_job *o, uint32_t face)
{
    struct wg_lattice lattice = wg_coverage_lattice(o->c);
    struct wg_ring_segment *ring = malloc((o->n_put + 1) * sizeof *ring);
    struct wg_multipolygon mp = {0};
    size_t n = 0;

    for (size_t i = 0; ring && i < o->n_put; i++) {
        if (o->put[i].left == face)
            ring[n++] = (struct wg_ring_segment){o->put[i].a, o->put[i].b};
        else if (o->put[i].right == face)
            ring[n++] = (struct wg_ring_segment){o->put[i].b, o->put[i].a};
    }
    if (n > 0 && wg_trace_rings(n, ring, &lattice, &mp, NULL) == WG_OK)
        propose_ring(o, &mp);
    wg_multipolygon_finish(&mp);
    free(ring);
}

/* ---- words ----------------------------------------------------------------------------
 */

enum wg_status wg_overlay_face(const struct wg_coverage *c, int64_t id, uint32_t *out,
                               struct wg_error *err)
{
    uint32_t face = wg_coverage_face_of(c, id);

    if (id == 0 || face == WG_NONE)
        return wg_fail_row(err, WG_NOT_FOUND, id,
                           _("There is no grid %" PRId64 " in force here."), id);
    *out = face;
    return WG_OK;
}

struct wg_face_words wg_face_words(const struct wg_coverage *c, uint32_t face)
{
    struct wg_face_words words = {""};
    const struct wg_face *f = wg_coverage_get_face(c, face);

    if (f->code)
        snprintf(words.text, sizeof words.text, "%s", f->code);
    else
        snprintf(words.text, sizeof words.text, "%" PRId64, f->id);
    return words;
}

static void write_line(FILE *out, const struct wg_line *line)
{
    fputs("LINESTRING(", out);
    for (uint32_t i = 0; i < line->n; i++)
        fprintf(out, "%s%.10g %.10g", i ? "," : "", line->x[i], line->y[i]);
    fputc(')', out);
}

char *wg_overlay_words(const struct wg_coverage *c, size_t n, const uint32_t *face,
                       const struct wg_multipolygon *mp, const struct wg_line *line)
{
    char *text = NULL, *wkt = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s%s", i ? " " : "",
                face[i] == WG_NONE ? "0" : wg_face_words(c, face[i]).text);
    if (n > 0 && (mp || line))
        fputc(' ', out);
    if (line)
        write_line(out, line);
    if (mp && wg_shape_to_wkt(mp, &wkt, NULL) == WG_OK)
        fputs(wkt, out);
    wg_free(wkt);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

bool wg_overlay_is_free(const struct wg_coverage *c, uint32_t face)
{
    if (face == WG_NONE)
        return false;
    return wg_coverage_get_face(c, face)->kind == WG_FACE_FREE ||
           (face == 0 && wg_overlay_free(c) == 0);
}

uint32_t wg_overlay_free(const struct wg_coverage *c)
{
    for (uint32_t f = 0; f < wg_coverage_n_face(c); f++)
        if (wg_coverage_get_face(c, f)->kind == WG_FACE_FREE)
            return f;
    return 0;
}

enum wg_status wg_overlay_check_code(const struct wg_coverage *c,
                                     const struct wg_new_grid *as, struct wg_error *err)
{
    int64_t id;

    if (as && as->code && wg_coverage_find(c, as->code, &id, NULL) == WG_OK)
        return wg_fail_row(err, WG_EXISTS, id,
                           _("There is a grid %s already; give the new one another code, "
                             "or none."),
                           as->code);
    return WG_OK;
}
