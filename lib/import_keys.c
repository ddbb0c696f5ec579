/* Owns the keys of the rows made in an import: a hash table of hashes. */
#include <stdlib.h>

#include "import_load.h"

uint64_t wg_keys_hash(int kind, const char *text)
{
    uint64_t hash = 14695981039346656037u + (uint64_t)kind; /* FNV-1a */
    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
    return hash ? hash : 1;
}

static void put(struct wg_keys *keys, uint64_t hash, int64_t id)
{
    size_t i = hash & (keys->cap - 1);
    while (keys->slot[i].hash)
        i = (i + 1) & (keys->cap - 1);
    keys->slot[i] = (struct wg_key_slot){hash, id};
}

static bool grow(struct wg_keys *keys)
{
    struct wg_keys wider = {.cap = keys->cap ? keys->cap * 2 : 4096};
    wider.slot = calloc(wider.cap, sizeof *wider.slot);
    if (!wider.slot)
        return false;
    for (size_t i = 0; i < keys->cap; i++)
        if (keys->slot[i].hash)
            put(&wider, keys->slot[i].hash, keys->slot[i].id);
    free(keys->slot);
    keys->slot = wider.slot;
    keys->cap = wider.cap;
    return true;
}

bool wg_keys_add(struct wg_keys *keys, uint64_t hash, int64_t id)
{
    if (3 * (keys->n + 1) > 2 * keys->cap && !grow(keys))
        return false;
    put(keys, hash, id);
    keys->n++;
    return true;
}

void wg_keys_prefetch(const struct wg_keys *keys, uint64_t hash)
{
    if (keys->cap)
        __builtin_prefetch(&keys->slot[hash & (keys->cap - 1)]);
}

int64_t wg_keys_next(const struct wg_keys *keys, uint64_t hash, size_t *at)
{
    if (!keys->cap)
        return 0;
    for (size_t step = *at;; step++) {
        const struct wg_key_slot *slot = &keys->slot[(hash + step) & (keys->cap - 1)];
        if (!slot->hash)
            return 0;
        if (slot->hash == hash) {
            *at = step + 1;
            return slot->id;
        }
    }
}

void wg_keys_finish(struct wg_keys *keys)
{
    free(keys->slot);
    *keys = (struct wg_keys){.n = 0};
}
