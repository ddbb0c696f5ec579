/* Owners after a change of one grid through the library: the triggers that would ask row
 * by row rest meanwhile. */
#ifndef WG_GRID_OWNER_H
#define WG_GRID_OWNER_H

#include "wangge/geom.h"
#include "wangge/store.h"

struct wg_grid_state {
    bool known;
    int64_t scheme, parent;
    char *code, *from, *to;
    struct wg_multipolygon geometry;
};

/* Begin before the row is written (id 0: a new one), end after it, finish always.  Inside
 * one savepoint, which is undone when anything fails. */
struct wg_grid_edit {
    bool bulk; /* somebody else asks for the owners */
    struct wg_grid_state was, now;
};
enum wg_status wg_grid_edit_begin(struct wg_store *store, int64_t id,
                                  struct wg_grid_edit *edit, struct wg_error *err);
enum wg_status wg_grid_edit_end(struct wg_store *store, int64_t id,
                                struct wg_grid_edit *edit, struct wg_error *err);
void wg_grid_edit_finish(struct wg_grid_edit *edit);

#endif
