/* The running viewer: its lifetime, its loop, what input and panels may do to it. */
#include "app.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_picture.h"
#include "headless.h"
#include "hud/hud.h"
#include "input.h"
#include "loader.h"
#include "pick.h"
#include "render/render.h"
#include "scene.h"
#include "script.h"
#include "window.h"
#include "words.h"

enum { UPLOAD_BUDGET = 8 << 20, SNAPSHOT_W = 1920, SNAPSHOT_H = 1080 };

/* ---- what news does to the picture ---- */

static void restyle(struct app *app)
{
    struct scene_look look = {.by_alert = app->mode == MODE_ALERT,
                              .theme = app->theme,
                              .selected = app->selected,
                              .hovered = app->hovered};
    if (app->model.city)
        scene_restyle(app->scene, &app->model, &look);
    app->revision++;
    app->dirty = true;
}

/* Where a row stood in the old snapshot it may stand elsewhere in the new one. */
static int32_t find_building(const struct model_city *city, int64_t id)
{
    for (uint32_t i = 0; i < city->n; i++)
        if (city->id[i] == id)
            return (int32_t)i;
    return -1;
}

static int32_t find_grid(const struct model_partition *p, int64_t id)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->grid[i].id == id)
            return (int32_t)i;
    return -1;
}

static void limit_camera(struct app *app)
{
    struct wg_box box = app->model.city->extent;
    if (wg_box_is_empty(box))
        box = (struct wg_box){-500, -500, 500, 500};
    app->limits.box = box;
    app->limits.max_distance_m =
        fmax(4 * hypot(box.max_x - box.min_x, box.max_y - box.min_y), 2000);
}

/* True when it is the first. */
static bool take_city(struct app *app, struct loader_news *n)
{
    int64_t selected =
        app->selected >= 0 && app->model.city ? app->model.city->id[app->selected] : 0;
    bool first = !app->model.city;
    scene_clear(app->scene);
    model_city_destroy((struct model_city *)app->model.city);
    app->model.city = n->city;
    n->city = NULL;
    app->hovered = -1;
    app->selected = selected ? find_building(app->model.city, selected) : -1;
    limit_camera(app);
    return first;
}

static void take_partition(struct app *app, struct loader_news *n)
{
    int64_t selected = app->selected_grid >= 0 && app->model.partition
                           ? app->model.partition->grid[app->selected_grid].id
                           : 0;
    model_partition_destroy((struct model_partition *)app->model.partition);
    app->model.partition = n->partition;
    n->partition = NULL;
    app_select_grid(app, selected ? find_grid(app->model.partition, selected) : -1);
}

static void take_meshes(struct app *app, struct loader_news *n)
{
    if (n->ground)
        scene_set_ground(app->scene, n->ground);
    if (n->surfaces)
        scene_set_flat(app->scene, SCENE_SURFACES, n->surfaces);
    if (n->roads)
        scene_set_flat(app->scene, SCENE_ROADS, n->roads);
    if (n->grids)
        scene_set_flat(app->scene, SCENE_GRIDS, n->grids);
    if (n->boundaries)
        scene_set_lines(app->scene, SCENE_BOUNDARIES, n->boundaries);
    n->ground = NULL;
    n->surfaces = n->roads = n->grids = NULL;
    n->boundaries = NULL;
    for (uint32_t i = 0; i < n->n_chunk; i++)
        scene_add_chunk(app->scene, n->chunk[i]);
    n->n_chunk = 0;
}

/* Where the person asked to look: a grid's code needs the partition. */
static void place_camera(struct app *app, struct loader_news *n)
{
    struct camera to;
    char why[256];
    if (app_camera_parse(app, app->options.camera, &to, why, sizeof why))
        app->camera = to;
    else if (!*n->error.text)
        snprintf(n->error.text, sizeof n->error.text, "%s", why);
}

static void take_news(struct app *app)
{
    struct loader_news n;
    if (!loader_take(app->loader, &n))
        return;
    bool first = n.city && take_city(app, &n);
    if (n.partition)
        take_partition(app, &n);
    if (n.live) {
        model_live_destroy((struct model_live *)app->model.live);
        app->model.live = n.live;
        n.live = NULL;
    }
    take_meshes(app, &n);
    if (first)
        place_camera(app, &n);
    app->progress = n.progress;
    app->lost = n.lost;
    if (*n.error.text || app->state == APP_READY)
        app->error = n.error;
    if (n.failed)
        app->state = APP_FAILED;
    else if (n.complete && app->model.city)
        app->state = APP_READY;
    restyle(app);
    loader_news_finish(&n);
}

