/* Owns the faces of a coverage, found by id and by code. */
#include <string.h>

#include "coverage_inside.h"

/* ---- the two tables: chains through the faces, newest first ---- */

static uint32_t hash_id(int64_t id)
{
    return (uint32_t)(((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static uint32_t hash_code(const char *code)
{
    uint32_t h = 2166136261u;
    for (; *code; code++)
        h = (h ^ (unsigned char)*code) * 16777619u;
    return h ^ h >> 15;
}

static uint32_t *id_slot(const struct wg_coverage *c, int64_t id)
{
    return &c->by_id[hash_id(id) & c->name_mask];
}

static uint32_t *code_slot(const struct wg_coverage *c, const char *code)
{
    return &c->by_code[hash_code(code) & c->name_mask];
}

static void enter(struct wg_coverage *c, uint32_t f)
{
    if (c->face[f].kind != WG_FACE_GRID)
        return;
    uint32_t *slot = id_slot(c, c->face[f].id);
    c->same[f].id = *slot;
    *slot = f;
    if (c->face[f].code) {
        slot = code_slot(c, c->face[f].code);
        c->same[f].code = *slot;
        *slot = f;
    }
}

static void leave(struct wg_coverage *c, uint32_t f)
{
    if (c->face[f].kind != WG_FACE_GRID)
        return;
    uint32_t *at = id_slot(c, c->face[f].id);
    while (*at != f)
        at = &c->same[*at].id;
    *at = c->same[f].id;
    if (!c->face[f].code)
        return;
    at = code_slot(c, c->face[f].code);
    while (*at != f)
        at = &c->same[*at].code;
    *at = c->same[f].code;
}

static bool widen_names(struct wg_coverage *c, size_t need)
{
    size_t n = c->by_id ? (size_t)c->name_mask + 1 : 64;
    if (c->by_id && need <= n)
        return true;
    while (n < need)
        n *= 2;
    uint32_t *id = malloc(n * sizeof *id), *code = malloc(n * sizeof *code);
    if (!id || !code) {
        free(id);
        free(code);
        return false;
    }
    memset(id, 0xff, n * sizeof *id);
    memset(code, 0xff, n * sizeof *code);
    free(c->by_id);
    free(c->by_code);
    c->by_id = id;
    c->by_code = code;
    c->name_mask = (uint32_t)(n - 1);
    for (uint32_t f = 0; f < c->n_face; f++)
        enter(c, f);
    return true;
}

/* ---- adding, renaming, dropping ---- */

static bool grow(struct wg_coverage *c, size_t need)
{
    void *faces = c->face, *unborn = c->unborn, *off = c->off_lattice, *same = c->same;
    if (!wg_grow(&faces, &c->cap_face, need, sizeof *c->face))
        return false;
    c->face = faces;
    if (!wg_grow(&unborn, &c->cap_unborn, need, sizeof *c->unborn))
        return false;
    c->unborn = unborn;
    if (!wg_grow(&off, &c->cap_off, need, sizeof *c->off_lattice))
        return false;
    c->off_lattice = off;
    if (!wg_grow(&same, &c->cap_same, need, sizeof *c->same))
        return false;
    c->same = same;
    return widen_names(c, need);
}

static void free_texts(struct wg_face *f)
{
    free(f->code);
    free(f->name);
    free(f->grid_kind);
    f->code = f->name = f->grid_kind = NULL;
}

uint32_t wg_coverage_add_face(struct wg_coverage *c, const struct wg_face *face)
{
    /* The texts first: they may be those of a face of this coverage. */
    struct wg_face f = *face;
    f.code = wg_strdup(face->code);
    f.name = wg_strdup(face->name);
    f.grid_kind = wg_strdup(face->kind == WG_FACE_GRID && !face->grid_kind
                                ? "basic" /* as the store says */
                                : face->grid_kind);
    f.first_segment = WG_NONE;
    f.n_segment = 0;
    f.area2 = 0;
    if ((face->code && !f.code) || (face->name && !f.name) ||
        (face->grid_kind && !f.grid_kind) || !grow(c, (size_t)c->n_face + 1)) {
        free_texts(&f);
        return WG_NONE;
    }
    uint32_t number = c->n_face++;
    c->face[number] = f;
    c->unborn[number] = c->off_lattice[number] = false;
    enter(c, number);
    c->listed = false;
    return number;
}

void wg_coverage_pop_face(struct wg_coverage *c)
{
    leave(c, c->n_face - 1);
    free_texts(&c->face[--c->n_face]);
    c->listed = false;
}

void wg_coverage_rename_face(struct wg_coverage *c, uint32_t f, int64_t id, char *code)
{
    leave(c, f);
    c->face[f].id = id;
    if (code != c->face[f].code) {
        free(c->face[f].code);
        c->face[f].code = code;
    }
    enter(c, f);
}

void wg_coverage_finish_faces(struct wg_coverage *c)
{
    for (uint32_t f = 0; f < c->n_face; f++)
        free_texts(&c->face[f]);
    free(c->face);
    free(c->unborn);
    free(c->off_lattice);
    free(c->same);
    free(c->by_id);
    free(c->by_code);
    free(c->list);
}

/* ---- finding ---- */

uint32_t wg_coverage_known_face(const struct wg_coverage *c, int64_t id)
{
    uint32_t ended = WG_NONE;
    for (uint32_t f = *id_slot(c, id); f != WG_NONE; f = c->same[f].id) {
        if (c->face[f].id != id || c->unborn[f])
            continue;
        if (!c->face[f].ended)
            return f;
        if (ended == WG_NONE)
            ended = f;
    }
    return ended;
}

uint32_t wg_coverage_face_of(const struct wg_coverage *c, int64_t id)
{
    uint32_t f = wg_coverage_known_face(c, id);
    return f != WG_NONE && c->face[f].ended ? WG_NONE : f;
}

uint32_t wg_coverage_face_by_code(const struct wg_coverage *c, const char *code)
{
    uint32_t f = *code_slot(c, code);
    while (f != WG_NONE &&
           (c->unborn[f] || c->face[f].ended || strcmp(c->face[f].code, code) != 0))
        f = c->same[f].code;
    return f;
}

/* ---- grids by number ---- */

/* The list is made anew after an edit that began grids: the one thing beside the marks
 * of the index that asking writes. */
static uint32_t list_grids(const struct wg_coverage *coverage)
{
    struct wg_coverage *c = (struct wg_coverage *)coverage;
    if (c->listed)
        return c->n_list;
    void *array = c->list;
    if (!wg_grow(&array, &c->cap_list, c->n_face, sizeof *c->list))
        return 0;
    c->list = array;
    c->n_list = 0;
    for (uint32_t f = 1; f < c->n_face; f++)
        if (c->face[f].kind == WG_FACE_GRID && !c->unborn[f])
            c->list[c->n_list++] = f;
    c->listed = true;
    return c->n_list;
}

uint32_t wg_coverage_count(const struct wg_coverage *c)
{
    return list_grids(c);
}

uint32_t wg_coverage_grid_number(const struct wg_coverage *c, uint32_t number)
{
    return number < list_grids(c) ? c->list[number] : WG_NONE;
}
