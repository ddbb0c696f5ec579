/* What the verbs of `wangge grid` share. */
#ifndef TOOLS_GRID_H
#define TOOLS_GRID_H

#include "tool.h"

/* One command at work: a coverage as it was opened and as the edits make it. */
struct grid_job {
    const struct args *args; /* the command's; a line of a script has its own */
    struct wg_store *store;
    int64_t scheme;
    struct wg_coverage *coverage, *before;
    struct wg_survey *survey;    /* see grid_survey */
    char *crs;                   /* the district's */
    struct wg_transform *stated; /* from the frame that was stated; NULL: none was */
    struct wg_box limits;        /* of the grids, and as much again */
    int64_t line;                /* of a script, from 1; 0: none */
    const char *script;          /* its name */
    bool has_quality;            /* a division was made */
    struct wg_division quality;
};

/* Open the database, find the scheme and read its grids.  False after saying why not. */
bool grid_open(struct grid_job *job, const struct args *args, bool read_only);
/* The same without the grids. */
bool grid_open_store(struct grid_job *job, const struct args *args, bool read_only);
/* The coverage from a draft, or NULL for the present one. */
bool grid_open_coverage(struct grid_job *job, const char *draft);
void grid_close(struct grid_job *job);

/* An edit takes its own arguments and changes the coverage; it says what is wrong. */
typedef enum tool_exit grid_step_fn(struct grid_job *job, const struct args *args);
struct grid_edit {
    struct tool_verb verb; /* first: args->verb is the edit */
    grid_step_fn *step;
};
enum tool_exit grid_run_edit(const struct args *args);
/* The edits of the whole script; what follows them is as after one edit. */
enum tool_exit grid_run_script(struct grid_job *job, const char *path);
/* What all edits take. */
extern const struct tool_option grid_edit_options[];
/* The edit of that name, with a suggestion on stderr when there is none. */
const struct grid_edit *grid_find_edit(const struct args *args, const char *word);

/* ---- saying what is wrong ---- */

/* The answer to an edit: what it says when it was refused, with the place, who is in the
 * way and the proposal. */
enum tool_exit grid_done(struct grid_job *job, const struct args *args,
                         enum wg_status status, const struct wg_error *err);
enum tool_exit grid_conflict(const struct args *args, const struct wg_conflict *conflict,
                             const struct wg_error *err);
/* The code of a grid for a person: "new grid", "nobody's area". */
const char *grid_name(const struct wg_coverage *coverage, int64_t id);

/* ---- arguments ---- */

bool grid_need(const struct args *args, const char *option);
/* A grid's code; "-" for nobody's area is 0 where `nobody` allows it. */
enum tool_exit grid_code(struct grid_job *job, const struct args *args, const char *code,
                         bool nobody, int64_t *id);
/* Codes with commas between them; the ids are the caller's to free. */
enum tool_exit grid_codes(struct grid_job *job, const struct args *args,
                          const char *codes, size_t *n, int64_t **id);
/* The option's point; `last` is what @dx,dy counts from. */
enum tool_exit grid_point(struct grid_job *job, const struct args *args,
                          const char *option, const struct wg_point *last,
                          struct wg_point *out);
/* Points with blanks between them, as an array for the caller to free. */
enum tool_exit grid_points(struct grid_job *job, const struct args *args,
                           const char *text, size_t *n, struct wg_point **out);
enum tool_exit grid_line(struct grid_job *job, const struct args *args, const char *text,
                         struct wg_line *out);
/* --line, led around buildings with --avoid-buildings. */
enum tool_exit grid_sketch(struct grid_job *job, const struct args *args,
                           struct wg_line *out);
enum tool_exit grid_area(struct grid_job *job, const struct args *args, const char *text,
                         struct wg_multipolygon *out);

/* ---- buildings ---- */

bool grid_survey(struct grid_job *job, const struct args *args);
struct grid_footprints {
    struct wg_footprints list; /* for the library */
    int64_t *id;
    const struct wg_multipolygon **footprint; /* the survey's */
    size_t cap;
};
void grid_footprints_finish(struct grid_footprints *f);
/* --buildings and --buildings-file. */
enum tool_exit grid_buildings(struct grid_job *job, const struct args *args,
                              struct grid_footprints *out);
/* Those whose boxes meet a box. */
bool grid_footprints_near(struct grid_job *job, const struct args *args,
                          struct wg_box box, struct grid_footprints *out);
/* The code of a building, or #id, in a buffer. */
const char *grid_building_name(struct grid_job *job, int64_t id, char *out, size_t size);
/* Buildings that the edits newly cut, in order of id; the ids are the caller's to free.
 */
bool grid_newly_cut(struct grid_job *job, const struct args *args, size_t *n,
                    int64_t **id);

/* ---- answers ---- */

/* What the edits do to each grid they touch: rows for a table, CSV or JSON. */
struct grid_balance {
    size_t n, cap;
    struct wg_balance *row;  /* codes are its own */
    struct wg_point *inside; /* a point of each new grid, NaN else */
};
bool grid_balance_read(struct grid_job *job, const struct args *args,
                       struct grid_balance *out);
/* After a commit: the codes that new grids got. */
void grid_balance_name(struct grid_job *job, struct grid_balance *balance);
void grid_balance_finish(struct grid_balance *balance);
void grid_balance_print(const struct grid_balance *balance, enum out_format format);
void grid_balance_json(const char *key, const struct grid_balance *balance);

void json_line(const char *key, const struct wg_line *line); /* GeoJSON, or null */
void json_area(const char *key, const struct wg_multipolygon *area);
/* WKT, "" when memory is out; free it. */
char *grid_line_text(const struct wg_line *line);
char *grid_area_text(const struct wg_multipolygon *area);

/* A GeoJSON file in the district's CRS that QGIS opens; it appears complete or not at
 * all. */
struct grid_layer;
struct grid_field { /* text NULL: the number; NaN: null */
    const char *name, *text;
    double number;
};
bool grid_layer_begin(const struct args *args, const char *crs, const char *path,
                      struct grid_layer **out);
void grid_layer_add(struct grid_layer *layer, size_t n, const struct grid_field *field,
                    const struct wg_multipolygon *area);
bool grid_layer_end(struct grid_layer *layer, bool ok);

/* The person at the keyboard, or --author. */
const char *grid_author(const struct args *args);

/* The verbs, by the files they stand in. */
extern const struct grid_edit grid_move, grid_insert, grid_delete, grid_move_arc,
    grid_reshape, grid_simplify, grid_densify; /* grid_edit.c */
extern const struct grid_edit grid_split, grid_merge, grid_transfer, grid_carve,
    grid_draw, grid_dissolve;                                    /* grid_area.c */
extern const struct grid_edit grid_divide;                       /* grid_divide.c */
extern const struct tool_verb grid_clean;                        /* grid_clean.c */
extern const struct tool_verb grid_edit, grid_preview;           /* grid_script.c */
extern const struct tool_verb grid_trace, grid_avoid, grid_snap; /* grid_aid.c */
extern const struct tool_verb grid_log, grid_show, grid_diff, grid_revert, grid_as_of,
    grid_lineage, grid_count;                           /* grid_history.c, grid_diff.c */
extern const struct tool_verb grid_draft, grid_publish; /* grid_draft.c */

#endif
