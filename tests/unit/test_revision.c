/* Commits: what they write, rebase, refuse; and what can be asked of the past. */
#include "revision_scratch.h"

#include <math.h>

/* ---- the first commit ---- */

static void the_first_commit_goes_onto_the_lattice(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m");
    runf(store, "CREATE TEMP TABLE orig AS SELECT id, geom FROM grid");
    struct wg_coverage *c = open_coverage(store, scheme);
    assert_int_equal(wg_coverage_revision(c), 0);
    move_corner(c, 1, 1, 7, 5);
    refused(try_commit(c, store, "\xff", NULL, NULL, NULL, &err), &err, WG_FORMAT,
            "UTF-8");
    assert_int_equal(commit(c, store), 1);
    assert_int_equal(ask(store, "SELECT revision FROM scheme"), 1);
    /* all of them, the community too; what they were is kept to the bit */
    assert_int_equal(ask(store, "SELECT count(*) FROM grid_past WHERE revision = 0"), 17);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid_past p JOIN temp.orig o ON "
                                "o.id = p.grid_id WHERE o.geom = p.geom"),
                     17);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE geom_from = (SELECT "
                                "valid_from FROM revision)"),
                     17);
    assert_int_equal(ask(store, "SELECT n_changed FROM revision"), 17);
    assert_int_equal(ask(store, "SELECT count(*) FROM revision WHERE author = 'tester' "
                                "AND reason = 'because' AND json_extract(operations, "
                                "'$[0].op') = 'move' AND json_array_length(operations) = "
                                "1"),
                     1);
    scheme_is_whole(store, scheme);
    /* who moved what: the corner's four grids */
    assert_int_equal(ask(store, "SELECT count(*) FROM lineage WHERE how = "
                                "'transferred' AND area_m2 > 1"),
                     ask(store, "SELECT count(*) FROM lineage"));
    assert_true(ask(store, "SELECT count(*) FROM lineage") >= 3);
    /* the next one writes what it touches, and not the community */
    move_corner(c, 3, 3, -4, 2);
    assert_int_equal(commit(c, store), 2);
    assert_int_equal(ask(store, "SELECT n_changed FROM revision WHERE number = 2"), 4);
    scheme_is_whole(store, scheme);
    wg_coverage_close(c);
    assert_int_equal(ask(store, "SELECT count(*) FROM change WHERE tbl = 'revision'"), 2);
}

/* ---- split, merge, codes, lineage ---- */

static int64_t split_middle(struct wg_coverage *c, const char *code, double i0, double j0,
                            double i1, double j1)
{
    struct wg_error err = {0};
    struct wg_point a = corner(i0, j0), b = corner(i1, j1);
    struct wg_line line = {2, (double[]){a.x, b.x}, (double[]){a.y, b.y}};
    int64_t made[4] = {0};
    size_t n = 0;
    must(wg_coverage_split(c, grid_of(c, code), &line, 1, NULL, 4, made, &n, &err), &err);
    assert_int_equal(n, 1);
    return made[0];
}

static void new_grids_get_the_next_codes(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m");
    struct wg_coverage *c = open_coverage(store, scheme);
    /* made in the south-east first; numbered from the north-west */
    split_middle(c, "G16", 3, 0.4, 4, 0.4);
    split_middle(c, "G01", 0, 3.6, 1, 3.6);
    commit(c, store);
    assert_int_equal(
        ask(store,
            "SELECT count(*) FROM grid WHERE code IN ('G17', 'G18') AND "
            "valid_from = (SELECT valid_from FROM revision) AND parent_id = (SELECT "
            "id FROM grid WHERE code = 'C') AND level = 5"),
        2);
    assert_true(ask(store, "SELECT (SELECT MbrMinY(geom) FROM grid WHERE code = 'G17') > "
                           "(SELECT MbrMinY(geom) FROM grid WHERE code = 'G18')") == 1);
    assert_int_equal(ask(store,
                         "SELECT count(*) FROM lineage l JOIN grid f ON f.id = "
                         "l.from_grid JOIN grid t ON t.id = l.to_grid WHERE how = "
                         "'split' AND abs(l.area_m2 - 4000) < 1 AND (f.code, t.code) "
                         "IN (VALUES ('G01', 'G17'), ('G16', 'G18'))"),
                     2);
    assert_true(grid_of(c, "G17") > 0);
    /* merged away, its code is spent */
    int64_t both[] = {grid_of(c, "G17"), grid_of(c, "G01")}, kept = 0;
    must(wg_coverage_merge(c, 2, both, 0, &kept, &err), &err);
    commit(c, store);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = 'G17' AND "
                                "valid_to = (SELECT max(valid_from) FROM revision)"),
                     1);
    assert_int_equal(ask(store, "SELECT count(*) FROM withdrawn_code WHERE code = 'G17'"),
                     1);
    assert_int_equal(ask(store, "SELECT count(*) FROM lineage WHERE how = 'merged' AND "
                                "revision = 2"),
                     1);
    split_middle(c, "G01", 0, 3.6, 1, 3.6);
    commit(c, store);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = 'G19'"), 1);
    /* a code of one's own: checked against all that ever were */
    struct wg_point a = corner(1, 3.5), b = corner(2, 3.5);
    struct wg_line line = {2, (double[]){a.x, b.x}, (double[]){a.y, b.y}};
    struct wg_new_grid as = {.code = "G17"};
    int64_t made[1];
    size_t n;
    must(wg_coverage_split(c, grid_of(c, "G02"), &line, 1, &as, 1, made, &n, &err), &err);
    refused(try_commit(c, store, "t", NULL, NULL, NULL, &err), &err, WG_EXISTS, "G17");
    assert_int_equal(wg_coverage_undo_count(c), 1);
    assert_true(wg_coverage_undo(c));
    as.code = "Own";
    must(wg_coverage_split(c, grid_of(c, "G02"), &line, 1, &as, 1, made, &n, &err), &err);
    commit(c, store);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = 'Own'"), 1);
    scheme_is_whole(store, scheme);
    wg_coverage_close(c);
}

