#ifndef VIEWER_THEME_H
#define VIEWER_THEME_H
/*
 * The colours of the picture in its two themes.  Colours are 0xRRGGBBAA in sRGB.  The
 * base is neutral; saturated colour is kept for what is abnormal, so the hues of grids
 * keep away from the alert colours.
 */
#include <stdint.h>

#define THEME_HUES 6 /* neighbouring grids never share one */

enum theme_id { THEME_DAY, THEME_DARK };

struct theme {
    enum theme_id id;
    const char *name; /* "day", "dark": what --theme takes */
    uint32_t sky_top, sky_horizon;
    uint32_t ground, water, green, square, yard, sand;
    uint32_t road, road_edge;
    uint32_t wall, roof, edge;      /* of a building without colour of its own */
    uint32_t hue[THEME_HUES];       /* of grids: ground tint, body in grid mode */
    uint32_t level[5];              /* by enum wg_alert_level; 0: none */
    uint32_t boundary, selected;
    uint32_t sun, ambient_sky, ambient_ground; /* light; alpha is its strength / 128 */
    float sun_azimuth_deg, sun_height_deg;     /* azimuth clockwise from north */
    float fog, tint; /* strengths, 0 … 1 */
};

const struct theme *theme_get(enum theme_id id);
/* -1 if there is none of that name. */
int theme_parse(const char *name);
#endif
