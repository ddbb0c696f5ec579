/* Owns the mesh: which ends and which segments are the same, and their order. */
#include <string.h>

#include "arrange_job.h"
#include "internal.h"

struct item {
    uint64_t key;
    uint32_t index;
};

static int bit_length(uint64_t value)
{
    return value ? 64 - __builtin_clzll(value) : 0;
}

/* ---- sorting by key ---------------------------------------------------------------- */

static void insertion_sort(struct item *item, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct item it = item[i];
        size_t k = i;
        for (; k > 0 && item[k - 1].key > it.key; k--)
            item[k] = item[k - 1];
        item[k] = it;
    }
}

enum { DIGIT = 8, DIGITS = 1 << DIGIT, FEW = 32 };

/* By the lowest `bits` of the keys, least digit first; `spare` has as much room. */
static void radix_sort(struct item *item, struct item *spare, size_t n, int bits)
{
    struct item *from = item, *to = spare;
    for (int at = 0; at < bits; at += DIGIT) {
        size_t start[DIGITS] = {0}, sum = 0;
        for (size_t i = 0; i < n; i++)
            start[from[i].key >> at & (DIGITS - 1)]++;
        for (size_t d = 0; d < DIGITS; d++) {
            size_t here = start[d];
            start[d] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[start[from[i].key >> at & (DIGITS - 1)]++] = from[i];
        struct item *t = from;
        from = to;
        to = t;
    }
    if (from != item)
        memcpy(item, from, n * sizeof *item);
}

/* Into buckets by the highest bits, about four to a bucket; then each bucket. Inputs
 * come along rings, so that one wide scatter stays in the cache. */
static bool sort_items(size_t n, const struct wg_spot *spot,
                       const struct wg_spot_order *order, struct item **out)
{
    int top = bit_length(n) > 2 ? bit_length(n) - 2 : 0;
    int low = order->bits > top ? order->bits - top : 0;
    size_t n_bucket = ((size_t)1 << (order->bits - low)) + 1;
    uint32_t *start = calloc(n_bucket + 1, sizeof *start);
    struct item *item = malloc((n + 1) * sizeof *item), *spare = NULL;
    bool ok = start && item;
    size_t largest = 0;

    for (size_t i = 0; ok && i < n; i++)
        start[(wg_spot_key(order, spot[i]) >> low) + 1]++;
    for (size_t b = 0; ok && b < n_bucket; b++) {
        largest = start[b + 1] > largest ? start[b + 1] : largest;
        start[b + 1] += start[b];
    }
    for (size_t i = 0; ok && i < n; i++) {
        uint64_t key = wg_spot_key(order, spot[i]);
        item[start[key >> low]++] = (struct item){key, (uint32_t)i};
    }
    if (ok && largest > FEW)
        ok = (spare = malloc(largest * sizeof *spare)) != NULL;
    for (size_t b = 0, at = 0; ok && b < n_bucket; b++) {
        size_t count = start[b] - at;
        if (count > FEW)
            radix_sort(item + at, spare, count, low);
        else if (count > 1)
            insertion_sort(item + at, count);
        at = start[b];
    }
    free(start);
    free(spare);
    if (!ok) {
        free(item);
        return false;
    }
    *out = item;
    return true;
}

bool wg_spots_distinct(size_t n, const struct wg_spot *spot,
                       const struct wg_spot_order *order, uint32_t *which,
                       struct wg_spot *out, uint32_t *n_out)
{
    struct item *item;
    uint32_t count = 0;
    uint64_t last = 0;

    if (!sort_items(n, spot, order, &item))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (count == 0 || item[i].key != last)
            out[count++] = spot[item[i].index];
        last = item[i].key;
        if (which)
            which[item[i].index] = count - 1;
    }
    free(item);
    *n_out = count;
    return true;
}

/* Bands so that a band is about as high as its spots are apart. */
static struct wg_spot_order order_of(size_t n, const struct wg_spot *spot)
{
    int32_t min_x = INT32_MAX, min_y = INT32_MAX, max_x = INT32_MIN, max_y = INT32_MIN;
    for (size_t i = 0; i < n; i++) {
        min_x = spot[i].x < min_x ? spot[i].x : min_x;
        max_x = spot[i].x > max_x ? spot[i].x : max_x;
        min_y = spot[i].y < min_y ? spot[i].y : min_y;
        max_y = spot[i].y > max_y ? spot[i].y : max_y;
    }
    if (n == 0)
        return (struct wg_spot_order){0, 0, 0, 1, 2};
    int x_bits = bit_length((uint64_t)((int64_t)max_x - min_x)),
        y_bits = bit_length((uint64_t)((int64_t)max_y - min_y));
    int band_bits = (bit_length(n) + y_bits - x_bits) / 2;
    band_bits = band_bits < 0 ? 0 : band_bits > y_bits ? y_bits : band_bits;
    return (struct wg_spot_order){min_x, min_y, y_bits - band_bits, x_bits,
                                  x_bits + y_bits};
}

