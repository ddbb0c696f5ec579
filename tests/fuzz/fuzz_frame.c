/* Fuzz target: the name of a frame or CRS, and a point.  PROJ is not asked for what has
 * the look of a file or of a long search; the frames of the ladder are walked whole. */
#include <math.h>

#include "frame.h"
#include "fuzz.h"
#include "wangge/crs.h"

static void check_walk(enum wg_frame from, struct wg_point p)
{
    for (int to = WG_FRAME_WGS84; to <= WG_FRAME_BD09MC; to++) {
        struct wg_point out = {NAN, NAN}, back = {NAN, NAN};
        if (wg_frame_convert(from, (enum wg_frame)to, p, &out))
            continue;
        MUST(isfinite(out.x) && isfinite(out.y));
        bool inside = wg_gcj02_applies(p) && p.x > 73 && p.x < 137 && p.y > 2 && p.y < 55;
        if (from != WG_FRAME_WGS84 || !inside || fabs(p.x - 105) < 1e-6)
            continue;
        MUST(wg_frame_convert((enum wg_frame)to, from, out, &back) == WG_OK);
        MUST(fabs(back.x - p.x) < 2e-11 && fabs(back.y - p.y) < 1e-11);
    }
}

/* PROJ looks a name up in 50 ms: the first texts (the seeds) and every 1,000th will do.
 */
static void check_crs(const char *text, size_t size)
{
    struct wg_crs_info info = {.code = 77};
    struct wg_error err = {0};
    static unsigned calls;
    if (size > 200 || (calls++ >= 50 && calls % 1000))
        return;
    if (wg_crs_describe(text, &info, &err))
        MUST(info.code == 77 && err.text[0]);
    else
        MUST(memchr(info.name, '\0', sizeof info.name));
    (void)wg_crs_check_district(text, 109.19, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    enum wg_frame frame = wg_frame_parse(text);
    double v[2];
    if (size >= sizeof v) {
        memcpy(v, data, sizeof v);
        for (int from = WG_FRAME_WGS84; from <= WG_FRAME_BD09MC; from++)
            check_walk((enum wg_frame)from, (struct wg_point){v[0], v[1]});
        /* the same bits, folded into China */
        struct wg_point near = {73 + fmod(fabs(v[0]), 64), 2 + fmod(fabs(v[1]), 53)};
        check_walk(WG_FRAME_WGS84, near);
    }
    if (frame == WG_FRAME_NONE)
        check_crs(text, size);
    free(text);
    return 0;
}