static void segmented_codes_follow_the_parent(void **state)
{
    struct wg_store *store = noun_store(state);
    int64_t scheme = new_scheme(store, "s", "6+3+3+3");
    int64_t c1 =
        new_grid(store, scheme, "500101001001", 4, 0, (struct wg_box){0, 0, 200, 100});
    new_grid(store, scheme, "500101001001001", 5, c1, (struct wg_box){0, 0, 100, 100});
    new_grid(store, scheme, "500101001001002", 5, c1, (struct wg_box){100, 0, 200, 100});
    struct wg_coverage *c = open_coverage(store, scheme);
    split_middle(c, "500101001001001", 0, 0.5, 1, 0.5);
    commit(c, store);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = "
                                "'500101001001003'"),
                     1);
    wg_coverage_close(c);
}

struct told {
    int n;
    char text[4000];
};

static bool tell_lineage(const struct wg_lineage *l, void *user)
{
    struct told *t = user;
    size_t at = strlen(t->text);
    snprintf(t->text + at, sizeof t->text - at, "%lld %s %s>%s;", (long long)l->revision,
             wg_lineage_name(l->how), l->from_code, l->to_code);
    t->n++;
    return true;
}

static void lineage_is_told_both_ways(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m");
    struct wg_coverage *c = open_coverage(store, scheme);
    split_middle(c, "G01", 0, 3.6, 1, 3.6); /* G17 */
    commit(c, store);
    split_middle(c, "G17", 0.5, 3.6, 0.5, 4); /* G18 */
    commit(c, store);
    int64_t g01 = grid_of(c, "G01"), g18 = grid_of(c, "G18"), kept;
    int64_t merged[] = {grid_of(c, "G02"), g18};
    if (wg_coverage_merge(c, 2, merged, merged[0], &kept, &err)) {
        g18 = grid_of(c, "G17"); /* the larger half kept the code; take its sister */
        merged[1] = g18;
        must(wg_coverage_merge(c, 2, merged, merged[0], &kept, &err), &err);
    }
    commit(c, store);
    struct told t = {0};
    must(wg_lineage_each(store, scheme, merged[0], true, false, tell_lineage, &t, &err),
         &err);
    assert_int_equal(t.n, 1);
    assert_non_null(strstr(t.text, "3 merged"));
    t = (struct told){0};
    must(wg_lineage_each(store, scheme, merged[0], true, true, tell_lineage, &t, &err),
         &err);
    assert_true(t.n >= 2);
    assert_non_null(strstr(t.text, "1 split G01>G17"));
    t = (struct told){0};
    must(wg_lineage_each(store, scheme, g01, false, true, tell_lineage, &t, &err), &err);
    assert_non_null(strstr(t.text, "1 split G01>G17"));
    assert_non_null(strstr(t.text, ">G02"));
    t = (struct told){0};
    must(wg_lineage_each(store, scheme, 0, false, false, tell_lineage, &t, &err), &err);
    assert_int_equal(t.n, ask(store, "SELECT count(*) FROM lineage"));
    wg_coverage_close(c);
}

/* ---- somebody else ---- */

static void disjoint_edits_go_on_top_of_each_other(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m");
    struct wg_coverage *a = open_coverage(store, scheme);
    struct wg_coverage *b = open_coverage(store, scheme);
    move_corner(a, 1, 1, 7, 5);
    move_corner(b, 3, 3, 7, 5);
    split_middle(b, "G04", 3.2, 3, 3.2, 4);
    assert_int_equal(commit(a, store), 1);
    assert_int_equal(commit(b, store), 2);
    assert_int_equal(ask(store, "SELECT base FROM revision WHERE number = 2"), 0);
    assert_int_equal(ask(store,
                         "SELECT json_array_length(operations) FROM revision WHERE "
                         "number = 2"),
                     2);
    struct wg_coverage *now = open_coverage(store, scheme);
    void *bytes[2];
    size_t size[2];
    must(wg_coverage_bytes(now, &bytes[0], &size[0], &err), &err);
    must(wg_coverage_bytes(b, &bytes[1], &size[1], &err), &err);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
    scheme_is_whole(store, scheme);
    /* a is behind: brought up without a commit */
    must(wg_coverage_rebase(a, store, NULL, &err), &err);
    assert_int_equal(wg_coverage_revision(a), 2);
    wg_coverage_close(now);
    wg_coverage_close(a);
    wg_coverage_close(b);
}

