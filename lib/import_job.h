/* One import at work: what the files import*.c share among themselves. */
#ifndef WG_IMPORT_JOB_H
#define WG_IMPORT_JOB_H

#include <ogr_api.h>

#include "wangge/wangge.h"

#include "io.h"
#include "load.h"

/* What a field of the file can mean to us. */
enum wg_field {
    WG_F_CODE,
    WG_F_NAME,
    WG_F_PARENT,
    WG_F_NOTE,
    WG_F_LEVEL,
    WG_F_KIND,
    WG_F_HEIGHT,
    WG_F_HEIGHT_FROM,
    WG_F_FLOORS,
    WG_F_BASE,
    WG_F_ROOF,
    WG_F_ROOF_M,
    WG_F_USE,
    WG_F_ADDRESS,
    WG_F_PART_OF,
    WG_F_ID,
    WG_F_HOUSEHOLDS,
    WG_F_POPULATION,
    WG_F_ELDERLY,
    WG_F_UUID,
    WG_F_TIME,
    WG_F_OCCURRED,
    WG_F_DUE,
    WG_F_CLOSED,
    WG_F_ACKNOWLEDGED,
    WG_F_CLASS,
    WG_F_TITLE,
    WG_F_DESCRIPTION,
    WG_F_SOURCE,
    WG_F_FRAME,
    WG_F_ACCURACY,
    WG_F_STAGE,
    WG_F_ALERT,
    WG_F_STATUS,
    WG_F_GRID,
    WG_F_PHONE,
    WG_F_WIDTH,
    WG_F_VALID_FROM,
    WG_F_VALID_TO,
    WG_F_X,
    WG_F_Y,
    WG_F_WKT,
    WG_F_COUNT
};

struct wg_text {
    char *text;
    size_t cap;
};

/* Values of one field that were not understood. */
struct wg_junk {
    int64_t n, first_fid;
    char first[64];
};

enum { WG_SAMPLES = 1000 };

/* A few of the places read, spread over the whole file, for the question whether the
 * frame can be right. */
struct wg_sample {
    uint64_t seen, state;
    uint32_t n;
    double x[WG_SAMPLES], y[WG_SAMPLES]; /* in the file's CRS */
};

struct wg_job {
    struct wg_store *store;
    enum wg_noun noun;
    const char *path;
    const struct wg_import_options *opt;
    struct wg_import_report *report;
    struct wg_io_words words;
    /* the source */
    GDALDatasetH dataset;
    OGRLayerH layer;
    bool is_result; /* the layer is the result of a statement */
    bool is_ours;   /* the file is a database of ours */
    bool is_csv;
    const char *recode;    /* encoding to turn into UTF-8 ourselves; NULL: none */
    char *crs;             /* of the source */
    bool swap;             /* the file's first axis is north */
    bool plain;            /* places are in fields, not in geometry */
    int field[WG_F_COUNT]; /* index in the layer, -1: none */
    struct wg_transform *transform; /* source to district */
    struct wg_shape *shape;
    struct wg_box extent; /* of the district before this import */
    struct wg_heights heights;
    /* the row at hand */
    OGRFeatureH feature;
    int64_t fid;
    int64_t n_read;
    struct wg_point place; /* in the file's CRS; NaN: none */
    struct wg_text text[WG_F_COUNT];
    struct wg_builder read, clean; /* polygon as read, as transformed */
    struct wg_multipolygon fixed;  /* after repair */
    /* across rows */
    struct wg_junk junk[WG_F_COUNT];
    struct wg_sample sample;
    struct wg_error first; /* of the rejected rows */
    int64_t first_fid;
    int64_t scheme;
    char *index_trigger; /* of SpatiaLite, while it rests */
    int64_t deferred;    /* parents and wholes named later or never */
    int64_t repeated;    /* features with an id that another of the file has too */
    char repeat[80];
};

/* Words for the person who imports: through opt->warn. */
void wg_job_warn(struct wg_job *job, const char *format, ...) WG_PRINTF(2, 3);
/* Write a problem of the row at hand into the report. */
void wg_job_problem(struct wg_job *job, bool repaired, const char *text);
/* The same for a row that is not at hand. */
void wg_report_add(struct wg_import_report *report, int64_t fid, struct wg_point place,
                   bool repaired, const char *text);
void wg_report_made(struct wg_import_report *report, int64_t id);
/* Each feature of the layer, with progress; a file that is damaged fails. */
typedef enum wg_status wg_each_fn(struct wg_job *job, void *user, struct wg_error *err);
enum wg_status wg_job_each(struct wg_job *job, wg_each_fn *fn, void *user,
                           struct wg_error *err);
