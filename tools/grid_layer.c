/* wangge grid: polygons as a GeoJSON file that QGIS opens. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grid.h"

struct grid_layer {
    const struct args *args;
    FILE *file;
    char *path, *making;
    bool any;
};

static void say_failure(const struct args *args, const char *path)
{
    struct wg_error err = {.status = WG_IO, .row = -1, .x = NAN, .y = NAN};
    snprintf(err.text, sizeof err.text, _("%s cannot be written: %s"), path,
             strerror(errno ? errno : EIO));
    tool_fail(args, &err);
}

static void put_text(FILE *f, const char *text)
{
    putc('"', f);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p == '"' || *p == '\\')
            fprintf(f, "\\%c", *p);
        else if (*p < 0x20)
            fprintf(f, "\\u%04x", *p);
        else
            putc(*p, f);
    putc('"', f);
}

bool grid_layer_begin(const struct args *args, const char *crs, const char *path,
                      struct grid_layer **out)
{
    struct wg_error err = {.status = WG_EXISTS, .row = -1, .x = NAN, .y = NAN};
    size_t n = strlen(path);
    bool ours = (n > 8 && strcmp(path + n - 8, ".geojson") == 0) ||
                (n > 5 && strcmp(path + n - 5, ".json") == 0);
    if (!ours) {
        tool_usage(args,
                   _("--output writes GeoJSON: %s should end in .geojson; ogr2ogr "
                     "makes any other format of it"),
                   path);
        return false;
    }
    if (access(path, F_OK) == 0) {
        snprintf(err.text, sizeof err.text,
                 _("%s is there already; remove it or give another name"), path);
        tool_fail(args, &err);
        return false;
    }
    struct grid_layer *layer = calloc(1, sizeof *layer);
    if (layer && asprintf(&layer->making, "%s.%ld.part", path, (long)getpid()) < 0)
        layer->making = NULL;
    if (layer && layer->making) {
        layer->args = args;
        layer->path = strdup(path);
        layer->file = fopen(layer->making, "w");
    }
    if (!layer || !layer->making || !layer->path || !layer->file) {
        say_failure(args, path);
        if (layer) {
            free(layer->making);
            free(layer->path);
        }
        free(layer);
        return false;
    }
    fprintf(layer->file, "{\"type\": \"FeatureCollection\"");
    const char *colon = strchr(crs, ':');
    if (colon && !strchr(crs, '[')) {
        fprintf(layer->file,
                ",\n\"crs\": {\"type\": \"name\", \"properties\": {\"name\": "
                "\"urn:ogc:def:crs:%.*s::%s\"}}",
                (int)(colon - crs), crs, colon + 1);
    }
    fprintf(layer->file, ",\n\"features\": [");
    *out = layer;
    return true;
}

void grid_layer_add(struct grid_layer *layer, size_t n, const struct grid_field *field,
                    const struct wg_multipolygon *area)
{
    FILE *f = layer->file;
    char *text = NULL, number[32];
    if (area->n_part && wg_shape_to_geojson(area, &text, NULL) != WG_OK)
        text = NULL;
    fprintf(f, "%s\n{\"type\": \"Feature\", \"properties\": {", layer->any ? "," : "");
    for (size_t i = 0; i < n; i++) {
        fprintf(f, "%s\"%s\": ", i ? ", " : "", field[i].name);
        out_double(field[i].number, number);
        if (field[i].text)
            put_text(f, field[i].text);
        else
            fputs(isfinite(field[i].number) ? number : "null", f);
    }
    fprintf(f, "}, \"geometry\": %s}", text ? text : "null");
    wg_free(text);
    layer->any = true;
}

bool grid_layer_end(struct grid_layer *layer, bool ok)
{
    if (ok)
        fprintf(layer->file, "\n]}\n");
    bool written = !ferror(layer->file);
    written = fclose(layer->file) == 0 && written;
    if (ok && written)
        written = rename(layer->making, layer->path) == 0;
    if (ok && !written)
        say_failure(layer->args, layer->path);
    if (!ok || !written)
        unlink(layer->making);
    free(layer->making);
    free(layer->path);
    free(layer);
    return ok && written;
}
