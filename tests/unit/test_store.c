/* Files: created whole or not at all, opened or refused with clear words, verified. */
#include "store_scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "statement.h"
#include "store_db.h"

static size_t count_files(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder);
    FILE *p = popen(command, "r");
    size_t n = 0;
    assert_int_equal(fscanf(p, "%zu", &n), 1);
    pclose(p);
    return n;
}

static int64_t number(struct wg_store *store, const char *sql)
{
    struct wg_error err = {0};
    int64_t n = -99;
    if (wg_store_number(store, sql, &n, &err))
        fail_msg("%s: %s", sql, err.text);
    return n;
}

/* The refusal has this status, names the file and leaves no handle. */
static void assert_refused(const char *path, const struct wg_open_options *options,
                           enum wg_status expected, const char *words)
{
    struct wg_error err = {0};
    struct wg_store *store = (struct wg_store *)1;
    enum wg_status status = wg_store_open(path, options, &store, &err);
    if (status != expected)
        fail_msg("%s: status %s, not %s: %s", path, wg_status_name(status),
                 wg_status_name(expected), err.text);
    assert_null(store);
    assert_int_equal(err.status, expected);
    assert_non_null(strstr(err.text, path));
    if (words && !strstr(err.text, words))
        fail_msg("“%s” does not say “%s”", err.text, words);
}

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static void test_create(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    assert_int_equal(count_files(s->folder), 1); /* no journal, no temporary file */
    struct wg_store *store = scratch_open(s);
    assert_string_equal(wg_store_path(store), s->db);
    assert_false(wg_store_read_only(store));
    assert_int_equal(wg_store_srid(store), 4545);
    assert_int_equal(number(store, "PRAGMA application_id"), 0x57474745);
    assert_int_equal(number(store, "PRAGMA user_version"),
                     WG_SCHEMA_VERSION);
    assert_int_equal(number(store, "PRAGMA foreign_keys"), 1);
    assert_int_equal(number(store, "PRAGMA synchronous"), 2);
    assert_int_equal(number(store, "PRAGMA journal_size_limit"), 64 << 20);
    assert_int_equal(number(store, "PRAGMA busy_timeout"), 5000);
    assert_int_equal(number(store, "SELECT count(*) FROM pragma_journal_mode "
                                   "WHERE journal_mode = 'wal'"),
                     1);
    assert_int_equal(number(store, "SELECT count(*) FROM district WHERE name = 'd' AND "
                                   "lang = 'en' AND crs = 'EPSG:4545' AND srid = 4545 "
                                   "AND default_height_m = 6 AND floor_height_m = 3"),
                     1);
    assert_int_equal(number(store,
                            "SELECT count(*) FROM spatial_ref_sys WHERE auth_name "
                            "= 'epsg' AND auth_srid = srid AND length(srtext) > 99 "
                            "AND proj4text LIKE '+proj%' AND srid IN (4326, 4490, "
                            "3857, 4545)"),
                     4);
    assert_int_equal(number(store, "SELECT count(*) FROM geometry_columns WHERE srid = "
                                   "4545 AND coord_dimension = 2 AND "
                                   "spatial_index_enabled = 1"),
                     7);
    wg_store_close(store);
    struct stat st;
    assert_int_equal(stat(s->db, &st), 0);
    assert_true(st.st_size < 1 << 20);
}

static void test_create_refusals(void **state)
{
    struct scratch *s = *state;
    struct wg_create_options good = {.crs = "EPSG:4545"};
    struct wg_create_options cases[] = {
        {.crs = NULL},
        {.crs = ""},
        {.crs = "EPSG:4545", .lang = "fr"},
        {.crs = "EPSG:4545", .floor_height_m = -1},
        {.crs = "EPSG:4545", .default_height_m = 1.0 / 0.0},
        {.crs = "EPSG:4326"},
        {.crs = "no such system"},
    };
    struct wg_error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(&err, 0, sizeof err);
        enum wg_status status = wg_store_create(s->db, &cases[i], &err);
        assert_int_equal(status, i < 5 ? WG_INVALID : WG_CRS);
        assert_true(strlen(err.text) > 10);
        assert_int_equal(count_files(s->folder), 0);
    }
    assert_int_equal(wg_store_create("", &good, &err), WG_INVALID);
    assert_int_equal(wg_store_create(s->db, NULL, &err), WG_INVALID);

    char path[160];
    snprintf(path, sizeof path, "%s/none/x.wangge", s->folder);
    assert_int_equal(wg_store_create(path, &good, &err), WG_IO);
    assert_non_null(strstr(err.text, path));

    write_file(s->db, "mine", 4);
    assert_int_equal(wg_store_create(s->db, &good, &err), WG_EXISTS);
    assert_non_null(strstr(err.text, s->db));
    char back[8] = {0};
    FILE *f = fopen(s->db, "rb");
    assert_int_equal(fread(back, 1, sizeof back, f), 4);
    fclose(f);
    assert_string_equal(back, "mine");
    unlink(s->db);

    /* a journal of an earlier file of that name would be played into the new one */
    snprintf(path, sizeof path, "%s-wal", s->db);
    write_file(path, "old", 3);
    assert_int_equal(wg_store_create(s->db, &good, &err), WG_EXISTS);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(count_files(s->folder), 1);
}

