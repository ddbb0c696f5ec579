/* Owns making a coverage from polygons. */
#include <math.h>
#include <string.h>

#include "coverage_inside.h"
#include "wangge/shape.h"

struct build {
    size_t n;
    const struct wg_coverage_grid *grid;
    const struct wg_multipolygon *limit;
    double heal; /* steps */
    struct wg_error *err;
    struct wg_lattice lattice;
    struct wg_arrange_segment *segment;
    size_t n_segment, cap_segment;
    struct wg_arrangement plane;
    uint32_t *face;    /* of the coverage, by face of the plane; WG_NONE: not known yet */
    double *perimeter; /* of the faces of the plane */
    uint32_t free_face; /* WG_NONE without a limit */
    struct wg_coverage *c;
};

static enum wg_status fail_grid(struct build *b, size_t i, struct wg_error *why)
{
    return wg_fail_at(b->err, why->status, why->x, why->y, _("grid %s: %s"),
                      b->grid[i].code, why->text);
}

static enum wg_status gather(struct build *b)
{
    struct wg_box box = b->limit ? wg_multipolygon_box(b->limit) : wg_box_empty();
    enum wg_status status;
    for (size_t i = 0; i < b->n; i++)
        box = wg_box_union(box, wg_multipolygon_box(&b->grid[i].geometry));
    if (wg_box_is_empty(box))
        box = (struct wg_box){0, 0, 0, 0};
    status = wg_lattice_around(box, &b->lattice, b->err);
    for (size_t i = 0; !status && i < b->n; i++) {
        struct wg_error why = {0};
        status =
            wg_arrange_add_polygon(&b->grid[i].geometry, &b->lattice, (uint32_t)i,
                                   &b->segment, &b->n_segment, &b->cap_segment, &why);
        if (status)
            return fail_grid(b, i, &why);
    }
    if (!status && b->limit)
        status =
            wg_arrange_add_polygon(b->limit, &b->lattice, (uint32_t)b->n, &b->segment,
                                   &b->n_segment, &b->cap_segment, b->err);
    if (!status)
        status = wg_arrange(b->n_segment, b->segment, NULL, &b->plane, b->err);
    return status;
}

static enum wg_status measure(struct build *b)
{
    const struct wg_arrangement *p = &b->plane;
    b->perimeter = calloc((size_t)p->n_face + 1, sizeof *b->perimeter);
    b->face = malloc(((size_t)p->n_face + 1) * sizeof *b->face);
    if (!b->perimeter || !b->face)
        return wg_fail_memory(b->err);
    for (uint32_t s = 0; s < p->n_segment; s++) {
        struct wg_spot a = p->spot[p->a[s]], c = p->spot[p->b[s]];
        double length = hypot((double)a.x - c.x, (double)a.y - c.y);
        b->perimeter[p->left[s]] += length;
        b->perimeter[p->right[s]] += length;
    }
    return WG_OK;
}

static double width_of(const struct build *b, uint32_t face)
{
    return b->perimeter[face] > 0 ? 2 * b->plane.area[face] / b->perimeter[face] : 0;
}

static enum wg_status make_faces(struct build *b)
{
    b->c = wg_coverage_new(b->lattice);
    if (!b->c)
        return wg_fail_memory(b->err);
    b->c->has_limit = b->limit != NULL;
    for (size_t i = 0; i < b->n; i++) {
        const struct wg_coverage_grid *g = &b->grid[i];
        struct wg_face face = {.kind = WG_FACE_GRID,
                               .level = g->level,
                               .id = g->id,
                               .parent = g->parent,
                               .code = (char *)g->code,
                               .name = (char *)g->name,
                               .grid_kind = (char *)g->kind};
        if (wg_coverage_add_face(b->c, &face) == WG_NONE)
            return wg_fail_memory(b->err);
    }
    /* Free area belongs to the parent that all grids have, so that it may be given. */
    struct wg_face area = {.kind = WG_FACE_FREE,
                           .parent = b->n > 0 ? b->grid[0].parent : 0};
    for (size_t i = 0; i < b->n; i++)
        if (b->grid[i].parent != area.parent)
            area.parent = 0;
    b->free_face = b->limit ? wg_coverage_add_face(b->c, &area) : WG_NONE;
    return b->limit && b->free_face == WG_NONE ? wg_fail_memory(b->err) : WG_OK;
}

static struct wg_point place_in(const struct build *b, uint32_t face)
{
    struct wg_multipolygon mp = {0};
    struct wg_box box = b->plane.face_box[face];
    struct wg_spot middle = {(int32_t)((box.min_x + box.max_x) / 2),
                             (int32_t)((box.min_y + box.max_y) / 2)};
    struct wg_point at = wg_lattice_point(&b->lattice, middle);
    bool *member = calloc(b->plane.n_face, sizeof *member);
    if (member) {
        member[face] = true;
        if (wg_arrangement_polygon(&b->plane, member, &b->lattice, &mp, NULL) == WG_OK)
            wg_shape_label_point(NULL, &mp, &at, NULL);
    }
    wg_multipolygon_finish(&mp);
    free(member);
    return at;
}

