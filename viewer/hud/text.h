#ifndef VIEWER_HUD_TEXT_H
#define VIEWER_HUD_TEXT_H
/*
 * Text and flat shapes drawn into images: Pango and Cairo live behind this header.
 *
 * Sizes are final pixels, colours are 0xRRGGBBAA (not premultiplied); images come out
 * as RGBA bytes, premultiplied, top row first.  One thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;   /* the fonts */
struct canvas; /* one image being drawn */

/* `lang` is "zh" or "en": how shared Han characters look and where lines break. */
struct text *text_create(const char *lang);
void text_destroy(struct text *text);
/* False when no installed font has Chinese characters: they would be boxes. */
bool text_has_chinese(const struct text *text);

/* How many characters of `s` no installed font can draw. */
int text_missing(struct text *text, const char *s);

enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };

struct text_style {
    float px; /* height of an em */
    uint32_t colour;
    bool bold;
    bool tabular;          /* digits of equal width */
    enum text_align align; /* inside `width` */
    int width;             /* 0: as long as it is; else never wider than this */
    int lines;             /* with a width: wrapped to at most this many (0: one) lines,
                              the rest cut with an ellipsis */
    float halo_px;         /* 0: none */
    uint32_t halo;
};

struct text_extent {
    int w, h; /* of the ink's line boxes; the halo is not counted */
    int baseline;
};
struct text_extent text_measure(struct text *text, const char *s,
                                const struct text_style *style);

struct canvas *canvas_create(struct text *text, int w, int h);
void canvas_destroy(struct canvas *canvas);
struct text *canvas_fonts(struct canvas *canvas);
/* Ends the drawing: w × h × 4 bytes for free(), and the canvas is gone. */
uint8_t *canvas_finish(struct canvas *canvas);

struct text_extent canvas_text(struct canvas *canvas, int x, int y, const char *s,
                               const struct text_style *style);
/* As canvas_text, the middle of the ink itself at (cx, cy): numerals in badges. */
void canvas_text_middle(struct canvas *canvas, float cx, float cy, const char *s,
                        const struct text_style *style);
/* A filled rectangle with round corners and, where `edge_px` > 0, an edge inside it. */
void canvas_rect(struct canvas *canvas, float x, float y, float w, float h, float radius,
                 uint32_t fill, uint32_t edge, float edge_px);

/* The shapes of the alert levels; each is told apart without its colour. */
enum canvas_mark { MARK_CIRCLE, MARK_DIAMOND, MARK_TRIANGLE, MARK_SQUARE };
/* Fits a circle of radius r by eye: all marks weigh the same. */
void canvas_mark(struct canvas *canvas, enum canvas_mark mark, float cx, float cy,
                 float r, uint32_t fill, uint32_t edge, float edge_px);
/* A needle pointing `turn_deg` clockwise from up. */
void canvas_needle(struct canvas *canvas, float cx, float cy, float r, float turn_deg,
                   uint32_t north, uint32_t south);

/* Writes an opaque PNG under a passing name and renames it: `path` is whole or not
 * there.  Rows of `rgba` are `stride` bytes apart (0: w × 4; negative: bottom row
 * first, rgba being the first byte of the buffer); alpha is ignored.  On failure `why`
 * gets the system's words. */
bool png_write(const char *path, int w, int h, const uint8_t *rgba, ptrdiff_t stride,
               char *why, size_t why_size);
/* For tests and tools: RGBA bytes for free(), NULL if it cannot be read. */
uint8_t *png_read(const char *path, int *w, int *h);
#endif
