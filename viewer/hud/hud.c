/* Panels and labels of a frame: state in, sprites out. */
#include "hud/hud.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "label.h"
#include "words.h"

#define MESSAGE_S 6.0

struct pane {
    struct sheet sheet; /* of panels made of rows: as flowed and painted */
    uint64_t flowed;    /* the content of the sheet */
    struct layout_size wants;
    uint64_t content; /* of what the image shows; 0: nothing */
    struct layout_size size;
    struct image image;
    struct panel_hits hits;
};

struct hud {
    struct app *app;
    struct text *text;
    struct labels *labels;
    struct facts_reader *reader;
    struct layout layout;
    struct pane pane[PANEL_COUNT];
    struct sheet scratch;
    struct sprite *sprite;
    size_t sprite_room;

    struct facts *facts;
    enum facts_kind asked; /* what the card is of, and of which state of the data */
    int64_t asked_id;
    uint64_t asked_revision;
    int64_t asked_change;

    char message[1200];
    enum hud_tone tone;
    double message_until_s; /* INFINITY: stays */
    int64_t clock_ms;       /* 0: runs */
    int64_t changed_ms;
    bool live_seen;
    int64_t last_change;   /* seq of the live snapshot last seen */
    char last_error[1024]; /* of the app, already told */

    struct hud_grid_line *line;
    size_t n_line;
    const struct model_partition *lines_of;
    int32_t lines_chosen;
    enum theme_id lines_theme;
};

/* --- life --- */

struct hud *hud_create(struct app *app)
{
    struct hud *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->app = app;
    h->text = text_create(app->chinese ? "zh" : "en");
    h->labels = h->text ? labels_create(h->text) : NULL;
    h->lines_chosen = -2;
    if (!h->labels) {
        hud_destroy(h);
        return NULL;
    }
    if (!text_has_chinese(h->text))
        fprintf(stderr, "%s\n",
                _("wangge-view: no installed font has Chinese characters; they show as "
                  "boxes. Install fonts-noto-cjk."));
    return h;
}

void hud_destroy(struct hud *h)
{
    if (!h)
        return;
    facts_reader_destroy(h->reader);
    facts_destroy(h->facts);
    for (int p = 0; p < PANEL_COUNT; p++) {
        sheet_finish(&h->pane[p].sheet);
        free(h->pane[p].image.rgba);
    }
    sheet_finish(&h->scratch);
    labels_destroy(h->labels);
    text_destroy(h->text);
    free(h->sprite);
    free(h->line);
    free(h);
}

/* --- messages --- */

void hud_say(struct hud *h, enum hud_tone tone, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(h->message, sizeof h->message, format, args);
    va_end(args);
    h->tone = tone;
    h->message_until_s = tone == HUD_ERROR ? INFINITY : h->app->now_s + MESSAGE_S;
    h->app->dirty = true;
}

const char *hud_message(const struct hud *h)
{
    return h->message;
}

void hud_set_clock(struct hud *h, int64_t now_ms)
{
    h->clock_ms = now_ms;
    h->app->dirty = true;
}

static void follow_app(struct hud *h)
{
    struct app *app = h->app;
    if (h->message[0] && app->now_s >= h->message_until_s)
        h->message[0] = '\0';
    if (app->error.text[0] && strcmp(app->error.text, h->last_error) != 0)
        hud_say(h, HUD_ERROR, "%s", app->error.text);
    else if (!app->error.text[0] && h->last_error[0] && h->tone == HUD_ERROR)
        h->message[0] = '\0';
    snprintf(h->last_error, sizeof h->last_error, "%s", app->error.text);
}

/* --- what the card tells --- */

static void wanted(const struct hud *h, enum facts_kind *kind, int64_t *id)
{
    const struct app *app = h->app;
    *kind = FACTS_NONE;
    *id = 0;
    if (app->selected >= 0 && app->model.city) {
        *kind = FACTS_BUILDING;
        *id = app->model.city->id[app->selected];
    } else if (app->selected_grid >= 0 && app->model.partition) {
        *kind = FACTS_GRID;
        *id = app->model.partition->grid[app->selected_grid].id;
    }
}

