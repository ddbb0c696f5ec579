/* The file an import reads: opening it, choosing the layer, learning its CRS. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include "import_job.h"
#include "internal.h"

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && wg_text_equal_fold(text + n - m, end);
}

/* "PG:dbname=…", "/vsicurl/…", "https://…": not a path of this machine. */
static bool is_plain_path(const char *path)
{
    const char *colon = strchr(path, ':');
    if (!strncmp(path, "/vsi", 4))
        return false;
    for (const char *c = path; colon && c < colon; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            return true;
    return !colon || colon == path;
}

/* Our own file: SQLite's header with our application_id ("WGGE") at byte 68. */
static bool is_ours(const char *path)
{
    unsigned char head[72];
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    bool full = fread(head, 1, sizeof head, f) == sizeof head;
    fclose(f);
    return full && !memcmp(head, "SQLite format 3", 16) && !memcmp(head + 68, "WGGE", 4);
}

static enum wg_status check_path(const char *path, struct wg_error *err)
{
    struct stat st;
    if (!is_plain_path(path))
        return WG_OK;
    if (stat(path, &st))
        return wg_fail(err, WG_IO, _("There is no file “%s” that can be read."), path);
    if (S_ISREG(st.st_mode) && st.st_size == 0)
        return wg_fail(err, WG_FORMAT, _("“%s” is empty: it has no bytes."), path);
    return WG_OK;
}

static bool knows_encoding(GDALDatasetH dataset)
{
    const char *options =
        GDALGetMetadataItem(GDALGetDatasetDriver(dataset), GDAL_DMD_OPENOPTIONLIST, NULL);
    return options && strstr(options, "'ENCODING'");
}

/* A Shapefile that does not say its encoding is read as Latin-1 by GDAL, which spoils
 * Chinese without a word.  Then we take its bytes as they are and look for ourselves. */
static bool encoding_is_guessed(GDALDatasetH dataset)
{
    if (!wg_text_equal(GDALGetDriverShortName(GDALGetDatasetDriver(dataset)),
                       "ESRI Shapefile"))
        return false;
    for (int i = 0; i < GDALDatasetGetLayerCount(dataset); i++) {
        OGRLayerH layer = GDALDatasetGetLayer(dataset, i);
        const char *cpg = GDALGetMetadataItem(layer, "CPG_VALUE", "SHAPEFILE");
        const char *ldid = GDALGetMetadataItem(layer, "LDID_VALUE", "SHAPEFILE");
        bool latin =
            !ldid || !*ldid || wg_text_equal(ldid, "0") || wg_text_equal(ldid, "87");
        if ((!cpg || !*cpg) && latin)
            return true;
    }
    return false;
}

static GDALDatasetH open_dataset(const char *path, const char *encoding)
{
    char **options = NULL;
    if (encoding)
        options = CSLSetNameValue(options, "ENCODING", encoding);
    GDALDatasetH dataset =
        GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, NULL,
                   (const char *const *)options, NULL);
    CSLDestroy(options);
    return dataset;
}

static enum wg_status open_file(struct wg_job *job, struct wg_error *err)
{
    enum wg_status st = check_path(job->path, err);
    if (st)
        return st;
    struct wg_warn warn = job->words.warn;
    bool gz = is_plain_path(job->path) && ends_with(job->path, ".gz");
    char *path = CPLStrdup(CPLSPrintf("%s%s", gz ? "/vsigzip/" : "", job->path));
    job->is_ours = is_plain_path(job->path) && is_ours(job->path);
    job->words.warn = (struct wg_warn){0}; /* what a driver thinks of our options */
    job->dataset = open_dataset(path, job->opt->encoding);
    if (job->dataset && !job->opt->encoding && encoding_is_guessed(job->dataset)) {
        GDALClose(job->dataset);
        job->dataset = open_dataset(path, "");
    }
    job->words.warn = warn;
    CPLFree(path);
    if (!job->dataset)
        return wg_fail(
            err, WG_FORMAT,
            _("“%s” cannot be read: it is no vector format that GDAL knows, or "
              "it is damaged (%s)."),
            job->path, wg_io_failure(&job->words));
    wg_io_forget(&job->words); /* what other drivers thought while they looked */
    if (job->opt->encoding && !knows_encoding(job->dataset) &&
        !wg_text_equal_fold(job->opt->encoding, "UTF-8"))
        job->recode = job->opt->encoding;
    job->is_csv =
        wg_text_equal(GDALGetDriverShortName(GDALGetDatasetDriver(job->dataset)), "CSV");
    if (job->recode) {
        int before = job->words.warnings;
        job->words.warn = (struct wg_warn){0};
        char *probe = CPLRecode("a", job->recode, CPL_ENC_UTF8);
        job->words.warn = warn;
        CPLFree(probe);
        if (job->words.failures || job->words.warnings > before)
            return wg_fail(err, WG_INVALID, _("The encoding “%s” is not known here."),
                           job->opt->encoding);
    }
    return WG_OK;
}

