/* The blocks of the demo district: what stands in each, by its use. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"

static const double floor_m = 3.0;
static const double pavement_m = 3.5;

/* A block being filled.  Houses are rectangles in its own frame: origin at its middle,
 * a along its south and north sides, b across. */
struct block {
    struct demo_city *city;
    struct demo_random random;
    int col, row, estate;
    struct wg_point middle;
    double cos_a, sin_a;
    struct wg_point side[4];  /* corners, counter-clockwise from the south-west */
    double setback[4];        /* from each side's street centre line */
    double half_a, half_b;    /* a box that holds the block */
    size_t first;             /* its first house */
    int next_number;
};

struct rect {
    double a, b, length, depth; /* middle and size in the block's frame */
};

static struct wg_point to_map(const struct block *k, double a, double b)
{
    struct wg_point p = {k->middle.x + a * k->cos_a - b * k->sin_a,
                         k->middle.y + a * k->sin_a + b * k->cos_a};
    return p;
}

static struct block block_at(struct demo_city *city, int col, int row)
{
    const struct demo_plan *plan = &city->plan;
    struct block k = {.city = city, .col = col, .row = row, .first = city->n_house,
                      .estate = row * plan->cols + col, .next_number = 1};
    k.random = demo_random_make(plan->options->seed,
                                1000 + (uint64_t)row * 100003u + (uint64_t)col);
    k.middle = demo_inside(plan, col, row, 0.5, 0.5);
    struct wg_point west = demo_inside(plan, col, row, 0, 0.5);
    struct wg_point east = demo_inside(plan, col, row, 1, 0.5);
    double length = hypot(east.x - west.x, east.y - west.y);
    k.cos_a = (east.x - west.x) / length;
    k.sin_a = (east.y - west.y) / length;
    k.side[0] = demo_node(plan, col, row);
    k.side[1] = demo_node(plan, col + 1, row);
    k.side[2] = demo_node(plan, col + 1, row + 1);
    k.side[3] = demo_node(plan, col, row + 1);
    k.setback[0] = demo_road_width(plan, false, row) / 2 + pavement_m;
    k.setback[1] = demo_road_width(plan, true, col + 1) / 2 + pavement_m;
    k.setback[2] = demo_road_width(plan, false, row + 1) / 2 + pavement_m;
    k.setback[3] = demo_road_width(plan, true, col) / 2 + pavement_m;
    for (int i = 0; i < 4; i++) {
        double dx = k.side[i].x - k.middle.x, dy = k.side[i].y - k.middle.y;
        k.half_a = fmax(k.half_a, fabs(dx * k.cos_a + dy * k.sin_a));
        k.half_b = fmax(k.half_b, fabs(-dx * k.sin_a + dy * k.cos_a));
    }
    return k;
}

/* How far inside the block's building line a point lies; negative beyond it. */
static double inside_by(const struct block *k, struct wg_point p)
{
    double least = INFINITY;
    for (int i = 0; i < 4; i++) {
        struct wg_point a = k->side[i], b = k->side[(i + 1) % 4];
        double length = hypot(b.x - a.x, b.y - a.y);
        double d = ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) / length;
        least = fmin(least, d - k->setback[i]);
    }
    return least;
}

static bool fits(const struct block *k, struct rect r)
{
    for (int i = 0; i < 4; i++) {
        double a = r.a + (i == 1 || i == 2 ? 0.5 : -0.5) * r.length;
        double b = r.b + (i >= 2 ? 0.5 : -0.5) * r.depth;
        if (inside_by(k, to_map(k, a, b)) < 0)
            return false;
    }
    return true;
}

static struct demo_house *add_house(struct block *k, const char *use, int floors)
{
    struct demo_city *city = k->city;
    if (city->n_house == city->cap_house) {
        size_t cap = city->cap_house ? 2 * city->cap_house : 1024;
        struct demo_house *more = realloc(city->house, cap * sizeof *more);
        if (!more)
            return NULL;
        city->house = more;
        city->cap_house = cap;
    }
    struct demo_house *h = &city->house[city->n_house++];
    memset(h, 0, sizeof *h);
    h->col = k->col;
    h->row = k->row;
    h->use = use;
    h->roof = "flat";
    h->floors = floors;
    h->height_m = floors * floor_m + 0.6;
    h->estate = k->estate;
    h->number = k->next_number++;
    return h;
}

