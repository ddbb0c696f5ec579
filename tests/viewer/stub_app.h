#ifndef STUB_APP_H
#define STUB_APP_H
/* A viewer without picture or database: app.h's functions, noting what was asked. */
#include "app.h"

struct stub {
    char calls[1024]; /* names of the functions called, each followed by a space */
    int32_t pick_building, pick_grid; /* what app_pick answers */
    char saved[256];                  /* the last picture */
};
extern struct stub stub;

/* An app with a small district: 40 buildings in 6 grids of 2 schemes. */
void stub_app_init(struct app *app, int width, int height);
void stub_app_finish(struct app *app);
void stub_reset(void);
#endif
