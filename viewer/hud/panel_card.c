/* The card of what is selected: a building or a grid, in words. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <wangge/wangge.h>

#include "hud/panel.h"
#include "words.h"

static struct sheet_row *pair(struct sheet *sheet, const char *what, const char *value,
                              int drop)
{
    if (!value || !*value)
        return NULL;
    struct sheet_row *row = sheet_add(sheet, SHEET_PAIR, what, value);
    row->drop = drop;
    return row;
}

static void count_or_dash(char *out, size_t size, int64_t n)
{
    if (n == WG_UNKNOWN)
        snprintf(out, size, "–");
    else
        words_count(out, size, n);
}

struct figure {
    const char *caption;
    int64_t n;
};

static void figures(struct sheet *sheet, const struct figure *f, size_t n)
{
    char words[512] = "", value[32];
    size_t at = 0;
    for (size_t i = 0; i < n && at < sizeof words; i++) {
        count_or_dash(value, sizeof value, f[i].n);
        at += (size_t)snprintf(words + at, sizeof words - at, "%s%s\t%s", i ? "\n" : "",
                               value, f[i].caption);
    }
    sheet_add(sheet, SHEET_FIGURES, words, NULL);
}

/* --- events --- */

static void event_row(struct sheet *sheet, const struct fact_event *e, size_t nth)
{
    char when[32], second[192];
    words_time_of(when, sizeof when, e->reported_at);
    snprintf(second, sizeof second, "%s · %s", words_stage(e->stage), when);
    struct sheet_row *row =
        sheet_add(sheet, SHEET_ITEM, e->title ? e->title : _("Event"), NULL);
    row->level = e->level;
    if (!e->level)
        row->colour = 0x8A96A0FF;
    sheet_set(&row->c, second);
    row->drop = nth == 0 ? 2 : 6;
}

static void events(struct sheet *sheet, const struct facts *f)
{
    char n[32];
    if (f->n_open == 0) {
        sheet_add(sheet, SHEET_SECTION, _("No open events"), NULL)->drop = 3;
        return;
    }
    words_count(n, sizeof n, f->n_open);
    sheet_add(sheet, SHEET_SECTION, _("Open events"), n);
    for (size_t i = 0; i < f->n_events && i < 8; i++)
        event_row(sheet, &f->events[i], i);
}

/* --- a building --- */

static const char *use_words(const char *use)
{
    static const struct {
        const char *use, *words;
    } known[] = {
        {"residential", N_("residential")}, {"commercial", N_("commercial")},
        {"office", N_("office")},           {"retail", N_("retail")},
        {"school", N_("school")},           {"hospital", N_("hospital")},
        {"public", N_("public")},           {"industrial", N_("industrial")},
        {"storage", N_("storage")},         {"mixed", N_("mixed use")},
    };
    for (size_t i = 0; use && i < sizeof known / sizeof *known; i++)
        if (strcmp(use, known[i].use) == 0)
            return _(known[i].words);
    return use; /* the city's own word */
}

static void height_row(struct sheet *sheet, const struct facts *f)
{
    char words[128];
    const char *how = f->height_from ? f->height_from : "";
    if (isnan(f->height_m))
        return;
    if (strcmp(how, "measured") == 0)
        snprintf(words, sizeof words, _("%.1f m, measured"), f->height_m);
    else if (strcmp(how, "floors") == 0)
        snprintf(words, sizeof words, _("%.1f m, from its floors"), f->height_m);
    else if (strcmp(how, "default") == 0)
        snprintf(words, sizeof words, _("%.1f m, assumed"), f->height_m);
    else
        snprintf(words, sizeof words, _("%.1f m"), f->height_m);
    pair(sheet, _("Height"), words, 4);
}

static void shares(struct sheet *sheet, const struct fact_owner *o)
{
    char percent[32];
    for (size_t k = 0; k < o->n_shares; k++) {
        snprintf(percent, sizeof percent, "%.1f %%", o->shares[k].share * 100);
        struct sheet_row *row =
            sheet_add(sheet, SHEET_ITEM,
                      o->shares[k].code ? o->shares[k].code : _("outside"), percent);
        row->fraction = (float)o->shares[k].share;
        row->drop = 4;
    }
}

static void owners(struct sheet *sheet, const struct facts *f)
{
    char words[384], command[64];
    if (f->n_owners == 0)
        return;
    sheet_add(sheet, SHEET_SECTION, _("Grids"), NULL);
    for (size_t i = 0; i < f->n_owners; i++) {
        const struct fact_owner *o = &f->owners[i];
        if (!o->grid)
            snprintf(words, sizeof words, "%s", _("outside every grid"));
        else if (o->name)
            snprintf(words, sizeof words, "%s\n%s", o->name, o->code);
        else
            snprintf(words, sizeof words, "%s", o->code ? o->code : "");
        struct sheet_row *row = pair(sheet, o->scheme_title, words, i == 0 ? 0 : 3);
        if (row && o->grid) {
            snprintf(command, sizeof command, "select grid #%" PRId64, o->grid);
            sheet_set(&row->command, command);
        }
        if (o->n_shares > 1) {
            sheet_add(sheet, SHEET_NOTE, _("A boundary cuts this building:"), NULL)
                ->drop = 4;
            shares(sheet, o);
        }
    }
}

