#ifndef VIEWER_HUD_HUD_H
#define VIEWER_HUD_HUD_H
/*
 * Everything flat over the scene: panels and labels, painted when their content
 * changes and handed to the renderer as sprites.
 *
 * The loop calls hud_frame before it draws, hud_settle before a picture is written,
 * and need not draw for the hud's sake before hud_next_s.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hud/panel.h"
#include "sprite.h"

struct app;
struct hud;

/* NULL when memory or fonts fail.  Says once on stderr when no installed font has
 * Chinese characters. */
struct hud *hud_create(struct app *app);
void hud_destroy(struct hud *hud);

/* The sprites of this frame in drawing order, borrowed until the next call. */
size_t hud_frame(struct hud *hud, const struct sprite **sprites);
/* When the hud changes by itself next (the clock, a message that goes), on the clock of
 * app->now_s. */
double hud_next_s(const struct hud *hud);
/* True when something that was asked for came in since hud_frame: draw again. */
bool hud_wants_frame(struct hud *hud);
/* Wait for what the panels are still reading; then the next hud_frame is complete. */
void hud_settle(struct hud *hud);

/* Is a panel there?  Then a click is not for the scene. */
bool hud_hit(struct hud *hud, double x, double y);
/* The command of the button or row there; NULL if none.  Borrowed until the frame. */
const char *hud_command_at(struct hud *hud, double x, double y);
/* Where a panel stands in the present frame; w 0: not shown. */
struct layout_rect hud_place(const struct hud *hud, enum layout_panel panel);

/* A message on the status line; it goes after some seconds unless it is an error. */
void hud_say(struct hud *hud, enum hud_tone tone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The message there is, "" if none. */
const char *hud_message(const struct hud *hud);

/* Stop the clock at an instant (0: let it run): pictures that can be compared. */
void hud_set_clock(struct hud *hud, int64_t now_ms);
/* What the card tells, NULL while nothing is selected or read. */
const struct facts *hud_facts(const struct hud *hud);
#endif
