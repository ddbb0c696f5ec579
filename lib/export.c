/* An export from start to end: layer, features, the file put in its place. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include "export_job.h"
#include "internal.h"

static void warn(const struct wg_export_job *job, const char *text)
{
    if (job->opt->warn.call)
        job->opt->warn.call(text, job->opt->warn.user);
}

static bool format_is(const struct wg_export_job *job, const char *name)
{
    return wg_text_equal(job->format, name);
}

/* One feature. */

bool wg_export_start(struct wg_export_job *job)
{
    job->feature = OGR_F_Create(OGR_L_GetLayerDefn(job->layer));
    if (!job->feature)
        job->status = wg_fail_memory(job->err);
    return job->feature != NULL;
}

bool wg_export_end(struct wg_export_job *job)
{
    const struct wg_progress *p = &job->opt->progress;
    bool lost = format_is(job, "FlatGeobuf") && !job->plain &&
                wg_export_geometry(job) != wkbNone && !OGR_F_GetGeometryRef(job->feature);
    if (!job->status && lost) { /* GDAL would drop it without a word */
        job->lost++;
        OGR_F_Destroy(job->feature);
        job->feature = NULL;
        return true;
    }
    if (!job->status && (OGR_L_CreateFeature(job->layer, job->feature) != OGRERR_NONE ||
                         job->words.failures))
        job->status = wg_fail_row(
            job->err, WG_IO, job->n + 1, _("Row %lld cannot be written as %s: %s."),
            (long long)job->n + 1, job->format, wg_io_failure(&job->words));
    OGR_F_Destroy(job->feature);
    job->feature = NULL;
    if (job->status)
        return false;
    if (++job->n % 256 == 0 && p->call && !p->call((uint64_t)job->n, job->total, p->user))
        job->status = wg_fail(job->err, WG_CANCELLED,
                              _("The export was stopped; no file was made."));
    return job->status == WG_OK;
}

void wg_export_text(struct wg_export_job *job, int column, const char *value)
{
    if (value && job->field[column] >= 0)
        OGR_F_SetFieldString(job->feature, job->field[column], value);
}

void wg_export_int(struct wg_export_job *job, int column, int64_t value)
{
    if (job->field[column] >= 0)
        OGR_F_SetFieldInteger64(job->feature, job->field[column], value);
}

void wg_export_count(struct wg_export_job *job, int column, int64_t value)
{
    if (value >= 0)
        wg_export_int(job, column, value);
}

void wg_export_real(struct wg_export_job *job, int column, double value)
{
    if (!isnan(value) && job->field[column] >= 0)
        OGR_F_SetFieldDouble(job->feature, job->field[column], value);
}

void wg_export_time(struct wg_export_job *job, int column, const char *iso)
{
    int y, mo, d, h, mi, i = job->field[column];
    float s;
    if (!iso || i < 0)
        return;
    OGRFieldDefnH def = OGR_F_GetFieldDefnRef(job->feature, i);
    if (OGR_Fld_GetType(def) == OFTDateTime &&
        sscanf(iso, "%4d-%2d-%2dT%2d:%2d:%6fZ", &y, &mo, &d, &h, &mi, &s) == 6)
        OGR_F_SetFieldDateTimeEx(job->feature, i, y, mo, d, h, mi, s, 100);
    else
        OGR_F_SetFieldString(job->feature, i, iso);
}

static bool set_geometry(struct wg_export_job *job, OGRGeometryH g)
{
    if (!g || OGR_F_SetGeometryDirectly(job->feature, g) != OGRERR_NONE)
        job->status =
            wg_fail(job->err, WG_GEOMETRY, _("A geometry cannot be written as %s: %s."),
                    job->format, wg_io_failure(&job->words));
    return job->status == WG_OK;
}