static void follow_selection(struct hud *h)
{
    enum facts_kind kind;
    int64_t id, change = h->app->model.live ? h->app->model.live->change : 0;
    wanted(h, &kind, &id);
    bool other = kind != h->asked || id != h->asked_id;
    if (other) {
        facts_destroy(h->facts);
        h->facts = NULL;
    }
    /* Asked anew when the data changed; the old card stays until the answer comes. */
    if (kind != FACTS_NONE && (other || change != h->asked_change)) {
        if (!h->reader)
            h->reader = facts_reader_create(h->app->options.path);
        if (h->reader)
            facts_ask(h->reader, kind, id);
        h->asked_change = change;
    }
    h->asked = kind;
    h->asked_id = id;
    struct facts *fresh = h->reader ? facts_take(h->reader) : NULL;
    if (fresh) {
        facts_destroy(h->facts);
        h->facts = fresh;
    }
}

void hud_settle(struct hud *h)
{
    follow_selection(h);
    if (h->reader)
        facts_wait(h->reader);
}

bool hud_wants_frame(struct hud *h)
{
    if (!h->reader)
        return false;
    struct facts *fresh = facts_take(h->reader);
    if (!fresh)
        return false;
    facts_destroy(h->facts);
    h->facts = fresh;
    return true;
}

const struct facts *hud_facts(const struct hud *h)
{
    return h->facts;
}

/* --- the state the panels show --- */

static int by_buildings(const void *a, const void *b)
{
    const struct hud_grid_line *x = a, *y = b;
    if (x->chosen != y->chosen)
        return x->chosen ? -1 : 1;
    if (x->buildings != y->buildings)
        return x->buildings > y->buildings ? -1 : 1;
    return strcmp(x->code, y->code);
}

/* The grids that own something, by code; where they are many, the fullest first. */
static void list_grids(struct hud *h)
{
    const struct app *app = h->app;
    const struct model_partition *p = app->model.partition;
    if (p == h->lines_of && app->selected_grid == h->lines_chosen &&
        app->theme->id == h->lines_theme)
        return;
    h->lines_of = p;
    h->lines_chosen = app->selected_grid;
    h->lines_theme = app->theme->id;
    h->n_line = 0;
    struct hud_grid_line *line = p ? realloc(h->line, (p->n + 1) * sizeof *line) : NULL;
    if (!line)
        return;
    h->line = line;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct model_grid *g = &p->grid[i];
        if (g->leaf)
            line[h->n_line++] =
                (struct hud_grid_line){.id = g->id,
                                       .code = g->code,
                                       .name = g->name[0] ? g->name : NULL,
                                       .colour = app->theme->hue[g->hue % THEME_HUES],
                                       .buildings = g->n_building,
                                       .chosen = (int32_t)i == app->selected_grid};
    }
    if (h->n_line > 18)
        qsort(line, h->n_line, sizeof *line, by_buildings);
}

/* The live snapshot's time is when it was read; what a person asks is when the data
 * last changed: the first reading with a new place in the change log. */
static void note_change(struct hud *h)
{
    const struct model_live *live = h->app->model.live;
    if (!live || (h->live_seen && live->change == h->last_change))
        return;
    /* When the first snapshot changed is not known: nothing is said then. */
    h->changed_ms = h->live_seen ? live->at_ms : 0;
    h->live_seen = true;
    h->last_change = live->change;
}

static void count_levels(struct hud_state *s, const struct app *app)
{
    const struct model_live *live = app->model.live;
    if (!live)
        return;
    s->level_buildings[0] = app->model.city ? app->model.city->n : 0;
    for (int level = 1; level < 5; level++) {
        s->level_buildings[level] = live->all.building[level];
        s->level_buildings[0] -= live->all.building[level];
    }
}

static enum hud_source source_of(const struct app *app)
{
    if (app->lost || app->state == APP_FAILED)
        return HUD_LOST;
    if (app->state == APP_LOADING || !app->model.live)
        return HUD_LOADING;
    return app->interactive ? HUD_LIVE : HUD_STILL;
}

