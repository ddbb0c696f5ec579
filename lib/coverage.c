/* Owns a coverage: its faces, vertices and segments, and their links. */
#include <math.h>
#include <string.h>

#include "coverage_inside.h"
#include "wangge/shape.h"

void wg_line_finish(struct wg_line *line)
{
    if (!line)
        return;
    free(line->x);
    free(line->y);
    *line = (struct wg_line){0};
}

void wg_arc_finish(struct wg_arc *arc)
{
    if (arc)
        wg_line_finish(&arc->line);
}

bool wg_cuts_add(struct wg_cuts *cuts, struct wg_cut cut)
{
    void *array = cuts->at;
    if (!wg_grow(&array, &cuts->cap, cuts->n + 1, sizeof cut))
        return false;
    cuts->at = array;
    cuts->at[cuts->n++] = cut;
    return true;
}

bool wg_numbers_add(struct wg_numbers *numbers, uint32_t value)
{
    void *array = numbers->at;
    if (!wg_grow(&array, &numbers->cap, numbers->n + 1, sizeof value))
        return false;
    numbers->at = array;
    numbers->at[numbers->n++] = value;
    return true;
}

/* ---- vertices ---- */

static uint32_t hash_spot(struct wg_spot s)
{
    uint64_t h = ((uint64_t)(uint32_t)s.x << 32 | (uint32_t)s.y) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

static uint32_t slot_of(const struct wg_coverage *c, struct wg_spot spot)
{
    uint32_t at = hash_spot(spot) & c->table_mask;
    while (c->table[at] != WG_NONE && !wg_spot_equal(c->spot[c->table[at]], spot))
        at = (at + 1) & c->table_mask;
    return at;
}

static bool widen_table(struct wg_coverage *c)
{
    uint32_t mask = c->table ? 2 * c->table_mask + 1 : 1023;
    uint32_t *table = malloc(((size_t)mask + 1) * sizeof *table), *old = c->table;
    uint32_t old_mask = c->table_mask;
    if (!table)
        return false;
    memset(table, 0xff, ((size_t)mask + 1) * sizeof *table);
    c->table = table;
    c->table_mask = mask;
    for (uint32_t i = 0; old && i <= old_mask; i++)
        if (old[i] != WG_NONE)
            table[slot_of(c, c->spot[old[i]])] = old[i];
    free(old);
    return true;
}

uint32_t wg_coverage_vertex_at(const struct wg_coverage *c, struct wg_spot spot)
{
    return c->table[slot_of(c, spot)];
}

static uint32_t get_vertex(struct wg_coverage *c, struct wg_spot spot)
{
    if (2 * (c->n_live + 1) > c->table_mask && !widen_table(c))
        return WG_NONE;
    uint32_t at = slot_of(c, spot);
    if (c->table[at] != WG_NONE)
        return c->table[at];
    uint32_t v = c->free_vertex;
    if (v != WG_NONE) {
        c->free_vertex = c->first[v];
    } else {
        void *spots = c->spot, *firsts = c->first;
        if (!wg_grow(&spots, &c->cap_vertex, c->n_vertex + 1, sizeof *c->spot))
            return WG_NONE;
        c->spot = spots;
        if (!wg_grow(&firsts, &c->cap_first, c->n_vertex + 1, sizeof *c->first))
            return WG_NONE;
        c->first = firsts;
        v = c->n_vertex++;
    }
    c->spot[v] = spot;
    c->first[v] = WG_NONE;
    c->table[at] = v;
    c->n_live++;
    return v;
}

static void drop_vertex(struct wg_coverage *c, uint32_t v)
{
    uint32_t hole = slot_of(c, c->spot[v]), mask = c->table_mask;
    c->table[hole] = WG_NONE;
    for (uint32_t at = (hole + 1) & mask; c->table[at] != WG_NONE; at = (at + 1) & mask) {
        uint32_t home = hash_spot(c->spot[c->table[at]]) & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        c->table[hole] = c->table[at];
        c->table[at] = WG_NONE;
        hole = at;
    }
    c->first[v] = c->free_vertex;
    c->free_vertex = v;
    c->n_live--;
}

/* ---- segments ---- */

static int end_at(const struct wg_coverage *c, uint32_t segment, uint32_t vertex)
{
    return c->segment[segment].a == vertex ? 0 : 1;
}

static void link_vertex(struct wg_coverage *c, uint32_t s, int end)
{
    uint32_t v = end ? c->segment[s].b : c->segment[s].a;
    c->link[s].next[end] = c->first[v];
    c->first[v] = s;
}

static void unlink_vertex(struct wg_coverage *c, uint32_t s, int end)
{
    uint32_t v = end ? c->segment[s].b : c->segment[s].a;
    uint32_t *at = &c->first[v];
    while (*at != s)
        at = &c->link[*at].next[end_at(c, *at, v)];
    *at = c->link[s].next[end];
    if (c->first[v] == WG_NONE)
        drop_vertex(c, v);
}

static int side_of(const struct wg_coverage *c, uint32_t segment, uint32_t face)
{
    return c->segment[segment].left == face ? 0 : 1;
}

/* Twice the area that a segment adds to the face on its left, about the origin; sums wrap
 * around and come out right. */
static uint64_t sweep(const struct wg_coverage *c, uint32_t s)
{
    struct wg_spot a = c->spot[c->segment[s].a], b = c->spot[c->segment[s].b];
    return (uint64_t)((int64_t)a.x * b.y - (int64_t)a.y * b.x);
}

static void link_face(struct wg_coverage *c, uint32_t s, int side)
{
    uint32_t f = side ? c->segment[s].right : c->segment[s].left;
    struct wg_face *face = &c->face[f];
    uint32_t head = face->first_segment;
    c->link[s].after[side] = head;
    c->link[s].before[side] = WG_NONE;
    if (head != WG_NONE)
        c->link[head].before[side_of(c, head, f)] = s;
    face->first_segment = s;
    face->n_segment++;
    if (f != 0)
        face->area2 =
            (int64_t)((uint64_t)face->area2 + (side ? 0 - sweep(c, s) : sweep(c, s)));
}

static void unlink_face(struct wg_coverage *c, uint32_t s, int side)
{
    uint32_t f = side ? c->segment[s].right : c->segment[s].left;
    struct wg_face *face = &c->face[f];
    uint32_t before = c->link[s].before[side], after = c->link[s].after[side];
    if (before != WG_NONE)
        c->link[before].after[side_of(c, before, f)] = after;
    else
        face->first_segment = after;
    if (after != WG_NONE)
        c->link[after].before[side_of(c, after, f)] = before;
    face->n_segment--;
    if (f != 0)
        face->area2 =
            (int64_t)((uint64_t)face->area2 - (side ? 0 - sweep(c, s) : sweep(c, s)));
}

static uint32_t new_segment(struct wg_coverage *c)
{
    uint32_t s = c->free_segment;
    if (s != WG_NONE) {
        c->free_segment = c->segment[s].a;
        return s;
    }
    void *segments = c->segment, *links = c->link, *marks = c->mark;
    size_t need = (size_t)c->n_segment + 1;
    if (!wg_grow(&segments, &c->cap_segment, need, sizeof *c->segment))
        return WG_NONE;
    c->segment = segments;
    if (!wg_grow(&links, &c->cap_link, need, sizeof *c->link))
        return WG_NONE;
    c->link = links;
    if (!wg_grow(&marks, &c->cap_mark, need, sizeof *c->mark))
        return WG_NONE;
    c->mark = marks;
    c->mark[c->n_segment] = 0;
    return c->n_segment++;
}

uint32_t wg_coverage_add_segment(struct wg_coverage *c, const struct wg_cut *cut)
{
    uint32_t a = get_vertex(c, cut->a), b = a == WG_NONE ? a : get_vertex(c, cut->b);
    uint32_t s = b == WG_NONE ? b : new_segment(c);
    if (s == WG_NONE) {
        c->broken = true;
        return s;
    }
    c->segment[s] = (struct wg_segment){a, b, cut->left, cut->right};
    for (int i = 0; i < 2; i++) {
        link_vertex(c, s, i);
        link_face(c, s, i);
    }
    if (c->cells.head && !wg_places_put(c, s))
        c->broken = true;
    return s;
}

void wg_coverage_drop_segment(struct wg_coverage *c, uint32_t s)
{
    wg_places_take(c, s);
    /* The reverse of adding: what is dropped and added again in reverse order gets the
     * numbers it had, of vertices too. */
    for (int i = 1; i >= 0; i--) {
        unlink_face(c, s, i);
        unlink_vertex(c, s, i);
    }
    c->segment[s] = (struct wg_segment){c->free_segment, 0, WG_NONE, WG_NONE};
    c->free_segment = s;
}

uint32_t wg_coverage_segment_between(const struct wg_coverage *c, uint32_t a, uint32_t b)
{
    for (uint32_t s = c->first[a]; s != WG_NONE; s = c->link[s].next[end_at(c, s, a)])
        if (c->segment[s].a == b || c->segment[s].b == b)
            return s;
    return WG_NONE;
}

uint32_t wg_coverage_find_cut(const struct wg_coverage *c, const struct wg_cut *cut)
{
    uint32_t a = wg_coverage_vertex_at(c, cut->a), b = wg_coverage_vertex_at(c, cut->b);
    return a == WG_NONE || b == WG_NONE ? WG_NONE : wg_coverage_segment_between(c, a, b);
}

/* ---- life ---- */

struct wg_coverage *wg_coverage_new(struct wg_lattice lattice)
{
    struct wg_coverage *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->lattice = lattice;
    c->free_vertex = c->free_segment = WG_NONE;
    if (!widen_table(c) ||
        wg_coverage_add_face(c, &(struct wg_face){.kind = WG_FACE_OUTSIDE}) != 0) {
        wg_coverage_close(c);
        return NULL;
    }
    return c;
}

void wg_coverage_close(struct wg_coverage *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_step; i++)
        wg_edit_step_finish(&c->step[i]);
    wg_edit_step_finish(&c->now);
    wg_refusal_clear(c);
    wg_places_finish(&c->cells);
    free(c->taken.at);
    free(c->step);
    wg_coverage_finish_faces(c);
    free(c->spot);
    free(c->first);
    free(c->table);
    free(c->segment);
    free(c->link);
    free(c->mark);
    free(c);
}

