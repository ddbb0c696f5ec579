/* How the viewer draws a frame, writes pictures and times itself. */
#include "app_picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hud/hud.h"
#include "hud/layout.h"
#include "hud/text.h"
#include "render/render.h"
#include "window.h"
#include "words.h"

/* ---- where to look ---- */

static double area_of(struct wg_box box)
{
    return wg_box_is_empty(box) ? 0 : (box.max_x - box.min_x) * (box.max_y - box.min_y);
}

/* The outline of many points: the farthest of them in each of some directions. */
enum { DIRECTIONS = 48 };
struct outline {
    double x[DIRECTIONS], y[DIRECTIONS], reach[DIRECTIONS];
    double cos[DIRECTIONS], sin[DIRECTIONS];
};

static void outline_init(struct outline *o)
{
    for (int i = 0; i < DIRECTIONS; i++) {
        double turn = i * (2 * 3.14159265358979323846 / DIRECTIONS);
        o->cos[i] = cos(turn);
        o->sin[i] = sin(turn);
        o->reach[i] = -INFINITY;
    }
}

static void outline_add(struct outline *o, double x, double y)
{
    for (int i = 0; i < DIRECTIONS; i++) {
        double reach = x * o->cos[i] + y * o->sin[i];
        if (reach > o->reach[i]) {
            o->reach[i] = reach;
            o->x[i] = x;
            o->y[i] = y;
        }
    }
}

/* The places of an outline, on the ground or `high_m` above it. */
static size_t outline_places(const struct outline *o, const struct field *f,
                             double high_m, double (*place)[3])
{
    if (!isfinite(o->reach[0]))
        return 0;
    for (int i = 0; i < DIRECTIONS; i++) {
        place[i][0] = o->x[i];
        place[i][1] = o->y[i];
        place[i][2] = field_height(f, o->x[i], o->y[i]) + high_m;
    }
    return DIRECTIONS;
}

static double tallest(const struct model_city *city)
{
    double most = 0;
    for (uint32_t i = 0; i < city->n; i++)
        most = fmax(most, city->base_m[i] + city->height_m[i]);
    return most;
}

/* What a person wants to see first: buildings and grids, or the built-up part alone
 * where grids reach far beyond it. */
static size_t worth_seeing(const struct app *app, double (*place)[3])
{
    const struct model_city *city = app->model.city;
    const struct model_partition *p = app->model.partition;
    struct wg_box built = wg_box_empty();
    struct outline houses, grids;
    outline_init(&houses);
    outline_init(&grids);
    for (uint32_t i = 0; i < city->n; i++) {
        const struct wg_box *b = &city->box[i];
        if (wg_box_is_empty(*b))
            continue;
        built = wg_box_union(built, *b);
        for (int k = 0; k < 4; k++)
            outline_add(&houses, k & 1 ? b->max_x : b->min_x,
                        k & 2 ? b->max_y : b->min_y);
    }
    /* Towers too, but a single needle does not push the city away. */
    double size = hypot(built.max_x - built.min_x, built.max_y - built.min_y);
    double high_m = fmin(tallest(city), fmax(40, 0.07 * size));
    if (wg_box_is_empty(built))
        size = 0;
    size_t n = outline_places(&houses, &city->field, high_m, place);
    n += outline_places(&houses, &city->field, 0, place + n);
    if (area_of(built) > 0 && area_of(built) < area_of(city->extent) / 3)
        return n;
    size_t vertices = p && p->n ? p->shape.first_vertex[p->n] : 0;
    for (size_t i = 0; i < vertices; i++)
        outline_add(&grids, p->shape.x[i], p->shape.y[i]);
    return n + outline_places(&grids, &city->field, 0, place + n);
}

/* How much of the picture's left side the legend may take. */
static double legend_px(const struct app *app)
{
    struct layout l;
    struct layout_want want = {.width = app->camera.width,
                               .height = app->camera.height,
                               .scale = app->scale,
                               .view_distance_m = app->options.view_distance_m,
                               .pixels_per_m = app->pixels_per_m};
    if (!app->show_panels || want.height > want.width) /* upright: there is room above */
        return 0;
    layout_begin(&l, &want);
    return l.metrics.margin + l.most[PANEL_LEGEND].w;
}

