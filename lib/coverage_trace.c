/* Owns tracing: the shortest way along boundaries and streets. */
#include <math.h>

#include "coverage_puts.h"
#include "internal.h"
#include "survey_job.h"

/* What lies in a box round both ends is arranged and searched (Dijkstra).  A way of
 * length l that was found is the shortest when the box holds the ellipse of all points
 * whose distances from both ends add up to no more than l; else the box grows. */
struct job {
    const struct wg_coverage *c;
    const struct wg_survey *survey;
    struct wg_lattice lattice;
    struct wg_spot end[2]; /* on the line */
    struct wg_spot min, max;
    bool whole; /* the box holds everything */
    struct wg_arrange_segment *input;
    size_t n, cap;
    bool failed;
    struct wg_arrangement a;
    double *distance; /* by spot, from the first end */
    uint32_t *from;   /* the spot before; own number: the end itself */
    uint32_t *heap, *place;
    uint32_t n_heap;
    struct wg_spot *way; /* backwards */
    size_t n_way, cap_way;
    double length;
};

static void finish_job(struct job *job)
{
    wg_arrangement_finish(&job->a);
    free(job->input);
    free(job->distance);
    free(job->from);
    free(job->heap);
    free(job->place);
    free(job->way);
}

static double apart(struct wg_spot a, struct wg_spot b)
{
    return hypot((double)b.x - a.x, (double)b.y - a.y);
}

/* ---- what can be gone along ---- */

static void add_line(struct job *job, struct wg_spot a, struct wg_spot b)
{
    void *array = job->input;

    if (wg_spot_equal(a, b))
        return;
    if (!wg_grow(&array, &job->cap, job->n + 1, sizeof *job->input)) {
        job->failed = true;
        return;
    }
    job->input = array;
    job->input[job->n++] = (struct wg_arrange_segment){
        .a = a, .b = b, .left = WG_NO_LABEL, .right = WG_NO_LABEL, .source = 1};
}

static bool add_boundary(uint32_t segment, void *user)
{
    struct job *job = user;
    const struct wg_segment *s = wg_coverage_segment(job->c, segment);

    add_line(job, wg_coverage_spot(job->c, s->a), wg_coverage_spot(job->c, s->b));
    return true;
}

static bool meets_box(const struct job *job, struct wg_spot a, struct wg_spot b)
{
    return (a.x >= job->min.x || b.x >= job->min.x) &&
           (a.x <= job->max.x || b.x <= job->max.x) &&
           (a.y >= job->min.y || b.y >= job->min.y) &&
           (a.y <= job->max.y || b.y <= job->max.y);
}

/* Lines of a street, on the lattice. */
typedef void line_fn(void *user, struct wg_spot a, struct wg_spot b);

static void over_street(const struct job *job, size_t i, line_fn *fn, void *user)
{
    struct wg_line line;
    const char *class_code;
    struct wg_spot a = {0, 0}, b;
    bool has = false;

    wg_survey_street(job->survey, i, &line, &class_code);
    for (uint32_t v = 0; v < line.n; v++) {
        bool good = wg_lattice_spot(&job->lattice, line.x[v], line.y[v], &b);
        if (good && has)
            fn(user, a, b);
        has = good;
        if (good)
            a = b;
    }
}

/* A street and a boundary that meet but for the lattice, by no more than a step, are
 * tied: the one is there once more, through the vertex of the other. */
struct tie {
    struct job *job;
    struct wg_spot a, b; /* of the street */
};

static void tie_vertex(struct tie *tie, uint32_t vertex)
{
    struct wg_spot v = wg_coverage_spot(tie->job->c, vertex);

    if (wg_spot_equal(v, tie->a) || wg_spot_equal(v, tie->b) ||
        wg_spot_distance(tie->a, tie->b, v) > 1)
        return;
    add_line(tie->job, tie->a, v);
    add_line(tie->job, v, tie->b);
}

static bool tie_boundary(uint32_t segment, void *user)
{
    struct tie *tie = user;
    const struct wg_segment *s = wg_coverage_segment(tie->job->c, segment);
    struct wg_spot c = wg_coverage_spot(tie->job->c, s->a);
    struct wg_spot d = wg_coverage_spot(tie->job->c, s->b);

    tie_vertex(tie, s->a);
    tie_vertex(tie, s->b);
    for (int end = 0; end < 2; end++) {
        struct wg_spot v = end ? tie->b : tie->a;
        if (wg_spot_equal(v, c) || wg_spot_equal(v, d) || wg_spot_distance(c, d, v) > 1)
            continue;
        add_line(tie->job, c, v);
        add_line(tie->job, v, d);
    }
    return true;
}

