/*
 * The writing of one revision: polygons, dates, codes, lineage, owners and the row that
 * tells of them, inside the caller's transaction or one of its own.  A coverage's commit
 * goes through it; so may whoever has whole polygons in hand.
 */
#ifndef WG_REVISION_WRITE_H
#define WG_REVISION_WRITE_H

#include "wangge/revision.h"

/* What happens to one grid. */
struct wg_rewrite {
    int64_t id;                        /* in: 0 a new one; out: its row */
    bool ends;                         /* it ends; geometry is not read */
    bool revives;                      /* it had ended, and comes back */
    const struct wg_multipolygon *now; /* borrowed; its new polygon */
    /* For lineage: the polygon it had, where the one that is stored will not do (off the
     * lattice); NULL: the one stored. */
    const struct wg_multipolygon *was;
    bool quiet; /* no lineage for it: a parent, or put onto the lattice only */
    /* A new one's: */
    const char *code; /* NULL: the next one */
    const char *name, *kind;
    int level;
    int64_t parent;
    char made_code[64]; /* out: the code of a new one */
};

struct wg_revision_words {
    const char *operations; /* JSON array; NULL: "[]" */
    int64_t base;           /* the revision it was made on */
    int64_t reverts;        /* 0: none */
    bool carves;            /* new grids are carved, not split off */
    const void *delta;      /* bytes for its inverse; may be NULL */
    size_t delta_size;
    bool may_be_late; /* a date before the last change is moved after it */
};

/* Write grids as one revision.  Polygons that are as stored are left out (unless all are:
 * then *revision stays the present one and nothing is written).  The delta is given by
 * `bind`, if not NULL, once the ids are known. */
struct wg_revision_job {
    struct wg_store *store;
    int64_t scheme;
    const struct wg_commit *commit;
    struct wg_revision_words words;
    size_t n;
    struct wg_rewrite *grid;
    enum wg_status (*bind)(struct wg_revision_job *job, struct wg_error *err);
    void *user;
    int64_t revision; /* out: the number */
    char at[25];      /* out: since when it holds */
};
enum wg_status wg_revision_write(struct wg_revision_job *job, struct wg_error *err);

/* "[{"op": …, "args": …}]" of the steps of a coverage that could be undone; free it. */
char *wg_revision_operations(const struct wg_coverage *coverage);
/* The same for one step. */
char *wg_revision_operation(const char *op, const char *arguments);

#endif