static void the_same_place_is_a_conflict(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_conflict conflict;
    int64_t scheme = mesh_scheme(store, "m"), n;
    struct wg_coverage *a = open_coverage(store, scheme);
    struct wg_coverage *b = open_coverage(store, scheme);
    move_corner(a, 1, 1, 7, 5);
    move_corner(b, 1, 1, -7, -5);
    must(try_commit(a, store, "Ann", NULL, &n, NULL, &err), &err);
    runf(store, "CREATE TEMP TABLE was AS SELECT id, geom, geom_from FROM grid");
    refused(try_commit(b, store, "Ben", NULL, &n, &conflict, &err), &err, WG_CONFLICT,
            "Ann");
    assert_int_equal(conflict.revision, 1);
    assert_string_equal(conflict.author, "Ann");
    assert_string_equal(conflict.reason, "because");
    assert_true(conflict.grid > 0 && conflict.grid_code[0] == 'G');
    assert_true(fabs(conflict.x - corner(1, 1).x) <= 200 &&
                fabs(conflict.y - corner(1, 1).y) <= 200);
    assert_true(conflict.base.n_part && conflict.theirs.n_part && conflict.ours.n_part);
    assert_false(same_polygon(&conflict.theirs, &conflict.ours));
    assert_false(same_polygon(&conflict.base, &conflict.ours));
    wg_conflict_finish(&conflict);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid JOIN temp.was w USING (id) "
                                "WHERE w.geom IS NOT grid.geom OR w.geom_from IS NOT "
                                "grid.geom_from"),
                     0);
    assert_int_equal(ask(store, "SELECT revision FROM scheme"), 1);
    /* the edit is still there to be looked at */
    assert_int_equal(wg_coverage_undo_count(b), 1);
    assert_int_equal(wg_coverage_revision(b), 0);
    /* a grid that has ended is one too */
    assert_true(wg_coverage_undo(b));
    int64_t kept, two[] = {grid_of(a, "G11"), grid_of(a, "G12")};
    must(wg_coverage_merge(a, 2, two, two[0], &kept, &err), &err);
    commit(a, store);
    split_middle(b, "G12", 3.5, 1, 3.5, 2);
    refused(try_commit(b, store, "Ben", NULL, &n, &conflict, &err), &err, WG_CONFLICT,
            "tester");
    assert_int_equal(conflict.revision, 2);
    wg_conflict_finish(&conflict);
    scheme_is_whole(store, scheme);
    wg_coverage_close(a);
    wg_coverage_close(b);
}

static void the_same_change_is_none(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m"), n = 0;
    struct wg_coverage *a = open_coverage(store, scheme);
    struct wg_coverage *b = open_coverage(store, scheme);
    move_corner(a, 1, 1, 7, 5);
    move_corner(b, 1, 1, 7, 5);
    move_corner(b, 3, 2, 3, 3);
    commit(a, store);
    assert_int_equal(commit(b, store), 2); /* what is left of it */
    assert_int_equal(ask(store, "SELECT n_changed FROM revision WHERE number = 2"), 4);
    struct wg_coverage *d = open_coverage(store, scheme);
    struct wg_coverage *e = open_coverage(store, scheme);
    move_corner(d, 2, 1, 3, 3);
    move_corner(e, 2, 1, 3, 3);
    commit(d, store);
    must(try_commit(e, store, "Ed", NULL, &n, NULL, &err), &err); /* nothing is left */
    assert_int_equal(n, 3);
    assert_int_equal(ask(store, "SELECT count(*) FROM revision"), 3);
    scheme_is_whole(store, scheme);
    wg_coverage_close(a);
    wg_coverage_close(b);
    wg_coverage_close(d);
    wg_coverage_close(e);
}

static void what_others_change_without_a_revision_is_seen(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_conflict conflict;
    int64_t scheme = mesh_scheme(store, "m"), n;
    struct wg_coverage *a = open_coverage(store, scheme);
    move_corner(a, 1, 1, 7, 5);
    commit(a, store);
    /* a vertex editor: G16 and its neighbours, corner (3, 1) */
    struct wg_coverage *far = open_coverage(store, scheme);
    struct wg_coverage *near = open_coverage(store, scheme);
    runf(store,
         "UPDATE grid SET geom = ST_SnapToGrid(geom, 0, 0, 1.0, 1.0) WHERE level = "
         "5 AND code IN ('G16', 'G15', 'G12', 'G11')");
    runf(store, "UPDATE grid SET geom = GeomFromText(replace(AsText(geom), '500300 "
                "3050100', '500303 3050102'), 4545) WHERE code IN ('G16', 'G15', 'G12', "
                "'G11')");
    move_corner(far, 1, 3, 2, 2);
    move_corner(near, 3, 1, 9, 9);
    assert_int_equal(commit(far, store), 2);
    assert_int_equal(ask(store,
                         "SELECT count(*) FROM grid WHERE code IN ('G16', 'G15', "
                         "'G12', 'G11') AND instr(AsText(geom), '500303 3050102')"),
                     4);
    refused(try_commit(near, store, "Ned", NULL, &n, &conflict, &err), &err, WG_CONFLICT,
            "");
    assert_true(conflict.grid > 0);
    wg_conflict_finish(&conflict);
    scheme_is_whole(store, scheme);
    wg_coverage_close(a);
    wg_coverage_close(far);
    wg_coverage_close(near);
}

