/* wangge grid: boundaries, their changes and their history; its table of verbs, and how a
 * database is opened for them. */
#include "grid.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ---- */

static bool read_crs(struct grid_job *job)
{
    struct wg_district d;
    struct wg_error err;
    const char *frame;
    if (!tool_frame(job->args, &frame))
        return false;
    enum wg_status status = wg_district_read(job->store, &d, &err);
    if (status == WG_OK) {
        job->crs = strdup(d.crs ? d.crs : "");
        wg_district_finish(&d);
    }
    if (status == WG_OK && frame)
        status = wg_transform_create(frame, job->crs, &job->stated, &err);
    if (status != WG_OK)
        tool_fail(job->args, &err);
    return status == WG_OK && job->crs;
}

/* Everything within twice the grids' extent is near enough to be meant. */
static void find_limits(struct grid_job *job)
{
    struct wg_box box = wg_box_empty();
    for (uint32_t i = 0; i < wg_coverage_count(job->coverage); i++) {
        struct wg_coverage_face face;
        wg_coverage_face_at(job->coverage, i, &face);
        if (!face.ended)
            box = wg_box_union(box, face.box);
    }
    double room = 1000 + (box.max_x - box.min_x + box.max_y - box.min_y) / 2;
    job->limits = (struct wg_box){box.min_x - room, box.min_y - room, box.max_x + room,
                                  box.max_y + room};
}

bool grid_open_store(struct grid_job *job, const struct args *args, bool read_only)
{
    *job = (struct grid_job){.args = args};
    job->store = tool_open(args, 0, read_only);
    return job->store && tool_scheme(args, job->store, &job->scheme) && read_crs(job);
}

bool grid_open_coverage(struct grid_job *job, const char *draft)
{
    struct wg_error err;
    struct wg_conflict conflict = {0};
    enum wg_status status =
        wg_coverage_open(job->store, job->scheme, NULL, &job->before, &err);
    if (status == WG_OK && draft)
        status = wg_draft_open(job->store, job->scheme, draft, &job->coverage, &conflict,
                               &err);
    else if (status == WG_OK)
        status = wg_coverage_copy(job->before, &job->coverage, &err);
    if (status == WG_CONFLICT)
        grid_conflict(job->args, &conflict, &err);
    else if (status != WG_OK)
        tool_fail(job->args, &err);
    wg_conflict_finish(&conflict);
    if (status != WG_OK)
        return false;
    find_limits(job);
    if (args_has(job->args, "parents-follow"))
        wg_coverage_parents_follow(job->coverage, true);
    return true;
}

bool grid_open(struct grid_job *job, const struct args *args, bool read_only)
{
    return grid_open_store(job, args, read_only) && grid_open_coverage(job, NULL);
}

void grid_close(struct grid_job *job)
{
    if (job->has_quality)
        wg_division_finish(&job->quality);
    wg_survey_destroy(job->survey);
    wg_coverage_close(job->coverage);
    wg_coverage_close(job->before);
    wg_transform_destroy(job->stated);
    free(job->crs);
    wg_store_close(job->store);
}

/* ---- arguments that are not geometry ---- */

const char *grid_author(const struct args *args)
{
    const char *author = args_get(args, "author");
    struct passwd *who = author ? NULL : getpwuid(getuid());
    if (author)
        return author;
    if (who && who->pw_name && *who->pw_name)
        return who->pw_name;
    author = getenv("LOGNAME");
    return author && *author ? author : "wangge";
}

bool grid_need(const struct args *args, const char *option)
{
    if (args_has(args, option))
        return true;
    tool_usage(args, _("--%s is required"), option);
    return false;
}

enum tool_exit grid_code(struct grid_job *job, const struct args *args, const char *code,
                         bool nobody, int64_t *id)
{
    struct wg_error err;
    *id = 0;
    if (nobody && strcmp(code, "-") == 0)
        return TOOL_OK;
    if (wg_coverage_find(job->coverage, code, id, &err) == WG_OK)
        return TOOL_OK;
    if (job->line)
        err.row = job->line;
    return tool_fail(args, &err);
}

