/* The last stage of wg_orient by itself, for its test; see predicate.c. */
#ifndef WG_PREDICATE_H
#define WG_PREDICATE_H

#include "wangge/geom.h"

/* As wg_orient, for finite coordinates only. */
int wg_orient_integer(struct wg_point a, struct wg_point b, struct wg_point c);

#endif
