#ifndef WANGGE_REVISION_H
#define WANGGE_REVISION_H
/*
 * Revisions: the committed changes of a scheme's boundaries, and everything that ever
 * held.
 *
 * A commit is one transaction.  It writes the polygons that changed (the first commit of
 * a scheme all of them: that is when its boundaries go onto the lattice), the operations,
 * where each grid came from, new codes (the next ones, never used again), dates, and the
 * owners that changed. The polygon a grid had before is kept in grid_past with the dates
 * it held, whoever changes it, QGIS too.  Events are counted by the grid whose polygon
 * held when they happened.
 *
 * Someone else's commits since the coverage was opened: if they touch none of the same
 * boundaries the edit is put on top of them; else WG_CONFLICT, and wg_conflict says where
 * and whose.
 */
#include "wangge/coverage.h"
#include "wangge/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- commits ---- */

struct wg_commit {
    const char *author, *reason; /* author is required */
    const char
        *at; /* since when it holds (ISO 8601); NULL: now.  The past is refused before the
                scheme's last change; the future is for wg_draft_publish */
};
struct wg_conflict {
    int64_t revision; /* the commit that is in the way */
    const char *author, *reason, *at;
    int64_t grid; /* the grid both changed */
    const char *grid_code;
    double x, y;                               /* the place */
    struct wg_multipolygon base, theirs, ours; /* of that grid; may be empty */
    char *held;
};
WG_API void wg_conflict_finish(struct wg_conflict *conflict);
/* On success the coverage stands at the new revision, with nothing to undo, and *revision
 * is its number.  On failure the coverage keeps its edits and the file is as before.
 * `conflict` may be NULL; it is filled only with WG_CONFLICT. */
WG_API enum wg_status wg_coverage_commit(struct wg_coverage *coverage,
                                         struct wg_store *store,
                                         const struct wg_commit *commit,
                                         int64_t *revision, struct wg_conflict *conflict,
                                         struct wg_error *err);
/* Bring a coverage with pending edits to the present revision without committing. */
WG_API enum wg_status wg_coverage_rebase(struct wg_coverage *coverage,
                                         struct wg_store *store,
                                         struct wg_conflict *conflict,
                                         struct wg_error *err);

/* ---- history ---- */

struct wg_revision {
    int64_t number, base;    /* base: the revision it was made on */
    const char *recorded_at; /* when it was written */
    const char *valid_from;  /* since when it holds */
    const char *author, *reason;
    const char *operations;              /* JSON: [{"op": …, "args": …}, …] */
    int64_t reverts;                     /* the revision it takes back; 0: none */
    int64_t n_changed, n_begun, n_ended; /* grids */
};
typedef bool wg_revision_fn(const struct wg_revision *revision, void *user);
/* The latest first; limit 0: all. */
WG_API enum wg_status wg_revision_each(struct wg_store *store, int64_t scheme,
                                       uint64_t limit, wg_revision_fn *fn, void *user,
                                       struct wg_error *err);
WG_API enum wg_status wg_revision_read(struct wg_store *store, int64_t scheme,
                                       int64_t number, wg_revision_fn *fn, void *user,
                                       struct wg_error *err);

/* What changed between two revisions (from < to, 0: before the first; to 0: the present).
 */
enum wg_grid_change { WG_GRID_BEGUN = 1, WG_GRID_ENDED, WG_GRID_RESHAPED };
struct wg_grid_diff {
    int64_t grid;
    const char *code;
    enum wg_grid_change change;
    struct wg_multipolygon before, after, gained, lost;
    double before_m2, after_m2, gained_m2, lost_m2;
};
typedef bool wg_grid_diff_fn(const struct wg_grid_diff *diff, void *user);
WG_API enum wg_status wg_revision_diff(struct wg_store *store, int64_t scheme,
                                       int64_t from, int64_t to, wg_grid_diff_fn *fn,
                                       void *user, struct wg_error *err);

/* Take a revision back by a new one.  Grids it ended come back under their codes, grids
 * it made end.  Later changes of the same boundaries: WG_CONFLICT. */