static struct hud_state state_of(struct hud *h, char *loading, size_t size)
{
    struct app *app = h->app;
    const struct model_city *city = app->model.city;
    const struct model_partition *p = app->model.partition;
    list_grids(h);
    note_change(h);
    struct hud_state s = {
        .district = city ? city->name : "",
        .scheme = p && p->scheme ? p->scheme_title : NULL,
        .several_schemes = city && city->n_scheme > 1,
        .alert_mode = app->mode == MODE_ALERT,
        .dark = app->theme->id == THEME_DARK,
        .help = app->show_help,
        .source = source_of(app),
        .now_ms = h->clock_ms ? h->clock_ms : wg_instant_now(),
        .changed_ms = h->changed_ms,
        .progress_done = (int64_t)(app->progress * 1000),
        .progress_total = 1000,
        .grids = h->line,
        .n_grids = h->n_line,
        .outside = p ? p->n_outside : 0,
        .card = h->asked != FACTS_NONE,
        .facts = h->facts,
        .heading_deg = app->camera.azimuth_deg,
        .metres_per_pixel = city ? camera_metres_per_pixel(&app->camera) : 0,
        .message = h->message[0] ? h->message : NULL,
        .tone = h->tone,
    };
    if (h->clock_ms)
        s.changed_ms = 0; /* a stopped clock tells no age */
    count_levels(&s, app);
    if (s.source == HUD_LOADING && !s.message) {
        snprintf(loading, size, _("Loading … %d %%"), (int)(app->progress * 100));
        s.message = loading;
        s.tone = HUD_INFO;
    } else if (s.source == HUD_LOST && !s.message) {
        snprintf(loading, size, "%s",
                 _("The database cannot be read any more; the picture is as it was."));
        s.message = loading;
        s.tone = HUD_ERROR;
    }
    return s;
}

/* --- content hashes: an image is painted again only when its hash is new --- */

static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001B3u;
    return h;
}

static uint64_t mix_text(uint64_t h, const char *s)
{
    return s ? mix(h, s, strlen(s) + 1) : mix(h, "\xFF", 1);
}

static uint64_t sheet_content(uint64_t h, const struct sheet *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct sheet_row *r = &s->rows[i];
        h = mix_text(mix_text(mix_text(h, r->a), r->b), r->c);
        h = mix_text(h, r->command);
        h = mix(h, &r->kind, sizeof r->kind);
        h = mix(h, &r->colour, sizeof r->colour);
        h = mix(h, &r->level, sizeof r->level);
        h = mix(h, &r->fraction, sizeof r->fraction);
        h = mix(h, &r->strong, sizeof r->strong);
    }
    return h;
}

/* --- painting --- */

static struct canvas *begin_card(const struct hud *h, struct layout_size size,
                                 const struct palette *p)
{
    const struct layout_metrics *m = &h->layout.metrics;
    struct canvas *c = canvas_create(h->text, size.w, size.h);
    if (c)
        canvas_rect(c, 0, 0, (float)size.w, (float)size.h, (float)m->radius, p->card,
                    p->edge, (float)m->hair);
    return c;
}

static void end_card(struct pane *pane, struct canvas *c, struct layout_size size,
                     uint64_t content)
{
    free(pane->image.rgba);
    pane->image = (struct image){size.w, size.h, canvas_finish(c), image_revision()};
    pane->content = content;
}

static void close_cross(struct pane *pane, struct canvas *c,
                        const struct layout_metrics *m, const struct palette *p,
                        struct layout_size size)
{
    int d = m->em * 2;
    struct layout_rect at = {size.w - m->pad / 2 - d, m->pad / 2, d, d};
    struct text_style st = {.px = (float)m->large, .colour = p->muted};
    canvas_text_middle(c, (float)at.x + (float)d / 2, (float)at.y + (float)d / 2, "×",
                       &st);
    panel_hit_add(&pane->hits, at, "back");
}