/* A house of a given outline, corners in the frame of a rectangle's middle. */
static struct demo_house *add_shape(struct block *k, struct rect r, int n,
                                    const double (*corner)[2], const char *use,
                                    int floors)
{
    struct demo_house *h = add_house(k, use, floors);
    if (!h)
        return NULL;
    h->n = n;
    for (int i = 0; i < n; i++)
        h->corner[i] = to_map(k, r.a + corner[i][0], r.b + corner[i][1]);
    return h;
}

static struct demo_house *add_rect(struct block *k, struct rect r, const char *use,
                                   int floors)
{
    double a = r.length / 2, b = r.depth / 2;
    const double corner[4][2] = {{-a, -b}, {a, -b}, {a, b}, {-a, b}};
    return add_shape(k, r, 4, corner, use, floors);
}

static void dwell(struct demo_house *h, struct rect r, double m2_each)
{
    if (h)
        h->dwellings = r.length * r.depth * 0.82 * h->floors / m2_each;
}

static void add_surface(struct block *k, const char *kind, int n,
                        const struct wg_point *corner)
{
    struct demo_city *city = k->city;
    if (city->n_surface == city->cap_surface) {
        size_t cap = city->cap_surface ? 2 * city->cap_surface : 512;
        struct demo_surface *more = realloc(city->surface, cap * sizeof *more);
        if (!more)
            return; /* a lawn fewer: buildings report what memory lacks */
        city->surface = more;
        city->cap_surface = cap;
    }
    struct demo_surface *s = &city->surface[city->n_surface++];
    s->kind = kind;
    s->name = NULL;
    s->n = n < 64 ? n : 64;
    memcpy(s->corner, corner, (size_t)s->n * sizeof *corner);
}

/* A lawn or court: a rectangle, clipped to the block by skipping what does not fit. */
static void add_lawn(struct block *k, struct rect r, const char *kind)
{
    if (!fits(k, r))
        return;
    struct wg_point c[4];
    for (int i = 0; i < 4; i++)
        c[i] = to_map(k, r.a + (i == 1 || i == 2 ? 0.5 : -0.5) * r.length,
                      r.b + (i >= 2 ? 0.5 : -0.5) * r.depth);
    add_surface(k, kind, 4, c);
}

/* The whole block inside its pavements. */
static void add_ground(struct block *k, const char *kind, double extra_m)
{
    struct wg_point c[4];
    for (int i = 0; i < 4; i++) {
        struct wg_point p = k->side[i];
        for (int step = 0; step < 400; step++) { /* walk in along the diagonal */
            if (inside_by(k, p) >= extra_m)
                break;
            p.x += (k->middle.x - p.x) * 0.01;
            p.y += (k->middle.y - p.y) * 0.01;
        }
        c[i] = p;
    }
    add_surface(k, kind, 4, c);
}

/* Low shops along the side that faces a main street. */
static void fill_shop_row(struct block *k, bool south)
{
    double edge = south ? -k->half_b : k->half_b;
    for (double a = -k->half_a; a < k->half_a;) {
        struct rect r = {0, 0, demo_random_range(&k->random, 16, 26), 11};
        r.a = a + r.length / 2;
        bool placed = false;
        for (double in = 0; in < 40 && !placed; in += 1.5) {
            r.b = edge + (south ? in : -in);
            if (fits(k, r)) {
                add_rect(k, r, "commercial", demo_random_int(&k->random, 1, 2));
                placed = true;
            }
        }
        a += r.length + (placed && demo_random_chance(&k->random, 0.25) ? 6 : 0.0);
    }
}

/* Does a rectangle keep `gap` metres from every house of the block? */
static bool is_clear(const struct block *k, struct rect r, double gap)
{
    struct wg_point m = to_map(k, r.a, r.b);
    double c = k->cos_a, s = k->sin_a;
    for (size_t i = k->first; i < k->city->n_house; i++) {
        const struct demo_house *h = &k->city->house[i];
        double lo_a = INFINITY, hi_a = -INFINITY, lo_b = INFINITY, hi_b = -INFINITY;
        for (int j = 0; j < h->n; j++) {
            double dx = h->corner[j].x - m.x, dy = h->corner[j].y - m.y;
            double a = dx * c + dy * s, b = -dx * s + dy * c;
            lo_a = fmin(lo_a, a);
            hi_a = fmax(hi_a, a);
            lo_b = fmin(lo_b, b);
            hi_b = fmax(hi_b, b);
        }
        if (lo_a < r.length / 2 + gap && hi_a > -r.length / 2 - gap &&
            lo_b < r.depth / 2 + gap && hi_b > -r.depth / 2 - gap)
            return false;
    }
    return true;
}

