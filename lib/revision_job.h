/* What the files of revisions share beside revision_write.h. */
#ifndef WG_REVISION_JOB_H
#define WG_REVISION_JOB_H

#include "coverage_job.h"
#include "revision_write.h"

/* The present revision of a scheme and the stamp of its grids. */
struct wg_head {
    int64_t revision, stamp;
};
enum wg_status wg_revision_head(struct wg_store *store, int64_t scheme,
                                struct wg_head *out, struct wg_error *err);

/* The pending edits of a coverage on top of what is stored: *out is another coverage, or
 * NULL where nobody has changed anything since.  Inside a transaction. */
enum wg_status wg_revision_onto(struct wg_store *store, const struct wg_coverage *c,
                                struct wg_coverage **out, struct wg_conflict *conflict,
                                struct wg_error *err);
/* A delta on top of what is stored, as one step; `since`: the revision it knows. */
enum wg_status wg_revision_apply(struct wg_store *store, int64_t scheme,
                                 const struct wg_coverage_options *options,
                                 const struct wg_delta *delta, int64_t since,
                                 const char *op, const char *arguments, bool follow,
                                 struct wg_coverage **out, struct wg_conflict *conflict,
                                 struct wg_error *err);
/* Fill in base and ours of a conflict about a stored delta; what cannot be had stays
 * empty. */
void wg_revision_versions(struct wg_store *store, int64_t scheme, int64_t since,
                          const struct wg_delta *delta, struct wg_conflict *conflict);
/* A coverage as it was before its pending edits. */
enum wg_status wg_revision_before(const struct wg_coverage *c, struct wg_coverage **out,
                                  struct wg_error *err);
/* The union of faces, vertex for vertex. */
enum wg_status wg_revision_union(const struct wg_coverage *c, const bool *member,
                                 struct wg_multipolygon *out, struct wg_error *err);
void wg_coverage_swap(struct wg_coverage *a, struct wg_coverage *b);
void wg_coverage_restamp(struct wg_coverage *c, int64_t revision, int64_t stamp);
/* All that is not outside, where the coverage has a limit: *out is empty else. */
enum wg_status wg_revision_limit(const struct wg_coverage *c, struct wg_multipolygon *out,
                                 struct wg_error *err);

/* The commit itself; words may be NULL.  *revision is the present one when nothing is
 * left to write. */
enum wg_status wg_revision_commit(struct wg_coverage *c, struct wg_store *store,
                                  const struct wg_commit *commit,
                                  const struct wg_revision_words *words,
                                  int64_t *revision, struct wg_conflict *conflict,
                                  struct wg_error *err);

#endif