/* ---- spots and segments ------------------------------------------------------------ */

/* Ends of the inputs: one that begins where the one before it ends shares the end. */
struct ends {
    size_t n;
    struct wg_spot *spot;
    uint32_t *from, *to; /* of each input, into spot */
};

static bool list_ends(size_t n, const struct wg_arrange_segment *segment,
                      struct ends *out)
{
    struct ends e = {0};
    e.spot = malloc((2 * n + 1) * sizeof *e.spot);
    e.from = malloc((n + 1) * sizeof *e.from);
    e.to = malloc((n + 1) * sizeof *e.to);
    *out = e;
    if (!e.spot || !e.from || !e.to)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (wg_spot_equal(segment[i].a, segment[i].b)) {
            out->from[i] = out->to[i] = WG_NOWHERE;
            continue;
        }
        if (out->n == 0 || !wg_spot_equal(out->spot[out->n - 1], segment[i].a))
            out->spot[out->n++] = segment[i].a;
        out->from[i] = (uint32_t)out->n - 1;
        out->spot[out->n] = segment[i].b;
        out->to[i] = (uint32_t)out->n++;
    }
    return true;
}

struct link {
    uint32_t to;    /* the upper end */
    uint32_t input; /* as in the mesh */
};

static int by_link(const void *a, const void *b)
{
    const struct link *p = a, *q = b;
    if (p->to != q->to)
        return p->to < q->to ? -1 : 1;
    return (p->input > q->input) - (p->input < q->input);
}

static void sort_links(struct link *link, size_t n)
{
    if (n > FEW) {
        qsort(link, n, sizeof *link, by_link);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        struct link it = link[i];
        size_t k = i;
        for (; k > 0 && by_link(&link[k - 1], &it) > 0; k--)
            link[k] = link[k - 1];
        link[k] = it;
    }
}

/* Which segments go up from each spot: start has n_spot + 1. */
static bool link_up(size_t n, const struct wg_arrange_segment *segment,
                    const struct ends *e, uint32_t n_spot, uint32_t **start_out,
                    struct link **link_out)
{
    uint32_t *start = calloc((size_t)n_spot + 2, sizeof *start);
    struct link *link = malloc((n + 1) * sizeof *link);

    *start_out = start;
    *link_out = link;
    if (!start || !link)
        return false;
    for (size_t i = 0; i < n; i++)
        if (e->from[i] != WG_NOWHERE) {
            bool up = wg_spot_below(segment[i].a, segment[i].b);
            start[(up ? e->from[i] : e->to[i]) + 2]++;
        }
    for (size_t s = 2; s < (size_t)n_spot + 2; s++)
        start[s] += start[s - 1];
    for (size_t i = 0; i < n; i++)
        if (e->from[i] != WG_NOWHERE) {
            bool up = wg_spot_below(segment[i].a, segment[i].b);
            uint32_t low = up ? e->from[i] : e->to[i], high = up ? e->to[i] : e->from[i];
            link[start[low + 1]++] = (struct link){high, (uint32_t)i * 2 + !up};
        }
    for (uint32_t s = 0; s < n_spot; s++)
        if (start[s + 1] - start[s] > 1)
            sort_links(link + start[s], start[s + 1] - start[s]);
    return true;
}

static bool collect(struct wg_mesh *mesh, const uint32_t *start, const struct link *link)
{
    uint32_t n_link = start[mesh->n_spot], n = 0;
    mesh->a = malloc(((size_t)n_link + 1) * sizeof *mesh->a);
    mesh->b = malloc(((size_t)n_link + 1) * sizeof *mesh->b);
    mesh->group = malloc(((size_t)n_link + 1) * sizeof *mesh->group);
    mesh->input = malloc(((size_t)n_link + 1) * sizeof *mesh->input);
    if (!mesh->a || !mesh->b || !mesh->group || !mesh->input)
        return false;
    for (uint32_t s = 0; s < mesh->n_spot; s++)
        for (uint32_t i = start[s]; i < start[s + 1]; i++) {
            mesh->input[i] = link[i].input;
            if (i > start[s] && link[i].to == link[i - 1].to)
                continue;
            mesh->a[n] = s;
            mesh->b[n] = link[i].to;
            mesh->group[n++] = i;
        }
    mesh->group[n] = n_link;
    mesh->n_segment = n;
    return true;
}

