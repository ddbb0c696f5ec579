/* An event as it will be written: checked, in normal form, with the texts made for it. */
#ifndef WG_EVENT_DRAFT_H
#define WG_EVENT_DRAFT_H

#include "row.h"
#include "wangge/event.h"

#define WG_UUID_SIZE 37

struct wg_event_draft {
    struct wg_event row; /* its texts: the caller's, or those below */
    char uuid[WG_UUID_SIZE];
    char reported_at[WG_INSTANT_SIZE];
    char due_at[WG_INSTANT_SIZE], closed_at[WG_INSTANT_SIZE];
    char acknowledged_at[WG_INSTANT_SIZE];
    struct wg_row_times times;
};

/* store NULL: the building and the part are not looked for. */
enum wg_status wg_event_draft(struct wg_store *store, const struct wg_event *event,
                              struct wg_event_draft *draft, struct wg_error *err);

#endif
