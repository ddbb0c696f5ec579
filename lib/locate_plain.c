/* The single point and the batch in plain C. */
#include "locate_record.h"

/* The cell of a point; the one behind the last for points beyond, NaN among them. */
static inline uint32_t cell_of(const struct wg_locate_head *head, double x, double y)
{
    double fx = x * head->per.x, fy = y * head->per.y;

    if (!(fx >= head->col0 && fx < head->col0 + head->cols && fy >= head->row0 &&
          fy < head->row0 + head->rows))
        return head->cols * head->rows;
    return (uint32_t)(wg_whole(fy) - head->row0) * head->cols +
           (uint32_t)(wg_whole(fx) - head->col0);
}

static inline uint32_t ask_record(const struct wg_locator *loc, uint32_t word, double x,
                                  double y)
{
    struct wg_point per = loc->head.per;
    double fx = x * per.x, fy = y * per.y;

    return wg_signs_ask(loc, word, per, x, y, wg_signs_unit(fx - wg_whole(fx)),
                        wg_signs_unit(fy - wg_whole(fy)));
}

uint32_t wg_locator_slot(const struct wg_locator *loc, double x, double y)
{
    uint32_t word = loc->word[cell_of(&loc->head, x, y)];

    if (!(word & WG_WORD_RECORD))
        return word;
    return word & WG_WORD_APART ? wg_record_ask(loc, word, x, y)
                                : ask_record(loc, word, x, y);
}

static void find_cells(const struct wg_locator *loc, size_t n, const double *x,
                       const double *y, uint32_t *cell)
{
    for (size_t i = 0; i < n; i++) {
        cell[i] = cell_of(&loc->head, x[i], y[i]);
        wg_soon(&loc->word[cell[i]]);
    }
}

#define TARGET
#include "locate_pipe.h"

void wg_locate_batch_plain(const struct wg_locator *loc, size_t n, const double *x,
                           const double *y, uint32_t *slot)
{
    ask_blocks(loc, n, x, y, slot);
}
