/* GDAL's start and words, multipolygons in the making, edges that stay straight. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_api.h>

#include "wangge/crs.h"

#include "internal.h"
#include "io.h"

static pthread_once_t registered = PTHREAD_ONCE_INIT;

static void register_drivers(void)
{
    GDALAllRegister();
}

static void pass_warning(struct wg_io_words *words, const char *text)
{
    char shortened[sizeof words->warned[0]];
    snprintf(shortened, sizeof shortened, "%s", text);
    size_t n = sizeof words->warned / sizeof *words->warned;
    for (size_t i = 0; i < n; i++) {
        if (!words->warned[i][0]) {
            memcpy(words->warned[i], shortened, sizeof shortened);
            if (words->warn.call)
                words->warn.call(shortened, words->warn.user);
            return;
        }
        if (!strcmp(words->warned[i], shortened))
            return;
    }
}

static void CPL_STDCALL on_words(CPLErr class, CPLErrorNum number, const char *text)
{
    struct wg_io_words *words = CPLGetErrorHandlerUserData();
    (void)number;
    if (class >= CE_Failure) {
        if (!words->failures++)
            snprintf(words->text, sizeof words->text, "%s", text);
    } else if (class == CE_Warning) {
        words->warnings++;
        pass_warning(words, text);
    }
}

void wg_io_catch(struct wg_io_words *words, struct wg_warn warn)
{
    memset(words, 0, sizeof *words);
    words->warn = warn;
    CPLPushErrorHandlerEx(on_words, words);
    pthread_once(&registered, register_drivers);
    /* no foo.gz.properties beside the user's file */
    CPLSetThreadLocalConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO");
}

void wg_io_release(void)
{
    CPLSetThreadLocalConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", NULL);
    CPLErrorReset();
    CPLPopErrorHandler();
}

const char *wg_io_failure(const struct wg_io_words *words)
{
    return words->failures ? words->text : _("no reason given");
}

void wg_io_forget(struct wg_io_words *words)
{
    words->failures = 0;
    words->text[0] = 0;
    CPLErrorReset();
}

bool wg_io_is_frame(const char *text)
{
    return wg_text_equal_fold(text, "gcj02") || wg_text_equal_fold(text, "bd09") ||
           wg_text_equal_fold(text, "bd09mc");
}

/* Builder. */

void wg_builder_reset(struct wg_builder *b)
{
    b->mp.n_part = b->mp.n_ring = b->mp.n_vertex = 0;
    b->failed = false;
    if (!wg_grow((void **)&b->mp.part, &b->cap_part, 1, sizeof *b->mp.part) ||
        !wg_grow((void **)&b->mp.ring, &b->cap_ring, 1, sizeof *b->mp.ring)) {
        b->failed = true;
        return;
    }
    b->mp.part[0] = b->mp.ring[0] = 0;
}

void wg_builder_finish(struct wg_builder *b)
{
    free(b->mp.part);
    free(b->mp.ring);
    free(b->mp.x);
    free(b->mp.y);
    memset(b, 0, sizeof *b);
}

void wg_builder_vertex(struct wg_builder *b, double x, double y)
{
    uint32_t n = b->mp.n_vertex;
    if (b->failed || n == UINT32_MAX ||
        !wg_grow((void **)&b->mp.x, &b->cap_x, (size_t)n + 1, sizeof *b->mp.x) ||
        !wg_grow((void **)&b->mp.y, &b->cap_y, (size_t)n + 1, sizeof *b->mp.y)) {
        b->failed = true;
        return;
    }
    b->mp.x[n] = x;
    b->mp.y[n] = y;
    b->mp.n_vertex = n + 1;
}

void wg_builder_close_ring(struct wg_builder *b)
{
    if (b->failed || b->mp.n_vertex == b->mp.ring[b->mp.n_ring])
        return;
    if (!wg_grow((void **)&b->mp.ring, &b->cap_ring, (size_t)b->mp.n_ring + 2,
                 sizeof *b->mp.ring)) {
        b->failed = true;
        return;
    }
    b->mp.ring[++b->mp.n_ring] = b->mp.n_vertex;
}

void wg_builder_close_part(struct wg_builder *b)
{
    if (b->failed || b->mp.n_ring == b->mp.part[b->mp.n_part])
        return;
    if (!wg_grow((void **)&b->mp.part, &b->cap_part, (size_t)b->mp.n_part + 2,
                 sizeof *b->mp.part)) {
        b->failed = true;
        return;
    }
    b->mp.part[++b->mp.n_part] = b->mp.n_ring;
}

/* Straight edges. */

