/*
 * The grids of one scheme that owners are asked of, as locators: those that own now, and
 * for events of other times all that ever do.
 *
 * Times are compared as text, as the SQL does; a rank is the number of the instants at
 * which ownership changes that are not after a time.  Two times of one rank have the
 * same grids.
 */
#ifndef WG_ASSIGN_WINDOW_H
#define WG_ASSIGN_WINDOW_H

#include "wangge/locate.h"

struct wg_windows;

/* With a box, only grids that may meet it are read. */
enum wg_status wg_windows_create(struct wg_store *store, int64_t scheme,
                                 const struct wg_box *box, struct wg_windows **out,
                                 struct wg_error *err);
void wg_windows_destroy(struct wg_windows *w); /* NULL is fine */

bool wg_windows_dated(const struct wg_windows *w);
/* Of an instant; NULL: now. */
uint32_t wg_windows_rank(const struct wg_windows *w, const char *at);

/* The grids that own now. */
const struct wg_locator *wg_windows_now(const struct wg_windows *w);
/* The owners of n points at the times of their ranks, 0 outside. */
enum wg_status wg_windows_find(struct wg_windows *w, size_t n, const double *x,
                               const double *y, const uint32_t *rank, int64_t *grid,
                               struct wg_error *err);
/* Is the polygon at a slot of `now` valid?  Remembered. */
enum wg_status wg_windows_valid(struct wg_windows *w, struct wg_shape *shape,
                                uint32_t slot, bool *valid, struct wg_error *err);

#endif
