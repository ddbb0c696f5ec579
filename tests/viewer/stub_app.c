/* A viewer without picture or database. */
#include "stub_app.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hud/hud.h"
#include "input.h"

#define N 40
#define GRIDS 6

struct stub stub;

static int64_t id[N];
static int32_t whole[N], owner[N];
static double cx[N], cy[N], zero_z[N];
static float height_m[N];
static struct model_facts facts[N];
static uint8_t level[N];
static uint16_t n_open[N];
static char building_code[N][16], grid_code[GRIDS][32];
static struct model_grid grid[GRIDS];
static struct model_tally tally[GRIDS];
static struct model_scheme schemes[] = {{1, "basic", "基础网格"},
                                        {2, "party", "党建网格"}};
static struct model_city city = {.name = "广场社区 · Square community",
                                 .n = N,
                                 .id = id,
                                 .whole = whole,
                                 .cx = cx,
                                 .cy = cy,
                                 .zero_z = zero_z,
                                 .height_m = height_m,
                                 .facts = facts,
                                 .n_scheme = 2,
                                 .scheme = schemes};
static struct model_partition partition = {.scheme = 1,
                                           .scheme_name = "basic",
                                           .scheme_title = "基础网格",
                                           .n = GRIDS,
                                           .grid = grid,
                                           .owner = owner};
static struct model_live live = {.level = level, .n_open = n_open, .grid = tally};

static void note(const char *what)
{
    size_t n = strlen(stub.calls);
    snprintf(stub.calls + n, sizeof stub.calls - n, "%s ", what);
}

void stub_reset(void)
{
    stub = (struct stub){.pick_building = -1, .pick_grid = -1};
}

void stub_app_init(struct app *app, int width, int height)
{
    stub_reset();
    memset(&live.all, 0, sizeof live.all);
    for (int i = 0; i < N; i++) {
        id[i] = 100 + i;
        whole[i] = -1;
        cx[i] = i % 8 * 60;
        cy[i] = i / 8 * 60;
        height_m[i] = 20;
        snprintf(building_code[i], sizeof building_code[i], "%05d", i + 1);
        facts[i] = (struct model_facts){.code = building_code[i],
                                        .name = "",
                                        .use = "",
                                        .address = "",
                                        .height_from = ""};
        level[i] = i % 10 == 0 ? (uint8_t)(1 + i / 10) : 0;
        live.all.building[level[i]]++;
        owner[i] = i % GRIDS;
    }
    for (int i = 0; i < GRIDS; i++) {
        snprintf(grid_code[i], sizeof grid_code[i], "990602001001%03d", i + 1);
        grid[i] = (struct model_grid){.id = 7 + i,
                                      .parent = -1,
                                      .level = WG_LEVEL_GRID,
                                      .leaf = true,
                                      .code = grid_code[i],
                                      .name = i % 2 ? "Bridgehead" : "桥头网格",
                                      .officer = "",
                                      .phone = "",
                                      .area_m2 = 40000,
                                      .label_x = i % 3 * 150 + 50,
                                      .label_y = i / 3 * 120 + 50,
                                      .hue = (uint8_t)(i % THEME_HUES),
                                      .n_building = 7};
    }
    *app = (struct app){.state = APP_READY,
                        .theme = theme_get(THEME_DAY),
                        .selected = -1,
                        .selected_grid = -1,
                        .hovered = -1,
                        .show_panels = true,
                        .show_labels = true,
                        .show_boundaries = true,
                        .scale = 1,
                        .interactive = true,
                        .options = {.path = "/nonexistent.wangge"},
                        .model = {&city, &partition, &live}};
    struct wg_box box = {0, 0, 420, 240};
    camera_init(&app->camera, width, height);
    camera_fit(&app->camera, box, 0, 20);
    app->limits = (struct camera_limits){box, 5000};
    app->input = input_create();
    app->hud = hud_create(app);
}

void stub_app_finish(struct app *app)
{
    hud_destroy(app->hud);
    input_destroy(app->input);
}

/* --- app.h --- */

void app_set_mode(struct app *app, enum app_mode mode)
{
    note("set_mode");
    app->mode = mode;
}

void app_set_theme(struct app *app, enum theme_id theme)
{
    note("set_theme");
    app->theme = theme_get(theme);
}

void app_set_scheme(struct app *app, int64_t scheme)
{
    (void)app;
    note(scheme == 2 ? "set_scheme:2" : "set_scheme:1");
}

void app_next_scheme(struct app *app)
{
    (void)app;
    note("next_scheme");
}

void app_select(struct app *app, int32_t building)
{
    note("select");
    app->selected = building;
    app->selected_grid = -1;
}

void app_select_grid(struct app *app, int32_t g)
{
    note("select_grid");
    app->selected_grid = g;
    app->selected = -1;
}

int32_t app_pick(struct app *app, double sx, double sy, int32_t *g)
{
    (void)app, (void)sx, (void)sy;
    if (g)
        *g = stub.pick_grid;
    return stub.pick_building;
}

int32_t app_hover(struct app *app, double sx, double sy)
{
    (void)app, (void)sx, (void)sy;
    return stub.pick_building;
}

void app_fly_to(struct app *app, const struct camera *to)
{
    note("fly_to");
    app->camera = *to;
}

void app_fly_to_district(struct app *app)
{
    (void)app;
    note("fly_to_district");
}

void app_fly_to_grid(struct app *app, int32_t g)
{
    (void)app, (void)g;
    note("fly_to_grid");
}

void app_fly_to_building(struct app *app, int32_t building)
{
    (void)app, (void)building;
    note("fly_to_building");
}

void app_stop_flight(struct app *app)
{
    (void)app;
}

void app_toggle_fullscreen(struct app *app)
{
    (void)app;
    note("fullscreen");
}

bool app_save_picture(struct app *app, const char *path)
{
    (void)app;
    note("save");
    snprintf(stub.saved, sizeof stub.saved, "%s", path);
    return true;
}

/* --- model.h --- */

double model_top(const struct model_city *c, uint32_t building)
{
    return c->zero_z[building] + (double)c->height_m[building];
}

int32_t model_whole(const struct model_city *c, int32_t building)
{
    return c->whole[building] >= 0 ? c->whole[building] : building;
}

int32_t model_grid_by_code(const struct model_partition *p, const char *code)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (strcmp(p->grid[i].code, code) == 0)
            return (int32_t)i;
    return -1;
}
