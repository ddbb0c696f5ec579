/* Terrain from a raster: heights at regular posts in the district's CRS. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "wangge/wangge.h"

#include "import_job.h"
#include "internal.h"
#include "io.h"

enum {
    MAX_POSTS = 2048,  /* a side of the terrain */
    MAX_BUFFER = 4096, /* a side of what is read of the raster */
    PERIMETER = 21     /* points an edge when the raster's outline is transformed */
};
static const double MARGIN_M = 1000; /* of terrain around the district */

struct raster {
    struct wg_store *store;
    const char *path;
    const struct wg_import_options *opt;
    struct wg_io_words words;
    GDALDatasetH dataset;
    GDALRasterBandH band;
    int width, height;
    double gt[6], inverse[6]; /* pixel ↔ source */
    double nodata, scale, offset;
    bool has_nodata;
    struct wg_transform *in, *out; /* source → district and back */
    struct wg_box box;             /* of the raster, in the district's CRS */
    /* the window of the raster that is needed, and what was read of it */
    int win_x, win_y, win_w, win_h, buf_w, buf_h;
    float *buffer;
};

static enum wg_status open_raster(struct raster *r, struct wg_error *err)
{
    FILE *probe = strncmp(r->path, "/vsi", 4) ? fopen(r->path, "rb") : NULL;
    if (!probe && strncmp(r->path, "/vsi", 4))
        return wg_fail(err, WG_IO, _("There is no file “%s” that can be read."), r->path);
    if (probe)
        fclose(probe);
    struct wg_warn warn = r->words.warn;
    r->words.warn = (struct wg_warn){0};
    r->dataset =
        GDALOpenEx(r->path, GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                   NULL, NULL, NULL);
    r->words.warn = warn;
    if (!r->dataset)
        return wg_fail(
            err, WG_FORMAT,
            _("“%s” cannot be read: it is no raster format that GDAL knows, or "
              "it is damaged (%s)."),
            r->path, wg_io_failure(&r->words));
    wg_io_forget(&r->words);
    int bands = GDALGetRasterCount(r->dataset), band = 1;
    if (r->opt->layer)
        band = atoi(r->opt->layer);
    if (bands < 1 || band < 1 || band > bands)
        return wg_fail(err, WG_NOT_FOUND, _("“%s” has %d bands; band “%s” is none."),
                       r->path, bands, r->opt->layer ? r->opt->layer : "1");
    if (bands > 1 && !r->opt->layer)
        return wg_fail(err, WG_INVALID,
                       _("“%s” has %d bands and looks like a picture; heights have one.  "
                         "State the band as the layer if one holds heights."),
                       r->path, bands);
    r->band = GDALGetRasterBand(r->dataset, band);
    if (GDALDataTypeIsComplex(GDALGetRasterDataType(r->band)))
        return wg_fail(err, WG_FORMAT, _("“%s” holds complex numbers, no heights."),
                       r->path);
    if (GDALGetGeoTransform(r->dataset, r->gt) != CE_None ||
        !GDALInvGeoTransform(r->gt, r->inverse))
        return wg_fail(err, WG_FORMAT, _("“%s” does not say where it lies."), r->path);
    r->width = GDALGetRasterXSize(r->dataset);
    r->height = GDALGetRasterYSize(r->dataset);
    return WG_OK;
}

static void read_meaning(struct raster *r)
{
    int has = 0;
    r->nodata = GDALGetRasterNoDataValue(r->band, &has);
    r->has_nodata = has;
    r->scale = GDALGetRasterScale(r->band, &has);
    if (!has || r->scale == 0)
        r->scale = 1;
    r->offset = GDALGetRasterOffset(r->band, &has);
    if (!has)
        r->offset = 0;
    const char *unit = GDALGetRasterUnitType(r->band);
    if (unit && (wg_text_equal_fold(unit, "ft") || wg_text_equal_fold(unit, "foot") ||
                 wg_text_equal_fold(unit, "feet"))) {
        r->scale *= 0.3048;
        r->offset *= 0.3048;
    }
}

