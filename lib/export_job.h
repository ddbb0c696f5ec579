/* One export at work: what the files export*.c share among themselves. */
#ifndef WG_EXPORT_JOB_H
#define WG_EXPORT_JOB_H

#include <ogr_api.h>

#include "wangge/wangge.h"

#include "io.h"

enum wg_column_type { WG_C_TEXT, WG_C_INT, WG_C_REAL, WG_C_TIME };

/* A column; `brief` is its name where only ten bytes fit, and one the import knows. */
struct wg_column {
    const char *name, *brief;
    enum wg_column_type type;
};

enum { WG_COLUMNS_MAX = 24 };

struct wg_export_job {
    struct wg_store *store;
    enum wg_noun noun;
    const struct wg_export_options *opt;
    struct wg_filter filter;
    struct wg_io_words words;
    GDALDriverH driver;
    const char *format; /* the driver's name */
    GDALDatasetH dataset;
    OGRLayerH layer;
    bool plain;                /* the format has no geometry, or points stand in fields */
    int field[WG_COLUMNS_MAX]; /* index in the layer; -1: the format has no room */
    int x_field, y_field;
    struct wg_transform *transform; /* district to file */
    double tolerance;               /* of straight edges, in units of the file's CRS */
    struct wg_builder builder;
    int64_t scheme; /* whose owners are written; 0: none */
    bool areas;     /* the second layer of findings */
    OGRFeatureH feature;
    int64_t n, lost; /* written; left out for want of a place */
    uint64_t total;
    enum wg_status status; /* of the rows' callbacks */
    struct wg_error *err;
};

/* export_file.c: the format, the file under another name, the rename. */
enum wg_status wg_export_driver(struct wg_export_job *job, const char *path,
                                struct wg_error *err);
bool wg_export_is_file(const char *path);
enum wg_status wg_export_begin_file(struct wg_export_job *job, const char *path,
                                    char **folder, char **temporary,
                                    struct wg_error *err);
/* Move what lies in `folder` to its place; or, on failure, remove it. */
enum wg_status wg_export_end_file(struct wg_export_job *job, const char *path,
                                  char *folder, bool good, struct wg_error *err);

/* export_rows.c: the columns of a noun and its rows. */
size_t wg_export_columns(enum wg_noun noun, const struct wg_column **out);
OGRwkbGeometryType wg_export_geometry(const struct wg_export_job *job);
enum wg_status wg_export_rows(struct wg_export_job *job, struct wg_error *err);

/* export.c: one feature.  wg_export_start gives an empty one; wg_export_end writes it
 * and says whether to go on (else job->status says why). */
bool wg_export_start(struct wg_export_job *job);
bool wg_export_end(struct wg_export_job *job);
void wg_export_text(struct wg_export_job *job, int column, const char *value);
void wg_export_int(struct wg_export_job *job, int column, int64_t value);
void wg_export_count(struct wg_export_job *job, int column, int64_t value);
void wg_export_real(struct wg_export_job *job, int column, double value);
void wg_export_time(struct wg_export_job *job, int column, const char *iso);
bool wg_export_polygon(struct wg_export_job *job, const struct wg_multipolygon *mp);
bool wg_export_point(struct wg_export_job *job, double x, double y);
bool wg_export_line(struct wg_export_job *job, size_t n, const double *x,
                    const double *y);

#endif