WG_API enum wg_status wg_revision_revert(struct wg_store *store, int64_t scheme,
                                         int64_t number, const struct wg_commit *commit,
                                         int64_t *revision, struct wg_conflict *conflict,
                                         struct wg_error *err);

/* The grids of a scheme as they were at an instant, polygons too; id is the grid's own,
 * whatever it is called now. */
WG_API enum wg_status wg_revision_as_of(struct wg_store *store, int64_t scheme,
                                        const char *at, wg_grid_fn *fn, void *user,
                                        struct wg_error *err);

/* ---- lineage: which grid came from which ---- */

enum wg_lineage_how {
    WG_LINEAGE_SPLIT = 1,
    WG_LINEAGE_MERGED,
    WG_LINEAGE_CARVED,
    WG_LINEAGE_TRANSFERRED
};
WG_API const char *wg_lineage_name(enum wg_lineage_how how);
struct wg_lineage {
    int64_t revision, from, to;
    const char *from_code, *to_code, *at;
    enum wg_lineage_how how;
    double area_m2; /* what went from the one to the other */
};
typedef bool wg_lineage_fn(const struct wg_lineage *lineage, void *user);
/* Of a grid (0: all of the scheme): where it came from (back), or what became of it; and
 * further, through all generations, when deep. */
WG_API enum wg_status wg_lineage_each(struct wg_store *store, int64_t scheme,
                                      int64_t grid, bool back, bool deep,
                                      wg_lineage_fn *fn, void *user,
                                      struct wg_error *err);

/* ---- counts by the grid valid at the time ---- */

struct wg_period_count {
    int64_t grid; /* 0: outside */
    const char *code;
    int64_t events, open, closed;
    double area_m2; /* at the end of the period; NaN when it had ended */
};
typedef bool wg_period_fn(const struct wg_period_count *count, void *user);
/* Events that happened in from <= t < to, by the grid that held their place then. */
WG_API enum wg_status wg_period_count_each(struct wg_store *store, int64_t scheme,
                                           const char *from, const char *to,
                                           wg_period_fn *fn, void *user,
                                           struct wg_error *err);

/* ---- drafts ---- */

struct wg_draft {
    const char *name, *author, *note;
    const char *state; /* "draft", "reviewed", "scheduled", "published" */
    const char *changed_at, *reviewer,
        *due_at;            /* due_at: when a scheduled one takes effect */
    int64_t base;           /* the revision it starts from */
    int64_t published;      /* the revision it became; 0: none */
    const char *operations; /* as in a revision */
};
/* Save the pending edits of a coverage under a name, new or known (a reviewed one is a
 * draft again). */
WG_API enum wg_status wg_draft_save(struct wg_store *store,
                                    const struct wg_coverage *coverage, const char *name,
                                    const char *author, const char *note,
                                    struct wg_error *err);
/* Open it: a coverage at the present revision with the draft's edits as one step. */
WG_API enum wg_status wg_draft_open(struct wg_store *store, int64_t scheme,
                                    const char *name, struct wg_coverage **out,
                                    struct wg_conflict *conflict, struct wg_error *err);
WG_API enum wg_status wg_draft_review(struct wg_store *store, int64_t scheme,
                                      const char *name, const char *reviewer,
                                      struct wg_error *err);
/* Commit it, or with a future `at` schedule it for then.  *revision 0: scheduled. */
WG_API enum wg_status wg_draft_publish(struct wg_store *store, int64_t scheme,
                                       const char *name, const struct wg_commit *commit,
                                       int64_t *revision, struct wg_conflict *conflict,
                                       struct wg_error *err);
/* Commit what is scheduled and due, dated as scheduled; *n: how many.  Run it regularly:
 * `wangge grid publish --due` does.  A conflict stays scheduled and is told
 * to `warn`. */
WG_API enum wg_status wg_draft_publish_due(struct wg_store *store, struct wg_warn warn,
                                           int64_t *n, struct wg_error *err);
WG_API enum wg_status wg_draft_discard(struct wg_store *store, int64_t scheme,
                                       const char *name, struct wg_error *err);
typedef bool wg_draft_fn(const struct wg_draft *draft, void *user);
WG_API enum wg_status wg_draft_each(struct wg_store *store, int64_t scheme,
                                    wg_draft_fn *fn, void *user, struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
