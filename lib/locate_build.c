/*
 * Owns the making of a locator: vertices into flat arrays, edges into cells, and a walk
 * over the cells that knows at each corner which grids hold it.
 *
 * The walk goes along a row from the right, where no grid is: between one lower right
 * corner and the next each edge that crosses the cell's lower side takes its grid in or
 * out.  All decisions are exact, so the words are.
 */
#include "locate_build.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "block.h"
#include "internal.h"
#include "locate_boxes.h"
#include "polygon.h"

#define MEMORY_MAX ((size_t)1 << 30)
#define CELLS_MAX (1u << 28)

/* ---- sets of slots ---- */

bool wg_slot_set_has(const struct wg_slot_set *set, uint32_t slot)
{
    for (size_t i = 0; i < set->n && set->slot[i] <= slot; i++) {
        if (set->slot[i] == slot)
            return true;
    }
    return false;
}

bool wg_slot_set_toggle(struct wg_slot_set *set, uint32_t slot)
{
    size_t i = 0;

    while (i < set->n && set->slot[i] < slot)
        i++;
    if (i < set->n && set->slot[i] == slot) {
        set->n--;
        memmove(set->slot + i, set->slot + i + 1, (set->n - i) * sizeof *set->slot);
        return true;
    }
    if (!wg_grow((void **)&set->slot, &set->cap, set->n + 1, sizeof *set->slot))
        return false;
    memmove(set->slot + i + 1, set->slot + i, (set->n - i) * sizeof *set->slot);
    set->slot[i] = slot;
    set->n++;
    return true;
}

bool wg_slot_set_copy(struct wg_slot_set *to, const struct wg_slot_set *from)
{
    if (!wg_grow((void **)&to->slot, &to->cap, from->n + 1, sizeof *to->slot))
        return false;
    if (from->n)
        memcpy(to->slot, from->slot, from->n * sizeof *to->slot);
    to->n = from->n;
    return true;
}

/* ---- the grids, flat ---- */

struct order {
    const struct wg_locator_grid *grid;
};

static int by_code(const void *a, const void *b)
{
    const struct order *l = a, *r = b;

    return strcmp(l->grid->code, r->grid->code);
}

struct by_id {
    int64_t id;
    uint32_t slot;
};

static int compare_id(const void *a, const void *b)
{
    const struct by_id *l = a, *r = b;

    return (l->id > r->id) - (l->id < r->id);
}

static enum wg_status check_grid(const struct wg_locator_grid *grid, struct wg_error *err)
{
    const struct wg_multipolygon *mp = grid->geometry;

    if (grid->id <= 0 || !grid->code || !*grid->code || !mp)
        return wg_fail(err, WG_INVALID,
                       _("A grid of an index needs a number above 0, a code and a "
                         "polygon; number %lld has not."),
                       (long long)grid->id);
    for (uint32_t i = 0; i < mp->n_vertex; i++) {
        if (!isfinite(mp->x[i]) || !isfinite(mp->y[i]))
            return wg_fail_at(err, WG_GEOMETRY, mp->x[i], mp->y[i],
                              _("Grid %s has a vertex that is not a number."),
                              grid->code);
    }
    for (uint32_t r = 0; r < mp->n_ring; r++) {
        uint32_t a = mp->ring[r], z = mp->ring[r + 1];

        if (z == a)
            return wg_fail(err, WG_GEOMETRY, _("Grid %s has a ring without vertices."),
                           grid->code);
        if (mp->x[a] != mp->x[z - 1] || mp->y[a] != mp->y[z - 1])
            return wg_fail_at(err, WG_GEOMETRY, mp->x[a], mp->y[a],
                              _("Grid %s has a ring that is not closed."), grid->code);
    }
    return WG_OK;
}

static enum wg_status sort_grids(size_t n, const struct wg_locator_grid *grids,
                                 struct order **out, struct wg_error *err)
{
    struct order *order = malloc((n + 1) * sizeof *order);
    enum wg_status s = order ? WG_OK : wg_fail_memory(err);

