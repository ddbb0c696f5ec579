/* Owns deltas: an edit by coordinates and ids, as bytes, applied and inverted. */
#include <string.h>

#include "bytes.h"
#include "coverage_inside.h"

void wg_delta_finish(struct wg_delta *d)
{
    struct wg_delta_grid *both[] = {d->begin, d->end};
    size_t n[] = {d->n_begin, d->n_end};
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; both[k] && i < n[k]; i++) {
            free(both[k][i].code);
            free(both[k][i].name);
            free(both[k][i].kind);
        }
        free(both[k]);
    }
    free(d->take);
    free(d->put);
    *d = (struct wg_delta){0};
}

/* ---- the net change of a coverage ---- */

static int compare_segments(const void *a, const void *b)
{
    const int64_t *p = a, *q = b;
    for (size_t i = 0; i < sizeof(struct wg_delta_segment) / sizeof *p; i++)
        if (p[i] != q[i])
            return p[i] < q[i] ? -1 : 1;
    return 0;
}

static int64_t delta_id(const struct wg_face *f)
{
    return f->kind == WG_FACE_FREE ? WG_DELTA_FREE : f->id;
}

static struct wg_delta_segment absolute(const struct wg_coverage *c,
                                        const struct wg_cut *cut)
{
    return (struct wg_delta_segment){
        c->lattice.x + cut->a.x,       c->lattice.y + cut->a.y,
        c->lattice.x + cut->b.x,       c->lattice.y + cut->b.y,
        delta_id(&c->face[cut->left]), delta_id(&c->face[cut->right])};
}

/* What was taken more often than put remains in take, and the other way round. */
static void cancel(struct wg_delta *d)
{
    size_t i = 0, j = 0, n = 0, m = 0;
    if (d->n_take)
        qsort(d->take, d->n_take, sizeof *d->take, compare_segments);
    if (d->n_put)
        qsort(d->put, d->n_put, sizeof *d->put, compare_segments);
    while (i < d->n_take || j < d->n_put) {
        int order = i == d->n_take  ? 1
                    : j == d->n_put ? -1
                                    : compare_segments(&d->take[i], &d->put[j]);
        if (order < 0)
            d->take[n++] = d->take[i++];
        else if (order > 0)
            d->put[m++] = d->put[j++];
        else
            i++, j++;
    }
    d->n_take = n;
    d->n_put = m;
}

static bool copy_grid(const struct wg_face *f, struct wg_delta_grid *out)
{
    *out = (struct wg_delta_grid){f->id,
                                  f->parent,
                                  f->level,
                                  wg_strdup(f->code),
                                  wg_strdup(f->name),
                                  wg_strdup(f->grid_kind)};
    return (out->code || !f->code) && (out->name || !f->name) &&
           (out->kind || !f->grid_kind);
}

/* Whether a grid of this id began (or ended) in the steps that are done. */
static bool is_listed(const struct wg_coverage *c, bool ended, int64_t id)
{
    for (size_t i = 0; i < c->n_done; i++) {
        const struct wg_numbers *list = ended ? &c->step[i].ended : &c->step[i].begun;
        for (size_t j = 0; j < list->n; j++)
            if (c->face[list->at[j]].id == id)
                return true;
    }
    return false;
}

static bool add_grid(const struct wg_face *f, struct wg_delta_grid **list, size_t *n,
                     size_t *cap)
{
    void *array = *list;
    if (!wg_grow(&array, cap, *n + 1, sizeof **list))
        return false;
    *list = array;
    return copy_grid(f, &(*list)[(*n)++]);
}

