/* The command table, and that keys, clicks and drags reach it. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "hud/hud.h"
#include "input.h"
#include "script.h"
#include "stub_app.h"

static struct app app;

static int start(void **state)
{
    (void)state;
    stub_app_init(&app, 1600, 900);
    const struct sprite *s;
    hud_frame(app.hud, &s);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    stub_app_finish(&app);
    return 0;
}

static bool run(const char *line)
{
    char why[1200];
    bool ok = command_run(&app, line, why, sizeof why);
    assert_true(ok || why[0]);
    return ok;
}

/* --- the table --- */

static void rows_are_whole(void **state)
{
    (void)state;
    size_t n;
    const struct command *t = command_table(&n);
    assert_true(n > 20);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(t[i].run);
        assert_true(t[i].name[0] && islower((unsigned char)t[i].name[0]));
        assert_true(strlen(t[i].help) > 3 && strlen(t[i].help) < 60);
        assert_true(t[i].group < COMMAND_GROUPS && command_group_title(t[i].group)[0]);
        assert_true(t[i].group == COMMAND_SCRIPT || t[i].keys[0]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(t[i].name, t[k].name);
        const char *args;
        char line[128];
        snprintf(line, sizeof line, "  %s  x y", t[i].name);
        assert_ptr_equal(command_find(line, &args), &t[i]);
        assert_string_equal(args, "x y");
    }
}

/* Each key is known to the input, is written its one way, and means one command. */
static void keys_are_unique(void **state)
{
    (void)state;
    size_t n;
    const struct command *t = command_table(&n);
    for (size_t i = 0; i < n; i++) {
        char keys[128], *rest = NULL;
        snprintf(keys, sizeof keys, "%s", t[i].keys);
        for (char *k = strtok_r(keys, " ", &rest); k; k = strtok_r(NULL, " ", &rest)) {
            char name[32];
            int mods, key = input_key_parse(k, &mods);
            assert_int_not_equal(key, 0);
            assert_true(input_key_name(key, mods, name, sizeof name));
            assert_string_equal(name, k);
            if (command_for_key(k) != &t[i])
                fail_msg("key %s means %s and %s", k, t[i].name,
                         command_for_key(k)->name);
        }
    }
}

/* Every command's help is in the Chinese catalogue. */
static void help_is_translated(void **state)
{
    (void)state;
    const char *root = getenv("WG_TEST_SOURCE");
    char path[4096];
    snprintf(path, sizeof path, "%s/po/zh_CN.po", root ? root : "");
    FILE *f = fopen(path, "rb");
    if (!f) {
        print_message("# no po/zh_CN.po here\n");
        skip();
    }
    char *text = calloc(1, 4 << 20);
    assert_non_null(text);
    size_t n = fread(text, 1, (4 << 20) - 1, f);
    fclose(f);
    assert_true(n > 0);
    size_t rows;
    const struct command *t = command_table(&rows);
    for (size_t i = 0; i < rows; i++) {
        char want[256];
        snprintf(want, sizeof want, "msgid \"%s\"\nmsgstr \"", t[i].help);
        const char *at = strstr(text, want);
        if (!at || at[strlen(want)] == '"')
            fail_msg("no Chinese for \"%s\"", t[i].help);
    }
    free(text);
}

/* --- running --- */

static void switches(void **state)
{
    (void)state;
    assert_true(run("mode alert") && app.mode == MODE_ALERT);
    assert_true(run("mode grid") && app.mode == MODE_GRID);
    assert_true(run("theme dark") && app.theme->id == THEME_DARK);
    assert_true(run("theme") && app.theme->id == THEME_DAY);
    assert_true(run("labels off") && !app.show_labels);
    assert_true(run("labels") && app.show_labels);
    assert_true(run("panels off") && !app.show_panels);
    assert_true(run("boundaries off") && !app.show_boundaries);
    assert_true(run("help on") && app.show_help);
    assert_true(run("back") && !app.show_help);
    assert_true(run("scheme party") && strstr(stub.calls, "set_scheme:2"));
    assert_true(run("quit") && app.quit);
}

static void selections(void **state)
{
    (void)state;
    assert_true(run("select building 00012") && app.selected == 11);
    assert_true(run("select building 103") && app.selected == 3);
    assert_true(run("select building #104") && app.selected == 4);
    assert_true(run("select grid 990602001001002") && app.selected_grid == 1);
    assert_true(run("select grid #9") && app.selected_grid == 2 && app.selected == -1);
    assert_true(run("fly") && strstr(stub.calls, "fly_to_grid"));
    assert_true(run("back") && app.selected_grid == -1 && app.selected == -1);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "mode",
                                        "mode plaid",
                                        "modegrid",
                                        "labels maybe",
                                        "theme pink",
                                        "scheme none",
                                        "scheme",
                                        "select building",
                                        "select building nope",
                                        "select grid 1",
                                        "select at 1",
                                        "quit now",
                                        "clock yesterday",
                                        "snap",
                                        "#"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (run(wrong[i]))
            fail_msg("\"%s\" was taken", wrong[i]);
    app.model.city = NULL;
    assert_false(run("select building 00012"));
    assert_false(run("fit"));
    assert_false(run("scheme next"));
}

