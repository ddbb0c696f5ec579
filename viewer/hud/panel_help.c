/* The page of keys: what the command table says. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "hud/panel.h"
#include "words.h"

static const char *arrow(const char *key)
{
    static const char *const arrows[][2] = {
        {"Left", "←"}, {"Right", "→"}, {"Up", "↑"}, {"Down", "↓"}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(key, arrows[i][0]) == 0)
            return arrows[i][1];
    return key;
}

/* The keys as caps show them. */
static void key_words(char *out, size_t size, const char *keys)
{
    size_t at = 0;
    out[0] = '\0';
    while (*keys) {
        size_t n = strcspn(keys, " ");
        char key[32] = "";
        memcpy(key, keys, n < sizeof key ? n : sizeof key - 1);
        char *last = strrchr(key, '+');
        const char *shown = arrow(last && last[1] ? last + 1 : key);
        if (last && last[1])
            *last = '\0';
        int wrote =
            last && !*last
                ? snprintf(out + at, size - at, "%s%s+%s", at ? " " : "", key, shown)
                : snprintf(out + at, size - at, "%s%s", at ? " " : "", shown);
        at += wrote > 0 ? (size_t)wrote : 0;
        keys += n + (keys[n] == ' ');
        if (at >= size)
            return;
    }
}

static void mouse(struct sheet *sheet)
{
    static const char *const rows[][2] = {
        {N_("Click"), N_("Choose a building or the grid of the ground")},
        {N_("Double click"), N_("Fly there")},
        {N_("Drag"), N_("Orbit and tilt")},
        {N_("Right drag"), N_("Move over the district")},
        {N_("Wheel"), N_("Come nearer to the pointer, or go away")},
    };
    sheet_add(sheet, SHEET_SECTION, _("Mouse"), NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        /* One cap, though the words have spaces: no-break spaces hold them together. */
        char cap[64];
        size_t at = 0;
        for (const char *s = _(rows[i][0]); *s && at + 3 < sizeof cap; s++) {
            if (*s == ' ') {
                cap[at++] = '\xC2';
                cap[at++] = '\xA0';
            } else {
                cap[at++] = *s;
            }
        }
        cap[at] = '\0';
        sheet_add(sheet, SHEET_KEYS, cap, _(rows[i][1]));
    }
}

void panel_help_fill(struct sheet *sheet)
{
    size_t n;
    const struct command *table = command_table(&n);
    sheet_clear(sheet);
    for (int group = 0; group < COMMAND_GROUPS; group++) {
        bool any = false;
        for (size_t i = 0; i < n; i++) {
            char keys[128];
            if ((int)table[i].group != group || !table[i].keys[0])
                continue;
            if (!any)
                sheet_add(sheet, SHEET_SECTION, command_group_title(group), NULL);
            any = true;
            key_words(keys, sizeof keys, table[i].keys);
            sheet_add(sheet, SHEET_KEYS, keys, _(table[i].help));
        }
    }
    mouse(sheet);
}

int panel_help_columns(const struct layout_metrics *m, struct layout_size most,
                       int *width)
{
    int columns = most.w >= m->em * 84 ? 3 : most.w >= m->em * 52 ? 2 : 1;
    int wish = m->em * 30 * columns;
    *width = wish < most.w ? wish : most.w;
    return columns;
}
