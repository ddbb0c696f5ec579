/* The ingest queue: what stands in the file afterwards is what the triggers would have
 * written; nothing is lost, nothing is there twice, a bad event falls alone. */
#include "noun_scratch.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "random.h"
#include "wangge/assign.h"
#include "wangge/building.h"
#include "wangge/ingest.h"
#include "wangge/instant.h"

#define SIDE 100.0
#define CELLS 6
#define CHANGE_DAY "2020-06-01T00:00:00.000Z"

/* ---- a district ---- */

static void add_grid(struct wg_store *store, int64_t scheme, const char *code,
                     int64_t parent, struct wg_box b, const char *from, const char *to)
{
    runf(store,
         "INSERT INTO grid (scheme_id, code, parent_id, valid_from, valid_to, geom) "
         "VALUES "
         "(%lld, '%s', nullif(%lld, 0), %s, %s, ST_Multi(GeomFromText('POLYGON((%.17g "
         "%.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g))', 4545)))",
         (long long)scheme, code, (long long)parent, from, to, X0 + b.min_x, Y0 + b.min_y,
         X0 + b.max_x, Y0 + b.min_y, X0 + b.max_x, Y0 + b.max_y, X0 + b.min_x,
         Y0 + b.max_y, X0 + b.min_x, Y0 + b.min_y);
}

/* Three schemes: squares with a hole in the coverage; strips of which one ended on a day
 * and was followed by two; one without a grid. */
static void add_schemes(struct wg_store *store)
{
    char code[16];
    int64_t squares = new_scheme(store, "squares", NULL);
    for (int i = 0; i < CELLS; i++)
        for (int j = 0; j < CELLS; j++) {
            snprintf(code, sizeof code, "S%02d", (i * 7 + j * 11) % 97);
            if (i != 2 || j != 3)
                add_grid(
                    store, squares, code, 0,
                    (struct wg_box){i * SIDE, j * SIDE, (i + 1) * SIDE, (j + 1) * SIDE},
                    "NULL", "NULL");
        }
    int64_t strips = new_scheme(store, "strips", NULL);
    for (int i = 0; i < CELLS; i++) {
        snprintf(code, sizeof code, "T%d", i);
        add_grid(store, strips, code, 0,
                 (struct wg_box){i * SIDE, 0, (i + 1) * SIDE, CELLS * SIDE}, "NULL",
                 i == 1 ? "'" CHANGE_DAY "'" : "NULL");
    }
    add_grid(store, strips, "T1a", 0, (struct wg_box){SIDE, 0, 2 * SIDE, 250},
             "'" CHANGE_DAY "'", "NULL");
    add_grid(store, strips, "T1b", 0, (struct wg_box){SIDE, 250, 2 * SIDE, 600},
             "'" CHANGE_DAY "'", "NULL");
    int64_t parent = ask(store, "SELECT id FROM grid WHERE code = 'T4'");
    add_grid(store, strips, "T4a", parent, (struct wg_box){400, 0, 500, 300},
             "'2021-01-01T00:00:00.000Z'", "NULL");
    new_scheme(store, "empty", NULL);
}

static void add_building(struct wg_store *store, struct random *r, const char *part_of,
                         const char *to)
{
    double x = random_real(r, 0, 560), y = random_real(r, 0, 560);
    double w = random_real(r, 10, 40), h = random_real(r, 10, 40);
    runf(store,
         "INSERT INTO building (part_of, valid_to, geom) VALUES (%s, %s, "
         "ST_Multi(BuildMbr(%.17g, %.17g, %.17g, %.17g, 4545)))",
         part_of, to, X0 + x, Y0 + y, X0 + x + w, Y0 + y + h);
}

static void add_buildings(struct wg_store *store, struct random *r, int n)
{
    for (int i = 0; i < n; i++)
        add_building(store, r,
                     i % 7 == 6 ? "(SELECT min(id) FROM building WHERE part_of IS NULL)"
                                : "NULL",
                     i % 5 == 4 ? "'2019-01-01T00:00:00.000Z'" : "NULL");
    runf(store,
         "INSERT INTO part (class, geom) VALUES ('lamp', MakePoint(%.17g, %.17g, "
         "4545))",
         X0 + 5, Y0 + 5);
}