static void add_in_box(void *user, struct wg_spot a, struct wg_spot b)
{
    struct tie tie = {user, a, b};
    struct wg_spot min = {(a.x < b.x ? a.x : b.x) - 1, (a.y < b.y ? a.y : b.y) - 1};
    struct wg_spot max = {(a.x > b.x ? a.x : b.x) + 1, (a.y > b.y ? a.y : b.y) + 1};

    if (!meets_box(user, a, b))
        return;
    add_line(user, a, b);
    wg_coverage_near(tie.job->c, min, max, tie_boundary, &tie);
}

static bool add_street(size_t i, void *user)
{
    over_street(user, i, add_in_box, user);
    return true;
}

static struct wg_box box_in_metres(const struct job *job)
{
    struct wg_point min = wg_lattice_point(&job->lattice, job->min);
    struct wg_point max = wg_lattice_point(&job->lattice, job->max);
    return (struct wg_box){min.x, min.y, max.x, max.y};
}

static enum wg_status gather(struct job *job, struct wg_error *err)
{
    struct wg_arrange_options options = {.no_faces = true};

    job->n = 0;
    wg_coverage_near(job->c, job->min, job->max, add_boundary, job);
    if (job->survey)
        wg_survey_streets_near(job->survey, box_in_metres(job), add_street, job);
    if (job->failed)
        return wg_fail_memory(err);
    wg_arrangement_finish(&job->a);
    return wg_arrange(job->n, job->input, &options, &job->a, err);
}

/* ---- Dijkstra ---- */

static void sift_up(struct job *job, uint32_t at)
{
    uint32_t spot = job->heap[at];

    while (at > 0) {
        uint32_t parent = (at - 1) / 2;
        if (job->distance[job->heap[parent]] <= job->distance[spot])
            break;
        job->heap[at] = job->heap[parent];
        job->place[job->heap[at]] = at;
        at = parent;
    }
    job->heap[at] = spot;
    job->place[spot] = at;
}

static uint32_t pop(struct job *job)
{
    uint32_t top = job->heap[0], spot = job->heap[--job->n_heap], at = 0;

    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= job->n_heap)
            break;
        if (child + 1 < job->n_heap &&
            job->distance[job->heap[child + 1]] < job->distance[job->heap[child]])
            child++;
        if (job->distance[spot] <= job->distance[job->heap[child]])
            break;
        job->heap[at] = job->heap[child];
        job->place[job->heap[at]] = at;
        at = child;
    }
    if (job->n_heap > 0) {
        job->heap[at] = spot;
        job->place[spot] = at;
    }
    return top;
}

static void reach(struct job *job, uint32_t spot, uint32_t from, double distance)
{
    if (!(distance < job->distance[spot]))
        return;
    job->distance[spot] = distance;
    job->from[spot] = from;
    if (job->place[spot] == WG_NONE) {
        job->place[spot] = job->n_heap;
        job->heap[job->n_heap++] = spot;
    }
    sift_up(job, job->place[spot]);
}

/* The arranged segment an end lies on. */
static uint32_t segment_at(const struct job *job, struct wg_spot spot)
{
    uint32_t best = WG_NONE;
    double nearest = INFINITY;

    for (uint32_t i = 0; i < job->a.n_segment; i++) {
        double d =
            wg_spot_distance(job->a.spot[job->a.a[i]], job->a.spot[job->a.b[i]], spot);
        if (d < nearest) {
            nearest = d;
            best = i;
        }
    }
    return best;
}

static enum wg_status start_search(struct job *job, struct wg_error *err)
{
    size_t n = job->a.n_spot + (size_t)1;

    free(job->distance);
    free(job->from);
    free(job->heap);
    free(job->place);
    job->distance = malloc(n * sizeof *job->distance);
    job->from = malloc(n * sizeof *job->from);
    job->heap = malloc(n * sizeof *job->heap);
    job->place = malloc(n * sizeof *job->place);
    job->n_heap = 0;
    if (!job->distance || !job->from || !job->heap || !job->place)
        return wg_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        job->distance[i] = INFINITY;
        job->place[i] = WG_NONE;
    }
    return WG_OK;
}

