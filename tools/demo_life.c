/* Life in the demo district: officers, parts, and a year of events. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "demo_names.h"

static const int64_t minute_ms = 60000;
static const int64_t day_ms = 86400000;

struct kind {
    const char *class_zh, *class_en, *title_zh, *title_en;
    int weight;
    bool in_building; /* else on the street */
    int limit_hours;  /* until it is due */
    int gravity;      /* 0 … 3: how often its alert level is high */
};

static const struct kind kinds[] = {
    {"市容环境", "appearance", "垃圾堆放", "Rubbish left in the open", 16, false, 4, 0},
    {"市容环境", "appearance", "乱贴小广告", "Bills posted", 10, true, 24, 0},
    {"街面秩序", "street order", "占道经营", "Stall blocks the pavement", 12, false, 4, 0},
    {"街面秩序", "street order", "违章停车", "Illegal parking", 11, false, 4, 0},
    {"公共服务", "service", "路灯不亮", "Street light out", 7, false, 48, 0},
    {"公共服务", "service", "电梯故障", "Lift out of order", 6, true, 8, 1},
    {"公共服务", "service", "停水报修", "No water", 5, true, 8, 0},
    {"矛盾纠纷", "dispute", "邻里噪声纠纷", "Noise between neighbours", 8, true, 72, 0},
    {"矛盾纠纷", "dispute", "物业费纠纷", "Dispute over service charges", 4, true, 120, 1},
    {"安全隐患", "hazard", "楼道堆放杂物", "Things stored in the stairwell", 8, true, 24, 1},
    {"安全隐患", "hazard", "电动车违规充电", "E-bike charged indoors", 6, true, 8, 2},
    {"安全隐患", "hazard", "井盖缺失", "Manhole cover missing", 3, false, 2, 2},
    {"消防安全", "fire safety", "消防通道堵塞", "Fire lane blocked", 4, true, 4, 2},
    {"突发事件", "emergency", "燃气泄漏", "Gas leak", 1, true, 2, 3},
    {"突发事件", "emergency", "路面塌陷", "Road surface collapsed", 1, false, 2, 3},
    {"突发事件", "emergency", "内涝积水", "Street under water", 1, false, 2, 3},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct kind *pick_kind(struct demo_random *r)
{
    int sum = 0;
    for (int i = 0; i < KINDS; i++)
        sum += kinds[i].weight;
    int at = demo_random_int(r, 0, sum - 1);
    for (int i = 0; i < KINDS; i++) {
        at -= kinds[i].weight;
        if (at < 0)
            return &kinds[i];
    }
    return &kinds[0];
}

/* A point under a house's roof: in a bar of it, not in its court. */
static struct wg_point under_roof(const struct demo_house *h)
{
    struct wg_point a = h->corner[0], b = h->corner[2];
    if (h->n_yard)
        b = h->yard[0];
    if (h->n == 12) /* the butterfly's core */
        a = h->corner[2], b = h->corner[7];
    struct wg_point m = {(a.x + b.x) / 2, (a.y + b.y) / 2};
    return m;
}

/* Somewhere on a street line. */
static struct wg_point on_street(const struct demo_plan *plan, struct demo_random *r)
{
    double t = demo_random_unit(r);
    int east = plan->river > 0 ? 0 : 1;
    bool column = demo_random_chance(r, 0.5); /* lines inside, not the outer ones */
    int col = demo_random_int(r, east + column, plan->cols - 1);
    int row = demo_random_int(r, !column, plan->rows - 1);
    struct wg_point a = demo_node(plan, col, row);
    struct wg_point b = demo_node(plan, col + !column, row + column);
    double side = demo_random_range(r, -3, 3);
    double length = hypot(b.x - a.x, b.y - a.y);
    struct wg_point p = {a.x + (b.x - a.x) * t - (b.y - a.y) / length * side,
                         a.y + (b.y - a.y) * t + (b.x - a.x) / length * side};
    return p;
}

static enum wg_status write_officers(struct wg_store *store, bool zh, int n,
                                     const int64_t *grid_id, struct wg_error *err)
{
    enum wg_status status = WG_OK;
    for (int i = 0; status == WG_OK && i < n; i++) {
        char name[64], code[16], phone[24];
        demo_name_officer(name, sizeof name, zh, i);
        snprintf(code, sizeof code, "W%04d", i + 1);
        snprintf(phone, sizeof phone, "000-0000-%04d", (i + 1) % 10000);
        struct wg_officer o;
        wg_officer_init(&o);
        o.code = code;
        o.name = name;
        o.phone = phone;
        int64_t id;
        status = wg_officer_create(store, &o, &id, err);
        struct wg_duty d;
        wg_duty_init(&d);
        d.officer = id;
        d.grid = grid_id[i];
        if (status == WG_OK)
            status = wg_duty_create(store, &d, &id, err);
    }
    return status;
}

static enum wg_status write_part(struct wg_store *store, const char *class_code,
                                 const char *mark, int *n, struct wg_point p,
                                 struct wg_error *err)
{
    char code[32];
    snprintf(code, sizeof code, "%s%06d", mark, ++*n);
    struct wg_part part;
    wg_part_init(&part);
    part.code = code;
    part.class_code = class_code;
    part.state = "in use";
    part.x = p.x;
    part.y = p.y;
    int64_t id;
    return wg_part_create(store, &part, &id, err);
}

/* Cameras at crossings, hydrants and lights along streets, manhole covers between. */
static enum wg_status write_parts(struct wg_store *store, const struct demo_plan *plan,
                                  struct wg_error *err)
{
    bool zh = plan->options->chinese;
    int cameras = 0, hydrants = 0, lights = 0, covers = 0;
    enum wg_status status = WG_OK;
    for (int row = 0; row <= plan->rows; row++) {
        for (int col = plan->river > 0 ? 0 : 1; col <= plan->cols; col++) {
            struct wg_point p = demo_node(plan, col, row);
            double in_x = col == plan->cols ? -1 : 1, in_y = row == plan->rows ? -1 : 1;
            struct wg_point at = {p.x + 6 * in_x, p.y + 6 * in_y};
            if (status == WG_OK && (col + row) % 2 == 0)
                status = write_part(store, zh ? "监控探头" : "camera", "C", &cameras, at,
                                    err);
            if (col == plan->cols || (plan->river > 0 && col == plan->river))
                continue; /* no street eastward from here */
            struct wg_point q = demo_node(plan, col + 1, row);
            for (int i = 1; status == WG_OK && i <= 4; i++) {
                double t = i / 5.0;
                struct wg_point s = {p.x + (q.x - p.x) * t, p.y + (q.y - p.y) * t};
                struct wg_point kerb = {
                    s.x, s.y + in_y * demo_road_width(plan, false, row) / 2};
                s.y += in_y;
                if (i == 2 && col % 2 == 0)
                    status = write_part(store, zh ? "消火栓" : "hydrant", "X", &hydrants,
                                        kerb, err);
                else if (i == 3 && col % 3 == 0)
                    status = write_part(store, zh ? "雨水井盖" : "manhole cover", "J",
                                        &covers, s, err);
                else
                    status = write_part(store, zh ? "路灯" : "street light", "L", &lights,
                                        kerb, err);
            }
        }
    }
    return status;
}

/* Hours at which people report: few at night, most in the morning. */
static int64_t time_of_day(struct demo_random *r)
{
    for (;;) {
        double h = demo_random_range(r, 0, 24);
        double busy = h < 6    ? 0.06
                      : h < 8  ? 0.45
                      : h < 12 ? 1.0
                      : h < 14 ? 0.55
                      : h < 18 ? 0.9
                      : h < 22 ? 0.5
                               : 0.15;
        if (demo_random_chance(r, busy))
            return (int64_t)(h * 3600000);
    }
}

static int choose_level(const struct kind *k, struct demo_random *r)
{
    double u = demo_random_unit(r);
    switch (k->gravity) {
    case 3:
        return u < 0.45 ? WG_ALERT_RED : u < 0.85 ? WG_ALERT_ORANGE : WG_ALERT_YELLOW;
    case 2:
        return u < 0.2   ? WG_ALERT_ORANGE
               : u < 0.6 ? WG_ALERT_YELLOW
               : u < 0.9 ? WG_ALERT_BLUE
                         : WG_ALERT_NONE;
    case 1:
        return u < 0.15 ? WG_ALERT_YELLOW : u < 0.55 ? WG_ALERT_BLUE : WG_ALERT_NONE;
    default:
        return u < 0.12 ? WG_ALERT_BLUE : WG_ALERT_NONE;
    }
}

static void make_uuid(struct demo_random *r, char out[37])
{
    uint64_t a = demo_random_next(r), b = demo_random_next(r);
    snprintf(out, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
             (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
             (unsigned)(0x8000 | (b >> 48 & 0x3fff)),
             (unsigned long long)(b & 0xffffffffffffu));
}

/* Where in its loop an event is `age` after its report: most are closed in time. */
static int choose_stage(int64_t age, int64_t limit, struct demo_random *r,
                        int64_t *closed_after)
{
    double pace = demo_random_range(r, 0.15, 0.95);
    if (demo_random_chance(r, 0.07)) /* late */
        pace = demo_random_range(r, 1.02, 2.2);
    if (demo_random_chance(r, 0.008)) /* stuck */
        pace = 400;
    *closed_after = (int64_t)((double)limit * pace) + 20 * minute_ms;
    if (age >= *closed_after)
        return demo_random_chance(r, 0.02) ? WG_STAGE_CANCELLED : WG_STAGE_CLOSED;
    double part = (double)age / (double)*closed_after;
    return part < 0.08   ? WG_STAGE_REPORTED
           : part < 0.16 ? WG_STAGE_FILED
           : part < 0.3  ? WG_STAGE_DISPATCHED
           : part < 0.75 ? WG_STAGE_HANDLING
           : part < 0.9  ? WG_STAGE_HANDLED
                         : WG_STAGE_CHECKING;
}

static const struct demo_house *pick_house(const struct demo_city *city,
                                           struct demo_random *r)
{
    for (int tries = 0; tries < 60; tries++) {
        size_t i = (size_t)(demo_random_unit(r) * (double)city->n_house);
        const struct demo_house *h = &city->house[i];
        if (h->floors >= 2 && demo_random_chance(r, fmin(1, 0.15 + h->households / 90.0)))
            return h;
    }
    return &city->house[0];
}

static enum wg_status write_event(struct wg_store *store, const struct demo_city *city,
                                  const int64_t *house_id, int64_t reported,
                                  const struct kind *k, struct demo_random *r, int number,
                                  struct wg_error *err)
{
    const struct demo_options *o = city->plan.options;
    char uuid[37], code[32], at[WG_INSTANT_SIZE], due[WG_INSTANT_SIZE],
        closed[WG_INSTANT_SIZE];
    make_uuid(r, uuid);
    snprintf(code, sizeof code, "E%07d", number);
    wg_instant_format(reported, at);
    int64_t limit = k->limit_hours * 3600000ll, closed_after;
    wg_instant_format(reported + limit, due);
    struct wg_event e;
    wg_event_init(&e);
    e.stage = choose_stage(o->until_ms - reported, limit, r, &closed_after);
    wg_instant_format(reported + closed_after, closed);
    e.uuid = uuid;
    e.code = code;
    e.class_code = o->chinese ? k->class_zh : k->class_en;
    e.title = o->chinese ? k->title_zh : k->title_en;
    e.source = demo_random_chance(r, 0.7) ? "handheld"
               : demo_random_chance(r, 0.5) ? "hotline"
                                            : "camera";
    e.occurred_at = at;
    e.reported_at = at;
    e.due_at = due;
    e.level = choose_level(k, r);
    if (!wg_stage_is_open(e.stage))
        e.closed_at = closed;
    struct wg_point p = {0, 0};
    if (k->in_building) {
        const struct demo_house *h = pick_house(city, r);
        p = under_roof(h);
        e.building = house_id[h - city->house];
    } else {
        p = on_street(&city->plan, r);
    }
    e.x = p.x;
    e.y = p.y;
    int64_t id;
    return wg_event_create(store, &e, &id, err);
}

static int by_time(const void *a, const void *b)
{
    int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
    return p < q ? -1 : p > q;
}

/* A year of events, oldest first, and a few grave ones in the last hour so that the
 * picture of a quiet day still shows every level. */
static enum wg_status write_events(struct wg_store *store, const struct demo_city *city,
                                   const int64_t *house_id, struct wg_error *err)
{
    const struct demo_options *o = city->plan.options;
    struct demo_random r = demo_random_make(o->seed, 5);
    int n = (int)fmin(100000, fmax(120, 3.0 * (double)city->n_house));
    int64_t *time = malloc((size_t)n * sizeof *time);
    if (!time)
        return WG_NO_MEMORY;
    int64_t today = o->until_ms / day_ms * day_ms;
    for (int i = 0; i < n; i++) {
        int64_t day = today - day_ms * (int64_t)(365 * demo_random_unit(&r));
        time[i] = day + time_of_day(&r);
        if (time[i] > o->until_ms)
            time[i] -= day_ms;
    }
    qsort(time, (size_t)n, sizeof *time, by_time);
    enum wg_status status = WG_OK;
    for (int i = 0; status == WG_OK && i < n; i++) {
        const struct kind *k = pick_kind(&r);
        if (i >= n - 12) { /* the last hour */
            time[i] = o->until_ms - (n - i) * 4 * minute_ms;
            k = &kinds[(n - i) % 3 ? 8 + (n - i) * 5 % 5 : (n - i) % 2 ? 13 : 10];
        }
        status = write_event(store, city, house_id, time[i], k, &r, i + 1, err);
    }
    free(time);
    return status;
}

enum wg_status demo_write_life(struct wg_store *store, const struct demo_city *city,
                               const int64_t *house_id, const int64_t *grid_id,
                               int n_grid, struct wg_error *err)
{
    bool zh = city->plan.options->chinese;
    enum wg_status status = write_officers(store, zh, n_grid, grid_id, err);
    if (status == WG_OK)
        status = write_parts(store, &city->plan, err);
    if (status == WG_OK)
        status = write_events(store, city, house_id, err);
    return status;
}
