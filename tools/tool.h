/* What the verbs share: opening the database, talking, progress. */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include <wangge/wangge.h>

#include "args.h"
#include "i18n.h"
#include "out.h"

/* One for each verb; the table in main.c holds them all. */
extern const struct tool_verb verb_create, verb_import, verb_assign, verb_locate,
    verb_list, verb_info, verb_check, verb_export, verb_transform, verb_demo, verb_backup,
    verb_add, verb_set, verb_end, verb_ingest, verb_grid;

/* Print an error: on stderr, as a JSON object with --json. */
enum tool_exit tool_fail(const struct args *args, const struct wg_error *err);
/* The same; `more` adds members to the JSON object. */
enum tool_exit tool_fail_more(const struct args *args, const struct wg_error *err,
                              void (*more)(void *user), void *user);
/* A mistake of usage that only the verb can see. */
enum tool_exit tool_usage(const struct args *args, const char *format, ...)
    WG_PRINTF(2, 3);
/* The answer of a verb that makes a file: {"file": …, "count": …} with --json; a count
 * below 0 is left out. */
void tool_made(const struct args *args, const char *path, int64_t count);
void tool_say(const struct args *args, const char *format, ...) WG_PRINTF(2, 3);

/* Open the database that is word `at`; NULL after saying why not. */
struct wg_store *tool_open(const struct args *args, int at, bool read_only);
/* The scheme named by --scheme, or the only one. */
bool tool_scheme(const struct args *args, struct wg_store *store, int64_t *id);
/* The frame stated by --crs or --frame; NULL when neither is.  False when both are. */
bool tool_frame(const struct args *args, const char **frame);
/* --format, or JSON for --json, or a table. */
bool tool_format(const struct args *args, enum out_format *format);
/* --engine, which the verb lists by TOOL_ENGINE among its options. */
bool tool_engine(const struct args *args, enum wg_engine *engine);
#define TOOL_ENGINE                                                                      \
    {                                                                                    \
        "engine", "index|spatialite",                                                    \
            N_("which road finds owners; both find the same.  Default: index")           \
    }
/* --at as ISO text in `text`, NULL when not given. */
bool tool_instant(const struct args *args, const char *name, char text[WG_INSTANT_SIZE],
                  const char **out);

/* A bar on a terminal's stderr; stops the work on Ctrl-C. */
struct wg_progress tool_progress(const struct args *args);
struct wg_warn tool_warn(const struct args *args);
/* Ctrl-C, or nobody reads the output any more. */
bool tool_stopped(void);
/* The status to leave with, after the last output. */
enum tool_exit tool_finish(const struct args *args, enum tool_exit status);

#endif
