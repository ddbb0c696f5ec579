#ifndef VIEWER_HEADLESS_H
#define VIEWER_HEADLESS_H
/* An OpenGL context with no display: EGL without a surface.  One thread. */
#include <stdbool.h>
#include <stddef.h>

struct headless;

/* The context is current on return.  NULL: `why` says what is missing. */
struct headless *headless_create(char *why, size_t why_size);
void headless_destroy(struct headless *headless);
#endif
