/* Edits of a coverage segment by segment: what is refused and why, what a refusal leaves,
 * undo and redo, deltas, proofs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* after the above */
#include <cmocka.h>

#include "coverage_job.h"
#include "wangge/coverage.h"
#include "wangge/crs.h"
#include "wangge/shape.h"

#define STEPS 1024 /* a metre */

struct given {
    const char *code, *wkt;
    int64_t parent;
};

/* Two grids side by side, one with an island, one in two pieces that touch in a point. */
static const struct given town[] = {
    {"01", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", 7},
    {"02", "POLYGON((10 0,20 0,20 10,10 10,10 0))", 8},
    {"03", "POLYGON((4 4,6 4,6 6,4 6,4 4))", 7},
    {"04", "MULTIPOLYGON(((0 10,5 10,5 15,0 10)),((5 15,10 10,10 20,5 15)))", 7},
};
enum { TOWN = 4 };

static struct wg_coverage *build(const char *limit)
{
    struct wg_coverage_grid grid[TOWN] = {{0}};
    struct wg_coverage *c = NULL;
    struct wg_multipolygon outer = {0};
    struct wg_coverage_options options = {.limit = limit ? &outer : NULL};
    struct wg_error err = {0};
    if (limit)
        assert_int_equal(wg_shape_from_wkt(NULL, limit, &outer, &err), WG_OK);
    for (size_t i = 0; i < TOWN; i++) {
        grid[i] = (struct wg_coverage_grid){.id = (int64_t)i + 1,
                                            .code = town[i].code,
                                            .level = 5,
                                            .parent = town[i].parent};
        assert_int_equal(wg_shape_from_wkt(NULL, town[i].wkt, &grid[i].geometry, &err),
                         WG_OK);
    }
    if (wg_coverage_build(TOWN, grid, &options, &c, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < TOWN; i++)
        wg_multipolygon_finish(&grid[i].geometry);
    wg_multipolygon_finish(&outer);
    if (wg_coverage_prove(c, &err))
        fail_msg("%s", err.text);
    return c;
}

static struct wg_spot spot(const struct wg_coverage *c, double x, double y)
{
    struct wg_spot s = {0, 0};
    assert_int_equal(wg_coverage_place(c, (struct wg_point){x, y}, &s, NULL), WG_OK);
    return s;
}

static uint32_t face(const struct wg_coverage *c, int64_t id)
{
    return id == 0 ? 0 : wg_coverage_face_of(c, id);
}

static uint32_t segment(const struct wg_coverage *c, double ax, double ay, double bx,
                        double by)
{
    uint32_t a = wg_coverage_vertex_at(c, spot(c, ax, ay));
    uint32_t b = wg_coverage_vertex_at(c, spot(c, bx, by));
    assert_true(a != WG_NONE && b != WG_NONE);
    uint32_t s = wg_coverage_segment_between(c, a, b);
    assert_true(s != WG_NONE);
    return s;
}

/* A script of takes and puts; left and right as seen from a to b. */
struct act {
    char what; /* 't', 'p'; 'e' ends a grid, 'n' makes one: face number in left */
    double ax, ay, bx, by;
    int64_t left, right;
};

static enum wg_status play(struct wg_coverage *c, const struct act *act,
                           struct wg_error *err)
{
    uint32_t made = WG_NONE;
    wg_edit_begin(c, "test", "%s %d", "an edit", 1);
    for (; act->what; act++) {
        uint32_t left = act->left == -99 ? made : face(c, act->left);
        uint32_t right = act->right == -99 ? made : face(c, act->right);
        if (act->what == 't')
            wg_edit_take(c, segment(c, act->ax, act->ay, act->bx, act->by));
        else if (act->what == 'p')
            wg_edit_put(c, spot(c, act->ax, act->ay), spot(c, act->bx, act->by), left,
                        right);
        else if (act->what == 'e')
            wg_edit_end_grid(c, left);
        else
            made = wg_edit_new_grid(c, left, NULL);
    }
    return wg_edit_end(c, err);
}

struct bytes {
    void *at;
    size_t n;
};

static struct bytes bytes_of(const struct wg_coverage *c)
{
    struct bytes b;
    assert_int_equal(wg_coverage_bytes(c, &b.at, &b.n, NULL), WG_OK);
    return b;
}

static void same_bytes(const struct wg_coverage *c, struct bytes was)
{
    struct bytes now = bytes_of(c);
    assert_int_equal(now.n, was.n);
    assert_memory_equal(now.at, was.at, now.n);
    wg_free(now.at);
}

static const struct scene {
    const char *name;
    struct act act[16];
    enum wg_refusal_reason reason;
    double x, y; /* of the refusal, NAN: not looked at */
    bool limit, follow;
} scenes[] = {
    {"nothing", {{0}}, WG_REFUSED_NO_EFFECT, NAN, NAN, false, false},
    {"the same again",
     {{'t', 10, 0, 10, 10, 0, 0}, {'p', 10, 10, 10, 0, 2, 1}},
     WG_REFUSED_NO_EFFECT,
     NAN,
     NAN,
     false,
     true},
    {"a vertex in the border",
     {{'t', 10, 0, 10, 10, 0, 0}, {'p', 10, 0, 11, 5, 1, 2}, {'p', 11, 5, 10, 10, 1, 2}},
     WG_REFUSED_NOTHING,
     0,
     0,
     false,
     true},
    {"the same, of parents that hold",
     {{'t', 10, 0, 10, 10, 0, 0}, {'p', 10, 0, 11, 5, 1, 2}, {'p', 11, 5, 10, 10, 1, 2}},
     WG_REFUSED_LIMIT,
     NAN,
     NAN,
     false,
     false},
    {"on the border, of parents that hold",
     {{'t', 10, 0, 10, 10, 0, 0}, {'p', 10, 0, 10, 5, 1, 2}, {'p', 10, 5, 10, 10, 1, 2}},
     WG_REFUSED_NOTHING,
     0,
     0,
     false,
     false},
    {"through the island",
     {{'t', 10, 0, 10, 10, 0, 0}, {'p', 10, 0, 5, 5, 1, 2}, {'p', 5, 5, 10, 10, 1, 2}},
     WG_REFUSED_CROSSING,
     6,
     4,
     false,
     true},
    {"around the island, which stays where it was",
     {{'t', 10, 0, 10, 10, 0, 0}, {'p', 10, 0, 1, 5, 1, 2}, {'p', 1, 5, 10, 10, 1, 2}},
     WG_REFUSED_ISLAND,
     6,
     6,
     false,
     true},
    {"over the island",
     {{'t', 10, 0, 10, 10, 0, 0},
      {'p', 10, 0, 1, 1, 1, 2},
      {'p', 1, 1, 1, 9, 1, 2},
      {'p', 1, 9, 10, 10, 1, 2}},
     WG_REFUSED_ISLAND,
     6,
     6,
     false,
     true},
    {"a border taken away",
     {{'t', 10, 0, 10, 10, 0, 0}},
     WG_REFUSED_COLLAPSE,
     NAN,
     NAN,
     false,
     true},
    {"a line that divides nothing",
     {{'p', 10, 5, 15, 5, 2, 2}, {'p', 12, 5, 15, 5, 2, 1}},
     WG_REFUSED_COLLAPSE,
     NAN,
     NAN,
     false,
     true},
    {"the island becomes part of the grid around it, unended",
     {{'t', 4, 4, 6, 4, 0, 0},
      {'t', 6, 4, 6, 6, 0, 0},
      {'t', 6, 6, 4, 6, 0, 0},
      {'t', 4, 6, 4, 4, 0, 0}},
     WG_REFUSED_COLLAPSE,
     NAN,
     NAN,
     false,
     false},
    {"the island becomes part of the grid around it",
     {{'t', 4, 4, 6, 4, 0, 0},
      {'t', 6, 4, 6, 6, 0, 0},
      {'t', 6, 6, 4, 6, 0, 0},
      {'t', 4, 6, 4, 4, 0, 0},
      {'e', 0, 0, 0, 0, 3, 0}},
     WG_REFUSED_NOTHING,
     0,
     0,
     false,
     false},
    {"a grid ends that is still there",
     {{'e', 0, 0, 0, 0, 3, 0}},
     WG_REFUSED_COLLAPSE,
     NAN,
     NAN,
     false,
     false},
    {"the island inside out",
     {{'t', 6, 4, 6, 6, 0, 0},
      {'t', 6, 6, 4, 6, 0, 0},
      {'p', 6, 4, 3, 3, 1, 3},
      {'p', 3, 3, 4, 6, 1, 3}},
     WG_REFUSED_COLLAPSE,
     NAN,
     NAN,
     false,
     false},
    {"a new island",
     {{'n', 0, 0, 0, 0, 2, 0},
      {'p', 12, 2, 14, 2, -99, 2},
      {'p', 14, 2, 14, 4, -99, 2},
      {'p', 14, 4, 12, 2, -99, 2}},
     WG_REFUSED_NOTHING,
     0,
     0,
     false,
     false},
    {"a new island the wrong way round",
     {{'n', 0, 0, 0, 0, 2, 0},
      {'p', 12, 2, 14, 2, 2, -99},
      {'p', 14, 2, 14, 4, 2, -99},
      {'p', 14, 4, 12, 2, 2, -99}},
     WG_REFUSED_COLLAPSE,
     NAN,
     NAN,
     false,
     false},
    {"a new island in the wrong grid",
     {{'n', 0, 0, 0, 0, 1, 0},
      {'p', 12, 2, 14, 2, -99, 1},
      {'p', 14, 2, 14, 4, -99, 1},
      {'p', 14, 4, 12, 2, -99, 1}},
     WG_REFUSED_ISLAND,
     14,
     4,
     false,
     true},
    {"a new grid without area",
     {{'n', 0, 0, 0, 0, 1, 0},
      {'t', 10, 0, 10, 10, 0, 0},
      {'p', 10, 0, 11, 5, 1, 2},
      {'p', 11, 5, 10, 10, 1, 2}},
     WG_REFUSED_COLLAPSE,
     NAN,
     NAN,
     false,
     true},
    {"one piece of two goes",
     {{'t', 5, 15, 10, 20, 0, 0},
      {'t', 10, 20, 10, 10, 0, 0},
      {'t', 10, 10, 5, 15, 0, 0}},
     WG_REFUSED_NOTHING,
     0,
     0,
     false,
     true},
    {"a side of a piece, as it was",
     {{'t', 10, 10, 5, 15, 0, 0}, {'p', 10, 10, 5, 15, 0, 4}},
     WG_REFUSED_NO_EFFECT,
     NAN,
     NAN,
     false,
     true},
    {"beyond the outer limit",
     {{'t', 20, 0, 20, 10, 0, 0}, {'p', 20, 0, 21, 5, 2, 0}, {'p', 21, 5, 20, 10, 2, 0}},
     WG_REFUSED_LIMIT,
     NAN,
     NAN,
     true,
     false},
};

static void scenes_pass_or_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        const struct scene *s = &scenes[i];
        struct wg_coverage *c = build(s->limit ? "POLYGON((0 0,20 0,20 10,10 10,10 20,"
                                                 "5 15,0 10,0 0))"
                                               : NULL);
        struct wg_error err = {0};
        struct bytes was = bytes_of(c), now;
        uint32_t n_face = wg_coverage_n_face(c);
        wg_coverage_parents_follow(c, s->follow);
        enum wg_status status = play(c, s->act, &err);
        const struct wg_refusal *r = wg_coverage_refusal(c);
        if (r->reason != s->reason || (status == WG_OK) != (s->reason == 0))
            fail_msg("%s: %s, not %s: %s", s->name, wg_refusal_name(r->reason),
                     wg_refusal_name(s->reason), err.text);
        assert_int_equal(wg_coverage_prove(c, &err), WG_OK);
        assert_int_equal(wg_coverage_undo_count(c), status == WG_OK);
        if (s->reason) {
            assert_int_equal(status, WG_CONSTRAINT);
            assert_int_equal(wg_coverage_n_face(c), n_face);
            assert_true(strlen(r->text) > 5);
            if (!isnan(s->x) && (r->x != s->x || r->y != s->y))
                fail_msg("%s: at %g %g, not %g %g", s->name, r->x, r->y, s->x, s->y);
            assert_int_equal(r->crossed.n, s->reason == WG_REFUSED_CROSSING ? 2 : 0);
            same_bytes(c, was);
        } else {
            now = bytes_of(c);
            assert_string_equal(wg_coverage_step(c, 0, NULL), "test");
            assert_true(wg_coverage_undo(c));
            assert_int_equal(wg_coverage_prove(c, &err), WG_OK);
            same_bytes(c, was);
            assert_true(wg_coverage_redo(c));
            assert_int_equal(wg_coverage_prove(c, &err), WG_OK);
            same_bytes(c, now);
            assert_false(wg_coverage_redo(c));
            wg_free(now.at);
        }
        wg_free(was.at);
        wg_coverage_close(c);
    }
}