    for (size_t i = 0; s == WG_OK && i < n; i++) {
        order[i].grid = &grids[i];
        s = check_grid(&grids[i], err);
    }
    if (s == WG_OK)
        qsort(order, n, sizeof *order, by_code);
    for (size_t i = 1; s == WG_OK && i < n; i++) {
        if (strcmp(order[i - 1].grid->code, order[i].grid->code) == 0)
            s = wg_fail(err, WG_EXISTS, _("Two grids have the code %s."),
                        order[i].grid->code);
    }
    if (s != WG_OK) {
        free(order);
        order = NULL;
    }
    *out = order;
    return s;
}

static void *section_make(struct wg_locator *loc, enum wg_section which, size_t bytes)
{
    void *block = wg_block_make(bytes);

    loc->section[which] = block;
    loc->head.bytes[which] = bytes;
    return block;
}

static bool section_keep(struct wg_locator *loc, enum wg_section which, void *block,
                         size_t cap, size_t bytes)
{
    loc->section[which] = block ? wg_block_trim(block, cap, bytes) : wg_block_make(bytes);
    loc->head.bytes[which] = bytes;
    return loc->section[which] != NULL;
}

static enum wg_status make_sections(struct wg_locator *loc, size_t n,
                                    const struct order *order, struct wg_error *err)
{
    struct wg_locate_head *h = &loc->head;
    uint64_t vertices = 0, rings = 0, parts = 0, text = 1;

    for (size_t i = 0; i < n; i++) {
        const struct wg_multipolygon *mp = order[i].grid->geometry;

        vertices += mp->n_vertex;
        rings += mp->n_ring;
        parts += mp->n_part;
        text += strlen(order[i].grid->code) + 1;
    }
    if (vertices >= WG_WORD_RECORD || text >= WG_WORD_RECORD || n >= 1u << 24)
        return wg_fail(err, WG_NO_MEMORY, _("Too many vertices for one index."));
    h->n_grid = (uint32_t)n;
    h->n_vertex = (uint32_t)vertices;
    h->n_ring = (uint32_t)rings;
    h->n_part = (uint32_t)parts;
    bool ok = section_make(loc, WG_SECTION_X, vertices * sizeof(double)) &&
              section_make(loc, WG_SECTION_Y, vertices * sizeof(double)) &&
              section_make(loc, WG_SECTION_RING, (rings + 1) * sizeof(uint32_t)) &&
              section_make(loc, WG_SECTION_PART, (parts + 1) * sizeof(uint32_t)) &&
              section_make(loc, WG_SECTION_GRID, (n + 2) * sizeof(uint32_t)) &&
              section_make(loc, WG_SECTION_ID, (n + 1) * sizeof(int64_t)) &&
              section_make(loc, WG_SECTION_BY_ID, n * sizeof(uint32_t)) &&
              section_make(loc, WG_SECTION_CODE, (n + 2) * sizeof(uint32_t)) &&
              section_make(loc, WG_SECTION_TEXT, text);
    wg_locator_look(loc);
    return ok ? WG_OK : wg_fail_memory(err);
}

struct fill { /* how far the sections are filled */
    uint32_t part, ring, vertex, text;
};

/* Shells counter-clockwise, holes clockwise: the interior lies left of every edge. */
static void fill_geometry(struct wg_locator *loc, struct fill *f,
                          const struct wg_multipolygon *from)
{
    double *x = (double *)loc->x + f->vertex, *y = (double *)loc->y + f->vertex;
    uint32_t *ring = (uint32_t *)loc->ring, *part = (uint32_t *)loc->part;
    struct wg_multipolygon here = *from;

    for (uint32_t i = 0; i < from->n_part; i++)
        part[f->part++] = f->ring + from->part[i];
    for (uint32_t i = 0; i < from->n_ring; i++)
        ring[f->ring + i] = f->vertex + from->ring[i];
    if (from->n_vertex) {
        memcpy(x, from->x, from->n_vertex * sizeof *x);
        memcpy(y, from->y, from->n_vertex * sizeof *y);
    }
    here.x = x;
    here.y = y;
    wg_polygon_orient(&here);
    f->ring += from->n_ring;
    f->vertex += from->n_vertex;
}

