#ifndef VIEWER_FACTS_H
#define VIEWER_FACTS_H
/*
 * What a card tells of one building or grid: read through the library on a thread of
 * its own, with a store handle of its own, so that a picture never waits for SQL.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum facts_kind { FACTS_NONE, FACTS_BUILDING, FACTS_GRID };

struct fact_share {
    char *code; /* NULL: the part outside */
    double share;
};

struct fact_owner {
    int64_t scheme, grid; /* grid 0: outside */
    char *scheme_name, *scheme_title;
    char *code, *name;         /* of the grid */
    struct fact_share *shares; /* only where a boundary cuts the building */
    size_t n_shares;
};

struct fact_event {
    int64_t id;
    int level, stage;
    char *title, *reported_at, *due_at; /* times: ISO 8601 UTC; due_at may be NULL */
};

struct fact_officer {
    char *name, *role, *phone;
};

#define FACTS_EVENTS 24 /* the worst and newest are kept, the rest is counted */

struct facts {
    enum facts_kind kind;
    int64_t id;
    bool missing;     /* no such row any more */
    char error[1024]; /* why nothing could be read; empty: it was */
    char *code, *name;
    int64_t households, population, elderly_alone; /* WG_UNKNOWN */
    struct fact_event *events;
    size_t n_events;
    int64_t n_open;

    /* a building */
    char *use, *address, *height_from;
    double height_m, base_m; /* NaN: not known */
    int64_t floors, dwellings;
    struct fact_owner *owners;
    size_t n_owners;

    /* a grid */
    char *scheme_name, *scheme_title, *parent_code, *parent_name, *grid_kind;
    int level;
    double area_m2;
    int64_t buildings;
    int64_t households_min, households_max; /* the scheme's norm; WG_UNKNOWN: none */
    struct fact_officer *officers;
    size_t n_officers;
};

void facts_destroy(struct facts *facts);

struct facts_reader;

/* Opens nothing yet: the file is opened, read-only, at the first question. */
struct facts_reader *facts_reader_create(const char *path);
void facts_reader_destroy(struct facts_reader *reader);
/* Ask; a question not yet answered is replaced.  Asking the same again reads anew.
 * `id` is the row of the building or grid. */
void facts_ask(struct facts_reader *reader, enum facts_kind kind, int64_t id);
/* The answer that has come since the last call, NULL if none; the caller's. */
struct facts *facts_take(struct facts_reader *reader);
/* Wait until no question is open: for pictures without a window. */
void facts_wait(struct facts_reader *reader);

/* Read on the calling thread, for tests: never NULL. */
struct wg_store;
struct facts *facts_read(struct wg_store *store, enum facts_kind kind, int64_t id);
#endif
