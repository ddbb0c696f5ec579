/* A folder for one test, and a fresh database in it. */
#ifndef STORE_SCRATCH_H
#define STORE_SCRATCH_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wangge/store.h"

struct scratch {
    char folder[64];
    char db[96]; /* a path in it, at first without a file */
};

static inline int scratch_remove_one(const char *path, const struct stat *st, int kind,
                                     struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static inline int scratch_setup(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);
    strcpy(s->folder, "/tmp/wangge-test-XXXXXX");
    if (!mkdtemp(s->folder))
        return -1;
    snprintf(s->db, sizeof s->db, "%s/d.wangge", s->folder);
    *state = s;
    return 0;
}

static inline int scratch_teardown(void **state)
{
    struct scratch *s = *state;
    nftw(s->folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(s);
    return 0;
}

static inline void scratch_create(const struct scratch *s)
{
    struct wg_error err = {0};
    struct wg_create_options options = {.crs = "EPSG:4545"};
    if (wg_store_create(s->db, &options, &err))
        fail_msg("create: %s", err.text);
}

static inline struct wg_store *scratch_open(const struct scratch *s)
{
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    if (wg_store_open(s->db, NULL, &store, &err))
        fail_msg("open: %s", err.text);
    return store;
}

#endif