static void make_district(const char *path, int buildings)
{
    struct wg_error err = {0};
    struct wg_create_options options = {.crs = "EPSG:4545"};
    struct random r = {11};
    struct wg_store *store = NULL;
    must(wg_store_create(path, &options, &err), &err);
    must(wg_store_open(path, NULL, &store, &err), &err);
    must(wg_store_begin(store, &err), &err);
    add_schemes(store);
    add_buildings(store, &r, buildings);
    must(wg_store_commit(store, &err), &err);
    wg_store_close(store);
}

static struct wg_store *open_path(const char *path)
{
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    must(wg_store_open(path, NULL, &store, &err), &err);
    return store;
}

/* ---- events ---- */

struct texts {
    char uuid[40], code[24], title[64], occurred[32], reported[32], due[32], closed[32];
};

static const char *some_time(struct random *r, char out[32])
{
    static const char *const year[] = {"2018", "2020", "2022", "2026"};
    snprintf(out, 32, "%s-%02d-%02dT%02d:00:00%s", year[random_between(r, 0, 3)],
             (int)random_between(r, 1, 12), (int)random_between(r, 1, 28),
             (int)random_between(r, 0, 23), random_between(r, 0, 1) ? "Z" : "+08:00");
    return out;
}

static double some_place(struct random *r)
{
    return random_between(r, 0, 3) == 0 ? SIDE * (double)random_between(r, -1, 7) / 2
                                        : random_real(r, -60, 660);
}

static void make_event(struct random *r, struct wg_event *e, struct texts *t)
{
    static const char *const sources[] = {"handheld", "hotline", "摄像头", NULL};
    int64_t dice = random_between(r, 0, 99);
    wg_event_init(e);
    snprintf(t->uuid, sizeof t->uuid, "%08X-0000-4000-8000-%012llx",
             (unsigned)random_between(r, 0, 4000000), (unsigned long long)dice);
    e->uuid = t->uuid;
    snprintf(t->code, sizeof t->code, "C%lld", (long long)random_between(r, 1, 500));
    e->code = random_between(r, 0, 2) ? t->code : NULL;
    e->class_code = dice % 3 ? "hazard" : NULL;
    snprintf(t->title, sizeof t->title, "井盖 %lld", (long long)dice);
    e->title = dice % 4 ? t->title : "";
    e->source = sources[dice % 4];
    e->reported_at = some_time(r, t->reported);
    e->occurred_at = dice % 2 ? some_time(r, t->occurred) : NULL;
    e->accuracy_m = dice % 5 ? random_real(r, 0, 50) : NAN;
    if (dice >= 6) {
        e->x = X0 + some_place(r);
        e->y = Y0 + some_place(r);
    }
    e->building = dice % 11 == 0 ? random_between(r, 1, 5) : 0;
    e->part = dice % 13 == 0 ? 1 : 0;
    e->level = dice % 10 == 0 ? (int)random_between(r, 0, 4) : 0;
    if (dice % 9 == 0)
        e->stage = (int)random_between(r, 1, 10);
    if (dice % 12 == 0)
        e->due_at = some_time(r, t->due);
    snprintf(t->closed, sizeof t->closed, "2027-01-0%dT00:00:00Z",
             (int)random_between(r, 1, 9));
    if (e->stage && dice % 2)
        e->closed_at = t->closed;
}

/* ---- comparing two files ---- */

static const char *const same_answers[] = {
    "SELECT id, uuid, code, class, title, description, address, source, occurred_at, "
    "reported_at, frame, accuracy_m, building_id, part_id, hex(geom) FROM event ORDER BY "
    "id",
    "SELECT event_id, stage, level, due_at, closed_at IS NULL, iif(closed_at LIKE "
    "'2027-01%', closed_at, ''), acknowledged_at, length(updated_at) FROM event_status "
    "ORDER BY event_id",
    "SELECT event_id, action, from_stage, to_stage, who, why, iif(action = 'report' OR "
    "at LIKE '2027-01%', at, length(at)) FROM event_log ORDER BY id",
    "SELECT kind, object_id, scheme_id, grid_id, share, how FROM owner ORDER BY 1, 2, 3",
    /* the triggers may tell of a status twice, by the clock, and of an event that lies in
       the box of a building but in none */
    "SELECT tbl, rid, op, was, now FROM (SELECT *, lag(tbl || rid || op) OVER (ORDER BY "
    "seq) AS before FROM change) c WHERE (before IS NOT tbl || rid || op OR tbl LIKE "
    "'owner%') AND NOT (tbl = 'event' AND op = 'U' AND (SELECT building_id FROM event "
    "WHERE id = rid) IS NULL) ORDER BY rid, seq",
    "SELECT pkid, xmin, xmax, ymin, ymax FROM idx_event_geom ORDER BY pkid",
    "SELECT last_insert IS NULL FROM geometry_columns_time WHERE f_table_name = 'event'",
    "SELECT max(seq) - min(seq) + 1 - count(*) FROM change",
};

