/* A program with a copy of SQLite of its own, linked into it, that loads mod_wangge. */
#include <sqlite3.h>
#include <stdio.h>

static int print(void *user, int n, char **value, char **name)
{
    (void)user;
    (void)name;
    for (int i = 0; i < n; i++)
        puts(value[i] ? value[i] : "NULL");
    return 0;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    char *words = NULL;
    const char *sql = argc > 3
                          ? argv[3]
                          : "SELECT round(wg_transform_x(4490, 4545, 109.19, 27.72), "
                            "3)";
    if (argc < 2 || sqlite3_open(argc > 2 ? argv[2] : ":memory:", &db))
        return 2;
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, (int *)NULL);
    int rc = sqlite3_load_extension(db, argv[1], NULL, &words);
    if (!rc)
        rc = sqlite3_exec(db, sql, print, NULL, &words);
    if (rc)
        printf("%s\n", words ? words : sqlite3_errstr(rc));
    sqlite3_free(words);
    int closed = sqlite3_close(db); /* SQLITE_BUSY were a statement left open */
    return rc ? 1 : closed;
}
