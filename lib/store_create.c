/* Making a new database: checked options, a file that appears complete or not at all. */
#include <math.h>
#include <string.h>

#include "store_db.h"
#include "wangge/crs.h"

/* Fill what was left open and check the rest. */
static enum wg_status check_options(struct wg_create_options *o, struct wg_error *err)
{
    if (!o->crs || !*o->crs)
        return wg_fail(err, WG_INVALID,
                       _("A database needs the coordinate reference system of its "
                         "district, for example EPSG:4545."));
    if (!o->lang)
        o->lang = "en";
    if (strcmp(o->lang, "en") != 0 && strcmp(o->lang, "zh") != 0)
        return wg_fail(err, WG_INVALID,
                       _("“%s” is not a language of this program: take en or zh."),
                       o->lang);
    if (o->default_height_m == 0)
        o->default_height_m = 6;
    if (o->floor_height_m == 0)
        o->floor_height_m = 3;
    if (!(o->default_height_m > 0 && isfinite(o->default_height_m)) ||
        !(o->floor_height_m > 0 && isfinite(o->floor_height_m)))
        return wg_fail(err, WG_INVALID,
                       _("The default height and the height of a floor must be metres "
                         "above 0."));
    return wg_crs_check_district(o->crs, (double)NAN, err);
}

/* The file's name without folder and last suffix; free it. */
static char *name_from_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t n = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    return strndup(base, n);
}

/* Fill the file under its temporary name.  Nobody else knows it yet and it is made
 * durable as a whole when it is published, so the single writes need not be. */
static enum wg_status fill(const char *temporary, const struct wg_create_options *options,
                           struct wg_error *err)
{
    struct wg_store *store = NULL;
    enum wg_status status =
        wg_store_connect(temporary, SQLITE_OPEN_READWRITE, 0, &store, err);
    if (!status)
        status = wg_store_equip(store, err);
    if (!status)
        status = wg_exec(store, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;",
                         err);
    if (!status)
        status = wg_schema_create(store, options, err);
    if (!status)
        status = wg_exec(store, "PRAGMA journal_mode = WAL", err);
    wg_store_close(store);
    return status;
}

enum wg_status wg_store_create(const char *path, const struct wg_create_options *options,
                               struct wg_error *err)
{
    static const struct wg_create_options none;
    struct wg_create_options o = options ? *options : none;
    struct wg_new_file file = {.fd = -1};
    char *name = NULL;
    enum wg_status status = wg_file_check_new(path, err);
    if (!status)
        status = check_options(&o, err);
    if (status)
        return status;
    if (!o.name || !*o.name) {
        name = name_from_path(path);
        if (!name)
            return wg_fail_memory(err);
        o.name = name;
    }
    status = wg_new_file_begin(&file, path, err);
    if (!status) {
        status = fill(file.temporary, &o, err);
        if (status)
            wg_new_file_name_final(&file, err);
    }
    if (!status)
        status = wg_new_file_publish(&file, err);
    wg_new_file_finish(&file);
    free(name);
    return status;
}