static void compare(struct wg_store *a, struct wg_store *b, const char *sql, int columns)
{
    struct wg_error err = {0};
    struct wg_query *p = NULL, *q = NULL;
    bool more = true, other = true;
    must(wg_query(a, sql, &p, &err), &err);
    must(wg_query(b, sql, &q, &err), &err);
    for (int row = 1; more; row++) {
        must(wg_step(p, &more, &err), &err);
        must(wg_step(q, &other, &err), &err);
        if (more != other)
            fail_msg("%.60s …: row %d is in one file only", sql, row);
        for (int i = 0; more && i < columns; i++) {
            const char *l = wg_column_text(p, i), *r = wg_column_text(q, i);
            if (!l != !r || (l && strcmp(l, r) != 0))
                fail_msg("%.60s …: row %d column %d: %s, not %s", sql, row, i,
                         r ? r : "NULL", l ? l : "NULL");
        }
    }
    wg_done(p);
    wg_done(q);
}

static void report(const char *text, void *user)
{
    (void)user;
    print_message("# %s\n", text);
}

static void check_whole(struct wg_store *store)
{
    struct wg_error err = {0};
    assert_int_equal(ask(store, "SELECT rtreecheck('main', 'idx_event_geom') = 'ok'"), 1);
    assert_int_equal(ask(store, "SELECT CheckSpatialIndex('event', 'geom')"), 1);
    must(wg_store_verify(store, report, NULL, &err), &err);
}

static void compare_files(const char *triggers, const char *queue)
{
    static const int columns[] = {15, 8, 7, 6, 5, 5, 1, 1};
    struct wg_store *a = open_path(triggers), *b = open_path(queue);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        compare(a, b, same_answers[i], columns[i]);
    check_whole(b);
    wg_store_close(a);
    wg_store_close(b);
}

/* ---- the tests ---- */

struct kept {
    struct wg_event event;
    struct texts texts;
};

static struct kept *make_events(struct random *r, int n)
{
    struct kept *k = calloc((size_t)n, sizeof *k);
    assert_non_null(k);
    for (int i = 0; i < n; i++) {
        make_event(r, &k[i].event, &k[i].texts);
        if (i % 17 == 16) { /* sent again */
            k[i].event = k[i - 5].event;
            k[i].event.title = "another";
        }
    }
    return k;
}

static void test_same_as_triggers(void **state)
{
    static const struct {
        size_t group;
        int buildings, events;
    } cases[] = {
        {1, 60, 150}, {7, 60, 400}, {64, 60, 1200}, {400, 60, 2500}, {100, 0, 300}};
    struct scratch *s = *state;
    char second[128];
    struct wg_error err = {0};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct random r = {100 + c};
        struct kept *k = make_events(&r, cases[c].events);
        for (int i = 0; cases[c].buildings == 0 && i < cases[c].events; i++)
            k[i].event.building = 0;
        snprintf(s->db, sizeof s->db, "%s/%zu.wangge", s->folder, c);
        snprintf(second, sizeof second, "%s/%zu-queue.wangge", s->folder, c);
        make_district(s->db, cases[c].buildings);
        make_district(second, cases[c].buildings);
        struct wg_store *store = scratch_open(s);
        must(wg_store_begin(store, &err), &err);
        for (int i = 0; i < cases[c].events; i++)
            must(wg_event_create(store, &k[i].event, NULL, &err), &err);
        must(wg_store_commit(store, &err), &err);
        wg_store_close(store);
        struct wg_ingest_options options = {.group_max = cases[c].group};
        struct wg_ingest *queue = NULL;
        must(wg_ingest_open(second, &options, &queue, &err), &err);
        for (int i = 0; i < cases[c].events; i++)
            must(wg_ingest_put(queue, &k[i].event, 0, NULL, &err), &err);
        wg_ingest_flush(queue);
        struct wg_ingest_counts n = wg_ingest_counts(queue);
        assert_int_equal(n.put, cases[c].events);
        assert_int_equal(n.committed + n.known, cases[c].events);
        assert_true(n.known >= (uint64_t)cases[c].events / 17 - 1);
        assert_true(cases[c].buildings == 0 || n.linked > 0);
        wg_ingest_close(queue);
        compare_files(s->db, second);
        free(k);
    }
}