static enum wg_status fail_overlap(struct build *b, uint32_t face, uint32_t one,
                                   uint32_t two)
{
    struct wg_point at = place_in(b, face);
    return wg_fail_at(
        b->err, WG_CONSTRAINT, at.x, at.y,
        _("Grids %s and %s overlap by %.2f m² at %.2f %.2f.  Boundaries can be "
          "edited where nothing overlaps: see wangge grid clean."),
        b->grid[one].code, b->grid[two].code,
        b->plane.area[face] * WG_LATTICE_STEP * WG_LATTICE_STEP, at.x, at.y);
}

/* What a face of the plane is; thin ones that are nothing plain stay WG_NONE. */
static enum wg_status name_face(struct build *b, uint32_t f)
{
    const struct wg_arrangement *p = &b->plane;
    uint32_t grids = 0, one = WG_NONE, two = WG_NONE;
    bool inside = !b->limit, thin = f != 0 && width_of(b, f) <= b->heal;
    for (uint32_t k = p->cover_first[f]; k < p->cover_first[f + 1]; k++) {
        if (p->cover[k] == b->n) {
            inside = true;
        } else if (grids++ == 0) {
            one = p->cover[k];
        } else if (grids == 2) {
            two = p->cover[k];
        }
    }
    b->face[f] = WG_NONE;
    if (f == 0)
        b->face[f] = 0;
    else if (grids == 1 && (inside || thin))
        b->face[f] = inside ? one + 1 : 0;
    else if (grids == 0 && !thin)
        b->face[f] = b->limit && inside ? b->free_face : 0;
    else if (grids == 0 && b->limit && !inside)
        b->face[f] = 0;
    else if (grids >= 2 && !thin)
        return fail_overlap(b, f, one, two);
    else if (grids == 1) {
        struct wg_point at = place_in(b, f);
        return wg_fail_at(b->err, WG_CONSTRAINT, at.x, at.y,
                          _("Grid %s leaves the outer limit by %.2f m² at %.2f %.2f."),
                          b->grid[one].code,
                          p->area[f] * WG_LATTICE_STEP * WG_LATTICE_STEP, at.x, at.y);
    }
    return WG_OK;
}

struct border {
    uint32_t thin, face;
    double length;
};

static int compare_borders(const void *a, const void *b)
{
    const struct border *p = a, *q = b;
    if (p->thin != q->thin)
        return p->thin < q->thin ? -1 : 1;
    return (p->face > q->face) - (p->face < q->face);
}

/* One round of giving thin faces to the known neighbour of the longest border, a grid
 * before nobody; *left: how many are still not known. */
static enum wg_status heal_once(struct build *b, size_t *left)
{
    const struct wg_arrangement *p = &b->plane;
    struct border *list = NULL;
    size_t n = 0, cap = 0, thin = 0;
    for (uint32_t s = 0; s < p->n_segment; s++) {
        struct wg_spot a = p->spot[p->a[s]], c = p->spot[p->b[s]];
        for (int side = 0; side < 2; side++) {
            uint32_t f = side ? p->right[s] : p->left[s];
            uint32_t o = side ? p->left[s] : p->right[s];
            void *array = list;
            if (b->face[f] != WG_NONE || b->face[o] == WG_NONE)
                continue;
            if (!wg_grow(&array, &cap, n + 1, sizeof *list)) {
                free(list);
                return wg_fail_memory(b->err);
            }
            list = array;
            list[n++] = (struct border){f, b->face[o],
                                        hypot((double)a.x - c.x, (double)a.y - c.y)};
        }
    }
    if (n)
        qsort(list, n, sizeof *list, compare_borders);
    for (size_t i = 0, j; i < n; i = j) {
        uint32_t best = WG_NONE;
        double longest = -1;
        for (j = i; j < n && list[j].thin == list[i].thin;) {
            uint32_t face = list[j].face;
            double length = 0;
            for (; j < n && list[j].thin == list[i].thin && list[j].face == face; j++)
                length += list[j].length;
            bool grid = face >= 1 && face <= b->n;
            if (best != WG_NONE && (best >= 1 && best <= b->n) && !grid)
                continue;
            if (length > longest || (grid && !(best >= 1 && best <= b->n))) {
                best = face;
                longest = length;
            }
        }
        b->face[list[i].thin] = best;
    }
    free(list);
    for (uint32_t f = 0; f < p->n_face; f++)
        thin += b->face[f] == WG_NONE;
    *left = thin;
    return WG_OK;
}