/* ---- time ---- */

static void events_stay_with_the_polygon_of_their_time(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m"), id = 0, n;
    struct wg_coverage *c = open_coverage(store, scheme);
    int64_t g13 = grid_of(c, "G13"), g10 = grid_of(c, "G10");
    /* at (1, 1) + (3, 3): G10's, later G13's */
    runf(store,
         "INSERT INTO event (occurred_at, geom) VALUES ('2020-01-01', MakePoint(%f, %f, "
         "4545)); INSERT INTO event (occurred_at, geom) VALUES ('2024-06-01', "
         "MakePoint(%f, %f, 4545)); INSERT INTO building (geom) VALUES (ST_Multi("
         "BuildMbr(%f, %f, %f, %f, 4545)))",
         X0 + 103, Y0 + 103, X0 + 103, Y0 + 103, X0 + 102, Y0 + 102, X0 + 104, Y0 + 104);
    move_corner(c, 1, 1, 20, 20);
    must(try_commit(c, store, "t", "2022-01-01T00:00:00Z", &n, NULL, &err), &err);
    for (int again = 0; again < 2; again++) {
        must(wg_owner_of(store, WG_KIND_EVENT, 1, scheme, &id, &err), &err);
        assert_int_equal(id, g10);
        must(wg_owner_of(store, WG_KIND_EVENT, 2, scheme, &id, &err), &err);
        assert_int_equal(id, g13);
        must(wg_owner_of(store, WG_KIND_BUILDING, 1, scheme, &id, &err), &err);
        assert_int_equal(id, g13);
        must(wg_assign_all(store, scheme, (struct wg_progress){0}, NULL, &err), &err);
    }
    runf(store, "INSERT INTO event (occurred_at, geom) SELECT '2021-12-31', geom FROM "
                "event WHERE id = 1");
    must(wg_owner_of(store, WG_KIND_EVENT, 3, scheme, &id, &err), &err);
    assert_int_equal(id, g10);
    double x = X0 + 103, y = Y0 + 103;
    must(
        wg_assign_locate(store, scheme, "2021-12-31T23:59:59.999Z", 1, &x, &y, &id, &err),
        &err);
    assert_int_equal(id, g10);
    must(wg_assign_locate(store, scheme, NULL, 1, &x, &y, &id, &err), &err);
    assert_int_equal(id, g13);
    /* the past does not go back behind the last change, nor into the future */
    move_corner(c, 3, 3, 2, 2);
    refused(try_commit(c, store, "t", "2021-01-01", &n, NULL, &err), &err, WG_INVALID,
            "2022-01-01");
    refused(try_commit(c, store, "t", "2999-01-01", &n, NULL, &err), &err, WG_INVALID,
            "draft");
    commit(c, store);
    wg_coverage_close(c);
    scheme_is_whole(store, scheme);
}

struct count {
    struct wg_period_count of[40];
    char code[40][8];
    int n;
};

static bool tell_count(const struct wg_period_count *c, void *user)
{
    struct count *t = user;
    t->of[t->n] = *c;
    snprintf(t->code[t->n++], 8, "%s", c->code ? c->code : "-");
    return true;
}

static void counts_are_by_the_grid_of_the_time(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m"), n;
    struct wg_coverage *c = open_coverage(store, scheme);
    for (int k = 0; k < 6; k++)
        runf(store,
             "INSERT INTO event (occurred_at, geom) VALUES ('20%d-06-01', MakePoint(%f, "
             "%f, 4545))",
             19 + k, X0 + 103, Y0 + 103);
    runf(store, "UPDATE event_status SET stage = 7 WHERE event_id = 1");
    move_corner(c, 1, 1, 20, 20);
    must(try_commit(c, store, "t", "2022-01-01T00:00:00Z", &n, NULL, &err), &err);
    static const struct {
        const char *from, *to, *code;
        int events, open;
    } cases[] = {{"2019-01-01", "2022-01-01", "G10", 3, 2},
                 {"2022-01-01", "2025-01-01", "G13", 3, 3},
                 {"2020-06-01", "2021-06-01", "G10", 1, 1}};
    for (size_t i = 0; i < 3; i++) {
        struct count t = {.n = 0};
        int64_t sum = 0;
        must(wg_period_count_each(store, scheme, cases[i].from, cases[i].to, tell_count,
                                  &t, &err),
             &err);
        assert_int_equal(t.n, 16);
        for (int k = 0; k < t.n; k++) {
            sum += t.of[k].events;
            if (strcmp(t.code[k], cases[i].code) == 0) {
                assert_int_equal(t.of[k].events, cases[i].events);
                assert_int_equal(t.of[k].open, cases[i].open);
                assert_int_equal(t.of[k].closed, cases[i].events - cases[i].open);
            }
        }
        assert_int_equal(sum, cases[i].events);
    }
    refused(wg_period_count_each(store, scheme, "2022-01-01", "2022-01-01", tell_count,
                                 NULL, &err),
            &err, WG_INVALID, "empty");
    wg_coverage_close(c);
}