static const struct act new_island[] = {{'n', 0, 0, 0, 0, 2, 0},
                                        {'p', 12, 2, 14, 2, -99, 2},
                                        {'p', 14, 2, 14, 4, -99, 2},
                                        {'p', 14, 4, 12, 2, -99, 2},
                                        {0}};
static const struct act wrong_island[] = {{'n', 0, 0, 0, 0, 2, 0},
                                          {'p', 12, 2, 14, 2, 2, -99},
                                          {'p', 14, 2, 14, 4, 2, -99},
                                          {'p', 14, 4, 12, 2, 2, -99},
                                          {0}};
static const struct act bend[] = {{'t', 10, 0, 10, 10, 0, 0},
                                  {'p', 10, 0, 11, 5, 1, 2},
                                  {'p', 11, 5, 10, 10, 1, 2},
                                  {0}};

/* A number once given is given to no other grid, though its making be undone; a refusal
 * does not cost what can be redone. */
static void new_ids_are_never_used_again(void **state)
{
    (void)state;
    struct wg_coverage *c = build(NULL);
    struct wg_coverage_face f;
    assert_int_equal(play(c, new_island, NULL), WG_OK);
    assert_int_equal(wg_coverage_at(c, 13.5, 3), -1);
    assert_int_equal(wg_coverage_face(c, -1, &f, NULL), WG_OK);
    assert_true(f.area_m2 == 2 && f.code == NULL && f.parent == 8 && !f.ended);
    assert_int_equal(wg_coverage_count(c), TOWN + 1);
    assert_true(wg_coverage_undo(c));
    assert_int_equal(wg_coverage_count(c), TOWN);
    assert_int_equal(wg_coverage_face(c, -1, &f, NULL), WG_NOT_FOUND);
    assert_int_equal(play(c, wrong_island, NULL), WG_CONSTRAINT);
    assert_int_equal(wg_coverage_redo_count(c), 1);
    assert_true(wg_coverage_redo(c));
    assert_int_equal(wg_coverage_at(c, 13.5, 3), -1);
    assert_true(wg_coverage_undo(c));
    assert_int_equal(play(c, new_island, NULL), WG_OK);
    assert_int_equal(wg_coverage_at(c, 13.5, 3), -2);
    assert_int_equal(wg_coverage_redo_count(c), 0);
    wg_coverage_close(c);
}

