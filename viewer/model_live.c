/* Reads what changes all the time: alert levels and counts of open events. */
#include <stdlib.h>

#include "model_build.h"

struct reading {
    struct model_live *live;
    const struct model_city *city;
    const struct model_partition *partition;
    struct event_at { /* an open event's level, by its id */
        int64_t id;
        int level;
    } *event;
    size_t n_event, cap_event;
    bool failed;
};

static bool on_level(int64_t id, int level, int64_t n_open, void *user)
{
    struct reading *r = user;
    int32_t i = model_index(r->city->id, r->city->n, id);
    if (i < 0 || level < 0 || level > 4)
        return true;
    r->live->level[i] = (uint8_t)level;
    r->live->n_open[i] = n_open > UINT16_MAX ? UINT16_MAX : (uint16_t)n_open;
    int32_t g = r->partition->owner[i];
    for (; g >= 0; g = r->partition->grid[g].parent) {
        r->live->grid[g].building[level]++;
        r->live->grid[g].worst = (uint8_t)wg_alert_worst(r->live->grid[g].worst, level);
    }
    r->live->all.building[level]++;
    r->live->all.worst = (uint8_t)wg_alert_worst(r->live->all.worst, level);
    return true;
}

static bool on_event(const struct wg_event *e, void *user)
{
    struct reading *r = user;
    if (r->n_event == r->cap_event) {
        size_t cap = r->cap_event ? r->cap_event * 2 : 256;
        struct event_at *moved = realloc(r->event, cap * sizeof *moved);
        if (!moved) {
            r->failed = true;
            return false;
        }
        r->event = moved;
        r->cap_event = cap;
    }
    int level = e->level >= 0 && e->level <= 4 ? e->level : 0;
    r->event[r->n_event++] = (struct event_at){e->id, level};
    r->live->all.open++;
    r->live->all.level[level]++;
    return true;
}

static int by_id(const void *va, const void *vb)
{
    const struct model_grid *const *a = va, *const *b = vb;
    return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

struct by_grid {
    struct reading *r;
    const struct model_grid **sorted; /* by id */
    size_t next; /* events and owners both come in order of id */
};

static int32_t find_grid(const struct by_grid *b, int64_t id)
{
    const struct model_partition *p = b->r->partition;
    uint32_t low = 0, high = p->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (b->sorted[mid]->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < p->n && b->sorted[low]->id == id ? (int32_t)(b->sorted[low] - p->grid)
                                                  : -1;
}

static bool on_owner(const struct wg_owner *o, void *user)
{
    struct by_grid *b = user;
    struct reading *r = b->r;
    while (b->next < r->n_event && r->event[b->next].id < o->object)
        b->next++;
    if (b->next == r->n_event)
        return false;
    if (r->event[b->next].id != o->object)
        return true;
    int32_t g = o->grid ? find_grid(b, o->grid) : -1;
    for (; g >= 0; g = r->partition->grid[g].parent) {
        r->live->grid[g].open++;
        r->live->grid[g].level[r->event[b->next].level]++;
    }
    return true;
}

static enum wg_status count_by_grid(struct wg_store *store, struct reading *r,
                                    struct wg_error *err)
{
    const struct model_partition *p = r->partition;
    if (!p->scheme || !p->n || !r->n_event)
        return WG_OK;
    struct by_grid b = {.r = r, .sorted = malloc(p->n * sizeof *b.sorted)};
    if (!b.sorted)
        return model_no_memory(err);
    for (uint32_t i = 0; i < p->n; i++)
        b.sorted[i] = &p->grid[i];
    qsort(b.sorted, p->n, sizeof *b.sorted, by_id);
    enum wg_status status =
        wg_owner_each(store, WG_KIND_EVENT, p->scheme, on_owner, &b, err);
    free(b.sorted);
    return status;
}

enum wg_status model_read_live(struct wg_store *store, const struct model_city *city,
                               const struct model_partition *partition,
                               struct model_live **out, struct wg_error *err)
{
    struct reading r = {.city = city, .partition = partition};
    const struct wg_filter open = {.no_geometry = false};
    enum wg_status status = WG_OK;
    *out = NULL;
    r.live = calloc(1, sizeof *r.live);
    if (r.live) {
        r.live->level = calloc(city->n + 1, sizeof *r.live->level);
        r.live->n_open = calloc(city->n + 1, sizeof *r.live->n_open);
        r.live->grid = calloc(partition->n + 1, sizeof *r.live->grid);
    }
    if (!r.live || !r.live->level || !r.live->n_open || !r.live->grid)
        status = model_no_memory(err);
    if (!status)
        status = wg_store_last_change(store, &r.live->change, err);
    if (!status)
        status = wg_building_levels(store, on_level, &r, err);
    if (!status)
        status = wg_event_each(store, &open, on_event, &r, err);
    if (!status && r.failed)
        status = model_no_memory(err);
    if (!status)
        status = count_by_grid(store, &r, err);
    free(r.event);
    if (status) {
        model_live_destroy(r.live);
        return status;
    }
    r.live->at_ms = wg_instant_now();
    *out = r.live;
    return WG_OK;
}
