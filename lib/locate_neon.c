/* The batch with NEON: two cells at once. */
#include "locate_record.h"

#if defined(__aarch64__)
#include <arm_neon.h>

static inline uint64x2_t in_range(float64x2_t at, double count)
{
    return vandq_u64(vcgezq_f64(at), vcltq_f64(at, vdupq_n_f64(count)));
}

static void find_cells(const struct wg_locator *loc, size_t n, const double *x,
                       const double *y, uint32_t *cell)
{
    const struct wg_locate_head *h = &loc->head;
    const float64x2_t beyond = vdupq_n_f64((double)h->cols * h->rows);

    for (size_t i = 0; i < n; i += 2) {
        size_t k = i + 1 < n ? i + 1 : i;
        float64x2_t px = {x[i], x[k]}, py = {y[i], y[k]};
        float64x2_t col =
            vsubq_f64(vrndmq_f64(vmulq_n_f64(px, h->per.x)), vdupq_n_f64(h->col0));
        float64x2_t row =
            vsubq_f64(vrndmq_f64(vmulq_n_f64(py, h->per.y)), vdupq_n_f64(h->row0));
        uint64x2_t in = vandq_u64(in_range(col, h->cols), in_range(row, h->rows));
        float64x2_t at = vaddq_f64(vmulq_n_f64(row, h->cols), col);

        vst1_u32(cell + i, vmovn_u64(vcvtq_u64_f64(vbslq_f64(in, at, beyond))));
        wg_soon(loc->word + cell[i]);
        wg_soon(loc->word + cell[i + 1]);
    }
}

static inline uint32_t ask_record(const struct wg_locator *loc, uint32_t word, double x,
                                  double y)
{
    struct wg_point per = loc->head.per;
    float64x2_t at = vmulq_f64((float64x2_t){x, y}, (float64x2_t){per.x, per.y});
    float64x2_t rest = vsubq_f64(at, vrndmq_f64(at));

    return wg_signs_ask(loc, word, per, x, y, wg_signs_unit(vgetq_lane_f64(rest, 0)),
                        wg_signs_unit(vgetq_lane_f64(rest, 1)));
}

#define TARGET
#include "locate_pipe.h"

void wg_locate_batch_neon(const struct wg_locator *loc, size_t n, const double *x,
                          const double *y, uint32_t *slot)
{
    ask_blocks(loc, n, x, y, slot);
}
#else
typedef int wg_locate_neon_is_empty;
#endif
