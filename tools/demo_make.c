/* Puts the demo district together: as many blocks as its buildings need. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

enum { COMMUNITY_HOUSEHOLDS = 5504, COMMUNITY_PEOPLE = 20580 };
static const double community_blocks = 92; /* about a square kilometre */

struct drop {
    uint64_t key;
    size_t house;
};

static int by_key(const void *a, const void *b)
{
    const struct drop *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->house < q->house ? -1 : p->house > q->house;
}

/* Leave out the least missed houses until `want` remain: sheds and old houses first. */
static bool thin_out(struct demo_city *city, size_t want)
{
    struct drop *drop = malloc(city->n_house * sizeof *drop);
    bool *gone = calloc(city->n_house, sizeof *gone);
    if (!drop || !gone) {
        free(drop);
        free(gone);
        return false;
    }
    struct demo_random r = demo_random_make(city->plan.options->seed, 9);
    for (size_t i = 0; i < city->n_house; i++) {
        uint64_t rank = (uint64_t)city->house[i].floors;
        drop[i] = (struct drop){rank << 32 | demo_random_next(&r) >> 32, i};
    }
    qsort(drop, city->n_house, sizeof *drop, by_key);
    for (size_t i = 0; i < city->n_house - want; i++)
        gone[drop[i].house] = true;
    size_t kept = 0;
    for (size_t i = 0; i < city->n_house; i++)
        if (!gone[i])
            city->house[kept++] = city->house[i];
    city->n_house = kept;
    free(drop);
    free(gone);
    return true;
}

bool demo_make(struct demo_city *city, const struct demo_options *options)
{
    size_t want = (size_t)options->buildings;
    double blocks = want ? fmax(12, (double)want / 8) : community_blocks;
    for (;;) {
        memset(city, 0, sizeof *city);
        if (!demo_plan_make(&city->plan, options, blocks) || !demo_build(city)) {
            demo_city_finish(city);
            return false;
        }
        if (city->n_house >= want)
            break;
        blocks *= 1.02 * fmax(1.01, (double)want / (double)city->n_house);
        demo_city_finish(city);
    }
    double share = 1;
    if (want) {
        share = (double)want / (double)city->n_house * blocks / community_blocks;
        if (!thin_out(city, want)) {
            demo_city_finish(city);
            return false;
        }
    }
    int64_t households = (int64_t)llround(COMMUNITY_HOUSEHOLDS * share);
    int64_t people = (int64_t)llround(COMMUNITY_PEOPLE * share);
    if (!demo_people(city, households > 0 ? households : 1, people > 0 ? people : 1)) {
        demo_city_finish(city);
        return false;
    }
    return true;
}