static void versions_come_and_go(void **state)
{
    (void)state;
    struct wg_coverage *c = build(NULL);
    struct wg_coverage_face was, now, other;
    wg_coverage_parents_follow(c, true);
    assert_int_equal(wg_coverage_face(c, 1, &was, NULL), WG_OK);
    assert_int_equal(play(c, bend, NULL), WG_OK);
    assert_int_equal(wg_coverage_face(c, 1, &now, NULL), WG_OK);
    assert_int_equal(wg_coverage_face(c, 3, &other, NULL), WG_OK);
    assert_true(now.version != was.version && other.version == was.version);
    assert_true(now.area_m2 == was.area_m2 + 5);
    assert_true(wg_coverage_undo(c));
    assert_int_equal(wg_coverage_face(c, 1, &other, NULL), WG_OK);
    assert_true(other.version == was.version);
    assert_true(wg_coverage_redo(c));
    assert_int_equal(wg_coverage_face(c, 1, &other, NULL), WG_OK);
    assert_true(other.version == now.version);
    wg_coverage_close(c);
}

/* What an edit takes is there under the same numbers when it was refused. */
static void refusals_keep_numbers(void **state)
{
    (void)state;
    struct wg_coverage *c = build(NULL);
    uint32_t border = segment(c, 10, 0, 10, 10), low = segment(c, 10, 0, 20, 0);
    uint32_t v = wg_coverage_vertex_at(c, spot(c, 20, 0));
    wg_coverage_parents_follow(c, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(play(c, scenes[5].act, NULL), WG_CONSTRAINT);
        assert_int_equal(play(c, scenes[7].act, NULL), WG_CONSTRAINT);
        assert_int_equal(segment(c, 10, 0, 10, 10), border);
        assert_int_equal(segment(c, 10, 0, 20, 0), low);
        assert_int_equal(wg_coverage_vertex_at(c, spot(c, 20, 0)), v);
    }
    wg_edit_begin(c, "test", "%s", "");
    wg_edit_take(c, border);
    wg_edit_put(c, spot(c, 10, 0), spot(c, 11, 5), face(c, 1), face(c, 2));
    wg_edit_abandon(c);
    assert_int_equal(segment(c, 10, 0, 10, 10), border);
    assert_int_equal(wg_coverage_undo_count(c), 0);
    wg_coverage_close(c);
}