/* Grids that began or ended in the steps that are done, less those that did both. */
static bool list_grids(const struct wg_coverage *c, struct wg_delta *d)
{
    size_t cap_begin = 0, cap_end = 0;
    for (size_t i = 0; i < c->n_done; i++) {
        const struct wg_edit_step *step = &c->step[i];
        for (size_t j = 0; j < step->begun.n; j++) {
            const struct wg_face *f = &c->face[step->begun.at[j]];
            if (!is_listed(c, true, f->id) &&
                !add_grid(f, &d->begin, &d->n_begin, &cap_begin))
                return false;
        }
        for (size_t j = 0; j < step->ended.n; j++) {
            const struct wg_face *f = &c->face[step->ended.at[j]];
            if (!is_listed(c, false, f->id) && !add_grid(f, &d->end, &d->n_end, &cap_end))
                return false;
        }
    }
    return true;
}

enum wg_status wg_coverage_delta(const struct wg_coverage *c, struct wg_delta *out,
                                 struct wg_error *err)
{
    struct wg_delta d = {0};
    for (size_t i = 0; i < c->n_done; i++) {
        d.n_take += c->step[i].take.n;
        d.n_put += c->step[i].put.n;
    }
    d.take = malloc((d.n_take + 1) * sizeof *d.take);
    d.put = malloc((d.n_put + 1) * sizeof *d.put);
    d.n_take = d.n_put = 0;
    if (!d.take || !d.put)
        goto failed;
    for (size_t i = 0; i < c->n_done; i++) {
        const struct wg_edit_step *step = &c->step[i];
        for (size_t k = 0; k < step->take.n; k++)
            d.take[d.n_take++] = absolute(c, &step->take.at[k]);
        for (size_t k = 0; k < step->put.n; k++)
            d.put[d.n_put++] = absolute(c, &step->put.at[k]);
    }
    cancel(&d);
    if (!list_grids(c, &d))
        goto failed;
    *out = d;
    return WG_OK;
failed:
    wg_delta_finish(&d);
    return wg_fail_memory(err);
}

static bool copy_grids(const struct wg_delta_grid *from, size_t n,
                       struct wg_delta_grid **out)
{
    struct wg_delta_grid *grids = calloc(n + 1, sizeof *grids);
    *out = grids;
    if (!grids)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct wg_face f = {.id = from[i].id,
                            .parent = from[i].parent,
                            .level = from[i].level,
                            .code = from[i].code,
                            .name = from[i].name,
                            .grid_kind = from[i].kind};
        if (!copy_grid(&f, &grids[i]))
            return false;
    }
    return true;
}

enum wg_status wg_delta_invert(const struct wg_delta *delta, struct wg_delta *out,
                               struct wg_error *err)
{
    struct wg_delta d = {.n_take = delta->n_put,
                         .n_put = delta->n_take,
                         .n_begin = delta->n_end,
                         .n_end = delta->n_begin};
    d.take = malloc((d.n_take + 1) * sizeof *d.take);
    d.put = malloc((d.n_put + 1) * sizeof *d.put);
    if (!d.take || !d.put || !copy_grids(delta->end, d.n_begin, &d.begin) ||
        !copy_grids(delta->begin, d.n_end, &d.end)) {
        wg_delta_finish(&d);
        return wg_fail_memory(err);
    }
    if (d.n_take)
        memcpy(d.take, delta->put, d.n_take * sizeof *d.take);
    if (d.n_put)
        memcpy(d.put, delta->take, d.n_put * sizeof *d.put);
    *out = d;
    return WG_OK;
}

/* ---- applying ---- */

struct name {
    int64_t id;
    uint32_t face;
};

struct applying {
    struct wg_coverage *c;
    struct name *name; /* of the grids the delta begins */
    size_t n_name;
    uint32_t free_face; /* the outside, where there is no limit */
    struct wg_error *err;
};

/* The face an id stands for, WG_NONE: it is not there (any more). */
static uint32_t face_of(const struct applying *a, int64_t id)
{
    if (id == 0)
        return 0;
    for (size_t i = 0; i < a->n_name; i++)
        if (a->name[i].id == id)
            return a->name[i].face;
    return id == WG_DELTA_FREE ? a->free_face : wg_coverage_face_of(a->c, id);
}

