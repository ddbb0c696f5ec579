/* What the panels say fits them: at every size, in both themes, no ink outside a row. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hud/hud.h"
#include "stub_app.h"

static const int sizes[][2] = {{1024, 600},  {1280, 720},  {1366, 768},  {1920, 1080},
                               {2560, 1080}, {3840, 2160}, {5760, 1080}, {7680, 2160}};
#define SIZES (sizeof sizes / sizeof *sizes)

/* --- a district's worst words --- */

static struct fact_share shares[] = {
    {"990602001001003", 0.61}, {"990602001001004", 0.30}, {NULL, 0.09}};
static struct fact_owner owners[] = {
    {.scheme = 1,
     .grid = 3,
     .scheme_name = "basic",
     .scheme_title = "基础网格",
     .code = "990602001001003",
     .name = "桥头网格",
     .shares = shares,
     .n_shares = 3},
    {.scheme = 2,
     .scheme_name = "party",
     .scheme_title = "A scheme with a very long title that nobody shortened"}};
static struct fact_officer officers[] = {
    {"欧阳婉清", "officer", "0856-555 0103"},
    {"Bartholomew Featherstonehaugh-Cholmondeley", "deputy", "+86 856 555 0104 ext. 12"}};
static struct fact_event events[FACTS_EVENTS];

static struct facts building_facts(void)
{
    for (int i = 0; i < FACTS_EVENTS; i++)
        events[i] = (struct fact_event){
            .id = i + 1,
            .level = i % 5,
            .stage = 1 + i % 10,
            .title = i % 2 ? "窨井盖缺失,已设置警示标志,等待权属单位到场处置"
                           : "Manhole cover missing at the corner of two streets",
            .reported_at = "2026-11-20T03:12:00.000Z"};
    return (struct facts){
        .kind = FACTS_BUILDING,
        .id = 12,
        .code = "520602001001-00042",
        .name = "滨江花园住宅小区二期高层组团 12 幢",
        .households = 1096,
        .population = 12311,
        .elderly_alone = 4,
        .events = events,
        .n_events = FACTS_EVENTS,
        .n_open = 1234,
        .use = "residential",
        .address =
            "碧江区河西街道滨江北路 128 号滨江花园小区二期 12 幢(原第三机械厂家属院)",
        .height_from = "floors",
        .height_m = 154,
        .base_m = 3,
        .floors = 48,
        .dwellings = 1102,
        .owners = owners,
        .n_owners = 2};
}

static struct facts grid_facts(void)
{
    struct facts f = building_facts();
    f.kind = FACTS_GRID;
    f.scheme_title = "基础网格";
    f.parent_code = "990602001001";
    f.parent_name = "广场社区";
    f.grid_kind = "dedicated";
    f.level = WG_LEVEL_GRID;
    f.area_m2 = 62345;
    f.buildings = 940;
    f.households_min = 300;
    f.households_max = 500;
    f.officers = officers;
    f.n_officers = 2;
    return f;
}

/* --- checks --- */

struct bench {
    struct text *text;
    struct layout layout;
    const struct palette *palette;
};

static void check_words(const struct bench *b, const struct sheet *s)
{
    if (!text_has_chinese(b->text))
        return;
    for (size_t i = 0; i < s->n; i++) {
        assert_int_equal(text_missing(b->text, s->rows[i].a), 0);
        if (s->rows[i].b)
            assert_int_equal(text_missing(b->text, s->rows[i].b), 0);
    }
}

static void check_rows(const struct sheet *s, struct layout_size size, int pad)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct layout_rect *r = &s->rows[i].at;
        if (s->rows[i].hidden)
            continue;
        assert_true(r->w > 0 && r->h > 0);
        if (r->x < pad || r->y < pad || r->x + r->w > size.w - pad ||
            r->y + r->h > size.h - pad)
            fail_msg("row %zu \"%s\" leaves its panel of %d×%d", i, s->rows[i].a, size.w,
                     size.h);
        for (size_t k = 0; k < i; k++) {
            const struct layout_rect *q = &s->rows[k].at;
            bool apart = s->rows[k].hidden || r->x + r->w <= q->x ||
                         q->x + q->w <= r->x || r->y + r->h <= q->y ||
                         q->y + q->h <= r->y;
            assert_true(apart);
        }
    }
}

