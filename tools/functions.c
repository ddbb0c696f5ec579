/* The SQL functions of the library and of mod_wangge, for the help and the manual. */
#include "manual.h"

#include <stdio.h>
#include <string.h>

#include "i18n.h"

static const struct {
    const char *form, *text;
} functions[] = {
    {"wg_locate(scheme, place [, at])",
     N_("Code of the grid that owns a place, NULL outside.  A polygon is owned as a\n"
        "building is: by the grid that covers it, else by the one of the largest "
        "share.")},
    {"wg_locate_id(scheme, place [, at])", N_("The same as the grid's id.")},
    {"wg_nearest(scheme, point [, at])",
     N_("Code of the nearest grid; for a point that a grid covers, of its owner.")},
    {"wg_nearest_distance(scheme, point [, at])",
     N_("The distance to it in the unit of the grids' CRS; 0 within.")},
    {"wg_ambiguous(scheme, point, accuracy [, at])",
     N_("NULL where every place within the accuracy has the same owner, else JSON: the\n"
        "owner, the distance to the boundary, the other grids near (null: outside).")},
    {"wg_is_partition(scheme [, at])",
     N_("1 where it is proven that no two grids of the scheme overlap, else 0.")},
    {"wg_grids_in(scheme, xmin, ymin, xmax, ymax [, at])",
     N_("A table of id and code: the grids that have a point in common with a box.")},
    {"wg_shares(scheme, polygon [, at])",
     N_("A table of id, code, share (0 to 1) and covers: what each grid holds of a\n"
        "polygon.  The row without id and code is what lies outside.")},
    {"wg_transform(from, to, geometry)",
     N_("A point, or a geometry of any kind, in another frame; NULL where it has no "
        "place\n"
        "there.  A frame is a CRS (\"EPSG:4545\" or 4545), \"gcj02\", \"bd09\" or "
        "\"bd09mc\".")},
    {"wg_transform_x(from, to, point), wg_transform_y(from, to, point)",
     N_("Its coordinates as numbers.")},
    {"wg_version()", N_("The version of the library.")},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const char about[] =
    N_("Every SQLite program has these functions once it has loaded mod_wangge\n"
       "(in the sqlite3 shell: .load mod_wangge); SpatiaLite is not needed.");

static const char arguments[] =
    N_("A scheme is given by its name or number.  A place or point is two arguments, x\n"
       "(east or longitude) and y, or one geometry of SpatiaLite; it is in the CRS of\n"
       "the grids, except for the transforms.  The moment \"at\" is text like\n"
       "2026-11-24T08:30:00Z; without it the grids in force now count.  NULL among the\n"
       "arguments gives NULL.");

static const char database[] =
    N_("wg_locate and its like ask the grids of the database that was opened first, the\n"
       "main one, as the statement sees it: uncommitted changes of the same connection\n"
       "and commits of others count from the next statement on.  An index is built when\n"
       "it is first needed, and left beside the database for the next program.  The\n"
       "wg_transform functions work in any database.");

static void indented(const char *text)
{
    while (*text) {
        int n = (int)strcspn(text, "\n");
        printf("    %.*s\n", n, text);
        text += n + (text[n] == '\n');
    }
}

void functions_help(void)
{
    printf("%s\n\n%s\n", _(about), _(arguments));
    for (int i = 0; i < FUNCTIONS; i++) {
        printf("\n  %s\n", functions[i].form);
        indented(_(functions[i].text));
    }
    printf("\n%s\n", _(database));
}

void functions_manual(void (*text)(const char *))
{
    puts(".Sh SQL FUNCTIONS");
    text(_(about));
    puts(".Pp");
    text(_(arguments));
    puts(".Bl -tag -width Ds");
    for (int i = 0; i < FUNCTIONS; i++) {
        printf(".It Li \"%s\"\n", functions[i].form);
        text(_(functions[i].text));
    }
    puts(".El\n.Pp");
    text(_(database));
}