static bool near_spot(const struct wg_coverage *c, int64_t x, int64_t y,
                      struct wg_spot *out)
{
    x -= c->lattice.x;
    y -= c->lattice.y;
    if (x < -WG_LATTICE_REACH || x > WG_LATTICE_REACH || y < -WG_LATTICE_REACH ||
        y > WG_LATTICE_REACH)
        return false;
    *out = (struct wg_spot){(int32_t)x, (int32_t)y};
    return true;
}

static bool find_cut(const struct applying *a, const struct wg_delta_segment *s,
                     struct wg_cut *cut)
{
    cut->left = face_of(a, s->left);
    cut->right = face_of(a, s->right);
    return near_spot(a->c, s->ax, s->ay, &cut->a) &&
           near_spot(a->c, s->bx, s->by, &cut->b);
}

static enum wg_status refuse_gone(struct applying *a, const struct wg_cut *cut)
{
    uint32_t f = cut->left && cut->left != WG_NONE ? cut->left : cut->right;
    struct wg_point p = wg_lattice_point(&a->c->lattice, cut->a);
    return wg_refuse(a->c, WG_REFUSED_NO_SUCH, cut->a, f,
                     f == cut->left ? cut->right : cut->left, NULL, a->err,
                     _("The boundary at %.3f %.3f has been changed since."), p.x, p.y);
}

static enum wg_status apply_grids(struct applying *a, const struct wg_delta *d)
{
    struct wg_coverage *c = a->c;
    a->name = calloc(d->n_begin + 1, sizeof *a->name);
    if (!a->name)
        return wg_fail_memory(a->err);
    for (size_t i = 0; i < d->n_begin; i++) {
        const struct wg_delta_grid *g = &d->begin[i];
        struct wg_new_grid as = {g->code, g->name, g->kind, g->level, g->parent};
        uint32_t face = wg_edit_new_grid(c, WG_NONE, &as);
        if (g->id > 0 && wg_coverage_face_of(c, g->id) != WG_NONE)
            return wg_refuse(c, WG_REFUSED_NO_SUCH, (struct wg_spot){0, 0}, WG_NONE,
                             WG_NONE, NULL, a->err, _("Grid %s has begun since."),
                             g->code ? g->code : "-");
        if (g->id > 0 && face) /* one that comes back */
            wg_coverage_rename_face(c, face, g->id, c->face[face].code);
        a->name[a->n_name++] = (struct name){g->id, face};
    }
    for (size_t i = 0; i < d->n_end; i++) {
        uint32_t face = face_of(a, d->end[i].id);
        if (face == WG_NONE)
            return wg_refuse(c, WG_REFUSED_NO_SUCH, (struct wg_spot){0, 0}, WG_NONE,
                             WG_NONE, NULL, a->err, _("Grid %s has ended since."),
                             d->end[i].code ? d->end[i].code : "-");
        wg_edit_end_grid(c, face);
    }
    return WG_OK;
}

static enum wg_status apply_segments(struct applying *a, const struct wg_delta *d)
{
    struct wg_coverage *c = a->c;
    struct wg_cut cut = {{0, 0}, {0, 0}, 0, 0};
    for (size_t i = 0; i < d->n_take; i++) {
        uint32_t s =
            find_cut(a, &d->take[i], &cut) ? wg_coverage_find_cut(c, &cut) : WG_NONE;
        if (s == WG_NONE || c->segment[s].left != cut.left ||
            c->segment[s].right != cut.right)
            return refuse_gone(a, &cut);
        wg_edit_take(c, s);
    }
    for (size_t i = 0; i < d->n_put; i++) {
        if (!find_cut(a, &d->put[i], &cut) || cut.left == WG_NONE || cut.right == WG_NONE)
            return refuse_gone(a, &cut);
        wg_edit_put(c, cut.a, cut.b, cut.left, cut.right);
    }
    return WG_OK;
}