/* The whole district, seen from the south-south-west. */
static void fit_district(struct app *app, struct camera *out)
{
    const struct model_city *city = app->model.city;
    struct wg_box box = city->extent;
    double place[3 * DIRECTIONS][3], low = city->field.flat_z;
    if (wg_box_is_empty(box))
        box = (struct wg_box){-500, -500, 500, 500};
    camera_init(out, app->camera.width, app->camera.height);
    size_t n = worth_seeing(app, place);
    struct wg_box seen = wg_box_empty();
    for (size_t i = 0; i < n; i++)
        seen = wg_box_grow(seen, place[i][0], place[i][1]);
    if (area_of(seen) > 0)
        box = seen;
    if (city->field.cols)
        low = field_height(&city->field, (box.min_x + box.max_x) / 2,
                           (box.min_y + box.max_y) / 2);
    out->z = low;
    if (area_of(seen) > 0)
        camera_fit_places(out, (const double(*)[3])place, n, legend_px(app));
    else /* nothing, or a single house */
        camera_fit(out, box, low, low + fmax(40, tallest(city)));
}

static bool look_at_box(struct app *app, struct wg_box box, double high_m,
                        struct camera *out)
{
    camera_init(out, app->camera.width, app->camera.height);
    double z = field_height(&app->model.city->field, (box.min_x + box.max_x) / 2,
                            (box.min_y + box.max_y) / 2);
    camera_fit(out, box, z, z + high_m);
    return true;
}

static bool look_at_building(struct app *app, const char *code, struct camera *out,
                             char *why, size_t size)
{
    const struct model_city *city = app->model.city;
    for (uint32_t i = 0; i < city->n; i++) {
        if (strcmp(city->facts[i].code, code) != 0)
            continue;
        struct wg_multipolygon shape = model_shape(&city->shape, i);
        struct wg_box box = wg_multipolygon_box(&shape);
        double room = fmax(60, city->height_m[i]);
        box = (struct wg_box){box.min_x - room, box.min_y - room, box.max_x + room,
                              box.max_y + room};
        return look_at_box(app, box, city->height_m[i], out);
    }
    snprintf(why, size, _("--camera: there is no building %s"), code);
    return false;
}

bool app_camera_parse(struct app *app, const char *text, struct camera *out, char *why,
                      size_t size)
{
    const struct model_partition *p = app->model.partition;
    if (!text || strcmp(text, "fit") == 0) {
        fit_district(app, out);
        return true;
    }
    if (strncmp(text, "grid:", 5) == 0) {
        int32_t grid = p ? model_grid_by_code(p, text + 5) : -1;
        if (grid >= 0)
            return look_at_box(app, p->grid[grid].box, 20, out);
        snprintf(why, size, _("--camera: there is no grid %s"), text + 5);
        return false;
    }
    if (strncmp(text, "building:", 9) == 0)
        return look_at_building(app, text + 9, out, why, size);
    camera_init(out, app->camera.width, app->camera.height);
    char rest;
    int n = sscanf(text, "%lf,%lf,%lf,%lf,%lf%c", &out->x, &out->y, &out->distance_m,
                   &out->azimuth_deg, &out->tilt_deg, &rest);
    if (n < 3 || n > 5 || !(out->distance_m > 0) || !isfinite(out->distance_m) ||
        !isfinite(out->x) || !isfinite(out->y) || !isfinite(out->azimuth_deg) ||
        !isfinite(out->tilt_deg)) {
        snprintf(why, size,
                 _("--camera takes fit, grid:CODE, building:CODE or "
                   "x,y,distance,azimuth,tilt, not \"%s\""),
                 text);
        return false;
    }
    camera_orbit(out, 0, 0);
    camera_clamp(out, &app->limits);
    out->z = field_height(&app->model.city->field, out->x, out->y);
    return true;
}

/* ---- frames ---- */

void app_view(struct app *app, const struct camera *camera, const struct scene_tile *tile,
              struct scene_view *view)
{
    scene_view_init(app->scene, camera, tile, view);
    view->scale = fmaxf(app->scale, (float)camera->height / 1080.0F);
    view->theme = app->theme;
    view->tint = app->theme->tint * (app->mode == MODE_GRID ? 1.0F : 0.55F);
    view->body = app->mode == MODE_GRID ? 1 : 0;
    view->shadows = !app->options.no_shadows;
    view->curtains = app->show_boundaries;
    view->has_selected = app->selected >= 0 && app->model.city;
    if (view->has_selected) {
        view->selected_x = app->model.city->cx[app->selected];
        view->selected_y = app->model.city->cy[app->selected];
    }
}

void app_draw(struct app *app, const struct camera *camera, const struct sprite *sprites,
              size_t n)
{
    struct scene_view view;
    struct scene_tile all = {0, 0, camera->width, camera->height};
    app_view(app, camera, &all, &view);
    renderer_draw(app->renderer, app->scene, &view, sprites, n);
}