/* Gatehouses, bicycle sheds, substations: what fills the corners of an estate. */
static void fill_sheds(struct block *k, int n)
{
    for (int i = 0; i < n; i++) {
        struct rect r = {demo_random_range(&k->random, -1, 1) * k->half_a,
                         demo_random_range(&k->random, -1, 1) * k->half_b,
                         demo_random_range(&k->random, 4, 11),
                         demo_random_range(&k->random, 3.5, 6)};
        if (fits(k, r) && is_clear(k, r, 2.5))
            add_rect(k, r, "service", 1);
    }
}

/* Rows of slabs facing south, green courts between them. */
static void fill_slabs(struct block *k)
{
    add_ground(k, "yard", -1.5);
    int floors = demo_random_chance(&k->random, 0.7) ? demo_random_int(&k->random, 6, 7)
                                                     : demo_random_int(&k->random, 9, 11);
    double depth = demo_random_range(&k->random, 11.5, 13.5);
    double pitch = depth + floors * floor_m * 0.42 + 4;
    double start = -k->half_b + demo_random_range(&k->random, 6, 14);
    if (demo_random_chance(&k->random, 0.55)) { /* shops along the street first */
        fill_shop_row(k, true);
        start = -k->half_b + demo_random_range(&k->random, 30, 34);
    }
    for (double b = start; b < k->half_b; b += pitch) {
        for (double a = -k->half_a; a < k->half_a;) {
            struct rect r = {0, b, demo_random_range(&k->random, 34, 58), depth};
            r.a = a + r.length / 2;
            if (!fits(k, r)) { /* a shorter one may */
                r.length *= 0.6;
                r.a = a + r.length / 2;
            }
            if (!fits(k, r) || !is_clear(k, r, 2)) {
                a += 3;
                continue;
            }
            int here = floors + (demo_random_chance(&k->random, 0.15) ? -1 : 0);
            struct demo_house *h = add_rect(k, r, "residential", here);
            dwell(h, r, 96);
            if (h && here <= 7 && demo_random_chance(&k->random, 0.35)) {
                h->roof = "hipped";
                h->roof_m = 2.4;
                h->height_m += 2.4;
            }
            struct rect lawn = {r.a, r.b + depth / 2 + 2.5 + (pitch - depth - 6) / 2,
                                r.length * 0.85, pitch - depth - 6};
            if (lawn.depth > 3)
                add_lawn(k, lawn, "green");
            a += r.length + demo_random_range(&k->random, 7, 10);
        }
    }
    fill_sheds(k, 3);
}

/* Tall point blocks in a garden. */
static void fill_towers(struct block *k)
{
    add_ground(k, "green", 0.5);
    int floors = demo_random_int(&k->random, 16, 30);
    double gap = demo_random_range(&k->random, 11, 16);
    if (demo_is_main(&k->city->plan, false, k->row) || demo_random_chance(&k->random, 0.2))
        fill_shop_row(k, true);
    for (double b = -k->half_b; b < k->half_b; b += 6) {
        for (double a = -k->half_a; a < k->half_a; a += 4) {
            struct rect r = {a, b, 26, 21};
            if (!fits(k, r) || !is_clear(k, r, gap))
                continue;
            /* A butterfly plan: two wings and a core. */
            const double x = 13, y = 10.5, n = 3.2, m = 4;
            const double corner[12][2] = {{-x, -y + m}, {-n, -y + m}, {-n, -y},
                                          {n, -y},      {n, -y + m},  {x, -y + m},
                                          {x, y},       {n, y},       {n, y - n},
                                          {-n, y - n},  {-n, y},      {-x, y}};
            int here = floors + demo_random_int(&k->random, -2, 2);
            struct demo_house *h = add_shape(k, r, 12, corner, "residential", here);
            dwell(h, r, 118);
            if (h)
                h->height_m += 3.6; /* lift head and parapet */
        }
    }
    fill_sheds(k, 4);
}