/* ---- what input and panels may do ---- */

void app_set_mode(struct app *app, enum app_mode mode)
{
    app->mode = mode;
    restyle(app);
}

void app_set_theme(struct app *app, enum theme_id theme)
{
    app->theme = theme_get(theme);
    restyle(app);
}

void app_set_scheme(struct app *app, int64_t scheme)
{
    loader_want_scheme(app->loader, scheme);
}

void app_next_scheme(struct app *app)
{
    const struct model_city *city = app->model.city;
    if (!city || !app->model.partition || city->n_scheme == 0)
        return;
    uint32_t at = 0;
    while (at < city->n_scheme && city->scheme[at].id != app->model.partition->scheme)
        at++;
    app_set_scheme(app, city->scheme[(at + 1) % city->n_scheme].id);
}

void app_select(struct app *app, int32_t building)
{
    app->selected = building;
    if (app->selected_grid >= 0)
        app_select_grid(app, -1);
    restyle(app);
}

void app_select_grid(struct app *app, int32_t grid)
{
    app->selected_grid = grid;
    struct mesh_lines *outline = NULL;
    if (grid >= 0) {
        app->selected = -1;
        outline =
            mesh_outline_create(app->model.partition, app->model.city, (uint32_t)grid);
    }
    scene_set_lines(app->scene, SCENE_OUTLINE, outline);
    restyle(app);
}

static int32_t ray_pick(struct app *app, double sx, double sy, double *ground_x,
                        double *ground_y, bool *on_ground)
{
    double eye[3], direction[3], distance;
    camera_ray(&app->camera, sx, sy, eye, direction);
    *on_ground = field_ray(&app->model.city->field, eye, direction, 100000, &distance);
    *ground_x = eye[0] + direction[0] * distance;
    *ground_y = eye[1] + direction[1] * distance;
    return pick_building(app->model.city, eye, direction, *on_ground ? distance : 100000,
                         NULL);
}

int32_t app_hover(struct app *app, double sx, double sy)
{
    double x, y;
    bool on_ground;
    if (!app->model.city)
        return -1;
    int32_t building = ray_pick(app, sx, sy, &x, &y, &on_ground);
    return building < 0 ? -1 : model_whole(app->model.city, building);
}

int32_t app_pick(struct app *app, double sx, double sy, int32_t *grid)
{
    double x = 0, y = 0;
    bool on_ground = false;
    if (grid)
        *grid = -1;
    if (!app->model.city)
        return -1;
    ray_pick(app, sx, sy, &x, &y, &on_ground);
    if (grid && on_ground && app->model.partition)
        *grid = pick_grid(app->model.partition, x, y);
    struct scene_view view;
    struct scene_tile pixel = {(int)floor(sx), (int)floor(sy), 1, 1};
    app_view(app, &app->camera, &pixel, &view);
    int32_t building = renderer_pick(app->renderer, app->scene, &view);
    return building < 0 ? -1 : model_whole(app->model.city, building);
}

void app_fly_to(struct app *app, const struct camera *to)
{
    struct camera end = *to;
    camera_clamp(&end, &app->limits);
    if (app->interactive) {
        camera_fly(&app->flight, &app->camera, &end, app->now_s);
    } else {
        app->camera = end;
        app->flight.duration_s = 0;
    }
    app->dirty = true;
}

/* Look at a box from the present side. */
static void fly_to_box(struct app *app, struct wg_box box, double high_m)
{
    struct camera to = app->camera;
    double z = field_height(&app->model.city->field, (box.min_x + box.max_x) / 2,
                            (box.min_y + box.max_y) / 2);
    camera_fit(&to, box, z, z + high_m);
    app_fly_to(app, &to);
}

void app_fly_to_district(struct app *app)
{
    struct camera to;
    char why[64];
    if (app_camera_parse(app, "fit", &to, why, sizeof why))
        app_fly_to(app, &to);
}

void app_fly_to_grid(struct app *app, int32_t grid)
{
    if (grid >= 0 && app->model.partition)
        fly_to_box(app, app->model.partition->grid[grid].box, 20);
}