struct edge {
    double ax, ay, bx, by; /* the lesser end first: direction does not count */
    bool turned;
};

static struct edge edge_of(const struct wg_multipolygon *mp, uint32_t v)
{
    double ax = mp->x[v], ay = mp->y[v], bx = mp->x[v + 1], by = mp->y[v + 1];
    if (ax < bx || (ax == bx && ay <= by))
        return (struct edge){ax, ay, bx, by, false};
    return (struct edge){bx, by, ax, ay, true};
}

static double from_line(double px, double py, double ax, double ay, double bx, double by)
{
    double dx = bx - ax, dy = by - ay, length = hypot(dx, dy);
    if (length == 0)
        return hypot(px - ax, py - ay);
    return fabs((px - ax) * dy - (py - ay) * dx) / length;
}

enum { MAX_PIECES = 4096 };

/* How far the image of the edge, in n pieces, strays from its chords.  `x`, `y` have
 * room for 2 n + 1 points. */
static double edge_strays(struct wg_transform *t, const struct edge *e, uint32_t n,
                          double *x, double *y)
{
    for (uint32_t i = 0; i <= 2 * n; i++) {
        double f = i / (2.0 * n);
        x[i] = i == 2 * n ? e->bx : e->ax + (e->bx - e->ax) * f;
        y[i] = i == 2 * n ? e->by : e->ay + (e->by - e->ay) * f;
    }
    if (wg_transform_points(t, 2 * n + 1, x, y, NULL))
        return 0; /* the ends are reported by the caller */
    double worst = 0;
    for (uint32_t i = 0; i < 2 * n; i += 2) {
        double d = from_line(x[i + 1], y[i + 1], x[i], y[i], x[i + 2], y[i + 2]);
        worst = d > worst ? d : worst;
    }
    return worst;
}

static uint32_t edge_pieces(struct wg_transform *t, const struct edge *e,
                            double tolerance)
{
    double x[2 * 64 + 1], y[2 * 64 + 1];
    uint32_t n = 2; /* two, so that an S-shaped image is not taken for a straight one */
    double strays = edge_strays(t, e, n, x, y);
    double whole = from_line(x[2], y[2], x[0], y[0], x[4], y[4]);
    if (whole <= tolerance && strays <= tolerance / 4)
        return 1;
    while (n <= 64) {
        if (edge_strays(t, e, n, x, y) <= tolerance)
            return n;
        n *= 2;
    }
    /* the distance shrinks with the square of the length */
    double more = sqrt(edge_strays(t, e, 64, x, y) / tolerance) * 64;
    return more < MAX_PIECES ? (uint32_t)ceil(more) : MAX_PIECES;
}

/* Which edges stray: all middles in one call; only those near the bound are cut. */
static void add_ring(struct wg_transform *t, double tolerance,
                     const struct wg_multipolygon *from, uint32_t r,
                     struct wg_builder *to)
{
    uint32_t last = from->ring[r + 1] - 1;
    for (uint32_t v = from->ring[r]; v < last; v++) {
        wg_builder_vertex(to, from->x[v], from->y[v]);
        if (tolerance <= 0)
            continue;
        struct edge e = edge_of(from, v);
        uint32_t n = edge_pieces(t, &e, tolerance);
        for (uint32_t i = 1; i < n; i++) {
            double f = (double)(e.turned ? n - i : i) / n;
            wg_builder_vertex(to, e.ax + (e.bx - e.ax) * f, e.ay + (e.by - e.ay) * f);
        }
    }
    wg_builder_vertex(to, from->x[last], from->y[last]);
    wg_builder_close_ring(to);
}

enum wg_status wg_io_transform(struct wg_transform *t, double tolerance,
                               const struct wg_multipolygon *from, struct wg_builder *to,
                               struct wg_error *err)
{
    struct wg_error why = {0};
    bool same = wg_transform_is_identity(t);
    wg_builder_reset(to);
    for (uint32_t p = 0; p < from->n_part; p++) {
        for (uint32_t r = from->part[p]; r < from->part[p + 1]; r++)
            add_ring(t, same ? 0 : tolerance, from, r, to);
        wg_builder_close_part(to);
    }
    if (to->failed)
        return wg_fail_memory(err);
    enum wg_status st = wg_transform_points(t, to->mp.n_vertex, to->mp.x, to->mp.y, &why);
    if (st) {
        if (why.row >= 0 && why.row < to->mp.n_vertex) {
            why.x = to->mp.x[why.row];
            why.y = to->mp.y[why.row];
        }
        if (err)
            *err = why;
        return st;
    }
    return WG_OK;
}
