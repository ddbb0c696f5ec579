/* wangge grid: buildings: by name, near a place, cut by an edit. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

bool grid_survey(struct grid_job *job, const struct args *args)
{
    struct wg_survey_options options = {.scheme = job->scheme};
    struct wg_error err;
    if (job->survey || wg_survey_read(job->store, &options, &job->survey, &err) == WG_OK)
        return true;
    tool_fail(args, &err);
    return false;
}

void grid_footprints_finish(struct grid_footprints *f)
{
    free(f->id);
    free(f->footprint);
    memset(f, 0, sizeof *f);
}

static bool add(struct grid_footprints *f, const struct wg_survey_building *b)
{
    if (f->list.n == f->cap) {
        size_t cap = f->cap ? 2 * f->cap : 16;
        int64_t *id = realloc(f->id, cap * sizeof *id);
        if (!id)
            return false;
        f->id = id;
        const struct wg_multipolygon **footprint =
            realloc(f->footprint, cap * sizeof *footprint);
        if (!footprint)
            return false;
        f->footprint = footprint;
        f->cap = cap;
    }
    f->id[f->list.n] = b->id;
    f->footprint[f->list.n++] = b->footprint;
    f->list.id = f->id;
    f->list.footprint = f->footprint;
    return true;
}

static enum tool_exit say(struct grid_job *job, const struct args *args,
                          enum wg_status status, const char *words)
{
    struct wg_error err = {
        .status = status, .row = job->line ? job->line : -1, .x = NAN, .y = NAN};
    snprintf(err.text, sizeof err.text, "%.1000s", words);
    return tool_fail(args, &err);
}

/* A building by its code, or by its id. */
static enum wg_status find(struct grid_job *job, const char *word, int64_t *id,
                           struct wg_error *err)
{
    struct wg_building b;
    char *end;
    enum wg_status status = wg_building_find(job->store, word, id, err);
    if (status != WG_NOT_FOUND)
        return status;
    errno = 0;
    int64_t number = strtoll(word, &end, 10);
    if (end == word || *end || errno || number <= 0 ||
        wg_building_read(job->store, number, &b, NULL) != WG_OK)
        return status;
    wg_building_finish(&b);
    *id = number;
    return WG_OK;
}

static enum tool_exit add_word(struct grid_job *job, const struct args *args,
                               const char *word, struct grid_footprints *out)
{
    struct wg_survey_building b;
    struct wg_error err;
    char words[200];
    int64_t id = 0;
    if (find(job, word, &id, &err) != WG_OK) {
        err.row = job->line ? job->line : -1;
        return tool_fail(args, &err);
    }
    for (size_t i = 0; i < out->list.n; i++)
        if (out->id[i] == id)
            return TOOL_OK;
    for (size_t i = 0; i < wg_survey_count(job->survey); i++) {
        wg_survey_at(job->survey, i, &b);
        if (b.id == id)
            return add(out, &b) ? TOOL_OK
                                : say(job, args, WG_NO_MEMORY, _("Out of memory."));
    }
    snprintf(words, sizeof words,
             _("Building %s has ended or is a part of another; name the whole one."),
             word);
    return say(job, args, WG_NOT_FOUND, words);
}

static enum tool_exit add_words(struct grid_job *job, const struct args *args,
                                char *words, struct grid_footprints *out)
{
    enum tool_exit status = TOOL_OK;
    char *rest = NULL;
    for (char *word = strtok_r(words, ", \t\r\n", &rest); word && status == TOOL_OK;
         word = strtok_r(NULL, ", \t\r\n", &rest))
        status = add_word(job, args, word, out);
    return status;
}

static enum tool_exit add_file(struct grid_job *job, const struct args *args,
                               const char *path, struct grid_footprints *out)
{
    bool in = strcmp(path, "-") == 0;
    FILE *f = in ? stdin : fopen(path, "r");
    char *line = NULL, words[1000];
    size_t cap = 0;
    enum tool_exit status = TOOL_OK;
    if (!f) {
        snprintf(words, sizeof words, _("%s cannot be read: %s"), path, strerror(errno));
        return say(job, args, WG_IO, words);
    }
    while (status == TOOL_OK && getline(&line, &cap, f) > 0)
        status = add_words(job, args,
                           line + (strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0), out);
    if (status == TOOL_OK && ferror(f)) {
        snprintf(words, sizeof words, _("%s cannot be read: %s"), path, strerror(EIO));
        status = say(job, args, WG_IO, words);
    }
    free(line);
    if (!in)
        fclose(f);
    return status;
}

