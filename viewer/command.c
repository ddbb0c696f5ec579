/* The table of commands and what each does. */
#include "command.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "app.h"
#include "hud/hud.h"
#include "words.h"

/* --- help for the commands --- */

static bool wrong(char *why, size_t size, const char *words, const char *what)
{
    snprintf(why, size, "%s: %s", words, what);
    return false;
}

static void redraw(struct app *app)
{
    app->revision++;
    app->dirty = true;
}

/* "on", "off" or nothing: the other way round. */
static bool switch_to(bool *value, const char *args, char *why, size_t size)
{
    if (!*args)
        *value = !*value;
    else if (strcmp(args, "on") == 0)
        *value = true;
    else if (strcmp(args, "off") == 0)
        *value = false;
    else
        return wrong(why, size, _("expected on, off or nothing"), args);
    return true;
}

static bool need_model(const struct app *app, char *why, size_t size)
{
    if (app->model.city && app->model.partition)
        return true;
    snprintf(why, size, "%s", _("the district is still being loaded"));
    return false;
}

/* --- what is shown --- */

static bool mode_grid(struct app *app, const char *args, char *why, size_t size)
{
    (void)args, (void)why, (void)size;
    app_set_mode(app, MODE_GRID);
    return true;
}

static bool mode_alert(struct app *app, const char *args, char *why, size_t size)
{
    (void)args, (void)why, (void)size;
    app_set_mode(app, MODE_ALERT);
    return true;
}

static bool theme(struct app *app, const char *args, char *why, size_t size)
{
    int id = *args                          ? theme_parse(args)
             : app->theme->id == THEME_DARK ? THEME_DAY
                                            : THEME_DARK;
    if (id < 0)
        return wrong(why, size, _("no such theme (day or dark)"), args);
    app_set_theme(app, (enum theme_id)id);
    return true;
}

static bool scheme_next(struct app *app, const char *args, char *why, size_t size)
{
    (void)args;
    if (!need_model(app, why, size))
        return false;
    if (app->model.city->n_scheme < 2) {
        snprintf(why, size, "%s", _("there is no other scheme"));
        return false;
    }
    app_next_scheme(app);
    return true;
}

static bool scheme(struct app *app, const char *args, char *why, size_t size)
{
    if (!need_model(app, why, size))
        return false;
    const struct model_city *city = app->model.city;
    for (uint32_t i = 0; i < city->n_scheme; i++)
        if (strcmp(city->scheme[i].name, args) == 0) {
            app_set_scheme(app, city->scheme[i].id);
            return true;
        }
    return wrong(why, size, _("no such scheme"), args);
}

static bool labels(struct app *app, const char *args, char *why, size_t size)
{
    bool ok = switch_to(&app->show_labels, args, why, size);
    redraw(app);
    return ok;
}

static bool panels(struct app *app, const char *args, char *why, size_t size)
{
    bool ok = switch_to(&app->show_panels, args, why, size);
    redraw(app);
    return ok;
}

static bool boundaries(struct app *app, const char *args, char *why, size_t size)
{
    bool ok = switch_to(&app->show_boundaries, args, why, size);
    redraw(app);
    return ok;
}

/* --- camera --- */

#define STEP_DEG 7.5
#define STEP_ZOOM 0.8

static bool moved(struct app *app)
{
    camera_clamp(&app->camera, &app->limits);
    app->dirty = true;
    return true;
}

static bool turn(struct app *app, double azimuth, double tilt)
{
    app_stop_flight(app);
    camera_orbit(&app->camera, azimuth, tilt);
    return moved(app);
}

static bool shift(struct app *app, double dx, double dy)
{
    app_stop_flight(app);
    double step = app->camera.height / 10.0;
    camera_pan(&app->camera, dx * step, dy * step);
    return moved(app);
}

static bool nearer(struct app *app, double factor)
{
    app_stop_flight(app);
    camera_zoom(&app->camera, factor, app->camera.width / 2.0, app->camera.height / 2.0);
    return moved(app);
}

/* Small commands that differ only in numbers. */
#define CAMERA_COMMAND(name, call)                                                       \
    static bool name(struct app *app, const char *args, char *why, size_t size)          \
    {                                                                                    \
        (void)args, (void)why, (void)size;                                               \
        return call;                                                                     \
    }
