/* wangge demo: a believable district to look at. */
#include "demo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* The year of events ends here unless --until says otherwise, so that the same seed
 * gives the same district on any day. */
static const char *const usual_end = "2026-06-30T15:20:00Z";

/* A district that could not be filled goes, so that the next try finds its name free. */
static void take_away(const char *path)
{
    static const char *const tail[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        char name[PATH_MAX];
        if (snprintf(name, sizeof name, "%s%s", path, tail[i]) < (int)sizeof name)
            unlink(name);
    }
}

/* Give the finished file its name, never over another one. */
static bool give_name(const char *work, const char *path)
{
    if (link(work, path) == 0) {
        unlink(work);
        return true;
    }
    /* File systems without links: rename, where nothing is. */
    return errno != EEXIST && access(path, F_OK) != 0 && rename(work, path) == 0;
}

static enum tool_exit make(const struct args *args, const struct demo_options *o,
                           const char *path)
{
    struct wg_create_options create = {.crs = "EPSG:4545",
                                       .name = o->chinese ? "云溪（演示）"
                                                          : "Yunxi (demonstration)",
                                       .lang = o->chinese ? "zh" : "en"};
    struct wg_error err;
    struct demo_city city;
    if (!demo_make(&city, o)) {
        fprintf(stderr, "wangge demo: %s\n", _("out of memory"));
        return TOOL_FAILED;
    }
    /* Made under another name: a demo that is killed leaves its name free. */
    char work[PATH_MAX];
    snprintf(work, sizeof work, "%.4000s.part%ld", path, (long)getpid());
    bool there = access(path, F_OK) == 0;
    struct wg_store *store = NULL;
    bool made = wg_store_create(there ? path : work, &create, &err) == WG_OK;
    bool written = made && wg_store_open(work, NULL, &store, &err) == WG_OK &&
                   demo_write(store, &city, tool_progress(args), &err) == WG_OK;
    wg_store_close(store);
    bool named = written && give_name(work, path);
    if (made && !named)
        take_away(work);
    enum tool_exit status = TOOL_OK;
    if (!written) {
        status = tool_fail(args, &err);
    } else if (!named) {
        fprintf(stderr, _("wangge demo: %s cannot be made: %s\n"), path, strerror(errno));
        status = TOOL_FAILED;
    } else {
        tool_made(args, path, (int64_t)city.n_house);
        tool_say(args, _("Made %s: %lld buildings, seed %llu."), path,
                 (long long)city.n_house, (unsigned long long)o->seed);
    }
    demo_city_finish(&city);
    return status;
}

static enum tool_exit run(const struct args *args)
{
    struct demo_options o = {0};
    struct wg_error err;
    int64_t seed;
    const char *until = args_get(args, "until");
    if (!args_integer(args, "buildings", 0, &o.buildings) ||
        !args_integer(args, "seed", 1, &seed))
        return TOOL_USAGE;
    if (o.buildings < (args_has(args, "buildings") ? 1 : 0) || o.buildings > 1000000 ||
        seed < 0)
        return tool_usage(args, "%s", _("--buildings goes from 1 to 1000000 and --seed "
                                        "from 0"));
    if (wg_instant_parse(until ? until : usual_end, 0, &o.until_ms, &err) != WG_OK)
        return tool_usage(args, "--until: %s", err.text);
    o.seed = (uint64_t)seed;
    const char *lang = args_get(args, "lang");
    o.chinese = (lang ? lang : language_name())[0] == 'z';
    return make(args, &o, args->word[0]);
}

static const struct tool_option options[] = {
    {"buildings", "N", N_("that many, a whole city if large; default: one community")},
    {"seed", "S", N_("another seed makes another district (1)")},
    {"until", "TIME", N_("when the year of events ends (2026-06-30T15:20)")},
    {NULL, NULL, NULL},
};

const struct tool_verb verb_demo = {
    "demo", "DATABASE [--buildings N] [--seed S]",
    N_("make a believable hill-city district to try things on"),
    N_("About a square kilometre with 5,504 households: streets, slab estates, towers, an\n"
       "old quarter, a square, a river bank, terrain; a basic scheme of grids and one of\n"
       "six zones; cameras, hydrants, officers and a year of events.  All of it is\n"
       "invented, its codes too.  With --lang zh the names are Chinese."),
    1, 1, options, run,
    NULL, NULL};
