/* The arcs of some grids of a coverage as chains of vertices, each once, for edits that
 * go over all of them in one step. */
#ifndef WG_COVERAGE_CHAIN_H
#define WG_COVERAGE_CHAIN_H

#include "coverage_job.h"

struct wg_chain {
    size_t first, n;      /* places; a ring without a node does not repeat its first */
    uint32_t left, right; /* faces, as seen along it */
    bool is_ring, fixed;
};
struct wg_chains {
    const struct wg_coverage *c;
    struct wg_chain *chain;
    size_t n, cap;
    uint32_t *vertex; /* by place */
    struct wg_spot *spot;
    size_t n_place, cap_vertex, cap_spot;
    uint32_t max_vertex;
};
/* Of the grids named (n 0: of everything); WG_NOT_FOUND for one that is not in force. */
enum wg_status wg_chains_read(const struct wg_coverage *c, size_t n, const int64_t *grid,
                              struct wg_chains *out, struct wg_error *err);
void wg_chains_finish(struct wg_chains *chains);

#endif
