/* Owns the place from which many threads take the locator of the day while one thread
 * puts the next. */
#include <sched.h>
#include <stdatomic.h>

#include "internal.h"
#include "wangge/locate.h"

/*
 * A split count of references.  `now` holds the current generation and how often it was
 * taken, in one word: one addition takes the locator and says that it is taken.  Those
 * who give it back count in the generation's own word.  `put` makes another generation
 * the current one, learns by the same exchange how often the old one was taken, and
 * subtracts that: from then on the word is minus the readers still there, and whoever
 * brings it to zero destroys the locator.  (Before, it was never zero after an
 * addition.)  The generation can then be used again.
 */
#define N_GENERATIONS 8
#define TAKEN_BITS 56 /* enough for 100 million takes a second over 20 years */

struct generation {
    _Alignas(64) _Atomic int64_t balance; /* given - taken */
    struct wg_locator *loc;
    atomic_bool used;
};

struct wg_locator_box {
    _Alignas(64) _Atomic uint64_t now; /* generation << TAKEN_BITS | times taken */
    struct generation generation[N_GENERATIONS];
};

static void retire(struct generation *g)
{
    wg_locator_destroy(g->loc);
    g->loc = NULL;
    atomic_store_explicit(&g->used, false, memory_order_release);
}

static void install(struct generation *g, struct wg_locator *loc)
{
    g->loc = loc;
    atomic_store_explicit(&g->balance, 0, memory_order_relaxed);
    atomic_store_explicit(&g->used, true, memory_order_relaxed);
}

enum wg_status wg_locator_box_create(struct wg_locator *first,
                                     struct wg_locator_box **out, struct wg_error *err)
{
    struct wg_locator_box *box =
        aligned_alloc(_Alignof(struct wg_locator_box), sizeof *box);

    if (!box)
        return wg_fail_memory(err);
    atomic_init(&box->now, 0);
    for (int i = 0; i < N_GENERATIONS; i++) {
        box->generation[i].loc = NULL;
        atomic_init(&box->generation[i].balance, 0);
        atomic_init(&box->generation[i].used, false);
    }
    install(&box->generation[0], first);
    *out = box;
    return WG_OK;
}

void wg_locator_box_destroy(struct wg_locator_box *box)
{
    if (!box)
        return;
    for (int i = 0; i < N_GENERATIONS; i++)
        wg_locator_destroy(box->generation[i].loc);
    free(box);
}

const struct wg_locator *wg_locator_box_take(struct wg_locator_box *box, uint32_t *ticket)
{
    uint64_t now = atomic_fetch_add_explicit(&box->now, 1, memory_order_acquire);

    *ticket = (uint32_t)(now >> TAKEN_BITS);
    return box->generation[*ticket].loc;
}

void wg_locator_box_give(struct wg_locator_box *box, uint32_t ticket)
{
    struct generation *g = &box->generation[ticket];

    if (atomic_fetch_add_explicit(&g->balance, 1, memory_order_acq_rel) == -1)
        retire(g);
}

static uint64_t free_generation(struct wg_locator_box *box)
{
    for (;;) {
        for (uint64_t i = 0; i < N_GENERATIONS; i++) {
            if (!atomic_load_explicit(&box->generation[i].used, memory_order_acquire))
                return i;
        }
        sched_yield(); /* readers hold seven old ones: until one is given back */
    }
}

void wg_locator_box_put(struct wg_locator_box *box, struct wg_locator *next)
{
    uint64_t i = free_generation(box);

    install(&box->generation[i], next);
    uint64_t was =
        atomic_exchange_explicit(&box->now, i << TAKEN_BITS, memory_order_acq_rel);
    struct generation *old = &box->generation[was >> TAKEN_BITS];
    int64_t taken = (int64_t)(was & ((UINT64_C(1) << TAKEN_BITS) - 1));

    if (atomic_fetch_sub_explicit(&old->balance, taken, memory_order_acq_rel) == taken)
        retire(old);
}