/* Run in a child as a user for whom permissions count. */
static int as_nobody(void (*body)(const struct scratch *), const struct scratch *s)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(77);
        body(s);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "# line %d: %s: %s\n", __LINE__, #condition, err.text);      \
            _exit(1);                                                                    \
        }                                                                                \
    } while (0)

static void body_unwritable_create(const struct scratch *s)
{
    struct wg_error err = {0};
    struct wg_create_options options = {.crs = "EPSG:4545"};
    CHECK(wg_store_create(s->db, &options, &err) == WG_IO);
    CHECK(strstr(err.text, s->db));
}

static void test_create_unwritable(void **state)
{
    struct scratch *s = *state;
    assert_int_equal(chmod(s->folder, 0555), 0);
    int rc = as_nobody(body_unwritable_create, s);
    chmod(s->folder, 0755);
    assert_int_equal(rc, 0);
    assert_int_equal(count_files(s->folder), 0);
}

/* Killed at any moment, a create leaves nothing under the name; the next one cleans. */
static void test_create_killed(void **state)
{
    struct scratch *s = *state;
    int seen_unfinished = 0;
    for (int us = 500; us < 200000 && access(s->db, F_OK) != 0; us = us * 3 / 2) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            struct wg_create_options options = {.crs = "EPSG:4545"};
            wg_store_create(s->db, &options, NULL);
            _exit(0);
        }
        usleep((useconds_t)us);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        if (access(s->db, F_OK) != 0 && count_files(s->folder) > 0)
            seen_unfinished++;
    }
    assert_true(seen_unfinished > 0);
    if (access(s->db, F_OK) != 0)
        scratch_create(s);
    struct wg_store *store = scratch_open(s);
    assert_int_equal(wg_store_verify(store, NULL, NULL, NULL), WG_OK);
    wg_store_close(store);
    unlink(s->db);
    scratch_create(s);
    assert_int_equal(count_files(s->folder), 1);
}

/* A create in the making is not taken for a leftover. */
static void test_create_beside_living(void **state)
{
    struct scratch *s = *state;
    struct wg_new_file living, other;
    assert_int_equal(wg_new_file_begin(&living, s->db, NULL), WG_OK);
    assert_int_equal(wg_new_file_begin(&other, s->db, NULL), WG_OK);
    assert_int_equal(access(living.temporary, F_OK), 0);
    assert_int_equal(wg_new_file_publish(&living, NULL), WG_OK);
    assert_int_equal(wg_new_file_publish(&other, NULL), WG_EXISTS);
    wg_new_file_finish(&living);
    wg_new_file_finish(&other);
    assert_int_equal(count_files(s->folder), 1);
}

static void test_create_full_disk(void **state)
{
    struct scratch *s = *state;
    /* a limit on the size of files stands for the full disk */
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct wg_error err = {0};
        struct wg_create_options options = {.crs = "EPSG:4545"};
        signal(SIGXFSZ, SIG_IGN);
        struct rlimit limit = {200000, 200000};
        setrlimit(RLIMIT_FSIZE, &limit);
        CHECK(wg_store_create(s->db, &options, &err) == WG_IO);
        CHECK(strstr(err.text, "d.wangge ") || strstr(err.text, "d.wangge."));
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(count_files(s->folder), 0);
}