void app_fly_to_building(struct app *app, int32_t building)
{
    const struct model_city *city = app->model.city;
    if (building < 0 || !city)
        return;
    struct wg_multipolygon shape = model_shape(&city->shape, (uint32_t)building);
    struct wg_box box = wg_multipolygon_box(&shape);
    double high = city->height_m[building];
    double room = fmax(60, high); /* its neighbourhood too */
    box.min_x -= room;
    box.min_y -= room;
    box.max_x += room;
    box.max_y += room;
    fly_to_box(app, box, high);
}

void app_stop_flight(struct app *app)
{
    app->flight.duration_s = 0;
}

void app_toggle_fullscreen(struct app *app)
{
    if (app->window)
        window_toggle_fullscreen(app->window);
    app->dirty = true;
}

/* ---- the loop ---- */

static void fit_window(struct app *app)
{
    int w, h;
    window_size(app->window, &w, &h);
    if (w > 0 && h > 0) { /* minimised: keep what was */
        app->camera.width = w;
        app->camera.height = h;
    }
    app->scale = window_scale(app->window);
    app->pixels_per_m = window_pixels_per_m(app->window);
    app->dirty = true;
}

static void take_events(struct app *app)
{
    struct event e;
    while (window_event(app->window, &e)) {
        if (e.kind == EVENT_RESIZE)
            fit_window(app);
        input_event(app, &e);
    }
    app->quit |= window_closed(app->window);
}

static void move_camera(struct app *app)
{
    if (app->flight.duration_s > 0) {
        if (!camera_flight_at(&app->flight, app->now_s, &app->camera))
            app->flight.duration_s = 0;
        app->dirty = true;
    }
    if (input_step(app))
        app->dirty = true;
}

/* How long the loop may sleep. */
static double idle_s(struct app *app, bool uploading)
{
    if (app->dirty || uploading || app->flight.duration_s > 0 || app->script ||
        hud_wants_frame(app->hud))
        return 0;
    double next = hud_next_s(app->hud) - window_clock_s();
    return next < 0.001 ? 0.001 : next > 0.25 ? 0.25 : next;
}

static void draw_window(struct app *app)
{
    const struct sprite *sprites;
    double began = window_clock_s();
    app->dirty = false;
    size_t n = hud_frame(app->hud, &sprites);
    app_draw(app, &app->camera, sprites, n);
    window_swap(app->window);
    app->frame_ms = (window_clock_s() - began) * 1000;
}

/* The script's next lines; the status to end with, -1 to go on. */
static int step_script(struct app *app)
{
    char why[1500];
    if (!app->script)
        return -1;
    switch (script_step(app->script, app, why, sizeof why)) {
    case SCRIPT_MORE:
        return -1;
    case SCRIPT_END:
        script_close(app->script);
        app->script = NULL;
        return app->interactive ? -1 : 0;
    case SCRIPT_FAILED:
        break;
    }
    fprintf(stderr, "wangge-view: %s\n", why);
    return 1;
}

static int loop(struct app *app)
{
    int status = -1, frames = 0;
    struct app_times times = {0};
    while (!app->quit && status < 0) {
        app->now_s = window_clock_s();
        take_events(app);
        take_news(app);
        move_camera(app);
        bool more = !renderer_sync(app->renderer, app->scene, UPLOAD_BUDGET);
        bool timing = app->options.frames > 0 && app->state == APP_READY && !more;
        if (timing) {
            camera_orbit(&app->camera, 0.8, 0);
            app->dirty = true;
        }
        bool drew = app->dirty || more || hud_wants_frame(app->hud);
        if (drew)
            draw_window(app);
        if (timing && !app_times_add(&times, app->frame_ms, app->options.frames))
            status = app_times_print(app, &times);
        else
            status = step_script(app);
        const char *trouble = renderer_error(app->renderer);
        if (trouble)
            hud_say(app->hud, HUD_ERROR, "%s", trouble);
        if (app->state == APP_FAILED && frames++ == 0)
            fprintf(stderr, "wangge-view: %s\n", app->error.text);
        window_wait(app->window, idle_s(app, more));
    }
    app_times_finish(&times);
    return status > 0 ? status : 0;
}

