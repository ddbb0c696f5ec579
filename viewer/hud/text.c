/* Pango and Cairo: text, flat shapes and PNG files; no other file includes them. */
#include "hud/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pango/pangocairo.h>

/* One family list for both languages: the CJK faces carry matching Latin and digits. */
static const char families[] =
    "Noto Sans CJK SC,Noto Sans SC,Source Han Sans SC,Source Han Sans CN,"
    "WenQuanYi Micro Hei,WenQuanYi Zen Hei,Droid Sans Fallback,Noto Sans,DejaVu Sans,"
    "sans-serif";

struct text {
    PangoFontMap *fonts;
    PangoContext *context;
    PangoLayout *layout; /* one, set up anew for each string */
    cairo_font_options_t *options;
    bool chinese;
};

struct canvas {
    struct text *text;
    cairo_surface_t *surface;
    cairo_t *cr;
    int w, h;
};

/* --- fonts and measuring --- */

static PangoFontDescription *describe(float px, bool bold)
{
    PangoFontDescription *d = pango_font_description_new();
    pango_font_description_set_family_static(d, families);
    pango_font_description_set_weight(d, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(d, (double)px * PANGO_SCALE);
    return d;
}

static bool find_chinese(struct text *t)
{
    static const gunichar probes[] = {0x7F51, 0x683C, 0x6863}; /* 网 格 档 */
    PangoFontDescription *d = describe(16, false);
    bool all = true;
    for (size_t i = 0; i < sizeof probes / sizeof *probes && all; i++) {
        PangoFontset *set = pango_font_map_load_fontset(t->fonts, t->context, d,
                                                        pango_language_from_string("zh"));
        PangoFont *font = set ? pango_fontset_get_font(set, probes[i]) : NULL;
        all = font && pango_font_has_char(font, probes[i]);
        g_clear_object(&font);
        g_clear_object(&set);
    }
    pango_font_description_free(d);
    return all;
}

struct text *text_create(const char *lang)
{
    struct text *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    bool zh = lang && strncmp(lang, "zh", 2) == 0;
    t->fonts = pango_cairo_font_map_new();
    t->context = pango_font_map_create_context(t->fonts);
    t->options = cairo_font_options_create();
    cairo_font_options_set_antialias(t->options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(t->options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(t->options, CAIRO_HINT_METRICS_ON);
    pango_cairo_context_set_font_options(t->context, t->options);
    pango_cairo_context_set_resolution(t->context, 96);
    pango_context_set_language(t->context,
                               pango_language_from_string(zh ? "zh-cn" : "en"));
    t->layout = pango_layout_new(t->context);
    t->chinese = find_chinese(t);
    return t;
}

void text_destroy(struct text *t)
{
    if (!t)
        return;
    g_clear_object(&t->layout);
    g_clear_object(&t->context);
    g_clear_object(&t->fonts);
    if (t->options)
        cairo_font_options_destroy(t->options);
    free(t);
}

bool text_has_chinese(const struct text *t)
{
    return t->chinese;
}

/* Bytes that are not UTF-8 (a damaged row of a file) become U+FFFD, not a warning of
 * Pango's on stderr for each frame. */
static void set_string(PangoLayout *layout, const char *s)
{
    if (g_utf8_validate(s, -1, NULL)) {
        pango_layout_set_text(layout, s, -1);
        return;
    }
    char *clean = g_utf8_make_valid(s, -1);
    pango_layout_set_text(layout, clean, -1);
    g_free(clean);
}

static PangoLayout *lay_out(struct text *t, const char *s, const struct text_style *st)
{
    static const PangoAlignment align[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER,
                                           PANGO_ALIGN_RIGHT};
    PangoLayout *layout = t->layout;
    PangoFontDescription *d = describe(st->px, st->bold);
    pango_layout_set_font_description(layout, d);
    pango_font_description_free(d);
    PangoAttrList *attrs = NULL;
    if (st->tabular) {
        attrs = pango_attr_list_new();
        pango_attr_list_insert(attrs, pango_attr_font_features_new("tnum=1"));
    }
    pango_layout_set_attributes(layout, attrs);
    if (attrs)
        pango_attr_list_unref(attrs);
    bool wrap = st->width > 0 && st->lines > 1;
    pango_layout_set_single_paragraph_mode(layout, !wrap);
    pango_layout_set_width(layout, st->width > 0 ? st->width * PANGO_SCALE : -1);
    pango_layout_set_height(layout, wrap ? -st->lines : -1);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(layout, st->width > 0 ? PANGO_ELLIPSIZE_END
                                                     : PANGO_ELLIPSIZE_NONE);
    pango_layout_set_alignment(layout, align[st->align]);
    pango_layout_set_line_spacing(layout, 0);
    set_string(layout, s);
    return layout;
}

static struct text_extent extent_of(PangoLayout *layout)
{
    PangoRectangle logical;
    pango_layout_get_pixel_extents(layout, NULL, &logical);
    return (struct text_extent){
        .w = logical.width,
        .h = logical.height,
        .baseline = PANGO_PIXELS(pango_layout_get_baseline(layout)),
    };
}

struct text_extent text_measure(struct text *t, const char *s,
                                const struct text_style *style)
{
    return extent_of(lay_out(t, s ? s : "", style));
}

int text_missing(struct text *t, const char *s)
{
    struct text_style plain = {.px = 16, .width = 100000, .lines = 99};
    return pango_layout_get_unknown_glyphs_count(lay_out(t, s, &plain));
}

/* --- drawing --- */

struct canvas *canvas_create(struct text *t, int w, int h)
{
    struct canvas *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->text = t;
    c->w = w > 0 ? w : 1;
    c->h = h > 0 ? h : 1;
    c->surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, c->w, c->h);
    c->cr = cairo_create(c->surface);
    if (cairo_status(c->cr) != CAIRO_STATUS_SUCCESS) {
        canvas_destroy(c);
        return NULL;
    }
    return c;
}

void canvas_destroy(struct canvas *c)
{
    if (!c)
        return;
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
    free(c);
}

struct text *canvas_fonts(struct canvas *c)
{
    return c->text;
}

/* Cairo's pixels are native-endian words 0xAARRGGBB. */
uint8_t *canvas_finish(struct canvas *c)
{
    uint8_t *out = malloc((size_t)c->w * (size_t)c->h * 4);
    cairo_surface_flush(c->surface);
    const unsigned char *data = cairo_image_surface_get_data(c->surface);
    int stride = cairo_image_surface_get_stride(c->surface);
    for (int y = 0; out && y < c->h; y++) {
        const unsigned char *row = data + (ptrdiff_t)y * stride;
        uint8_t *to = out + (size_t)y * (size_t)c->w * 4;
        for (int x = 0; x < c->w; x++, to += 4) {
            uint32_t p;
            memcpy(&p, row + (ptrdiff_t)x * 4, 4);
            to[0] = (uint8_t)(p >> 16);
            to[1] = (uint8_t)(p >> 8);
            to[2] = (uint8_t)p;
            to[3] = (uint8_t)(p >> 24);
        }
    }
    canvas_destroy(c);
    return out;
}

static void ink(cairo_t *cr, uint32_t rgba)
{
    cairo_set_source_rgba(cr, (rgba >> 24) / 255.0, (rgba >> 16 & 255) / 255.0,
                          (rgba >> 8 & 255) / 255.0, (rgba & 255) / 255.0);
}

struct text_extent canvas_text(struct canvas *c, int x, int y, const char *s,
                               const struct text_style *style)
{
    PangoLayout *layout = lay_out(c->text, s ? s : "", style);
    cairo_move_to(c->cr, x, y);
    if (style->halo_px > 0) {
        pango_cairo_layout_path(c->cr, layout);
        cairo_set_line_width(c->cr, 2.0 * (double)style->halo_px);
        cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
        ink(c->cr, style->halo);
        cairo_stroke(c->cr);
        cairo_move_to(c->cr, x, y);
    }
    ink(c->cr, style->colour);
    pango_cairo_show_layout(c->cr, layout);
    cairo_new_path(c->cr);
    return extent_of(layout);
}

void canvas_text_middle(struct canvas *c, float cx, float cy, const char *s,
                        const struct text_style *style)
{
    PangoLayout *layout = lay_out(c->text, s ? s : "", style);
    PangoRectangle r;
    pango_layout_get_extents(layout, &r, NULL);
    double x = (double)cx - (r.x + r.width / 2.0) / PANGO_SCALE;
    double y = (double)cy - (r.y + r.height / 2.0) / PANGO_SCALE;
    cairo_move_to(c->cr, round(x), round(y));
    ink(c->cr, style->colour);
    pango_cairo_show_layout(c->cr, layout);
    cairo_new_path(c->cr);
}

static void round_path(cairo_t *cr, double x, double y, double w, double h, double r)
{
    double most = fmin(w, h) / 2;
    r = r > most ? most : r;
    cairo_new_sub_path(cr);
    cairo_arc(cr, x + w - r, y + r, r, -M_PI_2, 0);
    cairo_arc(cr, x + w - r, y + h - r, r, 0, M_PI_2);
    cairo_arc(cr, x + r, y + h - r, r, M_PI_2, M_PI);
    cairo_arc(cr, x + r, y + r, r, M_PI, 3 * M_PI_2);
    cairo_close_path(cr);
}

static void fill_and_edge(cairo_t *cr, uint32_t fill, uint32_t edge, double edge_px)
{
    ink(cr, fill);
    if (edge_px <= 0) {
        cairo_fill(cr);
        return;
    }
    cairo_fill_preserve(cr);
    ink(cr, edge);
    cairo_set_line_width(cr, edge_px);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(cr);
}

void canvas_rect(struct canvas *c, float x, float y, float w, float h, float radius,
                 uint32_t fill, uint32_t edge, float edge_px)
{
    double half = (double)edge_px / 2;
    round_path(c->cr, (double)x + half, (double)y + half, (double)w - 2 * half,
               (double)h - 2 * half,
               (double)radius - half > 0 ? (double)radius - half : 0);
    fill_and_edge(c->cr, fill, edge, (double)edge_px);
}

static void polygon_path(cairo_t *cr, int n, double cx, double cy, double r, double turn)
{
    for (int i = 0; i < n; i++) {
        double a = turn + 2 * M_PI * i / n;
        double x = cx + r * sin(a), y = cy - r * cos(a);
        if (i == 0)
            cairo_move_to(cr, x, y);
        else
            cairo_line_to(cr, x, y);
    }
    cairo_close_path(cr);
}

void canvas_mark(struct canvas *c, enum canvas_mark mark, float cx, float cy, float r,
                 uint32_t fill, uint32_t edge, float edge_px)
{
    cairo_t *cr = c->cr;
    double x = (double)cx, y = (double)cy, s = (double)r;
    switch (mark) {
    case MARK_CIRCLE:
        cairo_new_sub_path(cr);
        cairo_arc(cr, x, y, s, 0, 2 * M_PI);
        break;
    case MARK_DIAMOND:
        polygon_path(cr, 4, x, y, s * 1.22, 0);
        break;
    case MARK_TRIANGLE:
        polygon_path(cr, 3, x, y + s * 0.22, s * 1.36, 0);
        break;
    case MARK_SQUARE:
        round_path(cr, x - s * 0.9, y - s * 0.9, s * 1.8, s * 1.8, s * 0.22);
        break;
    }
    fill_and_edge(cr, fill, edge, (double)edge_px);
}

void canvas_needle(struct canvas *c, float cx, float cy, float r, float turn_deg,
                   uint32_t north, uint32_t south)
{
    cairo_t *cr = c->cr;
    double s = (double)r;
    cairo_save(cr);
    cairo_translate(cr, (double)cx, (double)cy);
    cairo_rotate(cr, (double)turn_deg * M_PI / 180);
    for (int half = 0; half < 2; half++) {
        cairo_move_to(cr, 0, half ? s : -s);
        cairo_line_to(cr, s * 0.36, 0);
        cairo_line_to(cr, -s * 0.36, 0);
        cairo_close_path(cr);
        ink(cr, half ? south : north);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

/* --- PNG --- */

static cairo_status_t write_bytes(void *closure, const unsigned char *data,
                                  unsigned int n)
{
    return fwrite(data, 1, n, closure) == n ? CAIRO_STATUS_SUCCESS
                                            : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *surface_of(int w, int h, const uint8_t *rgba, ptrdiff_t stride)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    if (cairo_surface_status(s) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(s);
        return NULL;
    }
    if (stride == 0)
        stride = (ptrdiff_t)w * 4;
    cairo_surface_flush(s);
    unsigned char *to = cairo_image_surface_get_data(s);
    int to_stride = cairo_image_surface_get_stride(s);
    for (int y = 0; y < h; y++) {
        const uint8_t *from =
            stride > 0 ? rgba + y * stride : rgba + (h - 1 - y) * -stride;
        for (int x = 0; x < w; x++, from += 4) {
            uint32_t p =
                0xFF000000u | (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
            memcpy(to + (ptrdiff_t)y * to_stride + (ptrdiff_t)x * 4, &p, 4);
        }
    }
    cairo_surface_mark_dirty(s);
    return s;
}

/* The passing file gets the mode a plain fopen would have given. */
static FILE *open_beside(const char *path, char *temporary, size_t size)
{
    if (snprintf(temporary, size, "%s.XXXXXX", path) >= (int)size) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int fd = mkstemp(temporary);
    if (fd < 0)
        return NULL;
    mode_t mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    FILE *f = fdopen(fd, "wb");
    if (!f) {
        close(fd);
        unlink(temporary);
    }
    return f;
}

bool png_write(const char *path, int w, int h, const uint8_t *rgba, ptrdiff_t stride,
               char *why, size_t why_size)
{
    char temporary[4096];
    cairo_surface_t *s = surface_of(w, h, rgba, stride);
    if (!s) {
        snprintf(why, why_size, "%s", strerror(ENOMEM));
        return false;
    }
    FILE *f = open_beside(path, temporary, sizeof temporary);
    if (!f) {
        snprintf(why, why_size, "%s", strerror(errno));
        cairo_surface_destroy(s);
        return false;
    }
    errno = 0;
    bool ok =
        cairo_surface_write_to_png_stream(s, write_bytes, f) == CAIRO_STATUS_SUCCESS;
    ok = fflush(f) == 0 && ok;
    ok = fclose(f) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
        snprintf(why, why_size, "%s", strerror(errno ? errno : EIO));
        unlink(temporary);
    }
    cairo_surface_destroy(s);
    return ok;
}

uint8_t *png_read(const char *path, int *w, int *h)
{
    uint8_t *out = NULL;
    cairo_surface_t *s = cairo_image_surface_create_from_png(path);
    if (cairo_surface_status(s) != CAIRO_STATUS_SUCCESS)
        goto done;
    *w = cairo_image_surface_get_width(s);
    *h = cairo_image_surface_get_height(s);
    out = malloc((size_t)*w * (size_t)*h * 4);
    const unsigned char *data = cairo_image_surface_get_data(s);
    int stride = cairo_image_surface_get_stride(s);
    for (int i = 0; out && i < *w * *h; i++) {
        uint32_t p;
        memcpy(&p, data + (ptrdiff_t)(i / *w) * stride + (ptrdiff_t)(i % *w) * 4, 4);
        uint8_t rgba[4] = {(uint8_t)(p >> 16), (uint8_t)(p >> 8), (uint8_t)p,
                           cairo_image_surface_get_format(s) == CAIRO_FORMAT_RGB24
                               ? 255
                               : (uint8_t)(p >> 24)};
        memcpy(out + (size_t)i * 4, rgba, 4);
    }
done:
    cairo_surface_destroy(s);
    return out;
}
