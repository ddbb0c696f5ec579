#ifndef VIEWER_APP_H
#define VIEWER_APP_H
/*
 * The running viewer: what is shown and how.  Input and panels read it freely and
 * change it through the functions below; the loop draws when something changed.
 *
 * The loop: input_event for every event of the window, input_step and hud_frame once a
 * frame before it draws, script_step after; it sleeps until hud_next_s at most, less
 * while input_step or hud_wants_frame say that something moves (hud/hud.h, input.h,
 * script.h).  hud_settle before a picture without a window is drawn.
 */
#include <stdbool.h>
#include <stdint.h>

#include "camera.h"
#include "event.h"
#include "model.h"
#include "sprite.h"
#include "theme.h"

struct hud;
struct input;
struct loader;
struct renderer;
struct scene;
struct script;
struct window;

enum app_mode { MODE_GRID, MODE_ALERT };

struct app_options {
    const char *path, *scheme, *camera, *snapshot, *lang;
    const char *script;  /* file of commands, "-" stdin; NULL: none */
    int mode, theme;     /* enum app_mode, enum theme_id */
    int width, height;   /* 0: chosen */
    int msaa;            /* -1: chosen */
    int frames;          /* > 0: draw so many, print their times, end */
    int level;           /* enum wg_level whose labels and boundaries lead; 0: leaves */
    float view_distance_m; /* of the farthest seat; 0: a desk */
    bool no_panels, no_labels, no_shadows, fullscreen, stats;
};

enum app_state { APP_LOADING, APP_READY, APP_FAILED };

struct app {
    struct app_options options;
    struct model model;  /* pointers are NULL while loading */
    enum app_state state;
    float progress;      /* of loading, 0 … 1 */
    struct wg_error error; /* the last trouble; error.text "" if none */
    bool lost;           /* the file was replaced, moved or cannot be read any more */
    uint64_t revision;   /* grows with every change of model, mode, selection … */

    enum app_mode mode;
    const struct theme *theme;
    int32_t selected;    /* building (a whole), -1 */
    int32_t selected_grid; /* -1 */
    int32_t hovered;     /* building under the pointer, -1 */
    bool show_panels, show_labels, show_boundaries, show_help;
    bool chinese;        /* language of panels and labels */

    struct camera camera;
    struct camera_limits limits;
    struct camera_flight flight;
    float scale;         /* framebuffer pixels per point: 1 on a plain screen */
    float pixels_per_m;  /* of the screen; 0: not known */
    double now_s;        /* monotonic, at the start of this frame */
    double frame_ms;     /* the last frame took */
    bool interactive;    /* a window, not a snapshot */
    bool dirty;          /* draw again */
    bool quit;

    struct hud *hud;
    struct input *input;
    struct loader *loader;
    struct renderer *renderer;
    struct scene *scene;
    struct script *script; /* NULL: none */
    struct window *window;
};

/* Returns the exit status of the program. */
int app_run(const struct app_options *options);

void app_set_mode(struct app *app, enum app_mode mode);
void app_set_theme(struct app *app, enum theme_id theme);
void app_set_scheme(struct app *app, int64_t scheme); /* read beside; shown when there */
void app_next_scheme(struct app *app);
void app_select(struct app *app, int32_t building); /* -1: nothing */
void app_select_grid(struct app *app, int32_t grid);
/* What is under a pixel: the building (its whole) or -1; click uses the id attachment,
 * hover the ray.  `grid` (may be NULL): the grid of the ground there, -1. */
int32_t app_pick(struct app *app, double sx, double sy, int32_t *grid);
int32_t app_hover(struct app *app, double sx, double sy);
void app_fly_to(struct app *app, const struct camera *to);
void app_fly_to_district(struct app *app);
void app_fly_to_grid(struct app *app, int32_t grid);
void app_fly_to_building(struct app *app, int32_t building);
void app_stop_flight(struct app *app);
void app_toggle_fullscreen(struct app *app);
/* Write the picture as it stands; NULL: wangge-DATE.png in the working folder. */
bool app_save_picture(struct app *app, const char *path);
#endif
