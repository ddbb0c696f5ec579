/* Writes the demo district into a database, through the public API like any client. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "demo_names.h"

static const char *const fictional = "999999"; /* no authority has issued it */

enum { HOUSEHOLDS_A_GRID = 367, HOUSEHOLDS_A_COMMUNITY = 5504,
       HOUSEHOLDS_A_STREET = 45000 };

/* The basic scheme's grids of all levels, parents first. */
struct tree {
    struct demo_patch *patch;
    int *level;
    int64_t *id;
    int n, cap;
};

static int reserve(struct tree *t, int more)
{
    int need = t->n + more;
    if (need > t->cap) {
        int cap = need > 2 * t->cap ? need : 2 * t->cap;
        struct demo_patch *patch = realloc(t->patch, (size_t)cap * sizeof *patch);
        if (patch)
            t->patch = patch;
        int *level = realloc(t->level, (size_t)cap * sizeof *level);
        if (level)
            t->level = level;
        int64_t *id = realloc(t->id, (size_t)cap * sizeof *id);
        if (id)
            t->id = id;
        if (!patch || !level || !id)
            return -1;
        t->cap = cap;
    }
    return t->n;
}

static double households_of(const struct demo_plan *plan, const struct demo_patch *p)
{
    double sum = 0;
    for (int row = p->row0; row < p->row1; row++)
        for (int col = p->col0; col < p->col1; col++)
            sum += demo_cell(plan, col, row)->households;
    return sum;
}

static struct wg_point middle_of(const struct demo_plan *plan,
                                 const struct demo_patch *p)
{
    struct wg_point a = demo_node(plan, p->col0, p->row0);
    struct wg_point b = demo_node(plan, p->col1, p->row1);
    struct wg_point c = demo_node(plan, p->col0, p->row1);
    struct wg_point d = demo_node(plan, p->col1, p->row0);
    struct wg_point m = {(a.x + b.x + c.x + d.x) / 4, (a.y + b.y + c.y + d.y) / 4};
    return m;
}

/* Number n patches in reading order from the north-west and give them codes. */
static bool number(const struct demo_plan *plan, struct demo_patch *patch, int n,
                   const char *prefix, const char *zh, const char *en)
{
    struct wg_point *middle = calloc((size_t)n, sizeof *middle);
    uint32_t *order = malloc((size_t)n * sizeof *order);
    struct demo_patch *sorted = malloc((size_t)n * sizeof *sorted);
    bool ok = middle && order && sorted;
    for (int i = 0; ok && i < n; i++)
        middle[i] = middle_of(plan, &patch[i]);
    ok = ok && wg_code_order((size_t)n, middle, NULL, 2 * plan->size_m, order, NULL) ==
                   WG_OK;
    for (int i = 0; ok && i < n; i++) {
        sorted[i] = patch[order[i]];
        snprintf(sorted[i].code, sizeof sorted[i].code, "%s%03d", prefix, i + 1);
        demo_name_number(sorted[i].name, sizeof sorted[i].name, plan->options->chinese,
                         zh, en, i + 1);
    }
    if (ok)
        memcpy(patch, sorted, (size_t)n * sizeof *patch);
    free(middle);
    free(order);
    free(sorted);
    return ok;
}

/* Cut patch `parent` of the tree into n children of the next level down. */
static bool divide(struct tree *t, const struct demo_plan *plan, int parent, int n,
                   int level, const char *zh, const char *en)
{
    struct demo_patch whole = t->patch[parent];
    int most = (whole.col1 - whole.col0) * (whole.row1 - whole.row0);
    n = n < 1 ? 1 : n > most ? most : n;
    if (reserve(t, n) < 0)
        return false;
    struct demo_patch *child = &t->patch[t->n];
    while (n > 1 && !demo_cut(plan, whole, n, child))
        n--; /* a narrow patch cannot give as many */
    if (n == 1)
        child[0] = whole;
    for (int i = 0; i < n; i++) {
        child[i].parent = parent;
        t->level[t->n + i] = level;
    }
    if (!number(plan, child, n, whole.code, zh, en))
        return false;
    t->n += n;
    return true;
}