static void fill_sections(struct wg_locator *loc, const struct order *order)
{
    uint32_t n = loc->head.n_grid;
    uint32_t *grid = (uint32_t *)loc->grid, *code = (uint32_t *)loc->code;
    char *text = (char *)loc->text;
    int64_t *id = (int64_t *)loc->id;
    struct fill f = {.text = 1};

    for (uint32_t slot = 1; slot <= n; slot++) {
        const struct wg_locator_grid *g = order[slot - 1].grid;

        grid[slot] = f.part;
        id[slot] = g->id;
        code[slot] = f.text;
        strcpy(text + f.text, g->code);
        f.text += (uint32_t)strlen(g->code) + 1;
        fill_geometry(loc, &f, g->geometry);
    }
    grid[n + 1] = f.part;
    code[n + 1] = f.text;
    ((uint32_t *)loc->part)[f.part] = f.ring;
    ((uint32_t *)loc->ring)[f.ring] = f.vertex;
}

static enum wg_status fill_by_id(struct wg_locator *loc, struct wg_error *err)
{
    uint32_t n = loc->head.n_grid, *by_id = (uint32_t *)loc->by_id;
    struct by_id *row = malloc((n + 1) * sizeof *row);

    if (!row)
        return wg_fail_memory(err);
    for (uint32_t i = 0; i < n; i++)
        row[i] = (struct by_id){loc->id[i + 1], i + 1};
    qsort(row, n, sizeof *row, compare_id);
    enum wg_status s = WG_OK;
    for (uint32_t i = 0; i < n; i++) {
        by_id[i] = row[i].slot;
        if (s == WG_OK && i && row[i].id == row[i - 1].id)
            s = wg_fail(err, WG_EXISTS, _("Two grids have the number %lld."),
                        (long long)row[i].id);
    }
    free(row);
    return s;
}

/* ---- cells ---- */

/* How many cells serve best: a table that outgrows the caches is slower than the edges
 * it saves (speed.md's sweep, fitted). */
static double cells_wanted(uint32_t n_grid)
{
    double wanted = 6e5 * pow(wg_most(n_grid, 16) / 300, 0.55);

    return wg_least(wanted, 2e7);
}

static void lay_cells(struct wg_locate_head *h, int x_exponent, int y_exponent)
{
    h->per = (struct wg_point){ldexp(1, -x_exponent), ldexp(1, -y_exponent)};
    h->col0 = floor(h->box.min_x * h->per.x);
    h->row0 = floor(h->box.min_y * h->per.y);
}

static double columns(const struct wg_locate_head *h)
{
    return floor(h->box.max_x * h->per.x) - h->col0 + 1;
}

static double rows(const struct wg_locate_head *h)
{
    return floor(h->box.max_y * h->per.y) - h->row0 + 1;
}

/* The smallest cells, square or twice as wide as high, of which there are at most about
 * `wanted`; and not so small that their numbers outgrow a double's whole numbers. */
static void choose_cells(struct wg_locate_head *h, double wanted)
{
    double w = h->box.max_x / 4 - h->box.min_x / 4,
           t = h->box.max_y / 4 - h->box.min_y / 4;
    double most = wg_most(wg_most(fabs(h->box.min_x), fabs(h->box.max_x)),
                          wg_most(fabs(h->box.min_y), fabs(h->box.max_y)));
    int x, y, low;

    frexp(most, &low);
    low = most > 0 ? low - 49 : 0;
    frexp(sqrt(wg_most(w, t) / wanted) * sqrt(wg_least(w, t) + wg_most(w, t) / wanted),
          &x);
    x = x < low ? low : x;
    x = x < -1000 ? -1000 : x;
    x = x > 1015 ? 1015 : x; /* corners of cells stay numbers */
    y = x;
    lay_cells(h, x, y);
    while (columns(h) * rows(h) > wanted * 1.2 && x < 1015) {
        if (x > y)
            y++;
        else
            x++;
        lay_cells(h, x, y);
    }
    h->cols = (uint32_t)columns(h);
    h->rows = (uint32_t)rows(h);
}