static void cameras(void **state)
{
    (void)state;
    struct camera was = app.camera;
    assert_true(run("orbit left") && app.camera.azimuth_deg != was.azimuth_deg);
    assert_true(run("zoom in") && app.camera.distance_m < was.distance_m);
    assert_true(run("pan up") && (app.camera.x != was.x || app.camera.y != was.y));
    assert_true(run("tilt down") && app.camera.tilt_deg < was.tilt_deg);
    assert_true(run("north") && app.camera.azimuth_deg == 0);
}

static void pictures(void **state)
{
    (void)state;
    assert_true(run("snapshot /tmp/a b.png"));
    assert_string_equal(stub.saved, "/tmp/a b.png");
    assert_non_null(strstr(hud_message(app.hud), "/tmp/a b.png"));
    assert_true(run("snapshot"));
    assert_int_equal(strncmp(stub.saved, "wangge-2", 8), 0);
    assert_non_null(strstr(stub.saved, ".png"));
}

/* --- input --- */

static void key(int k, int mods)
{
    struct event e = {.kind = EVENT_KEY, .key = k, .mods = mods};
    input_event(&app, &e);
}

static void sign(char c)
{
    struct event e = {.kind = EVENT_TEXT, .codepoint = (uint32_t)c};
    input_event(&app, &e);
}

static void mouse(enum event_kind kind, int button, double x, double y)
{
    struct event e = {.kind = kind, .button = button, .x = x, .y = y};
    app.now_s += 0.01;
    input_event(&app, &e);
}

static void click(double x, double y)
{
    mouse(EVENT_PRESS, BUTTON_LEFT, x, y);
    mouse(EVENT_RELEASE, BUTTON_LEFT, x, y);
}

static void keys_run_commands(void **state)
{
    (void)state;
    key('A', 0);
    assert_int_equal(app.mode, MODE_ALERT);
    key('G', 0);
    assert_int_equal(app.mode, MODE_GRID);
    key('T', 0);
    assert_int_equal(app.theme->id, THEME_DARK);
    key('/', MOD_SHIFT); /* its character does it, the key alone nothing */
    assert_false(app.show_help);
    sign('?');
    assert_true(app.show_help);
    key(KEY_ESCAPE, 0);
    assert_false(app.show_help);
    key('A', MOD_CTRL);
    assert_int_equal(app.mode, MODE_GRID);
    key('Q', MOD_CTRL);
    assert_true(app.quit);
}

static void clicks_select(void **state)
{
    (void)state;
    stub.pick_building = 5;
    click(800, 500);
    assert_int_equal(app.selected, 5);
    app.now_s += 1;
    stub.pick_building = -1;
    stub.pick_grid = 2;
    click(800, 500);
    assert_int_equal(app.selected_grid, 2);
    click(801, 501); /* soon after: a double click */
    assert_non_null(strstr(stub.calls, "fly_to_grid"));
    app.now_s += 1;
    stub.pick_grid = -1;
    click(800, 500);
    assert_int_equal(app.selected_grid, -1);
}

static void drags_move_the_camera(void **state)
{
    (void)state;
    struct camera was = app.camera;
    mouse(EVENT_PRESS, BUTTON_LEFT, 800, 500);
    mouse(EVENT_MOVE, BUTTON_LEFT, 801, 501); /* a trembling hand */
    assert_true(app.camera.azimuth_deg == was.azimuth_deg);
    mouse(EVENT_MOVE, BUTTON_LEFT, 900, 480);
    mouse(EVENT_RELEASE, BUTTON_LEFT, 900, 480);
    assert_true(app.camera.azimuth_deg != was.azimuth_deg);
    assert_true(app.camera.x == was.x && app.camera.y == was.y);
    assert_int_equal(app.selected, -1);
    assert_null(strstr(stub.calls, "select"));

    was = app.camera;
    mouse(EVENT_PRESS, BUTTON_RIGHT, 800, 500);
    mouse(EVENT_MOVE, BUTTON_RIGHT, 700, 400);
    mouse(EVENT_RELEASE, BUTTON_RIGHT, 700, 400);
    assert_true(app.camera.azimuth_deg == was.azimuth_deg);
    assert_true(app.camera.x != was.x && app.camera.y != was.y);
}

