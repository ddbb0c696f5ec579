/* Owns the terrain: a regular grid of heights, and the height at a place. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "internal.h"
#include "statement.h"
#include "wangge/ground.h"

#define POSTS_MAX (INT32_MAX / 4) /* what fits one blob of SQLite */

void wg_terrain_finish(struct wg_terrain *terrain)
{
    if (!terrain)
        return;
    free(terrain->z);
    *terrain = (struct wg_terrain){.cols = 0};
}

static enum wg_status check_terrain(const struct wg_terrain *t, struct wg_error *err)
{
    uint64_t n = (uint64_t)t->cols * t->rows;
    if (n == 0 || !t->z)
        return wg_fail(err, WG_INVALID, _("The terrain has no heights."));
    if (n > POSTS_MAX)
        return wg_fail(err, WG_INVALID,
                       _("The terrain has %" PRIu64
                         " heights, but at most %d can be kept.  "
                         "Take a wider step."),
                       n, POSTS_MAX);
    if (!isfinite(t->x0) || !isfinite(t->y0) || !isfinite(t->step_m) || t->step_m <= 0)
        return wg_fail(
            err, WG_INVALID,
            _("The terrain's corner (%g, %g) and step (%g m) must be finite, and "
              "the step above 0."),
            t->x0, t->y0, t->step_m);
    for (uint64_t i = 0; i < n; i++)
        if (isinf(t->z[i]))
            return wg_fail(err, WG_INVALID,
                           _("The terrain's height in column %" PRIu64 ", row %" PRIu64
                             " is infinite; no data is written as NaN."),
                           i % t->cols, i / t->cols);
    return WG_OK;
}

/* float32, little endian, whatever this machine is. */
static unsigned char *pack(const float *z, size_t n)
{
    unsigned char *bytes = malloc(4 * n);
    for (size_t i = 0; bytes && i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &z[i], sizeof bits);
        for (int k = 0; k < 4; k++)
            bytes[4 * i + (size_t)k] = (unsigned char)(bits >> (8 * k));
    }
    return bytes;
}

static float *unpack(const unsigned char *bytes, size_t n)
{
    float *z = malloc(n * sizeof *z);
    for (size_t i = 0; z && i < n; i++) {
        uint32_t bits = 0;
        for (int k = 3; k >= 0; k--)
            bits = bits << 8 | bytes[4 * i + (size_t)k];
        memcpy(&z[i], &bits, sizeof bits);
    }
    return z;
}

enum wg_status wg_terrain_write(struct wg_store *store, const struct wg_terrain *terrain,
                                struct wg_error *err)
{
    struct wg_query *q = NULL;
    enum wg_status status = check_terrain(terrain, err);
    if (status)
        return status;
    size_t n = (size_t)terrain->cols * terrain->rows;
    unsigned char *bytes = pack(terrain->z, n);
    if (!bytes)
        return wg_fail_memory(err);
    status = wg_save(store, err);
    if (status)
        goto out;
    status =
        wg_query(store,
                 "INSERT INTO terrain (id, cols, rows, x0, y0, step_m, z) VALUES (1, "
                 "?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET cols = ?1, "
                 "rows = ?2, x0 = ?3, y0 = ?4, step_m = ?5, z = ?6",
                 &q, err);
    if (!status) {
        wg_bind_int(q, 1, terrain->cols);
        wg_bind_int(q, 2, terrain->rows);
        wg_bind_real(q, 3, terrain->x0);
        wg_bind_real(q, 4, terrain->y0);
        wg_bind_real(q, 5, terrain->step_m);
        wg_bind_blob(q, 6, bytes, 4 * n);
        status = wg_run(q, err);
    }
    if (status)
        wg_revert(store);
    else
        status = wg_release(store, err);
out:
    free(bytes);
    return status;
}

enum wg_status wg_terrain_read(struct wg_store *store, struct wg_terrain *out,
                               struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    size_t size = 0;
    enum wg_status status =
        wg_query(store, "SELECT cols, rows, x0, y0, step_m, z FROM terrain", &q, err);
    if (!status)
        status = wg_step(q, &row, err);
    if (!status && !row)
        status = wg_fail(err, WG_NOT_FOUND, _("The district has no terrain."));
    if (status)
        goto out;
    int64_t cols = wg_column_int(q, 0), rows = wg_column_int(q, 1);
    const void *bytes = wg_column_blob(q, 5, &size);
    if (cols < 1 || rows < 1 || cols > POSTS_MAX || rows > POSTS_MAX / cols ||
        size != (size_t)(4 * cols * rows) || !(wg_column_real(q, 4) > 0)) {
        status = wg_fail(err, WG_CORRUPT,
                         _("The terrain is damaged: %" PRId64 " × %" PRId64
                           " heights do not fill its %zu bytes.  Import it again."),
                         cols, rows, size);
        goto out;
    }
    float *z = unpack(bytes, size / 4);
    if (!z) {
        status = wg_fail_memory(err);
        goto out;
    }
    *out = (struct wg_terrain){.cols = (uint32_t)cols,
                               .rows = (uint32_t)rows,
                               .x0 = wg_column_real(q, 2),
                               .y0 = wg_column_real(q, 3),
                               .step_m = wg_column_real(q, 4),
                               .z = z};
out:
    wg_done(q);
    return status;
}

/* The post at or before t, and the fraction of the way to the next. */
static uint32_t split(double t, uint32_t n, double *fraction)
{
    if (!(t > 0)) {
        *fraction = 0;
        return 0;
    }
    if (t >= n - 1) {
        *fraction = 0;
        return n - 1;
    }
    uint32_t i = (uint32_t)t;
    *fraction = t - i;
    return i;
}

double wg_terrain_height(const struct wg_terrain *terrain, double x, double y)
{
    double fx, fy, sum = 0, weight = 0;
    if (!terrain || !terrain->z || isnan(x) || isnan(y))
        return 0;
    uint32_t col = split((x - terrain->x0) / terrain->step_m, terrain->cols, &fx);
    uint32_t row = split((y - terrain->y0) / terrain->step_m, terrain->rows, &fy);
    for (uint32_t k = 0; k < 4; k++) {
        uint32_t dx = k & 1, dy = k >> 1;
        double w = (dx ? fx : 1 - fx) * (dy ? fy : 1 - fy);
        if (w == 0)
            continue; /* also keeps col + 1 and row + 1 inside */
        float z = terrain->z[(size_t)(row + dy) * terrain->cols + col + dx];
        if (isnan(z))
            continue; /* the posts that have data share its weight */
        sum += w * (double)z;
        weight += w;
    }
    return weight > 0 ? sum / weight : 0;
}
