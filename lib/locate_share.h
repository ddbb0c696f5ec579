/* What a locator knows of a box at a glance. */
#ifndef WG_LOCATE_SHARE_H
#define WG_LOCATE_SHARE_H

#include "wangge/locate.h"

/* True when the grid at *slot covers the whole closed box and no other has a share of it,
 * or (slot 0) no grid meets it.  Quick; says false where it would have to look closer. */
bool wg_locator_holds(const struct wg_locator *loc, struct wg_box box, uint32_t *slot);

#endif
