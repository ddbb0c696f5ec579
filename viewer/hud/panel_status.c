/* The status line at the bottom: one message, or how far loading is. */
#include <stdio.h>

#include "hud/panel.h"
#include "words.h"

static struct text_style style(const struct layout_metrics *m, int width)
{
    return (struct text_style){
        .px = (float)m->em, .width = width, .lines = 1, .tabular = true};
}

struct layout_size panel_status_size(struct text *text, const struct hud_state *s,
                                     const struct layout_metrics *m,
                                     struct layout_size most)
{
    if (!s->message || !*s->message)
        return (struct layout_size){0, 0};
    struct text_style st = style(m, 0);
    int w = text_measure(text, s->message, &st).w + m->em * 3 + m->em / 2;
    return (struct layout_size){w < most.w ? w : most.w, most.h};
}

void panel_status_draw(const struct hud_state *s, struct canvas *c, int w, int h,
                       const struct layout_metrics *m, const struct palette *p)
{
    uint32_t tones[] = {p->accent, p->stale, p->lost};
    canvas_mark(c, MARK_CIRCLE, (float)m->em * 1.2f, (float)h / 2, (float)m->em * 0.3f,
                tones[s->tone], 0, 0);
    struct text_style st = style(m, w - m->em * 3);
    st.colour = p->text;
    struct text_extent e = text_measure(canvas_fonts(c), s->message, &st);
    canvas_text(c, m->em * 2, (h - e.h) / 2, s->message, &st);
    if (s->source == HUD_LOADING && s->progress_total > 0) {
        float share = (float)s->progress_done / (float)s->progress_total;
        float bar = (float)(w - 2 * m->radius) * (share > 1 ? 1 : share);
        canvas_rect(c, (float)m->radius, (float)(h - 2 * m->hair - 1), bar,
                    (float)(2 * m->hair), 0, p->accent, 0, 0);
    }
}
