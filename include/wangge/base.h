#ifndef WANGGE_BASE_H
#define WANGGE_BASE_H
/*
 * Status, error words and progress: what every other header builds on.
 *
 * A function that can fail returns `enum wg_status`; the words are written once,
 * where the cause is known, into the caller's `struct wg_error` (which may be
 * NULL).  On failure outputs are untouched unless a header says otherwise.
 *
 * Threads: the library keeps no mutable global.  A handle belongs to one thread at
 * a time; different handles may be used from different threads at once.  What may
 * be shared says so.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(WG_BUILDING) && defined(__GNUC__)
#define WG_API __attribute__((visibility("default")))
#else
#define WG_API
#endif

#if defined(__GNUC__)
#define WG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define WG_PRINTF(fmt, args)
#endif

enum wg_status {
    WG_OK = 0,
    WG_NO_MEMORY,      /* out of memory */
    WG_INVALID,        /* a bad argument or option */
    WG_IO,             /* a file cannot be read or written; also a full disk */
    WG_FORMAT,         /* a file or a text is not what it should be */
    WG_NOT_OURS,       /* a database, but not a wangge database */
    WG_NEWER,          /* made by a newer version of the library */
    WG_NETWORK_FS,     /* on a network file system, where WAL is unsafe */
    WG_READ_ONLY,      /* a write through a read-only handle */
    WG_BUSY,           /* another writer held the database for too long */
    WG_CORRUPT,        /* the database fails its integrity check */
    WG_NOT_FOUND,      /* no such row, scheme, grid, layer, field … */
    WG_EXISTS,         /* already there */
    WG_CONSTRAINT,     /* the row would break a rule of the data */
    WG_CRS,            /* an unknown or unusable coordinate reference system */
    WG_OUT_OF_RANGE,   /* a coordinate outside the domain of a transform */
    WG_NO_CONVERGENCE, /* an iteration did not settle */
    WG_GEOMETRY,       /* an invalid or unsupported geometry */
    WG_CANCELLED,      /* the progress callback asked to stop */
    WG_INTERNAL,       /* a bug of ours, or of a library beneath us */
    WG_CONFLICT        /* somebody else has changed the same since it was read */
};

/* What went wrong, in words for a person.  `text` is a complete sentence in the
 * user's language: what was wrong, in which thing, at which place, and the remedy.
 * `row` is the 1-based line, the feature id or the row id, -1 where there is none;
 * x and y are NaN where there is no place.  Plain data: copy it freely. */
struct wg_error {
    enum wg_status status;
    int64_t row;
    double x, y;
    char text[1024];
};

/* A short name of a status ("not-found"), for logs and JSON; never NULL. */
WG_API const char *wg_status_name(enum wg_status status);

/* The version of the library, "major.minor.patch". */
WG_API const char *wg_version(void);

/* Called by long operations from the calling thread.  `done` of `total` steps;
 * total is 0 while unknown.  Return false to stop: the operation rolls back and
 * returns WG_CANCELLED. */
typedef bool wg_progress_fn(uint64_t done, uint64_t total, void *user);

struct wg_progress {
    wg_progress_fn *call; /* may be NULL */
    void *user;
};

/* A warning that does not stop the work (a suspicious frame, a field that was not
 * understood).  May be NULL wherever one is taken. */
typedef void wg_warn_fn(const char *text, void *user);

struct wg_warn {
    wg_warn_fn *call; /* may be NULL */
    void *user;
};

#ifdef __cplusplus
}
#endif
#endif
