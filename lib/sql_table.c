/* wg_grids_in(scheme, box) and wg_shares(scheme, polygon): answers of many rows, as
 * tables that take arguments. */
#include <math.h>
#include <string.h>

#include "sql.h"

#define ARGUMENTS_MAX 6

struct table {
    sqlite3_vtab base;
    struct wg_sql *sql;
    const struct kind *kind;
};

struct cursor {
    sqlite3_vtab_cursor base;
    struct wg_sql_scheme *scheme;
    const struct wg_locator *locator;
    struct wg_locator_share *row; /* of wg_grids_in only the slots count */
    size_t n, at;
    sqlite3_value *argument[ARGUMENTS_MAX]; /* as columns they can be asked again */
};

/* The two tables.  Columns before `first` are the answers, then come the arguments; the
 * last of them, the moment, may be left out. */
struct kind {
    const char *name, *columns;
    int first, n_argument;
    enum wg_status (*fill)(struct wg_sql *sql, struct cursor *c, sqlite3_value **argv,
                           struct wg_error *err);
};

/* ---- the rows ---- */

static enum wg_status fill_grids(struct wg_sql *sql, struct cursor *c,
                                 sqlite3_value **argv, struct wg_error *err)
{
    static const char *const names[] = {"xmin", "ymin", "xmax", "ymax"};
    double v[4];
    enum wg_status status = WG_OK;
    (void)sql;
    for (int i = 0; !status && i < 4; i++)
        status = wg_sql_read_number(argv[1 + i], names[i], &v[i], err);
    if (status)
        return status;
    struct wg_box box = {.min_x = v[0], .min_y = v[1], .max_x = v[2], .max_y = v[3]};
    if (!(box.min_x <= box.max_x && box.min_y <= box.max_y))
        return WG_OK;
    size_t cap = wg_locator_count(c->locator);
    uint32_t *slot = calloc(cap ? cap : 1, sizeof *slot);
    c->row = calloc(cap ? cap : 1, sizeof *c->row);
    status = slot && c->row ? wg_locator_meet(c->locator, box, cap, slot, &c->n, err)
                            : wg_fail_memory(err);
    for (size_t i = 0; !status && i < c->n; i++)
        c->row[i].slot = slot[i];
    free(slot);
    return status;
}

static enum wg_status fill_shares(struct wg_sql *sql, struct cursor *c,
                                  sqlite3_value **argv, struct wg_error *err)
{
    struct wg_multipolygon mp = {.n_part = 0};
    if (sqlite3_value_type(argv[1]) != SQLITE_BLOB)
        return wg_fail(err, WG_INVALID, _("A polygon is given as one of SpatiaLite."));
    enum wg_status status = wg_sql_read_polygon(sql, argv[1], &mp, err);
    if (status)
        return status;
    size_t n = 0;
    status = wg_locator_shares(c->locator, sql->shape, &mp, 0, NULL, &n, err);
    if (!status && n > 0) {
        c->row = calloc(n, sizeof *c->row);
        status =
            c->row ? wg_locator_shares(c->locator, sql->shape, &mp, n, c->row, &c->n, err)
                   : wg_fail_memory(err);
    }
    wg_multipolygon_finish(&mp);
    return status;
}

static const struct kind kinds[] = {
    {"wg_grids_in",
     "CREATE TABLE x (id INTEGER, code TEXT, scheme HIDDEN, xmin HIDDEN, ymin HIDDEN, "
     "xmax HIDDEN, ymax HIDDEN, at HIDDEN)",
     2, 6, fill_grids},
    {"wg_shares",
     "CREATE TABLE x (id INTEGER, code TEXT, share REAL, covers INTEGER, scheme HIDDEN, "
     "polygon HIDDEN, at HIDDEN)",
     4, 3, fill_shares},
};

/* ---- the table ---- */

struct module {
    struct wg_sql *sql;
    const struct kind *kind;
};

static void module_destroy(void *user)
{
    struct module *module = user;
    wg_sql_let_go(module->sql);
    free(module);
}

static int table_connect(sqlite3 *db, void *user, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **words)
{
    const struct module *module = user;
    (void)argc;
    (void)argv;
    (void)words;
    int rc = sqlite3_declare_vtab(db, module->kind->columns);
    if (rc)
        return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    t->sql = module->sql;
    t->kind = module->kind;
    *out = &t->base;
    return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *base)
{
    free(base);
    return SQLITE_OK;
}