static bool divide_level(struct tree *t, const struct demo_plan *plan, int above,
                         int level, double households, const char *zh, const char *en)
{
    int n = t->n;
    for (int i = 0; i < n; i++) {
        if (t->level[i] != above)
            continue;
        int parts = (int)lround(households_of(plan, &t->patch[i]) / households);
        if (!divide(t, plan, i, parts, level, zh, en))
            return false;
    }
    return true;
}

/* A community alone, or district → streets → communities, and their grids. */
static bool make_tree(struct tree *t, const struct demo_plan *plan)
{
    bool zh = plan->options->chinese;
    struct demo_patch whole = {0, 0, plan->cols, plan->rows, -1, "", ""};
    double households = households_of(plan, &whole);
    if (reserve(t, 1) < 0)
        return false;
    bool city = households > 3 * HOUSEHOLDS_A_COMMUNITY;
    snprintf(whole.code, sizeof whole.code, "%s%s", fictional, city ? "" : "001001");
    snprintf(whole.name, sizeof whole.name, "%s",
             city ? (zh ? "云溪区" : "Yunxi District")
                  : (zh ? "云溪社区" : "Yunxi Community"));
    t->patch[0] = whole;
    t->level[0] = city ? WG_LEVEL_DISTRICT : WG_LEVEL_COMMUNITY;
    t->n = 1;
    if (city && (!divide_level(t, plan, WG_LEVEL_DISTRICT, WG_LEVEL_STREET,
                               HOUSEHOLDS_A_STREET, "街道", "Street") ||
                 !divide_level(t, plan, WG_LEVEL_STREET, WG_LEVEL_COMMUNITY,
                               HOUSEHOLDS_A_COMMUNITY, "社区", "Community")))
        return false;
    return divide_level(t, plan, WG_LEVEL_COMMUNITY, WG_LEVEL_GRID, HOUSEHOLDS_A_GRID,
                        "网格", "Grid");
}

static enum wg_status write_grid(struct wg_store *store, const struct demo_plan *plan,
                                 int64_t scheme, const struct demo_patch *p, int level,
                                 int64_t parent, int64_t *id, struct wg_error *err)
{
    struct wg_grid g;
    wg_grid_init(&g);
    g.scheme = scheme;
    g.parent = parent;
    g.code = p->code;
    g.name = p->name;
    g.level = level;
    if (!demo_outline(plan, p, &g.geometry))
        return WG_NO_MEMORY;
    enum wg_status status = wg_grid_create(store, &g, id, err);
    wg_multipolygon_finish(&g.geometry);
    return status;
}

static enum wg_status write_basic(struct wg_store *store, const struct demo_plan *plan,
                                  struct tree *t, struct wg_error *err)
{
    bool zh = plan->options->chinese;
    struct wg_scheme s;
    wg_scheme_init(&s);
    s.name = "basic";
    s.title = zh ? "基础网格" : "Basic grids";
    s.purpose = zh ? "社会治理" : "Community management";
    s.code_form = WG_CODE_DEFAULT;
    s.households_min = 300;
    s.households_max = 500;
    int64_t scheme;
    enum wg_status status = wg_scheme_create(store, &s, &scheme, err);
    for (int i = 0; status == WG_OK && i < t->n; i++) {
        int up = t->patch[i].parent;
        status = write_grid(store, plan, scheme, &t->patch[i], t->level[i],
                            up < 0 ? 0 : t->id[up], &t->id[i], err);
    }
    return status;
}

