/* The legend: grids with their tint, or the alert levels, with counts. */
#include <inttypes.h>
#include <stdio.h>

#include "hud/panel.h"
#include "words.h"

#define LISTED 18

static void fill_grids(struct sheet *sheet, const struct hud_state *s)
{
    char n[32], command[64], words[96];
    words_count(n, sizeof n, (int64_t)s->n_grids);
    sheet_add(sheet, SHEET_SECTION, s->scheme ? s->scheme : _("No scheme"), n);
    if (s->n_grids == 0)
        sheet_add(sheet, SHEET_NOTE, _("No grids yet: wangge import grids …"), NULL);
    for (size_t i = 0; i < s->n_grids && i < LISTED; i++) {
        const struct hud_grid_line *g = &s->grids[i];
        words_count(n, sizeof n, g->buildings);
        struct sheet_row *row =
            sheet_add(sheet, SHEET_ITEM, g->name && *g->name ? g->name : g->code, n);
        row->colour = g->colour;
        row->strong = g->chosen;
        row->drop = 2;
        snprintf(command, sizeof command, "select grid #%" PRId64, g->id);
        sheet_set(&row->command, command);
    }
    if (s->outside > 0) {
        words_count(n, sizeof n, s->outside);
        sheet_add(sheet, SHEET_ITEM, _("Outside every grid"), n)->drop = 1;
    }
    if (s->n_grids > LISTED) {
        snprintf(words, sizeof words,
                 P_("and %zu more grid", "and %zu more grids", s->n_grids - LISTED),
                 s->n_grids - LISTED);
        sheet_add(sheet, SHEET_NOTE, words, NULL)->drop = 1;
    }
}

static void fill_levels(struct sheet *sheet, const struct hud_state *s)
{
    char n[32];
    sheet_add(sheet, SHEET_SECTION, _("Alert level"), _("buildings"));
    for (int level = 1; level <= 4; level++) {
        words_count(n, sizeof n, s->level_buildings[level]);
        struct sheet_row *row = sheet_add(sheet, SHEET_ITEM, words_level(level), n);
        row->level = level;
        row->strong = s->level_buildings[level] > 0;
    }
    words_count(n, sizeof n, s->level_buildings[0]);
    struct sheet_row *row = sheet_add(sheet, SHEET_ITEM, words_level(0), n);
    row->colour = palette_of(s->dark)->level[0];
    row->drop = 1;
}

void panel_legend_fill(struct sheet *sheet, const struct hud_state *s)
{
    sheet_clear(sheet);
    if (s->alert_mode)
        fill_levels(sheet, s);
    else
        fill_grids(sheet, s);
}