CAMERA_COMMAND(orbit_left, turn(app, STEP_DEG, 0))
CAMERA_COMMAND(orbit_right, turn(app, -STEP_DEG, 0))
CAMERA_COMMAND(tilt_up, turn(app, 0, STEP_DEG / 1.5))
CAMERA_COMMAND(tilt_down, turn(app, 0, -STEP_DEG / 1.5))
CAMERA_COMMAND(zoom_in, nearer(app, STEP_ZOOM))
CAMERA_COMMAND(zoom_out, nearer(app, 1 / STEP_ZOOM))
CAMERA_COMMAND(pan_left, shift(app, 1, 0))
CAMERA_COMMAND(pan_right, shift(app, -1, 0))
CAMERA_COMMAND(pan_up, shift(app, 0, 1))
CAMERA_COMMAND(pan_down, shift(app, 0, -1))

static bool fit(struct app *app, const char *args, char *why, size_t size)
{
    (void)args;
    if (!need_model(app, why, size))
        return false;
    app_fly_to_district(app);
    return true;
}

static bool north(struct app *app, const char *args, char *why, size_t size)
{
    (void)args, (void)why, (void)size;
    struct camera to = app->camera;
    to.azimuth_deg = 0;
    app_fly_to(app, &to);
    return true;
}

static bool fly(struct app *app, const char *args, char *why, size_t size)
{
    (void)args;
    if (!need_model(app, why, size))
        return false;
    if (app->selected >= 0)
        app_fly_to_building(app, app->selected);
    else if (app->selected_grid >= 0)
        app_fly_to_grid(app, app->selected_grid);
    else
        app_fly_to_district(app);
    return true;
}

/* --- selection --- */

static int32_t building_by(const struct model_city *city, const char *word)
{
    char *end;
    bool by_id = word[0] == '#';
    int64_t id = strtoll(word + by_id, &end, 10);
    if (*end || end == word + by_id)
        id = 0;
    int32_t found = -1;
    for (uint32_t i = 0; i < city->n; i++) {
        if (!by_id && strcmp(city->facts[i].code, word) == 0)
            return (int32_t)i;
        if (id && city->id[i] == id)
            found = (int32_t)i;
    }
    return found;
}

static bool select_building(struct app *app, const char *args, char *why, size_t size)
{
    if (!need_model(app, why, size))
        return false;
    int32_t i = building_by(app->model.city, args);
    if (i < 0)
        return wrong(why, size, _("no building with this code or id"), args);
    app_select(app, model_whole(app->model.city, i));
    return true;
}

static bool select_grid(struct app *app, const char *args, char *why, size_t size)
{
    if (!need_model(app, why, size))
        return false;
    const struct model_partition *p = app->model.partition;
    int32_t found = -1;
    if (args[0] == '#') {
        int64_t id = strtoll(args + 1, NULL, 10);
        for (uint32_t i = 0; i < p->n && found < 0; i++)
            if (p->grid[i].id == id)
                found = (int32_t)i;
    } else {
        found = model_grid_by_code(p, args);
    }
    if (found < 0)
        return wrong(why, size, _("no grid with this code in the scheme shown"), args);
    app_select_grid(app, found);
    return true;
}

static bool select_at(struct app *app, const char *args, char *why, size_t size)
{
    double x, y;
    if (sscanf(args, "%lf %lf", &x, &y) != 2)
        return wrong(why, size, _("expected X Y in pixels"), args);
    int32_t grid = -1, building = app_pick(app, x, y, &grid);
    if (building >= 0)
        app_select(app, building);
    else if (grid >= 0)
        app_select_grid(app, grid);
    else
        app_select(app, -1);
    return true;
}

static bool deselect(struct app *app, const char *args, char *why, size_t size)
{
    (void)args, (void)why, (void)size;
    app_select(app, -1);
    return true;
}

static bool back(struct app *app, const char *args, char *why, size_t size)
{
    if (app->show_help) {
        app->show_help = false;
        redraw(app);
        return true;
    }
    return deselect(app, args, why, size);
}

/* --- program --- */

static bool snapshot(struct app *app, const char *args, char *why, size_t size)
{
    char name[64];
    const char *path = args;
    if (!*path) {
        time_t now = time(NULL);
        struct tm t;
        if (!localtime_r(&now, &t) ||
            strftime(name, sizeof name, "wangge-%Y%m%d-%H%M%S.png", &t) == 0)
            return wrong(why, size, _("no clock"), strerror(errno));
        path = name;
    }
    hud_say(app->hud, HUD_INFO, "%s", ""); /* an old message is not for the picture */
    if (!app_save_picture(app, path))
        return wrong(why, size, _("the picture cannot be written"),
                     app->error.text[0] ? app->error.text : path);
    hud_say(app->hud, HUD_INFO, _("Picture written: %s"), path);
    return true;
}

