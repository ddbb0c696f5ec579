/* Management grids: one to five unit grids, connected by borders, of one community. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check_job.h"
#include "internal.h"

static uint32_t root(uint32_t *up, uint32_t i)
{
    while (up[i] != i)
        i = up[i] = up[up[i]];
    return i;
}

/* Children with a border in common come together. */
static void connect(const struct wg_check_job *job, const struct wg_cover *c,
                    const size_t *grid, uint32_t *up)
{
    for (uint32_t s = 0; s < c->map.n_segment; s++) {
        uint32_t n, m;
        const uint32_t *a = wg_cover_labels(c, c->map.left[s], &n);
        const uint32_t *b = wg_cover_labels(c, c->map.right[s], &m);
        if (n != 1 || m != 1 || a[0] == b[0])
            continue;
        int64_t parent = job->grid[grid[a[0]]].parent;
        if (parent >= 0 && parent == job->grid[grid[b[0]]].parent)
            up[root(up, a[0])] = root(up, b[0]);
    }
}

struct child {
    int64_t parent;
    uint32_t label;
};

static int by_parent(const void *a, const void *b)
{
    const struct child *p = a, *q = b;
    if (p->parent != q->parent)
        return p->parent < q->parent ? -1 : 1;
    return p->label < q->label ? -1 : p->label > q->label;
}

static void check_one(struct wg_check_job *job, const size_t *grid, uint32_t *up,
                      size_t n, const struct child *child)
{
    const struct wg_check_grid *g = &job->grid[child[0].parent];
    struct wg_code_form community = wg_code_form_at(&job->form, WG_LEVEL_COMMUNITY);
    size_t pieces = 0, stem = wg_code_form_length(&community), strangers = 0;
    const char *first = job->grid[grid[child[0].label]].row.code;
    for (size_t i = 0; i < n; i++) {
        if (job->grid[grid[child[i].label]].n_children)
            return; /* not the level above the unit grids */
        pieces += root(up, child[i].label) == child[i].label;
        strangers += strncmp(job->grid[grid[child[i].label]].row.code, first, stem) != 0;
    }
    struct wg_finding f = wg_check_finding(WG_RULE_MANAGEMENT, g, (double)n, NULL);
    if (n > 5) {
        f.cure = _("Make two management grids of it.");
        wg_check_tell(job, &f, _("Management grid %s has %zu unit grids, more than 5."),
                      g->row.code, n);
    }
    if (pieces > 1 && !job->stopped) {
        f.size = (double)pieces;
        f.cure = _("Give it unit grids that have borders in common.");
        wg_check_tell(job, &f,
                      _("The unit grids of management grid %s fall into %zu pieces."),
                      g->row.code, pieces);
    }
    if (strangers && !job->stopped) {
        f.size = (double)strangers;
        f.cure = _("Give each community management grids of its own.");
        wg_check_tell(job, &f,
                      _("Management grid %s has %zu unit grids of another community."),
                      g->row.code, strangers);
    }
}

enum wg_status wg_check_management(struct wg_check_job *job, const struct wg_cover *cover,
                                   const size_t *grid)
{
    size_t n = cover->n_label, m = 0;
    uint32_t *up = malloc((n + 1) * sizeof *up);
    struct child *child = malloc((n + 1) * sizeof *child);
    enum wg_status st = up && child ? WG_OK : wg_fail_memory(job->err);
    for (uint32_t i = 0; !st && i < n; i++) {
        up[i] = i;
        if (job->grid[grid[i]].parent >= 0)
            child[m++] = (struct child){job->grid[grid[i]].parent, i};
    }
    if (!st && m) {
        connect(job, cover, grid, up);
        qsort(child, m, sizeof *child, by_parent);
        for (size_t i = 0, j; i < m && !job->stopped; i = j) {
            for (j = i; j < m && child[j].parent == child[i].parent; j++)
                ;
            check_one(job, grid, up, j - i, &child[i]);
        }
    }
    free(up);
    free(child);
    return st;
}
