/* Fuzz target: the reader of deltas, on hexadecimal text (any other character counts by
 * its low bits, so that no change is lost), and what is read on a small coverage.  What
 * is read writes back the same bytes; inverted twice it is what it was; applied it passes
 * or is refused, and either way the coverage is proved, and undone it is as before. */
#include "coverage_job.h"
#include "fuzz.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

static uint8_t nibble(uint8_t c)
{
    return (uint8_t)((c >= 'a' && c <= 'f' ? c - 'a' + 10 : c) & 15);
}

static struct wg_coverage *two_squares(void)
{
    static const char *const wkt[] = {"POLYGON((0 0,1 0,1 1,0 1,0 0))",
                                      "POLYGON((1 0,2 0,2 1,1 1,1 0))"};
    struct wg_coverage_grid grid[2] = {{.id = 1, .code = "1"}, {.id = 2, .code = "2"}};
    struct wg_coverage *c = NULL;

    for (int i = 0; i < 2; i++)
        MUST(wg_shape_from_wkt(NULL, wkt[i], &grid[i].geometry, NULL) == WG_OK);
    MUST(wg_coverage_build(2, grid, NULL, &c, NULL) == WG_OK);
    for (int i = 0; i < 2; i++)
        wg_multipolygon_finish(&grid[i].geometry);
    return c;
}

static void must_write(const struct wg_delta *d, const void *bytes, size_t size)
{
    void *again;
    size_t n;

    MUST(wg_delta_write(d, &again, &n, NULL) == WG_OK);
    MUST(n == size && memcmp(again, bytes, n) == 0);
    wg_free(again);
}

static void must_apply(const struct wg_delta *d)
{
    struct wg_coverage *c = two_squares();
    void *was, *now;
    size_t n_was, n_now;

    MUST(wg_coverage_bytes(c, &was, &n_was, NULL) == WG_OK);
    if (wg_coverage_apply(c, d, "fuzz", "", NULL) == WG_OK) {
        MUST(wg_coverage_prove(c, NULL) == WG_OK);
        MUST(wg_coverage_undo(c));
    }
    MUST(wg_coverage_prove(c, NULL) == WG_OK);
    MUST(wg_coverage_bytes(c, &now, &n_now, NULL) == WG_OK);
    MUST(n_was == n_now && memcmp(was, now, n_was) == 0);
    wg_free(was);
    wg_free(now);
    wg_coverage_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = size / 2;
    uint8_t *bytes = malloc(n ? n : 1);
    struct wg_delta d = {0}, back = {0}, same = {0};

    MUST(bytes);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(nibble(data[2 * i]) << 4 | nibble(data[2 * i + 1]));
    if (wg_delta_read(bytes, n, &d, NULL) == WG_OK) {
        must_write(&d, bytes, n);
        MUST(wg_delta_invert(&d, &back, NULL) == WG_OK);
        MUST(wg_delta_invert(&back, &same, NULL) == WG_OK);
        must_write(&same, bytes, n);
        must_apply(&d);
        must_apply(&back);
        wg_delta_finish(&d);
        wg_delta_finish(&back);
        wg_delta_finish(&same);
    }
    free(bytes);
    return 0;
}
