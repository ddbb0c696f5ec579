/* Reads real partitions through GDAL; see partition_make.h. */
#include "partition_make.h"

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wangge/shape.h"

#define CODE_MAX 64

struct item {
    char code[CODE_MAX];
    struct wg_multipolygon mp;
};

static int by_code(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->code, ((const struct item *)b)->code);
}

/* False when the feature holds no valid polygon. */
static bool read_geometry(OGRFeatureH feature, struct wg_multipolygon *out)
{
    OGRGeometryH geometry = OGR_F_GetGeometryRef(feature);
    int size = geometry ? OGR_G_WkbSize(geometry) : 0;
    unsigned char *wkb = malloc((size_t)size + 1);
    bool ok = wkb && size > 0 &&
              OGR_G_ExportToIsoWkb(geometry, wkbNDR, wkb) == OGRERR_NONE &&
              wg_shape_from_wkb(wkb, (size_t)size, out, NULL) == WG_OK;
    if (ok && wg_shape_check(NULL, out, NULL) != WG_OK) {
        wg_multipolygon_finish(out);
        ok = false;
    }
    free(wkb);
    return ok;
}

static void read_layer(OGRLayerH layer, const char *code_field, struct item **items,
                       size_t *n, size_t *n_invalid)
{
    int field = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), code_field);
    OGRFeatureH feature;
    size_t cap = 0;
    while ((feature = OGR_L_GetNextFeature(layer))) {
        struct item item = {.mp = {.n_part = 0}};
        if (!read_geometry(feature, &item.mp)) {
            ++*n_invalid;
        } else {
            snprintf(item.code, sizeof item.code, "%s-%05zu",
                     field < 0 ? "" : OGR_F_GetFieldAsString(feature, field), *n);
            if (*n == cap) {
                cap = cap ? 2 * cap : 64;
                *items = realloc(*items, cap * sizeof **items);
                if (!*items)
                    abort();
            }
            (*items)[(*n)++] = item;
        }
        OGR_F_Destroy(feature);
    }
}

bool partition_read(const char *path, const char *code_field, struct partition *out,
                    size_t *n_invalid)
{
    struct item *items = NULL;
    const char *base = strrchr(path, '/');

    memset(out, 0, sizeof *out);
    *n_invalid = 0;
    GDALAllRegister();
    GDALDatasetH file = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!file)
        return false;
    read_layer(GDALDatasetGetLayer(file, 0), code_field, &items, &out->n, n_invalid);
    GDALClose(file);
    if (out->n)
        qsort(items, out->n, sizeof *items, by_code);
    snprintf(out->name, sizeof out->name, "%.60s", base ? base + 1 : path);
    out->name[strcspn(out->name, ".")] = '\0';
    out->grid = calloc(out->n + 1, sizeof *out->grid);
    out->mp = calloc(out->n + 1, sizeof *out->mp);
    out->code = calloc(out->n + 1, CODE_MAX);
    if (!out->grid || !out->mp || !out->code)
        abort();
    out->box = wg_box_empty();
    for (size_t i = 0; i < out->n; i++) {
        char *code = memcpy(out->code + i * CODE_MAX, items[i].code, CODE_MAX);
        out->mp[i] = items[i].mp;
        out->grid[i] = (struct wg_locator_grid){(int64_t)i + 1, code, &out->mp[i]};
        out->box = wg_box_union(out->box, wg_multipolygon_box(&out->mp[i]));
        out->n_vertex += out->mp[i].n_vertex;
    }
    free(items);
    return true;
}
