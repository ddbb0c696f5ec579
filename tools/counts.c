/* How many objects of each kind are owned, cut, outside. */
#include "counts.h"

#include <stdio.h>

#include "i18n.h"
#include "out.h"

static const char *const key[WG_KIND_COUNT] = {NULL, "buildings", "parts", "events"};

void counts_json_one(const char *name, const struct wg_assign_counts *c)
{
    json_open(name, '{');
    json_int("owned", c->owned);
    json_int("cut", c->cut);
    json_int("outside", c->outside);
    json_int("no_place", c->no_place);
    json_close('}');
}

void counts_json(const struct wg_assign_counts counts[WG_KIND_COUNT])
{
    for (int kind = WG_KIND_BUILDING; kind <= WG_KIND_EVENT; kind++)
        counts_json_one(key[kind], &counts[kind]);
}

void counts_print_one(const char *title, const struct wg_assign_counts *c)
{
    if (c->owned + c->outside + c->no_place == 0)
        return;
    printf(_("  %s: %lld owned, %lld outside"), title, (long long)c->owned,
           (long long)c->outside);
    if (c->cut)
        printf(_(", %lld cut by a boundary"), (long long)c->cut);
    if (c->no_place)
        printf(_(", %lld without a place"), (long long)c->no_place);
    putchar('\n');
}

void counts_print(const struct wg_assign_counts counts[WG_KIND_COUNT])
{
    counts_print_one(_("buildings"), &counts[WG_KIND_BUILDING]);
    counts_print_one(_("parts"), &counts[WG_KIND_PART]);
    counts_print_one(_("events"), &counts[WG_KIND_EVENT]);
}