static bool add_way(struct job *job, struct wg_spot spot)
{
    void *array = job->way;

    if (job->n_way > 0 && wg_spot_equal(job->way[job->n_way - 1], spot))
        return true;
    if (!wg_grow(&array, &job->cap_way, job->n_way + 1, sizeof *job->way))
        return false;
    job->way = array;
    job->way[job->n_way++] = spot;
    return true;
}

/* The way is kept from its last point to its first; job->length is infinite when there
 * is none. */
static enum wg_status search(struct job *job, struct wg_error *err)
{
    enum wg_status status = start_search(job, err);
    const struct wg_arrangement *a = &job->a;
    uint32_t on[2], last = WG_NONE;

    job->length = INFINITY;
    job->n_way = 0;
    for (int i = 0; !status && i < 2; i++) {
        on[i] = segment_at(job, job->end[i]);
        if (on[i] == WG_NONE)
            return WG_OK;
    }
    if (status)
        return status;
    if (on[0] == on[1])
        job->length = apart(job->end[0], job->end[1]);
    reach(job, a->a[on[0]], a->a[on[0]], apart(job->end[0], a->spot[a->a[on[0]]]));
    reach(job, a->b[on[0]], a->b[on[0]], apart(job->end[0], a->spot[a->b[on[0]]]));
    while (job->n_heap > 0) {
        uint32_t spot = pop(job);
        double distance = job->distance[spot];
        if (distance >= job->length)
            break;
        if (spot == a->a[on[1]] || spot == a->b[on[1]]) {
            double whole = distance + apart(a->spot[spot], job->end[1]);
            if (whole < job->length) {
                job->length = whole;
                last = spot;
            }
        }
        for (uint32_t i = a->first[spot]; i < a->first[spot + 1]; i++) {
            uint32_t s = a->around[i];
            uint32_t next = a->a[s] == spot ? a->b[s] : a->a[s];
            reach(job, next, spot, distance + apart(a->spot[spot], a->spot[next]));
        }
    }
    if (!isfinite(job->length))
        return WG_OK;
    bool good = add_way(job, job->end[1]);
    for (uint32_t spot = last; good && spot != WG_NONE;
         spot = job->from[spot] == spot ? WG_NONE : job->from[spot])
        good = add_way(job, a->spot[spot]);
    return good && add_way(job, job->end[0]) ? WG_OK : wg_fail_memory(err);
}

/* ---- the box ---- */

static int32_t clamp(double value)
{
    return (int32_t)fmin(fmax(value, -WG_LATTICE_REACH), WG_LATTICE_REACH);
}

/* A box of the middle between the ends and so far around it; false when it has grown no
 * more. */
static void set_box(struct job *job, double half_x, double half_y)
{
    double x = ((double)job->end[0].x + job->end[1].x) / 2;
    double y = ((double)job->end[0].y + job->end[1].y) / 2;

    job->min = (struct wg_spot){clamp(floor(x - half_x)), clamp(floor(y - half_y))};
    job->max = (struct wg_spot){clamp(ceil(x + half_x)), clamp(ceil(y + half_y))};
    job->whole = job->min.x == -WG_LATTICE_REACH && job->min.y == -WG_LATTICE_REACH &&
                 job->max.x == WG_LATTICE_REACH && job->max.y == WG_LATTICE_REACH;
}

/* Half the sides of the box of the ellipse for ways of a length. */
static void ellipse(const struct job *job, double length, double *half_x, double *half_y)
{
    double between = apart(job->end[0], job->end[1]);
    double a = length / 2, b2 = fmax(length * length - between * between, 0) / 4;
    double cosine = between > 0 ? ((double)job->end[1].x - job->end[0].x) / between : 1;
    double sine = between > 0 ? ((double)job->end[1].y - job->end[0].y) / between : 0;

    *half_x = sqrt(a * a * cosine * cosine + b2 * sine * sine) + 2;
    *half_y = sqrt(a * a * sine * sine + b2 * cosine * cosine) + 2;
}

static enum wg_status find_way(struct job *job, struct wg_error *err)
{
    double between = apart(job->end[0], job->end[1]), half_x, half_y, need_x, need_y;
    double guess = fmax(1.5 * between, between + 512 * 1024.0);