static enum wg_status write_zones(struct wg_store *store, const struct demo_plan *plan,
                                  int n, struct wg_error *err)
{
    bool zh = plan->options->chinese;
    struct demo_patch whole = {0, 0, plan->cols, plan->rows, -1, "", ""};
    struct demo_patch *zone = calloc((size_t)n, sizeof *zone);
    if (!zone)
        return WG_NO_MEMORY;
    while (n > 1 && !demo_cut(plan, whole, n, zone))
        n--;
    if (n == 1)
        zone[0] = whole;
    struct wg_scheme s;
    wg_scheme_init(&s);
    s.name = "zones";
    s.title = zh ? "片区" : "Zones";
    s.purpose = zh ? "居民小组片区" : "Resident group zones";
    int64_t scheme, id;
    enum wg_status status = number(plan, zone, n, "Z", "片区", "Zone")
                                ? wg_scheme_create(store, &s, &scheme, err)
                                : WG_NO_MEMORY;
    for (int i = 0; status == WG_OK && i < n; i++)
        status = write_grid(store, plan, scheme, &zone[i], WG_LEVEL_GRID, 0, &id, err);
    free(zone);
    return status;
}

static bool outline_of(const struct demo_house *h, struct wg_multipolygon *mp,
                       uint32_t part[2], uint32_t ring[3], double *x, double *y)
{
    uint32_t k = 0;
    for (int i = 0; i <= h->n; i++, k++) {
        x[k] = h->corner[i % h->n].x;
        y[k] = h->corner[i % h->n].y;
    }
    ring[0] = 0;
    ring[1] = k;
    for (int i = 0; h->n_yard && i <= h->n_yard; i++, k++) {
        x[k] = h->yard[i % h->n_yard].x;
        y[k] = h->yard[i % h->n_yard].y;
    }
    ring[2] = k;
    part[0] = 0;
    part[1] = h->n_yard ? 2 : 1;
    *mp = (struct wg_multipolygon){1, part[1], k, part, ring, x, y};
    return true;
}

/* The community in which a cell lies, so that buildings are numbered inside it. */
static const struct demo_patch *community_of(const struct tree *t, int col, int row)
{
    for (int i = 0; i < t->n; i++) {
        const struct demo_patch *p = &t->patch[i];
        if (t->level[i] == WG_LEVEL_COMMUNITY && col >= p->col0 && col < p->col1 &&
            row >= p->row0 && row < p->row1)
            return p;
    }
    return &t->patch[0];
}

static enum wg_status write_dwellings(struct wg_store *store, const struct demo_house *h,
                                      int64_t building, struct wg_error *err)
{
    int floors = h->floors > 0 ? h->floors : 1;
    int on_floor = (h->households + floors - 1) / floors;
    int people = h->population, elderly = h->elderly_alone;
    for (int i = 0; i < h->households; i++) {
        struct wg_dwelling d;
        wg_dwelling_init(&d);
        char unit[16], room[32];
        int floor = i / on_floor + 1, door = i % on_floor + 1;
        snprintf(unit, sizeof unit, "%d", (door - 1) / 4 + 1);
        snprintf(room, sizeof room, "%d%02d", floor, door);
        d.building = building;
        d.unit = unit;
        d.room = room;
        d.floor = floor;
        d.households = 1;
        int left = h->households - i;
        d.population = (people + left - 1) / left;
        people -= (int)d.population;
        d.elderly_alone = elderly > 0 && d.population <= 2 ? 1 : 0;
        elderly -= (int)d.elderly_alone;
        d.state = (i * 7 + h->number) % 13 == 0 ? "let" : "occupied";
        int64_t id;
        enum wg_status status = wg_dwelling_create(store, &d, &id, err);
        if (status != WG_OK)
            return status;
    }
    return WG_OK;
}

static enum wg_status write_house(struct wg_store *store, const struct demo_city *city,
                                  const struct demo_house *h, const char *code,
                                  int64_t *id, struct wg_error *err)
{
    const struct demo_plan *plan = &city->plan;
    bool zh = plan->options->chinese;
    char estate[96], name[128], address[128], road[64];
    demo_name_estate(estate, sizeof estate, zh, h->estate,
                     demo_cell(plan, h->col, h->row)->use);
    snprintf(name, sizeof name, zh ? "%s%d幢" : "%s, Block %d", estate, h->number);
    demo_name_road(road, sizeof road, zh, false, h->row,
                   demo_is_main(plan, false, h->row), false);
    snprintf(address, sizeof address, zh ? "%s%d号" : "%s %d", road, h->col * 20 + 2 * h->number);
    double x[40], y[40];
    uint32_t part[2], ring[3];
    struct wg_building b;
    wg_building_init(&b);
    outline_of(h, &b.geometry, part, ring, x, y);
    b.code = code;
    b.name = name;
    b.use = h->use;
    b.address = address;
    b.roof = h->roof;
    b.base_m = h->base_m;
    b.height_m = h->height_m;
    if (h->roof_m > 0)
        b.roof_m = h->roof_m;
    b.floors = h->floors;
    b.households = h->households;
    b.population = h->population;
    b.elderly_alone = h->elderly_alone;
    return wg_building_create(store, &b, id, err);
}