static void a_flick_comes_to_rest(void **state)
{
    (void)state;
    mouse(EVENT_PRESS, BUTTON_RIGHT, 800, 500);
    for (int i = 1; i <= 8; i++)
        mouse(EVENT_MOVE, BUTTON_RIGHT, 800 - 12 * i, 500);
    mouse(EVENT_RELEASE, BUTTON_RIGHT, 704, 500);
    double x = app.camera.x;
    int frames = 0;
    for (; frames < 600; frames++) {
        app.now_s += 0.016;
        if (!input_step(&app))
            break;
    }
    assert_true(app.camera.x != x);
    assert_in_range(frames, 5, 200);
}

static void the_wheel_zooms(void **state)
{
    (void)state;
    double was = app.camera.distance_m;
    struct event e = {.kind = EVENT_SCROLL, .x = 800, .y = 500, .dy = 1};
    input_event(&app, &e);
    assert_true(app.camera.distance_m < was);
}

/* Panels take their clicks: the scene behind them does not. */
static void panels_take_clicks(void **state)
{
    (void)state;
    struct layout_rect title = hud_place(app.hud, PANEL_TITLE);
    stub.pick_building = 5;
    bool alert = false;
    for (int x = title.x; x < title.x + title.w && !alert; x += 4) {
        click(x, title.y + title.h / 2);
        alert = app.mode == MODE_ALERT;
        app.now_s += 1;
    }
    assert_true(alert);
    assert_int_equal(app.selected, -1);

    const struct sprite *s;
    app.mode = MODE_GRID;
    hud_frame(app.hud, &s);
    struct layout_rect legend = hud_place(app.hud, PANEL_LEGEND);
    for (int y = legend.y; y < legend.y + legend.h && app.selected_grid < 0; y += 4)
        click(legend.x + legend.w / 2, y);
    assert_true(app.selected_grid >= 0);

    struct camera was = app.camera;
    mouse(EVENT_PRESS, BUTTON_LEFT, legend.x + 5, legend.y + 5);
    mouse(EVENT_MOVE, BUTTON_LEFT, 800, 500);
    mouse(EVENT_RELEASE, BUTTON_LEFT, 800, 500);
    assert_memory_equal(&was, &app.camera, sizeof was);
}

/* --- scripts --- */

static enum script_result run_script(const char *text, char *why, size_t size)
{
    char path[] = "/tmp/wangge-script-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fputs(text, f);
    fclose(f);
    struct script *s = script_open(path, why, size);
    assert_non_null(s);
    enum script_result r = SCRIPT_MORE;
    for (int frame = 0; frame < 1000 && r == SCRIPT_MORE; frame++) {
        const struct sprite *sprites;
        hud_frame(app.hud, &sprites);
        app.now_s += 0.02;
        r = script_step(s, &app, why, size);
    }
    script_close(s);
    remove(path);
    return r;
}

static void scripts_run(void **state)
{
    (void)state;
    char why[2048] = "";
    double began = app.now_s;
    stub.pick_building = 4;
    enum script_result r = run_script("# a comment\n\nmode alert\nkey t\nwait 0.5\n"
                                      "click 800 500\nwait ready\nsnapshot out.png\n"
                                      "key Ctrl+Q\n",
                                      why, sizeof why);
    assert_int_equal(r, SCRIPT_END);
    assert_int_equal(app.mode, MODE_ALERT);
    assert_int_equal(app.theme->id, THEME_DARK);
    assert_int_equal(app.selected, 4);
    assert_string_equal(stub.saved, "out.png");
    assert_true(app.quit && app.now_s - began >= 0.5);
}

static void scripts_stop_at_a_bad_line(void **state)
{
    (void)state;
    char why[2048];
    static const char *const bad[] = {"nonsense",          "wait soon",
                                      "key Hyper+J",       "click 1",
                                      "drag 1 2 3 4 left", "select grid nowhere"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[128];
        snprintf(text, sizeof text, "mode grid\n%s\nmode alert\n", bad[i]);
        assert_int_equal(run_script(text, why, sizeof why), SCRIPT_FAILED);
        assert_non_null(strstr(why, "2"));
        assert_non_null(strstr(why, bad[i]));
        assert_int_equal(app.mode, MODE_GRID);
    }
    assert_null(script_open("/nonexistent/script", why, sizeof why));
    assert_non_null(strstr(why, "/nonexistent/script"));
}

#define WITH_APP(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(keys_are_unique),
        cmocka_unit_test(help_is_translated),
        WITH_APP(switches),
        WITH_APP(selections),
        WITH_APP(refusals),
        WITH_APP(cameras),
        WITH_APP(pictures),
        WITH_APP(keys_run_commands),
        WITH_APP(clicks_select),
        WITH_APP(drags_move_the_camera),
        WITH_APP(a_flick_comes_to_rest),
        WITH_APP(the_wheel_zooms),
        WITH_APP(panels_take_clicks),
        WITH_APP(scripts_run),
        WITH_APP(scripts_stop_at_a_bad_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