enum tool_exit grid_buildings(struct grid_job *job, const struct args *args,
                              struct grid_footprints *out)
{
    const char *list = args_get(args, "buildings");
    const char *path = args_get(args, "buildings-file");
    enum tool_exit status = TOOL_OK;
    if (!grid_survey(job, args))
        return TOOL_FAILED;
    if (list) {
        char *copy = strdup(list);
        status = copy ? add_words(job, args, copy, out)
                      : say(job, args, WG_NO_MEMORY, _("Out of memory."));
        free(copy);
    }
    if (status == TOOL_OK && path)
        status = add_file(job, args, path, out);
    if (status == TOOL_OK && out->list.n == 0)
        status = tool_usage(args, "%s", _("the list of buildings is empty"));
    return status;
}

struct nearby {
    const struct wg_survey *survey;
    struct grid_footprints *out;
    bool failed;
};

static bool add_near(size_t i, void *user)
{
    struct nearby *n = user;
    struct wg_survey_building b;
    wg_survey_at(n->survey, i, &b);
    n->failed = !add(n->out, &b);
    return !n->failed;
}

bool grid_footprints_near(struct grid_job *job, const struct args *args,
                          struct wg_box box, struct grid_footprints *out)
{
    if (!grid_survey(job, args))
        return false;
    struct nearby n = {job->survey, out, false};
    wg_survey_near(job->survey, box, add_near, &n);
    if (n.failed)
        say(job, args, WG_NO_MEMORY, _("Out of memory."));
    return !n.failed;
}

const char *grid_building_name(struct grid_job *job, int64_t id, char *out, size_t size)
{
    struct wg_building b;
    snprintf(out, size, "#%lld", (long long)id);
    if (wg_building_read(job->store, id, &b, NULL) == WG_OK) {
        if (b.code && *b.code)
            snprintf(out, size, "%s", b.code);
        wg_building_finish(&b);
    }
    return out;
}

/* ---- cut by an edit ---- */

struct arcs {
    bool any;
};

static bool see_arc(const struct wg_arc *arc, void *user)
{
    ((struct arcs *)user)->any = true;
    return false;
}

/* Do two grids of the coverage, or one and nobody, have a part of the building?  As a
 * building is owned: a share of less than a millionth is none. */
static bool is_cut(const struct wg_coverage *coverage, const struct wg_survey_building *b)
{
    struct arcs arcs = {false};
    double rest = 1e-6 * b->area_m2;
    if (wg_coverage_arcs(coverage, &b->box, see_arc, &arcs, NULL) != WG_OK || !arcs.any)
        return false;
    for (uint32_t i = 0; i < wg_coverage_count(coverage); i++) {
        struct wg_coverage_face face;
        struct wg_multipolygon polygon = {0};
        double common = 0;
        wg_coverage_face_at(coverage, i, &face);
        if (face.ended || !wg_box_overlaps(face.box, b->box) ||
            wg_coverage_polygon(coverage, face.id, &polygon, NULL) != WG_OK)
            continue;
        enum wg_status status =
            wg_shape_common_area(NULL, &polygon, b->footprint, &common, NULL);
        wg_multipolygon_finish(&polygon);
        if (status == WG_OK && common > rest)
            return common < b->area_m2 - rest;
    }
    return false;
}

/* Where grids differ from what they were. */
static struct wg_box changed_box(const struct grid_job *job)
{
    struct wg_box box = wg_box_empty();
    for (uint32_t i = 0; i < wg_coverage_count(job->coverage); i++) {
        struct wg_coverage_face now, was;
        wg_coverage_face_at(job->coverage, i, &now);
        bool known = wg_coverage_face(job->before, now.id, &was, NULL) == WG_OK;
        if (known && was.version == now.version && was.ended == now.ended)
            continue;
        box = wg_box_union(box, now.box);
        if (known)
            box = wg_box_union(box, was.box);
    }
    return box;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool grid_newly_cut(struct grid_job *job, const struct args *args, size_t *n,
                    int64_t **id)
{
    struct grid_footprints near = {0};
    struct wg_box box = changed_box(job);
    *n = 0;
    *id = NULL;
    if (wg_box_is_empty(box))
        return true;
    if (!grid_footprints_near(job, args, box, &near))
        return false;
    for (size_t i = 0; i < near.list.n; i++) {
        struct wg_survey_building b = {.footprint = near.footprint[i]};
        b.box = wg_multipolygon_box(b.footprint);
        b.area_m2 = wg_multipolygon_area(b.footprint);
        if (is_cut(job->coverage, &b) && !is_cut(job->before, &b))
            near.id[(*n)++] = near.id[i];
    }
    if (*n)
        qsort(near.id, *n, sizeof *near.id, by_id);
    *id = near.id;
    near.id = NULL;
    grid_footprints_finish(&near);
    return true;
}