static enum wg_status find_crs(struct raster *r, struct wg_error *err)
{
    const char *stated = r->opt->frame ? r->opt->frame : r->opt->crs;
    const char *wkt = GDALGetProjectionRef(r->dataset);
    struct wg_district district = {0};
    if (!stated && (!wkt || !*wkt))
        return wg_fail(err, WG_CRS,
                       _("“%s” does not say which coordinate reference system it is in: "
                         "state it with crs."),
                       r->path);
    const char *from = stated ? stated : wkt;
    enum wg_status st = wg_district_read(r->store, &district, err);
    if (!st)
        st = wg_transform_create(from, district.crs, &r->in, err);
    if (!st)
        st = wg_transform_create(district.crs, from, &r->out, err);
    wg_district_finish(&district);
    return st;
}

static struct wg_point at_pixel(const double gt[6], double col, double row)
{
    return (struct wg_point){gt[0] + col * gt[1] + row * gt[2],
                             gt[3] + col * gt[4] + row * gt[5]};
}

/* The box of the centres of the outermost pixels, in the district. */
static enum wg_status find_box(struct raster *r, struct wg_error *err)
{
    double x[4 * PERIMETER], y[4 * PERIMETER];
    bool ok[4 * PERIMETER];
    size_t n = 0;
    for (int i = 0; i < PERIMETER; i++) {
        double f = i / (PERIMETER - 1.0), c = 0.5 + f * (r->width - 1);
        double w = 0.5 + f * (r->height - 1);
        struct wg_point p[4] = {
            at_pixel(r->gt, c, 0.5), at_pixel(r->gt, c, r->height - 0.5),
            at_pixel(r->gt, 0.5, w), at_pixel(r->gt, r->width - 0.5, w)};
        for (int k = 0; k < 4; k++, n++)
            x[n] = p[k].x, y[n] = p[k].y;
    }
    wg_transform_each(r->in, n, x, y, ok);
    r->box = wg_box_empty();
    for (size_t i = 0; i < n; i++)
        if (ok[i])
            r->box = wg_box_grow(r->box, x[i], y[i]);
    if (wg_box_is_empty(r->box) || !(r->box.max_x - r->box.min_x < 1e8))
        return wg_fail(err, WG_OUT_OF_RANGE,
                       _("“%s” lies where the district's CRS does not reach."), r->path);
    return WG_OK;
}

/* Metres between neighbouring pixels at the middle of the raster. */
static double step_of(struct raster *r)
{
    double c = r->width / 2.0, w = r->height / 2.0;
    struct wg_point p[3] = {at_pixel(r->gt, c, w), at_pixel(r->gt, c + 1, w),
                            at_pixel(r->gt, c, w + 1)};
    double x[3] = {p[0].x, p[1].x, p[2].x}, y[3] = {p[0].y, p[1].y, p[2].y};
    bool ok[3];
    if (wg_transform_each(r->in, 3, x, y, ok))
        return NAN;
    double a = hypot(x[1] - x[0], y[1] - y[0]), b = hypot(x[2] - x[0], y[2] - y[0]);
    return a < b ? a : b;
}

/* Where the posts stand: on pixel centres where they can, else as dense as the pixels;
 * no farther than a margin round the district. */
