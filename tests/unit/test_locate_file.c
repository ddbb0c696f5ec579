/* The file of a locator: the same answers mapped as built, and no harm from a file that
 * is damaged, cut short, foreign or crafted. */
#include "store_scratch.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "locate_file.h"
#include "locate_record.h"
#include "locate_scratch.h"

#define N_POINTS 20000

static struct wg_locator *build(uint32_t cols, uint32_t rows)
{
    struct quads q;
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    quads_make(&q, cols, rows);
    if (wg_locator_build((size_t)cols * rows, q.grid, NULL, &loc, &err))
        fail_msg("build: %s", err.text);
    quads_drop(&q);
    return loc;
}

/* As wg_locator_save, but without waiting for the disk hundreds of times. */
static void save(const struct wg_locator *loc, const char *path)
{
    struct wg_error err = {0};
    if (wg_locate_file_write(loc, path, path, &err))
        fail_msg("save: %s", err.text);
}

static struct wg_locator *map(const char *path, enum wg_vector vector)
{
    struct wg_locator_options options = {.vector = vector};
    struct wg_locator *loc = NULL;
    struct wg_error err = {0};
    if (wg_locator_map(path, &options, &loc, &err))
        fail_msg("map: %s", err.text);
    return loc;
}

static void assert_refused(const char *path, enum wg_status expected, const char *words)
{
    struct wg_locator *loc = (struct wg_locator *)1;
    struct wg_error err = {0};
    enum wg_status status = wg_locator_map(path, NULL, &loc, &err);
    if (status != expected || !strstr(err.text, words) || !strstr(err.text, path))
        fail_msg("status %s, not %s: “%s” and “%s”", wg_status_name(status),
                 wg_status_name(expected), err.text, words);
    assert_ptr_equal(loc, (struct wg_locator *)1);
}

static void assert_same_answers(const struct wg_locator *a, const struct wg_locator *b)
{
    static double x[N_POINTS], y[N_POINTS];
    static uint32_t in_a[N_POINTS], in_b[N_POINTS];
    struct quads q = {.cols = 20, .rows = 15};
    size_t inside = 0;
    quads_points(&q, N_POINTS, x, y);
    wg_locator_slots(a, N_POINTS, x, y, in_a);
    wg_locator_slots(b, N_POINTS, x, y, in_b);
    assert_memory_equal(in_a, in_b, sizeof in_a);
    for (size_t i = 0; i < N_POINTS; i++) {
        inside += in_a[i] != 0;
        assert_int_equal(in_a[i], wg_locator_slot(b, x[i], y[i]));
        if (i % 100 == 0)
            assert_int_equal(wg_locator_nearest(a, x[i], y[i], INFINITY, NULL),
                             wg_locator_nearest(b, x[i], y[i], INFINITY, NULL));
    }
    assert_true(inside > N_POINTS / 2);
    assert_int_equal(wg_locator_count(a), wg_locator_count(b));
    for (uint32_t s = 0; s <= wg_locator_count(a); s++) {
        assert_int_equal(wg_locator_id(a, s), wg_locator_id(b, s));
        assert_string_equal(wg_locator_code(a, s), wg_locator_code(b, s));
        assert_int_equal(wg_locator_slot_of(b, wg_locator_id(a, s)), s);
    }
}

static void test_mapped_as_built(void **state)
{
    struct scratch *s = *state;
    struct wg_locator *built = build(20, 15);
    assert_int_equal(wg_locator_save(built, s->db, NULL), WG_OK);
    static const enum wg_vector vectors[] = {WG_VECTOR_BEST, WG_VECTOR_PLAIN,
                                             WG_VECTOR_AVX2, WG_VECTOR_NEON};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        if (!wg_vector_works(vectors[i]))
            continue;
        struct wg_locator *mapped = map(s->db, vectors[i]);
        struct wg_locator_info info = wg_locator_info(mapped);
        assert_true(info.mapped && info.partition && info.grids == 300);
        if (vectors[i] != WG_VECTOR_BEST)
            assert_int_equal(info.vector, vectors[i]);
        assert_same_answers(built, mapped);
        wg_locator_destroy(mapped);
    }
    /* a mapped one saved again, over the file it is mapped from; then that one */
    struct wg_locator *first = map(s->db, WG_VECTOR_BEST);
    save(first, s->db);
    struct wg_locator *second = map(s->db, WG_VECTOR_BEST);
    assert_same_answers(first, second);
    wg_locator_destroy(first);
    wg_locator_destroy(second);
    wg_locator_destroy(built);
}

