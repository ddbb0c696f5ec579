/* How many objects of each kind are owned, cut, outside. */
#ifndef TOOLS_COUNTS_H
#define TOOLS_COUNTS_H

#include <wangge/wangge.h>

/* As JSON fields of the open object, or as lines for people. */
void counts_json(const struct wg_assign_counts counts[WG_KIND_COUNT]);
void counts_print(const struct wg_assign_counts counts[WG_KIND_COUNT]);
/* The same for one kind. */
void counts_json_one(const char *key, const struct wg_assign_counts *c);
void counts_print_one(const char *title, const struct wg_assign_counts *c);

#endif