enum wg_status wg_coverage_apply(struct wg_coverage *c, const struct wg_delta *delta,
                                 const char *op, const char *arguments,
                                 struct wg_error *err)
{
    struct applying a = {.c = c, .err = err};
    for (uint32_t f = 1; f < c->n_face && a.free_face == 0; f++)
        if (c->face[f].kind == WG_FACE_FREE)
            a.free_face = f;
    wg_edit_begin(c, op, "%s", arguments ? arguments : "");
    enum wg_status status = apply_grids(&a, delta);
    if (!status)
        status = apply_segments(&a, delta);
    if (!status)
        status = wg_edit_end(c, err);
    else if (c->editing)
        wg_edit_abandon(c);
    free(a.name);
    return status;
}

/* ---- bytes ---- */

enum { DELTA_VERSION = 1 };

struct buffer {
    unsigned char *at;
    size_t n, cap;
    bool failed;
};

static void add(struct buffer *b, const void *data, size_t size)
{
    void *array = b->at;
    if (b->failed || !wg_grow(&array, &b->cap, b->n + size + 1, 1)) {
        b->failed = true;
        return;
    }
    b->at = array;
    if (size)
        memcpy(b->at + b->n, data, size);
    b->n += size;
}

static void add_number(struct buffer *b, int64_t value)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)value >> (8 * i));
    add(b, bytes, sizeof bytes);
}

/* Length + 1 and the text; 0 for none. */
static void add_text(struct buffer *b, const char *text)
{
    add_number(b, text ? (int64_t)strlen(text) + 1 : 0);
    if (text)
        add(b, text, strlen(text));
}

static void add_grids(struct buffer *b, size_t n, const struct wg_delta_grid *grid)
{
    for (size_t i = 0; i < n; i++) {
        add_number(b, grid[i].id);
        add_number(b, grid[i].parent);
        add_number(b, grid[i].level);
        add_text(b, grid[i].code);
        add_text(b, grid[i].name);
        add_text(b, grid[i].kind);
    }
}

enum wg_status wg_delta_write(const struct wg_delta *d, void **out, size_t *size,
                              struct wg_error *err)
{
    struct buffer b = {0};
    const struct wg_delta_segment *both[] = {d->take, d->put};
    size_t n[] = {d->n_take, d->n_put};
    add(&b, &(unsigned char){DELTA_VERSION}, 1);
    add_number(&b, (int64_t)d->n_take);
    add_number(&b, (int64_t)d->n_put);
    add_number(&b, (int64_t)d->n_begin);
    add_number(&b, (int64_t)d->n_end);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < n[k]; i++) {
            const struct wg_delta_segment *s = &both[k][i];
            int64_t number[] = {s->ax, s->ay, s->bx, s->by, s->left, s->right};
            for (int j = 0; j < 6; j++)
                add_number(&b, number[j]);
        }
    add_grids(&b, d->n_begin, d->begin);
    add_grids(&b, d->n_end, d->end);
    if (b.failed) {
        free(b.at);
        return wg_fail_memory(err);
    }
    *out = b.at;
    *size = b.n;
    return WG_OK;
}

static bool read_number(struct wg_bytes *b, int64_t *out)
{
    uint32_t low, high;
    if (!wg_bytes_u32(b, &low) || !wg_bytes_u32(b, &high))
        return false;
    *out = (int64_t)((uint64_t)high << 32 | low);
    return true;
}

static bool read_count(struct wg_bytes *b, size_t least, size_t *out)
{
    int64_t n;
    if (!read_number(b, &n) || n < 0 || (uint64_t)n > wg_bytes_left(b) / least)
        return false;
    *out = (size_t)n;
    return true;
}

