/* Mouse and keyboard into commands and camera moves. */
#include "input.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "command.h"
#include "hud/hud.h"

#define DOUBLE_S 0.4
#define STILL_PX 4.0   /* at scale 1: less is a click, more is a drag */
#define ORBIT_DEG 0.28 /* a pixel at scale 1 */
#define FARTHEST_PX 1e6
#define MOST_NOTCHES 50.0 /* of one turn of the wheel */
#define WHEEL_FACTOR 0.86 /* of the distance, a notch */
#define FASTEST_PX 1500.0 /* a second */
#define GLIDE_S 0.22      /* a flick has this time constant */

struct input {
    bool down[3];
    bool on_panel; /* the press that began was on a panel */
    bool dragged;  /* it has left its place */
    bool pans;     /* the drag moves the map; else it orbits */
    double x, y;   /* pointer */
    double press_x, press_y;
    double click_s, click_x, click_y; /* the last click; click_s < 0: none */
    double move_s;                    /* of the last drag move */
    double vx, vy;                    /* of the drag, pixels a second */
    bool glides;
    double glide_s; /* when it was last moved */
};

struct input *input_create(void)
{
    struct input *in = calloc(1, sizeof *in);
    if (in)
        in->click_s = -1;
    return in;
}

void input_destroy(struct input *in)
{
    free(in);
}

/* --- keys --- */

static const struct {
    int key;
    const char *name;
} key_names[] = {
    {KEY_ESCAPE, "Esc"},     {KEY_ENTER, "Enter"},
    {KEY_TAB, "Tab"},        {KEY_BACKSPACE, "Backspace"},
    {KEY_INSERT, "Insert"},  {KEY_DELETE, "Delete"},
    {KEY_RIGHT, "Right"},    {KEY_LEFT, "Left"},
    {KEY_DOWN, "Down"},      {KEY_UP, "Up"},
    {KEY_PAGE_UP, "PageUp"}, {KEY_PAGE_DOWN, "PageDown"},
    {KEY_HOME, "Home"},      {KEY_END, "End"},
};
#define N_KEY_NAMES (sizeof key_names / sizeof *key_names)

static const char *plain_name(int key, char buffer[8])
{
    for (size_t i = 0; i < N_KEY_NAMES; i++)
        if (key_names[i].key == key)
            return key_names[i].name;
    if (key >= KEY_F1 && key <= KEY_F12) {
        snprintf(buffer, 8, "F%d", key - KEY_F1 + 1);
        return buffer;
    }
    return NULL;
}

bool input_key_name(int key, int mods, char *out, size_t size)
{
    char buffer[8];
    const char *name = plain_name(key, buffer);
    bool letter = !name && key > ' ' && key < 127;
    if (letter) {
        bool upper = (mods & MOD_CTRL) != 0; /* "q" but "Ctrl+Q" */
        snprintf(buffer, sizeof buffer, "%c", upper ? toupper(key) : tolower(key));
        name = buffer;
    }
    if (!name)
        return false;
    bool shift = (mods & MOD_SHIFT) && !(letter && !isalpha(key));
    return snprintf(out, size, "%s%s%s%s", mods & MOD_CTRL ? "Ctrl+" : "",
                    mods & MOD_ALT ? "Alt+" : "", shift ? "Shift+" : "",
                    name) < (int)size;
}

int input_key_parse(const char *name, int *mods)
{
    static const struct {
        const char *prefix;
        int mod;
    } prefixes[] = {{"Ctrl+", MOD_CTRL}, {"Alt+", MOD_ALT}, {"Shift+", MOD_SHIFT}};
    char buffer[8];
    *mods = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(prefixes[i].prefix);
        if (strncmp(name, prefixes[i].prefix, n) == 0 && name[n]) {
            *mods |= prefixes[i].mod;
            name += n;
        }
    }
    if (name[0] && !name[1])
        return toupper((unsigned char)name[0]);
    for (int key = KEY_ESCAPE; key <= KEY_F12; key++) {
        const char *known = plain_name(key, buffer);
        if (known && strcmp(known, name) == 0)
            return key;
    }
    return 0;
}

static void run_key(struct app *app, const char *name)
{
    const struct command *c = command_for_key(name);
    if (c)
        command_do(app, c->name);
}

/* Letters and named keys go by the key, so that they work under any input method;
 * signs go by the character, so that they work on any layout. */
static void key_down(struct app *app, const struct event *e)
{
    char name[32];
    bool sign = e->key > ' ' && e->key < 127 && !isalnum(e->key);
    bool plain = !(e->mods & (MOD_CTRL | MOD_ALT));
    if (sign && plain)
        return; /* its character comes too */
    if (input_key_name(e->key, e->mods, name, sizeof name))
        run_key(app, name);
}

static void typed(struct app *app, const struct event *e)
{
    if (e->codepoint > ' ' && e->codepoint < 127 && !isalnum((int)e->codepoint))
        run_key(app, (char[]){(char)e->codepoint, '\0'});
}

/* --- mouse --- */

static double scale_of(const struct app *app)
{
    return app->scale > 0 ? (double)app->scale : 1;
}

static void press(struct app *app, struct input *in, const struct event *e)
{
    in->glides = false;
    in->down[e->button] = true;
    in->x = in->press_x = e->x;
    in->y = in->press_y = e->y;
    in->on_panel = app->hud && hud_hit(app->hud, e->x, e->y);
    in->dragged = false;
    in->pans = e->button != BUTTON_LEFT || (e->mods & (MOD_SHIFT | MOD_CTRL));
    in->vx = in->vy = 0;
    in->move_s = app->now_s;
    if (!in->on_panel)
        app_stop_flight(app);
}