/* Is it the row that is bad (and not the disk, the database, the memory)? */
bool wg_job_is_row_problem(enum wg_status st);

/* import_source.c: the file, its layer, its CRS. */
enum wg_status wg_source_open(struct wg_job *job, struct wg_error *err);
enum wg_status wg_source_crs(struct wg_job *job, struct wg_error *err);
void wg_source_close(struct wg_job *job);

/* import_fields.c: which field is what, and its values.  A text is trimmed UTF-8 and
 * NULL where there is nothing; it lives until the next row. */
enum wg_status wg_fields_map(struct wg_job *job, struct wg_error *err);
enum wg_status wg_field_text(struct wg_job *job, enum wg_field f, const char **out,
                             struct wg_error *err);
/* Metres, counts and moments out of what people write; junk is counted. */
double wg_field_metres(struct wg_job *job, enum wg_field f);
int64_t wg_field_count(struct wg_job *job, enum wg_field f);
const char *wg_field_time(struct wg_job *job, enum wg_field f);
void wg_field_junk(struct wg_job *job, enum wg_field f, const char *value);
void wg_fields_warn(struct wg_job *job); /* what was not understood, at the end */
enum wg_number { WG_NUMBER_NONE, WG_NUMBER_OK, WG_NUMBER_JUNK };
enum wg_number wg_number_parse(const char *text, double *out);
/* Texts of ours without the job: moments as people write them. */
enum wg_status wg_moment_parse(const char *text, int utc_offset_min, int64_t *ms);

/* import_geometry.c: the feature's geometry in the district's CRS, or why not. */
enum wg_status wg_job_polygon(struct wg_job *job, bool boundary,
                              const struct wg_multipolygon **out, struct wg_error *err);
enum wg_status wg_job_point(struct wg_job *job, struct wg_point *out,
                            struct wg_error *err); /* NaN: a row without a place */
typedef enum wg_status wg_line_fn(struct wg_job *job, size_t n, const double *x,
                                  const double *y, struct wg_error *err);
enum wg_status wg_job_lines(struct wg_job *job, wg_line_fn *fn, struct wg_error *err);

/* import_frame.c: is the stated frame plausible? */
void wg_sample_add(struct wg_sample *sample, double x, double y);
enum wg_status wg_frame_check(struct wg_job *job, struct wg_error *err);

/* import_grid.c, import_building.c …: one row of a noun; and what is to be done when
 * all rows are in. */
enum wg_status wg_row_grid(struct wg_job *job, struct wg_error *err);
enum wg_status wg_row_building(struct wg_job *job, struct wg_error *err);
enum wg_status wg_row_part(struct wg_job *job, struct wg_error *err);
enum wg_status wg_row_event(struct wg_job *job, struct wg_error *err);
enum wg_status wg_row_officer(struct wg_job *job, struct wg_error *err);
enum wg_status wg_row_surface(struct wg_job *job, struct wg_error *err);
enum wg_status wg_row_road(struct wg_job *job, struct wg_error *err);
enum wg_status wg_start_scheme(struct wg_job *job, struct wg_error *err);
enum wg_status wg_start_links(struct wg_job *job, struct wg_error *err);
enum wg_status wg_end_grids(struct wg_job *job, struct wg_error *err);
enum wg_status wg_end_buildings(struct wg_job *job, struct wg_error *err);
/* The row that was there before this import (made: in this import) and has the key.
 * `sql` finds ids by a text, lowest first; *id is 0 where there is none. */
enum wg_status wg_job_known(struct wg_job *job, const char *sql, const char *key,
                            int64_t *id, bool *made, struct wg_error *err);
/* A building or part, or an event, that is there and was not to be updated; made: in
 * this import. */
enum wg_status wg_fail_already(int64_t fid, const char *key, int64_t id, bool made,
                               struct wg_error *err);
enum wg_status wg_fail_event_already(int64_t fid, const char *key, bool made,
                                     struct wg_error *err);
/* A building whose whole may come later in the file. */
enum wg_status wg_defer_whole(struct wg_job *job, int64_t id, int64_t fid,
                              const char *whole, struct wg_error *err);
/* An id that tells no two features apart: kept, counted, said at the end. */
void wg_job_repeated(struct wg_job *job, const char *key);
/* Count a row that was made or changed. */
void wg_job_made(struct wg_job *job, int64_t id, bool is_new);

/* import_index.c */
enum wg_status wg_index_rest(struct wg_job *job, struct wg_error *err);
enum wg_status wg_index_resume(struct wg_job *job, struct wg_error *err);

/* import_raster.c */
enum wg_status wg_import_terrain(struct wg_store *store, const char *path,
                                 const struct wg_import_options *opt,
                                 struct wg_import_report *report, struct wg_error *err);

#endif