/* idxNum: whether the moment is among the arguments, which come in their order. */
static int table_best(sqlite3_vtab *base, sqlite3_index_info *info)
{
    const struct kind *kind = ((const struct table *)base)->kind;
    int found[8];
    memset(found, -1, sizeof found);
    for (int i = 0; i < info->nConstraint; i++) {
        int argument = info->aConstraint[i].iColumn - kind->first;
        if (argument < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT; /* the value comes from a table not yet joined */
        found[argument] = i;
    }
    for (int i = 0; i < kind->n_argument - 1; i++) {
        if (found[i] < 0) {
            sqlite3_free(base->zErrMsg);
            base->zErrMsg = sqlite3_mprintf(_("%s: an argument is missing; it takes %d, "
                                              "and a moment after them."),
                                            kind->name, kind->n_argument - 1);
            return SQLITE_ERROR;
        }
    }
    int n = 0;
    for (int i = 0; i < kind->n_argument; i++) {
        if (found[i] < 0)
            continue;
        info->aConstraintUsage[found[i]].argvIndex = ++n;
        info->aConstraintUsage[found[i]].omit = 1;
    }
    info->idxNum = n == kind->n_argument;
    info->estimatedCost = 100;
    info->estimatedRows = 10;
    return SQLITE_OK;
}

/* ---- the cursor ---- */

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    struct cursor *c = calloc(1, sizeof *c);
    if (!c)
        return SQLITE_NOMEM;
    (void)base;
    *out = &c->base;
    return SQLITE_OK;
}

static void cursor_clear(struct cursor *c)
{
    wg_sql_scheme_free(c->scheme);
    free(c->row);
    for (int i = 0; i < ARGUMENTS_MAX; i++) {
        sqlite3_value_free(c->argument[i]);
        c->argument[i] = NULL;
    }
    c->scheme = NULL;
    c->locator = NULL;
    c->row = NULL;
    c->n = c->at = 0;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    cursor_clear((struct cursor *)base);
    free(base);
    return SQLITE_OK;
}

static int cursor_filter(sqlite3_vtab_cursor *base, int has_moment, const char *text,
                         int argc, sqlite3_value **argv)
{
    struct cursor *c = (struct cursor *)base;
    const struct table *t = (const struct table *)base->pVtab;
    struct wg_error err;
    (void)text;
    cursor_clear(c);
    for (int i = 0; i < argc; i++) {
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
            return SQLITE_OK; /* no rows */
        c->argument[i] = sqlite3_value_dup(argv[i]);
        if (!c->argument[i])
            return SQLITE_NOMEM;
    }
    enum wg_status status =
        wg_sql_locator(t->sql, argv[0], has_moment ? argv[argc - 1] : NULL, &c->scheme,
                       &c->locator, &err);
    if (!status)
        status = t->kind->fill(t->sql, c, argv, &err);
    if (!status)
        return SQLITE_OK;
    cursor_clear(c);
    sqlite3_free(base->pVtab->zErrMsg);
    base->pVtab->zErrMsg = sqlite3_mprintf("%s: %s", t->kind->name, err.text);
    return status == WG_NO_MEMORY ? SQLITE_NOMEM
           : status == WG_BUSY    ? SQLITE_BUSY
                                  : SQLITE_ERROR;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)base)->at++;
    return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    const struct cursor *c = (const struct cursor *)base;
    return c->at >= c->n;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((const struct cursor *)base)->at + 1;
    return SQLITE_OK;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
    const struct cursor *c = (const struct cursor *)base;
    const struct wg_locator_share *row = &c->row[c->at];
    int argument = column - ((const struct table *)base->pVtab)->kind->first;
    if (argument >= 0 && c->argument[argument])
        sqlite3_result_value(ctx, c->argument[argument]);
    else if (argument >= 0)
        ; /* a moment that was not given: NULL */
    else if (column == 0 && row->slot)
        sqlite3_result_int64(ctx, wg_locator_id(c->locator, row->slot));
    else if (column == 1 && row->slot)
        sqlite3_result_text(ctx, wg_locator_code(c->locator, row->slot), -1,
                            SQLITE_TRANSIENT);
    else if (column == 2)
        sqlite3_result_double(ctx, row->share);
    else if (column == 3)
        sqlite3_result_int(ctx, row->covers);
    return SQLITE_OK;
}

/* ---- offering ---- */

/* No xCreate: the tables are there by themselves. */
static const sqlite3_module module_calls = {
    .xConnect = table_connect,
    .xDisconnect = table_disconnect,
    .xBestIndex = table_best,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_eof,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

int wg_sql_offer_tables(struct wg_sql *sql)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; !rc && i < sizeof kinds / sizeof kinds[0]; i++) {
        struct module *module = calloc(1, sizeof *module);
        if (!module)
            return SQLITE_NOMEM;
        module->sql = sql;
        module->kind = &kinds[i];
        sql->n_use++;
        rc = sqlite3_create_module_v2(sql->db, kinds[i].name, &module_calls, module,
                                      module_destroy);
    }
    return rc;
}