static void test_none_and_one(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    struct wg_locator *none = NULL;
    assert_int_equal(wg_locator_build(0, NULL, NULL, &none, &err), WG_OK);
    save(none, s->db);
    struct wg_locator *mapped = map(s->db, WG_VECTOR_BEST);
    assert_int_equal(wg_locator_count(mapped), 0);
    assert_int_equal(wg_locator_slot(mapped, 0, 0), 0);
    assert_int_equal(wg_locator_nearest(mapped, 0, 0, INFINITY, NULL), 0);
    wg_locator_destroy(mapped);
    wg_locator_destroy(none);

    struct wg_locator *one = build(1, 1);
    save(one, s->db);
    mapped = map(s->db, WG_VECTOR_BEST);
    assert_int_equal(wg_locator_slot(mapped, 3e5 + 30, 3.78e6 + 30), 1);
    assert_int_equal(wg_locator_slot(mapped, NAN, INFINITY), 0);
    wg_locator_destroy(mapped);
    wg_locator_destroy(one);
}

static unsigned char *read_all(const char *path, size_t *size)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &st), 0);
    *size = (size_t)st.st_size;
    unsigned char *data = malloc(*size);
    assert_int_equal(fread(data, 1, *size, f), *size);
    fclose(f);
    return data;
}

static void write_all(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* Every bit of the head and many of the rest: each flip is noticed. */
static void test_damaged(void **state)
{
    struct scratch *s = *state;
    struct wg_locator *loc = build(3, 3);
    size_t size;
    save(loc, s->db);
    wg_locator_destroy(loc);
    unsigned char *data = read_all(s->db, &size);
    assert_int_equal(size % 64, 0);
    int fd = open(s->db, O_WRONLY);
    struct random r = {3};
    for (int i = 0; i < 4000; i++) {
        size_t at =
            i < 700 ? (size_t)i : (size_t)random_between(&r, 0, (int64_t)size - 1);
        unsigned char bad = data[at] ^ (unsigned char)(1u << random_between(&r, 0, 7));
        struct wg_locator *out = NULL;
        assert_int_equal(pwrite(fd, &bad, 1, (off_t)at), 1);
        if (wg_locator_map(s->db, NULL, &out, NULL) != WG_FORMAT)
            fail_msg("byte %zu of %zu", at, size);
        assert_int_equal(pwrite(fd, &data[at], 1, (off_t)at), 1);
    }
    close(fd);
    wg_locator_destroy(map(s->db, WG_VECTOR_BEST));
    for (size_t cut = 0; cut < size; cut += cut < 1000 ? 1 : size / 50 + 1) {
        write_all(s->db, data, cut);
        assert_refused(s->db, WG_FORMAT, "");
    }
    unsigned char *longer = calloc(1, size + 64);
    memcpy(longer, data, size);
    write_all(s->db, longer, size + 64);
    assert_refused(s->db, WG_FORMAT, "damaged");
    free(longer);
    free(data);
}

static void test_foreign(void **state)
{
    struct scratch *s = *state;
    struct wg_locator *loc = build(2, 2);
    size_t size;
    assert_refused(s->db, WG_NOT_FOUND, "");
    assert_refused(s->folder, WG_FORMAT, "not a kept index");
    assert_int_equal(mkfifo(s->db, 0600), 0);
    assert_refused(s->db, WG_FORMAT, "not a kept index");
    unlink(s->db);
    write_all(s->db, "", 0);
    assert_refused(s->db, WG_FORMAT, "not a kept index");
    save(loc, s->db);
    wg_locator_destroy(loc);
    unsigned char *data = read_all(s->db, &size);
    data[8]++; /* the version */
    write_all(s->db, data, size);
    assert_refused(s->db, WG_FORMAT, "another version");
    data[8]--;
    for (int i = 0; i < 2; i++) { /* the other order of bytes */
        unsigned char b = data[12 + i];
        data[12 + i] = data[15 - i];
        data[15 - i] = b;
    }
    write_all(s->db, data, size);
    assert_refused(s->db, WG_FORMAT, "another kind of machine");
    free(data);
}

/* ---- files whose sum is right ---- */

typedef void craft_fn(struct wg_locator *loc, struct random *r);

static uint32_t *words(struct wg_locator *loc, enum wg_section which)
{
    return (uint32_t *)loc->section[which];
}

static void more_grids(struct wg_locator *loc, struct random *r)
{
    loc->head.n_grid++;
}

static void more_vertices(struct wg_locator *loc, struct random *r)
{
    loc->head.n_vertex += 8;
}

static void more_cells(struct wg_locator *loc, struct random *r)
{
    loc->head.cols++;
}

static void cells_that_overflow(struct wg_locator *loc, struct random *r)
{
    loc->head.cols = loc->head.rows = UINT32_MAX;
}

static void no_size(struct wg_locator *loc, struct random *r)
{
    loc->head.per.x = NAN;
}

static void odd_size(struct wg_locator *loc, struct random *r)
{
    loc->head.per.y = 1.0 / 3;
}

static void half_a_column(struct wg_locator *loc, struct random *r)
{
    loc->head.col0 += 0.5;
}

static void endless_until(struct wg_locator *loc, struct random *r)
{
    memset(loc->head.until, 'x', sizeof loc->head.until);
}

static void word_beyond(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_WORD)[5] = loc->head.n_grid + 1;
}

