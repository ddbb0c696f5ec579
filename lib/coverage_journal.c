/* Owns undo and redo. */
#include "coverage_inside.h"

void wg_edit_step_finish(struct wg_edit_step *step)
{
    free(step->arguments);
    free(step->take.at);
    free(step->put.at);
    free(step->begun.at);
    free(step->ended.at);
    free(step->touched);
    *step = (struct wg_edit_step){0};
}

bool wg_journal_add(struct wg_coverage *c, struct wg_edit_step *step)
{
    void *array = c->step;
    for (size_t i = c->n_done; i < c->n_step; i++)
        wg_edit_step_finish(&c->step[i]);
    c->n_step = c->n_done;
    if (!wg_grow(&array, &c->cap_step, c->n_step + 1, sizeof *c->step))
        return false;
    c->step = array;
    c->step[c->n_step++] = *step;
    c->n_done = c->n_step;
    *step = (struct wg_edit_step){0};
    return true;
}

/* Segments that an edit took are only put again where they were, and room for vertices
 * and segments that were there once is kept: memory cannot run out but for cells. */
bool wg_edit_step_do(struct wg_coverage *c, const struct wg_edit_step *step, bool back)
{
    const struct wg_cuts *take = back ? &step->put : &step->take;
    const struct wg_cuts *put = back ? &step->take : &step->put;
    for (size_t i = 0; i < take->n; i++) {
        const struct wg_cut *cut = &take->at[back ? take->n - 1 - i : i];
        uint32_t s = wg_coverage_find_cut(c, cut);
        if (s != WG_NONE)
            wg_coverage_drop_segment(c, s);
    }
    for (size_t i = 0; i < put->n; i++)
        wg_coverage_add_segment(c, &put->at[back ? put->n - 1 - i : i]);
    for (size_t i = 0; i < step->begun.n; i++)
        c->unborn[step->begun.at[i]] = back;
    c->listed = c->listed && step->begun.n == 0;
    for (size_t i = 0; i < step->ended.n; i++)
        c->face[step->ended.at[i]].ended = !back;
    for (size_t i = 0; i < step->n_touched; i++)
        c->face[step->touched[i].face].version =
            back ? step->touched[i].before : step->touched[i].after;
    return !c->broken;
}

bool wg_coverage_undo(struct wg_coverage *c)
{
    if (c->n_done == 0)
        return false;
    return wg_edit_step_do(c, &c->step[--c->n_done], true);
}

bool wg_coverage_redo(struct wg_coverage *c)
{
    if (c->n_done == c->n_step)
        return false;
    return wg_edit_step_do(c, &c->step[c->n_done++], false);
}

size_t wg_coverage_undo_count(const struct wg_coverage *c)
{
    return c->n_done;
}

size_t wg_coverage_redo_count(const struct wg_coverage *c)
{
    return c->n_step - c->n_done;
}

const char *wg_coverage_step(const struct wg_coverage *c, size_t back,
                             const char **arguments)
{
    if (back >= c->n_done)
        return NULL;
    const struct wg_edit_step *step = &c->step[c->n_done - 1 - back];
    if (arguments)
        *arguments = step->arguments ? step->arguments : "";
    return step->op;
}
