/* The file an export makes: its format, and its coming into being all at once. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "export_job.h"
#include "internal.h"

/* Endings and short words for the formats people ask for most. */
static const char *const formats[][2] = {
    {"gpkg", "GPKG"},
    {"geojson", "GeoJSON"},
    {"json", "GeoJSON"},
    {"shp", "ESRI Shapefile"},
    {"shapefile", "ESRI Shapefile"},
    {"fgb", "FlatGeobuf"},
    {"csv", "CSV"},
    {"kml", "LIBKML"},
    {"kmz", "LIBKML"},
    {"sqlite", "SQLite"},
    {"db", "SQLite"},
    {"spatialite", "SQLite"},
    {"xlsx", "XLSX"},
    {"ods", "ODS"},
    {"gml", "GML"},
    {"tab", "MapInfo File"},
    {"mif", "MapInfo File"},
    {"dxf", "DXF"},
    {"geojsonl", "GeoJSONSeq"},
    {"geojsons", "GeoJSONSeq"},
    {"pg", "PostgreSQL"},
};

bool wg_export_is_file(const char *path)
{
    const char *colon = strchr(path, ':');
    if (!strncmp(path, "/vsi", 4))
        return false;
    for (const char *c = path; colon && c < colon; c++)
        if (!isalnum((unsigned char)*c))
            return true;
    return !colon || colon == path;
}

static const char *known_format(const char *word)
{
    for (size_t i = 0; word && i < sizeof formats / sizeof *formats; i++)
        if (wg_text_equal_fold(word, formats[i][0]))
            return formats[i][1];
    return NULL;
}

static bool writes_vectors(GDALDriverH driver)
{
    return driver && GDALGetMetadataItem(driver, GDAL_DCAP_VECTOR, NULL) &&
           GDALGetMetadataItem(driver, GDAL_DCAP_CREATE, NULL);
}

static GDALDriverH driver_of_ending(const char *ending)
{
    for (int i = 0; i < GDALGetDriverCount(); i++) {
        GDALDriverH driver = GDALGetDriver(i);
        if (!writes_vectors(driver))
            continue;
        char **known = CSLTokenizeString2(
            GDALGetMetadataItem(driver, GDAL_DMD_EXTENSIONS, NULL), " ", 0);
        bool found = CSLFindString(known, ending) >= 0;
        CSLDestroy(known);
        if (found)
            return driver;
    }
    return NULL;
}

enum wg_status wg_export_driver(struct wg_export_job *job, const char *path,
                                struct wg_error *err)
{
    const char *stated = job->opt->format, *ending = strrchr(path, '.');
    const char *name = known_format(stated);
    ending = ending && !strchr(ending, '/') ? ending + 1 : "";
    if (stated) {
        job->driver = GDALGetDriverByName(name ? name : stated);
    } else if (!strncmp(path, "PG:", 3)) {
        job->driver = GDALGetDriverByName("PostgreSQL");
    } else {
        name = known_format(ending);
        job->driver = name ? GDALGetDriverByName(name) : driver_of_ending(ending);
    }
    if (!job->driver && wg_text_equal_fold(name, "LIBKML"))
        job->driver = GDALGetDriverByName("KML");
    if (!writes_vectors(job->driver))
        return wg_fail(
            err, WG_INVALID,
            _("“%s” is no format that can be written: take a file name that "
              "ends in .gpkg, .geojson, .shp, .fgb, .csv, .kml, .sqlite or .xlsx, "
              "or state a GDAL format."),
            stated ? stated : ending);
    job->format = GDALGetDriverShortName(job->driver);
    return WG_OK;
}