enum tool_exit grid_codes(struct grid_job *job, const struct args *args,
                          const char *codes, size_t *n, int64_t **id)
{
    enum tool_exit status = TOOL_OK;
    char *copy = strdup(codes), *rest = NULL;
    int64_t *list = calloc(strlen(codes) / 2 + 1, sizeof *list);
    *n = 0;
    for (char *word = copy && list ? strtok_r(copy, ", ", &rest) : NULL;
         word && status == TOOL_OK; word = strtok_r(NULL, ", ", &rest))
        status = grid_code(job, args, word, false, &list[(*n)++]);
    if (status == TOOL_OK && *n == 0)
        status = tool_usage(args, "%s", _("a list of codes is empty"));
    free(copy);
    if (status == TOOL_OK)
        *id = list;
    else
        free(list);
    return status;
}

const char *grid_name(const struct wg_coverage *coverage, int64_t id)
{
    struct wg_coverage_face face;
    if (id == 0)
        return _("nobody's area");
    if (!coverage || wg_coverage_face(coverage, id, &face, NULL) != WG_OK || !face.code)
        return _("a new grid");
    return face.code;
}

/* ---- the table ---- */

static const struct grid_edit *const edits[] = {
    &grid_move,     &grid_insert,  &grid_delete,   &grid_move_arc, &grid_reshape,
    &grid_simplify, &grid_densify, &grid_split,    &grid_merge,    &grid_transfer,
    &grid_carve,    &grid_draw,    &grid_dissolve, &grid_divide,
};

const struct grid_edit *grid_find_edit(const struct args *args, const char *word)
{
    const char *name[sizeof edits / sizeof *edits];
    size_t n = sizeof edits / sizeof *edits;
    for (size_t i = 0; i < n; i++) {
        name[i] = args_word(&edits[i]->verb);
        if (strcmp(name[i], word) == 0)
            return edits[i];
    }
    const char *near = args_suggest(word, n, name);
    if (near)
        tool_usage(args, _("there is no edit \"%s\"; did you mean %s?"), word, near);
    else
        tool_usage(args, _("there is no edit \"%s\"; see wangge grid --help"), word);
    return NULL;
}

static const struct tool_verb *const verbs[] = {
    &grid_move.verb,     &grid_insert.verb,  &grid_delete.verb,
    &grid_move_arc.verb, &grid_reshape.verb, &grid_simplify.verb,
    &grid_densify.verb,  &grid_split.verb,   &grid_merge.verb,
    &grid_transfer.verb, &grid_carve.verb,   &grid_draw.verb,
    &grid_dissolve.verb, &grid_divide.verb,  &grid_edit,
    &grid_preview,       &grid_clean,        &grid_draft,
    &grid_publish,       &grid_log,          &grid_show,
    &grid_diff,          &grid_revert,       &grid_as_of,
    &grid_lineage,       &grid_count,        &grid_trace,
    &grid_avoid,         &grid_snap,         NULL,
};

static const struct tool_option none[] = {{NULL, NULL, NULL}};

const struct tool_verb verb_grid = {
    "grid",
    "VERB DATABASE [--scheme NAME] …",
    N_("adjust boundaries, keep their history, drafts, division"),
    N_("The grids of a scheme are one partition, and every edit keeps it one: a "
       "boundary\n"
       "that moves, moves for both its grids, and what would overlap or leave a gap is\n"
       "refused, with the place and, where there is one, a proposal.  Each command is "
       "one\n"
       "revision, with --dry-run it only shows what it would do, with --draft it is "
       "kept\n"
       "for later.\n\n"
       "Points are X,Y in metres, @DX,DY or @LENGTH<ANGLE from the point before.  Lines\n"
       "and areas are WKT, GeoJSON, points with blanks between them, or a file of one "
       "of\n"
       "these (- for standard input).  They are in the district's CRS, or in the one of\n"
       "--crs; GeoJSON without a crs is in degrees, as its standard says, unless its\n"
       "numbers can be none.\n\n"
       "Examples:\n"
       "  wangge grid move river.wangge --at-point 617300,3067800 --to @2,0 --dry-run\n"
       "  wangge grid split river.wangge 999999001001001 --line cut.geojson\n"
       "  wangge grid transfer river.wangge CODE CODE --buildings 12,13\n"
       "  wangge grid log river.wangge"),
    0,
    0,
    none,
    NULL,
    grid_edit_options,
    verbs};
