#ifndef VIEWER_HUD_SHEET_H
#define VIEWER_HUD_SHEET_H
/*
 * What stands on a panel, as rows: a panel says what, the sheet measures, fits, flows
 * and draws it, and knows where each row came to lie.
 */
#include "hud/layout.h"
#include "hud/palette.h"
#include "hud/text.h"

enum sheet_kind {
    SHEET_HEAD,    /* a, large */
    SHEET_SUB,     /* a, muted, under the head */
    SHEET_SECTION, /* hairline, a; b at the right */
    SHEET_PAIR,    /* a: what, b: its value */
    SHEET_FIGURES, /* big numbers side by side: "value\tcaption\nvalue\tcaption" in a */
    SHEET_ITEM,    /* mark, a, b at the right, c on a second line, bar of `fraction` */
    SHEET_KEYS,    /* a: keys apart by spaces, b: what they do */
    SHEET_NOTE     /* a, small and muted */
};

struct sheet_row {
    enum sheet_kind kind;
    char *a, *b, *c; /* owned */
    char *command;   /* run on a click; owned, may be NULL */
    uint32_t colour; /* swatch of an item; 0: none */
    int level;       /* badge of an item, 1 … 4; 0: none */
    float fraction;  /* bar of an item; negative: none */
    int drop;      /* rows with the greatest drop go first when room is short; 0 never */
    bool hidden;   /* went */
    int natural_h; /* before a section at the head of a column lost its line */
    bool strong;   /* item: chosen */
    struct layout_rect at; /* where it lies, after sheet_flow */
};

struct sheet {
    struct sheet_row *rows;
    size_t n, cap;
    size_t went; /* rows that found no room */
};

void sheet_finish(struct sheet *sheet);
void sheet_clear(struct sheet *sheet);
/* Texts are copied; b may be NULL.  The row is valid until the next add. */
struct sheet_row *sheet_add(struct sheet *sheet, enum sheet_kind kind, const char *a,
                            const char *b);
void sheet_set(char **field, const char *text);

/* Lay the rows out in columns of `width` with the metrics' padding around them, not
 * higher than `most_h`; the size that came of it. */
struct layout_size sheet_flow(struct sheet *sheet, struct text *text,
                              const struct layout_metrics *m, int width, int columns,
                              int most_h);
/* Draw what sheet_flow laid out. */
void sheet_draw(const struct sheet *sheet, struct canvas *canvas,
                const struct layout_metrics *m, const struct palette *palette);
/* The command of the row at a point of the panel, NULL if none. */
const char *sheet_command_at(const struct sheet *sheet, double x, double y);

/* The shape-coded badge of an alert level, 1 … 4. */
void badge_draw(struct canvas *canvas, const struct palette *palette, int level, float cx,
                float cy, float r);
#endif
