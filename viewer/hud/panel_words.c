/* Words, numbers and times that several panels share. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <wangge/wangge.h>

#include "hud/panel.h"
#include "words.h"

void words_count(char *out, size_t size, int64_t n)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n);
    size_t at = 0;
    for (int i = 0; i < len && at + 2 < size; i++) {
        int left = len - i;
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

const char *words_level(int level)
{
    static const char *const words[] = {N_("No alert"), N_("Level I, red"),
                                        N_("Level II, orange"), N_("Level III, yellow"),
                                        N_("Level IV, blue")};
    return level >= 0 && level <= 4 ? _(words[level]) : "";
}

const char *words_stage(int stage)
{
    static const char *const words[] = {"",
                                        N_("reported"),
                                        N_("filed"),
                                        N_("dispatched"),
                                        N_("being handled"),
                                        N_("handled"),
                                        N_("being checked"),
                                        N_("closed"),
                                        N_("suspended"),
                                        N_("not filed"),
                                        N_("cancelled")};
    bool known = stage >= WG_STAGE_REPORTED && stage <= WG_STAGE_CANCELLED;
    return known ? _(words[stage]) : "";
}

const char *words_grid_level(int level)
{
    static const char *const words[] = {
        "",         N_("City"),      N_("District"), N_("Street"), N_("Community"),
        N_("Grid"), N_("Micro-grid")};
    return level >= WG_LEVEL_CITY && level <= WG_LEVEL_MICRO_GRID ? _(words[level]) : "";
}

void words_time(char *out, size_t size, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (!localtime_r(&seconds, &local) ||
        strftime(out, size, "%Y-%m-%d %H:%M", &local) == 0)
        out[0] = '\0';
}

void words_time_of(char *out, size_t size, const char *iso)
{
    int64_t ms;
    out[0] = '\0';
    if (iso && wg_instant_parse(iso, 0, &ms, NULL) == WG_OK)
        words_time(out, size, ms);
}