static enum wg_status plan(struct raster *r, struct wg_terrain *t, struct wg_error *err)
{
    struct wg_box extent, box = r->box;
    double step = step_of(r);
    enum wg_status st = wg_district_extent(r->store, &extent, err);
    if (st)
        return st;
    if (!(step > 0))
        return wg_fail(err, WG_OUT_OF_RANGE,
                       _("“%s” lies where the district's CRS does not reach."), r->path);
    if (!wg_box_is_empty(extent)) {
        extent.min_x -= MARGIN_M, extent.min_y -= MARGIN_M;
        extent.max_x += MARGIN_M, extent.max_y += MARGIN_M;
        if (!wg_box_overlaps(extent, box))
            return wg_fail(err, WG_OUT_OF_RANGE,
                           _("“%s” does not touch the district: is its CRS right?"),
                           r->path);
        double x0 = box.min_x, y0 = box.min_y;
        if (extent.min_x > x0)
            box.min_x = x0 + floor((extent.min_x - x0) / step) * step;
        if (extent.min_y > y0)
            box.min_y = y0 + floor((extent.min_y - y0) / step) * step;
        box.max_x = fmin(box.max_x, extent.max_x + step);
        box.max_y = fmin(box.max_y, extent.max_y + step);
    }
    double w = box.max_x - box.min_x, h = box.max_y - box.min_y;
    double widest = fmax(w, h) / (MAX_POSTS - 1);
    if (widest > step)
        step = widest;
    t->x0 = box.min_x;
    t->y0 = box.min_y;
    t->step_m = step;
    t->cols = (uint32_t)floor(w / step + 1e-6) + 1;
    t->rows = (uint32_t)floor(h / step + 1e-6) + 1;
    if (t->cols < 2 || t->rows < 2)
        return wg_fail(err, WG_FORMAT, _("“%s” is too small to be a terrain."), r->path);
    t->z = malloc((size_t)t->cols * t->rows * sizeof *t->z);
    return t->z ? WG_OK : wg_fail_memory(err);
}

/* Pixel coordinates of one row of posts; NaN where there is none. */
static void row_pixels(struct raster *r, const struct wg_terrain *t, uint32_t row,
                       double *px, double *py, bool *ok)
{
    for (uint32_t c = 0; c < t->cols; c++) {
        px[c] = t->x0 + c * t->step_m;
        py[c] = t->y0 + row * t->step_m;
    }
    wg_transform_each(r->out, t->cols, px, py, ok);
    for (uint32_t c = 0; c < t->cols; c++) {
        struct wg_point p = {NAN, NAN};
        if (ok[c])
            p = (struct wg_point){
                r->inverse[0] + px[c] * r->inverse[1] + py[c] * r->inverse[2],
                r->inverse[3] + px[c] * r->inverse[4] + py[c] * r->inverse[5]};
        px[c] = p.x;
        py[c] = p.y;
    }
}

static enum wg_status read_window(struct raster *r, const struct wg_terrain *t,
                                  double *px, double *py, bool *ok, struct wg_error *err)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    uint32_t last = t->rows - 1, stride = t->rows > 64 ? t->rows / 64 : 1;
    for (uint32_t row = 0;; row = row + stride < last ? row + stride : last) {
        row_pixels(r, t, row, px, py, ok);
        for (uint32_t c = 0; c < t->cols; c++) {
            x0 = fmin(x0, px[c]), x1 = fmax(x1, px[c]);
            y0 = fmin(y0, py[c]), y1 = fmax(y1, py[c]);
        }
        if (row == last)
            break;
    }
    double slack = 4 + (x1 - x0) / 100;
    x0 = fmax(floor(x0 - slack), 0), y0 = fmax(floor(y0 - slack), 0);
    x1 = fmin(ceil(x1 + slack), r->width), y1 = fmin(ceil(y1 + slack), r->height);
    if (!(x1 > x0 && y1 > y0))
        return wg_fail(err, WG_OUT_OF_RANGE,
                       _("“%s” does not touch the district: is its CRS right?"), r->path);
    r->win_x = (int)x0, r->win_y = (int)y0;
    r->win_w = (int)(x1 - x0), r->win_h = (int)(y1 - y0);
    r->buf_w = r->win_w < MAX_BUFFER ? r->win_w : MAX_BUFFER;
    r->buf_h = r->win_h < MAX_BUFFER ? r->win_h : MAX_BUFFER;
    r->buffer = malloc((size_t)r->buf_w * r->buf_h * sizeof *r->buffer);
    if (!r->buffer)
        return wg_fail_memory(err);
    GDALRasterIOExtraArg extra;
    INIT_RASTERIO_EXTRA_ARG(extra);
    extra.eResampleAlg = GRIORA_Average;
    if (GDALRasterIOEx(r->band, GF_Read, r->win_x, r->win_y, r->win_w, r->win_h,
                       r->buffer, r->buf_w, r->buf_h, GDT_Float32, 0, 0,
                       &extra) != CE_None)
        return wg_fail(err, WG_FORMAT, _("“%s” is damaged: %s."), r->path,
                       wg_io_failure(&r->words));
    return WG_OK;
}

