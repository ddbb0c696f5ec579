/* The program wangge-view: its arguments. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "command.h"
#include "window.h"

#include "../tools/i18n.h"

enum { OPTION_FIRST = 256 };
enum option_id {
    O_SCHEME = OPTION_FIRST, O_MODE, O_THEME, O_CAMERA, O_SIZE, O_SNAPSHOT, O_SCRIPT,
    O_MSAA, O_LANG, O_FULLSCREEN, O_NO_PANELS, O_NO_LABELS, O_NO_SHADOWS, O_FRAMES,
    O_LEVEL, O_VIEW_DISTANCE, O_HELP, O_VERSION, O_MANUAL
};

static const struct {
    const char *name, *value;
    enum option_id id;
    const char *help;
} options[] = {
    {"scheme", "NAME", O_SCHEME, N_("the scheme to show; default: the first")},
    {"mode", "grid|alert", O_MODE, N_("colour buildings by grid (default) or alert level")},
    {"theme", "day|dark", O_THEME, N_("light or dark picture (default: day)")},
    {"camera", "WHERE", O_CAMERA,
     N_("fit, grid:CODE, building:CODE or x,y,distance,azimuth,tilt")},
    {"size", "WxH", O_SIZE, N_("of the window or picture, in pixels (1920x1080)")},
    {"snapshot", "FILE", O_SNAPSHOT, N_("write a PNG and end; needs no display")},
    {"script", "FILE", O_SCRIPT, N_("run commands from a file, - for standard input")},
    {"lang", "en|zh", O_LANG, N_("language of panels; default: the locale's")},
    {"level", "LEVEL", O_LEVEL, N_("level whose names lead: street, community, grid …")},
    {"view-distance", "METRES", O_VIEW_DISTANCE, N_("of the farthest seat: larger text")},
    {"msaa", "N", O_MSAA, N_("samples per pixel; default: what suits the card")},
    {"fullscreen", NULL, O_FULLSCREEN, N_("fill the screen")},
    {"no-panels", NULL, O_NO_PANELS, N_("the map alone")},
    {"no-labels", NULL, O_NO_LABELS, N_("no names on the map")},
    {"no-shadows", NULL, O_NO_SHADOWS, N_("no shadows: faster on weak cards")},
    {"frames", "N", O_FRAMES, N_("draw N frames, print their times, end")},
    {"help", NULL, O_HELP, N_("this page")},
    {"version", NULL, O_VERSION, N_("print the version")},
};
enum { OPTIONS = sizeof options / sizeof *options };

static void help(void)
{
    printf("%s\n\n%s\n\n%s\n", _("usage: wangge-view DATABASE [options]"),
           _("Shows a district in 3D, in a window, or without a display in a picture."),
           _("Options:"));
    for (int i = 0; i < OPTIONS; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options[i].name,
                 options[i].value ? " " : "", options[i].value ? options[i].value : "");
        printf("  %-24s %s\n", left, _(options[i].help));
    }
    printf("\n%s\n", _("Keys and commands (--script takes them by name):"));
    size_t n;
    const struct command *table = command_table(&n);
    for (size_t i = 0; i < n; i++) {
        char left[96];
        snprintf(left, sizeof left, "%s%s%s", table[i].name, *table[i].args ? " " : "",
                 table[i].args);
        printf("  %-30s %-14s %s\n", left, table[i].keys, _(table[i].help));
    }
}

/* Text of the manual page, safe for mdoc. */
static void manual_text(const char *t)
{
    if (*t == '.' || *t == '\'')
        fputs("\\&", stdout);
    for (; *t; t++) {
        if (*t == '\\')
            fputs("\\e", stdout);
        else if (*t == '-')
            fputs("\\-", stdout);
        else
            putchar(*t);
    }
    putchar('\n');
}

/* The manual page, from the same tables as the help. */
static void manual(void)
{
    size_t n;
    const struct command *table = command_table(&n);
    puts(".Dd November 24, 2026\n.Dt WANGGE\\-VIEW 1\n.Os\n.Sh NAME\n.Nm wangge\\-view\n"
         ".Nd a city district and its management grids in 3D\n.Sh SYNOPSIS\n"
         ".Nm wangge\\-view\n.Ar database\n.Op Ar options\n.Sh DESCRIPTION");
    manual_text(_("Shows a district in 3D, in a window, or without a display in a picture."));
    puts(".Pp\nThe options are:\n.Bl -tag -width Ds");
    for (int i = 0; i < OPTIONS; i++) {
        printf(".It Fl \\-%s", options[i].name);
        if (options[i].value)
            printf(" Ar %s", options[i].value);
        putchar('\n');
        manual_text(_(options[i].help));
    }
    puts(".El\n.Sh KEYS AND COMMANDS\nKeys and panels run these commands; "
         ".Fl \\-script\ntakes them by name, one a line.\n.Bl -tag -width Ds");
    for (size_t i = 0; i < n; i++) {
        printf(".It Ic %s", table[i].name);
        if (*table[i].args)
            printf(" Ar %s", table[i].args);
        if (*table[i].keys)
            printf(" \\(em %s", table[i].keys);
        putchar('\n');
        manual_text(_(table[i].help));
    }
    puts(".El\n.Pp\nScripts also know\n.Ic wait Ar seconds ,\n.Ic wait ready ,\n"
         ".Ic key Ar name ,\n.Ic click Ar x y ,\n.Ic doubleclick Ar x y ,\n"
         ".Ic drag Ar x1 y1 x2 y2 ,\n.Ic scroll Ar x y notches\nand\n.Ic move Ar x y .\n"
         ".Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev DISPLAY\nThe X11 display; without "
         "it\n.Fl \\-snapshot\nstill draws.\n.It Ev WANGGE_LOCALEDIR\nWhere translations "
         "are looked for instead of the installed ones.\n.El\n.Sh EXIT STATUS\n"
         "0 on success, 1 on failure, 2 on wrong usage.\n.Sh SEE ALSO\n.Xr wangge 1");
}

