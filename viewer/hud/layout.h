#ifndef VIEWER_HUD_LAYOUT_H
#define VIEWER_HUD_LAYOUT_H
/*
 * Where the panels stand.  Pure: sizes in, rectangles out; nothing overlaps and
 * nothing leaves the window, whatever is asked.
 */
#include <stdbool.h>

enum layout_panel {
    PANEL_TITLE,  /* a bar along the top */
    PANEL_LEGEND, /* bottom left */
    PANEL_CARD,   /* right, under the title */
    PANEL_SCALE,  /* compass and scale, bottom right */
    PANEL_STATUS, /* bottom middle */
    PANEL_HELP,   /* the middle; legend, card and scale give way to it */
    PANEL_COUNT
};

struct layout_size {
    int w, h;
};

struct layout_rect {
    int x, y, w, h; /* w or h 0: not shown */
};

/* All lengths of the panels follow from the em, in pixels. */
struct layout_metrics {
    int em;      /* text of the panels */
    int small;   /* second lines, units */
    int large;   /* titles */
    int pad;     /* inside a card */
    int gap;     /* between cards */
    int margin;  /* to the window's edge */
    int radius;  /* of a card's corners */
    int hair;    /* hairlines */
    int leading; /* from row to row */
};

struct layout_want {
    int width, height;     /* the framebuffer, pixels */
    float scale;           /* of the screen, 1 = 96 dpi; ≤ 0: 1 */
    float view_distance_m; /* ≤ 0: a desk */
    float pixels_per_m;    /* of the screen; ≤ 0: not known */
};

/* On a wall the em subtends 22 minutes of arc at the farthest seat; at a desk it is a
 * share of the window's height, never under what is readable. */
struct layout_metrics layout_metrics(const struct layout_want *want);

struct layout {
    int width, height;
    struct layout_metrics metrics;
    struct layout_size most[PANEL_COUNT]; /* what a panel may take at most */
    struct layout_rect place[PANEL_COUNT];
};

/* First what each panel may take … */
void layout_begin(struct layout *layout, const struct layout_want *want);
/* … then, with what each wants (0 × 0: not shown), where it stands.  A panel that
 * wants more than its most gets its most.  Order matters not. */
void layout_place(struct layout *layout, const struct layout_size want[PANEL_COUNT]);

bool layout_hit(const struct layout_rect *rect, double x, double y);
#endif
