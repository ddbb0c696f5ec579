/* A program with a copy of SQLite of its own, linked into it, that loads mod_wangge:
 * mod_host MODULE [DATABASE [SQL]].  With DATABASE "+" it then loads it through the
 * shared copy of SQLite as well, which must be refused. */
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int print(void *user, int n, char **value, char **name)
{
    (void)user;
    (void)name;
    for (int i = 0; i < n; i++)
        puts(value[i] ? value[i] : "NULL");
    return 0;
}

static int load_by_the_other(const char *module)
{
    void *other = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    int (*open)(const char *, sqlite3 **) = NULL;
    int (*config)(sqlite3 *, int, ...) = NULL;
    int (*load)(sqlite3 *, const char *, const char *, char **) = NULL;
    int (*close)(sqlite3 *) = NULL;
    sqlite3 *db = NULL;
    char *words = NULL;
    if (!other)
        return 2;
    *(void **)&open = dlsym(other, "sqlite3_open");
    *(void **)&config = dlsym(other, "sqlite3_db_config");
    *(void **)&load = dlsym(other, "sqlite3_load_extension");
    *(void **)&close = dlsym(other, "sqlite3_close");
    if (!open || !config || !load || !close || open(":memory:", &db))
        return 2;
    config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int *)NULL);
    int rc = load(db, module, NULL, &words);
    printf("%s\n", words ? words : "loaded");
    close(db);
    return rc ? 0 : 1;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    char *words = NULL;
    bool twice = argc > 2 && strcmp(argv[2], "+") == 0;
    const char *path = argc > 2 && !twice ? argv[2] : ":memory:";
    const char *sql = argc > 3
                          ? argv[3]
                          : "SELECT round(wg_transform_x(4490, 4545, 109.19, 27.72), "
                            "3)";
    if (argc < 2 || sqlite3_open(path, &db))
        return 2;
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int *)NULL);
    int rc = sqlite3_load_extension(db, argv[1], NULL, &words);
    if (!rc)
        rc = sqlite3_exec(db, sql, print, NULL, &words);
    if (rc)
        printf("%s\n", words ? words : sqlite3_errstr(rc));
    sqlite3_free(words);
    if (!rc && twice)
        rc = load_by_the_other(argv[1]);
    int closed = sqlite3_close(db); /* SQLITE_BUSY were a statement left open */
    return rc ? 1 : closed;
}
