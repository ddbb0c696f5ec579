/* How the time of a run is shared out. */
#include "stopwatch.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "i18n.h"

static double now_s(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void stopwatch_start(struct stopwatch *watch, const struct args *args)
{
    memset(watch, 0, sizeof *watch);
    watch->running = args_has(args, "times");
    if (!watch->running)
        return;
    watch->wall_s = now_s(CLOCK_MONOTONIC);
    watch->since_s = now_s(CLOCK_THREAD_CPUTIME_ID);
}

void stopwatch_mark(struct stopwatch *watch, enum stopwatch_part part)
{
    if (!watch->running)
        return;
    double now = now_s(CLOCK_THREAD_CPUTIME_ID);
    watch->part_s[part] += now - watch->since_s;
    watch->since_s = now;
}

void stopwatch_print(const struct stopwatch *watch, const struct args *args,
                     int64_t lines)
{
    const double *s = watch->part_s;
    double sum = 0;
    if (!watch->running)
        return;
    for (int i = 0; i < STOPWATCH_PARTS; i++)
        sum += s[i];
    fprintf(stderr,
            _("wangge %s: %lld lines, processor seconds: opening %.3f, reading %.3f, "
              "transforming %.3f, locating %.3f, writing %.3f; together %.3f in %.3f "
              "seconds by the clock\n"),
            args->verb->name, (long long)lines, s[STOPWATCH_OPEN], s[STOPWATCH_READ],
            s[STOPWATCH_TRANSFORM], s[STOPWATCH_LOCATE], s[STOPWATCH_WRITE], sum,
            now_s(CLOCK_MONOTONIC) - watch->wall_s);
}
