#ifndef WANGGE_IMPORT_H
#define WANGGE_IMPORT_H
/*
 * From any vector format GDAL reads into the district; rasters for terrain.
 *
 * One transaction: all or nothing, unless keep_good.  After the rows, owners are found
 * in the same transaction.  Memory does not grow with the file but for buildings, parts
 * and events: about 100 bytes for each that is new, for its keys and the spatial index.
 * Those are read by the caller's thread and written by another; callbacks come from the
 * caller's, and must leave the store alone.
 */
#include "wangge/assign.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wg_noun {
    WG_NOUN_GRIDS = 1,
    WG_NOUN_BUILDINGS,
    WG_NOUN_PARTS,
    WG_NOUN_EVENTS,
    WG_NOUN_OFFICERS, /* a table: name, phone, code, grid code */
    WG_NOUN_SURFACES,
    WG_NOUN_ROADS,
    WG_NOUN_TERRAIN,  /* a raster */
    WG_NOUN_OWNERS,   /* export only */
    WG_NOUN_SCHEMES,  /* list only */
    WG_NOUN_FINDINGS  /* export only: what a check finds */
};
WG_API const char *wg_noun_name(enum wg_noun noun); /* "grids" … */
WG_API enum wg_noun wg_noun_parse(const char *text); /* 0 if unknown */

enum wg_invalid_policy { WG_INVALID_REJECT = 0, WG_INVALID_REPAIR };

/* Field options name fields of the file; NULL takes the field of the obvious name if
 * there is one ("code", "name", "height" …) — exact, case-insensitive — and "" none. */
struct wg_import_options {
    const char *layer;   /* NULL: the only one; several are an error that lists them */
    const char *where;   /* attribute filter, OGR SQL */
    const char *crs;     /* overrides the file's; required where the file has none */
    const char *frame;   /* "gcj02" or "bd09": excludes crs */
    const char *x_field, *y_field, *wkt_field; /* CSV and other plain tables */
    const char *encoding; /* of the file's text, e.g. "GBK"; NULL: as the file says */
    const char *scheme;   /* grids, officers; made when it is not there */
    const char *code_form; /* of a scheme that is made; NULL: "free" */
    int level;            /* grids; 0: grid */
    const char *kind;     /* grids: "basic" or "dedicated" */
    const char *code, *name, *parent, *note;
    const char *height, *floors, *base, *roof, *use, *address, *part_of, *id;
    const char *households, *population, *elderly_alone;
    const char *time, *due, *closed, *class_code, *title, *description, *stage, *alert;
    const char *status, *grid, *phone, *width, *kind_field, *valid_from, *valid_to;
    int utc_offset_min;   /* of times without a zone */
    enum wg_invalid_policy invalid;
    bool keep_null;       /* keep rows without geometry (events, parts) */
    bool keep_good;       /* import what is good, report the rest */
    bool update;          /* rows whose code/uuid is there already are updated */
    bool no_assign;
    bool row_by_row;      /* through the file's own triggers, which are the reference
                             for the fast road; slow */
    double densify_m;     /* grids: greatest distance between a straight edge of the
                             file's CRS and its image; 0: 0.000005 m; < 0: off */
    struct wg_progress progress;
    struct wg_warn warn;
};

struct wg_problem {
    int64_t fid;      /* feature id in the file */
    double x, y;      /* place in the file's CRS; NaN: none */
    bool repaired;    /* else rejected */
    const char *text; /* the reason */
};

struct wg_import_report {
    int64_t read, imported, updated, repaired, rejected;
    int64_t first_id, last_id; /* of the rows made; 0: none */
    size_t n_problem;          /* the first 1000 */
    struct wg_problem *problem;
    struct wg_assign_counts counts; /* of the rows made, summed over schemes */
    void *held;
};
WG_API void wg_import_report_finish(struct wg_import_report *report);

/* On failure too the report says what was read and which features were bad. */
WG_API enum wg_status wg_import(struct wg_store *store, enum wg_noun noun,
                                const char *path,
                                const struct wg_import_options *options,
                                struct wg_import_report *report, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
