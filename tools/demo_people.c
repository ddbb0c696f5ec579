/* Counts of the demo district: households, people, elderly; exact in their sums. */
#include <math.h>
#include <stdlib.h>

#include "demo.h"

struct rest {
    double fraction;
    size_t house;
};

static int larger_rest(const void *a, const void *b)
{
    const struct rest *p = a, *q = b;
    if (p->fraction != q->fraction)
        return p->fraction < q->fraction ? 1 : -1;
    return p->house < q->house ? -1 : p->house > q->house;
}

/* Share `total` over the houses by weight, largest remainders first. */
static bool apportion(struct demo_city *city, int64_t total,
                      double (*weight)(const struct demo_house *h),
                      void (*put)(struct demo_house *h, int n))
{
    double sum = 0;
    for (size_t i = 0; i < city->n_house; i++)
        sum += weight(&city->house[i]);
    if (sum <= 0)
        return true;
    struct rest *rest = malloc(city->n_house * sizeof *rest);
    int *count = malloc(city->n_house * sizeof *count);
    bool ok = rest && count;
    int64_t left = total;
    for (size_t i = 0; ok && i < city->n_house; i++) {
        double exact = (double)total * weight(&city->house[i]) / sum;
        count[i] = (int)floor(exact);
        rest[i] = (struct rest){exact - floor(exact), i};
        left -= count[i];
    }
    if (ok) {
        qsort(rest, city->n_house, sizeof *rest, larger_rest);
        for (size_t i = 0; i < city->n_house && left > 0; i++, left--)
            count[rest[i].house]++;
        for (size_t i = 0; i < city->n_house; i++)
            put(&city->house[i], count[i]);
    }
    free(rest);
    free(count);
    return ok;
}

static double by_dwellings(const struct demo_house *h)
{
    return h->dwellings;
}

static double by_households(const struct demo_house *h)
{
    /* Old quarters are fuller than new towers. */
    return h->households * (h->floors <= 4 ? 1.12 : h->floors > 12 ? 0.93 : 1.0);
}

static double by_age(const struct demo_house *h)
{
    return h->population * (h->floors <= 7 ? 1.6 : 0.7);
}

static void put_households(struct demo_house *h, int n)
{
    h->households = n;
}

static void put_population(struct demo_house *h, int n)
{
    h->population = n;
}

static void put_elderly(struct demo_house *h, int n)
{
    h->elderly_alone = n < h->households ? n : h->households;
}

bool demo_people(struct demo_city *city, int64_t households, int64_t population)
{
    if (!apportion(city, households, by_dwellings, put_households) ||
        !apportion(city, population, by_households, put_population) ||
        !apportion(city, population / 60, by_age, put_elderly))
        return false;
    struct demo_plan *plan = &city->plan;
    for (int row = 0; row < plan->rows; row++)
        for (int col = 0; col < plan->cols; col++)
            demo_cell(plan, col, row)->households = 0.5; /* so that no patch weighs 0 */
    for (size_t i = 0; i < city->n_house; i++) {
        const struct demo_house *h = &city->house[i];
        demo_cell(plan, h->col, h->row)->households += h->households;
    }
    return true;
}