static enum wg_status write_houses(struct wg_store *store, const struct demo_city *city,
                                   const struct tree *t, int64_t *house_id,
                                   struct wg_progress progress, struct wg_error *err)
{
    bool dwellings = city->n_house <= 20000;
    int *numbered = calloc((size_t)t->n, sizeof *numbered);
    if (!numbered)
        return WG_NO_MEMORY;
    enum wg_status status = WG_OK;
    for (size_t i = 0; status == WG_OK && i < city->n_house; i++) {
        const struct demo_house *h = &city->house[i];
        const struct demo_patch *c = community_of(t, h->col, h->row);
        char code[WG_CODE_MAX + 1];
        snprintf(code, sizeof code, "%.48s%05d", c->code, ++numbered[c - t->patch]);
        status = write_house(store, city, h, code, &house_id[i], err);
        if (status == WG_OK && dwellings && h->households)
            status = write_dwellings(store, h, house_id[i], err);
        if (progress.call && i % 256 == 0 &&
            !progress.call(i, city->n_house, progress.user))
            status = WG_CANCELLED;
    }
    free(numbered);
    return status;
}

static enum wg_status write_surfaces(struct wg_store *store,
                                     const struct demo_city *city, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    for (size_t i = 0; status == WG_OK && i < city->n_surface; i++) {
        const struct demo_surface *from = &city->surface[i];
        double x[65], y[65];
        uint32_t part[2] = {0, 1}, ring[2] = {0, (uint32_t)from->n + 1};
        for (int j = 0; j <= from->n; j++) {
            x[j] = from->corner[j % from->n].x;
            y[j] = from->corner[j % from->n].y;
        }
        struct wg_surface s;
        wg_surface_init(&s);
        s.kind = from->kind;
        s.name = from->name;
        s.geometry = (struct wg_multipolygon){1, 1, ring[1], part, ring, x, y};
        int64_t id;
        status = wg_surface_create(store, &s, &id, err);
    }
    return status;
}

/* One street line from crossing `from` to crossing `to`. */
static enum wg_status write_road(struct wg_store *store, const struct demo_plan *plan,
                                 bool column, int line, int from, int to,
                                 struct wg_error *err)
{
    size_t n = (size_t)(to - from + 1);
    double *xy = malloc(2 * n * sizeof *xy);
    if (!xy)
        return WG_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        struct wg_point p = column ? demo_node(plan, line, from + (int)i)
                                   : demo_node(plan, from + (int)i, line);
        xy[i] = p.x;
        xy[n + i] = p.y;
    }
    char name[64];
    bool is_main = demo_is_main(plan, column, line);
    bool riverside = column && (line == plan->river || line == plan->river + 1);
    demo_name_road(name, sizeof name, plan->options->chinese, column, line, is_main,
                   riverside);
    struct wg_road r;
    wg_road_init(&r);
    r.name = name;
    r.class_code = is_main ? "main" : "street";
    r.width_m = demo_road_width(plan, column, line);
    r.n = n;
    r.x = xy;
    r.y = xy + n;
    int64_t id;
    enum wg_status status = wg_road_create(store, &r, &id, err);
    free(xy);
    return status;
}

