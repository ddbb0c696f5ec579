/* What locate_open.c asks of locate_file.c. */
#ifndef WG_LOCATE_FILE_H
#define WG_LOCATE_FILE_H

#include "locate_index.h"

/* The head of a file of ours, not yet verified; false where there is none. */
bool wg_locate_file_head(const char *path, struct wg_locate_head *out);
/* wg_locator_save; `beside` (may be NULL) is the database whose permissions the file gets,
 * and then nobody waits for the disk. */
enum wg_status wg_locate_file_write(const struct wg_locator *loc, const char *path,
                                    const char *beside, struct wg_error *err);

/* locate_check.c: whether a head's sizes agree with each other; then, with the sections
 * in their places, whether every index in them stays within. */
bool wg_locate_sizes_fit(const struct wg_locate_head *head);
bool wg_locate_contents_fit(const struct wg_locator *loc);

#endif
