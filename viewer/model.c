/* The district in memory: what its snapshots have in common. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "model_build.h"

struct wg_multipolygon model_shape(const struct model_shapes *s, uint32_t i)
{
    size_t part = s->first_part[i], ring = s->first_ring[i], vertex = s->first_vertex[i];
    /* Each thing's offsets have one more than it has parts and rings. */
    return (struct wg_multipolygon){
        .n_part = (uint32_t)(s->first_part[i + 1] - part - 1),
        .n_ring = (uint32_t)(s->first_ring[i + 1] - ring - 1),
        .n_vertex = (uint32_t)(s->first_vertex[i + 1] - vertex),
        .part = s->part + part,
        .ring = s->ring + ring,
        .x = s->x + vertex,
        .y = s->y + vertex,
    };
}

int32_t model_whole(const struct model_city *city, int32_t building)
{
    if (building < 0 || (uint32_t)building >= city->n)
        return -1;
    int32_t whole = city->whole[building];
    return whole >= 0 ? whole : building;
}

double model_top(const struct model_city *city, uint32_t building)
{
    return city->zero_z[building] + city->height_m[building];
}

int32_t model_grid_by_code(const struct model_partition *p, const char *code)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (strcmp(p->grid[i].code, code) == 0)
            return (int32_t)i;
    return -1;
}

/* ---- growing shapes ---- */

bool shapes_begin(struct model_shapes *s, struct shapes_room *room)
{
    *s = (struct model_shapes){0};
    *room = (struct shapes_room){0};
    return shapes_mark(s, room);
}

/* Room for `more` items in an array that doubles. */
static bool make_room(void **array, size_t used, size_t more, size_t *cap, size_t each)
{
    if (used + more <= *cap && *array)
        return true;
    size_t cap_new = *cap ? *cap : 256;
    while (cap_new < used + more)
        cap_new *= 2;
    void *moved = realloc(*array, cap_new * each);
    if (!moved)
        return false;
    *array = moved;
    *cap = cap_new;
    return true;
}

bool shapes_mark(struct model_shapes *s, struct shapes_room *room)
{
    size_t n = s->n;
    size_t cap[3] = {room->things, room->things, room->things};
    if (!make_room((void **)&s->first_part, n, 2, &cap[0], sizeof *s->first_part) ||
        !make_room((void **)&s->first_ring, n, 2, &cap[1], sizeof *s->first_ring) ||
        !make_room((void **)&s->first_vertex, n, 2, &cap[2], sizeof *s->first_vertex))
        return false;
    room->things = cap[0];
    s->first_part[n] = room->part;
    s->first_ring[n] = room->ring;
    s->first_vertex[n] = room->vertex;
    return true;
}

bool shapes_add(struct model_shapes *s, struct shapes_room *room,
                const struct wg_multipolygon *mp)
{
    static const uint32_t zero[1] = {0};
    size_t parts = (size_t)mp->n_part + 1, rings = (size_t)mp->n_ring + 1;
    size_t cap_y = room->cap_vertex;
    if (!make_room((void **)&s->part, room->part, parts, &room->cap_part,
                   sizeof *s->part) ||
        !make_room((void **)&s->ring, room->ring, rings, &room->cap_ring,
                   sizeof *s->ring) ||
        !make_room((void **)&s->x, room->vertex, mp->n_vertex, &room->cap_vertex,
                   sizeof *s->x) ||
        !make_room((void **)&s->y, room->vertex, mp->n_vertex, &cap_y, sizeof *s->y))
        return false;
    memcpy(s->part + room->part, mp->part ? mp->part : zero, parts * sizeof *s->part);
    memcpy(s->ring + room->ring, mp->ring ? mp->ring : zero, rings * sizeof *s->ring);
    if (mp->n_vertex) {
        memcpy(s->x + room->vertex, mp->x, mp->n_vertex * sizeof *s->x);
        memcpy(s->y + room->vertex, mp->y, mp->n_vertex * sizeof *s->y);
    }
    room->part += parts;
    room->ring += rings;
    room->vertex += mp->n_vertex;
    s->n++;
    return shapes_mark(s, room);
}

void shapes_finish(struct model_shapes *s)
{
    free(s->first_part);
    free(s->first_ring);
    free(s->first_vertex);
    free(s->part);
    free(s->ring);
    free(s->x);
    free(s->y);
    *s = (struct model_shapes){0};
}

/* ---- ends ---- */

void model_city_destroy(struct model_city *city)
{
    if (!city)
        return;
    arena_destroy(city->arena);
    field_finish(&city->field);
    free(city->id);
    free(city->whole);
    free(city->hidden);
    free(city->cx);
    free(city->cy);
    free(city->box);
    free(city->foot_z);
    free(city->zero_z);
    free(city->base_m);
    free(city->height_m);
    shapes_finish(&city->shape);
    free(city->facts);
    free(city->surface_kind);
    shapes_finish(&city->surface);
    free(city->road);
    free(city->road_x);
    free(city->road_y);
    free(city->scheme);
    free(city);
}

void model_partition_destroy(struct model_partition *p)
{
    if (!p)
        return;
    arena_destroy(p->arena);
    free(p->grid);
    shapes_finish(&p->shape);
    free(p->owner);
    free(p);
}

void model_live_destroy(struct model_live *live)
{
    if (!live)
        return;
    free(live->level);
    free(live->n_open);
    free(live->grid);
    free(live);
}