/* ---- edges into cells ---- */

struct sink { /* counts the edges of each cell, then files them from behind */
    uint32_t *word;
    struct wg_cell_edge *entry; /* NULL: counting */
    struct wg_cell_edge now;
};

static inline void file_cell(const struct sink *s, uint32_t cell)
{
    if (s->entry)
        s->entry[--s->word[cell]] = s->now;
    else
        s->word[cell]++;
}

/* The columns of one row that the edge touches, given its ends there; errs to more. */
static inline void file_row(const struct wg_locate_head *h, const struct sink *s,
                            uint32_t row, double west, double east)
{
    const double slack = 1e-6;
    double first = west - slack, last = east + slack;
    uint32_t c = first > 0 ? (uint32_t)first : 0;
    uint32_t end = last < h->cols ? (uint32_t)wg_most(last, 0) : h->cols - 1;

    for (; c <= end; c++)
        file_cell(s, row * h->cols + c);
}

static void file_edge(const struct wg_locator *loc, const struct sink *s)
{
    const struct wg_locate_head *h = &loc->head;
    struct wg_edge e = wg_edge_of(loc, s->now.ref);
    double au = e.a.x * h->per.x - h->col0, bu = e.b.x * h->per.x - h->col0;
    double av = e.a.y * h->per.y - h->row0, bv = e.b.y * h->per.y - h->row0;
    uint32_t first = (uint32_t)(floor(e.a.y * h->per.y) - h->row0);
    uint32_t last = (uint32_t)(floor(e.b.y * h->per.y) - h->row0);
    double west = wg_least(au, bu), east = wg_most(au, bu);

    if (first == last || bv - av < 1e-6) { /* a slope of rounding errors says nothing */
        for (uint32_t row = first; row <= last; row++)
            file_row(h, s, row, west, east);
        return;
    }
    double slope = (bu - au) / (bv - av), u = au;
    for (uint32_t row = first; row <= last; row++) {
        double v = row + 1.0 < bv ? row + 1.0 : bv;
        double next = wg_least(wg_most(au + (v - av) * slope, west), east);

        if (row == last)
            next = bu;
        file_row(h, s, row, wg_least(u, next), wg_most(u, next));
        u = next;
    }
}

/* A ring that is one point keeps its edge; else edges without length say nothing. */
static bool edge_counts(const struct wg_locator *loc, uint32_t ref, bool all_one)
{
    return all_one || loc->x[ref] != loc->x[ref + 1] || loc->y[ref] != loc->y[ref + 1];
}

static bool ring_is_point(const struct wg_locator *loc, uint32_t ring)
{
    for (uint32_t i = loc->ring[ring]; i + 1 < loc->ring[ring + 1]; i++) {
        if (edge_counts(loc, i, false))
            return false;
    }
    return true;
}

static void file_edges(const struct wg_locator *loc, struct sink *s)
{
    for (uint32_t slot = 1; slot <= loc->head.n_grid; slot++) {
        uint32_t r = loc->part[loc->grid[slot]], end = loc->part[loc->grid[slot + 1]];

        for (; r < end; r++) {
            bool point = ring_is_point(loc, r);

            for (uint32_t i = loc->ring[r]; i + 1 < loc->ring[r + 1]; i++) {
                s->now = (struct wg_cell_edge){i, slot};
                if (edge_counts(loc, i, point))
                    file_edge(loc, s);
            }
        }
    }
}

/* Afterwards word[c] is where the edges of cell c begin in *out, in order of cells. */
static bool sort_edges(const struct wg_locator *loc, uint32_t *word,
                       struct wg_cell_edge **out, uint64_t *n_out)
{
    uint64_t n = 0, cells = (uint64_t)loc->head.cols * loc->head.rows;
    struct sink s = {.word = word};

