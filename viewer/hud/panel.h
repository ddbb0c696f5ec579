#ifndef VIEWER_HUD_PANEL_H
#define VIEWER_HUD_PANEL_H
/*
 * The panels: each says what stands on it from one plain state, and knows no window,
 * no database and no GL.  A panel is filled, flowed to a size, and drawn.
 */
#include "facts.h"
#include "hud/sheet.h"

enum hud_source { HUD_LOADING, HUD_LIVE, HUD_STILL, HUD_LOST };

struct hud_grid_line {
    int64_t id;
    const char *code, *name; /* name NULL: none */
    uint32_t colour;         /* 0xRRGGBBAA */
    int64_t buildings;
    bool chosen;
};

enum hud_tone { HUD_INFO, HUD_WARN, HUD_ERROR };

struct hud_state {
    const char *district;
    const char *scheme; /* title; NULL: there is none */
    bool several_schemes;
    bool alert_mode, dark, help;
    enum hud_source source;
    int64_t now_ms;                        /* the clock, UTC since 1970 */
    int64_t changed_ms;                    /* when the data last changed; 0: not known */
    int64_t progress_done, progress_total; /* while loading */

    const struct hud_grid_line *grids; /* of the scheme, to be listed first ones first */
    size_t n_grids;
    int64_t outside;            /* buildings without a grid */
    int64_t level_buildings[5]; /* by alert level; 0: none */

    bool card;                 /* something is selected */
    const struct facts *facts; /* of it; NULL: not read yet */
    double heading_deg;        /* the camera looks there, clockwise from north */
    double metres_per_pixel;   /* at the middle of the picture; ≤ 0: not known */

    const char *message; /* NULL: none */
    enum hud_tone tone;
};

/* What is drawn as rows. */
void panel_legend_fill(struct sheet *sheet, const struct hud_state *state);
void panel_card_fill(struct sheet *sheet, const struct hud_state *state);
void panel_help_fill(struct sheet *sheet);
/* Columns of the help page, and the width it wants. */
int panel_help_columns(const struct layout_metrics *m, struct layout_size most,
                       int *width);

/* A button of a panel that is not made of rows. */
struct panel_hit {
    struct layout_rect at;
    const char *command; /* static */
};
#define PANEL_HITS 8
struct panel_hits {
    struct panel_hit hit[PANEL_HITS];
    int n;
};
void panel_hit_add(struct panel_hits *hits, struct layout_rect at, const char *command);

/* The bar along the top. */
struct title_words {
    char district[256], scheme[256], fresh[128], date[64], time[32];
    bool alert_mode, several;
    enum hud_source source;
};
void panel_title_fill(struct title_words *words, const struct hud_state *state);
void panel_title_draw(const struct title_words *words, struct canvas *canvas, int w,
                      int h, const struct layout_metrics *m, const struct palette *p,
                      struct panel_hits *hits);

/* The status line: the size it wants within `most`, and its drawing. */
struct layout_size panel_status_size(struct text *text, const struct hud_state *state,
                                     const struct layout_metrics *m,
                                     struct layout_size most);
void panel_status_draw(const struct hud_state *state, struct canvas *canvas, int w, int h,
                       const struct layout_metrics *m, const struct palette *p);

/* Compass and scale. */
struct scale_words {
    int turn_deg; /* of the needle */
    int bar_px;   /* 0: no scale */
    char length[32];
};
void panel_scale_fill(struct scale_words *words, const struct hud_state *state,
                      const struct layout_metrics *m, struct layout_size most);
struct layout_size panel_scale_size(const struct scale_words *words,
                                    const struct layout_metrics *m);
void panel_scale_draw(const struct scale_words *words, struct canvas *canvas, int w,
                      int h, const struct layout_metrics *m, const struct palette *p,
                      struct panel_hits *hits);

/* Words that several panels share. */
void words_count(char *out, size_t size, int64_t n); /* 5,504 */
const char *words_level(int alert_level);            /* "Level I, red" */
const char *words_stage(int stage);
const char *words_grid_level(int level);
/* Local time of an instant, "2026-11-24 09:15". */
void words_time(char *out, size_t size, int64_t ms);
void words_time_of(char *out, size_t size, const char *iso);
#endif