static int wrong(const char *format, ...) WG_PRINTF(1, 2);

static int wrong(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "wangge-view: ");
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

static bool read_int(const char *text, int lowest, int highest, int *out)
{
    char *end;
    long v = strtol(text, &end, 10);
    if (end == text || *end || v < lowest || v > highest)
        return false;
    *out = (int)v;
    return true;
}

/* The status to end with, -1 to go on. */
static int take(struct app_options *o, int id, const char *value)
{
    char rest;
    switch (id) {
    case O_SCHEME:
        o->scheme = value;
        break;
    case O_MODE:
        if (strcmp(value, "grid") != 0 && strcmp(value, "alert") != 0)
            return wrong(_("--mode takes grid or alert, not \"%s\""), value);
        o->mode = value[0] == 'a' ? MODE_ALERT : MODE_GRID;
        break;
    case O_THEME:
        o->theme = theme_parse(value);
        if (o->theme < 0)
            return wrong(_("--theme takes day or dark, not \"%s\""), value);
        break;
    case O_CAMERA:
        o->camera = value;
        break;
    case O_SIZE:
        if (sscanf(value, "%dx%d%c", &o->width, &o->height, &rest) != 2 ||
            o->width < 64 || o->height < 64 || o->width > 32768 || o->height > 32768)
            return wrong(_("--size takes WIDTHxHEIGHT from 64x64 to 32768x32768, not "
                           "\"%s\""),
                         value);
        break;
    case O_SNAPSHOT:
        o->snapshot = value;
        break;
    case O_SCRIPT:
        o->script = value;
        break;
    case O_LANG:
        break;
    case O_MSAA:
        if (!read_int(value, 0, 64, &o->msaa))
            return wrong(_("--msaa takes a number of samples, not \"%s\""), value);
        break;
    case O_FRAMES:
        if (!read_int(value, 1, 100000, &o->frames))
            return wrong(_("--frames takes a number of frames, not \"%s\""), value);
        break;
    case O_LEVEL:
        o->level = wg_level_parse(value);
        if (!o->level)
            return wrong(_("--level takes city, district, street, community, grid or "
                           "micro-grid, not \"%s\""),
                         value);
        break;
    case O_VIEW_DISTANCE:
        if (sscanf(value, "%f%c", &o->view_distance_m, &rest) != 1 ||
            !(o->view_distance_m >= 0 && o->view_distance_m < 1000))
            return wrong(_("--view-distance takes metres, not \"%s\""), value);
        break;
    case O_FULLSCREEN:
        o->fullscreen = true;
        break;
    case O_NO_PANELS:
        o->no_panels = true;
        break;
    case O_NO_LABELS:
        o->no_labels = true;
        break;
    case O_NO_SHADOWS:
        o->no_shadows = true;
        break;
    case O_HELP:
        help();
        return 0;
    case O_VERSION:
        printf("wangge-view %s\n", wg_version());
        return 0;
    case O_MANUAL:
        manual();
        return 0;
    default:
        fprintf(stderr, "%s\n", _("see wangge-view --help"));
        return 2;
    }
    return -1;
}

/* --lang counts for every message, wherever it stands. */
static const char *find_lang(int argc, char **argv)
{
    const char *lang = NULL;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--lang=", 7) == 0)
            lang = argv[i] + 7;
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            lang = argv[i + 1];
    }
    return lang;
}

static int parse(int argc, char **argv, struct app_options *o)
{
    struct option list[OPTIONS + 2] = {{0}};
    for (int i = 0; i < OPTIONS; i++)
        list[i] = (struct option){options[i].name, options[i].value != NULL, NULL,
                                  (int)options[i].id};
    list[OPTIONS] = (struct option){"manual", no_argument, NULL, O_MANUAL}; /* for the build */
    int id, status = -1;
    while (status < 0 && (id = getopt_long(argc, argv, "h", list, NULL)) != -1)
        status = take(o, id == 'h' ? O_HELP : id, optarg);
    if (status >= 0)
        return status;
    if (optind + 1 != argc) {
        fprintf(stderr, "%s\n", _("usage: wangge-view DATABASE [options]"));
        return 2;
    }
    o->path = argv[optind];
    return -1;
}

int main(int argc, char **argv)
{
    struct app_options o = {.msaa = -1};
    const char *lang = find_lang(argc, argv);
    bool known = !lang || strcmp(lang, "en") == 0 || strcmp(lang, "zh") == 0;
    language_use(known ? lang : NULL);
    if (!known)
        return wrong(_("--lang takes en or zh, not \"%s\""), lang);
    o.lang = lang ? lang : language_name();
    int status = parse(argc, argv, &o);
    if (status >= 0)
        return status;
    if (!o.snapshot && !o.script && !o.frames && !window_possible()) {
        fprintf(stderr, "%s\n",
                _("wangge-view: there is no display (DISPLAY is not set); with --snapshot "
                  "FILE the picture is written without one"));
        return 1;
    }
    return app_run(&o);
}
