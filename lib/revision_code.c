/* Owns the codes of new grids: from the north-west on, the next ones of their parent. */
#include "revision_code.h"

#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "statement.h"
#include "wangge/code.h"

struct issued {
    char **code;
    size_t n, cap;
};

static enum wg_status add_issued(struct issued *list, const char *code,
                                 struct wg_error *err)
{
    void *array = list->code;
    if (!wg_grow(&array, &list->cap, list->n + 1, sizeof *list->code))
        return wg_fail_memory(err);
    list->code = array;
    list->code[list->n] = wg_strdup(code ? code : "");
    return list->code[list->n++] ? WG_OK : wg_fail_memory(err);
}

static enum wg_status read_issued(const struct wg_revision_job *job, struct issued *list,
                                  struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(
        job->store,
        "SELECT code FROM grid WHERE scheme_id = ?1 UNION SELECT code FROM "
        "withdrawn_code WHERE scheme_id = ?1 UNION SELECT code FROM grid_past WHERE "
        "scheme_id = ?1",
        &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, job->scheme);
    while (!(status = wg_step(q, &row, err)) && row)
        if ((status = add_issued(list, wg_column_text(q, 0), err)) != WG_OK)
            break;
    wg_done(q);
    return status;
}

static enum wg_status read_form(const struct wg_revision_job *job,
                                struct wg_code_form *form, struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status =
        wg_query(job->store, "SELECT code_form FROM scheme WHERE id = ?1", &q, err);
    if (status)
        return status;
    wg_bind_int(q, 1, job->scheme);
    status = wg_step(q, &row, err);
    if (!status && row)
        status = wg_code_form_parse(wg_column_text(q, 0), form, err);
    wg_done(q);
    return status;
}

/* ---- the prefix ---- */

static enum wg_status read_code(struct wg_store *store, const char *sql, int64_t a,
                                int64_t b, int64_t c, char out[WG_CODE_MAX + 1],
                                struct wg_error *err)
{
    struct wg_query *q = NULL;
    bool row = false;
    enum wg_status status = wg_query(store, sql, &q, err);
    out[0] = 0;
    if (status)
        return status;
    wg_bind_int(q, 1, a);
    if (c)
        wg_bind_id(q, 2, b);
    if (c)
        wg_bind_int(q, 3, c);
    status = wg_step(q, &row, err);
    if (!status && row && wg_column_text(q, 0))
        snprintf(out, WG_CODE_MAX + 1, "%s", wg_column_text(q, 0));
    wg_done(q);
    return status;
}

static size_t prefix_length(const struct wg_code_form *form)
{
    size_t n = 0;
    for (uint32_t i = 0; i + 1 < form->n_segment; i++)
        n += form->digits[i];
    return n;
}

/* The parent's code where it is as long as it must be; else what the sisters begin with.
 */
static enum wg_status find_prefix(const struct wg_revision_job *job,
                                  const struct wg_rewrite *g,
                                  const struct wg_code_form *form,
                                  char prefix[WG_CODE_MAX + 1], struct wg_error *err)
{
    size_t want = prefix_length(form);
    enum wg_status status = WG_OK;
    prefix[0] = 0;
    if (g->parent)
        status = read_code(job->store, "SELECT code FROM grid WHERE id = ?1", g->parent,
                           0, 0, prefix, err);
    if (status || (prefix[0] && form->n_segment && strlen(prefix) == want))
        return status;
    char sister[WG_CODE_MAX + 1];
    status = read_code(job->store,
                       "SELECT min(code) FROM grid WHERE scheme_id = ?1 AND parent_id IS "
                       "?2 AND level = ?3",
                       job->scheme, g->parent, g->level ? g->level : WG_LEVEL_GRID,
                       sister, err);
    if (status)
        return status;
    if (form->n_segment) {
        if (strlen(sister) >= want && strlen(prefix) != want)
            snprintf(prefix, WG_CODE_MAX + 1, "%.*s", (int)want, sister);
        if (strlen(prefix) != want)
            return wg_fail(err, WG_INVALID,
                           _("The new grid lies in no grid of a higher level that its code "
                             "could begin with.  State its code."));
        return WG_OK;
    }
    size_t n = strlen(sister);
    while (n > 0 && sister[n - 1] >= '0' && sister[n - 1] <= '9')
        n--;
    if (n > 0 || sister[0])
        snprintf(prefix, WG_CODE_MAX + 1, "%.*s", (int)n, sister);
    return WG_OK;
}

/* ---- codes ---- */