/* Without a window: the whole district first, then the script or the picture. */
static int draw_once(struct app *app)
{
    while (app->state == APP_LOADING) {
        app->now_s = window_clock_s();
        loader_wait(app->loader, 1);
        take_news(app);
    }
    if (app->state == APP_FAILED) {
        fprintf(stderr, "wangge-view: %s\n", app->error.text);
        return 1;
    }
    if (*app->error.text) { /* a camera that is not understood, a scheme not there */
        fprintf(stderr, "wangge-view: %s\n", app->error.text);
        return 1;
    }
    renderer_sync(app->renderer, app->scene, 0);
    int status = app->script ? -1 : 0;
    while (status < 0 && !app->quit) {
        const struct sprite *sprites;
        app->now_s = window_clock_s();
        take_news(app);
        renderer_sync(app->renderer, app->scene, 0);
        if (app->dirty) {
            app->dirty = false;
            size_t n = hud_frame(app->hud, &sprites);
            (void)n;
        }
        status = step_script(app);
    }
    if (status <= 0 && app->options.frames > 0)
        status = app_time_frames(app);
    if (status <= 0 && app->options.snapshot) {
        status = app_save_picture(app, app->options.snapshot) ? 0 : 1;
        if (status)
            fprintf(stderr, "wangge-view: %s\n", app->error.text);
    }
    return status < 0 ? 0 : status;
}

/* ---- life ---- */

static bool start_card(struct app *app, struct headless **headless, char *why,
                       size_t size)
{
    const struct app_options *o = &app->options;
    int w = o->width > 0 ? o->width : SNAPSHOT_W,
        h = o->height > 0 ? o->height : SNAPSHOT_H;
    if (app->interactive) {
        app->window =
            window_create(o->width, o->height, o->fullscreen, "Wangge 网格", why, size);
        if (!app->window)
            return false;
        window_size(app->window, &w, &h);
    } else {
        *headless = headless_create(why, size);
        if (!*headless)
            return false;
    }
    camera_init(&app->camera, w, h);
    struct renderer_options r = {.msaa = o->msaa,
                                 .shadows = !o->no_shadows,
                                 .still = !app->interactive && o->frames <= 0};
    app->renderer = renderer_create(&r, why, size);
    if (app->renderer && app->window)
        fit_window(app);
    return app->renderer != NULL;
}

static bool start_rest(struct app *app, char *why, size_t size)
{
    app->scene = scene_create();
    app->input = input_create();
    app->hud = hud_create(app);
    if (app->options.script) {
        app->script = script_open(app->options.script, why, size);
        if (!app->script)
            return false;
    }
    if (app->scene && app->input && app->hud)
        app->loader = loader_create(app->options.path, app->options.scheme,
                                    app->window ? window_wake : NULL, NULL);
    if (!app->loader)
        snprintf(why, size, "%s", _("out of memory"));
    return app->loader != NULL;
}

static void finish(struct app *app, struct headless *headless)
{
    loader_destroy(app->loader);
    script_close(app->script);
    hud_destroy(app->hud);
    input_destroy(app->input);
    scene_destroy(app->scene);
    renderer_destroy(app->renderer);
    model_live_destroy((struct model_live *)app->model.live);
    model_partition_destroy((struct model_partition *)app->model.partition);
    model_city_destroy((struct model_city *)app->model.city);
    window_destroy(app->window);
    headless_destroy(headless);
}

int app_run(const struct app_options *options)
{
    char why[1024] = "";
    struct headless *headless = NULL;
    struct app app = {
        .options = *options,
        .mode = (enum app_mode)options->mode,
        .theme = theme_get((enum theme_id)options->theme),
        .selected = -1,
        .selected_grid = -1,
        .hovered = -1,
        .show_panels = !options->no_panels,
        .show_labels = !options->no_labels,
        .show_boundaries = true,
        .chinese = options->lang && strcmp(options->lang, "zh") == 0,
        .scale = 1,
        .dirty = true,
        .interactive = !options->snapshot && window_possible(),
    };
    int status = 1;
    app.now_s = window_clock_s();
    if (!start_card(&app, &headless, why, sizeof why) ||
        !start_rest(&app, why, sizeof why))
        fprintf(stderr, "wangge-view: %s\n", why);
    else
        status = app.interactive ? loop(&app) : draw_once(&app);
    finish(&app, headless);
    return status;
}