bool wg_export_polygon(struct wg_export_job *job, const struct wg_multipolygon *mp)
{
    void *wkb = NULL;
    size_t size;
    OGRGeometryH g = NULL;
    if (mp->n_part == 0 || (job->plain && !format_is(job, "CSV")))
        return true;
    if (job->transform) {
        job->status =
            wg_io_transform(job->transform, job->tolerance, mp, &job->builder, job->err);
        if (job->status)
            return false;
        mp = &job->builder.mp;
    }
    job->status = wg_shape_to_wkb(mp, &wkb, &size, job->err);
    if (job->status)
        return false;
    OGR_G_CreateFromWkb(wkb, NULL, &g, (int)size);
    wg_free(wkb);
    if (g && wkbFlatten(OGR_G_GetGeometryType(g)) == wkbPolygon)
        g = OGR_G_ForceToMultiPolygon(g);
    return set_geometry(job, g);
}

bool wg_export_point(struct wg_export_job *job, double x, double y)
{
    if (isnan(x) || isnan(y))
        return true;
    if (job->transform) {
        job->status = wg_transform_points(job->transform, 1, &x, &y, job->err);
        if (job->status)
            return false;
    }
    if (job->plain) {
        OGR_F_SetFieldDouble(job->feature, job->x_field, x);
        OGR_F_SetFieldDouble(job->feature, job->y_field, y);
        return true;
    }
    OGRGeometryH g = OGR_G_CreateGeometry(wkbPoint);
    if (g)
        OGR_G_SetPoint_2D(g, 0, x, y);
    return set_geometry(job, g);
}

bool wg_export_line(struct wg_export_job *job, size_t n, const double *x, const double *y)
{
    if (n < 2 || (job->plain && !format_is(job, "CSV")))
        return true;
    wg_builder_reset(&job->builder);
    for (size_t i = 0; i < n; i++)
        wg_builder_vertex(&job->builder, x[i], y[i]);
    if (job->builder.failed) {
        job->status = wg_fail_memory(job->err);
        return false;
    }
    struct wg_multipolygon *mp = &job->builder.mp;
    if (job->transform) {
        job->status =
            wg_transform_points(job->transform, mp->n_vertex, mp->x, mp->y, job->err);
        if (job->status)
            return false;
    }
    OGRGeometryH g = OGR_G_CreateGeometry(wkbLineString);
    for (uint32_t i = 0; g && i < mp->n_vertex; i++)
        OGR_G_SetPoint_2D(g, (int)i, mp->x[i], mp->y[i]);
    return set_geometry(job, g);
}

/* The CRS of the file. */

static bool is_wgs84_only(const struct wg_export_job *job)
{
    return format_is(job, "GeoJSON") || format_is(job, "GeoJSONSeq") ||
           format_is(job, "LIBKML") || format_is(job, "KML") || format_is(job, "GPX");
}

/* Tolerance of straight edges in the units of the file. */
static double tolerance_in(const char *crs)
{
    struct wg_crs_info info;
    double unit = 0;
    if (!wg_io_is_frame(crs) && !wg_crs_describe(crs, &info, NULL))
        unit = info.unit_m;
    return WG_IO_STRAIGHT_M / (unit > 0 ? unit : 111320);
}

static enum wg_status choose_crs(struct wg_export_job *job, OGRSpatialReferenceH *srs,
                                 struct wg_error *err)
{
    struct wg_district district = {0};
    char *wkt = NULL;
    const char *stated = job->opt->crs;
    *srs = NULL;
    enum wg_status st = wg_district_read(job->store, &district, err);
    if (st)
        return st;
    const char *crs = stated ? stated : is_wgs84_only(job) ? "EPSG:4326" : district.crs;
    if (is_wgs84_only(job) && !wg_io_is_frame(crs) &&
        !wg_text_equal_fold(crs, "EPSG:4326")) {
        st = wg_fail(
            err, WG_INVALID,
            _("%s holds WGS 84 longitudes and latitudes only; leave the CRS out or "
              "take another format."),
            job->format);
        goto out;
    }
    st = wg_transform_create(district.crs, crs, &job->transform, err);
    if (st)
        goto out;
    if (job->noun == WG_NOUN_GRIDS)
        job->tolerance = tolerance_in(crs);
    if (wg_transform_is_identity(job->transform)) {
        wg_transform_destroy(job->transform);
        job->transform = NULL;
    }
    if (wg_io_is_frame(crs)) {
        warn(job,
             _("No file can say that it is in a frame of web maps; tell whoever takes "
               "the file, and state the frame when it is imported."));
        goto out;
    }
    st = wg_crs_wkt(crs, &wkt, err);
    if (!st) {
        *srs = OSRNewSpatialReference(NULL);
        OSRSetAxisMappingStrategy(*srs, OAMS_TRADITIONAL_GIS_ORDER);
        /* by its code, where it has one: databases keep codes */
        if (OSRSetFromUserInput(*srs, crs) != OGRERR_NONE &&
            OSRSetFromUserInput(*srs, wkt) != OGRERR_NONE)
            st = wg_fail(err, WG_CRS, _("The CRS “%s” cannot be written: %s."), crs,
                         wg_io_failure(&job->words));
        wg_io_forget(&job->words);
    }
out:
    wg_free(wkt);
    wg_district_finish(&district);
    return st;
}

