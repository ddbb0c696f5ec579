/* The bar along the top: what is shown, in which mode, how fresh, and the clock. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hud/panel.h"
#include "words.h"

void panel_hit_add(struct panel_hits *hits, struct layout_rect at, const char *command)
{
    if (hits->n < PANEL_HITS)
        hits->hit[hits->n++] = (struct panel_hit){at, command};
}

/* --- words --- */

static void clock_words(struct title_words *w, int64_t now_ms)
{
    static const char *const days[] = {N_("Sun"), N_("Mon"), N_("Tue"), N_("Wed"),
                                       N_("Thu"), N_("Fri"), N_("Sat")};
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm t;
    if (!localtime_r(&seconds, &t))
        return;
    snprintf(w->date, sizeof w->date, "%04d-%02d-%02d %s", t.tm_year + 1900, t.tm_mon + 1,
             t.tm_mday, _(days[t.tm_wday]));
    snprintf(w->time, sizeof w->time, "%02d:%02d:%02d", t.tm_hour, t.tm_min, t.tm_sec);
}

/* Rough on purpose: a figure that changes every second draws the eye to itself. */
static void age_words(char *out, size_t size, int64_t age_ms)
{
    int64_t minutes = age_ms / 60000;
    if (minutes < 1)
        snprintf(out, size, "%s", _("changed just now"));
    else if (minutes < 60)
        snprintf(out, size, P_("changed %d min ago", "changed %d min ago", minutes),
                 (int)minutes);
    else if (minutes < 48 * 60)
        snprintf(out, size, P_("changed %d h ago", "changed %d h ago", minutes / 60),
                 (int)(minutes / 60));
    else
        snprintf(out, size,
                 P_("changed %d day ago", "changed %d days ago", minutes / 1440),
                 (int)(minutes / 1440));
}

static void fresh_words(struct title_words *w, const struct hud_state *s)
{
    char age[96];
    switch (s->source) {
    case HUD_LOADING:
        snprintf(w->fresh, sizeof w->fresh, "%s", _("loading"));
        break;
    case HUD_LOST:
        snprintf(w->fresh, sizeof w->fresh, "%s", _("database lost"));
        break;
    case HUD_LIVE:
    case HUD_STILL:
        if (s->changed_ms <= 0) {
            snprintf(w->fresh, sizeof w->fresh, "%s",
                     s->source == HUD_LIVE ? _("live") : _("still picture"));
            break;
        }
        age_words(age, sizeof age, s->now_ms - s->changed_ms);
        if (s->source == HUD_LIVE)
            snprintf(w->fresh, sizeof w->fresh, "%s · %s", _("live"), age);
        else
            snprintf(w->fresh, sizeof w->fresh, "%s", age);
        break;
    }
}

void panel_title_fill(struct title_words *w, const struct hud_state *s)
{
    memset(w, 0, sizeof *w); /* compared and hashed as bytes */
    snprintf(w->district, sizeof w->district, "%s", s->district ? s->district : "");
    snprintf(w->scheme, sizeof w->scheme, "%s", s->scheme ? s->scheme : "");
    w->alert_mode = s->alert_mode;
    w->several = s->several_schemes;
    w->source = s->source;
    clock_words(w, s->now_ms);
    fresh_words(w, s);
}

/* --- drawing --- */

struct bar {
    struct canvas *c;
    const struct layout_metrics *m;
    const struct palette *p;
    struct panel_hits *hits;
    int h;
};

static int text_in(const struct bar *b, int x, const char *s, struct text_style st)
{
    struct text_extent e = text_measure(canvas_fonts(b->c), s, &st);
    canvas_text(b->c, x, (b->h - e.h) / 2, s, &st);
    return e.w;
}

static int width_of(const struct bar *b, const char *s, struct text_style st)
{
    return text_measure(canvas_fonts(b->c), s, &st).w;
}