struct wg_lattice wg_coverage_lattice(const struct wg_coverage *c)
{
    return c->lattice;
}

uint32_t wg_coverage_n_face(const struct wg_coverage *c)
{
    return c->n_face;
}

const struct wg_face *wg_coverage_get_face(const struct wg_coverage *c, uint32_t face)
{
    return &c->face[face];
}

const struct wg_segment *wg_coverage_segment(const struct wg_coverage *c,
                                             uint32_t segment)
{
    return &c->segment[segment];
}

struct wg_spot wg_coverage_spot(const struct wg_coverage *c, uint32_t vertex)
{
    return c->spot[vertex];
}

uint32_t wg_coverage_next_of_face(const struct wg_coverage *c, uint32_t face,
                                  uint32_t segment)
{
    if (segment == WG_NONE)
        return c->face[face].first_segment;
    return c->link[segment].after[side_of(c, segment, face)];
}

uint32_t wg_coverage_around(const struct wg_coverage *c, uint32_t vertex, uint32_t cap,
                            uint32_t *segment)
{
    uint32_t n = 0;
    struct wg_spot from = c->spot[vertex];
    for (uint32_t s = c->first[vertex]; s != WG_NONE;
         s = c->link[s].next[end_at(c, s, vertex)]) {
        if (n < cap) {
            uint32_t at = n;
            struct wg_spot to = c->spot[c->segment[s].a ^ c->segment[s].b ^ vertex];
            while (at > 0) {
                uint32_t other = segment[at - 1];
                uint32_t end = c->segment[other].a ^ c->segment[other].b ^ vertex;
                if (wg_spot_angle_compare(from, c->spot[end], to) <= 0)
                    break;
                segment[at] = other;
                at--;
            }
            segment[at] = s;
        }
        n++;
    }
    return n;
}