    file_edges(loc, &s);
    for (uint64_t c = 0; c < cells; c++) {
        n += word[c];
        word[c] = (uint32_t)n;
    }
    if (n > UINT32_MAX)
        return false;
    *out = s.entry = wg_block_make((n + 1) * sizeof *s.entry);
    *n_out = n;
    if (!s.entry)
        return false;
    file_edges(loc, &s);
    return true;
}

/* ---- the walk ---- */

static bool walk_cells(struct wg_build *b, uint32_t *word,
                       const struct wg_cell_edge *entry, uint64_t n_entry)
{
    struct wg_locate_head *h = &b->loc->head;
    struct wg_slot_set set = {0};
    uint64_t end = n_entry;

    for (uint32_t row = h->rows; row-- > 0 && !b->out_of_memory;) {
        set.n = 0;
        for (uint32_t col = h->cols; col-- > 0 && !b->out_of_memory;) {
            uint32_t *w = &word[(size_t)row * h->cols + col];
            struct wg_locate_cell cell = {h->per, h->col0 + col, h->row0 + row, 0};
            const struct wg_cell_edge *mine = entry + *w;
            size_t n = (size_t)(end - *w);

            end = *w;
            if (n == 0 && set.n <= 1) {
                *w = set.n ? set.slot[0] : 0;
                continue;
            }
            *w = wg_cell_word(b, &cell, mine, n, &set);
            h->boundary_cells += *w >> 31;
            if (n && !wg_cell_walk_west(b, &cell, mine, n, &set))
                b->out_of_memory = true;
        }
    }
    free(set.slot);
    return !b->out_of_memory;
}

/* ---- all of it ---- */

static size_t total_bytes(const struct wg_locator *loc)
{
    size_t bytes = sizeof *loc;

    for (int i = 0; i < WG_SECTIONS; i++)
        bytes += loc->head.bytes[i];
    return bytes;
}

static void drop_section(struct wg_locator *loc, enum wg_section which)
{
    wg_block_free((void *)loc->section[which], loc->head.bytes[which]);
    loc->section[which] = NULL;
    loc->head.bytes[which] = 0;
}

/* More than most partitions need; what is not touched costs nothing. */
static bool make_room(struct wg_build *b, uint64_t n_entry)
{
    return wg_block_grow((void **)&b->pool, &b->cap_pool, 16 * (n_entry + 16)) &&
           wg_block_grow((void **)&b->edges, &b->cap_edges, 8 * (n_entry + 16)) &&
           wg_block_grow((void **)&b->edges_at, &b->cap_edges_at, n_entry + 16);
}

/* The arrays of the build become sections, or are freed with them. */
static bool keep_records(struct wg_build *b)
{
    size_t lines = (b->n_pool + WG_POOL_LINE - 1) / WG_POOL_LINE;
    size_t pool = (b->n_pool + WG_POOL_SLACK) * sizeof *b->pool;
    bool slack = wg_block_grow((void **)&b->pool, &b->cap_pool, pool);

    return section_keep(b->loc, WG_SECTION_POOL, b->pool, b->cap_pool,
                        slack ? pool : b->cap_pool) &
           section_keep(b->loc, WG_SECTION_EDGES, b->edges, b->cap_edges,
                        b->n_edges * sizeof *b->edges) &
           section_keep(b->loc, WG_SECTION_EDGES_AT, b->edges_at, b->cap_edges_at,
                        lines * sizeof *b->edges_at) &
           slack;
}

