/* Names of grids and badges of buildings, placed over the picture. */
#include "label.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "declutter.h"
#include "hud/palette.h"
#include "hud/sheet.h"

#define CACHE_IMAGES 1024 /* grown past only while one frame shows more */
#define BADGES 1500       /* most severe first */

/* --- rasterised strings, kept while they are in use --- */

struct raster {
    uint64_t key;
    uint64_t used; /* frame */
    struct image image;
    int anchor_x, anchor_y; /* the point of the image that lies on the place */
};

struct candidate {
    uint64_t key;
    int32_t grid, building; /* one of them, else -1 */
    float sx, sy, opacity;
    int level;
    bool strong;
};

struct labels {
    struct text *text;
    struct raster **raster; /* by key, open addressing, power of two */
    size_t cap, n;
    uint64_t frame;
    struct candidate *candidate;
    struct declutter_box *box;
    struct raster **shape;
    struct sprite *sprite;
    size_t room;
    uint8_t *was_shown; /* grids of the last frame: they keep their place */
    uint32_t n_was;
};

/* The one count of the process that two threads may meet on. */
uint64_t image_revision(void)
{
    static atomic_uint_least64_t last;
    return atomic_fetch_add(&last, 1) + 1;
}

static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001B3u;
    return h;
}

static uint64_t hash_text(uint64_t h, const char *s)
{
    return hash(h, s, strlen(s) + 1);
}

struct labels *labels_create(struct text *text)
{
    struct labels *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->text = text;
    l->cap = 256;
    l->raster = calloc(l->cap, sizeof *l->raster);
    return l;
}

static void raster_destroy(struct raster *r)
{
    if (!r)
        return;
    free(r->image.rgba);
    free(r);
}

void labels_destroy(struct labels *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->cap; i++)
        raster_destroy(l->raster[i]);
    free(l->raster);
    free(l->candidate);
    free(l->box);
    free(l->shape);
    free(l->sprite);
    free(l->was_shown);
    free(l);
}

