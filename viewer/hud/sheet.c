/* The rows of a panel: measured, fitted, flowed and drawn. */
#include "hud/sheet.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- rows --- */

static void row_finish(struct sheet_row *r)
{
    free(r->a);
    free(r->b);
    free(r->c);
    free(r->command);
}

void sheet_clear(struct sheet *s)
{
    for (size_t i = 0; i < s->n; i++)
        row_finish(&s->rows[i]);
    s->n = 0;
    s->went = 0;
}

void sheet_finish(struct sheet *s)
{
    sheet_clear(s);
    free(s->rows);
    *s = (struct sheet){0};
}

void sheet_set(char **field, const char *text)
{
    free(*field);
    *field = text ? strdup(text) : NULL;
}

struct sheet_row *sheet_add(struct sheet *s, enum sheet_kind kind, const char *a,
                            const char *b)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 32;
        struct sheet_row *rows = realloc(s->rows, cap * sizeof *rows);
        if (!rows)
            abort(); /* a program may end on this; a panel is a few kilobytes */
        s->rows = rows;
        s->cap = cap;
    }
    struct sheet_row *r = &s->rows[s->n++];
    *r = (struct sheet_row){.kind = kind, .fraction = -1};
    sheet_set(&r->a, a ? a : "");
    sheet_set(&r->b, b);
    return r;
}

/* --- styles: the same for measuring and drawing --- */

static struct text_style style(int px, uint32_t colour, int width, int lines)
{
    return (struct text_style){
        .px = (float)px, .colour = colour, .width = width, .lines = lines};
}

static struct text_style head_style(const struct layout_metrics *m, int width)
{
    struct text_style s = style(m->large, 0, width, 2);
    s.bold = true;
    return s;
}

static int pair_label_width(int inner)
{
    return inner * 36 / 100;
}

static int keys_width(const struct layout_metrics *m, int inner)
{
    int w = m->em * 9;
    return w < inner * 45 / 100 ? w : inner * 45 / 100;
}

/* --- heights --- */

static int text_height(struct text *t, const char *s, struct text_style st)
{
    return text_measure(t, s, &st).h;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int row_height(const struct sheet_row *r, struct text *t,
                      const struct layout_metrics *m, int inner)
{
    int quarter = m->em / 4;
    switch (r->kind) {
    case SHEET_HEAD:
        /* Room for the closing cross at the right. */
        return text_height(t, r->a, head_style(m, inner - m->em * 2)) + quarter;
    case SHEET_SUB:
        return text_height(t, r->a, style(m->small, 0, inner, 2)) + quarter;
    case SHEET_SECTION:
        return m->em + m->leading;
    case SHEET_PAIR: {
        int label = pair_label_width(inner);
        int a = text_height(t, r->a, style(m->em, 0, label - quarter, 2));
        int b = text_height(t, r->b ? r->b : "", style(m->em, 0, inner - label, 3));
        return larger(a, b) + m->em / 3;
    }
    case SHEET_FIGURES:
        return m->large + m->em / 2 + m->small * 3 / 2 + m->em;
    case SHEET_ITEM:
        return m->leading + (r->c ? m->small * 3 / 2 : 0) +
               (r->fraction >= 0 ? m->em / 2 : 0);
    case SHEET_KEYS:
        return m->leading;
    case SHEET_NOTE:
        return text_height(t, r->a, style(m->small, 0, inner, 3)) + m->em / 3;
    }
    return 0;
}

/* --- flowing --- */

static bool break_before(const struct sheet *s, size_t i)
{
    return i == 0 || s->rows[i - 1].kind != SHEET_SECTION;
}

/* Rows to columns of at most `col_h`; the columns used and the greatest height. */
static int pour(struct sheet *s, const struct layout_metrics *m, int width, int col_h,
                int *height)
{
    int col = 0, y = 0;
    *height = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct sheet_row *r = &s->rows[i];
        if (r->hidden)
            continue;
        bool keeps_next = r->kind == SHEET_SECTION && i + 1 < s->n;
        int need = r->natural_h + (keeps_next ? s->rows[i + 1].natural_h : 0);
        if (y > 0 && y + need > col_h && break_before(s, i)) {
            col++;
            y = 0;
        }
        bool heads = y == 0 && r->kind == SHEET_SECTION;
        r->at.h = heads ? m->leading : r->natural_h;
        r->at.x = m->pad + col * (width + m->pad);
        r->at.y = m->pad + y;
        r->at.w = width;
        y += r->at.h;
        *height = y > *height ? y : *height;
    }
    return col + 1;
}

static int flow_height(struct sheet *s, const struct layout_metrics *m, int inner,
                       int columns)
{
    int total = 0, height = 0;
    for (size_t i = 0; i < s->n; i++)
        total += s->rows[i].hidden ? 0 : s->rows[i].natural_h;
    if (columns <= 1) {
        pour(s, m, inner, INT_MAX / 2, &height);
        return height;
    }
    for (int h = total / columns; h <= total + m->leading; h += m->em / 2 + 1)
        if (pour(s, m, inner, h, &height) <= columns)
            break;
    return height;
}