static void paint(struct hud *h, enum layout_panel which, const struct hud_state *s,
                  struct layout_size size, uint64_t content, const void *words,
                  const struct palette *p)
{
    const struct layout_metrics *m = &h->layout.metrics;
    struct pane *pane = &h->pane[which];
    if (pane->content == content && pane->image.width == size.w &&
        pane->image.height == size.h && pane->image.rgba)
        return;
    struct canvas *c = begin_card(h, size, p);
    if (!c)
        return;
    pane->hits.n = 0;
    if (which == PANEL_TITLE)
        panel_title_draw(words, c, size.w, size.h, m, p, &pane->hits);
    else if (which == PANEL_SCALE)
        panel_scale_draw(words, c, size.w, size.h, m, p, &pane->hits);
    else if (which == PANEL_STATUS)
        panel_status_draw(s, c, size.w, size.h, m, p);
    else
        sheet_draw(&pane->sheet, c, m, p);
    if (which == PANEL_CARD || which == PANEL_HELP)
        close_cross(pane, c, m, p, size);
    end_card(pane, c, size, content);
}

/* --- a frame --- */

struct frame {
    struct hud_state state;
    struct palette palette;
    struct title_words title;
    struct scale_words scale;
    struct layout_size want[PANEL_COUNT];
    uint64_t content[PANEL_COUNT];
    uint64_t seed;
    char loading[256];
};

/* Takes the rows filled into the scratch sheet, unless the panel has the same ones. */
static void want_rows(struct hud *h, struct frame *f, enum layout_panel which, int width,
                      int columns)
{
    struct pane *pane = &h->pane[which];
    struct layout_size most = h->layout.most[which];
    uint64_t content = sheet_content(f->seed, &h->scratch);
    content = mix(mix(content, &most, sizeof most), &width, sizeof width);
    if (content != pane->flowed) {
        struct sheet old = pane->sheet;
        pane->sheet = h->scratch;
        h->scratch = old;
        pane->flowed = content;
        pane->wants =
            sheet_flow(&pane->sheet, h->text, &h->layout.metrics, width, columns, most.h);
    }
    f->content[which] = content;
    f->want[which] = pane->wants;
}

static void want_all(struct hud *h, struct frame *f)
{
    const struct layout_metrics *m = &h->layout.metrics;
    const struct layout_size *most = h->layout.most;
    panel_title_fill(&f->title, &f->state);
    f->want[PANEL_TITLE] = most[PANEL_TITLE];
    f->content[PANEL_TITLE] = mix(f->seed, &f->title, sizeof f->title);
    panel_scale_fill(&f->scale, &f->state, m, most[PANEL_SCALE]);
    f->want[PANEL_SCALE] = panel_scale_size(&f->scale, m);
    f->content[PANEL_SCALE] = mix(f->seed, &f->scale, sizeof f->scale);
    panel_legend_fill(&h->scratch, &f->state);
    want_rows(h, f, PANEL_LEGEND, most[PANEL_LEGEND].w, 1);
    if (f->state.card) {
        panel_card_fill(&h->scratch, &f->state);
        want_rows(h, f, PANEL_CARD, most[PANEL_CARD].w, 1);
    }
    if (f->state.help) {
        int width, columns = panel_help_columns(m, most[PANEL_HELP], &width);
        panel_help_fill(&h->scratch);
        want_rows(h, f, PANEL_HELP, width, columns);
    }
}

static void want_status(struct hud *h, struct frame *f)
{
    const struct hud_state *s = &f->state;
    f->want[PANEL_STATUS] =
        panel_status_size(h->text, s, &h->layout.metrics, h->layout.most[PANEL_STATUS]);
    uint64_t content = mix(f->seed, &s->tone, sizeof s->tone);
    content = mix(content, &s->source, sizeof s->source);
    content = mix(content, &s->progress_done, sizeof s->progress_done);
    f->content[PANEL_STATUS] = mix_text(content, s->message);
}

static void begin_frame(struct hud *h, struct frame *f)
{
    struct app *app = h->app;
    f->state = state_of(h, f->loading, sizeof f->loading);
    f->palette = *palette_of(f->state.dark);
    memcpy(f->palette.level, app->theme->level, sizeof f->palette.level);
    struct layout_want want = {.width = app->camera.width,
                               .height = app->camera.height,
                               .scale = app->scale,
                               .view_distance_m = app->options.view_distance_m,
                               .pixels_per_m = app->pixels_per_m};
    layout_begin(&h->layout, &want);
    f->seed = mix(0xCBF29CE484222325u, &h->layout.metrics, sizeof h->layout.metrics);
    f->seed = mix(f->seed, &app->theme->id, sizeof app->theme->id);
}