struct heard {
    struct wg_ingest *queue;
    const char *path;
    size_t n, refused, known, wrong, lasts;
    uint64_t next;
    char words[200];
};

static void hear(const struct wg_ingest_receipt *r, void *user)
{
    struct heard *h = user;
    h->n++;
    h->lasts += r->last;
    h->wrong += r->tag != h->next++;
    if (r->status) {
        h->refused++;
        snprintf(h->words, sizeof h->words, "%.190s", r->error->text);
        return;
    }
    h->known += r->known;
    h->wrong += r->n_owner != 2 || r->id <= 0 || strlen(r->uuid) != 36;
    for (size_t i = 0; i < r->n_owner; i++)
        h->wrong += !r->owner[i].grid != !r->owner[i].grid_code[0];
}

/* A bad event falls alone, in words; the rest of its group goes in. */
static void test_refused_alone(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct heard h = {.n = 0};
    struct wg_ingest_options options = {
        .group_max = 50, .wait_ms = 1000, .done = hear, .user = &h};
    struct wg_ingest *queue = NULL;
    struct wg_event e;
    struct wg_ingest_ticket bad, good, again;
    make_district(s->db, 3);
    must(wg_ingest_open(s->db, &options, &queue, &err), &err);
    wg_event_init(&e);
    e.x = X0 + 150;
    e.y = Y0 + 150;
    e.uuid = "0198A0A0-0000-7000-8000-000000000001";
    must(wg_ingest_put(queue, &e, 0, &good, &err), &err);
    e.uuid = NULL;
    e.building = 4711;
    must(wg_ingest_put(queue, &e, 1, &bad, &err), &err);
    e.building = 0;
    e.reported_at = "yesterday";
    refused(wg_ingest_put(queue, &e, 99, NULL, &err), &err, WG_FORMAT, "yesterday");
    e.reported_at = NULL;
    e.level = 9;
    refused(wg_ingest_put(queue, &e, 99, NULL, &err), &err, WG_INVALID, "9");
    e.level = 0;
    e.x = INFINITY;
    refused(wg_ingest_put(queue, &e, 99, NULL, &err), &err, WG_INVALID, "finite");
    e.x = X0;
    e.title = "\xff";
    refused(wg_ingest_put(queue, &e, 99, NULL, &err), &err, WG_FORMAT, "UTF-8");
    e.title = NULL;
    e.id = 5;
    refused(wg_ingest_put(queue, &e, 99, NULL, &err), &err, WG_INVALID, "0");
    e.id = 0;
    e.uuid = "0198a0a0-0000-7000-8000-000000000001";
    must(wg_ingest_put(queue, &e, 2, &again, &err), &err);
    e.uuid = NULL;
    for (uint64_t i = 3; i < 30; i++)
        must(wg_ingest_put(queue, &e, i, NULL, &err), &err);
    wg_ingest_flush(queue);
    refused(wg_ingest_wait(queue, &bad, &err), &err, WG_NOT_FOUND, "4711");
    must(wg_ingest_wait(queue, &good, &err), &err);
    must(wg_ingest_wait(queue, &again, &err), &err);
    assert_true(again.known && !good.known);
    assert_int_equal(again.id, good.id);
    assert_string_equal(good.uuid, "0198a0a0-0000-7000-8000-000000000001");
    assert_int_equal(h.n, 30);
    assert_int_equal(h.refused, 1);
    assert_int_equal(h.known, 1);
    assert_int_equal(h.wrong, 0);
    assert_int_equal(h.lasts, 1);
    assert_non_null(strstr(h.words, "4711"));
    wg_ingest_close(queue);
    /* and once more, when it has long been there: its owners are told all the same */
    h.next = 0;
    must(wg_ingest_open(s->db, &options, &queue, &err), &err);
    e.uuid = "0198a0a0-0000-7000-8000-000000000001";
    must(wg_ingest_put(queue, &e, 0, &again, &err), &err);
    must(wg_ingest_wait(queue, &again, &err), &err);
    assert_true(again.known);
    assert_int_equal(again.id, good.id);
    wg_ingest_close(queue);
    assert_int_equal(h.wrong, 0);
    struct wg_store *store = scratch_open(s);
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), 28);
    assert_int_equal(ask(store, "SELECT count(DISTINCT uuid) FROM event"), 28);
    assert_int_equal(ask(store, "SELECT count(*) FROM owner WHERE kind = 3"), 56);
    wg_store_close(store);
}