static void word_behind_the_pool(struct wg_locator *loc, struct random *r)
{
    uint32_t n = (uint32_t)(loc->head.bytes[WG_SECTION_POOL] / 4);
    words(loc, WG_SECTION_WORD)[5] = (n - WG_POOL_SLACK) | WG_WORD_RECORD;
}

static void last_word_inside(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_WORD)[loc->head.cols * loc->head.rows] = 1;
}

static void ring_backwards(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_RING)[1] = loc->head.n_vertex;
}

static void part_beyond(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_PART)[1] = UINT32_MAX;
}

static void grid_beyond(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_GRID)[loc->head.n_grid + 1]++;
}

static void slot_of_none(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_BY_ID)[0] = loc->head.n_grid + 1;
}

static void leaf_of_none(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_LEAF)[0] = 0;
}

static void code_beyond(struct wg_locator *loc, struct random *r)
{
    words(loc, WG_SECTION_CODE)[1] = 1u << 30;
}

static void code_without_end(struct wg_locator *loc, struct random *r)
{
    ((char *)loc->section[WG_SECTION_TEXT])[loc->head.bytes[WG_SECTION_TEXT] - 1] = 'x';
}

/* ---- records ---- */

/* A word that has a record in the pool, or in the section of edges. */
static uint32_t *word_of(struct wg_locator *loc, struct random *r)
{
    int64_t n = (int64_t)loc->head.cols * loc->head.rows;
    uint32_t *w;
    do {
        w = &words(loc, WG_SECTION_WORD)[random_between(r, 0, n - 1)];
    } while (!(*w & WG_WORD_RECORD) || *w & WG_WORD_APART);
    return w;
}

static uint32_t *record_of(struct wg_locator *loc, struct random *r)
{
    return words(loc, WG_SECTION_POOL) + (*word_of(loc, r) & WG_WORD_PLACE);
}

static void candidate_beyond(struct wg_locator *loc, struct random *r)
{
    uint32_t *record = record_of(loc, r), k = wg_signs_lines(record);
    memset((unsigned char *)wg_signs_line(record, k) + 6 * k, 0xff, 3);
}

static void candidate_outside(struct wg_locator *loc, struct random *r)
{
    uint32_t *record = record_of(loc, r), k = wg_signs_lines(record);
    memset((unsigned char *)wg_signs_line(record, k) + 6 * k, 0, 3);
}

static void entry_beyond(struct wg_locator *loc, struct random *r)
{
    uint32_t *record = record_of(loc, r), k = wg_signs_lines(record);
    uint32_t bad = wg_signs_candidates(record) + 1;
    uint32_t pattern = (uint32_t)random_between(r, 0, (1 << k) - 1);
    uint32_t *at = k > 2 ? record + 1 + pattern / 8 : record;
    uint32_t shift = k > 2 ? pattern % 8 * 4 : 16 + pattern * 4;
    *at = (*at & ~(15u << shift)) | bad << shift;
    assert_int_equal(wg_signs_entry(record, k, pattern), bad);
}