static bool read_text(struct wg_bytes *b, char **out)
{
    int64_t n;
    if (!read_number(b, &n) || n < 0 || (uint64_t)n > (uint64_t)wg_bytes_left(b) + 1)
        return false;
    if (n == 0)
        return true;
    size_t length = (size_t)n - 1;
    if (memchr(b->at, 0, length) || !(*out = malloc(length + 1)))
        return false;
    memcpy(*out, b->at, length);
    (*out)[length] = 0;
    b->at += length;
    return true;
}

static bool read_segments(struct wg_bytes *b, size_t n, struct wg_delta_segment **out)
{
    int64_t most = (int64_t)1 << 45; /* far beyond the earth's size in steps */
    struct wg_delta_segment *list = *out = calloc(n + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        struct wg_delta_segment *s = &list[i];
        int64_t *number[] = {&s->ax, &s->ay, &s->bx, &s->by, &s->left, &s->right};
        for (int j = 0; j < 6; j++)
            if (!read_number(b, number[j]) ||
                (j < 4 && (*number[j] < -most || *number[j] > most)))
                return false;
        if (s->left == s->right || s->ay > s->by || (s->ay == s->by && s->ax >= s->bx))
            return false;
    }
    return list != NULL;
}

static bool read_grids(struct wg_bytes *b, size_t n, struct wg_delta_grid **out)
{
    struct wg_delta_grid *list = *out = calloc(n + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        int64_t level;
        if (!read_number(b, &list[i].id) || !read_number(b, &list[i].parent) ||
            !read_number(b, &level) || level < 0 || level > 100 || list[i].id == 0 ||
            !read_text(b, &list[i].code) || !read_text(b, &list[i].name) ||
            !read_text(b, &list[i].kind))
            return false;
        list[i].level = (int)level;
    }
    return list != NULL;
}

enum wg_status wg_delta_read(const void *bytes, size_t size, struct wg_delta *out,
                             struct wg_error *err)
{
    enum { SEGMENT = 48, GRID = 48 };
    struct wg_bytes b = {bytes, (const unsigned char *)bytes + size, true};
    struct wg_delta d = {0};
    uint8_t version;
    size_t take, put, begin, end;
    if (wg_bytes_u8(&b, &version) && version == DELTA_VERSION &&
        read_count(&b, SEGMENT, &take) && read_count(&b, SEGMENT, &put) &&
        read_count(&b, GRID, &begin) && read_count(&b, GRID, &end)) {
        d = (struct wg_delta){
            .n_take = take, .n_put = put, .n_begin = begin, .n_end = end};
        if (read_segments(&b, take, &d.take) && read_segments(&b, put, &d.put) &&
            read_grids(&b, begin, &d.begin) && read_grids(&b, end, &d.end) &&
            b.at == b.end) {
            *out = d;
            return WG_OK;
        }
    }
    wg_delta_finish(&d);
    return wg_fail(err, WG_FORMAT, "%s",
                   _("The stored change of boundaries is damaged."));
}

/* ---- after a commit ---- */

enum wg_status wg_coverage_settle(struct wg_coverage *c, int64_t revision, size_t n,
                                  const struct wg_settled_grid *grid,
                                  struct wg_error *err)
{
    char **code = calloc(n + 1, sizeof *code);
    if (!code)
        return wg_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        if (!(code[i] = wg_strdup(grid[i].code)) && grid[i].code) {
            while (i-- > 0)
                free(code[i]);
            free(code);
            return wg_fail_memory(err);
        }
    for (size_t i = 0; i < n; i++) {
        uint32_t f = wg_coverage_known_face(c, grid[i].was);
        if (f != WG_NONE)
            wg_coverage_rename_face(c, f, grid[i].id, code[i]);
        else
            free(code[i]);
    }
    free(code);
    for (size_t i = 0; i < c->n_step; i++)
        wg_edit_step_finish(&c->step[i]);
    c->n_step = c->n_done = 0;
    c->revision = revision;
    for (uint32_t f = 0; f < c->n_face; f++)
        c->off_lattice[f] = false;
    return WG_OK;
}