/* ---- many threads ---- */

#define PRODUCERS 4
#define EACH 400

struct producer {
    struct wg_ingest *queue;
    int number;
    int wrong;
};

static void *produce(void *user)
{
    struct producer *p = user;
    struct random r = {(uint64_t)p->number + 1};
    struct wg_ingest_ticket ticket;
    struct wg_error err = {0};
    for (int i = 0; i < EACH; i++) {
        struct wg_event e;
        char uuid[40];
        wg_event_init(&e);
        snprintf(uuid, sizeof uuid, "%08x-0000-4000-8000-%012x", p->number, i);
        e.uuid = uuid;
        e.x = X0 + random_real(&r, 0, 600);
        e.y = Y0 + random_real(&r, 0, 600);
        bool wait = i % 50 == 0;
        p->wrong += wg_ingest_put(p->queue, &e, 0, wait ? &ticket : NULL, &err) != WG_OK;
        if (wait)
            p->wrong += wg_ingest_wait(p->queue, &ticket, &err) != WG_OK || ticket.known;
        if (i % 100 == 7)
            wg_ingest_flush(p->queue);
    }
    return NULL;
}

/* Several threads put in while another program edits a boundary and a building. */
static void test_threads(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_ingest_options options = {.group_max = 32, .wait_ms = 1, .queue_max = 64};
    struct wg_ingest *queue = NULL;
    struct producer p[PRODUCERS];
    pthread_t thread[PRODUCERS];
    make_district(s->db, 40);
    struct wg_store *store = scratch_open(s);
    must(wg_ingest_open(s->db, &options, &queue, &err), &err);
    for (int i = 0; i < PRODUCERS; i++) {
        p[i] = (struct producer){queue, i, 0};
        assert_int_equal(pthread_create(&thread[i], NULL, produce, &p[i]), 0);
    }
    for (int i = 0; i < 6; i++) {
        runf(store,
             "UPDATE grid SET geom = ST_Multi(BuildMbr(%.17g, %.17g, %.17g, %.17g, "
             "4545)) WHERE code = 'S00' AND scheme_id = 1",
             X0, Y0, X0 + 100 + i, Y0 + 100);
        runf(store,
             "UPDATE building SET geom = ST_Multi(BuildMbr(%.17g, %.17g, %.17g, "
             "%.17g, 4545)) WHERE id = 1",
             X0 + i, Y0 + i, X0 + 90, Y0 + 90);
        struct timespec t = {0, 5000000};
        nanosleep(&t, NULL);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(p[i].wrong, 0);
    }
    wg_ingest_close(queue);
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), PRODUCERS * EACH);
    check_whole(store);
    /* the owners are those that asking all of them again would find */
    int64_t before = ask(store, "SELECT max(seq) FROM change");
    must(wg_assign_all(store, 0, (struct wg_progress){NULL, NULL}, NULL, &err), &err);
    assert_int_equal(ask(store, "SELECT max(seq) FROM change"), before);
    wg_store_close(store);
}

/* ---- a busy file, a full disk ---- */

static void *put_many(void *user)
{
    struct producer *p = user;
    struct wg_event e;
    struct wg_error err = {0};
    wg_event_init(&e);
    for (int i = 0; i < p->number; i++)
        p->wrong += wg_ingest_put(p->queue, &e, (uint64_t)i, NULL, &err) != WG_OK;
    return NULL;
}