/* The padding right of the rows and under them stays clean: no word runs over. */
static void check_ink(const struct bench *b, const struct sheet *s,
                      struct layout_size size)
{
    struct canvas *c = canvas_create(b->text, size.w, size.h);
    sheet_draw(s, c, &b->layout.metrics, b->palette);
    uint8_t *rgba = canvas_finish(c);
    assert_non_null(rgba);
    int right = size.w - b->layout.metrics.pad + 2,
        low = size.h - b->layout.metrics.pad + 2;
    for (int y = 0; y < size.h; y++)
        for (int x = y >= low ? 0 : right; x < size.w; x++)
            if (rgba[((size_t)y * (size_t)size.w + (size_t)x) * 4 + 3])
                fail_msg("ink at %d,%d of a panel of %d×%d", x, y, size.w, size.h);
    free(rgba);
}

static void check(const struct bench *b, struct sheet *s, enum layout_panel which,
                  int width, int columns)
{
    struct layout_size most = b->layout.most[which];
    struct layout_size size =
        sheet_flow(s, b->text, &b->layout.metrics, width, columns, most.h);
    assert_true(size.w <= most.w);
    if (size.h > most.h)
        fail_msg("panel %d wants %d of %d pixels at %d×%d, em %d", which, size.h, most.h,
                 b->layout.width, b->layout.height, b->layout.metrics.em);
    check_rows(s, size, b->layout.metrics.pad);
    check_ink(b, s, size);
    check_words(b, s);
}

static struct hud_grid_line lines[40];

static struct hud_state state_of(int variant)
{
    for (int i = 0; i < 40; i++)
        lines[i] = (struct hud_grid_line){
            .id = i + 1,
            .code = "990602001001003",
            .name = i % 2 ? "桥头网格" : "A grid whose name is far too long for a legend",
            .colour = 0x6FA287FF,
            .buildings = 1234567};
    return (struct hud_state){.scheme =
                                  "基础网格 · the basic grids of the whole community",
                              .alert_mode = variant % 2 != 0,
                              .grids = lines,
                              .n_grids = variant == 0 ? 40 : 3,
                              .outside = 17,
                              .level_buildings = {123456, 1, 22, 333, 4444}};
}

static void rows_fit(const struct bench *b)
{
    struct sheet s = {0};
    for (int variant = 0; variant < 3; variant++) {
        struct hud_state state = state_of(variant);
        panel_legend_fill(&s, &state);
        check(b, &s, PANEL_LEGEND, b->layout.most[PANEL_LEGEND].w, 1);
    }
    struct facts f[3] = {building_facts(), grid_facts(), {.error = "The file is gone."}};
    for (int i = 0; i < 4; i++) {
        struct hud_state state = {.card = true, .facts = i < 3 ? &f[i] : NULL};
        panel_card_fill(&s, &state);
        check(b, &s, PANEL_CARD, b->layout.most[PANEL_CARD].w, 1);
    }
    int width, columns = panel_help_columns(&b->layout.metrics,
                                            b->layout.most[PANEL_HELP], &width);
    panel_help_fill(&s);
    check(b, &s, PANEL_HELP, width, columns);
    assert_int_equal(s.went, 0); /* every key is shown */
    sheet_finish(&s);
}

static void panels_fit_at_every_size(void **state)
{
    (void)state;
    for (int zh = 0; zh < 2; zh++) {
        struct bench b = {.text = text_create(zh ? "zh" : "en")};
        assert_non_null(b.text);
        for (size_t i = 0; i < SIZES; i++) {
            struct layout_want want = {
                .width = sizes[i][0], .height = sizes[i][1], .scale = 1};
            b.palette = palette_of(i % 2);
            layout_begin(&b.layout, &want);
            rows_fit(&b);
        }
        text_destroy(b.text);
    }
}

/* --- the whole hud over a stub of the viewer --- */

