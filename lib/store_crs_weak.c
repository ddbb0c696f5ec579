/* EPSG codes only, until lib/crs.c has the real ones, which win over these. */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "wangge/crs.h"

#define WEAK __attribute__((weak))

WEAK enum wg_status wg_crs_describe(const char *crs, struct wg_crs_info *out,
                                    struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    if (sscanf(crs, "EPSG:%d", &out->code) != 1)
        return wg_fail(err, WG_CRS, "unknown CRS %s", crs);
    strcpy(out->auth, "EPSG");
    out->projected = true;
    return WG_OK;
}

WEAK enum wg_status wg_crs_check_district(const char *crs, double lon,
                                          struct wg_error *err)
{
    struct wg_crs_info info;
    enum wg_status status = wg_crs_describe(crs, &info, err);
    if (!status && (info.code == 4326 || info.code == 4490))
        return wg_fail(err, WG_CRS, "%s is in degrees", crs);
    return status;
}

WEAK enum wg_status wg_crs_wkt(const char *crs, char **out, struct wg_error *err)
{
    *out = wg_strdup("Undefined");
    return *out ? WG_OK : wg_fail_memory(err);
}

WEAK enum wg_status wg_crs_proj4(const char *crs, char **out, struct wg_error *err)
{
    *out = wg_strdup("");
    return *out ? WG_OK : wg_fail_memory(err);
}

WEAK void wg_free(void *p)
{
    free(p);
}