static bool is_issued(const struct issued *list, const char *code)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->code[i], code) == 0)
            return true;
    return false;
}

/* In the free form a code is as long as its sisters': A7 is followed by A8, not A008. */
static enum wg_status next_free(const struct issued *list, const char *prefix, char *out,
                                struct wg_error *err)
{
    size_t length = strlen(prefix), width = 0;
    uint64_t highest = 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *digits = list->code[i] + length;
        size_t n = strncmp(list->code[i], prefix, length) ? 0 : strlen(digits);
        if (n == 0 || n > 18 || strspn(digits, "0123456789") != n)
            continue;
        uint64_t number = strtoull(digits, NULL, 10);
        if (number >= highest) {
            highest = number;
            width = n;
        }
    }
    if (!width)
        width = 3;
    if (length + 20 > WG_CODE_MAX)
        return wg_fail(err, WG_OUT_OF_RANGE, _("There is no next code after “%s”."),
                       prefix);
    snprintf(out, WG_CODE_MAX + 1, "%s%0*llu", prefix, (int)width,
             (unsigned long long)highest + 1);
    return WG_OK;
}

static enum wg_status give_next(struct wg_revision_job *job, struct wg_rewrite *g,
                                const struct wg_code_form *whole, struct issued *list,
                                struct wg_error *err)
{
    struct wg_code_form form =
        wg_code_form_at(whole, g->level ? g->level : WG_LEVEL_GRID);
    char prefix[WG_CODE_MAX + 1];
    enum wg_status status = find_prefix(job, g, &form, prefix, err);
    if (!status)
        status = form.n_segment
                     ? wg_code_next(&form, prefix, list->n,
                                    (const char *const *)list->code, g->made_code, err)
                     : next_free(list, prefix, g->made_code, err);
    return status ? status : add_issued(list, g->made_code, err);
}

static enum wg_status take_given(struct wg_rewrite *g, const struct wg_code_form *whole,
                                 struct issued *list, struct wg_error *err)
{
    struct wg_code_form form =
        wg_code_form_at(whole, g->level ? g->level : WG_LEVEL_GRID);
    enum wg_status status = wg_code_check(&form, g->code, NULL, err);
    if (status)
        return status;
    if (is_issued(list, g->code))
        return wg_fail(
            err, WG_EXISTS,
            _("The code %s was given to a grid of the scheme before; codes are "
              "not used again."),
            g->code);
    snprintf(g->made_code, sizeof g->made_code, "%s", g->code);
    return add_issued(list, g->code, err);
}

static enum wg_status give_codes(struct wg_revision_job *job, size_t n,
                                 const size_t *fresh, struct wg_error *err)
{
    struct wg_point *middle = calloc(n, sizeof *middle);
    struct wg_box *box = calloc(n, sizeof *box);
    uint32_t *order = calloc(n, sizeof *order);
    struct issued list = {0};
    struct wg_code_form form;
    enum wg_status status = middle && box && order ? WG_OK : wg_fail_memory(err);
    for (size_t i = 0; !status && i < n; i++) {
        middle[i] = wg_multipolygon_centroid(job->grid[fresh[i]].now);
        box[i] = wg_multipolygon_box(job->grid[fresh[i]].now);
    }
    if (!status)
        status = wg_code_order(n, middle, box, 0, order, err);
    if (!status)
        status = read_form(job, &form, err);
    if (!status)
        status = read_issued(job, &list, err);
    for (int pass = 0; pass < 2; pass++) /* given ones first: none is given out twice */
        for (size_t i = 0; !status && i < n; i++) {
            struct wg_rewrite *g = &job->grid[fresh[order[i]]];
            if (pass == 0 && g->code && *g->code)
                status = take_given(g, &form, &list, err);
            else if (pass == 1 && !(g->code && *g->code))
                status = give_next(job, g, &form, &list, err);
        }
    for (size_t i = 0; i < list.n; i++)
        free(list.code[i]);
    free(list.code);
    free(middle);
    free(box);
    free(order);
    return status;
}

enum wg_status wg_revision_codes(struct wg_revision_job *job, struct wg_error *err)
{
    size_t *fresh = calloc(job->n + 1, sizeof *fresh), n = 0;
    if (!fresh)
        return wg_fail_memory(err);
    for (size_t i = 0; i < job->n; i++)
        if (job->grid[i].id == 0 && !job->grid[i].ends)
            fresh[n++] = i;
    enum wg_status status = n ? give_codes(job, n, fresh, err) : WG_OK;
    free(fresh);
    return status;
}