/* While another program writes nothing is lost, and who puts in has to wait. */
static void test_busy(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct heard h = {.n = 0};
    struct wg_ingest_options options = {
        .group_max = 10, .queue_max = 20, .done = hear, .user = &h};
    struct wg_ingest *queue = NULL;
    pthread_t thread;
    make_district(s->db, 0);
    struct wg_store *store = scratch_open(s);
    must(wg_store_begin(store, &err), &err);
    must(wg_ingest_open(s->db, &options, &queue, &err), &err);
    struct producer p = {queue, 200, 0};
    assert_int_equal(pthread_create(&thread, NULL, put_many, &p), 0);
    struct wg_ingest_counts n = {.retries = 0};
    for (int i = 0; i < 300 && !n.retries; i++) {
        struct timespec t = {0, 100000000};
        nanosleep(&t, NULL);
        n = wg_ingest_counts(queue);
    }
    assert_int_equal(n.committed, 0);
    assert_true(n.put <= 30); /* twenty wait, ten are in hand */
    assert_true(n.retries > 0);
    wg_store_rollback(store);
    pthread_join(thread, NULL);
    assert_int_equal(p.wrong, 0);
    wg_ingest_close(queue);
    assert_int_equal(h.n, 200);
    assert_int_equal(h.refused, 0);
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), 200);

    /* patience ends: refused in words */
    options.patience_ms = 50;
    h = (struct heard){.n = 0};
    must(wg_store_begin(store, &err), &err);
    must(wg_ingest_open(s->db, &options, &queue, &err), &err);
    p = (struct producer){queue, 15, 0};
    put_many(&p);
    wg_ingest_flush(queue);
    wg_store_rollback(store);
    assert_int_equal(h.n, 15);
    assert_int_equal(h.refused, 15);
    assert_non_null(strstr(h.words, "nother program"));
    wg_ingest_close(queue);
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), 200);
    wg_store_close(store);
}

static void limit_file(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full: what is acknowledged is there, the rest is refused in words or goes
 * in when there is room again. */
static void test_disk_full(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct heard h = {.n = 0};
    struct wg_ingest_options options = {
        .group_max = 100, .done = hear, .user = &h, .patience_ms = 100};
    struct wg_ingest *queue = NULL;
    make_district(s->db, 0);
    must(wg_ingest_open(s->db, &options, &queue, &err), &err);
    struct producer p = {queue, 100, 0};
    put_many(&p);
    wg_ingest_flush(queue);
    assert_int_equal(h.refused, 0);
    signal(SIGXFSZ, SIG_IGN);
    limit_file(256 * 1024); /* of the journal, which has begun */
    p.number = 3000;
    h.next = 0;
    put_many(&p);
    wg_ingest_flush(queue);
    assert_int_equal(p.wrong, 0);
    limit_file(RLIM_INFINITY);
    assert_int_equal(h.n, 3100);
    assert_true(h.refused > 0);
    assert_true(strlen(h.words) > 10);
    size_t in = h.n - h.refused;
    p.number = 50;
    h.next = 0;
    put_many(&p);
    wg_ingest_close(queue);
    assert_int_equal(h.wrong, 0);
    struct wg_store *store = scratch_open(s);
    assert_int_equal(ask(store, "SELECT count(*) FROM event"), in + 50);
    check_whole(store);
    wg_store_close(store);
}

/* The tree of places, through many groups, rests and foreign hands. */
static void test_tree(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_ingest_options options = {.group_max = 120};
    struct wg_ingest *queue = NULL;
    struct random r = {5};
    make_district(s->db, 0);
    struct wg_store *store = scratch_open(s);
    must(wg_ingest_open(s->db, &options, &queue, &err), &err);
    for (int round = 0; round < 8; round++) {
        int n = round == 0 ? 5 : 1500 + 1500 * round;
        for (int i = 0; i < n; i++) {
            struct wg_event e;
            wg_event_init(&e);
            e.x = X0 + random_real(&r, 0, 600);
            e.y = Y0 + random_real(&r, 0, 600);
            must(wg_ingest_put(queue, &e, 0, NULL, &err), &err);
        }
        wg_ingest_flush(queue);
        assert_int_equal(ask(store, "SELECT rtreecheck('main', 'idx_event_geom') = 'ok'"),
                         1);
        if (round == 3)
            runf(store, "DELETE FROM event WHERE id %% 3 = 0 AND id > 2000");
        if (round == 4)
            runf(store,
                 "UPDATE event SET geom = MakePoint(%.17g, %.17g, 4545) WHERE id "
                 "%% 50 = 1",
                 X0 + 3, Y0 + 4);
        if (round == 5)
            runf(store, "INSERT INTO event (title, geom) SELECT 'x', geom FROM event "
                        "LIMIT 500");
    }
    wg_ingest_close(queue);
    check_whole(store);
    /* no window costs more than it should: the tree is sorted */
    assert_true(ask(store, "SELECT count(*) FROM idx_event_geom WHERE xmin > 500100 AND "
                           "xmax < 500110 AND ymin > 3050100 AND ymax < 3050110") > 0);
    wg_store_close(store);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_same_as_triggers), SCRATCH(test_refused_alone),
        SCRATCH(test_threads),          SCRATCH(test_busy),
        SCRATCH(test_disk_full),        SCRATCH(test_tree),
    };
    return cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
}
