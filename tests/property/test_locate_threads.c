/*
 * Built whole with the thread sanitiser, which ends the program at the first race: four
 * threads ask the locator of a box, one by one and in batches, while another puts new
 * ones into it.  Each locator's answers tell which one it was.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/random.h"
#include "wangge/locate.h"

#define READERS 4
#define SWAPS 400
#define SIDE 12 /* grids along each axis */
#define POINTS 256

struct board { /* unit squares whose codes, and so slots, are turned by `turn` */
    struct wg_locator_grid grid[SIDE * SIDE];
    struct wg_multipolygon mp[SIDE * SIDE];
    char code[SIDE * SIDE][8];
    uint32_t part[2], ring[2];
    double x[SIDE * SIDE][5], y[SIDE * SIDE][5];
};

static struct wg_locator *board_locator(unsigned turn)
{
    struct board *b = calloc(1, sizeof *b);
    struct wg_locator *loc = NULL;
    struct wg_locator_options options = {.cells = 500}; /* edges inside the cells */
    if (!b)
        abort();
    b->part[1] = 1;
    b->ring[1] = 5;
    for (unsigned i = 0; i < SIDE * SIDE; i++) {
        static const int dx[] = {0, 1, 1, 0, 0}, dy[] = {0, 0, 1, 1, 0};
        for (int k = 0; k < 5; k++) {
            b->x[i][k] = (i % SIDE + dx[k]) * 1.1;
            b->y[i][k] = (i / SIDE + dy[k]) * 1.1;
        }
        b->mp[i] = (struct wg_multipolygon){1, 1, 5, b->part, b->ring, b->x[i], b->y[i]};
        snprintf(b->code[i], sizeof b->code[i], "%03u", (i + turn) % (SIDE * SIDE));
        b->grid[i] = (struct wg_locator_grid){
            .id = 1 + i + 1000 * (turn % 100), .code = b->code[i], .geometry = &b->mp[i]};
    }
    if (wg_locator_build(SIDE * SIDE, b->grid, &options, &loc, NULL))
        abort();
    free(b);
    return loc;
}

struct shared {
    struct wg_locator_box *box;
    atomic_bool stop;
    atomic_long asked, wrong;
};

/* Answers of one locator agree with each other and with the squares. */
static long wrong_answers(const struct wg_locator *loc, struct random *r)
{
    double x[POINTS], y[POINTS];
    int64_t id[POINTS];
    long wrong = 0;
    for (int i = 0; i < POINTS; i++) {
        x[i] = random_real(r, 0.01, 1.1 * SIDE - 0.01);
        y[i] = random_real(r, 0.01, 1.1 * SIDE - 0.01);
    }
    wg_locator_find(loc, POINTS, x, y, id);
    for (int i = 0; i < POINTS; i++) {
        int64_t square = (int64_t)(y[i] / 1.1) * SIDE + (int64_t)(x[i] / 1.1);
        wrong += id[i] % 1000 != 1 + square || id[i] / 1000 != id[0] / 1000;
        wrong += wg_locator_id(loc, wg_locator_slot(loc, x[i], y[i])) != id[i];
    }
    return wrong;
}

static void *read_on(void *user)
{
    struct shared *s = user;
    struct random r = {(uint64_t)(uintptr_t)&r};
    while (!atomic_load(&s->stop)) {
        uint32_t ticket;
        const struct wg_locator *loc = wg_locator_box_take(s->box, &ticket);
        atomic_fetch_add(&s->wrong, wrong_answers(loc, &r));
        atomic_fetch_add(&s->asked, POINTS);
        wg_locator_box_give(s->box, ticket);
    }
    return NULL;
}

int main(void)
{
    struct shared s = {.box = NULL};
    pthread_t thread[READERS];
    if (wg_locator_box_create(board_locator(0), &s.box, NULL))
        abort();
    for (int i = 0; i < READERS; i++)
        if (pthread_create(&thread[i], NULL, read_on, &s))
            abort();
    for (unsigned turn = 1; turn <= SWAPS; turn++)
        wg_locator_box_put(s.box, board_locator(turn));
    atomic_store(&s.stop, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(thread[i], NULL);
    wg_locator_box_destroy(s.box);
    printf("%ld points asked by %d threads while %d locators were swapped; %ld wrong\n",
           atomic_load(&s.asked), READERS, SWAPS, atomic_load(&s.wrong));
    return atomic_load(&s.asked) == 0 || atomic_load(&s.wrong) != 0;
}