static enum wg_status build_cells(struct wg_locator *loc, double wanted,
                                  size_t memory_max, struct wg_error *err)
{
    struct wg_build b = {.loc = loc};
    struct wg_locate_head *h = &loc->head;
    struct wg_cell_edge *entry = NULL;
    uint64_t n_entry = 0;
    size_t room, kept = total_bytes(loc);

    choose_cells(h, wanted);
    h->boundary_cells = 0;
    h->partition = 1;
    h->overlap_x = h->overlap_y = NAN;
    uint32_t *word = section_make(loc, WG_SECTION_WORD,
                                  ((size_t)h->cols * h->rows + 1) * sizeof *word);
    room = kept + h->bytes[WG_SECTION_WORD];
    b.words_max = room < memory_max ? (memory_max - room) / 2 / sizeof *b.pool : 0;
    b.out_of_memory = !word;
    if (!b.out_of_memory &&
        (!sort_edges(loc, word, &entry, &n_entry) || !make_room(&b, n_entry) ||
         !walk_cells(&b, word, entry, n_entry)))
        b.out_of_memory = true;
    wg_block_free(entry, (n_entry + 1) * sizeof *entry);
    bool kept_all = keep_records(&b) && !b.out_of_memory;
    wg_locator_look(loc);
    return kept_all ? WG_OK : wg_fail_memory(err);
}

/* Coarser until it fits; a point in a coarse cell only has more edges to ask. */
static enum wg_status build_to_fit(struct wg_locator *loc, double wanted,
                                   size_t memory_max, struct wg_error *err)
{
    size_t kept = total_bytes(loc);

    if (kept > memory_max)
        return wg_fail(err, WG_NO_MEMORY,
                       _("The index needs %zu MB for the vertices alone, more than the "
                         "%zu MB allowed."),
                       kept >> 20, memory_max >> 20);
    for (;; wanted /= 4) {
        enum wg_status s = build_cells(loc, wanted, memory_max, err);

        if (s != WG_OK || total_bytes(loc) <= memory_max || wanted <= 4)
            return s;
        drop_section(loc, WG_SECTION_WORD);
        drop_section(loc, WG_SECTION_POOL);
        drop_section(loc, WG_SECTION_EDGES);
        drop_section(loc, WG_SECTION_EDGES_AT);
    }
}

static struct wg_box box_of(const struct wg_locator *loc)
{
    struct wg_box box = wg_box_empty();

    for (uint32_t i = 0; i < loc->head.n_vertex; i++)
        box = (struct wg_box){
            wg_least(box.min_x, loc->x[i]), wg_least(box.min_y, loc->y[i]),
            wg_most(box.max_x, loc->x[i]), wg_most(box.max_y, loc->y[i])};
    return box;
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum wg_status wg_locator_build(size_t n, const struct wg_locator_grid *grids,
                                const struct wg_locator_options *options,
                                struct wg_locator **out, struct wg_error *err)
{
    static const struct wg_locator_options none;
    const struct wg_locator_options *o = options ? options : &none;
    double begun = seconds(), wanted = o->cells ? o->cells : cells_wanted((uint32_t)n);
    struct order *order = NULL;
    struct wg_locator *loc = calloc(1, sizeof *loc);
    enum wg_status s = loc ? WG_OK : wg_fail_memory(err);

    if (s == WG_OK)
        s = wg_locator_choose_vector(loc, o->vector, err);
    if (s == WG_OK)
        s = sort_grids(n, grids, &order, err);
    if (s == WG_OK)
        s = make_sections(loc, n, order, err);
    if (s == WG_OK) {
        fill_sections(loc, order);
        s = fill_by_id(loc, err);
    }
    free(order);
    if (s == WG_OK) {
        loc->head.box = box_of(loc);
        if (wg_box_is_empty(loc->head.box))
            loc->head.box = (struct wg_box){0, 0, 0, 0};
        if (!wg_boxes_build(loc))
            s = wg_fail_memory(err);
    }
    if (s == WG_OK)
        s = build_to_fit(loc, wg_least(wanted, CELLS_MAX / 4),
                         o->memory_max ? o->memory_max : MEMORY_MAX, err);
    if (s != WG_OK) {
        wg_locator_destroy(loc);
        return s;
    }
    loc->head.build_s = seconds() - begun;
    *out = loc;
    return WG_OK;
}