static void more_lines(struct wg_locator *loc, struct random *r)
{
    record_of(loc, r)[0] |= 8;
}

static uint32_t *edges_of(struct wg_locator *loc, struct random *r, uint32_t *k)
{
    uint32_t place = *word_of(loc, r) & WG_WORD_PLACE;
    *k = wg_signs_lines(loc->pool + place);
    return words(loc, WG_SECTION_EDGES) + wg_signs_edges(loc, place);
}

static void mask_beyond(struct wg_locator *loc, struct random *r)
{
    uint32_t k;
    ((unsigned char *)edges_of(loc, r, &k))[k] = 0xff;
}

static void base_beyond(struct wg_locator *loc, struct random *r)
{
    uint32_t k;
    ((unsigned char *)edges_of(loc, r, &k))[0] = 0xff;
}

static void edge_beyond(struct wg_locator *loc, struct random *r)
{
    uint32_t k, *edges = edges_of(loc, r, &k);
    edges[wg_signs_edge_words(k) - 1] = loc->head.n_vertex - 1;
}

static void edges_beyond(struct wg_locator *loc, struct random *r)
{
    uint32_t line = (*word_of(loc, r) & WG_WORD_PLACE) / WG_POOL_LINE;
    words(loc, WG_SECTION_EDGES_AT)[line] = UINT32_MAX;
}

/* In the middle of a record: its numbers would be taken for a head. */
static void word_between(struct wg_locator *loc, struct random *r)
{
    ++*word_of(loc, r);
}

/* Such records are made where there is room for the edges of others. */
static uint32_t *apart(struct wg_locator *loc, struct random *r, uint32_t *at)
{
    int64_t n = (int64_t)(loc->head.bytes[WG_SECTION_EDGES] / 4);
    *at = (uint32_t)random_between(r, 0, n - 40);
    *word_of(loc, r) = *at | WG_WORD_RECORD | WG_WORD_APART;
    return words(loc, WG_SECTION_EDGES) + *at;
}

static void list_beyond(struct wg_locator *loc, struct random *r)
{
    uint32_t at, *record = apart(loc, r, &at);
    record[0] = WG_RECORD_LIST;
    record[1] = UINT32_MAX;
}

static void list_of_many(struct wg_locator *loc, struct random *r)
{
    uint32_t at, *record = apart(loc, r, &at);
    memcpy(record, (uint32_t[]){WG_RECORD_LIST, 1, 1, 0, 0, UINT32_MAX / 4}, 24);
}

static void tree_in_itself(struct wg_locator *loc, struct random *r)
{
    uint32_t at, *record = apart(loc, r, &at);
    record[0] = WG_RECORD_TREE;
    for (int i = 1; i <= 16; i++)
        record[i] = at | WG_WORD_RECORD | WG_WORD_APART;
}

static void tree_at_the_end(struct wg_locator *loc, struct random *r)
{
    uint32_t n = (uint32_t)(loc->head.bytes[WG_SECTION_EDGES] / 4);
    words(loc, WG_SECTION_EDGES)[n - 3] = WG_RECORD_TREE;
    *word_of(loc, r) = (n - 3) | WG_WORD_RECORD | WG_WORD_APART;
}

static void unknown_record(struct wg_locator *loc, struct random *r)
{
    uint32_t at;
    apart(loc, r, &at)[0] = 0x99;
}

static void test_crafted(void **state)
{
    struct scratch *s = *state;
    static craft_fn *const crafts[] = {
        more_grids,           more_vertices,     more_cells,
        cells_that_overflow,  no_size,           odd_size,
        half_a_column,        endless_until,     word_beyond,
        word_behind_the_pool, last_word_inside,  ring_backwards,
        part_beyond,          grid_beyond,       slot_of_none,
        leaf_of_none,         code_beyond,       code_without_end,
        candidate_beyond,     candidate_outside, entry_beyond,
        more_lines,           mask_beyond,       base_beyond,
        edge_beyond,          edges_beyond,      word_between,
        list_beyond,          list_of_many,      tree_in_itself,
        tree_at_the_end,      unknown_record,
    };
    struct random r = {11};
    for (size_t i = 0; i < 4 * (sizeof crafts / sizeof *crafts); i++) {
        struct wg_locator *loc = build(3, 3), *out = NULL;
        crafts[i / 4](loc, &r);
        save(loc, s->db);
        wg_locator_destroy(loc);
        if (wg_locator_map(s->db, NULL, &out, NULL) != WG_FORMAT)
            fail_msg("craft %zu is believed", i / 4);
    }
}