/* The net change, and it and its inverse on another coverage. */
static void deltas_are_net(void **state)
{
    (void)state;
    static const struct act back[] = {{'t', 10, 0, 11, 5, 0, 0},
                                      {'t', 11, 5, 10, 10, 0, 0},
                                      {'p', 10, 0, 10, 10, 1, 2},
                                      {0}};
    static const struct act drop[] = {{'t', 12, 2, 14, 2, 0, 0},
                                      {'t', 14, 2, 14, 4, 0, 0},
                                      {'t', 14, 4, 12, 2, 0, 0},
                                      {'e', 0, 0, 0, 0, -1, 0},
                                      {0}};
    static const struct act swallow[] = {{'t', 4, 4, 6, 4, 0, 0}, {'t', 6, 4, 6, 6, 0, 0},
                                         {'t', 6, 6, 4, 6, 0, 0}, {'t', 4, 6, 4, 4, 0, 0},
                                         {'e', 0, 0, 0, 0, 3, 0}, {0}};
    struct wg_coverage *c = build(NULL), *other = build(NULL);
    struct wg_delta d, inverse;
    struct bytes was = bytes_of(other), now;
    wg_coverage_parents_follow(c, true);
    assert_int_equal(play(c, bend, NULL), WG_OK);
    assert_int_equal(play(c, new_island, NULL), WG_OK);
    assert_int_equal(play(c, back, NULL), WG_OK);
    assert_int_equal(play(c, drop, NULL), WG_OK);
    assert_int_equal(wg_coverage_delta(c, &d, NULL), WG_OK);
    assert_true(d.n_take + d.n_put + d.n_begin + d.n_end == 0);
    wg_delta_finish(&d);
    assert_int_equal(play(c, swallow, NULL), WG_OK);
    assert_int_equal(wg_coverage_delta(c, &d, NULL), WG_OK);
    assert_true(d.n_take == 4 && d.n_put == 0 && d.n_begin == 0 && d.n_end == 1);
    assert_int_equal(d.end[0].id, 3);
    assert_string_equal(d.end[0].code, "03");
    assert_int_equal(wg_coverage_apply(other, &d, "again", "x", NULL), WG_OK);
    now = bytes_of(other);
    same_bytes(c, now);
    assert_int_equal(wg_delta_invert(&d, &inverse, NULL), WG_OK);
    assert_int_equal(wg_coverage_apply(other, &inverse, "back", "", NULL), WG_OK);
    same_bytes(other, was);
    assert_int_equal(wg_coverage_at(other, 5, 5), 3); /* under its id and code */
    wg_delta_finish(&d);
    assert_int_equal(wg_coverage_delta(other, &d, NULL), WG_OK);
    assert_true(d.n_take + d.n_put + d.n_begin + d.n_end == 0);
    assert_int_equal(wg_coverage_apply(other, &inverse, "twice", "", NULL),
                     WG_CONSTRAINT);
    same_bytes(other, was);
    wg_delta_finish(&d);
    wg_delta_finish(&inverse);
    wg_free(was.at);
    wg_free(now.at);
    wg_coverage_close(c);
    wg_coverage_close(other);
}