/* The database itself must not be written over by a slip of the hand. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* The part of a path up to its last slash ("" or "…/"), and what follows. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

enum wg_status wg_export_begin_file(struct wg_export_job *job, const char *path,
                                    char **folder, char **temporary, struct wg_error *err)
{
    struct stat st;
    const char *base = base_of(path);
    *folder = *temporary = NULL;
    if (is_same_file(path, wg_store_path(job->store)))
        return wg_fail(err, WG_INVALID,
                       _("“%s” is the database itself; export to another file."), path);
    if (!stat(path, &st) && (!job->opt->overwrite || !S_ISREG(st.st_mode)))
        return wg_fail(err, WG_EXISTS,
                       _("“%s” is there already; state overwrite to replace it."), path);
    if (!*base)
        return wg_fail(err, WG_INVALID, _("“%s” is a folder, no file name."), path);
    if (asprintf(folder, "%.*s.wangge-export-XXXXXX", (int)(base - path), path) < 0) {
        *folder = NULL;
        return wg_fail_memory(err);
    }
    if (!mkdtemp(*folder)) {
        int why = errno;
        free(*folder);
        *folder = NULL;
        return wg_fail(err, WG_IO, _("“%s” cannot be written: %s."), path, strerror(why));
    }
    if (asprintf(temporary, "%s/%s", *folder, base) < 0) {
        *temporary = NULL;
        return wg_fail_memory(err);
    }
    return WG_OK;
}

struct names {
    char **name;
    size_t n, cap;
};

static bool list_folder(const char *folder, struct names *names)
{
    DIR *dir = opendir(folder);
    bool good = dir != NULL;
    for (struct dirent *entry; good && (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        good = wg_grow((void **)&names->name, &names->cap, names->n + 1,
                       sizeof *names->name) &&
               (names->name[names->n] = wg_strdup(entry->d_name));
        names->n += good;
    }
    if (dir)
        closedir(dir);
    return good;
}

static void remove_folder(const char *folder, const struct names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", folder, names->name[i]) >= 0) {
            unlink(path);
            free(path);
        }
    }
    rmdir(folder);
}

/* Files of an older Shapefile or the like that the new one does not replace. */
static void remove_leftovers(const char *path)
{
    static const char *const endings[] = {"shx", "dbf", "prj", "cpg", "qix", "sbn", "sbx",
                                          "qpj", "id",  "map", "dat", "ind", "mid"};
    const char *dot = strrchr(path, '.');
    bool many =
        dot && (wg_text_equal_fold(dot, ".shp") || wg_text_equal_fold(dot, ".tab") ||
                wg_text_equal_fold(dot, ".mif"));
    for (size_t i = 0; many && i < sizeof endings / sizeof *endings; i++) {
        char *old = NULL;
        if (asprintf(&old, "%.*s.%s", (int)(dot - path), path, endings[i]) >= 0) {
            unlink(old);
            free(old);
        }
    }
}

static enum wg_status move_one(struct wg_export_job *job, const char *path,
                               const char *folder, const char *name, struct wg_error *err)
{
    char *from = NULL, *to = NULL;
    enum wg_status st = WG_OK;
    if (asprintf(&from, "%s/%s", folder, name) < 0)
        from = NULL;
    if (asprintf(&to, "%.*s%s", (int)(base_of(path) - path), path, name) < 0)
        to = NULL;
    if (!from || !to)
        st = wg_fail_memory(err);
    else if (job->opt->overwrite
                 ? rename(from, to)
                 : renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
        st = errno == EEXIST
                 ? wg_fail(err, WG_EXISTS,
                           _("“%s” is there already; state overwrite to replace it."), to)
                 : wg_fail(err, WG_IO, _("“%s” cannot be written: %s."), to,
                           strerror(errno));
    free(from);
    free(to);
    return st;
}

enum wg_status wg_export_end_file(struct wg_export_job *job, const char *path,
                                  char *folder, bool good, struct wg_error *err)
{
    struct names names = {0};
    enum wg_status st = WG_OK;
    const char *base = base_of(path);
    if (!list_folder(folder, &names) && good)
        st = wg_fail_memory(err);
    if (!st && good && job->opt->overwrite)
        remove_leftovers(path);
    /* the companions first, the file itself last: when it is there all is there */
    for (size_t i = 0; good && !st && i < names.n; i++)
        if (strcmp(names.name[i], base))
            st = move_one(job, path, folder, names.name[i], err);
    if (good && !st)
        st = move_one(job, path, folder, base, err);
    remove_folder(folder, &names);
    for (size_t i = 0; i < names.n; i++)
        free(names.name[i]);
    free(names.name);
    free(folder);
    return st;
}