/* Small old houses along lanes, wall to wall. */
static void fill_old_quarter(struct block *k)
{
    add_ground(k, "yard", -1.5);
    bool lane = false;
    for (double b = -k->half_b + 4; b < k->half_b;) {
        double depth = demo_random_range(&k->random, 9, 13);
        for (double a = -k->half_a; a < k->half_a;) {
            struct rect r = {0, b + depth / 2, demo_random_range(&k->random, 8, 17),
                             depth - demo_random_range(&k->random, 0, 2)};
            r.a = a + r.length / 2;
            if (!fits(k, r)) {
                a += 2.5;
                continue;
            }
            if (demo_random_chance(&k->random, 0.12)) { /* a court stays free */
                add_lawn(k, r, "green");
            } else {
                int floors = demo_random_int(&k->random, 2, 4);
                struct demo_house *h = add_rect(k, r, "residential", floors);
                if (h && floors <= 3) {
                    h->roof = "gabled";
                    h->roof_m = 2.2;
                    h->height_m += 1.8;
                }
                dwell(h, r, 150);
            }
            a += r.length + (demo_random_chance(&k->random, 0.3) ? 2.4 : 0.05);
        }
        b += depth + (lane ? 4.5 : 0.4);
        lane = !lane;
    }
}

/* A department store with a light court, and a tower or two over it. */
static void fill_centre(struct block *k)
{
    add_ground(k, "square", -2);
    struct rect r = {0, 0, 2 * k->half_a * 0.72, 2 * k->half_b * 0.66};
    while (r.length > 20 && !fits(k, r)) {
        r.length *= 0.95;
        r.depth *= 0.95;
    }
    if (r.length <= 20)
        return;
    int floors = demo_random_int(&k->random, 3, 5);
    struct demo_house *podium = add_rect(k, r, "commercial", floors);
    if (!podium)
        return;
    podium->height_m = floors * 4.8;
    double deck = podium->height_m;
    double yard_a = r.length * 0.13, yard_b = r.depth * 0.16;
    const double court[4][2] = {{-yard_a, -yard_b}, {-yard_a, yard_b},
                                {yard_a, yard_b},   {yard_a, -yard_b}};
    podium->n_yard = 4;
    for (int i = 0; i < 4; i++)
        podium->yard[i] = to_map(k, court[i][0], court[i][1]);
    int towers = demo_random_int(&k->random, 1, 2);
    for (int t = 0; t < towers; t++) {
        struct rect tower = {(t ? -1 : 1) * r.length * 0.32,
                             demo_random_range(&k->random, -0.1, 0.1) * r.depth,
                             r.length * 0.24, r.depth * 0.44};
        int high = demo_random_int(&k->random, 18, 38);
        struct demo_house *h = add_rect(k, tower, t ? "office" : "hotel", high);
        if (!h)
            return;
        h->base_m = deck;
        h->height_m = deck + high * 3.6;
    }
}

static void fill_school(struct block *k)
{
    add_ground(k, "yard", -1.5);
    struct rect r = {-k->half_a * 0.34, 0, 44, 62};
    while (r.depth > 24 && !fits(k, r)) {
        r.length *= 0.94;
        r.depth *= 0.94;
    }
    const double x = r.length / 2, y = r.depth / 2, w = 11;
    const double u_shape[8][2] = {{-x, -y}, {x, -y},         {x, -y + w}, {-x + w, -y + w},
                                  {-x + w, y - w}, {x, y - w}, {x, y},    {-x, y}};
    if (fits(k, r))
        add_shape(k, r, 8, u_shape, "public", 4);
    struct rect hall = {k->half_a * 0.30, k->half_b * 0.46, 34, 18};
    if (fits(k, hall)) {
        struct demo_house *h = add_rect(k, hall, "public", 2);
        if (h)
            h->height_m = 11;
    }
    /* The running track: an oval around its lawn. */
    struct wg_point oval[40];
    double long_m = k->half_b * 0.42, wide_m = k->half_a * 0.26;
    for (int pass = 0; pass < 2; pass++) {
        double shrink = pass ? 4.5 : 0;
        for (int i = 0; i < 40; i++) {
            double t = 2 * M_PI * i / 40;
            oval[i] = to_map(k, k->half_a * 0.34 + (wide_m - shrink) * cos(t),
                             -k->half_b * 0.16 + (long_m - shrink) * sin(t));
        }
        add_surface(k, pass ? "green" : "sport", 40, oval);
    }
}