static bool fullscreen(struct app *app, const char *args, char *why, size_t size)
{
    (void)args, (void)why, (void)size;
    app_toggle_fullscreen(app);
    return true;
}

static bool help(struct app *app, const char *args, char *why, size_t size)
{
    bool ok = switch_to(&app->show_help, args, why, size);
    redraw(app);
    return ok;
}

static bool quit(struct app *app, const char *args, char *why, size_t size)
{
    (void)args, (void)why, (void)size;
    app->quit = true;
    return true;
}

/* --- for scripts --- */

static bool set_clock(struct app *app, const char *args, char *why, size_t size)
{
    int64_t ms = 0;
    struct wg_error err;
    if (strcmp(args, "run") != 0 && wg_instant_parse(args, 0, &ms, &err) != WG_OK)
        return wrong(why, size, _("not a time"), err.text);
    hud_set_clock(app->hud, ms);
    return true;
}

static void print_quoted(const char *s)
{
    putchar('"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            printf("\\%c", *s);
        else if ((unsigned char)*s < 0x20)
            printf("\\u%04x", *s);
        else
            putchar(*s);
    }
    putchar('"');
}

/* One line of JSON on stdout. */
static bool state(struct app *app, const char *args, char *why, size_t size)
{
    (void)args, (void)why, (void)size;
    const struct camera *c = &app->camera;
    const struct model *m = &app->model;
    struct layout_rect card = hud_place(app->hud, PANEL_CARD);
    printf("{\"mode\":\"%s\",\"theme\":\"%s\",\"labels\":%s,\"panels\":%s,"
           "\"boundaries\":%s,\"help\":%s,\"size\":[%d,%d],",
           app->mode == MODE_ALERT ? "alert" : "grid", app->theme->name,
           app->show_labels ? "true" : "false", app->show_panels ? "true" : "false",
           app->show_boundaries ? "true" : "false", app->show_help ? "true" : "false",
           c->width, c->height);
    printf("\"camera\":{\"x\":%.3f,\"y\":%.3f,\"distance\":%.3f,\"azimuth\":%.3f,"
           "\"tilt\":%.3f},",
           c->x, c->y, c->distance_m, c->azimuth_deg, c->tilt_deg);
    printf("\"scheme\":");
    print_quoted(m->partition && m->partition->scheme_name ? m->partition->scheme_name
                                                           : "");
    printf(",\"building\":%" PRId64 ",\"grid\":",
           app->selected >= 0 && m->city ? m->city->id[app->selected] : 0);
    print_quoted(app->selected_grid >= 0 && m->partition
                     ? m->partition->grid[app->selected_grid].code
                     : "");
    printf(",\"card\":[%d,%d,%d,%d],\"message\":", card.x, card.y, card.w, card.h);
    print_quoted(hud_message(app->hud));
    printf("}\n");
    fflush(stdout);
    return true;
}

/* --- the table --- */

