/* Compass and scale. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hud/panel.h"
#include "words.h"

/* The longest of 1, 2, 5 × 10ⁿ m that the bar has room for. */
static double round_length(double most)
{
    double ten = pow(10, floor(log10(most)));
    double steps[] = {5, 2, 1};
    for (size_t i = 0; i < 3; i++)
        if (steps[i] * ten <= most)
            return steps[i] * ten;
    return ten;
}

void panel_scale_fill(struct scale_words *words, const struct hud_state *s,
                      const struct layout_metrics *m, struct layout_size most)
{
    memset(words, 0, sizeof *words);
    long turn = lround(-s->heading_deg) % 360;
    words->turn_deg = (int)(turn < 0 ? turn + 360 : turn);
    int room = most.w - m->em * 5;
    if (!(s->metres_per_pixel > 0) || !isfinite(s->metres_per_pixel) || room < m->em * 2)
        return;
    room = room < m->em * 9 ? room : m->em * 9;
    double length = round_length(room * s->metres_per_pixel);
    words->bar_px = (int)lround(length / s->metres_per_pixel);
    if (length >= 1000)
        snprintf(words->length, sizeof words->length, "%.0f km", length / 1000);
    else
        snprintf(words->length, sizeof words->length, length < 1 ? "%.1f m" : "%.0f m",
                 length);
}

struct layout_size panel_scale_size(const struct scale_words *w,
                                    const struct layout_metrics *m)
{
    int h = m->em * 3;
    return (struct layout_size){w->bar_px ? w->bar_px + m->em * 4 + m->pad : m->em * 3,
                                h};
}

void panel_scale_draw(const struct scale_words *words, struct canvas *c, int w, int h,
                      const struct layout_metrics *m, const struct palette *p,
                      struct panel_hits *hits)
{
    canvas_needle(c, (float)m->em * 1.5f, (float)h / 2, (float)m->em * 0.95f,
                  (float)words->turn_deg, p->lost, palette_fade(p->muted, 0.7));
    panel_hit_add(hits, (struct layout_rect){0, 0, m->em * 3, h}, "north");
    if (!words->bar_px)
        return;
    float x = (float)(m->em * 3 + m->em / 2), y = (float)(h - m->em);
    float tick = (float)(m->em / 3), hair = (float)(m->hair * 2);
    struct text_style st = {.px = (float)m->small, .colour = p->text, .tabular = true};
    canvas_text(c, (int)x, m->em / 2, words->length, &st);
    canvas_rect(c, x, y, (float)words->bar_px, hair, 0, p->muted, 0, 0);
    canvas_rect(c, x, y - tick, hair, tick, 0, p->muted, 0, 0);
    canvas_rect(c, x + (float)words->bar_px - hair, y - tick, hair, tick, 0, p->muted, 0,
                0);
    (void)w;
}
