#ifndef WANGGE_EVENT_H
#define WANGGE_EVENT_H
/*
 * An event: something reported at a place and time.  Its place and what was reported
 * are facts; its stage, alert level and deadline are live status kept in a plain table
 * that any SQLite client can write.  Every change of stage is a line in an append-only
 * log.
 */
#include "wangge/rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The loop (domain: report → file → dispatch → handle → check → close). */
enum wg_stage {
    WG_STAGE_REPORTED = 1,
    WG_STAGE_FILED,
    WG_STAGE_DISPATCHED,
    WG_STAGE_HANDLING,
    WG_STAGE_HANDLED,
    WG_STAGE_CHECKING,
    WG_STAGE_CLOSED,
    WG_STAGE_SUSPENDED, /* clock paused */
    WG_STAGE_REJECTED,  /* not filed */
    WG_STAGE_CANCELLED
};
WG_API const char *wg_stage_name(int stage); /* "reported" … */
WG_API int wg_stage_parse(const char *text); /* 0 if unknown */
WG_API bool wg_stage_is_open(int stage);

/* Alert levels: 1 is the most severe, 0 is none. */
enum wg_alert_level {
    WG_ALERT_NONE = 0,
    WG_ALERT_RED = 1,    /* Ⅰ */
    WG_ALERT_ORANGE = 2, /* Ⅱ */
    WG_ALERT_YELLOW = 3, /* Ⅲ */
    WG_ALERT_BLUE = 4    /* Ⅳ */
};
/* The more severe of two levels: the one function that compares. */
WG_API int wg_alert_worst(int a, int b);
WG_API int wg_alert_parse(const char *text); /* "red", "1", "Ⅰ", "红" …; -1 unknown */

struct wg_event {
    int64_t id;
    const char *uuid;   /* NULL on create: a new one; the same uuid is the same event */
    const char *code;   /* the number it has where it came from */
    const char *class_code;  /* class code or word */
    const char *title, *description, *address;
    const char *source; /* "handheld", "hotline", "camera", a file's name … */
    const char *occurred_at; /* ISO 8601 UTC; NULL: reported_at */
    const char *reported_at; /* NULL on create: now */
    const char *frame;  /* the frame it was reported in; NULL: the district's CRS */
    int64_t building, part; /* where known */
    double x, y;        /* district CRS; NaN: no place */
    double accuracy_m;  /* NaN: not known */
    /* live status */
    int stage;          /* enum wg_stage; 0 on create: WG_STAGE_REPORTED */
    int level;          /* enum wg_alert_level */
    const char *due_at, *closed_at;
    const char *acknowledged_at;
    void *held;
};

WG_API void wg_event_init(struct wg_event *event);
WG_API void wg_event_finish(struct wg_event *event);
/* A known uuid is not an error: `*id` is the event already there, nothing is written. */
WG_API enum wg_status wg_event_create(struct wg_store *store,
                                      const struct wg_event *event, int64_t *id,
                                      struct wg_error *err);
WG_API enum wg_status wg_event_read(struct wg_store *store, int64_t id,
                                    struct wg_event *out, struct wg_error *err);
WG_API enum wg_status wg_event_find(struct wg_store *store, const char *uuid_or_code,
                                    int64_t *id, struct wg_error *err);
WG_API enum wg_status wg_event_update(struct wg_store *store,
                                      const struct wg_event *event,
                                      struct wg_error *err);
/* Close or cancel: sets the stage, closed_at and a log line.  `at` NULL: now. */
WG_API enum wg_status wg_event_end(struct wg_store *store, int64_t id, int stage,
                                   const char *at, const char *who, const char *why,
                                   struct wg_error *err);
typedef bool wg_event_fn(const struct wg_event *event, void *user);
/* filter->ended false: open events only. */
WG_API enum wg_status wg_event_each(struct wg_store *store,
                                    const struct wg_filter *filter, wg_event_fn *fn,
                                    void *user, struct wg_error *err);
WG_API enum wg_status wg_event_count(struct wg_store *store,
                                     const struct wg_filter *filter, int64_t *n,
                                     struct wg_error *err);

struct wg_event_log {
    int64_t id, event;
    const char *at, *who, *why, *action; /* action: "report", "advance", "end" … */
    int from_stage, to_stage;
};
typedef bool wg_event_log_fn(const struct wg_event_log *line, void *user);
WG_API enum wg_status wg_event_log_each(struct wg_store *store, int64_t event,
                                        wg_event_log_fn *fn, void *user,
                                        struct wg_error *err);

#ifdef __cplusplus
}
#endif
#endif