static size_t collect(struct hud *h, const struct frame *f, bool panels)
{
    const struct layout_rect *place = h->layout.place;
    struct layout_rect blocked[PANEL_COUNT];
    size_t n_blocked = 0, n = 0, n_labels = 0;
    for (int p = 0; p < PANEL_COUNT; p++)
        if (place[p].w > 0)
            blocked[n_blocked++] = place[p];
    const struct sprite *labels = NULL;
    if (h->app->show_labels && !f->state.help)
        n_labels = labels_frame(h->labels, h->app, &h->layout.metrics, blocked, n_blocked,
                                &labels);
    if (n_labels + PANEL_COUNT > h->sprite_room) {
        size_t room = (n_labels + PANEL_COUNT) * 2;
        struct sprite *sprite = realloc(h->sprite, room * sizeof *sprite);
        if (!sprite)
            return 0;
        h->sprite = sprite;
        h->sprite_room = room;
    }
    if (n_labels)
        memcpy(h->sprite, labels, n_labels * sizeof *labels);
    n = n_labels;
    for (int p = 0; p < PANEL_COUNT; p++)
        if (place[p].w > 0 && h->pane[p].image.rgba && (panels || p == PANEL_STATUS))
            h->sprite[n++] = (struct sprite){&h->pane[p].image, (float)place[p].x,
                                             (float)place[p].y, 1};
    return n;
}

size_t hud_frame(struct hud *h, const struct sprite **sprites)
{
    struct frame f = {0};
    follow_app(h);
    follow_selection(h);
    begin_frame(h, &f);
    bool panels = h->app->show_panels;
    if (panels || f.state.help)
        want_all(h, &f);
    want_status(h, &f);
    layout_place(&h->layout, f.want);
    for (int p = 0; p < PANEL_COUNT; p++) {
        const void *words = p == PANEL_TITLE   ? (const void *)&f.title
                            : p == PANEL_SCALE ? (const void *)&f.scale
                                               : NULL;
        struct layout_rect at = h->layout.place[p];
        if (at.w > 0 && at.h > 0)
            paint(h, (enum layout_panel)p, &f.state, (struct layout_size){at.w, at.h},
                  f.content[p], words, &f.palette);
    }
    size_t n = collect(h, &f, panels || f.state.help);
    *sprites = h->sprite;
    return n;
}

double hud_next_s(const struct hud *h)
{
    double next = INFINITY;
    if (h->app->show_panels && !h->clock_ms) {
        int64_t into = wg_instant_now() % 1000;
        next = h->app->now_s + (double)(1000 - into) / 1000;
    }
    if (h->message[0] && h->message_until_s < next)
        next = h->message_until_s;
    return next;
}

/* --- hits --- */

static int panel_at(const struct hud *h, double x, double y)
{
    for (int p = PANEL_COUNT - 1; p >= 0; p--)
        if (h->layout.place[p].w > 0 && layout_hit(&h->layout.place[p], x, y))
            return p;
    return -1;
}

bool hud_hit(struct hud *h, double x, double y)
{
    return panel_at(h, x, y) >= 0;
}

const char *hud_command_at(struct hud *h, double x, double y)
{
    int p = panel_at(h, x, y);
    if (p < 0)
        return NULL;
    const struct pane *pane = &h->pane[p];
    double px = x - h->layout.place[p].x, py = y - h->layout.place[p].y;
    for (int i = 0; i < pane->hits.n; i++)
        if (layout_hit(&pane->hits.hit[i].at, px, py))
            return pane->hits.hit[i].command;
    bool rows = p == PANEL_LEGEND || p == PANEL_CARD || p == PANEL_HELP;
    return rows ? sheet_command_at(&pane->sheet, px, py) : NULL;
}

struct layout_rect hud_place(const struct hud *h, enum layout_panel panel)
{
    return h->layout.place[panel];
}
