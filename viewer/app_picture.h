#ifndef VIEWER_APP_PICTURE_H
#define VIEWER_APP_PICTURE_H
/* How the viewer draws a frame, writes pictures and times itself. */
#include "app.h"
#include "scene.h"

/* Where to look: "fit" (or NULL), "grid:CODE", "building:CODE", or
 * "x,y,distance[,azimuth[,tilt]]" in the district's CRS, metres and degrees. */
bool app_camera_parse(struct app *app, const char *text, struct camera *out, char *why,
                      size_t size);

void app_view(struct app *app, const struct camera *camera, const struct scene_tile *tile,
              struct scene_view *view);
/* One whole frame into the window's framebuffer. */
void app_draw(struct app *app, const struct camera *camera, const struct sprite *sprites,
              size_t n);

struct app_times { /* of frames, milliseconds */
    double *ms;
    int n;
};
/* False when there are enough. */
bool app_times_add(struct app_times *times, double ms, int enough);
/* Median and 95th percentile on stdout; the exit status. */
int app_times_print(struct app *app, struct app_times *times);
void app_times_finish(struct app_times *times);
/* Draw options.frames frames into a picture, orbiting, and print their times. */
int app_time_frames(struct app *app);
#endif