/* A layer that can be meant: it has rows, and a geometry if any layer has one. */
static int choose_layer(struct wg_job *job, int n)
{
    int chosen = -1, count = 0, spatial = 0;
    bool table = job->noun == WG_NOUN_OFFICERS;
    for (int i = 0; i < n; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(job->dataset, i);
        if (!table && OGR_L_GetGeomType(layer) != wkbNone)
            spatial++;
    }
    for (int i = 0; i < n; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(job->dataset, i);
        if (spatial && OGR_L_GetGeomType(layer) == wkbNone)
            continue;
        if (OGR_L_GetFeatureCount(layer, 0) == 0)
            continue;
        chosen = i;
        count++;
    }
    return count == 1 ? chosen : -1;
}

static void list_layers(struct wg_job *job, char *out, size_t size)
{
    size_t used = 0;
    int n = GDALDatasetGetLayerCount(job->dataset);
    out[0] = 0;
    for (int i = 0; i < n && used < size; i++) {
        const char *name = OGR_L_GetName(GDALDatasetGetLayer(job->dataset, i));
        int wrote = snprintf(out + used, size - used, "%s%s", i ? ", " : "", name);
        if (wrote < 0 || (size_t)wrote >= size - used)
            break;
        used += (size_t)wrote;
    }
}

/* Our own rows with codes in the place of ids. */
static const char *own_statement(enum wg_noun noun)
{
    switch (noun) {
    case WG_NOUN_GRIDS:
        return "SELECT g.code, g.name, l.name AS level, g.kind, p.code AS parent, g.note,"
               " g.valid_from, g.valid_to, g.geom, s.name AS scheme"
               " FROM grid g JOIN level l ON l.id = g.level"
               " JOIN scheme s ON s.id = g.scheme_id LEFT JOIN grid p ON p.id = "
               "g.parent_id";
    case WG_NOUN_BUILDINGS:
        return "SELECT b.code, b.name, b.\"use\", b.address, b.base_m,"
               " CASE b.height_from WHEN 'measured' THEN b.height_m END AS height_m,"
               " b.floors, b.roof, b.roof_m, b.households, b.population, b.elderly_alone,"
               " CASE WHEN b.source_id IS NULL AND EXISTS (SELECT 1 FROM building p"
               " WHERE p.part_of = b.id) THEN 'b' || b.id ELSE b.source_id END AS "
               "source_id,"
               " CASE WHEN w.id IS NOT NULL THEN coalesce(w.source_id, 'b' || w.id) END "
               "AS part_of,"
               " b.valid_from, b.valid_to, b.geom"
               " FROM building b LEFT JOIN building w ON w.id = b.part_of";
    case WG_NOUN_EVENTS:
        return "SELECT e.uuid, e.code, e.class, e.title, e.description, e.address,"
               " e.source, e.occurred_at, e.reported_at, e.frame, e.accuracy_m,"
               " t.name AS stage, s.level AS alert, s.due_at, s.closed_at,"
               " s.acknowledged_at, e.geom FROM event e"
               " LEFT JOIN event_status s ON s.event_id = e.id"
               " LEFT JOIN stage t ON t.id = s.stage";
    case WG_NOUN_OFFICERS:
        return "SELECT o.code, o.name, o.phone, o.valid_from, o.valid_to,"
               " (SELECT group_concat(g.code) FROM duty d JOIN grid g ON g.id = d.grid_id"
               " WHERE d.officer_id = o.id) AS grid FROM officer o";
    case WG_NOUN_PARTS:
        return "SELECT * FROM part";
    case WG_NOUN_SURFACES:
        return "SELECT * FROM surface";
    case WG_NOUN_ROADS:
        return "SELECT * FROM road";
    default:
        return NULL;
    }
}

static enum wg_status open_own(struct wg_job *job, struct wg_error *err)
{
    job->layer =
        GDALDatasetExecuteSQL(job->dataset, own_statement(job->noun), NULL, NULL);
    if (!job->layer)
        return wg_fail(err, WG_FORMAT, _("The %s of “%s” cannot be read: %s."),
                       wg_noun_name(job->noun), job->path, wg_io_failure(&job->words));
    job->is_result = true;
    return WG_OK;
}