/* The layer. */

static char **dataset_options(const struct wg_export_job *job)
{
    char **options = NULL;
    if (format_is(job, "SQLite"))
        options = CSLSetNameValue(options, "SPATIALITE", "YES");
    return options;
}

static char **layer_options(const struct wg_export_job *job)
{
    char **o = NULL;
    bool frame = job->opt->crs && wg_io_is_frame(job->opt->crs);
    if (format_is(job, "GeoJSON")) {
        o = CSLSetNameValue(o, "RFC7946", frame ? "NO" : "YES");
        o = CSLSetNameValue(o, "COORDINATE_PRECISION", "12");
    } else if (format_is(job, "ESRI Shapefile")) {
        o = CSLSetNameValue(o, "ENCODING", "UTF-8");
    } else if (format_is(job, "CSV") && !job->plain) {
        o = CSLSetNameValue(o, "GEOMETRY", "AS_WKT");
    } else if (format_is(job, "PostgreSQL")) {
        o = CSLSetNameValue(o, "OVERWRITE", job->opt->overwrite ? "YES" : "NO");
    }
    return o;
}

static int add_field(struct wg_export_job *job, const char *name, OGRFieldType type)
{
    OGRFieldDefnH def = OGR_Fld_Create(name, type);
    int before = OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(job->layer));
    OGRErr failed = OGR_L_CreateField(job->layer, def, 1);
    OGR_Fld_Destroy(def);
    int after = OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(job->layer));
    if (!failed && after > before)
        return after - 1;
    wg_io_forget(&job->words);
    /* some formats bring fields of their own (KML's Name) */
    return OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(job->layer), name);
}

static OGRFieldType type_of(const struct wg_export_job *job, enum wg_column_type type)
{
    switch (type) {
    case WG_C_INT:
        return OFTInteger64;
    case WG_C_REAL:
        return OFTReal;
    case WG_C_TIME:
        return format_is(job, "GPKG") || format_is(job, "PostgreSQL") ? OFTDateTime
                                                                      : OFTString;
    default:
        return OFTString;
    }
}

static void add_fields(struct wg_export_job *job)
{
    const struct wg_column *columns;
    size_t n = wg_export_columns(job->noun, &columns);
    bool brief = format_is(job, "ESRI Shapefile");
    char lost[300] = "";
    for (size_t i = 0; i < n; i++) {
        const struct wg_column *c = &columns[i];
        const char *name = brief && c->brief ? c->brief : c->name;
        job->field[i] = -1;
        if (wg_text_equal(c->name, "grid") && !job->scheme &&
            job->noun != WG_NOUN_OFFICERS && job->noun != WG_NOUN_OWNERS &&
            job->noun != WG_NOUN_FINDINGS)
            continue;
        job->field[i] = add_field(job, name, type_of(job, c->type));
        size_t used = strlen(lost);
        if (job->field[i] < 0)
            snprintf(lost + used, sizeof lost - used, "%s%s", used ? ", " : "", c->name);
    }
    if (job->plain && wg_export_geometry(job) == wkbPoint) {
        job->x_field = add_field(job, "x", OFTReal);
        job->y_field = add_field(job, "y", OFTReal);
    } else if (job->plain && wg_export_geometry(job) != wkbNone) {
        warn(job, _("This format has no geometry; only the facts are written."));
    }
    if (*lost) {
        char text[400];
        snprintf(text, sizeof text, _("This format has no room for: %s."), lost);
        warn(job, text);
    }
}

