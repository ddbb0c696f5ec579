#ifndef WANGGE_ROWS_H
#define WANGGE_ROWS_H
/*
 * What the nouns have in common.
 *
 * A row struct serves both ways.  Going in, its strings are the caller's.  Coming out
 * of `*_read` the row owns its memory: release it with `*_finish`, which frees what read
 * made and always the row's own multipolygon.  Inside an `*_each`
 * callback everything in it is borrowed until the callback returns.  Strings are UTF-8
 * and may be NULL; an id of 0 means none; a count of WG_UNKNOWN and a NaN mean "not
 * known".  Zero-initialise a row before filling it, then set what is known with
 * `*_init`'s defaults: every row has a `wg_<noun>_init`.
 *
 * `*_create` takes id 0 for "next free" and returns the id; `*_update` writes every
 * field (an empty geometry leaves the old one); `*_end` sets the end of validity: rows
 * are ended, not deleted.  Each is one transaction (see store.h).
 */
#include "wangge/base.h"
#include "wangge/geom.h"
#include "wangge/store.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WG_UNKNOWN (-1)

/* Levels of the hierarchy; each grid has one parent, at a smaller number. */
enum wg_level {
    WG_LEVEL_CITY = 1,
    WG_LEVEL_DISTRICT,
    WG_LEVEL_STREET,
    WG_LEVEL_COMMUNITY,
    WG_LEVEL_GRID,
    WG_LEVEL_MICRO_GRID
};
/* "city", "district", "street", "community", "grid", "micro-grid"; and back (also
 * accepts 1–6 and the Chinese words), 0 if unknown. */
WG_API const char *wg_level_name(int level);
WG_API int wg_level_parse(const char *text);

/* What has an owner. */
enum wg_kind { WG_KIND_BUILDING = 1, WG_KIND_PART, WG_KIND_EVENT };
#define WG_KIND_COUNT 4 /* array size, index by kind */

/* Which rows an `*_each` visits, in order of id.  Zero: all in force now. */
struct wg_filter {
    int64_t scheme;     /* grids: of this scheme; objects: the scheme `grid` is of */
    int64_t grid;       /* owned by this grid or one below it; grids: children of it */
    bool outside;       /* objects that no grid of `scheme` owns */
    bool cut;           /* buildings that a boundary of `scheme` cuts */
    const struct wg_box *box; /* geometry's box overlaps; CRS of the district */
    const char *where;  /* one SQL expression over the noun's table; trusted input */
    const char *at;     /* in force at this instant (ISO 8601 UTC); NULL: now */
    bool ended;         /* also rows that have ended */
    int level;          /* grids: of this level */
    uint64_t limit;     /* 0: no limit */
    bool no_geometry;   /* leave geometry empty: faster */
};

#ifdef __cplusplus
}
#endif
#endif