    ellipse(job, guess, &half_x, &half_y);
    for (;;) {
        set_box(job, half_x, half_y);
        enum wg_status status = gather(job, err);
        if (!status)
            status = search(job, err);
        if (status || job->whole)
            return status;
        if (isfinite(job->length)) {
            ellipse(job, job->length, &need_x, &need_y);
            if (need_x <= half_x && need_y <= half_y)
                return WG_OK;
            half_x = fmax(half_x, need_x);
            half_y = fmax(half_y, need_y);
        } else {
            half_x = 8 * fmax(half_x, half_y);
            half_y = half_x;
        }
    }
}

/* ---- ends ---- */

struct nearest {
    const struct job *job;
    struct wg_spot to, foot;
    double best;
    bool found;
};

static void see_line(void *user, struct wg_spot a, struct wg_spot b)
{
    struct nearest *nearest = user;
    double d = wg_spot_distance(a, b, nearest->to);

    if (wg_spot_equal(a, b) || d > nearest->best ||
        (nearest->found && d == nearest->best))
        return;
    nearest->best = d;
    nearest->found = true;
    nearest->foot = wg_spot_foot(a, b, nearest->to);
}

static bool see_street(size_t i, void *user)
{
    struct nearest *nearest = user;
    over_street(nearest->job, i, see_line, nearest);
    return true;
}

static enum wg_status place_end(struct job *job, struct wg_point point, double within,
                                struct wg_spot *out, struct wg_error *err)
{
    struct nearest nearest = {.job = job, .best = within};
    enum wg_status status = wg_coverage_place(job->c, point, &nearest.to, err);

    if (status)
        return status;
    uint32_t s = wg_coverage_nearest_segment(job->c, nearest.to, within);
    if (s != WG_NONE) {
        const struct wg_segment *segment = wg_coverage_segment(job->c, s);
        see_line(&nearest, wg_coverage_spot(job->c, segment->a),
                 wg_coverage_spot(job->c, segment->b));
    }
    if (job->survey) {
        double r = nearest.best * WG_LATTICE_STEP + WG_LATTICE_STEP;
        struct wg_box box = {point.x - r, point.y - r, point.x + r, point.y + r};
        wg_survey_streets_near(job->survey, box, see_street, &nearest);
    }
    if (!nearest.found) {
        char place[WG_PLACE_SIZE];
        return wg_fail_at(err, WG_NOT_FOUND, point.x, point.y,
                          _("Neither a boundary nor a street to go along is near %s: "
                            "point at one, or allow a greater distance."),
                          wg_place_text(job->c, nearest.to, place));
    }
    *out = nearest.foot;
    return WG_OK;
}

static enum wg_status write_way(const struct job *job, struct wg_line *out,
                                struct wg_error *err)
{
    double *x = malloc(job->n_way * sizeof *x), *y = malloc(job->n_way * sizeof *y);

    if (!x || !y) {
        free(x);
        free(y);
        return wg_fail_memory(err);
    }
    for (size_t i = 0; i < job->n_way; i++) {
        struct wg_point p = wg_lattice_point(&job->lattice, job->way[job->n_way - 1 - i]);
        x[i] = p.x;
        y[i] = p.y;
    }
    *out = (struct wg_line){(uint32_t)job->n_way, x, y};
    return WG_OK;
}

enum wg_status wg_coverage_trace(const struct wg_coverage *coverage,
                                 const struct wg_survey *survey, struct wg_point from,
                                 struct wg_point to, double within_m, struct wg_line *out,
                                 struct wg_error *err)
{
    struct job job = {
        .c = coverage, .survey = survey, .lattice = wg_coverage_lattice(coverage)};
    double within = wg_within_steps(within_m);
    enum wg_status status;

    if (!(within_m >= 0) || !isfinite(within_m))
        return wg_fail(err, WG_INVALID,
                       _("A distance to look within is 0 or more metres, and finite."));
    status = place_end(&job, from, within, &job.end[0], err);
    if (!status)
        status = place_end(&job, to, within, &job.end[1], err);
    if (!status)
        status = find_way(&job, err);
    if (!status && !isfinite(job.length)) {
        char here[WG_PLACE_SIZE], there[WG_PLACE_SIZE];
        status = wg_fail_at(err, WG_NOT_FOUND, to.x, to.y,
                            _("No way leads along boundaries from %s to %s."),
                            wg_place_text(coverage, job.end[0], here),
                            wg_place_text(coverage, job.end[1], there));
    }
    if (!status)
        status = write_way(&job, out, err);
    finish_job(&job);
    return status;
}
