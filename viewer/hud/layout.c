/* Where the panels stand; pure. */
#include "hud/layout.h"

#include <math.h>
#include <string.h>

/* NUREG-0700: character height = 6.283 · distance · minutes / 21600; 22 minutes suit
 * dense Chinese strokes; a character is about 0.88 of its em. */
static double wall_em(const struct layout_want *w)
{
    if (!(w->view_distance_m > 0) || !(w->pixels_per_m > 0))
        return 0;
    double height_m = 6.283 * (double)w->view_distance_m * 22 / 21600;
    return height_m * (double)w->pixels_per_m / 0.88;
}

static int at_least(int v, int least)
{
    return v < least ? least : v;
}

static int at_most(int v, int most)
{
    return v > most ? most : v;
}

struct layout_metrics layout_metrics(const struct layout_want *w)
{
    double scale = w->scale > 0 ? (double)w->scale : 1;
    double shorter = fmin(w->height, w->width * 0.62);
    double em = fmax(fmax(shorter / 72.0, 13.0 * scale), wall_em(w));
    /* More than this and the panels would hide the district. */
    em = fmin(em, fmin(w->height / 34.0, w->width / 58.0));
    em = fmax(em, 8);
    int e = (int)lround(em);
    return (struct layout_metrics){
        .em = e,
        .small = (int)lround(em * 0.84),
        .large = (int)lround(em * 1.3),
        .pad = (int)lround(em * 1.0),
        .gap = (int)lround(em * 0.75),
        .margin = (int)lround(em * 0.85),
        .radius = (int)lround(em * 0.6),
        .hair = at_least((int)lround(em / 16), 1),
        .leading = (int)lround(em * 1.75),
    };
}

static int title_height(const struct layout_metrics *m)
{
    return m->em * 3 + m->em / 4;
}

static int status_height(const struct layout_metrics *m)
{
    return m->em * 2 + m->em / 4;
}

static struct layout_size room(int w, int h)
{
    return (struct layout_size){at_least(w, 1), at_least(h, 1)};
}

void layout_begin(struct layout *l, const struct layout_want *want)
{
    memset(l, 0, sizeof *l);
    l->width = at_least(want->width, 1);
    l->height = at_least(want->height, 1);
    struct layout_metrics m = l->metrics = layout_metrics(want);
    int inner_w = at_least(l->width - 2 * m.margin, 1);
    int title_h = at_most(title_height(&m), l->height / 4);
    int body_h = at_least(l->height - 2 * m.margin - title_h - m.gap, 1);
    int scale_h = at_most(m.em * 4, body_h / 4);
    int status_h = at_most(status_height(&m), body_h / 6);

    int body_most = body_h - scale_h - m.gap;
    l->most[PANEL_TITLE] = room(inner_w, title_h);
    l->most[PANEL_LEGEND] = room(at_most(m.em * 17, inner_w * 28 / 100), body_h);
    l->most[PANEL_CARD] = room(at_most(m.em * 23, inner_w * 38 / 100), body_most);
    l->most[PANEL_SCALE] = room(at_most(m.em * 17, inner_w * 28 / 100), scale_h);
    int side = l->most[PANEL_LEGEND].w + m.gap;
    l->most[PANEL_STATUS] = room(inner_w - 2 * side, status_h);
    l->most[PANEL_HELP] = room(inner_w, body_h - status_h - m.gap);
}

static struct layout_size granted(const struct layout *l, enum layout_panel p,
                                  const struct layout_size want[PANEL_COUNT])
{
    bool help = want[PANEL_HELP].w > 0 && want[PANEL_HELP].h > 0;
    bool gives_way = p == PANEL_LEGEND || p == PANEL_CARD || p == PANEL_SCALE;
    if (want[p].w <= 0 || want[p].h <= 0 || (help && gives_way))
        return (struct layout_size){0, 0};
    return (struct layout_size){at_most(want[p].w, l->most[p].w),
                                at_most(want[p].h, l->most[p].h)};
}

void layout_place(struct layout *l, const struct layout_size want[PANEL_COUNT])
{
    const struct layout_metrics *m = &l->metrics;
    struct layout_size s[PANEL_COUNT];
    for (int p = 0; p < PANEL_COUNT; p++)
        s[p] = granted(l, (enum layout_panel)p, want);

    int left = m->margin, right = l->width - m->margin;
    int bottom = l->height - m->margin;
    int body = m->margin + (s[PANEL_TITLE].h > 0 ? s[PANEL_TITLE].h + m->gap : 0);
    struct layout_rect *r = l->place;
    r[PANEL_TITLE] =
        (struct layout_rect){left, m->margin, s[PANEL_TITLE].w, s[PANEL_TITLE].h};
    r[PANEL_LEGEND] = (struct layout_rect){left, bottom - s[PANEL_LEGEND].h,
                                           s[PANEL_LEGEND].w, s[PANEL_LEGEND].h};
    r[PANEL_CARD] = (struct layout_rect){right - s[PANEL_CARD].w, body, s[PANEL_CARD].w,
                                         s[PANEL_CARD].h};
    r[PANEL_SCALE] =
        (struct layout_rect){right - s[PANEL_SCALE].w, bottom - s[PANEL_SCALE].h,
                             s[PANEL_SCALE].w, s[PANEL_SCALE].h};
    r[PANEL_STATUS] = (struct layout_rect){(l->width - s[PANEL_STATUS].w) / 2,
                                           bottom - s[PANEL_STATUS].h, s[PANEL_STATUS].w,
                                           s[PANEL_STATUS].h};
    int help_room = bottom - l->most[PANEL_STATUS].h - m->gap - body;
    r[PANEL_HELP] = (struct layout_rect){(l->width - s[PANEL_HELP].w) / 2,
                                         body + (help_room - s[PANEL_HELP].h) / 2,
                                         s[PANEL_HELP].w, s[PANEL_HELP].h};
}

bool layout_hit(const struct layout_rect *r, double x, double y)
{
    return x >= r->x && y >= r->y && x < r->x + r->w && y < r->y + r->h;
}