static float pixel(const struct raster *r, int c, int w)
{
    if (c < 0 || w < 0 || c >= r->buf_w || w >= r->buf_h)
        return NAN;
    float v = r->buffer[(size_t)w * r->buf_w + c];
    if (!isfinite(v) || (r->has_nodata && v == (float)r->nodata))
        return NAN;
    return v;
}

/* Bilinear between pixel centres; those without data take no part. */
static float sample(const struct raster *r, double px, double py)
{
    double x = (px - r->win_x) * r->buf_w / r->win_w - 0.5;
    double y = (py - r->win_y) * r->buf_h / r->win_h - 0.5;
    if (isnan(x) || x < -0.51 || y < -0.51 || x > r->buf_w - 0.49 || y > r->buf_h - 0.49)
        return NAN;
    /* a post on a pixel's centre, but for rounding, is that pixel */
    if (fabs(x - round(x)) < 1e-6)
        x = round(x);
    if (fabs(y - round(y)) < 1e-6)
        y = round(y);
    int c = (int)floor(x), w = (int)floor(y);
    double fx = x - c, fy = y - w, sum = 0, weight = 0;
    for (int k = 0; k < 4; k++) {
        double part = (k & 1 ? fx : 1 - fx) * (k & 2 ? fy : 1 - fy);
        float v = part > 0 ? pixel(r, c + (k & 1), w + (k >> 1)) : NAN;
        if (isnan(v))
            continue;
        sum += part * v;
        weight += part;
    }
    return weight >= 0.5 ? (float)(sum / weight * r->scale + r->offset) : NAN;
}

static enum wg_status fill(struct raster *r, struct wg_terrain *t,
                           struct wg_import_report *report, struct wg_error *err)
{
    double *px = malloc(t->cols * sizeof *px), *py = malloc(t->cols * sizeof *py);
    bool *ok = malloc(t->cols * sizeof *ok);
    const struct wg_progress *p = &r->opt->progress;
    enum wg_status st = px && py && ok ? WG_OK : wg_fail_memory(err);
    if (!st)
        st = read_window(r, t, px, py, ok, err);
    for (uint32_t row = 0; !st && row < t->rows; row++) {
        row_pixels(r, t, row, px, py, ok);
        for (uint32_t c = 0; c < t->cols; c++) {
            float z = sample(r, px[c], py[c]);
            t->z[(size_t)row * t->cols + c] = z;
            report->imported += !isnan(z);
        }
        report->read += t->cols;
        if (p->call && row % 64 == 0 && !p->call(row, t->rows, p->user))
            st = wg_fail(err, WG_CANCELLED,
                         _("The import was stopped; nothing was changed."));
    }
    free(px);
    free(py);
    free(ok);
    return st;
}

enum wg_status wg_import_terrain(struct wg_store *store, const char *path,
                                 const struct wg_import_options *opt,
                                 struct wg_import_report *report, struct wg_error *err)
{
    struct raster r = {.store = store, .path = path, .opt = opt};
    struct wg_terrain t = {0};
    wg_io_catch(&r.words, opt->warn);
    enum wg_status st = open_raster(&r, err);
    if (!st)
        st = find_crs(&r, err);
    if (st)
        goto out;
    read_meaning(&r);
    st = find_box(&r, err);
    if (!st)
        st = plan(&r, &t, err);
    if (!st)
        st = fill(&r, &t, report, err);
    if (!st && !report->imported)
        st = wg_fail(err, WG_FORMAT, _("“%s” has no height where the district lies."),
                     path);
    if (!st)
        st = wg_terrain_write(store, &t, err);
out:
    if (st)
        report->imported = 0;
    free(r.buffer);
    free(t.z);
    if (r.dataset)
        GDALClose(r.dataset);
    wg_transform_destroy(r.in);
    wg_transform_destroy(r.out);
    wg_io_release();
    return st;
}
