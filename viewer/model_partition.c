/* Reads the partition: one scheme's grids, their hues, officers and owners. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "model_build.h"

struct row { /* a grid as it was read, before they are sorted by code */
    int64_t id, parent;
    uint32_t at; /* in the order of reading */
};

struct reading {
    struct model_partition *partition;
    const struct model_city *city;
    struct shapes_room room;
    size_t cap_grid, cap_row;
    struct row *row; /* by id: the order they are read in */
    bool failed;
    struct wg_shape *shape;
};

static bool on_grid(const struct wg_grid *g, void *user)
{
    struct reading *r = user;
    struct model_partition *p = r->partition;
    struct model_grid *grid = grow(p->grid, p->n, &r->cap_grid, sizeof *grid);
    if (grid)
        p->grid = grid;
    struct row *row = grow(r->row, p->n, &r->cap_row, sizeof *row);
    if (row)
        r->row = row;
    if (!grid || !row || !shapes_add(&p->shape, &r->room, &g->geometry)) {
        r->failed = true;
        return false;
    }
    struct wg_point label = {NAN, NAN};
    if (wg_shape_label_point(r->shape, &g->geometry, &label, NULL))
        label = wg_multipolygon_centroid(&g->geometry);
    r->row[p->n] = (struct row){g->id, g->parent, p->n};
    p->grid[p->n] = (struct model_grid){
        .id = g->id,
        .parent = -1,
        .level = g->level,
        .leaf = true,
        .code = arena_string(p->arena, g->code),
        .name = arena_string(p->arena, g->name),
        .officer = "",
        .phone = "",
        .area_m2 = wg_multipolygon_area(&g->geometry),
        .box = wg_multipolygon_box(&g->geometry),
        .label_x = label.x,
        .label_y = label.y,
        .label_z = field_height(&r->city->field, label.x, label.y),
    };
    p->n++;
    return true;
}

static int by_code(const void *va, const void *vb)
{
    const struct model_grid *a = va, *b = vb;
    return strcmp(a->code, b->code);
}

static int32_t grid_of_id(const struct reading *r, int64_t id)
{
    uint32_t low = 0, high = r->partition->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (r->row[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < r->partition->n && r->row[low].id == id ? (int32_t)r->row[low].at : -1;
}

/* Parents by id become indices; who has a child is no leaf. */
static void link_parents(struct reading *r)
{
    struct model_partition *p = r->partition;
    for (uint32_t i = 0; i < p->n; i++)
        p->grid[i].parent = -1;
    for (uint32_t i = 0; i < p->n; i++) {
        int32_t parent = r->row[i].parent ? grid_of_id(r, r->row[i].parent) : -1;
        if (parent < 0)
            continue;
        p->grid[r->row[i].at].parent = parent;
        p->grid[parent].leaf = false;
    }
}

/* Sort by code, the shapes with them. */
static bool order(struct reading *r)
{
    struct model_partition *p = r->partition;
    struct model_shapes sorted;
    struct shapes_room room;
    bool ok = shapes_begin(&sorted, &room);
    /* `parent` carries the place in the old order through the sort. */
    for (uint32_t i = 0; i < p->n; i++)
        p->grid[i].parent = (int32_t)i;
    if (p->n)
        qsort(p->grid, p->n, sizeof *p->grid, by_code);
    for (uint32_t i = 0; i < p->n && ok; i++) {
        struct wg_multipolygon mp = model_shape(&p->shape, (uint32_t)p->grid[i].parent);
        ok = shapes_add(&sorted, &room, &mp);
        r->row[p->grid[i].parent].at = i;
    }
    shapes_finish(ok ? &p->shape : &sorted);
    if (ok)
        p->shape = sorted;
    link_parents(r);
    return ok;
}

static bool on_owner(const struct wg_owner *o, void *user)
{
    struct reading *r = user;
    struct model_partition *p = r->partition;
    int32_t building = model_index(r->city->id, r->city->n, o->object);
    if (building < 0)
        return true;
    int32_t grid = o->grid ? grid_of_id(r, o->grid) : -1;
    p->owner[building] = grid;
    if (r->city->whole[building] >= 0)
        return true; /* counted with its whole */
    p->n_cut += o->cut;
    if (grid < 0) {
        p->n_outside++;
        return true;
    }
    const struct model_facts *f = &r->city->facts[building];
    for (int32_t g = grid; g >= 0; g = p->grid[g].parent) {
        p->grid[g].n_building++;
        p->grid[g].households += f->households > 0 ? f->households : 0;
        p->grid[g].population += f->population > 0 ? f->population : 0;
    }
    return true;
}

static bool on_duty(const struct wg_duty *d, void *user)
{
    struct reading *r = user;
    int32_t g = grid_of_id(r, d->grid);
    if (g >= 0 && !*r->partition->grid[g].officer)
        r->partition->grid[g].officer =
            arena_string(r->partition->arena, d->officer_name);
    return true;
}

struct scheme_wanted {
    struct model_partition *partition;
    int64_t id;
};

static bool on_scheme(const struct wg_scheme *s, void *user)
{
    struct scheme_wanted *w = user;
    if (w->id && s->id != w->id)
        return true;
    w->partition->scheme = s->id;
    w->partition->scheme_name = arena_string(w->partition->arena, s->name);
    w->partition->scheme_title =
        arena_string(w->partition->arena, s->title && *s->title ? s->title : s->name);
    return false;
}

static enum wg_status read_scheme(struct wg_store *store, struct reading *r,
                                  struct wg_error *err)
{
    struct model_partition *p = r->partition;
    const struct wg_filter grids = {.scheme = p->scheme};
    enum wg_status status = wg_grid_each(store, &grids, on_grid, r, err);
    if (!status && (r->failed || !order(r) || !colour_grids(p)))
        status = model_no_memory(err);
    if (!status)
        status = wg_owner_each(store, WG_KIND_BUILDING, p->scheme, on_owner, r, err);
    if (!status)
        status = wg_duty_each(store, &grids, on_duty, r, err);
    return status;
}

static enum wg_status begin(struct reading *r, struct wg_error *err)
{
    struct model_partition *p = calloc(1, sizeof *p);
    r->partition = p;
    if (!p)
        return model_no_memory(err);
    p->arena = arena_create();
    p->scheme_name = p->scheme_title = "";
    p->owner = malloc((r->city->n + 1) * sizeof *p->owner);
    if (!p->arena || !p->owner || !shapes_begin(&p->shape, &r->room))
        return model_no_memory(err);
    for (uint32_t i = 0; i < r->city->n; i++)
        p->owner[i] = -1;
    return wg_shape_create(&r->shape, err);
}

enum wg_status model_read_partition(struct wg_store *store, const struct model_city *city,
                                    int64_t scheme, struct model_partition **out,
                                    struct wg_error *err)
{
    struct reading r = {.city = city};
    *out = NULL;
    enum wg_status status = begin(&r, err);
    if (!status) {
        const struct wg_filter in_force = {0};
        struct scheme_wanted wanted = {r.partition, scheme};
        status = wg_scheme_each(store, &in_force, on_scheme, &wanted, err);
    }
    if (!status && r.partition->scheme)
        status = read_scheme(store, &r, err);
    wg_shape_destroy(r.shape);
    free(r.row);
    if (status)
        model_partition_destroy(r.partition);
    else
        *out = r.partition;
    return status;
}