static enum wg_status write_roads(struct wg_store *store, const struct demo_plan *plan,
                                  struct wg_error *err)
{
    enum wg_status status = WG_OK;
    int east_bank = plan->river + 1;
    for (int line = 0; status == WG_OK && line <= plan->rows; line++) {
        bool bridge = plan->river > 0 && demo_is_main(plan, false, line);
        if (bridge) {
            status = write_road(store, plan, false, line, 0, plan->cols, err);
            continue;
        }
        if (plan->river > 0)
            status = write_road(store, plan, false, line, 0, plan->river, err);
        if (status == WG_OK)
            status = write_road(store, plan, false, line, east_bank, plan->cols, err);
    }
    for (int line = plan->river > 0 ? 0 : 1; status == WG_OK && line <= plan->cols; line++)
        status = write_road(store, plan, true, line, 0, plan->rows, err);
    return status;
}

static enum wg_status write_terrain(struct wg_store *store, const struct demo_plan *plan,
                                    struct wg_error *err)
{
    struct wg_box box = wg_box_empty();
    for (int i = 0; i < (plan->cols + 1) * (plan->rows + 1); i++)
        box = wg_box_grow(box, plan->node[i].x, plan->node[i].y);
    double margin = 400, widest = fmax(box.max_x - box.min_x, box.max_y - box.min_y);
    struct wg_terrain t = {.step_m = fmax(8, ceil((widest + 2 * margin) / 900))};
    t.x0 = floor(box.min_x - margin);
    t.y0 = floor(box.min_y - margin);
    t.cols = (uint32_t)((box.max_x + margin - t.x0) / t.step_m) + 1;
    t.rows = (uint32_t)((box.max_y + margin - t.y0) / t.step_m) + 1;
    t.z = malloc((size_t)t.cols * t.rows * sizeof *t.z);
    if (!t.z)
        return WG_NO_MEMORY;
    for (uint32_t row = 0; row < t.rows; row++)
        for (uint32_t col = 0; col < t.cols; col++)
            t.z[(size_t)row * t.cols + col] = (float)demo_ground(
                plan, t.x0 + col * t.step_m, t.y0 + row * t.step_m);
    enum wg_status status = wg_terrain_write(store, &t, err);
    free(t.z);
    return status;
}

static enum wg_status write_all(struct wg_store *store, struct demo_city *city,
                                struct tree *t, int64_t *house_id,
                                struct wg_progress progress, struct wg_error *err)
{
    const struct demo_plan *plan = &city->plan;
    double households = households_of(plan, &t->patch[0]);
    int zones = 6 * (int)fmax(1, lround(households / HOUSEHOLDS_A_COMMUNITY));
    int first = 0;
    while (first < t->n && t->level[first] != WG_LEVEL_GRID)
        first++;
    enum wg_status status = write_terrain(store, plan, err);
    if (status == WG_OK)
        status = write_surfaces(store, city, err);
    if (status == WG_OK)
        status = write_roads(store, plan, err);
    if (status == WG_OK)
        status = write_basic(store, plan, t, err);
    if (status == WG_OK)
        status = write_zones(store, plan, zones > 900 ? 900 : zones, err);
    if (status == WG_OK)
        status = write_houses(store, city, t, house_id, progress, err);
    if (status == WG_OK)
        status =
            demo_write_life(store, city, house_id, t->id + first, t->n - first, err);
    if (status == WG_OK)
        status = wg_assign_all(store, 0, progress, NULL, err);
    return status;
}

enum wg_status demo_write(struct wg_store *store, struct demo_city *city,
                          struct wg_progress progress, struct wg_error *err)
{
    struct tree t = {0};
    int64_t *house_id = calloc(city->n_house, sizeof *house_id);
    enum wg_status status = WG_NO_MEMORY;
    if (!house_id || !make_tree(&t, &city->plan))
        goto out;
    status = wg_store_begin_bulk(store, err);
    if (status != WG_OK)
        goto out;
    status = write_all(store, city, &t, house_id, progress, err);
    if (status == WG_OK)
        status = wg_store_commit(store, err);
    else
        wg_store_rollback(store);
out:
    free(t.patch);
    free(t.level);
    free(t.id);
    free(house_id);
    return status;
}