static struct raster **slot(struct labels *l, uint64_t key)
{
    size_t i = (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & (l->cap - 1);
    while (l->raster[i] && l->raster[i]->key != key)
        i = (i + 1) & (l->cap - 1);
    return &l->raster[i];
}

static void rehash(struct labels *l, size_t cap, uint64_t keep_since)
{
    struct raster **old = l->raster, **fresh = calloc(cap, sizeof *fresh);
    size_t old_cap = l->cap;
    if (!fresh)
        return;
    l->raster = fresh;
    l->cap = cap;
    l->n = 0;
    for (size_t i = 0; i < old_cap; i++) {
        if (!old[i])
            continue;
        if (old[i]->used < keep_since) {
            raster_destroy(old[i]);
            continue;
        }
        *slot(l, old[i]->key) = old[i];
        l->n++;
    }
    free(old);
}

/* Room for one more: the unused go first, then the table grows. */
static void make_room(struct labels *l)
{
    if (l->n >= CACHE_IMAGES)
        rehash(l, l->cap, l->frame);
    if (l->n * 2 >= l->cap)
        rehash(l, l->cap * 2, 0);
}

/* --- drawing one --- */

struct look {
    const struct palette *palette;
    const struct layout_metrics *m;
    struct palette own; /* with the theme's alert colours */
};

static struct raster *draw_name(struct labels *l, const struct look *k,
                                const struct model_grid *g, const struct candidate *c)
{
    const char *first = g->name[0] ? g->name : g->code;
    const char *second = g->name[0] && strcmp(g->name, g->code) != 0 ? g->code : "";
    bool high = g->level < WG_LEVEL_GRID;
    float px = (float)k->m->em * (high ? 1.25f : 1.05f);
    float halo = fmaxf(2.0f, roundf(px / 8));
    int pad = (int)halo + 1;
    struct text_style name = {.px = px,
                              .colour = k->own.label,
                              .bold = true,
                              .halo_px = halo,
                              .halo = k->own.halo};
    if (c->strong)
        name.colour = k->own.accent;
    struct text_style code = {.px = (float)k->m->small * (high ? 1.1f : 0.95f),
                              .colour = k->own.label_second,
                              .tabular = true,
                              .halo_px = halo,
                              .halo = k->own.halo};
    struct text_extent a = text_measure(l->text, first, &name), b = {0};
    if (second[0])
        b = text_measure(l->text, second, &code);
    int r = c->level ? (int)lroundf(px * 0.72f) : 0;
    int lead = r ? 2 * r + (int)(px / 3) : 0;
    int w = (a.w + lead > b.w ? a.w + lead : b.w) + 2 * pad;
    int overlap = second[0] ? a.h / 8 : 0;
    int h = a.h + b.h - overlap + 2 * pad;
    struct canvas *canvas = canvas_create(l->text, w, h);
    struct raster *out = calloc(1, sizeof *out);
    if (!canvas || !out) {
        canvas_destroy(canvas);
        free(out);
        return NULL;
    }
    if (second[0])
        canvas_text(canvas, (w - b.w) / 2, pad + a.h - overlap, second, &code);
    int x = (w - a.w - lead) / 2;
    canvas_text(canvas, x + lead, pad, first, &name);
    if (r)
        badge_draw(canvas, &k->own, c->level, (float)(x + r), (float)(pad + a.h / 2),
                   (float)r * 0.86f);
    out->image = (struct image){w, h, canvas_finish(canvas), image_revision()};
    out->anchor_x = w / 2;
    out->anchor_y = h / 2;
    return out;
}

/* A badge on a short stem whose foot is on the roof. */
static struct raster *draw_badge(struct labels *l, const struct look *k, int level)
{
    static const float weight[] = {0, 1.12f, 1.0f, 0.94f, 0.86f};
    float r = (float)k->m->em * 0.78f * weight[level];
    int stem = (int)lroundf((float)k->m->em * 0.7f);
    int reach = (int)ceilf(r * 1.4f) + 2;
    int w = 2 * reach + 1, h = 2 * reach + stem;
    struct canvas *canvas = canvas_create(l->text, w, h);
    struct raster *out = calloc(1, sizeof *out);
    if (!canvas || !out) {
        canvas_destroy(canvas);
        free(out);
        return NULL;
    }
    float cx = (float)reach + 0.5f, cy = (float)reach;
    float line = fmaxf(1, (float)k->m->hair * 1.5f);
    canvas_rect(canvas, cx - line / 2, cy, line, (float)(h - reach), 0, k->own.label, 0,
                0);
    static const enum canvas_mark shapes[] = {MARK_CIRCLE, MARK_CIRCLE, MARK_DIAMOND,
                                              MARK_TRIANGLE, MARK_SQUARE};
    float rim = fmaxf(1.5f, (float)k->m->em / 7);
    canvas_mark(canvas, shapes[level], cx, cy, r, k->own.halo, k->own.halo, 2 * rim);
    badge_draw(canvas, &k->own, level, cx, cy, r);
    out->image = (struct image){w, h, canvas_finish(canvas), image_revision()};
    out->anchor_x = reach;
    out->anchor_y = h;
    return out;
}

static struct raster *raster_of(struct labels *l, const struct look *k,
                                const struct app *app, const struct candidate *c)
{
    struct raster **at = slot(l, c->key);
    if (!*at) {
        make_room(l);
        at = slot(l, c->key);
        *at = c->grid >= 0 ? draw_name(l, k, &app->model.partition->grid[c->grid], c)
                           : draw_badge(l, k, c->level);
        if (!*at)
            return NULL;
        (*at)->key = c->key;
        l->n++;
    }
    (*at)->used = l->frame;
    return *at;
}

/* --- who stands for a place --- */

static bool reserve(struct labels *l, size_t n)
{
    if (n <= l->room)
        return true;
    size_t room = n + n / 2 + 64;
    struct candidate *candidate = realloc(l->candidate, room * sizeof *candidate);
    if (candidate)
        l->candidate = candidate;
    struct declutter_box *box = realloc(l->box, room * sizeof *box);
    if (box)
        l->box = box;
    struct raster **shape = realloc(l->shape, room * sizeof(struct raster *));
    if (shape)
        l->shape = shape;
    struct sprite *sprite = realloc(l->sprite, room * sizeof *sprite);
    if (sprite)
        l->sprite = sprite;
    if (!candidate || !box || !shape || !sprite)
        return false;
    l->room = room;
    return true;
}

static float smooth(double low, double high, double v)
{
    double t = (v - low) / (high - low);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return (float)(t * t * (3 - 2 * t));
}

/* Opacity of a grid's name by how large the grid is on the screen: a leaf goes when it
 * is tiny, a grid with children when they can be told apart. */
static float opacity_of(const struct app *app, const struct model_grid *g, double depth_m,
                        const struct layout_metrics *m)
{
    const struct camera *cam = &app->camera;
    double focal = cam->height / 2.0 / tan(cam->fov_deg * M_PI / 360);
    double size = sqrt(g->area_m2) * focal / depth_m;
    float in = smooth(m->em * 2.6, m->em * 4.2, size);
    if (g->leaf)
        return in;
    return in * (1 - smooth(cam->height * 0.55, cam->height * 0.9, size));
}

static size_t add_grids(struct labels *l, const struct app *app, const struct look *k,
                        size_t n, uint64_t seed)
{
    const struct model_partition *p = app->model.partition;
    const struct model_live *live = app->model.live;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct model_grid *g = &p->grid[i];
        double sx, sy, depth;
        if (!camera_project(&app->camera, g->label_x, g->label_y, g->label_z, &sx, &sy,
                            &depth) ||
            sx < 0 || sy < 0 || sx > app->camera.width || sy > app->camera.height)
            continue;
        bool chosen = (int32_t)i == app->selected_grid;
        float opacity = chosen ? 1 : opacity_of(app, g, depth, k->m);
        if (opacity < 0.05f)
            continue;
        int worst = app->mode == MODE_ALERT && live && live->grid && g->leaf
                        ? live->grid[i].worst
                        : 0;
        struct candidate *c = &l->candidate[n];
        *c = (struct candidate){.grid = (int32_t)i,
                                .building = -1,
                                .sx = (float)sx,
                                .sy = (float)sy,
                                .opacity = opacity,
                                .level = worst,
                                .strong = chosen};
        c->key = hash(hash_text(hash_text(seed, g->name), g->code), &g->level,
                      sizeof g->level);
        c->key =
            hash(hash(c->key, &c->level, sizeof c->level), &c->strong, sizeof c->strong);
        bool kept = i < l->n_was && l->was_shown[i];
        l->box[n].priority = (chosen ? 1e6 : 0) + (app->mode == MODE_ALERT ? 0 : 5000) +
                             (10 - g->level) * 100 + (kept ? 60 : 0) +
                             (worst ? (5 - worst) * 10 : 0) + log10(g->area_m2 + 1);
        n++;
    }
    return n;
}

