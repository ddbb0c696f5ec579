/* The loadable extension: the SQL functions for any program with SQLite. */
#include "sql.h"

SQLITE_EXTENSION_INIT1

/* What we call has been there since this version. */
#define OLDEST 3040000

int sqlite3_modwangge_init(sqlite3 *db, char **words, const sqlite3_api_routines *api);
int sqlite3_mod_wangge_init(sqlite3 *db, char **words, const sqlite3_api_routines *api);
int sqlite3_extension_init(sqlite3 *db, char **words, const sqlite3_api_routines *api);

/* By the name of the file. */
WG_API int sqlite3_modwangge_init(sqlite3 *db, char **words,
                                  const sqlite3_api_routines *api)
{
    struct wg_error err;
    if (api->libversion_number() < OLDEST) {
        *words = api->mprintf(_("mod_wangge needs SQLite 3.40 or newer; this program has "
                                "%s."),
                              api->libversion());
        return SQLITE_ERROR;
    }
    /* Each copy of SQLite has one table of its functions. */
    if (sqlite3_api && sqlite3_api != api) {
        *words = api->mprintf(_(
            "mod_wangge already serves another copy of SQLite in this program.  Load it "
            "through one of the two only."));
        return SQLITE_ERROR;
    }
    if (!sqlite3_api) {
        SQLITE_EXTENSION_INIT2(api);
    }
    if (wg_sql_offer(db, &err)) {
        *words = sqlite3_mprintf("%s", err.text);
        return SQLITE_ERROR;
    }
    /* PROJ and GEOS keep things of each thread: they must not be unloaded under it. */
    return SQLITE_OK_LOAD_PERMANENTLY;
}

WG_API int sqlite3_mod_wangge_init(sqlite3 *db, char **words,
                                   const sqlite3_api_routines *api)
{
    return sqlite3_modwangge_init(db, words, api);
}

/* SQLite looks for this name first, and would find it in a library we need. */
WG_API int sqlite3_extension_init(sqlite3 *db, char **words,
                                  const sqlite3_api_routines *api)
{
    return sqlite3_modwangge_init(db, words, api);
}
