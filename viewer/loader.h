#ifndef VIEWER_LOADER_H
#define VIEWER_LOADER_H
/*
 * Keeps the model current on a thread of its own, with a store handle of its own: reads
 * the district, makes the meshes, then watches the file for other programs' commits.
 * The window never waits for it.
 */
#include "mesh.h"
#include "model.h"

struct loader;

struct loader_news {
    /* Snapshots that are new; NULL: the old one still stands.  A new city comes with
     * a new partition and live part, a new partition with a new live part. */
    struct model_city *city;
    struct model_partition *partition;
    struct model_live *live;
    /* Meshes of the new city or partition. */
    struct mesh_ground *ground;
    struct mesh_flat *surfaces, *roads, *grids;
    struct mesh_lines *boundaries;
    struct mesh_chunk **chunk; /* more of the present city's */
    uint32_t n_chunk;
    bool complete;     /* no more chunks are coming */
    float progress;    /* 0 … 1 */
    bool failed;       /* the first load failed: error says why */
    bool lost;         /* the file was replaced or cannot be read; `error` */
    struct wg_error error; /* text "" if none */
};

/* Called on the loader's thread when there is news: wakes the window. */
typedef void loader_wake_fn(void *user);

/* scheme_name NULL: the first.  NULL: out of memory or no thread. */
struct loader *loader_create(const char *path, const char *scheme_name,
                             loader_wake_fn *wake, void *user);
void loader_destroy(struct loader *loader); /* ends the thread */

/* What has come since the last call; false: nothing.  All pointers are the caller's. */
bool loader_take(struct loader *loader, struct loader_news *news);
/* Wait until there is news or `timeout_s` has passed; true if there is. */
bool loader_wait(struct loader *loader, double timeout_s);
void loader_want_scheme(struct loader *loader, int64_t scheme);
void loader_news_finish(struct loader_news *news); /* free what is left in it */
#endif