struct seen {
    int n;
    double area;
    struct wg_store *store;
    int same;
};

static bool look(const struct wg_grid *g, void *user)
{
    struct seen *s = user;
    s->n++;
    if (g->level == 5)
        s->area += wg_multipolygon_area(&g->geometry);
    struct wg_query *q = NULL;
    bool row = false;
    size_t size;
    struct wg_multipolygon mp = {0};
    wg_query(s->store, "SELECT geom FROM temp.orig WHERE id = ?1", &q, NULL);
    wg_bind_int(q, 1, g->id);
    wg_step(q, &row, NULL);
    const void *blob = row ? wg_column_blob(q, 0, &size) : NULL;
    if (blob && !wg_shape_from_blob(blob, size, &mp, NULL))
        s->same += same_polygon(&mp, &g->geometry);
    wg_multipolygon_finish(&mp);
    wg_done(q);
    return true;
}

static void every_date_can_be_asked(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m"), n, kept;
    runf(store, "CREATE TEMP TABLE orig AS SELECT id, geom FROM grid");
    struct wg_coverage *c = open_coverage(store, scheme);
    move_corner(c, 1, 1, 20, 20);
    must(try_commit(c, store, "t", "2020-01-01", &n, NULL, &err), &err);
    int64_t two[] = {grid_of(c, "G01"), grid_of(c, "G02")};
    must(wg_coverage_merge(c, 2, two, two[0], &kept, &err), &err);
    must(try_commit(c, store, "t", "2021-01-01", &n, NULL, &err), &err);
    split_middle(c, "G01", 0.7, 3, 0.7, 4);
    must(try_commit(c, store, "t", "2022-01-01", &n, NULL, &err), &err);
    must(wg_revision_revert(store, scheme, 3, &(struct wg_commit){"t", "r", "2023-01-01"},
                            &n, NULL, &err),
         &err);
    must(wg_revision_revert(store, scheme, 2, &(struct wg_commit){"t", "r", "2024-01-01"},
                            &n, NULL, &err),
         &err);
    static const struct {
        const char *at;
        int n, same;
    } cases[] = {{"1900-01-01", 17, 17}, {"2019-12-31T23:59:59.999Z", 17, 17},
                 {"2020-01-01", 17, 0},  {"2021-01-01", 16, 0},
                 {"2022-06-01", 17, 0},  {"2023-06-01", 16, 0},
                 {"2024-06-01", 17, 0},  {"2999-01-01", 17, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen s = {.store = store};
        must(wg_revision_as_of(store, scheme, cases[i].at, look, &s, &err), &err);
        assert_int_equal(s.n, cases[i].n);
        assert_int_equal(s.same, cases[i].same);
        assert_true(fabs(s.area - 160000) < 1e-6);
    }
    scheme_is_whole(store, scheme);
    wg_coverage_close(c);
}

/* ---- differences, and taking back ---- */

struct changes {
    int begun, ended, reshaped;
    double gained, lost;
};

static bool tell_change(const struct wg_grid_diff *d, void *user)
{
    struct changes *c = user;
    c->begun += d->change == WG_GRID_BEGUN;
    c->ended += d->change == WG_GRID_ENDED;
    c->reshaped += d->change == WG_GRID_RESHAPED;
    c->gained += d->gained_m2;
    c->lost += d->lost_m2;
    assert_true(fabs(d->after_m2 - d->before_m2 - d->gained_m2 + d->lost_m2) < 1e-5);
    return true;
}

static void differences_are_told(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m");
    struct wg_coverage *c = open_coverage(store, scheme);
    move_corner(c, 1, 1, 20, 0);
    commit(c, store);
    split_middle(c, "G04", 3.5, 3, 3.5, 4);
    commit(c, store);
    int64_t kept, two[] = {grid_of(c, "G13"), grid_of(c, "G14")};
    must(wg_coverage_merge(c, 2, two, two[0], &kept, &err), &err);
    commit(c, store);
    static const struct {
        int64_t from, to;
        int begun, ended, reshaped;
    } cases[] = {{0, 1, 0, 0, 4}, {1, 2, 1, 0, 1}, {2, 3, 0, 1, 1},
                 {2, 0, 0, 1, 1}, {0, 0, 1, 1, 4}, {1, 3, 1, 1, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct changes t = {0};
        must(wg_revision_diff(store, scheme, cases[i].from, cases[i].to, tell_change, &t,
                              &err),
             &err);
        assert_int_equal(t.begun, cases[i].begun);
        assert_int_equal(t.ended, cases[i].ended);
        assert_int_equal(t.reshaped, cases[i].reshaped);
        assert_true(fabs(t.gained - t.lost) < 0.01);
    }
    refused(wg_revision_diff(store, scheme, 3, 1, tell_change, NULL, &err), &err,
            WG_INVALID, "earlier");
    refused(wg_revision_diff(store, scheme, 1, 9, tell_change, NULL, &err), &err,
            WG_NOT_FOUND, "9");
    wg_coverage_close(c);
}

static void a_revision_is_taken_back(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    struct wg_conflict conflict;
    struct wg_commit back = {"Rev", "no", NULL};
    int64_t scheme = mesh_scheme(store, "m"), n, kept;
    struct wg_coverage *c = open_coverage(store, scheme);
    move_corner(c, 3, 1, 1, 1);
    commit(c, store); /* 1 */
    runf(store, "CREATE TEMP TABLE was AS SELECT code, geom FROM grid WHERE valid_to IS "
                "NULL");
    int64_t two[] = {grid_of(c, "G01"), grid_of(c, "G02")};
    must(wg_coverage_merge(c, 2, two, two[0], &kept, &err), &err);
    commit(c, store); /* 2 */
    split_middle(c, "G16", 3, 0.5, 4, 0.5);
    commit(c, store);                                                        /* 3 */
    must(wg_revision_revert(store, scheme, 2, &back, &n, NULL, &err), &err); /* 4 */
    assert_int_equal(n, 4);
    assert_int_equal(ask(store, "SELECT reverts FROM revision WHERE number = 4"), 2);
    must(wg_revision_revert(store, scheme, 3, &back, &n, NULL, &err), &err); /* 5 */
#define AS_WAS                                                                           \
    "SELECT count(*) FROM grid g JOIN temp.was w USING (code) WHERE g.geom IS w.geom "   \
    "AND g.valid_to IS NULL"
    assert_int_equal(ask(store, AS_WAS), 17);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = 'G17' AND "
                                "valid_to IS NOT NULL"),
                     1);
    assert_int_equal(ask(store, "SELECT count(*) FROM withdrawn_code WHERE code = 'G17'"),
                     1);
    assert_int_equal(ask(store, "SELECT count(*) FROM withdrawn_code WHERE code = 'G02'"),
                     0);
    scheme_is_whole(store, scheme);
    /* and again: the taking back of a taking back */
    must(wg_revision_revert(store, scheme, 5, &back, &n, NULL, &err), &err); /* 6 */
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = 'G17' AND "
                                "valid_to IS NULL"),
                     1);
    scheme_is_whole(store, scheme);
    /* what a later revision has changed is not undone silently */
    wg_coverage_close(c);
    c = open_coverage(store, scheme);
    move_corner(c, 2, 2, 5, 5);
    commit(c, store); /* 7 */
    struct wg_point moved = {corner(2, 2).x + 5, corner(2, 2).y + 5};
    must(wg_coverage_move(c, moved, 0.5, corner(2, 2.1), &err), &err);
    must(try_commit(c, store, "Ann", NULL, &n, NULL, &err), &err); /* 8 */
    refused(wg_revision_revert(store, scheme, 7, &back, &n, &conflict, &err), &err,
            WG_CONFLICT, "Ann");
    assert_int_equal(conflict.revision, 8);
    wg_conflict_finish(&conflict);
    refused(wg_revision_revert(store, scheme, 99, &back, &n, NULL, &err), &err,
            WG_NOT_FOUND, "99");
    must(wg_revision_revert(store, scheme, 8, &back, &n, NULL, &err), &err);
    refused(wg_revision_revert(store, scheme, 8, &back, &n, NULL, &err), &err, WG_INVALID,
            "already");
    scheme_is_whole(store, scheme);
    wg_coverage_close(c);
}