static void turn_or_shift(struct app *app, const struct input *in, double dx, double dy)
{
    if (in->pans) {
        camera_pan(&app->camera, dx, dy);
    } else {
        double deg = ORBIT_DEG / scale_of(app);
        camera_orbit(&app->camera, dx * deg, dy * deg);
    }
    camera_clamp(&app->camera, &app->limits);
    app->dirty = true;
}

static void drag(struct app *app, struct input *in, const struct event *e)
{
    double dx = e->x - in->x, dy = e->y - in->y;
    if (in->on_panel)
        return;
    if (!in->dragged) {
        double far = hypot(e->x - in->press_x, e->y - in->press_y);
        if (far < STILL_PX * scale_of(app))
            return;
        in->dragged = true;
        dx = e->x - in->press_x;
        dy = e->y - in->press_y;
    }
    turn_or_shift(app, in, dx, dy);
    double dt = app->now_s - in->move_s;
    if (dt > 1e-4) {
        double keep = exp(-dt / 0.05);
        in->vx = in->vx * keep + dx / dt * (1 - keep);
        in->vy = in->vy * keep + dy / dt * (1 - keep);
        in->move_s = app->now_s;
    }
    in->x = e->x;
    in->y = e->y;
}

static void hover(struct app *app, const struct event *e)
{
    bool over = app->hud && hud_hit(app->hud, e->x, e->y);
    int32_t now = over || app->state != APP_READY ? -1 : app_hover(app, e->x, e->y);
    if (now != app->hovered) {
        app->hovered = now;
        app->revision++;
        app->dirty = true;
    }
}

static void move(struct app *app, struct input *in, const struct event *e)
{
    if (in->down[0] || in->down[1] || in->down[2]) {
        drag(app, in, e);
        return;
    }
    in->x = e->x;
    in->y = e->y;
    hover(app, e);
}

static void click(struct app *app, struct input *in, const struct event *e)
{
    if (in->on_panel) {
        const char *line = app->hud ? hud_command_at(app->hud, e->x, e->y) : NULL;
        char copy[256]; /* the panel may be filled anew while the command runs */
        if (!line)
            return;
        snprintf(copy, sizeof copy, "%s", line);
        command_do(app, copy);
        return;
    }
    bool twice =
        in->click_s >= 0 && app->now_s - in->click_s < DOUBLE_S &&
        hypot(e->x - in->click_x, e->y - in->click_y) < 2 * STILL_PX * scale_of(app);
    in->click_s = twice ? -1 : app->now_s;
    in->click_x = e->x;
    in->click_y = e->y;
    if (twice) {
        command_do(app, "fly");
    } else if (app->state == APP_READY) {
        char line[64];
        snprintf(line, sizeof line, "select at %.1f %.1f", e->x, e->y);
        command_do(app, line);
    }
}

static void release(struct app *app, struct input *in, const struct event *e)
{
    if (!in->down[e->button])
        return;
    in->down[e->button] = false;
    if (!in->dragged) {
        if (e->button == BUTTON_LEFT)
            click(app, in, e);
        return;
    }
    double speed = hypot(in->vx, in->vy) / scale_of(app);
    if (speed > FASTEST_PX) { /* two moves in one frame look like a throw */
        in->vx *= FASTEST_PX / speed;
        in->vy *= FASTEST_PX / speed;
    }
    in->glides = app->now_s - in->move_s < 0.06 && speed > 120;
    in->glide_s = app->now_s;
    app->dirty = app->dirty || in->glides;
}

static void scroll(struct app *app, struct input *in, const struct event *e)
{
    if (app->hud && hud_hit(app->hud, e->x, e->y))
        return;
    in->glides = false;
    app_stop_flight(app);
    camera_zoom(&app->camera,
                pow(WHEEL_FACTOR, fmin(MOST_NOTCHES, fmax(-MOST_NOTCHES, e->dy))), e->x,
                e->y);
    camera_clamp(&app->camera, &app->limits);
    app->dirty = true;
}

static void leave(struct app *app)
{
    if (app->hovered < 0)
        return;
    app->hovered = -1;
    app->revision++;
    app->dirty = true;
}

void input_event(struct app *app, const struct event *e)
{
    struct input *in = app->input;
    bool button = e->button >= 0 && e->button < 3;
    if (!(fabs(e->x) < FARTHEST_PX && fabs(e->y) < FARTHEST_PX))
        return; /* no window has it: a script's, and the camera would never come back */
    switch (e->kind) {
    case EVENT_KEY:
        in->glides = false;
        key_down(app, e);
        break;
    case EVENT_TEXT:
        typed(app, e);
        break;
    case EVENT_PRESS:
        if (button)
            press(app, in, e);
        break;
    case EVENT_RELEASE:
        if (button)
            release(app, in, e);
        break;
    case EVENT_MOVE:
        move(app, in, e);
        break;
    case EVENT_SCROLL:
        scroll(app, in, e);
        break;
    case EVENT_LEAVE:
        leave(app);
        break;
    case EVENT_RESIZE:
        app->dirty = true;
        break;
    }
}

bool input_step(struct app *app)
{
    struct input *in = app->input;
    if (!in->glides)
        return false;
    double dt = app->now_s - in->glide_s;
    in->glide_s = app->now_s;
    if (dt <= 0)
        return true;
    /* What a decaying speed covers in dt, so that slow frames glide no farther. */
    double keep = exp(-dt / GLIDE_S), covered = GLIDE_S * (1 - keep);
    turn_or_shift(app, in, in->vx * covered, in->vy * covered);
    in->vx *= keep;
    in->vy *= keep;
    if (hypot(in->vx, in->vy) < 8 * scale_of(app))
        in->glides = false;
    return true;
}