/* The last of the rows most ready to go; n if all must stay. */
static size_t next_to_go(const struct sheet *s)
{
    size_t found = s->n;
    int drop = 1;
    for (size_t i = 0; i < s->n; i++) {
        const struct sheet_row *r = &s->rows[i];
        if (!r->hidden && r->drop >= drop) {
            drop = r->drop;
            found = i;
        }
    }
    return found;
}

struct layout_size sheet_flow(struct sheet *s, struct text *t,
                              const struct layout_metrics *m, int width, int columns,
                              int most_h)
{
    int n = columns > 1 ? columns : 1;
    int inner = (width - m->pad * (n + 1)) / n;
    inner = inner > 1 ? inner : 1;
    s->went = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->rows[i].hidden = false;
        s->rows[i].natural_h = row_height(&s->rows[i], t, m, inner);
    }
    int height = flow_height(s, m, inner, n);
    while (height + 2 * m->pad > most_h) {
        size_t i = next_to_go(s);
        if (i == s->n)
            break;
        s->rows[i].hidden = true;
        s->went++;
        height = flow_height(s, m, inner, n);
    }
    return (struct layout_size){width, height + 2 * m->pad};
}

/* --- drawing --- */

static const char *const numerals[] = {"", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"};

void badge_draw(struct canvas *c, const struct palette *p, int level, float cx, float cy,
                float r)
{
    static const enum canvas_mark shapes[] = {MARK_CIRCLE, MARK_CIRCLE, MARK_DIAMOND,
                                              MARK_TRIANGLE, MARK_SQUARE};
    if (level < 1 || level > 4)
        return;
    canvas_mark(c, shapes[level], cx, cy, r, p->level[level], p->level[level], 0);
    struct text_style st = {
        .px = r * 1.3f, .colour = palette_ink_on(p->level[level]), .bold = true};
    float low = shapes[level] == MARK_TRIANGLE ? r * 0.22f : 0;
    if (level == 3)
        st.px = r * 1.12f;
    canvas_text_middle(c, cx, cy + low, numerals[level], &st);
}

static void draw_section(const struct sheet_row *r, struct canvas *c,
                         const struct layout_metrics *m, const struct palette *p)
{
    if (r->at.h == r->natural_h)
        canvas_rect(c, (float)r->at.x, (float)(r->at.y + m->em / 2), (float)r->at.w,
                    (float)m->hair, 0, p->edge, 0, 0);
    struct text_style st = style(m->small, p->muted, r->at.w * 2 / 3, 1);
    st.bold = true;
    int base = r->at.y + r->at.h - m->small * 7 / 4;
    canvas_text(c, r->at.x, base, r->a, &st);
    if (r->b) {
        struct text_style right = style(m->small, p->muted, r->at.w, 1);
        right.align = TEXT_RIGHT;
        right.tabular = true;
        canvas_text(c, r->at.x, base, r->b, &right);
    }
}

static void draw_pair(const struct sheet_row *r, struct canvas *c,
                      const struct layout_metrics *m, const struct palette *p)
{
    int label = pair_label_width(r->at.w);
    struct text_style what = style(m->em, p->muted, label - m->em / 4, 2);
    struct text_style value =
        style(m->em, r->command ? p->accent : p->text, r->at.w - label, 3);
    value.tabular = true;
    canvas_text(c, r->at.x, r->at.y, r->a, &what);
    canvas_text(c, r->at.x + label, r->at.y, r->b ? r->b : "", &value);
}

static void draw_figures(const struct sheet_row *r, struct canvas *c,
                         const struct layout_metrics *m, const struct palette *p)
{
    int n = 1;
    for (const char *s = r->a; (s = strchr(s, '\n')); s++)
        n++;
    char *copy = strdup(r->a), *next = copy;
    int w = r->at.w / n;
    for (int i = 0; copy && i < n; i++) {
        char *cell = next;
        next = strchr(cell, '\n');
        if (next)
            *next++ = '\0';
        char *caption = strchr(cell, '\t');
        if (caption)
            *caption++ = '\0';
        struct text_style big = style(m->large + m->em / 8, p->text, w - m->em / 3, 1);
        big.tabular = true;
        big.bold = true;
        struct text_style small = style(m->small, p->muted, w - m->em / 3, 1);
        canvas_text(c, r->at.x + i * w, r->at.y + m->em / 3, cell, &big);
        canvas_text(c, r->at.x + i * w, r->at.y + m->em / 3 + m->large * 3 / 2,
                    caption ? caption : "", &small);
    }
    free(copy);
}

static int item_indent(const struct sheet_row *r, const struct layout_metrics *m)
{
    return r->colour || r->level ? m->em * 3 / 2 + m->em / 4 : 0;
}

static void draw_item(const struct sheet_row *r, struct canvas *c,
                      const struct layout_metrics *m, const struct palette *p)
{
    int indent = item_indent(r, m);
    float cy = (float)r->at.y + (float)m->leading / 2.0f + (float)m->em * 0.06f;
    float cx = (float)r->at.x + (float)m->em * 0.7f;
    if (r->level)
        badge_draw(c, p, r->level, roundf(cx), roundf(cy), (float)m->em * 0.6f);
    else if (r->colour)
        canvas_rect(c, roundf(cx - (float)m->em * 0.5f), roundf(cy - (float)m->em * 0.5f),
                    (float)m->em, (float)m->em, (float)m->em * 0.22f, r->colour, p->edge,
                    (float)m->hair);
    int right = 0;
    if (r->b) {
        struct text_style st = style(m->em, p->muted, r->at.w * 45 / 100, 1);
        st.tabular = true;
        struct text_extent e = text_measure(canvas_fonts(c), r->b, &st);
        right = e.w;
        canvas_text(c, r->at.x + r->at.w - right, r->at.y + (m->leading - e.h) / 2, r->b,
                    &st);
    }
    struct text_style st = style(m->em, p->text, r->at.w - indent - right - m->em / 2, 1);
    st.bold = r->strong;
    int line = text_measure(canvas_fonts(c), r->a, &st).h;
    canvas_text(c, r->at.x + indent, r->at.y + (m->leading - line) / 2, r->a, &st);
    if (r->c) {
        struct text_style second = style(m->small, p->muted, r->at.w - indent, 1);
        second.tabular = true;
        canvas_text(c, r->at.x + indent, r->at.y + m->leading - m->em / 8, r->c, &second);
    }
    if (r->fraction >= 0) {
        float w = (float)(r->at.w - indent), h = (float)m->em / 5.0f;
        float x = (float)(r->at.x + indent);
        float at = (float)(r->at.y + r->at.h) - (float)m->em / 2.0f;
        canvas_rect(c, x, at, w, h, h / 2, p->edge, 0, 0);
        float full = w * (r->fraction > 1 ? 1 : r->fraction);
        if (full >= 1)
            canvas_rect(c, x, at, full, h, h / 2, palette_fade(p->accent, 0.8), 0, 0);
    }
}

static void draw_keys(const struct sheet_row *r, struct canvas *c,
                      const struct layout_metrics *m, const struct palette *p)
{
    int x = r->at.x, right = r->at.x + keys_width(m, r->at.w);
    char *copy = strdup(r->a), *rest = NULL;
    for (char *key = copy ? strtok_r(copy, " ", &rest) : NULL; key;
         key = strtok_r(NULL, " ", &rest)) {
        struct text_style st = style(m->small, p->text, 0, 1);
        struct text_extent e = text_measure(canvas_fonts(c), key, &st);
        int w = larger(e.w + m->em * 3 / 4, m->em * 3 / 2);
        if (x + w > right)
            break;
        int h = m->em + m->em / 2;
        int y = r->at.y + (m->leading - h) / 2;
        canvas_rect(c, (float)x, (float)y, (float)w, (float)h, (float)m->em * 0.3f,
                    palette_fade(p->muted, 0.14), palette_fade(p->muted, 0.5),
                    (float)m->hair);
        canvas_text(c, x + (w - e.w) / 2, y + (h - e.h) / 2, key, &st);
        x += w + m->em / 4;
    }
    free(copy);
    struct text_style what = style(m->em, p->text, r->at.x + r->at.w - right, 1);
    const char *words = r->b ? r->b : "";
    int line = text_measure(canvas_fonts(c), words, &what).h;
    canvas_text(c, right, r->at.y + (m->leading - line) / 2, words, &what);
}

static void draw_row(const struct sheet_row *r, struct canvas *c,
                     const struct layout_metrics *m, const struct palette *p)
{
    struct text_style st;
    switch (r->kind) {
    case SHEET_HEAD:
        st = head_style(m, r->at.w - m->em * 2);
        st.colour = p->text;
        canvas_text(c, r->at.x, r->at.y, r->a, &st);
        break;
    case SHEET_SUB:
        st = style(m->small, p->muted, r->at.w, 2);
        canvas_text(c, r->at.x, r->at.y, r->a, &st);
        break;
    case SHEET_SECTION:
        draw_section(r, c, m, p);
        break;
    case SHEET_PAIR:
        draw_pair(r, c, m, p);
        break;
    case SHEET_FIGURES:
        draw_figures(r, c, m, p);
        break;
    case SHEET_ITEM:
        draw_item(r, c, m, p);
        break;
    case SHEET_KEYS:
        draw_keys(r, c, m, p);
        break;
    case SHEET_NOTE:
        st = style(m->small, p->muted, r->at.w, 3);
        canvas_text(c, r->at.x, r->at.y, r->a, &st);
        break;
    }
}

void sheet_draw(const struct sheet *s, struct canvas *c, const struct layout_metrics *m,
                const struct palette *p)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->rows[i].hidden)
            draw_row(&s->rows[i], c, m, p);
}

const char *sheet_command_at(const struct sheet *s, double x, double y)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->rows[i].hidden && s->rows[i].command && layout_hit(&s->rows[i].at, x, y))
            return s->rows[i].command;
    return NULL;
}