static void parents_follow_when_they_are_told(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m");
    struct wg_coverage *c = open_coverage(store, scheme);
    struct wg_point at = corner(4, 2), to = {at.x + 30, at.y};
    int64_t community = ask(store, "SELECT id FROM grid WHERE code = 'C'");
    assert_int_equal(wg_coverage_move(c, at, 0.5, to, &err), WG_CONSTRAINT);
    wg_coverage_parents_follow(c, true);
    must(wg_coverage_move(c, at, 0.5, to, &err), &err);
    commit(c, store);
    assert_true(ask(store, "SELECT area_m2 > 162000 FROM grid WHERE code = 'C'") == 1);
    scheme_is_whole(store, scheme);
    /* one that its grids do not fill stays as it is */
    runf(store, "UPDATE grid SET geom = ST_Multi(ST_Buffer(geom, 50)) WHERE id = %lld",
         (long long)community);
    int64_t before = ask(store, "SELECT count(*) FROM grid_past");
    wg_coverage_close(c);
    c = open_coverage(store, scheme);
    move_corner(c, 1, 1, 3, 3);
    commit(c, store);
    assert_int_equal(ask(store, "SELECT count(*) FROM grid_past"), before + 4);
    wg_coverage_close(c);
}

/* ---- drafts ---- */

