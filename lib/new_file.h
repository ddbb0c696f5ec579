/* Making a file that appears under its name complete or not at all. */
#ifndef WG_NEW_FILE_H
#define WG_NEW_FILE_H

#include "wangge/base.h"

/* A file in the making: it has a temporary name beside its final one, and a lock by
 * which the next maker tells a living one from a leftover. */
struct wg_new_file {
    char *path;      /* the final name */
    char *temporary; /* the name it has now */
    int fd;
};
/* Removes leftovers of makers that were killed, too. */
enum wg_status wg_new_file_begin(struct wg_new_file *file, const char *path,
                                 struct wg_error *err);
/* Make it durable and give it its final name, never over another file. */
enum wg_status wg_new_file_publish(struct wg_new_file *file, struct wg_error *err);
/* The same, in the place of whatever file has that name; `durable` false: without
 * waiting for the disk, for what can be made again and is checked when read. */
enum wg_status wg_new_file_replace(struct wg_new_file *file, bool durable,
                                   struct wg_error *err);
/* Words that name the temporary file name the final one instead. */
void wg_new_file_name_final(const struct wg_new_file *file, struct wg_error *err);
void wg_new_file_finish(struct wg_new_file *file); /* removes what was not published */

#endif