static enum wg_status open_layer(struct wg_job *job, struct wg_error *err)
{
    char names[600];
    int n = GDALDatasetGetLayerCount(job->dataset), only = n == 1 ? 0 : -1;
    if (job->is_ours && !job->opt->layer)
        return open_own(job, err);
    if (n == 0 && !job->opt->layer) /* SpatiaLite does not list plain tables */
        job->layer = GDALDatasetGetLayerByName(job->dataset, wg_noun_name(job->noun));
    if (job->layer)
        return WG_OK;
    if (n == 0 && !job->opt->layer)
        return wg_fail(err, WG_FORMAT, _("“%s” has no layer in it."), job->path);
    if (job->opt->layer)
        job->layer = GDALDatasetGetLayerByName(job->dataset, job->opt->layer);
    else if (only >= 0 || (only = choose_layer(job, n)) >= 0)
        job->layer = GDALDatasetGetLayer(job->dataset, only);
    if (job->layer)
        return WG_OK;
    list_layers(job, names, sizeof names);
    if (job->opt->layer)
        return wg_fail(err, WG_NOT_FOUND, _("“%s” has no layer “%s”; it has: %s."),
                       job->path, job->opt->layer, names);
    return wg_fail(err, WG_INVALID, _("“%s” has several layers; state which one: %s."),
                   job->path, names);
}

enum wg_status wg_source_open(struct wg_job *job, struct wg_error *err)
{
    enum wg_status st = open_file(job, err);
    if (!st)
        st = open_layer(job, err);
    if (st)
        return st;
    wg_io_forget(&job->words);
    if (job->opt->where &&
        (OGR_L_SetAttributeFilter(job->layer, job->opt->where) || job->words.failures))
        return wg_fail(err, WG_INVALID, _("The filter “%s” cannot be used: %s."),
                       job->opt->where, wg_io_failure(&job->words));
    return WG_OK;
}

/* Does the data's first axis run north?  Drivers turn their data to east, north and say
 * so in the axis mapping; one that differs from the traditional order did not. */
static bool is_swapped(OGRSpatialReferenceH srs)
{
    int n = 0, m = 0;
    OGRSpatialReferenceH usual = OSRClone(srs);
    OSRSetAxisMappingStrategy(usual, OAMS_TRADITIONAL_GIS_ORDER);
    const int *a = OSRGetDataAxisToSRSAxisMapping(srs, &n);
    const int *b = OSRGetDataAxisToSRSAxisMapping(usual, &m);
    bool swapped = n >= 2 && m >= 2 && (a[0] != b[0] || a[1] != b[1]);
    OSRDestroySpatialReference(usual);
    return swapped;
}

static char *text_of_srs(OGRSpatialReferenceH srs)
{
    const char *name = OSRGetAuthorityName(srs, NULL);
    const char *code = OSRGetAuthorityCode(srs, NULL);
    const char *const options[] = {"FORMAT=WKT2_2018", NULL};
    char *wkt = NULL, *out = NULL;
    if (name && code) {
        out = wg_strdup(CPLSPrintf("%s:%s", name, code));
        struct wg_crs_info info;
        if (out && !wg_crs_describe(out, &info, NULL))
            return out;
        free(out);
    }
    if (OSRExportToWktEx(srs, &wkt, options) == OGRERR_NONE)
        out = wg_strdup(wkt);
    else
        out = NULL;
    CPLFree(wkt);
    return out;
}

enum wg_status wg_source_crs(struct wg_job *job, struct wg_error *err)
{
    const char *stated = job->opt->frame ? job->opt->frame : job->opt->crs;
    OGRSpatialReferenceH srs =
        job->plain && !job->is_csv ? NULL : OGR_L_GetSpatialRef(job->layer);
    if (job->opt->frame && job->opt->crs)
        return wg_fail(err, WG_INVALID,
                       _("State either a CRS or a frame (gcj02, bd09), not both."));
    if (job->opt->frame && !wg_io_is_frame(job->opt->frame))
        return wg_fail(err, WG_INVALID, _("“%s” is no frame: it is gcj02 or bd09."),
                       job->opt->frame);
    if (stated)
        job->crs = wg_strdup(stated);
    else if (srs)
        job->crs = text_of_srs(srs);
    else if (job->noun == WG_NOUN_OFFICERS)
        return WG_OK;
    else
        return wg_fail(
            err, WG_CRS,
            _("“%s” does not say which coordinate reference system its "
              "coordinates are in: state it with crs (EPSG:4326 for GPS "
              "longitudes and latitudes) or frame (gcj02, bd09 for Chinese web "
              "maps)."),
            job->path);
    if (!job->crs)
        return wg_fail(err, WG_CRS, _("The CRS of “%s” cannot be read: %s."), job->path,
                       wg_io_failure(&job->words));
    job->swap = !stated && srs && is_swapped(srs);
    struct wg_district district = {0};
    enum wg_status st = wg_district_read(job->store, &district, err);
    if (!st)
        st = wg_transform_create(job->crs, district.crs, &job->transform, err);
    wg_district_finish(&district);
    return st;
}

void wg_source_close(struct wg_job *job)
{
    if (job->is_result && job->layer)
        GDALDatasetReleaseResultSet(job->dataset, job->layer);
    if (job->dataset)
        GDALClose(job->dataset);
    wg_transform_destroy(job->transform);
    free(job->crs);
    job->dataset = NULL;
    job->layer = NULL;
    job->transform = NULL;
    job->crs = NULL;
}