/* Numbers anywhere changed at random, with the right sum: refused, or else nothing that
 * is asked leads outside (the sanitisers say). */
static void test_crafted_at_random(void **state)
{
    struct scratch *s = *state;
    struct random r = {13};
    static double x[2000], y[2000];
    static uint32_t slot[2000];
    struct quads q = {.cols = 3, .rows = 3};
    int believed = 0;
    quads_points(&q, 2000, x, y);
    for (int i = 0; i < 300; i++) {
        struct wg_locator *loc = build(3, 3), *out = NULL;
        int which = (int)random_between(&r, 0, WG_SECTIONS - 1);
        size_t n = loc->head.bytes[which] / 4;
        uint32_t value = (uint32_t)random_next(&r);
        if (i % 2)
            value &= 0xc00000ff;
        if (n)
            words(loc, which)[random_between(&r, 0, (int64_t)n - 1)] = value;
        save(loc, s->db);
        wg_locator_destroy(loc);
        enum wg_status status = wg_locator_map(s->db, NULL, &out, NULL);
        if (status == WG_OK) {
            believed++;
            wg_locator_slots(out, 2000, x, y, slot);
            for (int k = 0; k < 2000; k++) {
                assert_true(strlen(wg_locator_code(out, slot[k])) < 16);
                if (k % 50 == 0)
                    wg_locator_nearest(out, x[k], y[k], INFINITY, NULL);
            }
            wg_locator_destroy(out);
        } else {
            assert_int_equal(status, WG_FORMAT);
        }
    }
    assert_in_range(believed, 1, 299);
}

/* ---- saving ---- */

static size_t count_files(const char *folder)
{
    char command[128];
    size_t n = 0;
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder);
    FILE *p = popen(command, "r");
    assert_int_equal(fscanf(p, "%zu", &n), 1);
    pclose(p);
    return n;
}

static void test_full_disk(void **state)
{
    struct scratch *s = *state;
    struct wg_locator *small = build(1, 1), *big = build(20, 15);
    struct rlimit limit, before;
    struct wg_error err = {0};
    save(small, s->db);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 50000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum wg_status status = wg_locator_save(big, s->db, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, WG_IO);
    assert_non_null(strstr(err.text, s->db));
    assert_int_equal(count_files(s->folder), 1);
    struct wg_locator *still = map(s->db, WG_VECTOR_BEST);
    assert_int_equal(wg_locator_count(still), 1);
    wg_locator_destroy(still);
    assert_int_equal(wg_locator_save(big, "/no/such/folder/x", &err), WG_IO);
    assert_int_equal(wg_locator_save(big, s->folder, &err), WG_IO);
    wg_locator_destroy(small);
    wg_locator_destroy(big);
}

/* Two processes save to one name while a third maps it again and again. */
static void test_two_savers(void **state)
{
    struct scratch *s = *state;
    pid_t child[2];
    struct wg_locator *first = build(2, 1);
    save(first, s->db);
    for (int i = 0; i < 2; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            struct wg_locator *mine = build(i ? 9 : 2, i ? 5 : 1);
            int failures = 0;
            for (int k = 0; k < 8; k++)
                failures += wg_locator_save(mine, s->db, NULL) != WG_OK;
            _exit(failures);
        }
    }
    for (int k = 0; k < 100; k++) {
        struct wg_locator *loc = map(s->db, WG_VECTOR_BEST);
        uint32_t n = wg_locator_count(loc);
        assert_true(n == 2 || n == 45);
        assert_int_not_equal(wg_locator_slot(loc, 3e5 + 30, 3.78e6 + 30), 0);
        wg_locator_destroy(loc);
    }
    for (int i = 0; i < 2; i++) {
        int status;
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count_files(s->folder), 1);
    wg_locator_destroy(first);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_mapped_as_built), SCRATCH(test_none_and_one),
        SCRATCH(test_damaged),         SCRATCH(test_foreign),
        SCRATCH(test_crafted),         SCRATCH(test_crafted_at_random),
        SCRATCH(test_full_disk),       SCRATCH(test_two_savers),
    };
    return cmocka_run_group_tests_name("locate_file", tests, NULL, NULL);
}