bool wg_mesh_build(size_t n, const struct wg_arrange_segment *segment,
                   struct wg_mesh *out)
{
    struct wg_mesh mesh = {0};
    struct ends e = {0};
    uint32_t *which = NULL, *start = NULL;
    struct link *link = NULL;
    bool ok = list_ends(n, segment, &e);

    if (ok) {
        mesh.order = order_of(e.n, e.spot);
        which = malloc((e.n + 1) * sizeof *which);
        mesh.spot = malloc((e.n + 1) * sizeof *mesh.spot);
        ok = which && mesh.spot &&
             wg_spots_distinct(e.n, e.spot, &mesh.order, which, mesh.spot, &mesh.n_spot);
    }
    for (size_t i = 0; ok && i < n; i++)
        if (e.from[i] != WG_NOWHERE) {
            e.from[i] = which[e.from[i]];
            e.to[i] = which[e.to[i]];
        }
    ok = ok && link_up(n, segment, &e, mesh.n_spot, &start, &link) &&
         collect(&mesh, start, link);
    free(e.spot);
    free(e.from);
    free(e.to);
    free(which);
    free(start);
    free(link);
    if (!ok) {
        wg_mesh_finish(&mesh);
        return false;
    }
    *out = mesh;
    return true;
}

void wg_mesh_finish(struct wg_mesh *mesh)
{
    free(mesh->spot);
    free(mesh->a);
    free(mesh->b);
    free(mesh->group);
    free(mesh->input);
    *mesh = (struct wg_mesh){0};
}

/* ---- around a spot ----------------------------------------------------------------- */

/* Segments at one spot, all going up from it or all going down. */
struct turn {
    const struct wg_mesh *mesh;
    const uint32_t *far; /* their other ends */
    struct wg_spot at;
};

static int by_turn(const void *a, const void *b, void *user)
{
    const struct turn *turn = user;
    struct wg_spot p = turn->mesh->spot[turn->far[*(const uint32_t *)a]],
                   q = turn->mesh->spot[turn->far[*(const uint32_t *)b]];
    int64_t cross = wg_spot_cross(turn->at, p, q);
    return (cross < 0) - (cross > 0);
}

static void sort_turn(struct turn *turn, uint32_t *segment, uint32_t n)
{
    if (n > FEW) {
        qsort_r(segment, n, sizeof *segment, by_turn, turn);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        uint32_t it = segment[i], k = i;
        for (; k > 0 && by_turn(&segment[k - 1], &it, turn) > 0; k--)
            segment[k] = segment[k - 1];
        segment[k] = it;
    }
}

static void fill_around(const struct wg_mesh *mesh, const uint32_t *first,
                        uint32_t *cursor, uint32_t *around)
{
    memcpy(cursor, first, mesh->n_spot * sizeof *cursor);
    for (uint32_t s = 0; s < mesh->n_segment; s++)
        around[cursor[mesh->a[s]]++] = s;
    for (uint32_t v = 0; v < mesh->n_spot; v++) {
        struct turn up = {mesh, mesh->b, mesh->spot[v]};
        if (cursor[v] - first[v] > 1)
            sort_turn(&up, around + first[v], cursor[v] - first[v]);
    }
    for (uint32_t s = 0; s < mesh->n_segment; s++)
        around[cursor[mesh->b[s]]++] = s;
    for (uint32_t v = 0; v < mesh->n_spot; v++) {
        struct turn down = {mesh, mesh->a, mesh->spot[v]};
        uint32_t begin = first[v], end = first[v + 1];
        while (begin < end && mesh->a[around[begin]] == v)
            begin++;
        if (end - begin > 1)
            sort_turn(&down, around + begin, end - begin);
    }
}

bool wg_mesh_around(const struct wg_mesh *mesh, uint32_t **first_out,
                    uint32_t **around_out)
{
    uint32_t *first = calloc((size_t)mesh->n_spot + 1, sizeof *first);
    uint32_t *around = malloc((2 * (size_t)mesh->n_segment + 1) * sizeof *around);
    uint32_t *cursor = malloc(((size_t)mesh->n_spot + 1) * sizeof *cursor);
    bool ok = first && around && cursor;

    if (ok) {
        for (uint32_t s = 0; s < mesh->n_segment; s++) {
            first[mesh->a[s] + 1]++;
            first[mesh->b[s] + 1]++;
        }
        for (uint32_t v = 0; v < mesh->n_spot; v++)
            first[v + 1] += first[v];
        fill_around(mesh, first, cursor, around);
    }
    free(cursor);
    if (!ok) {
        free(first);
        free(around);
        return false;
    }
    *first_out = first;
    *around_out = around;
    return true;
}
