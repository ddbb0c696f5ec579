#ifndef VIEWER_HUD_PALETTE_H
#define VIEWER_HUD_PALETTE_H
/*
 * The colours of panels and labels in the two themes; pure.  Saturated colour is kept
 * for alert levels.  Colours are 0xRRGGBBAA.
 */
#include <stdbool.h>
#include <stdint.h>

struct palette {
    uint32_t card, edge;                /* a panel's ground and hairline */
    uint32_t text, muted;               /* on the card */
    uint32_t accent;                    /* what is chosen; on the card */
    uint32_t chip, chip_text;           /* a chosen button, a key cap */
    uint32_t label, label_second, halo; /* text over the district */
    uint32_t good, stale, lost;         /* freshness: marks, never text alone */
    uint32_t level[5]; /* by enum wg_alert_level; the theme's, filled in by the hud */
};

const struct palette *palette_of(bool dark);

/* WCAG 2 contrast of two opaque colours, 1 … 21. */
double palette_contrast(uint32_t a, uint32_t b);
/* `over` (with its alpha) laid over `under`; opaque. */
uint32_t palette_blend(uint32_t over, uint32_t under);
/* Black or white of ours, whichever reads better on a colour. */
uint32_t palette_ink_on(uint32_t ground);
/* The same colour with its alpha scaled, 0 … 1. */
uint32_t palette_fade(uint32_t colour, double alpha);
#endif
