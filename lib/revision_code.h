/* The codes of a revision's new grids: the next ones, never used again. */
#ifndef WG_REVISION_CODE_H
#define WG_REVISION_CODE_H

#include "revision_write.h"

/* Fills made_code of the grids of a job that are new. */
enum wg_status wg_revision_codes(struct wg_revision_job *job, struct wg_error *err);

#endif