/* A polygon whose area is not that of its faces is not valid: GEOS tells why. */
static enum wg_status check_areas(struct build *b)
{
    const struct wg_arrangement *p = &b->plane;
    enum wg_status status = WG_OK;
    double *area = calloc(b->n + 2, sizeof *area);
    if (!area)
        return wg_fail_memory(b->err);
    for (uint32_t f = 1; f < p->n_face; f++)
        for (uint32_t k = p->cover_first[f]; k < p->cover_first[f + 1]; k++)
            area[p->cover[k]] += p->area[f];
    for (size_t i = 0; !status && i < b->n; i++) {
        double is = area[i] * WG_LATTICE_STEP * WG_LATTICE_STEP;
        double says = wg_multipolygon_area(&b->grid[i].geometry);
        struct wg_error why = {0};
        if (fabs(is - says) <= 1e-3 + 1e-6 * says && says > 0)
            continue;
        if (wg_shape_check(NULL, &b->grid[i].geometry, &why) != WG_OK)
            status = fail_grid(b, i, &why);
    }
    free(area);
    return status;
}

static enum wg_status name_faces(struct build *b)
{
    enum wg_status status = WG_OK;
    size_t left = 0, before;
    for (uint32_t f = 0; !status && f < b->plane.n_face; f++) {
        status = name_face(b, f);
        left += b->face[f] == WG_NONE;
    }
    for (before = left + 1; !status && left > 0 && left < before;) {
        before = left;
        status = heal_once(b, &left);
    }
    for (uint32_t f = 0; !status && f < b->plane.n_face; f++)
        if (b->face[f] == WG_NONE)
            b->face[f] = 0;
    return status;
}

static enum wg_status put_segments(struct build *b)
{
    const struct wg_arrangement *p = &b->plane;
    struct wg_spot min = {INT32_MAX, INT32_MAX}, max = {INT32_MIN, INT32_MIN};
    for (uint32_t v = 0; v < p->n_spot; v++) {
        min.x = p->spot[v].x < min.x ? p->spot[v].x : min.x;
        min.y = p->spot[v].y < min.y ? p->spot[v].y : min.y;
        max.x = p->spot[v].x > max.x ? p->spot[v].x : max.x;
        max.y = p->spot[v].y > max.y ? p->spot[v].y : max.y;
    }
    if (p->n_spot == 0)
        min = max = (struct wg_spot){0, 0};
    if (!wg_places_begin(b->c, min, max, p->n_segment))
        return wg_fail_memory(b->err);
    for (uint32_t s = 0; s < p->n_segment; s++) {
        struct wg_cut cut = {p->spot[p->a[s]], p->spot[p->b[s]], b->face[p->left[s]],
                             b->face[p->right[s]]};
        if (cut.left != cut.right && wg_coverage_add_segment(b->c, &cut) == WG_NONE)
            return wg_fail_memory(b->err);
    }
    for (size_t i = 0; i < b->n; i++)
        if (b->c->face[i + 1].area2 <= 0)
            return wg_fail(b->err, WG_GEOMETRY,
                           _("grid %s has no area on the lattice of a millimetre."),
                           b->grid[i].code);
    return b->c->broken ? wg_fail_memory(b->err) : WG_OK;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Everything goes by the id: 0 is nobody's, below it are those that edits make. */
static enum wg_status check_ids(const struct build *b)
{
    int64_t *id = malloc((b->n + 1) * sizeof *id);
    enum wg_status status = WG_OK;
    if (!id)
        return wg_fail_memory(b->err);
    for (size_t i = 0; i < b->n; i++)
        id[i] = b->grid[i].id;
    qsort(id, b->n, sizeof *id, compare_ids);
    for (size_t i = 0; !status && i < b->n; i++)
        if (id[i] <= 0 || (i > 0 && id[i] == id[i - 1]))
            status =
                wg_fail(b->err, WG_INVALID,
                        _("The number %lld names no grid, or two: grids need numbers "
                          "of their own, above 0."),
                        (long long)id[i]);
    free(id);
    return status;
}

enum wg_status wg_coverage_build(size_t n, const struct wg_coverage_grid *grid,
                                 const struct wg_coverage_options *options,
                                 struct wg_coverage **out, struct wg_error *err)
{
    struct build b = {.n = n, .grid = grid, .err = err};
    double heal_m =
        options && options->heal_m > 0 ? options->heal_m : 2 * WG_LATTICE_STEP;
    b.heal = heal_m / WG_LATTICE_STEP;
    b.limit = options ? options->limit : NULL;
    enum wg_status status = check_ids(&b);
    if (!status)
        status = gather(&b);
    if (!status)
        status = check_areas(&b);
    if (!status)
        status = measure(&b);
    if (!status)
        status = make_faces(&b);
    if (!status)
        status = name_faces(&b);
    if (!status)
        status = put_segments(&b);
    wg_arrangement_finish(&b.plane);
    free(b.segment);
    free(b.face);
    free(b.perimeter);
    if (status) {
        wg_coverage_close(b.c);
        return status;
    }
    *out = b.c;
    return WG_OK;
}
