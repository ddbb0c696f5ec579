/*
 * The frames of Chinese web maps as a ladder: WGS 84 → GCJ-02 → BD-09 → BD-09 Mercator.
 * Pure mathematics; crs.c joins it to PROJ.
 */
#ifndef WG_FRAME_H
#define WG_FRAME_H

#include "wangge/geom.h"

enum wg_frame { /* the order of the ladder */
                WG_FRAME_WGS84,
                WG_FRAME_GCJ02,
                WG_FRAME_BD09,
                WG_FRAME_BD09MC,
                WG_FRAME_NONE = -1
};

/* "GCJ02", "gcj-02", "BD09", "bd-09", "bd09ll", "bd09mc"; WG_FRAME_NONE for anything
 * else, "wgs84" included: that is PROJ's to know. */
enum wg_frame wg_frame_parse(const char *name);
const char *wg_frame_name(enum wg_frame frame);

/* One point from frame to frame.  WG_OUT_OF_RANGE for no number, a latitude beyond
 * 90°, or a latitude beyond 74° in bd09mc; WG_NO_CONVERGENCE from an inverse. */
enum wg_status wg_frame_convert(enum wg_frame from, enum wg_frame to,
                                struct wg_point point, struct wg_point *out);

#endif