/* ---- the public view ---- */

int64_t wg_coverage_scheme(const struct wg_coverage *c)
{
    return c->scheme;
}

int64_t wg_coverage_revision(const struct wg_coverage *c)
{
    return c->revision;
}

void wg_coverage_parents_follow(struct wg_coverage *c, bool follow)
{
    c->parents_follow = follow;
}

bool wg_coverage_follows(const struct wg_coverage *c)
{
    return c->parents_follow;
}

bool wg_coverage_off_lattice(const struct wg_coverage *c, uint32_t face)
{
    return c->off_lattice[face];
}

/* ---- copies ---- */

static bool copy_step(const struct wg_edit_step *from, struct wg_edit_step *to)
{
    *to = (struct wg_edit_step){.op = from->op, .arguments = wg_strdup(from->arguments)};
    bool fine = to->arguments || !from->arguments;
    for (size_t i = 0; fine && i < from->take.n; i++)
        fine = wg_cuts_add(&to->take, from->take.at[i]);
    for (size_t i = 0; fine && i < from->put.n; i++)
        fine = wg_cuts_add(&to->put, from->put.at[i]);
    for (size_t i = 0; fine && i < from->begun.n; i++)
        fine = wg_numbers_add(&to->begun, from->begun.at[i]);
    for (size_t i = 0; fine && i < from->ended.n; i++)
        fine = wg_numbers_add(&to->ended, from->ended.at[i]);
    to->touched = malloc((from->n_touched + 1) * sizeof *to->touched);
    if (!fine || !to->touched)
        return false;
    if (from->n_touched)
        memcpy(to->touched, from->touched, from->n_touched * sizeof *to->touched);
    to->n_touched = from->n_touched;
    return true;
}