static bool tell_draft(const struct wg_draft *d, void *user)
{
    struct told *t = user;
    size_t at = strlen(t->text);
    snprintf(t->text + at, sizeof t->text - at, "%s %s %s %lld;", d->name, d->state,
             d->reviewer ? d->reviewer : "-", (long long)d->published);
    t->n++;
    return true;
}

static void drafts_are(struct wg_store *store, int64_t scheme, const char *text)
{
    struct wg_error err = {0};
    struct told t = {0};
    must(wg_draft_each(store, scheme, tell_draft, &t, &err), &err);
    assert_string_equal(t.text, text);
}

static void keep_warning(const char *text, void *user)
{
    snprintf(user, 400, "%s", text);
}

static void drafts_wait_until_they_are_published(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m"), n = -1;
    struct wg_coverage *c = open_coverage(store, scheme), *d = NULL;
    refused(wg_draft_save(store, c, "a", "Ann", NULL, &err), &err, WG_INVALID, "changed");
    split_middle(c, "G01", 0, 3.6, 1, 3.6);
    must(wg_draft_save(store, c, "a", "Ann", "note", &err), &err);
    drafts_are(store, scheme, "a draft - 0;");
    assert_int_equal(ask(store, "SELECT count(*) FROM grid"), 17);
    assert_true(ask(store, "SELECT count(*) FROM change WHERE tbl = 'draft'") == 1);
    must(wg_draft_review(store, scheme, "a", "Rob", &err), &err);
    drafts_are(store, scheme, "a reviewed Rob 0;");
    /* opened on top of what others did since */
    struct wg_coverage *other = open_coverage(store, scheme);
    move_corner(other, 3, 1, 2, 2);
    commit(other, store);
    must(wg_draft_open(store, scheme, "a", &d, NULL, &err), &err);
    assert_int_equal(wg_coverage_undo_count(d), 1);
    assert_int_equal(wg_coverage_revision(d), 1);
    move_corner(d, 1, 1, 3, 3);
    must(wg_draft_save(store, d, "a", "Ann", "more", &err), &err);
    drafts_are(store, scheme, "a draft - 0;");
    struct wg_commit commit_now = {"Pub", "law", NULL};
    must(wg_draft_publish(store, scheme, "a", &commit_now, &n, NULL, &err), &err);
    assert_int_equal(n, 2);
    drafts_are(store, scheme, "a published - 2;");
    assert_int_equal(ask(store, "SELECT count(*) FROM grid WHERE code = 'G17'"), 1);
    scheme_is_whole(store, scheme);
    refused(wg_draft_publish(store, scheme, "a", &commit_now, &n, NULL, &err), &err,
            WG_INVALID, "published");
    refused(wg_draft_open(store, scheme, "b", &d, NULL, &err), &err, WG_NOT_FOUND, "b");
    must(wg_draft_discard(store, scheme, "a", &err), &err);
    refused(wg_draft_discard(store, scheme, "a", &err), &err, WG_NOT_FOUND, "a");
    wg_coverage_close(c);
    wg_coverage_close(d);
    wg_coverage_close(other);
}