/* Points off the lattice are asked for where they are. */
static void points_between_spots(void **state)
{
    (void)state;
    struct wg_coverage *c = build(NULL);
    static const struct {
        double x, y;
        int64_t id;
    } cases[] = {
        {10 - 1e-9, 5, 1}, {10 + 1e-9, 5, 2},     {10, 5, 1},
        {4 - 1e-9, 5, 1},  {4 + 1e-9, 5, 3},      {-1e-9, 5, 0},
        {20 + 1e-9, 5, 0}, {2.5, 12.5 - 1e-9, 4}, {2.5, 12.5 + 1e-9, 0},
        {5, 15, 4},        {5 - 1e-9, 15, 0},     {5 + 1e-9, 15, 4},
        {5, 15 + 1e-9, 0}, {10, 10, 1},           {1e9, 5, 0},
        {NAN, 5, 0},       {5.1, 10 + 1e-9, 0},   {4.9, 10 + 1e-9, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (wg_coverage_at(c, cases[i].x, cases[i].y) != cases[i].id)
            fail_msg("%.10f %.10f is in %lld", cases[i].x, cases[i].y,
                     (long long)wg_coverage_at(c, cases[i].x, cases[i].y));
    wg_coverage_close(c);
}

/* A copy is one of its own, with what was done and undone. */
static void copies_go_their_own_way(void **state)
{
    (void)state;
    struct wg_coverage *c = build(NULL), *copy = NULL;
    struct bytes was = bytes_of(c), bent;
    wg_coverage_parents_follow(c, true);
    assert_int_equal(play(c, bend, NULL), WG_OK);
    bent = bytes_of(c);
    assert_int_equal(play(c, new_island, NULL), WG_OK);
    assert_true(wg_coverage_undo(c));
    assert_int_equal(wg_coverage_copy(c, &copy, NULL), WG_OK);
    assert_int_equal(wg_coverage_prove(copy, NULL), WG_OK);
    wg_coverage_close(c);
    same_bytes(copy, bent);
    assert_true(wg_coverage_undo(copy));
    same_bytes(copy, was);
    assert_true(wg_coverage_redo(copy) && wg_coverage_redo(copy));
    assert_int_equal(wg_coverage_at(copy, 13.5, 3), -1);
    wg_free(was.at);
    wg_free(bent.at);
    wg_coverage_close(copy);
}

/* New ids and codes after a commit; nothing to undo, all else as it was. */
static void settled_grids_have_names(void **state)
{
    (void)state;
    struct wg_coverage *c = build(NULL);
    struct wg_settled_grid grid = {-1, 55, "55"};
    int64_t id = 0;
    assert_int_equal(play(c, new_island, NULL), WG_OK);
    assert_int_equal(wg_coverage_settle(c, 9, 1, &grid, NULL), WG_OK);
    assert_int_equal(wg_coverage_revision(c), 9);
    assert_int_equal(wg_coverage_find(c, "55", &id, NULL), WG_OK);
    assert_int_equal(id, 55);
    assert_int_equal(wg_coverage_at(c, 13.5, 3), 55);
    assert_false(wg_coverage_undo(c));
    assert_int_equal(wg_coverage_face_of(c, -1), WG_NONE);
    assert_int_equal(wg_coverage_prove(c, NULL), WG_OK);
    wg_coverage_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenes_pass_or_are_refused),
        cmocka_unit_test(new_ids_are_never_used_again),
        cmocka_unit_test(versions_come_and_go),
        cmocka_unit_test(refusals_keep_numbers),
        cmocka_unit_test(deltas_are_net),
        cmocka_unit_test(points_between_spots),
        cmocka_unit_test(copies_go_their_own_way),
        cmocka_unit_test(settled_grids_have_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
