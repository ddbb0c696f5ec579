/*
 * The writing of owners, chunk by chunk in order of object: only rows that are not right
 * yet are touched, rows of objects that are gone go.
 */
#ifndef WG_ASSIGN_STREAM_H
#define WG_ASSIGN_STREAM_H

#include "assign_job.h"

#define WG_STREAM_CHUNK 8192

enum wg_how { WG_HOW_COVER, WG_HOW_SHARE, WG_HOW_OUTSIDE, WG_HOW_NO_PLACE };

struct wg_owned {
    int64_t id, grid; /* grid 0: none */
    double share;
    enum wg_how how;
};

struct wg_cut { /* one piece of a cut building */
    int64_t building, grid;
    double share;
};

struct wg_told {              /* a row of the change log */
    int64_t object, was, now; /* 0: NULL */
    char op;
};

struct wg_stream {
    /* filled by the caller, emptied by wg_stream_write */
    size_t n;
    struct wg_owned owned[WG_STREAM_CHUNK]; /* in order of id */
    bool last;                              /* no chunk comes after */
    size_t n_cut;
    struct wg_cut *cut; /* by building */
    /* the stream's own */
    unsigned char *cut_todo;
    size_t cap_cut, cap_todo;
    struct wg_asking *a;
    int64_t scheme;
    enum wg_kind kind;
    int64_t next; /* ids from here are not written yet */
    bool over;    /* all are */
    bool rested;  /* the triggers; `told` is written in their stead */
    bool rest_after;
    unsigned char todo[WG_STREAM_CHUNK];
    uint32_t insert[WG_STREAM_CHUNK]; /* of `owned` */
    size_t n_insert;
    struct wg_cut *gone; /* rows that stand there for nothing */
    size_t n_gone, cap_gone;
    struct wg_told *told;
    size_t n_told, cap_told;
    int64_t was[WG_STREAM_CHUNK];
};

/* The triggers that tell of owners may rest until destroy. */
enum wg_status wg_stream_create(struct wg_asking *a, int64_t scheme, enum wg_kind kind,
                                struct wg_stream **out);
void wg_stream_destroy(struct wg_stream *stream); /* NULL is fine */
enum wg_status wg_stream_cut(struct wg_stream *stream, int64_t building, int64_t grid,
                             double share);
enum wg_status wg_stream_write(struct wg_stream *stream);

#endif