static size_t add_badges(struct labels *l, const struct app *app, size_t n, uint64_t seed)
{
    const struct model_city *city = app->model.city;
    const struct model_live *live = app->model.live;
    size_t left = BADGES;
    for (int level = 1; level <= 4 && left > 0; level++)
        for (uint32_t i = 0; i < city->n && left > 0; i++) {
            double sx, sy, depth;
            if (live->level[i] != level || city->whole[i] >= 0 ||
                !camera_project(&app->camera, city->cx[i], city->cy[i],
                                model_top(city, i), &sx, &sy, &depth))
                continue;
            bool chosen = (int32_t)i == app->selected;
            struct candidate *c = &l->candidate[n];
            *c = (struct candidate){.grid = -1,
                                    .building = (int32_t)i,
                                    .sx = (float)sx,
                                    .sy = (float)sy,
                                    .opacity = 1,
                                    .level = level};
            c->key = hash(hash(seed, "badge", 6), &level, sizeof level);
            /* The near before the far of one level, so they stay as one moves. */
            l->box[n].priority =
                (chosen ? 1e6 : 0) + 1000 + (5 - level) * 100 + 50 / (1 + depth / 1000);
            n++;
            left--;
        }
    return n;
}

static void remember(struct labels *l, const struct app *app, size_t n)
{
    uint32_t count = app->model.partition->n;
    if (count != l->n_was) {
        free(l->was_shown);
        l->was_shown = malloc(count ? count : 1);
        l->n_was = l->was_shown ? count : 0;
    }
    if (l->n_was)
        memset(l->was_shown, 0, l->n_was);
    for (size_t i = 0; i < n; i++)
        if (l->candidate[i].grid >= 0 && l->box[i].shown && l->n_was)
            l->was_shown[l->candidate[i].grid] = 1;
}

static size_t place(struct labels *l, const struct app *app, const struct look *k,
                    size_t n, const struct layout_rect *blocked, size_t n_blocked)
{
    struct declutter_box wall[16];
    n_blocked = n_blocked < 16 ? n_blocked : 16;
    for (size_t i = 0; i < n_blocked; i++)
        wall[i] = (struct declutter_box){.x = (float)blocked[i].x,
                                         .y = (float)blocked[i].y,
                                         .w = (float)blocked[i].w,
                                         .h = (float)blocked[i].h};
    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = &l->candidate[i];
        struct raster *r = l->shape[i] = raster_of(l, k, app, c);
        double priority = l->box[i].priority;
        if (!r) {
            l->box[i] = (struct declutter_box){.x = -1};
            continue;
        }
        l->box[i] = (struct declutter_box){.x = roundf(c->sx) - (float)r->anchor_x,
                                           .y = roundf(c->sy) - (float)r->anchor_y,
                                           .w = (float)r->image.width,
                                           .h = (float)r->image.height,
                                           .priority = priority};
    }
    declutter(l->box, n, wall, n_blocked, (float)app->camera.width,
              (float)app->camera.height, 2);
    size_t shown = 0;
    for (size_t i = n; i-- > 0;) /* badges first, names over them */
        if (l->box[i].shown && l->shape[i])
            l->sprite[shown++] = (struct sprite){&l->shape[i]->image, l->box[i].x,
                                                 l->box[i].y, l->candidate[i].opacity};
    return shown;
}

size_t labels_frame(struct labels *l, const struct app *app,
                    const struct layout_metrics *m, const struct layout_rect *blocked,
                    size_t n_blocked, const struct sprite **out)
{
    const struct model *model = &app->model;
    *out = l->sprite;
    l->frame++;
    if (!model->city || !model->partition ||
        !reserve(l, (size_t)model->partition->n + BADGES))
        return 0;
    struct look look = {.palette = palette_of(app->theme->id == THEME_DARK), .m = m};
    look.own = *look.palette;
    memcpy(look.own.level, app->theme->level, sizeof look.own.level);
    uint64_t seed = hash(0xCBF29CE484222325u, &m->em, sizeof m->em);
    seed = hash(seed, &app->theme->id, sizeof app->theme->id);
    size_t n = add_grids(l, app, &look, 0, seed);
    if (app->mode == MODE_ALERT && model->live)
        n = add_badges(l, app, n, seed);
    size_t shown = place(l, app, &look, n, blocked, n_blocked);
    remember(l, app, n);
    *out = l->sprite;
    return shown;
}