static void a_scheduled_draft_waits_for_its_day(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    char warning[400] = "";
    struct wg_warn warn = {keep_warning, warning};
    int64_t scheme = mesh_scheme(store, "m"), n = -1;
    struct wg_coverage *c = open_coverage(store, scheme);
    move_corner(c, 1, 1, 3, 3);
    must(wg_draft_save(store, c, "later", "Ann", NULL, &err), &err);
    assert_true(wg_coverage_undo(c));
    move_corner(c, 1, 1, -3, -3);
    must(wg_draft_save(store, c, "clash", "Ann", NULL, &err), &err);
    struct wg_commit later = {"Pub", "law", "2999-01-01"};
    must(wg_draft_publish(store, scheme, "later", &later, &n, NULL, &err), &err);
    must(wg_draft_publish(store, scheme, "clash", &later, &n, NULL, &err), &err);
    assert_int_equal(n, 0);
    must(wg_draft_publish_due(store, warn, &n, &err), &err);
    assert_int_equal(n, 0);
    drafts_are(store, scheme, "later scheduled - 0;clash scheduled - 0;");
    runf(store,
         "UPDATE draft SET due_at = iif(name = 'later', '2024-01-01T00:00:00.000Z', "
         "'2024-02-01T00:00:00.000Z')");
    must(wg_draft_publish_due(store, warn, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_non_null(strstr(warning, "Pub")); /* the conflict names who was first */
    drafts_are(store, scheme, "clash scheduled - 0;later published - 1;");
    struct wg_coverage *none = NULL;
    struct wg_conflict conflict = {0};
    refused(wg_draft_open(store, scheme, "clash", &none, &conflict, &err), &err,
            WG_CONFLICT, "");
    assert_true(conflict.base.n_part && conflict.theirs.n_part && conflict.ours.n_part);
    assert_false(same_polygon(&conflict.base, &conflict.ours));
    assert_false(same_polygon(&conflict.theirs, &conflict.ours));
    assert_false(same_polygon(&conflict.base, &conflict.theirs));
    wg_conflict_finish(&conflict);
    assert_int_equal(ask(store, "SELECT count(*) FROM revision WHERE valid_from = "
                                "'2024-01-01T00:00:00.000Z' AND author = 'Pub'"),
                     1);
    scheme_is_whole(store, scheme);
    wg_coverage_close(c);
}

static void one_broken_scheme_does_not_hold_up_the_others(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    char warning[400] = "";
    struct wg_warn warn = {keep_warning, warning};
    struct wg_commit later = {"Pub", "law", "2999-01-01"};
    int64_t scheme[2], n;
    for (int i = 0; i < 2; i++) {
        scheme[i] = mesh_scheme(store, i ? "sound" : "broken");
        struct wg_coverage *c = open_coverage(store, scheme[i]);
        move_corner(c, 1, 1, 3, 3);
        must(wg_draft_save(store, c, "d", "Ann", NULL, &err), &err);
        must(wg_draft_publish(store, scheme[i], "d", &later, &n, NULL, &err), &err);
        wg_coverage_close(c);
    }
    runf(store, "UPDATE draft SET due_at = '2024-01-01T00:00:00.000Z'");
    runf(store,
         "UPDATE grid SET geom = GeomFromText('MULTIPOLYGON(((%f %f,%f %f,%f %f,%f %f,%f "
         "%f)))', 4545) WHERE code = 'G01' AND scheme_id = %lld",
         X0, Y0, X0 + 9, Y0 + 9, X0 + 9, Y0, X0, Y0 + 9, X0, Y0, (long long)scheme[0]);
    must(wg_draft_publish_due(store, warn, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_non_null(strstr(warning, "G01"));
    drafts_are(store, scheme[0], "d scheduled - 0;");
    drafts_are(store, scheme[1], "d published - 1;");
}

/* ---- the log ---- */

static bool tell_revision(const struct wg_revision *r, void *user)
{
    struct told *t = user;
    size_t at = strlen(t->text);
    snprintf(t->text + at, sizeof t->text - at, "%lld %s %s %d%d%d;",
             (long long)r->number, r->author, r->reason, r->n_changed > 0, r->n_begun > 0,
             r->n_ended > 0);
    assert_non_null(r->recorded_at);
    assert_non_null(r->valid_from);
    t->n++;
    return true;
}

static void the_log_is_told(void **state)
{
    struct wg_store *store = noun_store(state);
    struct wg_error err = {0};
    int64_t scheme = mesh_scheme(store, "m"), n;
    struct wg_coverage *c = open_coverage(store, scheme);
    struct told t = {0};
    must(wg_revision_each(store, scheme, 0, tell_revision, &t, &err), &err);
    assert_int_equal(t.n, 0);
    move_corner(c, 1, 1, 1, 1);
    must(try_commit(c, store, "网格员 \"甲\"", NULL, &n, NULL, &err), &err);
    split_middle(c, "G01", 0, 3.6, 1, 3.6);
    commit(c, store);
    must(wg_revision_each(store, scheme, 0, tell_revision, &t, &err), &err);
    assert_string_equal(t.text, "2 tester because 110;1 网格员 \"甲\" because 100;");
    t = (struct told){0};
    must(wg_revision_each(store, scheme, 1, tell_revision, &t, &err), &err);
    assert_int_equal(t.n, 1);
    t = (struct told){0};
    must(wg_revision_read(store, scheme, 1, tell_revision, &t, &err), &err);
    assert_int_equal(t.n, 1);
    refused(wg_revision_read(store, scheme, 3, tell_revision, &t, &err), &err,
            WG_NOT_FOUND, "3");
    refused(try_commit(c, store, "a", NULL, &n, NULL, &err), &err, WG_INVALID, "changed");
    move_corner(c, 2, 2, 1, 1);
    refused(try_commit(c, store, "", NULL, &n, NULL, &err), &err, WG_INVALID, "author");
    wg_coverage_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOUN_TEST(the_first_commit_goes_onto_the_lattice),
        NOUN_TEST(new_grids_get_the_next_codes),
        NOUN_TEST(segmented_codes_follow_the_parent),
        NOUN_TEST(lineage_is_told_both_ways),
        NOUN_TEST(disjoint_edits_go_on_top_of_each_other),
        NOUN_TEST(the_same_place_is_a_conflict),
        NOUN_TEST(the_same_change_is_none),
        NOUN_TEST(what_others_change_without_a_revision_is_seen),
        NOUN_TEST(events_stay_with_the_polygon_of_their_time),
        NOUN_TEST(counts_are_by_the_grid_of_the_time),
        NOUN_TEST(every_date_can_be_asked),
        NOUN_TEST(differences_are_told),
        NOUN_TEST(a_revision_is_taken_back),
        NOUN_TEST(parents_follow_when_they_are_told),
        NOUN_TEST(drafts_wait_until_they_are_published),
        NOUN_TEST(one_broken_scheme_does_not_hold_up_the_others),
        NOUN_TEST(a_scheduled_draft_waits_for_its_day),
        NOUN_TEST(the_log_is_told),
    };
    return cmocka_run_group_tests_name("revision", tests, noun_group_setup,
                                       noun_group_teardown);
}
