#ifndef VIEWER_WINDOW_H
#define VIEWER_WINDOW_H
/* A window on a screen: GLFW, alone.  Main thread only, but for window_wake. */
#include <stdbool.h>
#include <stddef.h>

#include "event.h"

struct window;

/* Is there a screen to open one on? */
bool window_possible(void);
/* Its OpenGL 3.3 context is current on return.  size 0: chosen.  NULL: `why`. */
struct window *window_create(int width, int height, bool fullscreen, const char *title,
                             char *why, size_t why_size);
void window_destroy(struct window *window);

/* Framebuffer pixels, their number per point, and per metre of the screen (0 unknown). */
void window_size(const struct window *window, int *width, int *height);
float window_scale(const struct window *window);
float window_pixels_per_m(const struct window *window);

/* Wait until something happens or timeout_s has passed; 0 only looks. */
void window_wait(struct window *window, double timeout_s);
/* From any thread: end the wait. */
void window_wake(void *user);
/* The next event that has come; false: none. */
bool window_event(struct window *window, struct event *event);
bool window_closed(const struct window *window);
void window_swap(struct window *window);
void window_toggle_fullscreen(struct window *window);
void window_set_title(struct window *window, const char *title);
double window_clock_s(void); /* monotonic; no window needed */
#endif