/* ---- pictures ---- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* The frame into `rgba`, in tiles where the card's pictures are too small for it. */
static bool draw_picture(struct app *app, uint8_t *rgba, char *why, size_t size)
{
    const struct sprite *sprites;
    const struct camera *c = &app->camera;
    int most = least(renderer_largest(app->renderer), 8192);
    size_t n = hud_frame(app->hud, &sprites);
    for (int y = 0; y < c->height; y += most) {
        for (int x = 0; x < c->width; x += most) {
            struct scene_view view;
            struct scene_tile tile = {x, y, least(most, c->width - x),
                                      least(most, c->height - y)};
            if (!renderer_begin_picture(app->renderer, tile.w, tile.h, why, size))
                return false;
            app_view(app, c, &tile, &view);
            renderer_draw(app->renderer, app->scene, &view, sprites, n);
            renderer_read(app->renderer, tile.w, tile.h,
                          rgba + ((size_t)y * (size_t)c->width + (size_t)x) * 4,
                          (size_t)c->width * 4);
            renderer_end_picture(app->renderer);
        }
    }
    const char *trouble = renderer_error(app->renderer);
    if (trouble)
        snprintf(why, size, "%s", trouble);
    return !trouble;
}

bool app_save_picture(struct app *app, const char *path)
{
    char why[512] = "", name[64];
    if (!path) {
        int64_t now = wg_instant_now();
        char text[WG_INSTANT_SIZE];
        wg_instant_format(now, text);
        for (char *p = text; *p; p++)
            if (*p == ':' || *p == '.')
                *p = '-';
        snprintf(name, sizeof name, "wangge-%.19s.png", text);
        path = name;
    }
    size_t w = (size_t)app->camera.width, h = (size_t)app->camera.height;
    uint8_t *rgba = calloc(w * h, 4);
    bool ok = rgba != NULL;
    if (!ok)
        snprintf(why, sizeof why, "%s", _("out of memory"));
    hud_settle(app->hud);
    ok = ok && draw_picture(app, rgba, why, sizeof why);
    ok = ok && png_write(path, (int)w, (int)h, rgba, 0, why, sizeof why);
    if (!ok)
        snprintf(app->error.text, sizeof app->error.text, _("%s cannot be written: %s"),
                 path, why);
    free(rgba);
    return ok;
}

/* ---- times ---- */

bool app_times_add(struct app_times *t, double ms, int enough)
{
    if (!t->ms)
        t->ms = calloc((size_t)enough, sizeof *t->ms);
    if (!t->ms)
        return false;
    if (t->n < enough)
        t->ms[t->n++] = ms;
    return t->n < enough;
}

static int by_size(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

int app_times_print(struct app *app, struct app_times *t)
{
    char card[160];
    size_t triangles = 0;
    if (t->n == 0)
        return 1;
    for (uint32_t i = 0; i < app->scene->n_chunk; i++)
        triangles += app->scene->chunk[i]->n_index / 3;
    qsort(t->ms, (size_t)t->n, sizeof *t->ms, by_size);
    renderer_describe(app->renderer, card, sizeof card);
    printf("%d frames of %d x %d, %u buildings, %zu triangles: median %.1f ms, "
           "p95 %.1f ms (%s)\n",
           t->n, app->camera.width, app->camera.height, app->model.city->n, triangles,
           t->ms[t->n / 2], t->ms[(t->n * 95) / 100 < t->n ? t->n * 95 / 100 : t->n - 1],
           card);
    return 0;
}

void app_times_finish(struct app_times *t)
{
    free(t->ms);
}

int app_time_frames(struct app *app)
{
    struct app_times times = {0};
    char why[256];
    uint8_t pixel[4];
    if (!renderer_begin_picture(app->renderer, app->camera.width, app->camera.height, why,
                                sizeof why)) {
        fprintf(stderr, "wangge-view: %s\n", why);
        return 1;
    }
    bool more = true;
    for (int i = -2; more; i++) { /* the first two warm up */
        const struct sprite *sprites;
        double began = window_clock_s();
        app->now_s = began;
        camera_orbit(&app->camera, 0.8, 0);
        size_t n = hud_frame(app->hud, &sprites);
        app_draw(app, &app->camera, sprites, n);
        renderer_read(app->renderer, 1, 1, pixel, 4); /* waits for the card */
        if (i >= 0)
            more = app_times_add(&times, (window_clock_s() - began) * 1000,
                                 app->options.frames);
    }
    renderer_end_picture(app->renderer);
    int status = app_times_print(app, &times);
    app_times_finish(&times);
    return status;
}
