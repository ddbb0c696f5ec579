/*
 * What edits of vertices and arcs share: segments to take and to put, joined where they
 * fall together, and the words for a place.
 */
#ifndef WG_COVERAGE_PUTS_H
#define WG_COVERAGE_PUTS_H

#include "coverage_job.h"
#include "wangge/number.h"

/* Two segments that fall together become one, and what lay between them is gone: A|B and
 * B|C give A|C.  Segments that are there and are not taken count too. */
struct wg_put {
    struct wg_spot a, b; /* a below b, or west of it at the same height */
    uint32_t left, right;
};
struct wg_puts {
    struct wg_put *put;
    size_t n, cap;
    uint32_t *taken;
    size_t n_taken, cap_taken;
    bool failed; /* memory was out */
};
void wg_puts_finish(struct wg_puts *puts);
void wg_puts_clear(struct wg_puts *puts);
void wg_puts_take(struct wg_puts *puts, uint32_t segment); /* twice is once */
void wg_puts_add(struct wg_puts *puts, struct wg_spot a, struct wg_spot b, uint32_t left,
                 uint32_t right);
/* A segment as it would be with its ends elsewhere. */
void wg_puts_bend(struct wg_puts *puts, const struct wg_coverage *c, uint32_t segment,
                  struct wg_spot a, struct wg_spot b);
/* Join, and hand all to the edit that is open.  False: two fall together that cannot be
 * one (`at` tells where), or memory is out. */
bool wg_puts_join(struct wg_puts *puts, const struct wg_coverage *c, struct wg_spot *at);
void wg_puts_edit(const struct wg_puts *puts, struct wg_coverage *c);

/* Segments around a vertex, all of them, in the caller's array. */
enum wg_status wg_star(const struct wg_coverage *c, uint32_t vertex, uint32_t **segment,
                       size_t *cap, uint32_t *n, struct wg_error *err);
/* The segment between two spots that has to be there. */
uint32_t wg_segment_at(const struct wg_coverage *c, struct wg_spot a, struct wg_spot b);
static inline uint32_t wg_segment_other(const struct wg_segment *s, uint32_t vertex)
{
    return s->a == vertex ? s->b : s->a;
}

/* A distance in metres as one in steps: 0 is the lattice's own 1.5 steps, which a point
 * put on it may be off. */
double wg_within_steps(double within_m);
/* The spot of the segment a–b nearest to p, rounded. */
struct wg_spot wg_spot_foot(struct wg_spot a, struct wg_spot b, struct wg_spot p);
/* The nearest segment; of those that meet in the nearest vertex, that which leads most
 * towards the spot: so the same is found again, whatever number it has by then. */
uint32_t wg_pick_segment(const struct wg_coverage *c, struct wg_spot spot, double within);
/* The nearest vertex or segment wherever it is; WG_NONE in an empty coverage. */
uint32_t wg_nearest_vertex(const struct wg_coverage *c, struct wg_spot spot);
uint32_t wg_nearest_segment(const struct wg_coverage *c, struct wg_spot spot);

/* "x,y" in metres. */
#define WG_PLACE_SIZE (2 * WG_NUMBER_SIZE + 2)
const char *wg_place_text(const struct wg_coverage *c, struct wg_spot spot,
                          char out[WG_PLACE_SIZE]);
/* The code of a face, or words for what has none. */
const char *wg_face_text(const struct wg_coverage *c, uint32_t face);

/* The furthest spot on the way from `from` to `to` for which try() holds, as far as
 * halving finds it; from itself counts as tried.  True when it is worth to be proposed:
 * more than a few steps beyond `from`. */
typedef bool wg_try_fn(struct wg_spot spot, void *user);
bool wg_furthest(struct wg_spot from, struct wg_spot to, wg_try_fn *try, void *user,
                 struct wg_spot *out);

#endif
