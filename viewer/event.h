#ifndef VIEWER_EVENT_H
#define VIEWER_EVENT_H
/* What the person did, as the window reports it; no window system in it. */
#include <stdint.h>

enum event_kind {
    EVENT_KEY,     /* key went down (or repeats) */
    EVENT_TEXT,    /* a character was typed */
    EVENT_PRESS,   /* mouse button down at x, y */
    EVENT_RELEASE, /* mouse button up */
    EVENT_MOVE,    /* pointer at x, y */
    EVENT_SCROLL,  /* dx, dy notches at x, y */
    EVENT_LEAVE,   /* pointer left the window */
    EVENT_RESIZE   /* framebuffer size or scale changed */
};

/* Printable keys are their ASCII capital ('A', '1', '/'); the rest: */
enum event_key {
    KEY_UNKNOWN = 0,
    KEY_ESCAPE = 256, KEY_ENTER, KEY_TAB, KEY_BACKSPACE, KEY_INSERT, KEY_DELETE,
    KEY_RIGHT, KEY_LEFT, KEY_DOWN, KEY_UP, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME,
    KEY_END, KEY_F1, KEY_F2, KEY_F3, KEY_F4, KEY_F5, KEY_F6, KEY_F7, KEY_F8, KEY_F9,
    KEY_F10, KEY_F11, KEY_F12
};

enum event_mods { MOD_SHIFT = 1, MOD_CTRL = 2, MOD_ALT = 4 };
enum event_button { BUTTON_LEFT, BUTTON_RIGHT, BUTTON_MIDDLE };

struct event {
    enum event_kind kind;
    int key, mods, button;
    uint32_t codepoint;
    double x, y;   /* framebuffer pixels from the top-left */
    double dx, dy; /* EVENT_SCROLL */
};
#endif
