/* How the time of a run is shared out: what --times prints. */
#ifndef TOOLS_STOPWATCH_H
#define TOOLS_STOPWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "args.h"

enum stopwatch_part {
    STOPWATCH_OPEN, /* the database, the index */
    STOPWATCH_READ, /* reading and parsing the text */
    STOPWATCH_TRANSFORM,
    STOPWATCH_LOCATE,
    STOPWATCH_WRITE,
    STOPWATCH_PARTS
};

/* Seconds of this thread's processor time: other programs at work do not show. */
struct stopwatch {
    bool running;
    double part_s[STOPWATCH_PARTS];
    double since_s, wall_s;
};

/* Started only when --times was given; otherwise the others cost nothing. */
void stopwatch_start(struct stopwatch *watch, const struct args *args);
/* All since the last mark was this part's. */
void stopwatch_mark(struct stopwatch *watch, enum stopwatch_part part);
/* A line to standard error; lines: how many the run has read. */
void stopwatch_print(const struct stopwatch *watch, const struct args *args,
                     int64_t lines);

/* For a verb's list of options. */
#define STOPWATCH_OPTION                                                                 \
    {                                                                                    \
        "times", NULL, N_("say on standard error what took how long")                    \
    }

#endif