static void sprites_stay_in_the_window(void **state)
{
    (void)state;
    struct app app;
    for (size_t i = 0; i < SIZES; i++) {
        stub_app_init(&app, sizes[i][0], sizes[i][1]);
        app.mode = i % 2 ? MODE_ALERT : MODE_GRID;
        app.selected_grid = (int32_t)i % 4 - 1;
        hud_say(app.hud, HUD_WARN, "%s", "A message of some length, as messages are");
        const struct sprite *s;
        size_t n = hud_frame(app.hud, &s);
        assert_true(n >= 4);
        for (size_t k = 0; k < n; k++) {
            assert_true(s[k].x == floorf(s[k].x) && s[k].y == floorf(s[k].y));
            assert_true(s[k].x >= 0 && s[k].y >= 0);
            assert_true(s[k].x + (float)s[k].image->width <= (float)sizes[i][0]);
            assert_true(s[k].y + (float)s[k].image->height <= (float)sizes[i][1]);
            assert_true(s[k].opacity > 0 && s[k].opacity <= 1);
        }
        stub_app_finish(&app);
    }
}

/* Painted once: the same content keeps its image and revision; only the clock's panel
 * is new after a second. */
static void nothing_is_painted_twice(void **state)
{
    (void)state;
    struct app app;
    stub_app_init(&app, 1920, 1080);
    hud_set_clock(app.hud, 1795000000000);
    const struct sprite *s;
    size_t n = hud_frame(app.hud, &s);
    uint64_t revisions[64];
    assert_in_range(n, 4, 64);
    for (size_t k = 0; k < n; k++)
        revisions[k] = s[k].image->revision;
    for (int frame = 0; frame < 10; frame++) {
        assert_int_equal(hud_frame(app.hud, &s), n);
        for (size_t k = 0; k < n; k++)
            assert_true(s[k].image->revision == revisions[k]);
    }
    hud_set_clock(app.hud, 1795000001000);
    assert_int_equal(hud_frame(app.hud, &s), n);
    size_t fresh = 0;
    for (size_t k = 0; k < n; k++)
        fresh += s[k].image->revision != revisions[k];
    assert_int_equal(fresh, 1);
    stub_app_finish(&app);
}

static void messages_go(void **state)
{
    (void)state;
    struct app app;
    stub_app_init(&app, 1920, 1080);
    const struct sprite *s;
    hud_say(app.hud, HUD_INFO, "%d of %d", 3, 7);
    hud_frame(app.hud, &s);
    assert_string_equal(hud_message(app.hud), "3 of 7");
    assert_true(hud_place(app.hud, PANEL_STATUS).w > 0);
    app.now_s += 60;
    hud_frame(app.hud, &s);
    assert_string_equal(hud_message(app.hud), "");
    assert_int_equal(hud_place(app.hud, PANEL_STATUS).w, 0);
    /* A trouble stays until it is over. */
    snprintf(app.error.text, sizeof app.error.text, "The file is gone.");
    hud_frame(app.hud, &s);
    app.now_s += 60;
    hud_frame(app.hud, &s);
    assert_string_equal(hud_message(app.hud), "The file is gone.");
    app.error.text[0] = '\0';
    hud_frame(app.hud, &s);
    assert_string_equal(hud_message(app.hud), "");
    stub_app_finish(&app);
}

static void pictures_are_whole_or_absent(void **state)
{
    (void)state;
    char folder[] = "/tmp/wangge-png-XXXXXX", path[64], why[256];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/p.png", folder);
    uint8_t rgba[2 * 3 * 4];
    for (size_t i = 0; i < sizeof rgba; i++)
        rgba[i] = (uint8_t)(i * 7);
    int w = 0, h = 0;
    assert_true(png_write(path, 2, 3, rgba, 0, why, sizeof why));
    uint8_t *back = png_read(path, &w, &h);
    assert_non_null(back);
    assert_int_equal(w, 2);
    assert_int_equal(h, 3);
    for (size_t i = 0; i < sizeof rgba; i++)
        assert_int_equal(back[i], i % 4 == 3 ? 255 : rgba[i]);
    free(back);
    assert_true(png_write(path, 2, 3, rgba, -8, why, sizeof why)); /* bottom row first */
    back = png_read(path, &w, &h);
    assert_memory_equal(back, rgba + 16, 3);
    free(back);
    assert_false(png_write("/nonexistent/p.png", 2, 3, rgba, 0, why, sizeof why));
    assert_true(why[0]);
    assert_null(png_read("/nonexistent/p.png", &w, &h));
    remove(path);
    assert_int_equal(remove(folder), 0); /* no passing file was left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panels_fit_at_every_size),
        cmocka_unit_test(sprites_stay_in_the_window),
        cmocka_unit_test(nothing_is_painted_twice),
        cmocka_unit_test(messages_go),
        cmocka_unit_test(pictures_are_whole_or_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