static enum wg_status make_dataset(struct wg_export_job *job, const char *path,
                                   struct wg_error *err)
{
    char **options = dataset_options(job);
    if (format_is(job, "PostgreSQL"))
        job->dataset =
            GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
    else
        job->dataset = GDALCreate(job->driver, path, 0, 0, 0, GDT_Unknown, options);
    CSLDestroy(options);
    if (!job->dataset)
        return wg_fail(err, WG_IO, _("“%s” cannot be made: %s."), path,
                       wg_io_failure(&job->words));
    GDALDatasetStartTransaction(job->dataset, 0);
    wg_io_forget(&job->words); /* not every format has transactions */
    return WG_OK;
}

static enum wg_status make_layer(struct wg_export_job *job, const char *path,
                                 OGRSpatialReferenceH srs, struct wg_error *err)
{
    OGRwkbGeometryType type = wg_export_geometry(job);
    const char *name = job->opt->layer ? job->opt->layer : wg_noun_name(job->noun);
    char second[200];
    job->plain = format_is(job, "XLSX") || format_is(job, "ODS") ||
                 (format_is(job, "CSV") && type == wkbPoint);
    if (format_is(job, "ESRI Shapefile") && type == wkbMultiPolygon)
        type = wkbPolygon;
    if (job->plain)
        type = wkbNone;
    if (job->areas) {
        snprintf(second, sizeof second, "%s_areas", name);
        name = second;
    }
    char **options = layer_options(job);
    job->layer = GDALDatasetCreateLayer(job->dataset, name, type == wkbNone ? NULL : srs,
                                        type, options);
    CSLDestroy(options);
    if (!job->layer)
        return wg_fail(err, WG_IO, _("“%s” cannot be made: %s."), path,
                       wg_io_failure(&job->words));
    add_fields(job);
    wg_io_forget(&job->words);
    return WG_OK;
}

/* Formats in which a second layer is as good as the first. */
static bool holds_layers(const struct wg_export_job *job)
{
    return format_is(job, "GPKG") || format_is(job, "SQLite") ||
           format_is(job, "PostgreSQL");
}

/* GDAL's driver of GeoJSON says nothing of a full disk: is the file written to its end? */
static bool ends_well(const struct wg_export_job *job, const char *target)
{
    char last[2] = {0};
    if (!format_is(job, "GeoJSON"))
        return true;
    FILE *f = fopen(target, "rb");
    bool good = f && !fseek(f, -2, SEEK_END) && fread(last, 1, 2, f) == 2 &&
                (last[1] == '}' || last[0] == '}');
    if (f)
        fclose(f);
    return good;
}

/* Close the data set and hear what it has to say: a full disk shows only now. */
static enum wg_status close_dataset(struct wg_export_job *job, bool good,
                                    const char *path, const char *target,
                                    struct wg_error *err)
{
    if (!job->dataset)
        return WG_OK;
    if (good)
        GDALDatasetCommitTransaction(job->dataset);
    else
        GDALDatasetRollbackTransaction(job->dataset);
    if (!GDALDatasetTestCapability(job->dataset, ODsCTransactions))
        wg_io_forget(&job->words);
    GDALClose(job->dataset);
    job->dataset = NULL;
    if (good && job->words.failures)
        return wg_fail(err, WG_IO, _("“%s” cannot be written: %s."), path,
                       wg_io_failure(&job->words));
    if (good && strncmp(target, "/vsi", 4) != 0 && !ends_well(job, target))
        return wg_fail(err, WG_IO, _("“%s” cannot be written: %s."), path,
                       strerror(ENOSPC));
    return WG_OK;
}