/* Two halves, the chosen one filled; its width. */
static int mode_switch(const struct bar *b, int x, bool draw, bool alert)
{
    const char *words[2] = {_("Grids"), _("Alerts")};
    const char *commands[2] = {"mode grid", "mode alert"};
    struct text_style st = {.px = (float)b->m->em};
    int w = 0;
    for (int i = 0; i < 2; i++) {
        int one = width_of(b, words[i], st);
        w = one > w ? one : w;
    }
    w += b->m->em * 2;
    int h = b->m->em * 2;
    int y = (b->h - h) / 2;
    if (!draw)
        return 2 * w;
    float r = (float)h / 2;
    canvas_rect(b->c, (float)x, (float)y, (float)(2 * w), (float)h, r,
                palette_fade(b->p->muted, 0.13), b->p->edge, (float)b->m->hair);
    for (int i = 0; i < 2; i++) {
        bool on = alert == (i == 1);
        int left = x + i * w;
        if (on)
            canvas_rect(b->c, (float)left, (float)y, (float)w, (float)h, r, b->p->chip, 0,
                        0);
        st.colour = on ? b->p->chip_text : b->p->text;
        int text_w = width_of(b, words[i], st);
        text_in(b, left + (w - text_w) / 2, words[i], st);
        panel_hit_add(b->hits, (struct layout_rect){left, y, w, h}, commands[i]);
    }
    return 2 * w;
}

static int button(const struct bar *b, int right, const char *glyph, const char *command)
{
    int d = b->m->em * 2;
    int x = right - d, y = (b->h - d) / 2;
    canvas_rect(b->c, (float)x, (float)y, (float)d, (float)d, (float)d / 2,
                palette_fade(b->p->muted, 0.13), b->p->edge, (float)b->m->hair);
    struct text_style st = {.px = (float)b->m->em, .colour = b->p->text, .bold = true};
    canvas_text_middle(b->c, (float)x + (float)d / 2, (float)b->h / 2, glyph, &st);
    panel_hit_add(b->hits, (struct layout_rect){x, y, d, d}, command);
    return x - b->m->em / 2;
}

/* From the right edge leftwards: help, clock, date, freshness; where it ended.  What
 * has no room right of `limit` is left out, the clock last. */
static int right_group(const struct bar *b, const struct title_words *w, int right,
                       int limit)
{
    const struct layout_metrics *m = b->m;
    int x = button(b, right, "?", "help");
    struct text_style clock = {
        .px = (float)m->large, .colour = b->p->text, .tabular = true, .bold = true};
    int one = width_of(b, w->time, clock);
    if (x - one - m->em / 2 > limit) {
        x -= one + m->em / 2;
        text_in(b, x, w->time, clock);
    }
    struct text_style small = {
        .px = (float)m->em, .colour = b->p->muted, .tabular = true};
    one = width_of(b, w->date, small);
    if (x - one - m->em > limit) {
        x -= one + m->em;
        text_in(b, x, w->date, small);
    }
    one = width_of(b, w->fresh, small) + m->em;
    if (x - one - m->em * 3 / 2 > limit) {
        x -= one + m->em * 3 / 2;
        uint32_t dot[] = {b->p->stale, b->p->good, b->p->muted, b->p->lost};
        canvas_mark(b->c, MARK_CIRCLE, (float)x + (float)m->em * 0.3f, (float)b->h / 2,
                    (float)m->em * 0.3f, dot[w->source], 0, 0);
        text_in(b, x + m->em, w->fresh, small);
    }
    return x;
}

static void left_group(const struct bar *b, const struct title_words *w, int left,
                       int right)
{
    const struct layout_metrics *m = b->m;
    int room = right - left;
    if (room < m->em * 2)
        return;
    struct text_style name = {.px = (float)m->large,
                              .colour = b->p->text,
                              .bold = true,
                              .width = w->scheme[0] ? room * 3 / 5 : room};
    int used = text_in(b, left, w->district, name);
    int x = left + used + m->em * 7 / 4;
    room = right - x;
    if (!w->scheme[0] || room < m->em * 4)
        return;
    canvas_rect(b->c, (float)(x - m->em), (float)(b->h / 2 - m->em * 3 / 4),
                (float)m->hair, (float)(m->em * 3 / 2), 0, palette_fade(b->p->muted, 0.4),
                0, 0);
    struct text_style scheme = {.px = (float)m->em,
                                .colour = w->several ? b->p->accent : b->p->muted,
                                .width = room};
    int wide = text_in(b, x, w->scheme, scheme);
    if (w->several)
        panel_hit_add(b->hits, (struct layout_rect){x, 0, wide, b->h}, "scheme next");
}

void panel_title_draw(const struct title_words *w, struct canvas *canvas, int width,
                      int height, const struct layout_metrics *m, const struct palette *p,
                      struct panel_hits *hits)
{
    struct bar b = {canvas, m, p, hits, height};
    int toggle = mode_switch(&b, 0, false, w->alert_mode);
    int x = (width - toggle) / 2;
    mode_switch(&b, x, true, w->alert_mode);
    right_group(&b, w, width - m->pad, x + toggle + m->em);
    left_group(&b, w, m->pad + m->em / 4, x - m->em);
}