static void fill_square(struct block *k)
{
    add_ground(k, "square", -2.5);
    struct rect hall = {0, k->half_b * 0.58, 58, 20};
    while (hall.length > 20 && !fits(k, hall)) {
        hall.length *= 0.93;
        hall.b *= 0.95;
    }
    struct demo_house *h = fits(k, hall) ? add_rect(k, hall, "public", 3) : NULL;
    if (h) {
        h->height_m = 16;
        h->roof = "hipped";
        h->roof_m = 4;
    }
    for (int i = -1; i <= 1; i += 2) {
        struct rect lawn = {i * k->half_a * 0.42, -k->half_b * 0.12, k->half_a * 0.34,
                            k->half_b * 0.72};
        add_lawn(k, lawn, "green");
    }
    struct rect stele = {0, -k->half_b * 0.1, 4, 4};
    h = add_rect(k, stele, "monument", 1);
    if (h) {
        h->height_m = 19;
        h->roof = "pyramid";
        h->roof_m = 3;
    }
}

static void fill_hill(struct block *k)
{
    add_ground(k, "green", -2);
    int houses = demo_random_int(&k->random, 2, 5);
    for (int i = 0; i < houses; i++) {
        struct rect r = {demo_random_range(&k->random, -0.6, 0.6) * k->half_a,
                         (-0.7 + 1.4 * (i + 0.5) / houses) * k->half_b, 12, 9};
        if (!fits(k, r))
            continue;
        struct demo_house *h = add_rect(k, r, "residential", 2);
        if (h) {
            h->roof = "gabled";
            h->roof_m = 2.2;
            h->height_m += 1.8;
        }
        dwell(h, r, 140);
    }
}

static void fill_works(struct block *k)
{
    add_ground(k, "yard", -1.5);
    for (int i = -1; i <= 1; i += 2) {
        struct rect r = {0, i * k->half_b * 0.32, k->half_a * 1.25, 24};
        while (r.length > 16 && !fits(k, r))
            r.length *= 0.93;
        if (!fits(k, r))
            continue;
        struct demo_house *h = add_rect(k, r, "industrial", 1);
        if (h) {
            h->height_m = demo_random_range(&k->random, 8, 12);
            h->roof = "gabled";
            h->roof_m = 2.5;
        }
    }
}

/* The river between its banks, as wide as demo_ground cut it. */
static void fill_river(struct block *k)
{
    const struct demo_plan *plan = &k->city->plan;
    struct wg_point bank[18];
    add_ground(k, "green", -k->setback[0]);
    for (int i = 0; i < 9; i++) {
        double v = i / 8.0;
        struct wg_point m = demo_inside(plan, k->col, k->row, 0.5, v);
        double west = m.x, east = m.x;
        double level = demo_ground(plan, m.x, m.y);
        while (demo_ground(plan, west - 1, m.y) <= level + 0.7 && m.x - west < 200)
            west -= 1;
        while (demo_ground(plan, east + 1, m.y) <= level + 0.7 && east - m.x < 200)
            east += 1;
        bank[i] = (struct wg_point){east, m.y};
        bank[17 - i] = (struct wg_point){west, m.y};
    }
    add_surface(k, "water", 18, bank);
}

static void fill(struct block *k, enum demo_use use)
{
    switch (use) {
    case DEMO_RIVER:
        fill_river(k);
        break;
    case DEMO_OLD_QUARTER:
        fill_old_quarter(k);
        break;
    case DEMO_SLABS:
        fill_slabs(k);
        break;
    case DEMO_TOWERS:
        fill_towers(k);
        break;
    case DEMO_CENTRE:
        fill_centre(k);
        break;
    case DEMO_SCHOOL:
        fill_school(k);
        break;
    case DEMO_SQUARE:
        fill_square(k);
        break;
    case DEMO_HILL:
        fill_hill(k);
        break;
    case DEMO_WORKS:
        fill_works(k);
        break;
    }
}

bool demo_build(struct demo_city *city)
{
    for (int row = 0; row < city->plan.rows; row++) {
        for (int col = 0; col < city->plan.cols; col++) {
            struct block k = block_at(city, col, row);
            fill(&k, demo_cell(&city->plan, col, row)->use);
        }
    }
    return city->house != NULL;
}

void demo_city_finish(struct demo_city *city)
{
    demo_plan_finish(&city->plan);
    free(city->house);
    free(city->surface);
    memset(city, 0, sizeof *city);
}