static bool copy_faces(const struct wg_coverage *from, struct wg_coverage *to)
{
    for (uint32_t f = 1; f < from->n_face; f++)
        if (wg_coverage_add_face(to, &from->face[f]) == WG_NONE)
            return false;
    for (uint32_t f = 0; f < from->n_face; f++) {
        to->face[f].version = from->face[f].version;
        to->unborn[f] = from->unborn[f];
        to->off_lattice[f] = from->off_lattice[f];
    }
    return true;
}

static bool copy_segments(const struct wg_coverage *from, struct wg_coverage *to)
{
    const struct wg_places *k = &from->cells;
    struct wg_spot min = {(int32_t)((int64_t)k->x * ((int64_t)1 << k->shift)),
                          (int32_t)((int64_t)k->y * ((int64_t)1 << k->shift))};
    struct wg_spot max = {
        (int32_t)((((int64_t)k->x + k->cols) * ((int64_t)1 << k->shift)) - 1),
        (int32_t)((((int64_t)k->y + k->rows) * ((int64_t)1 << k->shift)) - 1)};
    if (!wg_places_begin(to, min, max, (size_t)k->cols * k->rows))
        return false;
    for (uint32_t s = 0; s < from->n_segment; s++) {
        const struct wg_segment *g = &from->segment[s];
        if (!wg_segment_lives(from, s))
            continue;
        struct wg_cut cut = {from->spot[g->a], from->spot[g->b], g->left, g->right};
        if (wg_coverage_add_segment(to, &cut) == WG_NONE)
            return false;
    }
    return !to->broken;
}

enum wg_status wg_coverage_copy(const struct wg_coverage *from, struct wg_coverage **out,
                                struct wg_error *err)
{
    struct wg_coverage *to = wg_coverage_new(from->lattice);
    if (!to)
        return wg_fail_memory(err);
    to->scheme = from->scheme;
    to->revision = from->revision;
    to->stamp = from->stamp;
    to->parents_follow = from->parents_follow;
    to->has_limit = from->has_limit;
    to->last_new = from->last_new;
    to->last_version = from->last_version;
    bool fine = copy_faces(from, to) && copy_segments(from, to);
    to->step = calloc(from->n_step + 1, sizeof *to->step);
    to->cap_step = to->step ? from->n_step + 1 : 0;
    fine = fine && to->step;
    for (size_t i = 0; fine && i < from->n_step; i++, to->n_step++)
        fine = copy_step(&from->step[i], &to->step[i]);
    to->n_done = from->n_done;
    if (!fine) {
        wg_coverage_close(to);
        return wg_fail_memory(err);
    }
    *out = to;
    return WG_OK;
}