static const struct command table[] = {
    {"mode grid", "", "g", COMMAND_VIEW, N_("Colour the buildings by grid"), mode_grid},
    {"mode alert", "", "a", COMMAND_VIEW, N_("Colour the buildings by alert level"),
     mode_alert},
    {"scheme next", "", "s", COMMAND_VIEW, N_("Show the next scheme"), scheme_next},
    {"theme", "[day|dark]", "t", COMMAND_VIEW, N_("Change between day and dark"), theme},
    {"labels", "[on|off]", "l", COMMAND_VIEW, N_("Show or hide the labels"), labels},
    {"boundaries", "[on|off]", "b", COMMAND_VIEW, N_("Show or hide the boundaries"),
     boundaries},
    {"panels", "[on|off]", "p", COMMAND_VIEW, N_("Show or hide the panels"), panels},
    {"fit", "", "f Home", COMMAND_CAMERA, N_("Show the whole district"), fit},
    {"north", "", "n", COMMAND_CAMERA, N_("Turn north up"), north},
    {"orbit left", "", "Left", COMMAND_CAMERA, N_("Orbit to the left"), orbit_left},
    {"orbit right", "", "Right", COMMAND_CAMERA, N_("Orbit to the right"), orbit_right},
    {"tilt up", "", "Up", COMMAND_CAMERA, N_("Look more from above"), tilt_up},
    {"tilt down", "", "Down", COMMAND_CAMERA, N_("Look more from the side"), tilt_down},
    {"zoom in", "", "+ = PageUp", COMMAND_CAMERA, N_("Come nearer"), zoom_in},
    {"zoom out", "", "- PageDown", COMMAND_CAMERA, N_("Go farther away"), zoom_out},
    {"pan left", "", "Shift+Left", COMMAND_CAMERA, N_("Move to the left"), pan_left},
    {"pan right", "", "Shift+Right", COMMAND_CAMERA, N_("Move to the right"), pan_right},
    {"pan up", "", "Shift+Up", COMMAND_CAMERA, N_("Move forward"), pan_up},
    {"pan down", "", "Shift+Down", COMMAND_CAMERA, N_("Move back"), pan_down},
    {"fly", "", "Enter", COMMAND_SELECT, N_("Fly to what is chosen"), fly},
    {"back", "", "Esc", COMMAND_SELECT, N_("Close this page, or choose nothing"), back},
    {"snapshot", "[FILE]", "F12", COMMAND_PROGRAM, N_("Write a picture (PNG)"), snapshot},
    {"fullscreen", "", "F11", COMMAND_PROGRAM, N_("Fill the screen, or a window again"),
     fullscreen},
    {"help", "[on|off]", "? F1", COMMAND_PROGRAM, N_("Show this page"), help},
    {"quit", "", "q Ctrl+Q", COMMAND_PROGRAM, N_("Leave the program"), quit},
    {"scheme", "NAME", "", COMMAND_SCRIPT, N_("Show the scheme of this name"), scheme},
    {"select building", "CODE|ID|#ID", "", COMMAND_SCRIPT,
     N_("Choose a building by its code or row id"), select_building},
    {"select grid", "CODE|#ID", "", COMMAND_SCRIPT,
     N_("Choose a grid of the scheme shown"), select_grid},
    {"select at", "X Y", "", COMMAND_SCRIPT, N_("Choose what is at a pixel"), select_at},
    {"deselect", "", "", COMMAND_SCRIPT, N_("Choose nothing"), deselect},
    {"clock", "TIME|run", "", COMMAND_SCRIPT,
     N_("Stop the clock at a time (UTC), or let it run"), set_clock},
    {"state", "", "", COMMAND_SCRIPT, N_("Print what is shown as a line of JSON"), state},
};

const struct command *command_table(size_t *n)
{
    *n = sizeof table / sizeof *table;
    return table;
}

const char *command_group_title(int group)
{
    static const char *const titles[] = {N_("View"), N_("Camera"), N_("Selection"),
                                         N_("Program"), N_("Scripts")};
    return group >= 0 && group < COMMAND_GROUPS ? _(titles[group]) : "";
}

const struct command *command_find(const char *line, const char **args)
{
    const struct command *best = NULL;
    size_t best_n = 0;
    while (*line == ' ' || *line == '\t')
        line++;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t n = strlen(table[i].name);
        bool fits = strncmp(line, table[i].name, n) == 0 &&
                    (!line[n] || isspace((unsigned char)line[n]));
        if (fits && n > best_n) {
            best = &table[i];
            best_n = n;
        }
    }
    if (best && args)
        for (*args = line + best_n; isspace((unsigned char)**args);)
            (*args)++;
    return best;
}

const struct command *command_for_key(const char *key)
{
    size_t n = strlen(key);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (const char *k = table[i].keys; *k;) {
            size_t one = strcspn(k, " ");
            if (one == n && strncmp(k, key, n) == 0)
                return &table[i];
            k += one + (k[one] == ' ');
        }
    return NULL;
}

bool command_run(struct app *app, const char *line, char *why, size_t size)
{
    const char *rest;
    char args[1024];
    const struct command *c = command_find(line, &rest);
    if (!c)
        return wrong(why, size, _("no such command"), line);
    size_t n = strlen(rest);
    while (n > 0 && isspace((unsigned char)rest[n - 1]))
        n--;
    if (n >= sizeof args)
        return wrong(why, size, _("too long"), c->name);
    memcpy(args, rest, n);
    args[n] = '\0';
    if (!c->args[0] && args[0])
        return wrong(why, size, _("this command takes nothing after it"), args);
    bool needs = c->args[0] && c->args[0] != '[';
    if (needs && !args[0])
        return wrong(why, size, _("something is missing after the command"), c->args);
    why[0] = '\0';
    return c->run(app, args, why, size);
}

void command_do(struct app *app, const char *line)
{
    char why[1200];
    if (!command_run(app, line, why, sizeof why) && app->hud)
        hud_say(app->hud, HUD_WARN, "%s", why);
}