static enum wg_status find_scheme(struct wg_export_job *job, struct wg_error *err)
{
    const char *name = job->opt->scheme;
    enum wg_status st = WG_OK;
    job->filter = job->opt->filter;
    job->scheme = job->filter.scheme;
    if (name)
        st = wg_scheme_find(job->store, name, &job->scheme, err);
    else if (!job->scheme && wg_scheme_find(job->store, NULL, &job->scheme, NULL))
        job->scheme = 0; /* none or several: no owner is written */
    if (!st && (name || job->noun != WG_NOUN_GRIDS))
        job->filter.scheme = job->scheme;
    return st;
}

static void warn_lost(const struct wg_export_job *job)
{
    char text[200];
    if (!job->lost)
        return;
    snprintf(text, sizeof text,
             _("%lld rows without a place were left out: %s cannot hold them."),
             (long long)job->lost, job->format);
    warn(job, text);
}

static enum wg_status write_all(struct wg_export_job *job, const char *path,
                                const char *target, struct wg_error *err)
{
    OGRSpatialReferenceH srs = NULL;
    struct wg_error closing = {0};
    enum wg_status st = choose_crs(job, &srs, err);
    if (!st)
        st = make_dataset(job, target, err);
    if (!st)
        st = make_layer(job, target, srs, err);
    if (!st)
        st = wg_store_begin_read(job->store, err);
    if (!st) {
        int64_t n;
        st = wg_export_rows(job, err);
        n = job->n;
        if (!st && job->noun == WG_NOUN_FINDINGS && holds_layers(job)) {
            job->areas = true;
            st = make_layer(job, target, srs, err);
            if (!st)
                st = wg_export_rows(job, err);
            job->n = n;
        }
        wg_store_commit(job->store, NULL);
        warn_lost(job);
    }
    enum wg_status closed = close_dataset(job, !st, path, target, &closing);
    if (!st && closed) {
        st = closed;
        if (err)
            *err = closing;
    }
    if (srs)
        OSRDestroySpatialReference(srs);
    return st;
}

static enum wg_status to_file(struct wg_export_job *job, const char *path,
                              struct wg_error *err)
{
    char *folder = NULL, *temporary = NULL;
    struct wg_error ending = {0};
    enum wg_status st = wg_export_begin_file(job, path, &folder, &temporary, err);
    if (!st)
        st = write_all(job, path, temporary, err);
    enum wg_status end =
        folder ? wg_export_end_file(job, path, folder, !st, &ending) : WG_OK;
    if (!st && end) {
        st = end;
        if (err)
            *err = ending;
    }
    free(temporary);
    return st;
}

enum wg_status wg_export(struct wg_store *store, enum wg_noun noun, const char *path,
                         const struct wg_export_options *options, int64_t *n,
                         struct wg_error *err)
{
    static const struct wg_export_options plain = {0};
    struct wg_export_job job = {
        .store = store, .noun = noun, .x_field = -1, .y_field = -1};
    const struct wg_column *columns;
    job.opt = options ? options : &plain;
    job.err = err;
    if (!path || !*path)
        return wg_fail(err, WG_INVALID, _("An export needs a file to write."));
    if (!wg_export_columns(noun, &columns))
        return wg_fail(err, WG_INVALID, _("%s cannot be exported."), wg_noun_name(noun));
    wg_io_catch(&job.words, job.opt->warn);
    enum wg_status st = wg_export_driver(&job, path, err);
    bool placed_only =
        !st && (format_is(&job, "FlatGeobuf") || format_is(&job, "ESRI Shapefile"));
    if (placed_only && wg_export_geometry(&job) == wkbNone)
        st = wg_fail(
            err, WG_INVALID,
            _("%s are a table without places, which %s cannot hold; take .csv, .xlsx "
              "or .gpkg."),
            wg_noun_name(noun), job.format);
    if (!st)
        st = find_scheme(&job, err);
    if (!st)
        st = wg_export_is_file(path) ? to_file(&job, path, err)
                                     : write_all(&job, path, path, err);
    wg_transform_destroy(job.transform);
    wg_builder_finish(&job.builder);
    wg_io_release();
    if (!st && n)
        *n = job.n;
    return st;
}