static void building(struct sheet *sheet, const struct facts *f)
{
    char fallback[96], second[512], number[32];
    snprintf(number, sizeof number, "%" PRId64, f->id);
    snprintf(fallback, sizeof fallback, _("Building %s"), number);
    const char *title = f->name ? f->name : f->code ? f->code : fallback;
    sheet_add(sheet, SHEET_HEAD, title, NULL);
    const char *use = use_words(f->use);
    snprintf(second, sizeof second, "%s%s%s", use ? use : _("Building"),
             f->name && f->code ? " · " : "", f->name && f->code ? f->code : "");
    sheet_add(sheet, SHEET_SUB, second, NULL);
    const struct figure numbers[] = {{_("floors"), f->floors},
                                     {_("households"), f->households},
                                     {_("people"), f->population}};
    figures(sheet, numbers, 3);
    pair(sheet, _("Address"), f->address, 2);
    height_row(sheet, f);
    if (f->base_m > 0) {
        snprintf(second, sizeof second, _("%.1f m above the ground"), f->base_m);
        pair(sheet, _("Underside"), second, 5);
    }
    if (f->dwellings > 0) {
        words_count(second, sizeof second, f->dwellings);
        pair(sheet, _("Dwellings"), second, 5);
    }
    if (f->elderly_alone > 0) {
        words_count(second, sizeof second, f->elderly_alone);
        pair(sheet, _("Elderly alone"), second, 5);
    }
    owners(sheet, f);
    events(sheet, f);
}

/* --- a grid --- */

static void area_row(struct sheet *sheet, const struct facts *f)
{
    char words[64], n[32];
    if (isnan(f->area_m2))
        return;
    if (f->area_m2 >= 1e6)
        snprintf(words, sizeof words, "%.2f km²", f->area_m2 / 1e6);
    else if (f->area_m2 >= 1e5)
        snprintf(words, sizeof words, _("%.1f ha"), f->area_m2 / 1e4);
    else {
        words_count(n, sizeof n, (int64_t)llround(f->area_m2));
        snprintf(words, sizeof words, "%s m²", n);
    }
    pair(sheet, _("Area"), words, 3);
}

static void norm_row(struct sheet *sheet, const struct facts *f)
{
    char words[160], low[32], high[32];
    if (f->households == WG_UNKNOWN || f->households_max == WG_UNKNOWN)
        return;
    const char *verdict = f->households > f->households_max   ? _("above the norm")
                          : f->households < f->households_min ? _("below the norm")
                                                              : _("within the norm");
    words_count(low, sizeof low, f->households_min == WG_UNKNOWN ? 0 : f->households_min);
    words_count(high, sizeof high, f->households_max);
    snprintf(words, sizeof words, _("%s (%s–%s households)"), verdict, low, high);
    pair(sheet, _("Size"), words, 5);
}

static void officers(struct sheet *sheet, const struct facts *f)
{
    sheet_add(sheet, SHEET_SECTION, _("On duty"), NULL);
    if (f->n_officers == 0)
        sheet_add(sheet, SHEET_NOTE, _("Nobody is on duty for this grid."), NULL);
    for (size_t i = 0; i < f->n_officers && i < 4; i++) {
        const struct fact_officer *o = &f->officers[i];
        struct sheet_row *row =
            sheet_add(sheet, SHEET_ITEM, o->name ? o->name : "", o->phone);
        row->drop = i == 0 ? 0 : 5;
    }
}

static void grid(struct sheet *sheet, const struct facts *f)
{
    char second[512], command[160];
    const char *title = f->name ? f->name : f->code ? f->code : "";
    sheet_add(sheet, SHEET_HEAD, title, NULL);
    bool dedicated = f->grid_kind && strcmp(f->grid_kind, "dedicated") == 0;
    snprintf(second, sizeof second, "%s%s%s%s", words_grid_level(f->level),
             dedicated ? _(", dedicated") : "", f->name && f->code ? " · " : "",
             f->name && f->code ? f->code : "");
    sheet_add(sheet, SHEET_SUB, second, NULL);
    const struct figure numbers[] = {{_("buildings"), f->buildings},
                                     {_("households"), f->households},
                                     {_("people"), f->population}};
    figures(sheet, numbers, 3);
    pair(sheet, _("Scheme"), f->scheme_title, 3);
    const char *parent = f->parent_name ? f->parent_name : f->parent_code;
    struct sheet_row *row = pair(sheet, _("Part of"), parent, 3);
    if (row && f->parent_code) {
        snprintf(command, sizeof command, "select grid %s", f->parent_code);
        sheet_set(&row->command, command);
    }
    area_row(sheet, f);
    norm_row(sheet, f);
    officers(sheet, f);
    events(sheet, f);
}

void panel_card_fill(struct sheet *sheet, const struct hud_state *s)
{
    const struct facts *f = s->facts;
    sheet_clear(sheet);
    if (!f) {
        sheet_add(sheet, SHEET_NOTE, _("Reading …"), NULL);
        return;
    }
    if (f->error[0]) {
        sheet_add(sheet, SHEET_HEAD, f->missing ? _("Gone") : _("Cannot be read"), NULL);
        sheet_add(sheet, SHEET_NOTE, f->error, NULL);
        return;
    }
    if (f->kind == FACTS_BUILDING)
        building(sheet, f);
    else
        grid(sheet, f);
}