static void test_open_refusals(void **state)
{
    struct scratch *s = *state;
    assert_refused(s->db, NULL, WG_NOT_FOUND, "create");
    assert_int_equal(count_files(s->folder), 0); /* nothing was made */
    assert_refused(s->folder, NULL, WG_FORMAT, "folder");
    write_file(s->db, "", 0);
    assert_refused(s->db, NULL, WG_FORMAT, "empty");
    static const char text[] = "This is a letter, not a database.\n";
    char page[4096];
    memset(page, 'x', sizeof page);
    memcpy(page, text, sizeof text);
    write_file(s->db, page, sizeof page);
    assert_refused(s->db, NULL, WG_FORMAT, "not a database");
    struct wg_open_options ro = {.read_only = true};
    assert_refused(s->db, &ro, WG_FORMAT, "not a database");
    write_file(s->db, text, sizeof text);
    assert_refused(s->db, NULL, WG_FORMAT, NULL);
    unlink(s->db);
    assert_int_equal(mkfifo(s->db, 0600), 0);
    assert_refused(s->db, NULL, WG_FORMAT, "regular");
    unlink(s->db);

    sqlite3 *db;
    sqlite3_open(s->db, &db);
    sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_refused(s->db, NULL, WG_NOT_OURS, "not of this program");
    assert_refused(s->db, &ro, WG_NOT_OURS, NULL);

    unlink(s->db);
    scratch_create(s);
    sqlite3_open(s->db, &db);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_refused(s->db, NULL, WG_NEWER, "99");
    sqlite3_open(s->db, &db);
    sqlite3_exec(db, "PRAGMA user_version = 0", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_refused(s->db, &ro, WG_READ_ONLY, "older");
    struct wg_open_options still = {.no_migrate = true};
    assert_refused(s->db, &still, WG_INVALID, "older");
    sqlite3_open(s->db, &db);
    sqlite3_exec(db, "PRAGMA user_version = 4; DELETE FROM district", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_refused(s->db, NULL, WG_CORRUPT, "district");
}

static void test_open_truncated(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct stat st;
    stat(s->db, &st);
    struct wg_open_options ro = {.read_only = true};
    off_t sizes[] = {st.st_size - 4096, st.st_size / 2, 4096, 100, 50};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(truncate(s->db, sizes[i]), 0);
        struct wg_error err = {0};
        struct wg_store *store = NULL;
        enum wg_status status = wg_store_open(s->db, i % 2 ? &ro : NULL, &store, &err);
        if (status != WG_CORRUPT && status != WG_FORMAT)
            fail_msg("%ld bytes: %s %s", (long)sizes[i], wg_status_name(status),
                     err.text);
        assert_non_null(strstr(err.text, s->db));
        assert_null(store);
    }
}

static void test_network(void **state)
{
    static const struct {
        unsigned long magic;
        const char *name;
    } cases[] = {
        {0x6969, "NFS"},     {0xff534d42, "CIFS"},         {0xfe534d42, "SMB2"},
        {0x517b, "SMB"},     {0xffffffffff534d42, "CIFS"}, {0x01021997, "9P"},
        {0x5346414f, "AFS"}, {0x00c36400, "Ceph"},         {0x0bd00bd0, "Lustre"},
        {0xef53, NULL},      {0x58465342, NULL},           {0x9123683e, NULL},
        {0x01021994, NULL},  {0x794c7630, NULL},           {0x65735546, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *name = wg_network_fs_name(cases[i].magic);
        if (cases[i].name)
            assert_string_equal(name, cases[i].name);
        else
            assert_null(name);
    }
    assert_int_equal(wg_file_check_local("/tmp/not-there-yet", NULL), WG_OK);
    assert_string_equal(wg_network_fuse_name("fuse.sshfs"), "sshfs");
    assert_string_equal(wg_network_fuse_name("fuse.glusterfs"), "glusterfs");
    assert_null(wg_network_fuse_name("fuse.ntfs-3g"));
    assert_null(wg_network_fuse_name("fuseblk"));
    assert_null(wg_network_fuse_name("ext4"));
    static const char line[] =
        "36 35 98:12 / /mnt/a\\040b rw,noatime shared:1 master:2 - fuse.sshfs "
        "me@host:/ rw,user_id=0";
    assert_string_equal(wg_mount_network_name(line, 98, 12), "sshfs");
    assert_null(wg_mount_network_name(line, 98, 1));
    assert_null(wg_mount_network_name("36 35 98:12 / / rw - ext4 /dev/x rw", 98, 12));
    assert_null(wg_mount_network_name("nonsense", 0, 0));
    assert_null(wg_mount_network_name("", 0, 0));
}

static void body_read_only_folder(const struct scratch *s)
{
    struct wg_error err = {0};
    struct wg_store *store = NULL;
    struct wg_open_options ro = {.read_only = true};
    CHECK(wg_store_open(s->db, &ro, &store, &err) == WG_OK);
    int64_t n = 0;
    CHECK(wg_store_number(store, "SELECT count(*) FROM level", &n, &err) == WG_OK);
    CHECK(n == 6);
    CHECK(wg_store_begin(store, &err) == WG_READ_ONLY);
    wg_store_close(store);
    store = NULL;
    enum wg_status status = wg_store_open(s->db, NULL, &store, &err);
    CHECK(status == WG_READ_ONLY || status == WG_IO);
    CHECK(strstr(err.text, s->db));
}

static void test_read_only_folder(void **state)
{
    struct scratch *s = *state;
    /* a name in which a URI would go wrong */
    snprintf(s->db, sizeof s->db, "%s/a %%41?#区.wangge", s->folder);
    scratch_create(s);
    chmod(s->db, 0444);
    chmod(s->folder, 0555);
    int rc = as_nobody(body_read_only_folder, s);
    chmod(s->folder, 0755);
    assert_int_equal(rc, 0);
}

static void test_read_only(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *writer = scratch_open(s);
    struct wg_store *reader = NULL;
    struct wg_open_options ro = {.read_only = true};
    struct wg_error err = {0};
    assert_int_equal(wg_store_begin(writer, &err), WG_OK);
    assert_int_equal(wg_exec(writer, "INSERT INTO scheme (name) VALUES ('a')", &err), 0);
    assert_int_equal(wg_store_open(s->db, &ro, &reader, &err), WG_OK); /* while writing */
    assert_true(wg_store_read_only(reader));
    int64_t before = wg_store_data_version(reader);
    assert_int_equal(wg_store_data_version(reader), before);
    assert_int_equal(number(reader, "SELECT count(*) FROM scheme"), 0);
    assert_int_equal(wg_store_commit(writer, &err), WG_OK);
    assert_int_not_equal(wg_store_data_version(reader), before);
    assert_int_equal(number(reader, "SELECT count(*) FROM scheme"), 1);
    assert_int_equal(wg_exec(reader, "DELETE FROM scheme", &err), WG_READ_ONLY);
    assert_int_equal(wg_save(reader, &err), WG_READ_ONLY);
    assert_non_null(strstr(err.text, s->db));
    wg_store_close(reader);
    wg_store_close(writer);
    wg_store_close(NULL);
}

static void test_migrate(void **state)
{
    struct scratch *s = *state;
    enum { NOW = WG_SCHEMA_VERSION };
    static const struct wg_migration steps[] = {
        {NOW + 0, "CREATE TABLE later (x); INSERT INTO later VALUES (1)"},
        {NOW + 1, "ALTER TABLE later ADD COLUMN y"},
        {NOW + 2, "INSERT INTO later VALUES (1, 2, 3)"}, /* fails */
    };
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    assert_int_equal(wg_migrate(store, steps, 3, NOW + 3, &err), WG_INVALID);
    assert_int_equal(number(store, "PRAGMA user_version"), NOW); /* all or nothing */
    assert_int_equal(number(store, "SELECT count(*) FROM sqlite_master WHERE name = "
                                   "'later'"),
                     0);
    assert_int_equal(wg_migrate(store, steps, 3, NOW + 2, &err), WG_OK);
    assert_int_equal(number(store, "PRAGMA user_version"), NOW + 2);
    assert_int_equal(number(store, "SELECT count(y) + count(*) FROM later"), 1);
    assert_int_equal(wg_migrate(store, steps, 3, NOW + 2, &err), WG_OK); /* nothing to do */
    assert_int_equal(wg_migrate(store, steps, 1, 99, &err), WG_FORMAT); /* no road */
    wg_store_close(store);
    assert_refused(s->db, NULL, WG_NEWER, NULL);
}

static void keep_text(const char *text, void *user)
{
    char *all = user;
    strncat(all, text, 4000 - strlen(all));
    strncat(all, "\n", 4000 - strlen(all));
}

static void test_verify(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    char text[4096] = "";
    assert_int_equal(
        wg_exec(store,
                "INSERT INTO part (code, geom) VALUES ('p', MakePoint(5, 5, 4545));"
                "INSERT INTO part (code, geom) VALUES ('q', MakePoint(6, 6, 4545));",
                &err),
        WG_OK);
    if (wg_store_verify(store, keep_text, text, &err))
        fail_msg("%s", text);
    assert_string_equal(text, "");

    static const struct {
        const char *harm, *words;
    } cases[] = {
        {"PRAGMA foreign_keys = OFF; INSERT INTO duty (officer_id, grid_id) VALUES "
         "(77, 78)",
         "officer"},
        {"DELETE FROM idx_part_geom WHERE pkid = 2", "spatial index of part"},
        {"DROP TRIGGER change_event_I", "change_event_I"},
        {"DROP VIEW v_building", "v_building"},
        {"UPDATE geometry_columns SET srid = 3857 WHERE f_table_name = 'road'", "3857"},
        {"DELETE FROM idx_grid_geom_node", "spatial index of grid"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text[0] = 0;
        if (wg_exec(store, cases[i].harm, &err))
            fail_msg("%s: %s", cases[i].harm, err.text);
        assert_int_equal(wg_store_verify(store, keep_text, text, &err), WG_CORRUPT);
        if (!strstr(text, cases[i].words))
            fail_msg("no word of “%s” in: %s", cases[i].words, text);
    }
    wg_store_close(store);
}

static void test_verify_damaged_bytes(void **state)
{
    struct scratch *s = *state;
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    struct wg_error err = {0};
    assert_int_equal(
        wg_exec(store,
                "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                "i < 3000) INSERT INTO officer (code, name) "
                "SELECT 'c' || i, 'officer ' || i FROM n",
                &err),
        WG_OK);
    int64_t page = number(store, "SELECT rootpage FROM sqlite_master WHERE name = "
                                 "'officer'");
    wg_store_close(store);
    int fd = open(s->db, O_RDWR);
    char junk[512];
    memset(junk, 0x5a, sizeof junk);
    assert_int_equal(pwrite(fd, junk, sizeof junk, (page - 1) * 4096), sizeof junk);
    close(fd);
    store = scratch_open(s);
    char text[4096] = "";
    assert_int_equal(wg_store_verify(store, keep_text, text, &err), WG_CORRUPT);
    assert_non_null(strstr(text, "damaged"));
    assert_non_null(strstr(err.text, s->db));
    assert_int_equal(wg_exec(store, "UPDATE officer SET name = 'x'", &err), WG_CORRUPT);
    wg_store_close(store);
}

/* Another program takes the file away during a write: the writer hears of it. */
static void test_file_goes(void **state)
{
    struct scratch *s = *state;
    struct wg_error err = {0};
    scratch_create(s);
    struct wg_store *store = scratch_open(s);
    assert_int_equal(wg_store_begin(store, &err), WG_OK);
    assert_int_equal(wg_exec(store, "INSERT INTO officer (name) VALUES ('a')", &err), WG_OK);
    assert_int_equal(wg_store_commit(store, &err), WG_OK);
    assert_int_equal(wg_store_begin(store, &err), WG_OK);
    assert_int_equal(wg_exec(store, "INSERT INTO officer (name) VALUES ('b')", &err), WG_OK);
    assert_int_equal(unlink(s->db), 0);
    assert_int_equal(wg_store_commit(store, &err), WG_IO);
    assert_non_null(strstr(err.text, s->db));
    assert_int_equal(number(store, "SELECT count(*) FROM officer"), 1);
    wg_store_close(store);
}

#define SCRATCH(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH(test_create),
        SCRATCH(test_create_refusals),
        SCRATCH(test_create_unwritable),
        SCRATCH(test_create_killed),
        SCRATCH(test_create_beside_living),
        SCRATCH(test_create_full_disk),
        SCRATCH(test_open_refusals),
        SCRATCH(test_open_truncated),
        cmocka_unit_test(test_network),
        SCRATCH(test_read_only_folder),
        SCRATCH(test_read_only),
        SCRATCH(test_migrate),
        SCRATCH(test_verify),
        SCRATCH(test_verify_damaged_bytes),
        SCRATCH(test_file_goes),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
